//! What to ask of an entity: the fields, and of embedded references the fields of theirs, printed as `select=`. Beside
//! what is asked in any case stands what could be asked together with it: whoever sends it decides.

mod touched;

use crate::entity::{
    kind::Kind,
    model::{Field, FieldSet, Model, Shape, Target},
};
use std::fmt::Write;

pub use touched::{Node, Touched};

/// How many entities a reference or a list of references leads to, and how many places lead to one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fan {
    /// The elements of one list; 1 for a reference.
    pub each: usize,
    /// How many places lead to the same entity.
    pub shared: usize,
}

/// What may be asked of the entities that a field refers to, so that nobody needs to ask for them by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Fields beside those of the reduced form.
    pub fields: FieldSet,
    /// Those of them that are references themselves: the fields asked of what they lead to, and how many that are.
    pub deeper: Vec<(u8, FieldSet, usize)>,
    /// Whether nothing else of them is asked by id: else there is no request to save.
    pub whole: bool,
    /// Of how many it is.
    pub fan: Fan,
}

impl Offer {
    /// Adds what another selection of the same field offers.
    fn unite(&mut self, other: &Offer) {
        self.fields = self.fields.union(other.fields);
        self.whole &= other.whole;
        for (place, inner, each) in &other.deeper {
            match self.deeper.iter_mut().find(|(known, ..)| known == place) {
                Some((_, known, _)) => *known = known.union(*inner),
                None => self.deeper.push((*place, *inner, *each)),
            }
        }
    }
}

/// A set of fields to ask for, two levels deep: `id,name,account.id,account.name,account.groups.id`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// The entity's own fields.
    pub fields: FieldSet,
    /// For fields that are references to one kind: the fields asked of them, by the field's place, in order of place.
    nested: Vec<(u8, FieldSet)>,
    /// For references inside references: the fields asked of them, by both fields' places.
    deeper: Vec<(u8, u8, FieldSet)>,
    /// What may be asked in addition, by the field's place.
    offers: Vec<(u8, Offer)>,
    /// A member that no field of the graph is made of alone.
    pub also: Option<&'static str>,
    /// What filter and order name: the upstream shows it as well, and of the objects on the way perhaps no more.
    pub touched: Touched,
}

/// The number of a field in one byte.
fn narrow(field: usize) -> u8 {
    u8::try_from(field).expect("a type has at most 64 fields, which the model checks at the start")
}

impl Select {
    /// Adds a field.
    pub fn add(&mut self, field: usize) {
        self.fields = self.fields.union(FieldSet::single(field));
    }

    /// Adds a reference with the fields wanted of what it points to.
    pub fn add_nested(&mut self, field: usize, inner: FieldSet) {
        self.add(field);
        let field = narrow(field);
        match self.nested.binary_search_by_key(&field, |(place, _)| *place) {
            Ok(at) => self.nested[at].1 = self.nested[at].1.union(inner),
            Err(at) => self.nested.insert(at, (field, inner)),
        }
    }

    /// The fields asked of the reference in this field.
    #[must_use]
    pub fn nested(&self, field: usize) -> Option<FieldSet> {
        self.nested.iter().find(|(place, _)| usize::from(*place) == field).map(|(_, inner)| *inner)
    }

    /// The fields asked of the reference `inner` of what the field refers to.
    #[must_use]
    pub fn deeper(&self, field: usize, inner: usize) -> Option<FieldSet> {
        let found = |(one, other, _): &&(u8, u8, FieldSet)| (usize::from(*one), usize::from(*other)) == (field, inner);
        self.deeper.iter().find(found).map(|(.., fields)| *fields)
    }

    /// Adds what may be asked of what a field refers to.
    pub fn offer(&mut self, field: usize, offer: &Offer) {
        let field = narrow(field);
        match self.offers.iter_mut().find(|(place, _)| *place == field) {
            Some((_, known)) => known.unite(offer),
            None => self.offers.push((field, offer.clone())),
        }
    }

    /// What may be asked in addition, by the field's place.
    pub fn offers(&self) -> impl Iterator<Item = (usize, &Offer)> {
        self.offers.iter().map(|(place, offer)| (usize::from(*place), offer))
    }

    /// The same, with those of the offers that are accepted, and no others to decide about.
    #[must_use]
    pub fn accepting(&self, accepted: impl Fn(usize) -> bool) -> Select {
        let mut select = Select { offers: vec![], ..self.clone() };
        for (place, offer) in self.offers().filter(|(place, _)| accepted(*place)) {
            select.add_nested(place, offer.fields);
            let place = narrow(place);
            select.deeper.extend(offer.deeper.iter().map(|(inner, fields, _)| (place, *inner, *fields)));
        }
        select
    }

    /// Adds what `other` asks of the given fields.
    pub fn unite(&mut self, other: &Select, fields: FieldSet) {
        self.fields = self.fields.union(fields);
        for (place, inner) in &other.nested {
            if fields.contains(usize::from(*place)) {
                self.add_nested(usize::from(*place), *inner);
            }
        }
        for (place, offer) in other.offers().filter(|(place, _)| fields.contains(*place)) {
            self.offer(place, offer);
        }
    }

    /// Appends the value of `select`, in canonical order, `id` first. With `only`, the default form is left out first
    /// (`-*`), which not every host supports; without it the names are added to the default form.
    pub fn print(&self, text: &mut String, model: &Model, kind: Kind, only: bool) {
        let entity = model.kind(kind);
        text.push_str(if only { "-*,id" } else { "id" });
        for place in self.fields.iter() {
            let field = &entity.fields[place];
            let name = field.rest[0].text();
            match (field.shape, self.nested(place)) {
                (Shape::Ref(Target::One(inner)) | Shape::Refs(Target::One(inner)), Some(fields)) => {
                    let _ = write!(text, ",{name}.id");
                    for below in fields.iter() {
                        let field = &model.kind(inner).fields[below];
                        let asked = self.deeper(place, below);
                        nested(text, model, name, (field, asked));
                    }
                }
                _ if name == "id" => {}
                _ => {
                    text.push(',');
                    text.push_str(name);
                }
            }
        }
        for part in self.also.into_iter().flat_map(|member| [",", member]) {
            text.push_str(part);
        }
    }
}

/// Adds what is asked of one field of a reference.
fn nested(text: &mut String, model: &Model, name: &str, (field, asked): (&Field, Option<FieldSet>)) {
    let below = field.rest[0].text();
    match (field.shape, asked) {
        (Shape::Ref(Target::One(inner)) | Shape::Refs(Target::One(inner)), Some(asked)) => {
            let _ = write!(text, ",{name}.{below}.id");
            for deepest in asked.iter().map(|place| model.kind(inner).fields[place].rest[0].text()) {
                if deepest != "id" {
                    let _ = write!(text, ",{name}.{below}.{deepest}");
                }
            }
        }
        _ if below == "id" => {}
        _ => {
            let _ = write!(text, ",{name}.{below}");
        }
    }
}
