//! Parts of inputs that several nouns share. Absence leaves a value alone, null clears it.

use async_graphql::{ID, InputObject};

/// A postal address.
#[derive(InputObject)]
pub struct AddressInput {
    /// Street and number, at most 250 characters.
    pub address_line1: Option<String>,
    /// What does not fit the first line.
    pub address_line2: Option<String>,
    /// Postal code, at most 20 characters.
    pub post_code: Option<String>,
    /// City or town, at most 200 characters.
    pub city: Option<String>,
    /// State, province or region, at most 200 characters.
    pub state: Option<String>,
    /// Country, a two-letter ISO 3166-1 code such as `CH`.
    pub country: Option<String>,
}

/// A phone number.
#[derive(InputObject)]
pub struct PhoneInput {
    /// Country prefix with its plus sign, at most 10 characters.
    pub prefix: Option<String>,
    /// The number without the prefix, at most 15 characters.
    pub number: Option<String>,
}

/// How a user wants numbers to be written.
#[derive(InputObject)]
pub struct NumberFormatInput {
    /// What stands before the decimals, such as `,`.
    pub decimal_separator: Option<String>,
    /// What stands between groups of digits, such as `.`.
    pub group_separator: Option<String>,
}

/// Whom to talk to.
#[derive(InputObject)]
pub struct ContactInput {
    /// Full name.
    pub name: Option<String>,
    /// Given name, at most 100 characters.
    pub first_name: Option<String>,
    /// Family name, at most 100 characters.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<PhoneInput>,
    /// The platform user who is this person.
    pub user_id: Option<ID>,
}

/// Whether one buys for own use, to resell, or both.
#[derive(InputObject)]
pub struct EligibilityInput {
    /// For own use.
    pub client: Option<bool>,
    /// To resell to others.
    pub partner: Option<bool>,
}

/// How the ERP system calls a buyer.
#[derive(InputObject)]
pub struct BuyerExternalIdsInput {
    /// Company contact in the ERP system, at most 250 characters.
    pub erp_company_contact: Option<String>,
    /// Customer in the ERP system, at most 250 characters.
    pub erp_customer: Option<String>,
    /// The customer group that ties the buyer to an account, at most 250 characters.
    pub account_external_id: Option<String>,
}
