//! A plan never writes: whatever the headers say, wherever explanations are allowed or not, and by whatever path it came.

use super::{
    every::{cases, member_of_groups},
    upstream::{Scripted, TOKEN, list, told},
};
use crate::{
    documents::by_hash,
    support::{config, kit},
};
use accounts_graph::upstream::marketplace::membership::{Family, MembershipRoutes};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Header lines of `x-explain` that ask for a plan.
const PLAN: [&[&str]; 6] =
    [&["plan"], &["1", "plan"], &["plan", "1"], &["1, plan"], &["plan,1"], &["1", "1,\tplan ,1"]];

/// Header lines that have a value that means nothing.
const UNKNOWN: [&[&str]; 10] = [
    &["Plan"],
    &["plan;q=1"],
    &["plan, x"],
    &["x", "plan"],
    &["plan", "x"],
    &[""],
    &["0"],
    &["1,"],
    &["true"],
    &["\"plan\""],
];

/// A gateway over an upstream that does all that is written.
async fn gateway(flags: &[&str]) -> Scripted {
    let answers: BTreeMap<&str, (u16, String)> = cases().iter().map(|case| (case.request, case.done())).collect();
    let answer = move |line: &str| match answers.get(line) {
        Some(done) => done.clone(),
        None if line.starts_with("GET /accounts/ACC-1/users?") => list(&json!([member_of_groups()])),
        None => (200, json!({ "id": "BUY-1", "name": "N", "address": { "city": "Zug" } }).to_string()),
    };
    told(flags, MembershipRoutes::Only(Family::Accounts), answer).await
}

/// A file with a token.
fn token_file() -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plans-token");
    fs::write(&path, TOKEN).expect("the file is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

/// The flags of each way in which explanations are allowed or not, and whether they are.
fn ways() -> Vec<(Vec<String>, bool)> {
    let owned = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>();
    let public = ["--listen", "0.0.0.0:80", "--upstream", "http://upstream.example"];
    vec![
        (owned(&[]), true),
        (owned(&[&public[..], &["--explain", "always"]].concat()), true),
        (owned(&["--explain", "never"]), false),
        (owned(&["--service-token", &format!("file:{}", token_file())]), false),
        (owned(&public), false),
    ]
}

fn lines(request: RequestBuilder, lines: &[&str]) -> RequestBuilder {
    lines.iter().fold(request, |request, line| request.header("x-explain", *line))
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.bearer_auth(TOKEN).send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

fn disabled() -> (StatusCode, Value) {
    let message = "This server does not explain operations, so it plans none, and nothing was run.";
    let error = json!({ "errors": [{ "message": message, "extensions": { "code": "EXPLAIN_DISABLED" } }] });
    (StatusCode::FORBIDDEN, error)
}

fn unknown() -> (StatusCode, Value) {
    let message = "The header x-explain must be 1 or plan.";
    let error = json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] });
    (StatusCode::BAD_REQUEST, error)
}

/// Checks that an answer is a plan, and nothing else.
fn is_plan(answer: &Value, what: &str) {
    assert_eq!(answer["data"], Value::Null, "{what}: {answer}");
    assert_eq!(answer.get("errors"), None, "{what}: {answer}");
    let explain = &answer["extensions"]["explain"];
    assert_eq!((&explain["mode"], &explain["totals"]), (&json!("plan"), &Value::Null), "{what}: {answer}");
    assert!(!explain["requests"].as_array().expect("requests").is_empty(), "{what}: {answer}");
}

#[tokio::test]
async fn no_mutation_is_run_where_a_plan_is_asked_for() {
    let http = Client::new();
    for (flags, allowed) in ways() {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let kit = gateway(&flags).await;
        for case in cases() {
            let body = json!({ "query": case.document(), "variables": case.input_variables() });
            for (path, forms) in [("/graphql", &PLAN[..]), ("/graphql/plan", &PLAN), ("/graphql/plan", &[&[], &["1"]])]
            {
                for form in forms {
                    let what = format!("{} {path} {form:?} {flags:?}", case.name);
                    let (status, told) = answer(lines(http.post(kit.url(path)).json(&body), form)).await;
                    if allowed {
                        assert_eq!(status, StatusCode::OK, "{what}");
                        is_plan(&told, &what);
                    } else {
                        assert_eq!((status, told), disabled(), "{what}");
                    }
                }
            }
            assert_eq!(kit.requests(), <[String; 0]>::default(), "{} {flags:?}", case.name);
        }
    }
}

#[tokio::test]
async fn what_is_not_asked_to_be_planned_is_run() {
    let http = Client::new();
    for flags in [&[][..], &["--explain", "never"]] {
        let kit = gateway(flags).await;
        for case in cases() {
            let body = json!({ "query": case.document(), "variables": case.input_variables() });
            for form in [&[][..], &["1"], &["1", "1"], &["1,1"]] {
                let (status, told) = answer(lines(http.post(kit.url("/graphql")).json(&body), form)).await;
                assert_eq!((status, told.get("errors")), (StatusCode::OK, None), "{} {form:?}", case.name);
                assert!(kit.requests().contains(&case.request.to_owned()), "{} {form:?}", case.name);
            }
        }
    }
}

#[tokio::test]
async fn a_value_that_means_nothing_is_refused_whatever_stands_beside_it() {
    let http = Client::new();
    let case = &cases()[0];
    let body = json!({ "query": case.document(), "variables": case.input_variables() });
    for (flags, _) in ways() {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let kit = gateway(&flags).await;
        for path in ["/graphql", "/graphql/plan"] {
            for form in UNKNOWN {
                let told = answer(lines(http.post(kit.url(path)).json(&body), form)).await;
                assert_eq!(told, unknown(), "{path} {form:?} {flags:?}");
            }
        }
        assert_eq!(kit.requests(), <[String; 0]>::default());
    }
}

#[tokio::test]
async fn reads_are_not_sent_either_and_get_plans_what_it_may_run() {
    let http = Client::new();
    let query = "{ user(id: \"USR-1\") { name } }";
    for (flags, allowed) in ways() {
        let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        flags.extend(["--allowed-hosts", "127.0.0.1"]);
        let kit = gateway(&flags).await;
        for form in PLAN {
            let by_get = http.get(kit.url("/graphql")).query(&[("query", query)]).header("x-requested-with", "a test");
            let by_post = http.post(kit.url("/graphql")).json(&json!({ "query": query }));
            for request in [by_get, by_post] {
                let (status, told) = answer(lines(request, form)).await;
                if allowed {
                    is_plan(&told, query);
                } else {
                    assert_eq!((status, told), disabled());
                }
            }
            let by_get = http.get(kit.url("/graphql")).query(&[("query", &cases()[0].document())]);
            let (status, _) = answer(lines(by_get.header("x-requested-with", "a test"), form)).await;
            let expected = if allowed { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::FORBIDDEN };
            assert_eq!(status, expected);
        }
        assert_eq!(kit.requests(), <[String; 0]>::default());
    }
}

#[tokio::test]
async fn the_path_of_plans_takes_post_alone() {
    let kit = gateway(&[]).await;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let query = [("query", "{ user(id: \"USR-1\") { name } }")];
        let request = Client::new().request(method.clone(), kit.url("/graphql/plan")).query(&query);
        let response = request.send().await.expect("an answer");
        assert_eq!(
            (response.status(), &response.headers()["allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().expect("a value"))
        );
        if method != Method::HEAD {
            let message = "Plans are asked for by POST.";
            let expected =
                json!({ "errors": [{ "message": message, "extensions": { "code": "METHOD_NOT_ALLOWED" } }] });
            assert_eq!(response.json::<Value>().await.expect("JSON"), expected, "{method}");
        }
    }
    assert_eq!(kit.requests(), <[String; 0]>::default());
}

/// What is refused at the endpoint is refused at the path of plans, in the same words.
#[tokio::test]
async fn the_path_of_plans_has_the_limits_and_gates_of_the_endpoint() {
    let callers = token_file();
    let service = format!("file:{callers}");
    let strict =
        ["--explain", "always", "--max-body-bytes", "4KiB", "--allowed-hosts", "127.0.0.1", "--max-batch", "2"];
    let flags = [&strict[..], &["--service-token", &service, "--caller-token-file", &callers]].concat();
    let kit = gateway(&flags).await;
    let query = json!({ "query": "{ user(id: \"USR-1\") { name } }" });
    let long = json!({ "query": "{ __typename }", "variables": { "x": "y".repeat(5000) } });
    let many = json!({ "query": "{ __typename }", "variables": { "x": vec![0; 1100] } });
    let http = Client::new();
    let refused = |path: &str| {
        let bare = || http.post(kit.url(path)).bearer_auth(TOKEN);
        let post = || bare().json(&query);
        [
            (post().header("accept", "text/html"), 406),
            (bare().header("content-type", "text/plain").json(&query), 415),
            (bare().header("content-type", "application/json; charset=latin1").json(&query), 415),
            (post().header("content-encoding", "compress"), 415),
            (post().header("host", "evil.example"), 403),
            (post().header("x-long", "y".repeat(40_000)), 431),
            (http.post(kit.url(path)).json(&query), 401),
            (post().json(&long), 413),
            (post().json(&many), 413),
            (post().json(&json!([query, query, query])), 400),
            (post().json(&json!({ "query": "{" })).header("accept", "application/graphql-response+json"), 400),
            (post().body("{"), 400),
            (post().json(&json!({})), 400),
        ]
    };
    for (at_plan, at_endpoint) in refused("/graphql/plan").into_iter().zip(refused("/graphql")) {
        let mut told = vec![];
        for (request, status) in [at_plan, at_endpoint] {
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status().as_u16(), status);
            let media = response.headers().get("content-type").cloned();
            let text = response.text().await.expect("a body");
            // The address is part of what is too long.
            told.push((media, text.replace("have 40218 bytes", "have 40213 bytes")));
        }
        assert_eq!(told[0], told[1]);
    }
    let (status, both) = answer(http.post(kit.url("/graphql/plan")).json(&json!([query, query]))).await;
    assert_eq!(status, StatusCode::OK);
    for plan in both.as_array().expect("a batch") {
        is_plan(plan, "a member of a batch");
    }
    let written = [json!({ "query": cases()[0].document(), "variables": cases()[0].input_variables() }), query.clone()];
    let (_, both) = answer(http.post(kit.url("/graphql/plan")).json(&json!(written))).await;
    is_plan(&both[0], "a mutation in a batch");
    assert_eq!(kit.requests(), <[String; 0]>::default());
}

#[tokio::test]
async fn documents_that_are_known_by_id_are_planned() {
    let case = &cases()[0];
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plans-manifest.json");
    fs::write(&path, json!({ "change": case.document() }).to_string()).expect("the file is written");
    let kit = gateway(&["--trusted-documents", path.to_str().expect("a path of UTF-8")]).await;
    let plan = async |body: Value| answer(Client::new().post(kit.url("/graphql/plan")).json(&body)).await.1;
    is_plan(&plan(json!({ "documentId": "change", "variables": case.input_variables() })).await, "a trusted document");
    let query = "{ user(id: \"USR-1\") { name } }";
    let hash = by_hash(&crate::documents::sha256(query));
    let missing = plan(json!({ "extensions": hash })).await;
    assert_eq!(missing["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
    is_plan(&plan(json!({ "query": query, "extensions": hash })).await, "a persisted query with its text");
    is_plan(&plan(json!({ "extensions": hash })).await, "a persisted query");
    assert_eq!(kit.requests(), <[String; 0]>::default());
}

#[tokio::test]
async fn a_plan_of_wavefronts_changes_asks_nothing() {
    let kit = kit().await;
    let query = "mutation { createWavefrontUserGroup(input: { name: \"A\", roleIds: [] }) { wavefrontUserGroup { id } userErrors { code } } }";
    let send = async |path: &str| {
        let request = Client::new().post(format!("http://{}{path}", kit.address)).json(&json!({ "query": query }));
        request.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };
    is_plan(&send("/graphql/plan").await, query);
    assert_eq!(kit.requests(), <[String; 0]>::default());
    assert_eq!(send("/graphql").await.get("errors"), None);
    assert_eq!(kit.requests(), ["POST /api/v2/usergroup"]);
}

/// Nothing that is tested above may depend on what the flags of the tests are.
#[test]
fn the_ways_are_what_they_are_said_to_be() {
    for (flags, allowed) in ways() {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        assert_eq!(accounts_graph::program::limits(&config(&flags)).explain, allowed, "{flags:?}");
    }
}
