//! What is wanted of embedded entities is asked together with what embeds them, where that takes fewer bytes, and by ids
//! where the upstream does not tell it.

use super::{
    explain::number,
    fake::{fake, list},
    support::{Kit, SMALL, kit, kit_speaking, kit_with, limits},
};
use accounts_graph::{
    graph::engine::Limits,
    upstream::{marketplace::membership::MembershipRoutes, memory::Clock},
};
use accounts_graph_sandbox::{Fault, Options, Refusal};
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};

const GROUPS: &str = "{ groups(first: 2) { nodes { users { nodes { email } } } } }";
const GROUPS_NESTED: &str = "GET /accounts/user-groups?select=-*,id,users.id,users.email&order=id&limit=2";
const GROUPS_PLAIN: &str = "GET /accounts/user-groups?select=-*,id,users.id&order=id&limit=2";

const ANY_IN: &str = r#"{ groups(first: 2, filter: { users: { any: { id: { in: ["USR-1671-0642", "USR-1671-0643"] } } } }) { nodes { id } } }"#;

fn refusing(refuse: Refusal) -> Vec<Fault> {
    vec![Fault { refuse: Some(refuse), ..Fault::default() }]
}

async fn apart(options: Options) -> Kit {
    kit_with(options, Limits { nested_select: false, ..limits() }).await
}

/// Requests without their ids, in order of text.
fn brief(requests: &[String]) -> Vec<String> {
    let line = |line: &String| match (line.find("((\""), line.find(",(\""), line.find("\")")) {
        (_, Some(start), Some(end)) => format!("{}{}", &line[..start + 2], &line[end + 1..]),
        _ => line.clone(),
    };
    requests.iter().map(line).collect()
}

#[tokio::test]
async fn a_refusal_costs_one_request_for_each_relation_and_is_remembered() {
    let kit = kit().await;
    let expected = kit.data(GROUPS).await;
    assert_eq!(kit.requests(), [GROUPS_NESTED]);
    kit.faults(refusing(Refusal::NestedSelect));
    let users = "GET /accounts/users?in(id,())&select=-*,id,email&order=id&limit=100";
    assert_eq!(kit.data(GROUPS).await, expected);
    assert_eq!(brief(&kit.requests()), [GROUPS_PLAIN, GROUPS_NESTED, users]);
    assert_eq!(kit.data(GROUPS).await, expected);
    assert_eq!(brief(&kit.requests()), [GROUPS_PLAIN, users]);
    // Another relation of the same rows is another question.
    kit.data("{ groups(first: 2) { nodes { buyers { nodes { status } } } } }").await;
    let buyers = "GET /accounts/user-groups?select=-*,id,buyers.id,buyers.status&order=id&limit=2";
    assert!(kit.requests().contains(&buyers.to_owned()));
    // What is remembered is told, and outlives the refusal.
    kit.faults(vec![]);
    let told = kit.explain(&json!({ "query": GROUPS }), "1").await;
    let nested = json!([{
        "field": "users", "asked": false,
        "why": "Asked by ids: the upstream has refused to tell it with its holder."
    }]);
    assert_eq!(told["extensions"]["explain"]["requests"][0]["nested"], nested, "{told}");
}

#[tokio::test]
async fn what_is_learned_of_a_refusal_is_forgotten_after_its_time() {
    for (remembered, refusal, query, refused) in [
        (Duration::from_secs(600), Refusal::NestedSelect, GROUPS, "users.email"),
        (Duration::from_secs(60), Refusal::NestedSelect, GROUPS, "users.email"),
        (Duration::from_secs(600), Refusal::SelectStar, "{ groups(first: 2) { nodes { name } } }", "-*"),
        (Duration::from_secs(60), Refusal::AnyIn, ANY_IN, "any(users,in("),
    ] {
        let clock = Clock::remembering(remembered);
        let options = Options { scale: SMALL, ..Options::default() };
        let kit = kit_speaking(options, limits(), |settings| settings, MembershipRoutes::Auto, &clock).await;
        let asks = async || {
            let data = kit.data(query).await;
            let requests = kit.requests();
            (data, requests.iter().any(|line| line.contains(refused)))
        };
        let (expected, asked) = asks().await;
        assert!(asked, "{refusal:?} meets nothing");
        // One refusal, which may have been a mistake of a moment.
        kit.faults(refusing(refusal));
        assert_eq!(asks().await, (expected.clone(), true), "{refusal:?}");
        kit.faults(vec![]);
        assert_eq!(asks().await, (expected.clone(), false), "{refusal:?} is remembered");
        clock.advance(remembered.checked_sub(Duration::from_secs(5)).expect("more than five seconds"));
        assert_eq!(asks().await, (expected.clone(), false), "{refusal:?} is remembered for {remembered:?}");
        clock.advance(Duration::from_secs(5));
        assert_eq!(asks().await, (expected, true), "{refusal:?} is forgotten after {remembered:?}");
    }
}

#[tokio::test]
async fn a_mistake_of_the_filter_is_no_refusal_to_nest() {
    let kit = kit().await;
    let refusal = |nth: Vec<u64>| Fault { nth: Some(nth), status: Some(400), ..Fault::default() };
    kit.faults(vec![refusal(vec![1, 2, 3])]);
    let answer = kit.query(GROUPS).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_REJECTED", "{answer}");
    let additive = "GET /accounts/user-groups?select=id,users.id&order=id&limit=2";
    assert_eq!(kit.requests(), [GROUPS_PLAIN, GROUPS_NESTED, additive]);
    kit.faults(vec![]);
    kit.data(GROUPS).await;
    assert_eq!(kit.requests(), [GROUPS_NESTED]);
}

#[tokio::test]
async fn a_plan_says_what_will_be_nested() {
    let kit = kit().await;
    for query in [GROUPS, "{ buyers(first: 100) { nodes { account { website address { city } } } } }"] {
        let body = json!({ "query": query });
        let [plan, run] = [kit.explain(&body, "plan").await, kit.explain(&body, "1").await];
        for of in ["select", "nested", "path"] {
            let [plan, run] = [&plan, &run].map(|one| &one["extensions"]["explain"]["requests"][0][of]);
            assert_eq!(plan, run, "{query}");
        }
        assert_eq!(run["extensions"]["explain"]["requests"][0]["nested"][0]["asked"], query == GROUPS, "{run}");
    }
}

#[tokio::test]
async fn what_is_left_out_without_a_word_is_asked_by_ids_as_before() {
    let kit = kit().await;
    let expected = kit.data(GROUPS).await;
    kit.requests();
    kit.faults(refusing(Refusal::NestedSelectSilently));
    assert_eq!(kit.data(GROUPS).await, expected);
    let users = "GET /accounts/users?in(id,())&select=-*,id,email&order=id&limit=100";
    assert_eq!(brief(&kit.requests()), [GROUPS_NESTED, users]);
}

#[tokio::test]
async fn switched_off_nothing_is_nested() {
    let kit = apart(Options { scale: SMALL, ..Options::default() }).await;
    let told = kit.explain(&json!({ "query": GROUPS }), "1").await;
    let requests = &told["extensions"]["explain"]["requests"];
    let nested = json!([{ "field": "users", "asked": false, "why": "Asked by ids: --nested-select is off." }]);
    assert_eq!((&requests[0]["nested"], requests.as_array().map(Vec::len)), (&nested, Some(2)), "{told}");
    let users = "GET /accounts/users?in(id,())&select=-*,id,email&order=id&limit=100";
    assert_eq!(brief(&kit.requests()), [GROUPS_PLAIN, users]);
}

#[tokio::test]
async fn of_embedded_entities_only_what_came_is_believed() {
    // Of five users one is told whole, one has a null that is written, one a placeholder, one nothing, one half of it.
    let users = json!([
        { "id": "USR-0000-0001", "email": "one@example.com", "settings": { "timeZone": "UTC" } },
        { "id": "USR-0000-0002", "email": null, "settings": { "timeZone": "UTC" } },
        { "id": "USR-0000-0003", "email": "three@example.com", "settings": "[Circular Reference]" },
        { "id": "USR-0000-0004" },
        { "id": "USR-0000-0005", "email": "five@example.com" },
    ]);
    let fake = fake(move |line| {
        let group = json!([{ "id": "UGR-0000-0001", "users": users }]);
        let body = if line.starts_with("/user-groups") {
            list(&group)
        } else {
            let row = |number: usize| json!({ "id": format!("USR-0000-000{number}"), "settings": { "timeZone": format!("Z{number}") } });
            let with_email = |number: usize| {
                let mut row = row(number);
                row["email"] = json!(format!("asked-{number}@example.com"));
                row
            };
            list(&json!([with_email(3), with_email(4), row(5)]))
        };
        (200, body)
    })
    .await;
    let answer = fake.query("{ groups(first: 1) { nodes { users { nodes { email settings { timeZone } } } } } }").await;
    let user = |email: Option<&str>, zone: &str| json!({ "email": email, "settings": { "timeZone": zone } });
    let expected = json!([
        user(Some("one@example.com"), "UTC"),
        user(None, "UTC"),
        user(Some("three@example.com"), "Z3"),
        user(Some("asked-4@example.com"), "Z4"),
        user(Some("five@example.com"), "Z5"),
    ]);
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": [{ "users": { "nodes": expected } }] } } }));
    assert_eq!(
        fake.requests(),
        [
            "/user-groups?select=-*,id,users.id,users.email,users.settings&order=id&limit=1",
            "/users?in(id,(\"USR-0000-0003\",\"USR-0000-0004\",\"USR-0000-0005\"))&select=-*,id,email,settings&order=id&limit=100",
        ]
    );
}

#[tokio::test]
async fn two_levels_deep_only_what_came_is_believed() {
    // The second level is cut: one group has no modules, one has them without their names, one has everything.
    let fake = fake(|line| {
        let groups = |modules: [Option<Value>; 3]| {
            let group = |(place, modules): (usize, Option<Value>)| match modules {
                Some(modules) => json!({ "id": format!("UGR-0000-000{}", place + 1), "modules": modules }),
                None => json!({ "id": format!("UGR-0000-000{}", place + 1) }),
            };
            modules.into_iter().enumerate().map(group).collect::<Vec<_>>()
        };
        let module = |name: &str| json!([{ "id": "MOD-0001", "name": name }]);
        let body = if line.starts_with("/accounts?") {
            let groups = groups([None, Some(json!([{ "id": "MOD-0001" }])), Some(module("Ordering"))]);
            list(&json!([{ "id": "ACC-0000-0001", "groups": groups }]))
        } else {
            let groups = groups([Some(json!([])), Some(module("Ordering")), None]);
            list(&groups[..2].to_vec().into())
        };
        (200, body)
    })
    .await;
    let answer = fake.query("{ accounts(first: 1) { nodes { groups { nodes { modules { name } } } } } }").await;
    let modules =
        |names: &[&str]| json!({ "modules": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() });
    let groups = [modules(&[]), modules(&["Ordering"]), modules(&["Ordering"])];
    assert_eq!(answer, json!({ "data": { "accounts": { "nodes": [{ "groups": { "nodes": groups } }] } } }));
    assert_eq!(
        fake.requests(),
        [
            "/accounts?select=-*,id,groups.id,groups.modules.id,groups.modules.name&order=id&limit=1",
            "/user-groups?in(id,(\"UGR-0000-0001\",\"UGR-0000-0002\"))&select=-*,id,modules.id,modules.name&order=id&limit=100",
        ]
    );
}

#[tokio::test]
async fn modules_that_a_holder_tells_late_are_followed_all_the_same() {
    // Of what is nested no list is believed that the filter touches, so the groups are asked again.
    let query = |filter: &str| {
        format!(
            "{{ accounts(first: 3{filter}) {{ nodes {{ groups {{ nodes {{ modules {{ audit {{ updated {{ by {{ ... on User \
             {{ phone {{ number }} }} }} }} }} }} }} }} }} }} }}"
        )
    };
    let kit = kit().await;
    let plain = kit.data(&query("")).await;
    assert!(plain.to_string().contains(r#""number":"5"#), "{plain}");
    kit.requests();
    let filter = ", filter: { groups: { any: { modules: { any: { name: { ne: \"x\" } } } } } }";
    assert_eq!(kit.data(&query(filter)).await, plain);
    let lines: Vec<String> =
        kit.requests().iter().map(|line| line.split(['?', '/']).nth(2).expect("a collection").into()).collect();
    assert_eq!(lines, ["accounts", "user-groups", "users"]);
}

/// Operations of different shapes.
const SHAPES: [&str; 10] = [
    "{ accounts(first: 50) { nodes { name groups { nodes { name modules { name } } } } } }",
    "{ users(first: 20) { nodes { currentAccount { groups { nodes { users { nodes { currentAccount { name } } } } } } } } }",
    "{ buyers(first: 100) { nodes { name account { name } sellers { nodes { name } } } } }",
    "{ buyers(first: 100) { nodes { account { website address { city } } } } }",
    "{ groups(first: 50) { nodes { name users { nodes { email status } } } } }",
    "{ accounts(first: 5) { nodes { users(first: 10) { nodes { email status } } } } }",
    "{ user(id: \"USR-1671-0642\") { currentAccount { externalId groups { nodes { name } } } } }",
    "{ accountUsers(first: 100, filter: {account: {id: {eq: \"ACC-1671-0642\"}}}) { nodes { user { email } groups { nodes { name modules { name } } } } } }",
    "{ licensees(first: 50) { nodes { buyer { status address { city } } seller { status } } } }",
    "{ group(id: \"UGR-5116-6265\") { account { address { city } } users { nodes { email } } buyers { nodes { status } } } }",
];

#[tokio::test]
async fn the_table_in_the_documentation_is_what_is_really_asked() {
    let (before, after) = (apart(Options::default()).await, kit_with(Options::default(), limits()).await);
    let mut table = String::from(
        "| query | before: rounds, requests, bytes | after: rounds, requests, bytes | bounds: rounds, requests |\n\
         |---|---:|---:|---:|\n",
    );
    for query in SHAPES {
        let (one, other) = (explained(&before, query).await, explained(&after, query).await);
        assert_eq!(one["data"], other["data"], "{query}");
        let [one, other] = [&one, &other].map(|answer| &answer["extensions"]["explain"]);
        assert_eq!(one["bounds"], other["bounds"], "{query}");
        let totals = |explain: &Value| ["rounds", "requests", "bytes"].map(|of| number(&explain["totals"][of]));
        let (old, new) = (totals(one), totals(other));
        assert!(new.iter().zip(&old).all(|(new, old)| new <= old), "{query}: {new:?} after {old:?}");
        let bounds = ["rounds", "requests"].map(|of| number(&one["bounds"][of]));
        assert!(bounds.iter().zip(&old).all(|(most, real)| real <= most), "{query}: {old:?} of {bounds:?}");
        let [old, new, bounds] = [&old[..], &new, &bounds].map(|cell| {
            let numbers: Vec<_> = cell.iter().map(u64::to_string).collect();
            numbers.join(", ")
        });
        writeln!(table, "| `{query}` | {old} | {new} | {bounds} |").expect("a string");
    }
    assert!(include_str!("../../docs/architecture.md").contains(&table), "{table}");
}

async fn explained(kit: &Kit, query: &str) -> Value {
    let answer = kit.explain(&json!({ "query": query }), "1").await;
    assert_eq!(answer.get("errors"), None, "{query}");
    answer
}
