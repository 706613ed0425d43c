//! What a request is answered with, and how it is put together and printed.

use super::{
    document::plan::RootKind,
    error::{GraphError, Segment},
    execute::operation::Written,
    explain::Explanation,
    prepared::ExecutionPlan,
};
use crate::error::ErrorCode;
use async_graphql::{Response, Value, indexmap::IndexMap};
use serde::Serialize;

/// The entry `data` of an answer.
#[derive(Debug, Default)]
pub enum Data {
    /// The operation was not run: there is no such entry.
    #[default]
    Absent,
    /// A root field that must not be null has no value.
    Null,
    /// Its members in their order, each with its JSON.
    Members(Vec<(Box<str>, Vec<u8>)>),
}

/// An answer, before it is printed.
#[derive(Debug, Default)]
pub struct Answer {
    /// The values of the root fields.
    pub data: Data,
    /// What went wrong.
    pub errors: Vec<GraphError>,
    /// The ids under which the upstream logged that it refused a write, by response key.
    pub trace_ids: Vec<(Box<str>, String)>,
    /// The paths of connections whose page was found by the place of its cursor.
    pub by_offset: Vec<Vec<Segment>>,
    /// How many requests went to the upstream.
    pub upstream_requests: usize,
    /// What it cost, if that was asked for.
    pub explanation: Option<Box<Explanation>>,
    /// The trace, if one was asked for: base64.
    pub ftv1: Option<String>,
    /// Whether the document is valid and may be kept: it cannot hold a secret.
    pub may_be_kept: bool,
}

impl Answer {
    /// The answer to a request that was not run.
    #[must_use]
    pub fn refused(errors: Vec<GraphError>) -> Self {
        Answer { errors, ..Answer::default() }
    }

    /// The answer as JSON: errors first, as the specification advises, so that they are seen.
    #[must_use]
    pub fn into_json(self) -> Vec<u8> {
        let members = if let Data::Members(members) = &self.data { &members[..] } else { &[] };
        let length = members.iter().map(|(key, json)| key.len() + json.len() + 4).sum::<usize>();
        let mut out = Vec::with_capacity(length + 256);
        out.push(b'{');
        if !self.errors.is_empty() {
            out.extend_from_slice(b"\"errors\":[");
            for (place, error) in self.errors.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                error.write(&mut out);
            }
            out.push(b']');
        }
        if !self.errors.is_empty() && !matches!(self.data, Data::Absent) {
            out.push(b',');
        }
        match &self.data {
            Data::Absent => {}
            Data::Null => out.extend_from_slice(b"\"data\":null"),
            Data::Members(data) => {
                out.extend_from_slice(b"\"data\":{");
                for (place, (key, json)) in data.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    out.push(b'"');
                    out.extend_from_slice(key.as_bytes());
                    out.extend_from_slice(b"\":");
                    out.extend_from_slice(json);
                }
                out.push(b'}');
            }
        }
        let extensions = Extensions {
            // Of errors they are in the errors' own extensions; what a mutation's payload says has none.
            trace_ids: self.trace_ids.into_iter().map(|(key, id)| (key.into_string(), id.into())).collect(),
            paging: self.by_offset.iter().map(|path| by_offset(path)).collect(),
            explain: self.explanation,
            ftv1: self.ftv1,
        };
        if !extensions.is_empty() {
            if matches!(self.data, Data::Absent) && self.errors.is_empty() {
                out.extend_from_slice(b"\"data\":null");
            }
            out.extend_from_slice(b",\"extensions\":");
            // Writing to a vector cannot fail, and nothing in it is without a JSON form.
            let _ = serde_json::to_writer(&mut out, &extensions);
        }
        out.push(b'}');
        out
    }
}

/// What an answer says beside its data and its errors.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    trace_ids: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paging: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Box<Explanation>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ftv1: Option<String>,
}

impl Extensions {
    fn is_empty(&self) -> bool {
        self.trace_ids.is_empty() && self.paging.is_empty() && self.explain.is_none() && self.ftv1.is_none()
    }
}

/// Says of a connection that its page was found by the place of its cursor.
fn by_offset(path: &[Segment]) -> serde_json::Value {
    let path = path.iter().map(|segment| match segment {
        Segment::Key(key) => serde_json::Value::from(&**key),
        Segment::Index(index) => serde_json::Value::from(*index),
    });
    serde_json::json!({ "path": path.collect::<Vec<_>>(), "by": "offset" })
}

/// Errors that the library found in introspection.
fn library_error(error: async_graphql::ServerError) -> GraphError {
    GraphError::request(ErrorCode::GraphqlValidationFailed, error.message, error.locations.first().copied())
}

/// Puts the answers of the root fields together in the order of the document.
pub(super) fn assemble(runnable: &ExecutionPlan, answers: Vec<Option<Written>>, introspection: Response) -> Answer {
    let mut errors: Vec<_> = introspection.errors.into_iter().map(library_error).collect();
    let mut library = if let Value::Object(data) = introspection.data { data } else { IndexMap::new() };
    let mut data = Vec::with_capacity(runnable.plan.roots.len());
    let mut is_null = false;
    for (root, answer) in runnable.plan.roots.iter().zip(answers) {
        let json = match (&root.what, answer) {
            (RootKind::Typename, _) => format!("\"{}\"", runnable.plan.root_type).into_bytes(),
            (_, Some(written)) => {
                errors.extend(written.errors);
                written.json
            }
            (_, None) => {
                let value = library.swap_remove(&*root.name).unwrap_or_default();
                serde_json::to_vec(&value).unwrap_or_else(|_| b"null".to_vec())
            }
        };
        is_null |= root.what.is_required() && json == b"null";
        data.push((root.name.clone(), json));
    }
    let data = if is_null { Data::Null } else { Data::Members(data) };
    Answer { data, errors, ..Answer::default() }
}
