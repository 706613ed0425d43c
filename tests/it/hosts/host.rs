//! A host that pages, dates, omits and refuses as its switches say, behind a gateway of its own.

use crate::support::{gateway_by, limits, settings};
use accounts_graph::{
    graph::engine::Limits,
    upstream::{marketplace::membership::MembershipRoutes, memory::Clock},
};
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

/// What a host says of how many rows there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Total {
    Given,
    Null,
    Absent,
    /// More than there are.
    Larger,
    /// Fewer than the first page has.
    Smaller,
}

/// What a host says of the limit that it applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Echo {
    True,
    Asked,
}

/// Where a list says what its rows leave out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Omitted {
    Envelope,
    Rows,
    Both,
    /// Nothing is left out.
    None,
}

/// How dates are written: all are UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moments {
    Z,
    Offset,
    Bare,
}

/// The body of a 404.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Missing {
    Problem,
    Html,
    Empty,
    StatusCode,
}

impl Total {
    pub(super) const ALL: [Total; 5] = [Total::Given, Total::Null, Total::Absent, Total::Larger, Total::Smaller];
}

impl Echo {
    pub(super) const ALL: [Echo; 2] = [Echo::True, Echo::Asked];
}

impl Omitted {
    pub(super) const ALL: [Omitted; 4] = [Omitted::Envelope, Omitted::Rows, Omitted::Both, Omitted::None];
}

impl Moments {
    pub(super) const ALL: [Moments; 3] = [Moments::Z, Moments::Offset, Moments::Bare];
}

impl Missing {
    pub(super) const ALL: [Missing; 4] = [Missing::Problem, Missing::Html, Missing::Empty, Missing::StatusCode];

    /// The body of a 404.
    pub(super) fn body(self) -> &'static str {
        match self {
            Missing::Problem => {
                r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}"#
            }
            Missing::Html => "<html><body>404 Not Found</body></html>",
            Missing::Empty => "",
            Missing::StatusCode => r#"{"statusCode":404,"message":"Resource not found"}"#,
        }
    }
}

/// A kind of host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Switches {
    pub(super) total: Total,
    /// The most rows of a page, whatever is asked.
    pub(super) cap: usize,
    pub(super) echo: Echo,
    pub(super) omitted: Omitted,
    pub(super) moments: Moments,
    pub(super) missing: Missing,
}

/// How many more rows a host with [`Total::Larger`] counts.
const MORE: usize = 15;

/// How many buyers the first account and the second have.
pub(super) const BUYERS: [usize; 2] = [100, 30];
/// How many groups the first account has.
pub(super) const GROUPS: usize = 230;
/// How many users there are: members of the second account, all of them in its only group.
pub(super) const USERS: usize = 250;
/// How many of them are members of the first account.
pub(super) const MEMBERS: usize = 70;
/// How many sellers there are.
pub(super) const SELLERS: usize = 30;

/// A gateway over such a host.
pub(super) struct Host {
    address: SocketAddr,
    http: reqwest::Client,
    servers: [JoinHandle<()>; 2],
}

impl Drop for Host {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl Host {
    pub(super) async fn start(switches: Switches) -> Self {
        Self::below(switches, "").await
    }

    /// The same, which the gateway looks for below a path that the host does not have.
    pub(super) async fn below(switches: Switches, path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}{path}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(Arc::new(switches));
        let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") });
        // What is nested would be asked with its holder, and there would be no list below one.
        let limits = Limits { nested_select: false, ..limits() };
        let (address, server) = gateway_by(settings(&base), limits, MembershipRoutes::Auto, Clock::default()).await;
        Host { address, http: reqwest::Client::new(), servers: [upstream, server] }
    }

    pub(super) async fn query(&self, query: &str) -> Value {
        let request = self.http.post(format!("http://{}/graphql", self.address)).bearer_auth("idt:TKN-1:secret");
        request.json(&json!({ "query": query })).send().await.expect("an answer").json().await.expect("JSON")
    }
}

async fn answer(State(switches): State<Arc<Switches>>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix("/v1/accounts/").unwrap_or("nowhere").to_owned();
    let query = percent_decode_str(request.uri().query().unwrap_or_default()).decode_utf8_lossy().into_owned();
    let found = if request.method() == "GET" { switches.find(&path, &query) } else { None };
    if let Some(body) = found {
        return ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    }
    let media_type = match switches.missing {
        Missing::Html => "text/html",
        Missing::Problem => "application/problem+json",
        _ => "application/json",
    };
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, media_type)], switches.missing.body()).into_response()
}

fn numbered(prefix: &str, number: usize) -> String {
    format!("{prefix}-{number:04}")
}

/// The rows of a collection, whole.
fn rows(collection: &str, switches: &Switches) -> Option<Vec<Value>> {
    let at = match switches.moments {
        Moments::Z => "2024-01-16T21:30:13.1046031Z",
        Moments::Offset => "2024-01-16T21:30:13.1046031+00:00",
        Moments::Bare => "2024-01-16T21:30:13.1046031",
    };
    let account = |number: usize| {
        json!({ "id": numbered("ACC", number), "name": format!("Account {number}"), "website": format!("https://{number}.example.com"),
            "audit": { "created": { "at": at } } })
    };
    let reference = |number: usize| json!({ "id": numbered("ACC", number), "name": format!("Account {number}") });
    let user = |number: usize| {
        json!({ "id": numbered("USR", number), "name": format!("User {number}"), "email": format!("user{number}@example.com"),
            "SSO": number.is_multiple_of(2) })
    };
    let group = |number: usize| {
        let (account, users) = if number == 1 { (2, USERS) } else { (1, 0) };
        let users: Vec<Value> = (1..=users).map(|user| json!({ "id": numbered("USR", user) })).collect();
        json!({ "id": numbered("UGR", number), "name": format!("Group {number}"), "account": reference(account), "users": users })
    };
    let member = |account: usize, number: usize| {
        let mut member = user(number);
        member["account"] = reference(account);
        member["invitation"] = json!({ "status": "Active" });
        member["groups"] = if account == 2 { json!([{ "id": "UGR-0001" }]) } else { json!([]) };
        member
    };
    Some(match collection {
        "accounts" => (1..=3).map(account).collect(),
        "buyers" => (1..=BUYERS[0] + BUYERS[1])
            .map(|number| json!({ "id": numbered("BUY", number), "account": reference(1 + usize::from(number > BUYERS[0])) }))
            .collect(),
        "sellers" => (1..=SELLERS).map(|number| json!({ "id": numbered("SEL", number) })).collect(),
        "user-groups" => (1..=GROUPS + 1).map(group).collect(),
        "users" => (1..=USERS).map(user).collect(),
        "accounts/ACC-0001/users" => (1..=MEMBERS).map(|number| member(1, number)).collect(),
        "accounts/ACC-0002/users" => (1..=USERS).map(|number| member(2, number)).collect(),
        "accounts/ACC-0003/users" => vec![member(3, 1)],
        "users/USR-0001/accounts" => (1..=3)
            .map(|number| {
                let mut account = account(number);
                account["invitation"] = json!({ "status": "Active" });
                account
            })
            .collect(),
        _ => return None,
    })
}

/// What rows of a list leave out, though it is asked for.
fn left_out(collection: &str) -> &'static [&'static str] {
    match collection {
        "accounts" => &["website"],
        "user-groups" => &["users"],
        "users/USR-0001/accounts" => &["name", "invitation"],
        _ if collection.ends_with("/users") => &["email", "invitation"],
        _ => &[],
    }
}

impl Switches {
    /// What a path and a query name, if there is such a thing.
    fn find(&self, path: &str, query: &str) -> Option<Value> {
        if let Some(rows) = rows(path, self) {
            return Some(self.page(path, found(rows, query), query));
        }
        let (collection, id) = path.split_once('/')?;
        let mut row = rows(collection, self)?.into_iter().find(|row| row["id"] == id)?;
        let leaves_out = collection == "user-groups" && matches!(self.omitted, Omitted::Rows | Omitted::Both);
        if leaves_out || !query.contains("users") {
            row.as_object_mut().expect("a row").remove("users");
        }
        if leaves_out {
            row["$meta"] = json!({ "omitted": ["users"] });
        }
        Some(row)
    }

    fn page(&self, path: &str, rows: Vec<Value>, query: &str) -> Value {
        let number = |name: &str| query.split(name).nth(1)?.split('&').next()?.parse::<usize>().ok();
        let (offset, asked) = (number("&offset=").unwrap_or(0), number("limit=").unwrap_or(10));
        let (limit, count) = (asked.min(self.cap), rows.len());
        let mut data: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
        let stated = if self.echo == Echo::Asked { asked } else { limit };
        let mut pagination = json!({ "offset": offset, "limit": stated });
        match self.total {
            Total::Given => pagination["total"] = json!(count),
            Total::Null => pagination["total"] = Value::Null,
            Total::Absent => {}
            Total::Larger => pagination["total"] = json!(count + MORE),
            Total::Smaller => pagination["total"] = json!(count.min(limit).saturating_sub(1)),
        }
        // Whoever asks by ids is told everything.
        let names = if query.starts_with("in(id,") { &[] } else { left_out(path) };
        let mut meta = json!({ "pagination": pagination });
        if self.omitted != Omitted::None && !names.is_empty() {
            for row in &mut data {
                let members = row.as_object_mut().expect("a row");
                members.retain(|name, _| !names.contains(&name.as_str()));
                if self.omitted != Omitted::Envelope {
                    members.insert("$meta".to_owned(), json!({ "omitted": names }));
                }
            }
            if self.omitted != Omitted::Rows {
                meta["omitted"] = json!(names);
            }
        }
        json!({ "$meta": meta, "data": data })
    }
}

/// The rows that a query is about, in its order.
fn found(rows: Vec<Value>, query: &str) -> Vec<Value> {
    let filter = query.split("&select=").next().filter(|filter| !filter.starts_with("select=")).unwrap_or_default();
    let (condition, values) = filter.split_once('"').map_or((filter, ""), |(condition, values)| (condition, values));
    let values: Vec<&str> = values.split('"').step_by(2).collect();
    let names = |value: &Value| values.iter().any(|named| value == named);
    let holds = |row: &Value| match condition {
        "" => true,
        "in(id,(" | "eq(id," => names(&row["id"]),
        "eq(name," => names(&row["name"]),
        "eq(status," => names(&row["status"]),
        "in(account.id,(" => names(&row["account"]["id"]),
        "any(groups,in(id,(" | "any(groups,eq(id," => {
            row["groups"].as_array().expect("groups").iter().any(|group| names(&group["id"]))
        }
        other => panic!("{other} is a condition that this host does not know: {query}"),
    };
    let mut found: Vec<Value> = rows.into_iter().filter(holds).collect();
    if query.contains("order=-id") {
        found.reverse();
    }
    found
}
