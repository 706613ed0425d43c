//! The walk through one definition: what the rules on selections, values, directives and variables share.

use super::{Errors, Fragments};
use crate::graph::document::{
    ast::{Argument, Ident},
    schema::Schema,
};
use async_graphql::{Pos, registry::MetaInputValue};
use std::collections::{HashMap, HashSet};

/// The walk through one definition.
pub(super) struct Walk<'a, 'e> {
    pub(super) schema: &'a Schema,
    pub(super) fragments: &'a Fragments<'a>,
    pub(super) errors: &'e mut Errors,
    /// The variables that were used, in their order.
    pub(super) usages: Vec<Usage<'a>>,
    /// The fragments that were spread.
    pub(super) spreads: Vec<&'a str>,
}

impl<'a, 'e> Walk<'a, 'e> {
    /// A walk that has not begun.
    pub(super) fn new(schema: &'a Schema, fragments: &'a Fragments<'a>, errors: &'e mut Errors) -> Self {
        Walk { schema, fragments, errors, usages: vec![], spreads: vec![] }
    }

    pub(super) fn unknown_type(&mut self, name: &Ident<'_>) {
        let known = self.schema.names().filter(|known| !known.starts_with('_'));
        self.errors.unknown(name.pos, name.text, known, || format!("Unknown type \"{}\".", name.text));
    }

    /// Each argument may be given once.
    pub(super) fn unique_arguments(&mut self, arguments: &[Argument<'_>]) {
        self.unique(arguments, "argument");
    }

    /// Each name may be given once.
    pub(super) fn unique(&mut self, given: &[Argument<'_>], what: &str) {
        if given.len() < 2 {
            return;
        }
        let mut seen = HashSet::with_capacity(given.len());
        for name in given.iter().map(|one| one.name) {
            if !seen.insert(name.text) {
                self.errors.add(name.pos, || format!("There can be only one {what} named \"{}\".", name.text));
            }
        }
    }
}

/// A variable that is used.
#[derive(Debug)]
pub(super) struct Usage<'a> {
    pub(super) name: &'a str,
    pub(super) pos: Pos,
    /// The place; none where it is not known, which was reported.
    pub(super) at: Option<Position<'a>>,
}

/// What a definition uses and spreads.
pub(super) type Note<'a> = (Vec<Usage<'a>>, Vec<&'a str>);

/// What every definition uses and spreads.
#[derive(Default)]
pub(super) struct Notes<'a> {
    /// In the order of the operations.
    pub(super) operations: Vec<Note<'a>>,
    pub(super) fragments: HashMap<&'a str, Note<'a>>,
}

/// A place for a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position<'a> {
    /// Its type.
    pub(super) ty: &'a str,
    /// Whether there is a value where none is given.
    pub(super) has_default: bool,
    /// The `@oneOf` type whose field it is.
    pub(super) one_of: Option<&'a str>,
}

impl<'a> Position<'a> {
    /// A place of a type, without a default.
    pub(super) fn of(ty: &'a str) -> Self {
        Position { ty, has_default: false, one_of: None }
    }

    /// The place of an argument or input field.
    pub(super) fn declared(meta: &'a MetaInputValue) -> Self {
        Position { has_default: meta.default_value.is_some(), ..Position::of(&meta.ty) }
    }
}

/// Whether an argument or input field must be given.
pub(super) fn is_required(meta: &MetaInputValue) -> bool {
    meta.ty.ends_with('!') && meta.default_value.is_none()
}
