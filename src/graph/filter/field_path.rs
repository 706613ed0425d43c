//! Where a condition of a filter stands: the path that the REST API is asked by, and the one that the caller wrote.

use crate::upstream::rql::Path;
use std::fmt::{self, Display, Formatter};

/// A field that a condition is about. It is shown as the caller wrote it, since messages must not name what no schema has:
/// `createdAt` is `audit.created.at` in the REST API.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldPath {
    /// The dotted path of the property in the REST API, from the entity or from the element of the innermost collection.
    rest: String,
    /// The dotted path of the input field within the `filter` argument, from the outermost filter. Members that only
    /// combine conditions (`and`, `or`, `not`) are left out.
    input: String,
}

impl FieldPath {
    /// The entity itself, which stands behind this prefix in the rows: `user.` for the users of memberships.
    pub(super) fn behind(prefix: &str) -> Self {
        FieldPath { rest: prefix.trim_end_matches('.').to_owned(), input: String::new() }
    }

    /// A member of this field.
    pub(super) fn below(&self, rest: &str, input: &str) -> Self {
        FieldPath { rest: join(&self.rest, rest), input: join(&self.input, input) }
    }

    /// The elements of this collection, which `any`, `all` and `none` are about. Paths in the REST API begin anew there.
    pub(super) fn elements(&self, quantifier: &str) -> Self {
        FieldPath { rest: String::new(), input: join(&self.input, quantifier) }
    }

    /// Whether this is the entity itself, without a prefix.
    pub(super) fn is_root(&self) -> bool {
        self.rest.is_empty()
    }

    /// A sibling of this field, by its path in the REST API.
    pub(super) fn beside(&self, rest: &str) -> Path {
        Path::of(self.rest.rsplit_once('.').map_or_else(|| rest.to_owned(), |(above, _)| join(above, rest)))
    }

    /// The path in the REST API.
    pub(super) fn rest(&self) -> &str {
        &self.rest
    }

    /// The path as RQL takes it.
    pub(super) fn rql(&self) -> Path {
        Path::of(self.rest.clone())
    }
}

impl Display for FieldPath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.input)
    }
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}
