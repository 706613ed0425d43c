//! Services: parts of the platform that act by themselves.

use super::audit::Audit;
use crate::graph::scalar::DateTime;
use async_graphql::{Enum, ID, SimpleObject};

/// A part of the platform that acts by itself, such as the synchronisation with the ERP system. Services are read only.
#[derive(SimpleObject)]
pub struct Service {
    /// Id of the form `SVC-1234-5678`.
    pub id: ID,
    /// Name of the service.
    pub name: Option<String>,
    /// Path of the service's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Whether the service is in use.
    pub status: Option<ServiceStatus>,
    /// What the service does. Null if not given.
    pub description: Option<String>,
    /// When the service was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the service was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the service.
    pub audit: Option<Audit>,
    /// Counts the changes of the service. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether a service is in use.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum ServiceStatus {
    /// In use.
    Active,
    /// Deleted for good; it can still be read.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}
