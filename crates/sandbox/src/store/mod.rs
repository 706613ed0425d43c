//! What keeps the world across restarts: an `SQLite` database, in builds with the feature `persist`.

#[cfg(not(feature = "persist"))]
mod none;
#[cfg(feature = "persist")]
mod sqlite;

use std::{error::Error, fmt, path::PathBuf};

#[cfg(not(feature = "persist"))]
pub(crate) use none::Store;
#[cfg(feature = "persist")]
pub(crate) use sqlite::Store;

/// Why a file cannot be used.
#[derive(Debug)]
pub struct StoreError {
    path: PathBuf,
    reason: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use {} for the sandbox: {}", self.path.display(), self.reason)
    }
}

impl Error for StoreError {}
