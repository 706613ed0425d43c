//! Tree to test: resolves names against the schema as the viewer sees it and converts values to the types of their
//! fields.

use super::{
    parse::{Expr, Op, Path as Named, Value},
    test::{Check, Literal, Path, Pattern, Set, Step, Test},
};
use crate::{
    instant,
    problem::Problem,
    quirk::{Host, Rql, Support, TextCase, Touched},
    schema::{self, Field, Kind, Shapes},
    viewer::Viewer,
};

const BAD_PATH: &str = "Invalid property path.";
const NOT_FILTERABLE: &str = "Filtering is not permitted.";

/// Resolves the names of one query and notes which of them it touched: the upstream pulls those into the response.
pub(crate) struct Binder<'a> {
    viewer: &'a Viewer,
    host: Host,
    /// Dotted paths from the root, spelt as in the schema.
    pub(crate) touched: Vec<Vec<&'static str>>,
}

/// What the names of a condition are relative to.
#[derive(Clone, Copy)]
enum Scope {
    Members(&'static [Field]),
    /// The elements are plain texts; only `self()` means something.
    Texts,
}

/// A resolved path, with the field at its end.
struct Resolved {
    path: Path,
    names: Vec<&'static str>,
    field: &'static Field,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(viewer: &'a Viewer, host: Host) -> Binder<'a> {
        Binder { viewer, host, touched: Vec::new() }
    }

    /// Binds a filter over an entity's fields.
    pub(crate) fn filter(&mut self, expr: &Expr, fields: &'static [Field]) -> Result<Test, Problem> {
        self.bind(expr, Scope::Members(fields), &[])
    }

    /// Binds a path to order by.
    pub(crate) fn order(&mut self, text: &str, fields: &'static [Field]) -> Result<Path, Problem> {
        let resolved = self.resolve(text, fields)?;
        if resolved.field.is_collection() || resolved.field.members().is_some() {
            return Err(self.about(text, Problem::mistake("Ordering is not permitted.")));
        }
        self.touched.push(resolved.names);
        Ok(resolved.path)
    }

    fn bind(&mut self, expr: &Expr, scope: Scope, prefix: &[&'static str]) -> Result<Test, Problem> {
        let mut all =
            |parts: &[Expr]| parts.iter().map(|part| self.bind(part, scope, prefix)).collect::<Result<_, _>>();
        match expr {
            Expr::And(parts) => Ok(Test::And(all(parts)?)),
            Expr::Or(parts) => Ok(Test::Or(all(parts)?)),
            Expr::Not(inner) => Ok(Test::Not(Box::new(self.bind(inner, scope, prefix)?))),
            Expr::Compare { op, path, value } => {
                let name = if let Named::Named(name) = path { name.as_str() } else { "self()" };
                self.compare(*op, path, value, scope, prefix).map_err(|problem| self.about(name, problem))
            }
            Expr::Any { path, inner } => {
                let (path, inner) = self.quantified(path, inner.as_deref(), scope, prefix)?;
                Ok(Test::Any { path, inner })
            }
            Expr::All { path, inner } => {
                let (path, inner) = self.quantified(path, Some(inner), scope, prefix)?;
                let inner = inner.ok_or_else(|| Problem::mistake("Expression expected."))?;
                Ok(Test::All { path, inner })
            }
        }
    }

    fn quantified(
        &mut self,
        path: &str,
        inner: Option<&Expr>,
        scope: Scope,
        prefix: &[&'static str],
    ) -> Result<(Path, Option<Box<Test>>), Problem> {
        let Scope::Members(fields) = scope else { return Err(Problem::mistake(BAD_PATH)) };
        let resolved = self.resolve(path, fields)?;
        let names = [prefix, &resolved.names].concat();
        let elements = match (resolved.field.kind, resolved.field.members()) {
            (Kind::Many(_) | Kind::Objects(_), Some(members)) => Scope::Members(members),
            (Kind::Texts, _) => Scope::Texts,
            _ => return Err(self.about(path, Problem::mistake("Operator 'any' is not permitted"))),
        };
        let inner = match (inner, elements) {
            (Some(inner), _) => Some(Box::new(self.bind(inner, elements, &names)?)),
            (None, _) => None,
        };
        match elements {
            Scope::Members(_) if inner.is_none() => self.touch_itself(names),
            Scope::Members(_) => {}
            Scope::Texts => self.touched.push(names),
        }
        Ok((resolved.path, inner))
    }

    fn compare(
        &mut self,
        op: Op,
        path: &Named,
        value: &Value,
        scope: Scope,
        prefix: &[&'static str],
    ) -> Result<Test, Problem> {
        let (path, kind) = match (path, scope) {
            (Named::Itself, Scope::Texts) => (Path::default(), Kind::Text),
            (Named::Named(text), Scope::Members(fields)) => {
                let resolved = self.resolve(text, fields)?;
                self.touch(prefix, &resolved);
                (resolved.path, resolved.field.kind)
            }
            _ => return Err(Problem::mistake(BAD_PATH)),
        };
        if let Some(other) = self.property(op, value, scope) {
            self.touch(prefix, &other);
            let scalars = [kind, other.field.kind].map(is_scalar) == [true; 2];
            return if scalars { Ok(Test::Pair { op, path, other: other.path }) } else { Err(not_permitted(op)) };
        }
        Ok(Test::Check { path, check: self.check(op, value, kind)? })
    }

    /// The property on the right side: the engine takes a bare word for one that has this name.
    fn property(&self, op: Op, value: &Value, scope: Scope) -> Option<Resolved> {
        let ordered = matches!(op, Op::Eq | Op::Ne | Op::Gt | Op::Ge | Op::Lt | Op::Le);
        match (value, scope) {
            (Value::Word(word), Scope::Members(fields)) if ordered && self.host.quirks.rql == Rql::Lax => {
                self.resolve(word, fields).ok()
            }
            _ => None,
        }
    }

    /// Earlier generations told no path.
    fn about(&self, path: &str, problem: Problem) -> Problem {
        if self.host.shapes() == Shapes::V5 { problem.about(path) } else { problem }
    }

    fn touch(&mut self, prefix: &[&'static str], resolved: &Resolved) {
        let names = [prefix, &resolved.names].concat();
        if matches!(resolved.field.kind, Kind::One(_) | Kind::Actor) {
            self.touch_itself(names);
        } else {
            self.touched.push(names);
        }
    }

    /// Notes a reference or a collection that a condition is about itself, without any member.
    fn touch_itself(&mut self, mut names: Vec<&'static str>) {
        if self.host.quirks.touched == Touched::Named {
            names.push("id");
        }
        self.touched.push(names);
    }

    fn resolve(&self, text: &str, fields: &'static [Field]) -> Result<Resolved, Problem> {
        self.walk(text, fields).map_err(|problem| self.about(text, problem))
    }

    fn walk(&self, text: &str, fields: &'static [Field]) -> Result<Resolved, Problem> {
        let mut fields = fields;
        let mut path = Path::default();
        let mut names = Vec::new();
        let mut parts = text.split('.').peekable();
        let mut of_actor = false;
        while let Some(part) = parts.next() {
            let slot = schema::find(fields, part, self.host.shapes()).ok_or_else(|| Problem::mistake(BAD_PATH))?;
            let field = &fields[slot];
            if !self.viewer.sees_field(field, self.host.shapes()) {
                return Err(Problem::mistake(BAD_PATH));
            }
            // What a row hides from some viewers must not be found out by filtering either.
            if field.own && !self.viewer.is_operations() {
                return Err(Problem::mistake(NOT_FILTERABLE));
            }
            names.push(field.name);
            path.steps.push(if of_actor { Step::Actor(field.name) } else { Step::Slot(slot) });
            if parts.peek().is_none() {
                path.target = match field.kind {
                    Kind::Many(entity) => Some(entity),
                    _ => None,
                };
                return Ok(Resolved { path, names, field });
            }
            match field.kind {
                Kind::One(entity) => path.steps.push(Step::Follow(entity)),
                Kind::Object(_) => path.steps.push(Step::Members),
                Kind::Actor => of_actor = true,
                _ => break,
            }
            fields = field.members().unwrap_or_default();
        }
        Err(Problem::mistake(BAD_PATH))
    }
}

fn is_scalar(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Int | Kind::Bool | Kind::Date)
}

fn not_permitted(op: Op) -> Problem {
    Problem::mistake(&format!("Operator '{}' is not permitted", op.name()))
}

impl Binder<'_> {
    fn check(&self, op: Op, value: &Value, kind: Kind) -> Result<Check, Problem> {
        match (op, value) {
            (Op::Eq | Op::Ne, Value::Null) if matches!(kind, Kind::Int) => {
                return Err(Problem::mistake("Cannot convert value: 'null()'."));
            }
            (Op::Eq, Value::Null) => return Ok(Check::Eq(Literal::Null)),
            (Op::Ne, Value::Null) => return Ok(Check::Ne(Literal::Null)),
            _ if !is_scalar(kind) => return Err(not_permitted(op)),
            _ => {}
        }
        if matches!((op, kind), (Op::Gt | Op::Ge | Op::Lt | Op::Le, Kind::Text)) {
            match self.host.quirks.text_order {
                Support::Works => {}
                Support::Refused => return Err(not_permitted(op)),
                Support::Fails => return Err(Problem::plain(500, "An unexpected error occurred.")),
            }
        }
        let literal = || match value {
            Value::Text(text) | Value::Word(text) => convert(text, kind),
            Value::Empty if matches!(kind, Kind::Text) => Ok(Literal::Text(String::new())),
            Value::Empty => Err(Problem::mistake("Cannot convert value: 'empty()'.")),
            Value::Null | Value::List(_) => Err(not_permitted(op)),
        };
        let set = || match value {
            Value::List(items) => values(items, kind),
            _ => Err(Problem::mistake("Value has to be a non empty array.")),
        };
        let fold = match self.host.quirks.text_case {
            TextCase::Documented => op == Op::Ilike,
            TextCase::Ignored => true,
            TextCase::Kept => false,
        };
        let pattern = || match (value, kind) {
            (Value::Text(text) | Value::Word(text), Kind::Text) => {
                Ok(Check::Like(Pattern::new(text, fold, self.host.quirks.rql == Rql::Strict)))
            }
            _ => Err(not_permitted(op)),
        };
        Ok(match op {
            Op::Eq => Check::Eq(literal()?),
            Op::Ne => Check::Ne(literal()?),
            Op::Gt => Check::Gt(literal()?),
            Op::Ge => Check::Ge(literal()?),
            Op::Lt => Check::Lt(literal()?),
            Op::Le => Check::Le(literal()?),
            Op::In => Check::In(set()?),
            Op::Out => Check::Out(set()?),
            Op::Like | Op::Ilike => pattern()?,
        })
    }
}

fn values(items: &[String], kind: Kind) -> Result<Set, Problem> {
    if matches!(kind, Kind::Text) {
        return Ok(Set::Texts(items.iter().cloned().collect()));
    }
    Ok(Set::Others(items.iter().map(|item| convert(item, kind)).collect::<Result<_, _>>()?))
}

fn convert(text: &str, kind: Kind) -> Result<Literal, Problem> {
    let converted = match kind {
        Kind::Int => text.parse().ok().map(Literal::Int),
        Kind::Bool if text.eq_ignore_ascii_case("true") => Some(Literal::Bool(true)),
        Kind::Bool if text.eq_ignore_ascii_case("false") => Some(Literal::Bool(false)),
        Kind::Bool => None,
        Kind::Date => instant::comparable(text).map(Literal::Text),
        _ => Some(Literal::Text(text.to_owned())),
    };
    converted.ok_or_else(|| Problem::mistake(&format!("Cannot convert value: '{text}'.")))
}
