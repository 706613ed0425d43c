//! What an operation asks for beside entities by their ids, made from its plan and its arguments.

use super::entities::{AllRepresented, represented};
use crate::{
    entity::model::Model,
    graph::{
        list_page::ListWindow,
        page::{self, VariableValues},
        plan::Plan,
        view::{ConnectionQuery, Queries},
    },
    loader::{cursor::Value, query::QueryTable},
};
use async_graphql::registry::Registry;
use std::sync::Arc;

/// What an operation asks for.
pub struct Questions {
    /// The queries of connections and details, by their places in `table`.
    pub queries: Queries,
    /// Every query.
    pub table: Arc<QueryTable>,
    /// What routers refer to.
    pub represented: AllRepresented,
}

impl Questions {
    /// The questions of a plan with these variables.
    #[must_use]
    pub fn new(registry: &Registry, model: &Model, plan: &Plan, variables: &VariableValues) -> Self {
        let mut table = QueryTable::default();
        let connection = |plan| {
            let (query, digest) = page::query(registry, model, plan, variables)?;
            let keys: Box<[Box<str>]> = query.order_keys().into_iter().map(|(path, _)| path.into()).collect();
            let cursors = || query.after.iter().chain(&query.before);
            let held =
                |place| cursors().any(|cursor| cursor.values.get(place).is_some_and(|held| *held != Value::Absent));
            let seen = (0..keys.len()).map(held).collect();
            Ok(ConnectionQuery { query: table.place(query), digest, keys, seen })
        };
        let connections = plan.connections.iter().map(connection).collect();
        let lists = plan.lists.iter().map(|plan| ListWindow::new(registry, plan, variables)).collect();
        let detail = |plan| Ok(table.place(page::detail(registry, plan, variables)?));
        let details = plan.details.iter().map(detail).collect();
        let represented = represented(registry, plan, variables, &mut table);
        table.shrink();
        Questions { queries: Queries { connections, lists, details }, table: Arc::new(table), represented }
    }
}
