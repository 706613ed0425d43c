//! The world as plain objects and back: what a file keeps of it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::World;
use crate::{
    cell::{Cell, Row, row},
    schema::{Entity, Field, Kind},
    wavefront::Wavefront,
};

/// One stored object.
pub(crate) struct Stored {
    pub(crate) entity: Entity,
    pub(crate) id: String,
    pub(crate) deleted: bool,
    pub(crate) body: Map<String, Value>,
}

/// The numbers of all rows by their ids, deleted ones included.
type Places = HashMap<(Entity, String), usize>;

impl World {
    /// The rows that a file has to keep and that are not the same in another world.
    pub(crate) fn differing<'w>(&'w self, other: &'w World) -> impl Iterator<Item = (Entity, usize)> + 'w {
        let kept = Entity::STORED.into_iter().filter(|entity| !entity.collection().is_empty());
        kept.flat_map(move |entity| {
            let (table, before) = (self.table(entity), other.table(entity));
            let same = move |row: usize| {
                let cells = |(slot, (old, new)): (usize, (&Cell, &Cell))| old == new || is_derived(entity, slot);
                let written = |old: &Row| old.iter().zip(&table.rows[row]).enumerate().all(cells);
                before.rows.get(row).is_some_and(written) && before.has(row) == table.has(row)
            };
            (0..table.rows.len()).filter(move |row| !same(*row)).map(move |row| (entity, row))
        })
    }

    /// A row as a file keeps it: whether it was deleted, and its properties but the derived ones.
    pub(crate) fn stored(&self, entity: Entity, number: usize) -> (bool, Map<String, Value>) {
        let mut cells = self.row(entity, number).clone();
        for (_, cell) in cells.iter_mut().enumerate().filter(|(slot, _)| is_derived(entity, *slot)) {
            *cell = Cell::Null;
        }
        (!self.table(entity).has(number), self.plain(entity.fields(), &cells))
    }

    /// The world of a file. Each entity's objects come in the order of their numbers.
    pub(crate) fn restore(stored: Vec<Stored>, wavefront: Wavefront) -> Result<World, String> {
        let mut world = World { wavefront, ..World::default() };
        let (mut places, mut counts) = (Places::new(), HashMap::<Entity, usize>::new());
        for Stored { entity, id, .. } in &stored {
            let count = counts.entry(*entity).or_default();
            places.insert((*entity, id.clone()), *count);
            *count += 1;
        }
        for Stored { entity, id, deleted, body } in stored {
            let cells = cells(entity.fields(), &body, &places).map_err(|what| format!("{id}: {what}"))?;
            let number = world.push(entity, cells);
            if deleted {
                world.remove(entity, number);
            }
        }
        let mut kept = Entity::STORED.into_iter().filter(|entity| !entity.collection().is_empty());
        if let Some(empty) = kept.find(|entity| world.table(*entity).rows.is_empty()) {
            return Err(format!("{} has no rows", empty.collection()));
        }
        world.refresh();
        Ok(world)
    }
}

/// Whether a cell is computed from other rows.
fn is_derived(entity: Entity, slot: usize) -> bool {
    match (entity, entity.fields()[slot].kind) {
        (Entity::AccountUser, Kind::Many(target)) => target != Entity::Group,
        (_, Kind::Many(Entity::Supplier))
        | (Entity::Account, Kind::Many(Entity::Group))
        | (Entity::Group, Kind::Many(Entity::User))
        | (Entity::User, Kind::Many(Entity::Account)) => true,
        _ => false,
    }
}

fn cells(fields: &'static [Field], body: &Map<String, Value>, places: &Places) -> Result<Box<[Cell]>, String> {
    let mut cells = row(fields, []);
    for (field, cell) in fields.iter().zip(cells.iter_mut()) {
        if let Some(value) = body.get(field.key) {
            *cell =
                self::cell(field, value, places).ok_or_else(|| format!("{} is not what it should be", field.key))?;
        }
    }
    Ok(cells)
}

fn cell(field: &'static Field, value: &Value, places: &Places) -> Option<Cell> {
    let place = |entity: Entity, id: &Value| places.get(&(entity, id.as_str()?.to_owned())).copied();
    let inner = |value: &Value| cells(field.members().unwrap_or_default(), value.as_object()?, places).ok();
    Some(match field.kind {
        Kind::Text | Kind::Date => value.as_str()?.into(),
        Kind::Int => value.as_i64()?.into(),
        Kind::Bool => value.as_bool()?.into(),
        Kind::Json => Cell::Json(value.clone()),
        Kind::Texts => {
            let texts: Option<Vec<_>> = value.as_array()?.iter().map(|item| item.as_str().map(Into::into)).collect();
            Cell::Texts(texts?)
        }
        Kind::Object(_) => Cell::Object(inner(value)?),
        Kind::Objects(_) => Cell::Objects(value.as_array()?.iter().map(inner).collect::<Option<_>>()?),
        Kind::One(entity) => Cell::One(place(entity, value)?),
        Kind::Many(entity) => Cell::Many(value.as_array()?.iter().map(|id| place(entity, id)).collect::<Option<_>>()?),
        Kind::Actor => {
            let mut kinds = [Entity::User, Entity::ApiToken, Entity::Service, Entity::Extension].into_iter();
            kinds.find_map(|entity| Some(Cell::Actor(entity, place(entity, value)?)))?
        }
    })
}
