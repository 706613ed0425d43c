//! When the rounds of an operation began and ended: what came in one took as long as it.

use std::time::{Duration, Instant};

/// The number of a round, counted from 1; 0 stands for what was known before any.
pub type Round = u32;

/// The rounds of an operation, by time since it began.
#[derive(Debug, Clone)]
pub struct Clock {
    begun: Instant,
    spans: Vec<(Duration, Option<Duration>)>,
}

impl Clock {
    /// The clock of an operation that began at this moment.
    #[must_use]
    pub fn new(begun: Instant) -> Self {
        Clock { begun, spans: vec![] }
    }

    /// Begins a round.
    pub fn begin(&mut self) {
        self.spans.push((self.begun.elapsed(), None));
    }

    /// Ends the round that was begun last, unless it has ended.
    pub fn end(&mut self) {
        let now = self.begun.elapsed();
        if let Some((_, end)) = self.spans.last_mut() {
            end.get_or_insert(now);
        }
    }

    /// The round that was begun last.
    #[must_use]
    pub fn round(&self) -> Round {
        Round::try_from(self.spans.len()).unwrap_or(Round::MAX)
    }

    /// When a round began and ended. One that was given up has no length, and what was always known neither.
    #[must_use]
    pub fn span(&self, round: Round) -> (Duration, Duration) {
        let found = (round as usize).checked_sub(1).and_then(|place| self.spans.get(place));
        found.map_or((Duration::ZERO, Duration::ZERO), |(start, end)| (*start, end.unwrap_or(*start)))
    }
}
