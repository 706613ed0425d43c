//! The slow, obvious evaluation: straight recursion over the rows, one field after the other, nothing remembered.

use super::{
    condition,
    data::{Data, KINDS, Row, is_empty_when_absent, row_name, text},
    document::{Document, Field, Selection, Value},
    schema::{Schema, named},
};
use accounts_graph::entity::member;
use serde_json::{Map, Value as Json, json};
use std::{cell::RefCell, cmp::Ordering, collections::BTreeSet};

/// Stands before the ids of the row that a cursor is expected to be at. Its text is the gateway's own business.
pub(super) const CURSOR: &str = "\u{0}cursor ";

/// What fields are selected of.
#[derive(Clone, Copy)]
pub(super) enum Thing<'d> {
    /// The root of all.
    Query,
    /// An entity; of a seller that was reached through a buyer, with the link between the two.
    Entity(&'d Row, Option<&'d Row>),
    /// A value object.
    Object(&'d Row),
}

impl<'d> Thing<'d> {
    /// What a row says of a field.
    pub(super) fn get(self, field: &str) -> Option<&'d Json> {
        match self {
            Thing::Query => None,
            Thing::Entity(row, _) | Thing::Object(row) => row.get(row_name(field)),
        }
    }
}

/// A row of a connection, before paging.
#[derive(Clone, Copy)]
struct Node<'d> {
    row: &'d Row,
    /// Breaks ties between nodes that are the same: the id of the membership they are behind.
    tie: &'d str,
    /// Of a seller that was reached through a buyer, the link between the two.
    link: Option<&'d Row>,
}

impl<'d> Node<'d> {
    fn of(row: &'d Row) -> Self {
        Node { row, tie: "", link: None }
    }
}

/// Which kind of page a connection gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    /// Of rows that are asked for.
    Rows,
    /// Of a list that is read whole, whose cursors are ids.
    Whole,
    /// Of rows that are asked for, of a list that is read whole where there are no conditions on it.
    OfWhole,
}

/// One evaluation.
pub(super) struct Evaluation<'a> {
    pub(super) schema: &'a Schema,
    pub(super) data: &'a Data,
    pub(super) document: &'a Document,
    /// What has to be asked of one account or user at a time: each once for each place that selects it.
    apart: RefCell<BTreeSet<(usize, String)>>,
}

/// The `data` of the answer.
pub(super) fn evaluate(schema: &Schema, data: &Data, document: &Document) -> Json {
    Evaluation::new(schema, data, document).data()
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(schema: &'a Schema, data: &'a Data, document: &'a Document) -> Self {
        Evaluation { schema, data, document, apart: RefCell::default() }
    }

    /// How many requests were met that a host cannot answer for many accounts or users together.
    pub(super) fn apart(&self) -> usize {
        self.apart.borrow().len()
    }

    /// Notes what an entity's field takes where a host lists memberships below accounts and users.
    fn note_apart(&self, ty: &str, row: &Row, field: &Field) {
        let mut apart = self.apart.borrow_mut();
        let tries = if field.arguments.iter().any(|(name, _)| name == "before") { 2 } else { 1 };
        let mut note = |id: &str| apart.extend((0..tries).map(|again| (field.id, format!("{id} {again}"))));
        match (ty, field.name.as_str()) {
            ("AccountUser", "favorite") => note(text(row, "user")),
            ("Module", "users") => {
                note(text(row, "id"));
                for group in self.holding(row) {
                    note(text(group, "account"));
                    note(text(group, "id"));
                }
            }
            _ if self.data.mode.lists_all() => {}
            ("Account", "users" | "accountUsers") | ("User", "accounts") => note(text(row, "id")),
            ("User", "accountUsers") => {
                note(text(row, "id"));
                // What the user's own list does not tell.
                self.memberships(row).into_iter().for_each(|membership| note(text(membership, "account")));
            }
            ("Group", "accountUsers" | "users") => {
                note(text(row, "account"));
                // A page for many groups of an account may not hold what each wants.
                note(text(row, "id"));
            }
            _ => {}
        }
    }

    /// Notes what it takes to find out who is in the groups or accounts that a list of users is filtered by.
    fn note_members(&self, field: &Field) {
        let Some(Value::Object(filter)) = self.argument(field, "filter") else { return };
        for (held, conditions) in filter.iter().filter(|(name, _)| ["groups", "accounts"].contains(&name.as_str())) {
            let mut ids = vec![];
            ids_in(conditions, &mut ids);
            let mut apart = self.apart.borrow_mut();
            for place in 0..2 + 3 * ids.len() {
                apart.insert((field.id, format!("{held} {place}")));
            }
        }
    }

    /// Notes whose members a list names.
    fn note_root(&self, field: &Field) {
        let mut ids = vec![];
        if let Some(filter) = self.argument(field, "filter") {
            ids_in(&filter, &mut ids);
        }
        let mut accounts = BTreeSet::new();
        for id in ids {
            match self.data.find(&id) {
                Some(("User", user)) => {
                    let memberships = self.memberships(user).into_iter();
                    accounts.extend(memberships.map(|membership| text(membership, "account").to_owned()));
                    accounts.insert(id);
                }
                Some(("AccountUser", membership)) => drop(accounts.insert(text(membership, "account").to_owned())),
                _ => drop(accounts.insert(id)),
            }
        }
        // How many members each has, then those that are on the page.
        let mut apart = self.apart.borrow_mut();
        for account in accounts {
            apart.extend(["counted", "listed"].map(|how| (field.id, format!("{account} {how}"))));
        }
    }

    /// The `data` of the answer.
    pub(super) fn data(&self) -> Json {
        self.selection("Query", Thing::Query, &[&self.document.set])
    }

    fn selection(&self, ty: &str, thing: Thing<'a>, sets: &[&'a [Selection]]) -> Json {
        let mut members = Map::new();
        let fields = self.collect(ty, sets);
        if let (Thing::Entity(row, _), "AccountUser", false) = (thing, ty, self.data.mode.lists_all())
            && let Some((_, first)) = fields.iter().find(|(_, it)| !["id", "__typename"].contains(&&*it[0].name))
        {
            // Memberships are asked together by account.
            self.apart.borrow_mut().insert((first[0].id, text(row, "account").to_owned()));
        }
        for (key, fields) in fields {
            members.insert(key.to_owned(), self.field(ty, thing, fields[0], &below(&fields)));
        }
        Json::Object(members)
    }

    /// The fields that apply to an object type, by response key in the order of their first appearance.
    pub(super) fn collect(&self, ty: &str, sets: &[&'a [Selection]]) -> Vec<(&'a str, Vec<&'a Field>)> {
        let mut found = Vec::new();
        for set in sets {
            self.collect_into(ty, set, &mut found);
        }
        found
    }

    fn collect_into(&self, ty: &str, set: &'a [Selection], found: &mut Vec<(&'a str, Vec<&'a Field>)>) {
        for selection in set {
            let (Selection::Field(Field { directives, .. })
            | Selection::Inline { directives, .. }
            | Selection::Spread { directives, .. }) = selection;
            if directives.iter().any(|directive| self.value(&directive.truth) == Some(Value::Bool(directive.skip))) {
                continue;
            }
            match selection {
                Selection::Field(field) => match found.iter_mut().find(|(key, _)| *key == field.key()) {
                    Some((_, fields)) => fields.push(field),
                    None => found.push((field.key(), vec![field])),
                },
                Selection::Inline { on, set, .. } => {
                    if on.as_ref().is_none_or(|on| self.schema.applies(on, ty)) {
                        self.collect_into(ty, set, found);
                    }
                }
                Selection::Spread { name, .. } => {
                    let fragment = self.document.fragments.iter().find(|fragment| fragment.name == *name);
                    let fragment = fragment.expect("the fragment is defined");
                    if self.schema.applies(&fragment.on, ty) {
                        self.collect_into(ty, &fragment.set, found);
                    }
                }
            }
        }
    }

    /// A value with its variables replaced; none for a variable that has no value.
    fn value(&self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Variable(name) => {
                let variable = self.document.variables.iter().find(|variable| variable.name == *name);
                let variable = variable.expect("the variable is defined");
                return variable.given.clone().or_else(|| variable.default.clone());
            }
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.value(item).unwrap_or(Value::Null)).collect())
            }
            Value::Object(members) => {
                let given = members.iter().filter_map(|(name, value)| Some((name.clone(), self.value(value)?)));
                Value::Object(given.collect())
            }
            other => other.clone(),
        })
    }

    /// An argument; none when it is absent or null.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let (_, value) = field.arguments.iter().find(|(found, _)| found == name)?;
        self.value(value).filter(|value| *value != Value::Null)
    }

    /// A text that is given for an argument.
    pub(super) fn text_argument(&self, field: &Field, name: &str) -> Option<String> {
        if let Some(Value::Text(text)) = self.argument(field, name) { Some(text) } else { None }
    }

    fn number(&self, field: &Field, name: &str) -> Option<usize> {
        if let Some(Value::Int(number)) = self.argument(field, name) { usize::try_from(number).ok() } else { None }
    }

    fn field(&self, ty: &str, thing: Thing<'a>, field: &'a Field, sets: &[&'a [Selection]]) -> Json {
        if field.name == "__typename" {
            return json!(ty);
        }
        let output = &self.schema.output(ty, &field.name).ty;
        match thing {
            Thing::Query if field.name == "accountUsers" && !self.data.mode.lists_all() => self.note_root(field),
            Thing::Query if field.name == "users" => self.note_members(field),
            Thing::Entity(row, _) => self.note_apart(ty, row, field),
            _ => {}
        }
        if let Some(kind) = named(output).strip_suffix("Connection") {
            if let Thing::Entity(row, _) = thing
                && let Some(list) = self.list(ty, row, &field.name)
            {
                let asks =
                    |name: &str| field.arguments.iter().any(|(found, value)| found == name && *value != Value::Null);
                // With conditions or an order it is asked for like any other page.
                let page = if asks("filter") || asks("orderBy") { Page::OfWhole } else { Page::Whole };
                let tied = |node: Node<'a>| match (page, ty, field.name.as_str()) {
                    // Then it is a list of memberships.
                    (Page::OfWhole, "Group", "users") => {
                        Node { tie: self.between(&row["account"], &node.row["id"]), ..node }
                    }
                    (Page::OfWhole, "User", "accounts") => {
                        Node { tie: self.between(&node.row["id"], &row["id"]), ..node }
                    }
                    _ => node,
                };
                return list.map_or(Json::Null, |nodes| {
                    self.connection(kind, nodes.into_iter().map(tied).collect(), field, sets, page)
                });
            }
            return self.connection(kind, self.nodes(ty, thing, kind, &field.name), field, sets, Page::Rows);
        }
        match thing {
            Thing::Query => self.root(field, output, sets),
            Thing::Entity(row, link) => match (ty, field.name.as_str()) {
                // Only those before version 5 tell it.
                ("Seller", "erpLink") => {
                    link.map_or(Json::Null, |link| self.selection("ErpLink", Thing::Entity(link, None), sets))
                }
                (_, "iconUrl") => match thing.get("icon") {
                    None | Some(Json::Null) => Json::Null,
                    Some(_) => {
                        let (_, _, collection) = KINDS.iter().find(|(kind, ..)| *kind == ty).expect("a kind");
                        json!(format!("/icons/{collection}/{}", text(row, "id")))
                    }
                },
                (_, name) => match thing.get(name) {
                    None if is_empty_when_absent(ty, name) => json!([]),
                    value => self.output(output, value, sets),
                },
            },
            Thing::Object(_) => self.output(output, thing.get(&field.name), sets),
        }
    }

    /// A value of a row as its type has it.
    fn output(&self, ty: &str, value: Option<&'a Json>, sets: &[&'a [Selection]]) -> Json {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Json::Null };
        let name = named(ty);
        match value {
            Json::Array(list) if ty.starts_with('[') => {
                list.iter().map(|item| self.output(name, Some(item), sets)).collect()
            }
            Json::String(id)
                if self.schema.is_composite(name)
                    && let Some(extension) =
                        if name == "Actor" { self.data.acting(id) } else { self.data.extension(id) } =>
            {
                self.selection("Extension", Thing::Object(extension), sets)
            }
            _ if self.schema.is_entity(name) || self.schema.is_interface(name) => {
                let (kind, row) = self.data.referred(value);
                self.selection(kind, Thing::Entity(row, None), sets)
            }
            Json::Object(object) if self.schema.is_composite(name) => self.selection(name, Thing::Object(object), sets),
            Json::String(sent) if self.schema.values(name).is_some() => json!(self.schema.enum_value(name, sent)),
            other => other.clone(),
        }
    }

    fn entity(&self, id: &str, sets: &[&'a [Selection]]) -> Json {
        let found = self.data.find(id);
        found.map_or(Json::Null, |(kind, row)| self.selection(kind, Thing::Entity(row, None), sets))
    }

    fn root(&self, field: &Field, output: &str, sets: &[&'a [Selection]]) -> Json {
        if let Some(email) = self.text_argument(field, "email") {
            let is = |row: &&Row| text(row, "email").to_lowercase() == email.to_lowercase();
            let found = self.data.all("User").iter().find(is);
            return found.map_or(Json::Null, |row| self.selection("User", Thing::Entity(row, None), sets));
        }
        match self.argument(field, "ids") {
            Some(Value::List(ids)) => ids.iter().map(|id| self.by_id(output, id, sets)).collect(),
            Some(id) => Json::Array(vec![self.by_id(output, &id, sets)]),
            None => self.by_id(output, &self.argument(field, "id").expect("an id"), sets),
        }
    }

    fn by_id(&self, output: &str, id: &Value, sets: &[&'a [Selection]]) -> Json {
        let Value::Text(id) = id else { panic!("ids are texts") };
        match self.data.find(id) {
            Some((kind, _)) if self.schema.applies(named(output), kind) => self.entity(id, sets),
            _ => Json::Null,
        }
    }

    /// Everything in a list that is read whole: none when the field is no such list, nothing when it is null.
    #[expect(clippy::option_option, reason = "no such list, a list that is null, and a list")]
    fn list(&self, ty: &str, row: &'a Row, field: &str) -> Option<Option<Vec<Node<'a>>>> {
        let rows = match (ty, field) {
            ("User", "accountUsers") => self.memberships(row),
            ("User", "accounts") => {
                once(self.memberships(row).into_iter().map(|it| self.data.referred(&it["account"]).1))
            }
            ("User", "groups") => {
                let groups = self.memberships(row).into_iter().flat_map(|it| items(it.get("groups")));
                once(groups.map(|group| self.data.referred(group).1))
            }
            ("Buyer", "sellers") => {
                let pairs = items(row.get("sellers")).zip(self.data.links(row));
                let node = |(seller, link): (&'a Json, &'a Row)| {
                    assert_eq!(link.get("seller"), Some(seller), "sellers come in the order of links");
                    Node { link: Some(link), ..Node::of(self.data.referred(seller).1) }
                };
                return Some(Some(pairs.map(node).collect()));
            }
            ("Account" | "AccountUser", "groups") | ("Group", "users") | ("AccountUser" | "Group", "buyers") => {
                let list = row.get(row_name(field)).filter(|list| !list.is_null());
                if list.is_none() && !is_empty_when_absent(ty, field) {
                    return Some(None);
                }
                items(list).map(|id| self.data.referred(id).1).collect()
            }
            _ => return None,
        };
        Some(Some(rows.into_iter().map(Node::of).collect()))
    }

    /// The memberships of a user, by their ids.
    pub(super) fn memberships(&self, user: &Row) -> Vec<&'a Row> {
        let mut found: Vec<_> = self.data.all("AccountUser").iter().filter(|it| it["user"] == user["id"]).collect();
        found.sort_by_key(|row| text(row, "id"));
        found
    }

    /// The id of the membership of a user in an account.
    fn between(&self, account: &Json, user: &Json) -> &'a str {
        let mut memberships = self.data.all("AccountUser").iter();
        let found = memberships.find(|it| it["account"] == *account && it["user"] == *user);
        text(found.expect("a membership"), "id")
    }

    /// The groups that have a module.
    fn holding(&self, module: &Row) -> impl Iterator<Item = &'a Row> {
        let has = |group: &&Row| items(group.get("modules")).any(|id| *id == module["id"]);
        self.data.all("Group").iter().filter(has)
    }

    /// Everything that a connection is about.
    fn nodes(&self, ty: &str, parent: Thing<'a>, kind: &str, field: &str) -> Vec<Node<'a>> {
        let Thing::Entity(parent, _) = parent else {
            return self.data.all(kind).iter().map(Node::of).collect();
        };
        if (ty, field) == ("Account", "users") {
            let memberships = self.data.all("AccountUser").iter().filter(|it| it["account"] == parent["id"]);
            let user =
                |row: &'a Row| Node { row: self.data.referred(&row["user"]).1, tie: text(row, "id"), link: None };
            return memberships.map(user).collect();
        }
        if (ty, field) == ("Module", "users") {
            let groups: Vec<&Json> = self.holding(parent).filter_map(|group| group.get("id")).collect();
            let is_in = |row: &&Row| items(row.get("groups")).any(|id| groups.contains(&id));
            let users = self.data.all("AccountUser").iter().filter(is_in).map(|row| self.data.referred(&row["user"]).1);
            return once(users).into_iter().map(Node::of).collect();
        }
        // Rows name the parent by a reference or in a collection that is called like it.
        let one = format!("{}{}", ty[..1].to_lowercase(), &ty[1..]);
        let many = format!("{one}s");
        let belongs =
            |row: &&Row| row.get(&one) == parent.get("id") || items(row.get(&many)).any(|id| *id == parent["id"]);
        self.data.all(kind).iter().filter(belongs).map(Node::of).collect()
    }

    /// The row that a cursor is at.
    fn node_of(&self, kind: &str, tied: bool, cursor: &str) -> Node<'a> {
        let texts = texts_of(cursor).expect("a cursor");
        let of = |prefix: &str| texts.iter().rev().find(|text| text.starts_with(prefix));
        let membership = of("ACC-").zip(of("USR-")).and_then(|(account, user)| member::id(account, user));
        let found = |id: &str| self.data.find(id).expect("a row").1;
        match (kind, membership) {
            ("AccountUser", Some(id)) => Node::of(found(&id)),
            ("User" | "Account", Some(id)) if tied => {
                let row = found(&id);
                let of = if kind == "User" { "user" } else { "account" };
                Node { tie: text(row, "id"), ..Node::of(self.data.referred(&row[of]).1) }
            }
            _ => Node::of(found(texts.last().expect("an id"))),
        }
    }

    /// A page of some nodes.
    fn connection(
        &self,
        kind: &str,
        mut nodes: Vec<Node<'a>>,
        field: &Field,
        sets: &[&'a [Selection]],
        page: Page,
    ) -> Json {
        let whole = page == Page::Whole;
        if let Some(filter) = self.argument(field, "filter") {
            nodes.retain(|node| condition::holds(self, kind, Some(Thing::Entity(node.row, None)), &filter));
        }
        let order = condition::order(self, kind, self.argument(field, "orderBy").as_ref());
        let ids = |node: &Node<'a>| (text(node.row, "id"), node.tie);
        let compare = |one: &Node<'a>, other: &Node<'a>| {
            order.compare(one.row, other.row).then_with(|| ids(one).cmp(&ids(other)))
        };
        nodes.sort_by(compare);
        let total = nodes.len();
        let tied = nodes.iter().any(|node| !node.tie.is_empty());
        // A cursor is a position in the order: how many rows come before it, and how many up to it.
        let behind = |name: &str, up_to: &[Ordering]| {
            if whole {
                return None;
            }
            let at = self.text_argument(field, name).map(|cursor| self.node_of(kind, tied, &cursor))?;
            Some(nodes.iter().filter(|node| up_to.contains(&compare(node, &at))).count())
        };
        let after = behind("after", &[Ordering::Less, Ordering::Equal]);
        let before = behind("before", &[Ordering::Less]);
        let (start, end) =
            if whole { self.list_window(field, &nodes) } else { self.window(field, total, page, after, before) };
        let (previous, next) = (after.is_some() || start > 0, before.is_some() || end < total);
        let page: Vec<_> = (start..end).zip(&nodes[start..end]).collect();
        let cursor = |place: usize| {
            let (id, tie) = ids(&nodes[place]);
            json!(format!("{CURSOR}{} {}", field.id, if tie.is_empty() { id } else { tie }))
        };
        let mut members = Map::new();
        for (key, fields) in self.collect(&format!("{kind}Connection"), sets) {
            let below = below(&fields);
            let node = |node: &Node<'a>, sets: &[&'a [Selection]]| {
                self.selection(kind, Thing::Entity(node.row, node.link), sets)
            };
            let value = match fields[0].name.as_str() {
                "totalCount" => json!(total),
                "nodes" => page.iter().map(|(_, row)| node(row, &below)).collect(),
                "edges" => {
                    let edge = |(place, row): &(usize, &Node<'a>)| {
                        let mut members = Map::new();
                        for (key, fields) in self.collect(&format!("{kind}Edge"), &below) {
                            let value = match fields[0].name.as_str() {
                                "node" => node(row, &self::below(&fields)),
                                "cursor" => cursor(*place),
                                _ => json!(format!("{kind}Edge")),
                            };
                            members.insert(key.to_owned(), value);
                        }
                        Json::Object(members)
                    };
                    page.iter().map(edge).collect()
                }
                "pageInfo" => {
                    let mut members = Map::new();
                    for (key, fields) in self.collect("PageInfo", &below) {
                        let value = match fields[0].name.as_str() {
                            "hasNextPage" => json!(next),
                            "hasPreviousPage" => json!(previous),
                            "startCursor" | "endCursor" if start == end => Json::Null,
                            "startCursor" => cursor(start),
                            "endCursor" => cursor(end - 1),
                            _ => json!("PageInfo"),
                        };
                        members.insert(key.to_owned(), value);
                    }
                    Json::Object(members)
                }
                _ => json!(format!("{kind}Connection")),
            };
            members.insert(key.to_owned(), value);
        }
        Json::Object(members)
    }

    /// Which places of a list that is read whole are on the page.
    fn list_window(&self, field: &Field, nodes: &[Node<'a>]) -> (usize, usize) {
        let cursor = |name: &str| self.text_argument(field, name).map(|cursor| id_of(&cursor).expect("a cursor"));
        let (after, before) = (cursor("after"), cursor("before"));
        let start = after.map(|after| nodes.iter().filter(|node| text(node.row, "id") <= after.as_str()).count());
        let end = before.map(|before| nodes.iter().filter(|node| text(node.row, "id") < before.as_str()).count());
        let start = start.or_else(|| self.number(field, "offset")).unwrap_or(0).min(nodes.len());
        let end = end.unwrap_or(nodes.len()).max(start);
        match (self.number(field, "first"), self.number(field, "last")) {
            (_, Some(last)) => (start.max(end.saturating_sub(last)), end),
            (first, None) => (start, end.min(start + first.unwrap_or(100))),
        }
    }

    /// Which places of the list are on the page.
    fn window(
        &self,
        field: &Field,
        total: usize,
        page: Page,
        after: Option<usize>,
        before: Option<usize>,
    ) -> (usize, usize) {
        let default = if page == Page::OfWhole { 100 } else { 20 };
        let start = after.or_else(|| self.number(field, "offset")).unwrap_or(0).min(total);
        let end = before.unwrap_or(total).max(start);
        match (self.number(field, "first"), self.number(field, "last")) {
            (_, Some(last)) => (start.max(end.saturating_sub(last)), end),
            (first, None) => (start, end.min(start + first.unwrap_or(default))),
        }
    }
}

/// The id in a cursor of a list that is read whole: what follows four bytes.
pub(super) fn id_of(cursor: &str) -> Option<String> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    String::from_utf8(bytes.get(4..)?.to_vec()).ok()
}

/// The texts that a cursor holds, as far as it holds any: after its version, a digest, a byte and a place come values, each
/// with a byte for its kind and two for its length.
pub(super) fn texts_of(cursor: &str) -> Option<Vec<String>> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (mut rest, mut texts) = (bytes.get(14..)?, vec![]);
    while let [_, high, low, more @ ..] = rest {
        let (value, more) = more.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        texts.push(String::from_utf8_lossy(value).into_owned());
        rest = more;
    }
    Some(texts)
}

/// Whether a cursor is one of the row with this id.
pub(super) fn is_cursor_of(cursor: &str, id: &str) -> bool {
    let texts = texts_of(cursor).unwrap_or_default();
    match member::pair(id) {
        Some((account, user)) => texts.contains(&account) && texts.contains(&user),
        None => texts.iter().any(|text| text == id),
    }
}

/// What is selected below fields that are merged.
pub(super) fn below<'a>(fields: &[&'a Field]) -> Vec<&'a [Selection]> {
    fields.iter().map(|field| field.set.as_slice()).collect()
}

/// The ids in a filter.
fn ids_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Text(text) if text.contains('-') => found.push(text.clone()),
        Value::List(items) => items.iter().for_each(|item| ids_in(item, found)),
        Value::Object(members) => members.iter().for_each(|(_, value)| ids_in(value, found)),
        _ => {}
    }
}

/// The items of a list; none of null.
pub(super) fn items(list: Option<&Json>) -> impl Iterator<Item = &Json> {
    list.and_then(Json::as_array).into_iter().flatten()
}

/// Each row once, where it appears first.
fn once<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<&'a Row> {
    let mut found: Vec<&Row> = Vec::new();
    for row in rows {
        if !found.iter().any(|known| known["id"] == row["id"]) {
            found.push(row);
        }
    }
    found
}
