//! How Wavefront's kinds are loaded, by ids and by relation. The graph above does not know of it.

mod routes;

pub use routes::{Asking, asking, lists, told_by_rows};
pub(super) use routes::{call_by_ids, call_for_rows};

use super::{
    batch::{Batch, UNITED},
    limits::CHUNK,
    query::{Query, Window},
    rest::{Broken, Following, Found, Reads},
    store::{NO_PARENT, Place, RecordId, Rows},
    trace::{Cause, Origin},
    unite::{EntityBatch, MergedEntityRequest, RelationBatch},
};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    fault::{Fault, FaultKind},
    upstream::{
        marketplace::relation::ParentKey,
        wavefront::search::{Matching, PAGE},
    },
};
use futures::future::join_all;
use routes::{Route, asked_of_all};
use std::sync::Arc;

const SEVERAL_ROUTES: &str = "No operation tells all that is wanted, so several are asked.";
const NOT_VALIDATED: &str =
    "The answer does not say whether these accounts exist, so they are searched for: it may be about users alone.";
const LISTED: &str = "Only lists tell this: the list of all is asked for.";
const ALONE: &str = "The list left out what was wanted of this one.";
const TOLD_BY_ROWS: &str = "One search for all parents, split by what the rows say.";
const NOT_SEARCHED: &str = "The search was refused, so the list of all is asked for.";
const UNTOLD_BY_ROWS: &str = "The rows do not tell whose they are: a search for each parent.";
const FROM_THE_END: &str = "Totals are not told: all rows are read to find the end of the list.";
const COUNTED: &str = "Totals are not told: the rows behind the page are counted.";

type Chunk<'a> = &'a [(Box<str>, MergedEntityRequest)];

impl Batch {
    /// Loads entities of Wavefront by their ids.
    pub(super) async fn load_wavefront_entities(&self, entities: EntityBatch) {
        let EntityBatch { kind, wanted, select, origins } = entities;
        let model = Arc::clone(self.store().model());
        let routes = asked_of_all(kind, model.kind(kind), select.fields);
        let loads = wanted.chunks(CHUNK).map(|chunk| {
            let (routes, origins) = (&routes, &origins);
            async move {
                let reason = if routes.len() > 1 { SEVERAL_ROUTES } else { UNITED };
                let reason = (chunk.len() > 1 || routes.len() > 1).then_some(reason);
                let cause = Cause { nested: &[], origins, keys: Some(chunk.len()), reason };
                let found = routes.iter().map(|(route, fields)| self.by_route(kind, *route, chunk, *fields, cause));
                // Kept in the order of the routes, not of arrival: what tells most is looked at first.
                for ((_, fields), rows) in routes.iter().zip(join_all(found).await) {
                    self.keep_wavefront_entities(kind, chunk, *fields, rows);
                }
            }
        });
        join_all(loads).await;
    }

    async fn by_route(
        &self,
        kind: Kind,
        route: Route,
        chunk: Chunk<'_>,
        fields: FieldSet,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let fitting = |(id, _): &&(Box<str>, MergedEntityRequest)| match route {
            Route::Search("serviceaccount") | Route::There("user") => id.starts_with("sa::"),
            Route::Search("user") | Route::There("serviceaccount") => !id.starts_with("sa::"),
            _ => true,
        };
        let ids: Vec<&str> = chunk.iter().filter(fitting).map(|(id, _)| &**id).collect();
        let (rest, store) = (self.rest(), self.shared_store());
        match (route, &ids[..]) {
            (_, []) => Ok(vec![]),
            (Route::Validate | Route::There(_), ids) => {
                let (mut rows, unknown) = rest.wavefront_accounts(store, ids, cause).await?;
                if !unknown.is_empty() {
                    let search = Found::BySearch("account", Some(("id", &unknown, Matching::Exact)));
                    rows.extend(rest.wavefront_list(store, kind, search, cause.because(NOT_VALIDATED)).await?);
                }
                Ok(rows)
            }
            (Route::Search("account"), [id]) => rest.wavefront_one(store, kind, id, cause).await.map(Vec::from_iter),
            (_, [id]) if kind != Kind::WavefrontAccount => {
                rest.wavefront_one(store, kind, id, cause).await.map(Vec::from_iter)
            }
            (Route::Search(what), ids) => {
                let condition = Some(("id", ids, Matching::Exact));
                rest.wavefront_list(store, kind, Found::BySearch(what, condition), cause).await
            }
            (Route::List, ids) => self.whole(kind, ids, fields, cause).await,
        }
    }

    /// All there are of a kind. What a row leaves out of what is wanted is asked of the entity alone.
    async fn whole(
        &self,
        kind: Kind,
        ids: &[&str],
        fields: FieldSet,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let mut rows = self.listed(kind, cause.because(LISTED)).await?;
        let lacking: Vec<&str> = {
            let store = self.store();
            let object = store.model().kind(kind);
            let lists = fields.iter().filter(|field| object.fields[*field].name.as_ref() == "roles");
            let lists = lists.fold(FieldSet::NONE, |all, field| all.union(FieldSet::single(field)));
            let lacks = |row: &&Place| lists.iter().any(|field| store.look(**row, object, field).is_none());
            let of =
                |row: &Place| store.id(*row, kind).and_then(|id| ids.iter().find(|wanted| **wanted == id)).copied();
            rows.iter().filter(lacks).filter_map(of).collect()
        };
        let cause = Cause { keys: Some(1), ..cause.because(ALONE) };
        let alone = lacking.into_iter().map(|id| self.rest().wavefront_one(self.shared_store(), kind, id, cause));
        for found in join_all(alone).await {
            // The last row of an entity is the one that is kept.
            rows.extend(found?);
        }
        Ok(rows)
    }

    fn keep_wavefront_entities(
        &self,
        kind: Kind,
        chunk: Chunk<'_>,
        fields: FieldSet,
        rows: Result<Vec<Place>, Arc<Fault>>,
    ) {
        let mut store = self.store();
        let round = store.clock.round();
        for (_, wanted) in chunk {
            let record = store.record_mut(kind, wanted.record);
            record.round = round;
            record.sought = true;
            record.asked = record.asked.union(wanted.fields.intersection(fields));
            record.retried = record.retried.union(wanted.placeholders.intersection(fields));
            if let Err(fault) = &rows {
                record.fault = Some(Arc::clone(fault));
                record.faults.push((wanted.fields.intersection(fields), Arc::clone(fault)));
            }
        }
        for row in rows.unwrap_or_default().into_iter().rev() {
            let Some(id) = store.id(row, kind) else { continue };
            // Of e-mail addresses the case does not matter, and several may be the same.
            let same: Vec<_> = chunk.iter().filter(|(asked, _)| asked.eq_ignore_ascii_case(id)).collect();
            for (_, wanted) in same {
                store.answer(kind, wanted.record, row, wanted.fields.intersection(fields));
            }
        }
    }

    /// Loads rows of Wavefront: a collection, or what belongs to some parents.
    pub(super) async fn load_wavefront_relatives(&self, relatives: RelationBatch) {
        let (number, origins) = (relatives.query, &relatives.origins);
        let query = self.query(number);
        let Some((by, _)) = query.by else {
            let rows = self.wavefront_window(query, Cause { nested: &[], origins, keys: None, reason: None }).await;
            return self.store().keep_rows(number, NO_PARENT, rows);
        };
        let parents: Vec<_> = relatives.parents.into_iter().collect();
        let chunks = parents.chunks(CHUNK).map(|chunk| async move {
            let cause = Cause { nested: &[], origins, keys: Some(chunk.len()), reason: Some(TOLD_BY_ROWS) };
            let rows = if lists(query.rows) {
                self.listed(query.rows, cause.because(LISTED)).await
            } else {
                self.found(query.rows, by, chunk, cause).await
            };
            match rows {
                Ok(rows) if self.tell(&rows, by) => self.keep_split(number, by, chunk, &rows, Window::All),
                Ok(_) => {
                    drop(join_all(chunk.iter().map(|parent| self.load_alone(number, by, parent, origins))).await);
                }
                Err(fault) => self.fail(number, chunk, &fault),
            }
        });
        join_all(chunks).await;
    }

    async fn listed(&self, kind: Kind, cause: Cause<'_>) -> Result<Vec<Place>, Arc<Fault>> {
        self.rest().wavefront_list(self.shared_store(), kind, Found::Listed, cause).await
    }

    /// All rows that belong to some parents, and maybe others: what contains an id need not be it.
    async fn found(
        &self,
        kind: Kind,
        by: ParentKey,
        parents: &[(Box<str>, RecordId)],
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let ids: Vec<&str> = parents.iter().map(|(id, _)| &**id).collect();
        let search =
            Found::BySearch(kind.collection(), Some((by.member().unwrap_or_default(), &ids, Matching::Contains)));
        match self.rest().wavefront_list(self.shared_store(), kind, search, cause).await {
            // That lists are searched by is what clients do, and nowhere promised.
            Err(fault) if fault.kind() == FaultKind::Rejected => self.listed(kind, cause.because(NOT_SEARCHED)).await,
            found => found,
        }
    }

    /// Whether rows tell what they belong to.
    fn tell(&self, rows: &[Place], by: ParentKey) -> bool {
        let store = self.store();
        rows.iter().all(|row| store.tape(*row).get(row.at, by.member().unwrap_or_default()).is_some())
    }

    /// Loads the rows of one parent, where rows do not tell whose they are.
    async fn load_alone(&self, number: u32, by: ParentKey, parent: &(Box<str>, RecordId), origins: &[Origin]) {
        let kind = self.query(number).rows;
        let ids = [&*parent.0];
        let search =
            Found::BySearch(kind.collection(), Some((by.member().unwrap_or_default(), &ids, Matching::Contains)));
        let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(UNTOLD_BY_ROWS) };
        let rows = self.rest().wavefront_list(self.shared_store(), kind, search, cause).await;
        let rows = rows.map(|rows| Rows { total: Some(rows.len()), shown: rows.len(), rows, ..Rows::default() });
        self.store().keep_rows(number, parent.1, rows);
    }

    /// A page of a collection; where the total is wanted and the page is not the last one, all further rows are counted.
    async fn wavefront_window(&self, query: &Query, cause: Cause<'_>) -> Result<Rows, Arc<Fault>> {
        let Window::Forward { skip, take } = query.window else {
            return self.wavefront_end(query, cause.because(FROM_THE_END)).await;
        };
        let take = if query.wants_rows { take } else { 0 };
        let mut reads = Reads::first();
        loop {
            let read = self.wavefront_window_once(query, (skip, take), reads.cause(cause)).await;
            if let Some(rows) = reads.judge(read) {
                return rows;
            }
            self.rest().forget_answers();
        }
    }

    /// A page that is counted from the end. Where the end is, only the whole list tells.
    async fn wavefront_end(&self, query: &Query, cause: Cause<'_>) -> Result<Rows, Arc<Fault>> {
        let found = Found::BySearch(query.rows.collection(), None);
        let rows = self.rest().wavefront_list(self.shared_store(), query.rows, found, cause).await?;
        let (start, end) = query.window.places(rows.len());
        let total = Some(rows.len());
        let shown = if query.wants_rows { rows[start..end].to_vec() } else { vec![] };
        Ok(Rows { rows: shown, total, skipped: start, shown: end - start, ..Rows::default() })
    }

    async fn wavefront_window_once(
        &self,
        query: &Query,
        (skip, take): (usize, usize),
        cause: Cause<'_>,
    ) -> Result<Rows, Broken> {
        let (kind, store) = (query.rows, self.shared_store());
        let found = Found::BySearch(kind.collection(), None);
        let mut pages = Following::from(skip);
        while pages.more && pages.rows.len() < take {
            let left = take - pages.rows.len();
            self.rest().wavefront_follow(store, kind, found, (&mut pages, left), cause).await?;
        }
        let mut rows = pages.rows.clone();
        rows.truncate(take);
        let mut shown = rows.len();
        let ended = !pages.more && (shown > 0 || skip == 0);
        // Behind a page there is something or not: more of the total need not be known, unless it is wanted.
        let mut total = skip + shown + usize::from(!ended);
        if !ended && (query.wants_total || shown == 0) {
            // From here on, or from the start where the page lies behind the end.
            let mut counted = if shown > 0 { pages } else { Following::from(0) };
            while counted.more {
                self.rest().wavefront_follow(store, kind, found, (&mut counted, PAGE), cause.because(COUNTED)).await?;
            }
            total = counted.rows.len() + if shown > 0 { skip } else { 0 };
        }
        if !query.wants_rows {
            let (start, end) = query.window.places(total);
            shown = end - start;
        }
        Ok(Rows { rows, total: Some(total), skipped: skip, shown, ..Rows::default() })
    }
}
