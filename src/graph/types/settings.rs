//! What a user prefers.

use crate::graph::scalar::Json;
use async_graphql::SimpleObject;

/// Language and formats a user prefers. A null means that the platform's default applies.
#[derive(SimpleObject)]
pub struct UserSettings {
    /// Culture for formatting, such as `en-US`. Null when none was chosen.
    pub culture_code: Option<String>,
    /// Language of texts, such as `en-US`. Null when none was chosen.
    pub language_code: Option<String>,
    /// How dates are written. Null when the culture decides.
    pub date_format: Option<String>,
    /// How times of day are written. Null when the culture decides.
    pub time_format: Option<String>,
    /// Time zone in which times are shown. Null when none was chosen.
    pub time_zone: Option<String>,
    /// How numbers are written. Null when the culture decides.
    pub number_format: Option<String>,
    /// Notifications that the user does not want, in the upstream's own shape. Null when none was switched off.
    pub opt_outs: Option<Json>,
}
