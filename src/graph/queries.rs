//! What an operation asks for beside entities by their ids, made from its plan and its arguments.

pub mod complaint;
pub mod connection;
pub mod filter;
pub mod input;
pub mod list_page;
pub mod representation;
pub mod represented;
pub mod values;

use self::{
    list_page::ListWindow,
    represented::{AllRepresented, represented},
    values::VariableValues,
};
use super::document::plan::Plan;
use crate::{
    entity::model::Model,
    fault::Fault,
    loader::{cursor::Value, query::QueryTable},
};
use async_graphql::registry::Registry;
use std::sync::Arc;

/// The queries behind the connections and details of a plan, in an operation: made from its arguments.
pub struct QueryIds {
    /// By the connection's place in the plan.
    pub connections: Vec<Result<ConnectionQuery, Arc<Fault>>>,
    /// By the list's place in the plan.
    pub lists: Vec<Result<ListWindow, Arc<Fault>>>,
    /// By the detail's place in the plan.
    pub details: Vec<Result<u32, Arc<Fault>>>,
}

/// A connection's query and what its page starts from.
pub struct ConnectionQuery {
    /// The query, by its place in the loader.
    pub query: u32,
    /// Ties cursors to filter and order.
    pub digest: u64,
    /// What decides the order of its rows: cursors hold these.
    pub keys: Box<[Box<str>]>,
    /// Whether the caller is known to see each of them, since the cursors of the request hold a value.
    pub seen: Box<[bool]>,
}

/// What an operation asks for.
pub struct UpstreamQueries {
    /// The queries of connections and details, by their places in `table`.
    pub queries: QueryIds,
    /// Every query.
    pub table: Arc<QueryTable>,
    /// What routers refer to.
    pub represented: AllRepresented,
}

impl UpstreamQueries {
    /// The questions of a plan with these variables.
    #[must_use]
    pub fn new(registry: &Registry, model: &Model, plan: &Plan, variables: &VariableValues) -> Self {
        let mut table = QueryTable::default();
        let connection = |plan| {
            let (query, digest) = connection::query(registry, model, plan, variables)?;
            let keys: Box<[Box<str>]> = query.order_keys().into_iter().map(|(path, _)| path.into()).collect();
            let cursors = || query.after.iter().chain(&query.before);
            let held =
                |place| cursors().any(|cursor| cursor.values.get(place).is_some_and(|held| *held != Value::Absent));
            let seen = (0..keys.len()).map(held).collect();
            Ok(ConnectionQuery { query: table.place(query), digest, keys, seen })
        };
        let connections = plan.connections.iter().map(connection).collect();
        let lists = plan.lists.iter().map(|plan| ListWindow::new(registry, plan, variables)).collect();
        let detail = |plan| Ok(table.place(connection::detail(registry, plan, variables)?));
        let details = plan.details.iter().map(detail).collect();
        let represented = represented(registry, plan, variables, &mut table);
        table.shrink();
        UpstreamQueries { queries: QueryIds { connections, lists, details }, table: Arc::new(table), represented }
    }
}
