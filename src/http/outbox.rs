//! Large answers while their clients take them: what all of them may hold of memory together.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What large answers may take together, in KiB: a client that takes its answer slowly holds on to all of it.
const MEMORY: usize = 256 * 1024;

/// Answers up to this size are handed over whole: the system takes them at once.
const SMALL: usize = 64 * 1024;

/// The memory for large answers.
pub(super) struct Outbox {
    memory: Arc<Semaphore>,
    total: usize,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Outbox::of(MEMORY)
    }

    fn of(total: usize) -> Self {
        Outbox { memory: Arc::new(Semaphore::new(total)), total }
    }

    /// The body of an answer; none when too many are being sent.
    pub(super) fn body(&self, json: Vec<u8>) -> Option<Body> {
        if json.len() <= SMALL {
            return Some(Body::from(json));
        }
        let kilobytes = u32::try_from(json.len().div_ceil(1024).min(self.total)).unwrap_or(u32::MAX);
        let share = Arc::clone(&self.memory).try_acquire_many_owned(kilobytes).ok()?;
        Some(Body::new(Sent { left: json.into(), _share: share }))
    }
}

/// An answer that is handed over piece by piece, and gives its share back with the last.
struct Sent {
    left: Bytes,
    _share: OwnedSemaphorePermit,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.len().min(SMALL);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.left.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn large_answers_are_whole_and_share_the_memory_until_they_are_taken() {
        let outbox = Outbox::of(300);
        let large: Vec<u8> = (0..200 * 1024).map(|place: u32| place.to_le_bytes()[1]).collect();
        let body = outbox.body(large.clone()).expect("there is memory");
        assert!(outbox.body(large.clone()).is_none());
        assert!(outbox.body(vec![b'x'; SMALL]).is_some());
        assert_eq!(body.size_hint().exact(), Some(200 * 1024));
        assert_eq!(body.collect().await.expect("a body").to_bytes(), large);
        drop(outbox.body(large).expect("there is memory again"));
        assert_eq!(outbox.memory.available_permits(), 300);
        // More than there is in all is sent alone.
        assert!(outbox.body(vec![b'x'; 400 * 1024]).is_some());
    }
}
