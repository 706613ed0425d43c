//! Accounts.

use super::{by, path, stays};
use crate::sandbox_kit::{ACCOUNT, address, after, ids, kit, refusal, text, texts, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

#[tokio::test]
async fn account_br_001_the_type_never_changes() {
    let kit = kit().await;
    let answer = kit.done(&format!("PUT accounts/{ACCOUNT}"), json!({ "name": "Same", "type": "Vendor" })).await;
    assert_eq!((&answer["name"], &answer["type"]), (&json!("Same"), &json!("Client")));
}

#[tokio::test]
async fn account_br_002_type_operations_is_refused() {
    let kit = kit().await;
    let total = kit.total("accounts", "").await;
    let body = json!({ "name": "Amber", "type": "Operations" });
    assert_eq!(kit.refused("POST accounts", body).await, refusal(400, "MPTACC04-0002"));
    assert_eq!(kit.refused("POST accounts", json!({ "name": "Amber", "type": "Other" })).await, refusal(400, "type"));
    assert_eq!(kit.total("accounts", "").await, total);
}

#[tokio::test]
async fn account_br_005_no_route_deletes_one() {
    let kit = kit().await;
    assert_eq!(kit.refused(&format!("DELETE accounts/{ACCOUNT}"), Value::Null).await, refusal(405, ""));
}

#[tokio::test]
async fn account_t1_br_006_vendors_begin_active_clients_enabled_with_a_default_group() {
    let kit = kit().await;
    let modules = kit.rows("modules");
    for (kind, status) in [("Vendor", "Active"), ("Client", "Enabled")] {
        let body = json!({ "name": "Amber", "type": kind, "status": "Disabled" });
        let (created, answer) = kit.write("POST accounts", body, None).await;
        assert_eq!((created, &answer["status"], &answer["type"]), (201, &json!(status), &json!(kind)), "{answer}");
        let account = kit.get(&format!("{}?select=groups", path("accounts", &answer))).await;
        let [group] = ids(&account["groups"])[..] else { panic!("one group: {account}") };
        let group = kit.get(&format!("user-groups/{group}")).await;
        assert_eq!((&group["name"], &group["isDefault"]), (&json!("Administrators"), &json!(true)));
        let held = ids(&group["modules"]);
        for module in &modules {
            let fits = texts(module.get("accountTypes")).contains(kind);
            let settings = &module["settings"];
            let forbidden = settings["default"] == false && settings["configurable"] == false;
            assert_eq!(held.contains(&text(module, "id")), fits && !forbidden, "{kind} {module:?}");
        }
    }
    let forbidden = kit.write("POST accounts", json!({ "name": "A", "type": "Client" }), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&forbidden), refusal(403, ""));
}

#[tokio::test]
async fn account_br_007_only_clients_have_an_eligibility() {
    let kit = kit().await;
    let eligibility = json!({ "client": false, "partner": true });
    let body = |kind: &str| json!({ "name": "Amber", "type": kind, "eligibility": eligibility });
    assert_eq!(kit.refused("POST accounts", body("Vendor")).await, refusal(400, "MPTACC04-0004"));
    let client = kit.done("POST accounts", body("Client")).await;
    assert_eq!(client["eligibility"], eligibility);
    let vendor = format!("PUT accounts/{}", text(&kit.row("accounts", |row| text(row, "type") == "Vendor"), "id"));
    let put = json!({ "name": "Amber", "eligibility": eligibility });
    assert_eq!(kit.refused(&vendor, put).await, refusal(400, "MPTACC04-0004"));
    kit.done(&vendor, json!({ "name": "Amber", "eligibility": null })).await;
}

#[tokio::test]
async fn account_br_008_br_016_what_comes_from_elsewhere_is_passed_over() {
    let kit = kit().await;
    let given = json!({
        "name": "Amber", "type": "Client", "externalName": "AMBER",
        "externalIds": { "pyraTenantId": "not even one" },
    });
    let answer = kit.done("POST accounts", given).await;
    assert_eq!((answer.get("externalName"), answer.get("externalIds")), (None, None), "{answer}");
    let before = kit.get(&format!("accounts/{ACCOUNT}")).await;
    let put = json!({ "name": before["name"], "externalName": "OTHER", "externalIds": { "pyraTenantId": null } });
    assert_eq!(kit.done(&format!("PUT accounts/{ACCOUNT}"), put).await, before);
}

#[tokio::test]
async fn account_br_009_the_external_id_is_written_by_operations() {
    let kit = kit().await;
    let call = format!("PUT accounts/{ACCOUNT}");
    let before = kit.get(&format!("accounts/{ACCOUNT}")).await;
    let put = |id: Value| json!({ "name": before["name"], "externalId": id });
    let by_client = kit.write(&call, put(json!("OTHER")), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(400, "MPTACC04-0003"));
    let same = kit.write(&call, put(before["externalId"].clone()), Some(CLIENT_TOKEN)).await;
    assert_eq!(same, (200, before.clone()));
    assert_eq!(kit.refused(&call, put(json!("x".repeat(251)))).await, refusal(400, "externalId"));
    assert_eq!(kit.done(&call, put(json!("x".repeat(250)))).await["externalId"], "x".repeat(250));
}

#[tokio::test]
async fn account_br_010_br_011_br_012_texts_have_their_lengths() {
    let kit = kit().await;
    let call = format!("PUT accounts/{ACCOUNT}");
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(501))),
        ("name", Value::Null),
        ("technicalSupportEmail", json!("nobody")),
        ("technicalSupportEmail", json!(format!("{}@example.com", "x".repeat(309)))),
        ("website", json!("x".repeat(2001))),
        ("description", json!("x".repeat(2001))),
    ] {
        let mut body = json!({ "name": "Amber" });
        body[name] = value;
        assert_eq!(kit.refused(&call, body).await, refusal(400, name));
    }
    assert_eq!(kit.refused(&call, json!({})).await, refusal(400, "name"));
    assert_eq!(kit.refused("POST accounts", json!({ "type": "Client" })).await, refusal(400, "name"));
    let mail = format!("{}@example.com", "x".repeat(308));
    let body = json!({
        "name": "x".repeat(500), "technicalSupportEmail": mail, "website": "x".repeat(2000), "description": "",
    });
    let answer = kit.done(&call, body).await;
    assert_eq!((&answer["technicalSupportEmail"], answer.get("description")), (&json!(mail), None));
}

#[tokio::test]
async fn account_br_014_an_empty_address_is_fine() {
    let kit = kit().await;
    kit.done("POST accounts", json!({ "name": "Amber", "type": "Client", "address": {} })).await;
    let answer =
        kit.done("POST accounts", json!({ "name": "Amber", "type": "Client", "address": { "city": "Riga" } })).await;
    assert_eq!(answer["address"], json!({ "city": "Riga" }));
    let whole = json!({ "name": "Amber", "type": "Client", "address": address() });
    assert_eq!(kit.done("POST accounts", whole).await["address"], address());
}

#[tokio::test]
async fn account_t2_to_t5_move_between_the_states() {
    let kit = kit().await;
    let client = path("accounts", &kit.done("POST accounts", json!({ "name": "Amber", "type": "Client" })).await);
    let activate = format!("POST {client}/activate");
    assert_eq!(kit.refused(&activate, json!({ "name": "Amber" })).await, refusal(400, "externalId"));
    assert_eq!(kit.refused(&activate, json!({ "externalId": "E" })).await, refusal(400, "name"));
    for action in ["deactivate", "enable"] {
        stays(&kit, &client, action, "MPTACC00-0002").await;
    }
    assert_eq!(after(&kit, &client, "disable").await, "Disabled", "T3b");
    assert_eq!(after(&kit, &client, "enable").await, "Enabled", "T4b");
    let active = kit.done(&activate, json!({ "externalId": "EXT-9", "name": "Amber Ltd" })).await;
    assert_eq!((&active["status"], &active["externalId"]), (&json!("Active"), &json!("EXT-9")), "T2");
    let again = kit.refused(&activate, json!({ "externalId": "EXT-9", "name": "Amber" })).await;
    assert_eq!(again, refusal(400, "MPTACC00-0002"));
    assert_eq!(after(&kit, &client, "disable").await, "Disabled", "T3a");
    stays(&kit, &client, "disable", "MPTACC00-0002").await;
    stays(&kit, &client, "deactivate", "MPTACC00-0002").await;
    assert_eq!(after(&kit, &client, "enable").await, "Active", "T4a");
    assert_eq!(after(&kit, &client, "deactivate").await, "Enabled", "T5");
    assert_eq!(after(&kit, &client, "disable").await, "Disabled");
    assert_eq!(after(&kit, &client, "enable").await, "Enabled", "what it was, though the ERP knows it");

    let vendor = path("accounts", &kit.done("POST accounts", json!({ "name": "Amber", "type": "Vendor" })).await);
    stays(&kit, &vendor, "deactivate", "MPTACC04-0001").await;
    let body = json!({ "name": "Amber", "externalId": "E" });
    assert_eq!(kit.refused(&format!("POST {vendor}/activate"), body).await, refusal(400, "MPTACC04-0001"));
    assert_eq!(after(&kit, &vendor, "disable").await, "Disabled");
    assert_eq!(after(&kit, &vendor, "enable").await, "Active");
    let operations = kit.row("accounts", |row| text(row, "type") == "Operations");
    stays(&kit, &format!("accounts/{}", text(&operations, "id")), "disable", "MPTACC04-0001").await;
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(by(&kit, &client, "disable", token).await, refusal(403, ""));
    }
}

#[tokio::test]
async fn account_br_015_who_works_for_a_disabled_account_goes_on() {
    let kit = kit().await;
    assert_eq!(after(&kit, &format!("accounts/{ACCOUNT}"), "disable").await, "Disabled");
    let (status, seen) = kit.ask("accounts", Some(CLIENT_TOKEN)).await;
    assert_eq!((status, ids(&seen["data"])), (200, vec![ACCOUNT]));
}
