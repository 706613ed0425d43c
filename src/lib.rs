//! A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.
//!
//! Each module imports only those before it in this list: `error`, `fault`, `workers`, `entity`, `upstream`, `loader`,
//! `graph`, `http`. A test holds them to that. The feature `cli` adds the program: `config`, `telemetry`, `cli` and `program`,
//! which no other module imports.

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod config;
pub mod entity;
pub mod error;
pub mod fault;
pub mod graph;
pub mod http;
pub mod loader;
#[cfg(feature = "cli")]
pub mod program;
#[cfg(feature = "cli")]
pub mod telemetry;
pub mod upstream;
pub mod workers;
