//! What can be set, and how a value is found: command line, then environment, then file, then default.
//!
//! [`options()`] is the table of everything that can be set. The command line and its help are built from it, the
//! environment and the file are checked against it, and [`Config::load`] reads each row into a typed field. Parsing
//! the arguments themselves is left to [`crate::cli`]; acting on the values is left to whoever takes the struct.

mod error;
mod file;
mod form;
mod options;
mod sources;
mod token;

use reqwest::header::HeaderName;
use std::{
    fmt, io,
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

pub use error::{ConfigError, Origin, Place};
pub use options::{Alone, OptionInfo, Topic, options};
pub use reqwest::Url;
pub use sources::{Environment, Flags, Program};
pub use token::TokenSource;

use crate::{graph::limits::DocumentLimits, upstream::marketplace::membership::MembershipRoutes};
#[cfg(feature = "sandbox")]
use accounts_graph_sandbox as sandbox;
use sources::Sources;

/// Reads a text file; the real one in `main`, a table in tests.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// Everything that `accounts-graph serve` can be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the gateway listens. Default 127.0.0.1:4000.
    pub listen: SocketAddr,
    /// What is logged, in the syntax of tracing's env-filter. Default `info`.
    pub log: String,
    /// How many threads answer; none for as many as the process may use CPUs.
    pub threads: Option<NonZeroUsize>,
    /// Where callers are told what their operations cost. Default on loopback.
    pub explain: Explain,
    /// Who may ask, and how.
    pub http: Http,
    /// The REST API behind the gateway.
    pub upstream: Upstream,
    /// The Wavefront instance behind it, if there is one.
    pub wavefront: Wavefront,
    /// What one operation may cost.
    pub limits: Limits,
    /// The web page to try the graph in.
    pub playground: Playground,
    /// The embedded upstream, started when no URL is given.
    #[cfg(feature = "sandbox")]
    pub sandbox: Sandbox,
}

/// Who may ask, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// The origins whose pages may read answers. Default none.
    pub cors_origins: Vec<String>,
    /// The names that a `Host` header may have; none where any will do.
    pub allowed_hosts: Option<Vec<String>>,
    /// The caller's headers that go upstream beside `Authorization`. Default none.
    pub forward_headers: Vec<HeaderName>,
    /// Where the token is that goes upstream in place of the caller's. Default none.
    pub service_token: Option<TokenSource>,
    /// The file of the tokens that callers must send. Default none.
    pub caller_token_file: Option<PathBuf>,
    /// Whether icons are served. Default: where the gateway has no token of its own for the accounts API.
    pub icons: bool,
    /// The address at which browsers reach the gateway. Its path ends in `/`. Default none.
    pub public_url: Option<Url>,
    /// The manifest of trusted documents. Default none.
    pub trusted_documents: Option<PathBuf>,
    /// Whether only trusted documents are run. Default no.
    pub trusted_documents_only: bool,
    /// How much memory automatic persisted queries may take, in bytes. Default 8 MiB.
    pub persisted_query_bytes: usize,
    /// How many operations one request may have. Default 1: no batches.
    pub batch: usize,
}

/// The web page to try the graph in.
#[derive(Debug, Clone, PartialEq)]
pub struct Playground {
    /// Whether it is served. Default: where the gateway listens on loopback.
    pub enabled: bool,
    /// Its path, without a slash at the end: empty for the root. Default the root.
    pub path: String,
}

/// Where the gateway says what an operation cost, and how it asked the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// Wherever it listens.
    Always,
    /// Where only this machine can ask, and with tokens of its own alone.
    Loopback,
    /// Nowhere.
    Never,
}

impl Explain {
    /// Whether a gateway that listens there says it; `lends`: it has a token of its own for callers.
    #[must_use]
    pub fn allows(self, listen: SocketAddr, lends: bool) -> bool {
        match self {
            Explain::Always => true,
            Explain::Loopback => listen.ip().is_loopback() && !lends,
            Explain::Never => false,
        }
    }
}

/// The REST API behind the gateway, and how patient we are with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Upstream {
    /// Base URL, http or https, without credentials, query and fragment. Its path always ends in `/`, so that paths
    /// can be joined to it. Default none: the sandbox is started, beyond loopback only where it is asked for.
    pub url: Option<Url>,
    /// How long one call that reads may take, connecting and the body included. Default 10 s.
    pub timeout: Duration,
    /// How long one call that changes something may take, from when it is sent. Default 60 s.
    pub write_timeout: Duration,
    /// How long connecting may take. Default 3 s.
    pub connect_timeout: Duration,
    /// How many calls may be under way at once, and how many idle connections are kept. Default 64.
    pub connections: usize,
    /// How often a read that failed is sent again. Default 3.
    pub retries: u32,
    /// Whether an upstream that fails most calls is left alone for a while. Default yes.
    pub circuit_breaker: bool,
    /// Whether identical reads that are under way at the same time are one request. Default yes.
    pub single_flight: bool,
    /// The certificates that are trusted beside the system's, for both upstreams. Default none.
    pub ca: Option<PathBuf>,
    /// How long it is remembered what a host was found to have, to lack or to refuse. Default 10 minutes.
    pub relearn: Duration,
    /// The routes by which memberships are read and changed. Default auto.
    pub membership_routes: MembershipRoutes,
    /// Whether what is wanted of embedded entities may be asked together with their holders. Default on.
    pub nested_select: bool,
}

/// The Wavefront instance behind the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Wavefront {
    /// Base URL, as [`Upstream::url`]. Default none: the sandbox's slice is used if the sandbox is started.
    pub url: Option<Url>,
    /// Where the token is for callers that send none of theirs. Default none.
    pub token: Option<TokenSource>,
}

/// What one operation may cost, and what is kept between operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long a query may take, and what a mutation reads; always longer than [`Upstream::timeout`]. Default 30 s.
    pub operation_timeout: Duration,
    /// What a GraphQL document may contain.
    pub document: DocumentLimits,
    /// How many upstream requests one operation may send. Default 300.
    pub upstream_requests: usize,
    /// How many entities of the upstream one operation may read. Default 20,000.
    pub entities: usize,
    /// How large the answer to a client may be, in bytes. Default 32 MiB.
    pub response_bytes: usize,
    /// How large the body of a client's request may be, in bytes. Default 1 MiB.
    pub body_bytes: usize,
    /// How much memory the prepared documents may take, in bytes. Default 32 MiB.
    pub document_cache_bytes: usize,
    /// How long the address and the headers of a client's request may be together, in bytes. Default 32 KiB.
    pub header_bytes: usize,
    /// How long a client may take for the headers of a request. Default 10 s.
    pub header_timeout: Duration,
    /// How long a connection may be kept between requests. Default 75 s.
    pub idle_timeout: Duration,
    /// How long a client may take for the body of a request. Default 10 s.
    pub body_timeout: Duration,
    /// How many connections clients may have at once. Default 1,024.
    pub connections: usize,
    /// How many operations may be under way at once. Default 1,024.
    pub operations: usize,
}

/// The embedded upstream.
#[cfg(feature = "sandbox")]
#[derive(Debug, Clone, PartialEq)]
pub struct Sandbox {
    /// Where it listens. Default 127.0.0.1:0, a free port, inside the gateway; 127.0.0.1:4010 when it runs alone.
    pub listen: SocketAddr,
    /// How much data it holds, as a factor between 0.01 and 10. Default 1.
    pub scale: f64,
    /// Whether a request without a token is answered 401. Default no.
    pub require_token: bool,
    /// Whether unknown tokens are taken for one of Operations. Default no.
    pub accept_any_token: bool,
    /// Which generation of the API it speaks.
    pub generation: sandbox::Generation,
    /// The day at whose midnight the dates of its data end. Default none: the day of the start.
    pub date: Option<sandbox::Day>,
    /// The database that keeps its state across restarts. Default none: the state ends with the process.
    pub file: Option<PathBuf>,
}

/// Everything that `accounts-graph sandbox` can be told.
#[cfg(feature = "sandbox")]
#[derive(Debug, Clone, PartialEq)]
pub struct SandboxConfig {
    /// What is logged, in the syntax of tracing's env-filter. Default `info`.
    pub log: String,
    /// The sandbox itself.
    pub sandbox: Sandbox,
}

impl Config {
    /// Finds and checks every option of `serve`.
    ///
    /// # Errors
    ///
    /// When the environment or the file has a name that we do not know, when the file cannot be read, or when a value
    /// is not of its accepted form.
    pub fn load(flags: &Flags, env: &Environment, read_file: ReadFile<'_>) -> Result<Self, ConfigError> {
        let from = Sources::open(Program::Serve, flags, env, read_file)?;
        from.in_order(&options::UPSTREAM_TIMEOUT, &options::OPERATION_TIMEOUT)?;
        Ok(Self {
            listen: from.read(&options::LISTEN)?,
            log: from.read(&options::LOG)?,
            threads: from.read_optional(&options::THREADS)?,
            explain: from.read(&options::EXPLAIN)?,
            upstream: Upstream {
                url: from.upstream(cfg!(feature = "sandbox"))?,
                timeout: from.read(&options::UPSTREAM_TIMEOUT)?,
                write_timeout: from.read(&options::UPSTREAM_WRITE_TIMEOUT)?,
                connect_timeout: from.read(&options::UPSTREAM_CONNECT_TIMEOUT)?,
                connections: from.read(&options::UPSTREAM_CONNECTIONS)?,
                retries: from.read(&options::UPSTREAM_RETRIES)?,
                circuit_breaker: from.read(&options::CIRCUIT_BREAKER)?,
                single_flight: from.read(&options::SINGLE_FLIGHT)?,
                ca: from.read_optional(&options::UPSTREAM_CA)?,
                relearn: from.read(&options::UPSTREAM_RELEARN)?,
                membership_routes: from.read(&options::MEMBERSHIP_ROUTES)?,
                nested_select: from.read(&options::NESTED_SELECT)?,
            },
            http: Http::load(&from)?,
            wavefront: Wavefront {
                url: from.read_optional(&options::WAVEFRONT)?,
                token: from.read_optional(&options::WAVEFRONT_TOKEN)?,
            },
            limits: Limits {
                operation_timeout: from.read(&options::OPERATION_TIMEOUT)?,
                document: document_limits(&from)?,
                upstream_requests: from.read(&options::MAX_UPSTREAM_REQUESTS)?,
                entities: from.read(&options::MAX_ENTITIES)?,
                response_bytes: from.read(&options::MAX_RESPONSE_BYTES)?,
                body_bytes: from.read(&options::MAX_BODY_BYTES)?,
                document_cache_bytes: from.read(&options::DOCUMENT_CACHE_BYTES)?,
                header_bytes: from.read(&options::MAX_HEADER_BYTES)?,
                header_timeout: from.read(&options::HEADER_TIMEOUT)?,
                idle_timeout: from.read(&options::IDLE_TIMEOUT)?,
                body_timeout: from.read(&options::BODY_TIMEOUT)?,
                connections: from.read(&options::MAX_CONNECTIONS)?,
                operations: from.read(&options::MAX_OPERATIONS)?,
            },
            playground: Playground::load(&from)?,
            #[cfg(feature = "sandbox")]
            sandbox: Sandbox::load(&from)?,
        })
    }
}

impl Http {
    fn load(from: &Sources<'_>) -> Result<Self, ConfigError> {
        let listen = from.read(&options::LISTEN)?;
        let loopback = listen.ip().is_loopback();
        let service_token = from.read_optional(&options::SERVICE_TOKEN)?;
        let caller_token_file = from.read_optional(&options::CALLER_TOKEN_FILE)?;
        let trusted_documents = from.read_optional(&options::TRUSTED_DOCUMENTS)?;
        let trusted_documents_only = from.read(&options::TRUSTED_DOCUMENTS_ONLY)?;
        let mut allowed_hosts = from.read_optional(&options::ALLOWED_HOSTS)?;
        // Whoever reaches a gateway with a token of its own acts with it: on loopback that is this machine and, unless
        // the name that was asked for is checked, every page that its browser shows.
        let wavefront_token = from.read_optional(&options::WAVEFRONT_TOKEN)?;
        let open = (service_token.is_some() || wavefront_token.is_some()) && caller_token_file.is_none();
        let known = "--caller-token-file, or a loopback address for --listen";
        from.needs(&options::SERVICE_TOKEN, loopback || !open, known)?;
        from.needs(&options::WAVEFRONT_TOKEN, loopback || !open, known)?;
        let cors_origins = from.read_optional(&options::CORS_ORIGINS)?.unwrap_or_default();
        let any_origin = cors_origins.iter().any(|origin| origin == "*");
        from.needs(&options::CORS_ORIGINS, !(open && any_origin), "--caller-token-file, to allow any origin")?;
        from.needs(&options::CALLER_TOKEN_FILE, service_token.is_some(), "--service-token")?;
        from.needs(
            &options::TRUSTED_DOCUMENTS_ONLY,
            trusted_documents.is_some() || !trusted_documents_only,
            "--trusted-documents",
        )?;
        if open && allowed_hosts.is_none() {
            let own = listen.ip().to_string();
            allowed_hosts = Some(["localhost", "127.0.0.1", "::1", &own].map(str::to_owned).to_vec());
        }
        Ok(Self {
            cors_origins,
            allowed_hosts,
            forward_headers: from.read_optional(&options::FORWARD_HEADERS)?.unwrap_or_default(),
            icons: from.read_optional(&options::ICONS)?.unwrap_or(service_token.is_none()),
            public_url: from.read_optional(&options::PUBLIC_URL)?,
            service_token,
            caller_token_file,
            trusted_documents,
            trusted_documents_only,
            persisted_query_bytes: from.read(&options::PERSISTED_QUERY_BYTES)?,
            batch: from.read(&options::MAX_BATCH)?,
        })
    }
}

impl Playground {
    fn load(from: &Sources<'_>) -> Result<Self, ConfigError> {
        let loopback = from.read(&options::LISTEN)?.ip().is_loopback();
        Ok(Self {
            enabled: from.read_optional(&options::PLAYGROUND_ENABLED)?.unwrap_or(loopback),
            path: from.read(&options::PLAYGROUND_PATH)?,
        })
    }
}

fn document_limits(from: &Sources<'_>) -> Result<DocumentLimits, ConfigError> {
    let loopback = from.read(&options::LISTEN)?.ip().is_loopback();
    Ok(DocumentLimits {
        bytes: from.read(&options::MAX_QUERY_BYTES)?,
        tokens: from.read(&options::MAX_TOKENS)?,
        nesting: from.read(&options::MAX_NESTING)?,
        depth: from.read(&options::MAX_DEPTH)?,
        aliases: from.read(&options::MAX_ALIASES)?,
        root_fields: from.read(&options::MAX_ROOT_FIELDS)?,
        repeated_fields: from.read(&options::MAX_REPEATED_FIELDS)?,
        directives: from.read(&options::MAX_DIRECTIVES)?,
        fields: from.read(&options::MAX_FIELDS)?,
        introspected_fields: from.read(&options::MAX_INTROSPECTED_FIELDS)?,
        introspection: from.read_optional(&options::INTROSPECTION)?.unwrap_or(loopback),
    })
}

#[cfg(feature = "sandbox")]
impl SandboxConfig {
    /// Finds and checks every option of `sandbox`; the rest of the file is only checked for unknown names.
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn load(flags: &Flags, env: &Environment, read_file: ReadFile<'_>) -> Result<Self, ConfigError> {
        let from = Sources::open(Program::Sandbox, flags, env, read_file)?;
        Ok(Self { log: from.read(&options::LOG)?, sandbox: Sandbox::load(&from)? })
    }
}

#[cfg(feature = "sandbox")]
impl Sandbox {
    fn load(from: &Sources<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: from.read(&options::SANDBOX_LISTEN)?,
            scale: from.read(&options::SANDBOX_SCALE)?,
            require_token: from.read(&options::SANDBOX_REQUIRE_TOKEN)?,
            accept_any_token: from.read(&options::SANDBOX_ACCEPT_ANY_TOKEN)?,
            generation: from.read(&options::SANDBOX_GENERATION)?,
            date: from.read_optional(&options::SANDBOX_DATE)?,
            file: from.read_optional(&options::SANDBOX_FILE)?,
        })
    }
}

/// Of the valid names, the one that was probably meant.
fn nearest<'a>(written: &str, valid: impl Iterator<Item = &'a str>) -> &'a str {
    let written_last = last(written);
    let distance = |name: &&'a str| {
        let whole = strsim::damerau_levenshtein(written, name);
        // The right word in the wrong section, or without what stands before it, is nearer to its namesake than to a
        // short name that happens to share letters.
        let moved =
            if name.ends_with(written_last) { 0 } else { strsim::damerau_levenshtein(written_last, last(name)) };
        // A word too many is as near as three letters, however long it is.
        let longer = written.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_', '.']));
        whole.min(moved + 1).min(if longer { 3 } else { usize::MAX })
    };
    valid.min_by_key(distance).unwrap_or_default()
}

/// The name without section or prefix.
fn last(name: &str) -> &str {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.strip_prefix(sources::PREFIX).unwrap_or(name)
}

/// Writes a duration as it is written in options.
fn written(duration: Duration) -> impl fmt::Display {
    humantime::format_duration(duration)
}

#[cfg(all(test, feature = "sandbox"))]
mod tests;
