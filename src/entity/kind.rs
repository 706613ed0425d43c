//! The kinds of entities that the accounts API knows: their prefixes, collections and reduced forms.

use std::fmt;

/// One kind of entity of the accounts API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A person who signs in.
    User,
    /// A company.
    Account,
    /// A user's membership of an account.
    AccountUser,
    /// A permission group of an account (upstream: user group).
    Group,
    /// A part of the platform that groups give access to.
    Module,
    /// A legal entity that buys.
    Buyer,
    /// A legal entity that sells.
    Seller,
    /// A party that holds licences.
    Licensee,
    /// The tie of a buyer to a seller in the ERP.
    ErpLink,
    /// A credential of an account.
    ApiToken,
    /// A tenant at a cloud provider.
    CloudTenant,
}

/// What REST needs to know of a kind.
struct Facts {
    type_name: &'static str,
    prefix: &'static str,
    collection: &'static str,
    /// Members of the reduced form that are never null there: absent means "not told".
    core: &'static [&'static str],
    /// Members of the reduced form that may be null: null members are left out of bodies, so absent means null.
    core_nullable: &'static [&'static str],
}

/// How many kinds there are.
pub const KINDS: usize = 11;

/// Sources: `accounts-api.md` sections 1.1 (prefixes), 2.1 (reduced forms) and 3 (collections). `phone` of a user and
/// `revision` are part of the reduced form in some generations only, so they are not listed: when they come they are used.
const FACTS: [Facts; KINDS] = [
    Facts { type_name: "User", prefix: "USR", collection: "users", core: &["name"], core_nullable: &["icon"] },
    Facts {
        type_name: "Account",
        prefix: "ACC",
        collection: "accounts",
        core: &["name", "type", "status"],
        core_nullable: &["icon"],
    },
    Facts { type_name: "AccountUser", prefix: "AUSR", collection: "account-users", core: &[], core_nullable: &[] },
    Facts {
        type_name: "Group",
        prefix: "UGR",
        collection: "user-groups",
        core: &["name", "isDefault"],
        core_nullable: &["description", "logo"],
    },
    Facts {
        type_name: "Module",
        prefix: "MOD",
        collection: "modules",
        core: &["name", "description", "settings", "filters"],
        core_nullable: &[],
    },
    Facts { type_name: "Buyer", prefix: "BUY", collection: "buyers", core: &[], core_nullable: &["name", "icon"] },
    Facts {
        type_name: "Seller",
        prefix: "SEL",
        collection: "sellers",
        core: &["name"],
        core_nullable: &["icon", "externalId", "erpLink"],
    },
    Facts {
        type_name: "Licensee",
        prefix: "LCE",
        collection: "licensees",
        core: &[],
        core_nullable: &["name", "icon", "externalId"],
    },
    Facts {
        type_name: "ErpLink",
        prefix: "ERP",
        collection: "erp-links",
        core: &["name", "status"],
        core_nullable: &["icon"],
    },
    Facts { type_name: "ApiToken", prefix: "TKN", collection: "api-tokens", core: &[], core_nullable: &["icon"] },
    Facts { type_name: "CloudTenant", prefix: "CLT", collection: "cloud-tenants", core: &[], core_nullable: &[] },
];

impl Kind {
    /// Every kind, in the order of its discriminant.
    pub const ALL: [Kind; KINDS] = [
        Kind::User,
        Kind::Account,
        Kind::AccountUser,
        Kind::Group,
        Kind::Module,
        Kind::Buyer,
        Kind::Seller,
        Kind::Licensee,
        Kind::ErpLink,
        Kind::ApiToken,
        Kind::CloudTenant,
    ];

    const fn facts(self) -> &'static Facts {
        &FACTS[self as usize]
    }

    /// The name of its GraphQL type.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        self.facts().type_name
    }

    /// The prefix of its ids, without the dash.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        self.facts().prefix
    }

    /// The last segment of its collection's path.
    #[must_use]
    pub const fn collection(self) -> &'static str {
        self.facts().collection
    }

    /// Members that its reduced form always has.
    #[must_use]
    pub const fn core(self) -> &'static [&'static str] {
        self.facts().core
    }

    /// Members of its reduced form that are left out when they are null.
    #[must_use]
    pub const fn core_nullable(self) -> &'static [&'static str] {
        self.facts().core_nullable
    }

    /// Whether elements are asked for with all their fields where they are met, since the collection itself answers
    /// Operations only (`accounts-api.md` section 3, `GET /modules`).
    #[must_use]
    pub const fn told_by_holder(self) -> bool {
        matches!(self, Kind::Module)
    }

    /// The kind with this GraphQL type name.
    #[must_use]
    pub fn of_type(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.type_name() == name)
    }

    /// The kind whose ids look like this one: its prefix, then one to four groups of digits. Group lengths are not
    /// checked, because documents of different years disagree on them.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.fits(id))
    }

    /// Whether an id looks like one of this kind.
    #[must_use]
    pub fn fits(self, id: &str) -> bool {
        let Some(digits) = id.strip_prefix(self.prefix()).and_then(|rest| rest.strip_prefix('-')) else { return false };
        let (mut groups, mut length) = (1, 0);
        for byte in digits.bytes() {
            match byte {
                b'0'..=b'9' => length += 1,
                b'-' if length > 0 => (groups, length) = (groups + 1, 0),
                _ => return false,
            }
        }
        length > 0 && groups <= 4 && id.len() <= 64
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_prefix_and_one_to_four_groups_of_digits() {
        let cases = [
            ("USR-1671-0642", Some(Kind::User)),
            ("MOD-1234", Some(Kind::Module)),
            ("AUSR-1-2-3-4", Some(Kind::AccountUser)),
            ("LCE-0001-0002-0003", Some(Kind::Licensee)),
            ("USR-1-2-3-4-5", None),
            ("USR-", None),
            ("USR", None),
            ("USR-12-", None),
            ("USR--12", None),
            ("usr-1671-0642", None),
            ("XXX-1671-0642", None),
            ("USR-1671-064a", None),
            ("USR-1671-0642\n", None),
            (" USR-1671-0642", None),
            ("USR-1671-\u{663}", None),
            ("text", None),
            ("", None),
        ];
        for (id, kind) in cases {
            assert_eq!(Kind::of_id(id), kind, "{id:?}");
        }
        assert_eq!(Kind::of_id(&format!("USR-{}", "1".repeat(100))), None);
    }

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_type(kind.type_name()), Some(kind));
            assert_eq!(Kind::of_id(&format!("{}-1", kind.prefix())), Some(kind));
        }
    }
}
