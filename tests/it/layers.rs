//! Each module imports only those below it: read from the sources, since no compiler checks it.

use std::{fs, path::Path};

/// The floors, lowest first. `config`, `cli` and `telemetry` belong to the program, not to the graph.
const FLOORS: [&str; 8] = ["error", "fault", "workers", "entity", "upstream", "loader", "graph", "http"];

fn sources(folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push((path.display().to_string(), fs::read_to_string(&path).expect("a source")));
        }
    }
}

/// The modules of this crate that a source names, in `use crate::{…}` trees and in paths alike.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let Some(tree) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let (mut depth, mut start) = (0, true);
        for (at, letter) in tree.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                letter if depth == 0 && start && letter.is_alphabetic() => {
                    found.push(name(&tree[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn a_floor_imports_only_floors_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut checked = 0;
    for (level, floor) in FLOORS.iter().enumerate() {
        let mut files = Vec::new();
        if src.join(floor).is_dir() {
            sources(&src.join(floor), &mut files);
        }
        if let Ok(text) = fs::read_to_string(src.join(format!("{floor}.rs"))) {
            files.push((format!("{floor}.rs"), text));
        }
        assert!(!files.is_empty(), "{floor} has sources");
        for (path, text) in files {
            for import in imports(&text) {
                assert!(FLOORS[..=level].contains(&import.as_str()), "{path} of {floor} imports {import}");
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "only {checked} imports were found: the reader of sources is broken");
}

#[test]
fn the_sandbox_shares_nothing_with_the_gateway() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox"), &mut files);
    for (path, text) in files {
        for import in imports(&text) {
            assert_eq!(import, "sandbox", "{path}");
        }
    }
}

#[test]
fn imports_are_found_in_trees_and_paths() {
    let text = "use crate::{\n    entity::{kind::Kind, model},\n    fault::Fault,\n};\nuse crate::graph::plan;\nlet x = crate::http::y();";
    assert_eq!(imports(text), ["entity", "fault", "graph", "http"]);
}
