//! Documents that are asked for without their text.

use crate::support::{Idle, config, idle, kit};
use accounts_graph::program;
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf};

/// SHA-256 of `{ __typename }`.
const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

impl Idle {
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

/// The hash of a text, as clients send it.
pub fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

pub fn by_hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn manifest(name: &str, content: &Value) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content.to_string()).expect("the file is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

#[tokio::test]
async fn a_query_is_kept_with_its_hash_and_then_asked_for_by_it() {
    let gateway = idle(&[]).await;
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
    let gateway = idle(&[]).await;
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
        let gateway = idle(&["--trusted-documents", &manifest(name, &content)]).await;
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
    let gateway = idle(&["--trusted-documents", &path, "--trusted-documents-only", "--max-batch", "2"]).await;
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

// ---- secrets ----

/// Documents, the operation to plan, and whether they may be kept.
fn documents() -> Vec<(String, Option<&'static str>, bool)> {
    let set = |password: &str| {
        let input = format!("{{ id: $u, password: {password}, currentPassword: $c }}");
        format!("setUserPassword(input: {input}) {{ user {{ id }} }}")
    };
    let bare = |password: &str| {
        let input = format!("{{ id: 1, password: {password}, currentPassword: a }}");
        format!("mutation {{ setUserPassword(input: {input}) {{ user {{ id }} }} }}")
    };
    let read = "query Read { users(first: 1) { totalCount } }";
    let variables = "mutation Write($u: ID!, $c: String!, $p: String!)";
    vec![
        (format!("mutation($u: ID!, $c: String!) {{ {} }}", set("\"hunter2\"")), None, false),
        (format!("mutation($u: ID!, $c: String!) {{ {} }}", set("\"\"\"hunter2\"\"\"")), None, false),
        (format!("mutation($u: ID!, $c: String!) {{ {} }}", set("\"\\u0068unter2\"")), None, false),
        (format!("mutation($u: ID!, $c: String!, $p: String! = \"hunter2\") {{ {} }}", set("$p")), None, false),
        (
            "mutation($input: SetUserPasswordInput! = { id: \"USR-1\", password: \"hunter2\", currentPassword: \"x\" }) \
             { setUserPassword(input: $input) { user { id } } }"
                .to_owned(),
            None,
            false,
        ),
        (
            format!("mutation($u: ID!, $c: String!) {{ ...F }} fragment F on Mutation {{ {} }}", set("\"hunter2\"")),
            None,
            false,
        ),
        (format!("{read} mutation Write($u: ID!, $c: String!) {{ {} }}", set("\"hunter2\"")), Some("Read"), false),
        (format!("{read} {variables} {{ {} }} # \"hunter2\"", set("$p")), Some("Read"), false),
        // Not valid: a secret need not be a text then.
        (bare("hunter2"), None, false),
        (bare("1234"), None, false),
        (format!("mutation($u: ID = 1, $c: String! = A) {{ {} }}", set("$p")), None, false),
        ("{ users(first: hunter2) { totalCount } }".to_owned(), None, false),
        ("{ users(first: 1) { totalCount } } hunter2".to_owned(), None, false),
        ("mutation { setUserPassword(input: { password: \"hunter2\" ".to_owned(), None, false),
        // What takes no secret.
        (read.to_owned(), Some("Read"), true),
        ("{ user(id: \"USR-1671-0642\") { name } }".to_owned(), None, true),
        (
            "query($name: String = \"A\") { users(filter: { name: { eq: $name } }) { totalCount } }".to_owned(),
            None,
            true,
        ),
        (format!("{read} {variables} {{ {} }}", set("$p")), Some("Read"), true),
        (format!("{variables} {{ {} }}", set("$p")), None, true),
    ]
}

#[tokio::test]
async fn what_may_hold_a_secret_is_run_and_kept_in_no_cache() {
    let kit = kit().await;
    let http = Client::new();
    let plan = async |body: Value| {
        let request = http.post(format!("http://{}/graphql/plan", kit.address)).json(&body);
        request.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let values = json!({ "u": "USR-1671-0642", "c": "x", "p": "hunter2" });
    for (document, operation, kept) in documents() {
        let hash = by_hash(&sha256(&document));
        let body = json!({ "query": document, "operationName": operation, "extensions": hash, "variables": values });
        let by_hash = json!({ "operationName": operation, "extensions": hash, "variables": values });
        let first = plan(body.clone()).await;
        assert_ne!(code(&first), "PERSISTED_QUERY_NOT_FOUND", "{document}");
        if kept || first.get("errors").is_none() {
            assert_eq!(first["extensions"]["explain"]["document"]["cached"], false, "{document}: {first}");
        }
        let again = plan(by_hash).await;
        if kept {
            assert_eq!(again["extensions"]["explain"]["document"]["cached"], true, "{document}: {again}");
        } else {
            assert_eq!(code(&again), "PERSISTED_QUERY_NOT_FOUND", "{document}: {again}");
            // Neither is it found by its text.
            let again = plan(body).await;
            assert_ne!(again["extensions"]["explain"]["document"]["cached"], true, "{document}: {again}");
        }
    }
}

/// The rule is that of what is run, too, by whatever way it comes.
#[tokio::test]
async fn a_password_cannot_be_guessed_by_the_hash_of_a_document() {
    let kit = kit().await;
    let text = |password: &str| {
        let input = format!("{{ id: \"USR-1671-0642\", password: \"{password}\", currentPassword: \"x\" }}");
        format!("mutation {{ setUserPassword(input: {input}) {{ userErrors {{ code }} }} }}")
    };
    let secret = text("hunter2");
    let hash = by_hash(&sha256(&secret));
    let answer = kit.send(&json!({ "query": secret, "extensions": hash }), None).await;
    assert!(answer["data"].get("setUserPassword").is_some(), "{answer}");
    for guess in ["hunter2", "hunter3"] {
        let answer = kit.send(&json!({ "extensions": by_hash(&sha256(&text(guess))) }), None).await;
        assert_eq!(answer, refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"), "{guess}");
    }
}

/// Queries are kept with their texts, since no argument of theirs takes a secret; and what takes one is a text.
#[test]
fn only_inputs_of_mutations_take_secrets_and_all_of_them_are_texts() {
    use crate::schema_rules::parsed;
    use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
    let text = fs::read_to_string("schema.graphql").expect("the schema");
    let document = parsed(&text);
    let types: std::collections::HashMap<String, TypeKind> = document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node.kind)),
            _ => None,
        })
        .collect();
    let named = |ty: &async_graphql::parser::types::Type| {
        let mut base = &ty.base;
        loop {
            match base {
                BaseType::Named(name) => return name.to_string(),
                BaseType::List(inner) => base = &inner.base,
            }
        }
    };
    // Names and types of all inputs, from the arguments of some types on.
    let inputs = |of: &dyn Fn(&str) -> bool| {
        let mut found = std::collections::BTreeSet::new();
        let mut ahead: Vec<(String, String)> = vec![];
        for (name, kind) in &types {
            let fields = match kind {
                TypeKind::Object(object) if of(name) => &object.fields,
                TypeKind::Interface(interface) if of(name) => &interface.fields,
                _ => continue,
            };
            let arguments = fields.iter().flat_map(|field| &field.node.arguments);
            ahead.extend(arguments.map(|input| (input.node.name.node.to_string(), named(&input.node.ty.node))));
        }
        while let Some(input) = ahead.pop() {
            if let (true, Some(TypeKind::InputObject(object))) = (found.insert(input.clone()), types.get(&input.1)) {
                ahead.extend(
                    object.fields.iter().map(|field| (field.node.name.node.to_string(), named(&field.node.ty.node))),
                );
            }
        }
        let secret = |(name, _): &(String, String)| {
            let name = name.to_lowercase();
            ["password", "secret", "credential", "token"].iter().any(|word| name.contains(word))
        };
        found.into_iter().filter(secret).collect::<Vec<_>>()
    };
    let texts = |name: &str| (name.to_owned(), "String".to_owned());
    assert_eq!(inputs(&|ty| ty == "Mutation"), [texts("currentPassword"), texts("password")]);
    assert_eq!(inputs(&|ty| ty != "Mutation"), []);
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
