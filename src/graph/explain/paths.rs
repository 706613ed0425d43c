//! From the numbers of selections to the response keys that lead to them.

use crate::{
    graph::document::plan::{
        self, Edge, FieldKind, Keyed, Paging, Plan, ROOT_FIELDS, RootKind, SelectionByType, SelectionId,
        mutation::{ErrorField, MutationPlan, PayloadField},
    },
    loader::trace::Origin,
};

/// How many ways to one selection are told: a fragment may be spread at any number of places.
const MAX_PATHS: usize = 4;
/// How many fields are told of one request.
const MAX_FIELDS: usize = 20;

type Path = Vec<String>;

/// The ways to each selection.
pub struct Paths(Vec<Vec<Path>>);

impl Paths {
    /// The ways of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut paths = Paths(plan.sels.iter().map(|_| vec![]).collect());
        let mut stack: Vec<(SelectionId, Path)> = Vec::new();
        for root in &plan.roots {
            let path = vec![root.name.to_string()];
            match &root.what {
                RootKind::ById(poly, _) | RootKind::Nodes(poly, _) | RootKind::Entities(poly, _) => {
                    enter(&mut stack, poly, &path);
                }
                RootKind::ByEmail(sel, _) | RootKind::Viewer(sel) => stack.push((*sel, path)),
                RootKind::Connection(place) => paged(&plan.connections[*place].fields, &path, &mut stack),
                RootKind::Mutation(mutation) => changed(mutation, &path, &mut stack),
                RootKind::Typename | RootKind::Introspection | RootKind::Service(_) => {}
            }
        }
        while let Some((sel, path)) = stack.pop() {
            let known = &mut paths.0[sel];
            if known.len() >= MAX_PATHS || known.contains(&path) {
                continue;
            }
            known.push(path.clone());
            for planned in plan.sels[sel].written() {
                let path = with(&path, &planned.name);
                match &planned.what {
                    FieldKind::Object(inner) | FieldKind::Objects(inner) | FieldKind::Own(inner) => {
                        stack.push((*inner, path));
                    }
                    FieldKind::Refs(SelectionByType { list: Some(list), .. }) => {
                        paged(&plan.lists[*list].fields, &path, &mut stack);
                    }
                    FieldKind::Ref(poly) | FieldKind::Refs(poly) => enter(&mut stack, poly, &path),
                    FieldKind::Connection(place) => paged(&plan.connections[*place].fields, &path, &mut stack),
                    FieldKind::Detail(place) => stack.extend(plan.details[*place].sel.map(|inner| (inner, path))),
                    _ => {}
                }
            }
        }
        for ways in &mut paths.0 {
            ways.sort_unstable();
        }
        paths
    }

    /// The fields that some places are about.
    #[must_use]
    pub fn fields(&self, plan: &Plan, origins: &[Origin]) -> Vec<Path> {
        let mut fields: Vec<Path> = origins.iter().flat_map(|origin| self.field(plan, *origin)).collect();
        fields.sort_unstable();
        fields.dedup();
        fields.truncate(MAX_FIELDS);
        fields
    }

    fn field(&self, plan: &Plan, origin: Origin) -> Vec<Path> {
        let field = origin.field.map(|field| field as usize);
        let sel = origin.selection as usize;
        if origin == plan::origin(ROOT_FIELDS, field) {
            let root = field.and_then(|field| plan.roots.get(field));
            return root.map_or(vec![], |root| vec![vec![root.name.to_string()]]);
        }
        let Some(ways) = self.0.get(sel) else { return vec![] };
        let name = field.and_then(|field| plan.sels[sel].fields.get(field)).map(|planned| &planned.name);
        ways.iter().map(|way| name.map_or_else(|| way.clone(), |name| with(way, name))).collect()
    }
}

fn with(path: &Path, key: &str) -> Path {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

fn enter(stack: &mut Vec<(SelectionId, Path)>, poly: &SelectionByType, path: &Path) {
    stack.extend(poly.sels().map(|sel| (sel, path.clone())));
}

fn paged(fields: &[Keyed<Paging>], path: &Path, stack: &mut Vec<(SelectionId, Path)>) {
    for (_, paging) in fields {
        match paging {
            Paging::Nodes(key, _, sel) => stack.push((*sel, with(path, key))),
            Paging::Edges(key, edges) => {
                for (_, edge) in edges {
                    if let Edge::Node(node, _, sel) = edge {
                        stack.push((*sel, with(&with(path, key), node)));
                    }
                }
            }
            _ => {}
        }
    }
}

fn changed(mutation: &MutationPlan, path: &Path, stack: &mut Vec<(SelectionId, Path)>) {
    for (_, field) in &mutation.fields {
        match field {
            PayloadField::Entity(key, _, sel) => stack.push((*sel, with(path, key))),
            PayloadField::UserErrors(key, errors) => {
                for (_, field) in &errors.conflict {
                    if let ErrorField::Current(current, poly) = field {
                        enter(stack, poly, &with(&with(path, key), current));
                    }
                }
            }
            _ => {}
        }
    }
}

/// How many fields an answer has that holds one element of each list, of the type that has most.
#[must_use]
pub(super) fn merged_fields(plan: &Plan) -> usize {
    // Selections are planned after those inside them.
    let mut sums: Vec<usize> = Vec::with_capacity(plan.sels.len());
    for sel in &plan.sels {
        let below = sel.written().iter().map(|planned| {
            1 + match &planned.what {
                FieldKind::Object(inner) | FieldKind::Objects(inner) | FieldKind::Own(inner) => sums[*inner],
                FieldKind::Refs(SelectionByType { list: Some(list), .. }) => paging(&plan.lists[*list].fields, &sums),
                FieldKind::Ref(poly) | FieldKind::Refs(poly) => most(poly, &sums),
                FieldKind::Connection(place) => paging(&plan.connections[*place].fields, &sums),
                FieldKind::Detail(place) => plan.details[*place].sel.map_or(0, |inner| sums[inner]),
                _ => 0,
            }
        });
        let sum = below.fold(0, usize::saturating_add);
        sums.push(sum);
    }
    let root = |what: &RootKind| match what {
        RootKind::ById(poly, _) | RootKind::Nodes(poly, _) | RootKind::Entities(poly, _) => most(poly, &sums),
        RootKind::Service(fields) => fields.len(),
        RootKind::ByEmail(sel, _) | RootKind::Viewer(sel) => sums[*sel],
        RootKind::Connection(place) => paging(&plan.connections[*place].fields, &sums),
        RootKind::Mutation(mutation) => payload(mutation, &sums),
        RootKind::Typename | RootKind::Introspection => 0,
    };
    plan.roots.iter().map(|one| 1 + root(&one.what)).fold(0, usize::saturating_add)
}

fn payload(mutation: &MutationPlan, sums: &[usize]) -> usize {
    let error = |field: &ErrorField| 1 + if let ErrorField::Current(_, poly) = field { most(poly, sums) } else { 0 };
    let fields = mutation.fields.iter().map(|(_, field)| {
        1 + match field {
            PayloadField::Entity(_, _, sel) => sums[*sel],
            PayloadField::UserErrors(_, errors) => {
                let conflict = errors.conflict.iter().map(|(_, field)| error(field)).fold(0, usize::saturating_add);
                errors.input.len().max(conflict)
            }
            _ => 0,
        }
    });
    fields.fold(0, usize::saturating_add)
}

fn most(poly: &SelectionByType, sums: &[usize]) -> usize {
    poly.sels().map(|sel| sums[sel]).max().unwrap_or(0)
}

fn paging(fields: &[Keyed<Paging>], sums: &[usize]) -> usize {
    let fields = fields.iter().map(|(_, paging)| {
        1 + match paging {
            Paging::Nodes(_, _, sel) => sums[*sel],
            Paging::Edges(_, edges) => {
                let edge = |edge: &Edge| 1 + if let Edge::Node(_, _, sel) = edge { sums[*sel] } else { 0 };
                edges.iter().map(|(_, found)| edge(found)).fold(0, usize::saturating_add)
            }
            Paging::PageInfo(fields) => fields.len(),
            Paging::Typename(_) | Paging::TotalCount(..) => 0,
        }
    });
    fields.fold(0, usize::saturating_add)
}
