//! What an entity tells at a route of its own.

use super::Rest;
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::Fields,
    },
    fault::{Fault, FaultKind},
    loader::{
        store::{Place, Store},
        trace::Cause,
    },
};
use std::sync::{Arc, Mutex, PoisonError};

impl Rest {
    /// What a route below an entity answers; none when there is nothing.
    ///
    /// # Errors
    ///
    /// The fault of the request.
    pub async fn detail(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        id: &str,
        route: &str,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let tape = match self.send(detail_target(kind, id, route), cause).await {
            Ok(tape) => tape,
            Err(fault) if fault.kind() == FaultKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault),
        };
        self.read(1)?;
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let body = store.keep(tape, Arc::default());
        Ok(Some(store.row(body, kind, Fields::NONE)))
    }
}

/// Path and query of a request for a route below an entity.
pub(in crate::loader) fn detail_target(kind: Kind, id: &str, route: &str) -> String {
    format!("{}{}/{id}/{route}", Upstream::Accounts.root(), kind.collection())
}
