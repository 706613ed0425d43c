//! What can be set, and how a value is found: command line, then environment, then file, then default.
//!
//! [`options()`] is the table of everything that can be set. The command line and its help are built from it, the
//! environment and the file are checked against it, and [`Config::load`] reads each row into a typed field. Parsing
//! the arguments themselves is left to [`crate::cli`]; acting on the values is left to whoever takes the struct.
//!
//! Each module imports only those before it in this list: `error`, `explain` and `token`; `form`, how a value is written;
//! `option`, what is known of one option; `nearest`; `file`; `sources`, which of several values wins; `options`.

mod error;
mod explain;
mod file;
mod form;
mod nearest;
mod option;
mod options;
mod sources;
mod token;

pub use error::{ConfigError, Origin, Place};
pub use explain::Explain;
pub use option::{Alone, OptionInfo, Program, Topic};
pub use options::{Config, Http, Limits, Playground, Sandbox, Trust, Upstream, Wavefront, options};
pub use reqwest::Url;
pub use sources::{Environment, Flags, ReadFile};
pub use token::TokenSource;

use sources::Sources;

/// Everything that `accounts-graph sandbox` can be told.
#[derive(Debug, Clone, PartialEq)]
pub struct SandboxConfig {
    /// What is logged, in the syntax of tracing's env-filter. Default `info`.
    pub log: String,
    /// The sandbox itself.
    pub sandbox: Sandbox,
}

/// All places that values may come from; the names in them are known.
fn open<'a>(
    program: Program,
    flags: &'a Flags,
    env: &'a Environment,
    read_file: ReadFile<'_>,
) -> Result<Sources<'a>, ConfigError> {
    Sources::open(program, options(), flags, env)?.with_file(&options::CONFIG, read_file)
}

impl Config {
    /// Finds and checks every option of `serve`.
    ///
    /// # Errors
    ///
    /// When the environment or the file has a name that we do not know, when the file cannot be read, or when a value
    /// is not of its accepted form.
    pub fn load(flags: &Flags, env: &Environment, read_file: ReadFile<'_>) -> Result<Self, ConfigError> {
        let from = open(Program::Serve, flags, env, read_file)?;
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
        let from = open(Program::Sandbox, flags, env, read_file)?;
        Ok(Self { log: from.read(&options::LOG)?, sandbox: Sandbox::find(&from)? })
    }
}

#[cfg(all(test, feature = "sandbox"))]
mod tests;
