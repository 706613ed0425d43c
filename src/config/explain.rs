//! Where operations are explained.

/// Where the gateway says what an operation cost, and how it asked the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// Wherever it listens.
    Always,
    /// Where only this machine can ask, and with tokens of its own alone.
    Loopback,
    /// Nowhere.
    Never,
}
