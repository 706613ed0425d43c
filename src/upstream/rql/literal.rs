//! Values to compare with, and the few that cannot be said.

use std::error::Error;
use std::fmt;

use crate::fault::Fault;

/// A value that the language has no words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inexpressible {
    /// It holds both kinds of quotes.
    BothQuotes,
    /// A backslash stands where the pattern's wildcard would turn it into an escape.
    BackslashAtWildcard,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inexpressible::BothQuotes => "a filter value must not hold both ' and \"",
            Inexpressible::BackslashAtWildcard => "this search text must not end in a backslash or begin with \\*",
        })
    }
}

impl Error for Inexpressible {}

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
