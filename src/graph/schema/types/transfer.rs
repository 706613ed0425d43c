//! What the transfer of a buyer would take along.

use super::account_user::AccountUser;
use crate::graph::schema::reference::Connection;
use async_graphql::SimpleObject;

/// What the transfer of a buyer to another account would take along.
#[derive(SimpleObject)]
pub struct BuyerTransferPreview {
    /// How much hangs on the buyer. Null if the API does not return it.
    pub stats: Option<BuyerTransferStats>,
    /// Memberships that see the buyer now. Null if the API does not return it.
    pub account_users: Option<Connection<AccountUser>>,
}

/// How much hangs on a buyer.
#[derive(SimpleObject)]
pub struct BuyerTransferStats {
    /// Licensees of the buyer. Null if the API does not return it.
    pub licensee_count: Option<i32>,
    /// Orders of the buyer. Null if the API does not return it.
    pub order_count: Option<i32>,
    /// Subscriptions of the buyer. Null if the API does not return it.
    pub subscription_count: Option<i32>,
    /// Users that see the buyer. Null if the API does not return it.
    pub user_count: Option<i32>,
    /// Groups that are restricted to the buyer. Null if the API does not return it.
    pub user_group_count: Option<i32>,
    /// Agreements of the buyer. Null if the API does not return it.
    pub agreement_count: Option<i32>,
}
