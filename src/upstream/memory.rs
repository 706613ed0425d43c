//! What a host was found to be like, kept for a while and no longer: hosts are upgraded.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long something is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// The time as what is remembered sees it. Clones are the same clock; tests move it on.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

/// Routes of which the same was found. There are as many as the API has, so nothing has to be thrown away for room.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<Box<str>, Instant>>);

impl Memory {
    /// Whether it was found of this route, not too long ago.
    #[must_use]
    pub fn holds(&self, route: &str, now: Instant) -> bool {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(route).is_some_and(|at| now.saturating_duration_since(*at) < REMEMBERED)
    }

    /// Remembers it of this route; tells whether that is news.
    pub fn note(&self, route: &str, now: Instant) -> bool {
        let news = !self.holds(route, now);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(route.into(), now);
        news
    }

    /// Forgets it.
    pub fn forget(&self, route: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(route);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_remembered_for_ten_minutes() {
        let (memory, clock) = (Memory::default(), Clock::default());
        assert!(!memory.holds("services", clock.now()));
        assert!(memory.note("services", clock.now()), "it is news");
        assert!(!memory.note("services", clock.now()), "it is known");
        clock.advance(REMEMBERED.checked_sub(Duration::from_secs(5)).expect("more than five seconds"));
        assert!(memory.holds("services", clock.now()) && !memory.holds("users", clock.now()));
        clock.advance(Duration::from_secs(5));
        assert!(!memory.holds("services", clock.now()));
        assert!(memory.note("services", clock.now()), "it is news again");
        memory.forget("services");
        assert!(!memory.holds("services", clock.now()));
    }
}
