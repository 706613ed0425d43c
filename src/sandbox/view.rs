//! Rows made for one request: users as their account sees them, and accounts as their user sees them.

use super::{
    cell::{Cell, Row},
    schema::{self, Entity},
    world::World,
};

/// The members of an account (family C): the user's data flat, the membership's beside it.
pub(crate) fn members(world: &World, memberships: &[usize]) -> Vec<Row> {
    memberships.iter().filter_map(|&membership| made(world, Entity::Member, membership, "user", Entity::User)).collect()
}

/// The accounts of a user, with what the membership says about each.
pub(crate) fn accesses(world: &World, memberships: &[usize]) -> Vec<Row> {
    let accesses = memberships.iter().filter_map(|&membership| {
        let mut row = made(world, Entity::Access, membership, "account", Entity::Account)?;
        // No collection shows which account is a favourite; the one the user works in is.
        let user = world.cell(Entity::AccountUser, membership, "user").targets().first().copied()?;
        let current = world.cell(Entity::User, user, "currentAccount");
        let favorite = current.targets() == world.cell(Entity::AccountUser, membership, "account").targets();
        row[Entity::Access.slot("favorite")] = Cell::Bool(favorite);
        Some(row)
    });
    accesses.collect()
}

/// Each field from the main object if that has it, else from the membership; the audit and the invitation from the
/// latter.
fn made(world: &World, view: Entity, membership: usize, reference: &str, main: Entity) -> Option<Row> {
    let object = world.cell(Entity::AccountUser, membership, reference).targets().first().copied()?;
    let (object, membership) = (world.row(main, object), world.row(Entity::AccountUser, membership));
    let cell = |name: &str| {
        let own = schema::find(main.fields(), name).filter(|_| name != "audit").map(|slot| &object[slot]);
        let other = || schema::find(Entity::AccountUser.fields(), name).map(|slot| &membership[slot]);
        own.or_else(other).cloned().unwrap_or(Cell::Null)
    };
    Some(view.fields().iter().map(|field| cell(field.name)).collect())
}
