//! Bad weather: for a while, three in ten requests of the upstream fail in one way or another, under load. Nothing that is
//! answered may be wrong, whatever is missing has to be said, and the gateway must not grow.
//!
//! `ACCOUNTS_GRAPH_TEST_SECONDS` makes it last that long; `--nocapture` shows the numbers.

use crate::{process::start_optimised, support::SMALL};
use accounts_graph_sandbox::{self as sandbox, BodyFault, Day, Fault, OPERATIONS_TOKEN, Options};
use futures::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Queries of a usual run.
const QUERIES: usize = 3_000;
/// Callers that ask at the same time.
const CALLERS: usize = 32;
/// What a gateway that has seen everything may still grow by, in KiB.
#[cfg(target_os = "linux")]
const GROWTH: u64 = 48 * 1024;

const DOCUMENTS: [&str; 7] = [
    r#"{ user(id: "USR-1671-0642") { name email groups { nodes { name } } } account(id: "ACC-1671-0642") { name website } }"#,
    "{ users(first: 20) { totalCount nodes { name currentAccount { website groups { nodes { name } } } } } }",
    "{ accounts(first: 5) { nodes { name buyers(first: 3) { nodes { name account { name } } } } } modules(first: 2) { nodes { name } } }",
    r#"{ nodes(ids: ["USR-1671-0642", "ACC-1671-0642", "USR-6375-2499"]) { id ... on User { name groups { nodes { name } } } ... on Account { name } } }"#,
    "{ buyers(first: 10) { nodes { name account { name } sellers { nodes { name } } } } }",
    "{ sellers(first: 3) { nodes { name } } licensees(first: 3) { nodes { name account { website } } } __typename }",
    "{ groups(first: 10) { nodes { name account { name website } accountUsers(first: 3) { nodes { user { email } } } } } }",
];

/// What may be said of something that is missing.
const CODES: [&str; 7] = [
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_ERROR",
    "UPSTREAM_INVALID",
    "RATE_LIMITED",
    "TIMEOUT",
    "FORBIDDEN",
    "UNAUTHENTICATED",
];

/// Ways to fail, which meet three in ten requests together.
fn storm(seed: u64) -> Vec<Fault> {
    let status = |status| Fault { status: Some(status), ..Fault::default() };
    let body = |body| Fault { body: Some(body), ..Fault::default() };
    let ways = [
        status(500),
        status(502),
        status(503),
        Fault { retry_after: Some(0), ..status(503) },
        status(504),
        Fault { retry_after: Some(0), ..status(429) },
        status(403),
        body(BodyFault::Cut),
        body(BodyFault::Close),
        body(BodyFault::Html),
        body(BodyFault::InvalidJson),
        body(BodyFault::Empty),
    ];
    // The first that fires decides: 1 - 0.971^12 is 0.3.
    let ways = ways.into_iter().zip(seed..).map(|(way, seed)| Fault { probability: Some(0.0293), seed, ..way });
    let slow = Fault { latency_range_ms: Some([0, 8]), seed, ..Fault::default() };
    let hangs = Fault { body: Some(BodyFault::Hang), probability: Some(0.002), seed, ..Fault::default() };
    [slow, hangs].into_iter().chain(ways).collect()
}

/// What was seen so far.
#[derive(Default)]
struct Log {
    whole: AtomicUsize,
    partial: AtomicUsize,
    codes: Mutex<BTreeMap<String, usize>>,
    slowest: Mutex<Duration>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_in_ten_upstream_requests_fail_and_no_answer_is_wrong() {
    let seconds = std::env::var("ACCOUNTS_GRAPH_TEST_SECONDS").ok().map(|text| text.parse().expect("seconds"));
    let sandbox = sandbox::start(Options { scale: SMALL, date: Some(Day::OF_DATA), ..Options::default() })
        .await
        .expect("a free port");
    let base = sandbox.base_url();
    let program = start_optimised(&["--upstream", &base, "--upstream-timeout", "1s", "--operation-timeout", "10s"]);
    let (http, url) = (Client::new(), program.said("endpoint").to_owned());
    let mut expected = vec![];
    for document in DOCUMENTS {
        let answer = ask(&http, &url, document).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        expected.push(answer["data"].clone());
    }
    sandbox.set_faults(storm(1));
    sandbox.clear_requests();

    let (log, next, begun) = (Log::default(), AtomicUsize::new(0), Instant::now());
    let run = async |queries: usize, until: Option<Duration>| {
        let goes_on = |number| until.map_or(number < queries, |until| begun.elapsed() < until);
        let caller = async || loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if !goes_on(number) {
                break;
            }
            let which = number % DOCUMENTS.len();
            let asked = Instant::now();
            let answer = ask(&http, &url, DOCUMENTS[which]).await;
            log.note(&answer, asked.elapsed());
            check(&expected[which], &answer, DOCUMENTS[which]);
            if number % 1_000 == 0 {
                // The record of requests is the sandbox's alone.
                sandbox.clear_requests();
            }
        };
        join_all((0..CALLERS).map(|_| caller())).await;
    };
    let half = seconds.map(|seconds: u64| Duration::from_millis(seconds * 500));
    run(QUERIES / 2, half).await;
    #[cfg(target_os = "linux")]
    let warm = program.peak();
    run(QUERIES, half.map(|half| half * 2)).await;
    log.tell(begun.elapsed());
    let (whole, partial) = (log.whole.load(Ordering::Relaxed), log.partial.load(Ordering::Relaxed));
    assert!(whole > (whole + partial) / 4 && partial > (whole + partial) / 50, "{whole} whole, {partial} partial");
    #[cfg(target_os = "linux")]
    {
        println!("memory at most {} MiB after half of it, {} MiB at the end", warm >> 10, program.peak() >> 10);
        assert!(program.peak() < warm + GROWTH, "{warm} KiB, then {} KiB", program.peak());
    }

    sandbox.set_faults(vec![]);
    let clear = async {
        while ask(&http, &url, DOCUMENTS[0]).await != json!({ "data": expected[0] }) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(super::FOREVER, clear).await.expect("the weather clears");
}

async fn ask(http: &Client, url: &str, document: &str) -> Value {
    let request = http.post(url).bearer_auth(OPERATIONS_TOKEN).json(&json!({ "query": document }));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.expect("JSON")
}

impl Log {
    fn note(&self, answer: &Value, took: Duration) {
        let errors = answer["errors"].as_array().map_or(&[][..], |errors| &errors[..]);
        let kind = if errors.is_empty() { &self.whole } else { &self.partial };
        kind.fetch_add(1, Ordering::Relaxed);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        for error in errors {
            *codes.entry(error["extensions"]["code"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        *slowest = took.max(*slowest);
    }

    fn tell(&self, took: Duration) {
        let (whole, partial) = (self.whole.load(Ordering::Relaxed), self.partial.load(Ordering::Relaxed));
        println!("{} queries in {took:.1?}: {whole} whole, {partial} in part", whole + partial);
        let slowest = *self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        println!("slowest {slowest:.1?}, errors {codes:?}");
    }
}

/// Checks that an answer has nothing but what is expected, and says of everything that is missing why.
fn check(expected: &Value, answer: &Value, document: &str) {
    let none = vec![];
    let errors = answer["errors"].as_array().unwrap_or(&none);
    for error in errors {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        assert!(CODES.contains(&code), "{document}: {error}");
        let path = error["path"].as_array().unwrap_or_else(|| panic!("{document}: {error}"));
        let mut at = &answer["data"];
        for step in path {
            at = match step {
                Value::String(key) => &at[key],
                index => &at[usize::try_from(index.as_u64().expect("an index")).expect("a small one")],
            };
        }
        assert!(at.is_null(), "{document}: {error} at {at}");
    }
    compare(expected, &answer["data"], errors, &mut vec![], document);
}

fn compare(expected: &Value, found: &Value, errors: &[Value], path: &mut Vec<Value>, document: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            assert!(expected.keys().eq(found.keys()), "{document} at {path:?}: {found:?}");
            for (key, value) in expected {
                path.push(json!(key));
                compare(value, &found[key], errors, path, document);
                path.pop();
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{document} at {path:?}");
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                path.push(json!(index));
                compare(expected, found, errors, path, document);
                path.pop();
            }
        }
        (expected, Value::Null) if !expected.is_null() => {
            let said = |error: &Value| error["path"].as_array().is_some_and(|at| at.starts_with(path));
            assert!(errors.iter().any(said), "{document}: nothing is said of {path:?}");
        }
        (expected, found) => assert_eq!(expected, found, "{document} at {path:?}"),
    }
}
