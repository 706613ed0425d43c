//! The list of all memberships, where the host has none: put together from the lists below the accounts that the filter names,
//! or in which the users are that it names.

use super::OF_ACCOUNT;
use crate::{
    entity::{kind::Kind, member},
    fault::Fault,
    loader::{
        batch::Batch,
        cursor::{Cursor, Value},
        limits::PAGE,
        query::{Query, Uncounted, Window},
        rest::{Broken, ListRequest, Reads},
        source::{Source, with_names},
        store::{Position, Rows},
        trace::{Cause, Origin},
    },
    upstream::{
        marketplace::{host::Feature, membership::Family, relation::ParentKey},
        select::Select,
    },
};
use futures::future::try_join_all;
use std::{cmp::Ordering, ops::Range, sync::Arc};

/// How many accounts one list may be put together from.
const MAX_ACCOUNTS: usize = 100;

const OF_USERS: &str = "Finds out in which accounts these users are, below which their memberships are listed.";

const CONDITION_MISSING: &str = "This host lists memberships by account only: add a filter on account or user, such as \
                                 {account: {id: {eq: …}}}.";
const ORDER_IMPOSSIBLE: &str = "This host lists memberships by account only, so memberships of several accounts have one \
                                order: leave orderBy out, or filter by one account.";

/// Refuses an order that no list of several accounts has: they are put together one after the other.
fn check_order(query: &Query) -> Result<(), Arc<Fault>> {
    let all = Query::all_of(query.rows, ParentKey::Reference("account"), Kind::Account);
    // The whole order, since of one that begins with users nothing can be put together.
    if query.order_keys() == all.order_keys() {
        return Ok(());
    }
    Err(Arc::new(Fault::bad_user_input(ORDER_IMPOSSIBLE)))
}

/// What a query with cursors wants of the members of one account; none when nothing of it lies between the cursors.
fn within(query: &Query, account: &str) -> Option<Query> {
    let Some(("account.id", descending)) = query.order_keys().first().copied() else { return Some(query.clone()) };
    // How the account of a cursor stands to this one in the order of the list.
    let stands = |cursor: &Arc<Cursor>| match cursor.values.first() {
        Some(Value::Text(held)) if descending => account.cmp(held),
        Some(Value::Text(held)) => (**held).cmp(account),
        _ => Ordering::Equal,
    };
    let mut within = query.clone();
    match query.after.as_ref().map(stands) {
        Some(Ordering::Greater) => return None,
        Some(Ordering::Less) => within.after = None,
        _ => {}
    }
    match query.before.as_ref().map(stands) {
        Some(Ordering::Less) => return None,
        Some(Ordering::Greater) => within.before = None,
        _ => {}
    }
    Some(within)
}

impl Batch {
    /// A root list: put together from the lists below the accounts that its conditions name, or in which the users are that
    /// its conditions name.
    pub(super) async fn root_list(
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
            [account] if query.seeks() => {
                let Some(within) = within(query, account) else {
                    return Ok(Rows { total: Some(0), ..Rows::default() });
                };
                self.members_of(&within, family, account, select, origins).await
            }
            [account] => {
                let source = Source::Members { family, account };
                self.below_parent(source, window(source).await).await
            }
            _ if query.seeks() => Box::pin(self.chain_from(query, family, &accounts, select, origins)).await,
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
                let listing = ListRequest {
                    kind: Kind::AccountUser,
                    source,
                    filter: None,
                    select: &select,
                    order,
                    cause,
                    rows: None,
                    unsure: false,
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

    /// A window of the members of one account.
    async fn members_of(
        &self,
        query: &Query,
        family: Family,
        account: &str,
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Rows, Arc<Fault>> {
        let cause = Cause { nested: &[], origins, keys: None, reason: Some(OF_ACCOUNT) };
        let source = Source::Members { family, account };
        self.below_parent(source, self.window(query, source, None, select, cause).await).await
    }

    /// The page behind or before a cursor in the lists of several accounts: one list after the other, from the one that the
    /// cursor is in, until the page is full.
    async fn chain_from(
        &self,
        query: &Query,
        family: Family,
        accounts: &[String],
        select: &Arc<Select>,
        origins: &[Origin],
    ) -> Result<Rows, Arc<Fault>> {
        check_order(query)?;
        let backward = query.is_backward();
        let take = match query.window {
            Window::Forward { take, .. } | Window::Backward { take } => take,
            Window::All => usize::MAX,
        };
        let mut lists: Vec<(&String, Query)> =
            accounts.iter().filter_map(|account| Some((account, within(query, account)?))).collect();
        if backward {
            lists.reverse();
        }
        let (mut rows, mut places, mut more, mut by_offset) = (vec![], vec![], false, false);
        for (account, within) in lists {
            let left = take - rows.len();
            if more || (left == 0 && !query.uncounted.next) {
                break;
            }
            // Whether anything comes behind a full page, its first row tells.
            let asked = left.max(1);
            let window =
                if backward { Window::Backward { take: asked } } else { Window::Forward { skip: 0, take: asked } };
            let uncounted = Uncounted { total: false, ..query.uncounted };
            let within = Query { window, uncounted, ..within };
            let found = self.members_of(&within, family, account, select, origins).await?;
            if left == 0 {
                more = !found.rows.is_empty();
                continue;
            }
            more = if backward { found.has_previous() } else { found.has_next() };
            by_offset |= found.position.as_ref().is_some_and(|position| position.by_offset);
            let here: Vec<i64> = (0..found.rows.len()).map(|index| found.place(index)).collect();
            let at = if backward { 0 } else { rows.len() };
            rows.splice(at..at, found.rows);
            places.splice(at..at, here);
        }
        let mut total = None;
        if query.uncounted.total {
            let all = Query { after: None, before: None, wants_rows: false, ..query.clone() };
            let counts = accounts.iter().map(|account| self.members_of(&all, family, account, select, origins));
            total = try_join_all(counts).await?.into_iter().map(|rows| rows.total).sum();
        }
        let (after, before) = (query.after.is_some(), query.before.is_some());
        let (previous, next) = if backward { (more || after, before) } else { (after, more || before) };
        let (shown, position) = (rows.len(), Some(Position { places, previous, next, by_offset, seen: false }));
        Ok(Rows { rows, total, shown, position, ..Rows::default() })
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
        check_order(query)?;
        let mut reads = Reads::first();
        loop {
            let cause = reads.cause(Cause { nested: &[], origins, keys: None, reason: Some(OF_ACCOUNT) });
            let read = self.chain_once(query, family, accounts, select, cause).await;
            if let Some(rows) = reads.judge(read) {
                return rows;
            }
            for account in accounts {
                self.rest().ask_afresh(&Source::Members { family, account }.path(query.rows));
            }
        }
    }

    async fn chain_once(
        &self,
        query: &Query,
        family: Family,
        accounts: &[String],
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Rows, Broken> {
        let ask = async |account: &str, skip: usize, take: usize| {
            let listing = ListRequest {
                kind: Kind::AccountUser,
                source: Source::Members { family, account },
                filter: query.filter.as_ref(),
                select,
                order: "user.id",
                cause,
                rows: None,
                unsure: false,
            };
            let list = self.rest().list(self.shared_store(), &listing, skip, Some(take)).await;
            let rows = list.map(|list| Rows { rows: list.rows, total: list.total, ..Rows::default() });
            self.below_parent(Source::Members { family, account }, rows).await
        };
        let guess = match query.window {
            _ if !query.wants_rows => 0,
            Window::All => PAGE,
            Window::Forward { skip, take } => skip.saturating_add(take).min(PAGE),
            Window::Backward { .. } => 0,
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
        let (mut parts, mut places) = (vec![], vec![]);
        for ((account, first), size) in accounts.iter().zip(firsts).zip(totals) {
            let (from, to) = (start.max(before) - before, end.clamp(before, before + size) - before);
            before += size;
            if from >= to || !query.wants_rows {
                continue;
            }
            // The position of a row is one in the list of its account.
            places.extend((from..to).map(|place| i64::try_from(place).unwrap_or(i64::MAX)));
            parts.push((account, first, from..to, size));
        }
        let rows = parts.into_iter().map(async |(account, first, part, size): (&String, Rows, Range<usize>, usize)| {
            if part.end <= first.rows.len() {
                return Ok(first.rows[part].to_vec());
            }
            let rows = ask(account, part.start, part.len()).await?;
            if rows.total.is_some_and(|again| again != size) || rows.rows.len() != part.len() {
                return Err(Broken::COUNTED);
            }
            Ok(rows.rows)
        });
        let rows = try_join_all(rows).await?.concat();
        let shown = if query.wants_rows { rows.len() } else { end - start };
        let position = Position { places, previous: start.min(total) > 0, next: end < total, ..Position::default() };
        Ok(Rows { shown, rows, total: Some(total), skipped: start, position: Some(position), ..Rows::default() })
    }
}
