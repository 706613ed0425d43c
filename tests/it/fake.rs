//! A stub upstream: answers each request with what a test makes up, behind a gateway of its own.

use crate::{
    answer,
    support::{gateway_by, limits, settings},
};
use accounts_graph::upstream::{
    marketplace::membership::{Family, MembershipRoutes},
    memory::Clock,
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
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

type Answer = dyn Fn(&str) -> (u16, String) + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    requests: Mutex<Vec<String>>,
}

/// A gateway with a stub upstream.
pub(crate) struct Fake {
    /// Where the gateway listens.
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    http: reqwest::Client,
    servers: [JoinHandle<()>; 2],
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// A gateway over an upstream that answers a request line such as `/users/USR-1?select=-*,id` with a status and a body.
pub(crate) async fn fake(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Fake {
    fake_by(MembershipRoutes::Auto, answer).await
}

/// The same, which is asked for memberships by the flat collection without being asked first whether it has it.
pub(crate) async fn flat(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Fake {
    fake_by(MembershipRoutes::Only(Family::AccountUsers), answer).await
}

/// One that lists memberships below accounts and users.
pub(crate) async fn below(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Fake {
    fake_by(MembershipRoutes::Only(Family::Accounts), answer).await
}

async fn fake_by(routes: MembershipRoutes, answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Fake {
    let shared = Arc::new(Shared { answer: Box::new(answer), requests: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(reply).with_state(Arc::clone(&shared));
    let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("the stub serves") });
    let (address, server) = gateway_by(settings(&base), limits(), routes, Clock::default()).await;
    Fake { address, shared, http: reqwest::Client::new(), servers: [upstream, server] }
}

/// A gateway over an upstream that answers every request with this body.
pub(crate) async fn saying(body: impl Into<String>) -> Fake {
    let body = body.into();
    fake(move |_| (200, body.clone())).await
}

/// The body of a list with these rows, which are all there are.
pub(crate) fn list(rows: &Value) -> String {
    let total = rows.as_array().map_or(0, Vec::len);
    json!({ "$meta": { "pagination": { "offset": 0, "limit": 100, "total": total } }, "data": rows }).to_string()
}

async fn reply(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let line = percent_decode_str(target).decode_utf8_lossy().replacen("/v1/accounts", "", 1);
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
    let (status, body) = (shared.answer)(&line);
    (StatusCode::from_u16(status).expect("a status"), [("content-type", "application/json")], body).into_response()
}

impl Fake {
    /// The answer to a query, letter by letter.
    pub(crate) async fn text(&self, query: &str) -> String {
        let body = json!({ "query": query });
        let request = self.http.post(format!("http://{}/graphql", self.address)).json(&body);
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        answer::check(&body, &text);
        text
    }

    /// The answer to a query.
    pub(crate) async fn query(&self, query: &str) -> Value {
        let text = self.text(query).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The requests that reached the upstream since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
