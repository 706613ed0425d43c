//! Entities that routers refer to. A representation is taken for what it is: a body that tells a key and nothing else.
//! So what it tells is answered without a request, and the rest is asked for as that of any other reference.

use super::Operation;
use crate::{
    entity::{
        kind::Kind,
        model::FieldSet,
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    graph::{
        document::plan::{RootField, SelectionByType, SelectionId, origin},
        error::{GraphError, bad_input},
        execute::write::Writer,
        queries::{
            representation::Representation,
            represented::{Readable, Represented, wants_only},
        },
        schema::federation::keys::KeyBy,
    },
    loader::{
        requests::RelationRequest,
        store::{Place, RecordId, Store},
    },
    upstream::select::Select,
};
use std::sync::Arc;

/// An entity that a router refers to, while it is looked for.
struct Referred {
    kind: Kind,
    sel: SelectionId,
    by: ReferredBy,
}

enum ReferredBy {
    /// The key, and nothing more is wanted.
    Known(Place),
    /// An id.
    Id(Place, RecordId),
    /// A query's rows for a record.
    Rows(u32, RecordId),
}

impl Operation<'_> {
    /// Answers `_entities`.
    pub(super) async fn entities(&self, root: &RootField, poly: &SelectionByType) -> (Vec<u8>, Vec<GraphError>) {
        let represented = match self.questions.represented.get(&root.name) {
            Some(Ok(Represented(represented))) => represented,
            Some(Err(fault)) => return self.failed(root, fault),
            None => return self.failed(root, &Fault::internal("The representations were not read.")),
        };
        let referred = match self.refer(represented, poly) {
            Ok(referred) => referred,
            Err(fault) => return self.failed(root, &fault),
        };
        let by_id: Vec<_> = referred.iter().flatten().filter_map(Referred::start).collect();
        futures::future::join(self.complete(&by_id), self.complete_rows(&referred)).await;
        let starts: Vec<_> = {
            let store = self.store();
            let start = |referred: &Referred| Some((referred.place(&store).ok()?, referred.kind, referred.sel));
            referred.iter().flatten().filter_map(start).collect()
        };
        let write = |writer: &mut Writer<'_>, store: &Store| {
            writer.list(referred.iter(), (true, root.pos), |writer, referred| {
                let found = referred.as_ref().map_err(Arc::clone);
                match found.and_then(|referred| Ok((referred.place(store)?, referred))) {
                    Ok((place, referred)) => writer.entity(place, referred.kind, referred.sel),
                    Err(fault) => Err(writer.fail(&fault, root.pos)),
                }
            })
        };
        self.settle(root, &starts, write).await
    }

    fn refer(
        &self,
        represented: &[Readable],
        poly: &SelectionByType,
    ) -> Result<Vec<Result<Referred, Arc<Fault>>>, Arc<Fault>> {
        let told = |read: &Readable| read.as_ref().map(|(read, _)| read.json()).unwrap_or_default();
        let keys = represented.iter().map(told).collect::<serde_json::Value>().to_string();
        let tape = Tape::scan(keys).map_err(|_| Arc::new(Fault::internal("The keys could not be kept.")))?;
        let places: Vec<_> = tape.items(ROOT).collect();
        let mut store = self.store();
        let body = store.keep(tape, Arc::default());
        let plan = &self.runnable.plan;
        let refer = |(read, at): (&Readable, _)| {
            let (read, query) = read.as_ref().map_err(Arc::clone)?;
            let Representation { key, values } = read;
            let kind = key.kind;
            let sel = poly.of(kind).ok_or_else(|| bad_input(format!("{kind} is no entity.")))?;
            // As a row: nobody else is to be asked for what it lacks.
            let place = Place::row(body, at, FieldSet::NONE);
            let by = match (key.by, query) {
                _ if wants_only(plan, self.model, sel, key.by) => ReferredBy::Known(place),
                (KeyBy::Value(_), Some(query)) => ReferredBy::Rows(*query, store.record_of(kind, &values[0])),
                _ => ReferredBy::Id(place, store.record_of(kind, read.looked_for())),
            };
            Ok(Referred { kind, sel, by })
        };
        Ok(represented.iter().zip(places).map(refer).collect())
    }

    /// Looks for what is referred to by another key than its id, all in one round, and completes it.
    async fn complete_rows(&self, referred: &[Result<Referred, Arc<Fault>>]) {
        let plan = &self.runnable.plan;
        let want = |referred: &Referred| {
            let ReferredBy::Rows(query, parent) = referred.by else { return None };
            let mut select = Select::default();
            let wanted = &plan.sels[referred.sel].select;
            select.unite(wanted, wanted.fields.intersection(self.model.kind(referred.kind).tellable));
            let origin = origin(referred.sel, None);
            Some(RelationRequest { query, parent, select: Arc::new(select), origin })
        };
        let wanted: Vec<_> = referred.iter().flatten().filter_map(want).collect();
        if wanted.is_empty() {
            return;
        }
        self.load(vec![], wanted).await;
        let starts: Vec<_> = {
            let store = self.store();
            let rows = |referred: &&Referred| matches!(referred.by, ReferredBy::Rows(..));
            let start = |referred: &Referred| Some((referred.place(&store).ok()?, referred.kind, referred.sel));
            referred.iter().flatten().filter(rows).filter_map(start).collect()
        };
        self.complete(&starts).await;
    }
}

impl Referred {
    fn start(&self) -> Option<(Place, Kind, SelectionId)> {
        if let ReferredBy::Id(place, _) = self.by { Some((place, self.kind, self.sel)) } else { None }
    }

    /// Where the entity is told. What was asked for by its id and did not come is not there, or not for the caller.
    fn place(&self, store: &Store) -> Result<Place, Arc<Fault>> {
        let missing = || {
            let message = format!("There is no {} with this key, or the caller may not see it.", self.kind);
            Arc::new(Fault::new(FaultKind::NotFound, message))
        };
        match self.by {
            ReferredBy::Known(place) => Ok(place),
            ReferredBy::Id(place, record) => {
                let record = store.record(self.kind, record);
                match (&record.row, &record.fault) {
                    (None, Some(fault)) => Err(Arc::clone(fault)),
                    (None, None) if !record.asked.is_empty() => Err(missing()),
                    _ => Ok(place),
                }
            }
            ReferredBy::Rows(query, parent) => match store.rows(query, parent) {
                Some(Err(fault)) => Err(Arc::clone(fault)),
                Some(Ok(rows)) => rows.rows.first().copied().ok_or_else(missing),
                None => Err(missing()),
            },
        }
    }
}
