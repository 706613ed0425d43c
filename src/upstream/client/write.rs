//! Writes: sent once, whatever happens.
//!
//! A read may be repeated below us, a write never: its connection is its own, because on a kept one that the upstream is
//! just closing nobody can tell whether the request arrived, and the connection pool would send it again where it
//! believes that it did not. What is not known to have failed is [`FaultKind::OutcomeUnknown`]. A write that has begun
//! is brought to its end even when the caller goes away.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, Request, Response, StatusCode, retry};
use tokio::time::{Instant, timeout_at};

use super::{
    Client, Inner, MAX_PROBLEM, Seen, Template,
    body::{body, unexplained},
    read::health,
};
use crate::{
    entity::tape::Tape,
    fault::{Fault, FaultKind},
    upstream::{breaker::CallOutcome, credentials::Credentials, problem::Problem, refusal},
};

pub use reqwest::Method;

/// One write.
#[derive(Clone)]
pub struct Write {
    /// `POST`, `PUT` or `DELETE`.
    pub method: Method,
    /// As [`Client::get`] has it.
    pub path: String,
    /// The body as JSON, if there is one. It may hold secrets, so it is printed nowhere.
    pub body: Option<Bytes>,
    /// The name of the part of a multipart body that the JSON is sent as; without one it is the body itself.
    pub part: Option<&'static str>,
    /// When it has to be sent, or is not sent at all.
    pub until: Instant,
}

/// Why a write was not done.
#[derive(Debug)]
pub enum NotWritten {
    /// The upstream looked at it and refused it for what it says: 400, 404, 409 or 422.
    Refused {
        /// The status.
        status: u16,
        /// The reasons, in the upstream's own words.
        problem: Box<Problem>,
    },
    /// It failed, or may have.
    Failed(Fault),
}

impl From<Fault> for NotWritten {
    fn from(fault: Fault) -> Self {
        NotWritten::Failed(fault)
    }
}

/// Ends a write, however it ended: what was read before tells nothing any more.
struct Changed<'a> {
    inner: &'a Inner,
    credentials: &'a Credentials,
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        self.inner.flights.forget(self.credentials);
    }
}

type Outcome = Result<(u16, Option<Tape>), NotWritten>;

/// A client for writes: without kept connections, and without the repetitions that are the default.
pub(super) fn once(builder: ClientBuilder) -> ClientBuilder {
    builder.retry(retry::never()).pool_max_idle_per_host(0)
}

impl Client {
    /// Writes. The answer is what the upstream says of the changed entity, if it says anything.
    ///
    /// # Errors
    /// When it was refused, or failed, or nobody knows.
    pub async fn write(&self, write: Write, credentials: &Credentials) -> Result<Option<Tape>, NotWritten> {
        self.write_seen(write, credentials, &mut Seen::default()).await
    }

    /// As [`Client::write`]; what was seen of the call is told even when it failed.
    ///
    /// # Errors
    /// As [`Client::write`].
    pub async fn write_seen(
        &self,
        write: Write,
        credentials: &Credentials,
        seen: &mut Seen,
    ) -> Result<Option<Tape>, NotWritten> {
        let (client, credentials) = (self.clone(), credentials.clone());
        let name = self.0.name;
        // A task of its own: it ends with the answer, not with the caller's patience.
        let task = tokio::spawn(async move {
            let mut seen = Seen::default();
            let changed = Changed { inner: &client.0, credentials: &credentials };
            // What was read before may be out of date from now on, and so may be what is read meanwhile.
            client.0.flights.forget(&credentials);
            let outcome = client.0.write(&write, &credentials, &mut seen).await;
            if let Err(NotWritten::Failed(fault)) = &outcome {
                client.0.report(&write.method, &write.path, fault, &credentials);
            }
            drop(changed);
            log(&write, &outcome);
            (outcome, seen)
        });
        match task.await {
            Ok((outcome, told)) => {
                *seen = told;
                outcome.map(|(_, tape)| tape)
            }
            Err(_) => Err(unknown(name, "the gateway failed while it waited").into()),
        }
    }
}

fn log(write: &Write, outcome: &Outcome) {
    let (method, path) = (&write.method, Template(&write.path));
    match outcome {
        Ok((status, _)) => tracing::debug!(%method, %path, status, "{method} {path} answered {status}"),
        Err(NotWritten::Refused { status, .. }) => {
            tracing::debug!(%method, %path, status, "{method} {path} was refused with {status}");
        }
        Err(NotWritten::Failed(fault)) => {
            let code = fault.kind().code().text();
            tracing::debug!(%method, %path, code, "{method} {path} failed: {fault} ({code})");
        }
    }
}

impl Inner {
    async fn write(&self, write: &Write, credentials: &Credentials, seen: &mut Seen) -> Outcome {
        let name = self.name;
        let url = self.url(&write.path)?;
        let too_late = || Fault::new(FaultKind::Timeout, format!("{name} was not asked: there was no time left"));
        if let Some(wait) = self.throttle.wait(credentials, Instant::now()) {
            return Err(not_tried(&self.asked_to_wait(wait)).into());
        }
        self.check_breaker().map_err(|fault| not_tried(&fault))?;
        let turn = timeout_at(write.until, self.turns.acquire()).await.map_err(|_| too_late())?;
        if Instant::now() >= write.until {
            return Err(too_late().into());
        }
        let _turn = turn.map_err(|e| Fault::internal("the client has shut down").caused_by(e))?;
        let pass = self.pass(credentials, &url).map_err(|fault| not_tried(&fault))?;
        let mut request = super::request(write.method.clone(), url, credentials, write.body.as_ref());
        if let (Some(part), Some(body)) = (write.part, &write.body) {
            as_part(&mut request, part, body);
        }
        // Its time begins with it: to give up earlier would only be not to know what became of it.
        let deadline = Instant::now() + self.write_timeout;
        let sent = timeout_at(deadline, self.writer.execute(request)).await;
        let health = match &sent {
            Ok(Ok(response)) => health(response.status()),
            Ok(Err(error)) if error.is_builder() => CallOutcome::Unclear,
            Ok(Err(_)) | Err(_) => CallOutcome::Ill,
        };
        pass.end(health, Instant::now());
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() || error.is_builder() => {
                return Err(super::not_sent(name, error).into());
            }
            Ok(Err(error)) => return Err(unknown(name, "broke off its answer").caused_by(error.without_url()).into()),
            Err(_) => return Err(unknown(name, "did not answer in time").into()),
        };
        self.note_wait(credentials, response.status(), response.headers());
        self.judge((&write.path, credentials), response, deadline, seen).await
    }

    async fn judge(
        &self,
        (path, credentials): (&str, &Credentials),
        response: Response,
        deadline: Instant,
        seen: &mut Seen,
    ) -> Outcome {
        let name = self.name;
        let (status, headers) = (response.status(), response.headers().clone());
        seen.status = Some(status.as_u16());
        if Some(status) == self.busy {
            return Err(super::busy(name).into());
        }
        if !status.is_success() {
            // The status has been said: a body that is late, cut or too long takes nothing back.
            let explanation = timeout_at(deadline, body(name, response, MAX_PROBLEM)).await;
            if let Some(fault) = explanation.as_ref().ok().and_then(|body| unexplained(status, &headers, body)) {
                return Err(fault.into());
            }
            let ended = explanation
                .as_ref()
                .is_ok_and(|body| !body.as_ref().is_err_and(|it| it.kind() == FaultKind::Unavailable));
            // Only the whole body of a 404 tells whether the route or an object does not exist.
            if status == StatusCode::NOT_FOUND && !ended {
                return Err(unknown(name, "broke off its answer").into());
            }
            let problem = explanation.ok().and_then(Result::ok).map(Problem::parse).unwrap_or_default();
            if let Some(fault) = super::denied_route(self.upstream, status, &problem, path) {
                return Err(fault.into());
            }
            return Err(self.not_written(credentials, status, &headers, problem));
        }
        let told = match timeout_at(deadline, body(name, response, self.max_body)).await {
            Ok(Ok(told)) => told,
            Ok(Err(fault)) => return Err(unknown(name, "broke off its answer").caused_by(fault).into()),
            Err(_) => return Err(unknown(name, "did not end its answer in time").into()),
        };
        seen.bytes = told.len();
        if told.trim_ascii().is_empty() {
            return Ok((status.as_u16(), None));
        }
        match Tape::scan(told) {
            Ok(tape) => Ok((status.as_u16(), Some(tape))),
            Err(malformed) => Err(unknown(name, "answered something that is not JSON").caused_by(malformed).into()),
        }
    }

    fn not_written(
        &self,
        credentials: &Credentials,
        status: StatusCode,
        headers: &HeaderMap,
        problem: Problem,
    ) -> NotWritten {
        match status.as_u16() {
            status @ (400 | 404 | 409 | 422) => NotWritten::Refused { status, problem: Box::new(problem) },
            status @ 500.. => {
                let trace = problem.trace_id;
                NotWritten::Failed(unknown(self.name, &format!("answered with status {status}")).with_trace_id(trace))
            }
            _ => NotWritten::Failed(refusal::fault(self.upstream, credentials, status, headers, problem)),
        }
    }
}

/// What separates the parts of a multipart body. A line that begins with it cannot stand in JSON, in which lines break
/// between values alone, and ours has no such breaks.
const BOUNDARY: &str = "accounts-graph";

/// Makes JSON the only part of a request's multipart body.
fn as_part(request: &mut Request, part: &str, json: &Bytes) {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{part}\"\r\nContent-Type: application/json\r\n\r\n"
    );
    let tail = format!("\r\n--{BOUNDARY}--\r\n");
    let media_type = HeaderValue::from_static("multipart/form-data; boundary=accounts-graph");
    request.headers_mut().insert(CONTENT_TYPE, media_type);
    *request.body_mut() = Some([head.as_bytes(), json, tail.as_bytes()].concat().into());
}

/// A write that was certainly not done.
fn not_tried(fault: &Fault) -> Fault {
    let message = format!("{}: the change was not sent", fault.message());
    Fault::new(fault.kind(), message).with_retry_after(fault.retry_after())
}

/// A write that may or may not have been done.
#[must_use]
pub fn unknown(name: &str, what: &str) -> Fault {
    let message = format!("{name} {what}: whether the change was made is not known. It was sent once");
    Fault::new(FaultKind::OutcomeUnknown, message)
}
