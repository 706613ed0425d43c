//! Options of the way in: who may ask, how, and how much of the server a client may use.

use super::{OptionInfo, Setting, Topic, form};
use crate::config::{Url, token::TokenSource};
use reqwest::header::HeaderName;
use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

pub(in crate::config) const INTROSPECTION: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--introspection",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_INTROSPECTION",
        key: Some("http.introspection"),
        default: None,
        help: "Whether the schema may be asked for; by default only where --listen is a loopback address",
        alone: None,
    },
    form: form::SWITCH,
};

pub(in crate::config) const CORS_ORIGINS: Setting<Vec<String>> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--cors-origins",
        value: "LIST",
        env: "ACCOUNTS_GRAPH_CORS_ORIGINS",
        key: Some("http.cors-origins"),
        default: None,
        help: "Origins whose pages may read answers, separated by commas, such as https://app.example.com; * allows any",
        alone: None,
    },
    form: form::ORIGINS,
};

pub(in crate::config) const ALLOWED_HOSTS: Setting<Vec<String>> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--allowed-hosts",
        value: "LIST",
        env: "ACCOUNTS_GRAPH_ALLOWED_HOSTS",
        key: Some("http.allowed-hosts"),
        default: None,
        help: "Names that the Host header may have, separated by commas; with a service token and no caller tokens, by default those of loopback",
        alone: None,
    },
    form: form::HOSTS,
};

pub(in crate::config) const FORWARD_HEADERS: Setting<Vec<HeaderName>> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--forward-headers",
        value: "LIST",
        env: "ACCOUNTS_GRAPH_FORWARD_HEADERS",
        key: Some("http.forward-headers"),
        default: None,
        help: "Headers of the caller that go upstream beside Authorization, separated by commas",
        alone: None,
    },
    form: form::HEADERS,
};

pub(in crate::config) const SERVICE_TOKEN: Setting<TokenSource> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--service-token",
        value: "SOURCE",
        env: "ACCOUNTS_GRAPH_SERVICE_TOKEN",
        key: Some("http.service-token"),
        default: None,
        help: "Where the token is that goes upstream in place of the caller's, file:PATH or env:NAME; needs --caller-token-file or a loopback --listen",
        alone: None,
    },
    form: form::TOKEN,
};

pub(in crate::config) const CALLER_TOKEN_FILE: Setting<PathBuf> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--caller-token-file",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_CALLER_TOKEN_FILE",
        key: Some("http.caller-token-file"),
        default: None,
        help: "File of the tokens, one a line, that callers must send; needs --service-token",
        alone: None,
    },
    form: form::FILE,
};

pub(in crate::config) const ICONS: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--icons",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_ICONS",
        key: Some("http.icons"),
        default: None,
        help: "Whether GET /icons/{kind}/{id} redirects to pictures, for anybody; unless set, only without --service-token; the flag alone means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(in crate::config) const PUBLIC_URL: Setting<Url> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--public-url",
        value: "URL",
        env: "ACCOUNTS_GRAPH_PUBLIC_URL",
        key: Some("http.public-url"),
        default: None,
        help: "Address at which browsers reach the gateway, such as https://graph.example.com/api; iconUrl begins with it, and is a path of the same origin without it",
        alone: None,
    },
    form: form::URL,
};

pub(in crate::config) const TRUSTED_DOCUMENTS: Setting<PathBuf> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--trusted-documents",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_TRUSTED_DOCUMENTS",
        key: Some("http.trusted-documents"),
        default: None,
        help: "Manifest of documents that may be asked for by id, as generate-persisted-query-manifest or graphql-codegen write it",
        alone: None,
    },
    form: form::FILE,
};

pub(in crate::config) const TRUSTED_DOCUMENTS_ONLY: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--trusted-documents-only",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_TRUSTED_DOCUMENTS_ONLY",
        key: Some("http.trusted-documents-only"),
        default: Some("false"),
        help: "Whether only trusted documents are run; the flag alone means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(in crate::config) const PERSISTED_QUERY_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--persisted-query-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_PERSISTED_QUERY_BYTES",
        key: Some("http.persisted-query-bytes"),
        default: Some("8MiB"),
        help: "Memory for automatic persisted queries",
        alone: None,
    },
    form: form::SIZE,
};

pub(in crate::config) const MAX_BATCH: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Http,
        flag: "--max-batch",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_BATCH",
        key: Some("http.batch"),
        default: Some("1"),
        help: "Most operations in one request; 1 refuses batches",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_HEADER_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-header-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_MAX_HEADER_BYTES",
        key: Some("limits.header-bytes"),
        default: Some("32KiB"),
        help: "Longest address and headers of a client's request together",
        alone: None,
    },
    form: form::HEADER_SIZE,
};

pub(in crate::config) const HEADER_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--header-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_HEADER_TIMEOUT",
        key: Some("limits.header-timeout"),
        default: Some("10s"),
        help: "Longest time for sending the headers of a request",
        alone: None,
    },
    form: form::DURATION,
};

pub(in crate::config) const IDLE_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--idle-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_IDLE_TIMEOUT",
        key: Some("limits.idle-timeout"),
        default: Some("75s"),
        help: "Longest time for which a connection is kept between requests; longer than a load balancer in front keeps it",
        alone: None,
    },
    form: form::DURATION,
};

pub(in crate::config) const BODY_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--body-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_BODY_TIMEOUT",
        key: Some("limits.body-timeout"),
        default: Some("10s"),
        help: "Longest time for sending the body of a request",
        alone: None,
    },
    form: form::DURATION,
};

pub(in crate::config) const MAX_CONNECTIONS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-connections",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_CONNECTIONS",
        key: Some("limits.connections"),
        default: Some("1024"),
        help: "Most connections of clients at once",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_OPERATIONS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-operations",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_OPERATIONS",
        key: Some("limits.operations"),
        default: Some("1024"),
        help: "Most operations under way at once",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const THREADS: Setting<NonZeroUsize> = Setting {
    info: OptionInfo {
        topic: Topic::General,
        flag: "--threads",
        value: "N",
        env: "ACCOUNTS_GRAPH_THREADS",
        key: Some("threads"),
        default: None,
        help: "Threads that answer; by default as many as the process may use CPUs",
        alone: None,
    },
    form: form::THREADS,
};
