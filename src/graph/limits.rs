//! What a document may cost before it is looked at closely: its size, its nesting, and what it selects.
//!
//! [`check_text`] comes before the parser, which recurses; [`check_selections`] comes before validation,
//! which follows fragments wherever they are spread, and so for seconds on a few hundred bytes.

mod measure;
mod scan;

use super::answer::GraphError;
use crate::error::ErrorCode;
use async_graphql::{Pos, parser::types::ExecutableDocument};
use measure::{Extent, Measure};

/// Brackets may nest this deep at most, of all kinds together. The parser recurses on brackets and overflows the stack,
/// and the process with it, on a few kilobytes of them; a selection of the greatest depth with filters stays far below.
pub const MAX_NESTING: usize = 128;

/// Names may have this many bytes at most: the path of each error repeats response keys, and so do plans, traces and answers
/// to introspection.
pub const MAX_NAME: usize = 256;

/// What a document may contain. Whatever fragments contain counts at each of their spreads.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentLimits {
    /// Bytes of text. Default 100 KiB.
    pub bytes: usize,
    /// Names, numbers, strings and punctuation. Default 15,000.
    pub tokens: usize,
    /// Brackets in brackets; at most [`MAX_NESTING`], which is the default.
    pub nesting: usize,
    /// Levels of fields, those of introspection left out. Default 30.
    pub depth: usize,
    /// Fields with an alias, in one operation. Default 500.
    pub aliases: usize,
    /// Fields at the root of one operation. Default 100.
    pub root_fields: usize,
    /// Fields that stand in one selection under a response key that stands there already, in one operation. Default 200.
    pub repeated_fields: usize,
    /// Directives, in one operation. Default 200.
    pub directives: usize,
    /// Fields and fragments, of all operations and fragments together; and as many values of arguments. Default 20,000.
    pub fields: usize,
    /// Fields of an answer to introspection, by estimate, in one operation. Default 500,000.
    pub introspected_fields: usize,
    /// Whether the schema may be asked for. Default: where the gateway listens on loopback.
    pub introspection: bool,
}

/// Refuses a text that is too long, whose brackets nest too deep, or that has too many or too long names, by one flat scan
/// before the parser sees it.
///
/// # Errors
///
/// With [`ErrorCode::DocumentLimitExceeded`] and the number that was exceeded.
pub fn check_text(text: &str, limits: &DocumentLimits) -> Result<(), GraphError> {
    if text.len() > limits.bytes {
        let most = limits.bytes;
        return Err(exceeded(most, format!("The document has {} bytes; at most {most} are allowed.", text.len())));
    }
    let nesting = limits.nesting.min(MAX_NESTING);
    match scan::scan(text.as_bytes(), nesting, limits.tokens) {
        Ok(()) => Ok(()),
        Err(scan::Excess::Nesting) => Err(exceeded(nesting, format!("Brackets nest deeper than {nesting}."))),
        Err(scan::Excess::Tokens) => {
            let most = limits.tokens;
            Err(exceeded(most, format!("The document has more than {most} names, values and punctuators.")))
        }
        Err(scan::Excess::Name) => {
            Err(exceeded(MAX_NAME, format!("The document has a name of more than {MAX_NAME} bytes.")))
        }
    }
}

/// Refuses a document that selects more than allowed, or that its fragments make endless. Introspection does not count
/// as depth: its depth is that of types, not of data.
///
/// # Errors
///
/// With [`ErrorCode::DocumentLimitExceeded`] and the limit; with [`ErrorCode::GraphqlValidationFailed`] when a fragment is spread into itself, which the library
/// follows until the stack overflows; with [`ErrorCode::IntrospectionDisabled`].
pub fn check_selections(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<(), GraphError> {
    measured(document, limits).map(|_| ())
}

/// Checks a document and tells how many selections were looked at.
fn measured(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<usize, GraphError> {
    let mut measure = Measure::new(document, limits.introspection);
    let (mut fields, mut values) = (0_usize, 0_usize);
    for (_, operation) in document.operations.iter() {
        let mut extent = measure.set(&operation.node.selection_set.node, 0)?;
        let variables = operation.node.variable_definitions.iter().map(|variable| variable.node.directives.len());
        extent.directives += operation.node.directives.len() + variables.sum::<usize>();
        fields = fields.saturating_add(extent.selections);
        values = values.saturating_add(extent.values);
        check_fields(fields, limits)?;
        check_values(values, limits)?;
        check(&extent, limits)?;
    }
    // Also those that nobody spreads: validation follows them as well.
    for name in document.fragments.keys() {
        let mut extent = measure.fragment(name, Pos::default(), 0)?;
        fields = fields.saturating_add(extent.selections);
        // Its fields are at a root only where it is spread there.
        extent.roots = 0;
        check_fields(fields, limits)?;
        check_values(extent.values, limits)?;
        check(&extent, limits)?;
    }
    Ok(measure.visits)
}

fn check(extent: &Extent, limits: &DocumentLimits) -> Result<(), GraphError> {
    if extent.depth > limits.depth {
        let most = limits.depth;
        return Err(exceeded(most, format!("The operation selects deeper than {most} levels.")));
    }
    for (found, most, what) in [
        (extent.roots, limits.root_fields, "fields at its root"),
        (extent.aliases, limits.aliases, "fields with an alias"),
        (extent.repeated, limits.repeated_fields, "fields that repeat one beside them"),
        (extent.directives, limits.directives, "directives"),
        (extent.introspected, limits.introspected_fields, "fields of introspection by estimate"),
    ] {
        if found > most {
            let message = format!(
                "The operation has {found} {what}, fragments counted at each spread; at most {most} are allowed."
            );
            return Err(exceeded(most, message));
        }
    }
    Ok(())
}

fn check_fields(fields: usize, limits: &DocumentLimits) -> Result<(), GraphError> {
    let most = limits.fields;
    if fields <= most {
        return Ok(());
    }
    Err(exceeded(most, format!("The document selects more than {most} fields, fragments counted at each spread.")))
}

/// Every place at which a fragment is spread has a copy of the values in it.
fn check_values(values: usize, limits: &DocumentLimits) -> Result<(), GraphError> {
    let most = limits.fields;
    if values <= most {
        return Ok(());
    }
    let message =
        format!("The arguments of the document have more than {most} values, fragments counted at each spread.");
    Err(exceeded(most, message))
}

fn exceeded(limit: usize, message: String) -> GraphError {
    let mut error = GraphError::request(ErrorCode::DocumentLimitExceeded, message, None);
    error.extensions.push(("limit", limit.to_string()));
    error
}

fn endless(name: &str, pos: Pos) -> GraphError {
    GraphError::request(
        ErrorCode::GraphqlValidationFailed,
        format!("Cannot spread fragment {name:?} within itself."),
        Some(pos),
    )
}

#[cfg(test)]
mod tests;
