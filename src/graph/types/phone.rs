//! Phone numbers.

use async_graphql::SimpleObject;

/// A phone number, split into country prefix and the rest.
#[derive(SimpleObject)]
pub struct Phone {
    /// Country prefix with its plus sign, such as `+34`. Null if not given.
    pub prefix: Option<String>,
    /// The number without the prefix. Null if not given.
    pub number: Option<String>,
}
