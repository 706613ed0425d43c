//! What a host was found to be like, kept for a while and no longer: hosts are upgraded.

use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long something is remembered unless an option says otherwise.
pub const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// The time by which what was learned of a host is forgotten again. Clones are the same clock; tests move it on.
#[derive(Debug, Clone)]
pub struct Clock {
    begun: Instant,
    ahead: Arc<AtomicU64>,
    remembered: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Clock::remembering(REMEMBERED)
    }
}

impl Clock {
    /// A clock by which everything is remembered for so long.
    #[must_use]
    pub fn remembering(remembered: Duration) -> Self {
        Clock { begun: Instant::now(), ahead: Arc::default(), remembered }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.ahead.load(Ordering::Relaxed))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.ahead.fetch_add(millis, Ordering::Relaxed);
    }

    /// How long everything is remembered.
    #[must_use]
    pub fn remembered(&self) -> Duration {
        self.remembered
    }

    /// Milliseconds since the clock was made.
    fn millis(&self) -> u64 {
        u64::try_from(self.now().saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Something that was found of a host, or not. It takes no lock: requests look at it.
#[derive(Debug, Default)]
pub struct Discovery(AtomicU64);

impl Discovery {
    /// Whether it was found, not too long ago.
    #[must_use]
    pub fn holds(&self, clock: &Clock) -> bool {
        let Some(at) = self.0.load(Ordering::Relaxed).checked_sub(1) else { return false };
        Duration::from_millis(clock.millis().saturating_sub(at)) < clock.remembered
    }

    /// Whether it was ever found, and not forgotten.
    #[must_use]
    pub fn was_made(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Remembers it; tells whether that is news.
    pub fn note(&self, clock: &Clock) -> bool {
        let news = !self.holds(clock);
        self.0.store(clock.millis().saturating_add(1), Ordering::Relaxed);
        news
    }

    /// Forgets it.
    pub fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Routes of which the same was found. There are as many as the API has, so nothing has to be thrown away for room.
#[derive(Debug)]
pub struct Memory {
    found: Mutex<HashMap<Box<str>, Instant>>,
    remembered: Duration,
}

impl Default for Memory {
    fn default() -> Self {
        Memory::remembering(REMEMBERED)
    }
}

impl Memory {
    /// An empty one that remembers for so long.
    #[must_use]
    pub fn remembering(remembered: Duration) -> Self {
        Memory { found: Mutex::default(), remembered }
    }

    /// Whether it was found of this route, not too long ago.
    #[must_use]
    pub fn holds(&self, route: &str, now: Instant) -> bool {
        let found = self.found.lock();
        found.get(route).is_some_and(|at| now.saturating_duration_since(*at) < self.remembered)
    }

    /// Remembers it of this route; tells whether that is news.
    pub fn note(&self, route: &str, now: Instant) -> bool {
        let news = !self.holds(route, now);
        self.found.lock().insert(route.into(), now);
        news
    }

    /// Forgets it.
    pub fn forget(&self, route: &str) {
        self.found.lock().remove(route);
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

    #[test]
    fn a_finding_is_forgotten_by_its_clock() {
        let (finding, clock) = (Discovery::default(), Clock::remembering(Duration::from_secs(60)));
        assert!(!finding.holds(&clock) && !finding.was_made());
        assert!(finding.note(&clock), "it is news");
        assert!(!finding.note(&clock), "it is known");
        clock.advance(Duration::from_secs(55));
        assert!(finding.holds(&clock));
        clock.advance(Duration::from_secs(6));
        assert!(!finding.holds(&clock) && finding.was_made());
        assert!(finding.note(&clock), "it is news again");
        finding.forget();
        assert!(!finding.holds(&clock) && !finding.was_made());
    }
}
