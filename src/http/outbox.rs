//! Answers while their clients take them: what all of them may hold of memory together.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::Version,
};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What answers may take together, in KiB: a client that takes its answer slowly holds on to all of it.
const MEMORY: usize = 256 * 1024;

/// Answers up to this size do not count over HTTP/1, where a connection has one at a time, and the system takes it at
/// once. Larger ones are handed over in pieces of this size.
pub(super) const SMALL: usize = 64 * 1024;

/// Answers up to this size do not count over HTTP/2: they are what a stream takes anyway. A client may let the answers of
/// all its streams wait, so that more than that would multiply.
const TINY: usize = 2 * 1024;

/// How many large answers may be packed while they are taken. The state of a packer is up to some MiB, for an answer of
/// any size.
const PACKERS: usize = 32;

/// The memory for answers.
pub(super) struct ResponseMemory {
    memory: Arc<Semaphore>,
    total: usize,
    packers: Arc<Semaphore>,
}

/// What an answer takes, until the last byte of it is sent.
#[derive(Clone)]
pub(super) struct MemoryPermit {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl ResponseMemory {
    pub(super) fn new() -> Self {
        ResponseMemory::of(MEMORY)
    }

    fn of(total: usize) -> Self {
        ResponseMemory { memory: Arc::new(Semaphore::new(total)), total, packers: Arc::new(Semaphore::new(PACKERS)) }
    }

    /// The body of an answer, and its share if it counts; none when too many are being sent.
    pub(super) fn body(&self, json: Vec<u8>, version: Version) -> Option<(Body, Option<MemoryPermit>)> {
        if json.len() <= if version == Version::HTTP_2 { TINY } else { SMALL } {
            return Some((Body::from(json), None));
        }
        let kilobytes = u32::try_from(json.capacity().div_ceil(1024).min(self.total)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.memory).try_acquire_many_owned(kilobytes).ok()?;
        Some((Body::from(json), Some(MemoryPermit::new(permit))))
    }

    /// A place to pack a large answer in; none when all are taken.
    pub(super) fn packer(&self) -> Option<MemoryPermit> {
        Arc::clone(&self.packers).try_acquire_owned().ok().map(MemoryPermit::new)
    }
}

impl MemoryPermit {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        MemoryPermit { _permit: Arc::new(permit) }
    }

    /// A body that keeps its share.
    pub(super) fn hold(self, body: Body) -> Body {
        Body::new(Held { body, left: Bytes::new(), share: self })
    }
}

/// An answer that is handed over piece by piece. Each piece keeps the share: over HTTP/2 a body is let go as soon as the
/// library has its last piece, which then waits for the client.
struct Held {
    body: Body,
    left: Bytes,
    share: MemoryPermit,
}

/// A piece with the share of its answer.
struct Piece {
    bytes: Bytes,
    _share: MemoryPermit,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        while self.left.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.left = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                end => return Poll::Ready(end),
            }
        }
        let length = self.left.len().min(SMALL);
        let piece = Piece { bytes: self.left.split_to(length), _share: self.share.clone() };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.left.len() as u64;
        let (within, mut whole) = (self.body.size_hint(), SizeHint::new());
        if let Some(upper) = within.upper() {
            whole.set_upper(upper + left);
        }
        whole.set_lower(within.lower() + left);
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn held(outbox: &ResponseMemory, json: Vec<u8>, version: Version) -> Option<Body> {
        let (body, share) = outbox.body(json, version)?;
        Some(match share {
            Some(share) => share.hold(body),
            None => body,
        })
    }

    #[tokio::test]
    async fn large_answers_are_whole_and_share_the_memory_until_they_are_taken() {
        let outbox = ResponseMemory::of(300);
        let large: Vec<u8> = (0..200 * 1024).map(|place: u32| place.to_le_bytes()[1]).collect();
        let body = held(&outbox, large.clone(), Version::HTTP_11).expect("there is memory");
        assert!(outbox.body(large.clone(), Version::HTTP_11).is_none());
        assert!(outbox.body(vec![b'x'; SMALL], Version::HTTP_11).is_some());
        assert_eq!(body.size_hint().exact(), Some(200 * 1024));
        assert_eq!(body.collect().await.expect("a body").to_bytes(), large);
        drop(held(&outbox, large, Version::HTTP_11).expect("there is memory again"));
        assert_eq!(outbox.memory.available_permits(), 300);
        // More than there is in all is sent alone.
        assert!(outbox.body(vec![b'x'; 400 * 1024], Version::HTTP_11).is_some());
    }

    #[tokio::test]
    async fn answers_of_streams_count_until_their_last_piece_is_gone() {
        let outbox = ResponseMemory::of(100);
        let mut body = held(&outbox, vec![b'x'; SMALL], Version::HTTP_2).expect("there is memory");
        assert!(outbox.body(vec![b'x'; SMALL], Version::HTTP_2).is_none());
        assert!(outbox.body(vec![b'x'; TINY], Version::HTTP_2).is_some());
        let piece = body.frame().await.expect("a frame").expect("of a body").into_data().expect("data");
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!((piece.len(), outbox.memory.available_permits()), (SMALL, 36));
        drop(piece);
        assert_eq!(outbox.memory.available_permits(), 100);
    }
}
