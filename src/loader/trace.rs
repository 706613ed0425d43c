//! What an operation sent to the upstream, recorded when somebody asked for it: nothing is kept otherwise.

use super::nest::NestingRecord;
use crate::{
    entity::{
        kind::Upstream,
        tape::{Json, ROOT, Tape},
    },
    error::ErrorCode,
    upstream::{
        client::{Read, Seen, write::Method},
        wavefront::{envelope, search},
    },
};
use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// A place of an operation where something is wanted, by numbers that whoever wants it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The selection.
    pub selection: u32,
    /// The field in it; none for the selected entity itself.
    pub field: Option<u32>,
}

/// What a request is sent for.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// The places of the operation that wait for it.
    pub origins: &'a [Origin],
    /// How many ids or parents it is for; none for a page of a root list.
    pub keys: Option<usize>,
    /// Why it is asked in this way.
    pub reason: Option<&'static str>,
    /// What is asked of embedded entities together with it, and what not.
    pub nested: &'a [NestingRecord],
}

impl Cause<'_> {
    /// The same, asked in this way for another reason.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Cause { reason: Some(reason), ..self }
    }
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Call {
    /// To whom.
    pub upstream: Upstream,
    /// The HTTP method.
    pub method: Method,
    /// Path and query as they are sent, relative to the client's base.
    pub target: String,
    /// The body.
    pub body: Body,
    /// Whether the upstream may refuse what is asked by an error of its own (500): see [`Read::unsure`].
    pub unsure: bool,
}

/// The body of what is sent.
#[derive(Debug, Clone)]
pub enum Body {
    /// There is none.
    None,
    /// What a search asks for.
    Search(Bytes),
    /// That of a write is never recorded: it may hold secrets.
    Hidden,
}

impl Call {
    /// A read of the accounts API.
    #[must_use]
    pub fn get(target: impl Into<String>) -> Self {
        Call {
            upstream: Upstream::Accounts,
            method: Method::GET,
            target: target.into(),
            body: Body::None,
            unsure: false,
        }
    }

    /// A read of Wavefront, by its path behind the root: of what a body asks for, if there is one.
    #[must_use]
    pub fn wavefront(path: &str, body: Option<Bytes>) -> Self {
        let (method, body) = body.map_or((Method::GET, Body::None), |body| (Method::POST, Body::Search(body)));
        let upstream = Upstream::Wavefront;
        Call { upstream, method, target: format!("{}{path}", upstream.root()), body, unsure: false }
    }

    /// As the client takes it.
    pub(super) fn read(&self) -> Read<'_> {
        let body = if let Body::Search(body) = &self.body { Some(body) } else { None };
        Read { target: &self.target, body, unsure: self.unsure }
    }

    /// How many entities an answer tells: the rows of a list, else one.
    pub(super) fn rows(&self, answer: &Tape) -> usize {
        let list = match self.upstream {
            Upstream::Accounts => answer.get(ROOT, "data"),
            Upstream::Wavefront => envelope::open(answer).ok().and_then(|at| search::rows(answer, at)),
        };
        list.filter(|list| answer.kind(*list) == Json::List).map_or(1, |list| answer.items(list).count())
    }
}

/// A request that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Counted from 1.
    pub round: usize,
    /// What was sent.
    pub call: Call,
    /// The places of the operation that it was sent for.
    pub origins: Vec<Origin>,
    /// How many ids or parents it was for.
    pub keys: Option<usize>,
    /// Why it was asked in this way.
    pub reason: Option<&'static str>,
    /// What was asked of embedded entities together with it, and what not.
    pub nested: Vec<NestingRecord>,
    /// When it was sent, counted from the start of the operation.
    pub start: Duration,
    /// How it ended; none when the operation ended first.
    pub outcome: Option<Outcome>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// What was seen of the call.
    pub seen: Seen,
    /// The code of the failure.
    pub code: Option<ErrorCode>,
    /// The entities that came: rows of a list, or one.
    pub rows: usize,
    /// How long it took, retries included.
    pub took: Duration,
}

/// The requests of one operation, in the order in which they were sent. Clones share them.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    begun: Instant,
    round: AtomicUsize,
    sent: Mutex<Vec<Sent>>,
}

impl Trace {
    /// An empty trace of an operation that began at `begun`.
    #[must_use]
    pub fn new(begun: Instant) -> Self {
        Trace(Arc::new(Shared { begun, round: AtomicUsize::new(0), sent: Mutex::default() }))
    }

    /// When the operation began.
    #[must_use]
    pub fn begun(&self) -> Instant {
        self.0.begun
    }

    /// What was sent.
    #[must_use]
    pub fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.sent())
    }

    /// Begins a round: what is sent from now on belongs to it.
    pub fn begin_round(&self) {
        self.0.round.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a request is sent; the result is its place.
    pub(super) fn begin(&self, call: Call, cause: Cause<'_>) -> usize {
        let mut sent = self.sent();
        sent.push(Sent {
            round: self.0.round.load(Ordering::Relaxed),
            call,
            origins: cause.origins.to_vec(),
            keys: cause.keys,
            reason: cause.reason,
            nested: cause.nested.to_vec(),
            start: self.0.begun.elapsed(),
            outcome: None,
        });
        sent.len() - 1
    }

    /// Notes that a request that was sent is waited for at more places.
    pub(super) fn join(&self, place: usize, cause: Cause<'_>) {
        if let Some(sent) = self.sent().get_mut(place) {
            for origin in cause.origins {
                if !sent.origins.contains(origin) {
                    sent.origins.push(*origin);
                }
            }
        }
    }

    /// Records how a request ended: with so many entities, or with this code.
    pub(super) fn end(&self, place: usize, seen: &Seen, answer: Result<usize, ErrorCode>) {
        let elapsed = self.0.begun.elapsed();
        if let Some(sent) = self.sent().get_mut(place) {
            let (rows, code) = (answer.unwrap_or_default(), answer.err());
            sent.outcome = Some(Outcome { seen: *seen, code, rows, took: elapsed.saturating_sub(sent.start) });
        }
    }

    fn sent(&self) -> MutexGuard<'_, Vec<Sent>> {
        self.0.sent.lock()
    }
}
