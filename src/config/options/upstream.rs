//! Options of the upstreams: where they are, and how patient the gateway is with them.

use std::{path::PathBuf, time::Duration};

use super::{Topic, declare};
use crate::{config::Url, upstream::marketplace::membership::MembershipRoutes};

declare! {
    /// The REST API behind the gateway, and how patient we are with it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Upstream {
        /// Base URL, http or https, without credentials, query and fragment. Its path always ends in `/`, so that paths
        /// can be joined to it. Default none: the sandbox is started, beyond loopback only where it is asked for.
        url: Option<Url> = upstream(UPSTREAM: Url, URL, cfg!(feature = "sandbox")) {
            flag: "--upstream",
            topic: Topic::Upstream,
            value: "URL",
            key: Some("upstream.url"),
            help: if cfg!(feature = "sandbox") {
                "Base URL of the Accounts REST API, http or https and without credentials; without it the sandbox is \
                 started and used, where --listen is a loopback address or --sandbox asks for it"
            } else {
                "Base URL of the Accounts REST API, http or https and without credentials"
            },
        },
        /// How long one call that reads may take, connecting and the body included. Default 10 s.
        timeout: Duration = read(UPSTREAM_TIMEOUT: Duration, DURATION) {
            flag: "--upstream-timeout",
            topic: Topic::Upstream,
            value: "DURATION",
            key: Some("upstream.timeout"),
            default: Some("10s"),
            help: "Longest time for one upstream call that reads, connecting and the body included",
        },
        /// How long one call that changes something may take, from when it is sent. Default 60 s.
        write_timeout: Duration = read(UPSTREAM_WRITE_TIMEOUT: Duration, DURATION) {
            flag: "--upstream-write-timeout",
            topic: Topic::Upstream,
            value: "DURATION",
            key: Some("upstream.write-timeout"),
            default: Some("60s"),
            help: "Longest time for one upstream call that changes something, from when it is sent",
        },
        /// How long connecting may take. Default 3 s.
        connect_timeout: Duration = read(UPSTREAM_CONNECT_TIMEOUT: Duration, DURATION) {
            flag: "--upstream-connect-timeout",
            topic: Topic::Upstream,
            value: "DURATION",
            key: Some("upstream.connect-timeout"),
            default: Some("3s"),
            help: "Longest time for connecting to the upstream",
        },
        /// How many calls may be under way at once, and how many idle connections are kept. Default 64.
        connections: usize = read(UPSTREAM_CONNECTIONS: usize, COUNT) {
            flag: "--upstream-connections",
            topic: Topic::Upstream,
            value: "N",
            key: Some("upstream.connections"),
            default: Some("64"),
            help: "Most upstream calls under way at once, and most idle connections kept",
        },
        /// How often a read that failed is sent again. Default 3.
        retries: u32 = read(UPSTREAM_RETRIES: u32, RETRIES) {
            flag: "--upstream-retries",
            topic: Topic::Upstream,
            value: "N",
            key: Some("upstream.retries"),
            default: Some("3"),
            help: "How often a read is sent again when the upstream cannot be reached, breaks off, or answers 429, 502, 503 \
                   or 504; writes never are",
        },
        /// Whether an upstream that fails most calls is left alone for a while. Default yes.
        circuit_breaker: bool = read(CIRCUIT_BREAKER: bool, SWITCH) {
            flag: "--circuit-breaker",
            topic: Topic::Upstream,
            value: "BOOL",
            key: Some("upstream.circuit-breaker"),
            default: Some("true"),
            help: "Whether an upstream that fails most calls is left alone for some seconds; the flag alone means true",
        },
        /// Whether identical reads that are under way at the same time are one request. Default yes.
        single_flight: bool = read(SINGLE_FLIGHT: bool, SWITCH) {
            flag: "--single-flight",
            topic: Topic::Upstream,
            value: "BOOL",
            key: Some("upstream.single-flight"),
            default: Some("true"),
            help: "Whether identical reads of one caller that are under way at the same time are one upstream request; the \
                   flag alone means true",
        },
        /// The certificates that are trusted beside the system's, for both upstreams. Default none.
        ca: Option<PathBuf> = read_optional(UPSTREAM_CA: PathBuf, FILE) {
            flag: "--upstream-ca",
            topic: Topic::Upstream,
            value: "PATH",
            key: Some("upstream.ca"),
            help: "File of certificates in PEM form that are trusted beside the system's, for both upstreams",
        },
        /// How long it is remembered what a host was found to have, to lack or to refuse. Default 10 minutes.
        relearn: Duration = read(UPSTREAM_RELEARN: Duration, MEMORY) {
            flag: "--upstream-relearn",
            topic: Topic::Upstream,
            value: "DURATION",
            key: Some("upstream.relearn"),
            default: Some("10m"),
            help: "How long it is remembered what an upstream host was found to have, to lack or to refuse: routes, spellings \
                   of requests, and what a caller may see",
        },
        /// The routes by which memberships are read and changed. Default auto.
        membership_routes: MembershipRoutes = read(MEMBERSHIP_ROUTES: MembershipRoutes, ROUTES) {
            flag: "--membership-routes",
            topic: Topic::Upstream,
            value: "ROUTES",
            key: Some("upstream.membership-routes"),
            default: Some("auto"),
            help: "Routes by which memberships are read and changed: accounts (/accounts/{accountId}/users), account-users \
                   (/account-users), legacy (/{accountId}/users), or auto, which finds out whether the host has one of the \
                   first two",
        },
        /// Whether what is wanted of embedded entities may be asked together with their holders. Default on.
        nested_select: bool = read(NESTED_SELECT: bool, ON_OFF) {
            flag: "--nested-select",
            topic: Topic::Upstream,
            value: "on|off",
            key: Some("upstream.nested-select"),
            default: Some("on"),
            help: "Whether fields of embedded entities may be asked together with what embeds them: on, which saves rounds \
                   where the upstream tells them, or off",
        },
    }
}

declare! {
    /// The Wavefront instance behind the gateway.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Wavefront {
        /// Base URL, as [`Upstream::url`]. Default none: the sandbox's slice is used if the sandbox is started.
        url: Option<Url> = read_optional(WAVEFRONT: Url, URL) {
            flag: "--wavefront",
            topic: Topic::Upstream,
            value: "URL",
            key: Some("wavefront.url"),
            help: if cfg!(feature = "sandbox") {
                "Base URL of a Wavefront instance, such as https://example.wavefront.com; without it and without --upstream \
                 the sandbox's is used"
            } else {
                "Base URL of a Wavefront instance, such as https://example.wavefront.com"
            },
        },
    }
}
