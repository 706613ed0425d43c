//! Answers that come packed, by both upstreams: unpacked while they come, up to the limit, or refused by name.

use crate::{
    process::start,
    support::{gateway_of, limits, settings},
};
use accounts_graph::{
    entity::kind::Upstream,
    graph::engine::{Engine, Wavefront},
    upstream::{
        client::{Client, Settings},
        credentials::Credentials,
    },
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use serde_json::{Value, json};
use std::{
    io::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::net::TcpListener;

const USER: &str = r#"{ user(id: "USR-1") { name } }"#;
const READS: &str = r#"{ user(id: "USR-1") { name } wavefrontAccount(id: "ann@example.com") { customer } }"#;
const WRITE: &str =
    r#"mutation { updateGroup(input: { id: "UGR-1", name: "B" }) { group { name } userErrors { message } } }"#;

/// Ways to pack a body.
#[derive(Clone, Copy, Debug)]
enum Packing {
    Plain,
    Gzip,
    Zlib,
    Raw,
}

impl Packing {
    const ALL: [Packing; 4] = [Packing::Plain, Packing::Gzip, Packing::Zlib, Packing::Raw];

    fn name(self) -> Option<&'static str> {
        match self {
            Packing::Plain => None,
            Packing::Gzip => Some("gzip"),
            Packing::Zlib | Packing::Raw => Some("deflate"),
        }
    }

    fn pack(self, text: &str) -> Vec<u8> {
        let (text, level) = (text.as_bytes(), Compression::default());
        let packed = match self {
            Packing::Plain => Ok(text.to_vec()),
            Packing::Gzip => {
                let mut encoder = GzEncoder::new(vec![], level);
                encoder.write_all(text).and_then(|()| encoder.finish())
            }
            Packing::Zlib => {
                let mut encoder = ZlibEncoder::new(vec![], level);
                encoder.write_all(text).and_then(|()| encoder.finish())
            }
            Packing::Raw => {
                let mut encoder = DeflateEncoder::new(vec![], level);
                encoder.write_all(text).and_then(|()| encoder.finish())
            }
        };
        packed.expect("a buffer takes everything")
    }
}

fn response(status: u16, encoding: Option<&str>, body: impl Into<Body>) -> Response {
    let mut response = (StatusCode::from_u16(status).expect("a status"), body.into()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.extend(encoding.map(|encoding| (header::CONTENT_ENCODING, encoding.parse().expect("a header"))));
    response
}

/// What both upstreams say.
fn said(path: &str) -> String {
    let account = json!({ "identifier": "ann@example.com", "customer": "acme" });
    let enveloped = |body| json!({ "status": { "result": "OK", "code": 200 }, "response": body });
    let body = match path {
        path if path.ends_with("/validateAccounts") => {
            enveloped(json!({ "validUsers": [account], "invalidIdentifiers": [] }))
        }
        path if path.starts_with("/api/") => enveloped(account),
        path if path.ends_with("/UGR-1") => json!({ "id": "UGR-1", "name": "B" }),
        _ => json!({ "id": "USR-1", "name": "Ann" }),
    };
    body.to_string()
}

/// An upstream that answers each method and path so, on a free port.
async fn upstream(answer: impl Fn(&str, &str) -> Response + Clone + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new()
        .fallback(move |request: Request| std::future::ready(answer(request.method().as_str(), request.uri().path())));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// A gateway whose accounts API and Wavefront are one upstream.
async fn gateway(base: &str) -> SocketAddr {
    let calling = || Settings { max_body: 1 << 20, ..settings(base) };
    let client = Client::of(Upstream::Wavefront, calling()).expect("a client");
    let wavefront = Wavefront { client, credentials: Credentials::default() };
    let engine = Engine::new(Client::new(calling()).expect("a client"), limits()).with_wavefront(Some(wavefront));
    gateway_of(engine, &[]).await.0
}

async fn ask(address: SocketAddr, query: &str) -> Value {
    super::asked(&reqwest::Client::new(), address, "token", query).await
}

/// The codes and messages of errors, in order of text.
fn errors(answer: &Value) -> Vec<(&str, &str)> {
    let all = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    let mut found: Vec<_> = all
        .iter()
        .map(|error| {
            (error["extensions"]["code"].as_str().expect("a code"), error["message"].as_str().expect("a message"))
        })
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn packed_answers_of_both_upstreams_are_answers() {
    for packing in Packing::ALL {
        let base = upstream(move |_, path| response(200, packing.name(), packing.pack(&said(path)))).await;
        let address = gateway(&base).await;
        let expected = json!({ "data": { "user": { "name": "Ann" }, "wavefrontAccount": { "customer": "acme" } } });
        assert_eq!(ask(address, READS).await, expected, "{packing:?}");
        let done = json!({ "data": { "updateGroup": { "group": { "name": "B" }, "userErrors": [] } } });
        assert_eq!(ask(address, WRITE).await, done, "{packing:?}");
        let base = upstream(move |method, path| {
            if method == "GET" {
                return response(200, packing.name(), packing.pack(&said(path)));
            }
            let problem = json!({ "title": "Bad Request", "status": 400, "errors": { "name": ["Too short."] } });
            response(400, packing.name(), packing.pack(&problem.to_string()))
        })
        .await;
        let refused = json!({ "updateGroup": { "group": null, "userErrors": [{ "message": "Too short." }] } });
        assert_eq!(ask(gateway(&base).await, WRITE).await, json!({ "data": refused }), "{packing:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_invalid_and_named() {
    let whole = Packing::Gzip.pack(&said("/"));
    let long = Packing::Gzip.pack(&format!("{{\"id\":\"{}\"}}", "x".repeat(1 << 20)));
    let cases: [(&'static str, Vec<u8>, &str); 7] = [
        ("br", b"x".to_vec(), "answered with the Content-Encoding br, which cannot be unpacked"),
        ("zstd, gzip", b"x".to_vec(), "answered with the Content-Encoding zstd, gzip, which cannot be unpacked"),
        ("gzip", whole[..whole.len() - 9].to_vec(), "answered a body that is not valid gzip"),
        ("gzip", whole[..5].to_vec(), "answered a body that is not valid gzip"),
        ("gzip", said("/").into_bytes(), "answered a body that is not valid gzip"),
        ("deflate", Packing::Zlib.pack("{}")[..4].to_vec(), "answered a body that is not valid deflate"),
        ("gzip", long, "answered more than 1048576 bytes"),
    ];
    for (encoding, body, message) in cases {
        let sent = body.clone();
        let base = upstream(move |_, _| response(200, Some(encoding), sent.clone())).await;
        let address = gateway(&base).await;
        let answer = ask(address, READS).await;
        let said = [Upstream::Accounts, Upstream::Wavefront].map(|upstream| format!("{} {message}", upstream.name()));
        let mut expected = said.each_ref().map(|message| ("UPSTREAM_INVALID", message.as_str()));
        expected.sort_unstable();
        assert_eq!(errors(&answer), expected, "{encoding}: {answer}");
        assert_eq!(answer["data"], json!({ "user": null, "wavefrontAccount": null }), "{encoding}");
        let answer = ask(address, WRITE).await;
        assert_eq!(errors(&answer)[0].0, "OUTCOME_UNKNOWN", "the change may have been made: {answer}");
        // Whether the row or the route is missing would stand in the body.
        let base = upstream(move |_, _| response(404, Some(encoding), body.clone())).await;
        let answer = ask(gateway(&base).await, USER).await;
        assert_eq!(errors(&answer)[0].0, "UPSTREAM_INVALID", "{encoding}: {answer}");
    }
}

#[tokio::test]
async fn nothing_is_unpacked_of_no_body() {
    let base = upstream(|_, _| response(200, Some("gzip"), Body::empty())).await;
    let answer = ask(gateway(&base).await, USER).await;
    assert_eq!(errors(&answer), [("UPSTREAM_INVALID", "The accounts API answered nothing")]);
}

/// 600 MB in 600 kB. A buffer that grows to what a body may have takes twice that for a moment, since the old one and the
/// smaller ones before it are still there; the program's other parts take less than 16 MiB.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_takes_no_more_memory_than_a_body_may_have() {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    let blanks = vec![b' '; 1_000_000];
    (0..600).for_each(|_| encoder.write_all(&blanks).expect("a buffer"));
    let bomb: Bytes = encoder.finish().expect("a buffer").into();
    assert!(bomb.len() < 800_000, "{}", bomb.len());
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let base = upstream(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        response(200, Some("gzip"), bomb.clone())
    })
    .await;
    let program = start(&["--upstream", &base]);
    let before = program.peak();
    let answer = ask(program.address().parse().expect("an address"), USER).await;
    let message = format!("The accounts API answered more than {} bytes", 64 << 20);
    assert_eq!(errors(&answer), [("UPSTREAM_INVALID", message.as_str())]);
    let grown = program.peak() - before;
    assert!(grown < (2 * 64 + 16) * 1024, "{grown} KiB for a body of at most {} KiB", 64 << 10);
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}
