//! An upstream that answers reads and writes as a test says, behind a gateway of its own, and records what it was sent.

use crate::support::{config, gateway_by, gateway_of, limits, settings};
use accounts_graph::{
    graph::engine::{Engine, Limits},
    program,
    upstream::{
        client::{Client, Settings},
        marketplace::membership::MembershipRoutes,
        memory::Clock,
    },
};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A caller's token; whatever says it again fails a test.
pub(crate) const TOKEN: &str = "idt:TKN-0000-0077:opaque-part-of-it";

type Script = dyn Fn(&str) -> (u16, String) + Send + Sync;

struct Shared {
    script: Box<Script>,
    requests: Mutex<Vec<String>>,
    tokens: Mutex<Vec<String>>,
}

/// A gateway with its upstream.
pub(crate) struct Scripted {
    /// The clock by which the gateway forgets what it found of the upstream.
    pub(crate) clock: Clock,
    address: SocketAddr,
    shared: Arc<Shared>,
    http: reqwest::Client,
    servers: Vec<JoinHandle<()>>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// A gateway over an upstream that answers lines such as `POST /users/USR-1/block` or `PUT /users/USR-1 {"firstName":"A"}`,
/// each with a status and a body. Before a body that is not sent as JSON stands its media type in parentheses.
pub(crate) async fn scripted(script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Scripted {
    speaking(MembershipRoutes::default(), script).await
}

/// The same, for a family of membership routes.
pub(crate) async fn speaking(
    routes: MembershipRoutes,
    script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> Scripted {
    let (base, shared, upstream) = serve(script).await;
    let clock = Clock::default();
    let (address, gateway) = gateway_by(settings(&base), limits(), routes, clock.clone()).await;
    Scripted { clock, address, shared, http: reqwest::Client::new(), servers: vec![upstream, gateway] }
}

/// The same, with a gateway that is told these flags.
pub(crate) async fn told(
    flags: &[&str],
    routes: MembershipRoutes,
    script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> Scripted {
    let (base, shared, upstream) = serve(script).await;
    let clock = Clock::default();
    let client = Client::new(settings(&base)).expect("a client");
    let engine = Engine::new(client, program::limits(&config(flags))).speaking(routes, clock.clone());
    let (address, gateway) = gateway_of(engine, flags).await;
    Scripted { clock, address, shared, http: reqwest::Client::new(), servers: vec![upstream, gateway] }
}

/// Serves an upstream alone; returns where.
pub(crate) async fn upstream(
    script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (String, JoinHandle<()>) {
    let (base, _, server) = serve(script).await;
    (base, server)
}

async fn serve(
    script: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (String, Arc<Shared>, JoinHandle<()>) {
    let tokens = Mutex::default();
    let shared = Arc::new(Shared { script: Box::new(script), requests: Mutex::default(), tokens });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(reply).with_state(Arc::clone(&shared));
    let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the upstream serves") });
    (base, shared, server)
}

/// Serves a gateway over any upstream; returns where.
pub(crate) async fn gateway(
    settings: Settings,
    limits: Limits,
    routes: MembershipRoutes,
) -> (SocketAddr, JoinHandle<()>) {
    gateway_by(settings, limits, routes, Clock::default()).await
}

async fn reply(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let target = percent_decode_str(target).decode_utf8_lossy().replacen("/v1/accounts", "", 1);
    let mut line = format!("{} {target}", parts.method);
    if !body.is_empty() {
        let form = header(&parts.headers, "content-type");
        let form = if form == "application/json" { String::new() } else { format!("({form}) ") };
        line = format!("{line} {form}{}", String::from_utf8_lossy(&body));
    }
    let lock = |list: &Mutex<Vec<String>>, text: String| list.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    lock(&shared.requests, line.clone());
    lock(&shared.tokens, header(&parts.headers, "authorization"));
    let (status, body) = (shared.script)(&line);
    let content_type = if status < 400 { "application/json" } else { "application/problem+json" };
    (StatusCode::from_u16(status).expect("a status"), [("content-type", content_type)], body).into_response()
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
}

impl Scripted {
    /// The address of a path of the gateway.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The answer to a document, letter by letter.
    pub(crate) async fn text(&self, query: &str, variables: Value) -> String {
        let text = post(&self.http, self.address, query, variables).await;
        crate::answer::check(&json!({ "query": query }), &text);
        text
    }

    /// The answer to a document.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Value {
        let text = self.text(query, variables).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The answer to a document that is sent by GET.
    pub(crate) async fn get(&self, query: &str) -> Value {
        let request = self.http.get(format!("http://{}/graphql", self.address)).query(&[("query", query)]);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The requests that reached the upstream since the last call, in their order.
    pub(crate) fn requests(&self) -> Vec<String> {
        let tokens = std::mem::take(&mut *self.shared.tokens.lock().unwrap_or_else(PoisonError::into_inner));
        assert!(tokens.iter().all(|token| *token == format!("Bearer {TOKEN}")), "the caller's token is passed on");
        std::mem::take(&mut *self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends a document as a caller with [`TOKEN`].
pub(crate) async fn post(http: &reqwest::Client, gateway: SocketAddr, query: &str, variables: Value) -> String {
    let request = http.post(format!("http://{gateway}/graphql")).bearer_auth(TOKEN);
    let body = json!({ "query": query, "variables": variables });
    request.json(&body).send().await.expect("an answer").text().await.expect("a body")
}

/// An answer of the upstream.
pub(crate) fn ok(body: &Value) -> (u16, String) {
    (200, body.to_string())
}

/// Whether a line asks whether a collection is there, or shows an entity, after something was answered 404.
pub(crate) fn asks_for_collection(line: &str) -> bool {
    let question = line.strip_prefix("GET /").and_then(|path| path.strip_suffix("select=-*,id&order=id&limit=1"));
    question.is_some_and(|question| !question.contains('/'))
}

/// An upstream that has collections and nothing else.
pub(crate) fn nothing(line: &str) -> (u16, String) {
    if asks_for_collection(line) { list(&json!([])) } else { not_found() }
}

/// What the upstream answers to what it does not have.
pub(crate) fn not_found() -> (u16, String) {
    (404, json!({ "title": "Not Found", "status": 404, "traceId": "00-4-0-4" }).to_string())
}

/// The body of a list with these rows.
pub(crate) fn list(rows: &Value) -> (u16, String) {
    (200, crate::fake::list(rows))
}
