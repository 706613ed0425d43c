//! The query language of the upstream: text to tree ([`parse`]), tree to test over rows ([`bind`]), test to answer
//! ([`eval`]).

pub(crate) mod bind;
pub(crate) mod eval;
pub(crate) mod parse;
pub(crate) mod test;
