//! Cloud tenants: where an account's cloud spend comes from.

use super::{account::Account, audit::Audit, external_ids::CloudTenantExternalIds};
use crate::graph::{reference::Ref, scalar::DateTime};
use async_graphql::{Enum, ID, SimpleObject};

/// A tenant at a cloud provider whose spend is managed for an account. Operations only.
#[derive(SimpleObject)]
pub struct CloudTenant {
    /// Id of the form `CLT-1234-5678`.
    pub id: ID,
    /// Name of the tenant, at most 100 characters.
    pub name: Option<String>,
    /// Whether its spend is managed.
    pub status: Option<CloudTenantStatus>,
    /// Which kind of cloud, and under what contract. It never changes.
    pub r#type: Option<CloudTenantType>,
    /// How other systems call the tenant.
    pub external_ids: Option<CloudTenantExternalIds>,
    /// The client account that the tenant is mapped to. Null if it is not mapped.
    pub account: Option<Ref<Account>>,
    /// When the tenant was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the tenant was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the tenant.
    pub audit: Option<Audit>,
    /// Counts the changes of the tenant. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// Whether the spend of a cloud tenant is managed.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum CloudTenantStatus {
    /// Its spend is managed.
    Active,
    /// Its spend is not managed at present.
    Disabled,
    /// Deleted; it cannot be read any more.
    Deleted,
    /// A value that this version of the graph does not know.
    Unknown,
}

/// Which kind of cloud a tenant is in, and under what contract.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum CloudTenantType {
    /// AWS, direct.
    AwsDirect,
    /// AWS, as a service.
    AwsService,
    /// Microsoft 365 through a cloud solution provider.
    #[graphql(name = "CSP365")]
    Csp365,
    /// Azure through a cloud solution provider.
    CspAzure,
    /// Microsoft 365 under an enterprise agreement.
    #[graphql(name = "EA365")]
    Ea365,
    /// Azure under an enterprise agreement.
    EaAzure,
    /// An SLM tenant; not where several accounts share one tenant of the older platform.
    Slm,
    /// A virtual tenant; not where several accounts share one tenant of the older platform.
    Virtual,
    /// A value that this version of the graph does not know.
    Unknown,
}
