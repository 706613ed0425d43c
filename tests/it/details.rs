//! Fields that have a route of their own.

use crate::{
    mutation::upstream::{Scripted, list, not_found, ok, scripted},
    support::kit,
};
use accounts_graph_sandbox::OPERATIONS_TOKEN;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The rows of a request for some of them by their ids, of those with these ids and members.
fn rows_of(line: &str, known: &[(&str, Value)]) -> (u16, String) {
    let asked = known.iter().filter(|(id, _)| line.contains(&format!("\"{id}\"")));
    list(&asked.map(|(_, row)| row.clone()).collect())
}

fn sorted(kit: &Scripted) -> Vec<String> {
    let mut requests = kit.requests();
    requests.sort();
    requests
}

#[tokio::test]
async fn single_sign_on_is_told_by_a_route_of_its_own() {
    let kit = scripted(|line| match line {
        "GET /users/USR-1/sso" => ok(&json!({ "status": "enabled" })),
        "GET /users/USR-2/sso" => ok(&json!({ "status": "disabled" })),
        "GET /users/USR-3/sso" => ok(&json!({ "status": "sometimes" })),
        "GET /users/USR-4/sso" => ok(&json!({})),
        "GET /users/USR-5/sso" => ok(&json!("enabled")),
        line if line.starts_with("GET /users?") => {
            let row = |n| json!({ "id": format!("USR-{n}") });
            list(&(1..=5).map(row).collect())
        }
        _ => not_found(),
    })
    .await;
    let answer = kit.send("{ users { nodes { sso } } }", json!({})).await;
    let nodes =
        json!([{ "sso": "ENABLED" }, { "sso": "DISABLED" }, { "sso": "UNKNOWN" }, { "sso": null }, { "sso": null }]);
    assert_eq!(answer["data"], json!({ "users": { "nodes": nodes } }));
    let errors = answer["errors"].as_array().expect("errors");
    // An answer without its one member is not documented, so it is no null.
    let told = |error: &Value| (error["path"][2].clone(), error["extensions"]["code"].clone());
    let invalid = |place: usize| (json!(place), json!("UPSTREAM_INVALID"));
    assert_eq!(errors.iter().map(told).collect::<Vec<_>>(), [invalid(3), invalid(4)], "{answer}");
    let message = "The accounts API answered without the value that the route is for.";
    assert_eq!((&errors[0]["path"], &errors[0]["message"]), (&json!(["users", "nodes", 3, "sso"]), &json!(message)));
    let routes = (1..=5).map(|n| format!("GET /users/USR-{n}/sso"));
    let expected: Vec<String> = routes.chain(["GET /users?select=-*,id&order=id&limit=20".to_owned()]).collect();
    assert_eq!(sorted(&kit), expected);
}

#[tokio::test]
async fn without_the_route_single_sign_on_is_told_by_the_row() {
    for absent in
        [not_found(), (404, String::new()), (404, "<html>Not Found</html>".to_owned()), (405, "{}".to_owned())]
    {
        let kit = scripted(move |line| match line {
            line if line.ends_with("/sso") => absent.clone(),
            line if line.starts_with("GET /users?in(") => rows_of(
                line,
                &[
                    ("USR-1", json!({ "id": "USR-1", "SSO": true })),
                    ("USR-2", json!({ "id": "USR-2", "SSO": false })),
                    ("USR-3", json!({ "id": "USR-3" })),
                ],
            ),
            line if line.starts_with("GET /users?") => {
                list(&json!([{ "id": "USR-1" }, { "id": "USR-2" }, { "id": "USR-3" }, { "id": "USR-4" }]))
            }
            _ => not_found(),
        })
        .await;
        let query = "{ users { nodes { sso } } }";
        let nodes = json!([{ "sso": "ENABLED" }, { "sso": "DISABLED" }, { "sso": null }, { "sso": null }]);
        // A row that does not tell it leaves it unknown. Who has no row is not there.
        let error = json!({ "message": "The accounts API has no route /users/{id}/sso on this host.",
            "locations": [{ "line": 1, "column": 19 }], "path": ["users", "nodes", 2, "sso"],
            "extensions": { "code": "UPSTREAM_ROUTE_MISSING" } });
        let expected = json!({ "errors": [error], "data": { "users": { "nodes": nodes } } });
        assert_eq!(kit.send(query, json!({})).await, expected);
        let page = "GET /users?select=-*,id&order=id&limit=20".to_owned();
        let ids = r#"("USR-1","USR-2","USR-3","USR-4")"#;
        let rows = format!("GET /users?in(id,{ids})&select=-*,id,SSO&order=id&limit=4");
        let routes = (1..=4).map(|n| format!("GET /users/USR-{n}/sso"));
        let first: Vec<String> = routes.chain([rows.clone(), page.clone()]).collect();
        assert_eq!(sorted(&kit), first);
        // The host is known now.
        assert_eq!(kit.send(query, json!({})).await, expected);
        assert_eq!(sorted(&kit), [rows, page]);
    }
}

#[tokio::test]
async fn a_missing_route_is_forgotten_after_ten_minutes() {
    let found = Arc::new(AtomicBool::new(false));
    let there = Arc::clone(&found);
    let kit = scripted(move |line| match line {
        "GET /accounts/ACC-1/settings/notifications" if there.load(Ordering::Relaxed) => ok(&json!({ "a": [1, null] })),
        line if line.starts_with("GET /accounts?in(") => rows_of(line, &[("ACC-1", json!({ "id": "ACC-1" }))]),
        line if line.starts_with("GET /accounts/ACC-1?") => ok(&json!({ "id": "ACC-1", "name": "A" })),
        _ => not_found(),
    })
    .await;
    let query = "{ account(id: \"ACC-1\") { name notificationSettings } }";
    let message = "The accounts API has no route /accounts/{id}/settings/notifications on this host.";
    let error = json!({ "message": message, "locations": [{ "line": 1, "column": 31 }],
        "path": ["account", "notificationSettings"], "extensions": { "code": "UPSTREAM_ROUTE_MISSING" } });
    let missing = json!({ "errors": [error], "data": { "account": { "name": "A", "notificationSettings": null } } });
    let entity = "GET /accounts/ACC-1?select=-*,id,name";
    let route = "GET /accounts/ACC-1/settings/notifications";
    let row = "GET /accounts?in(id,(\"ACC-1\"))&select=-*,id&order=id&limit=1";
    assert_eq!(kit.send(query, json!({})).await, missing);
    assert_eq!(sorted(&kit), [route, entity, row]);
    found.store(true, Ordering::Relaxed);
    assert_eq!(kit.send(query, json!({})).await, missing);
    assert_eq!(sorted(&kit), [entity]);
    kit.clock.advance(Duration::from_secs(601));
    let settings = json!({ "account": { "name": "A", "notificationSettings": { "a": [1, null] } } });
    assert_eq!(kit.send(query, json!({})).await, json!({ "data": settings }));
    assert_eq!(sorted(&kit), [route, entity]);
}

#[tokio::test]
async fn settings_of_an_account_that_is_not_there_are_null() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /accounts?in(") => list(&json!([])),
        line if line.starts_with("GET /buyers/BUY-1?") => {
            ok(&json!({ "id": "BUY-1", "account": { "id": "ACC-1", "name": "A" } }))
        }
        _ => not_found(),
    })
    .await;
    let query = "{ buyer(id: \"BUY-1\") { account { name notificationSettings } } }";
    for _ in 0..2 {
        // Nothing was learned of the route.
        let account = json!({ "name": "A", "notificationSettings": null });
        assert_eq!(kit.send(query, json!({})).await, json!({ "data": { "buyer": { "account": account } } }));
        assert_eq!(kit.requests().len(), 3);
    }
}

#[tokio::test]
async fn services_that_a_host_does_not_have_are_an_error_and_harm_nothing_else() {
    for absent in [not_found(), (404, String::new()), (410, "{}".to_owned())] {
        let kit = scripted(move |line| match line {
            line if line.starts_with("GET /services") => absent.clone(),
            line if line.starts_with("GET /users?") => list(&json!([{ "id": "USR-1" }])),
            _ => not_found(),
        })
        .await;
        let service = "service(id: \"SVC-1\") { name }";
        for (field, path) in [("services { totalCount }", "services"), (service, "service"), (service, "service")] {
            let answer = kit.send(&format!("{{ {field} users {{ nodes {{ id }} }} }}"), json!({})).await;
            let data = json!({ path: null, "users": { "nodes": [{ "id": "USR-1" }] } });
            assert_eq!(answer["data"], data, "{answer}");
            let errors = answer["errors"].as_array().expect("errors");
            let said = errors[0]["message"].as_str().expect("a message");
            assert!(said.starts_with("The accounts API has no route /services"), "{said}");
            assert_eq!((errors.len(), &errors[0]["extensions"]["code"]), (1, &json!("UPSTREAM_ROUTE_MISSING")));
        }
        let asked = kit.requests().iter().filter(|line| line.contains("/services")).count();
        assert_eq!(asked, 1, "what is missing is remembered");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_null_where_the_host_has_services() {
    let kit = scripted(|line| match line {
        "GET /services?select=-*,id&limit=1" => list(&json!([{ "id": "SVC-2" }])),
        _ => not_found(),
    })
    .await;
    let answer = kit.send("{ service(id: \"SVC-1\") { name } node(id: \"SVC-1\") { id } }", json!({})).await;
    assert_eq!(answer, json!({ "data": { "service": null, "node": null } }));
}

#[tokio::test]
async fn a_detail_by_id_leaves_with_its_entity_and_goes_on_below() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /buyers/BUY-1/transfer") => {
            let users = json!([{ "id": "AUSR-1", "user": { "id": "USR-1", "name": "Ada" } }]);
            ok(&json!({ "id": "BUY-1", "stats": { "licenseeCount": 2, "orderCount": "many" }, "users": users }))
        }
        line if line.starts_with("GET /buyers/BUY-1?") => ok(&json!({ "id": "BUY-1", "name": "B" })),
        line if line.starts_with("GET /account-users") => {
            let row =
                json!({ "id": "AUSR-1", "invitation": { "status": "Active" }, "user": { "id": "USR-1" }, "account": { "id": "ACC-1" } });
            if line.starts_with("GET /account-users?") { list(&json!([row])) } else { ok(&row) }
        }
        _ => not_found(),
    })
    .await;
    let document = "query($to: ID!) { buyer(id: \"BUY-1\") { name
        transferPreview(destinationAccount: $to) { stats { licenseeCount orderCount } accountUsers { nodes { status user { name } } } __typename } } }";
    let answer = kit.send(document, json!({ "to": "ACC-2" })).await;
    let error = json!({ "message": "The accounts API answered with a value of another kind than documented.",
        "locations": [{ "line": 2, "column": 74 }], "path": ["buyer", "transferPreview", "stats", "orderCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    let preview = json!({ "stats": { "licenseeCount": 2, "orderCount": null },
        "accountUsers": { "nodes": [{ "status": "ACTIVE", "user": { "name": "Ada" } }] }, "__typename": "BuyerTransferPreview" });
    let data = json!({ "buyer": { "name": "B", "transferPreview": preview } });
    assert_eq!(answer, json!({ "errors": [error], "data": data }));
    let mut first = kit.requests();
    let last = first.pop();
    first.sort();
    assert_eq!(
        first,
        [
            "GET /account-users?select=-*,id&order=id&limit=1",
            "GET /buyers/BUY-1/transfer?destinationAccountId=ACC-2",
            "GET /buyers/BUY-1?select=-*,id,name"
        ],
        "both in the first round; for the memberships the host's routes are found out"
    );
    assert_eq!(
        last.as_deref(),
        Some(
            "GET /account-users?in(id,(\"AUSR-1\"))&select=-*,id,invitation,user.id,account.id&order=account.id,user.id&limit=100"
        )
    );
    let answer = kit.send(document, json!({ "to": "ACC-2/../x" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(answer["data"], json!({ "buyer": { "name": "B", "transferPreview": null } }));
    assert_eq!(kit.requests(), ["GET /buyers/BUY-1?select=-*,id,name"]);
}

#[tokio::test]
async fn a_detail_that_is_refused_says_why() {
    let refused =
        |body: Value| async move {
            let kit = scripted(move |line| {
                if line.contains("/transfer?") { (400, body.to_string()) } else { ok(&json!({ "id": "BUY-1" })) }
            })
            .await;
            let document =
                "{ buyer(id: \"BUY-1\") { transferPreview(destinationAccount: \"ACC-2\") { stats { orderCount } } } }";
            let answer = kit.send(document, json!({})).await;
            assert_eq!(answer["data"], json!({ "buyer": { "transferPreview": null } }));
            assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
            answer["errors"][0].clone()
        };
    let error = refused(json!({ "title": "Bad Request", "status": 400, "traceId": "00-ab-00", "errors":
        { "destinationAccountId": ["Buyers belong to client accounts."], "x": ["It\u{7}is closed."] } }));
    let expected = json!({
        "message": "The accounts API refused the request: Buyers belong to client accounts. It is closed.",
        "locations": [{ "line": 1, "column": 24 }], "path": ["buyer", "transferPreview"],
        "extensions": { "code": "UPSTREAM_REJECTED", "traceId": "00-ab-00" } });
    assert_eq!(error.await, expected);
    for (body, message) in [
        (json!({ "title": "Bad Request", "detail": "Not now." }), "The accounts API refused the request: Not now."),
        (json!({ "title": "Not a client." }), "The accounts API refused the request: Not a client."),
        (json!({ "detail": "see http://10.0.0.1/x" }), "The accounts API refused the request"),
        (json!({}), "The accounts API refused the request"),
    ] {
        assert_eq!(refused(body).await["message"], message);
    }
}

#[tokio::test]
async fn a_detail_that_is_forbidden_is_null_with_an_error() {
    let kit = scripted(|line| {
        if line.ends_with("/sso") { (403, "{}".to_owned()) } else { ok(&json!({ "id": "USR-1", "name": "Ada" })) }
    })
    .await;
    let answer = kit.send("{ user(id: \"USR-1\") { name check: sso } }", json!({})).await;
    let error = json!({ "message": "The accounts API does not allow this to the caller",
        "locations": [{ "line": 1, "column": 28 }], "path": ["user", "check"], "extensions": { "code": "FORBIDDEN" } });
    assert_eq!(answer, json!({ "errors": [error], "data": { "user": { "name": "Ada", "check": null } } }));
}

#[tokio::test]
async fn the_sandbox_has_all_of_them() {
    let kit = kit().await;
    let query = r#"{ user(id: "USR-1671-0642") { sso currentAccount { notificationSettings } }
        buyers(first: 1) { nodes { licensees { totalCount } transferPreview(destinationAccount: "ACC-1671-0642") {
            stats { licenseeCount userCount } accountUsers { nodes { user { name } } } } } } }"#;
    let answer = kit.send(&json!({ "query": query }), Some(OPERATIONS_TOKEN)).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let user = &answer["data"]["user"];
    assert!(user["sso"] == "ENABLED" || user["sso"] == "DISABLED", "{answer}");
    assert!(user["currentAccount"]["notificationSettings"].is_object(), "{answer}");
    let buyer = &answer["data"]["buyers"]["nodes"][0];
    let preview = &buyer["transferPreview"];
    assert_eq!(preview["stats"]["licenseeCount"], buyer["licensees"]["totalCount"], "{answer}");
    let users = preview["accountUsers"]["nodes"].as_array().expect("members");
    assert!(users.iter().all(|member| member["user"]["name"].is_string()), "{answer}");
}
