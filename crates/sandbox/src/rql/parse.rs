//! Text to tree. Knows the grammar and nothing about entities.
//!
//! The upstream's engine takes more than its documentation describes; what only the engine takes is marked lax.

use crate::{problem::Problem, quirk::Rql};

/// A condition as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare {
        op: Op,
        path: Path,
        value: Value,
    },
    /// `any(collection)` or `any(collection,condition)`.
    Any {
        path: String,
        inner: Option<Box<Expr>>,
    },
    All {
        path: String,
        inner: Box<Expr>,
    },
}

/// The left side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Path {
    /// Dotted names.
    Named(String),
    /// `self()`: the element itself, where a collection holds plain values.
    Itself,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Empty,
    /// In quotes.
    Text(String),
    /// Without quotes: the engine may take it for a property.
    Word(String),
    List(Vec<String>),
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    In,
    Out,
    Like,
    Ilike,
}

const EMPTY_GROUP: &str = "Expression group cannot be empty.";
const EXPECTED: &str = "Expression expected.";
const UNKNOWN: &str = "Unknown expression group.";
const SHORTCUT: &str = "Invalid equals shortcut expression";
const ARRAY: &str = "Value has to be a non empty array.";

/// Deeper nesting than anyone writes by hand; keeps the stack safe.
const MAX_NESTING: usize = 64;

/// Reads a whole filter.
pub(crate) fn parse(text: &str, rql: Rql) -> Result<Expr, Problem> {
    let mut parser = Parser { text, at: 0, nesting: 0, lax: rql == Rql::Lax, closed: false };
    let expr = parser.alternatives(true)?;
    if parser.rest().is_empty() { Ok(expr) } else { Err(Problem::mistake(EXPECTED)) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nesting: usize,
    lax: bool,
    /// Whether a parenthesis at the end was missing.
    closed: bool,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat(&mut self, choices: &[char]) -> bool {
        let found = self.rest().starts_with(choices);
        // All choices are ASCII.
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, one: char) -> Result<(), Problem> {
        if self.eat(&[one]) { Ok(()) } else { Err(Problem::mistake(EXPECTED)) }
    }

    /// The end of an argument list. Lax: the very last one may be missing.
    fn close(&mut self) -> Result<(), Problem> {
        if self.lax && self.rest().is_empty() && !self.closed {
            self.closed = true;
            return Ok(());
        }
        self.expect(')')
    }

    /// `;` and `|` join weaker than `&` and `,`; a comma joins only outside of argument lists.
    fn alternatives(&mut self, comma: bool) -> Result<Expr, Problem> {
        let mut parts = vec![self.conjunction(comma)?];
        while self.eat(&[';', '|']) {
            parts.push(self.conjunction(comma)?);
        }
        Ok(single_or(parts, Expr::Or))
    }

    fn conjunction(&mut self, comma: bool) -> Result<Expr, Problem> {
        let mut parts = vec![self.primary()?];
        while self.eat(if comma { &['&', ','] } else { &['&'] }) {
            parts.push(self.primary()?);
        }
        Ok(single_or(parts, Expr::And))
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Problem::mistake(EXPECTED));
        }
        let expr = self.unguarded();
        self.nesting -= 1;
        expr
    }

    fn unguarded(&mut self) -> Result<Expr, Problem> {
        if let Some(name) = self.dressed() {
            return self.shortcut(Path::Named(name));
        }
        if self.eat(&['(']) {
            if self.rest().starts_with(')') {
                return Err(Problem::mistake(EMPTY_GROUP));
            }
            let inner = self.alternatives(true)?;
            self.expect(')')?;
            return Ok(inner);
        }
        let word = self.word();
        if self.is(word, "self") && self.rest().starts_with('(') {
            let path = self.itself()?;
            self.expect('=')?;
            return self.shortcut(path);
        }
        if self.eat(&['(']) {
            return self.call(word);
        }
        if word.is_empty() || !self.eat(&['=']) {
            return Err(Problem::mistake(EXPECTED));
        }
        self.shortcut(Path::Named(word.to_owned()))
    }

    /// Lax: the name of a property in quotes or in parentheses, and the sign of the shortcut behind it.
    fn dressed(&mut self) -> Option<String> {
        let start = self.at;
        let name = if self.eat(&['(']) {
            let name = self.word().to_owned();
            self.eat(&[')']).then_some(name)
        } else {
            self.quoted().ok().flatten()
        };
        match name {
            Some(name) if self.lax && !name.is_empty() && self.eat(&['=']) => Some(name),
            _ => {
                self.at = start;
                None
            }
        }
    }

    /// What follows `self`. Lax: it may name a property.
    fn itself(&mut self) -> Result<Path, Problem> {
        self.expect('(')?;
        let name = self.word().to_owned();
        self.expect(')')?;
        match name.as_str() {
            "" => Ok(Path::Itself),
            _ if self.lax => Ok(Path::Named(name)),
            _ => Err(Problem::mistake(EXPECTED)),
        }
    }

    /// Whether a word is a name of the grammar. Lax: in any case.
    fn is(&self, word: &str, name: &str) -> bool {
        if self.lax { word.eq_ignore_ascii_case(name) } else { word == name }
    }

    fn shortcut(&mut self, path: Path) -> Result<Expr, Problem> {
        let value = self.value().map_err(|_| Problem::mistake(SHORTCUT))?;
        match value {
            Value::List(_) => Err(Problem::mistake(SHORTCUT)),
            value => Ok(Expr::Compare { op: Op::Eq, path, value }),
        }
    }

    /// A function, its name and opening parenthesis already read.
    fn call(&mut self, name: &str) -> Result<Expr, Problem> {
        let name = if self.lax { name.to_ascii_lowercase() } else { name.to_owned() };
        let expr = match name.as_str() {
            "and" => single_or(self.arguments()?, Expr::And),
            "or" => single_or(self.arguments()?, Expr::Or),
            "not" => match <[Expr; 1]>::try_from(self.arguments()?) {
                Ok([inner]) => Expr::Not(Box::new(inner)),
                Err(_) => return Err(Problem::mistake(EXPECTED)),
            },
            "any" | "all" => self.quantifier(&name)?,
            _ => self.comparison(operator(&name)?)?,
        };
        self.close()?;
        Ok(expr)
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, Problem> {
        if self.rest().starts_with(')') {
            return Err(Problem::mistake(EMPTY_GROUP));
        }
        let mut parts = vec![self.alternatives(false)?];
        while self.eat(&[',']) {
            parts.push(self.alternatives(false)?);
        }
        Ok(parts)
    }

    fn quantifier(&mut self, name: &str) -> Result<Expr, Problem> {
        let path = self.word().to_owned();
        if path.is_empty() {
            return Err(Problem::mistake(EMPTY_GROUP));
        }
        let inner = if self.eat(&[',']) { Some(Box::new(self.alternatives(false)?)) } else { None };
        match (name, inner) {
            ("any", inner) => Ok(Expr::Any { path, inner }),
            (_, Some(inner)) => Ok(Expr::All { path, inner }),
            (_, None) => Err(Problem::mistake(EXPECTED)),
        }
    }

    fn comparison(&mut self, op: Op) -> Result<Expr, Problem> {
        let quoted = if self.lax { self.quoted()? } else { None };
        let path = match quoted {
            Some(name) => Path::Named(name),
            None => match self.word() {
                "" => return Err(Problem::mistake(EXPECTED)),
                word if self.is(word, "self") && self.rest().starts_with('(') => self.itself()?,
                word => Path::Named(word.to_owned()),
            },
        };
        self.expect(',')?;
        let list = matches!(op, Op::In | Op::Out);
        let value = if list && self.lax && !self.rest().starts_with('(') { self.items()? } else { self.value()? };
        match (op, &value) {
            (Op::In | Op::Out, Value::List(_)) => {}
            (Op::In | Op::Out, _) => return Err(Problem::mistake(ARRAY)),
            (_, Value::List(_)) => return Err(Problem::mistake(UNKNOWN)),
            _ => {}
        }
        Ok(Expr::Compare { op, path, value })
    }

    fn value(&mut self) -> Result<Value, Problem> {
        if self.eat(&['(']) {
            return self.list();
        }
        if let Some(text) = self.quoted()? {
            return Ok(Value::Text(text));
        }
        let word = self.word();
        if self.rest().starts_with("()") {
            self.at += 2;
            return match word {
                word if self.is(word, "null") => Ok(Value::Null),
                word if self.is(word, "empty") => Ok(Value::Empty),
                _ => Err(Problem::mistake(UNKNOWN)),
            };
        }
        if word.is_empty() || self.rest().starts_with(['(', '"', '\'']) {
            return Err(Problem::mistake(EXPECTED));
        }
        Ok(Value::Word(word.to_owned()))
    }

    fn list(&mut self) -> Result<Value, Problem> {
        let items = self.items()?;
        // What is left here besides the end is a function such as null(), which lists do not take.
        if self.eat(&[')']) { Ok(items) } else { Err(Problem::mistake(ARRAY)) }
    }

    /// The values of a list, which lax may stand without parentheses of their own.
    fn items(&mut self) -> Result<Value, Problem> {
        let mut items = Vec::new();
        loop {
            match self.quoted()? {
                Some(text) => items.push(text),
                None => match self.word() {
                    "" => return Err(Problem::mistake(ARRAY)),
                    word => items.push(word.to_owned()),
                },
            }
            if !self.eat(&[',']) {
                break;
            }
        }
        Ok(Value::List(items))
    }

    /// A text in either kind of quotes; there is no escape inside.
    fn quoted(&mut self) -> Result<Option<String>, Problem> {
        let Some(quote) = self.rest().chars().next().filter(|first| matches!(first, '"' | '\'')) else {
            return Ok(None);
        };
        let (text, _) = self.rest()[1..].split_once(quote).ok_or_else(|| Problem::mistake(EXPECTED))?;
        self.at += text.len() + 2;
        Ok(Some(text.to_owned()))
    }

    /// Everything up to the next sign of the grammar.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(['(', ')', ',', '&', ';', '|', '=', '"', '\'']).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

fn operator(name: &str) -> Result<Op, Problem> {
    Ok(match name {
        "eq" => Op::Eq,
        "ne" => Op::Ne,
        "gt" => Op::Gt,
        "ge" => Op::Ge,
        "lt" => Op::Lt,
        "le" => Op::Le,
        "in" => Op::In,
        "out" => Op::Out,
        "like" => Op::Like,
        "ilike" => Op::Ilike,
        _ => return Err(Problem::mistake(UNKNOWN)),
    })
}

fn single_or(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

impl Op {
    /// The name on the wire, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::Lt => "lt",
            Op::Le => "le",
            Op::In => "in",
            Op::Out => "out",
            Op::Like => "like",
            Op::Ilike => "ilike",
        }
    }
}

impl Expr {
    /// Whether an `in` stands inside an `any` or `all`: a combination that an upstream may refuse.
    pub(crate) fn has_list_inside_quantifier(&self, inside: bool) -> bool {
        match self {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| part.has_list_inside_quantifier(inside)),
            Expr::Not(inner) => inner.has_list_inside_quantifier(inside),
            Expr::Compare { op, .. } => inside && matches!(op, Op::In | Op::Out),
            Expr::Any { inner, .. } => inner.as_ref().is_some_and(|inner| inner.has_list_inside_quantifier(true)),
            Expr::All { inner, .. } => inner.has_list_inside_quantifier(true),
        }
    }
}
