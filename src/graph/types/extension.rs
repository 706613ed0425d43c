//! Extensions of the platform.

use super::audit::Audit;
use async_graphql::{ID, SimpleObject};

/// An extension of the platform. It is part of what refers to it: the API has no route for extensions.
#[derive(SimpleObject)]
pub struct Extension {
    /// Id of the form `EXT-1234-5678`.
    pub id: ID,
    /// Name of the extension. Null if the API does not return it.
    pub name: Option<String>,
    /// Path of the extension's picture, relative to the REST API. Null if there is none.
    pub icon: Option<String>,
    /// How far the extension is, such as `Draft`. Null if the API does not return it.
    pub status: Option<String>,
    /// What happened to the extension. Null if the API does not return it.
    pub audit: Option<Audit>,
    /// Counts the changes of the extension. Null if the API does not return it.
    pub revision: Option<i32>,
}
