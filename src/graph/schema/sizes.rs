//! The cost table: how many elements a list is taken to have when no argument says so, and how many entities of a kind
//! one operation is taken to meet.

use crate::entity::kind::{KINDS, Kind};

/// Assumed sizes, of lists and of what they lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// By the type and the field that holds the list: plain lists, and connections of which a page is asked.
    pub lists: Vec<(Kind, &'static str, usize)>,
    /// A list that is not in the table.
    pub other: usize,
    /// By kind: the different entities that one operation meets. The graph is cyclic: a deep selection comes back to
    /// entities that it met before, and without this the product of its lists would count them as new each time.
    pub met: [usize; KINDS],
}

/// What a request to the upstream weighs beside an object that came, which weighs one: for routers, which know but one number.
pub const REQUEST_WEIGHT: u32 = 10;

/// What a list that is not in the table is taken to have.
const OTHER: usize = 5;

/// Rounded from the sandbox's world, of which the documentation's samples are a part.
const LISTS: &[(Kind, &str, usize)] = &[
    (Kind::User, "accounts", 2),
    (Kind::User, "accountUsers", 2),
    (Kind::User, "groups", 4),
    (Kind::Account, "groups", 5),
    (Kind::Account, "users", 20),
    (Kind::Account, "accountUsers", 20),
    (Kind::Account, "buyers", 10),
    (Kind::Account, "licensees", 10),
    (Kind::Account, "apiTokens", 5),
    (Kind::Account, "cloudTenants", 5),
    (Kind::AccountUser, "groups", 3),
    (Kind::AccountUser, "modules", 15),
    (Kind::AccountUser, "buyers", 2),
    (Kind::Group, "users", 6),
    (Kind::Group, "accountUsers", 6),
    (Kind::Group, "modules", 10),
    (Kind::Group, "buyers", 2),
    (Kind::Module, "groups", 400),
    (Kind::Module, "users", 300),
    (Kind::Buyer, "sellers", 2),
    (Kind::Buyer, "groups", 3),
    (Kind::Buyer, "licensees", 3),
    (Kind::Buyer, "erpLinks", 2),
    (Kind::Seller, "buyers", 40),
    (Kind::Seller, "licensees", 50),
    (Kind::Seller, "erpLinks", 40),
    (Kind::ApiToken, "modules", 10),
    (Kind::WavefrontAccount, "userGroups", 4),
    (Kind::WavefrontAccount, "roles", 2),
    (Kind::WavefrontAccount, "unitedRoles", 4),
    (Kind::WavefrontUserGroup, "users", 400),
    (Kind::WavefrontUserGroup, "roles", 2),
    (Kind::WavefrontRole, "linkedAccounts", 300),
    (Kind::WavefrontRole, "linkedGroups", 5),
];

const MET: [(Kind, usize); KINDS] = [
    (Kind::User, 2500),
    (Kind::Account, 250),
    (Kind::AccountUser, 3000),
    (Kind::Group, 1250),
    (Kind::Module, 50),
    (Kind::Buyer, 1000),
    (Kind::Seller, 50),
    (Kind::Licensee, 1500),
    (Kind::ErpLink, 1000),
    (Kind::ApiToken, 250),
    (Kind::CloudTenant, 250),
    (Kind::Service, 20),
    (Kind::WavefrontAccount, 800),
    (Kind::WavefrontUserGroup, 20),
    (Kind::WavefrontRole, 20),
];

impl Default for Sizes {
    fn default() -> Self {
        let mut met = [0; KINDS];
        for (kind, size) in MET {
            met[kind as usize] = size;
        }
        Sizes { lists: LISTS.to_vec(), other: OTHER, met }
    }
}

impl Sizes {
    /// The elements of a list.
    #[must_use]
    pub fn list(&self, holder: Kind, field: &str) -> usize {
        let found = self.lists.iter().find(|(kind, name, _)| *kind == holder && *name == field);
        found.map_or(self.other, |(_, _, size)| *size)
    }

    /// The different entities of a kind that one operation meets.
    #[must_use]
    pub fn met(&self, kind: Kind) -> usize {
        self.met[kind as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entity::model::Shape,
        graph::schema::{model, query::Root},
    };
    use async_graphql::{OutputType, registry::Registry};

    #[test]
    fn every_list_and_every_kind_has_a_size() {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        let model = model::model(&registry);
        let sizes = Sizes::default();
        let mut lists = 0;
        for kind in Kind::ALL {
            assert!(sizes.met(kind) > 0, "{kind}");
            for field in &model.kind(kind).fields {
                if matches!(field.shape, Shape::Refs(_) | Shape::Connection(_)) {
                    let listed = LISTS.iter().any(|(holder, name, _)| (*holder, *name) == (kind, &*field.name));
                    assert!(listed, "{kind}.{}", field.name);
                    lists += 1;
                }
            }
        }
        assert_eq!(lists, LISTS.len(), "a size is of no list");
    }
}
