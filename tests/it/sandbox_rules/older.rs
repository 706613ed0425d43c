//! Hosts of earlier generations take the bodies that they know.

use super::path;
use crate::sandbox_kit::{ACCOUNT, GROUP, Kit, SCALE, USER, address, ids, kit_with, refusal, text};
use accounts_graph_sandbox::{Generation, Options};
use serde_json::json;

async fn kits() -> Vec<Kit> {
    let mut kits = Vec::new();
    for generation in [Generation::September2025, Generation::February2025] {
        kits.push(kit_with(Options { scale: SCALE, generation, ..Options::default() }).await);
    }
    kits
}

#[tokio::test]
async fn currencies_are_codes_and_a_seller_needs_no_external_id() {
    for kit in kits().await {
        let created = kit.done("POST sellers", json!({ "name": "Latvia", "currencies": ["EUR", "USD"] })).await;
        assert_eq!((&created["status"], &created["currencies"]), (&json!("Active"), &json!(["EUR", "USD"])));
        kit.done("POST sellers", json!({ "name": "Latvia", "currencies": ["EUR"] })).await;
        let call = format!("PUT {}", path("sellers", &created));
        let put = json!({ "name": "Latvia", "currencies": ["EUR"], "attributes": { "navision": 1 } });
        let answer = kit.done(&call, put).await;
        assert_eq!((&answer["currencies"], answer.get("attributes")), (&json!(["EUR"]), None));
        for wrong in [json!(["EURO"]), json!([{ "value": "EUR" }])] {
            assert_eq!(kit.refused(&call, json!({ "currencies": wrong })).await, refusal(400, "currencies"));
        }
    }
}

#[tokio::test]
async fn service_levels_contacts_and_terms_are_kept() {
    for kit in kits().await {
        let body = json!({ "name": "Amber", "type": "Client", "serviceLevel": "Elite" });
        assert_eq!(kit.done("POST accounts", body).await["serviceLevel"], "Elite");
        let body = json!({ "name": "Amber", "type": "Client", "serviceLevel": "Best" });
        assert_eq!(kit.refused("POST accounts", body).await, refusal(400, "serviceLevel"));
        let contact = json!({ "firstName": "Una", "email": "una@example.com" });
        let body = json!({ "name": "Amber", "address": address(), "contact": contact });
        let buyer = kit.done("POST buyers", body).await;
        assert_eq!(buyer["contact"], contact);
        let body = json!({ "name": "Amber", "address": address(), "contact": { "lastName": "Ozols" } });
        let buyer = kit.done(&format!("PUT {}", path("buyers", &buyer)), body).await;
        assert_eq!((&buyer["contact"]["firstName"], &buyer["contact"]["lastName"]), (&json!("Una"), &json!("Ozols")));
        let answer = kit.done(&format!("PUT users/{USER}"), json!({ "acceptedTerms": false })).await;
        assert_eq!(answer["acceptedTerms"], false);
    }
}

#[tokio::test]
async fn number_formats_are_samples_and_opt_outs_lists() {
    for kit in kits().await {
        let settings = json!({ "numberFormat": "1 234,5", "optOuts": ["NTC-0000-0001"] });
        let answer = kit.done(&format!("PUT users/{USER}"), json!({ "settings": settings })).await;
        let told = &answer["settings"];
        assert_eq!((&told["numberFormat"], &told["optOuts"]), (&json!("1 234,5"), &json!(["NTC-0000-0001"])));
        let v5 = json!({ "settings": { "numberFormat": { "decimalSeparator": "," } } });
        assert_eq!(kit.refused(&format!("PUT users/{USER}"), v5).await, refusal(400, "settings.numberFormat"));
    }
}

#[tokio::test]
async fn members_are_invited_in_the_nested_form_at_the_routes_of_their_generation() {
    for (kit, call) in kits().await.iter().zip(["POST account-users".to_owned(), format!("POST {ACCOUNT}/users")]) {
        let body = json!({
            "user": { "email": "nora@example.com", "firstName": "Nora", "lastName": "Quist" },
            "account": { "id": ACCOUNT }, "groups": [{ "id": GROUP }], "invitation": { "status": "Invited" },
        });
        let (status, answer) = kit.write(&call, body, None).await;
        assert_eq!((status, ids(&answer["groups"])), (201, vec![GROUP]), "{answer}");
        assert_eq!((&answer["user"]["name"], &answer["status"]), (&json!("Nora Quist"), &json!("Invited")));
        let row = kit.row("account-users", |row| row["id"] == answer["id"]);
        assert_eq!(text(&row, "account"), ACCOUNT);
    }
}
