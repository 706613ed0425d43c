//! Users: one person, one user, whatever the number of accounts.

use super::{
    account::Account, account_user::AccountUser, audit::UserAudit, group::Group, invitation::Invitation, phone::Phone,
    settings::UserSettings, wavefront::account::WavefrontAccount,
};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
};
use async_graphql::{Enum, ID, SimpleObject};

/// A person who signs in to the platform, identified by e-mail address. What the person may do depends on the account:
/// see `accountUsers`.
#[derive(SimpleObject)]
pub struct User {
    /// Id of the form `USR-1234-5678`.
    pub id: ID,
    /// Full name, made of the first and the last name.
    pub name: Option<String>,
    /// Path of the user's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Address of the user's picture at this gateway, for `<img src>`: `GET` redirects to the image and needs no
    /// credential. It begins with `/icons`, or with `--public-url` where that is set. Null if there is no picture, and
    /// where the gateway serves none.
    pub icon_url: Option<String>,
    /// Where the user stands, mostly derived from the memberships.
    pub status: Option<UserStatus>,
    /// E-mail address, unique among users. It cannot be changed through the API.
    pub email: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Phone number. Null if not given.
    pub phone: Option<Phone>,
    /// Language and formats the user prefers.
    pub settings: Option<UserSettings>,
    /// Whether the user signs in through single sign-on: one request for each user. Null if the API does not return it.
    pub sso: Option<SsoStatus>,
    /// Whether the user has accepted the terms and conditions. Null from version 5 of the accounts API on, which no longer
    /// has it.
    pub accepted_terms: Option<bool>,
    /// When the user last signed in. Null if it never did.
    pub last_login_at: Option<DateTime>,
    /// The invitation into the account through which the user was read. Null if the user has no open invitation or
    /// was read outside an account, and from version 5 of the accounts API on; `AccountUser.invitation` has it always.
    pub invitation: Option<Invitation>,
    /// The account in which the user works at present. Null if there is none, and when it is not an account of the
    /// caller, unless the caller is Operations.
    pub current_account: Option<Ref<Account>>,
    /// Accounts that the user belongs to, as far as the caller may see them.
    pub accounts: Option<Connection<Account>>,
    /// Memberships of the user, one for each account, as far as the caller may see them.
    pub account_users: Option<Connection<AccountUser>>,
    /// Groups that the user is in, over all accounts that the caller may see, or of one account.
    pub groups: Option<Connection<Group>>,
    /// The account in Wavefront that has the user's e-mail address. Null if there is none.
    pub wavefront_account: Option<Ref<WavefrontAccount>>,
    /// When the user was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the user was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the user.
    pub audit: Option<UserAudit>,
    /// Counts the changes of the user. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether a user signs in through single sign-on.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum SsoStatus {
    /// The user signs in through single sign-on.
    Enabled,
    /// The user signs in with a password.
    Disabled,
    /// A value that this version of the graph does not know.
    Unknown,
}

/// Where a user stands. But for `BLOCKED` and `DELETED` it follows from the memberships, the best one deciding.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum UserStatus {
    /// Just created, without a membership yet.
    New,
    /// Invited into an account and not active in any.
    Invited,
    /// Not active in any account, and the last invitation was not accepted in time.
    InvitationExpired,
    /// Active in at least one account.
    Active,
    /// Kept from signing in to any account.
    Blocked,
    /// Without any membership, active or invited.
    Disabled,
    /// Deleted for good; only Operations still sees the user.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
