//! Writes of an operation: counted like reads, and over when the operation has to be.

use super::Rest;
use crate::{
    entity::tape::Tape,
    fault::FaultKind,
    loader::trace::{Call, Cause},
    upstream::{
        client::{
            Credentials, Seen,
            write::{Method, NotWritten, Write},
        },
        marketplace::membership::MembershipRoutes,
    },
};
use bytes::Bytes;
use std::sync::atomic::Ordering;

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

    /// Whose operation it is.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Writes once; `path` is relative to the accounts API and its segments need no encoding.
    ///
    /// # Errors
    ///
    /// When it was refused, or failed, or nobody knows.
    pub async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
        cause: Cause<'_>,
    ) -> Result<Option<Tape>, NotWritten> {
        if !self.sent.spend(self.budget.requests) {
            return Err(self.over_budget().into());
        }
        let path = format!("/v1/accounts/{path}");
        let recorded = self.trace.as_ref().map(|trace| {
            let call = Call { method: method.clone(), target: path.clone(), has_body: body.is_some() };
            (trace, trace.begin(call, cause))
        });
        let write = Write { method, path, body, until: self.deadline };
        let mut seen = Seen::default();
        let outcome = self.client.write_seen(write, &self.credentials, &mut seen).await;
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
