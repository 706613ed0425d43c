//! The result of a mutation, before it is written.

use crate::{
    fault::Fault,
    graph::queries::complaint::InputComplaint,
    loader::{clock::Round, store::Place},
};
use std::sync::Arc;

/// What came of a mutation.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Where the entity stands, or the value.
    pub entity: Option<Place>,
    /// Why it could not be read after it was changed.
    pub unread: Option<Arc<Fault>>,
    /// The id of what is gone.
    pub deleted: Option<String>,
    /// What the caller can put right.
    pub complaints: Vec<InputComplaint>,
    /// The id under which the upstream logged that it refused.
    pub trace_id: Option<String>,
    /// The round in which it was written.
    pub round: Round,
}
