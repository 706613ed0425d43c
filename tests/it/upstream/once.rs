//! The same read in one operation is one upstream request, whoever asks for it and when, until something is written.

use crate::{
    memberships::QUERIES,
    support::{Kit, MODES, SMALL, kit_calling, kit_speaking, limits},
};
use accounts_graph::upstream::{client::Settings, memory::Clock};
use accounts_graph_sandbox::{Fault, OPERATIONS_TOKEN, Options, Recorded};
use serde_json::{Value, json};

/// The answer, and how many requests it says were sent.
async fn counted(kit: &Kit, query: &str) -> (Value, usize) {
    let request = reqwest::Client::new()
        .post(format!("http://{}/graphql", kit.address))
        .bearer_auth(OPERATIONS_TOKEN)
        .json(&json!({ "query": query }));
    let response = request.send().await.expect("an answer");
    let count = response.headers()["x-upstream-requests"].to_str().expect("text").parse().expect("a number");
    (response.json().await.expect("JSON"), count)
}

/// Asks, and checks that no request was sent twice, and that each was counted once. Searches have a body, which lines do not
/// show.
async fn asks(kit: &Kit, query: &str) -> (Value, Vec<String>) {
    let (answer, count) = counted(kit, query).await;
    let requests = kit.sandbox.requests();
    let line = |request: &Recorded| {
        let body = request.body.as_ref().map_or_else(String::new, |body| format!(" {body}"));
        request.line() + &body
    };
    let mut lines: Vec<String> = requests.iter().map(line).collect();
    kit.sandbox.clear_requests();
    lines.sort();
    assert_eq!(count, lines.len(), "{query}: {lines:#?}");
    let twice: Vec<_> = lines.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert_eq!(twice, [[""; 0]; 0], "{query}");
    (answer, lines)
}

/// Documents with selections that ask the same, and how many requests they take.
const DOCUMENTS: [(&str, usize); 10] = [
    // A list, with and without its total.
    ("{ a: users(first: 3) { nodes { name } } b: users(first: 3) { totalCount nodes { name } } }", 1),
    // Counts.
    ("{ a: users(first: 1) { totalCount } b: users(first: 2) { totalCount } }", 1),
    ("{ account(id: \"ACC-1671-0642\") { a: users(first: 1) { totalCount } b: users(first: 3) { totalCount } } }", 2),
    // The same rows as users and as members.
    (
        "{ account(id: \"ACC-1671-0642\") { a: users(first: 5) { nodes { id } } \
         b: accountUsers(first: 5) { nodes { user { id } } } } }",
        2,
    ),
    // By ids, and by a filter.
    (
        "{ users(filter: { id: { in: [\"USR-1671-0642\", \"USR-6375-2499\"] } }, first: 100) { nodes { email } } \
         nodes(ids: [\"USR-1671-0642\", \"USR-6375-2499\"]) { ... on User { email } } }",
        1,
    ),
    // In a later round than the first time.
    (
        "{ userByEmail(email: \"will.smith@example.com\") { id } \
         wavefrontAccount(id: \"will.smith@example.com\") { user { id } } }",
        2,
    ),
    // Lists below a parent that is not there: it is looked for once.
    (
        "{ a: account(id: \"ACC-9999-0001\") { users(first: 2) { nodes { id } } } \
         b: account(id: \"ACC-9999-0001\") { accountUsers(first: 3) { nodes { id } } } }",
        4,
    ),
    // What a route of its own tells.
    ("{ a: user(id: \"USR-1671-0642\") { sso } b: nodes(ids: [\"USR-1671-0642\"]) { ... on User { sso } } }", 2),
    // Searches and lists of Wavefront.
    (
        "{ a: wavefrontAccounts(first: 3) { totalCount nodes { id } } b: wavefrontAccounts(first: 3) { nodes { id } } }",
        2,
    ),
    (
        "{ wavefrontUserGroups(first: 3) { nodes { id users { nodes { id } } roles { nodes { linkedGroups { nodes { id } } } } } } }",
        3,
    ),
];

#[tokio::test]
async fn two_selections_that_ask_the_same_are_one_request() {
    for single_flight in [true, false] {
        let options = Options { scale: SMALL, ..Options::default() };
        let kit = kit_calling(options, limits(), |settings| Settings { single_flight, ..settings }).await;
        for (query, count) in DOCUMENTS {
            let (answer, lines) = asks(&kit, query).await;
            assert_eq!(answer.get("errors"), None, "{query}: {answer}");
            assert_eq!(lines.len(), count, "{single_flight} {query}: {lines:#?}");
            let told = kit.explain(&json!({ "query": query }), "1").await;
            let explain = &told["extensions"]["explain"];
            let [least, real, most] = ["/bounds/leastRequests", "/totals/requests", "/bounds/requests"]
                .map(|of| explain.pointer(of).and_then(Value::as_u64));
            assert!(least <= real && real <= most, "{query}: {least:?} {real:?} {most:?}");
            kit.sandbox.clear_requests();
        }
    }
}

#[tokio::test]
async fn no_operation_asks_the_same_twice_on_any_host() {
    for (generation, routes) in MODES {
        let options = Options { scale: SMALL, generation, ..Options::default() };
        let alone = |settings| Settings { single_flight: false, ..settings };
        let kit = kit_speaking(options, limits(), alone, routes, &Clock::default()).await;
        kit.learn().await;
        for query in QUERIES.iter().filter(|query| query.starts_with('{')) {
            asks(&kit, query).await;
            // Everything once more, with something else that the gateway has to know of it.
            let counted = query.replace("{ nodes {", "{ totalCount pageInfo { hasNextPage } nodes {");
            let field = query.trim_start_matches(['{', ' ', '\n']);
            let again = counted.trim_start_matches(['{', ' ', '\n']).trim_end().trim_end_matches('}');
            asks(&kit, &format!("{{ again: {again} {field}")).await;
        }
    }
}

#[tokio::test]
async fn a_read_that_failed_is_not_sent_again_by_another_selection() {
    let options = Options { scale: SMALL, ..Options::default() };
    let kit = kit_calling(options, limits(), |settings| Settings { single_flight: false, ..settings }).await;
    kit.faults(vec![Fault { status: Some(500), path: Some("/accounts/users".to_owned()), ..Fault::default() }]);
    let query = "{ a: users(first: 1) { totalCount } b: users(first: 2) { totalCount } }";
    let (answer, lines) = asks(&kit, query).await;
    let errors: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(errors, [&json!(["a"]), &json!(["b"])], "{answer}");
    assert_eq!(lines.len(), 1, "{lines:#?}");
    // In the next operation it is.
    kit.faults(vec![]);
    let (answer, lines) = asks(&kit, query).await;
    assert_eq!((answer.get("errors"), lines.len()), (None, 1), "{answer}");
}

#[tokio::test]
async fn a_write_forgets_what_was_read() {
    let options = Options { scale: SMALL, ..Options::default() };
    let kit = kit_calling(options, limits(), |settings| Settings { single_flight: false, ..settings }).await;
    let group = "group { name accountUsers(first: 2) { nodes { user { email } } } }";
    let change = |alias: &str, name: &str| {
        format!("{alias}: updateGroup(input: {{ id: \"UGR-5116-6265\", name: \"{name}\" }}) {{ {group} }}")
    };
    let query = format!("mutation {{ {} {} }}", change("a", "First"), change("b", "Second"));
    let (answer, count) = counted(&kit, &query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let names = ["a", "b"].map(|alias| &answer["data"][alias]["group"]["name"]);
    assert_eq!(names, [&json!("First"), &json!("Second")], "{answer}");
    let requests = kit.requests();
    assert_eq!(requests.len(), count);
    let reads: Vec<&String> = requests.iter().filter(|line| line.starts_with("GET")).collect();
    assert!(!reads.is_empty() && reads.len().is_multiple_of(2), "{requests:#?}");
    assert!(reads.chunks(2).all(|pair| pair[0] == pair[1]), "each is read after each of the writes: {requests:#?}");
}

#[tokio::test]
async fn an_explanation_has_one_request_with_all_that_wait_for_it() {
    let options = Options { scale: SMALL, ..Options::default() };
    let kit = kit_calling(options, limits(), |settings| Settings { single_flight: false, ..settings }).await;
    let query = "{ a: users(first: 1) { totalCount } b: users(first: 2) { totalCount } }";
    let told = kit.explain(&json!({ "query": query }), "1").await;
    let explain = &told["extensions"]["explain"];
    assert_eq!((&explain["totals"]["requests"], &explain["totals"]["rows"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(explain["requests"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(explain["requests"][0]["fields"], json!([["a"], ["b"]]), "{told}");
}
