//! Where a secret is found: never on the command line, which every user of the machine can read.

use std::{fmt, fs, path::PathBuf};

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// In a file, alone.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

impl TokenSource {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("file", path) if !path.is_empty() => Some(TokenSource::File(path.into())),
            ("env", name) if !name.is_empty() && !name.contains(['=', '\0']) => {
                Some(TokenSource::Variable(name.to_owned()))
            }
            _ => None,
        }
    }

    /// The token, without the space around it.
    ///
    /// # Errors
    ///
    /// When there is none, in a sentence that does not repeat what was found.
    pub fn read(&self) -> Result<String, String> {
        let text = match self {
            TokenSource::File(path) => {
                fs::read_to_string(path).map_err(|error| format!("cannot read {self}: {error}"))?
            }
            TokenSource::Variable(name) => std::env::var(name).map_err(|_| format!("{self} is not set"))?,
        };
        let token = text.trim();
        if token.is_empty() {
            return Err(format!("{self} is empty"));
        }
        Ok(token.to_owned())
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenSource::File(path) => write!(f, "the file {}", path.display()),
            TokenSource::Variable(name) => write!(f, "the variable {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_not_there_is_missed_by_the_name_of_its_place() {
        for (source, complaint) in [
            (TokenSource::Variable("NO_SUCH_VARIABLE".to_owned()), "the variable NO_SUCH_VARIABLE is not set"),
            (TokenSource::File("/dev/null".into()), "the file /dev/null is empty"),
        ] {
            assert_eq!(source.read(), Err(complaint.to_owned()));
        }
        let missing = TokenSource::File("no/such.txt".into()).read().unwrap_err();
        assert!(missing.starts_with("cannot read the file no/such.txt: "), "{missing}");
    }

    #[test]
    fn a_variable_has_the_token() {
        // Cargo sets it for every test.
        let source = TokenSource::parse("env:CARGO_PKG_NAME").unwrap();
        assert_eq!(source.read(), Ok("accounts-graph".to_owned()));
    }
}
