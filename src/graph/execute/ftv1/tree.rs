//! The nodes of a trace: one for each selected field, and one for each element of a list of objects. `__typename` has none,
//! as with Apollo's own servers: routers add it everywhere, and it is no field of the schema.

use super::{Errors, chosen, message, nanos, node, number, text};
use crate::{
    entity::{
        kind::Kind,
        model::Leaf,
        tape::{At, Json, ROOT, Tape},
    },
    graph::{
        document::plan::{
            ConnectionPlan, Edge, FieldKind, Keyed, PageInfo, Paging, PlannedField, RootField, RootKind,
            SelectionByType, SelectionId, ServiceField,
            mutation::{ErrorField, MutationPlan, PayloadField},
        },
        error::{GraphError, Segment},
        execute::{
            view::{Answer, View},
            write::{Note, Notes},
        },
        names::{CONNECTION, VIEWER_TYPE},
        schema::mutation::declared::ResultKind,
    },
    loader::{
        clock::Round,
        query::QueryTable,
        store::{NO_PARENT, Place, RecordId},
    },
    upstream::marketplace::icon::ICON_URL,
};
use async_graphql::registry::Registry;
use std::cell::Cell;

/// How many more nodes and errors the trace of an operation may have, and one more. A node takes some hundred bytes, and
/// names are written again in each; an error is written twice, and its path is a branch while its node is looked for.
#[derive(Debug)]
pub struct Budget {
    nodes: Cell<usize>,
    errors: Cell<usize>,
}

/// The nodes of an answer of some megabytes.
const MAX_NODES: usize = 100_000;

/// More than anybody reads.
const MAX_ERRORS: usize = 1_000;

impl Default for Budget {
    fn default() -> Self {
        Budget { nodes: Cell::new(MAX_NODES + 1), errors: Cell::new(MAX_ERRORS + 1) }
    }
}

impl Budget {
    /// Whether there was none left for a node or an error.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.nodes.get() == 0 || self.errors.get() == 0
    }

    fn node(&self) -> bool {
        spend(&self.nodes)
    }

    fn error(&self) -> bool {
        spend(&self.errors)
    }
}

fn spend(budget: &Cell<usize>) -> bool {
    let left = budget.get();
    budget.set(left.saturating_sub(1));
    left > 1
}

/// A root field's answer, to be walked with what it was made of.
pub struct Tree<'s> {
    /// What the answer was made of.
    pub view: View<'s>,
    /// The schema.
    pub registry: &'s Registry,
    /// The answer.
    pub tape: Tape,
    /// What the objects in it are.
    pub notes: &'s Notes,
    /// How many nodes and errors there may be.
    pub budget: &'s Budget,
}

/// A field that a node is about.
struct Declared<'a> {
    /// The response key.
    key: &'a str,
    name: &'a str,
    parent: &'a str,
    round: Round,
}

/// Whose fields are walked.
#[derive(Clone, Copy)]
enum Holder {
    /// An entity's, which several rounds may have told.
    Entity(Place, Kind, Option<RecordId>),
    /// A value object's, which came in this round.
    Value(Round),
}

impl<'s> Tree<'s> {
    /// The node of a root field.
    #[must_use]
    pub fn root(&self, root: &'s RootField, name: &str, errors: &[GraphError]) -> Vec<u8> {
        let mut errors = Errors::of(errors.iter().take_while(|_| self.budget.error()));
        let mut out = vec![];
        let declared =
            Declared { key: &root.name, name, parent: &self.view.plan.root_type, round: self.delivered(root) };
        self.field(&mut out, &declared, &mut errors, |out, errors| match &root.what {
            RootKind::Connection(connection) => self.connection(out, *connection, ROOT, declared.round, errors),
            RootKind::Service(fields) => self.service(out, fields, errors),
            RootKind::Viewer(sel) => self.viewer(out, *sel, errors),
            RootKind::Mutation(plan) => self.payload(out, plan, declared.round, errors),
            _ => self.entities(out, ROOT, errors),
        });
        out
    }

    /// The round that delivered a root field.
    fn delivered(&self, root: &RootField) -> Round {
        let (store, queries) = (self.view.store, self.view.queries);
        let noted = |at: At| match self.notes.get(&self.tape.start(at)) {
            Some(Note::Entity(place, kind, _)) => {
                let asked = store.known_record(*place, *kind).map_or(0, |record| store.record(*kind, record).round);
                Some(asked.max(store.round_of(*place)))
            }
            _ => None,
        };
        match &root.what {
            RootKind::Connection(connection) => {
                let query = queries.connections[*connection].as_ref().ok().map(|found| found.query);
                query.and_then(|query| store.round_of_rows(query, NO_PARENT)).unwrap_or_default()
            }
            RootKind::Mutation(_) => match self.notes.get(&self.tape.start(ROOT)) {
                Some(Note::Payload(round)) => *round,
                _ => store.clock.round(),
            },
            RootKind::Service(_) => 0,
            // What is not there was asked for in the first round, together with all the rest.
            _ => self.tape.items(ROOT).chain([ROOT]).filter_map(noted).max().unwrap_or(store.clock.round().min(1)),
        }
    }

    fn field(
        &self,
        out: &mut Vec<u8>,
        declared: &Declared<'_>,
        errors: &mut Errors<'_>,
        inside: impl FnOnce(&mut Vec<u8>, &mut Errors<'_>),
    ) {
        if !self.budget.node() {
            return;
        }
        let mut errors = errors.take(|| Segment::Key(declared.key.into()));
        message(out, node::CHILD, |out| {
            text(out, node::RESPONSE_NAME, declared.key);
            if declared.key != declared.name {
                text(out, node::ORIGINAL_FIELD_NAME, declared.name);
            }
            let meta = self.registry.types.get(declared.parent).and_then(|meta| meta.field_by_name(declared.name));
            if let Some(meta) = meta {
                text(out, node::TYPE, &meta.ty);
            }
            text(out, node::PARENT_TYPE, declared.parent);
            if declared.round > 0 {
                let (start, end) = self.view.store.clock.span(declared.round);
                number(out, node::START_TIME, nanos(start));
                number(out, node::END_TIME, nanos(end));
            }
            inside(out, &mut errors);
            errors.write(out);
        });
    }

    /// A field without fields of its own.
    fn leaf(&self, out: &mut Vec<u8>, declared: &Declared<'_>, errors: &mut Errors<'_>) {
        self.field(out, declared, errors, |_, _| {});
    }

    /// A node for each element of a list; of an object, its own fields. Nothing of anything else.
    fn each(
        &self,
        out: &mut Vec<u8>,
        at: At,
        errors: &mut Errors<'_>,
        object: &impl Fn(&mut Vec<u8>, At, &mut Errors<'_>),
    ) {
        if self.tape.kind(at) == Json::Object {
            return object(out, at, errors);
        }
        for (index, item) in self.tape.items(at).enumerate() {
            if !self.budget.node() {
                return;
            }
            let mut errors = errors.take(|| Segment::Index(index));
            message(out, node::CHILD, |out| {
                chosen(out, node::INDEX, index as u64);
                self.each(out, item, &mut errors, object);
                errors.write(out);
            });
        }
    }

    /// An entity, or a list of them.
    fn entities(&self, out: &mut Vec<u8>, at: At, errors: &mut Errors<'_>) {
        self.each(out, at, errors, &|out, at, errors| match self.notes.get(&self.tape.start(at)) {
            Some(Note::Entity(place, kind, sel)) => {
                let record = self.view.store.known_record(*place, *kind);
                self.members(out, at, *sel, Holder::Entity(*place, *kind, record), errors);
            }
            Some(Note::Other(place, sel)) => {
                self.members(out, at, *sel, Holder::Value(self.view.store.round_of(*place)), errors);
            }
            _ => {}
        });
    }

    /// Who is asking: fields of a token that the schema has in a type of their own.
    fn viewer(&self, out: &mut Vec<u8>, sel: SelectionId, errors: &mut Errors<'_>) {
        if let Some(Note::Entity(place, kind, _)) = self.notes.get(&self.tape.start(ROOT)) {
            let record = self.view.store.known_record(*place, *kind);
            self.members_of(VIEWER_TYPE, out, ROOT, sel, Holder::Entity(*place, *kind, record), errors);
        }
    }

    fn members(&self, out: &mut Vec<u8>, at: At, sel: SelectionId, holder: Holder, errors: &mut Errors<'_>) {
        let parent = &self.view.model.types[self.view.plan.sels[sel].ty].name;
        self.members_of(parent, out, at, sel, holder, errors);
    }

    fn members_of(
        &self,
        parent: &str,
        out: &mut Vec<u8>,
        at: At,
        sel: SelectionId,
        holder: Holder,
        errors: &mut Errors<'_>,
    ) {
        let sel = &self.view.plan.sels[sel];
        let object = &self.view.model.types[sel.ty];
        for planned in sel.written().iter().filter(|planned| planned.field != usize::MAX) {
            let round = match holder {
                Holder::Entity(place, kind, record) => self.told(place, kind, record, planned),
                Holder::Value(round) => round,
            };
            let name = match &planned.what {
                FieldKind::Leaf(Leaf::IconUrl) => ICON_URL,
                FieldKind::Within(inside) => &object.fields[inside.field].name,
                FieldKind::Own(_) => "apiToken",
                _ => &object.fields[planned.field].name,
            };
            let declared = Declared { key: &planned.name, name, parent, round };
            self.field(out, &declared, errors, |out, errors| {
                let Some(at) = self.tape.get(at, &planned.name) else { return };
                match &planned.what {
                    FieldKind::Object(sel) | FieldKind::Objects(sel) => self.values(out, at, *sel, round, errors),
                    FieldKind::Refs(SelectionByType { list: Some(list), .. }) => {
                        let plan = &self.view.plan.lists[*list];
                        self.paging(out, (plan.kind, &plan.fields), at, round, errors);
                    }
                    FieldKind::Ref(_) | FieldKind::Refs(_) | FieldKind::Own(_) => self.entities(out, at, errors),
                    FieldKind::Connection(connection) => self.connection(out, *connection, at, round, errors),
                    FieldKind::Detail(detail) => {
                        if let Some(sel) = self.view.plan.details[*detail].sel {
                            self.values(out, at, sel, round, errors);
                        }
                    }
                    FieldKind::Leaf(_) | FieldKind::Leaves(_) | FieldKind::Within(..) | FieldKind::Typename(_) => {}
                }
            });
        }
    }

    /// A value object, or a list of them.
    fn values(&self, out: &mut Vec<u8>, at: At, sel: SelectionId, round: Round, errors: &mut Errors<'_>) {
        self.each(out, at, errors, &|out, at, errors| self.members(out, at, sel, Holder::Value(round), errors));
    }

    /// The round that told a field of an entity, or that its value is null, or that asking for it failed.
    fn told(&self, place: Place, kind: Kind, record: Option<RecordId>, planned: &PlannedField) -> Round {
        let View { model, store, queries, .. } = self.view;
        let (query, always) = match planned.what {
            FieldKind::Connection(connection) => {
                (queries.connections[connection].as_ref().ok().map(|found| found.query), true)
            }
            FieldKind::Detail(detail) => (queries.details[detail].as_ref().ok().copied(), true),
            _ => {
                let way = model.kind(kind).fields[planned.field].way;
                (way.listed_by().map(QueryTable::list_of), false)
            }
        };
        let rows = query.zip(record).and_then(|(query, record)| store.round_of_rows(query, record));
        match (self.view.field(place, kind, record, planned, false), rows) {
            (Answer::Value(holder, _) | Answer::Entity(holder), _) => store.round_of(holder),
            (_, Some(round)) => round,
            _ if always => 0,
            _ => {
                let record = record.map(|record| store.record(kind, record));
                let tells = |place: &&Place| place.told.contains(planned.field);
                let parts = record.into_iter().flat_map(|record| &record.parts);
                let told = std::iter::once(&place).chain(parts).find(tells).map(|place| store.round_of(*place));
                told.or(record.map(|record| record.round)).unwrap_or_else(|| store.round_of(place))
            }
        }
    }

    fn connection(&self, out: &mut Vec<u8>, connection: usize, at: At, round: Round, errors: &mut Errors<'_>) {
        let plan: &ConnectionPlan = &self.view.plan.connections[connection];
        self.paging(out, (plan.kind, &plan.fields), at, round, errors);
    }

    fn paging(
        &self,
        out: &mut Vec<u8>,
        (kind, fields): (Kind, &[Keyed<Paging>]),
        at: At,
        round: Round,
        errors: &mut Errors<'_>,
    ) {
        if self.tape.kind(at) != Json::Object {
            return;
        }
        let parent = format!("{kind}{CONNECTION}");
        for (key, paging) in fields {
            let key = name(key);
            let declared = |name| Declared { key, name, parent: &parent, round };
            let below = self.tape.get(at, key).unwrap_or(at);
            match paging {
                Paging::Typename(_) => {}
                Paging::TotalCount(..) => self.leaf(out, &declared("totalCount"), errors),
                Paging::Nodes(..) => {
                    self.field(out, &declared("nodes"), errors, |out, errors| self.entities(out, below, errors));
                }
                Paging::Edges(_, edges) => self.field(out, &declared("edges"), errors, |out, errors| {
                    self.each(out, below, errors, &|out, at, errors| {
                        self.edge(out, edges, kind, at, round, errors);
                    });
                }),
                Paging::PageInfo(fields) => self.field(out, &declared("pageInfo"), errors, |out, errors| {
                    for (key, field) in fields {
                        let name_of = match field {
                            PageInfo::Typename(_) => continue,
                            PageInfo::HasNext => "hasNextPage",
                            PageInfo::HasPrevious => "hasPreviousPage",
                            PageInfo::Start => "startCursor",
                            PageInfo::End => "endCursor",
                        };
                        let declared = Declared { key: name(key), name: name_of, parent: "PageInfo", round };
                        self.leaf(out, &declared, errors);
                    }
                }),
            }
        }
    }

    fn edge(
        &self,
        out: &mut Vec<u8>,
        edges: &[Keyed<Edge>],
        kind: Kind,
        at: At,
        round: Round,
        errors: &mut Errors<'_>,
    ) {
        let parent = format!("{kind}Edge");
        for (key, edge) in edges {
            let key = name(key);
            let declared = |name| Declared { key, name, parent: &parent, round };
            match edge {
                Edge::Typename(_) => {}
                Edge::Cursor => self.leaf(out, &declared("cursor"), errors),
                Edge::Node(..) => self.field(out, &declared("node"), errors, |out, errors| {
                    self.entities(out, self.tape.get(at, key).unwrap_or(at), errors);
                }),
            }
        }
    }

    fn service(&self, out: &mut Vec<u8>, fields: &[Keyed<ServiceField>], errors: &mut Errors<'_>) {
        for (key, field) in fields {
            if let ServiceField::Sdl = field {
                let declared = Declared { key: name(key), name: "sdl", parent: "_Service", round: 0 };
                self.leaf(out, &declared, errors);
            }
        }
    }

    fn payload(&self, out: &mut Vec<u8>, plan: &MutationPlan, round: Round, errors: &mut Errors<'_>) {
        if self.tape.kind(ROOT) != Json::Object {
            return;
        }
        let parent = plan.declared.payload();
        let entity = plan.declared.entity_field();
        for (key, field) in &plan.fields {
            let key = name(key);
            let declared = |name| Declared { key, name, parent: &parent, round };
            let below = self.tape.get(ROOT, key).unwrap_or(ROOT);
            match field {
                PayloadField::Typename(_) => {}
                PayloadField::DeletedId(..) => self.leaf(out, &declared("deletedId"), errors),
                PayloadField::Valid => self.leaf(out, &declared("valid"), errors),
                PayloadField::Secret(..) => {
                    self.leaf(out, &declared(plan.declared.secret.unwrap_or_default()), errors);
                }
                PayloadField::Told(..) => {
                    if let ResultKind::Told(_, told) = plan.declared.gives {
                        self.leaf(out, &declared(told), errors);
                    }
                }
                PayloadField::Entity(..) => {
                    let declared = declared(entity.as_deref().unwrap_or_default());
                    self.field(out, &declared, errors, |out, errors| self.entities(out, below, errors));
                }
                PayloadField::UserErrors(_, plan) => {
                    self.field(out, &declared("userErrors"), errors, |out, errors| {
                        self.each(out, below, errors, &|out, at, errors| match self.notes.get(&self.tape.start(at)) {
                            Some(Note::Conflict) => {
                                self.user_error(out, "RevisionConflict", &plan.conflict, at, round, errors);
                            }
                            _ => self.user_error(out, "InputError", &plan.input, at, round, errors),
                        });
                    });
                }
            }
        }
    }

    fn user_error(
        &self,
        out: &mut Vec<u8>,
        parent: &str,
        fields: &[Keyed<ErrorField>],
        at: At,
        round: Round,
        errors: &mut Errors<'_>,
    ) {
        for (key, field) in fields {
            let key = name(key);
            let declared = |name| Declared { key, name, parent, round };
            match field {
                ErrorField::Typename(_) => {}
                ErrorField::Message => self.leaf(out, &declared("message"), errors),
                ErrorField::Path => self.leaf(out, &declared("path"), errors),
                ErrorField::Code => self.leaf(out, &declared("code"), errors),
                ErrorField::Current(..) => self.field(out, &declared("current"), errors, |out, errors| {
                    self.entities(out, self.tape.get(at, key).unwrap_or(at), errors);
                }),
            }
        }
    }
}

/// The response key in `"key":`.
fn name(key: &[u8]) -> &str {
    key.get(1..key.len().saturating_sub(2)).and_then(|key| std::str::from_utf8(key).ok()).unwrap_or_default()
}
