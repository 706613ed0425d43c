//! The upstream of the workloads: it answers recorded requests with the recorded bodies, byte for byte.
//!
//! Any other request is answered 404, printed, and listed at `GET /__unknown`; the benchmarks fail when something
//! stands there. So a request that the gateway begins to send is noticed, even if a 404 becomes a null in its answer.
//! Excepted are the requests by which the gateway finds out what a host speaks ([`PROBES`]): it sends them once, and no
//! count includes them.
//!
//! `PUT /__faults` slows the answers down as it does in the sandbox, and can do nothing else.

use super::recording::{self, Exchange};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, put},
    serve::ListenerExt,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, time::sleep};

/// A request by which the gateway finds out what a host speaks: one row of a collection.
struct Probe {
    /// The collection below the accounts API; `*` is any id.
    path: &'static str,
    status: u16,
    body: &'static str,
}

/// All probes, as a host answers them that has the routes of version 5 and no others.
const PROBES: [Probe; 3] = [
    Probe {
        path: "account-users",
        status: 404,
        body: r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}"#,
    },
    Probe {
        path: "accounts",
        status: 200,
        body: r#"{"$meta":{"pagination":{"offset":0,"limit":1,"total":1}},"data":[{"id":"ACC-0000-0001"}]}"#,
    },
    Probe {
        path: "accounts/*/users",
        status: 200,
        body: r#"{"$meta":{"pagination":{"offset":0,"limit":1,"total":1}},"data":[{"id":"USR-0000-0001"}]}"#,
    },
];

impl Probe {
    fn is_at(&self, path: &str) -> bool {
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == "*" || wanted == given => {}
                _ => return false,
            }
        }
    }
}

/// The probe that this target is.
fn probe(target: &str) -> Option<&'static Probe> {
    let (path, query) = target.split_once('?')?;
    let (_, path) = path.split_once("/v1/accounts/")?;
    let probe = PROBES.iter().find(|probe| probe.is_at(path))?;
    query.split('&').any(|part| part == "limit=1").then_some(probe)
}

/// Whether a request with this target finds out what a host speaks.
pub(crate) fn is_probe(target: &str) -> bool {
    probe(target).is_some()
}

struct Shared {
    answers: HashMap<String, Answer>,
    latency_ms: AtomicU64,
    unknown: Mutex<BTreeSet<String>>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    content_type: HeaderValue,
    body: Bytes,
}

impl From<Exchange> for Answer {
    fn from(exchange: Exchange) -> Answer {
        Answer {
            status: StatusCode::from_u16(exchange.status).expect("a status"),
            content_type: exchange.content_type.parse().expect("a content type"),
            body: exchange.body.into(),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, self.content_type);
        response
    }
}

/// Listens at this address and serves until the process ends.
pub(crate) async fn listen(address: SocketAddr, exchanges: Vec<Exchange>) {
    serve(TcpListener::bind(address).await.expect("a free port"), exchanges).await;
}

/// Serves these exchanges until the process ends.
pub(crate) async fn serve(listener: TcpListener, exchanges: Vec<Exchange>) {
    let answers = recording::by_target(exchanges).into_iter().map(|(target, exchange)| (target, exchange.into()));
    let shared = Shared { answers: answers.collect(), latency_ms: AtomicU64::default(), unknown: Mutex::default() };
    let router = Router::new()
        .route("/__faults", put(set_latency))
        .route("/__unknown", get(unknown))
        .fallback(answer)
        .with_state(Arc::new(shared));
    // As the sandbox does: waiting to fill a packet would only add latency.
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"));
    axum::serve(listener, router).await.expect("the replay serves");
}

/// Fails if the replay at this address was asked for what was not recorded.
pub(crate) async fn assert_all_known(address: SocketAddr) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let response = http.get(format!("http://{address}/__unknown")).send().await.expect("an answer");
    let unknown: BTreeSet<String> = response.json().await.expect("a list");
    assert!(unknown.is_empty(), "these requests are not recorded in benches/recorded: {unknown:#?}");
}

/// The one fault that the replay has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Latency {
    latency_ms: u64,
}

async fn set_latency(State(shared): State<Arc<Shared>>, Json(faults): Json<Vec<Latency>>) -> StatusCode {
    shared.latency_ms.store(faults.iter().map(|fault| fault.latency_ms).sum(), Ordering::Relaxed);
    StatusCode::NO_CONTENT
}

async fn unknown(State(shared): State<Arc<Shared>>) -> Json<BTreeSet<String>> {
    Json(shared.unknown().clone())
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let latency_ms = shared.latency_ms.load(Ordering::Relaxed);
    if latency_ms > 0 {
        sleep(Duration::from_millis(latency_ms)).await;
    }
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    if request.method() == "GET" {
        if let Some(answer) = shared.answers.get(target) {
            return answer.clone().into_response();
        }
        if let Some(probe) = probe(target) {
            return json_answer(probe.status, probe.body.into()).into_response();
        }
    }
    let line = format!("{} {target}", request.method());
    let problem = json!({ "title": "Not Found", "status": 404, "detail": format!("{line} is not recorded.") });
    if shared.unknown().insert(line.clone()) {
        eprintln!("not recorded in benches/recorded: {line}");
    }
    json_answer(404, problem.to_string().into()).into_response()
}

fn json_answer(status: u16, body: Bytes) -> Answer {
    let content_type = if status < 400 { "application/json" } else { "application/problem+json" };
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, content_type: HeaderValue::from_static(content_type), body }
}

impl Shared {
    fn unknown(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
