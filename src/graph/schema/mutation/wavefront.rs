//! Changes of Wavefront's accounts and user groups.

use super::declared::{Body, MutationDef, create, delete, post, put};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of Wavefront. Its documentation prints `[{}]` for lists of ids; the description of the interface says
/// list of texts, which is what clients send and what is sent here.
pub const MUTATIONS: &[MutationDef] = &[
    post("addWavefrontAccountToUserGroups", "account/{id}/addUserGroups", Kind::WavefrontAccount)
        .takes::<AddWavefrontAccountToUserGroupsInput>()
        .sends(Body::List("userGroupIds"))
        .adds("userGroupIds", "userGroups")
        .does("Adds an account to user groups. Groups that Wavefront passes over become user errors."),
    post("removeWavefrontAccountFromUserGroups", "account/{id}/removeUserGroups", Kind::WavefrontAccount)
        .takes::<RemoveWavefrontAccountFromUserGroupsInput>()
        .sends(Body::List("userGroupIds"))
        .takes_away("userGroupIds", "userGroups")
        .does("Takes an account out of user groups. The group of everybody cannot be left."),
    post("addRolesToWavefrontAccount", "account/{id}/addRoles", Kind::WavefrontAccount)
        .takes::<AddRolesToWavefrontAccountInput>()
        .sends(Body::List("roleIds"))
        .adds("roleIds", "roles")
        .does("Gives roles to an account. Roles that Wavefront passes over become user errors."),
    post("removeRolesFromWavefrontAccount", "account/{id}/removeRoles", Kind::WavefrontAccount)
        .takes::<RemoveRolesFromWavefrontAccountInput>()
        .sends(Body::List("roleIds"))
        .takes_away("roleIds", "roles")
        .does("Takes roles from an account. It keeps what its groups give it."),
    post("grantWavefrontPermission", "account/{id}/grant/{permission}", Kind::WavefrontAccount)
        .takes::<GrantWavefrontPermissionInput>()
        .adds("permission", "groups")
        .does("Permits something to an account."),
    post("revokeWavefrontPermission", "account/{id}/revoke/{permission}", Kind::WavefrontAccount)
        .takes::<RevokeWavefrontPermissionInput>()
        .takes_away("permission", "groups")
        .does("Takes a permission from an account. It keeps what its roles permit."),
    create("createWavefrontUserGroup", "usergroup", Kind::WavefrontUserGroup)
        .takes::<CreateWavefrontUserGroupInput>()
        .adds("roleIds", "roles")
        .does("Makes a user group."),
    put("updateWavefrontUserGroup", "usergroup/{id}", Kind::WavefrontUserGroup)
        .takes::<UpdateWavefrontUserGroupInput>()
        .adds("roleIds", "roles")
        .does("Gives a user group another name, description and roles; its accounts stay. Wavefront knows no revisions: the last change wins."),
    delete("deleteWavefrontUserGroup", "usergroup/{id}", Kind::WavefrontUserGroup)
        .does("Deletes a user group for good."),
    post("addAccountsToWavefrontUserGroup", "usergroup/{id}/addUsers", Kind::WavefrontUserGroup)
        .takes::<AddAccountsToWavefrontUserGroupInput>()
        .sends(Body::List("accountIds"))
        .adds("accountIds", "users")
        .does("Adds accounts to a user group."),
    post("removeAccountsFromWavefrontUserGroup", "usergroup/{id}/removeUsers", Kind::WavefrontUserGroup)
        .takes::<RemoveAccountsFromWavefrontUserGroupInput>()
        .sends(Body::List("accountIds"))
        .takes_away("accountIds", "users")
        .does("Takes accounts out of a user group."),
    post("addRolesToWavefrontUserGroup", "usergroup/{id}/addRoles", Kind::WavefrontUserGroup)
        .takes::<AddRolesToWavefrontUserGroupInput>()
        .sends(Body::List("roleIds"))
        .adds("roleIds", "roles")
        .does("Gives roles to a user group."),
    post("removeRolesFromWavefrontUserGroup", "usergroup/{id}/removeRoles", Kind::WavefrontUserGroup)
        .takes::<RemoveRolesFromWavefrontUserGroupInput>()
        .sends(Body::List("roleIds"))
        .takes_away("roleIds", "roles")
        .does("Takes roles from a user group."),
];

/// The input of `addWavefrontAccountToUserGroups`.
#[derive(InputObject)]
pub struct AddWavefrontAccountToUserGroupsInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which user groups: UUIDs, one at least.
    pub user_group_ids: Vec<ID>,
}

/// The input of `removeWavefrontAccountFromUserGroups`.
#[derive(InputObject)]
pub struct RemoveWavefrontAccountFromUserGroupsInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which user groups: UUIDs, one at least.
    pub user_group_ids: Vec<ID>,
}

/// The input of `addRolesToWavefrontAccount`.
#[derive(InputObject)]
pub struct AddRolesToWavefrontAccountInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub role_ids: Vec<ID>,
}

/// The input of `removeRolesFromWavefrontAccount`.
#[derive(InputObject)]
pub struct RemoveRolesFromWavefrontAccountInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub role_ids: Vec<ID>,
}

/// The input of `grantWavefrontPermission`.
#[derive(InputObject)]
pub struct GrantWavefrontPermissionInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// What it may do, such as `alerts_management`.
    pub permission: String,
}

/// The input of `revokeWavefrontPermission`.
#[derive(InputObject)]
pub struct RevokeWavefrontPermissionInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// The permission to take away, such as `alerts_management`.
    pub permission: String,
}

/// The input of `createWavefrontUserGroup`.
#[derive(InputObject)]
pub struct CreateWavefrontUserGroupInput {
    /// Name of the group.
    pub name: String,
    /// What the group is for.
    pub description: Option<String>,
    /// Roles that the group gives to its accounts: UUIDs.
    pub role_ids: Vec<ID>,
}

/// The input of `updateWavefrontUserGroup`. Wavefront wants name and roles with every change.
#[derive(InputObject)]
pub struct UpdateWavefrontUserGroupInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Name of the group.
    pub name: String,
    /// What the group is for.
    pub description: Option<String>,
    /// All roles that the group is to give to its accounts: UUIDs.
    pub role_ids: Vec<ID>,
}

/// The input of `addAccountsToWavefrontUserGroup`.
#[derive(InputObject)]
pub struct AddAccountsToWavefrontUserGroupInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which accounts: e-mail addresses, or `sa::` and a name.
    pub account_ids: Vec<ID>,
}

/// The input of `removeAccountsFromWavefrontUserGroup`.
#[derive(InputObject)]
pub struct RemoveAccountsFromWavefrontUserGroupInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which accounts: e-mail addresses, or `sa::` and a name.
    pub account_ids: Vec<ID>,
}

/// The input of `addRolesToWavefrontUserGroup`.
#[derive(InputObject)]
pub struct AddRolesToWavefrontUserGroupInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub role_ids: Vec<ID>,
}

/// The input of `removeRolesFromWavefrontUserGroup`.
#[derive(InputObject)]
pub struct RemoveRolesFromWavefrontUserGroupInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub role_ids: Vec<ID>,
}
