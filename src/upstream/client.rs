//! One call to the upstream: bounded in time, in number and in size.
//!
//! The client sends what it is told and judges the answer as a whole: a body that is JSON, or a [`Fault`]. It does not
//! follow redirects (they would carry the credentials elsewhere) and does not try again; the connection below may,
//! where the protocol says that a request was never looked at. Dropping a call ends it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, Url, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;
use super::{UPSTREAM, refusal};
use crate::entity::tape::Tape;
use crate::fault::{Fault, FaultKind};

/// How much is read of a body that only explains a failure.
const MAX_PROBLEM: usize = 64 * 1024;

/// Where the upstream is and how much of it we may use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What all paths are relative to, such as `https://api.platform.softwareone.com/public`.
    pub base: Url,
    /// The time of one call in total, the wait for its turn included.
    pub timeout: Duration,
    /// The time in which a connection has to stand.
    pub connect_timeout: Duration,
    /// How many calls may be under way at once; as many connections are kept.
    pub connections: usize,
    /// The most bytes that a body may have.
    pub max_body: usize,
}

/// Whose call it is. Passed through and never printed.
#[derive(Clone, Default)]
pub struct Credentials {
    authorization: Option<HeaderValue>,
}

impl Credentials {
    /// The caller's `Authorization` header, passed on as it stands.
    #[must_use]
    pub fn new(mut authorization: HeaderValue) -> Credentials {
        // Keeps it out of debug output and of HTTP/2's compression tables.
        authorization.set_sensitive(true);
        Credentials { authorization: Some(authorization) }
    }
}

impl Credentials {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authorization.is_none()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.authorization.is_some() { "Credentials(hidden)" } else { "Credentials(none)" })
    }
}

/// What was seen of one call, whatever came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// The status; none when no answer came.
    pub status: Option<u16>,
    /// The bytes of the body, decompressed.
    pub bytes: usize,
    /// How often it was sent again.
    pub retries: u32,
    /// Whether it joined a call of another operation that was under way already.
    pub shared: bool,
}

/// A client of one upstream. Clones share connections and limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    /// The base without a slash at its end; a call's path is appended as text.
    base: String,
    timeout: Duration,
    max_body: usize,
    turns: Semaphore,
}

impl Client {
    /// Prepares a client; connects when it is used.
    ///
    /// # Errors
    /// If the base is not a plain `http` or `https` address, or TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Client, Fault> {
        let Settings { base, timeout, connect_timeout, connections, max_body } = settings;
        let plain = base.query().is_none() && base.fragment().is_none() && base.username().is_empty();
        if !plain || base.password().is_some() || !matches!(base.scheme(), "http" | "https") {
            return Err(Fault::internal(
                "The address of the accounts API has to be http(s)://host/path, without user, query or fragment",
            ));
        }
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("accounts-graph/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
            .redirect(redirect::Policy::none())
            .connect_timeout(connect_timeout)
            .pool_max_idle_per_host(connections);
        if is_loopback(&base) {
            // A proxy in the environment is meant for the way out, and this upstream is at home.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|e| Fault::internal("the HTTP client cannot be set up").caused_by(e))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        let turns = Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Client(Arc::new(Inner { http, base, timeout, max_body, turns })))
    }

    /// Asks for `path_and_query`, which begins with `/`, is relative to the base and encoded already.
    ///
    /// # Errors
    /// Whenever the answer is not one JSON value in a successful response; the kind of the fault says why.
    pub async fn get(&self, path_and_query: &str, credentials: &Credentials) -> Result<Tape, Fault> {
        self.get_seen(path_and_query, credentials, &mut Seen::default()).await
    }

    /// As [`Client::get`]; what was seen of the call is told even when it failed.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_seen(
        &self,
        path_and_query: &str,
        credentials: &Credentials,
        seen: &mut Seen,
    ) -> Result<Tape, Fault> {
        let path = Template(path_and_query);
        let outcome = self.0.get(path_and_query, credentials, seen).await;
        match &outcome {
            Ok((status, tape)) => {
                let bytes = tape.len_bytes();
                tracing::debug!(method = "GET", %path, status, bytes, "GET {path} answered {status}, {bytes} bytes");
            }
            Err(fault) => {
                let code = fault.kind().code();
                tracing::debug!(method = "GET", %path, code, "GET {path} failed: {fault} ({code})");
            }
        }
        outcome.map(|(_, tape)| tape)
    }

    /// What all paths are appended to, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0.base
    }
}

impl Inner {
    async fn get(
        &self,
        path_and_query: &str,
        credentials: &Credentials,
        seen: &mut Seen,
    ) -> Result<(u16, Tape), Fault> {
        let url = self.url(path_and_query)?;
        let deadline = Instant::now() + self.timeout;
        let in_time = |_| Fault::new(FaultKind::Timeout, format!("{UPSTREAM} did not answer in time"));

        let turn = timeout_at(deadline, self.turns.acquire()).await.map_err(in_time)?;
        let _turn = turn.map_err(|e| Fault::internal("the client has shut down").caused_by(e))?;
        let mut request = self.http.get(url);
        if let Some(authorization) = &credentials.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = timeout_at(deadline, request.send()).await.map_err(in_time)?.map_err(not_sent)?;
        let (status, headers) = (response.status(), response.headers().clone());
        seen.status = Some(status.as_u16());

        if !status.is_success() {
            // The status has been said: a body that is late, cut or too long takes nothing back.
            let explanation = timeout_at(deadline, body(response, MAX_PROBLEM)).await;
            let problem = explanation.ok().and_then(Result::ok).map(Problem::parse).unwrap_or_default();
            return Err(refusal::fault(status, &headers, problem));
        }
        if headers.get(CONTENT_TYPE).is_some_and(is_html) {
            return Err(not_json());
        }
        let body = timeout_at(deadline, body(response, self.max_body)).await.map_err(in_time)??;
        if body.is_empty() {
            return Err(Fault::new(FaultKind::Invalid, format!("{UPSTREAM} answered nothing")));
        }
        seen.bytes = body.len();
        let tape = Tape::scan(body).map_err(|malformed| not_json().caused_by(malformed))?;
        Ok((status.as_u16(), tape))
    }

    fn url(&self, path_and_query: &str) -> Result<Url, Fault> {
        let mut text = String::with_capacity(self.base.len() + path_and_query.len());
        text.push_str(&self.base);
        text.push_str(path_and_query);
        // A parser of URLs repairs: it resolves `..`, even spelt `%2e%2e`, drops line breaks, encodes quotes. What it
        // would change is not what was meant to be asked for.
        let url = Url::parse(&text).ok().filter(|url| url.as_str() == text && url.fragment().is_none());
        url.filter(|_| path_and_query.starts_with('/'))
            .ok_or_else(|| Fault::internal("A request to the accounts API was not spelt as a URL has to be"))
    }
}

/// Reads a body to its end, but no more than `limit` bytes of it.
async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, Fault> {
    let too_long = || Fault::new(FaultKind::Invalid, format!("{UPSTREAM} answered more than {limit} bytes"));
    let promised = response.content_length().map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
    if promised > limit {
        return Err(too_long());
    }
    let mut body = Vec::with_capacity(promised);
    while let Some(chunk) = response.chunk().await.map_err(cut)? {
        if chunk.len() > limit - body.len() {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn not_sent(error: reqwest::Error) -> Fault {
    if error.is_connect() {
        // Also when it took too long: nobody is there to have received the request.
        return Fault::new(FaultKind::Unavailable, format!("{UPSTREAM} cannot be reached"))
            .caused_by(error.without_url());
    }
    cut(error)
}

fn cut(error: reqwest::Error) -> Fault {
    Fault::new(FaultKind::Unavailable, format!("{UPSTREAM} broke off its answer")).caused_by(error.without_url())
}

fn not_json() -> Fault {
    Fault::new(FaultKind::Invalid, format!("{UPSTREAM} answered something that is not JSON"))
}

fn is_html(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"html"))
}

fn is_loopback(base: &Url) -> bool {
    base.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
    })
}

/// A path as it may be logged: without its query, and with `{id}` for whatever is not a fixed name.
struct Template<'a>(&'a str);

impl fmt::Display for Template<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        for segment in path.trim_start_matches('/').split('/') {
            let fixed = segment == "v1" || segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            write!(f, "/{}", if fixed { segment } else { "{id}" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
