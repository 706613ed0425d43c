//! Sellers.

use super::{by, kept, licensee, path, quiet, seller, stays, tie};
use crate::sandbox_kit::{after, kit, refusal, text, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

fn currency(code: &str, billing: bool, default: bool) -> Value {
    json!({ "value": code, "billingEnabled": billing, "isDefault": default })
}

fn new(external: &str) -> Value {
    json!({ "name": "Marketplace Latvia", "externalId": external, "currencies": [currency("EUR", true, true)] })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = new("LV_77");
    body[name] = value;
    body
}

#[tokio::test]
async fn seller_t1_it_begins_active_or_disabled_if_that_is_asked_for() {
    let kit = kit().await;
    for (place, (asked, status)) in
        [(json!("Active"), "Active"), (json!("Disabled"), "Disabled")].into_iter().enumerate()
    {
        let mut body = with("status", asked);
        body["externalId"] = json!(format!("LV_{place}"));
        let (created, answer) = kit.write("POST sellers", body, None).await;
        assert_eq!((created, &answer["status"]), (201, &json!(status)), "{answer}");
    }
    assert_eq!(kit.done("POST sellers", new("LV_9")).await["status"], "Active");
    for status in ["Offline", "Deleted"] {
        assert_eq!(kit.refused("POST sellers", with("status", json!(status))).await, refusal(400, "status"));
    }
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(told(&kit.write("POST sellers", new("LV_8"), Some(token)).await), refusal(403, ""));
    }
}

#[tokio::test]
async fn seller_br_002_the_external_id_is_needed_unique_and_final() {
    let kit = kit().await;
    let mut none = new("x");
    none.as_object_mut().expect("an object").remove("externalId");
    assert_eq!(kit.refused("POST sellers", none).await, refusal(400, "externalId"));
    let deleted = kit.row("sellers", |row| text(row, "status") == "Deleted");
    let taken = new(text(&deleted, "externalId"));
    assert_eq!(kit.refused("POST sellers", taken).await, refusal(400, "MPTACC06-0012"));
    let seller = seller(&kit, "LV_77").await;
    let answer = kit.done(&format!("PUT {seller}"), json!({ "externalId": "OTHER", "name": "Renamed" })).await;
    assert_eq!((&answer["externalId"], &answer["name"]), (&json!("LV_77"), &json!("Renamed")));
}

#[tokio::test]
async fn seller_br_003_currencies_are_a_set_with_one_default_and_something_to_bill_in() {
    let kit = kit().await;
    let seller = seller(&kit, "LV_78").await;
    let put = format!("PUT {seller}");
    for (currencies, told) in [
        (json!([]), "currencies"),
        (json!("EUR"), "currencies"),
        (json!(["EUR"]), "currencies[0].value"),
        (json!([currency("XXX", true, true)]), "currencies[0].value"),
        (json!([currency("eur", true, true)]), "currencies[0].value"),
        (json!([currency("EUR", true, true), currency("EUR", true, false)]), "currencies[1].value"),
        (json!([currency("EUR", true, false)]), "MPTACC06-0013"),
        (json!([currency("EUR", true, true), currency("USD", true, true)]), "MPTACC06-0013"),
        (json!([currency("EUR", false, true), currency("USD", false, false)]), "MPTACC06-0014"),
        (Value::Null, "currencies"),
        (json!(vec![currency("EUR", true, true); 1001]), "currencies"),
    ] {
        assert_eq!(kit.refused("POST sellers", with("currencies", currencies.clone())).await, refusal(400, told));
        assert_eq!(kit.refused(&put, json!({ "currencies": currencies })).await, refusal(400, told));
    }
    let two = json!([currency("EUR", false, false), currency("USD", true, true)]);
    assert_eq!(
        kit.refused(&put, json!({ "currencies": [currency("EUR", false, false)] })).await,
        refusal(400, "MPTACC06-0013")
    );
    assert_eq!(kit.done(&put, json!({ "currencies": two })).await["currencies"], two);
    let partial = json!([{ "value": "USD", "billingEnabled": true }, { "value": "CHF" }]);
    let answer = kit.done(&put, json!({ "currencies": partial })).await;
    let merged = json!([currency("USD", true, true), currency("CHF", false, false)]);
    assert_eq!(answer["currencies"], merged, "what is not told of a code stays, a code that is not told goes");
}

#[tokio::test]
async fn seller_br_004_names_and_addresses_are_whole() {
    let kit = kit().await;
    for name in [json!(""), json!("x".repeat(501)), Value::Null] {
        assert_eq!(kit.refused("POST sellers", with("name", name)).await, refusal(400, "name"));
    }
    let city = json!({ "city": "Riga" });
    assert_eq!(kit.refused("POST sellers", with("address", city)).await, refusal(400, "address.addressLine1"));
}

#[tokio::test]
async fn seller_br_006_clients_read_all_sellers_and_vendors_none() {
    let kit = kit().await;
    let all = kit.total("sellers", "").await;
    let (_, client) = kit.ask("sellers?limit=0", Some(CLIENT_TOKEN)).await;
    assert_eq!(client["$meta"]["pagination"]["total"], all);
    let (status, vendor) = kit.ask("sellers?limit=0", Some(VENDOR_TOKEN)).await;
    assert_eq!((status, &vendor["$meta"]["pagination"]["total"]), (200, &json!(0)));
    let seller = format!("sellers/{}", kit.in_status("sellers", "Active"));
    assert_eq!(kit.ask(&seller, Some(CLIENT_TOKEN)).await.0, 200);
    assert_eq!(kit.ask(&seller, Some(VENDOR_TOKEN)).await.0, 404);
}

#[tokio::test]
async fn seller_br_007_it_does_not_come_to_rest_while_licensees_buy() {
    let kit = kit().await;
    let link = tie(&kit);
    let licensee = licensee(&kit, &link).await;
    let seller = format!("sellers/{}", text(&link, "seller"));
    for action in ["disable", "deactivate"] {
        stays(&kit, &seller, action, "MPTACC06-0001").await;
    }
    kept(&kit, &seller, "MPTACC06-0001").await;
    quiet(&kit, &link).await;
    assert_eq!(after(&kit, &seller, "deactivate").await, "Offline");
    assert_eq!(after(&kit, &licensee, "enable").await, "Active");
    stays(&kit, &seller, "activate", "MPTACC06-0001").await;
}

#[tokio::test]
async fn seller_t2_to_t5_move_between_the_states() {
    let kit = kit().await;
    let seller = seller(&kit, "LV_79").await;
    stays(&kit, &seller, "activate", "MPTACC00-0002").await;
    assert_eq!(after(&kit, &seller, "deactivate").await, "Offline", "T3");
    for action in ["deactivate", "disable"] {
        stays(&kit, &seller, action, "MPTACC00-0002").await;
    }
    kept(&kit, &seller, "MPTACC00-0003").await;
    assert_eq!(after(&kit, &seller, "activate").await, "Active", "T4b");
    assert_eq!(after(&kit, &seller, "disable").await, "Disabled", "T2");
    kept(&kit, &seller, "MPTACC00-0003").await;
    assert_eq!(after(&kit, &seller, "activate").await, "Active", "T4a");
    assert_eq!(kit.write(&format!("DELETE {seller}"), Value::Null, None).await, (204, Value::Null), "T5");
    stays(&kit, &seller, "activate", "MPTACC00-0002").await;
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(by(&kit, &seller, "activate", token).await, refusal(403, ""));
    }
}

#[tokio::test]
async fn seller_br_009_what_the_erp_wants_to_know_is_patched() {
    let kit = kit().await;
    let navision = |value: Value| json!({ "attributes": { "navision": value } });
    let mut body = new("LV_80");
    body["attributes"] = json!({ "navision": { "companyCode": "LV", "ledger": { "a": 1, "b": 2 } } });
    let seller = path("sellers", &kit.done("POST sellers", body).await);
    let answer = kit.done(&format!("PUT {seller}"), navision(json!({ "ledger": { "a": null, "c": 3 } }))).await;
    assert_eq!(answer["attributes"]["navision"], json!({ "companyCode": "LV", "ledger": { "b": 2, "c": 3 } }));
    let answer = kit.done(&format!("PUT {seller}"), json!({ "attributes": { "other": 1 } })).await;
    assert_eq!(answer["attributes"], json!({ "navision": { "companyCode": "LV", "ledger": { "b": 2, "c": 3 } } }));
}

#[tokio::test]
async fn a_seller_that_rests_takes_its_links_along_and_a_synchronization_brings_them_back() {
    let kit = kit().await;
    let link = tie(&kit);
    quiet(&kit, &link).await;
    let (path, seller) = (format!("erp-links/{}", text(&link, "id")), format!("sellers/{}", text(&link, "seller")));
    kit.done(&format!("POST {seller}/disable"), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Disabled");
    kit.done(&format!("POST {seller}/activate"), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Disabled", "until the next synchronization");
    kit.done(&format!("POST buyers/{}/synchronize", text(&link, "buyer")), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Active");
}
