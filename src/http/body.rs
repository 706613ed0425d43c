//! The body of a request: unpacked and read to its end, within a size, a time and what all bodies may take together.

use super::reply::Refusal;
use crate::error::ErrorCode;
use axum::{
    body::{Body, Bytes, HttpBody},
    http::{
        HeaderMap, Request, Response, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT},
    },
};
use http_body_util::BodyExt;
use std::{convert::Infallible, future::ready, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::{ServiceExt, service_fn};
use tower_http::decompression::RequestDecompression;

/// What is still read of a body that is too large, in multiples of the limit: a client that is still sending does not
/// read an answer, and would only see the connection break.
const PATIENCE: usize = 4;

/// What the bodies that did not come in one piece may take together, in KiB. Those that did are run at once, so that the
/// bound of operations is theirs.
const MEMORY: usize = 64 * 1024;

/// What unpacking a body takes as soon as it has begun, in KiB, whatever comes out: the state of the unpacker, its buffers.
const UNPACKER: u32 = 64;

/// For how many bytes that a body may have it may have one value. A value takes far more memory than the two bytes that it
/// can be written in, and operations hold those of their variables to their end.
const BYTES_PER_VALUE: usize = 32;

/// So many values a body may have anyway.
const FEW_VALUES: usize = 1024;

/// How bodies are read.
pub(super) struct Reader {
    limit: usize,
    time: Duration,
    memory: Semaphore,
}

/// A body with its share of the memory for bodies, which is given back when it is dropped.
pub(super) struct Read<'a> {
    pub(super) bytes: Bytes,
    share: Option<SemaphorePermit<'a>>,
}

impl Reader {
    pub(super) fn new(limit: usize, time: Duration) -> Self {
        Reader { limit, time, memory: Semaphore::new(MEMORY.max(limit.div_ceil(256))) }
    }

    /// How many values a body may have.
    pub(super) fn values(&self) -> usize {
        (self.limit / BYTES_PER_VALUE).max(FEW_VALUES)
    }

    /// Reads a body.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Read<'_>, Refusal> {
        let reading = async {
            let promised = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
            if headers.contains_key(EXPECT) && promised.is_some_and(|promised| promised > self.limit) {
                // The client waits to be told whether to send.
                return Err(self.too_large());
            }
            if headers.contains_key(CONTENT_ENCODING) {
                let _unpacker = self.memory.try_acquire_many(UNPACKER).map_err(|_| too_many())?;
                return self.collect(unpacked(headers, body).await?, self.limit).await;
            }
            self.collect(body, self.limit.saturating_mul(PATIENCE)).await
        };
        tokio::time::timeout(self.time, reading).await.unwrap_or_else(|_| {
            let message = format!("The body did not arrive within {}.", humantime::format_duration(self.time));
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, message))
        })
    }

    async fn collect(&self, mut body: Body, patience: usize) -> Result<Read<'_>, Refusal> {
        let mut read = Read { bytes: Bytes::new(), share: None };
        let mut whole = Vec::new();
        let mut length = 0_usize;
        while let Some(frame) = body.frame().await {
            let broken = |_| Refusal::bad("The body broke off, or is not packed as its content encoding says.");
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            length = length.saturating_add(data.len());
            if length > self.limit {
                // Thrown away.
                whole = Vec::new();
                if length > patience {
                    break;
                }
                continue;
            }
            if !body.is_end_stream() {
                self.share(&mut read, data.len())?;
            }
            // Most bodies come in one piece, which is not copied.
            if length == data.len() {
                read.bytes = data;
            } else {
                whole.extend_from_slice(&std::mem::take(&mut read.bytes));
                whole.extend_from_slice(&data);
            }
        }
        if length > self.limit {
            return Err(self.too_large());
        }
        if !whole.is_empty() {
            read.bytes = whole.into();
        }
        Ok(read)
    }

    fn share<'a>(&'a self, read: &mut Read<'a>, bytes: usize) -> Result<(), Refusal> {
        let kilobytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let more = self.memory.try_acquire_many(kilobytes).map_err(|_| too_many())?;
        match &mut read.share {
            Some(share) => share.merge(more),
            share => *share = Some(more),
        }
        Ok(())
    }

    fn too_large(&self) -> Refusal {
        let limit = self.limit;
        let message = format!("The body has more than {limit} bytes.");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::BodyTooLarge, message).with_limit(limit)
    }
}

fn too_many() -> Refusal {
    Refusal::overloaded("bodies of requests")
}

/// The body without its packing; what comes out of it is bounded by whoever reads it.
async fn unpacked(headers: &HeaderMap, body: Body) -> Result<Body, Refusal> {
    let mut request = Request::new(body);
    request.headers_mut().clone_from(headers);
    let echo = service_fn(|request: Request<_>| ready(Ok::<_, Infallible>(Response::new(request.into_body()))));
    match RequestDecompression::new(echo).oneshot(request).await {
        Ok(response) if response.status() == StatusCode::OK => Ok(Body::new(response.into_body())),
        _ => Err(Refusal::media("The content encoding must be br, gzip, zstd or identity, and only one of them.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::accept::Media;
    use axum::http::HeaderValue;
    use futures::stream;

    fn reader(kilobytes: usize) -> Reader {
        Reader { limit: 4096, time: Duration::from_secs(10), memory: Semaphore::new(kilobytes) }
    }

    /// A body that comes in pieces of a kilobyte.
    fn pieces(kilobytes: usize) -> Body {
        let piece = |_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 1024]));
        Body::from_stream(stream::iter((0..kilobytes).map(piece)))
    }

    async fn status(reader: &Reader, body: Body) -> StatusCode {
        match reader.read(&HeaderMap::new(), body).await {
            Ok(_) => StatusCode::OK,
            Err(refusal) => refusal.respond(Media::Json).status(),
        }
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        let reader = reader(100);
        assert_eq!(reader.read(&HeaderMap::new(), pieces(4)).await.map(|read| read.bytes.len()).ok(), Some(4096));
        assert_eq!(status(&reader, pieces(5)).await, StatusCode::PAYLOAD_TOO_LARGE);
        // Not even read to its end.
        assert_eq!(status(&reader, pieces(usize::MAX)).await, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(reader.memory.available_permits(), 100);
    }

    #[tokio::test]
    async fn bodies_that_take_all_the_memory_are_turned_away_and_whole_ones_are_not() {
        let reader = reader(3);
        let held = reader.read(&HeaderMap::new(), pieces(3)).await;
        assert_eq!(status(&reader, pieces(1)).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&reader, Body::from("whole")).await, StatusCode::OK);
        drop(held);
        assert_eq!(status(&reader, pieces(1)).await, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_packed_body_takes_memory_before_anything_comes_out_of_it() {
        let packed = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        let reader = reader(100);
        let mut begun =
            Box::pin(reader.read(&packed, Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())));
        assert!(futures::poll!(&mut begun).is_pending());
        assert_eq!(reader.memory.available_permits(), 36);
        let Err(refusal) = reader.read(&packed, Body::empty()).await else { panic!("there is no memory") };
        assert_eq!(refusal.respond(Media::Json).status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&reader, pieces(4)).await, StatusCode::OK);
        drop(begun);
        assert_eq!(reader.memory.available_permits(), 100);
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let reader = Reader { time: Duration::from_millis(1), ..reader(3) };
        let endless = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        assert_eq!(status(&reader, endless).await, StatusCode::REQUEST_TIMEOUT);
    }
}
