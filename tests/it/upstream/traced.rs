//! Headers that say which request this is reach both upstreams, with whatever credentials, by reads and by writes.

use crate::support::{gateway_of, limits, settings};
use accounts_graph::{
    entity::kind::Upstream,
    graph::engine::{Engine, Wavefront},
    upstream::{client::Client, credentials::Credentials},
};
use axum::{Router, extract::Request, http::HeaderMap};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const TRACE: [(&str, &str); 3] = [
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("tracestate", "vendor=value"),
    ("x-request-id", "mine-1"),
];

/// The headers of all requests of one upstream.
type Headers = Arc<Mutex<Vec<HeaderMap>>>;

async fn upstream() -> (String, Headers) {
    let headers = Headers::default();
    let seen = Arc::clone(&headers);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(move |request: Request| {
        seen.lock().expect("no panic").push(request.headers().clone());
        let body = json!({ "id": "USR-1", "identifier": "ann@example.com", "name": "Ann" }).to_string();
        std::future::ready(([("content-type", "application/json")], body))
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, headers)
}

#[tokio::test]
async fn a_trace_reaches_both_upstreams() {
    let queries = [
        r#"{ user(id: "USR-1") { name } wavefrontAccount(id: "ann@example.com") { description } }"#,
        r#"mutation { grantWavefrontPermission(input: { id: "ann@example.com", permission: "dashboard_management" })
            { userErrors { message } } blockUser(input: { id: "USR-1" }) { user { id } } }"#,
    ];
    for (own, callers) in [(None, None), (Some("own"), None), (None, Some("callers")), (Some("own"), Some("callers"))] {
        let (accounts, of_accounts) = upstream().await;
        let (wavefront, of_wavefront) = upstream().await;
        let client = Client::of(Upstream::Wavefront, settings(&wavefront)).expect("a client");
        let credentials = own.map_or_else(Credentials::default, |own| Credentials::new(own.parse().expect("a header")));
        let engine = Engine::new(Client::new(settings(&accounts)).expect("a client"), limits())
            .with_wavefront(Some(Wavefront { client, credentials }));
        let (address, _server) = gateway_of(engine, &["--forward-headers", "x-tenant"]).await;
        for query in queries {
            let mut request =
                reqwest::Client::new().post(format!("http://{address}/graphql")).json(&json!({ "query": query }));
            for (name, value) in TRACE.into_iter().chain([("authorization", "Bearer accounts"), ("x-tenant", "mine")]) {
                request = request.header(name, value);
            }
            if let Some(token) = callers {
                request = request.header("x-wavefront-authorization", token);
            }
            let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
            for (upstream, headers, token) in
                [("accounts", &of_accounts, Some("Bearer accounts")), ("Wavefront", &of_wavefront, callers.or(own))]
            {
                let seen = std::mem::take(&mut *headers.lock().expect("no panic"));
                assert!(!seen.is_empty(), "{upstream}: {answer}");
                for headers in seen {
                    let header = |name: &str| headers.get(name).map(|value| value.to_str().expect("text"));
                    assert_eq!(TRACE.map(|(name, _)| header(name)), TRACE.map(|(_, value)| Some(value)), "{upstream}");
                    assert_eq!(header("authorization"), token, "{upstream}");
                    assert_eq!(header("x-tenant"), (upstream == "accounts").then_some("mine"), "{upstream}");
                }
            }
        }
    }
}
