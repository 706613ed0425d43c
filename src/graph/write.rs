//! The answer, written in one pass by copying spans of the upstream's bytes.

mod leaf;
mod lists;
mod pages;
mod payload;
mod service;

use super::{
    answer::{GraphError, Segment},
    memo::Memo,
    plan::{Plan, Planned, Sel, SelId, What},
    view::{Answer, Queries, View},
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{Fields, Model, Way},
        tape::{At, Json, Tape},
    },
    fault::Fault,
    loader::{
        clock::Round,
        store::{Place, RecordId, Rows, Store, is_placeholder},
    },
};
use async_graphql::Pos;
use foldhash::fast::RandomState;
use std::{collections::HashMap, ops::Range};

/// A value that the schema does not let be null is null: the nearest enclosing nullable value is null instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nulled;

type Written = Result<(), Nulled>;

/// How many fields are looked for one by one.
const FEW: usize = 3;

/// How many bytes an answer may have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The whole answer.
    pub most: usize,
    /// What is left of that for this root field.
    pub left: usize,
}

/// Writes the answers of one operation's root fields.
pub struct Writer<'s> {
    view: View<'s>,
    /// The bytes so far.
    pub out: Vec<u8>,
    /// The errors so far.
    pub errors: Vec<GraphError>,
    path: Vec<Step<'s>>,
    limits: Limits,
    too_large: bool,
    /// Who told the entity that is being written.
    upstream: Upstream,
    /// Whether something was not known that another place may have told.
    pub unknown: bool,
    /// Whether nothing was looked for yet: what is not told right here ends the writing, and `unknown` says so.
    pub eager: bool,
    /// What stands where in the answer, if somebody wants to know.
    pub notes: Option<Notes>,
    /// Where what is selected of an entity stands, once it is written: at its next place it is copied.
    written: HashMap<(SelId, Kind, RecordId), Range<usize>, RandomState>,
    /// The same by place, which costs less to find.
    copies: Memo<Range<usize>>,
}

/// What an object in the answer is, where that cannot be read off the plan.
#[derive(Debug, Clone, Copy)]
pub enum Note {
    /// An entity.
    Entity(Place, Kind, SelId),
    /// The payload of a mutation that was written in a round.
    Payload(Round),
    /// A user error that shows what the entity became.
    Conflict,
}

/// What stands where in an answer, by the place of its first byte.
pub type Notes = HashMap<usize, Note, RandomState>;

#[derive(Clone, Copy)]
enum Step<'s> {
    Key(&'s str),
    Index(usize),
}

impl<'s> Writer<'s> {
    /// A writer for the root field with this response key; what goes beyond the limits is refused.
    #[must_use]
    pub fn new(
        plan: &'s Plan,
        model: &'s Model,
        store: &'s Store,
        queries: &'s Queries,
        key: &'s str,
        limits: Limits,
    ) -> Self {
        Writer {
            view: View { plan, model, store, queries },
            out: Vec::with_capacity(1024),
            errors: vec![],
            path: vec![Step::Key(key)],
            limits,
            too_large: false,
            upstream: Upstream::Accounts,
            unknown: false,
            eager: false,
            notes: None,
            written: HashMap::default(),
            copies: Memo::default(),
        }
    }

    /// Notes what the object is that is written next.
    fn note(&mut self, note: Note) {
        if let Some(notes) = &mut self.notes {
            // What was cut off is written over, and its note too.
            notes.insert(self.out.len(), note);
        }
    }

    /// Notes a fault at the current place.
    pub fn fail(&mut self, fault: &Fault, pos: Pos) {
        let path = self.path.iter().map(|step| match step {
            Step::Key(key) => Segment::Key((*key).into()),
            Step::Index(index) => Segment::Index(*index),
        });
        let path = path.collect();
        self.errors.push(GraphError::at(fault, pos, path));
    }

    /// Appends `null`.
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Ends the answer: too large an answer is refused as a whole.
    #[must_use]
    pub fn finish(mut self, pos: Pos) -> (Vec<u8>, Vec<GraphError>) {
        if self.too_large {
            let most = self.limits.most;
            let message = format!("The answer is larger than {most} bytes: ask for fewer entities or fields.");
            self.out.clear();
            self.errors.clear();
            self.null();
            self.fail(&Fault::cost_exceeded(message), pos);
        }
        (self.out, self.errors)
    }

    /// Writes a value that may be null: what cannot be written whole becomes null.
    pub fn nullable(&mut self, write: impl FnOnce(&mut Self) -> Written) {
        let start = self.out.len();
        if write(self).is_err() {
            self.cut(start);
            self.null();
        }
    }

    /// Takes back what was written from a place on.
    fn cut(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.truncate(start);
            self.written.clear();
            self.copies.clear();
        }
    }

    /// Whether what is written of a body's places may be copied. Whoever wants to know what stands where gets everything
    /// written out.
    fn copies_of(&self, tape: &Tape) -> bool {
        self.notes.is_none() && tape.shares()
    }

    /// Writes what is selected of an entity.
    ///
    /// # Errors
    ///
    /// When the entity has no id, which the schema does not let be null.
    pub fn entity(&mut self, place: Place, kind: Kind, sel: SelId) -> Written {
        // What was cut off makes room again, but nothing more is written: it could be cut off for ever.
        if self.too_large || self.out.len() > self.limits.left {
            self.too_large = true;
            return Err(Nulled);
        }
        // A row stands nowhere else.
        if place.row {
            self.entity_at(place, kind, sel)
        } else {
            self.once(place, sel, |writer| writer.entity_at(place, kind, sel))
        }
    }

    /// Writes what is selected of a place, or copies it when the place comes again.
    fn once(&mut self, place: Place, sel: SelId, write: impl FnOnce(&mut Self) -> Written) -> Written {
        if !self.copies_of(self.view.store.tape(place)) {
            return write(self);
        }
        if let Some(written) = self.copies.get(place, sel).cloned() {
            return self.copy(written);
        }
        let (start, errors) = (self.out.len(), self.errors.len());
        write(self)?;
        // Errors have a path each, so what has some is written anew.
        if self.errors.len() == errors && !self.unknown {
            self.copies.keep(place, sel, start..self.out.len());
        }
        Ok(())
    }

    fn entity_at(&mut self, place: Place, kind: Kind, sel: SelId) -> Written {
        let (selected, store) = (&self.view.plan.sels[sel], self.view.store);
        let (object, tape) = (self.view.model.kind(kind), store.tape(place));
        let record = std::cell::OnceCell::new();
        let anywhere = self.notes.is_none() && selected.is_anywhere(object);
        let again = if anywhere { *record.get_or_init(|| self.view.store.known_record(place, kind)) } else { None };
        let again = again.map(|record| (sel, kind, record));
        if let Some(written) = again.and_then(|again| self.written.get(&again)).cloned() {
            return self.copy(written);
        }
        let (start, errors) = (self.out.len(), self.errors.len());
        self.upstream = kind.upstream();
        self.note(Note::Entity(place, kind, sel));
        // A few fields are found sooner one by one.
        let outline = (selected.fields.len() > FEW).then(|| store.outline(place, object));
        let look = |field| match &outline {
            Some(outline) => outline.look(field),
            None => store.look(place, object, field),
        };
        self.out.push(b'{');
        for (index, planned) in selected.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            let value = if planned.field == usize::MAX { None } else { look(planned.field) };
            if let (What::Leaf(leaf), Some(value)) = (&planned.what, value)
                && self.copy_leaf(tape, value, *leaf)
            {
                continue;
            }
            self.member(planned, |writer| writer.field((place, kind), &record, planned, value))?;
        }
        self.out.push(b'}');
        if let Some(again) = again.filter(|_| self.errors.len() == errors && !self.unknown) {
            self.written.insert(again, start..self.out.len());
        }
        Ok(())
    }

    /// Writes again what stands at another place already.
    fn copy(&mut self, written: Range<usize>) -> Written {
        if written.len() > self.limits.left.saturating_sub(self.out.len()) {
            self.too_large = true;
            return Err(Nulled);
        }
        self.out.extend_from_within(written);
        Ok(())
    }

    /// Whether what is written is of no use, because something has to be looked for first.
    fn is_over(&self) -> bool {
        self.eager && self.unknown
    }

    /// Whether nobody would ask for more where nothing was looked for yet.
    fn is_settled(&self, answer: &Answer<'_>, place: Place, kind: Kind, planned: &Planned) -> bool {
        let object = self.view.model.kind(kind);
        match answer {
            Answer::Value(..) => true,
            Answer::Rows(_) => matches!(planned.what, What::Connection(_) | What::Detail(_)),
            Answer::Null => match object.fields[planned.field].way {
                Way::Here => true,
                Way::Told => {
                    place.told.has(planned.field) && self.view.store.look(place, object, planned.field).is_none()
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Writes one member: its path, and its own null when it may be null.
    fn member(&mut self, planned: &'s Planned, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let (start, around) = (self.out.len(), self.upstream);
        self.path.push(Step::Key(&planned.name));
        let written = write(self);
        self.path.pop();
        self.upstream = around;
        if written.is_ok() || !planned.nullable || self.is_over() {
            return written;
        }
        self.cut(start);
        self.null();
        Ok(())
    }

    /// Writes a field whose value stands at `value` in the place itself, if it does.
    fn field(
        &mut self,
        (place, kind): (Place, Kind),
        record: &std::cell::OnceCell<Option<RecordId>>,
        planned: &'s Planned,
        value: Option<At>,
    ) -> Written {
        match &planned.what {
            What::Typename(name) => {
                self.out.extend_from_slice(name);
                return Ok(());
            }
            What::Leaf(leaf) => {
                if let Some(value) = value {
                    let tape = self.view.store.tape(place);
                    return self.leaf(tape, value, *leaf, planned.pos);
                }
            }
            _ => {
                if let Some(value) = value.filter(|value| self.view.is_here(place, kind, planned, *value)) {
                    return self.value(place, value, place.at, Some(planned.field), planned);
                }
            }
        }
        let record = *record.get_or_init(|| self.view.store.known_record(place, kind));
        let answer = self.view.field(place, kind, record, planned, false);
        if self.eager && !self.is_settled(&answer, place, kind, planned) {
            self.unknown = true;
            return Err(Nulled);
        }
        match answer {
            Answer::Value(holder, value) => match (self.view.model.kind(kind).fields[planned.field].way, &planned.what)
            {
                (Way::Either(_), What::Refs(poly)) if self.view.store.tape(holder).kind(value) == Json::List => {
                    self.refs_by_id(holder, value, poly, planned)
                }
                _ => self.value(holder, value, place.at, Some(planned.field), planned),
            },
            Answer::Rows(rows) => self.rows(rows, kind, planned),
            Answer::Entity(entity) => match &planned.what {
                What::Ref(poly) => poly.only().map_or(Err(Nulled), |(kind, sel)| self.entity(entity, kind, sel)),
                _ => Err(Nulled),
            },
            Answer::Failed(fault) => {
                self.fail(&fault, planned.pos);
                Err(Nulled)
            }
            Answer::Null | Answer::Unknown if !planned.nullable => {
                self.invalid("with something that has no id", planned.pos)
            }
            Answer::Null | Answer::AskRelation(_) | Answer::AskNamed(_) => Err(Nulled),
            Answer::Unknown | Answer::AskEntity { .. } => {
                self.unknown = true;
                Err(Nulled)
            }
        }
    }

    fn rows(&mut self, rows: &'s Rows, kind: Kind, planned: &'s Planned) -> Written {
        match &planned.what {
            What::Connection(connection) => self.connection(*connection, rows),
            What::Detail(detail) => self.detail(*detail, rows, planned),
            What::Refs(poly) | What::Ref(poly) => {
                let way = self.view.model.kind(kind).fields[planned.field].way;
                let (Some(relation), Some((kind, sel))) = (way.listed_by(), poly.only()) else { return Err(Nulled) };
                if let Some(fault) = self.view.untellable(rows, relation) {
                    self.fail(&fault, planned.pos);
                    return Err(Nulled);
                }
                let entities = self.view.listed(rows, relation, kind);
                if let What::Ref(_) = planned.what {
                    return entities.first().map_or(Err(Nulled), |place| self.entity(*place, kind, sel));
                }
                self.list(entities.into_iter(), planned.item_nullable, |writer, place| writer.entity(place, kind, sel))
            }
            _ => Err(Nulled),
        }
    }

    fn value(
        &mut self,
        holder: Place,
        value: At,
        enclosing: At,
        field: Option<usize>,
        planned: &'s Planned,
    ) -> Written {
        let tape = self.view.store.tape(holder);
        let json = tape.kind(value);
        if json == Json::Null {
            return if planned.nullable {
                Err(Nulled)
            } else {
                self.invalid("without a value that is always there", planned.pos)
            };
        }
        match &planned.what {
            What::Leaf(leaf) => self.leaf(tape, value, *leaf, planned.pos),
            // The text stands where something was not told, and asking again did not help: null without an error.
            _ if is_placeholder(tape, value) => Err(Nulled),
            What::Object(sel) if json == Json::Object => {
                let lifts = self.view.model.types[self.view.plan.sels[*sel].ty].lifts;
                let write = |writer: &mut Self| writer.object(holder, value, enclosing, *sel);
                // What is around it may tell a part of it.
                if lifts {
                    write(self)
                } else {
                    self.once(Store::inner(holder, None, value, Fields::NONE), *sel, write)
                }
            }
            What::Ref(poly) if matches!(json, Json::Object | Json::String) => {
                let found = self.view.references(holder, field, poly)(value);
                self.reference(found, planned)
            }
            What::Leaves(leaf) if json == Json::List => {
                self.list(tape.items(value), planned.item_nullable, |writer, item| {
                    if tape.is_null(item) {
                        writer.null_item(planned)
                    } else {
                        writer.leaf(tape, item, *leaf, planned.pos)
                    }
                })
            }
            What::Objects(sel) if json == Json::List => {
                self.list(tape.items(value), planned.item_nullable, |writer, item| match tape.kind(item) {
                    Json::Object => writer.object(holder, item, value, *sel),
                    Json::String => writer.bare(tape, item, *sel, planned),
                    Json::Null => writer.null_item(planned),
                    _ => writer.invalid("with something else where an object belongs", planned.pos),
                })
            }
            What::Refs(poly) if json == Json::List => {
                let list = poly.only().map(|(kind, sel)| (self.view.store.reference(holder, field, value, kind), sel));
                let write = |writer: &mut Self| writer.references(holder, field, tape.items(value), poly, planned);
                match list {
                    Some((list, sel)) => self.once(list, sel, write),
                    None => write(self),
                }
            }
            _ => self.invalid("with a value of another kind than documented", planned.pos),
        }
    }

    /// Notes that the upstream answered nonsense at the current place.
    fn invalid(&mut self, how: &str, pos: Pos) -> Written {
        self.fail(&Fault::invalid(format!("{} answered {how}.", self.upstream.name())), pos);
        Err(Nulled)
    }

    fn reference(&mut self, found: Option<(Place, Kind, SelId)>, planned: &Planned) -> Written {
        match found {
            Some((place, kind, sel)) => self.entity(place, kind, sel),
            // An actor of a prefix that is neither a user's nor a token's.
            None if planned.nullable => Err(Nulled),
            None => self.invalid("with a reference to something unknown", planned.pos),
        }
    }

    fn object(&mut self, holder: Place, object: At, enclosing: At, sel: SelId) -> Written {
        let selected: &'s Sel = &self.view.plan.sels[sel];
        let tape = self.view.store.tape(holder);
        self.out.push(b'{');
        for (index, planned) in selected.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            if let What::Typename(name) = &planned.what {
                self.out.extend_from_slice(name);
                continue;
            }
            let value = self.view.member(tape, object, enclosing, selected, planned);
            if let (What::Leaf(leaf), Some(value)) = (&planned.what, value)
                && self.copy_leaf(tape, value, *leaf)
            {
                continue;
            }
            self.member(planned, |writer| match value {
                Some(value) => writer.value(holder, value, object, None, planned),
                None => Err(Nulled),
            })?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a value object that was sent as a bare string, which tells one member.
    fn bare(&mut self, tape: &Tape, text: At, sel: SelId, planned: &Planned) -> Written {
        let selected: &'s Sel = &self.view.plan.sels[sel];
        let Some(bare) = self.view.model.types[selected.ty].bare else {
            return self.invalid("with something else where an object belongs", planned.pos);
        };
        self.out.push(b'{');
        for (index, planned) in selected.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            self.member(planned, |writer| match &planned.what {
                What::Typename(name) => {
                    writer.out.extend_from_slice(name);
                    Ok(())
                }
                What::Leaf(leaf) if planned.field == bare => writer.leaf(tape, text, *leaf, planned.pos),
                _ => Err(Nulled),
            })?;
        }
        self.out.push(b'}');
        Ok(())
    }
}
