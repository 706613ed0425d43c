//! The yardstick `bare`: a server that makes the upstream requests it was told, and answers what it was told.
//!
//! What it costs is what nobody can save who sends these requests: reading a request, sending some, reading their
//! answers to the end, answering. So its client is hyper's own: what others put on top can be saved.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{Uri, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::post,
};
use futures::future::join_all;
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// What to do for one workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Script {
    /// The addresses to GET: all of a round at once, a round when all of the one before have answered.
    pub(crate) rounds: Vec<Vec<String>>,
    /// The answer.
    pub(crate) answer: String,
}

/// Scripts by the name of their workload.
pub(crate) type Scripts = HashMap<String, Script>;

struct Prepared {
    rounds: Vec<Vec<Uri>>,
    answer: Bytes,
}

struct Service {
    http: Client<HttpConnector, Body>,
    scripts: HashMap<String, Prepared>,
}

impl From<Script> for Prepared {
    fn from(script: Script) -> Prepared {
        let parse = |uri: String| uri.parse().expect("an address");
        let rounds = script.rounds.into_iter().map(|round| round.into_iter().map(parse).collect()).collect();
        Prepared { rounds, answer: script.answer.into() }
    }
}

/// Serves the scripts, each under its name, until the process ends.
pub(crate) async fn serve(listen: SocketAddr, scripts: Scripts) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let http = Client::builder(TokioExecutor::new()).build(connector);
    let scripts = scripts.into_iter().map(|(name, script)| (name, script.into())).collect();
    let listener = TcpListener::bind(listen).await.expect("a free port");
    let router = Router::new().route("/{name}", post(answer)).with_state(Arc::new(Service { http, scripts }));
    axum::serve(listener, router).await.expect("bare serves");
}

async fn answer(State(service): State<Arc<Service>>, Path(name): Path<String>, _: Bytes) -> impl IntoResponse {
    let script = &service.scripts[&name];
    for round in &script.rounds {
        join_all(round.iter().map(|uri| service.read(uri))).await;
    }
    ([(CONTENT_TYPE, "application/json")], script.answer.clone())
}

impl Service {
    /// Asks and reads the answer to its end.
    async fn read(&self, uri: &Uri) {
        let mut response = self.http.get(uri.clone()).await.expect("an answer");
        assert!(response.status().is_success(), "{uri} answers {}", response.status());
        while let Some(frame) = response.frame().await {
            frame.expect("a body");
        }
    }
}
