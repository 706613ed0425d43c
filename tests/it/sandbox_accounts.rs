//! Accounts and buyers in the sandbox: who updates and validates them, and how a buyer moves. Their states are tested with
//! the business rules.

use super::sandbox_kit::{ACCOUNT, GROUP, forbids, ids, kit, refusal, text, texts, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN, World};
use serde_json::json;

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
async fn buyers_are_updated_by_their_client_and_validated_without_being_changed() {
    let kit = kit().await;
    let own = kit.row("buyers", |row| text(row, "account") == ACCOUNT);
    let path = format!("buyers/{}", text(&own, "id"));
    let before = kit.get(&path).await;
    let mut body = json!({ "name": before["name"], "address": before["address"] });
    assert_eq!(kit.done(&format!("PUT {path}"), body.clone()).await, before, "nothing changed");
    body["taxId"] = json!("LV1");
    body["contact"] = json!({ "firstName": "Una", "email": "una@example.com" });
    let (status, answer) = kit.write(&format!("PUT {path}"), body.clone(), Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &answer["taxId"], answer.get("contact")), (200, &json!("LV1"), None));
    assert_eq!(answer["externalIds"], before["externalIds"]);
    forbids(&kit, &[&format!("PUT {path}")], &[VENDOR_TOKEN]).await;
    forbids(&kit, &["POST buyers", &format!("DELETE {path}")], &[CLIENT_TOKEN]).await;
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
