//! Representations: what a router says of entities that it wants more of.

use crate::{
    entity::{kind::Kind, member},
    fault::Fault,
    graph::{
        error::bad_input,
        schema::federation::keys::{KEYS, Key, KeyBy},
    },
};
use async_graphql::Value;
use std::sync::Arc;

/// A representation that can be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// The key that it has.
    pub key: &'static Key,
    /// What the key says: one value, or two of a pair in the order of the key, and the id that is made from these.
    pub values: Vec<String>,
}

impl Representation {
    /// Reads a representation. The first key of its type that it has all of counts.
    ///
    /// # Errors
    ///
    /// With `BAD_USER_INPUT` when it has no known type, no key of that type, or a key that cannot be one.
    pub fn read(value: &Value) -> Result<Self, Arc<Fault>> {
        let Some(Value::String(name)) = part(value, "__typename") else {
            return Err(bad_input("A representation must be an object with a __typename."));
        };
        let known = |key: &&Key| key.kind.type_name() == name;
        if !KEYS.iter().any(|key| known(&key)) {
            return Err(bad_input(format!("The __typename {:?} of the representation is no entity's.", shown(name))));
        }
        let found = KEYS.iter().filter(known).find_map(|key| Some((key, values(key.by, value)?)));
        let Some((key, values)) = found else {
            let keys: Vec<_> = KEYS.iter().filter(known).map(|key| format!("{{ {} }}", key.by.fields())).collect();
            let message = format!("The representation must have a key of {name}: {}.", keys.join(" or "));
            return Err(bad_input(message));
        };
        let ids: &[Kind] = match key.by {
            KeyBy::Id => &[key.kind],
            KeyBy::Value(member) if values[0].is_empty() => {
                return Err(bad_input(format!("The {member} of the representation must not be empty.")));
            }
            KeyBy::Value(_) => &[],
            KeyBy::Pair((_, one), (_, other)) => &[one, other],
        };
        match ids.iter().zip(&values).find(|(kind, id)| !kind.fits(id)) {
            Some((kind, _)) => Err(bad_input(format!(
                "The representation has something else than an id of {kind}: {}.",
                kind.id_form()
            ))),
            None => Ok(Representation { key, values: with_id(key, values) }),
        }
    }

    /// The id, or the value by which the entity is looked for.
    #[must_use]
    pub fn looked_for(&self) -> &str {
        self.values.last().map_or("", String::as_str)
    }

    /// The key as the entity's own JSON, as if it had come from the upstream.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let value = |place: usize| serde_json::Value::from(self.values[place].as_str());
        match self.key.by {
            KeyBy::Id => serde_json::json!({ "id": value(0) }),
            KeyBy::Value(member) => serde_json::json!({ member: value(0) }),
            KeyBy::Pair((one, _), (other, _)) => {
                serde_json::json!({ "id": self.looked_for(), one: { "id": value(0) }, other: { "id": value(1) } })
            }
        }
    }
}

fn with_id(key: &Key, mut values: Vec<String>) -> Vec<String> {
    if let (KeyBy::Pair(..), [user, account]) = (key.by, &values[..]) {
        values.extend(member::id(account, user));
    }
    values
}

fn part<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    if let Value::Object(members) = value { members.get(name) } else { None }
}

fn values(by: KeyBy, value: &Value) -> Option<Vec<String>> {
    let text = |value: Option<&Value>| if let Some(Value::String(text)) = value { Some(text.clone()) } else { None };
    match by {
        KeyBy::Id => Some(vec![text(part(value, "id"))?]),
        KeyBy::Value(name) => Some(vec![text(part(value, name))?]),
        KeyBy::Pair((one, _), (other, _)) => {
            [one, other].into_iter().map(|name| text(part(part(value, name)?, "id"))).collect()
        }
    }
}

/// As much of a text as belongs into a message.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(representation: serde_json::Value) -> Result<(Kind, String), String> {
        let read = Representation::read(&Value::from_json(representation).unwrap());
        read.map(|read| (read.key.kind, read.json().to_string())).map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn the_first_key_that_is_there_counts() {
        for (representation, kind, key) in [
            (json!({"__typename": "User", "id": "USR-1", "email": "a@b"}), Kind::User, r#"{"id":"USR-1"}"#),
            (json!({"__typename": "User", "id": null, "email": "a@b"}), Kind::User, r#"{"email":"a@b"}"#),
            (
                json!({"__typename": "AccountUser", "account": {"id": "ACC-1"}, "user": {"id": "USR-1", "name": "x"}}),
                Kind::AccountUser,
                r#"{"id":"MEM-1.1","user":{"id":"USR-1"},"account":{"id":"ACC-1"}}"#,
            ),
        ] {
            assert_eq!(read(representation), Ok((kind, key.to_owned())));
        }
    }

    #[test]
    fn what_is_no_reference_says_why() {
        let no_type = "A representation must be an object with a __typename.";
        for (representation, message) in [
            (json!("USR-1"), no_type),
            (json!([]), no_type),
            (json!({"id": "USR-1"}), no_type),
            (json!({"__typename": 7, "id": "USR-1"}), no_type),
            (
                json!({"__typename": "Nobody", "id": "USR-1"}),
                "The __typename \"Nobody\" of the representation is no entity's.",
            ),
            (json!({"__typename": "Account"}), "The representation must have a key of Account: { id }."),
            (
                json!({"__typename": "AccountUser", "user": {"id": "USR-1"}}),
                "The representation must have a key of AccountUser: { id } or { user { id } account { id } }.",
            ),
            (
                json!({"__typename": "Account", "id": "USR-1"}),
                "The representation has something else than an id of Account: ACC- and one to four groups of digits.",
            ),
            (
                json!({"__typename": "WavefrontAccount", "id": "will"}),
                "The representation has something else than an id of WavefrontAccount: an e-mail address, or sa:: and a name.",
            ),
            (
                json!({"__typename": "WavefrontRole", "id": "will@example.com"}),
                "The representation has something else than an id of WavefrontRole: a UUID.",
            ),
            (json!({"__typename": "User", "email": ""}), "The email of the representation must not be empty."),
        ] {
            assert_eq!(read(representation), Err(message.to_owned()));
        }
        let long = read(json!({"__typename": "x".repeat(1000)})).unwrap_err();
        assert_eq!(long, format!("The __typename {:?} of the representation is no entity's.", "x".repeat(64)));
    }
}
