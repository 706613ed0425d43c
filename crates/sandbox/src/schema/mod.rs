//! What the upstream's objects are made of: one static table per entity, read by filtering, projection and printing
//! alike.
//!
//! A field's place in its table is its place in every row, so nothing looks a name up while a request is answered.
//!
//! The upstream's generations do not show the same properties, nor the same shapes of them. A table has the fields of all
//! generations, and each field says where it exists; where a property changed its shape, there are two fields with one
//! name on the wire and a key each.

mod entities;
mod fields;
mod tables;

pub(crate) use entities::Entity;
pub(crate) use tables::ACTOR;

/// The two sets of shapes that the generations have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shapes {
    /// Of 2025.
    Old,
    /// Of v5.
    V5,
}

/// A choice of shapes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    Everywhere,
    Only(Shapes),
    Nowhere,
}

impl Where {
    pub(crate) fn has(self, shapes: Shapes) -> bool {
        self == Where::Everywhere || self == Where::Only(shapes)
    }
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Text, an enum value or an identifier.
    Text,
    /// A whole number.
    Int,
    /// A truth value.
    Bool,
    /// An instant, kept as canonical RFC 3339 text, which sorts like the instants do.
    Date,
    /// A list of texts; the upstream treats it as a collection.
    Texts,
    /// Anything; printed as it is, not filterable.
    Json,
    /// A value object without a life of its own.
    Object(&'static [Field]),
    /// A list of value objects.
    Objects(&'static [Field]),
    /// A reference to one object.
    One(Entity),
    /// A collection of references.
    Many(Entity),
    /// Whoever did it: a user, an API token, a service or an extension.
    Actor,
}

/// One property of an entity or value object.
pub(crate) struct Field {
    /// The name within the program and in files: unique in its table.
    pub(crate) key: &'static str,
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Where it is shown at all.
    shown: Where,
    /// Where the reduced form of a nested object has it.
    core: Where,
    /// Where only Operations may see it.
    operations: Where,
    /// Whether it stays out of every default projection, single reads included.
    pub(crate) quiet: bool,
    /// Whether other viewers than Operations see it only when it points to their own account.
    pub(crate) own: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Field {
        let (shown, nowhere) = (Where::Everywhere, Where::Nowhere);
        Field { key: name, name, kind, shown, core: nowhere, operations: nowhere, quiet: false, own: false }
    }

    /// Another name on the wire than within the program.
    const fn called(mut self, name: &'static str) -> Field {
        self.name = name;
        self
    }

    const fn only(mut self, shapes: Shapes) -> Field {
        self.shown = Where::Only(shapes);
        self
    }

    /// Kept in the rows, and never shown.
    const fn hidden(mut self) -> Field {
        self.shown = Where::Nowhere;
        self
    }

    const fn core(mut self) -> Field {
        self.core = Where::Everywhere;
        self
    }

    const fn quiet(mut self) -> Field {
        self.quiet = true;
        self
    }

    const fn operations(mut self, place: Where) -> Field {
        self.operations = place;
        self
    }

    const fn own(mut self) -> Field {
        self.own = true;
        self
    }

    /// Whether the property exists in these shapes.
    pub(crate) fn is_in(&self, shapes: Shapes) -> bool {
        self.shown.has(shapes)
    }

    /// Whether it is kept in the rows and never shown.
    pub(crate) fn is_hidden(&self) -> bool {
        self.shown == Where::Nowhere
    }

    /// Whether the reduced form of a nested object has it.
    pub(crate) fn is_core(&self, shapes: Shapes) -> bool {
        self.core.has(shapes)
    }

    /// Whether only Operations may see it.
    pub(crate) fn is_of_operations(&self, shapes: Shapes) -> bool {
        self.operations.has(shapes)
    }

    /// Whether the upstream counts this as a collection, which lists leave out.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::Many(_) | Kind::Objects(_) | Kind::Texts)
    }

    /// The members a path may go on to, if any.
    pub(crate) fn members(&self) -> Option<&'static [Field]> {
        match self.kind {
            Kind::Object(fields) | Kind::Objects(fields) => Some(fields),
            Kind::One(entity) | Kind::Many(entity) => Some(entity.fields()),
            Kind::Actor => Some(ACTOR),
            _ => None,
        }
    }
}

/// The place of a property, its name on the wire compared without case as the upstream does.
pub(crate) fn find(fields: &'static [Field], name: &str, shapes: Shapes) -> Option<usize> {
    fields.iter().position(|field| field.is_in(shapes) && field.name.eq_ignore_ascii_case(name))
}

/// The place of a field that the program names by its key.
pub(crate) fn find_key(fields: &'static [Field], key: &str) -> Option<usize> {
    fields.iter().position(|field| field.key == key)
}

const fn text(name: &'static str) -> Field {
    Field::new(name, Kind::Text)
}

const fn int(name: &'static str) -> Field {
    Field::new(name, Kind::Int)
}

const fn flag(name: &'static str) -> Field {
    Field::new(name, Kind::Bool)
}

const fn date(name: &'static str) -> Field {
    Field::new(name, Kind::Date)
}

const fn texts(name: &'static str) -> Field {
    Field::new(name, Kind::Texts)
}

const fn json(name: &'static str) -> Field {
    Field::new(name, Kind::Json)
}

const fn object(name: &'static str, members: &'static [Field]) -> Field {
    Field::new(name, Kind::Object(members))
}

const fn one(name: &'static str, entity: Entity) -> Field {
    Field::new(name, Kind::One(entity))
}

const fn many(name: &'static str, entity: Entity) -> Field {
    Field::new(name, Kind::Many(entity))
}
