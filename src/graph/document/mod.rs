//! The text of a request as a document: read once, and found valid or refused before anything else looks at it.
//!
//! [`parse`] reads the syntax of the September 2025 specification and keeps what its rules need and other forms of a
//! document lose: repeated input fields, digits of numbers, the place of each value. [`validate`] applies every rule for
//! executable documents. [`lower`] makes the library's form of the same document, which is planned and measured, so a
//! document cannot be valid in one reading and mean something else in another.

pub mod ast;
mod lexer;
mod lower;
mod parser;
pub mod schema;
mod text;
pub mod validate;

pub use lower::lower;
pub use parser::parse;

use crate::{error::ErrorCode, graph::answer::GraphError};
use async_graphql::Pos;

fn syntax_error(message: &str, pos: Pos) -> GraphError {
    GraphError::request(ErrorCode::GraphqlParseFailed, format!("Syntax Error: {message}"), Some(pos))
}

fn invalid(message: String, pos: Pos) -> GraphError {
    GraphError::request(ErrorCode::GraphqlValidationFailed, message, Some(pos))
}
