//! Options of the embedded upstream. Every build knows their names; one without the sandbox leaves them unread.

use std::{net::SocketAddr, path::PathBuf};

use super::declare;
use crate::config::{
    form::{Day, Generation},
    option::{Alone, Former, Setting, Topic, setting},
};

declare! {
    /// The embedded upstream.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Sandbox {
        /// Where it listens. Default 127.0.0.1:0, a free port, inside the gateway; 127.0.0.1:4010 when it runs alone.
        listen: SocketAddr = read(SANDBOX_LISTEN: SocketAddr, ADDRESS) {
            flag: "--sandbox-listen",
            topic: Topic::Sandbox,
            value: "ADDR",
            key: Some("sandbox.listen"),
            default: Some("127.0.0.1:0"),
            help: "Address that the sandbox listens on; port 0 takes a free port",
            alone: Some(Alone { flag: "--listen", default: Some("127.0.0.1:4010") }),
        },
        /// How much data it holds, as a factor between 0.01 and 10. Default 1.
        scale: f64 = read(SANDBOX_SCALE: f64, SCALE) {
            flag: "--sandbox-scale",
            topic: Topic::Sandbox,
            value: "N",
            key: Some("sandbox.scale"),
            default: Some("1.0"),
            help: "How much data the sandbox holds: a factor from 0.01 to 10",
            alone: Some(Alone { flag: "--scale", default: Some("1.0") }),
        },
        /// Whether a request without a token is answered 401. Default no.
        require_token: bool = read(SANDBOX_REQUIRE_TOKEN: bool, SWITCH) {
            flag: "--sandbox-require-token",
            topic: Topic::Sandbox,
            value: "BOOL",
            key: Some("sandbox.require-token"),
            default: Some("false"),
            help: "Whether the sandbox answers 401 to requests without a token; the flag alone means true",
            alone: Some(Alone { flag: "--require-token", default: Some("false") }),
        },
        /// Whether unknown tokens are taken for one of Operations. Default no.
        accept_any_token: bool = read(SANDBOX_ACCEPT_ANY_TOKEN: bool, SWITCH) {
            flag: "--sandbox-accept-any-token",
            topic: Topic::Sandbox,
            value: "BOOL",
            key: Some("sandbox.accept-any-token"),
            default: Some("false"),
            help: "Whether the sandbox takes unknown tokens for one of Operations instead of answering 401, for load tests \
                   with invented tokens; the flag alone means true",
            alone: Some(Alone { flag: "--accept-any-token", default: Some("false") }),
        },
        /// Which generation of the API it speaks.
        generation: Generation = read(SANDBOX_GENERATION: Generation, GENERATION) {
            flag: "--sandbox-generation",
            topic: Topic::Sandbox,
            value: "GENERATION",
            key: Some("sandbox.generation"),
            default: Some("v5"),
            help: "Which generation of the API the sandbox speaks, in its routes and shapes: v5, 2025-09, 2025-02, or all \
                   (the routes of all, in the shapes of v5)",
            alone: Some(Alone { flag: "--generation", default: Some("v5") }),
            former: Some(Former {
                flag: "--sandbox-membership-routes",
                alone: "--membership-routes",
                env: "ACCOUNTS_GRAPH_SANDBOX_MEMBERSHIP_ROUTES",
                key: "sandbox.membership-routes",
            }),
        },
        /// The day at whose midnight the dates of its data end. Default none: the day of the start.
        date: Option<Day> = read_optional(SANDBOX_DATE: Day, DAY) {
            flag: "--sandbox-date",
            topic: Topic::Sandbox,
            value: "DATE",
            key: Some("sandbox.date"),
            help: "Day at whose midnight (UTC) the dates of the sandbox's data end; unless set, the day of the start, or the \
                   one that the data in the file was made with",
            alone: Some(Alone { flag: "--date", default: None }),
        },
        /// The database that keeps its state across restarts. Default none: the state ends with the process.
        file: Option<PathBuf> = read_optional(SANDBOX_FILE: PathBuf, DATABASE) {
            flag: "--sandbox-file",
            topic: Topic::Sandbox,
            value: "PATH",
            key: Some("sandbox.file"),
            help: "SQLite database that keeps the sandbox's data across restarts, made if there is none; without it, the \
                   data ends with the process",
            alone: Some(Alone { flag: "--file", default: None }),
        },
    }
}

/// Decides with `--upstream` what is behind the gateway; it is no field.
pub(super) const SANDBOX: Setting<bool> = setting!(SWITCH {
    flag: "--sandbox",
    topic: Topic::Sandbox,
    value: "BOOL",
    key: Some("sandbox.enabled"),
    help: "Whether the sandbox is started in place of an upstream; unless set, only without --upstream and where \
           --listen is a loopback address; the flag alone means true",
});
