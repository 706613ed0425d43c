//! What is known of each entity.

use super::Place;
use crate::{entity::model::FieldSet, fault::Fault, loader::clock::Round};
use async_graphql::indexmap::IndexMap;
use foldhash::fast::RandomState;
use std::sync::Arc;

/// The place of a record among those of its kind.
pub type RecordId = u32;

/// Everything known of an entity and everything tried.
#[derive(Debug, Default)]
pub struct Record {
    /// The row that answered a request by id.
    pub row: Option<Place>,
    /// Places that tell of it, newest last.
    pub parts: Vec<Place>,
    /// What the parts tell together.
    pub known: FieldSet,
    /// What was asked by id: never asked again.
    pub asked: FieldSet,
    /// What the row that answered a request by id for it still names as omitted.
    pub omitted: FieldSet,
    /// Whether it was asked by id at all: then it is there or it is not.
    pub sought: bool,
    /// What was asked once more because a placeholder stood there.
    pub retried: FieldSet,
    /// What was asked of the modules that it holds.
    pub asked_inside: FieldSet,
    /// Requests that failed, and for which fields.
    pub faults: Vec<(FieldSet, Arc<Fault>)>,
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
    /// By their ids.
    pub(super) records: IndexMap<Box<str>, Record, RandomState>,
    /// Places met on the way, looked into only when something of this kind is missing.
    pub(super) seen: Vec<Place>,
    pub(super) indexed: usize,
}

impl Shelf {
    pub(super) fn record_of(&mut self, id: &str) -> RecordId {
        self.known(id).unwrap_or_else(|| place(self.records.insert_full(id.into(), Record::default()).0))
    }

    pub(super) fn known(&self, id: &str) -> Option<RecordId> {
        self.records.get_index_of(id).map(place)
    }
}

fn place(index: usize) -> RecordId {
    let id = RecordId::try_from(index).ok().filter(|id| *id != NO_PARENT);
    id.expect("the entities of an operation are bounded")
}
