//! Who is meant by a membership, and by which family of routes it is changed.

use super::{Change, Operation, REVISION, ROUTE, Stop, WHO};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        member,
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    graph::schema::mutation::declared::{Body, MutationDef, ResultKind},
    loader::{
        memberships::{member_at, told_account, told_member},
        store::Place,
    },
    upstream::{
        client::write::unknown,
        marketplace::{
            detail::{self, SUB_RESOURCES},
            host::Feature,
            membership::{Family, Member},
        },
        select::Select,
        wavefront::search::segment,
    },
};
use async_graphql::{Name, Value};
use std::sync::Arc;

impl Operation<'_> {
    /// Finds out by which routes a membership is changed, and what these need to know of the member: one request, if any.
    pub(super) async fn resolve_member(&self, change: &mut Change<'_>) -> Result<(), Stop> {
        let declared = change.plan.declared;
        if change.kind() != Kind::AccountUser {
            return Ok(());
        }
        let host = self.rest().host();
        // Where another family is set, the current routes are not there.
        let other =
            declared.in_path("memberOfAccount") && host.routes().family().is_some_and(|set| set != Family::Accounts);
        change.family = match only_route(declared) {
            Some((feature, template)) if other || host.has(feature) == Some(false) => {
                return Err(Fault::route_missing(template).into());
            }
            Some(_) => Family::Accounts,
            None => self.rest().writing_family().await?,
        };
        if let Body::Exchanged { .. } = declared.body {
            // Reading the groups finds out the rest.
            let pair = change.text("accountId").zip(change.text("userId"));
            let pair = pair.map(|(account, user)| (account.to_owned(), user.to_owned()));
            change.member = Member { pair, upstream_id: None };
            return Ok(());
        }
        let Some(Value::Object(named)) = change.members.get("member") else { return Ok(()) };
        change.member = match named.iter().next() {
            Some((name, id)) if name == "accountUserId" => by_id(plain(id)),
            Some((_, Value::Object(pair))) => {
                let id = |name: &str| pair.get(&Name::new(name)).and_then(plain);
                Member { pair: id("accountId").zip(id("userId")), upstream_id: None }
            }
            _ => Member::default(),
        };
        let needs_id = change.members.contains_key("ifRevision")
            || matches!(declared.gives, ResultKind::Deleted(_)) && change.plan.wants_deleted_id();
        let routed = change.member.route(change.family).is_some();
        if routed && (change.member.pair.is_some() || !needs_id) {
            return Ok(());
        }
        self.store().clock.begin();
        let cause = self.step_for(&change.origin, WHO);
        let found = self.loads.batch().find_member(&change.member, Select::default(), cause).await;
        self.store().clock.end();
        let found = found?.map(|place| member_at(&self.store(), place));
        match found.filter(|member| member.route(change.family).is_some()) {
            // An upstream that does not filter must not have somebody else changed.
            Some(found) if agree(&found, &change.member) => change.member = found,
            _ => return Err(Stop::Complaint(change.not_found())),
        }
        Ok(())
    }

    /// The membership with what is selected of it, to compare its revision.
    pub(super) async fn revised(&self, change: &Change<'_>, select: Select) -> Result<Option<Place>, Arc<Fault>> {
        let cause = self.step_for(&change.origin, REVISION);
        let found = self.loads.batch().find_member(&change.member, select, cause).await?;
        Ok(found.filter(|place| agree(&member_at(&self.store(), *place), &change.member)))
    }

    /// What a placeholder of a path stands for.
    pub(super) fn step(change: &Change<'_>, name: &str) -> Option<String> {
        match name {
            "members" => change.text("accountId").map(|account| change.family.collection(account)),
            "userOfMember" => change.member.pair.as_ref().map(|(_, user)| user.clone()),
            "accountOfMember" => change.member.pair.as_ref().map(|(account, _)| account.clone()),
            "member" | "memberOfAccount" => change.member.route(change.family),
            // Ids were looked at: those of the accounts API need no encoding.
            _ if change.kind().upstream() == Upstream::Wavefront => change.text(name).map(segment),
            _ => change.text(name).map(str::to_owned),
        }
    }

    /// What a write answered of a membership. A write below a user answers the account as the user sees it: that shape is
    /// not documented, so anything else is passed over.
    pub(super) fn told_member(&self, change: &Change<'_>, tape: &Tape) -> Result<Option<Place>, Stop> {
        let pair = change.member.pair.as_ref();
        let mut store = self.store();
        if change.plan.declared.in_path("userOfMember") {
            let Some((account, user)) = pair else { return Ok(None) };
            let named = tape.get(ROOT, "id").and_then(|at| tape.plain(at)).is_some_and(|id| id == account);
            return Ok(if named { told_account(&mut store, user, tape).ok() } else { None });
        }
        let account =
            pair.map(|(account, _)| account.as_str()).or_else(|| change.text("accountId")).unwrap_or_default();
        let place = told_member(&mut store, change.family, account, tape).map_err(|fault| {
            let what = "answered something else than what was changed";
            unknown(Upstream::Accounts.name(), what).caused_by(fault)
        })?;
        change.check_told(&store, place)?;
        Ok(Some(place))
    }

    /// Why a write was answered 404, when the route is what is missing: a problem document does not say.
    pub(super) async fn missing_route(&self, change: &Change<'_>) -> Option<Arc<Fault>> {
        if let ResultKind::Told(kind, name) = change.plan.declared.gives {
            let (detail, id) = (&SUB_RESOURCES[detail::of(kind, name)?], change.target()?);
            return self.loads.batch().lacks_detail(detail, &id, self.step_for(&change.origin, ROUTE)).await;
        }
        let declared = change.plan.declared;
        if declared.optional {
            let (kind, id, cause) = (change.kind(), change.target()?, self.step_for(&change.origin, ROUTE));
            return match self.rest().rows_with(&self.store, kind, &[&id], None, cause).await {
                Ok(rows) => (!rows.is_empty()).then(|| Arc::new(Fault::route_missing(format!("/{}", declared.path)))),
                Err(fault) => Some(fault).filter(|fault| fault.kind() == FaultKind::RouteMissing),
            };
        }
        let kind = change.kind();
        if kind != Kind::AccountUser {
            let accounts = kind.upstream() == Upstream::Accounts;
            let found = if accounts { self.rest().check_exists(kind).await } else { Ok(()) };
            return found.err().filter(|fault| fault.kind() == FaultKind::RouteMissing);
        }
        if let Some((feature, template)) = only_route(declared) {
            let missing = matches!(self.rest().has(feature).await, Ok(Some(false))) || {
                // A route that was there may be gone by now.
                let cause = self.step_for(&change.origin, ROUTE);
                let found = self.loads.batch().look_below(feature, &change.member, cause).await;
                found.is_err_and(|fault| fault.kind() == FaultKind::RouteMissing)
            };
            return missing.then(|| Arc::new(Fault::route_missing(template)));
        }
        let missing = || Arc::new(Fault::route_missing(change.family.template()));
        let feature = match change.family {
            Family::Accounts => Some(Feature::AccountMembers),
            Family::AccountUsers => Some(Feature::AccountUsers),
            Family::Legacy => None,
        };
        let has = match feature {
            Some(feature) => self.rest().has(feature).await,
            None => Ok(None),
        };
        match has {
            Ok(Some(false)) => Some(missing()),
            Err(fault) => Some(fault).filter(|fault| fault.kind() == FaultKind::RouteMissing),
            // A list that should show the member tells whether it is there. A route that was there may be gone by now.
            Ok(Some(true) | None) => {
                let cause = self.step_for(&change.origin, ROUTE);
                let found = self.loads.batch().find_member(&change.member, Select::default(), cause).await;
                if feature.is_some_and(|feature| self.rest().host().has(feature) == Some(false)) {
                    return Some(missing());
                }
                found.err().filter(|fault| fault.kind() == FaultKind::RouteMissing)
            }
        }
    }
}

/// The route of a change that is made in the current form only, with what a host that has it is known by.
fn only_route(declared: &MutationDef) -> Option<(Feature, &'static str)> {
    if declared.in_path("memberOfAccount") {
        Some((Feature::AccountMembers, "/accounts/{accountId}/users/{userId}"))
    } else if declared.in_path("userOfMember") {
        Some((Feature::UserAccounts, "/users/{userId}/accounts/{accountId}"))
    } else {
        None
    }
}

/// A membership by its id in the graph, or by that of the flat collection.
pub(super) fn by_id(id: Option<String>) -> Member {
    match id.as_deref().map(member::pair) {
        Some(Some(pair)) => Member { pair: Some(pair), upstream_id: None },
        _ => Member { pair: None, upstream_id: id },
    }
}

/// Whether what was found is who was meant.
pub(super) fn agree(found: &Member, meant: &Member) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| other.is_none() || one == other;
    (meant.pair.is_none() || found.pair == meant.pair) && same(&found.upstream_id, &meant.upstream_id)
}

fn plain(value: &Value) -> Option<String> {
    if let Value::String(text) = value { Some(text.clone()) } else { None }
}
