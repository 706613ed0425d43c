//! The files that the documentation names exist.

use std::{collections::BTreeSet, fs, path::Path};

/// The paths of sources that a text names between backquotes.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_source = |quoted: &&str| Path::new(quoted).extension().is_some_and(|ending| ending == "rs");
    quoted.filter(is_source).filter(|quoted| !quoted.contains([' ', '*', '{'])).collect()
}

#[test]
fn every_source_that_the_documentation_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        super::sources(&root.join(folder), &mut files);
    }
    let documents = fs::read_dir(root.join("docs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let documents = documents.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let mut checked = 0;
    for document in documents.chain(["README.md", "crates/sandbox/README.md"].map(|path| root.join(path))) {
        let text = fs::read_to_string(&document).expect("a document");
        for path in named(&text) {
            let exists = root.join(path).is_file() || files.iter().any(|(file, _)| Path::new(file).ends_with(path));
            assert!(exists, "{} names {path}, which does not exist", document.display());
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} paths were found: the reader of documents is broken");
}

#[test]
fn each_of_the_three_paths_names_a_file_once() {
    let text = include_str!("../../../docs/architecture.md");
    let section = text.split("\n## ").find(|section| section.starts_with("Three paths")).expect("the section");
    let paths: Vec<&str> = section.split("\n**").skip(1).collect();
    assert_eq!(paths.len(), 3);
    for path in paths {
        let files = named(path);
        assert!(files.len() > 8, "{path}");
        let mut once = BTreeSet::new();
        for file in files {
            assert!(once.insert(file), "{file} is named twice in: {path}");
        }
    }
}
