//! The rest of a request's body that nobody read, because the request was refused before.
//!
//! Over HTTP/1 the next request begins where the body ends. So the rest is either read and thrown away, or the answer says
//! that the connection ends with it: a client must never find out by a broken pipe. The answer does not wait for the rest.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{
        HeaderValue, Request, Response, StatusCode, Version,
        header::{CONNECTION, EXPECT},
    },
};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use parking_lot::Mutex;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// The longest rest that is read so that the connection can go on; it is as long as a body may be by default.
const SKIPPED: u64 = 1 << 20;

/// How much is read of a rest after which the connection ends. A client that is still sending would not see the answer
/// otherwise: the system resets a connection that is closed with unread data.
const LINGERING: usize = 64 << 20;

/// How long a rest is read.
const PATIENCE: Duration = Duration::from_secs(5);

type Slot = Arc<Mutex<Option<Rest>>>;

/// What was not read of a body.
struct Rest {
    body: Incoming,
    /// Whether reading began: a client that waits for `100 Continue` is told to send by that.
    begun: bool,
}

/// The body of a request; what is not read of it goes back to its slot.
struct Watched {
    rest: Option<Rest>,
    slot: Slot,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take().filter(|rest| !rest.body.is_end_stream()) {
            *self.slot.lock() = Some(rest);
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        rest.begun = true;
        let frame = Pin::new(&mut rest.body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            self.rest = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.as_ref().is_none_or(|rest| rest.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.rest.as_ref().map_or(SizeHint::with_exact(0), |rest| rest.body.size_hint())
    }
}

/// Where the rest of a body is found after its request was answered.
pub(super) struct Unread {
    slot: Slot,
    /// Whether the client waits to be told whether to send.
    waits: bool,
}

/// Watches what is read of a request's body; none where there is no body, or where a body is no other request's matter.
pub(super) fn watch(request: Request<Incoming>) -> (Request<Body>, Option<Unread>) {
    if request.body().is_end_stream() || request.version() >= Version::HTTP_2 {
        return (request.map(Body::new), None);
    }
    let waits = request.headers().contains_key(EXPECT);
    let slot = Slot::default();
    let unread = Unread { slot: Arc::clone(&slot), waits };
    let watched = |body| Body::new(Watched { rest: Some(Rest { body, begun: false }), slot });
    (request.map(watched), Some(unread))
}

impl Unread {
    /// Sees to the rest, if there is one, and says so in the answer if the connection ends with it. `held` is held as
    /// long as the rest is read.
    pub(super) fn settle<T: Send + 'static>(self, response: &mut Response<Body>, held: T) {
        let Some(rest) = self.slot.lock().take() else { return };
        let waits = self.waits && !rest.begun;
        // What did not come in time is not waited for again.
        let late = response.status() == StatusCode::REQUEST_TIMEOUT;
        if waits || late || rest.body.size_hint().exact().is_none_or(|bytes| bytes > SKIPPED) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // To read would be to tell the client to send.
        if !waits {
            tokio::spawn(async move {
                let _ = tokio::time::timeout(PATIENCE, skip(rest.body)).await;
                drop(held);
            });
        }
    }
}

/// Reads a rest and throws it away.
async fn skip(mut body: Incoming) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > LINGERING {
            return;
        }
    }
}
