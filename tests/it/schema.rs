//! The printed schema.

use accounts_graph::graph::engine;
use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use std::process::Command;

const PRINTED: &str = include_str!("../../schema.graphql");

#[test]
fn schema_graphql_is_what_the_code_prints() {
    let hint = "schema.graphql has drifted: print it again with `cargo run -- schema > schema.graphql`";
    assert!(engine::sdl() == PRINTED, "{hint}");
}

#[test]
fn the_command_prints_the_schema() {
    let output = Command::new(env!("CARGO_BIN_EXE_accounts-graph")).arg("schema").output().expect("the command runs");
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).expect("text"), PRINTED);
}

#[test]
fn everything_in_the_schema_has_a_description() {
    let document = parse_schema(PRINTED).expect("the schema parses");
    let mut bare = Vec::new();
    let mut types = 0;
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let ty = definition.node;
        types += 1;
        let name = ty.name.node.to_string();
        let mut check = |described: bool, place: String| {
            if !described {
                bare.push(place);
            }
        };
        check(ty.description.is_some(), name.clone());
        let fields = match ty.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Enum(values) => {
                for value in values.values {
                    check(value.node.description.is_some(), format!("{name}.{}", value.node.value.node));
                }
                vec![]
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    check(field.node.description.is_some(), format!("{name}.{}", field.node.name.node));
                }
                vec![]
            }
            TypeKind::Scalar | TypeKind::Union(_) => vec![],
        };
        for field in fields {
            let place = format!("{name}.{}", field.node.name.node);
            for argument in &field.node.arguments {
                check(argument.node.description.is_some(), format!("{place}({})", argument.node.name.node));
            }
            check(field.node.description.is_some(), place);
        }
    }
    assert!(types > 60, "only {types} types were found");
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[test]
fn types_stand_in_the_order_of_their_names() {
    let document = parse_schema(PRINTED).expect("the schema parses");
    let names: Vec<String> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some(ty.node.name.node.to_string()),
            _ => None,
        })
        .collect();
    assert!(names.is_sorted(), "{names:?}");
}
