//! The schema and its execution: what the graph looks like, how a document is prepared, and how an answer is made of
//! what the upstream told.

pub mod answer;
pub mod arguments;
pub mod coerce;
pub mod cost;
pub mod document;
pub mod engine;
pub mod explain;
pub mod federation;
pub mod filter;
pub mod ftv1;
pub mod introspect;
pub mod limits;
pub mod list_page;
pub mod memo;
pub mod mutation;
pub mod operation;
pub mod page;
pub mod plan;
pub mod prepare;
pub mod promise;
pub mod query;
pub mod reference;
pub mod resolve;
pub mod response;
pub mod scalar;
pub mod table;
pub mod types;
pub mod view;
pub mod walk;
pub mod write;
