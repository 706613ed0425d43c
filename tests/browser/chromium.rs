//! The browser of the tests. Where it is missing it is installed, or the test fails and says what it needs.

use super::npm::succeed;
use std::{path::PathBuf, process::Command};

/// The program of a headless Chromium.
pub fn chromium() -> PathBuf {
    if let Some(found) = on_path("chromium") {
        return found;
    }
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    assert!(
        is_root && on_path("apt-get").is_some(),
        "this test needs the program `chromium`: install it, on Debian with `sudo apt-get install chromium`"
    );
    succeed(Command::new("apt-get").arg("update"), "apt-get update");
    succeed(Command::new("apt-get").args(["install", "-y", "chromium"]), "apt-get install chromium");
    on_path("chromium").expect("chromium was installed")
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|program| program.is_file())
}
