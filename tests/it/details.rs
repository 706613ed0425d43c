//! Fields that have a route of their own.

use crate::{
    mutation::upstream::{list, not_found, ok, scripted},
    support::kit,
};
use accounts_graph::sandbox::OPERATIONS_TOKEN;
use serde_json::json;

#[tokio::test]
async fn what_a_route_below_an_entity_answers_is_a_field_of_it() {
    let kit = scripted(|line| match line {
        "GET /users/USR-1/sso-check" => ok(&json!({ "sso": true, "provider": { "name": "x" } })),
        "GET /users/USR-2/sso-check" => ok(&json!(false)),
        line if line.starts_with("GET /users?") => {
            list(&json!([{ "id": "USR-1" }, { "id": "USR-2" }, { "id": "USR-3" }]))
        }
        _ => not_found(),
    })
    .await;
    let answer = kit.send("{ users { nodes { ssoCheck } } }", json!({})).await;
    let nodes = json!([{ "ssoCheck": { "sso": true, "provider": { "name": "x" } } }, { "ssoCheck": false }, { "ssoCheck": null }]);
    assert_eq!(answer, json!({ "data": { "users": { "nodes": nodes } } }));
    let mut requests = kit.requests();
    requests.sort();
    assert_eq!(
        requests,
        [
            "GET /users/USR-1/sso-check",
            "GET /users/USR-2/sso-check",
            "GET /users/USR-3/sso-check",
            "GET /users?select=-*,id&order=id&limit=20",
        ]
    );
}

#[tokio::test]
async fn a_detail_by_id_leaves_with_its_entity_and_goes_on_below() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /buyers/BUY-1/transfer") => {
            let users = json!([{ "id": "AUSR-1", "user": { "id": "USR-1", "name": "Ada" } }]);
            ok(&json!({ "id": "BUY-1", "stats": { "licenseeCount": 2, "orderCount": "many" }, "users": users }))
        }
        line if line.starts_with("GET /buyers/BUY-1?") => ok(&json!({ "id": "BUY-1", "name": "B" })),
        line if line.starts_with("GET /account-users/AUSR-1?") => ok(&json!({ "id": "AUSR-1", "status": "Active" })),
        _ => not_found(),
    })
    .await;
    let document = "query($to: ID!) { buyer(id: \"BUY-1\") { name
        transferPreview(destinationAccount: $to) { stats { licenseeCount orderCount } accountUsers { status user { name } } __typename } } }";
    let answer = kit.send(document, json!({ "to": "ACC-2" })).await;
    let error = json!({ "message": "The accounts API answered with a value of another kind than documented.",
        "locations": [{ "line": 2, "column": 74 }], "path": ["buyer", "transferPreview", "stats", "orderCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    let preview = json!({ "stats": { "licenseeCount": 2, "orderCount": null },
        "accountUsers": [{ "status": "ACTIVE", "user": { "name": "Ada" } }], "__typename": "BuyerTransferPreview" });
    let data = json!({ "buyer": { "name": "B", "transferPreview": preview } });
    assert_eq!(answer, json!({ "errors": [error], "data": data }));
    let mut first = kit.requests();
    let last = first.pop();
    first.sort();
    assert_eq!(
        first,
        ["GET /buyers/BUY-1/transfer?destinationAccountId=ACC-2", "GET /buyers/BUY-1?select=-*,id,name"],
        "both in the first round"
    );
    assert_eq!(last.as_deref(), Some("GET /account-users/AUSR-1?select=-*,id,status"));
    let answer = kit.send(document, json!({ "to": "ACC-2/../x" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(answer["data"], json!({ "buyer": { "name": "B", "transferPreview": null } }));
    assert_eq!(kit.requests(), ["GET /buyers/BUY-1?select=-*,id,name"]);
}

#[tokio::test]
async fn a_detail_that_is_forbidden_is_null_with_an_error() {
    let kit = scripted(|line| {
        if line.contains("sso-check") { (403, "{}".to_owned()) } else { ok(&json!({ "id": "USR-1", "name": "Ada" })) }
    })
    .await;
    let answer = kit.send("{ user(id: \"USR-1\") { name check: ssoCheck } }", json!({})).await;
    let error = json!({ "message": "The accounts API does not allow this to the caller",
        "locations": [{ "line": 1, "column": 28 }], "path": ["user", "check"], "extensions": { "code": "FORBIDDEN" } });
    assert_eq!(answer, json!({ "errors": [error], "data": { "user": { "name": "Ada", "check": null } } }));
}

#[tokio::test]
async fn the_sandbox_has_both() {
    let kit = kit().await;
    let query = r#"{ user(id: "USR-1671-0642") { ssoCheck }
        buyers(first: 1) { nodes { licensees { totalCount } transferPreview(destinationAccount: "ACC-1671-0642") {
            stats { licenseeCount userCount } accountUsers { user { name } } } } } }"#;
    let answer = kit.send(&json!({ "query": query }), Some(OPERATIONS_TOKEN)).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert!(answer["data"]["user"]["ssoCheck"]["sso"].is_boolean(), "{answer}");
    let buyer = &answer["data"]["buyers"]["nodes"][0];
    let preview = &buyer["transferPreview"];
    assert_eq!(preview["stats"]["licenseeCount"], buyer["licensees"]["totalCount"], "{answer}");
    let users = preview["accountUsers"].as_array().expect("members");
    assert!(users.iter().all(|member| member["user"]["name"].is_string()), "{answer}");
}
