//! Batching: what waits is gathered, united and asked for once; what came is kept for the operation.

pub mod batch;
mod canonical;
pub mod clock;
pub mod cursor;
mod details;
pub mod idle;
pub mod limits;
pub mod listed;
pub mod loads;
pub mod memberships;
pub mod nest;
pub mod preview;
pub mod query;
mod refused;
pub mod requests;
pub mod rest;
mod rows;
mod seek;
mod sought;
pub mod source;
pub mod store;
pub mod trace;
mod unite;
pub mod wavefront;
