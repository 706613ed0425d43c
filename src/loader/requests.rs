//! What the root fields of an operation ask the loader for.

use super::{store::RecordId, trace::Origin};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    upstream::select::Select,
};
use std::sync::Arc;

/// Fields wanted of one entity.
#[derive(Debug, Clone)]
pub struct EntityRequest {
    /// Its kind.
    pub kind: Kind,
    /// Its record.
    pub record: RecordId,
    /// The fields that are missing.
    pub fields: FieldSet,
    /// Those of them in whose place a placeholder stood.
    pub placeholders: FieldSet,
    /// Fields that are missing of modules that it holds.
    pub inside: FieldSet,
    /// Whether it must be asked for even if all is known: to prove that it exists.
    pub exists: bool,
    /// What its selection asks, references included.
    pub select: Arc<Select>,
    /// Where in the operation it is wanted.
    pub origin: Origin,
}

/// Rows wanted for one parent.
#[derive(Debug, Clone)]
pub struct RelationRequest {
    /// The query, by its place.
    pub query: u32,
    /// The parent, [`NO_PARENT`] for a root collection.
    pub parent: RecordId,
    /// What is asked of the rows.
    pub select: Arc<Select>,
    /// Where in the operation they are wanted.
    pub origin: Origin,
}

/// Everything that one root field waits for in a round.
#[derive(Debug)]
pub struct LoadRequest {
    /// Entities by id.
    pub by_id: Vec<EntityRequest>,
    /// Rows of relations and collections.
    pub of_parents: Vec<RelationRequest>,
}
