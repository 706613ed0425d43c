//! Memberships on every kind of host: the same answers by whichever routes it speaks, and exactly the requests that these
//! need. What a host lacks is an error that says so, never a null or a shorter list.

use crate::support::{Kit, MODES, SMALL, kit_of, kit_speaking, limits};
use accounts_graph::upstream::{
    marketplace::membership::{Family, MembershipRoutes},
    memory::{Clock, REMEMBERED},
};
use accounts_graph_sandbox::{
    Broken, By, Dates, Escapes, Fault, Generation, Listed, OPERATIONS_TOKEN, Omitted, Options, Packing, PageCap,
    PageLimit, Quirks, Refusal, Rql, Support, Total, UnknownRoute,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

/// What is asked of every kind of host. All that is selected, each generation has.
pub(crate) const QUERIES: &[&str] = &[
    r#"{ user(id: "USR-6375-2499") { name groups { nodes { id name account { name } } } } }"#,
    "{ users(first: 10) { nodes { id accounts { nodes { id name } } } } }",
    "{ users(first: 10) { nodes { id groups { nodes { id name modules { id name } } } } } }",
    "{ users(first: 10) { nodes { id accountUsers { nodes { id account { id name } user { name } groups { nodes { id } } } } } } }",
    "{ users(first: 5) { nodes { accountUsers { nodes { id invitation { status } modules { name } buyers { nodes { name } } } } } } }",
    "{ users(first: 5) { nodes { groups { nodes { name } } accountUsers { nodes { invitation { status } } } } } }",
    "{ accounts(first: 6) { nodes { id users(first: 5) { totalCount nodes { id name email } } } } }",
    "{ accounts(first: 6) { nodes { id users(first: 3) { totalCount pageInfo { hasNextPage } nodes { id name } } } } }",
    "{ accounts(first: 4) { nodes { id accountUsers(first: 4) { totalCount edges { cursor node { id groups { nodes { name } } } } } } } }",
    r#"{ account(id: "ACC-1671-0642") { users(first: 7, offset: 3) { totalCount nodes { id } } } }"#,
    r#"{ account(id: "ACC-1671-0642") { users(last: 4) { nodes { id } pageInfo { hasPreviousPage } } } }"#,
    r#"{ account(id: "ACC-1671-0642") { users(first: 9, orderBy: {field: EMAIL, direction: DESC}) { nodes { id email } } } }"#,
    r#"{ account(id: "ACC-1671-0642") { users(filter: {email: {contains: "a"}}, first: 50) { totalCount nodes { email } } } }"#,
    r#"{ account(id: "ACC-1671-0642") {
        accountUsers(filter: {invitation: {status: {eq: INVITED}}}) { totalCount nodes { id invitation { status } } } } }"#,
    r#"{ account(id: "ACC-1671-0642") { accountUsers(filter: {groups: {any: {isDefault: {eq: true}}}}) {
        totalCount nodes { user { name } } } } }"#,
    r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 3, orderBy: {field: ID, direction: DESC}) { nodes { id } } } }"#,
    "{ groups(first: 5) { nodes { id users { nodes { id name } } } } }",
    "{ groups(first: 4) { nodes { id accountUsers(first: 5) { totalCount nodes { id user { id name email } } } } } }",
    r#"{ accountUsers(filter: {account: {id: {eq: "ACC-1671-0642"}}}, first: 5) { totalCount nodes { id groups { nodes { id } } } } }"#,
    r#"{ accountUsers(filter: {account: {id: {in: ["ACC-1671-0642", "ACC-0000-0001"]}}}, first: 8, offset: 2) {
        totalCount nodes { id } } }"#,
    r#"{ accountUsers(filter: {user: {id: {eq: "USR-6375-2499"}}}) { totalCount nodes { id account { name } } } }"#,
    r#"{ accountUsers(filter: {id: {eq: "MEM-1671-0642.6375-2499"}}) { totalCount nodes { id user { name } } } }"#,
    r#"{ accountUser(id: "MEM-1671-0642.6375-2499") { id user { id name email } account { id name } groups { nodes { id } } } }"#,
    r#"{ node(id: "MEM-1671-0642.6375-2499") { id ... on AccountUser { invitation { status } user { name } } } }"#,
    r#"{ nodes(ids: ["MEM-1671-0642.6375-2499", "USR-6375-2499", "MEM-1671-0642.9999-9999"]) { id } }"#,
    r#"{ accountUser(id: "MEM-1671-0642.9999-9999") { id } }"#,
    r#"{ accountUser(id: "MEM-9999-9999.6375-2499") { id } }"#,
    r#"{ _entities(representations: [
        {__typename: "AccountUser", user: {id: "USR-6375-2499"}, account: {id: "ACC-1671-0642"}},
        {__typename: "AccountUser", id: "MEM-1671-0642.6375-2499"}]) { ... on AccountUser { id user { name } groups { nodes { id } } } } }"#,
    r#"{ user(id: "USR-6375-2499") { accountUsers { nodes { audit { created { at } } account { groups { nodes { id users { nodes { name } } } } } } } } }"#,
    "{ users(first: 3) { nodes { groups { nodes { id users { nodes { id accounts { nodes { id name } } } } } } } } }",
];

/// The lists that have no order of their own.
const PLAIN: [&str; 1] = ["modules"];

/// The answer without what may differ: lists that have no order of their own are put into one, and a cursor says by which
/// routes its list was read.
fn ordered(mut answer: Value) -> Value {
    order(&mut answer);
    answer
}

fn order(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(order),
        Value::Object(members) => {
            for (name, value) in members {
                order(value);
                if let ("cursor", Value::String(cursor)) = (name.as_str(), &mut *value) {
                    let mut bytes = URL_SAFE_NO_PAD.decode(&*cursor).expect("a cursor");
                    bytes[9] = 0;
                    *cursor = URL_SAFE_NO_PAD.encode(bytes);
                }
                if let (true, Value::Array(items)) = (PLAIN.contains(&name.as_str()), value) {
                    items.sort_by_key(ToString::to_string);
                }
            }
        }
        _ => {}
    }
}

/// Fails with the first place where two answers differ.
fn assert_same(answer: &Value, expected: &Value, told: &str) {
    assert_eq!(differ(answer, expected, ""), None, "{told}");
}

fn differ(one: &Value, other: &Value, path: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(name, value)| differ(value, &other[name], &format!("{path}.{name}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(place, (one, other))| differ(one, other, &format!("{path}[{place}]")))
        }
        (one, other) => (one != other).then(|| format!("at {path}: {one} instead of {other}")),
    }
}

#[tokio::test]
async fn every_kind_of_host_gives_the_same_answers() {
    let mut kits = vec![];
    for mode in MODES {
        kits.push((mode, kit_of(mode, Quirks::default()).await));
    }
    for query in QUERIES {
        let mut expected: Option<Value> = None;
        for (mode, kit) in &kits {
            let answer = kit.query(query).await;
            let allowed = query.contains("9999-9999") && query.contains("_entities");
            assert!(answer.get("errors").is_none() || allowed, "{mode:?}: {query}: {answer}");
            let answer = ordered(answer);
            match &expected {
                None => expected = Some(answer),
                Some(expected) => assert_same(&answer, expected, &format!("{mode:?}: {query}")),
            }
        }
    }
}

#[tokio::test]
async fn invited_members_are_in_no_list_too_few() {
    let usual = kit_of(MODES[0], Quirks::default()).await;
    let silent = Quirks { invited_in_groups: Listed::No, ..Quirks::default() };
    let silent = kit_of(MODES[0], silent).await;
    // What a group itself tells of its users is what the host says.
    for query in QUERIES.iter().filter(|query| !query.contains("users {")) {
        assert_eq!(ordered(silent.query(query).await), ordered(usual.query(query).await), "{query}");
    }
}

#[tokio::test]
async fn the_form_of_a_404_makes_no_difference() {
    let usual = kit_of(MODES[0], Quirks::default()).await;
    for unknown_route in [UnknownRoute::StatusCode, UnknownRoute::Empty, UnknownRoute::Html] {
        let kit = kit_of(MODES[0], Quirks { unknown_route, ..Quirks::default() }).await;
        for query in QUERIES {
            assert_eq!(kit.query(query).await, usual.query(query).await, "{unknown_route:?}: {query}");
        }
    }
}

/// Where an answer tells less than another without an error at that place: at it, or above where the null went up to.
fn silently_less(usual: &Value, answer: &Value) -> Option<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let step = |step: &Value| step.to_string().replace('"', "");
    let path = |error: &Value| error["path"].as_array().into_iter().flatten().map(step).collect();
    let told: Vec<Vec<String>> = errors.iter().map(path).collect();
    less(&usual["data"], &answer["data"], &mut vec![], &told)
}

fn less(usual: &Value, answer: &Value, path: &mut Vec<String>, told: &[Vec<String>]) -> Option<String> {
    match (usual, answer) {
        (one, other) if one == other || instant(one).is_some_and(|at| instant(other) == Some(at)) => None,
        (_, Value::Null) if told.iter().any(|told| told.starts_with(path)) => None,
        (Value::Object(one), Value::Object(other)) => one.iter().find_map(|(name, value)| {
            path.push(name.clone());
            let found = less(value, &other[name], path, told);
            path.pop();
            found
        }),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(place, (one, other))| {
                path.push(place.to_string());
                let found = less(one, other, path, told);
                path.pop();
                found
            })
        }
        (one, other) => Some(format!("at {path:?}: {other} instead of {one}")),
    }
}

/// An instant without the digits of a second that it does not need.
fn instant(value: &Value) -> Option<&str> {
    Some(value.as_str()?.strip_suffix('Z')?.trim_end_matches('0'))
}

#[tokio::test]
async fn no_switch_makes_an_answer_silently_less() {
    let of = Quirks::default();
    let switches = [
        Quirks { total: Total::Null, ..of },
        Quirks { total: Total::Absent, ..of },
        Quirks { page_cap: PageCap::Fifty, ..of },
        Quirks { page_cap: PageCap::Fifty, page_limit: PageLimit::Asked, ..of },
        Quirks { page_cap: PageCap::Thousand, ..of },
        Quirks { omitted: Omitted::Envelope, ..of },
        Quirks { omitted: Omitted::Rows, ..of },
        Quirks { omitted: Omitted::Absent, ..of },
        Quirks { dates: Dates::Offset, ..of },
        Quirks { by: By::Absent, ..of },
        Quirks { by: By::Unknown, ..of },
        Quirks { create_delay_ms: 50, ..of },
        Quirks { text_order: Support::Refused, ..of },
        Quirks { text_order: Support::Fails, ..of },
        Quirks { any_in: Support::Refused, ..of },
        Quirks { any_in: Support::Fails, ..of },
        Quirks { rql: Rql::Strict, ..of },
        Quirks { broken_rql: Broken::Fails, ..of },
        Quirks { packing: Packing::Gzip, ..of },
        Quirks { escapes: Escapes::Web, ..of },
        Quirks { escapes: Escapes::All, ..of },
        Quirks { invited_in_groups: Listed::No, ..of },
        Quirks { unknown_route: UnknownRoute::Empty, ..of },
    ];
    let usual = kit_of(MODES[0], of).await;
    let mut expected = vec![];
    for query in QUERIES {
        expected.push(ordered(usual.query(query).await));
    }
    for quirks in switches {
        let kit = kit_of(MODES[0], quirks).await;
        for (query, usual) in QUERIES.iter().zip(&expected) {
            // What a group itself tells of its users is what the host says.
            if quirks.invited_in_groups == Listed::No && query.contains("users {") {
                continue;
            }
            let answer = ordered(kit.query(query).await);
            assert_eq!(silently_less(usual, &answer), None, "{quirks:?}: {query}: {answer}");
        }
    }
}

async fn v5(scale: f64) -> Kit {
    let options = Options { scale, generation: Generation::V5, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    kit.learn().await;
    kit
}

#[tokio::test]
async fn v5_asks_the_fewest_requests_that_its_routes_allow() {
    let kit = v5(1.0).await;
    kit.data(
        r#"{ user(id: "USR-6375-2499") { name groups { nodes { name account { name buyers(first: 1) { totalCount } } } } } }"#,
    )
    .await;
    assert_eq!(
        kit.requests(),
        [
            r#"GET /accounts/buyers?in(account.id,("ACC-1671-0642"))&select=-*,id,account.id&order=id&limit=1"#,
            r#"GET /accounts/user-groups?any(users,in(id,("USR-6375-2499")))&select=-*,id,name,account.id,account.name,users.id&order=id&limit=100"#,
            "GET /accounts/users/USR-6375-2499?select=-*,id,name",
        ]
    );

    let people = kit.data("{ users(first: 100) { nodes { groups { nodes { id modules { id name } } } } } }").await;
    let requests = kit.requests();
    let mut groups: Vec<String> = people["users"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|user| user["groups"]["nodes"].as_array().expect("a list"))
        .map(|group| group["id"].to_string())
        .collect();
    groups.sort();
    groups.dedup();
    assert_eq!(requests.len(), 1 + groups.len().div_ceil(100), "{} groups: {requests:#?}", groups.len());
    assert_eq!(groups.len(), 203);

    let data = kit.data("{ accounts(first: 20) { nodes { users(first: 100) { nodes { id name } } } } }").await;
    let requests = kit.requests();
    assert_eq!(data["accounts"]["nodes"].as_array().map(Vec::len), Some(20));
    let pages = requests.iter().filter(|line| line.contains("/user-groups?")).count();
    assert_eq!(requests.len(), 1 + pages, "{requests:#?}");
    assert!(
        requests.iter().all(|line| !line.contains("/users?") || line.contains("/accounts/accounts?")),
        "{requests:#?}"
    );

    kit.data(
        r#"{ account(id: "ACC-1671-0642") {
            users(first: 50, filter: {email: {contains: "e"}}) { totalCount nodes { id email } } } }"#,
    )
    .await;
    assert_eq!(
        kit.requests(),
        [
            r#"GET /accounts/accounts/ACC-1671-0642/users?ilike(email,"*e*")&select=-*,id,email,account.id&order=id&limit=50"#,
            "GET /accounts/accounts/ACC-1671-0642?select=-*,id",
        ]
    );

    // The id of a membership, which clients with a cache always select, needs nothing but its account and user.
    let data = kit
        .data("{ users(first: 20) { nodes { accountUsers { nodes { id user { id } groups { nodes { id } } } } } } }")
        .await;
    let requests = kit.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    assert!(requests.iter().any(|line| line.contains("/user-groups?any(users,in(id,(")), "{requests:#?}");
    for user in data["users"]["nodes"].as_array().expect("a list") {
        for member in user["accountUsers"]["nodes"].as_array().expect("a list") {
            let (account, user) = (member["groups"]["nodes"][0]["id"].as_str(), member["user"]["id"].as_str());
            let id = member["id"].as_str().expect("an id");
            assert!(account.is_some() && id.ends_with(&user.expect("an id")["USR-".len()..]), "{member}");
        }
    }
    let of_accounts = "{ accounts(first: 20) { nodes { accountUsers(first: 100) { nodes { id user { name } } } } } }";
    kit.data(of_accounts).await;
    let requests = kit.requests();
    assert_eq!(
        requests.iter().filter(|line| line.contains("/user-groups?")).count(),
        requests.len() - 1,
        "{requests:#?}"
    );

    kit.data("{ users(first: 4) { nodes { accountUsers { nodes { invitation { status } } } } } }").await;
    let requests = kit.requests();
    assert_eq!(requests.len(), 1 + 4, "{requests:#?}");
    assert_eq!(requests.iter().filter(|line| line.contains("/accounts?select=-*,id,invitation")).count(), 4);
}

#[tokio::test]
async fn a_refused_nested_select_costs_a_request_for_each_hundred_groups() {
    let kit = v5(1.0).await;
    kit.faults(vec![Fault { refuse: Some(Refusal::NestedSelect), ..Fault::default() }]);
    let query = "{ users(first: 100) { nodes { groups { nodes { id modules { id } } } } } }";
    kit.data(query).await;
    kit.requests();
    let kept = kit.data(query).await;
    let requests = kit.requests();
    // 203 groups in three pages; modules are told with their groups in any case.
    assert!(requests.len() <= 1 + 3 + 3, "{requests:#?}");
    kit.faults(vec![]);
    assert_eq!(kit.data(query).await, kept);
}

#[tokio::test]
async fn routes_are_learned_once_by_all_who_need_them_first() {
    let options = Options { scale: SMALL, generation: Generation::V5, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    // Nobody asks before it matters.
    kit.data("{ users(first: 1) { nodes { name } } }").await;
    assert_eq!(kit.requests().len(), 1);
    let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#;
    let answers = futures::future::join_all((0..8).map(|_| kit.data(query))).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let probes: Vec<_> = kit.requests().into_iter().filter(|line| line.contains("/account-users")).collect();
    assert_eq!(probes, ["GET /accounts/account-users?select=-*,id&order=id&limit=1"]);
    let explained = kit.explain(&json!({ "query": query }), "1").await;
    assert_eq!(explained["extensions"]["explain"]["requests"].as_array().map(Vec::len), Some(2), "{explained}");
}

#[tokio::test]
async fn what_is_learned_is_counted_and_explained_but_not_planned() {
    let options = Options { scale: SMALL, generation: Generation::V5, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    let query = json!({ "query": r#"{ user(id: "USR-6375-2499") { groups { nodes { name } } } }"# });
    let plan = kit.explain(&query, "plan").await;
    assert_eq!(kit.requests(), [""; 0], "a plan sends nothing");
    let planned = plan["extensions"]["explain"]["requests"].as_array().map(Vec::len);
    // The user, its groups, and a page of these where a row leaves out what it was asked for.
    assert_eq!(planned, Some(3), "{plan}");
    let run = kit.explain(&query, "1").await;
    let sent = kit.requests();
    let told = run["extensions"]["explain"]["requests"].as_array().map(Vec::len);
    assert_eq!(told, Some(sent.len()), "{run}");
    // The user, the groups, the probe, and whether invited members stand in groups.
    assert_eq!(sent.len(), 2 + 1 + 2, "{sent:#?}");
}

/// What says that memberships cannot be had, with the path of the field.
fn missing(answer: &Value) -> Vec<(String, String)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| (error["extensions"]["code"].as_str().unwrap_or_default().to_owned(), error["path"].to_string()))
        .collect()
}

#[tokio::test]
async fn a_host_of_the_first_generation_is_not_chosen_by_itself() {
    let options = Options { scale: SMALL, generation: Generation::February2025, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    for (query, path) in [
        (r#"{ account(id: "ACC-1671-0642") { name accountUsers { nodes { id } } } }"#, r#"["account","accountUsers"]"#),
        (
            r#"{ user(id: "USR-6375-2499") { name accountUsers { nodes { invitation { status } } } } }"#,
            r#"["user","accountUsers"]"#,
        ),
        (r#"{ accountUser(id: "MEM-1671-0642.6375-2499") { id } }"#, r#"["accountUser"]"#),
        (r#"{ node(id: "AUSR-1671-0642-0001") { id } }"#, r#"["node"]"#),
    ] {
        let answer = kit.query(query).await;
        assert_eq!(missing(&answer), [("UPSTREAM_ROUTE_MISSING".to_owned(), path.to_owned())], "{query}: {answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("/users") || message.contains("/account"), "{message}");
    }
    // The rest of the operation is unharmed.
    let answer = kit.query(r#"{ account(id: "ACC-1671-0642") { name accountUsers { nodes { id } } } }"#).await;
    assert_eq!(answer["data"]["account"]["name"], "You Are a Test Account", "{answer}");
}

#[tokio::test]
async fn ids_of_the_flat_collection_are_known_where_it_is() {
    let flat = kit_of(MODES[1], Quirks::default()).await;
    let listed: Value = reqwest::get(format!("{}/v1/accounts/account-users?limit=1", flat.sandbox.base_url()))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let own = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    let pair = |name: &str| listed["data"][0][name]["id"].as_str().expect("an id").to_owned();
    let (user, account) = (pair("user"), pair("account"));
    let id = format!("MEM-{}.{}", account.trim_start_matches("ACC-"), user.trim_start_matches("USR-"));
    let query = format!(
        r#"{{ accountUser(id: "{own}") {{ id user {{ id }} }}
             node(id: "{own}") {{ id }}
             accountUsers(filter: {{id: {{eq: "{own}"}}}}) {{ nodes {{ id }} }} }}"#
    );
    let answer = flat.data(&query).await;
    assert_eq!(
        answer,
        json!({
            "accountUser": { "id": id, "user": { "id": user } },
            "node": { "id": id },
            "accountUsers": { "nodes": [{ "id": id }] },
        })
    );
    let v5 = kit_of(MODES[0], Quirks::default()).await;
    let answer = v5.query(&query).await;
    let codes: Vec<String> = missing(&answer).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["UPSTREAM_ROUTE_MISSING"; 3], "{answer}");
    let below = format!(
        r#"{{ account(id: "{account}") {{ accountUsers(filter: {{id: {{eq: "{own}"}}}}) {{ nodes {{ id }} }} }} }}"#
    );
    assert_eq!(flat.data(&below).await["account"]["accountUsers"]["nodes"], json!([{ "id": id }]));
    let answer = v5.query(&below).await;
    let path = r#"["account","accountUsers"]"#.to_owned();
    assert_eq!(missing(&answer), [("UPSTREAM_ROUTE_MISSING".to_owned(), path)], "{answer}");
}

#[tokio::test]
async fn a_list_of_all_memberships_names_the_condition_that_it_lacks() {
    let kit = kit_of(MODES[0], Quirks::default()).await;
    let answer = kit.query("{ accountUsers(first: 3) { nodes { id } } }").await;
    assert_eq!(missing(&answer), [("BAD_USER_INPUT".to_owned(), r#"["accountUsers"]"#.to_owned())], "{answer}");
    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("account") && message.contains("user"), "{message}");
    assert_eq!(kit.requests(), [""; 0]);
    let ordered = r#"{ accountUsers(filter: {account: {id: {in: ["ACC-1671-0642", "ACC-0000-0001"]}}},
        orderBy: {field: CREATED_AT}) { nodes { id } } }"#;
    let answer = kit.query(ordered).await;
    assert!(answer["errors"][0]["message"].as_str().unwrap_or_default().contains("order"), "{answer}");
}

#[tokio::test]
async fn a_host_that_loses_the_flat_collection_is_asked_otherwise_at_once() {
    let options = Options { scale: SMALL, generation: Generation::All, ..Options::default() };
    let clock = Clock::default();
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &clock).await;
    let mut before = vec![];
    for query in QUERIES {
        before.push(ordered(kit.query(query).await));
    }
    for (query, before) in QUERIES.iter().zip(&before) {
        // Each notices it anew.
        clock.advance(REMEMBERED);
        kit.faults(vec![]);
        kit.query(r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#).await;
        let gone = Fault { path: Some("/account-users".to_owned()), status: Some(404), ..Fault::default() };
        kit.faults(vec![gone]);
        assert_same(&ordered(kit.query(query).await), before, query);
    }
}

#[tokio::test]
async fn a_membership_is_looked_up_by_another_route_when_the_flat_collection_is_lost() {
    let options = Options { scale: SMALL, generation: Generation::All, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    let found = kit
        .data(r#"{ account(id: "ACC-1671-0642") { groups { nodes { id isDefault } } accountUsers(first: 1) { nodes { id revision user { id } } } } }"#)
        .await;
    let member = &found["account"]["accountUsers"]["nodes"][0];
    let groups = &found["account"]["groups"]["nodes"].as_array().expect("groups")[..1];
    let groups: Vec<&Value> = groups.iter().map(|group| &group["id"]).collect();
    let document = "mutation($input: ReplaceAccountUserGroupsInput!) { replaceAccountUserGroups(input: $input) {
        accountUser { id } userErrors { message code } } }";
    let input = |revision: &Value| json!({ "input": { "member": { "accountUserId": member["id"] }, "groupIds": groups, "ifRevision": revision } });
    let done =
        json!({ "data": { "replaceAccountUserGroups": { "accountUser": { "id": member["id"] }, "userErrors": [] } } });
    // The first write finds out by which routes it can be made.
    assert_eq!(kit.query_with(document, input(&member["revision"])).await, done);
    let revision = kit.data(&format!("{{ accountUser(id: {}) {{ revision }} }}", member["id"])).await;
    kit.requests();
    let gone = Fault { path: Some("/account-users".to_owned()), status: Some(404), ..Fault::default() };
    kit.faults(vec![gone]);
    assert_eq!(kit.query_with(document, input(&revision["accountUser"]["revision"])).await, done);
    let requests = kit.requests();
    let count = |part: &str| requests.iter().filter(|line| line.contains(part)).count();
    let user = member["user"]["id"].as_str().expect("an id");
    let (lost, instead) =
        ("GET /accounts/account-users?and(", format!("GET /accounts/accounts/ACC-1671-0642/users?in(id,(\"{user}\"))"));
    assert!(count(lost) == 1 && count(&instead) >= 1 && count("PUT ") == 1, "{requests:#?}");
}

#[tokio::test]
async fn a_host_that_gains_the_flat_collection_is_asked_there_after_a_while() {
    let options = Options { scale: SMALL, generation: Generation::All, ..Options::default() };
    let clock = Clock::default();
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &clock).await;
    let gone = Fault { path: Some("/account-users".to_owned()), status: Some(404), ..Fault::default() };
    kit.faults(vec![gone]);
    let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#;
    let flat = |requests: &[String]| requests.iter().any(|line| line.contains("/account-users?in(account.id"));
    kit.data(query).await;
    assert!(!flat(&kit.requests()));
    kit.faults(vec![]);
    clock.advance(REMEMBERED.checked_sub(Duration::from_secs(30)).expect("minutes"));
    kit.data(query).await;
    assert!(!flat(&kit.requests()));
    clock.advance(Duration::from_secs(30));
    kit.data(query).await;
    assert!(flat(&kit.requests()));
}

#[tokio::test]
async fn a_caller_to_whom_the_flat_collection_is_closed_is_served_below_accounts() {
    let options = Options { scale: SMALL, generation: Generation::All, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    let closed =
        Fault { path: Some("/account-users".to_owned()), status: Some(403), times: Some(1), ..Fault::default() };
    kit.faults(vec![closed]);
    let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#;
    let answer = kit.query_as(OPERATIONS_TOKEN, query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert!(kit.requests().iter().any(|line| line.contains("/accounts/ACC-1671-0642/users?")));
    // Another caller asks for itself.
    kit.data(query).await;
    assert!(kit.requests().iter().any(|line| line.contains("/account-users?in(account.id")));
    kit.query_as(OPERATIONS_TOKEN, query).await;
    assert!(kit.requests().iter().any(|line| line.contains("/accounts/ACC-1671-0642/users?")));
}

#[tokio::test]
async fn an_upstream_that_is_no_accounts_api_is_said_to_be_none() {
    let options = Options { scale: SMALL, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
    let other = Fault { path: Some("/account-users".to_owned()), raw: Some("{}".to_owned()), ..Fault::default() };
    kit.faults(vec![other]);
    let answer = kit.query(r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#).await;
    assert_eq!(
        missing(&answer),
        [("UPSTREAM_INVALID".to_owned(), r#"["account","accountUsers"]"#.to_owned())],
        "{answer}"
    );
    // It is not taken for an answer.
    kit.faults(vec![]);
    kit.data(r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#).await;
}

#[tokio::test]
async fn a_write_is_answered_from_its_answer() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let account = kit
            .data(
                r#"{ account(id: "ACC-1671-0642") { groups { nodes { id isDefault } }
                    accountUsers(first: 1, filter: {invitation: {status: {eq: ACTIVE}}}) { nodes { id user { id } groups { nodes { id } } } } } }"#,
            )
            .await;
        let member = &account["account"]["accountUsers"]["nodes"][0];
        let groups: Vec<&Value> =
            account["account"]["groups"]["nodes"].as_array().expect("groups").iter().map(|g| &g["id"]).collect();
        kit.requests();
        let document = "mutation($input: ReplaceAccountUserGroupsInput!) { replaceAccountUserGroups(input: $input) {
            accountUser { id user { id } account { id } groups { nodes { id name } } invitation { status } } userErrors { message } } }";
        let input = json!({ "member": { "accountUserId": member["id"] }, "groupIds": groups });
        // The first write finds out by which routes it can be made.
        kit.query_with(document, json!({ "input": input })).await;
        kit.requests();
        let answer = kit.query_with(document, json!({ "input": input })).await;
        assert_eq!(answer.get("errors"), None, "{mode:?}: {answer}");
        let payload = &answer["data"]["replaceAccountUserGroups"]["accountUser"];
        assert_eq!(payload["id"], member["id"], "{mode:?}: {answer}");
        assert_eq!(payload["groups"]["nodes"].as_array().map(Vec::len), Some(groups.len()), "{mode:?}: {answer}");
        let requests = kit.requests();
        let (writes, reads): (Vec<_>, Vec<_>) = requests.iter().partition(|line| line.starts_with("PUT "));
        assert_eq!(writes.len(), 1, "{mode:?}: {requests:#?}");
        // The flat collection names members by ids of its own, which have to be found out.
        let looked_up = usize::from(mode.0 == Generation::September2025);
        assert_eq!(reads.len(), looked_up, "{mode:?}: {requests:#?}");
    }
}

#[tokio::test]
async fn a_set_family_is_spoken_without_asking() {
    for family in [Family::Accounts, Family::AccountUsers, Family::Legacy] {
        let options = Options { scale: SMALL, generation: Generation::All, ..Options::default() };
        let routes = MembershipRoutes::Only(family);
        let kit = kit_speaking(options, limits(), |settings| settings, routes, &Clock::default()).await;
        kit.data(r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#).await;
        let listed = match family {
            Family::Accounts => "/accounts/accounts/ACC-1671-0642/users?",
            Family::AccountUsers => "/accounts/account-users?in(account.id,",
            Family::Legacy => "/accounts/ACC-1671-0642/users?",
        };
        let requests = kit.requests();
        assert_eq!(requests.len(), 2, "{requests:#?}");
        assert!(requests.iter().any(|line| line.contains(listed)), "{requests:#?}");
    }
}

#[tokio::test]
async fn a_host_that_loses_the_lists_below_accounts_never_has_empty_ones() {
    let kit = kit_of(MODES[0], Quirks::default()).await;
    let query = r#"{ account(id: "ACC-1671-0642") { name accountUsers(first: 1) { nodes { id } } } }"#;
    // An account that is not there has none.
    let none = r#"{ accountUsers(filter: {account: {id: {eq: "ACC-9999-9999"}}}) { totalCount nodes { id } } }"#;
    assert_eq!(kit.data(none).await, json!({ "accountUsers": { "totalCount": 0, "nodes": [] } }));
    kit.data(query).await;
    kit.requests();
    // The gateway has just seen the route.
    let gone = Fault { path: Some("/ACC-1671-0642/users".to_owned()), status: Some(404), ..Fault::default() };
    kit.faults(vec![gone]);
    let answer = kit.query(query).await;
    let path = r#"["account","accountUsers"]"#.to_owned();
    assert_eq!(missing(&answer), [("UPSTREAM_ROUTE_MISSING".to_owned(), path)], "{answer}");
}

#[tokio::test]
async fn a_write_to_a_route_that_went_away_is_no_missing_member() {
    // The flat collection is given up for the current routes, so these are what is missing in the end.
    let lost = "The accounts API has no route /accounts/{accountId}/users on this host.";
    for generation in [Generation::V5, Generation::September2025] {
        let options = Options { scale: SMALL, generation, ..Options::default() };
        let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &Clock::default()).await;
        let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { user { id } groups { nodes { id } } } } } }"#;
        let member = kit.data(query).await["account"]["accountUsers"]["nodes"][0].take();
        let (user, group) = (member["user"]["id"].clone(), member["groups"]["nodes"][0]["id"].clone());
        let gone = |path: &str| Fault { path: Some(path.to_owned()), status: Some(404), ..Fault::default() };
        kit.faults(vec![gone("/account-users"), gone("/ACC-1671-0642/users")]);
        let change = format!(
            r#"mutation {{ removeUserFromGroup(input: {{ member: {{ userOfAccount: {{ accountId: "ACC-1671-0642", userId: {user} }} }},
                groupId: {group} }}) {{ userErrors {{ code }} }} }}"#
        );
        let answer = kit.query(&change).await;
        let told = (&answer["errors"][0]["message"], &answer["errors"][0]["extensions"]["code"]);
        assert_eq!(told, (&json!(lost), &json!("UPSTREAM_ROUTE_MISSING")), "{answer}");
    }
}

#[tokio::test]
async fn the_last_way_to_memberships_is_tried_again_soon() {
    let options = Options { scale: SMALL, generation: Generation::V5, ..Options::default() };
    let clock = Clock::default();
    let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &clock).await;
    kit.learn().await;
    let query = r#"{ account(id: "ACC-1671-0642") { accountUsers(first: 1) { nodes { id } } } }"#;
    let expected = kit.data(query).await;
    let page = Fault {
        path: Some("/users".to_owned()),
        status: Some(404),
        raw: Some("<html>nobody is here</html>".to_owned()),
        content_type: Some("text/html".to_owned()),
        ..Fault::default()
    };
    kit.faults(vec![page]);
    let lost = [("UPSTREAM_ROUTE_MISSING".to_owned(), r#"["account","accountUsers"]"#.to_owned())];
    assert_eq!(missing(&kit.query(query).await), lost);
    kit.faults(vec![]);
    kit.requests();
    // Just now it was not there: it is not asked for by everybody.
    assert_eq!(missing(&kit.query(query).await), lost);
    assert!(kit.requests().iter().all(|line| !line.contains("/users?")));
    clock.advance(Duration::from_secs(30));
    assert_eq!(kit.data(query).await, expected);
}
