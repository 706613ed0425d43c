//! Callers that the upstream told to wait (429 with `Retry-After`): nothing is sent for one of them until its time is over.
//!
//! Callers are told apart by their credentials. The clock is passed in.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foldhash::quality::RandomState;
use tokio::time::Instant;

use super::credentials::Credentials;

/// A caller is not kept from asking for longer than this, whatever the upstream said.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// How many callers are remembered.
const MAX_CALLERS: usize = 1024;

/// Until when the callers of one upstream have to wait.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    until: Mutex<HashMap<u64, Instant, RandomState>>,
    random: RandomState,
}

impl Throttle {
    /// Remembers that a caller was told to wait.
    pub(super) fn note(&self, caller: &Credentials, wait: Duration, now: Instant) {
        let (key, end) = (self.key(caller), now + wait.min(LONGEST));
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MAX_CALLERS && !until.contains_key(&key) {
            until.retain(|_, end| *end > now);
        }
        if until.len() >= MAX_CALLERS && !until.contains_key(&key) {
            // Whoever would be free first asks a little too early.
            if let Some(first) = until.iter().min_by_key(|(_, end)| **end).map(|(key, _)| *key) {
                until.remove(&first);
            }
        }
        let known = until.entry(key).or_insert(end);
        *known = end.max(*known);
    }

    /// For how long a caller still has to wait, if it does.
    pub(super) fn wait(&self, caller: &Credentials, now: Instant) -> Option<Duration> {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_empty() {
            return None;
        }
        let key = self.key(caller);
        let end = *until.get(&key)?;
        if end > now {
            return Some(end - now);
        }
        until.remove(&key);
        None
    }

    fn key(&self, caller: &Credentials) -> u64 {
        let mut hasher = self.random.build_hasher();
        caller.hash_caller_into(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const SECOND: Duration = Duration::from_secs(1);

    fn caller(token: usize) -> Credentials {
        Credentials::new(HeaderValue::try_from(format!("Bearer {token}")).expect("a header"))
    }

    #[test]
    fn a_caller_waits_until_its_time_is_over_and_others_do_not() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        throttle.note(&caller(1), 7 * SECOND, now);
        assert_eq!(throttle.wait(&caller(1), now + 2 * SECOND), Some(5 * SECOND));
        assert_eq!(throttle.wait(&caller(2), now), None);
        assert_eq!(throttle.wait(&Credentials::default(), now), None);
        throttle.note(&caller(1), SECOND, now);
        assert_eq!(throttle.wait(&caller(1), now), Some(7 * SECOND), "the longest wait counts");
        assert_eq!(throttle.wait(&caller(1), now + 7 * SECOND), None);
        assert!(throttle.until.lock().expect("no panic").is_empty(), "what is over is forgotten");
    }

    #[test]
    fn waits_and_callers_are_bounded() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        throttle.note(&caller(0), Duration::MAX, now);
        assert_eq!(throttle.wait(&caller(0), now), Some(LONGEST));
        for token in 1..=3000 {
            throttle.note(&caller(token), SECOND, now);
        }
        assert_eq!(throttle.until.lock().expect("no panic").len(), MAX_CALLERS);
        assert_eq!(throttle.wait(&caller(0), now), Some(LONGEST), "the longest waits are kept");
        throttle.note(&caller(9999), SECOND, now + SECOND);
        assert_eq!(throttle.until.lock().expect("no panic").len(), 2, "those that are over make room");
    }
}
