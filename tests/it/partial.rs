//! Bodies that tell a part here and another part there: what is told anywhere is found, and what is told nowhere is asked
//! for once more, whatever else is selected.

use crate::fake::{fake, list};
use serde_json::{Value, json};

const CIRCULAR: &str = "[Circular Reference]";

/// An audit whose author is this.
fn audit(by: &Value) -> Value {
    json!({ "created": { "at": "2025-01-01T00:00:00Z", "by": by } })
}

/// Asks for a field of the root alone, and beside another one; both must be answered alike, for these requests.
async fn assert_answer(answer: fn(&str) -> Value, field: &str, expected: &Value, requests: &[&str]) {
    let fake = fake(move |line| (200, answer(line).to_string())).await;
    for beside in ["", "__typename", "other: node(id: \"nobody's\") { id }"] {
        let told = fake.query(&format!("{{ it: {field} {beside} }}")).await;
        assert_eq!(told["data"]["it"], *expected, "{told}");
        assert_eq!(fake.requests(), requests, "{beside}");
    }
}

#[tokio::test]
async fn an_author_that_a_row_does_not_tell_is_asked_for_once_more() {
    let answer = |line: &str| {
        let row = |by: &Value| json!({ "id": "ACC-0000-0001", "audit": audit(by) });
        if line.starts_with("/accounts?") {
            serde_json::from_str(&list(&json!([row(&CIRCULAR.into())]))).expect("a list")
        } else {
            row(&json!({ "id": "USR-0000-0001" }))
        }
    };
    assert_answer(
        answer,
        "accounts(first: 1) { nodes { audit { created { by { id } } } } }",
        &json!({ "nodes": [{ "audit": { "created": { "by": { "id": "USR-0000-0001" } } } }] }),
        &["/accounts?select=-*,id,audit&order=id&limit=1", "/accounts/ACC-0000-0001?select=-*,id,audit"],
    )
    .await;
}

#[tokio::test]
async fn an_author_that_a_reference_does_not_tell_is_asked_for_once_more() {
    let answer = |line: &str| {
        let account = |by: &Value| json!({ "id": "ACC-0000-0001", "audit": audit(by) });
        if line.starts_with("/buyers") {
            json!({ "id": "BUY-0000-0001", "account": account(&CIRCULAR.into()) })
        } else {
            account(&json!({ "id": "USR-0000-0001" }))
        }
    };
    assert_answer(
        answer,
        "buyer(id: \"BUY-0000-0001\") { account { audit { created { by { id } } } } }",
        &json!({ "account": { "audit": { "created": { "by": { "id": "USR-0000-0001" } } } } }),
        &["/buyers/BUY-0000-0001?select=-*,id,account.id,account.audit", "/accounts/ACC-0000-0001?select=-*,id,audit"],
    )
    .await;
}

#[tokio::test]
async fn an_author_that_a_module_does_not_tell_is_asked_of_its_group_once_more() {
    let answer = |line: &str| {
        let by = if line.starts_with("/user-groups?") { json!(CIRCULAR) } else { json!({ "id": "USR-0000-0001" }) };
        let group = json!({ "id": "UGR-0000-0001", "modules": [{ "id": "MOD-0001", "audit": audit(&by) }] });
        if line.starts_with("/user-groups?") {
            serde_json::from_str(&list(&json!([group]))).expect("a list")
        } else {
            group
        }
    };
    assert_answer(
        answer,
        "groups(first: 1) { nodes { modules { audit { created { by { id } } } } } }",
        &json!({ "nodes": [{ "modules": [{ "audit": { "created": { "by": { "id": "USR-0000-0001" } } } }] }] }),
        &[
            "/user-groups?select=-*,id,modules.id,modules.audit&order=id&limit=1",
            "/user-groups/UGR-0000-0001?select=-*,id,modules.id,modules.audit",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_an_older_generation_tells_beside_the_settings_is_found_in_the_body_that_tells_them() {
    // The account names the group's module, but its group tells the settings: one of them a level up, and beside it
    // another module's, which is not meant.
    let answer = |line: &str| {
        if line.starts_with("/accounts/") {
            return json!({ "id": "ACC-0000-0001", "groups": [{ "id": "UGR-0000-0001", "modules": [{ "id": "MOD-0003" }, { "id": "MOD-0004" }] }] });
        }
        json!({ "id": "UGR-0000-0001", "modules": [
            { "id": "MOD-0001", "name": "a" },
            { "id": "MOD-0002", "paid": true },
            { "id": "MOD-0003", "settings": { "type": ["new"] } },
            { "id": "MOD-0004", "paid": true, "settings": { "type": ["new"] } },
        ] })
    };
    let module = |id: &str, paid: Value| json!({ "id": id, "settings": { "paid": paid, "type": ["new"] } });
    assert_answer(
        answer,
        "account(id: \"ACC-0000-0001\") { groups { nodes { modules { id settings { paid type } } } } }",
        &json!({ "groups": { "nodes": [{ "modules": [module("MOD-0003", Value::Null), module("MOD-0004", true.into())] }] } }),
        &[
            "/accounts/ACC-0000-0001?select=-*,id,groups.id,groups.modules.id,groups.modules.settings",
            "/user-groups/UGR-0000-0001?select=-*,id,modules.id,modules.settings",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_body_with_few_values_is_not_read_at_a_place_of_a_larger_one() {
    let answer = |line: &str| {
        let group = |number: usize, module: Value| json!({ "id": format!("UGR-0000-{number:04}"), "name": "G", "modules": [module] });
        if line.starts_with("/accounts?") {
            let account = |number: usize| json!({ "id": format!("ACC-0000-{number:04}"), "groups": [group(number, json!({ "id": "MOD-0001", "name": "M" }))] });
            return serde_json::from_str(&list(&(1..=40).map(account).collect())).expect("a list");
        }
        let settings = json!({ "id": "MOD-0001", "name": "M", "settings": { "type": ["new"] } });
        serde_json::from_str(&list(&json!([group(40, settings)]))).expect("a list")
    };
    let ids = (1..=40).map(|number| format!("\"UGR-0000-{number:04}\"")).collect::<Vec<_>>().join(",");
    // It is one module, in all the groups.
    let node =
        json!({ "groups": { "nodes": [{ "modules": [{ "settings": { "configurable": null, "type": ["new"] } }] }] } });
    assert_answer(
        answer,
        "accounts(first: 40) { nodes { groups { nodes { modules { settings { configurable type } } } } } }",
        &json!({ "nodes": vec![node; 40] }),
        &[
            "/accounts?select=-*,id,groups.id,groups.modules.id,groups.modules.settings&order=id&limit=40",
            &format!("/user-groups?in(id,({ids}))&select=-*,id,modules.id,modules.settings&order=id&limit=100"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_one_place_of_a_module_tells_holds_at_all_of_them() {
    for (codes, requests) in [([None, Some("c")], 1), ([Some("c"), None], 2)] {
        let answer = move |line: &str| {
            let group = |code: Option<&str>| {
                let mut module = json!({ "id": "MOD-0001", "name": "M" });
                if let Some(code) = code {
                    module["code"] = code.into();
                }
                json!({ "id": "UGR-0000-0001", "modules": [module] })
            };
            if line.starts_with("/user-groups/") {
                return (200, group(Some("c")).to_string());
            }
            let account = |(number, code)| json!({ "id": format!("ACC-0000-000{number}"), "groups": [group(code)] });
            (200, list(&codes.into_iter().enumerate().map(account).collect()))
        };
        let fake = fake(answer).await;
        let answer =
            fake.query("{ accounts(first: 2) { nodes { groups { nodes { modules { name code } } } } } }").await;
        let node = json!({ "groups": { "nodes": [{ "modules": [{ "name": "M", "code": "c" }] }] } });
        assert_eq!(answer, json!({ "data": { "accounts": { "nodes": [node, node] } } }));
        assert_eq!(fake.requests().len(), requests, "{codes:?}");
    }
}
