//! A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.
//!
//! Each module imports only those above it in this list (`sandbox` imports none, and none but the command line imports
//! it): `fault`, `workers`, `entity`, `upstream`, `loader`, `graph`, `http`, `cli`. A test holds them to that.

pub mod cli;
pub mod config;
pub mod entity;
pub mod error;
pub mod fault;
pub mod graph;
pub mod http;
pub mod loader;
pub mod program;
pub mod sandbox;
pub mod telemetry;
pub mod upstream;
pub mod workers;
