//! The recorded bodies that the benchmarks read, and the server that replays them.

use super::{
    explain::workload,
    support::{gateway, limits, settings},
};
use reqwest::Response;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, net::SocketAddr};
use tokio::{net::TcpListener, task::JoinHandle};
use workload::WORKLOADS;

#[expect(dead_code, reason = "the test does not record")]
#[path = "../../benches/load/recording.rs"]
mod recording;
#[expect(dead_code, reason = "the benchmarks start it in another way")]
#[path = "../../benches/load/replay.rs"]
mod replay;

/// A replay of what the gateway asks; ends with its owner.
struct Replay {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Replay {
    async fn start() -> Replay {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        Replay { address, server: tokio::spawn(replay::serve(listener, recording::read_all())) }
    }

    async fn get(&self, target: &str) -> (u16, String, String) {
        let response = reqwest::get(format!("http://{}{target}", self.address)).await.expect("an answer");
        let status = response.status().as_u16();
        let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
        (status, content_type, response.text().await.expect("a body"))
    }

    async fn put_faults(&self, faults: Value) -> u16 {
        let request = reqwest::Client::new().put(format!("http://{}/__faults", self.address)).json(&faults);
        request.send().await.as_ref().map(Response::status).expect("an answer").as_u16()
    }
}

#[test]
fn each_workload_has_its_recordings_and_their_bodies_are_whole() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/recorded");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").file_name());
    let files: BTreeSet<_> = files.map(|name| name.into_string().expect("a name")).collect();
    assert_eq!(files, WORKLOADS.map(|workload| format!("{}.txt", workload.name)).into());

    for exchange in recording::read_all() {
        let target = &exchange.target;
        assert_eq!((exchange.status, &*exchange.content_type), (200, "application/json; charset=utf-8"), "{target}");
        let body: Value = serde_json::from_str(&exchange.body).unwrap_or_else(|error| panic!("{target}: {error}"));
        assert!(body["data"].as_array().is_some_and(|rows| !rows.is_empty()) || body["id"].is_string(), "{target}");
    }
}

#[tokio::test]
async fn the_gateway_answers_each_workload_from_what_is_recorded() {
    let replay = Replay::start().await;
    let (address, server) = gateway(settings(&format!("http://{}/public", replay.address)), limits()).await;
    for workload in WORKLOADS {
        let request = reqwest::Client::new().post(format!("http://{address}/graphql"));
        let request = request.header("content-type", "application/json").body(workload.body());
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        replay::assert_all_known(replay.address).await;
        assert_eq!(answer.get("errors"), None, "{}", workload.name);
        let root = answer["data"].as_object().and_then(|data| data.values().next()).expect("a root field");
        let nodes = root["nodes"].as_array().map_or(0, Vec::len);
        let expected = [("W1", 0), ("W2", 100), ("W3", 50), ("W4", 20), ("W5", 100)];
        assert!(root.is_object() && expected.contains(&(workload.name, nodes)), "{}: {nodes} nodes", workload.name);
    }
    server.abort();
}

#[tokio::test]
async fn the_replay_sends_the_recorded_bodies_byte_for_byte() {
    let replay = Replay::start().await;
    for exchange in recording::read_all() {
        let answer = replay.get(&exchange.target).await;
        assert_eq!(answer, (exchange.status, exchange.content_type, exchange.body), "{}", exchange.target);
    }
    replay::assert_all_known(replay.address).await;
}

#[tokio::test]
async fn the_replay_refuses_and_names_what_is_not_recorded() {
    let replay = Replay::start().await;
    let problem = json!({ "title": "Not Found", "status": 404, "detail": "GET /public/v1/accounts/users?limit=1 is not recorded." });
    for _ in 0..2 {
        let (status, content_type, body) = replay.get("/public/v1/accounts/users?limit=1").await;
        assert_eq!((status, &*content_type), (404, "application/problem+json"));
        assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON"), problem);
    }
    let (.., unknown) = replay.get("/__unknown").await;
    assert_eq!(unknown, r#"["GET /public/v1/accounts/users?limit=1"]"#);
    let failed = tokio::spawn(replay::assert_all_known(replay.address)).await.expect_err("the benchmark fails");
    let message = failed.into_panic().downcast::<String>().expect("a message");
    assert!(message.contains("GET /public/v1/accounts/users?limit=1"), "{message}");
}

#[tokio::test]
async fn the_replay_answers_the_search_for_routes_like_a_host_of_version_5() {
    let replay = Replay::start().await;
    let base = "/public/v1/accounts";
    for (target, status, body) in [
        (
            "account-users?limit=1&select=-*,id",
            404,
            json!({ "type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found", "status": 404 }),
        ),
        (
            "accounts?limit=1&select=-*,id",
            200,
            json!({ "$meta": { "pagination": { "offset": 0, "limit": 1, "total": 1 } }, "data": [{ "id": "ACC-0000-0001" }] }),
        ),
        (
            "accounts/ACC-0000-0001/users?limit=1&select=-*,id",
            200,
            json!({ "$meta": { "pagination": { "offset": 0, "limit": 1, "total": 1 } }, "data": [{ "id": "USR-0000-0001" }] }),
        ),
    ] {
        assert!(replay::is_probe(&format!("{base}/{target}")), "{target}");
        let answer = replay.get(&format!("{base}/{target}")).await;
        let told: Value = serde_json::from_str(&answer.2).expect("JSON");
        assert_eq!((answer.0, told), (status, body), "{target}");
    }
    replay::assert_all_known(replay.address).await;
    for target in ["accounts?limit=100", "accounts/ACC-0000-0001?limit=1", "accounts/ACC-0000-0001/users?limit=10"] {
        assert!(!replay::is_probe(&format!("{base}/{target}")), "{target}");
        assert_eq!(replay.get(&format!("{base}/{target}")).await.0, 404, "{target}");
    }
}

#[tokio::test]
async fn the_replay_can_be_slowed_down_like_the_sandbox() {
    let replay = Replay::start().await;
    let target = &recording::read("W1")[0].target;
    assert_eq!(replay.put_faults(json!([{ "latency_ms": 60 }])).await, 204);
    let begin = std::time::Instant::now();
    assert_eq!(replay.get(target).await.0, 200);
    assert!(begin.elapsed().as_millis() >= 60);
    assert_eq!(replay.put_faults(json!([{ "latency_ms": 60, "status": 500 }])).await, 422);
    assert_eq!(replay.put_faults(json!([])).await, 204);
}
