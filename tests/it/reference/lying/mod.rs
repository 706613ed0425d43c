//! Random queries over an upstream whose answers are damaged in ways that can be noticed: ids that are null, lists that hold
//! null, rows that are missing, placeholders, totals that are wrong. Whatever is done to them, an answer is the truth, or it
//! is null with an error at the null's path or below it, and no list is shorter without one. What a row may rightly say,
//! such as null, is never put into it: so each null that the rows do not have needs an error.
//!
//! `ACCOUNTS_GRAPH_TEST_QUERIES` and `ACCOUNTS_GRAPH_TEST_SEED` make long runs, `ACCOUNTS_GRAPH_TEST_WORLD` runs one world
//! alone: `ACCOUNTS_GRAPH_TEST_QUERIES=10000 cargo test --test it lying -- --nocapture`.

mod damage;
mod upstream;

use self::{
    damage::{Damages, WORLDS, World},
    upstream::Upstream,
};
use super::{
    Check, GATEWAYS, SEED, Trial,
    document::Document,
    evaluate::{CURSOR, Evaluation, id_of, is_cursor_of},
    generate::{Along, generate_along},
    mode::Mode,
    shrunk,
};
use crate::{
    explain::nothing_assumed,
    support::{Kit, SMALL, kit, kit_speaking, limits},
};
use accounts_graph::{
    graph::engine::Limits,
    upstream::{client::Settings, memory::Clock},
};
use accounts_graph_sandbox::Options;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How many queries the tests ask of all worlds together, of the present API and of each older kind of host.
const QUERIES: [u64; 2] = [1_200, 200];
/// How many characters of the upstream's bodies a report shows.
const SHOWN: usize = 20_000;
/// The most upstream requests of one query: a total that lies costs as many.
const REQUESTS: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_truly_or_with_an_error_by_an_upstream_that_lies() {
    lied_to(Mode::V5, QUERIES[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_truly_or_with_an_error_by_older_hosts_that_lie() {
    for mode in [Mode::SEPTEMBER_2025, Mode::FEBRUARY_2025, Mode::ALL] {
        lied_to(mode, QUERIES[1]).await;
    }
}

/// What became of the queries: how many were answered without errors, and how many damages were done.
#[derive(Default)]
struct Tally {
    whole: AtomicUsize,
    damages: AtomicUsize,
}

async fn lied_to(mode: Mode, queries: u64) {
    let started = Instant::now();
    let trial = Arc::new(Trial::new(&kit().await.sandbox.world(), mode, queries));
    let name = std::env::var("ACCOUNTS_GRAPH_TEST_WORLD").ok();
    let worlds: Vec<World> =
        WORLDS.into_iter().filter(|world| name.as_ref().is_none_or(|it| it == world.name)).collect();
    assert!(!worlds.is_empty(), "the worlds are {:?}", WORLDS.map(|world| world.name));
    let (worlds, tally) = (Arc::new(worlds), Arc::new(Tally::default()));
    let mut gateways = tokio::task::JoinSet::new();
    for _ in 0..GATEWAYS {
        let damages = Arc::new(Damages::of(&trial.schema));
        let (kit, upstream) = gateway(mode, damages).await;
        gateways.spawn(run(Arc::clone(&trial), kit, upstream, Arc::clone(&worlds), Arc::clone(&tally)));
    }
    while let Some(done) = gateways.join_next().await {
        if let Err(error) = done {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    trial.assert_no_reports();
    let (answered, whole) = (trial.answered.load(Ordering::Relaxed), tally.whole.load(Ordering::Relaxed));
    let (damages, took) = (tally.damages.load(Ordering::Relaxed), started.elapsed().as_secs_f64());
    println!("{}: {answered} random queries, {damages} damages, {whole} without errors, in {took:.1} s", mode.name());
    assert!(answered >= trial.queries);
    // Else nothing would be damaged, or nothing answered.
    let hurts = worlds.iter().any(|world| world.hurts);
    assert!(!hurts || (whole < answered && damages > answered / 4), "{damages} damages, {whole} answers are whole");
    assert!(whole > answered / 20, "{whole} of {answered} answers are whole");
}

/// A gateway whose upstream's answers are damaged.
async fn gateway(mode: Mode, damages: Arc<Damages>) -> (Kit, Upstream) {
    let mut upstream = None;
    let options = Options { scale: SMALL, generation: mode.generation, ..Options::default() };
    let limits = Limits { upstream_requests: REQUESTS, entities: 1_000_000, sizes: nothing_assumed(), ..limits() };
    let change = |settings: Settings| {
        let between = upstream.insert(Upstream::start(settings.base.as_str(), damages));
        let base = between.base_url().parse().expect("an address");
        Settings { base, timeout: Duration::from_secs(60), ..settings }
    };
    let kit = kit_speaking(options, limits, change, mode.routes, &Clock::default()).await;
    kit.learn().await;
    (kit, upstream.expect("an upstream"))
}

async fn run(trial: Arc<Trial>, kit: Kit, upstream: Upstream, worlds: Arc<Vec<World>>, tally: Arc<Tally>) {
    while trial.goes_on() {
        upstream.rest();
        kit.keep_learned(Vec::new).await;
        let number = trial.next.fetch_add(1, Ordering::Relaxed);
        let (seed, world) = (trial.seed_of(number), worlds[number % worlds.len()]);
        let along = if world.follows { Along::Paths } else { Along::Nothing };
        let document = generate_along(&trial.schema, &trial.data, seed, along);
        match compare(&trial, &kit, &upstream, (world, seed), &document).await {
            Ok(whole) => tally.whole.fetch_add(usize::from(whole), Ordering::Relaxed),
            Err(why) => report(&trial, &kit, &upstream, (number, world, seed), &document, why).await,
        };
        tally.damages.fetch_add(upstream.done(), Ordering::Relaxed);
        trial.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Asks a query and holds the answer against the truth; whether it has no errors.
async fn compare(
    trial: &Trial,
    kit: &Kit,
    upstream: &Upstream,
    (world, seed): (World, u64),
    document: &Document,
) -> Result<bool, String> {
    upstream.begin(world, seed);
    let text = kit.text(&super::body(document), None).await;
    let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    let errors = answer.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let invalid = |error: &Value| error["extensions"]["code"] == "BAD_USER_INPUT" || error.get("path").is_none();
    if !answer["data"].is_object() || errors.iter().any(invalid) {
        return Err(format!("{}: {text}", super::INVALID));
    }
    if let Some(error) = errors.iter().find(|error| error["extensions"]["code"] == "INTERNAL") {
        return Err(format!("a mistake of the gateway: {error}"));
    }
    let expected = Evaluation::new(&trial.schema, &trial.data, document).data();
    if let Some(why) = differs(&expected, &answer["data"], &mut vec![], &errors) {
        return Err(why);
    }
    // What takes nothing away and changes nothing that was asked for must not be noticed.
    if !world.hurts && !errors.is_empty() {
        return Err(format!("errors: {}", json!(errors)));
    }
    Ok(errors.is_empty())
}

async fn report(
    trial: &Trial,
    kit: &Kit,
    upstream: &Upstream,
    (number, world, seed): (usize, World, u64),
    document: &Document,
    why: String,
) -> usize {
    let check = |candidate: Document| -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { compare(trial, kit, upstream, (world, seed), &candidate).await.map(drop) })
    };
    let check: &Check<'_> = &check;
    let (small, smaller) = shrunk(document, why.clone(), check).await;
    upstream.begin(world, seed);
    let answer = kit.text(&super::body(&small), None).await;
    let (kinds, asked) = (world.name, trial.seed);
    let mut report = format!("query {number} of seed {asked} ({SEED} by default) over {kinds}: {why}\n\n{document}\n");
    let _ = writeln!(report, "\nmade smaller: {smaller}\n\n{small}\nvariables {}", small.given());
    let _ = writeln!(report, "\nanswered {answer}\n");
    report.extend(upstream.journal().join("\n").chars().take(SHOWN));
    trial.reports().push(report);
    0
}

/// Where a value differs from the truth, other than by being null because of an error; if it does.
fn differs(expected: &Value, found: &Value, path: &mut Vec<Value>, errors: &[Value]) -> Option<String> {
    let below = |error: &Value| error["path"].as_array().is_some_and(|at| at.starts_with(path));
    let hurt = errors.iter().any(below);
    if found.is_null() && !expected.is_null() && hurt {
        return None;
    }
    match (expected, found) {
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut element = |one: &Value, place: usize| {
                path.push(json!(place));
                let found = differs(one, &other[place], path, errors);
                path.pop();
                found
            };
            let wrong = (0..one.len()).find_map(|place| element(&one[place], place));
            if wrong.is_none() || !hurt {
                return wrong;
            }
            // What has no id has no place in an order of ids, so the others may have moved: each is still there once.
            let fits: Vec<Vec<bool>> =
                (0..other.len()).map(|place| one.iter().map(|one| element(one, place).is_none()).collect()).collect();
            if is_rearranged(&fits) { None } else { wrong }
        }
        (Value::Object(one), Value::Object(other)) if keys(one).eq(keys(other)) => one.iter().find_map(|(key, one)| {
            path.push(json!(key));
            let found = differs(one, &other[key], path, errors);
            path.pop();
            found
        }),
        (Value::String(one), Value::String(other)) if one.starts_with(CURSOR) => {
            let row = one[CURSOR.len()..].split_once(' ').map_or("", |(_, row)| row);
            (!is_cursor_of(other, row) && id_of(other).is_none_or(|id| id != row))
                .then(|| format!("{}: cursor {other} is not at {row:?}", json!(path)))
        }
        _ if expected == found => None,
        _ => Some(format!("{}: {found} instead of {expected}", json!(path))),
    }
}

/// Whether each place can be given an element of its own that fits there.
fn is_rearranged(fits: &[Vec<bool>]) -> bool {
    fn give(place: usize, fits: &[Vec<bool>], tried: &mut [bool], given: &mut [Option<usize>]) -> bool {
        for element in (0..fits[place].len()).filter(|element| fits[place][*element]) {
            if std::mem::replace(&mut tried[element], true) {
                continue;
            }
            if given[element].is_none_or(|other| give(other, fits, tried, given)) {
                given[element] = Some(place);
                return true;
            }
        }
        false
    }
    let mut given = vec![None; fits.len()];
    (0..fits.len()).all(|place| give(place, fits, &mut vec![false; fits.len()], &mut given))
}

fn keys(object: &Map<String, Value>) -> impl Iterator<Item = &String> {
    object.keys()
}

#[test]
fn a_null_without_an_error_is_noticed() {
    let expected = json!({ "a": [{ "b": 1 }, { "b": 2 }] });
    let error = |path: Value| vec![json!({ "path": path })];
    let judge = |found: Value, errors: &[Value]| differs(&expected, &found, &mut vec![], errors).is_none();
    let null = || json!({ "a": [{ "b": null }, { "b": 2 }] });
    assert!(judge(expected.clone(), &[]));
    assert!(judge(null(), &error(json!(["a", 0, "b"]))));
    assert!(judge(json!({ "a": null }), &error(json!(["a", 0, "b", 3, "c"]))));
    assert!(!judge(null(), &[]));
    assert!(!judge(null(), &error(json!(["a", 1, "b"]))));
    assert!(!judge(json!({ "a": [{ "b": 1 }] }), &error(json!(["a", 1]))));
    assert!(!judge(json!({ "a": [{ "b": 3 }, { "b": null }] }), &error(json!(["a", 1, "b"]))));
    // Elements may have moved, but none twice.
    let expected = json!([{ "b": 1 }, { "b": 2 }, { "b": 3 }]);
    let judge = |found: Value| differs(&expected, &found, &mut vec![], &error(json!([0, "b"]))).is_none();
    assert!(judge(json!([{ "b": null }, { "b": 1 }, { "b": 3 }])));
    assert!(!judge(json!([{ "b": null }, { "b": 1 }, { "b": 1 }])));
    assert!(!judge(json!([{ "b": null }, { "b": 1 }, { "b": 4 }])));
}
