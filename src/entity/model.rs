//! The model: every object type with its fields, as the projector needs them. It is made from the schema's own
//! registry (see `graph::schema::model`), so that a field is declared once, in its entity.

use super::{
    kind::{KINDS, Kind},
    tape::{Key, Keys},
};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Places by name.
pub type Names = HashMap<Box<str>, usize, RandomState>;

/// A set of fields of one object type: bit *i* is its *i*-th field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(pub u64);

impl FieldSet {
    /// How many fields a type can have.
    pub const MOST: usize = u64::BITS as usize;

    /// No field.
    pub const NONE: FieldSet = FieldSet(0);

    /// The set of one field.
    #[must_use]
    pub const fn single(index: usize) -> FieldSet {
        FieldSet(1 << index)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `others` is in it.
    #[must_use]
    pub const fn is_superset(self, others: FieldSet) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether the field is in it.
    #[must_use]
    pub const fn contains(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, others: FieldSet) -> FieldSet {
        FieldSet(self.0 | others.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, others: FieldSet) -> FieldSet {
        FieldSet(self.0 & others.0)
    }

    /// What is not in `others`.
    #[must_use]
    pub const fn difference(self, others: FieldSet) -> FieldSet {
        FieldSet(self.0 & !others.0)
    }

    /// The fields in it, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let index = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                index
            })
        })
    }
}

/// What a leaf's JSON must be to be copied into an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// Any JSON string.
    Text,
    /// A JSON string, or a number that is printed as one.
    Id,
    /// A whole number of 32 bits.
    Int,
    /// Any number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A string with an RFC 3339 date and time.
    DateTime,
    /// A moment as a number of milliseconds since 1970.
    Millis,
    /// Anything.
    Json,
    /// The address of an icon at the gateway, where the upstream tells any icon at all.
    IconUrl,
    /// A value of the enum with this place in [`Model::enums`].
    Enum(usize),
}

/// What a reference may point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An entity of one kind.
    One(Kind),
    /// Whoever may act: a user, an API token, a service, an extension or something unknown, told apart by the id's prefix.
    Actor,
    /// Any entity, told apart by the id's prefix.
    Node,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A scalar or an enum.
    Leaf(Leaf),
    /// A list of scalars or enums.
    Leaves(Leaf),
    /// A value object: a place in [`Model::types`].
    Object(usize),
    /// A list of value objects.
    Objects(usize),
    /// A reference to an entity.
    Ref(Target),
    /// A list of references.
    Refs(Target),
    /// A page of entities of one kind.
    Connection(Kind),
}

/// How a field's value is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSource {
    /// It is a member of the body: asked for with `select`.
    Told,
    /// A list that REST embeds but that can be had from the other side as well: from the body when the parent is
    /// fetched anyway, else by this relation.
    Either(usize),
    /// From the body; when the upstream leaves it out though asked, by this relation.
    ToldOr(usize),
    /// By this relation, unless a body happened to bring it.
    Related(usize),
    /// A connection: always by this relation.
    Connected(usize),
    /// At a route of its own below the entity's.
    Asked(usize),
    /// What the body says of it in this very place, and nowhere else: it belongs to the way by which the entity was
    /// reached.
    Here,
    /// The entity whose id is the text of another field, if there is one.
    Named(usize),
    /// A leaf inside the value object of another field: whoever asks for it asks for that field.
    Within(usize),
    /// The address of the icon at the gateway, where another field tells that there is an icon.
    Icon(usize),
}

impl FieldSource {
    /// Whether a body can tell it.
    #[must_use]
    pub const fn is_told(self) -> bool {
        matches!(self, FieldSource::Told | FieldSource::Either(_) | FieldSource::ToldOr(_) | FieldSource::Here)
    }

    /// The relation that can give it as a plain list.
    #[must_use]
    pub const fn listed_by(self) -> Option<usize> {
        match self {
            FieldSource::Related(relation) | FieldSource::Either(relation) | FieldSource::ToldOr(relation) => {
                Some(relation)
            }
            FieldSource::Told
            | FieldSource::Here
            | FieldSource::Connected(_)
            | FieldSource::Asked(_)
            | FieldSource::Named(_)
            | FieldSource::Within(_)
            | FieldSource::Icon(_) => None,
        }
    }
}

/// One field of an object type.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own, and no state")]
pub struct Field {
    /// Its GraphQL name.
    pub name: Box<str>,
    /// Its names in REST: the current one, then those of other generations.
    pub rest: Box<[Key]>,
    /// The name of a member of the enclosing object that says the same in older generations.
    pub lifted: Option<Key>,
    /// What it holds.
    pub shape: Shape,
    /// How its value is had.
    pub way: FieldSource,
    /// Whether a list of it that is asked for and not there is empty.
    pub empty_when_absent: bool,
    /// Whether the schema lets it be null.
    pub nullable: bool,
    /// Whether it is null only together with an error, though the schema lets it be null.
    pub promised: bool,
    /// Whether the schema lets elements of the list be null.
    pub item_nullable: bool,
    /// Whether a list of references is a connection in the schema: it is read whole, and a page is cut out of it.
    pub paged: bool,
}

/// One object type: an entity or a value object.
#[derive(Debug, Clone)]
pub struct ObjectType {
    /// Its GraphQL name.
    pub name: Box<str>,
    /// Which entity it is, if it is one.
    pub kind: Option<Kind>,
    /// Its fields, in the order of their bits.
    pub fields: Vec<Field>,
    /// The field that an element of a list, or a reference, tells when it is sent as a bare string.
    pub bare: Option<usize>,
    /// Whether the enclosing object may tell a part of it, in older generations.
    pub lifts: bool,
    /// Whether older generations have something in its place that is no object and tells nothing of it.
    pub was_no_object: bool,
    /// The place of each field by its GraphQL name.
    pub by_name: Names,
    /// The place of each field by any of its REST names.
    pub keys: Keys<usize>,
    /// The fields that its reduced form always tells, nullable ones included.
    pub core: FieldSet,
    /// The fields of the reduced form of which absence means null.
    pub core_nullable: FieldSet,
    /// The fields that its reduced form has in any generation, the id and the revision included.
    pub reduced: FieldSet,
    /// The fields that a body can tell: those that may stand in `select`.
    pub tellable: FieldSet,
    /// The fields that belong to the way by which the entity was reached.
    pub here: FieldSet,
}

impl ObjectType {
    /// The fields that nothing but a body can tell.
    #[must_use]
    pub fn told(&self) -> FieldSet {
        let told = self.fields.iter().enumerate().filter(|(_, field)| field.way == FieldSource::Told);
        told.fold(FieldSet::NONE, |all, (place, _)| all.union(FieldSet::single(place)))
    }
}

/// An enum: the upstream's spellings and the GraphQL values.
#[derive(Debug, Clone)]
pub struct EnumType {
    /// Its GraphQL name.
    pub name: Box<str>,
    /// Each spelling of [`EnumType::spellings`], to the value as JSON text, quotes included.
    values: HashMap<Box<str>, Box<str>, RandomState>,
}

impl EnumType {
    /// An enum with these GraphQL values.
    pub fn new<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Self {
        let spelt = values.flat_map(|value| EnumType::spellings(value).map(move |spelling| (spelling, value)));
        let values = spelt.map(|(spelling, value)| (spelling.into(), format!("\"{value}\"").into())).collect();
        EnumType { name: name.into(), values }
    }

    /// All spellings of a GraphQL value that are read as this value, and so are asked for by a filter: the documented one
    /// first, then the same in other cases. `DSC` is documented besides `Dsc` (`accounts-api.md` section 2). The upstream's
    /// query engine reads enums in any case, so it does not refuse them; other separators it would refuse.
    pub fn spellings(value: &str) -> impl Iterator<Item = String> + use<> {
        let documented = EnumType::upstream(value);
        let mut camel = documented.clone();
        if let Some(first) = camel.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        [documented.clone(), documented.to_uppercase(), camel].into_iter()
    }

    /// The GraphQL value, as JSON text, for what the upstream sent; `UNKNOWN` for whatever else it sends.
    #[must_use]
    pub fn json(&self, sent: &str) -> &str {
        self.values.get(sent).map_or("\"UNKNOWN\"", |value| value)
    }

    /// The upstream's spelling of a GraphQL value: each part between underscores with a capital.
    #[must_use]
    pub fn upstream(value: &str) -> String {
        let capital = |part: &str| {
            let mut letters = part.chars();
            letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect::<String>()
        };
        value.split('_').map(capital).collect()
    }
}

/// All object types and enums of the schema.
#[derive(Debug, Default)]
pub struct Model {
    /// Object types, entities and value objects alike.
    pub types: Vec<ObjectType>,
    /// The place of each type by its GraphQL name.
    pub by_name: Names,
    /// The place of each kind's type.
    pub of_kind: [usize; KINDS],
    /// Enums.
    pub enums: Vec<EnumType>,
}

impl Model {
    /// The type of a kind.
    #[must_use]
    pub fn kind(&self, kind: Kind) -> &ObjectType {
        &self.types[self.of_kind[kind as usize]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_of_a_value_is_read_as_it_and_no_other() {
        let values = ["INVITATION_EXPIRED", "CSP365", "CSP_AZURE", "ACTIVE", "DSC"];
        let known = EnumType::new("Status", values.into_iter());
        for (value, spellings) in values.into_iter().zip([
            ["InvitationExpired", "INVITATIONEXPIRED", "invitationExpired"],
            ["Csp365", "CSP365", "csp365"],
            ["CspAzure", "CSPAZURE", "cspAzure"],
            ["Active", "ACTIVE", "active"],
            ["Dsc", "DSC", "dsc"],
        ]) {
            assert!(EnumType::spellings(value).eq(spellings), "{value}");
            assert_eq!(EnumType::upstream(value), spellings[0]);
            for spelling in spellings {
                assert_eq!(known.json(spelling), format!("\"{value}\""), "{spelling}");
            }
        }
        for other in ["", "Draft", "INVITATION_EXPIRED", "invitation-expired", "aCTIVE", "UNKNOWN"] {
            assert_eq!(known.json(other), "\"UNKNOWN\"", "{other}");
        }
    }

    #[test]
    fn fields_iterate_in_order() {
        let set = FieldSet::single(3).union(FieldSet::single(0)).union(FieldSet::single(63));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 63]);
        assert!(set.contains(63) && !set.contains(62));
        assert!(set.difference(FieldSet::single(3)).iter().eq([0, 63]));
    }
}
