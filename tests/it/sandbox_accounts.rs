//! Accounts and buyers in the sandbox: what their states are, and how a buyer moves.

use super::sandbox_kit::{ACCOUNT, GROUP, address, after, forbids, ids, kit, refusal, refuses, text, texts, told};
use accounts_graph::sandbox::{CLIENT_TOKEN, VENDOR_TOKEN, World};
use serde_json::{Value, json};

#[tokio::test]
async fn accounts_begin_by_their_type_with_a_default_group() {
    let kit = kit().await;
    for (kind, status) in [("Vendor", "Active"), ("Client", "Enabled"), ("Operations", "Enabled")] {
        let body = json!({ "name": "Amber Ltd", "serviceLevel": "Elite", "type": kind, "address": address() });
        let (created, answer) = kit.write("POST accounts", body, None).await;
        assert_eq!((created, &answer["status"], &answer["type"]), (201, &json!(status), &json!(kind)), "{answer}");
        let path = format!("accounts/{}", answer["id"].as_str().expect("an id"));
        let account = kit.get(&format!("{path}?select=groups")).await;
        assert_eq!(account["groups"].as_array().map(Vec::len), Some(1));
        let group = kit.get(&format!("user-groups/{}", ids(&account["groups"])[0])).await;
        assert_eq!((&group["name"], &group["isDefault"]), (&json!("Administrators"), &json!(true)));
        assert!(!ids(&group["modules"]).is_empty());
    }
    for (body, property) in [
        (json!({ "serviceLevel": "Elite", "type": "Client" }), "name"),
        (json!({ "name": "A", "type": "Client" }), "serviceLevel"),
        (json!({ "name": "A", "serviceLevel": "Best", "type": "Client" }), "serviceLevel"),
        (
            json!({ "name": "A", "serviceLevel": "Elite", "type": "Client", "address": { "city": "x" } }),
            "address.addressLine1",
        ),
        (
            json!({ "name": "A", "serviceLevel": "Elite", "type": "Client", "externalIds": { "pyraTenantId": "1" } }),
            "externalIds.pyraTenantId",
        ),
        (
            json!({ "name": "A", "serviceLevel": "Elite", "type": "Client", "eligibility": { "client": "yes" } }),
            "eligibility.client",
        ),
        (
            json!({ "name": "A", "serviceLevel": "Elite", "type": "Client", "technicalSupportEmail": "x" }),
            "technicalSupportEmail",
        ),
    ] {
        assert_eq!(kit.refused("POST accounts", body).await, refusal(400, property));
    }
    forbids(&kit, &["POST accounts", "POST accounts/ACC-1671-0642/disable"], &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
}

#[tokio::test]
async fn accounts_are_activated_disabled_and_enabled_again() {
    let kit = kit().await;
    let body = json!({ "name": "Amber Ltd", "serviceLevel": "Elite", "type": "Client" });
    let id = kit.done("POST accounts", body).await["id"].as_str().expect("an id").to_owned();
    let path = format!("accounts/{id}");
    let activate = format!("POST {path}/activate");
    assert_eq!(kit.refused(&activate, json!({ "name": "Amber" })).await, refusal(400, "externalId"));
    assert_eq!(kit.refused(&activate, json!({ "externalId": "E" })).await, refusal(400, "name"));
    let active = kit.done(&activate, json!({ "externalId": "EXT-9", "name": "Amber" })).await;
    assert_eq!(
        (&active["status"], &active["externalId"], &active["revision"]),
        (&json!("Active"), &json!("EXT-9"), &json!(2))
    );
    let again = kit.refused(&activate, json!({ "externalId": "EXT-9", "name": "Amber" })).await;
    assert_eq!(again, refusal(409, "MPTACC00-0002"));
    refuses(&kit, &path, &["enable"]).await;
    assert_eq!(after(&kit, &path, "disable").await, "Disabled");
    refuses(&kit, &path, &["disable", "deactivate"]).await;
    assert_eq!(after(&kit, &path, "enable").await, "Active");
    assert_eq!(after(&kit, &path, "deactivate").await, "Enabled");
    let operations = kit.row("accounts", |row| text(row, "type") == "Operations");
    let told = kit.refused(&format!("POST accounts/{}/disable", text(&operations, "id")), Value::Null).await;
    assert_eq!(told, refusal(400, "MPTACC04-0001"));
    let vendor = format!("accounts/{}", text(&kit.row("accounts", |row| text(row, "type") == "Vendor"), "id"));
    assert_eq!(kit.refused(&format!("POST {vendor}/deactivate"), Value::Null).await, refusal(400, "MPTACC04-0001"));
    assert_eq!(after(&kit, &vendor, "disable").await, "Disabled");
    assert_eq!(after(&kit, &vendor, "enable").await, "Active");
    assert_eq!(kit.refused("POST accounts/ACC-9999-9999/enable", Value::Null).await, refusal(404, ""));
}

#[tokio::test]
async fn an_account_is_updated_by_its_own_people_and_validated_without_being_changed() {
    let kit = kit().await;
    let (path, call) = (format!("accounts/{ACCOUNT}"), format!("PUT accounts/{ACCOUNT}"));
    let before = kit.get(&path).await;
    assert_eq!(kit.refused(&call, json!({ "website": "https://a.example" })).await, refusal(400, "name"));
    let body = json!({ "name": before["name"], "website": "https://a.example", "description": null });
    let candidate = kit.done(&format!("POST {path}/validate"), body.clone()).await;
    assert_eq!(candidate["website"], "https://a.example");
    assert_eq!(kit.get(&path).await, before);
    let (status, answer) = kit.write(&call, body, Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &answer["website"], answer.get("description")), (200, &json!("https://a.example"), None));
    assert_eq!(answer["revision"], before["revision"].as_i64().expect("a number") + 1);
    let wrong = kit.refused(&format!("POST {path}/validate"), json!({ "website": "x".repeat(2001) })).await;
    assert_eq!(wrong, refusal(400, "website"));
    assert_eq!(told(&kit.write(&call, json!({ "name": "x" }), Some(VENDOR_TOKEN)).await), refusal(404, ""));
}

#[tokio::test]
async fn a_buyer_s_status_follows_from_account_and_erp() {
    let kit = kit().await;
    let erp = json!({ "erpCustomer": "CUS-1", "erpCompanyContact": "CON-1" });
    let (name, client) = (json!("Amber Trade"), json!({ "id": ACCOUNT }));
    for (body, status) in [
        (json!({ "name": name, "address": address() }), "Unassigned"),
        (json!({ "name": name, "address": address(), "account": client }), "Enabled"),
        (json!({ "name": name, "address": address(), "account": client, "externalIds": erp }), "Active"),
    ] {
        let (created, answer) = kit.write("POST buyers", body, None).await;
        assert_eq!((created, &answer["status"]), (201, &json!(status)), "{answer}");
    }
    let vendor = json!({ "name": name, "address": address(), "account": { "id": "ACC-0000-0002" } });
    assert_eq!(kit.refused("POST buyers", vendor).await, refusal(400, "MPTACC05-0002"));
    assert_eq!(kit.refused("POST buyers", json!({ "name": name })).await, refusal(400, "address"));

    let fresh = kit.done("POST buyers", json!({ "name": name, "address": address() })).await;
    let path = format!("buyers/{}", fresh["id"].as_str().expect("an id"));
    let activate = format!("POST {path}/activate");
    assert_eq!(kit.refused(&activate, json!({ "account": client })).await, refusal(400, "externalIds"));
    let half = json!({ "account": client, "externalIds": { "erpCustomer": "C" } });
    assert_eq!(kit.refused(&activate, half).await, refusal(400, "MPTACC05-0001"));
    let active = kit.done(&activate, json!({ "account": client, "externalIds": erp })).await;
    assert_eq!(
        (&active["status"], &active["account"]["id"], &active["revision"]),
        (&json!("Active"), &json!(ACCOUNT), &json!(2))
    );
    refuses(&kit, &path, &["enable"]).await;
    assert_eq!(after(&kit, &path, "disable").await, "Disabled");
    let audit = kit.get(&format!("{path}?select=audit")).await;
    assert!(audit["audit"]["activated"]["at"].is_string() && audit["audit"]["disabled"]["at"].is_string());
    refuses(&kit, &path, &["disable"]).await;
    assert_eq!(after(&kit, &path, "enable").await, "Active");
    let inactive = kit.done(&format!("POST {path}/deactivate"), Value::Null).await;
    assert_eq!((&inactive["status"], inactive.get("externalIds")), (&json!("Enabled"), None));
    refuses(&kit, &path, &["deactivate", "disable"]).await;
    kit.done(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(kit.ask(&path, None).await.0, 404);
    let deleted = kit.row("buyers", |row| text(row, "status") == "Deleted");
    let told = kit.refused(&format!("DELETE buyers/{}", text(&deleted, "id")), Value::Null).await;
    assert_eq!(told, refusal(409, "MPTACC00-0003"), "what was deleted long ago is deleted once");
}

#[tokio::test]
async fn buyers_are_updated_synchronized_and_validated() {
    let kit = kit().await;
    let own = kit.row("buyers", |row| text(row, "account") == ACCOUNT);
    let path = format!("buyers/{}", text(&own, "id"));
    let before = kit.get(&path).await;
    let mut body = json!({ "name": before["name"], "address": before["address"] });
    assert_eq!(kit.done(&format!("PUT {path}"), body.clone()).await, before, "nothing changed");
    body["taxId"] = json!("LV1");
    body["contact"] = json!({ "firstName": "Una", "email": "una@example.com" });
    let (status, answer) = kit.write(&format!("PUT {path}"), body.clone(), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &answer["taxId"], &answer["contact"]["firstName"]), (200, &json!("LV1"), &json!("Una")));
    assert_eq!(answer["contact"]["name"], before["contact"]["name"], "members that are not named stay");
    assert_eq!(answer["externalIds"], before["externalIds"]);
    assert_eq!(kit.refused(&format!("PUT {path}"), json!({ "name": "x" })).await, refusal(400, "address"));
    forbids(&kit, &[&format!("PUT {path}")], &[VENDOR_TOKEN]).await;
    forbids(&kit, &["POST buyers", &format!("POST {path}/enable"), &format!("DELETE {path}")], &[CLIENT_TOKEN]).await;
    let (status, disabled) = kit.write(&format!("POST {path}/disable"), Value::Null, Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &disabled["status"]), (200, &json!("Disabled")));

    for (status, expected) in [("Conflict", "Unassigned"), ("Mismatch", "Active")] {
        let path = format!("buyers/{}", kit.in_status("buyers", status));
        assert!(kit.get(&path).await["errors"].is_array());
        let answer = kit.done(&format!("POST {path}/synchronize"), Value::Null).await;
        assert_eq!((&answer["status"], answer.get("errors")), (&json!(expected), None));
    }
    let (now, call) = (kit.get(&path).await, format!("POST {path}/validate"));
    let candidate = kit.done(&call, json!({ "account": { "id": ACCOUNT }, "name": "Other" })).await;
    assert_eq!(candidate["name"], "Other");
    assert_eq!(kit.get(&path).await, now);
    assert_eq!(kit.refused(&call, json!({})).await, refusal(400, "account"));
    assert_eq!(
        kit.refused(&call, json!({ "account": { "id": "ACC-0000-0001" } })).await,
        refusal(400, "MPTACC05-0002")
    );
}

#[tokio::test]
async fn a_buyer_moves_with_its_licensees_and_leaves_the_groups() {
    let kit = kit().await;
    let shown = kit.get(&format!("user-groups/{GROUP}")).await;
    let of = |world: &World, buyer: &str| -> Vec<String> {
        let rows = world.rows("licensees").into_iter().filter(|row| text(row, "buyer") == buyer);
        rows.map(|row| text(&row, "account").to_owned()).collect()
    };
    let buyer =
        ids(&shown["buyers"]).into_iter().find(|id| !of(&kit.sandbox.world(), id).is_empty()).expect("one").to_owned();
    let client = kit.row("accounts", |row| text(row, "type") == "Client" && row["id"] != ACCOUNT);
    let (path, other) = (format!("buyers/{buyer}"), text(&client, "id").to_owned());
    let groups = kit.rows("user-groups");
    let listing = groups.iter().filter(|row| texts(row.get("buyers")).contains(&buyer)).count();
    let preview = kit.get(&format!("{path}/transfer?destinationAccountId={other}")).await;
    assert_eq!((&preview["id"], &preview["account"]["id"]), (&json!(buyer), &json!(ACCOUNT)));
    assert_eq!(preview["stats"]["licenseeCount"], of(&kit.sandbox.world(), &buyer).len());
    assert_eq!(preview["stats"]["userGroupCount"], listing);
    assert_eq!(preview["stats"]["userCount"].as_u64(), preview["users"].as_array().map(|users| users.len() as u64));
    for (query, status) in
        [("", 400), ("?destinationAccountId=ACC-9999-9999", 400), ("?destinationAccountId=ACC-0000-0002", 400)]
    {
        assert_eq!(kit.ask(&format!("{path}/transfer{query}"), None).await.0, status, "{query}");
    }
    assert_eq!(kit.ask(&format!("{path}/transfer?destinationAccountId={ACCOUNT}"), Some(CLIENT_TOKEN)).await.0, 403);

    let before = kit.get(&path).await;
    let call = format!("POST {path}/transfer");
    assert_eq!(kit.done(&call, json!({ "account": { "id": ACCOUNT } })).await, before, "it is there already");
    let moved = kit.done(&call, json!({ "account": { "id": other } })).await;
    assert_eq!(moved["account"]["id"], other.as_str());
    let world = kit.sandbox.world();
    assert!(of(&world, &buyer).iter().all(|account| *account == other));
    for (old, new) in groups.iter().zip(world.rows("user-groups")) {
        let mut buyers = texts(old.get("buyers"));
        let grown = i64::from(buyers.remove(&buyer));
        assert_eq!(texts(new.get("buyers")), buyers);
        assert_eq!(new["revision"].as_i64(), old["revision"].as_i64().map(|revision| revision + grown));
    }
    assert_eq!(kit.refused(&call, json!({})).await, refusal(400, "account"));
    assert_eq!(
        kit.refused(&call, json!({ "account": { "id": "ACC-0000-0002" } })).await,
        refusal(400, "MPTACC05-0002")
    );
    forbids(&kit, &[&call], &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
}
