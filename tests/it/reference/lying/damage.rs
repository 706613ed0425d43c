//! Ways to damage an answer so that it can be noticed. None of them makes an answer say something that it may say: null in
//! the place of a value is what a row may say, null in the place of an id is not.

use crate::reference::{
    luck::Luck,
    schema::{Schema, named},
};
use serde_json::{Value, json};
use std::{collections::HashSet, fmt::Write as _};

/// Ids that nothing of the world has.
const OTHER: [&str; 2] = ["ACC-0000-0001", "BUY-0000-0001"];

const CIRCULAR: &str = "[Circular Reference]";

/// How likely an answer is damaged, in percent, where nothing else is said.
const LIKELY: usize = 35;

/// An upstream that lies in certain ways.
#[derive(Clone, Copy, Debug)]
pub(super) struct World {
    pub(super) name: &'static str,
    /// One of these is done to an answer.
    damages: &'static [Damage],
    /// Whether queries select what their filters and orders are about.
    pub(super) follows: bool,
    /// Whether something is lost: else the answer has to be whole.
    pub(super) hurts: bool,
}

const fn world(name: &'static str, damages: &'static [Damage]) -> World {
    World { name, damages, follows: false, hurts: true }
}

/// Every world; each is asked the same number of queries.
pub(super) const WORLDS: [World; 12] = [
    world("ids", &[Damage::NullId, Damage::NoId, Damage::OddId]),
    world("lists", &[Damage::NullAdded, Damage::NullInstead]),
    world("placeholders", &[Damage::Placeholder]),
    world("kinds", &[Damage::OtherKind]),
    world("rows", &[Damage::RowMissing, Damage::RowsMissing]),
    world("totals", &[Damage::TotalWrong]),
    world("references", &[Damage::OtherId]),
    World { hurts: false, ..world("omitted", &[Damage::OmittedOnList]) },
    World { hurts: false, ..world("escapes", &[Damage::Escaped]) },
    // What filters and orders touch comes along in part.
    World { hurts: false, follows: true, ..world("touched", &[]) },
    world("failures", &[Damage::Failure]),
    World { follows: true, ..world("all", ALL) },
];

const ALL: &[Damage] = &[
    Damage::NullId,
    Damage::NoId,
    Damage::NullAdded,
    Damage::NullInstead,
    Damage::Placeholder,
    Damage::OtherKind,
    Damage::RowMissing,
    Damage::TotalWrong,
    Damage::OtherId,
    Damage::Failure,
];

/// One way to damage an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    /// The id of a row or a reference is null.
    NullId,
    /// A row or a reference has no id.
    NoId,
    /// The id of a row or a reference is something else than a text.
    OddId,
    /// The id of a row or a reference is that of something of another kind.
    OtherId,
    /// Ids are written with escapes, which changes nothing.
    Escaped,
    /// A list of rows or references holds null beside them.
    NullAdded,
    /// A list of rows or references holds null in the place of one.
    NullInstead,
    /// A renderer's placeholder stands in the place of an object or a list.
    Placeholder,
    /// A value is of another kind than documented.
    OtherKind,
    /// A row of a page is missing.
    RowMissing,
    /// All rows of a page are missing.
    RowsMissing,
    /// The number of rows is too large, too small, null, or not there.
    TotalWrong,
    /// What is omitted is named on the list alone, and something more is omitted.
    OmittedOnList,
    /// The request fails.
    Failure,
}

/// An answer on its way to the gateway.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

/// What has to be known to damage answers.
pub(super) struct Damages {
    /// Members that may hold anything, or held something else in another generation: nobody can tell what is wrong there.
    anything: HashSet<String>,
}

impl Damages {
    pub(super) fn of(schema: &Schema) -> Damages {
        let outputs = || schema.objects().flat_map(|(_, outputs)| outputs);
        let open = |ty: &str| ["JSON", "NumberFormat", "OptOuts"].contains(&ty);
        let anything = outputs().filter(|output| open(named(&output.ty))).map(|output| output.name.clone());
        Damages { anything: anything.chain(["$meta".to_owned()]).collect() }
    }

    /// Damages an answer in the way of a world, or leaves it as it is; whether something changed.
    pub(super) fn put(&self, world: World, line: &str, reply: &mut Reply, luck: &mut Luck) -> bool {
        let likely = if world.hurts { LIKELY } else { 100 };
        if reply.status != 200 || !luck.chance(likely) {
            return false;
        }
        let before = reply.body.clone();
        for _ in 0..=luck.below(2) {
            // A list that is shorter and tells no total cannot be told from one that is whole.
            let hidden = |damage: &&Damage| **damage != Damage::TotalWrong || reply.body == before;
            if let Some(damage) = luck.pick(world.damages).filter(hidden) {
                self.damage(*damage, line, reply, luck);
            }
        }
        reply.body != before || reply.status != 200
    }

    fn damage(&self, damage: Damage, line: &str, reply: &mut Reply, luck: &mut Luck) {
        if damage == Damage::Failure {
            reply.status = [500, 503, 401, 418][luck.below(4)];
            reply.body = json!({ "title": "No", "status": reply.status }).to_string();
            return;
        }
        let Ok(mut body) = serde_json::from_str::<Value>(&reply.body) else { return };
        match damage {
            Damage::NullId => self.change(&mut body, luck, has_id, |object, _| object["id"] = Value::Null),
            Damage::NoId => self.change(&mut body, luck, has_id, |object, _| {
                object.as_object_mut().expect("an object").shift_remove("id");
            }),
            Damage::OddId => self.change(&mut body, luck, has_id, |object, luck| {
                object["id"] = [json!([]), json!({}), json!(true), json!(1.5)][luck.below(4)].clone();
            }),
            Damage::OtherId => self.change(
                &mut body,
                luck,
                |value| has_id(value) && !is_extension(value) && !OTHER.map(Some).contains(&value["id"].as_str()),
                |object, _| {
                    let account = object["id"].as_str().is_some_and(|id| id.starts_with("ACC-"));
                    object["id"] = json!(OTHER[usize::from(account)]);
                },
            ),
            Damage::NullAdded => self.change(&mut body, luck, is_list, |list, luck| {
                let items = list.as_array_mut().expect("a list");
                items.insert(luck.below(items.len() + 1), Value::Null);
            }),
            Damage::NullInstead => self.change(&mut body, luck, is_list, |list, luck| {
                let items = list.as_array_mut().expect("a list");
                let place = luck.below(items.len());
                items[place] = Value::Null;
            }),
            Damage::Placeholder => self.change(&mut body, luck, is_nested, |nested, luck| {
                *nested = if luck.chance(70) { json!(CIRCULAR) } else { json!([CIRCULAR]) };
            }),
            Damage::OtherKind => self.change(
                &mut body,
                luck,
                |value| !value.is_null(),
                |value, _| {
                    *value = match value {
                        Value::String(_) | Value::Object(_) => json!(7.5),
                        Value::Array(_) => json!({}),
                        _ => json!([]),
                    };
                },
            ),
            Damage::RowMissing | Damage::RowsMissing => {
                let counted = body.pointer("/$meta/pagination/total").is_some_and(Value::is_u64);
                let rows = body["data"].as_array_mut().filter(|rows| counted && !rows.is_empty());
                if let Some(rows) = rows {
                    if damage == Damage::RowMissing {
                        rows.remove(luck.below(rows.len()));
                    } else {
                        rows.clear();
                    }
                }
            }
            Damage::TotalWrong => total(&mut body, line, luck),
            Damage::OmittedOnList => omitted(&mut body, line, luck),
            Damage::Failure | Damage::Escaped => {}
        }
        reply.body = body.to_string();
        if damage == Damage::Escaped {
            reply.body = escaped(&reply.body);
        }
    }

    /// Changes something in a body that is so, if there is such a thing.
    fn change(
        &self,
        body: &mut Value,
        luck: &mut Luck,
        is: impl Fn(&Value) -> bool,
        change: impl Fn(&mut Value, &mut Luck),
    ) {
        let mut found = vec![];
        self.places(body, String::new(), &is, &mut found);
        if let Some(value) = luck.pick(&found).and_then(|place| body.pointer_mut(place)) {
            change(value, luck);
        }
    }

    /// The places of everything in a value that is so, as JSON pointers, but for the value itself.
    fn places(&self, value: &Value, here: String, is: &impl Fn(&Value) -> bool, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.places(item, format!("{here}/{place}"), is, found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members.iter().filter(|(name, _)| !self.anything.contains(*name)) {
                    self.places(member, format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), is, found);
                }
            }
            _ => {}
        }
        if is(value) && !here.is_empty() {
            found.push(here);
        }
    }
}

/// Whether a value is an object with the id of an entity.
fn has_id(value: &Value) -> bool {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    id.split_once('-').is_some_and(|(prefix, rest)| {
        prefix.len() >= 3
            && prefix.bytes().all(|letter| letter.is_ascii_uppercase())
            && rest.starts_with(|letter: char| letter.is_ascii_digit())
    })
}

/// Whether an object is an extension: it is no entity, so nobody knows what its id looks like.
fn is_extension(value: &Value) -> bool {
    value["id"].as_str().is_some_and(|id| id.starts_with("EXT-"))
}

/// The same JSON with all dashes of ids escaped.
fn escaped(body: &str) -> String {
    let mut parts = body.split("\"id\":\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (id, rest) = part.split_once('"').unwrap_or((part, ""));
        let id = id.replace('-', "\\u002D");
        let _ = write!(text, "\"id\":\"{id}\"{rest}");
    }
    text
}

/// Whether a value is a list of rows or references.
fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(has_id))
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|items| !items.is_empty())
}

/// Says something wrong of how many rows there are, or nothing.
fn total(body: &mut Value, line: &str, luck: &mut Luck) {
    let came = body["data"].as_array().map_or(0, Vec::len);
    let Some(pagination) = body.pointer_mut("/$meta/pagination").and_then(Value::as_object_mut) else { return };
    let Some(total) = pagination.get("total").and_then(Value::as_u64) else { return };
    // Only at the end of a list one can tell that there are no more rows.
    let ends = number(line, "limit").is_some_and(|limit| came < limit);
    let wrong = match luck.below(if ends { 4 } else { 2 }) {
        0 => Value::Null,
        1 => {
            pagination.remove("total");
            return;
        }
        // A total that ends before an empty page contradicts nothing.
        _ => json!(total.max(number(line, "offset").unwrap_or(0) as u64) + 1 + luck.below(150) as u64),
    };
    pagination.insert("total".to_owned(), wrong);
}

/// The limit or the offset that a request names.
fn number(line: &str, name: &str) -> Option<usize> {
    line.split(&format!("&{name}=")).nth(1)?.split('&').next()?.parse().ok()
}

/// Names what is omitted on the list alone, and omits more: what was asked for there has to be asked for once more.
fn omitted(body: &mut Value, line: &str, luck: &mut Luck) {
    // What is omitted where it was asked for by id is not to be had.
    let by_id = ["in(id,", "eq(id,", "in(user.id,"].iter().any(|condition| line.contains(condition));
    let before = body.pointer("/$meta/omitted").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(rows) = body.get_mut("data").and_then(Value::as_array_mut) else { return };
    let names = |row: &Value| -> Vec<String> {
        let members = row.as_object().into_iter().flat_map(serde_json::Map::keys);
        members.filter(|name| !["id", "user", "account", "$meta"].contains(&name.as_str())).cloned().collect()
    };
    let told = rows.first().map(names).unwrap_or_default();
    // What a filter is about tells the gateway which rows belong together.
    let filter = line.split("select=").next().unwrap_or_default();
    // Who is in a group is not asked again of groups that were read for that.
    let told = told.into_iter().filter(|name| !filter.contains(name.as_str()) && name != "users");
    let told: Vec<String> = told.collect();
    let drawn = luck.chance(50);
    let left_out = luck.pick(&told).filter(|_| !by_id && drawn).cloned();
    let mut listed = before;
    for row in rows {
        let Some(members) = row.as_object_mut() else { continue };
        let meta = members.shift_remove("$meta");
        let omitted = meta.and_then(|meta| meta["omitted"].as_array().cloned()).unwrap_or_default();
        listed.extend(omitted.into_iter().filter(|name| !listed.contains(name)).collect::<Vec<_>>());
        if let Some(name) = &left_out {
            members.shift_remove(name);
        }
    }
    listed.extend(left_out.map(Value::from));
    body["$meta"]["omitted"] = Value::from(listed);
}
