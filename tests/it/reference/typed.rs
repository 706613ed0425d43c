//! Queries that ask of every object what it is and, of what has an id, which one: so that an answer can be read without
//! knowing how it came about.

use super::{
    document::{Document, Field, Selection},
    schema::{Schema, named},
};

/// The response key of an object's type.
pub(super) const TYPE: &str = "typeOf_";
/// The response key of an entity's id.
pub(super) const ID: &str = "idOf_";

/// The same query with both in every selection set.
pub(super) fn typed(schema: &Schema, document: &Document) -> Document {
    let mut document = document.clone();
    add(schema, "Query", &mut document.set);
    for fragment in &mut document.fragments {
        add(schema, &fragment.on, &mut fragment.set);
    }
    document
}

fn add(schema: &Schema, ty: &str, set: &mut Vec<Selection>) {
    for selection in set.iter_mut() {
        match selection {
            Selection::Field(field) if field.set.is_empty() => {}
            Selection::Field(field) => {
                let below = &schema.output(ty, &field.name).ty;
                add(schema, named(below), &mut field.set);
            }
            Selection::Inline { on, set, .. } => add(schema, on.as_deref().unwrap_or(ty), set),
            Selection::Spread { .. } => {}
        }
    }
    set.push(hidden(TYPE, "__typename"));
    if schema.is_entity(ty) || schema.is_interface(ty) {
        set.push(hidden(ID, "id"));
    }
}

fn hidden(key: &str, name: &str) -> Selection {
    let alias = Some(key.to_owned());
    Selection::Field(Field { id: 0, alias, name: name.to_owned(), arguments: vec![], directives: vec![], set: vec![] })
}
