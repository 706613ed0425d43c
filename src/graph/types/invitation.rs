//! Invitations into an account.

use async_graphql::{Enum, SimpleObject};

/// An invitation of a user into an account. The link by which it is accepted, and the code within, are not part of the
/// graph: whoever holds them can accept the invitation.
#[derive(SimpleObject)]
pub struct Invitation {
    /// How far the invitation has come.
    pub status: Option<InvitationStatus>,
    /// Free text about the invitation, written by Operations. Null if there is none.
    pub notes: Option<String>,
}

/// How far an invitation has come.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum InvitationStatus {
    /// Sent and waiting for the invited person.
    Invited,
    /// Not accepted within seven days; a new one has to be sent.
    InvitationExpired,
    /// Accepted, or not needed because Operations added the user directly.
    Active,
    /// A value that this version of the graph does not know.
    Unknown,
}
