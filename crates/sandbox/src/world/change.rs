//! How rows come, change and go after the world was made.

use super::{World, derive};
use crate::{
    cell::{Cell, Row},
    instant,
    luck::Luck,
    schema::Entity,
    wavefront::Wavefront,
};

impl World {
    /// Appends a row and tells its number.
    pub(crate) fn push(&mut self, entity: Entity, row: Row) -> usize {
        let rows = &mut self.table_mut(entity).rows;
        rows.push(row);
        rows.len() - 1
    }

    /// Puts a value into a cell.
    pub(crate) fn set(&mut self, entity: Entity, row: usize, field: &str, cell: Cell) {
        self.table_mut(entity).rows[row][entity.slot(field)] = cell;
    }

    /// A row to change.
    pub(crate) fn row_mut(&mut self, entity: Entity, row: usize) -> &mut Row {
        &mut self.table_mut(entity).rows[row]
    }

    /// Deletes a row.
    pub(crate) fn remove(&mut self, entity: Entity, row: usize) {
        self.table_mut(entity).gone.insert(row);
    }

    /// Brings what follows from the written rows, and the indexes, up to date.
    pub(crate) fn refresh(&mut self) {
        derive::derive(self);
    }

    /// Whether groups list the members who have not accepted their invitation.
    pub(crate) fn lists_invited(&self) -> bool {
        self.invited_in_groups
    }

    /// Says whether groups list the members who have not accepted their invitation.
    pub(crate) fn list_invited(&mut self, listed: bool) {
        self.invited_in_groups = listed;
        self.refresh();
    }

    /// The rows that refer to a row, found without the indexes, which are out of date while rows change.
    pub(crate) fn referring(&self, entity: Entity, field: &str, target: usize) -> Vec<usize> {
        self.table(entity).live().filter(|&row| self.cell(entity, row, field).targets().contains(&target)).collect()
    }

    /// The invitations that run out: the memberships, and when.
    pub(crate) fn invitations(&self) -> impl Iterator<Item = (usize, i64)> {
        let expires = |row: usize| instant::parse(self.cell(Entity::AccountUser, row, "expires").as_text());
        self.table(Entity::AccountUser).live().filter_map(move |row| Some((row, expires(row)?)))
    }

    /// When the next invitation runs out; the largest number if none does.
    pub(crate) fn next_end(&self) -> i64 {
        self.invitations().map(|(_, end)| end).min().unwrap_or(i64::MAX)
    }

    /// The same world with another Wavefront.
    pub(crate) fn with_wavefront(&self, wavefront: Wavefront) -> World {
        World { wavefront, ..self.clone() }
    }

    /// An id that no row of the table has or had.
    pub(crate) fn unused_id(&self, entity: Entity) -> String {
        let rows = &self.table(entity).rows;
        let known = rows.first().map(|row| row[0].as_text()).unwrap_or_default();
        let (prefix, groups) = (known.split('-').next().unwrap_or_default(), known.matches('-').count());
        let mut luck = Luck::new(u64::try_from(rows.len()).unwrap_or_default());
        loop {
            let id = (0..groups).fold(prefix.to_owned(), |id, _| format!("{id}-{:04}", luck.below(10_000)));
            if !rows.iter().any(|row| row[0].as_text() == id) {
                return id;
            }
        }
    }
}
