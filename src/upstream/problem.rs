//! What the upstream says when it refuses: problem documents, read with tolerance.
//!
//! Documented are RFC 7807 bodies whose `errors` come in two shapes, a map of property to texts and a list of entries.
//! Seen in the wild are also `message` and `statusCode` instead, plain text, HTML and nothing at all.

use std::borrow::Cow;

use crate::entity::tape::{At, Json, ROOT, Tape};

/// The upstream's account of a failure. Its texts are the upstream's own and not fit to be shown unseen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What kind of failure it is, in words.
    pub title: Option<String>,
    /// What this one is about.
    pub detail: Option<String>,
    /// The id under which the upstream logged it. Only kept if it looks like one, so it may be shown.
    pub trace_id: Option<String>,
    /// The stable code of a business rule, `MPT<module><nn>-<nnnn>`.
    pub code: Option<String>,
    /// The single complaints.
    pub errors: Vec<ProblemError>,
    /// Whether the body is a problem document, as the API itself sends them. Proxies and gateways in front of it answer
    /// with something else (`accounts-api-v5.md` section 1.2).
    pub documented: bool,
    /// Whether the body has the other known form, `statusCode` and `message` (`accounts-api-v5.md` section 1.2).
    pub plain: bool,
    /// Whether the body is Wavefront's envelope (`wavefront-api.md` section 7).
    pub enveloped: bool,
}

/// One complaint about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemError {
    /// The complaint; may be Markdown.
    pub message: String,
    /// The properties it is about. In the map shape also pseudo names such as `mistake`.
    pub properties: Vec<String>,
}

impl Problem {
    /// Reads a body; one that is no problem document tells nothing.
    #[must_use]
    pub fn parse(body: impl Into<Vec<u8>>) -> Problem {
        Tape::scan(body).map(|tape| read(&tape)).unwrap_or_default()
    }

    /// Why the request was refused, in the upstream's own words: the single complaints, else the detail, else the title.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let complaints: Vec<&str> = self.errors.iter().map(|error| error.message.trim()).collect();
        let words = if complaints.is_empty() { None } else { Some(complaints.join(" ")) };
        words.or_else(|| self.detail.clone()).or_else(|| self.title.clone())
    }

    /// The documented complaints about a query. Any other text may hold a name, an address or the caller's token, so
    /// it is not shown.
    #[must_use]
    pub fn documented_errors(&self) -> Option<String> {
        let said = |known: &&&str| self.errors.iter().any(|error| error.message.trim() == **known);
        let known: Vec<&str> = DOCUMENTED.iter().filter(said).copied().collect();
        (!known.is_empty()).then(|| known.join(" "))
    }
}

/// What the upstream's query engine says of a query that it refuses (`accounts-api.md` section 5).
const DOCUMENTED: [&str; 9] = [
    "Unknown expression group.",
    "Invalid property path.",
    "Filtering is not permitted.",
    "Ordering is not permitted.",
    "Expression expected.",
    "Expression group cannot be empty.",
    "Value has to be a non empty array.",
    "Invalid equals shortcut expression",
    "No valid ordering properties were detected",
];

fn read(tape: &Tape) -> Problem {
    let text = |names: &[&str]| names.iter().find_map(|name| tape.text(tape.get(ROOT, name)?)).map(Cow::into_owned);
    // Wavefront's envelope.
    let status = || tape.text(tape.get(tape.get(ROOT, "status")?, "message")?).map(Cow::into_owned);
    let envelope = tape.get(ROOT, "status").filter(|at| tape.kind(*at) == Json::Object);
    let is = |name: &str, kind: Json| tape.get(ROOT, name).is_some_and(|at| tape.kind(at) == kind);
    Problem {
        title: text(&["title", "message"]).or_else(status),
        detail: text(&["detail", "details"]),
        trace_id: text(&["traceId"]).filter(|id| is_trace_id(id)),
        code: text(&["type"]).and_then(|uri| code(&uri)),
        errors: tape.get(ROOT, "errors").map(|at| errors(tape, at)).unwrap_or_default(),
        documented: is("title", Json::String) || is("status", Json::Number),
        plain: is("statusCode", Json::Number) && is("message", Json::String),
        enveloped: envelope.is_some_and(|at| ["result", "code"].iter().any(|name| tape.get(at, name).is_some())),
    }
}

fn errors(tape: &Tape, at: At) -> Vec<ProblemError> {
    match tape.kind(at) {
        Json::Object => tape
            .members(at)
            .flat_map(|(name, texts)| {
                let properties = vec![name.into_owned()];
                strings(tape, texts)
                    .into_iter()
                    .map(move |message| ProblemError { message, properties: properties.clone() })
            })
            .collect(),
        Json::List => tape.items(at).filter_map(|entry| error(tape, entry)).collect(),
        _ => Vec::new(),
    }
}

fn error(tape: &Tape, entry: At) -> Option<ProblemError> {
    let message = tape.text(entry).or_else(|| tape.text(tape.get(entry, "message")?))?.into_owned();
    let properties = tape.get(entry, "properties").map(|at| strings(tape, at)).unwrap_or_default();
    Some(ProblemError { message, properties })
}

/// A list of strings, or one string that stands for a list of one.
fn strings(tape: &Tape, at: At) -> Vec<String> {
    match tape.text(at) {
        Some(text) => vec![text.into_owned()],
        None => tape.items(at).filter_map(|item| tape.text(item)).map(Cow::into_owned).collect(),
    }
}

fn is_trace_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn code(uri: &str) -> Option<String> {
    let (_, fragment) = uri.rsplit_once('#')?;
    let stable = fragment.starts_with("MPT")
        && fragment.len() <= 32
        && fragment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    stable.then(|| fragment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of(body: &str) -> Vec<(String, String)> {
        Problem::parse(body).errors.into_iter().map(|e| (e.message, e.properties.join(","))).collect()
    }

    #[test]
    fn both_documented_shapes_are_read() {
        let map = r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"Bad Request","status":400,
            "detail":"One or more validation errors occurred.",
            "traceId":"00-9e02a91b64ac56904703a3a69ea9101d-56be90a29d0b0b25-00",
            "errors":{"mistake":["Unknown expression group.","Expression expected."],"name":["Required."]}}"#;
        let problem = Problem::parse(map);
        assert_eq!(problem.title.as_deref(), Some("Bad Request"));
        assert_eq!(problem.detail.as_deref(), Some("One or more validation errors occurred."));
        assert_eq!(problem.trace_id.as_deref(), Some("00-9e02a91b64ac56904703a3a69ea9101d-56be90a29d0b0b25-00"));
        assert_eq!(problem.code, None);
        let pairs: Vec<_> = problem.errors.iter().map(|e| (e.message.as_str(), e.properties.join(","))).collect();
        let mistake = |text| (text, "mistake".to_owned());
        let required = ("Required.", "name".to_owned());
        assert_eq!(pairs, [mistake("Unknown expression group."), mistake("Expression expected."), required]);

        let list = r#"{"title":"Order update failed","type":"https://docs.example.com/errors/billing#MPTBIL03-0078",
            "errors":[{"message":"External ID is too long","properties":["externalId","id"],"parameters":{}}]}"#;
        let problem = Problem::parse(list);
        assert_eq!(problem.code.as_deref(), Some("MPTBIL03-0078"));
        assert_eq!(errors_of(list), [("External ID is too long".to_owned(), "externalId,id".to_owned())]);
    }

    #[test]
    fn anything_else_tells_little_and_breaks_nothing() {
        for body in ["", "<html>502</html>", "no", "null", "[]", "[{}]", "7", "{}", "{\"title\":1,\"errors\":2}", "{"] {
            assert_eq!(Problem::parse(body), Problem::default(), "{body}");
        }
        let other = Problem::parse(r#"{"statusCode":404,"message":"Resource not found"}"#);
        assert_eq!(other.title.as_deref(), Some("Resource not found"));
        assert!(other.plain && !other.documented && Problem::parse(r#"{"status":404}"#).documented);
        assert_eq!(
            Problem::parse(r#"{"details":"spelt so in a table"}"#).detail.as_deref(),
            Some("spelt so in a table")
        );
        assert_eq!(errors_of(r#"{"errors":{"a":"alone","b":[1,"x"],"c":null}}"#).len(), 2);
        assert_eq!(errors_of(r#"{"errors":["bare",{"id":"x"},{"message":null},3,{"message":"m"}]}"#).len(), 2);
    }

    #[test]
    fn trace_ids_and_codes_must_look_like_it() {
        for id in ["", "<b>", "00-zz", "a b", &"0".repeat(65)] {
            assert_eq!(Problem::parse(format!(r#"{{"traceId":"{id}"}}"#)).trace_id, None, "{id}");
        }
        for uri in ["", "#", "MPTX", "https://x/#section-1", "x#MPT<b>", &format!("x#MPT{}", "1".repeat(40))] {
            assert_eq!(Problem::parse(format!(r#"{{"type":"{uri}"}}"#)).code, None, "{uri}");
        }
    }

    #[test]
    fn only_documented_complaints_are_shown() {
        let shown = |texts: &[&str]| {
            let errors = texts.iter().map(|&text| ProblemError { message: text.to_owned(), properties: vec![] });
            Problem { errors: errors.collect(), ..Problem::default() }.documented_errors()
        };
        assert_eq!(shown(&["Filtering is not permitted."]).as_deref(), Some("Filtering is not permitted."));
        assert_eq!(
            shown(&["Ordering is not permitted.", "Token secret is bad", " Invalid property path. "]).as_deref(),
            Some("Invalid property path. Ordering is not permitted.")
        );
        for hidden in [&[][..], &[""], &["Token secret is bad"], &["Filtering is not permitted. Ask ann@example.com"]] {
            assert_eq!(shown(hidden), None, "{hidden:?}");
        }
    }
}
