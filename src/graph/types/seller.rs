//! Sellers: the entities that sell.

use super::{address::Address, audit::Audit, buyer::Buyer, erp_link::ErpLink, licensee::Licensee};
use crate::graph::{
    reference::{Connection, Ref},
    scalar::{DateTime, Json},
};
use async_graphql::{Enum, ID, SimpleObject};

/// A legal entity of SoftwareOne that sells to buyers, usually one for a country. A vendor cannot read sellers by
/// themselves: for a vendor, null is what the reference did not tell.
#[derive(SimpleObject)]
pub struct Seller {
    /// Id of the form `SEL-1234-5678`.
    pub id: ID,
    /// Name of the seller, 1 to 500 characters.
    pub name: Option<String>,
    /// Path of the seller's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Address of the seller's picture at this gateway, for `<img src>`: `GET` redirects to the image and needs no
    /// credential. It begins with `/icons`, or with `--public-url` where that is set. Null if there is no picture, and
    /// where the gateway serves none.
    pub icon_url: Option<String>,
    /// Whether the seller does business.
    pub status: Option<SellerStatus>,
    /// What the ERP system calls the seller, such as `AR`. Null if not known.
    pub external_id: Option<String>,
    /// Registered address.
    pub address: Option<Address>,
    /// Currencies that the seller accepts.
    pub currencies: Option<Vec<SellerCurrency>>,
    /// Further data that the ERP system keeps about the seller. Null if there is none, and before version 5 of the
    /// accounts API.
    pub attributes: Option<SellerAttributes>,
    /// The link between this seller and the buyer under which it was read, as in `Buyer.sellers`. Null elsewhere,
    /// since a seller has one link for each buyer, and from version 5 of the accounts API on; see `erpLinks`.
    pub erp_link: Option<Ref<ErpLink>>,
    /// Buyers that do business with the seller. Null with an error if the accounts API failed to list them.
    pub buyers: Option<Connection<Buyer>>,
    /// Licensees that buy from the seller. Null with an error if the accounts API failed to list them.
    pub licensees: Option<Connection<Licensee>>,
    /// Links to the buyers, one for each. Null with an error if the accounts API failed to list them.
    pub erp_links: Option<Connection<ErpLink>>,
    /// When the seller was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the seller was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the seller.
    pub audit: Option<Audit>,
    /// Counts the changes of the seller. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// A currency that a seller accepts.
#[derive(SimpleObject)]
pub struct SellerCurrency {
    /// Three-letter ISO 4217 code, such as `EUR`.
    pub value: Option<String>,
    /// Whether the seller bills in the currency. Null before version 5 of the accounts API.
    pub billing_enabled: Option<bool>,
    /// Whether it is the seller's default currency; exactly one is. Null before version 5 of the accounts API.
    pub is_default: Option<bool>,
}

/// Data that other systems keep about a seller.
#[derive(SimpleObject)]
pub struct SellerAttributes {
    /// Data of the ERP system Navision, without a fixed shape. Null if there is none.
    pub navision: Option<Json>,
}

/// Whether a seller does business.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum SellerStatus {
    /// Does business.
    Active,
    /// Does no business any more, as after being merged into another seller.
    Disabled,
    /// Out of business for a while, as for maintenance.
    Offline,
    /// Deleted for good; it can still be read.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
