//! Which routes a host has: found out by asking collections, once per host, when somebody needs to know.
//!
//! What is sent for that is counted and explained like any other request, but it is no part of an operation's bounds.

use super::RestClient;
use crate::{
    entity::{
        kind::{Kind, Upstream},
        tape::{Json, ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    loader::{
        source::Source,
        trace::{Call, Cause},
    },
    upstream::{
        credentials::Credentials,
        marketplace::{
            host::{Feature, Finding, Host},
            membership::Family,
        },
    },
};
use std::sync::{Arc, atomic::Ordering};

const ROUTES: &str = "Finds out which routes the host has. Asked once per host, not by each operation.";
const MEMBERS: &str =
    "Finds out whether members who are only invited stand in the users of their groups. Asked once per host.";

const COLLECTION: &str =
    "One entity was answered 404: finds out whether its collection is there, or the base address is wrong.";

const PARENT: &str = "A list below it was answered 404: finds out whether it is there, or the route is not.";

/// What a collection that was asked for one row says of its route.
enum Probed {
    /// It is there, and this is its answer.
    There(Arc<Tape>),
    /// It is not.
    Missing,
    /// It is there, and closed to the caller.
    Closed,
    /// Nobody can tell for now.
    Unclear,
}

impl RestClient {
    /// Asks a host of which this much is known.
    #[must_use]
    pub fn on(self, host: Arc<Host>) -> Self {
        RestClient { host, ..self }
    }

    /// What is known of the host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Who asks, as far as the accounts API knows it.
    #[must_use]
    pub fn caller(&self) -> &Credentials {
        &self.credentials
    }

    /// The family of routes to read memberships by.
    ///
    /// # Errors
    ///
    /// When the host has none that may be chosen, or is not the API at all.
    pub async fn family(&self) -> Result<Family, Arc<Fault>> {
        if let Some(family) = self.host.routes().family() {
            return Ok(family);
        }
        if !self.host.noted(Finding::AccountUsersClosed, &self.credentials) && self.has_account_users().await? {
            return Ok(Family::AccountUsers);
        }
        if self.host.just_lost(Feature::AccountMembers) {
            return Err(Arc::new(Fault::route_missing(Family::Accounts.template())));
        }
        Ok(Family::Accounts)
    }

    /// The family of routes to write memberships by: the current form wherever the host has it.
    ///
    /// # Errors
    ///
    /// As [`RestClient::family`].
    pub async fn writing_family(&self) -> Result<Family, Arc<Fault>> {
        let family = self.family().await?;
        if self.host.routes().family().is_some() || family == Family::Accounts {
            return Ok(family);
        }
        let there = self.has(Feature::AccountMembers).await?;
        Ok(if there == Some(true) { Family::Accounts } else { family })
    }

    /// Whether the flat collection is there and open to the caller.
    async fn has_account_users(&self) -> Result<bool, Arc<Fault>> {
        if let Some(known) = self.host.knows(Feature::AccountUsers) {
            return Ok(known == Some(true));
        }
        let _turn = self.host.turn_to_ask().await;
        if let Some(known) = self.host.knows(Feature::AccountUsers) {
            return Ok(known == Some(true));
        }
        match self.one_of("account-users", ROUTES).await? {
            Probed::There(_) => self.host.learn(Feature::AccountUsers, Some(true)),
            Probed::Missing => self.host.learn(Feature::AccountUsers, Some(false)),
            Probed::Closed => {
                self.host.note(Finding::AccountUsersClosed, &self.credentials);
                return Ok(false);
            }
            Probed::Unclear => self.host.keep_for_now(Feature::AccountUsers),
        }
        Ok(self.host.has(Feature::AccountUsers) == Some(true))
    }

    /// Whether a route below accounts or users is there; none when that could not be found out.
    ///
    /// # Errors
    ///
    /// When the host is not the API at all.
    pub async fn has(&self, feature: Feature) -> Result<Option<bool>, Arc<Fault>> {
        let known = || {
            let untold =
                feature == Feature::InvitedInGroups && self.host.noted(Finding::InvitedUntold, &self.credentials);
            self.host.knows(feature).or(untold.then_some(None))
        };
        if let Some(known) = known() {
            return Ok(known);
        }
        let _turn = self.host.turn_to_ask().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let parents = match feature {
            Feature::AccountUsers => return Ok(None),
            Feature::AccountMembers => "accounts",
            Feature::UserAccounts => "users",
            Feature::InvitedInGroups => return Ok(self.are_invited_in_groups().await),
        };
        let Probed::There(tape) = self.one_of(parents, ROUTES).await? else { return Ok(None) };
        let Some(parent) = first_id(&tape) else { return Ok(None) };
        let below = match feature {
            Feature::AccountMembers => Family::Accounts.collection(&parent),
            _ => Source::UserAccounts { user: &parent }.path(Kind::AccountUser),
        };
        match self.one_of(&below, ROUTES).await? {
            Probed::There(_) | Probed::Closed => self.host.learn(feature, Some(true)),
            Probed::Missing => self.host.learn(feature, Some(false)),
            Probed::Unclear => return Ok(None),
        }
        Ok(self.host.has(feature))
    }

    /// Whether members who are only invited stand in the users of their groups: somebody who is nowhere more than invited
    /// is looked for among the users of groups. One who is found shows it of the host. One who is not found, or cannot be
    /// looked for, shows nothing of other callers, who may see more.
    async fn are_invited_in_groups(&self) -> Option<bool> {
        if self.finds_invited_in_group().await {
            self.host.learn(Feature::InvitedInGroups, Some(true));
            return Some(true);
        }
        self.host.note(Finding::InvitedUntold, &self.credentials);
        None
    }

    async fn finds_invited_in_group(&self) -> bool {
        let invited = "users?eq(status,%22Invited%22)&select=-*,id&order=id&limit=1";
        let Ok(Probed::There(tape)) = self.look(invited, MEMBERS).await else { return false };
        let Some(user) = first_id(&tape) else { return false };
        let path = format!("user-groups?any(users,eq(id,%22{user}%22))&select=-*,id&order=id&limit=1");
        let Ok(Probed::There(tape)) = self.look(&path, MEMBERS).await else { return false };
        first_id(&tape).is_some()
    }

    /// Whether a collection shows an object to the caller. Asked whenever a list below it is answered 404, so it is part of an
    /// operation's bounds.
    ///
    /// # Errors
    ///
    /// When that cannot be told.
    pub(in crate::loader) async fn shows(&self, collection: &str, id: &str) -> Result<bool, Arc<Fault>> {
        let path = format!("{collection}?eq(id,%22{id}%22)&select=-*,id&order=id&limit=1");
        let kind = if collection == Kind::User.collection() { Kind::User } else { Kind::Account };
        let tape = self.ask(&path, PARENT).await.map_err(|fault| self.missing_collection(kind, fault))?;
        check_list(&tape)?;
        self.note_there(kind);
        let rows = tape.get(ROOT, "data").map_or(0, |data| tape.items(data).count());
        match first_id(&tape) {
            Some(found) if found == id => Ok(true),
            None if rows == 0 => Ok(false),
            _ => {
                Err(Arc::new(Fault::invalid("The accounts API answered with something else than what was asked for.")))
            }
        }
    }

    /// Remembers that a collection of the accounts API is there.
    pub(super) fn note_there(&self, kind: Kind) {
        let (there, now) = (&self.dialect.there, self.dialect.clock.now());
        if !there.holds(kind.collection(), now) {
            there.note(kind.collection(), now);
        }
    }

    /// Whether the collection of a kind is there, of which one entity was answered 404: with a wrong base address every
    /// route answers so, and nothing is known of the entity. Asked once per host, and no part of an operation's bounds.
    ///
    /// # Errors
    ///
    /// That it is not there, or why that cannot be told.
    pub async fn check_exists(&self, kind: Kind) -> Result<(), Arc<Fault>> {
        let known = || self.dialect.there.holds(kind.collection(), self.dialect.clock.now());
        if known() {
            return Ok(());
        }
        let _turn = self.host.turn_to_ask().await;
        if known() {
            return Ok(());
        }
        let collection = kind.collection();
        let short = self.ask(&format!("{collection}?select=-*,id&order=id&limit=1"), COLLECTION).await;
        let answer = match short {
            // Some collections refuse `-*`.
            Err(fault) if fault.kind() == FaultKind::Rejected => {
                self.ask(&format!("{collection}?limit=1"), COLLECTION).await
            }
            other => other,
        };
        match answer {
            Ok(tape) => check_list(&tape)?,
            // It is there, and closed to the caller.
            Err(fault) if fault.closed_to_role() => {}
            Err(fault) => return Err(self.missing_collection(kind, fault)),
        }
        self.note_there(kind);
        Ok(())
    }

    /// Asks a collection for one row.
    async fn one_of(&self, collection: &str, reason: &'static str) -> Result<Probed, Arc<Fault>> {
        let short = self.look(&format!("{collection}?select=-*,id&order=id&limit=1"), reason).await;
        match short {
            // Some collections refuse `-*`.
            Err(fault) if fault.kind() == FaultKind::Rejected => {
                self.look(&format!("{collection}?limit=1"), reason).await
            }
            other => other,
        }
    }

    async fn look(&self, path: &str, reason: &'static str) -> Result<Probed, Arc<Fault>> {
        if let Some(trace) = &self.trace {
            trace.begin_round();
        }
        match self.ask(path, reason).await {
            Ok(tape) => check_list(&tape).map(|()| Probed::There(tape)),
            Err(fault) => match fault.kind() {
                FaultKind::NotFound | FaultKind::RouteMissing => Ok(Probed::Missing),
                FaultKind::Forbidden if fault.closed_to_role() => Ok(Probed::Closed),
                FaultKind::Rejected => Err(fault),
                _ => Ok(Probed::Unclear),
            },
        }
    }

    async fn ask(&self, path: &str, reason: &'static str) -> Result<Arc<Tape>, Arc<Fault>> {
        let call = Call::get(format!("{}{path}", Upstream::Accounts.root()));
        let cause = Cause { origins: &[], keys: None, reason: Some(reason), nested: &[] };
        let send = async || {
            self.sent.add();
            self.exchange((&self.client, &self.credentials), &call, cause).await
        };
        self.once(&call, cause, send).await
    }

    /// What it means that a list was refused. A collection answers 404 for lack of a route, never for lack of rows.
    pub(super) fn no_list(&self, source: Source<'_>, kind: Kind, fault: Arc<Fault>) -> Arc<Fault> {
        let denied = matches!(fault.kind(), FaultKind::NotFound | FaultKind::RouteMissing);
        match source {
            Source::AccountUsers if denied => self.host.learn(Feature::AccountUsers, Some(false)),
            Source::Collection => return self.missing_collection(kind, fault),
            // Below a parent, a problem document may be about the parent.
            Source::Members { .. } | Source::UserAccounts { .. } if fault.kind() == FaultKind::RouteMissing => {}
            _ => return fault,
        }
        let trace_id = fault.trace_id().map(str::to_owned);
        Arc::new(Fault::route_missing(source.template(kind)).with_trace_id(trace_id))
    }
}

fn check_list(tape: &Tape) -> Result<(), Arc<Fault>> {
    if tape.get(ROOT, "data").map(|data| tape.kind(data)) == Some(Json::List) {
        return Ok(());
    }
    let message = "The accounts API answered a list with something else: is the base address right?";
    Err(Arc::new(Fault::invalid(message)))
}

/// The id of a list's first row.
fn first_id(tape: &Tape) -> Option<String> {
    let row = tape.items(tape.get(ROOT, "data")?).next()?;
    let id = tape.plain(tape.get(row, "id")?)?;
    Kind::of_id(id).map(|_| id.to_owned())
}

impl super::SentCounter {
    /// Counts one more, whatever the budget.
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
