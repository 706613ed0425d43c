//! What memberships cost where the host has no flat collection of them (`loader::memberships`): a list below each account or
//! user instead of one request for many.

use super::{Amount, Asked, CostEstimator, CostInput, PlannedRequest, ask::of_parents, later, recounts, taken, tries};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    loader::{
        limits::PAGE,
        memberships::{
            fields_of_groups,
            of_members::{self, MOST_HOLDERS, OfMembers},
            tells_memberships,
        },
        query::{Query, Window},
        rest::pages_of,
    },
    upstream::marketplace::{host::RouteState, membership::Family, relation::ParentKey},
};

/// What a list below a user tells of a membership.
const OF_USER: [&str; 5] = ["user", "account", "invitation", "favorite", "audit"];

impl CostInput<'_> {
    /// Whether memberships are listed below accounts and users.
    pub(super) fn lists_below(&self) -> bool {
        self.routes.family != Family::AccountUsers
    }
}

/// Whether a query is for memberships of users.
fn is_of_users(query: &Query) -> bool {
    query.rows == Kind::AccountUser && matches!(query.by, Some((ParentKey::Reference("user"), _)))
}

impl CostEstimator<'_> {
    fn fields(&self, names: &[&str]) -> FieldSet {
        let object = self.basis.model.kind(Kind::AccountUser);
        let places = names.iter().filter_map(|name| object.by_name.get(*name));
        places.fold(FieldSet::NONE, |all, place| all.union(FieldSet::single(*place)))
    }

    /// What all who ask for the memberships of users want of them.
    fn wanted_of(&self, query: u32) -> FieldSet {
        self.askers.get(&query).map_or(FieldSet::NONE, |askers| askers.all)
    }

    /// Whether a query for the memberships of users may be refused: a list below a user does not take all conditions, and
    /// groups take none.
    pub(super) fn is_refusable(&self, query: &Query) -> bool {
        self.basis.lists_below() && is_of_users(query) && !tells_memberships(query)
    }

    /// Whether the memberships of users are read off groups: where these tell all that is wanted, and where nothing else
    /// tells it for a user.
    fn is_off_groups(&self, query: u32) -> bool {
        let RouteState { groups_tell_members, lists_accounts_of_users, .. } = self.basis.routes;
        let plain = tells_memberships(self.basis.table.get(query));
        plain && groups_tell_members && (!lists_accounts_of_users || self.groups_tell_all(query))
    }

    fn groups_tell_all(&self, query: u32) -> bool {
        fields_of_groups(self.basis.model).is_superset(self.wanted_of(query))
    }

    /// Whether what a query for memberships tells may be there a round later than its rows.
    pub(super) fn comes_later(&self, query: u32) -> bool {
        let of_users = self.basis.lists_below() && is_of_users(self.basis.table.get(query));
        of_users && !(self.is_off_groups(query) && self.groups_tell_all(query))
    }

    /// What the rows of a query do not tell although it was asked of them: of memberships, whether the account is a favorite,
    /// which only a list below a user tells.
    pub(super) fn untold_by_rows(&self, query: Option<u32>) -> FieldSet {
        let listed = self.basis.lists_below() && self.basis.routes.lists_accounts_of_users;
        let told = |query: &Query| query.rows != Kind::AccountUser || listed && is_of_users(query);
        match query.map(|query| self.basis.table.get(query)) {
            Some(query) if !told(query) => self.fields(&["favorite"]),
            _ => FieldSet::NONE,
        }
    }

    /// What has to be asked of memberships by id, since the list below a user does not tell it.
    pub(super) fn behind(&self, ask: &PlannedRequest) -> Option<PlannedRequest> {
        let Asked::Rows(query) = ask.asked else { return None };
        let told = if self.is_off_groups(query) { fields_of_groups(self.basis.model) } else { self.fields(&OF_USER) };
        let untold = self.wanted_of(query).difference(told);
        if !self.comes_later(query) || untold.is_empty() {
            return None;
        }
        let each = self.basis.sizes.list(Kind::User, "accountUsers");
        let asked = Asked::ById(Kind::AccountUser, untold.0, 0);
        let count = ask.count.saturating_mul(each);
        Some(PlannedRequest {
            asked,
            ids: vec![],
            count,
            rounds: later(ask.rounds, 1),
            most: Amount::default(),
            ..ask.clone()
        })
    }

    /// Memberships by their ids: a request for each account, and for whether it is a favorite one for each user. Of those that
    /// the document names, account and user need not be there, which is then asked of their collections.
    pub(super) fn members_by_id(&self, count: usize, spread: usize, fields: u64, named: bool) -> Amount {
        let favorite = FieldSet(fields).intersection(self.fields(&["favorite"]));
        let of = |kind| (count.min(self.met(kind)).saturating_mul(spread + 1) + count.div_ceil(PAGE)).min(count);
        let asked_after = if named { 2 } else { 1 };
        let favorites = if favorite.is_empty() { 0 } else { of(Kind::User).saturating_mul(asked_after) };
        let entities = if favorite.is_empty() { count } else { count.saturating_mul(2) };
        let chunks = (count.div_ceil(PAGE) + spread).min(count);
        let members = if self.basis.lists_below() { of(Kind::Account) } else { chunks };
        let checks = if named && self.basis.lists_below() { of(Kind::Account) } else { 0 };
        Amount { requests: members.saturating_add(favorites).saturating_add(checks), entities }
    }

    /// The rows of a query for memberships.
    pub(super) fn memberships(
        &self,
        ask: &PlannedRequest,
        place: u32,
        (count, spread, size): (usize, usize, usize),
    ) -> Amount {
        let query = self.basis.table.get(place);
        // A count takes one row.
        let rows = if query.wants_rows { taken(query).unwrap_or(size).min(size.max(PAGE)).max(1) } else { 1 };
        let pages = if query.window == Window::All { pages_of(size, PAGE) } else { tries(query) + recounts(query) };
        // Where root fields name parents, these may not be there: whether that is so is asked of their own collection.
        let checks = |kind: Kind| count.min(self.named[kind as usize]);
        match query.by {
            None => self.root_members(query, rows),
            Some((ParentKey::Reference("user"), _)) if self.is_off_groups(place) => {
                self.groups_of(Kind::User, count, spread)
            }
            Some((ParentKey::Reference("account"), _)) => {
                // Groups of accounts are fewer than their members, but all of them come.
                let groups = self.basis.sizes.list(Kind::Account, "groups");
                let each = rows.saturating_mul(pages).max(if count > 1 { groups } else { 0 });
                // One account alone is asked for its list. Those that root fields name may not be there, which is asked of
                // the accounts.
                let requests = if count > 1 && ask.off_groups && self.basis.routes.groups_tell_members {
                    self.groups_of(Kind::Account, count, spread)
                        .requests
                        .max(pages.saturating_mul(count.min(spread + 1)))
                } else {
                    count.saturating_mul(pages).saturating_add(checks(Kind::Account))
                };
                Amount { requests, entities: count.saturating_mul(each) }
            }
            Some((ParentKey::Collection(_), _)) => {
                let chunks = (count.div_ceil(PAGE) + spread).min(count);
                let requests = chunks + count.saturating_mul(pages + 1);
                let entities = count.saturating_add(count.saturating_mul(size.max(rows).saturating_mul(pages + 1)));
                Amount { requests, entities }
            }
            Some(_) => {
                let requests = count.saturating_mul(pages).saturating_add(checks(Kind::User));
                Amount { requests, entities: count.saturating_mul(rows.max(size).saturating_add(pages - 1)) }
            }
        }
    }

    /// What it takes to find out for which users the conditions hold that memberships tell: the groups or accounts, then the
    /// memberships in them.
    pub(super) fn found_by_members(&self, ask: &PlannedRequest, query: &Query) -> Amount {
        let one = |condition: OfMembers<'_>| {
            let (holders, found) = match condition.named() {
                Some(named) => (named.len(), Amount::default()),
                None => (MOST_HOLDERS, Amount { requests: 1, entities: MOST_HOLDERS + 1 }),
            };
            let Some(place) = of_members::memberships_of(condition.kind) else { return found };
            found.and(self.members_of(ask, place, (condition.kind, holders)))
        };
        of_members::conditions(query).into_iter().map(one).fold(Amount::default(), Amount::and)
    }

    /// What it takes to find out who is in the groups that hold each of some parents: the groups, then the memberships in
    /// them.
    pub(super) fn found_by_groups(&self, ask: &PlannedRequest, parents: usize) -> Amount {
        let groups = Amount { requests: parents, entities: parents.saturating_mul(MOST_HOLDERS + 1) };
        let Some(place) = of_members::memberships_of(Kind::Group) else { return groups };
        let holders = parents.saturating_mul(MOST_HOLDERS).min(self.met(Kind::Group));
        groups.and(self.members_of(ask, place, (Kind::Group, holders)))
    }

    /// The memberships in so many groups or accounts.
    fn members_of(&self, ask: &PlannedRequest, place: u32, (kind, holders): (Kind, usize)) -> Amount {
        let size = self.basis.sizes.list(kind, "accountUsers");
        if !self.basis.lists_below() {
            return of_parents(self.basis.table.get(place), holders, 0, size, usize::MAX);
        }
        let members = self.memberships(ask, place, (holders, 0, size));
        // Below accounts that are not there, nobody is listed: their own collection is asked.
        let checks = if kind == Kind::Account { holders } else { 0 };
        Amount { requests: members.requests.saturating_add(checks), ..members }
    }

    /// The groups of so many users or accounts, pages of them for each hundred.
    fn groups_of(&self, kind: Kind, count: usize, spread: usize) -> Amount {
        let groups = self.basis.sizes.list(kind, "groups");
        let total = count.saturating_mul(groups).min(self.met(Kind::Group).saturating_mul(spread + 1));
        let chunks = (count.div_ceil(PAGE) + spread).min(count);
        let requests = (pages_of(total, PAGE) + chunks).saturating_sub(1).max(chunks);
        // Each page but the first repeats a row.
        Amount { requests, entities: total.saturating_add(requests - chunks) }
    }

    /// A root list: the lists below the accounts that the filter names, or in which the users are that it names.
    fn root_members(&self, query: &Query, rows: usize) -> Amount {
        let limits = |path: &str| query.filter.as_ref().and_then(|filter| Some(filter.limits(path)?.len()));
        let (found, accounts) = match (limits("account.id"), limits("user.id")) {
            (Some(accounts), _) => (Amount { requests: accounts, entities: 0 }, accounts),
            (None, Some(users)) => {
                let accounts = users.saturating_mul(self.basis.sizes.list(Kind::User, "accounts"));
                let groups = users.saturating_mul(self.basis.sizes.list(Kind::User, "groups"));
                let pages = pages_of(groups, PAGE);
                let requests = if self.basis.routes.groups_tell_members { pages } else { users };
                (Amount { requests, entities: groups.saturating_add(pages - 1).max(accounts) }, accounts)
            }
            // It is refused.
            (None, None) => return Amount { requests: 1, entities: 0 },
        };
        let lists = if accounts > 1 { accounts.saturating_mul(2) } else { accounts * (tries(query) + recounts(query)) };
        let rows = rows.saturating_mul(if accounts > 1 { accounts + 1 } else { tries(query) + recounts(query) });
        Amount { requests: found.requests.saturating_add(lists), entities: found.entities.saturating_add(rows) }
    }
}
