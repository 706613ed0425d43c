//! Tests of the whole: real HTTP on both sides of the gateway, whole answers, and every request that reached the
//! upstream. One binary, one file per topic.

#![expect(unreachable_pub, reason = "a test binary has no public API")]

mod bad_input;
mod cli;
mod explain;
mod fake;
mod faults;
mod layers;
mod paging;
mod program;
mod readme;
mod reference;
mod requests;
mod roles;
mod samples;
mod sandbox;
mod schema;
mod specification;
mod stub;
mod support;
