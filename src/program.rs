//! The running program: what each command starts, what it prints, and how it ends.

mod edge;
mod explain;
#[cfg(not(feature = "sandbox"))]
#[path = "program/no_sandbox.rs"]
mod sandbox;
#[cfg(feature = "sandbox")]
mod sandbox;

use crate::{
    cli::{Command, SchemaForm},
    config::{Config, Url},
    entity::kind::Upstream,
    graph::{
        engine::{self, Engine, Limits, Wavefront},
        schema::{printed, sizes::Sizes, subgraph},
    },
    http, telemetry,
    upstream::{
        client::{BreakerSettings, Certificate, Client, Retries, Settings},
        memory::Clock,
    },
    workers::{self, Workers},
};
pub use edge::settings as http_settings;
use sandbox::Sandbox;
use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

/// Anything that ends the program; its text is for people.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Runs a command to its end.
///
/// # Errors
///
/// When something cannot be started.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(config) => {
            telemetry::init(&config.log)?;
            runtime()?.block_on(serve(config))
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(config) => {
            telemetry::init(&config.log)?;
            runtime()?.block_on(sandbox::serve(config))
        }
        Command::Schema(SchemaForm::Plain) => put(&printed::sdl()),
        Command::Schema(SchemaForm::Federation { authenticated }) => put(&subgraph::sdl(authenticated)),
        Command::Explain(config, explained) => {
            telemetry::init(&config.log)?;
            let told = runtime()?.block_on(explain::explain(&config, explained))?;
            put(&told.text)?;
            if told.errors.is_empty() { Ok(()) } else { Err(told.errors.into()) }
        }
    }
}

fn put(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has had enough: `accounts-graph schema | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

async fn serve(config: Config) -> Result<(), Failure> {
    let signals = Signals::listen()?;
    let listener = bind(config.trust.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let (engine, base, sandbox) = engine(&config, limits(&config)).await?;
    let engine = Arc::new(engine);
    let changes = engine.changes();
    let settings = edge::settings(&config)?;
    let page = settings.page.clone();
    println!("accounts-graph {}", env!("CARGO_PKG_VERSION"));
    println!("  endpoint    http://{address}{}", http::GRAPHQL);
    if let Some(path) = page {
        println!("  playground  http://{address}{path}/");
    }
    match &sandbox {
        Some(sandbox) => println!("  upstream    {} (the sandbox: no --upstream was given)", sandbox.base_url()),
        None => println!("  upstream    {base}"),
    }
    if let Some(url) = &config.wavefront.url {
        println!("  wavefront   {url}");
    }
    println!("\nTry:\n{}", example(address, sandbox.is_some()));
    let (stop, mut stopping) = tokio::sync::watch::channel(false);
    let workers = Workers::start(threads(&config))?;
    let served = http::serve(listener, engine, settings, workers, async move {
        signals.ended().await;
        stop.send_replace(true);
    });
    // Whoever never ends its request does not keep the program from ending. A change may take longer than a query, and
    // who asked for it has to hear what became of it.
    let patience = config.limits.operation_timeout + Duration::from_secs(1);
    let drained = async move {
        let _ = stopping.wait_for(|stop| *stop).await;
        tokio::time::sleep(patience).await;
        changes.ended().await;
    };
    tokio::select! {
        () = served => {}
        () = drained => tracing::warn!("stopped with requests under way that did not end"),
    }
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    Ok(())
}

/// The graph over the upstreams that were given; without one for accounts, over a sandbox if this build has it.
async fn engine(config: &Config, limits: Limits) -> Result<(Engine, String, Option<Sandbox>), Failure> {
    let sandbox = Sandbox::in_place_of_upstream(config).await?;
    let base = match (&config.upstream.url, &sandbox) {
        (Some(url), _) => url.clone(),
        (None, Some(sandbox)) => sandbox.base_url().parse()?,
        (None, None) => return Err("there is no upstream".into()),
    };
    let authorities = edge::authorities(config)?;
    let client = Client::new(calling(config, &authorities, base))?;
    let base = client.base().to_owned();
    let wavefront = match (&config.wavefront.url, &sandbox) {
        (Some(url), _) => Some(url.clone()),
        (None, Some(sandbox)) => Some(sandbox.wavefront_url().parse()?),
        (None, None) => None,
    };
    let clock = Clock::remembering(config.upstream.relearn);
    let engine = Engine::new(client, limits).speaking(config.upstream.membership_routes, clock);
    let wavefront = wavefront.map(|base| self::wavefront(config, calling(config, &authorities, base)));
    let engine = engine.with_wavefront(wavefront.transpose()?);
    let engine = engine.with_icons(icons(config));
    let engine = match &sandbox {
        Some(_) => engine.knowing_tokens(&sandbox::TOKENS),
        None => engine,
    };
    Ok((engine, base, sandbox))
}

/// What addresses of icons begin with; none where the gateway serves none.
#[must_use]
pub fn icons(config: &Config) -> Option<String> {
    let public = config.http.public_url.as_ref().map_or("", |url| url.as_str().trim_end_matches('/'));
    config.http.icons.then(|| format!("{public}{}", http::ICONS))
}

fn calling(config: &Config, authorities: &[Certificate], base: Url) -> Settings {
    Settings {
        timeout: config.upstream.timeout,
        write_timeout: config.upstream.write_timeout,
        connect_timeout: config.upstream.connect_timeout,
        connections: config.upstream.connections,
        threads: threads(config),
        retries: Retries { most: config.upstream.retries, ..Retries::default() },
        breaker: config.upstream.circuit_breaker.then(BreakerSettings::default),
        single_flight: config.upstream.single_flight,
        authorities: authorities.to_vec(),
        ..Settings::of(base)
    }
}

fn threads(config: &Config) -> NonZeroUsize {
    config.threads.unwrap_or_else(workers::available)
}

fn wavefront(config: &Config, settings: Settings) -> Result<Wavefront, Failure> {
    let client = Client::of(Upstream::Wavefront, settings)?;
    let credentials = edge::with_token(&config.trust.wavefront, "--wavefront-token")?.credentials(None);
    Ok(Wavefront { client, credentials })
}

/// A query that shows the graph at work, to be pasted into a shell.
fn example(address: SocketAddr, open: bool) -> String {
    let token = if open { "" } else { " -H \"authorization: Bearer $TOKEN\"" };
    format!(
        "curl -i http://{address}{} -H 'content-type: application/json'{token} -d '{{\"query\":\"{{ users(first: 3) {{ nodes \
         {{ name groups {{ nodes {{ name account {{ name }} modules {{ name }} }} }} }} }} }}\"}}'",
        http::GRAPHQL
    )
}

/// How much an operation may take.
#[must_use]
pub fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        operation_timeout: limits.operation_timeout,
        request_timeout: engine::REQUEST_TIMEOUT,
        document: limits.document.clone(),
        upstream_requests: limits.upstream_requests,
        entities: limits.entities,
        sizes: Sizes::default(),
        nested_select: config.upstream.nested_select,
        explain: config.trust.explains(config.explain),
        response_bytes: limits.response_bytes,
        document_cache_bytes: limits.document_cache_bytes,
    }
}

async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| cannot_listen(address, option, &error))
}

fn cannot_listen(address: SocketAddr, option: &str, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there; choose another port",
        io::ErrorKind::PermissionDenied => "this user may not listen there; choose a port from 1024 on",
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => return format!("cannot listen on {address} ({option}): {error}").into(),
    };
    format!("cannot listen on {address} ({option}): {hint}").into()
}

/// What ends the program: Ctrl-C and SIGTERM. Listened to from the start, so that none is missed while it starts.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Ends with the first signal; the next one ends the program at once.
    async fn ended(mut self) {
        self.next().await;
        tracing::info!("stopping: requests under way are finished first");
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(130);
        });
    }
}
