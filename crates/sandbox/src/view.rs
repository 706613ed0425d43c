//! Rows made for one request: users as their account sees them, and accounts as their user sees them. Only hosts that
//! speak v5 have them.

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
        let favorite = *world.cell(Entity::AccountUser, membership, "favorite") == true.into();
        row[Entity::Access.slot("favorite")] = favorite.into();
        Some(row)
    });
    accesses.collect()
}

/// Each field from the main object if that has it, else from the membership; the audit, the invitation and the revision
/// of a member from the latter.
fn made(world: &World, view: Entity, membership: usize, reference: &str, main: Entity) -> Option<Row> {
    let object = world.cell(Entity::AccountUser, membership, reference).targets().first().copied()?;
    let (object, membership) = (world.row(main, object), world.row(Entity::AccountUser, membership));
    let of_membership = |key: &str| key == "audit" || (key == "revision" && view == Entity::Member);
    let cell = |key: &str| {
        let own = schema::find_key(main.fields(), key).filter(|_| !of_membership(key)).map(|slot| &object[slot]);
        let other = || schema::find_key(Entity::AccountUser.fields(), key).map(|slot| &membership[slot]);
        own.or_else(other).cloned().unwrap_or(Cell::Null)
    };
    Some(view.fields().iter().map(|field| cell(field.key)).collect())
}
