//! What an operation costs, computed before and told after.

use super::support::{Kit, MODES, SMALL, kit, kit_of, kit_speaking, kit_with, limits};
use accounts_graph::{
    entity::kind::Kind,
    graph::{engine::Limits, schema::sizes::Sizes},
    loader::memberships::of_members::MOST_USERS,
    upstream::{
        marketplace::{
            membership::MembershipRoutes,
            relation::{RELATIONS, Relation, Strategy},
        },
        memory::Clock,
    },
};
use accounts_graph_sandbox::{Fault, Generation, Options, Quirks, Refusal};
use serde_json::{Value, json};

#[expect(dead_code, reason = "the yardsticks are for the benchmark")]
#[path = "../../benches/load/workload.rs"]
pub mod workload;

/// Sizes that let everything pass, so that only execution can stop it.
pub fn nothing_assumed() -> Sizes {
    Sizes { lists: vec![], other: 0, met: [0; Kind::ALL.len()] }
}

/// The answer with an explanation of what differs from run to run: times, and where the sandbox listens.
async fn explained(kit: &Kit, query: &str, mode: &str) -> Value {
    let mut answer = kit.explain(&json!({ "query": query }), mode).await;
    mask(&mut answer, &kit.sandbox.base_url());
    answer
}

fn mask(value: &mut Value, base: &str) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if ["ms", "startMs"].contains(&key.as_str()) {
                    assert!(value.as_f64().is_some_and(|ms| (0.0..60_000.0).contains(&ms)), "{key}: {value}");
                    *value = json!("a time");
                }
                mask(value, base);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, base)),
        Value::String(text) => *text = text.replace(base, "http://upstream"),
        _ => {}
    }
}

#[tokio::test]
async fn an_answer_tells_what_it_cost() {
    let kit = kit().await;
    let query = "{ users(first: 2) { nodes { name } nodes { currentAccount { website } } } }";
    let answer = explained(&kit, query, "1").await;
    let expected = json!({
        "data": answer["data"],
        "extensions": { "explain": {
            "mode": "run",
            "bounds": {
                "requests": 2, "rounds": 2, "rows": 4, "leastRequests": 1, "leastRows": 0, "limit": 300, "rowLimit": 20_000
            },
            "totals": { "requests": 2, "rounds": 2, "rows": 4, "bytes": 1350, "ms": "a time", "retries": 0 },
            "document": { "cached": false, "fields": 6, "mergedFields": 5 },
            "requests": [
                {
                    "round": 1,
                    "method": "GET",
                    "path": "/public/v1/accounts/users",
                    "rql": "order=id&limit=2",
                    "select": ["-*", "id", "name", "currentAccount.id", "currentAccount.website"],
                    "keys": null,
                    "fields": [["users"]],
                    "reason": null,
                    "nested": [{
                        "field": "currentAccount", "asked": true,
                        "why": "Asked with its holder: that takes fewer bytes than a request by ids."
                    }],
                    "atMost": 1,
                    "outcome": {
                        "status": 200, "code": null, "rows": 2, "bytes": 628, "startMs": "a time", "ms": "a time",
                        "retries": 0, "shared": false
                    },
                    "curl": "curl 'http://upstream/v1/accounts/users?select=-*,id,name,currentAccount.id,currentAccount.website&order=id&limit=2'"
                },
                {
                    "round": 2,
                    "method": "GET",
                    "path": "/public/v1/accounts/accounts",
                    "rql": "in(id,(\"ACC-0000-0001\",\"ACC-0000-0002\"))&order=id&limit=100",
                    "select": ["-*", "id", "website"],
                    "keys": 2,
                    "fields": [["users", "nodes", "currentAccount"]],
                    "reason": "One request for all entities of the type that lack something, up to 100 ids.",
                    "nested": [],
                    "atMost": 1,
                    "outcome": {
                        "status": 200, "code": null, "rows": 2, "bytes": 722, "startMs": "a time", "ms": "a time",
                        "retries": 0, "shared": false
                    },
                    "curl": "curl 'http://upstream/v1/accounts/accounts?in(id,(%22ACC-0000-0001%22,%22ACC-0000-0002%22))&select=-*,id,website&order=id&limit=100'"
                }
            ]
        } }
    });
    assert_eq!(answer, expected);
    assert_eq!(answer["data"], kit.data(query).await);
    let again = explained(&kit, query, "1").await;
    assert_eq!(again["extensions"]["explain"]["document"]["cached"], true);
}

#[tokio::test]
async fn a_document_in_which_something_is_written_is_not_kept_whichever_operation_is_run() {
    let kit = kit().await;
    let write =
        |token: &str| format!("mutation Write {{ blockUser(input: {{ id: \"{token}\" }}) {{ user {{ id }} }} }}");
    for (document, kept) in [
        ("query Read { users(first: 1) { totalCount } }".to_owned(), true),
        (format!("query Read {{ users(first: 1) {{ totalCount }} }} {}", write("USR-1")), false),
    ] {
        for again in [false, true] {
            let answer = kit.explain(&json!({ "query": document, "operationName": "Read" }), "1").await;
            assert_eq!(answer["extensions"]["explain"]["document"]["cached"], again && kept, "{answer}");
        }
    }
}

/// How a request for the members of accounts is planned.
struct Listed {
    path: &'static str,
    filter: &'static str,
    encoded: &'static str,
    page: &'static str,
    select: &'static [&'static str],
    reason: &'static str,
    /// Requests at most: for it, and for the operation.
    most: [u32; 2],
    /// Entities of the operation at most.
    rows: u32,
}

const OF_EACH: &str = "A relation, asked of each parent: the host has no list of the memberships of several.";

const FLAT: Listed = Listed {
    path: "account-users",
    filter: "and(in(account.id,(\"ACC-…\",\"ACC-…\")),ne(user.name,\"x\"))",
    encoded: "and(in(account.id,(%22ACC-%E2%80%A6%22,%22ACC-%E2%80%A6%22)),ne(user.name,%22x%22))",
    page: "order=user.id,account.id&limit=100",
    select: &["-*", "id", "user.id", "user.name", "user.email", "account.id"],
    reason: "A relation, asked of up to 100 parents together.",
    most: [1, 3],
    rows: 93,
};

#[tokio::test]
async fn a_plan_asks_nothing() {
    let below = Listed {
        path: "accounts/ACC-…/users",
        filter: "ne(name,\"x\")",
        encoded: "ne(name,%22x%22)",
        page: "order=id&limit=10",
        select: &["-*", "id", "name", "email", "account.id"],
        reason: OF_EACH,
        most: [3, 5],
        rows: 63,
    };
    let legacy = Listed {
        path: "ACC-…/users",
        filter: "ne(user.name,\"x\")",
        encoded: "ne(user.name,%22x%22)",
        page: "order=user.id&limit=10",
        select: &["-*", "id", "user.id", "user.name", "user.email", "account.id"],
        reason: OF_EACH,
        most: [3, 5],
        rows: 63,
    };
    for (mode, listed) in MODES.into_iter().zip([&below, &FLAT, &legacy, &FLAT]) {
        plan_asks_nothing(mode, listed).await;
    }
}

async fn plan_asks_nothing(mode: (Generation, MembershipRoutes), listed: &Listed) {
    let kit = kit_of(mode, Quirks::default()).await;
    let query =
        r#"{ accounts(first: 3) { nodes { users(first: 10, filter: { name: { ne: "x" } }) { nodes { email } } } } }"#;
    let answer = explained(&kit, query, "plan").await;
    assert_eq!(kit.requests(), <[String; 0]>::default());
    let planned = |round, path, rql: &str, select: &[&str], keys: Option<u32>, fields, reason, most, curl: &str| {
        json!({
            "round": round, "method": "GET", "path": format!("/public/v1/accounts/{path}"), "rql": rql, "select": select,
            "keys": keys, "fields": [fields], "reason": reason, "nested": [], "atMost": most, "outcome": null,
            "curl": format!("curl 'http://upstream/v1/accounts/{path}?{curl}'"),
        })
    };
    let Listed { path, filter, encoded, page, select, reason, most: [members, requests], rows } = listed;
    let mut expected = json!({
        "data": null,
        "extensions": { "explain": {
            "mode": "plan",
            "bounds": {
                "requests": requests, "rounds": 3, "rows": rows, "leastRequests": 1, "leastRows": 0, "limit": 300,
                "rowLimit": 20_000
            },
            "totals": null,
            "document": { "cached": false, "fields": 5, "mergedFields": 5 },
            "requests": [
                planned(1, "accounts", "order=id&limit=3", &["-*", "id"], None, json!(["accounts"]),
                    "A page of a collection.", 1, "select=-*,id&order=id&limit=3"),
                planned(2, path, &format!("{filter}&{page}"), select, Some(3), json!(["accounts", "nodes", "users"]),
                    reason, *members, &format!("{encoded}&select={}&{page}", select.join(","))),
                planned(3, "users", "in(id,(\"USR-…\",\"USR-…\"))&order=id&limit=100", &["-*", "id", "email"], Some(30),
                    json!(["accounts", "nodes", "users", "nodes"]),
                    "What entities lack that were reached through references, asked by up to 100 ids together.", 1,
                    "in(id,(%22USR-%E2%80%A6%22,%22USR-%E2%80%A6%22))&select=-*,id,email&order=id&limit=100"),
            ]
        } }
    });
    expected["extensions"]["explain"]["requests"][1]["nested"] = json!([{
        "field": "user", "asked": true, "why": "Asked with its holder: that takes fewer bytes than a request by ids."
    }]);
    assert_eq!(answer, expected, "{mode:?}");
}

#[tokio::test]
async fn an_id_that_the_host_does_not_know_is_not_counted_as_asked() {
    for (mode, least) in MODES.into_iter().zip([0, 1, 0, 1]) {
        let kit = kit_of(mode, Quirks::default()).await;
        let answer = explained(&kit, r#"{ accountUser(id: "AUSR-1671-0642-0001") { status } }"#, "1").await;
        let bounds = &answer["extensions"]["explain"]["bounds"];
        assert_eq!((&bounds["leastRequests"], kit.requests().len()), (&json!(least), least), "{mode:?}: {answer}");
    }
}

#[tokio::test]
async fn a_plan_shows_the_groups_where_these_tell_the_members() {
    let query = "{ accounts(first: 3) { nodes { users(first: 10) { nodes { name } } } } }";
    for (mode, path) in MODES.into_iter().zip(["/user-groups", "/account-users", "/user-groups", "/account-users"]) {
        let kit = kit_of(mode, Quirks::default()).await;
        let plan = explained(&kit, query, "plan").await;
        let run = explained(&kit, query, "1").await;
        for answer in [&plan, &run] {
            assert_eq!(told(answer), ["1 GET /accounts".to_owned(), format!("2 GET {path}")], "{mode:?}: {answer}");
            assert_eq!(answer["extensions"]["explain"]["bounds"]["requests"], 2, "{mode:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn only_who_may_is_told() {
    let silent = Limits { explain: false, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, silent).await;
    let query = r#"{ user(id: "USR-1671-0642") { name } }"#;
    assert_eq!(explained(&kit, query, "1").await, json!({ "data": { "user": { "name": "Will Smith" } } }));
    assert_eq!(kit.requests().len(), 1);
    let plan = explained(&kit, query, "plan").await;
    assert_eq!((plan.get("data"), &plan["errors"][0]["extensions"]["code"]), (None, &json!("EXPLAIN_DISABLED")));
    assert_eq!(kit.requests(), <[String; 0]>::default());
}

/// Round, method and path of what an explanation tells.
fn told(answer: &Value) -> Vec<String> {
    let requests = answer["extensions"]["explain"]["requests"].as_array().expect("an explanation");
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().expect("a text").to_owned();
        format!("{} {} {}", one["round"], text("method"), text("path").replace("/public/v1/accounts", ""))
    };
    requests.iter().map(line).collect()
}

#[tokio::test]
async fn mutations_tell_their_writes_and_never_what_was_written() {
    let kit = kit().await;
    let mutation = r#"mutation {
        one: updateGroup(input: { id: "UGR-1293-6523", name: "a secret" }) { group { name } userErrors { message } }
        two: updateGroup(input: { id: "UGR-1293-6523", name: "another" }) { group { name account { website } } }
    }"#;
    let plan = explained(&kit, mutation, "plan").await;
    assert_eq!(kit.requests(), <[String; 0]>::default());
    let writes = |told: &[String]| told.iter().filter(|line| line.contains("PUT /user-groups/UGR-1293-6523")).count();
    assert_eq!((writes(&told(&plan)), &plan["data"]), (2, &Value::Null), "{plan}");
    let run = explained(&kit, mutation, "1").await;
    let sent = kit.requests();
    let lines = told(&run);
    assert_eq!((writes(&lines), lines.len()), (2, sent.len()), "{sent:?} {run}");
    let explain = &run["extensions"]["explain"];
    assert!(number(&explain["totals"]["requests"]) <= number(&explain["bounds"]["requests"]), "{explain}");
    assert!(number(&explain["totals"]["rows"]) <= number(&explain["bounds"]["rows"]), "{explain}");
    assert!(number(&explain["totals"]["rounds"]) <= number(&explain["bounds"]["rounds"]), "{explain}");
    assert!(!explain.to_string().contains("a secret"), "{explain}");
    assert_eq!(run["data"]["two"]["group"]["name"], "another", "{run}");
}

#[tokio::test]
async fn more_writes_than_allowed_are_refused_before_the_first() {
    let few = Limits { upstream_requests: 2, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, few).await;
    let update = |key: &str| {
        format!(r#"{key}: updateGroup(input: {{ id: "UGR-1293-6523", name: "x" }}) {{ userErrors {{ message }} }}"#)
    };
    let answer = kit.query(&format!("mutation {{ {} {} {} }}", update("a"), update("b"), update("c"))).await;
    assert_eq!(answer["errors"][0]["extensions"]["cost"]["requests"], 3, "{answer}");
    assert_eq!(kit.requests(), <[String; 0]>::default());
    let answer = kit.query(&format!("mutation {{ {} {} }}", update("a"), update("b"))).await;
    assert_eq!((answer.get("errors"), kit.requests().len()), (None, 2), "{answer}");
}

#[tokio::test]
async fn a_field_with_a_route_of_its_own_costs_a_request_for_each_entity() {
    let kit = kit().await;
    let query = "{ users(first: 3) { nodes { sso } } }";
    let plan = explained(&kit, query, "plan").await;
    assert_eq!(told(&plan), ["1 GET /users", "2 GET /users/USR-…/sso"], "{plan}");
    assert_eq!((&plan["extensions"]["explain"]["requests"][1]["atMost"], kit.requests().len()), (&json!(4), 0));
    let run = explained(&kit, query, "1").await;
    let lines = told(&run);
    assert_eq!((lines.len(), kit.requests().len()), (4, 4), "{run}");
    assert!(lines[1..].iter().all(|line| line.starts_with("2 GET /users/USR-") && line.ends_with("/sso")), "{lines:?}");
    // A host without the route is asked for the rows.
    assert_eq!(run["extensions"]["explain"]["bounds"]["requests"], 5, "{run}");
    assert_eq!(run["extensions"]["explain"]["requests"][1]["fields"], json!([["users", "nodes", "sso"]]));
}

#[tokio::test]
async fn another_word_in_the_header_is_refused() {
    let kit = kit().await;
    let answer = explained(&kit, "{ __typename }", "yes").await;
    let error =
        json!({ "message": "The header x-explain must be 1 or plan.", "extensions": { "code": "BAD_REQUEST" } });
    assert_eq!(answer, json!({ "errors": [error] }));
}

#[tokio::test]
async fn a_request_that_failed_says_how() {
    let kit = kit().await;
    kit.faults(vec![Fault { path: Some("/accounts/accounts".to_owned()), status: Some(500), ..Fault::default() }]);
    let answer = explained(&kit, "{ users(first: 1) { nodes { currentAccount { website } } } }", "1").await;
    let outcome = &answer["extensions"]["explain"]["requests"][1]["outcome"];
    let expected = json!({
        "status": 500, "code": "UPSTREAM_ERROR", "rows": 0, "bytes": 0, "startMs": "a time", "ms": "a time", "retries": 0,
        "shared": false
    });
    assert_eq!(*outcome, expected, "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_ERROR");
}

#[tokio::test]
async fn a_token_is_never_told() {
    let kit = kit().await;
    let token = "idt:TKN-0000-0001:operations";
    let body = json!({ "query": "{ users(first: 1) { nodes { name } } }" });
    for mode in ["1", "plan"] {
        let text = kit.explain_as(&body, mode, Some(token)).await;
        assert!(!text.contains("TKN-0000-0001"), "{text}");
        assert!(text.contains("-H \\\"authorization: Bearer $TOKEN\\\""), "{text}");
    }
}

#[tokio::test]
async fn what_may_cost_too_much_is_refused_before_anything_is_asked() {
    let deep = "{ users(first: 20) { nodes { currentAccount { groups { nodes { users { nodes { currentAccount { name } } } } } } } } }";
    let refused = |message: &str, requests, entities| {
        let limit = json!({ "requests": requests, "entities": entities });
        let cost = json!({ "requests": 13, "entities": 746, "limit": limit });
        json!({ "errors": [{ "message": message, "extensions": { "code": "COST_EXCEEDED", "cost": cost } }] })
    };
    for (changed, expected) in [
        (
            Limits { upstream_requests: 12, ..limits() },
            refused(
                "The operation may need 13 upstream requests; at most 12 are allowed. Ask for fewer with `first`, or for \
                 less at once.",
                12,
                20_000,
            ),
        ),
        (
            Limits { entities: 745, ..limits() },
            refused(
                "The operation may need 746 entities of the upstream; at most 745 are allowed. Ask for fewer with \
                 `first`, or for less at once.",
                300,
                745,
            ),
        ),
    ] {
        let kit = kit_with(Options { scale: SMALL, ..Options::default() }, changed).await;
        assert_eq!(kit.query(deep).await, expected);
        let told = explained(&kit, deep, "1").await;
        assert_eq!(told["errors"], expected["errors"]);
        let explain = &told["extensions"]["explain"];
        assert_eq!(
            (&explain["mode"], explain["requests"].as_array().map(Vec::len)),
            (&json!("plan"), Some(5)),
            "{told}"
        );
        assert_eq!(kit.requests(), <[String; 0]>::default());
    }
    let just_enough = Limits { upstream_requests: 13, entities: 746, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, just_enough).await;
    assert_eq!(kit.data(deep).await["users"]["nodes"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn the_default_limits_admit_deep_and_wide_operations() {
    let kit = kit().await;
    let mut deep = "{ currentAccount { buyers { totalCount } } }".to_owned();
    for _ in 0..5 {
        deep = format!("{{ currentAccount {{ groups {{ nodes {{ users {{ nodes {deep} }} }} }} }} }}");
    }
    let deep = format!("{{ users(first: 20) {{ nodes {deep} }} }}");
    assert_eq!(deep.matches('{').count(), 30);
    let page = |place: usize| format!("p{place}: users(first: 100, offset: {}) {{ nodes {{ name }} }}", place * 100);
    let wide = format!("{{ {} }}", (0..100).map(page).collect::<Vec<_>>().join(" "));
    for (query, rows) in [(deep, 0), (wide, 10_000)] {
        let answer = explained(&kit, &query, "plan").await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        assert!(number(&answer["extensions"]["explain"]["bounds"]["rows"]) >= rows, "{answer}");
    }
    assert_eq!(kit.requests(), <[String; 0]>::default());
}

#[tokio::test]
async fn entities_that_nobody_foresaw_stop_the_operation_at_the_budget() {
    let few = Limits { entities: 3, sizes: nothing_assumed(), nested_select: false, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, few).await;
    let answer =
        kit.query("{ accounts(first: 1) { nodes { id groups { nodes { users { nodes { email } } } } } } }").await;
    let error = |group: usize| {
        json!({
            "message": "The operation reads more than 3 entities of the upstream: ask for fewer.",
            "locations": [{ "line": 1, "column": 52 }],
            "path": ["accounts", "nodes", 0, "groups", "nodes", group, "users"],
            "extensions": { "code": "COST_EXCEEDED" }
        })
    };
    let groups = vec![json!({ "users": null }); 6];
    let expected = json!({
        "errors": (0..6).map(error).collect::<Vec<_>>(),
        "data": { "accounts": { "nodes": [{ "id": "ACC-0000-0001", "groups": { "nodes": groups } }] } }
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn the_workloads_are_bounded_by_three_times_what_they_take() {
    for (generation, routes) in MODES {
        let options = Options { generation, ..Options::default() };
        let kit = kit_speaking(options, limits(), |settings| settings, routes, &Clock::default()).await;
        kit.learn().await;
        for workload in workload::WORKLOADS {
            is_bounded(&kit, &workload, generation).await;
        }
    }
}

/// The bounds hold for an upstream that tells nothing of embedded entities as well, and are measured by that; the other way
/// round only what is really taken is less.
async fn is_bounded(kit: &Kit, workload: &workload::Workload, generation: Generation) {
    let name = format!("{} of {generation:?}", workload.name);
    let (mut bounds, mut totals) = (vec![], vec![]);
    for refuse in [None, Some(Refusal::NestedSelectSilently)] {
        kit.faults(vec![Fault { refuse, ..Fault::default() }]);
        let answer = kit.explain(&json!({ "query": workload.query }), "1").await;
        let explain = &answer["extensions"]["explain"];
        bounds.push(["requests", "rows", "rounds", "leastRequests"].map(|of| number(&explain["bounds"][of])));
        totals.push(["requests", "rows", "rounds", "requests"].map(|of| number(&explain["totals"][of])));
    }
    kit.faults(vec![]);
    assert_eq!(bounds[0], bounds[1], "{name}");
    let ([most @ .., least], [nested, apart]) = (bounds[0], [totals[0], totals[1]]);
    for (of, most) in most.into_iter().enumerate() {
        assert!(nested[of] <= apart[of], "{name}: {nested:?} {apart:?}");
        assert!(most <= 3 * apart[of], "{name}: at most {most}, really {}", apart[of]);
    }
    assert!(least <= nested[3], "{name}");
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The longest list of each relation, and how many of each kind there are, asked of the graph itself.
pub async fn sizes() -> Sizes {
    // The world is the same whatever the host speaks; this one lists all memberships.
    let kit = &kit_of((Generation::All, MembershipRoutes::Auto), Quirks::default()).await;
    let mut sizes = nothing_assumed();
    for kind in Kind::ALL {
        let root = root(kind);
        let total = number(&kit.data(&format!("{{ {root} {{ totalCount }} }}")).await[&root]["totalCount"]);
        sizes.met[kind as usize] = usize::try_from(total).expect("a number of entities");
    }
    // Users of a module are refused where they are more.
    sizes.lists.push((Kind::Module, "users", MOST_USERS));
    let counted = |relation: &&Relation| relation.field != "user" && relation.used != Strategy::Filtered;
    let lists = RELATIONS.iter().filter(counted).map(|relation| (relation.parent, relation.field));
    let lists = lists.filter(|list| *list != (Kind::Module, "users"));
    let embedded = [
        (Kind::AccountUser, "groups"),
        (Kind::AccountUser, "modules"),
        (Kind::AccountUser, "buyers"),
        (Kind::Group, "modules"),
        (Kind::Group, "buyers"),
        (Kind::Buyer, "sellers"),
        (Kind::ApiToken, "modules"),
        (Kind::WavefrontAccount, "userGroups"),
        (Kind::WavefrontAccount, "roles"),
        (Kind::WavefrontAccount, "unitedRoles"),
        (Kind::WavefrontUserGroup, "roles"),
    ];
    for (kind, field) in lists.chain(embedded) {
        let root = root(kind);
        let inner = if field == "modules" { "{ id }" } else { "{ totalCount }" };
        let mut longest = 0;
        for offset in (0..sizes.met[kind as usize]).step_by(100) {
            let query = format!("{{ {root}(first: 100, offset: {offset}) {{ nodes {{ {field} {inner} }} }} }}");
            let data = kit.data(&query).await;
            for node in data[&root]["nodes"].as_array().expect("nodes") {
                let list = &node[field];
                let total = list["totalCount"].as_u64().map(|total| usize::try_from(total).expect("a length"));
                longest = longest.max(total.or(list.as_array().map(Vec::len)).unwrap_or(0));
            }
        }
        sizes.lists.push((kind, field, longest));
    }
    sizes
}

/// The root field of a collection.
fn root(kind: Kind) -> String {
    let name = kind.type_name();
    format!("{}{}s", name[..1].to_lowercase(), &name[1..])
}
