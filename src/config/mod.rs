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

use std::{fmt, io, net::SocketAddr, path::Path, time::Duration};

pub use error::{ConfigError, Origin, Place};
pub use options::{Alone, OptionInfo, Topic, options};
pub use reqwest::Url;
pub use sources::{Environment, Flags, Program};

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
    /// Where callers are told what their operations cost. Default on loopback.
    pub explain: Explain,
    /// The REST API behind the gateway.
    pub upstream: Upstream,
    /// What one operation may cost.
    pub limits: Limits,
    /// The embedded upstream, started when no URL is given.
    pub sandbox: Sandbox,
}

/// Where the gateway says what an operation cost, and how it asked the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// Wherever it listens.
    Always,
    /// Where only this machine can ask.
    Loopback,
    /// Nowhere.
    Never,
}

impl Explain {
    /// Whether a gateway that listens there says it.
    #[must_use]
    pub fn allows(self, listen: SocketAddr) -> bool {
        match self {
            Explain::Always => true,
            Explain::Loopback => listen.ip().is_loopback(),
            Explain::Never => false,
        }
    }
}

/// The REST API behind the gateway, and how patient we are with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Upstream {
    /// Base URL, http or https, without credentials, query and fragment. Its path always ends in `/`, so that paths
    /// can be joined to it. Default none: the sandbox is started.
    pub url: Option<Url>,
    /// How long one call may take, connecting and the body included. Default 10 s.
    pub timeout: Duration,
    /// How long connecting may take. Default 3 s.
    pub connect_timeout: Duration,
    /// How many calls may be under way at once, and how many idle connections are kept. Default 64.
    pub connections: usize,
}

/// What one operation may cost, and what is kept between operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long an operation may take; always longer than [`Upstream::timeout`]. Default 30 s.
    pub operation_timeout: Duration,
    /// How deep selections may nest. Default 30.
    pub depth: usize,
    /// How many upstream requests one operation may send. Default 300.
    pub upstream_requests: usize,
    /// How many entities of the upstream one operation may read. Default 20,000.
    pub entities: usize,
    /// How large the answer to a client may be, in bytes. Default 32 MiB.
    pub response_bytes: usize,
    /// How large the body of a client's request may be, in bytes. Default 1 MiB.
    pub body_bytes: usize,
    /// How long the text of a GraphQL document may be, in bytes. Default 100 KiB.
    pub query_bytes: usize,
    /// How much memory the prepared documents may take, in bytes. Default 32 MiB.
    pub document_cache_bytes: usize,
}

/// The embedded upstream.
#[derive(Debug, Clone, PartialEq)]
pub struct Sandbox {
    /// Where it listens. Default 127.0.0.1:0, a free port, inside the gateway; 127.0.0.1:4010 when it runs alone.
    pub listen: SocketAddr,
    /// How much data it holds, as a factor between 0.01 and 10. Default 1.
    pub scale: f64,
    /// Whether a request without a token is answered 401. Default no.
    pub require_token: bool,
}

/// Everything that `accounts-graph sandbox` can be told.
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
            explain: from.read(&options::EXPLAIN)?,
            upstream: Upstream {
                url: from.read_optional(&options::UPSTREAM)?,
                timeout: from.read(&options::UPSTREAM_TIMEOUT)?,
                connect_timeout: from.read(&options::UPSTREAM_CONNECT_TIMEOUT)?,
                connections: from.read(&options::UPSTREAM_CONNECTIONS)?,
            },
            limits: Limits {
                operation_timeout: from.read(&options::OPERATION_TIMEOUT)?,
                depth: from.read(&options::MAX_DEPTH)?,
                upstream_requests: from.read(&options::MAX_UPSTREAM_REQUESTS)?,
                entities: from.read(&options::MAX_ENTITIES)?,
                response_bytes: from.read(&options::MAX_RESPONSE_BYTES)?,
                body_bytes: from.read(&options::MAX_BODY_BYTES)?,
                query_bytes: from.read(&options::MAX_QUERY_BYTES)?,
                document_cache_bytes: from.read(&options::DOCUMENT_CACHE_BYTES)?,
            },
            sandbox: Sandbox::load(&from)?,
        })
    }
}

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

impl Sandbox {
    fn load(from: &Sources<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: from.read(&options::SANDBOX_LISTEN)?,
            scale: from.read(&options::SANDBOX_SCALE)?,
            require_token: from.read(&options::SANDBOX_REQUIRE_TOKEN)?,
        })
    }
}

/// Of the valid names, the one that was probably meant.
fn nearest<'a>(written: &str, valid: impl Iterator<Item = &'a str>) -> &'a str {
    let written_last = last(written);
    let distance = |name: &&str| {
        let whole = strsim::damerau_levenshtein(written, name);
        // The right word in the wrong section, or without what stands before it, is nearer to its namesake than to a
        // short name that happens to share letters.
        let moved =
            if name.ends_with(written_last) { 0 } else { strsim::damerau_levenshtein(written_last, last(name)) };
        whole.min(moved + 1)
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

#[cfg(test)]
mod tests;
