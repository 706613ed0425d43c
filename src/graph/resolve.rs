//! The one door between the library and the projector: the library resolves root fields, and each answers itself as a
//! whole through here. Nothing else relies on how that is done.

use super::operation::Operation;
use async_graphql::{ContextSelectionSet, Positioned, ServerError, ServerResult, Value, parser::types::Field};
use std::sync::Arc;

/// Answers a root field. Its JSON is kept by the operation; what goes through the library is only that it is done.
///
/// # Errors
///
/// When the schema is run without an operation, which only [`super::engine`] does right.
pub async fn answer(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
    let operation = ctx.data::<Arc<Operation>>().map_err(|error| ServerError::new(error.message, Some(field.pos)))?;
    operation.answer(&field.node.response_key().node).await;
    Ok(Value::Null)
}
