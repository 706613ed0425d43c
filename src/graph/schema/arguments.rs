//! Arguments of connections and by-id fields, and the filter and order types behind them. All are made from the entity
//! declarations, so that a new field can be filtered and ordered by without another line.

mod filters;
mod orders;

use super::model;
use crate::{
    entity::kind::{Kind, Upstream},
    graph::names::CONNECTION,
    upstream::marketplace::{
        detail::{SUB_RESOURCES, SubResource},
        relation,
    },
};
pub use filters::filterable;
pub use orders::order_paths;

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

/// Gives every connection and by-id field its arguments and registers the types they need.
pub fn attach(registry: &mut Registry) {
    let model = model::model(registry);
    add_shared_types(registry);
    // Wavefront's searches know neither combinations nor orders such as these.
    for object in model.types.iter().filter(|object| Upstream::of_type(&object.name) == Upstream::Accounts) {
        filters::add_filter(registry, &model, object);
    }
    for &kind in Kind::NODES {
        filters::add_list_filter(registry, kind);
        orders::add_order(registry, &model, kind);
    }
    for found in &model.enums {
        filters::add_enum_filter(registry, &found.name);
    }
    for SubResource { parent, field, argument, .. } in SUB_RESOURCES {
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
    let (which, how) = if paged {
        (
            "Which ones: all conditions must hold. With it the API's own list is asked, which has only what the caller may \
             read there.",
            "In which order, most important first; ties are broken by id. By id when absent. With it the API's own list is \
             asked, which has only what the caller may read there.",
        )
    } else {
        (
            "Which ones: all conditions must hold.",
            "In which order, most important first; ties are broken by id. By id when absent.",
        )
    };
    all.extend(arguments([("filter", filter.as_str(), which), ("orderBy", order.as_str(), how)]));
    all
}

fn paging_arguments(default: usize) -> IndexMap<String, MetaInputValue> {
    let mut all = arguments([
        (
            "first",
            "Int",
            "How many at most, counted from the start or from `after`: 0 to 100. The default is not used with `last`.",
        ),
        (
            "after",
            "String",
            "Only what comes after this cursor, whether its row is still there or not. It comes from the same list, with \
             the same filter and order. Wavefront's cursors count rows, so what is added or removed before them moves the \
             page.",
        ),
        ("last", "Int", "How many at most, counted from the end or from `before`: 0 to 100."),
        ("before", "String", "Only what comes before this cursor. See `after`."),
        (
            "offset",
            "Int",
            "How many to leave out at the start, for numbered pages. Rows that are added or removed before the page move \
             it, which cursors do not let happen. Not together with a cursor or `last`.",
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

/// Arguments, or members of an input, each with its name, type and description.
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
    let ordered = |ty: &str| {
        let mut fields = filters::equality(ty);
        fields.extend(arguments([
            ("gt", ty, "Greater than this; of dates: later. Null is neither greater nor less than anything."),
            ("ge", ty, "Greater than this or equal."),
            ("lt", ty, "Less than this; of dates: earlier. Null is neither greater nor less than anything."),
            ("le", ty, "Less than this or equal."),
        ]));
        fields
    };
    add_input(registry, "StringFilter", filters::TEXT, filters::text());
    let mut id = filters::equality("ID");
    id.extend(arguments([
        ("gt", "ID", "Behind this id in the order of ids, to resume an export. Not every host compares texts."),
        ("lt", "ID", "Before this id in the order of ids. Not every host compares texts."),
    ]));
    add_input(registry, "IdFilter", "Conditions on an id; all must hold.", id);
    add_input(registry, "IntFilter", "Conditions on a number; all must hold.", ordered("Int"));
    add_input(registry, "DateTimeFilter", "Conditions on a point in time; all must hold.", ordered("DateTime"));
    let boolean = filters::equality("Boolean").into_iter().filter(|(name, _)| !["in", "notIn"].contains(&&**name));
    add_input(registry, "BooleanFilter", "Conditions on a yes or no; all must hold.", boolean.collect());
    add_input(
        registry,
        "StringListFilter",
        "Conditions on a list of texts; all must hold.",
        arguments([
            ("has", "String", "The list holds this text. The API's database decides whether case matters."),
            ("isEmpty", "Boolean", "True: the list is empty or null. False: it is not."),
        ]),
    );
    add_input(
        registry,
        "ActorFilter",
        "Conditions on who did something; all must hold. Where nobody was recorded, id and name count as null.",
        arguments([
            ("id", "IdFilter", "Id of a user, an API token, a service or an extension."),
            ("name", "StringFilter", "Name of the user, API token, service or extension."),
        ]),
    );
    let directions = [
        ("ASC", "Smallest, first in the alphabet or earliest first. What has no value comes before everything else."),
        ("DESC", "Greatest, last in the alphabet or latest first. What has no value comes after everything else."),
    ];
    add_enum(
        registry,
        "OrderDirection",
        "Which end comes first. The API's database compares, so it decides on the case and the language of texts.",
        directions.into_iter().map(|(value, text)| (value, text.to_owned())),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::schema::query::Root;
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
