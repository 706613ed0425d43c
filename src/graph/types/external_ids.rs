//! Names that other systems have for our entities.

use async_graphql::SimpleObject;

/// How other systems call an account.
#[derive(SimpleObject)]
pub struct AccountExternalIds {
    /// UUID of the tenant in the older cloud-spend platform. Several accounts may share one. Null if there is none.
    pub pyra_tenant_id: Option<String>,
}

/// How the ERP system calls a buyer, or a buyer at one seller.
#[derive(SimpleObject)]
pub struct BuyerExternalIds {
    /// Company contact in the ERP system, unique among buyers. Null until the buyer is activated in the ERP system.
    pub erp_company_contact: Option<String>,
    /// Customer in the ERP system. Null until the buyer is activated in the ERP system.
    pub erp_customer: Option<String>,
    /// The customer group that ties the buyer to an account: equals `Account.externalId` of the account it belongs to.
    /// Null if unknown.
    pub account_external_id: Option<String>,
}

/// How other systems call a cloud tenant.
#[derive(SimpleObject)]
pub struct CloudTenantExternalIds {
    /// UUID in the consumption management system; no two cloud tenants share one.
    pub cloud_consumption_id: Option<String>,
    /// Id of the tenant at the cloud provider. Null if not known.
    pub provider_id: Option<String>,
    /// UUID of the tenant in the older cloud-spend platform; the mapped account has the same one.
    pub pyra_tenant_id: Option<String>,
}
