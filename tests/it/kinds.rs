//! A reference to something of another kind than the schema says is `UPSTREAM_INVALID` at its path, wherever references are
//! followed: it is neither served as what it is not, nor left out.

use super::{
    fake::{fake, flat, list},
    mutation::upstream::{ok, scripted},
};
use serde_json::{Value, json};

/// The paths of the errors, all of which say the same.
fn paths(answer: &Value) -> Vec<Value> {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "UPSTREAM_INVALID"), "{answer}");
    errors.iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn in_a_row_it_is_an_error_at_the_reference() {
    // The member of a user or a group, the query, the null, and the error's path below the node.
    let cases = [
        (
            "users",
            json!({ "currentAccount": { "id": "UGR-0001", "name": "X" } }),
            "currentAccount { name }",
            json!({ "currentAccount": null }),
            json!(["currentAccount"]),
        ),
        (
            "users",
            json!({ "currentAccount": { "id": "BUY-0001" } }),
            "currentAccount { website }",
            json!({ "currentAccount": null }),
            json!(["currentAccount"]),
        ),
        (
            "user-groups",
            json!({ "users": [{ "id": "USR-0001" }, { "id": "ACC-0001", "name": "X" }] }),
            "users { nodes { id } }",
            json!({ "users": null }),
            json!(["users", "nodes", 0]),
        ),
        (
            "user-groups",
            json!({ "modules": [{ "id": "USR-0001", "name": "X" }] }),
            "modules { name }",
            json!({ "modules": null }),
            json!(["modules", 0]),
        ),
        (
            "user-groups",
            json!({ "buyers": [{ "id": "EXT-0001", "name": "X" }] }),
            "buyers { nodes { name } }",
            json!({ "buyers": null }),
            json!(["buyers", "nodes", 0]),
        ),
        // Whoever acts is no account, though of unknown kinds anybody may act.
        (
            "user-groups",
            json!({ "audit": { "created": { "by": { "id": "ACC-0001", "name": "X" } } } }),
            "audit { created { by { name } } }",
            json!({ "audit": { "created": { "by": null } } }),
            json!(["audit", "created", "by"]),
        ),
    ];
    for (collection, mut row, selection, expected, below) in cases {
        let prefix = if collection == "users" { "USR" } else { "UGR" };
        row["id"] = format!("{prefix}-0009").into();
        let body = list(&json!([row]));
        let fake = fake(move |_| (200, body.clone())).await;
        let field = if collection == "users" { "users" } else { "groups" };
        let answer = fake.query(&format!("{{ {field}(first: 1) {{ nodes {{ {selection} }} }} }}")).await;
        assert_eq!(answer["data"][field]["nodes"], json!([expected]), "{selection}: {answer}");
        let mut path = json!([field, "nodes", 0]);
        path.as_array_mut().expect("a path").extend(below.as_array().expect("a path").clone());
        assert_eq!(paths(&answer), [path], "{selection}");
    }
}

#[tokio::test]
async fn unknown_prefixes_and_placeholders_are_as_before() {
    let by = json!({ "id": "BOT-0001", "name": "B" });
    let row =
        json!({ "id": "UGR-0009", "audit": { "created": { "by": by } }, "account": { "id": "text", "name": "A" } });
    let body = list(&json!([row]));
    let fake = fake(move |_| (200, body.clone())).await;
    let answer = fake
        .query("{ groups(first: 1) { nodes { account { name } audit { created { by { __typename name } } } } } }")
        .await;
    let node = json!({ "account": { "name": "A" }, "audit": { "created": { "by": { "__typename": "UnknownActor", "name": "B" } } } });
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": [node] } } }));
}

#[tokio::test]
async fn the_rows_of_a_relation_are_an_error_for_all_parents() {
    // Of two accounts one has a group whose account is none.
    let fake = fake(|line| {
        let group = |number: usize, account: &str| json!({ "id": format!("UGR-000{number}"), "name": "G", "account": { "id": account } });
        let body = match line {
            line if line.starts_with("/user-groups") => json!([group(1, "ACC-0001"), group(2, "USR-0002")]),
            _ => json!([1, 2].map(|number| json!({ "id": format!("ACC-000{number}"), "$meta": { "omitted": ["groups"] } }))),
        };
        (200, list(&body))
    })
    .await;
    let answer = fake.query("{ accounts(first: 2) { nodes { groups { nodes { users { nodes { id } } } } } } }").await;
    assert_eq!(
        answer["data"],
        json!({ "accounts": { "nodes": [{ "groups": null }, { "groups": null }] } }),
        "{answer}"
    );
    let path = |account: usize| json!(["accounts", "nodes", account, "groups"]);
    assert_eq!(paths(&answer), [path(0), path(1)]);
}

#[tokio::test]
async fn a_membership_of_something_else_is_an_error() {
    let fake = flat(|line| {
        let member = |user: &str| json!({ "id": "AUSR-0001", "user": { "id": user, "name": "X" }, "account": { "id": "ACC-0001" } });
        let body = if line.starts_with("/account-users") { list(&json!([member("UGR-0001")])) } else { json!({ "id": "ACC-0001" }).to_string() };
        (200, body)
    })
    .await;
    let answer = fake.query("{ account(id: \"ACC-0001\") { users(first: 1) { nodes { name } } } }").await;
    assert_eq!(answer["data"], json!({ "account": { "users": null } }), "{answer}");
    assert_eq!(paths(&answer), [json!(["account", "users", "nodes", 0])]);
    let answer =
        fake.query("{ account(id: \"ACC-0001\") { accountUsers(first: 1) { nodes { user { name } } } } }").await;
    // Its id would be made of the user's.
    assert_eq!(answer["data"], json!({ "account": { "accountUsers": null } }), "{answer}");
    assert_eq!(paths(&answer), [json!(["account", "accountUsers", "nodes", 0])]);
}

#[tokio::test]
async fn a_row_of_a_list_is_an_error_too() {
    let fake = fake(|_| (200, list(&json!([{ "id": "ACC-0001", "email": "e" }])))).await;
    let answer = fake.query("{ users(first: 1) { nodes { email } } }").await;
    assert_eq!(answer["data"], json!({ "users": null }), "{answer}");
    assert_eq!(paths(&answer), [json!(["users", "nodes", 0])]);
}

#[tokio::test]
async fn in_a_payload_it_is_an_error_at_the_reference() {
    let kit = scripted(|_| {
        ok(&json!({ "id": "USR-2000-0002", "name": "Ada", "currentAccount": { "id": "SEL-0001", "name": "X" } }))
    })
    .await;
    let document = "mutation { blockUser(input: { id: \"USR-2000-0002\" }) { user { name currentAccount { name } } } }";
    let answer: Value = serde_json::from_str(&kit.text(document, json!({})).await).expect("JSON");
    assert_eq!(
        answer["data"],
        json!({ "blockUser": { "user": { "name": "Ada", "currentAccount": null } } }),
        "{answer}"
    );
    assert_eq!(paths(&answer), [json!(["blockUser", "user", "currentAccount"])]);
}

#[tokio::test]
async fn a_group_that_names_something_else_among_its_users_tells_no_memberships() {
    let fake = fake(|line| {
        let body = match line {
            line if line.starts_with("/account-users") => {
                return (404, json!({ "status": 404, "title": "Not Found" }).to_string());
            }
            // Somebody invited is found in a group, so groups tell who is in them.
            line if line.starts_with("/users?eq(status") => json!([{ "id": "USR-0007" }]),
            line if line.contains("USR-0007") => json!([{ "id": "UGR-0007" }]),
            line if line.starts_with("/user-groups") => {
                let users = json!([{ "id": "USR-0001" }, { "id": "ACC-0001" }]);
                json!([{ "id": "UGR-0001", "name": "G", "account": { "id": "ACC-0001" }, "users": users }])
            }
            _ => json!([{ "id": "USR-0001" }]),
        };
        (200, list(&body))
    })
    .await;
    let answer = fake.query("{ users(first: 1) { nodes { groups { nodes { name } } } } }").await;
    assert_eq!(answer["data"], json!({ "users": { "nodes": [{ "groups": null }] } }), "{answer}");
    assert_eq!(paths(&answer), [json!(["users", "nodes", 0, "groups"])], "{:#?}", fake.requests());
}
