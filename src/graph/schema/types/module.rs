//! Modules: the parts of the platform that one may be allowed to use.

use super::{account::AccountType, audit::Audit, group::Group, user::User};
use crate::graph::schema::{reference::Connection, scalar::DateTime};
use async_graphql::{ID, SimpleObject};

/// A part of the platform, such as billing or access management. Groups and API tokens are allowed to use some of them.
/// Only Operations reads modules by themselves: for others, null is what the group or token did not tell.
#[derive(SimpleObject)]
pub struct Module {
    /// Id of the form `MOD-1234`.
    pub id: ID,
    /// Name of the module.
    pub name: Option<String>,
    /// Stable name for programs, such as `access-management`. Operations only.
    pub code: Option<String>,
    /// What the module is for.
    pub description: Option<String>,
    /// Kinds of accounts that can have the module. Operations only.
    pub account_types: Option<Vec<AccountType>>,
    /// How the module may be switched on.
    pub settings: Option<ModuleSettings>,
    /// What a group that has the module may be restricted to.
    pub filters: Option<ModuleFilters>,
    /// Groups that have the module. Null with an error if the accounts API failed to list them.
    pub groups: Option<Connection<Group>>,
    /// People who may use the module: the members of the groups that have it, each once, as far as the caller may see them.
    /// The groups are read first and then who is in them. `BAD_USER_INPUT` if more than 50 groups have the module, or if they
    /// have more than 300 members together.
    pub users: Option<Connection<User>>,
    /// When the module was created. Null if the API does not return it. Operations only.
    pub created_at: Option<DateTime>,
    /// When the module was last changed. Null if it never was, or if the API does not return it. Operations only.
    pub updated_at: Option<DateTime>,
    /// What happened to the module. Operations only.
    pub audit: Option<Audit>,
    /// Counts the changes of the module. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// How a module may be switched on. One that is default and not configurable is always on; one that is neither cannot
/// be chosen.
#[derive(SimpleObject)]
pub struct ModuleSettings {
    /// Whether a group may have the module or not, as one likes.
    pub configurable: Option<bool>,
    /// Whether the module is on unless switched off.
    pub default: Option<bool>,
    /// Whether the module costs extra.
    pub paid: Option<bool>,
    /// Classes of the module, such as `new` or `legacy`.
    pub r#type: Option<Vec<String>>,
    /// Whether the module can be used where several accounts share one tenant. Null if the API does not return it.
    #[graphql(deprecation = "Use `eligibility.multi`.")]
    pub shared_account: Option<bool>,
    /// Whether the module is kept only for those who still have it. Null before version 5 of the accounts API.
    pub obsolete: Option<bool>,
    /// In what arrangement of accounts the module can be used. Null before version 5 of the accounts API.
    pub eligibility: Option<ModuleEligibility>,
}

/// In what arrangement of accounts a module can be used.
#[derive(SimpleObject)]
pub struct ModuleEligibility {
    /// Whether it can be used where several accounts share one tenant.
    pub multi: Option<bool>,
    /// Whether it can be used where an account has a tenant of its own.
    pub single: Option<bool>,
}

/// What a group that has a module may be restricted to.
#[derive(SimpleObject)]
pub struct ModuleFilters {
    /// Scopes of buyers that the group may choose: `selected` for some, `all` for all. Null if buyers play no part in
    /// the module.
    pub group_buyers: Option<Vec<String>>,
}
