//! The same random queries over hosts that page in other ways than the sandbox: what they tell of totals and limits, how
//! many rows they give at a time, and where they name what they omit. Where totals are told the answer is the same, letter
//! by letter; elsewhere a value is the same, or null with an error, and no list is shorter.

use super::{SEED, body, data::Data, evaluate::texts_of, generate::generate, mode::Mode, schema::Schema, setting};
use crate::{
    explain::nothing_assumed,
    support::{Kit, SMALL, kit_calling, limits},
};
use accounts_graph::{graph::engine::Limits, upstream::client::Settings};
use accounts_graph_sandbox::Options;
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// How a host pages.
#[derive(Clone, Copy, Debug)]
struct Host {
    /// The most rows at a time.
    cap: usize,
    /// The limit that it names.
    limit: Limit,
    /// The total that it names.
    total: Total,
    /// Where it names what it omits.
    omitted: Omitted,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    Applied,
    Asked,
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Total {
    Told,
    Null,
    Absent,
    Zero,
}

#[derive(Clone, Copy, Debug)]
enum Omitted {
    Everywhere,
    List,
    Rows,
}

const HOSTS: [Host; 8] = [
    Host { cap: 7, limit: Limit::Applied, total: Total::Told, omitted: Omitted::Everywhere },
    Host { cap: 7, limit: Limit::Asked, total: Total::Told, omitted: Omitted::List },
    Host { cap: 7, limit: Limit::Absent, total: Total::Told, omitted: Omitted::Rows },
    Host { cap: 1000, limit: Limit::Applied, total: Total::Null, omitted: Omitted::Everywhere },
    Host { cap: 7, limit: Limit::Applied, total: Total::Absent, omitted: Omitted::List },
    Host { cap: 7, limit: Limit::Absent, total: Total::Absent, omitted: Omitted::Rows },
    Host { cap: 7, limit: Limit::Applied, total: Total::Zero, omitted: Omitted::Everywhere },
    Host { cap: 1, limit: Limit::Absent, total: Total::Null, omitted: Omitted::Everywhere },
];

struct Between {
    host: Host,
    /// Where the sandbox is.
    base: String,
    http: reqwest::Client,
}

/// A gateway over the sandbox, directly or as a host pages.
async fn gateway(host: Option<Host>) -> (Kit, Option<JoinHandle<()>>) {
    let mut server = None;
    // What is computed before takes pages of 100 for granted.
    let limits = Limits { upstream_requests: 100_000, entities: 1_000_000, sizes: nothing_assumed(), ..limits() };
    let options = Options { scale: SMALL, ..Options::default() };
    let kit = kit_calling(options, limits, |settings| {
        let Some(host) = host else { return settings };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let base = settings.base.as_str().trim_end_matches('/').to_owned();
        let router = Router::new().fallback(answer).with_state(Arc::new(Between { host, base, http }));
        server = Some(tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") }));
        Settings { base: format!("http://{address}").parse().expect("an address"), ..settings }
    });
    (kit.await, server)
}

async fn answer(State(between): State<Arc<Between>>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let asked = target.split("&limit=").nth(1).and_then(|rest| rest.split('&').next()?.parse::<usize>().ok());
    let (asked, cap) = (asked.unwrap_or(10), between.host.cap);
    let capped = target.replace(&format!("&limit={asked}"), &format!("&limit={}", asked.min(cap)));
    let response = between.http.get(format!("{}{capped}", between.base)).send().await.expect("the sandbox answers");
    let status = StatusCode::from_u16(response.status().as_u16()).expect("a status");
    let mut body: Value = response.json().await.expect("JSON");
    if status == StatusCode::OK && body["data"].is_array() {
        between.host.page(&mut body, asked);
    }
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

impl Host {
    fn page(self, body: &mut Value, asked: usize) {
        let pagination = body["$meta"]["pagination"].as_object_mut().expect("a page");
        match self.limit {
            Limit::Applied => {}
            Limit::Asked => drop(pagination.insert("limit".to_owned(), json!(asked))),
            Limit::Absent => drop(pagination.remove("limit")),
        }
        match self.total {
            Total::Told => {}
            Total::Null => drop(pagination.insert("total".to_owned(), json!(null))),
            Total::Absent => drop(pagination.remove("total")),
            Total::Zero => drop(pagination.insert("total".to_owned(), json!(0))),
        }
        let forget = |of: &mut Value| of["$meta"].as_object_mut().and_then(|meta| meta.remove("omitted"));
        match self.omitted {
            Omitted::Everywhere => {}
            Omitted::Rows => drop(forget(body)),
            Omitted::List => body["data"].as_array_mut().expect("rows").iter_mut().for_each(|row| drop(forget(row))),
        }
    }
}

/// Says where a value differs from what it should be, other than by being null because of an error.
fn differs(expected: &Value, found: &Value, path: &mut Vec<Value>, errors: &[Value]) -> Option<String> {
    let below = |error: &Value| error["path"].as_array().is_some_and(|at| at.starts_with(path));
    if found.is_null() && !expected.is_null() && errors.iter().any(below) {
        return None;
    }
    match (expected, found) {
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(place, (one, other))| {
                path.push(json!(place));
                let found = differs(one, other, path, errors);
                path.pop();
                found
            })
        }
        (Value::Object(one), Value::Object(other)) if keys(one).eq(keys(other)) => one.iter().find_map(|(key, one)| {
            path.push(json!(key));
            let found = differs(one, &other[key], path, errors);
            path.pop();
            found
        }),
        // From the end, places are counted from there where there is no total.
        (Value::String(one), Value::String(other)) if texts_of(one).is_some() && texts_of(one) == texts_of(other) => {
            None
        }
        _ if expected == found => None,
        _ => Some(format!("{}: {found} instead of {expected}", json!(path))),
    }
}

fn keys(object: &Map<String, Value>) -> impl Iterator<Item = &String> {
    object.keys()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_are_answered_alike_however_a_host_pages() {
    let (plain, _) = gateway(None).await;
    let schema = Schema::of(Mode::V5);
    let data = Data::of(&plain.sandbox.world(), Mode::V5);
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", SEED);
    for (place, host) in HOSTS.into_iter().enumerate() {
        let (kit, server) = gateway(Some(host)).await;
        let (mut whole, queries) = (0, setting("ACCOUNTS_GRAPH_TEST_QUERIES", 10_000) / 200);
        for number in 0..queries {
            let number = seed.wrapping_mul(0x1_0000_0007).wrapping_add(place as u64 * queries + number);
            let document = generate(&schema, &data, number);
            let (expected, found) = (plain.send(&body(&document), None).await, kit.send(&body(&document), None).await);
            let told =
                |why: &str| format!("{host:?}, query {number}: {why}\n\n{document}\nvariables {}", document.given());
            if host.total == Total::Told {
                assert_eq!(found, expected, "{}", told(""));
            }
            let errors = found["errors"].as_array().cloned().unwrap_or_default();
            let why = differs(&expected["data"], &found["data"], &mut vec![], &errors);
            assert_eq!(why, None, "{}\n{:#?}", told(""), errors);
            whole += u64::from(errors.is_empty());
        }
        // A page that is not the last one has no total where the host returns none.
        assert!(whole >= queries / 4, "{whole} of {queries} queries were answered without errors by {host:?}");
        server.expect("a host").abort();
    }
}

#[test]
fn a_value_that_is_missing_without_an_error_is_noticed() {
    let expected = json!({ "a": [{ "b": 1 }, { "b": 2 }] });
    let error = |path: Value| vec![json!({ "path": path })];
    let judge = |found: Value, errors: &[Value]| differs(&expected, &found, &mut vec![], errors).is_none();
    assert!(judge(expected.clone(), &[]));
    assert!(judge(json!({ "a": [{ "b": 1 }, { "b": null }] }), &error(json!(["a", 1, "b"]))));
    assert!(judge(json!({ "a": null }), &error(json!(["a", 1, "b"]))));
    assert!(!judge(json!({ "a": [{ "b": 1 }, { "b": null }] }), &error(json!(["a", 0, "b"]))));
    assert!(!judge(json!({ "a": null }), &[]));
    assert!(!judge(json!({ "a": [{ "b": 1 }] }), &error(json!(["a", 1]))));
    assert!(!judge(json!({ "a": [{ "b": 1 }, { "b": 3 }] }), &error(json!(["a", 1]))));
    assert!(!judge(json!({ "a": [{ "b": 1 }, {}] }), &[]));
}
