//! Failures in the upstream's two problem shapes.

use serde_json::{Map, Value, json};

/// A failed request: what `application/problem+json` bodies are made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    detail: String,
    errors: Errors,
}

/// The two shapes of `errors`.
#[derive(Clone, Debug, PartialEq)]
enum Errors {
    None,
    /// Model and query validation: texts by key.
    Map(&'static str, String),
    /// Business rules: a list of messages.
    List(String),
}

impl Problem {
    /// The query cannot be understood.
    pub(crate) fn mistake(text: &str) -> Problem {
        Problem::invalid("mistake", text)
    }

    /// A parameter has a value that it cannot have.
    pub(crate) fn invalid(key: &'static str, text: &str) -> Problem {
        let detail = "One or more validation errors occurred.".to_owned();
        Problem { status: 400, detail, errors: Errors::Map(key, text.to_owned()) }
    }

    /// A plain status with a sentence.
    pub(crate) fn plain(status: u16, detail: &str) -> Problem {
        Problem { status, detail: detail.to_owned(), errors: Errors::None }
    }

    /// Absent and invisible look the same.
    pub(crate) fn not_found() -> Problem {
        Problem::plain(404, "The requested object was not found.")
    }

    /// An injected failure, with `errors` in the list shape.
    pub(crate) fn injected(status: u16) -> Problem {
        let errors = Errors::List(format!("The sandbox was told to answer {status}."));
        Problem { status, detail: "An injected fault.".to_owned(), errors }
    }

    /// The body; `serial` tells requests apart in the trace id.
    pub(crate) fn body(&self, serial: u64) -> Vec<u8> {
        let mut body = Map::new();
        let (title, section) = title(self.status);
        body.insert("type".into(), format!("https://tools.ietf.org/html/rfc9110#{section}").into());
        body.insert("title".into(), title.into());
        body.insert("status".into(), self.status.into());
        body.insert("detail".into(), self.detail.as_str().into());
        body.insert("traceId".into(), format!("00-{serial:032x}-{serial:016x}-00").into());
        match &self.errors {
            Errors::None => {}
            Errors::Map(key, text) => drop(body.insert("errors".into(), json!({ *key: [text] }))),
            Errors::List(text) => drop(body.insert("errors".into(), json!([{ "message": text, "properties": [] }]))),
        }
        Value::Object(body).to_string().into_bytes()
    }
}

/// The title of a status, and the section of RFC 9110 that defines it.
fn title(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("Bad Request", "section-15.5.1"),
        401 => ("Unauthorized", "section-15.5.2"),
        403 => ("Forbidden", "section-15.5.4"),
        404 => ("Not Found", "section-15.5.5"),
        405 => ("Method Not Allowed", "section-15.5.6"),
        409 => ("Conflict", "section-15.5.10"),
        429 => ("Too Many Requests", "section-15.5"),
        500 => ("Internal Server Error", "section-15.6.1"),
        502 => ("Bad Gateway", "section-15.6.3"),
        503 => ("Service Unavailable", "section-15.6.4"),
        504 => ("Gateway Timeout", "section-15.6.5"),
        _ => ("Error", "section-15"),
    }
}
