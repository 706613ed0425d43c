//! Accounts of Wavefront: people and services.

use super::{role::WavefrontRole, user_group::WavefrontUserGroup};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
    types::user::User,
};
use async_graphql::{ID, SimpleObject};

/// An account of Wavefront: a person's, or a service account.
#[derive(SimpleObject)]
pub struct WavefrontAccount {
    /// E-mail address of a person; `sa::` and a name of a service account.
    pub id: ID,
    /// The customer, in Wavefront's sense, that the account belongs to. Null if Wavefront does not return it.
    pub customer: Option<String>,
    /// The person of the marketplace with this e-mail address. Null if there is none, as for service accounts, and when
    /// the caller may not see it.
    pub user: Option<Ref<User>>,
    /// What the account itself may do (upstream: `groups`); see `unitedPermissions`.
    pub permissions: Option<Vec<String>>,
    /// Groups that the account is in, the one of everybody included.
    pub user_groups: Option<Connection<WavefrontUserGroup>>,
    /// Roles of the account itself; see `unitedRoles`.
    pub roles: Option<Connection<WavefrontRole>>,
    /// Roles of the account itself and of its groups.
    pub united_roles: Option<Connection<WavefrontRole>>,
    /// What the account may do by itself and by all its roles.
    pub united_permissions: Option<Vec<String>>,
    /// How single sign-on calls the person. Null if there is none.
    pub sso_id: Option<String>,
    /// When the person last signed in. Null if that is not known.
    pub last_login_at: Option<DateTime>,
    /// Address of the person's picture. Null if there is none.
    pub gravatar_url: Option<String>,
    /// Whether a service account is switched on. Null for people.
    pub active: Option<bool>,
    /// What a service account is for. Null for people.
    pub description: Option<String>,
    /// When a service account was last used. Null for people.
    pub last_used_at: Option<DateTime>,
}
