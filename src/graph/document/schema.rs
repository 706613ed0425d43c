//! The schema as validation reads it: the registry's types, with those of introspection, which the library keeps for
//! itself, and the directives of the specification.

use async_graphql::{
    indexmap::IndexMap,
    registry::{EnumBuilder, MetaEnumValue, MetaField, MetaInputValue, MetaType, ObjectBuilder, Registry},
};
use std::fmt;

/// Where a directive may stand in an executable document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveLocation {
    /// On a query.
    Query,
    /// On a mutation.
    Mutation,
    /// On a subscription.
    Subscription,
    /// On a field.
    Field,
    /// On the definition of a fragment.
    FragmentDefinition,
    /// On the spread of a named fragment.
    FragmentSpread,
    /// On an inline fragment.
    InlineFragment,
    /// On the definition of a variable.
    VariableDefinition,
}

impl fmt::Display for DirectiveLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DirectiveLocation::Query => "QUERY",
            DirectiveLocation::Mutation => "MUTATION",
            DirectiveLocation::Subscription => "SUBSCRIPTION",
            DirectiveLocation::Field => "FIELD",
            DirectiveLocation::FragmentDefinition => "FRAGMENT_DEFINITION",
            DirectiveLocation::FragmentSpread => "FRAGMENT_SPREAD",
            DirectiveLocation::InlineFragment => "INLINE_FRAGMENT",
            DirectiveLocation::VariableDefinition => "VARIABLE_DEFINITION",
        })
    }
}

/// A directive that the schema has.
pub struct DirectiveDefinition {
    /// Its name.
    pub name: &'static str,
    /// Where it may stand in executable documents; nowhere when it is one of the type system.
    pub locations: &'static [DirectiveLocation],
    /// Its arguments and their types.
    pub arguments: &'static [(&'static str, &'static str)],
}

const SELECTIONS: &[DirectiveLocation] =
    &[DirectiveLocation::Field, DirectiveLocation::FragmentSpread, DirectiveLocation::InlineFragment];

/// The directives of the schema. None can be repeated.
pub const DIRECTIVES: [DirectiveDefinition; 6] = [
    DirectiveDefinition { name: "skip", locations: SELECTIONS, arguments: &[("if", "Boolean!")] },
    DirectiveDefinition { name: "include", locations: SELECTIONS, arguments: &[("if", "Boolean!")] },
    DirectiveDefinition { name: "deprecated", locations: &[], arguments: &[("reason", "String")] },
    DirectiveDefinition { name: "specifiedBy", locations: &[], arguments: &[("url", "String!")] },
    DirectiveDefinition { name: "oneOf", locations: &[], arguments: &[] },
    DirectiveDefinition { name: "semanticNonNull", locations: &[], arguments: &[("levels", "[Int!]")] },
];

/// The types of introspection as the library answers it: fields, with a star where `includeDeprecated` is an argument.
const INTROSPECTION: [(&str, &[(&str, &str)]); 6] = [
    (
        "__Schema",
        &[
            ("description", "String!"),
            ("types", "[__Type!]!"),
            ("queryType", "__Type!"),
            ("mutationType", "__Type"),
            ("subscriptionType", "__Type"),
            ("directives", "[__Directive!]!"),
        ],
    ),
    (
        "__Type",
        &[
            ("kind", "__TypeKind!"),
            ("name", "String"),
            ("description", "String"),
            ("fields*", "[__Field!]"),
            ("interfaces", "[__Type!]"),
            ("possibleTypes", "[__Type!]"),
            ("enumValues*", "[__EnumValue!]"),
            ("inputFields*", "[__InputValue!]"),
            ("ofType", "__Type"),
            ("specifiedByURL", "String"),
            ("isOneOf", "Boolean"),
        ],
    ),
    (
        "__Field",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("args*", "[__InputValue!]!"),
            ("type", "__Type!"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__InputValue",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("type", "__Type!"),
            ("defaultValue", "String"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__EnumValue",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__Directive",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("locations", "[__DirectiveLocation!]!"),
            ("args*", "[__InputValue!]!"),
            ("isRepeatable", "Boolean!"),
        ],
    ),
];

const ENUMS: [(&str, &[&str]); 2] = [
    ("__TypeKind", &["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"]),
    (
        "__DirectiveLocation",
        &[
            "QUERY",
            "MUTATION",
            "SUBSCRIPTION",
            "FIELD",
            "FRAGMENT_DEFINITION",
            "FRAGMENT_SPREAD",
            "INLINE_FRAGMENT",
            "VARIABLE_DEFINITION",
            "SCHEMA",
            "SCALAR",
            "OBJECT",
            "FIELD_DEFINITION",
            "ARGUMENT_DEFINITION",
            "INTERFACE",
            "UNION",
            "ENUM",
            "ENUM_VALUE",
            "INPUT_OBJECT",
            "INPUT_FIELD_DEFINITION",
        ],
    ),
];

/// The types that documents are validated against.
pub struct Schema {
    registry: Registry,
    typename: MetaField,
}

impl Schema {
    /// The schema of these types.
    #[must_use]
    pub fn new(mut registry: Registry) -> Self {
        for (name, fields) in INTROSPECTION {
            let fields = fields.iter().map(|(name, ty)| introspection_field(name, ty)).collect();
            registry.types.insert(name.to_owned(), ObjectBuilder::new(name, fields).build());
        }
        for (name, values) in ENUMS {
            let values = values.iter().map(|value| ((*value).to_owned(), MetaEnumValue::new(*value))).collect();
            registry.types.insert(name.to_owned(), EnumBuilder::new(name, values).build());
        }
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&registry.query_type) {
            fields.insert("__schema".to_owned(), MetaField::new("__schema", "__Schema!"));
            let mut of_type = MetaField::new("__type", "__Type");
            of_type.args.insert("name".to_owned(), MetaInputValue::new("name", "String!"));
            fields.insert("__type".to_owned(), of_type);
        }
        Schema { registry, typename: MetaField::new("__typename", "String!") }
    }

    /// A type by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&MetaType> {
        self.registry.types.get(name)
    }

    /// The names of all types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.registry.types.keys().map(String::as_str)
    }

    /// The type of a query, and that of a mutation.
    #[must_use]
    pub fn roots(&self) -> (Option<&MetaType>, Option<&MetaType>) {
        let mutation = self.registry.mutation_type.as_ref();
        (self.named(&self.registry.query_type), mutation.and_then(|name| self.named(name)))
    }

    /// A field of a type that has selections.
    #[must_use]
    pub fn field<'a>(&'a self, parent: &'a MetaType, name: &str) -> Option<&'a MetaField> {
        if name == "__typename" && parent.is_composite() { Some(&self.typename) } else { parent.field_by_name(name) }
    }
}

/// The type of a field of introspection that has selections of its own.
#[must_use]
pub fn introspection_type(parent: &str, field: &str) -> Option<&'static str> {
    if let "__schema" | "__type" = field {
        return Some(if field == "__schema" { "__Schema" } else { "__Type" });
    }
    let (_, fields) = INTROSPECTION.iter().find(|(name, _)| *name == parent)?;
    let (_, ty) = fields.iter().find(|(name, _)| name.trim_end_matches('*') == field)?;
    Some(ty.trim_matches(['[', ']', '!'])).filter(|ty| ty.starts_with("__"))
}

fn introspection_field(name: &str, ty: &str) -> (String, MetaField) {
    let bare = name.trim_end_matches('*');
    let mut field = MetaField::new(bare, ty);
    if bare != name {
        let mut deprecated = MetaInputValue::new("includeDeprecated", "Boolean!");
        deprecated.default_value = Some("false".to_owned());
        field.args = IndexMap::from([("includeDeprecated".to_owned(), deprecated)]);
    }
    (bare.to_owned(), field)
}
