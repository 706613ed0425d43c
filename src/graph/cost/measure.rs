//! How many entities arrive at each selection, whatever is told of them there.

use super::{Askers, CostEstimator, CostInput, EntityFlow, RoundRange, later, taken};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    graph::document::plan::{FieldKind, PlannedField, SelectionByType, SelectionId},
    loader::query::{Query, QueryTable},
    upstream::marketplace::relation::{RELATIONS, Through},
};

impl CostEstimator<'_> {
    /// How many entities arrive at each selection, whatever is told of them.
    pub(super) fn measure(&mut self) {
        for sel in (0..self.arriving.len()).rev() {
            let here: usize = self.arrivals[sel].iter().map(|arrival| arrival.count).sum();
            let selected = &self.basis.plan.sels[sel];
            let most = selected.kind.map_or(usize::MAX, |kind| self.met(kind));
            let ways = self.arriving[sel].saturating_add(here);
            let count = ways.min(most);
            self.arriving[sel] = count;
            if let Some(kind) = selected.kind {
                for field in selected.wanted.iter() {
                    let told = &mut self.told[kind as usize][field];
                    *told = told.saturating_add(count);
                }
            }
            for planned in &selected.fields {
                if let Some(query) = selected.kind.and_then(|kind| self.query_of(kind, planned)) {
                    self.asked_by(query, sel, planned);
                }
                let (each, inner): (usize, Vec<SelectionId>) = match &planned.what {
                    FieldKind::Ref(poly) | FieldKind::Refs(poly) => {
                        (self.elements(selected.kind, planned), poly.sels().collect())
                    }
                    FieldKind::Object(inner) | FieldKind::Own(inner) => (1, vec![*inner]),
                    FieldKind::Objects(inner) => (self.basis.sizes.other, vec![*inner]),
                    FieldKind::Connection(place) => {
                        let nodes = self.basis.plan.connections[*place].nodes.clone();
                        (self.page_of(selected.kind, planned, *place), nodes)
                    }
                    FieldKind::Detail(place) => (1, self.basis.plan.details[*place].sel.into_iter().collect()),
                    _ => continue,
                };
                let count = if self.is_here(selected.kind, planned) { ways } else { count };
                for inner in inner {
                    self.arriving[inner] = self.arriving[inner].saturating_add(count.saturating_mul(each));
                }
            }
        }
    }

    fn asked_by(&mut self, query: u32, sel: SelectionId, planned: &PlannedField) {
        let select = match (&planned.what, &planned.rows) {
            (FieldKind::Connection(place), _) => self.basis.plan.connections[*place].select.fields,
            (_, Some(select)) => select.fields,
            _ => FieldSet::NONE,
        };
        let askers = self.askers.entry(query).or_insert(Askers {
            fields: 0,
            sel,
            several: false,
            common: select,
            all: FieldSet::NONE,
        });
        askers.fields += 1;
        askers.several |= askers.sel != sel;
        askers.common = askers.common.intersection(select);
        askers.all = askers.all.union(select);
    }

    /// What rows tell that another selection may have asked for before; none when no other does.
    pub(super) fn asked_before(&self, query: u32) -> Option<FieldSet> {
        self.askers.get(&query).filter(|askers| askers.several).map(|askers| askers.common)
    }

    /// Whether a field belongs to the way by which its entity was reached.
    pub(super) fn is_here(&self, kind: Option<Kind>, planned: &PlannedField) -> bool {
        let here = kind.map_or(FieldSet::NONE, |kind| self.basis.model.kind(kind).here);
        planned.field != usize::MAX && here.contains(planned.field)
    }

    /// What rows tell beside what is selected: the reference to their parent, and what filter and order touch.
    pub(super) fn measure_touched(&mut self) {
        let CostInput { plan, queries, table, .. } = self.basis;
        for (connection, query) in plan.connections.iter().zip(&queries.connections) {
            if let (Through::Row, Ok(query)) = (connection.hop, query) {
                let count = connection.nodes.iter().map(|sel| self.arriving[*sel]).sum();
                self.touched(table.get(query.query), count);
            }
        }
        for planned in plan.sels.iter().filter(|sel| sel.kind.is_some()).flat_map(|sel| &sel.fields) {
            if let (FieldKind::Refs(poly), Some(_)) = (&planned.what, &planned.rows) {
                for (kind, sel) in &poly.kinds {
                    for relation in RELATIONS.iter().filter(|one| one.hop == Through::Row && one.rows == *kind) {
                        if let Some(member) = relation.by.member() {
                            self.tells(*kind, member, self.arriving[*sel]);
                        }
                    }
                }
            }
        }
    }

    fn touched(&mut self, query: &Query, count: usize) {
        for path in &query.touched {
            self.tells(query.rows, path.split('.').next().unwrap_or(path), count);
        }
        if let Some(member) = query.by.and_then(|(by, _)| by.member()) {
            self.tells(query.rows, member, count);
        }
    }

    fn tells(&mut self, kind: Kind, member: &str, count: usize) {
        if let Some(field) = self.basis.model.kind(kind).keys.get(member) {
            let told = &mut self.told[kind as usize][field];
            *told = told.saturating_add(count);
        }
    }

    /// The query that gives a field's rows, if one can.
    pub(super) fn query_of(&self, kind: Kind, planned: &PlannedField) -> Option<u32> {
        if let FieldKind::Connection(place) = &planned.what {
            return self.basis.queries.connections[*place].as_ref().ok().map(|found| found.query);
        }
        if let FieldKind::Detail(place) = &planned.what {
            return self.basis.queries.details[*place].as_ref().ok().copied();
        }
        let field = self.basis.model.kind(kind).fields.get(planned.field)?;
        field.way.listed_by().map(QueryTable::list_of)
    }

    /// After which rounds the rows of a query are there for entities that arrive: at once where they were asked together,
    /// or where another selection asked the same before.
    pub(super) fn rows_after(&self, query: u32, arrival: EntityFlow) -> RoundRange {
        let known = arrival.early || self.askers.get(&query).is_some_and(|askers| askers.fields > 1);
        let rounds = later(arrival.after, 1);
        let rounds = if self.comes_later(query) { (rounds.0, rounds.1 + 1) } else { rounds };
        if known { (arrival.after.0, rounds.1) } else { rounds }
    }

    /// The elements of a reference or of a list; of one that is cut, those on the page.
    pub(super) fn elements(&self, holder: Option<Kind>, planned: &PlannedField) -> usize {
        let all = match (&planned.what, holder) {
            (FieldKind::Ref(_), _) => 1,
            (_, Some(kind)) => {
                let field = &self.basis.model.kind(kind).fields[planned.field];
                self.basis.sizes.list(kind, &field.name)
            }
            _ => self.basis.sizes.other,
        };
        match &planned.what {
            FieldKind::Refs(SelectionByType { list: Some(list), .. }) => {
                self.basis.queries.lists[*list].as_ref().map_or(0, |window| window.most(all))
            }
            _ => all,
        }
    }

    /// The nodes of one page of a connection below an entity.
    pub(super) fn page_of(&self, holder: Option<Kind>, planned: &PlannedField, place: usize) -> usize {
        let Ok(query) = &self.basis.queries.connections[place] else { return 0 };
        let all = self.elements(holder, planned);
        taken(self.basis.table.get(query.query)).map_or(all, |taken| taken.min(all))
    }

    /// How many entities of a kind may have been told a field for another selection.
    pub(super) fn known_elsewhere(&self, sel: SelectionId, kind: Kind, field: usize) -> usize {
        self.told[kind as usize][field].saturating_sub(self.arriving[sel])
    }
}
