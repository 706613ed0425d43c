//! What a collection can be filtered by: an input type for each object type, and one for each type of a leaf.

use super::{add_input, arguments, input};
use crate::{
    entity::{
        kind::Kind,
        model::{Field, FieldSource, Leaf, Model, ObjectType, Shape, Target},
    },
    loader::memberships::of_members::{MOST_HOLDERS, MOST_USERS},
};
use async_graphql::{indexmap::IndexMap, registry::MetaInputValue, registry::Registry};

/// What all conditions on a text have in common.
pub(super) const TEXT: &str = "Conditions on a text; all must hold. Texts are compared by the API's database, which decides \
     whether upper and lower case differ and how accents compare. `*`, `%`, `_` and backslashes have no special meaning.";

/// Fields that version 5 of the accounts API no longer has, or never fills. A request that names one is refused as a whole
/// (`accounts-api-v5.md` section 5.4), so nothing is filtered or ordered by them.
const GONE: [(&str, &str); 11] = [
    ("User", "acceptedTerms"),
    ("User", "invitation"),
    ("UserAudit", "login"),
    ("UserAudit", "blocked"),
    ("UserAudit", "invited"),
    ("UserAudit", "joined"),
    ("UserAudit", "access"),
    ("Account", "serviceLevel"),
    ("Buyer", "contact"),
    ("Licensee", "contact"),
    ("Seller", "erpLink"),
];

/// Fields that nobody looks for, whatever they belong to.
const UNFILTERED: [&str; 4] = ["icon", "logo", "numberFormat", "optOuts"];

/// Whether version 5 of the accounts API refuses a request that names this field.
pub(super) fn is_gone(ty: &str, field: &str) -> bool {
    GONE.contains(&(ty, field))
}

/// Whether RQL can speak of the field: it is a member of the body, and its name fits into a dotted path.
#[must_use]
pub fn filterable(field: &Field) -> bool {
    let named =
        field.way.is_told() && !field.rest[0].text().contains('.') || matches!(field.way, FieldSource::Within(_));
    named && filter_type(field).is_some()
}

/// Whether there is a condition on the field: on a value object, when there is one on any of its members.
fn has_conditions(object: &ObjectType, field: &Field, model: &Model) -> bool {
    let inside = |place: usize| {
        let inner = &model.types[place];
        inner.fields.iter().any(|field| has_conditions(inner, field, model))
    };
    let wanted = !is_gone(&object.name, &field.name) && !UNFILTERED.contains(&&*field.name);
    wanted && filterable(field) && if let Shape::Object(place) = field.shape { inside(place) } else { true }
}

/// The name of the input type that filters by a field; enum filters are completed by the caller's model.
fn filter_type(field: &Field) -> Option<&'static str> {
    Some(match field.shape {
        Shape::Leaf(Leaf::Text) => "StringFilter",
        Shape::Leaf(Leaf::Id) => "IdFilter",
        Shape::Leaf(Leaf::Int | Leaf::Float) => "IntFilter",
        Shape::Leaf(Leaf::Boolean) => "BooleanFilter",
        Shape::Leaf(Leaf::DateTime) => "DateTimeFilter",
        Shape::Leaf(Leaf::Enum(_)) | Shape::Object(_) | Shape::Ref(Target::One(_)) | Shape::Refs(Target::One(_)) => "",
        Shape::Ref(Target::Actor) => "ActorFilter",
        Shape::Leaves(Leaf::Text) => "StringListFilter",
        _ => return None,
    })
}

fn filter_type_of(field: &Field, model: &Model) -> String {
    match field.shape {
        Shape::Leaf(Leaf::Enum(place)) => format!("{}Filter", model.enums[place].name),
        Shape::Object(place) => format!("{}Filter", model.types[place].name),
        Shape::Ref(Target::One(kind)) => format!("{kind}Filter"),
        Shape::Refs(Target::One(kind)) => format!("{kind}ListFilter"),
        _ => filter_type(field).unwrap_or_default().to_owned(),
    }
}

/// The description of a field in the schema.
pub(super) fn described(registry: &Registry, ty: &str, field: &str) -> String {
    let meta = registry.types.get(ty).and_then(|meta| meta.field_by_name(field));
    meta.and_then(|meta| meta.description.clone()).unwrap_or_default()
}

/// What a condition on a field means beyond what the schema says of the field.
fn rule(field: &Field) -> &'static str {
    match field.shape {
        Shape::Object(_) | Shape::Ref(Target::One(_)) => " Where there is none, all of its fields count as null.",
        Shape::Refs(_) | Shape::Leaves(_) => " Where there is no list, it counts as empty.",
        _ => "",
    }
}

/// Conditions of equality on values of a type.
pub(super) fn equality(ty: &str) -> IndexMap<String, MetaInputValue> {
    let list = format!("[{ty}!]");
    arguments([
        ("eq", ty, "Equal to this. Null is refused: `isNull` asks for it."),
        ("ne", ty, "Not equal to this; what is null is not equal to anything. Null is refused: `isNull` asks for it."),
        ("in", list.as_str(), "Equal to one of these, at most 100. An empty list matches nothing."),
        ("notIn", list.as_str(), "Equal to none of these, at most 100, or null. An empty list leaves nothing out."),
        ("isNull", "Boolean", "True: is null. False: has a value."),
    ])
}

/// Conditions on a text.
pub(super) fn text() -> IndexMap<String, MetaInputValue> {
    let mut text = equality("String");
    text.extend(arguments([
        ("contains", "String", "Has this text in it. The API's database decides on case. An empty text sets no condition."),
        ("startsWith", "String", "Begins with this text. The API's database decides on case. An empty text sets no condition."),
        ("endsWith", "String", "Ends with this text. The API's database decides on case. An empty text sets no condition."),
        (
            "notContains",
            "String",
            "Does not have this text in it, or is null. The API's database decides on case. An empty text sets no condition.",
        ),
        (
            "notStartsWith",
            "String",
            "Does not begin with this text, or is null. The API's database decides on case. An empty text sets no condition.",
        ),
        (
            "notEndsWith",
            "String",
            "Does not end with this text, or is null. The API's database decides on case. An empty text sets no condition.",
        ),
    ]));
    text
}

pub(super) fn add_filter(registry: &mut Registry, model: &Model, object: &ObjectType) {
    let name = &*object.name;
    let filter = format!("{name}Filter");
    let mut inputs: IndexMap<String, MetaInputValue> = object
        .fields
        .iter()
        .filter(|field| has_conditions(object, field, model))
        .map(|field| {
            let text = described(registry, name, &field.name) + rule(field);
            (field.name.to_string(), input(&field.name, &filter_type_of(field, model), &text))
        })
        .collect();
    if inputs.is_empty() {
        return;
    }
    if object.kind == Some(Kind::User) {
        inputs.extend(of_memberships());
    }
    if object.kind.is_some() {
        let list = format!("[{filter}!]");
        inputs.extend(arguments([
            ("and", list.as_str(), "All of these hold. An empty list sets no condition."),
            ("or", list.as_str(), "At least one of these holds. An empty list matches nothing."),
            ("not", filter.as_str(), "This does not hold."),
        ]));
    }
    add_input(registry, &filter, &format!("Conditions on `{name}`; all that are given must hold."), inputs);
}

/// What memberships tell of users.
fn of_memberships() -> IndexMap<String, MetaInputValue> {
    let text = |held: &str, one: &str| {
        format!(
            "{held} that the user is in, as far as the caller may see them. Only in the filter of the root field `users`; it \
             takes further requests, since the API lists no users by {one}. `BAD_USER_INPUT` if the condition is about more \
             than {MOST_HOLDERS} of them without naming their ids, or holds for more than {MOST_USERS} users."
        )
    };
    let (groups, accounts) = (text("Groups", "group"), text("Accounts", "account"));
    arguments([("groups", "GroupListFilter", groups.as_str()), ("accounts", "AccountListFilter", accounts.as_str())])
}

pub(super) fn add_list_filter(registry: &mut Registry, kind: Kind) {
    let filter = format!("{kind}Filter");
    add_input(
        registry,
        &format!("{kind}ListFilter"),
        &format!("Conditions on a list of `{kind}`; all that are given must hold."),
        arguments([
            ("any", filter.as_str(), "At least one element fulfils this."),
            ("all", filter.as_str(), "Every element fulfils this; an empty list does too."),
            ("none", filter.as_str(), "No element fulfils this; an empty list does too."),
            ("isEmpty", "Boolean", "True: the list is empty. False: it is not."),
        ]),
    );
}

/// A filter of its own for each enum: GraphQL has no input types with parameters, and one shared by all enums would take
/// any text for a value.
pub(super) fn add_enum_filter(registry: &mut Registry, name: &str) {
    let mut conditions = equality(name);
    for condition in ["in", "notIn", "eq", "ne"] {
        if let Some(text) = conditions.get_mut(condition).and_then(|condition| condition.description.as_mut()) {
            text.push_str(" `UNKNOWN` is refused.");
        }
    }
    add_input(registry, &format!("{name}Filter"), &format!("Conditions on a `{name}`; all must hold."), conditions);
}
