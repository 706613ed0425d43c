//! Which operation of Wavefront's tells what, and what asking for it comes to.

use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, ObjectType},
    },
    loader::{
        query::{Query, Window},
        rest::{self, Found},
        trace::Call,
    },
    upstream::wavefront::search::{Matching, PAGE},
};

/// An operation that tells entities by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// `POST account/validateAccounts`: accounts, their groups and roles as objects.
    Validate,
    /// `POST search/{what}`; of one account that is no search, the account itself.
    Search(&'static str),
    /// `GET {collection}`: all there are, as whole as they are told in lists.
    List,
    /// As [`Route::Validate`], for those of whom the search that is named does not tell: to know that they are there.
    There(&'static str),
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

fn place(object: &ObjectType, name: &str) -> FieldSet {
    object.by_name.get(name).copied().map_or(FieldSet::NONE, FieldSet::single)
}

/// The fields that each operation tells.
fn told(kind: Kind, object: &ObjectType) -> Vec<(Route, FieldSet)> {
    let told = routes(kind).iter().map(|(route, names)| {
        // A list tells whatever a search tells, and more.
        let also = if *route == Route::List { routes(kind)[0].1 } else { &[] };
        (*route, names.iter().chain(also).map(|name| place(object, name)).fold(FieldSet::NONE, FieldSet::union))
    });
    told.collect()
}

/// The operations to be asked for some fields, each with what it is relied on for.
fn asked(kind: Kind, object: &ObjectType, wanted: FieldSet) -> Vec<(Route, FieldSet)> {
    let told = told(kind, object);
    // All of them tell the id.
    let wanted = wanted.difference(place(object, "id"));
    if let Some((route, _)) = told.iter().find(|(_, told)| told.is_superset(wanted)) {
        return vec![(*route, wanted)];
    }
    let (mut routes, mut left) = (Vec::new(), wanted);
    // Backwards: what is told by few decides, and those tell more besides.
    for (route, told) in told.into_iter().rev() {
        let found = left.intersection(told);
        if !found.is_empty() {
            routes.push((route, found));
            left = left.difference(told);
        }
    }
    routes.reverse();
    routes
}

/// The same, of which at least one tells of everybody.
pub(super) fn asked_of_all(kind: Kind, object: &ObjectType, wanted: FieldSet) -> Vec<(Route, FieldSet)> {
    let mut routes = asked(kind, object, wanted);
    if let [(Route::Search(what @ ("serviceaccount" | "user")), _)] = routes[..] {
        routes.push((Route::There(what), FieldSet::NONE));
    }
    routes
}

/// What telling entities by their ids comes to at most, for each hundred of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asking {
    /// Requests that answer an entity for each id at most.
    pub by_ids: usize,
    /// How often all there are is listed.
    pub lists: usize,
}

/// What is asked at most for `wanted` or a part of it.
#[must_use]
pub fn asking(kind: Kind, object: &ObjectType, wanted: FieldSet) -> Asking {
    let asking = |by_ids, lists| Asking { by_ids, lists };
    let cost = |route: Route| match route {
        // Service accounts may have to be searched for.
        Route::Validate | Route::There(_) => asking(2, 0),
        Route::Search(_) => asking(1, 0),
        Route::List => asking(0, 1),
    };
    let alone = |route: Route| match route {
        Route::Search(what @ ("serviceaccount" | "user")) => asking(1 + cost(Route::There(what)).by_ids, 0),
        route => cost(route),
    };
    let all = asked(kind, object, wanted).into_iter().map(|(route, _)| cost(route));
    let all = all.fold(asking(0, 0), |sum, one| asking(sum.by_ids + one.by_ids, sum.lists + one.lists));
    // A part of what is wanted takes no more operations, but it may be another one that tells all of it.
    let told = told(kind, object);
    let first = |(place, (_, all)): &(usize, &(Route, FieldSet))| {
        told[..*place].iter().all(|(_, earlier)| !earlier.is_superset(all.intersection(wanted)))
    };
    let ones = told.iter().enumerate().filter(first).map(|(_, (route, _))| alone(*route));
    ones.fold(all, |most, one| asking(most.by_ids.max(one.by_ids), most.lists.max(one.lists)))
}

/// What each row tells for sure, of the collection or of a relation. A description may be absent, and is then asked for.
#[must_use]
pub fn told_by_rows(kind: Kind, object: &ObjectType, of_relation: bool) -> FieldSet {
    let by_rows = match kind {
        Kind::WavefrontUserGroup if of_relation => Route::List,
        Kind::WavefrontAccount => Route::Search("account"),
        _ => routes(kind)[0].0,
    };
    let told = told(kind, object).into_iter().find(|(route, _)| *route == by_rows);
    told.map_or(FieldSet::NONE, |(_, told)| told.difference(place(object, "description")))
}

/// Whether what belongs to some parents is told by the list of all: found groups do not tell their roles, listed ones do.
#[must_use]
pub fn lists(rows: Kind) -> bool {
    rows == Kind::WavefrontUserGroup
}

/// The first request for entities by their ids.
pub(in crate::loader) fn call_by_ids(kind: Kind, object: &ObjectType, ids: &[&str], wanted: FieldSet) -> Option<Call> {
    let (route, _) = *asked(kind, object, wanted).first()?;
    Some(match (route, ids) {
        (Route::Validate | Route::There(_), ids) => rest::accounts_call(ids),
        (Route::Search("account"), [id]) => rest::one_call(kind, id),
        (_, [id]) if kind != Kind::WavefrontAccount => rest::one_call(kind, id),
        (Route::Search(what), ids) => {
            rest::list_call(kind, Found::BySearch(what, Some(("id", ids, Matching::Exact))), 0, PAGE)
        }
        (Route::List, _) => rest::list_call(kind, Found::Listed, 0, PAGE),
    })
}

/// The first request for rows: of a collection, or of what belongs to some parents.
pub(in crate::loader) fn call_for_rows(query: &Query, parents: &[&str]) -> Call {
    let what = query.rows.collection();
    match (query.by, query.window) {
        (Some(_), _) if lists(query.rows) => rest::list_call(query.rows, Found::Listed, 0, PAGE),
        (Some((by, _)), _) => {
            let condition = Some((by.member().unwrap_or_default(), parents, Matching::Contains));
            rest::list_call(query.rows, Found::BySearch(what, condition), 0, PAGE)
        }
        (None, Window::Forward { skip, take }) if query.wants_rows && take > 0 => {
            rest::list_call(query.rows, Found::BySearch(what, None), skip, take.min(PAGE))
        }
        (None, _) => rest::list_call(query.rows, Found::BySearch(what, None), 0, PAGE),
    }
}
