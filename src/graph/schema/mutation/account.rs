//! Changes of accounts.

use super::{
    declared::{Body, MutationDef, ResultKind, create, post, put},
    parts::{AddressInput, EligibilityInput},
};
use crate::{
    entity::kind::Kind,
    graph::schema::{
        scalar::Json,
        types::account::{AccountType, ServiceLevel},
    },
};
use async_graphql::{ID, InputObject};

/// The mutations of accounts. Accounts are never deleted.
pub const MUTATIONS: &[MutationDef] = &[
    create("createAccount", "accounts", Kind::Account)
        .also_multipart("account")
        .takes::<CreateAccountInput>()
        .does("Makes an account, with its default group. Operations only."),
    put("updateAccount", "accounts/{id}", Kind::Account)
        .takes::<UpdateAccountInput>()
        // BR-010 in `accounts-api-v5.md` section 4.1.
        .keeps(&["name"])
        .does("Changes what an account says about itself."),
    post("activateAccount", "accounts/{id}/activate", Kind::Account)
        .takes::<ActivateAccountInput>()
        .sends(Body::Members)
        .does("Lets an enabled client account do business. Operations only."),
    post("deactivateAccount", "accounts/{id}/deactivate", Kind::Account)
        .does("Puts an active client account back to enabled. Operations only."),
    post("enableAccount", "accounts/{id}/enable", Kind::Account)
        .does("Brings a disabled account back. Operations only."),
    post("disableAccount", "accounts/{id}/disable", Kind::Account)
        .does("Keeps an account from doing business. Operations only."),
    post("validateAccount", "accounts/{id}/validate", Kind::Account)
        .takes::<ValidateAccountInput>()
        .sends(Body::Members)
        .gives(ResultKind::Verdict(Kind::Account))
        .does("Tells whether these values would be accepted, and changes nothing. Operations only."),
    put("updateNotificationSettings", "accounts/{accountId}/settings/notifications", Kind::Account)
        .takes::<UpdateNotificationSettingsInput>()
        .sends(Body::Value("settings"))
        .gives(ResultKind::Told(Kind::Account, "notificationSettings"))
        .does("Changes which notifications an account gets."),
];

/// How other systems call an account.
#[derive(InputObject)]
pub struct AccountExternalIdsInput {
    /// UUID of the tenant in the older cloud-spend platform.
    pub pyra_tenant_id: Option<String>,
}

/// The input of `createAccount`.
#[derive(InputObject)]
pub struct CreateAccountInput {
    /// Name of the organisation, 1 to 500 characters.
    pub name: String,
    /// What part the organisation plays.
    pub r#type: AccountType,
    /// How closely the account is looked after. Version 5 of the accounts API ignores it; older versions require it.
    pub service_level: Option<ServiceLevel>,
    /// The customer group in the ERP system, at most 250 characters. Operations only.
    pub external_id: Option<String>,
    /// Name in the ERP system. Version 5 of the accounts API ignores it.
    pub external_name: Option<String>,
    /// How other systems call the account.
    pub external_ids: Option<AccountExternalIdsInput>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// E-mail address of its technical support.
    pub technical_support_email: Option<String>,
    /// Address of its web site, at most 2000 characters.
    pub website: Option<String>,
    /// What the organisation says about itself, at most 2000 characters.
    pub description: Option<String>,
    /// Preferred language as a BCP 47 tag, such as `en-US`.
    pub default_language_code: Option<String>,
    /// In which roles it may buy. Clients only.
    pub eligibility: Option<EligibilityInput>,
}

/// The input of `updateAccount`: absence leaves a value alone, null clears it. The accounts API requires the name with every
/// change: the gateway reads it where it is absent here and sends it as it is.
#[derive(InputObject)]
pub struct UpdateAccountInput {
    /// Which account: ACC- and groups of digits.
    pub id: ID,
    /// Name of the organisation, 1 to 500 characters.
    pub name: Option<String>,
    /// How closely the account is looked after. Version 5 of the accounts API ignores it.
    pub service_level: Option<ServiceLevel>,
    /// The customer group in the ERP system, at most 250 characters. Operations only.
    pub external_id: Option<String>,
    /// Name in the ERP system. Version 5 of the accounts API ignores it.
    pub external_name: Option<String>,
    /// How other systems call the account.
    pub external_ids: Option<AccountExternalIdsInput>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// E-mail address of its technical support.
    pub technical_support_email: Option<String>,
    /// Address of its web site, at most 2000 characters.
    pub website: Option<String>,
    /// What the organisation says about itself, at most 2000 characters.
    pub description: Option<String>,
    /// Preferred language as a BCP 47 tag, such as `en-US`.
    pub default_language_code: Option<String>,
    /// In which roles it may buy.
    pub eligibility: Option<EligibilityInput>,
    /// Change only if this is the present revision. The gateway reads it first; the upstream does not enforce it, so a
    /// change between reading and writing is not noticed.
    pub if_revision: Option<i32>,
}

/// The input of `activateAccount`.
#[derive(InputObject)]
pub struct ActivateAccountInput {
    /// Which account: ACC- and groups of digits.
    pub id: ID,
    /// The customer group in the ERP system, at most 250 characters.
    pub external_id: String,
    /// Name of the organisation, 1 to 500 characters.
    pub name: String,
    /// Name in the ERP system.
    pub external_name: Option<String>,
}

/// The input of `validateAccount`: the values to be looked at.
#[derive(InputObject)]
pub struct ValidateAccountInput {
    /// Which account: ACC- and groups of digits.
    pub id: ID,
    /// Name of the organisation.
    pub name: Option<String>,
    /// How closely the account is looked after. Version 5 of the accounts API ignores it.
    pub service_level: Option<ServiceLevel>,
    /// The customer group in the ERP system.
    pub external_id: Option<String>,
    /// Name in the ERP system.
    pub external_name: Option<String>,
    /// How other systems call the account.
    pub external_ids: Option<AccountExternalIdsInput>,
    /// Postal address.
    pub address: Option<AddressInput>,
    /// E-mail address of its technical support.
    pub technical_support_email: Option<String>,
    /// Address of its web site.
    pub website: Option<String>,
    /// What the organisation says about itself.
    pub description: Option<String>,
    /// In which roles it may buy.
    pub eligibility: Option<EligibilityInput>,
}

/// The input of `updateNotificationSettings`.
#[derive(InputObject)]
pub struct UpdateNotificationSettingsInput {
    /// Which account: ACC- and groups of digits.
    pub account_id: ID,
    /// The settings, in the form that `Account.notificationSettings` has. They are passed on as they are: their shape is
    /// not published.
    pub settings: Json,
}
