//! Accounts: the organisations on the platform.

use super::{
    account_user::AccountUser, address::Address, api_token::ApiToken, audit::Audit, buyer::Buyer,
    cloud_tenant::CloudTenant, eligibility::Eligibility, external_ids::AccountExternalIds, group::Group,
    licensee::Licensee, user::User,
};
use crate::graph::{
    reference::Connection,
    scalar::{DateTime, Json},
};
use async_graphql::{Enum, ID, SimpleObject};

/// An organisation on the platform: a client, a vendor, or Operations. A caller who may not see it gets what the
/// reference told, and null for the rest.
#[derive(SimpleObject)]
pub struct Account {
    /// Id of the form `ACC-1234-5678`.
    pub id: ID,
    /// Name of the organisation, 1 to 500 characters.
    pub name: Option<String>,
    /// Path of the account's picture, relative to the REST API; it redirects to the image. Null if there is none.
    pub icon: Option<String>,
    /// Address of the account's picture at this gateway, for `<img src>`: `GET` redirects to the image and needs no
    /// credential. It begins with `/icons`, or with `--public-url` where that is set. Null if there is no picture, and
    /// where the gateway serves none.
    pub icon_url: Option<String>,
    /// What part the organisation plays. It never changes.
    pub r#type: Option<AccountType>,
    /// Whether the account may do business.
    pub status: Option<AccountStatus>,
    /// How closely the account is looked after. Null from version 5 of the accounts API on, which no longer has it.
    pub service_level: Option<ServiceLevel>,
    /// What the organisation says about itself, at most 2000 characters. Null if it says nothing.
    pub description: Option<String>,
    /// Address of its web site. Null if not given.
    pub website: Option<String>,
    /// E-mail address of its technical support. Null if not given.
    pub technical_support_email: Option<String>,
    /// Preferred language as a BCP 47 tag, such as `en-US`. Null if none was chosen, and before version 5 of the accounts
    /// API.
    pub default_language_code: Option<String>,
    /// Registered address. Its parts may be null.
    pub address: Option<Address>,
    /// Whether a client buys for itself, to resell, or both. Null on accounts that are not clients.
    pub eligibility: Option<Eligibility>,
    /// What the ERP system calls the organisation: the customer group of a client, the manufacturer code of a vendor.
    /// Null while it is not linked to the ERP system.
    pub external_id: Option<String>,
    /// Name of the organisation in the ERP system, taken over from there. Null while it is not linked to it.
    pub external_name: Option<String>,
    /// How other systems call the account.
    pub external_ids: Option<AccountExternalIds>,
    /// Groups of the account, the default group among them.
    pub groups: Option<Connection<Group>>,
    /// People who belong to the account. Null with an error if the accounts API failed to list them.
    pub users: Option<Connection<User>>,
    /// Memberships of the account: who belongs to it, since when, in which groups. Null with an error if the
    /// accounts API failed to list them.
    pub account_users: Option<Connection<AccountUser>>,
    /// Buyers that belong to the account; only clients have them. Null with an error if the accounts API failed to list
    /// them.
    pub buyers: Option<Connection<Buyer>>,
    /// Licensees that belong to the account; only clients have them. Null with an error if the accounts API failed to list
    /// them.
    pub licensees: Option<Connection<Licensee>>,
    /// API tokens of the account, without their secrets. Null with an error if the accounts API failed to list them.
    pub api_tokens: Option<Connection<ApiToken>>,
    /// Cloud tenants mapped to the account; Operations only. Null with an error if the accounts API failed or refused to
    /// list them.
    pub cloud_tenants: Option<Connection<CloudTenant>>,
    /// Which notifications the account gets, as the API returns it: its shape is not published. One request for each
    /// account. Null with the error `UPSTREAM_ROUTE_MISSING` where the API does not have this route.
    pub notification_settings: Option<Json>,
    /// When the account was created. Null if the API does not return it.
    pub created_at: Option<DateTime>,
    /// When the account was last changed. Null if it never was, or if the API does not return it.
    pub updated_at: Option<DateTime>,
    /// What happened to the account.
    pub audit: Option<Audit>,
    /// Counts the changes of the account. Null if the API does not return it.
    pub revision: Option<i32>,
}

/// What part an organisation plays on the platform.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum AccountType {
    /// Buys.
    Client,
    /// Sells its products through the marketplace.
    Vendor,
    /// SoftwareOne itself, which runs the platform.
    Operations,
    /// A value that this version of the graph does not know.
    Unknown,
}

/// Whether an account may do business.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum AccountStatus {
    /// May do business. A client gets here by being verified against the ERP system.
    Active,
    /// In use, but a client in this status is not verified against the ERP system and cannot order.
    Enabled,
    /// May not place new orders; its users can still sign in.
    Disabled,
    /// A value that this version of the graph does not know.
    Unknown,
}

/// How closely an account is looked after.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum ServiceLevel {
    /// The service level Essential.
    Essential,
    /// The service level Express.
    Express,
    /// The service level Elite.
    Elite,
    /// The service level DSC.
    Dsc,
    /// The service level Focus.
    Focus,
    /// The service level Runners.
    Runners,
    /// The service level Strategics.
    Strategics,
    /// The account has no service level.
    NotApplicable,
    /// A value that this version of the graph does not know.
    Unknown,
}
