//! What is sent again, how often, and what is not.

use super::{Asked, answering, user, world};
use crate::support::{SMALL, kit_calling, limits, settings};
use accounts_graph::{
    graph::engine::Limits,
    upstream::client::{Retries, Settings},
};
use accounts_graph_sandbox::{BodyFault, Fault, Options};
use axum::{
    http::{
        StatusCode,
        header::{DATE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{
    future::ready,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

fn quickly(settings: Settings) -> Settings {
    Settings { retries: Retries { wait: Duration::from_millis(1), ..Retries::default() }, ..settings }
}

/// An answer that the first requests get, so many of them; then there is the user.
fn at_first(
    count: usize,
    answer: impl Fn() -> Response + Send + Sync,
) -> impl Fn(Asked) -> std::future::Ready<Response> {
    let seen = AtomicUsize::new(0);
    move |_| {
        let first = seen.fetch_add(1, Ordering::SeqCst) < count;
        ready(if first { answer() } else { super::response((200, user("USR-1", "Ann"))) })
    }
}

/// A status with a `Retry-After`, and a `Date` if there is one.
fn refusing(status: u16, wait: Option<&str>, date: Option<&str>) -> Response {
    let mut response = StatusCode::from_u16(status).expect("a status").into_response();
    for (name, value) in [(RETRY_AFTER, wait), (DATE, date)] {
        response.headers_mut().extend(value.map(|value| (name, value.parse().expect("a header"))));
    }
    response
}

#[tokio::test]
async fn a_read_that_fails_for_a_moment_is_sent_again() {
    let status = |status| Fault { status: Some(status), ..Fault::default() };
    let body = |body| Fault { body: Some(body), ..Fault::default() };
    for fault in [
        status(502),
        status(503),
        status(504),
        status(429),
        Fault { retry_after: Some(0), ..status(503) },
        body(BodyFault::Close),
        body(BodyFault::Cut),
    ] {
        for times in 1..=4 {
            let kit = kit_calling(Options { scale: SMALL, ..Options::default() }, limits(), quickly).await;
            kit.faults(vec![Fault { times: Some(times), ..fault.clone() }]);
            let answer = kit.query(r#"{ user(id: "USR-1671-0642") { name } }"#).await;
            assert_eq!(answer.get("errors").is_some(), times == 4, "{fault:?}: {answer}");
            assert_eq!(answer["data"]["user"].is_null(), times == 4, "{fault:?}: {answer}");
            assert_eq!(kit.requests().len() as u64, times.min(3) + 1, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_read_that_would_fail_again_is_sent_once() {
    for (status, code) in [
        (401, "UNAUTHENTICATED"),
        (403, "FORBIDDEN"),
        (409, "CONFLICT"),
        (500, "UPSTREAM_ERROR"),
        (501, "UPSTREAM_ERROR"),
    ] {
        let world = answering(quickly, move |_| (status, "{}".into())).await;
        assert_eq!(world.name_of("USR-1").await, Err(json!({ "code": code })));
        assert_eq!(world.count(), 1, "{status}");
    }
}

#[tokio::test]
async fn nothing_is_sent_again_where_it_is_switched_off() {
    let never = |settings| Settings { retries: Retries { most: 0, ..Retries::default() }, ..settings };
    let world = answering(never, |_| (503, String::new())).await;
    assert_eq!(world.name_of("USR-1").await, Err(json!({ "code": "UPSTREAM_UNAVAILABLE" })));
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_yet_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let patient = Settings {
        retries: Retries { most: 10, wait: Duration::from_millis(200) },
        ..settings(&format!("http://{address}"))
    };
    let (gateway, _server) = crate::support::gateway(patient, limits()).await;
    let asked = tokio::spawn(async move {
        super::asked(&reqwest::Client::new(), gateway, "token", r#"{ user(id: "USR-1") { name } }"#).await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let listener = TcpListener::bind(address).await.expect("the same port");
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let router = axum::Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        ready(super::response((200, user("USR-1", "Ann"))))
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(asked.await.expect("an answer"), json!({ "data": { "user": { "name": "Ann" } } }));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let (gateway, _server) = crate::support::gateway(quickly(settings(&base)), limits()).await;
    let answer = super::asked(&reqwest::Client::new(), gateway, "token", r#"{ user(id: "USR-1") { name } }"#).await;
    let error = json!({ "message": "The accounts API cannot be reached", "locations": [{ "line": 1, "column": 3 }],
        "path": ["user"], "extensions": { "code": "UPSTREAM_UNAVAILABLE" } });
    assert_eq!(answer, json!({ "errors": [error], "data": { "user": null } }));
}

#[tokio::test]
async fn nothing_is_sent_before_the_time_that_the_upstream_asked_for() {
    const NOON: &str = "Sun, 31 Dec 2023 12:00:00 GMT";
    for (wait, date) in [("1", None), ("Sun, 31 Dec 2023 12:00:01 GMT", Some(NOON))] {
        let world = world(quickly, limits(), at_first(1, move || refusing(429, Some(wait), date))).await;
        let begun = Instant::now();
        assert_eq!(world.name_of("USR-1").await, Ok("Ann".into()));
        assert!(begun.elapsed() >= Duration::from_secs(1), "{wait}");
        assert_eq!(world.count(), 2);
    }
}

#[tokio::test]
async fn a_wait_that_ends_too_late_is_not_begun() {
    let short = || Limits { operation_timeout: Duration::from_secs(20), ..limits() };
    let shorter = || Limits { operation_timeout: Duration::from_secs(2), ..limits() };
    // The operation would be over, or nobody is kept waiting for so long.
    for (limits, wait) in [(shorter(), "3"), (short(), "6"), (short(), "3600")] {
        let world = world(quickly, limits, at_first(1, move || refusing(429, Some(wait), None))).await;
        let seconds: u64 = wait.parse().expect("seconds");
        assert_eq!(world.name_of("USR-1").await, Err(json!({ "code": "RATE_LIMITED", "retryAfter": seconds })));
        assert_eq!(world.count(), 1, "{wait}");
    }
}

#[tokio::test]
async fn the_operation_ends_in_its_time_whatever_is_sent_again() {
    let short = Limits { operation_timeout: Duration::from_millis(500), ..limits() };
    let slow = |settings| Settings { retries: Retries { most: 10, wait: Duration::from_secs(3600) }, ..settings };
    let world = world(slow, short, |_| ready(refusing(503, None, None))).await;
    // A wait of up to an hour, drawn by chance: hardly one in ten thousand is begun.
    let code = world.name_of("USR-1").await.expect_err("it fails")["code"].clone();
    assert!(code == "UPSTREAM_UNAVAILABLE" || code == "TIMEOUT", "{code}");
    assert!(world.count() <= 2, "{}", world.count());
}

#[tokio::test]
async fn throttling_that_goes_on_is_told_with_its_time() {
    let once = |settings| Settings { retries: Retries { most: 1, wait: Duration::from_millis(1) }, ..settings };
    let world = world(once, limits(), |_| ready(refusing(429, Some("1"), None))).await;
    let answer = world.query("token", r#"{ user(id: "USR-1") { name } }"#).await;
    let error = json!({ "message": "The accounts API asks for fewer requests", "locations": [{ "line": 1, "column": 3 }],
        "path": ["user"], "extensions": { "code": "RATE_LIMITED", "retryAfter": 1 } });
    assert_eq!(answer, json!({ "errors": [error], "data": { "user": null } }));
    assert_eq!(world.count(), 2);
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_becomes_of_it() {
    for (status, code) in
        [(429, "RATE_LIMITED"), (502, "OUTCOME_UNKNOWN"), (503, "OUTCOME_UNKNOWN"), (504, "OUTCOME_UNKNOWN")]
    {
        let world = answering(quickly, move |_| (status, "{}".into())).await;
        let answer = world.query("token", r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
        assert_eq!(world.asked().iter().map(|asked| &*asked.line).collect::<Vec<_>>(), ["POST /users/USR-1/block"]);
    }
}

#[tokio::test]
async fn an_upstream_in_trouble_gets_few_more_requests_than_it_would() {
    let world = answering(quickly, |_| (503, String::new())).await;
    let mut sent = vec![];
    for number in 0..60 {
        let before = world.count();
        assert_eq!(world.name_of(&format!("USR-{number}")).await, Err(json!({ "code": "UPSTREAM_UNAVAILABLE" })));
        sent.push(world.count() - before);
    }
    // The reserve of ten first, then one in five.
    let usual = [1, 1, 1, 1, 2].repeat(11);
    assert_eq!(sent[..5], [4, 4, 4, 2, 1]);
    assert_eq!(sent[6..], usual[..54], "{sent:?}");
    assert_eq!(world.count(), 60 + 10 + 60 / 5 - 1);
}

#[tokio::test]
async fn an_explanation_says_how_often_it_was_sent_again() {
    let kit = kit_calling(Options { scale: SMALL, ..Options::default() }, limits(), quickly).await;
    kit.faults(vec![Fault { status: Some(503), times: Some(2), ..Fault::default() }]);
    let answer = kit.explain(&json!({ "query": r#"{ user(id: "USR-1671-0642") { name } }"# }), "1").await;
    let explained = &answer["extensions"]["explain"];
    assert_eq!((&explained["totals"]["requests"], &explained["totals"]["retries"]), (&json!(1), &json!(2)), "{answer}");
    let [request] = &explained["requests"].as_array().expect("requests")[..] else { panic!("{answer}") };
    let end = &request["outcome"];
    assert_eq!((&end["status"], &end["retries"], &end["shared"]), (&json!(200), &json!(2), &json!(false)), "{answer}");
    assert_eq!(kit.requests().len(), 3);
}
