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

use std::{fmt, io, path::Path, time::Duration};

pub use error::{ConfigError, Origin, Place};
pub use options::{
    Alone, Config, Http, Limits, OptionInfo, Playground, Sandbox, Topic, Trust, Upstream, Wavefront, options,
};
pub use reqwest::Url;
pub use sources::{Environment, Flags, Program};
pub use token::TokenSource;

use sources::Sources;

/// Reads a text file; the real one in `main`, a table in tests.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

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
        let config = Self::find(&from)?;
        config.check(&from)?;
        Ok(config)
    }

    /// Checks what options need of each other.
    fn check(&self, from: &Sources<'_>) -> Result<(), ConfigError> {
        self.trust.check(from)?;
        let any_origin = self.http.cors_origins.iter().any(|origin| origin == "*");
        let allowed = !any_origin || self.trust.allows_any_origin();
        from.needs(&options::CORS_ORIGINS, allowed, "--caller-token-file, to allow any origin")?;
        let trusted = self.http.trusted_documents.is_some() || !self.http.trusted_documents_only;
        from.needs(&options::TRUSTED_DOCUMENTS_ONLY, trusted, "--trusted-documents")
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
        Ok(Self { log: from.read(&options::LOG)?, sandbox: Sandbox::find(&from)? })
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
