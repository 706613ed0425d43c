//! A token of the gateway's own: where it comes from, and what it forbids.

use std::{fmt, net::SocketAddr, path::PathBuf};

use super::{ConfigError, Origin, ReadFile, options, sources::Sources};

/// A token. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token, for whoever sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Finds the token. In the environment it stands itself; command line and file, which others may read, say in which
    /// file it is. Whoever reaches the gateway acts with it, so nobody but this machine may.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is no token, or the gateway would listen to others.
    pub(super) fn load(
        from: &Sources<'_>,
        listen: SocketAddr,
        read_file: ReadFile<'_>,
    ) -> Result<Option<Token>, ConfigError> {
        let Some((place, found)) = from.find_and_parse(&options::WAVEFRONT_TOKEN)? else { return Ok(None) };
        let text = if place.origin == Origin::Environment {
            found
        } else {
            let path = PathBuf::from(found);
            read_file(&path).map_err(|source| ConfigError::Unreadable { place: place.clone(), path, source })?
        };
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let got = "something that is not shown, because it may hold a secret".to_owned();
            return Err(ConfigError::Refused { place, expected: "a token of visible ASCII characters", got });
        }
        if !listen.ip().is_loopback() {
            return Err(ConfigError::OpenToOthers { place, listen });
        }
        Ok(Some(Token(token.to_owned())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}
