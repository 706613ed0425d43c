//! Changes of buyers.

use super::{
    declared::{Body, MutationDef, ResultKind, create, delete, post, put},
    parts::{AddressInput, BuyerExternalIdsInput, ContactInput},
};
use crate::entity::kind::Kind;
use async_graphql::{ID, InputObject};

/// What has to be sent with every change of a buyer (`accounts-api-v5.md` section 4.5, BR-010).
const REQUIRED: &[&str] = &["name", "address"];

/// The mutations of buyers.
pub const MUTATIONS: &[MutationDef] = &[
    create("createBuyer", "buyers", Kind::Buyer)
        .also_multipart("buyer")
        .takes::<CreateBuyerInput>()
        .does("Makes a buyer. Operations only."),
    put("updateBuyer", "buyers/{id}", Kind::Buyer)
        .takes::<UpdateBuyerInput>()
        .keeps(REQUIRED)
        .does("Changes a buyer's data."),
    put("assignBuyer", "buyers/{id}", Kind::Buyer)
        .takes::<AssignBuyerInput>()
        .keeps(REQUIRED)
        .does("Assigns a buyer that has no account to a client account. Operations only."),
    put("unassignBuyer", "buyers/{id}", Kind::Buyer)
        .keeps(REQUIRED)
        .sends(Body::Fixed(r#"{"account":null,"externalIds":{"accountExternalId":null}}"#))
        .does("Takes a buyer away from its account. Refused while the buyer has licensees. Operations only."),
    post("activateBuyer", "buyers/{id}/activate", Kind::Buyer)
        .takes::<ActivateBuyerInput>()
        .sends(Body::Members)
        .does("Ties a buyer to an account and to the ERP system, so that it may buy. Operations only."),
    post("deactivateBuyer", "buyers/{id}/deactivate", Kind::Buyer)
        .does("Unties a buyer from the ERP system. Operations only."),
    post("enableBuyer", "buyers/{id}/enable", Kind::Buyer).does("Lets a disabled buyer buy again."),
    post("disableBuyer", "buyers/{id}/disable", Kind::Buyer).does("Keeps a buyer from buying."),
    delete("deleteBuyer", "buyers/{id}", Kind::Buyer).does("Deletes a buyer for good. Operations only."),
    post("synchronizeBuyer", "buyers/{id}/synchronize", Kind::Buyer)
        .sometimes()
        .does("Reads a buyer anew from the ERP system. Operations only. Only version 5 of the accounts API has a route for it."),
    post("transferBuyer", "buyers/{id}/transfer", Kind::Buyer)
        .takes::<TransferBuyerInput>()
        .sends(Body::Members)
        .does("Moves a buyer to another account, with what hangs on it. Operations only."),
    post("validateBuyer", "buyers/{id}/validate", Kind::Buyer)
        .takes::<ValidateBuyerInput>()
        .sends(Body::Members)
        .gives(ResultKind::Verdict(Kind::Buyer))
        .does("Tells whether these values would be accepted, and changes nothing. Operations only."),
];

/// The input of `createBuyer`.
#[derive(InputObject)]
pub struct CreateBuyerInput {
    /// Name of the buyer, 1 to 500 characters.
    pub name: String,
    /// Postal address, complete but for the second line.
    pub address: AddressInput,
    /// The account: ACC- and groups of digits.
    pub account_id: Option<ID>,
    /// Tax number, at most 18 characters.
    pub tax_id: Option<String>,
    /// Whom to talk to. Version 5 of the accounts API ignores it.
    pub contact: Option<ContactInput>,
    /// How the ERP system calls the buyer.
    pub external_ids: Option<BuyerExternalIdsInput>,
}

/// The input of `updateBuyer`: absence leaves a value alone, null clears it. The accounts API requires name and address with
/// every change: the gateway reads what is absent of them here and sends it as it is.
#[derive(InputObject)]
pub struct UpdateBuyerInput {
    /// Which buyer: BUY- and groups of digits.
    pub id: ID,
    /// Name of the buyer, 1 to 500 characters.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// Tax number, at most 18 characters.
    pub tax_id: Option<String>,
    /// Whom to talk to. Version 5 of the accounts API ignores it.
    pub contact: Option<ContactInput>,
    /// How the ERP system calls the buyer.
    pub external_ids: Option<BuyerExternalIdsInput>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// The input of `assignBuyer`.
// By the business rules the account follows from its external id, by the published transitions from its id: both are
// sent (`accounts-api-v5.md` section 4.5).
#[derive(InputObject)]
pub struct AssignBuyerInput {
    /// Which buyer: BUY- and groups of digits.
    pub id: ID,
    /// The client account: ACC- and groups of digits.
    pub account_id: ID,
    /// How the ERP system calls the account.
    pub external_ids: AssignedExternalIdsInput,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// What ties a buyer to an account in the ERP system.
#[derive(InputObject)]
pub struct AssignedExternalIdsInput {
    /// The customer group of the account: its `externalId`.
    pub account_external_id: String,
}

/// The input of `activateBuyer`.
#[derive(InputObject)]
pub struct ActivateBuyerInput {
    /// Which buyer: BUY- and groups of digits.
    pub id: ID,
    /// The account: ACC- and groups of digits.
    pub account_id: ID,
    /// How the ERP system calls the buyer.
    pub external_ids: BuyerExternalIdsInput,
}

/// The input of `transferBuyer`.
#[derive(InputObject)]
pub struct TransferBuyerInput {
    /// Which buyer: BUY- and groups of digits.
    pub id: ID,
    /// The account that it moves to: ACC- and groups of digits.
    pub account_id: ID,
}

/// The input of `validateBuyer`: the values to be looked at.
#[derive(InputObject)]
pub struct ValidateBuyerInput {
    /// Which buyer: BUY- and groups of digits.
    pub id: ID,
    /// The account: ACC- and groups of digits.
    pub account_id: ID,
    /// Name of the buyer.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// Tax number.
    pub tax_id: Option<String>,
    /// Whom to talk to. Version 5 of the accounts API ignores it.
    pub contact: Option<ContactInput>,
    /// How the ERP system calls the buyer.
    pub external_ids: Option<BuyerExternalIdsInput>,
}
