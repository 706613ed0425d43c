//! An upstream that fails, refuses or lies: what failed is null with a stable code at its path, the rest is answered, and
//! nothing of one entity is ever shown in another.

use crate::{
    explain::nothing_assumed,
    fake::{fake, flat, list, saying},
    support::{Kit, SMALL, kit, kit_calling, kit_with, limits},
};
use accounts_graph::graph::engine::Limits;
use accounts_graph_sandbox::{BodyFault, Fault, Generation, OPERATIONS_TOKEN, Options, Refusal};
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "the insides of the upstream";

/// Every way to fail, with the code that it has; 404 apart, which means something.
fn failures() -> Vec<(Fault, &'static str)> {
    let status = |status, code| (Fault { status: Some(status), ..Fault::default() }, code);
    let body = |body, code| (Fault { body: Some(body), ..Fault::default() }, code);
    let raw = |status, text: &str, content_type: &str, code| {
        let (raw, content_type) = (Some(text.to_owned()), Some(content_type.to_owned()));
        (Fault { status: Some(status), raw, content_type, ..Fault::default() }, code)
    };
    let problem =
        format!(r#"{{"title":"{SECRET}","detail":"http://127.0.0.1/x","errors":["see https://x.example/{SECRET}"]}}"#);
    vec![
        status(400, "UPSTREAM_REJECTED"),
        status(401, "UNAUTHENTICATED"),
        status(403, "FORBIDDEN"),
        status(409, "CONFLICT"),
        status(418, "UPSTREAM_ERROR"),
        status(500, "UPSTREAM_ERROR"),
        status(502, "UPSTREAM_UNAVAILABLE"),
        status(503, "UPSTREAM_UNAVAILABLE"),
        status(504, "UPSTREAM_UNAVAILABLE"),
        (Fault { latency_ms: Some(60_000), ..Fault::default() }, "TIMEOUT"),
        body(BodyFault::Cut, "UPSTREAM_UNAVAILABLE"),
        body(BodyFault::Close, "UPSTREAM_UNAVAILABLE"),
        body(BodyFault::WrongJson, "UPSTREAM_INVALID"),
        body(BodyFault::InvalidJson, "UPSTREAM_INVALID"),
        body(BodyFault::Html, "UPSTREAM_INVALID"),
        body(BodyFault::Empty, "UPSTREAM_INVALID"),
        body(BodyFault::Hang, "TIMEOUT"),
        raw(400, &problem, "application/problem+json", "UPSTREAM_REJECTED"),
        raw(500, &problem, "application/problem+json", "UPSTREAM_ERROR"),
        raw(503, &format!("<html>{SECRET}</html>"), "text/html", "UPSTREAM_UNAVAILABLE"),
        raw(200, &format!("\"{SECRET}\""), "application/json", "UPSTREAM_INVALID"),
        raw(200, "[]", "application/json", "UPSTREAM_INVALID"),
        raw(200, "null", "application/json", "UPSTREAM_INVALID"),
        status(429, "RATE_LIMITED"),
        // The last one: nothing more is sent for the caller until the time is over.
        (Fault { status: Some(429), retry_after: Some(7), ..Fault::default() }, "RATE_LIMITED"),
    ]
}

/// A gateway that does not wait long for its upstream.
async fn impatient(generation: Generation) -> Kit {
    kit_calling(Options { scale: SMALL, generation, ..Options::default() }, limits(), |settings| {
        accounts_graph::upstream::client::Settings { timeout: Duration::from_millis(700), ..settings }
    })
    .await
}

/// Runs a query under each failure of the requests whose path and query hold these parts; what remains of the answer and
/// the paths of its errors are always the same.
async fn assert_failures(path: &str, part: &str, query: &str, data: &Value, paths: &Value) {
    assert_failures_of(Generation::V5, path, part, query, data, paths).await;
}

/// The same on a host of a generation.
async fn assert_failures_of(generation: Generation, path: &str, part: &str, query: &str, data: &Value, paths: &Value) {
    let kit = impatient(generation).await;
    for (fault, code) in failures() {
        let retry_after = fault.retry_after;
        let part = Some(part.to_owned()).filter(|part| !part.is_empty());
        kit.faults(vec![Fault { path: Some(path.to_owned()), query: part, ..fault.clone() }]);
        let answer = kit.send(&json!({ "query": query }), Some(OPERATIONS_TOKEN)).await;
        assert_eq!(answer["data"], *data, "{fault:?}: {answer}");
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{fault:?}: {answer}"));
        let found: Vec<&Value> = errors.iter().map(|error| &error["path"]).collect();
        assert_eq!(json!(found), *paths, "{fault:?}");
        for error in errors {
            assert_eq!(error["extensions"]["code"], code, "{fault:?}: {answer}");
            assert_eq!(error["extensions"]["retryAfter"].as_u64(), retry_after, "{fault:?}");
            let message = error["message"].as_str().expect("a message");
            for secret in ["http", "127.0.0.1", "idt:", "TKN", "operations", SECRET, "<"] {
                assert!(!message.contains(secret), "{fault:?}: {message}");
            }
        }
    }
    kit.faults(vec![]);
    assert_eq!(kit.query(query).await.get("errors"), None, "the upstream is well again");
}

#[tokio::test]
async fn a_root_list_that_fails_is_null_and_its_siblings_are_answered() {
    assert_failures(
        "/accounts/users",
        "limit=2",
        r#"{ users(first: 2) { nodes { id } } user(id: "USR-1671-0642") { name } __typename }"#,
        &json!({ "users": null, "user": { "name": "Will Smith" }, "__typename": "Query" }),
        &json!([["users"]]),
    )
    .await;
}

#[tokio::test]
async fn a_root_by_id_that_fails_is_null_and_its_siblings_are_answered() {
    assert_failures(
        "/accounts/users/USR-1671-0642",
        "",
        r#"{ user(id: "USR-1671-0642") { name } node(id: "USR-1671-0642") { id } nodes(ids: ["USR-1671-0642", "ACC-1671-0642"]) { id }
             account(id: "ACC-1671-0642") { name } }"#,
        &json!({
            "user": null, "node": null, "nodes": [null, { "id": "ACC-1671-0642" }],
            "account": { "name": "You Are a Test Account" }
        }),
        &json!([["user"], ["node"], ["nodes", 0]]),
    )
    .await;
}

#[tokio::test]
async fn a_nested_batch_that_fails_leaves_what_the_references_told() {
    assert_failures(
        "/accounts/accounts",
        "in(id",
        "{ users(first: 2) { nodes { id a: currentAccount { id site: website type name } } } }",
        &json!({ "users": { "nodes": [
            { "id": "USR-0000-0001", "a": { "id": "ACC-0000-0001", "site": null, "type": "OPERATIONS", "name": "Marketplace Operations Nederland" } },
            { "id": "USR-0000-0002", "a": { "id": "ACC-0000-0002", "site": null, "type": "VENDOR", "name": "Blue Heron Cloud" } },
        ] } }),
        &json!([["users", "nodes", 0, "a", "site"], ["users", "nodes", 1, "a", "site"]]),
    )
    .await;
}

#[tokio::test]
async fn a_relation_that_fails_is_null_and_its_siblings_are_answered() {
    assert_failures(
        "/accounts/buyers",
        "",
        r#"{ account(id: "ACC-1671-0642") { name b: buyers(first: 1) { nodes { id } } users(first: 1) { totalCount } } }"#,
        &json!({ "account": { "name": "You Are a Test Account", "b": null, "users": { "totalCount": 25 } } }),
        &json!([["account", "b"]]),
    )
    .await;
}

#[tokio::test]
async fn a_relation_of_many_parents_that_fails_is_null_in_each() {
    for (generation, path) in
        [(Generation::V5, "/accounts/user-groups"), (Generation::September2025, "/accounts/account-users")]
    {
        assert_failures_of(
            generation,
            path,
            "",
            r#"{ nodes(ids: ["USR-1671-0642", "USR-6375-2499"]) { ... on User { name groups { nodes { name } } } } }"#,
            &json!({ "nodes": [{ "name": "Will Smith", "groups": null }, { "name": "John Smith", "groups": null }] }),
            &json!([["nodes", 0, "groups"], ["nodes", 1, "groups"]]),
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_not_found_by_id_is_null_without_an_error() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/accounts/users/".into()), status: Some(404), ..Fault::default() }]);
    let answer = kit.query(r#"{ user(id: "USR-1671-0642") { name } account(id: "ACC-1671-0642") { id } }"#).await;
    assert_eq!(answer, json!({ "data": { "user": null, "account": { "id": "ACC-1671-0642" } } }));
}

#[tokio::test]
async fn a_list_that_is_not_found_has_no_route() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/accounts/users".into()), status: Some(404), ..Fault::default() }]);
    let answer = kit.query("{ users { nodes { id } } }").await;
    assert_eq!(
        (&answer["data"], &answer["errors"][0]["extensions"]["code"]),
        (&json!({ "users": null }), &json!("UPSTREAM_ROUTE_MISSING"))
    );
}

#[tokio::test]
async fn one_failed_page_of_a_list_fails_the_list() {
    for (generation, path) in
        [(Generation::V5, "/accounts/user-groups"), (Generation::September2025, "/accounts/account-users")]
    {
        let kit = kit_with(Options { scale: 1.0, generation, ..Options::default() }, limits()).await;
        let (path, query) = (Some(path.to_owned()), Some("offset=99".to_owned()));
        kit.faults(vec![Fault { path, query, status: Some(500), ..Fault::default() }]);
        let answer = kit.query("{ users(first: 100) { nodes { id groups { nodes { id } } } } }").await;
        let nodes = answer["data"]["users"]["nodes"].as_array().expect("nodes");
        assert!(nodes.len() == 100 && nodes.iter().all(|node| node["groups"].is_null() && node["id"].is_string()));
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(100), "{generation:?}");
    }
}

// ---- rows ----

#[tokio::test]
async fn rows_that_are_missing_though_counted_are_null_with_an_error() {
    let kit = kit().await;
    let query = "{ users(first: 40) { nodes { id currentAccount { id website } } } }";
    let whole = kit.data(query).await;
    kit.faults(vec![Fault {
        path: Some("/accounts/accounts".into()),
        body: Some(BodyFault::MissingRows),
        ..Fault::default()
    }]);
    let part = kit.query(query).await;
    let mut expected = whole["users"]["nodes"].clone();
    let mut paths = vec![];
    for (place, node) in expected.as_array_mut().expect("nodes").iter_mut().enumerate() {
        if node["currentAccount"].is_object() {
            node["currentAccount"]["website"] = Value::Null;
            paths.push(json!(["users", "nodes", place, "currentAccount", "website"]));
        }
    }
    assert_eq!(part["data"]["users"]["nodes"], expected);
    assert_eq!(invalid(&part), paths.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn shuffled_rows_give_the_same_answer() {
    let kit = kit().await;
    let query = r#"{ nodes(ids: ["USR-1671-0642", "USR-6375-2499", "ACC-0000-0002", "ACC-1671-0642", "ACC-0000-0001"]) { id ... on User { email groups { nodes { id } } }
        ... on Account { website buyers(first: 100) { totalCount } licensees { totalCount } } } }"#;
    let expected = kit.data(query).await;
    for seed in 0..8 {
        // Rows by id come in any order; those of relations are in the order that was asked for.
        let shuffled =
            |path: &str| Fault { path: Some(path.into()), body: Some(BodyFault::Shuffle), seed, ..Fault::default() };
        kit.faults(vec![shuffled("/accounts/users"), shuffled("/accounts/accounts"), shuffled("/accounts/buyers")]);
        assert_eq!(kit.data(query).await, expected, "seed {seed}");
    }
}

// ---- spellings ----

fn refusing(refusals: &[Refusal]) -> Vec<Fault> {
    refusals.iter().map(|refusal| Fault { refuse: Some(*refusal), ..Fault::default() }).collect()
}

#[tokio::test]
async fn a_host_that_refuses_a_spelling_is_asked_in_the_other_and_remembered() {
    let query = r#"{ group(id: "UGR-5116-6265") { name accountUsers(first: 3) { nodes { user { name } } } }
        modules(first: 3) { nodes { name groups(first: 2) { nodes { name } } } } users(first: 2) { nodes { email } } }"#;
    let expected = kit().await.data(query).await;
    for refusals in [&[Refusal::SelectStar][..], &[Refusal::AnyIn], &[Refusal::SelectStar, Refusal::AnyIn]] {
        let kit = kit().await;
        kit.faults(refusing(refusals));
        assert_eq!(kit.data(query).await, expected, "{refusals:?}");
        let refused = kit.sandbox.requests().iter().filter(|request| request.status == 400).count();
        assert!(refused > 0, "{refusals:?}");
        kit.sandbox.clear_requests();
        assert_eq!(kit.data(query).await, expected, "{refusals:?}");
        assert!(
            kit.sandbox.requests().iter().all(|request| request.status == 200),
            "{refusals:?}: {:#?}",
            kit.requests()
        );
    }
}

#[tokio::test]
async fn a_request_that_is_refused_in_every_spelling_fails_with_the_first_refusal() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/accounts/users".into()), status: Some(400), ..Fault::default() }]);
    let answer = kit.query("{ users(first: 1) { nodes { name } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_REJECTED", "{answer}");
    // Nothing was learnt from it.
    kit.faults(vec![]);
    kit.requests();
    kit.data("{ users(first: 1) { nodes { name } } }").await;
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,name&order=id&limit=1"]);
}

// ---- limits ----

#[tokio::test]
async fn an_operation_beyond_its_deadline_answers_what_it_has() {
    let short = Limits { operation_timeout: Duration::from_millis(600), ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, short).await;
    kit.faults(vec![Fault {
        path: Some("/accounts/accounts".into()),
        body: Some(BodyFault::Hang),
        ..Fault::default()
    }]);
    let answer = kit.query("{ users(first: 1) { nodes { id currentAccount { id website } } } __typename }").await;
    assert_eq!(
        answer,
        json!({
            "errors": [{
                "message": "The operation took longer than it may.", "locations": [{ "line": 1, "column": 52 }],
                "path": ["users", "nodes", 0, "currentAccount", "website"], "extensions": { "code": "TIMEOUT" }
            }],
            "data": {
                "users": { "nodes": [{ "id": "USR-0000-0001", "currentAccount": { "id": "ACC-0000-0001", "website": null } }] },
                "__typename": "Query"
            }
        })
    );
}

#[tokio::test]
async fn what_goes_beyond_the_budget_of_requests_fails_and_the_rest_is_answered() {
    let few = Limits { upstream_requests: 2, sizes: nothing_assumed(), nested_select: false, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, few).await;
    let answer = kit
        .query(
            r#"{ user(id: "USR-1671-0642") { name currentAccount { id website buyers(first: 1) { totalCount } } } }"#,
        )
        .await;
    assert_eq!(kit.requests().len(), 2);
    let account = &answer["data"]["user"]["currentAccount"];
    assert_eq!((&answer["data"]["user"]["name"], &account["id"]), (&json!("Will Smith"), &json!("ACC-1671-0642")));
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer}");
    assert_eq!(errors[0]["extensions"]["code"], "COST_EXCEEDED");
    assert_eq!(errors[0]["message"], "The operation needs more than 2 upstream requests: ask for fewer entities.");
    let lacking = errors[0]["path"][2].as_str().expect("a field of the account");
    assert!(account[lacking].is_null() && ["website", "buyers"].contains(&lacking), "{answer}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_and_its_siblings_are_answered() {
    let small = Limits { response_bytes: 2_000, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, small).await;
    let answer =
        kit.query("{ users(first: 100) { nodes { id name email } } few: users(first: 1) { nodes { id } } }").await;
    assert_eq!(
        answer,
        json!({
            "errors": [{
                "message": "The answer is larger than 2000 bytes: ask for fewer entities or fields.",
                "locations": [{ "line": 1, "column": 3 }], "path": ["users"], "extensions": { "code": "COST_EXCEEDED" }
            }],
            "data": { "users": null, "few": { "nodes": [{ "id": "USR-0000-0001" }] } }
        })
    );
}

/// The errors of a root field that comes to more than so many bytes.
fn too_large(most: usize, column: usize, field: &str) -> Value {
    json!([{
        "message": format!("The answer is larger than {most} bytes: ask for fewer entities or fields."),
        "locations": [{ "line": 1, "column": column }], "path": [field], "extensions": { "code": "COST_EXCEEDED" }
    }])
}

#[tokio::test]
async fn errors_take_room_in_an_answer() {
    let small = Limits { response_bytes: 2_000, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, small).await;
    let wrong = |number: usize| {
        let fields = (0..number).map(|place| format!("a{place}: buyers(first: 101) {{ totalCount }}"));
        format!("accounts(first: 1) {{ nodes {{ {} }} }}", fields.collect::<Vec<_>>().join(" "))
    };
    let few = kit.query(&format!("{{ {} }}", wrong(5))).await;
    assert_eq!(few["errors"].as_array().map(Vec::len), Some(5), "{few}");
    assert_eq!(few["data"]["accounts"]["nodes"][0]["a4"], json!(null));
    let many = kit.query(&format!("{{ {} }}", wrong(20))).await;
    assert_eq!(many, json!({ "errors": too_large(2_000, 3, "accounts"), "data": { "accounts": null } }));
    // Together they come to too much, so the later one is refused.
    let both = kit.query(&format!("{{ {} b: {} }}", wrong(5), wrong(8))).await;
    assert_eq!(both["data"]["b"], json!(null));
    let errors = both["errors"].as_array().expect("errors");
    assert_eq!((errors.len(), &errors[5]["path"]), (6, &json!(["b"])), "{both}");
    // Whoever is referred to in vain.
    let query = "query ($v: [_Any!]!) { _entities(representations: $v) { __typename } }";
    let vain = kit.query_with(query, json!({ "v": vec![json!({}); 20] })).await;
    assert_eq!(vain, json!({ "errors": too_large(2_000, 24, "_entities"), "data": null }));
}

#[tokio::test]
async fn a_leaf_takes_room_wherever_it_is_written() {
    let description = "d".repeat(1 << 20);
    let fake = saying(json!({ "id": "ACC-1", "description": description }).to_string()).await;
    let query = |times: usize| {
        let fields: Vec<_> = (0..times).map(|place| format!("a{place}: description")).collect();
        format!("{{ account(id: \"ACC-1\") {{ {} }} }}", fields.join(" "))
    };
    let fits = fake.query(&query(31)).await;
    assert!(fits.get("errors").is_none() && fits["data"]["account"]["a30"] == description);
    let refused = fake.text(&query(32)).await;
    let expected = json!({ "errors": too_large(32 << 20, 3, "account"), "data": { "account": null } });
    assert_eq!(refused, expected.to_string(), "{} bytes", refused.len());
}

#[tokio::test]
async fn an_upstream_body_that_is_too_large_is_refused() {
    let kit = kit_calling(Options { scale: SMALL, ..Options::default() }, limits(), |settings| {
        accounts_graph::upstream::client::Settings { max_body: 1_000, ..settings }
    })
    .await;
    let answer = kit.query("{ users(first: 100) { nodes { id } } few: users(first: 1) { nodes { id } } }").await;
    assert_eq!(answer["data"], json!({ "users": null, "few": { "nodes": [{ "id": "USR-0000-0001" }] } }));
    assert_eq!(
        (answer["errors"].as_array().map(Vec::len), &answer["errors"][0]["extensions"]["code"]),
        (Some(1), &json!("UPSTREAM_INVALID"))
    );
}

// ---- lies ----

/// Everything that is wrong in one place of the answer.
fn invalid(answer: &Value) -> Vec<&Value> {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "UPSTREAM_INVALID"), "{answer}");
    errors.iter().map(|error| &error["path"]).collect()
}

#[tokio::test]
async fn another_entity_than_asked_for_is_never_shown() {
    let fake = saying(r#"{"id":"USR-2","name":"Somebody else"}"#).await;
    let answer = fake.query(r#"{ user(id: "USR-1") { id name } }"#).await;
    assert_eq!((invalid(&answer), &answer["data"]), (vec![&json!(["user"])], &json!({ "user": null })));
    assert!(!answer.to_string().contains("Somebody"));
}

#[tokio::test]
async fn a_body_without_an_id_is_nobody() {
    for body in [
        r#"{"name":"Nobody"}"#,
        "{}",
        r#"{"id":null,"name":"Nobody"}"#,
        r#"{"id":7,"name":"Nobody"}"#,
        r#"{"data":[]}"#,
    ] {
        let fake = saying(body).await;
        let answer = fake.query(r#"{ user(id: "USR-1") { name } }"#).await;
        assert_eq!((invalid(&answer), &answer["data"]), (vec![&json!(["user"])], &json!({ "user": null })), "{body}");
    }
}

#[tokio::test]
async fn rows_that_nobody_asked_for_are_never_shown() {
    let rows = json!([
        { "id": "USR-3", "name": "Third" }, { "id": "USR-9", "name": "Stranger" }, { "id": "ACC-1", "name": "An account" },
        { "name": "Nobody" }, { "id": 1, "name": "A number" }, { "id": null, "name": "Null" },
        { "id": "USR-1", "name": "First" }, { "id": "USR-1", "name": "First again" },
    ]);
    let rows = list(&rows);
    let missing = json!({ "title": "Not Found", "status": 404 }).to_string();
    // Who is in no row is asked for alone.
    let fake = fake(move |line| match line {
        line if line.starts_with("/users?") => (200, rows.clone()),
        _ => (404, missing.clone()),
    })
    .await;
    let answer = fake.query(r#"{ nodes(ids: ["USR-1", "USR-2", "USR-3"]) { id ... on User { name } } }"#).await;
    assert_eq!(
        answer,
        json!({
            "errors": [{ "message": "The accounts API answered with a row that is none of those that were asked for.",
                "locations": [{ "line": 1, "column": 3 }], "path": ["nodes", 1],
                "extensions": { "code": "UPSTREAM_INVALID" } }],
            "data": { "nodes": [{ "id": "USR-1", "name": "First" }, null, { "id": "USR-3", "name": "Third" }] },
        })
    );
}

#[tokio::test]
async fn rows_of_other_parents_are_never_shown() {
    let fake = fake(|line| {
        let body = if line.starts_with("/accounts?") {
            list(&json!([{ "id": "ACC-1" }, { "id": "ACC-2" }]))
        } else {
            list(&json!([
                { "id": "BUY-1", "account": { "id": "ACC-1" } }, { "id": "BUY-2", "account": { "id": "ACC-3" } },
                { "id": "BUY-6", "account": { "id": "ACC-2" } },
            ]))
        };
        (200, body)
    })
    .await;
    let answer = fake.query("{ accounts { nodes { id buyers { totalCount nodes { id } } } } }").await;
    // Where a row came that was not asked for, one that was asked for may lack.
    let nodes = json!([{ "id": "ACC-1", "buyers": null }, { "id": "ACC-2", "buyers": null }]);
    assert_eq!(answer["data"], json!({ "accounts": { "nodes": nodes } }));
    let path = |place: usize| json!(["accounts", "nodes", place, "buyers"]);
    assert_eq!(invalid(&answer), [&path(0), &path(1)]);
}

#[tokio::test]
async fn a_row_that_does_not_say_whose_it_is_is_in_no_list_too_few() {
    for row in [
        json!({ "id": "BUY-3" }),
        json!({ "id": "BUY-3", "account": null }),
        json!({ "id": "BUY-3", "account": "ACC-1" }),
        json!({ "id": "BUY-3", "account": {} }),
        json!({ "id": "BUY-3", "account": { "id": null } }),
        json!({ "id": "BUY-3", "account": { "id": "BUY-1" } }),
        json!({ "id": "BUY-3", "account": "[Circular Reference]" }),
        json!({ "id": "BUY-3", "account": { "id": "ACC-2" }, "sellers": [] }),
        json!({ "id": "BUY-3", "account": { "id": "ACC-2" }, "sellers": [{ "id": "SEL-1" }, { "id": null }] }),
    ] {
        let sellers = row.get("sellers").is_some();
        let fake = fake(move |line| {
            let body = match line {
                line if line.starts_with("/accounts?") => list(&json!([{ "id": "ACC-1" }, { "id": "ACC-2" }])),
                line if line.starts_with("/sellers?") => list(&json!([{ "id": "SEL-1" }, { "id": "SEL-2" }])),
                _ => {
                    list(&json!([{ "id": "BUY-1", "account": { "id": "ACC-1" }, "sellers": [{ "id": "SEL-1" }] }, row]))
                }
            };
            (200, body)
        })
        .await;
        let parents = if sellers { "sellers" } else { "accounts" };
        let answer = fake.query(&format!("{{ {parents} {{ nodes {{ buyers {{ totalCount }} }} }} }}")).await;
        let nodes = json!([{ "buyers": null }, { "buyers": null }]);
        assert_eq!(answer["data"], json!({ parents: { "nodes": nodes } }), "{answer}");
        assert_eq!(
            invalid(&answer),
            [&json!([parents, "nodes", 0, "buyers"]), &json!([parents, "nodes", 1, "buyers"])]
        );
    }
}

#[tokio::test]
async fn values_of_another_kind_than_documented_are_null_with_an_error() {
    let rows = json!([
        { "id": "USR-1", "name": 7, "acceptedTerms": "yes", "revision": 1.5, "lastLoginAt": "yesterday", "settings": [], "currentAccount": 5 },
        { "id": "USR-2", "name": {}, "acceptedTerms": 1, "revision": 2_147_483_648_i64, "lastLoginAt": 7, "settings": "x", "currentAccount": [] },
        { "id": "USR-3", "name": "Fine", "acceptedTerms": true, "revision": 3, "lastLoginAt": "2026-01-01T00:00:00Z", "settings": {}, "currentAccount": { "id": "ACC-1" } },
    ]);
    let fake = saying(list(&rows)).await;
    let answer = fake
        .query(
            "{ users { nodes { id name acceptedTerms revision lastLoginAt settings { cultureCode } currentAccount { id } } } }",
        )
        .await;
    let none = |id: &str| json!({ "id": id, "name": null, "acceptedTerms": null, "revision": null, "lastLoginAt": null, "settings": null, "currentAccount": null });
    let fine = json!({ "id": "USR-3", "name": "Fine", "acceptedTerms": true, "revision": 3, "lastLoginAt": "2026-01-01T00:00:00Z", "settings": { "cultureCode": null }, "currentAccount": { "id": "ACC-1" } });
    assert_eq!(answer["data"]["users"]["nodes"], json!([none("USR-1"), none("USR-2"), fine]), "{answer}");
    let fields = ["name", "acceptedTerms", "revision", "lastLoginAt", "settings", "currentAccount"];
    let expected: Vec<Value> =
        (0..2).flat_map(|row| fields.map(|field| json!(["users", "nodes", row, field]))).collect();
    assert_eq!(invalid(&answer), expected.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_that_is_not_one_is_null_with_an_error() {
    for data in ["{}", "7", "\"x\"", "null"] {
        let fake = saying(format!(r#"{{"$meta":{{"pagination":{{"total":1}}}},"data":{data}}}"#)).await;
        let answer = fake.query("{ users { nodes { id } } }").await;
        assert_eq!((invalid(&answer), &answer["data"]), (vec![&json!(["users"])], &json!({ "users": null })), "{data}");
    }
}

#[tokio::test]
async fn a_total_that_lies_ends_in_a_bounded_number_of_requests() {
    for (total, requests) in
        [("0", 1), ("1", 1), ("3", 6), ("1000000000000", 6), ("-5", 1), ("\"many\"", 1), ("null", 1), ("1e3", 1)]
    {
        let fake = saying(format!(r#"{{"$meta":{{"pagination":{{"limit":100,"total":{total}}}}},"data":[{{"id":"BUY-1","account":{{"id":"ACC-1"}}}}]}}"#)).await;
        let answer = fake.query("{ buyers(first: 2) { nodes { id } totalCount pageInfo { hasNextPage } } }").await;
        if requests == 1 {
            assert_eq!(answer["data"]["buyers"]["nodes"], json!([{ "id": "BUY-1" }]), "{total}: {answer}");
        } else {
            // There is more, it says, and answers with the same row again, however often the list is read.
            assert_eq!((invalid(&answer), &answer["data"]), (vec![&json!(["buyers"])], &json!({ "buyers": null })));
        }
        assert_eq!(fake.requests().len(), requests, "{total}");
        let answer = fake.query(r#"{ node(id: "ACC-1") { id } }"#).await;
        assert_eq!(answer["data"], json!({ "node": null }));
        fake.requests();
    }
    // All groups of two users are wanted, and would be asked for as far as the budget goes.
    for (total, requests) in [("100000000", 7), ("1000000000000", 7), ("1000000000000000000000", 2), ("450", 7)] {
        let body =
            move |rows: &str| format!(r#"{{"$meta":{{"pagination":{{"limit":100,"total":{total}}}}},"data":{rows}}}"#);
        let fake = flat(move |line| {
            let rows = if line.starts_with("/users?") {
                r#"[{"id":"USR-1"},{"id":"USR-2"}]"#
            } else {
                r#"[{"id":"AUSR-1","user":{"id":"USR-1"},"account":{"id":"ACC-1"},"groups":[{"id":"UGR-1"}]},
                    {"id":"AUSR-2","user":{"id":"USR-2"},"account":{"id":"ACC-1"}}]"#
            };
            (200, body(rows))
        })
        .await;
        let answer = fake
            .query(r#"{ nodes(ids: ["USR-1", "USR-2"]) { id ... on User { name groups { nodes { id } } } } }"#)
            .await;
        assert_eq!(answer["data"]["nodes"][0]["id"], "USR-1", "{answer}");
        let lines = fake.requests();
        assert_eq!(lines.len(), requests, "{total}: {lines:#?} {answer}");
    }
}

#[tokio::test]
async fn a_total_beyond_an_int_is_null_with_an_error_and_the_rows_are_answered() {
    for (total, shown) in [("2147483647", json!(2_147_483_647)), ("2147483648", json!(null))] {
        let body = format!(r#"{{"$meta":{{"pagination":{{"total":{total}}}}},"data":[{{"id":"BUY-1"}}]}}"#);
        let answer = saying(body).await.query("{ buyers(first: 1) { all: totalCount nodes { id } } }").await;
        assert_eq!(answer["data"], json!({ "buyers": { "all": shown, "nodes": [{ "id": "BUY-1" }] } }));
        if shown.is_null() {
            assert_eq!(invalid(&answer), [&json!(["buyers", "all"])]);
        } else {
            assert_eq!(answer.get("errors"), None);
        }
    }
}

#[tokio::test]
async fn a_page_that_is_smaller_than_asked_is_followed_by_the_rest() {
    // This host gives three rows at a time, whatever is asked.
    let fake = flat(|line| {
        if line.starts_with("/users/") {
            return (200, json!({ "id": "USR-1" }).to_string());
        }
        let offset: usize = line.split("offset=").nth(1).map_or(0, |rest| rest.parse().expect("a number"));
        let rows: Vec<Value> = (offset..(offset + 3).min(8))
            .map(|n| json!({ "id": format!("AUSR-{n}"), "user": { "id": "USR-1" }, "account": { "id": format!("ACC-{n}") } }))
            .collect();
        (200, json!({ "$meta": { "pagination": { "offset": offset, "limit": 3, "total": 8 } }, "data": rows }).to_string())
    })
    .await;
    let answer = fake.query(r#"{ user(id: "USR-1") { accounts { nodes { id } } } }"#).await;
    let all: Vec<Value> = (0..8).map(|n| json!({ "id": format!("ACC-{n}") })).collect();
    assert_eq!(answer, json!({ "data": { "user": { "accounts": { "nodes": all } } } }));
    let answer = fake.query("{ accountUsers(first: 5) { nodes { id } pageInfo { hasNextPage } } }").await;
    let five: Vec<Value> = (0..5).map(|n| json!({ "id": format!("MEM-{n}.1") })).collect();
    assert_eq!(answer, json!({ "data": { "accountUsers": { "nodes": five, "pageInfo": { "hasNextPage": true } } } }));
}

#[tokio::test]
async fn more_rows_than_asked_are_cut() {
    let rows: Vec<Value> = (0..9).map(|n| json!({ "id": format!("USR-{n}") })).collect();
    let fake = saying(list(&json!(rows))).await;
    let answer = fake.query("{ users(first: 2) { nodes { id } } }").await;
    assert_eq!(answer, json!({ "data": { "users": { "nodes": [{ "id": "USR-0" }, { "id": "USR-1" }] } } }));
}

#[tokio::test]
async fn bodies_of_every_odd_shape_break_nothing() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let odd = [
        "{",
        "[",
        "\"",
        "7",
        "true",
        "{}",
        "[]",
        "[[]]",
        "{\"data\":{}}",
        "{\"data\":[[]]}",
        "{\"data\":[1,null,\"x\",{}]}",
        "{\"$meta\":7,\"data\":[]}",
        "{\"$meta\":{\"pagination\":[]},\"data\":[{\"id\":\"USR-1\",\"$meta\":{\"omitted\":7}}]}",
        "{\"data\":[{\"id\":\"USR-1\",\"id\":\"USR-2\"}]}",
        "{\"data\":[{\"id\":\"\\u0055SR-1\"}]}",
        "\u{feff}{}",
        "{\"data\":[{\"id\":{\"id\":\"USR-1\"}}]}",
        &deep,
    ];
    for body in odd {
        let fake = saying(body).await;
        let answer = fake.query(r#"{ users { nodes { __typename accounts { nodes { id } } audit { created { by { id } } } } } user(id: "USR-1") { name groups { nodes { id users { nodes { id } } } } } userByEmail(email: "a@b.c") { id } }"#).await;
        assert!(answer["data"].is_object(), "{}: {answer}", &body[..body.len().min(60)]);
        assert_eq!(fake.query("{ __typename }").await, json!({ "data": { "__typename": "Query" } }));
    }
}

#[tokio::test]
async fn what_the_upstream_says_of_a_caller_is_not_shown() {
    let fake = fake(|_| {
        let body =
            json!({ "status": 400, "errors": { "mistake": ["Token SECRET is bad", "Filtering is not permitted."] } });
        (400, body.to_string())
    })
    .await;
    let answer = fake.query("{ users { nodes { id } } }").await;
    assert_eq!(answer["errors"][0]["message"], "The accounts API refused the request: Filtering is not permitted.");
    assert!(!answer.to_string().contains("SECRET"), "{answer}");
}

#[tokio::test]
async fn a_filter_too_long_for_a_request_is_refused_before_it_is_sent() {
    let kit = kit().await;
    let query = "query ($name: String) { users(filter: { name: { eq: $name } }) { totalCount } }";
    for (name, expected) in [
        ("x".repeat(40_000), "has more than 16384 values and bytes of text: no upstream request carries as much."),
        // Encoded it is three times as long.
        ("ä".repeat(6_000), "at most 16384 are sent."),
    ] {
        let answer = kit.query_with(query, json!({ "name": name })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let message = answer["errors"][0]["message"].as_str().expect("a message");
        assert!(message.ends_with(expected), "{message}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn many_conditions_of_a_hundred_values_are_too_long_together() {
    let kit = kit().await;
    let query = "query ($filter: UserFilter) { users(filter: $filter) { totalCount } }";
    let ids: Vec<String> = (0..100).map(|number| format!("USR-0000-{number:04}")).collect();
    let filter = |conditions: usize| json!({ "or": vec![json!({ "id": { "in": ids } }); conditions] });
    let answer = kit.query_with(query, json!({ "filter": filter(15) })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(kit.requests(), [""; 0]);
    let answer = kit.query_with(query, json!({ "filter": filter(1) })).await;
    assert!(answer["errors"].is_null(), "{answer}");
    let requests = kit.requests();
    assert!(matches!(&requests[..], [request] if request.len() < 16_384), "{requests:?}");
}
