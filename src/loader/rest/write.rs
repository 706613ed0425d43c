//! Writes of an operation: counted like reads, and over when the operation has to be.

use super::{Rest, Wavefront};
use crate::{
    entity::{
        kind::Upstream,
        tape::{ROOT, Tape},
    },
    fault::FaultKind,
    upstream::{
        client::{
            Credentials,
            write::{Method, NotWritten, Write},
        },
        marketplace::membership::MembershipRoutes,
        problem::Problem,
        wavefront::envelope,
    },
};
use bytes::Bytes;

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

    /// Writes once; `path` is relative to the upstream's API and its segments need no encoding.
    ///
    /// # Errors
    ///
    /// When it was refused, or failed, or nobody knows.
    pub async fn write(
        &self,
        upstream: Upstream,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Option<Tape>, NotWritten> {
        if !self.sent.spend(self.budget) {
            return Err(self.over_budget().into());
        }
        let write = |path| Write { method, path, body, until: self.deadline };
        match upstream {
            Upstream::Accounts => self.client.write(write(format!("/v1/accounts/{path}")), &self.credentials).await,
            Upstream::Wavefront => {
                let Wavefront { client, credentials } = self.wavefront()?;
                let told = client.write(write(format!("/api/v2/{path}")), credentials).await?;
                told.map_or(Ok(None), |tape| accepted(tape).map(Some))
            }
        }
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
