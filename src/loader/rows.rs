//! Rows and their parents: how they are asked for, which row belongs to which parent, and what rows tell in passing.

use super::store::{Place, RecordId, Store, is_placeholder};
use crate::{
    entity::{
        kind::Kind,
        model::{Fields, Model, Shape, Target},
    },
    fault::Fault,
    upstream::{
        marketplace::relation::By,
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

/// Adds the places of the parents that a row belongs to, each once. Parents are in the order of their ids.
pub(super) fn name_parents(
    store: &Store,
    row: Place,
    by: By,
    parents: &[(Box<str>, RecordId)],
    named: &mut Vec<usize>,
) {
    let tape = store.tape(row);
    let Some(member) = tape.get(row.at, by.member()) else { return };
    let parent = |at| {
        let id = match by {
            By::Ids(_) => tape.get(at, "id").unwrap_or(at),
            _ => tape.get(at, "id")?,
        };
        let id = tape.plain(id)?;
        parents.binary_search_by(|(parent, _)| (**parent).cmp(id)).ok()
    };
    match by {
        By::Reference(_) => named.extend(parent(member)),
        By::Collection(_) | By::Ids(_) => {
            named.extend(tape.items(member).filter_map(parent));
            named.sort_unstable();
            named.dedup();
        }
        By::Value(_) => {
            let text = tape.text(member).unwrap_or_default();
            let text = text.to_lowercase();
            let same = |(_, (id, _)): &(usize, &(Box<str>, RecordId))| id.to_lowercase() == text;
            named.extend(parents.iter().enumerate().filter(same).map(|(place, _)| place));
        }
    }
}

/// Whether a row names something of another kind than its parents.
pub(super) fn names_another(store: &Store, row: Place, by: By, kind: Kind) -> bool {
    let tape = store.tape(row);
    let Some(member) = tape.get(row.at, by.member()) else { return false };
    let another = |at| {
        let id = tape.get(at, "id").unwrap_or(at);
        tape.plain(id).is_some_and(|id| kind.is_of_another(id))
    };
    match by {
        By::Reference(_) => another(member),
        By::Collection(_) | By::Ids(_) => tape.items(member).any(another),
        By::Value(_) => false,
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
        Shape::Refs(Target::One(_)) => select.add_nested(place, Fields::NONE),
        Shape::Ref(Target::One(inner)) => {
            let member = rest.map(|rest| rest.split_once('.').map_or(rest, |(member, _)| member));
            let member = member.and_then(|member| model.kind(inner).keys.get(member));
            select.add_nested(place, member.map_or(Fields::NONE, Fields::one));
        }
        _ => select.add(place),
    }
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

pub(super) fn by_parents(by: By, ids: &[&str]) -> Result<Expr, Arc<Fault>> {
    Ok(match by {
        By::Reference(member) => Expr::In { path: Path::new(member).join("id"), values: literals(ids)? },
        By::Collection(member) | By::Ids(member) => Expr::any_of(Path::new(member), literals(ids)?),
        By::Value(member) => Expr::Or(ids.iter().map(|value| in_any_case(member, value)).collect::<Result<_, _>>()?),
    })
}
