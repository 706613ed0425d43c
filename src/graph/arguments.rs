//! Arguments of connections and by-id fields, and the filter and order types behind them. All are made from the entity
//! declarations, so that a new field can be filtered and ordered by without another line.

use super::table::{self, CONNECTION};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{Field, Leaf, Model, Shape, Target},
    },
    upstream::marketplace::{
        detail::{DETAILS, Detail},
        relation,
    },
};
use async_graphql::{
    indexmap::IndexMap,
    registry::{EnumBuilder, InputObjectBuilder, MetaEnumValue, MetaInputValue, MetaType, Registry},
};

/// How many entities a connection gives when `first` and `last` are absent.
pub const DEFAULT_PAGE: usize = 20;
/// How many entities a connection gives when `first` and `last` are absent, where it is cut out of a list that is read whole.
pub const EMBEDDED_PAGE: usize = 100;
/// The argument of a person's groups that keeps those of one account.
pub const ACCOUNT: &str = "account";
/// How many entities a connection gives at most; the upstream caps pages at the same number.
pub const MAX_PAGE: usize = 100;

/// A way to order a collection: the enum value, and the path that RQL orders by.
pub struct OrderPath {
    /// The value of the order enum.
    pub value: String,
    /// The dotted path in REST names.
    pub path: String,
}

/// Gives every connection and by-id field its arguments and registers the types they need.
pub fn attach(registry: &mut Registry) {
    let model = table::model(registry);
    add_shared_types(registry);
    // Wavefront's searches know neither combinations nor orders such as these.
    for object in model.types.iter().filter(|object| Upstream::of_type(&object.name) == Upstream::Accounts) {
        add_filter(registry, &model, object.kind, &object.name, &object.fields);
    }
    for &kind in Kind::NODES {
        add_list_filter(registry, kind);
        add_order(registry, &model, kind);
    }
    for found in &model.enums {
        add_enum_filter(registry, &found.name);
    }
    for Detail { parent, field, argument, .. } in DETAILS {
        if let (Some((name, _, text)), Some(MetaType::Object { fields, .. })) =
            (argument, registry.types.get_mut(parent.type_name()))
            && let Some(meta) = fields.get_mut(*field)
        {
            meta.args = arguments([(*name, "ID!", *text)]);
        }
    }
    let query = registry.query_type.clone();
    for (name, meta) in &mut registry.types {
        let MetaType::Object { fields, .. } = meta else { continue };
        let object = model.by_name.get(name.as_str()).map(|place| &model.types[*place]);
        for (field, meta) in fields {
            let ty = meta.ty.trim_end_matches('!');
            let paged = object.and_then(|object| Some(object.fields[*object.by_name.get(field.as_str())?].paged));
            if let Some(kind) = ty.strip_suffix(CONNECTION).and_then(Kind::of_type) {
                let parent = object.and_then(|object| object.kind);
                let filtered = parent.is_some_and(|parent| relation::filtered(parent, field).is_some());
                meta.args = connection_arguments(kind, paged == Some(true), filtered);
                if (parent, field.as_str()) == (Some(Kind::User), "groups") {
                    meta.args.extend(arguments([(
                        ACCOUNT,
                        "ID",
                        "Only the groups of this account: ACC- and groups of digits. Of all accounts when absent.",
                    )]));
                }
            } else if *name == query {
                meta.args = root_arguments(field, ty);
            }
        }
    }
}

/// The paths that a collection of this kind can be ordered by: its own leaves, those of its value objects, and id and
/// name of what it refers to.
#[must_use]
pub fn order_paths(model: &Model, kind: Kind) -> Vec<OrderPath> {
    let mut paths = Vec::new();
    leaves(model, &model.kind(kind).fields, &mut String::new(), &mut String::new(), 0, &mut paths);
    paths
}

fn leaves(
    model: &Model,
    fields: &[Field],
    value: &mut String,
    path: &mut String,
    depth: usize,
    out: &mut Vec<OrderPath>,
) {
    let (value_end, path_end) = (value.len(), path.len());
    for field in fields.iter().filter(|field| filterable(field)) {
        if depth > 0 {
            value.push('_');
            path.push('.');
        }
        value.push_str(&screaming(&field.name));
        path.push_str(field.rest[0].text());
        match field.shape {
            Shape::Leaf(leaf) if leaf != Leaf::Json => {
                out.push(OrderPath { value: value.clone(), path: path.clone() });
            }
            Shape::Object(place) if depth < 2 => {
                leaves(model, &model.types[place].fields, value, path, depth + 1, out);
            }
            Shape::Ref(Target::One(kind)) if depth == 0 => {
                for below in ["id", "name"] {
                    if model.kind(kind).by_name.contains_key(below) {
                        out.push(OrderPath {
                            value: format!("{value}_{}", screaming(below)),
                            path: format!("{path}.{below}"),
                        });
                    }
                }
            }
            _ => {}
        }
        value.truncate(value_end);
        path.truncate(path_end);
    }
}

fn screaming(camel: &str) -> String {
    let mut text = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

/// Whether RQL can speak of the field: it is a member of the body, and its name fits into a dotted path.
#[must_use]
pub fn filterable(field: &Field) -> bool {
    field.way.is_told() && !field.rest[0].text().contains('.') && filter_type(field).is_some()
}

/// Whether there is a condition on the field: on a value object, when there is one on any of its members.
fn has_conditions(field: &Field, model: &Model) -> bool {
    let inside = |place: usize| model.types[place].fields.iter().any(|field| has_conditions(field, model));
    filterable(field) && if let Shape::Object(place) = field.shape { inside(place) } else { true }
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

fn connection_arguments(kind: Kind, paged: bool, filtered: bool) -> IndexMap<String, MetaInputValue> {
    let default = if paged { EMBEDDED_PAGE } else { DEFAULT_PAGE };
    let mut all = paging_arguments(default);
    if paged && !filtered {
        return all;
    }
    // Wavefront's searches know neither combinations of conditions nor orders such as these.
    if kind.upstream() == Upstream::Wavefront {
        return all;
    }
    let filter = format!("{kind}Filter");
    let order = format!("[{kind}Order!]");
    all.extend(arguments([
        ("filter", filter.as_str(), "Which ones: all conditions must hold."),
        ("orderBy", order.as_str(), "In which order, most important first; ties are broken by id. By id when absent."),
    ]));
    all
}

fn paging_arguments(default: usize) -> IndexMap<String, MetaInputValue> {
    let mut all = arguments([
        (
            "first",
            "Int",
            "How many at most, counted from the start or from `after`: 0 to 100. The default is not used with `last`.",
        ),
        ("after", "String", "Only what comes after this cursor."),
        ("last", "Int", "How many at most, counted from the end or from `before`: 0 to 100."),
        ("before", "String", "Only what comes before this cursor."),
        (
            "offset",
            "Int",
            "How many to leave out at the start, for numbered pages. Not together with a cursor or `last`.",
        ),
    ]);
    all["first"].default_value = Some(default.to_string());
    all
}

fn root_arguments(field: &str, ty: &str) -> IndexMap<String, MetaInputValue> {
    match field {
        "userByEmail" => arguments([("email", "String!", "The e-mail address, in any case.")]),
        "node" => arguments([("id", "ID!", "The id of anything: its prefix tells the type.")]),
        "nodes" => arguments([("ids", "[ID!]!", "The ids, at most 100; their prefixes tell the types.")]),
        _ => match Kind::of_type(ty) {
            Some(kind) => {
                let text = match kind.upstream() {
                    Upstream::Accounts => format!("The id: {}- and groups of digits.", kind.prefix()),
                    Upstream::Wavefront => format!("The id: {}.", kind.id_form()),
                };
                arguments([("id", "ID!", text.as_str())])
            }
            None => IndexMap::new(),
        },
    }
}

fn arguments<const N: usize>(list: [(&str, &str, &str); N]) -> IndexMap<String, MetaInputValue> {
    list.into_iter().map(|(name, ty, text)| (name.to_owned(), input(name, ty, text))).collect()
}

fn input(name: &str, ty: &str, description: &str) -> MetaInputValue {
    let mut value = MetaInputValue::new(name, ty);
    value.description = Some(description.to_owned());
    value
}

fn add_input(registry: &mut Registry, name: &str, description: &str, fields: IndexMap<String, MetaInputValue>) {
    let built = InputObjectBuilder::new(name, fields).description(Some(description.to_owned())).build();
    registry.types.insert(name.to_owned(), built);
}

fn add_enum<'a>(registry: &mut Registry, name: &str, text: &str, values: impl Iterator<Item = (&'a str, String)>) {
    let values = values
        .map(|(value, text)| {
            let mut meta = MetaEnumValue::new(value);
            meta.description = Some(text);
            (value.to_owned(), meta)
        })
        .collect();
    registry.types.insert(name.to_owned(), EnumBuilder::new(name, values).description(Some(text.to_owned())).build());
}

fn add_shared_types(registry: &mut Registry) {
    let equality = |ty: &str| {
        let list = format!("[{ty}!]");
        arguments([
            ("eq", ty, "Equal to this; null asks for what has no value."),
            ("ne", ty, "Not equal to this; null asks for what has a value."),
            ("in", list.as_str(), "Equal to one of these, at most 100. An empty list matches nothing."),
            ("notIn", list.as_str(), "Equal to none of these, at most 100. An empty list leaves nothing out."),
            ("isNull", "Boolean", "True: has no value. False: has one."),
        ])
    };
    let ordered = |ty: &str| {
        let mut fields = equality(ty);
        fields.extend(arguments([
            ("gt", ty, "Greater than this; of dates: later."),
            ("ge", ty, "Greater than this or equal."),
            ("lt", ty, "Less than this; of dates: earlier."),
            ("le", ty, "Less than this or equal."),
        ]));
        fields
    };
    let mut text = equality("String");
    text.extend(arguments([
        (
            "like",
            "String",
            "Like this pattern: `*` at the start or the end stands for anything; the upstream decides on case.",
        ),
        ("ilike", "String", "Like this pattern in any case: `*` at the start or the end stands for anything."),
    ]));
    add_input(registry, "StringFilter", "Conditions on a text; all must hold.", text);
    add_input(registry, "IdFilter", "Conditions on an id; all must hold.", equality("ID"));
    add_input(registry, "IntFilter", "Conditions on a number; all must hold.", ordered("Int"));
    add_input(registry, "DateTimeFilter", "Conditions on a point in time; all must hold.", ordered("DateTime"));
    add_input(
        registry,
        "BooleanFilter",
        "Conditions on a yes or no; all must hold.",
        arguments([
            ("eq", "Boolean", "Equal to this; null asks for what has no value."),
            ("ne", "Boolean", "Not equal to this; null asks for what has a value."),
            ("isNull", "Boolean", "True: has no value. False: has one."),
        ]),
    );
    add_input(
        registry,
        "StringListFilter",
        "Conditions on a list of texts; all must hold.",
        arguments([
            ("has", "String", "The list holds this text."),
            ("isEmpty", "Boolean", "True: the list is empty. False: it is not."),
        ]),
    );
    add_input(
        registry,
        "ActorFilter",
        "Conditions on who did something; all must hold.",
        arguments([
            ("id", "IdFilter", "By the id of the actor."),
            ("name", "StringFilter", "By the name of the actor."),
        ]),
    );
    let directions = [("ASC", "Smallest first."), ("DESC", "Greatest first.")];
    add_enum(
        registry,
        "OrderDirection",
        "Which end comes first.",
        directions.into_iter().map(|(value, text)| (value, text.to_owned())),
    );
}

fn add_filter(registry: &mut Registry, model: &Model, kind: Option<Kind>, name: &str, fields: &[Field]) {
    let filter = format!("{name}Filter");
    let mut inputs: IndexMap<String, MetaInputValue> = fields
        .iter()
        .filter(|field| has_conditions(field, model))
        .map(|field| {
            let text = format!("By `{}`.", field.name);
            (field.name.to_string(), input(&field.name, &filter_type_of(field, model), &text))
        })
        .collect();
    if inputs.is_empty() {
        return;
    }
    if kind.is_some() {
        let list = format!("[{filter}!]");
        inputs.extend(arguments([
            ("and", list.as_str(), "All of these hold."),
            ("or", list.as_str(), "At least one of these holds. An empty list matches nothing."),
            ("not", filter.as_str(), "This does not hold."),
        ]));
    }
    add_input(registry, &filter, &format!("Conditions on `{name}`; all that are given must hold."), inputs);
}

fn add_list_filter(registry: &mut Registry, kind: Kind) {
    let filter = format!("{kind}Filter");
    add_input(
        registry,
        &format!("{kind}ListFilter"),
        &format!("Conditions on a list of `{kind}`; all that are given must hold."),
        arguments([
            ("any", filter.as_str(), "At least one element is so."),
            ("all", filter.as_str(), "Every element is so."),
            ("none", filter.as_str(), "No element is so."),
            ("isEmpty", "Boolean", "True: the list is empty. False: it is not."),
        ]),
    );
}

fn add_enum_filter(registry: &mut Registry, name: &str) {
    let list = format!("[{name}!]");
    add_input(
        registry,
        &format!("{name}Filter"),
        &format!("Conditions on the enum `{name}`; all must hold."),
        arguments([
            ("eq", name, "Equal to this; null asks for what has no value."),
            ("ne", name, "Not equal to this; null asks for what has a value."),
            ("in", list.as_str(), "Equal to one of these, at most 100. An empty list matches nothing."),
            ("notIn", list.as_str(), "Equal to none of these, at most 100. An empty list leaves nothing out."),
            ("isNull", "Boolean", "True: has no value. False: has one."),
        ]),
    );
}

fn add_order(registry: &mut Registry, model: &Model, kind: Kind) {
    let paths = order_paths(model, kind);
    let field = format!("{kind}OrderField");
    add_enum(
        registry,
        &field,
        &format!("What entities of type `{kind}` can be ordered by."),
        paths.iter().map(|order| (order.value.as_str(), format!("By `{}`.", order.path))),
    );
    let mut inputs = arguments([
        ("field", format!("{field}!").as_str(), "What to order by."),
        ("direction", "OrderDirection!", "Which end comes first."),
    ]);
    inputs["direction"].default_value = Some("ASC".to_owned());
    add_input(registry, &format!("{kind}Order"), &format!("An order of `{kind}`."), inputs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::query::Root;
    use async_graphql::{OutputType, registry::MetaTypeName};

    #[test]
    fn every_input_is_of_a_type_that_exists() {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        for (name, meta) in &registry.types {
            let MetaType::InputObject { input_fields, .. } = meta else { continue };
            for (field, input) in input_fields {
                let ty = MetaTypeName::concrete_typename(&input.ty);
                let scalar = ["String", "ID", "Int", "Boolean"].contains(&ty);
                assert!(scalar || registry.types.contains_key(ty), "{name}.{field} is of {ty}");
            }
        }
    }
}
