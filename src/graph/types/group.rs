//! Groups: who may use what within an account.

use super::{
    account::Account, account_user::AccountUser, audit::Audit, buyer::Buyer, extension::Extension, module::Module,
    user::User,
};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
};
use async_graphql::{ID, SimpleObject};

/// A group of users of one account, who may use the same modules.
#[derive(SimpleObject)]
pub struct Group {
    /// Id of the form `UGR-1234-5678`.
    pub id: ID,
    /// Name of the group.
    pub name: Option<String>,
    /// What the group is for. Null if not given.
    pub description: Option<String>,
    /// Address of the group's picture. Null if there is none.
    pub logo: Option<String>,
    /// Whether this is the account's default group, its administrators. Each account has exactly one, and it cannot be
    /// deleted.
    pub is_default: Option<bool>,
    /// The account that the group belongs to. It never changes.
    pub account: Option<Ref<Account>>,
    /// People in the group. They are added and removed through their memberships.
    pub users: Option<Connection<User>>,
    /// Memberships that are in the group. Null with an error if the accounts API failed to list them.
    pub account_users: Option<Connection<AccountUser>>,
    /// Modules that the members may use. Other groups have no modules that the default group lacks.
    pub modules: Option<Vec<Ref<Module>>>,
    /// Buyers that the members are restricted to. Null if there is no such restriction.
    pub buyers: Option<Connection<Buyer>>,
    /// Extensions of the platform that the members are restricted to. Null if they may use all, as in the default group,
    /// and before version 5 of the accounts API.
    pub extensions: Option<Vec<Extension>>,
    /// When the group was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the group was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the group.
    pub audit: Option<Audit>,
    /// Counts the changes of the group. Null if the API does not return it.
    pub revision: Option<i32>,
}
