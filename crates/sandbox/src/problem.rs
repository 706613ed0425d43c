//! Failures in the upstream's two problem shapes.

use serde_json::{Map, Value, json};

/// Where the upstream documents the codes of its business rules.
const CODES: &str = "https://docs.platform.softwareone.com/developer-resources/rest-api/errors/accounts";

/// A failed request: what `application/problem+json` bodies are made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    detail: String,
    /// The stable code of a business rule. The upstream does not publish its own, so these are made up in its form.
    code: Option<&'static str>,
    errors: Errors,
}

/// The two shapes of `errors`.
#[derive(Clone, Debug, PartialEq)]
enum Errors {
    None,
    /// Model and query validation: texts by key.
    Map(Vec<(String, String)>),
    /// Business rules: messages with the properties that they are about.
    List(Vec<(String, Vec<String>)>),
}

impl Problem {
    /// The query cannot be understood.
    pub(crate) fn mistake(text: &str) -> Problem {
        Problem::invalid("mistake", text)
    }

    /// A parameter has a value that it cannot have.
    pub(crate) fn invalid(key: &str, text: &str) -> Problem {
        Problem::invalid_all(vec![(key.to_owned(), text.to_owned())])
    }

    /// A query or a body with one or more mistakes, each by the path of its property.
    pub(crate) fn invalid_all(mistakes: Vec<(String, String)>) -> Problem {
        let detail = "One or more validation errors occurred.".to_owned();
        Problem { status: 400, detail, code: None, errors: Errors::Map(mistakes) }
    }

    /// The same mistake, told by the path that it is about.
    pub(crate) fn about(mut self, path: &str) -> Problem {
        if let Errors::Map(mistakes) = &mut self.errors {
            mistakes.iter_mut().filter(|(key, _)| key == "mistake").for_each(|(key, _)| path.clone_into(key));
        }
        self
    }

    /// A plain status with a sentence.
    pub(crate) fn plain(status: u16, detail: &str) -> Problem {
        Problem { status, detail: detail.to_owned(), code: None, errors: Errors::None }
    }

    /// Absent and invisible look the same.
    pub(crate) fn not_found() -> Problem {
        Problem::plain(404, "The requested object was not found.")
    }

    /// The caller's role has no business with the operation.
    pub(crate) fn forbidden() -> Problem {
        Problem::plain(403, "The operation is not available to this account.")
    }

    /// A business rule, or the present state of the object, forbids what is asked for; `property` is the path of what is
    /// wrong, empty for the whole.
    pub(crate) fn rule(code: &'static str, message: &str, property: &str) -> Problem {
        let properties = Some(property.to_owned()).filter(|path| !path.is_empty()).into_iter().collect();
        let errors = Errors::List(vec![(message.to_owned(), properties)]);
        Problem { status: 400, detail: message.to_owned(), code: Some(code), errors }
    }

    /// An injected failure, with `errors` in the list shape.
    pub(crate) fn injected(status: u16) -> Problem {
        let errors = Errors::List(vec![(format!("The sandbox was told to answer {status}."), Vec::new())]);
        Problem { status, detail: "An injected fault.".to_owned(), code: None, errors }
    }

    /// The body; `serial` tells requests apart in the trace id.
    pub(crate) fn body(&self, serial: u64) -> Vec<u8> {
        let mut body = Map::new();
        let (title, section) = title(self.status);
        let kind = match self.code {
            Some(code) => format!("{CODES}#{code}"),
            None => format!("https://tools.ietf.org/html/rfc9110#{section}"),
        };
        body.insert("type".into(), kind.into());
        body.insert("title".into(), title.into());
        body.insert("status".into(), self.status.into());
        body.insert("detail".into(), self.detail.as_str().into());
        body.insert("traceId".into(), format!("00-{serial:032x}-{serial:016x}-00").into());
        match &self.errors {
            Errors::None => {}
            Errors::Map(mistakes) => {
                let errors = body.entry("errors").or_insert_with(|| json!({}));
                for (path, text) in mistakes {
                    match errors[path].as_array_mut() {
                        Some(texts) => texts.push(text.as_str().into()),
                        None => errors[path] = json!([text]),
                    }
                }
            }
            Errors::List(messages) => {
                let entry = |(message, properties): &(String, Vec<String>)| json!({ "message": message, "properties": properties });
                body.insert("errors".into(), messages.iter().map(entry).collect());
            }
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
        413 => ("Content Too Large", "section-15.5.14"),
        415 => ("Unsupported Media Type", "section-15.5.16"),
        429 => ("Too Many Requests", "section-15.5"),
        500 => ("Internal Server Error", "section-15.6.1"),
        502 => ("Bad Gateway", "section-15.6.3"),
        503 => ("Service Unavailable", "section-15.6.4"),
        504 => ("Gateway Timeout", "section-15.6.5"),
        _ => ("Error", "section-15"),
    }
}
