//! Paths as they may be logged and shown: without ids and queries.

use std::fmt;

use crate::entity::kind::Upstream;

/// The segments of Wavefront's paths that are no ids.
const WAVEFRONT_SEGMENTS: [&str; 17] = [
    "api",
    "v2",
    "account",
    "user",
    "serviceaccount",
    "usergroup",
    "role",
    "search",
    "validateAccounts",
    "addUserGroups",
    "removeUserGroups",
    "addRoles",
    "removeRoles",
    "addUsers",
    "removeUsers",
    "grant",
    "revoke",
];

/// A path as it may be logged: without its query, and with `{id}` for whatever is not a fixed name.
pub(super) struct Template<'a>(pub(super) &'a str);

impl Template<'_> {
    /// The template relative to the upstream's root, as its documentation prints routes.
    pub(super) fn route(&self, upstream: Upstream) -> String {
        let whole = self.to_string();
        let root = upstream.root().trim_end_matches('/');
        whole.strip_prefix(root).unwrap_or(&whole).to_owned()
    }
}

impl fmt::Display for Template<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        // Ids of Wavefront may be any text, ids of the accounts API have digits.
        let free = path.starts_with(Upstream::Wavefront.root());
        for segment in path.trim_start_matches('/').split('/') {
            let fixed = if free {
                WAVEFRONT_SEGMENTS.contains(&segment)
            } else {
                let plain = segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                plain || matches!(segment, "v1" | "v2")
            };
            write!(f, "/{}", if fixed { segment } else { "{id}" })?;
        }
        Ok(())
    }
}
