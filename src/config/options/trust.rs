//! Options that decide who acts, and with what.
//!
//! Whatever is open or closed by default asks [`Trust`], which is made of all options that have a say in it.

use std::{net::SocketAddr, path::PathBuf};

use super::{Setting, Topic, declare};
use crate::{
    config::{ConfigError, Explain, TokenSource, sources::Sources},
    http::{Callers, UpstreamIdentity},
};

declare! {
    /// Where the gateway listens, how callers are known, and with whose token the upstreams are asked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Trust {
        /// Where the gateway listens. Default 127.0.0.1:4000.
        listen: SocketAddr = read(LISTEN: SocketAddr, ADDRESS) {
            flag: "--listen",
            topic: Topic::General,
            value: "ADDR",
            key: Some("listen"),
            default: Some("127.0.0.1:4000"),
            help: "Address that the gateway listens on",
        },
        /// With whose token the accounts API is asked. Default the caller's.
        accounts: UpstreamIdentity<TokenSource> = read_by(SERVICE_TOKEN: TokenSource, TOKEN, service) {
            flag: "--service-token",
            topic: Topic::Http,
            value: "SOURCE",
            key: Some("http.service-token"),
            help: "Where the token is that goes upstream in place of the caller's, file:PATH or env:NAME; needs \
                   --caller-token-file or a loopback --listen",
        },
        /// How callers are known; where they show tokens of the gateway, in which file those are.
        callers: Callers<PathBuf> = read_by(CALLER_TOKEN_FILE: PathBuf, FILE, callers) {
            flag: "--caller-token-file",
            topic: Topic::Http,
            value: "PATH",
            key: Some("http.caller-token-file"),
            help: "File of the tokens, one a line, that callers must send; needs --service-token",
        },
        /// With whose token Wavefront is asked. Default the caller's for it.
        wavefront: UpstreamIdentity<TokenSource> = read_by(WAVEFRONT_TOKEN: TokenSource, TOKEN, fallback) {
            flag: "--wavefront-token",
            topic: Topic::Http,
            value: "SOURCE",
            key: Some("wavefront.token"),
            help: "Where the Wavefront token is for callers that send none, file:PATH or env:NAME; needs --caller-token-file \
                   or a loopback --listen",
        },
    }
}

type Identity = Result<UpstreamIdentity<TokenSource>, ConfigError>;

fn service(from: &Sources<'_>, setting: &Setting<TokenSource>) -> Identity {
    Ok(from.read_optional(setting)?.map_or(UpstreamIdentity::PassThrough, UpstreamIdentity::Service))
}

fn fallback(from: &Sources<'_>, setting: &Setting<TokenSource>) -> Identity {
    Ok(from.read_optional(setting)?.map_or(UpstreamIdentity::PassThrough, UpstreamIdentity::Fallback))
}

fn callers(from: &Sources<'_>, setting: &Setting<PathBuf>) -> Result<Callers<PathBuf>, ConfigError> {
    if let Some(file) = from.read_optional(setting)? {
        return Ok(Callers::Trusted(file));
    }
    let has_token = from.read_optional(&SERVICE_TOKEN)?.is_some() || from.read_optional(&WAVEFRONT_TOKEN)?.is_some();
    Ok(if has_token { Callers::LoopbackOnly } else { Callers::OwnTokens })
}

/// The default of an option that depends on who acts, and with what.
pub(super) fn by_trust<T>(default: fn(&Trust) -> T) -> impl FnOnce(&Sources<'_>) -> Result<T, ConfigError> {
    move |from| Ok(default(&Trust::find(from)?))
}

impl Trust {
    /// Checks what these options need of each other.
    pub(in crate::config) fn check(&self, from: &Sources<'_>) -> Result<(), ConfigError> {
        let known = self.callers != Callers::LoopbackOnly || self.is_local();
        let needs = "--caller-token-file, or a loopback address for --listen";
        from.needs(&SERVICE_TOKEN, known, needs)?;
        from.needs(&WAVEFRONT_TOKEN, known, needs)?;
        from.needs(&CALLER_TOKEN_FILE, self.accounts.token().is_some(), "--service-token")
    }

    /// Whether only this machine reaches the gateway: then it shows its schema and its playground, unless an option says
    /// otherwise.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback()
    }

    /// Whether callers are told what their operations cost.
    #[must_use]
    pub fn explains(&self, explain: Explain) -> bool {
        match explain {
            Explain::Always => true,
            Explain::Loopback => self.is_local() && !self.callers.act_for_gateway(),
            Explain::Never => false,
        }
    }

    /// Whether icons are served, unless an option says otherwise: they are for anybody, and a gateway that asks with a
    /// token of its own has closed its upstream to the public.
    #[must_use]
    pub fn serves_icons(&self) -> bool {
        self.accounts.token().is_none()
    }

    /// The hosts that are answered for, unless an option says otherwise; none where any will do. Whoever reaches a gateway
    /// on loopback acts with its token: that is this machine and, unless the name that was asked for is checked, every page
    /// that its browser shows.
    #[must_use]
    pub fn hosts(&self) -> Option<Vec<String>> {
        match self.callers {
            Callers::OwnTokens | Callers::Trusted(_) => None,
            Callers::LoopbackOnly => {
                let own = self.listen.ip().to_string();
                Some(["localhost", "127.0.0.1", "::1", &own].map(str::to_owned).to_vec())
            }
        }
    }

    /// Whether pages of any origin may be let in: not where every caller acts with a token of the gateway.
    #[must_use]
    pub fn allows_any_origin(&self) -> bool {
        self.callers != Callers::LoopbackOnly
    }
}
