//! Why a configuration was not accepted, in one sentence that tells where to mend it.

use std::{fmt, io, path::PathBuf, time::Duration};

use super::written;

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
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value is not of the accepted form.
    Refused {
        /// The option.
        place: Place,
        /// What would have been accepted.
        expected: &'static str,
        /// The value in quotes, or what it is when it may hold a secret.
        got: String,
    },
    /// A variable has our prefix and is none of ours.
    UnknownVariable {
        /// Its name.
        name: String,
        /// The variable that was probably meant.
        nearest: &'static str,
    },
    /// The file has a key that we do not know.
    UnknownKey {
        /// The key with its section, and where it stands.
        place: Place,
        /// The key or section that was probably meant.
        nearest: &'static str,
    },
    /// The file gives a value where a section is meant.
    NotASection {
        /// The section, and where it stands.
        place: Place,
    },
    /// The file is not TOML.
    Syntax {
        /// The file as it was named.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// The file cannot be read.
    Unreadable {
        /// The option that names the file.
        place: Place,
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An option needs something else to be set with it.
    Alone {
        /// The option.
        place: Place,
        /// Completes the sentence "it needs …".
        needs: &'static str,
    },
    /// There is no upstream, and nobody asked for the sandbox.
    NoUpstream {
        /// The option that keeps the sandbox from being started.
        place: Place,
        /// Completes the sentence "the sandbox is not started, because …".
        because: &'static str,
        /// Whether the variable of the upstream is set, but empty.
        empty: bool,
    },
    /// The sandbox is needed or asked for, and this build does not have it.
    NoSandbox {
        /// What asks for it; none where it would stand in for an upstream.
        wanted_by: Option<Place>,
        /// Whether the variable of the upstream is set, but empty.
        empty: bool,
    },
    /// An option excludes another that is set as well.
    Excluded {
        /// The option and the other one.
        places: Box<(Place, Place)>,
        /// What to do about it.
        advice: &'static str,
    },
    /// One duration must be longer than another, and is not.
    NotLonger {
        /// The one that must be shorter.
        shorter: Box<(Place, Duration)>,
        /// The one that must be longer.
        longer: Box<(Place, Duration)>,
    },
}

const EMPTY: &str = " An empty ACCOUNTS_GRAPH_UPSTREAM counts as not set.";

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { place, expected, got } => write!(f, "{place}: expected {expected}, got {got}"),
            Self::UnknownVariable { name, nearest } => {
                write!(f, "{name} (environment): no such option; did you mean {nearest}?")
            }
            Self::UnknownKey { place, nearest } => write!(f, "{place}: no such key; did you mean {nearest}?"),
            Self::NotASection { place } => {
                write!(f, "{place}: expected a section, written [{}], got a value", place.name)
            }
            Self::Syntax { path, line, message } => write!(f, "{}:{line}: not valid TOML: {message}", path.display()),
            Self::Unreadable { place, path, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "{place}: there is no file {}", path.display())
            }
            Self::Unreadable { place, path, source } => write!(f, "{place}: cannot read {}: {source}", path.display()),
            Self::Alone { place, needs } => write!(f, "{place}: it needs {needs}"),
            Self::NoUpstream { place, because, empty } => {
                let empty = if *empty { EMPTY } else { "" };
                write!(
                    f,
                    "{place}: there is no upstream, and the sandbox with its made-up data is not started, because \
                     {because}; set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API, or \
                     --sandbox (ACCOUNTS_GRAPH_SANDBOX=true) to serve made-up data.{empty}"
                )
            }
            Self::NoSandbox { wanted_by, empty } => {
                match wanted_by {
                    Some(place) => write!(f, "{place}: ")?,
                    None => f.write_str("there is no upstream, and ")?,
                }
                let empty = if *empty { EMPTY } else { "" };
                write!(
                    f,
                    "this build has no sandbox; set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts \
                     API.{empty}"
                )
            }
            Self::Excluded { places, advice } => {
                write!(f, "{}: it cannot be set together with {}; {advice}", places.0, places.1)
            }
            Self::NotLonger { shorter, longer } => write!(
                f,
                "{} is {} and must be longer than {}, which is {}",
                longer.0,
                written(longer.1),
                shorter.0,
                written(shorter.1)
            ),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}
