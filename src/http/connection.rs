//! One connection: served as long as something happens on it.

use axum::{body::Body, extract::Request, http::Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
};

/// What happens on a connection.
#[derive(Default)]
struct Activity {
    /// Requests that are being answered.
    under_way: AtomicUsize,
    /// Requests that came and pieces that went out, so far.
    steps: AtomicU64,
}

/// A request that is being answered.
struct UnderWay(Arc<Activity>);

impl UnderWay {
    fn new(activity: Arc<Activity>) -> Self {
        activity.under_way.fetch_add(1, Relaxed);
        activity.steps.fetch_add(1, Relaxed);
        UnderWay(activity)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

/// Serves a connection until its client leaves, `stopped` turns true, or nothing has happened on it for `patience`: no
/// request being answered, none that came, nothing that the client took of an answer.
pub(super) async fn serve<A, F>(
    http: &auto::Builder<TokioExecutor>,
    stream: TcpStream,
    answer: A,
    patience: Duration,
    mut stopped: watch::Receiver<bool>,
) where
    A: Fn(Request) -> F + Send,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let service = service_fn(|request: axum::http::Request<Incoming>| {
        let under_way = UnderWay::new(Arc::clone(&activity));
        let answered = answer(request.map(Body::new));
        async move {
            let response = answered.await;
            drop(under_way);
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(Watched { stream, activity: Arc::clone(&activity) });
    let mut connection = std::pin::pin!(http.serve_connection(io, service));
    let mut ending = false;
    let mut seen = u64::MAX;
    let mut tick = tokio::time::interval(patience);
    loop {
        tokio::select! {
            // A client that breaks the connection off, or the protocol, has had its answer from the library.
            _ = connection.as_mut() => return,
            Ok(_) = stopped.wait_for(|stopped| *stopped), if !ending => {
                connection.as_mut().graceful_shutdown();
                ending = true;
            }
            _ = tick.tick() => {
                let steps = activity.steps.load(Relaxed);
                let idle = activity.under_way.load(Relaxed) == 0 && steps == seen;
                seen = steps;
                match (idle, ending) {
                    (true, true) => return,
                    (true, false) => {
                        connection.as_mut().graceful_shutdown();
                        ending = true;
                    }
                    (false, _) => {}
                }
            }
        }
    }
}

/// A stream that notes what its client takes.
struct Watched {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl Watched {
    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.activity.steps.fetch_add(1, Relaxed);
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
