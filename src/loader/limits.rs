//! How much one request asks for.

/// The most rows that one page is asked for. Upstreams may give fewer at a time (`accounts-api-v5.md` section 5.1).
pub const PAGE: usize = 100;

/// How many ids one request names: as many as a page has rows.
pub const CHUNK: usize = PAGE;

/// The longest path and query that is sent. A batch of 100 ids has some 2.5 KB; what hosts take is not documented, and
/// usual servers end between 8 and 64 KB.
pub(crate) const MAX_PATH: usize = 16 * 1024;
