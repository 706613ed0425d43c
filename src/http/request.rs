//! A GraphQL request as HTTP carries it: the members of a JSON object, or the parameters of an address.

use super::{
    reply::Refusal,
    unrepeated::{self, Unrepeated},
};
use crate::error::ErrorCode;
use async_graphql::{BatchRequest, Name, Value};
use async_graphql_axum::{GraphQLBatchRequest, rejection::GraphQLRejection};
use axum::{
    body::{Body, Bytes},
    extract::FromRequest,
    http::{HeaderValue, Method, Request, StatusCode, header::CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use std::{borrow::Cow, collections::BTreeMap, str};

/// What a client asks, before its document is found.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub(super) query: Option<String>,
    pub(super) operation_name: Option<String>,
    /// The id of a trusted document.
    pub(super) document_id: Option<String>,
    pub(super) variables: Option<Variables>,
    pub(super) extensions: Option<Extensions>,
}

/// The values of variables. No object in them has two members of one name.
#[derive(Debug, Default)]
pub(super) struct Variables(pub(super) BTreeMap<Name, Value>);

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Unrepeated::deserialize(deserializer)?.0 {
            Value::Object(members) => Ok(Variables(members.into_iter().collect())),
            _ => Err(D::Error::custom("variables are an object")),
        }
    }
}

/// The members of `extensions` that mean something here; others are for somebody else.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) persisted_query: Option<PersistedQuery>,
}

impl<'de> Deserialize<'de> for Extensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(mut members) = Unrepeated::deserialize(deserializer)?.0 else {
            return Err(D::Error::custom("extensions are an object"));
        };
        let persisted = members.swap_remove("persistedQuery").unwrap_or_default();
        Ok(Extensions { persisted_query: async_graphql::from_value(persisted).map_err(D::Error::custom)? })
    }
}

/// A query by the digest of its text, in Apollo's protocol.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersistedQuery {
    pub(super) version: u32,
    pub(super) sha256_hash: String,
}

/// What a body asks.
pub(super) enum Posted {
    One(Asked),
    Batch(Vec<Asked>),
}

/// Reads a body of at most `values` values; a list is a batch of at most `most` requests.
pub(super) async fn posted(body: Bytes, most: usize, values: usize) -> Result<Posted, Refusal> {
    let text = str::from_utf8(&body).map_err(|_| Refusal::bad("The body is not UTF-8."))?;
    // A value and what parts it from the next are two bytes at least: most bodies are too short to have too many.
    if text.len() / 2 > values && self::values(text) > values {
        let message = format!("The body has more than {values} values, lists and objects.");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::BodyTooLarge, message).with_limit(values));
    }
    if text.trim_ascii_start().starts_with('[') {
        return Box::pin(batch(body.clone(), text, most)).await.map(Posted::Batch);
    }
    // A list would be taken for the members of a request in their order, hence not here.
    serde_json::from_str(text).map(Posted::One).map_err(|error| Refusal::bad(not_a_request(&error)))
}

/// How many values, lists and objects a JSON text has, nearly: what ends a value or opens brackets counts.
fn values(text: &str) -> usize {
    let (mut count, mut quoted) = (0, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            b',' | b'[' | b'{' if !quoted => count += 1,
            _ => {}
        }
    }
    count
}

fn not_a_request(error: &serde_json::Error) -> String {
    if let Some(message) = unrepeated::message(error) {
        return message;
    }
    if !error.is_data() {
        return format!(
            "The body is not JSON: it ends or goes wrong at line {}, column {}.",
            error.line(),
            error.column()
        );
    }
    "The body must be a JSON object: query, operationName and documentId are texts, variables and extensions are objects, \
     and each is there at most once."
        .to_owned()
}

/// Reads a batch as the library does, once it is known that no object in it repeats a member.
async fn batch(body: Bytes, text: &str, most: usize) -> Result<Vec<Asked>, Refusal> {
    if most < 2 {
        return Err(Refusal::bad("Batches are switched off: the body must be one GraphQL request as a JSON object."));
    }
    let checked: Vec<Unrepeated> = serde_json::from_str(text)
        .map_err(|error| unrepeated::message(&error).map_or_else(not_a_batch, Refusal::bad))?;
    drop(checked);
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let members = match GraphQLBatchRequest::<GraphQLRejection>::from_request(request, &()).await {
        Ok(read) => match read.into_inner() {
            BatchRequest::Batch(members) => members,
            // A list that could be read as the members of one request, in their order.
            BatchRequest::Single(_) => return Err(not_a_batch()),
        },
        Err(_) => return Err(not_a_batch()),
    };
    if members.len() > most {
        let message = format!("The batch has {} requests; at most {most} are allowed.", members.len());
        return Err(Refusal::bad(message).with_limit(most));
    }
    members.into_iter().map(member).collect()
}

fn not_a_batch() -> Refusal {
    Refusal::bad("The body must be a JSON list of GraphQL requests, each an object with a query.")
}

fn member(request: async_graphql::Request) -> Result<Asked, Refusal> {
    let wrong = |name: &str| Refusal::bad(format!("The member {name} of a request in the batch is not as it must be."));
    let variables = match request.variables.into_value() {
        Value::Object(members) => members.into_iter().collect(),
        _ => return Err(wrong("variables")),
    };
    let extensions =
        Value::Object(request.extensions.0.into_iter().map(|(name, value)| (Name::new(name), value)).collect());
    Ok(Asked {
        query: Some(request.query),
        operation_name: request.operation_name,
        document_id: None,
        variables: Some(Variables(variables)),
        extensions: Some(async_graphql::from_value(extensions).map_err(|_| wrong("extensions"))?),
    })
}

/// Reads the parameters of an address.
pub(super) fn parameters(query: &str) -> Result<Asked, Refusal> {
    let mut asked = Asked::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let once = match &*name {
            "query" => set(&mut asked.query, value),
            "operationName" => set(&mut asked.operation_name, value),
            "documentId" => set(&mut asked.document_id, value),
            "variables" => object(&mut asked.variables, &name, &value)?,
            "extensions" => object(&mut asked.extensions, &name, &value)?,
            _ => true,
        };
        if !once {
            return Err(Refusal::bad(format!("The parameter {name} is there more than once.")));
        }
    }
    Ok(asked)
}

fn set(member: &mut Option<String>, value: Cow<'_, str>) -> bool {
    member.replace(value.into_owned()).is_none()
}

/// A parameter that is a JSON object; empty, it counts as left out.
fn object<T: DeserializeOwned>(member: &mut Option<T>, name: &str, text: &str) -> Result<bool, Refusal> {
    if text.is_empty() {
        return Ok(true);
    }
    let wrong = || Refusal::bad(format!("The parameter {name} must be a JSON object."));
    // A list would be taken for members in their order.
    if !text.trim_ascii_start().starts_with(['{', 'n']) {
        return Err(wrong());
    }
    let refused = |error: &serde_json::Error| unrepeated::message(error).map_or_else(wrong, Refusal::bad);
    let value: Option<T> = serde_json::from_str(text).map_err(|error| refused(&error))?;
    Ok(std::mem::replace(member, value).is_none())
}

fn decoded(text: &str) -> Result<Cow<'_, str>, Refusal> {
    let not_utf8 = |_| Refusal::bad("The parameters of the address are not UTF-8.");
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced).decode_utf8().map(|text| Cow::Owned(text.into_owned())).map_err(not_utf8);
    }
    percent_decode_str(text).decode_utf8().map_err(not_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_where_they_are_not_text() {
        for (text, count) in
            [("0", 0), ("[0, 1, 2]", 3), ("[{}, {}, []]", 6), (r#"{"a": "[,{", "b": ["\\", "\",[,"]}"#, 4)]
        {
            assert_eq!(values(text), count, "{text}");
        }
    }

    #[tokio::test]
    async fn a_body_has_no_more_values_than_it_may() {
        let read = async |items: usize, values: usize| {
            let body = format!(r#"{{"query":"{{a}}","variables":{{"x":[{}0]}}}}"#, "0,".repeat(items));
            posted(body.into(), 1, values).await.is_ok()
        };
        // The object, its second member, the variables and the list are four.
        assert!(read(100, 104).await);
        assert!(!read(100, 103).await);
    }
}
