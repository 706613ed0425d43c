//! What the upstream's objects are made of: one static table per entity, read by filtering, projection and printing
//! alike.
//!
//! A field's place in its table is its place in every row, so nothing looks a name up while a request is answered.

mod entities;

pub(crate) use entities::{ACTOR, Entity};

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
    /// Whoever did it: a user or an API token.
    Actor,
}

/// One property of an entity or value object.
#[expect(clippy::struct_excessive_bools, reason = "independent marks of a table's line, not states")]
pub(crate) struct Field {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Whether the reduced form of a nested object has it.
    pub(crate) core: bool,
    /// Whether it stays out of every default projection, single reads included.
    pub(crate) quiet: bool,
    /// Whether only Operations may see it.
    pub(crate) operations: bool,
    /// Whether other viewers than Operations see it only when it points to their own account.
    pub(crate) own: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Field {
        Field { name, kind, core: false, quiet: false, operations: false, own: false }
    }

    const fn core(mut self) -> Field {
        self.core = true;
        self
    }

    const fn quiet(mut self) -> Field {
        self.quiet = true;
        self
    }

    const fn operations(mut self) -> Field {
        self.operations = true;
        self
    }

    const fn own(mut self) -> Field {
        self.own = true;
        self
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

/// The place of a field, names compared without case as the upstream does.
pub(crate) fn find(fields: &'static [Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))
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
