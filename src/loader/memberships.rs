//! Memberships: asked by whichever family of routes the host speaks. The flat collection answers for many users, accounts or
//! groups in one request. Without it there is a list below each account and one below each user, and the groups tell who is
//! in them (`accounts-api-v5.md` section 1.4).

use super::{
    batch::{Batch, CHUNK, each},
    canonical::{Asking, UPSTREAM_ID},
    pivot,
    query::{Query, Window},
    rest::{Listing, PAGE},
    rows::literals,
    source::{Source, with_names},
    store::{NO_PARENT, Place, RecordId, Rows, Store},
    trace::{Cause, Origin},
    unite::{Entities, Wanted},
};
use crate::{
    entity::{
        kind::Kind,
        member,
        model::Fields,
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    upstream::{
        marketplace::{
            host::Feature,
            membership::{Family, Member, MembershipRoutes},
            relation::By,
        },
        rql::{Expr, Path},
        select::Select,
    },
};
use futures::future::{join, join_all, try_join_all};
use std::{collections::BTreeMap, sync::Arc};

/// How many accounts one list may be put together from.
const MAX_ACCOUNTS: usize = 100;

const OF_ACCOUNT: &str = "The members of one account: the host has no list of the members of several.";
const OF_USER: &str =
    "The accounts of one user, with what the user is in each: the host has no list for several users.";
const OF_GROUPS: &str = "Finds out the accounts of these groups, below which their members are listed.";
const OF_USERS: &str = "Finds out in which accounts these users are, below which their memberships are listed.";

const CONDITION_MISSING: &str = "This host lists memberships by account only: add a filter on account or user, such as \
                                 {account: {id: {eq: …}}}.";
const ORDER_IMPOSSIBLE: &str = "This host lists memberships by account only, so memberships of several accounts have one \
                                order: leave orderBy out, or filter by one account.";

/// Parents of a query, by their ids.
pub(super) type Parents = Vec<(Box<str>, RecordId)>;

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
            match family {
                Family::AccountUsers => {
                    self.load_rows(number, Source::AccountUsers, &parents, select, origins).await;
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
                _ => return self.load_below(number, family, &parents, select, origins).await,
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
            Some(By::Reference("account")) => self.of_accounts(number, family, parents, select, origins).await,
            Some(By::Reference("user")) => self.of_users(number, parents, select, origins).await,
            Some(By::Collection("groups")) => self.of_groups(number, family, parents, select, origins).await,
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
        let told_by_groups = {
            let store = self.store();
            let object = store.model().kind(Kind::AccountUser);
            let told = ["user", "account", "groups"].iter().filter_map(|name| object.by_name.get(*name));
            told.fold(Fields::NONE, |all, place| all.and(Fields::one(*place))).covers(select.fields)
        };
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
        let query = self.query(number);
        if self.rest().host().has(Feature::UserAccounts) != Some(false) {
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
        if let Ok(Some(true)) = self.rest().has(Feature::InvitedInGroups).await {
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

    /// Memberships in groups: a list below the account of each group.
    async fn of_groups(
        &self,
        number: u32,
        family: Family,
        parents: &Parents,
        select: &Arc<Select>,
        origins: &[Origin],
    ) {
        let by_account = match self.accounts_of_groups(parents, origins).await {
            Ok(by_account) => by_account,
            Err(fault) => return self.fail(number, parents, &fault),
        };
        let listed: Vec<RecordId> = by_account.values().flatten().map(|(_, parent)| *parent).collect();
        // A group that is not there, or not for the caller, has no members that the caller may see.
        for (_, parent) in parents.iter().filter(|(_, parent)| !listed.contains(parent)) {
            self.store().keep_rows(number, *parent, Ok(Rows { total: Some(0), ..Rows::default() }));
        }
        let accounts: Vec<_> = by_account.iter().collect();
        each(&accounts, async |(account, groups)| {
            let source = Source::Members { family, account: account.as_str() };
            self.load_rows(number, source, groups, select, origins).await;
            for (_, parent) in *groups {
                let kept = self.store().rows(number, *parent).cloned();
                let Some(rows @ Err(_)) = kept else { continue };
                let rows = self.below_parent(source, rows).await;
                self.store().keep_rows(number, *parent, rows);
            }
        })
        .await;
    }

    /// The groups by their accounts. One request for those of which that is not known.
    async fn accounts_of_groups(
        &self,
        groups: &Parents,
        origins: &[Origin],
    ) -> Result<BTreeMap<String, Parents>, Arc<Fault>> {
        let mut by_account: BTreeMap<String, Parents> = BTreeMap::new();
        let mut unknown = vec![];
        {
            let mut store = self.store();
            store.index(Kind::Group);
            for (id, record) in groups {
                let known = store.record(Kind::Group, *record).parts.iter();
                let account = known.copied().find_map(|part| account_of(&store, part));
                match account {
                    Some(account) => by_account.entry(account).or_default().push((id.clone(), *record)),
                    None => unknown.push((id.clone(), *record)),
                }
            }
        }
        let select = {
            let store = self.store();
            let mut select = Select::default();
            let account = store.model().kind(Kind::Group).by_name.get("account").copied();
            if let Some(field) = account {
                select.add_nested(field, Fields::NONE);
            }
            Arc::new(select)
        };
        let pages = unknown.chunks(CHUNK).map(async |chunk| {
            let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
            let filter = Expr::In { path: Path::new("id"), values: literals(&ids)? };
            let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(OF_GROUPS) };
            let listing = Listing {
                kind: Kind::Group,
                source: Source::Collection,
                filter: Some(&filter),
                select: &select,
                order: "id",
                cause,
                rows: Some(ids.len()),
            };
            self.rest().list(self.shared_store(), &listing, 0, Some(CHUNK)).await
        });
        for list in try_join_all(pages).await? {
            let store = self.store();
            for row in list.rows {
                let group = store.id(row, Kind::Group).and_then(|id| unknown.iter().find(|(known, _)| **known == *id));
                let Some(group) = group else { continue };
                let Some(account) = account_of(&store, row) else {
                    let message = "The accounts API answered with a group that does not say whose it is.";
                    return Err(Arc::new(Fault::invalid(message)));
                };
                by_account.entry(account).or_default().push(group.clone());
            }
        }
        for groups in by_account.values_mut() {
            groups.sort_unstable();
        }
        Ok(by_account)
    }

    /// A root list: put together from the lists below the accounts that its conditions name, or in which the users are that
    /// its conditions name.
    async fn root_list(
        &self,
        query: &Query,
        family: Family,
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Rows, Arc<Fault>> {
        let window = |source| {
            let cause = Cause { nested: &[], origins, keys: None, reason: Some(OF_ACCOUNT) };
            self.window(query, source, None, select, cause)
        };
        if query.never {
            return window(Source::AccountUsers).await;
        }
        let limits = |path: &str| {
            let ids = query.filter.as_ref().and_then(|filter| filter.limits(path))?;
            let mut ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
            ids.sort_unstable();
            ids.dedup();
            Some(ids)
        };
        let accounts = match (limits("account.id"), limits("user.id")) {
            (Some(accounts), _) => accounts,
            (None, Some(users)) => self.accounts_of_users(&users, origins).await?,
            (None, None) => return Err(Arc::new(Fault::bad_user_input(CONDITION_MISSING))),
        };
        if accounts.len() > MAX_ACCOUNTS {
            let message = format!(
                "This host lists memberships by account only, and the filter names {} accounts; at most {MAX_ACCOUNTS} are \
                 asked.",
                accounts.len()
            );
            return Err(Arc::new(Fault::bad_user_input(message)));
        }
        match &accounts[..] {
            [] => Ok(Rows { total: Some(0), ..Rows::default() }),
            [account] => {
                let source = Source::Members { family, account };
                self.below_parent(source, window(source).await).await
            }
            _ => self.chain(query, family, &accounts, select, origins).await,
        }
    }

    /// The accounts in which users are.
    async fn accounts_of_users(&self, users: &[String], origins: &[Origin]) -> Result<Vec<String>, Arc<Fault>> {
        let cause = Cause { nested: &[], origins, keys: Some(users.len()), reason: Some(OF_USERS) };
        let mut accounts = if self.rest().has(Feature::InvitedInGroups).await? == Some(true) {
            self.accounts_off_groups(users, cause).await?
        } else {
            let select = Arc::new(with_names(self.store().model(), &Select::default()));
            let lists = users.iter().map(async |user| {
                let source = Source::UserAccounts { user };
                let order = "account.id";
                let listing = Listing {
                    kind: Kind::AccountUser,
                    source,
                    filter: None,
                    select: &select,
                    order,
                    cause,
                    rows: None,
                };
                let list = self.rest().list(self.shared_store(), &listing, 0, None).await;
                let rows = list.map(|list| Rows { rows: list.rows, ..Rows::default() });
                self.below_parent(source, rows).await
            });
            let lists = try_join_all(lists).await?;
            let store = self.store();
            let rows = lists.iter().flat_map(|rows| &rows.rows);
            rows.filter_map(|row| member::pair(store.id(*row, Kind::AccountUser)?))
                .map(|(account, _)| account)
                .collect()
        };
        accounts.sort_unstable();
        accounts.dedup();
        Ok(accounts)
    }

    /// A window of the lists of several accounts, one after the other in the order of their ids.
    async fn chain(
        &self,
        query: &Query,
        family: Family,
        accounts: &[String],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Rows, Arc<Fault>> {
        // The whole order, since of one that begins with users nothing can be put together.
        let forward = Query { window: Window::All, ..query.clone() };
        if forward.order() != Query::all_of(query.rows, By::Reference("account"), Kind::Account).order() {
            return Err(Arc::new(Fault::bad_user_input(ORDER_IMPOSSIBLE)));
        }
        let cause = Cause { nested: &[], origins, keys: None, reason: Some(OF_ACCOUNT) };
        let ask = async |account: &str, skip: usize, take: usize| {
            let listing = Listing {
                kind: Kind::AccountUser,
                source: Source::Members { family, account },
                filter: query.filter.as_ref(),
                select,
                order: "user.id",
                cause,
                rows: None,
            };
            let list = self.rest().list(self.shared_store(), &listing, skip, Some(take)).await;
            let rows = list.map(|list| Rows { rows: list.rows, total: list.total, ..Rows::default() });
            self.below_parent(Source::Members { family, account }, rows).await
        };
        let guess = match query.window {
            _ if !query.wants_rows => 0,
            Window::All => PAGE,
            Window::Forward { skip, take } => skip.saturating_add(take).min(PAGE),
            Window::Before { .. } | Window::Backward { .. } => 0,
        };
        let firsts = try_join_all(accounts.iter().map(|account| ask(account, 0, guess))).await?;
        let mut totals = vec![];
        for first in &firsts {
            totals.push(first.total.ok_or_else(|| {
                let message = "The accounts API does not say how many members an account has, so the lists of several \
                               accounts cannot be put together.";
                Arc::new(Fault::invalid(message))
            })?);
        }
        let total = totals.iter().sum();
        let (start, end) = query.window.places(total);
        let mut before = 0;
        let mut parts = vec![];
        for ((account, first), size) in accounts.iter().zip(firsts).zip(totals) {
            let (from, to) = (start.max(before) - before, end.clamp(before, before + size) - before);
            before += size;
            if from >= to || !query.wants_rows {
                continue;
            }
            parts.push((account, first, from, to));
        }
        let rows = parts.into_iter().map(async |(account, first, from, to): (&String, Rows, usize, usize)| {
            if to <= first.rows.len() {
                return Ok(first.rows[from..to].to_vec());
            }
            ask(account, from, to - from).await.map(|rows| rows.rows)
        });
        let rows = try_join_all(rows).await?.concat();
        Ok(Rows {
            shown: if query.wants_rows { rows.len() } else { end - start },
            rows,
            total: Some(total),
            skipped: start,
            more: false,
        })
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
                learn(false);
                Err(fault)
            }
            FaultKind::NotFound => match self.rest().shows(collection, parent).await? {
                false => Ok(Rows { total: Some(0), ..Rows::default() }),
                true => {
                    learn(false);
                    Err(Arc::new(Fault::route_missing(source.template(Kind::AccountUser))))
                }
            },
            _ => Err(fault),
        }
    }

    /// Loads memberships by their ids.
    pub(super) async fn load_members(&self, entities: Entities) {
        let Entities { wanted, select, origins, .. } = entities;
        let select = Arc::new(with_names(self.store().model(), &select));
        let (upstream, paired): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(id, _)| member::is_upstream_id(id));
        let members =
            join(self.by_upstream_ids(&upstream, &select, &origins), self.by_pairs(&paired, &select, &origins));
        join(members, self.favorites(&paired, &origins)).await;
    }

    /// Whether accounts are favorites of their members: only a list below each user tells that.
    async fn favorites(&self, wanted: &[(Box<str>, Wanted)], origins: &[Origin]) {
        let field = self.store().model().kind(Kind::AccountUser).by_name.get("favorite").copied();
        let Some(field) = field else { return };
        let mut by_user: BTreeMap<String, Vec<(String, RecordId)>> = BTreeMap::new();
        for (id, wanted) in wanted.iter().filter(|(_, wanted)| wanted.fields.has(field)) {
            if let Some((account, user)) = member::pair(id) {
                by_user.entry(user).or_default().push((account, wanted.record));
            }
        }
        let mut select = Select::default();
        select.add(field);
        let select = Arc::new(with_names(self.store().model(), &select));
        let by_user: Vec<_> = by_user.into_iter().collect();
        each(&by_user, async |(user, of_user)| {
            each(of_user.chunks(CHUNK), async |chunk| {
                let rows = self.accounts_of_user(user, chunk, &select, origins).await;
                let mut store = self.store();
                match rows {
                    Ok(rows) => {
                        for row in rows {
                            // Not only what is news: the membership's own row was asked for it too and did not tell it, which
                            // stands for null.
                            if let Some(record) = store.record_at(row, Kind::AccountUser) {
                                store.record_mut(Kind::AccountUser, record).parts.push(row);
                            }
                        }
                    }
                    Err(fault) => {
                        for (_, record) in chunk {
                            let faults = &mut store.record_mut(Kind::AccountUser, *record).faults;
                            faults.push((Fields::one(field), Arc::clone(&fault)));
                        }
                    }
                }
            })
            .await;
        })
        .await;
    }

    async fn accounts_of_user(
        &self,
        user: &str,
        accounts: &[(String, RecordId)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let ids: Vec<&str> = accounts.iter().map(|(account, _)| account.as_str()).collect();
        let filter = Expr::In { path: Path::new("account.id"), values: literals(&ids)? };
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: Some(OF_USER) };
        let source = Source::UserAccounts { user };
        let rows = self.members(source, &filter, select, cause).await.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(source, rows).await?.rows)
    }

    /// Memberships by the ids that only the flat collection has.
    async fn by_upstream_ids(&self, wanted: &[(Box<str>, Wanted)], select: &Arc<Select>, origins: &[Origin]) {
        let kind = Kind::AccountUser;
        each(wanted.chunks(CHUNK), async |chunk| {
            let rows = self.rows_by_upstream_ids(chunk, select, origins).await;
            // They answer by their own ids.
            let rows = rows.map(|rows| {
                let store = self.store();
                let own = |row: &Place| {
                    let tape = store.tape(*row);
                    tape.plain(tape.get(row.at, UPSTREAM_ID)?)
                };
                let of = |id: &str| rows.iter().copied().find(|row| own(row) == Some(id));
                chunk.iter().map(|(id, _)| of(id)).collect::<Vec<_>>()
            });
            match rows {
                Err(fault) => self.keep_entities(kind, chunk, Err(fault)),
                Ok(rows) => {
                    self.keep_entities(kind, chunk, Ok(vec![]));
                    let mut store = self.store();
                    for ((_, wanted), row) in chunk.iter().zip(rows) {
                        if let Some(row) = row {
                            store.answer(kind, wanted.record, row, wanted.fields);
                        }
                    }
                }
            }
        })
        .await;
    }

    async fn rows_by_upstream_ids(
        &self,
        chunk: &[(Box<str>, Wanted)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        if self.rest().family().await? != Family::AccountUsers {
            return Err(Arc::new(Fault::route_missing(Family::AccountUsers.template())));
        }
        let ids: Vec<&str> = chunk.iter().map(|(id, _)| &**id).collect();
        let filter = Expr::In { path: Path::new("id"), values: literals(&ids)? };
        let cause = Cause { nested: &[], origins, keys: Some(ids.len()), reason: None };
        self.members(Source::AccountUsers, &filter, select, cause).await
    }

    /// Memberships by account and user.
    async fn by_pairs(&self, wanted: &[(Box<str>, Wanted)], select: &Arc<Select>, origins: &[Origin]) {
        if wanted.is_empty() {
            return;
        }
        let kind = Kind::AccountUser;
        let mut wanted = wanted.to_vec();
        loop {
            let family = match self.rest().family().await {
                Ok(family) => family,
                Err(fault) => return self.keep_entities(kind, &wanted, Err(fault)),
            };
            if family != Family::AccountUsers {
                let by_account = wanted.chunk_by(|(one, _), (other, _)| account_in(one) == account_in(other));
                let chunks: Vec<_> = by_account.flat_map(|of_account| of_account.chunks(CHUNK)).collect();
                return each(&chunks, async |chunk| {
                    let rows = self.members_of_account(family, chunk, select, origins).await;
                    self.keep_entities(kind, chunk, rows);
                })
                .await;
            }
            let mut left = vec![];
            let asked = join_all(wanted.chunks(CHUNK).map(|chunk| self.members_of_pairs(chunk, select, origins))).await;
            for (chunk, rows) in wanted.chunks(CHUNK).zip(asked) {
                match rows {
                    Err(fault) if self.is_lost(&fault) => left.extend_from_slice(chunk),
                    rows => self.keep_entities(kind, chunk, rows),
                }
            }
            if left.is_empty() {
                return;
            }
            wanted = left;
        }
    }

    async fn members_of_account(
        &self,
        family: Family,
        chunk: &[(Box<str>, Wanted)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let pairs: Vec<_> = chunk.iter().filter_map(|(id, _)| member::pair(id)).collect();
        let Some((account, _)) = pairs.first() else { return Ok(vec![]) };
        let users: Vec<&str> = pairs.iter().map(|(_, user)| &**user).collect();
        let filter = Expr::In { path: Path::new("user.id"), values: literals(&users)? };
        let cause = Cause { nested: &[], origins, keys: Some(users.len()), reason: Some(OF_ACCOUNT) };
        let rows = self.members(Source::Members { family, account }, &filter, select, cause).await;
        let rows = rows.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(Source::Members { family, account }, rows).await?.rows)
    }

    async fn members_of_pairs(
        &self,
        chunk: &[(Box<str>, Wanted)],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Vec<Place>, Arc<Fault>> {
        // Not all users in all accounts: of these there may be any number.
        let mut by_account: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (account, user) in chunk.iter().filter_map(|(id, _)| member::pair(id)) {
            by_account.entry(account).or_default().push(user);
        }
        let among = |path: &'static str, ids: &[&str]| {
            Ok::<_, Arc<Fault>>(Expr::In { path: Path::new(path), values: literals(ids)? })
        };
        let of_account = |(account, users): (&String, &Vec<String>)| {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            Ok::<_, Arc<Fault>>(Expr::And(vec![among("account.id", &[account])?, among("user.id", &users)?]))
        };
        let filter = Expr::Or(by_account.iter().map(of_account).collect::<Result<_, _>>()?);
        let cause = Cause { nested: &[], origins, keys: Some(chunk.len()), reason: None };
        self.members(Source::AccountUsers, &filter, select, cause).await
    }

    /// One membership: by its account and user, or by the id that the flat collection has for it.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the host has no route that tells it.
    pub async fn find_member(
        &self,
        member: &Member,
        select: Select,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let select = Arc::new(with_names(self.store().model(), &select));
        let is = |path: &'static str, id: &str| {
            Ok::<_, Arc<Fault>>(Expr::In { path: Path::new(path), values: literals(&[id])? })
        };
        let family = self.rest().family().await?;
        let (source, filter) = match (member, family) {
            (Member { upstream_id: Some(id), .. }, Family::AccountUsers) => (Source::AccountUsers, is("id", id)?),
            (Member { pair: Some((account, user)), .. }, Family::AccountUsers) => {
                (Source::AccountUsers, Expr::And(vec![is("account.id", account)?, is("user.id", user)?]))
            }
            (Member { pair: Some((account, user)), .. }, family) => {
                (Source::Members { family, account }, is("user.id", user)?)
            }
            (Member { upstream_id: Some(_), .. }, _) => {
                return Err(Arc::new(Fault::route_missing(Family::AccountUsers.template())));
            }
            (Member { pair: None, upstream_id: None }, _) => return Ok(None),
        };
        let rows = self.members(source, &filter, &select, cause).await.map(|rows| Rows { rows, ..Rows::default() });
        Ok(self.below_parent(source, rows).await?.rows.first().copied())
    }

    /// All memberships of a list that a condition holds for.
    pub(super) async fn members(
        &self,
        source: Source<'_>,
        filter: &Expr,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let order = "account.id,user.id";
        let listing =
            Listing { kind: Kind::AccountUser, source, filter: Some(filter), select, order, cause, rows: cause.keys };
        Ok(self.rest().list(self.shared_store(), &listing, 0, None).await?.rows)
    }
}

/// The account in the id of a membership, as it stands there.
fn account_in(id: &str) -> &str {
    id.split('.').next().unwrap_or_default()
}

/// The id of the account that a place of a group tells.
fn account_of(store: &Store, group: Place) -> Option<String> {
    let object = store.model().kind(Kind::Group);
    let account = store.look(group, object, *object.by_name.get("account")?)?;
    let tape = store.tape(group);
    let id = tape.plain(tape.get(account, "id")?)?;
    Kind::Account.fits(id).then(|| id.to_owned())
}

/// The membership at a place, as far as it tells who it is about.
#[must_use]
pub fn member_at(store: &Store, place: Place) -> Member {
    let tape = store.tape(place);
    let own = tape.get(place.at, UPSTREAM_ID).and_then(|at| tape.plain(at));
    let pair = store.id(place, Kind::AccountUser).and_then(member::pair);
    Member { pair, upstream_id: own.map(str::to_owned) }
}

/// What a write answered of a membership, in the one form that is read.
///
/// # Errors
///
/// When it is no membership.
pub fn told_member(store: &mut Store, family: Family, account: &str, tape: &Tape) -> Result<Place, Fault> {
    let source = match family {
        Family::AccountUsers => Source::AccountUsers,
        family => Source::Members { family, account },
    };
    told(store, source, tape)
}

/// What a write answered of an account as one of its users sees it, as a membership.
///
/// # Errors
///
/// When it is no account.
pub fn told_account(store: &mut Store, user: &str, tape: &Tape) -> Result<Place, Fault> {
    told(store, Source::UserAccounts { user }, tape)
}

/// A membership of which only its account and its user are known.
///
/// # Errors
///
/// When one of them has no proper id.
pub fn named_member(store: &mut Store, (account, user): (&str, &str)) -> Result<Place, Fault> {
    let names = serde_json::json!({ "id": user, "user": { "id": user }, "account": { "id": account } }).to_string();
    let names = Tape::scan(names).map_err(|_| Fault::internal("The ids of a member could not be kept."))?;
    told(store, Source::Members { family: Family::Accounts, account }, &names)
}

/// Keeps a membership that came alone. What it does not tell is null where it lists what it omits, else not known.
fn told(store: &mut Store, source: Source<'_>, tape: &Tape) -> Result<Place, Fault> {
    let model = Arc::clone(store.model());
    let object = model.kind(Kind::AccountUser);
    let lists = tape.get(ROOT, "$meta").and_then(|meta| tape.get(meta, "omitted")).is_some();
    let tape = Asking::answered(source, &model, lists).one(tape)?;
    let mut select = Select::default();
    for name in ["user", "account"] {
        // An id alone is no reduced form, of which what is left out would be null.
        let bare = tape.get(ROOT, name).is_some_and(|at| tape.members(at).count() < 2);
        if let Some(field) = object.by_name.get(name).filter(|_| bare) {
            select.add_nested(*field, Fields::NONE);
        }
    }
    let fields = if lists { source.tellable(object, object.told()) } else { Fields::NONE };
    let body = store.keep(tape, Arc::new(select));
    Ok(store.row(body, Kind::AccountUser, fields))
}
