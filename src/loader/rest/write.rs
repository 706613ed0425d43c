//! Writes of an operation: counted like reads, and over when the operation has to be.

use super::Rest;
use crate::{
    entity::tape::Tape,
    upstream::{
        client::{
            Credentials,
            write::{Method, NotWritten, Write},
        },
        marketplace::membership::MembershipRoutes,
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
    pub async fn write(&self, method: Method, path: &str, body: Option<Bytes>) -> Result<Option<Tape>, NotWritten> {
        if !self.sent.spend(self.budget) {
            return Err(self.over_budget().into());
        }
        let write = Write { method, path: format!("/v1/accounts/{path}"), body, until: self.deadline };
        self.client.write(write, &self.credentials).await
    }
}
