//! How long mutations may take: a write has a time of its own, and what comes too late is not sent.

use crate::support::{Kit, SMALL, kit_calling, limits};
use accounts_graph::{graph::engine::Limits, upstream::client::Settings};
use accounts_graph_sandbox::{BodyFault, Fault, OPERATIONS_TOKEN, Options};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const USER: &str = "USR-1671-0642";

/// How long things may take, in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    /// A query, or what a mutation reads.
    operation: u64,
    /// A write.
    write: u64,
    /// The beginning of the last mutation of a request.
    request: u64,
}

const USUAL: Times = Times { operation: 1_000, write: 5_000, request: 300_000 };

async fn world(times: Times) -> Kit {
    let time = Duration::from_millis;
    let limits = Limits { operation_timeout: time(times.operation), request_timeout: time(times.request), ..limits() };
    kit_calling(Options { scale: SMALL, ..Options::default() }, limits, |settings| Settings {
        write_timeout: time(times.write),
        ..settings
    })
    .await
}

fn slow(method: &str, path: &str, latency: u64) -> Fault {
    let (method, path) = (Some(method.to_owned()), Some(path.to_owned()));
    Fault { method, path, latency_ms: Some(latency), ..Fault::default() }
}

/// A mutation of the user's first name, with a response key of its own.
fn rename(key: &str, name: &str) -> String {
    format!(
        "{key}: updateUser(input: {{ id: \"{USER}\", firstName: \"{name}\" }}) {{ user {{ firstName }} userErrors {{ code }} }}"
    )
}

async fn send(kit: &Kit, query: &str) -> Value {
    kit.send(&json!({ "query": query }), Some(OPERATIONS_TOKEN)).await
}

/// The writes that reached the upstream since the last call.
fn writes(kit: &Kit) -> Vec<String> {
    kit.requests().into_iter().filter(|line| !line.starts_with("GET ")).collect()
}

fn error(message: &str, column: usize, path: &Value, code: &str) -> Value {
    json!({ "message": message, "locations": [{ "line": 1, "column": column }], "path": path,
        "extensions": { "code": code } })
}

#[tokio::test]
async fn a_write_may_take_longer_than_a_query() {
    let kit = world(USUAL).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 1_500), slow("GET", "/accounts/users", 1_500)]);
    let answer = send(&kit, &format!("mutation {{ {} }}", rename("a", "Ada"))).await;
    assert_eq!(answer, json!({ "data": { "a": { "user": { "firstName": "Ada" }, "userErrors": [] } } }));
    assert_eq!(kit.requests(), [format!("PUT /accounts/users/{USER}")]);
    let answer = send(&kit, &format!("{{ user(id: \"{USER}\") {{ firstName }} }}")).await;
    let late = error("The operation took longer than it may.", 3, &json!(["user"]), "TIMEOUT");
    assert_eq!(answer, json!({ "errors": [late], "data": { "user": null } }));
}

#[tokio::test]
async fn a_write_that_takes_longer_than_it_may_was_sent_and_its_outcome_is_not_known() {
    let kit = world(Times { write: 300, ..USUAL }).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 5_000)]);
    let begun = Instant::now();
    let answer = send(&kit, &format!("mutation {{ {} }}", rename("a", "Ada"))).await;
    assert!(begun.elapsed() >= Duration::from_millis(300) && begun.elapsed() < Duration::from_secs(4));
    let message = "The accounts API did not answer in time: whether the change was made is not known. It was sent once";
    let lost = error(message, 12, &json!(["a"]), "OUTCOME_UNKNOWN");
    assert_eq!(answer, json!({ "errors": [lost], "data": { "a": null } }));
    assert_eq!(writes(&kit), [format!("PUT /accounts/users/{USER}")]);
}

#[tokio::test]
async fn what_a_payload_reads_has_the_time_of_a_query_after_a_slow_write() {
    let kit = world(USUAL).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 1_500), slow("GET", "/accounts/", 200)]);
    let query = format!(
        "mutation {{ updateUser(input: {{ id: \"{USER}\", firstName: \"Ada\" }}) {{ user {{ firstName currentAccount {{ id website }} }} }} }}"
    );
    let answer = send(&kit, &query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let user = &answer["data"]["updateUser"]["user"];
    assert_eq!((&user["firstName"], user["currentAccount"]["website"].is_string()), (&json!("Ada"), true), "{answer}");
}

#[tokio::test]
async fn what_a_payload_reads_too_late_is_an_error_at_its_place_and_the_change_is_shown() {
    let kit = world(Times { operation: 500, write: 1_000, ..USUAL }).await;
    let hang = Fault { body: Some(BodyFault::Hang), ..slow("GET", "/accounts/accounts", 0) };
    kit.faults(vec![hang]);
    let query = format!(
        "mutation {{ updateUser(input: {{ id: \"{USER}\", firstName: \"Ada\" }}) {{ user {{ firstName currentAccount {{ id website }} }} }} }}"
    );
    let answer = send(&kit, &query).await;
    let path = json!(["updateUser", "user", "currentAccount", "website"]);
    let column = query.find("website").expect("a website") + 1;
    let late = error("The operation took longer than it may.", column, &path, "TIMEOUT");
    let user = json!({ "firstName": "Ada", "currentAccount": { "id": "ACC-1671-0642", "website": null } });
    assert_eq!(answer, json!({ "errors": [late], "data": { "updateUser": { "user": user } } }));
    assert_eq!(writes(&kit), [format!("PUT /accounts/users/{USER}")]);
}

#[tokio::test]
async fn several_mutations_have_the_sum_of_their_times() {
    let kit = world(Times { operation: 500, write: 1_800, ..USUAL }).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 1_200)]);
    let fields: Vec<String> = ["a", "b", "c"].iter().map(|key| rename(key, key)).collect();
    let answer = send(&kit, &format!("mutation {{ {} }}", fields.join(" "))).await;
    let done = |name: &str| json!({ "user": { "firstName": name }, "userErrors": [] });
    assert_eq!(answer, json!({ "data": { "a": done("a"), "b": done("b"), "c": done("c") } }));
    assert_eq!(writes(&kit).len(), 3);
}

#[tokio::test]
async fn a_mutation_that_has_not_begun_in_time_is_not_sent() {
    let kit = world(Times { request: 1_500, ..USUAL }).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 1_000)]);
    let fields: Vec<String> = ["a", "b", "c", "d"].iter().map(|key| rename(key, key)).collect();
    let query = format!("mutation {{ {} }}", fields.join(" "));
    let answer = send(&kit, &query).await;
    let done = |name: &str| json!({ "user": { "firstName": name }, "userErrors": [] });
    let late = |key: &str| {
        let message = "The request took longer than it may before this began: the change was not sent.";
        let column = query.find(&format!(" {key}: ")).expect("a field") + 2;
        error(message, column, &json!([key]), "TIMEOUT")
    };
    // The second began in time, and is brought to its end.
    let data = json!({ "a": done("a"), "b": done("b"), "c": null, "d": null });
    assert_eq!(answer, json!({ "errors": [late("c"), late("d")], "data": data }));
    assert_eq!(writes(&kit).len(), 2);
    kit.faults(vec![]);
    let answer = send(&kit, &format!("{{ user(id: \"{USER}\") {{ firstName }} }}")).await;
    assert_eq!(answer, json!({ "data": { "user": { "firstName": "b" } } }));
}

#[tokio::test]
async fn a_mutation_whose_questions_take_too_long_is_not_sent() {
    let kit = world(Times { operation: 300, ..USUAL }).await;
    kit.faults(vec![slow("GET", "/accounts/users", 2_000)]);
    let query = format!(
        "mutation {{ updateUser(input: {{ id: \"{USER}\", firstName: \"Ada\", ifRevision: 1 }}) {{ user {{ firstName }} }} }}"
    );
    let answer = send(&kit, &query).await;
    let late = error("The operation took longer than it may.", 12, &json!(["updateUser"]), "TIMEOUT");
    assert_eq!(answer, json!({ "errors": [late], "data": { "updateUser": null } }));
    assert_eq!(writes(&kit), [""; 0]);
}

#[tokio::test]
async fn a_write_that_does_not_get_its_turn_in_time_is_not_sent() {
    let time = Duration::from_millis;
    let limits = Limits { operation_timeout: time(600), ..limits() };
    let options = Options { scale: SMALL, ..Options::default() };
    let one = |settings| Settings { connections: 1, write_timeout: time(5_000), ..settings };
    let kit = kit_calling(options, limits, one).await;
    kit.faults(vec![slow("PUT", "/accounts/users", 2_500)]);
    let first = format!("mutation {{ {} }}", rename("a", "Ada"));
    let first = send(&kit, &first);
    let second = async {
        tokio::time::sleep(time(400)).await;
        send(&kit, &format!("mutation {{ {} }}", rename("b", "Bea"))).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, json!({ "data": { "a": { "user": { "firstName": "Ada" }, "userErrors": [] } } }));
    let late = error("The accounts API was not asked: there was no time left", 12, &json!(["b"]), "TIMEOUT");
    assert_eq!(second, json!({ "errors": [late], "data": { "b": null } }));
    assert_eq!(writes(&kit), [format!("PUT /accounts/users/{USER}")]);
}
