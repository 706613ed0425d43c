//! The spelling of filters.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Expr, Literal, Op, Path};

/// What stays readable of a value in a URL: characters that mean something neither to URLs' queries nor to the
/// language outside of quotes. `*`, `:` and `@` are for the reader's sake (patterns, dates, e-mail addresses).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*').remove(b':').remove(b'@');

/// Writes one filter, for people or for a URL.
pub(super) struct Printer<'a> {
    out: &'a mut String,
    encode: bool,
}

impl<'a> Printer<'a> {
    pub(super) fn readable(out: &'a mut String) -> Printer<'a> {
        Printer { out, encode: false }
    }

    pub(super) fn encoding(out: &'a mut String) -> Printer<'a> {
        Printer { out, encode: true }
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
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
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        // Ids are what is mostly named, and by the hundred.
        if self.encode && !value.bytes().all(plain) {
            self.out.extend(utf8_percent_encode(value, ENCODED));
        } else {
            self.out.push_str(value);
        }
        self.out.push_str(quote);
    }
}
