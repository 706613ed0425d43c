//! Requests to Wavefront that change nothing: freed of their envelope.

use super::Rest;
use crate::{
    entity::{
        kind::{Kind, Upstream},
        tape::{At, Json, Tape},
    },
    fault::{Fault, FaultKind},
    loader::{
        store::{Place, Store},
        trace::{Call, Cause},
    },
    upstream::{
        client::{Client, Credentials},
        wavefront::{
            envelope,
            search::{self, Matching, PAGE, segment},
        },
    },
};
use std::sync::{Arc, Mutex, PoisonError};

const NEXT_PAGE: &str = "There are more rows: how many is not told, so pages follow each other.";

/// Wavefront, for one operation.
pub struct Wavefront {
    /// How it is reached.
    pub client: Client,
    /// With what it is asked: the caller's own credentials, or the gateway's.
    pub credentials: Credentials,
}

/// What is asked for in pages.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// Everything of the kind, as whole as a list tells it.
    Listed,
    /// What a search finds, of another kind of row perhaps: `search/{what}`.
    BySearch(&'a str, Option<(&'a str, &'a [&'a str], Matching)>),
}

/// Some rows of a list, and whether there are more.
pub struct Listed {
    /// The rows.
    pub rows: Vec<Place>,
    /// Whether the list goes on behind them.
    pub more: bool,
}

impl Rest {
    /// The same, with Wavefront.
    #[must_use]
    pub fn with_wavefront(mut self, wavefront: Option<Wavefront>) -> Self {
        self.wavefront = wavefront;
        self
    }

    /// Wavefront, if there is one.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn wavefront(&self) -> Result<&Wavefront, Fault> {
        let message = "There is no Wavefront behind this gateway: it was started without --wavefront.";
        self.wavefront.as_ref().ok_or_else(|| Fault::new(FaultKind::NotConfigured, message))
    }

    /// One answer, and where in it the answer proper is.
    ///
    /// # Errors
    ///
    /// The fault of the request, or of the last one when it was sent again.
    async fn wavefront_read(&self, call: Call, cause: Cause<'_>) -> Result<(Arc<Tape>, At), Arc<Fault>> {
        let Wavefront { client, credentials } = self.wavefront()?;
        let tape = self.asked((client, credentials), &call, cause).await?;
        let at = envelope::open(&tape).map_err(Arc::new)?;
        Ok((tape, at))
    }

    /// A page of a list.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the answer is no page.
    pub async fn wavefront_page(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        found: Found<'_>,
        (offset, limit): (usize, usize),
        cause: Cause<'_>,
    ) -> Result<Listed, Arc<Fault>> {
        let (tape, at) = self.wavefront_read(list_call(kind, found, offset, limit), cause).await?;
        let items = tape.get(at, "items").filter(|items| tape.kind(*items) == Json::List);
        let items: Vec<At> = items.map(|items| tape.items(items).collect()).ok_or_else(unexpected)?;
        if items.iter().any(|item| tape.kind(*item) != Json::Object) {
            return Err(unexpected());
        }
        // An empty page ends the list, whatever it says: there would be no end of asking for the next one.
        let more = tape.get(at, "moreItems").is_some_and(|more| tape.json(more) == "true") && !items.is_empty();
        Ok(Listed { rows: places(store, tape, items), more })
    }

    /// A list to its end.
    ///
    /// # Errors
    ///
    /// As [`Rest::wavefront_page`]: a list is whole or not there.
    pub async fn wavefront_list(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        found: Found<'_>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let (mut rows, mut cause) = (Vec::new(), cause);
        loop {
            // Totals are estimates, so pages cannot be asked for together.
            let page = self.wavefront_page(store, kind, found, (rows.len(), PAGE), cause).await?;
            rows.extend(page.rows);
            cause = cause.because(NEXT_PAGE);
            if !page.more {
                return Ok(rows);
            }
        }
    }

    /// One object by its id; none when there is none, or none that the caller may see.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the answer is no object.
    pub async fn wavefront_one(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        id: &str,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        match self.wavefront_read(one_call(kind, id), cause).await {
            Ok((tape, at)) if tape.kind(at) == Json::Object => Ok(places(store, tape, vec![at]).pop()),
            Ok(_) => Err(unexpected()),
            Err(fault) if fault.kind() == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The accounts with these ids, with their groups and roles as objects, and whether all ids were spoken of.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the answer is no list of accounts.
    pub async fn wavefront_accounts(
        &self,
        store: &Mutex<Store>,
        ids: &[&str],
        cause: Cause<'_>,
    ) -> Result<(Vec<Place>, bool), Arc<Fault>> {
        let (tape, at) = self.wavefront_read(accounts_call(ids), cause).await?;
        let valid = tape.get(at, "validUsers").filter(|valid| tape.kind(*valid) == Json::List);
        let valid: Vec<At> = valid.map(|valid| tape.items(valid).collect()).ok_or_else(unexpected)?;
        let invalid = tape.get(at, "invalidIdentifiers").map_or(0, |invalid| tape.items(invalid).count());
        let all = valid.len() + invalid >= ids.len();
        Ok((places(store, tape, valid), all))
    }
}

/// What asks for a page of a list.
pub(in crate::loader) fn list_call(kind: Kind, found: Found<'_>, offset: usize, limit: usize) -> Call {
    match found {
        Found::Listed => Call::wavefront(&format!("{}?offset={offset}&limit={limit}", kind.collection()), None),
        Found::BySearch(what, condition) => {
            Call::wavefront(&format!("search/{what}"), Some(search::body(condition, offset, limit)))
        }
    }
}

/// What asks for one object.
pub(in crate::loader) fn one_call(kind: Kind, id: &str) -> Call {
    Call::wavefront(&format!("{}/{}", kind.collection(), segment(id)), None)
}

/// What asks about accounts by their ids.
pub(in crate::loader) fn accounts_call(ids: &[&str]) -> Call {
    Call::wavefront("account/validateAccounts", Some(serde_json::json!(ids).to_string().into()))
}

fn places(store: &Mutex<Store>, tape: Arc<Tape>, items: Vec<At>) -> Vec<Place> {
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let body = store.keep_wavefront(tape);
    let told = crate::entity::model::Fields::NONE;
    items.into_iter().map(|at| Place { body, at, told, row: true, under: None }).collect()
}

fn unexpected() -> Arc<Fault> {
    let name = Upstream::Wavefront.name();
    Arc::new(Fault::invalid(format!("{name} answered with something else than what was asked for.")))
}
