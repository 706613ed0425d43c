//! Requests to Wavefront that change nothing: freed of their envelope.

use super::{Broken, Reads, RestClient, broken::APART, differ};
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
        client::Client,
        credentials::Credentials,
        wavefront::{
            envelope,
            search::{self, Matching, PAGE, segment},
        },
    },
};
use parking_lot::Mutex;
use std::sync::Arc;

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

/// Pages of a list that follow each other.
pub struct Following {
    /// Their rows.
    pub rows: Vec<Place>,
    /// Whether the list goes on behind them.
    pub more: bool,
    /// The place of the first row.
    skip: usize,
}

impl Following {
    /// No page yet, and the first one is at this place.
    #[must_use]
    pub fn from(skip: usize) -> Self {
        Following { rows: vec![], more: true, skip }
    }
}

/// Some rows of a list, and whether there are more.
struct Listed {
    /// The rows.
    rows: Vec<Place>,
    /// Whether the list goes on behind them.
    more: bool,
}

impl RestClient {
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
    async fn wavefront_page(
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
        let more = match tape.get(at, "moreItems").map(|more| tape.json(more)) {
            Some("true") => true,
            Some("false") => false,
            // Where that is not said, a page that is full may not be the last one.
            _ => items.len() >= limit,
        };
        if more && items.is_empty() {
            // There would be no end of asking for the next page.
            return Err(unexpected());
        }
        Ok(Listed { rows: places(store, kind, tape, items)?, more })
    }

    /// A list to its end.
    ///
    /// # Errors
    ///
    /// As [`RestClient::wavefront_page`]: a list is whole or not there.
    pub async fn wavefront_list(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        found: Found<'_>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let mut reads = Reads::first();
        loop {
            let read = self.wavefront_list_once(store, kind, found, reads.cause(cause)).await;
            if let Some(rows) = reads.judge(read) {
                return rows;
            }
            self.forget_answers();
        }
    }

    async fn wavefront_list_once(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        found: Found<'_>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Broken> {
        let (mut pages, mut cause) = (Following::from(0), cause);
        // Totals are estimates, so pages cannot be asked for together.
        while pages.more {
            self.wavefront_follow(store, kind, found, (&mut pages, PAGE), cause).await?;
            cause = cause.because(NEXT_PAGE);
        }
        Ok(pages.rows)
    }

    /// One page more behind some, with so many rows that are not among them. It begins with their last row: else rows moved
    /// between the two requests.
    ///
    /// # Errors
    ///
    /// As [`RestClient::wavefront_page`], and that rows moved.
    pub async fn wavefront_follow(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        found: Found<'_>,
        (pages, rows): (&mut Following, usize),
        cause: Cause<'_>,
    ) -> Result<(), Broken> {
        let shared = usize::from(!pages.rows.is_empty());
        let (offset, limit) = (pages.skip + pages.rows.len() - shared, rows.saturating_add(shared).min(PAGE));
        let page = self.wavefront_page(store, kind, found, (offset, limit), cause).await?;
        let apart = || Broken::Moved(kind.upstream(), APART);
        if let (Some(last), Some(first)) = (pages.rows.last(), page.rows.first()) {
            let store = store.lock();
            if store.id(*last, kind) != store.id(*first, kind) {
                return Err(apart());
            }
        } else if shared > 0 {
            return Err(apart());
        }
        // Where pages have one row each, nothing tells whether one follows another.
        if page.more && limit > 1 && page.rows.len() <= 1 {
            return Err(apart());
        }
        pages.more = page.more;
        pages.rows.extend(page.rows.into_iter().skip(shared));
        differ(store, kind, &pages.rows)
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
            Ok((tape, at)) if tape.kind(at) == Json::Object => {
                let rows = places(store, kind, tape, vec![at])?;
                let store = store.lock();
                let asked = |row: &Place| store.id(*row, kind).is_some_and(|found| found.eq_ignore_ascii_case(id));
                rows.into_iter().next().filter(asked).map(Some).ok_or_else(unexpected)
            }
            Ok(_) => Err(unexpected()),
            Err(fault) if fault.kind() == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The accounts with these ids, with their groups and roles as objects, and the ids of which the answer does not say
    /// whether there is an account. Of a service account that is called invalid this is not known: whether the operation is
    /// about users alone is documented nowhere.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the answer is no list of accounts.
    pub async fn wavefront_accounts<'a>(
        &self,
        store: &Mutex<Store>,
        ids: &[&'a str],
        cause: Cause<'_>,
    ) -> Result<(Vec<Place>, Vec<&'a str>), Arc<Fault>> {
        let (tape, at) = self.wavefront_read(accounts_call(ids), cause).await?;
        let valid = tape.get(at, "validUsers").filter(|valid| tape.kind(*valid) == Json::List);
        let valid: Vec<At> = valid.map(|valid| tape.items(valid).collect()).ok_or_else(unexpected)?;
        let invalid = tape.get(at, "invalidIdentifiers");
        let invalid: Vec<String> = invalid
            .into_iter()
            .flat_map(|invalid| tape.items(invalid))
            .filter_map(|id| Some(tape.text(id)?.into_owned()))
            .collect();
        let rows = places(store, Kind::WavefrontAccount, tape, valid)?;
        let store = store.lock();
        let found: Vec<&str> = rows.iter().filter_map(|row| store.id(*row, Kind::WavefrontAccount)).collect();
        let unknown = |id: &&str| {
            let same = |other: &str| other.eq_ignore_ascii_case(id);
            let denied = !id.starts_with("sa::") && invalid.iter().any(|other| same(other));
            !denied && !found.iter().any(|other| same(other))
        };
        let unknown = ids.iter().copied().filter(unknown).collect();
        Ok((rows, unknown))
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

/// Objects of a body. Each has an id: without one it is no entity.
fn places(store: &Mutex<Store>, kind: Kind, tape: Arc<Tape>, items: Vec<At>) -> Result<Vec<Place>, Arc<Fault>> {
    let mut store = store.lock();
    let body = store.keep_wavefront(tape);
    let told = crate::entity::model::FieldSet::NONE;
    let places = items.into_iter().map(|at| Place::row(body, at, told));
    places.map(|place| store.id(place, kind).map(|_| place).ok_or_else(unexpected)).collect()
}

fn unexpected() -> Arc<Fault> {
    let name = Upstream::Wavefront.name();
    Arc::new(Fault::invalid(format!("{name} answered with something else than what was asked for.")))
}
