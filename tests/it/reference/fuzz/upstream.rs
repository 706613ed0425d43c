//! The upstream between the gateway and the sandbox: passes requests on and mangles what comes back.

use super::{brand::Brands, mangle::mangle, spoil::spoil};
use crate::reference::luck::Luck;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use futures::{StreamExt, future, stream};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::task::JoinHandle;

/// What is mangled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// Everything: rows and members at times, then the bytes of the body, its status and its headers.
    Bytes,
    /// Rows and members; every value then carries its entity's id.
    Rows,
}

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
    brands: Arc<Brands>,
    query: Mutex<Current>,
}

/// What belongs to one query.
struct Current {
    mode: Mode,
    seed: u64,
    /// What was asked and answered.
    journal: Vec<String>,
}

/// An answer on its way to the gateway.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: Option<&'static [u8]>,
    pub(super) body: Vec<u8>,
    /// Whether the connection breaks off in the middle of the body.
    pub(super) cut: bool,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Upstream {
    /// An upstream that passes requests on to the API at this address.
    pub(super) fn start(base: &str, brands: Arc<Brands>) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let query = Mutex::new(Current { mode: Mode::Rows, seed: 0, journal: vec![] });
        let base = base.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { base, http, brands, query });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("the upstream serves") });
        Upstream { address, shared, server }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn brands(&self) -> &Brands {
        &self.shared.brands
    }

    /// From now on mangles as this seed says.
    pub(super) fn begin(&self, mode: Mode, seed: u64) {
        *self.shared.query() = Current { mode, seed, journal: vec![] };
    }

    /// What was asked and answered since.
    pub(super) fn end(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.query().journal)
    }
}

impl Shared {
    fn query(&self) -> MutexGuard<'_, Current> {
        self.query.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mangles a true answer. What happens to it depends on the request and not on when it came.
    fn mangled(&self, line: &str, reply: &mut Reply) {
        let (mode, seed) = {
            let query = self.query();
            (query.mode, query.seed)
        };
        let mut hasher = DefaultHasher::new();
        (seed, line).hash(&mut hasher);
        let mut luck = Luck::new(hasher.finish());
        if mode == Mode::Rows || luck.chance(40) {
            self.rows(line, reply, &mut luck, mode);
        }
        if mode == Mode::Bytes && luck.chance(60) {
            for _ in 0..=luck.below(3) {
                spoil(reply, &mut luck);
            }
        }
    }

    fn rows(&self, line: &str, reply: &mut Reply, luck: &mut Luck, mode: Mode) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return };
        if reply.status != 200 {
            return;
        }
        if luck.chance(65) {
            for _ in 0..=luck.below(4) {
                mangle(&mut body, luck);
            }
        }
        if mode == Mode::Rows {
            self.brands.put(&mut body, line);
        }
        reply.body = body.to_string().into_bytes();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let line = percent_decode_str(target).decode_utf8_lossy().into_owned();
    let response = shared.http.get(format!("{}{target}", shared.base)).send().await.expect("the sandbox answers");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body").to_vec();
    let mut reply = Reply { status, content_type: Some(b"application/json"), body, cut: false };
    shared.mangled(&line, &mut reply);
    let shown = String::from_utf8_lossy(&reply.body[..reply.body.len().min(4_000)]).into_owned();
    shared.query().journal.push(format!("{line}\n  {} {}: {shown}", reply.status, reply.body.len()));
    reply.response()
}

impl Reply {
    fn response(self) -> Response {
        let length = self.body.len();
        let body = if self.cut {
            let half = self.body[..length / 2].to_vec();
            // The first half needs a moment to leave: an error in the same turn would take it along.
            let broken = stream::once(async {
                tokio::time::sleep(Duration::from_millis(2)).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            });
            Body::from_stream(stream::once(future::ready(Ok(half))).chain(broken))
        } else {
            Body::from(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a status");
        if let Some(content_type) = self.content_type.and_then(|bytes| HeaderValue::from_bytes(bytes).ok()) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        response
    }
}
