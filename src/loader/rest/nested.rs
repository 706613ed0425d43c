//! What a request asks of embedded entities beside what it is for.

use super::{RestClient, ServerQuirks};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, Model},
    },
    loader::nest::{self, NestingDecision, NestingRecord},
    upstream::select::Select,
};
use std::sync::{Arc, atomic::Ordering};

/// What a request may select.
pub(super) struct Choice<'a> {
    /// What it is for.
    plain: &'a Arc<Select>,
    /// The same with what is asked of embedded entities, if anything is.
    nested: Option<Arc<Select>>,
    /// The fields that embed them.
    pub(super) asked: FieldSet,
    /// What was decided, if anybody wants to know.
    pub(super) told: Vec<NestingRecord>,
}

impl Choice<'_> {
    pub(super) fn select(&self, nested: bool) -> &Arc<Select> {
        self.nested.as_ref().filter(|_| nested).unwrap_or(self.plain)
    }
}

impl ServerQuirks {
    /// The fields of which nothing beyond the reduced form may be selected, as far as is known.
    pub(in crate::loader) fn refused(&self, kind: Kind) -> FieldSet {
        let (fields, found) = &self.flat[kind as usize];
        if found.holds(&self.clock) { FieldSet(fields.load(Ordering::Relaxed)) } else { FieldSet::NONE }
    }

    /// Remembers that nothing beyond the reduced form may be selected of these fields. All fields of a kind are forgotten
    /// together, when the first of them is.
    pub(super) fn refuse(&self, kind: Kind, refused: FieldSet) {
        let (fields, found) = &self.flat[kind as usize];
        if found.holds(&self.clock) {
            fields.fetch_or(refused.0, Ordering::Relaxed);
            return;
        }
        fields.store(refused.0, Ordering::Relaxed);
        found.note(&self.clock);
        let collection = kind.collection();
        tracing::info!(
            collection,
            "The accounts API refuses fields of embedded entities for {collection}: these are requested alone."
        );
    }
}

impl RestClient {
    /// The same, which asks of embedded entities with their holders or does not.
    #[must_use]
    pub fn nesting(self, nesting: bool) -> Self {
        RestClient { nesting, ..self }
    }

    /// Decides what a request for so many rows asks of embedded entities.
    pub(super) fn choose<'a>(&self, model: &Model, kind: Kind, select: &'a Arc<Select>, rows: usize) -> Choice<'a> {
        let decided = nest::decisions(model, kind, select, rows, self.nesting, self.dialect.refused(kind));
        let accepted = decided.iter().filter(|(_, verdict)| *verdict == NestingDecision::Nested);
        let asked = accepted.fold(FieldSet::NONE, |all, (place, _)| all.union(FieldSet::single(*place)));
        let nested = (!asked.is_empty()).then(|| Arc::new(select.accepting(|place| asked.contains(place))));
        let told = if self.trace.is_some() { nest::told(model, kind, &decided) } else { vec![] };
        Choice { plain: select, nested, asked, told }
    }
}
