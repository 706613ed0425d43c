//! HTTP in: who may connect and ask, how a GraphQL request is read, and how an answer is sent.

mod accept;
mod access;
mod body;
mod connection;
mod documents;
mod endpoint;
mod icons;
mod identity;
mod outbox;
mod pack;
mod page;
mod reply;
mod request;
mod routes;
mod server;
mod service;
mod unread;
mod unrepeated;

use crate::{graph::engine::Engine, workers::Workers};
use axum::http::{HeaderValue, Method};
use endpoint::Endpoint;
use page::Page;
use routes::Routes;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

pub use access::{Access, CallerTokens};
pub use documents::Documents;
pub use icons::ICONS;
pub use identity::{Callers, UpstreamIdentity, bearer};

/// The path of the GraphQL endpoint.
pub const GRAPHQL: &str = "/graphql";

/// The path that plans what would be asked, and runs nothing.
pub const PLAN: &str = "/graphql/plan";

/// Who may ask, and how much.
pub struct Settings {
    /// Who may ask, and what of it goes upstream.
    pub access: Access,
    /// The documents that may be asked for without their text.
    pub documents: Documents,
    /// The origins whose pages may read answers; `*` is any.
    pub cors_origins: Vec<HeaderValue>,
    /// The path of the playground, without a slash at its end; none where there is no playground.
    pub page: Option<String>,
    /// Whether icons are served.
    pub icons: bool,
    /// The operations that one request may have.
    pub batch: usize,
    /// The bytes of a body, unpacked.
    pub body_bytes: usize,
    /// The time of a body.
    pub body_timeout: Duration,
    /// The bytes of an address and headers together.
    pub header_bytes: usize,
    /// The time of headers.
    pub header_timeout: Duration,
    /// The time of a connection between requests.
    pub idle_timeout: Duration,
    /// The connections at once.
    pub connections: usize,
    /// The operations at once.
    pub operations: usize,
}

/// Serves a graph, on these threads, until `stop` is done; requests under way are finished first.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    settings: Settings,
    workers: Workers,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let cors = cors(&settings.cors_origins);
    let page = settings.page.as_deref().map(Page::new);
    let bounds = server::Bounds::of(&settings);
    let header_bytes = settings.header_bytes;
    let endpoint = Arc::new(Endpoint::new(engine, settings));
    let routes = Routes::new(Arc::clone(&endpoint), page);
    let service = service::stack(routes, &endpoint, cors, header_bytes);
    server::serve(listener, service, bounds, workers, stop).await;
}

/// Lets pages of other origins read answers: none of them, unless they are named.
fn cors(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let allowed = match origins {
        [] => return None,
        origins if origins.iter().any(|origin| origin == "*") => AllowOrigin::any(),
        origins => AllowOrigin::list(origins.iter().cloned()),
    };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::list([access::REQUEST_ID, reply::UPSTREAM_REQUESTS]))
        .max_age(Duration::from_secs(600));
    Some(layer)
}
