//! Who may ask, and with whose token the upstream is asked.

use super::{
    identity::{Callers, UpstreamIdentity},
    reply::Refusal,
};
use crate::{
    error::ErrorCode,
    upstream::credentials::{Caller, Credentials, is_bearer},
};
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, HOST},
};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The trace that a request belongs to.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What vendors add to it.
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What goes to Wavefront as `Authorization`.
pub(super) const WAVEFRONT_AUTHORIZATION: HeaderName = HeaderName::from_static("x-wavefront-authorization");

/// The id under which a request is found again.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that a page of another origin cannot send unless the browser asks first.
const PREFLIGHTED: [&str; 4] =
    ["apollo-require-preflight", "graphql-require-preflight", "x-apollo-operation-name", "x-requested-with"];

/// Who may ask, and what goes upstream of it.
pub struct Access {
    identity: UpstreamIdentity<HeaderValue>,
    callers: Callers<CallerTokens>,
    forward: Vec<HeaderName>,
    hosts: Option<Vec<String>>,
}

impl Access {
    /// Asks the accounts API with the token of `identity` for whoever is known as one of `callers`; headers in `forward` go
    /// upstream beside it, and where there are `hosts` the `Host` header must name one of them.
    #[must_use]
    pub fn new(
        identity: UpstreamIdentity<HeaderValue>,
        callers: Callers<CallerTokens>,
        forward: Vec<HeaderName>,
        hosts: Option<Vec<String>>,
    ) -> Self {
        let bare = |host: &String| host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Access { identity, callers, forward, hosts: hosts.map(|hosts| hosts.iter().map(bare).collect()) }
    }

    /// Refuses a request that names another host: a page whose name was made to mean this machine sends its own.
    pub(super) fn check_host<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let Some(hosts) = &self.hosts else { return Ok(()) };
        let header = request.headers().get(HOST).map(|host| host.to_str().unwrap_or_default());
        let named = header.or(request.uri().authority().map(axum::http::uri::Authority::as_str)).unwrap_or_default();
        if hosts.iter().any(|host| host.eq_ignore_ascii_case(without_port(named))) {
            return Ok(());
        }
        let message = "The Host header names none of the hosts that this server answers for.";
        Err(Refusal::new(StatusCode::FORBIDDEN, ErrorCode::HostNotAllowed, message))
    }

    /// Refuses a GET request that a page of another origin could have sent, where the page would be answered with a token
    /// that is not its own.
    pub(super) fn check_preflighted(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.callers.act_for_gateway() || PREFLIGHTED.iter().any(|name| headers.contains_key(*name)) {
            return Ok(());
        }
        let message = format!("A GET request needs one of the headers {}.", PREFLIGHTED.join(", "));
        Err(Refusal::new(StatusCode::FORBIDDEN, ErrorCode::PreflightRequired, message))
    }

    /// The credentials to ask each upstream with.
    pub(super) fn credentials(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if let Callers::Trusted(tokens) = &self.callers
            && !tokens.know(headers)
        {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, unknown_caller(headers)));
        }
        let mut credentials = self.identity.credentials(headers.get(AUTHORIZATION).cloned().map(Credentials::new));
        for name in &self.forward {
            for value in headers.get_all(name) {
                credentials.forward(name.clone(), value.clone());
            }
        }
        trace(headers, &mut credentials);
        let wavefront = headers.get(WAVEFRONT_AUTHORIZATION).cloned().map(Credentials::new);
        Ok(Caller { accounts: credentials, wavefront })
    }
}

/// Why a caller is not known.
fn unknown_caller(headers: &HeaderMap) -> &'static str {
    match headers.get(AUTHORIZATION) {
        None => {
            "There is no Authorization header: this gateway needs one of its own tokens, Authorization: Bearer <token>."
        }
        Some(value) if !is_bearer(value.as_bytes()) => {
            "The Authorization header does not start with Bearer: this gateway needs one of its own tokens, \
             Authorization: Bearer <token>."
        }
        Some(_) => "The token of the Authorization header is not accepted: it is not one of this gateway's tokens.",
    }
}

/// Adds to credentials the headers that say which request this is.
pub(super) fn trace(headers: &HeaderMap, credentials: &mut Credentials) {
    if let Some(parent) = headers.get(TRACEPARENT).filter(|value| is_traceparent(value.as_bytes())) {
        credentials.trace(TRACEPARENT, parent.clone());
        for state in headers.get_all(TRACESTATE) {
            credentials.trace(TRACESTATE, state.clone());
        }
    }
    if let Some(id) = headers.get(REQUEST_ID) {
        credentials.trace(REQUEST_ID, id.clone());
    }
}

/// What comes back of the headers that say which request this is.
pub(super) fn traced(headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
    let parent = headers.get(TRACEPARENT).filter(|value| is_traceparent(value.as_bytes())).cloned();
    let id = headers.get(REQUEST_ID).cloned();
    parent.map(|parent| (TRACEPARENT, parent)).into_iter().chain(id.map(|id| (REQUEST_ID, id)))
}

/// Whether a text may be the id of a request: it goes into logs and headers of others.
pub(super) fn is_request_id(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=128).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

/// Whether a value has the form of W3C Trace Context: version, trace, parent, flags.
fn is_traceparent(value: &[u8]) -> bool {
    let hexadecimal = |part: &[u8]| part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'-').collect();
    matches!(&parts[..], [version, trace, parent, flags]
        if (version.len(), trace.len(), parent.len(), flags.len()) == (2, 32, 16, 2))
        && parts.iter().all(|part| hexadecimal(part))
}

fn without_port(host: &str) -> &str {
    if let Some(bracketed) = host.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or_default();
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// The tokens of callers, as digests: what is compared has one length, and takes one time.
pub struct CallerTokens(Vec<[u8; 32]>);

impl CallerTokens {
    /// Reads a file of tokens, one a line; empty lines and those that begin with `#` are left out.
    ///
    /// # Errors
    ///
    /// When there is no token.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let digests: Vec<[u8; 32]> = lines.map(|token| Sha256::digest(token).into()).collect();
        if digests.is_empty() { Err("it has no token") } else { Ok(CallerTokens(digests)) }
    }

    fn know(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        let (scheme, token) = given.split_at_checked("Bearer ".len()).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(token).into();
        let same = |known: Choice, token: &[u8; 32]| known | token.ct_eq(&digest);
        bool::from(self.0.iter().fold(Choice::from(0), same)) && scheme.eq_ignore_ascii_case(b"Bearer ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_without_its_port() {
        for (host, bare) in [
            ("localhost", "localhost"),
            ("localhost:4000", "localhost"),
            ("127.0.0.1:4000", "127.0.0.1"),
            ("[::1]:4000", "::1"),
            ("[::1]", "::1"),
            ("", ""),
        ] {
            assert_eq!(without_port(host), bare);
        }
    }

    #[test]
    fn a_trace_is_passed_on_only_in_its_form() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(good.as_bytes()));
        for bad in ["", "00", &good[1..], &good.to_uppercase(), &format!("{good}-00"), &good.replace('-', "_")] {
            assert!(!is_traceparent(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn tokens_are_lines_and_known_only_whole() {
        let tokens = CallerTokens::parse("# ours\n\n one \ntwo\n").unwrap();
        let know = |value: &'static str| {
            tokens.know(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]))
        };
        for known in ["Bearer one", "bearer two"] {
            assert!(know(known), "{known}");
        }
        for unknown in ["Bearer on", "Bearer onee", "Bearer ", "Bearer # ours", "one", "Basic one", "Digest one", ""] {
            assert!(!know(unknown), "{unknown}");
        }
        assert!(!tokens.know(&HeaderMap::new()));
        assert!(CallerTokens::parse("\n# none\n").is_err());
    }
}
