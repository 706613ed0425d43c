//! HTTP in: the control routes, and the way of every other request through faults, API and journal.

use parking_lot::{Mutex, MutexGuard, RwLock};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, Response, StatusCode, Version, header, request::Parts},
    routing::{get, put},
};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

use super::{
    api::{Answer, Call},
    fault::{BodyFault, Fault, Faults, Verdict},
    generation::Generation,
    problem::Problem,
    quirk::{Host, Listed, Packing, Quirks},
    record::Journal,
    reply::Reply,
    route,
    socket::Switch,
    store::Store,
    viewer::Gate,
    wavefront,
    world::World,
    write,
};

/// The largest body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// What all requests share.
pub(crate) struct Shared {
    /// Readers take the whole world along; whoever changes it puts another in its place.
    pub(crate) world: RwLock<Arc<World>>,
    /// The file that keeps the world, if one does. Locked by whoever changes the world, from reading it to replacing it.
    pub(crate) store: Mutex<Option<Store>>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) gate: Gate,
    pub(crate) generation: Generation,
    pub(crate) quirks: Mutex<Quirks>,
    /// How far the clock is ahead, in milliseconds.
    pub(crate) ahead: AtomicI64,
    /// When the next invitation runs out, in milliseconds since 1970; the largest number if none does.
    pub(crate) due: AtomicI64,
    /// Turns true when the sandbox stops, so that hanging answers end.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Shared {
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock()
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock()
    }

    /// How the sandbox behaves at this moment.
    pub(crate) fn host(&self) -> Host {
        let quirks = *self.quirks.lock();
        Host { generation: self.generation, quirks }
    }

    /// Puts all switches into other positions.
    pub(crate) fn set_quirks(&self, quirks: Quirks) {
        // Whoever changes the world holds the file.
        let _store = self.store.lock();
        let listed = quirks.invited_in_groups == Listed::Yes;
        let world = self.world();
        if world.lists_invited() != listed {
            let mut world = World::clone(&world);
            world.list_invited(listed);
            self.replace(world);
        }
        *self.quirks.lock() = quirks;
    }

    /// Milliseconds since 1970, as the sandbox has it.
    pub(crate) fn now(&self) -> i64 {
        now() + self.ahead.load(Ordering::Relaxed)
    }

    /// Puts a world in the place of the present one. Whoever does so holds the file.
    pub(crate) fn replace(&self, world: World) {
        let due = world.next_end();
        *self.world.write() = Arc::new(world);
        self.due.store(due, Ordering::Relaxed);
    }

    /// Does what time alone does: invitations run out.
    fn pass(&self, store: Option<&mut Store>) {
        if self.due.load(Ordering::Relaxed) > self.now() {
            return;
        }
        let base = self.world();
        let Ok(Some(world)) = write::expire(&base, self.host(), self.now()) else { return };
        match store.map_or(Ok(()), |store| store.save(&base, &world)) {
            Ok(()) => self.replace(world),
            Err(error) => tracing::error!(%error, "the sandbox could not keep that invitations ran out"),
        }
    }

    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read())
    }
}

/// All routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/__requests", get(requests).delete(clear_requests))
        .route("/__faults", put(set_faults).get(faults).delete(clear_faults))
        .route("/__quirks", put(set_quirks).get(quirks).delete(clear_quirks))
        .fallback(api)
        .layer(CompressionLayer::new().no_br().no_zstd().gzip(true).compress_when(is_packed))
        .with_state(shared)
}

/// Marks an answer that is packed if its client takes gzip.
#[derive(Clone, Copy)]
struct Packed;

fn is_packed(_: StatusCode, _: Version, _: &HeaderMap, marks: &Extensions) -> bool {
    marks.get::<Packed>().is_some()
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Vec<Value>> {
    let requests = shared.journal().list();
    let lines = requests.into_iter().map(|request| {
        let line = request.line();
        let mut entry = serde_json::to_value(request).unwrap_or_default();
        entry["line"] = line.into();
        entry
    });
    Json(lines.collect())
}

async fn clear_requests(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.journal().clear();
    StatusCode::NO_CONTENT
}

async fn set_faults(State(shared): State<Arc<Shared>>, Json(faults): Json<Vec<Fault>>) -> StatusCode {
    *shared.faults() = Faults::new(faults);
    StatusCode::NO_CONTENT
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(serde_json::to_value(shared.faults().list()).unwrap_or_default())
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    *shared.faults() = Faults::default();
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(shared): State<Arc<Shared>>, Json(quirks): Json<Quirks>) -> StatusCode {
    // Whoever changes the world may have to wait for the disk.
    match tokio::task::spawn_blocking(move || shared.set_quirks(quirks)).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn quirks(State(shared): State<Arc<Shared>>) -> Json<Quirks> {
    Json(shared.host().quirks)
}

async fn clear_quirks(shared: State<Arc<Shared>>) -> StatusCode {
    set_quirks(shared, Json(Quirks::default())).await
}

async fn api(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Whatever happens to a request happens after it was received whole.
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        let problem = Problem::plain(413, "The body is too large.");
        return Reply::new(problem.status, "application/problem+json", problem.body(0)).response(false);
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (whole, raw) = (decode(parts.uri.path()), parts.uri.query().unwrap_or_default());
    let shown = route::strip(&whole).unwrap_or(&whole);
    let query = decode(raw);
    let method = parts.method.as_str();
    let serial = shared.journal().arrive(method, shown, &query, &body);
    let verdict = shared.faults().judge(method, shown, &query);
    let fault = verdict.fault.clone().unwrap_or_default();
    let late = fault.after;
    if !late {
        tokio::time::sleep(verdict.latency).await;
    }
    let latency = verdict.latency;
    let mut reply = shared.answer(parts, whole, body, verdict, serial).await;
    let quirks = shared.host().quirks;
    reply.escape(quirks.escapes);
    if reply.status == 201 {
        tokio::time::sleep(Duration::from_millis(quirks.create_delay_ms)).await;
    }
    if late {
        tokio::time::sleep(latency).await;
    }
    match fault.body {
        // A client that leaves earlier drops the wait.
        Some(BodyFault::Hang) => super::stopped(shared.stopping.clone()).await,
        Some(BodyFault::Close) => {}
        _ => shared.journal().answer(serial, reply.status, reply.rows, reply.body.len()),
    }
    if matches!(fault.body, Some(BodyFault::Hang | BodyFault::Close)) {
        switch.cut();
    }
    let mut response = reply.response(fault.body == Some(BodyFault::Cut));
    if quirks.packing == Packing::Gzip {
        response.extensions_mut().insert(Packed);
    }
    response
}

impl Shared {
    /// The answer to a request, with the effect that the request has. Writes wait for each other, and for the disk, on
    /// a thread of their own, so that one whose client leaves is finished all the same.
    async fn answer(
        self: &Arc<Shared>,
        parts: Parts,
        whole: String,
        body: Bytes,
        verdict: Verdict,
        serial: u64,
    ) -> Reply {
        if parts.method == Method::GET && self.due.load(Ordering::Relaxed) > self.now() {
            return self.reply(&parts, &whole, &body, &verdict, serial, None);
        }
        let shared = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || {
            let mut store = shared.store.lock();
            shared.pass(store.as_mut());
            shared.reply(&parts, &whole, &body, &verdict, serial, store.as_mut())
        });
        written.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a write of the sandbox failed");
            let problem = Problem::plain(500, "The sandbox failed.");
            Reply::new(problem.status, "application/problem+json", problem.body(serial))
        })
    }

    fn reply(
        &self,
        parts: &Parts,
        whole: &str,
        body: &[u8],
        verdict: &Verdict,
        serial: u64,
        store: Option<&mut Store>,
    ) -> Reply {
        let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let call = Call {
            method: parts.method.as_str(),
            path: route::strip(whole),
            query: parts.uri.query().unwrap_or_default(),
            authorization: header(header::AUTHORIZATION),
            content_type: header(header::CONTENT_TYPE),
            body,
            gate: self.gate,
            host: self.host(),
            now: self.now(),
            refusals: &verdict.refusals,
            twist: verdict.twist,
        };
        let base = self.world();
        let Answer { mut reply, world } = if wavefront::owns(whole) {
            let ask = wavefront::Ask {
                method: call.method,
                path: whole,
                query: call.query,
                authorization: call.authorization,
                body,
                require_token: self.gate.require_token,
                now: call.now,
                decoding: verdict.decoding,
            };
            let (reply, after) = ask.answer(&base.wavefront);
            Answer { reply, world: after.map(|wavefront| base.with_wavefront(wavefront)) }
        } else {
            call.answer(&base, serial)
        };
        let fault = verdict.fault.as_ref();
        if let Some(world) = world.filter(|_| !fault.is_some_and(Fault::prevents)) {
            // What the file does not have did not happen.
            if let Err(error) = store.map_or(Ok(()), |store| store.save(&base, &world)) {
                tracing::error!(%error, "a write of the sandbox was not kept");
                let problem = Problem::plain(500, "The sandbox could not keep this.");
                return Reply::new(problem.status, "application/problem+json", problem.body(serial));
            }
            self.replace(world);
        }
        if let Some(Fault { status: Some(status), body: None, raw: None, .. }) = fault {
            reply = if wavefront::owns(whole) {
                wavefront::problem(*status, "The sandbox was told so")
            } else {
                Reply::new(*status, "application/problem+json", Problem::injected(*status).body(serial))
            };
        }
        if let Some(fault) = fault {
            reply.spoil(fault);
        }
        reply
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
}
