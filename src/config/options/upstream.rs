//! Options about an upstream that fails, and about its certificates.

use std::{path::PathBuf, time::Duration};

use super::{OptionInfo, Setting, Topic};
use crate::config::form;

pub(in crate::config) const UPSTREAM_WRITE_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-write-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_UPSTREAM_WRITE_TIMEOUT",
        key: Some("upstream.write-timeout"),
        default: Some("60s"),
        help: "Longest time for one upstream call that changes something, from when it is sent",
        alone: None,
    },
    form: form::DURATION,
};

pub(in crate::config) const UPSTREAM_RETRIES: Setting<u32> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-retries",
        value: "N",
        env: "ACCOUNTS_GRAPH_UPSTREAM_RETRIES",
        key: Some("upstream.retries"),
        default: Some("3"),
        help: "How often a read is sent again when the upstream cannot be reached, breaks off, or answers 429, 502, 503 \
               or 504; writes never are",
        alone: None,
    },
    form: form::RETRIES,
};

pub(in crate::config) const CIRCUIT_BREAKER: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--circuit-breaker",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_CIRCUIT_BREAKER",
        key: Some("upstream.circuit-breaker"),
        default: Some("true"),
        help: "Whether an upstream that fails most calls is left alone for some seconds; the flag alone means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(in crate::config) const SINGLE_FLIGHT: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--single-flight",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_SINGLE_FLIGHT",
        key: Some("upstream.single-flight"),
        default: Some("true"),
        help: "Whether identical reads of one caller that are under way at the same time are one upstream request; the \
               flag alone means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(in crate::config) const UPSTREAM_CA: Setting<PathBuf> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-ca",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_UPSTREAM_CA",
        key: Some("upstream.ca"),
        default: None,
        help: "File of certificates in PEM form that are trusted beside the system's, for both upstreams",
        alone: None,
    },
    form: form::FILE,
};

pub(in crate::config) const UPSTREAM_RELEARN: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-relearn",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_UPSTREAM_RELEARN",
        key: Some("upstream.relearn"),
        default: Some("10m"),
        help: "How long it is remembered what an upstream host was found to have, to lack or to refuse: routes, spellings \
               of requests, and what a caller may see",
        alone: None,
    },
    form: form::MEMORY,
};
