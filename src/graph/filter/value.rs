//! What the members of a filter compare with: values as the query language has them.

use super::{FieldPath, MAX_VALUES, REVISION, Truth};
use crate::{
    entity::{
        kind::{EXTENSION, Kind, is_numbered},
        model::EnumType,
        moment,
    },
    fault::Fault,
    graph::answer::bad_input,
    upstream::rql::{Expr, Inexpressible, Literal, Op},
};
use async_graphql::Value;
use std::sync::Arc;

pub(super) fn operator(
    path: &FieldPath,
    op: &str,
    value: &Value,
    literal: impl Fn(&Value) -> Result<Literal, Arc<Fault>>,
) -> Result<Truth, Arc<Fault>> {
    Ok(match (op, value) {
        ("isNull", Value::Boolean(null)) => is_null(path, *null),
        ("isNull", _) => Truth::Always,
        (op, Value::Null) => return Err(null_value(path, op)),
        ("in", Value::List(items)) if items.is_empty() => Truth::Never,
        ("notIn", Value::List(items)) if items.is_empty() => Truth::Always,
        ("in" | "notIn", Value::List(items)) => {
            check_values(path, op, items)?;
            let values = items.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
            let path = path.rql();
            Truth::When(if op == "in" { Expr::In { path, values } } else { Expr::Out { path, values } })
        }
        (op, value) => {
            let op = match op {
                "ne" => Op::Ne,
                "gt" => Op::Gt,
                "ge" => Op::Ge,
                "lt" => Op::Lt,
                "le" => Op::Le,
                _ => Op::Eq,
            };
            Truth::When(Expr::Compare { op, path: path.rql(), value: literal(value)? })
        }
    })
}

/// Refuses null as a value to compare with: a variable that a client forgot to fill would otherwise ask for something else
/// than its author meant.
pub(super) fn null_value(path: &FieldPath, op: &str) -> Arc<Fault> {
    let hint = match op {
        "eq" => " Use isNull: true to find what has no value, or leave the condition out.",
        "ne" => " Use isNull: false to find what has a value, or leave the condition out.",
        _ => " Leave it out to set no condition.",
    };
    bad_input(format!("Condition {op} on {path} must not be null.{hint}"))
}

/// A condition on a part of a text; none if `op` is no such condition. An empty text sets no condition.
pub(super) fn part(path: &FieldPath, op: &str, value: &Value) -> Option<Result<Truth, Arc<Fault>>> {
    let (negated, open) = match op {
        "contains" => (false, (true, true)),
        "startsWith" => (false, (false, true)),
        "endsWith" => (false, (true, false)),
        "notContains" => (true, (true, true)),
        "notStartsWith" => (true, (false, true)),
        "notEndsWith" => (true, (true, false)),
        _ => return None,
    };
    let Value::String(text) = value else { return Some(Err(null_value(path, op))) };
    if text.is_empty() {
        return Some(Ok(Truth::Always));
    }
    let literal = match Literal::part(text, open) {
        Ok(literal) => literal,
        Err(Inexpressible::BothQuotes) => return Some(Err(both_quotes(path))),
        Err(inexpressible) => {
            return Some(Err(bad_input(format!("Condition {op} on {path} cannot be sent: {inexpressible}."))));
        }
    };
    let path = path.rql();
    let holds = Expr::Compare { op: Op::Ilike, path: path.clone(), value: literal };
    Some(Ok(Truth::When(if negated {
        // Databases disagree about a negated comparison with null, so what has no value is asked for by itself.
        Expr::Or(vec![Expr::Not(Box::new(holds)), Expr::IsNull { path }])
    } else {
        holds
    })))
}

fn both_quotes(path: &FieldPath) -> Arc<Fault> {
    bad_input(format!(
        "The value for {path} holds both kinds of quotes, which the upstream's query language cannot express."
    ))
}

/// Refuses a list of more values than one request should carry.
pub(super) fn check_values(path: &FieldPath, op: &str, values: &[Value]) -> Result<(), Arc<Fault>> {
    if values.len() <= MAX_VALUES {
        return Ok(());
    }
    let count = values.len();
    Err(bad_input(format!("Condition {op} on {path} has {count} values; at most {MAX_VALUES} are taken.")))
}

/// A literal of any scalar: RQL quotes them all.
pub(super) fn text(path: &FieldPath, value: &Value) -> Result<Literal, Arc<Fault>> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Literal::text(&text).map_err(|_| both_quotes(path))
}

/// Whether something has a value. A revision always has one, and the upstream refuses to compare it with null: one that is
/// not there is that of a reference to nothing (`accounts-api-v5.md` section 5.4).
pub(super) fn is_null(path: &FieldPath, null: bool) -> Truth {
    let path = match path.rest() {
        REVISION => return if null { Truth::Never } else { Truth::Always },
        rest if rest.rsplit_once('.').is_some_and(|(_, name)| name == REVISION) => path.beside("id"),
        _ => path.rql(),
    };
    Truth::When(if null { Expr::IsNull { path } } else { Expr::NotNull { path } })
}

pub(super) fn id_of(path: &FieldPath, kind: Kind, value: &Value) -> Result<Literal, Arc<Fault>> {
    match value {
        Value::String(id) if kind.fits(id) => text(path, value),
        _ => Err(bad_input(format!("The value for {path} is not an id of {kind}: {}.", kind.id_form()))),
    }
}

pub(super) fn actor_id(path: &FieldPath, value: &Value) -> Result<Literal, Arc<Fault>> {
    match value {
        Value::String(id) if is_actor(id) => text(path, value),
        _ => Err(bad_input(format!(
            "The value for {path} is not an id of an actor: USR-, TKN-, SVC- or EXT- and one to four groups of digits."
        ))),
    }
}

/// Whether an id looks like that of an actor.
fn is_actor(id: &str) -> bool {
    [Kind::User, Kind::ApiToken, Kind::Service].iter().any(|kind| kind.fits(id)) || is_numbered(id, EXTENSION)
}

/// A moment in UTC. The upstream writes seven digits of a second and documents three in filters: finer ones are sent as they
/// are, and those that it cannot have are refused, since a rounded moment would change what `gt` and `lt` select.
pub(super) fn date_time(path: &FieldPath, value: &Value) -> Result<Literal, Arc<Fault>> {
    let Value::String(given) = value else { return text(path, value) };
    match moment::for_filter(given) {
        Some(moment) => text(path, &Value::String(moment)),
        None => Err(bad_input(format!("The value for {path} must not have more than seven digits of a second."))),
    }
}

pub(super) fn enum_values(path: &FieldPath, value: &Value) -> Result<Vec<Literal>, Arc<Fault>> {
    match value {
        Value::Enum(word) if word == "UNKNOWN" => Err(bad_input(format!(
            "The value for {path} cannot be UNKNOWN: it stands for values that this graph has no name for."
        ))),
        Value::Enum(word) => EnumType::spellings(word).map(|word| text(path, &Value::String(word))).collect(),
        _ => Ok(vec![text(path, value)?]),
    }
}
