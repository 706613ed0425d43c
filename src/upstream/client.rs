//! One call to the upstream: bounded in time, in number and in size.
//!
//! The client sends what it is told and judges the answer as a whole: a body that is JSON, or a [`Fault`]. It does not
//! follow redirects (they would carry the credentials elsewhere) and does not try again; the connection below may,
//! where the protocol says that a request was never looked at. Dropping a call ends it. Writes have rules of their own:
//! [`write`].

pub mod write;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{ClientBuilder, Method, RequestBuilder, Response, StatusCode, Url, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;
use super::refusal;
use crate::entity::kind::Upstream;
use crate::entity::tape::Tape;
use crate::fault::{Fault, FaultKind};
use crate::workers;

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
    /// How many threads call it; each keeps connections of its own.
    pub threads: NonZeroUsize,
}

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
}

impl Credentials {
    /// The caller's `Authorization` header, passed on as it stands.
    #[must_use]
    pub fn new(mut authorization: HeaderValue) -> Credentials {
        // Keeps it out of debug output and of HTTP/2's compression tables.
        authorization.set_sensitive(true);
        Credentials { authorization: Some(authorization), ..Credentials::default() }
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

    fn sent_with(&self, request: RequestBuilder) -> RequestBuilder {
        let authorization = self.authorization.iter().map(|value| (&AUTHORIZATION, value));
        let others = self.forwarded.iter().chain(&self.traced).map(|(name, value)| (name, value));
        authorization.chain(others).fold(request, |request, (name, value)| request.header(name, value))
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

/// A request that changes nothing.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// Path and query, which begin with `/`, are relative to the base and encoded already.
    pub target: &'a str,
    /// What is asked for, as JSON, where it is asked by `POST`.
    pub body: Option<&'a Bytes>,
}

impl<'a> Read<'a> {
    /// What is asked by `GET`.
    #[must_use]
    pub fn get(target: &'a str) -> Self {
        Read { target, body: None }
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> Method {
        if self.body.is_some() { Method::POST } else { Method::GET }
    }
}

/// A client of one upstream. Clones share connections and limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    /// What messages to clients call the upstream.
    name: &'static str,
    /// One for each thread that answers, so that a kept connection is never woken on another.
    readers: Box<[reqwest::Client]>,
    /// For writes: keeps no connection and sends nothing twice.
    writer: reqwest::Client,
    /// The base without a slash at its end; a call's path is appended as text.
    base: String,
    timeout: Duration,
    max_body: usize,
    turns: Semaphore,
    /// The status by which it says that it is busy.
    busy: Option<StatusCode>,
}

impl Client {
    /// Prepares a client; connects when it is used.
    ///
    /// # Errors
    /// If the base is not a plain `http` or `https` address, or TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Client, Fault> {
        Client::of(Upstream::Accounts, settings)
    }

    /// Prepares a client of one of the upstreams.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn of(upstream: Upstream, settings: Settings) -> Result<Client, Fault> {
        let name = upstream.name();
        let Settings { base, timeout, connect_timeout, connections, max_body, threads } = settings;
        let plain = base.query().is_none() && base.fragment().is_none() && base.username().is_empty();
        if !plain || base.password().is_some() || !matches!(base.scheme(), "http" | "https") {
            return Err(Fault::internal(format!(
                "The address of {} has to be http(s)://host/path, without user, query or fragment",
                within(name)
            )));
        }
        let builder = || {
            let http = reqwest::Client::builder()
                .user_agent(concat!("accounts-graph/", env!("CARGO_PKG_VERSION")))
                .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
                .redirect(redirect::Policy::none())
                .connect_timeout(connect_timeout);
            // A proxy in the environment is meant for the way out; an upstream on loopback is at home.
            let http = if is_loopback(&base) { http.no_proxy() } else { http };
            match upstream {
                Upstream::Accounts => http,
                // The proxy in front of it does not get along with HTTP/2 (`wavefront-api.md` section 1).
                Upstream::Wavefront => http.http1_only(),
            }
        };
        let build = |http: ClientBuilder| {
            http.build().map_err(|e| Fault::internal("the HTTP client cannot be set up").caused_by(e))
        };
        let reader = |_| build(builder().pool_max_idle_per_host(connections.div_ceil(threads.get())));
        let readers = (0..threads.get()).map(reader).collect::<Result<_, _>>()?;
        let writer = build(write::once(builder()))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        let turns = Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS));
        // Where it means "try again" (`wavefront-api.md` section 7).
        let busy = (upstream == Upstream::Wavefront).then_some(StatusCode::NOT_ACCEPTABLE);
        Ok(Client(Arc::new(Inner { name, readers, writer, base, timeout, max_body, turns, busy })))
    }

    /// Asks for `path_and_query`, which begins with `/`, is relative to the base and encoded already.
    ///
    /// # Errors
    /// Whenever the answer is not one JSON value in a successful response; the kind of the fault says why.
    pub async fn get(&self, path_and_query: &str, credentials: &Credentials) -> Result<Tape, Fault> {
        self.read(Read::get(path_and_query), credentials, &mut Seen::default()).await
    }

    /// Reads. What was seen of the call is told even when it failed.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn read(&self, read: Read<'_>, credentials: &Credentials, seen: &mut Seen) -> Result<Tape, Fault> {
        let (method, path) = (read.method(), Template(read.target));
        let outcome = self.0.read(read, credentials, seen).await;
        match &outcome {
            Ok((status, tape)) => {
                let bytes = tape.len_bytes();
                tracing::debug!(%method, %path, status, bytes, "{method} {path} answered {status}, {bytes} bytes");
            }
            Err(fault) => {
                let code = fault.kind().code();
                tracing::debug!(%method, %path, code, "{method} {path} failed: {fault} ({code})");
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
    async fn read(&self, read: Read<'_>, credentials: &Credentials, seen: &mut Seen) -> Result<(u16, Tape), Fault> {
        let name = self.name;
        let url = self.url(read.target)?;
        let deadline = Instant::now() + self.timeout;
        let in_time = |_| Fault::new(FaultKind::Timeout, format!("{name} did not answer in time"));

        let turn = timeout_at(deadline, self.turns.acquire()).await.map_err(in_time)?;
        let _turn = turn.map_err(|e| Fault::internal("the client has shut down").caused_by(e))?;
        let mut request = credentials.sent_with(self.reader().request(read.method(), url));
        if let Some(body) = read.body {
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body.clone());
        }
        let response = timeout_at(deadline, request.send()).await.map_err(in_time)?.map_err(|e| not_sent(name, e))?;
        let (status, headers) = (response.status(), response.headers().clone());
        seen.status = Some(status.as_u16());

        if Some(status) == self.busy {
            return Err(busy(name));
        }
        if !status.is_success() {
            // The status has been said: a body that is late, cut or too long takes nothing back.
            let explanation = timeout_at(deadline, self::body(name, response, MAX_PROBLEM)).await;
            let problem = explanation.ok().and_then(Result::ok).map(Problem::parse).unwrap_or_default();
            return Err(refusal::fault(name, status, &headers, problem));
        }
        if headers.get(CONTENT_TYPE).is_some_and(is_html) {
            return Err(not_json(name));
        }
        let body = timeout_at(deadline, self::body(name, response, self.max_body)).await.map_err(in_time)??;
        if body.is_empty() {
            return Err(Fault::new(FaultKind::Invalid, format!("{name} answered nothing")));
        }
        seen.bytes = body.len();
        let tape = Tape::scan(body).map_err(|malformed| not_json(name).caused_by(malformed))?;
        Ok((status.as_u16(), tape))
    }

    fn reader(&self) -> &reqwest::Client {
        &self.readers[workers::place() % self.readers.len()]
    }

    fn url(&self, path_and_query: &str) -> Result<Url, Fault> {
        let mut text = String::with_capacity(self.base.len() + path_and_query.len());
        text.push_str(&self.base);
        text.push_str(path_and_query);
        // A parser of URLs repairs: it resolves `..`, even spelt `%2e%2e`, drops line breaks, encodes quotes. What it
        // would change is not what was meant to be asked for.
        let url = Url::parse(&text).ok().filter(|url| url.as_str() == text && url.fragment().is_none());
        url.filter(|_| path_and_query.starts_with('/')).ok_or_else(|| {
            Fault::internal(format!("A request to {} was not spelt as a URL has to be", within(self.name)))
        })
    }
}

/// Reads a body to its end, but no more than `limit` bytes of it.
async fn body(name: &str, mut response: Response, limit: usize) -> Result<Vec<u8>, Fault> {
    let too_long = || Fault::new(FaultKind::Invalid, format!("{name} answered more than {limit} bytes"));
    let promised = response.content_length().map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
    if promised > limit {
        return Err(too_long());
    }
    let mut body = Vec::with_capacity(promised);
    while let Some(chunk) = response.chunk().await.map_err(|e| cut(name, e))? {
        if chunk.len() > limit - body.len() {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn not_sent(name: &str, error: reqwest::Error) -> Fault {
    if error.is_connect() {
        // Also when it took too long: nobody is there to have received the request.
        return Fault::new(FaultKind::Unavailable, format!("{name} cannot be reached")).caused_by(error.without_url());
    }
    cut(name, error)
}

fn cut(name: &str, error: reqwest::Error) -> Fault {
    Fault::new(FaultKind::Unavailable, format!("{name} broke off its answer")).caused_by(error.without_url())
}

/// Not in service for a moment.
fn busy(name: &str) -> Fault {
    let wait = Some(Duration::from_secs(1));
    Fault::new(FaultKind::Unavailable, format!("{name} is busy: try again later")).with_retry_after(wait)
}

fn not_json(name: &str) -> Fault {
    Fault::new(FaultKind::Invalid, format!("{name} answered something that is not JSON"))
}

/// The upstream's name inside a sentence.
fn within(name: &str) -> String {
    name.strip_prefix("The ").map_or_else(|| name.to_owned(), |rest| format!("the {rest}"))
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
            let fixed =
                matches!(segment, "v1" | "v2") || segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            write!(f, "/{}", if fixed { segment } else { "{id}" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
