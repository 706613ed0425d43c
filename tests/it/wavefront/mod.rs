//! Wavefront in the graph: over the sandbox's slice, and over an upstream that says whatever a test makes up.

mod change;
mod cost;
mod edges;
mod entities;
mod late;
mod moving;
mod read;

use crate::support::{SMALL, gateway_of, limits, settings};
use accounts_graph::{
    entity::kind::Upstream,
    graph::engine::{Engine, Wavefront},
    upstream::{client::Client, credentials::Credentials},
};
use accounts_graph_sandbox::{self as sandbox, Day, Options, Sandbox};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Whom the sandbox's administrator of Wavefront is.
const WILL: &str = "will.smith@example.com";
/// An id that nothing has.
const UNKNOWN: &str = "00000000-0000-4000-a000-000000000000";

/// A gateway.
struct Gateway {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves a gateway over an accounts API and, if there is one, Wavefront.
async fn gateway(accounts: &str, wavefront: Option<&str>, token: Option<&'static str>) -> Gateway {
    let engine = Engine::new(Client::new(settings(accounts)).expect("a client"), limits());
    let engine = engine.with_wavefront(wavefront.map(|base| Wavefront {
        client: Client::of(Upstream::Wavefront, settings(base)).expect("a client"),
        credentials:
            token.map_or_else(Credentials::default, |token| Credentials::new(token.parse().expect("a header"))),
    }));
    let (address, server) = gateway_of(engine, &[]).await;
    Gateway { address, server }
}

impl Gateway {
    /// The answer to a query with variables, sent with these headers.
    async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Value {
        let mut request = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = json!({ "query": query, "variables": variables });
        let text = request.json(&body).send().await.expect("an answer").text().await.expect("a body");
        crate::answer::check(&body, &text);
        serde_json::from_str(&text).expect("JSON")
    }
}

/// A gateway over a sandbox, with both of its APIs.
struct World {
    gateway: Gateway,
    sandbox: Sandbox,
}

async fn world() -> World {
    world_of(SMALL).await
}

async fn world_of(scale: f64) -> World {
    let sandbox =
        sandbox::start(Options { scale, date: Some(Day::OF_DATA), ..Options::default() }).await.expect("a free port");
    let gateway = gateway(&sandbox.base_url(), Some(&sandbox.wavefront_url()), None).await;
    World { gateway, sandbox }
}

impl World {
    async fn answer(&self, query: &str, variables: Value) -> Value {
        self.gateway.send(query, variables, &[]).await
    }

    /// The data of a document that has no errors.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }

    /// The requests since the last call with their bodies, in order of text.
    fn requests(&self) -> Vec<String> {
        let line = |request: &sandbox::Recorded| match &request.body {
            Some(body) => format!("{} {body}", request.line()),
            None => request.line(),
        };
        let mut lines: Vec<String> = self.sandbox.requests().iter().map(line).collect();
        self.sandbox.clear_requests();
        lines.sort();
        lines
    }

    /// What Wavefront says itself, without its envelope.
    async fn rest(&self, path: &str) -> Value {
        let url = format!("{}/api/v2/{path}", self.sandbox.wavefront_url());
        let mut told: Value = reqwest::get(url).await.expect("an answer").json().await.expect("JSON");
        self.sandbox.clear_requests();
        if told.get("response").is_some() { told["response"].take() } else { told }
    }

    /// Ids of accounts, groups and roles.
    fn ids(&self) -> [Vec<String>; 3] {
        self.sandbox.world().wavefront_ids()
    }
}

/// The body of a search, as it is recorded.
fn search(key: &str, values: &[&str], matching: &str) -> String {
    json!({
        "query": [{ "key": key, "values": values, "matchingMethod": matching }],
        "limit": 999, "offset": 0, "sort": { "field": "id", "ascending": true, "default": false },
    })
    .to_string()
}

/// A request as an upstream sees it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    /// Method and path, not decoded.
    line: String,
    authorization: Option<String>,
    body: String,
}

type Answer = dyn Fn(&str, &str) -> (u16, String) + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    seen: Mutex<Vec<Seen>>,
}

/// An upstream that answers a request line, and the body behind it, with a status and a body.
struct Stub {
    base: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn stub(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Stub {
    stub_reading(move |line, _| answer(line)).await
}

/// One whose answer depends on the body of the request as well.
async fn stub_reading(answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Stub {
    let shared = Arc::new(Shared { answer: Box::new(answer), seen: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(reply).with_state(Arc::clone(&shared));
    let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the stub serves") });
    Stub { base, shared, server }
}

async fn reply(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let line = format!("{} {target}", request.method());
    let authorization = request.headers().get("authorization").map(|value| value.to_str().expect("text").to_owned());
    let body = to_bytes(request.into_body(), 1024 * 1024).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("text");
    let seen = Seen { line: line.clone(), authorization, body: body.clone() };
    shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    let (status, body) = (shared.answer)(&line, &body);
    (StatusCode::from_u16(status).expect("a status"), [("content-type", "application/json")], body).into_response()
}

impl Stub {
    /// The requests since the last call.
    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Their lines.
    fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

/// The answer for a person and the Wavefront account of the same address, and the bodies that Wavefront was sent.
pub(crate) async fn joined(user: String, accounts: String) -> (Value, Vec<String>) {
    let rest = stub(move |_| (200, user.clone())).await;
    let other = stub(move |_| (200, accounts.clone())).await;
    let gateway = gateway(&rest.base, Some(&other.base), None).await;
    let query = r#"{ user(id: "USR-1-1") { email wavefrontAccount { id customer } } }"#;
    let answer = gateway.send(query, json!({}), &[]).await;
    (answer, other.seen().into_iter().map(|seen| seen.body).collect())
}
