//! Buyers: customers as the ERP system knows them.

use super::{
    account::Account, address::Address, audit::BuyerAudit, contact::Contact, erp_link::ErpLink,
    external_ids::BuyerExternalIds, group::Group, licensee::Licensee, message::Message, seller::Seller,
    transfer::BuyerTransferPreview,
};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::DateTime,
};
use async_graphql::{Enum, ID, SimpleObject};

/// A purchasing entity of a customer, as the ERP system knows it. It belongs to one client account at most and is
/// linked to the sellers it does business with.
#[derive(SimpleObject)]
pub struct Buyer {
    /// Id of the form `BUY-1234-5678`.
    pub id: ID,
    /// Name of the customer.
    pub name: Option<String>,
    /// Path of the buyer's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Address of the buyer's picture at this gateway, for `<img src>`: `GET` redirects to the image and needs no
    /// credential. It begins with `/icons`, or with `--public-url` where that is set. Null if there is no picture, and
    /// where the gateway serves none.
    pub icon_url: Option<String>,
    /// How well the buyer is linked to an account and to the ERP system.
    pub status: Option<BuyerStatus>,
    /// Registered address.
    pub address: Option<Address>,
    /// Tax number, at most 18 characters. Null if the buyer has none.
    pub tax_id: Option<String>,
    /// Whom to talk to. Null if nobody is named, and from version 5 of the accounts API on, which no longer has it.
    pub contact: Option<Contact>,
    /// How the ERP system calls the buyer.
    pub external_ids: Option<BuyerExternalIds>,
    /// What is wrong between the buyer and the ERP system; empty when nothing is. Null unless the caller is Operations.
    pub errors: Option<Vec<Message>>,
    /// The client account that the buyer belongs to. Null if it is not assigned to one.
    pub account: Option<Ref<Account>>,
    /// Sellers that the buyer does business with.
    pub sellers: Option<Connection<Seller>>,
    /// Licensees of the buyer. Null with an error if the accounts API failed to list them.
    pub licensees: Option<Connection<Licensee>>,
    /// Links to the sellers, one for each. Null with an error if the accounts API failed to list them.
    pub erp_links: Option<Connection<ErpLink>>,
    /// Groups whose members are restricted to this buyer, perhaps among others. Null with an error if the
    /// accounts API failed to list them.
    pub groups: Option<Connection<Group>>,
    /// When the buyer was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the buyer was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the buyer.
    pub audit: Option<BuyerAudit>,
    /// What a transfer of the buyer to another account would take along: a request for each buyer. Operations only.
    pub transfer_preview: Option<BuyerTransferPreview>,
    /// Counts the changes of the buyer. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// How well a buyer is linked to an account and to the ERP system.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum BuyerStatus {
    /// Has an account and is known to the ERP system.
    Active,
    /// Has an account, but is not activated in the ERP system.
    Enabled,
    /// Switched off by hand.
    Disabled,
    /// Deleted for good; only Operations still sees the buyer.
    Deleted,
    /// Has no account.
    Unassigned,
    /// Has no account, and there are errors.
    Conflict,
    /// Active or disabled, and there are errors.
    Mismatch,
    /// A value that this version of the graph does not know.
    Unknown,
}
