//! Changes of ERP links.

use super::declared::{Body, MutationDef, post, put};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of ERP links. Operations only. Links are made and removed by the synchronisation with the ERP system.
pub const MUTATIONS: &[MutationDef] = &[
    put("updateErpLink", "erp-links/{id}", Kind::ErpLink)
        .takes::<UpdateErpLinkInput>()
        .does("Changes the note of a link. Operations only."),
    post("blockErpLink", "erp-links/{id}/block", Kind::ErpLink)
        .takes::<BlockErpLinkInput>()
        .sends(Body::Members)
        .does("Keeps a buyer from doing business with a seller. Operations only."),
    post("unblockErpLink", "erp-links/{id}/unblock", Kind::ErpLink)
        .takes::<UnblockErpLinkInput>()
        .sends(Body::Members)
        .does("Lets a buyer do business with a seller again. Operations only."),
];

/// The input of `updateErpLink`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateErpLinkInput {
    /// Which link: ERP- and groups of digits.
    pub id: ID,
    /// A note for Operations.
    pub note: Option<String>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// The input of `blockErpLink`.
#[derive(InputObject)]
pub struct BlockErpLinkInput {
    /// Which link: ERP- and groups of digits.
    pub id: ID,
    /// Why, for Operations.
    pub note: Option<String>,
}

/// The input of `unblockErpLink`.
#[derive(InputObject)]
pub struct UnblockErpLinkInput {
    /// Which link: ERP- and groups of digits.
    pub id: ID,
    /// Why, for Operations.
    pub note: Option<String>,
}
