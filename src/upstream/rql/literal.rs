//! Values to compare with, and the few that cannot be said.

use crate::fault::Fault;

/// A value that the language has no words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inexpressible {
    /// It holds both kinds of quotes.
    #[error("a filter value must not hold both ' and \"")]
    BothQuotes,
    /// A backslash stands where the pattern's wildcard would turn it into an escape.
    #[error("this search text must not end in a backslash or begin with \\*")]
    BackslashAtWildcard,
    /// A `*` stands where hosts disagree whether it is a wildcard, or behind a backslash, where they disagree about both.
    #[error("the text must not begin or end with * or contain \\*: hosts of the API do not agree on what that means")]
    UndecidedStar,
    /// A backslash stands where hosts disagree whether it belongs to the text.
    #[error("the text must not end with \\ here: hosts of the API do not agree on what that means")]
    UndecidedBackslash,
}

impl From<Inexpressible> for Fault {
    fn from(inexpressible: Inexpressible) -> Fault {
        Fault::bad_user_input(inexpressible.to_string())
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal(pub(super) String);

impl Literal {
    /// Any text, also an id or a date. Under `like` and `ilike` a `*` at its ends is a wildcard; see
    /// [`Literal::exactly`] for text that is to be found as it stands.
    ///
    /// # Errors
    /// If the text holds both kinds of quotes.
    pub fn text(text: impl Into<String>) -> Result<Literal, Inexpressible> {
        let text = text.into();
        if text.contains('"') && text.contains('\'') { Err(Inexpressible::BothQuotes) } else { Ok(Literal(text)) }
    }

    /// The pattern of a text that the value begins with, ends with or contains, to be used with `ilike`: `open` says whether
    /// anything may stand before the text and behind it. Inside a pattern a `*` stands for itself, at its ends it is a
    /// wildcard, and of `\*` the documentation and the engine say different things (`accounts-api-v5.md` section 5.4). So a
    /// text that has one of these at its ends cannot be searched for: it might find something else.
    ///
    /// # Errors
    /// If the pattern cannot be expressed, or if hosts would read it differently.
    pub fn part(text: &str, open: (bool, bool)) -> Result<Literal, Inexpressible> {
        if text.starts_with('*') || text.ends_with('*') || text.contains("\\*") {
            return Err(Inexpressible::UndecidedStar);
        }
        if open.1 && text.ends_with('\\') {
            return Err(Inexpressible::UndecidedBackslash);
        }
        let star = |open: bool| if open { "*" } else { "" };
        Literal::text(format!("{}{text}{}", star(open.0), star(open.1)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern of `text` itself, to be used with `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn exactly(text: &str) -> Result<Literal, Inexpressible> {
        if text.starts_with("\\*") || text.ends_with("\\*") {
            return Err(Inexpressible::BackslashAtWildcard);
        }
        let (start, rest) = text.strip_prefix('*').map_or(("", text), |rest| ("\\*", rest));
        let (rest, end) = rest.strip_suffix('*').map_or((rest, ""), |rest| (rest, "\\*"));
        Literal::text(format!("{start}{rest}{end}"))
    }
}
