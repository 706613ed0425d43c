//! API tokens.

use super::{kept, path, stays};
use crate::sandbox_kit::{ACCOUNT, GROUP, after, ids, kit, refusal, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

fn robot() -> Value {
    json!({ "name": "Robot", "account": { "id": ACCOUNT }, "icon": "", "description": "" })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = robot();
    body[name] = value;
    body
}

#[tokio::test]
async fn api_token_br_002_br_012_modules_are_those_of_the_default_group_or_none() {
    let kit = kit().await;
    let default = kit.get(&format!("user-groups/{GROUP}")).await;
    let granted = ids(&default["modules"]);
    let module = json!([{ "id": granted[0] }]);
    assert_eq!(ids(&kit.done("POST api-tokens", with("modules", module.clone())).await["modules"]), [granted[0]]);
    let foreign = kit.row("modules", |row| !granted.iter().any(|id| row["id"] == **id));
    let body = with("modules", json!([{ "id": foreign["id"] }]));
    assert_eq!(kit.refused("POST api-tokens", body).await, refusal(400, "MPTACC03-0003"));
    let token = path("api-tokens", &kit.done("POST api-tokens", robot()).await);
    let call = format!("PUT {token}");
    let body = json!({ "modules": [{ "id": foreign["id"] }] });
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC03-0003"));
    kit.done(&call, json!({ "modules": module })).await;
    let none = kit.done(&call, json!({ "modules": [] })).await;
    assert!(none["modules"].as_array().is_none_or(Vec::is_empty), "{none}");
}

#[tokio::test]
async fn api_token_br_005_br_008_br_011_account_and_secret_stay_and_are_always_told() {
    let kit = kit().await;
    let created = kit.done("POST api-tokens", robot()).await;
    let token = path("api-tokens", &created);
    let secret = created["token"].as_str().expect("a secret");
    assert!(secret.starts_with(&format!("idt:{}:", created["id"].as_str().expect("an id"))), "{secret}");
    let body =
        json!({ "name": "Renamed", "account": { "id": "ACC-0000-0002" }, "token": "idt:x", "status": "Disabled" });
    let answer = kit.done(&format!("PUT {token}"), body).await;
    assert_eq!((&answer["name"], &answer["status"]), (&json!("Renamed"), &json!("Active")));
    assert_eq!((&answer["account"]["id"], &answer["token"]), (&json!(ACCOUNT), &json!(secret)));
    assert_eq!(kit.get(&token).await["token"], secret);
    let list = kit.get(&format!("api-tokens?id={}", created["id"])).await;
    assert_eq!(list["data"][0]["token"], secret);
    assert!(kit.sandbox.requests().iter().all(|entry| !format!("{entry:?}").contains(secret)));
}

#[tokio::test]
async fn api_token_br_006_names_are_plain() {
    let kit = kit().await;
    for name in ["", "a/b", "a_b", "a\nb", &"x".repeat(201)] {
        assert_eq!(kit.refused("POST api-tokens", with("name", json!(name))).await, refusal(400, "name"), "{name:?}");
    }
    for name in ["Jürgen's \"robot\" no. 2-b", &"x".repeat(200)] {
        assert_eq!(kit.done("POST api-tokens", with("name", json!(name))).await["name"], name);
    }
    let long = with("description", json!("x".repeat(2001)));
    assert_eq!(kit.refused("POST api-tokens", long).await, refusal(400, "description"));
}

#[tokio::test]
async fn api_token_t1_to_t5_it_works_while_it_is_active_and_is_deleted_from_both_states() {
    let kit = kit().await;
    for disable in [false, true] {
        let created = kit.done("POST api-tokens", robot()).await;
        let (token, secret) = (path("api-tokens", &created), created["token"].as_str().expect("a secret"));
        let seen = kit.ask("accounts", Some(secret)).await;
        assert_eq!((seen.0, ids(&seen.1["data"])), (200, vec![ACCOUNT]), "known at once");
        stays(&kit, &token, "enable", "MPTACC00-0002").await;
        if disable {
            assert_eq!(after(&kit, &token, "disable").await, "Disabled");
            assert_eq!(kit.ask("accounts", Some(secret)).await.0, 401);
            stays(&kit, &token, "disable", "MPTACC00-0002").await;
            assert_eq!(after(&kit, &token, "enable").await, "Active");
            assert_eq!(after(&kit, &token, "disable").await, "Disabled");
        }
        let gone = kit.write(&format!("DELETE {token}"), Value::Null, Some(CLIENT_TOKEN)).await;
        assert_eq!(gone, (204, Value::Null));
        assert_eq!(kit.ask("accounts", Some(secret)).await.0, 401, "whoever keeps it is not taken for anybody");
        kept(&kit, &token, "MPTACC00-0003").await;
        for action in ["enable", "disable"] {
            stays(&kit, &token, action, "MPTACC00-0002").await;
        }
        assert_eq!(kit.refused(&format!("PUT {token}"), json!({ "name": "x" })).await, refusal(400, "MPTACC00-0004"));
    }
}

#[tokio::test]
async fn api_token_extensions_are_a_list_or_all() {
    let kit = kit().await;
    let (status, answer) = kit
        .write(
            "POST api-tokens",
            json!({ "name": "Own", "extensions": [{ "id": "EXT-0001-0001" }] }),
            Some(CLIENT_TOKEN),
        )
        .await;
    assert_eq!((status, ids(&answer["extensions"])), (201, vec!["EXT-0001-0001"]), "{answer}");
    assert_eq!(answer["account"]["id"], ACCOUNT, "the caller's account is the default");
    let call = format!("PUT {}", path("api-tokens", &answer));
    let draft = json!({ "extensions": [{ "id": "EXT-5580-1172" }] });
    assert_eq!(kit.refused(&call, draft).await, refusal(400, "MPTACC03-0011"));
    assert_eq!(kit.done(&call, json!({ "extensions": null })).await.get("extensions"), None);
    assert_eq!(told(&kit.write(&call, json!({}), Some(VENDOR_TOKEN)).await), refusal(404, ""));
}
