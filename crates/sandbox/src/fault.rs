//! Injected misbehaviour: which requests it meets, and what it does to their answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::luck::Luck;

/// One way to misbehave. The matchers that are given must all agree; a fault without matchers meets every request.
///
/// Faults are asked in their order and the first that matches decides, except that a fault with nothing but a
/// latency, with a refusal or with a form of answers, lets later faults match as well. A latency adds up with whatever follows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct Fault {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Part of the recorded path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Part of the decoded query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Which of the requests that method, path and query match, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<Vec<u64>>,
    /// In what part of those requests, from 0 to 1; drawn from the seed, so every run draws the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// How often at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Whether a write that the fault meets takes effect all the same; otherwise a status, a spoilt body or a literal one
    /// prevents it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
    /// Determines the draws of probability, latency and order.
    pub seed: u64,
    /// Wait this long before answering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Wait between so long and so long; drawn from the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_range_ms: Option<[u64; 2]>,
    /// Answer with this status, and with a problem body unless a body is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Send this `Retry-After`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Spoil the body, or the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyFault>,
    /// Answer with exactly this body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The content type of the literal body; JSON if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Wrap all answers of Wavefront in the envelope, or none, whatever the documentation says of the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavefront: Option<Decoding>,
    /// Answer 400 to what an upstream is allowed not to support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<Refusal>,
}

/// Ways to spoil an answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyFault {
    /// The connection closes in the middle of the body.
    Cut,
    /// Valid JSON that is not the documented shape.
    WrongJson,
    /// Not JSON, though it says so.
    InvalidJson,
    /// A web page.
    Html,
    /// No body.
    Empty,
    /// No answer until the client leaves.
    Hang,
    /// Every second row is missing while the total is as before.
    MissingRows,
    /// The rows of the page in another order.
    Shuffle,
    /// The connection closes without an answer.
    Close,
}

/// The two forms of Wavefront's answers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoding {
    /// `{"status": …, "response": …}`.
    Enveloped,
    /// The object itself.
    Bare,
}

/// Features that an upstream may refuse.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// `select=-*`.
    SelectStar,
    /// `in` inside `any`.
    AnyIn,
    /// `select` of more than the reduced form of what is nested.
    NestedSelect,
    /// The same, but without a word: the reduced form is shown instead.
    NestedSelectSilently,
}

/// Changes to the rows of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twist {
    MissingRows,
    Shuffle(u64),
}

/// What is to happen to one request.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) latency: Duration,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) decoding: Option<Decoding>,
    /// The fault that decides the answer.
    pub(crate) fault: Option<Fault>,
    pub(crate) twist: Option<Twist>,
}

/// The faults in force, with their counters.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    entries: Vec<(Fault, Counter)>,
}

#[derive(Debug, Default)]
struct Counter {
    met: u64,
    fired: u64,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Faults {
        Faults { entries: faults.into_iter().map(|fault| (fault, Counter::default())).collect() }
    }

    pub(crate) fn list(&self) -> Vec<&Fault> {
        self.entries.iter().map(|(fault, _)| fault).collect()
    }

    /// Decides about a request, and counts it.
    pub(crate) fn judge(&mut self, method: &str, path: &str, query: &str) -> Verdict {
        let mut verdict = Verdict::default();
        for (fault, counter) in &mut self.entries {
            let Some(mut luck) = fault.fires(counter, method, path, query) else { continue };
            verdict.latency += fault.latency(&mut luck);
            verdict.refusals.extend(fault.refuse);
            verdict.decoding = verdict.decoding.or(fault.wavefront);
            verdict.twist = match fault.body {
                Some(BodyFault::MissingRows) => Some(Twist::MissingRows),
                Some(BodyFault::Shuffle) => Some(Twist::Shuffle(luck.next())),
                _ => None,
            };
            if fault.decides() {
                verdict.fault = Some(fault.clone());
                break;
            }
        }
        verdict
    }
}

impl Fault {
    /// The draws of this request if the fault fires. Each request has its own, so that draws do not depend on each
    /// other.
    fn fires(&self, counter: &mut Counter, method: &str, path: &str, query: &str) -> Option<Luck> {
        let part = |needle: &Option<String>, text: &str| needle.as_ref().is_none_or(|needle| text.contains(needle));
        let named = self.method.as_ref().is_none_or(|named| named.eq_ignore_ascii_case(method));
        if !named || !part(&self.path, path) || !part(&self.query, query) {
            return None;
        }
        counter.met += 1;
        let mut luck = Luck::new(self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(counter.met));
        let drawn = self.probability.is_none_or(|probability| part_of_one(luck.next()) < probability);
        let chosen = self.nth.as_ref().is_none_or(|nth| nth.contains(&counter.met));
        let left = self.times.is_none_or(|times| counter.fired < times);
        (drawn && chosen && left).then(|| {
            counter.fired += 1;
            luck
        })
    }

    fn latency(&self, luck: &mut Luck) -> Duration {
        let drawn = self.latency_range_ms.map_or(0, |[low, high]| low + luck.next() % (high.saturating_sub(low) + 1));
        Duration::from_millis(self.latency_ms.unwrap_or(0) + drawn)
    }

    /// Whether a write that the fault meets has no effect: one that is answered as usual has.
    pub(crate) fn prevents(&self) -> bool {
        let rows = matches!(self.body, Some(BodyFault::MissingRows | BodyFault::Shuffle));
        let spoils = self.status.is_some() || self.raw.is_some() || (self.body.is_some() && !rows);
        spoils && !self.after
    }

    fn decides(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.raw.is_some() || self.retry_after.is_some()
    }
}

/// A number of 64 bits as a part of one, to a precision of 32 bits.
fn part_of_one(number: u64) -> f64 {
    f64::from(u32::try_from(number >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
