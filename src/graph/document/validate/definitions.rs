//! What a document is made of: executable definitions with names of their own.

use super::Errors;
use crate::graph::{document::ast::Document, error::GraphError};
use std::collections::HashSet;

/// Applies the rules on definitions: they are executable, names of operations and of fragments are unique, and an
/// anonymous operation is alone.
///
/// # Errors
///
/// With what is wrong.
pub fn unique(document: &Document<'_>) -> Result<(), Vec<GraphError>> {
    let mut errors = Errors { list: vec![], suggest: false };
    if let Some(keyword) = &document.type_system {
        errors.add(keyword.pos, || format!("A \"{}\" definition is not executable.", keyword.text));
    }
    let mut names = HashSet::new();
    for operation in &document.operations {
        match operation.name {
            None if document.operations.len() > 1 => {
                errors.add(operation.pos, || "This anonymous operation must be the only defined operation.".to_owned());
            }
            None => {}
            Some(name) if names.insert(name.text) => {}
            Some(name) => {
                errors.add(name.pos, || format!("There can be only one operation named \"{}\".", name.text));
            }
        }
    }
    names.clear();
    for name in document.fragments.iter().map(|fragment| fragment.name) {
        if !names.insert(name.text) {
            errors.add(name.pos, || format!("There can be only one fragment named \"{}\".", name.text));
        }
    }
    errors.into_result()
}
