//! User groups in the sandbox: their modules, their buyers, and what a change of one does to the others.

use super::sandbox_kit::{ACCOUNT, GROUP, USER, ids, kit, refusal, text, texts, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

const OTHER_GROUP: &str = "UGR-5116-6565";

#[tokio::test]
async fn a_group_is_created_whole_and_never_as_the_default() {
    let kit = kit().await;
    let default = kit.get(&format!("user-groups/{GROUP}")).await;
    let scoped = kit.row("modules", |row| {
        row["filters"]["group.buyers"].is_array() && ids(&default["modules"]).contains(&text(row, "id"))
    });
    let (module, buyer) = (text(&scoped, "id").to_owned(), ids(&default["buyers"])[0].to_owned());
    let body = json!({
        "name": "Night Watch", "description": "Sees in the dark", "logo": "/v1/accounts/logo.svg",
        "account": { "id": ACCOUNT }, "modules": [{ "id": module }], "buyers": [{ "id": buyer }],
    });
    let (status, answer) = kit.write("POST user-groups", body, None).await;
    assert_eq!(status, 201, "{answer}");
    let id = answer["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        (&answer["name"], &answer["isDefault"], &answer["revision"]),
        (&json!("Night Watch"), &json!(false), &json!(1))
    );
    assert_eq!((ids(&answer["modules"]), ids(&answer["buyers"])), (vec![module.as_str()], vec![buyer.as_str()]));
    assert_eq!((answer.get("users"), &answer["account"]["id"]), (None, &json!(ACCOUNT)));
    assert_eq!(answer, kit.get(&format!("user-groups/{id}")).await);
    let account = kit.get(&format!("accounts/{ACCOUNT}?select=groups")).await;
    assert!(ids(&account["groups"]).contains(&id.as_str()));

    let (status, own) = kit.write("POST user-groups", json!({ "name": "Mine" }), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &own["account"]["id"], own.get("modules")), (201, &json!(ACCOUNT), None));
    let foreign = json!({ "name": "Theirs", "account": { "id": ACCOUNT } });
    assert_eq!(told(&kit.write("POST user-groups", foreign, Some(VENDOR_TOKEN)).await), refusal(400, "MPTACC00-0001"));
    assert_eq!(kit.refused("POST user-groups", json!({})).await, refusal(400, "name"));
    let forced = json!({ "name": "All", "isDefault": true });
    assert_eq!(kit.done("POST user-groups", forced).await["isDefault"], false);
}

#[tokio::test]
async fn absent_properties_stay_null_clears_and_only_a_change_counts() {
    let kit = kit().await;
    let path = format!("user-groups/{OTHER_GROUP}");
    let before = kit.get(&path).await;
    let revision = before["revision"].as_i64().expect("a number");
    let call = format!("PUT {path}");
    assert_eq!(kit.done(&call, json!({})).await, before);
    assert_eq!(kit.done(&call, json!({ "name": before["name"] })).await, before);
    let renamed = kit.done(&call, json!({ "name": "Fulfilment" })).await;
    assert_eq!((&renamed["name"], &renamed["revision"]), (&json!("Fulfilment"), &json!(revision + 1)));
    assert_eq!(renamed["description"], before["description"]);
    let cleared = kit.done(&call, json!({ "description": null, "buyers": null })).await;
    assert_eq!((cleared.get("description"), cleared.get("buyers")), (None, None));
    assert_eq!((&cleared["name"], &cleared["revision"]), (&json!("Fulfilment"), &json!(revision + 2)));
    let none = kit.done(&call, json!({ "modules": [] })).await;
    assert_eq!(none.get("modules"), None, "a group may have no modules");
    for (body, property) in [
        (json!({ "name": null }), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(501) }), "name"),
        (json!({ "modules": "all" }), "modules"),
    ] {
        assert_eq!(kit.refused(&call, body).await, refusal(400, property));
    }
    let audit = kit.get(&format!("{path}?select=audit")).await;
    assert_eq!(audit["audit"]["updated"]["by"]["id"], "TKN-0000-0001");
}

#[tokio::test]
async fn a_membership_opens_up_when_a_group_stops_restricting_buyers() {
    let kit = kit().await;
    let path = format!("{ACCOUNT}/users/{USER}");
    let before = kit.get(&path).await;
    assert!(before["buyers"].is_array());
    kit.done(&format!("PUT user-groups/{OTHER_GROUP}"), json!({ "buyers": null })).await;
    let after = kit.get(&path).await;
    assert_eq!(after.get("buyers"), None);
    assert_eq!(after["revision"], before["revision"], "what is derived does not count");
}

#[tokio::test]
async fn a_module_that_the_default_group_loses_is_lost_by_all_groups_of_the_account() {
    let kit = kit().await;
    let groups = |world: &accounts_graph_sandbox::World| -> Vec<super::sandbox_kit::Row> {
        world.rows("user-groups").into_iter().filter(|row| text(row, "account") == ACCOUNT).collect()
    };
    let before = groups(&kit.sandbox.world());
    let default = before.iter().find(|row| row["id"] == GROUP).expect("the default group");
    let shared = before.iter().find(|row| row["id"] == OTHER_GROUP).map(|row| texts(row.get("modules")));
    let optional = |id: &String| kit.row("modules", |row| row["id"] == **id)["settings"]["configurable"] == true;
    let lost = shared.expect("the other group").into_iter().find(optional).expect("a module");
    let kept: Vec<Value> =
        texts(default.get("modules")).iter().filter(|id| **id != lost).map(|id| json!({ "id": id })).collect();
    kit.done(&format!("PUT user-groups/{GROUP}"), json!({ "modules": kept })).await;
    for (old, new) in before.iter().zip(groups(&kit.sandbox.world())) {
        let mut expected = texts(old.get("modules"));
        let grown = i64::from(expected.remove(&lost));
        assert_eq!(texts(new.get("modules")), expected);
        assert_eq!(new["revision"].as_i64(), old["revision"].as_i64().map(|revision| revision + grown));
    }
    let member = kit.get(&format!("{ACCOUNT}/users/{USER}")).await;
    assert!(!ids(&member["modules"]).contains(&lost.as_str()));
    let back = kit.refused(&format!("PUT user-groups/{OTHER_GROUP}"), json!({ "modules": [{ "id": lost }] })).await;
    assert_eq!(back, refusal(400, "MPTACC03-0003"));
}

#[tokio::test]
async fn modules_fit_the_type_and_buyers_the_account() {
    let kit = kit().await;
    let of_operations = kit.row("modules", |row| text(row, "code") == "platform-account-management");
    let body = json!({ "modules": [{ "id": of_operations["id"] }] });
    assert_eq!(kit.refused(&format!("PUT user-groups/{GROUP}"), body).await, refusal(400, "MPTACC03-0005"));
    let foreign = kit.row("buyers", |row| text(row, "account") != ACCOUNT);
    let body = json!({ "buyers": [{ "id": foreign["id"] }] });
    assert_eq!(kit.refused(&format!("PUT user-groups/{GROUP}"), body.clone()).await, refusal(400, "MPTACC03-0004"));
    let unseen = kit.write(&format!("PUT user-groups/{GROUP}"), body, Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&unseen), refusal(400, "MPTACC00-0001"));
    assert_eq!(
        told(&kit.write(&format!("PUT user-groups/{GROUP}"), json!({}), Some(VENDOR_TOKEN)).await),
        refusal(404, "")
    );
}

#[tokio::test]
async fn the_default_group_and_groups_with_members_are_not_deleted() {
    let kit = kit().await;
    assert_eq!(kit.refused(&format!("DELETE user-groups/{GROUP}"), Value::Null).await, refusal(400, "MPTACC03-0001"));
    let other = kit.refused(&format!("DELETE user-groups/{OTHER_GROUP}"), Value::Null).await;
    assert_eq!(other, refusal(400, "MPTACC03-0002"));
    let id = kit.done("POST user-groups", json!({ "name": "Short", "account": { "id": ACCOUNT } })).await["id"].clone();
    let path = format!("user-groups/{}", id.as_str().expect("an id"));
    let total = kit.total("user-groups", "").await;
    assert_eq!(kit.done(&format!("DELETE {path}"), Value::Null).await, Value::Null);
    assert_eq!((kit.ask(&path, None).await.0, kit.total("user-groups", "").await), (404, total - 1));
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(404, ""));
    assert_eq!(kit.refused(&format!("PUT {path}"), json!({ "name": "x" })).await, refusal(404, ""));
    let account = kit.get(&format!("accounts/{ACCOUNT}?select=groups")).await;
    assert!(!ids(&account["groups"]).contains(&id.as_str().expect("an id")));
}
