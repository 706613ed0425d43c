//! Documents that are asked for without their text.

use crate::support::{config, gateway_told, kit, settings};
use accounts_graph::program;
use reqwest::Client;
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, path::PathBuf};
use tokio::task::JoinHandle;

/// SHA-256 of `{ __typename }`.
const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

struct Gateway {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A gateway whose upstream is never asked.
async fn gateway(flags: &[&str]) -> Gateway {
    let limits = program::limits(&config(flags));
    let (address, server) = gateway_told(settings("http://127.0.0.1:9"), limits, flags).await;
    Gateway { address, server }
}

impl Gateway {
    async fn post(&self, body: &Value) -> (u16, Value) {
        let response =
            Client::new().post(format!("http://{}/graphql", self.address)).json(body).send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    async fn get(&self, parameters: &[(&str, &str)]) -> (u16, Value) {
        let request = Client::new().get(format!("http://{}/graphql", self.address)).query(parameters);
        let response = request.header("accept", "application/graphql-response+json").send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }
}

fn refused(code: &str, message: &str) -> Value {
    json!({ "errors": [{ "message": message, "extensions": { "code": code } }] })
}

fn answered() -> Value {
    json!({ "data": { "__typename": "Query" } })
}

fn by_hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn manifest(name: &str, content: &Value) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content.to_string()).expect("the file is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

#[tokio::test]
async fn a_query_is_kept_with_its_hash_and_then_asked_for_by_it() {
    let gateway = gateway(&[]).await;
    let not_found = refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
    assert_eq!(gateway.post(&json!({ "extensions": by_hash(HASH) })).await, (200, not_found.clone()));
    let extensions = by_hash(HASH).to_string();
    assert_eq!(gateway.get(&[("extensions", &extensions)]).await, (200, not_found));
    let full = json!({ "query": "{ __typename }", "extensions": by_hash(HASH) });
    for _ in 0..2 {
        assert_eq!(gateway.post(&full).await, (200, answered()));
    }
    assert_eq!(gateway.post(&json!({ "extensions": by_hash(HASH) })).await, (200, answered()));
    assert_eq!(gateway.get(&[("extensions", &extensions)]).await, (200, answered()));
}

#[tokio::test]
async fn a_hash_that_is_not_of_the_query_keeps_nothing() {
    let gateway = gateway(&[]).await;
    let message = "The hash is not the SHA-256 of the query, in hexadecimal.";
    for hash in [&HASH.replace('7', "8"), "", "x", &HASH[1..], &"é".repeat(32)] {
        let body = json!({ "query": "{ __typename }", "extensions": by_hash(hash) });
        assert_eq!(gateway.post(&body).await, (200, refused("PERSISTED_QUERY_HASH_MISMATCH", message)), "{hash}");
    }
    // Nor does it replace what is kept.
    assert_eq!(gateway.post(&json!({ "query": "{ __typename }", "extensions": by_hash(HASH) })).await.1, answered());
    let other = json!({ "query": "{ a: __typename }", "extensions": by_hash(HASH) });
    assert_eq!(gateway.post(&other).await, (200, refused("PERSISTED_QUERY_HASH_MISMATCH", message)));
    assert_eq!(gateway.post(&json!({ "extensions": by_hash(HASH) })).await, (200, answered()));
    let version = json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": HASH } } });
    let message = "Only version 1 of persisted queries is supported.";
    assert_eq!(gateway.post(&version).await, (200, refused("PERSISTED_QUERY_NOT_SUPPORTED", message)));
}

/// The manifest of `generate-persisted-query-manifest`.
fn apollo() -> Value {
    json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        { "id": HASH, "name": "T", "type": "query", "body": "{ __typename }" },
        { "id": "named", "name": "N", "type": "query", "body": "query N($n: String!) { __type(name: $n) { name } }" }
    ] })
}

#[tokio::test]
async fn trusted_documents_are_asked_for_by_id_beside_others() {
    let plain = json!({ HASH: "{ __typename }", "named": "query N($n: String!) { __type(name: $n) { name } }" });
    for (name, content) in [("apollo.json", apollo()), ("codegen.json", plain)] {
        let gateway = gateway(&["--trusted-documents", &manifest(name, &content)]).await;
        assert_eq!(gateway.post(&json!({ "documentId": HASH })).await, (200, answered()));
        assert_eq!(gateway.post(&json!({ "extensions": by_hash(HASH) })).await, (200, answered()));
        let asked = gateway.get(&[("documentId", "named"), ("variables", r#"{"n":"User"}"#)]).await;
        assert_eq!(asked, (200, json!({ "data": { "__type": { "name": "User" } } })));
        let unknown = refused("DOCUMENT_NOT_TRUSTED", "No trusted document has this id.");
        assert_eq!(gateway.get(&[("documentId", "x")]).await, (400, unknown));
        assert_eq!(gateway.post(&json!({ "query": "{ a: __typename }" })).await.1, json!({ "data": { "a": "Query" } }));
    }
}

#[tokio::test]
async fn only_trusted_documents_are_run_where_that_is_asked_for() {
    let path = manifest("only.json", &apollo());
    let gateway = gateway(&["--trusted-documents", &path, "--trusted-documents-only", "--max-batch", "2"]).await;
    assert_eq!(gateway.post(&json!({ "documentId": HASH })).await, (200, answered()));
    assert_eq!(gateway.post(&json!({ "query": "{ __typename }" })).await, (200, answered()));
    let message = "Only trusted documents are run on this server, and this is none of them.";
    let other = refused("DOCUMENT_NOT_TRUSTED", message);
    assert_eq!(gateway.post(&json!({ "query": "{ a: __typename }" })).await, (200, other.clone()));
    assert_eq!(gateway.get(&[("query", "{ a: __typename }")]).await, (400, other.clone()));
    let hash = "e5d1c9d4e1f3d4f0a9e0d9c7f5b3a1e2d4c6b8a0f1e3d5c7b9a1f3e5d7c9b1a3";
    let unknown = refused("DOCUMENT_NOT_TRUSTED", "No trusted document has this id.");
    assert_eq!(gateway.post(&json!({ "extensions": by_hash(hash) })).await, (200, unknown));
    let batch = json!([{ "query": "{ a: __typename }" }, { "query": "{ __typename }" }]);
    assert_eq!(gateway.post(&batch).await, (200, json!([other, answered()])));
}

#[tokio::test]
async fn a_manifest_that_is_none_is_refused_at_the_start() {
    let path = |content: &str| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-manifest.json");
        fs::write(&path, content).expect("the file is written");
        path.to_str().expect("a path of UTF-8").to_owned()
    };
    for (content, why) in [
        ("{", "it is not JSON at line 1, column 1"),
        ("[]", "it is neither Apollo's manifest nor an object of texts by id"),
        (r#"{"a":1}"#, "it is neither Apollo's manifest nor an object of texts by id"),
        (
            r#"{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}"#,
            "it is not an apollo-persisted-query-manifest of version 1",
        ),
        (
            r#"{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"b"},{"id":"a","body":"c"}]}"#,
            "it has two documents with the id \"a\"",
        ),
    ] {
        let path = path(content);
        let refused = program::http_settings(&config(&["--trusted-documents", &path])).err().expect("refused");
        assert_eq!(refused.to_string(), format!("--trusted-documents: {path}: {why}"));
    }
}

#[tokio::test]
async fn a_kept_query_is_no_way_around_the_limits() {
    let kit = kit().await;
    let long = format!("{{ __typename }} # {}", "x".repeat(200 * 1024));
    let answer = kit.send(&json!({ "query": long, "extensions": by_hash(HASH) }), None).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_HASH_MISMATCH");
}
