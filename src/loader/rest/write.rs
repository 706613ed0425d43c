//! Writes of an operation: counted like reads, and sent in its time or not at all.

use super::{Rest, Wavefront};
use crate::{
    entity::{
        kind::Upstream,
        tape::{ROOT, Tape},
    },
    fault::FaultKind,
    loader::trace::{Body, Call, Cause},
    upstream::{
        client::{
            Credentials, Seen,
            write::{Method, NotWritten, Write},
        },
        marketplace::membership::MembershipRoutes,
        problem::Problem,
        wavefront::envelope,
    },
};
use bytes::Bytes;
use std::sync::atomic::Ordering;

/// What is written.
pub struct Writing<'a> {
    /// To whom.
    pub upstream: Upstream,
    /// The HTTP method.
    pub method: Method,
    /// Relative to the upstream's API; its segments need no encoding.
    pub path: &'a str,
    /// The body as JSON, if there is one.
    pub body: Option<Bytes>,
}

impl Rest {
    /// Speaks a family of membership routes.
    #[must_use]
    pub fn speaking(mut self, memberships: MembershipRoutes) -> Self {
        self.memberships = memberships;
        self
    }

    /// The family of membership routes that is spoken.
    #[must_use]
    pub fn memberships(&self) -> MembershipRoutes {
        self.memberships
    }

    /// With what an upstream is asked.
    #[must_use]
    pub fn credentials(&self, upstream: Upstream) -> &Credentials {
        match (upstream, &self.wavefront) {
            (Upstream::Wavefront, Some(wavefront)) => &wavefront.credentials,
            _ => &self.credentials,
        }
    }

    /// Writes once.
    ///
    /// # Errors
    ///
    /// When it was refused, or failed, or nobody knows.
    pub async fn write(&self, writing: Writing<'_>, cause: Cause<'_>) -> Result<Option<Tape>, NotWritten> {
        let Writing { upstream, method, path, body } = writing;
        let (client, credentials) = match upstream {
            Upstream::Accounts => (&self.client, &self.credentials),
            Upstream::Wavefront => {
                let Wavefront { client, credentials } = self.wavefront()?;
                (client, credentials)
            }
        };
        if !self.sent.spend(self.budget.requests) {
            return Err(self.over_budget().into());
        }
        let path = format!("{}{path}", upstream.root());
        let recorded = self.trace.as_ref().map(|trace| {
            let body = if body.is_some() { Body::Hidden } else { Body::None };
            let call = Call { upstream, method: method.clone(), target: path.clone(), body };
            (trace, trace.begin(call, cause))
        });
        let write = Write { method, path, body, until: self.until() };
        let mut seen = Seen::default();
        let outcome = match client.write_seen(write, credentials, &mut seen).await {
            Ok(Some(tape)) if upstream == Upstream::Wavefront => accepted(tape).map(Some),
            outcome => outcome,
        };
        // What was changed is told however much was read before.
        self.entities.fetch_add(usize::from(matches!(outcome, Ok(Some(_)))), Ordering::Relaxed);
        if let Some((trace, place)) = recorded {
            let told = match &outcome {
                Ok(told) => Ok(usize::from(told.is_some())),
                Err(NotWritten::Refused { .. }) => Err(FaultKind::Rejected.code()),
                Err(NotWritten::Failed(fault)) => Err(fault.kind().code()),
            };
            trace.end(place, &seen, told);
        }
        outcome
    }
}

/// A success may hold an envelope that says otherwise.
fn accepted(tape: Tape) -> Result<Tape, NotWritten> {
    let Err(fault) = envelope::open(&tape) else { return Ok(tape) };
    let problem = || Problem::parse(tape.raw(ROOT));
    Err(match fault.kind() {
        FaultKind::Rejected => NotWritten::Refused { status: 400, problem: problem() },
        FaultKind::NotFound => NotWritten::Refused { status: 404, problem: problem() },
        _ => NotWritten::Failed(fault),
    })
}
