//! What is known of each entity.

use super::Place;
use crate::{entity::model::Fields, fault::Fault, loader::clock::Round};
use foldhash::fast::RandomState;
use std::{collections::HashMap, sync::Arc};

/// The place of a record among those of its kind.
pub type RecordId = u32;

/// An entity by its id: everything known of it and everything tried.
#[derive(Debug, Default)]
pub struct Record {
    /// Its id.
    pub id: Box<str>,
    /// The row that answered a request by id.
    pub row: Option<Place>,
    /// Places that tell of it, newest last.
    pub parts: Vec<Place>,
    /// What the parts tell together.
    pub known: Fields,
    /// What was asked by id: never asked again.
    pub asked: Fields,
    /// Whether it was asked by id at all: then it is there or it is not.
    pub sought: bool,
    /// What was asked once more because a placeholder stood there.
    pub retried: Fields,
    /// What was asked of the modules that it holds.
    pub asked_inside: Fields,
    /// Requests that failed, and for which fields.
    pub faults: Vec<(Fields, Arc<Fault>)>,
    /// The last request by id that failed.
    pub fault: Option<Arc<Fault>>,
    /// The last round in which it was asked by id.
    pub round: Round,
}

/// Stands for the parent of a root collection.
pub const NO_PARENT: RecordId = RecordId::MAX;

/// The entities of one kind.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) ids: HashMap<Box<str>, RecordId, RandomState>,
    pub(super) records: Vec<Record>,
    /// Places met on the way, looked into only when something of this kind is missing.
    pub(super) seen: Vec<Place>,
    pub(super) indexed: usize,
}

impl Shelf {
    pub(super) fn record_of(&mut self, id: &str) -> RecordId {
        if let Some(found) = self.ids.get(id) {
            return *found;
        }
        let made = RecordId::try_from(self.records.len()).unwrap_or(NO_PARENT - 1);
        self.ids.insert(id.into(), made);
        self.records.push(Record { id: id.into(), ..Record::default() });
        made
    }
}
