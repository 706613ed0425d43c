//! Where all the values of an object are, found in one look.

use super::{Place, Store};
use crate::entity::{
    model::{FieldSet, ObjectType},
    tape::{At, Json, ROOT},
};

/// Where the values of an object's fields are.
pub struct Outline {
    values: [At; FieldSet::MOST],
    told: FieldSet,
}

impl Outline {
    fn add(&mut self, field: usize, value: Option<At>) {
        if let Some(value) = value {
            self.values[field] = value;
            self.told = self.told.union(FieldSet::single(field));
        }
    }

    /// Where a field's value is.
    #[must_use]
    pub fn look(&self, field: usize) -> Option<At> {
        self.told.contains(field).then(|| self.values[field])
    }
}

impl Store {
    /// Where the values of all fields are, looking at one place only: the same as [`Store::look`] for each of them.
    #[must_use]
    pub fn outline(&self, place: Place, object: &ObjectType) -> Outline {
        let tape = self.tape(place);
        let mut outline = Outline { values: [ROOT; FieldSet::MOST], told: FieldSet::NONE };
        for (field, value) in tape.known(place.at, &object.keys) {
            // Of several names the first of the field's own is meant.
            let value = if outline.told.contains(field) { self.look(place, object, field) } else { Some(value) };
            outline.add(field, value);
        }
        if let (Some(bare), Json::String) = (object.bare, tape.kind(place.at)) {
            outline.add(bare, Some(place.at));
        }
        outline
    }
}
