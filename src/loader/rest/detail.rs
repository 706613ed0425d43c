//! What an entity tells at a route of its own.

use super::Rest;
use crate::{
    entity::{kind::Kind, model::Fields},
    fault::{Fault, FaultKind},
    loader::store::{Place, Store},
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
    ) -> Result<Option<Place>, Arc<Fault>> {
        let tape = match self.send(&format!("/v1/accounts/{}/{id}/{route}", kind.collection())).await {
            Ok(tape) => tape,
            Err(fault) if fault.kind() == FaultKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let body = store.keep(tape, Arc::default());
        Ok(Some(store.row(body, kind, Fields::NONE)))
    }
}
