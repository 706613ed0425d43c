//! Changes of sellers.

use super::{
    declared::{Declared, create, delete, post, put},
    parts::AddressInput,
};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of sellers. Operations only.
pub const MUTATIONS: &[Declared] = &[
    create("createSeller", "sellers", Kind::Seller)
        .takes::<CreateSellerInput>()
        .does("Makes a seller. Operations only."),
    put("updateSeller", "sellers/{id}", Kind::Seller)
        .takes::<UpdateSellerInput>()
        .does("Changes a seller. Operations only."),
    post("activateSeller", "sellers/{id}/activate", Kind::Seller).does("Lets a seller sell again. Operations only."),
    post("deactivateSeller", "sellers/{id}/deactivate", Kind::Seller).does("Takes a seller offline. Operations only."),
    post("disableSeller", "sellers/{id}/disable", Kind::Seller).does("Keeps a seller from selling. Operations only."),
    delete("deleteSeller", "sellers/{id}", Kind::Seller).does("Deletes a seller for good. Operations only."),
];

/// The input of `createSeller`.
#[derive(InputObject)]
pub struct CreateSellerInput {
    /// Name of the seller, 1 to 500 characters.
    pub name: String,
    /// Currencies as ISO 4217 codes, such as `EUR`.
    pub currencies: Vec<String>,
    /// How the ERP system calls the seller.
    pub external_id: Option<String>,
    /// Postal address.
    pub address: Option<AddressInput>,
}

/// The input of `updateSeller`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateSellerInput {
    /// Which seller: SEL- and groups of digits.
    pub id: ID,
    /// Name of the seller, 1 to 500 characters.
    pub name: Option<String>,
    /// All currencies as ISO 4217 codes: they replace the present ones.
    pub currencies: Option<Vec<String>>,
    /// How the ERP system calls the seller.
    pub external_id: Option<String>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
