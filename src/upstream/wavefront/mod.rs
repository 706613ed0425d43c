//! What is particular to Wavefront: its spellings, its envelope, and how a search is written.

pub mod envelope;
pub mod search;
pub mod spelling;
