//! Who is meant by a membership: named by its own id or by account and user, while the family of routes that is spoken
//! wants the one or the other.

use super::{AGAIN, Change, Operation, Stop, WHO, missing};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::Fields,
    },
    fault::Fault,
    graph::{
        mutation::{declared::Gives, payload::Outcome},
        plan::SelId,
    },
    loader::{
        rest::Listing,
        store::Place,
        trace::{Cause, Origin},
    },
    upstream::{
        marketplace::membership::{Member, MembershipRoutes},
        rql::{Expr, Literal, Path},
        select::Select,
        wavefront::search::segment,
    },
};
use async_graphql::{Name, Value};
use std::sync::Arc;

impl Operation<'_> {
    /// Finds out what the routes, and the payload, need to know of the member. One request, if any.
    pub(super) async fn resolve_member(&self, change: &mut Change<'_>) -> Result<(), Stop> {
        let Some(Value::Object(named)) = change.members.get("member") else { return Ok(()) };
        let text = |value: &Value, name: &str| match value {
            Value::Object(pair) => pair.get(&Name::new(name)).and_then(plain),
            _ => None,
        };
        change.member = match named.iter().next() {
            Some((name, id)) if name == "accountUser" => Member { id: plain(id), pair: None },
            Some((_, pair)) => Member { id: None, pair: text(pair, "account").zip(text(pair, "user")) },
            None => Member::default(),
        };
        let declared = change.plan.declared;
        let needs_id = change.members.contains_key("ifRevision")
            || matches!(declared.gives, Gives::Deleted(_)) && change.plan.wants_deleted_id();
        let known = self.family(declared.path).member(&change.member).is_some();
        if known && (change.member.id.is_some() || !needs_id) {
            return Ok(());
        }
        let found = match &change.member {
            Member { id: Some(id), .. } => {
                let select = Arc::new(self.names());
                self.rest().one(&self.store, Kind::AccountUser, id, &select, self.step_for(&change.origin, WHO)).await?
            }
            Member { pair: Some(pair), .. } => {
                self.by_pair(pair, self.names(), self.step_for(&change.origin, WHO)).await?
            }
            Member { id: None, pair: None } => None,
        };
        let found = found.map(|place| self.member_at(place));
        match found.filter(|member| self.family(declared.path).member(member).is_some()) {
            Some(member) => change.member = member,
            None => return Err(Stop::Complaint(change.not_found())),
        }
        Ok(())
    }

    /// Reads a membership that is known by account and user alone.
    pub(super) async fn read_member(
        &self,
        pair: Option<(String, String)>,
        sel: SelId,
        origin: &Origin,
        outcome: &mut Outcome,
    ) {
        let Some(pair) = pair else { return };
        let selected = &self.runnable.plan.sels[sel];
        let mut select = Select::default();
        let told = self.model.kind(Kind::AccountUser).tellable;
        select.unite(&selected.select, selected.select.fields.common(told));
        match self.by_pair(&pair, select, self.step_for(origin, AGAIN)).await {
            Ok(place) => (outcome.entity, outcome.unread) = (place, missing(place)),
            Err(fault) => outcome.unread = Some(fault),
        }
    }

    /// What a placeholder of a path stands for.
    pub(super) fn step(&self, change: &Change<'_>, name: &str) -> Option<String> {
        match name {
            "members" => change.text("account").map(|account| self.rest().memberships().collection(account)),
            "userOfMember" => change.member.pair.as_ref().map(|(_, user)| user.clone()),
            "accountOfMember" => change.member.pair.as_ref().map(|(account, _)| account.clone()),
            "member" | "memberOfAccount" => self.family(change.plan.declared.path).member(&change.member),
            // Ids were looked at: those of the accounts API need no encoding.
            _ if change.kind().upstream() == Upstream::Wavefront => change.text(name).map(segment),
            _ => change.text(name).map(str::to_owned),
        }
    }

    /// The family of routes for a path: a membership as a whole can only be changed in the current form, and so is what is
    /// said of it below its user.
    fn family(&self, path: &str) -> MembershipRoutes {
        let by_pair = ["{memberOfAccount}", "{userOfMember}"].iter().any(|step| path.contains(step));
        if by_pair { MembershipRoutes::Accounts } else { self.rest().memberships() }
    }

    async fn by_pair(
        &self,
        (account, user): &(String, String),
        mut select: Select,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let names = self.names();
        select.unite(&names, names.fields);
        let is = |path: &'static str, id: &str| match Literal::text(id) {
            Ok(value) => Ok(Expr::In { path: Path::new(path), values: vec![value] }),
            Err(inexpressible) => Err(Arc::new(Fault::from(inexpressible))),
        };
        let filter = Expr::And(vec![is("account.id", account)?, is("user.id", user)?]);
        let select = Arc::new(select);
        let listing =
            Listing { kind: Kind::AccountUser, filter: Some(&filter), select: &select, order: "id", cause, rows: None };
        let rows = self.rest().list(&self.store, &listing, 0, Some(1)).await?.rows;
        // An upstream that does not filter must not have somebody else changed.
        let meant = |place: &Place| self.member_at(*place).pair.is_some_and(|(a, u)| a == *account && u == *user);
        Ok(rows.first().copied().filter(meant))
    }

    /// A selection of what names a membership.
    fn names(&self) -> Select {
        let object = self.model.kind(Kind::AccountUser);
        let mut select = Select::default();
        for name in ["user", "account"] {
            object.by_name.get(name).into_iter().for_each(|field| select.add_nested(*field, Fields::NONE));
        }
        select
    }

    fn member_at(&self, place: Place) -> Member {
        let store = self.store();
        let tape = store.tape(place);
        let reference = |name: &str, kind: Kind| {
            let id = tape.plain(tape.get(tape.get(place.at, name)?, "id")?)?;
            kind.fits(id).then(|| id.to_owned())
        };
        Member {
            id: store.id(place, Kind::AccountUser).map(str::to_owned),
            pair: reference("account", Kind::Account).zip(reference("user", Kind::User)),
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    if let Value::String(text) = value { Some(text.clone()) } else { None }
}
