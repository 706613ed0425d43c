//! One call to the upstream: bounded in time, in number and in size.
//!
//! The client sends what it is told and judges the answer as a whole: a body that is JSON, or a [`Fault`]. It does not
//! follow redirects, which would carry the credentials elsewhere. Dropping a call ends it. Reads and writes have rules of
//! their own: [`read`], [`write`].

mod body;
mod icon;
mod read;
mod secret;
mod template;
pub mod write;

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use foldhash::quality::RandomState;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, Method, Request, StatusCode, Url, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, error::Elapsed, timeout_at};

use super::breaker::{Breaker, Pass};
use super::credentials::Credentials;
use super::flight::Flights;
use super::problem::Problem;
use super::refusal;
use super::report::{Failure, Reports};
use super::retry::Budget;
use super::throttle::Throttle;
use crate::entity::kind::Upstream;
use crate::fault::{Fault, FaultKind};
use crate::workers;
use read::Landed;
use template::Template;

pub use super::breaker::BreakerSettings;
pub use super::retry::Retries;
pub use read::{Read, Seen};
pub use reqwest::Certificate;

/// How much is read of a body that only explains a failure.
const MAX_PROBLEM: usize = 64 * 1024;

/// Where the upstream is and how much of it we may use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What all paths are relative to, such as `https://api.platform.softwareone.com/public`.
    pub base: Url,
    /// The time of one read in total, the wait for its turn included.
    pub timeout: Duration,
    /// The time of one write, from when it is sent.
    pub write_timeout: Duration,
    /// The time in which a connection has to stand.
    pub connect_timeout: Duration,
    /// How many calls may be under way at once; as many connections are kept.
    pub connections: usize,
    /// The most bytes that a body may have when it is unpacked.
    pub max_body: usize,
    /// How many threads call it; each keeps connections of its own.
    pub threads: NonZeroUsize,
    /// How patient reads are.
    pub retries: Retries,
    /// When the upstream is left alone; without it, never.
    pub breaker: Option<BreakerSettings>,
    /// Whether identical reads that are under way at the same time are one request.
    pub single_flight: bool,
    /// Whose certificates are trusted, beside those that the system trusts.
    pub authorities: Vec<Certificate>,
}

impl Settings {
    /// The usual way to call an upstream at this address.
    #[must_use]
    pub fn of(base: Url) -> Settings {
        Settings {
            base,
            timeout: Duration::from_secs(10),
            // The vendor's own client had to wait this long for users to be created (`accounts-api-v5.md` section 6).
            write_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(3),
            connections: 64,
            max_body: 64 * 1024 * 1024,
            threads: NonZeroUsize::MIN,
            retries: Retries::default(),
            breaker: Some(BreakerSettings::default()),
            single_flight: true,
            authorities: vec![],
        }
    }
}

/// A client of one upstream. Clones share connections and limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    upstream: Upstream,
    /// What messages to clients call the upstream.
    name: &'static str,
    /// One for each thread that answers, so that a kept connection is never woken on another.
    readers: Box<[reqwest::Client]>,
    /// For writes: keeps no connection and sends nothing twice.
    writer: reqwest::Client,
    /// What all paths are relative to.
    base: Url,
    timeout: Duration,
    write_timeout: Duration,
    max_body: usize,
    turns: Semaphore,
    /// The status by which it says that it is busy.
    busy: Option<StatusCode>,
    retries: Retries,
    budget: Budget,
    /// The callers that it told to wait.
    throttle: Throttle,
    reports: Reports,
    breaker: Breaker,
    /// Tells callers and routes apart for the breaker.
    origins: RandomState,
    single_flight: bool,
    flights: Flights<Landed>,
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
        let Settings { base, timeout, write_timeout, connect_timeout, connections, max_body, threads, .. } = settings;
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
                .default_headers(HeaderMap::from_iter([
                    (ACCEPT, HeaderValue::from_static("application/json")),
                    (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
                ]))
                .redirect(redirect::Policy::none())
                .connect_timeout(connect_timeout)
                .tls_certs_merge(settings.authorities.iter().cloned());
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
        let turns = Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS));
        // Where it means "try again" (`wavefront-api.md` section 7).
        let busy = (upstream == Upstream::Wavefront).then_some(StatusCode::NOT_ACCEPTABLE);
        Ok(Client(Arc::new(Inner {
            upstream,
            name,
            readers,
            writer,
            base,
            timeout,
            write_timeout,
            max_body,
            turns,
            busy,
            retries: settings.retries,
            budget: Budget::default(),
            throttle: Throttle::default(),
            reports: Reports::default(),
            breaker: Breaker::new(settings.breaker, Instant::now()),
            origins: RandomState::default(),
            single_flight: settings.single_flight,
            flights: Flights::default(),
        })))
    }

    /// The time of one write, from when it is sent.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        self.0.write_timeout
    }

    /// What all paths are appended to, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        self.0.base()
    }
}

impl Inner {
    fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    fn reader(&self) -> &reqwest::Client {
        &self.readers[workers::place() % self.readers.len()]
    }

    /// Fails while the upstream is left alone.
    fn check_breaker(&self) -> Result<(), Fault> {
        self.breaker.refuses(Instant::now()).map_or(Ok(()), |wait| Err(self.left_alone(wait)))
    }

    /// Lets a call pass, unless the upstream is left alone.
    fn pass(&self, credentials: &Credentials, url: &Url) -> Result<Pass<'_>, Fault> {
        let path = url.as_str().get(self.base().len()..).unwrap_or_default();
        let route = path.split(['?', '/']).take(4);
        let mut origin = self.origins.build_hasher();
        credentials.hash_caller_into(&mut origin);
        route.for_each(|segment| segment.hash(&mut origin));
        self.breaker.pass(origin.finish(), Instant::now()).map_err(|wait| self.left_alone(wait))
    }

    fn left_alone(&self, wait: Duration) -> Fault {
        let message = format!("{} fails too often and is left alone for a moment", self.name);
        Fault::new(FaultKind::Unavailable, message).with_retry_after(Some(in_seconds(wait)))
    }

    /// Logs why a call failed. `target` is its path and query, relative to the base.
    fn report(&self, method: &Method, target: &str, fault: &Fault, credentials: &Credentials) {
        let failure = Failure { method, path: Template(target).to_string(), fault, credentials };
        self.reports.log(&failure, Instant::now());
    }

    /// What a caller is told that has to wait for so long before anything is sent for it.
    fn asked_to_wait(&self, wait: Duration) -> Fault {
        refusal::too_many(self.name).with_retry_after(Some(in_seconds(wait)))
    }

    /// Remembers that the upstream told a caller to wait.
    fn note_wait(&self, credentials: &Credentials, status: StatusCode, headers: &HeaderMap) {
        if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(wait) = refusal::retry_after(headers)
        {
            self.throttle.note(credentials, wait, Instant::now());
        }
    }

    fn url(&self, path_and_query: &str) -> Result<Url, Fault> {
        let whole = [self.base(), path_and_query].concat();
        let origin = self.base.as_str().len() - self.base.path().len();
        let url = self.base.join(&whole[origin..]).ok();
        // A parser of URLs repairs: it resolves `..`, even spelt `%2e%2e`, drops line breaks, encodes quotes, and takes `//`
        // for the start of another host. What it would change is not what was meant to be asked for.
        let meant = |url: &Url| path_and_query.starts_with('/') && url.as_str() == whole && url.fragment().is_none();
        url.filter(meant).ok_or_else(|| {
            let name = within(self.name);
            Fault::internal(format!("A request to {name} was not spelt as a URL has to be"))
        })
    }
}

/// Whole seconds, rounded up: who comes back too early is turned away again.
fn in_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Waits for something, but no longer than until then. Mostly it is there already, and needs no timer.
async fn within_time<F: Future>(until: Instant, something: F) -> Result<F::Output, Elapsed> {
    let mut something = pin!(something);
    match futures::poll!(something.as_mut()) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => timeout_at(until, something).await,
    }
}

/// A request with a body of JSON, if there is one.
fn request(method: Method, url: Url, credentials: &Credentials, body: Option<&Bytes>) -> Request {
    let mut request = Request::new(method, url);
    credentials.send_with(request.headers_mut());
    if let Some(body) = body {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.clone().into());
    }
    request
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

/// The fault of an answer that says that the path does not exist, rather than that an object does not: 404 without a
/// problem document, and statuses that are about the path alone (`accounts-api-v5.md` section 1.2). Wavefront says in its
/// envelope that an object does not exist.
fn denied_route(upstream: Upstream, status: StatusCode, problem: &Problem, path: &str) -> Option<Fault> {
    let denies = match (status.as_u16(), upstream) {
        (404, Upstream::Accounts) => !problem.documented,
        (404, Upstream::Wavefront) => !problem.enveloped,
        (405 | 410, Upstream::Accounts) => true,
        _ => false,
    };
    let template = Template(path).route(upstream);
    denies.then(|| Fault::route_or_base(upstream.name(), template).with_trace_id(problem.trace_id.clone()))
}

#[cfg(test)]
mod tests;
