//! A field whose read failed, and that a later read of the same operation returned after all.

use super::{gateway, stub};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const GROUP: &str = "11111111-0000-4000-a000-000000000001";
const OTHER: &str = "11111111-0000-4000-a000-000000000002";
const ROLE: &str = "22222222-0000-4000-a000-000000000001";

fn page(items: &Value) -> String {
    json!({ "status": { "result": "OK", "code": 200 }, "response": { "items": items, "moreItems": false } }).to_string()
}

/// A group whose account's roles cannot be read at first. Its other group leads to the same account again, one round later.
async fn answer(role: u16) -> Value {
    let validations = AtomicUsize::new(0);
    let upstream = stub(move |line| {
        let account = json!({ "identifier": "a@example.com", "userGroups": [GROUP, OTHER] });
        match line {
            line if line.contains("/validateAccounts") && validations.fetch_add(1, Ordering::Relaxed) == 0 => {
                (403, "{}".to_owned())
            }
            line if line.contains("/validateAccounts") => {
                let roles = json!([{ "id": ROLE, "name": "R" }]);
                let account = json!({ "identifier": "a@example.com", "customer": "c", "roles": roles });
                (200, json!({ "response": { "validUsers": [account], "invalidIdentifiers": [] }, "status": { "code": 200 } }).to_string())
            }
            line if line.contains("/search/account") => (200, page(&json!([account]))),
            line if line.contains("/role") => (role, json!({ "id": ROLE, "name": "R", "description": "D" }).to_string()),
            line if line.contains(OTHER) => (200, json!({ "id": OTHER, "name": "O" }).to_string()),
            line if line.contains("/usergroup/") => (200, json!({ "id": GROUP, "name": "G" }).to_string()),
            _ => (200, page(&json!([{ "id": GROUP, "name": "G" }, { "id": OTHER, "name": "O" }]))),
        }
    })
    .await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let query = "query($id: ID!) { wavefrontUserGroup(id: $id) { users { roles { description } \
                 userGroups { users { customer } } } } }";
    gateway.send(query, json!({ "id": GROUP }), &[]).await
}

#[tokio::test]
async fn it_has_its_value_and_all_that_is_selected_of_it() {
    let user = json!({ "customer": "c" });
    let group = json!({ "users": [user] });
    let expected = json!({ "roles": [{ "description": "D" }], "userGroups": [group, group] });
    assert_eq!(answer(200).await, json!({ "data": { "wavefrontUserGroup": { "users": [expected] } } }));
}

#[tokio::test]
async fn what_is_selected_of_it_and_cannot_be_read_is_an_error() {
    let answer = answer(403).await;
    let roles = json!(["wavefrontUserGroup", "users", 0, "roles", 0, "description"]);
    assert_eq!(answer["data"]["wavefrontUserGroup"]["users"][0]["roles"], json!([{ "description": null }]), "{answer}");
    let errors: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(errors, [&roles], "{answer}");
}
