//! What is missing: walks the selections over what is known and notes what must be asked, once per entity.

use super::{
    memo::Memo,
    view::{Answer, View},
};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, FieldSource, Model},
        tape::{At, Json},
    },
    graph::{
        document::plan::{FieldKind, Plan, PlannedField, SelectionId, origin},
        queries::QueryIds,
    },
    loader::{
        requests::{EntityRequest, RelationRequest},
        store::{Place, RecordId, Store},
        trace::Origin,
    },
    upstream::select::Select,
};
use foldhash::fast::RandomState;
use std::{collections::HashSet, sync::Arc};

/// One root field's walk over the operation's store.
pub struct Walk<'a> {
    plan: &'a Plan,
    model: &'a Model,
    queries: &'a QueryIds,
    /// Selections that were walked for an entity: the same knowledge gives the same result at every place of it.
    visited: HashSet<(SelectionId, Kind, RecordId), RandomState>,
    /// The same by place, which costs less to find.
    settled: Memo<Settled>,
    stack: Vec<(Place, Kind, SelectionId, Visit)>,
    waiting: Vec<(Place, Kind, SelectionId)>,
    /// Modules below the field that is being walked, which lack something at their place.
    lacking: Vec<(Place, Kind, SelectionId)>,
    /// Modules that were asked for themselves.
    asked: HashSet<(SelectionId, RecordId), RandomState>,
    /// What to ask of entities by their ids.
    pub by_id: Vec<EntityRequest>,
    /// What to ask of relations.
    pub of_parents: Vec<RelationRequest>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    First,
    /// After something was asked for it.
    Again,
    /// A module of which its holder has nothing more to tell.
    Untold,
}

/// What needs no second look at the same place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// The entity was walked.
    Walked,
    /// It lacks nothing that its holder would be asked for; of a list, no element does, and all are walked.
    Whole,
}

/// What one entity lacks.
#[derive(Default)]
struct Lack {
    fields: FieldSet,
    placeholders: FieldSet,
    inside: FieldSet,
    waits: bool,
    /// Rows of its relations that do not tell yet what they lead to.
    rows: Vec<(Place, Kind, usize, Arc<Select>, Origin)>,
    /// Entities that it names, and of which nobody knows whether they are there.
    named: Vec<(String, Kind, SelectionId)>,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    #[must_use]
    pub fn new(plan: &'a Plan, model: &'a Model, queries: &'a QueryIds) -> Self {
        Walk {
            plan,
            model,
            queries,
            visited: HashSet::default(),
            settled: Memo::default(),
            stack: vec![],
            waiting: vec![],
            lacking: vec![],
            asked: HashSet::default(),
            by_id: vec![],
            of_parents: vec![],
        }
    }

    /// Adds an entity to be walked.
    pub fn enter(&mut self, place: Place, kind: Kind, sel: SelectionId) {
        self.stack.push((place, kind, sel, Visit::First));
    }

    /// Walks as far as what is known reaches; true when something must be asked.
    pub fn advance(&mut self, store: &mut Store) -> bool {
        self.stack.extend(self.waiting.drain(..).map(|(place, kind, sel)| (place, kind, sel, Visit::Again)));
        while let Some((place, kind, sel, visit)) = self.stack.pop() {
            self.entity(store, place, kind, sel, visit);
        }
        !self.by_id.is_empty() || !self.of_parents.is_empty()
    }

    fn entity(&mut self, store: &mut Store, place: Place, kind: Kind, sel: SelectionId, visit: Visit) {
        if visit == Visit::First {
            if !place.row && store.tape(place).shares() {
                if self.settled.get(place, sel) == Some(&Settled::Walked) {
                    return;
                }
                self.settled.keep(place, sel, Settled::Walked);
            }
            store.see(place, kind);
        }
        let selected = &self.plan.sels[sel];
        let object = self.model.kind(kind);
        // The common end of a branch: all that is selected was asked for where we look. No record is needed for it.
        let whole = store.is_whole(place);
        let told = |planned: &PlannedField| {
            planned.field == usize::MAX
                || (place.told.contains(planned.field) && whole)
                || (matches!(planned.what, FieldKind::Leaf(_)) && store.look(place, object, planned.field).is_some())
        };
        if !selected.deep && (whole && place.told.is_superset(selected.wanted) || selected.fields.iter().all(told)) {
            return;
        }
        let record = store.record_at(place, kind);
        if let (Visit::First, true, Some(record)) = (visit, selected.is_anywhere(object), record)
            && !self.visited.insert((sel, kind, record))
        {
            return;
        }
        if let (Visit::Untold, Some(record)) = (visit, record)
            && !self.asked.insert((sel, record))
        {
            return;
        }
        let view = View { plan: self.plan, model: self.model, store, queries: self.queries };
        let mut lack = Lack::default();
        let either = |planned: &&PlannedField| {
            planned.field != usize::MAX && matches!(object.fields[planned.field].way, FieldSource::Either(_))
        };
        // Whether the entity is fetched anyway is known only after all other fields.
        let fields = selected.fields.iter().enumerate();
        for (index, planned) in fields.clone().filter(|(_, planned)| !either(planned)) {
            if whole && planned.field != usize::MAX && place.told.contains(planned.field) && self.ends(planned) {
                continue;
            }
            self.field(&view, place, kind, record, planned, origin(sel, Some(index)), &mut lack);
        }
        for (index, planned) in fields.filter(|(_, planned)| either(planned)) {
            self.field(&view, place, kind, record, planned, origin(sel, Some(index)), &mut lack);
        }
        if kind.told_by_holder() && !place.row && visit != Visit::Untold {
            // Its own collection answers Operations only, so its holder comes first.
            lack.fields = FieldSet::NONE;
        }
        if let (false, Some(record)) = (lack.fields.is_empty(), record) {
            self.by_id.push(EntityRequest {
                kind,
                record,
                fields: lack.fields,
                placeholders: lack.placeholders,
                inside: lack.inside,
                exists: false,
                select: Arc::clone(&selected.select),
                origin: origin(sel, None),
            });
        }
        for (row, kind, field, select, origin) in lack.rows {
            let Some(record) = store.record_at(row, kind) else { continue };
            let (fields, placeholders, inside) = (FieldSet::single(field), FieldSet::NONE, FieldSet::NONE);
            self.by_id.push(EntityRequest {
                kind,
                record,
                fields,
                placeholders,
                inside,
                exists: false,
                select,
                origin,
            });
            lack.waits = true;
        }
        for (id, kind, sel) in lack.named {
            let record = store.record_of(kind, &id);
            self.by_id.push(existing(self.plan, self.model, kind, sel, record));
            lack.waits = true;
        }
        if lack.waits || !lack.fields.is_empty() {
            self.waiting.push((place, kind, sel));
        }
    }

    /// Whether nothing below a field can be missing once the field is told.
    fn ends(&self, planned: &PlannedField) -> bool {
        match planned.what {
            FieldKind::Leaf(_) | FieldKind::Leaves(_) | FieldKind::Within(..) | FieldKind::Typename(_) => true,
            FieldKind::Object(sel) | FieldKind::Objects(sel) => !self.plan.sels[sel].deep,
            FieldKind::Ref(_)
            | FieldKind::Refs(_)
            | FieldKind::Own(_)
            | FieldKind::Connection(_)
            | FieldKind::Detail(_) => false,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "where, of what, and what for")]
    fn field(
        &mut self,
        view: &View<'_>,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        planned: &'a PlannedField,
        origin: Origin,
        lack: &mut Lack,
    ) {
        if planned.field == usize::MAX {
            return;
        }
        let way = self.model.kind(kind).fields[planned.field].way;
        let bit = FieldSet::single(if let FieldSource::Named(by) = way { by } else { planned.field });
        match view.field(place, kind, record, planned, !lack.fields.is_empty()) {
            Answer::Value(holder, value) => {
                let inside = self.below(view, holder, Some(planned.field), value, &planned.what);
                let modules = std::mem::take(&mut self.lacking);
                // What modules lack is asked of the entity that holds them, once, and then of themselves.
                if let Some(record) = record
                    && !view.store.record(kind, record).asked_inside.is_superset(inside)
                {
                    lack.fields = lack.fields.union(bit);
                    lack.inside = lack.inside.union(inside);
                } else {
                    let untold = |(place, kind, sel)| (place, kind, sel, Visit::Untold);
                    self.stack.extend(modules.into_iter().map(untold));
                }
            }
            Answer::Rows(rows) => match &planned.what {
                FieldKind::Connection(connection) => {
                    let connection = &self.plan.connections[*connection];
                    for node in view.nodes(rows, connection).into_iter().flatten() {
                        for sel in &connection.nodes {
                            self.enter(node, connection.kind, *sel);
                        }
                    }
                }
                FieldKind::Detail(detail) => {
                    if let (Some(sel), Some(row)) = (self.plan.details[*detail].sel, rows.rows.first()) {
                        self.inline(view, *row, row.at, sel);
                    }
                }
                FieldKind::Refs(poly) | FieldKind::Ref(poly) => {
                    if let (Some(relation), Some((kind, sel))) = (way.listed_by(), poly.only()) {
                        if let Some(select) = &planned.rows {
                            let untold = view.untold(rows, relation).into_iter();
                            let ask = |(row, kind, field)| (row, kind, field, Arc::clone(select), origin);
                            lack.rows.extend(untold.map(ask));
                        }
                        for entity in view.listed_on_page(rows, relation, kind, poly.list).into_iter().flatten() {
                            self.enter(entity, kind, sel);
                        }
                    }
                }
                _ => {}
            },
            Answer::AskEntity { placeholder } => {
                lack.fields = lack.fields.union(bit);
                if placeholder {
                    lack.placeholders = lack.placeholders.union(bit);
                }
            }
            Answer::AskRelation(query) => {
                let select = match (&planned.what, &planned.rows) {
                    (FieldKind::Connection(connection), _) => Arc::clone(&self.plan.connections[*connection].select),
                    (_, Some(select)) => Arc::clone(select),
                    (FieldKind::Detail(_), _) => Arc::default(),
                    _ => return,
                };
                if let Some(parent) = record {
                    self.of_parents.push(RelationRequest { query, parent, select, origin });
                    lack.waits = true;
                }
            }
            Answer::Entity(entity) => {
                let led = match &planned.what {
                    FieldKind::Ref(poly) => poly.only(),
                    FieldKind::Own(sel) => Some((kind, *sel)),
                    _ => None,
                };
                if let Some((kind, sel)) = led {
                    self.enter(entity, kind, sel);
                }
            }
            Answer::AskNamed(id) => {
                if let FieldKind::Ref(poly) = &planned.what
                    && let Some((kind, sel)) = poly.only()
                {
                    lack.named.push((id, kind, sel));
                }
            }
            Answer::Null | Answer::NotFound | Answer::Untold | Answer::Unknown | Answer::Failed(_) => {}
        }
    }

    /// Goes on below a value; the result is what modules right below it lack.
    fn below(&mut self, view: &View<'_>, holder: Place, field: Option<usize>, value: At, what: &FieldKind) -> FieldSet {
        let tape = view.store.tape(holder);
        match what {
            FieldKind::Ref(poly) => {
                if let Some((place, kind, sel)) = view.references(holder, field, poly)(value) {
                    return self.reference(view, (holder, field), place, kind, sel);
                }
                if let Some(sel) = view.other(holder, poly, value).filter(|sel| self.plan.sels[*sel].deep) {
                    self.inline(view, holder, value, sel);
                }
                FieldSet::NONE
            }
            FieldKind::Refs(poly) => {
                let list = poly.only().filter(|_| tape.shares());
                let list = list.map(|(kind, sel)| (view.store.reference(holder, field, value, kind), sel));
                if list.is_some_and(|(list, sel)| self.settled.get(list, sel) == Some(&Settled::Whole)) {
                    return FieldSet::NONE;
                }
                let mut lacking = FieldSet::NONE;
                let reference = view.references(holder, field, poly);
                let cut = poly.list.filter(|list| !self.covers(view, holder, value, *list));
                let (list, page) = match cut {
                    Some(page) => (None, Some(view.on_page(holder, value, page).into_iter())),
                    None => (list, None),
                };
                let whole = page.is_none().then(|| tape.items(value));
                for item in page.into_iter().flatten().chain(whole.into_iter().flatten()) {
                    if let Some((place, kind, sel)) = reference(item) {
                        lacking = lacking.union(self.reference(view, (holder, field), place, kind, sel));
                    }
                }
                if let Some((list, sel)) = list.filter(|_| lacking.is_empty()) {
                    self.settled.keep(list, sel, Settled::Whole);
                }
                lacking
            }
            FieldKind::Object(sel) if self.plan.sels[*sel].deep => {
                self.inline(view, holder, value, *sel);
                FieldSet::NONE
            }
            FieldKind::Objects(sel) if self.plan.sels[*sel].deep => {
                for item in tape.items(value) {
                    self.inline(view, holder, item, *sel);
                }
                FieldSet::NONE
            }
            _ => FieldSet::NONE,
        }
    }

    /// Whether all elements of a list are on the page that is wanted.
    fn covers(&self, view: &View<'_>, holder: Place, list: At, page: usize) -> bool {
        let Ok(window) = &self.queries.lists[page] else { return false };
        window.covers(view.store.tape(holder).items(list).count())
    }

    /// Walks a reference; the result is what its holder may still tell of a module.
    fn reference(
        &mut self,
        view: &View<'_>,
        (holder, field): (Place, Option<usize>),
        place: Place,
        kind: Kind,
        sel: SelectionId,
    ) -> FieldSet {
        if !kind.told_by_holder() {
            self.enter(place, kind, sel);
            return FieldSet::NONE;
        }
        let selected = &self.plan.sels[sel];
        if !selected.deep && self.settled.get(place, sel) == Some(&Settled::Whole) {
            return FieldSet::NONE;
        }
        let lacking = view.lacking(place, kind, selected);
        if selected.deep {
            if let (false, Some(record)) = (lacking.is_empty(), view.store.known_record(place, kind)) {
                // Its holder is asked for it, so when we come again more may be known of it.
                self.visited.remove(&(sel, kind, record));
                self.settled.forget(place, sel);
            }
        } else if lacking.is_empty() && view.store.tape(place).shares() {
            self.settled.keep(place, sel, Settled::Whole);
        }
        // Even where it ends here: another place of it may lack what this one tells.
        self.enter(place, kind, sel);
        if lacking.is_empty() {
            return lacking;
        }
        self.lacking.push((place, kind, sel));
        // What was asked of the holder and is not there, it does not tell.
        let asked = field.map_or(FieldSet::NONE, |field| view.store.asked_of(holder, field));
        let object = self.model.kind(kind);
        let absent = |field: &usize| view.store.look(place, object, *field).is_none();
        lacking.difference(
            lacking
                .intersection(asked)
                .iter()
                .filter(absent)
                .fold(FieldSet::NONE, |all, one| all.union(FieldSet::single(one))),
        )
    }

    fn inline(&mut self, view: &View<'_>, holder: Place, object: At, sel: SelectionId) {
        let (selected, tape) = (&self.plan.sels[sel], view.store.tape(holder));
        if tape.kind(object) != Json::Object {
            return;
        }
        for planned in selected.fields.iter().filter(|planned| planned.field != usize::MAX) {
            if let Some(value) = view.member(tape, object, object, selected, planned) {
                self.below(view, holder, None, value, &planned.what);
            }
        }
    }
}

/// What to ask of an entity of which it is not known whether it is there.
pub(super) fn existing(plan: &Plan, model: &Model, kind: Kind, sel: SelectionId, record: RecordId) -> EntityRequest {
    let selected = &plan.sels[sel];
    EntityRequest {
        kind,
        record,
        fields: selected.wanted.intersection(model.kind(kind).tellable),
        placeholders: FieldSet::NONE,
        inside: FieldSet::NONE,
        exists: true,
        select: Arc::clone(&selected.select),
        origin: origin(sel, None),
    }
}
