//! The forms themselves, as the upstream's schemas have them.

use super::form::{Form, Property, Rule, ignored, optional, required, solid};
use crate::sandbox::schema::Entity;

const NAME: Rule = Rule::Text(500);

const ADDRESS: Rule = Rule::Object(&[
    required("addressLine1", Rule::Text(250)),
    optional("addressLine2", Rule::Text(250)),
    required("postCode", Rule::Text(20)),
    required("city", Rule::Text(200)),
    required("state", Rule::Text(200)),
    required("country", Rule::Text(2)),
]);
const PHONE: Rule = Rule::Object(&[optional("prefix", Rule::Text(10)), optional("number", Rule::Text(15))]);
const CONTACT: Rule = Rule::Object(&[
    optional("name", NAME),
    optional("firstName", Rule::Text(100)),
    optional("lastName", Rule::Text(100)),
    optional("email", Rule::Email),
    optional("phone", PHONE),
    optional("user", Rule::One(Entity::User)),
]);
const ELIGIBILITY: Rule = Rule::Object(&[solid("client", Rule::Flag), solid("partner", Rule::Flag)]);
const ERP_IDS: Rule = Rule::Object(&[
    optional("erpCompanyContact", Rule::Text(250)),
    optional("erpCustomer", Rule::Text(250)),
    optional("accountExternalId", Rule::Text(250)),
]);
const NUMBER_FORMAT: Form = &[optional("decimalSeparator", Rule::Text(5)), optional("groupSeparator", Rule::Text(5))];
const OPT_OUTS: Form = &[optional("objectTypes", Rule::Texts(50))];
const SETTINGS: Rule = Rule::Object(&[
    optional("cultureCode", Rule::Text(5)),
    optional("languageCode", Rule::Text(5)),
    optional("dateFormat", Rule::Text(50)),
    optional("timeFormat", Rule::Text(50)),
    optional("timeZone", Rule::Text(50)),
    optional("numberFormat", Rule::ByShapes(&Rule::Text(50), &Rule::Object(NUMBER_FORMAT))),
    optional("optOuts", Rule::ByShapes(&Rule::Texts(50), &Rule::Object(OPT_OUTS))),
]);

/// What every object shows and no body writes.
const ID: Property = ignored("id");
const REVISION: Property = ignored("revision");
const AUDIT: Property = ignored("audit");
const META: Property = ignored("$meta");
const STATUS: Property = ignored("status");
const ICON: Property = ignored("icon");

/// The properties of an account but those that differ between its operations.
macro_rules! account {
    ($($property:expr),* $(,)?) => {
        &[
            ID, REVISION, AUDIT, META, STATUS, ICON, ignored("groups"),
            optional("externalIds", Rule::Object(&[optional("pyraTenantId", Rule::Uuid)])),
            optional("externalName", Rule::Text(500)),
            optional("address", ADDRESS),
            optional("technicalSupportEmail", Rule::Email),
            optional("website", Rule::Text(2000)),
            optional("description", Rule::Text(2000)),
            optional("defaultLanguageCode", Rule::Text(5)),
            optional("eligibility", ELIGIBILITY),
            $($property),*
        ]
    };
}

const TYPE: Rule = Rule::OneOf(&["Client", "Vendor", "Operations"]);
const LEVEL: Rule = Rule::OneOf(&["Express", "Elite", "Dsc", "Focus", "Runners", "Strategics", "NotApplicable"]);

pub(super) const ACCOUNT_NEW: Form = account![
    required("name", NAME),
    required("serviceLevel", LEVEL),
    required("type", TYPE),
    optional("externalId", Rule::Text(250)),
];
pub(super) const ACCOUNT: Form = account![
    required("name", NAME),
    solid("serviceLevel", LEVEL),
    ignored("type"),
    optional("externalId", Rule::Text(250)),
];
pub(super) const ACCOUNT_ACTIVATE: Form = account![
    required("name", NAME),
    required("externalId", Rule::Text(250)),
    solid("serviceLevel", LEVEL),
    ignored("type"),
];
pub(super) const ACCOUNT_VALIDATE: Form = account![
    solid("name", NAME),
    solid("serviceLevel", LEVEL),
    ignored("type"),
    optional("externalId", Rule::Text(250)),
];

macro_rules! buyer {
    ($($property:expr),* $(,)?) => {
        &[
            ID, REVISION, AUDIT, META, STATUS, ICON, ignored("errors"), ignored("sellers"),
            optional("taxId", Rule::Text(18)),
            optional("contact", CONTACT),
            $($property),*
        ]
    };
}

pub(super) const BUYER_NEW: Form = buyer![
    required("name", NAME),
    required("address", ADDRESS),
    optional("account", Rule::One(Entity::Account)),
    optional("externalIds", ERP_IDS),
];
/// The account changes by a transfer only.
pub(super) const BUYER: Form =
    buyer![required("name", NAME), required("address", ADDRESS), ignored("account"), optional("externalIds", ERP_IDS),];
pub(super) const BUYER_ACTIVATE: Form = buyer![
    solid("name", NAME),
    solid("address", ADDRESS),
    required("account", Rule::One(Entity::Account)),
    required("externalIds", ERP_IDS),
];
pub(super) const BUYER_VALIDATE: Form = buyer![
    solid("name", NAME),
    solid("address", ADDRESS),
    required("account", Rule::One(Entity::Account)),
    optional("externalIds", ERP_IDS),
];
/// A transfer writes the account and nothing else.
pub(super) const BUYER_TRANSFER: Form = &[
    ID,
    REVISION,
    AUDIT,
    META,
    STATUS,
    ICON,
    ignored("errors"),
    ignored("sellers"),
    ignored("taxId"),
    ignored("contact"),
    ignored("name"),
    ignored("address"),
    ignored("externalIds"),
    required("account", Rule::One(Entity::Account)),
];

const CURRENCY: Form =
    &[required("value", Rule::Text(3)), optional("billingEnabled", Rule::Flag), optional("isDefault", Rule::Flag)];

/// The currencies are replaced whole.
pub(super) const SELLER: Form = &[
    ID,
    REVISION,
    AUDIT,
    META,
    STATUS,
    ICON,
    ignored("erpLink"),
    required("name", NAME),
    required("currencies", Rule::ByShapes(&Rule::Texts(3), &Rule::Objects(CURRENCY))),
    optional("externalId", Rule::Text(250)),
    optional("address", ADDRESS),
];

macro_rules! licensee {
    ($($property:expr),* $(,)?) => {
        &[
            ID, REVISION, AUDIT, META, STATUS, ICON, ignored("account"),
            optional("name", NAME),
            optional("externalId", Rule::Text(250)),
            optional("address", ADDRESS),
            optional("description", Rule::Text(2000)),
            optional("contact", CONTACT),
            optional("eligibility", ELIGIBILITY),
            $($property),*
        ]
    };
}

pub(super) const LICENSEE_NEW: Form = licensee![
    required("buyer", Rule::One(Entity::Buyer)),
    required("seller", Rule::One(Entity::Seller)),
    required("useBuyerAddress", Rule::Flag),
];
pub(super) const LICENSEE: Form = licensee![
    solid("buyer", Rule::One(Entity::Buyer)),
    solid("seller", Rule::One(Entity::Seller)),
    solid("useBuyerAddress", Rule::Flag),
];

pub(super) const LINK: Form = &[
    ID,
    REVISION,
    AUDIT,
    META,
    STATUS,
    ICON,
    ignored("buyer"),
    ignored("seller"),
    solid("name", NAME),
    optional("note", Rule::Text(4000)),
    optional("externalIds", ERP_IDS),
    optional("address", ADDRESS),
];

pub(super) const USER: Form = &[
    ID,
    REVISION,
    AUDIT,
    META,
    STATUS,
    ICON,
    ignored("name"),
    ignored("lastLoginAt"),
    ignored("SSO"),
    ignored("accounts"),
    solid("email", Rule::Free),
    solid("acceptedTerms", Rule::Flag),
    solid("firstName", Rule::Text(100)),
    solid("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional("settings", SETTINGS),
    solid("currentAccount", Rule::Free),
];
pub(super) const PASSWORD: Form = &[required("password", Rule::Text(usize::MAX))];

const REFERENCE: Rule = Rule::Object(&[optional("id", Rule::Text(100))]);
const INVITATION: Rule = Rule::Object(&[optional("status", Rule::Text(100)), optional("notes", Rule::Text(2000))]);

/// The profile of a person who is invited.
pub(super) const PROFILE: Form = &[
    required("email", Rule::Email),
    required("firstName", Rule::Text(100)),
    required("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional(
        "settings",
        Rule::Object(&[optional("cultureCode", Rule::Text(5)), optional("languageCode", Rule::Text(5))]),
    ),
];
pub(super) const MEMBER_NEW: Form = &[
    required("user", Rule::Object(PROFILE)),
    optional("account", REFERENCE),
    required("groups", Rule::Many(Entity::Group)),
    optional("invitation", INVITATION),
];
/// The profile of a person who is a member already.
pub(super) const MEMBER_PROFILE: Form = &[
    ID,
    solid("email", Rule::Free),
    solid("firstName", Rule::Text(100)),
    solid("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional("settings", SETTINGS),
];
pub(super) const MEMBER: Form = &[
    ID,
    solid("user", Rule::Object(MEMBER_PROFILE)),
    optional("account", REFERENCE),
    solid("groups", Rule::Many(Entity::Group)),
    optional("invitation", INVITATION),
];

pub(super) const GROUP_NEW: Form = &[
    required("name", NAME),
    optional("description", Rule::Text(2000)),
    optional("logo", Rule::Text(2000)),
    solid("account", Rule::One(Entity::Account)),
    solid("modules", Rule::Many(Entity::Module)),
    optional("buyers", Rule::Many(Entity::Buyer)),
];
pub(super) const GROUP: Form = &[
    solid("name", NAME),
    optional("description", Rule::Text(2000)),
    optional("logo", Rule::Text(2000)),
    solid("modules", Rule::Many(Entity::Module)),
    optional("buyers", Rule::Many(Entity::Buyer)),
];
pub(super) const GROUP_ID: Form = &[required("id", Rule::Text(100))];

pub(super) const TOKEN_NEW: Form = &[
    solid("account", Rule::One(Entity::Account)),
    required("name", NAME),
    optional("description", Rule::Text(2000)),
    optional("icon", Rule::Text(2000)),
    solid("modules", Rule::Many(Entity::Module)),
];
pub(super) const TOKEN: Form = &[
    solid("name", NAME),
    optional("description", Rule::Text(2000)),
    optional("icon", Rule::Text(2000)),
    solid("modules", Rule::Many(Entity::Module)),
];

const TENANT_TYPE: Rule =
    Rule::OneOf(&["AwsDirect", "AwsService", "Csp365", "CspAzure", "Ea365", "EaAzure", "Slm", "Virtual"]);
const TENANT_IDS: Rule = Rule::Object(&[
    required("pyraTenantId", Rule::Uuid),
    required("cloudConsumptionId", Rule::Uuid),
    optional("providerId", Rule::Text(250)),
]);

pub(super) const TENANT_NEW: Form = &[
    required("name", Rule::Text(100)),
    required("externalIds", TENANT_IDS),
    solid("type", TENANT_TYPE),
    solid("status", Rule::OneOf(&["Active", "Disabled"])),
    solid("account", Rule::One(Entity::Account)),
];
pub(super) const TENANT: Form = &[
    ID,
    REVISION,
    AUDIT,
    META,
    solid("name", Rule::Text(100)),
    solid("externalIds", TENANT_IDS),
    solid("type", TENANT_TYPE),
    solid("status", Rule::OneOf(&["Active", "Disabled"])),
    solid("account", Rule::One(Entity::Account)),
];
