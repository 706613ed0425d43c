//! The yardstick `bare`: a server that makes the upstream requests it was told, and answers what it was told.
//!
//! What it costs is what nobody can save who sends these requests: reading a request, sending some, reading their
//! answers to the end, answering. Its HTTP client is the one that all three use, so that no server is measured by the
//! client of another.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::post,
};
use futures::future::join_all;
use reqwest::{Client, Url};
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
    rounds: Vec<Vec<Url>>,
    answer: Bytes,
}

struct Service {
    http: Client,
    scripts: HashMap<String, Prepared>,
}

impl From<Script> for Prepared {
    fn from(script: Script) -> Prepared {
        let parse = |url: String| url.parse().expect("an address");
        let rounds = script.rounds.into_iter().map(|round| round.into_iter().map(parse).collect()).collect();
        Prepared { rounds, answer: script.answer.into() }
    }
}

/// Serves the scripts, each under its name, until the process ends.
pub(crate) async fn serve(listen: SocketAddr, scripts: Scripts) {
    let http = Client::builder().no_proxy().build().expect("a client");
    let scripts = scripts.into_iter().map(|(name, script)| (name, script.into())).collect();
    let listener = TcpListener::bind(listen).await.expect("a free port");
    let router = Router::new().route("/{name}", post(answer)).with_state(Arc::new(Service { http, scripts }));
    axum::serve(listener, router).await.expect("bare serves");
}

async fn answer(State(service): State<Arc<Service>>, Path(name): Path<String>, _: Bytes) -> impl IntoResponse {
    let script = &service.scripts[&name];
    for round in &script.rounds {
        join_all(round.iter().map(|url| service.read(url))).await;
    }
    ([(CONTENT_TYPE, "application/json")], script.answer.clone())
}

impl Service {
    /// Asks and reads the answer to its end.
    async fn read(&self, url: &Url) {
        let mut response = self.http.get(url.clone()).send().await.expect("an answer");
        assert!(response.status().is_success(), "{url} answers {}", response.status());
        while response.chunk().await.expect("a body").is_some() {}
    }
}
