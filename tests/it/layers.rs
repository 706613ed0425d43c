//! Each module imports only those below it: read from the sources, since no compiler checks it. Between crates the
//! compiler does: the sandbox, a dependency of the gateway, cannot import it. What a build for production depends on is
//! read from Cargo.

mod cycles;
mod documented;

use std::{fs, path::Path, process::Command};

/// The floors, lowest first. `config`, `cli`, `program` and `telemetry` belong to the program, not to the graph.
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

/// The crates that a build of the gateway with these features is made of.
fn crates(features: &[&str]) -> Vec<String> {
    let fixed = ["tree", "--offline", "--locked", "--package", env!("CARGO_PKG_NAME")];
    let listed = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(fixed)
        .args(listed)
        .args(features)
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    String::from_utf8_lossy(&output.stdout).lines().map(name).collect()
}

#[test]
fn production_has_neither_the_sandbox_nor_sqlite_and_the_library_no_command_line() {
    let has = |crates: &[String], name: &str| crates.iter().any(|found| found == name);
    let sandbox = ["accounts-graph-sandbox", "rusqlite", "libsqlite3-sys"];
    let program = ["clap", "toml", "mimalloc", "tracing-subscriber"];
    for (features, with_sandbox, with_program) in [
        (&[][..], true, true),
        (&["--no-default-features", "--features", "cli"], false, true),
        (&["--no-default-features"], false, false),
    ] {
        let crates = crates(features);
        assert!(has(&crates, "async-graphql"), "{crates:?}");
        for name in sandbox {
            assert_eq!(has(&crates, name), with_sandbox, "{name} with {features:?}");
        }
        for name in program {
            assert_eq!(has(&crates, name), with_program, "{name} with {features:?}");
        }
    }
}

#[test]
fn imports_are_found_in_trees_and_paths() {
    let text = "use crate::{\n    entity::{kind::Kind, model},\n    fault::Fault,\n};\nuse crate::graph::plan;\nlet x = crate::http::y();";
    assert_eq!(imports(text), ["entity", "fault", "graph", "http"]);
}
