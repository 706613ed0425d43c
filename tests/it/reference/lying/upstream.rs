//! The upstream between the gateway and the sandbox: passes requests on and damages what comes back.

use super::damage::{Damages, Reply, World};
use crate::reference::luck::Luck;
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::task::JoinHandle;

/// The upstream, on a free port.
pub(super) struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    /// Where the sandbox is.
    base: String,
    http: reqwest::Client,
    damages: Arc<Damages>,
    query: Mutex<Current>,
}

/// What belongs to one query.
#[derive(Default)]
struct Current {
    /// How answers are damaged, and the seed; none while the gateway finds out what the host speaks.
    world: Option<(World, u64)>,
    /// What was asked and answered.
    journal: Vec<String>,
    /// How many answers were damaged.
    done: usize,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Upstream {
    /// An upstream that passes requests on to the API at this address, and damages nothing yet.
    pub(super) fn start(base: &str, damages: Arc<Damages>) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let base = base.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { base, http, damages, query: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the upstream serves") });
        Upstream { address, shared, server }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on damages answers as this world and this seed say.
    pub(super) fn begin(&self, world: World, seed: u64) {
        *self.shared.query() = Current { world: Some((world, seed)), ..Current::default() };
    }

    /// From now on damages nothing.
    pub(super) fn rest(&self) {
        *self.shared.query() = Current::default();
    }

    /// How many answers were damaged since.
    pub(super) fn done(&self) -> usize {
        self.shared.query().done
    }

    /// What was asked and answered since.
    pub(super) fn journal(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.query().journal)
    }
}

impl Shared {
    fn query(&self) -> MutexGuard<'_, Current> {
        self.query.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Damages a true answer. What happens to it depends on the request and not on when it came.
    fn damage(&self, line: &str, reply: &mut Reply) -> bool {
        let Some((world, seed)) = self.query().world else { return false };
        let mut hasher = DefaultHasher::new();
        (seed, line).hash(&mut hasher);
        self.damages.put(world, line, reply, &mut Luck::new(hasher.finish()))
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let line = percent_decode_str(target).decode_utf8_lossy().into_owned();
    let mut asked = shared.http.get(format!("{}{target}", shared.base));
    if let Some(accept) = request.headers().get("accept") {
        asked = asked.header("accept", accept);
    }
    let response = asked.send().await.expect("the sandbox answers");
    let status = response.status().as_u16();
    let body = response.text().await.expect("a body");
    let mut reply = Reply { status, body };
    let damaged = shared.damage(&line, &mut reply);
    let shown: String = reply.body.chars().take(4_000).collect();
    let mut query = shared.query();
    query.done += usize::from(damaged);
    let mark = if damaged { "damaged" } else { "true" };
    query.journal.push(format!("{line}\n  {mark} {} {}: {shown}", reply.status, reply.body.len()));
    drop(query);
    let status = StatusCode::from_u16(reply.status).expect("a status");
    (status, [("content-type", "application/json")], reply.body).into_response()
}
