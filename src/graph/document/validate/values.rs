//! Values against the types of their places. Variables are noted; whether they fit is seen where they are defined.

use super::{
    named,
    walk::{Position, Usage, Walk, is_required},
};
use crate::{
    entity::moment::is_rfc_3339,
    graph::document::ast::{Argument, Value, ValueKind},
};
use async_graphql::{
    Pos,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeName},
};

/// The longest value that an error repeats.
const MAX_SHOWN: usize = 60;

/// What suggestions call the values of an enum.
const VALUES: &str = "the enum value ";

impl<'a> Walk<'a, '_> {
    /// Checks a value. Where its place is not known, which was reported, its variables are noted alone.
    pub(super) fn value(&mut self, value: &'a Value<'a>, at: Option<Position<'a>>) {
        match &value.kind {
            ValueKind::Variable(name) => self.usages.push(Usage { name, pos: value.pos, at }),
            ValueKind::Null => {
                if let Some(at) = at.filter(|at| at.ty.ends_with('!')) {
                    self.unexpected(value, at.ty);
                }
            }
            ValueKind::List(items) => {
                let item = at.and_then(|at| match MetaTypeName::create(at.ty).unwrap_non_null() {
                    MetaTypeName::List(item) => Some(Position::of(item)),
                    _ => None,
                });
                if let (Some(at), None) = (at, item) {
                    self.leaf(value, at.ty);
                }
                for one in items {
                    self.value(one, item);
                }
            }
            ValueKind::Object(fields) => {
                self.unique(fields, "input field");
                let ty = at.and_then(|at| self.schema.named(named(at.ty)));
                if let Some(MetaType::InputObject { name, input_fields, oneof, .. }) = ty {
                    self.object(value.pos, name, input_fields, *oneof, fields);
                } else {
                    if let Some(at) = at {
                        self.leaf(value, at.ty);
                    }
                    for field in fields {
                        self.value(&field.value, None);
                    }
                }
            }
            _ => {
                if let Some(at) = at {
                    self.leaf(value, at.ty);
                }
            }
        }
    }

    fn object(
        &mut self,
        pos: Pos,
        name: &'a str,
        declared: &'a IndexMap<String, MetaInputValue>,
        one_of: bool,
        given: &'a [Argument<'a>],
    ) {
        if one_of {
            self.exactly_one(pos, name, given);
        }
        for field in given {
            let meta = declared.get(field.name.text);
            if meta.is_none() {
                let known = declared.keys().map(String::as_str);
                let message = || format!("Field \"{}\" is not defined by type \"{name}\".", field.name.text);
                self.errors.unknown(field.name.pos, field.name.text, known, message);
            }
            let one_of = one_of.then_some(name);
            self.value(&field.value, meta.map(|meta| Position { one_of, ..Position::declared(meta) }));
        }
        for (field, meta) in declared.iter().filter(|(_, meta)| is_required(meta)) {
            if given.iter().all(|one| one.name.text != field) {
                let ty = &meta.ty;
                self.errors
                    .add(pos, || format!("Field \"{name}.{field}\" of required type \"{ty}\" was not provided."));
            }
        }
    }

    fn exactly_one(&mut self, pos: Pos, name: &str, given: &[Argument<'_>]) {
        match given {
            [Argument { value: Value { kind: ValueKind::Null, pos }, name: field }] => {
                self.errors.add(*pos, || format!("Field \"{name}.{}\" must be non-null.", field.text));
            }
            [_] => {}
            _ => self.errors.add(pos, || format!("OneOf Input Object \"{name}\" must specify exactly one key.")),
        }
    }

    /// Checks a literal against the scalar or enum inside a type. A list accepts a single value of its items' type.
    fn leaf(&mut self, value: &Value<'_>, ty: &str) {
        let pos = value.pos;
        let name = named(ty);
        let (is_enum, values) = match self.schema.named(name) {
            Some(MetaType::Enum { enum_values, .. }) => (true, Some(enum_values)),
            Some(MetaType::Scalar { .. }) | None => (false, None),
            Some(_) => return self.unexpected(value, ty),
        };
        let kind = &value.kind;
        if let (true, Some(values)) = (is_enum, values) {
            let known = values.keys().map(String::as_str);
            return match kind {
                ValueKind::Enum(word) if values.contains_key(*word) => {}
                ValueKind::Enum(word) => {
                    let message = || format!("Value \"{word}\" does not exist in \"{name}\" enum.");
                    self.errors.unknown_of(VALUES, pos, word, known, message);
                }
                other => {
                    let text = shown(other);
                    let message = || format!("Enum \"{name}\" cannot represent non-enum value: {text}.");
                    self.errors.unknown_of(VALUES, pos, text.trim_matches('"'), known, message);
                }
            };
        }
        // What stands where a text belongs may be a password without its quotes.
        let text = if name == "String" { described(kind).to_owned() } else { shown(kind) };
        let cannot = |what: &str| format!("{name} cannot represent {what}: {text}");
        let message = match (name, kind) {
            ("Int", ValueKind::Int(digits)) if digits.parse::<i32>().is_ok() => return,
            ("Int", ValueKind::Int(_)) => cannot("non 32-bit signed integer value"),
            ("Int", _) => cannot("non-integer value"),
            ("Float", ValueKind::Int(digits) | ValueKind::Float(digits)) if is_double(digits) => return,
            ("Float", _) => cannot("non numeric value"),
            ("Boolean", ValueKind::Boolean(_)) | ("String" | "ID", ValueKind::Text(_)) | ("ID", ValueKind::Int(_)) => {
                return;
            }
            ("Boolean", _) => cannot("a non boolean value"),
            ("String", _) => cannot("a non string value"),
            ("ID", _) => cannot("a non-string and non-integer value"),
            ("DateTime", ValueKind::Text(text)) if is_rfc_3339(text) => return,
            ("DateTime", _) => cannot("what is not a date and time of RFC 3339, such as \"2026-01-31T12:00:00Z\""),
            // Any value is one of JSON, and of a representation.
            _ => return,
        };
        self.errors.add(pos, || message + ".");
    }

    fn unexpected(&mut self, value: &Value<'_>, ty: &str) {
        self.errors.add(value.pos, || format!("Expected value of type \"{ty}\", found {}.", described(&value.kind)));
    }
}

fn is_double(digits: &str) -> bool {
    digits.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A value as errors show it, cut where it is long.
fn shown(kind: &ValueKind<'_>) -> String {
    let text = match kind {
        ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => (*text).to_owned(),
        ValueKind::Text(text) => format!("{text:?}"),
        ValueKind::Boolean(truth) => truth.to_string(),
        other => described(other).to_owned(),
    };
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The kind of a value, which tells nothing of what it is.
fn described(kind: &ValueKind<'_>) -> &'static str {
    match kind {
        ValueKind::Variable(_) => "a variable",
        ValueKind::Int(_) | ValueKind::Float(_) => "a number",
        ValueKind::Text(_) => "a text",
        ValueKind::Boolean(_) => "a Boolean",
        ValueKind::Null => "null",
        ValueKind::Enum(_) => "an enum value",
        ValueKind::List(_) => "a list",
        ValueKind::Object(_) => "an object",
    }
}
