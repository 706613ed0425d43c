//! A query through the whole gateway: a connection, the HTTP server, and the engine behind it.
//!
//! Only the process of the server is counted. Who asks is in this process, and the upstream is in a third one.

use super::{Engine, Runtime, engine};
use accounts_graph::{
    config::{Config, Environment, Flags},
    http, program,
    workers::Workers,
};
use std::{
    io::{self, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    num::NonZeroUsize,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;

/// Serves the graph on one thread until the standard input ends.
pub(crate) async fn serve(upstream: &str, address: SocketAddr) {
    let config = Config::load(&Flags::default(), &Environment::default(), &|path| std::fs::read_to_string(path));
    let settings = program::http_settings(&config.expect("the defaults")).expect("the defaults need no file");
    let engine: Arc<Engine> = Arc::new(engine(upstream));
    let listener = tokio::net::TcpListener::bind(address).await.expect("a free port");
    let workers = Workers::start(NonZeroUsize::MIN).expect("a thread");
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    http::serve(listener, engine, settings, workers, async move {
        ended.await.expect("a thread").expect("an input that can be read");
    })
    .await;
}

/// Asks a server, which this command starts, so many times over one connection, and returns what the server printed.
///
/// The server is told where to listen by `--listen`, and ends when its input does.
pub(crate) fn ask(runtime: &Runtime, mut command: Command, body: &str, times: u32) -> String {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.expect("a free port");
    command.args(["--listen", &address.to_string()]);
    let mut server = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    runtime.block_on(async {
        listening(&mut server, address).await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        for _ in 0..times {
            let request = http.post(format!("http://{address}{}", http::GRAPHQL));
            let request = request.header("content-type", "application/json").body(body.to_owned());
            let response = request.send().await.expect("an answer");
            let answer: serde_json::Value = response.json().await.expect("JSON");
            assert!(answer.get("errors").is_none(), "{answer}");
        }
    });
    let output = server.wait_with_output().expect("the server ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// Waits until a server takes connections.
async fn listening(server: &mut Child, address: SocketAddr) {
    for _ in 0..3000 {
        if TcpStream::connect(address).await.is_ok() {
            return;
        }
        assert!(server.try_wait().is_ok_and(|ended| ended.is_none()), "the server ended before it listened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server does not listen on {address}");
}
