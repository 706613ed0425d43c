//! The values of variables and arguments.

use crate::{
    fault::Fault,
    graph::{
        document::{
            coerce::{self, ValueOrigin},
            plan::Arguments,
        },
        error::bad_input,
    },
};
use async_graphql::{Name, Value, registry::Registry};
use std::{collections::HashMap, sync::Arc};

/// The values of an operation's variables, coerced.
pub type VariableValues = HashMap<Name, Value>;

/// A value of the document with its variables replaced; none when it is a variable that was not given.
#[must_use]
pub fn evaluate(value: &async_graphql_value::Value, variables: &VariableValues) -> Option<Value> {
    use async_graphql_value::Value as Written;
    Some(match value {
        Written::Variable(name) => return variables.get(name).cloned(),
        Written::Null => Value::Null,
        Written::Number(number) => Value::Number(number.clone()),
        Written::String(text) => Value::String(text.clone()),
        Written::Boolean(truth) => Value::Boolean(*truth),
        Written::Binary(bytes) => Value::Binary(bytes.clone()),
        Written::Enum(name) => Value::Enum(name.clone()),
        Written::List(items) => {
            Value::List(items.iter().map(|item| evaluate(item, variables).unwrap_or_default()).collect())
        }
        Written::Object(members) => {
            let given = members.iter().filter_map(|(key, value)| Some((key.clone(), evaluate(value, variables)?)));
            Value::Object(given.collect())
        }
    })
}

/// An argument as its type wants it; absent and null alike are none.
///
/// # Errors
///
/// When it does not fit its type.
pub fn argument(
    registry: &Registry,
    arguments: &Arguments,
    variables: &VariableValues,
    name: &str,
    ty: &str,
) -> Result<Option<Value>, Arc<Fault>> {
    let given = arguments.iter().find(|(found, _)| found == name).and_then(|(_, value)| evaluate(value, variables));
    let Some(given) = given.filter(|value| *value != Value::Null) else { return Ok(None) };
    // Names were looked at with the document, so there is nothing to suggest.
    let coerced = coerce::value(registry, ty, given, ValueOrigin::Document);
    coerced.map(Some).map_err(|misfit| bad_input(format!("Argument {}", misfit.sentence(name, false))))
}
