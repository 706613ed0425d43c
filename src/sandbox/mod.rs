//! The embedded upstream: the users / accounts / groups REST API over real HTTP on loopback, with a world of its own.
//!
//! It speaks the documented wire format (envelopes, default projections, `select`, the query language, roles,
//! problems), notes every request, and misbehaves on demand. It shares no type with the gateway: what it says is what
//! goes over the wire, so a misunderstanding on either side shows.
//!
//! Writes change a copy of the world, which then takes its place. Where the documentation leaves a question open, the stricter answer was chosen, so that a gateway which
//! passes here does not lean on a guess.

mod api;
mod cell;
mod fault;
mod instant;
mod luck;
mod print;
mod problem;
mod query;
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
mod view;
mod viewer;
mod world;
mod write;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, RwLock},
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::{
    fault::Faults,
    record::Journal,
    server::Shared,
    socket::{Sockets, Switch},
};
pub use self::{
    fault::{BodyFault, Fault, Refusal},
    record::Recorded,
    route::MembershipRoutes,
    world::World,
};

/// A token that acts for the first Operations account of every world: sees everything.
pub const OPERATIONS_TOKEN: &str = "idt:TKN-0000-0001:operations";
/// A token that acts for the first vendor account of every world.
pub const VENDOR_TOKEN: &str = "idt:TKN-0000-0002:vendor";
/// A token that acts for the showcase client account, `ACC-1671-0642`.
pub const CLIENT_TOKEN: &str = "idt:TKN-0000-0003:client";

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
    /// Whether callers without a known token are turned away instead of being taken for Operations.
    pub require_token: bool,
    /// Which families of membership routes are spoken; paths of the others do not exist.
    pub membership_routes: MembershipRoutes,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            scale: 1.0,
            require_token: false,
            membership_routes: MembershipRoutes::All,
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

/// Makes the world, binds and starts to serve in a task of its own.
///
/// # Errors
///
/// When the address cannot be bound, or the runtime is shutting down.
pub async fn start(options: Options) -> io::Result<Sandbox> {
    let listener = TcpListener::bind(options.listen).await?;
    // A large world takes a while; the runtime has other things to do meanwhile.
    let world = tokio::task::spawn_blocking(move || World::generate(options.scale)).await.map_err(io::Error::other)?;
    let addr = listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let shared = Arc::new(Shared {
        world: RwLock::new(Arc::new(world)),
        journal: Mutex::new(Journal::default()),
        faults: Mutex::new(Faults::default()),
        writing: Mutex::new(()),
        require_token: options.require_token,
        spoken: options.membership_routes,
        stopping: stopping.clone(),
    });
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
