//! The listener: connections by HTTP/1.1 and HTTP/2, as many as there may be at once.

use super::{
    Settings,
    accept::Media,
    connection::{self, Patience},
    reply::Refusal,
    service::HttpService,
};
use crate::workers::Workers;
use axum::{body::Body, http::Response};
use hyper_util::{rt::TokioTimer, server::conn::auto};
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

/// Connections above the bound that are told so, at once; further ones are closed without a word.
const TURNED_AWAY: usize = 64;

/// How long a connection above the bound may take to hear it.
const HEARING: Patience = Patience { owed: Duration::from_secs(1), idle: Duration::from_secs(1) };

/// How long to wait when no connection can be taken, most likely because there are no more file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// The streams of one HTTP/2 connection: the least that RFC 9113 recommends, since each takes memory as long as its client
/// likes.
const STREAMS: u32 = 100;

/// What connections may take.
pub(super) struct Bounds {
    connections: usize,
    header_bytes: usize,
    patience: Patience,
}

impl Bounds {
    pub(super) fn of(settings: &Settings) -> Self {
        let Settings { connections, header_bytes, header_timeout, idle_timeout, .. } = *settings;
        Bounds { connections, header_bytes, patience: Patience { owed: header_timeout, idle: idle_timeout } }
    }
}

/// Serves until `stop` is done; then requests under way are finished.
///
/// What is above the bound of connections is refused without the service: it is to cost nothing, least of all a request that
/// somebody has to read.
pub(super) async fn serve(
    listener: TcpListener,
    service: impl HttpService,
    bounds: Bounds,
    workers: Workers,
    stop: impl Future<Output = ()>,
) {
    let http = protocol(&bounds, workers.clone());
    let places = Arc::new(Semaphore::new(bounds.connections));
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            stream = accept(&listener) => stream,
        };
        // An answer is written whole; waiting for more to send would only be waiting.
        let _ = stream.set_nodelay(true);
        let (http, stopped) = (http.clone(), stopped.clone());
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            let service = service.clone();
            let stream = stream.into_std();
            workers.keep(async move {
                let answer = move |request| service.clone().oneshot(request);
                // Registered anew, with the thread that keeps it.
                if let Ok(stream) = stream.and_then(TcpStream::from_std) {
                    connection::serve(&http, stream, answer, bounds.patience, stopped).await;
                }
                drop(place);
            });
        } else if let Ok(place) = Arc::clone(&turned_away).try_acquire_owned() {
            let connections = bounds.connections;
            tokio::spawn(async move {
                let answer = move |_| std::future::ready(Ok(busy(connections)));
                let told = connection::serve(&http, stream, answer, HEARING, stopped);
                let _ = tokio::time::timeout(HEARING.owed, told).await;
                drop(place);
            });
        }
    }
    drop((listener, stopped));
    stopping.send_replace(true);
    stopping.closed().await;
}

fn busy(connections: usize) -> Response<Body> {
    let mut response = Refusal::overloaded("connections").with_limit(connections).respond(Media::Json);
    response.headers_mut().insert("connection", axum::http::HeaderValue::from_static("close"));
    response
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot take connections: {error}");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

/// Whether an error is about a connection that is gone already, and not about taking connections.
fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn protocol(bounds: &Bounds, workers: Workers) -> auto::Builder<Workers> {
    let mut http = auto::Builder::new(workers);
    // The service refuses what is above the bound, in words; twice the bound ends what never comes to its end.
    let most = 2 * bounds.header_bytes;
    // Its time-out for headers would end idle connections as well; `connection` tells them apart.
    http.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(most);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(most).unwrap_or(u32::MAX));
    http
}
