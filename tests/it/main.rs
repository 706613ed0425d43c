//! Tests of the whole: real HTTP on both sides of the gateway, whole answers, and every request that reached the
//! upstream. One binary, one file per topic.

mod bad_input;
mod cli;
mod fake;
mod faults;
mod paging;
mod requests;
mod roles;
mod sandbox;
mod specification;
mod support;
