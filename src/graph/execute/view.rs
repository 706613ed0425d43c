//! How a selected field is answered from what is known: the one set of rules that both the walk (what is missing?) and
//! the writer (what is the answer?) follow.

use crate::graph::queries::QueryIds;
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, FieldSource, Model},
        tape::{At, Json, Key, Tape},
    },
    fault::Fault,
    graph::document::plan::{
        ConnectionPlan, FieldKind, Plan, PlannedField, SelectionByType, SelectionId, TypeSelection,
    },
    loader::{
        query::QueryTable,
        store::{Found, Place, Record, RecordId, Rows, Store, is_placeholder},
    },
    upstream::marketplace::relation::{RELATIONS, Relation, Through},
};
use foldhash::fast::RandomState;
use std::{collections::HashSet, sync::Arc};

/// What a selected field of an entity comes to.
pub enum Answer<'s> {
    /// A value in a body.
    Value(Place, At),
    /// Rows of a relation.
    Rows(&'s Rows),
    /// The entity that another field names, or the one whose field it is.
    Entity(Place),
    /// The upstream says null, or leaves out what it was asked for.
    Null,
    /// What a name stands for was looked for and is not there.
    NotFound,
    /// A placeholder stands there, and asking again did not help.
    Untold,
    /// Not known yet: to be asked of the entity itself.
    AskEntity {
        /// Whether a placeholder stood there.
        placeholder: bool,
    },
    /// Not known yet: to be asked through a relation.
    AskRelation(u32),
    /// Whether there is the entity that another field names is not known yet.
    AskNamed(String),
    /// Not known, and there is no id to ask by, or none that was met so far.
    Unknown,
    /// Asked for, and that failed.
    Failed(Arc<Fault>),
}

/// An element of a list that came through a relation: an entity, or why a row leads to none.
pub type Listed = Result<Place, Lost>;

/// Why a row leads to no entity.
#[derive(Debug, Clone)]
pub enum Lost {
    /// Asking what it leads to failed.
    Failed(Arc<Fault>),
    /// It was not asked what it leads to.
    Unknown,
    /// It names none: how the upstream answered.
    Nowhere(&'static str),
}

const ID: Key = Key::new("id");

/// How the upstream answered where it did not tell what it always tells.
pub const NO_ID: &str = "with something that has no id";
/// How it answered where it names a field as omitted although it was asked for it by id.
const OMITTED: &str = "without a field that was requested, which it names as omitted";
/// How it answered where a renderer stopped.
pub const PLACEHOLDER: &str = "with a placeholder where a value belongs";
const NO_REFERENCE: &str = "with a row without the reference that makes it belong to the list";

fn lost(found: Found) -> Lost {
    match found {
        Found::Failed(fault) => Lost::Failed(fault),
        Found::Missing { .. } => Lost::Unknown,
        Found::Untold => Lost::Nowhere(PLACEHOLDER),
        Found::Omitted => Lost::Nowhere(OMITTED),
        Found::At(..) | Found::Null => Lost::Nowhere(NO_REFERENCE),
    }
}

/// Why a field has no value where the upstream names it as omitted although it was asked for it by id.
fn omits(kind: Kind) -> Arc<Fault> {
    Arc::new(Fault::invalid(format!("{} answered {OMITTED}.", kind.upstream().name())))
}

/// Read access to everything an answer is made of.
#[derive(Clone, Copy)]
pub struct View<'s> {
    /// The plan.
    pub plan: &'s Plan,
    /// The schema's model.
    pub model: &'s Model,
    /// What is known.
    pub store: &'s Store,
    /// The queries of relations and connections.
    pub queries: &'s QueryIds,
}

impl<'s> View<'s> {
    /// Answers a field of an entity. `fetched_anyway`: other fields of it are being asked for.
    #[must_use]
    pub fn field(
        &self,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        planned: &PlannedField,
        fetched_anyway: bool,
    ) -> Answer<'s> {
        if let FieldKind::Connection(connection) = planned.what {
            let query = match &self.queries.connections[connection] {
                Ok(found) => found.query,
                Err(fault) => return Answer::Failed(Arc::clone(fault)),
            };
            let asked = record.is_some_and(|record| self.store.rows(query, record).is_some());
            if asked || !self.plan.connections[connection].is_of_listed() {
                return self.rows(query, record);
            }
            // Which rows they are the list in the entity's body tells.
            return match self.told(place, kind, record, planned, fetched_anyway) {
                Answer::Value(holder, value) if !self.store.tape(holder).is_null(value) => self.rows(query, record),
                Answer::Value(..) => Answer::Null,
                Answer::Null if self.is_left_out_empty(place, kind, record, planned) => self.rows(query, record),
                answer => answer,
            };
        }
        if let FieldKind::Detail(detail) = planned.what {
            return match &self.queries.details[detail] {
                Ok(query) => self.rows(*query, record),
                Err(fault) => Answer::Failed(Arc::clone(fault)),
            };
        }
        if let FieldKind::Refs(SelectionByType { list: Some(list), .. }) = &planned.what
            && let Err(fault) = &self.queries.lists[*list]
        {
            return Answer::Failed(Arc::clone(fault));
        }
        if let FieldKind::Own(_) = planned.what {
            return match self.store.viewer_hidden() {
                Some(fault) => Answer::Failed(Arc::clone(fault)),
                None => Answer::Entity(place),
            };
        }
        self.told(place, kind, record, planned, fetched_anyway)
    }

    /// Answers a field from what bodies tell of it, or from the list of a relation.
    fn told(
        &self,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        planned: &PlannedField,
        fetched_anyway: bool,
    ) -> Answer<'s> {
        let way = self.model.kind(kind).fields[planned.field].way;
        if let FieldSource::Named(by) = way {
            return self.named(place, kind, record, planned, by);
        }
        let whole = |place: Place, value: At| self.whole(place, Some(planned.field), value, &planned.what);
        if way == FieldSource::Here {
            return match self.store.holds(place, self.model.kind(kind), planned.field) {
                Some(value) if whole(place, value) => Answer::Value(place, value),
                Some(_) => Answer::Untold,
                None => Answer::Null,
            };
        }
        // What was walked by the relation is written by it, whatever a body brought along meanwhile.
        if let (FieldSource::Either(relation), Some(record)) = (way, record)
            && let Some(Ok(rows)) = self.store.rows(QueryTable::list_of(relation), record)
        {
            return Answer::Rows(rows);
        }
        let found = self.store.find(place, kind, record, planned.field, whole);
        match (found, way) {
            (Found::At(place, value), _) => Answer::Value(place, value),
            (Found::Failed(fault), _) => Answer::Failed(fault),
            // Asked for, not named as omitted, and not there: it is empty, and a relation would not say otherwise.
            (Found::Null, FieldSource::ToldOr(_)) if self.is_left_out_empty(place, kind, record, planned) => {
                Answer::Null
            }
            (Found::Missing { placeholder: true }, _) => Answer::AskEntity { placeholder: true },
            (Found::Missing { .. }, FieldSource::Either(relation)) if !fetched_anyway => self.list(relation, record),
            (Found::Null | Found::Omitted | Found::Missing { .. }, FieldSource::Related(relation))
            | (Found::Null | Found::Omitted, FieldSource::ToldOr(relation)) => self.list(relation, record),
            (Found::Omitted, _) => Answer::Failed(omits(kind)),
            (Found::Missing { placeholder }, _) if record.is_some() => Answer::AskEntity { placeholder },
            // Untold: the upstream was asked for the field itself, and a relation would be another question.
            (Found::Untold, _) => Answer::Untold,
            (Found::Null, _) => Answer::Null,
            (Found::Missing { .. }, _) => Answer::Unknown,
        }
    }

    /// Whether a list is empty: it was asked for and is not there, and what is empty is left out.
    #[must_use]
    pub fn is_left_out_empty(
        &self,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        planned: &PlannedField,
    ) -> bool {
        let parts = record.into_iter().flat_map(|record| &self.store.record(kind, record).parts);
        let mut places = std::iter::once(&place).chain(parts);
        let object = self.model.kind(kind);
        // A placeholder is there: what stands in its place nobody knows.
        let left_out = |place: &Place| {
            place.told.contains(planned.field) && self.store.look(*place, object, planned.field).is_none()
        };
        object.fields[planned.field].empty_when_absent && places.any(left_out)
    }

    /// The entity whose id is the text of the field `by`. That text is a name and no reference: there may be no such entity.
    fn named(
        &self,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        planned: &PlannedField,
        by: usize,
    ) -> Answer<'s> {
        let FieldKind::Ref(poly) = &planned.what else { return Answer::Null };
        let Some((named, _)) = poly.only() else { return Answer::Null };
        let id = match self.store.find(place, kind, record, by, |_, _| true) {
            Found::At(holder, value) => self.store.tape(holder).text(value),
            Found::Null => None,
            Found::Untold => return Answer::Untold,
            Found::Omitted => return Answer::Failed(omits(kind)),
            Found::Failed(fault) => return Answer::Failed(fault),
            Found::Missing { placeholder } if record.is_some() => return Answer::AskEntity { placeholder },
            Found::Missing { .. } => return Answer::Unknown,
        };
        let Some(id) = id else { return Answer::Null };
        // Not every text can be a name.
        let Some(id) = Some(id).filter(|id| named.fits(id)) else { return Answer::NotFound };
        let record = self.store.known_id(&id, named).map(|record| self.store.record(named, record));
        match record {
            Some(Record { row: Some(row), .. }) => Answer::Entity(*row),
            Some(Record { fault: Some(fault), .. }) => Answer::Failed(Arc::clone(fault)),
            Some(Record { sought: true, .. }) => Answer::NotFound,
            _ => Answer::AskNamed(id.into_owned()),
        }
    }

    /// Whether a value is that of a field that was asked for right here: nothing else needs to be known to answer it.
    #[must_use]
    pub fn is_here(&self, place: Place, kind: Kind, planned: &PlannedField, value: At) -> bool {
        let asked =
            place.told.contains(planned.field) && self.model.kind(kind).fields[planned.field].way == FieldSource::Told;
        asked
            && !matches!(planned.what, FieldKind::Connection(_))
            && self.whole(place, Some(planned.field), value, &planned.what)
    }

    fn list(&self, relation: usize, record: Option<RecordId>) -> Answer<'s> {
        self.rows(QueryTable::list_of(relation), record)
    }

    fn rows(&self, query: u32, record: Option<RecordId>) -> Answer<'s> {
        // Without a proper id there is nothing to ask by.
        let Some(record) = record else { return Answer::Unknown };
        match self.store.rows(query, record) {
            None => Answer::AskRelation(query),
            Some(Ok(rows)) => Answer::Rows(rows),
            Some(Err(fault)) => Answer::Failed(Arc::clone(fault)),
        }
    }

    /// Whether a value has no placeholder where something is selected of it.
    pub(super) fn whole(&self, place: Place, field: Option<usize>, value: At, what: &FieldKind) -> bool {
        let tape = self.store.tape(place);
        match what {
            FieldKind::Typename(_) | FieldKind::Own(_) | FieldKind::Detail(_) => true,
            FieldKind::Connection(connection) => {
                let plan = &self.plan.connections[*connection];
                let told = |sel: &SelectionId| self.way_told(place, field, value, (plan.kind, *sel));
                !is_placeholder(tape, value) && plan.nodes.iter().all(told)
            }
            FieldKind::Refs(poly) if self.store.is_whole(place) => {
                poly.only().is_none_or(|only| self.way_told(place, field, value, only))
            }
            _ if self.store.is_whole(place) => true,
            FieldKind::Leaf(_) | FieldKind::Leaves(_) | FieldKind::Ref(_) => !is_placeholder(tape, value),
            FieldKind::Within(inside) => View::path(tape, value, &inside.names)
                .all(|found| found.is_none_or(|value| !is_placeholder(tape, value))),
            FieldKind::Refs(poly) => {
                let told = || poly.only().is_none_or(|only| self.way_told(place, field, value, only));
                !is_placeholder(tape, value) && told()
            }
            FieldKind::Object(sel) => !is_placeholder(tape, value) && self.object_whole(place, value, *sel),
            FieldKind::Objects(sel) => {
                !is_placeholder(tape, value) && tape.items(value).all(|item| self.object_whole(place, item, *sel))
            }
        }
    }

    /// The values on the way to a leaf inside a value object: the object, and what each name leads to.
    fn path<'a>(tape: &'a Tape, object: At, names: &'a [Key]) -> impl Iterator<Item = Option<At>> + 'a {
        let below = names.iter().scan(Some(object), |at, name| {
            *at = at.and_then(|at| tape.find(at, name));
            Some(*at)
        });
        std::iter::once(Some(object)).chain(below)
    }

    /// Whether the elements of a list tell what is selected of the way to them: nobody else does.
    fn way_told(&self, place: Place, field: Option<usize>, list: At, (kind, sel): (Kind, SelectionId)) -> bool {
        let object = self.model.kind(kind);
        let here = self.plan.sels[sel].wanted.intersection(object.here);
        let told = |item: At| {
            let element = self.store.reference(place, field, item, kind);
            here.iter().all(|field| element.told.contains(field) || self.store.holds(element, object, field).is_some())
        };
        here.is_empty() || self.store.tape(place).items(list).all(told)
    }

    fn object_whole(&self, place: Place, object: At, sel: SelectionId) -> bool {
        let tape = self.store.tape(place);
        let sel = &self.plan.sels[sel];
        let fields = &self.model.types[sel.ty].fields;
        sel.fields.iter().filter(|planned| planned.field != usize::MAX).all(|planned| {
            let value = fields[planned.field].rest.iter().find_map(|name| tape.find(object, name));
            value.is_none_or(|value| self.whole(place, None, value, &planned.what))
        })
    }

    /// A member of a value object. Older generations have some of them one level up.
    #[must_use]
    pub fn member(
        &self,
        tape: &Tape,
        object: At,
        enclosing: At,
        sel: &TypeSelection,
        planned: &PlannedField,
    ) -> Option<At> {
        let field = &self.model.types[sel.ty].fields[planned.field];
        let lifted = || field.lifted.as_ref().and_then(|name| tape.find(enclosing, name));
        field.rest.iter().find_map(|name| tape.find(object, name)).or_else(lifted)
    }

    /// What references in a field point to, each by its value: its kind, the selection for it, and where it stands. None
    /// when it is no reference to anything that the selection can be about.
    pub fn references<'a>(
        &'a self,
        holder: Place,
        field: Option<usize>,
        poly: &'a SelectionByType,
    ) -> impl Fn(At) -> Option<(Place, Kind, SelectionId)> + use<'a, 's> {
        let (store, tape) = (self.store, self.store.tape(holder));
        // Of a list of one kind all tell the same.
        let alike = poly.only().map(|(kind, sel)| (store.told_by_reference(holder, field, kind), kind, sel));
        let bare = poly.only().is_some_and(|(kind, _)| self.model.kind(kind).bare.is_some());
        move |at| {
            if tape.kind(at) != Json::Object && !(bare && tape.kind(at) == Json::String) {
                return None;
            }
            if let Some((told, kind, sel)) = alike {
                let told = store.not_omitted(holder, at, kind, told);
                return Some((store.inner(holder, field, at, told), kind, sel));
            }
            let kind = tape.get(at, "id").and_then(|id| tape.plain(id)).and_then(Kind::of_id)?;
            Some((store.reference(holder, field, at, kind), kind, poly.of(kind)?))
        }
    }

    /// Whether a reference points to an entity of a kind that it cannot be about.
    #[must_use]
    pub fn is_of_another(&self, holder: Place, at: At, poly: &SelectionByType) -> bool {
        let tape = self.store.tape(holder);
        let id = tape.get(at, "id").and_then(|id| tape.plain(id));
        id.and_then(Kind::of_id).is_some_and(|kind| poly.of(kind).is_none())
    }

    /// The selection for what a reference points to that is no entity of ours, such as an actor of an unknown type. Nothing
    /// but the reference tells of it, so it has to have an id.
    #[must_use]
    pub fn other(&self, holder: Place, poly: &SelectionByType, at: At) -> Option<SelectionId> {
        let tape = self.store.tape(holder);
        let id = tape.get(at, "id").and_then(|id| tape.plain(id))?;
        if poly.others.is_empty() || is_placeholder(tape, at) { None } else { poly.other(id) }
    }

    /// The entities of a relation's rows, in order; a list over several rows names each entity once. What leads nowhere
    /// keeps its place: without it the list would be shorter than the truth.
    #[must_use]
    pub fn entities(&self, rows: &'s Rows, rows_kind: Kind, hop: Through, kind: Kind, once: bool) -> Vec<Listed> {
        let mut entities = Vec::with_capacity(rows.rows.len());
        let mut met = HashSet::<&str, RandomState>::default();
        let object = self.model.kind(rows_kind);
        let member = match hop {
            Through::Row => None,
            Through::One(member) | Through::Many(member) => object.by_name.get(member).copied(),
        };
        for (index, row) in rows.rows.iter().enumerate() {
            let mut add = |found: Listed| {
                let id = found.as_ref().ok().and_then(|place| self.store.id(*place, kind));
                if !once || id.is_none_or(|id| met.insert(id)) {
                    entities.push(found);
                }
            };
            let Some(field) = member else {
                add(Ok(rows.stands.get(index).copied().unwrap_or(*row)));
                continue;
            };
            // Mostly the row tells it itself; else what else is known of the row's entity is looked through.
            let found = match self.store.holds(*row, object, field) {
                Some(value) => Found::At(*row, value),
                None => self.told_by_row(*row, rows_kind, field),
            };
            let many = matches!(hop, Through::Many(_));
            let (holder, value) = match found {
                Found::At(holder, value) => (holder, value),
                // An empty list is left out.
                Found::Null if many => continue,
                found => {
                    add(Err(lost(found)));
                    continue;
                }
            };
            let tape = self.store.tape(holder);
            let told = self.store.told_by_reference(holder, Some(field), kind);
            let refer = |at: At| match tape.kind(at) {
                Json::Object => {
                    let told = self.store.not_omitted(holder, at, kind, told);
                    Ok(self.store.inner(holder, Some(field), at, told))
                }
                _ if is_placeholder(tape, at) => Err(Lost::Nowhere(PLACEHOLDER)),
                _ => Err(Lost::Nowhere(NO_REFERENCE)),
            };
            match tape.kind(value) {
                Json::Null if many => {}
                Json::List if many => tape.items(value).map(refer).for_each(add),
                Json::Object if many => add(Err(Lost::Nowhere(NO_REFERENCE))),
                _ => add(refer(value)),
            }
        }
        entities
    }

    /// What is known of a row's member: rows may have come for another field of the same query, which needed less.
    fn told_by_row(&self, row: Place, kind: Kind, field: usize) -> Found {
        self.store.find(row, kind, self.store.known_record(row, kind), field, |_, _| true)
    }

    /// The member of a relation's rows that the way to its entities goes through.
    fn way_through(&self, relation: usize) -> Option<(Kind, usize)> {
        let Relation { rows, hop: Through::One(member) | Through::Many(member), .. } = RELATIONS[relation] else {
            return None;
        };
        Some((rows, *self.model.kind(rows).by_name.get(member)?))
    }

    /// The rows that do not tell yet what they lead to, with their kind and the member that lacks.
    #[must_use]
    pub fn untold(&self, rows: &Rows, relation: usize) -> Vec<(Place, Kind, usize)> {
        let Some((kind, field)) = self.way_through(relation) else { return vec![] };
        let lacks = |row: &&Place| matches!(self.told_by_row(**row, kind, field), Found::Missing { .. });
        rows.rows.iter().filter(lacks).map(|row| (*row, kind, field)).collect()
    }

    /// Why rows could not be asked what they lead to.
    #[must_use]
    pub fn untellable(&self, rows: &Rows, relation: usize) -> Option<Arc<Fault>> {
        let (kind, field) = self.way_through(relation)?;
        let fault = |row: &Place| {
            if let Found::Failed(fault) = self.told_by_row(*row, kind, field) { Some(fault) } else { None }
        };
        rows.rows.iter().find_map(fault)
    }

    /// The nodes of a connection's page.
    #[must_use]
    pub fn nodes(&self, rows: &'s Rows, plan: &ConnectionPlan) -> Vec<Listed> {
        // What makes a row belong to a page is always asked for.
        let told = |found: Listed| match found {
            Err(Lost::Unknown) => Err(Lost::Nowhere(NO_REFERENCE)),
            found => found,
        };
        self.entities(rows, plan.rows, plan.hop, plan.kind, false).into_iter().map(told).collect()
    }

    /// The entities of a plain list that came through a relation.
    #[must_use]
    pub fn listed(&self, rows: &'s Rows, relation: usize, kind: Kind) -> Vec<Listed> {
        let relation = &RELATIONS[relation];
        self.entities(rows, relation.rows, relation.hop, kind, true)
    }

    /// The same in the order of their ids. What leads nowhere has no place in it, so with such the order is that of the rows.
    #[must_use]
    pub fn listed_by_id(&self, rows: &'s Rows, relation: usize, kind: Kind) -> Vec<Listed> {
        let mut listed = self.listed(rows, relation, kind);
        let known = listed.iter().all(|found| self.listed_id(found, kind).is_some());
        if known && !listed.is_sorted_by_key(|found| self.listed_id(found, kind)) {
            listed.sort_by_cached_key(|found| self.listed_id(found, kind));
        }
        listed
    }

    /// The id of an element of a list that came through a relation.
    #[must_use]
    pub fn listed_id(&self, found: &Listed, kind: Kind) -> Option<&'s str> {
        let place = found.as_ref().ok()?;
        self.store.id(*place, kind)
    }

    /// The id of an element of a list in a body, as it stands there.
    #[must_use]
    pub fn embedded_id(&self, holder: Place, item: At) -> Option<&'s str> {
        let tape = self.store.tape(holder);
        match tape.kind(item) {
            Json::Object => tape.plain(tape.find(item, &ID)?),
            // Wavefront's references may be bare ids.
            Json::String if !is_placeholder(tape, item) => tape.plain(item),
            _ => None,
        }
    }

    /// The elements of a list in a body that are on the page which is wanted: all of them, where their order is not known.
    #[must_use]
    pub fn on_page(&self, holder: Place, list: At, page: usize) -> Vec<At> {
        let tape = self.store.tape(holder);
        let mut items: Vec<At> = tape.items(list).collect();
        let Ok(window) = &self.queries.lists[page] else { return vec![] };
        let id = |item: &At| self.embedded_id(holder, *item);
        if !window.covers(items.len()) && items.iter().all(|item| id(item).is_some()) {
            items.sort_by_cached_key(id);
            let (start, end) = window.places(&items, id);
            items = items[start..end].to_vec();
        }
        items
    }

    /// The entities on the page that is wanted of a list which came through a relation.
    #[must_use]
    pub fn listed_on_page(&self, rows: &'s Rows, relation: usize, kind: Kind, page: Option<usize>) -> Vec<Listed> {
        let Some(Ok(window)) = page.map(|page| &self.queries.lists[page]) else {
            return self.listed(rows, relation, kind);
        };
        let listed = self.listed_by_id(rows, relation, kind);
        if window.covers(listed.len()) || listed.iter().any(|found| self.listed_id(found, kind).is_none()) {
            return listed;
        }
        let (start, end) = window.places(&listed, |found| self.listed_id(found, kind));
        listed[start..end].to_vec()
    }

    /// What a selection wants of an entity that its own body can tell and this place does not.
    #[must_use]
    pub fn lacking(&self, place: Place, kind: Kind, sel: &TypeSelection) -> FieldSet {
        if self.store.is_whole(place) && place.told.is_superset(sel.wanted) {
            return FieldSet::NONE;
        }
        let object = self.model.kind(kind);
        let lacks = |planned: &&PlannedField| match self.store.holds(place, object, planned.field) {
            Some(value) => !self.whole(place, Some(planned.field), value, &planned.what),
            None => !place.told.contains(planned.field) && *object.fields[planned.field].name != *"id",
        };
        let tellable = |planned: &&PlannedField| planned.field != usize::MAX && object.tellable.contains(planned.field);
        let lacking = sel.fields.iter().filter(tellable).filter(lacks);
        lacking.fold(FieldSet::NONE, |all, planned| all.union(FieldSet::single(planned.field)))
    }
}
