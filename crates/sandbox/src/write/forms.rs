//! The forms themselves: what the upstream's schemas and rules let a body write.

use super::form::{Form, Rule, older, optional, required, solid};
use crate::schema::Entity;

const NAME: Rule = Rule::Text(500);
const DESCRIPTION: Rule = Rule::Note(2000);
const EXTERNAL_ID: Rule = Rule::Note(250);

/// The address of who trades: all but the second line is needed.
const ADDRESS: Rule = Rule::Object(&[
    required("addressLine1", Rule::Text(250)),
    optional("addressLine2", Rule::Note(250)),
    required("postCode", Rule::Text(20)),
    required("city", Rule::Text(200)),
    required("state", Rule::Text(200)),
    required("country", Rule::Text(2)),
]);
/// The address of an account, which may be empty.
const LOOSE_ADDRESS: Rule = Rule::Object(&[
    optional("addressLine1", Rule::Note(250)),
    optional("addressLine2", Rule::Note(250)),
    optional("postCode", Rule::Note(20)),
    optional("city", Rule::Note(200)),
    optional("state", Rule::Note(200)),
    optional("country", Rule::Note(2)),
]);
const PHONE: Rule = Rule::Object(&[optional("prefix", Rule::Note(10)), optional("number", Rule::Note(15))]);
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
    optional("erpCompanyContact", EXTERNAL_ID),
    optional("erpCustomer", EXTERNAL_ID),
    optional("accountExternalId", EXTERNAL_ID),
]);
const NUMBER_FORMAT: Form = &[optional("decimalSeparator", Rule::Note(5)), optional("groupSeparator", Rule::Note(5))];
const NUMBERS: Rule = Rule::ByShapes(&Rule::Note(50), &Rule::Object(NUMBER_FORMAT));
const OPT_OUTS: Form = &[optional("objectTypes", Rule::Texts(50))];
const SETTINGS: Rule = Rule::Object(&[
    optional("cultureCode", Rule::Note(5)),
    optional("languageCode", Rule::Note(5)),
    optional("dateFormat", Rule::Note(50)),
    optional("timeFormat", Rule::Note(50)),
    optional("timeZone", Rule::Note(50)),
    optional("numberFormat", NUMBERS),
    optional("optOuts", Rule::ByShapes(&Rule::Texts(50), &Rule::Object(OPT_OUTS))),
]);

/// The properties of an account but those that differ between its operations.
macro_rules! account {
    ($($property:expr),* $(,)?) => {
        &[
            optional("address", LOOSE_ADDRESS),
            optional("technicalSupportEmail", Rule::Email),
            optional("website", Rule::Note(2000)),
            optional("description", DESCRIPTION),
            optional("defaultLanguageCode", Rule::Note(5)),
            optional("eligibility", ELIGIBILITY),
            older("serviceLevel", LEVEL),
            $($property),*
        ]
    };
}

const TYPE: Rule = Rule::OneOf(&["Client", "Vendor", "Operations"]);
const LEVEL: Rule = Rule::OneOf(&["Express", "Elite", "Dsc", "Focus", "Runners", "Strategics", "NotApplicable"]);

pub(super) const ACCOUNT_NEW: Form =
    account![required("name", NAME), required("type", TYPE), optional("externalId", EXTERNAL_ID)];
pub(super) const ACCOUNT: Form = account![required("name", NAME), optional("externalId", EXTERNAL_ID)];
pub(super) const ACCOUNT_ACTIVATE: Form = account![required("name", NAME), required("externalId", Rule::Text(250))];
pub(super) const ACCOUNT_VALIDATE: Form = account![solid("name", NAME), optional("externalId", EXTERNAL_ID)];

macro_rules! buyer {
    ($($property:expr),* $(,)?) => {
        &[optional("taxId", Rule::Note(18)), older("contact", CONTACT), $($property),*]
    };
}

pub(super) const BUYER: Form = buyer![
    required("name", NAME),
    required("address", ADDRESS),
    optional("account", Rule::One(Entity::Account)),
    optional("externalIds", ERP_IDS),
];
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
pub(super) const BUYER_TRANSFER: Form = &[required("account", Rule::One(Entity::Account))];

/// Codes once, and objects of which each is read on its own in v5.
const CURRENCIES: Rule = Rule::ByShapes(&Rule::Texts(3), &Rule::Free);

pub(super) const SELLER_NEW: Form = &[
    required("name", NAME),
    required("currencies", CURRENCIES),
    solid("externalId", Rule::Text(250)),
    optional("address", ADDRESS),
    solid("status", Rule::OneOf(&["Active", "Disabled"])),
];
/// The external id is written at creation only.
pub(super) const SELLER: Form = &[solid("name", NAME), solid("currencies", CURRENCIES), optional("address", ADDRESS)];

macro_rules! licensee {
    ($($property:expr),* $(,)?) => {
        &[
            optional("name", Rule::Note(500)),
            optional("externalId", EXTERNAL_ID),
            optional("address", ADDRESS),
            optional("description", DESCRIPTION),
            older("contact", CONTACT),
            $($property),*
        ]
    };
}

pub(super) const LICENSEE_NEW: Form = licensee![
    required("buyer", Rule::One(Entity::Buyer)),
    required("seller", Rule::One(Entity::Seller)),
    required("useBuyerAddress", Rule::Flag),
    optional("eligibility", ELIGIBILITY),
];
/// Buyer, seller and eligibility are written at creation only.
pub(super) const LICENSEE: Form = licensee![solid("useBuyerAddress", Rule::Flag)];

/// All else of a link comes from the ERP.
pub(super) const LINK: Form = &[optional("note", Rule::Note(4000))];

pub(super) const USER: Form = &[
    older("acceptedTerms", Rule::Flag),
    solid("firstName", Rule::Text(100)),
    solid("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional("settings", SETTINGS),
    solid("currentAccount", Rule::Free),
];
pub(super) const PASSWORD: Form =
    &[required("password", Rule::Text(usize::MAX)), optional("currentPassword", Rule::Note(usize::MAX))];
pub(super) const FAVORITE: Form = &[required("favorite", Rule::Flag)];

const REFERENCE: Rule = Rule::Object(&[optional("id", Rule::Text(100))]);
const INVITATION: Rule = Rule::Object(&[optional("status", Rule::Text(100)), optional("notes", Rule::Note(2000))]);
/// The settings of a person who is invited; nobody opts out for others.
const FIRST_SETTINGS: Rule = Rule::Object(&[
    optional("cultureCode", Rule::Note(5)),
    optional("languageCode", Rule::Note(5)),
    optional("dateFormat", Rule::Note(50)),
    optional("timeFormat", Rule::Note(50)),
    optional("timeZone", Rule::Note(50)),
    optional("numberFormat", NUMBERS),
]);

/// The profile of a person who is not known yet.
pub(super) const PROFILE: Form = &[
    required("email", Rule::Email),
    required("firstName", Rule::Text(100)),
    required("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional("settings", FIRST_SETTINGS),
];
/// A new member. Whose profile is not known yet has to have all of it, which is another form's matter.
pub(super) const MEMBER_NEW: Form = &[
    solid("id", Rule::Text(100)),
    solid("email", Rule::Email),
    solid("firstName", Rule::Text(100)),
    solid("lastName", Rule::Text(100)),
    optional("account", REFERENCE),
    required("groups", Rule::Many(Entity::Group)),
    optional("invitation", INVITATION),
    optional("notes", Rule::Note(2000)),
];
/// The same with the profile in an object of its own, as it once was.
pub(super) const MEMBER_NESTED: Form = &[
    required("user", Rule::Object(PROFILE)),
    optional("account", REFERENCE),
    required("groups", Rule::Many(Entity::Group)),
    optional("invitation", INVITATION),
];
/// The profile of a person who is a member already. The groups have routes of their own.
pub(super) const MEMBER: Form = &[
    solid("firstName", Rule::Text(100)),
    solid("lastName", Rule::Text(100)),
    optional("phone", PHONE),
    optional("settings", SETTINGS),
];
pub(super) const MEMBER_INVITATION: Form = &[optional("invitation", INVITATION)];

const EXTENSIONS: Rule = Rule::ByShapes(&Rule::Free, &Rule::Many(Entity::Extension));

pub(super) const GROUP_NEW: Form = &[
    required("name", NAME),
    optional("description", DESCRIPTION),
    optional("logo", Rule::Note(2000)),
    solid("account", Rule::One(Entity::Account)),
    optional("modules", Rule::Many(Entity::Module)),
    optional("buyers", Rule::Many(Entity::Buyer)),
    optional("extensions", EXTENSIONS),
];
pub(super) const GROUP: Form = &[
    solid("name", NAME),
    optional("description", DESCRIPTION),
    optional("logo", Rule::Note(2000)),
    optional("modules", Rule::Many(Entity::Module)),
    optional("buyers", Rule::Many(Entity::Buyer)),
    optional("extensions", EXTENSIONS),
];
pub(super) const GROUP_ID: Form = &[required("id", Rule::Text(100))];

const TOKEN_NAME: Rule = Rule::Plain(200);

pub(super) const TOKEN_NEW: Form = &[
    solid("account", Rule::One(Entity::Account)),
    required("name", TOKEN_NAME),
    optional("description", DESCRIPTION),
    optional("icon", Rule::Note(2000)),
    optional("modules", Rule::Many(Entity::Module)),
    optional("extensions", EXTENSIONS),
];
pub(super) const TOKEN: Form = &[
    solid("name", TOKEN_NAME),
    optional("description", DESCRIPTION),
    optional("icon", Rule::Note(2000)),
    optional("modules", Rule::Many(Entity::Module)),
    optional("extensions", EXTENSIONS),
];

const TENANT_TYPE: Rule =
    Rule::OneOf(&["AwsDirect", "AwsService", "Csp365", "CspAzure", "Ea365", "EaAzure", "Slm", "Virtual"]);
const TENANT_IDS: Rule = Rule::Object(&[
    required("pyraTenantId", Rule::Uuid),
    required("cloudConsumptionId", Rule::Uuid),
    optional("providerId", EXTERNAL_ID),
]);
const TENANT_STATUS: Rule = Rule::OneOf(&["Active", "Disabled"]);

pub(super) const TENANT_NEW: Form = &[
    required("name", Rule::Text(100)),
    required("externalIds", TENANT_IDS),
    solid("type", TENANT_TYPE),
    solid("status", TENANT_STATUS),
    optional("account", Rule::One(Entity::Account)),
];
/// The type is written at creation only.
pub(super) const TENANT: Form = &[
    required("name", Rule::Text(100)),
    required("externalIds", TENANT_IDS),
    solid("status", TENANT_STATUS),
    optional("account", Rule::One(Entity::Account)),
];
