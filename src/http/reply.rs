//! Answers as HTTP: their status, their headers, and the refusals that are no answers of the graph.

use super::{
    accept::Media,
    outbox::{MemoryPermit, ResponseMemory},
};
use crate::{
    error::ErrorCode,
    graph::{
        engine::{Answer, Data},
        error::GraphError,
    },
};
use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, StatusCode, Version,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE},
    },
    response::Response,
};

/// Says how many upstream requests an answer took.
pub(super) const UPSTREAM_REQUESTS: HeaderName = HeaderName::from_static("x-upstream-requests");

/// A request that is not run, whatever it asks.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: GraphError,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Refusal { status, error: GraphError::request(code, message, None) }
    }

    /// An error of the graph that is known before the request is read.
    pub(super) fn of(status: StatusCode, error: GraphError) -> Self {
        Refusal { status, error }
    }

    /// No GraphQL request.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message)
    }

    /// A body of a kind that is not read.
    pub(super) fn media(message: &str) -> Self {
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, message)
    }

    /// Too much at once; it is over soon.
    pub(super) fn overloaded(what: &str) -> Self {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Overloaded,
            format!("The server is busy: too many {what} at once."),
        )
    }

    /// Names the number that was exceeded.
    pub(super) fn with_limit(mut self, limit: usize) -> Self {
        self.error.extensions.push(("limit", limit.to_string()));
        self
    }

    /// The answer of a batch's member.
    pub(super) fn into_answer(self) -> Answer {
        Answer::refused(vec![self.error])
    }

    pub(super) fn respond(self, media: Media) -> Response {
        self.respond_allowing(media, "GET, HEAD, POST")
    }

    /// Responds at a path that takes other methods.
    pub(super) fn respond_allowing(self, media: Media, methods: &'static str) -> Response {
        let status = self.status;
        with_status(respond(status, media, self.into_answer().into_json().into()), methods)
    }
}

/// One answer. Its status is that of GraphQL over HTTP for its media type.
pub(super) fn one(
    answer: Answer,
    media: Media,
    outbox: &ResponseMemory,
    version: Version,
) -> Result<Response, Refusal> {
    let status = status(&answer, media);
    let sent = answer.upstream_requests;
    let (body, share) = outbox.body(answer.into_json(), version).ok_or_else(too_many)?;
    let mut response = with_status(respond(status, media, body), "POST");
    response.headers_mut().insert(UPSTREAM_REQUESTS, sent.into());
    Ok(with_share(response, share))
}

/// The answers of a batch in the order of its members, each as it would be alone.
pub(super) fn batch(
    answers: Vec<Answer>,
    media: Media,
    outbox: &ResponseMemory,
    version: Version,
) -> Result<Response, Refusal> {
    let sent = answers.iter().map(|answer| answer.upstream_requests).sum::<usize>();
    let mut json = vec![b'['];
    for (place, answer) in answers.into_iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        json.extend_from_slice(&answer.into_json());
    }
    json.push(b']');
    let (body, share) = outbox.body(json, version).ok_or_else(too_many)?;
    let mut response = respond(StatusCode::OK, media, body);
    response.headers_mut().insert(UPSTREAM_REQUESTS, sent.into());
    Ok(with_share(response, share))
}

/// Leaves the share of an answer for whoever hands it over, who may pack it first.
fn with_share(mut response: Response, share: Option<MemoryPermit>) -> Response {
    if let Some(share) = share {
        response.extensions_mut().insert(share);
    }
    response
}

fn too_many() -> Refusal {
    Refusal::overloaded("large answers")
}

fn status(answer: &Answer, media: Media) -> StatusCode {
    let code = match &answer.errors[..] {
        [first, ..] if matches!(answer.data, Data::Absent) => first.code,
        _ => return StatusCode::OK,
    };
    match code {
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        // Clients take any other status for a broken network, and do not send the text.
        ErrorCode::PersistedQueryNotFound => StatusCode::OK,
        _ if media == Media::GraphQl => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

fn respond(status: StatusCode, media: Media, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(6);
    headers.insert(CONTENT_TYPE, media.content_type());
    // What came with one caller's token is for nobody else.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding, authorization"));
    response
}

/// The headers that belong to a status.
fn with_status(mut response: Response, allow: &'static str) -> Response {
    let (name, value) = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => (ALLOW, allow),
        StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, "1"),
        StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Bearer"),
        _ => return response,
    };
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
