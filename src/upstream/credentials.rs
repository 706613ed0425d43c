//! Whose call it is: what goes upstream of the caller's headers, and nowhere else.

use std::fmt;
use std::hash::{Hash, Hasher};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::entity::kind::{Kind, Upstream};

/// Whose operation it is: credentials for each upstream, which never reach another.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// For the accounts API.
    pub accounts: Credentials,
    /// For Wavefront; without any, the gateway's own are used if it has some.
    pub wavefront: Option<Credentials>,
}

impl From<Credentials> for Caller {
    fn from(accounts: Credentials) -> Self {
        Caller { accounts, wavefront: None }
    }
}

/// Whose call it is. Passed through and never printed.
#[derive(Clone, Default)]
pub struct Credentials {
    authorization: Option<HeaderValue>,
    /// Further headers of the caller that the upstream may answer by.
    forwarded: Vec<(HeaderName, HeaderValue)>,
    /// Headers that say which request this is, and mean nothing for its answer.
    traced: Vec<(HeaderName, HeaderValue)>,
    /// Whether they are the gateway's own, and no caller's.
    lent: bool,
}

impl Credentials {
    /// The caller's `Authorization` header, passed on as it stands.
    #[must_use]
    pub fn new(mut authorization: HeaderValue) -> Credentials {
        // Keeps it out of debug output and of HTTP/2's compression tables.
        authorization.set_sensitive(true);
        Credentials { authorization: Some(authorization), ..Credentials::default() }
    }

    /// Says that these credentials are the gateway's own: callers act with them and never see them.
    #[must_use]
    pub fn lent(self) -> Credentials {
        Credentials { lent: true, ..self }
    }

    /// Adds a header of the caller that the upstream may answer by.
    pub fn forward(&mut self, name: HeaderName, mut value: HeaderValue) {
        value.set_sensitive(true);
        self.forwarded.push((name, value));
    }

    /// Adds a header that says which request this is, and means nothing for its answer.
    pub fn trace(&mut self, name: HeaderName, value: HeaderValue) {
        self.traced.push((name, value));
    }

    /// The same credentials for a call that belongs to the same request as another one's.
    #[must_use]
    pub fn traced_like(mut self, other: &Credentials) -> Credentials {
        self.traced.clone_from(&other.traced);
        self
    }

    /// The id of the request that the call is made for.
    pub(in crate::upstream) fn request_id(&self) -> Option<&str> {
        let id = self.traced.iter().find(|(name, _)| name == "x-request-id");
        id.and_then(|(_, value)| value.to_str().ok())
    }

    pub(super) fn send_with(&self, headers: &mut HeaderMap) {
        let authorization = self.authorization.iter().map(|value| (&AUTHORIZATION, value));
        let others = self.forwarded.iter().chain(&self.traced).map(|(name, value)| (name, value));
        for (name, value) in authorization.chain(others) {
            headers.append(name.clone(), value.clone());
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authorization.is_none()
    }

    /// Whether they are the gateway's own.
    #[must_use]
    pub fn is_lent(&self) -> bool {
        self.lent
    }

    /// The id of the API token that they are: `Bearer idt:TKN-…:…` carries it (`accounts-api.md` section 1). None for any
    /// other token: what a user's token claims is not decoded, since nobody here can verify it.
    #[must_use]
    pub fn api_token(&self) -> Option<&str> {
        let given = self.authorization.as_ref()?;
        let token = given.to_str().ok().filter(|_| is_bearer(given.as_bytes()))?.get("Bearer".len()..)?.trim();
        let (id, secret) = token.strip_prefix("idt:")?.split_once(':')?;
        (Kind::ApiToken.fits(id) && !secret.is_empty()).then_some(id)
    }

    /// What to tell a caller whose call an upstream answers 401.
    pub(in crate::upstream) fn refused_by(&self, upstream: Upstream) -> String {
        let name = upstream.name();
        let header = match upstream {
            Upstream::Accounts => "Authorization",
            Upstream::Wavefront => "X-Wavefront-Authorization",
        };
        match &self.authorization {
            _ if self.lent => format!("{name} does not accept the token that the gateway has for it"),
            None => format!("{name} needs a token: there is no {header} header"),
            Some(value) if !is_bearer(value.as_bytes()) => {
                format!("{name} does not accept the credentials: the {header} header does not start with Bearer")
            }
            Some(_) => format!("{name} does not accept the token of the {header} header"),
        }
    }

    /// Whether the upstream cannot tell the two apart.
    #[must_use]
    pub(in crate::upstream) fn answer_alike(&self, other: &Credentials) -> bool {
        self.same_caller(other) && self.forwarded == other.forwarded
    }

    /// Whether it is the same caller, in whatever way the call is made.
    #[must_use]
    pub(in crate::upstream) fn same_caller(&self, other: &Credentials) -> bool {
        self.authorization == other.authorization
    }

    /// Feeds a hash with what [`Credentials::answer_alike`] compares.
    pub(in crate::upstream) fn hash_into(&self, hasher: &mut impl Hasher) {
        self.hash_caller_into(hasher);
        self.forwarded.hash(hasher);
    }

    /// Feeds a hash with what [`Credentials::same_caller`] compares.
    pub(in crate::upstream) fn hash_caller_into(&self, hasher: &mut impl Hasher) {
        self.authorization.hash(hasher);
    }

    /// Whether a text has the credentials in it, whole or the secret at their end.
    #[must_use]
    pub fn occur_in(&self, text: &str) -> bool {
        let given = self.authorization.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = given.rsplit(' ').next().unwrap_or_default();
        let secret = token.rsplit(':').next().unwrap_or_default();
        [token, secret].into_iter().any(|part| !part.is_empty() && text.contains(part))
    }
}

/// Whether an `Authorization` header has the scheme `Bearer`, which is written in any case.
#[must_use]
pub fn is_bearer(authorization: &[u8]) -> bool {
    let (scheme, rest) = authorization.split_at_checked("Bearer".len()).unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"Bearer") && rest.first().is_none_or(|byte| *byte == b' ')
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.authorization.is_some() { "Credentials(hidden)" } else { "Credentials(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_stays_out_of_debug_output() {
        let mut credentials = Credentials::new(HeaderValue::from_static("Bearer secret"));
        credentials.forward(HeaderName::from_static("x-tenant"), HeaderValue::from_static("secret"));
        assert_eq!(format!("{:?}", credentials.authorization), "Some(Sensitive)");
        assert_eq!(format!("{:?}", credentials.forwarded), "[(\"x-tenant\", Sensitive)]");
    }

    #[test]
    fn a_refusal_says_what_is_wrong_with_the_credentials_and_never_shows_them() {
        let of = |value: &'static str| Credentials::new(HeaderValue::from_static(value));
        let said = |credentials: &Credentials| {
            [Upstream::Accounts, Upstream::Wavefront].map(|upstream| credentials.refused_by(upstream))
        };
        let none = [
            "The accounts API needs a token: there is no Authorization header".to_owned(),
            "Wavefront needs a token: there is no X-Wavefront-Authorization header".to_owned(),
        ];
        assert_eq!(said(&Credentials::default()), none);
        for other in ["Basic c2VjcmV0", "secret", "Bearersecret", "bearer\tsecret", "Bear"] {
            let expected = [
                "The accounts API does not accept the credentials: the Authorization header does not start with Bearer",
                "Wavefront does not accept the credentials: the X-Wavefront-Authorization header does not start with Bearer",
            ];
            assert_eq!(said(&of(other)), expected, "{other}");
        }
        for token in ["Bearer secret", "bearer secret", "BEARER  secret", "Bearer"] {
            let expected = [
                "The accounts API does not accept the token of the Authorization header",
                "Wavefront does not accept the token of the X-Wavefront-Authorization header",
            ];
            assert_eq!(said(&of(token)), expected, "{token}");
        }
        let lent = [
            "The accounts API does not accept the token that the gateway has for it",
            "Wavefront does not accept the token that the gateway has for it",
        ];
        assert_eq!(said(&of("Bearer secret").lent()), lent);
    }

    #[test]
    fn only_an_api_token_says_who_it_is() {
        let id = |value: &'static str| Credentials::new(HeaderValue::from_static(value)).api_token().map(str::to_owned);
        for token in ["Bearer idt:TKN-0000-0001:secret", "bearer idt:TKN-0000-0001:a:b", "Bearer  idt:TKN-0000-0001:x"]
        {
            assert_eq!(id(token).as_deref(), Some("TKN-0000-0001"), "{token}");
        }
        for other in [
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJUS04tMDAwMC0wMDAxIn0.",
            "Bearer usr:USR-0000-0001",
            "Bearer idt:USR-0000-0001:secret",
            "Bearer idt:TKN-0000-0001",
            "Bearer idt:TKN-0000-0001:",
            "Bearer idt:TKN-0000-0001/../x:secret",
            "Bearer idt::secret",
            "Bearer TKN-0000-0001:secret",
            "Bearer IDT:TKN-0000-0001:secret",
            "Basic idt:TKN-0000-0001:secret",
            "idt:TKN-0000-0001:secret",
            "Bearer",
            "",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
        assert_eq!(Credentials::default().api_token(), None);
    }

    #[test]
    fn headers_that_the_upstream_may_answer_by_tell_callers_apart_and_others_do_not() {
        let with = |token: &'static str, forwarded: &'static str, traced: &'static str| {
            let mut credentials = Credentials::new(HeaderValue::from_static(token));
            credentials.forward(HeaderName::from_static("x-tenant"), HeaderValue::from_static(forwarded));
            credentials.trace(HeaderName::from_static("x-request-id"), HeaderValue::from_static(traced));
            credentials
        };
        let one = with("a", "b", "c");
        assert!(one.answer_alike(&with("a", "b", "d")));
        assert!(!one.answer_alike(&with("a", "c", "c")) && one.same_caller(&with("a", "c", "c")));
        assert!(!one.answer_alike(&with("b", "b", "c")) && !one.same_caller(&with("b", "b", "c")));
        assert!(!one.answer_alike(&Credentials::default()) && !one.same_caller(&Credentials::default()));
    }
}
