//! REST out: how the gateway asks the upstream and understands what it says.
//!
//! What to ask, and what the answer means to an entity, is left to the floors above.

pub mod client;
pub mod marketplace;
pub mod problem;
mod refusal;
pub mod rql;
pub mod select;
