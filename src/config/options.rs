//! The table of everything that can be set.

mod document;
mod http;
mod upstream;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crate::upstream::marketplace::membership::MembershipRoutes;
#[cfg(feature = "sandbox")]
use accounts_graph_sandbox::{Day, Generation};

use super::{
    Explain, TokenSource, Url,
    form::{self, Form},
    sources::Program,
};

pub(super) use document::{
    MAX_ALIASES, MAX_DIRECTIVES, MAX_FIELDS, MAX_INTROSPECTED_FIELDS, MAX_NESTING, MAX_REPEATED_FIELDS,
    MAX_ROOT_FIELDS, MAX_TOKENS,
};
pub(super) use http::{
    ALLOWED_HOSTS, BODY_TIMEOUT, CALLER_TOKEN_FILE, CORS_ORIGINS, FORWARD_HEADERS, HEADER_TIMEOUT, ICONS, IDLE_TIMEOUT,
    INTROSPECTION, MAX_BATCH, MAX_CONNECTIONS, MAX_HEADER_BYTES, MAX_OPERATIONS, PERSISTED_QUERY_BYTES, PUBLIC_URL,
    SERVICE_TOKEN, THREADS, TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_ONLY,
};

pub(super) use upstream::{
    CIRCUIT_BREAKER, SINGLE_FLIGHT, UPSTREAM_CA, UPSTREAM_RELEARN, UPSTREAM_RETRIES, UPSTREAM_WRITE_TIMEOUT,
};

/// What a person needs to know about one option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// Under which heading the help shows it.
    pub topic: Topic,
    /// The flag of `serve`, dashes included.
    pub flag: &'static str,
    /// What stands for the value in the help.
    pub value: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// The key in the file with its section; none for the option that names the file.
    pub key: Option<&'static str>,
    /// The default, written as a value would be; none for what stays unset.
    pub default: Option<&'static str>,
    /// What the option does, without a full stop.
    pub help: &'static str,
    /// How `sandbox` offers the option; none when it does not.
    pub alone: Option<Alone>,
}

/// How the sandbox without the gateway offers an option: the variable and the key are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone {
    /// The flag, dashes included.
    pub flag: &'static str,
    /// The default.
    pub default: Option<&'static str>,
}

/// The headings of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The program itself.
    General,
    /// Who may ask, and how.
    Http,
    /// The REST API behind the gateway.
    Upstream,
    /// What one operation may cost.
    Limits,
    /// The web page to try the graph in.
    Playground,
    /// The embedded upstream.
    Sandbox,
}

impl OptionInfo {
    /// The flag and the default that the option has in `program`, if it is offered there.
    #[must_use]
    pub fn spelling(&self, program: Program) -> Option<(&'static str, Option<&'static str>)> {
        match program {
            Program::Serve => Some((self.flag, self.default)),
            Program::Sandbox => self.alone.map(|alone| (alone.flag, alone.default)),
        }
    }
}

/// Every option, in the order of the help.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    OPTIONS
}

/// The names that an option had in the last release. They work, and neither the help nor the README has them.
pub(crate) struct Former {
    /// The flag of `serve`.
    pub(crate) flag: &'static str,
    /// The flag of `sandbox`.
    pub(crate) alone: &'static str,
    pub(super) env: &'static str,
    pub(super) key: &'static str,
}

const FORMER: &[(&str, Former)] = &[(
    "--sandbox-generation",
    Former {
        flag: "--sandbox-membership-routes",
        alone: "--membership-routes",
        env: "ACCOUNTS_GRAPH_SANDBOX_MEMBERSHIP_ROUTES",
        key: "sandbox.membership-routes",
    },
)];

/// All former names.
pub(super) fn former() -> impl Iterator<Item = &'static Former> {
    FORMER.iter().map(|(_, former)| former)
}

impl OptionInfo {
    /// The former names of the option, if it has any.
    pub(crate) fn former(&self) -> Option<&'static Former> {
        FORMER.iter().find(|(flag, _)| *flag == self.flag).map(|(_, former)| former)
    }
}

/// An option and the form of its values.
pub(super) struct Setting<T> {
    pub(super) info: OptionInfo,
    pub(super) form: Form<T>,
}

static OPTIONS: &[OptionInfo] = &[
    LISTEN.info,
    LOG.info,
    THREADS.info,
    CONFIG.info,
    EXPLAIN.info,
    INTROSPECTION.info,
    CORS_ORIGINS.info,
    ALLOWED_HOSTS.info,
    FORWARD_HEADERS.info,
    SERVICE_TOKEN.info,
    CALLER_TOKEN_FILE.info,
    ICONS.info,
    PUBLIC_URL.info,
    TRUSTED_DOCUMENTS.info,
    TRUSTED_DOCUMENTS_ONLY.info,
    PERSISTED_QUERY_BYTES.info,
    MAX_BATCH.info,
    UPSTREAM.info,
    UPSTREAM_TIMEOUT.info,
    UPSTREAM_WRITE_TIMEOUT.info,
    UPSTREAM_CONNECT_TIMEOUT.info,
    UPSTREAM_CONNECTIONS.info,
    UPSTREAM_RETRIES.info,
    CIRCUIT_BREAKER.info,
    SINGLE_FLIGHT.info,
    UPSTREAM_CA.info,
    UPSTREAM_RELEARN.info,
    MEMBERSHIP_ROUTES.info,
    NESTED_SELECT.info,
    WAVEFRONT.info,
    WAVEFRONT_TOKEN.info,
    OPERATION_TIMEOUT.info,
    MAX_DEPTH.info,
    MAX_UPSTREAM_REQUESTS.info,
    MAX_ENTITIES.info,
    MAX_RESPONSE_BYTES.info,
    MAX_BODY_BYTES.info,
    MAX_QUERY_BYTES.info,
    MAX_TOKENS.info,
    MAX_NESTING.info,
    MAX_ALIASES.info,
    MAX_ROOT_FIELDS.info,
    MAX_REPEATED_FIELDS.info,
    MAX_DIRECTIVES.info,
    MAX_FIELDS.info,
    MAX_INTROSPECTED_FIELDS.info,
    DOCUMENT_CACHE_BYTES.info,
    MAX_HEADER_BYTES.info,
    HEADER_TIMEOUT.info,
    IDLE_TIMEOUT.info,
    BODY_TIMEOUT.info,
    MAX_CONNECTIONS.info,
    MAX_OPERATIONS.info,
    PLAYGROUND_ENABLED.info,
    PLAYGROUND_PATH.info,
    SANDBOX.info,
    SANDBOX_LISTEN.info,
    SANDBOX_SCALE.info,
    SANDBOX_REQUIRE_TOKEN.info,
    SANDBOX_ACCEPT_ANY_TOKEN.info,
    SANDBOX_GENERATION_INFO,
    SANDBOX_DATE_INFO,
    SANDBOX_FILE.info,
];

pub(super) const LISTEN: Setting<SocketAddr> = Setting {
    info: OptionInfo {
        topic: Topic::General,
        flag: "--listen",
        value: "ADDR",
        env: "ACCOUNTS_GRAPH_LISTEN",
        key: Some("listen"),
        default: Some("127.0.0.1:4000"),
        help: "Address that the gateway listens on",
        alone: None,
    },
    form: form::ADDRESS,
};

pub(super) const LOG: Setting<String> = Setting {
    info: OptionInfo {
        topic: Topic::General,
        flag: "--log",
        value: "FILTER",
        env: "ACCOUNTS_GRAPH_LOG",
        key: Some("log"),
        default: Some("info"),
        help: "What is logged to stderr: a level (error, warn, info, debug, trace, off) or a list such as \
               info,accounts_graph=debug",
        alone: Some(Alone { flag: "--log", default: Some("info") }),
    },
    form: form::FILTER,
};

pub(super) const CONFIG: Setting<PathBuf> = Setting {
    info: OptionInfo {
        topic: Topic::General,
        flag: "--config",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_CONFIG",
        key: None,
        default: None,
        help: "TOML file to read options from",
        alone: Some(Alone { flag: "--config", default: None }),
    },
    form: form::FILE,
};

pub(super) const EXPLAIN: Setting<Explain> = Setting {
    info: OptionInfo {
        topic: Topic::General,
        flag: "--explain",
        value: "WHERE",
        env: "ACCOUNTS_GRAPH_EXPLAIN",
        key: Some("explain"),
        default: Some("loopback"),
        help: "Where the header x-explain is answered: always, never, or loopback, that is where --listen is a \
               loopback address and the gateway has no token of its own",
        alone: None,
    },
    form: form::EXPLAIN,
};

pub(super) const UPSTREAM: Setting<Url> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream",
        value: "URL",
        env: "ACCOUNTS_GRAPH_UPSTREAM",
        key: Some("upstream.url"),
        default: None,
        help: if cfg!(feature = "sandbox") {
            "Base URL of the Accounts REST API, http or https and without credentials; without it the sandbox is \
             started and used, where --listen is a loopback address or --sandbox asks for it"
        } else {
            "Base URL of the Accounts REST API, http or https and without credentials"
        },
        alone: None,
    },
    form: form::URL,
};

pub(super) const UPSTREAM_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_UPSTREAM_TIMEOUT",
        key: Some("upstream.timeout"),
        default: Some("10s"),
        help: "Longest time for one upstream call that reads, connecting and the body included",
        alone: None,
    },
    form: form::DURATION,
};

pub(super) const UPSTREAM_CONNECT_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-connect-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_UPSTREAM_CONNECT_TIMEOUT",
        key: Some("upstream.connect-timeout"),
        default: Some("3s"),
        help: "Longest time for connecting to the upstream",
        alone: None,
    },
    form: form::DURATION,
};

pub(super) const UPSTREAM_CONNECTIONS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--upstream-connections",
        value: "N",
        env: "ACCOUNTS_GRAPH_UPSTREAM_CONNECTIONS",
        key: Some("upstream.connections"),
        default: Some("64"),
        help: "Most upstream calls under way at once, and most idle connections kept",
        alone: None,
    },
    form: form::COUNT,
};

pub(super) const MEMBERSHIP_ROUTES: Setting<MembershipRoutes> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--membership-routes",
        value: "ROUTES",
        env: "ACCOUNTS_GRAPH_MEMBERSHIP_ROUTES",
        key: Some("upstream.membership-routes"),
        default: Some("auto"),
        help: "Routes by which memberships are read and changed: accounts (/accounts/{accountId}/users), account-users \
               (/account-users), legacy (/{accountId}/users), or auto, which finds out whether the host has one of the \
               first two",
        alone: None,
    },
    form: form::ROUTES,
};

pub(super) const NESTED_SELECT: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--nested-select",
        value: "on|off",
        env: "ACCOUNTS_GRAPH_NESTED_SELECT",
        key: Some("upstream.nested-select"),
        default: Some("on"),
        help: "Whether fields of embedded entities may be asked together with what embeds them: on, which saves rounds \
               where the upstream tells them, or off",
        alone: None,
    },
    form: form::ON_OFF,
};

pub(super) const WAVEFRONT: Setting<Url> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--wavefront",
        value: "URL",
        env: "ACCOUNTS_GRAPH_WAVEFRONT",
        key: Some("wavefront.url"),
        default: None,
        help: if cfg!(feature = "sandbox") {
            "Base URL of a Wavefront instance, such as https://example.wavefront.com; without it and without --upstream \
             the sandbox's is used"
        } else {
            "Base URL of a Wavefront instance, such as https://example.wavefront.com"
        },
        alone: None,
    },
    form: form::URL,
};

pub(super) const WAVEFRONT_TOKEN: Setting<TokenSource> = Setting {
    info: OptionInfo {
        topic: Topic::Upstream,
        flag: "--wavefront-token",
        value: "SOURCE",
        env: "ACCOUNTS_GRAPH_WAVEFRONT_TOKEN",
        key: Some("wavefront.token"),
        default: None,
        help: "Where the Wavefront token is for callers that send none, file:PATH or env:NAME; needs --caller-token-file or \
               a loopback --listen",
        alone: None,
    },
    form: form::TOKEN,
};

pub(super) const OPERATION_TIMEOUT: Setting<Duration> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--operation-timeout",
        value: "DURATION",
        env: "ACCOUNTS_GRAPH_OPERATION_TIMEOUT",
        key: Some("limits.operation-timeout"),
        default: Some("30s"),
        help: "Longest time for one query, and for what one mutation reads; longer than --upstream-timeout",
        alone: None,
    },
    form: form::DURATION,
};

pub(super) const MAX_DEPTH: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-depth",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_DEPTH",
        key: Some("limits.depth"),
        default: Some("30"),
        help: "Deepest nesting of fields in one operation",
        alone: None,
    },
    form: form::DEPTH,
};

pub(super) const MAX_UPSTREAM_REQUESTS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-upstream-requests",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_UPSTREAM_REQUESTS",
        key: Some("limits.upstream-requests"),
        default: Some("300"),
        help: "Most upstream requests that one operation may send",
        alone: None,
    },
    form: form::COUNT,
};

pub(super) const MAX_ENTITIES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-entities",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_ENTITIES",
        key: Some("limits.entities"),
        default: Some("20000"),
        help: "Most entities of the upstream that one operation may read",
        alone: None,
    },
    form: form::COUNT,
};

pub(super) const MAX_RESPONSE_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-response-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_MAX_RESPONSE_BYTES",
        key: Some("limits.response-bytes"),
        default: Some("32MiB"),
        help: "Largest response to a client",
        alone: None,
    },
    form: form::SIZE,
};

pub(super) const MAX_BODY_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-body-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_MAX_BODY_BYTES",
        key: Some("limits.body-bytes"),
        default: Some("1MiB"),
        help: "Largest body of a client's request",
        alone: None,
    },
    form: form::SIZE,
};

pub(super) const MAX_QUERY_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-query-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_MAX_QUERY_BYTES",
        key: Some("limits.query-bytes"),
        default: Some("100KiB"),
        help: "Longest text of a GraphQL document",
        alone: None,
    },
    form: form::SIZE,
};

pub(super) const DOCUMENT_CACHE_BYTES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--document-cache-bytes",
        value: "SIZE",
        env: "ACCOUNTS_GRAPH_DOCUMENT_CACHE_BYTES",
        key: Some("limits.document-cache-bytes"),
        default: Some("32MiB"),
        help: "Memory for documents that are parsed and validated once and then kept",
        alone: None,
    },
    form: form::SIZE,
};

pub(super) const PLAYGROUND_ENABLED: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Playground,
        flag: "--playground-enabled",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_PLAYGROUND_ENABLED",
        key: Some("playground.enabled"),
        default: None,
        help: "Whether the playground is served; unless set, only when --listen is a loopback address; the flag alone \
               means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(super) const PLAYGROUND_PATH: Setting<String> = Setting {
    info: OptionInfo {
        topic: Topic::Playground,
        flag: "--playground-path",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_PLAYGROUND_PATH",
        key: Some("playground.path"),
        default: Some("/"),
        help: "Path that the playground is served at",
        alone: None,
    },
    form: form::PAGE_PATH,
};

pub(super) const SANDBOX: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_SANDBOX",
        key: Some("sandbox.enabled"),
        default: None,
        help: "Whether the sandbox is started in place of an upstream; unless set, only without --upstream and where \
               --listen is a loopback address; the flag alone means true",
        alone: None,
    },
    form: form::SWITCH,
};

pub(super) const SANDBOX_LISTEN: Setting<SocketAddr> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox-listen",
        value: "ADDR",
        env: "ACCOUNTS_GRAPH_SANDBOX_LISTEN",
        key: Some("sandbox.listen"),
        default: Some("127.0.0.1:0"),
        help: "Address that the sandbox listens on; port 0 takes a free port",
        alone: Some(Alone { flag: "--listen", default: Some("127.0.0.1:4010") }),
    },
    form: form::ADDRESS,
};

pub(super) const SANDBOX_SCALE: Setting<f64> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox-scale",
        value: "N",
        env: "ACCOUNTS_GRAPH_SANDBOX_SCALE",
        key: Some("sandbox.scale"),
        default: Some("1.0"),
        help: "How much data the sandbox holds: a factor from 0.01 to 10",
        alone: Some(Alone { flag: "--scale", default: Some("1.0") }),
    },
    form: form::SCALE,
};

pub(super) const SANDBOX_REQUIRE_TOKEN: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox-require-token",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_SANDBOX_REQUIRE_TOKEN",
        key: Some("sandbox.require-token"),
        default: Some("false"),
        help: "Whether the sandbox answers 401 to requests without a token; the flag alone means true",
        alone: Some(Alone { flag: "--require-token", default: Some("false") }),
    },
    form: form::SWITCH,
};

pub(super) const SANDBOX_ACCEPT_ANY_TOKEN: Setting<bool> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox-accept-any-token",
        value: "BOOL",
        env: "ACCOUNTS_GRAPH_SANDBOX_ACCEPT_ANY_TOKEN",
        key: Some("sandbox.accept-any-token"),
        default: Some("false"),
        help: "Whether the sandbox takes unknown tokens for one of Operations instead of answering 401, for load tests \
               with invented tokens; the flag alone means true",
        alone: Some(Alone { flag: "--accept-any-token", default: Some("false") }),
    },
    form: form::SWITCH,
};

const SANDBOX_GENERATION_INFO: OptionInfo = OptionInfo {
    topic: Topic::Sandbox,
    flag: "--sandbox-generation",
    value: "GENERATION",
    env: "ACCOUNTS_GRAPH_SANDBOX_GENERATION",
    key: Some("sandbox.generation"),
    default: Some("v5"),
    help: "Which generation of the API the sandbox speaks, in its routes and shapes: v5, 2025-09, 2025-02, or all \
           (the routes of all, in the shapes of v5)",
    alone: Some(Alone { flag: "--generation", default: Some("v5") }),
};

#[cfg(feature = "sandbox")]
pub(super) const SANDBOX_GENERATION: Setting<Generation> =
    Setting { info: SANDBOX_GENERATION_INFO, form: form::GENERATION };

const SANDBOX_DATE_INFO: OptionInfo = OptionInfo {
    topic: Topic::Sandbox,
    flag: "--sandbox-date",
    value: "DATE",
    env: "ACCOUNTS_GRAPH_SANDBOX_DATE",
    key: Some("sandbox.date"),
    default: None,
    help: "Day at whose midnight (UTC) the dates of the sandbox's data end; unless set, the day of the start, or the \
           one that the data in the file was made with",
    alone: Some(Alone { flag: "--date", default: None }),
};

#[cfg(feature = "sandbox")]
pub(super) const SANDBOX_DATE: Setting<Day> = Setting { info: SANDBOX_DATE_INFO, form: form::DAY };

pub(super) const SANDBOX_FILE: Setting<PathBuf> = Setting {
    info: OptionInfo {
        topic: Topic::Sandbox,
        flag: "--sandbox-file",
        value: "PATH",
        env: "ACCOUNTS_GRAPH_SANDBOX_FILE",
        key: Some("sandbox.file"),
        default: None,
        help: "SQLite database that keeps the sandbox's data across restarts, made if there is none; without it, the \
               data ends with the process",
        alone: Some(Alone { flag: "--file", default: None }),
    },
    form: form::DATABASE,
};
