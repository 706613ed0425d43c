//! Licensees: a buyer as the customer of one seller.

use super::{
    account::Account, address::Address, audit::LicenseeAudit, buyer::Buyer, contact::Contact, eligibility::Eligibility,
    seller::Seller,
};
use crate::graph::{reference::Ref, scalar::DateTime};
use async_graphql::{Enum, ID, SimpleObject};

/// A buyer as the customer of one seller: the party in whose name agreements are made and licenses are held.
#[derive(SimpleObject)]
pub struct Licensee {
    /// Id of the form `LCE-1234-5678-9012`.
    pub id: ID,
    /// Name of the licensee, made from buyer and seller when none was chosen.
    pub name: Option<String>,
    /// Path of the licensee's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Address of the licensee's picture at this gateway, for `<img src>`: `GET` redirects to the image and needs no
    /// credential. It begins with `/icons`, or with `--public-url` where that is set. Null if there is no picture, and
    /// where the gateway serves none.
    pub icon_url: Option<String>,
    /// Whether the licensee may order. It follows the buyer's status.
    pub status: Option<LicenseeStatus>,
    /// What the licensee is for, at most 2000 characters. Null if not given.
    pub description: Option<String>,
    /// What the customer itself calls the licensee, at most 250 characters and not unique. Null if not given.
    pub external_id: Option<String>,
    /// Whether the buyer's address is used and `address` is empty. Null if the API does not return it.
    pub use_buyer_address: Option<bool>,
    /// Address of its own. Null or empty when the buyer's address is used.
    pub address: Option<Address>,
    /// Whom to talk to. Null if nobody is named, and from version 5 of the accounts API on, which no longer has it.
    pub contact: Option<Contact>,
    /// Whether it buys for own use or to resell; exactly one of the two is true, and it never changes.
    pub eligibility: Option<Eligibility>,
    /// The client account of the buyer.
    pub account: Option<Ref<Account>>,
    /// The buyer.
    pub buyer: Option<Ref<Buyer>>,
    /// The seller.
    pub seller: Option<Ref<Seller>>,
    /// When the licensee was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the licensee was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the licensee.
    pub audit: Option<LicenseeAudit>,
    /// Counts the changes of the licensee. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether a licensee may order.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum LicenseeStatus {
    /// May order, as its buyer is active.
    Active,
    /// May not order, as its buyer is not activated in the ERP system.
    Enabled,
    /// May not place new orders; agreements it has go on.
    Disabled,
    /// Deleted for good; only Operations still sees the licensee.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
