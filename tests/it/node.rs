//! Programs of the npm world, run by Node: the project in `tests/npm`, installed from its lock file when it is not there.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// The oldest version that the packages run on.
const OLDEST: u32 = 20;

/// What a script of `tests/npm` prints. Without Node the test fails, and says what to do.
pub fn run(script: &str, arguments: &[&str]) -> String {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(install);
    text(script, Command::new("node").arg(script).args(arguments).current_dir(folder).output())
}

fn install() -> PathBuf {
    let version = text("node --version", Command::new("node").arg("--version").output());
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    let major: u32 = major.unwrap_or_else(|| panic!("node --version printed {version:?}"));
    assert!(major >= OLDEST, "Node {version} is too old: these tests need version {OLDEST} or newer");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
    let written = |name: &str| folder.join(name).metadata().and_then(|meta| meta.modified()).ok();
    // What npm wrote last, when it came to its end: of an older lock file it is not what is wanted.
    if written("node_modules/.package-lock.json") < written("package-lock.json") {
        let npm = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).output();
        text("npm ci in tests/npm", npm);
    }
    folder
}

fn text(what: &str, ran: std::io::Result<Output>) -> String {
    let output = ran.unwrap_or_else(|error| {
        panic!("{what} did not start: {error}. These tests need Node {OLDEST} or newer with npm on the PATH.")
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what} ended with {}:\n{printed}{complaint}", output.status);
    printed
}
