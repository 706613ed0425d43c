//! What the federation schema says beyond the plain one: keys and directives, one table each; costs are those of
//! [`crate::graph::cost`].

use crate::{
    entity::kind::Kind,
    graph::schema::{
        arguments::MAX_PAGE,
        sizes::{REQUEST_WEIGHT, Sizes},
    },
};

/// The version of the federation specification that is linked: the newest that composition knows.
pub const VERSION: &str = "v2.14";

/// The directives of it that are used.
pub const IMPORTS: &[&str] =
    &["@key", "@shareable", "@tag", "@inaccessible", "@cost", "@listSize", "@composeDirective"];

/// One key by which routers may refer to entities of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// The kind.
    pub kind: Kind,
    /// What it is made of.
    pub by: KeyBy,
}

/// What a key is made of, and so how the entity is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyBy {
    /// The id.
    Id,
    /// A text that is unique in any case.
    Value(&'static str),
    /// Two references from which the id is made: the user and the account of a membership.
    Pair((&'static str, Kind), (&'static str, Kind)),
}

impl KeyBy {
    /// The selection that `@key` names.
    #[must_use]
    pub fn fields(self) -> String {
        match self {
            KeyBy::Id => "id".to_owned(),
            KeyBy::Value(member) => member.to_owned(),
            KeyBy::Pair((one, _), (other, _)) => format!("{one} {{ id }} {other} {{ id }}"),
        }
    }
}

const fn id(kind: Kind) -> Key {
    Key { kind, by: KeyBy::Id }
}

/// Every key. Where a representation fits several of a kind, the first counts.
pub const KEYS: &[Key] = &[
    id(Kind::User),
    Key { kind: Kind::User, by: KeyBy::Value("email") },
    id(Kind::Account),
    id(Kind::AccountUser),
    Key { kind: Kind::AccountUser, by: KeyBy::Pair(("user", Kind::User), ("account", Kind::Account)) },
    id(Kind::Group),
    id(Kind::Module),
    id(Kind::Buyer),
    id(Kind::Seller),
    id(Kind::Licensee),
    id(Kind::ErpLink),
    id(Kind::ApiToken),
    id(Kind::CloudTenant),
    id(Kind::Service),
    // An account's is its e-mail address, or `sa::` and its name.
    id(Kind::WavefrontAccount),
    id(Kind::WavefrontUserGroup),
    id(Kind::WavefrontRole),
];

/// What [`super::sdl`] writes at types and fields: a type, one of its fields or nothing, and the directive.
pub const DIRECTIVES: &[(&str, &str, &str)] = &[
    // Other subgraphs with connections have the same type.
    ("PageInfo", "", "@shareable"),
    // A contract that excludes the tag is a schema for those who are not Operations.
    ("Query", "module", OPERATIONS_ONLY),
    ("Query", "modules", OPERATIONS_ONLY),
    ("Query", "cloudTenant", OPERATIONS_ONLY),
    ("Query", "cloudTenants", OPERATIONS_ONLY),
    ("Account", "cloudTenants", OPERATIONS_ONLY),
];

const OPERATIONS_ONLY: &str = "@tag(name: \"operations\")";

/// At every entity and every root field when callers must be known to the router: everything needs a token.
pub const TOKEN_NEEDED: &str = "@authenticated";

/// At every entity and the root: what came with one caller's token is for nobody else, and not for later.
pub const CACHING: &str = "@cacheControl(maxAge: 0, scope: PRIVATE)";

/// What [`CACHING`] uses; the enum is of no use to clients.
pub const CACHING_DEFINITIONS: &str = r#"
"How long and for whom an answer may be kept."
directive @cacheControl(
  maxAge: Int
  scope: CacheControlScope
  inheritMaxAge: Boolean
) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION

"For whom an answer may be kept."
enum CacheControlScope @inaccessible {
  "For everybody."
  PUBLIC
  "For the caller alone."
  PRIVATE
}
"#;

/// Keeps `@semanticNonNull` in the supergraph: a directive that is not composed is gone there.
pub const NULLABILITY: &str = r#"extend schema
  @link(url: "https://specs.apollo.dev/nullability/v0.4", import: ["@semanticNonNull"])
  @composeDirective(name: "@semanticNonNull")"#;

/// The cost of a field that may take a request of its own for each entity: a root, a connection, a route below it.
#[must_use]
pub fn request_cost() -> String {
    format!("@cost(weight: {REQUEST_WEIGHT})")
}

/// The size of a connection, below a type or at the root.
#[must_use]
pub fn connection_size(holder: Option<Kind>, field: &str, default: usize, sizes: &Sizes) -> String {
    let assumed = holder.map_or(default, |holder| sizes.list(holder, field).min(default));
    format!(
        "@listSize(assumedSize: {assumed}, slicingArguments: [\"first\", \"last\"], \
         sizedFields: [\"nodes\", \"edges\"], requireOneSlicingArgument: false)"
    )
}

/// The size of a plain list: of a root, the most that may be asked for.
#[must_use]
pub fn list_size(holder: Option<Kind>, field: &str, sizes: &Sizes) -> String {
    format!("@listSize(assumedSize: {})", holder.map_or(MAX_PAGE, |holder| sizes.list(holder, field)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_id_for_a_key_and_no_key_twice() {
        for kind in Kind::ALL {
            assert!(KEYS.contains(&id(kind)), "{kind}");
        }
        for (place, key) in KEYS.iter().enumerate() {
            assert!(!KEYS[..place].contains(key), "{key:?}");
        }
    }
}
