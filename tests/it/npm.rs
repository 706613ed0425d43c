//! Programs of the npm world for the tests: Node.js with the packages of `tests/npm`. What is missing is installed where
//! that takes no decision, or the test fails and says what it needs; none is skipped.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the packages, installed as its lockfile says.
pub fn packages() -> PathBuf {
    packages_of("tests/npm")
}

/// What a script of `tests/npm` prints.
pub fn run(script: &str, arguments: &[&str]) -> String {
    let mut node = Command::new("node");
    node.arg(script).args(arguments).current_dir(packages());
    succeed(&mut node, script)
}

/// A folder with a lockfile, its packages installed.
pub fn packages_of(folder: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    // Tests run side by side, and in several processes.
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm.lock")).expect("a lock");
    lock.lock().expect("the lock");
    let wanted = fs::read(folder.join("package-lock.json")).expect("a lockfile");
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|lock| lock == wanted) {
        return folder;
    }
    check_node();
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
    succeed(&mut npm, "npm ci");
    fs::write(installed, wanted).expect("the packages are kept");
    folder
}

fn check_node() {
    let output = Command::new("node").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let major =
        version.as_deref().ok().and_then(|text| text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    assert!(major >= Some(20), "Node.js 20.19 or newer is needed for this test, and there is {version:?}: install it");
}

/// Runs a program to its end and gives what it printed; all of its output is shown when it fails.
pub fn succeed(command: &mut Command, what: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{what} does not start: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what} failed:\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
