//! The built program as a child process.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_accounts-graph");

/// The program as an optimised build: whoever attacks or measures it means the one that is shipped, whose debug build takes
/// more of everything.
static OPTIMISED: LazyLock<PathBuf> = LazyLock::new(|| {
    if !cfg!(debug_assertions) {
        return PROGRAM.into();
    }
    let target = Path::new(PROGRAM).ancestors().nth(2).expect("the target folder");
    let optimised = target.join("optimised");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--bin", "accounts-graph", "--config", "profile.dev.opt-level=1", "--config"])
        // Everything that it is made of is there already, built in the same way: only the program itself is not.
        .arg(format!("build.build-dir='{}'", target.display()))
        .arg("--target-dir")
        .arg(&optimised)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // The page is no part of it, and takes long to build.
        .env("ACCOUNTS_GRAPH_PLAYGROUND", "skip")
        .status();
    assert!(built.expect("cargo runs").success(), "the program is built");
    optimised.join("debug").join("accounts-graph")
});

/// A running program; ended when dropped, however the test ends.
pub struct Running {
    child: Child,
    /// What it printed when it started.
    pub banner: Vec<String>,
    /// The file that it logs to, if the log is wanted.
    log: Option<PathBuf>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(log) = &self.log {
            let _ = std::fs::remove_file(log);
        }
    }
}

/// Starts the program on a free port.
pub fn start(arguments: &[&str]) -> Running {
    start_in(&[], arguments)
}

/// Starts this program, which may be another version, on a free port.
pub fn start_program(program: &Path, arguments: &[&str]) -> Running {
    launch(program, &[], arguments, None)
}

/// Starts an optimised build of the program, which is built when it is not yet.
pub fn start_optimised(arguments: &[&str]) -> Running {
    launch(&OPTIMISED, &[], arguments, None)
}

/// Starts the program on a free port, with these variables in its environment.
pub fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Running {
    launch(Path::new(PROGRAM), environment, arguments, None)
}

/// The same, whose log is kept.
pub fn start_logged(environment: &[(&str, &str)], arguments: &[&str]) -> Running {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let log = std::env::temp_dir().join(format!("accounts-graph-{}-{number}.log", std::process::id()));
    launch(Path::new(PROGRAM), environment, arguments, Some(log))
}

fn launch(program: &Path, environment: &[(&str, &str)], arguments: &[&str], log: Option<PathBuf>) -> Running {
    let errors = log.as_ref().map_or_else(Stdio::null, |log| std::fs::File::create(log).expect("a file").into());
    let mut command = Command::new(program);
    // Where the tests run behind a proxy, that one is not meant.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    // What is meant for the tests is no option of the program, which would refuse it.
    let for_tests = ["ACCOUNTS_GRAPH_TEST_", "ACCOUNTS_GRAPH_VALIDITY_", "ACCOUNTS_GRAPH_RECIPES"];
    let is_for_tests = |name: &str| for_tests.iter().any(|start| name.starts_with(start));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_for_tests(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let mut child = command
        .args(["--listen", "127.0.0.1:0", "--sandbox-scale", "0.05"])
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut banner: Vec<String> = vec![];
    while !banner.last().is_some_and(|line| line.starts_with("curl ")) {
        banner.push(lines.next().expect("the banner goes on").expect("text"));
    }
    Running { child, banner, log }
}

impl Running {
    /// What stands behind a word at the start of a line.
    pub fn said(&self, word: &str) -> &str {
        let line = self.banner.iter().find_map(|line| line.trim().strip_prefix(word));
        line.unwrap_or_else(|| panic!("{word} in {:?}", self.banner)).trim()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        let log = self.log.as_ref().expect("the log is kept");
        String::from_utf8(std::fs::read(log).expect("a file")).expect("text")
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.said("endpoint").trim_start_matches("http://").trim_end_matches("/graphql")
    }

    /// The most memory that it ever had, in KiB.
    #[cfg(target_os = "linux")]
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        // The shell's own `kill`: not every machine has one as a program.
        let kill = format!("kill {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell runs");
        assert!(status.success());
    }

    /// Waits for the end; a program that never ends fails the test.
    pub async fn ended(&mut self) -> ExitStatus {
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the program did not end");
    }
}
