//! What a mutation is: one declaration gives its field, its payload, its request, and how the answer is understood.

use crate::{
    entity::kind::{Kind, Upstream},
    upstream::client::write::Method,
};
use async_graphql::{
    InputType,
    indexmap::IndexMap,
    registry::{InputObjectBuilder, MetaInputValue, Registry},
};

/// A mutation.
#[derive(Debug)]
pub struct MutationDef {
    /// The name of the field.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The method of the request.
    pub verb: Verb,
    /// The path below the upstream's API. `{id}` and other members of the input stand for an id; `{member}` for the route of
    /// a membership, `{members}` for where memberships are made, `{userOfMember}` and `{accountOfMember}` for their ids.
    pub path: &'static str,
    /// The body of the request.
    pub body: Body,
    /// What the answer is.
    pub gives: ResultKind,
    /// The member of the answer that is a secret, shown in this payload and nowhere else.
    pub secret: Option<&'static str>,
    /// What the answer has to show, where the upstream passes over what it cannot do.
    pub confirmed: Option<Confirmed>,
    /// The name of the part with the body where a host accepts this only as `multipart/form-data`.
    pub part: Option<&'static str>,
    /// An object of the body and a member of it that is sent beside the object as well.
    pub repeated: Option<(&'static str, &'static str)>,
    /// Whether some hosts do not have the route, which a 404 does not say.
    pub optional: bool,
    /// Members without which the upstream refuses the change, or takes them away: they are read and sent as they are.
    pub kept: &'static [&'static str],
    /// The input type; without one it is an object with an `id` alone.
    input: Option<fn(&mut Registry) -> String>,
}

/// What the answer to a write has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// The member of the input with what was to be added or taken away.
    pub asked: &'static str,
    /// The member of the answer that shows what is there now.
    pub told: &'static str,
    /// Whether it has to be there, or must not.
    pub there: bool,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
}

/// How the input becomes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// An object with the members that were given, but for those that stand in the path and `ifRevision`. An update is a
    /// delta: what is absent is left alone, and null clears.
    Members,
    /// The list in this member.
    List(&'static str),
    /// A request for each element of the list in this member, one after the other.
    Each(&'static str),
    /// The groups that the member is in, which are read first, with one taken out and another put in.
    Exchanged {
        /// The member of the input with the group that is left.
        from: &'static str,
        /// The member of the input with the group that is entered.
        to: &'static str,
    },
    /// The value of this member, as it is.
    Value(&'static str),
    /// Always the same.
    Fixed(&'static str),
}

/// What the answer to a write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    /// The changed entity.
    Changed(Kind),
    /// The new entity.
    Created(Kind),
    /// Nothing: the entity is gone.
    Deleted(Kind),
    /// Whether what was sent would be accepted. Nothing changes.
    Verdict(Kind),
    /// A value without a fixed shape that belongs to an entity: the whole answer, under this name.
    Told(Kind, &'static str),
}

impl ResultKind {
    /// The kind of entity that it is about.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            ResultKind::Changed(kind)
            | ResultKind::Created(kind)
            | ResultKind::Deleted(kind)
            | ResultKind::Verdict(kind)
            | ResultKind::Told(kind, _) => kind,
        }
    }

    /// The kind of entity in the payload.
    #[must_use]
    pub const fn entity(self) -> Option<Kind> {
        match self {
            ResultKind::Changed(kind) | ResultKind::Created(kind) => Some(kind),
            ResultKind::Deleted(_) | ResultKind::Verdict(_) | ResultKind::Told(..) => None,
        }
    }
}

impl Verb {
    /// As the client has it.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        }
    }
}

const fn declared(verb: Verb, name: &'static str, path: &'static str, gives: ResultKind) -> MutationDef {
    MutationDef {
        name,
        description: "",
        verb,
        path,
        body: Body::None,
        gives,
        secret: None,
        confirmed: None,
        part: None,
        repeated: None,
        optional: false,
        kept: &[],
        input: None,
    }
}

/// A change by `POST`, without a body.
pub(super) const fn post(name: &'static str, path: &'static str, kind: Kind) -> MutationDef {
    declared(Verb::Post, name, path, ResultKind::Changed(kind))
}

/// A change by `PUT`.
pub(super) const fn put(name: &'static str, path: &'static str, kind: Kind) -> MutationDef {
    MutationDef { body: Body::Members, ..declared(Verb::Put, name, path, ResultKind::Changed(kind)) }
}

/// Something new, by `POST`.
pub(super) const fn create(name: &'static str, path: &'static str, kind: Kind) -> MutationDef {
    MutationDef { body: Body::Members, ..declared(Verb::Post, name, path, ResultKind::Created(kind)) }
}

/// The end of something.
pub(super) const fn delete(name: &'static str, path: &'static str, kind: Kind) -> MutationDef {
    declared(Verb::Delete, name, path, ResultKind::Deleted(kind))
}

impl MutationDef {
    /// What it does.
    pub(super) const fn does(self, description: &'static str) -> Self {
        MutationDef { description, ..self }
    }

    /// With this input.
    pub(super) const fn takes<T: InputType>(self) -> Self {
        MutationDef { input: Some(<T as InputType>::create_type_info), ..self }
    }

    /// With this body.
    pub(super) const fn sends(self, body: Body) -> Self {
        MutationDef { body, ..self }
    }

    /// With this answer.
    pub(super) const fn gives(self, gives: ResultKind) -> Self {
        MutationDef { gives, ..self }
    }

    /// With a secret in the answer.
    pub(super) const fn reveals(self, secret: &'static str) -> Self {
        MutationDef { secret: Some(secret), ..self }
    }

    /// What is in the member `asked` of the input is added to what the answer tells as `told`.
    pub(super) const fn adds(self, asked: &'static str, told: &'static str) -> Self {
        MutationDef { confirmed: Some(Confirmed { asked, told, there: true }), ..self }
    }

    /// What is in the member `asked` of the input is taken from what the answer tells as `told`.
    pub(super) const fn takes_away(self, asked: &'static str, told: &'static str) -> Self {
        MutationDef { confirmed: Some(Confirmed { asked, told, there: false }), ..self }
    }

    /// Where a host does not accept JSON, the body is sent as the part of this name.
    pub(super) const fn also_multipart(self, part: &'static str) -> Self {
        MutationDef { part: Some(part), ..self }
    }

    /// The member `name` of the object `holder` is sent beside it as well: forms of the body differ in where it stands.
    pub(super) const fn repeats(self, holder: &'static str, name: &'static str) -> Self {
        MutationDef { repeated: Some((holder, name)), ..self }
    }

    /// Not all hosts have the route.
    pub(super) const fn sometimes(self) -> Self {
        MutationDef { optional: true, ..self }
    }

    /// What the upstream requires, or would take away if it were not sent.
    pub(super) const fn keeps(self, kept: &'static [&'static str]) -> Self {
        MutationDef { kept, ..self }
    }

    /// The mutation's name as the start of a type name.
    fn pascal(&self) -> String {
        let (first, rest) = self.name.split_at(1);
        first.to_uppercase() + rest
    }

    /// The name of the payload type.
    #[must_use]
    pub fn payload(&self) -> String {
        self.pascal() + crate::graph::names::PAYLOAD
    }

    /// The payload's field with the entity.
    #[must_use]
    pub fn entity_field(&self) -> Option<String> {
        let name = self.gives.entity()?.type_name();
        let (first, rest) = name.split_at(1);
        Some(first.to_lowercase() + rest)
    }

    /// Registers the input type; the result is its name, which may not be null.
    pub(super) fn register_input(&self, registry: &mut Registry) -> String {
        if let Some(input) = self.input {
            return input(registry);
        }
        let name = self.pascal() + "Input";
        let kind = self.gives.kind();
        let mut id = MetaInputValue::new("id", "ID!");
        id.description = Some(match kind.upstream() {
            Upstream::Accounts => format!("Which one: {}- and groups of digits.", kind.prefix()),
            Upstream::Wavefront => format!("Which one: {}.", kind.id_form()),
        });
        let fields = IndexMap::from([("id".to_owned(), id)]);
        let text = format!("The input of `{}`.", self.name);
        let built = InputObjectBuilder::new(&name, fields).description(Some(text)).build();
        registry.types.insert(name.clone(), built);
        name + "!"
    }

    /// Whether a member of the input stands in the path, so that it is not sent again.
    #[must_use]
    pub fn in_path(&self, member: &str) -> bool {
        self.path.contains(&format!("{{{member}}}"))
    }
}
