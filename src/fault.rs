//! The one error that crosses layers.
//!
//! A [`Fault`] is built where a failure is understood and rendered at the edge. It keeps apart what a client may read
//! (kind, message, trace id) from what only the log may (its source).

use crate::error::ErrorCode;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What went wrong, as far as a client can act on it.
#[derive(Copy, Clone, PartialEq, Eq, Debug, strum::EnumIter)]
pub enum FaultKind {
    /// The request asks for something that cannot be.
    BadUserInput,
    /// No credentials, or none that the upstream knows.
    Unauthenticated,
    /// The credentials do not say who is asking.
    ViewerUnknown,
    /// The credentials do not allow it.
    Forbidden,
    /// It does not exist, or is not shown to this caller: the upstream does not tell which.
    NotFound,
    /// It contradicts the state the upstream is in.
    Conflict,
    /// Too many requests; [`Fault::retry_after`] may say how long to wait.
    RateLimited,
    /// The upstream, or the whole operation, took too long.
    Timeout,
    /// The upstream cannot be reached or says that it is not in service.
    Unavailable,
    /// The upstream answered something that makes no sense.
    Invalid,
    /// The upstream refused our request as faulty.
    Rejected,
    /// The upstream failed in another way.
    Upstream,
    /// A write was sent, and what became of it cannot be told.
    OutcomeUnknown,
    /// The operation would cost more than it may.
    CostExceeded,
    /// The host does not have the route that would tell it, so nobody knows whether it exists.
    RouteMissing,
    /// The upstream that would know is not there.
    NotConfigured,
    /// The row of a cursor is not where it was, and nothing else tells where the page begins.
    CursorLost,
    /// The gateway itself is at fault.
    Internal,
}

impl FaultKind {
    /// The value of `extensions.code` in a GraphQL error.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            FaultKind::BadUserInput => ErrorCode::BadUserInput,
            FaultKind::Unauthenticated => ErrorCode::Unauthenticated,
            FaultKind::ViewerUnknown => ErrorCode::ViewerUnknown,
            FaultKind::Forbidden => ErrorCode::Forbidden,
            FaultKind::NotFound => ErrorCode::NotFound,
            FaultKind::Conflict => ErrorCode::Conflict,
            FaultKind::RateLimited => ErrorCode::RateLimited,
            FaultKind::Timeout => ErrorCode::Timeout,
            FaultKind::Unavailable => ErrorCode::UpstreamUnavailable,
            FaultKind::Invalid => ErrorCode::UpstreamInvalid,
            FaultKind::Rejected => ErrorCode::UpstreamRejected,
            FaultKind::Upstream => ErrorCode::UpstreamError,
            FaultKind::OutcomeUnknown => ErrorCode::OutcomeUnknown,
            FaultKind::CostExceeded => ErrorCode::CostExceeded,
            FaultKind::RouteMissing => ErrorCode::UpstreamRouteMissing,
            FaultKind::NotConfigured => ErrorCode::NotConfigured,
            FaultKind::CursorLost => ErrorCode::CursorLost,
            FaultKind::Internal => ErrorCode::Internal,
        }
    }
}

/// A failure, ready to be shown to a client.
///
/// Cloning is cheap enough to hand the failure of one batch to each of its keys.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    kind: FaultKind,
    message: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
    retry_after: Option<Duration>,
    trace_id: Option<String>,
    reason: Option<Arc<str>>,
    documented: bool,
}

impl Fault {
    /// A fault with a message that is safe to show: it names what was asked for, never a URL, a token or a body.
    pub fn new(kind: FaultKind, message: impl Into<Cow<'static, str>>) -> Fault {
        Fault {
            kind,
            message: message.into(),
            source: None,
            retry_after: None,
            trace_id: None,
            reason: None,
            documented: false,
        }
    }

    /// A mistake of ours.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Internal, message)
    }

    /// A mistake in what the client sent.
    pub fn bad_user_input(message: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::BadUserInput, message)
    }

    /// The upstream answered nonsense.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Invalid, message)
    }

    /// The host has no such route. `template` is the route without ids: `/accounts/{accountId}/users`.
    #[must_use]
    pub fn route_missing(template: impl fmt::Display) -> Fault {
        Fault::new(FaultKind::RouteMissing, format!("The accounts API has no route {template} on this host."))
    }

    /// The host has no such route although every host should have it, so the base address may be wrong.
    #[must_use]
    pub fn route_or_base(upstream: &str, template: impl fmt::Display) -> Fault {
        let message = format!("{upstream} has no route {template} on this host: is the base address right?");
        Fault::new(FaultKind::RouteMissing, message)
    }

    /// It took too long.
    pub fn timeout(message: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Timeout, message)
    }

    /// It would cost more than allowed.
    pub fn cost_exceeded(message: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::CostExceeded, message)
    }

    /// Keeps the cause for the log; clients never see it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Fault {
        self.source = Some(Arc::new(source));
        self
    }

    /// How long the upstream asked to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Fault {
        self.retry_after = wait;
        self
    }

    /// The id under which the upstream logged the failure.
    #[must_use]
    pub fn with_trace_id(mut self, trace_id: Option<String>) -> Fault {
        self.trace_id = trace_id;
        self
    }

    /// Keeps what the upstream says about its refusal, in its own words. Clients see it only where it is known to be about
    /// what they sent, and after a check.
    #[must_use]
    pub fn with_reason(mut self, reason: Option<String>) -> Fault {
        self.reason = reason.map(Into::into);
        self
    }

    /// Keeps whether the API itself refused, in a body as it sends them, and not a proxy in front of it.
    #[must_use]
    pub fn with_documented(mut self, documented: bool) -> Fault {
        self.documented = documented;
        self
    }

    /// Whether the API does not allow the request to the caller's role. A 403 with another body is a proxy's, and tells
    /// nothing of the role.
    #[must_use]
    pub fn closed_to_role(&self) -> bool {
        self.kind == FaultKind::Forbidden && self.documented
    }

    /// What the upstream says about its refusal, unchecked.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What to tell the client.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How long to wait before trying again, if the upstream said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The upstream's id of the failure, if it told one.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_kept_but_not_shown() {
        let fault = Fault::new(FaultKind::Timeout, "The accounts API did not answer in time")
            .caused_by(std::io::Error::other("10.0.0.1 hung up"))
            .with_retry_after(Some(Duration::from_secs(3)))
            .with_trace_id(Some("00-1-2-00".to_owned()));
        assert_eq!(fault.to_string(), "The accounts API did not answer in time");
        assert_eq!(fault.source().map(ToString::to_string).as_deref(), Some("10.0.0.1 hung up"));
        assert_eq!(fault.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(fault.trace_id(), Some("00-1-2-00"));
        let copy = fault.clone();
        assert_eq!((copy.kind(), copy.message()), (fault.kind(), fault.message()));
    }
}
