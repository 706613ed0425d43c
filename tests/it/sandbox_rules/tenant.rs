//! Cloud tenants.

use super::{path, stays};
use crate::sandbox_kit::{ACCOUNT, Kit, Row, SCALE, forbids, kit, kit_with, refusal, text};
use accounts_graph_sandbox::{CLIENT_TOKEN, Options, VENDOR_TOKEN};
use serde_json::{Value, json};
use std::{fs, path::Path};

const PYRA: &str = "04e5fd3a-c916-45aa-923c-2fa02e9eddac";

/// An account that belongs to a tenant, and the tenant.
fn account(kit: &Kit) -> (Row, String) {
    let row = kit.row("accounts", |row| {
        row["id"] != ACCOUNT && text(row, "type") == "Client" && row["externalIds"]["pyraTenantId"].is_string()
    });
    let pyra = row["externalIds"]["pyraTenantId"].as_str().expect("an id").to_owned();
    (row, pyra)
}

fn tenant(number: u32, pyra: &str) -> Value {
    let consumption = format!("00000000-0000-0000-0000-{number:012}");
    json!({ "name": "Azure", "externalIds": { "pyraTenantId": pyra, "cloudConsumptionId": consumption } })
}

fn with(pyra: &str, name: &str, value: Value) -> Value {
    let mut body = tenant(1, pyra);
    body[name] = value;
    body
}

#[tokio::test]
async fn cloud_tenant_t1_it_begins_active_or_disabled_and_is_for_operations() {
    let kit = kit().await;
    let created = kit.done("POST cloud-tenants", tenant(1, PYRA)).await;
    assert_eq!((&created["status"], created.get("account")), (&json!("Active"), None));
    let mut disabled = tenant(2, PYRA);
    disabled["status"] = json!("Disabled");
    assert_eq!(kit.done("POST cloud-tenants", disabled).await["status"], "Disabled");
    let one = path("cloud-tenants", &created);
    let calls = ["POST cloud-tenants", &format!("PUT {one}"), &format!("DELETE {one}")];
    forbids(&kit, &calls, &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
    for list in ["cloud-tenants", &one] {
        assert_eq!(kit.ask(list, Some(CLIENT_TOKEN)).await.0, 403);
    }
}

#[tokio::test]
async fn cloud_tenant_br_002_br_007_ids_are_unique_and_names_short() {
    let kit = kit().await;
    let first = path("cloud-tenants", &kit.done("POST cloud-tenants", tenant(1, PYRA)).await);
    assert_eq!(kit.refused("POST cloud-tenants", tenant(1, PYRA)).await, refusal(400, "MPTACC07-0001"));
    let second = path("cloud-tenants", &kit.done("POST cloud-tenants", tenant(2, PYRA)).await);
    assert_eq!(kit.refused(&format!("PUT {second}"), tenant(1, PYRA)).await, refusal(400, "MPTACC07-0001"));
    kit.done(&format!("DELETE {first}"), Value::Null).await;
    kit.done(&format!("PUT {second}"), tenant(1, PYRA)).await;
    for call in ["POST cloud-tenants", &format!("PUT {second}")] {
        for (name, value, property) in [
            ("name", json!("x".repeat(101)), "name"),
            ("name", Value::Null, "name"),
            ("externalIds", json!({ "pyraTenantId": PYRA }), "externalIds.cloudConsumptionId"),
            ("externalIds", json!({ "cloudConsumptionId": PYRA }), "externalIds.pyraTenantId"),
            ("externalIds", json!({ "cloudConsumptionId": PYRA, "pyraTenantId": "x" }), "externalIds.pyraTenantId"),
            ("status", json!("Deleted"), "status"),
        ] {
            assert_eq!(kit.refused(call, with(PYRA, name, value)).await, refusal(400, property), "{call}");
        }
    }
    assert_eq!(kit.refused("POST cloud-tenants", with(PYRA, "type", json!("Other"))).await, refusal(400, "type"));
}

#[tokio::test]
async fn cloud_tenant_br_003_br_005_br_006_it_is_mapped_to_the_account_of_its_tenant() {
    let kit = kit().await;
    let (account, pyra) = account(&kit);
    let own = json!({ "id": account["id"] });
    assert_eq!(
        kit.refused("POST cloud-tenants", with(PYRA, "account", own.clone())).await,
        refusal(400, "MPTACC07-0002")
    );
    let created = kit.done("POST cloud-tenants", tenant(1, &pyra)).await;
    assert_eq!(created["account"]["id"], account["id"], "there is just one");
    let call = format!("PUT {}", path("cloud-tenants", &created));
    assert_eq!(kit.done(&call, tenant(1, &pyra)).await.get("account"), None, "what is not sent back is unmapped");
    assert_eq!(kit.done(&call, with(&pyra, "account", own)).await["account"]["id"], account["id"]);
    let foreign = with(&pyra, "account", json!({ "id": "ACC-0000-0002" }));
    assert_eq!(kit.refused(&call, foreign).await, refusal(400, "MPTACC07-0002"));
}

#[tokio::test]
async fn cloud_tenant_br_008_to_br_010_its_type_stays_and_a_deleted_one_is_seen_by_nobody() {
    let kit = kit().await;
    let created = kit.done("POST cloud-tenants", with(PYRA, "type", json!("CspAzure"))).await;
    let one = path("cloud-tenants", &created);
    let answer = kit.done(&format!("PUT {one}"), with(PYRA, "type", json!("Slm"))).await;
    assert_eq!((&answer["type"], &answer["name"]), (&json!("CspAzure"), &json!("Azure")));
    assert_eq!(kit.write(&format!("DELETE {one}"), Value::Null, None).await, (204, Value::Null));
    assert_eq!(kit.ask(&one, None).await.0, 404);
    assert_eq!(kit.refused(&format!("PUT {one}"), tenant(3, PYRA)).await, refusal(404, ""));
    assert_eq!(kit.total("cloud-tenants", "eq(status,\"Deleted\")").await, 0);
    assert!(kit.rows("cloud-tenants").iter().all(|row| text(row, "status") != "Deleted"));
}

/// A sandbox in which two client accounts share a tenant. No route makes them do so, but files can be changed.
pub(super) async fn sharing(file: &Path) -> (Kit, [Row; 2], String) {
    let options = || Options { scale: SCALE, file: Some(file.to_owned()), ..Options::default() };
    let kit = kit_with(options()).await;
    let (one, pyra) = account(&kit);
    let other = kit.row("accounts", |row| row["id"] == ACCOUNT);
    assert_ne!(one["id"], other["id"]);
    kit.sandbox.stop().await;
    let change = format!(
        "UPDATE entities SET body = json_set(body, '$.externalIds.pyraTenantId', '{pyra}') WHERE id = '{ACCOUNT}'"
    );
    rusqlite::Connection::open(file).expect("a database").execute_batch(&change).expect("changed");
    (kit_with(options()).await, [one, other], pyra)
}

#[tokio::test]
async fn cloud_tenant_br_004_some_types_belong_to_one_account_which_then_stays_active() {
    let folder = std::env::temp_dir().join(format!("accounts-graph-{}-tenants", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (kit, accounts, pyra) = sharing(&folder.join("sandbox.db")).await;
    let created = kit.done("POST cloud-tenants", tenant(2, &pyra)).await;
    assert_eq!(created.get("account"), None, "there are two, so it is mapped to neither");
    for kind in ["Slm", "Virtual"] {
        let mut body = with(&pyra, "account", json!({ "id": accounts[1]["id"] }));
        body["type"] = json!(kind);
        assert_eq!(kit.refused("POST cloud-tenants", body).await, refusal(400, "MPTACC07-0003"));
    }
    let body = with(&pyra, "account", json!({ "id": accounts[1]["id"] }));
    let held = path("cloud-tenants", &kit.done("POST cloud-tenants", body).await);
    let account = format!("accounts/{}", text(&accounts[1], "id"));
    stays(&kit, &account, "deactivate", "MPTACC04-0005").await;
    for row in kit.rows("cloud-tenants").iter().filter(|row| row.get("account") == accounts[1].get("id")) {
        if text(row, "status") != "Deleted" {
            kit.done(&format!("DELETE cloud-tenants/{}", text(row, "id")), Value::Null).await;
        }
    }
    assert_eq!(kit.ask(&held, None).await.0, 404);
    kit.done(&format!("POST {account}/deactivate"), Value::Null).await;
    kit.sandbox.stop().await;
    fs::remove_dir_all(&folder).expect("removed");
}
