//! Pages of lists that change while they are walked. Whatever is inserted, deleted and changed between two pages, every row
//! that was there from the first page to the last, and whose sort values did not change, is delivered exactly once and in
//! order, forwards and backwards, also by hosts that do not compare texts.

use crate::{
    reference::{luck::Luck, setting},
    support::{Kit, SMALL, kit_speaking, limits},
};
use accounts_graph::{
    entity::member,
    upstream::{marketplace::membership::MembershipRoutes, memory::Clock},
};
use accounts_graph_sandbox::{Generation, Options, Quirks, Support};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

type Row = Map<String, Value>;

const ACCOUNT: &str = "ACC-1671-0642";
/// The seed when none is given.
const SEED: u64 = 20_260_821;
/// How many histories there are.
const HISTORIES: usize = 2000;
/// How many of them are told by a host that does not compare texts.
const INCOMPARABLE: usize = 300;
/// How many are told by one world before it is made anew: it grows.
const OF_ONE_WORLD: usize = 50;
/// How many go on at the same time.
const GATEWAYS: usize = 6;

/// A list that is walked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum List {
    Users,
    Groups,
    Buyers,
    UsersOfAccount,
    MembersOfAccount,
    /// By the flat collection.
    Members,
}

impl List {
    const ALL: [List; 6] =
        [List::Users, List::Groups, List::Buyers, List::UsersOfAccount, List::MembersOfAccount, List::Members];

    /// The orders that it is walked in: what is given as `orderBy`, the sort value of a row, and whether the greatest comes
    /// first.
    fn orders(self) -> [(&'static str, &'static str, bool); 3] {
        match self {
            List::MembersOfAccount | List::Members => {
                [("", "", false), ("USER_NAME", "name", false), ("USER_ID", "id", true)]
            }
            List::Users => [("", "", false), ("NAME", "name", true), ("LAST_LOGIN_AT", "lastLoginAt", false)],
            List::Groups => [("", "", false), ("NAME", "name", false), ("IS_DEFAULT", "isDefault", true)],
            List::Buyers | List::UsersOfAccount => {
                [("", "", false), ("NAME", "name", false), ("STATUS", "status", true)]
            }
        }
    }

    /// The query of a page.
    fn query(self, arguments: &str) -> String {
        let page = "{ nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
        match self {
            List::Users => format!("{{ list: users({arguments}) {page} }}"),
            List::Groups => format!("{{ list: groups({arguments}) {page} }}"),
            List::Buyers => format!("{{ list: buyers({arguments}) {page} }}"),
            List::Members => format!("{{ list: accountUsers({arguments}) {page} }}"),
            List::UsersOfAccount => {
                format!("{{ account(id: \"{ACCOUNT}\") {{ list: users({arguments}) {page} }} }}")
            }
            List::MembersOfAccount => {
                format!("{{ account(id: \"{ACCOUNT}\") {{ list: accountUsers({arguments}) {page} }} }}")
            }
        }
    }

    /// The ids of the rows that are there, each with its sort value.
    fn there(self, kit: &Kit, path: &str) -> BTreeMap<String, Value> {
        let by_id = |collection: &str| -> BTreeMap<String, Row> {
            let rows = kit.listed(collection).into_iter();
            rows.map(|row| (text(&row, "id").to_owned(), row)).collect()
        };
        let of_members = |account: Option<&str>| -> Vec<(Row, Row)> {
            let users = kit.sandbox.world().rows("users").into_iter();
            let users: BTreeMap<String, Row> = users.map(|row| (text(&row, "id").to_owned(), row)).collect();
            let members = kit.listed("account-users").into_iter();
            let members = members.filter(|row| account.is_none_or(|account| text(row, "account") == account));
            members.map(|row| (users[text(&row, "user")].clone(), row)).collect()
        };
        let held = |row: &Row, path: &str| row.get(path).cloned().unwrap_or_default();
        let plain = |collection: &str| by_id(collection).into_iter().map(|(id, row)| (id, held(&row, path))).collect();
        match self {
            List::Users => plain("users"),
            List::Groups => plain("user-groups"),
            List::Buyers => plain("buyers"),
            List::UsersOfAccount => {
                let members = of_members(Some(ACCOUNT)).into_iter();
                members.map(|(user, _)| (text(&user, "id").to_owned(), held(&user, path))).collect()
            }
            List::MembersOfAccount | List::Members => {
                let account = (self == List::MembersOfAccount).then_some(ACCOUNT);
                let of = |(user, member): (Row, Row)| {
                    let id = member::id(text(&member, "account"), text(&member, "user")).expect("a membership");
                    (id, held(&user, path))
                };
                of_members(account).into_iter().map(of).collect()
            }
        }
    }

    /// Something that happens to the list: an insertion, a deletion or a change. `near` is a row that was just delivered.
    async fn happen(self, teller: &Teller, luck: &mut Luck, near: Option<&str>) {
        let word = word(luck);
        let rows: Vec<String> = self.there(&teller.kit, "").into_keys().collect();
        let picked = near.map(str::to_owned).filter(|_| luck.chance(30)).or_else(|| luck.pick(&rows).cloned());
        let Some(picked) = picked else { return };
        let what = luck.below(3);
        let address = json!({ "addressLine1": "1", "postCode": "1", "city": "Riga", "state": "LV", "country": "LV" });
        match (self, what) {
            (List::Groups, 0) => {
                let body = json!({ "name": word, "description": word, "account": { "id": ACCOUNT } });
                teller.write("POST", "user-groups", &body).await;
            }
            (List::Groups, 1) => teller.write("DELETE", &format!("user-groups/{picked}"), &Value::Null).await,
            (List::Groups, _) => {
                let body = if luck.chance(50) { json!({ "name": word }) } else { json!({ "description": null }) };
                teller.write("PUT", &format!("user-groups/{picked}"), &body).await;
            }
            (List::Buyers, 0) => {
                let body = json!({ "name": word, "address": address, "account": { "id": ACCOUNT } });
                teller.write("POST", "buyers", &body).await;
            }
            (List::Buyers, 1) => teller.write("DELETE", &format!("buyers/{picked}"), &Value::Null).await,
            (List::Buyers, _) if luck.chance(50) => {
                teller.write("POST", &format!("buyers/{picked}/disable"), &Value::Null).await;
            }
            (List::Buyers, _) => {
                let body = json!({ "name": word, "address": address });
                teller.write("PUT", &format!("buyers/{picked}"), &body).await;
            }
            (_, 0) => {
                let email = format!("{}@example.com", luck.next());
                let user = json!({ "email": email, "firstName": word, "lastName": "Page" });
                let groups = teller.kit.listed("user-groups");
                let group = groups.iter().find(|row| text(row, "account") == ACCOUNT).expect("a default group");
                let body = json!({ "user": user, "groups": [{ "id": text(group, "id") }] });
                teller.write("POST", &format!("accounts/{ACCOUNT}/users"), &body).await;
            }
            (_, 1) => {
                let pair = member::pair(&picked).or_else(|| {
                    let members = teller.kit.listed("account-users");
                    let of = members.iter().find(|row| text(row, "user") == picked)?;
                    Some((text(of, "account").to_owned(), picked.clone()))
                });
                match pair {
                    Some((account, user)) => {
                        teller.write("DELETE", &format!("accounts/{account}/users/{user}"), &Value::Null).await;
                    }
                    None => teller.write("DELETE", &format!("users/{picked}"), &Value::Null).await,
                }
            }
            _ => {
                let user = member::pair(&picked).map_or(picked, |(_, user)| user);
                let block = if luck.chance(50) { "block" } else { "unblock" };
                if luck.chance(60) {
                    teller.write("PUT", &format!("users/{user}"), &json!({ "firstName": word })).await;
                } else {
                    teller.write("POST", &format!("users/{user}/{block}"), &Value::Null).await;
                }
            }
        }
    }
}

fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn word(luck: &mut Luck) -> String {
    let letter = |luck: &mut Luck| char::from(b'A' + u8::try_from(luck.below(26)).unwrap_or_default());
    // Some with what has a meaning in filters.
    let odd = ["", "", "", "'", "\"", "*", ",", ")", " ", "é"][luck.below(10)];
    format!("{}{odd}{}", letter(luck), letter(luck).to_lowercase())
}

/// A gateway over a world that changes.
struct Teller {
    kit: Kit,
    http: reqwest::Client,
    compares: bool,
}

impl Teller {
    async fn new(flat: bool, text_order: Support) -> Teller {
        let generation = if flat { Generation::All } else { Generation::V5 };
        let quirks = Quirks { text_order, ..Quirks::default() };
        let options = Options { scale: SMALL, generation, quirks, ..Options::default() };
        let kit = kit_speaking(options, limits(), |it| it, MembershipRoutes::Auto, &Clock::default()).await;
        Teller { kit, http: reqwest::Client::new(), compares: text_order == Support::Works }
    }

    /// A write, which the sandbox may refuse.
    async fn write(&self, method: &str, path: &str, body: &Value) {
        let url = format!("{}/v1/accounts/{path}", self.kit.sandbox.base_url());
        let mut request = self.http.request(method.parse().expect("a method"), url);
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await.expect("an answer");
    }

    /// Walks a list that changes; what went wrong.
    async fn tell(&self, list: List, seed: u64) -> Result<(), String> {
        let mut luck = Luck::new(seed);
        let (order, path, mut descending) = list.orders()[luck.below(3)];
        let backward = luck.chance(50);
        let size = 4 + luck.below(30);
        let mut order_by = String::new();
        if !order.is_empty() {
            descending ^= luck.chance(30);
            let direction = if descending { "DESC" } else { "ASC" };
            order_by = format!(", orderBy: {{ field: {order}, direction: {direction} }}");
        }
        let (count, mark, end, more) = if backward {
            ("last", "before", "startCursor", "hasPreviousPage")
        } else {
            ("first", "after", "endCursor", "hasNextPage")
        };
        let mut stable = list.there(&self.kit, path);
        let (mut seen, mut cursor): (Vec<String>, String) = (vec![], String::new());
        loop {
            let query = list.query(&format!("{count}: {size}{order_by}{cursor}"));
            let answer = self.kit.query(&query).await;
            if let Some(errors) = answer.get("errors") {
                let lost = errors[0]["extensions"]["code"] == "CURSOR_LOST";
                return if lost && !self.compares { Ok(()) } else { Err(format!("{errors} of {query}")) };
            }
            let page = answer["data"].pointer("/list").or_else(|| answer["data"].pointer("/account/list"));
            let Some(page) = page else { return Err(format!("no page: {answer}")) };
            let nodes = page["nodes"].as_array().expect("nodes").iter();
            let ids: Vec<String> = nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect();
            let near = if backward { ids.first() } else { ids.last() }.cloned();
            let place = if backward { 0 } else { seen.len() };
            seen.splice(place..place, ids);
            let told = answer["extensions"].get("paging").is_some();
            if told && cursor.is_empty() {
                return Err(format!("a first page by offset: {answer}"));
            }
            if page["pageInfo"][more] == false {
                break;
            }
            if seen.len() > 5000 {
                return Err("the walk does not end".to_owned());
            }
            cursor = format!(", {mark}: {}", page["pageInfo"][end]);
            for _ in 0..luck.below(4) {
                list.happen(self, &mut luck, near.as_deref()).await;
                let now = list.there(&self.kit, path);
                stable.retain(|id, held| now.get(id) == Some(held));
            }
        }
        let mut expected: Vec<(&Value, &String)> = stable.iter().map(|(id, held)| (held, id)).collect();
        expected.sort_by(|(one, of_one), (other, of_other)| {
            let key = |held: &Value| (!held.is_null(), held.as_bool(), held.as_str().unwrap_or_default().to_owned());
            let order = key(one).cmp(&key(other));
            if descending { order.reverse() } else { order }.then_with(|| of_one.cmp(of_other))
        });
        let expected: Vec<&String> = expected.into_iter().map(|(_, id)| id).collect();
        let delivered: Vec<&String> = seen.iter().filter(|id| stable.contains_key(*id)).collect();
        if delivered == expected {
            return Ok(());
        }
        let lost: Vec<_> = expected.iter().filter(|id| !delivered.contains(id)).collect();
        let times = |id: &String| delivered.iter().filter(|one| **one == id).count();
        let twice: Vec<_> = expected.iter().filter(|id| times(id) > 1).collect();
        Err(format!(
            "{list:?} {order:?} backward={backward} size={size}: lost {lost:?}, twice {twice:?}, of {expected:?}: {seen:?}"
        ))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_stays_is_delivered_once_whatever_happens_to_the_others() {
    let histories = usize::try_from(setting("ACCOUNTS_GRAPH_TEST_HISTORIES", HISTORIES as u64)).expect("a number");
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", SEED);
    let (next, failures) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::<String>::new())));
    let tellers = (0..GATEWAYS).map(|_| {
        let (next, failures) = (Arc::clone(&next), Arc::clone(&failures));
        tokio::spawn(async move {
            loop {
                // A stretch of histories in one world, all of one kind of host.
                let first = next.fetch_add(OF_ONE_WORLD, Ordering::Relaxed);
                if first >= histories {
                    return;
                }
                let text_order = match first * HISTORIES / histories {
                    first if first < INCOMPARABLE / 2 => Support::Refused,
                    first if first < INCOMPARABLE => Support::Fails,
                    _ => Support::Works,
                };
                let flat = (first / OF_ONE_WORLD) % 2 == 1;
                let teller = Teller::new(flat, text_order).await;
                for number in first..(first + OF_ONE_WORLD).min(histories) {
                    let lists = if flat { &List::ALL[..] } else { &List::ALL[..5] };
                    let list = lists[number % lists.len()];
                    if let Err(failure) = teller.tell(list, seed ^ (number as u64) << 20).await {
                        let mut failures = failures.lock().expect("failures");
                        failures.push(format!("history {number} of seed {seed}, {text_order:?}: {failure}"));
                        if failures.len() > 4 {
                            return;
                        }
                    }
                }
            }
        })
    });
    for teller in tellers.collect::<Vec<_>>() {
        teller.await.expect("an end");
    }
    let failures = failures.lock().expect("failures");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
