//! How much memory a prepared document takes: by estimate, from what it consists of. Its text tells too little, because a
//! fragment is planned wherever it is spread.

use super::{ExecutionPlan, OperationInfo, Parsed};
use crate::{
    entity::kind::Kind,
    graph::{
        cost::PlannedRequest,
        document::plan::{
            Arguments, ConnectionPlan, DetailPlan, Keyed, ListPlan, Paging, Plan, PlannedField, RootField, RootKind,
            SelectionByType, SelectionId, TypeSelection,
            mutation::{ErrorPlan, PayloadField},
        },
    },
    loader::query::Query,
    upstream::select::Select,
};
use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
        VariableDefinition,
    },
};
use async_graphql_value::Value;
use std::mem::size_of;

/// What an allocation takes beside its contents, with the counters of an `Arc`.
const ALLOCATION: usize = 24;

pub(super) fn head(head: &OperationInfo) -> usize {
    size_of::<OperationInfo>() + variables(&head.variables)
}

/// The document, and the operation beside it.
pub(super) fn parsed(parsed: &Parsed) -> usize {
    let operation = set(&parsed.operation.selection_set.node) + variables(&parsed.operation.variable_definitions);
    size_of::<Parsed>() + operation + document(&parsed.document)
}

/// A plan with what is computed of it when it is run.
pub(super) fn runnable(runnable: &ExecutionPlan) -> usize {
    let Plan { sels, connections, lists, details, roots, .. } = &runnable.plan;
    let planned = |it: &PlannedField| named::<PlannedField>(it.key.len() + it.name.len());
    let sels: usize =
        sels.iter().map(|sel| asked::<TypeSelection>() + sel.fields.iter().map(planned).sum::<usize>()).sum();
    let connections: usize = connections.iter().map(connection).sum();
    let lists: usize = lists.iter().map(list).sum();
    let details: usize = details.iter().map(|it| questioned::<DetailPlan>(&it.arguments)).sum();
    let root = |it: &RootField| {
        asked::<RootField>() + named::<RootField>(it.name.len() + it.field.len()) + self::root(&it.what)
    };
    let roots: usize = roots.iter().map(root).sum();
    let introspection = runnable.introspection.as_ref().map_or(0, document);
    size_of::<ExecutionPlan>() + ALLOCATION + sels + connections + lists + details + roots + introspection
}

/// Something that has names, each in a place of its own, with so many letters together.
fn named<T>(letters: usize) -> usize {
    size_of::<T>() + 2 * ALLOCATION + letters
}

/// Fields after their keys, some of which have the key once more, for the paths of errors.
fn keyed<T>(fields: &[Keyed<T>], inner: impl Fn(&T) -> usize) -> usize {
    fields.iter().map(|(key, it)| named::<Keyed<T>>(2 * key.len()) + inner(it)).sum()
}

/// Something that is asked for: in its bounds is a copy of what is selected.
fn asked<T>() -> usize {
    size_of::<T>() + 2 * (size_of::<Select>() + ALLOCATION) + size_of::<PlannedRequest>()
}

/// Something that is a query, in which its arguments are once more.
fn questioned<T>(arguments: &Arguments) -> usize {
    asked::<T>() + size_of::<Query>() + 2 * self::arguments(arguments)
}

fn connection(connection: &ConnectionPlan) -> usize {
    questioned::<ConnectionPlan>(&connection.arguments) + paging(&connection.fields)
}

fn list(list: &ListPlan) -> usize {
    let nodes = list.nodes.len() * named::<SelectionByType>(size_of::<(Kind, SelectionId)>());
    questioned::<ListPlan>(&list.arguments) + list.of.len() + nodes + paging(&list.fields)
}

fn paging(fields: &[Keyed<Paging>]) -> usize {
    let inner = |paging: &Paging| match paging {
        Paging::Edges(_, edges) => keyed(edges, |_| 0),
        Paging::PageInfo(fields) => keyed(fields, |_| 0),
        Paging::Typename(_) | Paging::TotalCount(..) | Paging::Nodes(..) => 0,
    };
    keyed(fields, inner)
}

fn root(root: &RootKind) -> usize {
    match root {
        RootKind::ById(_, arguments)
        | RootKind::ByEmail(_, arguments)
        | RootKind::Nodes(_, arguments)
        | RootKind::Entities(_, arguments) => 2 * self::arguments(arguments),
        RootKind::Mutation(plan) => self::arguments(&plan.arguments) + keyed(&plan.fields, payload),
        RootKind::Service(fields) => keyed(fields, |_| 0),
        RootKind::Typename | RootKind::Connection(_) | RootKind::Viewer(_) | RootKind::Introspection => 0,
    }
}

fn payload(field: &PayloadField) -> usize {
    let inner = match field {
        PayloadField::UserErrors(_, ErrorPlan { input, conflict }) => keyed(input, |_| 0) + keyed(conflict, |_| 0),
        _ => 0,
    };
    asked::<PayloadField>() + inner
}

fn document(document: &ExecutableDocument) -> usize {
    let operation = |it: &OperationDefinition| {
        size_of::<OperationDefinition>() + set(&it.selection_set.node) + variables(&it.variable_definitions)
    };
    let name = |name: Option<&Name>| name.map_or(0, |name| name.len());
    let operations: usize = document.operations.iter().map(|(it, found)| name(it) + operation(&found.node)).sum();
    let fragment = |name: &Name, it: &FragmentDefinition| {
        named::<FragmentDefinition>(name.len() + it.type_condition.node.on.node.len()) + set(&it.selection_set.node)
    };
    operations + document.fragments.iter().map(|(name, it)| fragment(name, &it.node)).sum::<usize>()
}

fn set(set: &SelectionSet) -> usize {
    let inner = |selection: &Selection| match selection {
        Selection::Field(field) => {
            let letters = field.node.name.node.len() + field.node.alias.as_ref().map_or(0, |alias| alias.node.len());
            letters + pairs(&field.node.arguments) + self::set(&field.node.selection_set.node)
        }
        Selection::InlineFragment(inline) => {
            let on = inline.node.type_condition.as_ref().map_or(0, |condition| condition.node.on.node.len());
            on + self::set(&inline.node.selection_set.node)
        }
        Selection::FragmentSpread(spread) => spread.node.fragment_name.node.len(),
    };
    let items = set.items.iter().map(|item| 2 * ALLOCATION + directives(item.node.directives()) + inner(&item.node));
    let room = if set.items.is_empty() { 0 } else { set.items.capacity() * size_of::<Positioned<Selection>>() };
    room + items.sum::<usize>()
}

fn directives(directives: &[Positioned<Directive>]) -> usize {
    let directive = |it: &Directive| named::<Directive>(it.name.node.len()) + pairs(&it.arguments);
    directives.iter().map(|it| directive(&it.node)).sum()
}

fn pairs(arguments: &[(Positioned<Name>, Positioned<Value>)]) -> usize {
    arguments.iter().map(|(name, it)| named::<(Name, Value)>(name.node.len()) + value(&it.node)).sum()
}

fn variables(variables: &[Positioned<VariableDefinition>]) -> usize {
    let variable = |it: &VariableDefinition| {
        let default = it.default_value.as_ref().map_or(0, |it| value(&it.node.clone().into_value()));
        let letters = it.name.node.len() + it.var_type.node.to_string().len();
        named::<Positioned<VariableDefinition>>(letters) + default + directives(&it.directives)
    };
    variables.iter().map(|it| variable(&it.node)).sum()
}

fn arguments(arguments: &Arguments) -> usize {
    arguments.iter().map(|(name, it)| size_of::<Name>() + name.len() + value(it)).sum()
}

fn value(it: &Value) -> usize {
    let inner = match it {
        Value::String(text) => text.len() + ALLOCATION,
        Value::List(items) => items.iter().map(value).sum(),
        Value::Object(members) => members.iter().map(|(name, it)| named::<Name>(name.len()) + value(it)).sum(),
        Value::Variable(name) | Value::Enum(name) => name.len() + ALLOCATION,
        Value::Binary(bytes) => bytes.len(),
        Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
    };
    size_of::<Value>() + inner
}
