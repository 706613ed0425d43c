//! When a list of entities is a connection, and what every connection is like: the rules of `docs/schema.md`.

use crate::schema_rules::parsed;
use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};
use std::collections::BTreeMap;

const PRINTED: &str = include_str!("../../schema.graphql");
const RULES: &str = include_str!("../../docs/schema.md");

/// A field as the rules look at it.
struct Shown {
    ty: String,
    /// The type and the default value of each argument, in order.
    arguments: Vec<(String, String, Option<String>)>,
}

/// The fields of every object type and interface.
fn fields() -> BTreeMap<String, BTreeMap<String, Shown>> {
    let document = parsed(PRINTED);
    let mut types = BTreeMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let fields = match ty.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => continue,
        };
        let fields = fields.into_iter().map(|field| shown(&field.node)).collect();
        types.insert(ty.node.name.node.to_string(), fields);
    }
    types
}

fn shown(field: &FieldDefinition) -> (String, Shown) {
    let arguments = field.arguments.iter().map(|argument| {
        let argument = &argument.node;
        let default = argument.default_value.as_ref().map(|value| value.node.to_string());
        (argument.name.node.to_string(), argument.ty.node.to_string(), default)
    });
    (field.name.node.to_string(), Shown { ty: field.ty.node.to_string(), arguments: arguments.collect() })
}

fn named(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}

/// The rows of the table behind a heading of the rules, their first cells without the quotes.
fn table(heading: &str) -> Vec<String> {
    let section = RULES.split(heading).nth(1).unwrap_or_else(|| panic!("no section {heading:?}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('`').nth(1).expect("a quoted name").to_owned()).collect()
}

#[test]
fn a_list_of_entities_is_a_connection_or_in_the_table_of_plain_lists() {
    let types = fields();
    let is_entity = |ty: &str| types.contains_key(&format!("{ty}Connection")) || ty == "Node" || ty == "_Entity";
    let mut plain = vec![];
    for (ty, fields) in &types {
        // What connections are made of.
        if ty.ends_with("Connection") {
            continue;
        }
        for (field, shown) in fields {
            if shown.ty.starts_with('[') && is_entity(named(&shown.ty)) {
                plain.push(format!("{ty}.{field}"));
            }
        }
    }
    let mut allowed = table("## Plain lists");
    allowed.sort();
    assert_eq!(plain, allowed);
}

#[test]
fn every_connection_takes_the_same_arguments() {
    let types = fields();
    let without_filter = table("## Connections without `filter` and `orderBy`");
    let (mut met, mut wholes) = (0, 0);
    for (ty, fields) in &types {
        for (field, shown) in fields {
            let Some(node) = named(&shown.ty).strip_suffix("Connection") else { continue };
            met += 1;
            let name = format!("{ty}.{field}");
            let first = shown.arguments.iter().find(|(name, ..)| name == "first");
            let first = first.and_then(|(_, _, default)| default.clone()).unwrap_or_default();
            let whole = first == "100";
            wholes += usize::from(whole);
            assert!(whole || first == "20", "{name}: first = {first}");
            let argument = |name: &str, ty: &str| (name.to_owned(), ty.to_owned(), None);
            let mut expected = vec![
                ("first".to_owned(), "Int".to_owned(), Some(first)),
                argument("after", "String"),
                argument("last", "Int"),
                argument("before", "String"),
                argument("offset", "Int"),
            ];
            if !without_filter.contains(&name) {
                expected.push(argument("filter", &format!("{node}Filter")));
                expected.push(argument("orderBy", &format!("[{node}Order!]")));
            }
            if name == "User.groups" {
                expected.push(argument("account", "ID"));
            }
            // They are printed in the order of their names.
            expected.sort();
            assert_eq!(shown.arguments, expected, "{name}");
        }
    }
    assert!(met > 40 && wholes > 10, "{met} connections, {wholes} of them cut out of whole lists");
    for name in without_filter {
        let (ty, field) = name.split_once('.').expect("a type and a field");
        assert!(types[ty][field].ty.ends_with("Connection"), "{name} is no connection");
    }
}

#[test]
fn every_connection_is_made_of_the_same_parts() {
    let types = fields();
    let mut met = 0;
    for (ty, fields) in types.iter().filter(|(ty, _)| ty.ends_with("Connection")) {
        met += 1;
        let node = ty.trim_end_matches("Connection");
        let parts: Vec<(&str, &str)> = fields.iter().map(|(name, shown)| (name.as_str(), shown.ty.as_str())).collect();
        let (edges, nodes) = (format!("[{node}Edge!]!"), format!("[{node}!]!"));
        let expected = [("edges", &*edges), ("nodes", &*nodes), ("pageInfo", "PageInfo!"), ("totalCount", "Int")];
        assert_eq!(parts, expected, "{ty}");
        let edge: Vec<(&str, &str)> =
            types[&format!("{node}Edge")].iter().map(|(name, shown)| (name.as_str(), shown.ty.as_str())).collect();
        assert_eq!(edge, [("cursor", "String!"), ("node", &*format!("{node}!"))], "{node}Edge");
    }
    assert!(met > 12, "{met}");
}
