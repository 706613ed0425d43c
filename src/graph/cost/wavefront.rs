//! What asking Wavefront comes to: its operations tell entities in parts, and totals nowhere.

use super::{CostInput, amount::Amount, taken};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, ObjectType},
    },
    loader::{
        limits::CHUNK,
        query::{Query, Window},
        rest::pages_of,
        wavefront,
    },
    upstream::wavefront::search::PAGE,
};

/// What rows tell of what is selected; whatever else is selected is counted as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All of it: they were asked for it by their ids.
    Asked,
    /// What rows of the collection tell.
    Root,
    /// What rows of a relation tell.
    Relation,
}

impl Told {
    /// What rows tell of the fields of their kind.
    pub(super) fn of(self, kind: Kind, object: &ObjectType) -> FieldSet {
        match self {
            Told::Asked => object.tellable,
            Told::Root => wavefront::told_by_rows(kind, object, false),
            Told::Relation => wavefront::told_by_rows(kind, object, true),
        }
    }
}

fn pages(rows: usize) -> usize {
    pages_of(rows, PAGE)
}

/// How many rows the pages of so many have: each but the first repeats one.
fn repeated(rows: usize) -> usize {
    rows.saturating_add(pages(rows) - 1)
}

/// So many ids of a kind in up to so many rounds, where `wanted` is all that the operation wants of any of them: what a
/// round unites is told by the operations for the union. `alone`: no other id of the kind is asked for.
pub(super) fn by_id(
    basis: CostInput<'_>,
    kind: Kind,
    wanted: FieldSet,
    (ids, spread): (usize, usize),
    alone: bool,
) -> Amount {
    let asking = wavefront::asking(kind, basis.model.kind(kind), wanted);
    let (searches, lists) = (asking.by_ids, asking.lists);
    if alone {
        let requests = ids * (searches + lists);
        return Amount { requests, entities: requests };
    }
    let (met, chunks) = (basis.sizes.met(kind), (ids.div_ceil(CHUNK) + spread).min(ids));
    // What a list leaves out is counted for one entity.
    let left_out = lists.min(chunks);
    Amount {
        requests: chunks.saturating_mul(searches + lists * pages(met)) + left_out,
        entities: ids.saturating_mul(searches).saturating_add(chunks.saturating_mul(lists * repeated(met))) + left_out,
    }
}

/// A root collection's page. Where its total is wanted, or it may lie behind the end, all rows are counted.
pub(super) fn collection(basis: CostInput<'_>, query: &Query) -> Amount {
    let take = if query.wants_rows { taken(query).unwrap_or(0) } else { 0 };
    let met = basis.sizes.met(query.rows);
    if !matches!(query.window, Window::Forward { .. }) {
        return Amount { requests: pages(met), entities: repeated(met) };
    }
    let counts = query.wants_total || take == 0 || query.window.places(usize::MAX).0 > 0;
    let counted = if counts { (pages(met), repeated(met)) } else { (0, 0) };
    Amount { requests: usize::from(take > 0) + counted.0, entities: take.saturating_add(counted.1) }
}

/// The rows of some parents: one search for all of them, or the list of all where only that tells whose they are. Where
/// a search tells less than it should, one more request is counted.
pub(super) fn of_parents(basis: CostInput<'_>, query: &Query, parents: usize, spread: usize, size: usize) -> Amount {
    let (met, chunks) = (basis.sizes.met(query.rows), (parents.div_ceil(CHUNK) + spread).min(parents));
    if wavefront::lists(query.rows) {
        return Amount { requests: chunks.saturating_mul(pages(met)), entities: chunks.saturating_mul(repeated(met)) };
    }
    if chunks == 0 {
        return Amount::default();
    }
    let found = parents.saturating_mul(size).min(met.saturating_mul(chunks));
    let of_chunk = met.min(CHUNK.min(parents).saturating_mul(size));
    let requests = chunks.saturating_mul(pages(of_chunk));
    Amount { requests: requests + 1, entities: found.saturating_add(size).saturating_add(requests - chunks) }
}
