//! Names that may be meant by one that is not there.

/// Longer names are no typing mistakes, and comparing them takes time.
const MAX_LENGTH: usize = 40;
const MAX_SUGGESTIONS: usize = 3;

/// Names that other graphs and query languages have for what is called otherwise here.
const SYNONYMS: &[(&str, &str)] = &[
    ("equals", "eq"),
    ("gte", "ge"),
    ("lte", "le"),
    ("neq", "ne"),
    ("nin", "notIn"),
    ("limit", "first"),
    ("skip", "offset"),
    ("where", "filter"),
    ("sort", "orderBy"),
];

/// ` Did you mean … "a" or "b"?`, or nothing. A synonym is certain, so nothing is suggested beside it.
#[must_use]
pub fn similar<'n>(before: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    if name.len() > MAX_LENGTH {
        return String::new();
    }
    let lower = name.to_lowercase();
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
    let known: Vec<&str> = known.collect();
    if let Some(meant) = synonym.filter(|meant| known.contains(meant)) {
        return did_you_mean(before, &[format!("\"{meant}\"")]);
    }
    let most = name.len() * 2 / 5 + 1;
    let distance = |one: &'n str| (strsim::osa_distance(&lower, &one.to_lowercase()), one);
    // As many letters more or less are as many changes.
    let of_like_length = known.into_iter().filter(|one| one.len().abs_diff(name.len()) <= most);
    let mut close: Vec<_> = of_like_length.map(distance).filter(|(distance, _)| *distance <= most).collect();
    close.sort_unstable();
    let quoted: Vec<_> = close.iter().take(MAX_SUGGESTIONS).map(|(_, one)| format!("\"{one}\"")).collect();
    did_you_mean(before, &quoted)
}

/// ` Did you mean … "a", "b", or "c"?`, or nothing where there is no name.
pub(super) fn did_you_mean(before: &str, quoted: &[String]) -> String {
    let list = match quoted {
        [] => return String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [others @ .., last] => format!("{}, or {last}", others.join(", ")),
    };
    format!(" Did you mean {before}{list}?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_suggested() {
        let known = || ["name", "names", "email", "firstName", "id"].into_iter();
        assert_eq!(similar("", "nmae", known()), " Did you mean \"name\" or \"names\"?");
        assert_eq!(similar("", "NAME", known()), " Did you mean \"name\" or \"names\"?");
        assert_eq!(similar("", "fristName", known()), " Did you mean \"firstName\"?");
        assert_eq!(similar("", "licence", known()), "");
        let orders = ["CREATED_AT", "UPDATED_AT", "CREATED_BY_ID", "NAME"];
        assert_eq!(similar("", "CREATED", orders.into_iter()), " Did you mean \"CREATED_AT\"?");
    }

    #[test]
    fn a_synonym_is_the_only_suggestion() {
        let known = || ["eq", "ge", "gt", "le", "lt", "ne"].into_iter();
        assert_eq!(similar("", "gte", known()), " Did you mean \"ge\"?");
        assert_eq!(similar("", "neq", known()), " Did you mean \"ne\"?");
        assert_eq!(similar("", "gte", ["gate"].into_iter()), " Did you mean \"gate\"?");
    }

    #[test]
    fn a_long_name_is_no_typing_mistake() {
        let known = || ["name"].into_iter();
        assert_eq!(similar("", &"name".repeat(40), known()), "");
    }
}
