//! Identical reads at the same time: who shares a request, and who never does.

use super::{Asked, World, response, user, world};
use crate::support::limits;
use accounts_graph::upstream::client::Settings;
use axum::response::Response;
use futures::future::join_all;
use serde_json::{Value, json};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

const QUERY: &str = r#"{ user(id: "USR-1") { name } }"#;

/// Long enough for a gateway on the same machine to have taken what was sent.
const A_WHILE: Duration = Duration::from_millis(700);

/// Answers reads when it is let to, by the number of the request; writes at once.
fn held(gate: &Arc<Semaphore>) -> impl Fn(Asked) -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>> + use<> {
    let (gate, count) = (Arc::clone(gate), AtomicUsize::new(0));
    move |asked| {
        let gate = Arc::clone(&gate);
        let number = if asked.line.starts_with("GET") { count.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
        Box::pin(async move {
            if number > 0 {
                gate.acquire().await.expect("open").forget();
            }
            response((200, user("USR-1", &format!("{} {number}", asked.token))))
        })
    }
}

async fn holding(gate: &Arc<Semaphore>, change: impl FnOnce(Settings) -> Settings) -> World {
    let world = world(change, limits(), held(gate)).await;
    // The text is prepared before it is asked by many.
    gate.add_permits(1);
    world.query("first", QUERY).await;
    world.asked().clear();
    world
}

fn named(name: &str) -> Value {
    json!({ "data": { "user": { "name": name } } })
}

#[tokio::test]
async fn identical_queries_at_the_same_time_are_one_upstream_request() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let all: Vec<_> = (0..20).map(|_| world.spawn("ann", QUERY)).collect();
    world.until_asked(1).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(world.count(), 1);
    gate.add_permits(20);
    for answer in join_all(all).await {
        assert_eq!(answer.expect("an answer"), named("ann 2"));
    }
    assert_eq!(world.count(), 1);
    world.query("ann", QUERY).await;
    assert_eq!(world.count(), 2, "nothing is kept for later");
}

#[tokio::test]
async fn whoever_has_another_token_asks_alone() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let tokens = ["ann", "bob", "cid", "ANN", "ann "];
    let all: Vec<_> = tokens[..4].iter().map(|token| world.spawn(token, QUERY)).collect();
    world.until_asked(4).await;
    gate.add_permits(4);
    for (answer, token) in join_all(all).await.into_iter().zip(tokens) {
        let name = answer.expect("an answer")["data"]["user"]["name"].as_str().expect("a name").to_owned();
        assert_eq!(name.split(' ').next(), Some(token));
    }
    assert_eq!(world.count(), 4);
}

#[tokio::test]
async fn where_it_is_switched_off_everybody_asks_alone() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| Settings { single_flight: false, ..settings }).await;
    let all: Vec<_> = (0..5).map(|_| world.spawn("ann", QUERY)).collect();
    world.until_asked(5).await;
    gate.add_permits(5);
    join_all(all).await;
    assert_eq!(world.count(), 5);
}

#[tokio::test]
async fn what_is_read_after_a_write_was_asked_for_after_the_write() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let before = world.spawn("ann", QUERY);
    let stranger = world.spawn("bob", QUERY);
    world.until_asked(2).await;
    let written = world.query("ann", r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#).await;
    assert_eq!(written, json!({ "data": { "blockUser": { "user": { "id": "USR-1" } } } }));
    let after = world.spawn("ann", QUERY);
    world.until_asked(4).await;
    let neighbour = world.spawn("bob", QUERY);
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(world.count(), 4, "the write of another caller parts nobody");
    gate.add_permits(3);
    let (before, after) = (before.await.expect("an answer"), after.await.expect("an answer"));
    assert_ne!(before, after, "each has an answer of its own");
    assert_eq!(after, named("ann 4"));
    assert_eq!(stranger.await.expect("an answer"), neighbour.await.expect("an answer"));
}

#[tokio::test]
async fn who_leaves_takes_nothing_from_the_others() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let first = world.spawn("ann", QUERY);
    world.until_asked(1).await;
    let others: Vec<_> = (0..3).map(|_| world.spawn("ann", QUERY)).collect();
    tokio::time::sleep(A_WHILE).await;
    first.abort();
    tokio::time::sleep(A_WHILE).await;
    world.until_present(1).await;
    gate.add_permits(1);
    for answer in join_all(others).await {
        assert_eq!(answer.expect("an answer"), named("ann 2"));
    }
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn when_all_have_left_the_upstream_is_asked_no_longer() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let all: Vec<_> = (0..3).map(|_| world.spawn("ann", QUERY)).collect();
    world.until_asked(1).await;
    tokio::time::sleep(A_WHILE).await;
    all.iter().for_each(tokio::task::JoinHandle::abort);
    world.until_present(0).await;
    assert_eq!(world.count(), 1);
    gate.add_permits(1);
    assert_eq!(world.query("ann", QUERY).await, named("ann 3"), "the next one asks anew");
}

#[tokio::test]
async fn an_explanation_says_what_was_shared() {
    let gate = Arc::new(Semaphore::new(0));
    let world = holding(&gate, |settings| settings).await;
    let first = world.spawn("ann", QUERY);
    world.until_asked(1).await;
    let request = world.http.post(format!("http://{}/graphql", world.address)).bearer_auth("ann");
    let request = request.header("x-explain", "1").json(&json!({ "query": QUERY }));
    let second = tokio::spawn(async move { request.send().await?.json::<Value>().await });
    tokio::time::sleep(A_WHILE).await;
    gate.add_permits(1);
    first.await.expect("an answer");
    let answer = second.await.expect("no panic").expect("an answer");
    assert_eq!(answer["extensions"]["explain"]["requests"][0]["outcome"]["shared"], true, "{answer}");
    assert_eq!(world.count(), 1);
}
