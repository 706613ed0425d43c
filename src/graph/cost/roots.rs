//! The root fields: what is sure to be asked, and what arrives by it.

use super::{Asked, CostEstimator, CostInput, EntityFlow, taken, wavefront::Told};
use crate::{
    entity::{
        kind::{KINDS, Kind},
        member,
        model::{FieldSet, FieldSource},
    },
    graph::{
        document::plan::{
            Arguments, FieldKind, PlannedField, ROOT_FIELDS, RootKind, SelectionByType, SelectionId, origin,
        },
        queries::values::argument,
        schema::federation::keys::KeyBy,
    },
    loader::{
        limits::CHUNK,
        memberships::of_members,
        query::{Query, QueryTable},
        trace::Origin,
    },
    upstream::{rql::Expr, select::Select},
};
use async_graphql::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
};

/// What root fields name, each once.
#[derive(Default)]
struct Named {
    /// Ids that are asked for in any case.
    ids: [BTreeSet<String>; KINDS],
    /// Ids of which something is selected that they do not tell.
    lacking: [BTreeSet<String>; KINDS],
    emails: BTreeSet<String>,
    /// Whether it is asked who is asking: one more token, whose id depends on the caller.
    viewer: bool,
}

impl<'a> CostEstimator<'a> {
    pub(super) fn roots(&mut self, which: Range<usize>) {
        let plan = self.basis.plan;
        let mut named = Named::default();
        for (place, root) in plan.roots.iter().enumerate().take(which.end).skip(which.start) {
            let origin = origin(ROOT_FIELDS, Some(place));
            match &root.what {
                RootKind::ById(poly, arguments) => {
                    let id = self.argument(arguments, "id", "ID!").map_or(vec![], |id| vec![id]);
                    self.by_ids(poly, id, &mut named);
                }
                RootKind::Nodes(poly, arguments) => {
                    let found = self.argument(arguments, "ids", "[ID!]!");
                    let found = if let Some(Value::List(found)) = found { found } else { vec![] };
                    self.by_ids(poly, found, &mut named);
                }
                RootKind::ByEmail(sel, arguments) => {
                    if let Some(Value::String(email)) = self.argument(arguments, "email", "String!") {
                        named.emails.insert(email);
                        let select = &plan.sels[*sel].select;
                        self.ask(Asked::Rows(QueryTable::by_email()), 1, (1, 1), select, origin);
                        self.row(*sel, None, 1, (1, 1), Told::Root);
                    }
                }
                RootKind::Viewer(sel) => {
                    // Nothing is sure to be asked: the caller may have no API token.
                    named.viewer = true;
                    self.entity_by_id(Kind::ApiToken, *sel);
                }
                RootKind::Connection(connection) => self.root_connection(*connection, origin),
                RootKind::Entities(poly, _) => self.represented(&root.name, poly, &mut named),
                RootKind::Mutation(mutation) => self.mutation(place, mutation, origin),
                RootKind::Typename | RootKind::Introspection | RootKind::Service(_) => {}
            }
        }
        for kind in Kind::ALL.into_iter().filter(|kind| self.basis.answers(Asked::Ids(*kind))) {
            let both = named.ids[kind as usize].union(&named.lacking[kind as usize]);
            // Ids of the flat collection are refused where it is not.
            let refused = kind == Kind::AccountUser && self.basis.lists_below();
            let both = both.filter(|id| !refused || !member::is_upstream_id(id));
            self.surely.requests += both.count().div_ceil(CHUNK);
        }
        self.surely.requests += self.distinct(&named);
        for (kind, ids) in Kind::ALL.into_iter().zip(named.ids) {
            if let Some(ask) = self.asks.get_mut(&Asked::Ids(kind)) {
                ask.ids = ids.into_iter().collect();
                ask.count = ask.ids.len() + usize::from(named.viewer && kind == Kind::ApiToken);
            }
        }
        if let Some(ask) = self.asks.get_mut(&Asked::Rows(QueryTable::by_email())) {
            ask.ids = named.emails.into_iter().collect();
            ask.count = ask.ids.len();
        }
    }

    /// How many requests for rows are sure to be sent: the same one is sent once, whatever asks for it.
    fn distinct(&self, named: &Named) -> usize {
        let sure = self.asks.keys().filter(|asked| self.is_sure(**asked));
        let sure = sure.filter_map(|asked| if let Asked::Rows(place) = asked { Some(*place) } else { None });
        let queries: Vec<&Query> = sure.map(|place| self.basis.table.get(place)).collect();
        // A filter may say in the same words what is asked of entities or parents that are named as well.
        let filters = |kind: Kind| queries.iter().any(|it| it.rows == kind && it.by.is_none() && it.filter.is_some());
        let limited = |filter: &Expr| ["id", "user.id"].iter().any(|path| filter.limits(path).is_some());
        let counts = |query: &&&Query| match (query.by, &query.filter) {
            (Some(_), _) => !filters(query.rows),
            (None, Some(filter)) => named.ids[query.rows as usize].is_empty() || !limited(filter),
            (None, None) => true,
        };
        queries.iter().filter(counts).map(|query| query.request()).collect::<HashSet<_>>().len()
    }

    /// Whether rows that root fields ask for are asked for whatever the ids in them are.
    fn is_sure(&self, asked: Asked) -> bool {
        let Asked::Rows(place) = asked else { return false };
        // A service account of Wavefront's is nobody's.
        let of_accounts = |(_, parents)| parents == Kind::WavefrontAccount;
        let query = self.basis.table.get(place);
        // A root list of memberships may be refused.
        let refusable = query.rows == Kind::AccountUser && self.basis.lists_below() && query.by.is_none()
            || self.is_refusable(query);
        // Nobody may fulfil what memberships tell.
        let found_first = !of_members::conditions(query).is_empty() || query.by.is_some_and(|(by, _)| by.names_rows());
        !query.never && !refusable && !found_first && !query.by.is_some_and(of_accounts) && self.basis.answers(asked)
    }

    /// Entities that routers refer to, by their ids or by other keys.
    fn represented(&mut self, root: &str, poly: &SelectionByType, named: &mut Named) {
        let CostInput { plan, model, represented, .. } = self.basis;
        let Some(Ok(represented)) = represented.get(root) else { return };
        // Apart from those whose key is a pair, which tells them more than an id would.
        let mut by_id: BTreeMap<(SelectionId, bool), BTreeSet<&str>> = BTreeMap::new();
        let mut by_rows: BTreeMap<(u32, SelectionId), (BTreeSet<&str>, usize)> = BTreeMap::new();
        for (representation, query, sel) in represented.sought(plan, model, poly) {
            let key = representation.looked_for();
            let paired = matches!(representation.key.by, KeyBy::Pair(..));
            match query {
                None => _ = by_id.entry((sel, paired)).or_default().insert(key),
                Some(query) => {
                    let (parents, rows) = by_rows.entry((query, sel)).or_default();
                    parents.insert(key);
                    *rows += 1;
                }
            }
        }
        for ((sel, paired), ids) in by_id {
            let Some(kind) = plan.sels[sel].kind else { continue };
            self.named[kind as usize] += ids.len();
            let (told, count) = (FieldSet::NONE, ids.len());
            // As a row: nobody else is asked for what it lacks.
            self.arrive(sel, EntityFlow { told, row: true, early: false, count, ways: count, after: (0, 0) });
            if paired {
                self.paired(sel, count);
            }
            if self.lacks(kind, sel, paired) {
                named.lacking[kind as usize].extend(ids.into_iter().map(str::to_owned));
            }
        }
        for ((query, sel), (parents, rows)) in by_rows {
            let (Some(kind), Some((_, parent))) = (plan.sels[sel].kind, self.basis.table.get(query).by) else {
                continue;
            };
            self.named[kind as usize] += rows;
            self.named[parent as usize] += parents.len();
            let select = &plan.sels[sel].select;
            self.ask(Asked::Rows(query), parents.len(), (1, 1), select, origin(sel, None));
            self.row(sel, Some(query), rows, (1, 1), Told::Root);
            if query == QueryTable::by_email() {
                named.emails.extend(parents.into_iter().map(str::to_owned));
            }
        }
    }

    /// A key that is a pair says whom it refers to, and no more of them: a row that is asked for may not tell it.
    fn paired(&mut self, sel: SelectionId, count: usize) {
        let plan = self.basis.plan;
        let fields = &plan.sels[sel].fields;
        let references = fields.iter().filter_map(|planned| match &planned.what {
            FieldKind::Ref(poly) => poly.only(),
            _ => None,
        });
        // They are looked at when what else is selected is there.
        let more = fields.iter().any(|planned| !matches!(planned.what, FieldKind::Ref(_)));
        for (_, inner) in references {
            let (told, after) = (FieldSet::NONE, (0, usize::from(more)));
            self.arrive(inner, EntityFlow { told, row: false, early: false, count, ways: count, after });
        }
    }

    /// Whether something is selected that the key does not tell, and that its entity is asked for.
    fn lacks(&self, kind: Kind, sel: SelectionId, paired: bool) -> bool {
        let fields = &self.basis.model.kind(kind).fields;
        let told = |planned: &PlannedField| {
            let field = fields.get(planned.field);
            let of_key = paired && matches!(planned.what, FieldKind::Ref(_));
            field.is_some_and(|field| {
                !of_key && *field.name != *"id" && matches!(field.way, FieldSource::Told | FieldSource::ToldOr(_))
            })
        };
        self.basis.plan.sels[sel].fields.iter().any(told)
    }

    pub(super) fn argument(&self, arguments: &Arguments, name: &str, ty: &str) -> Option<Value> {
        argument(self.basis.registry, arguments, self.basis.variables, name, ty).ok().flatten()
    }

    /// Entities that a root field asks for by their ids, with the relations that are asked at the same time.
    fn by_ids(&mut self, poly: &SelectionByType, given: Vec<Value>, named: &mut Named) {
        for id in given {
            let Value::String(id) = id else { continue };
            let kind = match poly.only() {
                Some((kind, _)) => Some(kind).filter(|kind| kind.fits(&id)),
                None => Kind::of_id(&id),
            };
            let Some((kind, sel)) = kind.and_then(|kind| Some((kind, poly.of(kind)?))) else { continue };
            named.ids[kind as usize].insert(id);
            self.entity_by_id(kind, sel);
        }
    }

    /// An entity that is asked for by its id, with the relations that are asked at the same time.
    fn entity_by_id(&mut self, kind: Kind, sel: SelectionId) {
        let selected = &self.basis.plan.sels[sel];
        self.ask(Asked::Ids(kind), 1, (1, 1), &selected.select, origin(sel, None));
        self.named[kind as usize] += 1;
        self.row(sel, None, 1, (1, 1), Told::Asked);
        self.related.clear();
        for (index, planned) in selected.fields.iter().enumerate() {
            if let (Some(query), Some(select)) = self.relative(kind, sel, planned) {
                self.ask_rows(query, 1, (1, 1), select, origin(sel, Some(index)));
            }
        }
    }

    /// The query and selection of a field that always takes a relation.
    fn relative(&self, kind: Kind, sel: SelectionId, planned: &'a PlannedField) -> (Option<u32>, Option<&'a Select>) {
        let CostInput { plan, model, queries, .. } = self.basis;
        match (&planned.what, &planned.rows) {
            (FieldKind::Connection(place), _) if plan.connections[*place].is_of_listed() => (None, None),
            (FieldKind::Connection(place), _) => {
                let query = queries.connections[*place].as_ref().ok().map(|found| found.query);
                (query, Some(&plan.connections[*place].select))
            }
            (FieldKind::Detail(place), _) => {
                (queries.details[*place].as_ref().ok().copied(), Some(&*plan.sels[sel].select))
            }
            (_, Some(select)) => match model.kind(kind).fields[planned.field].way {
                FieldSource::Related(relation) => (Some(QueryTable::list_of(relation)), Some(select)),
                _ => (None, None),
            },
            _ => (None, None),
        }
    }

    fn root_connection(&mut self, place: usize, origin: Origin) {
        let connection = &self.basis.plan.connections[place];
        let Ok(query) = &self.basis.queries.connections[place] else { return };
        self.ask(Asked::Rows(query.query), 1, (1, 1), &connection.select, origin);
        let taken = taken(self.basis.table.get(query.query)).unwrap_or(usize::MAX);
        for sel in &connection.nodes {
            self.row(*sel, Some(query.query), taken, (1, 1), Told::Root);
        }
    }
}
