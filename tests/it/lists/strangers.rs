//! Rows of parents that nobody asked for: where one came, one that was asked for may lack, so the lists are an error.

use crate::fake::{Fake, fake, list};
use serde_json::{Value, json};

const UNEXPECTED: &str = "The accounts API answered with a row that is none of those that were asked for.";

/// A host with two accounts, two sellers, two users, and these buyers and groups, whoever is asked for.
async fn host(buyers: Value, groups: Value) -> Fake {
    fake(move |line| {
        let two = |kind: &str| json!([{ "id": format!("{kind}-1") }, { "id": format!("{kind}-2") }]);
        let body = match line {
            line if line.starts_with("/account-users") => return (404, String::new()),
            line if line.starts_with("/users?eq(status") => list(&json!([{ "id": "USR-8" }])),
            line if line.starts_with("/user-groups?any(users,eq(id") => list(&json!([{ "id": "UGR-8" }])),
            line if line.starts_with("/user-groups?") => list(&groups),
            line if line.starts_with("/buyers?") => list(&buyers),
            line if line.starts_with("/accounts/ACC-1?") => json!({ "id": "ACC-1" }).to_string(),
            line if line.starts_with("/sellers/SEL-1?") => json!({ "id": "SEL-1" }).to_string(),
            line if line.starts_with("/accounts?") => list(&two("ACC")),
            line if line.starts_with("/sellers?") => list(&two("SEL")),
            line if line.starts_with("/users?") => list(&two("USR")),
            _ => return (500, String::new()),
        };
        (200, body)
    })
    .await
}

/// The messages and places of errors, all of which say that the upstream's answer is not valid.
fn errors(answer: &Value) -> Vec<(&str, &Value)> {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "UPSTREAM_INVALID"), "{answer}");
    errors.iter().map(|error| (error["message"].as_str().unwrap_or_default(), &error["path"])).collect()
}

#[tokio::test]
async fn a_row_of_none_of_many_parents_fails_the_lists_of_all_of_them() {
    let stranger =
        json!({ "id": "BUY-9", "account": { "id": "ACC-3" }, "sellers": [{ "id": "SEL-3" }, { "id": "SEL-4" }] });
    let own = json!({ "id": "BUY-1", "account": { "id": "ACC-1" }, "sellers": [{ "id": "SEL-3" }, { "id": "SEL-1" }] });
    for rows in [json!([stranger]), json!([own, stranger]), json!([stranger, own])] {
        for parents in ["accounts", "sellers"] {
            for list in ["buyers", "buyers(first: 2)", "buyers(last: 2)", "buyers(first: 1, offset: 1)"] {
                let host = host(rows.clone(), json!([])).await;
                let query =
                    format!("{{ {parents}(first: 2) {{ nodes {{ {list} {{ totalCount nodes {{ id }} }} }} }} }}");
                let answer = host.query(&query).await;
                let none = json!({ parents: { "nodes": [{ "buyers": null }, { "buyers": null }] } });
                assert_eq!(answer["data"], none, "{query}");
                let path = |place: usize| json!([parents, "nodes", place, "buyers"]);
                assert_eq!(errors(&answer), [(UNEXPECTED, &path(0)), (UNEXPECTED, &path(1))], "{query}");
            }
        }
    }
    // One that names one of them is theirs, whoever else it names.
    let host = host(json!([own]), json!([])).await;
    let answer = host.query("{ sellers { nodes { buyers { nodes { id } } } } }").await;
    let nodes = json!([{ "buyers": { "nodes": [{ "id": "BUY-1" }] } }, { "buyers": { "nodes": [] } }]);
    assert_eq!(answer, json!({ "data": { "sellers": { "nodes": nodes } } }));
}

#[tokio::test]
async fn a_row_of_another_parent_fails_the_list_of_one() {
    let own = json!({ "id": "BUY-1", "account": { "id": "ACC-1" }, "sellers": [{ "id": "SEL-3" }, { "id": "SEL-1" }] });
    for (row, refused) in [
        (json!({ "id": "BUY-2", "account": { "id": "ACC-3" }, "sellers": [{ "id": "SEL-3" }] }), Some(UNEXPECTED)),
        (
            json!({ "id": "BUY-2", "account": { "id": "BUY-1" }, "sellers": [{ "id": "BUY-1" }] }),
            Some("The upstream answered with the id of something of another kind."),
        ),
        (json!({ "id": "BUY-2", "account": { "id": "ACC-1" }, "sellers": [{ "id": "SEL-1" }] }), None),
        // The list is of one parent, so the row can be nobody else's.
        (json!({ "id": "BUY-2" }), None),
    ] {
        for (parent, id) in [("account", "ACC-1"), ("seller", "SEL-1")] {
            for arguments in ["first: 2", "first: 2, offset: 0", "last: 2"] {
                let host = host(json!([own, row]), json!([])).await;
                let query =
                    format!("{{ {parent}(id: \"{id}\") {{ buyers({arguments}) {{ totalCount nodes {{ id }} }} }} }}");
                let answer = host.query(&query).await;
                if let Some(message) = refused {
                    assert_eq!(answer["data"], json!({ parent: { "buyers": null } }), "{query}");
                    assert_eq!(errors(&answer), [(message, &json!([parent, "buyers"]))], "{query}");
                } else {
                    assert_eq!(answer["data"][parent]["buyers"]["totalCount"], 2, "{query}: {answer}");
                    assert_eq!(answer.get("errors"), None, "{query}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_group_of_none_of_the_users_or_accounts_fails_what_groups_tell() {
    let group = |id: &str, account: &str, user: &str| json!({ "id": id, "account": { "id": account }, "users": [{ "id": user }, { "id": "USR-7" }] });
    let own = group("UGR-1", "ACC-1", "USR-1");
    let nobody = json!({ "id": "UGR-2", "account": { "id": "ACC-3" }, "users": [] });
    let mut untold = nobody.clone();
    untold["users"].take();
    for (stranger, parents) in [
        (group("UGR-2", "ACC-1", "USR-3"), "users"),
        (nobody.clone(), "users"),
        (untold.clone(), "users"),
        (group("UGR-2", "ACC-3", "USR-1"), "accounts"),
        (nobody, "accounts"),
        (untold, "accounts"),
    ] {
        let list = if parents == "users" { "accountUsers" } else { "users(first: 5)" };
        let selected = "nodes { id }";
        let query = format!("{{ {parents}(first: 2) {{ nodes {{ it: {list} {{ {selected} }} }} }} }}");
        let host = host(json!([]), json!([own, stranger])).await;
        let answer = host.query(&query).await;
        let path = |place: usize| json!([parents, "nodes", place, "it"]);
        assert_eq!(answer["data"], json!({ parents: { "nodes": [{ "it": null }, { "it": null }] } }), "{query}");
        assert_eq!(errors(&answer), [(UNEXPECTED, &path(0)), (UNEXPECTED, &path(1))], "{query}");
    }
}
