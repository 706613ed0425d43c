//! The gateway as a subgraph: what routers ask of it, the schema that they compose, and routers themselves.

use crate::support::{Kit, MODES, kit, kit_of, kit_with, limits};
use accounts_graph_sandbox::{Fault, Options, Quirks};
use serde_json::{Value, json};

/// The query that a router sends for these representations, with a fragment for each type.
const MIXED: &str = "query($representations: [_Any!]!) {
    _entities(representations: $representations) {
        __typename
        ... on User { name }
        ... on Account { id name }
    }
}";

async fn entities(kit: &Kit, query: &str, representations: Value) -> Value {
    kit.query_with(query, json!({ "representations": representations })).await
}

fn user(id: &str) -> Value {
    json!({ "__typename": "User", "id": id })
}

fn account(id: &str) -> Value {
    json!({ "__typename": "Account", "id": id })
}

/// An error of an entity, of a query whose second line selects them.
pub(crate) fn error(message: &str, index: usize, code: &str) -> Value {
    json!({
        "message": message,
        "locations": [{ "line": 2, "column": 5 }],
        "path": ["_entities", index],
        "extensions": { "code": code }
    })
}

#[tokio::test]
async fn order_and_duplicates_are_kept_and_neighbours_of_what_is_wrong_are_answered() {
    let kit = kit().await;
    let representations = json!([
        user("USR-1671-0642"),
        account("ACC-1671-0642"),
        { "__typename": "Nobody", "id": "USR-1671-0642" },
        user("USR-9999-9999"),
        user("USR-6375-2499"),
        user("USR-1671-0642"),
        account("USR-1671-0642"),
        "USR-1671-0642",
        { "__typename": "User" }
    ]);
    let answer = entities(&kit, MIXED, representations).await;
    let will = json!({ "__typename": "User", "name": "Will Smith" });
    let expected = json!({
        "errors": [
            error("The __typename \"Nobody\" of the representation is no entity's.", 2, "BAD_USER_INPUT"),
            error("There is no User with this key, or the caller may not see it.", 3, "NOT_FOUND"),
            error(
                "The representation has something else than an id of Account: ACC- and one to four groups of digits.",
                6,
                "BAD_USER_INPUT"
            ),
            error("A representation must be an object with a __typename.", 7, "BAD_USER_INPUT"),
            error("The representation must have a key of User: { id } or { email }.", 8, "BAD_USER_INPUT")
        ],
        "data": { "_entities": [
            will,
            { "__typename": "Account", "id": "ACC-1671-0642", "name": "You Are a Test Account" },
            null,
            null,
            { "__typename": "User", "name": "John Smith" },
            will,
            null,
            null,
            null
        ] }
    });
    assert_eq!(answer, expected);
    assert_eq!(
        kit.requests(),
        [
            "GET /accounts/accounts/ACC-1671-0642?select=-*,id,name",
            "GET /accounts/users?in(id,(\"USR-1671-0642\",\"USR-6375-2499\",\"USR-9999-9999\"))&select=-*,id,name&order=id&limit=100"
        ]
    );
}

#[tokio::test]
async fn what_the_keys_tell_costs_no_request() {
    let kit = kit().await;
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        __typename
        ... on Node { id }
        ... on AccountUser { user { id __typename } account { id } }
    } }";
    let pair = json!({ "__typename": "AccountUser", "user": { "id": "USR-1" }, "account": { "id": "ACC-1" } });
    let answer = entities(&kit, query, json!([user("USR-1671-0642"), account("ACC-9999-9999")])).await;
    let expected = json!({ "data": { "_entities": [
        { "__typename": "User", "id": "USR-1671-0642" },
        { "__typename": "Account", "id": "ACC-9999-9999" }
    ] } });
    assert_eq!(answer, expected);
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on User { email }
        ... on AccountUser { user { id __typename } account { id } }
    } }";
    let email = json!({ "__typename": "User", "email": "Nobody@example.com" });
    let answer = entities(&kit, query, json!([pair, email])).await;
    let expected = json!({ "data": { "_entities": [
        { "user": { "id": "USR-1", "__typename": "User" }, "account": { "id": "ACC-1" } },
        { "email": "Nobody@example.com" }
    ] } });
    assert_eq!(answer, expected);
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn a_thousand_of_mixed_types_are_one_batch_a_type_and_chunk() {
    let kit = kit_with(Options { scale: 0.5, ..Options::default() }, limits()).await;
    let mut ids = json!({});
    for (kind, query) in [
        (
            "User",
            "query($after: String) { page: users(first: 100, after: $after) { nodes { id } pageInfo { endCursor } } }",
        ),
        (
            "Account",
            "query($after: String) { page: accounts(first: 100, after: $after) { nodes { id } pageInfo { endCursor } } }",
        ),
    ] {
        let (mut found, mut after) = (vec![], Value::Null);
        loop {
            let mut page = kit.query_with(query, json!({ "after": after })).await["data"]["page"].take();
            let Some(nodes) = page["nodes"].as_array_mut().filter(|nodes| !nodes.is_empty()) else { break };
            found.extend(nodes.iter_mut().map(|node| json!({ "__typename": kind, "id": node["id"].take() })));
            after = page["pageInfo"]["endCursor"].take();
        }
        ids[kind] = found.into();
    }
    let (users, accounts) = (ids["User"].as_array().unwrap(), ids["Account"].as_array().unwrap());
    assert!(users.len() > 800 && accounts.len() > 90, "{} users, {} accounts", users.len(), accounts.len());
    // Interleaved, so that neither order nor type can be what groups them.
    let mixed: Vec<&Value> =
        users.iter().take(910).zip(accounts.iter().cycle()).flat_map(|(u, a)| [u, a]).take(1000).collect();
    kit.requests();
    let answer = entities(&kit, MIXED, json!(mixed)).await;
    assert_eq!(answer.get("errors"), None);
    let answered = answer["data"]["_entities"].as_array().unwrap();
    let types = |values: &[Value]| values.iter().map(|value| value["__typename"].clone()).collect::<Vec<_>>();
    assert_eq!(types(answered), mixed.iter().map(|value| value["__typename"].clone()).collect::<Vec<_>>());
    assert!(answered.iter().all(|entity| entity["name"].is_string()));
    let requests = kit.requests();
    let of = |collection: &str| requests.iter().filter(|line| line.contains(collection)).count();
    let distinct = accounts.len().min(500);
    assert_eq!(
        (of("/users?in(id,"), of("/accounts?in(id,"), requests.len()),
        (5, distinct.div_ceil(100), 5 + distinct.div_ceil(100))
    );
}

#[tokio::test]
async fn by_e_mail_and_by_pair_are_one_request_each_in_the_round_of_the_ids() {
    let users = r#"("USR-0167-5236","USR-0560-7730","USR-0701-1427","USR-9999-9999")"#;
    let flat = format!(
        r#"GET /accounts/account-users?and(in(account.id,("ACC-1671-0642")),in(user.id,{users}))&select=-*,id,invitation,user.id,account.id&order=account.id,user.id&limit=100"#
    );
    let below = format!(
        "GET /accounts/accounts/ACC-1671-0642/users?in(id,{users})&select=-*,id,invitation,account.id&order=id&limit=100"
    );
    let legacy = format!(
        "GET /accounts/ACC-1671-0642/users?in(user.id,{users})&select=-*,id,invitation,user.id,account.id&order=user.id&limit=100"
    );
    for (mode, members) in MODES.into_iter().zip([&below, &flat, &legacy, &flat]) {
        by_e_mail_and_by_pair(&kit_of(mode, Quirks::default()).await, members).await;
    }
}

/// Asks for members by e-mail address and by pair; the latter takes this request.
async fn by_e_mail_and_by_pair(kit: &Kit, asked: &str) {
    let query = "query($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on User { id name } ... on AccountUser { id status } }
}";
    let members = kit
        .data(
            r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 3) { nodes { id status user { id email } } } } }"#,
        )
        .await;
    let members = members["account"]["accountUsers"]["nodes"].as_array().expect("members");
    let pair = |user: &Value| json!({ "__typename": "AccountUser", "account": { "id": "ACC-1671-0642" }, "user": { "id": user } });
    let emails = members.iter().map(
        |member| json!({ "__typename": "User", "email": member["user"]["email"].as_str().expect("an address").to_uppercase() }),
    );
    let mut representations: Vec<Value> =
        members.iter().map(|member| pair(&member["user"]["id"])).chain(emails).collect();
    representations.push(pair(&json!("USR-9999-9999")));
    representations.push(json!({ "__typename": "User", "email": "nobody@example.com" }));
    representations.push(user("USR-1671-0642"));
    kit.requests();
    let answer = entities(kit, query, representations.into()).await;
    let errors = json!([
        error("There is no AccountUser with this key, or the caller may not see it.", 6, "NOT_FOUND"),
        error("There is no User with this key, or the caller may not see it.", 7, "NOT_FOUND")
    ]);
    assert_eq!(answer["errors"], errors);
    let entities = answer["data"]["_entities"].as_array().expect("a list");
    for (place, member) in members.iter().enumerate() {
        assert_eq!(entities[place], json!({ "id": member["id"], "status": member["status"] }));
        assert_eq!(entities[place + 3]["id"], member["user"]["id"]);
        assert!(entities[place + 3]["name"].is_string());
    }
    assert_eq!(entities[6..], [Value::Null, Value::Null, json!({ "id": "USR-1671-0642", "name": "Will Smith" })]);
    let emails: Vec<String> = members
        .iter()
        .map(|member| member["user"]["email"].as_str().expect("an address").to_uppercase())
        .chain(["nobody@example.com".to_owned()])
        .collect();
    let requests = kit.requests();
    let mut by_email: Vec<&str> = requests
        .iter()
        .filter_map(|line| line.strip_prefix("GET /accounts/users?or(ilike(email,\""))
        .filter_map(|rest| rest.strip_suffix("\"))&select=-*,id,name,email&order=id&limit=100"))
        .flat_map(|list| list.split("\"),ilike(email,\""))
        .collect();
    by_email.sort_unstable();
    assert_eq!(by_email.len(), 4, "{requests:#?}");
    assert!(emails.iter().all(|email| by_email.contains(&email.as_str())), "{requests:#?}");
    let others: Vec<&String> = requests.iter().filter(|line| !line.contains("ilike")).collect();
    assert_eq!(requests.len(), 3, "{requests:#?}");
    assert!(others.iter().any(|line| *line == asked), "{requests:#?}");
    assert!(others.iter().any(|line| *line == "GET /accounts/users/USR-1671-0642?select=-*,id,name"), "{requests:#?}");
}

/// Users by id and by e-mail address, members by pair, accounts by id; then the groups of these accounts as a list.
#[tokio::test]
async fn references_are_bounded_by_key_kind_and_chunk() {
    let kit = kit().await;
    let query = "query($representations: [_Any!]!) { _service { sdl } _entities(representations: $representations) {
        ... on User { id name } ... on AccountUser { id status } ... on Account { id groups { nodes { name } } }
        ... on Module { id }
    } }";
    let mut representations: Vec<Value> = (0..150).map(|number| user(&format!("USR-0000-{number:04}"))).collect();
    representations.extend((0..150).map(|_| account("ACC-1671-0642")));
    representations.push(account("ACC-6375-2499"));
    representations.push(json!({ "__typename": "User", "email": "nobody@example.com" }));
    representations
        .push(json!({ "__typename": "AccountUser", "user": { "id": "USR-1" }, "account": { "id": "ACC-1671-0642" } }));
    representations.push(json!({ "__typename": "Module", "id": "MOD-0478-0001" }));
    representations.push(json!({ "__typename": "Nobody" }));
    let body = json!({ "query": query, "variables": { "representations": representations } });
    let answer = kit.explain(&body, "1").await;
    let explain = &answer["extensions"]["explain"];
    let expected = json!({
        "requests": 5, "rounds": 1, "rows": 162, "leastRequests": 4, "leastRows": 0, "limit": 300, "rowLimit": 20_000
    });
    assert_eq!(explain["bounds"], expected);
    assert_eq!((&explain["totals"]["requests"], kit.requests().len()), (&json!(5), 5));
}

#[tokio::test]
async fn a_thousand_references_are_within_the_default_limits() {
    let kit = kit().await;
    let representations: Vec<Value> = (0..1000).map(|number| account(&format!("ACC-0000-{number:04}"))).collect();
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Account { name groups { nodes { name } } users(first: 5) { nodes { name } } }
    } }";
    let body = json!({ "query": query, "variables": { "representations": representations } });
    let answer = kit.explain(&body, "plan").await;
    assert_eq!((&answer["extensions"]["explain"]["mode"], answer.get("errors")), (&json!("plan"), None));
    let requests = answer["extensions"]["explain"]["bounds"]["requests"].as_u64().expect("a number");
    assert!((20..=300).contains(&requests), "{requests}");
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn a_module_is_asked_of_its_own_collection() {
    let kit = kit().await;
    let modules = kit.data("{ modules(first: 2) { nodes { id name } } }").await["modules"]["nodes"].take();
    let representations: Vec<Value> = modules
        .as_array()
        .unwrap()
        .iter()
        .map(|module| json!({ "__typename": "Module", "id": module["id"] }))
        .collect();
    kit.requests();
    let query = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Module { id name } } }";
    let answer = entities(&kit, query, representations.into()).await;
    assert_eq!(answer, json!({ "data": { "_entities": modules } }));
    assert_eq!(kit.requests().len(), 1);
}

#[tokio::test]
async fn what_hangs_on_an_entity_is_asked_in_the_same_round_and_a_fault_belongs_to_its_type() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/accounts/accounts".into()), status: Some(503), ..Fault::default() }]);
    let query = "query($representations: [_Any!]!) {
    _entities(representations: $representations) {
        ... on User { name accountUsers { nodes { id } } }
        ... on Account { name }
    }
}";
    let answer = entities(&kit, query, json!([account("ACC-1671-0642"), user("USR-1671-0642")])).await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["_entities", 0]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE");
    assert_eq!(answer["data"]["_entities"][0], Value::Null);
    assert_eq!(answer["data"]["_entities"][1]["name"], "Will Smith");
    assert!(answer["data"]["_entities"][1]["accountUsers"]["nodes"].as_array().is_some_and(|list| !list.is_empty()));
}

#[tokio::test]
async fn representations_that_are_no_list_of_values_fail_the_request() {
    let kit = kit().await;
    for (representations, message) in [
        (json!([null]), "Variable $representations[0]: must not be null, but a value of type _Any."),
        (json!(null), "Variable $representations: must not be null, but a value of type [_Any!]."),
    ] {
        let answer = entities(&kit, MIXED, representations).await;
        assert_eq!(answer["errors"][0]["message"], message, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    assert_eq!(entities(&kit, MIXED, json!([])).await, json!({ "data": { "_entities": [] } }));
    let literal = kit
        .query(
            r#"{ _entities(representations: [{ __typename: "User", id: "USR-1671-0642" }]) { ... on User { name } } }"#,
        )
        .await;
    assert_eq!(literal, json!({ "data": { "_entities": [{ "name": "Will Smith" }] } }));
}
