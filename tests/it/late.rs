//! A field of the accounts API whose read failed, and that a later read of the same operation returned after all.

use super::fake::{Fake, flat, list};
use serde_json::json;

/// A user whose account cannot be read by the user's id, and whom a membership tells with the account, one round later.
async fn host(account: u16) -> Fake {
    flat(move |line| {
        let body = match line {
            line if line.starts_with("/user-groups") => {
                let group =
                    json!({ "id": "UGR-0001", "users": [{ "id": "USR-0001" }], "account": { "id": "ACC-0001" } });
                list(&json!([group]))
            }
            line if line.starts_with("/account-users") => {
                let user = json!({ "id": "USR-0001", "currentAccount": { "id": "ACC-0002", "name": "B" } });
                list(&json!([{ "id": "AUSR-0001", "user": user, "account": { "id": "ACC-0001" } }]))
            }
            line if line.starts_with("/users") && line.contains("currentAccount") => {
                return (403, json!({ "status": 403, "title": "Forbidden" }).to_string());
            }
            line if line.starts_with("/users") => json!({ "id": "USR-0001", "lastName": "L" }).to_string(),
            _ => return (account, json!({ "id": "ACC-0002", "website": "https://b" }).to_string()),
        };
        (200, body)
    })
    .await
}

const QUERY: &str = "{ groups(first: 1) { nodes { users { nodes { currentAccount { website } } } \
                     account { users(first: 1) { nodes { lastName currentAccount { name } } } } } } }";

#[tokio::test]
async fn it_has_its_value_and_all_that_is_selected_of_it() {
    let host = host(200).await;
    let answer = host.query(QUERY).await;
    let members = json!({ "nodes": [{ "lastName": "L", "currentAccount": { "name": "B" } }] });
    let node = json!({ "users": { "nodes": [{ "currentAccount": { "website": "https://b" } }] }, "account": { "users": members } });
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": [node] } } }), "{:#?}", host.requests());
}

#[tokio::test]
async fn what_is_selected_of_it_and_cannot_be_read_is_an_error() {
    let answer = host(403).await.query(QUERY).await;
    let errors: Vec<_> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(errors, [&json!(["groups", "nodes", 0, "users", "nodes", 0, "currentAccount", "website"])], "{answer}");
}
