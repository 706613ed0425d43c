//! The schema and its execution: what the graph looks like, how a document is prepared, and how an answer is made from what
//! the upstream returned.
//!
//! The folders import downwards only: `explain` may use `execute`, `execute` may use `cost`, and so on down to `schema`.
//! A test holds that.

pub mod cost;
pub mod document;
pub mod engine;
pub mod error;
pub mod execute;
pub mod explain;
pub mod names;
pub mod prepared;
pub mod queries;
pub mod response;
pub mod schema;
