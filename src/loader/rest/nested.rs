//! What a request asks of embedded entities beside what it is for.

use super::{Dialect, Rest};
use crate::{
    entity::{
        kind::Kind,
        model::{Fields, Model},
    },
    loader::nest::{self, Nest, Verdict},
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
    pub(super) asked: Fields,
    /// What was decided, if anybody wants to know.
    pub(super) told: Vec<Nest>,
}

impl Choice<'_> {
    pub(super) fn select(&self, nested: bool) -> &Arc<Select> {
        self.nested.as_ref().filter(|_| nested).unwrap_or(self.plain)
    }
}

impl Dialect {
    /// The fields of which nothing beyond the reduced form may be selected, as far as is known.
    pub(in crate::loader) fn refused(&self, kind: Kind) -> Fields {
        Fields(self.flat[kind as usize].load(Ordering::Relaxed))
    }
}

impl Rest {
    /// The same, which asks of embedded entities with their holders or does not.
    #[must_use]
    pub fn nesting(self, nesting: bool) -> Self {
        Rest { nesting, ..self }
    }

    /// Decides what a request for so many rows asks of embedded entities.
    pub(super) fn choose<'a>(&self, model: &Model, kind: Kind, select: &'a Arc<Select>, rows: usize) -> Choice<'a> {
        let decided = nest::decisions(model, kind, select, rows, self.nesting, self.dialect.refused(kind));
        let accepted = decided.iter().filter(|(_, verdict)| *verdict == Verdict::Nested);
        let asked = accepted.fold(Fields::NONE, |all, (place, _)| all.and(Fields::one(*place)));
        let nested = (!asked.is_empty()).then(|| Arc::new(select.accepting(|place| asked.has(place))));
        let told = if self.trace.is_some() { nest::told(model, kind, &decided) } else { vec![] };
        Choice { plain: select, nested, asked, told }
    }
}
