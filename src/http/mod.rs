//! HTTP in: the routes, how a GraphQL request is read from one, and how an answer is sent.

mod endpoint;
mod page;

use crate::graph::engine::Engine;
use axum::{Router, extract::DefaultBodyLimit, routing::get};
use std::{future::Future, io, sync::Arc};
use tokio::net::TcpListener;

/// The path of the GraphQL endpoint.
pub const GRAPHQL: &str = "/graphql";

/// Serves a graph until `stop` is done; requests under way are finished first. The playground is at the path `page`,
/// which has no slash at its end, or nowhere.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    max_body: usize,
    page: Option<&str>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route(GRAPHQL, get(endpoint::get).post(endpoint::post))
        .layer(DefaultBodyLimit::max(max_body))
        .with_state(engine)
        .merge(page.map(page::router).unwrap_or_default());
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}
