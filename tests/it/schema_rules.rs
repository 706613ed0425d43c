//! What every part of the schema keeps to, whoever adds it: names, inputs and descriptions.

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

const PRINTED: &str = include_str!("../../schema.graphql");

/// Every type of the printed schema.
fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(PRINTED).expect("the schema parses");
    let ty = |definition| if let TypeSystemDefinition::Type(ty) = definition { Some(ty.node) } else { None };
    let types: Vec<_> = document.definitions.into_iter().filter_map(ty).collect();
    assert!(types.len() > 60, "only {} types were found", types.len());
    types
}

/// The fields of an object type or an interface.
fn fields(ty: &TypeDefinition) -> impl Iterator<Item = &FieldDefinition> {
    let fields = match &ty.kind {
        TypeKind::Object(object) => &object.fields[..],
        TypeKind::Interface(interface) => &interface.fields[..],
        _ => &[],
    };
    fields.iter().map(|field| &field.node)
}

/// The fields of an input type.
fn input_fields(ty: &TypeDefinition) -> impl Iterator<Item = &InputValueDefinition> {
    let fields = if let TypeKind::InputObject(input) = &ty.kind { &input.fields[..] } else { &[] };
    fields.iter().map(|field| &field.node)
}

#[test]
fn every_mutation_has_an_input_and_a_payload_of_its_own() {
    let types = types();
    let mutation = types.iter().find(|ty| ty.name.node == "Mutation").expect("mutations");
    for field in fields(mutation) {
        let name = field.name.node.as_str();
        let pascal = name[..1].to_uppercase() + &name[1..];
        let [input] = &field.arguments[..] else { panic!("{name} has one argument") };
        assert_eq!(input.node.name.node, "input", "{name}");
        assert_eq!(input.node.ty.node.to_string(), format!("{pascal}Input!"), "{name}");
        assert_eq!(field.ty.node.to_string(), format!("{pascal}Payload"), "{name}");
    }
}

#[test]
fn ids_in_inputs_are_named_as_ids() {
    let types = types();
    let mut count = 0;
    // A filter compares with what its field names: `{id: {eq: …}}`.
    for ty in types.iter().filter(|ty| !ty.name.node.ends_with("Filter")) {
        for field in input_fields(ty) {
            let (name, of) = (field.name.node.as_str(), field.ty.node.to_string());
            let (is_id, is_list) = (of.trim_matches(['[', ']', '!']) == "ID", of.starts_with('['));
            let named = if is_list { name.ends_with("Ids") } else { name == "id" || name.ends_with("Id") };
            assert!(!is_id || named, "{}.{name}: {of}", ty.name.node);
            count += usize::from(is_id);
        }
    }
    assert!(count > 60, "only {count} ids were found");
}
