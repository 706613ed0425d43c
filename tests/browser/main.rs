//! The playground and the web example in a browser. The cases are in `tests/npm/browser`, since a
//! page is best asked in its own language.

//!
//! They are a program of their own, so that no other test competes with the browser for the machine.

#![expect(unreachable_pub, reason = "a test binary has no public API")]

#[path = "../it/answer.rs"]
mod answer;
mod chromium;
#[expect(dead_code, reason = "the other tests use the rest of it")]
#[path = "../it/npm.rs"]
mod npm;
#[expect(dead_code, reason = "the other tests use the rest of it")]
#[path = "../it/support.rs"]
mod support;

use accounts_graph_sandbox::Options;
use std::process::Command;
use support::{Kit, kit_with, limits};

#[tokio::test(flavor = "multi_thread")]
async fn the_playground_does_what_its_tests_say() {
    let kit = kit_with(Options::default(), limits()).await;
    let page = reqwest::get(format!("http://{}/", kit.address)).await.expect("an answer").text().await.expect("a body");
    assert!(page.contains("assets/"), "this build has no playground; it says why:\n{page}");
    run(&kit, "playground").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_example_shows_an_account_and_assigns_a_person_to_a_group() {
    let kit = kit_with(Options::default(), limits()).await;
    let built = tokio::task::spawn_blocking(|| {
        let mut npm = Command::new("npm");
        npm.args(["run", "--silent", "build"]).current_dir(npm::packages_of("examples/web"));
        npm::succeed(&mut npm, "the build of examples/web");
    });
    built.await.expect("the example is built");
    run(&kit, "web").await;
}

/// Runs a script of `tests/npm` in a browser.
async fn run(kit: &Kit, script: &'static str) {
    let gateway = format!("http://{}", kit.address);
    let sandbox = format!("http://{}", kit.sandbox.addr());
    let cases = tokio::task::spawn_blocking(move || {
        let mut npm = Command::new("npm");
        npm.args(["run", "--silent", script]).current_dir(npm::packages());
        npm.env("GATEWAY", gateway).env("SANDBOX", sandbox).env("CHROMIUM", chromium::chromium());
        npm::succeed(&mut npm, script);
    });
    cases.await.expect("the cases pass");
}
