//! When the upstream is left alone, what is answered meanwhile, and how that ends.

use super::{World, answering, response, user, world};
use crate::support::limits;
use accounts_graph::upstream::client::{BreakerSettings, Retries, Settings};
use futures::future::join_all;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinHandle};

/// Opens after four calls of which half fail, for so long.
fn breaking(pause: Duration) -> impl Fn(Settings) -> Settings {
    move |settings| Settings {
        breaker: Some(BreakerSettings { window: Duration::from_secs(600), least: 4, pause }),
        retries: Retries { most: 0, ..Retries::default() },
        ..settings
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const MOMENT: Duration = Duration::from_millis(20);

/// What is answered while nothing is sent, for a pause of so many seconds.
fn left_alone(seconds: u64) -> Value {
    json!({ "code": "UPSTREAM_UNAVAILABLE", "retryAfter": seconds })
}

/// Asks for different users until so many requests reached the upstream.
async fn ask(world: &World, count: usize) {
    while world.count() < count {
        let _ = world.name_of(&format!("USR-{}", world.count())).await;
    }
}

/// Asks until a fifth request reaches the upstream; all who asked.
async fn let_through(world: &World, token: &str) -> Vec<JoinHandle<Value>> {
    let mut asked = vec![];
    while world.count() < 5 {
        asked.push(world.spawn(token, r#"{ user(id: "USR-1") { name } }"#));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    asked
}

#[tokio::test]
async fn an_upstream_that_fails_is_left_alone_and_callers_hear_of_it_at_once() {
    for status in [500, 502, 503, 504] {
        let world = answering(breaking(HOUR), move |_| (status, "{}".into())).await;
        ask(&world, 4).await;
        for _ in 0..3 {
            let answer = world.query("token", r#"{ user(id: "USR-1") { name } __typename }"#).await;
            let message = "The accounts API fails too often and is left alone for a moment";
            let wait = answer["errors"][0]["extensions"]["retryAfter"].as_u64().expect("a time");
            assert!((3000..=3600).contains(&wait), "{wait}");
            assert_eq!(answer["errors"][0]["message"], message);
            assert_eq!(answer["errors"][0]["extensions"], left_alone(wait), "{status}");
            assert_eq!(answer["data"], json!({ "user": null, "__typename": "Query" }));
        }
        assert_eq!(world.count(), 4, "{status}");
    }
}

#[tokio::test]
async fn an_upstream_that_is_too_slow_is_left_alone() {
    let impatient = |settings| Settings { timeout: Duration::from_millis(100), ..breaking(HOUR)(settings) };
    let world = world(impatient, limits(), |_| std::future::pending()).await;
    for number in 0..4 {
        assert_eq!(world.name_of(&format!("USR-{number}")).await, Err(json!({ "code": "TIMEOUT" })));
    }
    assert_eq!(world.name_of("USR-9").await.expect_err("it fails")["code"], "UPSTREAM_UNAVAILABLE");
    assert_eq!(world.count(), 4);
}

#[tokio::test]
async fn who_is_refused_or_throttled_is_not_a_reason() {
    for status in [401, 403, 404, 409, 429] {
        let world = answering(breaking(HOUR), move |_| (status, "{}".into())).await;
        ask(&world, 12).await;
        assert_eq!(world.count(), 12, "{status}");
    }
}

/// The others are asked for by other routes, and are answered.
#[tokio::test]
async fn one_route_that_fails_does_not_cut_off_the_others() {
    let world = answering(breaking(HOUR), |asked| {
        let id = asked.line.split(['/', '?']).nth(2).unwrap_or_default();
        if asked.line.contains("/users/") { (500, "{}".into()) } else { (200, json!({ "id": id }).to_string()) }
    })
    .await;
    for (kind, id) in
        [("account", "ACC-1"), ("buyer", "BUY-1"), ("seller", "SEL-1"), ("licensee", "LCE-1"), ("group", "UGR-1")]
    {
        let answer = world.query("token", &format!("{{ {kind}(id: \"{id}\") {{ id name }} }}")).await;
        assert_eq!(answer["data"][kind], json!({ "id": id, "name": null }), "{answer}");
    }
    let before = world.count();
    ask(&world, before + 30).await;
    assert_eq!(world.count(), before + 30, "nothing is held back");
}

#[tokio::test]
async fn one_call_tries_whether_it_is_well_and_then_all_pass() {
    let status = Arc::new(AtomicU16::new(503));
    let says = Arc::clone(&status);
    let world = answering(breaking(MOMENT), move |_| (says.load(Ordering::SeqCst), user("USR-1", "Ann"))).await;
    ask(&world, 4).await;
    status.store(200, Ordering::SeqCst);
    let name = loop {
        match world.name_of("USR-1").await {
            Ok(name) => break name,
            Err(error) => assert_eq!(error, left_alone(1)),
        }
    };
    assert_eq!((name.as_str(), world.count()), ("Ann", 5));
    for _ in 0..5 {
        assert_eq!(world.name_of("USR-1").await, Ok("Ann".into()));
    }
    assert_eq!(world.count(), 10);
}

#[tokio::test]
async fn while_one_call_tries_no_other_is_sent_and_when_it_fails_none_is_for_a_while() {
    let (held, gate) = (Arc::new(AtomicBool::new(false)), Arc::new(Semaphore::new(0)));
    let (holds, opens) = (Arc::clone(&held), Arc::clone(&gate));
    let world = world(breaking(MOMENT), limits(), move |_| {
        let (holds, opens) = (Arc::clone(&holds), Arc::clone(&opens));
        async move {
            if holds.load(Ordering::SeqCst) {
                opens.acquire().await.expect("open").forget();
            }
            response((503, "{}".into()))
        }
    })
    .await;
    ask(&world, 4).await;
    held.store(true, Ordering::SeqCst);
    let trying = let_through(&world, "token").await;
    for number in 10..20 {
        assert_eq!(world.name_of(&format!("USR-{number}")).await, Err(left_alone(1)));
    }
    assert_eq!(world.count(), 5);
    gate.add_permits(1);
    let answers = join_all(trying).await.into_iter().map(|answer| answer.expect("an answer"));
    let failed = answers.filter(|answer| answer["errors"][0]["message"] == "The accounts API is not in service");
    assert!(failed.count() > 0);
    // The next one that tries is held as well, so it is one more at most.
    tokio::time::sleep(MOMENT).await;
    let asked: Vec<_> =
        (20..30).map(|n| world.spawn("token", &format!("{{ user(id: \"USR-{n}\") {{ name }} }}"))).collect();
    world.until_asked(6).await;
    gate.add_permits(1);
    for asked in asked {
        assert_eq!(asked.await.expect("an answer")["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE");
    }
    assert!(world.count() <= 7, "{}", world.count());
    gate.close();
}

#[tokio::test]
async fn a_caller_who_leaves_while_trying_lets_another_try() {
    let held = Arc::new(AtomicBool::new(false));
    let holds = Arc::clone(&held);
    let world = world(breaking(MOMENT), limits(), move |asked| {
        let hold = holds.load(Ordering::SeqCst);
        async move {
            match (hold, &*asked.token) {
                (true, "leaves") => std::future::pending().await,
                (true, _) => response((200, user("USR-1", "Ann"))),
                (false, _) => response((503, "{}".into())),
            }
        }
    })
    .await;
    ask(&world, 4).await;
    held.store(true, Ordering::SeqCst);
    let leaves = let_through(&world, "leaves").await;
    leaves.iter().for_each(JoinHandle::abort);
    world.until_present(0).await;
    let answered = async { while world.name_of("USR-1").await != Ok("Ann".into()) {} };
    tokio::time::timeout(super::FOREVER, answered).await.expect("another tries");
}

#[tokio::test]
async fn a_write_is_not_sent_while_the_upstream_is_left_alone_and_its_outcome_is_known() {
    let world = answering(breaking(HOUR), |_| (503, "{}".into())).await;
    let write = r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#;
    for _ in 0..4 {
        let answer = world.query("token", write).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "OUTCOME_UNKNOWN", "{answer}");
    }
    let answer = world.query("token", write).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE", "{answer}");
    assert_eq!(
        answer["errors"][0]["message"],
        "The accounts API fails too often and is left alone for a moment: the change was not sent"
    );
    assert_eq!(world.count(), 4);
}
