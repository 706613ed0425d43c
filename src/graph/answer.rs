//! Errors of an answer, and the bytes of JSON that more than one writer needs.

use crate::{error::ErrorCode, fault::Fault};
use async_graphql::Pos;
use std::sync::Arc;

/// One step of an error's path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A response key.
    Key(Box<str>),
    /// A place in a list.
    Index(usize),
}

/// An error of an answer.
#[derive(Debug, Clone)]
pub struct GraphError {
    /// The sentence to show.
    pub message: String,
    /// Where in the document, if the error belongs to a place in it.
    pub pos: Option<Pos>,
    /// Where in the answer; empty for errors of the request.
    pub path: Vec<Segment>,
    /// The stable code.
    pub code: ErrorCode,
    /// What else a program may want to know, as JSON text by key.
    pub extensions: Vec<(&'static str, String)>,
}

impl GraphError {
    /// An error of the request as a whole.
    #[must_use]
    pub fn request(code: ErrorCode, message: impl Into<String>, pos: Option<Pos>) -> Self {
        GraphError { message: message.into(), pos, path: vec![], code, extensions: vec![] }
    }

    /// A fault at a place of the answer.
    #[must_use]
    pub fn at(fault: &Fault, pos: Pos, path: Vec<Segment>) -> Self {
        GraphError {
            message: fault.message().to_owned(),
            pos: Some(pos),
            path,
            code: fault.kind().code(),
            extensions: extensions(fault),
        }
    }

    /// How many bytes it takes as JSON, with the comma after it.
    #[must_use]
    pub fn length(&self) -> usize {
        let step = |step: &Segment| match step {
            Segment::Key(key) => text_length(key) + 1,
            Segment::Index(index) => digits(*index) + 1,
        };
        let extension = |(key, json): &(&str, String)| text_length(key) + json.len() + 2;
        let pos = self.pos.map_or(0, |pos| LOCATIONS + digits(pos.line) + digits(pos.column));
        // There is one comma less than there are steps.
        let path = if self.path.is_empty() { 0 } else { PATH - 1 + self.path.iter().map(step).sum::<usize>() };
        let extensions = text_length(self.code.text()) + self.extensions.iter().map(extension).sum::<usize>();
        AROUND + text_length(&self.message) + pos + path + extensions
    }

    /// Appends the error as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        write_text(out, &self.message);
        if let Some(pos) = self.pos {
            out.extend_from_slice(
                format!(",\"locations\":[{{\"line\":{},\"column\":{}}}]", pos.line, pos.column).as_bytes(),
            );
        }
        if !self.path.is_empty() {
            out.extend_from_slice(b",\"path\":[");
            for (place, segment) in self.path.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                match segment {
                    Segment::Key(key) => write_text(out, key),
                    Segment::Index(index) => out.extend_from_slice(index.to_string().as_bytes()),
                }
            }
            out.push(b']');
        }
        out.extend_from_slice(b",\"extensions\":{\"code\":");
        write_text(out, self.code.text());
        for (key, json) in &self.extensions {
            out.push(b',');
            write_text(out, key);
            out.push(b':');
            out.extend_from_slice(json.as_bytes());
        }
        out.extend_from_slice(b"}}");
    }
}

fn extensions(fault: &Fault) -> Vec<(&'static str, String)> {
    let after = fault.retry_after().map(|after| ("retryAfter", after.as_secs().to_string()));
    let trace = fault.trace_id().map(|trace| {
        let mut json = Vec::new();
        write_text(&mut json, trace);
        ("traceId", String::from_utf8_lossy(&json).into_owned())
    });
    after.into_iter().chain(trace).collect()
}

/// What stands around the parts of an error.
const AROUND: usize = r#"{"message":,"extensions":{"code":}},"#.len();
const LOCATIONS: usize = r#","locations":[{"line":,"column":}]"#.len();
const PATH: usize = r#","path":[]"#.len();

fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |tens| tens as usize + 1)
}

/// The length of a text as a JSON string.
fn text_length(text: &str) -> usize {
    let length = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=31 => 6,
        _ => 1,
    };
    2 + text.bytes().map(length).sum::<usize>()
}

/// Appends a text as a JSON string.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// A fault with its stable code, shared by all fields that it fails.
#[must_use]
pub fn bad_input(message: impl Into<String>) -> Arc<Fault> {
    Arc::new(Fault::bad_user_input(message.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_an_error_is_that_of_its_json() {
        let whole = GraphError {
            message: "A \"b\" \\ \n\r\t\u{8}\u{c}\u{0}\u{1f} ä €".to_owned(),
            pos: Some(Pos { line: 10, column: 9 }),
            path: vec![
                Segment::Key("users".into()),
                Segment::Index(0),
                Segment::Index(99),
                Segment::Index(100),
                Segment::Key("a".into()),
            ],
            code: ErrorCode::BadUserInput,
            extensions: vec![("retryAfter", "12".to_owned()), ("traceId", "\"x\"".to_owned())],
        };
        let bare = GraphError { path: vec![], pos: None, extensions: vec![], ..whole.clone() };
        let short = GraphError { path: vec![Segment::Key("id".into())], ..bare.clone() };
        for error in [whole, bare, short] {
            let mut json = vec![];
            error.write(&mut json);
            assert_eq!(error.length(), json.len() + 1, "{}", String::from_utf8_lossy(&json));
        }
    }
}
