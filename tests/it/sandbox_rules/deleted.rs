//! What is deleted: who still sees it, and where.

use super::{buyer, licensee, path, seller, tie};
use crate::sandbox_kit::{ACCOUNT, GROUP, Kit, kit};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN};
use serde_json::{Value, json};

/// The status of a single read by Operations, the client and the vendor, and how often each sees it in a list: with its
/// id, and with its id and status.
async fn sight(kit: &Kit, path: &str) -> [(u16, u64, u64); 3] {
    let (collection, id) = path.split_once('/').expect("a collection and an id");
    let mut seen = [(0, 0, 0); 3];
    for (place, token) in [None, Some(CLIENT_TOKEN), Some(VENDOR_TOKEN)].into_iter().enumerate() {
        let (status, body) = kit.ask(path, token).await;
        assert!(status != 200 || body["status"] == "Deleted", "{body}");
        let mut totals = [0, 0];
        for (place, filter) in
            [format!("eq(id,\"{id}\")"), format!("and(eq(id,\"{id}\"),eq(status,\"Deleted\"))")].iter().enumerate()
        {
            let (_, list) = kit.ask(&format!("{collection}?{filter}"), token).await;
            totals[place] = list["$meta"]["pagination"]["total"].as_u64().unwrap_or_default();
        }
        seen[place] = (status, totals[0], totals[1]);
    }
    seen
}

async fn delete(kit: &Kit, path: &str) {
    assert_eq!(kit.write(&format!("DELETE {path}"), Value::Null, None).await, (204, Value::Null), "{path}");
}

#[tokio::test]
async fn user_br_012_api_token_br_009_people_and_tokens_are_seen_by_operations_by_id() {
    let kit = kit().await;
    let user = format!("users/{}", kit.in_status("users", "Disabled"));
    let token = json!({ "name": "Robot", "account": { "id": ACCOUNT } });
    let token = path("api-tokens", &kit.done("POST api-tokens", token).await);
    for path in [user, token] {
        delete(&kit, &path).await;
        assert_eq!(sight(&kit, &path).await, [(200, 0, 1), (404, 0, 0), (404, 0, 0)], "{path}");
    }
}

#[tokio::test]
async fn buyers_and_licensees_are_seen_by_operations() {
    let kit = kit().await;
    let buyer = buyer(&kit, None).await;
    let licensee = licensee(&kit, &tie(&kit)).await;
    for path in [buyer, licensee] {
        delete(&kit, &path).await;
        assert_eq!(sight(&kit, &path).await, [(200, 1, 1), (404, 0, 0), (404, 0, 0)], "{path}");
    }
}

#[tokio::test]
async fn seller_br_001_sellers_are_seen_by_whoever_sees_sellers() {
    let kit = kit().await;
    let seller = seller(&kit, "LV_77").await;
    delete(&kit, &seller).await;
    assert_eq!(sight(&kit, &seller).await, [(200, 1, 1), (200, 1, 1), (404, 0, 0)]);
}

#[tokio::test]
async fn groups_and_memberships_are_seen_by_nobody() {
    let kit = kit().await;
    let group = path(
        "user-groups",
        &kit.done("POST user-groups", json!({ "name": "Short", "account": { "id": ACCOUNT } })).await,
    );
    let body =
        json!({ "email": "nora@example.com", "firstName": "Nora", "lastName": "Quist", "groups": [{ "id": GROUP }] });
    let call = format!("accounts/{ACCOUNT}/users");
    let member = path(&call, &kit.done(&format!("POST {call}"), body).await);
    for path in [group, member] {
        delete(&kit, &path).await;
        for token in [None, Some(CLIENT_TOKEN)] {
            assert_eq!(kit.ask(&path, token).await.0, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn what_was_deleted_before_is_final() {
    let kit = kit().await;
    for collection in ["users", "api-tokens"] {
        delete(&kit, &format!("{collection}/{}", kit.in_status(collection, "Disabled"))).await;
    }
    for (collection, body) in [
        ("users", json!({ "firstName": "Nora" })),
        ("sellers", json!({ "name": "x" })),
        ("licensees", json!({ "name": "x" })),
        ("api-tokens", json!({ "name": "x" })),
    ] {
        let path = format!("{collection}/{}", kit.in_status(collection, "Deleted"));
        let told = kit.refused(&format!("PUT {path}"), body).await;
        assert_eq!(told, (400, "MPTACC00-0004".to_owned()), "{path}");
        assert_eq!(kit.get(&path).await["status"], "Deleted");
    }
}
