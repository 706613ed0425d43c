//! What one operation knows: the bodies that came, and of every entity the places where something of it is told.

mod body;
mod outline;
mod record;

use super::clock::{Clock, Round};
use crate::{
    entity::{
        kind::{KINDS, Kind, Upstream},
        model::{FieldSet, Model, ObjectType, Shape},
        tape::{At, Json, Key, ROOT, Tape},
    },
    fault::Fault,
    upstream::select::{Node, Select},
};
use body::Body;
use foldhash::fast::RandomState;
use memchr::memmem::Finder;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
    time::Instant,
};

pub use outline::Outline;
use record::Shelf;
pub use record::{NO_PARENT, Record, RecordId};

/// What renderers print where they stop; it stands for "not told" (`accounts-api.md` section 9).
const CIRCULAR: &[u8] = b"\"[Circular Reference]\"";

static CIRCULARS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(CIRCULAR));

/// What stands in the place of nested objects in Wavefront's documentation (`wavefront-api.md` section 4).
const OBJECTS: [&[u8]; 2] = [b"\"RoleDTO Object\"", b"\"UserGroup Object\""];

const ID: Key = Key::new("id");
const IDENTIFIER: Key = Key::new("identifier");
const META: Key = Key::new("$meta");
const OMITTED: Key = Key::new("omitted");

/// A JSON object that tells something of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The body, by its place in the store.
    pub body: u32,
    /// The object in it.
    pub at: At,
    /// Fields of which absence means null here.
    pub told: FieldSet,
    /// Whether it is a row, to which the body's `select` applies.
    pub row: bool,
    /// The field of a row that it stands in, to which what was asked of references applies.
    pub under: Option<u8>,
    /// Where it is on the paths that the request's filter and order name, if they lead through it: what only they name may
    /// be there in part.
    pub touched: Option<Node>,
}

impl Place {
    /// A row, which no filter and no order chose.
    #[must_use]
    pub const fn row(body: u32, at: At, told: FieldSet) -> Place {
        Place { body, at, told, row: true, under: None, touched: None }
    }
}

/// The value of a field, as far as it is known.
#[derive(Debug, Clone)]
pub enum Found {
    /// Here.
    At(Place, At),
    /// Known to be null, or asked for and not answered.
    Null,
    /// The row that answered a request by id for it names it as omitted.
    Omitted,
    /// A placeholder stands there, and asking again was or would be of no use.
    Untold,
    /// Not known. `placeholder`: something stood there that stands for "not told".
    Missing {
        /// Whether a placeholder stood there.
        placeholder: bool,
    },
    /// It was asked for, and that failed.
    Failed(Arc<Fault>),
}

/// The rows of a relation or collection for one parent.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The rows, in the order of the answer.
    pub rows: Vec<Place>,
    /// How many there are in all, when the upstream says so.
    pub total: Option<usize>,
    /// How many come before the first of `rows`, where no cursor says where the page lies.
    pub skipped: usize,
    /// How many belong to the window; the rows themselves may not have been asked for.
    pub shown: usize,
    /// Where it is not known how many there are: whether there are more behind the window.
    pub more: bool,
    /// Where the page lies, if not so many rows after the start.
    pub position: Option<Position>,
    /// By which of several routes the rows were read, for their cursors.
    pub mode: u8,
    /// Where the rows stand in the list of their parent, if that says more of them than they do themselves.
    pub stands: Vec<Place>,
}

/// Where a page lies that was read from a cursor or from the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub struct Position {
    /// The place of each row, as it is kept in its cursor: from 0 on, or counted from the end, where the last row has -1.
    pub places: Vec<i64>,
    /// Whether there are rows before the page.
    pub previous: bool,
    /// Whether there are rows behind the page.
    pub next: bool,
    /// Whether the page was found by the place of its cursor, since the cursor's values could not be compared.
    pub by_offset: bool,
    /// Whether the caller is known to see all that the list is ordered by: what is absent is null.
    pub seen: bool,
}

impl Rows {
    /// Whether there are rows behind the page.
    #[must_use]
    pub fn has_next(&self) -> bool {
        let end = self.skipped.saturating_add(self.shown);
        match &self.position {
            Some(position) => position.next,
            None => self.total.map_or(self.more, |total| end < total),
        }
    }

    /// Whether there are rows before the page.
    #[must_use]
    pub fn has_previous(&self) -> bool {
        match &self.position {
            Some(position) => position.previous,
            // Leaving out more than there is does not make more of it.
            None => self.skipped.min(self.total.unwrap_or(usize::MAX)) > 0,
        }
    }

    /// The place of a row, as its cursor keeps it.
    #[must_use]
    pub fn place(&self, index: usize) -> i64 {
        let place = self.position.as_ref().and_then(|position| position.places.get(index).copied());
        place.unwrap_or_else(|| i64::try_from(self.skipped.saturating_add(index)).unwrap_or(i64::MAX))
    }
}

/// Everything that one operation knows.
pub struct Store {
    model: Arc<Model>,
    bodies: Vec<Body>,
    shelves: Box<[Shelf]>,
    /// Rows by query and parent; [`NO_PARENT`] for collections.
    rows: HashMap<(u32, RecordId), Kept, RandomState>,
    /// Whether the caller may not read modules by themselves: then what their holders do not return is null.
    modules_closed: bool,
    /// Why the caller does not see the token that is asked with, if it does not.
    viewer_hidden: Option<Arc<Fault>>,
    /// The rounds so far.
    pub clock: Clock,
}

/// The rows of a query, or why there are none, and the round in which they came.
type Kept = (Result<Rows, Arc<Fault>>, Round);

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Self {
        Store::of(model, Clock::new(Instant::now()))
    }

    fn of(model: Arc<Model>, clock: Clock) -> Self {
        let shelves = (0..KINDS).map(|_| Shelf::default()).collect();
        let rows = HashMap::default();
        Store { model, bodies: vec![], shelves, rows, modules_closed: false, viewer_hidden: None, clock }
    }

    /// Forgets all that is known, but not when it came.
    pub fn forget(&mut self) {
        let modules_closed = self.modules_closed;
        *self = Store { modules_closed, ..Store::of(Arc::clone(&self.model), self.clock.clone()) };
    }

    /// Notes that the caller may not read modules by themselves.
    pub fn close_modules(&mut self) {
        self.modules_closed = true;
    }

    /// Notes why the caller does not see the token that is asked with.
    pub fn hide_viewer(&mut self, why: Fault) {
        self.viewer_hidden = Some(Arc::new(why));
    }

    /// Why the caller does not see the token that is asked with, if it does not.
    #[must_use]
    pub fn viewer_hidden(&self) -> Option<&Arc<Fault>> {
        self.viewer_hidden.as_ref()
    }

    /// The schema's model.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The bytes of a place's body.
    #[must_use]
    pub fn tape(&self, place: Place) -> &Tape {
        &self.bodies[place.body as usize].tape
    }

    /// The number of the body that was kept last.
    fn last_body(&self) -> u32 {
        u32::try_from(self.bodies.len() - 1).expect("the requests of an operation are bounded")
    }

    /// Keeps a body.
    pub fn keep(&mut self, tape: impl Into<Arc<Tape>>, select: Arc<Select>) -> u32 {
        let tape = tape.into();
        let whole = CIRCULARS.find(tape.raw(ROOT)).is_none();
        self.bodies.push(Body::new(tape, select, whole, self.clock.round()));
        self.last_body()
    }

    /// Keeps a body of Wavefront's. What its objects do not tell, nobody said was asked for.
    pub fn keep_wavefront(&mut self, tape: impl Into<Arc<Tape>>) -> u32 {
        let tape = tape.into();
        let whole = OBJECTS.iter().all(|object| memchr::memmem::find(tape.raw(ROOT), object).is_none());
        self.bodies.push(Body::new(tape, Arc::default(), whole, self.clock.round()));
        self.last_body()
    }

    /// A body that is one entity: it tells `told`, but for what it lists as omitted.
    #[must_use]
    pub fn row(&self, body: u32, kind: Kind, told: FieldSet) -> Place {
        let omitted = omitted(&self.bodies[body as usize].tape, ROOT, self.model.kind(kind), told);
        let touched = self.bodies[body as usize].select.touched.row();
        Place { touched, ..Place::row(body, ROOT, told.difference(omitted)) }
    }

    /// Rows of a body: each tells what was asked, but for what it or the body lists as omitted.
    pub fn rows_of<'a>(
        &'a self,
        body: u32,
        kind: Kind,
        items: impl Iterator<Item = At> + 'a,
    ) -> impl Iterator<Item = Place> + 'a {
        let Body { tape, select, .. } = &self.bodies[body as usize];
        let object = self.model.kind(kind);
        let asked = select.fields.difference(omitted(tape, ROOT, object, select.fields));
        // Rows of a list mostly omit the same.
        let mut last: (&[u8], FieldSet) = (&[], asked);
        let touched = select.touched.row();
        items.map(move |at| {
            let meta = tape.find(at, &META).map_or(&[][..], |meta| tape.raw(meta));
            if meta != last.0 {
                last = (meta, asked.difference(omitted(tape, at, object, asked)));
            }
            Place { touched, ..Place::row(body, at, last.1) }
        })
    }

    /// Whether no placeholder stands anywhere in a place's body.
    #[must_use]
    pub fn is_whole(&self, place: Place) -> bool {
        self.bodies[place.body as usize].whole
    }

    /// What a reference to an entity of this kind tells: what `select` asked of it when it stands in a row, else the
    /// members of the reduced form that are left out when null.
    #[must_use]
    pub fn told_by_reference(&self, holder: Place, field: Option<usize>, kind: Kind) -> FieldSet {
        if field.is_some_and(|field| !holder.told.contains(field) && self.touched(holder, field).is_some()) {
            return FieldSet::NONE;
        }
        let object = self.model.kind(kind);
        let select = &self.bodies[holder.body as usize].select;
        match (field, holder.under) {
            (Some(field), _) if holder.row => match select.nested(field) {
                // What is not part of it may be missing since the upstream returns no more than the reduced form here.
                Some(asked) if kind.told_by_holder() => asked.intersection(object.reduced),
                Some(asked) => asked.intersection(object.core),
                None => object.core_nullable,
            },
            // An upstream may go less deep than it was asked: what is not there was perhaps not looked at.
            (Some(field), Some(under)) => {
                let asked = select.deeper(usize::from(under), field);
                asked.map_or(object.core_nullable, |asked| asked.intersection(object.core_nullable))
            }
            _ => object.core_nullable,
        }
    }

    /// Those of some fields that an object does not list as omitted itself: what it omits is not null.
    #[must_use]
    pub fn not_omitted(&self, holder: Place, at: At, kind: Kind, told: FieldSet) -> FieldSet {
        let Body { tape, omits, .. } = &self.bodies[holder.body as usize];
        if !omits || told.is_empty() || tape.find(at, &META).is_none() {
            return told;
        }
        told.difference(omitted(tape, at, self.model.kind(kind), told))
    }

    /// What was asked of the entities in a field of a row.
    #[must_use]
    pub fn asked_of(&self, holder: Place, field: usize) -> FieldSet {
        let select = &self.bodies[holder.body as usize].select;
        select.nested(field).filter(|_| holder.row).unwrap_or_default()
    }

    /// What stands in a field of a holder, and tells `told` of an entity.
    #[must_use]
    pub fn inner(&self, holder: Place, field: Option<usize>, at: At, told: FieldSet) -> Place {
        let under = field.filter(|_| holder.row).and_then(|field| u8::try_from(field).ok());
        let touched = field.and_then(|field| self.touched(holder, field));
        Place { body: holder.body, at, told, row: false, under, touched }
    }

    /// Where a field of a holder is on the paths that the request's filter and order name, if they lead through it.
    fn touched(&self, holder: Place, field: usize) -> Option<Node> {
        self.bodies[holder.body as usize].select.touched.below(holder.touched?, field)
    }

    /// A reference to an entity of this kind.
    #[must_use]
    pub fn reference(&self, holder: Place, field: Option<usize>, at: At, kind: Kind) -> Place {
        let told = self.told_by_reference(holder, field, kind);
        self.inner(holder, field, at, self.not_omitted(holder, at, kind, told))
    }

    /// Whether the id that stands at a place is one of another kind.
    #[must_use]
    pub fn is_of_another(&self, place: Place, kind: Kind) -> bool {
        let body = &self.bodies[place.body as usize];
        body.met(place.at, kind).is_none()
            && raw_id(&body.tape, place.at, kind).is_some_and(|id| kind.is_of_another(id))
    }

    /// Whether a text stands at a place where the id belongs, of whatever form.
    #[must_use]
    pub fn has_id(&self, place: Place, kind: Kind) -> bool {
        raw_id(self.tape(place), place.at, kind).is_some()
    }

    /// The id that stands at a place, if it fits the kind.
    #[must_use]
    pub fn id(&self, place: Place, kind: Kind) -> Option<&str> {
        id_at(self.tape(place), place.at, kind)
    }

    /// The record of an id, made when there is none.
    pub fn record_of(&mut self, kind: Kind, id: &str) -> RecordId {
        self.shelves[kind as usize].record_of(id)
    }

    /// The record of the entity at a place, made when there is none; none when the place has no proper id.
    pub fn record_at(&mut self, place: Place, kind: Kind) -> Option<RecordId> {
        let body = &self.bodies[place.body as usize];
        if let met @ Some(_) = body.met(place.at, kind) {
            return met;
        }
        let record = self.shelves[kind as usize].record_of(id_at(&body.tape, place.at, kind)?);
        body.meet(place.at, kind, record);
        Some(record)
    }

    /// The record of the entity at a place, if something was kept of it.
    #[must_use]
    pub fn known_record(&self, place: Place, kind: Kind) -> Option<RecordId> {
        let body = &self.bodies[place.body as usize];
        if let met @ Some(_) = body.met(place.at, kind) {
            return met;
        }
        let record = self.shelves[kind as usize].known(id_at(&body.tape, place.at, kind)?)?;
        body.meet(place.at, kind, record);
        Some(record)
    }

    /// The record of an id, if there is one.
    #[must_use]
    pub fn known_id(&self, id: &str, kind: Kind) -> Option<RecordId> {
        self.shelves[kind as usize].known(id)
    }

    /// The id of a record's entity.
    #[must_use]
    pub fn id_of(&self, kind: Kind, id: RecordId) -> &str {
        self.shelves[kind as usize].records.get_index(id as usize).map_or("", |(id, _)| id)
    }

    /// A record.
    #[must_use]
    pub fn record(&self, kind: Kind, id: RecordId) -> &Record {
        &self.shelves[kind as usize].records[id as usize]
    }

    /// A record, to be changed.
    pub fn record_mut(&mut self, kind: Kind, id: RecordId) -> &mut Record {
        &mut self.shelves[kind as usize].records[id as usize]
    }

    /// Notes a place that tells something of an entity.
    pub fn see(&mut self, place: Place, kind: Kind) {
        self.shelves[kind as usize].seen.push(place);
    }

    /// Adds to the records what all places tell, of whatever kind.
    pub fn index_all(&mut self) {
        for kind in Kind::ALL {
            self.index(kind);
        }
    }

    /// Adds to the records what the places seen so far tell: done only when something of the kind is missing.
    pub fn index(&mut self, kind: Kind) {
        let shelf = &mut self.shelves[kind as usize];
        let fresh = shelf.seen[shelf.indexed..].to_vec();
        shelf.indexed = shelf.seen.len();
        for place in fresh {
            self.learn(kind, place);
        }
    }

    /// Adds what a place tells to its entity's record.
    pub fn learn(&mut self, kind: Kind, place: Place) {
        let known = self.tells(place, kind);
        if let Some(id) = self.record_at(place, kind) {
            let record = self.record_mut(kind, id);
            if !record.known.is_superset(known) {
                record.known = record.known.union(known);
                record.parts.push(place);
            }
        }
    }

    /// What a place tells: members that are there and whole, and those of which absence means null.
    fn tells(&self, place: Place, kind: Kind) -> FieldSet {
        let (tape, object) = (self.tape(place), self.model.kind(kind));
        let all = self.is_whole(place);
        let whole = |field: usize, value: At| match object.fields[field].shape {
            _ if all => true,
            // What asking again brings must count as news.
            Shape::Object(_) | Shape::Objects(_) => CIRCULARS.find(tape.raw(value)).is_none(),
            _ => !is_placeholder(tape, value),
        };
        let (mut told, mut absent) = (FieldSet::NONE, place.told);
        for (field, value) in tape.known(place.at, &object.keys) {
            absent = absent.difference(FieldSet::single(field));
            if whole(field, value) && !self.in_part(place, object, field, value) {
                told = told.union(FieldSet::single(field));
            }
        }
        told.union(absent)
    }

    /// Adds the row that answered a request by id for some fields. Whatever else it tells is learnt where it is met.
    pub fn answer(&mut self, kind: Kind, record: RecordId, row: Place, fields: FieldSet) {
        let omitted = self.omitted_by_row(kind, row, fields);
        let record = self.record_mut(kind, record);
        record.row.get_or_insert(row);
        record.omitted = record.omitted.union(omitted);
        // Another place may still tell what this one omits.
        record.known = record.known.union(fields.difference(omitted));
        record.parts.push(row);
    }

    /// Those of some fields that a row was asked for and does not tell, since it, or the list that it stands in, names them
    /// as omitted.
    #[must_use]
    pub fn omitted_by_row(&self, kind: Kind, row: Place, fields: FieldSet) -> FieldSet {
        let Body { tape, omits, select, .. } = &self.bodies[row.body as usize];
        let (object, untold) = (self.model.kind(kind), fields.intersection(select.fields).difference(row.told));
        if !omits || untold.is_empty() {
            return FieldSet::NONE;
        }
        let named = omitted(tape, ROOT, object, untold).union(omitted(tape, row.at, object, untold));
        let here =
            tape.known(row.at, &object.keys).fold(FieldSet::NONE, |all, (field, _)| all.union(FieldSet::single(field)));
        named.difference(here)
    }

    /// Where a field's value is, looking at one place only.
    #[must_use]
    pub fn look(&self, place: Place, object: &ObjectType, field: usize) -> Option<At> {
        let tape = self.tape(place);
        let told = object.fields[field].rest.iter().find_map(|name| tape.find(place.at, name));
        told.or_else(|| (object.bare == Some(field) && tape.kind(place.at) == Json::String).then_some(place.at))
    }

    /// Where a field's value is that can be relied on, looking at one place only.
    #[must_use]
    pub fn holds(&self, place: Place, object: &ObjectType, field: usize) -> Option<At> {
        self.look(place, object, field).filter(|value| !self.in_part(place, object, field, *value))
    }

    /// Whether a value may hold just the members that a filter or an order names, since nothing else asked for it there.
    /// Even where it was selected a host may tell of nested objects no more than their reduced form, so only what belongs to
    /// that is relied on. A reference with an id is one, whatever it lacks.
    fn in_part(&self, place: Place, object: &ObjectType, field: usize, value: At) -> bool {
        if place.touched.is_none() || place.told.contains(field) {
            return false;
        }
        let tape = self.tape(place);
        let composite = match object.fields[field].shape {
            Shape::Object(_) | Shape::Objects(_) | Shape::Refs(_) => tape.kind(value) != Json::Null,
            Shape::Ref(_) => tape.kind(value) == Json::Object && tape.find(value, &ID).is_none(),
            _ => false,
        };
        composite && self.touched(place, field).is_some()
    }

    /// A field's value, wherever it is told. `usable` says whether a value is whole: one with placeholders in it is not,
    /// and comes only when asking again did not help.
    #[must_use]
    pub fn find(
        &self,
        place: Place,
        kind: Kind,
        record: Option<RecordId>,
        field: usize,
        usable: impl Fn(Place, At) -> bool,
    ) -> Found {
        let object = self.model.kind(kind);
        let bit = FieldSet::single(field);
        let (mut placeholder, mut null) = (false, false);
        let mut partial: Option<(Place, At)> = None;
        let mut at = |part: Place| match self.holds(part, object, field) {
            Some(value) if usable(part, value) => Some(Found::At(part, value)),
            Some(value) => {
                placeholder = true;
                // The newest part says best what was still not told when asked again.
                if !is_placeholder(self.tape(part), value) {
                    partial = Some((part, value));
                }
                None
            }
            None => {
                null |= part.told.contains(field);
                None
            }
        };
        if let Some(found) = at(place) {
            return found;
        }
        let record = record.map(|id| self.record(kind, id));
        // The oldest part that tells it, so that the same one is found when the answer is written as when it was walked.
        if let Some(record) = record
            && let Some(found) = record.parts.iter().copied().find_map(&mut at)
        {
            return found;
        }
        let held = kind.told_by_holder() && !place.row;
        let can_ask = !held;
        if placeholder && can_ask && record.is_some_and(|record| !record.retried.is_superset(bit)) {
            return Found::Missing { placeholder };
        }
        if null && partial.is_none() {
            return Found::Null;
        }
        let mut faults = record.into_iter().flat_map(|record| &record.faults);
        if let Some((_, fault)) = faults.find(|(fields, _)| fields.is_superset(bit)) {
            // The role of the caller does not show it.
            let hidden = held && fault.closed_to_role();
            return if hidden { Found::Null } else { Found::Failed(Arc::clone(fault)) };
        }
        match partial {
            Some((part, value)) => Found::At(part, value),
            None if placeholder => Found::Untold,
            None if record.is_some_and(|record| record.omitted.is_superset(bit)) => Found::Omitted,
            None if record.is_some_and(|record| record.asked.is_superset(bit)) => Found::Null,
            None if held && self.modules_closed => Found::Null,
            None => Found::Missing { placeholder },
        }
    }

    /// The rows that a query gave for a parent, if it was asked.
    #[must_use]
    pub fn rows(&self, query: u32, parent: RecordId) -> Option<&Result<Rows, Arc<Fault>>> {
        self.rows.get(&(query, parent)).map(|(rows, _)| rows)
    }

    /// The round in which the rows of a query for a parent came, or failed to.
    #[must_use]
    pub fn round_of_rows(&self, query: u32, parent: RecordId) -> Option<Round> {
        self.rows.get(&(query, parent)).map(|(_, round)| *round)
    }

    /// The round in which the body of a place came.
    #[must_use]
    pub fn round_of(&self, place: Place) -> Round {
        self.bodies[place.body as usize].round
    }

    /// Forgets the rows of a query for a parent, so that they are asked again.
    pub fn drop_rows(&mut self, query: u32, parent: RecordId) {
        self.rows.remove(&(query, parent));
    }

    /// Notes by which route the rows of a query for a parent were read.
    pub fn note_mode(&mut self, query: u32, parent: RecordId, mode: u8) {
        if let Some((Ok(rows), _)) = self.rows.get_mut(&(query, parent)) {
            rows.mode = mode;
        }
    }

    /// Keeps the rows of a query for a parent.
    pub fn keep_rows(&mut self, query: u32, parent: RecordId, rows: Result<Rows, Arc<Fault>>) {
        self.rows.insert((query, parent), (rows, self.clock.round()));
    }
}

/// The id that stands at a place, if it fits the kind.
fn id_at(tape: &Tape, at: At, kind: Kind) -> Option<&str> {
    let fitting = |id: At| tape.plain(id).filter(|id| kind.fits(id));
    tape.find(at, &ID).and_then(fitting).or_else(|| match (kind.upstream(), tape.kind(at)) {
        (Upstream::Wavefront, Json::String) => fitting(at),
        (Upstream::Wavefront, _) => tape.find(at, &IDENTIFIER).and_then(fitting),
        (Upstream::Accounts, _) => None,
    })
}

/// The id that stands at a place. Of Wavefront it has another name on accounts, and a reference may be the id alone.
fn raw_id(tape: &Tape, at: At, kind: Kind) -> Option<&str> {
    let id = tape.find(at, &ID).or_else(|| match (kind.upstream(), tape.kind(at)) {
        (Upstream::Wavefront, Json::String) => Some(at),
        (Upstream::Wavefront, _) => tape.find(at, &IDENTIFIER),
        (Upstream::Accounts, _) => None,
    });
    id.and_then(|id| tape.plain(id))
}

/// Those of some fields that a row, or a list of all its rows, says it leaves out. Mostly it names many, and none of those that were asked for: nearly
/// all names are told from theirs by a letter and the length.
fn omitted(tape: &Tape, row: At, object: &ObjectType, fields: FieldSet) -> FieldSet {
    let mark = |name: &str| 1_u64 << ((name.len() ^ usize::from(name.bytes().next().unwrap_or_default())) % 64);
    let own = |field: usize| object.fields[field].rest[0].text();
    let marks = fields.iter().fold(0, |marks, field| marks | mark(own(field)));
    let list = tape.find(row, &META).and_then(|meta| tape.find(meta, &OMITTED));
    let names = list.into_iter().flat_map(|list| tape.items(list)).filter_map(|item| tape.plain(item));
    let field = |name: &str| object.keys.get(name).filter(|field| fields.contains(*field) && own(*field) == name);
    let named = names.filter(|name| marks & mark(name) != 0).filter_map(field);
    named.fold(FieldSet::NONE, |all, field| all.union(FieldSet::single(field)))
}

/// Whether a value stands for "not told": the placeholder, or a list that holds nothing else.
#[must_use]
pub fn is_placeholder(tape: &Tape, value: At) -> bool {
    match tape.kind(value) {
        Json::String => stands_for_untold(tape.raw(value)),
        Json::List => tape.items(value).next().is_some_and(|first| stands_for_untold(tape.raw(first))),
        _ => false,
    }
}

/// Whether a text, with its quotes, is one of the placeholders.
#[must_use]
pub fn stands_for_untold(raw: &[u8]) -> bool {
    // Looked at for each text that is written: most have another end.
    raw.ends_with(b"]\"") && raw == CIRCULAR || raw.ends_with(b"Object\"") && OBJECTS.contains(&raw)
}
