//! What holds for every request, whatever it is for: the size of its head, the host it names, an id to find it by, an
//! answer even when something breaks, and packing for those who unpack.

use super::{
    GRAPHQL,
    accept::Media,
    access::{self, REQUEST_ID},
    endpoint::{self, Endpoint},
    outbox::{Outbox, SMALL, Share},
    reply::{INTERNAL, Refusal},
};
use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{
        HeaderValue, Method, Response, StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING},
    },
};
use futures::{FutureExt, stream::once};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    future::{Future, ready},
    hash::{BuildHasher, RandomState},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tower::{Service, ServiceExt, service_fn};
use tower_http::compression::Compression;

/// Answers below this size are sent as they are: packed, they take as many packets.
const WORTH_PACKING: u64 = 1024;

/// The way in.
#[derive(Clone)]
pub(super) struct Gate {
    router: Router,
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Arc<Endpoint>,
    /// Whether something lies around the router that every request has to go through.
    layered: bool,
    header_bytes: usize,
    ids: Ids,
}

impl Gate {
    pub(super) fn new(router: Router, layered: bool, endpoint: Arc<Endpoint>, header_bytes: usize) -> Self {
        Gate { router, shared: Arc::new(Shared { endpoint, layered, header_bytes, ids: Ids::new() }) }
    }

    /// Answers a request. What is rarely waited for has a place of its own, since the future is moved about.
    pub(super) async fn answer(mut self, mut request: Request) -> Response<Body> {
        if !request.headers().get(REQUEST_ID).is_some_and(access::is_request_id) {
            request.headers_mut().insert(REQUEST_ID, self.shared.ids.next());
        }
        let traced = access::traced(request.headers());
        let packed = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect::<Vec<_>>();
        let mut response = match self.shared.check(&request) {
            // What nearly every request is needs no way to be found.
            Ok(()) if self.shared.is_plain(&request) => {
                unbroken(endpoint::post(State(Arc::clone(&self.shared.endpoint)), request).map(Ok)).await
            }
            Ok(()) => Box::pin(unbroken(self.router.call(request))).await,
            Err(refusal) => refusal.respond(Media::negotiate(request.headers()).unwrap_or(Media::Json)),
        };
        response.headers_mut().extend(traced);
        let share = response.extensions_mut().remove::<Share>();
        let small = response.body().size_hint().upper().is_some_and(|bytes| bytes < WORTH_PACKING);
        if !packed.is_empty() && !small && !response.headers().contains_key(CONTENT_ENCODING) {
            response = Box::pin(pack(packed, response, self.shared.endpoint.outbox())).await;
        }
        match share {
            Some(share) => response.map(|body| share.hold(body)),
            None => response,
        }
    }
}

impl Shared {
    /// Whether a request is one that the router does nothing with but hand it to the endpoint.
    fn is_plain(&self, request: &Request) -> bool {
        !self.layered && request.method() == Method::POST && request.uri().path() == GRAPHQL
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let address = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        // As HTTP/1.1 writes them: with a colon, a space and the end of the line.
        let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        let bytes = address + headers.sum::<usize>();
        if bytes > self.header_bytes {
            let limit = self.header_bytes;
            let message = format!("The address and the headers have {bytes} bytes; at most {limit} are allowed.");
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Err(Refusal::new(status, "HEADERS_TOO_LARGE", message).with_limit(limit));
        }
        self.endpoint.access().check_host(request)
    }
}

/// The answer, also when making it panics: one request's misfortune is not that of others on the connection.
async fn unbroken(answer: impl Future<Output = Result<Response<Body>, Infallible>>) -> Response<Body> {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            tracing::error!("a request was not answered: the code that was to answer it panicked");
            let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL, "The gateway made a mistake.");
            refusal.respond(Media::Json)
        }
    }
}

/// Packs an answer in the way that the client likes best. Most are packed as a whole, so that the packer, which takes far
/// more memory than they do, does not wait for the client; when too many large ones are, another is sent as it is.
async fn pack(accepted: Vec<HeaderValue>, response: Response<Body>, outbox: &Outbox) -> Response<Body> {
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

/// Ids for requests that came without one: a number that starts somewhere else in every process.
struct Ids {
    start: u64,
    count: AtomicU64,
}

impl Ids {
    fn new() -> Self {
        Ids { start: RandomState::new().hash_one(0), count: AtomicU64::new(0) }
    }

    fn next(&self) -> HeaderValue {
        let digit = |four: u8| b"0123456789abcdef"[usize::from(four)];
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 32];
        for (byte, digits) in self.start.to_be_bytes().iter().chain(&count.to_be_bytes()).zip(id.chunks_exact_mut(2)) {
            digits.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        HeaderValue::from_bytes(&id).unwrap_or_else(|_| HeaderValue::from_static("0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered() {
        let response = unbroken(async { panic!("a test of panics") }).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected = r#"{"errors":[{"message":"The gateway made a mistake.","extensions":{"code":"INTERNAL"}}]}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn ids_are_proper_and_differ() {
        let ids = Ids::new();
        let (one, other) = (ids.next(), ids.next());
        assert!(access::is_request_id(&one) && one != other);
    }
}
