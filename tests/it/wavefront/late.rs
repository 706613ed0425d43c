//! A field whose read failed, and that a later read of the same operation returned after all.

use super::{gateway, stub};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const GROUP: &str = "11111111-0000-4000-a000-000000000001";
const ROLE: &str = "22222222-0000-4000-a000-000000000001";

fn page(items: &Value) -> String {
    json!({ "status": { "result": "OK", "code": 200 }, "response": { "items": items, "moreItems": false } }).to_string()
}

/// A group with an account whose roles cannot be read at first. The role of the group leads to the same account again, two
/// rounds later, beside another one, and returns its roles.
async fn answer(role: u16) -> Value {
    let (validations, searches) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let upstream = stub(move |line| {
        let body = match line {
            line if line.contains("/validateAccounts") => {
                if validations.fetch_add(1, Ordering::Relaxed) == 0 {
                    return (403, "{}".to_owned());
                }
                let account = |name: &str| json!({ "identifier": format!("{name}@example.com"), "customer": "c" });
                let valid = json!({ "validUsers": [account("a"), account("b")], "invalidIdentifiers": [] });
                json!({ "status": { "result": "OK", "code": 200 }, "response": valid }).to_string()
            }
            line if line.contains("/search/account") => match searches.fetch_add(1, Ordering::Relaxed) {
                0 => page(&json!([{ "identifier": "a@example.com", "userGroups": [GROUP] }])),
                _ => page(&json!([
                    { "identifier": "a@example.com", "roles": [ROLE] }, { "identifier": "b@example.com", "roles": [ROLE] }
                ])),
            },
            line if line.contains("/role") => {
                return (role, json!({ "id": ROLE, "name": "R", "description": "D" }).to_string());
            }
            _ => json!({ "id": GROUP, "name": "G", "roles": [{ "id": ROLE, "name": "R" }] }).to_string(),
        };
        (200, body)
    })
    .await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let query = "query($id: ID!) { wavefrontUserGroup(id: $id) { users { nodes { roles { nodes { description } } \
                 userGroups { nodes { roles { nodes { linkedAccounts { nodes { customer } } } } } } } } } }";
    gateway.send(query, json!({ "id": GROUP }), &[]).await
}

#[tokio::test]
async fn it_has_its_value_and_all_that_is_selected_of_it() {
    let group = json!({ "roles": { "nodes": [{ "linkedAccounts": { "nodes": [{ "customer": "c" }, { "customer": "c" }] } }] } });
    let expected = json!({ "roles": { "nodes": [{ "description": "D" }] }, "userGroups": { "nodes": [group] } });
    assert_eq!(answer(200).await, json!({ "data": { "wavefrontUserGroup": { "users": { "nodes": [expected] } } } }));
}

#[tokio::test]
async fn what_is_selected_of_it_and_cannot_be_read_is_an_error() {
    let answer = answer(403).await;
    let roles = json!(["wavefrontUserGroup", "users", "nodes", 0, "roles", "nodes", 0, "description"]);
    assert_eq!(
        answer["data"]["wavefrontUserGroup"]["users"]["nodes"][0]["roles"],
        json!({ "nodes": [{ "description": null }] }),
        "{answer}"
    );
    let errors: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(errors, [&roles], "{answer}");
}
