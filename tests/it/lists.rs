//! Lists of upstreams that do not say how many rows there are, give fewer at a time than asked, or contradict themselves:
//! they are whole or an error, and take the fewest requests (`accounts-api-v5.md` section 5).

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
enum Total {
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
enum Echo {
    Applied,
    Asked,
    Absent,
}

/// How a host pages.
#[derive(Clone, Copy, Debug)]
struct Paging {
    total: Total,
    echo: Echo,
    cap: usize,
    /// `$meta` stands behind the rows.
    meta_last: bool,
    /// `offset` is ignored.
    stuck: bool,
    /// So many requests for later pages wait for each other.
    together: usize,
}

const USUAL: Paging =
    Paging { total: Total::Told, echo: Echo::Applied, cap: 100, meta_last: false, stuck: false, together: 0 };

/// Without any word on how many there are.
const SILENT: Paging = Paging { total: Total::Absent, ..USUAL };

struct Shared {
    paging: Paging,
    rows: Vec<(&'static str, Vec<Value>)>,
    requests: Mutex<Vec<String>>,
    /// How many requests for later pages came.
    later: watch::Sender<usize>,
}

/// A gateway over such a host.
struct Host {
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
async fn host(paging: Paging, rows: Vec<(&'static str, Vec<Value>)>) -> Host {
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
async fn buyers(paging: Paging, count: usize) -> Host {
    host(paging, vec![("buyers", buyers_of("ACC-1", 0..count))]).await
}

fn buyers_of(account: &str, numbers: std::ops::Range<usize>) -> Vec<Value> {
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

fn number(line: &str, name: &str) -> Option<usize> {
    line.split(name).nth(1)?.split('&').next()?.parse().ok()
}

impl Host {
    async fn query(&self, query: &str) -> Value {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        request.json(&json!({ "query": query })).send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The requests since the last call, in order of text.
    fn requests(&self) -> Vec<String> {
        let mut requests = std::mem::take(&mut *lock(&self.shared.requests));
        requests.sort();
        requests
    }

    /// Offset and limit of the requests for a collection since the last call, by offset.
    fn pages(&self, collection: &str) -> Vec<(usize, usize)> {
        let lines = self.requests();
        let lines = lines.iter().filter(|line| line.starts_with(&format!("/{collection}?")));
        let page = |line: &String| (number(line, "&offset=").unwrap_or(0), number(line, "&limit=").expect("a limit"));
        let mut pages: Vec<_> = lines.map(page).collect();
        pages.sort_unstable();
        pages
    }
}

fn nodes(numbers: impl Iterator<Item = usize>) -> Value {
    numbers.map(|n| json!({ "id": format!("BUY-{n:04}") })).collect()
}

/// An answer whose only root field failed.
fn failed(message: &str, answer: &Value, field: &str) {
    let error = json!({ "message": message, "locations": [{ "line": 1, "column": 3 }], "path": [field],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    assert_eq!(*answer, json!({ "errors": [error], "data": { field: null } }));
}

/// An answer whose `totalCount` is not known.
fn uncounted(connection: Value, query: &str) -> Value {
    let column = query.find("totalCount").expect("totalCount is selected") + 1;
    let error = json!({ "message": "The accounts API does not say how many there are.",
        "locations": [{ "line": 1, "column": column }], "path": ["buyers", "totalCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    json!({ "errors": [error], "data": { "buyers": connection } })
}

// ---- whole lists ----

/// Asks for all groups of an account, of which there are so many, below a buyer.
async fn all_groups(paging: Paging, count: usize) -> (Value, Vec<(usize, usize)>) {
    let groups = (0..count).map(|n| json!({ "id": format!("UGR-{n:04}"), "account": { "id": "ACC-1" } })).collect();
    let host = host(paging, vec![("buyers", buyers_of("ACC-1", 0..1)), ("user-groups", groups)]).await;
    let answer = host.query("{ buyers(first: 1) { nodes { account { groups { id } } } } }").await;
    (answer, host.pages("user-groups"))
}

fn whole(count: usize) -> Value {
    let groups: Value = (0..count).map(|n| json!({ "id": format!("UGR-{n:04}") })).collect();
    json!({ "data": { "buyers": { "nodes": [{ "account": { "groups": groups } }] } } })
}

#[tokio::test]
async fn a_list_is_whole_whatever_is_said_of_its_length_and_of_the_limit() {
    let (told, silent) = (USUAL, SILENT);
    let capped = Paging { cap: 50, ..USUAL };
    let hundreds = [(0, 100), (100, 100), (200, 3)];
    let blind_hundreds = [(0, 100), (100, 100), (200, 100)];
    let fifties = [(0, 100), (50, 50), (100, 50), (150, 50), (200, 3)];
    // What the limit is here shows with the second page.
    let learnt = [(0, 100), (50, 100), (100, 50), (150, 50), (200, 3)];
    let blind_fifties = [(0, 100), (50, 100), (100, 100), (150, 100), (200, 100)];
    let cases: [(Paging, &[(usize, usize)]); 13] = [
        (told, &hundreds),
        (Paging { cap: 1000, ..told }, &hundreds),
        (Paging { echo: Echo::Asked, ..told }, &hundreds),
        (Paging { echo: Echo::Absent, ..told }, &hundreds),
        (Paging { meta_last: true, ..told }, &hundreds),
        (capped, &fifties),
        (Paging { echo: Echo::Asked, ..capped }, &learnt),
        (Paging { echo: Echo::Absent, ..capped }, &learnt),
        (silent, &blind_hundreds),
        (Paging { total: Total::Null, ..told }, &blind_hundreds),
        (Paging { total: Total::Zero, ..told }, &blind_hundreds),
        (Paging { cap: 50, ..silent }, &blind_fifties),
        (Paging { echo: Echo::Absent, ..silent }, &[(0, 100), (100, 100), (200, 100), (203, 100)]),
    ];
    for (paging, pages) in cases {
        assert_eq!(all_groups(paging, 203).await, (whole(203), pages.to_vec()), "{paging:?}");
    }
}

#[tokio::test]
async fn a_list_that_ends_with_a_full_page_is_asked_once_more_where_nobody_says_that_it_ends() {
    let cases: [(Paging, usize, &[(usize, usize)]); 6] = [
        (USUAL, 100, &[(0, 100)]),
        (SILENT, 100, &[(0, 100), (100, 100)]),
        (SILENT, 99, &[(0, 100)]),
        (SILENT, 0, &[(0, 100)]),
        (Paging { total: Total::Zero, ..USUAL }, 0, &[(0, 100)]),
        (Paging { echo: Echo::Absent, ..SILENT }, 1, &[(0, 100), (1, 100)]),
    ];
    for (paging, count, pages) in cases {
        assert_eq!(all_groups(paging, count).await, (whole(count), pages.to_vec()), "{count} of {paging:?}");
    }
}

#[tokio::test]
async fn requests_for_later_pages_differ_in_nothing_but_their_place() {
    let groups = (0..101).map(|n| json!({ "id": format!("UGR-{n:04}"), "account": { "id": "ACC-1" } })).collect();
    let host = host(USUAL, vec![("buyers", buyers_of("ACC-1", 0..1)), ("user-groups", groups)]).await;
    host.query("{ buyers(first: 1) { nodes { account { groups { name } } } } }").await;
    let first = "/user-groups?in(account.id,(\"ACC-1\"))&select=-*,id,name,account.id&order=id&limit=100";
    let second = "/user-groups?in(account.id,(\"ACC-1\"))&select=-*,id,name,account.id&order=id&limit=1&offset=100";
    assert_eq!(host.requests(), ["/buyers?select=-*,id,account.id&order=id&limit=1", second, first]);
}

#[tokio::test]
async fn later_pages_are_asked_for_together_once_it_is_known_how_many_they_are() {
    // The host answers none of the six pages behind the first before all were asked for.
    let (answer, pages) = all_groups(Paging { together: 6, ..USUAL }, 650).await;
    assert_eq!(answer, whole(650));
    assert_eq!(pages.len(), 7);
}

#[tokio::test]
async fn later_pages_below_many_parents_are_asked_for_together() {
    let accounts: Vec<Value> = (1..=6).map(|n| json!({ "id": format!("ACC-{n}") })).collect();
    let rows = (1..=6).flat_map(|n| buyers_of(&format!("ACC-{n}"), n * 100..n * 100 + 75)).collect();
    let host = host(Paging { together: 4, ..USUAL }, vec![("accounts", accounts), ("buyers", rows)]).await;
    let answer = host.query("{ accounts { nodes { buyers(first: 2) { totalCount nodes { id } } } } }").await;
    let page = |n: usize| json!({ "buyers": { "totalCount": 75, "nodes": nodes(n * 100..n * 100 + 2) } });
    assert_eq!(answer, json!({ "data": { "accounts": { "nodes": (1..=6).map(page).collect::<Vec<_>>() } } }));
    assert_eq!(host.pages("buyers"), [(0, 100), (100, 100), (200, 100), (300, 100), (400, 50)]);
}

// ---- contradictions ----

#[tokio::test]
async fn pages_that_contradict_each_other_are_an_error_and_never_a_short_list() {
    let repeated = "The accounts API repeated a row on the pages of a list, so it may not be whole.";
    let wrong = |total| Paging { total: Total::Wrong(total), ..USUAL };
    let cases = [
        (wrong(202), 203, "The accounts API answered with more rows than the 202 that it says there are.", 3),
        (wrong(99), 203, "The accounts API answered with more rows than the 99 that it says there are.", 1),
        (
            wrong(204),
            203,
            "The accounts API says that there are 204 rows, and answered without any from the 204. on.",
            4,
        ),
        (wrong(7), 0, "The accounts API says that there are 7 rows, and answered without any from the 1. on.", 1),
        (
            Paging { total: Total::Growing, ..USUAL },
            203,
            "The accounts API told different numbers of rows on the pages of a list, so it may not be whole.",
            3,
        ),
        (Paging { stuck: true, ..USUAL }, 203, repeated, 3),
        (Paging { stuck: true, ..SILENT }, 203, repeated, 2),
    ];
    for (paging, count, message, most) in cases {
        let (answer, pages) = all_groups(paging, count).await;
        let error = json!({ "message": message, "locations": [{ "line": 1, "column": 42 }],
            "path": ["buyers", "nodes", 0, "account", "groups"], "extensions": { "code": "UPSTREAM_INVALID" } });
        let data = json!({ "buyers": { "nodes": [{ "account": { "groups": null } }] } });
        assert_eq!(answer, json!({ "errors": [error], "data": data }), "{paging:?}");
        assert!(pages.len() <= most, "{paging:?}: {pages:?}");
    }
}

#[tokio::test]
async fn a_page_of_a_caller_contradicts_its_total_as_well() {
    let host = buyers(Paging { total: Total::Wrong(2), ..USUAL }, 5).await;
    let answer = host.query("{ buyers(first: 3) { nodes { id } } }").await;
    failed("The accounts API answered with more rows than the 2 that it says there are.", &answer, "buyers");
    let host = buyers(Paging { total: Total::Wrong(9), ..USUAL }, 5).await;
    let answer = host.query("{ buyers(first: 8) { nodes { id } } }").await;
    failed("The accounts API says that there are 9 rows, and answered without any from the 6. on.", &answer, "buyers");
}

#[tokio::test]
async fn what_is_no_documented_list_is_refused() {
    let rows = r#"[{"id":"BUY-1"}]"#;
    for body in [
        rows.to_owned(),
        format!("{{\"data\":{rows}}}"),
        format!("{{\"$meta\":7,\"data\":{rows}}}"),
        format!("{{\"$meta\":{{}},\"items\":{rows}}}"),
        "{\"$meta\":{},\"data\":{\"id\":\"BUY-1\"}}".to_owned(),
        "{\"id\":\"BUY-1\"}".to_owned(),
    ] {
        let answer = crate::fake::saying(body).await.query("{ buyers { nodes { id } } }").await;
        failed("The accounts API answered with something that is not a list.", &answer, "buyers");
    }
    let body = format!("{{\"data\":{rows},\"$meta\":{{}}}}");
    let answer = crate::fake::saying(body).await.query("{ buyers(first: 1) { nodes { id } } }").await;
    assert_eq!(answer, json!({ "data": { "buyers": { "nodes": [{ "id": "BUY-1" }] } } }));
}

// ---- pages of a caller, where nobody says how many there are ----

#[tokio::test]
async fn a_page_is_answered_without_asking_how_many_there_are() {
    let host = buyers(SILENT, 5).await;
    let query = "{ buyers(first: 2) { nodes { id } } }";
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": { "nodes": nodes(0..2) } } }));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    let query = "{ buyers(first: 2) { totalCount nodes { id } } }";
    assert_eq!(host.query(query).await, uncounted(json!({ "totalCount": null, "nodes": nodes(0..2) }), query));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    let query = "{ buyers { totalCount } }";
    assert_eq!(host.query(query).await, uncounted(json!({ "totalCount": null }), query));
    assert_eq!(host.pages("buyers"), [(0, 0)]);
}

#[tokio::test]
async fn a_page_that_the_list_ends_on_tells_how_many_there_are() {
    let host = buyers(SILENT, 5).await;
    for (arguments, rows, page) in
        [("first: 8", 0..5, (0, 8)), ("first: 3, offset: 3", 3..5, (3, 3)), ("last: 8", 0..5, (0, 8))]
    {
        let query = format!("{{ buyers({arguments}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
        let page_info = json!({ "hasNextPage": false });
        let buyers = json!({ "totalCount": 5, "nodes": nodes(rows), "pageInfo": page_info });
        assert_eq!(host.query(&query).await, json!({ "data": { "buyers": buyers } }));
        assert_eq!(host.pages("buyers"), [page]);
    }
}

#[tokio::test]
async fn whether_there_is_a_next_page_takes_one_row_more_where_it_is_asked() {
    let host = buyers(SILENT, 5).await;
    for (arguments, rows, next, pages) in [
        ("first: 2", 0..2, true, [(0, 2), (2, 1)]),
        ("first: 5", 0..5, false, [(0, 5), (5, 1)]),
        ("first: 2, offset: 3", 3..5, false, [(3, 2), (5, 1)]),
        ("first: 0", 0..0, true, [(0, 0), (0, 1)]),
    ] {
        let query = format!("{{ buyers({arguments}) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
        let buyers = json!({ "nodes": nodes(rows), "pageInfo": { "hasNextPage": next } });
        assert_eq!(host.query(&query).await, json!({ "data": { "buyers": buyers } }), "{arguments}");
        assert_eq!(host.pages("buyers"), pages, "{arguments}");
    }
    // What ends the list tells how many there are.
    let query = "{ buyers(first: 5) { totalCount nodes { id } pageInfo { hasNextPage } } }";
    let buyers = json!({ "totalCount": 5, "nodes": nodes(0..5), "pageInfo": { "hasNextPage": false } });
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": buyers } }));
}

#[tokio::test]
async fn where_a_page_lies_is_found_out_by_its_rows_where_they_are_not_selected() {
    let host = buyers(SILENT, 5).await;
    let cursors = host.query("{ buyers(first: 2) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
    host.requests();
    let query = "{ buyers(first: 2) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page_info = json!({ "hasNextPage": true, "hasPreviousPage": false,
        "startCursor": cursors[0]["cursor"], "endCursor": cursors[1]["cursor"] });
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": { "pageInfo": page_info } } }));
    assert_eq!(host.pages("buyers"), [(0, 0), (0, 2), (2, 1)]);
}

#[tokio::test]
async fn behind_the_end_there_is_no_next_page_and_a_previous_one_if_there_is_anything() {
    for (count, previous) in [(5, true), (0, false)] {
        let host = buyers(SILENT, count).await;
        let query = "{ buyers(first: 2, offset: 9) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }";
        let page_info = json!({ "hasNextPage": false, "hasPreviousPage": previous });
        let buyers = json!({ "nodes": [], "pageInfo": page_info });
        assert_eq!(host.query(query).await, json!({ "data": { "buyers": buyers } }));
        assert_eq!(host.pages("buyers"), [(0, 1), (9, 2)]);
    }
}

#[tokio::test]
async fn pages_from_the_end_need_to_know_where_it_is() {
    let host = buyers(SILENT, 5).await;
    let answer = host.query("{ buyers(last: 2) { nodes { id } } }").await;
    let message = "The accounts API did not say how many there are, so none can be counted from the end.";
    failed(message, &answer, "buyers");
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    // A page before a cursor is counted from there.
    let edges = host.query("{ buyers(first: 4) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
    host.requests();
    let query = format!("{{ buyers(last: 2, before: {}) {{ nodes {{ id }} }} }}", edges[3]["cursor"]);
    assert_eq!(host.query(&query).await, json!({ "data": { "buyers": { "nodes": nodes(1..3) } } }));
    assert_eq!(host.pages("buyers"), [(1, 2)]);
    // There were more when the cursor was made.
    let fewer = buyers(SILENT, 2).await;
    let query = format!("{{ buyers(last: 2, before: {}) {{ nodes {{ id }} }} }}", edges[3]["cursor"]);
    assert_eq!(fewer.query(&query).await, json!({ "data": { "buyers": { "nodes": nodes(0..2) } } }));
    assert_eq!(fewer.pages("buyers"), [(0, 2), (1, 2)]);
    let none = buyers(SILENT, 0).await;
    failed(message, &none.query(&query).await, "buyers");
}

#[tokio::test]
async fn equal_pages_are_asked_once_whichever_of_them_asks_for_the_next_one() {
    let host = buyers(SILENT, 5).await;
    let query = "{ a: buyers(first: 2) { nodes { id } } b: buyers(first: 2) { pageInfo { hasNextPage } nodes { id } } c: buyers(first: 2) { nodes { id } } }";
    let plain = json!({ "nodes": nodes(0..2) });
    let placed = json!({ "pageInfo": { "hasNextPage": true }, "nodes": nodes(0..2) });
    assert_eq!(host.query(query).await, json!({ "data": { "a": plain, "b": placed, "c": plain } }));
    assert_eq!(host.pages("buyers"), [(0, 2), (2, 1)]);
}

#[tokio::test]
async fn a_total_of_0_beside_rows_is_none_from_then_on() {
    let host = buyers(Paging { total: Total::Zero, ..USUAL }, 5).await;
    let query = "{ buyers(first: 2) { totalCount nodes { id } } }";
    assert_eq!(host.query(query).await, uncounted(json!({ "totalCount": null, "nodes": nodes(0..2) }), query));
    let query = "{ buyers { totalCount } }";
    assert_eq!(host.query(query).await, uncounted(json!({ "totalCount": null }), query));
}

// ---- pages of many parents, where nobody says how many there are ----

/// Asks for the first buyer of each of two accounts that have so many each.
async fn first_of_two(each: usize) -> (Value, Vec<(usize, usize)>) {
    let rows = [buyers_of("ACC-1", 0..each), buyers_of("ACC-2", each..2 * each)].concat();
    let accounts = vec![json!({ "id": "ACC-1" }), json!({ "id": "ACC-2" })];
    let host = host(SILENT, vec![("accounts", accounts), ("buyers", rows)]).await;
    let answer = host.query("{ accounts { nodes { buyers(first: 1) { totalCount nodes { id } } } } }").await;
    (answer, host.pages("buyers"))
}

#[tokio::test]
async fn all_rows_of_many_parents_are_read_while_that_takes_no_more_pages_than_there_are_parents() {
    for (each, pages) in
        [(40, &[(0, 100)][..]), (75, &[(0, 100), (100, 100)]), (125, &[(0, 100), (100, 100), (200, 100)])]
    {
        let (answer, asked) = first_of_two(each).await;
        let page = |first: usize| json!({ "buyers": { "totalCount": each, "nodes": nodes(first..first + 1) } });
        assert_eq!(answer, json!({ "data": { "accounts": { "nodes": [page(0), page(each)] } } }));
        assert_eq!(asked, pages);
    }
}

#[tokio::test]
async fn parents_are_asked_one_by_one_when_that_many_pages_were_not_all() {
    let (answer, asked) = first_of_two(200).await;
    let page = |first: usize| json!({ "buyers": { "totalCount": null, "nodes": nodes(first..first + 1) } });
    let error = |place: usize| {
        json!({ "message": "The accounts API does not say how many there are.",
        "locations": [{ "line": 1, "column": 42 }], "path": ["accounts", "nodes", place, "buyers", "totalCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } })
    };
    let data = json!({ "accounts": { "nodes": [page(0), page(200)] } });
    assert_eq!(answer, json!({ "errors": [error(0), error(1)], "data": data }));
    assert_eq!(asked, [(0, 1), (0, 1), (0, 100), (100, 100), (200, 100)]);
}

// ---- by ids ----

#[tokio::test]
async fn entities_by_id_are_all_found_and_no_page_is_asked_behind_them() {
    let ids: Vec<String> = (0..60).map(|n| format!("BUY-{n:04}")).collect();
    let query = format!("{{ nodes(ids: {}) {{ id }} }}", json!(ids));
    for (paging, pages) in [
        (USUAL, &[(0, 100)][..]),
        (SILENT, &[(0, 100)]),
        (Paging { echo: Echo::Absent, ..SILENT }, &[(0, 100)]),
        (Paging { cap: 50, ..USUAL }, &[(0, 100), (50, 10)]),
        (Paging { cap: 50, ..SILENT }, &[(0, 100), (50, 50)]),
        (Paging { cap: 50, echo: Echo::Absent, ..SILENT }, &[(0, 100), (50, 50)]),
    ] {
        let host = buyers(paging, 80).await;
        assert_eq!(host.query(&query).await, json!({ "data": { "nodes": nodes(0..60) } }), "{paging:?}");
        assert_eq!(host.pages("buyers"), pages, "{paging:?}");
    }
}

// ---- what is omitted ----

#[tokio::test]
async fn what_the_list_or_a_row_names_as_omitted_is_asked_for_and_nothing_else() {
    let (website, other) = (json!(["website", "groups"]), json!(["audit"]));
    // On the envelope, on the first row and on the second, and which of the rows are asked once more.
    let cases = [
        (Some(&website), None, None, &["ACC-1", "ACC-2"][..]),
        (Some(&website), Some(&other), None, &["ACC-1", "ACC-2"]),
        (Some(&website), Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (Some(&other), Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (None, Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (None, Some(&website), Some(&other), &["ACC-1"]),
        (None, Some(&website), None, &["ACC-1"]),
        (Some(&other), None, Some(&website), &["ACC-2"]),
        (Some(&other), Some(&other), None, &[]),
        (None, None, None, &[]),
    ];
    for (envelope, first, second, asked) in cases {
        let row = |id: &str, omitted: Option<&Value>| {
            omitted.map_or(json!({ "id": id }), |names| json!({ "id": id, "$meta": { "omitted": names } }))
        };
        let mut list = json!({ "$meta": { "pagination": { "offset": 0, "limit": 100, "total": 2 } },
            "data": [row("ACC-1", first), row("ACC-2", second)] });
        if let Some(names) = envelope {
            list["$meta"]["omitted"] = names.clone();
        }
        let told = |id: &str| json!({ "id": id, "website": format!("https://{id}.example.com") });
        let fake = crate::fake::fake(move |line| {
            let body = match line {
                line if line.starts_with("/accounts?in(") => crate::fake::list(&json!([told("ACC-1"), told("ACC-2")])),
                line if line.starts_with("/accounts?") => list.to_string(),
                line => told(line.split(['/', '?']).nth(2).unwrap_or_default()).to_string(),
            };
            (200, body)
        })
        .await;
        let answer = fake.query("{ accounts(first: 2) { nodes { id website } } }").await;
        let site = |id: &str| asked.contains(&id).then(|| format!("https://{id}.example.com"));
        let node = |id: &str| json!({ "id": id, "website": site(id) });
        let accounts = json!({ "nodes": [node("ACC-1"), node("ACC-2")] });
        assert_eq!(answer, json!({ "data": { "accounts": accounts } }), "{envelope:?} {first:?} {second:?}");
        let mut lines = vec!["/accounts?select=-*,id,website&order=id&limit=2".to_owned()];
        match asked {
            [] => {}
            [only] => lines.push(format!("/accounts/{only}?select=-*,id,website")),
            _ => {
                lines.push("/accounts?in(id,(\"ACC-1\",\"ACC-2\"))&select=-*,id,website&order=id&limit=100".to_owned())
            }
        }
        assert_eq!(fake.requests(), lines, "{envelope:?} {first:?} {second:?}");
    }
}

// ---- bounds ----

#[tokio::test]
async fn an_endless_list_ends_with_the_budget_of_requests() {
    // Each page is full of rows that never came before.
    let endless = crate::fake::fake(|line| {
        let offset = number(line, "&offset=").unwrap_or(0);
        let rows: Vec<Value> = match line.starts_with("/buyers") {
            true => buyers_of("ACC-1", 0..1),
            false => (offset..offset + 100)
                .map(|n| json!({ "id": format!("UGR-{n:07}"), "account": { "id": "ACC-1" } }))
                .collect(),
        };
        (200, json!({ "$meta": { "pagination": { "limit": 100 } }, "data": rows }).to_string())
    })
    .await;
    let answer = endless.query("{ buyers(first: 1) { nodes { account { website groups { id } } } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "COST_EXCEEDED", "{answer}");
    assert_eq!(answer["data"]["buyers"]["nodes"][0]["account"]["groups"], Value::Null);
    let most = limits().entities.div_ceil(100).max(limits().upstream_requests);
    assert!(endless.requests().len() <= most);
}
