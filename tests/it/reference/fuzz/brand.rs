//! Values that show whose they are: every text of an entity ends in its id, every number is made from it. Ids, dates
//! and enums stay, since they have to be what they are.

use crate::reference::{
    data::KINDS,
    schema::{Schema, named},
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Which members carry a brand.
pub(super) struct Brands {
    /// Names of members that are left as they are.
    plain: HashSet<String>,
}

impl Brands {
    pub(super) fn of(schema: &Schema) -> Brands {
        let is_plain = |ty: &str| schema.values(ty).is_some() || ["ID", "DateTime"].contains(&ty);
        let plain = schema.objects().flat_map(|(_, outputs)| outputs).filter(|output| is_plain(named(&output.ty)));
        Brands { plain: plain.map(|output| output.name.clone()).collect() }
    }

    /// Brands a body. What was asked for by its id may come without one that names anybody.
    pub(super) fn put(&self, body: &mut Value, line: &str) {
        let path = line.split('?').next().unwrap_or_default();
        let asked = path.rsplit('/').next().filter(|id| is_proper(id)).unwrap_or("nobody");
        self.brand(body, "", asked);
    }

    fn brand(&self, value: &mut Value, name: &str, owner: &str) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.brand(item, name, owner)),
            Value::Object(members) => {
                let owner = owner_of(name, members.get("id"), owner);
                for (name, member) in members.iter_mut().filter(|(name, _)| *name != "$meta") {
                    self.brand(member, name, &owner);
                }
            }
            Value::String(text) if self.carries(name, text) => *text = format!("{text}@{owner}"),
            Value::Number(number) => *number = number_of(owner).into(),
            _ => {}
        }
    }

    fn carries(&self, name: &str, text: &str) -> bool {
        !self.plain.contains(name) && text != "[Circular Reference]" && !is_date(text)
    }

    /// Whether all that an answer shows under this name belongs to this owner.
    pub(super) fn belongs(&self, value: &Value, name: &str, owner: &str) -> bool {
        match value {
            Value::Array(items) => items.iter().all(|item| self.belongs(item, name, owner)),
            Value::Object(members) => {
                let owner = owner_of(name, members.get("id"), owner);
                members.iter().all(|(name, member)| name == "$meta" || self.belongs(member, name, &owner))
            }
            // It is made of the id.
            Value::String(text) if text.starts_with("/icons/") => text.ends_with(&format!("/{owner}")),
            Value::String(text) => !self.carries(name, text) || text.ends_with(&format!("@{owner}")),
            Value::Number(number) => number.as_i64() == Some(i64::from(number_of(owner))),
            _ => true,
        }
    }
}

/// Whose the members of an object are: its own if it has a proper id, else of what it stands in. An object whose id is
/// something else might be anybody, and an error's id is the name of its kind, whatever it looks like.
fn owner_of(name: &str, id: Option<&Value>, outer: &str) -> String {
    match id {
        Some(Value::String(id)) if is_proper(id) && name != "errors" => id.clone(),
        _ => outer.to_owned(),
    }
}

/// Whether this is the id of an entity: a known prefix and one to four groups of digits.
pub(super) fn is_proper(id: &str) -> bool {
    let mut parts = id.split('-');
    let known = parts.next().is_some_and(|prefix| KINDS.iter().any(|(_, known, _)| *known == prefix));
    let groups: Vec<_> = parts.collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    known && (1..=4).contains(&groups.len()) && groups.iter().all(digits) && id.len() <= 64
}

fn is_date(text: &str) -> bool {
    text.len() > 10 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit) && text.as_bytes()[4] == b'-'
}

fn number_of(owner: &str) -> i32 {
    owner.bytes().fold(7, |number: i32, byte| number.wrapping_mul(31).wrapping_add(i32::from(byte)) & 0x3FFF_FFFF)
}

#[test]
fn a_value_of_another_is_noticed() {
    let brands = Brands { plain: ["id".to_owned()].into() };
    let mut body =
        json!({ "id": "USR-1", "name": "Ann", "n": [1], "o": { "t": "x" }, "a": { "id": "ACC-1", "name": "B" } });
    brands.put(&mut body, "/v1/accounts/users/USR-1?select=-*");
    assert_eq!(
        (&body["name"], &body["o"]["t"], &body["a"]["name"]),
        (&json!("Ann@USR-1"), &json!("x@USR-1"), &json!("B@ACC-1"))
    );
    assert!(brands.belongs(&body, "", "USR-1"));
    for (place, foreign) in [("/name", json!("B@ACC-1")), ("/n/0", json!(number_of("ACC-1"))), ("/a/name", json!("B"))]
    {
        let mut wrong = body.clone();
        *wrong.pointer_mut(place).expect("a member") = foreign;
        assert!(!brands.belongs(&wrong, "", "USR-1"), "{wrong}");
    }
}
