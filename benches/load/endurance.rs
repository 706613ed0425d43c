//! Whether memory stays level: `cargo bench --bench load -- --endurance [MINUTES] [--gateway PATH]`.
//!
//! All workloads are asked in turn over several connections, and between them, evenly over the time, a hundred thousand
//! documents that were never asked before, so that the cache of prepared documents is turned over many times. The
//! resident memory of the gateway is looked at ten times a second. It is level if what it had at most in the last
//! quarter of the time is hardly more than what it had in the second; the first is for filling caches.

use super::{child::Server, workload::WORKLOADS};
use reqwest::{Client, Url, header::CONTENT_TYPE};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How many documents are asked once.
const DOCUMENTS: usize = 100_000;
/// How long, unless it is said.
const MINUTES: f64 = 10.0;
/// How much more memory the last quarter may take than the second, in percent.
const GROWTH: u64 = 5;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How many lines are printed in all.
const LINES: u32 = 40;
/// Fields of a user of which a document selects some.
const FIELDS: [&str; 12] = [
    "name",
    "email",
    "status",
    "icon",
    "revision",
    "firstName",
    "lastName",
    "settings { cultureCode }",
    "phone { prefix number }",
    "audit { created { at by { name } } }",
    "currentAccount { name }",
    "groups { name }",
];

/// What is asked while the memory is looked at.
struct Load {
    url: Url,
    begin: Instant,
    span: Duration,
    /// Documents that were asked.
    documents: AtomicUsize,
    /// Queries that were answered.
    answered: AtomicUsize,
}

/// How long to run: what follows `--endurance`, if it is a number.
pub(crate) fn minutes(arguments: &[String]) -> f64 {
    let place = arguments.iter().position(|argument| argument == "--endurance").unwrap_or_default();
    arguments
        .get(place + 1)
        .filter(|it| !it.starts_with("--"))
        .map_or(MINUTES, |it| it.parse().unwrap_or_else(|_| panic!("--endurance takes minutes, not {it}")))
}

/// Runs a gateway for so long and says whether its memory stays level.
pub(crate) async fn run(gateway: &str, minutes: f64, connections: usize) {
    let sandbox = Server::start(gateway, &["sandbox", "--date", "2027-01-01"], None).await;
    let upstream = format!("http://{}/public", sandbox.address);
    let server = Server::start(gateway, &["serve", "--upstream", &upstream], None).await;
    let load = Arc::new(Load {
        url: format!("http://{}/graphql", server.address).parse().expect("a URL"),
        begin: Instant::now(),
        span: Duration::from_secs_f64(minutes * 60.0),
        documents: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
    });
    println!("{DOCUMENTS} documents and all workloads over {connections} connections for {minutes} minutes\n");
    println!("|   time | RSS KiB | documents | queries |\n|---:|---:|---:|---:|");
    let mut clients = JoinSet::new();
    for number in 0..connections {
        clients.spawn(Arc::clone(&load).ask(number));
    }
    let looks = load.watch(&server).await;
    clients.join_all().await;
    let documents = load.documents.load(Ordering::Relaxed);
    assert!(documents >= DOCUMENTS, "only {documents} documents were asked in time: take longer");
    let most = |quarter: usize| {
        let (start, end) = (looks.len() * quarter / 4, looks.len() * (quarter + 1) / 4);
        looks[start..end].iter().copied().max().unwrap_or_default()
    };
    let (second, last) = (most(1), most(3));
    println!("\nat most {second} KiB in the second quarter, {last} KiB in the last");
    assert!(last * 100 <= second * (100 + GROWTH), "memory GROWS: more than {GROWTH} % over the second quarter");
    println!("memory is level (at most {GROWTH} % more)");
}

impl Load {
    /// Asks until the time is over.
    async fn ask(self: Arc<Self>, number: usize) {
        let http = Client::builder().no_proxy().build().expect("a client");
        let mut turn = number;
        while self.begin.elapsed() < self.span {
            turn += 1;
            // However far behind, every second query is a workload.
            let document = if turn.is_multiple_of(2) { self.due() } else { None };
            let body = match document {
                Some(document) => json!({ "query": distinct(document) }).to_string(),
                None => WORKLOADS[turn / 2 % WORKLOADS.len()].body(),
            };
            let request = http.post(self.url.clone()).header(CONTENT_TYPE, "application/json").body(body.clone());
            let answer = request.send().await.expect("an answer").text().await.expect("a body");
            assert!(answer.starts_with("{\"data\":"), "{body}: {answer}");
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The next document, when as many are due by now. All are asked a little before the end.
    fn due(&self) -> Option<usize> {
        let part = self.begin.elapsed().as_secs_f64() / (self.span.as_secs_f64() * 0.98);
        let due =
            |asked: usize| (as_float(asked) < as_float(DOCUMENTS) * part && asked < DOCUMENTS).then_some(asked + 1);
        self.documents.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).ok()
    }

    /// Looks at the memory of a server until the time is over.
    async fn watch(&self, server: &Server) -> Vec<u64> {
        let (mut looks, mut printed) = (vec![], 0);
        let mut next = self.begin;
        while self.begin.elapsed() < self.span {
            next += LOOK;
            sleep_until(next).await;
            looks.push(server.resident_kib());
            if self.begin.elapsed() >= self.span * (printed + 1) / LINES {
                printed += 1;
                let documents = self.documents.load(Ordering::Relaxed);
                let answered = self.answered.load(Ordering::Relaxed);
                let seconds = self.begin.elapsed().as_secs();
                println!("| {seconds:5}s | {} | {documents} | {answered} |", looks.last().unwrap_or(&0));
            }
        }
        looks
    }
}

/// Counts here are far below what an `f64` holds exactly.
fn as_float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A document like no other: its number is in its names and decides what it selects.
fn distinct(number: usize) -> String {
    let fields: Vec<_> = (0..FIELDS.len()).filter(|bit| number >> bit & 1 == 1).map(|bit| FIELDS[bit]).collect();
    let (first, fields) = (1 + number % 5, fields.join(" "));
    format!(
        "query Q{number} {{ u{number}: users(first: {first}) {{ totalCount nodes {{ i{number}: id {fields} }} }} }}"
    )
}
