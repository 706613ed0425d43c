//! Lists of Wavefront that change while they are read. They tell no totals, so their pages follow each other.

use super::{gateway, stub_reading};
use crate::reference::luck::Luck;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// A list that changes between two requests, and what was there all the time.
struct Changing {
    luck: Luck,
    rows: BTreeSet<usize>,
    stable: BTreeSet<usize>,
}

#[tokio::test]
async fn a_row_that_stays_is_delivered_once_whatever_happens_between_two_pages() {
    let id = |n: usize| format!("u{n:05}@example.com");
    let (mut whole, mut failed) = (0, 0);
    for seed in 0..40 {
        let rows: BTreeSet<usize> = (0..40).map(|n| n * 100).collect();
        let state = Arc::new(Mutex::new(Changing { luck: Luck::new(seed), stable: rows.clone(), rows }));
        let shared = Arc::clone(&state);
        let upstream = stub_reading(move |_, body| {
            let mut state = shared.lock().expect("no panic");
            let Changing { luck, rows, stable } = &mut *state;
            if luck.chance(15) {
                rows.insert(luck.below(4_000));
            }
            if luck.chance(15) {
                let gone = luck.pick(&rows.iter().copied().collect::<Vec<_>>()).copied();
                gone.map(|row| rows.remove(&row));
            }
            stable.retain(|row| rows.contains(row));
            let asked: Value = serde_json::from_str(body).expect("JSON");
            let number = |name: &str| usize::try_from(asked[name].as_u64().expect("a number")).expect("a number");
            let (offset, limit) = (number("offset"), number("limit").min(7));
            let items: Vec<Value> =
                rows.iter().skip(offset).take(limit).map(|row| json!({ "identifier": id(*row) })).collect();
            let more = offset + items.len() < rows.len();
            (200, json!({ "items": items, "moreItems": more }).to_string())
        })
        .await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let page = ["first: 100", "last: 100", "first: 20"][usize::try_from(seed % 3).expect("small")];
        let query = format!("{{ wavefrontAccounts({page}) {{ totalCount nodes {{ id }} }} }}");
        let answer = gateway.send(&query, json!({}), &[]).await;
        if let Some(errors) = answer.get("errors") {
            let message = errors[0]["message"].as_str().expect("a message");
            assert!(message.ends_with("so the list may not be whole."), "{answer}");
            failed += 1;
            continue;
        }
        whole += 1;
        let nodes = answer["data"]["wavefrontAccounts"]["nodes"].as_array().expect("nodes");
        let nodes: Vec<&str> = nodes.iter().map(|node| node["id"].as_str().expect("an id")).collect();
        let stable: Vec<String> = state.lock().expect("no panic").stable.iter().map(|row| id(*row)).collect();
        let delivered: Vec<&&str> = nodes.iter().filter(|node| stable.iter().any(|row| row == **node)).collect();
        assert!(nodes.is_sorted_by(|one, other| one < other), "{nodes:?}");
        let expected = &stable[..delivered.len().min(stable.len())];
        assert!(
            delivered.iter().map(|id| **id).eq(expected.iter().map(String::as_str)),
            "{seed}: {nodes:?} {stable:?}"
        );
        assert!(page == "first: 20" || delivered.len() == stable.len(), "{seed}: {nodes:?} {stable:?}");
    }
    assert!(whole >= 10 && failed >= 1, "{whole} lists came, {failed} did not");
}
