//! Changes of API tokens.

use super::declared::{MutationDef, create, delete, post, put};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of API tokens.
pub const MUTATIONS: &[MutationDef] = &[
    create("createApiToken", "api-tokens", Kind::ApiToken)
        .takes::<CreateApiTokenInput>()
        .reveals("token")
        .does("Makes an API token. Its secret is in this payload and nowhere else."),
    put("updateApiToken", "api-tokens/{id}", Kind::ApiToken)
        .takes::<UpdateApiTokenInput>()
        .does("Changes an API token; its secret stays."),
    post("enableApiToken", "api-tokens/{id}/enable", Kind::ApiToken).does("Lets a disabled API token be used again."),
    post("disableApiToken", "api-tokens/{id}/disable", Kind::ApiToken).does("Keeps an API token from being used."),
    delete("deleteApiToken", "api-tokens/{id}", Kind::ApiToken).does("Deletes an API token for good, whether active or disabled. Before version 5 of the accounts API only a disabled one."),
];

/// The input of `createApiToken`.
#[derive(InputObject)]
pub struct CreateApiTokenInput {
    /// The account that the token acts for: ACC- and groups of digits.
    pub account_id: ID,
    /// Name of the token.
    pub name: String,
    /// What the token is for.
    pub description: Option<String>,
    /// Address of the token's picture.
    pub icon: Option<String>,
    /// Modules that the token may use.
    pub module_ids: Option<Vec<ID>>,
    /// Extensions that the token is restricted to: EXT- and groups of digits. Null for no restriction.
    pub extension_ids: Option<Vec<ID>>,
}

/// The input of `updateApiToken`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateApiTokenInput {
    /// Which token: TKN- and groups of digits.
    pub id: ID,
    /// Name of the token.
    pub name: Option<String>,
    /// What the token is for.
    pub description: Option<String>,
    /// Address of the token's picture.
    pub icon: Option<String>,
    /// All modules that the token may use.
    pub module_ids: Option<Vec<ID>>,
    /// All extensions that the token is restricted to: EXT- and groups of digits. Null for no restriction.
    pub extension_ids: Option<Vec<ID>>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
