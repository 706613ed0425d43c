//! What the typed filters and orders mean, by their descriptions in the schema.

use super::{
    data::Row,
    document::Value,
    evaluate::{Evaluation, Thing, items},
    schema::named,
};
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Whether a filter of a type holds for a thing; without one, everything about it is null.
pub(super) fn holds(on: &Evaluation, ty: &str, thing: Option<Thing>, filter: &Value) -> bool {
    members(filter).iter().all(|(name, value)| match (name.as_str(), value) {
        (_, Value::Null) => true,
        ("and", Value::List(all)) => all.iter().all(|one| holds(on, ty, thing, one)),
        ("or", Value::List(any)) => any.iter().any(|one| holds(on, ty, thing, one)),
        // A single value stands for a list of one.
        ("and" | "or", one) => holds(on, ty, thing, one),
        ("not", one) => !holds(on, ty, thing, one),
        (field, conditions) => field_holds(on, ty, thing, field, conditions),
    })
}

fn members(value: &Value) -> &[(String, Value)] {
    if let Value::Object(members) = value { members } else { panic!("filters are objects") }
}

fn field_holds(on: &Evaluation, ty: &str, thing: Option<Thing>, field: &str, conditions: &Value) -> bool {
    if let (("User", "groups" | "accounts"), Some(Thing::Entity(user, _))) = ((ty, field), thing) {
        return held_hold(on, user, field, conditions);
    }
    let output = &on.schema.output(ty, field).ty;
    let name = named(output);
    let value = thing.and_then(|thing| thing.get(field));
    if output.starts_with('[') || name.ends_with("Connection") {
        let name = name.strip_suffix("Connection").unwrap_or(name);
        return list_holds(on, name, thing, field, conditions);
    }
    if (ty, field) == ("Seller", "erpLink") {
        let link = if let Some(Thing::Entity(_, link)) = thing { link } else { None };
        return holds(on, name, link.map(|link| Thing::Entity(link, None)), conditions);
    }
    let extension = value.and_then(Json::as_str).and_then(|id| on.data.extension(id));
    if let Some(extension) = extension.filter(|_| name == "Actor") {
        return holds(on, "Extension", Some(Thing::Object(extension)), conditions);
    }
    if on.schema.is_entity(name) || name == "Actor" {
        let referred = value.map(|id| on.data.referred(id));
        let ty = referred.map_or(name, |(kind, _)| kind);
        return holds(on, ty, referred.map(|(_, row)| Thing::Entity(row, None)), conditions);
    }
    if on.schema.is_composite(name) {
        return holds(on, name, value.and_then(Json::as_object).map(Thing::Object), conditions);
    }
    members(conditions).iter().all(|(op, wanted)| leaf_holds(on, name, value, op, wanted))
}

/// Whether conditions hold for the groups or accounts of a user.
fn held_hold(on: &Evaluation, user: &Row, field: &str, conditions: &Value) -> bool {
    let memberships = on.memberships(user).into_iter();
    let (kind, held): (_, Vec<&Json>) = match field {
        "groups" => ("Group", memberships.flat_map(|it| items(it.get("groups"))).collect()),
        _ => ("Account", memberships.filter_map(|it| it.get("account")).collect()),
    };
    let one = |id: &&Json, filter: &Value| holds(on, kind, Some(Thing::Entity(on.data.referred(id).1, None)), filter);
    members(conditions).iter().all(|(op, filter)| match op.as_str() {
        "any" => held.iter().any(|id| one(id, filter)),
        "none" => !held.iter().any(|id| one(id, filter)),
        _ => panic!("no condition {op} on what users are in"),
    })
}

fn list_holds(on: &Evaluation, ty: &str, thing: Option<Thing>, field: &str, conditions: &Value) -> bool {
    let list: Vec<&Json> = items(thing.and_then(|thing| thing.get(field))).collect();
    let links = match thing {
        Some(Thing::Entity(row, _)) if field == "sellers" => on.data.links(row),
        _ => vec![],
    };
    let element = |place: usize| Thing::Entity(on.data.referred(list[place]).1, links.get(place).copied());
    let any = |filter: &Value| (0..list.len()).any(|place| holds(on, ty, Some(element(place)), filter));
    members(conditions).iter().all(|(op, wanted)| match (op.as_str(), wanted) {
        (_, Value::Null) => true,
        ("isEmpty", wanted) => *wanted == Value::Bool(list.is_empty()),
        ("has", Value::Text(wanted)) => list.iter().any(|item| item.as_str() == Some(wanted)),
        ("any", filter) => any(filter),
        ("none", filter) => !any(filter),
        ("all", filter) => (0..list.len()).all(|place| holds(on, ty, Some(element(place)), filter)),
        _ => panic!("no condition {op} on lists"),
    })
}

fn leaf_holds(on: &Evaluation, ty: &str, value: Option<&Json>, op: &str, wanted: &Value) -> bool {
    let is = |wanted: &Value| match (value, wanted) {
        (None, Value::Null) => true,
        (None, _) | (_, Value::Null) => false,
        (Some(value), Value::Enum(word)) => on.schema.enum_value(ty, value.as_str().unwrap_or_default()) == word,
        (Some(value), wanted) => compare(ty, value, wanted) == Some(Ordering::Equal),
    };
    let order = || value.and_then(|value| compare(ty, value, wanted));
    let among = || match wanted {
        Value::List(several) => several.iter().any(is),
        one => is(one),
    };
    match (op, wanted) {
        ("isNull", Value::Null) => true,
        ("isNull", wanted) => *wanted == Value::Bool(value.is_none()),
        ("eq", wanted) => is(wanted),
        ("ne", wanted) => !is(wanted),
        ("in", _) => among(),
        ("notIn", _) => !among(),
        ("gt", _) => order() == Some(Ordering::Greater),
        ("ge", _) => order().is_some_and(Ordering::is_ge),
        ("lt", _) => order() == Some(Ordering::Less),
        ("le", _) => order().is_some_and(Ordering::is_le),
        (op, Value::Text(part)) if PARTS.contains(&op) => {
            part.is_empty() || has_part(op, value.and_then(Json::as_str), part)
        }
        _ => panic!("no condition {op}"),
    }
}

fn compare(ty: &str, value: &Json, wanted: &Value) -> Option<Ordering> {
    match (value, wanted) {
        (Json::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Json::Number(one), Value::Int(other)) => Some(one.as_i64()?.cmp(other)),
        (Json::String(one), Value::Text(other)) if ty == "DateTime" => Some(instant(one).cmp(&instant(other))),
        (Json::String(one), Value::Text(other)) => Some(one.as_str().cmp(other)),
        _ => None,
    }
}

/// A date in UTC with its fraction of a second filled up, so that texts compare as instants do.
fn instant(text: &str) -> String {
    let text = text.strip_suffix('Z').expect("dates are in UTC");
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{seconds}.{fraction:0<9}")
}

/// The conditions on a part of a text.
const PARTS: [&str; 6] = ["contains", "startsWith", "endsWith", "notContains", "notStartsWith", "notEndsWith"];

/// Whether a text has a part, or not, in any case, as the sandbox compares; null has none.
fn has_part(op: &str, text: Option<&str>, part: &str) -> bool {
    let part = part.to_lowercase();
    let has = |text: &str| match op {
        "contains" | "notContains" => text.contains(&part),
        "startsWith" | "notStartsWith" => text.starts_with(&part),
        _ => text.ends_with(&part),
    };
    text.is_some_and(|text| has(&text.to_lowercase())) != op.starts_with("not")
}

/// An order: paths, and whether the greatest comes first.
pub(super) struct Order<'a> {
    on: &'a Evaluation<'a>,
    kind: &'a str,
    paths: Vec<(String, bool)>,
}

/// Reads `orderBy`.
pub(super) fn order<'a>(on: &'a Evaluation<'a>, kind: &'a str, given: Option<&Value>) -> Order<'a> {
    let list = match given {
        Some(Value::List(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => vec![],
    };
    let path = |item: &Value| {
        let members = members(item);
        let word = |name: &str| match members.iter().find(|(found, _)| found == name) {
            Some((_, Value::Enum(word))) => word.as_str(),
            _ => "ASC",
        };
        let path = on.schema.order_path(kind, word("field")).expect("an order by a field");
        (path, word("direction") == "DESC")
    };
    Order { on, kind, paths: list.into_iter().map(path).collect() }
}

impl Order<'_> {
    pub(super) fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let by = |(path, descending): &(String, bool)| {
            let order = ascending(self.at(one, path), self.at(other, path));
            if *descending { order.reverse() } else { order }
        };
        self.paths.iter().map(by).fold(Ordering::Equal, Ordering::then)
    }

    fn at<'r>(&'r self, row: &'r Row, path: &str) -> Option<&'r Json> {
        let mut names = path.split('.').peekable();
        let mut row = row;
        while let Some(name) = names.next() {
            // A seller has a link only where it was reached through a buyer, and no list of sellers is.
            if self.kind == "Seller" && name == "erpLink" {
                return None;
            }
            let value = row.get(name)?;
            if names.peek().is_none() {
                return Some(value);
            }
            row = match value {
                Json::Object(object) => object,
                reference => self.on.data.referred(reference).1,
            };
        }
        None
    }
}

/// Null comes first, then values by size; texts by their code points.
fn ascending(one: Option<&Json>, other: Option<&Json>) -> Ordering {
    match (one, other) {
        (Some(Json::Bool(one)), Some(Json::Bool(other))) => one.cmp(other),
        (Some(Json::Number(one)), Some(Json::Number(other))) => one.as_i64().cmp(&other.as_i64()),
        (Some(Json::String(one)), Some(Json::String(other))) => one.cmp(other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}
