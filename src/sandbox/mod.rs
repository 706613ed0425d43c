//! The embedded upstream.
