//! The GraphQL endpoint: a request out of HTTP, an answer into it.
//!
//! `async-graphql-axum` reads the bodies of POST requests. What it would also accept is refused before it sees it: other
//! content types than JSON (a form or plain text can be sent across sites without the browser asking first), and for GET
//! its own reading of the parameters, which knows `operation_name` but not `operationName`.

use crate::{
    graph::{
        answer::GraphError,
        engine::{Answer, Engine, GraphRequest},
        explain::Mode,
    },
    upstream::client::Credentials,
};
use async_graphql::{Name, Value, Variables};
use async_graphql_axum::GraphQLRequest;
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// Says how many upstream requests an answer took.
const UPSTREAM_REQUESTS: HeaderName = HeaderName::from_static("x-upstream-requests");

/// Asks what an answer costs: `1` beside the answer, `plan` without running it.
const EXPLAIN: HeaderName = HeaderName::from_static("x-explain");

/// The parameters of a GET request, as GraphQL over HTTP has them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
}

/// Answers a POST request.
pub(super) async fn post(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let headers = request.headers().clone();
    if !is_json(&headers) {
        let message = "A POST request must have the content type application/json.";
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    // The library reads a body to its end however long it is; axum's own reading knows the limit.
    let (parts, body) = request.into_parts();
    let request = match Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await {
        // A list would be taken for the members of a request in their order.
        Ok(bytes) if bytes.trim_ascii_start().starts_with(b"{") => Request::from_parts(parts, Body::from(bytes)),
        Ok(_) => return unreadable(StatusCode::BAD_REQUEST),
        Err(rejection) => return unreadable(rejection.status()),
    };
    let request =
        match GraphQLRequest::<async_graphql_axum::rejection::GraphQLRejection>::from_request(request, &()).await {
            Ok(request) => request.into_inner(),
            Err(rejection) => return unreadable(rejection.into_response().status()),
        };
    if request.query.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "The body must be a JSON object with a member query.");
    }
    let Value::Object(variables) = request.variables.into_value() else {
        return refuse(StatusCode::BAD_REQUEST, "The member variables must be an object.");
    };
    let graph = GraphRequest {
        query: request.query,
        operation_name: request.operation_name,
        variables: variables.into_iter().collect(),
        explain: Mode::Off,
    };
    answer(&engine, graph, &headers).await
}

/// Answers a GET request.
pub(super) async fn get(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(Parameters { query: Some(query), operation_name, variables })) = parameters else {
        return refuse(StatusCode::BAD_REQUEST, "A GET request must have the parameter query.");
    };
    let variables = match variables.as_deref().filter(|text| !text.is_empty()).map(serde_json::from_str) {
        None => BTreeMap::new(),
        Some(Ok(serde_json::Value::Object(map))) => members(Variables::from_json(serde_json::Value::Object(map))),
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "The parameter variables must be a JSON object."),
    };
    answer(&engine, GraphRequest { query, operation_name, variables, explain: Mode::Off }, &headers).await
}

fn members(variables: Variables) -> BTreeMap<Name, Value> {
    if let Value::Object(members) = variables.into_value() { members.into_iter().collect() } else { BTreeMap::new() }
}

async fn answer(engine: &Engine, mut graph: GraphRequest, headers: &HeaderMap) -> Response {
    graph.explain = match headers.get(EXPLAIN).map(HeaderValue::as_bytes) {
        None => Mode::Off,
        Some(b"1") => Mode::Run,
        Some(b"plan") => Mode::Plan,
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "The header x-explain must be 1 or plan."),
    };
    let credentials = headers.get(AUTHORIZATION).cloned().map(Credentials::new).unwrap_or_default();
    let answer = engine.execute(graph, credentials).await;
    let sent = HeaderValue::from(answer.upstream_requests);
    let mut response = json(StatusCode::OK, answer);
    response.headers_mut().insert(UPSTREAM_REQUESTS, sent);
    response
}

fn json(status: StatusCode, answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.into_json()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // What came with one caller's token is for nobody else.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

fn refuse(status: StatusCode, message: &str) -> Response {
    json(
        status,
        Answer {
            data: None,
            errors: vec![GraphError::request("BAD_REQUEST", message, None)],
            upstream_requests: 0,
            explanation: None,
        },
    )
}

fn unreadable(status: StatusCode) -> Response {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => refuse(status, "The body is larger than this server reads."),
        _ => refuse(StatusCode::BAD_REQUEST, "The body must be one GraphQL request as a JSON object."),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}
