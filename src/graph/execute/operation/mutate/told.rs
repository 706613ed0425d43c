//! What a write says of what it changed: the payload begins with it, and only what it does not tell is read.

use super::{AGAIN, Change, Operation, Outcome, Sought, Stop};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::FieldSet,
        tape::Tape,
    },
    fault::{Fault, FaultKind},
    graph::schema::mutation::declared::ResultKind,
    loader::{memberships::named_member, store::Place},
    upstream::{
        client::write::unknown,
        marketplace::{
            detail::{self, SUB_RESOURCES},
            membership::Member,
        },
    },
};
use std::sync::Arc;

impl Operation<'_> {
    /// Understands what the upstream says of what was changed.
    pub(super) async fn take_in(
        &self,
        change: &Change<'_>,
        told: Option<Tape>,
        outcome: &mut Outcome,
    ) -> Result<(), Stop> {
        let kind = change.kind();
        match change.plan.declared.gives {
            ResultKind::Deleted(_) => outcome.deleted = change.target(),
            ResultKind::Verdict(_) => {}
            ResultKind::Told(kind, name) => match told {
                Some(tape) => outcome.entity = Some(self.learn(kind, tape)),
                None => self.read_told(change, name, outcome).await,
            },
            ResultKind::Changed(_) | ResultKind::Created(_) => match told {
                Some(tape) if kind.upstream() == Upstream::Wavefront => {
                    self.take_in_wavefront(change, tape, outcome)?;
                }
                Some(tape) if kind == Kind::AccountUser => match self.told_member(change, &tape)? {
                    Some(place) => outcome.entity = Some(place),
                    None => self.take_as_named(change, outcome).await?,
                },
                Some(tape) => {
                    let place = self.learn(kind, tape);
                    change.check_told(&self.store(), place)?;
                    outcome.entity = Some(place);
                }
                None => self.take_as_named(change, outcome).await?,
            },
        }
        Ok(())
    }

    /// Keeps the answer to a write. One that lists what it omits tells that the rest is null; of any other, what is absent
    /// is not known.
    fn learn(&self, kind: Kind, tape: Tape) -> Place {
        let lists = tape.get(0, "$meta").and_then(|meta| tape.get(meta, "omitted")).is_some();
        let told = if lists { self.model.kind(kind).told() } else { FieldSet::NONE };
        let mut store = self.store();
        let body = store.keep(tape, Arc::default());
        store.row(body, kind, told)
    }

    /// Takes what was changed for what the input says of it, where the answer to the write did not tell it: its ids. The
    /// rest is asked for, as far as it is selected.
    async fn take_as_named(&self, change: &Change<'_>, outcome: &mut Outcome) -> Result<(), Stop> {
        let kind = change.kind();
        let Some(id) = change.target() else {
            return Err(unknown(kind.upstream().name(), "answered nothing").into());
        };
        outcome.entity = match (&change.member, kind) {
            (Member { pair: Some((account, user)), .. }, Kind::AccountUser) => {
                Some(named_member(&mut self.store(), (account, user))?)
            }
            // Under this id nothing of the graph names it.
            (_, Kind::AccountUser) => {
                self.read_again(change, &id, outcome).await;
                return Ok(());
            }
            _ => {
                let tape = Tape::scan(serde_json::json!({ "id": id }).to_string());
                Some(self.learn(kind, tape.map_err(|_| Fault::internal("An id could not be kept."))?))
            }
        };
        Ok(())
    }

    /// Reads what was changed, where something of it is selected.
    async fn read_again(&self, change: &Change<'_>, id: &str, outcome: &mut Outcome) {
        let Some(sel) = change.plan.entities().next() else { return };
        let kind = change.kind();
        let record = self.store().record_of(kind, id);
        self.fetch(&[Sought { kind, sel, record }]).await;
        let store = self.store();
        let record = store.record(kind, record);
        (outcome.entity, outcome.unread) = (record.row, record.fault.clone().or_else(|| missing(record.row)));
    }

    /// Notes an error for what was asked of the entity that was changed, where it was not found: the caller may change it,
    /// but not see it.
    pub(super) fn note_unread(&self, kind: Kind, entity: Option<Place>) {
        let mut store = self.store();
        let Some(record) = entity.and_then(|place| store.known_record(place, kind)) else { return };
        let record = store.record_mut(kind, record);
        if record.row.is_none() && record.fault.is_none() && !record.asked.is_empty() {
            record.faults.extend(missing(None).map(|fault| (record.asked, fault)));
        }
    }

    /// Reads a value that was changed at the route that tells it, where the answer to the write did not and it is selected.
    async fn read_told(&self, change: &Change<'_>, name: &str, outcome: &mut Outcome) {
        let kind = change.kind();
        let (Some(detail), Some(id)) = (detail::of(kind, name), change.target()) else { return };
        if change.plan.tells() {
            let cause = self.step_for(&change.origin, AGAIN);
            match self.rest().detail(&self.store, kind, &id, SUB_RESOURCES[detail].route, cause).await {
                Ok(place) => (outcome.entity, outcome.unread) = (place, missing(place)),
                Err(fault) => outcome.unread = Some(fault),
            }
        }
    }
}

/// What to say where something that was changed is not there when it is read.
fn missing(found: Option<Place>) -> Option<Arc<Fault>> {
    let message = "It was changed, but the accounts API does not show it to the caller";
    found.is_none().then(|| Arc::new(Fault::new(FaultKind::NotFound, message)))
}
