//! Lists, and what references in them lead to.

use super::{Nulled, Quiet, Step, Writer, Written};
use crate::{
    entity::{
        kind::Kind,
        tape::{At, Json},
    },
    graph::{
        document::plan::{PlannedField, SelectionByType, SelectionId},
        execute::view::{Listed, Lost, NO_ID},
    },
    loader::store::Place,
};
use async_graphql::Pos;

impl Writer<'_> {
    /// Writes a list; each element through `write`.
    ///
    /// # Errors
    ///
    /// When an element cannot be written that the schema does not let be null.
    pub fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        (nullable, pos): (bool, Pos),
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.element(index, (nullable, pos), |writer| write(writer, item))?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes one element of a list: its path, and its own null when it may be null.
    pub(super) fn element(
        &mut self,
        index: usize,
        (nullable, pos): (bool, Pos),
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.check_room()?;
        let start = self.out.len();
        self.path.push(Step::Index(index));
        let mut written = write(self);
        if !nullable {
            written = self.required(written, "with null in a list that has no nulls", pos);
        }
        if written.is_err() && nullable && !self.is_over() {
            self.cut(start);
            self.null();
            written = Ok(());
        }
        self.path.pop();
        written
    }

    /// Writes an element of a relation. A row without an id could be one of the others once more.
    pub(super) fn listed(&mut self, found: Listed, kind: Kind, sel: SelectionId, pos: Pos) -> Written {
        let store = self.view.store;
        match found {
            Ok(place) if !store.has_id(place, kind) => Err(self.invalid(NO_ID, pos)),
            Ok(place) => self.entity(place, kind, sel),
            Err(Lost::Failed(fault)) => Err(self.fail(&fault, pos)),
            Err(Lost::Unknown) => Err(self.not_asked(pos)),
            Err(Lost::Nowhere(how)) => Err(self.invalid(how, pos)),
        }
    }

    /// Writes a list of references.
    pub(super) fn references(
        &mut self,
        holder: Place,
        field: Option<usize>,
        list: impl Iterator<Item = At>,
        poly: &SelectionByType,
        planned: &PlannedField,
    ) -> Written {
        let (view, tape) = (self.view, self.view.store.tape(holder));
        let reference = view.references(holder, field, poly);
        // What all elements tell alike, but for those that say what they omit.
        let alike = poly.only().filter(|_| self.copies_of(tape)).map(|(kind, sel)| {
            let told = view.store.told_by_reference(holder, field, kind);
            (view.store.inner(holder, field, holder.at, told), sel)
        });
        self.out.push(b'[');
        for (index, item) in list.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let copied = alike.filter(|_| tape.kind(item) == Json::Object);
            let copied = copied.and_then(|(alike, sel)| self.copies.get(Place { at: item, ..alike }, sel).cloned());
            match copied {
                Some(written) => self.copy(written)?,
                None => {
                    self.element(index, (planned.item_nullable, planned.pos), |writer| {
                        writer.item(holder, item, &reference, planned)
                    })?;
                }
            }
        }
        self.out.push(b']');
        Ok(())
    }

    pub(super) fn item(
        &mut self,
        holder: Place,
        item: At,
        reference: &impl Fn(At) -> Option<(Place, Kind, SelectionId)>,
        planned: &PlannedField,
    ) -> Written {
        match self.view.store.tape(holder).kind(item) {
            Json::Object => self.reference(reference(item), planned),
            Json::Null => self.null_item(planned),
            // Wavefront's references may be bare ids.
            _ => match reference(item) {
                Some(found) => self.reference(Some(found), planned),
                None => Err(self.invalid("with something else where an object belongs", planned.pos)),
            },
        }
    }

    pub(super) fn null_item(&mut self, planned: &PlannedField) -> Written {
        self.required(Err(Nulled::quiet(Quiet::Told)), "with null in a list that has no nulls", planned.pos)
    }
}
