//! Who asks decides what is answered, and nothing of one caller reaches another.

use crate::support::{Kit, MODES, SMALL, kit, kit_of, kit_with, limits};
use accounts_graph::upstream::marketplace::membership::MembershipRoutes;
use accounts_graph_sandbox::{CLIENT_TOKEN, Generation, OPERATIONS_TOKEN, Options, Quirks, VENDOR_TOKEN};
use serde_json::{Map, Value, json};

const CLIENT: &str = "ACC-1671-0642";

fn rows(kit: &Kit, collection: &str, is_so: impl Fn(&Map<String, Value>) -> bool) -> Vec<String> {
    let mut ids: Vec<String> = kit
        .sandbox
        .world()
        .rows(collection)
        .iter()
        .filter(|row| is_so(row))
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect();
    ids.sort();
    ids
}

/// The `data` of a query that a caller sends and that has no errors.
async fn data(kit: &Kit, token: &str, query: &str) -> Value {
    let mut answer = kit.query_as(token, query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"].take()
}

#[tokio::test]
async fn lists_hold_what_is_in_the_scope_of_the_caller() {
    let kit = kit().await;
    let query = "{ accounts(first: 100) { totalCount nodes { id } } groups(first: 100) { nodes { id } } buyers { totalCount } users { totalCount } }";
    let everything = data(&kit, OPERATIONS_TOKEN, query).await;
    let client = data(&kit, CLIENT_TOKEN, query).await;
    assert_eq!(client["accounts"], json!({ "totalCount": 1, "nodes": [{ "id": CLIENT }] }));
    let groups: Vec<Value> =
        rows(&kit, "user-groups", |row| row["account"] == CLIENT).iter().map(|id| json!({ "id": id })).collect();
    assert_eq!(client["groups"]["nodes"], json!(groups));
    assert_eq!(client["users"]["totalCount"], rows(&kit, "account-users", |row| row["account"] == CLIENT).len());
    assert_eq!(
        client["buyers"]["totalCount"],
        rows(&kit, "buyers", |row| row.get("account") == Some(&json!(CLIENT))).len()
    );
    assert_eq!(everything["users"]["totalCount"], kit.sandbox.world().rows("users").len());
    assert_eq!(data(&kit, VENDOR_TOKEN, query).await["buyers"]["totalCount"], 0);
}

#[tokio::test]
async fn what_is_outside_the_scope_is_null_by_id_without_an_error() {
    let kit = kit().await;
    let other = rows(&kit, "accounts", |row| row["id"] != CLIENT)[0].clone();
    let query = format!(
        r#"{{ own: account(id: "{CLIENT}") {{ id }} account(id: "{other}") {{ id }} node(id: "{other}") {{ id }} nodes(ids: ["{other}", "{CLIENT}"]) {{ id }} }}"#
    );
    assert_eq!(
        data(&kit, CLIENT_TOKEN, &query).await,
        json!({ "own": { "id": CLIENT }, "account": null, "node": null, "nodes": [null, { "id": CLIENT }] })
    );
}

#[tokio::test]
async fn what_a_reference_told_stays_answered_and_the_rest_is_null() {
    let kit = kit().await;
    // Somebody created the group whom the client does not see.
    let query = r#"{ group(id: "UGR-5116-6265") { id audit { created { by { __typename id name ... on User { email currentAccount { name } } } } } } }"#;
    let whole = data(&kit, OPERATIONS_TOKEN, query).await;
    let by = &whole["group"]["audit"]["created"]["by"];
    let id = by["id"].as_str().expect("an id");
    assert_eq!((&by["__typename"], by["email"].is_string()), (&json!("User"), true));
    assert_eq!(
        data(&kit, CLIENT_TOKEN, &format!("{{ user(id: \"{id}\") {{ id }} }}")).await,
        json!({ "user": null }),
        "the test needs a stranger"
    );
    let seen = data(&kit, CLIENT_TOKEN, query).await;
    let expected = json!({ "__typename": "User", "id": id, "name": by["name"], "email": null, "currentAccount": null });
    assert_eq!(seen["group"]["audit"]["created"]["by"], expected);
}

#[tokio::test]
async fn modules_are_forbidden_by_themselves() {
    let kit = kit().await;
    for query in [
        "{ modules { nodes { id } } __typename }",
        "{ modules: module(id: \"MOD-3989\") { id } __typename }",
        "{ modules: cloudTenants { totalCount } __typename }",
    ] {
        for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
            let answer = kit.query_as(token, query).await;
            assert_eq!(answer["data"], json!({ "modules": null, "__typename": "Query" }), "{query}");
            assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
            assert_eq!(
                (&answer["errors"][0]["path"], &answer["errors"][0]["extensions"]["code"]),
                (&json!(["modules"]), &json!("FORBIDDEN"))
            );
        }
    }
}

#[tokio::test]
async fn modules_are_whole_through_groups_and_memberships() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let query = r#"{ group(id: "UGR-5116-6265") { modules { id name description settings { configurable } filters { groupBuyers } revision } }
            accountUsers(first: 1, filter: { account: { id: { eq: "ACC-1671-0642" } } }) { nodes { modules { id name } groups { nodes { modules { name } } } } } }"#;
        let client = data(&kit, CLIENT_TOKEN, query).await;
        let modules = client["group"]["modules"].as_array().expect("modules");
        assert!(
            modules.len() > 3
                && modules.iter().all(|module| module["name"].is_string()
                    && module["description"].is_string()
                    && module["settings"]["configurable"].is_boolean()),
            "{mode:?}"
        );
        let member = &client["accountUsers"]["nodes"][0];
        assert!(member["modules"][0]["name"].is_string(), "{mode:?}: {client}");
        assert!(member["groups"]["nodes"][0]["modules"][0]["name"].is_string(), "{mode:?}: {client}");
        let requests = kit.requests();
        assert!(requests.iter().all(|line| !line.contains("/accounts/modules")), "{mode:?}: {requests:#?}");
    }
}

#[tokio::test]
async fn modules_of_a_group_tell_a_client_all_that_the_group_can_be_asked_for() {
    let kit = kit().await;
    let query = r#"{ group(id: "UGR-5116-6265") { name modules { id code name accountTypes } } account(id: "ACC-1671-0642") { groups { nodes { modules { code accountTypes } } } } }"#;
    let (client, everything) = (data(&kit, CLIENT_TOKEN, query).await, data(&kit, OPERATIONS_TOKEN, query).await);
    assert_eq!(client, everything);
    let modules = client["group"]["modules"].as_array().expect("modules");
    assert!(
        modules.len() > 3
            && modules.iter().all(|module| module["code"].is_string() && module["accountTypes"].is_array()),
        "{client}"
    );
}

#[tokio::test]
async fn fields_for_operations_only_are_null_for_others() {
    let kit = kit().await;
    let conflicted = kit
        .sandbox
        .world()
        .rows("buyers")
        .into_iter()
        .find(|row| row.get("account") == Some(&json!(CLIENT)) && row.contains_key("errors"));
    let buyer = conflicted.map_or_else(
        || rows(&kit, "buyers", |row| row.get("account") == Some(&json!(CLIENT)))[0].clone(),
        |row| row["id"].as_str().expect("an id").to_owned(),
    );
    let query = format!("{{ buyer(id: \"{buyer}\") {{ id errors {{ message }} }} }}");
    let (client, everything) = (data(&kit, CLIENT_TOKEN, &query).await, data(&kit, OPERATIONS_TOKEN, &query).await);
    assert_eq!(client, json!({ "buyer": { "id": buyer, "errors": null } }));
    assert!(everything["buyer"]["errors"].is_array(), "{everything}");
}

#[tokio::test]
async fn accounts_of_a_user_are_those_that_the_caller_may_see() {
    let query = r#"{ user(id: "USR-1671-0642") { accounts { nodes { id } } accountUsers { nodes { id account { id } } } groups { nodes { account { id } } } } }"#;
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let everything = data(&kit, OPERATIONS_TOKEN, query).await;
        let accounts = everything["user"]["accounts"]["nodes"].as_array().expect("accounts");
        assert!(accounts.len() > 1, "the test needs somebody who is elsewhere too: {everything}");
        let client = data(&kit, CLIENT_TOKEN, query).await;
        assert_eq!(client["user"]["accounts"]["nodes"], json!([{ "id": CLIENT }]), "{mode:?}");
        let member = json!({ "id": "MEM-1671-0642.1671-0642", "account": { "id": CLIENT } });
        assert_eq!(client["user"]["accountUsers"]["nodes"], json!([member]), "{mode:?}");
        let groups = client["user"]["groups"]["nodes"].as_array().expect("groups");
        assert!(!groups.is_empty() && groups.iter().all(|group| group["account"]["id"] == CLIENT), "{mode:?}");
    }
}

#[tokio::test]
async fn members_of_an_account_are_told_to_who_may_see_it() {
    let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 2) { totalCount nodes { id } } users(first: 2) { totalCount nodes { id email } } }
        accountUser(id: "MEM-1671-0642.1671-0642") { user { name } invitation { status } } }"#;
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let (client, everything) = (data(&kit, CLIENT_TOKEN, query).await, data(&kit, OPERATIONS_TOKEN, query).await);
        assert_eq!(client, everything, "{mode:?}");
        assert_eq!(client["accountUser"]["user"]["name"], "Will Smith", "{mode:?}");
        let members = rows(&kit, "account-users", |row| row["account"] == CLIENT).len();
        assert_eq!(client["account"]["accountUsers"]["totalCount"], members, "{mode:?}");
        let vendor = data(&kit, VENDOR_TOKEN, query).await;
        assert_eq!(vendor, json!({ "account": null, "accountUser": null }), "{mode:?}");
    }
}

#[tokio::test]
async fn nothing_crosses_from_one_caller_to_another() {
    for mode in MODES {
        nothing_crosses(mode).await;
    }
}

async fn nothing_crosses(mode: (Generation, MembershipRoutes)) {
    let kit = kit_of(mode, Quirks::default()).await;
    let queries = [
        r"{ users(first: 3) { totalCount nodes { id name email currentAccount { id website } groups { nodes { id modules { code } } } } } }",
        r#"{ account(id: "ACC-1671-0642") { name users(first: 2) { totalCount nodes { email } } buyers(first: 2) { totalCount } } modules(first: 1) { nodes { name } } }"#,
    ];
    let tokens = [OPERATIONS_TOKEN, CLIENT_TOKEN, VENDOR_TOKEN];
    let ask = async |kit: &Kit, token: &str, query: &str| kit.send(&json!({ "query": query }), Some(token)).await;
    let mut alone = vec![];
    for query in queries {
        for token in tokens {
            let mut answer = ask(&kit_of(mode, Quirks::default()).await, token, query).await;
            strip(&mut answer);
            alone.push(answer);
        }
    }
    assert_ne!(alone[0], alone[1]);
    assert_ne!(alone[1], alone[2]);
    for _ in 0..3 {
        let mut place = 0;
        for query in queries {
            for token in tokens {
                let mut answer = ask(&kit, token, query).await;
                strip(&mut answer);
                assert_eq!(answer, alone[place], "{mode:?}: {token}: {query}");
                place += 1;
            }
        }
    }
    // At the same time as well.
    let asked = (0..30).map(|n| ask(&kit, tokens[n % 3], queries[0]));
    for (n, mut answer) in futures::future::join_all(asked).await.into_iter().enumerate() {
        strip(&mut answer);
        assert_eq!(answer, alone[n % 3], "{mode:?}");
    }
}

/// Without the numbers that the upstream gives to failures.
fn strip(answer: &mut Value) {
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"]["traceId"].take();
    }
}

#[tokio::test]
async fn callers_without_a_known_token_are_unauthenticated_where_one_is_required() {
    let kit = kit_with(Options { scale: SMALL, require_token: true, ..Options::default() }, limits()).await;
    let query = r#"{ users(first: 1) { nodes { id } } user(id: "USR-1671-0642") { id } nodes(ids: ["ACC-1671-0642", "x"]) { id } __typename }"#;
    let body = json!({ "query": query });
    let missing = "The accounts API needs a token: there is no Authorization header";
    let unknown = "The accounts API does not accept the token of the Authorization header";
    for token in [None, Some("nonsense"), Some("idt:TKN-0000-0001:wrong"), Some("idt:TKN-9999-9999:x")] {
        let message = if token.is_some() { unknown } else { missing };
        let answer = kit.send(&body, token).await;
        assert_eq!(
            answer["data"],
            json!({ "users": null, "user": null, "nodes": [null, null], "__typename": "Query" }),
            "{token:?}"
        );
        let errors = answer["errors"].as_array().expect("errors");
        let paths: Vec<&Value> = errors.iter().map(|error| &error["path"]).collect();
        assert_eq!(paths, [&json!(["users"]), &json!(["user"]), &json!(["nodes", 0])]);
        for error in errors {
            assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("UNAUTHENTICATED")));
        }
    }
    assert_eq!(
        data(&kit, OPERATIONS_TOKEN, "{ users(first: 1) { nodes { id } } }").await,
        json!({ "users": { "nodes": [{ "id": "USR-0000-0001" }] } })
    );
}

#[tokio::test]
async fn the_schema_is_told_to_everyone() {
    let kit = kit_with(Options { scale: SMALL, require_token: true, ..Options::default() }, limits()).await;
    assert_eq!(
        kit.data("{ __schema { queryType { name } } }").await,
        json!({ "__schema": { "queryType": { "name": "Query" } } })
    );
    assert_eq!(kit.requests(), [""; 0]);
}
