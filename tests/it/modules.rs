//! Hosts that embed modules in their reduced form alone: the collection of modules is asked for the rest, once in an operation,
//! and not at all for a caller who was found not to be allowed to read it.

use super::support::{gateway_by, limits, settings};
use accounts_graph::upstream::{
    marketplace::membership::MembershipRoutes,
    memory::{Clock, REMEMBERED},
};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinHandle};

const OPERATIONS: &str = "operations";
const CLIENT: &str = "client";

const GROUPS: &str = "{ groups(first: 2) { nodes { modules { name code accountTypes audit { created { at } } } } } }";
const LIST: &str = "/user-groups?select=-*,id,modules.id,modules.name,modules.code,modules.accountTypes,modules.audit&order=id&limit=2";
const MODULES: &str =
    "/modules?in(id,(\"MOD-0001\",\"MOD-0002\"))&select=-*,id,code,accountTypes,audit&order=id&limit=100";

/// A gateway over a host that embeds reduced modules.
struct Reduced {
    address: SocketAddr,
    clock: Clock,
    requests: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
    servers: [JoinHandle<()>; 2],
}

impl Drop for Reduced {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

fn list(rows: &Value) -> String {
    let total = rows.as_array().map_or(0, Vec::len);
    json!({ "$meta": { "pagination": { "offset": 0, "limit": 100, "total": total } }, "data": rows }).to_string()
}

fn embedded(number: usize) -> Value {
    json!({ "id": format!("MOD-000{number}"), "name": format!("M{number}"), "settings": { "paid": true } })
}

fn whole(number: usize) -> Value {
    let mut module = embedded(number);
    module["code"] = format!("m{number}").into();
    module["accountTypes"] = json!(["Client"]);
    module["audit"] = json!({ "created": { "at": "2026-01-02T03:04:05Z" } });
    module
}

/// How a host answers who may not read the collection of modules.
type Refusal = (u16, &'static str);

fn answer(target: &str, caller: &str, (status, refusal): Refusal) -> (u16, String) {
    if target.starts_with("/modules") {
        return match (caller.contains(OPERATIONS), status == 500) {
            (_, true) | (false, _) => (status, refusal.to_owned()),
            (true, _) if target.starts_with("/modules/") => (200, whole(1).to_string()),
            (true, _) => (200, list(&json!([whole(1), whole(2)]))),
        };
    }
    let group = |number: usize, modules: &[usize]| {
        let modules: Vec<Value> = modules.iter().map(|number| embedded(*number)).collect();
        json!({ "id": format!("UGR-000{number}"), "modules": modules })
    };
    (200, list(&json!([group(1, &[1, 2]), group(2, &[2])])))
}

async fn reply(State((requests, refusal)): State<(Arc<Mutex<Vec<String>>>, Refusal)>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let target = percent_decode_str(target).decode_utf8_lossy().replacen("/v1/accounts", "", 1);
    let caller = request.headers().get("authorization").map(|value| value.to_str().expect("text").to_owned());
    requests.lock().expect("requests").push(target.clone());
    let (status, body) = answer(&target, &caller.unwrap_or_default(), refusal);
    (StatusCode::from_u16(status).expect("a status"), [("content-type", "application/json")], body).into_response()
}

impl Reduced {
    async fn start(broken: bool) -> Reduced {
        let closed = (403, r#"{"status":403,"title":"Forbidden"}"#);
        Reduced::answering(if broken { (500, "{}") } else { closed }).await
    }

    /// One that refuses with this body.
    async fn refusing(body: &'static str) -> Reduced {
        Reduced::answering((403, body)).await
    }

    async fn answering(refusal: Refusal) -> Reduced {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (requests, clock) = (Arc::default(), Clock::default());
        let router = Router::new().fallback(reply).with_state((Arc::clone(&requests), refusal));
        let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") });
        let (address, server) = gateway_by(settings(&base), limits(), MembershipRoutes::Auto, clock.clone()).await;
        Reduced { address, clock, requests, http: reqwest::Client::new(), servers: [upstream, server] }
    }

    async fn send(&self, caller: &str, query: &str, explain: Option<&str>) -> Value {
        let request = self.http.post(format!("http://{}/graphql", self.address)).bearer_auth(caller);
        let request = if let Some(mode) = explain { request.header("x-explain", mode) } else { request };
        let answer = request.json(&json!({ "query": query })).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("requests"))
    }
}

fn module(number: usize, seen: bool) -> Value {
    json!({
        "name": format!("M{number}"),
        "code": seen.then(|| format!("m{number}")),
        "accountTypes": seen.then_some(["CLIENT"]),
        "audit": seen.then(|| json!({ "created": { "at": "2026-01-02T03:04:05Z" } })),
    })
}

fn groups(seen: bool) -> Value {
    let (one, two) = (module(1, seen), module(2, seen));
    json!({ "data": { "groups": { "nodes": [{ "modules": [one, two] }, { "modules": [two] }] } } })
}

#[tokio::test]
async fn operations_read_from_the_collection_what_groups_leave_out() {
    let host = Reduced::start(false).await;
    assert_eq!(host.send(OPERATIONS, GROUPS, None).await, groups(true));
    assert_eq!(host.requests(), [LIST, MODULES]);
    // What the reduced form has needs no request, null included.
    let query = "{ groups(first: 2) { nodes { modules { name description settings { paid } } } } }";
    let answer = host.send(OPERATIONS, query, None).await;
    let told = |name: &str| json!({ "name": name, "description": null, "settings": { "paid": true } });
    let nodes = json!([{ "modules": [told("M1"), told("M2")] }, { "modules": [told("M2")] }]);
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": nodes } } }));
    assert_eq!(host.requests().len(), 1);
}

#[tokio::test]
async fn a_role_without_the_collection_has_null_and_is_asked_once_in_ten_minutes() {
    let host = Reduced::start(false).await;
    for asked in [&[LIST, MODULES][..], &[LIST], &[LIST]] {
        assert_eq!(host.send(CLIENT, GROUPS, None).await, groups(false));
        assert_eq!(host.requests(), asked);
    }
    // It is known of this caller alone.
    assert_eq!(host.send(OPERATIONS, GROUPS, None).await, groups(true));
    assert_eq!(host.requests(), [LIST, MODULES]);
    host.clock.advance(REMEMBERED);
    assert_eq!(host.send(CLIENT, GROUPS, None).await, groups(false));
    assert_eq!(host.requests(), [LIST, MODULES]);
    // Who asks for a module by its id is told why there is none.
    let answer = host.send(CLIENT, "{ module(id: \"MOD-0001\") { code } }", None).await;
    assert_eq!(
        (&answer["data"]["module"], &answer["errors"][0]["extensions"]["code"]),
        (&Value::Null, &json!("FORBIDDEN"))
    );
}

#[tokio::test]
async fn a_collection_that_fails_is_an_error_at_each_field() {
    let host = Reduced::start(true).await;
    let answer = host.send(OPERATIONS, "{ groups(first: 2) { nodes { modules { name code } } } }", None).await;
    let modules = |numbers: &[usize]| {
        let module = |number: &usize| json!({ "name": format!("M{number}"), "code": null });
        json!({ "modules": numbers.iter().map(module).collect::<Vec<_>>() })
    };
    assert_eq!(answer["data"], json!({ "groups": { "nodes": [modules(&[1, 2]), modules(&[2])] } }));
    let errors: Vec<_> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    let path = |group: usize, module: usize| json!(["groups", "nodes", group, "modules", module, "code"]);
    assert_eq!(errors, [&path(0, 0), &path(0, 1), &path(1, 0)]);
}

#[tokio::test]
async fn a_403_of_a_proxy_is_an_error_and_tells_nothing_of_the_role() {
    let query = "{ groups(first: 2) { nodes { modules { name code } } } }";
    let bodies =
        ["<html>403 Forbidden</html>", "", "{}", "[]", "null", r#"{"error":"denied"}"#, r#"{"statusCode":403}"#];
    for body in bodies {
        let host = Reduced::refusing(body).await;
        for _ in 0..2 {
            let answer = host.send(CLIENT, query, None).await;
            let module = |number: usize| json!({ "name": format!("M{number}"), "code": null });
            let nodes = json!([{ "modules": [module(1), module(2)] }, { "modules": [module(2)] }]);
            assert_eq!(answer["data"], json!({ "groups": { "nodes": nodes } }), "{body}");
            let errors = answer["errors"].as_array().expect("errors");
            let codes: Vec<_> = errors.iter().map(|error| &error["extensions"]["code"]).collect();
            assert_eq!(codes, ["FORBIDDEN"; 3], "{body}");
            let asked = host.requests();
            assert!(asked.len() == 2 && asked[1].starts_with("/modules?"), "{body}: {asked:?}");
        }
    }
    // Both forms in which the API itself refuses tell of the role.
    for body in [r#"{"status":403}"#, r#"{"title":"Forbidden"}"#, r#"{"statusCode":403,"message":"Forbidden"}"#] {
        let host = Reduced::refusing(body).await;
        for requests in [2, 1] {
            let answer = host.send(CLIENT, query, None).await;
            assert!(answer["errors"].is_null() && answer["data"].is_object(), "{body}: {answer}");
            assert_eq!(host.requests().len(), requests, "{body}");
        }
    }
}

#[tokio::test]
async fn the_request_is_planned_and_bounded() {
    let host = Reduced::start(false).await;
    let plan = host.send(OPERATIONS, GROUPS, Some("plan")).await;
    let planned = plan["extensions"]["explain"]["requests"].to_string();
    assert!(planned.contains("/modules"), "{plan:#}");
    assert!(host.requests().is_empty());
    let run = host.send(OPERATIONS, GROUPS, Some("1")).await;
    let explain = &run["extensions"]["explain"];
    assert_eq!(explain["totals"]["requests"], 2, "{explain:#}");
    for of in ["requests", "rounds"] {
        let (most, real) = (explain["bounds"][of].as_u64(), explain["totals"][of].as_u64());
        assert!(real.is_some() && real <= most, "{of}: {explain:#}");
    }
    // What the reduced form tells is not planned to be asked.
    let plan = host.send(OPERATIONS, "{ groups(first: 2) { nodes { modules { name } } } }", Some("plan")).await;
    assert!(!plan["extensions"]["explain"]["requests"].to_string().contains("/modules"), "{plan:#}");
}
