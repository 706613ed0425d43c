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
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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
    /// Whether a page says from where on it is, and not what was asked.
    pub(super) frank: bool,
    /// So many requests for later pages wait for each other.
    pub(super) together: usize,
    /// So often a row moves before a later page is answered.
    pub(super) moves: usize,
    /// What moves the others.
    pub(super) moved_by: Mover,
}

/// What makes rows move from one page to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mover {
    /// The first row is deleted.
    Gone,
    /// A row is added before the first.
    New,
    /// Others take the places of all.
    Others,
}

pub(super) const USUAL: Paging = Paging {
    total: Total::Told,
    echo: Echo::Applied,
    cap: 100,
    meta_last: false,
    stuck: false,
    frank: false,
    together: 0,
    moves: 0,
    moved_by: Mover::Gone,
};

/// Without any word on how many there are.
pub(super) const SILENT: Paging = Paging { total: Total::Absent, ..USUAL };

struct Shared {
    paging: Paging,
    rows: Vec<(&'static str, Vec<Value>)>,
    requests: Mutex<Vec<String>>,
    /// How many requests for later pages came.
    later: watch::Sender<usize>,
    /// How often rows moved.
    moved: AtomicUsize,
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
    let (later, moved) = (watch::Sender::new(0), AtomicUsize::new(0));
    let shared = Arc::new(Shared { paging, rows, requests: Mutex::default(), later, moved });
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
    let rows = |name: &str| shared.rows.iter().find(|(known, _)| *known == name).map(|(_, rows)| rows.as_slice());
    let one = || {
        let (collection, id) = path.split_once('/')?;
        rows(collection)?.iter().find(|row| row["id"] == id)
    };
    let body = match (rows(&path), one()) {
        (Some(rows), _) => shared.paging.page(&shared.moved(found(rows, &query), offset), offset, asked),
        (None, Some(row)) => row.to_string(),
        (None, None) => return StatusCode::NOT_FOUND.into_response(),
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
    let beyond = |start: &str, wanted: std::cmp::Ordering| {
        let (id, _) = query.strip_prefix(start)?.split_once('"')?;
        Some(rows.iter().filter(|row| row["id"].as_str().map(|own| own.cmp(id)) == Some(wanted)).cloned().collect())
    };
    let behind =
        || beyond("gt(id,\"", std::cmp::Ordering::Greater).or_else(|| beyond("lt(id,\"", std::cmp::Ordering::Less));
    let mut found: Vec<Value> = by_id.or_else(by_account).or_else(behind).unwrap_or_else(|| rows.to_vec());
    if query.contains("&order=-id") {
        found.reverse();
    }
    found
}

impl Shared {
    /// The rows as they are when a page is asked for.
    fn moved(&self, rows: Vec<Value>, offset: usize) -> Vec<Value> {
        let most = self.paging.moves;
        let one_more = |moved: usize| (offset > 0 && moved < most).then_some(moved + 1);
        let moved =
            self.moved.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).map_or_else(|n| n, |n| n + 1);
        let other = |mut row: Value| {
            let (kind, number) = row["id"].as_str().and_then(|id| id.split_once('-')).unwrap_or_default();
            row["id"] = json!(format!("{kind}-{moved:04}-{number}"));
            row
        };
        match (self.paging.moved_by, rows.first().cloned()) {
            (Mover::Gone, _) => rows.into_iter().skip(moved).collect(),
            (Mover::Others, _) => rows.into_iter().map(other).collect(),
            (Mover::New, None) => rows,
            (Mover::New, Some(first)) => {
                let id = first["id"].as_str().and_then(|id| id.split('-').next()).unwrap_or_default();
                let new = |n: usize| {
                    let mut row = first.clone();
                    row["id"] = json!(format!("{id}-0000-{n:04}"));
                    row
                };
                (0..moved).rev().map(new).chain(rows).collect()
            }
        }
    }
}

impl Paging {
    fn page(self, rows: &[Value], offset: usize, asked: usize) -> String {
        let limit = asked.min(self.cap);
        let start = if self.stuck { 0 } else { offset };
        let data: Vec<&Value> = rows.iter().skip(start).take(limit).collect();
        let mut pagination = json!({ "offset": if self.frank { start } else { offset } });
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
