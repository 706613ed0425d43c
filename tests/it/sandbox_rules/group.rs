//! User groups, and the modules that they hold.

use super::{kept, path};
use crate::sandbox_kit::{ACCOUNT, GROUP, Kit, Row, ids, kit, refusal, text, texts, told};
use accounts_graph_sandbox::CLIENT_TOKEN;
use serde_json::{Value, json};
use std::fs;

const OTHER_GROUP: &str = "UGR-5116-6565";

fn flag(module: &Row, name: &str) -> bool {
    module["settings"][name] == true
}

fn references<'a>(ids: impl IntoIterator<Item = &'a str>) -> Value {
    ids.into_iter().map(|id| json!({ "id": id })).collect()
}

/// The modules of the showcase's default group.
async fn granted(kit: &Kit) -> Vec<String> {
    ids(&kit.get(&format!("user-groups/{GROUP}")).await["modules"]).into_iter().map(str::to_owned).collect()
}

/// A granted module that can be taken away, and that works on buyers or does not.
async fn optional(kit: &Kit, scoped: bool) -> String {
    let granted = granted(kit).await;
    let module = kit.row("modules", |row| {
        let scopes = row["filters"]["group.buyers"].is_array();
        granted.iter().any(|id| row["id"] == **id) && flag(row, "configurable") && scopes == scoped
    });
    text(&module, "id").to_owned()
}

async fn new_group(kit: &Kit, modules: Value) -> String {
    path(
        "user-groups",
        &kit.done("POST user-groups", json!({ "name": "New", "account": { "id": ACCOUNT }, "modules": modules })).await,
    )
}

#[tokio::test]
async fn user_group_br_001_a_group_stays_in_its_account_and_is_deleted_for_good() {
    let kit = kit().await;
    let group = new_group(&kit, json!([])).await;
    let body = json!({ "name": "Renamed", "account": { "id": "ACC-0000-0002" }, "logo": "", "buyers": null });
    let answer = kit.done(&format!("PUT {group}"), body).await;
    assert_eq!((&answer["name"], &answer["account"]["id"]), (&json!("Renamed"), &json!(ACCOUNT)));
    assert_eq!((answer.get("logo"), answer.get("buyers")), (None, None));
    kit.done(&format!("DELETE {group}"), Value::Null).await;
    assert_eq!(kit.ask(&group, None).await.0, 404);
}

#[tokio::test]
async fn user_group_br_002_to_br_004_the_default_group_stays_what_it_is() {
    let kit = kit().await;
    kept(&kit, &format!("user-groups/{GROUP}"), "MPTACC03-0001").await;
    let answer = kit.done(&format!("PUT user-groups/{GROUP}"), json!({ "isDefault": false })).await;
    assert_eq!(answer["isDefault"], true);
    let body = json!({ "name": "Second", "account": { "id": ACCOUNT }, "isDefault": true });
    assert_eq!(kit.done("POST user-groups", body).await["isDefault"], false);
    let answer = kit.done(&format!("PUT user-groups/{OTHER_GROUP}"), json!({ "isDefault": true })).await;
    assert_eq!(answer["isDefault"], false);
}

#[tokio::test]
async fn user_group_br_005_a_group_with_members_stays() {
    let kit = kit().await;
    kept(&kit, &format!("user-groups/{OTHER_GROUP}"), "MPTACC03-0002").await;
}

#[tokio::test]
async fn user_group_br_006_modules_are_those_of_the_default_group() {
    let kit = kit().await;
    let granted = granted(&kit).await;
    let foreign = kit.row("modules", |row| !granted.iter().any(|id| row["id"] == **id));
    let body = json!({ "modules": [{ "id": foreign["id"] }] });
    assert_eq!(kit.refused(&format!("PUT user-groups/{OTHER_GROUP}"), body).await, refusal(400, "MPTACC03-0003"));
    let body = json!({ "name": "New", "account": { "id": ACCOUNT }, "modules": [{ "id": foreign["id"] }] });
    assert_eq!(kit.refused("POST user-groups", body).await, refusal(400, "MPTACC03-0003"));
}

#[tokio::test]
async fn user_group_br_007_the_default_group_keeps_the_mandatory_and_gets_no_forbidden_modules() {
    let kit = kit().await;
    let call = format!("PUT user-groups/{GROUP}");
    let held = granted(&kit).await;
    let modules = kit.rows("modules");
    let find = |fits: &dyn Fn(&Row) -> bool| {
        let found = modules.iter().find(|row| texts(row.get("accountTypes")).contains("Client") && fits(row));
        text(found.expect("such a module"), "id").to_owned()
    };
    let without = |gone: &str| references(held.iter().map(String::as_str).filter(|id| *id != gone));
    let mandatory = find(&|row| flag(row, "default") && !flag(row, "configurable"));
    let body = json!({ "modules": without(&mandatory) });
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC03-0009"));
    let forbidden = find(&|row| !flag(row, "default") && !flag(row, "configurable"));
    kit.done(&call, json!({ "modules": without(&forbidden) })).await;
    let back = json!({ "modules": references(held.iter().map(String::as_str)) });
    assert_eq!(kit.refused(&call, back).await, refusal(400, "MPTACC03-0008"));
    let foreign = kit.row("modules", |row| !texts(row.get("accountTypes")).contains("Client"));
    let mut body = json!({ "modules": without(&forbidden) });
    body["modules"].as_array_mut().expect("a list").push(json!({ "id": foreign["id"] }));
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC03-0005"));
}

#[tokio::test]
async fn user_group_br_008_operations_decides_about_the_default_group_s_modules() {
    let kit = kit().await;
    let gone = optional(&kit, false).await;
    let held = granted(&kit).await;
    let call = format!("PUT user-groups/{GROUP}");
    let body = json!({ "modules": references(held.iter().map(String::as_str).filter(|id| **id != gone)) });
    assert_eq!(told(&kit.write(&call, body.clone(), Some(CLIENT_TOKEN)).await), refusal(403, ""));
    assert_eq!(kit.write(&call, json!({ "description": "Ours" }), Some(CLIENT_TOKEN)).await.0, 200);
    assert_eq!(kit.write(&call, body, None).await.0, 200);
}

#[tokio::test]
async fn user_group_br_009_br_010_other_groups_have_extensions_that_are_installed() {
    let kit = kit().await;
    let group = new_group(&kit, json!([])).await;
    let with = |ids: &[&str]| json!({ "extensions": references(ids.iter().copied()) });
    let answer = kit.done(&format!("PUT {group}"), with(&["EXT-2417-9036"])).await;
    assert_eq!(ids(&answer["extensions"]), ["EXT-2417-9036"]);
    assert_eq!(kit.refused(&format!("PUT {group}"), with(&["EXT-5580-1172"])).await, refusal(400, "MPTACC03-0011"));
    assert_eq!(kit.refused(&format!("PUT {group}"), with(&["EXT-9999-9999"])).await, refusal(400, "MPTACC00-0001"));
    let default = format!("PUT user-groups/{GROUP}");
    assert_eq!(kit.refused(&default, with(&["EXT-2417-9036"])).await, refusal(400, "MPTACC03-0010"));
    kit.done(&default, json!({ "extensions": null })).await;
    let (status, answer) = kit.write(&format!("PUT {group}"), json!({ "extensions": null }), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, answer.get("extensions")), (200, None), "all of them");
}

#[tokio::test]
async fn user_group_br_011_buyers_restrict_where_a_module_works_on_them() {
    let kit = kit().await;
    let (scoped, other) = (optional(&kit, true).await, optional(&kit, false).await);
    let buyer = kit.row("buyers", |row| text(row, "account") == ACCOUNT);
    let buyers = json!([{ "id": buyer["id"] }]);
    let group = new_group(&kit, json!([{ "id": other }])).await;
    let call = format!("PUT {group}");
    assert_eq!(kit.refused(&call, json!({ "buyers": buyers })).await, refusal(400, "MPTACC03-0007"));
    let answer = kit.done(&call, json!({ "modules": [{ "id": scoped }], "buyers": buyers })).await;
    assert_eq!(ids(&answer["buyers"]), [text(&buyer, "id")]);
    assert_eq!(kit.refused(&call, json!({ "buyers": [] })).await, refusal(400, "MPTACC03-0006"));
    let foreign = kit.row("buyers", |row| row.contains_key("account") && text(row, "account") != ACCOUNT);
    let body = json!({ "buyers": [{ "id": foreign["id"] }] });
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC03-0004"));
    assert_eq!(kit.done(&call, json!({ "buyers": null })).await.get("buyers"), None);
}

#[tokio::test]
async fn user_group_br_012_api_token_br_007_what_the_default_group_loses_all_groups_and_tokens_lose() {
    let kit = kit().await;
    let gone = optional(&kit, false).await;
    let group = new_group(&kit, json!([{ "id": gone }])).await;
    let token = json!({ "name": "Robot", "account": { "id": ACCOUNT }, "modules": [{ "id": gone }] });
    let token = path("api-tokens", &kit.done("POST api-tokens", token).await);
    let held = granted(&kit).await;
    let left = references(held.iter().map(String::as_str).filter(|id| **id != gone));
    kit.done(&format!("PUT user-groups/{GROUP}"), json!({ "modules": left })).await;
    for holder in [&group, &token] {
        let answer = kit.get(holder).await;
        assert!(answer["modules"].as_array().is_none_or(Vec::is_empty), "{answer}");
    }
    let all = kit.rows("user-groups").into_iter().chain(kit.rows("api-tokens"));
    assert!(all.filter(|row| text(row, "account") == ACCOUNT).all(|row| !texts(row.get("modules")).contains(&gone)));
}

#[tokio::test]
async fn user_group_br_013_a_group_may_have_no_modules() {
    let kit = kit().await;
    for none in [json!([]), Value::Null] {
        let answer = kit.done(&format!("PUT user-groups/{OTHER_GROUP}"), json!({ "modules": none })).await;
        assert!(answer["modules"].as_array().is_none_or(Vec::is_empty), "{answer}");
    }
}

#[tokio::test]
async fn module_br_007_some_modules_are_not_for_accounts_that_share_their_tenant() {
    let folder = std::env::temp_dir().join(format!("accounts-graph-{}-modules", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (kit, _, _) = super::tenant::sharing(&folder.join("sandbox.db")).await;
    let held = granted(&kit).await;
    let single = |row: &Row| {
        row["settings"]["eligibility"]["multi"] == false
            && flag(row, "configurable")
            && held.contains(&text(row, "id").to_owned())
    };
    let module = text(&kit.row("modules", single), "id").to_owned();
    let call = format!("PUT user-groups/{GROUP}");
    let without = references(held.iter().map(String::as_str).filter(|id| *id != module));
    kit.done(&call, json!({ "modules": without })).await;
    let back = json!({ "modules": references(held.iter().map(String::as_str)) });
    assert_eq!(kit.refused(&call, back).await, refusal(400, "MPTACC03-0012"));
    kit.sandbox.stop().await;
    fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn module_br_001_br_002_modules_are_read_by_operations_alone() {
    let kit = kit().await;
    let module = format!("modules/{}", text(&kit.rows("modules")[0], "id"));
    for path in ["modules", &module] {
        assert_eq!(kit.ask(path, Some(CLIENT_TOKEN)).await.0, 403);
        assert_eq!(kit.ask(path, None).await.0, 200);
        for method in ["POST", "PUT", "DELETE"] {
            assert_eq!(kit.refused(&format!("{method} {path}"), json!({})).await, refusal(405, ""));
        }
    }
}
