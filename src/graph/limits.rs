//! What a document may cost before it is looked at closely: its size, its nesting, its depth.

use super::answer::GraphError;
use async_graphql::{
    Name, Positioned,
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

/// Refuses an operation that selects deeper than allowed. Introspection does not count: its depth is that of types, not
/// of data. Fragments are measured once each; one that is spread into itself is left to validation.
///
/// # Errors
///
/// With [`LIMIT_EXCEEDED`] and the limit.
pub fn check_depth(document: &ExecutableDocument, set: &SelectionSet, max_depth: usize) -> Result<(), GraphError> {
    let mut measure = Measure { document, fragments: HashMap::new(), max: max_depth, spreads: 0 };
    let depth = measure.depth(set, 0);
    if measure.spreads > MAX_NESTING {
        let message = format!("Fragments are spread into each other deeper than {MAX_NESTING}.");
        return Err(GraphError::request(LIMIT_EXCEEDED, message, None));
    }
    if depth > max_depth {
        let message = format!("The operation selects deeper than {max_depth} levels.");
        return Err(GraphError::request(LIMIT_EXCEEDED, message, None));
    }
    Ok(())
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// The depth of a fragment; none while it is being measured.
    fragments: HashMap<&'a Name, Option<usize>>,
    max: usize,
    /// How many spreads we are in; it stays where it went too deep, so that measuring ends there.
    spreads: usize,
}

impl<'a> Measure<'a> {
    /// The depth of a selection; `above` levels are above it, so that measuring ends where the limit is passed.
    fn depth(&mut self, set: &'a SelectionSet, above: usize) -> usize {
        if above > self.max || self.spreads > MAX_NESTING {
            return 1;
        }
        set.items.iter().map(|item| self.item(item, above)).max().unwrap_or(0)
    }

    fn item(&mut self, item: &'a Positioned<Selection>, above: usize) -> usize {
        match &item.node {
            Selection::Field(field) if field.node.name.node.starts_with("__") => 0,
            Selection::Field(field) => 1 + self.depth(&field.node.selection_set.node, above + 1),
            Selection::InlineFragment(inline) => self.depth(&inline.node.selection_set.node, above),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(known) = self.fragments.get(name) {
                    return known.unwrap_or(0);
                }
                let Some(fragment) = self.document.fragments.get(name) else { return 0 };
                self.fragments.insert(name, None);
                self.spreads += 1;
                let depth = self.depth(&fragment.node.selection_set.node, 0);
                if self.spreads <= MAX_NESTING {
                    self.spreads -= 1;
                }
                self.fragments.insert(name, Some(depth));
                depth
            }
        }
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

    #[test]
    fn depth_goes_through_fragments_and_leaves_introspection_out() {
        let depth_fits = |text: &str, max: usize| {
            let document = parse_query(text).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            check_depth(&document, &operation.node.selection_set.node, max).is_ok()
        };
        for (text, depth) in [
            ("{ a }", 1),
            ("{ a { b { c } } d }", 3),
            ("{ a { ...F } } fragment F on A { b { ... { c } } }", 3),
            ("{ __schema { types { fields { type { name } } } } a }", 1),
            ("{ a { ...F } } fragment F on A { b { ...F } }", 2),
        ] {
            assert!(depth_fits(text, depth), "{text}");
            assert!(!depth_fits(text, depth - 1), "{text}");
        }
    }

    #[test]
    fn doubling_fragments_are_measured_once_each() {
        let doubling = |n: usize| format!("fragment F{n} on Query {{ a {{ ...F{} ...F{} }} }}", n + 1, n + 1);
        let fragments: Vec<String> = (0..100).map(doubling).collect();
        let text = format!("{{ ...F0 }} {} fragment F100 on Query {{ a }}", fragments.join(" "));
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        assert!(check_depth(&document, &operation.node.selection_set.node, 101).is_ok());
        assert!(check_depth(&document, &operation.node.selection_set.node, 100).is_err());
    }

    #[test]
    fn a_long_chain_of_fragments_ends_at_the_limit() {
        let link = |n: usize| format!("fragment F{n} on Query {{ ...F{} }}", n + 1);
        let chain: Vec<String> = (0..10_000).map(link).collect();
        let document =
            parse_query(format!("{{ ...F0 }} {} fragment F10000 on Query {{ a }}", chain.join(" "))).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let refused = check_depth(&document, &operation.node.selection_set.node, 30).unwrap_err();
        assert_eq!(refused.message, "Fragments are spread into each other deeper than 128.");
    }
}
