//! Logging: what is written to stderr, and in which shape.

use std::{
    error::Error,
    io::{self, IsTerminal},
};

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// Why a text is not a log filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// The library does not understand it.
    #[error("not a log filter")]
    Syntax(#[source] ParseError),
    /// It names a target where most likely a level was meant.
    #[error("no such log level: {word:?}; did you mean {nearest}?")]
    Level {
        /// The word as written.
        word: String,
        /// The level that was probably meant.
        nearest: &'static str,
    },
}

/// Parses a filter in the syntax of tracing's env-filter: `info`, or `warn,accounts_graph=debug`.
///
/// # Errors
///
/// When the text is not a filter, or a directive is a misspelt level.
pub fn filter(text: &str) -> Result<EnvFilter, FilterError> {
    match text.split(',').find_map(misspelt_level) {
        Some((word, nearest)) => Err(FilterError::Level { word: word.to_owned(), nearest }),
        None => EnvFilter::try_new(text).map_err(FilterError::Syntax),
    }
}

/// The library takes any bare word for a target, so that `inof` would silently log nothing.
fn misspelt_level(directive: &str) -> Option<(&str, &'static str)> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let word = directive.trim();
    let lower = word.to_ascii_lowercase();
    if LEVELS.contains(&lower.as_str()) || word.len() < 3 {
        return None;
    }
    let edits = |level: &str| strsim::damerau_levenshtein(&lower, level);
    let is_near = |level: &&&str| lower.starts_with(**level) || edits(level) <= 1 + usize::from(level.len() > 4);
    LEVELS.iter().find(is_near).map(|level| (word, *level))
}

/// Sends everything that passes `filter` to stderr, a line each, coloured when a person is watching.
///
/// # Errors
///
/// When `filter` is not a filter, or when logging was set up before.
pub fn init(filter: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let lines = tracing_subscriber::fmt().compact().with_writer(io::stderr).with_env_filter(self::filter(filter)?);
    // On a terminal the library decides, since it honours NO_COLOR.
    if io::stderr().is_terminal() { lines.try_init() } else { lines.with_ansi(false).try_init() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_filters() {
        for text in
            ["info", "INFO", "off", "warn,accounts_graph=debug", "h2", "accounts_graph::http", "tower=warn,info"]
        {
            assert!(filter(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_filter() {
        for text in ["a=b=c", "accounts_graph=loud", "info,=["] {
            assert!(matches!(filter(text), Err(FilterError::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn a_misspelt_level_is_not_taken_for_a_target() {
        for (text, meant) in [("inof", "info"), ("wran", "warn"), ("h2=off,warning", "warn"), ("err", "error")] {
            let Err(FilterError::Level { nearest, .. }) = filter(text) else { panic!("{text} is accepted") };
            assert_eq!(nearest, meant, "{text}");
        }
    }
}
