//! Memberships: three families of routes tell the same, each naming the member in its own way (`accounts-api-v5.md`
//! section 1.1). Which one a host speaks is found out (`host.rs`) or set.

use crate::entity::member;

/// A family of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// `/accounts/{accountId}/users/{userId}`: the current form.
    #[default]
    Accounts,
    /// `/account-users/{membershipId}`: flat, the only one that answers for many accounts or users in one request.
    AccountUsers,
    /// `/{accountId}/users/{userId}`: the first form.
    Legacy,
}

/// Which family is spoken, as it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MembershipRoutes {
    /// The current form, and the flat one where the host has it.
    #[default]
    Auto,
    /// This one, without asking.
    Only(Family),
}

impl MembershipRoutes {
    /// Every setting.
    pub const ALL: [MembershipRoutes; 4] = [
        MembershipRoutes::Auto,
        MembershipRoutes::Only(Family::Accounts),
        MembershipRoutes::Only(Family::AccountUsers),
        MembershipRoutes::Only(Family::Legacy),
    ];

    /// The setting as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            MembershipRoutes::Auto => "auto",
            MembershipRoutes::Only(Family::Accounts) => "accounts",
            MembershipRoutes::Only(Family::AccountUsers) => "account-users",
            MembershipRoutes::Only(Family::Legacy) => "legacy",
        }
    }

    /// The letter that older releases wrote instead, from the order in which the families came.
    #[must_use]
    pub const fn alias(self) -> Option<&'static str> {
        match self {
            MembershipRoutes::Auto => None,
            MembershipRoutes::Only(Family::Accounts) => Some("c"),
            MembershipRoutes::Only(Family::AccountUsers) => Some("b"),
            MembershipRoutes::Only(Family::Legacy) => Some("a"),
        }
    }

    /// The family, where it is set.
    #[must_use]
    pub const fn family(self) -> Option<Family> {
        match self {
            MembershipRoutes::Auto => None,
            MembershipRoutes::Only(family) => Some(family),
        }
    }
}

impl Family {
    /// Its collection, as documentation prints it.
    #[must_use]
    pub const fn template(self) -> &'static str {
        match self {
            Family::Accounts => "/accounts/{accountId}/users",
            Family::AccountUsers => "/account-users",
            Family::Legacy => "/{accountId}/users",
        }
    }

    /// The collection that has the memberships of an account, relative to the API.
    #[must_use]
    pub fn collection(self, account: &str) -> String {
        match self {
            Family::Accounts => format!("accounts/{account}/users"),
            Family::AccountUsers => "account-users".to_owned(),
            Family::Legacy => format!("{account}/users"),
        }
    }
}

/// A membership by its account and user, and by the id that the flat collection has for it, where that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The account and the user.
    pub pair: Option<(String, String)>,
    /// The id in the flat collection.
    pub upstream_id: Option<String>,
}

impl Member {
    /// Its id in the graph; none where account and user are not known.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.pair.as_ref().and_then(|(account, user)| member::id(account, user))
    }

    /// The route of the membership; none when it is not known by what the family names it by.
    #[must_use]
    pub fn route(&self, family: Family) -> Option<String> {
        match (family, &self.pair, &self.upstream_id) {
            (Family::AccountUsers, _, Some(id)) => Some(format!("account-users/{id}")),
            (Family::Accounts | Family::Legacy, Some((account, user)), _) => {
                Some(format!("{}/{user}", family.collection(account)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_names_a_member_in_its_own_way() {
        let by_id = Member { upstream_id: Some("AUSR-1".into()), pair: None };
        let by_pair = Member { upstream_id: None, pair: Some(("ACC-1".into(), "USR-1".into())) };
        for (family, of_id, of_pair, collection) in [
            (Family::AccountUsers, Some("account-users/AUSR-1"), None, "account-users"),
            (Family::Accounts, None, Some("accounts/ACC-1/users/USR-1"), "accounts/ACC-1/users"),
            (Family::Legacy, None, Some("ACC-1/users/USR-1"), "ACC-1/users"),
        ] {
            assert_eq!(by_id.route(family).as_deref(), of_id);
            assert_eq!(by_pair.route(family).as_deref(), of_pair);
            assert_eq!(family.collection("ACC-1"), collection);
        }
    }
}
