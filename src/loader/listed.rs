//! Rows that do not name their parents, and are asked for by their own ids. Of a list that the parents' bodies embed, these
//! tell the ids: buyers do not know in which groups they are. Of the users of a module, the members of its groups are found
//! out first.

use super::{
    batch::{Batch, each},
    limits::PAGE,
    memberships::of_members::{MOST_HOLDERS, MOST_USERS, OfMembers},
    query::{Query, Window},
    refused::refused,
    rest::ListRequest,
    rows::{by_parents, literals, of_another_kind, unexpected},
    source::Source,
    store::{Place, RecordId, Rows, Store, is_placeholder},
    trace::{Cause, Origin},
};
use crate::{
    entity::{
        kind::Kind,
        tape::{At, Json},
    },
    fault::Fault,
    upstream::{
        marketplace::relation::ParentKey,
        rql::{Expr, Path},
        select::Select,
    },
};
use futures::future::join_all;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How many rows are asked for together: their ids stand in one request, beside whatever else is asked.
pub const MOST_LISTED: usize = MOST_USERS;

const OF_LIST: &str = "The list in the parent's body tells the ids; the upstream filters and orders.";
const OF_LISTS: &str = "One request for the rows of several parents, whose bodies tell the ids.";

/// A parent with the rows that belong to it.
struct Listed {
    id: Box<str>,
    parent: RecordId,
    /// The ids of the rows, each with where it stands in the parent's body.
    rows: BTreeMap<String, Option<Place>>,
}

impl Batch {
    /// Loads rows by their own ids for some parents.
    pub(super) async fn load_listed(
        &self,
        number: u32,
        (by, owner): (ParentKey, Kind),
        parents: &[(Box<str>, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.query(number);
        if query.never {
            let mut store = self.store();
            for (_, parent) in parents {
                store.keep_rows(number, *parent, Ok(Rows { total: Some(0), ..Rows::default() }));
            }
            return;
        }
        let found: Vec<_> = if let ParentKey::Members(member) = by {
            self.members_of_holders(member, owner, parents, origins).await
        } else {
            let mut store = self.store();
            store.index(owner);
            parents.iter().map(|parent| listed(&store, query.rows, (by, owner), parent)).collect()
        };
        let mut lists = vec![];
        for (found, (_, parent)) in found.into_iter().zip(parents) {
            let found =
                found.and_then(|list| if list.rows.len() > MOST_LISTED { Err(too_many(&list)) } else { Ok(list) });
            match found {
                Ok(list) if list.rows.is_empty() => {
                    self.store().keep_rows(number, *parent, Ok(Rows { total: Some(0), ..Rows::default() }));
                }
                Ok(list) => lists.push(list),
                Err(fault) => self.store().keep_rows(number, *parent, Err(fault)),
            }
        }
        each(together(lists, query), async |lists: Vec<Listed>| {
            if let [only] = &lists[..] {
                let rows = self.window_of_list(query, by, only, select, origins).await;
                return self.keep_listed(number, only, rows);
            }
            match self.rows_of_lists(query, by, &lists, select, origins).await {
                Ok(rows) => self.split_listed(number, &lists, &rows),
                Err(fault) => lists.iter().for_each(|list| self.keep_listed(number, list, Err(Arc::clone(&fault)))),
            }
        })
        .await;
    }

    /// The window of one parent.
    async fn window_of_list(
        &self,
        query: &Query,
        by: ParentKey,
        list: &Listed,
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Rows, Arc<Fault>> {
        let ids: Vec<&str> = list.rows.keys().map(String::as_str).collect();
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(OF_LIST) };
        let rows = self.window(query, Source::Collection, Some(by_parents(by, &ids)?), select, cause).await?;
        let store = self.store();
        let known = |row: &Place| store.id(*row, query.rows).is_some_and(|id| list.rows.contains_key(id));
        if rows.rows.iter().all(known) { Ok(rows) } else { Err(unexpected(query.rows)) }
    }

    /// All rows of several parents, in the order of the query.
    async fn rows_of_lists(
        &self,
        query: &Query,
        by: ParentKey,
        lists: &[Listed],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let ids: BTreeSet<&str> = lists.iter().flat_map(|list| list.rows.keys()).map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let filter = match (by_parents(by, &ids)?, query.filter.clone()) {
            (ids, Some(further)) => Expr::And(vec![ids, further]),
            (ids, None) => ids,
        };
        let order = query.order();
        let cause = Cause { nested: &[], origins, keys: Some(lists.len()), reason: Some(OF_LISTS) };
        let listing = ListRequest {
            kind: query.rows,
            source: Source::Collection,
            filter: Some(&filter),
            select,
            order: &order,
            cause,
            rows: Some(ids.len()),
            unsure: false,
        };
        let rows = self.of_all(&listing, lists.len(), Window::All).await.map_err(|fault| refused(fault, query))?;
        let rows = rows.unwrap_or_default();
        let store = self.store();
        let known = |row: &Place| store.id(*row, query.rows).is_some_and(|id| ids.binary_search(&id).is_ok());
        if rows.iter().all(known) { Ok(rows) } else { Err(unexpected(query.rows)) }
    }

    /// Splits the rows of several parents, and cuts each parent's window out of them.
    fn split_listed(&self, number: u32, lists: &[Listed], rows: &[Place]) {
        let query = self.query(number);
        for list in lists {
            let mut own: Vec<Place> = {
                let store = self.store();
                let is_own = |row: &Place| store.id(*row, query.rows).is_some_and(|id| list.rows.contains_key(id));
                rows.iter().copied().filter(is_own).collect()
            };
            if query.is_backward() {
                // The rows came from the end.
                own.reverse();
            }
            let total = own.len();
            let (skipped, end) = query.window.places(total);
            let rows = own[skipped..end].to_vec();
            let shown = rows.len();
            self.keep_listed(number, list, Ok(Rows { rows, total: Some(total), skipped, shown, ..Rows::default() }));
        }
    }

    /// Keeps the window of a parent. Where an element of the parent's list says something that holds only there, it stands
    /// for the row.
    fn keep_listed(&self, number: u32, list: &Listed, rows: Result<Rows, Arc<Fault>>) {
        let kind = self.query(number).rows;
        let mut store = self.store();
        let rows = rows.map(|mut rows| {
            let model = Arc::clone(store.model());
            if !model.kind(kind).here.is_empty() {
                rows.rows.iter().for_each(|row| store.learn(kind, *row));
                let stands = |row: &Place| store.id(*row, kind).and_then(|id| *list.rows.get(id)?).unwrap_or(*row);
                rows.stands = rows.rows.iter().map(stands).collect();
            }
            rows
        });
        store.keep_rows(number, list.parent, rows);
    }

    /// The members of the groups that hold each of some parents in a collection.
    async fn members_of_holders(
        &self,
        member: &'static str,
        owner: Kind,
        parents: &[(Box<str>, RecordId)],
        origins: &[Origin],
    ) -> Vec<Result<Listed, Arc<Fault>>> {
        let kind = Kind::Group;
        let holders = parents.iter().map(async |(id, _)| {
            let inner = Expr::any_of(Path::new(member), literals(&[&**id])?);
            let holders = self.holders(OfMembers { kind, inner: &inner }, origins).await?;
            holders.ok_or_else(|| {
                Arc::new(Fault::bad_user_input(format!(
                    "More than {MOST_HOLDERS} groups hold this {owner}, so their users cannot be found out together. Read the \
                     users of the groups themselves."
                )))
            })
        });
        let holders: Vec<Result<Vec<String>, Arc<Fault>>> = join_all(holders).await;
        // The memberships in all of these groups are read together; who failed to be read is found out below.
        let all: Vec<String> = holders.iter().flatten().flatten().cloned().collect();
        if !all.is_empty() {
            let _ = self.users_in(kind, all, origins).await;
        }
        let mut found = vec![];
        for (groups, (id, parent)) in holders.into_iter().zip(parents) {
            let users = match groups {
                Ok(groups) => self.users_in(kind, groups, origins).await,
                Err(fault) => Err(fault),
            };
            found.push(users.map(|users| Listed {
                id: id.clone(),
                parent: *parent,
                rows: users.into_iter().map(|user| (user, None)).collect(),
            }));
        }
        found
    }
}

/// What is said where so many rows belong to a parent that they cannot be asked for together.
fn too_many(list: &Listed) -> Arc<Fault> {
    let (count, id) = (list.rows.len(), &list.id);
    Arc::new(Fault::bad_user_input(format!(
        "{count} entities belong to {id}; at most {MOST_LISTED} can be filtered, ordered and paged, since the API is asked for \
         them by their ids."
    )))
}

/// Parents whose rows are asked for together: as many as one request can name rows of, unless that takes more pages than
/// there are parents. A cursor is a position in the list of one parent.
fn together(lists: Vec<Listed>, query: &Query) -> Vec<Vec<Listed>> {
    let mut parts: Vec<(Vec<Listed>, BTreeSet<String>)> = vec![];
    for list in lists {
        let ids = || list.rows.keys().cloned();
        let fits = |(part, known): &(Vec<Listed>, BTreeSet<String>)| {
            let new = list.rows.keys().filter(|id| !known.contains(*id)).count();
            let all = known.len() + new;
            all <= MOST_LISTED && all.div_ceil(PAGE) <= part.len() + 1 && part.len() < PAGE
        };
        if let Some((part, known)) = parts.last_mut().filter(|part| !query.seeks() && fits(part)) {
            known.extend(ids());
            part.push(list);
        } else {
            let known = ids().collect();
            parts.push((vec![list], known));
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

/// The rows of a parent, as the list in its body tells them.
fn listed(
    store: &Store,
    rows: Kind,
    (by, owner): (ParentKey, Kind),
    (id, parent): &(Box<str>, RecordId),
) -> Result<Listed, Arc<Fault>> {
    let unknown = || Arc::new(Fault::internal("A list is not known whose rows are asked for."));
    let ParentKey::Listed(field) = by else { return Err(unknown()) };
    let object = store.model().kind(owner);
    let field = *object.by_name.get(field).ok_or_else(unknown)?;
    let usable = |place: Place, value: At| !is_placeholder(store.tape(place), value);
    let parts = store.record(owner, *parent).parts.iter();
    let lists = || {
        parts.clone().filter_map(|part| {
            let value = store.holds(*part, object, field)?;
            usable(*part, value).then_some((*part, value))
        })
    };
    // One whose elements tell all that only they tell, if there is one.
    let element = store.model().kind(rows);
    let tells = |holder: Place, item: At| {
        let place = store.reference(holder, Some(field), item, rows);
        element.here.iter().all(|field| place.told.contains(field) || store.holds(place, element, field).is_some())
    };
    let whole = lists().find(|(holder, list)| store.tape(*holder).items(*list).all(|item| tells(*holder, item)));
    let list = whole.or_else(|| lists().next());
    let mut found = BTreeMap::new();
    // A list that was asked for and is not there is empty.
    if let Some((holder, list)) = list {
        let tape = store.tape(holder);
        if tape.kind(list) != Json::List {
            let message = "The accounts API answered with a value of another kind than documented.";
            return Err(Arc::new(Fault::invalid(message)));
        }
        for item in tape.items(list) {
            let element = store.reference(holder, Some(field), item, rows);
            if store.is_of_another(element, rows) {
                return Err(of_another_kind());
            }
            let id = store.id(element, rows).ok_or_else(|| {
                Arc::new(Fault::invalid("The accounts API answered with a list that has an element without an id."))
            })?;
            found.insert(id.to_owned(), Some(element));
        }
    }
    Ok(Listed { id: id.clone(), parent: *parent, rows: found })
}
