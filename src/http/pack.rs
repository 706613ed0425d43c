//! Answers packed for those who unpack.

use super::outbox::{MemoryPermit, ResponseMemory, SMALL};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{
        HeaderValue, Response,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING},
    },
};
use futures::stream::once;
use http_body_util::BodyExt;
use std::{convert::Infallible, future::ready};
use tower::{ServiceExt, service_fn};
use tower_http::compression::Compression;

/// Answers below this size are sent as they are: packed, they take as many packets.
const WORTH_PACKING: u64 = 1024;

/// Packs an answer if that is worth it, and lets its body keep the share of memory that it takes. What is rarely waited
/// for has a place of its own, since the future is moved about.
pub(super) async fn answer(
    accepted: Vec<HeaderValue>,
    mut response: Response<Body>,
    outbox: &ResponseMemory,
) -> Response<Body> {
    let share = response.extensions_mut().remove::<MemoryPermit>();
    let small = response.body().size_hint().upper().is_some_and(|bytes| bytes < WORTH_PACKING);
    if !accepted.is_empty() && !small && !response.headers().contains_key(CONTENT_ENCODING) {
        response = Box::pin(pack(accepted, response, outbox)).await;
    }
    match share {
        Some(share) => response.map(|body| share.hold(body)),
        None => response,
    }
}

/// Packs an answer in the way that the client likes best. Most are packed as a whole, so that the packer, which takes far
/// more memory than they do, does not wait for the client; when too many large ones are, another is sent as it is.
async fn pack(accepted: Vec<HeaderValue>, response: Response<Body>, outbox: &ResponseMemory) -> Response<Body> {
    if response.body().size_hint().upper().is_none_or(|bytes| bytes > SMALL as u64) {
        let Some(place) = outbox.packer() else { return response };
        return packer(accepted, response).await.map(|body| place.hold(body));
    }
    let packed = packer(accepted, response).await;
    if !packed.headers().contains_key(CONTENT_ENCODING) {
        return packed;
    }
    let (parts, body) = packed.into_parts();
    // A body that is there already breaks off only if the packer does, and the client has to be told.
    let body = match body.collect().await {
        Ok(packed) => Body::from(packed.to_bytes()),
        Err(error) => Body::from_stream(once(ready(Err::<Bytes, _>(error)))),
    };
    Response::from_parts(parts, body)
}

/// The answer in the packing that the client likes best.
async fn packer(accepted: Vec<HeaderValue>, response: Response<Body>) -> Response<Body> {
    let mut request = Request::new(());
    for value in accepted {
        request.headers_mut().append(ACCEPT_ENCODING, value);
    }
    let mut response = Some(response);
    let given =
        service_fn(|_: axum::http::Request<()>| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    let packed = Compression::new(given).oneshot(request).await;
    packed.unwrap_or_else(|never| match never {}).map(Body::new)
}
