//! The load: connections that ask the same thing again and again.

use super::child::Server;
use reqwest::{Client, Url, header::CONTENT_TYPE};
use std::time::Duration;
use tokio::{task::JoinSet, time::Instant};

/// Where a workload is asked, and what the answer's length is.
pub(crate) struct Target {
    pub(crate) server: Server,
    pub(crate) url: Url,
    pub(crate) body: String,
    pub(crate) length: usize,
    clients: Vec<Client>,
}

/// What came of one slot of load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    /// How long each query took, in order of length.
    pub(crate) times: Vec<Duration>,
    pub(crate) took: Duration,
    pub(crate) cpu: Duration,
}

impl Target {
    /// A target for so many connections; asks once to know the answer.
    pub(crate) async fn new(server: Server, path: &str, body: String, connections: usize) -> (Target, String) {
        let url = Url::parse(&format!("http://{}{path}", server.address)).expect("a URL");
        let client = || Client::builder().no_proxy().pool_max_idle_per_host(1).build().expect("a client");
        let clients = (0..connections).map(|_| client()).collect();
        let mut target = Target { server, url, body, length: 0, clients };
        let answer = ask(&target.clients[0], &target.url, &target.body).await;
        target.length = answer.len();
        (target, answer)
    }

    /// Asks over the first `connections` connections for so long.
    pub(crate) async fn load(&self, connections: usize, span: Duration) -> Slot {
        let (cpu, begin) = (self.server.cpu(), Instant::now());
        let mut tasks = JoinSet::new();
        for client in self.clients.iter().take(connections) {
            let client = client.clone();
            let (url, body, length) = (self.url.clone(), self.body.clone(), self.length);
            tasks.spawn(async move {
                let mut times = Vec::new();
                while begin.elapsed() < span {
                    let asked = Instant::now();
                    let answer = ask(&client, &url, &body).await;
                    times.push(asked.elapsed());
                    assert_eq!(answer.len(), length, "{url} answers otherwise than before: {answer}");
                }
                times
            });
        }
        let mut times = tasks.join_all().await.concat();
        times.sort_unstable();
        Slot { times, took: begin.elapsed(), cpu: self.server.cpu().saturating_sub(cpu) }
    }
}

async fn ask(client: &Client, url: &Url, body: &str) -> String {
    let request = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(body.to_owned());
    let response = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let status = response.status();
    let text = response.text().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    assert!(status.is_success(), "{url} answers {status}: {text}");
    text
}
