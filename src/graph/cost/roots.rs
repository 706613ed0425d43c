//! The root fields: what is sure to be asked, and what arrives by it.

use super::{Asked, Basis, Count, taken};
use crate::{
    entity::{
        kind::{KINDS, Kind},
        model::Way,
    },
    graph::{
        operation::ROOT_FIELDS,
        page,
        plan::{Arguments, Planned, Poly, RootWhat, SelId, What},
        walk,
    },
    loader::trace::Origin,
    upstream::select::Select,
};
use async_graphql::Value;
use std::{collections::BTreeSet, ops::Range};

impl<'a> Count<'a> {
    pub(super) fn roots(&mut self, which: Range<usize>) {
        let plan = self.basis.plan;
        let mut ids: [BTreeSet<String>; KINDS] = Default::default();
        let mut emails = BTreeSet::new();
        for (place, root) in plan.roots.iter().enumerate().take(which.end).skip(which.start) {
            let origin = walk::origin(ROOT_FIELDS, Some(place));
            match &root.what {
                RootWhat::ById(poly, arguments) => {
                    let id = self.argument(arguments, "id", "ID!").map_or(vec![], |id| vec![id]);
                    self.by_ids(poly, id, &mut ids);
                }
                RootWhat::Nodes(poly, arguments) => {
                    let found = self.argument(arguments, "ids", "[ID!]!");
                    let found = if let Some(Value::List(found)) = found { found } else { vec![] };
                    self.by_ids(poly, found, &mut ids);
                }
                RootWhat::ByEmail(sel, arguments) => {
                    if let Some(Value::String(email)) = self.argument(arguments, "email", "String!") {
                        emails.insert(email);
                        let select = &plan.sels[*sel].select;
                        self.ask(Asked::Rows(self.basis.by_email), emails.len(), (1, 1), select, origin);
                        self.row(*sel, 1, (1, 1), false);
                    }
                }
                RootWhat::Connection(connection) => self.root_connection(*connection, origin),
                RootWhat::Mutation(mutation) => self.mutation(place, mutation, origin),
                RootWhat::Typename | RootWhat::Introspection => {}
            }
        }
        for found in ids.iter().filter(|found| !found.is_empty()) {
            self.surely.requests += found.len().div_ceil(100);
        }
        for kind in Kind::ALL {
            if let Some(ask) = self.asks.get_mut(&Asked::Ids(kind)) {
                ask.ids = ids[kind as usize].iter().cloned().collect();
                ask.count = ask.ids.len();
            }
        }
        if let Some(ask) = self.asks.get_mut(&Asked::Rows(self.basis.by_email)) {
            ask.ids = emails.into_iter().collect();
            ask.count = ask.ids.len();
            self.surely.requests += 1;
        }
        let surely = |asked: &&Asked| matches!(asked, Asked::Rows(query) if *query != self.basis.by_email);
        let queries = self.asks.keys().filter(surely).filter(|asked| !asked.never(self.basis.list)).count();
        self.surely.requests += queries;
    }

    pub(super) fn argument(&self, arguments: &Arguments, name: &str, ty: &str) -> Option<Value> {
        page::argument(self.basis.registry, arguments, self.basis.variables, name, ty).ok().flatten()
    }

    /// Entities that a root field asks for by their ids, with the relations that are asked at the same time.
    fn by_ids(&mut self, poly: &Poly, given: Vec<Value>, ids: &mut [BTreeSet<String>; KINDS]) {
        for id in given {
            let Value::String(id) = id else { continue };
            let Some((kind, sel)) = Kind::of_id(&id).and_then(|kind| Some((kind, poly.of(kind)?))) else { continue };
            let selected = &self.basis.plan.sels[sel];
            self.ask(Asked::Ids(kind), 1, (1, 1), &selected.select, walk::origin(sel, None));
            ids[kind as usize].insert(id);
            self.row(sel, 1, (1, 1), true);
            self.related.clear();
            for (index, planned) in selected.fields.iter().enumerate() {
                if let (Some(query), Some(select)) = self.relative(kind, sel, planned) {
                    self.ask_rows(query, 1, (1, 1), select, walk::origin(sel, Some(index)));
                }
            }
        }
    }

    /// The query and selection of a field that always takes a relation.
    fn relative(&self, kind: Kind, sel: SelId, planned: &'a Planned) -> (Option<u32>, Option<&'a Select>) {
        let Basis { plan, model, queries, .. } = self.basis;
        match (&planned.what, &planned.rows) {
            (What::Connection(place), _) => {
                let query = queries.connections[*place].as_ref().ok().map(|found| found.query);
                (query, Some(&plan.connections[*place].select))
            }
            (What::Detail(place), _) => (queries.details[*place].as_ref().ok().copied(), Some(&*plan.sels[sel].select)),
            (_, Some(select)) => match model.kind(kind).fields[planned.field].way {
                Way::Related(relation) => (Some(queries.lists[relation]), Some(select)),
                _ => (None, None),
            },
            _ => (None, None),
        }
    }

    fn root_connection(&mut self, place: usize, origin: Origin) {
        let connection = &self.basis.plan.connections[place];
        let Ok(query) = &self.basis.queries.connections[place] else { return };
        self.ask(Asked::Rows(query.query), 1, (1, 1), &connection.select, origin);
        let taken = taken(&self.basis.list[query.query as usize]).unwrap_or(usize::MAX);
        for sel in &connection.nodes {
            self.row(*sel, taken, (1, 1), false);
        }
    }
}
