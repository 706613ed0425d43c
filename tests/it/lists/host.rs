//! A host that pages as a test says, behind a gateway of its own.

use crate::support::{gateway, limits, settings};
use accounts_graph::graph::engine::Limits;
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// What a host says of how many rows there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Total {
    Told,
    Null,
    Absent,
    /// 0, as some write what they do not know.
    Zero,
    /// A number that is wrong.
    Wrong(usize),
    /// The truth, and one more from the second page on.
    Growing,
}

/// What a host says of the limit that it applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Echo {
    Applied,
    Asked,
    Absent,
}

/// How a host pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    pub(super) total: Total,
    pub(super) echo: Echo,
    pub(super) cap: usize,
    /// `$meta` stands behind the rows.
    pub(super) meta_last: bool,
    /// `offset` is ignored.
    pub(super) stuck: bool,
    /// So many requests for later pages wait for each other.
    pub(super) together: usize,
}

pub(super) const USUAL: Paging =
    Paging { total: Total::Told, echo: Echo::Applied, cap: 100, meta_last: false, stuck: false, together: 0 };

/// Without any word on how many there are.
pub(super) const SILENT: Paging = Paging { total: Total::Absent, ..USUAL };

struct Shared {
    paging: Paging,
    rows: Vec<(&'static str, Vec<Value>)>,
    requests: Mutex<Vec<String>>,
    /// How many requests for later pages came.
    later: watch::Sender<usize>,
}

/// A gateway over such a host.
pub(super) struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    servers: [JoinHandle<()>; 2],
}

impl Drop for Host {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// A gateway over a host that has these rows, by collection.
pub(super) async fn host(paging: Paging, rows: Vec<(&'static str, Vec<Value>)>) -> Host {
    let shared = Arc::new(Shared { paging, rows, requests: Mutex::default(), later: watch::Sender::new(0) });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
    let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") });
    // What is nested would be asked with its holder, and there would be no list below one.
    let limits = Limits { nested_select: false, ..limits() };
    let (address, server) = gateway(settings(&base), limits).await;
    Host { address, shared, servers: [upstream, server] }
}

/// A host of so many buyers.
pub(super) async fn buyers(paging: Paging, count: usize) -> Host {
    host(paging, vec![("buyers", buyers_of("ACC-1", 0..count))]).await
}

pub(super) fn buyers_of(account: &str, numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(|n| json!({ "id": format!("BUY-{n:04}"), "account": { "id": account } })).collect()
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/v1/accounts/").to_owned();
    let query = percent_decode_str(request.uri().query().unwrap_or_default()).decode_utf8_lossy().into_owned();
    lock(&shared.requests).push(format!("/{path}?{query}"));
    let (offset, asked) = (number(&query, "&offset=").unwrap_or(0), number(&query, "&limit=").unwrap_or(10));
    if offset > 0 {
        shared.later.send_modify(|later| *later += 1);
        let mut later = shared.later.subscribe();
        let together = shared.paging.together;
        // Who asks for one page after the other never gets there.
        let met = tokio::time::timeout(Duration::from_secs(5), later.wait_for(|later| *later >= together)).await;
        if met.is_err() {
            return (StatusCode::INTERNAL_SERVER_ERROR, "the later pages were not asked for together").into_response();
        }
    }
    let collection = path.split('/').next().unwrap_or_default();
    let rows = shared.rows.iter().find(|(name, _)| *name == collection).map(|(_, rows)| rows.as_slice());
    let body = match (rows, path.split_once('/')) {
        (Some(rows), None) => shared.paging.page(&found(rows, &query), offset, asked),
        (Some(rows), Some((_, id))) => match rows.iter().find(|row| row["id"] == id) {
            Some(row) => row.to_string(),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
        (None, _) => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The rows that a query names, in its order.
fn found(rows: &[Value], query: &str) -> Vec<Value> {
    let named = |start: &str, is: &dyn Fn(&Value, &str) -> bool| {
        let (ids, _) = query.strip_prefix(start)?.split_once("))")?;
        let ids: Vec<&str> = ids.split(',').map(|id| id.trim_matches('"')).collect();
        Some(rows.iter().filter(|row| ids.iter().any(|id| is(row, id))).cloned().collect())
    };
    let by_id = named("in(id,(", &|row, id| row["id"] == id);
    let by_account = || named("in(account.id,(", &|row, id| row["account"]["id"] == id);
    let mut found: Vec<Value> = by_id.or_else(by_account).unwrap_or_else(|| rows.to_vec());
    if query.contains("&order=-id") {
        found.reverse();
    }
    found
}

impl Paging {
    fn page(self, rows: &[Value], offset: usize, asked: usize) -> String {
        let limit = asked.min(self.cap);
        let start = if self.stuck { 0 } else { offset };
        let data: Vec<&Value> = rows.iter().skip(start).take(limit).collect();
        let mut pagination = json!({ "offset": offset });
        match self.echo {
            Echo::Applied => pagination["limit"] = json!(limit),
            Echo::Asked => pagination["limit"] = json!(asked),
            Echo::Absent => {}
        }
        match self.total {
            Total::Told => pagination["total"] = json!(rows.len()),
            Total::Null => pagination["total"] = json!(null),
            Total::Absent => {}
            Total::Zero => pagination["total"] = json!(0),
            Total::Wrong(total) => pagination["total"] = json!(total),
            Total::Growing => pagination["total"] = json!(rows.len() + usize::from(offset > 0)),
        }
        let meta = json!({ "pagination": pagination });
        let (first, second) = (format!("\"$meta\":{meta}"), format!("\"data\":{}", json!(data)));
        if self.meta_last { format!("{{{second},{first}}}") } else { format!("{{{first},{second}}}") }
    }
}

fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn number(line: &str, name: &str) -> Option<usize> {
    line.split(name).nth(1)?.split('&').next()?.parse().ok()
}

impl Host {
    pub(super) async fn query(&self, query: &str) -> Value {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        let body = json!({ "query": query });
        let text = request.json(&body).send().await.expect("an answer").text().await.expect("a body");
        crate::answer::check(&body, &text);
        serde_json::from_str(&text).expect("JSON")
    }

    /// The requests since the last call, in order of text.
    pub(super) fn requests(&self) -> Vec<String> {
        let mut requests = std::mem::take(&mut *lock(&self.shared.requests));
        requests.sort();
        requests
    }

    /// Offset and limit of the requests for a collection since the last call, by offset.
    pub(super) fn pages(&self, collection: &str) -> Vec<(usize, usize)> {
        let lines = self.requests();
        let lines = lines.iter().filter(|line| line.starts_with(&format!("/{collection}?")));
        let page = |line: &String| (number(line, "&offset=").unwrap_or(0), number(line, "&limit=").expect("a limit"));
        let mut pages: Vec<_> = lines.map(page).collect();
        pages.sort_unstable();
        pages
    }
}
