//! Asks a test of rows, and finds the few rows worth asking where an index can tell.

use std::cmp::Ordering;

use super::{
    parse::Op,
    test::{Check, Literal, Path, Set, Step, Test},
};
use crate::{
    cell::Cell,
    schema::{Entity, Kind},
    world::World,
};

/// What a condition is asked of.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    Row(&'a [Cell]),
    Text(&'a str),
}

static NULL: Cell = Cell::Null;

impl Path {
    /// The cell at the end of the path; null where a reference on the way is.
    pub(crate) fn walk<'a>(&self, world: &'a World, row: &'a [Cell]) -> &'a Cell {
        let (mut cells, mut cell) = (row, &NULL);
        for step in &self.steps {
            match (step, cell) {
                (Step::Slot(slot), _) => cell = &cells[*slot],
                (Step::Follow(entity), Cell::One(row)) => cells = world.row(*entity, *row),
                (Step::Members, Cell::Object(members)) => cells = members,
                (Step::Actor(name), Cell::Actor(entity, row)) => cell = world.cell(*entity, *row, name),
                _ => return &NULL,
            }
        }
        cell
    }
}

impl Test {
    /// Whether the item passes.
    pub(crate) fn passes(&self, world: &World, item: Item) -> bool {
        match self {
            Test::And(parts) => parts.iter().all(|part| part.passes(world, item)),
            Test::Or(parts) => parts.iter().any(|part| part.passes(world, item)),
            Test::Not(inner) => !inner.passes(world, item),
            Test::Check { path, check } => match item {
                Item::Text(text) => check.holds_text(text),
                Item::Row(row) => check.holds(path.walk(world, row)),
            },
            Test::Pair { op, path, other } => match item {
                Item::Row(row) => pair(*op, path.walk(world, row), other.walk(world, row)),
                Item::Text(_) => false,
            },
            Test::Any { path, inner: None } => match item {
                Item::Row(row) => !is_empty(path.walk(world, row)),
                Item::Text(_) => false,
            },
            Test::Any { path, inner: Some(inner) } => some_element(world, item, path, |item| inner.passes(world, item)),
            Test::All { path, inner } => !some_element(world, item, path, |item| !inner.passes(world, item)),
        }
    }

    /// The rows that may pass, when ids in the test narrow them down; ascending. `None` means: ask all.
    pub(crate) fn candidates(&self, world: &World, entity: Entity) -> Option<Vec<usize>> {
        match self {
            Test::And(parts) => parts.iter().filter_map(|part| part.candidates(world, entity)).min_by_key(Vec::len),
            Test::Or(parts) => {
                let lists: Option<Vec<_>> = parts.iter().map(|part| part.candidates(world, entity)).collect();
                Some(ascending(lists?.concat()))
            }
            Test::Check { path, check } => match path.steps[..] {
                [Step::Slot(0)] => Some(ascending(named(world, entity, check)?)),
                [Step::Slot(slot), Step::Follow(target), Step::Slot(0)] => {
                    referring(world, entity, slot, target, check)
                }
                _ => None,
            },
            Test::Any { path, inner: Some(inner) } => match (&path.steps[..], &**inner, path.target) {
                ([Step::Slot(slot)], Test::Check { path, check }, Some(target)) if path.is_id() => {
                    referring(world, entity, *slot, target, check)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Compares two cells as a check compares a cell with a literal.
fn pair(op: Op, one: &Cell, other: &Cell) -> bool {
    let order = match (one, other) {
        (Cell::Null, Cell::Null) => Some(Ordering::Equal),
        (Cell::Bool(one), Cell::Bool(other)) => Some(one.cmp(other)),
        (Cell::Int(one), Cell::Int(other)) => Some(one.cmp(other)),
        (Cell::Text(one), Cell::Text(other)) => Some(one.cmp(other)),
        _ => None,
    };
    match op {
        Op::Eq => order == Some(Ordering::Equal),
        Op::Ne => order != Some(Ordering::Equal),
        Op::Gt => order == Some(Ordering::Greater),
        Op::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Op::Lt => order == Some(Ordering::Less),
        Op::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Op::In | Op::Out | Op::Like | Op::Ilike => false,
    }
}

fn some_element(world: &World, item: Item, path: &Path, mut passes: impl FnMut(Item) -> bool) -> bool {
    let Item::Row(row) = item else { return false };
    match (path.walk(world, row), path.target) {
        (Cell::Many(rows), Some(entity)) => rows.iter().any(|&row| passes(Item::Row(world.row(entity, row)))),
        (Cell::Objects(items), _) => items.iter().any(|item| passes(Item::Row(item))),
        (Cell::Texts(texts), _) => texts.iter().any(|text| passes(Item::Text(text))),
        _ => false,
    }
}

fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Many(rows) => rows.is_empty(),
        Cell::Objects(items) => items.is_empty(),
        Cell::Texts(texts) => texts.is_empty(),
        _ => true,
    }
}

/// The rows that a check on an id names. A supplier shares its seller's id with others, so its table cannot tell.
fn named(world: &World, entity: Entity, check: &Check) -> Option<Vec<usize>> {
    if entity == Entity::Supplier {
        return None;
    }
    let table = world.table(entity);
    match check {
        Check::Eq(Literal::Text(id)) => Some(table.find(id).into_iter().collect()),
        Check::In(Set::Texts(ids)) => Some(ids.iter().filter_map(|id| table.find(id)).collect()),
        _ => None,
    }
}

fn referring(world: &World, entity: Entity, slot: usize, target: Entity, check: &Check) -> Option<Vec<usize>> {
    debug_assert!(matches!(entity.fields()[slot].kind, Kind::One(_) | Kind::Many(_)));
    let targets = named(world, target, check)?;
    let table = world.table(entity);
    Some(ascending(targets.into_iter().flat_map(|target| table.referring(slot, target)).copied().collect()))
}

fn ascending(mut rows: Vec<usize>) -> Vec<usize> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

impl Check {
    fn holds_text(&self, text: &str) -> bool {
        let order = |literal: &Literal| match literal {
            Literal::Text(other) => Some(text.cmp(other)),
            _ => None,
        };
        match self {
            Check::In(Set::Texts(texts)) => texts.contains(text),
            Check::Out(Set::Texts(texts)) => !texts.contains(text),
            Check::In(Set::Others(_)) => false,
            Check::Out(Set::Others(_)) => true,
            Check::Like(pattern) => pattern.matches(text),
            other => other.decides(order),
        }
    }

    fn holds(&self, cell: &Cell) -> bool {
        if let Cell::Text(text) = cell {
            return match self {
                Check::In(Set::Others(values)) => {
                    values.iter().any(|value| order(cell, value) == Some(Ordering::Equal))
                }
                Check::Out(Set::Others(values)) => {
                    values.iter().all(|value| order(cell, value) != Some(Ordering::Equal))
                }
                _ => self.holds_text(text),
            };
        }
        match self {
            Check::In(Set::Others(values)) => values.iter().any(|value| order(cell, value) == Some(Ordering::Equal)),
            Check::Out(Set::Others(values)) => values.iter().all(|value| order(cell, value) != Some(Ordering::Equal)),
            Check::In(Set::Texts(_)) | Check::Like(_) => false,
            Check::Out(Set::Texts(_)) => true,
            other => other.decides(|literal| order(cell, literal)),
        }
    }

    /// Null is equal to null only, different from everything else, and neither greater nor less than anything.
    fn decides(&self, order: impl Fn(&Literal) -> Option<Ordering>) -> bool {
        match self {
            Check::Eq(literal) => order(literal) == Some(Ordering::Equal),
            Check::Ne(literal) => order(literal) != Some(Ordering::Equal),
            Check::Gt(literal) => order(literal) == Some(Ordering::Greater),
            Check::Ge(literal) => matches!(order(literal), Some(Ordering::Greater | Ordering::Equal)),
            Check::Lt(literal) => order(literal) == Some(Ordering::Less),
            Check::Le(literal) => matches!(order(literal), Some(Ordering::Less | Ordering::Equal)),
            Check::In(_) | Check::Out(_) | Check::Like(_) => false,
        }
    }
}

fn order(cell: &Cell, literal: &Literal) -> Option<Ordering> {
    match (cell, literal) {
        (Cell::Null, Literal::Null) => Some(Ordering::Equal),
        (Cell::Bool(one), Literal::Bool(other)) => Some(one.cmp(other)),
        (Cell::Int(one), Literal::Int(other)) => Some(one.cmp(other)),
        (Cell::Text(one), Literal::Text(other)) => Some((**one).cmp(other)),
        _ => None,
    }
}

/// How two cells of one field are ordered in a list: null first, then by value.
pub(crate) fn compare(one: &Cell, other: &Cell) -> Ordering {
    match (one, other) {
        (Cell::Bool(one), Cell::Bool(other)) => one.cmp(other),
        (Cell::Int(one), Cell::Int(other)) => one.cmp(other),
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (one, other) => (*one != Cell::Null).cmp(&(*other != Cell::Null)),
    }
}
