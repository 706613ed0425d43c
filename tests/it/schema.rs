//! The printed schema.

use crate::{
    npm,
    schema_rules::parsed,
    support::{kit, kit_with, limits},
};
use accounts_graph::graph::{engine, federation::sdl::sdl};
use accounts_graph_sandbox::Options;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::json;
use std::{fs, path::PathBuf, process::Command};

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
fn the_command_prints_the_schema_for_routers() {
    for (flags, authenticated) in [(&["--federation"][..], false), (&["--federation", "--authenticated"], true)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accounts-graph"));
        let output = command.arg("schema").args(flags).output().expect("the command runs");
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).expect("text"), sdl(authenticated));
    }
}

#[tokio::test]
async fn routers_are_told_the_schema_also_where_clients_may_not_introspect() {
    let mut limits = limits();
    limits.document.introspection = false;
    let kit = kit_with(Options { scale: 0.01, ..Options::default() }, limits).await;
    assert!(kit.query("{ __schema { queryType { name } } }").await["errors"].is_array());
    let answer = kit.query("{ a: _service { __typename text: sdl } }").await;
    assert_eq!(answer, json!({ "data": { "a": { "__typename": "_Service", "text": sdl(false) } } }));
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn the_schema_told_over_and_over_is_too_large_an_answer() {
    let kit = kit().await;
    let aliases = (0..500).map(|n| format!("a{n}: sdl ")).collect::<Vec<_>>().concat();
    let answer = kit.query(&format!("{{ _service {{ {aliases} }} }}")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "COST_EXCEEDED", "{}", &answer.to_string()[..200]);
}

/// What of a schema breaks the clients of the released one.
fn breaking(name: &str, schema: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, schema).expect("the file is written");
    let printed = npm::run("breaking.mjs", &["released.graphql", path.to_str().expect("UTF-8")]);
    serde_json::from_str(&printed).expect("JSON")
}

#[test]
fn the_schema_breaks_no_client_of_the_released_one() {
    let hint =
        "this breaks clients: mend it, or release it as such and copy schema.graphql to tests/npm/released.graphql";
    assert_eq!(breaking("present.graphql", PRINTED), [""; 0], "{hint}");
}

#[test]
fn a_change_that_breaks_clients_is_found() {
    let changed = PRINTED.replacen("\n  email: String\n", "\n  email: Int\n", 1);
    assert_ne!(changed, PRINTED);
    let found = breaking("broken.graphql", &changed);
    assert!(found.len() == 1 && found[0].contains("from 'String' to 'Int'"), "{found:?}");
}

/// What graphql-eslint finds in a schema.
fn lint(name: &str, schema: &str) -> serde_json::Value {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, schema).expect("the file is written");
    let printed = npm::run("lint.mjs", &[path.to_str().expect("UTF-8")]);
    serde_json::from_str(&printed).expect("JSON")
}

#[test]
fn the_schema_keeps_to_the_rules_of_graphql_eslint() {
    let found = lint("linted.graphql", PRINTED);
    assert!(found["rules"].as_u64() > Some(30), "{found}");
    // An exception that nothing needs any more would hide what comes later.
    for what in ["wrong", "unneeded", "unexplained"] {
        assert_eq!(found[what], json!([]), "{what}");
    }
}

#[test]
fn a_schema_that_breaks_a_rule_of_graphql_eslint_is_found() {
    let changed = PRINTED.replacen("\n  hasNextPage: Boolean!\n", "\n  has_next_page: Boolean!\n", 1);
    assert_ne!(changed, PRINTED);
    let wrong = lint("broken-style.graphql", &changed)["wrong"].to_string();
    assert!(wrong.contains("naming-convention") && wrong.contains("relay-page-info"), "{wrong}");
}

#[test]
fn everything_in_the_schema_has_a_description() {
    let document = parsed(PRINTED);
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
    let document = parsed(PRINTED);
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
