//! Changes of licensees.

use super::{
    declared::{MutationDef, create, delete, post, put},
    parts::{AddressInput, ContactInput, EligibilityInput},
};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// The mutations of licensees.
pub const MUTATIONS: &[MutationDef] = &[
    create("createLicensee", "licensees", Kind::Licensee)
        .also_multipart("licensee")
        .takes::<CreateLicenseeInput>()
        .does("Makes a buyer the customer of a seller."),
    put("updateLicensee", "licensees/{id}", Kind::Licensee).takes::<UpdateLicenseeInput>().does("Changes a licensee."),
    post("enableLicensee", "licensees/{id}/enable", Kind::Licensee).does("Lets a disabled licensee order again."),
    post("disableLicensee", "licensees/{id}/disable", Kind::Licensee).does("Keeps a licensee from ordering."),
    delete("deleteLicensee", "licensees/{id}", Kind::Licensee).does("Deletes a licensee for good."),
];

/// The input of `createLicensee`.
#[derive(InputObject)]
pub struct CreateLicenseeInput {
    /// The buyer: BUY- and groups of digits.
    pub buyer_id: ID,
    /// The seller: SEL- and groups of digits.
    pub seller_id: ID,
    /// Whether the buyer's address is used.
    pub use_buyer_address: bool,
    /// The client account: ACC- and groups of digits.
    pub account_id: Option<ID>,
    /// Name, at most 500 characters; made from buyer and seller when absent.
    pub name: Option<String>,
    /// What the customer itself calls it, at most 250 characters.
    pub external_id: Option<String>,
    /// What it is for, at most 2000 characters.
    pub description: Option<String>,
    /// Address of its own.
    pub address: Option<AddressInput>,
    /// Whom to talk to. Version 5 of the accounts API ignores it.
    pub contact: Option<ContactInput>,
    /// Whether it buys for own use or to resell.
    pub eligibility: Option<EligibilityInput>,
}

/// The input of `updateLicensee`: absence leaves a value alone, null clears it.
#[derive(InputObject)]
pub struct UpdateLicenseeInput {
    /// Which licensee: LCE- and groups of digits.
    pub id: ID,
    /// Name, at most 500 characters.
    pub name: Option<String>,
    /// What the customer itself calls it, at most 250 characters.
    pub external_id: Option<String>,
    /// What it is for, at most 2000 characters.
    pub description: Option<String>,
    /// Whether the buyer's address is used.
    pub use_buyer_address: Option<bool>,
    /// Address of its own.
    pub address: Option<AddressInput>,
    /// Whom to talk to. Version 5 of the accounts API ignores it.
    pub contact: Option<ContactInput>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
