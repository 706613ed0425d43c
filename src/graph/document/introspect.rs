//! Where introspection differs from what the library answers: an interface that implements none has the empty list of
//! interfaces, and the schema has a description of its own. The library's answer does not say what an object of it stands
//! for, so beside each field that is to be corrected another one is selected, under a key that no document can have.

use super::schema;
use crate::graph::schema::printed::DESCRIPTION;
use async_graphql::{
    Name, Positioned, Value,
    parser::types::{DocumentOperations, ExecutableDocument, Field, Selection, SelectionSet},
};

/// The end of a key that is not part of the answer.
const MARK: char = '\0';

/// The field that tells how another one is corrected.
fn beside(ty: &str, field: &str) -> Option<&'static str> {
    match (ty, field) {
        ("__Type", "interfaces") => Some("kind"),
        ("__Schema", "description") => Some("__typename"),
        _ => None,
    }
}

/// Selects what [`complete`] needs in a document of one operation.
pub fn prepare(document: &mut ExecutableDocument, root: &str) {
    if let DocumentOperations::Single(operation) = &mut document.operations {
        mark(&mut operation.node.selection_set.node, root);
    }
    for fragment in document.fragments.values_mut() {
        let ty = fragment.node.type_condition.node.on.node.to_string();
        mark(&mut fragment.node.selection_set.node, &ty);
    }
}

fn mark(set: &mut SelectionSet, ty: &str) {
    let mut marks = Vec::new();
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                let name = field.node.name.node.clone();
                if let Some(beside) = beside(ty, &name) {
                    let key = format!("{}{MARK}", field.node.response_key().node);
                    let pos = item.pos;
                    let alias = Some(Positioned::new(Name::new(key), pos));
                    let name = Positioned::new(Name::new(beside), pos);
                    let (arguments, selection_set) = (vec![], Positioned::default());
                    let directives = field.node.directives.clone();
                    let field = Field { alias, name, arguments, directives, selection_set };
                    marks.push(Positioned::new(Selection::Field(Positioned::new(field, pos)), pos));
                }
                if let Some(of) = schema::introspection_type(ty, &name) {
                    mark(&mut field.node.selection_set.node, of);
                }
            }
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.to_string());
                mark(&mut inline.node.selection_set.node, on.as_deref().unwrap_or(ty));
            }
            Selection::FragmentSpread(_) => {}
        }
    }
    set.items.extend(marks);
}

/// Corrects the library's answer.
pub fn complete(answer: &mut Value) {
    match answer {
        Value::List(items) => items.iter_mut().for_each(complete),
        Value::Object(members) => {
            members.values_mut().for_each(complete);
            let marks: Vec<Name> = members.keys().filter(|key| key.ends_with(MARK)).cloned().collect();
            for mark in marks {
                let told = members.shift_remove(&mark);
                let Some(value) = members.get_mut(mark.trim_end_matches(MARK)) else { continue };
                match told {
                    Some(Value::Enum(kind)) if kind == "INTERFACE" && *value == Value::Null => {
                        *value = Value::List(vec![]);
                    }
                    Some(Value::String(_)) => {
                        *value = Value::String(DESCRIPTION.to_owned());
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}
