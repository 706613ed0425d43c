//! Filters in the upstream's resource query language.
//!
//! A filter is built as a tree and printed as ONE expression in function form: the server splits a query at every `&`
//! and keeps only the first of two segments with the same text left of `=`, so filters must never be spread over
//! several. Values are always quoted, since an unquoted one that equals a property's name is read as that property.
//! The language has no escape for a quote inside quotes; what cannot be said is refused when the value is made.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::fault::Fault;

/// What stays readable of a value in a URL: characters that mean something neither to URLs' queries nor to the
/// language outside of quotes. `*`, `:` and `@` are for the reader's sake (patterns, dates, e-mail addresses).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*').remove(b':').remove(b'@');

/// The dotted path of a property, as in `audit.created.at`.
///
/// Names come from our own schema, never from a client, hence the `'static`: they are printed as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A value that the language has no words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inexpressible {
    /// It holds both kinds of quotes.
    BothQuotes,
    /// A backslash stands where the pattern's wildcard would turn it into an escape.
    BackslashAtWildcard,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inexpressible::BothQuotes => "a filter value must not hold both ' and \"",
            Inexpressible::BackslashAtWildcard => "this search text must not end in a backslash or begin with \\*",
        })
    }
}

impl Error for Inexpressible {}

impl From<Inexpressible> for Fault {
    fn from(inexpressible: Inexpressible) -> Fault {
        Fault::bad_user_input(inexpressible.to_string())
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl Literal {
    /// Any text, also an id or a date. Under `like` and `ilike` a `*` at its ends is a wildcard; see
    /// [`Literal::containing`] for text that is to be found as it stands.
    ///
    /// # Errors
    /// If the text holds both kinds of quotes.
    pub fn text(text: impl Into<String>) -> Result<Literal, Inexpressible> {
        let text = text.into();
        if text.contains('"') && text.contains('\'') { Err(Inexpressible::BothQuotes) } else { Ok(Literal(text)) }
    }

    /// The pattern of all that contains `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn containing(text: &str) -> Result<Literal, Inexpressible> {
        refuse_escaping_end(text)?;
        Literal::text(format!("*{text}*"))
    }

    /// The pattern of all that starts with `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn starting_with(text: &str) -> Result<Literal, Inexpressible> {
        refuse_escaping_end(text)?;
        if text.starts_with("\\*") {
            return Err(Inexpressible::BackslashAtWildcard);
        }
        // Only the ends of a pattern are looked at for wildcards, so only there is a star to be escaped.
        let escape = if text.starts_with('*') { "\\" } else { "" };
        Literal::text(format!("{escape}{text}*"))
    }

    /// The pattern of all that ends with `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn ending_with(text: &str) -> Result<Literal, Inexpressible> {
        let pattern = match text.strip_suffix('*') {
            Some(before) => format!("*{before}\\*"),
            None => format!("*{text}"),
        };
        Literal::text(pattern)
    }
}

fn refuse_escaping_end(text: &str) -> Result<(), Inexpressible> {
    if text.ends_with('\\') { Err(Inexpressible::BackslashAtWildcard) } else { Ok(()) }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Literal {
        Literal(value.to_string())
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Literal {
        Literal(value.to_string())
    }
}

/// How a property is compared with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// `path` equals `value`.
    #[must_use]
    pub fn eq(path: Path, value: Literal) -> Expr {
        Expr::Compare { op: Op::Eq, path, value }
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
        let each = |path: &Path, values: &[Literal], op| -> Vec<Expr> {
            values.iter().map(|value| Expr::Compare { op, path: path.clone(), value: value.clone() }).collect()
        };
        match self {
            Expr::And(exprs) => Expr::And(all(exprs)),
            Expr::Or(exprs) => Expr::Or(all(exprs)),
            Expr::Not(expr) => Expr::Not(Box::new(expr.rewritten(inside))),
            Expr::In { path, values } if inside => Expr::Or(each(path, values, Op::Eq)),
            Expr::Out { path, values } if inside => Expr::And(each(path, values, Op::Ne)),
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
        Printer { out: &mut out, encode: false }.expr(self);
        out
    }

    /// Appends the filter as it stands behind the `?` of a URL.
    pub fn encode(&self, out: &mut String) {
        Printer { out, encode: true }.expr(self);
    }
}

struct Printer<'a> {
    out: &'a mut String,
    encode: bool,
}

impl Printer<'_> {
    fn expr(&mut self, expr: &Expr) {
        match expr {
            // A group of one is the one: whether the language takes such a group is not documented.
            Expr::And(exprs) | Expr::Or(exprs) if exprs.len() == 1 => self.expr(&exprs[0]),
            Expr::And(exprs) => self.call("and", |p| p.list(exprs, Printer::expr)),
            Expr::Or(exprs) => self.call("or", |p| p.list(exprs, Printer::expr)),
            Expr::Not(expr) => self.call("not", |p| p.expr(expr)),
            Expr::Compare { op, path, value } => self.on(op.name(), path, |p| match op {
                Op::Eq | Op::Ne if value.0.is_empty() => p.out.push_str("empty()"),
                _ => p.literal(value),
            }),
            Expr::In { path, values } => self.on("in", path, |p| p.call("", |p| p.list(values, Printer::literal))),
            Expr::Out { path, values } => self.on("out", path, |p| p.call("", |p| p.list(values, Printer::literal))),
            Expr::IsNull { path } => self.on("eq", path, |p| p.out.push_str("null()")),
            Expr::NotNull { path } => self.on("ne", path, |p| p.out.push_str("null()")),
            Expr::Any { path, inner: Some(inner) } => self.on("any", path, |p| p.expr(inner)),
            Expr::Any { path, inner: None } => self.call("any", |p| p.out.push_str(&path.0)),
            Expr::All { path, inner } => self.on("all", path, |p| p.expr(inner)),
        }
    }

    fn call(&mut self, name: &str, arguments: impl FnOnce(&mut Self)) {
        self.out.push_str(name);
        self.out.push('(');
        arguments(self);
        self.out.push(')');
    }

    fn on(&mut self, name: &str, path: &Path, argument: impl FnOnce(&mut Self)) {
        self.call(name, |p| {
            p.out.push_str(&path.0);
            p.out.push(',');
            argument(p);
        });
    }

    fn list<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            print(self, item);
        }
    }

    fn literal(&mut self, Literal(value): &Literal) {
        let quote = match (value.contains('"'), self.encode) {
            (false, false) => "\"",
            (false, true) => "%22",
            (true, false) => "'",
            (true, true) => "%27",
        };
        self.out.push_str(quote);
        if self.encode {
            self.out.extend(utf8_percent_encode(value, ENCODED));
        } else {
            self.out.push_str(value);
        }
        self.out.push_str(quote);
    }
}

#[cfg(test)]
mod tests;
