//! Random queries over an upstream that is not to be trusted: the sandbox's true answers, mangled on their way, each in
//! a way that the seed determines. Whatever comes, the gateway answers with valid JSON in the shape of the query, its
//! errors lead to nulls, and nothing panics. While only rows and members are mangled and every value carries the id of
//! its entity, nothing that carries one id is shown in another entity.
//!
//! `ACCOUNTS_GRAPH_TEST_QUERIES` and `ACCOUNTS_GRAPH_TEST_SEED` make long runs of both tests:
//! `ACCOUNTS_GRAPH_TEST_QUERIES=50000 ACCOUNTS_GRAPH_TEST_SEED=1 cargo test --test it fuzz`.

mod brand;
mod mangle;
mod shape;
mod spoil;
mod upstream;

use self::{
    brand::Brands,
    shape::Shape,
    upstream::{Mode, Upstream},
};
use super::{GATEWAYS, SEED, Trial, generate::generate, typed::typed};
use crate::explain::nothing_assumed;
use crate::support::{Kit, SMALL, kit, kit_calling, limits};
use accounts_graph::{entity::tape::Tape, graph::engine::Limits, upstream::client::Settings};
use accounts_graph_sandbox::Options;
use serde_json::Value;
use std::{
    fmt::Write,
    panic,
    sync::{Arc, LazyLock, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

/// The most upstream requests of one query: a total that lies costs as many.
const REQUESTS: usize = 40;
/// How many characters of the upstream's bodies a report shows.
const SHOWN: usize = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_bytes_of_the_upstream_give_a_valid_answer() {
    fuzz(Mode::Bytes, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_of_one_entity_is_shown_in_another_however_rows_are_mangled() {
    fuzz(Mode::Rows, 2_000).await;
}

/// Asks so many queries over an upstream that is mangled in this way.
async fn fuzz(mode: Mode, queries: u64) {
    LazyLock::force(&PANICS);
    let trial = Arc::new(Trial::new(&kit().await.sandbox.world(), super::mode::Mode::V5, queries));
    let brands = Arc::new(Brands::of(&trial.schema));
    let mut gateways = tokio::task::JoinSet::new();
    for _ in 0..GATEWAYS {
        let (kit, upstream) = mangled(Arc::clone(&brands)).await;
        gateways.spawn(run(Arc::clone(&trial), kit, upstream, mode));
    }
    gateways.join_all().await;
    trial.assert_no_reports();
    assert!(trial.answered.load(Ordering::Relaxed) >= trial.queries);
}

/// A gateway whose upstream's answers are mangled.
async fn mangled(brands: Arc<Brands>) -> (Kit, Upstream) {
    let mut upstream = None;
    let options = Options { scale: SMALL, ..Options::default() };
    // What is computed before would refuse many queries; here the budget has to stop them while they run.
    let limits = Limits { upstream_requests: REQUESTS, sizes: nothing_assumed(), ..limits() };
    let kit = kit_calling(options, limits, |settings| {
        let between = upstream.insert(Upstream::start(settings.base.as_str(), brands));
        let base = between.base_url().parse().expect("an address");
        Settings { base, timeout: Duration::from_secs(60), ..settings }
    });
    let kit = kit.await;
    (kit, upstream.expect("an upstream"))
}

async fn run(trial: Arc<Trial>, kit: Kit, upstream: Upstream, mode: Mode) {
    while trial.goes_on() {
        let number = trial.next.fetch_add(1, Ordering::Relaxed);
        let seed = trial.seed_of(number);
        let document = typed(&trial.schema, &generate(&trial.schema, &trial.data, seed));
        upstream.begin(mode, seed);
        let asked = tokio::time::timeout(Duration::from_secs(60), kit.post(&super::body(&document))).await;
        let judged = match asked {
            Ok(Ok((status, text))) => {
                let owners = (mode == Mode::Rows).then_some(upstream.brands());
                judge(&Shape::new(&trial, &document, owners), status, &text)
            }
            Ok(Err(error)) => Err(format!("no answer: {error}")),
            Err(_) => Err("no answer in a minute".to_owned()),
        };
        let panics = std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(why) = if panics.is_empty() { judged } else { Err(panics.join("\n")) } {
            let mut report = format!("query {number} of seed {} ({SEED} by default): {why}\n", trial.seed);
            let _ = writeln!(report, "\n{document}\nvariables {}\n", document.given());
            report.extend(upstream.end().join("\n").chars().take(SHOWN));
            trial.reports().push(report);
        }
        trial.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is wrong with an answer, if anything is.
fn judge(shape: &Shape<'_>, status: u16, text: &str) -> Result<(), String> {
    if status != 200 {
        return Err(format!("status {status}: {text}"));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(answer) => shape.judge(&answer).map_err(|why| format!("{why}\n\nanswered {text}")),
        // JSON has no bounds for numbers and nesting, this reader has: a scalar of any JSON may go beyond.
        Err(error) if error.to_string().starts_with("number out of range") => {
            Tape::scan(text).map(drop).map_err(|error| format!("{error}: {text}"))
        }
        Err(error) => Err(format!("{error}: {text}")),
    }
}

/// Panics of the gateway since they were last looked at; those of tests are the tests' own.
static PANICS: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.location().is_none_or(|place| !place.file().contains("tests/")) {
            PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
        }
        before(info);
    }));
    Mutex::default()
});
