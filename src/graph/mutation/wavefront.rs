//! Changes of Wavefront's accounts and user groups.

use super::declared::{Body, Declared, create, delete, post, put};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of Wavefront. Its documentation prints `[{}]` for lists of ids; the description of the interface says
/// list of texts, which is what clients send and what is sent here.
pub const MUTATIONS: &[Declared] = &[
    post("addWavefrontAccountToUserGroups", "account/{id}/addUserGroups", Kind::WavefrontAccount)
        .takes::<WavefrontAccountUserGroupsInput>()
        .sends(Body::List("userGroups"))
        .adds("userGroups", "userGroups")
        .does("Adds an account to user groups. Groups that Wavefront passes over become user errors."),
    post("removeWavefrontAccountFromUserGroups", "account/{id}/removeUserGroups", Kind::WavefrontAccount)
        .takes::<WavefrontAccountUserGroupsInput>()
        .sends(Body::List("userGroups"))
        .takes_away("userGroups", "userGroups")
        .does("Takes an account out of user groups. The group of everybody cannot be left."),
    post("addRolesToWavefrontAccount", "account/{id}/addRoles", Kind::WavefrontAccount)
        .takes::<WavefrontAccountRolesInput>()
        .sends(Body::List("roles"))
        .adds("roles", "roles")
        .does("Gives roles to an account. Roles that Wavefront passes over become user errors."),
    post("removeRolesFromWavefrontAccount", "account/{id}/removeRoles", Kind::WavefrontAccount)
        .takes::<WavefrontAccountRolesInput>()
        .sends(Body::List("roles"))
        .takes_away("roles", "roles")
        .does("Takes roles from an account. It keeps what its groups give it."),
    post("grantWavefrontPermission", "account/{id}/grant/{permission}", Kind::WavefrontAccount)
        .takes::<WavefrontPermissionInput>()
        .adds("permission", "groups")
        .does("Permits something to an account."),
    post("revokeWavefrontPermission", "account/{id}/revoke/{permission}", Kind::WavefrontAccount)
        .takes::<WavefrontPermissionInput>()
        .takes_away("permission", "groups")
        .does("Takes a permission from an account. It keeps what its roles permit."),
    create("createWavefrontUserGroup", "usergroup", Kind::WavefrontUserGroup)
        .takes::<CreateWavefrontUserGroupInput>()
        .adds("roles", "roles")
        .does("Makes a user group."),
    put("updateWavefrontUserGroup", "usergroup/{id}", Kind::WavefrontUserGroup)
        .takes::<UpdateWavefrontUserGroupInput>()
        .adds("roles", "roles")
        .does("Gives a user group another name, description and roles; its accounts stay. Wavefront knows no revisions: the last change wins."),
    delete("deleteWavefrontUserGroup", "usergroup/{id}", Kind::WavefrontUserGroup)
        .does("Deletes a user group for good."),
    post("addAccountsToWavefrontUserGroup", "usergroup/{id}/addUsers", Kind::WavefrontUserGroup)
        .takes::<WavefrontUserGroupAccountsInput>()
        .sends(Body::List("accounts"))
        .adds("accounts", "users")
        .does("Adds accounts to a user group."),
    post("removeAccountsFromWavefrontUserGroup", "usergroup/{id}/removeUsers", Kind::WavefrontUserGroup)
        .takes::<WavefrontUserGroupAccountsInput>()
        .sends(Body::List("accounts"))
        .takes_away("accounts", "users")
        .does("Takes accounts out of a user group."),
    post("addRolesToWavefrontUserGroup", "usergroup/{id}/addRoles", Kind::WavefrontUserGroup)
        .takes::<WavefrontUserGroupRolesInput>()
        .sends(Body::List("roles"))
        .adds("roles", "roles")
        .does("Gives roles to a user group."),
    post("removeRolesFromWavefrontUserGroup", "usergroup/{id}/removeRoles", Kind::WavefrontUserGroup)
        .takes::<WavefrontUserGroupRolesInput>()
        .sends(Body::List("roles"))
        .takes_away("roles", "roles")
        .does("Takes roles from a user group."),
];

/// An account of Wavefront and user groups.
#[derive(InputObject)]
pub struct WavefrontAccountUserGroupsInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which user groups: UUIDs, one at least.
    pub user_groups: Vec<ID>,
}

/// An account of Wavefront and roles.
#[derive(InputObject)]
pub struct WavefrontAccountRolesInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub roles: Vec<ID>,
}

/// An account of Wavefront and a permission.
#[derive(InputObject)]
pub struct WavefrontPermissionInput {
    /// Which account: an e-mail address, or `sa::` and a name.
    pub id: ID,
    /// What it may do, such as `alerts_management`.
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
    pub roles: Vec<ID>,
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
    pub roles: Vec<ID>,
}

/// A user group of Wavefront and accounts.
#[derive(InputObject)]
pub struct WavefrontUserGroupAccountsInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which accounts: e-mail addresses, or `sa::` and a name.
    pub accounts: Vec<ID>,
}

/// A user group of Wavefront and roles.
#[derive(InputObject)]
pub struct WavefrontUserGroupRolesInput {
    /// Which user group: a UUID.
    pub id: ID,
    /// Which roles: UUIDs, one at least.
    pub roles: Vec<ID>,
}
