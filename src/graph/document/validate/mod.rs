//! The rules of the specification (September 2025, section 5) for executable documents. Messages follow those of
//! graphql-js, which most clients' developers know.
//!
//! Every definition is looked at once, with the types of the schema ([`selections`], [`values`], [`directives`]); what
//! variables it uses and what it spreads is noted on the way. Then each operation follows its spreads through these
//! notes ([`variables`]). Fields are merged ([`merge`]) only where nothing else is wrong, so that every type is known.

mod definitions;
mod directives;
mod merge;
mod selections;
mod suggest;
mod values;
mod variables;
mod walk;

use super::{
    ast::{Document, Fragment},
    invalid,
    schema::Schema,
};
use crate::graph::error::GraphError;
use async_graphql::Pos;
use std::collections::HashMap;

pub use definitions::unique;
pub use suggest::similar;

/// The errors that are reported of one document: whoever reads them mends the first, and each is longer than what it is
/// about.
const MAX_ERRORS: usize = 100;

/// Applies every rule but those of [`unique`], which must hold already, as must the limits of documents: fragments do not
/// spread themselves.
///
/// # Errors
///
/// With what is wrong, in the order of the document. Suggestions would tell the schema name by name, so they can be left
/// out.
pub fn validate(schema: &Schema, document: &Document<'_>, suggest: bool) -> Result<(), Vec<GraphError>> {
    let mut errors = Errors { list: vec![], suggest };
    let fragments: Fragments<'_> = document.fragments.iter().map(|one| (one.name.text, one)).collect();
    let notes = selections::check(schema, document, &fragments, &mut errors);
    variables::check(document, &notes, &mut errors);
    if errors.list.is_empty() {
        merge::check(schema, document, &fragments, &mut errors);
    }
    errors.into_result()
}

type Fragments<'a> = HashMap<&'a str, &'a Fragment<'a>>;

/// What is wrong with a document.
struct Errors {
    list: Vec<GraphError>,
    suggest: bool,
}

impl Errors {
    fn add(&mut self, pos: Pos, message: impl FnOnce() -> String) {
        if self.list.len() < MAX_ERRORS {
            self.list.push(invalid(message(), pos));
        }
    }

    /// An error about a name that is not there, with the names that may be meant.
    fn unknown<'n>(
        &mut self,
        pos: Pos,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        message: impl FnOnce() -> String,
    ) {
        self.unknown_of("", pos, name, known, message);
    }

    /// The same, with what the names are called: `the enum value `.
    fn unknown_of<'n>(
        &mut self,
        before: &str,
        pos: Pos,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        message: impl FnOnce() -> String,
    ) {
        let suggest = self.suggest;
        self.add(pos, || {
            let guess = if suggest { suggest::similar(before, name, known) } else { String::new() };
            message() + &guess
        });
    }

    fn into_result(mut self) -> Result<(), Vec<GraphError>> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list.sort_by_key(|error| error.pos.map(|pos| (pos.line, pos.column)));
        Err(self.list)
    }
}

/// The name inside a type: `User` of `[User!]!`.
fn named(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}
