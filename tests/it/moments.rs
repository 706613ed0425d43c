//! Dates and times: three forms of an upstream are one in answers, and filters mean the moment that they name.

use crate::support::{Kit, MODES, kit, kit_of};
use accounts_graph_sandbox::{Dates, Quirks};
use serde_json::{Value, json};

/// The login times of users, in canonical form.
fn logins(kit: &Kit) -> Vec<(String, String)> {
    let rows = kit.listed("users");
    let rows = rows
        .iter()
        .filter_map(|row| Some((row["id"].as_str()?.to_owned(), row.get("lastLoginAt")?.as_str()?.to_owned())));
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

async fn found(kit: &Kit, conditions: &Value) -> Vec<String> {
    let query = "query($f: UserFilter!) { users(first: 100, filter: $f) { nodes { id } pageInfo { hasNextPage } } }";
    let answer = kit.query_with(query, json!({ "f": { "lastLoginAt": conditions } })).await;
    assert_eq!(answer.get("errors"), None, "{conditions}: {answer}");
    assert_eq!(answer["data"]["users"]["pageInfo"]["hasNextPage"], false);
    let nodes = answer["data"]["users"]["nodes"].as_array().expect("nodes").iter();
    nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn answers_are_the_same_whichever_form_the_host_writes() {
    let query = "{ users(first: 100) { nodes { id lastLoginAt audit { created { at } invitationAcceptedAt } } }
        accountUsers(first: 20, filter: {account: {id: {eq: \"ACC-1671-0642\"}}}) { nodes { id audit { created { at } } } }
        apiTokens(first: 5) { nodes { lastAccessAt } } }";
    for mode in MODES {
        let mut answers = vec![];
        for dates in [Dates::Z, Dates::Offset, Dates::Bare] {
            let kit = kit_of(mode, Quirks { dates, ..Quirks::default() }).await;
            let answer = kit.data(query).await.to_string();
            assert!(answer.matches("Z\"").count() > 100, "{answer}");
            // The form with an offset has seven digits, and all of them are shown.
            answers.push(if dates == Dates::Offset { answer.replace("0000Z\"", "Z\"") } else { answer });
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{mode:?}");
    }
}

#[tokio::test]
async fn filters_send_utc_with_milliseconds_and_keep_finer_digits() {
    let kit = kit().await;
    let sent = async |conditions: &Value| {
        let query = "query($f: UserFilter!) { users(first: 1, filter: $f) { nodes { id } } }";
        let answer = kit.query_with(query, json!({ "f": { "lastLoginAt": conditions } })).await;
        (answer, kit.requests())
    };
    for (given, sent_as) in [
        ("2026-02-02T10:00:00Z", "2026-02-02T10:00:00.000Z"),
        ("2026-02-02T10:00:00.1Z", "2026-02-02T10:00:00.100Z"),
        ("2026-02-02t10:00:00.1230000000z", "2026-02-02T10:00:00.123Z"),
        ("2026-02-02T10:00:00.1234567Z", "2026-02-02T10:00:00.1234567Z"),
        ("2026-02-02T01:30:00.5+02:00", "2026-02-01T23:30:00.500Z"),
        ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00.000Z"),
    ] {
        for op in ["eq", "ne", "gt", "ge", "lt", "le"] {
            let (answer, requests) = sent(&json!({ op: given })).await;
            assert_eq!(answer.get("errors"), None, "{answer}");
            let asked = format!("?{op}(lastLoginAt,\"{sent_as}\")&");
            assert!(requests.len() == 1 && requests[0].contains(&asked), "{given}: {requests:?}");
        }
        for (op, rql) in [("in", "in"), ("notIn", "out")] {
            let (_, requests) = sent(&json!({ op: [given] })).await;
            let asked = format!("?{rql}(lastLoginAt,(\"{sent_as}\"))&");
            assert!(requests.len() == 1 && requests[0].contains(&asked), "{given}: {requests:?}");
        }
    }
    let (answer, requests) = sent(&json!({ "gt": "2026-02-02T10:00:00.12345678Z" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert!(answer["errors"][0]["message"].as_str().expect("text").contains("seven digits"), "{answer}");
    assert_eq!(requests, [""; 0]);
}

#[tokio::test]
async fn filters_mean_the_moment_that_they_name() {
    for dates in [Dates::Z, Dates::Offset, Dates::Bare] {
        let kit = kit_of(MODES[0], Quirks { dates, ..Quirks::default() }).await;
        let rows = logins(&kit);
        let moment = rows[rows.len() / 2].1.clone();
        let bare = moment.strip_suffix('Z').expect("UTC");
        // What the answer shows can be asked for, and a caller's offset and finer digits count.
        let shown = kit.query(&format!("{{ user(id: \"{}\") {{ lastLoginAt }} }}", rows[rows.len() / 2].0)).await;
        let shown = shown["data"]["user"]["lastLoginAt"].as_str().expect("a moment").to_owned();
        for (given, finer) in [
            (moment.clone(), false),
            (shown, false),
            (format!("{bare}+00:00"), false),
            (format!("{bare}0001Z"), true),
            (format!("{bare}9999+00:00"), true),
        ] {
            let ids = |holds: &dyn Fn(&str) -> bool| -> Vec<String> {
                rows.iter().filter(|(_, at)| holds(at)).map(|(id, _)| id.clone()).collect()
            };
            let equal = |at: &str| at == moment && !finer;
            let below = |at: &str| at < &*moment || (at == moment && finer);
            assert_eq!(found(&kit, &json!({ "eq": given })).await, ids(&equal), "{given}");
            assert_eq!(found(&kit, &json!({ "in": [given] })).await, ids(&equal), "{given}");
            assert_eq!(found(&kit, &json!({ "lt": given })).await, ids(&below), "{given}");
            assert_eq!(found(&kit, &json!({ "le": given })).await, ids(&|at| below(at) || equal(at)), "{given}");
            assert_eq!(found(&kit, &json!({ "gt": given })).await, ids(&|at| !below(at) && !equal(at)), "{given}");
            assert_eq!(found(&kit, &json!({ "ge": given })).await, ids(&|at| !below(at)), "{given}");
            let others = found(&kit, &json!({ "ne": given, "isNull": false })).await;
            assert_eq!(others, ids(&|at| !equal(at)), "{given}");
        }
    }
}
