//! What happened to an entity, when, and by whom. Entities of one set of events share a type.

use super::actor::AnyActor;
use crate::graph::scalar::DateTime;
use async_graphql::SimpleObject;

/// Something that happened to an entity.
#[derive(SimpleObject)]
pub struct AuditEvent {
    /// When it happened, the last time. Null if the time was not recorded.
    pub at: Option<DateTime>,
    /// Who did it. Null if nobody was recorded, as for some steps of the platform itself.
    pub by: Option<AnyActor>,
}

/// When an entity was created and last changed.
#[derive(SimpleObject)]
pub struct Audit {
    /// The creation of the entity.
    pub created: Option<AuditEvent>,
    /// The last change of the entity. Null if it never changed.
    pub updated: Option<AuditEvent>,
}

/// The history of a user. Events of a membership appear only where the user was read as a member of an account; prefer
/// `AccountUser.audit` for them.
#[derive(SimpleObject)]
pub struct UserAudit {
    /// The creation of the user, once in its life.
    pub created: Option<AuditEvent>,
    /// The last change of the user. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The last sign-in. Null if the user never signed in, and from version 5 of the accounts API on; `User.lastLoginAt`
    /// has it always.
    pub login: Option<AuditEvent>,
    /// The last time the user was blocked. Null if it never was, and from version 5 of the accounts API on.
    pub blocked: Option<AuditEvent>,
    /// The invitation into the account. Null once the user joined, and outside an account.
    pub invited: Option<AuditEvent>,
    /// The moment the user joined the account. Null before that, and outside an account.
    pub joined: Option<AuditEvent>,
    /// The last time the user switched to the account. Null if it never did, and outside an account.
    pub access: Option<AuditEvent>,
    /// When the user first accepted an invitation, and with it the terms and conditions. Null until then.
    pub invitation_accepted_at: Option<DateTime>,
}

/// The history of a membership.
#[derive(SimpleObject)]
pub struct AccountUserAudit {
    /// The creation of the membership.
    pub created: Option<AuditEvent>,
    /// The last change of the membership. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The invitation into the account. Null if the user was added without one, and before version 5 of the accounts
    /// API.
    pub invited: Option<AuditEvent>,
    /// The moment the user joined the account. Null while the invitation is not accepted.
    pub joined: Option<AuditEvent>,
    /// The last time the user switched to the account. Null if it never did.
    pub access: Option<AuditEvent>,
    /// When the invitation was accepted. Null while it is not, and from version 5 of the accounts API on; `joined` has it
    /// always.
    pub invitation_accepted_at: Option<DateTime>,
}

/// The history of a buyer.
#[derive(SimpleObject)]
pub struct BuyerAudit {
    /// The creation of the buyer.
    pub created: Option<AuditEvent>,
    /// The last change of the buyer. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The last activation. Null if the buyer never was activated.
    pub activated: Option<AuditEvent>,
    /// The last time the buyer was taken away from its account. Null if it never was.
    pub unassigned: Option<AuditEvent>,
    /// The last time the buyer was disabled. Null if it never was.
    pub disabled: Option<AuditEvent>,
}

/// The history of a licensee.
#[derive(SimpleObject)]
pub struct LicenseeAudit {
    /// The creation of the licensee.
    pub created: Option<AuditEvent>,
    /// The last change of the licensee. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The last time the licensee was disabled. Null if it never was.
    pub disabled: Option<AuditEvent>,
}

/// The history of an ERP link.
#[derive(SimpleObject)]
pub struct ErpLinkAudit {
    /// The creation of the link.
    pub created: Option<AuditEvent>,
    /// The last change of the link. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The last time the link was blocked. Null if it never was.
    pub blocked: Option<AuditEvent>,
    /// The last time the link was unblocked. Null if it never was.
    pub unblocked: Option<AuditEvent>,
    /// The last time the link was disabled together with its seller. Null if it never was.
    pub disabled: Option<AuditEvent>,
}

/// The history of an API token.
#[derive(SimpleObject)]
pub struct ApiTokenAudit {
    /// The creation of the token.
    pub created: Option<AuditEvent>,
    /// The last change of the token. Null if it never changed.
    pub updated: Option<AuditEvent>,
    /// The last time the token was enabled again. Null if it never was.
    pub enabled: Option<AuditEvent>,
    /// The last time the token was disabled. Null if it never was.
    pub disabled: Option<AuditEvent>,
}
