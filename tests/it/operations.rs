//! Every operation of the REST APIs is a field of the graph: the list of operations, the table and the schema agree.

use crate::schema_rules::parsed;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../schema.graphql");
const TABLE: &str = include_str!("../../docs/operations.md");
const OPERATIONS: &str = include_str!("operations.txt");
const WAVEFRONT: &str = include_str!("operations-wavefront.txt");

/// The rows of the tables below a heading, or of all tables: the operation, and what stands beside it.
fn rows(heading: &str) -> Vec<(&'static str, &'static str)> {
    let section = &TABLE[TABLE.find(heading).unwrap_or_else(|| panic!("there is no {heading}"))..];
    let section = if heading.is_empty() { section } else { section.split("\n## ").next().unwrap_or_default() };
    let row = |line: &'static str| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ");
    section.lines().filter_map(row).collect()
}

/// Every field of every object of the schema, as `Type.field`.
fn fields() -> BTreeSet<String> {
    let document = parsed(SCHEMA);
    let mut fields = BTreeSet::new();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(ty) = definition
            && let TypeKind::Object(object) = ty.node.kind
        {
            let name = ty.node.name.node;
            fields.extend(object.fields.iter().map(|field| format!("{name}.{}", field.node.name.node)));
        }
    }
    fields
}

#[test]
fn the_table_has_every_operation_once() {
    let listed: Vec<&str> = OPERATIONS.lines().collect();
    assert_eq!(listed.len(), 93);
    let shown: Vec<&str> = rows("## The accounts API").into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(shown, listed);
    let shown: Vec<&str> = rows("## Wavefront").into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(shown, WAVEFRONT.lines().collect::<Vec<_>>());
    let all = rows("");
    let once: BTreeSet<&str> = all.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(once.len(), all.len(), "an operation stands in the table twice");
    assert!(all.len() > listed.len(), "the table goes on after the listed operations");
}

#[test]
fn an_operation_is_a_field_of_the_schema_or_left_out_with_a_reason() {
    let fields = fields();
    for (operation, shown) in rows("") {
        if let Some(reason) = shown.strip_prefix("left out: ") {
            assert!(!reason.is_empty(), "{operation} is left out without a reason");
            continue;
        }
        for name in shown.split(", ") {
            let field = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')).unwrap_or_default();
            assert!(fields.contains(field), "{operation} is said to be {name}, which the schema does not have");
        }
    }
}

#[test]
fn every_mutation_stands_in_the_table() {
    let mutations: Vec<String> = fields().into_iter().filter(|field| field.starts_with("Mutation.")).collect();
    assert!(mutations.len() > 50, "only {} mutations were found", mutations.len());
    for mutation in mutations {
        assert!(TABLE.contains(&format!("`{mutation}`")), "{mutation} is not in the table");
    }
}
