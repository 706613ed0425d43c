//! What a collection can be ordered by.

use super::{
    add_enum, add_input, arguments,
    filters::{described, filterable, is_gone},
};
use crate::entity::{
    kind::Kind,
    model::{Field, Leaf, Model, Shape, Target},
};
use async_graphql::registry::Registry;

/// A way to order a collection: the enum value, and the path that RQL orders by.
pub struct OrderPath {
    /// The value of the order enum.
    pub value: String,
    /// The dotted path in REST names.
    pub path: String,
    /// The fields on the way, by the places of their types and their own places.
    fields: Vec<(usize, usize)>,
}

/// Fields that nobody wants a list sorted by, whatever they belong to: pictures, free text, formats, switches, and what
/// only makes sense together with something else.
const UNSORTED: [&str; 21] = [
    "icon",
    "logo",
    "description",
    "website",
    "note",
    "notes",
    "revision",
    "phone",
    "settings",
    "attributes",
    "eligibility",
    "addressLine1",
    "addressLine2",
    "useBuyerAddress",
    "technicalSupportEmail",
    "defaultLanguageCode",
    // Of a membership its own `status` says the same.
    "invitation",
    // `createdAt` and `updatedAt` are these.
    "created",
    "updated",
    "invitationAcceptedAt",
    // Not in all versions of the API.
    "enabled",
];

/// What references are sorted by: id and name of all, and of the user of a membership what people look for.
fn of_reference(holder: Kind, kind: Kind) -> &'static [&'static str] {
    match (holder, kind) {
        (Kind::AccountUser, Kind::User) => &["id", "name", "email", "status", "lastLoginAt"],
        _ => &["id", "name"],
    }
}

/// The paths that a collection of this kind can be ordered by: its own leaves, those of its value objects, and a few of what
/// it refers to.
#[must_use]
pub fn order_paths(model: &Model, kind: Kind) -> Vec<OrderPath> {
    let mut search = Search { model, kind, value: String::new(), path: String::new(), fields: vec![], found: vec![] };
    search.leaves(model.of_kind[kind as usize]);
    search.found
}

struct Search<'a> {
    model: &'a Model,
    kind: Kind,
    value: String,
    path: String,
    fields: Vec<(usize, usize)>,
    found: Vec<OrderPath>,
}

impl Search<'_> {
    fn leaves(&mut self, ty: usize) {
        let object = &self.model.types[ty];
        for (place, field) in object.fields.iter().enumerate() {
            let sorted = filterable(field) && !is_gone(&object.name, &field.name);
            if sorted && !UNSORTED.contains(&&*field.name) && !self.is_disabled_token(&field.name) {
                self.enter(ty, place, field, |search| match field.shape {
                    Shape::Leaf(leaf) if leaf != Leaf::Json => search.keep(),
                    Shape::Object(inner) if search.fields.len() < 3 => search.leaves(inner),
                    Shape::Ref(Target::One(kind)) if search.fields.len() == 1 => search.reference(kind),
                    _ => {}
                });
            }
        }
    }

    /// When a token was disabled is not told by all versions of the API, unlike when anything else was.
    fn is_disabled_token(&self, field: &str) -> bool {
        self.kind == Kind::ApiToken && field == "disabled"
    }

    fn reference(&mut self, kind: Kind) {
        let ty = self.model.of_kind[kind as usize];
        let object = &self.model.types[ty];
        for name in of_reference(self.kind, kind) {
            if let Some(place) = object.by_name.get(*name) {
                self.enter(ty, *place, &object.fields[*place], Search::keep);
            }
        }
    }

    fn enter(&mut self, ty: usize, place: usize, field: &Field, inside: impl FnOnce(&mut Self)) {
        let (value_end, path_end) = (self.value.len(), self.path.len());
        if !self.fields.is_empty() {
            self.value.push('_');
            self.path.push('.');
        }
        screaming(&field.name, &mut self.value);
        self.path.push_str(field.rest[0].text());
        self.fields.push((ty, place));
        inside(self);
        self.fields.pop();
        self.value.truncate(value_end);
        self.path.truncate(path_end);
    }

    fn keep(&mut self) {
        let (value, path, fields) = (self.value.clone(), self.path.clone(), self.fields.clone());
        self.found.push(OrderPath { value, path, fields });
    }
}

fn screaming(camel: &str, out: &mut String) {
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
}

pub(super) fn add_order(registry: &mut Registry, model: &Model, kind: Kind) {
    let values: Vec<_> = order_paths(model, kind)
        .into_iter()
        .map(|order| {
            let text = sentence(registry, model, &order);
            (order.value, text)
        })
        .collect();
    let field = format!("{kind}OrderField");
    add_enum(
        registry,
        &field,
        &format!("What a list of `{kind}` can be ordered by. Where two are equal, their ids decide."),
        values.iter().map(|(value, text)| (value.as_str(), text.clone())),
    );
    let mut inputs = arguments([
        ("field", format!("{field}!").as_str(), "What to order by."),
        ("direction", "OrderDirection!", "Which end comes first."),
    ]);
    inputs["direction"].default_value = Some("ASC".to_owned());
    add_input(registry, &format!("{kind}Order"), &format!("One step of the order of a list of `{kind}`."), inputs);
}

/// What an order value means: what the schema says of the field, and how such values are ordered.
fn sentence(registry: &Registry, model: &Model, order: &OrderPath) -> String {
    let names = order.fields.iter().map(|(ty, place)| &*model.types[*ty].fields[*place].name);
    let path = names.collect::<Vec<_>>().join(".");
    let (ty, place) = order.fields[order.fields.len() - 1];
    let field = &model.types[ty].fields[place];
    let mut text = described(registry, &model.types[ty].name, &field.name);
    // What is said of the time of an event is said of the event.
    if let ("at", [.., (ty, place), _]) = (&*field.name, &order.fields[..]) {
        text = described(registry, &model.types[*ty].name, &model.types[*ty].fields[*place].name);
    }
    if order.fields.len() > 1 {
        text = format!("`{path}`: {text}");
    }
    let how = match field.shape {
        Shape::Leaf(Leaf::Enum(_)) => "Ordered by the API's own names of the values.",
        Shape::Leaf(Leaf::Text) => "Ordered as the API's database orders texts.",
        Shape::Leaf(Leaf::Id) => "Ordered as a text.",
        Shape::Leaf(Leaf::Boolean) => "False comes before true.",
        _ => return text,
    };
    format!("{text} {how}")
}
