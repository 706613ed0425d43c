//! One connection: served as long as something happens on it.

use super::unread;
use crate::workers::Workers;
use axum::{body::Body, extract::Request, http::Response};
use futures::FutureExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{rt::TokioIo, server::conn::auto};
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
    time::Instant,
};

/// How long a connection may do nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// While the client owes something: its first request, or the rest of what it began.
    pub(super) owed: Duration,
    /// Between requests.
    pub(super) idle: Duration,
}

/// What happens on a connection.
struct Activity {
    /// Requests that are being answered.
    under_way: AtomicUsize,
    /// Requests that came and pieces that went out, so far.
    steps: AtomicU64,
    /// Pieces that came in, so far.
    heard: AtomicU64,
    /// How many pieces had come in when the last request was answered.
    answered: AtomicU64,
}

impl Activity {
    /// Whether the client has begun something, or never asked anything.
    fn is_owed(&self) -> bool {
        self.heard.load(Relaxed) != self.answered.load(Relaxed)
    }
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
        self.0.answered.store(self.0.heard.load(Relaxed), Relaxed);
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

/// Serves a connection until its client leaves, `stopped` turns true, or nothing happens on it for too long: no request
/// being answered, none that came, nothing that the client took of an answer.
pub(super) async fn serve<A, F>(
    http: &auto::Builder<Workers>,
    stream: TcpStream,
    answer: A,
    patience: Patience,
    mut stopped: watch::Receiver<bool>,
) where
    A: Fn(Request) -> F + Send,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let activity = Arc::new(Activity {
        under_way: AtomicUsize::new(0),
        steps: AtomicU64::new(0),
        heard: AtomicU64::new(0),
        // No request was answered yet: the first one is owed.
        answered: AtomicU64::new(u64::MAX),
    });
    let of_requests = Arc::clone(&activity);
    let service = service_fn(move |request: axum::http::Request<Incoming>| {
        let under_way = UnderWay::new(Arc::clone(&of_requests));
        let (request, unread) = unread::watch(request);
        // An async block would hold the future twice: what it caught, and what it waits for.
        answer(request).map(move |answer| {
            answer.map(|mut response| {
                if let Some(unread) = unread {
                    unread.settle(&mut response, under_way);
                }
                response
            })
        })
    });
    let io = TokioIo::new(Watched { stream, activity: Arc::clone(&activity) });
    let mut connection = std::pin::pin!(http.serve_connection(io, service));
    let mut ending = false;
    // What was seen last, and since when nothing has changed.
    let (mut seen, mut owed, mut since) = (0, true, Instant::now());
    let mut tick = tokio::time::interval(patience.owed.min(patience.idle));
    loop {
        tokio::select! {
            // Nearly always it is the connection that something happened on.
            biased;
            // A client that breaks the connection off, or the protocol, has had its answer from the library.
            _ = connection.as_mut() => return,
            Ok(_) = stopped.wait_for(|stopped| *stopped), if !ending => {
                connection.as_mut().graceful_shutdown();
                ending = true;
            }
            now = tick.tick() => {
                let (steps, owes) = (activity.steps.load(Relaxed), activity.is_owed());
                if activity.under_way.load(Relaxed) > 0 || steps != seen || (owes && !owed) {
                    since = now;
                }
                (seen, owed) = (steps, owes);
                let patience = if ending || owes { patience.owed } else { patience.idle };
                if now.duration_since(since) < patience {
                    continue;
                }
                if ending {
                    return;
                }
                connection.as_mut().graceful_shutdown();
                (ending, since) = (true, now);
            }
        }
    }
}

/// A stream that notes what its client sends and takes.
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
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.heard.fetch_add(1, Relaxed);
        }
        read
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
