//! The rows behind the API: a deterministic, believable marketplace.
//!
//! Rows refer to each other by row number, tables only grow, and what the upstream derives (modules of a membership,
//! users of a group, sellers of a buyer …) is written into the rows by [`derive`](derive::derive), so filtering and
//! printing meet plain cells. A deleted row keeps its number and what refers to it, as an audit does, but no index and
//! no list has it.

mod build;
mod change;
mod dates;
mod derive;
mod firms;
mod generate;
mod groups;
mod ids;
mod modules;
mod people;
mod pinned;
mod places;
#[cfg(feature = "persist")]
mod restore;
mod since;
mod tokens;
mod trade;

#[cfg(feature = "persist")]
pub(crate) use restore::Stored;

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;
use serde_json::{Map, Value};

use super::{
    cell::{Cell, Row},
    instant::Day,
    schema::{Entity, Field, Kind},
    wavefront::{self, Wavefront},
};

/// Everything the sandbox knows. Two worlds of the same scale are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    tables: Vec<Table>,
    pub(crate) wavefront: Wavefront,
    /// Whether groups list the members who have not accepted their invitation.
    invited_in_groups: bool,
}

impl Default for World {
    /// A world without anything in it.
    fn default() -> World {
        World {
            tables: vec![Table::default(); Entity::STORED.len()],
            wavefront: Wavefront::default(),
            invited_in_groups: true,
        }
    }
}

/// The rows of one entity and the indexes over them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// The deleted ones.
    gone: BTreeSet<usize>,
    by_id: HashMap<Box<str>, usize, FixedState>,
    /// The place of each row in the order of ids.
    pub(crate) rank: Vec<usize>,
    /// Per field that holds references: which rows refer to a given row of the target table.
    reverse: Vec<Vec<Vec<usize>>>,
}

impl Table {
    /// The row with an id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether a row is still there.
    pub(crate) fn has(&self, row: usize) -> bool {
        !self.gone.contains(&row)
    }

    /// The numbers of the rows that are still there, ascending.
    pub(crate) fn live(&self) -> impl Iterator<Item = usize> {
        (0..self.rows.len()).filter(|row| self.has(*row))
    }

    /// The rows whose field `slot` refers to row `target`, ascending.
    pub(crate) fn referring(&self, slot: usize, target: usize) -> &[usize] {
        self.reverse.get(slot).and_then(|rows| rows.get(target)).map_or(&[], Vec::as_slice)
    }
}

impl World {
    /// Makes the world of a scale: 1.0 has about 2,000 users in 200 accounts. The showcase account is part of every
    /// scale. Its dates end at midnight of [`Day::OF_DATA`].
    #[must_use]
    pub fn generate(scale: f64) -> World {
        World::generate_at(scale, Day::OF_DATA)
    }

    /// The same world, with dates that end at midnight of a day.
    #[must_use]
    pub fn generate_at(scale: f64, day: Day) -> World {
        let mut world = generate::generate(scale);
        world.wavefront = wavefront::generate(world.people_of_wavefront());
        let millis = day.midnight() - Day::OF_DATA.midnight();
        if millis != 0 {
            dates::shift(&mut world, millis);
            wavefront::shift(&mut world.wavefront, millis);
        }
        world
    }

    /// The mail addresses of every third active person: these have a Wavefront account.
    fn people_of_wavefront(&self) -> impl Iterator<Item = &str> {
        let cell = |row: usize, field: &str| self.cell(Entity::User, row, field).as_text();
        let people =
            self.table(Entity::User).live().filter(move |&row| cell(row, "status") == "Active" && row % 3 == 2);
        people.map(move |row| cell(row, "email"))
    }

    /// Every row of a collection, every field of each: references and collections as ids, value objects whole, null
    /// fields absent. An unknown collection has no rows.
    #[must_use]
    pub fn rows(&self, collection: &str) -> Vec<Map<String, Value>> {
        let Some(entity) = Entity::of_collection(collection) else { return Vec::new() };
        self.table(entity).live().map(|row| self.plain(entity.fields(), self.row(entity, row))).collect()
    }

    /// The identifiers of all Wavefront accounts, and the ids of its user groups and roles.
    #[must_use]
    pub fn wavefront_ids(&self) -> [Vec<String>; 3] {
        let Wavefront { accounts, groups, roles } = &self.wavefront;
        [
            accounts.iter().map(|account| account.identifier.clone()).collect(),
            groups.iter().map(|group| group.id.clone()).collect(),
            roles.iter().map(|role| role.id.clone()).collect(),
        ]
    }

    pub(crate) fn table(&self, entity: Entity) -> &Table {
        &self.tables[entity as usize]
    }

    fn table_mut(&mut self, entity: Entity) -> &mut Table {
        &mut self.tables[entity as usize]
    }

    /// A row by number.
    pub(crate) fn row(&self, entity: Entity, row: usize) -> &Row {
        &self.table(entity).rows[row]
    }

    /// A cell by names that this program itself knows.
    pub(crate) fn cell(&self, entity: Entity, row: usize, field: &str) -> &Cell {
        &self.row(entity, row)[entity.slot(field)]
    }

    fn id(&self, entity: Entity, row: usize) -> Value {
        self.row(entity, row)[0].as_text().into()
    }

    fn plain(&self, fields: &'static [Field], cells: &[Cell]) -> Map<String, Value> {
        let pairs = fields.iter().zip(cells).filter(|(_, cell)| **cell != Cell::Null);
        pairs.map(|(field, cell)| (field.key.to_owned(), self.plain_cell(field, cell))).collect()
    }

    fn plain_cell(&self, field: &'static Field, cell: &Cell) -> Value {
        match (cell, field.kind) {
            (Cell::Bool(flag), _) => (*flag).into(),
            (Cell::Int(number), _) => (*number).into(),
            (Cell::Text(text), _) => (&**text).into(),
            (Cell::Texts(texts), _) => texts.iter().map(|text| &**text).collect(),
            (Cell::Json(value), _) => value.clone(),
            (Cell::Object(members), Kind::Object(fields)) => self.plain(fields, members).into(),
            (Cell::Objects(items), Kind::Objects(fields)) => {
                items.iter().map(|item| self.plain(fields, item)).collect()
            }
            (Cell::One(row), Kind::One(entity)) => self.id(entity, *row),
            (Cell::Many(rows), Kind::Many(entity)) => rows.iter().map(|row| self.id(entity, *row)).collect(),
            (Cell::Actor(entity, row), _) => self.id(*entity, *row),
            _ => Value::Null,
        }
    }
}
