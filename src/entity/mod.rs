//! The ground floor: what an entity is and how much of it a body tells. No I/O, no GraphQL execution.

pub mod kind;
pub mod member;
pub mod model;
pub mod moment;
pub mod tape;
