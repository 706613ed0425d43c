//! User groups of Wavefront.

use super::{account::WavefrontAccount, role::WavefrontRole};
use crate::graph::{reference::Connection, scalar::DateTime};
use async_graphql::{ID, SimpleObject};

/// A group of Wavefront accounts that share roles.
#[derive(SimpleObject)]
pub struct WavefrontUserGroup {
    /// A UUID.
    pub id: ID,
    /// Name of the group.
    pub name: Option<String>,
    /// What the group is for. Null if not given.
    pub description: Option<String>,
    /// The customer, in Wavefront's sense, that the group belongs to.
    pub customer: Option<String>,
    /// All accounts in the group.
    pub users: Option<Connection<WavefrontAccount>>,
    /// How many accounts are in the group.
    pub user_count: Option<i32>,
    /// Roles that the group gives to its accounts.
    pub roles: Option<Connection<WavefrontRole>>,
    /// How many roles the group has.
    pub role_count: Option<i32>,
    /// What can be changed of the group.
    pub properties: Option<WavefrontUserGroupProperties>,
    /// When the group was made.
    pub created_at: Option<DateTime>,
}

/// What can be changed of a group. Of the group of everybody nothing can.
#[derive(SimpleObject)]
pub struct WavefrontUserGroupProperties {
    /// Whether the name can be changed.
    pub name_editable: Option<bool>,
    /// Whether accounts can be added and removed.
    pub users_editable: Option<bool>,
    /// Whether roles can be added and removed.
    pub roles_editable: Option<bool>,
}
