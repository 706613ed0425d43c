//! What the caller of a mutation can put right, as the schema has it.

use crate::graph::types::node::AnyNode;
use async_graphql::{Interface, SimpleObject};

/// Why a change was not made, where the caller can put it right. Everything else is an error at the mutation's field.
#[derive(Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of the same type are not duplicates")]
#[graphql(
    field(name = "message", ty = "&String", desc = "What is wrong, in a sentence."),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "Where in the input: `[\"input\", \"user\", \"email\"]`, with places of lists as numbers."
    ),
    field(
        name = "code",
        ty = "&String",
        desc = "For programs: `MPT…` as the upstream documents it, or `BAD_USER_INPUT`, `NOT_FOUND`, `CONFLICT`."
    )
)]
pub enum UserError {
    /// The input.
    InputError(InputError),
    /// The revision.
    RevisionConflict(RevisionConflict),
}

/// Something in the input, or in what it is about, does not allow the change.
#[derive(SimpleObject)]
pub struct InputError {
    /// What is wrong, in a sentence.
    pub message: String,
    /// Where in the input: `["input", "user", "email"]`, with places of lists as numbers.
    pub path: Vec<String>,
    /// For programs: `MPT…` as the upstream documents it, or `BAD_USER_INPUT`, `NOT_FOUND`, `CONFLICT`.
    pub code: String,
}

/// The entity has another revision than `ifRevision` says: somebody else changed it. Nothing was sent.
#[derive(SimpleObject)]
pub struct RevisionConflict {
    /// What is wrong, in a sentence.
    pub message: String,
    /// `["input", "ifRevision"]`.
    pub path: Vec<String>,
    /// `CONFLICT`.
    pub code: String,
    /// The entity as it is now.
    pub current: Option<AnyNode>,
}
