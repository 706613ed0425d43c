//! Queries that go on where an answer ended: with the cursors that it gave.

use super::{
    document::{Document, Field, Selection, Value},
    luck::Luck,
};
use std::collections::BTreeMap;

/// The cursors of an answer: of each connection, by the number of its field, each with the path of its list.
pub(super) type Cursors = BTreeMap<usize, Vec<(String, String)>>;

/// The same query with another page of one connection; none when there was no cursor.
pub(super) fn follow(document: &Document, cursors: &Cursors, luck: &mut Luck) -> Option<Document> {
    // A cursor is a position in one list. Of several parents' lists the next pages begin at different ones.
    let of_one = |(_, found): &(&usize, &Vec<(String, String)>)| found.iter().all(|(list, _)| *list == found[0].0);
    let numbers: Vec<usize> = cursors.iter().filter(of_one).map(|(number, _)| *number).collect();
    let number = *luck.pick(&numbers)?;
    let mut cursor = || Value::Text(luck.pick(&cursors[&number]).map(|(_, cursor)| cursor.clone()).unwrap_or_default());
    let (one, other) = (cursor(), cursor());
    let size = Value::Int(i64::try_from(luck.below(4)).unwrap_or_default());
    let arguments = match luck.below(8) {
        0 | 1 => vec![("first", size), ("after", one)],
        2 | 3 => vec![("last", size), ("before", one)],
        4 => vec![("first", size), ("before", one)],
        5 => vec![("last", size), ("after", one)],
        6 => vec![("first", size), ("after", one), ("before", other)],
        _ => vec![("last", size), ("after", one), ("before", other)],
    };
    let mut document = document.clone();
    let sets = document.fragments.iter_mut().map(|fragment| &mut fragment.set);
    for set in std::iter::once(&mut document.set).chain(sets) {
        turn(set, number, &arguments);
    }
    Some(document)
}

fn turn(set: &mut [Selection], number: usize, arguments: &[(&str, Value)]) {
    for selection in set {
        match selection {
            Selection::Field(field) => {
                if field.id == number {
                    turn_page(field, arguments);
                }
                turn(&mut field.set, number, arguments);
            }
            Selection::Inline { set, .. } => turn(set, number, arguments),
            Selection::Spread { .. } => {}
        }
    }
}

fn turn_page(field: &mut Field, arguments: &[(&str, Value)]) {
    field.arguments.retain(|(name, _)| name == "filter" || name == "orderBy");
    field.arguments.extend(arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
}
