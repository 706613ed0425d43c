//! How memberships are written: three families of routes say the same, each naming the member in its own way
//! (`accounts-api.md` section 1.2). Which one is spoken is a setting; nothing above this file depends on it. Reads stay
//! with `/account-users`, the only collection that answers for many accounts at once.

/// A family of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MembershipRoutes {
    /// `/account-users/{membership}`: flat, and what reads speak as well.
    #[default]
    AccountUsers,
    /// `/accounts/{account}/users/{user}`: the current form.
    Accounts,
    /// `/{account}/users/{user}`: the first form.
    Legacy,
}

/// A membership as far as it is known who is meant: by its own id, by account and user, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: Option<String>,
    /// The account and the user.
    pub pair: Option<(String, String)>,
}

impl MembershipRoutes {
    /// Every family.
    pub const ALL: [MembershipRoutes; 3] =
        [MembershipRoutes::AccountUsers, MembershipRoutes::Accounts, MembershipRoutes::Legacy];

    /// The letter of the family, as the setting has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            MembershipRoutes::AccountUsers => "b",
            MembershipRoutes::Accounts => "c",
            MembershipRoutes::Legacy => "a",
        }
    }

    /// Where memberships of an account are made.
    #[must_use]
    pub fn collection(self, account: &str) -> String {
        match self {
            MembershipRoutes::AccountUsers => "account-users".to_owned(),
            MembershipRoutes::Accounts => format!("accounts/{account}/users"),
            MembershipRoutes::Legacy => format!("{account}/users"),
        }
    }

    /// The route of a membership; none when it is not known by what the family names it by.
    #[must_use]
    pub fn member(self, member: &Member) -> Option<String> {
        match (self, member) {
            (MembershipRoutes::AccountUsers, Member { id: Some(id), .. }) => Some(format!("account-users/{id}")),
            (MembershipRoutes::Accounts | MembershipRoutes::Legacy, Member { pair: Some((account, user)), .. }) => {
                Some(format!("{}/{user}", self.collection(account)))
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
        let by_id = Member { id: Some("AUSR-1".into()), pair: None };
        let by_pair = Member { id: None, pair: Some(("ACC-1".into(), "USR-1".into())) };
        let routes = MembershipRoutes::ALL.map(|family| (family.member(&by_id), family.member(&by_pair)));
        assert_eq!(
            routes,
            [
                (Some("account-users/AUSR-1".into()), None),
                (None, Some("accounts/ACC-1/users/USR-1".into())),
                (None, Some("ACC-1/users/USR-1".into())),
            ]
        );
        assert_eq!(
            MembershipRoutes::ALL.map(|family| family.collection("ACC-1")),
            ["account-users", "accounts/ACC-1/users", "ACC-1/users"]
        );
    }
}
