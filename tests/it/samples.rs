//! Bodies as the vendor's documentation prints them answer queries over all their fields. The documentation's renderer
//! fills in `text` where it knows no better and `[Circular Reference]` where it stops; so each body is asked once with
//! proper ids and enum values in place of `text`, and once as it is.
//!
//! The bodies that block, unblock, set-password and PUT of a user answer with are, byte for byte, that of reading the
//! user: one file stands for the five.

use crate::{
    stub::Stub,
    support::{gateway_by, limits, settings},
};
use accounts_graph::{
    entity::member,
    upstream::{
        marketplace::membership::{Family, MembershipRoutes},
        memory::Clock,
    },
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};
use tokio::task::JoinHandle;

const USER: &str = include_str!("samples/g1-user-get.response.json");
const USERS: &str = include_str!("samples/g1-users-list.response.json");
const ACCOUNT_USERS: &str = include_str!("samples/g1-account-users-list.response.json");
const USER_IN_ACCOUNT: &str = include_str!("samples/g0-user-in-account.example.json");
const ACCOUNT_USER: &str = include_str!("samples/g3-assign-group.response.json");

/// What stands in place of `text` so that entities have ids and enums have values: in the user, alone and in the list;
/// in the list of memberships; in the membership of the third generation.
const PROPER: [(&str, &[(&str, &str)]); 3] = [
    (
        "user",
        &[
            ("/id", "USR-0000-0001"),
            ("/status", "Active"),
            ("/audit/created/by/id", "USR-0000-0002"),
            ("/audit/updated/by/id", "TKN-0000-0001"),
            ("/currentAccount/id", "ACC-0000-0001"),
            ("/currentAccount/groups/0/id", "UGR-0000-0001"),
            ("/currentAccount/groups/0/account/id", "ACC-0000-0002"),
            ("/currentAccount/groups/0/modules/0/id", "MOD-0001"),
            ("/currentAccount/groups/0/modules/0/accountTypes/0", "Client"),
            ("/currentAccount/groups/0/users/0/id", "USR-0000-0003"),
            ("/currentAccount/groups/0/users/0/status", "InvitationExpired"),
            ("/currentAccount/groups/0/users/0/audit/created/by/id", "USR-0000-0004"),
            ("/currentAccount/groups/0/users/0/audit/updated/by/id", "TKN-0000-0002"),
            ("/currentAccount/groups/0/buyers/0/id", "BUY-0000-0001"),
            ("/accounts/0/id", "ACC-0000-0003"),
            ("/accounts/0/groups/0/id", "UGR-0000-0002"),
            ("/accounts/0/groups/0/account/id", "ACC-0000-0004"),
            ("/accounts/0/groups/0/modules/0/id", "MOD-0002"),
            ("/accounts/0/groups/0/modules/0/accountTypes/0", "Vendor"),
            ("/accounts/0/groups/0/users/0/id", "USR-0000-0005"),
            ("/accounts/0/groups/0/users/0/status", "Blocked"),
            ("/accounts/0/groups/0/users/0/audit/created/by/id", "USR-0000-0006"),
            ("/accounts/0/groups/0/users/0/audit/updated/by/id", "TKN-0000-0003"),
            ("/accounts/0/groups/0/buyers/0/id", "BUY-0000-0002"),
        ],
    ),
    (
        "membership",
        &[
            ("/id", "AUSR-0000-0000-0001"),
            ("/audit/created/by/id", "USR-0000-0001"),
            ("/audit/updated/by/id", "TKN-0000-0001"),
            ("/user/id", "USR-0000-0002"),
            ("/user/status", "Active"),
            ("/user/audit/created/by/id", "USR-0000-0003"),
            ("/user/audit/updated/by/id", "TKN-0000-0002"),
            ("/user/currentAccount/id", "ACC-0000-0001"),
            ("/user/accounts/0/id", "ACC-0000-0002"),
            ("/account/id", "ACC-0000-0003"),
            ("/account/groups/0/id", "UGR-0000-0001"),
            ("/invitation/status", "Invited"),
            ("/groups/0/id", "UGR-0000-0002"),
            ("/groups/0/account/id", "ACC-0000-0004"),
            ("/buyers/0/id", "BUY-0000-0001"),
            ("/buyers/0/account/id", "ACC-0000-0005"),
            ("/modules/0/id", "MOD-0001"),
            ("/modules/0/accountTypes/0", "Operations"),
        ],
    ),
    (
        "membership of the third generation",
        &[
            ("/id", "AUSR-0000-0000-0001"),
            ("/audit/created/by/id", "USR-0000-0001"),
            ("/audit/updated/by/id", "TKN-0000-0001"),
            ("/user/id", "USR-0000-0002"),
            ("/account/id", "ACC-0000-0001"),
            ("/groups/0/id", "UGR-0000-0001"),
            ("/buyers/0/id", "BUY-0000-0001"),
            ("/modules/0/id", "MOD-0001"),
            ("/invitation/status", "Active"),
        ],
    ),
];

/// Members that the graph does not have, on purpose: by type (`*` is any), and why.
const LEFT_OUT: [(&str, &str, &str); 6] = [
    ("*", "href", "the id says it"),
    ("*", "$meta", "of the REST API itself"),
    ("Invitation", "url", "secret"),
    ("Invitation", "code", "secret"),
    ("ApiToken", "token", "secret"),
    ("Contact", "type", "in one rendering of the first generation, in no description of any"),
];

/// Members that the graph calls otherwise.
const RENAMED: [(&str, &str, &str); 2] =
    [("User", "group", "groups"), ("ModuleFilters", "group.buyers", "groupBuyers")];

/// The flags of modules that later generations have in `settings` only.
const FLAGS: [(&str, &str); 3] =
    [("isConfigurable", "configurable"), ("isEnabledByDefault", "default"), ("paid", "paid")];

/// The collections in which the entities of the samples are found by id.
const COLLECTIONS: [(&str, &str); 7] = [
    ("USR", "users"),
    ("TKN", "api-tokens"),
    ("ACC", "accounts"),
    ("AUSR", "account-users"),
    ("UGR", "user-groups"),
    ("BUY", "buyers"),
    ("MOD", "modules"),
];

const CIRCULAR: &str = "[Circular Reference]";

fn body(text: &str) -> Value {
    serde_json::from_str(text).expect("a sample is JSON")
}

/// The body with proper values put in at the places below `at`.
fn proper(text: &str, at: &str, table: &str) -> Value {
    let mut body = body(text);
    let (_, values) = PROPER.iter().find(|(name, _)| *name == table).expect("a table");
    for (place, value) in *values {
        let found = body.pointer_mut(&format!("{at}{place}")).unwrap_or_else(|| panic!("nothing at {at}{place}"));
        assert_eq!(*found, json!("text"), "only what the renderer made up is replaced: {place}");
        *found = json!(value);
    }
    body
}

fn is_circular(value: &Value) -> bool {
    match value {
        Value::String(text) => text == CIRCULAR,
        Value::Array(items) => items.first().is_some_and(|item| item == CIRCULAR),
        _ => false,
    }
}

/// Every entity in a body that has a proper id, by the path under which it is read.
fn entities(value: &Value, found: &mut BTreeMap<String, Value>) {
    if let Some(id) = value.get("id").and_then(Value::as_str)
        && let Some((prefix, _)) = id.split_once('-')
        && let Some((_, collection)) = COLLECTIONS.iter().find(|(known, _)| *known == prefix)
    {
        let other = found.insert(format!("{collection}/{id}"), value.clone());
        assert_eq!(other, None, "{id} stands twice");
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| entities(member, found)),
        Value::Array(items) => items.iter().for_each(|item| entities(item, found)),
        _ => {}
    }
}

/// Moves the flags of modules to where the graph has them, unless they are there already.
fn fold_flags(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key(FLAGS[0].0) {
                for (flag, setting) in FLAGS {
                    let truth = members.remove(flag).expect("a module has all three flags");
                    let settings = members["settings"].as_object_mut().expect("settings");
                    settings.entry(setting).or_insert(truth);
                }
            }
            members.values_mut().for_each(fold_flags);
        }
        Value::Array(items) => items.iter_mut().for_each(fold_flags),
        _ => {}
    }
}

/// What the gateway says of its own types.
struct Graph(BTreeMap<String, Type>);

struct Type {
    kind: String,
    /// The type of each field, without lists and exclamation marks.
    fields: BTreeMap<String, String>,
    values: BTreeSet<String>,
    possible: Vec<String>,
}

impl Graph {
    fn new(introspection: &Value) -> Self {
        let texts = |list: &Value| -> Vec<String> {
            let items = list.as_array().into_iter().flatten();
            items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
        };
        let one = |ty: &Value| {
            let fields = ty["fields"].as_array().into_iter().flatten();
            let named = |field: &Value| (field["name"].as_str().expect("a name").to_owned(), bare(&field["type"]));
            let described = Type {
                kind: ty["kind"].as_str().expect("a kind").to_owned(),
                fields: fields.map(named).collect(),
                values: texts(&ty["enumValues"]).into_iter().collect(),
                possible: texts(&ty["possibleTypes"]),
            };
            (ty["name"].as_str().expect("a name").to_owned(), described)
        };
        Graph(introspection["__schema"]["types"].as_array().expect("types").iter().map(one).collect())
    }

    /// The field that a member of a body is; none for what the graph leaves out.
    fn field<'a>(&self, ty: &str, key: &'a str) -> Option<&'a str> {
        if LEFT_OUT.iter().any(|(on, left_out, _)| (*on == ty || *on == "*") && *left_out == key) {
            return None;
        }
        let renamed = RENAMED.iter().find(|(on, from, _)| *on == ty && *from == key);
        let field = renamed.map_or(key, |(_, _, to)| *to);
        let Type { fields, possible, .. } = &self.0[ty];
        let of_some = possible.iter().any(|ty| self.0[ty].fields.contains_key(field));
        assert!(fields.contains_key(field) || of_some, "{ty} has no field for the member {key}");
        Some(field)
    }

    /// A selection of every member of these objects, and of every member below.
    fn selection(&self, ty: &str, objects: &[&Value]) -> String {
        let Type { fields, possible, .. } = &self.0[ty];
        let mut members: Vec<(&str, Vec<&Value>)> = vec![];
        for (key, value) in objects.iter().filter_map(|object| object.as_object()).flatten() {
            let Some(field) = self.field(ty, key) else { continue };
            let values = if let Value::Array(items) = value { items.iter().collect() } else { vec![value] };
            match members.iter_mut().find(|(known, _)| *known == field) {
                Some((_, known)) => known.extend(values),
                None => members.push((field, values)),
            }
        }
        if members.is_empty() {
            // Below a placeholder: something that every such type has.
            return if fields.contains_key("id") { "id".to_owned() } else { "__typename".to_owned() };
        }
        let of = |ty: &str, common: bool| -> String {
            let own = &self.0[ty].fields;
            let known = members.iter().filter(|(field, _)| own.contains_key(*field));
            let wanted = known.filter(|(field, _)| common || !fields.contains_key(*field));
            let select = |(field, values): &(&str, Vec<&Value>)| {
                let inner = &own[*field];
                if let Some(node) = inner.strip_suffix("Connection") {
                    return format!("{field} {{ nodes {{ {} }} }}", self.selection(node, values));
                }
                match self.0[inner].kind.as_str() {
                    "SCALAR" | "ENUM" => (*field).to_owned(),
                    _ => format!("{field} {{ {} }}", self.selection(inner, values)),
                }
            };
            wanted.map(select).collect::<Vec<_>>().join(" ")
        };
        let fragment = |ty: &String| {
            let special = of(ty, false);
            if special.is_empty() { special } else { format!(" ... on {ty} {{ {special} }}") }
        };
        of(ty, true) + &possible.iter().map(fragment).collect::<String>()
    }

    /// What the graph has to answer where this value stands in a body.
    fn expected(&self, ty: &str, value: &Value) -> Value {
        if is_circular(value) {
            return json!(CIRCULAR);
        }
        if let (Some(node), Value::Array(items)) = (ty.strip_suffix("Connection"), value) {
            // In the order of the ids.
            let mut nodes: Vec<Value> = items.iter().map(|item| self.expected(node, item)).collect();
            nodes.sort_by_key(|node| node["id"].to_string());
            return json!({ "nodes": nodes });
        }
        match (value, self.0[ty].kind.as_str()) {
            (Value::Null, _) => Value::Null,
            (Value::Array(items), _) if ty != "JSON" => items.iter().map(|item| self.expected(ty, item)).collect(),
            (Value::Object(members), "OBJECT") => self.expected_object(ty, members),
            (Value::Object(members), "INTERFACE") => match members["id"].as_str().and_then(|id| id.split_once('-')) {
                Some(("USR", _)) => self.expected_object("User", members),
                Some(("TKN", _)) => self.expected_object("ApiToken", members),
                // Of anybody else what every actor has.
                _ => {
                    let fields = &self.0["UnknownActor"].fields;
                    let known = members.iter().filter(|(key, _)| fields.contains_key(*key));
                    let known = known.map(|(key, value)| (key.clone(), value.clone())).collect();
                    self.expected_object("UnknownActor", &known)
                }
            },
            (Value::String(sent), "ENUM") => {
                let mut screaming = String::new();
                for letter in sent.chars() {
                    if letter.is_uppercase() && !screaming.is_empty() {
                        screaming.push('_');
                    }
                    screaming.extend(letter.to_uppercase());
                }
                let known = self.0[ty].values.contains(&screaming);
                json!(if known { screaming.as_str() } else { "UNKNOWN" })
            }
            (leaf, "SCALAR") => leaf.clone(),
            (other, kind) => panic!("{other} where the graph has {ty}, {kind}"),
        }
    }

    fn expected_object(&self, ty: &str, members: &Map<String, Value>) -> Value {
        let member = |(key, value): (&String, &Value)| {
            let field = self.field(ty, key)?;
            Some((field.to_owned(), self.expected(&self.0[ty].fields[field], value)))
        };
        let mut expected: Map<String, Value> = members.iter().filter_map(member).collect();
        if ty == "AccountUser" {
            // The id is made from those of account and user, where there are any.
            let text = |name: &str| members[name]["id"].as_str().expect("an id");
            if let Some(id) = member::id(text("account"), text("user")) {
                expected.insert("id".to_owned(), json!(id));
            }
        }
        Value::Object(expected)
    }
}

/// The name of a type without its wrappers.
fn bare(ty: &Value) -> String {
    match &ty["name"] {
        Value::String(name) => name.clone(),
        _ => bare(&ty["ofType"]),
    }
}

/// A gateway over a stub.
struct Kit {
    stub: Stub,
    graph: Graph,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Kit {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Kit {
    async fn start() -> Self {
        let stub = Stub::start().await;
        // The bodies are those of the flat collection's generations.
        let flat = MembershipRoutes::Only(Family::AccountUsers);
        let (address, server) = gateway_by(settings(&stub.base_url()), limits(), flat, Clock::default()).await;
        let types = "{ __schema { types { name kind enumValues(includeDeprecated: true) { name } possibleTypes { name }
            fields(includeDeprecated: true) { name type { name ofType { name ofType { name ofType { name } } } } } } } }";
        let graph = Graph::new(&data(address, types).await);
        Kit { stub, graph, address, server }
    }

    /// Asks for all of a body, which the stub serves at `path`, and compares the whole answer; returns it with the
    /// requests that reached the stub.
    async fn check(&self, path: &str, body: &Value, root: &Root<'_>) -> (Value, Vec<String>) {
        self.stub.serve(path, body);
        if let Root::One("accountUser", ..) = root {
            // Members are asked for in lists, whatever their number.
            self.stub.wrap("account-users");
        }
        let mut told = body.clone();
        fold_flags(&mut told);
        let (query, mut expected) = match root {
            Root::One(field, id, ty) => {
                let selection = self.graph.selection(ty, &[&told]);
                (
                    format!("{{ {field}(id: \"{id}\") {{ {selection} }} }}"),
                    json!({*field: self.graph.expected(ty, &told)}),
                )
            }
            Root::List(field, ty) => {
                let rows = &told["data"];
                let selection = self.graph.selection(ty, &rows.as_array().expect("rows").iter().collect::<Vec<_>>());
                let page = json!({"nodes": self.graph.expected(ty, rows), "totalCount": 1});
                (format!("{{ {field} {{ nodes {{ {selection} }} totalCount }} }}"), json!({*field: page}))
            }
        };
        let (status, mut answer) = ask(self.address, &query).await;
        let answered = answer["data"].take();
        // Each placeholder is null, with an error.
        let mut untold = vec![];
        placeholders(&mut expected, &mut vec![], &mut untold);
        assert_eq!((status, &answered), (200, &expected), "{query}\n{answered:#}\n{expected:#}");
        let errors = answer.get("errors").and_then(Value::as_array).into_iter().flatten();
        let of_placeholder = |error: &Value| {
            assert_eq!(error["message"], "The accounts API answered with a placeholder where a value belongs.");
            assert_eq!(error["extensions"], json!({"code": "UPSTREAM_INVALID"}));
            error["path"].clone()
        };
        let mut paths: Vec<Value> = errors.map(of_placeholder).collect();
        paths.sort_by_key(ToString::to_string);
        untold.sort_by_key(ToString::to_string);
        assert_eq!(paths, untold, "{query}");
        (answered, self.stub.requests())
    }
}

/// Puts null in the place of all placeholders, and notes their paths.
fn placeholders(value: &mut Value, path: &mut Vec<Value>, found: &mut Vec<Value>) {
    if *value == CIRCULAR {
        found.push(Value::from(path.clone()));
        value.take();
    }
    let mut below = |step: Value, value: &mut Value| {
        path.push(step);
        placeholders(value, path, found);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| below(json!(key), value)),
        Value::Array(items) => items.iter_mut().enumerate().for_each(|(place, value)| below(json!(place), value)),
        _ => {}
    }
}

/// A root field: its name, and the type that it answers with.
enum Root<'a> {
    One(&'a str, &'a str, &'a str),
    List(&'a str, &'a str),
}

/// The `data` of an answer without errors.
async fn data(address: SocketAddr, query: &str) -> Value {
    let (status, mut answer) = ask(address, query).await;
    assert_eq!((status, answer.get("errors")), (200, None), "{query}");
    answer["data"].take()
}

async fn ask(address: SocketAddr, query: &str) -> (u16, Value) {
    let request = reqwest::Client::new().post(format!("http://{address}/graphql")).json(&json!({"query": query}));
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// Asks for all of a body with proper ids: first nothing else is to be had, then lists of nothing, then everything, but
/// it says `[Circular Reference]` again. All must give the same answer for the same requests.
async fn check_proper(path: &str, body: &Value, root: &Root<'_>, requests: &[&str]) {
    let mut found = BTreeMap::new();
    entities(body, &mut found);
    let mut requests = requests.to_vec();
    requests.sort_unstable();
    let kit = Kit::start().await;
    let (answered, sent) = kit.check(path, body, root).await;
    assert_eq!(sent, requests, "{sent:#?}");
    let kit = Kit::start().await;
    for (_, collection) in COLLECTIONS {
        kit.stub.wrap(collection);
    }
    let (_, sent) = kit.check(path, body, root).await;
    assert_eq!(sent, requests, "{sent:#?}");
    assert!(!answered.to_string().contains("UNKNOWN"), "each enum has a value: {answered:#}");
    let kit = Kit::start().await;
    for (_, collection) in COLLECTIONS {
        kit.stub.wrap(collection);
    }
    for (path, body) in &found {
        kit.stub.serve(path, body);
    }
    let (_, sent) = kit.check(path, body, root).await;
    // Now everything is there, so nobody asks for a collection after a 404.
    let requests = requests.iter().filter(|line| !line.ends_with("?select=-*,id&order=id&limit=1"));
    assert_eq!(sent, requests.copied().collect::<Vec<_>>(), "nothing is asked a third time: {sent:#?}");
}

/// Asks for all of a body as it is: nothing is asked for but what the query itself names.
async fn check_unaltered(path: &str, text: &str, root: &Root<'_>, requests: &[&str]) -> Value {
    let kit = Kit::start().await;
    let (answered, sent) = kit.check(path, &body(text), root).await;
    assert_eq!(sent, requests, "nothing is asked for made-up ids: {sent:#?}");
    answered
}

/// The first requests. Who has an id is asked about together with what relations know of it; what the body brings itself
/// is then preferred.
const ONE_USER: [&str; 2] = [
    "GET account-users?in(user.id,(\"USR-0000-0001\"))\
     &select=-*,id,user.id,account.id,account.name,account.icon,account.type,account.status\
     &order=account.id,user.id&limit=100",
    "GET users/USR-0000-0001?select=-*,id,name,icon,status,email,firstName,lastName,phone,settings,\
        lastLoginAt,currentAccount.id,currentAccount.name,currentAccount.icon,currentAccount.type,\
        currentAccount.status,audit",
];
const ALL_USERS: &str = "GET users?select=-*,id,name,icon,status,email,firstName,lastName,phone,settings,lastLoginAt,\
        currentAccount.id,currentAccount.name,currentAccount.icon,currentAccount.type,currentAccount.status,audit\
        &order=id&limit=20";
const ALL_ACCOUNT_USERS: &str = "GET account-users?select=-*,id,invitation,user.id,user.name,user.icon,user.status,\
         user.email,user.firstName,user.lastName,user.phone,user.settings,user.lastLoginAt,user.currentAccount.id,\
         user.currentAccount.name,user.currentAccount.icon,user.currentAccount.type,user.currentAccount.status,user.audit,\
         account.id,account.name,account.icon,\
         account.type,account.status,groups.id,groups.name,groups.description,groups.logo,groups.isDefault,modules.id,\
         modules.name,modules.description,modules.accountTypes,modules.settings,modules.filters,modules.audit,\
         buyers.id,buyers.name,buyers.icon,audit&order=account.id,user.id&limit=20";
const ONE_USER_IN_ACCOUNT: [&str; 2] = [
    "GET account-users?in(user.id,(\"USR-6375-2499\"))\
     &select=-*,id,user.id,account.id,account.name,account.icon,groups.id,groups.name&order=account.id,user.id&limit=100",
    "GET users/USR-6375-2499?select=-*,id,name,status,email,firstName,lastName,phone,invitation",
];
const ONE_ACCOUNT_USER: &str = "GET account-users?in(id,(\"AUSR-0000-0000-0001\"))&select=";
const LISTED_ACCOUNT_USER: &str = "GET account-users?select=";
const OF_ACCOUNT_USER: &str = "-*,id,invitation,lastLoginAt,user.id,user.name,\
         user.icon,user.revision,account.id,account.name,account.icon,account.type,account.status,account.revision,\
         groups.id,groups.name,groups.description,groups.logo,groups.isDefault,groups.revision,modules.id,\
         modules.name,modules.description,modules.settings,modules.filters,modules.revision,buyers.id,buyers.name,\
         buyers.icon,buyers.revision,audit,revision";

/// What the users of the samples' first generation are asked for once more, whether read alone or in a list.
const OF_USER: [&str; 5] = [
    "GET accounts?in(id,(\"ACC-0000-0001\",\"ACC-0000-0002\",\"ACC-0000-0003\",\"ACC-0000-0004\"))\
     &select=-*,id,groups.id,audit&order=id&limit=100",
    "GET api-tokens?in(id,(\"TKN-0000-0001\",\"TKN-0000-0002\",\"TKN-0000-0003\"))\
     &select=-*,id,audit&order=id&limit=100",
    "GET buyers?in(id,(\"BUY-0000-0001\",\"BUY-0000-0002\"))\
     &select=-*,id,contact,account.id,sellers.id,audit&order=id&limit=100",
    // Modules answer no request of their own: the placeholder in them is asked for through their groups.
    "GET user-groups?in(id,(\"UGR-0000-0001\",\"UGR-0000-0002\"))\
     &select=-*,id,modules.id,modules.name,modules.description,modules.accountTypes,modules.settings,modules.filters,\
     modules.audit,audit&order=id&limit=100",
    "GET users?in(id,(\"USR-0000-0002\",\"USR-0000-0003\",\"USR-0000-0004\",\"USR-0000-0005\",\"USR-0000-0006\"))\
     &select=-*,id,currentAccount.id,accounts.id,audit&order=id&limit=100",
];

#[tokio::test]
async fn a_user_answers_with_all_its_fields_and_placeholders_are_asked_for_once_more() {
    let body = proper(USER, "", "user");
    let requests = [&ONE_USER[..], &OF_USER[..]].concat();
    check_proper("users/USR-0000-0001", &body, &Root::One("user", "USR-0000-0001", "User"), &requests).await;
}

#[tokio::test]
async fn users_in_a_list_answer_with_all_their_fields() {
    let body = proper(USERS, "/data/0", "user");
    let requests = [&[ALL_USERS], &OF_USER[..]].concat();
    check_proper("users", &body, &Root::List("users", "User"), &requests).await;
}

#[tokio::test]
async fn memberships_in_a_list_answer_with_all_their_fields() {
    let body = proper(ACCOUNT_USERS, "/data/0", "membership");
    let requests = [
        // The placeholder in the module.
        "GET account-users?and(in(account.id,(\"ACC-0000-0003\")),in(user.id,(\"USR-0000-0002\")))\
         &select=-*,id,user.id,account.id,modules.id,modules.name,modules.description,modules.accountTypes,\
         modules.settings,modules.filters,modules.audit&order=account.id,user.id&limit=100",
        ALL_ACCOUNT_USERS,
        "GET accounts?in(id,(\"ACC-0000-0001\",\"ACC-0000-0002\",\"ACC-0000-0003\",\"ACC-0000-0004\",\
         \"ACC-0000-0005\"))&select=-*,id,groups.id,audit&order=id&limit=100",
        "GET api-tokens?in(id,(\"TKN-0000-0001\",\"TKN-0000-0002\"))&select=-*,id,audit&order=id&limit=100",
        "GET buyers/BUY-0000-0001?select=-*,id,contact,sellers.id,audit",
        // The buyer was answered 404.
        "GET buyers?select=-*,id&order=id&limit=1",
        "GET user-groups?in(id,(\"UGR-0000-0001\",\"UGR-0000-0002\"))\
         &select=-*,id,account.id,users.id,modules.id,buyers.id,audit&order=id&limit=100",
        "GET users?in(id,(\"USR-0000-0001\",\"USR-0000-0003\"))&select=-*,id,audit&order=id&limit=100",
    ];
    check_proper("account-users", &body, &Root::List("accountUsers", "AccountUser"), &requests).await;
}

#[tokio::test]
async fn a_user_in_an_account_answers_with_all_its_fields() {
    let root = Root::One("user", "USR-6375-2499", "User");
    check_proper("users/USR-6375-2499", &body(USER_IN_ACCOUNT), &root, &ONE_USER_IN_ACCOUNT).await;
}

#[tokio::test]
async fn a_membership_of_the_third_generation_answers_with_all_its_fields() {
    let body = proper(ACCOUNT_USER, "", "membership of the third generation");
    let root = Root::One("accountUser", "AUSR-0000-0000-0001", "AccountUser");
    let request = format!("{ONE_ACCOUNT_USER}{OF_ACCOUNT_USER}&order=account.id,user.id&limit=100");
    check_proper("account-users/AUSR-0000-0000-0001", &body, &root, &[&request]).await;
}

#[tokio::test]
async fn bodies_as_they_are_printed_fail_nothing_but_their_placeholders_and_ask_for_nothing_more() {
    let user = Root::One("user", "USR-0000-0001", "User");
    let answered = check_unaltered("users/USR-0000-0001", USER, &user, &ONE_USER).await;
    assert_eq!(answered["user"]["status"], "UNKNOWN");
    let somebody = json!({"id": "text", "name": "text", "icon": "text"});
    assert_eq!(answered["user"]["audit"]["created"]["by"], somebody);
    assert_eq!(answered["user"]["currentAccount"]["groups"]["nodes"][0]["account"]["groups"], Value::Null);
    check_unaltered("users", USERS, &Root::List("users", "User"), &[ALL_USERS]).await;
    let memberships = Root::List("accountUsers", "AccountUser");
    let answered = check_unaltered("account-users", ACCOUNT_USERS, &memberships, &[ALL_ACCOUNT_USERS]).await;
    let membership = &answered["accountUsers"]["nodes"][0];
    assert_eq!(membership["invitation"]["status"], "UNKNOWN");
    assert_eq!(membership["modules"][0]["accountTypes"], json!(["UNKNOWN"]));
    assert_eq!(membership["buyers"]["nodes"][0]["contact"]["user"], Value::Null);
    let user = Root::One("user", "USR-6375-2499", "User");
    check_unaltered("users/USR-6375-2499", USER_IN_ACCOUNT, &user, &ONE_USER_IN_ACCOUNT).await;
    // Nobody can ask for the membership that has no id of its own; a list has it all the same.
    let list = json!({"$meta": {"pagination": {"offset": 0, "limit": 20, "total": 1}}, "data": [body(ACCOUNT_USER)]});
    let request = format!("{LISTED_ACCOUNT_USER}{OF_ACCOUNT_USER}&order=account.id,user.id&limit=20");
    check_unaltered("account-users", &list.to_string(), &memberships, &[&request]).await;
}

#[tokio::test]
async fn what_the_parent_tells_when_it_is_asked_again_is_answered() {
    let kit = Kit::start().await;
    kit.stub.wrap("users");
    kit.stub.serve("users/USR-0000-0001", &proper(USER, "", "user"));
    let by = json!({"id": "USR-0000-0009", "name": "Ada", "icon": null});
    let event = json!({"at": "2025-01-01T00:00:00Z", "by": by});
    kit.stub.serve("users/USR-0000-0002", &json!({"id": "USR-0000-0002", "audit": {"created": event}}));
    let account = json!({"id": "ACC-0000-0009", "name": "Nine"});
    kit.stub.serve("users/USR-0000-0003", &json!({"id": "USR-0000-0003", "currentAccount": account}));
    let module = json!({"id": "MOD-0001", "audit": {"created": event}});
    kit.stub.serve("user-groups/UGR-0000-0001", &json!({"id": "UGR-0000-0001", "modules": [module]}));
    let contact = json!({"name": "Grace", "user": by});
    let sellers = json!([{"id": "SEL-0000-0001", "name": "Shop"}]);
    let buyer = json!({"id": "BUY-0000-0001", "contact": contact, "sellers": sellers, "account": account});
    kit.stub.serve("buyers/BUY-0000-0001", &buyer);
    let query = "{ user(id: \"USR-0000-0001\") {
        audit { created { by { id ... on User { audit { created { at by { id name } } updated { at } } } } } }
        currentAccount { groups { nodes {
            modules { id audit { created { by { name } } } }
            users { nodes { id currentAccount { id name } } }
            buyers { nodes { id contact { name user { name } } sellers { nodes { id name } } account { name } } }
        } } }
    } }";
    let answered = data(kit.address, query).await;
    let by = json!({"id": "USR-0000-0009", "name": "Ada"});
    let audit = json!({"created": {"at": "2025-01-01T00:00:00Z", "by": by}, "updated": null});
    let group = json!({
        "modules": [{"id": "MOD-0001", "audit": {"created": {"by": {"name": "Ada"}}}}],
        "users": {"nodes": [{"id": "USR-0000-0003", "currentAccount": account}]},
        "buyers": {"nodes": [{
            "id": "BUY-0000-0001",
            "contact": {"name": "Grace", "user": {"name": "Ada"}},
            "sellers": {"nodes": sellers},
            "account": {"name": "Nine"},
        }]},
    });
    let user = json!({
        "audit": {"created": {"by": {"id": "USR-0000-0002", "audit": audit}}},
        "currentAccount": {"groups": {"nodes": [group]}},
    });
    assert_eq!(answered, json!({"user": user}), "{answered:#}");
    let requests = [
        "GET buyers/BUY-0000-0001?select=-*,id,contact,account.id,account.name,sellers.id,sellers.name",
        "GET user-groups/UGR-0000-0001?select=-*,id,modules.id,modules.audit",
        "GET users/USR-0000-0001?select=-*,id,currentAccount.id,audit",
        "GET users?in(id,(\"USR-0000-0002\",\"USR-0000-0003\"))\
         &select=-*,id,currentAccount.id,currentAccount.name,audit&order=id&limit=100",
    ];
    assert_eq!(kit.stub.requests(), requests);
}

#[tokio::test]
async fn flags_beside_the_settings_of_a_module_are_read_where_settings_lack_them() {
    let mut body = proper(ACCOUNT_USERS, "/data/0", "membership");
    let module = &mut body["data"][0]["modules"][0];
    module["isEnabledByDefault"] = json!(false);
    module["audit"].take();
    let settings = module["settings"].as_object_mut().expect("settings");
    for (_, setting) in FLAGS {
        settings.remove(setting);
    }
    let kit = Kit::start().await;
    kit.stub.serve("account-users", &body);
    let query = "{ accountUsers { nodes { modules { settings { configurable default paid sharedAccount } } } } }";
    let settings = json!({"configurable": true, "default": false, "paid": true, "sharedAccount": true});
    let expected = json!({"accountUsers": {"nodes": [{"modules": [{"settings": settings}]}]}});
    assert_eq!(data(kit.address, query).await, expected);
}

#[tokio::test]
async fn currencies_are_read_as_codes_and_as_objects() {
    let kit = Kit::start().await;
    let currencies = json!(["EUR", {"value": "USD", "billingEnabled": true, "isDefault": false}]);
    kit.stub.serve("sellers/SEL-1-1", &json!({"id": "SEL-1-1", "currencies": currencies}));
    let query = "{ seller(id: \"SEL-1-1\") { currencies { __typename isDefault code: value billingEnabled } } }";
    let seller = json!({"currencies": [
        {"__typename": "SellerCurrency", "isDefault": null, "code": "EUR", "billingEnabled": null},
        {"__typename": "SellerCurrency", "isDefault": false, "code": "USD", "billingEnabled": true},
    ]});
    assert_eq!(data(kit.address, query).await, json!({"seller": seller}));
    assert_eq!(kit.stub.requests(), ["GET sellers/SEL-1-1?select=-*,id,currencies"]);
}

#[tokio::test]
async fn a_currency_of_another_kind_is_an_error_and_its_siblings_survive() {
    let kit = Kit::start().await;
    kit.stub.serve("sellers/SEL-1-1", &json!({"id": "SEL-1-1", "name": "Shop", "currencies": ["EUR", 7]}));
    let (status, answer) = ask(kit.address, "{ seller(id: \"SEL-1-1\") { name currencies { value } } }").await;
    assert_eq!(status, 200);
    assert_eq!(answer["data"], json!({"seller": {"name": "Shop", "currencies": null}}));
    assert_eq!(answer["errors"][0]["path"], json!(["seller", "currencies", 1]));
}
