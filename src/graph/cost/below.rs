//! What is asked of the entities that arrive at a selection, and what arrives below it.

use super::{Asked, CostEstimator, EntityFlow, RoundRange, later, wavefront::Told};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, FieldSource},
    },
    graph::document::plan::{ConnectionPlan, FieldKind, PlannedField, SelectionByType, SelectionId, origin},
    loader::{query::QueryTable, trace::Origin},
    upstream::{
        marketplace::relation::{RELATIONS, Through},
        select::Select,
    },
};

impl<'a> CostEstimator<'a> {
    /// What is asked of the entities that arrive at a selection, and what arrives below.
    pub(super) fn selection(&mut self, sel: SelectionId, arrival: EntityFlow) {
        let selected = &self.basis.plan.sels[sel];
        let Some(kind) = selected.kind else { return };
        let object = self.basis.model.kind(kind);
        let plan = self.basis.plan;
        // Of a connection whose rows are asked for the entity tells at most which rows these are.
        let of_entity = |planned: &&PlannedField| match planned.what {
            FieldKind::Connection(place) => plan.connections[place].is_of_listed(),
            _ => planned.field != usize::MAX,
        };
        let fields = || selected.fields.iter().filter(of_entity);
        let way = |planned: &PlannedField| object.fields[planned.field].way;
        let untold = |planned: &&PlannedField| {
            let field = &object.fields[planned.field];
            !arrival.told.contains(planned.field) && *field.name != *"id"
        };
        let lacks = |planned: &PlannedField| match way(planned) {
            FieldSource::Told | FieldSource::ToldOr(_) => Some(planned.field).filter(|_| untold(&planned)),
            FieldSource::Named(by) => Some(by).filter(|by| !arrival.told.contains(*by)),
            _ => None,
        };
        let mut lacking =
            fields().filter_map(lacks).fold(FieldSet::NONE, |all, field| all.union(FieldSet::single(field)));
        if !lacking.is_empty() {
            // A list that is embedded as well is then asked for together with the rest.
            let either = fields().filter(|one| matches!(way(one), FieldSource::Either(_))).filter(untold);
            lacking = either.fold(lacking, |all, one| all.union(FieldSet::single(one.field)));
        }
        let mut arrival = arrival;
        if kind.told_by_holder() && !arrival.row {
            // Asked of themselves when their holder did not tell it, which has its own request.
            lacking = lacking.difference(object.reduced);
            arrival.after.1 += usize::from(!lacking.is_empty());
        }
        let rounds = later(arrival.after, 1);
        if !lacking.is_empty() {
            let inside = fields().filter(|one| lacking.contains(one.field)).map(|one| self.inside(one));
            let inside = inside.fold(FieldSet::NONE, FieldSet::union);
            // What another place tells is found out first, and then what that lacks of modules.
            let known =
                |one: &PlannedField| lacking.contains(one.field) && self.known_elsewhere(sel, kind, one.field) > 0;
            let rounds = if !inside.is_empty() && fields().any(known) { (rounds.0, rounds.1 + 1) } else { rounds };
            let mut select = Select::default();
            select.unite(&selected.select, lacking);
            let asked = Asked::ById(kind, lacking.0, inside.0);
            self.ask(asked, arrival.count, rounds, &select, origin(sel, None));
        }
        self.related.clear();
        for (index, planned) in selected.fields.iter().enumerate().filter(|(_, one)| one.field != usize::MAX) {
            let needed = if let FieldSource::Named(by) = way(planned) { by } else { planned.field };
            self.field(sel, kind, arrival, planned, !lacking.contains(needed), origin(sel, Some(index)));
        }
    }

    /// What is selected of modules that are told by their holder alone.
    fn inside(&self, planned: &PlannedField) -> FieldSet {
        let (FieldKind::Ref(poly) | FieldKind::Refs(poly)) = &planned.what else { return FieldSet::NONE };
        let only = poly.only().filter(|(kind, _)| kind.told_by_holder());
        only.map_or(FieldSet::NONE, |(_, sel)| self.basis.plan.sels[sel].wanted)
    }

    fn field(
        &mut self,
        sel: SelectionId,
        kind: Kind,
        arrival: EntityFlow,
        planned: &'a PlannedField,
        told: bool,
        origin: Origin,
    ) {
        let way = self.basis.model.kind(kind).fields[planned.field].way;
        let rounds = later(arrival.after, 1);
        match &planned.what {
            FieldKind::Connection(place) if self.basis.plan.connections[*place].is_of_listed() => {
                let after = if told { arrival.after } else { (arrival.after.0, rounds.1) };
                let arrival = EntityFlow { early: false, after, ..arrival };
                self.connection(kind, arrival, planned, *place, origin);
            }
            FieldKind::Connection(place) => self.connection(kind, arrival, planned, *place, origin),
            FieldKind::Detail(place) => {
                let Ok(query) = self.basis.queries.details[*place] else { return };
                if !arrival.early {
                    self.ask_rows(query, arrival.count, rounds, &Select::default(), origin);
                }
                if let Some(inner) = self.basis.plan.details[*place].sel {
                    self.inline(inner, arrival.count, self.rows_after(query, arrival));
                }
            }
            FieldKind::Own(inner) => self.arrive(*inner, arrival),
            FieldKind::Ref(poly) if matches!(way, FieldSource::Named(_)) => self.named(poly, arrival, told),
            FieldKind::Ref(poly) | FieldKind::Refs(poly) => {
                let each = self.elements(Some(kind), planned);
                let holders = if self.is_here(Some(kind), planned) { arrival.ways } else { arrival.count };
                let count = holders.saturating_mul(each);
                let mut after = if told { arrival.after } else { (arrival.after.0, rounds.1) };
                if let (Some(relation), Some(select)) = (way.listed_by(), &planned.rows) {
                    let query = QueryTable::list_of(relation);
                    let always = match way {
                        FieldSource::Related(_) => true,
                        FieldSource::Either(_) => !arrival.told.contains(planned.field),
                        _ => false,
                    };
                    let hop = RELATIONS[relation].hop;
                    if always {
                        if !arrival.early || !matches!(way, FieldSource::Related(_)) {
                            self.ask_rows(query, arrival.count, rounds, select, origin);
                        }
                        let mut after = self.rows_after(query, arrival);
                        if !arrival.row && planned.ends && matches!(way, FieldSource::Either(_)) {
                            // Asked together with what refers to the holder, the list is there as soon as that.
                            after.0 = arrival.after.0;
                        }
                        self.listed(hop, query, poly, count, after);
                        if told {
                            // Nothing but the relation gives it, unless rows leave out what they lead to.
                            if let Through::Many(_) = hop {
                                self.ask(Asked::Once(query), 1, later(rounds, 1), select, origin);
                                self.listed(hop, query, poly, count, (rounds.0, rounds.1 + 1));
                            }
                            return;
                        }
                    } else {
                        let once = (rounds.0, after.1 + 1);
                        self.ask(Asked::Once(query), 1, once, select, origin);
                        after.1 += 1;
                    }
                }
                self.references(sel, kind, arrival, planned, poly, (count, each), (told, after));
            }
            FieldKind::Object(inner) | FieldKind::Objects(inner) => {
                let several = matches!(planned.what, FieldKind::Objects(_));
                let count = arrival.count.saturating_mul(if several { self.basis.sizes.other } else { 1 });
                self.inline(*inner, count, (arrival.after.0, if told { arrival.after.1 } else { rounds.1 }));
            }
            _ => {}
        }
    }

    /// Entities whose ids are texts of those that arrive: that there are such entities must be told.
    fn named(&mut self, poly: &SelectionByType, arrival: EntityFlow, told: bool) {
        for (kind, sel) in &poly.kinds {
            let selected = &self.basis.plan.sels[*sel];
            let wanted = selected.wanted.intersection(self.basis.model.kind(*kind).tellable);
            let after = later(arrival.after, 1);
            let after = if told { after } else { (after.0, after.1 + 1) };
            let mut select = Select::default();
            select.unite(&selected.select, wanted);
            self.ask(Asked::ById(*kind, wanted.0, 0), arrival.count, after, &select, origin(*sel, None));
            let (count, ways) = (arrival.count, arrival.ways);
            self.arrive(*sel, EntityFlow { told: wanted, row: true, early: false, count, ways, after });
        }
    }

    /// What a body's references lead to.
    #[expect(clippy::too_many_arguments, reason = "where, of what, and how many")]
    fn references(
        &mut self,
        sel: SelectionId,
        kind: Kind,
        arrival: EntityFlow,
        planned: &PlannedField,
        poly: &SelectionByType,
        (count, each): (usize, usize),
        (told, after): (bool, RoundRange),
    ) {
        for (_, other) in &poly.others {
            self.inline(*other, count, after);
        }
        for (target, inner) in &poly.kinds {
            let object = self.basis.model.kind(*target);
            let asked = if poly.only().is_some() { self.asked_in_place(*target, *inner) } else { object.core_nullable };
            if told {
                let told = if arrival.row { asked } else { object.core_nullable };
                self.arrive(*inner, EntityFlow { told, row: false, early: false, count, ways: count, after });
                continue;
            }
            self.arrive(*inner, EntityFlow { told: asked, row: false, early: false, count, ways: count, after });
            // Some may be known from other places, which tell less of what they refer to.
            let known = self.known_elsewhere(sel, kind, planned.field).min(arrival.count).saturating_mul(each);
            if known > 0 {
                self.arrive(
                    *inner,
                    EntityFlow { told: FieldSet::NONE, row: false, early: false, count: known, ways: known, after },
                );
            }
        }
    }

    /// What a row's reference tells of an entity, of what is selected here.
    fn asked_in_place(&self, kind: Kind, sel: SelectionId) -> FieldSet {
        let object = self.basis.model.kind(kind);
        let told = if kind.told_by_holder() { object.reduced } else { object.core };
        self.basis.plan.sels[sel].wanted.intersection(told)
    }

    /// Entities that a relation's rows lead to.
    fn listed(&mut self, hop: Through, query: u32, poly: &SelectionByType, count: usize, after: RoundRange) {
        for (kind, sel) in &poly.kinds {
            self.hopped(hop, query, *kind, *sel, (count, after));
        }
    }

    fn hopped(&mut self, hop: Through, query: u32, kind: Kind, sel: SelectionId, (count, after): (usize, RoundRange)) {
        if let Some(told) = self.asked_before(query) {
            let told =
                if hop == Through::Row { told.difference(self.untold_by_rows(Some(query))) } else { FieldSet::NONE };
            self.arrive(sel, EntityFlow { told, row: true, early: false, count, ways: count, after });
        }
        if hop == Through::Row {
            return self.row(sel, Some(query), count, after, Told::Relation);
        }
        let told = self.basis.plan.sels[sel].wanted.intersection(self.basis.model.kind(kind).core);
        self.arrive(sel, EntityFlow { told, row: false, early: false, count, ways: count, after });
    }

    fn connection(&mut self, kind: Kind, arrival: EntityFlow, planned: &PlannedField, place: usize, origin: Origin) {
        let ConnectionPlan { hop, kind: node, nodes, select, .. } = &self.basis.plan.connections[place];
        let Ok(query) = &self.basis.queries.connections[place] else { return };
        let rounds = later(arrival.after, 1);
        if !arrival.early {
            self.ask_rows(query.query, arrival.count, rounds, select, origin);
        }
        let count = arrival.count.saturating_mul(self.page_of(Some(kind), planned, place));
        let object = self.basis.model.kind(*node);
        let after = self.rows_after(query.query, arrival);
        for sel in nodes {
            if self.basis.plan.connections[place].is_of_listed() && !object.here.is_empty() {
                // They stand in the list of their parent, which tells less of what it refers to than rows do.
                let told = self.basis.plan.sels[*sel].select.fields.intersection(object.tellable);
                self.arrive(*sel, EntityFlow { told, row: false, early: false, count, ways: count, after });
            } else {
                self.hopped(*hop, query.query, *node, *sel, (count, after));
            }
        }
    }

    /// References inside a value object tell only what every reference does.
    fn inline(&mut self, sel: SelectionId, count: usize, after: RoundRange) {
        for planned in &self.basis.plan.sels[sel].fields {
            match &planned.what {
                FieldKind::Ref(poly) | FieldKind::Refs(poly) => {
                    let count = count.saturating_mul(self.elements(None, planned));
                    for (_, other) in &poly.others {
                        self.inline(*other, count, after);
                    }
                    for (kind, inner) in &poly.kinds {
                        let told = self.basis.model.kind(*kind).core_nullable;
                        self.arrive(*inner, EntityFlow { told, row: false, early: false, count, ways: count, after });
                    }
                }
                FieldKind::Object(inner) => self.inline(*inner, count, after),
                FieldKind::Objects(inner) => self.inline(*inner, count.saturating_mul(self.basis.sizes.other), after),
                _ => {}
            }
        }
    }
}
