//! How long mutations may take, and which are under way.

use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// How long the mutations of one request may take. Each may read as long as a query, and write as long as a write may take;
/// all together they have the sum of that, up to a bound.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    reads: Duration,
    writes: Duration,
    /// When the last one has to begin, and to be done with reading.
    end: Instant,
}

/// How long one mutation may take that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// When it has to be sent, with all that is read before. A write that was sent has a time of its own.
    pub(super) send: Instant,
    /// When all has to be there that its payload still reads.
    pub(super) end: Instant,
}

impl Patience {
    /// The patience with so many mutations, of which each may read and write so long, and all together no longer than `most`.
    #[must_use]
    pub fn of(fields: usize, (reads, writes): (Duration, Duration), most: Duration, now: Instant) -> Self {
        let fields = u32::try_from(fields).unwrap_or(u32::MAX);
        Patience { reads, writes, end: now + (reads + writes).saturating_mul(fields).min(most) }
    }

    /// The turn of a mutation; none when it comes too late.
    pub(super) fn turn(&self, now: Instant) -> Option<Turn> {
        let until = |time: Duration| (now + time).min(self.end);
        (now < self.end).then(|| Turn { send: until(self.reads), end: until(self.reads + self.writes) })
    }
}

/// The operations under way that change something.
#[derive(Debug, Clone)]
pub struct Changes(Arc<watch::Sender<usize>>);

impl Default for Changes {
    fn default() -> Self {
        Changes(Arc::new(watch::Sender::new(0)))
    }
}

/// One of them, until it is dropped.
pub struct Changing(Changes);

impl Changes {
    /// One more, as long as this is held.
    #[must_use]
    pub fn begin(&self) -> Changing {
        self.0.send_modify(|count| *count += 1);
        Changing(self.clone())
    }

    /// Waits until there are none.
    pub async fn ended(&self) {
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutations_have_the_sum_of_their_times_up_to_a_bound() {
        let now = Instant::now();
        let seconds = Duration::from_secs;
        let after = |start: u64, fields| {
            Patience::of(fields, (seconds(30), seconds(60)), seconds(300), now).turn(now + seconds(start))
        };
        let turn = |send, end| Some(Turn { send: now + seconds(send), end: now + seconds(end) });
        for (fields, start, expected) in [
            (1, 0, turn(30, 90)),
            (1, 80, turn(90, 90)),
            (1, 90, None),
            (2, 90, turn(120, 180)),
            (3, 200, turn(230, 270)),
            (9, 250, turn(280, 300)),
            (9, 299, turn(300, 300)),
            (9, 300, None),
            (usize::MAX, 299, turn(300, 300)),
        ] {
            assert_eq!(after(start, fields), expected, "{fields} fields, the last one after {start} s");
        }
    }

    #[tokio::test]
    async fn changes_end_with_the_last_of_them() {
        let changes = Changes::default();
        changes.ended().await;
        let (one, other) = (changes.begin(), changes.begin());
        let mut ended = std::pin::pin!(changes.ended());
        assert!(futures::poll!(ended.as_mut()).is_pending());
        drop(one);
        assert!(futures::poll!(ended.as_mut()).is_pending());
        drop(other);
        ended.await;
    }
}
