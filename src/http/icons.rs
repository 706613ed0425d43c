//! Pictures by way of the gateway: a redirect to where the upstream says that they are, so that a front end needs to know
//! one host. No credential is asked for or sent, and no byte of a picture comes through here.

use super::{accept::Media, endpoint::Endpoint, reply::Refusal};
use crate::{
    entity::kind::Kind,
    error::ErrorCode,
    fault::{Fault, FaultKind},
    upstream::{credentials::Credentials, marketplace::icon},
};
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
        request::Parts,
    },
    response::Response,
};
use futures::future::BoxFuture;
use std::sync::Arc;

/// The path below which pictures are.
pub const ICONS: &str = "/icons";

/// The methods of a picture.
const METHODS: &str = "GET, HEAD";

/// How long a browser may keep a redirect: addresses of pictures may be signed for a short time only.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=300");

/// Answers a request for a picture.
pub(super) fn get(endpoint: Arc<Endpoint>, request: Request) -> BoxFuture<'static, Response> {
    Box::pin(async move {
        let (Parts { uri, headers, .. }, _) = request.into_parts();
        let mut response = match redirect(&endpoint, uri.path(), &headers).await {
            Ok(location) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                let own = response.headers_mut();
                own.insert(LOCATION, location);
                own.insert(CACHE_CONTROL, KEPT);
                own.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
                response
            }
            Err(refusal) => refusal.respond_allowing(Media::Json, METHODS),
        };
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    })
}

/// Answers a request by any other method.
pub(super) fn other() -> Response {
    let message = "Icons are asked for by GET.";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, message)
        .respond_allowing(Media::Json, METHODS)
}

async fn redirect(endpoint: &Endpoint, path: &str, headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    if !endpoint.serves_icons() {
        let message = "This server does not serve icons.";
        return Err(Refusal::new(StatusCode::NOT_FOUND, ErrorCode::IconsDisabled, message));
    }
    // Ids have no character that needs an encoding, so what is encoded is none.
    let segments = path.strip_prefix(ICONS).and_then(|path| path.strip_prefix('/')?.split_once('/'));
    let (segment, id) = segments.unwrap_or_default();
    let Some(kind) = icon::of_segment(segment) else {
        let kinds = icon::WITH_ICON.map(Kind::collection).join(", ");
        let message = format!("There are no icons of this kind. The kinds are {kinds}.");
        return Err(Refusal::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, message));
    };
    if !kind.fits(id) {
        let message = format!("This is not an id of {kind}: {}.", kind.id_form());
        return Err(Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::BadUserInput, message));
    }
    let _place = endpoint.place()?;
    let mut caller = Credentials::default();
    super::access::trace(headers, &mut caller);
    match endpoint.engine().icon(kind, id, &caller).await {
        Ok(Some(location)) => Ok(location),
        Ok(None) => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            ErrorCode::NotFound,
            format!("There is no icon of this {}.", kind.noun()),
        )),
        Err(fault) => Err(Refusal::new(status(&fault), fault.kind().code(), fault.message())),
    }
}

/// The status of an error, whose code is that of the graph.
fn status(fault: &Fault) -> StatusCode {
    match fault.kind() {
        FaultKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        FaultKind::Unavailable | FaultKind::RateLimited => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_GATEWAY,
    }
}
