//! Single flight: identical reads of one caller that are under way at the same time are one request.
//!
//! There is no task for a flight: whoever waits drives it, and when one leaves, the others go on. With the last one it
//! ends. Questions are compared as a whole, credentials included, so nobody can make two that are taken for one.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::quality::RandomState;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::credentials::Credentials;

/// What is read, and for whom.
pub(super) struct RequestKey {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Bytes>,
    pub(super) credentials: Credentials,
    /// Whether an error of the upstream's may be a refusal. It tells no questions apart.
    pub(super) unsure: bool,
    /// When the last of those who wait has to have an answer.
    until: Mutex<Instant>,
    /// Of everything above but the time.
    hash: u64,
}

impl RequestKey {
    /// When the last of those who wait has to have an answer.
    pub(super) fn until(&self) -> Instant {
        *self.until.lock()
    }

    fn wait_until(&self, until: Instant) {
        let mut latest = self.until.lock();
        *latest = until.max(*latest);
    }
}

impl PartialEq for RequestKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.method == other.method
            && self.url == other.url
            && self.body == other.body
            && self.credentials.answer_alike(&other.credentials)
    }
}

impl Eq for RequestKey {}

impl Hash for RequestKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// A flight that one waits for.
pub(super) type Flight<T> = Shared<BoxFuture<'static, T>>;

type UnderWay<T> = HashMap<Arc<RequestKey>, WeakShared<BoxFuture<'static, T>>, RandomState>;

/// The flights under way to one upstream. They are held by those who wait for them, here they are only known.
pub(super) struct Flights<T: Clone> {
    random: RandomState,
    under_way: Arc<Mutex<UnderWay<T>>>,
}

impl<T: Clone> Default for Flights<T> {
    fn default() -> Self {
        Flights { random: RandomState::default(), under_way: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// A question that has to be answered until then.
    pub(super) fn question(
        &self,
        (method, url, body, unsure): (Method, Url, Option<Bytes>, bool),
        credentials: Credentials,
        until: Instant,
    ) -> Arc<RequestKey> {
        let mut hasher = self.random.build_hasher();
        method.hash(&mut hasher);
        hasher.write(url.as_str().as_bytes());
        body.hash(&mut hasher);
        credentials.hash_into(&mut hasher);
        let hash = hasher.finish();
        Arc::new(RequestKey { method, url, body, credentials, unsure, until: Mutex::new(until), hash })
    }

    /// The flight that answers a question, and whether it was under way already; otherwise it `begins`.
    pub(super) fn join<F>(
        &self,
        question: Arc<RequestKey>,
        begins: impl FnOnce(Arc<RequestKey>) -> F,
    ) -> (Flight<T>, bool)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = lock(&self.under_way);
        if let Some((known, flight)) = under_way.get_key_value(&question)
            && let Some(flight) = flight.upgrade()
        {
            known.wait_until(question.until());
            return (flight, true);
        }
        let known = Known { question: Arc::clone(&question), under_way: Arc::clone(&self.under_way) };
        let flight = begins(Arc::clone(&question));
        let flight = async move {
            let _known = known;
            flight.await
        };
        let flight = flight.boxed().shared();
        // One that everybody has left may be known still: its question must not stay as the key.
        under_way.remove(&question);
        under_way.extend(flight.downgrade().map(|flight| (question, flight)));
        (flight, false)
    }

    /// From now on nobody joins a flight of this caller's that began before: what it brings may be out of date. Those
    /// who wait for one already asked before, and get what they asked for.
    pub(super) fn forget(&self, credentials: &Credentials) {
        lock(&self.under_way).retain(|question, _| !question.credentials.same_caller(credentials));
    }
}

/// Makes a flight unknown when it ends, however it does.
struct Known<T: Clone> {
    question: Arc<RequestKey>,
    under_way: Arc<Mutex<UnderWay<T>>>,
}

impl<T: Clone> Drop for Known<T> {
    fn drop(&mut self) {
        let mut under_way = lock(&self.under_way);
        let own = under_way.get_key_value(&self.question).is_some_and(|(known, _)| Arc::ptr_eq(known, &self.question));
        if own {
            under_way.remove(&self.question);
        }
    }
}

fn lock<T: Clone>(under_way: &Mutex<UnderWay<T>>) -> MutexGuard<'_, UnderWay<T>> {
    under_way.lock()
}

#[cfg(test)]
mod tests;
