//! Tests of the whole: real HTTP on both sides of the gateway, whole answers, and every request that reached the
//! upstream. One binary, one file per topic.

mod cli;
mod reference;
mod requests;
mod sandbox;
mod support;
