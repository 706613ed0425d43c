//! How a plan is made: selections are merged per concrete type, and each is told what to ask.

mod nest;
mod payload;
mod viewer;

use super::{
    Arguments, ConnectionPlan, Decided, DetailPlan, Edge, FieldKind, Inside, Keyed, ListPlan, PageInfo, Paging, Plan,
    PlanError, PlannedField, RootField, RootKind, SelectionByType, SelectionId, ServiceField, TypeSelection,
};
use crate::{
    entity::{
        kind::{EXTENSION, Kind},
        model::{Field, FieldSet, FieldSource, Leaf, Model, ObjectType, Shape, Target},
        tape::Key,
    },
    graph::{
        names::{CONNECTION, ENTITIES, SERVICE},
        schema::{arguments::ACCOUNT, sizes::Sizes},
    },
    upstream::{
        marketplace::relation::{self, RELATIONS, Through},
        select::Select,
    },
};
use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field as Selected, OperationDefinition, OperationType, Selection, SelectionSet,
    },
    registry::{MetaType, Registry},
};
use async_graphql_value::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use viewer::VIEWER;

/// The types of actors that are no entities, by what their ids begin with.
const OTHER_ACTORS: [(&str, &str); 2] = [(EXTENSION, "Extension"), ("", "UnknownActor")];

/// A field of a merged selection: the first appearance, and the selection sets of all.
struct Merged<'a> {
    /// The response key.
    key: &'a str,
    /// The first appearance.
    field: &'a Positioned<Selected>,
    /// The sub-selections of every appearance.
    sets: Vec<&'a SelectionSet>,
}

/// Plans one operation of a valid document. `decided` holds the values of the Boolean variables that directives use.
///
/// # Errors
///
/// When a fragment is spread into itself, which validation has refused already.
pub fn plan(
    model: &Model,
    registry: &Registry,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    decided: &Decided,
    sizes: &Sizes,
) -> Result<Plan, PlanError> {
    let root_type = root_type(registry, operation.ty);
    let empty = Plan {
        sels: vec![],
        connections: vec![],
        lists: vec![],
        details: vec![],
        root_type: root_type.into(),
        roots: vec![],
    };
    let mut planner = Planner { model, registry, document, decided, sizes, plan: empty, memo: HashMap::new() };
    for merged in planner.collect(root_type, &[&operation.selection_set.node]) {
        let root = match operation.ty {
            OperationType::Mutation => planner.mutation(&merged)?,
            _ => planner.root(root_type, &merged)?,
        };
        planner.plan.roots.push(root);
    }
    Ok(planner.plan)
}

/// The type of an operation's root fields.
#[must_use]
pub fn root_type(registry: &Registry, ty: OperationType) -> &str {
    match ty {
        OperationType::Mutation => registry.mutation_type.as_deref().unwrap_or_default(),
        _ => &registry.query_type,
    }
}

/// A selection that is planned already: the type and the selection sets that were merged.
type MemoKey = (usize, Vec<*const SelectionSet>);

struct Planner<'a> {
    model: &'a Model,
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    decided: &'a Decided,
    sizes: &'a Sizes,
    plan: Plan,
    memo: HashMap<MemoKey, SelectionId>,
}

/// `"key":` as bytes; GraphQL names need no escaping.
fn key_bytes(key: &str) -> Box<[u8]> {
    format!("\"{key}\":").into_bytes().into_boxed_slice()
}

fn quoted(name: &str) -> Box<[u8]> {
    format!("\"{name}\"").into_bytes().into_boxed_slice()
}

impl<'a> Planner<'a> {
    /// The fields that apply to a concrete type, merged by response key in order of appearance.
    fn collect(&self, type_name: &str, sets: &[&'a SelectionSet]) -> Vec<Merged<'a>> {
        let mut merged = Vec::new();
        let mut places = HashMap::new();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect_into(type_name, set, &mut merged, &mut places, &mut spread);
        }
        merged
    }

    fn collect_into(
        &self,
        type_name: &str,
        set: &'a SelectionSet,
        merged: &mut Vec<Merged<'a>>,
        places: &mut HashMap<&'a str, usize>,
        spread: &mut HashSet<&'a str>,
    ) {
        for item in &set.items {
            if !included(item.node.directives(), self.decided) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let place = *places.entry(key).or_insert_with(|| {
                        merged.push(Merged { key, field, sets: vec![] });
                        merged.len() - 1
                    });
                    let inner = &field.node.selection_set.node;
                    if !inner.items.is_empty() && !merged[place].sets.iter().any(|set| std::ptr::eq(*set, inner)) {
                        merged[place].sets.push(inner);
                    }
                }
                Selection::InlineFragment(inline) => {
                    let applies =
                        inline.node.type_condition.as_ref().is_none_or(|on| self.applies(&on.node.on.node, type_name));
                    if applies {
                        self.collect_into(type_name, &inline.node.selection_set.node, merged, places, spread);
                    }
                }
                Selection::FragmentSpread(named) => {
                    let name = named.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.applies(&fragment.node.type_condition.node.on.node, type_name)
                        && spread.insert(name)
                    {
                        self.collect_into(type_name, &fragment.node.selection_set.node, merged, places, spread);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, type_name: &str) -> bool {
        condition == type_name
            || self.registry.types.get(condition).is_some_and(|meta| meta.is_possible_type(type_name))
    }

    fn root(&mut self, query: &str, merged: &Merged<'a>) -> Result<RootField, PlanError> {
        let name = merged.field.node.name.node.as_str();
        let pos = merged.field.pos;
        let arguments = arguments(&merged.field.node);
        let what = if name == "__typename" {
            RootKind::Typename
        } else if name.starts_with("__") {
            RootKind::Introspection
        } else if name == ENTITIES {
            RootKind::Entities(self.poly_of(&Kind::ALL, &merged.sets)?, arguments)
        } else if name == SERVICE {
            RootKind::Service(self.service(&merged.sets))
        } else {
            let ty = self.field_type(query, name, pos)?;
            let bare = ty.trim_matches(['[', ']', '!']);
            if let Some(kind) = bare.strip_suffix(CONNECTION).and_then(Kind::of_type) {
                RootKind::Connection(self.connection(None, kind, arguments, &merged.sets)?)
            } else if name == VIEWER {
                RootKind::Viewer(self.viewer(&merged.sets)?)
            } else if name == "userByEmail" {
                RootKind::ByEmail(self.sel_of(Kind::User, &merged.sets)?, arguments)
            } else {
                let target = Kind::of_type(bare).map_or(Target::Node, Target::One);
                let poly = self.poly(target, &merged.sets)?;
                if ty.contains('[') { RootKind::Nodes(poly, arguments) } else { RootKind::ById(poly, arguments) }
            }
        };
        Ok(RootField { name: merged.key.into(), field: name.into(), pos, what })
    }

    fn field_type(&self, parent: &str, field: &str, pos: Pos) -> Result<String, PlanError> {
        let meta = self.registry.types.get(parent).and_then(|meta: &MetaType| meta.field_by_name(field));
        meta.map(|meta| meta.ty.clone())
            .ok_or_else(|| PlanError { message: format!("{parent} has no field {field}"), pos })
    }

    fn poly(&mut self, target: Target, sets: &[&'a SelectionSet]) -> Result<SelectionByType, PlanError> {
        let kinds: &[Kind] = match &target {
            Target::One(kind) => std::slice::from_ref(kind),
            Target::Actor => &[Kind::User, Kind::ApiToken, Kind::Service],
            Target::Node => Kind::NODES,
        };
        let mut poly = self.poly_of(kinds, sets)?;
        if target == Target::Actor {
            let others =
                OTHER_ACTORS.iter().map(|(prefix, name)| Ok((*prefix, self.sel(self.model.by_name[*name], sets)?)));
            poly.others = others.collect::<Result<_, _>>()?;
        }
        Ok(poly)
    }

    fn poly_of(&mut self, kinds: &[Kind], sets: &[&'a SelectionSet]) -> Result<SelectionByType, PlanError> {
        let sels = kinds.iter().map(|kind| Ok((*kind, self.sel_of(*kind, sets)?))).collect::<Result<_, _>>()?;
        Ok(SelectionByType { kinds: sels, others: Box::default(), list: None })
    }

    fn sel_of(&mut self, kind: Kind, sets: &[&'a SelectionSet]) -> Result<SelectionId, PlanError> {
        self.sel(self.model.of_kind[kind as usize], sets)
    }

    fn sel(&mut self, ty: usize, sets: &[&'a SelectionSet]) -> Result<SelectionId, PlanError> {
        let memo = (ty, sets.iter().map(|set| std::ptr::from_ref::<SelectionSet>(set)).collect());
        if let Some(id) = self.memo.get(&memo) {
            return Ok(*id);
        }
        let object = &self.model.types[ty];
        let mut select = Select::default();
        let mut sel = TypeSelection {
            ty,
            kind: object.kind,
            fields: vec![],
            written: 0,
            wanted: FieldSet::NONE,
            select: Arc::default(),
            deep: false,
        };
        let mut beside = vec![];
        for merged in self.collect(&object.name, sets) {
            let planned = self.field(ty, &merged)?;
            self.ask(&mut sel, &mut select, &planned);
            beside.extend(self.beside(ty, &merged, &planned));
            sel.fields.push(planned);
        }
        sel.written = sel.fields.len();
        for planned in beside {
            self.ask(&mut sel, &mut select, &planned);
            sel.fields.push(planned);
        }
        sel.select = Arc::new(select);
        self.plan.sels.push(sel);
        let id = self.plan.sels.len() - 1;
        self.memo.insert(memo, id);
        Ok(id)
    }

    fn field(&mut self, ty: usize, merged: &Merged<'a>) -> Result<PlannedField, PlanError> {
        let object = &self.model.types[ty];
        let name = merged.field.node.name.node.as_str();
        let pos = merged.field.pos;
        if name == "__typename" {
            let what = FieldKind::Typename(quoted(&object.name));
            return Ok(planned(merged, usize::MAX, what, None));
        }
        let Some(place) = object.by_name.get(name).copied() else {
            return Err(PlanError { message: format!("{} has no field {name}", object.name), pos });
        };
        let field = &object.fields[place];
        if let (FieldSource::Within(holder), Shape::Leaf(leaf)) = (field.way, field.shape) {
            // It is asked for, found and missed as the object that it stands in.
            let names = field.rest[0].text().split('.').skip(1).map(Key::from).collect();
            let inside = Inside { field: place, names, leaf };
            return Ok(planned(merged, holder, FieldKind::Within(Box::new(inside)), Some(field)));
        }
        if let FieldSource::Icon(by) = field.way {
            // It is asked for, looked for and missing as the other field is; only what is written differs.
            return Ok(planned(merged, by, FieldKind::Leaf(Leaf::IconUrl), Some(field)));
        }
        let what = match field.shape {
            shape if let FieldSource::Asked(detail) = field.way => {
                let sel = if let Shape::Object(inner) = shape { Some(self.sel(inner, &merged.sets)?) } else { None };
                self.plan.details.push(DetailPlan { detail, arguments: arguments(&merged.field.node), sel });
                FieldKind::Detail(self.plan.details.len() - 1)
            }
            Shape::Leaf(leaf) => FieldKind::Leaf(leaf),
            Shape::Leaves(leaf) => FieldKind::Leaves(leaf),
            Shape::Object(inner) => FieldKind::Object(self.sel(inner, &merged.sets)?),
            Shape::Objects(inner) => FieldKind::Objects(self.sel(inner, &merged.sets)?),
            Shape::Ref(target) => FieldKind::Ref(self.poly(target, &merged.sets)?),
            Shape::Refs(Target::One(kind))
                if field.paged
                    && let Some(relation) = asked_for(object, &field.name, &merged.field.node) =>
            {
                let place = self.connection(Some(relation), kind, arguments(&merged.field.node), &merged.sets)?;
                self.plan.connections[place].of_whole = true;
                FieldKind::Connection(place)
            }
            Shape::Refs(Target::One(kind)) if field.paged => FieldKind::Refs(self.list(ty, place, kind, merged)?),
            Shape::Refs(target) => FieldKind::Refs(self.poly(target, &merged.sets)?),
            Shape::Connection(kind) => {
                let relation = if let FieldSource::Connected(relation) = field.way { Some(relation) } else { None };
                FieldKind::Connection(self.connection(relation, kind, arguments(&merged.field.node), &merged.sets)?)
            }
        };
        Ok(self.with_rows(ty, planned(merged, place, what, Some(field))))
    }

    /// The same, with what is asked of the rows that can give it as a list.
    fn with_rows(&self, ty: usize, mut planned: PlannedField) -> PlannedField {
        let object = &self.model.types[ty];
        let relation = object.fields[planned.field].way.listed_by();
        if let (Some(relation), FieldKind::Refs(poly) | FieldKind::Ref(poly)) = (relation, &planned.what)
            && let Some((_, sel)) = poly.only()
        {
            let mut select = Select::default();
            let relation = &RELATIONS[relation];
            self.unite_rows(&mut select, relation.rows, relation.hop, sel);
            planned.rows = Some(Arc::new(select));
            planned.ends = object.kind.is_some_and(|kind| self.ends(kind, planned.field, poly));
        }
        planned
    }

    /// A connection that is cut out of a list which is read whole; what its nodes ask is what its first selection asks.
    fn list(&mut self, ty: usize, place: usize, kind: Kind, merged: &Merged<'a>) -> Result<SelectionByType, PlanError> {
        let object = &self.model.types[ty];
        let of = format!("{}.{}", object.name, object.fields[place].name).into();
        let mut sels = vec![];
        let fields = self.paging(kind, &merged.sets, &mut sels)?;
        if sels.is_empty() {
            // To count elements, and to find them by their ids, they have to be asked for all the same.
            sels.push(self.sel_of(kind, &[])?);
        }
        sels.sort_unstable();
        sels.dedup();
        let list = Some(self.plan.lists.len());
        let poly = |sel| SelectionByType { kinds: Box::new([(kind, sel)]), others: Box::default(), list };
        let nodes: Vec<SelectionByType> = sels.into_iter().map(poly).collect();
        let first = nodes[0].clone();
        self.plan.lists.push(ListPlan { of, kind, arguments: arguments(&merged.field.node), fields, nodes });
        Ok(first)
    }

    /// What else is asked for beside a planned field: of a list, every selection of its nodes but the first.
    fn beside(&self, ty: usize, merged: &Merged<'_>, planned: &PlannedField) -> Vec<PlannedField> {
        let FieldKind::Refs(SelectionByType { list: Some(list), .. }) = &planned.what else { return vec![] };
        let field = &self.model.types[ty].fields[planned.field];
        let more = self.plan.lists[*list].nodes.iter().skip(1);
        let beside =
            |poly: &SelectionByType| self::planned(merged, planned.field, FieldKind::Refs(poly.clone()), Some(field));
        more.map(|poly| self.with_rows(ty, beside(poly))).collect()
    }

    /// Adds to a selection what one of its fields asks of the upstream.
    fn ask(&self, sel: &mut TypeSelection, select: &mut Select, planned: &PlannedField) {
        let deep = |id: &SelectionId| self.plan.sels[*id].deep;
        sel.deep |= match &planned.what {
            FieldKind::Object(id) | FieldKind::Objects(id) => deep(id),
            FieldKind::Ref(_)
            | FieldKind::Refs(_)
            | FieldKind::Own(_)
            | FieldKind::Connection(_)
            | FieldKind::Detail(_) => true,
            _ => false,
        };
        if planned.field == usize::MAX {
            return;
        }
        if let FieldKind::Connection(place) = planned.what {
            // Its rows are asked for, and of the entity itself only the list that tells which rows these are.
            if self.plan.connections[place].is_of_listed() {
                sel.wanted = sel.wanted.union(FieldSet::single(planned.field));
                select.add_nested(planned.field, self.told_on_the_way(place));
            }
            return;
        }
        sel.wanted = sel.wanted.union(FieldSet::single(planned.field));
        if let FieldSource::Named(by) = self.model.types[sel.ty].fields[planned.field].way {
            sel.wanted = sel.wanted.union(FieldSet::single(by));
            return select.add(by);
        }
        match &planned.what {
            FieldKind::Detail(_) | FieldKind::Own(_) => {}
            FieldKind::Ref(poly) | FieldKind::Refs(poly) if poly.only().is_some() => {
                select.add_nested(planned.field, self.told_in_place(poly));
                if let Some(offer) = sel.kind.and_then(|holder| self.offer(holder, planned.field, poly.only()?)) {
                    select.offer(planned.field, &offer);
                }
            }
            _ => select.add(planned.field),
        }
    }

    /// What is asked of an entity where it is embedded: its reduced form's members, since these every body can tell; of
    /// modules everything, since nobody else tells them. `revision` is part of the reduced form of newer generations.
    fn told_in_place(&self, poly: &SelectionByType) -> FieldSet {
        poly.only().map_or(FieldSet::NONE, |(kind, id)| {
            let object = self.model.kind(kind);
            let revision = object.by_name.get("revision").map_or(FieldSet::NONE, |place| FieldSet::single(*place));
            let told = if kind.told_by_holder() { object.tellable } else { object.core.union(revision) };
            self.plan.sels[id].wanted.intersection(told)
        })
    }

    /// What is asked of the elements of the list that tells which rows belong to a connection: what only they tell.
    fn told_on_the_way(&self, connection: usize) -> FieldSet {
        let ConnectionPlan { kind, nodes, .. } = &self.plan.connections[connection];
        let here = self.model.kind(*kind).here;
        nodes.iter().fold(FieldSet::NONE, |all, sel| all.union(self.plan.sels[*sel].wanted.intersection(here)))
    }

    fn connection(
        &mut self,
        relation: Option<usize>,
        kind: Kind,
        arguments: Arguments,
        sets: &[&'a SelectionSet],
    ) -> Result<usize, PlanError> {
        let (rows, hop) = relation.map_or((kind, Through::Row), |place| (RELATIONS[place].rows, RELATIONS[place].hop));
        let mut plan = ConnectionPlan {
            relation,
            kind,
            rows,
            hop,
            arguments,
            fields: vec![],
            nodes: vec![],
            select: Arc::default(),
            wants_rows: false,
            of_whole: false,
        };
        plan.fields = self.paging(kind, sets, &mut plan.nodes)?;
        plan.wants_rows = plan.fields.iter().any(|(_, field)| matches!(field, Paging::Nodes(..) | Paging::Edges(..)));
        let mut select = Select::default();
        for sel in &plan.nodes {
            self.unite_rows(&mut select, rows, hop, *sel);
        }
        plan.select = Arc::new(select);
        self.plan.connections.push(plan);
        Ok(self.plan.connections.len() - 1)
    }

    /// What is selected of a connection; the selections of its nodes are added to `nodes`.
    fn paging(
        &mut self,
        kind: Kind,
        sets: &[&'a SelectionSet],
        nodes: &mut Vec<SelectionId>,
    ) -> Result<Vec<Keyed<Paging>>, PlanError> {
        let type_name = format!("{kind}{CONNECTION}");
        let mut fields = vec![];
        for merged in self.collect(&type_name, sets) {
            let paging = match merged.field.node.name.node.as_str() {
                "totalCount" => Paging::TotalCount(merged.key.into(), merged.field.pos),
                "pageInfo" => Paging::PageInfo(self.page_info(&merged.sets)),
                "nodes" => {
                    let sel = self.sel_of(kind, &merged.sets)?;
                    nodes.push(sel);
                    Paging::Nodes(merged.key.into(), merged.field.pos, sel)
                }
                "edges" => Paging::Edges(merged.key.into(), self.edges(kind, &merged.sets, nodes)?),
                _ => Paging::Typename(quoted(&type_name)),
            };
            fields.push((key_bytes(merged.key), paging));
        }
        Ok(fields)
    }

    fn service(&self, sets: &[&'a SelectionSet]) -> Vec<Keyed<ServiceField>> {
        let field = |merged: Merged<'a>| match merged.field.node.name.node.as_str() {
            "sdl" => (key_bytes(merged.key), ServiceField::Sdl),
            _ => (key_bytes(merged.key), ServiceField::Typename(quoted("_Service"))),
        };
        self.collect("_Service", sets).into_iter().map(field).collect()
    }

    fn page_info(&self, sets: &[&'a SelectionSet]) -> Vec<Keyed<PageInfo>> {
        let field = |merged: Merged<'a>| {
            let what = match merged.field.node.name.node.as_str() {
                "hasNextPage" => PageInfo::HasNext,
                "hasPreviousPage" => PageInfo::HasPrevious,
                "startCursor" => PageInfo::Start,
                "endCursor" => PageInfo::End,
                _ => PageInfo::Typename(quoted("PageInfo")),
            };
            (key_bytes(merged.key), what)
        };
        self.collect("PageInfo", sets).into_iter().map(field).collect()
    }

    fn edges(
        &mut self,
        kind: Kind,
        sets: &[&'a SelectionSet],
        nodes: &mut Vec<SelectionId>,
    ) -> Result<Vec<Keyed<Edge>>, PlanError> {
        let type_name = format!("{kind}Edge");
        let mut fields = vec![];
        for merged in self.collect(&type_name, sets) {
            let edge = match merged.field.node.name.node.as_str() {
                "cursor" => Edge::Cursor,
                "node" => {
                    let sel = self.sel_of(kind, &merged.sets)?;
                    nodes.push(sel);
                    Edge::Node(merged.key.into(), merged.field.pos, sel)
                }
                _ => Edge::Typename(quoted(&type_name)),
            };
            fields.push((key_bytes(merged.key), edge));
        }
        Ok(fields)
    }
}

fn planned(merged: &Merged<'_>, place: usize, what: FieldKind, field: Option<&Field>) -> PlannedField {
    PlannedField {
        key: key_bytes(merged.key),
        name: merged.key.into(),
        pos: merged.field.pos,
        field: place,
        what,
        nullable: field.is_some_and(|field| field.nullable),
        promised: field.is_some_and(|field| field.promised),
        item_nullable: field.is_some_and(|field| field.item_nullable),
        rows: None,
        ends: false,
    }
}

/// The relation that a list is asked of, where its arguments say more than which page of it is wanted. That they are null is
/// seen here only where it stands in the document.
fn asked_for(object: &ObjectType, name: &str, field: &Selected) -> Option<usize> {
    let says_more = |(name, value): &(Positioned<Name>, Positioned<Value>)| {
        ["filter", "orderBy", ACCOUNT].contains(&name.node.as_str()) && value.node != Value::Null
    };
    let relation = relation::filtered(object.kind?, name)?;
    field.arguments.iter().any(says_more).then_some(relation)
}

fn arguments(field: &Selected) -> Arguments {
    field.arguments.iter().map(|(name, value)| (name.node.clone(), value.node.clone())).collect()
}

/// Whether `@skip` and `@include` let a selection stand.
fn included(directives: &[Positioned<Directive>], decided: &Decided) -> bool {
    directives.iter().all(|directive| {
        let truth = directive.node.arguments.iter().find(|(name, _)| name.node == "if").map(|(_, value)| &value.node);
        let truth = match truth {
            Some(Value::Boolean(truth)) => *truth,
            Some(Value::Variable(name)) => decided.get(name).copied().unwrap_or_default(),
            _ => return true,
        };
        match directive.node.name.node.as_str() {
            "skip" => !truth,
            "include" => truth,
            _ => true,
        }
    })
}
