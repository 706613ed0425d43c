//! The gateway under load, beside two yardsticks: `cargo bench --bench load`.
//!
//! Four kinds of processes are started: the sandbox as the upstream, the gateway, `plain` and `bare`. The last two are
//! this program again, with the yardstick's name as its argument. This process only sends the queries; what it takes
//! itself is not counted, since the CPU time of each server is read from the operating system.
//!
//! ```text
//! cargo bench --bench load -- [--quick] [--workload W3]… [--upstream URL] [--connections N]
//! cargo bench --bench load -- --endurance [MINUTES] [--gateway PATH] [--connections N]
//! ```

mod bare;
mod child;
mod drive;
mod endurance;
mod plain;
mod table;
mod tap;
mod workload;

use bare::{Script, Scripts};
use child::Server;
use drive::Target;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use std::{env, io::stdin, time::Duration};
use table::{Measured, Row};
use tap::{Tap, Traffic};
use workload::{WORKLOADS, Workload};

const GATEWAY: &str = env!("CARGO_BIN_EXE_accounts-graph");

/// The upstream's latency in the second part.
const LATENCY_MS: u64 = 20;

/// How many ask at once.
const CONNECTIONS: usize = 64;

/// How many ask at once where the upstream is slow: so few that nobody waits for a CPU.
const FAR_CONNECTIONS: usize = 8;

/// How many ask at once when memory is measured.
const MEMORY_CONNECTIONS: usize = 32;

/// How long and with what to measure.
struct Plan {
    workloads: Vec<Workload>,
    upstream: Option<Url>,
    connections: usize,
    rounds: usize,
    far_rounds: usize,
    slot: Duration,
    warm_up: Duration,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match arguments.first().map(String::as_str) {
            Some("plain") => plain::serve(option(&arguments, "--listen"), option(&arguments, "--upstream")).await,
            Some("bare") => {
                let scripts = serde_json::from_reader(stdin().lock()).expect("scripts");
                bare::serve(option(&arguments, "--listen"), scripts).await;
            }
            _ if arguments.iter().any(|argument| argument == "--endurance") => {
                let gateway = find(&arguments, "--gateway").unwrap_or_else(|| GATEWAY.to_owned());
                let connections = find(&arguments, "--connections").unwrap_or(CONNECTIONS);
                endurance::run(&gateway, endurance::minutes(&arguments), connections).await;
            }
            // Cargo says `--bench` when it is about to measure, and nothing when it only tries whether a bench starts.
            _ if arguments.iter().any(|argument| argument == "--bench") => measure(&plan(&arguments)).await,
            _ => println!("load: run with cargo bench --bench load"),
        }
    });
}

fn find<T: std::str::FromStr>(arguments: &[String], name: &str) -> Option<T> {
    let place = arguments.iter().position(|argument| argument == name)?;
    let value = arguments.get(place + 1).unwrap_or_else(|| panic!("{name} needs a value"));
    Some(value.parse().unwrap_or_else(|_| panic!("{name} cannot be {value}")))
}

fn option<T: std::str::FromStr>(arguments: &[String], name: &str) -> T {
    find(arguments, name).unwrap_or_else(|| panic!("{name} is missing"))
}

fn plan(arguments: &[String]) -> Plan {
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let wanted: Vec<_> = arguments.windows(2).filter(|pair| pair[0] == "--workload").map(|pair| &pair[1]).collect();
    let chosen = |workload: &Workload| wanted.is_empty() || wanted.iter().any(|name| *name == workload.name);
    let workloads: Vec<_> = WORKLOADS.into_iter().filter(chosen).collect();
    assert!(!workloads.is_empty(), "--workload is one of W1 to W5");
    Plan {
        workloads,
        upstream: find(arguments, "--upstream"),
        connections: find(arguments, "--connections").unwrap_or(CONNECTIONS),
        rounds: if quick { 3 } else { 9 },
        far_rounds: if quick { 1 } else { 3 },
        slot: Duration::from_millis(if quick { 700 } else { 2000 }),
        warm_up: Duration::from_millis(if quick { 500 } else { 2000 }),
    }
}

async fn measure(plan: &Plan) {
    // The sandbox lives as long as this function.
    let sandbox = match &plan.upstream {
        Some(_) => None,
        None => Some(Server::start(GATEWAY, &["sandbox", "--date", "2027-01-01"], None).await),
    };
    let upstream = match (&plan.upstream, &sandbox) {
        (Some(upstream), _) => upstream.clone(),
        (None, Some(sandbox)) => format!("http://{}/public", sandbox.address).parse().expect("a URL"),
        (None, None) => unreachable!("one of them is there"),
    };
    println!("Recording what each query asks of the upstream.");
    let (scripts, traffic) = record(plan, &upstream).await;
    let mut rows = Vec::new();
    for (workload, traffic) in plan.workloads.iter().zip(traffic) {
        rows.push(run(plan, *workload, &upstream, &scripts, traffic).await);
    }
    table::print(&rows, [plan.connections, FAR_CONNECTIONS, MEMORY_CONNECTIONS]);
}

async fn start_ours(upstream: &Url) -> Server {
    // All ask the same at once: with shared flights most of them would ask nothing of the upstream.
    let arguments = ["serve", "--upstream", upstream.as_str(), "--single-flight=false"];
    Server::start(GATEWAY, &arguments, None).await
}

async fn start_yardstick(arguments: &[&str], input: Option<&str>) -> Server {
    let program = env::current_exe().expect("this program");
    Server::start(program.to_str().expect("a path in UTF-8"), arguments, input).await
}

/// Lets ours and plain answer each workload once, holds the answers against each other, and notes what reached the
/// upstream.
async fn record(plan: &Plan, upstream: &Url) -> (Scripts, Vec<[Traffic; 2]>) {
    let tap = Tap::start(upstream).await;
    let url = tap.url();
    let ours = start_ours(&url).await;
    let plain = start_yardstick(&["plain", "--upstream", url.as_str()], None).await;
    let http = Client::builder().no_proxy().build().expect("a client");
    let ask = async |server: &Server, workload: &Workload| {
        let url = format!("http://{}/graphql", server.address);
        let request = http.post(url).header("content-type", "application/json").body(workload.body());
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        (text, tap.take())
    };
    let mut scripts = Scripts::new();
    let mut all = Vec::new();
    for workload in &plan.workloads {
        let (answer, traffic) = ask(&ours, workload).await;
        let (other, plain_traffic) = ask(&plain, workload).await;
        assert_same(workload, &answer, &other);
        let rounds = [&traffic, &plain_traffic].map(|traffic| traffic.rounds.iter().map(Vec::len).collect::<Vec<_>>());
        println!("{}: requests by round: ours {:?}, plain {:?}", workload.name, rounds[0], rounds[1]);
        scripts.insert(workload.name.to_owned(), Script { rounds: traffic.rounds.clone(), answer });
        all.push([traffic, plain_traffic]);
    }
    (scripts, all)
}

/// Holds two answers against each other. Lists without an order of their own (all but `nodes`) may differ in it.
fn assert_same(workload: &Workload, ours: &str, plain: &str) {
    let parse = |text: &str| -> Value {
        let mut value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(value.get("errors").is_none(), "{}: {text}", workload.name);
        settle(&mut value, false);
        value
    };
    let (ours, plain) = (parse(ours), parse(plain));
    if ours != plain {
        let (ours, plain) = (ours.to_string(), plain.to_string());
        let same = ours.bytes().zip(plain.bytes()).take_while(|(one, other)| one == other).count();
        let around = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(200)..]).chars().take(400).collect::<String>()
        };
        panic!("{}: ours and plain answer differently\n{}\n{}", workload.name, around(&ours), around(&plain));
    }
}

/// Brings a value into a form that says nothing of the order in unordered lists.
fn settle(value: &mut Value, ordered: bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                settle(member, name == "nodes");
            }
            members.sort_keys();
        }
        Value::Array(items) => {
            for item in items.iter_mut() {
                settle(item, false);
            }
            if !ordered {
                items.sort_by_cached_key(Value::to_string);
            }
        }
        _ => {}
    }
}

/// Measures one workload on fresh servers.
async fn run(
    plan: &Plan,
    workload: Workload,
    upstream: &Url,
    scripts: &Scripts,
    [our_traffic, plain_traffic]: [Traffic; 2],
) -> Row {
    let script = json!({ workload.name: scripts[workload.name] }).to_string();
    let mut cells = Vec::new();
    let traffics = [our_traffic.clone(), plain_traffic, our_traffic];
    for (target, traffic) in start_all(upstream, workload, &script, plan.connections).await.into_iter().zip(traffics) {
        target.load(plan.connections, plan.warm_up).await;
        cells.push((target, Measured { traffic, ..Measured::default() }));
    }
    for round in 0..plan.rounds {
        println!("{}: round {} of {}", workload.name, round + 1, plan.rounds);
        for (target, measured) in &mut cells {
            measured.near.push(target.load(plan.connections, plan.slot).await);
        }
    }
    if set_latency(upstream, Some(LATENCY_MS)).await {
        println!("{}: {} rounds at {LATENCY_MS} ms", workload.name, plan.far_rounds);
        for _ in 0..plan.far_rounds {
            for (target, measured) in &mut cells {
                measured.far.push(target.load(FAR_CONNECTIONS, plan.slot).await);
            }
        }
        set_latency(upstream, None).await;
    }
    // The peak is of the whole life of a process.
    let fresh = start_all(upstream, workload, &script, MEMORY_CONNECTIONS).await;
    for (target, (_, measured)) in fresh.iter().zip(&mut cells) {
        target.load(MEMORY_CONNECTIONS, plan.slot).await;
        measured.peak_kib = target.server.peak_kib();
    }
    let mut measured = cells.into_iter().map(|(_, measured)| measured);
    let mut next = || measured.next().unwrap_or_default();
    Row { workload, ours: next(), plain: next(), bare: next() }
}

/// Starts ours, `plain` and `bare`, to be asked one workload over so many connections.
async fn start_all(upstream: &Url, workload: Workload, script: &str, connections: usize) -> [Target; 3] {
    let ours = start_ours(upstream).await;
    let plain = start_yardstick(&["plain", "--upstream", upstream.as_str()], None).await;
    let bare = start_yardstick(&["bare"], Some(script)).await;
    let target = async |server, path: &str| Target::new(server, path, workload.body(), connections).await.0;
    let named = format!("/{}", workload.name);
    [target(ours, "/graphql").await, target(plain, "/graphql").await, target(bare, &named).await]
}

/// Slows the upstream down, or no longer; false when it cannot be.
async fn set_latency(upstream: &Url, latency_ms: Option<u64>) -> bool {
    let faults: Vec<_> = latency_ms.map(|latency_ms| json!({ "latency_ms": latency_ms })).into_iter().collect();
    let http = Client::builder().no_proxy().build().expect("a client");
    let url = upstream.join("/__faults").expect("a URL");
    http.put(url).json(&faults).send().await.is_ok_and(|response| response.status().is_success())
}
