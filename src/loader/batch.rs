//! One round of loads: what several root fields want is united, what is known meanwhile is dropped, and the rest leaves
//! as the fewest requests that a page of 100 allows, all at once.

use super::{
    limits::CHUNK,
    query::{Query, QueryTable, Window},
    refused::refused,
    requests::LoadRequest,
    rest::{Broken, FURTHER_PAGE, ListRequest, Reads, RestClient},
    rows::{by_parents, learn_held, literals, of_parent, owners, rows_select, unexpected},
    source::Source,
    store::{NO_PARENT, Place, Position, RecordId, Rows, Store},
    trace::{Cause, Origin},
    unite::{EntityBatch, MergedEntityRequest, RelationBatch, unite_entities, unite_relatives},
};
use crate::{
    entity::kind::{Kind, Upstream},
    fault::Fault,
    upstream::{
        marketplace::{detail::SUB_RESOURCES, host::Finding, relation::ParentKey},
        rql::{Expr, Path},
        select::Select,
    },
};
use futures::future::join_all;
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;

pub(super) const UNITED: &str = "One request for all entities of the type that lack something, up to 100 ids.";
const UNLISTED: &str = "Lists leave out what is deleted, so an id that is in no row is asked for alone.";
const ONE_PAGE: &str = "One page for all parents, in the hope that their rows fit it.";
const EACH_PARENT: &str =
    "The rows of all parents do not fit: a request for each parent is fewer than the remaining pages.";
const FROM_CURSOR: &str = "The page begins at a cursor, which is a position in the list of one parent.";
const REMAINING_PAGES: &str = "The rows of all parents do not fit one page: the remaining ones are asked for together.";
const NOT_COUNTED: &str = "The upstream returned no total, so the rows themselves are requested.";
const ONE_MORE: &str = "The upstream returned no total, so one more row is requested.";

/// What asks for an operation, and where it keeps what came.
pub struct Batch {
    store: Arc<Mutex<Store>>,
    queries: Arc<QueryTable>,
    rest: RestClient,
}

/// Does something for each of some, all at once. Mostly there is only one.
pub(super) async fn each<I: IntoIterator<IntoIter: ExactSizeIterator>, F: Future<Output = ()>>(
    some: I,
    act: impl Fn(I::Item) -> F,
) {
    let mut some = some.into_iter();
    if some.len() > 1 {
        join_all(some.map(act)).await;
    } else if let Some(only) = some.next() {
        act(only).await;
    }
}

impl Batch {
    /// What fills the store with the answers to these queries.
    #[must_use]
    pub fn new(store: Arc<Mutex<Store>>, queries: Arc<QueryTable>, rest: RestClient) -> Self {
        Batch { store, queries, rest }
    }

    /// Loads what some root fields wait for. Faults are kept with what they belong to.
    pub(super) async fn round(&self, asked: &[&LoadRequest]) {
        let (entities, relatives) = {
            let mut store = self.store();
            let traced = self.rest.trace().is_some();
            (unite_entities(&mut store, asked, traced), unite_relatives(&self.queries, &mut store, asked, traced))
        };
        if entities.is_empty() && relatives.is_empty() {
            return;
        }
        self.store().clock.begin();
        if let Some(trace) = self.rest.trace() {
            trace.begin_round();
        }
        // In places of their own: they are large, and what is around them is moved.
        let entities = each(entities, |entities| Box::pin(self.load_entities(entities)));
        let relatives = each(relatives, |relatives| Box::pin(self.load_relatives(relatives)));
        futures::future::join(entities, relatives).await;
        self.store().clock.end();
    }

    /// The REST side, for what is no load.
    #[must_use]
    pub fn rest(&self) -> &RestClient {
        &self.rest
    }

    /// What is known, for who locks it when something came.
    pub(super) fn shared_store(&self) -> &Mutex<Store> {
        &self.store
    }

    /// A query by its place.
    pub(super) fn query(&self, number: u32) -> &Query {
        self.queries.get(number)
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock()
    }

    async fn load_entities(&self, entities: EntityBatch) {
        if entities.wanted.iter().any(|(_, wanted)| !wanted.placeholders.is_empty()) {
            // What told placeholders is asked once more, and not taken from what was read.
            match entities.kind {
                kind if kind.upstream() == Upstream::Accounts && kind != Kind::AccountUser => {
                    self.rest.ask_afresh(kind.collection());
                }
                _ => self.rest.forget_answers(),
            }
        }
        if entities.kind.upstream() == Upstream::Wavefront {
            return self.load_wavefront_entities(entities).await;
        }
        if entities.kind == Kind::AccountUser {
            return self.load_members(entities).await;
        }
        let EntityBatch { kind, wanted, select, origins } = entities;
        let select = Arc::new(select);
        each(wanted.chunks(CHUNK), async |chunk| {
            let (keys, origins) = (Some(chunk.len()), &origins[..]);
            let rows = if let [(only, _)] = chunk {
                let cause = Cause { nested: &[], origins, keys, reason: None };
                self.only(kind, only, &select, cause).await
            } else {
                let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
                self.some(kind, &ids, &select, Cause { nested: &[], origins, keys, reason: Some(UNITED) }).await
            };
            let unlisted = self.unlisted(kind, chunk, rows.as_deref().unwrap_or_default());
            self.keep_entities(kind, chunk, rows);
            each(&unlisted, async |wanted| {
                let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(UNLISTED) };
                let row = self.only(kind, &wanted.0, &select, cause).await;
                self.keep_entities(kind, std::slice::from_ref(wanted), row);
            })
            .await;
        })
        .await;
    }

    /// Those of a request for several entities that are to be asked for by id once more: the operation names them, they
    /// are in no row, and a list shows no deleted ones of their kind. So an id alone and among others give the same.
    fn unlisted(
        &self,
        kind: Kind,
        chunk: &[(Box<str>, MergedEntityRequest)],
        rows: &[Place],
    ) -> Vec<(Box<str>, MergedEntityRequest)> {
        if chunk.len() < 2 || rows.len() == chunk.len() || !kind.lists_hide_deleted() {
            return vec![];
        }
        let store = self.store();
        let listed: Vec<&str> = rows.iter().filter_map(|row| store.id(*row, kind)).collect();
        chunk.iter().filter(|(id, wanted)| wanted.exists && !listed.contains(&&**id)).cloned().collect()
    }

    async fn only(
        &self,
        kind: Kind,
        id: &str,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let row = self.rest.one(&self.store, kind, id, select, cause).await?;
        Ok(row.into_iter().collect())
    }

    async fn some(
        &self,
        kind: Kind,
        ids: &[&str],
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let filter = Expr::In { path: Path::new("id"), values: literals(ids)? };
        let source = Source::Collection;
        let (filter, rows) = (Some(&filter), Some(ids.len()));
        let listing = ListRequest { kind, source, filter, select, order: "id", cause, rows, unsure: false };
        Ok(self.rest.list(&self.store, &listing, 0, Some(CHUNK)).await?.rows)
    }

    /// Keeps what came of a request for some entities, in the order of their ids.
    pub(super) fn keep_entities(
        &self,
        kind: Kind,
        chunk: &[(Box<str>, MergedEntityRequest)],
        rows: Result<Vec<Place>, Arc<Fault>>,
    ) {
        let mut store = self.store();
        if kind == Kind::Module && rows.as_ref().is_err_and(|fault| fault.closed_to_role()) {
            store.close_modules();
            self.rest.host().note(Finding::ModulesClosed, self.rest.credentials(Upstream::Accounts));
            tracing::info!(
                "The accounts API does not let a caller read modules: what only their collection returns is null."
            );
        }
        let round = store.clock.round();
        for (_, wanted) in chunk {
            let record = store.record_mut(kind, wanted.record);
            record.round = round;
            record.asked = record.asked.union(wanted.fields);
            record.retried = record.retried.union(wanted.placeholders);
            record.asked_inside = record.asked_inside.union(wanted.inside);
            if let Err(fault) = &rows {
                record.fault = Some(Arc::clone(fault));
                record.faults.push((wanted.fields, Arc::clone(fault)));
            }
        }
        // Both are in the order of the ids, so the next one is mostly the one.
        let mut next = 0;
        let (failed, mut came, mut strange) = (rows.is_err(), vec![false; chunk.len()], false);
        for row in rows.unwrap_or_default() {
            let only = if let [(id, _)] = chunk { Some(&**id) } else { None };
            let id = store.id(row, kind).or(only).unwrap_or_default();
            let expected = chunk.get(next).is_some_and(|(asked, _)| **asked == *id).then_some(next);
            let search = || chunk.binary_search_by(|(asked, _)| (**asked).cmp(id)).ok();
            let Some(place) = expected.or_else(search).filter(|place| !came[*place]) else {
                strange = true;
                continue;
            };
            came[place] = true;
            next = place + 1;
            let wanted = &chunk[place].1;
            store.answer(kind, wanted.record, row, wanted.fields);
            if !wanted.inside.is_empty() {
                let model = Arc::clone(store.model());
                learn_held(&mut store, &model, kind, row);
            }
        }
        if strange && !failed {
            let missing = chunk.iter().zip(came).filter(|(_, came)| !came);
            let fault = unexpected(kind);
            for ((_, wanted), _) in missing {
                let record = store.record_mut(kind, wanted.record);
                record.fault = Some(Arc::clone(&fault));
                record.faults.push((wanted.fields, Arc::clone(&fault)));
            }
        }
    }

    async fn load_relatives(&self, relatives: RelationBatch) {
        let query = self.queries.get(relatives.query);
        if query.rows.upstream() == Upstream::Wavefront {
            return self.load_wavefront_relatives(relatives).await;
        }
        let select = {
            let store = self.store();
            rows_select(store.model(), query, relatives.select)
        };
        let select = Arc::new(select);
        let parents: Vec<_> = relatives.parents.into_iter().collect();
        let origins = &relatives.origins[..];
        if let Some((detail, route)) = &query.route {
            return self.load_details(relatives.query, (&SUB_RESOURCES[*detail], route), &parents, origins).await;
        }
        if query.rows == Kind::AccountUser {
            return self.load_memberships(relatives.query, parents, &select, origins).await;
        }
        if let Some((by, owner)) = query.by.filter(|(by, _)| by.names_rows()) {
            return self.load_listed(relatives.query, (by, owner), &parents, &select, origins).await;
        }
        self.load_rows(relatives.query, Source::Collection, &parents, &select, origins).await;
    }

    /// Loads the rows of a query from one place for all parents.
    pub(super) async fn load_rows(
        &self,
        number: u32,
        source: Source<'_>,
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.queries.get(number);
        let Some((by, _)) = query.by else {
            let cause = Cause { nested: &[], origins, keys: None, reason: None };
            let rows = match self.with_members(query, origins).await {
                Ok(Some(query)) => self.window(&query, source, None, select, cause).await,
                Ok(None) => self.window(query, source, None, select, cause).await,
                Err(fault) => Err(fault),
            };
            return self.store().keep_rows(number, NO_PARENT, rows);
        };
        each(parents.chunks(CHUNK), |chunk| self.load_chunk(number, (source, by), chunk, select, origins)).await;
    }

    /// Loads the rows of some parents: whole lists together; windows of one parent alone; windows of many first as one
    /// page for all of them, then by what is fewer: the remaining pages, or a request for each parent.
    pub(super) async fn load_chunk(
        &self,
        number: u32,
        (source, by): (Source<'_>, ParentKey),
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.queries.get(number);
        if parents.len() > 1 && query.seeks() && !query.never {
            // A cursor is a position in the list of one parent.
            return self.load_each(number, (source, by), parents, select, origins, FROM_CURSOR).await;
        }
        let ids: Vec<&str> = parents.iter().map(|(id, _)| &**id).collect();
        let filter = match by_parents(by, &ids) {
            Ok(filter) => filter,
            Err(fault) => return self.fail(number, parents, &fault),
        };
        if parents.len() == 1 && query.window != Window::All {
            let cause = Cause { nested: &[], origins, keys: Some(1), reason: None };
            let rows = self.window(query, source, Some(filter), select, cause).await;
            return self.keep_window(number, by, &parents[0], rows);
        }
        if query.never {
            return self.keep_split(number, by, parents, &[], query.window);
        }
        let filter = match &query.filter {
            Some(further) => Expr::And(vec![filter, further.clone()]),
            None => filter,
        };
        let order = query.order();
        let cause =
            Cause { nested: &[], origins, keys: Some(parents.len()), reason: (parents.len() > 1).then_some(ONE_PAGE) };
        let kind = query.rows;
        let filter = Some(&filter);
        let listing = ListRequest { kind, source, filter, select, order: &order, cause, rows: None, unsure: false };
        let rows = match self.of_all(&listing, parents.len(), query.window).await {
            Ok(Some(rows)) => rows,
            Ok(None) => {
                return self.load_each(number, (source, by), parents, select, origins, EACH_PARENT).await;
            }
            Err(fault) => return self.fail(number, parents, &refused(fault, query)),
        };
        self.keep_split(number, by, parents, &rows, query.window);
    }

    /// Loads the window of each parent by a request of its own.
    async fn load_each(
        &self,
        number: u32,
        (source, by): (Source<'_>, ParentKey),
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
        reason: &'static str,
    ) {
        let query = self.queries.get(number);
        each(parents, async |parent| {
            let rows = match by_parents(by, &[&parent.0]) {
                Ok(filter) => {
                    let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(reason) };
                    self.window(query, source, Some(filter), select, cause).await
                }
                Err(fault) => Err(fault),
            };
            self.keep_window(number, by, parent, rows);
        })
        .await;
    }

    /// All rows of some parents; none where windows are wanted and there are more further pages than parents.
    pub(super) async fn of_all(
        &self,
        listing: &ListRequest<'_>,
        parents: usize,
        window: Window,
    ) -> Result<Option<Vec<Place>>, Arc<Fault>> {
        let mut reads = Reads::first();
        loop {
            let listing = ListRequest { cause: reads.cause(listing.cause), ..*listing };
            let read = self.of_all_once(&listing, parents, window).await;
            if let Some(rows) = reads.judge(read) {
                return rows;
            }
            self.rest.ask_afresh(&listing.source.path(listing.kind));
        }
    }

    async fn of_all_once(
        &self,
        listing: &ListRequest<'_>,
        parents: usize,
        window: Window,
    ) -> Result<Option<Vec<Place>>, Broken> {
        let mut pages = self.rest.first_page(&self.store, listing, 0, None).await?;
        if window != Window::All {
            // Where nobody says how many pages there are, it takes as many to find out as it is worth.
            let mut tried = 0;
            while pages.further().is_none() && tried < parents {
                self.rest.next_page(&self.store, listing, &mut pages).await?;
                tried += 1;
            }
            if pages.further().is_none_or(|further| further > parents) {
                return Ok(None);
            }
        }
        let reason = if parents > 1 { REMAINING_PAGES } else { FURTHER_PAGE };
        Ok(Some(self.rest.remaining_pages(&self.store, listing, pages, reason).await?.rows))
    }

    /// One parent's or a root collection's window, straight from the upstream.
    pub(super) async fn window(
        &self,
        query: &Query,
        source: Source<'_>,
        by: Option<Expr>,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Rows, Arc<Fault>> {
        if query.never {
            return Ok(Rows { total: Some(0), ..Rows::default() });
        }
        let filter = match (by, query.filter.clone()) {
            (Some(by), Some(further)) => Some(Expr::And(vec![by, further])),
            (by, further) => by.or(further),
        };
        let (filter, order, kind) = (filter.as_ref(), query.order(), query.rows);
        let mut reads = Reads::first();
        loop {
            let cause = reads.cause(cause);
            let listing = ListRequest { kind, source, filter, select, order: &order, cause, rows: None, unsure: false };
            let read = if query.seeks() {
                // Large, and mostly not needed.
                Box::pin(self.sought(query, &listing)).await
            } else {
                self.window_once(query, &listing).await
            };
            if let Some(rows) = reads.judge(read) {
                return rows.map_err(|fault| refused(fault, query));
            }
            self.rest.ask_afresh(&source.path(kind));
        }
    }

    async fn window_once(&self, query: &Query, listing: &ListRequest<'_>) -> Result<Rows, Broken> {
        let (skip, take) = match query.window {
            Window::All => (0, None),
            Window::Forward { skip, take } => (skip, Some(take)),
            Window::Backward { take } => (0, Some(take)),
        };
        let ask = |skip, take, reason: Option<&'static str>| {
            let cause = reason.map_or(listing.cause, |reason| listing.cause.because(reason));
            let listing = ListRequest { cause, ..*listing };
            async move { self.rest.list_once(&self.store, &listing, skip, take).await }
        };
        let mut wants_rows = query.wants_rows;
        let mut list = if wants_rows { ask(skip, take, None).await? } else { ask(0, Some(0), None).await? };
        if !wants_rows && list.total.is_none() && query.uncounted.place {
            wants_rows = true;
            list = ask(skip, take, Some(NOT_COUNTED)).await?;
        }
        let mut more = false;
        if wants_rows && list.total.is_none() {
            let end = skip + list.rows.len();
            if query.uncounted.next && Some(list.rows.len()) == take {
                let listing = ListRequest { cause: listing.cause.because(ONE_MORE), ..*listing };
                let (follows, total) = self.rest.follows(&self.store, &listing, (&list.rows, list.end)).await?;
                more = follows;
                let ended = !more && (end == 0 || !list.rows.is_empty());
                list.total = total.or(ended.then_some(end));
            }
            // Behind the end there is no telling whether there is anything at all.
            let asked = query.uncounted.place || (query.uncounted.total && skip > 0);
            if asked && !more && list.total.is_none() && list.rows.is_empty() {
                let first = ask(0, Some(1), Some(ONE_MORE)).await?;
                list.total = first.total.or(first.rows.is_empty().then_some(0));
            }
        }
        let known = |total: usize| {
            let (start, end) = query.window.places(total);
            end - start
        };
        let shown = if wants_rows { list.rows.len() } else { list.total.map_or(0, known) };
        if !query.is_backward() {
            let (rows, total) = (list.rows, list.total);
            return Ok(Rows { rows, total, skipped: skip, shown, more, ..Rows::default() });
        }
        list.rows.reverse();
        let (rows, total) = (list.rows, list.total);
        if let Some(total) = total {
            let skipped = total.saturating_sub(shown);
            return Ok(Rows { rows, total: Some(total), skipped, shown, ..Rows::default() });
        }
        let places = (1..=shown).rev().map(|place| -i64::try_from(place).unwrap_or(i64::MAX)).collect();
        let position = Position { places, previous: more, ..Position::default() };
        Ok(Rows { rows, shown, position: Some(position), ..Rows::default() })
    }

    /// Keeps the window of one parent, unless a row of it is another's.
    fn keep_window(&self, number: u32, by: ParentKey, parent: &(Box<str>, RecordId), rows: Result<Rows, Arc<Fault>>) {
        let query = self.query(number);
        let owner = query.by.map_or(query.rows, |(_, kind)| kind);
        let mut store = self.store();
        let rows = rows.and_then(|rows| {
            let own = |row: &Place| of_parent(&store, *row, (by, owner), query.rows, parent);
            rows.rows.iter().try_for_each(own).map(|()| rows)
        });
        store.keep_rows(number, parent.1, rows);
    }

    /// Splits all rows of some parents by parent, and cuts each parent's window out of them.
    pub(super) fn keep_split(
        &self,
        number: u32,
        by: ParentKey,
        parents: &[(Box<str>, RecordId)],
        rows: &[Place],
        window: Window,
    ) {
        let query = self.query(number);
        let owner = query.by.map_or(query.rows, |(_, kind)| kind);
        let mut store = self.store();
        let mut split: Vec<Vec<Place>> = parents.iter().map(|_| vec![]).collect();
        let mut named = Vec::new();
        for row in rows {
            named.clear();
            if let Err(fault) = owners(&store, *row, (by, owner), query.rows, parents, &mut named) {
                drop(store);
                return self.fail(number, parents, &fault);
            }
            for parent in &named {
                split[*parent].push(*row);
            }
        }
        for ((_, parent), mut rows) in parents.iter().zip(split) {
            let total = rows.len();
            if let Window::Backward { .. } = window {
                // The rows came from the end.
                rows.reverse();
            }
            let (skipped, end) = window.places(total);
            rows = rows[skipped..end].to_vec();
            let shown = rows.len();
            store.keep_rows(number, *parent, Ok(Rows { rows, total: Some(total), skipped, shown, ..Rows::default() }));
        }
    }

    pub(super) fn fail(&self, number: u32, parents: &[(Box<str>, RecordId)], fault: &Arc<Fault>) {
        let mut store = self.store();
        for (_, parent) in parents {
            store.keep_rows(number, *parent, Err(Arc::clone(fault)));
        }
    }
}
