//! Relations to many, asked for from the other side: the cheapest query of `accounts-api.md` section 10.2 for many
//! parents at once. One line is one relation.

use crate::entity::kind::Kind;

/// How a row names the parents it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParentKey {
    /// A reference of the row is the parent: `in(account.id,(…))`.
    Reference(&'static str),
    /// A collection of the row holds the parent: `any(groups,in(id,(…)))`.
    Collection(&'static str),
    /// A text of the row is the key, in any case: `in(email,(…))`.
    Value(&'static str),
    /// A list of the row holds the parent's id, bare or in an object: a search of Wavefront's.
    Ids(&'static str),
    /// The row does not name the parent. A list in the parent's body holds the row: `in(id,(…))`.
    Listed(&'static str),
    /// The row does not name the parent. It is a user who is in a group that holds the parent in this collection:
    /// `in(id,(…))`.
    Members(&'static str),
}

impl ParentKey {
    /// The member of the row that names its parents, if one does.
    #[must_use]
    pub const fn member(self) -> Option<&'static str> {
        match self {
            ParentKey::Reference(member)
            | ParentKey::Collection(member)
            | ParentKey::Value(member)
            | ParentKey::Ids(member) => Some(member),
            ParentKey::Listed(_) | ParentKey::Members(_) => None,
        }
    }

    /// The property of the row that a condition on its parents names.
    #[must_use]
    pub fn property(self) -> String {
        match self {
            ParentKey::Reference(member) | ParentKey::Collection(member) => format!("{member}.id"),
            ParentKey::Value(member) | ParentKey::Ids(member) => member.to_owned(),
            ParentKey::Listed(_) | ParentKey::Members(_) => "id".to_owned(),
        }
    }

    /// Whether the rows are asked for by their own ids, since they do not name their parents.
    #[must_use]
    pub const fn names_rows(self) -> bool {
        matches!(self, ParentKey::Listed(_) | ParentKey::Members(_))
    }
}

/// The way from a row to what the relation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// The row itself.
    Row,
    /// A reference of the row.
    One(&'static str),
    /// The elements of a collection of the row.
    Many(&'static str),
}

/// When a plain list is taken from the relation and when from the parent's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Always, in pages.
    Connection,
    /// Always, unless a body happened to bring the list.
    List,
    /// When the parent is not fetched anyway.
    ListIfCheaper,
    /// When the upstream leaves the list out of the parent though asked.
    ListAsFallback,
    /// For a list that is had in another way, when there are conditions on it or an order.
    Filtered,
}

/// One relation to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// The entity that has the field.
    pub parent: Kind,
    /// The field.
    pub field: &'static str,
    /// The collection that is asked.
    pub rows: Kind,
    /// How its rows name the parent.
    pub by: ParentKey,
    /// The way from a row to the entity of the list.
    pub hop: Through,
    /// When it is used.
    pub used: Strategy,
}

const fn list(parent: Kind, field: &'static str, rows: Kind, by: ParentKey, hop: Through, used: Strategy) -> Relation {
    Relation { parent, field, rows, by, hop, used }
}

const fn pages(parent: Kind, field: &'static str, rows: Kind, by: ParentKey) -> Relation {
    Relation { parent, field, rows, by, hop: Through::Row, used: Strategy::Connection }
}

/// Every relation. Memberships are asked of the flat collection of family B, the only one that answers for many
/// parents in one request (section 1.2).
pub const RELATIONS: &[Relation] = &[
    list(
        Kind::User,
        "accounts",
        Kind::AccountUser,
        ParentKey::Reference("user"),
        Through::One("account"),
        Strategy::List,
    ),
    list(Kind::User, "accountUsers", Kind::AccountUser, ParentKey::Reference("user"), Through::Row, Strategy::List),
    list(
        Kind::User,
        "groups",
        Kind::AccountUser,
        ParentKey::Reference("user"),
        Through::Many("groups"),
        Strategy::List,
    ),
    Relation { used: Strategy::Filtered, ..pages(Kind::User, "groups", Kind::Group, ParentKey::Collection("users")) },
    Relation {
        used: Strategy::Filtered,
        ..pages(Kind::AccountUser, "groups", Kind::Group, ParentKey::Listed("groups"))
    },
    Relation {
        used: Strategy::Filtered,
        ..pages(Kind::AccountUser, "buyers", Kind::Buyer, ParentKey::Listed("buyers"))
    },
    Relation { used: Strategy::Filtered, ..pages(Kind::Group, "buyers", Kind::Buyer, ParentKey::Listed("buyers")) },
    Relation { used: Strategy::Filtered, ..pages(Kind::Buyer, "sellers", Kind::Seller, ParentKey::Listed("sellers")) },
    list(Kind::Account, "groups", Kind::Group, ParentKey::Reference("account"), Through::Row, Strategy::ListIfCheaper),
    list(
        Kind::Group,
        "users",
        Kind::AccountUser,
        ParentKey::Collection("groups"),
        Through::One("user"),
        Strategy::ListAsFallback,
    ),
    Relation {
        hop: Through::One("user"),
        ..pages(Kind::Account, "users", Kind::AccountUser, ParentKey::Reference("account"))
    },
    pages(Kind::Account, "accountUsers", Kind::AccountUser, ParentKey::Reference("account")),
    pages(Kind::Account, "buyers", Kind::Buyer, ParentKey::Reference("account")),
    pages(Kind::Account, "licensees", Kind::Licensee, ParentKey::Reference("account")),
    pages(Kind::Account, "apiTokens", Kind::ApiToken, ParentKey::Reference("account")),
    pages(Kind::Account, "cloudTenants", Kind::CloudTenant, ParentKey::Reference("account")),
    pages(Kind::Group, "accountUsers", Kind::AccountUser, ParentKey::Collection("groups")),
    pages(Kind::Module, "groups", Kind::Group, ParentKey::Collection("modules")),
    pages(Kind::Module, "users", Kind::User, ParentKey::Members("modules")),
    pages(Kind::Buyer, "groups", Kind::Group, ParentKey::Collection("buyers")),
    pages(Kind::Buyer, "licensees", Kind::Licensee, ParentKey::Reference("buyer")),
    pages(Kind::Buyer, "erpLinks", Kind::ErpLink, ParentKey::Reference("buyer")),
    pages(Kind::Seller, "buyers", Kind::Buyer, ParentKey::Collection("sellers")),
    pages(Kind::Seller, "licensees", Kind::Licensee, ParentKey::Reference("seller")),
    pages(Kind::Seller, "erpLinks", Kind::ErpLink, ParentKey::Reference("seller")),
    // Wavefront nests its accounts and groups as samples (`wavefront-api.md` section 6); a search tells all.
    list(
        Kind::WavefrontUserGroup,
        "users",
        Kind::WavefrontAccount,
        ParentKey::Ids("userGroups"),
        Through::Row,
        Strategy::List,
    ),
    list(
        Kind::WavefrontRole,
        "linkedAccounts",
        Kind::WavefrontAccount,
        ParentKey::Ids("roles"),
        Through::Row,
        Strategy::List,
    ),
    list(
        Kind::WavefrontRole,
        "linkedGroups",
        Kind::WavefrontUserGroup,
        ParentKey::Ids("roles"),
        Through::Row,
        Strategy::List,
    ),
    // The person behind an account, if there is one: an account's id is an e-mail address.
    list(Kind::WavefrontAccount, "user", Kind::User, ParentKey::Value("email"), Through::Row, Strategy::List),
];

/// The place of the relation behind a field, if there is one.
#[must_use]
pub fn of(parent: Kind, field: &str) -> Option<usize> {
    let is = |relation: &Relation| relation.parent == parent && relation.field == field;
    RELATIONS.iter().position(|relation| is(relation) && relation.used != Strategy::Filtered)
}

/// The lists that are read whole and can be had with conditions and an order all the same: by which relation.
const FILTERED: &[(Kind, &str)] = &[
    (Kind::Account, "groups"),
    (Kind::AccountUser, "buyers"),
    (Kind::AccountUser, "groups"),
    (Kind::Buyer, "sellers"),
    (Kind::Group, "buyers"),
    (Kind::Group, "users"),
    (Kind::User, "accounts"),
    (Kind::User, "accountUsers"),
    (Kind::User, "groups"),
];

/// The place of the relation that gives a list with conditions and an order, if one does.
#[must_use]
pub fn filtered(parent: Kind, field: &str) -> Option<usize> {
    if !FILTERED.contains(&(parent, field)) {
        return None;
    }
    let is = |relation: &Relation| relation.parent == parent && relation.field == field;
    let own = RELATIONS.iter().position(|relation| is(relation) && relation.used == Strategy::Filtered);
    own.or_else(|| of(parent, field))
}
