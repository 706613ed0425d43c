//! Tests of the whole: real HTTP on both sides of the gateway, whole answers, and every request that reached the
//! upstream. One binary, one file per topic.

#![expect(unreachable_pub, reason = "a test binary has no public API")]

mod attacks;
mod audit;
mod bad_input;
mod bounds;
mod cli;
mod details;
mod documents;
mod explain;
mod fake;
mod faults;
mod federation;
mod ftv1;
mod http;
mod layers;
mod mutation;
mod nested;
mod npm;
mod operations;
mod page;
mod paging;
mod partial;
mod process;
mod program;
mod readme;
mod reference;
mod requests;
mod roles;
mod router;
mod samples;
mod sandbox;
mod sandbox_accounts;
mod sandbox_dates;
mod sandbox_faults;
mod sandbox_file;
mod sandbox_generations;
mod sandbox_groups;
mod sandbox_kit;
mod sandbox_members;
mod sandbox_operations;
mod sandbox_query;
mod sandbox_quirks;
mod sandbox_rules;
mod sandbox_select;
mod sandbox_users;
mod sandbox_wavefront;
mod sandbox_world;
mod schema;
mod specification;
mod stub;
mod support;
mod upstream;
mod wavefront;
