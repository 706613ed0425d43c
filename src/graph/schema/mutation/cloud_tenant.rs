//! Changes of cloud tenants.

use super::declared::{MutationDef, create, delete, put};
use crate::{
    entity::kind::Kind,
    graph::schema::types::cloud_tenant::{CloudTenantStatus, CloudTenantType},
};
use async_graphql::{ID, InputObject};

/// The mutations of cloud tenants. Operations only.
pub const MUTATIONS: &[MutationDef] = &[
    create("createCloudTenant", "cloud-tenants", Kind::CloudTenant)
        .takes::<CreateCloudTenantInput>()
        .does("Adds a tenant at a cloud provider. Operations only."),
    put("updateCloudTenant", "cloud-tenants/{id}", Kind::CloudTenant)
        .takes::<UpdateCloudTenantInput>()
        .keeps(&["name", "externalIds", "account"])
        .does("Changes a cloud tenant. Operations only."),
    delete("deleteCloudTenant", "cloud-tenants/{id}", Kind::CloudTenant)
        .does("Deletes a cloud tenant; it cannot be read any more. Operations only."),
];

/// How other systems call a cloud tenant.
#[derive(InputObject)]
pub struct CloudTenantExternalIdsInput {
    /// UUID of the tenant in the older cloud-spend platform. A new tenant must have it.
    pub pyra_tenant_id: Option<String>,
    /// UUID in the consumption management system. A new tenant must have it.
    pub cloud_consumption_id: Option<String>,
    /// Id of the tenant at the cloud provider.
    pub provider_id: Option<String>,
}

/// The input of `createCloudTenant`.
#[derive(InputObject)]
pub struct CreateCloudTenantInput {
    /// Name of the tenant, 1 to 100 characters.
    pub name: String,
    /// How other systems call the tenant.
    pub external_ids: CloudTenantExternalIdsInput,
    /// Which kind of cloud, and under what contract.
    pub r#type: Option<CloudTenantType>,
    /// Whether its spend is managed.
    pub status: Option<CloudTenantStatus>,
    /// The client account that the tenant is mapped to: ACC- and groups of digits.
    pub account_id: Option<ID>,
}

/// The input of `updateCloudTenant`: absence leaves a value alone, null clears it. The accounts API requires name and
/// external ids with every change, and takes a missing account for a removed one: the gateway reads those that are absent
/// here and sends them as they are.
#[derive(InputObject)]
pub struct UpdateCloudTenantInput {
    /// Which tenant: CLT- and groups of digits.
    pub id: ID,
    /// Name of the tenant, 1 to 100 characters.
    pub name: Option<String>,
    /// How other systems call the tenant.
    pub external_ids: Option<CloudTenantExternalIdsInput>,
    /// Whether its spend is managed.
    pub status: Option<CloudTenantStatus>,
    /// The client account that the tenant is mapped to: ACC- and groups of digits.
    pub account_id: Option<ID>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}
