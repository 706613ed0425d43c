//! Lists that change while one operation reads them by several requests. Whatever is inserted, deleted and changed between
//! two requests, every row that was there from the first to the last, and whose sort values did not change, is delivered
//! exactly once and in order, by hosts of every kind; or the list is an error.

use crate::{
    reference::{luck::Luck, setting},
    support::{Kit, MODES, SMALL, kit_speaking, limits},
};
use accounts_graph::{
    entity::member,
    upstream::{client::Settings, memory::Clock},
};
use accounts_graph_sandbox::{Options, Quirks, Support, Total, World};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::Mutex, task::JoinHandle};

type Row = Map<String, Value>;

/// What is delivered: the parent of a row, if it has one, and the row.
type Pair = (String, String);

/// The seed when none is given.
const SEED: u64 = 20_261_130;
/// How many operations there are when no number is given.
const OPERATIONS: u64 = 160;
/// How many are run over one world before it is made anew: it grows.
const OF_ONE_WORLD: usize = 20;
/// How many worlds there are at the same time.
const WORLDS: usize = 4;
/// The most of a hundred operations that may end in an error, since rows never rest.
const MOST_ERRORS: usize = 10;

/// What an operation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Users,
    Buyers,
    Groups,
    MembersOfAccount,
    UsersOfAccount,
    Members,
    UsersByAccount,
    UsersById,
    BuyersOfAccounts,
    GroupsOfAccounts,
    UsersOfAccounts,
    MembersOfAccounts,
    GroupsOfUsers,
    AccountsOfUsers,
    MembershipsOfUsers,
    MembersOfGroups,
}

use List::{
    AccountsOfUsers, Buyers, BuyersOfAccounts, Groups, GroupsOfAccounts, GroupsOfUsers, Members, MembersOfAccount,
    MembersOfAccounts, MembersOfGroups, MembershipsOfUsers, Users, UsersByAccount, UsersById, UsersOfAccount,
    UsersOfAccounts,
};

const ALL: [List; 16] = [
    Users,
    Buyers,
    Groups,
    MembersOfAccount,
    UsersOfAccount,
    Members,
    UsersByAccount,
    UsersById,
    BuyersOfAccounts,
    GroupsOfAccounts,
    UsersOfAccounts,
    MembersOfAccounts,
    GroupsOfUsers,
    AccountsOfUsers,
    MembershipsOfUsers,
    MembersOfGroups,
];

impl List {
    /// The orders that it may be read in beside that of ids: in `orderBy`, and the sort value of a row.
    fn orders(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Users | UsersOfAccount => &[("NAME", "name"), ("STATUS", "status")],
            Buyers | Groups | BuyersOfAccounts => &[("NAME", "name")],
            MembersOfAccount => &[("USER_NAME", "name")],
            _ => &[],
        }
    }

    /// Whether its pages may be behind a cursor.
    fn seeks(self) -> bool {
        matches!(self, Users | Buyers | Groups | MembersOfAccount | UsersOfAccount | Members)
    }

    /// The document that reads it.
    fn document(self, account: &str, accounts: &[String], users: &[String], arguments: &str) -> String {
        let page = "{ nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage } }";
        let below = |parents: &str, list: &str| {
            format!("{{ parents: {parents}(first: 100) {{ nodes {{ id list: {list}({arguments}) {page} }} }} }}")
        };
        let of_account =
            |list: &str| format!("{{ account(id: \"{account}\") {{ list: {list}({arguments}) {page} }} }}");
        let root = |list: &str, filter: &str| format!("{{ list: {list}({arguments}{filter}) {page} }}");
        match self {
            Users => root("users", ""),
            Buyers => root("buyers", ""),
            Groups => root("groups", ""),
            MembersOfAccount => of_account("accountUsers"),
            UsersOfAccount => of_account("users"),
            Members => {
                root("accountUsers", &format!(", filter: {{ account: {{ id: {{ in: {} }} }} }}", json!(accounts)))
            }
            UsersByAccount => {
                root("users", &format!(", filter: {{ accounts: {{ any: {{ id: {{ eq: \"{account}\" }} }} }} }}"))
            }
            UsersById => format!("{{ nodes(ids: {}) {{ id }} }}", json!(users)),
            BuyersOfAccounts => below("accounts", "buyers"),
            GroupsOfAccounts => below("accounts", "groups"),
            UsersOfAccounts => below("accounts", "users"),
            MembersOfAccounts => below("accounts", "accountUsers"),
            GroupsOfUsers => below("users", "groups"),
            AccountsOfUsers => below("users", "accounts"),
            MembershipsOfUsers => below("users", "accountUsers"),
            MembersOfGroups => below("groups", "accountUsers"),
        }
    }

    /// All rows that are there, each with its sort value.
    fn there(self, world: &World, account: &str, accounts: &[String], users: &[String], path: &str) -> There {
        let held = |row: &Row| row.get(path).cloned().unwrap_or_default();
        let people: BTreeMap<String, Row> =
            world.rows("users").into_iter().map(|row| (text(&row, "id").to_owned(), row)).collect();
        let listed = |row: &Row| text(row, "status") != "Deleted";
        let plain = |collection: &str, parent: Option<&str>| -> There {
            let of = |row: Row| {
                let parent = parent.map_or("", |parent| text(&row, parent)).to_owned();
                ((parent, text(&row, "id").to_owned()), held(&row))
            };
            world.rows(collection).into_iter().filter(|row| collection != "users" || listed(row)).map(of).collect()
        };
        let mut found = There::new();
        let mut members = |pairs: &dyn Fn(&Row, &str) -> Vec<Pair>| {
            for row in world.rows("account-users") {
                let Some(id) = member::id(text(&row, "account"), text(&row, "user")) else { continue };
                let value = people.get(text(&row, "user")).map(held).unwrap_or_default();
                found.extend(pairs(&row, &id).into_iter().map(|pair| (pair, value.clone())));
            }
        };
        let own = |row: &Row, name: &str| text(row, name).to_owned();
        match self {
            Users => return plain("users", None),
            Buyers => return plain("buyers", None),
            Groups => return plain("user-groups", None),
            BuyersOfAccounts => return plain("buyers", Some("account")),
            GroupsOfAccounts => return plain("user-groups", Some("account")),
            UsersById => {
                let listed = plain("users", None).into_iter();
                return listed.filter(|((_, id), _)| users.contains(id)).collect();
            }
            MembersOfAccount => members(&|row, id| {
                let here = text(row, "account") == account;
                here.then(|| (String::new(), id.to_owned())).into_iter().collect()
            }),
            UsersOfAccount | UsersByAccount => members(&|row, _| {
                let here = text(row, "account") == account;
                here.then(|| (String::new(), own(row, "user"))).into_iter().collect()
            }),
            Members => members(&|row, id| {
                let here = accounts.iter().any(|account| account == text(row, "account"));
                here.then(|| (String::new(), id.to_owned())).into_iter().collect()
            }),
            UsersOfAccounts => members(&|row, _| vec![(own(row, "account"), own(row, "user"))]),
            MembersOfAccounts => members(&|row, id| vec![(own(row, "account"), id.to_owned())]),
            AccountsOfUsers => members(&|row, _| vec![(own(row, "user"), own(row, "account"))]),
            MembershipsOfUsers => members(&|row, id| vec![(own(row, "user"), id.to_owned())]),
            GroupsOfUsers => members(&|row, _| {
                let groups = ids(row, "groups").into_iter();
                groups.map(|group| (own(row, "user"), group)).collect()
            }),
            MembersOfGroups => members(&|row, id| {
                let groups = ids(row, "groups").into_iter();
                groups.map(|group| (group, id.to_owned())).collect()
            }),
        }
        found
    }
}

/// Rows with what they are ordered by.
type There = BTreeMap<Pair, Value>;

fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn ids(row: &Row, name: &str) -> Vec<String> {
    let list = row.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// A host that changes between two requests, and may give few rows at a time.
struct Between {
    kit: OnceLock<Arc<Kit>>,
    state: Mutex<Changing>,
    http: reqwest::Client,
}

/// What changes while an operation reads.
struct Changing {
    luck: Luck,
    /// The most rows of a page.
    cap: usize,
    /// Whether pages say which limit applied.
    echo: bool,
    reading: Option<Reading>,
    /// How often each kind of change was done.
    done: BTreeMap<&'static str, usize>,
}

/// A list under way.
struct Reading {
    list: List,
    account: String,
    accounts: Vec<String>,
    users: Vec<String>,
    path: &'static str,
    /// What was there all the time.
    stable: There,
    requests: usize,
}

impl Reading {
    fn there(&self, world: &World) -> There {
        self.list.there(world, &self.account, &self.accounts, &self.users, self.path)
    }
}

async fn pass(State(host): State<Arc<Between>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let kit = host.kit.get().expect("a sandbox");
    // One after the other: each sees the changes before it.
    let mut state = host.state.lock().await;
    let state = &mut *state;
    if let Some(reading) = &mut state.reading {
        reading.requests += 1;
        for _ in 0..[0, 0, 1, 1, 2, 4][state.luck.below(6)] {
            if let Some(what) = change(&host, kit, &mut state.luck, reading).await {
                *state.done.entry(what).or_default() += 1;
            }
        }
        let now = reading.there(&kit.sandbox.world());
        reading.stable.retain(|pair, held| now.get(pair) == Some(held));
    }
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let target = match target.split_once("&limit=") {
        Some((before, rest)) => {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let limit = rest[..digits].parse::<usize>().expect("a limit").min(state.cap);
            format!("{before}&limit={limit}{}", &rest[digits..])
        }
        None => target.to_owned(),
    };
    let url = format!("{}{target}", kit.sandbox.base_url());
    let mut forward = host.http.request(parts.method, url).body(body);
    for name in ["authorization", "content-type"] {
        if let Some(value) = parts.headers.get(name) {
            forward = forward.header(name, value);
        }
    }
    let answer = forward.send().await.expect("an answer");
    let (status, bytes) = (answer.status().as_u16(), answer.bytes().await.expect("a body"));
    let status = StatusCode::from_u16(status).expect("a status");
    let mut body: Value = match serde_json::from_slice(&bytes) {
        Ok(body) => body,
        Err(_) => return (status, bytes).into_response(),
    };
    if let (false, Some(pagination)) = (state.echo, body.pointer_mut("/$meta/pagination")) {
        pagination.as_object_mut().expect("a page").remove("limit");
    }
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

/// Something that happens to the world; none when it was refused.
#[expect(clippy::too_many_lines, reason = "a list of everything that can happen")]
async fn change(host: &Between, kit: &Kit, luck: &mut Luck, reading: &Reading) -> Option<&'static str> {
    let word = format!("{}{}", char::from(b'A' + u8::try_from(luck.below(26)).unwrap_or_default()), luck.below(90));
    let world = kit.sandbox.world();
    let picked = |luck: &mut Luck, rows: Vec<Row>| -> Option<Row> {
        let place = luck.below(rows.len());
        rows.into_iter().nth(place)
    };
    let pick = |luck: &mut Luck, collection: &str| picked(luck, world.rows(collection));
    let write = async |method: &str, paths: &[String], body: Value| {
        for path in paths {
            let url = format!("{}/v1/accounts/{path}", kit.sandbox.base_url());
            let mut request = host.http.request(method.parse().expect("a method"), url);
            if !body.is_null() {
                request = request.json(&body);
            }
            if request.send().await.expect("an answer").status().is_success() {
                return true;
            }
        }
        false
    };
    let account =
        if luck.chance(50) { reading.account.clone() } else { text(&pick(luck, "accounts")?, "id").to_owned() };
    // Most of what happens, happens to the list that is read.
    let members = |luck: &mut Luck| {
        let mut rows = world.rows("account-users");
        if luck.chance(50) {
            rows.retain(|row| text(row, "account") == account);
        }
        picked(luck, rows)
    };
    // By whichever route the host has.
    let below =
        |account: &str, rest: &str| [format!("accounts/{account}/users{rest}"), format!("{account}/users{rest}")];
    let of_group = |luck: &mut Luck| {
        let mut groups = world.rows("user-groups");
        groups.retain(|row| text(row, "account") == account);
        picked(luck, groups)
    };
    let what: &[&str] = match reading.list {
        Buyers | BuyersOfAccounts => &["add buyer", "delete buyer", "rename buyer"],
        Groups | GroupsOfAccounts => &["add group", "delete group", "rename group"],
        GroupsOfUsers | MembersOfGroups => &["join", "leave", "add member", "delete member", "delete group"],
        Users | UsersById => &["add member", "delete user", "rename user", "block user"],
        _ => &["add member", "delete member", "delete member", "rename user", "block user"],
    };
    let what = *luck.pick(what)?;
    let address = json!({ "addressLine1": "1", "postCode": "1", "city": "Riga", "state": "LV", "country": "LV" });
    let done = match what {
        "add member" => {
            let group = of_group(luck)?;
            let email = format!("{}@example.com", luck.next());
            let user = json!({ "email": email, "firstName": word, "lastName": "Page" });
            let body = json!({ "user": user, "groups": [{ "id": text(&group, "id") }] });
            write("POST", &below(&account, ""), body).await
        }
        "delete member" => {
            let row = members(luck)?;
            write("DELETE", &below(text(&row, "account"), &format!("/{}", text(&row, "user"))), Value::Null).await
                || write("DELETE", &[format!("account-users/{}", text(&row, "id"))], Value::Null).await
        }
        "delete user" => {
            let user = text(&pick(luck, "users")?, "id").to_owned();
            write("DELETE", &[format!("users/{user}")], Value::Null).await
        }
        "rename user" => {
            let row = members(luck)?;
            write("PUT", &[format!("users/{}", text(&row, "user"))], json!({ "firstName": word })).await
        }
        "block user" => {
            let row = members(luck)?;
            let block = if luck.chance(50) { "block" } else { "unblock" };
            write("POST", &[format!("users/{}/{block}", text(&row, "user"))], Value::Null).await
        }
        "join" => {
            let (row, group) = (members(luck)?, of_group(luck)?);
            let path = format!("/{}/groups", text(&row, "user"));
            write("POST", &below(text(&row, "account"), &path), json!({ "id": text(&group, "id") })).await
        }
        "leave" => {
            let row = members(luck)?;
            let group = luck.pick(&ids(&row, "groups")).cloned()?;
            let path = format!("/{}/groups/{group}", text(&row, "user"));
            write("DELETE", &below(text(&row, "account"), &path), Value::Null).await
        }
        "add group" => {
            let body = json!({ "name": word, "description": word, "account": { "id": account } });
            write("POST", &["user-groups".to_owned()], body).await
        }
        "delete group" => {
            let group = text(&pick(luck, "user-groups")?, "id").to_owned();
            write("DELETE", &[format!("user-groups/{group}")], Value::Null).await
        }
        "rename group" => {
            let group = text(&pick(luck, "user-groups")?, "id").to_owned();
            write("PUT", &[format!("user-groups/{group}")], json!({ "name": word })).await
        }
        "add buyer" => {
            let body = json!({ "name": word, "address": address, "account": { "id": account } });
            write("POST", &["buyers".to_owned()], body).await
        }
        "delete buyer" => {
            let buyer = text(&pick(luck, "buyers")?, "id").to_owned();
            write("DELETE", &[format!("buyers/{buyer}")], Value::Null).await
        }
        _ => {
            let buyer = text(&pick(luck, "buyers")?, "id").to_owned();
            write("PUT", &[format!("buyers/{buyer}")], json!({ "name": word, "address": address })).await
        }
    };
    done.then_some(what)
}

/// A gateway whose upstream changes between two requests.
struct Teller {
    kit: Arc<Kit>,
    host: Arc<Between>,
    proxy: JoinHandle<()>,
    compares: bool,
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.proxy.abort();
    }
}

impl Teller {
    async fn new(number: usize, seed: u64) -> Teller {
        let mut luck = Luck::new(seed);
        let (generation, routes) = MODES[number % MODES.len()];
        let text_order = [Support::Works, Support::Refused, Support::Fails][luck.below(3)];
        let total = if luck.chance(30) { Total::Absent } else { Total::Given };
        let (cap, echo) = (3 + luck.below(20), luck.chance(50));
        let quirks = Quirks { text_order, total, ..Quirks::default() };
        let options = Options { scale: SMALL, generation, quirks, ..Options::default() };
        let state = Changing { luck, cap: 100, echo: true, reading: None, done: BTreeMap::new() };
        let host = Arc::new(Between { kit: OnceLock::new(), state: Mutex::new(state), http: reqwest::Client::new() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(Arc::clone(&host));
        let proxy = tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") });
        let mut limits = limits();
        (limits.upstream_requests, limits.entities) = (10_000, 1_000_000);
        // The host answers one request after the other, and slowly while much goes on.
        (limits.operation_timeout, limits.request_timeout) = (Duration::from_secs(300), Duration::from_secs(300));
        let patient = crate::support::settings(&base);
        let change = |_| Settings { timeout: Duration::from_secs(120), ..patient };
        let kit = Arc::new(kit_speaking(options, limits, change, routes, &Clock::default()).await);
        assert!(host.kit.set(Arc::clone(&kit)).is_ok(), "one sandbox");
        kit.learn().await;
        let mut state = host.state.lock().await;
        (state.cap, state.echo) = (cap, echo);
        drop(state);
        Teller { kit, host, proxy, compares: text_order == Support::Works }
    }

    /// Reads a list that changes meanwhile: what came of it, or what went wrong.
    async fn tell(&self, list: List, seed: u64) -> Result<Outcome, String> {
        let mut luck = Luck::new(seed);
        let world = self.kit.sandbox.world();
        let members = world.rows("account-users");
        let account = text(&members[luck.below(members.len())], "account").to_owned();
        let mut accounts: Vec<String> = world.rows("accounts").iter().map(|row| text(row, "id").to_owned()).collect();
        accounts.truncate(1 + luck.below(6));
        let users: Vec<String> = world.rows("users").iter().map(|row| text(row, "id").to_owned()).take(90).collect();
        let order = luck.pick(list.orders()).copied().filter(|_| luck.chance(60));
        let (descending, backward) = (luck.chance(40), luck.chance(35) && list != UsersById);
        let mut order_by = String::new();
        if let Some((name, _)) = order {
            let direction = if descending { "DESC" } else { "ASC" };
            order_by = format!(", orderBy: {{ field: {name}, direction: {direction} }}");
        }
        let (path, descending) = order.map_or(("", false), |(_, path)| (path, descending));
        let document = |page: &str| list.document(&account, &accounts, &users, &format!("{page}{order_by}"));
        // Between which rows the page lies.
        let mut bounds: [Option<String>; 2] = [None, None];
        let mut marks = String::new();
        let before = list.there(&world, &account, &accounts, &users, path);
        if list.seeks() && luck.chance(50) {
            let quiet = self.kit.query(&document("first: 100")).await;
            let pages = pages(&quiet);
            let (rows, cursors) = (&pages[0].rows, &pages[0].cursors);
            if rows.len() > 3 {
                let first = luck.below(rows.len() - 2);
                let last = first + 1 + luck.below(rows.len() - first - 1);
                for (bound, (name, place)) in bounds.iter_mut().zip([("after", first), ("before", last)]) {
                    let wanted = (name == "before") == backward || luck.chance(30);
                    if wanted {
                        *bound = Some(rows[place].clone());
                        marks.extend([", ", name, ": ", &cursors[place].to_string()]);
                    }
                }
            }
        }
        {
            let mut state = self.host.state.lock().await;
            state.luck = Luck::new(luck.next());
            let (account, accounts, users, stable) = (account.clone(), accounts.clone(), users.clone(), before.clone());
            state.reading = Some(Reading { list, account, accounts, users, path, stable, requests: 0 });
        }
        let size = 100 - luck.below(30);
        let query = document(&format!("{}: {size}{marks}", if backward { "last" } else { "first" }));
        let answer = self.kit.query(&query).await;
        let reading = self.host.state.lock().await.reading.take().expect("a reading");
        if let Some(errors) = answer.get("errors") {
            let errors = errors.as_array().expect("errors");
            let restless = |error: &Value| {
                error["message"].as_str().is_some_and(|text| text.ends_with("so the list may not be whole."))
            };
            if errors.iter().all(restless) {
                return Ok(Outcome::Restless);
            }
            // The row of a cursor may be deleted while its page is read.
            let lost = errors.iter().all(|error| error["extensions"]["code"] == "CURSOR_LOST");
            let may_be_lost = !self.compares && !marks.is_empty();
            return if lost && may_be_lost { Ok(Outcome::Lost) } else { Err(format!("{errors:?} of {query}")) };
        }
        let bounds = bounds.map(|bound| {
            let pair = (String::new(), bound?);
            Some(sorted((&pair, &before[&pair])))
        });
        for page in pages(&answer) {
            check(&page, &reading.stable, &bounds, descending, backward).map_err(|why| {
                format!("{list:?} {why} of {:?}, {} requests, {query}", page.parent, reading.requests)
            })?;
        }
        Ok(Outcome::Whole)
    }
}

/// What a row is ordered by: a text and its id.
type Sorted = (String, String);

fn sorted((pair, held): (&Pair, &Value)) -> Sorted {
    (held.as_str().unwrap_or_default().to_owned(), pair.1.clone())
}

/// Whether a page between two rows has every row that was there all the time, once and in order.
fn check(
    page: &Page,
    stable: &BTreeMap<Pair, Value>,
    [after, before]: &[Option<Sorted>; 2],
    descending: bool,
    backward: bool,
) -> Result<(), String> {
    let ordered = |one: &Sorted, other: &Sorted| {
        let by_value = one.0.cmp(&other.0);
        if descending { by_value.reverse() } else { by_value }.then_with(|| one.1.cmp(&other.1))
    };
    let between = |row: &Sorted| {
        after.as_ref().is_none_or(|after| ordered(after, row).is_lt())
            && before.as_ref().is_none_or(|before| ordered(row, before).is_lt())
    };
    let distinct: BTreeSet<&String> = page.rows.iter().collect();
    if distinct.len() != page.rows.len() {
        return Err(format!("has a row twice: {:?}", page.rows));
    }
    let here = stable.iter().filter(|(pair, _)| pair.0 == page.parent);
    let mut expected: Vec<(Sorted, &String)> = here.map(|(pair, held)| (sorted((pair, held)), &pair.1)).collect();
    expected.retain(|(row, _)| between(row));
    expected.sort_by(|(one, _), (other, _)| ordered(one, other));
    let expected: Vec<&String> = expected.into_iter().map(|(_, id)| id).collect();
    let delivered: Vec<&String> = page.rows.iter().filter(|row| expected.contains(row)).collect();
    let right = match (page.more, backward) {
        (false, _) => delivered == expected,
        (true, false) => expected.starts_with(&delivered),
        (true, true) => expected.ends_with(&delivered),
    };
    if right { Ok(()) } else { Err(format!("should have {expected:?}: {:?}", page.rows)) }
}

/// What comes of an operation, but for mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All rows.
    Whole,
    /// The error that the row of a cursor is not found.
    Lost,
    /// The error that rows never rest.
    Restless,
}

/// A list below a parent, or one of the root.
struct Page {
    parent: String,
    rows: Vec<String>,
    cursors: Vec<Value>,
    /// Whether there is more in the direction in which it is read.
    more: bool,
}

/// All lists of an answer.
fn pages(answer: &Value) -> Vec<Page> {
    let id = |node: &Value| node["id"].as_str().map(str::to_owned);
    let page = |parent: String, list: &Value| {
        let nodes = list["nodes"].as_array().expect("nodes");
        let cursors =
            list["edges"].as_array().map_or(vec![], |edges| edges.iter().map(|edge| edge["cursor"].clone()).collect());
        let info = &list["pageInfo"];
        let more = info["hasNextPage"] == true || info["hasPreviousPage"] == true;
        Page { parent, rows: nodes.iter().filter_map(id).collect(), cursors, more }
    };
    let data = &answer["data"];
    if let Some(parents) = data.pointer("/parents/nodes").and_then(Value::as_array) {
        return parents.iter().map(|node| page(id(node).expect("an id"), &node["list"])).collect();
    }
    if let Some(nodes) = data["nodes"].as_array() {
        let mut rows: Vec<String> = nodes.iter().filter_map(id).collect();
        // They come in the order in which they were named.
        rows.sort();
        return vec![Page { parent: String::new(), rows, cursors: vec![], more: false }];
    }
    let list = data.pointer("/list").or_else(|| data.pointer("/account/list")).expect("a list");
    vec![page(String::new(), list)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_stays_is_delivered_once_whatever_happens_between_two_requests() {
    let operations = usize::try_from(setting("ACCOUNTS_GRAPH_TEST_OPERATIONS", OPERATIONS)).expect("a number");
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", SEED);
    let next = Arc::new(AtomicUsize::new(0));
    let tellers = (0..WORLDS).map(|_| {
        let next = Arc::clone(&next);
        tokio::spawn(async move {
            let (mut failures, mut done) = (vec![], BTreeMap::<&'static str, usize>::new());
            let mut outcomes = BTreeMap::<(List, Outcome), usize>::new();
            loop {
                let world = next.fetch_add(1, Ordering::Relaxed);
                let first = world * OF_ONE_WORLD;
                if first >= operations || failures.len() > 4 {
                    return (failures, done, outcomes);
                }
                let teller = Teller::new(world, seed ^ (world as u64) << 40).await;
                for number in first..(first + OF_ONE_WORLD).min(operations) {
                    let list = ALL[number % ALL.len()];
                    match teller.tell(list, seed ^ (number as u64) << 20).await {
                        Ok(outcome) => *outcomes.entry((list, outcome)).or_default() += 1,
                        Err(failure) => failures.push(format!("operation {number} of seed {seed}: {failure}")),
                    }
                }
                for (what, count) in &teller.host.state.lock().await.done {
                    *done.entry(what).or_default() += count;
                }
            }
        })
    });
    let (mut failures, mut done) = (vec![], BTreeMap::<&'static str, usize>::new());
    let mut outcomes = BTreeMap::<(List, Outcome), usize>::new();
    for teller in tellers.collect::<Vec<_>>() {
        let (of_one, changes, came) = teller.await.expect("an end");
        failures.extend(of_one);
        for (what, count) in changes {
            *done.entry(what).or_default() += count;
        }
        for (outcome, count) in came {
            *outcomes.entry(outcome).or_default() += count;
        }
    }
    println!("{done:?} {outcomes:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    if operations >= 150 {
        let kinds = ["member", "user", "group", "buyer"];
        let all = kinds.map(|kind| done.iter().filter(|(what, _)| what.ends_with(kind)).count());
        assert_eq!(all, [2, 3, 3, 3], "{done:?}");
        assert!(done.contains_key("join") && done.contains_key("leave"), "{done:?}");
        let restless: usize =
            outcomes.iter().filter(|((_, of), _)| *of == Outcome::Restless).map(|(_, count)| count).sum();
        assert!(restless * 100 <= operations * MOST_ERRORS, "{outcomes:?}");
    }
}
