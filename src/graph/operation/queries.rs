//! The queries of an operation, made from its plan and its arguments.

use crate::{
    entity::model::Model,
    graph::{
        page::{self, VariableValues},
        prepare::Runnable,
        view::{ConnectionQuery, Queries},
    },
    loader::query::Query,
    upstream::marketplace::relation::RELATIONS,
};
use async_graphql::registry::Registry;

/// The queries of an operation, each once.
#[derive(Default)]
pub(super) struct QueryList(pub(super) Vec<Query>);

impl QueryList {
    /// The place of a query, which is added unless it is there.
    pub(super) fn place(&mut self, query: Query) -> u32 {
        let place = self.0.iter().position(|known| *known == query).unwrap_or_else(|| {
            self.0.push(query);
            self.0.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}

/// The queries of relations and connections.
pub(super) fn queries(
    registry: &Registry,
    model: &Model,
    runnable: &Runnable,
    variables: &VariableValues,
    list: &mut QueryList,
) -> Queries {
    let lists = RELATIONS.iter().map(|relation| list.place(Query::all_of(relation.rows, relation.by, relation.parent)));
    let lists = lists.collect();
    let connection = |plan| {
        let (query, digest) = page::query(registry, model, plan, variables)?;
        Ok(ConnectionQuery { query: list.place(query), digest })
    };
    let connections = runnable.plan.connections.iter().map(connection).collect();
    let detail = |plan| Ok(list.place(page::detail(registry, plan, variables)?));
    Queries { connections, details: runnable.plan.details.iter().map(detail).collect(), lists }
}
