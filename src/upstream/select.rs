//! What to ask of an entity: the fields, and of embedded references the fields of theirs, printed as `select=`.

use crate::entity::{
    kind::Kind,
    model::{Fields, Model, Shape, Target},
};
use std::fmt::Write;

/// A set of fields to ask for, one level deep: `id,name,account.id,account.name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// The entity's own fields.
    pub fields: Fields,
    /// For fields that are references to one kind: the fields asked of them, by the field's place, in order of place.
    nested: Vec<(u8, Fields)>,
    /// Whether the rows are filtered or ordered by more than this: the upstream shows what it touches, and of value
    /// objects inside references perhaps no more.
    pub partial: bool,
}

impl Select {
    /// Adds a field.
    pub fn add(&mut self, field: usize) {
        self.fields = self.fields.and(Fields::one(field));
    }

    /// Adds a reference with the fields wanted of what it points to.
    pub fn add_nested(&mut self, field: usize, inner: Fields) {
        self.add(field);
        let field = u8::try_from(field).unwrap_or(u8::MAX);
        match self.nested.binary_search_by_key(&field, |(place, _)| *place) {
            Ok(at) => self.nested[at].1 = self.nested[at].1.and(inner),
            Err(at) => self.nested.insert(at, (field, inner)),
        }
    }

    /// The fields asked of the reference in this field.
    #[must_use]
    pub fn nested(&self, field: usize) -> Option<Fields> {
        self.nested.iter().find(|(place, _)| usize::from(*place) == field).map(|(_, inner)| *inner)
    }

    /// Adds what `other` asks of the given fields.
    pub fn unite(&mut self, other: &Select, fields: Fields) {
        self.fields = self.fields.and(fields);
        for (place, inner) in &other.nested {
            if fields.has(usize::from(*place)) {
                self.add_nested(usize::from(*place), *inner);
            }
        }
    }

    /// The value of `select`, in canonical order, `id` first. With `only`, the default form is left out first
    /// (`-*`), which not every host supports; without it the names are added to the default form.
    #[must_use]
    pub fn print(&self, model: &Model, kind: Kind, only: bool) -> String {
        let entity = model.kind(kind);
        let mut text = String::with_capacity(64);
        text.push_str(if only { "-*,id" } else { "id" });
        for place in self.fields.iter() {
            let field = &entity.fields[place];
            let name = field.rest[0].text();
            match (field.shape, self.nested(place)) {
                (Shape::Ref(Target::One(inner)) | Shape::Refs(Target::One(inner)), Some(fields)) => {
                    let _ = write!(text, ",{name}.id");
                    for below in fields.iter() {
                        let below = model.kind(inner).fields[below].rest[0].text();
                        if below != "id" {
                            let _ = write!(text, ",{name}.{below}");
                        }
                    }
                }
                _ if name == "id" => {}
                _ => {
                    let _ = write!(text, ",{name}");
                }
            }
        }
        text
    }
}
