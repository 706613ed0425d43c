//! Buyers.

use super::{buyer, by, kept, licensee, path, stays, tie};
use crate::sandbox_kit::{ACCOUNT, address, after, kit, refusal, text, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

fn erp(number: u32) -> Value {
    json!({ "erpCustomer": format!("CUS-X{number}"), "erpCompanyContact": format!("CON-X{number}") })
}

fn base() -> Value {
    json!({ "name": "Amber Trade", "address": address() })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = base();
    body[name] = value;
    body
}

#[tokio::test]
async fn buyer_br_004_t1_the_status_follows_from_account_and_erp() {
    let kit = kit().await;
    let mut both = with("externalIds", erp(1));
    both["account"] = json!({ "id": ACCOUNT });
    for (body, status) in [
        (base(), "Unassigned"),
        (with("externalIds", erp(2)), "Unassigned"),
        (with("account", json!({ "id": ACCOUNT })), "Enabled"),
        (both, "Active"),
    ] {
        let (created, answer) = kit.write("POST buyers", body, None).await;
        assert_eq!((created, &answer["status"]), (201, &json!(status)), "{answer}");
    }
    let vendor = with("account", json!({ "id": "ACC-0000-0002" }));
    assert_eq!(kit.refused("POST buyers", vendor).await, refusal(400, "MPTACC05-0002"));
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(told(&kit.write("POST buyers", base(), Some(token)).await), refusal(403, ""));
    }
}

#[tokio::test]
async fn buyer_br_007_a_contact_of_the_erp_is_one_buyer_s() {
    let kit = kit().await;
    let known = kit.row("buyers", |row| row["externalIds"]["erpCompanyContact"].is_string());
    let taken = json!({ "erpCustomer": "C", "erpCompanyContact": known["externalIds"]["erpCompanyContact"] });
    assert_eq!(kit.refused("POST buyers", with("externalIds", taken.clone())).await, refusal(400, "MPTACC05-0003"));
    let fresh = buyer(&kit, None).await;
    let put = with("externalIds", taken.clone());
    assert_eq!(kit.refused(&format!("PUT {fresh}"), put).await, refusal(400, "MPTACC05-0003"));
    let body = json!({ "account": { "id": ACCOUNT }, "externalIds": taken });
    assert_eq!(kit.refused(&format!("POST {fresh}/activate"), body).await, refusal(400, "MPTACC05-0003"));
}

#[tokio::test]
async fn buyer_br_008_t5_an_unassigned_buyer_is_assigned_by_operations() {
    let kit = kit().await;
    let fresh = path("buyers", &kit.done("POST buyers", base()).await);
    let call = format!("PUT {fresh}");
    let vendor = with("account", json!({ "id": "ACC-0000-0002" }));
    assert_eq!(kit.refused(&call, vendor).await, refusal(400, "MPTACC05-0002"));
    let mut other = with("account", json!({ "id": ACCOUNT }));
    other["externalIds"] = json!({ "accountExternalId": "ANOTHER" });
    assert_eq!(kit.refused(&call, other).await, refusal(400, "MPTACC05-0005"));
    let account = kit.get(&format!("accounts/{ACCOUNT}")).await;
    let mut same = with("account", json!({ "id": ACCOUNT }));
    same["externalIds"] = json!({ "accountExternalId": account["externalId"] });
    let answer = kit.done(&call, same).await;
    assert_eq!((&answer["status"], &answer["account"]["id"]), (&json!("Enabled"), &json!(ACCOUNT)), "T5");
    assert_eq!(answer["externalIds"], json!({ "accountExternalId": account["externalId"] }));

    let known = path("buyers", &kit.done("POST buyers", with("externalIds", erp(3))).await);
    let answer = kit.done(&format!("PUT {known}"), with("account", json!({ "id": ACCOUNT }))).await;
    assert_eq!(
        (&answer["status"], &answer["externalIds"]["accountExternalId"]),
        (&json!("Active"), &account["externalId"])
    );
    let client = kit.row("accounts", |row| text(row, "type") == "Client" && row["id"] != ACCOUNT);
    let elsewhere = with("account", json!({ "id": client["id"] }));
    assert_eq!(kit.refused(&format!("PUT {known}"), elsewhere).await, refusal(400, "MPTACC05-0007"));
}

#[tokio::test]
async fn buyer_br_009_t4_an_enabled_buyer_is_activated_with_both_ids_of_the_erp() {
    let kit = kit().await;
    let fresh = buyer(&kit, None).await;
    let activate = format!("POST {fresh}/activate");
    let client = json!({ "id": ACCOUNT });
    assert_eq!(kit.refused(&activate, json!({ "account": client })).await, refusal(400, "externalIds"));
    let half = json!({ "account": client, "externalIds": { "erpCustomer": "C" } });
    assert_eq!(kit.refused(&activate, half).await, refusal(400, "MPTACC05-0001"));
    let active = kit.done(&activate, json!({ "account": client, "externalIds": erp(4) })).await;
    assert_eq!((&active["status"], &active["revision"]), (&json!("Active"), &json!(2)));
    let again = kit.refused(&activate, json!({ "account": client, "externalIds": erp(5) })).await;
    assert_eq!(again, refusal(400, "MPTACC00-0002"));

    let mut body = with("account", client.clone());
    body["externalIds"] = json!({ "erpCustomer": "CUS-X6" });
    let known = path("buyers", &kit.done("POST buyers", body).await);
    let body = json!({ "account": client, "externalIds": erp(6) });
    assert_eq!(kit.refused(&format!("POST {known}/activate"), body).await, refusal(400, "MPTACC05-0004"));
    let loose = path("buyers", &kit.done("POST buyers", base()).await);
    let body = json!({ "account": client, "externalIds": erp(7) });
    assert_eq!(kit.refused(&format!("POST {loose}/activate"), body).await, refusal(400, "MPTACC00-0002"));
}

#[tokio::test]
async fn buyer_br_010_name_and_address_are_needed_whenever_it_is_written() {
    let kit = kit().await;
    let fresh = buyer(&kit, None).await;
    for call in ["POST buyers", &format!("PUT {fresh}")] {
        for (body, property) in [
            (json!({ "address": address() }), "name"),
            (json!({ "name": "x" }), "address"),
            (with("name", json!("x".repeat(501))), "name"),
            (with("address", Value::Null), "address"),
            (with("taxId", json!("x".repeat(19))), "taxId"),
        ] {
            assert_eq!(kit.refused(call, body).await, refusal(400, property), "{call}");
        }
        for part in ["addressLine1", "postCode", "city", "state", "country"] {
            let mut body = base();
            body["address"].as_object_mut().expect("an object").remove(part);
            assert_eq!(kit.refused(call, body).await, refusal(400, &format!("address.{part}")), "{call}");
        }
    }
    let (status, answer) = kit.write(&format!("PUT {fresh}"), with("taxId", json!("LV1")), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &answer["taxId"], &answer["account"]["id"]), (200, &json!("LV1"), &json!(ACCOUNT)));
}

#[tokio::test]
async fn buyer_t2_t3_it_is_disabled_and_enabled_by_operations_and_its_client() {
    let kit = kit().await;
    for (number, status) in [(Some(8), "Active"), (None, "Enabled")] {
        let buyer = buyer(&kit, number).await;
        assert_eq!(kit.get(&buyer).await["status"], status);
        stays(&kit, &buyer, "enable", "MPTACC00-0002").await;
        assert_eq!(by(&kit, &buyer, "disable", CLIENT_TOKEN).await, (200, "Disabled".to_owned()));
        stays(&kit, &buyer, "disable", "MPTACC00-0002").await;
        assert_eq!(by(&kit, &buyer, "enable", CLIENT_TOKEN).await, (200, status.to_owned()));
        assert_eq!(by(&kit, &buyer, "disable", VENDOR_TOKEN).await, refusal(403, ""));
    }
    for status in ["Unassigned", "Conflict", "Mismatch", "Deleted"] {
        let buyer = format!("buyers/{}", kit.in_status("buyers", status));
        stays(&kit, &buyer, "disable", "MPTACC00-0002").await;
    }
}

#[tokio::test]
async fn buyer_br_011_t6_a_settled_buyer_without_licensees_is_unassigned() {
    let kit = kit().await;
    let null = with("account", Value::Null);
    let active = buyer(&kit, Some(9)).await;
    let by_client = kit.write(&format!("PUT {active}"), null.clone(), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(400, "MPTACC05-0006"));
    let answer = kit.done(&format!("PUT {active}"), null.clone()).await;
    assert_eq!((&answer["status"], answer.get("account")), (&json!("Unassigned"), None));
    let audit = kit.get(&format!("{active}?select=audit")).await;
    assert!(audit["audit"]["unassigned"]["at"].is_string(), "{audit}");

    let enabled = buyer(&kit, None).await;
    assert_eq!(kit.refused(&format!("PUT {enabled}"), null.clone()).await, refusal(400, "MPTACC00-0002"));
    let link = tie(&kit);
    let licensee = licensee(&kit, &link).await;
    kit.done(&format!("DELETE {licensee}"), Value::Null).await;
    for row in kit.rows("licensees").iter().filter(|row| row["buyer"] == link["buyer"]) {
        if text(row, "status") != "Deleted" {
            kit.done(&format!("DELETE licensees/{}", text(row, "id")), Value::Null).await;
        }
    }
    let held = kit.refused(&format!("PUT buyers/{}", text(&link, "buyer")), null).await;
    assert_eq!(held, refusal(400, "MPTACC05-0009"), "a deleted one counts as well");
}

#[tokio::test]
async fn buyer_br_012_a_settled_buyer_moves_to_another_client() {
    let kit = kit().await;
    let client = kit.row("accounts", |row| text(row, "type") == "Client" && row["id"] != ACCOUNT);
    let there = json!({ "account": { "id": client["id"] } });
    let active = buyer(&kit, Some(10)).await;
    let before = kit.get(&active).await;
    let here = json!({ "account": { "id": ACCOUNT } });
    assert_eq!(kit.done(&format!("POST {active}/transfer"), here.clone()).await, before);
    kit.done(&format!("POST {active}/disable"), Value::Null).await;
    let moved = kit.done(&format!("POST {active}/transfer"), there.clone()).await;
    assert_eq!((&moved["account"]["id"], &moved["status"]), (&client["id"], &json!("Disabled")));
    let enabled = buyer(&kit, None).await;
    let told = kit.refused(&format!("POST {enabled}/transfer"), there).await;
    assert_eq!(told, refusal(400, "MPTACC00-0002"));
    assert_eq!(kit.done(&format!("POST {enabled}/transfer"), here).await["status"], "Enabled");
}

#[tokio::test]
async fn buyer_br_013_t7_a_buyer_without_licensees_is_deleted_and_final() {
    let kit = kit().await;
    let link = tie(&kit);
    licensee(&kit, &link).await;
    kept(&kit, &format!("buyers/{}", text(&link, "buyer")), "MPTACC05-0008").await;
    let fresh = buyer(&kit, None).await;
    assert_eq!(kit.write(&format!("DELETE {fresh}"), Value::Null, None).await, (204, Value::Null));
    assert_eq!(kit.get(&fresh).await["status"], "Deleted");
    assert_eq!(kit.refused(&format!("PUT {fresh}"), base()).await, refusal(400, "MPTACC00-0004"));
    kept(&kit, &fresh, "MPTACC00-0003").await;
    for action in ["enable", "disable", "synchronize"] {
        stays(&kit, &fresh, action, "MPTACC00-0002").await;
    }
    let active = buyer(&kit, Some(11)).await;
    kit.done(&format!("DELETE {active}"), Value::Null).await;
    let stripped = kit.done(&format!("POST {active}/deactivate"), Value::Null).await;
    assert_eq!((&stripped["status"], stripped.get("externalIds")), (&json!("Deleted"), None), "its ids are free again");
}

#[tokio::test]
async fn buyer_br_005_a_synchronization_settles_what_the_erp_complained_about() {
    let kit = kit().await;
    for (status, expected) in [("Conflict", "Unassigned"), ("Mismatch", "Active")] {
        let path = format!("buyers/{}", kit.in_status("buyers", status));
        assert!(kit.get(&path).await["errors"].is_array());
        let answer = kit.done(&format!("POST {path}/synchronize"), Value::Null).await;
        assert_eq!((&answer["status"], answer.get("errors")), (&json!(expected), None));
    }
    let enabled = buyer(&kit, None).await;
    stays(&kit, &enabled, "synchronize", "MPTACC00-0002").await;
    assert_eq!(by(&kit, &enabled, "synchronize", CLIENT_TOKEN).await, refusal(403, ""));
}

#[tokio::test]
async fn buyer_deactivation_leads_back_to_enabled() {
    let kit = kit().await;
    let active = buyer(&kit, Some(12)).await;
    assert_eq!(after(&kit, &active, "deactivate").await, "Enabled");
    assert_eq!(kit.get(&active).await.get("externalIds"), None);
    stays(&kit, &active, "deactivate", "MPTACC00-0002").await;
}
