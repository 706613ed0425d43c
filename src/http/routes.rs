//! What answers at which path.
//!
//! A match instead of a router of a library: the paths are few, nearly every request is for the first of them, and there
//! is no second place where a layer could be added and would see only some of the requests.

use super::{
    GRAPHQL, ICONS, PLAN,
    endpoint::{self, Endpoint},
    icons,
    page::Page,
};
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{
        Method, Response, StatusCode,
        header::{CONTENT_LENGTH, HeaderValue},
    },
};
use futures::{
    FutureExt,
    future::{BoxFuture, Map},
};
use std::{
    convert::Infallible,
    future::ready,
    sync::Arc,
    task::{Context, Poll},
};
use tower::Service;

/// Everything that the gateway serves.
#[derive(Clone)]
pub(super) struct Routes {
    endpoint: Arc<Endpoint>,
    page: Option<Arc<Page>>,
}

impl Routes {
    pub(super) fn new(endpoint: Arc<Endpoint>, page: Option<Page>) -> Self {
        Routes { endpoint, page: page.map(Arc::new) }
    }

    /// The answer of the path, but for what the method HEAD leaves out.
    fn at_path(&self, request: Request) -> BoxFuture<'static, Response<Body>> {
        let endpoint = || Arc::clone(&self.endpoint);
        let (path, method) = (request.uri().path(), request.method());
        let read = method == Method::GET || method == Method::HEAD;
        if path == GRAPHQL {
            return match *method {
                Method::POST => endpoint::post(endpoint(), request),
                _ if read => endpoint::get(endpoint(), request),
                _ => now(endpoint::other(request.headers())),
            };
        }
        if path == PLAN {
            return match *method {
                Method::POST => endpoint::plan(endpoint(), request),
                _ => now(endpoint::only_post(request.headers())),
            };
        }
        // The page comes before the icons, since it may be at the same path, and has one folder of names of its own.
        if let Some(response) = self.page.as_ref().and_then(|page| page.answer(&request)) {
            return now(response);
        }
        if is_icon(path) {
            return if read { icons::get(endpoint(), request) } else { now(icons::other()) };
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        now(response)
    }
}

impl Service<Request> for Routes {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Map<BoxFuture<'static, Response<Body>>, fn(Response<Body>) -> Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let head = request.method() == Method::HEAD;
        self.at_path(request).map(if head { |response| Ok(without_body(response)) } else { Ok })
    }
}

fn now(response: Response<Body>) -> BoxFuture<'static, Response<Body>> {
    Box::pin(ready(response))
}

/// Whether a path has the form `/icons/{kind}/{id}`.
fn is_icon(path: &str) -> bool {
    let segments = path.strip_prefix(ICONS).and_then(|path| path.strip_prefix('/')?.split_once('/'));
    segments.is_some_and(|(_, id)| !id.is_empty() && !id.contains('/'))
}

/// The answer to HEAD, which tells the length of the body that is not sent.
fn without_body(mut response: Response<Body>) -> Response<Body> {
    if let Some(bytes) = response.body().size_hint().exact()
        && !response.headers().contains_key(CONTENT_LENGTH)
    {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    response.map(|_| Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_has_one_kind_and_one_id() {
        for icon in ["/icons/users/USR-1", "/icons//USR-1"] {
            assert!(is_icon(icon), "{icon}");
        }
        for other in ["/icons", "/icons/", "/icons/users", "/icons/users/", "/icons/users/USR-1/", "/iconsx/a/b"] {
            assert!(!is_icon(other), "{other}");
        }
    }
}
