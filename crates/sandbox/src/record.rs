//! The journal: what was asked, in the order of arrival.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use super::multipart;

/// How many requests are kept; a sandbox that runs for days must not grow.
const KEPT: usize = 10_000;

/// The members of a body whose values are not noted, in any case and at any depth.
const SECRETS: [&str; 6] = ["password", "currentPassword", "token", "secret", "credential", "tokenid"];
/// What stands in their place.
const MASK: &str = "***";

/// One request as it arrived. Never holds a header, so never a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The method, upper case.
    pub method: String,
    /// Everything after the version prefix, decoded: `/accounts/users`.
    pub path: String,
    /// The whole query, decoded; empty if there was none.
    pub query: String,
    /// The JSON of the body, passwords and other secrets masked; of a form, its parts; a text that says so where the body was
    /// neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The status of the answer; 0 while there is none, or when there was none at all.
    pub status: u16,
    /// How many objects the answer shows, where it shows objects.
    pub rows: Option<usize>,
    /// The length of the answer's body.
    pub bytes: usize,
}

impl Recorded {
    /// The request on one line: `GET /accounts/users?in(id,("USR-1671-0642"))&limit=100`.
    #[must_use]
    pub fn line(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, self.query)
    }
}

/// What happened since it was last cleared, the last of it if it was much. Serials go on, so that an answer finds its
/// request even after a clearing.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<(u64, Recorded)>,
    next: u64,
}

impl Journal {
    /// Notes an arrival and tells its serial.
    pub(crate) fn arrive(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> u64 {
        self.next += 1;
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back((
            self.next,
            Recorded { method, path, query, body: shown(body), status: 0, rows: None, bytes: 0 },
        ));
        self.next
    }

    /// Notes the answer to an arrival.
    pub(crate) fn answer(&mut self, serial: u64, status: u16, rows: Option<usize>, bytes: usize) {
        if let Ok(place) = self.entries.binary_search_by_key(&serial, |(serial, _)| *serial) {
            let entry = &mut self.entries[place].1;
            (entry.status, entry.rows, entry.bytes) = (status, rows, bytes);
        }
    }

    pub(crate) fn list(&self) -> Vec<Recorded> {
        self.entries.iter().map(|(_, entry)| entry.clone()).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// A body as it is noted. What is no JSON may hold a secret anywhere.
fn shown(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let Ok(mut value) = serde_json::from_slice(body) else {
        return Some(form(body).unwrap_or_else(|| "not JSON".into()));
    };
    mask(&mut value);
    Some(value)
}

/// A form as it is noted: its JSON, and how large everything else is.
fn form(body: &[u8]) -> Option<Value> {
    let first = body.split(|byte| *byte == b'\r').next().and_then(|line| line.strip_prefix(b"--"))?;
    let parts = multipart::parts(std::str::from_utf8(first).ok()?, body)?;
    let shown = |part: &multipart::Part<'_>| match serde_json::from_slice(part.content) {
        Ok(mut value) if !part.is_file => {
            mask(&mut value);
            value
        }
        _ => format!("{} bytes", part.content.len()).into(),
    };
    Some(Value::Object(parts.iter().map(|part| (part.name.clone(), shown(part))).collect()))
}

fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, value) in members {
                if SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
                    *value = MASK.into();
                } else {
                    mask(value);
                }
            }
        }
        _ => {}
    }
}
