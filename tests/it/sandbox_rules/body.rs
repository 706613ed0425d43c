//! What bodies may hold, and what becomes of what they do not.

use super::{licensee, path, seller, tie};
use crate::sandbox_kit::{ACCOUNT, GROUP, USER, address, kit, refusal, text};
use serde_json::{Value, json};

/// Members that no body writes, as clients send them along all the same.
fn noise() -> Value {
    json!({
        "id": "XXX-0000-0000", "revision": 99, "status": "Active", "audit": { "created": null }, "$meta": { "omitted": [] },
        "icon": "", "unknown": { "deep": [1, "two"] }, "contact": { "firstName": "Una" }, "type": "Client",
        "defaultLanguage": "en-US", "serviceLevel": "Elite", "SSO": true, "acceptedTerms": 1, "token": "idt:x",
    })
}

fn noisy(mut body: Value) -> Value {
    let members = noise();
    for (name, value) in members.as_object().expect("an object") {
        body.as_object_mut().expect("an object").entry(name.clone()).or_insert(value.clone());
    }
    body
}

#[tokio::test]
async fn unknown_and_unwritable_members_are_passed_over() {
    let kit = kit().await;
    let link = tie(&kit);
    let (licensee, seller) = (licensee(&kit, &link).await, seller(&kit, "LV_77").await);
    let token = path("api-tokens", &kit.done("POST api-tokens", json!({ "name": "Robot" })).await);
    for (target, body) in [
        (format!("users/{USER}"), json!({})),
        (format!("accounts/{ACCOUNT}"), json!({ "name": "You Are a Test Account" })),
        (format!("user-groups/{GROUP}"), json!({ "account": { "id": ACCOUNT } })),
        (seller, json!({})),
        (licensee, json!({ "groups": [{ "name": "x" }] })),
        (format!("erp-links/{}", text(&link, "id")), json!({})),
        (format!("accounts/{ACCOUNT}/users/{USER}"), json!({})),
    ] {
        let before = kit.get(&target).await;
        assert_eq!(kit.done(&format!("PUT {target}"), noisy(body)).await, before, "{target}");
    }
    let before = kit.get(&token).await;
    assert_eq!(kit.done(&format!("PUT {token}"), noisy(json!({}))).await, before);
}

#[tokio::test]
async fn what_is_created_does_not_follow_them_either() {
    let kit = kit().await;
    let account = kit.done("POST accounts", noisy(json!({ "name": "Amber", "status": "Disabled" }))).await;
    assert_eq!((&account["status"], &account["revision"]), (&json!("Enabled"), &json!(1)));
    assert!(account["id"].as_str().is_some_and(|id| id.starts_with("ACC-")), "{account}");
    assert_eq!((account.get("unknown"), account.get("serviceLevel")), (None, None));
    let buyer = kit.done("POST buyers", noisy(json!({ "name": "Amber", "address": address() }))).await;
    assert_eq!((&buyer["status"], buyer.get("contact")), (&json!("Unassigned"), None));
}

#[tokio::test]
async fn an_unknown_id_is_not_found_whatever_the_body() {
    let kit = kit().await;
    for target in [
        "users/USR-0000-0000",
        "users/nobody@example.com",
        "accounts/ACC-0000-0000",
        "buyers/BUY-0000-0000",
        "sellers/SEL-0000-0000",
        "licensees/LCE-0000-0000-0000",
        "erp-links/ERP-0000-0000-0000",
        "user-groups/UGR-0000-0000",
        "api-tokens/TKN-0000-0000",
        "cloud-tenants/CLT-0000-0000",
        "accounts/ACC-0000-0000/users/USR-0000-0000",
        "accounts/INVALID-ID/settings/notifications",
    ] {
        for body in [noise(), json!({ "name": "" })] {
            assert_eq!(kit.refused(&format!("PUT {target}"), body).await, refusal(404, ""), "{target}");
        }
    }
}

#[tokio::test]
async fn absent_members_stay_and_null_clears_inside_of_objects_too() {
    let kit = kit().await;
    let call = format!("PUT users/{USER}");
    let before = kit.get(&format!("users/{USER}")).await;
    let body = json!({ "settings": { "timeZone": "Europe/Riga", "dateFormat": null, "numberFormat": { "decimalSeparator": "'" } } });
    let after = kit.done(&call, body).await;
    let (old, new) = (&before["settings"], &after["settings"]);
    assert_eq!((&new["timeZone"], new.get("dateFormat")), (&json!("Europe/Riga"), None));
    assert_eq!(new["numberFormat"]["decimalSeparator"], "'");
    assert_eq!(new["numberFormat"]["groupSeparator"], old["numberFormat"]["groupSeparator"]);
    assert_eq!(new["cultureCode"], old["cultureCode"]);
    assert_eq!(kit.done(&call, json!({ "phone": null })).await.get("phone"), None);
    let one = kit.done(&call, json!({ "phone": { "number": "1234" } })).await;
    assert_eq!(one["phone"], json!({ "number": "1234" }));
    assert_eq!(kit.done(&call, json!({ "settings": null })).await.get("settings"), None);
    for (body, property) in [
        (json!({ "firstName": null }), "firstName"),
        (json!({ "settings": 1 }), "settings"),
        (json!({ "settings": { "numberFormat": "1,234.5" } }), "settings.numberFormat"),
    ] {
        assert_eq!(kit.refused(&call, body).await, refusal(400, property));
    }
}

#[tokio::test]
async fn a_rule_that_is_broken_is_told_as_a_list_with_a_code() {
    let kit = kit().await;
    let (status, problem) = kit.write("POST accounts", json!({ "name": "A", "type": "Operations" }), None).await;
    assert_eq!((status, &problem["title"], &problem["status"]), (400, &json!("Bad Request"), &json!(400)));
    let message = "Accounts of Operations are not created.";
    assert_eq!(problem["errors"], json!([{ "message": message, "properties": ["type"] }]));
    assert_eq!(problem["detail"], message);
}
