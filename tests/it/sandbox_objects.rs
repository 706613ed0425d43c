//! Sellers, licensees, ERP links, tokens and cloud tenants in the sandbox: their state machines.

use super::sandbox_kit::{ACCOUNT, GROUP, address, after, forbids, ids, kit, refusal, refuses, text, told};
use accounts_graph::sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

#[tokio::test]
async fn sellers_rest_only_without_live_licensees() {
    let kit = kit().await;
    let body = json!({ "name": "Marketplace Latvia", "currencies": ["EUR", "USD"], "externalId": "LV_01" });
    let (status, answer) = kit.write("POST sellers", body, None).await;
    assert_eq!((status, &answer["status"], &answer["currencies"]), (201, &json!("Active"), &json!(["EUR", "USD"])));
    let path = format!("sellers/{}", answer["id"].as_str().expect("an id"));
    let put = json!({ "name": "Marketplace Latvia", "currencies": ["EUR"] });
    let updated = kit.done(&format!("PUT {path}"), put).await;
    assert_eq!((&updated["currencies"], &updated["externalId"]), (&json!(["EUR"]), &json!("LV_01")));
    for (body, property) in [
        (json!({ "name": "x" }), "currencies"),
        (json!({ "currencies": ["EUR"] }), "name"),
        (json!({ "name": "x", "currencies": ["EURO"] }), "currencies"),
        (json!({ "name": "x", "currencies": ["EUR"], "buyers": [] }), "buyers"),
    ] {
        assert_eq!(kit.refused(&format!("PUT {path}"), body).await, refusal(400, property));
    }
    refuses(&kit, &path, &["activate"]).await;
    assert_eq!(after(&kit, &path, "deactivate").await, "Offline");
    refuses(&kit, &path, &["deactivate", "disable"]).await;
    assert_eq!(after(&kit, &path, "activate").await, "Active");
    assert_eq!(after(&kit, &path, "disable").await, "Disabled");
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(409, "MPTACC00-0003"));
    assert_eq!(after(&kit, &path, "activate").await, "Active");

    let buyer = kit.row("buyers", |row| text(row, "account") == ACCOUNT);
    let licence = json!({
        "buyer": { "id": buyer["id"] }, "seller": { "id": answer["id"] }, "useBuyerAddress": true,
    });
    let licensee = kit.done("POST licensees", licence).await["id"].as_str().expect("an id").to_owned();
    for call in [format!("POST {path}/deactivate"), format!("POST {path}/disable"), format!("DELETE {path}")] {
        assert_eq!(kit.refused(&call, Value::Null).await, refusal(409, "MPTACC06-0001"), "{call}");
    }
    kit.done(&format!("POST licensees/{licensee}/disable"), Value::Null).await;
    kit.done(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(kit.ask(&path, None).await.0, 404);
    forbids(&kit, &["POST sellers", &format!("PUT {path}")], &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
}

#[tokio::test]
async fn licensees_live_in_their_buyer_s_account() {
    let kit = kit().await;
    let buyer = kit.row("buyers", |row| text(row, "account") == ACCOUNT);
    let seller = kit.in_status("sellers", "Active");
    let body = json!({
        "name": "Plant", "buyer": { "id": buyer["id"] }, "seller": { "id": seller }, "useBuyerAddress": true,
        "eligibility": { "client": true, "partner": false },
    });
    let linked = kit.row("erp-links", |row| row["buyer"] == buyer["id"]);
    let mut own = body.clone();
    own["seller"] = json!({ "id": linked["seller"] });
    let (status, answer) = kit.write("POST licensees", own, Some(CLIENT_TOKEN)).await;
    assert_eq!(
        (status, &answer["status"], &answer["account"]["id"]),
        (201, &json!("Active"), &json!(ACCOUNT)),
        "{answer}"
    );
    assert_eq!(answer["address"], buyer["address"]);
    let path = format!("licensees/{}", answer["id"].as_str().expect("an id"));
    let (status, updated) =
        kit.write(&format!("PUT {path}"), json!({ "description": "Wet" }), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &updated["description"], &updated["name"]), (200, &json!("Wet"), &json!("Plant")));
    assert_eq!(updated["revision"], 2);
    refuses(&kit, &path, &["enable"]).await;
    assert_eq!(after(&kit, &path, "disable").await, "Disabled");
    assert!(kit.get(&format!("{path}?select=audit")).await["audit"]["disabled"]["by"].is_object());
    refuses(&kit, &path, &["disable"]).await;
    assert_eq!(after(&kit, &path, "enable").await, "Active");
    for (name, property) in [("buyer", "buyer"), ("seller", "seller"), ("useBuyerAddress", "useBuyerAddress")] {
        let mut body = body.clone();
        body.as_object_mut().expect("an object").remove(name);
        assert_eq!(kit.refused("POST licensees", body).await, refusal(400, property));
    }
    let mut homeless = body.clone();
    homeless["useBuyerAddress"] = json!(false);
    assert_eq!(kit.refused("POST licensees", homeless).await, refusal(400, "MPTACC06-0003"));
    let stray = kit.done("POST buyers", json!({ "name": "Stray", "address": address() })).await;
    let mut nobody = body.clone();
    nobody["buyer"] = json!({ "id": stray["id"] });
    assert_eq!(kit.refused("POST licensees", nobody).await, refusal(400, "MPTACC06-0002"));
    let foreign = kit.row("buyers", |row| text(row, "account") != ACCOUNT);
    let mut unseen = body;
    unseen["buyer"] = json!({ "id": foreign["id"] });
    assert_eq!(told(&kit.write("POST licensees", unseen, Some(CLIENT_TOKEN)).await), refusal(400, "MPTACC00-0001"));
    forbids(&kit, &["POST licensees"], &[VENDOR_TOKEN]).await;
    forbids(&kit, &[&format!("DELETE {path}")], &[CLIENT_TOKEN]).await;
    kit.done(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(kit.ask(&path, None).await.0, 404);
}

#[tokio::test]
async fn links_are_blocked_with_a_note_and_unblocked() {
    let kit = kit().await;
    let path = format!("erp-links/{}", kit.in_status("erp-links", "Active"));
    let before = kit.get(&path).await;
    let blocked = kit.done(&format!("POST {path}/block"), json!({ "note": "Unpaid" })).await;
    assert_eq!((&blocked["status"], &blocked["note"]), (&json!("Blocked"), &json!("Unpaid")));
    assert_eq!(blocked["revision"], before["revision"].as_i64().expect("a number") + 1);
    refuses(&kit, &path, &["block"]).await;
    assert_eq!(after(&kit, &path, "unblock").await, "Active");
    refuses(&kit, &path, &["unblock"]).await;
    let put = format!("PUT {path}");
    let updated = kit.done(&put, json!({ "note": null, "externalIds": { "erpCustomer": "C" } })).await;
    assert_eq!((updated.get("note"), &updated["externalIds"]["erpCustomer"]), (None, &json!("C")));
    assert_eq!(updated["externalIds"]["erpCompanyContact"], before["externalIds"]["erpCompanyContact"]);
    assert_eq!(kit.refused(&put, json!({ "name": null })).await, refusal(400, "name"));
    assert_eq!(kit.refused("PUT erp-links/ERP-0000-0000-0000", json!({})).await, refusal(404, ""));
    forbids(&kit, &[&put, &format!("POST {path}/block")], &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
}

#[tokio::test]
async fn a_new_token_works_at_once_until_it_is_disabled_and_deleted() {
    let kit = kit().await;
    let default = kit.get(&format!("user-groups/{GROUP}")).await;
    let module = ids(&default["modules"])[0].to_owned();
    let body = json!({ "name": "Robot", "account": { "id": ACCOUNT }, "modules": [{ "id": module }] });
    let (status, answer) = kit.write("POST api-tokens", body, None).await;
    assert_eq!((status, &answer["status"], ids(&answer["modules"])), (201, &json!("Active"), vec![module.as_str()]));
    let (id, secret) = (answer["id"].as_str().expect("an id"), answer["token"].as_str().expect("a secret"));
    assert!(secret.starts_with(&format!("idt:{id}:")), "{secret}");
    let path = format!("api-tokens/{id}");
    let seen = kit.ask("accounts", Some(secret)).await;
    assert_eq!((seen.0, ids(&seen.1["data"])), (200, vec![ACCOUNT]));
    assert!(kit.sandbox.requests().iter().all(|entry| !format!("{entry:?}").contains(secret)));

    let (_, own) = kit.write("POST api-tokens", json!({ "name": "Own" }), Some(CLIENT_TOKEN)).await;
    assert_eq!((&own["account"]["id"], &own["modules"]), (&json!(ACCOUNT), &json!([])));
    assert_ne!(own["token"], secret);
    let renamed = kit.done(&format!("PUT {path}"), json!({ "name": "Robot 2", "modules": [] })).await;
    assert_eq!(
        (&renamed["name"], &renamed["modules"], &renamed["token"]),
        (&json!("Robot 2"), &json!([]), &json!(secret))
    );
    assert_eq!(kit.refused("POST api-tokens", json!({})).await, refusal(400, "name"));
    assert_eq!(kit.refused(&format!("PUT {path}"), json!({ "token": "x" })).await, refusal(400, "token"));
    let of_operations = kit.row("modules", |row| text(row, "code") == "PAM");
    let body = json!({ "modules": [{ "id": of_operations["id"] }] });
    assert_eq!(kit.refused(&format!("PUT {path}"), body).await, refusal(400, "MPTACC03-0005"));
    assert_eq!(told(&kit.write(&format!("PUT {path}"), json!({}), Some(VENDOR_TOKEN)).await), refusal(404, ""));

    refuses(&kit, &path, &["enable"]).await;
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(409, "MPTACC00-0003"));
    assert_eq!(after(&kit, &path, "disable").await, "Disabled");
    assert_eq!(kit.ask("accounts", Some(secret)).await.0, 401);
    refuses(&kit, &path, &["disable"]).await;
    assert_eq!(after(&kit, &path, "enable").await, "Active");
    kit.done(&format!("POST {path}/disable"), Value::Null).await;
    kit.done(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(kit.ask(&path, None).await.0, 404);
    assert_eq!(kit.ask("accounts", Some(secret)).await.0, 401, "whoever keeps it is not taken for Operations");
}

#[tokio::test]
async fn what_was_deleted_before_is_shown_and_final() {
    let kit = kit().await;
    for (collection, body) in [
        ("users", json!({ "firstName": "Nora" })),
        ("buyers", json!({ "name": "x", "address": address() })),
        ("sellers", json!({ "name": "x", "currencies": ["EUR"] })),
        ("licensees", json!({ "name": "x" })),
        ("api-tokens", json!({ "name": "x" })),
        ("cloud-tenants", json!({ "name": "x" })),
    ] {
        let path = format!("{collection}/{}", kit.in_status(collection, "Deleted"));
        assert_eq!(kit.refused(&format!("PUT {path}"), body).await, refusal(409, "MPTACC00-0004"), "{path}");
        assert_eq!(kit.get(&path).await["status"], "Deleted");
    }
}

#[tokio::test]
async fn cloud_tenants_are_for_operations() {
    let kit = kit().await;
    let uuid = "04e5fd3a-c916-45aa-923c-2fa02e9eddac";
    let body = json!({
        "name": "Azure", "type": "CspAzure", "account": { "id": ACCOUNT },
        "externalIds": { "pyraTenantId": uuid, "cloudConsumptionId": uuid, "providerId": null },
    });
    let (status, answer) = kit.write("POST cloud-tenants", body.clone(), None).await;
    assert_eq!(
        (status, &answer["status"], &answer["account"]["id"]),
        (201, &json!("Active"), &json!(ACCOUNT)),
        "{answer}"
    );
    let path = format!("cloud-tenants/{}", answer["id"].as_str().expect("an id"));
    let updated = kit.done(&format!("PUT {path}"), json!({ "name": "Azure 2", "status": "Disabled" })).await;
    assert_eq!(
        (&updated["name"], &updated["status"], &updated["revision"]),
        (&json!("Azure 2"), &json!("Disabled"), &json!(2))
    );
    assert_eq!(updated["externalIds"], json!({ "cloudConsumptionId": uuid, "pyraTenantId": uuid }));
    for (pointer, value, property) in [
        ("/name", json!("x".repeat(101)), "name"),
        ("/type", json!("Other"), "type"),
        ("/externalIds", json!({ "pyraTenantId": uuid }), "externalIds.cloudConsumptionId"),
        ("/externalIds/pyraTenantId", json!("none"), "externalIds.pyraTenantId"),
    ] {
        let mut body = body.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        assert_eq!(kit.refused("POST cloud-tenants", body).await, refusal(400, property));
    }
    kit.done(&format!("DELETE {path}"), Value::Null).await;
    assert_eq!(kit.ask(&path, None).await.0, 404);
    forbids(&kit, &["POST cloud-tenants", &format!("DELETE {path}")], &[CLIENT_TOKEN, VENDOR_TOKEN]).await;
}
