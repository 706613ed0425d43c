//! In which roles a customer may buy.

use async_graphql::SimpleObject;

/// Whether a customer buys for its own use, to resell, or both.
#[derive(SimpleObject)]
pub struct Eligibility {
    /// Whether buying for own use is allowed.
    pub client: Option<bool>,
    /// Whether buying as a partner, to resell to others, is allowed.
    pub partner: Option<bool>,
}
