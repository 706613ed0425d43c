//! What one host turned out to speak: which routes it has, and whether members that are only invited stand in the users of
//! a group. All of it is learned from collections, never from the absence of one row, and forgotten after some minutes,
//! since hosts are upgraded (`accounts-api-v5.md` section 1.2).

use super::membership::{Family, MembershipRoutes};
use crate::upstream::{credentials::Credentials, memory::Clock};
use foldhash::fast::RandomState;
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How soon something is tried again that is needed: the last way to memberships after it was found missing, and what could
/// not be told.
const RETRY: Duration = Duration::from_secs(30);

/// How many findings about callers are remembered.
const MAX_CALLERS: usize = 1024;

/// Something that a host has or does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// The flat collection of memberships.
    AccountUsers,
    /// Memberships below their account.
    AccountMembers,
    /// The accounts of a user, with what the user is in each.
    UserAccounts,
    /// Members who are only invited, among the users of a group.
    InvitedInGroups,
}

impl Feature {
    const ALL: [Feature; 4] =
        [Feature::AccountUsers, Feature::AccountMembers, Feature::UserAccounts, Feature::InvitedInGroups];

    /// The feature in words, for the log.
    const fn name(self) -> &'static str {
        match self {
            Feature::AccountUsers => "the route /account-users",
            Feature::AccountMembers => "the route /accounts/{accountId}/users",
            Feature::UserAccounts => "the route /users/{userId}/accounts",
            Feature::InvitedInGroups => "invited members among the users of their groups",
        }
    }
}

/// Something that holds for one caller alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The flat collection of memberships is there, but closed.
    AccountUsersClosed,
    /// The collection of modules is there, but closed.
    ModulesClosed,
    /// The accounts of a user whom the caller sees were answered 404.
    UserAccountsMissing,
    /// Nobody is to be seen who could tell whether invited members stand in groups, or such a one stands in none that is to
    /// be seen.
    InvitedUntold,
}

/// What is known of one host. Shared by all operations.
#[derive(Debug, Default)]
pub struct Host {
    routes: MembershipRoutes,
    clock: Clock,
    state: Mutex<State>,
    /// Held while something is found out: whoever needs it at the same time waits for the answer instead of asking.
    asking: tokio::sync::Mutex<()>,
    callers: RandomState,
}

#[derive(Debug, Default)]
struct State {
    learned: [Option<Learned>; Feature::ALL.len()],
    /// What holds for single callers, and since when.
    of_callers: HashMap<(Finding, u64), Instant, RandomState>,
}

/// Whether a host has something; nothing where that could not be told. And when that was seen.
#[derive(Debug, Clone, Copy)]
struct Learned {
    has: Option<bool>,
    at: Instant,
}

impl Host {
    /// A host of which nothing is known but what the setting says.
    #[must_use]
    pub fn new(routes: MembershipRoutes, clock: Clock) -> Self {
        Host { routes, clock, ..Host::default() }
    }

    /// What the setting says.
    #[must_use]
    pub fn routes(&self) -> MembershipRoutes {
        self.routes
    }

    /// Whether the host has something: none when nobody asked lately, none inside when that could not be told.
    #[must_use]
    pub fn knows(&self, feature: Feature) -> Option<Option<bool>> {
        let learned = self.state().learned[feature as usize]?;
        (self.clock.now().saturating_duration_since(learned.at) < self.clock.remembered()).then_some(learned.has)
    }

    /// Whether the host is known to have something.
    #[must_use]
    pub fn has(&self, feature: Feature) -> Option<bool> {
        self.knows(feature).flatten()
    }

    /// Whether something was found missing just now. Where there is no other way, it is asked for again soon: a proxy that
    /// answers 404 for a moment must not take memberships away for minutes.
    #[must_use]
    pub fn just_lost(&self, feature: Feature) -> bool {
        let learned = self.state().learned[feature as usize];
        let now = self.clock.now();
        learned.is_some_and(|learned| learned.has == Some(false) && now.saturating_duration_since(learned.at) < RETRY)
    }

    /// Notes whether the host has something; none when that cannot be told for now.
    pub fn learn(&self, feature: Feature, has: Option<bool>) {
        let at = self.clock.now();
        let before =
            self.state().learned[feature as usize].replace(Learned { has, at }).and_then(|learned| learned.has);
        if let Some(has) = has.filter(|has| before != Some(*has)) {
            let verb = if has { "has" } else { "does not have" };
            tracing::info!(feature = feature.name(), has, "The accounts API {verb} {}.", feature.name());
        }
    }

    /// Notes something that holds for one caller alone.
    pub fn note(&self, finding: Finding, caller: &Credentials) {
        let (key, now) = ((finding, self.key(caller)), self.clock.now());
        let mut state = self.state();
        if state.of_callers.len() >= MAX_CALLERS {
            state.of_callers.retain(|_, at| now.saturating_duration_since(*at) < self.clock.remembered());
        }
        if state.of_callers.len() >= MAX_CALLERS
            && let Some(oldest) = state.of_callers.iter().min_by_key(|(_, at)| **at).map(|(key, _)| *key)
        {
            state.of_callers.remove(&oldest);
        }
        state.of_callers.insert(key, now);
    }

    /// Whether something was noted of a caller lately.
    #[must_use]
    pub fn noted(&self, finding: Finding, caller: &Credentials) -> bool {
        let now = self.clock.now();
        let at = self.state().of_callers.get(&(finding, self.key(caller))).copied();
        at.is_some_and(|at| now.saturating_duration_since(at) < self.clock.remembered())
    }

    /// Notes that something could not be told just now: it is not asked again at once, and what was known before is believed.
    pub fn keep_for_now(&self, feature: Feature) {
        let now = self.clock.now();
        let at = now.checked_sub(self.clock.remembered().saturating_sub(RETRY)).unwrap_or(now);
        let learned = &mut self.state().learned[feature as usize];
        let has = learned.and_then(|learned| learned.has);
        *learned = Some(Learned { has, at });
    }

    /// The family that reads are taken to speak, as far as that is known without asking: for bounds and plans.
    fn assumed(&self, caller: &Credentials) -> Family {
        let open = || !self.noted(Finding::AccountUsersClosed, caller);
        match self.routes.family() {
            Some(family) => family,
            None if self.has(Feature::AccountUsers) == Some(true) && open() => Family::AccountUsers,
            None => Family::Accounts,
        }
    }

    /// Whether memberships are taken to be read off the groups of accounts and users: as long as nobody asked, yes.
    fn groups_tell_members(&self, caller: &Credentials) -> bool {
        self.has(Feature::InvitedInGroups) == Some(true) || !self.noted(Finding::InvitedUntold, caller)
    }

    /// Whether the accounts of a user are asked for, with what the user is in each.
    #[must_use]
    pub fn lists_accounts_of_users(&self, caller: &Credentials) -> bool {
        self.has(Feature::UserAccounts) != Some(false) && !self.noted(Finding::UserAccountsMissing, caller)
    }

    /// What the bounds of a caller's operations depend on: they are computed anew when it changes.
    #[must_use]
    pub fn state_of_routes(&self, caller: &Credentials) -> RouteState {
        RouteState {
            family: self.assumed(caller),
            groups_tell_members: self.groups_tell_members(caller),
            lists_accounts_of_users: self.lists_accounts_of_users(caller),
        }
    }

    /// Waits until nobody else asks.
    pub async fn turn_to_ask(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.asking.lock().await
    }

    fn key(&self, caller: &Credentials) -> u64 {
        let mut hasher = self.callers.build_hasher();
        caller.hash_caller_into(&mut hasher);
        hasher.finish()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change leaves it consistent, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What bounds and plans assume of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteState {
    /// By which routes memberships are read.
    pub family: Family,
    /// Whether members are read off groups, where that takes fewer requests.
    pub groups_tell_members: bool,
    /// Whether there is a list of the accounts of a user.
    pub lists_accounts_of_users: bool,
}

impl RouteState {
    /// How many states make a difference for what an operation costs.
    pub const STATES: usize = 5;

    /// The number of the state: the flat collection tells everything, so nothing else need.
    #[must_use]
    pub const fn number(self) -> usize {
        match (self.family, self.groups_tell_members, self.lists_accounts_of_users) {
            (Family::AccountUsers, ..) => 0,
            (_, true, true) => 1,
            (_, false, true) => 2,
            (_, true, false) => 3,
            (_, false, false) => 4,
        }
    }
}
