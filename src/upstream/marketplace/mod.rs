//! What is particular to the marketplace's accounts API: its relations and the spellings of its generations.

pub mod detail;
pub mod host;
pub mod icon;
pub mod membership;
pub mod relation;
pub mod spelling;
