//! Smaller queries that still fail.

use super::document::{Document, Field, Selection};

/// Every query that has one thing less: a selection, an argument, the directives of a selection, or the braces around an
/// inline fragment.
pub(super) fn smaller(document: &Document) -> Vec<Document> {
    let mut found = vec![];
    let mut number = 0;
    loop {
        let mut copy = document.clone();
        let mut left = number;
        let done = change(&mut copy.set, &mut left)
            || copy.fragments.iter_mut().any(|fragment| change(&mut fragment.set, &mut left));
        if !done {
            return found;
        }
        if !copy.set.is_empty() && copy.fragments.iter().all(|fragment| !fragment.set.is_empty()) {
            found.push(copy);
        }
        number += 1;
    }
}

/// Makes the change with this number, counted from the outside in.
fn change(set: &mut Vec<Selection>, left: &mut usize) -> bool {
    for place in 0..set.len() {
        if take(left) {
            set.remove(place);
            return true;
        }
    }
    for place in 0..set.len() {
        if matches!(&set[place], Selection::Inline { on: None, .. }) && take(left) {
            if let Selection::Inline { set: inner, .. } = set.remove(place) {
                set.splice(place..place, inner);
            }
            return true;
        }
        let (Selection::Field(Field { directives, .. })
        | Selection::Inline { directives, .. }
        | Selection::Spread { directives, .. }) = &mut set[place];
        if !directives.is_empty() && take(left) {
            directives.clear();
            return true;
        }
        match &mut set[place] {
            Selection::Field(field) => {
                for argument in 0..field.arguments.len() {
                    let required = ["id", "ids", "email"].contains(&field.arguments[argument].0.as_str());
                    if !required && take(left) {
                        field.arguments.remove(argument);
                        return true;
                    }
                }
                if change(&mut field.set, left) {
                    return true;
                }
            }
            Selection::Inline { set, .. } => {
                if change(set, left) {
                    return true;
                }
            }
            Selection::Spread { .. } => {}
        }
    }
    false
}

fn take(left: &mut usize) -> bool {
    if *left == 0 {
        return true;
    }
    *left -= 1;
    false
}
