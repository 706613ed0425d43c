//! Tests of the whole: real HTTP on both sides of the gateway, whole answers, and every request that reached the
//! upstream. One binary, one file per topic.

#![expect(unreachable_pub, reason = "a test binary has no public API")]

mod cli;
mod layers;
mod readme;
mod reference;
mod requests;
mod sandbox;
mod schema;
mod support;
