//! How many instructions a query takes: `cargo bench --bench instructions`.
//!
//! Time differs from run to run and from machine to machine; the count of instructions hardly does. Each workload is run
//! a fixed number of times in a process of its own, on one thread, under `valgrind --tool=callgrind`, with the upstream in
//! another process. A short run is taken from a long one, so that start and warm-up do not count. What is left is the
//! engine and its HTTP client. `H1` is `W1` with the HTTP server in front of it: what it takes more than `W1` is the way
//! of a request through a connection and the stack of services, and the way of the answer back. The counts go to
//! `benches/instructions.txt`, which belongs into the commit that changes them. The upstream replays recorded bodies
//! (`load/recording.rs`), so the counts of two versions can be compared even if the sandbox changed between them.
//!
//! `cargo bench --bench instructions -- H1 W1` counts some of them, prints the counts and writes nothing.
//!
//! Two more families ask for a hundred, a thousand and ten thousand entities in one query of a world that has as many.
//! Cost has to grow with them and no faster: ten times the entities take at most eleven times the instructions. Their
//! upstream is the sandbox, since only the ratios of these counts matter.

#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/child.rs"]
mod child;
#[path = "instructions/growth.rs"]
mod growth;
#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/recording.rs"]
mod recording;
#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/replay.rs"]
mod replay;
#[path = "instructions/served.rs"]
mod served;
#[expect(dead_code, reason = "made for the load benchmark, which uses more of it")]
#[path = "load/workload.rs"]
mod workload;

use accounts_graph::{
    config::{Config, Environment, Flags},
    graph::engine::{Engine, GraphRequest, Limits},
    program,
    upstream::{
        client::{Client, Settings},
        credentials::Credentials,
    },
};
use child::Server;
use growth::{FAMILIES, MOST, SIZES};
use std::{env, fmt::Write, fs, net::SocketAddr, process::Command, time::Duration};
use tokio::runtime::Runtime;
use workload::WORKLOADS;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often a workload is run: the difference is what counts.
const SHORT: u32 = 20;
const LONG: u32 = 120;

/// The workload that is also asked of a whole gateway, and the name of that; it is run more often, since what a server does
/// beside answering differs a little from run to run.
const SERVED: (&str, &str, u32, u32) = ("W1", "H1", 50, 550);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", upstream, name, times] => {
            let workload = WORKLOADS.iter().find(|workload| workload.name == name);
            let query = workload.map(|workload| workload.query.to_owned()).or_else(|| growth::query(name));
            runtime.block_on(run(upstream, &query.expect("a workload"), times.parse().expect("a number")));
        }
        ["serve", upstream, "--listen", address] => {
            runtime.block_on(served::serve(upstream, address.parse().expect("an address")));
        }
        ["replay", "--listen", address] => {
            runtime.block_on(replay::listen(address.parse().expect("an address"), recording::read_all()));
        }
        // Cargo says `--bench` when it is about to measure, and nothing when it only tries whether a bench starts.
        [ref names @ .., "--bench"] => {
            let program = env::current_exe().expect("this program");
            let program = program.to_str().expect("a path in UTF-8");
            let replay = runtime.block_on(Server::start(program, &["replay"], None));
            let arguments = ["sandbox", "--date", "2027-01-01", "--scale", "10"];
            let sandbox = Server::start(env!("CARGO_BIN_EXE_accounts-graph"), &arguments, None);
            let sandbox = runtime.block_on(sandbox);
            record(&runtime, names, replay.address, sandbox.address);
        }
        _ => println!("instructions: run with cargo bench --bench instructions"),
    }
}

/// Asks one query so many times.
async fn run(upstream: &str, query: &str, times: u32) {
    let engine = engine(upstream);
    for _ in 0..times {
        let request = GraphRequest { query: query.to_owned(), ..GraphRequest::default() };
        let answer = engine.execute(request, Credentials::default()).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        std::hint::black_box(answer.into_json());
    }
}

/// An engine that has time enough under valgrind.
fn engine(upstream: &str) -> Engine {
    let settings = Settings {
        timeout: Duration::from_secs(600),
        connect_timeout: Duration::from_secs(60),
        ..Settings::of(upstream.parse().expect("a URL"))
    };
    let config = Config::load(&Flags::default(), &Environment::default(), &|path| std::fs::read_to_string(path));
    let limits = Limits {
        operation_timeout: Duration::from_secs(600),
        upstream_requests: 3000,
        entities: 1_000_000,
        ..program::limits(&config.expect("the defaults"))
    };
    Engine::new(Client::new(settings).expect("a client"), limits)
}

/// Counts the workloads of these names, or all of them, which are written down.
fn record(runtime: &Runtime, names: &[&str], replay: SocketAddr, sandbox: SocketAddr) {
    let [recorded, large] = [replay, sandbox].map(|address| format!("http://{address}/public"));
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let mut text = String::from("# Instructions per query, by `cargo bench --bench instructions`.\n");
    for workload in WORKLOADS.iter().filter(|workload| wanted(workload.name)) {
        let _ = writeln!(text, "{} {}", workload.name, per_query(SHORT, LONG, |n| count(&recorded, workload.name, n)));
        runtime.block_on(replay::assert_all_known(replay));
    }
    let (served, name, short, long) = SERVED;
    if wanted(name) {
        let body = WORKLOADS.iter().find(|workload| workload.name == served).expect("a workload").body();
        let counted = per_query(short, long, |times| count_served(runtime, &recorded, &body, times));
        let _ = writeln!(text, "{name} {counted}");
        runtime.block_on(replay::assert_all_known(replay));
    }
    let mut steep = Vec::new();
    for family in FAMILIES {
        let mut before = None;
        for (size, short, long) in SIZES {
            let name = format!("{family}-{size}");
            if !wanted(&name) {
                continue;
            }
            let counted = per_query(short, long, |times| count(&large, &name, times));
            let _ = writeln!(text, "{name} {counted}");
            if let Some(before) = before.replace(counted).filter(|_| names.is_empty()) {
                let hundredths = counted * 100 / before;
                println!("{name}: {}.{:02} times as many as a tenth", hundredths / 100, hundredths % 100);
                if hundredths > MOST * 100 {
                    steep.push(name);
                }
            }
        }
    }
    print!("{text}");
    if names.is_empty() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
        fs::write(file, text).expect("the counts can be written");
    }
    assert!(steep.is_empty(), "more than {MOST} times as many for ten times the entities: {steep:?}");
}

/// The instructions of one query, from a short and a long run.
fn per_query(short: u32, long: u32, count: impl Fn(u32) -> u64) -> u64 {
    let [less, more] = [short, long].map(count);
    more.saturating_sub(less) / u64::from(long - short)
}

/// The instructions of one run.
fn count(upstream: &str, name: &str, times: u32) -> u64 {
    let output = counted(&["run", upstream, name, &times.to_string()]).output().expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    collected(&said)
}

/// The instructions of a server that is asked so many times.
fn count_served(runtime: &Runtime, upstream: &str, body: &str, times: u32) -> u64 {
    collected(&served::ask(runtime, counted(&["serve", upstream]), body, times))
}

/// This program with these arguments, under valgrind.
fn counted(arguments: &[&str]) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(env::current_exe().expect("this program")).args(arguments);
    valgrind
}

/// The count in what valgrind said.
fn collected(said: &str) -> u64 {
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1)).expect("a count");
    collected.trim().parse().expect("a number")
}
