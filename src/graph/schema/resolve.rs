//! Where the library would resolve a field: it is given nothing but introspection, and the projector answers all else.

use async_graphql::{Positioned, ServerError, ServerResult, Value, parser::types::Field};

/// Refuses to resolve a field.
///
/// # Errors
///
/// Always.
pub fn elsewhere(field: &Positioned<Field>) -> ServerResult<Value> {
    Err(ServerError::new("The projector answers this field.", Some(field.pos)))
}
