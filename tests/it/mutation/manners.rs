//! The manners of a mutation: order, exactly once, absence and null, what the caller can put right, and secrets.

use super::upstream::{Scripted, TOKEN, asks_for_collection, list, not_found, nothing, ok, scripted, speaking};
use accounts_graph::upstream::marketplace::membership::{Family, MembershipRoutes};
use serde_json::{Value, json};

const UPDATE: &str = "mutation($input: UpdateUserInput!) {
    updateUser(input: $input) { user { name } userErrors { message path code } } }";

fn user(name: &str) -> (u16, String) {
    ok(&json!({ "id": "USR-2000-0002", "name": name, "revision": 4 }))
}

#[tokio::test]
async fn mutations_run_in_their_order_each_after_the_answer_of_the_one_before() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /users/USR-2000-0002?") => {
            ok(&json!({ "id": "USR-2000-0002", "email": "a@example.com" }))
        }
        line if line.contains("First") => user("First"),
        line if line.contains("Third") => user("Third"),
        line if line.contains("/block") => (403, "{}".to_owned()),
        _ => not_found(),
    })
    .await;
    let document = "mutation {
        a: updateUser(input: { id: \"USR-2000-0002\", firstName: \"First\" }) { user { name email } }
        b: blockUser(input: { id: \"USR-2000-0002\" }) { user { name } }
        c: updateUser(input: { id: \"USR-2000-0002\", firstName: \"Third\" }) { user { name email } } }";
    let answer = kit.text(document, json!({})).await;
    let error = r#"{"message":"The accounts API does not allow this to the caller","locations":[{"line":3,"column":9}],"path":["b"],"extensions":{"code":"FORBIDDEN"}}"#;
    let data = r#"{"a":{"user":{"name":"First","email":"a@example.com"}},"b":null,"c":{"user":{"name":"Third","email":"a@example.com"}}}"#;
    assert_eq!(answer, format!(r#"{{"errors":[{error}],"data":{data}}}"#));
    assert_eq!(
        kit.requests(),
        [
            r#"PUT /users/USR-2000-0002 {"firstName":"First"}"#,
            "GET /users/USR-2000-0002?select=-*,id,email",
            "POST /users/USR-2000-0002/block",
            r#"PUT /users/USR-2000-0002 {"firstName":"Third"}"#,
            // What was known before the write is asked again.
            "GET /users/USR-2000-0002?select=-*,id,email",
        ]
    );
}

#[tokio::test]
async fn a_field_that_appears_twice_runs_once_with_both_selections() {
    let kit = scripted(|_| ok(&json!({ "id": "USR-2000-0002", "name": "Ada", "email": "ada@example.com" }))).await;
    let document = "mutation($skip: Boolean!) { ...A ...B __typename
        blockUser(input: { id: \"USR-2000-0002\" }) { userErrors { code } }
        unblockUser(input: { id: \"USR-2000-0002\" }) @skip(if: $skip) { userErrors { code } } }
        fragment A on Mutation { blockUser(input: { id: \"USR-2000-0002\" }) { user { name } } }
        fragment B on Mutation { blockUser(input: { id: \"USR-2000-0002\" }) { user { email } __typename } ...A }";
    let answer = kit.text(document, json!({ "skip": true })).await;
    assert_eq!(
        answer,
        r#"{"data":{"blockUser":{"user":{"name":"Ada","email":"ada@example.com"},"__typename":"BlockUserPayload","userErrors":[]},"__typename":"Mutation"}}"#
    );
    assert_eq!(kit.requests(), ["POST /users/USR-2000-0002/block"]);
}

#[tokio::test]
async fn what_is_absent_is_not_sent_and_null_is_sent_as_null() {
    let document = "mutation($id: ID!, $first: String, $last: String = \"Lovelace\", $phone: PhoneInput) {
        updateUser(input: { id: $id, firstName: $first, lastName: $last, phone: $phone, settings: { timeZone: null } }) {
            userErrors { code } } }";
    let cases = [
        (json!({}), r#"{"lastName":"Lovelace","settings":{"timeZone":null}}"#),
        (json!({ "first": null, "last": null }), r#"{"firstName":null,"lastName":null,"settings":{"timeZone":null}}"#),
        (
            json!({ "first": "Ada", "phone": { "number": "1" } }),
            r#"{"firstName":"Ada","lastName":"Lovelace","phone":{"number":"1"},"settings":{"timeZone":null}}"#,
        ),
        (
            json!({ "phone": { "prefix": null } }),
            r#"{"lastName":"Lovelace","phone":{"prefix":null},"settings":{"timeZone":null}}"#,
        ),
    ];
    for (mut variables, body) in cases {
        let kit = scripted(|_| user("Ada")).await;
        variables["id"] = json!("USR-2000-0002");
        assert_eq!(kit.send(document, variables).await, json!({ "data": { "updateUser": { "userErrors": [] } } }));
        assert_eq!(kit.requests(), [format!("PUT /users/USR-2000-0002 {body}")]);
    }
}

/// The user errors of an update that the upstream refuses in this way, and the top-level extensions.
async fn refused(status: u16, problem: Value, input: Value) -> (Value, Value) {
    let kit = scripted(move |line| match line {
        line if asks_for_collection(line) => list(&json!([])),
        _ => (status, problem.to_string()),
    })
    .await;
    let mut answer = kit.send(UPDATE, json!({ "input": input })).await;
    // After the first 404 of a host it is asked whether the collection is there.
    assert_eq!(kit.requests().len(), if status == 404 { 2 } else { 1 });
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert_eq!(answer["data"]["updateUser"]["user"], Value::Null, "{answer}");
    (answer["data"]["updateUser"]["userErrors"].take(), answer["extensions"].take())
}

#[tokio::test]
async fn both_shapes_of_problems_become_user_errors_with_paths_of_the_input() {
    let input = json!({ "id": "USR-2000-0002", "firstName": "", "settings": { "languageCode": "x" } });
    let map = json!({ "title": "Bad Request", "status": 400, "traceId": "00-ab-cd-00", "errors": {
        "firstName": ["Required.", "Too short."], "Settings.LanguageCode": ["Unknown."], "$.phone": ["Odd."], "mistake": ["What?"] } });
    let (errors, extensions) = refused(400, map, input.clone()).await;
    let bad = |message: &str, path: &[&str]| json!({ "message": message, "path": path, "code": "BAD_USER_INPUT" });
    assert_eq!(
        errors,
        json!([
            bad("Required.", &["input", "firstName"]),
            bad("Too short.", &["input", "firstName"]),
            bad("Unknown.", &["input", "settings", "languageCode"]),
            bad("Odd.", &["input", "phone"]),
            bad("What?", &["input"]),
        ])
    );
    assert_eq!(extensions, json!({ "traceIds": { "updateUser": "00-ab-cd-00" } }));

    let list = json!({ "title": "Failed", "status": 422, "type": "https://docs.example/errors#MPTACC01-0078",
        "errors": [{ "message": "Names are too long", "properties": ["firstName", "currentAccount.id"] }, { "message": "No." }] });
    let (errors, extensions) = refused(422, list, input.clone()).await;
    let coded = |message: &str, path: &[&str]| json!({ "message": message, "path": path, "code": "MPTACC01-0078" });
    assert_eq!(
        errors,
        json!([
            coded("Names are too long", &["input", "firstName"]),
            coded("Names are too long", &["input", "currentAccountId"]),
            coded("No.", &["input"]),
        ])
    );
    assert_eq!(extensions, Value::Null);

    let (errors, _) =
        refused(409, json!({ "title": "Conflict", "detail": "The user is blocked." }), input.clone()).await;
    assert_eq!(errors, json!([{ "message": "The user is blocked.", "path": ["input"], "code": "CONFLICT" }]));
    let (errors, _) = refused(400, json!({}), input.clone()).await;
    assert_eq!(errors, json!([bad("The upstream refused the input.", &["input"])]));
    let (errors, _) = refused(404, json!({ "title": "x" }), input).await;
    let message = "There is no such user, or the caller may not see it.";
    assert_eq!(errors, json!([{ "message": message, "path": ["input", "id"], "code": "NOT_FOUND" }]));
}

#[tokio::test]
async fn what_no_upstream_has_to_be_asked_about_is_refused_at_once() {
    let kit = scripted(|_| user("Ada")).await;
    let input = json!({ "id": "ACC-2000-0002", "currentAccountId": "../users/USR-1" });
    let answer = kit.send(UPDATE, json!({ "input": input })).await;
    let bad = |message: &str, path: &[&str]| json!({ "message": message, "path": path, "code": "BAD_USER_INPUT" });
    let errors = json!([
        bad("This is not an id of User: USR- and one to four groups of digits.", &["input", "id"]),
        bad("This is not an id of Account: ACC- and one to four groups of digits.", &["input", "currentAccountId"]),
    ]);
    assert_eq!(answer, json!({ "data": { "updateUser": { "user": null, "userErrors": errors } } }));
    let unknown = "mutation { createAccount(input: { name: \"A\", type: UNKNOWN }) { userErrors { path } } }";
    let path = json!({ "userErrors": [{ "path": ["input", "type"] }] });
    assert_eq!(kit.send(unknown, json!({})).await, json!({ "data": { "createAccount": path } }));
    let answer = kit.send("mutation { blockUser { userErrors { code } } }", json!({})).await;
    assert_eq!(
        (&answer["errors"][0]["extensions"]["code"], answer.get("data")),
        (&json!("GRAPHQL_VALIDATION_FAILED"), None)
    );
    let both = "mutation { removeAccountUser(input: { member: { accountUserId: \"AUSR-1\", userOfAccount: { accountId: \"ACC-1\", userId: \"USR-1\" } } }) { deletedId } }";
    let answer = kit.send(both, json!({})).await;
    assert!(answer["errors"][0]["message"].as_str().is_some(), "{answer}");
    assert_eq!(kit.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_revision_that_differs_is_a_conflict_with_the_entity_as_it_is() {
    let document = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { name } userErrors {
        __typename message path code ... on RevisionConflict { current { ... on User { revision name email } ... on Account { name } } } } } }";
    let kit = scripted(|line| match line {
        "GET /users/USR-2000-0002?select=-*,id,revision" => ok(&json!({ "id": "USR-2000-0002", "revision": 4 })),
        line if line.starts_with("GET ") => {
            ok(&json!({ "id": "USR-2000-0002", "name": "Ada", "email": "ada@example.com" }))
        }
        _ => user("Ada"),
    })
    .await;
    let input = |revision: i32| json!({ "input": { "id": "USR-2000-0002", "firstName": "A", "ifRevision": revision } });
    let current = json!({ "revision": 4, "name": "Ada", "email": "ada@example.com" });
    let error = json!({ "__typename": "RevisionConflict", "message": "The revision is 4, not 3: it was changed meanwhile.",
        "path": ["input", "ifRevision"], "code": "CONFLICT", "current": current });
    assert_eq!(
        kit.send(document, input(3)).await,
        json!({ "data": { "updateUser": { "user": null, "userErrors": [error] } } })
    );
    assert_eq!(
        kit.requests(),
        ["GET /users/USR-2000-0002?select=-*,id,revision", "GET /users/USR-2000-0002?select=-*,id,name,email"]
    );
    assert_eq!(
        kit.send(document, input(4)).await,
        json!({ "data": { "updateUser": { "user": { "name": "Ada" }, "userErrors": [] } } })
    );
    assert_eq!(
        kit.requests(),
        ["GET /users/USR-2000-0002?select=-*,id,revision", r#"PUT /users/USR-2000-0002 {"firstName":"A"}"#]
    );
}

#[tokio::test]
async fn a_revision_that_nobody_tells_cannot_be_checked() {
    let input = json!({ "input": { "id": "USR-2000-0002", "ifRevision": 4 } });
    let silent = scripted(|_| ok(&json!({ "id": "USR-2000-0002" }))).await;
    let error = |message: &str, path: &[&str], code: &str| {
        let error = json!({ "message": message, "path": path, "code": code });
        json!({ "data": { "updateUser": { "user": null, "userErrors": [error] } } })
    };
    let message = "The upstream does not tell revisions here: leave ifRevision out.";
    assert_eq!(silent.send(UPDATE, input.clone()).await, error(message, &["input", "ifRevision"], "BAD_USER_INPUT"));
    assert_eq!(silent.requests().len(), 1);
    let missing = scripted(nothing).await;
    let message = "There is no such user, or the caller may not see it.";
    assert_eq!(missing.send(UPDATE, input).await, error(message, &["input", "id"], "NOT_FOUND"));
    assert_eq!(missing.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_lists_what_it_omits_tells_that_the_rest_is_null() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET ") => ok(&json!({ "id": "USR-2000-0002", "audit": { "created": null } })),
        _ => ok(&json!({ "id": "USR-2000-0002", "name": "Ada", "$meta": { "omitted": ["audit"] } })),
    })
    .await;
    let document = "mutation { blockUser(input: { id: \"USR-2000-0002\" }) { user { name icon phone { number } audit { created { at } } } } }";
    let told = json!({ "user": { "name": "Ada", "icon": null, "phone": null, "audit": { "created": null } } });
    assert_eq!(kit.send(document, json!({})).await, json!({ "data": { "blockUser": told } }));
    assert_eq!(kit.requests(), ["POST /users/USR-2000-0002/block", "GET /users/USR-2000-0002?select=-*,id,audit"]);
}

/// An upstream that has the current routes of memberships.
async fn current(script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Scripted {
    speaking(MembershipRoutes::Only(Family::Accounts), script).await
}

const LEAVE: &str = "DELETE /accounts/ACC-1/users/USR-1/groups/UGR-2";
const READ: &str = r#"GET /accounts/ACC-1/users?in(id,("USR-1"))&select=-*,id,account.id,groups.id&order=id&limit=100"#;

#[tokio::test]
async fn a_change_that_answers_nothing_is_read_only_for_what_its_input_does_not_say() {
    let kit = current(|line| match line {
        line if line.starts_with("GET ") => list(&json!([{ "id": "USR-1", "groups": [] }])),
        _ => (204, String::new()),
    })
    .await;
    let leave = |selection: &str| {
        format!(
            "mutation {{ removeUserFromGroup(input: {{ member: {{ accountUserId: \"MEM-1.1\" }}, groupId: \"UGR-2\" }}) {{ {selection} }} }}"
        )
    };
    let names = json!({ "id": "MEM-1.1", "user": { "id": "USR-1" }, "account": { "id": "ACC-1" } });
    for (selection, payload, requests) in [
        ("userErrors { code }", json!({ "userErrors": [] }), &[LEAVE][..]),
        ("accountUser { id user { id } account { id } }", json!({ "accountUser": names }), &[LEAVE]),
        (
            "accountUser { groups { nodes { id } } }",
            json!({ "accountUser": { "groups": { "nodes": [] } } }),
            &[LEAVE, READ],
        ),
    ] {
        let done = json!({ "data": { "removeUserFromGroup": payload } });
        assert_eq!(kit.send(&leave(selection), json!({})).await, done);
        assert_eq!(kit.requests(), requests);
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_read_afterwards_was_made() {
    let document =
        "mutation { removeUserFromGroup(input: { member: { accountUserId: \"MEM-1.1\" }, groupId: \"UGR-2\" }) {
        accountUser { id status user { id name } } userErrors { code } } }";
    let told = json!({ "id": "MEM-1.1", "status": null, "user": { "id": "USR-1", "name": null } });
    let data = json!({ "removeUserFromGroup": { "accountUser": told, "userErrors": [] } });
    let error = |column: usize, path: &[&str], code: &str, message: &str| {
        let path: Vec<&str> = ["removeUserFromGroup", "accountUser"].iter().chain(path).copied().collect();
        json!({ "message": message, "locations": [{ "line": 2, "column": column }], "path": path,
            "extensions": { "code": code } })
    };
    let kit =
        current(|line| if line.starts_with("GET ") { (403, "{}".to_owned()) } else { (204, String::new()) }).await;
    let refused = "The accounts API does not allow this to the caller";
    let errors = [error(26, &["status"], "FORBIDDEN", refused), error(43, &["user", "name"], "FORBIDDEN", refused)];
    assert_eq!(kit.send(document, json!({})).await, json!({ "errors": errors, "data": data }));
    // What it refers to may be out of sight without that being an error; what was changed may not.
    let gone = current(|line| match line {
        line if line.starts_with("GET /users/") => not_found(),
        line if line.starts_with("GET ") => list(&json!([])),
        _ => (204, String::new()),
    })
    .await;
    let unseen = "It was changed, but the accounts API does not show it to the caller";
    let errors = [error(26, &["status"], "NOT_FOUND", unseen)];
    assert_eq!(gone.send(document, json!({})).await, json!({ "errors": errors, "data": data }));
}

#[tokio::test]
async fn groups_are_assigned_one_after_the_other_until_one_is_refused() {
    let member = |groups: Value| ok(&json!({ "id": "USR-1", "groups": groups }));
    let document = "mutation { assignUserToGroup(input: { member: { accountUserId: \"MEM-1.1\" }, groupIds: [\"UGR-1\", \"UGR-2\", \"UGR-3\"] }) {
        accountUser { groups { nodes { id } } } userErrors { message path } } }";
    let kit = current(move |line| match line {
        line if line.contains("UGR-1") => member(json!([{ "id": "UGR-1" }])),
        _ => (400, json!({ "errors": { "id": ["No such group."] } }).to_string()),
    })
    .await;
    let payload = json!({ "accountUser": { "groups": { "nodes": [{ "id": "UGR-1" }] } },
        "userErrors": [{ "message": "No such group.", "path": ["input", "groupIds", "1"] }] });
    assert_eq!(kit.send(document, json!({})).await, json!({ "data": { "assignUserToGroup": payload } }));
    let group = |id: &str| format!("POST /accounts/ACC-1/users/USR-1/groups {{\"id\":\"{id}\"}}");
    assert_eq!(kit.requests(), [group("UGR-1"), group("UGR-2")]);
    let many = "mutation($groups: [ID!]!) { assignUserToGroup(input: { member: { accountUserId: \"MEM-1.1\" }, groupIds: $groups }) {
        accountUser { id } userErrors { message path code } } }";
    for (count, message) in [(0, "At least one must be given."), (101, "101 are given; at most 100 are allowed.")] {
        let error = json!({ "message": message, "path": ["input", "groupIds"], "code": "BAD_USER_INPUT" });
        let answer = kit.send(many, json!({ "groups": vec!["UGR-1"; count] })).await;
        let payload = json!({ "accountUser": null, "userErrors": [error] });
        assert_eq!(answer, json!({ "data": { "assignUserToGroup": payload } }));
        assert_eq!(kit.requests(), Vec::<String>::new());
    }

    let kit = current(move |line| match line {
        line if line.contains("UGR-3") => (500, "{}".to_owned()),
        _ => member(json!([{ "id": "UGR-1" }])),
    })
    .await;
    let answer = kit.send(document, json!({})).await;
    let message = "The accounts API answered with status 500: whether the change was made is not known. It was sent once (2 of 3 were done before)";
    assert_eq!(
        (&answer["errors"][0]["message"], &answer["data"]),
        (&json!(message), &json!({ "assignUserToGroup": null }))
    );
    assert_eq!(kit.requests(), [group("UGR-1"), group("UGR-2"), group("UGR-3")]);
}

#[tokio::test]
async fn a_route_that_is_lost_between_writes_is_an_error_that_counts_those_that_were_done() {
    let document = "mutation { assignUserToGroup(input: { member: { accountUserId: \"MEM-1.1\" }, groupIds: [\"UGR-1\", \"UGR-2\", \"UGR-3\"] }) {
        accountUser { id } userErrors { message } } }";
    let group = |id: &str| format!("POST /accounts/ACC-1/users/USR-1/groups {{\"id\":\"{id}\"}}");
    for (lost, asked) in [(not_found(), true), ((404, "<html>Not Found</html>".to_owned()), false)] {
        for done in 0..3 {
            let lost = lost.clone();
            let kit = current(move |line| match line {
                line if (1..=done).any(|number| line.contains(&format!("UGR-{number}"))) => {
                    ok(&json!({ "id": "USR-1", "groups": [{ "id": "UGR-1" }] }))
                }
                line if line.starts_with("GET /accounts?") => list(&json!([{ "id": "ACC-1" }])),
                line if line.starts_with("GET ") => (404, String::new()),
                _ => lost.clone(),
            })
            .await;
            let answer = kit.send(document, json!({})).await;
            let error = &answer["errors"][0];
            // A problem document may be about the member, so the list is asked; HTML is about the address in any case.
            let end = if asked { "." } else { ": is the base address right?" };
            let count = if done > 0 { format!(" ({done} of 3 were done before)") } else { String::new() };
            let message = error["message"].as_str().expect("a message");
            assert!(
                message.contains("has no route") && message.ends_with(&format!("on this host{end}{count}")),
                "{answer}"
            );
            assert_eq!(error["extensions"]["code"], "UPSTREAM_ROUTE_MISSING", "{answer}");
            assert_eq!(
                (&error["path"], &answer["data"]),
                (&json!(["assignUserToGroup"]), &json!({ "assignUserToGroup": null }))
            );
            let (writes, reads): (Vec<_>, Vec<_>) =
                kit.requests().into_iter().partition(|line| line.starts_with("POST "));
            assert_eq!(writes, ["UGR-1", "UGR-2", "UGR-3"][..=done].iter().map(|id| group(id)).collect::<Vec<_>>());
            assert_eq!(!reads.is_empty(), asked, "{reads:?}");
        }
    }
}

#[tokio::test]
async fn a_mutation_by_get_is_refused_and_nothing_is_sent() {
    let kit = scripted(|_| user("Ada")).await;
    let answer = kit.get("mutation { blockUser(input: { id: \"USR-2000-0002\" }) { userErrors { code } } }").await;
    let error =
        json!({ "message": "A mutation needs a POST request.", "extensions": { "code": "METHOD_NOT_ALLOWED" } });
    assert_eq!(answer, json!({ "errors": [error] }));
    assert_eq!(kit.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_secret_of_a_new_token_is_in_its_payload_and_nowhere_else() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /api-tokens") => list(&json!([])),
        _ => (201, json!({ "id": "TKN-0000-0009", "name": "CI", "token": "idt:TKN-0000-0009:new" }).to_string()),
    })
    .await;
    let document =
        "mutation { createApiToken(input: { accountId: \"ACC-1\", name: \"CI\", moduleIds: [\"MOD-1\", \"MOD-2\"] }) {
        apiToken { id name } token userErrors { code } } }";
    let payload = json!({ "apiToken": { "id": "TKN-0000-0009", "name": "CI" }, "token": "idt:TKN-0000-0009:new", "userErrors": [] });
    assert_eq!(kit.send(document, json!({})).await, json!({ "data": { "createApiToken": payload } }));
    let body = r#"{"account":{"id":"ACC-1"},"name":"CI","modules":[{"id":"MOD-1"},{"id":"MOD-2"}]}"#;
    assert_eq!(kit.requests(), [format!("POST /api-tokens {body}")]);
}

#[tokio::test]
async fn nothing_secret_is_repeated_whatever_the_upstream_says() {
    let says = |message: &'static str| move |_: &str| (400, json!({ "errors": { "password": [message] } }).to_string());
    let document = "mutation($password: String!) {
        setUserPassword(input: { id: \"USR-2000-0002\", password: $password }) { userErrors { message path } } }";
    for (message, shown) in [
        ("At least 12 characters.", "At least 12 characters."),
        ("'Hunter2!' is too short.", "The upstream refused the input."),
        ("Token opaque-part-of-it may not do this.", "The upstream refused the input."),
    ] {
        let kit = scripted(says(message)).await;
        let answer = kit.text(document, json!({ "password": "hunter2!" })).await;
        assert!(
            !answer.to_lowercase().contains("hunter2") && !answer.contains("opaque") && !answer.contains(TOKEN),
            "{answer}"
        );
        let errors = json!([{ "message": shown, "path": ["input", "password"] }]);
        let expected = json!({ "data": { "setUserPassword": { "userErrors": errors } } });
        assert_eq!(serde_json::from_str::<Value>(&answer).expect("JSON"), expected);
    }
}
