//! A member moved from one group to another: its groups are read, and written as a whole with one of them exchanged. So
//! the member is never in both or in neither.

use super::{Change, GROUPS, InputComplaint, Operation, Stop, member::agree};
use crate::{
    entity::{kind::Kind, model::FieldSet, tape::Json},
    fault::Fault,
    graph::schema::mutation::{declared::Body, user_error::UserErrorCode},
    loader::{
        memberships::member_at,
        store::{Place, Store},
    },
    upstream::select::Select,
};
use async_graphql::Value;
use std::sync::Arc;

/// What a list of groups has to hold: writing it back must not take the member out of a group that was not understood.
const NOT_GROUPS: &str = "The accounts API did not return the groups of the member as references with ids, so nothing was \
                          changed.";

impl Operation<'_> {
    /// Reads the groups of a member who is moved, and decides which ones it will be in.
    pub(super) async fn look_at_groups(&self, change: &mut Change<'_>) -> Result<(), Stop> {
        let Body::Exchanged { from, to } = change.plan.declared.body else { return Ok(()) };
        let given = |name: &str| match change.members.get(name) {
            Some(Value::String(id)) => id.clone(),
            _ => String::new(),
        };
        let (left, entered) = (given(from), given(to));
        if left == entered {
            let message = "The member cannot be moved from a group to the same group.";
            return Err(Stop::Complaint(InputComplaint::new(UserErrorCode::BadUserInput, message, &["input", to])));
        }
        let field = self.model.kind(Kind::AccountUser).by_name.get("groups").copied();
        let field = field.ok_or_else(|| Fault::internal("Memberships have no groups."))?;
        let mut select = Select::default();
        select.add_nested(field, FieldSet::NONE);
        self.store().clock.begin();
        let cause = self.step_for(&change.origin, GROUPS);
        let found = self.loads.batch().find_member(&change.member, select, cause).await;
        self.store().clock.end();
        let found = found?.map(|place| (place, member_at(&self.store(), place)));
        // An upstream that does not filter must not have somebody else changed.
        let found = found.filter(|(_, member)| agree(member, &change.member) && member.route(change.family).is_some());
        let Some((place, member)) = found else { return Err(Stop::Complaint(change.not_found())) };
        let mut groups = groups(&self.store(), place, field)?;
        let Some(at) = groups.iter().position(|id| *id == left) else {
            let message = "The member is not in this group, so nothing was changed.";
            return Err(Stop::Complaint(InputComplaint::new(UserErrorCode::NotInGroup, message, &["input", from])));
        };
        if groups.contains(&entered) {
            groups.remove(at);
        } else {
            groups[at] = entered;
        }
        (change.member, change.groups) = (member, groups);
        Ok(())
    }
}

/// The ids of the groups that a membership tells, in its order.
fn groups(store: &Store, place: Place, field: usize) -> Result<Vec<String>, Arc<Fault>> {
    let invalid = || Arc::new(Fault::invalid(NOT_GROUPS));
    let tape = store.tape(place);
    let Some(list) = store.look(place, store.model().kind(Kind::AccountUser), field) else {
        // What is empty is left out, unless the row says that it left out more.
        return if place.told.contains(field) { Ok(vec![]) } else { Err(invalid()) };
    };
    match tape.kind(list) {
        Json::Null => return Ok(vec![]),
        Json::List => {}
        _ => return Err(invalid()),
    }
    let mut ids: Vec<String> = vec![];
    for group in tape.items(list) {
        let id = tape.get(group, "id").and_then(|id| tape.plain(id)).filter(|id| Kind::Group.fits(id));
        let id = id.ok_or_else(invalid)?;
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}
