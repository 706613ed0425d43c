//! The sandbox, in place of an upstream or alone.

use super::{Failure, Signals, cannot_listen};
use crate::config::{Config, Sandbox as Settings, SandboxConfig};
use accounts_graph_sandbox::{
    CLIENT_TOKEN, OPERATIONS_TOKEN, Options, Quirks, Sandbox as Server, StartError, VENDOR_TOKEN,
};

/// The tokens that every sandbox knows.
pub(super) const TOKENS: [&str; 3] = [OPERATIONS_TOKEN, VENDOR_TOKEN, CLIENT_TOKEN];

/// A running sandbox.
pub(super) struct Sandbox(Server);

impl Sandbox {
    /// Starts a sandbox if no upstream is configured.
    pub(super) async fn in_place_of_upstream(config: &Config) -> Result<Option<Self>, Failure> {
        match &config.upstream.url {
            Some(_) => Ok(None),
            None => Ok(Some(Self(start(&config.sandbox, "--sandbox-listen").await?))),
        }
    }

    /// The base URL of its accounts API.
    pub(super) fn base_url(&self) -> String {
        self.0.base_url()
    }

    /// The base URL of its Wavefront API.
    pub(super) fn wavefront_url(&self) -> String {
        self.0.wavefront_url()
    }

    /// Ends it, once its answers are sent.
    pub(super) async fn stop(self) {
        self.0.stop().await;
    }
}

/// Runs only a sandbox, until the process is told to end.
pub(super) async fn serve(config: SandboxConfig) -> Result<(), Failure> {
    let signals = Signals::listen()?;
    let sandbox = start(&config.sandbox, "--listen").await?;
    println!("accounts-graph {} sandbox", env!("CARGO_PKG_VERSION"));
    println!("  upstream    {}", sandbox.base_url());
    println!("  wavefront   {}", sandbox.wavefront_url());
    println!("  requests    http://{}/__requests", sandbox.addr());
    println!("  faults      http://{}/__faults", sandbox.addr());
    println!("  quirks      http://{}/__quirks", sandbox.addr());
    println!("\nTry:\ncurl '{}/v1/accounts/users?limit=3'", sandbox.base_url());
    signals.ended().await;
    sandbox.stop().await;
    Ok(())
}

async fn start(settings: &Settings, option: &str) -> Result<Server, Failure> {
    let options = Options {
        listen: settings.listen,
        scale: settings.scale,
        require_token: settings.require_token,
        accept_any_token: settings.accept_any_token,
        date: settings.date,
        generation: settings.generation,
        quirks: Quirks::default(),
        file: settings.file.clone(),
    };
    accounts_graph_sandbox::start(options).await.map_err(|error| match error {
        StartError::Listen(error) => cannot_listen(settings.listen, option, &error),
        error @ StartError::File(_) => error.into(),
    })
}
