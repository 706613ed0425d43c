//! Typed filters to RQL: one quoted, function-form expression, or the knowledge that it holds always or never.

use super::{answer::bad_input, arguments::filterable};
use crate::{
    entity::{
        kind::{EXTENSION, Kind, is_numbered},
        member,
        model::{EnumType, Field, Leaf, Model, Shape, Target},
    },
    fault::Fault,
    upstream::rql::{Expr, Literal, Op, Path},
};
use async_graphql::{Name, Value, indexmap::IndexMap};
use std::sync::Arc;

/// What a filter comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The condition; none when it holds always or never.
    pub expr: Option<Expr>,
    /// Whether it can hold for nothing.
    pub never: bool,
    /// The properties it names, those of elements of collections included.
    pub touched: Vec<String>,
}

impl Condition {
    /// The condition that holds for everything.
    #[must_use]
    pub fn always() -> Self {
        Condition { expr: None, never: false, touched: vec![] }
    }
}

/// A condition while it is put together: constants are folded, since RQL has none.
enum Truth {
    Always,
    Never,
    When(Expr),
}

/// The only number that rows have.
const REVISION: &str = "revision";

type Members = IndexMap<Name, Value>;

/// Compiles a filter of this kind; `prefix` stands before every path (`user.` for the users behind memberships).
///
/// # Errors
///
/// With `BAD_USER_INPUT` when an id cannot be one of its kind or a text cannot be expressed in RQL.
pub fn compile(model: &Model, kind: Kind, prefix: &str, filter: &Value) -> Result<Condition, Arc<Fault>> {
    let compiler = Compiler { model };
    let truth = match filter {
        Value::Object(members) => compiler.entity(kind, prefix, members)?,
        _ => Truth::Always,
    };
    let (expr, never) = match truth {
        Truth::Always => (None, false),
        Truth::Never => (None, true),
        Truth::When(expr) => (Some(expr), false),
    };
    let mut touched = vec![];
    if let Some(expr) = &expr {
        expr.properties(&mut touched);
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(Condition { expr, never, touched })
}

struct Compiler<'a> {
    model: &'a Model,
}

fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut parts = vec![];
    for truth in truths {
        match truth {
            Truth::Always => {}
            Truth::Never => return Truth::Never,
            Truth::When(expr) => parts.push(expr),
        }
    }
    match parts.len() {
        0 => Truth::Always,
        1 => parts.pop().map_or(Truth::Always, Truth::When),
        _ => Truth::When(Expr::And(parts)),
    }
}

fn some(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut parts = vec![];
    for truth in truths {
        match truth {
            Truth::Always => return Truth::Always,
            Truth::Never => {}
            Truth::When(expr) => parts.push(expr),
        }
    }
    match parts.len() {
        0 => Truth::Never,
        1 => parts.pop().map_or(Truth::Never, Truth::When),
        _ => Truth::When(Expr::Or(parts)),
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Always => Truth::Never,
        Truth::Never => Truth::Always,
        Truth::When(expr) => Truth::When(Expr::Not(Box::new(expr))),
    }
}

impl Compiler<'_> {
    fn entity(&self, kind: Kind, prefix: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            truths.push(match (name.as_str(), value) {
                (_, Value::Null) => Truth::Always,
                ("and", Value::List(list)) => all(self.entities(kind, prefix, list)?),
                ("or", Value::List(list)) => some(self.entities(kind, prefix, list)?),
                ("not", Value::Object(members)) => not(self.entity(kind, prefix, members)?),
                (name, value) => {
                    let object = self.model.of_kind[kind as usize];
                    self.member(object, Some(kind), prefix, name, value)?
                }
            });
        }
        Ok(all(truths))
    }

    fn entities(&self, kind: Kind, prefix: &str, list: &[Value]) -> Result<Vec<Truth>, Arc<Fault>> {
        list.iter()
            .map(|one| match one {
                Value::Object(members) => self.entity(kind, prefix, members),
                _ => Ok(Truth::Always),
            })
            .collect()
    }

    fn member(
        &self,
        object: usize,
        kind: Option<Kind>,
        prefix: &str,
        name: &str,
        value: &Value,
    ) -> Result<Truth, Arc<Fault>> {
        let model = self.model;
        let object = &model.types[object];
        let field = object.by_name.get(name).map(|place| &object.fields[*place]).filter(|field| filterable(field));
        let (Some(field), Value::Object(members)) = (field, value) else { return Ok(Truth::Always) };
        let path = format!("{prefix}{}", field.rest[0].text());
        match field.shape {
            Shape::Object(inner) => {
                let below = format!("{path}.");
                let parts = members.iter().filter(|(_, value)| **value != Value::Null);
                let parts = parts.map(|(name, value)| self.member(inner, None, &below, name, value));
                Ok(all(parts.collect::<Result<Vec<_>, _>>()?))
            }
            Shape::Ref(Target::One(inner)) => self.entity(inner, &format!("{path}."), members),
            Shape::Ref(_) => Self::actor(&path, members),
            Shape::Refs(Target::One(inner)) => self.collection(inner, &path, members),
            Shape::Leaves(_) => Self::texts(&path, members),
            _ => Self::leaf(field, kind, &path, members),
        }
    }

    fn actor(path: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            let Value::Object(conditions) = value else { continue };
            let path = format!("{path}.{name}");
            for (op, value) in conditions {
                let literal = |value: &Value| {
                    if name == "id" { actor_id(&path, value) } else { text(&path, value) }
                };
                truths.push(operator(&path, op, value, literal)?);
            }
        }
        Ok(all(truths))
    }

    fn collection(&self, kind: Kind, path: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            let path = path.to_owned();
            truths.push(match (name.as_str(), value) {
                ("isEmpty", Value::Boolean(empty)) => {
                    let some = Truth::When(Expr::Any { path: Path::of(path), inner: None });
                    if *empty { not(some) } else { some }
                }
                ("any", Value::Object(members)) => self.any(kind, path, members)?,
                ("none", Value::Object(members)) => not(self.any(kind, path, members)?),
                ("all", Value::Object(members)) => match self.entity(kind, "", members)? {
                    Truth::Always => Truth::Always,
                    Truth::Never => not(Truth::When(Expr::Any { path: Path::of(path), inner: None })),
                    Truth::When(expr) => Truth::When(Expr::All { path: Path::of(path), inner: Box::new(expr) }),
                },
                _ => Truth::Always,
            });
        }
        Ok(all(truths))
    }

    fn any(&self, kind: Kind, path: String, members: &Members) -> Result<Truth, Arc<Fault>> {
        Ok(match self.entity(kind, "", members)? {
            Truth::Always => Truth::When(Expr::Any { path: Path::of(path), inner: None }),
            Truth::Never => Truth::Never,
            Truth::When(expr) => Truth::When(Expr::Any { path: Path::of(path), inner: Some(Box::new(expr)) }),
        })
    }

    fn texts(path: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            truths.push(match (name.as_str(), value) {
                ("isEmpty", Value::Boolean(empty)) => {
                    let some = Truth::When(Expr::Any { path: Path::of(path.to_owned()), inner: None });
                    if *empty { not(some) } else { some }
                }
                ("has", value @ Value::String(_)) => {
                    Truth::When(Expr::holds(Path::of(path.to_owned()), text(path, value)?))
                }
                _ => Truth::Always,
            });
        }
        Ok(all(truths))
    }

    fn leaf(field: &Field, kind: Option<Kind>, path: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        if let (Shape::Leaf(Leaf::Id), Some(Kind::AccountUser)) = (field.shape, kind) {
            return Self::membership(path, members);
        }
        let literal = |value: &Value| match (field.shape, kind) {
            (Shape::Leaf(Leaf::Id), Some(kind)) => id_of(path, kind, value),
            (Shape::Leaf(Leaf::Enum(_)), _) => enum_value(path, value),
            _ => text(path, value),
        };
        let truths = members.iter().map(|(op, value)| operator(path, op, value, literal));
        Ok(all(truths.collect::<Result<Vec<_>, _>>()?))
    }
}

impl Compiler<'_> {
    /// Conditions on the id of a membership: on account and user, from which it is made. The ids of the flat collection of
    /// memberships are conditions on its own `id`.
    fn membership(path: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        let prefix = path.strip_suffix("id").unwrap_or_default();
        let mut truths = vec![];
        for (op, value) in members {
            truths.push(match (op.as_str(), value) {
                ("eq" | "ne" | "in" | "notIn", Value::Null) | ("isNull", _) => {
                    // A membership has an id.
                    let null = matches!((op.as_str(), value), ("eq", _) | ("isNull", Value::Boolean(true)));
                    match (op.as_str(), value) {
                        ("in" | "notIn", _) => {
                            return Err(bad_input(format!("Condition {op} on {path} must not be null.")));
                        }
                        ("isNull", Value::Null) => Truth::Always,
                        _ if null => Truth::Never,
                        _ => Truth::Always,
                    }
                }
                ("eq", id) => Self::is_membership(path, prefix, id)?,
                ("ne", id) => not(Self::is_membership(path, prefix, id)?),
                (op @ ("in" | "notIn"), Value::List(ids)) => {
                    let each = ids.iter().map(|id| Self::is_membership(path, prefix, id));
                    let among = some(each.collect::<Result<Vec<_>, _>>()?);
                    if op == "in" { among } else { not(among) }
                }
                (op, _) => {
                    return Err(bad_input(format!("Condition {op} on {path} is not supported: ids have no order.")));
                }
            });
        }
        Ok(all(truths))
    }

    fn is_membership(path: &str, prefix: &str, value: &Value) -> Result<Truth, Arc<Fault>> {
        let is = |path: String, id: &str| {
            let value = Literal::text(id).map_err(|inexpressible| Arc::new(Fault::from(inexpressible)))?;
            Ok::<_, Arc<Fault>>(Expr::eq(Path::of(path), value))
        };
        let Value::String(id) = value else { return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never) };
        if member::is_upstream_id(id) {
            return Ok(Truth::When(is(path.to_owned(), id)?));
        }
        let Some((account, user)) = member::pair(id) else {
            return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never);
        };
        let (of_account, of_user) = (format!("{prefix}account.id"), format!("{prefix}user.id"));
        Ok(Truth::When(Expr::And(vec![is(of_account, &account)?, is(of_user, &user)?])))
    }
}

fn operator(
    path: &str,
    op: &str,
    value: &Value,
    literal: impl Fn(&Value) -> Result<Literal, Arc<Fault>>,
) -> Result<Truth, Arc<Fault>> {
    let is_null = |null: bool| is_null(path, null);
    Ok(match (op, value) {
        ("isNull", Value::Boolean(null)) => is_null(*null),
        ("isNull", _) => Truth::Always,
        ("eq", Value::Null) => is_null(true),
        ("ne", Value::Null) => is_null(false),
        (op, Value::Null) => return Err(bad_input(format!("Condition {op} on {path} must not be null."))),
        ("in", Value::List(items)) if items.is_empty() => Truth::Never,
        ("notIn", Value::List(items)) if items.is_empty() => Truth::Always,
        ("in" | "notIn", Value::List(items)) => {
            let values = items.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
            let path = Path::of(path.to_owned());
            Truth::When(if op == "in" { Expr::In { path, values } } else { Expr::Out { path, values } })
        }
        (op, value) => {
            let op = match op {
                "ne" => Op::Ne,
                "gt" => Op::Gt,
                "ge" => Op::Ge,
                "lt" => Op::Lt,
                "le" => Op::Le,
                "like" => Op::Like,
                "ilike" => Op::Ilike,
                _ => Op::Eq,
            };
            Truth::When(Expr::Compare { op, path: Path::of(path.to_owned()), value: literal(value)? })
        }
    })
}

/// A literal of any scalar: RQL quotes them all.
fn text(path: &str, value: &Value) -> Result<Literal, Arc<Fault>> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Literal::text(&text).map_err(|_| {
        bad_input(format!(
            "The value for {path} holds both kinds of quotes, which the upstream's query language cannot express."
        ))
    })
}

/// Whether something has a value. A revision always has one, and the upstream refuses to compare it with null: one that is
/// not there is that of a reference to nothing (`accounts-api-v5.md` section 5.4).
fn is_null(path: &str, null: bool) -> Truth {
    let path = match path.rsplit_once('.') {
        Some((above, REVISION)) => format!("{above}.id"),
        None if path == REVISION => return if null { Truth::Never } else { Truth::Always },
        _ => path.to_owned(),
    };
    let path = Path::of(path);
    Truth::When(if null { Expr::IsNull { path } } else { Expr::NotNull { path } })
}

fn id_of(path: &str, kind: Kind, value: &Value) -> Result<Literal, Arc<Fault>> {
    match value {
        Value::String(id) if kind.fits(id) => text(path, value),
        _ => Err(bad_input(format!("The value for {path} is not an id of {kind}: {}.", kind.id_form()))),
    }
}

fn actor_id(path: &str, value: &Value) -> Result<Literal, Arc<Fault>> {
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

fn enum_value(path: &str, value: &Value) -> Result<Literal, Arc<Fault>> {
    match value {
        Value::Enum(word) if word == "UNKNOWN" => Err(bad_input(format!(
            "The value for {path} cannot be UNKNOWN: it stands for values that this graph has no name for."
        ))),
        Value::Enum(word) => text(path, &Value::String(EnumType::upstream(word))),
        _ => text(path, value),
    }
}
