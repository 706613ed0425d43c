//! What the upstream computes from other rows, and the indexes.

use super::{Table, World};
use crate::{
    cell::Cell,
    schema::{Entity, Kind},
};

/// Fills in everything that follows from the written rows; to be called again after any of them changed.
pub(super) fn derive(world: &mut World) {
    suppliers(world);
    index(world);
    groups_of_accounts(world);
    memberships(world);
    index(world);
    users(world);
    index(world);
}

/// The distinct targets of a reference field of several rows, in row order.
fn targets(world: &World, entity: Entity, rows: &[usize], field: &str) -> Vec<usize> {
    let mut found: Vec<usize> =
        rows.iter().flat_map(|&row| world.cell(entity, row, field).targets()).copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A buyer's sellers are those it has an ERP link with, each carrying that link.
fn suppliers(world: &mut World) {
    world.table_mut(Entity::Supplier).rows.clear();
    let mut of_buyer = vec![Vec::new(); world.table(Entity::Buyer).rows.len()];
    for link in world.table(Entity::ErpLink).live().collect::<Vec<_>>() {
        let (Some(&buyer), Some(&seller)) = (
            world.cell(Entity::ErpLink, link, "buyer").targets().first(),
            world.cell(Entity::ErpLink, link, "seller").targets().first(),
        ) else {
            continue;
        };
        if !world.table(Entity::Seller).has(seller) {
            continue;
        }
        let mut row = world.row(Entity::Seller, seller).clone();
        row[Entity::Supplier.slot("erpLink")] = Cell::One(link);
        let table = world.table_mut(Entity::Supplier);
        of_buyer[buyer].push(table.rows.len());
        table.rows.push(row);
    }
    for (buyer, suppliers) in of_buyer.into_iter().enumerate() {
        world.set(Entity::Buyer, buyer, "sellers", Cell::Many(suppliers));
    }
}

fn groups_of_accounts(world: &mut World) {
    let owner = Entity::Group.slot("account");
    for account in 0..world.table(Entity::Account).rows.len() {
        let groups = world.table(Entity::Group).referring(owner, account).to_vec();
        world.set(Entity::Account, account, "groups", Cell::Many(groups));
    }
}

/// Modules are the union over the groups; buyers too, but a single group without a restriction opens all of them,
/// which is told by the absence of the list.
fn memberships(world: &mut World) {
    for membership in 0..world.table(Entity::AccountUser).rows.len() {
        let groups = world.cell(Entity::AccountUser, membership, "groups").targets().to_vec();
        let modules = targets(world, Entity::Group, &groups, "modules");
        let open = groups.iter().any(|&group| *world.cell(Entity::Group, group, "buyers") == Cell::Null);
        let buyers = if open { Cell::Null } else { Cell::Many(targets(world, Entity::Group, &groups, "buyers")) };
        world.set(Entity::AccountUser, membership, "modules", Cell::Many(modules));
        world.set(Entity::AccountUser, membership, "buyers", buyers);
    }
}

fn users(world: &mut World) {
    let (user, groups) = (Entity::AccountUser.slot("user"), Entity::AccountUser.slot("groups"));
    for row in 0..world.table(Entity::User).rows.len() {
        let memberships = world.table(Entity::AccountUser).referring(user, row).to_vec();
        let accounts = targets(world, Entity::AccountUser, &memberships, "account");
        world.set(Entity::User, row, "accounts", Cell::Many(accounts));
    }
    for group in 0..world.table(Entity::Group).rows.len() {
        let mut memberships = world.table(Entity::AccountUser).referring(groups, group).to_vec();
        if !world.invited_in_groups {
            memberships.retain(|&row| world.cell(Entity::AccountUser, row, "status").as_text() == "Active");
        }
        let users = targets(world, Entity::AccountUser, &memberships, "user");
        world.set(Entity::Group, group, "users", Cell::Many(users));
    }
}

fn index(world: &mut World) {
    for entity in Entity::STORED {
        let sizes: Vec<usize> = entity.fields().iter().map(|field| target_size(world, field.kind)).collect();
        index_table(world.table_mut(entity), &sizes);
    }
}

/// How many rows a field may refer to.
fn target_size(world: &World, kind: Kind) -> usize {
    match kind {
        Kind::One(target) | Kind::Many(target) => world.table(target).rows.len(),
        _ => 0,
    }
}

fn index_table(table: &mut Table, sizes: &[usize]) {
    let live: Vec<usize> = table.live().collect();
    table.by_id = live.iter().map(|&row| (table.rows[row][0].as_text().into(), row)).collect();
    let mut order: Vec<usize> = (0..table.rows.len()).collect();
    order.sort_by(|&one, &other| table.rows[one][0].as_text().cmp(table.rows[other][0].as_text()));
    table.rank = vec![0; order.len()];
    for (place, row) in order.into_iter().enumerate() {
        table.rank[row] = place;
    }
    table.reverse = sizes.iter().map(|&size| vec![Vec::new(); size]).collect();
    for row in live {
        for (slot, cell) in table.rows[row].iter().enumerate() {
            for &target in cell.targets() {
                table.reverse[slot][target].push(row);
            }
        }
    }
}
