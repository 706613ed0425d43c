//! What an entity tells only at a route of its own: one request for each entity, nothing to unite. One line is one field.

use crate::entity::kind::Kind;

/// A route below an entity that is read as a field of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The entity that has the field.
    pub parent: Kind,
    /// The field.
    pub field: &'static str,
    /// What follows the entity's own path; an argument's value goes to the end.
    pub route: &'static str,
    /// The argument, an id, with its kind and its description.
    pub argument: Option<(&'static str, Kind, &'static str)>,
}

/// Every such field.
pub const DETAILS: &[Detail] = &[
    Detail { parent: Kind::User, field: "ssoCheck", route: "sso-check", argument: None },
    Detail {
        parent: Kind::Buyer,
        field: "transferPreview",
        route: "transfer?destinationAccountId=",
        argument: Some(("destinationAccount", Kind::Account, "The account that the buyer would move to.")),
    },
];

/// The place of a field among them.
#[must_use]
pub fn of(parent: Kind, field: &str) -> Option<usize> {
    DETAILS.iter().position(|detail| detail.parent == parent && detail.field == field)
}
