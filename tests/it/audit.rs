//! GraphQL over HTTP as others see it: the audits of `graphql-http` and the clients that persist their queries.

use crate::{npm, process::start, support::kit};
use serde_json::{Value, json};

/// How many audits version 1.23 of the package has; fewer would mean that some were not run.
const AUDITS: usize = 61;

#[test]
fn every_audit_of_graphql_over_http_passes() {
    let program = start(&[]);
    let printed = npm::run("audit.mjs", &[program.said("endpoint")]);
    let audits: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let failed: Vec<_> = audits.iter().filter(|audit| audit["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(audits.len(), AUDITS);
}

/// What a client that persists its queries makes of one, twice.
async fn persisted(client: &str, method: &str) {
    let kit = kit().await;
    let url = format!("http://{}/graphql", kit.address);
    let query = format!("query {client}{method} {{ __typename }}");
    for known in [false, true] {
        let arguments = [client.to_owned(), url.clone(), query.clone(), method.to_owned()];
        let run =
            tokio::task::spawn_blocking(move || npm::run("persisted.mjs", &arguments.each_ref().map(String::as_str)));
        let printed: Value = serde_json::from_str(&run.await.expect("no panic")).expect("JSON");
        assert_eq!(printed["data"], json!({ "__typename": "Query" }), "{printed}");
        let requests = printed["requests"].as_array().expect("a list");
        // The first time the digest alone means nothing, and the text follows; from then on the digest is enough.
        let texts: Vec<_> = requests.iter().map(|request| request["withText"].as_bool().expect("a Boolean")).collect();
        assert_eq!(texts, if known { vec![false] } else { vec![false, true] }, "{client} {method}: {printed}");
        assert_eq!(requests[0]["method"], method, "{printed}");
        assert!(requests.iter().all(|request| request["status"] == 200), "{printed}");
        assert!(requests.iter().all(|request| request["caching"] == "private, no-store"), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn apollo_client_persists_its_queries() {
    persisted("apollo", "GET").await;
    persisted("apollo", "POST").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urql_persists_its_queries() {
    persisted("urql", "GET").await;
    persisted("urql", "POST").await;
}
