//! What a document may cost before it is looked at closely: its size, its nesting, its depth.

use super::{answer::GraphError, merge::INVALID};
use async_graphql::{
    Name, Pos,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use std::collections::HashMap;

/// Brackets may nest this deep, of all kinds together. The parser recurses on brackets and overflows the stack, and the
/// process with it, on a few kilobytes of them; a selection of the greatest depth with filters stays far below this.
pub const MAX_NESTING: usize = 128;

/// The code of what goes beyond a limit of the document.
pub const LIMIT_EXCEEDED: &str = "DOCUMENT_LIMIT_EXCEEDED";

/// Refuses a text that is too long, or whose brackets nest too deep, by one flat scan before the parser sees it.
///
/// # Errors
///
/// With [`LIMIT_EXCEEDED`] and the number that was exceeded.
pub fn check_text(text: &str, max_bytes: usize) -> Result<(), GraphError> {
    if text.len() > max_bytes {
        let message = format!("The document has {} bytes; at most {max_bytes} are allowed.", text.len());
        return Err(GraphError::request(LIMIT_EXCEEDED, message, None));
    }
    if nests_too_deep(text.as_bytes()) {
        let message = format!("Brackets nest deeper than {MAX_NESTING}.");
        return Err(GraphError::request(LIMIT_EXCEEDED, message, None));
    }
    Ok(())
}

fn nests_too_deep(text: &[u8]) -> bool {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return true;
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at += line(&text[at..]),
            b'"' if text[at..].starts_with(b"\"\"") => at += block_string(&text[at..]),
            b'"' => at += string(&text[at..]),
            _ => {}
        }
    }
    false
}

/// The length of the rest of a line.
fn line(text: &[u8]) -> usize {
    text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len())
}

/// The length of the rest of a string, which a line's end ends as well: there the parser stops.
fn string(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' | b'\n' | b'\r' => break,
            _ => {}
        }
    }
    at.min(text.len())
}

/// The length of the rest of a block string, from its second quote on; an empty string is over with that quote.
fn block_string(text: &[u8]) -> usize {
    if !text.starts_with(b"\"\"") {
        return 1;
    }
    let mut at = 2;
    while at < text.len() {
        if text[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if text[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    at
}

/// Selections that a document may come to, the content of a fragment counted at each of its spreads: the library walks
/// them one by one, and a few hundred bytes of fragments that are spread twice each come to more than it ever ends with.
pub const MAX_SELECTIONS: usize = 100_000;

/// Refuses a document that selects deeper than allowed, or that its fragments make endless or too large. Introspection
/// does not count as depth: its depth is that of types, not of data.
///
/// # Errors
///
/// With [`LIMIT_EXCEEDED`] and the limit; with [`INVALID`] when a fragment is spread into itself, which the library
/// follows until the stack overflows.
pub fn check_selections(document: &ExecutableDocument, max_depth: usize) -> Result<(), GraphError> {
    let mut measure = Measure { document, fragments: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    // Also those that nobody spreads: validation follows them as well.
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    for set in operations.chain(fragments) {
        let Extent { depth, selections, .. } = measure.set(set, 0)?;
        let message = if depth > max_depth {
            format!("The operation selects deeper than {max_depth} levels.")
        } else if selections > MAX_SELECTIONS {
            format!("The document selects more than {MAX_SELECTIONS} fields, fragments counted at each spread.")
        } else {
            continue;
        };
        return Err(GraphError::request(LIMIT_EXCEEDED, message, None));
    }
    Ok(())
}

/// How far a selection reaches, with its fragments in it.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Levels of data.
    depth: usize,
    /// Levels of selections, those of fragments and of introspection among them.
    nesting: usize,
    /// Fields and fragments.
    selections: usize,
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// The extent of a fragment; none while it is being measured.
    fragments: HashMap<&'a Name, Option<Extent>>,
}

impl<'a> Measure<'a> {
    /// The extent of a selection that is in `above` others.
    fn set(&mut self, set: &'a SelectionSet, above: usize) -> Result<Extent, GraphError> {
        let too_deep = || {
            let message = format!("Selections nest deeper than {MAX_NESTING}, fragments included.");
            GraphError::request(LIMIT_EXCEEDED, message, None)
        };
        if above > MAX_NESTING {
            return Err(too_deep());
        }
        let mut whole = Extent { selections: set.items.len(), ..Extent::default() };
        for item in &set.items {
            let inner = match &item.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node, above + 1)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, above + 1)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, item.pos, above + 1)?
                }
            };
            let depth = match &item.node {
                Selection::Field(field) if field.node.name.node.starts_with("__") => 0,
                Selection::Field(_) => 1 + inner.depth,
                _ => inner.depth,
            };
            whole.depth = whole.depth.max(depth);
            whole.nesting = whole.nesting.max(1 + inner.nesting);
            whole.selections = whole.selections.saturating_add(inner.selections);
        }
        if above + whole.nesting > MAX_NESTING + 1 { Err(too_deep()) } else { Ok(whole) }
    }

    fn fragment(&mut self, name: &'a Name, pos: Pos, above: usize) -> Result<Extent, GraphError> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => {
                let message = format!("Fragment {:?} is spread into itself.", name.as_str());
                return Err(GraphError::request(INVALID, message, Some(pos)));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Extent::default()) };
        self.fragments.insert(name, None);
        let extent = self.set(&fragment.node.selection_set.node, above)?;
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    #[test]
    fn brackets_count_where_they_are_brackets() {
        let deep = |open: &str, close: &str, times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
        for (open, close) in [("{", "}"), ("[", "]"), ("(", ")"), ("{a(b:[", "])}")] {
            let brackets = open.chars().filter(|c| "{[(".contains(*c)).count();
            assert!(check_text(&deep(open, close, MAX_NESTING / brackets), 1 << 20).is_ok());
            assert!(check_text(&deep(open, close, MAX_NESTING / brackets + 1), 1 << 20).is_err());
            assert!(check_text(&deep(open, "", MAX_NESTING / brackets + 1), 1 << 20).is_err());
        }
        let hidden = "[".repeat(500);
        for harmless in [
            format!("{{ a(b: \"{hidden}\") }}"),
            format!("{{ a(b: \"\\\"{hidden}\") }}"),
            format!("{{ a(b: \"\"\"{hidden}\\\"\"\"{hidden} \" {hidden}\"\"\") }}"),
            format!("# {hidden}\n{{ a }}"),
            "{ a { b } }".repeat(500),
        ] {
            assert!(check_text(&harmless, 1 << 20).is_ok(), "{}", &harmless[..40]);
        }
        for seen in [
            format!("{{ a(b: \"\") {hidden}"),
            format!("{{ a(b: \"\"\"x\"\"\") {hidden}"),
            format!("{{ a(b: \"x\n {hidden}"),
            format!("# x\r{hidden}"),
        ] {
            assert!(check_text(&seen, 1 << 20).is_err(), "{}", &seen[..20]);
        }
        assert!(check_text("{ a }", 4).unwrap_err().message.contains("at most 4"));
    }

    fn checked(text: &str, max: usize) -> Result<(), String> {
        check_selections(&parse_query(text).unwrap(), max).map_err(|error| error.message)
    }

    #[test]
    fn depth_goes_through_fragments_and_leaves_introspection_out() {
        for (text, depth) in [
            ("{ a }", 1),
            ("{ a { b { c } } d }", 3),
            ("{ a { ...F } } fragment F on A { b { ... { c } } }", 3),
            ("{ __schema { types { fields { type { name } } } } a }", 1),
        ] {
            assert_eq!(checked(text, depth), Ok(()), "{text}");
            assert_eq!(
                checked(text, depth - 1),
                Err(format!("The operation selects deeper than {} levels.", depth - 1))
            );
        }
    }

    #[test]
    fn doubling_fragments_are_measured_once_each_and_counted_each_time() {
        let doubling = |times: usize| {
            let one = |n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1);
            format!("{{ ...F0 }} {} fragment F{times} on Query {{ a }}", (0..times).map(one).collect::<String>())
        };
        assert_eq!(checked(&doubling(14), 30), Ok(()));
        let refused = "The document selects more than 100000 fields, fragments counted at each spread.";
        assert_eq!(checked(&doubling(100), 30), Err(refused.to_owned()));
    }

    #[test]
    fn fragments_in_themselves_are_refused_wherever_they_are() {
        for text in [
            "{ a { ...F } } fragment F on A { b { ...F } }",
            "{ a { ...F } } fragment F on A { ...G } fragment G on A { ...F }",
            "{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }",
            "{ a } fragment F on A { ...F }",
        ] {
            let refused = checked(text, 30).unwrap_err();
            assert!(refused.ends_with("is spread into itself."), "{text}: {refused}");
        }
    }

    #[test]
    fn selections_nest_to_the_limit_and_no_deeper() {
        let chain = |n: usize| {
            let links = (0..n).map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1));
            format!("{} fragment F{n} on Query {{ a }}", links.collect::<Vec<_>>().join(" "))
        };
        let refused = Err("Selections nest deeper than 128, fragments included.".to_owned());
        assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(126)), 30), Ok(()));
        assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(128)), 30), refused);
        assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(10_000)), 30), refused);
        assert_eq!(checked(&format!("{{ a }} {}", chain(10_000)), 30), refused);
        // What is known of a fragment counts from where it is spread.
        let deep = format!("{{ ...F0 {}...F0{} }} {}", "...{".repeat(60), "}".repeat(60), chain(100));
        assert_eq!(checked(&deep, 30), refused);
    }
}
