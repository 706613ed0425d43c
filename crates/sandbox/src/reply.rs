//! Answers, whole or spoilt.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use futures::{StreamExt, future, stream};

use super::{
    fault::{BodyFault, Fault},
    quirk::Escapes,
};

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
    /// How many objects it shows.
    pub(crate) rows: Option<usize>,
    pub(crate) location: Option<String>,
    /// The methods that the path knows, for a method that it does not.
    pub(crate) allow: Option<String>,
    pub(crate) retry_after: Option<u64>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Reply {
        let content_type = content_type.to_owned();
        Reply { status, content_type, body, rows: None, location: None, allow: None, retry_after: None }
    }

    /// An ordinary answer.
    pub(crate) fn json(body: Vec<u8>) -> Reply {
        Reply::new(200, "application/json; charset=utf-8", body)
    }

    /// Spoils the answer as a fault asks, as far as that is a matter of status, headers and body.
    pub(crate) fn spoil(&mut self, fault: &Fault) {
        let spoilt = match fault.body {
            Some(BodyFault::WrongJson) => Some(("application/json", r#"{"data":{"rows":0},"$meta":[]}"#)),
            Some(BodyFault::InvalidJson) => Some(("application/json", r#"{"$meta":{"pagination":{"#)),
            Some(BodyFault::Html) => {
                Some(("text/html; charset=utf-8", "<!doctype html><title>Maintenance</title><p>Back soon.</p>"))
            }
            Some(BodyFault::Empty) => Some(("application/json", "")),
            _ => None,
        };
        let literal =
            fault.raw.as_deref().map(|raw| (fault.content_type.as_deref().unwrap_or("application/json"), raw));
        if let Some((content_type, body)) = literal.or(spoilt) {
            *self = Reply::new(fault.status.unwrap_or(200), content_type, body.as_bytes().to_vec());
        }
        self.status = fault.status.unwrap_or(self.status);
        self.retry_after = fault.retry_after;
    }

    /// Escapes characters of all texts, names of members included, without changing what they mean.
    pub(crate) fn escape(&mut self, escapes: Escapes) {
        if escapes != Escapes::Needed && self.content_type.contains("json") {
            self.body = escaped(&String::from_utf8_lossy(&self.body), escapes).into_bytes();
        }
    }

    /// The response; a cut one promises the whole body and breaks off in its middle.
    pub(crate) fn response(self, cut: bool) -> Response<Body> {
        let length = self.body.len();
        let body = if cut {
            let half = Bytes::from(self.body).slice(..length / 2);
            // The first half needs a moment to leave: an error in the same turn would take it along.
            let broken = stream::once(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            });
            Body::from_stream(stream::once(future::ready(Ok(half))).chain(broken))
        } else {
            Body::from(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let mut set = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if self.status != 204 && !self.content_type.is_empty() {
            set(header::CONTENT_TYPE, &self.content_type);
        }
        if cut {
            set(header::CONTENT_LENGTH, &length.to_string());
        }
        if let Some(allow) = &self.allow {
            set(header::ALLOW, allow);
        }
        if let Some(location) = &self.location {
            set(header::LOCATION, location);
        }
        if let Some(seconds) = self.retry_after {
            set(header::RETRY_AFTER, &seconds.to_string());
        }
        response
    }
}

fn escaped(json: &str, escapes: Escapes) -> String {
    let web = |letter: char| !letter.is_ascii() || "'+<>&`".contains(letter);
    let (mut out, mut inside, mut letters) = (String::with_capacity(json.len()), false, json.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => inside = !inside,
            '\\' if inside => {
                out.push(letter);
                let kind = letters.next();
                let digits = if kind == Some('u') { 4 } else { 0 };
                out.extend(kind.into_iter().chain(letters.by_ref().take(digits)));
                continue;
            }
            _ if inside && (escapes == Escapes::All || web(letter)) => {
                out.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")));
                continue;
            }
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_change_no_text() {
        let json = r#"{"a'b":["\"\u0041\\",1,"é😀+/"],"":null}"#;
        let web = r#"{"a\u0027b":["\"\u0041\\",1,"\u00E9\uD83D\uDE00\u002B/"],"":null}"#;
        let all = r#"{"\u0061\u0027\u0062":["\"\u0041\\",1,"\u00E9\uD83D\uDE00\u002B\u002F"],"":null}"#;
        assert_eq!((escaped(json, Escapes::Web), escaped(json, Escapes::All)), (web.to_owned(), all.to_owned()));
    }
}
