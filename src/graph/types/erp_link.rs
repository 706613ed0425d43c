//! ERP links: which buyer does business with which seller.

use super::{
    address::{Address, ErpAddress},
    audit::ErpLinkAudit,
    buyer::Buyer,
    external_ids::BuyerExternalIds,
    seller::Seller,
};
use crate::graph::{reference::Ref, scalar::DateTime};
use async_graphql::{Enum, ID, SimpleObject};

/// The link between one buyer and one seller: what the seller's ERP system knows about the buyer. Links are made and
/// removed by the synchronisation with the ERP system.
#[derive(SimpleObject)]
pub struct ErpLink {
    /// Id of the form `ERP-1234-5678-9012`.
    pub id: ID,
    /// Name of the link, made of the buyer's and the seller's name.
    pub name: Option<String>,
    /// Path of the link's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Whether the buyer may do business with the seller.
    pub status: Option<ErpLinkStatus>,
    /// What the seller's ERP system calls the buyer. Null if the API does not return it.
    pub company_name: Option<String>,
    /// A note for Operations, such as why the link is blocked. Null if there is none, and unless the caller is
    /// Operations.
    pub note: Option<String>,
    /// How the seller's ERP system numbers the buyer. Operations only: null for others.
    pub external_ids: Option<BuyerExternalIds>,
    /// Address of the buyer in the seller's ERP system. Operations only: null for others.
    pub address: Option<Address>,
    /// Where goods go, from the seller's ERP system. Operations only: null for others.
    pub ship_to: Option<Vec<ErpAddress>>,
    /// Where invoices go, from the seller's ERP system. Operations only: null for others.
    pub bill_to: Option<Vec<ErpAddress>>,
    /// The buyer.
    pub buyer: Option<Ref<Buyer>>,
    /// The seller.
    pub seller: Option<Ref<Seller>>,
    /// When the link was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the link was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the link.
    pub audit: Option<ErpLinkAudit>,
    /// Counts the changes of the link. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether a buyer may do business with a seller.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum ErpLinkStatus {
    /// May do business.
    Active,
    /// May not, as the customer is blocked in the ERP system.
    Blocked,
    /// May not, as the seller is disabled. The former status comes back with the seller.
    Disabled,
    /// A value that this version of the graph does not know.
    Unknown,
}
