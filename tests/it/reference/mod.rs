//! Thousands of random queries, answered by the gateway and by the slow, obvious evaluation of [`evaluate`] over the
//! sandbox's own rows: both must say the same, letter by letter. The same queries under failing requests are in
//! [`damage`], over mangled bodies in [`fuzz`]. Each kind of host is asked ([`mode`]).
//!
//! `ACCOUNTS_GRAPH_TEST_QUERIES` changes how many there are of each, `ACCOUNTS_GRAPH_TEST_SEED` which.

mod along;
mod arguments;
mod condition;
mod damage;
mod data;
mod document;
mod evaluate;
mod follow;
mod found;
mod fuzz;
mod generate;
mod hosts;
pub mod luck;
mod lying;
mod mode;
mod schema;
mod shrink;
mod typed;
mod versions;

use self::{
    data::{Data, KINDS},
    document::{Document, Selection},
    evaluate::{CURSOR, Evaluation, evaluate, id_of, is_cursor_of},
    follow::{Cursors, follow},
    generate::generate,
    luck::Luck,
    mode::Mode,
    schema::Schema,
};
use crate::{
    explain::{self, sizes},
    support::{Kit, limits},
};
use accounts_graph::graph::engine::Limits;
use accounts_graph_sandbox::{Fault, Refusal, World};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::{
    fmt::Write,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

/// Gateways, each with a sandbox of its own, so that each sees which requests its queries cause.
const GATEWAYS: usize = 8;
/// How many queries are asked twice.
const TWICE: usize = 300;
/// The seed when none is given.
const SEED: u64 = 20_260_821;
/// How many failing queries are reported at most; others of the same moment may come along.
const FAILURES: usize = 5;
/// How many times a failing query is made smaller at most.
const SHRINKINGS: usize = 400;

/// What all gateways share.
struct Trial {
    schema: Schema,
    data: Data,
    seed: u64,
    queries: usize,
    /// The number of the next query.
    next: AtomicUsize,
    /// How many were answered.
    answered: AtomicUsize,
    /// What went wrong.
    reports: Mutex<Vec<String>>,
    /// What the upstream does not support.
    refuse: Option<Refusal>,
}

pub fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

/// Asks so many queries of a kind of host, and says how long that took.
async fn answered(mode: Mode, queries: u64, refuse: Option<Refusal>) {
    let (started, mode_name) = (Instant::now(), mode.name());
    let trial = everywhere(mode, queries, refuse, run).await;
    let answered = trial.answered.load(Ordering::Relaxed);
    let under = refuse.map(|refuse| format!(" under {refuse:?}")).unwrap_or_default();
    println!("{mode_name}{under}: {answered} random queries in {:.1} s", started.elapsed().as_secs_f64());
    assert!(answered >= trial.queries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_as_the_rows_say() {
    answered(Mode::V5, 10_000, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_as_the_rows_say_by_hosts_of_september_2025() {
    answered(Mode::SEPTEMBER_2025, 1_500, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_as_the_rows_say_by_hosts_of_february_2025() {
    answered(Mode::FEBRUARY_2025, 1_500, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_as_the_rows_say_by_hosts_with_all_routes() {
    answered(Mode::ALL, 1_500, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_alike_where_nothing_may_be_selected_of_what_is_nested() {
    for refusal in [Refusal::NestedSelect, Refusal::NestedSelectSilently] {
        answered(Mode::V5, 3_000, Some(refusal)).await;
        answered(Mode::SEPTEMBER_2025, 450, Some(refusal)).await;
    }
}

/// Runs a trial of so many queries on all gateways at once, and fails with its reports.
async fn everywhere<F>(
    mode: Mode,
    queries: u64,
    refuse: Option<Refusal>,
    run: impl Fn(Arc<Trial>, Kit) -> F,
) -> Arc<Trial>
where
    F: Future<Output = ()> + Send + 'static,
{
    let first = mode.kit().await;
    let trial = Arc::new(Trial { refuse, ..Trial::new(&first.sandbox.world(), mode, queries) });
    let mut gateways = tokio::task::JoinSet::new();
    first.faults(trial.faults());
    gateways.spawn(run(Arc::clone(&trial), first));
    for _ in 1..GATEWAYS {
        let kit = mode.kit().await;
        kit.faults(trial.faults());
        gateways.spawn(run(Arc::clone(&trial), kit));
    }
    while let Some(done) = gateways.join_next().await {
        if let Err(error) = done {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    trial.assert_no_reports();
    trial
}

/// Holds what was computed before so many queries against what was asked, on a kind of host.
async fn costs(mode: Mode, queries: u64) {
    let started = Instant::now();
    let schema = Schema::of(mode);
    // As the world really is, and without a budget: what is computed must then hold for whatever is asked.
    let free = Limits { upstream_requests: 1_000_000, entities: 1_000_000, sizes: sizes().await, ..limits() };
    let kit = mode.kit_with(free).await;
    let data = Data::of(&kit.sandbox.world(), mode);
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", 20_260_821);
    let (mut asked, mut computed) = (0, 0);
    for number in 0..queries {
        // Whether the upstream tells of what is nested or not: the bounds are the same, and hold.
        let refuse = Some(Refusal::NestedSelectSilently).filter(|_| number % 2 == 1);
        let faults = || vec![Fault { refuse, ..Fault::default() }];
        kit.keep_learned(faults).await;
        kit.faults(faults());
        let document = generate(&schema, &data, seed.wrapping_mul(0x1_0000_0001).wrapping_add(number));
        let answer = kit.explain(&body(&document), "1").await;
        let (bounds, totals) = (&answer["extensions"]["explain"]["bounds"], &answer["extensions"]["explain"]["totals"]);
        let [least, most, real] =
            [&bounds["leastRequests"], &bounds["requests"], &totals["requests"]].map(explain::number);
        let told = || format!("query {number} of seed {seed}: {document}\nvariables {}\n{answer:#}", document.given());
        assert!(least <= real && real <= most, "{mode:?}: {real} requests, not {least} to {most}: {}", told());
        for of in ["rows", "rounds"] {
            let (most, real) = (explain::number(&bounds[of]), explain::number(&totals[of]));
            assert!(real <= most, "{mode:?}: {real} {of}, more than {most}: {}", told());
        }
        asked += real;
        computed += most;
    }
    assert!(asked > 0, "nothing was asked");
    println!(
        "{}: bounds of {queries} random queries in {:.1} s; {asked} requests, {computed} at most",
        mode.name(),
        started.elapsed().as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_cost_what_was_computed_before() {
    costs(Mode::V5, setting("ACCOUNTS_GRAPH_TEST_QUERIES", 10_000) / 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_cost_what_was_computed_before_on_older_hosts() {
    for mode in [Mode::SEPTEMBER_2025, Mode::FEBRUARY_2025, Mode::ALL] {
        costs(mode, setting("ACCOUNTS_GRAPH_TEST_QUERIES", 1_500) / 5).await;
    }
}

/// Asks one query after the other until there are enough; a query with cursors is followed by its next page.
async fn run(trial: Arc<Trial>, kit: Kit) {
    while trial.goes_on() {
        kit.keep_learned(|| trial.faults()).await;
        let number = trial.next.fetch_add(1, Ordering::Relaxed);
        let seed = trial.seed_of(number);
        let mut luck = Luck::new(!seed);
        let mut document = generate(&trial.schema, &trial.data, seed);
        let twice = number.is_multiple_of((trial.queries / TWICE).max(1));
        let mut cursors = check(&trial, &kit, number, &document, twice).await;
        trial.answered.fetch_add(1, Ordering::Relaxed);
        while let Some(next) = follow(&document, &cursors, &mut luck)
            && luck.chance(60)
        {
            document = next;
            cursors = check(&trial, &kit, number, &document, false).await;
            trial.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Asks a query, twice if wanted, and compares; the cursors that came.
async fn check(trial: &Trial, kit: &Kit, number: usize, document: &Document, twice: bool) -> Cursors {
    let failed = match trial.compare(kit, document, twice).await {
        Ok(cursors) => return cursors,
        Err(failed) => failed,
    };
    let seed = trial.seed;
    let again = |candidate: Document| -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { trial.compare(kit, &candidate, twice).await.map(drop) })
    };
    let (small, why) = shrunk(document, failed.clone(), &again).await;
    let mut report = format!("query {number} of seed {seed}: {failed}\n\n{document}\nvariables {}\n", document.given());
    let _ = write!(report, "\nmade smaller: {why}\n\n{small}\nvariables {}\n", small.given());
    let _ = writeln!(report, "\nexpected {}", evaluate(&trial.schema, &trial.data, &small));
    kit.requests();
    let answer = kit.text(&body(&small), None).await;
    let _ = writeln!(report, "\nanswered {answer}\n\nrequests {:#?}", kit.requests());
    trial.reports().push(report);
    Cursors::new()
}

/// Says what is wrong with the answer to a query, if anything is.
type Check<'a> = dyn Fn(Document) -> BoxFuture<'a, Result<(), String>> + Sync + 'a;

/// A smaller query that fails as well, and how.
async fn shrunk(document: &Document, why: String, check: &Check<'_>) -> (Document, String) {
    let (mut small, mut why, mut tried) = (document.clone(), why, 0);
    loop {
        let mut better = None;
        for candidate in shrink::smaller(&small) {
            tried += 1;
            if tried > SHRINKINGS {
                return (small, why);
            }
            // Not every smaller query is valid: what it then says is about something else.
            if let Err(failed) = check(candidate.clone()).await
                && !failed.starts_with(INVALID)
            {
                better = Some((candidate, failed));
                break;
            }
        }
        let Some(found) = better else { return (small, why) };
        (small, why) = found;
    }
}

const INVALID: &str = "the gateway refuses the query";

fn body(document: &Document) -> Value {
    json!({ "query": document.to_string(), "variables": document.given() })
}

impl Trial {
    fn new(world: &World, mode: Mode, queries: u64) -> Trial {
        Trial {
            schema: Schema::of(mode),
            data: Data::of(world, mode),
            seed: setting("ACCOUNTS_GRAPH_TEST_SEED", SEED),
            queries: usize::try_from(setting("ACCOUNTS_GRAPH_TEST_QUERIES", queries)).expect("a number of queries"),
            next: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            reports: Mutex::default(),
            refuse: None,
        }
    }

    /// What is wrong with the upstream all the time.
    fn faults(&self) -> Vec<Fault> {
        self.refuse.map(|refuse| Fault { refuse: Some(refuse), ..Fault::default() }).into_iter().collect()
    }

    /// The seed of the query with this number.
    fn seed_of(&self, number: usize) -> u64 {
        self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(number as u64)
    }

    /// Whether there is more to ask, and sense in it.
    fn goes_on(&self) -> bool {
        self.answered.load(Ordering::Relaxed) < self.queries && self.reports().len() < FAILURES
    }

    fn assert_no_reports(&self) {
        let reports = self.reports();
        assert!(reports.is_empty(), "{}", reports.join(&format!("\n{}\n", "=".repeat(100))));
    }

    fn reports(&self) -> MutexGuard<'_, Vec<String>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn compare(&self, kit: &Kit, document: &Document, twice: bool) -> Result<Cursors, String> {
        let body = body(document);
        kit.requests();
        let text = kit.text(&body, None).await;
        let requests = kit.requests();
        let mut answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        if let Some(errors) = answer.get("errors") {
            // A list that a smaller query no longer limits is refused by itself.
            let refused = |error: &Value| error["extensions"]["code"] == "BAD_USER_INPUT";
            let invalid = answer.get("data").is_none_or(Value::is_null)
                || errors.as_array().is_some_and(|errors| errors.iter().any(refused));
            let how = if invalid { INVALID } else { "errors" };
            return Err(format!("{how}: {errors}"));
        }
        let plain = answer.to_string();
        if plain != text {
            return Err(format!("the answer is not plain JSON: {text}"));
        }
        let evaluation = Evaluation::new(&self.schema, &self.data, document);
        let expected = evaluation.data();
        let mut cursors = Cursors::new();
        same(&expected, &answer["data"].take(), "data", &mut cursors)?;
        // What is refused is asked in another way, once for each relation.
        let learns = self.refuse == Some(Refusal::NestedSelect);
        let bound = (bound(document) + evaluation.apart()) * if learns { 2 } else { 1 };
        if requests.len() > bound {
            return Err(format!("{} upstream requests, more than {bound}: {requests:#?}", requests.len()));
        }
        if twice {
            let slow = Fault { latency_range_ms: Some([0, 15]), seed: self.seed, ..Fault::default() };
            kit.faults([self.faults(), vec![slow]].concat());
            let again = kit.text(&body, None).await;
            let requested = kit.requests();
            kit.faults(self.faults());
            if again != text {
                return Err(format!("another answer when the upstream is slow: {text} and {again}"));
            }
            if requested != requests && !learns {
                return Err(format!("other requests when the upstream is slow: {requests:#?} and {requested:#?}"));
            }
        }
        Ok(cursors)
    }
}

/// Compares an answer with what is expected, the order of keys included; where a cursor is expected, its row.
fn same(expected: &Value, answer: &Value, path: &str, cursors: &mut Cursors) -> Result<(), String> {
    match (expected, answer) {
        (Value::Object(one), Value::Object(other)) => {
            if !one.keys().eq(other.keys()) {
                let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
                return Err(format!("at {path}: keys {:?} instead of {:?}", keys(other), keys(one)));
            }
            one.iter().try_for_each(|(key, value)| same(value, &other[key], &format!("{path}.{key}"), cursors))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(place, (one, other))| same(one, other, &format!("{path}[{place}]"), cursors))
        }
        (Value::String(one), Value::String(other)) if one.starts_with(CURSOR) => {
            let (id, row) = one[CURSOR.len()..].split_once(' ').expect("a number and a row");
            let is_id = id_of(other).is_some_and(|id| id == row);
            if !is_id && !is_cursor_of(other, row) {
                return Err(format!("at {path}: cursor {other} is not at {row}"));
            }
            let list = path.rsplitn(3, '.').last().unwrap_or_default().to_owned();
            cursors.entry(id.parse().expect("a number")).or_default().push((list, other.clone()));
            Ok(())
        }
        (one, other) if one == other => Ok(()),
        (one, other) => Err(format!("at {path}: {other} instead of {one}")),
    }
}

/// More upstream requests than this would mean that something is asked of each entity instead of all: for each place
/// where something is selected of entities, one request for themselves and one for what hangs on them; `nodes` may be of all
/// kinds. What a host can only tell of one account or user at a time comes on top ([`Evaluation::apart`]).
fn bound(document: &Document) -> usize {
    fn count(document: &Document, set: &[Selection]) -> usize {
        let one = |selection: &Selection| match selection {
            Selection::Field(field) if field.set.is_empty() => 0,
            Selection::Field(field) if field.name == "nodes" && !field.arguments.is_empty() => {
                KINDS.len() + count(document, &field.set)
            }
            Selection::Field(field) => 2 + count(document, &field.set),
            Selection::Inline { set, .. } => count(document, set),
            Selection::Spread { name, .. } => {
                let fragment = document.fragments.iter().find(|fragment| fragment.name == *name);
                fragment.map_or(0, |fragment| count(document, &fragment.set))
            }
        };
        set.iter().map(one).sum()
    }
    count(document, &document.set)
}
