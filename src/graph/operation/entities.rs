//! Entities that routers refer to. A representation is taken for what it is: a body that tells a key and nothing else.
//! So what it tells is answered without a request, and the rest is asked for as that of any other reference.

use super::Operation;
use crate::{
    entity::{
        kind::Kind,
        model::{Fields, Model},
        tape::{ROOT, Tape},
    },
    fault::{Fault, FaultKind},
    graph::{
        answer::{GraphError, bad_input},
        federation::{
            REPRESENTATIONS,
            entities::Representation,
            keys::{Key, KeyBy},
        },
        page::{self, VariableValues},
        plan::{Plan, Poly, Root, RootWhat, SelId, What},
        walk,
        write::Writer,
    },
    loader::{
        batch::OfParent,
        query::{Query, QueryTable},
        store::{Place, RecordId, Store},
    },
    upstream::{marketplace::relation::By, select::Select},
};
use async_graphql::{Value, registry::Registry};
use std::{collections::HashMap, sync::Arc};

/// How many representations an operation may have: as many as it may ask for entities, unless that is said otherwise. All
/// root fields together, since a variable of them may be named by each.
const MAX_REPRESENTATIONS: usize = 20_000;

/// What is referred to, with the query that finds it when its key is no id.
type Readable = Result<(Representation, Option<u32>), Arc<Fault>>;

/// What a root field refers to.
pub struct Represented(Vec<Readable>);

/// The representations of all root fields, by response key.
pub type AllRepresented = HashMap<Box<str>, Result<Represented, Arc<Fault>>>;

impl Represented {
    /// What has to be asked for, with the query that finds it when its key is no id, and what is selected of it.
    pub fn sought<'a>(
        &'a self,
        plan: &'a Plan,
        model: &'a Model,
        poly: &'a Poly,
    ) -> impl Iterator<Item = (&'a Representation, Option<u32>, SelId)> {
        self.0.iter().flatten().filter_map(|(read, query)| {
            let sel = poly.of(read.key.kind)?;
            (!wants_only(plan, model, sel, read.key.by)).then_some((read, *query, sel))
        })
    }
}

/// Reads the representations of a document, and adds the queries that find them.
pub(super) fn represented(
    registry: &Registry,
    plan: &Plan,
    variables: &VariableValues,
    table: &mut QueryTable,
) -> AllRepresented {
    let (mut all, mut left) = (AllRepresented::new(), MAX_REPRESENTATIONS);
    for root in &plan.roots {
        let RootWhat::Entities(_, arguments) = &root.what else { continue };
        let (name, ty) = REPRESENTATIONS;
        let read = match page::argument(registry, arguments, variables, name, ty) {
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
            KeyBy::Value(member) => Query::all_of(key.kind, By::Value(member), key.kind),
        };
        queries.push((key, table.place(query)));
    }
    let query = |read: Representation| {
        let query = queries.iter().find(|(key, _)| *key == read.key).map(|(_, query)| *query);
        (read, query)
    };
    Represented(read.into_iter().map(|read| read.map(query)).collect())
}

/// An entity that a router refers to, while it is looked for.
struct Referred {
    kind: Kind,
    sel: SelId,
    by: ReferredBy,
}

enum ReferredBy {
    /// The key, and nothing more is wanted.
    Known(Place),
    /// An id.
    Id(Place, RecordId),
    /// A query's rows for a record.
    Rows(u32, RecordId),
}

impl Operation<'_> {
    /// Answers `_entities`.
    pub(super) async fn entities(&self, root: &Root, poly: &Poly) -> (Vec<u8>, Vec<GraphError>) {
        let represented = match self.questions.represented.get(&root.name) {
            Some(Ok(Represented(represented))) => represented,
            Some(Err(fault)) => return self.failed(root, fault),
            None => return self.failed(root, &Fault::internal("The representations were not read.")),
        };
        let referred = match self.refer(represented, poly) {
            Ok(referred) => referred,
            Err(fault) => return self.failed(root, &fault),
        };
        let by_id: Vec<_> = referred.iter().flatten().filter_map(Referred::start).collect();
        futures::future::join(self.complete(&by_id), self.complete_rows(&referred)).await;
        let starts: Vec<_> = {
            let store = self.store();
            let start = |referred: &Referred| Some((referred.place(&store).ok()?, referred.kind, referred.sel));
            referred.iter().flatten().filter_map(start).collect()
        };
        let write = |writer: &mut Writer<'_>, store: &Store| {
            writer.list(referred.iter(), (true, root.pos), |writer, referred| {
                let found = referred.as_ref().map_err(Arc::clone);
                match found.and_then(|referred| Ok((referred.place(store)?, referred))) {
                    Ok((place, referred)) => writer.entity(place, referred.kind, referred.sel),
                    Err(fault) => Err(writer.fail(&fault, root.pos)),
                }
            })
        };
        self.settle(root, &starts, write).await
    }

    fn refer(&self, represented: &[Readable], poly: &Poly) -> Result<Vec<Result<Referred, Arc<Fault>>>, Arc<Fault>> {
        let told = |read: &Readable| read.as_ref().map(|(read, _)| read.json()).unwrap_or_default();
        let keys = represented.iter().map(told).collect::<serde_json::Value>().to_string();
        let tape = Tape::scan(keys).map_err(|_| Arc::new(Fault::internal("The keys could not be kept.")))?;
        let places: Vec<_> = tape.items(ROOT).collect();
        let mut store = self.store();
        let body = store.keep(tape, Arc::default());
        let plan = &self.runnable.plan;
        let refer = |(read, at): (&Readable, _)| {
            let (read, query) = read.as_ref().map_err(Arc::clone)?;
            let Representation { key, values } = read;
            let kind = key.kind;
            let sel = poly.of(kind).ok_or_else(|| bad_input(format!("{kind} is no entity.")))?;
            // As a row: nobody else is to be asked for what it lacks.
            let place = Place::row(body, at, Fields::NONE);
            let by = match (key.by, query) {
                _ if wants_only(plan, self.model, sel, key.by) => ReferredBy::Known(place),
                (KeyBy::Value(_), Some(query)) => ReferredBy::Rows(*query, store.record_of(kind, &values[0])),
                _ => ReferredBy::Id(place, store.record_of(kind, read.looked_for())),
            };
            Ok(Referred { kind, sel, by })
        };
        Ok(represented.iter().zip(places).map(refer).collect())
    }

    /// Looks for what is referred to by another key than its id, all in one round, and completes it.
    async fn complete_rows(&self, referred: &[Result<Referred, Arc<Fault>>]) {
        let plan = &self.runnable.plan;
        let want = |referred: &Referred| {
            let ReferredBy::Rows(query, parent) = referred.by else { return None };
            let mut select = Select::default();
            let wanted = &plan.sels[referred.sel].select;
            select.unite(wanted, wanted.fields.common(self.model.kind(referred.kind).tellable));
            let origin = walk::origin(referred.sel, None);
            Some(OfParent { query, parent, select: Arc::new(select), origin })
        };
        let wanted: Vec<_> = referred.iter().flatten().filter_map(want).collect();
        if wanted.is_empty() {
            return;
        }
        self.load(vec![], wanted).await;
        let starts: Vec<_> = {
            let store = self.store();
            let rows = |referred: &&Referred| matches!(referred.by, ReferredBy::Rows(..));
            let start = |referred: &Referred| Some((referred.place(&store).ok()?, referred.kind, referred.sel));
            referred.iter().flatten().filter(rows).filter_map(start).collect()
        };
        self.complete(&starts).await;
    }
}

impl Referred {
    fn start(&self) -> Option<(Place, Kind, SelId)> {
        if let ReferredBy::Id(place, _) = self.by { Some((place, self.kind, self.sel)) } else { None }
    }

    /// Where the entity is told. What was asked for by its id and did not come is not there, or not for the caller.
    fn place(&self, store: &Store) -> Result<Place, Arc<Fault>> {
        let missing = || {
            let message = format!("There is no {} with this key, or the caller may not see it.", self.kind);
            Arc::new(Fault::new(FaultKind::NotFound, message))
        };
        match self.by {
            ReferredBy::Known(place) => Ok(place),
            ReferredBy::Id(place, record) => {
                let record = store.record(self.kind, record);
                match (&record.row, &record.fault) {
                    (None, Some(fault)) => Err(Arc::clone(fault)),
                    (None, None) if !record.asked.is_empty() => Err(missing()),
                    _ => Ok(place),
                }
            }
            ReferredBy::Rows(query, parent) => match store.rows(query, parent) {
                Some(Err(fault)) => Err(Arc::clone(fault)),
                Some(Ok(rows)) => rows.rows.first().copied().ok_or_else(missing),
                None => Err(missing()),
            },
        }
    }
}

/// Whether a selection asks for no more than what a key says.
fn wants_only(plan: &Plan, model: &Model, sel: SelId, key: KeyBy) -> bool {
    let sel = &plan.sels[sel];
    let fields = &model.types[sel.ty].fields;
    sel.fields.iter().all(|planned| match (&planned.what, key) {
        (What::Typename(_), _) => true,
        (What::Leaf(_), KeyBy::Id | KeyBy::Pair(..)) => *fields[planned.field].name == *"id",
        (What::Leaf(_), KeyBy::Value(member)) => *fields[planned.field].name == *member,
        (What::Ref(poly), KeyBy::Pair((one, _), (other, _))) => {
            let name = &*fields[planned.field].name;
            (name == one || name == other) && poly.sels().all(|sel| wants_only(plan, model, sel, KeyBy::Id))
        }
        _ => false,
    })
}
