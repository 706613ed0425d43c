//! Rows to JSON, straight into a buffer.

use super::{
    cell::Cell,
    shape::{Entry, Shape},
    viewer::Viewer,
    world::World,
};

/// Prints rows of a world for one viewer.
pub(crate) struct Printer<'a> {
    pub(crate) world: &'a World,
    pub(crate) viewer: &'a Viewer,
}

impl Printer<'_> {
    /// A root object, with the names it leaves out.
    pub(crate) fn root(&self, out: &mut Vec<u8>, shape: &Shape, cells: &[Cell], meta: &[u8]) {
        self.object(out, shape, |entry| &cells[entry.slot], meta);
    }

    fn object<'c>(&self, out: &mut Vec<u8>, shape: &Shape, cell: impl Fn(&Entry) -> &'c Cell, meta: &[u8]) {
        out.push(b'{');
        out.extend_from_slice(meta);
        let mut first = meta.is_empty();
        for entry in &shape.entries {
            let cell = cell(entry);
            if *cell == Cell::Null || (entry.own && !self.viewer.sees_account(cell)) {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(&entry.key);
            self.cell(out, entry, cell);
        }
        out.push(b'}');
    }

    fn members(&self, out: &mut Vec<u8>, shape: &Shape, cells: &[Cell]) {
        self.object(out, shape, |entry| &cells[entry.slot], b"");
    }

    fn cell(&self, out: &mut Vec<u8>, entry: &Entry, cell: &Cell) {
        match (cell, entry.target) {
            (Cell::Bool(flag), _) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            (Cell::Int(number), _) => out.extend_from_slice(number.to_string().as_bytes()),
            (Cell::Text(text), _) => string(out, text),
            (Cell::Texts(texts), _) => list(out, texts, |out, text| string(out, text)),
            (Cell::Json(value), _) => out.extend_from_slice(value.to_string().as_bytes()),
            (Cell::Object(members), _) => self.members(out, &entry.inner, members),
            (Cell::Objects(items), _) => list(out, items, |out, item| self.members(out, &entry.inner, item)),
            (Cell::One(row), Some(entity)) => self.members(out, &entry.inner, self.world.row(entity, *row)),
            (Cell::Many(rows), Some(entity)) => {
                list(out, rows, |out, row| self.members(out, &entry.inner, self.world.row(entity, *row)));
            }
            (Cell::Actor(entity, row), _) => {
                self.object(out, &entry.inner, |entry| self.world.cell(*entity, *row, entry.name), b"");
            }
            _ => out.extend_from_slice(b"null"),
        }
    }
}

/// The `$meta` member that tells what was left out.
pub(crate) fn omitted(names: &[&str]) -> Vec<u8> {
    let mut out = b"\"$meta\":{\"omitted\":".to_vec();
    list(&mut out, names, |out, name| string(out, name));
    out.push(b'}');
    out
}

/// A JSON array.
pub(crate) fn list<T>(out: &mut Vec<u8>, items: &[T], mut print: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        print(out, item);
    }
    out.push(b']');
}

fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}
