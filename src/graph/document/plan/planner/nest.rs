//! What may be asked of entities where they are embedded, and what is asked of the rows that lists come from.

use super::Planner;
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{FieldSet, FieldSource, Shape},
    },
    graph::document::plan::{FieldKind, SelectionByType, SelectionId},
    upstream::{
        marketplace::relation::Through,
        select::{Fan, Offer, Select},
    },
};

impl Planner<'_> {
    /// What may be asked of the entities in a holder's field, beyond their reduced form; none when that tells all that a
    /// body can. Wavefront's objects are told as they are, and modules are asked for everything in any case.
    pub(super) fn offer(&self, holder: Kind, field: usize, (kind, sel): (Kind, SelectionId)) -> Option<Offer> {
        if [holder, kind].iter().any(|kind| kind.upstream() != Upstream::Accounts) || kind.told_by_holder() {
            return None;
        }
        let object = self.model.kind(kind);
        let reduced = object.reduced;
        let (mut fields, mut deeper, mut whole) = (FieldSet::NONE, vec![], true);
        for planned in &self.plan.sels[sel].fields {
            if planned.field == usize::MAX || reduced.contains(planned.field) {
                continue;
            }
            let field = &object.fields[planned.field];
            let inner =
                if let FieldKind::Ref(poly) | FieldKind::Refs(poly) = &planned.what { Some(poly) } else { None };
            match field.way {
                FieldSource::Named(by) => fields = fields.union(FieldSet::single(by)),
                FieldSource::Told | FieldSource::ToldOr(_) => fields = fields.union(FieldSet::single(planned.field)),
                // Asked from the other side, its elements come as rows: better, when more is wanted of them.
                FieldSource::Either(_) if planned.ends => {
                    fields = fields.union(FieldSet::single(planned.field));
                }
                FieldSource::Either(_) | FieldSource::Here => whole = false,
                // The first two are planned as the fields that they are made of.
                FieldSource::Icon(_)
                | FieldSource::Within(_)
                | FieldSource::Related(_)
                | FieldSource::Connected(_)
                | FieldSource::Asked(_) => {}
            }
            if let Some(poly) = inner.filter(|poly| poly.only().is_some() && fields.contains(planned.field))
                && let Ok(place) = u8::try_from(planned.field)
            {
                let each = if let FieldKind::Refs(_) = planned.what { self.sizes.list(kind, &field.name) } else { 1 };
                deeper.push((place, self.told_in_place(poly), each));
            }
        }
        let fan = self.fan(holder, field, kind);
        (!fields.is_empty() || !whole).then_some(Offer { fields, deeper, whole, fan })
    }

    /// Whether nothing of the entities in a field has to be asked beyond their reduced form.
    pub(super) fn ends(&self, holder: Kind, field: usize, poly: &SelectionByType) -> bool {
        poly.only().is_some_and(|target| self.offer(holder, field, target).is_none())
    }

    fn fan(&self, holder: Kind, field: usize, kind: Kind) -> Fan {
        let field = &self.model.kind(holder).fields[field];
        let each = if let Shape::Refs(_) = field.shape { self.sizes.list(holder, &field.name).max(1) } else { 1 };
        let places = self.sizes.met(holder).saturating_mul(each);
        Fan { each, shared: (places / self.sizes.met(kind).max(1)).max(1) }
    }

    /// Adds what a selection of the list's entities asks of the rows they come from.
    pub(super) fn unite_rows(&self, select: &mut Select, rows: Kind, hop: Through, sel: SelectionId) {
        let selected = &self.plan.sels[sel];
        match hop {
            Through::Row => {
                select.unite(&selected.select, selected.select.fields.intersection(self.model.kind(rows).tellable));
            }
            Through::One(member) | Through::Many(member) => {
                let told = selected
                    .kind
                    .map_or(FieldSet::NONE, |kind| selected.wanted.intersection(self.model.kind(kind).core));
                let Some(place) = self.model.kind(rows).by_name.get(member).copied() else { return };
                select.add_nested(place, told);
                if let Some(offer) = selected.kind.and_then(|kind| self.offer(rows, place, (kind, sel))) {
                    select.offer(place, &offer);
                }
            }
        }
    }
}
