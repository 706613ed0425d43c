//! Options of the web page to try the graph in.

use super::{
    Topic, declare,
    trust::{Trust, by_trust},
};

declare! {
    /// The web page to try the graph in.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Playground {
        /// Whether it is served. Default: where the gateway listens on loopback.
        enabled: bool = read_or(PLAYGROUND_ENABLED: bool, SWITCH, by_trust(Trust::is_local)) {
            flag: "--playground-enabled",
            topic: Topic::Playground,
            value: "BOOL",
            key: Some("playground.enabled"),
            help: "Whether the playground is served; unless set, only when --listen is a loopback address; the flag alone \
                   means true",
        },
        /// Its path, without a slash at the end: empty for the root. Default the root.
        path: String = read(PLAYGROUND_PATH: String, PAGE_PATH) {
            flag: "--playground-path",
            topic: Topic::Playground,
            value: "PATH",
            key: Some("playground.path"),
            default: Some("/"),
            help: "Path that the playground is served at",
        },
    }
}
