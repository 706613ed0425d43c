//! Rows to JSON, straight into a buffer.

use super::{
    cell::Cell,
    quirk::{By, Dates, Host},
    schema::{ACTOR, Entity, Shapes},
    shape::{Entry, Shape},
    viewer::Viewer,
    world::World,
};

/// Prints rows of a world for one viewer, in the manner of a host.
pub(crate) struct Printer<'a> {
    pub(crate) world: &'a World,
    pub(crate) viewer: &'a Viewer,
    pub(crate) host: Host,
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
            let unsigned = matches!(cell, Cell::Actor(..)) && self.host.quirks.by == By::Absent;
            if *cell == Cell::Null || unsigned || (entry.own && !self.viewer.sees_account(cell)) {
                continue;
            }
            let before = out.len();
            if !first {
                out.push(b',');
            }
            out.extend_from_slice(&entry.key);
            let value = out.len();
            self.cell(out, entry, cell);
            // In v5 what is empty is left out like what is null.
            if self.host.shapes() == Shapes::V5 && matches!(&out[value..], b"[]" | b"{}" | b"\"\"") {
                out.truncate(before);
            } else {
                first = false;
            }
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
            (Cell::Text(text), _) if entry.date => string(out, &self.date(text)),
            (Cell::Text(text), _) => string(out, text),
            (Cell::Texts(texts), _) => list(out, texts, |out, text| string(out, text)),
            (Cell::Json(value), _) => out.extend_from_slice(value.to_string().as_bytes()),
            (Cell::Object(members), _) => self.members(out, &entry.inner, members),
            (Cell::Objects(items), _) => list(out, items, |out, item| self.members(out, &entry.inner, item)),
            (Cell::One(row), Some(entity)) => self.members(out, &entry.inner, self.world.row(entity, *row)),
            (Cell::Many(rows), Some(entity)) => {
                list(out, rows, |out, row| self.members(out, &entry.inner, self.world.row(entity, *row)));
            }
            (Cell::Actor(entity, row), _) if self.host.quirks.by == By::Unknown => {
                self.members(out, &entry.inner, &self.stranger(*entity, *row));
            }
            (Cell::Actor(entity, row), _) => {
                self.object(out, &entry.inner, |entry| self.world.cell(*entity, *row, entry.name), b"");
            }
            _ => out.extend_from_slice(b"null"),
        }
    }
}

impl Printer<'_> {
    /// A canonical date as the host writes it.
    fn date(&self, text: &str) -> String {
        let bare = text.strip_suffix('Z').unwrap_or(text);
        match self.host.quirks.dates {
            Dates::Z => text.to_owned(),
            Dates::Offset => format!("{bare}0000+00:00"),
            Dates::Bare => bare.to_owned(),
        }
    }

    /// Whoever did something, as one of a kind that nothing describes.
    fn stranger(&self, entity: Entity, row: usize) -> Vec<Cell> {
        let cell = |name: &str| match self.world.cell(entity, row, name) {
            Cell::Text(id) if name == "id" => {
                format!("BOT-{}", id.split_once('-').map_or(&**id, |(_, digits)| digits)).into()
            }
            cell => cell.clone(),
        };
        ACTOR.iter().map(|field| cell(field.key)).collect()
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
