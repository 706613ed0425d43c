//! What several root fields want in one round, united: each entity and each query once, in the order of their ids.

use super::{
    query::QueryTable,
    requests::{EntityRequest, LoadRequest},
    store::{RecordId, Rows, Store},
    trace::Origin,
};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    upstream::select::Select,
};
use std::collections::BTreeMap;

/// What is wanted of one entity, after uniting.
#[derive(Clone, Copy)]
pub(super) struct MergedEntityRequest {
    pub(super) record: RecordId,
    pub(super) fields: FieldSet,
    pub(super) placeholders: FieldSet,
    pub(super) inside: FieldSet,
    /// Whether the operation names it by its id, and not just refers to it.
    pub(super) exists: bool,
}

/// What one request by id asks, after uniting.
pub(super) struct EntityBatch {
    pub(super) kind: Kind,
    /// In the order of the ids.
    pub(super) wanted: Vec<(Box<str>, MergedEntityRequest)>,
    pub(super) select: Select,
    /// Where they are wanted; empty unless that is recorded.
    pub(super) origins: Vec<Origin>,
}

/// What one query asks, after uniting.
pub(super) struct RelationBatch {
    pub(super) query: u32,
    pub(super) parents: BTreeMap<Box<str>, RecordId>,
    pub(super) select: Select,
    /// Where they are wanted; empty unless that is recorded.
    pub(super) origins: Vec<Origin>,
}

/// What is asked of each kind by id, less what is known meanwhile.
pub(super) fn unite_entities(store: &mut Store, asked: &[&LoadRequest], traced: bool) -> Vec<EntityBatch> {
    let mut kinds: Vec<(Kind, Vec<MergedEntityRequest>, Select, Vec<Origin>)> = Vec::new();
    let mut indexed = Vec::new();
    for want in asked.iter().flat_map(|asked| &asked.by_id) {
        if !indexed.contains(&want.kind) {
            // What another root field met meanwhile, or an earlier answer brought along, need not be asked.
            store.index(want.kind);
            indexed.push(want.kind);
        }
        let record = store.record(want.kind, want.record);
        let again = want.placeholders.union(if want.inside.is_empty() { FieldSet::NONE } else { want.fields });
        let fields = want.fields.difference(record.known.difference(again));
        if fields.is_empty() && !want.exists {
            continue;
        }
        let known = kinds.iter().position(|(kind, ..)| *kind == want.kind);
        let place = known.unwrap_or_else(|| {
            kinds.push((want.kind, vec![], Select::default(), vec![]));
            kinds.len() - 1
        });
        let (_, wanted, select, origins) = &mut kinds[place];
        select.unite(&want.select, fields);
        note(origins, want.origin, traced);
        let EntityRequest { record, placeholders, inside, exists, .. } = *want;
        wanted.push(MergedEntityRequest { record, fields, placeholders, inside, exists });
    }
    kinds.sort_unstable_by_key(|(kind, ..)| *kind);
    let unite = |(kind, mut wanted, select, origins): (Kind, Vec<MergedEntityRequest>, Select, Vec<Origin>)| {
        wanted.sort_unstable_by_key(|wanted| wanted.record);
        wanted.dedup_by(|other, wanted| wanted.absorb(other));
        let id = |wanted: MergedEntityRequest| (store.id_of(kind, wanted.record).into(), wanted);
        let mut wanted: Vec<(Box<str>, MergedEntityRequest)> = wanted.into_iter().map(id).collect();
        wanted.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        EntityBatch { kind, wanted, select, origins }
    };
    kinds.into_iter().map(unite).collect()
}

/// Notes where something is wanted, once, if anybody wants to know.
fn note(origins: &mut Vec<Origin>, origin: Origin, traced: bool) {
    if traced && !origins.contains(&origin) {
        origins.push(origin);
    }
}

impl MergedEntityRequest {
    /// Takes over what another wants, if it is about the same entity.
    fn absorb(&mut self, other: &MergedEntityRequest) -> bool {
        if self.record != other.record {
            return false;
        }
        self.fields = self.fields.union(other.fields);
        self.placeholders = self.placeholders.union(other.placeholders);
        self.inside = self.inside.union(other.inside);
        self.exists |= other.exists;
        true
    }
}

/// What is asked of each query, less what is known meanwhile.
pub(super) fn unite_relatives(
    table: &QueryTable,
    store: &mut Store,
    asked: &[&LoadRequest],
    traced: bool,
) -> Vec<RelationBatch> {
    let mut queries: BTreeMap<u32, RelationBatch> = BTreeMap::new();
    for want in asked.iter().flat_map(|asked| &asked.of_parents) {
        if store.rows(want.query, want.parent).is_some() {
            continue;
        }
        let query = table.get(want.query);
        let id: Box<str> = query.by.map_or("", |(_, kind)| store.id_of(kind, want.parent)).into();
        if query.by.is_some_and(|(_, kind)| kind == Kind::WavefrontAccount) && !id.contains('@') {
            // A service account is nobody's.
            store.keep_rows(want.query, want.parent, Ok(Rows::default()));
            continue;
        }
        let new = || RelationBatch {
            query: want.query,
            parents: BTreeMap::new(),
            select: Select::default(),
            origins: vec![],
        };
        let relatives = queries.entry(want.query).or_insert_with(new);
        relatives.select.unite(&want.select, want.select.fields);
        note(&mut relatives.origins, want.origin, traced);
        relatives.parents.insert(id, want.parent);
    }
    queries.into_values().collect()
}
