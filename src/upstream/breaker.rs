//! A circuit breaker: an upstream that fails most calls is left alone for a while, and its callers are told at once.
//!
//! The breaker counts and decides; the clock is passed in, and what a failure is, the client says.

use parking_lot::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

/// When an upstream is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// For how long calls are counted together.
    pub window: Duration,
    /// Fewer calls than this tell nothing.
    pub least: u32,
    /// For how long the upstream is left alone before one call tries whether it is well.
    pub pause: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        BreakerSettings { window: Duration::from_secs(10), least: 20, pause: Duration::from_secs(5) }
    }
}

/// What a call tells of the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallOutcome {
    /// It answers, if only to refuse.
    Well,
    /// It cannot be reached, breaks off, is too slow, or says that it fails.
    Ill,
    /// Nothing: the call ended before it could tell.
    Unclear,
}

/// Callers and routes are told apart by so many places.
const PLACES: usize = 64;

/// The breaker of one upstream. Without settings it lets everything through.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: Option<BreakerSettings>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    gate: Gate,
    /// Counted up when the gate closes or opens, so that what a call tells that began before is not believed.
    era: u64,
    since: Instant,
    places: [Tally; PLACES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    calls: u32,
    ill: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    /// All calls pass.
    Closed,
    /// No call passes until then.
    Open(Instant),
    /// One call passes, to see whether the upstream is well.
    Trying,
}

/// A call that may be made. It says how it went; when it is dropped, it told nothing.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    era: u64,
    place: usize,
    /// How it went, and when.
    told: Option<(CallOutcome, Instant)>,
}

impl Breaker {
    pub(super) fn new(settings: Option<BreakerSettings>, now: Instant) -> Breaker {
        let state = State { gate: Gate::Closed, era: 0, since: now, places: [Tally::default(); PLACES] };
        Breaker { settings, state: Mutex::new(state) }
    }

    /// For how long no call passes, if none does.
    pub(super) fn refuses(&self, now: Instant) -> Option<Duration> {
        let settings = self.settings.as_ref()?;
        match self.state().gate {
            Gate::Open(until) if now < until => Some(until - now),
            // The call that tries may take long: whoever comes meanwhile is told to come back.
            Gate::Trying => Some(settings.pause),
            Gate::Open(_) | Gate::Closed => None,
        }
    }

    /// Lets a call pass, or says for how long none does. `origin` tells callers and routes apart.
    pub(super) fn pass(&self, origin: u64, now: Instant) -> Result<Pass<'_>, Duration> {
        if let Some(wait) = self.refuses(now) {
            return Err(wait);
        }
        let place = usize::try_from(origin % PLACES as u64).unwrap_or_default();
        let mut state = self.state();
        if self.settings.is_some() {
            match state.gate {
                Gate::Open(until) if now >= until => state.gate = Gate::Trying,
                Gate::Closed => {}
                // Another call came first.
                Gate::Open(_) | Gate::Trying => {
                    drop(state);
                    return Err(self.refuses(now).unwrap_or_default());
                }
            }
        }
        Ok(Pass { breaker: self, era: state.era, place, told: None })
    }

    fn end(&self, era: u64, place: usize, told: Option<(CallOutcome, Instant)>) {
        let Some(settings) = &self.settings else { return };
        let mut state = self.state();
        if state.era != era {
            return;
        }
        match (state.gate, told) {
            (Gate::Closed, Some((CallOutcome::Well, now))) => state.count(place, false, settings.window, now),
            (Gate::Closed, Some((CallOutcome::Ill, now))) => {
                state.count(place, true, settings.window, now);
                if state.is_ill(settings.least) {
                    state.begin(Gate::Open(now + settings.pause), now);
                }
            }
            (Gate::Trying, Some((CallOutcome::Well, now))) => state.begin(Gate::Closed, now),
            (Gate::Trying, Some((CallOutcome::Ill, now))) => state.begin(Gate::Open(now + settings.pause), now),
            // The next call may try: the time is over.
            (Gate::Trying, Some((CallOutcome::Unclear, _)) | None) => state.gate = Gate::Open(state.since),
            (Gate::Closed, Some((CallOutcome::Unclear, _)) | None) | (Gate::Open(_), _) => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is whole before anything can panic.
        self.state.lock()
    }
}

impl State {
    fn begin(&mut self, gate: Gate, now: Instant) {
        let era = self.era + 1;
        *self = State { gate, era, since: now, places: [Tally::default(); PLACES] };
    }

    fn count(&mut self, place: usize, ill: bool, window: Duration, now: Instant) {
        if now.duration_since(self.since) >= window {
            self.since = now;
            self.places = [Tally::default(); PLACES];
        }
        self.places[place].calls += 1;
        self.places[place].ill += u32::from(ill);
    }

    /// Whether most calls fail, and do so in most places: one caller or one route that always fails, however often it
    /// is asked, does not cut off all others.
    fn is_ill(&self, least: u32) -> bool {
        let total = self.places.iter().fold(Tally::default(), |total, place| Tally {
            calls: total.calls + place.calls,
            ill: total.ill + place.ill,
        });
        let called = self.places.iter().filter(|place| place.calls > 0).count();
        let ill = self.places.iter().filter(|place| place.calls > 0 && place.is_ill()).count();
        total.calls >= least && total.is_ill() && ill * 2 >= called
    }
}

impl Tally {
    fn is_ill(self) -> bool {
        self.ill.saturating_mul(2) >= self.calls
    }
}

impl Pass<'_> {
    /// Says how the call went.
    pub(super) fn end(mut self, health: CallOutcome, now: Instant) {
        self.told = Some((health, now));
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.breaker.end(self.era, self.place, self.told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: BreakerSettings =
        BreakerSettings { window: Duration::from_secs(10), least: 4, pause: Duration::from_secs(5) };
    const SECOND: Duration = Duration::from_secs(1);

    fn breaker() -> (Breaker, Instant) {
        let now = Instant::now();
        (Breaker::new(Some(SETTINGS), now), now)
    }

    /// Makes calls from one origin, which go so.
    fn call(breaker: &Breaker, origin: u64, health: &[CallOutcome], now: Instant) {
        for health in health {
            breaker.pass(origin, now).expect("it passes").end(*health, now);
        }
    }

    /// Whether a call passes, which then tells nothing.
    fn passes(breaker: &Breaker, now: Instant) -> bool {
        breaker.refuses(now).is_none() && breaker.pass(0, now).is_ok()
    }

    use CallOutcome::{Ill, Unclear, Well};

    #[test]
    fn it_opens_when_half_of_enough_calls_fail() {
        let (breaker, now) = breaker();
        call(&breaker, 0, &[Ill, Ill, Ill], now);
        assert!(passes(&breaker, now), "three calls tell nothing");
        call(&breaker, 0, &[Ill], now);
        assert_eq!(breaker.refuses(now), Some(SETTINGS.pause));
        assert_eq!(breaker.pass(0, now + SECOND).err(), Some(Duration::from_secs(4)));

        let (breaker, now) = self::breaker();
        call(&breaker, 0, &[Well, Well, Well, Ill, Ill, Unclear, Unclear], now);
        assert!(passes(&breaker, now), "more than half are well");
        call(&breaker, 0, &[Ill], now);
        assert!(!passes(&breaker, now));
    }

    #[test]
    fn calls_are_forgotten_after_their_window() {
        let (breaker, now) = breaker();
        call(&breaker, 0, &[Ill, Ill, Ill], now);
        let later = now + SETTINGS.window;
        call(&breaker, 0, &[Ill, Ill, Ill], later);
        assert!(passes(&breaker, later));
        call(&breaker, 0, &[Ill], later);
        assert!(!passes(&breaker, later));
    }

    #[test]
    fn one_origin_that_always_fails_does_not_cut_off_the_others() {
        let (breaker, now) = breaker();
        for origin in 1..4 {
            call(&breaker, origin, &[Well], now);
        }
        call(&breaker, 0, &[Ill; 1000], now);
        assert!(passes(&breaker, now));
        call(&breaker, 1, &[Ill], now);
        assert!(!passes(&breaker, now), "now it is half of them");
    }

    #[test]
    fn one_call_tries_and_decides() {
        let (breaker, now) = breaker();
        call(&breaker, 0, &[Ill; 4], now);
        let then = now + SETTINGS.pause;
        let trying = breaker.pass(0, then).expect("it tries");
        assert_eq!(breaker.pass(0, then).err(), Some(SETTINGS.pause));
        drop(trying);
        call(&breaker, 0, &[Unclear], then);
        call(&breaker, 0, &[Ill], then);
        assert_eq!(breaker.refuses(then), Some(SETTINGS.pause));
        let then = then + SETTINGS.pause;
        call(&breaker, 0, &[Well, Ill, Ill, Ill], then);
        assert!(passes(&breaker, then), "what was before is forgotten");
    }

    #[test]
    fn what_began_before_tells_nothing() {
        let (breaker, now) = breaker();
        let early: Vec<_> = (0..8).map(|_| breaker.pass(0, now).expect("it passes")).collect();
        call(&breaker, 0, &[Ill; 4], now);
        let then = now + SETTINGS.pause;
        call(&breaker, 0, &[Well], then);
        for pass in early {
            pass.end(Ill, then);
        }
        assert!(passes(&breaker, then));
    }

    #[test]
    fn without_settings_everything_passes() {
        let now = Instant::now();
        let breaker = Breaker::new(None, now);
        call(&breaker, 0, &[Ill; 1000], now);
        assert!(passes(&breaker, now));
    }
}
