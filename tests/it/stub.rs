//! An upstream that serves given bodies and nothing else: for what the sandbox, which speaks one generation's shapes,
//! never says.

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What every path of the accounts API begins with.
const BASE: &str = "/v1/accounts/";

/// An upstream on a free port.
pub struct Stub {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    bodies: BTreeMap<String, Value>,
    wrapped: BTreeSet<String>,
    requests: Vec<String>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stub {
    /// A stub that has nothing yet: it answers 404 to everything.
    pub async fn start() -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the stub serves") });
        Stub { address, shared, server }
    }

    /// Where it is, as the gateway's base address.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on answers this path (`users/USR-1`, `users`) with this body, whatever `select` says.
    pub fn serve(&self, path: &str, body: &Value) {
        self.shared.lock().expect("no panic").bodies.insert(path.to_owned(), body.clone());
    }

    /// From now on a list of this collection by ids holds the bodies that are served by id; else it is empty.
    pub fn wrap(&self, collection: &str) {
        self.shared.lock().expect("no panic").wrapped.insert(collection.to_owned());
    }

    /// The requests since the last call, decoded and without what all paths begin with, in order of text.
    pub fn requests(&self) -> Vec<String> {
        let mut requests = std::mem::take(&mut self.shared.lock().expect("no panic").requests);
        requests.sort();
        requests
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix(BASE).unwrap_or_default();
    let query = percent_decode_str(request.uri().query().unwrap_or_default()).decode_utf8_lossy();
    let mut shared = shared.lock().expect("no panic");
    shared.requests.push(format!("{} {path}?{query}", request.method()));
    let body = match query.strip_prefix("in(id,(").and_then(|rest| rest.split_once("))")) {
        // A collection is always there, whatever it has.
        Some((ids, _)) => Some(wrapped(&shared, path, ids)),
        // Asked whether it is there, it says so.
        None if query == "select=-*,id&order=id&limit=1" && !path.contains('/') => {
            Some(shared.bodies.get(path).cloned().unwrap_or_else(|| wrapped(&shared, path, "")))
        }
        None => shared.bodies.get(path).cloned(),
    };
    if let Some(body) = body {
        return ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    }
    let problem = json!({"title": "Not Found", "status": 404, "traceId": "00-1-1-00"}).to_string();
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/problem+json")], problem).into_response()
}

fn wrapped(shared: &Shared, collection: &str, ids: &str) -> Value {
    let ids = ids.split(',').map(|id| id.trim_matches('"')).filter(|_| shared.wrapped.contains(collection));
    let data: Vec<_> = ids.filter_map(|id| shared.bodies.get(&format!("{collection}/{id}"))).collect();
    json!({"$meta": {"pagination": {"offset": 0, "limit": 100, "total": data.len()}}, "data": data})
}
