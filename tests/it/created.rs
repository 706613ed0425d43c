//! `createdAt` and `updatedAt`: the times of the audit, as fields of the entity, conditions and orders.

use crate::{
    fake::{fake, list},
    support::kit,
};
use serde_json::{Value, json};

/// Every root list of entities that have an audit, with the filter without which it would not be answered.
const ROOTS: [(&str, &str); 12] = [
    ("users", ""),
    ("accounts", ""),
    ("accountUsers", "account: { id: { eq: \"ACC-1671-0642\" } }, "),
    ("groups", ""),
    ("modules", ""),
    ("buyers", ""),
    ("sellers", ""),
    ("licensees", ""),
    ("erpLinks", ""),
    ("apiTokens", ""),
    ("cloudTenants", ""),
    ("services", ""),
];

#[tokio::test]
async fn every_entity_tells_when_it_was_created_and_changed() {
    let kit = kit().await;
    for (root, condition) in ROOTS {
        let query = format!(
            "{{ {root}(first: 100, filter: {{ {condition} createdAt: {{ isNull: false }} }},
                orderBy: {{ field: CREATED_AT, direction: DESC }}) {{
                nodes {{ createdAt updatedAt audit {{ created {{ at }} updated {{ at }} }} }} }} }}"
        );
        let data = kit.data(&query).await;
        let requests = kit.requests();
        assert_eq!(requests.len(), 1, "{root}: {requests:?}");
        assert!(requests[0].contains("ne(audit.created.at,null())"), "{requests:?}");
        assert!(requests[0].contains("&order=-audit.created.at,"), "{requests:?}");
        let nodes = data[root]["nodes"].as_array().expect("nodes");
        assert!(!nodes.is_empty(), "{root}");
        for node in nodes {
            assert!(node["createdAt"].is_string(), "{root}: {node}");
            assert_eq!(node["createdAt"], node["audit"]["created"]["at"], "{root}");
            assert_eq!(node["updatedAt"], node["audit"]["updated"].get("at").cloned().unwrap_or_default(), "{root}");
        }
        let moments: Vec<_> = nodes.iter().filter_map(|node| node["createdAt"].as_str()).collect();
        assert!(moments.is_sorted_by(|one, next| one >= next), "{root}: {moments:?}");
    }
}

#[tokio::test]
async fn an_audit_that_is_there_needs_no_request_for_its_times() {
    let kit = kit().await;
    let query =
        r#"{ user(id: "USR-1671-0642") { createdAt at: createdAt updatedAt audit { created { by { name } } } } }"#;
    let data = kit.data(query).await;
    assert_eq!(kit.requests().len(), 1);
    assert_eq!(data["user"]["createdAt"], data["user"]["at"]);
    // What is nested is asked for with what embeds it, as any other field.
    kit.data("{ buyers(first: 5) { nodes { createdAt account { createdAt } } } }").await;
    let requests = kit.requests();
    kit.data("{ buyers(first: 5) { nodes { audit { created { at } } account { audit { created { at } } } } } }").await;
    assert_eq!(requests, kit.requests());
    assert_eq!(requests.len(), 2, "{requests:?}");
}

#[tokio::test]
async fn users_are_found_by_when_they_were_created() {
    let kit = kit().await;
    let created =
        |row: &serde_json::Map<String, Value>| row["audit"]["created"]["at"].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = kit.listed("users").iter().map(created).collect();
    all.sort();
    let (from, to) = (&all[all.len() / 3], &all[all.len() / 2]);
    let query = "query ($from: DateTime!, $to: DateTime!) {
        users(first: 100, filter: { createdAt: { ge: $from, lt: $to } }) { nodes { createdAt } totalCount } }";
    let answer = kit.query_with(query, json!({ "from": from, "to": to })).await;
    let nodes = answer["data"]["users"]["nodes"].as_array().expect("nodes");
    let mut found: Vec<_> = nodes.iter().filter_map(|node| node["createdAt"].as_str()).collect();
    found.sort_unstable();
    let expected: Vec<_> = all.iter().filter(|at| (from..to).contains(at)).map(String::as_str).collect();
    assert!(expected.len() > 3, "{expected:?}");
    assert_eq!(found.len(), expected.len(), "{answer}");
    assert_eq!(answer["data"]["users"]["totalCount"], expected.len());
}

/// A host that tells of one seller, by its row and by its id.
async fn told(row: &'static str, by_id: &'static str) -> (Value, Vec<String>) {
    let fake = fake(move |line| {
        if line.starts_with("/sellers/SEL-1") {
            return (200, by_id.to_owned());
        }
        (200, list(&serde_json::from_str(&format!("[{row}]")).expect("a row")))
    })
    .await;
    let answer = fake.query("{ sellers { nodes { id createdAt updatedAt } } }").await;
    (answer, fake.requests())
}

#[tokio::test]
async fn times_are_null_where_the_audit_or_the_event_is_not_there() {
    let at = "2026-01-31T12:00:00Z";
    for (row, created, updated) in [
        (r#"{ "id": "SEL-1" }"#, Value::Null, Value::Null),
        (r#"{ "id": "SEL-1", "audit": null }"#, Value::Null, Value::Null),
        (r#"{ "id": "SEL-1", "audit": {} }"#, Value::Null, Value::Null),
        (r#"{ "id": "SEL-1", "audit": { "created": null, "updated": {} } }"#, Value::Null, Value::Null),
        (
            r#"{ "id": "SEL-1", "audit": { "created": { "at": "2026-01-31T12:00:00+00:00" }, "updated": { "by": { "id": "USR-1" } } } }"#,
            json!(at),
            Value::Null,
        ),
    ] {
        let (answer, requests) = told(row, row).await;
        let node = json!({ "id": "SEL-1", "createdAt": created, "updatedAt": updated });
        assert_eq!(answer, json!({ "data": { "sellers": { "nodes": [node] } } }), "{row}");
        assert_eq!(requests.len(), 1, "{row}: {requests:?}");
    }
}

#[tokio::test]
async fn an_audit_that_is_no_audit_is_an_error_at_each_time() {
    let whole = r#"{ "id": "SEL-1", "audit": { "created": { "at": "2026-01-31T12:00:00Z" } } }"#;
    for (row, by_id, requests) in [
        (r#"{ "id": "SEL-1", "audit": [] }"#, whole, 1),
        (r#"{ "id": "SEL-1", "audit": { "created": 5, "updated": "x" } }"#, whole, 1),
        (r#"{ "id": "SEL-1", "audit": { "created": { "at": 5 }, "updated": { "at": "yesterday" } } }"#, whole, 1),
        (
            r#"{ "id": "SEL-1", "audit": "[Circular Reference]" }"#,
            r#"{ "id": "SEL-1", "audit": "[Circular Reference]" }"#,
            2,
        ),
        (
            r#"{ "id": "SEL-1", "$meta": { "omitted": ["audit"] } }"#,
            r#"{ "id": "SEL-1", "$meta": { "omitted": ["audit"] } }"#,
            2,
        ),
    ] {
        let (answer, asked) = told(row, by_id).await;
        let node = json!({ "id": "SEL-1", "createdAt": null, "updatedAt": null });
        assert_eq!(answer["data"], json!({ "sellers": { "nodes": [node] } }), "{row}");
        let errors = answer["errors"].as_array().expect("errors");
        let paths: Vec<_> = errors.iter().map(|error| (&error["extensions"]["code"], &error["path"][3])).collect();
        let code = json!("UPSTREAM_INVALID");
        assert_eq!(paths, [(&code, &json!("createdAt")), (&code, &json!("updatedAt"))], "{row}: {answer}");
        assert_eq!(asked.len(), requests, "{row}: {asked:?}");
    }
    // A placeholder is asked for once more, by id.
    let (answer, asked) = told(r#"{ "id": "SEL-1", "audit": "[Circular Reference]" }"#, whole).await;
    let node = json!({ "id": "SEL-1", "createdAt": "2026-01-31T12:00:00Z", "updatedAt": null });
    assert_eq!(answer, json!({ "data": { "sellers": { "nodes": [node] } } }));
    assert_eq!(asked.len(), 2);
}
