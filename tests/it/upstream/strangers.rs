//! Many callers at once, to an upstream that answers each by its token: nobody ever sees what is another's.

use super::{World, response, world};
use crate::support::limits;
use futures::future::join_all;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const CALLERS: usize = 200;
/// Requests of each caller: so many times as many of the same at once.
const TIMES: usize = 25;
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_sees_what_is_anothers_though_identical_reads_are_shared() {
    let world = world(
        |settings| settings,
        limits(),
        |asked| async move {
            // So long that others ask the same meanwhile.
            tokio::time::sleep(Duration::from_millis(3)).await;
            let named = |id: &str| json!({ "id": id, "name": asked.token, "email": asked.token, "currentAccount": { "id": "ACC-1" } });
            let body = match asked.line.split(['/', '?']).nth(2) {
                Some("USR-1") => named("USR-1"),
                _ if asked.line.contains("/accounts") => json!({ "id": "ACC-1", "name": asked.token, "website": asked.token }),
                _ => json!({ "$meta": { "pagination": { "offset": 0, "limit": 2, "total": 2 } }, "data": [named("USR-2"), named("USR-3")] }),
            };
            response((200, body.to_string()))
        },
    )
    .await;
    join_all((0..CALLERS).map(|number| caller(&world, format!("caller-{number}")))).await;

    let asked = std::mem::take(&mut *world.asked());
    let mut per_caller = BTreeMap::<&str, usize>::new();
    for asked in &asked {
        *per_caller.entry(&asked.token).or_default() += 1;
    }
    assert_eq!(per_caller.len(), CALLERS);
    // Each asks for three things, once for all of its four at least.
    assert!(per_caller.values().all(|count| (3 * TIMES..=3 * TIMES * AT_ONCE).contains(count)), "{per_caller:?}");
    assert!(asked.len() < 3 * CALLERS * TIMES * AT_ONCE, "nothing was shared: {}", asked.len());
}

async fn caller(world: &World, token: String) {
    let query = r#"{ user(id: "USR-1") { name email currentAccount { website } } users(first: 2) { nodes { name } } }"#;
    let named = json!({ "name": token });
    let expected: Value = json!({ "data": {
        "user": { "name": token, "email": token, "currentAccount": { "website": token } },
        "users": { "nodes": [named, named] },
    } });
    for _ in 0..TIMES {
        for answer in join_all((0..AT_ONCE).map(|_| world.query(&token, query))).await {
            assert_eq!(answer, expected, "{token}");
        }
    }
}
