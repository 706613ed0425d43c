//! One operation while it runs: what it knows, what it asks, and the answers of its root fields.

pub mod entities;
mod mutate;
mod patience;
mod traced;
mod viewer;

use super::{
    walk::{Walk, existing},
    write::{Limits, Notes, Nulled, Pass, Quiet, Writer, Written as WrittenValue},
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{FieldSource, Model},
    },
    fault::Fault,
    graph::{
        cost::CostInput,
        document::plan::{
            Arguments, FieldKind, ROOT_FIELDS, RootField, RootKind, SelectionByType, SelectionId, origin,
        },
        error::{GraphError, Segment, bad_input},
        prepared::ExecutionPlan,
        queries::{
            UpstreamQueries,
            values::{VariableValues, argument},
        },
        schema::sizes::Sizes,
    },
    loader::{
        batch::Batch,
        loads::Loads,
        query::QueryTable,
        requests::{EntityRequest, LoadRequest, RelationRequest},
        rest::RestClient,
        store::{NO_PARENT, Place, RecordId, Rows, Store},
        trace::Origin,
    },
    upstream::marketplace::host::{Finding, RouteState},
};
use async_graphql::{Value, registry::Registry};
use futures::future::join_all;
use parking_lot::{Mutex, MutexGuard};
pub use patience::{Changes, Patience};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many ids `nodes` takes, so that an operation stays in the bounds of a page.
const MAX_NODES: usize = 100;

/// One operation while it runs.
pub struct Operation<'e> {
    runnable: &'e ExecutionPlan,
    registry: &'e Registry,
    model: &'e Model,
    variables: VariableValues,
    questions: Arc<UpstreamQueries>,
    store: Arc<Mutex<Store>>,
    loads: Loads,
    max_bytes: usize,
    /// The bytes that the answer may still grow by.
    bytes_left: AtomicUsize,
    /// The ids under which the upstream logged that it refused a write, by response key.
    trace_ids: Mutex<Vec<(Box<str>, String)>>,
    by_offset: Mutex<Vec<Vec<Segment>>>,
    /// The trace, if one was asked for.
    traced: Option<traced::Traced>,
    /// What addresses of icons begin with; none where the gateway serves none.
    pub icons: Option<&'e str>,
    /// Which tokens a caller without one can send, for the message that says that it has to; empty or a sentence after a
    /// space.
    pub hint: &'e str,
    /// How long its mutations may take, if it has any.
    pub patience: Option<Patience>,
}

/// The answer of a root field: its JSON and its errors.
pub struct Written {
    /// The JSON of the value.
    pub json: Vec<u8>,
    /// What went wrong in it.
    pub errors: Vec<GraphError>,
}

/// A root field's entities while they are looked for.
struct Sought {
    kind: Kind,
    sel: SelectionId,
    record: RecordId,
}

impl<'e> Operation<'e> {
    /// An operation that is ready to run; it asks through `rest`.
    #[must_use]
    pub fn new(
        runnable: &'e ExecutionPlan,
        registry: &'e Registry,
        model: &'e Arc<Model>,
        variables: VariableValues,
        max_bytes: usize,
        rest: RestClient,
    ) -> Self {
        let ask = || Arc::new(UpstreamQueries::new(registry, model, &runnable.plan, &variables));
        // Nothing but the document decides where there are no variables: once is enough.
        let questions = if variables.is_empty() { Arc::clone(runnable.questions.get_or_init(ask)) } else { ask() };
        let mut store = Store::new(Arc::clone(model));
        let of_modules = runnable.plan.sels.iter().any(|sel| sel.kind == Some(Kind::Module));
        if of_modules && rest.host().noted(Finding::ModulesClosed, rest.credentials(Upstream::Accounts)) {
            store.close_modules();
        }
        let store = Arc::new(Mutex::new(store));
        let batch = Batch::new(Arc::clone(&store), Arc::clone(&questions.table), rest);
        let loads = if runnable.plan.waits_alone() { Loads::Alone(batch) } else { Loads::together(batch) };
        Operation {
            runnable,
            registry,
            model,
            variables,
            questions,
            store,
            loads,
            max_bytes,
            bytes_left: AtomicUsize::new(max_bytes),
            trace_ids: Mutex::default(),
            by_offset: Mutex::default(),
            traced: None,
            icons: None,
            hint: "",
            patience: None,
        }
    }

    /// What bounds assume of the host, for this caller.
    #[must_use]
    pub fn route_state(&self) -> RouteState {
        let rest = self.loads.batch().rest();
        rest.host().state_of_routes(rest.credentials(Upstream::Accounts))
    }

    /// What the operation's bounds are computed from.
    #[must_use]
    pub fn basis<'a>(&'a self, sizes: &'a Sizes, explained: bool) -> CostInput<'a> {
        CostInput {
            plan: &self.runnable.plan,
            model: self.model,
            registry: self.registry,
            variables: &self.variables,
            queries: &self.questions.queries,
            table: &self.questions.table,
            represented: &self.questions.represented,
            wavefront: self.loads.batch().rest().wavefront().is_ok(),
            routes: self.route_state(),
            sizes,
            explained,
        }
    }

    /// Answers the root fields, in their order: those of a query at once, those of a mutation one after the other. What is
    /// no field of ours has no answer.
    pub async fn run(&self) -> Vec<Option<Written>> {
        let roots = &self.runnable.plan.roots;
        if let Loads::Together { idle, .. } = &self.loads {
            return idle.drive(join_all(roots.iter().map(|root| self.answer(root)))).await;
        }
        let mut answers = Vec::with_capacity(roots.len());
        for root in roots {
            answers.push(self.answer(root).await);
        }
        answers
    }

    async fn answer(&self, root: &RootField) -> Option<Written> {
        let (json, errors) = match &root.what {
            RootKind::ById(poly, arguments) => self.by_id(root, poly, arguments).await,
            RootKind::ByEmail(sel, arguments) => self.by_email(root, *sel, arguments).await,
            RootKind::Nodes(poly, arguments) => self.nodes(root, poly, arguments).await,
            RootKind::Connection(connection) => self.connection(root, *connection).await,
            RootKind::Viewer(sel) => Box::pin(self.viewer(root, *sel)).await,
            // The futures of these are large: every root field would have room for them.
            RootKind::Entities(poly, _) => Box::pin(self.entities(root, poly)).await,
            RootKind::Service(fields) => self.write(root, |writer, _| writer.service(fields)),
            RootKind::Mutation(plan) => Box::pin(self.mutate(root, plan)).await,
            RootKind::Typename | RootKind::Introspection => return None,
        };
        self.trace(root, &json, &errors);
        let taken = json.len() + errors.iter().map(GraphError::length).sum::<usize>();
        let left = self.bytes_left.load(Ordering::Relaxed);
        self.bytes_left.store(left.saturating_sub(taken), Ordering::Relaxed);
        Some(Written { json, errors })
    }

    /// The paths of the connections whose page was found by the place of its cursor.
    pub fn by_offset(&self) -> Vec<Vec<Segment>> {
        std::mem::take(&mut self.by_offset.lock())
    }

    /// The ids under which the upstream logged that it refused a write, by response key.
    pub fn trace_ids(&self) -> MutexGuard<'_, Vec<(Box<str>, String)>> {
        self.trace_ids.lock()
    }

    /// A root field as the place where something is wanted.
    fn at_root(&self, root: &RootField) -> Origin {
        let place = self.runnable.plan.roots.iter().position(|found| std::ptr::eq(found, root));
        origin(ROOT_FIELDS, place)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock()
    }

    fn argument(&self, arguments: &Arguments, name: &str, ty: &str) -> Result<Option<Value>, Arc<Fault>> {
        argument(self.registry, arguments, &self.variables, name, ty)
    }

    fn text_argument(&self, arguments: &Arguments, name: &str, ty: &str) -> Result<String, Arc<Fault>> {
        match self.argument(arguments, name, ty)? {
            Some(Value::String(text)) => Ok(text),
            _ => Err(bad_input(format!("Argument {name} must be given."))),
        }
    }

    /// Waits for what a root field wants.
    async fn load(&self, by_id: Vec<EntityRequest>, of_parents: Vec<RelationRequest>) {
        self.loads.load(LoadRequest { by_id, of_parents }).await;
    }

    /// Walks from some entities on until nothing is missing; returns whether something was asked for.
    async fn complete(&self, starts: &[(Place, Kind, SelectionId)]) -> bool {
        let mut walk = Walk::new(&self.runnable.plan, self.model, &self.questions.queries);
        for (place, kind, sel) in starts {
            walk.enter(*place, *kind, *sel);
        }
        let mut asked = false;
        loop {
            let (by_id, of_parents) = {
                if !walk.advance(&mut self.store()) {
                    return asked;
                }
                (std::mem::take(&mut walk.by_id), std::mem::take(&mut walk.of_parents))
            };
            self.load(by_id, of_parents).await;
            asked = true;
        }
    }

    /// Asks for entities by their ids, which proves that they exist.
    async fn fetch(&self, sought: &[Sought]) {
        let plan = &self.runnable.plan;
        let want = |sought: &Sought| existing(plan, self.model, sought.kind, sought.sel, sought.record);
        let relatives = sought.iter().flat_map(|sought| self.relatives(sought)).collect();
        self.load(sought.iter().map(want).collect(), relatives).await;
    }

    /// The relations that are sure to be asked of an entity: its id is all they need, so they need not wait for its body.
    fn relatives(&self, sought: &Sought) -> impl Iterator<Item = RelationRequest> {
        let object = self.model.kind(sought.kind);
        let plan = &self.runnable.plan;
        let (parent, queries) = (sought.record, &self.questions.queries);
        plan.sels[sought.sel].fields.iter().enumerate().filter_map(move |(index, planned)| {
            let (query, select) = match (&planned.what, &planned.rows) {
                // Which rows they are, the entity tells.
                (FieldKind::Connection(place), _) if plan.connections[*place].is_of_listed() => return None,
                (FieldKind::Connection(place), _) => {
                    (queries.connections[*place].as_ref().ok()?.query, &plan.connections[*place].select)
                }
                (FieldKind::Detail(place), _) => {
                    (*queries.details[*place].as_ref().ok()?, &plan.sels[sought.sel].select)
                }
                (_, Some(select)) => match object.fields[planned.field].way {
                    FieldSource::Related(relation) => (QueryTable::list_of(relation), select),
                    _ => return None,
                },
                _ => return None,
            };
            let origin = origin(sought.sel, Some(index));
            Some(RelationRequest { query, parent, select: Arc::clone(select), origin })
        })
    }

    /// What an id asks for: none when it is of no kind that the field is about.
    fn seek(&self, poly: &SelectionByType, id: &str) -> Option<Sought> {
        let kind = match poly.only() {
            Some((kind, _)) => Some(kind).filter(|kind| kind.fits(id)),
            None => Kind::of_id(id),
        }?;
        let sel = poly.of(kind)?;
        let record = self.store().record_of(kind, id);
        Some(Sought { kind, sel, record })
    }

    async fn by_id(
        &self,
        root: &RootField,
        poly: &SelectionByType,
        arguments: &Arguments,
    ) -> (Vec<u8>, Vec<GraphError>) {
        let id = match self.text_argument(arguments, "id", "ID!") {
            Ok(id) => id,
            Err(fault) => return self.failed(root, &fault),
        };
        let sought = match (self.seek(poly, &id), poly.only()) {
            (Some(sought), _) => sought,
            // Any text may be asked of `node`: what is no id of ours names nothing.
            (None, None) => return (b"null".to_vec(), vec![]),
            (None, Some((kind, _))) => {
                let message = format!("Argument id is not an id of {kind}: {}.", kind.id_form());
                return self.failed(root, &bad_input(message));
            }
        };
        let sought = [sought];
        self.fetch(&sought).await;
        let write = |writer: &mut Writer<'_>, store: &Store| writer.sought(store, &sought[0], root);
        self.complete_and_write(root, |store| starts(&sought, store), write).await
    }

    async fn nodes(
        &self,
        root: &RootField,
        poly: &SelectionByType,
        arguments: &Arguments,
    ) -> (Vec<u8>, Vec<GraphError>) {
        let ids = match self.argument(arguments, "ids", "[ID!]!") {
            Ok(Some(Value::List(ids))) if ids.len() <= MAX_NODES => ids,
            Ok(Some(Value::List(ids))) => {
                let message = format!("Argument ids has {} ids; at most {MAX_NODES} are allowed.", ids.len());
                return self.failed(root, &bad_input(message));
            }
            Ok(_) => return self.failed(root, &bad_input("Argument ids must be given.")),
            Err(fault) => return self.failed(root, &fault),
        };
        let place = |id: &Value| if let Value::String(id) = id { self.seek(poly, id) } else { None };
        let places: Vec<Option<Sought>> = ids.iter().map(place).collect();
        let sought: Vec<Sought> = places.iter().flatten().map(Sought::again).collect();
        if !sought.is_empty() {
            self.fetch(&sought).await;
        }
        let write = |writer: &mut Writer<'_>, store: &Store| {
            writer.list(places.iter(), (true, root.pos), |writer, place| match place {
                Some(sought) => writer.sought(store, sought, root),
                None => Err(Nulled::quiet(Quiet::NotFound)),
            })
        };
        self.complete_and_write(root, |store| starts(&sought, store), write).await
    }

    async fn by_email(&self, root: &RootField, sel: SelectionId, arguments: &Arguments) -> (Vec<u8>, Vec<GraphError>) {
        let email = match self.text_argument(arguments, "email", "String!") {
            Ok(email) if !email.is_empty() => email,
            Ok(_) => return self.failed(root, &bad_input("Argument email must not be empty.")),
            Err(fault) => return self.failed(root, &fault),
        };
        let parent = self.store().record_of(Kind::User, &email);
        let selected = &self.runnable.plan.sels[sel];
        let mut select = crate::upstream::select::Select::default();
        select.unite(&selected.select, selected.select.fields.intersection(self.model.kind(Kind::User).tellable));
        self.load(
            vec![],
            vec![RelationRequest {
                query: QueryTable::by_email(),
                parent,
                select: Arc::new(select),
                origin: self.at_root(root),
            }],
        )
        .await;
        let found = match self.store().rows(QueryTable::by_email(), parent) {
            Some(Ok(rows)) => Ok(rows.rows.first().copied()),
            Some(Err(fault)) => Err(Arc::clone(fault)),
            None => Err(Arc::new(Fault::internal("Nobody was looked for."))),
        };
        let place = match found {
            Ok(Some(place)) => place,
            Ok(None) => return (b"null".to_vec(), vec![]),
            Err(fault) => return self.failed(root, &fault),
        };
        let write = |writer: &mut Writer<'_>, _: &Store| writer.entity(place, Kind::User, sel);
        self.complete_and_write(root, |_| vec![(place, Kind::User, sel)], write).await
    }

    async fn connection(&self, root: &RootField, connection: usize) -> (Vec<u8>, Vec<GraphError>) {
        let query = match &self.questions.queries.connections[connection] {
            Ok(query) => query.query,
            Err(fault) => return self.failed(root, fault),
        };
        let plan = &self.runnable.plan.connections[connection];
        let select = Arc::clone(&plan.select);
        self.load(vec![], vec![RelationRequest { query, parent: NO_PARENT, select, origin: self.at_root(root) }]).await;
        let fault = self.store().rows(query, NO_PARENT).and_then(|rows| rows.as_ref().err().cloned());
        if let Some(fault) = fault {
            return self.failed(root, &fault);
        }
        let starts = |store: &Store| {
            let rows = collection(store, query).into_iter().flat_map(|rows| &rows.rows);
            rows.flat_map(|row| plan.nodes.iter().map(|sel| (*row, plan.kind, *sel))).collect()
        };
        self.complete_and_write(root, starts, |writer, store| match collection(store, query) {
            Some(rows) => writer.connection(connection, rows, root.pos),
            None => Err(writer.fail(&Fault::internal("The list was not asked for."), root.pos)),
        })
        .await
    }

    /// Writes the answer of a root field whose entities came: at once where they tell all that is selected, else when they
    /// are complete.
    async fn complete_and_write(
        &self,
        root: &RootField,
        starts: impl FnOnce(&Store) -> Vec<(Place, Kind, SelectionId)>,
        write: impl for<'s> Fn(&mut Writer<'s>, &'s Store) -> WrittenValue,
    ) -> (Vec<u8>, Vec<GraphError>) {
        // Others who wait would learn from what this one meets on its walk, and so would the trace.
        if matches!(self.loads, Loads::Alone(_)) && self.traced.is_none() {
            let store = self.store();
            let mut writer = self.writer(root, &store);
            writer.pass = Pass::Eager;
            writer.nullable(|writer| write(writer, &store));
            if !writer.unknown {
                return self.finish(root, writer);
            }
        }
        let starts = starts(&self.store());
        self.complete(&starts).await;
        self.settle(root, &starts, write).await
    }

    /// Writes the answer of a root field whose entities were walked. A field that failed ends the walk there. Where a later
    /// read of the same entity returned it all the same, what is selected below it was not walked, so it is walked again.
    async fn settle(
        &self,
        root: &RootField,
        starts: &[(Place, Kind, SelectionId)],
        write: impl for<'s> Fn(&mut Writer<'s>, &'s Store) -> WrittenValue,
    ) -> (Vec<u8>, Vec<GraphError>) {
        loop {
            if let Some(written) = self.write_unless(root, false, &write) {
                return written;
            }
            if !self.complete(starts).await {
                return self.write(root, write);
            }
        }
    }

    /// Writes the answer of a root field, with an error at each field that was never asked for.
    fn write(
        &self,
        root: &RootField,
        write: impl for<'s> Fn(&mut Writer<'s>, &'s Store) -> WrittenValue,
    ) -> (Vec<u8>, Vec<GraphError>) {
        let written = self.write_unless(root, true, write);
        written.unwrap_or_else(|| self.failed(root, &Fault::internal("The answer of a root field was not written.")))
    }

    /// Writes the answer of a root field, unless a field was not asked for and this is not the `last` time. An entity is
    /// walked once for a selection, at whichever place of it came first; where another place tells less, all that was met
    /// of the entities is gathered and the answer written again.
    fn write_unless(
        &self,
        root: &RootField,
        last: bool,
        write: impl for<'s> Fn(&mut Writer<'s>, &'s Store) -> WrittenValue,
    ) -> Option<(Vec<u8>, Vec<GraphError>)> {
        let mut store = self.store();
        let mut writer = self.writer(root, &store);
        writer.nullable(|writer| write(writer, &store));
        if !writer.unknown {
            return Some(self.finish(root, writer));
        }
        store.index_all();
        let mut writer = self.writer(root, &store);
        writer.pass = if last { Pass::Last } else { Pass::Gathered };
        writer.nullable(|writer| write(writer, &store));
        (last || !writer.unasked).then(|| self.finish(root, writer))
    }

    fn finish(&self, root: &RootField, mut writer: Writer<'_>) -> (Vec<u8>, Vec<GraphError>) {
        self.keep_notes(writer.notes.take());
        self.by_offset.lock().append(&mut writer.by_offset);
        writer.finish(root.pos)
    }

    fn writer<'s>(&'s self, root: &'s RootField, store: &'s Store) -> Writer<'s> {
        let limits = Limits { most: self.max_bytes, left: self.bytes_left.load(Ordering::Relaxed) };
        let mut writer =
            Writer::new(&self.runnable.plan, self.model, store, &self.questions.queries, &root.name, limits);
        (writer.pos, writer.icons) = (root.pos, self.icons);
        writer.notes = self.traced.as_ref().map(|_| Notes::default());
        writer
    }

    fn failed(&self, root: &RootField, fault: &Fault) -> (Vec<u8>, Vec<GraphError>) {
        let store = self.store();
        let mut writer = self.writer(root, &store);
        writer.nullable(|writer| Err(writer.fail(fault, root.pos)));
        writer.finish(root.pos)
    }
}

/// The rows of a collection, if they came.
fn collection(store: &Store, query: u32) -> Option<&Rows> {
    store.rows(query, NO_PARENT)?.as_ref().ok()
}

/// The entities that are there.
fn starts(sought: &[Sought], store: &Store) -> Vec<(Place, Kind, SelectionId)> {
    let start = |sought: &Sought| Some((store.record(sought.kind, sought.record).row?, sought.kind, sought.sel));
    sought.iter().filter_map(start).collect()
}

impl Sought {
    fn again(&self) -> Sought {
        Sought { kind: self.kind, sel: self.sel, record: self.record }
    }
}

impl Writer<'_> {
    /// Writes an entity that was sought by its id: null when it is not there, an error when asking failed.
    fn sought(&mut self, store: &Store, sought: &Sought, root: &RootField) -> WrittenValue {
        let record = store.record(sought.kind, sought.record);
        match (record.row, &record.fault) {
            (Some(row), _) => self.entity(row, sought.kind, sought.sel),
            (None, Some(fault)) => Err(self.fail(fault, root.pos)),
            (None, None) => Err(Nulled::quiet(Quiet::NotFound)),
        }
    }
}
