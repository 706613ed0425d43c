//! People whom examples name. The generator decides about nobody alone, so these are put right afterwards.

use super::{World, people};
use crate::{
    cell::{Cell, object, row},
    instant::{self, DAY, Day},
    schema::{self, Entity},
};

/// One of the showcase's people, who is a member of no other account at the usual scales.
const NEWCOMER: usize = 9;

/// John of the README is an active member, and another one is invited in his place.
pub(super) fn pin(world: &mut World) {
    activate(world, people::JOHN);
    invite(world, NEWCOMER);
}

fn memberships(world: &World, user: usize) -> Vec<usize> {
    world.referring(Entity::AccountUser, "user", user)
}

/// An instant so many days before the data ends.
fn before(days: i64) -> Cell {
    instant::format(Day::OF_DATA.midnight() - days * DAY).into()
}

fn activate(world: &mut World, user: usize) {
    let held = memberships(world, user);
    let home = held.first().map(|&row| world.cell(Entity::AccountUser, row, "account").clone());
    for (field, cell) in [
        ("status", "Active".into()),
        ("acceptedTerms", true.into()),
        ("currentAccount", home.unwrap_or(Cell::Null)),
        ("lastLoginAt", before(3)),
    ] {
        world.set(Entity::User, user, field, cell);
    }
    event(world, Entity::User, user, "login", Some(before(3)));
    event(world, Entity::User, user, "invitationAcceptedAt", Some(before(900)));
    for membership in held {
        settle(world, membership, "Active", Cell::Null);
        world.set(Entity::AccountUser, membership, "lastLoginAt", before(3));
        event(world, Entity::AccountUser, membership, "invited", None);
        for (name, at) in [("joined", 900), ("access", 3), ("invitationAcceptedAt", 900)] {
            event(world, Entity::AccountUser, membership, name, Some(before(at)));
        }
    }
}

fn invite(world: &mut World, user: usize) {
    for (field, cell) in [
        ("status", "Invited".into()),
        ("acceptedTerms", false.into()),
        ("currentAccount", Cell::Null),
        ("lastLoginAt", Cell::Null),
    ] {
        world.set(Entity::User, user, field, cell);
    }
    event(world, Entity::User, user, "login", None);
    event(world, Entity::User, user, "invitationAcceptedAt", None);
    for membership in memberships(world, user) {
        let id = world.row(Entity::AccountUser, membership)[0].as_text().replace('-', "");
        let url = format!("https://portal.example.com/invitations/{id}");
        settle(world, membership, "Invited", url.into());
        world.set(Entity::AccountUser, membership, "lastLoginAt", Cell::Null);
        event(world, Entity::AccountUser, membership, "invited", Some(before(2)));
        for name in ["joined", "access", "invitationAcceptedAt"] {
            event(world, Entity::AccountUser, membership, name, None);
        }
    }
}

/// Writes the status of a membership and of its invitation.
fn settle(world: &mut World, membership: usize, status: &str, url: Cell) {
    let notes = match world.cell(Entity::AccountUser, membership, "invitation") {
        Cell::Object(members) => members.last().cloned().unwrap_or(Cell::Null),
        _ => Cell::Null,
    };
    let invitation =
        object(Entity::AccountUser, "invitation", [("url", url), ("status", status.into()), ("notes", notes)]);
    world.set(Entity::AccountUser, membership, "invitation", invitation);
    world.set(Entity::AccountUser, membership, "status", status.into());
}

/// Writes an event of the audit, or takes it away.
fn event(world: &mut World, entity: Entity, number: usize, name: &str, at: Option<Cell>) {
    let slot = entity.slot("audit");
    let fields = entity.fields()[slot].members().unwrap_or_default();
    let Some(place) = schema::find_key(fields, name) else { return };
    let Cell::Object(audit) = &mut world.row_mut(entity, number)[slot] else { return };
    audit[place] = match (at, fields[place].members()) {
        (Some(at), Some(members)) => row(members, [("at", at)]).into(),
        (at, _) => at.into(),
    };
}
