//! The playground in a browser. The cases are in `tests/npm/browser`, since a page is best asked in its own language.

use super::{
    npm,
    support::{kit_with, limits},
};
use accounts_graph::sandbox::Options;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_playground_does_what_its_tests_say() {
    let kit = kit_with(Options::default(), limits()).await;
    let page = reqwest::get(format!("http://{}/", kit.address)).await.unwrap().text().await.unwrap();
    assert!(page.contains("assets/"), "this build has no playground; it says why:\n{page}");
    let gateway = format!("http://{}", kit.address);
    let sandbox = format!("http://{}", kit.sandbox.addr());
    let cases = tokio::task::spawn_blocking(move || {
        let mut node = Command::new("npm");
        node.args(["run", "--silent", "browser"]).current_dir(npm::packages());
        node.env("GATEWAY", gateway).env("SANDBOX", sandbox).env("CHROMIUM", npm::chromium());
        npm::succeed(&mut node, "the tests in the browser");
    });
    cases.await.expect("the cases pass");
}
