//! How much memory a prepared document takes: by estimate, from what it consists of. Its text tells too little, because a
//! fragment is planned wherever it is spread.

use super::{Head, Parsed, Runnable};
use crate::{
    graph::{
        cost::Ask,
        mutation::payload::PayloadField,
        plan::{Arguments, ConnectionPlan, DetailPlan, Paging, Plan, Planned, Root, RootWhat, Sel},
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

pub(super) fn head(head: &Head) -> usize {
    size_of::<Head>() + variables(&head.variables)
}

/// The document, and the operation beside it.
pub(super) fn parsed(parsed: &Parsed) -> usize {
    let operation = set(&parsed.operation.selection_set.node) + variables(&parsed.operation.variable_definitions);
    size_of::<Parsed>() + operation + document(&parsed.document)
}

/// A plan with what is computed of it when it is run.
pub(super) fn runnable(runnable: &Runnable) -> usize {
    let Plan { sels, connections, details, roots, .. } = &runnable.plan;
    let sels: usize = sels.iter().map(|sel| asked::<Sel>() + sel.fields.len() * named::<Planned>()).sum();
    let connections: usize = connections.iter().map(connection).sum();
    let details: usize = details.iter().map(|it| questioned::<DetailPlan>(&it.arguments)).sum();
    let roots: usize = roots.iter().map(|root| asked::<Root>() + named::<Root>() + self::root(&root.what)).sum();
    let introspection = runnable.introspection.as_ref().map_or(0, document);
    size_of::<Runnable>() + ALLOCATION + sels + connections + details + roots + introspection
}

/// Something that has names, each in a place of its own.
fn named<T>() -> usize {
    size_of::<T>() + 2 * ALLOCATION
}

/// Something that is asked for: in its bounds is a copy of what is selected.
fn asked<T>() -> usize {
    size_of::<T>() + 2 * (size_of::<Select>() + ALLOCATION) + size_of::<Ask>()
}

/// Something that is a query, in which its arguments are once more.
fn questioned<T>(arguments: &Arguments) -> usize {
    asked::<T>() + size_of::<Query>() + 2 * self::arguments(arguments)
}

fn connection(connection: &ConnectionPlan) -> usize {
    let inner = |paging: &Paging| match paging {
        Paging::Edges(_, edges) => edges.len(),
        Paging::PageInfo(fields) => fields.len(),
        Paging::Typename(_) | Paging::TotalCount(..) | Paging::Nodes(..) => 0,
    };
    let fields: usize = connection.fields.iter().map(|(_, paging)| 1 + inner(paging)).sum();
    questioned::<ConnectionPlan>(&connection.arguments) + fields * named::<(Box<[u8]>, Paging)>()
}

fn root(root: &RootWhat) -> usize {
    match root {
        RootWhat::ById(_, arguments)
        | RootWhat::ByEmail(_, arguments)
        | RootWhat::Nodes(_, arguments)
        | RootWhat::Entities(_, arguments) => 2 * self::arguments(arguments),
        RootWhat::Mutation(plan) => self::arguments(&plan.arguments) + plan.fields.len() * asked::<PayloadField>(),
        RootWhat::Typename | RootWhat::Connection(_) | RootWhat::Service(_) | RootWhat::Introspection => 0,
    }
}

fn document(document: &ExecutableDocument) -> usize {
    let operation = |it: &OperationDefinition| {
        size_of::<OperationDefinition>() + set(&it.selection_set.node) + variables(&it.variable_definitions)
    };
    let operations: usize = document.operations.iter().map(|(_, it)| operation(&it.node)).sum();
    let fragment = |it: &FragmentDefinition| named::<FragmentDefinition>() + set(&it.selection_set.node);
    operations + document.fragments.values().map(|it| fragment(&it.node)).sum::<usize>()
}

fn set(set: &SelectionSet) -> usize {
    let inner = |selection: &Selection| match selection {
        Selection::Field(field) => {
            let arguments = field.node.arguments.iter().map(|(_, it)| named::<Name>() + value(&it.node));
            arguments.sum::<usize>() + self::set(&field.node.selection_set.node)
        }
        Selection::InlineFragment(inline) => self::set(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    };
    let items = set.items.iter().map(|item| {
        let directives = item.node.directives().len() * (named::<Directive>() + named::<(Name, Value)>());
        2 * ALLOCATION + directives + inner(&item.node)
    });
    let room = if set.items.is_empty() { 0 } else { set.items.capacity() * size_of::<Positioned<Selection>>() };
    room + items.sum::<usize>()
}

fn variables(variables: &[Positioned<VariableDefinition>]) -> usize {
    let defaults = variables.iter().filter_map(|it| it.node.default_value.as_ref());
    let defaults: usize = defaults.map(|it| value(&it.node.clone().into_value())).sum();
    variables.len() * named::<Positioned<VariableDefinition>>() + defaults
}

fn arguments(arguments: &Arguments) -> usize {
    arguments.iter().map(|(_, it)| size_of::<Name>() + value(it)).sum()
}

fn value(it: &Value) -> usize {
    let inner = match it {
        Value::String(text) => text.len() + ALLOCATION,
        Value::List(items) => items.iter().map(value).sum(),
        Value::Object(members) => members.values().map(|it| named::<Name>() + value(it)).sum(),
        Value::Variable(name) | Value::Enum(name) => name.len() + ALLOCATION,
        Value::Binary(bytes) => bytes.len(),
        Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
    };
    size_of::<Value>() + inner
}
