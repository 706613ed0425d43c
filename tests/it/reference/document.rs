//! Queries as data: made by the generator, read by the evaluation, printed for the gateway.

use serde_json::{Map, json};
use std::{
    collections::{BTreeSet, HashMap},
    fmt::{self, Write},
};

/// A query with its fragments and variables.
#[derive(Clone, Default)]
pub(super) struct Document {
    pub(super) set: Vec<Selection>,
    pub(super) fragments: Vec<Fragment>,
    pub(super) variables: Vec<Variable>,
}

#[derive(Clone)]
pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) on: String,
    pub(super) set: Vec<Selection>,
}

#[derive(Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) default: Option<Value>,
    /// What is sent; none when nothing is.
    pub(super) given: Option<Value>,
}

#[derive(Clone)]
pub(super) enum Selection {
    Field(Field),
    Inline { on: Option<String>, directives: Vec<Directive>, set: Vec<Selection> },
    Spread { name: String, directives: Vec<Directive> },
}

#[derive(Clone)]
pub(super) struct Field {
    /// The same for all appearances that are merged.
    pub(super) id: usize,
    pub(super) alias: Option<String>,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Value)>,
    pub(super) directives: Vec<Directive>,
    pub(super) set: Vec<Selection>,
}

/// `@skip` or `@include`.
#[derive(Clone)]
pub(super) struct Directive {
    pub(super) skip: bool,
    pub(super) truth: Value,
}

#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Enum(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
    Variable(String),
}

impl Field {
    pub(super) fn key(&self) -> &str {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

impl Value {
    /// As a variable's value is sent.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Value::Null | Value::Variable(_) => serde_json::Value::Null,
            Value::Bool(truth) => json!(truth),
            Value::Int(number) => json!(number),
            Value::Text(text) | Value::Enum(text) => json!(text),
            Value::List(items) => items.iter().map(Value::json).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), value.json())).collect::<Map<_, _>>().into()
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{}", json!(text)),
            Value::Enum(word) => f.write_str(word),
            Value::List(items) => {
                f.write_char('[')?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place > 0 { ", " } else { "" })?;
                }
                f.write_char(']')
            }
            Value::Object(members) => {
                f.write_char('{')?;
                for (place, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if place > 0 { ", " } else { "" })?;
                }
                f.write_char('}')
            }
            Value::Variable(name) => write!(f, "${name}"),
        }
    }
}

impl Document {
    /// The values that are sent along.
    pub(super) fn given(&self) -> serde_json::Value {
        let used = self.used();
        let sent = self.variables.iter().filter(|variable| used.variables.contains(variable.name.as_str()));
        sent.filter_map(|variable| Some((variable.name.clone(), variable.given.as_ref()?.json())))
            .collect::<Map<_, _>>()
            .into()
    }

    /// What the selections use, directly and through fragments.
    fn used(&self) -> Used<'_> {
        let mut used = Used { fragments: BTreeSet::new(), variables: BTreeSet::new() };
        let by_name = self.fragments.iter().map(|fragment| (fragment.name.as_str(), fragment)).collect();
        used.set(&self.set, &by_name);
        used
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = self.used();
        let variables: Vec<_> = self.variables.iter().filter(|it| used.variables.contains(it.name.as_str())).collect();
        if !variables.is_empty() {
            f.write_str("query (")?;
            for (place, variable) in variables.into_iter().enumerate() {
                write!(f, "{}${}: {}", if place > 0 { ", " } else { "" }, variable.name, variable.ty)?;
                if let Some(default) = &variable.default {
                    write!(f, " = {default}")?;
                }
            }
            f.write_str(") ")?;
        }
        set(f, &self.set)?;
        for fragment in self.fragments.iter().filter(|it| used.fragments.contains(it.name.as_str())) {
            write!(f, " fragment {} on {} ", fragment.name, fragment.on)?;
            set(f, &fragment.set)?;
        }
        Ok(())
    }
}

fn set(f: &mut fmt::Formatter<'_>, selections: &[Selection]) -> fmt::Result {
    f.write_str("{ ")?;
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                if let Some(alias) = &field.alias {
                    write!(f, "{alias}: ")?;
                }
                f.write_str(&field.name)?;
                for (place, (name, value)) in field.arguments.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if place > 0 { ", " } else { "(" })?;
                }
                f.write_str(if field.arguments.is_empty() { " " } else { ") " })?;
                directives(f, &field.directives)?;
                if !field.set.is_empty() {
                    set(f, &field.set)?;
                }
            }
            Selection::Inline { on, directives: asked, set: inner } => {
                f.write_str("... ")?;
                if let Some(on) = on {
                    write!(f, "on {on} ")?;
                }
                directives(f, asked)?;
                set(f, inner)?;
            }
            Selection::Spread { name, directives: asked } => {
                write!(f, "...{name} ")?;
                directives(f, asked)?;
            }
        }
    }
    f.write_str("} ")
}

fn directives(f: &mut fmt::Formatter<'_>, directives: &[Directive]) -> fmt::Result {
    for directive in directives {
        write!(f, "@{}(if: {}) ", if directive.skip { "skip" } else { "include" }, directive.truth)?;
    }
    Ok(())
}

struct Used<'a> {
    fragments: BTreeSet<&'a str>,
    variables: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn set(&mut self, set: &'a [Selection], by_name: &HashMap<&'a str, &'a Fragment>) {
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    field.arguments.iter().for_each(|(_, value)| self.value(value));
                    self.set(&field.set, by_name);
                }
                Selection::Inline { directives, set, .. } => {
                    self.directives(directives);
                    self.set(set, by_name);
                }
                Selection::Spread { name, directives } => {
                    self.directives(directives);
                    if self.fragments.insert(name)
                        && let Some(fragment) = by_name.get(name.as_str())
                    {
                        self.set(&fragment.set, by_name);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Directive]) {
        for directive in directives {
            self.value(&directive.truth);
        }
    }

    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Variable(name) => {
                self.variables.insert(name);
            }
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => members.iter().for_each(|(_, value)| self.value(value)),
            _ => {}
        }
    }
}
