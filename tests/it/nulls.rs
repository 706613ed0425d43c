//! A null without an error is right where the upstream says null, leaves out what it was asked for, or shows no such thing.
//! Whatever else ends in a null has an error at its path, which has the places that the client sees.

use crate::{
    fake::{Fake, below, fake, flat, list},
    mutation::upstream::{ok, scripted},
};
use serde_json::{Value, json};

const NO_VALUE: &str = "The accounts API answered without a value that is always there.";
const NO_ID: &str = "The accounts API answered with something that has no id.";
const PLACEHOLDER: &str = "The accounts API answered with a placeholder where a value belongs.";
const NO_ROW: &str = "The accounts API answered with a row that is none of those that were asked for.";
const NO_OWNER: &str = "The accounts API answered with a row that does not say whose it is.";
const NO_OBJECT: &str = "The accounts API answered with something else where an object belongs.";
const NULL_IN_LIST: &str = "The accounts API answered with null in a list that has no nulls.";
const NO_REFERENCE: &str =
    "The accounts API answered with a row without the reference that makes it belong to the list.";

/// What cannot be the id of anything.
fn no_ids() -> [Value; 3] {
    [json!({ "id": null }), json!({}), json!({ "id": [] })]
}

/// The answer to a query, less the places in the document.
async fn answer(fake: &Fake, query: &str) -> Value {
    let mut answer = fake.query(query).await;
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        assert!(error["locations"][0]["line"].is_u64(), "{error}");
        error.as_object_mut().and_then(|error| error.shift_remove("locations"));
    }
    answer
}

fn error(message: &str, path: Value) -> Value {
    let mut error = json!({ "message": message, "extensions": { "code": "UPSTREAM_INVALID" } });
    error["path"] = path;
    error
}

fn with(errors: &[Value], data: Value) -> Value {
    let mut answer = json!({ "errors": errors });
    answer["data"] = data;
    answer
}

/// What stands at an id that is not null, but of the wrong kind.
fn message(id: &Value) -> &'static str {
    match id.get("id") {
        Some(Value::Null) => NO_VALUE,
        None => NO_ID,
        _ => "The accounts API answered with a value of another kind than documented.",
    }
}

/// Another row of the list may be the same one, so not even its name is shown.
#[tokio::test]
async fn a_row_without_an_id_is_an_error_at_its_place() {
    for no_id in no_ids() {
        let rows = json!([{ "id": "UGR-1", "name": "A" }, merged(&no_id, &json!({ "name": "B" }))]);
        let fake = fake(move |_| (200, list(&rows))).await;
        for selected in ["id name", "name", "__typename", "description name"] {
            let found = answer(&fake, &format!("{{ groups {{ nodes {{ {selected} }} }} }}")).await;
            assert_eq!(found["data"], json!({ "groups": null }), "{no_id} {selected}");
            let expected = error(NO_ID, json!(["groups", "nodes", 1]));
            assert!(found["errors"].as_array().expect("errors").contains(&expected), "{no_id} {selected}: {found}");
        }
        let found = answer(&fake, "{ it: groups { totalCount edges { node { key: id } } } }").await;
        let path = json!(["it", "edges", 1, "node"]);
        assert_eq!(found, with(&[error(NO_ID, path)], json!({ "it": null })), "{no_id}");
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let mut merged = one.as_object().expect("an object").clone();
    merged.extend(other.as_object().expect("an object").clone());
    Value::Object(merged)
}

#[tokio::test]
async fn a_reference_without_an_id_is_an_error_at_its_place() {
    for no_id in no_ids() {
        let account = merged(&no_id, &json!({ "name": "Acme" }));
        let fake = fake(move |_| (200, json!({ "id": "BUY-1", "account": account }).to_string())).await;
        let found = answer(&fake, "{ buyer(id: \"BUY-1\") { account { id name } } }").await;
        let path = json!(["buyer", "account", "id"]);
        assert_eq!(found, with(&[error(message(&no_id), path)], json!({ "buyer": { "account": null } })), "{no_id}");
        // What the reference tells is shown; for the rest there is nothing to ask by.
        let found = answer(&fake, "{ buyer(id: \"BUY-1\") { account { name website buyers { totalCount } } } }").await;
        let errors = ["website", "buyers"].map(|field| error(NO_ID, json!(["buyer", "account", field])));
        let account = json!({ "name": "Acme", "website": null, "buyers": null });
        assert_eq!(found, with(&errors, json!({ "buyer": { "account": account } })), "{no_id}");
    }
}

#[tokio::test]
async fn an_actor_without_an_id_is_an_error() {
    for no_id in no_ids() {
        let by = merged(&no_id, &json!({ "name": "Ada" }));
        let fake = fake(move |_| {
            let created = json!({ "at": "2025-01-01T00:00:00Z", "by": by });
            (200, json!({ "id": "ACC-1", "audit": { "created": created } }).to_string())
        })
        .await;
        let found = answer(&fake, "{ account(id: \"ACC-1\") { audit { created { at by { name } } } } }").await;
        let errors = [error(
            "The accounts API answered with a reference to something unknown.",
            json!(["account", "audit", "created", "by"]),
        )];
        let created = json!({ "at": "2025-01-01T00:00:00Z", "by": null });
        assert_eq!(found, with(&errors, json!({ "account": { "audit": { "created": created } } })), "{no_id}");
    }
}

#[tokio::test]
async fn an_element_without_an_id_has_no_place_in_the_order_of_a_list() {
    // The list is put in the order of its ids, in which what has none has no place.
    let groups = json!([{ "id": "UGR-3" }, { "id": "UGR-1" }, { "id": null, "name": "?" }, { "id": "UGR-2" }]);
    let account = json!({ "id": "ACC-1", "name": "A", "website": "w", "groups": groups });
    let fake = fake(move |_| (200, account.to_string())).await;
    let query = "{ account(id: \"ACC-1\") { website groups { nodes { id name } } } }";
    let found = answer(&fake, query).await;
    let errors = [error(NO_ID, json!(["account", "groups"]))];
    assert_eq!(found, with(&errors, json!({ "account": { "website": "w", "groups": null } })));
}

#[tokio::test]
async fn what_is_no_reference_keeps_its_place_in_a_list_of_references() {
    for (odd, message) in
        [(json!(null), NULL_IN_LIST), (json!("x"), NO_OBJECT), (json!("[Circular Reference]"), NO_OBJECT)]
    {
        let told = odd.to_string();
        let modules = json!([{ "id": "MOD-1", "name": "M" }, odd]);
        let fake = fake(move |line| {
            let group = json!({ "id": "UGR-1", "modules": modules });
            (200, if line.starts_with("/user-groups?") { list(&json!([group])) } else { group.to_string() })
        })
        .await;
        let found = answer(&fake, "{ groups { nodes { id modules { name } } } }").await;
        let errors = [error(message, json!(["groups", "nodes", 0, "modules", 1]))];
        let data = json!({ "groups": { "nodes": [{ "id": "UGR-1", "modules": null }] } });
        assert_eq!(found, with(&errors, data), "{told}");
    }
}

/// A membership whose account and whose groups are this.
fn membership(account: &Value, groups: &Value) -> Value {
    json!({ "id": "AUSR-1-1", "user": { "id": "USR-1" }, "account": account, "groups": groups })
}

#[tokio::test]
async fn rows_that_lead_nowhere_are_an_error_of_the_list_of_what_they_lead_to() {
    let whole = json!([{ "id": "UGR-1", "name": "G" }]);
    for (account, message) in
        [(json!(null), NO_REFERENCE), (json!([]), NO_REFERENCE), (json!("[Circular Reference]"), PLACEHOLDER)]
    {
        let told = account.to_string();
        let rows = json!([membership(&json!({ "id": "ACC-1", "name": "A" }), &whole), membership(&account, &whole)]);
        let fake = flat(move |line| {
            (200, if line.starts_with("/users/") { json!({ "id": "USR-1" }).to_string() } else { list(&rows) })
        })
        .await;
        let found = answer(&fake, "{ user(id: \"USR-1\") { accounts { nodes { name } } } }").await;
        let errors = [error(message, json!(["user", "accounts"]))];
        assert_eq!(found, with(&errors, json!({ "user": { "accounts": null } })), "{told}");
    }
    for (odd, message) in
        [(json!(null), NO_REFERENCE), (json!(7), NO_REFERENCE), (json!("[Circular Reference]"), PLACEHOLDER)]
    {
        let told = odd.to_string();
        let account = json!({ "id": "ACC-1" });
        let rows = json!([membership(&account, &json!([{ "id": "UGR-1", "name": "G" }, odd]))]);
        let fake = flat(move |line| {
            (200, if line.starts_with("/users/") { json!({ "id": "USR-1" }).to_string() } else { list(&rows) })
        })
        .await;
        let found = answer(&fake, "{ user(id: \"USR-1\") { groups { nodes { __typename } } } }").await;
        assert_eq!(found["errors"].as_array().map(Vec::len), Some(1), "{told}: {found}");
        assert_eq!(found["errors"][0]["message"], message, "{told}");
        assert_eq!(found["data"], json!({ "user": { "groups": null } }), "{told}");
    }
}

#[tokio::test]
async fn a_membership_that_is_about_somebody_else_than_its_place_is_an_error() {
    let message = "The accounts API answered with a membership of another account or user.";
    let rows = [
        json!({ "id": "USR-1", "user": { "id": "USR-2" }, "account": { "id": "ACC-1" } }),
        json!({ "id": "USR-1", "user": { "id": "USR-1" }, "account": { "id": "ACC-3" } }),
    ];
    for row in rows {
        let told = row.to_string();
        let fake = below(move |line| match line {
            line if line.starts_with("/accounts/ACC-1/users") => (200, list(&json!([row]))),
            _ => (200, json!({ "id": "ACC-1", "name": "Acme" }).to_string()),
        })
        .await;
        let found = answer(&fake, "{ account(id: \"ACC-1\") { name accountUsers { nodes { id } } } }").await;
        let errors = [error(message, json!(["account", "accountUsers"]))];
        assert_eq!(found, with(&errors, json!({ "account": { "name": "Acme", "accountUsers": null } })), "{told}");
    }
}

#[tokio::test]
async fn a_membership_without_its_user_or_account_has_no_id() {
    for lacking in ["user", "account"] {
        for odd in [json!({ "id": null }), json!({ "name": "N" }), json!(null), json!("[Circular Reference]")] {
            let mut row =
                json!({ "id": "AUSR-1", "user": { "id": "USR-1" }, "account": { "id": "ACC-1" }, "revision": 3 });
            row[lacking] = odd;
            let told = row.to_string();
            let fake = flat(move |_| (200, list(&json!([row])))).await;
            let found = answer(&fake, "{ accountUsers { nodes { id revision } } }").await;
            assert_eq!(found["data"], json!({ "accountUsers": null }), "{told}: {found}");
            assert_eq!(found["errors"][0]["path"], json!(["accountUsers", "nodes", 0]), "{told}: {found}");
            assert_eq!(found["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID", "{told}: {found}");
        }
    }
}

#[tokio::test]
async fn a_list_whose_groups_do_not_say_who_is_in_them_is_an_error() {
    // The parents of these rows are named in a list of theirs.
    for odd in [json!([{ "id": "UGR-1" }, { "id": null }]), json!([null]), json!("[Circular Reference]"), json!(null)] {
        let told = odd.to_string();
        let fake = flat(move |line| {
            let groups = json!([{ "id": "UGR-1", "account": { "id": "ACC-1" } }, { "id": "UGR-2", "account": { "id": "ACC-1" } }]);
            (200, list(&if line.starts_with("/user-groups?") { groups } else { json!([membership(&json!({ "id": "ACC-1" }), &odd)]) }))
        })
        .await;
        let found = answer(&fake, "{ groups { nodes { accountUsers { totalCount } } } }").await;
        let errors = [0, 1].map(|place| error(NO_OWNER, json!(["groups", "nodes", place, "accountUsers"])));
        let nodes = [json!({ "accountUsers": null }), json!({ "accountUsers": null })];
        assert_eq!(found, with(&errors, json!({ "groups": { "nodes": nodes } })), "{told}");
    }
}

#[tokio::test]
async fn a_person_whose_address_is_not_told_is_not_taken_for_nobody() {
    for email in [json!(null), json!(7), json!([])] {
        let rows = json!([{ "id": "USR-1", "email": email }]);
        let fake = fake(move |_| (200, list(&rows))).await;
        let found = answer(&fake, "{ userByEmail(email: \"ada@example.com\") { id } }").await;
        assert_eq!(found, with(&[error(NO_OWNER, json!(["userByEmail"]))], json!({ "userByEmail": null })));
    }
}

#[tokio::test]
async fn what_was_asked_for_by_ids_is_not_taken_for_missing_where_a_row_has_no_id() {
    for no_id in no_ids() {
        let rows = json!([{ "id": "BUY-1", "name": "A" }, merged(&no_id, &json!({ "name": "B" }))]);
        let fake = fake(move |_| (200, list(&rows))).await;
        let found = answer(&fake, "{ nodes(ids: [\"BUY-1\", \"BUY-2\"]) { id ... on Buyer { name } } }").await;
        let nodes = json!([{ "id": "BUY-1", "name": "A" }, null]);
        assert_eq!(found, with(&[error(NO_ROW, json!(["nodes", 1]))], json!({ "nodes": nodes })), "{no_id}");
    }
    // One that is really not there is null.
    let fake = fake(|_| (200, list(&json!([{ "id": "BUY-1", "name": "A" }])))).await;
    let found = answer(&fake, "{ nodes(ids: [\"BUY-1\", \"BUY-2\"]) { id } }").await;
    assert_eq!(found, json!({ "data": { "nodes": [{ "id": "BUY-1" }, null] } }));
}

#[tokio::test]
async fn a_placeholder_that_stays_when_it_is_asked_for_again_is_an_error() {
    for at in ["account", "address", "sellers", "errors"] {
        for placeholder in [json!("[Circular Reference]"), json!(["[Circular Reference]"])] {
            let told = placeholder.to_string();
            let fake = fake(move |_| {
                let mut buyer = json!({ "id": "BUY-1" });
                buyer[at] = placeholder.clone();
                (200, buyer.to_string())
            })
            .await;
            let query = format!("{{ buyer(id: \"BUY-1\") {{ {at} {{ __typename }} }} }}");
            let found = answer(&fake, &query).await;
            let errors = [error(PLACEHOLDER, json!(["buyer", at]))];
            let mut data = json!({ "buyer": {} });
            data["buyer"][at] = Value::Null;
            assert_eq!(found, with(&errors, data), "{at} {told}");
            assert_eq!(fake.requests().len(), 2, "{at} {told}: asked once more");
        }
    }
}

#[tokio::test]
async fn what_the_upstream_says_or_leaves_out_is_null_without_an_error() {
    let fake = fake(|line| match line {
        line if line.starts_with("/buyers/BUY-1?") => {
            (200, json!({ "id": "BUY-1", "icon": null, "account": null, "address": null }).to_string())
        }
        line if line.starts_with("/buyers/BUY-2?") => {
            (200, json!({ "id": "BUY-2", "account": { "id": "ACC-9", "name": "Unreadable" } }).to_string())
        }
        // A collection is there, whatever it does not hold.
        line if line.split('?').next().is_some_and(|path| path.matches('/').count() == 1) => (200, list(&json!([]))),
        _ => (404, json!({ "title": "Not Found", "status": 404 }).to_string()),
    })
    .await;
    let found =
        answer(&fake, "{ buyer(id: \"BUY-1\") { icon taxId account { id } address { city } errors { id } } }").await;
    let nothing = json!({ "icon": null, "taxId": null, "account": null, "address": null, "errors": null });
    assert_eq!(found, json!({ "data": { "buyer": nothing } }));
    // A reference may point at what the caller may not see.
    let found = answer(&fake, "{ buyer(id: \"BUY-2\") { account { id name website address { city } } } }").await;
    let account = json!({ "id": "ACC-9", "name": "Unreadable", "website": null, "address": null });
    assert_eq!(found, json!({ "data": { "buyer": { "account": account } } }));
    assert_eq!(answer(&fake, "{ buyer(id: \"BUY-3\") { id } }").await, json!({ "data": { "buyer": null } }));
}

#[tokio::test]
async fn a_secret_that_does_not_come_is_an_error() {
    for token in [json!({ "id": "TKN-1", "name": "T" }), json!({ "id": "TKN-1", "name": "T", "token": null })] {
        let kit = scripted(move |_| ok(&token)).await;
        let query = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
            secret: token apiToken { id } userErrors { message } } }";
        let input = json!({ "input": { "name": "T", "accountId": "ACC-1", "moduleIds": [] } });
        let answer = kit.send(query, input).await;
        let error = json!({ "message": "The accounts API answered without the secret of what was made.",
            "locations": answer["errors"][0]["locations"], "path": ["createApiToken", "secret"],
            "extensions": { "code": "UPSTREAM_INVALID" } });
        let payload = json!({ "secret": null, "apiToken": { "id": "TKN-1" }, "userErrors": [] });
        assert_eq!(answer, json!({ "errors": [error], "data": { "createApiToken": payload } }));
    }
}

#[tokio::test]
async fn a_placeholder_in_the_place_of_a_text_is_asked_for_once_more_and_is_an_error_then() {
    let text = "[Circular Reference]";
    let seller = json!({ "id": "SEL-1", "name": text, "status": text, "currencies": ["EUR", text] });
    let fake = fake(move |line| {
        (200, if line.starts_with("/sellers?") { list(&json!([seller])) } else { seller.to_string() })
    })
    .await;
    let query = "{ sellers { nodes { name status currencies { value } } } }";
    let found = answer(&fake, query).await;
    let node = |field: &str| json!(["sellers", "nodes", 0, field]);
    let currency = json!(["sellers", "nodes", 0, "currencies", 1]);
    let errors = [error(PLACEHOLDER, node("name")), error(PLACEHOLDER, node("status")), error(PLACEHOLDER, currency)];
    assert_eq!(found["errors"], json!(errors), "{found}");
    let nodes = json!([{ "name": null, "status": null, "currencies": null }]);
    assert_eq!(found["data"], json!({ "sellers": { "nodes": nodes } }));
    let requests = fake.requests();
    assert_eq!(requests.len(), 2, "the list and the seller itself: {requests:?}");
}

/// What the API always has of an entity by itself: the root field, the id, the member and what is selected of it.
const PROMISED: [(&str, &str, &str, &str); 19] = [
    ("account", "ACC-1", "name", ""),
    ("account", "ACC-1", "status", ""),
    ("accountUser", "MEM-1.1", "account", "{ name }"),
    ("apiToken", "TKN-1", "name", ""),
    ("buyer", "BUY-1", "name", ""),
    ("cloudTenant", "CLT-1", "name", ""),
    ("cloudTenant", "CLT-1", "status", ""),
    ("erpLink", "ERP-1", "buyer", "{ name }"),
    ("erpLink", "ERP-1", "seller", "{ name }"),
    ("erpLink", "ERP-1", "status", ""),
    ("group", "UGR-1", "account", "{ name }"),
    ("licensee", "LCE-1", "account", "{ name }"),
    ("licensee", "LCE-1", "buyer", "{ name }"),
    ("licensee", "LCE-1", "name", ""),
    ("licensee", "LCE-1", "seller", "{ name }"),
    ("licensee", "LCE-1", "status", ""),
    ("seller", "SEL-1", "name", ""),
    // Members that need not be there, beside them.
    ("buyer", "BUY-1", "status", ""),
    ("group", "UGR-1", "name", ""),
];

#[tokio::test]
async fn what_is_never_null_without_an_error_is_one_where_the_upstream_leaves_it_out() {
    for (root, id, member, below) in PROMISED {
        let promised = !matches!((root, member), ("buyer", "status") | ("group", "name"));
        for told in [json!({}), json!({ member: null })] {
            if root == "accountUser" {
                // A membership is told by its account and its user, so the row cannot lack them.
                continue;
            }
            let row = merged(&json!({ "id": id, "revision": 3 }), &told);
            let fake = fake(move |_| (200, row.to_string())).await;
            let query = format!("{{ it: {root}(id: \"{id}\") {{ revision key: {member} {below} }} }}");
            let found = answer(&fake, &query).await;
            let data = json!({ "it": { "revision": 3, "key": null } });
            let expected =
                if promised { with(&[error(NO_VALUE, json!(["it", "key"]))], data) } else { json!({ "data": data }) };
            assert_eq!(found, expected, "{root}.{member}: {told}");
        }
    }
}

#[test]
fn every_marked_member_of_an_entity_is_in_the_matrix() {
    let mut ty = "";
    let mut marked = vec![];
    for line in include_str!("../../schema.graphql").lines() {
        if let Some(rest) = line.strip_prefix("type ") {
            ty = rest.split(' ').next().unwrap_or_default();
        }
        if let (Some(inner), true) = (line.strip_prefix("  "), line.contains(" @semanticNonNull"))
            && let Some((name, of)) = inner.split_once(": ")
            && !of.contains("Connection")
            && !ty.ends_with("Connection")
            && !["Query", "Viewer"].contains(&ty)
        {
            marked.push(format!("{}{}.{name}", ty[..1].to_lowercase(), &ty[1..]));
        }
    }
    let tested = PROMISED[..17].iter().map(|(root, _, member, _)| format!("{root}.{member}"));
    let tested: Vec<_> = tested.chain(["accountUser.user".to_owned()]).collect();
    assert!(marked.iter().all(|member| tested.contains(member)), "{marked:?}");
    assert_eq!(marked.len(), tested.len(), "{marked:?}");
}
