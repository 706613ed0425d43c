//! A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.

pub mod cli;
pub mod config;
pub mod sandbox;
pub mod telemetry;
