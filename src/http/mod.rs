//! HTTP in: the routes, how a GraphQL request is read from one, and how an answer is sent.

mod endpoint;
mod page;

use crate::graph::engine::Engine;
use axum::{Router, extract::DefaultBodyLimit, routing::get};
use std::{future::Future, io, sync::Arc};
use tokio::net::TcpListener;

/// The path of the GraphQL endpoint.
pub const GRAPHQL: &str = "/graphql";

/// Serves a graph until `stop` is done; requests under way are finished first.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    max_body: usize,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route(GRAPHQL, get(endpoint::get).post(endpoint::post))
        .route("/", get(page::show))
        .layer(DefaultBodyLimit::max(max_body))
        .with_state(engine);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}
