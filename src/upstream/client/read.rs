//! Reads: one request for all who ask the same at the same time, sent again where that may help.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    Client, Inner, MAX_PROBLEM, Template,
    body::{body, unexplained},
    busy, not_json,
    secret::without_secrets,
    within_time,
};
use crate::{
    entity::{kind::Upstream, tape::Tape},
    fault::{Fault, FaultKind},
    upstream::{
        breaker::CallOutcome, credentials::Credentials, flight::RequestKey, problem::Problem, refusal, retry::Again,
    },
};

/// A request that changes nothing.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// Path and query, which begin with `/`, are relative to the base and encoded already.
    pub target: &'a str,
    /// What is asked for, as JSON, where it is asked by `POST`.
    pub body: Option<&'a Bytes>,
    /// Whether the upstream may answer 500 for no other reason than that it does not support what is asked. Such an answer
    /// says nothing of how the upstream is.
    pub unsure: bool,
}

impl<'a> Read<'a> {
    /// What is asked by `GET`.
    #[must_use]
    pub fn get(target: &'a str) -> Self {
        Read { target, body: None, unsure: false }
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> Method {
        if self.body.is_some() { Method::POST } else { Method::GET }
    }
}

/// What was seen of one call, whatever came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// The status of the last answer; none when no answer came.
    pub status: Option<u16>,
    /// The bytes of the body, decompressed.
    pub bytes: usize,
    /// How often it was sent again.
    pub retries: u32,
    /// Whether it joined a call that was under way already.
    pub shared: bool,
}

/// What came of a read, for all who wait for it.
#[derive(Clone)]
pub(super) struct Landed {
    outcome: Result<Arc<Tape>, Fault>,
    seen: Seen,
}

/// A read that failed, and whether it is worth sending again.
struct Failed {
    fault: Fault,
    again: Again,
    health: CallOutcome,
}

impl Client {
    /// Reads for an operation that has to be done at `until`: a wait that would end later is not begun. What was seen
    /// of the call is told even when it failed.
    ///
    /// # Errors
    /// Whenever the answer is not one JSON value in a successful response; the kind of the fault says why.
    pub async fn read(
        &self,
        read: Read<'_>,
        until: Instant,
        credentials: &Credentials,
        seen: &mut Seen,
    ) -> Result<Arc<Tape>, Fault> {
        let (method, path) = (read.method(), Template(read.target));
        let inner = &self.0;
        let url = inner.url(read.target)?;
        let asked = (method.clone(), url, read.body.cloned(), read.unsure);
        let question = inner.flights.question(asked, credentials.clone(), until);
        let land = |question| Arc::clone(inner).land(question);
        let (landed, shared) = if inner.single_flight {
            let (flight, shared) = inner.flights.join(question, land);
            (flight.await, shared)
        } else {
            // The future is large, and those around it are moved.
            (Box::pin(land(question)).await, false)
        };
        *seen = Seen { shared, ..landed.seen };
        let Seen { bytes, retries, .. } = *seen;
        let status = seen.status.unwrap_or_default();
        match &landed.outcome {
            Ok(_) => tracing::debug!(
                %method, %path, status, bytes, retries, shared, "{method} {path} answered {status}, {bytes} bytes"
            ),
            Err(fault) => {
                let code = fault.kind().code().text();
                tracing::debug!(%method, %path, code, retries, shared, "{method} {path} failed: {fault} ({code})");
            }
        }
        landed.outcome
    }
}

impl Inner {
    /// Sends until there is an answer, or sending again is not worth it, too late or too much.
    async fn land(self: Arc<Self>, question: Arc<RequestKey>) -> Landed {
        self.budget.pay_in();
        let mut seen = Seen::default();
        let next_try = |tried, again| {
            let wait = self.retries.wait(tried, again, fastrand::f64());
            wait.map(|wait| Instant::now() + wait).filter(|next| *next < question.until())
        };
        loop {
            if let Some(wait) = self.throttle.wait(&question.credentials, Instant::now()) {
                let Some(next) = next_try(seen.retries, Again::After(wait)) else {
                    return Landed { outcome: Err(self.asked_to_wait(wait)), seen };
                };
                sleep_until(next).await;
                continue;
            }
            let failed = match self.send(&question, &mut seen).await {
                Ok(tape) => return Landed { outcome: Ok(Arc::new(tape)), seen },
                Err(failed) => failed,
            };
            let next = next_try(seen.retries, failed.again);
            let Some(next) = next.filter(|_| self.budget.spend()) else {
                return Landed { outcome: Err(failed.fault), seen };
            };
            // Whoever waits takes no turn from others.
            sleep_until(next).await;
            seen.retries += 1;
        }
    }

    async fn send(&self, question: &RequestKey, seen: &mut Seen) -> Result<Tape, Failed> {
        let deadline = Instant::now() + self.timeout;
        self.check_breaker().map_err(Failed::at_once)?;
        let turn = within_time(deadline, self.turns.acquire()).await.map_err(|_| self.too_late())?;
        let _turn = turn.map_err(|e| Fault::internal("the client has shut down").caused_by(e))?;
        let pass = self.pass(&question.credentials, &question.url).map_err(Failed::at_once)?;
        let begun = Instant::now();
        let outcome = self.exchange(question, deadline, seen).await;
        if let Err(Failed { fault, .. }) = &outcome {
            let target = question.url.as_str().get(self.base().len()..).unwrap_or_default();
            self.report(&question.method, target, fault, &question.credentials);
        }
        let now = Instant::now();
        let health = match &outcome {
            Ok(_) => CallOutcome::Well,
            // Most of its time may have gone into waiting for a turn.
            Err(failed) if failed.fault.kind() == FaultKind::Timeout && now - begun < self.timeout / 2 => {
                CallOutcome::Unclear
            }
            Err(failed) => failed.health,
        };
        pass.end(health, now);
        outcome
    }

    async fn exchange(&self, question: &RequestKey, deadline: Instant, seen: &mut Seen) -> Result<Tape, Failed> {
        let name = self.name;
        let (method, url) = (question.method.clone(), question.url.clone());
        let request = super::request(method, url, &question.credentials, question.body.as_ref());
        seen.status = None;
        let sent = self.reader().execute(request);
        let response = timeout_at(deadline, sent).await.map_err(|_| self.too_late())?;
        let response = response.map_err(|error| super::not_sent(name, error))?;
        let status = response.status();
        seen.status = Some(status.as_u16());
        if !status.is_success() {
            return Err(self.refused(response, question, deadline).await);
        }
        if response.headers().get(CONTENT_TYPE).is_some_and(super::is_html) {
            return Err(not_json(name).into());
        }
        let body = within_time(deadline, body(name, response, self.max_body)).await.map_err(|_| self.too_late())??;
        seen.bytes = body.len();
        if body.is_empty() {
            return Err(Fault::new(FaultKind::Invalid, format!("{name} answered nothing")).into());
        }
        let target = question.url.as_str().get(self.base().len()..).unwrap_or_default();
        let body = if self.upstream == Upstream::Accounts { without_secrets(target, body) } else { body };
        Ok(Tape::scan(body).map_err(|malformed| not_json(name).caused_by(malformed))?)
    }

    async fn refused(&self, response: Response, question: &RequestKey, deadline: Instant) -> Failed {
        let (status, headers) = (response.status(), response.headers().clone());
        self.note_wait(&question.credentials, status, &headers);
        if Some(status) == self.busy {
            return Failed { fault: busy(self.name), again: Again::Soon, health: CallOutcome::Well };
        }
        // The status has been said: a body that is late, cut or too long takes nothing back.
        let explanation = timeout_at(deadline, body(self.name, response, MAX_PROBLEM)).await;
        if let Some(fault) = explanation.as_ref().ok().and_then(|body| unexplained(status, &headers, body)) {
            return Failed::from(fault);
        }
        // Only the whole body of a 404 tells whether the route or an object does not exist.
        match &explanation {
            Err(_) if status == StatusCode::NOT_FOUND => return self.too_late().into(),
            Ok(Err(fault)) if status == StatusCode::NOT_FOUND && fault.kind() == FaultKind::Unavailable => {
                return fault.clone().into();
            }
            _ => {}
        }
        let problem = explanation.ok().and_then(Result::ok).map(Problem::parse).unwrap_or_default();
        let path = question.url.as_str().get(self.base().len()..).unwrap_or_default();
        if let Some(fault) = super::denied_route(self.upstream, status, &problem, path) {
            return Failed { health: CallOutcome::Well, ..Failed::from(fault) };
        }
        let fault = refusal::fault(self.upstream, &question.credentials, status, &headers, problem);
        let failed = Failed::from(fault);
        let refuses = question.unsure && status == StatusCode::INTERNAL_SERVER_ERROR;
        Failed { health: if refuses { CallOutcome::Unclear } else { health(status) }, ..failed }
    }

    pub(super) fn too_late(&self) -> Fault {
        Fault::new(FaultKind::Timeout, format!("{} did not answer in time", self.name))
    }
}

/// What a status tells of the upstream: whoever refuses what was asked, or asks for patience, is well.
pub(super) fn health(status: StatusCode) -> CallOutcome {
    if status.is_server_error() { CallOutcome::Ill } else { CallOutcome::Well }
}

impl Failed {
    /// Nothing was sent, and nothing will be for now.
    fn at_once(fault: Fault) -> Self {
        Failed { fault, again: Again::Never, health: CallOutcome::Unclear }
    }
}

impl From<Fault> for Failed {
    /// A failure of the upstream's to answer, unless it said otherwise.
    fn from(fault: Fault) -> Self {
        let (again, health) = match fault.kind() {
            FaultKind::Unavailable | FaultKind::RateLimited => {
                (fault.retry_after().map_or(Again::Soon, Again::After), CallOutcome::Ill)
            }
            FaultKind::Timeout => (Again::Never, CallOutcome::Ill),
            _ => (Again::Never, CallOutcome::Well),
        };
        Failed { fault, again, health }
    }
}
