//! Changes of groups.

use super::declared::{MutationDef, create, delete, put};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of groups. Who is in a group is changed through memberships.
pub const MUTATIONS: &[MutationDef] = &[
    create("createGroup", "user-groups", Kind::Group).takes::<CreateGroupInput>().does("Makes a group in an account."),
    put("updateGroup", "user-groups/{id}", Kind::Group).takes::<UpdateGroupInput>().does(
        "Changes a group. A module that is taken from the default group is taken from all groups of the account.",
    ),
    delete("deleteGroup", "user-groups/{id}", Kind::Group)
        .does("Deletes a group for good: not the default group, and none that has members."),
];

/// The input of `createGroup`.
#[derive(InputObject)]
pub struct CreateGroupInput {
    /// The account: ACC- and groups of digits.
    pub account_id: ID,
    /// Name of the group.
    pub name: String,
    /// What the group is for.
    pub description: Option<String>,
    /// Address of the group's picture.
    pub logo: Option<String>,
    /// Modules that the members may use: those of the default group at most.
    pub module_ids: Option<Vec<ID>>,
    /// Buyers that the members are restricted to.
    pub buyer_ids: Option<Vec<ID>>,
    /// Extensions that the members are restricted to: EXT- and groups of digits. Null for no restriction.
    pub extension_ids: Option<Vec<ID>>,
}

/// The input of `updateGroup`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateGroupInput {
    /// Which group: UGR- and groups of digits.
    pub id: ID,
    /// Name of the group.
    pub name: Option<String>,
    /// What the group is for.
    pub description: Option<String>,
    /// Address of the group's picture.
    pub logo: Option<String>,
    /// All modules that the members may use.
    pub module_ids: Option<Vec<ID>>,
    /// All buyers that the members are restricted to; null for no restriction.
    pub buyer_ids: Option<Vec<ID>>,
    /// All extensions that the members are restricted to: EXT- and groups of digits. Null for no restriction.
    pub extension_ids: Option<Vec<ID>>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
