//! The graph as a subgraph: what a router asks of it beside queries of its own. `_entities` and `_service` are root
//! fields like any other, answered through the same door; the library's own stop at the first entity that is null.

pub mod keys;

use crate::graph::names::{ANY, ENTITIES, REPRESENTATIONS, SERVICE};
use async_graphql::{
    indexmap::{IndexMap, IndexSet},
    registry::{MetaField, MetaInputValue, MetaType, ObjectBuilder, Registry},
};

/// Adds the two root fields and their types to a schema that has everything else.
pub fn attach(registry: &mut Registry) {
    let described = |mut field: MetaField, text: &str| {
        field.description = Some(text.to_owned());
        field
    };
    let sdl = described(MetaField::new("sdl", "String!"), "The schema with the directives of federation.");
    let service = ObjectBuilder::new("_Service", IndexMap::from([("sdl".to_owned(), sdl)]))
        .description(Some("What a router composes a supergraph of.".to_owned()))
        .build();
    let kinds: IndexSet<String> = keys::KEYS.iter().map(|key| key.kind.type_name().to_owned()).collect();
    for (name, ty) in [("_Service", service), ("_Entity", union("_Entity", kinds)), (ANY, scalar(ANY))] {
        registry.types.insert(name.to_owned(), ty);
    }
    let mut entities = described(
        MetaField::new(ENTITIES, "[_Entity]!"),
        "For routers: entities by their keys, in the same order; null, with an error, in the place of what is not found.",
    );
    let (argument, ty) = REPRESENTATIONS;
    let mut representations = MetaInputValue::new(argument, ty);
    representations.description = Some("Objects with `__typename` and the fields of one key of that type.".to_owned());
    entities.args.insert(argument.to_owned(), representations);
    let service = described(MetaField::new(SERVICE, "_Service!"), "For routers: this graph as a subgraph.");
    if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&registry.query_type) {
        fields.insert(ENTITIES.to_owned(), entities);
        fields.insert(SERVICE.to_owned(), service);
    }
}

fn union(name: &str, possible_types: IndexSet<String>) -> MetaType {
    MetaType::Union {
        name: name.to_owned(),
        description: Some("Everything that other subgraphs can refer to.".to_owned()),
        possible_types,
        visible: None,
        inaccessible: false,
        tags: vec![],
        rust_typename: None,
        directive_invocations: vec![],
    }
}

fn scalar(name: &str) -> MetaType {
    MetaType::Scalar {
        name: name.to_owned(),
        description: Some("An object with `__typename` and the fields of a key.".to_owned()),
        is_valid: None,
        visible: None,
        inaccessible: false,
        tags: vec![],
        specified_by_url: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    }
}
