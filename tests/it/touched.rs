//! What a filter or an order touches comes along in the rows, perhaps only in part and without ids. The answer must not
//! depend on it: for every path of one, two or three steps between entities that can be filtered by, what is selected along
//! the path is the same as without the filter.

use super::{
    explain::nothing_assumed,
    support::{Kit, MODES, SMALL, kit_speaking, limits},
};
use accounts_graph::{
    graph::engine::Limits,
    upstream::{marketplace::membership::MembershipRoutes, memory::Clock},
};
use accounts_graph_sandbox::{Generation, Options, Quirks, Touched};
use serde_json::{Value, json};
use std::{collections::HashMap, fmt::Write};

const INTROSPECTION: &str = "{ __schema { types { name kind inputFields { name type { ...T } } \
     enumValues { name } fields { name args { name type { ...T } } type { ...T } } } } } \
     fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }";

/// The account below which memberships are asked where there is no list of all of them.
const ACCOUNT: &str = "ACC-1671-0642";

/// How many differences are reported at most.
const REPORTED: usize = 12;

/// What the schema says, as far as paths are concerned.
struct Schema {
    /// The types by name.
    types: HashMap<String, Value>,
}

/// A field that leads from one entity to others, or to a value object.
struct Step {
    name: String,
    /// The type it leads to.
    to: String,
    list: bool,
    /// Whether it is a connection, whose elements are its nodes.
    paged: bool,
}

impl Step {
    /// A selection of what it leads to.
    fn select(&self, inner: &str) -> String {
        let Step { name, paged, .. } = self;
        if *paged { format!("{name} {{ nodes {{ {inner} }} }}") } else { format!("{name} {{ {inner} }}") }
    }
}

/// A list with a filter: a root field, or a connection of an entity.
struct List {
    /// Around the arguments and the selection of the nodes.
    before: String,
    after: String,
    /// Where the nodes are in `data`: keys, and `*` for each element.
    at: Vec<String>,
    kind: String,
}

fn named(mut ty: &Value) -> (&str, bool) {
    let mut list = false;
    while !ty["ofType"].is_null() {
        list |= ty["kind"] == "LIST";
        ty = &ty["ofType"];
    }
    (ty["name"].as_str().expect("a name"), list)
}

impl Schema {
    async fn of(kit: &Kit) -> Schema {
        let told = kit.data(INTROSPECTION).await;
        let types = told["__schema"]["types"].as_array().expect("types").iter();
        Schema { types: types.map(|ty| (ty["name"].as_str().expect("a name").to_owned(), ty.clone())).collect() }
    }

    fn members(&self, ty: &str, of: &str) -> Vec<&Value> {
        self.types.get(ty).and_then(|ty| ty[of].as_array()).into_iter().flatten().collect()
    }

    fn is_entity(&self, ty: &str) -> bool {
        self.types.contains_key(&format!("{ty}Connection"))
    }

    /// The fields of a type that are selected without arguments.
    fn fields(&self, ty: &str) -> Vec<(String, String, bool, String)> {
        let plain = self.members(ty, "fields").into_iter().filter(|field| field["args"] == json!([]));
        plain
            .map(|field| {
                let (to, list) = named(&field["type"]);
                let kind = self.types[to]["kind"].as_str().expect("a kind").to_owned();
                (field["name"].as_str().expect("a name").to_owned(), to.to_owned(), list, kind)
            })
            .collect()
    }

    /// The steps from an entity to others that can be filtered by and selected.
    fn steps(&self, entity: &str) -> Vec<Step> {
        // Users are found by their memberships, so no condition on these touches the rows.
        let by_memberships =
            |field: &Value| entity == "User" && (field["name"] == "groups" || field["name"] == "accounts");
        let filterable = self.members(&format!("{entity}Filter"), "inputFields");
        let filterable: Vec<_> = filterable.into_iter().filter(|field| !by_memberships(field)).collect();
        let fields = self.members(entity, "fields").into_iter();
        let fields = fields.filter(|field| filterable.iter().any(|other| other["name"] == field["name"]));
        let step = |field: &Value| {
            let (to, list) = named(&field["type"]);
            let name = field["name"].as_str().expect("a name").to_owned();
            let (to, paged) = to.strip_suffix("Connection").map_or((to, false), |to| (to, true));
            self.is_entity(to).then(|| Step { name, to: to.to_owned(), list: list || paged, paged })
        };
        fields.filter_map(step).collect()
    }

    /// Conditions on an entity that nearly all of them fulfil: one by a text, one by each value object, one by the id.
    fn conditions(&self, entity: &str) -> Vec<String> {
        let mut conditions = vec![];
        let mut text = None;
        for field in self.members(&format!("{entity}Filter"), "inputFields") {
            let (name, ty) = (field["name"].as_str().expect("a name"), named(&field["type"]).0);
            match ty {
                "StringFilter" if name == "name" || text.is_none() => text = Some(format!("{name}: {{ne: \"zz\"}}")),
                "IdFilter" => conditions.push(format!("{name}: {{isNull: false}}")),
                _ if name == "and" || name == "or" || name == "not" || self.leads_on(ty) => {}
                _ => conditions.extend(self.condition_below(name, ty)),
            }
        }
        conditions.extend(text);
        conditions
    }

    fn leads_on(&self, filter: &str) -> bool {
        let of = filter.strip_suffix("ListFilter").or(filter.strip_suffix("Filter")).unwrap_or_default();
        self.is_entity(of)
    }

    /// A condition on the first member of a value object, and on what stands in it that tells most.
    fn condition_below(&self, name: &str, filter: &str) -> Option<String> {
        let members = self.members(filter, "inputFields");
        // What is compared itself is no value object.
        if members
            .iter()
            .any(|member| ["eq", "has", "isEmpty", "isNull"].contains(&member["name"].as_str().unwrap_or("")))
        {
            return None;
        }
        let below = members.iter().find_map(|member| {
            let (below, ty) = (member["name"].as_str().expect("a name"), named(&member["type"]).0);
            match ty {
                "StringFilter" => Some(format!("{below}: {{ne: \"zz\"}}")),
                "BooleanFilter" | "DateTimeFilter" | "IdFilter" => Some(format!("{below}: {{isNull: false}}")),
                ty => self.condition_below(below, ty),
            }
        });
        below.map(|below| format!("{name}: {{{below}}}"))
    }

    /// Everything that an entity or a value object tells itself, value objects in it included.
    fn leaves(&self, ty: &str) -> String {
        let mut text = String::new();
        for (name, to, _, kind) in self.fields(ty) {
            // What has a route of its own is not told by rows.
            if ["sso", "notificationSettings"].contains(&name.as_str()) {
                continue;
            }
            match kind.as_str() {
                "SCALAR" | "ENUM" => text.push_str(&name),
                "INTERFACE" => drop(write!(text, "{name} {{ __typename ... on User {{ id name }} }}")),
                "OBJECT" if !self.is_entity(&to) && !to.starts_with("Wavefront") => {
                    let _ = write!(text, "{name} {{ {} }}", self.leaves(&to));
                }
                _ => continue,
            }
            text.push(' ');
        }
        text
    }

    /// The lists of all kinds, and the connections below accounts.
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![];
        for field in self.members("Query", "fields") {
            let (name, ty) = (field["name"].as_str().expect("a name"), named(&field["type"]).0);
            let Some(kind) = ty.strip_suffix("Connection").filter(|kind| !kind.starts_with("Wavefront")) else {
                continue;
            };
            // Not every host lists memberships but below accounts.
            let of_account = if kind == "AccountUser" {
                format!(", filter: {{account: {{id: {{eq: \"{ACCOUNT}\"}}}}}}")
            } else {
                String::new()
            };
            let (before, after) = (format!("{{ {name}"), "}".to_owned());
            lists.push(List { before, after, at: vec![name.into(), "nodes".into()], kind: kind.into() });
            for below in self.members(kind, "fields") {
                let (inner, ty) = (below["name"].as_str().expect("a name"), named(&below["type"]).0);
                let Some(of) = ty.strip_suffix("Connection") else { continue };
                if below["args"].as_array().is_none_or(|args| args.iter().all(|arg| arg["name"] != "filter")) {
                    continue;
                }
                let (before, after) =
                    (format!("{{ {name}(first: 2{of_account}) {{ nodes {{ {inner}"), "} } }".to_owned());
                let at = [name, "nodes", "*", inner, "nodes"].map(String::from).to_vec();
                lists.push(List { before, after, at, kind: of.into() });
            }
        }
        lists
    }

    /// The fields of an entity to order by that lie behind a reference.
    fn orders(&self, kind: &str) -> Vec<String> {
        let behind = [
            "ACCOUNT_NAME",
            "BUYER_NAME",
            "SELLER_NAME",
            "USER_NAME",
            "USER_EMAIL",
            "USER_STATUS",
            "USER_LAST_LOGIN_AT",
            "CURRENT_ACCOUNT_NAME",
        ];
        let values = self.members(&format!("{kind}OrderField"), "enumValues");
        values
            .iter()
            .filter_map(|value| value["name"].as_str())
            .filter(|name| behind.contains(name))
            .map(String::from)
            .collect()
    }
}

/// One step of a filter.
fn filter(step: &Step, inner: &str) -> String {
    if step.list { format!("{}: {{any: {{{inner}}}}}", step.name) } else { format!("{}: {{{inner}}}", step.name) }
}

/// A filter, and what to select along its path.
struct Case {
    arguments: String,
    selection: String,
}

/// All cases of a list: each path of one and of two steps, by each condition at its end, each order, and of a root list each
/// path of three steps.
fn cases(schema: &Schema, kind: &str, root: bool) -> Vec<Case> {
    let mut cases = vec![];
    let mut add = |filter: String, selections: &[String]| {
        for selection in selections {
            let selection = selection.clone();
            cases.push(Case { arguments: format!("filter: {{{filter}}}"), selection });
        }
    };
    for one in schema.steps(kind) {
        let whole = format!("id {}", one.select(&format!("id {}", schema.leaves(&one.to))));
        for condition in schema.conditions(&one.to) {
            add(filter(&one, &condition), std::slice::from_ref(&whole));
        }
        if one.list {
            add(format!("{}: {{isEmpty: false}}", one.name), std::slice::from_ref(&whole));
        }
        for two in schema.steps(&one.to) {
            let leaves = schema.leaves(&two.to);
            let selections = [
                // As little as possible on the way, and everything.
                format!("id {}", one.select(&two.select(&format!("id {leaves}")))),
                format!("id {}", one.select(&format!("id {} {}", schema.leaves(&one.to), two.select(&leaves)))),
            ];
            for condition in schema.conditions(&two.to) {
                add(filter(&one, &filter(&two, &condition)), &selections[..1]);
            }
            let by_text = schema.conditions(&two.to).pop().unwrap_or_default();
            add(filter(&one, &filter(&two, &by_text)), &selections[1..]);
            if two.list {
                add(filter(&one, &format!("{}: {{isEmpty: false}}", two.name)), &selections);
            }
            for three in schema.steps(&two.to).iter().filter(|_| root) {
                let leaves = schema.leaves(&three.to);
                let selection = format!("id {}", one.select(&two.select(&three.select(&format!("id {leaves}")))));
                let condition = schema.conditions(&three.to).pop().unwrap_or_default();
                add(filter(&one, &filter(&two, &filter(three, &condition))), &[selection]);
            }
        }
    }
    for order in schema.orders(kind) {
        for one in schema.steps(kind) {
            let whole = format!("id {}", one.select(&format!("id {}", schema.leaves(&one.to))));
            let arguments = format!("orderBy: [{{field: {order}}}]");
            cases.push(Case { arguments, selection: whole });
        }
    }
    cases
}

/// The nodes of a list in an answer.
fn nodes<'a>(data: &'a Value, at: &[String]) -> Vec<&'a Value> {
    match at.split_first() {
        None => data.as_array().into_iter().flatten().collect(),
        Some((key, rest)) if key == "*" => {
            data.as_array().into_iter().flatten().flat_map(|one| nodes(one, rest)).collect()
        }
        Some((key, rest)) => nodes(&data[key.as_str()], rest),
    }
}

/// Where two values differ first.
fn difference(expected: &Value, found: &Value, path: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(key, value)| difference(value, &other[key], &format!("{path}.{key}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs.into_iter().find_map(|(place, (one, other))| difference(one, other, &format!("{path}[{place}]")))
        }
        (Value::Array(one), Value::Array(other)) => {
            Some(format!("{path}: {} elements instead of {}", other.len(), one.len()))
        }
        (one, other) => (one != other).then(|| format!("{path}: {other} instead of {one}")),
    }
}

/// A host, and what was asked of it by ids.
struct Trial {
    kit: Kit,
    /// By the selection and the id.
    truth: HashMap<(String, String), Value>,
    compared: usize,
    refused: usize,
    failures: Vec<String>,
}

impl Trial {
    async fn of(generation: Generation, routes: MembershipRoutes, touched: Touched, nested_select: bool) -> Trial {
        let quirks = Quirks { touched, ..Quirks::default() };
        let options = Options { scale: SMALL, generation, quirks, ..Options::default() };
        let limits = Limits {
            upstream_requests: 100_000,
            entities: 10_000_000,
            sizes: nothing_assumed(),
            nested_select,
            ..limits()
        };
        let kit = kit_speaking(options, limits, |settings| settings, routes, &Clock::default()).await;
        kit.learn().await;
        Trial { kit, truth: HashMap::new(), compared: 0, refused: 0, failures: vec![] }
    }

    /// What is selected of entities, asked by their ids.
    async fn by_ids(&mut self, kind: &str, selection: &str, ids: &[String]) {
        let unknown = |id: &&String| !self.truth.contains_key(&(selection.to_owned(), (*id).clone()));
        let ids: Vec<&String> = ids.iter().filter(unknown).collect();
        if ids.is_empty() {
            return;
        }
        let query = format!("{{ nodes(ids: {}) {{ ... on {kind} {{ {selection} }} }} }}", json!(ids));
        let data = self.kit.data(&query).await;
        for (id, node) in ids.into_iter().zip(data["nodes"].as_array().expect("nodes")) {
            assert!(node.is_object(), "{id}: {query}");
            self.truth.insert((selection.to_owned(), id.clone()), node.clone());
        }
    }

    async fn run(&mut self, list: &List, case: &Case) {
        let Case { arguments, selection } = case;
        let query = format!("{}(first: 3, {arguments}) {{ nodes {{ {selection} }} }} {}", list.before, list.after);
        self.kit.requests();
        let answer = self.kit.query(&query).await;
        let requests = self.kit.requests();
        if let Some(errors) = answer.get("errors") {
            // Not every generation has every property.
            let code = errors[0]["extensions"]["code"].as_str().unwrap_or_default();
            if !["UPSTREAM_REJECTED", "UPSTREAM_ROUTE_MISSING"].contains(&code) {
                self.failures.push(format!("{errors}\n  {query}\n  {requests:#?}"));
                return;
            }
            self.refused += 1;
            return;
        }
        let found: Vec<Value> = nodes(&answer["data"], &list.at).into_iter().cloned().collect();
        let ids: Vec<String> = found.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect();
        self.by_ids(&list.kind, selection, &ids).await;
        for (id, node) in ids.into_iter().zip(found) {
            self.compared += 1;
            let expected = &self.truth[&(selection.clone(), id.clone())];
            if let Some(how) = difference(expected, &node, &id) {
                self.failures.push(format!("{how}\n  {query}\n  {requests:#?}"));
                return;
            }
        }
    }
}

async fn matrix(generation: Generation, touched: Touched, nested_select: bool) {
    let (_, routes) = MODES.into_iter().find(|(found, _)| *found == generation).expect("a mode");
    let mut trial = Trial::of(generation, routes, touched, nested_select).await;
    let schema = Schema::of(&trial.kit).await;
    let mut asked = 0;
    for list in schema.lists() {
        let above = generation == Generation::V5 && list.kind == "AccountUser" && !list.at.contains(&"*".to_owned());
        for mut case in cases(&schema, &list.kind, !list.at.contains(&"*".to_owned())) {
            if above {
                // This host lists memberships below accounts only.
                let (name, rest) = case.arguments.split_once(": ").expect("an argument");
                case.arguments = match name {
                    "filter" => format!("filter: {{and: [{{account: {{id: {{eq: \"{ACCOUNT}\"}}}}}}, {rest}]}}"),
                    _ => format!("filter: {{account: {{id: {{eq: \"{ACCOUNT}\"}}}}}}, {}", case.arguments),
                };
            }
            trial.run(&list, &case).await;
            asked += 1;
            if trial.failures.len() >= REPORTED {
                break;
            }
        }
    }
    let Trial { compared, refused, failures, .. } = trial;
    println!("{generation:?} {touched:?} nested {nested_select}: {asked} queries, {refused} refused, {compared} rows");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(refused * 2 < asked && compared > asked / 2, "{refused} of {asked} refused, {compared} compared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_filter_touches_is_answered_as_without_the_filter() {
    matrix(Generation::V5, Touched::Bare, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_filter_touches_is_answered_as_without_the_filter_where_nothing_is_nested() {
    matrix(Generation::V5, Touched::Bare, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_filter_touches_is_answered_as_without_the_filter_by_hosts_with_all_routes() {
    matrix(Generation::All, Touched::Bare, true).await;
    matrix(Generation::All, Touched::Named, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_filter_touches_is_answered_as_without_the_filter_by_older_hosts() {
    matrix(Generation::September2025, Touched::Bare, true).await;
    matrix(Generation::September2025, Touched::Named, false).await;
}
