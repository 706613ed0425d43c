//! The kinds of entities that the upstreams know: whose they are, their ids, collections and reduced forms.

use super::member;
use std::fmt;
use uuid::fmt::Hyphenated;

/// One of the REST APIs behind the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Upstream {
    /// The marketplace's accounts API.
    Accounts,
    /// Wavefront's accounts, user groups and roles.
    Wavefront,
}

impl Upstream {
    /// Its name at the start of a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Upstream::Accounts => "The accounts API",
            Upstream::Wavefront => "Wavefront",
        }
    }

    /// What its paths begin with.
    #[must_use]
    pub const fn root(self) -> &'static str {
        match self {
            Upstream::Accounts => "/v1/accounts/",
            Upstream::Wavefront => "/api/v2/",
        }
    }

    /// The upstream that tells values of a GraphQL type.
    #[must_use]
    pub fn of_type(name: &str) -> Upstream {
        if name.starts_with(WAVEFRONT) { Upstream::Wavefront } else { Upstream::Accounts }
    }
}

/// What the names of Wavefront's types begin with.
const WAVEFRONT: &str = "Wavefront";

/// One kind of entity.
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
    /// A part of the platform that acts by itself.
    Service,
    /// A user or a service account of Wavefront.
    WavefrontAccount,
    /// A group of Wavefront accounts.
    WavefrontUserGroup,
    /// What Wavefront accounts and groups may do.
    WavefrontRole,
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
pub const KINDS: usize = 15;

/// Sources: `accounts-api.md` sections 1.1 (prefixes), 2.1 (reduced forms) and 3 (collections); `accounts-api-v5.md` section 2. `phone` of a user and
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
    Facts {
        type_name: "AccountUser",
        prefix: member::PREFIX,
        collection: "account-users",
        core: &[],
        core_nullable: &[],
    },
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
    Facts { type_name: "Service", prefix: "SVC", collection: "services", core: &["name"], core_nullable: &["icon"] },
    // Whatever Wavefront nests is told in part, and nobody says which part: so there is no reduced form.
    Facts { type_name: "WavefrontAccount", prefix: "", collection: "account", core: &[], core_nullable: &[] },
    Facts { type_name: "WavefrontUserGroup", prefix: "", collection: "usergroup", core: &[], core_nullable: &[] },
    Facts { type_name: "WavefrontRole", prefix: "", collection: "role", core: &[], core_nullable: &[] },
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
        Kind::Service,
        Kind::WavefrontAccount,
        Kind::WavefrontUserGroup,
        Kind::WavefrontRole,
    ];

    /// The kinds whose ids tell what they are: those of the accounts API.
    pub const NODES: &'static [Kind] = Kind::ALL.split_at(12).0;

    const fn facts(self) -> &'static Facts {
        &FACTS[self as usize]
    }

    /// The name of its GraphQL type.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        self.facts().type_name
    }

    /// Who tells of it.
    #[must_use]
    pub const fn upstream(self) -> Upstream {
        match self {
            Kind::WavefrontAccount | Kind::WavefrontUserGroup | Kind::WavefrontRole => Upstream::Wavefront,
            _ => Upstream::Accounts,
        }
    }

    /// The name of its type without the upstream's.
    #[must_use]
    pub fn noun(self) -> &'static str {
        let name = self.type_name();
        name.strip_prefix(WAVEFRONT).unwrap_or(name)
    }

    /// What an id of it looks like, in words.
    #[must_use]
    pub fn id_form(self) -> String {
        match self {
            Kind::WavefrontAccount => "an e-mail address, or sa:: and a name".to_owned(),
            Kind::WavefrontUserGroup | Kind::WavefrontRole => "a UUID".to_owned(),
            Kind::AccountUser => "MEM-, the digits of the account, a dot and the digits of the user".to_owned(),
            _ => format!("{}- and one to four groups of digits", self.prefix()),
        }
    }

    /// The prefix of its ids, without the dash; Wavefront's ids have none.
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

    /// Whether elements are asked for with all their fields where they are embedded: the collection itself answers Operations
    /// only (`accounts-api.md` section 3, `GET /modules`), so it is asked for what is missing then.
    #[must_use]
    pub const fn told_by_holder(self) -> bool {
        matches!(self, Kind::Module)
    }

    /// Whether some hosts do not have its collection: services came with version 5 (`accounts-api-v5.md` section 1.2).
    #[must_use]
    pub const fn may_lack_its_route(self) -> bool {
        matches!(self, Kind::Service)
    }

    /// Whether lists leave out what is deleted, which is still read by its id (`accounts-api-v5.md` section 4.11).
    #[must_use]
    pub const fn lists_hide_deleted(self) -> bool {
        matches!(self, Kind::User | Kind::ApiToken)
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
        Kind::NODES.iter().copied().find(|kind| kind.fits(id))
    }

    /// Whether an id has the form that those of another kind have. One of no known form may be anything.
    #[must_use]
    pub fn is_of_another(self, id: &str) -> bool {
        if self.fits(id) {
            return false;
        }
        match self.upstream() {
            Upstream::Accounts => Kind::of_id(id).is_some() || is_numbered(id, EXTENSION),
            Upstream::Wavefront => Kind::ALL.iter().any(|kind| kind.fits(id)),
        }
    }

    /// Whether an id looks like one of this kind.
    #[must_use]
    pub fn fits(self, id: &str) -> bool {
        match self {
            Kind::WavefrontAccount => return is_wavefront_account(id),
            Kind::WavefrontUserGroup | Kind::WavefrontRole => return id.parse::<Hyphenated>().is_ok(),
            Kind::AccountUser => return member::pair(id).is_some() || member::is_upstream_id(id),
            _ => {}
        }
        is_numbered(id, self.prefix())
    }
}

/// What the ids of extensions begin with. They are no entities: the API has no route for them.
pub const EXTENSION: &str = "EXT";

/// Whether an id is this prefix and one to four groups of digits.
#[must_use]
pub fn is_numbered(id: &str, prefix: &str) -> bool {
    let Some(digits) = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')) else { return false };
    let (mut dashes, mut last) = (0, b'-');
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            if byte != b'-' || last == b'-' {
                return false;
            }
            dashes += 1;
        }
        last = byte;
    }
    last != b'-' && dashes < 4 && id.len() <= 64
}

/// Whether an id is an e-mail address or a service account's name (`wavefront-api.md` section 2).
fn is_wavefront_account(id: &str) -> bool {
    let inside = |name: &str, mark: &str| name.split_once(mark).is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    let named = inside(id, "@") || id.strip_prefix("sa::").is_some_and(|name| !name.is_empty());
    named && id.len() < 256 && !id.chars().any(|letter| letter.is_whitespace() || letter.is_control())
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
            ("MEM-1671-0642.6375-2499", Some(Kind::AccountUser)),
            ("MEM-1671-0642", None),
            ("LCE-0001-0002-0003", Some(Kind::Licensee)),
            ("SVC-3001-0007", Some(Kind::Service)),
            ("EXT-0001-0002", None),
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
    fn an_id_of_another_kind_is_told_from_one_of_no_kind() {
        let role = "04e5fd3a-c916-45aa-923c-2fa02e9eddac";
        for (kind, id, another) in [
            (Kind::Group, "UGR-1-2", false),
            (Kind::Group, "ACC-1-2", true),
            (Kind::User, "EXT-1-2", true),
            (Kind::User, "BOT-1-2", false),
            (Kind::User, "text", false),
            (Kind::AccountUser, "AUSR-1-2", false),
            (Kind::AccountUser, "USR-1-2", true),
            (Kind::WavefrontAccount, role, true),
            (Kind::WavefrontRole, role, false),
            (Kind::WavefrontRole, "a@b.c", true),
            (Kind::WavefrontRole, "RoleDTO Object", false),
        ] {
            assert_eq!(kind.is_of_another(id), another, "{kind} {id}");
        }
    }

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_type(kind.type_name()), Some(kind));
            assert_eq!(Upstream::of_type(kind.type_name()), kind.upstream());
            assert_eq!(Kind::NODES.contains(&kind), kind.upstream() == Upstream::Accounts);
        }
        for kind in Kind::NODES {
            let id = if *kind == Kind::AccountUser { "MEM-1.1".to_owned() } else { format!("{}-1", kind.prefix()) };
            assert_eq!(Kind::of_id(&id), Some(*kind));
        }
    }

    #[test]
    fn wavefront_has_ids_of_its_own() {
        for id in ["a@b.c", "bob+acme@example.com", "sa::terraform", "o'neil@example.com"] {
            assert!(Kind::WavefrontAccount.fits(id), "{id}");
        }
        for id in
            ["", "bob", "@b.c", "a@", "sa::", "sa:x", "a b@c.d", "a@b\n", "text", &format!("{}@b.c", "a".repeat(300))]
        {
            assert!(!Kind::WavefrontAccount.fits(id), "{id}");
        }
        for id in ["04e5fd3a-c916-45aa-923c-2fa02e9eddac", "04E5FD3A-C916-45AA-923C-2FA02E9EDDAC"] {
            assert!(Kind::WavefrontRole.fits(id), "{id}");
        }
        for id in [
            "",
            "string",
            "RoleDTO Object",
            "04e5fd3ac91645aa923c2fa02e9eddac",
            "04e5fd3a-c916-45aa-923c-2fa02e9eddaX",
            "{04e5fd3a-c916-45aa-923c-2fa02e9eddac}",
            "urn:uuid:04e5fd3a-c916-45aa-923c-2fa02e9eddac",
        ] {
            assert!(!Kind::WavefrontUserGroup.fits(id), "{id}");
        }
    }
}
