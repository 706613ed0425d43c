//! When things happened: the data ends at midnight of a day, and is moved to the day that is asked for.

use super::{World, people};
use crate::{
    cell::Cell,
    instant::{self, DAY, Day},
    luck::Luck,
    schema::{Entity, Field, Kind},
};

/// Whatever of these happened to an object, it is no new one.
const LATER: [&str; 9] = [
    "activated",
    "unassigned",
    "disabled",
    "blocked",
    "unblocked",
    "login",
    "joined",
    "access",
    "invitationAcceptedAt",
];
/// The kinds of which some rows came in the last weeks.
const RECENT: [Entity; 7] = [
    Entity::User,
    Entity::Account,
    Entity::Group,
    Entity::Buyer,
    Entity::Licensee,
    Entity::ApiToken,
    Entity::AccountUser,
];
/// One row in so many, of those that may be new.
const ONE_IN: usize = 12;

/// Makes some rows new, of those that do not tell otherwise: they were created and changed in the last two months.
pub(super) fn freshen(world: &mut World) {
    for entity in RECENT {
        let slot = entity.slot("audit");
        let fields = entity.fields()[slot].members().unwrap_or_default();
        for row in 0..world.table(entity).rows.len() {
            let id = world.row(entity, row)[0].as_text();
            let mut luck = Luck::of(id, "created");
            if !is_young(world, entity, row) || luck.below(ONE_IN) != 0 {
                continue;
            }
            let end = Day::OF_DATA.midnight();
            let created = end - luck.between(DAY, 60 * DAY);
            let updated = luck.between(created, end);
            let Cell::Object(audit) = &mut world.row_mut(entity, row)[slot] else { continue };
            for (field, cell) in fields.iter().zip(audit.iter_mut()) {
                let at = match field.key {
                    "created" | "invited" => created,
                    "updated" => updated,
                    _ => continue,
                };
                if let Cell::Object(event) = cell {
                    event[0] = instant::format(at).into();
                }
            }
        }
    }
}

/// Whether nothing that is known of a row needs it to be older. The people and objects with fixed ids are older.
fn is_young(world: &World, entity: Entity, row: usize) -> bool {
    let cells = world.row(entity, row);
    let fixed = match entity {
        Entity::User => people::FIXED,
        Entity::ApiToken => 5,
        Entity::Account | Entity::Group => 8,
        _ => 0,
    };
    let happened = |field: &Field, cell: &Cell| match (field.key, cell) {
        ("lastLoginAt" | "lastAccessAt", cell) => *cell != Cell::Null,
        ("audit", Cell::Object(events)) => {
            let members = field.members().unwrap_or_default();
            members.iter().zip(events).any(|(event, cell)| LATER.contains(&event.key) && *cell != Cell::Null)
        }
        _ => false,
    };
    row >= fixed && !entity.fields().iter().zip(cells).any(|(field, cell)| happened(field, cell))
}

/// Moves every date.
pub(super) fn shift(world: &mut World, millis: i64) {
    for entity in Entity::STORED {
        for row in 0..world.table(entity).rows.len() {
            move_all(entity.fields(), world.row_mut(entity, row), millis);
        }
    }
}

fn move_all(fields: &'static [Field], cells: &mut [Cell], millis: i64) {
    for (field, cell) in fields.iter().zip(cells) {
        match (field.kind, cell) {
            (Kind::Date, Cell::Text(text)) => {
                if let Some(at) = instant::parse(text) {
                    *text = instant::format(at + millis).into();
                }
            }
            (Kind::Object(fields), Cell::Object(cells)) => move_all(fields, cells, millis),
            (Kind::Objects(fields), Cell::Objects(items)) => {
                for cells in items {
                    move_all(fields, cells, millis);
                }
            }
            _ => {}
        }
    }
}
