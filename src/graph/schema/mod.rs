//! What clients see: types, root fields, arguments, mutations and keys of federation; and what the execution reads of it.

pub mod arguments;
pub mod federation;
pub mod model;
pub mod mutation;
pub mod printed;
pub mod promise;
pub mod query;
pub mod reference;
pub mod resolve;
pub mod scalar;
pub mod sizes;
pub mod subgraph;
pub mod types;
