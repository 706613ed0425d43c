//! Memberships: asked by whichever family of routes the host speaks. The flat collection answers for many users, accounts or
//! groups in one request. Without it there is a list below each account and one below each user, and the groups tell who is
//! in them (`accounts-api-v5.md` section 1.4).

mod below_user;
mod by_id;
mod groups;
pub mod of_members;
pub(super) mod pivot;
mod root;
mod told;

pub use pivot::{fields_of_groups, tells_members, tells_memberships};
pub use told::{member_at, named_member, told_account, told_member};

use super::{
    batch::{Batch, each},
    cursor::Cursor,
    limits::CHUNK,
    query::Query,
    source::{Source, with_names},
    store::{NO_PARENT, RecordId, Rows},
    trace::{Cause, Origin},
};
use crate::{
    entity::kind::Kind,
    fault::{Fault, FaultKind},
    upstream::{
        marketplace::{
            host::{Feature, Finding},
            membership::{Family, MembershipRoutes},
            relation::ParentKey,
        },
        select::Select,
    },
};
use std::sync::Arc;

const OF_ACCOUNT: &str = "The members of one account: the host has no list of the members of several.";
const OF_USER: &str =
    "The accounts of one user, with what the user is in each: the host has no list for several users.";

/// Parents of a query, by their ids.
pub(super) type Parents = Vec<(Box<str>, RecordId)>;

/// How cursors name the routes that memberships are read by. Rows have another order by another route.
fn mode(family: Family) -> u8 {
    match family {
        Family::AccountUsers => 1,
        Family::Accounts => 2,
        Family::Legacy => 3,
    }
}

/// Refuses cursors that come from another route than the one that is asked.
fn by_same_route(query: &Query, mode: u8) -> Result<(), Arc<Fault>> {
    let another = |(name, cursor): (&str, &Option<Arc<Cursor>>)| {
        cursor.as_ref().is_some_and(|cursor| cursor.mode != mode).then(|| {
            Arc::new(Fault::bad_user_input(format!(
                "Argument {name} is a cursor of a list that was read by other routes of the accounts API than this host is \
                 asked by now: begin again from the first page."
            )))
        })
    };
    let cursors = [("after", &query.after), ("before", &query.before)];
    cursors.into_iter().find_map(another).map_or(Ok(()), Err)
}

impl Batch {
    /// Loads memberships of some parents, or of a root list.
    pub(super) async fn load_memberships(
        &self,
        number: u32,
        mut parents: Parents,
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.query(number);
        if query.by.is_none() {
            parents.push((Box::default(), NO_PARENT));
        }
        let select = &Arc::new(with_names(self.store().model(), select));
        loop {
            let family = match self.rest().family().await {
                Ok(family) => family,
                Err(fault) => return self.fail(number, &parents, &fault),
            };
            let mode = mode(family);
            if let Err(fault) = by_same_route(query, mode) {
                return self.fail(number, &parents, &fault);
            }
            let note = |parents: &Parents| {
                let mut store = self.store();
                for (_, parent) in parents {
                    store.note_mode(number, *parent, mode);
                }
            };
            if family != Family::AccountUsers {
                self.load_below(number, family, &parents, select, origins).await;
                return note(&parents);
            }
            self.load_rows(number, Source::AccountUsers, &parents, select, origins).await;
            note(&parents);
            // A host that lost the flat collection is asked by the other routes, now.
            let mut store = self.store();
            parents.retain(|(_, parent)| self.lost(store.rows(number, *parent)));
            if parents.is_empty() {
                return;
            }
            for (_, parent) in &parents {
                store.drop_rows(number, *parent);
            }
        }
    }

    /// Whether rows are missing because the flat collection is, and another way may be taken.
    fn lost(&self, rows: Option<&Result<Rows, Arc<Fault>>>) -> bool {
        matches!(rows, Some(Err(fault)) if self.is_lost(fault))
    }

    fn is_lost(&self, fault: &Fault) -> bool {
        let host = self.rest().host();
        fault.kind() == FaultKind::RouteMissing
            && host.routes() == MembershipRoutes::Auto
            && host.has(Feature::AccountUsers) != Some(true)
    }

    /// Loads memberships by the lists below accounts and users.
    async fn load_below(
        &self,
        number: u32,
        family: Family,
        parents: &Parents,
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.query(number);
        // A condition on an id that only the flat collection has: below an account, `id` is the user's.
        if query.filter.as_ref().is_some_and(|filter| filter.names("id")) {
            return self.fail(number, parents, &Arc::new(Fault::route_missing(Family::AccountUsers.template())));
        }
        match query.by.map(|(by, _)| by) {
            Some(_) if query.never => {
                let mut store = self.store();
                for (_, parent) in parents {
                    store.keep_rows(number, *parent, Ok(Rows { total: Some(0), ..Rows::default() }));
                }
            }
            None => {
                let rows = self.root_list(query, family, select, origins).await;
                self.store().keep_rows(number, NO_PARENT, rows);
            }
            Some(ParentKey::Reference("account")) => self.of_accounts(number, family, parents, select, origins).await,
            Some(ParentKey::Reference("user")) => self.of_users(number, parents, select, origins).await,
            Some(ParentKey::Collection("groups")) => self.of_groups(number, family, parents, select, origins).await,
            Some(_) => self.fail(number, parents, &Arc::new(Fault::internal("Nobody has memberships by that."))),
        }
    }

    /// Members of accounts: read off the groups of all of them where that tells everybody and all that is wanted, else a
    /// list below each.
    async fn of_accounts(
        &self,
        number: u32,
        family: Family,
        parents: &Parents,
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let query = self.query(number);
        if parents.len() > 1 && pivot::tells_members(self.store().model(), query, select) {
            match self.rest().has(Feature::InvitedInGroups).await {
                Ok(Some(true)) => {
                    return each(parents.chunks(CHUNK), |chunk| {
                        self.members_off_groups(number, chunk, select, origins)
                    })
                    .await;
                }
                Ok(_) => {}
                Err(fault) => return self.fail(number, parents, &fault),
            }
        }
        each(parents, async |(account, parent)| {
            let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(OF_ACCOUNT) };
            let source = Source::Members { family, account };
            let rows = self.window(query, source, None, select, cause).await;
            let rows = self.below_parent(source, rows).await;
            self.store().keep_rows(number, *parent, rows);
        })
        .await;
    }

    /// Memberships of users: read off the groups where these tell everybody and all that is wanted, else a list below each
    /// user.
    async fn of_users(&self, number: u32, parents: &Parents, select: &Arc<Select>, origins: &[Origin]) {
        let query = self.query(number);
        // A list below a user takes conditions on what it tells, and groups take none.
        let plain = pivot::tells_memberships(query);
        let told_by_groups = plain && pivot::fields_of_groups(self.store().model()).is_superset(select.fields);
        if told_by_groups {
            match self.rest().has(Feature::InvitedInGroups).await {
                Ok(Some(true)) => {
                    return each(parents.chunks(CHUNK), |chunk| {
                        self.memberships_off_groups(number, chunk, select, origins)
                    })
                    .await;
                }
                Ok(_) => {}
                Err(fault) => return self.fail(number, parents, &fault),
            }
        }
        if let Some(fault) = below_user::refused(query) {
            return self.fail(number, parents, &fault);
        }
        if self.rest().host().lists_accounts_of_users(self.rest().caller()) {
            each(parents, async |(user, parent)| {
                let cause = Cause { nested: &[], origins, keys: Some(1), reason: Some(OF_USER) };
                let rows = self.window(query, Source::UserAccounts { user }, None, select, cause).await;
                let rows = self.below_parent(Source::UserAccounts { user }, rows).await;
                self.store().keep_rows(number, *parent, rows);
            })
            .await;
        }
        // Where the host has no such list, or not for the caller, groups may tell at least who is where.
        let untold = |rows: Option<&Result<Rows, Arc<Fault>>>| match rows {
            Some(Err(fault)) => matches!(fault.kind(), FaultKind::RouteMissing | FaultKind::Forbidden),
            rows => rows.is_none(),
        };
        let left: Parents = {
            let store = self.store();
            parents.iter().filter(|(_, parent)| untold(store.rows(number, *parent))).cloned().collect()
        };
        if left.is_empty() {
            return;
        }
        if plain && let Ok(Some(true)) = self.rest().has(Feature::InvitedInGroups).await {
            return each(left.chunks(CHUNK), |chunk| self.memberships_off_groups(number, chunk, select, origins)).await;
        }
        let missing = Arc::new(Fault::route_missing(Source::UserAccounts { user: "" }.template(query.rows)));
        for (_, parent) in &left {
            let mut store = self.store();
            if store.rows(number, *parent).is_none() {
                store.keep_rows(number, *parent, Err(Arc::clone(&missing)));
            }
        }
    }

    /// What came of a list below a parent. A problem document that says 404 may be about the route or about the parent, so
    /// the parent's own collection decides: where it shows the parent, the route is missing. A parent that the caller may
    /// not see has no rows for it.
    async fn below_parent(&self, source: Source<'_>, rows: Result<Rows, Arc<Fault>>) -> Result<Rows, Arc<Fault>> {
        let (feature, collection, parent) = match source {
            Source::Members { family: Family::Accounts, account } => {
                (Some(Feature::AccountMembers), "accounts", account)
            }
            // It is never chosen, so nobody needs to know.
            Source::Members { account, .. } => (None, "accounts", account),
            Source::UserAccounts { user } => (Some(Feature::UserAccounts), "users", user),
            Source::Collection | Source::AccountUsers => return rows,
        };
        let host = self.rest().host();
        let learn = |there: bool| match feature {
            Some(feature) if host.has(feature) != Some(there) => host.learn(feature, Some(there)),
            _ => {}
        };
        let fault = match rows {
            Ok(rows) => {
                learn(true);
                return Ok(rows);
            }
            Err(fault) => fault,
        };
        match fault.kind() {
            FaultKind::RouteMissing => {
                match feature {
                    // A proxy may have answered for a moment: another caller soon finds out.
                    Some(Feature::UserAccounts) if host.has(Feature::UserAccounts) == Some(true) => {
                        host.keep_for_now(Feature::UserAccounts);
                    }
                    _ => learn(false),
                }
                Err(fault)
            }
            FaultKind::NotFound if self.rest().shows(collection, parent).await? => {
                match feature {
                    // The route is for the user and for administrators, so this may be about the caller.
                    Some(Feature::UserAccounts) => {
                        host.note(Finding::UserAccountsMissing, self.rest().caller());
                    }
                    // One refusal says nothing of a route that answered others.
                    Some(feature) if host.has(feature) == Some(true) => {}
                    _ => learn(false),
                }
                Err(Arc::new(Fault::route_missing(source.template(Kind::AccountUser))))
            }
            FaultKind::NotFound => Ok(Rows { total: Some(0), ..Rows::default() }),
            _ => Err(fault),
        }
    }
}
