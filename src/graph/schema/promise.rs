//! Fields that are null only together with an error. They bear `@semanticNonNull`, and the writer holds them to it.

use crate::graph::names::CONNECTION;
use async_graphql::{
    Value,
    indexmap::IndexMap,
    registry::{
        __DirectiveLocation, MetaDirective, MetaDirectiveInvocation, MetaField, MetaInputValue, MetaType, Registry,
    },
};

/// The name of the directive, as Relay and Apollo read it.
pub const SEMANTIC_NON_NULL: &str = "semanticNonNull";

/// Members that the API always has, by type: names and statuses that it demands on create, and references that an entity
/// cannot be without (`accounts-api-v5.md` sections 2 and 4). A member is in this list only if everyone who meets the entity
/// can have it: it belongs to the reduced form of references, or the entity is never referred to where the caller cannot
/// read it. So the status of a buyer, which clients meet behind a group but may not read once it is deleted, is not in it,
/// and nothing of sellers but the name is, since vendors may not read them.
const MEMBERS: &[(&str, &[&str])] = &[
    ("Account", &["name", "status"]),
    ("AccountUser", &["account", "user"]),
    ("ApiToken", &["name"]),
    ("Buyer", &["name"]),
    ("CloudTenant", &["name", "status"]),
    ("ErpLink", &["buyer", "seller", "status"]),
    ("Group", &["account"]),
    ("Licensee", &["account", "buyer", "name", "seller", "status"]),
    ("Query", &["viewer"]),
    ("Seller", &["name"]),
    ("Viewer", &["apiToken"]),
];

/// Connections that are null where there is nothing to say: without a restriction to buyers there is no list of them.
const NULLABLE_CONNECTIONS: &[(&str, &str)] = &[("AccountUser", "buyers"), ("Group", "buyers")];

/// Whether a field of a type is null only together with an error.
fn is_promised(ty: &str, field: &MetaField) -> bool {
    let of = field.ty.trim_end_matches('!');
    let member = MEMBERS.iter().any(|(name, members)| *name == ty && members.contains(&field.name.as_str()));
    // The gateway reads the rows of a connection, and counts them.
    let computed = of.ends_with(CONNECTION) || ty.ends_with(CONNECTION);
    let nullable = NULLABLE_CONNECTIONS.contains(&(ty, field.name.as_str()));
    of == field.ty && (member || computed) && !nullable
}

/// Whether a field bears the directive.
#[must_use]
pub fn is_marked(field: &MetaField) -> bool {
    field.directive_invocations.iter().any(|directive| directive.name == SEMANTIC_NON_NULL)
}

/// Adds the directive, and writes it at every field that keeps to it.
pub fn attach(registry: &mut Registry) {
    let mut levels = MetaInputValue::new("levels", "[Int!]!");
    levels.description = Some("0 is the field itself, 1 the elements of its list, and so on.".to_owned());
    levels.default_value = Some("[0]".to_owned());
    registry.add_directive(MetaDirective {
        name: SEMANTIC_NON_NULL.to_owned(),
        description: Some("Null only together with an error at the field or below it.".to_owned()),
        locations: vec![__DirectiveLocation::FIELD_DEFINITION],
        args: IndexMap::from([("levels".to_owned(), levels)]),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
    for (name, ty) in &mut registry.types {
        let MetaType::Object { fields, .. } = ty else { continue };
        for field in fields.values_mut().filter(|field| is_promised(name, field)) {
            let args: IndexMap<String, Value> = IndexMap::new();
            field.directive_invocations.push(MetaDirectiveInvocation { name: SEMANTIC_NON_NULL.to_owned(), args });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::schema::query::Root;
    use async_graphql::OutputType;

    #[test]
    fn every_member_of_the_table_is_a_field_that_bears_the_directive() {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        for (ty, members) in MEMBERS {
            for member in *members {
                let field = registry.types[*ty].field_by_name(member);
                assert!(field.is_some_and(is_marked), "{ty}.{member}");
            }
        }
    }
}
