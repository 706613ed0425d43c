//! Options of the program itself.

use std::num::NonZeroUsize;

use super::{Alone, Http, Limits, Playground, Sandbox, Topic, Trust, Upstream, Wavefront, declare};
use crate::config::Explain;

declare! {
    /// Everything that `accounts-graph serve` can be told.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Config {
        /// What is logged, in the syntax of tracing's env-filter. Default `info`.
        log: String = read(LOG: String, FILTER) {
            flag: "--log",
            topic: Topic::General,
            value: "FILTER",
            key: Some("log"),
            default: Some("info"),
            help: "What is logged to stderr: a level (error, warn, info, debug, trace, off) or a list such as \
                   info,accounts_graph=debug",
            alone: Some(Alone { flag: "--log", default: Some("info") }),
        },
        /// How many threads answer; none for as many as the process may use CPUs.
        threads: Option<NonZeroUsize> = read_optional(THREADS: NonZeroUsize, THREADS) {
            flag: "--threads",
            topic: Topic::General,
            value: "N",
            key: Some("threads"),
            help: "Threads that answer; by default as many as the process may use CPUs",
        },
        /// Where callers are told what their operations cost. Default on loopback.
        explain: Explain = read(EXPLAIN: Explain, EXPLAIN) {
            flag: "--explain",
            topic: Topic::General,
            value: "WHERE",
            key: Some("explain"),
            default: Some("loopback"),
            help: "Where the header x-explain is answered: always, never, or loopback, that is where --listen is a \
                   loopback address and the gateway has no token of its own",
        },
    }
    with {
        /// Where the gateway listens, how callers are known, and with whose token the upstreams are asked.
        trust: Trust,
        /// Who may ask, and how.
        http: Http,
        /// The REST API behind the gateway.
        upstream: Upstream,
        /// The Wavefront instance behind it, if there is one.
        wavefront: Wavefront,
        /// What one operation may cost.
        limits: Limits,
        /// The web page to try the graph in.
        playground: Playground,
        /// The embedded upstream, started when no URL is given, in builds that have it.
        sandbox: Sandbox,
    }
}
