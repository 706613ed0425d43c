//! A GraphQL gateway over the users / accounts / groups REST API of the SoftwareOne Marketplace.

pub mod entity;
pub mod fault;
pub mod sandbox;
pub mod upstream;
