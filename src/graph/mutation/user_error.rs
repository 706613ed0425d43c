//! What the caller of a mutation can put right, as the schema has it.

use crate::{error::in_one_line, graph::types::node::AnyNode};
use async_graphql::{
    Interface, SimpleObject,
    registry::{MetaType, Registry},
};
use std::fmt::Write;
use strum::{EnumIter, EnumMessage, IntoEnumIterator, IntoStaticStr};

/// The codes that the gateway itself gives to user errors. The API has codes of its own. The comments are the table in the
/// schema and in `docs/errors.md`, so they are for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UserErrorCode {
    /// A value of the input is not valid: the gateway did not send it, or the API refused it (status 400 or 422) without a
    /// code of its own.
    BadUserInput,
    /// The entity has another revision than `ifRevision`, or the API refused the change for its state (status 409) without a
    /// code of its own.
    Conflict,
    /// Wavefront accepted the request and left out this part of it.
    NotApplied,
    /// Something that the input names does not exist, or the caller may not see it.
    NotFound,
    /// The member is not in the group that it was to be moved from. Nothing was sent.
    NotInGroup,
}

impl UserErrorCode {
    /// The code as clients see it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.into()
    }

    /// When it is given.
    #[must_use]
    pub fn meaning(self) -> String {
        in_one_line(self.get_documentation())
    }
}

/// What the codes of the API are.
const OF_THE_API: &str = "Any other code is the accounts API's own: the code of the business rule that refused the change, in \
    the form `MPT`, a module such as `ACC`, two digits, `-` and four digits. New ones may appear at any time: treat an \
    unknown code like `BAD_USER_INPUT`, and show the message.";

/// The description of the codes, with the table of them.
fn description() -> String {
    let mut text = String::from(
        "The code, for programs. The gateway itself gives these codes:\n\n| code | meaning |\n|---|---|\n",
    );
    for code in UserErrorCode::iter() {
        let _ = writeln!(text, "| `{}` | {} |", code.text(), code.meaning());
    }
    text + "\n" + OF_THE_API
}

/// Describes the codes wherever a user error has one.
pub(super) fn describe(registry: &mut Registry) {
    for ty in ["UserError", "InputError", "RevisionConflict"] {
        if let Some(MetaType::Object { fields, .. } | MetaType::Interface { fields, .. }) = registry.types.get_mut(ty)
            && let Some(code) = fields.get_mut("code")
        {
            code.description = Some(description());
        }
    }
}

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
    field(name = "code", ty = "&String", desc = "The code, for programs.")
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
    /// The code, for programs.
    pub code: String,
}

/// The entity has another revision than `ifRevision` says: somebody else changed it. Nothing was sent.
#[derive(SimpleObject)]
pub struct RevisionConflict {
    /// What is wrong, in a sentence.
    pub message: String,
    /// `["input", "ifRevision"]`.
    pub path: Vec<String>,
    /// The code, for programs.
    pub code: String,
    /// The entity as it is now.
    pub current: Option<AnyNode>,
}
