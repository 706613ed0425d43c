//! What a router refers to, with the queries that find it.

use super::{
    representation::Representation,
    values::{VariableValues, argument},
};
use crate::{
    entity::model::Model,
    fault::Fault,
    graph::{
        document::plan::{FieldKind, Plan, RootKind, SelectionByType, SelectionId},
        error::bad_input,
        names::REPRESENTATIONS,
        schema::federation::keys::{Key, KeyBy},
    },
    loader::query::{Query, QueryTable},
    upstream::marketplace::relation::ParentKey,
};
use async_graphql::{Value, registry::Registry};
use std::{collections::HashMap, sync::Arc};

/// How many representations an operation may have: as many as it may ask for entities, unless that is said otherwise. All
/// root fields together, since a variable of them may be named by each.
const MAX_REPRESENTATIONS: usize = 20_000;

/// What is referred to, with the query that finds it when its key is no id.
pub type Readable = Result<(Representation, Option<u32>), Arc<Fault>>;

/// What a root field refers to.
pub struct Represented(pub Vec<Readable>);

/// The representations of all root fields, by response key.
pub type AllRepresented = HashMap<Box<str>, Result<Represented, Arc<Fault>>>;

impl Represented {
    /// What has to be asked for, with the query that finds it when its key is no id, and what is selected of it.
    pub fn sought<'a>(
        &'a self,
        plan: &'a Plan,
        model: &'a Model,
        poly: &'a SelectionByType,
    ) -> impl Iterator<Item = (&'a Representation, Option<u32>, SelectionId)> {
        self.0.iter().flatten().filter_map(|(read, query)| {
            let sel = poly.of(read.key.kind)?;
            (!wants_only(plan, model, sel, read.key.by)).then_some((read, *query, sel))
        })
    }
}

/// Reads the representations of a document, and adds the queries that find them.
pub fn represented(
    registry: &Registry,
    plan: &Plan,
    variables: &VariableValues,
    table: &mut QueryTable,
) -> AllRepresented {
    let (mut all, mut left) = (AllRepresented::new(), MAX_REPRESENTATIONS);
    for root in &plan.roots {
        let RootKind::Entities(_, arguments) = &root.what else { continue };
        let (name, ty) = REPRESENTATIONS;
        let read = match argument(registry, arguments, variables, name, ty) {
            Ok(Some(Value::List(items))) if items.len() > left => {
                left = 0;
                Err(bad_input(format!("At most {MAX_REPRESENTATIONS} {name} are allowed in an operation.")))
            }
            Ok(Some(Value::List(items))) => {
                left -= items.len();
                Ok(with_queries(items.iter().map(Representation::read).collect(), table))
            }
            Ok(_) => Err(bad_input(format!("Argument {name} must be given."))),
            Err(fault) => Err(fault),
        };
        all.insert(root.name.clone(), read);
    }
    all
}

fn with_queries(read: Vec<Result<Representation, Arc<Fault>>>, table: &mut QueryTable) -> Represented {
    let mut queries: Vec<(&'static Key, u32)> = vec![];
    for representation in read.iter().flatten() {
        let key = representation.key;
        if queries.iter().any(|(known, _)| *known == key) {
            continue;
        }
        let query = match key.by {
            KeyBy::Id | KeyBy::Pair(..) => continue,
            KeyBy::Value(member) => Query::all_of(key.kind, ParentKey::Value(member), key.kind),
        };
        queries.push((key, table.place(query)));
    }
    let query = |read: Representation| {
        let query = queries.iter().find(|(key, _)| *key == read.key).map(|(_, query)| *query);
        (read, query)
    };
    Represented(read.into_iter().map(|read| read.map(query)).collect())
}

/// Whether a selection asks for no more than what a key says.
#[must_use]
pub fn wants_only(plan: &Plan, model: &Model, sel: SelectionId, key: KeyBy) -> bool {
    let sel = &plan.sels[sel];
    let fields = &model.types[sel.ty].fields;
    sel.fields.iter().all(|planned| match (&planned.what, key) {
        (FieldKind::Typename(_), _) => true,
        (FieldKind::Leaf(_), KeyBy::Id | KeyBy::Pair(..)) => *fields[planned.field].name == *"id",
        (FieldKind::Leaf(_), KeyBy::Value(member)) => *fields[planned.field].name == *member,
        (FieldKind::Ref(poly), KeyBy::Pair((one, _), (other, _))) => {
            let name = &*fields[planned.field].name;
            (name == one || name == other) && poly.sels().all(|sel| wants_only(plan, model, sel, KeyBy::Id))
        }
        _ => false,
    })
}
