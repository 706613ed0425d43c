//! Writes of an operation: counted like reads, and sent in its time or not at all.

use super::{RestClient, ServerQuirks, Wavefront};
use crate::{
    entity::{
        kind::Upstream,
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    loader::trace::{Body, Call, Cause},
    upstream::{
        client::{
            Seen,
            write::{Method, NotWritten, Write},
        },
        credentials::Credentials,
        problem::Problem,
        wavefront::envelope,
    },
};
use bytes::Bytes;
use std::sync::atomic::Ordering;

/// The body is in a form that the host does not accept.
const UNSUPPORTED_MEDIA_TYPE: u16 = 415;

const OTHER_FORM: &str = "The upstream does not accept JSON here, and did nothing: the same is sent in another form.";

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
    /// The name of the part that the body is where the host does not accept JSON.
    pub part: Option<&'static str>,
}

impl RestClient {
    /// With what an upstream is asked.
    #[must_use]
    pub fn credentials(&self, upstream: Upstream) -> &Credentials {
        match (upstream, &self.wavefront) {
            (Upstream::Wavefront, Some(wavefront)) => &wavefront.credentials,
            _ => &self.credentials,
        }
    }

    /// Writes once. Something new that a host does not accept as JSON is sent again as the part of a multipart body: status
    /// 415 says that nothing was done. A change is not: a multipart body without a file takes the picture away
    /// (`accounts-api-v5.md` section 3).
    ///
    /// # Errors
    ///
    /// When it was refused, or failed, or nobody knows.
    pub async fn write(&self, writing: Writing<'_>, cause: Cause<'_>) -> Result<Option<Tape>, NotWritten> {
        let ServerQuirks { multipart, clock, .. } = &*self.dialect;
        let route = writing.path;
        let known = writing.part.is_some() && multipart.holds(route, clock.now());
        let (outcome, status) = self.write_as(&writing, writing.part.filter(|_| known), cause).await;
        if status != Some(UNSUPPORTED_MEDIA_TYPE) {
            return outcome;
        }
        let Some(part) = writing.part.filter(|_| !known) else {
            multipart.forget(route);
            return Err(not_accepted(&writing, outcome).into());
        };
        let cause = cause.because(OTHER_FORM);
        let (again, status) = self.write_as(&writing, Some(part), cause).await;
        if status == Some(UNSUPPORTED_MEDIA_TYPE) {
            return Err(not_accepted(&writing, again).into());
        }
        if status.is_some() && multipart.note(route, clock.now()) {
            tracing::info!(route, "POST {route} is sent as multipart/form-data: the accounts API does not accept JSON");
        }
        again
    }

    /// Writes in one form; tells the status as well, if there was an answer.
    async fn write_as(
        &self,
        writing: &Writing<'_>,
        part: Option<&'static str>,
        cause: Cause<'_>,
    ) -> (Result<Option<Tape>, NotWritten>, Option<u16>) {
        let mut seen = Seen::default();
        let outcome = self.write_seen(writing, part, cause, &mut seen).await;
        (outcome, seen.status)
    }

    async fn write_seen(
        &self,
        writing: &Writing<'_>,
        part: Option<&'static str>,
        cause: Cause<'_>,
        seen: &mut Seen,
    ) -> Result<Option<Tape>, NotWritten> {
        let Writing { upstream, method, path, body, .. } = writing;
        let upstream = *upstream;
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
            let call = Call { upstream, method: method.clone(), target: path.clone(), body, unsure: false };
            (trace, trace.begin(self.shown(&call), cause))
        });
        // What was read before, or is read meanwhile, tells nothing about the time after it.
        self.forget_answers();
        let write = Write { method: method.clone(), path, body: body.clone(), part, until: self.until() };
        let outcome = match client.write_seen(write, credentials, seen).await {
            Ok(Some(tape)) if upstream == Upstream::Wavefront => accepted(tape).map(Some),
            outcome => outcome,
        };
        self.forget_answers();
        // What was changed is told however much was read before.
        self.entities.fetch_add(usize::from(matches!(outcome, Ok(Some(_)))), Ordering::Relaxed);
        if let Some((trace, place)) = recorded {
            let told = match &outcome {
                Ok(told) => Ok(usize::from(told.is_some())),
                Err(NotWritten::Refused { .. }) => Err(FaultKind::Rejected.code()),
                Err(NotWritten::Failed(fault)) => Err(fault.kind().code()),
            };
            trace.end(place, seen, told);
        }
        outcome
    }
}

/// What to say of a change that a host accepts in no form that it is sent in.
fn not_accepted(writing: &Writing<'_>, outcome: Result<Option<Tape>, NotWritten>) -> Fault {
    let trace_id = match outcome {
        Err(NotWritten::Failed(fault)) => fault.trace_id().map(str::to_owned),
        _ => None,
    };
    let name = writing.upstream.name();
    let form = if writing.part.is_some() { "as JSON or as multipart/form-data" } else { "as JSON" };
    let why = match writing.method {
        Method::PUT => ". It is not sent as multipart/form-data, since that would take the picture away",
        _ => "",
    };
    let message = format!("{name} does not accept this change {form}{why}. Nothing was changed");
    Fault::new(FaultKind::Rejected, message).with_trace_id(trace_id)
}

/// A success may hold an envelope that says otherwise.
fn accepted(tape: Tape) -> Result<Tape, NotWritten> {
    let Err(fault) = envelope::open(&tape) else { return Ok(tape) };
    let problem = || Box::new(Problem::parse(tape.raw(ROOT)));
    Err(match fault.kind() {
        FaultKind::Rejected => NotWritten::Refused { status: 400, problem: problem() },
        FaultKind::NotFound => NotWritten::Refused { status: 404, problem: problem() },
        _ => NotWritten::Failed(fault),
    })
}
