//! Options of what operations and connections may take.

use std::time::Duration;

use super::{
    Topic, declare,
    trust::{Trust, by_trust},
};
use crate::graph::document::limits::DocumentLimits;

declare! {
    /// What one operation may cost, and what is kept between operations.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Limits {
        /// How long a query may take, and what a mutation reads; always longer than [`Upstream::timeout`]. Default 30 s.
        operation_timeout: Duration = read(OPERATION_TIMEOUT: Duration, DURATION) {
            flag: "--operation-timeout",
            topic: Topic::Limits,
            value: "DURATION",
            key: Some("limits.operation-timeout"),
            default: Some("30s"),
            help: "Longest time for one query, and for what one mutation reads; longer than --upstream-timeout",
        },
        /// How many upstream requests one operation may send. Default 300.
        upstream_requests: usize = read(MAX_UPSTREAM_REQUESTS: usize, COUNT) {
            flag: "--max-upstream-requests",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.upstream-requests"),
            default: Some("300"),
            help: "Most upstream requests that one operation may send",
        },
        /// How many entities of the upstream one operation may read. Default 20,000.
        entities: usize = read(MAX_ENTITIES: usize, COUNT) {
            flag: "--max-entities",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.entities"),
            default: Some("20000"),
            help: "Most entities of the upstream that one operation may read",
        },
        /// How large the answer to a client may be, in bytes. Default 32 MiB.
        response_bytes: usize = read(MAX_RESPONSE_BYTES: usize, SIZE) {
            flag: "--max-response-bytes",
            topic: Topic::Limits,
            value: "SIZE",
            key: Some("limits.response-bytes"),
            default: Some("32MiB"),
            help: "Largest response to a client",
        },
        /// How large the body of a client's request may be, in bytes. Default 1 MiB.
        body_bytes: usize = read(MAX_BODY_BYTES: usize, SIZE) {
            flag: "--max-body-bytes",
            topic: Topic::Limits,
            value: "SIZE",
            key: Some("limits.body-bytes"),
            default: Some("1MiB"),
            help: "Largest body of a client's request",
        },
        /// How much memory the prepared documents may take, in bytes. Default 32 MiB.
        document_cache_bytes: usize = read(DOCUMENT_CACHE_BYTES: usize, SIZE) {
            flag: "--document-cache-bytes",
            topic: Topic::Limits,
            value: "SIZE",
            key: Some("limits.document-cache-bytes"),
            default: Some("32MiB"),
            help: "Memory for documents that are parsed and validated once and then kept",
        },
        /// How long the address and the headers of a client's request may be together, in bytes. Default 32 KiB.
        header_bytes: usize = read(MAX_HEADER_BYTES: usize, HEADER_SIZE) {
            flag: "--max-header-bytes",
            topic: Topic::Limits,
            value: "SIZE",
            key: Some("limits.header-bytes"),
            default: Some("32KiB"),
            help: "Longest address and headers of a client's request together",
        },
        /// How long a client may take for the headers of a request. Default 10 s.
        header_timeout: Duration = read(HEADER_TIMEOUT: Duration, DURATION) {
            flag: "--header-timeout",
            topic: Topic::Limits,
            value: "DURATION",
            key: Some("limits.header-timeout"),
            default: Some("10s"),
            help: "Longest time for sending the headers of a request",
        },
        /// How long a connection may be kept between requests. Default 75 s.
        idle_timeout: Duration = read(IDLE_TIMEOUT: Duration, DURATION) {
            flag: "--idle-timeout",
            topic: Topic::Limits,
            value: "DURATION",
            key: Some("limits.idle-timeout"),
            default: Some("75s"),
            help: "Longest time for which a connection is kept between requests; longer than a load balancer in front keeps it",
        },
        /// How long a client may take for the body of a request. Default 10 s.
        body_timeout: Duration = read(BODY_TIMEOUT: Duration, DURATION) {
            flag: "--body-timeout",
            topic: Topic::Limits,
            value: "DURATION",
            key: Some("limits.body-timeout"),
            default: Some("10s"),
            help: "Longest time for sending the body of a request",
        },
        /// How many connections clients may have at once. Default 1,024.
        connections: usize = read(MAX_CONNECTIONS: usize, COUNT) {
            flag: "--max-connections",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.connections"),
            default: Some("1024"),
            help: "Most connections of clients at once",
        },
        /// How many operations may be under way at once. Default 1,024.
        operations: usize = read(MAX_OPERATIONS: usize, COUNT) {
            flag: "--max-operations",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.operations"),
            default: Some("1024"),
            help: "Most operations under way at once",
        },
    }
    with {
        /// What a GraphQL document may contain.
        document: DocumentLimits,
    }
}

declare! {
    for DocumentLimits {
        bytes = read(MAX_QUERY_BYTES: usize, SIZE) {
            flag: "--max-query-bytes",
            topic: Topic::Limits,
            value: "SIZE",
            key: Some("limits.query-bytes"),
            default: Some("100KiB"),
            help: "Longest text of a GraphQL document",
        },
        tokens = read(MAX_TOKENS: usize, COUNT) {
            flag: "--max-tokens",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.tokens"),
            default: Some("15000"),
            help: "Most names, values and punctuators in a GraphQL document",
        },
        nesting = read(MAX_NESTING: usize, NESTING) {
            flag: "--max-nesting",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.nesting"),
            default: Some("128"),
            help: "Deepest nesting of brackets in a GraphQL document",
        },
        depth = read(MAX_DEPTH: usize, DEPTH) {
            flag: "--max-depth",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.depth"),
            default: Some("30"),
            help: "Deepest nesting of fields in one operation",
        },
        aliases = read(MAX_ALIASES: usize, COUNT) {
            flag: "--max-aliases",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.aliases"),
            default: Some("500"),
            help: "Most fields with an alias in one operation",
        },
        root_fields = read(MAX_ROOT_FIELDS: usize, COUNT) {
            flag: "--max-root-fields",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.root-fields"),
            default: Some("100"),
            help: "Most fields at the root of one operation",
        },
        repeated_fields = read(MAX_REPEATED_FIELDS: usize, COUNT) {
            flag: "--max-repeated-fields",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.repeated-fields"),
            default: Some("200"),
            help: "Most fields in one operation that repeat one in the same selection",
        },
        directives = read(MAX_DIRECTIVES: usize, COUNT) {
            flag: "--max-directives",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.directives"),
            default: Some("200"),
            help: "Most directives in one operation",
        },
        fields = read(MAX_FIELDS: usize, COUNT) {
            flag: "--max-fields",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.fields"),
            default: Some("20000"),
            help: "Most fields and fragments in a GraphQL document, and most values in its arguments, fragments counted at each spread",
        },
        introspected_fields = read(MAX_INTROSPECTED_FIELDS: usize, COUNT) {
            flag: "--max-introspected-fields",
            topic: Topic::Limits,
            value: "N",
            key: Some("limits.introspected-fields"),
            default: Some("500000"),
            help: "Most fields of an answer to introspection, by an estimate that is rather too high",
        },
        introspection = read_or(INTROSPECTION: bool, SWITCH, by_trust(Trust::is_local)) {
            flag: "--introspection",
            topic: Topic::Http,
            value: "BOOL",
            key: Some("http.introspection"),
            help: "Whether the schema may be asked for; by default only where --listen is a loopback address",
        },
    }
}
