//! JSON of a client in which no object has two members of one name. JSON leaves open which of the two counts, so a proxy
//! that checks the first would let through a write to the second.

use async_graphql::{
    Name, Value,
    indexmap::{IndexMap, map::Entry},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// How an error begins that is about a member that is there twice.
const REPEATED: &str = "The member ";

/// How many letters of a name are told.
const MAX_NAME: usize = 64;

/// A value in which no object repeats a member.
pub(super) struct Unrepeated(pub(super) Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Unrepeated)
    }
}

/// The message for a client whose JSON repeats a member; none if the error is another one.
pub(super) fn message(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let told = text.rsplit_once(" at line ").map_or(&*text, |(told, _)| told);
    told.starts_with(REPEATED).then(|| told.to_owned())
}

fn repeated<E: Error>(name: &str) -> E {
    let told: String = name.chars().take(MAX_NAME).collect();
    let more = if told.len() < name.len() { "…" } else { "" };
    E::custom(format!("{REPEATED}{told}{more} is more than once in the same object."))
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Reader)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = vec![];
        while let Some(Unrepeated(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = IndexMap::new();
        while let Some(name) = members.next_key::<Name>()? {
            match object.entry(name) {
                Entry::Occupied(known) => return Err(repeated(known.key())),
                Entry::Vacant(place) => place.insert(members.next_value::<Unrepeated>()?.0),
            };
        }
        Ok(Value::Object(object))
    }
}
