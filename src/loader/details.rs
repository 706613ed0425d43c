//! What entities tell at a route of their own: one request for each, and what to do where the host has no such route.

use super::{
    batch::{Batch, each},
    limits::CHUNK,
    rows::unexpected,
    store::{Place, RecordId, Rows},
    trace::{Cause, Origin},
};
use crate::{
    entity::kind::Upstream,
    fault::{Fault, FaultKind},
    upstream::{
        marketplace::detail::SubResource,
        words::{Secrets, presentable},
    },
};
use parking_lot::Mutex;
use std::sync::Arc;

const OWN_ROUTE: &str = "This has a route of its own, which names one entity.";
const ROWS: &str = "The route or the entity is missing: the collection shows which.";

impl Batch {
    /// Loads what some entities tell at a route of their own. Of one that answers 404 nobody knows whether it is the entity
    /// that is not there or the route: its row tells, and on hosts without the route perhaps the value as well.
    pub(super) async fn load_details(
        &self,
        number: u32,
        (detail, route): (&SubResource, &str),
        parents: &[(Box<str>, RecordId)],
        origins: &[Origin],
    ) {
        let rest = self.rest();
        let template = detail.template();
        if detail.optional && rest.lacks(&template) {
            return self.without_route(number, detail, parents, origins).await;
        }
        let undecided = Mutex::new(vec![]);
        each(parents, async |(id, parent)| {
            let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(OWN_ROUTE) };
            let rows = match rest.detail(self.shared_store(), detail.parent, id, route, cause).await {
                Ok(None) => None,
                Err(fault) if detail.optional && fault.kind() == FaultKind::RouteMissing => {
                    rest.note_lack(&template);
                    if detail.row.is_some() { None } else { Some(Err(fault)) }
                }
                Ok(row) => Some(Ok(Rows { rows: row.into_iter().collect(), ..Rows::default() })),
                Err(fault) => Some(Err(self.explained(fault))),
            };
            match rows {
                Some(rows) => self.store().keep_rows(number, *parent, rows),
                None => undecided.lock().push((id.clone(), *parent)),
            }
        })
        .await;
        let mut undecided = undecided.into_inner();
        undecided.sort_unstable();
        if !undecided.is_empty() {
            self.ask_rows(number, detail, &undecided, origins).await;
        }
    }

    /// The same fault; if the upstream refused the request, with its reason: the request says nothing but what the caller
    /// asked for.
    fn explained(&self, fault: Arc<Fault>) -> Arc<Fault> {
        let secrets = Secrets { credentials: self.rest().credentials(Upstream::Accounts), texts: vec![] };
        let reason = fault.reason().filter(|_| fault.kind() == FaultKind::Rejected);
        let Some(reason) = reason.and_then(|reason| presentable(reason, &secrets)) else { return fault };
        let message = format!("{} refused the request: {reason}", Upstream::Accounts.name());
        Arc::new(Fault::new(fault.kind(), message).with_trace_id(fault.trace_id().map(str::to_owned)))
    }

    /// Why the host has no route by which something of an entity is told, where it answered 404 for that entity; none when
    /// it has.
    pub async fn lacks_detail(&self, detail: &SubResource, id: &str, cause: Cause<'_>) -> Option<Arc<Fault>> {
        let template = detail.template();
        if !detail.optional || self.rest().lacks(&template) {
            return detail.optional.then(|| Arc::new(Fault::route_missing(template)));
        }
        match self.rest().rows_with(self.shared_store(), detail.parent, &[id], None, cause.because(ROWS)).await {
            Ok(rows) if rows.is_empty() => None,
            Ok(_) => {
                self.rest().note_lack(&template);
                Some(Arc::new(Fault::route_missing(template)))
            }
            Err(fault) => Some(fault).filter(|fault| fault.kind() == FaultKind::RouteMissing),
        }
    }

    /// Answers for a host that is known to lack the route.
    async fn without_route(
        &self,
        number: u32,
        detail: &SubResource,
        parents: &[(Box<str>, RecordId)],
        origins: &[Origin],
    ) {
        if detail.row.is_some() {
            return self.ask_rows(number, detail, parents, origins).await;
        }
        self.fail(number, parents, &Arc::new(Fault::route_missing(detail.template())));
    }

    /// Asks for the rows of entities of which the route told nothing: those that are there have no such route.
    async fn ask_rows(&self, number: u32, detail: &SubResource, parents: &[(Box<str>, RecordId)], origins: &[Origin]) {
        each(parents.chunks(CHUNK), async |chunk: &[(Box<str>, RecordId)]| {
            let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
            let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(ROWS) };
            let rows = match self.rest().rows_with(self.shared_store(), detail.parent, &ids, detail.row, cause).await {
                Ok(rows) => rows,
                Err(fault) => return self.fail(number, chunk, &fault),
            };
            let mut store = self.store();
            let asked = |row: &Place| store.id(*row, detail.parent).is_some_and(|id| ids.contains(&id));
            let strange = !rows.iter().all(asked);
            for (id, parent) in chunk {
                let row = rows.iter().copied().find(|row| store.id(*row, detail.parent) == Some(id));
                // A row without the value leaves it unknown: that is an error, not null.
                let tells = |row: Place| {
                    let tape = store.tape(row);
                    detail.row.is_some_and(|member| tape.get(row.at, member).is_some())
                };
                let missing = || {
                    if !detail.optional {
                        // Every host has the route: what it was asked about beside the entity is not there.
                        let message = "The accounts API does not have this or does not show it to the caller";
                        return Arc::new(Fault::new(FaultKind::NotFound, message));
                    }
                    self.rest().note_lack(&detail.template());
                    Arc::new(Fault::route_missing(detail.template()))
                };
                let rows = match row {
                    Some(row) if !tells(row) => Err(missing()),
                    Some(row) => {
                        missing();
                        Ok(Rows { rows: vec![row], ..Rows::default() })
                    }
                    None if strange => Err(unexpected(detail.parent)),
                    None => Ok(Rows::default()),
                };
                store.keep_rows(number, *parent, rows);
            }
        })
        .await;
    }
}
