//! Callers that the upstream told to wait: nothing is sent for one of them until its time is over.

use super::{Asked, World, response, user, world};
use crate::support::limits;
use accounts_graph::upstream::client::{Retries, Settings};
use axum::{
    http::{
        StatusCode,
        header::{DATE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    future::ready,
    time::{Duration, Instant},
};

const NOON: &str = "Sun, 31 Dec 2023 12:00:00 GMT";
const READ: &str = r#"{ user(id: "USR-1") { name } }"#;
const WRITE: &str = r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#;

/// A world that tells `ann` to wait whenever it is asked, and answers all others.
async fn telling(wait: &'static str, date: Option<&'static str>, retries: u32) -> World {
    let change = move |settings| Settings { retries: Retries { most: retries, ..Retries::default() }, ..settings };
    world(change, limits(), move |asked: Asked| {
        ready(if asked.token == "ann" { told(wait, date) } else { response((200, user("USR-1", &asked.token))) })
    })
    .await
}

fn told(wait: &str, date: Option<&str>) -> Response {
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    for (name, value) in [(RETRY_AFTER, Some(wait)), (DATE, date)] {
        response.headers_mut().extend(value.map(|value| (name, value.parse().expect("a header"))));
    }
    response
}

/// The code, the seconds to wait and the message of the only error.
fn error(answer: &Value) -> (&str, u64, &str) {
    let [error] = &answer["errors"].as_array().expect("errors")[..] else { panic!("{answer}") };
    let extensions = &error["extensions"];
    let wait = extensions["retryAfter"].as_u64().unwrap_or_else(|| panic!("a number: {answer}"));
    (extensions["code"].as_str().expect("a code"), wait, error["message"].as_str().expect("a message"))
}

#[tokio::test]
async fn a_caller_that_is_told_to_wait_asks_nothing_more_until_then() {
    for (wait, date, seconds, kept) in [
        ("30", None, 30, 30),
        ("Sun, 31 Dec 2023 12:00:50 GMT", Some(NOON), 50, 50),
        // So long is nobody kept from asking.
        ("3600", None, 3600, 60),
    ] {
        for retries in [0, 3] {
            let world = telling(wait, date, retries).await;
            let said = "The accounts API asks for fewer requests";
            assert_eq!(error(&world.query("ann", READ).await), ("RATE_LIMITED", seconds, said), "{wait}");
            for query in [READ, r"{ groups(first: 1) { nodes { id } } }"] {
                let answer = world.query("ann", query).await;
                let (code, left, message) = error(&answer);
                assert_eq!((code, message), ("RATE_LIMITED", said), "{wait}");
                assert!((kept - 5..=kept).contains(&left), "{wait}: {left}");
            }
            let answer = world.query("ann", WRITE).await;
            let (code, left, message) = error(&answer);
            assert_eq!((code, message), ("RATE_LIMITED", &*format!("{said}: the change was not sent")), "{wait}");
            assert!((kept - 5..=kept).contains(&left), "{wait}: {left}");
            assert_eq!(world.count(), 1, "{wait}: only the first request was sent");
            let others = json!({ "data": { "user": { "name": "bob" } } });
            assert_eq!(world.query("bob", READ).await, others, "others are not kept from asking");
            assert_eq!(world.count(), 2);
        }
    }
}

#[tokio::test]
async fn a_write_that_is_told_to_wait_keeps_reads_from_being_sent() {
    let world = telling("30", None, 3).await;
    assert_eq!(error(&world.query("ann", WRITE).await).0, "RATE_LIMITED");
    assert_eq!(error(&world.query("ann", READ).await).0, "RATE_LIMITED");
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn a_short_time_is_waited_for_by_all_reads_of_the_caller() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let world = world(
        |settings| settings,
        limits(),
        move |_| {
            let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
            ready(if first { told("1", None) } else { response((200, user("USR-1", "Ann"))) })
        },
    )
    .await;
    let begun = Instant::now();
    let first = world.spawn("ann", READ);
    world.until_asked(1).await;
    // The answer is on its way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let second = world.spawn("ann", r#"{ user(id: "USR-2") { id name } }"#);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.count(), 1, "the second one is not sent yet");
    assert_eq!(first.await.expect("an answer"), json!({ "data": { "user": { "name": "Ann" } } }));
    second.await.expect("an answer");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(world.count(), 3);
}

#[tokio::test]
async fn without_a_time_nothing_is_remembered() {
    let change = |settings| Settings { retries: Retries { most: 0, ..Retries::default() }, ..settings };
    let world = world(change, limits(), |_| ready(StatusCode::TOO_MANY_REQUESTS.into_response())).await;
    for count in 1..=3 {
        let answer = world.query("ann", READ).await;
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "RATE_LIMITED" }));
        assert_eq!(world.count(), count);
    }
}
