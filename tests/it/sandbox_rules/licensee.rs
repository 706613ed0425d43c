//! Licensees.

use super::{buyer, by, kept, licensee, quiet, stays, tie};
use crate::sandbox_kit::{ACCOUNT, Row, address, after, kit, refusal, text, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

fn new(link: &Row) -> Value {
    json!({ "buyer": { "id": link["buyer"] }, "seller": { "id": link["seller"] }, "useBuyerAddress": true })
}

fn with(link: &Row, name: &str, value: Value) -> Value {
    let mut body = new(link);
    body[name] = value;
    body
}

#[tokio::test]
async fn licensee_t1_it_begins_with_its_buyer_s_status_in_its_buyer_s_account() {
    let kit = kit().await;
    let link = tie(&kit);
    let mut body = with(&link, "status", json!("Disabled"));
    body["account"] = json!({ "id": "ACC-0000-0002" });
    let (status, answer) = kit.write("POST licensees", body, Some(CLIENT_TOKEN)).await;
    assert_eq!(
        (status, &answer["status"], &answer["account"]["id"]),
        (201, &json!("Active"), &json!(ACCOUNT)),
        "{answer}"
    );
    for name in ["buyer", "seller", "useBuyerAddress"] {
        let mut body = new(&link);
        body.as_object_mut().expect("an object").remove(name);
        assert_eq!(kit.refused("POST licensees", body).await, refusal(400, name));
    }
    assert_eq!(told(&kit.write("POST licensees", new(&link), Some(VENDOR_TOKEN)).await), refusal(403, ""));
    let foreign = kit.row("buyers", |row| row.contains_key("account") && text(row, "account") != ACCOUNT);
    let unseen = with(&link, "buyer", json!({ "id": foreign["id"] }));
    assert_eq!(told(&kit.write("POST licensees", unseen, Some(CLIENT_TOKEN)).await), refusal(400, "MPTACC00-0001"));
}

#[tokio::test]
async fn licensee_br_001_br_004_the_buyer_is_in_an_account_and_works() {
    let kit = kit().await;
    let link = tie(&kit);
    let path = format!("buyers/{}", text(&link, "buyer"));
    kit.done(&format!("POST {path}/disable"), Value::Null).await;
    assert_eq!(kit.refused("POST licensees", new(&link)).await, refusal(400, "MPTACC06-0009"));
    let loose = kit.done("POST buyers", json!({ "name": "Stray", "address": address() })).await;
    let body = with(&link, "buyer", json!({ "id": loose["id"] }));
    assert_eq!(kit.refused("POST licensees", body).await, refusal(400, "MPTACC06-0002"));
}

#[tokio::test]
async fn licensee_br_002_an_active_link_ties_buyer_and_seller() {
    let kit = kit().await;
    let link = tie(&kit);
    let fresh = buyer(&kit, Some(1)).await;
    let id = fresh.split_once('/').expect("an id").1;
    let body = with(&link, "buyer", json!({ "id": id }));
    assert_eq!(kit.refused("POST licensees", body).await, refusal(400, "MPTACC06-0004"));
    let buyers = kit.rows("buyers");
    let resting = kit.row("erp-links", |link| {
        let fits = |row: &Row| row["id"] == link["buyer"] && text(row, "status") == "Active";
        text(link, "status") != "Active" && buyers.iter().any(fits)
    });
    assert_eq!(kit.refused("POST licensees", new(&resting)).await, refusal(400, "MPTACC06-0004"));
}

#[tokio::test]
async fn licensee_br_003_a_pair_of_buyer_and_seller_has_any_number() {
    let kit = kit().await;
    let link = tie(&kit);
    assert_ne!(licensee(&kit, &link).await, licensee(&kit, &link).await);
}

#[tokio::test]
async fn licensee_t4_t5_br_007_br_008_it_is_disabled_and_enabled_as_its_buyer_is() {
    let kit = kit().await;
    let link = tie(&kit);
    let licensee = licensee(&kit, &link).await;
    stays(&kit, &licensee, "enable", "MPTACC00-0002").await;
    assert_eq!(by(&kit, &licensee, "disable", CLIENT_TOKEN).await, (200, "Disabled".to_owned()));
    stays(&kit, &licensee, "disable", "MPTACC00-0002").await;
    assert_eq!(by(&kit, &licensee, "enable", CLIENT_TOKEN).await, (200, "Active".to_owned()));
    kit.done(&format!("POST {licensee}/disable"), Value::Null).await;
    let buyer = format!("buyers/{}", text(&link, "buyer"));
    assert_eq!(after(&kit, &buyer, "disable").await, "Disabled");
    stays(&kit, &licensee, "enable", "MPTACC06-0009").await;
    assert_eq!(after(&kit, &buyer, "enable").await, "Active");
    assert_eq!(after(&kit, &buyer, "deactivate").await, "Enabled");
    assert_eq!(after(&kit, &licensee, "enable").await, "Enabled");
    assert_eq!(by(&kit, &licensee, "disable", VENDOR_TOKEN).await, refusal(403, ""));
}

#[tokio::test]
async fn licensee_t4_br_008_it_is_disabled_with_its_buyer() {
    let kit = kit().await;
    let link = tie(&kit);
    let licensee = licensee(&kit, &link).await;
    kit.done(&format!("POST buyers/{}/disable", text(&link, "buyer")), Value::Null).await;
    let answer = kit.get(&format!("{licensee}?select=audit")).await;
    assert_eq!((&answer["status"], answer["audit"]["disabled"]["by"].is_object()), (&json!("Disabled"), true));
    let live = |row: &Row| row["buyer"] == link["buyer"] && matches!(text(row, "status"), "Active" | "Enabled");
    assert!(!kit.rows("licensees").iter().any(live));
}

#[tokio::test]
async fn licensee_t5_it_is_not_enabled_through_a_link_or_a_seller_that_rests() {
    let kit = kit().await;
    let link = tie(&kit);
    let licensee = licensee(&kit, &link).await;
    quiet(&kit, &link).await;
    let path = format!("erp-links/{}", text(&link, "id"));
    kit.done(&format!("POST {path}/block"), Value::Null).await;
    stays(&kit, &licensee, "enable", "MPTACC06-0004").await;
    kit.done(&format!("POST {path}/unblock"), Value::Null).await;
    kit.done(&format!("POST sellers/{}/disable", text(&link, "seller")), Value::Null).await;
    stays(&kit, &licensee, "enable", "MPTACC06-0008").await;
}

#[tokio::test]
async fn licensee_t6_br_013_it_is_deleted_by_its_client_and_by_operations() {
    let kit = kit().await;
    let link = tie(&kit);
    for disable in [false, true] {
        let licensee = licensee(&kit, &link).await;
        if disable {
            kit.done(&format!("POST {licensee}/disable"), Value::Null).await;
        }
        let vendor = kit.write(&format!("DELETE {licensee}"), Value::Null, Some(VENDOR_TOKEN)).await;
        assert_eq!(told(&vendor), refusal(403, ""));
        let gone = kit.write(&format!("DELETE {licensee}"), Value::Null, Some(CLIENT_TOKEN)).await;
        assert_eq!(gone, (204, Value::Null));
        kept(&kit, &licensee, "MPTACC00-0003").await;
    }
}

#[tokio::test]
async fn licensee_br_009_an_address_of_its_own_or_the_buyer_s() {
    let kit = kit().await;
    let link = tie(&kit);
    let answer = kit.done("POST licensees", new(&link)).await;
    assert_eq!((&answer["useBuyerAddress"], answer.get("address")), (&json!(true), None), "none is stored");
    let call = format!("PUT licensees/{}", answer["id"].as_str().expect("an id"));
    let own = kit.done(&call, json!({ "address": address() })).await;
    assert_eq!((&own["useBuyerAddress"], &own["address"]), (&json!(false), &address()), "an address switches it off");
    let back = kit.done(&call, json!({ "useBuyerAddress": true })).await;
    assert_eq!((&back["useBuyerAddress"], back.get("address")), (&json!(true), None));
    let none = with(&link, "useBuyerAddress", json!(false));
    assert_eq!(kit.refused("POST licensees", none).await, refusal(400, "MPTACC06-0003"));
}

#[tokio::test]
async fn licensee_br_010_it_is_eligible_for_one_thing_that_its_account_is_eligible_for() {
    let kit = kit().await;
    let link = tie(&kit);
    let account = kit.get(&format!("accounts/{ACCOUNT}")).await;
    let eligible = |client: bool, partner: bool| json!({ "client": client, "partner": partner });
    for (client, partner) in [(true, true), (false, false)] {
        let body = with(&link, "eligibility", eligible(client, partner));
        assert_eq!(kit.refused("POST licensees", body).await, refusal(400, "MPTACC06-0010"));
    }
    for partner in [true, false] {
        let put = json!({ "name": account["name"], "eligibility": eligible(!partner, partner) });
        kit.done(&format!("PUT accounts/{ACCOUNT}"), put).await;
        let wrong = with(&link, "eligibility", eligible(partner, !partner));
        assert_eq!(kit.refused("POST licensees", wrong).await, refusal(400, "MPTACC06-0011"));
        let right = with(&link, "eligibility", eligible(!partner, partner));
        let answer = kit.done("POST licensees", right).await;
        assert_eq!(answer["eligibility"], eligible(!partner, partner));
        let call = format!("PUT licensees/{}", answer["id"].as_str().expect("an id"));
        let later = kit.done(&call, json!({ "eligibility": eligible(partner, !partner) })).await;
        assert_eq!(later["eligibility"], answer["eligibility"], "at creation only");
    }
}

#[tokio::test]
async fn licensee_br_011_br_012_names_are_made_where_none_is_given() {
    let kit = kit().await;
    let link = tie(&kit);
    let buyer = kit.get(&format!("buyers/{}", text(&link, "buyer"))).await;
    let (name, seller) = (buyer["name"].as_str().expect("a name"), text(&link, "seller"));
    let city = buyer["address"]["city"].as_str().expect("a city");
    assert_eq!(kit.done("POST licensees", new(&link)).await["name"], format!("{name}-{city}-{seller}"));
    let mut own = with(&link, "address", address());
    own["name"] = json!("");
    own["useBuyerAddress"] = json!(false);
    let answer = kit.done("POST licensees", own).await;
    assert_eq!(answer["name"], format!("{name}-Riga-{seller}"));
    let call = format!("PUT licensees/{}", answer["id"].as_str().expect("an id"));
    for (name, length) in [("name", 500), ("externalId", 250), ("description", 2000)] {
        assert_eq!(kit.refused(&call, json!({ name: "x".repeat(length + 1) })).await, refusal(400, name));
        assert_eq!(kit.done(&call, json!({ name: "x".repeat(length) })).await[name], "x".repeat(length));
    }
    let same = kit.done("POST licensees", with(&link, "externalId", json!("x".repeat(250)))).await;
    assert_eq!(same["externalId"], "x".repeat(250), "an external id is free");
    let other = kit.row("erp-links", |row| row["buyer"] != link["buyer"] && row["seller"] != link["seller"]);
    let moved =
        kit.done(&call, json!({ "buyer": { "id": other["buyer"] }, "seller": { "id": other["seller"] } })).await;
    assert_eq!((&moved["buyer"]["id"], &moved["seller"]["id"]), (&link["buyer"], &link["seller"]));
}
