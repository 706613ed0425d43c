//! Why a configuration was not accepted, in one sentence that tells where to mend it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag on the command line.
    CommandLine,
    /// An environment variable.
    Environment,
    /// A line of the configuration file.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Nobody set it.
    Default,
}

/// An option under the name it has at its origin: `--listen`, `ACCOUNTS_GRAPH_LISTEN`, or `listen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name at the origin.
    pub name: String,
    /// Where the value was found.
    pub origin: Origin,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::CommandLine => write!(f, "{} (command line)", self.name),
            Origin::Environment => write!(f, "{} (environment)", self.name),
            Origin::File { path, line } => write!(f, "{} ({}:{line})", self.name, path.display()),
            Origin::Default => write!(f, "{} (default)", self.name),
        }
    }
}

/// Why a configuration was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value is not of the accepted form.
    #[error("{place}: expected {expected}, got {got}")]
    Refused {
        /// The option.
        place: Place,
        /// What would have been accepted.
        expected: &'static str,
        /// The value in quotes, or what it is when it may hold a secret.
        got: String,
    },
    /// A variable has our prefix and is none of ours.
    #[error("{name} (environment): no such option; did you mean {nearest}?")]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The variable that was probably meant.
        nearest: &'static str,
    },
    /// The file has a key that we do not know.
    #[error("{place}: no such key; did you mean {nearest}?")]
    UnknownKey {
        /// The key with its section, and where it stands.
        place: Place,
        /// The key or section that was probably meant.
        nearest: &'static str,
    },
    /// The file gives a value where a section is meant.
    #[error("{place}: expected a section, written [{}], got a value", .place.name)]
    NotASection {
        /// The section, and where it stands.
        place: Place,
    },
    /// The file is not TOML.
    #[error("{}:{line}: not valid TOML: {message}", .path.display())]
    Syntax {
        /// The file as it was named.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// The file cannot be read.
    #[error("{place}: {}", unreadable(.path, .source))]
    Unreadable {
        /// The option that names the file.
        place: Place,
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An option needs something else to be set with it.
    #[error("{place}: it needs {needs}")]
    Alone {
        /// The option.
        place: Place,
        /// Completes the sentence "it needs …".
        needs: &'static str,
    },
    /// There is no upstream, and nobody asked for the sandbox.
    #[error(
        "{place}: there is no upstream, and the sandbox with its made-up data is not started, because {because}; set \
         --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API, or --sandbox \
         (ACCOUNTS_GRAPH_SANDBOX=true) to serve made-up data.{}",
        if *.empty { EMPTY } else { "" }
    )]
    NoUpstream {
        /// The option that keeps the sandbox from being started.
        place: Place,
        /// Completes the sentence "the sandbox is not started, because …".
        because: &'static str,
        /// Whether the variable of the upstream is set, but empty.
        empty: bool,
    },
    /// The sandbox is needed or asked for, and this build does not have it.
    #[error(
        "{}this build has no sandbox; set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API.{}",
        .wanted_by.as_ref().map_or("there is no upstream, and ".to_owned(), |place| format!("{place}: ")),
        if *.empty { EMPTY } else { "" }
    )]
    NoSandbox {
        /// What asks for it; none where it would stand in for an upstream.
        wanted_by: Option<Place>,
        /// Whether the variable of the upstream is set, but empty.
        empty: bool,
    },
    /// An option excludes another that is set as well.
    #[error("{}: it cannot be set together with {}; {advice}", .places.0, .places.1)]
    Excluded {
        /// The option and the other one.
        places: Box<(Place, Place)>,
        /// What to do about it.
        advice: &'static str,
    },
    /// One duration must be longer than another, and is not.
    #[error(
        "{} is {} and must be longer than {}, which is {}",
        .longer.0,
        written(.longer.1),
        .shorter.0,
        written(.shorter.1)
    )]
    NotLonger {
        /// The one that must be shorter.
        shorter: Box<(Place, Duration)>,
        /// The one that must be longer.
        longer: Box<(Place, Duration)>,
    },
}

const EMPTY: &str = " An empty ACCOUNTS_GRAPH_UPSTREAM counts as not set.";

/// Why a file cannot be read.
fn unreadable(path: &Path, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => format!("there is no file {}", path.display()),
        _ => format!("cannot read {}: {source}", path.display()),
    }
}

/// Writes a duration as it is written in options.
fn written(duration: Duration) -> impl fmt::Display {
    humantime::format_duration(duration)
}
