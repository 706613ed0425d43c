//! Coercion of argument and variable values against their declared types, as the specification asks. Literals were
//! checked with the document; what comes with a request is checked here.

use super::validate::similar;
use crate::{entity::moment, graph::names::ANY};
use async_graphql::{
    Name, Value,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};

/// A value's place and what is wrong with it, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoercionError {
    /// Where, from the outside in: `filter.name.in[2]`.
    at: String,
    /// What is wrong, with the accepted form.
    why: String,
    /// What may be meant instead: ` Did you mean "ge"?`, or nothing. It names parts of the schema.
    guess: String,
}

impl CoercionError {
    fn new(why: impl Into<String>) -> Self {
        CoercionError { at: String::new(), why: why.into(), guess: String::new() }
    }

    /// A name is not one of those that are known.
    fn unknown<'n>(why: String, before: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Self {
        CoercionError { guess: similar(before, name, known), ..CoercionError::new(why) }
    }

    fn below(mut self, segment: &str) -> Self {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        self.at = format!("{segment}{dot}{}", self.at);
        self
    }

    /// The sentence, with `name` as the outermost part of the place. With `suggest` it says what may be meant.
    #[must_use]
    pub fn sentence(self, name: &str, suggest: bool) -> String {
        let CoercionError { at, why, guess } = self.below(name);
        format!("{at}: {why}.{}", if suggest { &guess } else { "" })
    }
}

/// Whether a value stands in the document (where enum values are bare words) or came as JSON (where they are strings).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueOrigin {
    /// A literal of the document; variables inside it are already replaced.
    Document,
    /// A variable's value.
    Variable,
}

/// The value as the type wants it: single values become lists, defaults are filled in.
///
/// # Errors
///
/// When the value does not fit.
pub fn value(registry: &Registry, ty: &str, value: Value, source: ValueOrigin) -> Result<Value, CoercionError> {
    match MetaTypeName::create(ty) {
        MetaTypeName::NonNull(inner) => match value {
            Value::Null => Err(CoercionError::new(format!("must not be null, but {}", article(inner)))),
            value => self::value(registry, inner, value, source),
        },
        _ if value == Value::Null => Ok(Value::Null),
        MetaTypeName::List(inner) => match value {
            Value::List(items) => {
                let coerce = |(place, item)| {
                    self::value(registry, inner, item, source).map_err(|misfit| misfit.below(&format!("[{place}]")))
                };
                items.into_iter().enumerate().map(coerce).collect::<Result<_, _>>().map(Value::List)
            }
            single => self::value(registry, inner, single, source).map(|item| Value::List(vec![item])),
        },
        MetaTypeName::Named(name) => named(registry, name, value, source),
    }
}

/// "an `Int`", "a list of …": the accepted form of a type, for messages.
fn article(ty: &str) -> String {
    format!("a value of type {ty}")
}

fn named(registry: &Registry, name: &str, value: Value, source: ValueOrigin) -> Result<Value, CoercionError> {
    if let ("ID", Value::String(_)) = (name, &value) {
        // Nearly every operation has one, and a look into the registry takes longer than all the rest.
        return Ok(value);
    }
    match registry.types.get(name) {
        Some(MetaType::Enum { enum_values, .. }) => {
            let word = match (&value, source) {
                (Value::Enum(word), _) => Some(word.as_str()),
                (Value::String(word), ValueOrigin::Variable) => Some(word.as_str()),
                _ => None,
            };
            let why = || format!("must be a value of the enum {name}");
            match word {
                Some(word) if enum_values.contains_key(word) => Ok(Value::Enum(Name::new(word))),
                Some(word) => {
                    Err(CoercionError::unknown(why(), "the enum value ", word, enum_values.keys().map(String::as_str)))
                }
                None => Err(CoercionError::new(why())),
            }
        }
        Some(MetaType::InputObject { input_fields, oneof, .. }) => {
            let Value::Object(given) = value else {
                return Err(CoercionError::new(format!("must be an object of type {name}")));
            };
            object(registry, name, input_fields, *oneof, given, source)
        }
        _ => scalar(name, value),
    }
}

fn object(
    registry: &Registry,
    name: &str,
    fields: &IndexMap<String, MetaInputValue>,
    oneof: bool,
    mut given: IndexMap<Name, Value>,
    source: ValueOrigin,
) -> Result<Value, CoercionError> {
    if let Some(unknown) = given.keys().find(|key| !fields.contains_key(key.as_str())) {
        let why = format!("is not a field of the input type {name}");
        return Err(CoercionError::unknown(why, "", unknown, fields.keys().map(String::as_str)).below(unknown));
    }
    if oneof {
        match (given.len(), given.iter().find(|(_, value)| **value == Value::Null)) {
            (1, None) => {}
            (1, Some((field, _))) => return Err(CoercionError::new("must not be null").below(field)),
            (count, _) => {
                return Err(CoercionError::new(format!("exactly one field of {name} must be given, and {count} are")));
            }
        }
    }
    let mut complete = IndexMap::with_capacity(given.len());
    for (key, field) in fields {
        let coerced = match given.swap_remove(key.as_str()) {
            Some(value) => self::value(registry, &field.ty, value, source).map_err(|misfit| misfit.below(key))?,
            None => match (&field.default_value, MetaTypeName::create(&field.ty).is_non_null()) {
                (Some(default), _) => default_value(default),
                (None, true) => return Err(CoercionError::new(format!("must be given, as {}", field.ty)).below(key)),
                (None, false) => continue,
            },
        };
        complete.insert(Name::new(key), coerced);
    }
    Ok(Value::Object(complete))
}

/// The registry keeps defaults as printed; those of this schema are enum values and whole numbers.
fn default_value(printed: &str) -> Value {
    printed.parse::<i64>().map_or_else(|_| Value::Enum(Name::new(printed)), Value::from)
}

fn scalar(name: &str, value: Value) -> Result<Value, CoercionError> {
    let fits = match (name, &value) {
        ("Int", Value::Number(number)) => {
            let whole = number.as_i64().or_else(|| number.as_f64().and_then(whole));
            return match whole.and_then(|whole| i32::try_from(whole).ok()) {
                Some(whole) => Ok(Value::from(whole)),
                None => Err(CoercionError::new("must be a whole number of 32 bits")),
            };
        }
        ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            return Ok(Value::String(number.to_string()));
        }
        ("DateTime", Value::String(text)) => {
            if moment::is_rfc_3339(text) {
                true
            } else {
                return Err(CoercionError::new("must be a date and time as RFC 3339 has it, such as 2026-01-31T12:00:00Z"));
            }
        }
        ("Float", Value::Number(_))
        | ("String" | "ID", Value::String(_))
        | ("Boolean", Value::Boolean(_))
        // What is wrong with a representation is told in its place.
        | ("JSON" | ANY, _) => true,
        _ => false,
    };
    if fits { Ok(value) } else { Err(CoercionError::new(format!("must be {}", article(name)))) }
}

/// JSON does not tell `1.0` from `1`.
fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_lists_coerce_as_the_specification_says() {
        let registry = Registry::default();
        let coerce = |ty: &str, json: serde_json::Value| {
            value(&registry, ty, Value::from_json(json).unwrap(), ValueOrigin::Variable)
                .map(|value| value.into_json().unwrap())
                .map_err(|misfit| misfit.sentence("x", true))
        };
        assert_eq!(coerce("Int!", json!(1.0)), Ok(json!(1)));
        assert_eq!(coerce("Int", json!(2_147_483_648_i64)), Err("x: must be a whole number of 32 bits.".into()));
        assert_eq!(coerce("Int", json!("1")), Err("x: must be a value of type Int.".into()));
        assert_eq!(coerce("ID", json!(7)), Ok(json!("7")));
        assert_eq!(coerce("[ID!]!", json!("a")), Ok(json!(["a"])));
        assert_eq!(coerce("[ID!]!", json!(["a", null])), Err("x[1]: must not be null, but a value of type ID.".into()));
        assert_eq!(coerce("[Int]", json!([1, null])), Ok(json!([1, null])));
        assert_eq!(coerce("Boolean", json!(1)), Err("x: must be a value of type Boolean.".into()));
    }
}
