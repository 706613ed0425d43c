//! The schema: what clients may ask for.

pub mod reference;
pub mod scalar;
pub mod types;
