//! The ids of memberships. Of the three families of routes one names a membership by an id of its own (`AUSR-`), and two
//! by account and user (`accounts-api-v5.md` section 1.1). The graph's id is made from account and user, so it is the same
//! whatever the host speaks, and a host that knows no `AUSR-` ids can be asked for it.

/// What the graph's ids of memberships begin with, without the dash.
pub const PREFIX: &str = "MEM";

/// What the upstream's own ids of memberships begin with, without the dash.
pub const UPSTREAM_PREFIX: &str = "AUSR";

const ACCOUNT: &str = "ACC-";
const USER: &str = "USR-";

/// The id of the membership of a user in an account: `MEM-1671-0642.6375-2499`. None when one of them is no proper id.
#[must_use]
pub fn id(account: &str, user: &str) -> Option<String> {
    let (account, user) = (account.strip_prefix(ACCOUNT)?, user.strip_prefix(USER)?);
    (are_groups(account) && are_groups(user)).then(|| format!("{PREFIX}-{account}.{user}"))
}

/// The ids of account and user in the id of a membership.
#[must_use]
pub fn pair(id: &str) -> Option<(String, String)> {
    let (account, user) = id.strip_prefix(PREFIX)?.strip_prefix('-')?.split_once('.')?;
    (are_groups(account) && are_groups(user)).then(|| (format!("{ACCOUNT}{account}"), format!("{USER}{user}")))
}

/// Whether it is an id that only the flat collection of memberships knows.
#[must_use]
pub fn is_upstream_id(id: &str) -> bool {
    id.strip_prefix(UPSTREAM_PREFIX).and_then(|rest| rest.strip_prefix('-')).is_some_and(are_groups)
}

/// Whether a text is one to four groups of digits with dashes between them.
#[must_use]
pub fn are_groups(text: &str) -> bool {
    let (mut dashes, mut last) = (0, b'-');
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            if byte != b'-' || last == b'-' {
                return false;
            }
            dashes += 1;
        }
        last = byte;
    }
    last != b'-' && dashes < 4 && text.len() <= 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_from_account_and_user_and_taken_apart_again() {
        for (account, user, expected) in [
            ("ACC-1671-0642", "USR-6375-2499", Some("MEM-1671-0642.6375-2499")),
            ("ACC-1", "USR-1-2-3-4", Some("MEM-1.1-2-3-4")),
            ("ACC-", "USR-1", None),
            ("USR-1", "ACC-1", None),
            ("ACC-text", "USR-1", None),
            ("text", "text", None),
        ] {
            let made = id(account, user);
            assert_eq!(made.as_deref(), expected, "{account} {user}");
            if let Some(made) = made {
                assert_eq!(pair(&made), Some((account.to_owned(), user.to_owned())));
            }
        }
        for text in
            ["", "MEM-", "MEM-1", "MEM-1.", "MEM-.1", "MEM-1.2.3", "MEM-a.1", "AUSR-1-2", "mem-1.2", "MEM-1.2\n"]
        {
            assert_eq!(pair(text), None, "{text:?}");
        }
    }

    #[test]
    fn ids_of_the_flat_collection_are_known_by_their_prefix() {
        assert!(is_upstream_id("AUSR-1671-0642-0001"));
        for text in ["AUSR-", "AUSR-x", "MEM-1.2", "USR-1", "AUSR--1"] {
            assert!(!is_upstream_id(text), "{text}");
        }
    }
}
