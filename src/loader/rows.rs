//! Rows and their parents: how they are asked for, which row belongs to which parent, and what rows tell in passing.

use super::query::Query;
use super::store::{Place, RecordId, Store, is_placeholder};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, Model, Shape, Target},
        tape::Json,
    },
    fault::Fault,
    upstream::{
        marketplace::relation::ParentKey,
        rql::{Expr, Inexpressible, Literal, Op, Path},
        select::Select,
    },
};
use std::sync::Arc;

/// What a row tells of modules is kept with them, since nobody else tells it.
pub(super) fn learn_held(store: &mut Store, model: &Model, kind: Kind, row: Place) {
    for (place, field) in model.kind(kind).fields.iter().enumerate() {
        let Shape::Refs(Target::One(inner)) = field.shape else { continue };
        if !inner.told_by_holder() {
            continue;
        }
        let Some(list) = store.look(row, model.kind(kind), place) else { continue };
        if is_placeholder(store.tape(row), list) {
            continue;
        }
        let items: Vec<_> = store.tape(row).items(list).collect();
        for item in items {
            let held = store.reference(row, Some(place), item, inner);
            store.learn(inner, held);
        }
    }
}

/// What there is to say where something was asked for, did not come, and a row came that is none of what was asked for.
pub(super) fn unexpected(kind: Kind) -> Arc<Fault> {
    let upstream = kind.upstream().name();
    Arc::new(Fault::invalid(format!("{upstream} answered with a row that is none of those that were asked for.")))
}

/// What there is to say of lists that may lack a row, since nobody knows to which of them it belongs.
fn unowned(kind: Kind) -> Arc<Fault> {
    let upstream = kind.upstream().name();
    Arc::new(Fault::invalid(format!("{upstream} answered with a row that does not say whose it is.")))
}

/// Adds the places of the parents that a row belongs to, each once. Parents are in the order of their ids.
///
/// # Errors
///
/// When a list may lack the row, or another row: it does not say for sure whose it is, or belongs to none of the parents
/// whose rows were asked for.
pub(super) fn owners(
    store: &Store,
    row: Place,
    (by, owner): (ParentKey, Kind),
    rows: Kind,
    parents: &[(Box<str>, RecordId)],
    named: &mut Vec<usize>,
) -> Result<(), Arc<Fault>> {
    let tells = name_parents(store, row, (by, owner), parents, named);
    if tells && !named.is_empty() {
        return Ok(());
    }
    if names_another(store, row, by, owner) {
        return Err(of_another_kind());
    }
    if !tells {
        return Err(unowned(rows));
    }
    match by {
        ParentKey::Reference(_) | ParentKey::Collection(_) | ParentKey::Listed(_) | ParentKey::Members(_) => {
            Err(unexpected(rows))
        }
        // Texts may be compared in more ways than by their case, and what a search of Wavefront's finds is not documented
        // to the letter.
        ParentKey::Value(_) | ParentKey::Ids(_) => Ok(()),
    }
}

/// Refuses a row of a list of one parent that names others only. One that names nobody is not refused: the list is of one
/// parent, so it can be nobody else's.
///
/// # Errors
///
/// When the row is of another parent, or names something of another kind.
pub(super) fn of_parent(
    store: &Store,
    row: Place,
    (by, owner): (ParentKey, Kind),
    rows: Kind,
    parent: &(Box<str>, RecordId),
) -> Result<(), Arc<Fault>> {
    if by.member().and_then(|member| store.tape(row).get(row.at, member)).is_none() {
        return Ok(());
    }
    let (parents, mut named) = (std::slice::from_ref(parent), vec![]);
    if !name_parents(store, row, (by, owner), parents, &mut named) && !names_another(store, row, by, owner) {
        return Ok(());
    }
    named.clear();
    owners(store, row, (by, owner), rows, parents, &mut named)
}

/// Why rows cannot be believed that name something of another kind than belongs there.
pub(super) fn of_another_kind() -> Arc<Fault> {
    Arc::new(Fault::invalid("The upstream answered with the id of something of another kind."))
}

/// Adds the places of the parents that a row belongs to, each once, and returns whether it says for sure whose it is, be it
/// another's. Parents are in the order of their ids.
fn name_parents(
    store: &Store,
    row: Place,
    (by, kind): (ParentKey, Kind),
    parents: &[(Box<str>, RecordId)],
    named: &mut Vec<usize>,
) -> bool {
    let tape = store.tape(row);
    let Some(member) = by.member().and_then(|member| tape.get(row.at, member)) else {
        return matches!(by, ParentKey::Ids(_));
    };
    let id = |at| {
        let id = match by {
            ParentKey::Ids(_) => tape.get(at, "id").unwrap_or(at),
            _ => tape.get(at, "id")?,
        };
        // A search of Wavefront's finds ids of any form.
        tape.plain(id).filter(|id| kind.fits(id) || matches!(by, ParentKey::Ids(_)))
    };
    let place = |id: &str| parents.binary_search_by(|(parent, _)| (**parent).cmp(id)).ok();
    match by {
        ParentKey::Reference(_) => {
            let Some(id) = id(member) else { return false };
            named.extend(place(id));
        }
        ParentKey::Collection(_) | ParentKey::Ids(_) => {
            // Wavefront writes null for none.
            if !matches!((tape.kind(member), by), (Json::List, _) | (Json::Null, ParentKey::Ids(_))) {
                return false;
            }
            let mut any = false;
            for item in tape.items(member) {
                // One without an id may be any of the parents.
                let Some(id) = id(item) else { return false };
                any = true;
                named.extend(place(id));
            }
            if !any && matches!(by, ParentKey::Collection(_)) {
                return false;
            }
            named.sort_unstable();
            named.dedup();
        }
        ParentKey::Value(_) => {
            let Some(text) = tape.text(member) else { return false };
            let text = text.to_lowercase();
            let same = |(_, (id, _)): &(usize, &(Box<str>, RecordId))| id.to_lowercase() == text;
            named.extend(parents.iter().enumerate().filter(same).map(|(place, _)| place));
        }
        ParentKey::Listed(_) | ParentKey::Members(_) => return false,
    }
    true
}

/// Whether a row names something of another kind than its parents.
fn names_another(store: &Store, row: Place, by: ParentKey, kind: Kind) -> bool {
    let tape = store.tape(row);
    let Some(member) = by.member().and_then(|member| tape.get(row.at, member)) else { return false };
    let another = |at| {
        let id = tape.get(at, "id").unwrap_or(at);
        tape.plain(id).is_some_and(|id| kind.is_of_another(id))
    };
    match by {
        ParentKey::Reference(_) => another(member),
        ParentKey::Collection(_) | ParentKey::Ids(_) => tape.items(member).any(another),
        ParentKey::Value(_) | ParentKey::Listed(_) | ParentKey::Members(_) => false,
    }
}

/// Notes what a path touches, and selects the beginning of it: through a reference its member, of a list the ids, else the
/// whole.
pub(super) fn touch(model: &Model, kind: Kind, path: &str, select: &mut Select) {
    select.touched.add(model, kind, path);
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let object = model.kind(kind);
    let Some(place) = object.keys.get(head) else { return };
    match object.fields[place].shape {
        Shape::Refs(Target::One(_)) => select.add_nested(place, FieldSet::NONE),
        Shape::Ref(Target::One(inner)) => {
            let member = rest.map(|rest| rest.split_once('.').map_or(rest, |(member, _)| member));
            let member = member.and_then(|member| model.kind(inner).keys.get(member));
            select.add_nested(place, member.map_or(FieldSet::NONE, FieldSet::single));
        }
        _ => select.add(place),
    }
}

/// What is asked of rows: what is selected, what filter and order touch, and what names the parents.
#[must_use]
pub(super) fn rows_select(model: &Model, query: &Query, mut select: Select) -> Select {
    for path in &query.touched {
        touch(model, query.rows, path, &mut select);
    }
    if let Some((by, _)) = query.by {
        if let Some(member) = by.member() {
            touch(model, query.rows, member, &mut select);
        }
        select.touched.add(model, query.rows, &by.property());
    }
    select
}

pub(super) fn literals(values: &[&str]) -> Result<Vec<Literal>, Arc<Fault>> {
    let literals = values.iter().map(|value| Literal::text(*value)).collect::<Result<_, _>>();
    literals.map_err(|inexpressible: Inexpressible| Arc::new(inexpressible.into()))
}

/// Whether a text is this one but for its case: whether `in` looks at case is up to the upstream, `ilike` never does.
fn in_any_case(member: &'static str, text: &str) -> Result<Expr, Arc<Fault>> {
    let value = Literal::exactly(text).map_err(|inexpressible| Arc::new(inexpressible.into()))?;
    Ok(Expr::Compare { op: Op::Ilike, path: Path::new(member), value })
}

/// The condition that rows belong to some parents; where rows do not name their parents, `ids` are those of the rows.
pub(super) fn by_parents(by: ParentKey, ids: &[&str]) -> Result<Expr, Arc<Fault>> {
    Ok(match by {
        ParentKey::Listed(_) | ParentKey::Members(_) => Expr::In { path: Path::new("id"), values: literals(ids)? },
        ParentKey::Reference(member) => Expr::In { path: Path::new(member).join("id"), values: literals(ids)? },
        ParentKey::Collection(member) | ParentKey::Ids(member) => Expr::any_of(Path::new(member), literals(ids)?),
        ParentKey::Value(member) => {
            Expr::Or(ids.iter().map(|value| in_any_case(member, value)).collect::<Result<_, _>>()?)
        }
    })
}
