//! Who is meant by a membership, and by which family of routes it is changed.

use super::{Change, Operation, REVISION, ROUTE, Stop, WHO};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        member,
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    graph::mutation::declared::Gives,
    loader::{
        memberships::{account_of_user, member_at, rewritten},
        store::Place,
    },
    upstream::{
        client::write::unknown,
        marketplace::{
            detail::{self, DETAILS},
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
        // A membership as a whole can only be changed in the current form.
        let only_current = ["{memberOfAccount}", "{userOfMember}"].iter().any(|step| declared.path.contains(step));
        change.family = if only_current { Family::Accounts } else { self.rest().writing_family().await? };
        let Some(Value::Object(named)) = change.members.get("member") else { return Ok(()) };
        change.member = match named.iter().next() {
            Some((name, id)) if name == "accountUser" => by_id(plain(id)),
            Some((_, Value::Object(pair))) => {
                let id = |name: &str| pair.get(&Name::new(name)).and_then(plain);
                Member { pair: id("account").zip(id("user")), upstream_id: None }
            }
            _ => Member::default(),
        };
        let needs_id = change.members.contains_key("ifRevision")
            || matches!(declared.gives, Gives::Deleted(_)) && change.plan.wants_deleted_id();
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
    pub(super) fn step(&self, change: &Change<'_>, name: &str) -> Option<String> {
        match name {
            "members" => change.text("account").map(|account| change.family.collection(account)),
            "userOfMember" => change.member.pair.as_ref().map(|(_, user)| user.clone()),
            "accountOfMember" => change.member.pair.as_ref().map(|(account, _)| account.clone()),
            "member" | "memberOfAccount" => change.member.route(change.family),
            // Ids were looked at: those of the accounts API need no encoding.
            _ if change.kind().upstream() == Upstream::Wavefront => change.text(name).map(segment),
            _ => change.text(name).map(str::to_owned),
        }
    }

    /// What a write answered of a membership, in the one form that the graph reads.
    pub(super) fn told_member(&self, change: &Change<'_>, tape: &Tape) -> Result<Tape, Stop> {
        let pair = change.member.pair.as_ref().map(|(account, _)| account.as_str());
        let account = pair.or_else(|| change.text("account")).unwrap_or_default();
        rewritten(self.model, change.family, account, tape).map_err(|fault| {
            let what = "answered something else than what was changed";
            unknown(Upstream::Accounts.name(), what).caused_by(fault).into()
        })
    }

    /// What a write below a user answered of a membership: the account as the user sees it. The shape is not documented, so
    /// anything else is passed over.
    pub(super) fn told_below_user(&self, change: &Change<'_>, tape: &Tape) -> Option<Tape> {
        let (account, user) = change.member.pair.as_ref()?;
        let named = tape.get(ROOT, "id").and_then(|at| tape.plain(at)).is_some_and(|id| id == account);
        if named { account_of_user(self.model, user, tape).ok() } else { None }
    }

    /// Why a write was answered 404, when the route is what is missing: a problem document does not say.
    pub(super) async fn missing_route(&self, change: &Change<'_>) -> Option<Arc<Fault>> {
        if let Gives::Told(kind, name) = change.plan.declared.gives {
            let (detail, id) = (&DETAILS[detail::of(kind, name)?], change.target()?);
            let lacks = self.loads.batch().lacks_detail(detail, &id, self.step_for(&change.origin, ROUTE)).await;
            return lacks.then(|| Arc::new(Fault::route_missing(detail.template())));
        }
        if change.kind() != Kind::AccountUser {
            return None;
        }
        if change.plan.declared.in_path("userOfMember") {
            let missing = matches!(self.rest().has(Feature::UserAccounts).await, Ok(Some(false)));
            return missing.then(|| Arc::new(Fault::route_missing("/users/{userId}/accounts/{accountId}")));
        }
        let feature = match change.family {
            Family::Accounts => Feature::AccountMembers,
            Family::AccountUsers => Feature::AccountUsers,
            Family::Legacy => return None,
        };
        match self.rest().has(feature).await {
            Ok(Some(false)) => Some(Arc::new(Fault::route_missing(change.family.template()))),
            Err(fault) if fault.kind() == FaultKind::RouteMissing => Some(fault),
            _ => None,
        }
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
fn agree(found: &Member, meant: &Member) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| other.is_none() || one == other;
    (meant.pair.is_none() || found.pair == meant.pair) && same(&found.upstream_id, &meant.upstream_id)
}

fn plain(value: &Value) -> Option<String> {
    if let Value::String(text) = value { Some(text.clone()) } else { None }
}
