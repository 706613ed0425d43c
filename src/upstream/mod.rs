//! REST out: how the gateway asks the upstream and understands what it says.

pub mod rql;
