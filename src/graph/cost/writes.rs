//! What a mutation asks and writes before its payload is completed like any other selection.

use super::{Asked, CostEstimator, EntityFlow, RoundRange, Step, later};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::FieldSet,
    },
    graph::{
        document::plan::{SelectionId, mutation::MutationPlan},
        queries::input::{self, Members},
        schema::mutation::declared::{Body, ResultKind},
    },
    loader::{trace::Origin, wavefront},
    upstream::select::Select,
};
use async_graphql::Value;

impl CostEstimator<'_> {
    /// A mutation: nothing of it is sure, since its input may be refused.
    pub(super) fn mutation(&mut self, place: usize, mutation: &MutationPlan, origin: Origin) {
        let Some(members) = self.members(mutation) else { return };
        let writes = match mutation.declared.body {
            Body::Each(name) if input::check_length(&members, name).is_some() => return,
            Body::Each(name) => match members.get(name) {
                Some(Value::List(items)) => items.len(),
                _ => return,
            },
            _ => 1,
        };
        let kind = mutation.declared.gives.kind();
        let mut after = (0, 0);
        if members.contains_key("member") {
            after = self.step(place, Step::Who, 1, after, origin);
        }
        let compares = matches!(members.get("ifRevision"), Some(Value::Number(_)));
        let exchanges = matches!(mutation.declared.body, Body::Exchanged { .. });
        if compares || exchanges || self.keeps(mutation, &members) {
            after = self.step(place, Step::Before, 1, after, origin);
        }
        if compares {
            for sel in mutation.currents() {
                self.changed(sel, after);
            }
        }
        // Where JSON is not accepted, it is sent once more in the other form.
        let writes = writes + usize::from(mutation.declared.part.is_some());
        after = self.step(place, Step::Write, writes, after, origin);
        // It may have to be asked whether the route or the entity is missing.
        let asks = matches!(mutation.declared.gives, ResultKind::Told(..))
            || mutation.declared.optional
            || kind == Kind::AccountUser;
        if mutation.entities().next().is_some() || asks {
            // Wavefront tells an entity by several operations, all asked at once.
            let several = if kind.upstream() == Upstream::Wavefront { self.operations(mutation) } else { 1 };
            let again = later(after, 1);
            self.ask(Asked::Step(place, Step::Again), several, again, &Select::default(), origin);
            for sel in mutation.entities() {
                self.changed(sel, (after.0, again.1));
            }
        }
        self.note_ids(place, kind, &members);
    }

    /// The members of the input; none when nothing will be sent.
    fn members(&self, mutation: &MutationPlan) -> Option<Members> {
        let field = self.basis.registry.types["Mutation"].field_by_name(mutation.declared.name)?;
        let ty = &field.args.get("input")?.ty;
        match self.argument(&mutation.arguments, "input", ty)? {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether something has to be read that the upstream would take away.
    fn keeps(&self, mutation: &MutationPlan, members: &Members) -> bool {
        let declared = mutation.declared;
        let registry = self.basis.registry;
        let ty = registry.types["Mutation"].field_by_name(declared.name).and_then(|field| field.args.get("input"));
        ty.is_some_and(|input| input::lacking(registry, &input.ty, members, declared.kept).next().is_some())
    }

    /// How many operations of Wavefront's tell what is selected of what was changed.
    fn operations(&self, mutation: &MutationPlan) -> usize {
        let kind = mutation.declared.gives.kind();
        let object = self.basis.model.kind(kind);
        let wanted = |sel: SelectionId| self.basis.plan.sels[sel].wanted.intersection(object.tellable);
        let asking =
            wavefront::asking(kind, object, mutation.entities().map(wanted).fold(FieldSet::NONE, FieldSet::union));
        asking.by_ids + asking.lists
    }

    /// Counts so many requests, one after the other; the result is after which rounds they are done.
    fn step(&mut self, place: usize, step: Step, count: usize, after: RoundRange, origin: Origin) -> RoundRange {
        let rounds = (after.0 + 1, after.1 + count);
        self.ask(Asked::Step(place, step), count, rounds, &Select::default(), origin);
        later(after, count)
    }

    /// An entity of the payload: what an answer to a write tells of it is not known.
    fn changed(&mut self, sel: SelectionId, after: RoundRange) {
        let told = FieldSet::NONE;
        self.arrive(sel, EntityFlow { told, row: false, early: false, count: 1, ways: 1, after });
    }

    /// Notes what the input names, for explanations.
    fn note_ids(&mut self, place: usize, kind: Kind, members: &Members) {
        let Some(Value::String(id)) = members.get("id") else { return };
        if !kind.fits(id) {
            return;
        }
        for step in [Step::Before, Step::Write, Step::Again] {
            if let Some(ask) = self.asks.get_mut(&Asked::Step(place, step)) {
                ask.ids = vec![id.clone()];
            }
        }
    }
}
