//! Roles of Wavefront.

use super::{account::WavefrontAccount, user_group::WavefrontUserGroup};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
};
use async_graphql::{ID, SimpleObject};

/// A set of permissions that accounts and groups can have.
#[derive(SimpleObject)]
pub struct WavefrontRole {
    /// A UUID.
    pub id: ID,
    /// Name of the role.
    pub name: Option<String>,
    /// What the role is for. Null if not given.
    pub description: Option<String>,
    /// The customer, in Wavefront's sense, that the role belongs to.
    pub customer: Option<String>,
    /// What the role permits.
    pub permissions: Option<Vec<String>>,
    /// Permissions that the role restricts. Null if Wavefront does not return it.
    pub restricted_permissions: Option<Vec<String>>,
    /// All accounts that have the role themselves (upstream: only a sample).
    pub linked_accounts: Option<Connection<WavefrontAccount>>,
    /// How many accounts have the role themselves.
    pub linked_accounts_count: Option<i32>,
    /// All groups that have the role (upstream: only a sample).
    pub linked_groups: Option<Connection<WavefrontUserGroup>>,
    /// How many groups have the role.
    pub linked_groups_count: Option<i32>,
    /// What can be changed of the role. Null if Wavefront does not return it.
    pub properties: Option<WavefrontRoleProperties>,
    /// When the role was made.
    pub created_at: Option<DateTime>,
    /// When the role was last changed.
    pub updated_at: Option<DateTime>,
    /// The account that last changed the role.
    pub updated_by: Option<Ref<WavefrontAccount>>,
}

/// What can be changed of a role.
#[derive(SimpleObject)]
pub struct WavefrontRoleProperties {
    /// Whether the name can be changed.
    pub name_editable: Option<bool>,
    /// Whether accounts can be given the role.
    pub users_addable: Option<bool>,
    /// Whether the role can be taken from accounts.
    pub users_removable: Option<bool>,
    /// Whether the permissions can be changed.
    pub perms_editable: Option<bool>,
    /// Whether the role can be deleted.
    pub deletable: Option<bool>,
}
