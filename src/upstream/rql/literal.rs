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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(pub(super) String);

impl Literal {
    /// Any text, also an id or a date. Under `like` and `ilike` a `*` at its ends is a wildcard; see
    /// [`Literal::containing`] for text that is to be found as it stands.
    ///
    /// # Errors
    /// If the text holds both kinds of quotes.
    pub fn text(text: impl Into<String>) -> Result<Literal, Inexpressible> {
        let text = text.into();
        if text.contains('"') && text.contains('\'') { Err(Inexpressible::BothQuotes) } else { Ok(Literal(text)) }
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

    /// The pattern of all that contains `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn containing(text: &str) -> Result<Literal, Inexpressible> {
        refuse_escaping_end(text)?;
        Literal::text(format!("*{text}*"))
    }

    /// The pattern of all that starts with `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn starting_with(text: &str) -> Result<Literal, Inexpressible> {
        refuse_escaping_end(text)?;
        if text.starts_with("\\*") {
            return Err(Inexpressible::BackslashAtWildcard);
        }
        // Only the ends of a pattern are looked at for wildcards, so only there is a star to be escaped.
        let escape = if text.starts_with('*') { "\\" } else { "" };
        Literal::text(format!("{escape}{text}*"))
    }

    /// The pattern of all that ends with `text`, to be used with `like` or `ilike`.
    ///
    /// # Errors
    /// If the pattern cannot be expressed.
    pub fn ending_with(text: &str) -> Result<Literal, Inexpressible> {
        let pattern = match text.strip_suffix('*') {
            Some(before) => format!("*{before}\\*"),
            None => format!("*{text}"),
        };
        Literal::text(pattern)
    }
}

fn refuse_escaping_end(text: &str) -> Result<(), Inexpressible> {
    if text.ends_with('\\') { Err(Inexpressible::BackslashAtWildcard) } else { Ok(()) }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Literal {
        Literal(value.to_string())
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Literal {
        Literal(value.to_string())
    }
}
