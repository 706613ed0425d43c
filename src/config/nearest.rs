//! What somebody probably meant who wrote a name that does not exist.

use super::option::PREFIX;

/// Of the valid names, the one that was probably meant.
pub(super) fn nearest<'a>(written: &str, valid: impl Iterator<Item = &'a str>) -> &'a str {
    let written_last = last(written);
    let distance = |name: &&'a str| {
        let whole = strsim::damerau_levenshtein(written, name);
        // The right word in the wrong section, or without what stands before it, is nearer to its namesake than to a
        // short name that happens to share letters.
        let moved =
            if name.ends_with(written_last) { 0 } else { strsim::damerau_levenshtein(written_last, last(name)) };
        // A word too many is as near as three letters, however long it is.
        let longer = written.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_', '.']));
        whole.min(moved + 1).min(if longer { 3 } else { usize::MAX })
    };
    valid.min_by_key(distance).unwrap_or_default()
}

/// The name without section or prefix.
fn last(name: &str) -> &str {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.strip_prefix(PREFIX).unwrap_or(name)
}
