//! Kinds of hosts: what they say of totals, limits, omitted fields, dates and missing routes, every pair of values
//! together. Each answer is the whole right one, or the error that the rules demand (`accounts-api-v5.md` sections 1.2, 2.8
//! and 5). The whole product of all values is run by hand:
//! `cargo test --test it hosts::every_kind_of_host -- --ignored`.

mod absent;
mod base;
mod host;
mod pairs;

use host::{BUYERS, GROUPS, Host, MEMBERS, Missing, Omitted, SELLERS, Switches, Total, USERS};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const INVALID: &str = "UPSTREAM_INVALID";
const ROUTE: &str = "UPSTREAM_ROUTE_MISSING";

/// A document, the data that answers it, and the errors that have to be instead of a part of it: path and code.
struct Case {
    document: String,
    data: Value,
    errors: Vec<(Value, &'static str)>,
}

fn case(document: impl Into<String>, data: Value, errors: Vec<(Value, &'static str)>) -> Case {
    Case { document: document.into(), data, errors }
}

fn ids(prefix: &str, numbers: std::ops::RangeInclusive<usize>) -> Vec<Value> {
    numbers.map(|number| json!({ "id": format!("{prefix}-{number:04}") })).collect()
}

/// What is asked of a host of this kind.
fn cases(host: &Switches) -> Vec<Case> {
    let uncounted = matches!(host.total, Total::Null | Total::Absent);
    let (larger, smaller) = (host.total == Total::Larger, host.total == Total::Smaller);
    let invalid = |wrong: bool, path: Value| if wrong { vec![(path, INVALID)] } else { vec![] };
    let mut cases = vec![];
    // A whole list of several pages.
    cases.push(case(
        "{ buyers(first: 1) { nodes { account { groups { nodes { id } } } } } }",
        json!({ "buyers": { "nodes": [{ "account": { "groups": { "nodes": ids("UGR", 2..=GROUPS.min(100) + 1) } } }] } }),
        invalid(larger || smaller, json!(["buyers", "nodes", 0, "account", "groups"])),
    ));
    // A page that the list ends on, below an account: it is counted by its rows.
    let members = (1..=MEMBERS)
        .map(|number| json!({ "id": format!("USR-{number:04}"), "email": format!("user{number}@example.com") }));
    cases.push(case(
        r#"{ account(id: "ACC-0001") { users(first: 100) { totalCount nodes { id email } } } }"#,
        json!({ "account": { "users": { "totalCount": MEMBERS, "nodes": members.collect::<Vec<_>>() } } }),
        invalid(larger || smaller, json!(["account", "users"])),
    ));
    // Full pages, with and without rows behind them.
    cases.push(case(
        "{ buyers(first: 50) { nodes { id } pageInfo { hasNextPage } } }",
        json!({ "buyers": { "nodes": ids("BUY", 1..=50), "pageInfo": { "hasNextPage": true } } }),
        invalid(smaller, json!(["buyers"])),
    ));
    // A larger total of a list is noticed where it is read to its end, and by no page or count before.
    if !larger {
        cases.push(case(
            "{ sellers(first: 30) { nodes { id } pageInfo { hasNextPage } } }",
            json!({ "sellers": { "nodes": ids("SEL", 1..=SELLERS), "pageInfo": { "hasNextPage": false } } }),
            invalid(smaller, json!(["sellers"])),
        ));
        cases.push(case(
            "{ sellers { totalCount } }",
            json!({ "sellers": { "totalCount": SELLERS } }),
            invalid(uncounted || smaller, json!(["sellers", "totalCount"])),
        ));
    }
    cases.push(case(
        r#"{ buyers(filter: {name: {eq: "nobody"}}) { totalCount } }"#,
        json!({ "buyers": { "totalCount": 0 } }),
        invalid(larger, json!(["buyers"])),
    ));
    // Pages and totals below several parents.
    let page = |account: usize, total: usize, first: usize| {
        let nodes = ids("BUY", first..=first + 1);
        json!({ "id": format!("ACC-{account:04}"), "buyers": { "totalCount": total, "nodes": if total > 0 { nodes } else { vec![] } } })
    };
    let accounts = json!(["ACC-0001", "ACC-0002", "ACC-0003"]);
    let (of_nodes, of_buyers) =
        (0..3).map(|place| ((json!(["nodes", place]), INVALID), (json!(["nodes", place, "buyers"]), INVALID))).unzip();
    cases.push(case(
        format!("{{ nodes(ids: {accounts}) {{ ... on Account {{ id buyers(first: 2) {{ totalCount nodes {{ id }} }} }} }} }}"),
        json!({ "nodes": [page(1, BUYERS[0], 1), page(2, BUYERS[1], BUYERS[0] + 1), page(3, 0, 1)] }),
        if smaller { of_nodes } else if larger { of_buyers } else { vec![] },
    ));
    // A list that a body embeds, or omits.
    let is_embedded = matches!(host.omitted, Omitted::Envelope | Omitted::None);
    cases.push(case(
        r#"{ group(id: "UGR-0001") { users { totalCount nodes { id } } } }"#,
        json!({ "group": { "users": { "totalCount": USERS, "nodes": ids("USR", 1..=100) } } }),
        invalid(!is_embedded && (larger || smaller), json!(["group", "users"])),
    ));
    let memberships = (1..=3).map(|number| {
        let account = json!({ "id": format!("ACC-{number:04}"), "name": format!("Account {number}") });
        json!({ "account": account, "invitation": { "status": "ACTIVE" } })
    });
    cases.push(case(
        r#"{ user(id: "USR-0001") { accountUsers { nodes { account { id name } invitation { status } } } } }"#,
        json!({ "user": { "accountUsers": { "nodes": memberships.collect::<Vec<_>>() } } }),
        invalid(larger || smaller, json!(["user", "accountUsers"])),
    ));
    // Dates, and a field that lists omit.
    let account = |number: usize| {
        json!({ "id": format!("ACC-{number:04}"), "website": format!("https://{number}.example.com"),
            "audit": { "created": { "at": "2024-01-16T21:30:13.1046031Z" } } })
    };
    cases.push(case(
        "{ accounts(first: 3) { nodes { id website audit { created { at } } } } }",
        json!({ "accounts": { "nodes": [account(1), account(2), account(3)] } }),
        invalid(smaller, json!(["accounts"])),
    ));
    // Entities by more ids than some pages have rows.
    let buyers = ids("BUY", 1..=60);
    let named: Vec<&Value> = buyers.iter().map(|buyer| &buyer["id"]).collect();
    cases.push(case(
        format!("{{ nodes(ids: {}) {{ id }} }}", json!(named)),
        json!({ "nodes": buyers }),
        if smaller { (0..60).map(|place| (json!(["nodes", place]), INVALID)).collect() } else { vec![] },
    ));
    cases.extend(of_missing(host));
    cases
}

/// What is asked of routes and entities that are not there.
fn of_missing(host: &Switches) -> Vec<Case> {
    let documented = host.missing == Missing::Problem;
    let route = |path: Value| if documented { vec![] } else { vec![(path, ROUTE)] };
    let sso = (1..=60).map(|number| json!({ "sso": if number % 2 == 0 { "ENABLED" } else { "DISABLED" } }));
    let smaller = host.total == Total::Smaller;
    let changed = if documented { json!({ "userErrors": [{ "code": "NOT_FOUND" }] }) } else { Value::Null };
    vec![
        case(
            r#"{ user(id: "USR-9999") { name } account(id: "ACC-0001") { name } }"#,
            json!({ "user": null, "account": { "name": "Account 1" } }),
            route(json!(["user"])),
        ),
        // A route that only some hosts have, and rows that say the same.
        case(
            "{ users(first: 60) { nodes { sso } } }",
            json!({ "users": { "nodes": sso.collect::<Vec<_>>() } }),
            if smaller { vec![(json!(["users"]), INVALID)] } else { vec![] },
        ),
        case("{ services { nodes { id } } }", json!({ "services": null }), vec![(json!(["services"]), ROUTE)]),
        case(
            r#"mutation { updateBuyer(input: {id: "BUY-9999", name: "X"}) { userErrors { code } } }"#,
            json!({ "updateBuyer": changed }),
            route(json!(["updateBuyer"])),
        ),
    ]
}

/// Sets what stands at a path to null.
fn set_null(data: &mut Value, path: &Value) {
    let place = path.as_array().expect("a path").iter().fold(data, |value, step| match step {
        Value::String(name) => &mut value[name.as_str()],
        step => &mut value[usize::try_from(step.as_u64().expect("a place")).expect("a place")],
    });
    *place = Value::Null;
}

/// Asks everything of a host.
async fn check(switches: Switches) {
    let host = Host::start(switches).await;
    for Case { document, mut data, errors } in cases(&switches) {
        let answer = host.query(&document).await;
        for (path, _) in &errors {
            set_null(&mut data, path);
        }
        let told = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let told: BTreeSet<String> =
            told.iter().map(|error| format!("{} {}", error["path"], error["extensions"]["code"])).collect();
        let expected: BTreeSet<String> = errors.iter().map(|(path, code)| format!("{path} {}", json!(code))).collect();
        assert_eq!(told, expected, "{switches:?}: {document}: {answer}");
        assert_eq!(answer["data"], data, "{switches:?}: {document}");
    }
}

#[test]
fn some_hosts_have_every_pair_of_values() {
    let wanted: BTreeSet<_> = pairs::all().iter().flat_map(pairs::pairs).collect();
    let chosen = pairs::covering();
    let had: BTreeSet<_> = chosen.iter().flat_map(pairs::pairs).collect();
    assert_eq!(had, wanted);
    assert!((20..=30).contains(&chosen.len()), "{} hosts", chosen.len());
    assert!(chosen.iter().all(|host| cases(host).len() >= 10));
}

#[tokio::test]
async fn every_pair_of_values_gives_the_right_answer_or_the_error_that_is_due() {
    for switches in pairs::covering() {
        check(switches).await;
    }
}

#[tokio::test]
#[ignore = "the whole product takes minutes"]
async fn every_kind_of_host_gives_the_right_answer_or_the_error_that_is_due() {
    for switches in pairs::all() {
        check(switches).await;
    }
}
