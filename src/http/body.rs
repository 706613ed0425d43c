//! The body of a request: unpacked and read to its end, within a size, a time and what all bodies may take together.

use super::reply::Refusal;
use axum::{
    body::{Body, Bytes},
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

/// Bodies up to this size are not counted: as many as there are operations fit into memory.
const SMALL: usize = 16 * 1024;

/// What all large bodies may take together, in KiB.
const MEMORY: usize = 64 * 1024;

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

    /// Reads a body.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Read<'_>, Refusal> {
        let reading = async {
            let promised = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
            if headers.contains_key(EXPECT) && promised.is_some_and(|promised| promised > self.limit) {
                // The client waits to be told whether to send.
                return Err(self.too_large());
            }
            if headers.contains_key(CONTENT_ENCODING) {
                return self.collect(unpacked(headers, body).await?, self.limit).await;
            }
            self.collect(body, self.limit.saturating_mul(PATIENCE)).await
        };
        tokio::time::timeout(self.time, reading).await.unwrap_or_else(|_| {
            let message = format!("The body did not arrive within {}.", humantime::format_duration(self.time));
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message))
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
            if length > SMALL {
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
        let more = self.memory.try_acquire_many(kilobytes).map_err(|_| Refusal::overloaded("bodies of requests"))?;
        match &mut read.share {
            Some(share) => share.merge(more),
            share => *share = Some(more),
        }
        Ok(())
    }

    fn too_large(&self) -> Refusal {
        let limit = self.limit;
        let message = format!("The body has more than {limit} bytes.");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message).with_limit(limit)
    }
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
