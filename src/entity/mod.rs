//! The ground floor: what the gateway knows of an entity and how it reads it. Nothing here does I/O.

pub mod tape;
