//! The kinds of rows, and the collection of each.

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
    /// A part of the platform that does something on its own.
    Service,
    /// A program that an account installed. It has no collection; groups and tokens name it.
    Extension,
    /// A user as seen inside one account (`/accounts/{id}/users`); rows are made per request.
    Member,
    /// An account as seen by one of its users (`/users/{id}/accounts`); rows are made per request.
    Access,
}

impl Entity {
    /// Every entity with a table of its own in the world.
    pub(crate) const STORED: [Entity; 14] = [
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
        Entity::Service,
        Entity::Extension,
    ];

    /// The name of the collection; empty for entities that have none.
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
            Entity::Service => "services",
            Entity::Extension => "extensions",
            Entity::Supplier | Entity::Member | Entity::Access => "",
        }
    }

    /// The entity of a collection.
    pub(crate) fn of_collection(name: &str) -> Option<Entity> {
        Entity::STORED.into_iter().find(|entity| !name.is_empty() && entity.collection() == name)
    }

    /// The entity behind a path segment.
    pub(crate) fn of_segment(segment: &str) -> Option<Entity> {
        Entity::of_collection(segment).filter(|entity| *entity != Entity::Extension)
    }
}
