//! An upstream that fails, is slow, or is asked the same by many: what is sent to it, how often, and when it is left alone.

mod breaker;
mod causes;
mod flight;
mod hangup;
mod once;
mod packing;
mod proxy;
mod retry;
mod strangers;
mod throttle;
mod traced;
mod weather;

use crate::support::{gateway_of, limits, settings};
use accounts_graph::{
    graph::engine::{Engine, Limits},
    upstream::client::{Client, Settings},
};
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use futures::{FutureExt, future::BoxFuture};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Long enough for everything that ends at all.
const FOREVER: Duration = Duration::from_secs(60);

/// A request as the upstream sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    /// `GET /users/USR-1?select=-*,id`, decoded.
    line: String,
    /// What follows `Bearer `.
    token: String,
}

type Answer = dyn Fn(Asked) -> BoxFuture<'static, Response> + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    asked: Mutex<Vec<Asked>>,
    /// Requests that are being answered.
    present: Arc<AtomicUsize>,
}

/// A gateway over an upstream that answers as a test says.
struct World {
    address: SocketAddr,
    shared: Arc<Shared>,
    http: reqwest::Client,
    servers: [JoinHandle<()>; 2],
}

impl Drop for World {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// A world whose gateway calls its upstream in its own way.
async fn world<F>(
    change: impl FnOnce(Settings) -> Settings,
    limits: Limits,
    answer: impl Fn(Asked) -> F + Send + Sync + 'static,
) -> World
where
    F: Future<Output = Response> + Send + 'static,
{
    let answer = Box::new(move |asked| answer(asked).boxed());
    let shared = Arc::new(Shared { answer, asked: Mutex::default(), present: Arc::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(reply).with_state(Arc::clone(&shared));
    let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("the upstream serves") });
    let engine = Engine::new(Client::new(change(settings(&base))).expect("a client"), limits);
    let (address, gateway) = gateway_of(engine, &[]).await;
    World { address, shared, http: reqwest::Client::new(), servers: [upstream, gateway] }
}

/// A world with the usual limits, whose upstream answers at once.
async fn answering(
    change: impl FnOnce(Settings) -> Settings,
    answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
) -> World {
    world(change, limits(), move |asked| std::future::ready(response(answer(&asked)))).await
}

fn response((status, body): (u16, String)) -> Response {
    (StatusCode::from_u16(status).expect("a status"), [("content-type", "application/json")], body).into_response()
}

async fn reply(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    struct Present(Arc<AtomicUsize>);
    impl Drop for Present {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let path = percent_decode_str(target).decode_utf8_lossy().replacen("/v1/accounts", "", 1);
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = token.trim_start_matches("Bearer ").to_owned();
    let asked = Asked { line: format!("{} {path}", request.method()), token };
    shared.present.fetch_add(1, Ordering::SeqCst);
    let _present = Present(Arc::clone(&shared.present));
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    (shared.answer)(asked).await
}

/// The body of a user, whatever is asked of it.
fn user(id: &str, name: &str) -> String {
    json!({ "id": id, "name": name, "email": name }).to_string()
}

impl World {
    /// The answer to a query of the caller with this token.
    async fn query(&self, token: &str, query: &str) -> Value {
        asked(&self.http, self.address, token, query).await
    }

    /// The name of a user, or the extensions of the one error.
    async fn name_of(&self, id: &str) -> Result<String, Value> {
        let answer = self.query("token", &format!("{{ user(id: \"{id}\") {{ name }} }}")).await;
        match answer["data"]["user"]["name"].as_str() {
            Some(name) => Ok(name.to_owned()),
            None => Err(answer["errors"][0]["extensions"].clone()),
        }
    }

    /// A query that is asked on its own, so that the test can go on or give it up.
    fn spawn(&self, token: &str, query: &str) -> JoinHandle<Value> {
        let (http, address, token, query) = (reqwest::Client::new(), self.address, token.to_owned(), query.to_owned());
        tokio::spawn(async move { asked(&http, address, &token, &query).await })
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests reached the upstream.
    fn count(&self) -> usize {
        self.asked().len()
    }

    /// Waits until so many requests reached the upstream.
    async fn until_asked(&self, count: usize) {
        eventually("requests", || self.count() >= count).await;
    }

    /// Waits until so many requests are being answered.
    async fn until_present(&self, count: usize) {
        eventually("requests under way", || self.shared.present.load(Ordering::SeqCst) == count).await;
    }
}

async fn asked(http: &reqwest::Client, address: SocketAddr, token: &str, query: &str) -> Value {
    let request = http.post(format!("http://{address}/graphql")).bearer_auth(token).json(&json!({ "query": query }));
    request.send().await.expect("an answer").json().await.expect("JSON")
}

/// Waits until something is so.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let so = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(FOREVER, so).await.unwrap_or_else(|_| panic!("{what}: never so"));
}
