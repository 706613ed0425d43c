//! REST out: how the gateway asks the upstream and understands what it says.
//!
//! What to ask, and what the answer means to an entity, is left to the floors above.

mod breaker;
pub mod client;
pub mod credentials;
mod flight;
pub mod marketplace;
pub mod memory;
pub mod problem;
mod refusal;
mod report;
mod retry;
pub mod rql;
pub mod select;
mod throttle;
pub mod wavefront;
pub mod words;
