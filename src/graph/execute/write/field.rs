//! Fields of entities and of value objects.

use super::{ANOTHER_KIND, Note, Nulled, Pass, Quiet, Step, Writer, Written};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, Leaf},
        tape::{At, Json, Tape},
    },
    fault::Fault,
    graph::{
        document::plan::{FieldKind, Inside, PlannedField, SelectionByType, SelectionId, TypeSelection},
        execute::view::{Answer, NO_ID, PLACEHOLDER},
    },
    loader::store::{Place, RecordId, Rows, is_placeholder},
};
use std::cell::OnceCell;

impl<'s> Writer<'s> {
    /// Writes one member: its path, and its own null when it may be null.
    pub(super) fn member(&mut self, planned: &'s PlannedField, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let (start, around) = (self.out.len(), (self.upstream, self.pos));
        self.path.push(Step::Key(&planned.name));
        self.pos = planned.pos;
        let mut written = write(self);
        if !planned.nullable || planned.promised {
            written = self.required(written, "without a value that is always there", planned.pos);
        }
        self.path.pop();
        (self.upstream, self.pos) = around;
        if written.is_ok() || !planned.nullable || self.is_over() {
            return written;
        }
        self.cut(start);
        self.null();
        Ok(())
    }

    /// Writes a field whose value stands at `value` in the place itself, if it does.
    pub(super) fn field(
        &mut self,
        (place, kind): (Place, Kind),
        record: &OnceCell<Option<RecordId>>,
        planned: &'s PlannedField,
        value: Option<At>,
    ) -> Written {
        match &planned.what {
            FieldKind::Typename(name) => {
                self.out.extend_from_slice(name);
                return Ok(());
            }
            FieldKind::Leaf(leaf) => {
                let tape = self.view.store.tape(place);
                if let Some(value) = value.filter(|value| !is_placeholder(tape, *value)) {
                    if *leaf == Leaf::IconUrl {
                        return self.icon_url((place, kind), tape, value, planned.pos);
                    }
                    return self.leaf(tape, value, *leaf, planned.pos);
                }
            }
            FieldKind::Own(_) => {}
            _ => {
                if let Some(value) = value.filter(|value| self.view.is_here(place, kind, planned, *value)) {
                    return self.value(place, value, place.at, Some(planned.field), planned);
                }
            }
        }
        let record = *record.get_or_init(|| self.view.store.known_record(place, kind));
        let answer = self.view.field(place, kind, record, planned, false);
        if self.pass == Pass::Eager && !self.is_settled(&answer, place, kind, planned) {
            self.unknown = true;
            return Err(Nulled::quiet(Quiet::Unfinished));
        }
        match answer {
            Answer::Value(holder, value) if matches!(planned.what, FieldKind::Leaf(Leaf::IconUrl)) => {
                self.icon_url((place, kind), self.view.store.tape(holder), value, planned.pos)
            }
            Answer::Value(holder, value) => self.value(holder, value, holder.at, Some(planned.field), planned),
            Answer::Rows(rows) => self.rows(rows, kind, planned),
            Answer::Entity(entity) => match &planned.what {
                FieldKind::Ref(poly) if let Some((kind, sel)) = poly.only() => self.entity(entity, kind, sel),
                FieldKind::Own(sel) => self.entity(entity, kind, *sel),
                _ => Err(self.fail(&Fault::internal("What is named is of several kinds."), planned.pos)),
            },
            Answer::Failed(fault) => Err(self.fail(&fault, planned.pos)),
            Answer::Null if self.view.is_left_out_empty(place, kind, record, planned) => {
                if let FieldKind::Refs(SelectionByType { list: Some(list), .. }) = &planned.what {
                    return self.empty_page(*list, planned);
                }
                self.out.extend_from_slice(b"[]");
                Ok(())
            }
            Answer::Null | Answer::Unknown if !planned.nullable => Err(self.invalid(NO_ID, planned.pos)),
            Answer::Null => Err(Nulled::quiet(Quiet::Told)),
            Answer::NotFound => Err(Nulled::quiet(Quiet::NotFound)),
            Answer::Untold => Err(self.invalid(PLACEHOLDER, planned.pos)),
            Answer::Unknown => Err(self.not_known(NO_ID, planned.pos)),
            Answer::AskEntity { .. } | Answer::AskRelation(_) | Answer::AskNamed(_) => Err(self.not_asked(planned.pos)),
        }
    }

    fn rows(&mut self, rows: &'s Rows, kind: Kind, planned: &'s PlannedField) -> Written {
        match &planned.what {
            FieldKind::Connection(connection) => self.connection(*connection, rows, planned.pos),
            FieldKind::Detail(detail) => self.detail(*detail, rows, planned),
            FieldKind::Refs(poly) | FieldKind::Ref(poly) => {
                let way = self.view.model.kind(kind).fields[planned.field].way;
                let (Some(relation), Some((kind, sel))) = (way.listed_by(), poly.only()) else {
                    return Err(self.no_rows(planned));
                };
                if let Some(fault) = self.view.untellable(rows, relation) {
                    return Err(self.fail(&fault, planned.pos));
                }
                if let Some(page) = poly.list {
                    return self.listed_page(rows, relation, kind, page, planned);
                }
                let mut entities = self.view.listed(rows, relation, kind).into_iter();
                if let FieldKind::Ref(_) = planned.what {
                    return match entities.next() {
                        Some(found) => self.listed(found, kind, sel, planned.pos),
                        None => Err(Nulled::quiet(Quiet::NotFound)),
                    };
                }
                self.list(entities, (planned.item_nullable, planned.pos), |writer, found| {
                    writer.listed(found, kind, sel, planned.pos)
                })
            }
            _ => Err(self.no_rows(planned)),
        }
    }

    fn no_rows(&mut self, planned: &PlannedField) -> Nulled {
        self.fail(&Fault::internal("Rows came for what has none."), planned.pos)
    }

    /// Writes what stands at `value` in the body of the holder, as does the object around it, `enclosing`.
    pub(super) fn value(
        &mut self,
        holder: Place,
        value: At,
        enclosing: At,
        field: Option<usize>,
        planned: &'s PlannedField,
    ) -> Written {
        let tape = self.view.store.tape(holder);
        let json = tape.kind(value);
        if json == Json::Null {
            return Err(Nulled::quiet(Quiet::Told));
        }
        match &planned.what {
            FieldKind::Leaf(leaf) => self.leaf(tape, value, *leaf, planned.pos),
            // The text stands where something was not told, and asking again did not help.
            _ if is_placeholder(tape, value) => Err(self.invalid(PLACEHOLDER, planned.pos)),
            FieldKind::Within(inside) => self.within(holder, value, inside, planned),
            FieldKind::Object(sel) if json == Json::Object => {
                let lifts = self.view.model.types[self.view.plan.sels[*sel].ty].lifts;
                let write = |writer: &mut Self| writer.object(holder, value, enclosing, *sel);
                // What is around it may tell a part of it.
                if lifts {
                    write(self)
                } else {
                    self.once(self.view.store.inner(holder, None, value, FieldSet::NONE), *sel, write)
                }
            }
            FieldKind::Object(sel) if self.view.model.types[self.view.plan.sels[*sel].ty].was_no_object => {
                self.untold_object(*sel);
                Ok(())
            }
            FieldKind::Ref(poly) if matches!(json, Json::Object | Json::String) => {
                let found = self.view.references(holder, field, poly)(value);
                if found.is_none() && self.view.is_of_another(holder, value, poly) {
                    return Err(self.invalid(ANOTHER_KIND, planned.pos));
                }
                match self.view.other(holder, poly, value).filter(|_| found.is_none()) {
                    Some(sel) => self.other(holder, value, sel),
                    None => self.reference(found, planned),
                }
            }
            FieldKind::Leaves(leaf) if json == Json::List => {
                self.list(tape.items(value), (planned.item_nullable, planned.pos), |writer, item| {
                    if tape.is_null(item) {
                        writer.null_item(planned)
                    } else {
                        writer.leaf(tape, item, *leaf, planned.pos)
                    }
                })
            }
            FieldKind::Objects(sel) if json == Json::List => {
                self.list(tape.items(value), (planned.item_nullable, planned.pos), |writer, item| {
                    match tape.kind(item) {
                        Json::Object => writer.object(holder, item, value, *sel),
                        Json::String => writer.bare(tape, item, *sel, planned),
                        Json::Null => writer.null_item(planned),
                        _ => Err(writer.invalid("with something else where an object belongs", planned.pos)),
                    }
                })
            }
            FieldKind::Refs(poly @ SelectionByType { list: Some(page), .. }) if json == Json::List => {
                let list = poly.only().map(|(kind, _)| self.view.store.reference(holder, field, value, kind));
                let write = |writer: &mut Self| writer.embedded_page((holder, value), field, *page, planned);
                // Two connections to one list may differ in their arguments and in what is selected of them.
                match list {
                    Some(list) => self.once(list, self.view.plan.sels.len() + page, write),
                    None => write(self),
                }
            }
            FieldKind::Refs(poly) if json == Json::List => {
                let list = poly.only().map(|(kind, sel)| (self.view.store.reference(holder, field, value, kind), sel));
                let write = |writer: &mut Self| writer.references(holder, field, tape.items(value), poly, planned);
                match list {
                    Some((list, sel)) => self.once(list, sel, write),
                    None => write(self),
                }
            }
            _ => Err(self.invalid("with a value of another kind than documented", planned.pos)),
        }
    }

    /// Writes a leaf inside a value object. Where an object on the way is null or left out, so is the leaf.
    fn within(&mut self, holder: Place, object: At, inside: &Inside, planned: &PlannedField) -> Written {
        let tape = self.view.store.tape(holder);
        let mut at = object;
        for name in &inside.names {
            if tape.kind(at) != Json::Object {
                return Err(self.invalid("with a value of another kind than documented", planned.pos));
            }
            at = match tape.find(at, name) {
                Some(found) if is_placeholder(tape, found) => return Err(self.invalid(PLACEHOLDER, planned.pos)),
                Some(found) if tape.kind(found) != Json::Null => found,
                _ => return Err(Nulled::quiet(Quiet::Told)),
            };
        }
        self.leaf(tape, at, inside.leaf, planned.pos)
    }

    pub(super) fn reference(&mut self, found: Option<(Place, Kind, SelectionId)>, planned: &PlannedField) -> Written {
        match found {
            Some((place, kind, sel)) => self.entity(place, kind, sel),
            None => Err(self.invalid("with a reference to something unknown", planned.pos)),
        }
    }

    /// Writes what a reference tells of something that is no entity of ours.
    fn other(&mut self, holder: Place, value: At, sel: SelectionId) -> Written {
        let place = self.view.store.inner(holder, None, value, FieldSet::NONE);
        self.note(Note::Other(holder, sel));
        self.once(place, sel, |writer| writer.object(holder, value, value, sel))
    }

    pub(super) fn object(&mut self, holder: Place, object: At, enclosing: At, sel: SelectionId) -> Written {
        let selected: &'s TypeSelection = &self.view.plan.sels[sel];
        let tape = self.view.store.tape(holder);
        self.out.push(b'{');
        for (index, planned) in selected.written().iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            if let FieldKind::Typename(name) = &planned.what {
                self.out.extend_from_slice(name);
                continue;
            }
            let value = self.view.member(tape, object, enclosing, selected, planned);
            if let (FieldKind::Leaf(leaf), Some(value)) = (&planned.what, value)
                && self.copy_leaf(tape, value, *leaf)
            {
                continue;
            }
            self.member(planned, |writer| match value {
                Some(value) => writer.value(holder, value, object, None, planned),
                None if planned.nullable => Err(Nulled::quiet(Quiet::Told)),
                None => Err(writer.invalid(NO_ID, planned.pos)),
            })?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a value object of which nothing is told, since an older generation has something else in its place.
    fn untold_object(&mut self, sel: SelectionId) {
        let selected: &'s TypeSelection = &self.view.plan.sels[sel];
        self.out.push(b'{');
        for (index, planned) in selected.written().iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            match &planned.what {
                FieldKind::Typename(name) => self.out.extend_from_slice(name),
                _ => self.null(),
            }
        }
        self.out.push(b'}');
    }

    /// Writes a value object that was sent as a bare string, which tells one member.
    fn bare(&mut self, tape: &Tape, text: At, sel: SelectionId, planned: &PlannedField) -> Written {
        let selected: &'s TypeSelection = &self.view.plan.sels[sel];
        let Some(bare) = self.view.model.types[selected.ty].bare else {
            return Err(self.invalid("with something else where an object belongs", planned.pos));
        };
        if is_placeholder(tape, text) {
            return Err(self.invalid(PLACEHOLDER, planned.pos));
        }
        self.out.push(b'{');
        for (index, planned) in selected.written().iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&planned.key);
            self.member(planned, |writer| match &planned.what {
                FieldKind::Typename(name) => {
                    writer.out.extend_from_slice(name);
                    Ok(())
                }
                FieldKind::Leaf(leaf) if planned.field == bare => writer.leaf(tape, text, *leaf, planned.pos),
                _ => Err(Nulled::quiet(Quiet::NoMember)),
            })?;
        }
        self.out.push(b'}');
        Ok(())
    }
}
