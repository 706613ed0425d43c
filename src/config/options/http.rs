//! Options of the way in: who may ask, and how.

use std::path::PathBuf;

use reqwest::header::HeaderName;

use super::{
    Setting, Topic, declare,
    trust::{Trust, by_trust},
};
use crate::config::{ConfigError, Url, sources::Sources};

declare! {
    /// Who may ask, and how.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Http {
        /// The origins whose pages may read answers. Default none.
        cors_origins: Vec<String> = read_or_default(CORS_ORIGINS: Vec<String>, ORIGINS) {
            flag: "--cors-origins",
            topic: Topic::Http,
            value: "LIST",
            key: Some("http.cors-origins"),
            help: "Origins whose pages may read answers, separated by commas, such as https://app.example.com; * allows any",
        },
        /// The names that a `Host` header may have; none where any will do.
        allowed_hosts: Option<Vec<String>> = read_by(ALLOWED_HOSTS: Vec<String>, HOSTS, allowed_hosts) {
            flag: "--allowed-hosts",
            topic: Topic::Http,
            value: "LIST",
            key: Some("http.allowed-hosts"),
            help: "Names that the Host header may have, separated by commas; with a token of the gateway and no caller tokens, by default those of loopback",
        },
        /// The caller's headers that go upstream beside `Authorization`. Default none.
        forward_headers: Vec<HeaderName> = read_or_default(FORWARD_HEADERS: Vec<HeaderName>, HEADERS) {
            flag: "--forward-headers",
            topic: Topic::Http,
            value: "LIST",
            key: Some("http.forward-headers"),
            help: "Headers of the caller that go upstream beside Authorization, separated by commas",
        },
        /// Whether icons are served. Default: where the gateway has no token of its own for the accounts API.
        icons: bool = read_or(ICONS: bool, SWITCH, by_trust(Trust::serves_icons)) {
            flag: "--icons",
            topic: Topic::Http,
            value: "BOOL",
            key: Some("http.icons"),
            help: "Whether GET /icons/{kind}/{id} redirects to pictures, for anybody; unless set, only without --service-token; the flag alone means true",
        },
        /// The address at which browsers reach the gateway. Its path ends in `/`. Default none.
        public_url: Option<Url> = read_optional(PUBLIC_URL: Url, URL) {
            flag: "--public-url",
            topic: Topic::Http,
            value: "URL",
            key: Some("http.public-url"),
            help: "Address at which browsers reach the gateway, such as https://graph.example.com/api; iconUrl begins with it, and is a path of the same origin without it",
        },
        /// The manifest of trusted documents. Default none.
        trusted_documents: Option<PathBuf> = read_optional(TRUSTED_DOCUMENTS: PathBuf, FILE) {
            flag: "--trusted-documents",
            topic: Topic::Http,
            value: "PATH",
            key: Some("http.trusted-documents"),
            help: "Manifest of documents that may be asked for by id, as generate-persisted-query-manifest or graphql-codegen write it",
        },
        /// Whether only trusted documents are run. Default no.
        trusted_documents_only: bool = read(TRUSTED_DOCUMENTS_ONLY: bool, SWITCH) {
            flag: "--trusted-documents-only",
            topic: Topic::Http,
            value: "BOOL",
            key: Some("http.trusted-documents-only"),
            default: Some("false"),
            help: "Whether only trusted documents are run; the flag alone means true",
        },
        /// How much memory automatic persisted queries may take, in bytes. Default 8 MiB.
        persisted_query_bytes: usize = read(PERSISTED_QUERY_BYTES: usize, SIZE) {
            flag: "--persisted-query-bytes",
            topic: Topic::Http,
            value: "SIZE",
            key: Some("http.persisted-query-bytes"),
            default: Some("8MiB"),
            help: "Memory for automatic persisted queries",
        },
        /// How many operations one request may have. Default 1: no batches.
        batch: usize = read(MAX_BATCH: usize, COUNT) {
            flag: "--max-batch",
            topic: Topic::Http,
            value: "N",
            key: Some("http.batch"),
            default: Some("1"),
            help: "Most operations in one request; 1 refuses batches",
        },
    }
}

fn allowed_hosts(from: &Sources<'_>, setting: &Setting<Vec<String>>) -> Result<Option<Vec<String>>, ConfigError> {
    match from.read_optional(setting)? {
        Some(hosts) => Ok(Some(hosts)),
        None => by_trust(Trust::hosts)(from),
    }
}
