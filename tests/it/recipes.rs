//! The recipes in `docs/recipes`: each has the answer, and takes the upstream requests, that its page shows.
//!
//! `ACCOUNTS_GRAPH_RECIPES=write cargo test --test it recipes` writes what the pages show anew, and the cursors of later
//! pages; read what it changed.

use crate::support::{Kit, kit_with, limits};
use accounts_graph_sandbox::Options;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What a front end asks on its first days: none may get lost.
const RECIPES: [&str; 15] = [
    "access-of-one-module",
    "all-memberships",
    "block-a-user",
    "buyers-backwards",
    "compare-two-groups",
    "invite-somebody",
    "last-change-of-an-account",
    "move-a-user",
    "never-signed-in",
    "one-buyer",
    "person-by-email",
    "users-created-last-month",
    "users-of-my-account",
    "what-may-i-do",
    "who-is-administrator",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes")
}

/// A page, cut into the text between its blocks of code and the blocks.
struct Page {
    name: String,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    /// What stands behind the fence, and the lines of code.
    Code(String, String),
}

impl Page {
    fn read(path: &Path) -> Page {
        let text = fs::read_to_string(path).expect("a page");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let (mut parts, mut lines, mut open) = (vec![], String::new(), None);
        for line in text.lines() {
            match (line.strip_prefix("```"), open.take()) {
                (Some(info), None) => {
                    parts.push(Part::Text(std::mem::take(&mut lines)));
                    open = Some(info.to_owned());
                }
                (Some(_), Some(info)) => parts.push(Part::Code(info, std::mem::take(&mut lines))),
                (None, info) => {
                    lines.push_str(line);
                    lines.push('\n');
                    open = info;
                }
            }
        }
        assert!(open.is_none(), "{name}: the last block of code does not end");
        parts.push(Part::Text(lines));
        Page { name, parts }
    }

    fn print(&self) -> String {
        let print = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Code(info, code) => format!("```{info}\n{code}```\n"),
        };
        self.parts.iter().map(print).collect()
    }

    /// Runs each operation of the page, and writes what its answers and requests are behind it.
    async fn run(&mut self, kit: &Kit, write: bool) {
        let (mut last, mut operations, mut token) = (None, 0, None);
        let (mut before, mut known, mut met) = (Value::Null, 0, 0);
        let name = self.name.clone();
        for at in 0..self.parts.len() {
            let (parts, behind) = self.parts.split_at_mut(at + 1);
            let Part::Code(info, code) = &mut parts[at] else { continue };
            match info.as_str() {
                "graphql" => {
                    // Variables stand directly behind their operation.
                    let mut given = json!({});
                    if let Some(Part::Code(info, variables)) = behind.get_mut(1)
                        && info == "json variables"
                    {
                        given = serde_json::from_str(variables).unwrap_or_else(|e| panic!("{name}: {e}"));
                        if write {
                            lead_on(&mut given, &before);
                            *variables = format!("{}\n", spaced(&given));
                        }
                        known += 1;
                    }
                    kit.requests();
                    let body = json!({ "query": code, "variables": given });
                    let answer = kit.text(&body, token.as_deref()).await;
                    last = Some((answer, kit.requests()));
                    operations += 1;
                }
                "json variables" => met += 1,
                "http" => {
                    let header = code.trim().strip_prefix("Authorization: Bearer ");
                    token = Some(header.unwrap_or_else(|| panic!("{name}: a header is {code:?}")).to_owned());
                }
                "json answer" => {
                    let (answer, _) = last.as_ref().unwrap_or_else(|| panic!("{name}: an answer to nothing"));
                    before = serde_json::from_str(answer).expect("JSON");
                    *code = laid_out(&before);
                }
                "text requests" => {
                    let (_, requests) = last.take().unwrap_or_else(|| panic!("{name}: requests of nothing"));
                    *code = requests.join("\n") + "\n";
                }
                other => panic!("{name}: a block is {other:?}"),
            }
        }
        assert!(operations > 0 && last.is_none(), "{name}: an operation without its answer and its requests");
        assert_eq!(known, met, "{name}: variables that belong to no operation");
    }
}

/// Puts the first cursor of the answer before into variables that are cursors.
fn lead_on(variables: &mut Value, answer: &Value) {
    for (variable, field) in [("after", "endCursor"), ("before", "startCursor")] {
        if let (Some(variable), Some(cursor)) = (variables.get_mut(variable), first(answer, field)) {
            *variable = cursor.clone();
        }
    }
}

fn first<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => {
            members.get(field).or_else(|| members.values().find_map(|member| first(member, field)))
        }
        Value::Array(items) => items.iter().find_map(|item| first(item, field)),
        _ => None,
    }
}

/// An answer over several lines, its keys in the order of the query.
fn laid_out(answer: &Value) -> String {
    let mut out = String::new();
    lay_out(answer, 0, &mut out);
    out.push('\n');
    out
}

fn lay_out(value: &Value, depth: usize, out: &mut String) {
    const WIDTH: usize = 110;
    let short = spaced(value);
    if 2 * depth + short.len() <= WIDTH && depth > 0 {
        out.push_str(&short);
        return;
    }
    let (open, close, members): (char, char, Vec<(Option<&String>, &Value)>) = match value {
        Value::Object(members) => ('{', '}', members.iter().map(|(key, value)| (Some(key), value)).collect()),
        Value::Array(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        _ => return out.push_str(&short),
    };
    out.push(open);
    for (index, (key, value)) in members.into_iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            out.push_str(&json!(key).to_string());
            out.push_str(": ");
        }
        lay_out(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// JSON on one line, with spaces.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<_> =
                members.iter().map(|(key, value)| format!("{}: {}", json!(key), spaced(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of the recipes");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "README.md"));
    paths
}

#[test]
fn every_recipe_is_there_and_in_the_index() {
    let names: BTreeSet<String> =
        pages().iter().map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    assert_eq!(names, RECIPES.map(str::to_owned).into());
    let index = fs::read_to_string(folder().join("README.md")).expect("an index");
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a page");
        let title = page.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title");
        let link = format!("- [{title}]({})", path.file_name().expect("a name").to_string_lossy());
        assert!(index.contains(&link), "the index lacks {link}");
    }
}

#[tokio::test]
async fn every_recipe_has_the_answer_and_takes_the_requests_that_it_shows() {
    let write = std::env::var("ACCOUNTS_GRAPH_RECIPES").is_ok_and(|value| value == "write");
    let kit = async || kit_with(Options::default(), limits()).await;
    let unchanged = kit().await;
    let mut failed = vec![];
    for path in pages() {
        let mut page = Page::read(&path);
        let shown = page.print();
        // What changes something has a world of its own.
        let own = if shown.contains("```graphql\nmutation") { Some(kit().await) } else { None };
        page.run(own.as_ref().unwrap_or(&unchanged), write).await;
        if page.print().contains("\"errors\"") {
            failed.push(page.print());
            continue;
        }
        if write {
            fs::write(&path, page.print()).expect("a page");
        } else {
            compare(&page.name, &shown, &page.print());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Names the first line that is another.
fn compare(name: &str, shown: &str, found: &str) {
    let lines = shown.lines().zip(found.lines()).find(|(shown, found)| shown != found);
    if let Some((shown, found)) = lines {
        panic!("{name} shows\n{shown}\nand it is\n{found}");
    }
    assert_eq!(shown, found, "{name}");
}
