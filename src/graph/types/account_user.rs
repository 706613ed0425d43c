//! Memberships: what a user is within one account.

use super::{
    account::Account, audit::AccountUserAudit, buyer::Buyer, group::Group, invitation::Invitation, module::Module,
    user::User,
};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
};
use async_graphql::{Enum, ID, SimpleObject};

/// The membership of one user in one account.
#[derive(SimpleObject)]
pub struct AccountUser {
    /// Id of the form `MEM-1234-5678.9012-3456`, made from account and user: it stays the same when a user is removed and
    /// added again. Treat it as opaque.
    pub id: ID,
    /// Whether the user has joined the account: the status of the invitation, in every version of the API. Null if the API
    /// does not return the invitation.
    pub status: Option<AccountUserStatus>,
    /// The invitation by which the user came, or is to come, into the account. Null if there was none.
    pub invitation: Option<Invitation>,
    /// Whether the user marked the account as a favourite. Null before version 5 of the accounts API.
    pub favorite: Option<bool>,
    /// When the user last signed in through this membership. Null if it never did, and from version 5 of the accounts
    /// API on, which tells it of the user alone.
    pub last_login_at: Option<DateTime>,
    /// The user.
    pub user: Option<Ref<User>>,
    /// The account.
    pub account: Option<Ref<Account>>,
    /// Groups of the account that the user is in, one at least. They decide what the user may do.
    pub groups: Option<Connection<Group>>,
    /// Modules that the user may use: those of all its groups together.
    pub modules: Option<Vec<Ref<Module>>>,
    /// Buyers that the user is restricted to, by its groups. Null if there is no such restriction.
    pub buyers: Option<Connection<Buyer>>,
    /// When the membership was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the membership was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the membership.
    pub audit: Option<AccountUserAudit>,
    /// Counts the changes of the membership. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether a user has joined an account.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum AccountUserStatus {
    /// Invited; the user cannot work in the account yet.
    Invited,
    /// Invited, but not accepted within seven days.
    InvitationExpired,
    /// Joined.
    Active,
    /// Removed from the account.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
