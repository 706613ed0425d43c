//! Filters in the upstream's resource query language.
//!
//! A filter is built as a tree and printed as ONE expression in function form: the server splits a query at every `&`
//! and keeps only the first of two segments with the same text left of `=`, so filters must never be spread over
//! several. Values are always quoted, since an unquoted one that equals a property's name is read as that property.
//! The language has no escape for a quote inside quotes; what cannot be said is refused when the value is made.

mod literal;
mod print;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use literal::{Inexpressible, Literal};
use print::Printer;

/// The dotted path of a property, as in `audit.created.at`.
///
/// Names come from our own schema, never from a client, hence the `'static`: they are printed as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(Cow<'static, str>);

impl Path {
    /// The element itself, inside `any` or `all` over a list of plain values.
    pub const SELF: Path = Path(Cow::Borrowed("self()"));

    /// A path by its name.
    ///
    /// # Panics
    /// If the name is not made of letters, digits, `_` and single dots between them: a mistake in our source.
    #[must_use]
    pub const fn new(name: &'static str) -> Path {
        assert!(is_path(name.as_bytes()), "a property's path is made of names and dots");
        Path(Cow::Borrowed(name))
    }

    /// A path whose names come from the schema's model.
    ///
    /// # Panics
    /// As [`Path::new`].
    #[must_use]
    pub fn of(name: String) -> Path {
        assert!(is_path(name.as_bytes()), "a property's path is made of names and dots");
        Path(Cow::Owned(name))
    }

    /// The path as it is printed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The property `name` of this one.
    ///
    /// # Panics
    /// As [`Path::new`].
    #[must_use]
    pub fn join(&self, name: &'static str) -> Path {
        let Path(name) = Path::new(name);
        Path(Cow::Owned(format!("{}.{name}", self.0)))
    }
}

const fn is_path(name: &[u8]) -> bool {
    let mut at = 0;
    let mut after_dot = true;
    while at < name.len() {
        match name[at] {
            b'.' if after_dot => return false,
            b'.' => after_dot = true,
            b'_' => after_dot = false,
            byte if byte.is_ascii_alphanumeric() => after_dot = false,
            _ => return false,
        }
        at += 1;
    }
    !after_dot
}

/// How a property is compared with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the language's own names")]
pub enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Like,
    Ilike,
}

impl Op {
    const fn name(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::Lt => "lt",
            Op::Le => "le",
            Op::Like => "like",
            Op::Ilike => "ilike",
        }
    }
}

/// A filter.
///
/// An empty `And`, `Or`, `In` or `Out` has no spelling; it is printed as it is, and the upstream refuses it. Anything
/// else would widen or narrow the result unseen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// All of them hold.
    And(Vec<Expr>),
    /// At least one holds.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// The property compares with the value like this.
    #[expect(missing_docs, reason = "said by their types")]
    Compare { op: Op, path: Path, value: Literal },
    /// The property is one of these.
    #[expect(missing_docs, reason = "said by their types")]
    In { path: Path, values: Vec<Literal> },
    /// The property is none of these.
    #[expect(missing_docs, reason = "said by their types")]
    Out { path: Path, values: Vec<Literal> },
    /// The property has no value.
    #[expect(missing_docs, reason = "said by its type")]
    IsNull { path: Path },
    /// The property has a value.
    #[expect(missing_docs, reason = "said by its type")]
    NotNull { path: Path },
    /// The collection has an element, of which `inner` holds if it is given; its paths start at the element.
    #[expect(missing_docs, reason = "said by their types")]
    Any { path: Path, inner: Option<Box<Expr>> },
    /// `inner` holds of all elements of the collection.
    #[expect(missing_docs, reason = "said by their types")]
    All { path: Path, inner: Box<Expr> },
}

impl Expr {
    /// Whether a condition is about this property of the row.
    #[must_use]
    pub fn names(&self, property: &str) -> bool {
        match self {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| part.names(property)),
            Expr::Not(inner) => inner.names(property),
            Expr::Compare { path, .. }
            | Expr::In { path, .. }
            | Expr::Out { path, .. }
            | Expr::IsNull { path }
            | Expr::NotNull { path }
            | Expr::Any { path, .. }
            | Expr::All { path, .. } => path.0 == property,
        }
    }

    /// The same filter with other paths for the row's properties. Those inside `any` and `all` start at the element and stay.
    #[must_use]
    pub fn map_paths(&self, map: &impl Fn(&Path) -> Path) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| part.map_paths(map)).collect();
        match self {
            Expr::And(parts) => Expr::And(all(parts)),
            Expr::Or(parts) => Expr::Or(all(parts)),
            Expr::Not(inner) => Expr::Not(Box::new(inner.map_paths(map))),
            Expr::Compare { op, path, value } => Expr::Compare { op: *op, path: map(path), value: value.clone() },
            Expr::In { path, values } => Expr::In { path: map(path), values: values.clone() },
            Expr::Out { path, values } => Expr::Out { path: map(path), values: values.clone() },
            Expr::IsNull { path } => Expr::IsNull { path: map(path) },
            Expr::NotNull { path } => Expr::NotNull { path: map(path) },
            Expr::Any { path, inner } => Expr::Any { path: map(path), inner: inner.clone() },
            Expr::All { path, inner } => Expr::All { path: map(path), inner: inner.clone() },
        }
    }

    /// The values that this condition, or one of those that hold together with it, limits a property to.
    #[must_use]
    pub fn limits(&self, property: &str) -> Option<Vec<&str>> {
        match self {
            Expr::And(parts) => parts.iter().find_map(|part| part.limits(property)),
            // Whichever of these holds.
            Expr::Or(parts) if !parts.is_empty() => {
                let all: Option<Vec<_>> = parts.iter().map(|part| part.limits(property)).collect();
                all.map(|values| values.concat())
            }
            Expr::Compare { op: Op::Eq, path, value } if path.0 == property => Some(vec![value.as_str()]),
            Expr::In { path, values } if path.0 == property => Some(values.iter().map(Literal::as_str).collect()),
            _ => None,
        }
    }

    /// Adds every property that a condition is about, those of a collection's elements after the collection's name.
    pub fn properties(&self, out: &mut Vec<String>) {
        self.properties_below("", out);
    }

    fn properties_below(&self, above: &str, out: &mut Vec<String>) {
        match self {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| part.properties_below(above, out)),
            Expr::Not(inner) => inner.properties_below(above, out),
            Expr::Any { path, inner: Some(inner) } | Expr::All { path, inner } => {
                inner.properties_below(&format!("{above}{}.", path.0), out);
            }
            Expr::Compare { path, .. } if *path == Path::SELF => out.push(above.trim_end_matches('.').to_owned()),
            Expr::Compare { path, .. }
            | Expr::In { path, .. }
            | Expr::Out { path, .. }
            | Expr::IsNull { path }
            | Expr::NotNull { path }
            | Expr::Any { path, inner: None } => out.push(format!("{above}{}", path.0)),
        }
    }

    /// `path` equals `value`.
    #[must_use]
    pub fn eq(path: Path, value: Literal) -> Expr {
        Expr::Compare { op: Op::Eq, path, value }
    }

    /// A comparison of the property with each value.
    #[must_use]
    pub fn each(op: Op, path: &Path, values: &[Literal]) -> Vec<Expr> {
        values.iter().map(|value| Expr::Compare { op, path: path.clone(), value: value.clone() }).collect()
    }

    /// The collection has an element with one of these ids.
    #[must_use]
    pub fn any_of(collection: Path, ids: Vec<Literal>) -> Expr {
        let inner = Expr::In { path: Path::new("id"), values: ids };
        Expr::Any { path: collection, inner: Some(Box::new(inner)) }
    }

    /// The collection of plain values holds this one.
    #[must_use]
    pub fn holds(collection: Path, value: Literal) -> Expr {
        Expr::Any { path: collection, inner: Some(Box::new(Expr::eq(Path::SELF, value))) }
    }

    /// The same filter for an upstream that refuses `in` and `out` inside of `any` and `all`, or nothing if there are
    /// none. It costs about twice the bytes per value, so ask for fewer at once.
    #[must_use]
    pub fn without_in_inside_any(&self) -> Option<Expr> {
        let rewritten = self.rewritten(false);
        (rewritten != *self).then_some(rewritten)
    }

    fn rewritten(&self, inside: bool) -> Expr {
        let all = |exprs: &[Expr]| exprs.iter().map(|expr| expr.rewritten(inside)).collect();
        match self {
            Expr::And(exprs) => Expr::And(all(exprs)),
            Expr::Or(exprs) => Expr::Or(all(exprs)),
            Expr::Not(expr) => Expr::Not(Box::new(expr.rewritten(inside))),
            Expr::In { path, values } if inside => Expr::Or(Expr::each(Op::Eq, path, values)),
            Expr::Out { path, values } if inside => Expr::And(Expr::each(Op::Ne, path, values)),
            // A choice right inside `any` goes outside: one `any` with one comparison is the form that is documented.
            Expr::Any { path, inner: Some(inner) } => {
                let any = |inner| Expr::Any { path: path.clone(), inner: Some(Box::new(inner)) };
                match (&**inner, inner.rewritten(true)) {
                    (Expr::In { .. }, Expr::Or(choices)) => Expr::Or(choices.into_iter().map(any).collect()),
                    (_, rewritten) => any(rewritten),
                }
            }
            Expr::All { path, inner } => Expr::All { path: path.clone(), inner: Box::new(inner.rewritten(true)) },
            other => other.clone(),
        }
    }

    /// The filter as people read it, for logs and tests. Not for a URL.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        Printer::readable(&mut out).expr(self);
        out
    }

    /// Appends the filter as it stands behind the `?` of a URL.
    pub fn encode(&self, out: &mut String) {
        Printer::encoding(out).expr(self);
    }
}
