//! With whose token the upstreams are asked, and how those who ask are known.
//!
//! Both are decided once, from the configuration (`config/options/trust.rs`), and are asked wherever something depends on them.

use crate::upstream::credentials::Credentials;
use axum::http::{HeaderValue, header::InvalidHeaderValue};

/// With whose token an upstream is asked. `T` is the gateway's token, or where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamIdentity<T> {
    /// The caller's own.
    PassThrough,
    /// The caller's own; the gateway's for callers that send none.
    Fallback(T),
    /// The gateway's, whatever the caller sends.
    Service(T),
}

impl<T> UpstreamIdentity<T> {
    /// The gateway's token, if it has one.
    pub fn token(&self) -> Option<&T> {
        match self {
            UpstreamIdentity::PassThrough => None,
            UpstreamIdentity::Fallback(token) | UpstreamIdentity::Service(token) => Some(token),
        }
    }

    /// The same with another form of the token.
    ///
    /// # Errors
    ///
    /// Those of `form`.
    pub fn try_map<U, E>(&self, form: impl FnOnce(&T) -> Result<U, E>) -> Result<UpstreamIdentity<U>, E> {
        Ok(match self {
            UpstreamIdentity::PassThrough => UpstreamIdentity::PassThrough,
            UpstreamIdentity::Fallback(token) => UpstreamIdentity::Fallback(form(token)?),
            UpstreamIdentity::Service(token) => UpstreamIdentity::Service(form(token)?),
        })
    }
}

impl UpstreamIdentity<HeaderValue> {
    /// What the upstream is asked with for a caller that sent these credentials, or none.
    #[must_use]
    pub fn credentials(&self, sent: Option<Credentials>) -> Credentials {
        match (self, sent) {
            (UpstreamIdentity::Service(token), _) | (UpstreamIdentity::Fallback(token), None) => {
                Credentials::new(token.clone()).lent()
            }
            (UpstreamIdentity::PassThrough | UpstreamIdentity::Fallback(_), sent) => sent.unwrap_or_default(),
        }
    }
}

/// How callers are known. `T` is the tokens that they show, or where those are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callers<T> {
    /// By tokens of their own, which the upstreams check: the gateway has none that they could act with.
    OwnTokens,
    /// By one of the tokens that this gateway gave out.
    Trusted(T),
    /// By reaching the gateway, which listens on loopback only: whoever does acts with a token of the gateway.
    LoopbackOnly,
}

impl<T> Callers<T> {
    /// Whether they act with a token of the gateway.
    pub fn act_for_gateway(&self) -> bool {
        match self {
            Callers::OwnTokens => false,
            Callers::Trusted(_) | Callers::LoopbackOnly => true,
        }
    }
}

/// A token as the header `Authorization` has it.
///
/// # Errors
///
/// When the token cannot be sent in a header.
pub fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}"))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_is_asked_with_the_token_of_whoever_acts() {
        use UpstreamIdentity::{Fallback, PassThrough, Service};
        let ours = || bearer("ours").unwrap();
        let whose = |credentials: Credentials| match credentials {
            credentials if credentials.is_empty() => "nobody's",
            credentials if credentials.is_lent() && credentials.occur_in("ours") => "ours",
            credentials if !credentials.is_lent() && credentials.occur_in("theirs") => "theirs",
            _ => "another's",
        };
        for (identity, sent, unsent) in [
            (PassThrough, "theirs", "nobody's"),
            (Fallback(ours()), "theirs", "ours"),
            (Service(ours()), "ours", "ours"),
        ] {
            let theirs = Credentials::new(bearer("theirs").unwrap());
            assert_eq!(whose(identity.credentials(Some(theirs))), sent, "{identity:?}");
            assert_eq!(whose(identity.credentials(None)), unsent, "{identity:?}");
        }
    }
}
