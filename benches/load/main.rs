//! The gateway under load, beside two yardsticks: `cargo bench --bench load`.
//!
//! Five kinds of processes are started: the gateway, `plain` and `bare`, and as their upstreams `replay` and the sandbox.
//! `plain`, `bare` and `replay` are this program again, with the name as its argument. This process only sends the
//! queries; what it takes itself is not counted, since the CPU time of each server is read from the operating system.
//!
//! The gateway and `bare` read what `replay` has recorded (`recording.rs` says when and how to record again), so that
//! their times stay comparable when the sandbox changes. The requests of `plain` depend on how its batches fall and
//! cannot be recorded, so it reads the sandbox, as does the gateway when the answers of the two are compared. `--upstream`
//! names one upstream for all. The endurance run asks for more than is recorded and uses the sandbox.
//!
//! ```text
//! cargo bench --bench load -- [--quick] [--workload W3]… [--upstream URL] [--connections N]
//! cargo bench --bench load -- --record [--upstream URL]
//! cargo bench --bench load -- --endurance [MINUTES] [--gateway PATH] [--connections N]
//! ```

mod bare;
mod child;
mod drive;
mod endurance;
mod plain;
mod recording;
mod replay;
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
            Some("replay") => {
                replay::listen(option(&arguments, "--listen"), recording::read_all()).await;
            }
            _ if arguments.iter().any(|argument| argument == "--endurance") => {
                let gateway = find(&arguments, "--gateway").unwrap_or_else(|| GATEWAY.to_owned());
                let connections = find(&arguments, "--connections").unwrap_or(CONNECTIONS);
                endurance::run(&gateway, endurance::minutes(&arguments), connections).await;
            }
            _ if arguments.iter().any(|argument| argument == "--record") => freeze(&plan(&arguments)).await,
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

/// The upstreams of a measurement.
struct Upstreams {
    /// What the gateway and `bare` read.
    recorded: Url,
    /// What `plain` reads.
    live: Url,
    /// Processes that end with this value.
    _sandbox: Option<Server>,
    replay: Option<Server>,
}

impl Upstreams {
    /// One upstream for all; the sandbox unless another is named.
    async fn live(named: Option<&Url>) -> Upstreams {
        if let Some(url) = named {
            return Upstreams { recorded: url.clone(), live: url.clone(), _sandbox: None, replay: None };
        }
        let sandbox = Server::start(GATEWAY, &["sandbox", "--date", "2027-01-01"], None).await;
        let url = base(&sandbox);
        Upstreams { recorded: url.clone(), live: url, _sandbox: Some(sandbox), replay: None }
    }

    /// The sandbox, and what is recorded of it.
    async fn recorded() -> Upstreams {
        let replay = start_own(&["replay"], None).await;
        Upstreams { recorded: base(&replay), replay: Some(replay), ..Upstreams::live(None).await }
    }

    /// Fails if the replay was asked for what is not recorded.
    async fn assert_all_known(&self) {
        if let Some(replay) = &self.replay {
            replay::assert_all_known(replay.address).await;
        }
    }

    /// Slows them down, or no longer; false when that cannot be done.
    async fn set_latency(&self, latency_ms: Option<u64>) -> bool {
        let faults: Vec<_> = latency_ms.map(|latency_ms| json!({ "latency_ms": latency_ms })).into_iter().collect();
        let http = Client::builder().no_proxy().build().expect("a client");
        for upstream in [&self.recorded, &self.live] {
            let url = upstream.join("/__faults").expect("a URL");
            if !http.put(url).json(&faults).send().await.is_ok_and(|response| response.status().is_success()) {
                return false;
            }
        }
        true
    }
}

/// Where the API of a sandbox or a replay is.
fn base(server: &Server) -> Url {
    format!("http://{}/public", server.address).parse().expect("a URL")
}

async fn measure(plan: &Plan) {
    let upstreams = match &plan.upstream {
        Some(url) => Upstreams::live(Some(url)).await,
        None => Upstreams::recorded().await,
    };
    println!("Comparing the answers, and noting what each query asks of the upstream.");
    let (scripts, traffic) = record(plan, &upstreams).await;
    let mut rows = Vec::new();
    for (workload, traffic) in plan.workloads.iter().zip(traffic) {
        rows.push(run(plan, *workload, &upstreams, &scripts, traffic).await);
        upstreams.assert_all_known().await;
    }
    table::print(&rows, [plan.connections, FAR_CONNECTIONS, MEMORY_CONNECTIONS]);
}

/// Writes down what the gateway asks for each workload, and what the upstream answers, for later measurements.
async fn freeze(plan: &Plan) {
    let upstreams = Upstreams::live(plan.upstream.as_ref()).await;
    let (_, traffic) = record(plan, &upstreams).await;
    for (workload, [ours, _]) in plan.workloads.iter().zip(traffic) {
        recording::write(workload.name, &ours.exchanges);
        println!("{}: {} requests, {} bytes are written down", workload.name, ours.requests, ours.bytes);
    }
}

async fn start_ours(upstream: &Url) -> Server {
    // All ask the same at once: with shared flights most of them would ask nothing of the upstream.
    let arguments = ["serve", "--upstream", upstream.as_str(), "--single-flight=false"];
    Server::start(GATEWAY, &arguments, None).await
}

/// Starts this program in another role.
async fn start_own(arguments: &[&str], input: Option<&str>) -> Server {
    let program = env::current_exe().expect("this program");
    Server::start(program.to_str().expect("a path in UTF-8"), arguments, input).await
}

/// Lets ours and plain answer each workload once over the same upstream and holds the answers against each other. Notes
/// what reaches the upstream: of plain there, of ours where it is measured.
async fn record(plan: &Plan, upstreams: &Upstreams) -> (Scripts, Vec<[Traffic; 2]>) {
    let [tap, live_tap] = [Tap::start(&upstreams.recorded).await, Tap::start(&upstreams.live).await];
    let [ours, ours_live] = [start_ours(&tap.url()).await, start_ours(&live_tap.url()).await];
    let plain = start_own(&["plain", "--upstream", live_tap.url().as_str()], None).await;
    let http = Client::builder().no_proxy().build().expect("a client");
    let ask = async |server: &Server, tap: &Tap, workload: &Workload| {
        let url = format!("http://{}/graphql", server.address);
        let request = http.post(url).header("content-type", "application/json").body(workload.body());
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        (text, tap.take())
    };
    let mut scripts = Scripts::new();
    let mut all = Vec::new();
    for workload in &plan.workloads {
        let (answer, traffic) = ask(&ours, &tap, workload).await;
        upstreams.assert_all_known().await;
        assert!(answer.starts_with("{\"data\":") && !answer.contains("\"errors\":"), "{}: {answer}", workload.name);
        let (live_answer, _) = ask(&ours_live, &live_tap, workload).await;
        let (other, plain_traffic) = ask(&plain, &live_tap, workload).await;
        assert_same(workload, &live_answer, &other);
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
    upstreams: &Upstreams,
    scripts: &Scripts,
    [our_traffic, plain_traffic]: [Traffic; 2],
) -> Row {
    let script = json!({ workload.name: scripts[workload.name] }).to_string();
    let mut cells = Vec::new();
    let traffics = [our_traffic.clone(), plain_traffic, our_traffic];
    for (target, traffic) in start_all(upstreams, workload, &script, plan.connections).await.into_iter().zip(traffics) {
        target.load(plan.connections, plan.warm_up).await;
        cells.push((target, Measured { traffic, ..Measured::default() }));
    }
    for round in 0..plan.rounds {
        println!("{}: round {} of {}", workload.name, round + 1, plan.rounds);
        for (target, measured) in &mut cells {
            measured.near.push(target.load(plan.connections, plan.slot).await);
        }
    }
    if upstreams.set_latency(Some(LATENCY_MS)).await {
        println!("{}: {} rounds at {LATENCY_MS} ms", workload.name, plan.far_rounds);
        for _ in 0..plan.far_rounds {
            for (target, measured) in &mut cells {
                measured.far.push(target.load(FAR_CONNECTIONS, plan.slot).await);
            }
        }
        upstreams.set_latency(None).await;
    }
    // The peak is of the whole life of a process.
    let fresh = start_all(upstreams, workload, &script, MEMORY_CONNECTIONS).await;
    for (target, (_, measured)) in fresh.iter().zip(&mut cells) {
        target.load(MEMORY_CONNECTIONS, plan.slot).await;
        measured.peak_kib = target.server.peak_kib();
    }
    let mut measured = cells.into_iter().map(|(_, measured)| measured);
    let mut next = || measured.next().unwrap_or_default();
    Row { workload, ours: next(), plain: next(), bare: next() }
}

/// Starts ours, `plain` and `bare`, to be asked one workload over so many connections.
async fn start_all(upstreams: &Upstreams, workload: Workload, script: &str, connections: usize) -> [Target; 3] {
    let ours = start_ours(&upstreams.recorded).await;
    let plain = start_own(&["plain", "--upstream", upstreams.live.as_str()], None).await;
    let bare = start_own(&["bare"], Some(script)).await;
    let target = async |server, path: &str| Target::new(server, path, workload.body(), connections).await.0;
    let named = format!("/{}", workload.name);
    [target(ours, "/graphql").await, target(plain, "/graphql").await, target(bare, &named).await]
}
