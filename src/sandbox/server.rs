//! HTTP in: the control routes, and the way of every other request through faults, API and journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{Response, StatusCode, header},
    routing::{get, put},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    api::Call,
    fault::{BodyFault, Fault, Faults},
    problem::Problem,
    record::Journal,
    reply::Reply,
    route,
    socket::Switch,
    world::World,
};

/// What all requests share.
pub(crate) struct Shared {
    /// Readers take the whole world along; whoever changes it puts another in its place.
    pub(crate) world: RwLock<Arc<World>>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) require_token: bool,
    /// Turns true when the sandbox stops, so that hanging answers end.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Shared {
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All routes.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/__requests", get(requests).delete(clear_requests))
        .route("/__faults", put(set_faults).get(faults).delete(clear_faults))
        .fallback(api)
        .with_state(shared)
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

async fn api(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    request: Request,
) -> Response<Body> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (whole, raw) = (decode(request.uri().path()), request.uri().query().unwrap_or_default());
    let path = route::strip(&whole);
    let (shown, query) = (path.unwrap_or(&whole), decode(raw));
    let serial = shared.journal().arrive(request.method().as_str(), shown, &query);
    let verdict = shared.faults().judge(shown, &query);
    if !verdict.latency.is_zero() {
        tokio::time::sleep(verdict.latency).await;
    }

    let call = Call {
        method: request.method().as_str(),
        path,
        query: raw,
        authorization: request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()),
        require_token: shared.require_token,
        refusals: &verdict.refusals,
        twist: verdict.twist,
    };
    let body = verdict.fault.as_ref().and_then(|fault| fault.body);
    let mut reply = match &verdict.fault {
        Some(Fault { status: Some(status), body: None, raw: None, .. }) => {
            Reply::new(*status, "application/problem+json", Problem::injected(*status).body(serial))
        }
        _ => call.answer(&shared.world(), serial),
    };
    if let Some(fault) = &verdict.fault {
        reply.spoil(fault);
    }
    match body {
        // A client that leaves earlier drops the wait.
        Some(BodyFault::Hang) => super::stopped(shared.stopping.clone()).await,
        Some(BodyFault::Close) => {}
        _ => shared.journal().answer(serial, reply.status, reply.rows, reply.body.len()),
    }
    if matches!(body, Some(BodyFault::Hang | BodyFault::Close)) {
        switch.cut();
    }
    reply.response(body == Some(BodyFault::Cut))
}
