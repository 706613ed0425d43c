//! A proxy before the upstream that notes what is asked of it, and in which rounds.
//!
//! It holds back every answer for a moment, so that all requests of a round have arrived before the first of them is
//! answered: what arrives later depends on an answer. Requests that find out what a host speaks are not noted: they are
//! sent once, not for each query.

use super::{recording::Exchange, replay};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, header::CONTENT_TYPE},
};
use reqwest::Url;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, time::Instant};

const HOLD: Duration = Duration::from_millis(50);

/// A running proxy.
pub(crate) struct Tap {
    address: SocketAddr,
    upstream: Url,
    seen: Arc<Seen>,
}

struct Seen {
    http: reqwest::Client,
    upstream: Url,
    requests: Mutex<Vec<Asked>>,
}

/// One request and its answer.
#[derive(Clone)]
struct Asked {
    url: Url,
    arrived: Instant,
    answered: Option<Instant>,
    exchange: Exchange,
}

/// What one query asked of the upstream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) rounds: Vec<Vec<String>>,
    pub(crate) requests: usize,
    /// The length of all bodies.
    pub(crate) bytes: usize,
    pub(crate) exchanges: Vec<Exchange>,
}

impl Tap {
    /// Starts before an upstream.
    pub(crate) async fn start(upstream: &Url) -> Tap {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let seen = Arc::new(Seen { http, upstream: upstream.clone(), requests: Mutex::default() });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(forward).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("the tap serves") });
        Tap { address, upstream: upstream.clone(), seen }
    }

    /// What to give as the upstream.
    pub(crate) fn url(&self) -> Url {
        let mut url = self.upstream.clone();
        url.set_scheme("http").expect("http is a scheme");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(self.address.port())).expect("a port");
        url
    }

    /// What was asked since the last call.
    pub(crate) fn take(&self) -> Traffic {
        let mut asked = std::mem::take(&mut *self.seen.requests());
        asked.sort_by_key(|asked| asked.arrived);
        let mut numbers: Vec<usize> = Vec::new();
        let mut traffic = Traffic { requests: asked.len(), ..Traffic::default() };
        for this in &asked {
            let before = asked.iter().zip(&numbers);
            let answered = before.filter(|(other, _)| other.answered.is_some_and(|at| at < this.arrived));
            let number = answered.map(|(_, number)| number + 1).max().unwrap_or(0);
            numbers.push(number);
            traffic.rounds.resize(traffic.rounds.len().max(number + 1), Vec::new());
            traffic.rounds[number].push(this.url.to_string());
            traffic.bytes += this.exchange.body.len();
            traffic.exchanges.push(this.exchange.clone());
        }
        traffic
    }
}

impl Seen {
    fn requests(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn forward(State(seen): State<Arc<Seen>>, request: Request) -> Response<Body> {
    let mut url = seen.upstream.clone();
    url.set_path(request.uri().path());
    url.set_query(request.uri().query());
    let target = request.uri().path_and_query().map_or("", |target| target.as_str()).to_owned();
    let place = (!replay::is_probe(&target)).then(|| {
        let mut requests = seen.requests();
        let exchange = Exchange { target, ..Exchange::default() };
        requests.push(Asked { url: url.clone(), arrived: Instant::now(), answered: None, exchange });
        requests.len() - 1
    });
    let response = seen.http.get(url).send().await.expect("an answer");
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).cloned();
    let body = response.text().await.expect("a body");
    tokio::time::sleep(HOLD).await;
    let mut requests = seen.requests();
    if let Some(asked) = place.and_then(|place| requests.get_mut(place)) {
        asked.answered = Some(Instant::now());
        asked.exchange.status = status.as_u16();
        let content_type = kind.as_ref().and_then(|kind| kind.to_str().ok());
        content_type.unwrap_or_default().clone_into(&mut asked.exchange.content_type);
        asked.exchange.body.clone_from(&body);
    }
    drop(requests);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}
