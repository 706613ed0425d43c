//! The answer, written in one pass by copying spans of the upstream's bytes.

mod field;
mod leaf;
mod lists;
mod null;
mod pages;
mod payload;
mod service;
mod whole;

use super::{
    memo::Memo,
    view::{Answer, View},
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{FieldSource, Model},
        tape::Tape,
    },
    fault::Fault,
    graph::{
        document::plan::{FieldKind, Plan, PlannedField, SelectionId},
        error::{GraphError, Segment},
        queries::QueryIds,
    },
    loader::{
        clock::Round,
        store::{Place, RecordId, Store},
    },
};
use async_graphql::Pos;
use foldhash::fast::RandomState;
pub use null::{Nulled, Quiet};
use std::{collections::HashMap, ops::Range};

/// Whether a value was written.
pub type Written = Result<(), Nulled>;

/// How a reference is answered that does not lead to what the schema says.
const ANOTHER_KIND: &str = "with the id of something of another kind";

/// How many fields are looked for one by one.
const FEW: usize = 3;

/// How many bytes an answer may have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The whole answer.
    pub most: usize,
    /// What is left of that for this root field and its errors.
    pub left: usize,
}

/// When an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// Nothing was looked for yet: what is not told right here ends the writing, and `unknown` says so.
    Eager,
    /// The entities were walked.
    Walked,
    /// All that was met of them has been gathered: what is not known now is an error.
    Gathered,
    /// They were walked for the last time and gathered: a field that was not asked for is an error as well.
    Last,
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
    /// What addresses of icons begin with; none where the gateway serves none.
    pub icons: Option<&'s str>,
    /// Who told the entity that is being written.
    upstream: Upstream,
    /// Where the field stands in the document that is being written.
    pub pos: Pos,
    /// Whether something was not known that another place may have told.
    pub unknown: bool,
    /// Whether a selected field was not asked for.
    pub unasked: bool,
    /// How far the entities were looked for.
    pub pass: Pass,
    /// What stands where in the answer, if somebody wants to know.
    pub notes: Option<Notes>,
    /// The connections whose page was found by the place of its cursor.
    pub by_offset: Vec<Vec<Segment>>,
    /// Where what is selected of an entity stands, once it is written: at its next place it is copied.
    written: HashMap<(SelectionId, Kind, RecordId), Range<usize>, RandomState>,
    /// The same by place, which costs less to find.
    copies: Memo<Range<usize>>,
}

/// What an object in the answer is, where that cannot be read off the plan.
#[derive(Debug, Clone, Copy)]
pub enum Note {
    /// An entity.
    Entity(Place, Kind, SelectionId),
    /// A reference to something that is no entity of ours, told in a place.
    Other(Place, SelectionId),
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
        queries: &'s QueryIds,
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
            icons: None,
            upstream: Upstream::Accounts,
            pos: Pos::default(),
            unknown: false,
            unasked: false,
            pass: Pass::Walked,
            notes: None,
            by_offset: vec![],
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

    /// Whether so many bytes more fit in the answer.
    fn has_room(&self, bytes: usize) -> bool {
        self.out.len() + bytes <= self.limits.left
    }

    /// Gives the answer up. Of the errors nothing is of use any more; what is written stays until the end, since places
    /// in it are known.
    fn overflow(&mut self) {
        self.too_large = true;
        self.errors = vec![];
    }

    /// Appends `null`.
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Ends the answer: too large an answer is refused as a whole.
    #[must_use]
    pub fn finish(mut self, pos: Pos) -> (Vec<u8>, Vec<GraphError>) {
        if self.too_large || !self.has_room(0) {
            let most = self.limits.most;
            let message = format!("The answer is larger than {most} bytes: ask for fewer entities or fields.");
            // Other root fields may still be looked for: nothing is held meanwhile.
            self.out = b"null".to_vec();
            self.errors = vec![self.error(&Fault::cost_exceeded(message), pos)];
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
    pub fn entity(&mut self, place: Place, kind: Kind, sel: SelectionId) -> Written {
        // What was cut off makes room again, but nothing more is written: it could be cut off for ever.
        self.check_room()?;
        // A row stands nowhere else.
        if place.row {
            self.entity_at(place, kind, sel)
        } else {
            self.once(place, sel, |writer| writer.entity_at(place, kind, sel))
        }
    }

    /// Ends the writing where the answer is too large already.
    fn check_room(&mut self) -> Written {
        if self.too_large || !self.has_room(0) {
            self.overflow();
            return Err(Nulled::quiet(Quiet::Unfinished));
        }
        Ok(())
    }

    /// Writes what is selected of a place, or copies it when the place comes again.
    fn once(&mut self, place: Place, sel: SelectionId, write: impl FnOnce(&mut Self) -> Written) -> Written {
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

    fn entity_at(&mut self, place: Place, kind: Kind, sel: SelectionId) -> Written {
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
        if store.is_of_another(place, kind) {
            return Err(self.invalid(ANOTHER_KIND, self.pos));
        }
        self.note(Note::Entity(place, kind, sel));
        // A few fields are found sooner one by one.
        let outline = (selected.fields.len() > FEW).then(|| store.outline(place, object));
        let look = |field| match &outline {
            Some(outline) => outline.look(field),
            None => store.look(place, object, field),
        };
        self.out.push(b'{');
        for (index, planned) in selected.written().iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            let value = if planned.field == usize::MAX { None } else { look(planned.field) };
            if let (FieldKind::Leaf(leaf), Some(value)) = (&planned.what, value)
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
        if !self.has_room(written.len()) {
            self.overflow();
            return Err(Nulled::quiet(Quiet::Unfinished));
        }
        self.out.extend_from_within(written);
        Ok(())
    }

    /// Whether what is written is of no use, because something has to be looked for first.
    fn is_over(&self) -> bool {
        self.pass == Pass::Eager && self.unknown
    }

    /// Whether the walk would find the same and ask for nothing.
    fn is_settled(&self, answer: &Answer<'_>, place: Place, kind: Kind, planned: &PlannedField) -> bool {
        let object = self.view.model.kind(kind);
        match answer {
            // What has a placeholder in it is asked for once more.
            Answer::Value(holder, value) => self.view.whole(*holder, Some(planned.field), *value, &planned.what),
            Answer::Rows(_) => matches!(planned.what, FieldKind::Connection(_) | FieldKind::Detail(_)),
            Answer::Entity(_) => matches!(planned.what, FieldKind::Own(_)),
            Answer::Null => match object.fields[planned.field].way {
                FieldSource::Here => true,
                FieldSource::Told => {
                    place.told.contains(planned.field) && self.view.store.look(place, object, planned.field).is_none()
                }
                _ => false,
            },
            _ => false,
        }
    }
}
