//! How Wavefront's kinds are loaded: which of its operations tells what, by ids and by relation. The graph above does
//! not know of it.

use super::{
    batch::{Batch, CHUNK, Entities, Relatives, Wanted},
    query::{Query, Window},
    rest::Found,
    store::{NO_PARENT, Place, RecordId, Rows},
};
use crate::{
    entity::{
        kind::Kind,
        model::{Fields, ObjectType},
    },
    fault::{Fault, FaultKind},
    upstream::{
        marketplace::relation::By,
        wavefront::search::{Matching, PAGE, segment},
    },
};
use futures::future::join_all;
use std::sync::Arc;

/// An operation that tells entities by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// `POST account/validateAccounts`: accounts, their groups and roles as objects.
    Validate,
    /// `POST search/{what}`; of one account that is no search, the account itself.
    Search(&'static str),
    /// `GET {collection}`: all there are, as whole as they are told in lists.
    List,
}

/// What is told by which operation. The first that tells all that is wanted is asked, else as many as it takes.
fn routes(kind: Kind) -> &'static [(Route, &'static [&'static str])] {
    match kind {
        Kind::WavefrontAccount => &[
            (Route::Validate, &["customer", "permissions", "userGroups", "roles", "ssoId", "lastLoginAt"]),
            (Route::Search("account"), &["permissions", "userGroups", "roles", "unitedRoles", "unitedPermissions"]),
            (Route::Search("serviceaccount"), &["active", "description", "lastUsedAt"]),
            (Route::Search("user"), &["gravatarUrl"]),
        ],
        Kind::WavefrontUserGroup => &[
            (
                Route::Search("usergroup"),
                &["name", "description", "customer", "userCount", "roleCount", "properties", "createdAt"],
            ),
            (Route::List, &["roles"]),
        ],
        _ => &[
            (
                Route::Search("role"),
                &[
                    "name",
                    "description",
                    "customer",
                    "permissions",
                    "createdAt",
                    "updatedAt",
                    "updatedBy",
                    "linkedAccountsCount",
                    "linkedGroupsCount",
                ],
            ),
            (Route::List, &["restrictedPermissions", "properties"]),
        ],
    }
}

/// The operations to be asked for some fields, each with what it is relied on for.
fn asked(kind: Kind, object: &ObjectType, wanted: Fields) -> Vec<(Route, Fields)> {
    let place = |name: &&str| object.by_name.get(*name).copied().map_or(Fields::NONE, Fields::one);
    let told = routes(kind).iter().map(|(route, names)| {
        // A list tells whatever a search tells, and more.
        let also = if *route == Route::List { routes(kind)[0].1 } else { &[] };
        (*route, names.iter().chain(also).map(&place).fold(Fields::NONE, Fields::and))
    });
    let told: Vec<_> = told.collect();
    // All of them tell the id.
    let wanted = wanted.without(place(&"id"));
    if let Some((route, _)) = told.iter().find(|(_, told)| told.covers(wanted)) {
        return vec![(*route, wanted)];
    }
    let (mut routes, mut left) = (Vec::new(), wanted);
    // Backwards: what is told by few decides, and those tell more besides.
    for (route, told) in told.into_iter().rev() {
        let found = left.common(told);
        if !found.is_empty() {
            routes.push((route, found));
            left = left.without(told);
        }
    }
    routes.reverse();
    routes
}

type Chunk<'a> = &'a [(Box<str>, Wanted)];

impl Batch {
    /// Loads entities of Wavefront by their ids.
    pub(super) async fn load_wavefront_entities(&self, entities: Entities) {
        let Entities { kind, wanted, select } = entities;
        let model = Arc::clone(self.store().model());
        let routes = asked(kind, model.kind(kind), select.fields);
        let loads = wanted.chunks(CHUNK).map(|chunk| {
            let routes = &routes;
            async move {
                let found = routes.iter().map(|(route, fields)| self.by_route(kind, *route, chunk, *fields));
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
        fields: Fields,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let fitting = |(id, _): &&(Box<str>, Wanted)| match route {
            Route::Search("serviceaccount") => id.starts_with("sa::"),
            Route::Search("user") => !id.starts_with("sa::"),
            _ => true,
        };
        let ids: Vec<&str> = chunk.iter().filter(fitting).map(|(id, _)| &**id).collect();
        let (rest, store) = (self.rest(), self.shared_store());
        match (route, &ids[..]) {
            (_, []) => Ok(vec![]),
            (Route::Validate, ids) => {
                let (mut rows, all) = rest.wavefront_accounts(store, ids).await?;
                let services: Vec<&str> = ids.iter().copied().filter(|id| !all && id.starts_with("sa::")).collect();
                // Whether users are all that it tells of is documented nowhere.
                if !services.is_empty() {
                    let search = Found::BySearch("account", Some(("id", &services, Matching::Exact)));
                    rows.extend(rest.wavefront_list(store, kind, search).await?);
                }
                Ok(rows)
            }
            (Route::Search("account"), [id]) => {
                rest.wavefront_one(store, &format!("account/{}", segment(id))).await.map(Vec::from_iter)
            }
            (_, [id]) if kind != Kind::WavefrontAccount => self.wavefront_single(kind, id).await.map(Vec::from_iter),
            (Route::Search(what), ids) => {
                let condition = Some(("id", ids, Matching::Exact));
                rest.wavefront_list(store, kind, Found::BySearch(what, condition)).await
            }
            (Route::List, ids) => self.whole(kind, ids, fields).await,
        }
    }

    async fn wavefront_single(&self, kind: Kind, id: &str) -> Result<Option<Place>, Arc<Fault>> {
        self.rest().wavefront_one(self.shared_store(), &format!("{}/{}", kind.collection(), segment(id))).await
    }

    /// All there are of a kind. What a row leaves out of what is wanted is asked of the entity alone.
    async fn whole(&self, kind: Kind, ids: &[&str], fields: Fields) -> Result<Vec<Place>, Arc<Fault>> {
        let mut rows = self.rest().wavefront_list(self.shared_store(), kind, Found::Listed).await?;
        let lacking: Vec<&str> = {
            let store = self.store();
            let object = store.model().kind(kind);
            let lists = fields.iter().filter(|field| object.fields[*field].name.as_ref() == "roles");
            let lists = lists.fold(Fields::NONE, |all, field| all.and(Fields::one(field)));
            let lacks = |row: &&Place| lists.iter().any(|field| store.look(**row, object, field).is_none());
            let of =
                |row: &Place| store.id(*row, kind).and_then(|id| ids.iter().find(|wanted| **wanted == id)).copied();
            rows.iter().filter(lacks).filter_map(of).collect()
        };
        let alone = lacking.into_iter().map(|id| self.wavefront_single(kind, id));
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
        fields: Fields,
        rows: Result<Vec<Place>, Arc<Fault>>,
    ) {
        let mut store = self.store();
        let round = store.clock.round();
        for (_, wanted) in chunk {
            let record = store.record_mut(kind, wanted.record);
            record.round = round;
            record.sought = true;
            record.asked = record.asked.and(wanted.fields.common(fields));
            record.retried = record.retried.and(wanted.placeholders.common(fields));
            if let Err(fault) = &rows {
                record.fault = Some(Arc::clone(fault));
                record.faults.push((wanted.fields.common(fields), Arc::clone(fault)));
            }
        }
        for row in rows.unwrap_or_default().into_iter().rev() {
            let Some(id) = store.id(row, kind) else { continue };
            // Of e-mail addresses the case does not matter, and several may be the same.
            let same: Vec<_> = chunk.iter().filter(|(asked, _)| asked.eq_ignore_ascii_case(id)).collect();
            for (_, wanted) in same {
                store.answer(kind, wanted.record, row, wanted.fields.common(fields));
            }
        }
    }

    /// Loads rows of Wavefront: a collection, or what belongs to some parents.
    pub(super) async fn load_wavefront_relatives(&self, relatives: Relatives) {
        let number = relatives.query;
        let query = self.query(number);
        let Some((by, _)) = query.by else {
            let rows = self.wavefront_window(query).await;
            return self.store().keep_rows(number, NO_PARENT, rows);
        };
        let parents: Vec<_> = relatives.parents.into_iter().collect();
        let chunks = parents.chunks(CHUNK).map(|chunk| async move {
            let rows = match query.rows {
                // Found groups do not tell their roles, listed ones do.
                Kind::WavefrontUserGroup => self.listed(query.rows).await,
                _ => self.found(query.rows, by, chunk).await,
            };
            match rows {
                Ok(rows) if self.tell(&rows, by) => self.keep_split(number, by, chunk, &rows, Window::All),
                Ok(_) => {
                    drop(join_all(chunk.iter().map(|parent| self.load_alone(number, by, parent))).await);
                }
                Err(fault) => self.fail(number, chunk, &fault),
            }
        });
        join_all(chunks).await;
    }

    async fn listed(&self, kind: Kind) -> Result<Vec<Place>, Arc<Fault>> {
        self.rest().wavefront_list(self.shared_store(), kind, Found::Listed).await
    }

    /// All rows that belong to some parents, and maybe others: what contains an id need not be it.
    async fn found(&self, kind: Kind, by: By, parents: &[(Box<str>, RecordId)]) -> Result<Vec<Place>, Arc<Fault>> {
        let ids: Vec<&str> = parents.iter().map(|(id, _)| &**id).collect();
        let search = Found::BySearch(kind.collection(), Some((by.member(), &ids, Matching::Contains)));
        match self.rest().wavefront_list(self.shared_store(), kind, search).await {
            // That lists are searched by is what clients do, and nowhere promised.
            Err(fault) if fault.kind() == FaultKind::Rejected => self.listed(kind).await,
            found => found,
        }
    }

    /// Whether rows tell what they belong to.
    fn tell(&self, rows: &[Place], by: By) -> bool {
        let store = self.store();
        rows.iter().all(|row| store.tape(*row).get(row.at, by.member()).is_some())
    }

    /// Loads the rows of one parent, where rows do not tell whose they are.
    async fn load_alone(&self, number: u32, by: By, parent: &(Box<str>, RecordId)) {
        let kind = self.query(number).rows;
        let ids = [&*parent.0];
        let search = Found::BySearch(kind.collection(), Some((by.member(), &ids, Matching::Contains)));
        let rows = self.rest().wavefront_list(self.shared_store(), kind, search).await;
        let rows = rows.map(|rows| Rows { total: Some(rows.len()), skipped: 0, shown: rows.len(), rows });
        self.store().keep_rows(number, parent.1, rows);
    }

    /// A page of a collection; where the total is wanted and the page is not the last one, all further rows are counted.
    async fn wavefront_window(&self, query: &Query) -> Result<Rows, Arc<Fault>> {
        let Window::Forward { skip, take } = query.window else {
            return Err(Arc::new(Fault::internal("A page of Wavefront's was asked for from its end.")));
        };
        let take = if query.wants_rows { take } else { 0 };
        let kind = query.rows;
        let found = Found::BySearch(kind.collection(), None);
        let page = |offset, limit| self.rest().wavefront_page(self.shared_store(), kind, found, offset, limit);
        let (mut rows, mut more) = (Vec::new(), true);
        while more && rows.len() < take {
            let next = page(skip + rows.len(), (take - rows.len()).min(PAGE)).await?;
            rows.extend(next.rows);
            more = next.more;
        }
        rows.truncate(take);
        let mut shown = rows.len();
        let ended = !more && (shown > 0 || skip == 0);
        // Behind a page there is something or not: more of the total need not be known, unless it is wanted.
        let mut total = skip + shown + usize::from(!ended);
        if !ended && (query.wants_total || shown == 0) {
            // From here on, or from the start where the page lies behind the end.
            total = if shown > 0 { skip + shown } else { 0 };
            loop {
                let next = page(total, PAGE).await?;
                total += next.rows.len();
                if !next.more {
                    break;
                }
            }
        }
        if !query.wants_rows {
            let (start, end) = query.window.places(total);
            shown = end - start;
        }
        Ok(Rows { rows, total: Some(total), skipped: skip, shown })
    }
}
