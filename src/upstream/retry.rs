//! When a read is sent again: what is worth it, how long is waited before, and how much of it an upstream can bear.
//!
//! The clock and the sending are left to the client.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How patient reads are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often a read is sent again at most.
    pub most: u32,
    /// The longest first wait; each further one may be twice as long. How long it is within that is left to chance, so
    /// that those who failed together do not come back together.
    pub wait: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Retries { most: 3, wait: Duration::from_millis(100) }
    }
}

/// Nobody is kept waiting for longer than this, whatever the upstream asks for: the caller is told instead.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Whether a failed read is worth sending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It would fail again.
    Never,
    /// After a while.
    Soon,
    /// Not before this has passed: the upstream said so.
    After(Duration),
}

impl Retries {
    /// How long to wait before a read is sent again that was so `tried` often; none when it is not worth it. `luck`
    /// is drawn from 0 to 1.
    pub(super) fn wait(&self, tried: u32, again: Again, luck: f64) -> Option<Duration> {
        let jitter = self.wait.saturating_mul(1 << tried.min(16)).min(LONGEST_WAIT).mul_f64(luck);
        let wait = match again {
            Again::Soon => jitter,
            // Whoever was told the same time is told apart by chance as well.
            Again::After(wait) if wait <= LONGEST_WAIT => wait + self.wait.mul_f64(luck),
            Again::After(_) | Again::Never => return None,
        };
        (tried < self.most).then_some(wait)
    }
}

/// What is kept for sending again, shared by all reads of an upstream: each read pays in a fifth of what sending again
/// costs. So an upstream in trouble gets a fifth more requests, and a reserve, but never several times as many.
#[derive(Debug)]
pub(super) struct Budget(AtomicU32);

/// What sending again costs, when a read pays in 1.
const PRICE: u32 = 5;
/// The most that is kept: it pays for so many reads that come after long quiet.
const RESERVE: u32 = 10 * PRICE;

impl Default for Budget {
    fn default() -> Self {
        Budget(AtomicU32::new(RESERVE))
    }
}

impl Budget {
    /// A read is sent for the first time.
    pub(super) fn pay_in(&self) {
        let more = |kept: u32| (kept < RESERVE).then_some(kept + 1);
        // A failed update means that it is full.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// Whether a read may be sent again, which is paid for then.
    pub(super) fn spend(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |kept| kept.checked_sub(PRICE)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn waits_grow_and_are_left_to_chance() {
        let retries = Retries { most: 9, wait: MS(100) };
        for (tried, luck, wait) in
            [(0, 0.0, 0), (0, 0.5, 50), (0, 1.0, 100), (1, 1.0, 200), (3, 0.5, 400), (6, 1.0, 5000), (8, 1.0, 5000)]
        {
            assert_eq!(retries.wait(tried, Again::Soon, luck), Some(MS(wait)), "{tried} {luck}");
        }
        assert_eq!(retries.wait(9, Again::Soon, 0.0), None);
        assert_eq!(retries.wait(0, Again::Never, 0.0), None);
        assert_eq!(Retries { most: u32::MAX, ..retries }.wait(u32::MAX - 1, Again::Soon, 1.0), Some(LONGEST_WAIT));
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_and_never_shortened() {
        let retries = Retries { most: 1, wait: MS(100) };
        assert_eq!(retries.wait(0, Again::After(MS(3000)), 0.0), Some(MS(3000)));
        assert_eq!(retries.wait(0, Again::After(MS(3000)), 1.0), Some(MS(3100)));
        assert_eq!(retries.wait(0, Again::After(LONGEST_WAIT), 0.0), Some(LONGEST_WAIT));
        assert_eq!(retries.wait(0, Again::After(LONGEST_WAIT + MS(1)), 0.0), None);
        assert_eq!(retries.wait(1, Again::After(MS(0)), 0.0), None);
    }

    #[test]
    fn sending_again_is_a_fifth_of_sending_and_a_reserve() {
        let budget = Budget::default();
        budget.pay_in();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
        let again = (0..100).filter(|_| {
            budget.pay_in();
            budget.spend()
        });
        assert_eq!(again.count(), 20);
        (0..1000).for_each(|_| budget.pay_in());
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
    }
}
