//! The codes of errors: each declared once. Those of user errors are one table in the code, and the same in the schema and
//! in `docs/errors.md`; that of all others is in the README, whose tests compare it.

use crate::schema_rules::parsed;
use accounts_graph::{error::ErrorCode, graph::mutation::user_error::UserErrorCode};
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use std::{collections::BTreeSet, fs, path::Path};
use strum::IntoEnumIterator;

const PAGE: &str = include_str!("../../docs/errors.md");

/// The rows of the table of the gateway's own codes.
fn rows() -> Vec<String> {
    UserErrorCode::iter().map(|code| format!("| `{}` | {} |", code.text(), code.meaning())).collect()
}

/// The section of the page with this heading.
fn section(heading: &str) -> &'static str {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    section.split("\n## ").next().unwrap_or_default()
}

#[test]
fn the_schema_and_the_page_have_the_same_table_of_codes() {
    let in_page: Vec<&str> = section("Codes of user errors").lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(in_page, rows());
    let mut described = 0;
    for definition in parsed(include_str!("../../schema.graphql")).definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let fields = match ty.node.kind {
            TypeKind::Interface(interface) if ty.node.name.node == "UserError" => interface.fields,
            TypeKind::Object(object) if object.implements.iter().any(|name| name.node == "UserError") => object.fields,
            _ => continue,
        };
        let code = fields.into_iter().find(|field| field.node.name.node == "code").expect("a code");
        let text = code.node.description.expect("a description").node;
        let in_schema: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("| `")).collect();
        assert_eq!(in_schema, rows(), "{}", ty.node.name.node);
        described += 1;
    }
    assert_eq!(described, 3);
}

/// The sources below a folder, without their tests.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            found.push((path.display().to_string(), text.to_owned()));
        }
    }
}

#[test]
fn no_code_is_written_out_beside_its_declaration() {
    let mut found = Vec::new();
    for folder in ["upstream", "loader", "graph", "http", "program"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut found);
    }
    assert!(found.len() > 100, "the sources are found");
    for code in ErrorCode::iter() {
        let literal = format!("\"{code}\"");
        let written: Vec<&String> =
            found.iter().filter(|(_, text)| text.contains(&literal)).map(|(path, _)| path).collect();
        assert!(written.is_empty(), "{code} is a literal in {written:?}");
    }
}

/// The codes of the API's form in the sources below a folder.
fn codes_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            codes_below(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source");
        let code = |rest: &str| rest.get(.."ACC00-0000".len()).map(|rest| format!("MPT{rest}"));
        found.extend(text.split("\"MPT").skip(1).filter_map(code));
    }
}

#[test]
fn every_code_of_the_sandbox_is_on_the_page() {
    let mut in_sources = BTreeSet::new();
    codes_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/sandbox/src"), &mut in_sources);
    let code = |line: &str| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned());
    let in_page: BTreeSet<String> = section("Codes of the API").lines().filter_map(code).collect();
    assert!(in_page.len() > 50, "{in_page:?}");
    assert_eq!(in_page, in_sources);
}
