//! How many instructions a query takes: `cargo bench --bench instructions`.
//!
//! Time differs from run to run and from machine to machine; the count of instructions hardly does. Each workload is run
//! a fixed number of times in a process of its own, on one thread, under `valgrind --tool=callgrind`, with the sandbox in
//! another process. A short run is taken from a long one, so that start and warm-up do not count. What is left is the
//! engine and its HTTP client; the HTTP server in front of it is not part of it. The counts go to
//! `benches/instructions.txt`, which belongs into the commit that changes them.

#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/child.rs"]
mod child;
#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/workload.rs"]
mod workload;

use accounts_graph::{
    graph::{
        cost::Sizes,
        engine::{Engine, GraphRequest, Limits},
    },
    upstream::client::{Client, Credentials, Settings},
};
use child::Server;
use std::{env, fmt::Write, fs, process::Command, time::Duration};
use workload::{WORKLOADS, Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often a workload is run: the difference is what counts.
const SHORT: u32 = 20;
const LONG: u32 = 120;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", upstream, name, times] => {
            let workload = WORKLOADS.iter().find(|workload| workload.name == name).expect("a workload");
            runtime.block_on(run(upstream, workload, times.parse().expect("a number")));
        }
        // Cargo says `--bench` when it is about to measure, and nothing when it only tries whether a bench starts.
        [.., "--bench"] => {
            let sandbox = runtime.block_on(Server::start(env!("CARGO_BIN_EXE_accounts-graph"), &["sandbox"], None));
            record(&format!("http://{}/public", sandbox.address));
        }
        _ => println!("instructions: run with cargo bench --bench instructions"),
    }
}

/// Runs one workload so many times.
async fn run(upstream: &str, workload: &Workload, times: u32) {
    let settings = Settings {
        base: upstream.parse().expect("a URL"),
        timeout: Duration::from_secs(600),
        connect_timeout: Duration::from_secs(60),
        connections: 64,
        max_body: 64 * 1024 * 1024,
    };
    let limits = Limits {
        operation_timeout: Duration::from_secs(600),
        depth: 30,
        upstream_requests: 300,
        entities: 20_000,
        sizes: Sizes::default(),
        explain: true,
        response_bytes: 32 * 1024 * 1024,
        query_bytes: 100 * 1024,
        document_cache_bytes: 32 * 1024 * 1024,
    };
    let engine = Engine::new(Client::new(settings).expect("a client"), limits);
    for _ in 0..times {
        let request = GraphRequest { query: workload.query.to_owned(), ..GraphRequest::default() };
        let answer = engine.execute(request, Credentials::default()).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        std::hint::black_box(answer.into_json());
    }
}

/// Counts all workloads and writes the counts down.
fn record(upstream: &str) {
    let mut text = String::from("# Instructions per query, by `cargo bench --bench instructions`.\n");
    for workload in WORKLOADS {
        let [short, long] = [SHORT, LONG].map(|times| count(upstream, workload.name, times));
        let _ = writeln!(text, "{} {}", workload.name, (long - short) / u64::from(LONG - SHORT));
    }
    print!("{text}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
    fs::write(file, text).expect("the counts can be written");
}

/// The instructions of one run.
fn count(upstream: &str, name: &str, times: u32) -> u64 {
    let program = env::current_exe().expect("this program");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(["run", upstream, name, &times.to_string()]);
    let output = valgrind.output().expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1)).expect("a count");
    collected.trim().parse().expect("a number")
}
