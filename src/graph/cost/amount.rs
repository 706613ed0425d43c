//! Requests and entities: what an operation costs.

/// Requests, and entities that they bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Requests to the upstream.
    pub requests: usize,
    /// Entities of its answers: rows of lists, and what is asked by id.
    pub entities: usize,
}

impl Amount {
    /// Both together.
    pub(super) fn and(self, other: Amount) -> Amount {
        Amount {
            requests: self.requests.saturating_add(other.requests),
            entities: self.entities.saturating_add(other.entities),
        }
    }
}
