//! The operations of the seed documents, each by the number of its document: what is sent is what the documents print, and
//! what they print as an answer is understood.

use super::upstream::{TOKEN, list, not_found, ok, scripted, speaking};
use accounts_graph::upstream::marketplace::membership::{Family, MembershipRoutes};
use serde_json::{Value, json};

const ASSIGN: &str = "mutation($member: MemberInput!) {
    assignUserToGroup(input: { member: $member, groupIds: [\"UGR-2316-8282\"] }) {
        accountUser { id user { name } groups { nodes { id name } } }
        userErrors { message path code }
    }
}";

fn membership() -> Value {
    json!({
        "id": "AUSR-8259-0002-0002",
        "user": { "id": "USR-2000-0002", "name": "Ada Lovelace" },
        "account": { "id": "ACC-1671-0642", "name": "Test", "type": "Client", "status": "Active" },
        "groups": [{ "id": "UGR-2316-8282", "name": "Buyers", "isDefault": false }]
    })
}

fn assigned() -> Value {
    json!({ "data": { "assignUserToGroup": {
        "accountUser": {
            "id": "MEM-1671-0642.2000-0002",
            "user": { "name": "Ada Lovelace" },
            "groups": { "nodes": [{ "id": "UGR-2316-8282", "name": "Buyers" }] }
        },
        "userErrors": []
    } } })
}

/// A sample with a real id in place of the renderer's, which names nothing.
fn sample(text: &str, id: &str) -> String {
    let sample: Value = serde_json::from_str(text).expect("a sample");
    let Value::Object(members) = sample else { panic!("a sample is an object") };
    let members =
        members.into_iter().map(|(name, value)| (name, if value == json!("text") { json!(id) } else { value }));
    Value::Object(members.collect()).to_string()
}

#[tokio::test]
async fn seed_000_assign_a_user_of_an_account_to_a_group() {
    let body = sample(include_str!("../samples/g1-assign-group.request.json"), "UGR-2316-8282");
    for (routes, route) in
        [(MembershipRoutes::Only(Family::Legacy), ""), (MembershipRoutes::Only(Family::Accounts), "/accounts")]
    {
        let kit = speaking(routes, |_| ok(&membership())).await;
        let member = json!({ "userOfAccount": { "accountId": "ACC-1671-0642", "userId": "USR-2000-0002" } });
        assert_eq!(kit.send(ASSIGN, json!({ "member": member })).await, assigned());
        assert_eq!(kit.requests(), [format!("POST {route}/ACC-1671-0642/users/USR-2000-0002/groups {body}")]);
    }
}

#[tokio::test]
async fn seed_000_the_printed_answer_is_understood() {
    let printed = include_str!("../samples/g1-assign-group.response.truncated.json");
    let kit = speaking(MembershipRoutes::Only(Family::Legacy), move |_| (200, printed.to_owned())).await;
    let answer = kit
        .send(
            "mutation($member: MemberInput!) { assignUserToGroup(input: { member: $member, groupIds: \"UGR-2316-8282\" }) {
                accountUser { id user { email currentAccount { type } } } userErrors { code } } }",
            json!({ "member": { "userOfAccount": { "accountId": "ACC-1671-0642", "userId": "USR-2000-0002" } } }),
        )
        .await;
    let told = json!({ "id": "text", "user": { "email": "text", "currentAccount": { "type": "CLIENT" } } });
    assert_eq!(answer["data"]["assignUserToGroup"], json!({ "accountUser": told, "userErrors": [] }), "{answer}");
    assert_eq!(kit.requests().len(), 1);
}

#[tokio::test]
async fn seed_001_assign_an_account_user_to_a_group() {
    let body = sample(include_str!("../samples/g3-assign-group.request.json"), "UGR-2316-8282");
    let kit = speaking(MembershipRoutes::Only(Family::AccountUsers), |_| ok(&membership())).await;
    let member = json!({ "accountUserId": "AUSR-8259-0002-0002" });
    assert_eq!(kit.send(ASSIGN, json!({ "member": member })).await, assigned());
    assert_eq!(kit.requests(), [format!("POST /account-users/AUSR-8259-0002-0002/groups {body}")]);
}

#[tokio::test]
async fn seed_001_the_printed_answer_is_understood() {
    let printed = include_str!("../samples/g3-assign-group.response.json");
    let kit = speaking(MembershipRoutes::Only(Family::AccountUsers), move |_| (200, printed.to_owned())).await;
    let answer = kit
        .send(
            "mutation { assignUserToGroup(input: { member: { accountUserId: \"AUSR-8259-0002-0002\" }, groupIds: [\"UGR-2316-8282\"] }) {
                accountUser { id revision user { name revision } groups { nodes { name } } invitation { status } } userErrors { code } } }",
            json!({}),
        )
        .await;
    let printed: Value = serde_json::from_str(printed).expect("a sample");
    let told = &answer["data"]["assignUserToGroup"]["accountUser"];
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert_eq!(told["revision"], printed["revision"]);
    assert_eq!(told["user"]["name"], printed["user"]["name"]);
    assert_eq!(kit.requests().len(), 1, "the answer told it all");
}

fn user() -> Value {
    json!({ "id": "USR-2000-0002", "name": "Ada Lovelace", "status": "Active", "email": "ada@example.com", "revision": 3 })
}

#[tokio::test]
async fn seed_003_set_password() {
    let printed: Value =
        serde_json::from_str(include_str!("../samples/g1-set-password.request.json")).expect("a sample");
    let printed = printed.to_string().replace("text", "correct horse");
    let kit = scripted(|_| ok(&user())).await;
    let document = "mutation($password: String!) {
        setUserPassword(input: { id: \"USR-2000-0002\", password: $password }) { user { name } userErrors { message } } }";
    let answer = kit.text(document, json!({ "password": "correct horse" })).await;
    assert_eq!(answer, r#"{"data":{"setUserPassword":{"user":{"name":"Ada Lovelace"},"userErrors":[]}}}"#);
    assert_eq!(kit.requests(), [format!("POST /users/USR-2000-0002/set-password {printed}")]);
}

#[tokio::test]
async fn seed_003_the_printed_answers_are_understood() {
    // The documents print one and the same body after each of them.
    let body = include_str!("../samples/g1-user-get.response.json");
    let fields = [
        "setUserPassword(input: { id: \"USR-2000-0002\", password: \"x\" })",
        "updateUser(input: { id: \"USR-2000-0002\" })",
        "blockUser(input: { id: \"USR-2000-0002\" })",
        "unblockUser(input: { id: \"USR-2000-0002\" })",
    ];
    for field in fields {
        let kit = scripted(move |_| (200, body.to_owned())).await;
        let document = format!(
            "mutation {{ done: {field} {{ user {{ id email phone {{ prefix }} currentAccount {{ type }} }} }} }}"
        );
        let told = json!({ "id": "text", "email": "text", "phone": { "prefix": "text" }, "currentAccount": { "type": "CLIENT" } });
        assert_eq!(kit.send(&document, json!({})).await, json!({ "data": { "done": { "user": told } } }), "{field}");
        assert_eq!(kit.requests().len(), 1);
    }
}

// The documents print `{"node": …, "data": …}` for this request: the server's own type for a delta, which no client sends.
// What is sent is the partial object itself.
#[tokio::test]
async fn seed_003_update_user() {
    let kit = scripted(|_| ok(&user())).await;
    let document = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { name email } userErrors { message } } }";
    let input = json!({ "id": "USR-2000-0002", "currentAccountId": "ACC-1671-0642", "phone": null,
        "settings": { "languageCode": "en-US", "cultureCode": null } });
    let answer = kit.send(document, json!({ "input": input })).await;
    let told = json!({ "user": { "name": "Ada Lovelace", "email": "ada@example.com" }, "userErrors": [] });
    assert_eq!(answer, json!({ "data": { "updateUser": told } }));
    let body = r#"{"phone":null,"settings":{"cultureCode":null,"languageCode":"en-US"},"currentAccount":{"id":"ACC-1671-0642"}}"#;
    assert_eq!(kit.requests(), [format!("PUT /users/USR-2000-0002 {body}")]);
}

#[tokio::test]
async fn seed_003_block_and_unblock_user_one_after_the_other() {
    let kit = scripted(|line| {
        let status = if line.ends_with("/block") { "Blocked" } else { "Active" };
        ok(&json!({ "id": "USR-2000-0002", "status": status }))
    })
    .await;
    let answer = kit
        .text(
            "mutation { unblockUser(input: { id: \"USR-2000-0002\" }) { user { status } }
                        blockUser(input: { id: \"USR-2000-0002\" }) { user { status } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        answer,
        r#"{"data":{"unblockUser":{"user":{"status":"ACTIVE"}},"blockUser":{"user":{"status":"BLOCKED"}}}}"#
    );
    assert_eq!(kit.requests(), ["POST /users/USR-2000-0002/unblock", "POST /users/USR-2000-0002/block"]);
}

#[tokio::test]
async fn seed_003_delete_user() {
    let kit = scripted(|_| (204, String::new())).await;
    let answer = kit
        .send("mutation { deleteUser(input: { id: \"USR-2000-0002\" }) { deletedId userErrors { code } } }", json!({}));
    assert_eq!(answer.await, json!({ "data": { "deleteUser": { "deletedId": "USR-2000-0002", "userErrors": [] } } }));
    assert_eq!(kit.requests(), ["DELETE /users/USR-2000-0002"]);
}

const FIND: &str = "GET /account-users?and(in(account.id,(\"ACC-1671-0642\")),in(user.id,(\"USR-2000-0002\")))&select=-*,id,user.id,account.id&order=account.id,user.id&limit=100";
const FIND_BY_ID: &str = "GET /account-users?in(id,(\"AUSR-8259-0002-0002\"))&select=-*,id,user.id,account.id&order=account.id,user.id&limit=100";

#[tokio::test]
async fn a_member_is_found_by_what_the_routes_do_not_name() {
    let answer = |line: &str| match line {
        line if line.starts_with("GET /accounts?") => list(&json!([{ "id": "ACC-1671-0642" }])),
        line if line.starts_with("GET ") => list(&json!([membership()])),
        _ => ok(&membership()),
    };
    let pair = json!({ "userOfAccount": { "accountId": "ACC-1671-0642", "userId": "USR-2000-0002" } });
    let id = json!({ "accountUserId": "MEM-1671-0642.2000-0002" });
    let write = |route: &str| format!("POST {route}/groups {{\"id\":\"UGR-2316-8282\"}}");
    let flat = speaking(MembershipRoutes::Only(Family::AccountUsers), answer).await;
    for member in [pair, id] {
        assert_eq!(flat.send(ASSIGN, json!({ "member": member })).await, assigned());
        assert_eq!(flat.requests(), [FIND.to_owned(), write("/account-users/AUSR-8259-0002-0002")]);
    }
    // A host that has both is written to by the current form.
    let both = scripted(answer).await;
    let member = json!({ "accountUserId": "AUSR-8259-0002-0002" });
    both.send(ASSIGN, json!({ "member": member })).await;
    assert_eq!(both.requests().len(), 3 + 2, "what it has is found out once");
    assert_eq!(both.send(ASSIGN, json!({ "member": member })).await, assigned());
    let route = "/accounts/ACC-1671-0642/users/USR-2000-0002";
    assert_eq!(both.requests(), [FIND_BY_ID.to_owned(), write(route)]);
    // Without the flat collection nobody knows whom its ids name.
    for family in [Family::Legacy, Family::Accounts] {
        let kit = speaking(MembershipRoutes::Only(family), answer).await;
        let refused = kit.send(ASSIGN, json!({ "member": member })).await;
        let error = json!({ "message": "The accounts API has no route /account-users on this host.",
            "locations": [{ "line": 2, "column": 5 }], "path": ["assignUserToGroup"],
            "extensions": { "code": "UPSTREAM_ROUTE_MISSING" } });
        assert_eq!(refused, json!({ "errors": [error], "data": { "assignUserToGroup": null } }));
        assert_eq!(kit.requests(), [""; 0]);
    }
}

#[tokio::test]
async fn a_member_that_cannot_be_found_is_a_user_error_and_nothing_is_sent() {
    let kit = speaking(MembershipRoutes::Only(Family::AccountUsers), |line| {
        if line.contains('?') { list(&json!([])) } else { not_found() }
    })
    .await;
    let error = json!({ "message": "There is no such member, or the caller may not see it.", "path": ["input", "member"],
        "code": "NOT_FOUND" });
    for member in [
        json!({ "userOfAccount": { "accountId": "ACC-1671-0642", "userId": "USR-2000-0002" } }),
        json!({ "accountUserId": "MEM-1671-0642.2000-0002" }),
    ] {
        let answer = kit.send(ASSIGN, json!({ "member": member })).await;
        assert_eq!(answer, json!({ "data": { "assignUserToGroup": { "accountUser": null, "userErrors": [error] } } }));
        assert_eq!(kit.requests(), [FIND]);
        assert!(!answer.to_string().contains(TOKEN));
    }
}
