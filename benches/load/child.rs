//! A server in a process of its own, and what the operating system says of it.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{net::TcpStream, time::sleep};

/// How often the start of a server is looked for, 20 ms apart.
const LOOKS: usize = 500;

/// A server; ends with its owner.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address")
}

impl Server {
    /// Starts a program that listens where `--listen` says, gives it `input`, and waits until it does.
    pub(crate) async fn start(program: &str, arguments: &[&str], input: Option<&str>) -> Server {
        let address = free_address();
        let mut command = Command::new(program);
        command.args(arguments).arg("--listen").arg(address.to_string());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
            pipe.write_all(input.as_bytes()).expect("the child reads its input");
        }
        let mut server = Server { child, address };
        for _ in 0..LOOKS {
            if TcpStream::connect(address).await.is_ok() {
                return server;
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("{program} {arguments:?} ended: {status}");
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{program} {arguments:?} does not listen on {address}");
    }

    /// The time that its threads were on a CPU.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(self.proc("task")).expect("a running server").filter_map(Result::ok);
        let nanoseconds = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// The most memory it had resident at once, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }

    /// The memory that it has resident now, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.memory_kib("VmRSS:")
    }

    fn memory_kib(&self, name: &str) -> u64 {
        let status = fs::read_to_string(self.proc("status")).expect("a running server");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    fn proc(&self, name: &str) -> PathBuf {
        ["/proc", &self.child.id().to_string(), name].iter().collect()
    }
}
