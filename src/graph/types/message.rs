//! Messages of the platform about an entity.

use crate::graph::scalar::Json;
use async_graphql::{ID, SimpleObject};

/// A message of the platform, together with what one needs to show it in another language.
#[derive(SimpleObject)]
pub struct Message {
    /// Key of the message for translation; not an entity, so it cannot be looked up. Null if the message has no key.
    pub id: Option<ID>,
    /// The text in English, 1 to 4000 characters.
    pub message: Option<String>,
    /// Values that belong into the placeholders of the translated text. Null if it has none.
    pub parameters: Option<Json>,
}
