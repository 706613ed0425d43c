//! How a search is written (`wavefront-api.md` section 5), and what a path needs.

use crate::entity::tape::{At, Tape};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

/// The most rows of a page that clients are known to ask for.
pub const PAGE: usize = 999;

/// What stands in a path as it is; ids are e-mail addresses, names with `::`, and UUIDs.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a value has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// All of it.
    Exact,
    /// A part: what lists are searched by, since they are never exactly one text. Others come along, so rows are looked at
    /// again.
    Contains,
}

/// The body of a search for rows with one of some values, or for all.
#[must_use]
pub fn body(condition: Option<(&str, &[&str], Matching)>, offset: usize, limit: usize) -> Bytes {
    let condition = condition.map(|(key, values, matching)| {
        let matching = match matching {
            Matching::Exact => "EXACT",
            Matching::Contains => "CONTAINS",
        };
        json!({ "key": key, "values": values, "matchingMethod": matching })
    });
    let query: Vec<_> = condition.into_iter().collect();
    let sort = json!({ "field": "id", "ascending": true, "default": false });
    json!({ "query": query, "limit": limit, "offset": offset, "sort": sort }).to_string().into()
}

/// Where the rows of an answer are: of a search or a list, or the accounts among ids that were asked about.
#[must_use]
pub fn rows(tape: &Tape, answer: At) -> Option<At> {
    ["items", "validUsers"].into_iter().find_map(|name| tape.get(answer, name))
}

/// A segment of a path.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_encoded() {
        assert_eq!(segment("bob+acme@example.com"), "bob%2Bacme%40example.com");
        assert_eq!(segment("sa::nightly-report"), "sa%3A%3Anightly-report");
        assert_eq!(segment("a/../b?c#d%"), "a%2F..%2Fb%3Fc%23d%25");
    }
}
