//! What a user prefers.

use async_graphql::SimpleObject;

/// Language and formats a user prefers. A null means that the platform's default applies.
#[derive(SimpleObject)]
pub struct UserSettings {
    /// Culture for formatting, such as `en-US`. Null if none was chosen.
    pub culture_code: Option<String>,
    /// Language of texts, such as `en-US`. Null if none was chosen.
    pub language_code: Option<String>,
    /// How dates are written. Null if the culture decides.
    pub date_format: Option<String>,
    /// How times of day are written. Null if the culture decides.
    pub time_format: Option<String>,
    /// Time zone in which times are shown. Null if none was chosen.
    pub time_zone: Option<String>,
    /// How numbers are written. Null if the culture decides.
    pub number_format: Option<NumberFormat>,
    /// Notifications that the user does not want. Null if none was switched off.
    pub opt_outs: Option<OptOuts>,
}

/// How a user wants numbers to be written. Its parts are null before version 5 of the accounts API, which has a text
/// in its place.
#[derive(SimpleObject)]
pub struct NumberFormat {
    /// What stands before the decimals, such as `,`. Null if the culture decides.
    pub decimal_separator: Option<String>,
    /// What stands between groups of digits, such as `.`. Null if the culture decides.
    pub group_separator: Option<String>,
}

/// Notifications that a user does not want. Its parts are null before version 5 of the accounts API, which has a list in
/// its place.
#[derive(SimpleObject)]
pub struct OptOuts {
    /// Types of objects about which the user is not notified, such as `Order`. Null if there is none.
    pub object_types: Option<Vec<String>>,
}
