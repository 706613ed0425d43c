//! Changes of sellers.

use super::{
    declared::{MutationDef, create, delete, post, put},
    parts::AddressInput,
};
use crate::{
    entity::kind::Kind,
    graph::schema::{scalar::Json, types::seller::SellerStatus},
};
use async_graphql::{ID, InputObject};

/// The mutations of sellers. Operations only.
pub const MUTATIONS: &[MutationDef] = &[
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
    /// Currencies that the seller accepts, one at least.
    pub currencies: Vec<SellerCurrencyInput>,
    /// How the ERP system calls the seller. Version 5 of the accounts API requires it, and it never changes there.
    pub external_id: Option<String>,
    /// Whether the seller does business: `ACTIVE` or `DISABLED`.
    pub status: Option<SellerStatus>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// Data that other systems keep about the seller.
    pub attributes: Option<SellerAttributesInput>,
}

/// A currency that a seller accepts. Before version 5 the accounts API accepts currencies as codes only and refuses this.
#[derive(InputObject)]
pub struct SellerCurrencyInput {
    /// Three-letter ISO 4217 code, such as `EUR`.
    pub value: String,
    /// Whether the seller bills in the currency; it has to in one at least.
    pub billing_enabled: Option<bool>,
    /// Whether it is the default currency; exactly one has to be.
    pub is_default: Option<bool>,
}

/// Data that other systems keep about a seller.
#[derive(InputObject)]
pub struct SellerAttributesInput {
    /// Data of the ERP system Navision, without a fixed shape. Members that are absent are left alone.
    pub navision: Option<Json>,
}

/// The input of `updateSeller`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateSellerInput {
    /// Which seller: SEL- and groups of digits.
    pub id: ID,
    /// Name of the seller, 1 to 500 characters.
    pub name: Option<String>,
    /// All currencies: those that are not given are removed.
    pub currencies: Option<Vec<SellerCurrencyInput>>,
    /// How the ERP system calls the seller.
    pub external_id: Option<String>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// Data that other systems keep about the seller.
    pub attributes: Option<SellerAttributesInput>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
