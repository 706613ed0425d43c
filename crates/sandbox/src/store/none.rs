//! The store of builds without `SQLite`: it opens no file, so there is no value of it.

use std::path::Path;

use super::StoreError;
use crate::{instant::Day, world::World};

/// No file is ever open.
#[derive(Debug)]
pub(crate) enum Store {}

impl Store {
    pub(crate) fn open(path: &Path, _scale: f64, _day: Day) -> Result<(Store, World), StoreError> {
        let reason = "this build keeps no data; it was built without the feature `persist`".to_owned();
        Err(StoreError { path: path.to_owned(), reason })
    }

    pub(crate) fn save(&mut self, _before: &World, _after: &World) -> Result<(), StoreError> {
        match *self {}
    }
}
