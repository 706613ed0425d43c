//! A REST server to develop against: the users / accounts / groups API of the SoftwareOne Marketplace over real HTTP on
//! loopback, with made-up data of its own.
//!
//! It speaks the documented wire format (envelopes, default projections, `select`, the query language, roles,
//! problems), records every request, and injects faults on demand. It shares no type with the gateway: the two meet
//! only in what goes over the wire, so a misunderstanding on either side shows.
//!
//! Writes change a copy of the world, which then replaces it and is kept in a file if there is one. Where the
//! documentation leaves a question open, the stricter answer was chosen, so that a gateway which passes here does not
//! rely on a guess.

mod api;
mod cell;
mod fault;
mod generation;
mod instant;
mod luck;
mod multipart;
mod print;
mod problem;
mod query;
mod quirk;
mod read;
mod record;
mod reply;
mod route;
mod rql;
mod schema;
mod select;
mod server;
mod shape;
mod socket;
mod store;
mod transfer;
mod view;
mod viewer;
mod wavefront;
mod world;
mod write;

use std::{
    error::Error,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::{
    fault::Faults,
    record::Journal,
    server::Shared,
    socket::{Sockets, Switch},
    store::Store,
    viewer::Gate,
};
pub use self::{
    fault::{BodyFault, Decoding, Fault, Refusal},
    generation::Generation,
    instant::Day,
    quirk::{
        Bodies, Broken, By, Dates, Escapes, Listed, Omitted, Packing, PageCap, PageLimit, Quirks, Rql, Support,
        TextCase, Total, Touched, UnknownRoute,
    },
    record::Recorded,
    store::StoreError,
    world::World,
};

/// A token that acts for the first Operations account of every world: sees everything.
pub const OPERATIONS_TOKEN: &str = "idt:TKN-0000-0001:operations";
/// A token that acts for the first vendor account of every world.
pub const VENDOR_TOKEN: &str = "idt:TKN-0000-0002:vendor";
/// A token that acts for the showcase client account, `ACC-1671-0642`.
pub const CLIENT_TOKEN: &str = "idt:TKN-0000-0003:client";

/// A Wavefront token of an administrator, who is Will of the showcase account.
pub const WAVEFRONT_TOKEN: &str = wavefront::ADMIN_TOKEN;
/// A Wavefront token of somebody who may read only.
pub const WAVEFRONT_READER_TOKEN: &str = wavefront::READER_TOKEN;

/// A token that acts for a person, in the account that it works in or was invited to first: what only the person may do
/// needs it.
#[must_use]
pub fn user_token(user: &str) -> String {
    format!("{}{user}", viewer::USER_TOKEN)
}

/// How to start a sandbox.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The size of the world; 1.0 has about 2,000 users.
    pub scale: f64,
    /// Whether callers without a token are turned away instead of being taken for Operations.
    pub require_token: bool,
    /// Whether callers with an unknown token are taken for Operations instead of being turned away.
    pub accept_any_token: bool,
    /// The day at whose midnight the dates of the data end; today if none. A world that is in a file already keeps the
    /// day that it was made with.
    pub date: Option<Day>,
    /// Which generation is spoken; routes of the others do not exist.
    pub generation: Generation,
    /// The positions of the switches for what the documentation leaves open.
    pub quirks: Quirks,
    /// The file that keeps the world across restarts; made if there is none. A world that is there already has the
    /// scale that it was made with. Without the feature `persist`, a sandbox with a file does not start.
    pub file: Option<PathBuf>,
}

/// Why a sandbox does not start.
#[derive(Debug)]
pub enum StartError {
    /// The address cannot be listened on, or the runtime is shutting down.
    Listen(io::Error),
    /// The file is not one of a sandbox, or somebody else uses it.
    File(StoreError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Listen(error) => error.fmt(f),
            StartError::File(error) => error.fmt(f),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Listen(error) => error.source(),
            StartError::File(error) => error.source(),
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            scale: 1.0,
            date: None,
            require_token: false,
            accept_any_token: false,
            generation: Generation::default(),
            quirks: Quirks::default(),
            file: None,
        }
    }
}

/// A running sandbox. Stops when dropped.
pub struct Sandbox {
    addr: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Makes the world or reads it, binds and starts to serve in a task of its own.
///
/// # Errors
///
/// When the address cannot be bound, the file cannot be used, or the runtime is shutting down.
pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let listener = TcpListener::bind(options.listen).await.map_err(StartError::Listen)?;
    let (file, scale) = (options.file, options.scale);
    let day = options.date.unwrap_or_else(|| Day::of(server::now()));
    // A large world takes a while; the runtime has other things to do meanwhile.
    let made = tokio::task::spawn_blocking(move || match file {
        Some(file) => Store::open(&file, scale, day).map(|(store, world)| (Some(store), world)),
        None => Ok((None, World::generate_at(scale, day))),
    });
    let made = made.await.map_err(|error| StartError::Listen(io::Error::other(error)))?;
    let (store, world) = made.map_err(StartError::File)?;
    let addr = listener.local_addr().map_err(StartError::Listen)?;
    let (stop, stopping) = watch::channel(false);
    let due = world.next_end();
    let shared = Arc::new(Shared {
        world: RwLock::new(Arc::new(world)),
        journal: Mutex::new(Journal::default()),
        faults: Mutex::new(Faults::default()),
        store: Mutex::new(store),
        gate: Gate { require_token: options.require_token, accept_any: options.accept_any_token },
        generation: options.generation,
        quirks: Mutex::new(Quirks::default()),
        ahead: AtomicI64::new(0),
        due: AtomicI64::new(due),
        stopping: stopping.clone(),
    });
    shared.set_quirks(options.quirks);
    let service = server::router(Arc::clone(&shared)).into_make_service_with_connect_info::<Switch>();
    let served = axum::serve(Sockets(listener), service).with_graceful_shutdown(stopped(stopping));
    let task = tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::warn!(%error, "the sandbox ended");
        }
    });
    Ok(Sandbox { addr, shared, stop, task })
}

/// Ends when told to, or when nobody is left to tell.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow_and_update() {
        if stopping.changed().await.is_err() {
            return;
        }
    }
}

impl Sandbox {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The public base of the API, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/public", self.addr)
    }

    /// The base of Wavefront's API, without a slash at its end; its paths begin with `/api/v2`.
    #[must_use]
    pub fn wavefront_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What was asked since the last clearing, in the order of arrival; at most the last ten thousand.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.journal().list()
    }

    /// Forgets what was asked.
    pub fn clear_requests(&self) {
        self.shared.journal().clear();
    }

    /// Replaces all faults; their counters begin anew.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        *self.shared.faults() = Faults::new(faults);
    }

    /// Puts the switches for what the documentation leaves open into other positions.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.shared.set_quirks(quirks);
    }

    /// Lets time pass: invitations that were sent run out after a week.
    pub fn advance(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.shared.ahead.fetch_add(millis, Ordering::Relaxed);
    }

    /// The rows behind the API.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.shared.world()
    }

    /// Stops accepting, lets answers finish, ends hanging ones, and returns when all is done.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the sandbox ended badly");
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("addr", &self.addr).finish_non_exhaustive()
    }
}
