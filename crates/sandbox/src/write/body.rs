//! What comes along with a write: JSON, or a form of JSON and a picture.

use serde_json::Value;

use crate::{
    multipart::{self, essence},
    problem::Problem,
    quirk::Bodies,
};

/// What the body has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None is needed, and whatever comes is passed over.
    Nothing,
    Object,
    List,
    /// An object, or a form with parts of these names: the object, and a picture.
    Form(&'static str, &'static str),
}

/// What a form does to the picture of an object. Plain JSON does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Untouched,
    /// A form without a picture takes the present one away.
    Removed,
    Sent,
}

/// A body that was read.
pub(crate) struct Content {
    pub(crate) json: Value,
    pub(crate) picture: Picture,
}

impl Content {
    pub(crate) fn read(
        takes: Takes,
        bodies: Bodies,
        content_type: Option<&str>,
        bytes: &[u8],
    ) -> Result<Content, Problem> {
        let plain = |json| Content { json, picture: Picture::Untouched };
        if takes == Takes::Nothing {
            return Ok(plain(serde_json::from_slice(bytes).unwrap_or_default()));
        }
        let kind = content_type.unwrap_or_default();
        let forms_alone = bodies == Bodies::Forms && matches!(takes, Takes::Form(..));
        if is_json(kind) && !forms_alone {
            let json = parse(bytes)?;
            return match (takes, &json) {
                (Takes::Object | Takes::Form(..), Value::Object(_)) | (Takes::List, Value::Array(_)) => Ok(plain(json)),
                (Takes::List, _) => Err(Problem::invalid("$", "A list is expected.")),
                _ => Err(Problem::invalid("$", "An object is expected.")),
            };
        }
        match takes {
            Takes::Form(object, file) if essence(kind).eq_ignore_ascii_case("multipart/form-data") => {
                form(object, file, kind, bytes)
            }
            _ => Err(unsupported()),
        }
    }
}

fn form(object: &str, file: &str, kind: &str, bytes: &[u8]) -> Result<Content, Problem> {
    let malformed = || Problem::invalid("$", "The form cannot be read.");
    let parts =
        multipart::boundary(kind).and_then(|boundary| multipart::parts(boundary, bytes)).ok_or_else(malformed)?;
    let mut objects = parts.iter().filter(|part| part.name == object);
    let missing = || Problem::invalid(object, &format!("The {object} field is required."));
    let part = objects.next().ok_or_else(missing)?;
    if objects.next().is_some() {
        return Err(Problem::invalid(object, "There is more than one part of this name."));
    }
    if part.kind.as_deref().is_some_and(|kind| !is_json(kind)) {
        return Err(unsupported());
    }
    let json = parse(part.content)?;
    if !json.is_object() {
        return Err(Problem::invalid(object, "An object is expected."));
    }
    let sent = parts.iter().any(|part| part.name == file && part.is_file && !part.content.is_empty());
    Ok(Content { json, picture: if sent { Picture::Sent } else { Picture::Removed } })
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|_| Problem::invalid("$", "The body is not valid JSON."))
}

fn unsupported() -> Problem {
    Problem::plain(415, "The media type of the body is not supported here.")
}

fn is_json(kind: &str) -> bool {
    let kind = essence(kind);
    kind == "application/json" || kind == "text/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::{Bodies, Content, Picture, Takes};

    const TAKES: Takes = Takes::Form("account", "logo");
    const KIND: &str = "multipart/form-data; boundary=\"b-1\"";

    fn read(kind: &str, body: &str) -> Result<(String, Picture), String> {
        let read = Content::read(TAKES, Bodies::Any, Some(kind), body.as_bytes());
        let told = |problem: super::Problem| {
            let body: serde_json::Value = serde_json::from_slice(&problem.body(0)).expect("JSON");
            format!("{} {}", problem.status, body["errors"])
        };
        read.map(|content| (content.json.to_string(), content.picture)).map_err(told)
    }

    #[test]
    fn a_form_has_an_object_and_perhaps_a_picture() {
        let object = "--b-1\r\nContent-Disposition: form-data; name=\"account\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n";
        let file = "--b-1\r\ncontent-disposition: form-data; name=\"logo\"; filename=\"x.png\"\r\n\r\n\u{1}--b-1\r\n";
        let end = "--b-1--\r\n";
        let told = |body: &str| read(KIND, body);
        assert_eq!(told(&format!("{object}{end}")), Ok(("{\"a\":1}".to_owned(), Picture::Removed)));
        assert_eq!(told(&format!("{object}{file}{end}")), Ok(("{\"a\":1}".to_owned(), Picture::Sent)));
        assert_eq!(told(&format!("preamble\r\n{file}{object}{end}")), Ok(("{\"a\":1}".to_owned(), Picture::Sent)));
        let text = object.replace("Content-Type: application/json\r\n", "");
        assert_eq!(told(&format!("{text}{end}")), Ok(("{\"a\":1}".to_owned(), Picture::Removed)));
        let empty = file.replace("\u{1}--b-1", "");
        assert_eq!(told(&format!("{object}{empty}{end}")), Ok(("{\"a\":1}".to_owned(), Picture::Removed)));
    }

    #[test]
    fn what_is_no_such_form_is_refused() {
        let object = "--b-1\r\nContent-Disposition: form-data; name=\"account\"\r\n\r\n{}\r\n";
        let end = "--b-1--\r\n";
        let required = r#"400 {"account":["The account field is required."]}"#;
        let unreadable = r#"400 {"$":["The form cannot be read."]}"#;
        for (kind, body, told) in [
            (KIND, String::new(), unreadable),
            (KIND, object.to_owned(), unreadable),
            ("multipart/form-data", format!("{object}{end}"), unreadable),
            (KIND, end.to_owned(), required),
            (KIND, format!("{}{end}", object.replace("account", "buyer")), required),
            (KIND, format!("{}{end}", object.replace("{}", "[]")), r#"400 {"account":["An object is expected."]}"#),
            (KIND, format!("{}{end}", object.replace("{}", "{")), r#"400 {"$":["The body is not valid JSON."]}"#),
            (
                KIND,
                format!("{object}{object}{end}"),
                r#"400 {"account":["There is more than one part of this name."]}"#,
            ),
            (KIND, format!("{}{end}", object.replace("\r\n\r\n", "\r\nContent-Type: text/plain\r\n\r\n")), "415 null"),
            ("text/plain", "{}".to_owned(), "415 null"),
        ] {
            assert_eq!(read(kind, &body), Err(told.to_owned()), "{kind}: {body}");
        }
    }
}
