//! Postal addresses.

use async_graphql::SimpleObject;

/// A postal address. Every part may be missing, an address may even be empty.
#[derive(SimpleObject)]
pub struct Address {
    /// Street and number, at most 250 characters. Null if not given.
    pub address_line1: Option<String>,
    /// What does not fit the first line, such as a building or a floor. Null if not needed.
    pub address_line2: Option<String>,
    /// Postal code as free text of at most 20 characters. Null if not given.
    pub post_code: Option<String>,
    /// City or town. Null if not given.
    pub city: Option<String>,
    /// State, province or region. Null if not given.
    pub state: Option<String>,
    /// Country, a two-letter ISO 3166-1 code such as `CH`. Null if not given.
    pub country: Option<String>,
}

/// An address that an ERP system keeps of a buyer, with its name and number there.
#[derive(SimpleObject)]
pub struct ErpAddress {
    /// What the ERP system calls the address. Null if not known.
    pub external_id: Option<String>,
    /// Name at the address. Null if not given.
    pub name: Option<String>,
    /// Street and number. Null if not given.
    pub address_line1: Option<String>,
    /// What does not fit the first line, such as a building or a floor. Null if not needed.
    pub address_line2: Option<String>,
    /// Postal code as free text. Null if not given.
    pub post_code: Option<String>,
    /// City or town. Null if not given.
    pub city: Option<String>,
    /// State, province or region. Null if not given.
    pub state: Option<String>,
    /// Country, a two-letter ISO 3166-1 code such as `CH`. Null if not given.
    pub country: Option<String>,
}
