//! Starts a gateway over a sandbox, or over a stub upstream, on free ports, and speaks to it as a client would.

use crate::answer;
use accounts_graph::{
    cli::{self, Command},
    config::{Config, Environment},
    entity::kind::Upstream,
    graph::engine::{Engine, Limits, Wavefront},
    http, program,
    upstream::{
        client::{Client, Settings},
        credentials::Credentials,
        marketplace::membership::{Family, MembershipRoutes},
        memory::{Clock, REMEMBERED},
    },
    workers::Workers,
};
use accounts_graph_sandbox::{self as sandbox, Day, Fault, Generation, Options, Quirks, Sandbox};
use serde_json::{Value, json};
use std::{
    ffi::OsString,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Instant,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The size of the world where a test does not need a large one: about 100 users.
pub const SMALL: f64 = 0.05;

/// More than one, so that a request may meet another thread's.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// A gateway with its upstream.
pub struct Kit {
    /// Where the gateway listens.
    pub address: SocketAddr,
    /// The upstream.
    pub sandbox: Sandbox,
    /// The time as the gateway's memory of its host sees it.
    clock: Clock,
    /// When the gateway found out what its host speaks.
    learned: Mutex<Instant>,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for Kit {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What the program is told by these flags, and by nothing else.
pub fn config(flags: &[&str]) -> Config {
    let flags = std::iter::once("accounts-graph").chain(flags.iter().copied()).map(OsString::from);
    match cli::parse(flags, &Environment::default(), &|path| std::fs::read_to_string(path)) {
        Ok(Command::Serve(config)) => config,
        other => panic!("{other:?}"),
    }
}

/// The limits that the program has by default.
pub fn limits() -> Limits {
    program::limits(&config(&[]))
}

/// How the program calls its upstream by default, but that it is never left alone: where many calls are made to fail, all
/// have to be made.
pub fn settings(base: &str) -> Settings {
    Settings { breaker: None, threads: THREADS, ..Settings::of(base.parse().expect("a base address")) }
}

/// Serves a gateway over any upstream; returns where.
pub async fn gateway(settings: Settings, limits: Limits) -> (SocketAddr, JoinHandle<()>) {
    gateway_told(settings, limits, &[]).await
}

/// Serves a gateway that asks for memberships by these routes, and forgets by this clock what it learned.
pub async fn gateway_by(
    settings: Settings,
    limits: Limits,
    routes: MembershipRoutes,
    clock: Clock,
) -> (SocketAddr, JoinHandle<()>) {
    gateway_of(Engine::new(Client::new(settings).expect("a client"), limits).speaking(routes, clock), &[]).await
}

/// A gateway whose upstream is never asked.
pub struct Idle {
    pub address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts a gateway whose upstream is never asked, with these options.
pub async fn idle(flags: &[&str]) -> Idle {
    let limits = accounts_graph::program::limits(&config(flags));
    let (address, server) = gateway_told(settings("http://127.0.0.1:9"), limits, flags).await;
    Idle { address, server }
}

/// Serves a gateway whose HTTP side is told these flags.
pub async fn gateway_told(settings: Settings, limits: Limits, flags: &[&str]) -> (SocketAddr, JoinHandle<()>) {
    gateway_of(Engine::new(Client::new(settings).expect("a client"), limits), flags).await
}

/// Serves an engine, its HTTP side told these flags.
pub async fn gateway_of(engine: Engine, flags: &[&str]) -> (SocketAddr, JoinHandle<()>) {
    let edge = program::http_settings(&config(flags)).expect("settings");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let workers = Workers::start(THREADS).expect("threads");
    let server = tokio::spawn(async move {
        http::serve(listener, Arc::new(engine), edge, workers, std::future::pending()).await;
    });
    (address, server)
}

/// A gateway over a small sandbox.
pub async fn kit() -> Kit {
    kit_with(Options { scale: SMALL, ..Options::default() }, limits()).await
}

/// A gateway over a sandbox.
pub async fn kit_with(options: Options, limits: Limits) -> Kit {
    kit_calling(options, limits, |settings| settings).await
}

/// A gateway that calls a sandbox in its own way.
pub async fn kit_calling(options: Options, limits: Limits, change: impl FnOnce(Settings) -> Settings) -> Kit {
    let kit = kit_speaking(options, limits, change, MembershipRoutes::Auto, &Clock::default()).await;
    kit.learn().await;
    kit
}

/// The kinds of hosts whose memberships the graph reads, each with the setting that it is read with.
pub const MODES: [(Generation, MembershipRoutes); 4] = [
    (Generation::V5, MembershipRoutes::Auto),
    (Generation::September2025, MembershipRoutes::Auto),
    (Generation::February2025, MembershipRoutes::Only(Family::Legacy)),
    (Generation::All, MembershipRoutes::Auto),
];

/// A gateway over a small sandbox of each kind, which knows the routes already.
pub async fn kit_of((generation, routes): (Generation, MembershipRoutes), quirks: Quirks) -> Kit {
    let options = Options { scale: SMALL, generation, quirks, ..Options::default() };
    let kit = kit_speaking(options, limits(), |settings| settings, routes, &Clock::default()).await;
    kit.learn().await;
    kit
}

/// A gateway that asks for memberships by these routes, and knows nothing of its host yet.
pub async fn kit_speaking(
    options: Options,
    limits: Limits,
    change: impl FnOnce(Settings) -> Settings,
    routes: MembershipRoutes,
    clock: &Clock,
) -> Kit {
    // On another day, other dates would be expected.
    let options = Options { date: options.date.or(Some(Day::OF_DATA)), ..options };
    let sandbox = sandbox::start(options).await.expect("a free port");
    let accounts = Client::new(change(settings(&sandbox.base_url()))).expect("a client");
    let client = Client::of(Upstream::Wavefront, settings(&sandbox.wavefront_url())).expect("a client");
    let wavefront = Wavefront { client, credentials: Credentials::default() };
    let engine = Engine::new(accounts, limits).speaking(routes, clock.clone()).with_wavefront(Some(wavefront));
    let engine = engine.with_icons(program::icons(&config(&[])));
    let (address, server) = gateway_of(engine, &[]).await;
    let (clock, learned) = (clock.clone(), Mutex::new(Instant::now()));
    Kit { address, sandbox, clock, learned, http: reqwest::Client::new(), server }
}

impl Kit {
    /// Lets the gateway find out what its host speaks, so that nothing of it is among the requests of a test.
    pub async fn learn(&self) {
        for wanted in ["groups { nodes { id } }", "accountUsers { nodes { id invitation { status } modules { id } } }"]
        {
            self.query(&format!("{{ users(first: 1) {{ nodes {{ {wanted} }} }} }}")).await;
        }
        self.query("{ accounts(first: 1) { nodes { accountUsers(first: 1) { nodes { id } } } } }").await;
        let collections =
            ["groups", "modules", "buyers", "sellers", "licensees", "erpLinks", "apiTokens", "cloudTenants"];
        let counts = collections.map(|name| format!("{name} {{ totalCount }}")).join(" ");
        self.query(&format!("{{ {counts} }}")).await;
        self.sandbox.clear_requests();
        *self.learned.lock().expect("a moment") = Instant::now();
    }

    /// In a long test: lets it find out again before it forgets, while the upstream does not misbehave.
    pub async fn keep_learned(&self, faults: impl FnOnce() -> Vec<Fault>) {
        let long_ago = self.learned.lock().expect("a moment").elapsed() > REMEMBERED / 2;
        if long_ago {
            self.faults(vec![]);
            self.clock.advance(REMEMBERED);
            self.learn().await;
            self.faults(faults());
        }
    }

    /// The answer to a query, as the client parses it.
    pub async fn query(&self, query: &str) -> Value {
        self.send(&json!({ "query": query }), None).await
    }

    /// The answer to a query with variables.
    pub async fn query_with(&self, query: &str, variables: Value) -> Value {
        self.send(&json!({ "query": query, "variables": variables }), None).await
    }

    /// The answer to a query that a caller with this token sends.
    pub async fn query_as(&self, token: &str, query: &str) -> Value {
        self.send(&json!({ "query": query }), Some(token)).await
    }

    /// The answer to a POST body.
    pub async fn send(&self, body: &Value, token: Option<&str>) -> Value {
        let text = self.text(body, token).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The answer to a POST body, letter by letter: the order of keys can be seen.
    pub async fn text(&self, body: &Value, token: Option<&str>) -> String {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        let text = response.text().await.expect("a body");
        answer::check(body, &text);
        text
    }

    /// The status and body that a POST request is answered with, if it is.
    pub async fn post(&self, body: &Value) -> Result<(u16, String), reqwest::Error> {
        let response = self.http.post(format!("http://{}/graphql", self.address)).json(body).send().await?;
        let status = response.status().as_u16();
        Ok((status, response.text().await?))
    }

    /// The answer to a POST body with an explanation.
    pub async fn explain(&self, body: &Value, mode: &str) -> Value {
        let text = self.explain_as(body, mode, None).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The same, letter by letter, for a caller with this token.
    pub async fn explain_as(&self, body: &Value, mode: &str, token: Option<&str>) -> String {
        let request = self.http.post(format!("http://{}/graphql", self.address)).json(body).header("x-explain", mode);
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        answer::check(body, &text);
        text
    }

    /// The `data` of a query that has no errors.
    pub async fn data(&self, query: &str) -> Value {
        let mut answer = self.query(query).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// The rows of a collection that its lists show: people and tokens that are deleted are in none, unless the filter is
    /// about the status.
    pub fn listed(&self, collection: &str) -> Vec<serde_json::Map<String, Value>> {
        let hides = ["users", "api-tokens"].contains(&collection);
        let rows = self.sandbox.world().rows(collection).into_iter();
        rows.filter(|row| !hides || row.get("status").is_none_or(|status| status != "Deleted")).collect()
    }

    /// The requests that reached the upstream since the last call, in order of text: those of one round leave together,
    /// and which arrives first means nothing.
    pub fn requests(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.sandbox.requests().iter().map(sandbox::Recorded::line).collect();
        self.sandbox.clear_requests();
        lines.sort();
        lines
    }

    /// Misbehave from now on.
    pub fn faults(&self, faults: Vec<Fault>) {
        self.sandbox.set_faults(faults);
    }

    /// Answer each request after a pseudo-random time of up to 15 ms.
    pub fn random_latency(&self, seed: u64) {
        self.faults(vec![Fault { latency_range_ms: Some([0, 15]), seed, ..Fault::default() }]);
    }
}
