//! Runs an operation: finds out what is missing, loads it, writes the answer, and sends what mutations change.

pub mod ftv1;
pub mod memo;
pub mod operation;
pub mod outcome;
pub mod refusal;
pub mod view;
pub mod walk;
pub mod write;
