//! Typed filters to RQL: one quoted, function-form expression, or the knowledge that it holds always or never.

mod field_path;
mod value;

use super::{answer::bad_input, arguments::filterable};
use crate::{
    entity::{
        kind::Kind,
        member,
        model::{Field, Leaf, Model, Shape, Target},
    },
    fault::Fault,
    loader::memberships::of_members::OF_MEMBERSHIPS,
    upstream::rql::{Expr, Literal, Op, Path},
};
use async_graphql::{Name, Value, indexmap::IndexMap};
use field_path::FieldPath;
use std::{cell::Cell, sync::Arc};
use value::{actor_id, check_values, date_time, enum_values, id_of, null_value, operator, part, text};

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

/// How many values `in` and `notIn` take: as many ids as the gateway itself puts into one request.
pub const MAX_VALUES: usize = 100;

/// The only number that rows have.
const REVISION: &str = "revision";

type Members = IndexMap<Name, Value>;

/// Compiles a filter of this kind; `prefix` stands before every path (`user.` for the users behind memberships), and `root` says
/// whether it is that of a root list.
///
/// # Errors
///
/// With `BAD_USER_INPUT` when an id cannot be one of its kind or a text cannot be expressed in RQL.
pub fn compile(model: &Model, kind: Kind, prefix: &str, root: bool, filter: &Value) -> Result<Condition, Arc<Fault>> {
    let lists_users = root && kind == Kind::User;
    let compiler = Compiler { model, inside: Cell::new(0), lists_users };
    let truth = match filter {
        Value::Object(members) => compiler.entity(kind, &FieldPath::behind(prefix), members)?,
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
    if lists_users {
        // Of users themselves nobody asks these.
        let of_users = |path: &String| !OF_MEMBERSHIPS.iter().any(|(name, _)| path.split('.').next() == Some(name));
        touched.retain(of_users);
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(Condition { expr, never, touched })
}

struct Compiler<'a> {
    model: &'a Model,
    /// How many collections we are in.
    inside: Cell<usize>,
    /// Whether the filter is that of the root list of users.
    lists_users: bool,
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
    fn entity(&self, kind: Kind, prefix: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
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

    fn entities(&self, kind: Kind, prefix: &FieldPath, list: &[Value]) -> Result<Vec<Truth>, Arc<Fault>> {
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
        prefix: &FieldPath,
        name: &str,
        value: &Value,
    ) -> Result<Truth, Arc<Fault>> {
        let model = self.model;
        let held = OF_MEMBERSHIPS.iter().find(|(known, _)| kind == Some(Kind::User) && *known == name);
        if let (Some((held, kind)), Value::Object(members)) = (held, value) {
            return self.of_members(held, *kind, prefix, members);
        }
        let object = &model.types[object];
        let field = object.by_name.get(name).map(|place| &object.fields[*place]).filter(|field| filterable(field));
        let (Some(field), Value::Object(members)) = (field, value) else { return Ok(Truth::Always) };
        let path = prefix.below(field.rest[0].text(), name);
        match field.shape {
            Shape::Object(inner) => {
                let parts = members.iter().filter(|(_, value)| **value != Value::Null);
                let parts = parts.map(|(name, value)| self.member(inner, None, &path, name, value));
                Ok(all(parts.collect::<Result<Vec<_>, _>>()?))
            }
            Shape::Ref(Target::One(inner)) => self.entity(inner, &path, members),
            Shape::Ref(_) => Self::actor(&path, members),
            Shape::Refs(Target::One(inner)) => self.collection(inner, &path, members),
            Shape::Leaves(_) => Self::texts(&path, members),
            _ => self.leaf(field, kind, &path, members),
        }
    }

    /// A condition on the groups or accounts of users. Only a list of all users is asked for by the ids of those for whom it
    /// holds, and only of groups and accounts that it narrows down it can be found out who is in them.
    fn of_members(&self, held: &str, kind: Kind, prefix: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        if !self.lists_users || !prefix.is_root() || self.inside.get() > 0 {
            return Err(bad_input(format!(
                "Condition {held} on users is only supported in the filter of the root field users: elsewhere the memberships \
                 tell it, as in accountUsers(filter: {{{held}: …}})."
            )));
        }
        let path = prefix.below(held, held);
        let all = |inner| Truth::When(Expr::Any { path: path.rql(), inner: Some(Box::new(inner)) });
        let some = |truth: Truth| match truth {
            Truth::When(inner) => Ok(all(inner)),
            Truth::Never => Ok(Truth::Never),
            Truth::Always => Err(bad_input(format!(
                "Condition {held} on users must narrow down the {held}: the users of all {held} cannot be found out together."
            ))),
        };
        self.inside.set(self.inside.get() + 1);
        let truths = members.iter().map(|(name, value)| match (name.as_str(), value) {
            ("any", Value::Object(members)) => some(self.entity(kind, &path.elements(name), members)?),
            ("none", Value::Object(members)) => some(self.entity(kind, &path.elements(name), members)?).map(not),
            ("all", Value::Object(members)) => some(not(self.entity(kind, &path.elements(name), members)?)).map(not),
            ("isEmpty", Value::Boolean(_)) => some(Truth::Always),
            _ => Ok(Truth::Always),
        });
        let truths = truths.collect::<Result<Vec<_>, _>>();
        self.inside.set(self.inside.get() - 1);
        Ok(self::all(truths?))
    }

    fn actor(path: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            let Value::Object(conditions) = value else { continue };
            let path = path.below(name, name);
            for (op, value) in conditions {
                let literal = |value: &Value| {
                    if name == "id" { actor_id(&path, value) } else { text(&path, value) }
                };
                let part = if name == "id" { None } else { part(&path, op, value) };
                truths.push(part.unwrap_or_else(|| operator(&path, op, value, literal))?);
            }
        }
        Ok(all(truths))
    }

    fn collection(&self, kind: Kind, path: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        self.inside.set(self.inside.get() + 1);
        let truth = self.elements(kind, path, members);
        self.inside.set(self.inside.get() - 1);
        truth
    }

    fn elements(&self, kind: Kind, path: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            truths.push(match (name.as_str(), value) {
                ("isEmpty", Value::Boolean(empty)) => {
                    let some = Truth::When(Expr::Any { path: path.rql(), inner: None });
                    if *empty { not(some) } else { some }
                }
                ("any", Value::Object(members)) => self.any(kind, path, name, members)?,
                ("none", Value::Object(members)) => not(self.any(kind, path, name, members)?),
                ("all", Value::Object(members)) => match self.entity(kind, &path.elements(name), members)? {
                    Truth::Always => Truth::Always,
                    Truth::Never => not(Truth::When(Expr::Any { path: path.rql(), inner: None })),
                    Truth::When(expr) => Truth::When(Expr::All { path: path.rql(), inner: Box::new(expr) }),
                },
                _ => Truth::Always,
            });
        }
        Ok(all(truths))
    }

    fn any(&self, kind: Kind, path: &FieldPath, quantifier: &str, members: &Members) -> Result<Truth, Arc<Fault>> {
        Ok(match self.entity(kind, &path.elements(quantifier), members)? {
            Truth::Always => Truth::When(Expr::Any { path: path.rql(), inner: None }),
            Truth::Never => Truth::Never,
            Truth::When(expr) => Truth::When(Expr::Any { path: path.rql(), inner: Some(Box::new(expr)) }),
        })
    }

    fn texts(path: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (name, value) in members {
            truths.push(match (name.as_str(), value) {
                ("isEmpty", Value::Boolean(empty)) => {
                    let some = Truth::When(Expr::Any { path: path.rql(), inner: None });
                    if *empty { not(some) } else { some }
                }
                ("has", value @ Value::String(_)) => Truth::When(Expr::holds(path.rql(), text(path, value)?)),
                _ => Truth::Always,
            });
        }
        Ok(all(truths))
    }

    fn leaf(
        &self,
        field: &Field,
        kind: Option<Kind>,
        path: &FieldPath,
        members: &Members,
    ) -> Result<Truth, Arc<Fault>> {
        if let (Shape::Leaf(Leaf::Id), Some(Kind::AccountUser)) = (field.shape, kind) {
            return Self::membership(path, members);
        }
        if let Shape::Leaf(Leaf::Enum(_)) = field.shape {
            let truths = members.iter().map(|(op, value)| self.choice(path, op, value));
            return Ok(all(truths.collect::<Result<Vec<_>, _>>()?));
        }
        let literal = |value: &Value| match (field.shape, kind) {
            (Shape::Leaf(Leaf::Id), Some(kind)) => id_of(path, kind, value),
            (Shape::Leaf(Leaf::DateTime), _) => date_time(path, value),
            _ => text(path, value),
        };
        let part = |op: &str, value: &Value| match field.shape {
            Shape::Leaf(Leaf::Text) => part(path, op, value),
            _ => None,
        };
        let truths =
            members.iter().map(|(op, value)| part(op, value).unwrap_or_else(|| operator(path, op, value, literal)));
        Ok(all(truths.collect::<Result<Vec<_>, _>>()?))
    }
}

impl Compiler<'_> {
    /// A condition on an enum: a value is asked for in all spellings that are read as it.
    fn choice(&self, path: &FieldPath, op: &str, value: &Value) -> Result<Truth, Arc<Fault>> {
        let several = match (op, value) {
            ("eq" | "ne", Value::Enum(_)) => std::slice::from_ref(value),
            ("in" | "notIn", Value::List(items)) if !items.is_empty() => {
                check_values(path, op, items)?;
                items
            }
            _ => return operator(path, op, value, |value| text(path, value)),
        };
        let mut values = vec![];
        for value in several {
            values.extend(enum_values(path, value)?);
        }
        let (path, is) = (path.rql(), matches!(op, "eq" | "in"));
        // Not all hosts take `in` inside `any`, which nobody asked for here.
        Ok(Truth::When(match (is, self.inside.get() > 0 && matches!(op, "eq" | "ne")) {
            (true, false) => Expr::In { path, values },
            (false, false) => Expr::Out { path, values },
            (true, true) => Expr::Or(Expr::each(Op::Eq, &path, &values)),
            (false, true) => Expr::And(Expr::each(Op::Ne, &path, &values)),
        }))
    }

    /// Conditions on the id of a membership: on account and user, from which it is made. The ids of the flat collection of
    /// memberships are conditions on its own `id`.
    fn membership(path: &FieldPath, members: &Members) -> Result<Truth, Arc<Fault>> {
        let mut truths = vec![];
        for (op, value) in members {
            truths.push(match (op.as_str(), value) {
                // A membership has an id.
                ("isNull", Value::Boolean(true)) => Truth::Never,
                ("isNull", _) => Truth::Always,
                (op, Value::Null) => return Err(null_value(path, op)),
                ("eq", id) => Self::is_membership(path, id)?,
                ("ne", id) => not(Self::is_membership(path, id)?),
                (op @ ("in" | "notIn"), Value::List(ids)) => {
                    check_values(path, op, ids)?;
                    let each = ids.iter().map(|id| Self::is_membership(path, id));
                    let among = some(each.collect::<Result<Vec<_>, _>>()?);
                    if op == "in" { among } else { not(among) }
                }
                (op @ ("gt" | "lt"), id) => Self::beyond_membership(path, op, id)?,
                (op, _) => {
                    return Err(bad_input(format!("Condition {op} on {path} is not supported.")));
                }
            });
        }
        Ok(all(truths))
    }

    /// Behind or before a membership in the order of account and user.
    fn beyond_membership(path: &FieldPath, op: &str, value: &Value) -> Result<Truth, Arc<Fault>> {
        let Value::String(id) = value else { return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never) };
        let compare = |op, path: Path, id: &str| {
            let value = Literal::text(id).map_err(|inexpressible| Arc::new(Fault::from(inexpressible)))?;
            Ok::<_, Arc<Fault>>(Expr::Compare { op, path, value })
        };
        let op = if op == "gt" { Op::Gt } else { Op::Lt };
        if member::is_upstream_id(id) {
            return Ok(Truth::When(compare(op, path.rql(), id)?));
        }
        let Some((account, user)) = member::pair(id) else {
            return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never);
        };
        let (of_account, of_user) = (path.beside("account.id"), path.beside("user.id"));
        let ties = [compare(Op::Eq, of_account.clone(), &account)?, compare(op, of_user, &user)?];
        Ok(Truth::When(Expr::Or(vec![compare(op, of_account, &account)?, Expr::And(ties.into())])))
    }

    fn is_membership(path: &FieldPath, value: &Value) -> Result<Truth, Arc<Fault>> {
        let is = |path: Path, id: &str| {
            let value = Literal::text(id).map_err(|inexpressible| Arc::new(Fault::from(inexpressible)))?;
            Ok::<_, Arc<Fault>>(Expr::eq(path, value))
        };
        let Value::String(id) = value else { return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never) };
        if member::is_upstream_id(id) {
            return Ok(Truth::When(is(path.rql(), id)?));
        }
        let Some((account, user)) = member::pair(id) else {
            return id_of(path, Kind::AccountUser, value).map(|_| Truth::Never);
        };
        let (of_account, of_user) = (path.beside("account.id"), path.beside("user.id"));
        Ok(Truth::When(Expr::And(vec![is(of_account, &account)?, is(of_user, &user)?])))
    }
}
