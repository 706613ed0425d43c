//! Every kind of read and write, and every form of a 404 that may answer it. Only a problem document can be about an object,
//! and only where the route is known to exist.

use super::host::Missing;
use crate::fake::{fake, list};
use serde_json::{Value, json};

/// What has to become of a 404.
#[derive(Clone, Copy, PartialEq)]
enum Becomes {
    /// Null without an error.
    Null,
    /// An empty list.
    Empty,
    /// A user error.
    UserError,
    /// An error with this code.
    Error(&'static str),
}

use Becomes::{Empty, Error, Null, UserError};

const ROUTE: Becomes = Error("UPSTREAM_ROUTE_MISSING");

/// What answers 404, a document, the path of what it cannot answer, and what becomes of a problem document and of any
/// other body.
type Case = (&'static str, &'static str, &'static [&'static str], Becomes, Becomes);

const CASES: [Case; 21] = [
    // Lists.
    ("/buyers?", "{ it: buyers { nodes { id } } }", &["it"], ROUTE, ROUTE),
    ("/buyers?", "{ it: buyers { totalCount } }", &["it"], ROUTE, ROUTE),
    ("/users?ilike", r#"{ it: userByEmail(email: "a@example.com") { id name } }"#, &["it"], ROUTE, ROUTE),
    (
        "/licensees?",
        "{ it: accounts { nodes { licensees(first: 2) { totalCount } } } }",
        &["it", "nodes", "0", "licensees"],
        ROUTE,
        ROUTE,
    ),
    (
        "/user-groups?",
        "{ it: buyers(first: 1) { nodes { account { groups { nodes { id } } } } } }",
        &["it", "nodes", "0", "account", "groups"],
        ROUTE,
        ROUTE,
    ),
    // By ids.
    ("/accounts?in(", r#"{ it: nodes(ids: ["ACC-1", "ACC-2"]) { id } }"#, &["it", "1"], ROUTE, ROUTE),
    (
        "/accounts?in(",
        "{ it: buyers { nodes { account { website } } } }",
        &["it", "nodes", "1", "account", "website"],
        ROUTE,
        ROUTE,
    ),
    ("/buyers/BUY-1?", r#"{ it: buyer(id: "BUY-1") { name } }"#, &["it"], Null, ROUTE),
    ("/buyers", r#"{ it: buyer(id: "BUY-1") { name } }"#, &["it"], ROUTE, ROUTE),
    (
        "/accounts/ACC-1?",
        "{ it: buyers(first: 1) { nodes { account { website } } } }",
        &["it", "nodes", "0", "account", "website"],
        Null,
        ROUTE,
    ),
    // Routes below an entity.
    (
        "/accounts/ACC-1/settings",
        r#"{ it: account(id: "ACC-1") { notificationSettings } }"#,
        &["it", "notificationSettings"],
        ROUTE,
        ROUTE,
    ),
    (
        "/buyers/BUY-1/transfer",
        r#"{ it: buyer(id: "BUY-1") { transferPreview(destinationAccount: "ACC-2") { stats { orderCount } } } }"#,
        &["it", "transferPreview"],
        Error("NOT_FOUND"),
        ROUTE,
    ),
    // Lists below a parent that is there, and below one that the caller cannot see.
    (
        "/accounts/ACC-1/users",
        r#"{ it: account(id: "ACC-1") { users(first: 5) { nodes { id } } } }"#,
        &["it", "users"],
        ROUTE,
        ROUTE,
    ),
    (
        "/accounts/ACC-9/users",
        "{ it: buyers { nodes { account { users(first: 1) { nodes { id } } } } } }",
        &["it", "nodes", "2", "account", "users", "nodes"],
        Empty,
        ROUTE,
    ),
    (
        "/users/USR-1/accounts",
        r#"{ it: user(id: "USR-1") { accountUsers { nodes { id } } } }"#,
        &["it", "accountUsers"],
        ROUTE,
        ROUTE,
    ),
    (
        "/accounts/ACC-1/users",
        r#"{ it: group(id: "UGR-1") { accountUsers(first: 1) { nodes { id } } } }"#,
        &["it", "accountUsers"],
        ROUTE,
        ROUTE,
    ),
    ("/accounts/ACC-1/users", r#"{ it: accountUser(id: "MEM-1.1") { invitation { status } } }"#, &["it"], ROUTE, ROUTE),
    // Changes.
    (
        "/users/USR-1/block",
        r#"mutation { it: blockUser(input: {id: "USR-1"}) { userErrors { code } } }"#,
        &["it"],
        UserError,
        ROUTE,
    ),
    (
        "/user-groups/UGR-1",
        r#"mutation { it: deleteGroup(input: {id: "UGR-1"}) { userErrors { code } } }"#,
        &["it"],
        UserError,
        ROUTE,
    ),
    (
        "/user-groups",
        r#"mutation { it: deleteGroup(input: {id: "UGR-1"}) { userErrors { code } } }"#,
        &["it"],
        ROUTE,
        ROUTE,
    ),
    (
        "/accounts/ACC-1/users",
        r#"mutation { it: removeAccountUser(input: {member: {accountUserId: "MEM-1.1"}}) { userErrors { code } } }"#,
        &["it"],
        ROUTE,
        ROUTE,
    ),
];

/// What a host has of everything.
fn body(line: &str) -> Option<Value> {
    let account = |id: &str| json!({ "id": id, "name": "A", "invitation": { "status": "Active" } });
    let buyer = |id: &str, account: &str| json!({ "id": id, "name": "B", "account": { "id": account } });
    let group = json!({ "id": "UGR-1", "name": "G", "account": { "id": "ACC-1" } });
    let user = json!({ "id": "USR-1", "name": "U", "email": "a@example.com", "invitation": { "status": "Active" },
        "groups": [{ "id": "UGR-1" }] });
    let rows = |rows: Value| serde_json::from_str(&list(&rows)).ok();
    match line {
        line if line.starts_with("/account-users") || line.contains("eq(id,\"ACC-9\")") => None,
        line if line.starts_with("/users?eq(status") => rows(json!([])),
        line if line.starts_with("/users/USR-1/accounts") => rows(json!([account("ACC-1")])),
        line if line.starts_with("/users?") => rows(json!([user])),
        line if line.starts_with("/users/USR-1") => Some(user),
        line if line.starts_with("/accounts/ACC-1/settings") => Some(json!({ "a": 1 })),
        line if line.starts_with("/accounts/") && line.contains("/users") => rows(json!([user])),
        line if line.starts_with("/accounts?") => rows(json!([account("ACC-1"), account("ACC-2")])),
        line if line.starts_with("/accounts/ACC-1") => Some(account("ACC-1")),
        line if line.starts_with("/buyers/BUY-1/transfer") => {
            Some(json!({ "id": "BUY-1", "stats": { "orderCount": 1 } }))
        }
        line if line.starts_with("/buyers?in(") => rows(json!([buyer("BUY-1", "ACC-1")])),
        line if line.starts_with("/buyers?") => {
            rows(json!([buyer("BUY-1", "ACC-1"), buyer("BUY-2", "ACC-2"), buyer("BUY-3", "ACC-9")]))
        }
        line if line.starts_with("/buyers/BUY-1") => Some(buyer("BUY-1", "ACC-1")),
        line if line.starts_with("/user-groups?") => rows(json!([group])),
        line if line.starts_with("/user-groups/UGR-1") => Some(group),
        line if line.starts_with("/licensees?") => rows(json!([])),
        _ => None,
    }
}

fn at<'a>(answer: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(&answer["data"], |value, step| step.parse::<usize>().map_or(&value[*step], |place| &value[place]))
}

fn path(steps: &[&str]) -> Value {
    steps.iter().map(|step| step.parse::<u64>().map_or(json!(step), |place| json!(place))).collect()
}

#[tokio::test]
async fn a_404_means_what_its_body_and_its_route_say() {
    for (absent, document, place, problem, other) in CASES {
        for missing in Missing::ALL {
            let becomes = if missing == Missing::Problem { problem } else { other };
            let fake = fake(move |line| match body(line) {
                // An account that the caller cannot see is in no list.
                None if line.contains("eq(id,\"ACC-9\")") => (200, list(&json!([]))),
                Some(body) if !line.starts_with(absent) => (200, body.to_string()),
                _ => (404, missing.body().to_owned()),
            })
            .await;
            let answer = fake.query(document).await;
            let told = format!("{absent} {missing:?}: {document}: {answer}");
            let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
            match becomes {
                Null => assert!(errors.is_empty() && at(&answer, place).is_null(), "{told}"),
                Empty => assert!(errors.is_empty() && *at(&answer, place) == json!([]), "{told}"),
                UserError => {
                    let payload = json!({ "userErrors": [{ "code": "NOT_FOUND" }] });
                    assert!(errors.is_empty() && *at(&answer, place) == payload, "{told}");
                }
                Error(code) => {
                    assert!(at(&answer, place).is_null(), "{told}");
                    // Where a page may be empty, the error is at what holds its nodes.
                    let failed = if problem == Empty { &place[..place.len() - 1] } else { place };
                    let found = errors.iter().find(|error| error["path"] == path(failed));
                    assert_eq!(found.map(|error| &error["extensions"]["code"]), Some(&json!(code)), "{told}");
                }
            }
        }
    }
}
