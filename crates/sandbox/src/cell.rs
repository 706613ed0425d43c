//! The values that rows are made of.

use serde_json::Value;

use super::schema::{self, Entity, Field};

/// A row: one cell per field of its entity's table, in the same order.
pub(crate) type Row = Box<[Cell]>;

/// What one field of one row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    /// Text, and dates in their canonical form.
    Text(Box<str>),
    Texts(Vec<Box<str>>),
    Json(Value),
    /// A value object, its members in the order of its table.
    Object(Row),
    Objects(Vec<Row>),
    /// A reference by row number; the field says into which table.
    One(usize),
    Many(Vec<usize>),
    /// A user, an API token, a service or an extension by row number.
    Actor(Entity, usize),
}

impl Cell {
    /// The text of a text cell, and nothing for all others.
    pub(crate) fn as_text(&self) -> &str {
        match self {
            Cell::Text(text) => text,
            _ => "",
        }
    }

    /// The references in a cell, whether it holds one, many or none.
    pub(crate) fn targets(&self) -> &[usize] {
        match self {
            Cell::One(row) => std::slice::from_ref(row),
            Cell::Many(rows) => rows,
            _ => &[],
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text.into())
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Cell {
        Cell::Bool(flag)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Int(number)
    }
}

impl From<Row> for Cell {
    fn from(members: Row) -> Cell {
        Cell::Object(members)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Null, Into::into)
    }
}

impl<const N: usize> From<[&str; N]> for Cell {
    fn from(texts: [&str; N]) -> Cell {
        Cell::Texts(texts.into_iter().map(Into::into).collect())
    }
}

/// A row out of values by key; what is not named is null.
pub(crate) fn row<const N: usize>(fields: &'static [Field], values: [(&str, Cell); N]) -> Row {
    let mut cells = vec![Cell::Null; fields.len()];
    for (name, value) in values {
        let slot = schema::find_key(fields, name);
        debug_assert!(slot.is_some(), "no field is called {name}");
        if let Some(cell) = slot.and_then(|slot| cells.get_mut(slot)) {
            *cell = value;
        }
    }
    cells.into()
}

/// The value object of an entity's field, out of named values.
pub(crate) fn object<const N: usize>(entity: Entity, field: &str, values: [(&str, Cell); N]) -> Cell {
    let members = entity.fields()[entity.slot(field)].members().unwrap_or_default();
    Cell::Object(row(members, values))
}
