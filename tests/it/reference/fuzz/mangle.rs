//! Ways to mangle what an answer says, so that it is still JSON: rows, members, references, ids, pages.

use crate::reference::luck::Luck;
use serde_json::{Map, Value, json};

const CIRCULAR: &str = "[Circular Reference]";

/// Mangles a body in one way.
pub(super) fn mangle(body: &mut Value, luck: &mut Luck) {
    match luck.below(10) {
        0..3 => rows(body, luck),
        3..6 => members(body, luck),
        6..9 => node(body, luck),
        _ => pages(body, luck),
    }
}

/// The places of everything in a value, as JSON pointers.
fn places(value: &Value, here: &str, is: &impl Fn(&Value) -> bool, found: &mut Vec<String>) {
    if is(value) {
        found.push(here.to_owned());
    }
    match value {
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                places(item, &format!("{here}/{place}"), is, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), is, found);
            }
        }
        _ => {}
    }
}

/// The place of something in a value, if there is such a thing.
fn some(body: &Value, luck: &mut Luck, is: impl Fn(&Value) -> bool) -> Option<String> {
    let mut found = vec![];
    places(body, "", &is, &mut found);
    luck.pick(&found).cloned()
}

fn has_id(value: &Value) -> bool {
    value.get("id").is_some_and(Value::is_string)
}

/// Rows dropped, repeated, reordered, with each other's ids, or not asked for.
fn rows(body: &mut Value, luck: &mut Luck) {
    // The rows of a page, or any list inside.
    let inner = if luck.chance(30) { some(body, luck, Value::is_array) } else { None };
    let foreign = some(body, luck, has_id).and_then(|place| body.pointer(&place).cloned());
    let Some(list) = body.pointer_mut(inner.as_deref().unwrap_or("/data")).and_then(Value::as_array_mut) else {
        return;
    };
    let (one, other) = (luck.below(list.len()), luck.below(list.len()));
    match luck.below(8) {
        _ if list.is_empty() => list.extend(foreign),
        0 => drop(list.remove(one)),
        1 => list.insert(other, list[one].clone()),
        2 => list.reverse(),
        3 => list.swap(one, other),
        4 => {
            let ids = [one, other].map(|row| list[row].get("id").cloned());
            if let [Some(first), Some(second)] = ids {
                list[one]["id"] = second;
                list[other]["id"] = first;
            }
        }
        5 => list.insert(one, foreign.unwrap_or_default()),
        6 => {
            let mut stranger = list[one].clone();
            if let Some(id) = stranger.get_mut("id") {
                let prefix = id.as_str().and_then(|id| id.split('-').next()).unwrap_or("USR").to_owned();
                *id = json!(format!("{prefix}-0000-{:04}", luck.below(30)));
            }
            list.insert(other, stranger);
        }
        _ => list.truncate(one),
    }
}

/// Members dropped, moved, swapped; ids of others, of nobody, or none.
fn members(body: &mut Value, luck: &mut Luck) {
    let kind = luck.below(9);
    let place = if kind < 5 { some(body, luck, Value::is_object) } else { some(body, luck, has_id) };
    let other = some(body, luck, has_id);
    let other = other.and_then(|place| body.pointer(&place)).map(|object| object["id"].clone());
    let Some(object) = place.and_then(|place| body.pointer_mut(&place)?.as_object_mut()) else { return };
    let names: Vec<String> = object.keys().cloned().collect();
    let mut name = || luck.pick(&names).cloned();
    let (Some(one), Some(two)) = (name(), name()) else { return };
    match kind {
        0 | 1 => drop(object.shift_remove(&one)),
        2 => {
            let moved = object.shift_remove(&one).unwrap_or_default();
            object.insert(two, moved);
        }
        3 => {
            let (first, second) = (object[&one].clone(), object[&two].clone());
            object.insert(one, second);
            object.insert(two, first);
        }
        4 => omit(object, &[one, two]),
        5 => drop(object.shift_remove("id")),
        6 => {
            let odd = ["text", "", "USR-", "USR", CIRCULAR, "usr-0000-0001", "USR-0000-0001-", " USR-0000-0001"];
            let odd = odd.map(Value::from).into_iter().chain([json!(7), json!(null), json!({}), json!([])]);
            let odd: Vec<Value> = odd.collect();
            object.insert("id".to_owned(), luck.pick(&odd).cloned().unwrap_or_default());
        }
        _ => drop(object.insert("id".to_owned(), other.unwrap_or_default())),
    }
}

/// Says that members are left out, whether they are or not.
fn omit(object: &mut Map<String, Value>, names: &[String]) {
    let meta = object.entry("$meta").or_insert(json!({}));
    if let Some(meta) = meta.as_object_mut() {
        meta.insert("omitted".to_owned(), json!(names));
    }
}

/// Something else in the place of anything.
fn node(body: &mut Value, luck: &mut Luck) {
    let Some(place) = some(body, luck, |_| true).filter(|place| !place.is_empty()) else { return };
    let copy = some(body, luck, |_| true).and_then(|place| body.pointer(&place).cloned());
    let Some(node) = body.pointer_mut(&place) else { return };
    let old = node.take();
    *node = match luck.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(7),
        3 => json!("text"),
        4 => json!([]),
        5 => json!({}),
        6 => json!([null, old]),
        7 | 8 => json!(CIRCULAR),
        9 => json!([CIRCULAR]),
        10 => json!([old, CIRCULAR]),
        11 => json!({ "id": old }),
        12 => match old {
            Value::Object(mut members) => members.shift_remove("id").unwrap_or_default(),
            Value::Array(mut items) => items.pop().unwrap_or_default(),
            other => json!([other]),
        },
        _ => copy.unwrap_or_default(),
    };
}

/// Wrong numbers of rows.
fn pages(body: &mut Value, luck: &mut Luck) {
    let name = ["total", "limit", "offset"][luck.below(3)];
    let numbers =
        [json!(0), json!(1), json!(3), json!(150), json!(1e15), json!(-1), json!("7"), json!(null), json!(2.5)];
    if let Some(pagination) = body.pointer_mut("/$meta/pagination").and_then(Value::as_object_mut) {
        pagination.insert(name.to_owned(), luck.pick(&numbers).cloned().unwrap_or_default());
    }
}
