//! No folder has a cycle of imports among its modules. A cycle means that no module of it can be understood, tested or
//! moved alone.
//!
//! Sources are read as Rust: `use` declarations and paths, both those that begin with `crate`, `self` or `super` and those
//! that begin with a child module. A name that a module only re-exports counts as that of the module where it is defined.
//! Tests inside the sources are left out: they may use whatever they need.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};
use syn::{
    Attribute, Item, ItemMod, UseTree,
    visit::{self, Visit},
};

/// A module's path in its crate.
type Module = Vec<String>;

/// The folders of `graph`, lowest first: each imports only those before it. What stands beside them is listed with them.
const GRAPH: [&str; 11] =
    ["names", "error", "schema", "document", "queries", "cost", "prepared", "execute", "explain", "response", "engine"];

/// Entity types refer to each other, as the graph that they describe does.
const CYCLIC_BY_NATURE: [&str; 2] = ["graph::schema::types", "graph::schema::types::wavefront"];

/// Folders that still have cycles.
const STILL_CYCLIC: [&str; 1] = ["config"];

/// A crate's modules, with what each imports.
#[derive(Default)]
struct Sources {
    /// By module: the absolute paths that it names.
    named: BTreeMap<Module, Vec<Module>>,
    /// By module and name: where `use` finds the name.
    uses: HashMap<(Module, String), Module>,
}

/// Reads one module.
struct Reader {
    module: Module,
    named: Vec<Vec<String>>,
    uses: Vec<(Vec<String>, String)>,
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("cfg") && one.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl Reader {
    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let below = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.tree(&below(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item)),
            UseTree::Glob(_) => self.named.push(before.to_vec()),
            UseTree::Name(name) if name.ident == "self" => self.import(before.to_vec(), None),
            UseTree::Name(name) => self.import(below(name.ident.to_string()), None),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.import(before.to_vec(), Some(rename.rename.to_string()));
            }
            UseTree::Rename(rename) => {
                self.import(below(rename.ident.to_string()), Some(rename.rename.to_string()));
            }
        }
    }

    fn import(&mut self, path: Vec<String>, name: Option<String>) {
        if let Some(name) = name.or_else(|| path.last().cloned()) {
            self.uses.push((path.clone(), name));
        }
        self.named.push(path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Use(declaration) => self.tree(&[], &declaration.tree),
            Item::Mod(ItemMod { attrs, .. }) if is_test(attrs) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            self.named.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

impl Sources {
    fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        super::sources(src, &mut files);
        let mut readers = Vec::new();
        for (path, text) in &files {
            let path = Path::new(path).strip_prefix(src).expect("a file of the crate").with_extension("");
            let mut module: Module = path.iter().map(|step| step.to_string_lossy().into_owned()).collect();
            if module.iter().any(|step| step == "tests") {
                continue;
            }
            if ["mod", "lib", "main"].contains(&module.last().map_or("", String::as_str)) {
                module.pop();
            }
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut reader = Reader { module, named: vec![], uses: vec![] };
            reader.visit_file(&file);
            readers.push(reader);
        }
        let modules: BTreeSet<Module> = readers.iter().map(|reader| reader.module.clone()).collect();
        let mut sources = Sources::default();
        for Reader { module, named, uses } in readers {
            for (path, name) in uses {
                if let Some(path) = absolute(&modules, &module, &path) {
                    sources.uses.insert((module.clone(), name), path);
                }
            }
            let named = named.iter().filter_map(|path| absolute(&modules, &module, path));
            sources.named.entry(module.clone()).or_default().extend(named);
        }
        sources
    }

    /// The module in which what a path names is defined, through re-exports.
    fn defined(&self, path: &[String]) -> Module {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let known = (0..=path.len()).rev().find(|length| self.named.contains_key(&path[..*length]));
            let module = path[..known.unwrap_or_default()].to_vec();
            let Some(name) = path.get(module.len()) else { return module };
            match self.uses.get(&(module.clone(), name.clone())) {
                Some(found) if *found != path => {
                    path = found.iter().chain(&path[module.len() + 1..]).cloned().collect();
                }
                _ => return module,
            }
        }
        path
    }

    /// Which modules of a folder import which others of it, with an example of each import.
    fn imports(&self, folder: &[String]) -> BTreeMap<String, BTreeMap<String, String>> {
        let child = |module: &[String]| module.strip_prefix(folder)?.first().cloned();
        let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (module, named) in &self.named {
            let Some(from) = child(module) else { continue };
            for path in named {
                let Some(to) = child(&self.defined(path)).filter(|to| *to != from) else { continue };
                let example = format!("{} names {}", module.join("::"), path.join("::"));
                found.entry(from.clone()).or_default().insert(to, example);
            }
        }
        found
    }
}

/// A path from the root of the crate; none if it leads to another crate, or to an item of the module itself.
fn absolute(modules: &BTreeSet<Module>, module: &Module, path: &[String]) -> Option<Module> {
    let mut base = module.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => (base, rest) = (vec![], &rest[1..]),
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|step| step == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            base.push(child.to_owned());
            if !modules.contains(&base) {
                return None;
            }
            base.pop();
        }
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The cycles of a folder, each as its modules with an example for each import between them.
fn cycles(imports: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<Vec<String>> {
    let reached = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut next = vec![from.to_owned()];
        while let Some(one) = next.pop() {
            for to in imports.get(&one).into_iter().flatten().map(|(to, _)| to) {
                if reached.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        reached
    };
    let all: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|from| (from, reached(from))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (one, reached) in &all {
        if reached.contains(*one) {
            let back = |other: &&String| all.get(*other).is_some_and(|back| back.contains(*one));
            let circle: BTreeSet<&String> = reached.iter().filter(back).collect();
            let between = circle.iter().flat_map(|from| imports.get(*from).into_iter().flatten());
            let mut examples: Vec<_> =
                between.filter(|(to, _)| circle.contains(to)).map(|(_, one)| one.clone()).collect();
            examples.sort_unstable();
            found.insert(examples);
        }
    }
    found.into_iter().collect()
}

fn folders(sources: &Sources) -> BTreeSet<Module> {
    let parent = |module: &Module| Some(module[..module.len().checked_sub(1)?].to_vec());
    sources.named.keys().filter_map(parent).collect()
}

#[test]
fn no_folder_has_a_cycle_of_imports_among_its_modules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for src in ["src", "crates/sandbox/src"] {
        let sources = Sources::read(&root.join(src));
        let (mut imported, mut all) = (0, vec![]);
        for folder in folders(&sources) {
            let imports = sources.imports(&folder);
            imported += imports.values().map(BTreeMap::len).sum::<usize>();
            let name = folder.join("::");
            if ![&CYCLIC_BY_NATURE[..], &STILL_CYCLIC].concat().contains(&&*name) {
                all.extend(cycles(&imports));
            }
        }
        assert!(all.is_empty(), "{src} has cycles: {all:#?}");
        assert!(imported > 50, "{src}: only {imported} imports were found: the reader of sources is broken");
    }
}

#[test]
fn the_folders_of_the_graph_import_downwards() {
    let sources = Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let graph = ["graph".to_owned()];
    let present: BTreeSet<&str> =
        sources.named.keys().filter_map(|module| module.strip_prefix(&graph)?.first()).map(|name| &**name).collect();
    assert_eq!(present, GRAPH.into_iter().collect(), "a folder of the graph has no place in the order");
    let level = |name: &str| GRAPH.iter().position(|one| *one == name);
    for (from, imports) in sources.imports(&graph) {
        for (to, example) in imports {
            assert!(level(&to) < level(&from), "{from} imports {to}, which stands above it: {example}");
        }
    }
}

#[test]
fn a_cycle_is_found_through_a_re_export() {
    let module =
        |path: &str| -> Module { path.split("::").filter(|step| !step.is_empty()).map(str::to_owned).collect() };
    let mut sources = Sources::default();
    for (name, named) in [("", ""), ("a", "b::B"), ("a::inner", ""), ("b", "a::A"), ("c", "a::A")] {
        sources
            .named
            .insert(module(name), [named].iter().filter(|path| !path.is_empty()).map(|path| module(path)).collect());
    }
    assert_eq!(cycles(&sources.imports(&[])), [["a names b::B", "b names a::A"]]);
    // `b` no longer imports `a` but by the name that the root has for it.
    sources.named.insert(module("b"), vec![module("A")]);
    assert_eq!(cycles(&sources.imports(&[])), [[""; 0]; 0]);
    sources.uses.insert((module(""), "A".to_owned()), module("a::inner::A"));
    assert_eq!(cycles(&sources.imports(&[])), [["a names b::B", "b names A"]]);
}
