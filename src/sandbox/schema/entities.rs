//! The tables themselves: one `const` per entity and value object, a line per property.

use super::{Field, Kind, date, flag, int, json, many, object, one, text, texts};

/// A kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Entity {
    User,
    Account,
    Group,
    Module,
    Buyer,
    Seller,
    Licensee,
    ErpLink,
    ApiToken,
    CloudTenant,
    AccountUser,
    /// A seller as seen from one buyer: the same object plus the ERP link between the two.
    Supplier,
    /// A user as seen inside one account (`/accounts/{id}/users`); rows are made per request.
    Member,
    /// An account as seen by one of its users (`/users/{id}/accounts`); rows are made per request.
    Access,
}

impl Entity {
    /// Every entity with a table of its own in the world.
    pub(crate) const STORED: [Entity; 12] = [
        Entity::User,
        Entity::Account,
        Entity::Group,
        Entity::Module,
        Entity::Buyer,
        Entity::Seller,
        Entity::Licensee,
        Entity::ErpLink,
        Entity::ApiToken,
        Entity::CloudTenant,
        Entity::AccountUser,
        Entity::Supplier,
    ];

    /// The path segment of the collection; empty for entities that have none.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Entity::User => "users",
            Entity::Account => "accounts",
            Entity::Group => "user-groups",
            Entity::Module => "modules",
            Entity::Buyer => "buyers",
            Entity::Seller => "sellers",
            Entity::Licensee => "licensees",
            Entity::ErpLink => "erp-links",
            Entity::ApiToken => "api-tokens",
            Entity::CloudTenant => "cloud-tenants",
            Entity::AccountUser => "account-users",
            Entity::Supplier | Entity::Member | Entity::Access => "",
        }
    }

    /// The entity behind a path segment.
    pub(crate) fn of_collection(segment: &str) -> Option<Entity> {
        Entity::STORED.into_iter().find(|entity| !segment.is_empty() && entity.collection() == segment)
    }

    /// Its properties, in row order; the first one is always the id.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Entity::User => USER,
            Entity::Account => ACCOUNT,
            Entity::Group => GROUP,
            Entity::Module => MODULE,
            Entity::Buyer => BUYER,
            Entity::Seller | Entity::Supplier => SELLER,
            Entity::Licensee => LICENSEE,
            Entity::ErpLink => ERP_LINK,
            Entity::ApiToken => API_TOKEN,
            Entity::CloudTenant => CLOUD_TENANT,
            Entity::AccountUser => ACCOUNT_USER,
            Entity::Member => MEMBER,
            Entity::Access => ACCESS,
        }
    }

    /// The place of a property that this program itself names.
    pub(crate) fn slot(self, name: &str) -> usize {
        let slot = super::find(self.fields(), name);
        debug_assert!(slot.is_some(), "{self:?} has no {name}");
        slot.unwrap_or_default()
    }
}

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
const USER_SETTINGS: Field = object(
    "settings",
    &[
        text("cultureCode"),
        text("languageCode"),
        text("dateFormat"),
        text("timeFormat"),
        text("timeZone"),
        text("numberFormat"),
        texts("optOuts"),
    ],
);
const ERP_IDS: Field =
    object("externalIds", &[text("erpCompanyContact"), text("erpCustomer"), text("accountExternalId")]);

const USER: &[Field] = &[
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
    flag("SSO"),
    flag("acceptedTerms"),
    USER_SETTINGS,
    one("currentAccount", Entity::Account).own(),
    many("accounts", Entity::Account).quiet().operations(),
    object(
        "audit",
        &[
            object("created", EVENT),
            object("updated", EVENT),
            object("blocked", EVENT),
            object("login", MOMENT),
            date("invitationAcceptedAt"),
        ],
    )
    .quiet(),
];

const ACCOUNT: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("type").core(),
    text("status").core(),
    text("externalId"),
    text("externalName"),
    object("externalIds", &[text("pyraTenantId")]),
    text("serviceLevel"),
    ADDRESS,
    text("technicalSupportEmail"),
    text("website"),
    text("description"),
    text("defaultLanguageCode"),
    ELIGIBILITY,
    many("groups", Entity::Group).quiet(),
    AUDIT.quiet(),
];

const GROUP: &[Field] = &[
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
    json("extensions"),
    AUDIT.quiet(),
];

const MODULE: &[Field] = &[
    ID,
    REVISION,
    NAME,
    text("description").core(),
    object("filters", &[texts("group.buyers")]).core(),
    object(
        "settings",
        &[
            flag("configurable"),
            flag("default"),
            flag("paid"),
            texts("type"),
            flag("obsolete"),
            object("eligibility", &[flag("multi"), flag("single")]),
        ],
    )
    .core(),
    text("code"),
    texts("accountTypes"),
    AUDIT.quiet(),
];

const BUYER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("status"),
    ADDRESS,
    text("taxId"),
    one("account", Entity::Account),
    CONTACT,
    ERP_IDS,
    Field::new("errors", Kind::Objects(&[text("id"), text("message"), json("parameters")])).operations(),
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
const SELLER: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("externalId").core(),
    one("erpLink", Entity::ErpLink).core(),
    text("status"),
    ADDRESS,
    texts("currencies"),
    AUDIT,
];

const LICENSEE: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("externalId").core(),
    text("status"),
    ADDRESS,
    flag("useBuyerAddress"),
    text("description"),
    CONTACT,
    one("account", Entity::Account),
    one("buyer", Entity::Buyer),
    one("seller", Entity::Seller),
    ELIGIBILITY,
    object("audit", &[object("created", EVENT), object("updated", EVENT), object("disabled", EVENT)]).quiet(),
];

const ERP_LINK: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("status").core(),
    one("buyer", Entity::Buyer),
    one("seller", Entity::Seller),
    ERP_IDS,
    ADDRESS,
    text("note").operations(),
    object(
        "audit",
        &[object("created", EVENT), object("updated", EVENT), object("blocked", EVENT), object("unblocked", EVENT)],
    )
    .quiet(),
];

const API_TOKEN: &[Field] = &[
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
    AUDIT.quiet(),
];

const CLOUD_TENANT: &[Field] = &[
    ID,
    REVISION,
    text("name"),
    text("status"),
    text("type"),
    one("account", Entity::Account),
    object("externalIds", &[text("cloudConsumptionId"), text("providerId"), text("pyraTenantId")]),
    AUDIT.quiet(),
];

const MEMBERSHIP_AUDIT: Field = object(
    "audit",
    &[
        object("created", EVENT),
        object("updated", EVENT),
        object("invited", MOMENT),
        object("access", MOMENT),
        object("joined", MOMENT),
        date("invitationAcceptedAt"),
    ],
)
.quiet();

const ACCOUNT_USER: &[Field] = &[
    ID,
    REVISION,
    text("status"),
    one("user", Entity::User),
    one("account", Entity::Account),
    many("groups", Entity::Group),
    many("modules", Entity::Module),
    many("buyers", Entity::Buyer),
    INVITATION,
    date("lastLoginAt"),
    MEMBERSHIP_AUDIT,
];

const MEMBER: &[Field] = &[
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
    flag("SSO"),
    flag("acceptedTerms"),
    USER_SETTINGS,
    one("account", Entity::Account),
    many("groups", Entity::Group),
    many("modules", Entity::Module),
    many("buyers", Entity::Buyer),
    INVITATION,
    MEMBERSHIP_AUDIT,
];

const ACCESS: &[Field] = &[
    ID,
    REVISION,
    NAME,
    ICON,
    text("type").core(),
    text("status").core(),
    text("externalId"),
    text("externalName"),
    object("externalIds", &[text("pyraTenantId")]),
    text("serviceLevel"),
    ADDRESS,
    text("technicalSupportEmail"),
    text("website"),
    text("description"),
    text("defaultLanguageCode"),
    ELIGIBILITY,
    flag("favorite"),
    INVITATION,
    MEMBERSHIP_AUDIT,
];
