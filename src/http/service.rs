//! The one stack of services that every request passes, whatever it is for.
//!
//! A layer that all traffic has to pass, such as one for metrics, is added in [`stack`]: there is no other way to an
//! answer. Only two kinds of answers are given before a request exists that a service could take: those to connections
//! above the bound (`server`), and those of the library to bytes that are no HTTP.

use super::{
    accept::Media,
    access::{self, REQUEST_ID},
    endpoint::Endpoint,
    pack,
    reply::Refusal,
};
use crate::error::ErrorCode;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Response, StatusCode, header::ACCEPT_ENCODING},
};
use futures::FutureExt;
use std::{
    convert::Infallible,
    future::Future,
    hash::{BuildHasher, RandomState},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tower::{Service, ServiceBuilder, ServiceExt, layer::layer_fn, service_fn};
use tower_http::cors::CorsLayer;

/// What answers HTTP requests: the stack, and each part of it.
pub(super) trait HttpService:
    Service<Request, Response = Response<Body>, Error = Infallible, Future: Send + 'static> + Clone + Send + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request, Response = Response<Body>, Error = Infallible, Future: Send + 'static> + Clone + Send + 'static
{
}

/// Puts around `routes` what holds for every request. A request passes the layers from the first to the last, and its
/// answer comes back the other way.
pub(super) fn stack(
    routes: impl HttpService,
    endpoint: &Arc<Endpoint>,
    cors: Option<CorsLayer>,
    header_bytes: usize,
) -> impl HttpService {
    let (ids, packer, hosts) = (Arc::new(Ids::new()), Arc::clone(endpoint), Arc::clone(endpoint));
    ServiceBuilder::new()
        .layer(layer_fn(move |inner| identified(inner, Arc::clone(&ids))))
        .layer(layer_fn(move |inner| packed(inner, Arc::clone(&packer))))
        .layer(layer_fn(move |inner| checked(inner, Arc::clone(&hosts), header_bytes)))
        .layer(layer_fn(unbroken))
        .option_layer(cors)
        .service(routes)
}

/// Gives every request an id, and its answer the headers by which it is found again.
///
/// `tower-http` has layers for this, but they let any id through that a client sends, and know nothing of the trace.
fn identified(inner: impl HttpService, ids: Arc<Ids>) -> impl HttpService {
    service_fn(move |mut request: Request| {
        if !request.headers().get(REQUEST_ID).is_some_and(access::is_request_id) {
            request.headers_mut().insert(REQUEST_ID, ids.next());
        }
        let traced = access::traced(request.headers());
        inner.clone().oneshot(request).map(move |answer| {
            answer.map(|mut response| {
                response.headers_mut().extend(traced);
                response
            })
        })
    })
}

/// Packs answers for those who unpack.
fn packed(inner: impl HttpService, endpoint: Arc<Endpoint>) -> impl HttpService {
    service_fn(move |request: Request| {
        let (inner, endpoint) = (inner.clone(), Arc::clone(&endpoint));
        let accepted = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect::<Vec<_>>();
        async move { Ok(pack::answer(accepted, inner.oneshot(request).await?, endpoint.outbox()).await) }
    })
}

/// Refuses requests whose head is too large, or that name a host that this server does not answer for.
fn checked(inner: impl HttpService, endpoint: Arc<Endpoint>, header_bytes: usize) -> impl HttpService {
    service_fn(move |request: Request| {
        let checked = check_size(&request, header_bytes).and_then(|()| endpoint.access().check_host(&request));
        match checked {
            Ok(()) => inner.clone().oneshot(request).left_future(),
            Err(refusal) => {
                let media = Media::negotiate(request.headers()).unwrap_or(Media::Json);
                std::future::ready(Ok(refusal.respond(media))).right_future()
            }
        }
    })
}

fn check_size(request: &Request, most: usize) -> Result<(), Refusal> {
    let address = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    // As HTTP/1.1 writes them: with a colon, a space and the end of the line.
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let bytes = address + headers.sum::<usize>();
    if bytes <= most {
        return Ok(());
    }
    let message = format!("The address and the headers have {bytes} bytes; at most {most} are allowed.");
    let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    Err(Refusal::new(status, ErrorCode::HeadersTooLarge, message).with_limit(most))
}

/// Answers also when making the answer panics: one request's failure is not that of others on the connection.
///
/// The layer of `tower-http` does the same, but puts every body into a further box.
fn unbroken(inner: impl HttpService) -> impl HttpService {
    service_fn(move |request: Request| caught(inner.clone().oneshot(request)))
}

fn caught(
    answer: impl Future<Output = Result<Response<Body>, Infallible>>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> {
    AssertUnwindSafe(answer).catch_unwind().map(|answer| {
        answer.unwrap_or_else(|_| {
            tracing::error!("a request was not answered: the code that was to answer it panicked");
            let refusal =
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, "The gateway made a mistake.");
            Ok(refusal.respond(Media::Json))
        })
    })
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
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let number = u128::from(self.start) << 64 | u128::from(count);
        let mut digits = const_hex::Buffer::<16>::new();
        HeaderValue::from_str(digits.format(&number.to_be_bytes())).unwrap_or_else(|_| HeaderValue::from_static("0"))
    }
}

#[cfg(test)]
mod tests;
