//! The tables themselves: one `const` per entity and value object, a line per property.

use super::{
    Entity, Field, Kind,
    Shapes::{Old, V5},
    Where, date, flag, int, json, many, object, one, text, texts,
};

const ID: Field = text("id").core();
const REVISION: Field = int("revision").core();
const NAME: Field = text("name").core();
const ICON: Field = text("icon").core();

/// The reduced form of whoever did something.
pub(crate) const ACTOR: &[Field] = &[ID, REVISION, NAME, ICON];

const EVENT: &[Field] = &[date("at"), Field::new("by", Kind::Actor)];
const MOMENT: &[Field] = &[date("at")];
const AUDIT: Field = object("audit", &[object("created", EVENT), object("updated", EVENT)]);

const ADDRESS: Field = object(
    "address",
    &[text("addressLine1"), text("addressLine2"), text("postCode"), text("city"), text("state"), text("country")],
);
const PHONE: Field = object("phone", &[text("prefix"), text("number")]);
const CONTACT: Field = object(
    "contact",
    &[text("name"), text("firstName"), text("lastName"), text("email"), PHONE, one("user", Entity::User)],
);
const ELIGIBILITY: Field = object("eligibility", &[flag("client"), flag("partner")]);
const INVITATION: Field = object("invitation", &[text("url"), text("status"), text("notes")]);
/// A value object for each culture's numbers in v5; a sample number before.
const NUMBER_FORMAT: Field = object("numberFormat", &[text("decimalSeparator"), text("groupSeparator")]).only(V5);
const USER_SETTINGS: Field = object(
    "settings",
    &[
        text("cultureCode"),
        text("languageCode"),
        text("dateFormat"),
        text("timeFormat"),
        text("timeZone"),
        NUMBER_FORMAT,
        text("numberSample").called("numberFormat").only(Old),
        object("optOuts", &[texts("objectTypes")]).only(V5),
        texts("optOutCategories").called("optOuts").only(Old),
    ],
);
const ERP_IDS: Field =
    object("externalIds", &[text("erpCompanyContact"), text("erpCustomer"), text("accountExternalId")]);

pub(super) const USER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("email"),
    text("status"),
    text("firstName"),
    text("lastName"),
    PHONE,
    date("lastLoginAt"),
    flag("SSO").only(Old),
    flag("acceptedTerms").only(Old),
    USER_SETTINGS,
    one("currentAccount", Entity::Account).own(),
    many("accounts", Entity::Account).quiet().operations(Where::Everywhere),
    object(
        "audit",
        &[
            object("created", EVENT),
            object("updated", EVENT),
            object("blocked", EVENT).only(Old),
            object("login", MOMENT).only(Old),
            date("invitationAcceptedAt"),
        ],
    )
    .quiet(),
];

pub(super) const ACCOUNT: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("type").core(),
    text("status").core(),
    text("externalId"),
    text("externalName"),
    object("externalIds", &[text("pyraTenantId")]),
    text("serviceLevel").only(Old),
    ADDRESS,
    text("technicalSupportEmail"),
    text("website"),
    text("description"),
    text("defaultLanguageCode"),
    ELIGIBILITY,
    many("groups", Entity::Group).quiet(),
    AUDIT.quiet(),
    // What `/accounts/{id}/settings/notifications` tells; the upstream does not publish its shape.
    json("notifications").hidden(),
    // What a disabled account was before.
    text("formerStatus").hidden(),
];

pub(super) const GROUP: &[Field] = &[
    ID,
    REVISION,
    NAME,
    text("description").core(),
    text("logo").core(),
    flag("isDefault").core(),
    one("account", Entity::Account),
    many("modules", Entity::Module),
    many("users", Entity::User),
    many("buyers", Entity::Buyer),
    many("extensions", Entity::Extension).only(V5),
    json("extensionList").called("extensions").only(Old),
    AUDIT.quiet(),
];

const MODULE_ELIGIBILITY: Field = object("eligibility", &[flag("multi"), flag("single")]);
pub(super) const MODULE: &[Field] = &[
    ID,
    REVISION,
    NAME,
    text("description").core(),
    object("filters", &[texts("group.buyers")]).only(V5).core(),
    object("filterBuyers", &[texts("group.buyers")]).called("filters").only(Old).core(),
    object(
        "settings",
        &[
            flag("configurable"),
            flag("default"),
            flag("paid"),
            texts("type"),
            flag("obsolete"),
            flag("sharedAccount"),
            MODULE_ELIGIBILITY,
        ],
    )
    .only(V5)
    .core(),
    object(
        "oldSettings",
        &[flag("configurable"), flag("default"), flag("paid"), texts("type"), flag("obsolete"), MODULE_ELIGIBILITY],
    )
    .called("settings")
    .only(Old)
    .core(),
    text("code"),
    texts("accountTypes"),
    AUDIT.quiet(),
];

pub(super) const BUYER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("status"),
    ADDRESS,
    text("taxId"),
    one("account", Entity::Account),
    CONTACT.only(Old),
    ERP_IDS,
    Field::new("errors", Kind::Objects(&[text("id"), text("message"), json("parameters")]))
        .operations(Where::Everywhere),
    many("sellers", Entity::Supplier).quiet(),
    object(
        "audit",
        &[
            object("created", EVENT),
            object("updated", EVENT),
            object("activated", EVENT),
            object("unassigned", EVENT),
            object("disabled", EVENT),
        ],
    )
    .quiet(),
];

/// The upstream also knows the buyers of a seller but never returns them, so they are no property here. Its `audit`
/// is the one that comes without being asked for.
pub(super) const SELLER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("externalId").core(),
    one("erpLink", Entity::ErpLink).only(Old).core(),
    // In the schema of v5, and never filled.
    one("noErpLink", Entity::ErpLink).called("erpLink").only(V5),
    text("status"),
    ADDRESS,
    Field::new("currencies", Kind::Objects(&[text("value"), flag("billingEnabled"), flag("isDefault")])).only(V5),
    texts("currencyCodes").called("currencies").only(Old),
    object("attributes", &[json("navision")]).only(V5),
    AUDIT,
];

pub(super) const LICENSEE: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("externalId").core(),
    text("status"),
    ADDRESS,
    flag("useBuyerAddress"),
    text("description"),
    CONTACT.only(Old),
    one("account", Entity::Account),
    one("buyer", Entity::Buyer),
    one("seller", Entity::Seller),
    ELIGIBILITY,
    object("audit", &[object("created", EVENT), object("updated", EVENT), object("disabled", EVENT)]).quiet(),
];

/// An address with what the ERP calls it.
const SITE: &[Field] = &[
    text("addressLine1"),
    text("addressLine2"),
    text("postCode"),
    text("city"),
    text("state"),
    text("country"),
    text("externalId"),
    text("name"),
];
pub(super) const ERP_LINK: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("status").core(),
    text("companyName").only(V5).core(),
    one("buyer", Entity::Buyer),
    one("seller", Entity::Seller),
    ERP_IDS.operations(Where::Only(V5)),
    ADDRESS.operations(Where::Only(V5)),
    Field::new("shipTo", Kind::Objects(SITE)).only(V5).operations(Where::Everywhere),
    Field::new("billTo", Kind::Objects(SITE)).only(V5).operations(Where::Everywhere),
    text("note").operations(Where::Everywhere),
    object(
        "audit",
        &[
            object("created", EVENT),
            object("updated", EVENT),
            object("blocked", EVENT),
            object("unblocked", EVENT),
            object("disabled", EVENT).only(V5),
        ],
    )
    .quiet(),
];

pub(super) const API_TOKEN: &[Field] = &[
    ID,
    REVISION,
    text("name"),
    ICON,
    text("description"),
    text("status"),
    date("lastAccessAt"),
    text("token"),
    one("account", Entity::Account),
    many("modules", Entity::Module),
    many("extensions", Entity::Extension).only(V5),
    AUDIT.quiet(),
];

pub(super) const CLOUD_TENANT: &[Field] = &[
    ID,
    REVISION,
    text("name"),
    text("status"),
    text("type"),
    one("account", Entity::Account),
    object("externalIds", &[text("cloudConsumptionId"), text("providerId"), text("pyraTenantId")]),
    AUDIT.quiet(),
];

pub(super) const SERVICE: &[Field] = &[ID, REVISION, NAME, ICON, text("status"), text("description"), AUDIT.quiet()];

pub(super) const EXTENSION: &[Field] = &[ID, REVISION, NAME, ICON, text("status").core(), AUDIT.quiet()];

/// Something that happened, of which a membership does not tell by whom.
const UNSIGNED: &[Field] = &[date("at"), Field::new("by", Kind::Actor).hidden()];

pub(super) const ACCOUNT_USER: &[Field] = &[
    ID,
    REVISION,
    text("status").only(Old),
    one("user", Entity::User),
    one("account", Entity::Account),
    many("groups", Entity::Group),
    many("modules", Entity::Module),
    many("buyers", Entity::Buyer),
    INVITATION,
    date("lastLoginAt"),
    object(
        "audit",
        &[
            object("created", EVENT),
            object("updated", EVENT),
            object("invited", UNSIGNED).only(Old),
            object("access", MOMENT),
            object("joined", UNSIGNED),
            date("invitationAcceptedAt"),
        ],
    )
    .quiet(),
    // Whether the user marked the account; told by `/users/{id}/accounts` only.
    flag("favorite").hidden(),
    // When an invitation that was sent by a request runs out. Those of the generated data do not.
    date("expires").hidden(),
];

/// The audit of a membership, the same in cells, as the rows that are made of it show it.
const MEMBERSHIP_AUDIT: Field = object(
    "audit",
    &[
        object("created", EVENT),
        object("updated", EVENT),
        object("invited", EVENT),
        object("access", MOMENT),
        object("joined", EVENT),
        date("invitationAcceptedAt").hidden(),
    ],
)
.quiet();

pub(super) const MEMBER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("email"),
    text("status"),
    text("firstName"),
    text("lastName"),
    PHONE,
    USER_SETTINGS,
    one("user", Entity::User),
    one("account", Entity::Account),
    many("groups", Entity::Group),
    many("modules", Entity::Module),
    many("buyers", Entity::Buyer),
    INVITATION,
    MEMBERSHIP_AUDIT,
];

pub(super) const ACCESS: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("type").core(),
    text("status").core(),
    text("externalId"),
    text("externalName"),
    object("externalIds", &[text("pyraTenantId")]),
    ADDRESS,
    text("technicalSupportEmail"),
    text("website"),
    text("description"),
    text("defaultLanguageCode"),
    ELIGIBILITY,
    many("groups", Entity::Group).quiet(),
    flag("favorite"),
    INVITATION,
    MEMBERSHIP_AUDIT,
];
