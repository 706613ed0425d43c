//! Icons by way of the gateway: who gets a redirect, where to, and what is sent for it.

use crate::support::{SMALL, config, gateway_of, kit, kit_of, limits, settings};
use accounts_graph::{
    graph::engine::Engine,
    program,
    upstream::client::{Client, Settings},
};
use accounts_graph_sandbox::{self as sandbox, CLIENT_TOKEN, Fault, Options, Quirks, Sandbox};
use reqwest::{Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

const USER: &str = "USR-1671-0642";

fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).build().expect("a client")
}

/// A gateway over an upstream, as the program makes it.
async fn gateway(
    base: &str,
    flags: &[&str],
    change: impl FnOnce(Settings) -> Settings,
) -> (SocketAddr, JoinHandle<()>) {
    let engine = Engine::new(Client::new(change(settings(base))).expect("a client"), limits());
    gateway_of(engine.with_icons(program::icons(&config(flags))), flags).await
}

async fn sandbox() -> Sandbox {
    let options = Options { scale: SMALL, require_token: true, ..Options::default() };
    sandbox::start(options).await.expect("a free port")
}

async fn get(gateway: SocketAddr, path: &str) -> Response {
    http().get(format!("http://{gateway}{path}")).send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

/// The status and the code of an error, which no browser may take for anything but JSON.
async fn refused(response: Response) -> (u16, String) {
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "location"), "");
    assert_eq!(header(&response, "content-type"), "application/json; charset=utf-8");
    assert_eq!(header(&response, "cache-control"), "private, no-store");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    (status, body["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned())
}

/// An upstream that answers every request with these bytes, and keeps what it was sent.
struct Raw {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Raw {
    async fn answering(answer: impl Into<Vec<u8>>, wait: Duration) -> Raw {
        let (answer, requests) = (answer.into(), Arc::<Mutex<Vec<String>>>::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::clone(&requests);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), Arc::clone(&kept), wait));
            }
        });
        Raw { address, requests, server }
    }

    fn base(&self) -> String {
        format!("http://{}/public", self.address)
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("no panic"))
    }
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, requests: Arc<Mutex<Vec<String>>>, wait: Duration) {
    let (mut head, mut buffer) = (vec![], [0; 4096]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    requests.lock().expect("no panic").push(String::from_utf8_lossy(&head).to_lowercase());
    tokio::time::sleep(wait).await;
    let _ = stream.write_all(&answer).await;
}

fn redirecting(location: &str) -> String {
    format!("HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n")
}

async fn over(answer: &[u8], change: impl FnOnce(Settings) -> Settings) -> (Raw, SocketAddr, JoinHandle<()>) {
    let raw = Raw::answering(answer, Duration::ZERO).await;
    let (gateway, server) = gateway(&raw.base(), &[], change).await;
    (raw, gateway, server)
}

#[tokio::test]
async fn every_icon_url_of_an_answer_redirects_to_the_picture_without_a_token() {
    let kit = kit().await;
    let mut pictures = 0;
    for (field, collection) in [
        ("users", "users"),
        ("accounts", "accounts"),
        ("buyers", "buyers"),
        ("sellers", "sellers"),
        ("licensees", "licensees"),
    ] {
        let data = kit.data(&format!("{{ {field}(first: 30) {{ nodes {{ id icon iconUrl }} }} }}")).await;
        for node in data[field]["nodes"].as_array().expect("nodes") {
            let id = node["id"].as_str().expect("an id");
            let path = format!("/icons/{collection}/{id}");
            let expected = if node["icon"].is_null() { Value::Null } else { json!(path) };
            assert_eq!(node["iconUrl"], expected, "{node}");
            kit.sandbox.clear_requests();
            let response = get(kit.address, &path).await;
            assert_eq!(kit.requests(), [format!("GET /accounts/{collection}/{id}/icon")]);
            if node["icon"].is_null() {
                assert_eq!(refused(response).await, (404, "NOT_FOUND".to_owned()), "{node}");
                continue;
            }
            pictures += 1;
            assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{node}");
            let picture = format!("https://images.example.com/{collection}/{id}.svg");
            assert_eq!(header(&response, "location"), picture);
            assert_eq!(header(&response, "cache-control"), "private, max-age=300");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(response.bytes().await.expect("a body").len(), 0);
        }
    }
    assert!(pictures > 20, "{pictures} pictures");
}

#[tokio::test]
async fn an_icon_url_costs_what_the_icon_costs() {
    let kit = kit().await;
    // Alone, by reference, beside the icon, under an alias, and where nothing but it is selected.
    for (with, without) in [
        ("{ users(first: 3) { nodes { iconUrl } } }", "{ users(first: 3) { nodes { icon } } }"),
        (
            "{ groups(first: 3) { nodes { account { iconUrl } } } }",
            "{ groups(first: 3) { nodes { account { icon } } } }",
        ),
        (
            "{ buyers(first: 3) { nodes { icon iconUrl a: iconUrl account { users(first: 2) { nodes { iconUrl } } } } } }",
            "{ buyers(first: 3) { nodes { icon account { users(first: 2) { nodes { icon } } } } } }",
        ),
    ] {
        let sent = async |query: &str| {
            kit.sandbox.clear_requests();
            kit.data(query).await;
            kit.requests()
        };
        assert_eq!(sent(with).await, sent(without).await, "{with}");
    }
    let plan = kit.explain(&json!({ "query": "{ user(id: \"USR-1671-0642\") { iconUrl } }" }), "plan").await;
    assert_eq!(plan["extensions"]["explain"]["requests"][0]["select"], json!(["-*", "id", "icon"]), "{plan}");
}

#[tokio::test]
async fn a_public_url_begins_every_address_and_a_gateway_that_serves_none_tells_none() {
    let sandbox = sandbox().await;
    let token = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("icons-token");
    std::fs::write(&token, CLIENT_TOKEN).expect("the file is written");
    let token = format!("file:{}", token.to_str().expect("a path of UTF-8"));
    let own = ["--service-token", token.as_str()];
    for (flags, begins) in [
        (vec![], Some("")),
        (vec!["--public-url", "https://graph.example.com"], Some("https://graph.example.com")),
        (vec!["--public-url", "https://example.com/api/"], Some("https://example.com/api")),
        (vec!["--icons=false"], None),
        (own.to_vec(), None),
        ([&own[..], &["--icons"]].concat(), Some("")),
    ] {
        let (gateway, server) = gateway(&sandbox.base_url(), &flags, |settings| settings).await;
        let request = http().post(format!("http://{gateway}/graphql")).bearer_auth(CLIENT_TOKEN);
        let query = format!("{{ user(id: \"{USER}\") {{ id icon iconUrl }} }}");
        let answer: Value =
            request.json(&json!({ "query": query })).send().await.expect("an answer").json().await.expect("JSON");
        let url = begins.map(|begins| format!("{begins}/icons/users/{USER}"));
        let icon = format!("/v1/accounts/users/{USER}/icon");
        assert_eq!(answer, json!({ "data": { "user": { "id": USER, "icon": icon, "iconUrl": url } } }), "{flags:?}");
        sandbox.clear_requests();
        let response = get(gateway, &format!("/icons/users/{USER}")).await;
        if begins.is_some() {
            assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{flags:?}");
        } else {
            assert_eq!(refused(response).await, (404, "ICONS_DISABLED".to_owned()), "{flags:?}");
            assert_eq!(sandbox.requests().len(), 0, "{flags:?}");
        }
        server.abort();
    }
}

/// Neither the caller's token nor the gateway's own, nor any other header but the ids of the request.
#[tokio::test]
async fn no_credential_is_sent() {
    let (token, callers) = ("icons-secret", "icons-callers");
    let file = |name: &str, text: &str| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).expect("the file is written");
        path.to_str().expect("a path of UTF-8").to_owned()
    };
    let (token, callers) = (format!("file:{}", file(token, "secret")), file(callers, "one"));
    let own = ["--service-token", &token, "--caller-token-file", &callers, "--icons", "--forward-headers", "x-tenant"];
    for flags in [&["--forward-headers", "x-tenant"][..], &own] {
        let raw = Raw::answering(redirecting("https://images.example.com/a.svg"), Duration::ZERO).await;
        let (gateway, server) = gateway(&raw.base(), flags, |settings| settings).await;
        let request = http()
            .get(format!("http://{gateway}/icons/users/{USER}?token=secret"))
            .header("authorization", "Bearer one")
            .header("x-wavefront-authorization", "Bearer secret")
            .header("cookie", "secret=secret")
            .header("x-tenant", "secret")
            .header("referer", "https://secret.example/")
            .header("x-request-id", "found-again");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{flags:?}");
        assert_eq!(header(&response, "x-request-id"), "found-again");
        let requests = raw.requests();
        assert_eq!(requests.len(), 1);
        let line = format!("get /public/v1/accounts/users/{}/icon http/1.1\r\n", USER.to_lowercase());
        assert!(requests[0].starts_with(&line), "{requests:?}");
        assert!(requests[0].contains("\r\nx-request-id: found-again\r\n"), "{requests:?}");
        for secret in ["authorization", "secret", "cookie", "tenant", "referer", "one"] {
            assert!(!requests[0].contains(secret), "{secret} in {requests:?}");
        }
        server.abort();
    }
}

#[tokio::test]
async fn a_path_that_is_not_one_kind_and_one_id_of_it_sends_nothing() {
    let raw = Raw::answering(redirecting("https://images.example.com/a.svg"), Duration::ZERO).await;
    let (address, server) = gateway(&raw.base(), &[], |settings| settings).await;
    // What a client's parser of addresses would repair is written to the socket as it is.
    let status = async |line: &str| {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let head = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(!answer.to_lowercase().contains("\r\nlocation:"), "{line}: {answer}");
        answer.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).expect("a status")
    };
    for kind in [
        "user",
        "Users",
        "USERS",
        "groups",
        "user-groups",
        "modules",
        "api-tokens",
        "erp-links",
        "services",
        "cloud-tenants",
        "account-users",
        "extensions",
        "users%00",
        "..",
        "%2e%2e",
        "users%2f..",
        "wavefront",
        "assets",
    ] {
        assert_eq!(status(&format!("GET /icons/{kind}/{USER}")).await, 404, "{kind}");
    }
    for id in [
        "USR-",
        "USR",
        "usr-1671-0642",
        "ACC-1671-0642",
        "USR-1671-0642%20",
        "%20USR-1671-0642",
        "USR-1671-0642%00",
        "USR%2D1671-0642",
        "USR-1671-0642%2F..",
        "..%2FUSR-1671-0642",
        "..",
        "%2e%2e",
        ".",
        "USR-1671-0642;a=b",
        "USR-1671-0642%3Fa",
        "USR-1671-0642%23a",
        "USR-1671-0642%0d%0aa:%20b",
        "MEM-1671-0642.1671-0642",
        "a@b.example",
        "will%40example.com",
        "USR-1671-0642.svg",
        "USR-1671-0642*",
        "%E2%80%AEUSR-1671-0642",
        "%ff",
        "USR--1",
    ] {
        assert_eq!(status(&format!("GET /icons/users/{id}")).await, 400, "{id}");
    }
    for path in [
        "/icons",
        "/icons/",
        "/icons/users",
        "/icons/users/",
        "/icons//users/USR-1671-0642",
        "/icons/users/USR-1671-0642/",
        "/icons/users/USR-1671-0642/icon",
        "/icons/users/../users/USR-1671-0642",
        "/Icons/users/USR-1671-0642",
        "/icons%2Fusers%2FUSR-1671-0642",
        "/icons/users//USR-1671-0642",
        "//icons/users/USR-1671-0642",
    ] {
        assert_eq!(status(&format!("GET {path}")).await, 404, "{path}");
    }
    assert_eq!(raw.requests(), <[String; 0]>::default());
    server.abort();
}

#[tokio::test]
async fn icons_and_the_playground_may_share_a_path() {
    let raw = Raw::answering(redirecting("https://images.example.com/a.svg"), Duration::ZERO).await;
    let (address, server) = gateway(&raw.base(), &["--playground-path", "/icons"], |settings| settings).await;
    assert_eq!(get(address, &format!("/icons/users/{USER}")).await.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(get(address, "/icons/").await.status(), StatusCode::OK);
    assert_eq!(get(address, "/icons").await.status(), StatusCode::PERMANENT_REDIRECT);
    server.abort();
}

#[tokio::test]
async fn only_get_and_head_ask_for_an_icon() {
    let (raw, gateway, server) = over(redirecting("https://images.example.com/a.svg").as_bytes(), |it| it).await;
    let url = format!("http://{gateway}/icons/users/{USER}");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let response = http().request(method.clone(), &url).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(header(&response, "allow"), "GET, HEAD", "{method}");
    }
    assert_eq!(raw.requests(), <[String; 0]>::default());
    let head = http().head(&url).send().await.expect("an answer");
    assert_eq!(head.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(header(&head, "location"), "https://images.example.com/a.svg");
    assert!(raw.requests()[0].starts_with("get "), "the route is documented for GET alone");
    server.abort();
}

#[tokio::test]
async fn a_redirect_is_handed_on_only_to_a_plain_address() {
    for (location, handed_on) in [
        ("https://images.example.com/a.svg?sig=a%2Bb&se=1", Some("https://images.example.com/a.svg?sig=a%2Bb&se=1")),
        // The upstream is on loopback.
        ("http://127.0.0.1:4010/a.svg", Some("http://127.0.0.1:4010/a.svg")),
        ("/v1/pictures/a.svg", None),
        ("a.svg", None),
        ("//images.example.com/a.svg", None),
        ("javascript:alert(1)", None),
        ("data:image/svg+xml,x", None),
        ("ftp://images.example.com/a.svg", None),
        ("https://user:secret@images.example.com/a.svg", None),
        ("https://", None),
        ("https:images.example.com", None),
        ("https://images.example.com\\@evil.example", None),
        ("https://images.example.com/a b", None),
        ("", None),
        // More than one.
        ("https://a.example/\r\nlocation: https://b.example/", None),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let answer = redirecting(location).replacen("307", &status.to_string(), 1);
            let (_raw, gateway, server) = over(answer.as_bytes(), |settings| settings).await;
            let response = get(gateway, &format!("/icons/users/{USER}")).await;
            match handed_on {
                Some(handed_on) => {
                    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{status} {location}");
                    assert_eq!(header(&response, "location"), handed_on);
                }
                None => {
                    assert_eq!(refused(response).await, (502, "UPSTREAM_INVALID".to_owned()), "{status} {location}");
                }
            }
            server.abort();
        }
    }
    let without = b"HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\n\r\n";
    let (_raw, gateway, server) = over(without, |settings| settings).await;
    let answer = refused(get(gateway, "/icons/sellers/SEL-1-1").await).await;
    assert_eq!(answer, (502, "UPSTREAM_INVALID".to_owned()));
    server.abort();
    // A line break inside a header is no header: the answer is broken.
    let broken = redirecting("https://a.example/\rset-cookie: a=b");
    let (_raw, gateway, server) = over(broken.as_bytes(), |settings| settings).await;
    let (status, _) = refused(get(gateway, "/icons/sellers/SEL-1-1").await).await;
    assert!(status >= 500, "{status}");
    server.abort();
}

#[tokio::test]
async fn whatever_else_an_upstream_answers_is_an_error_that_says_so() {
    let answer = |status: &str, kind: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let problem = |status: u16| {
        answer(
            &format!("{status} x"),
            "application/problem+json",
            &json!({ "title": "x", "status": status }).to_string(),
        )
    };
    for (answer, expected) in [
        (answer("200 OK", "image/svg+xml", "<svg onload=\"alert(1)\"/>"), (502, "UPSTREAM_INVALID")),
        (answer("200 OK", "image/png", ""), (502, "UPSTREAM_INVALID")),
        (answer("204 No Content", "image/png", ""), (502, "UPSTREAM_INVALID")),
        (problem(404), (404, "NOT_FOUND")),
        (answer("404 Not Found", "text/html", "<h1>Not Found</h1>"), (502, "UPSTREAM_ROUTE_MISSING")),
        (answer("404 Not Found", "", ""), (502, "UPSTREAM_ROUTE_MISSING")),
        (problem(401), (502, "UPSTREAM_ERROR")),
        (problem(403), (502, "UPSTREAM_ERROR")),
        (problem(400), (502, "UPSTREAM_REJECTED")),
        (problem(405), (502, "UPSTREAM_ROUTE_MISSING")),
        (problem(429), (503, "RATE_LIMITED")),
        (problem(500), (502, "UPSTREAM_ERROR")),
        (problem(503), (503, "UPSTREAM_UNAVAILABLE")),
        (answer("304 Not Modified", "", ""), (502, "UPSTREAM_ERROR")),
        ("HTTP/1.1 ".to_owned(), (503, "UPSTREAM_UNAVAILABLE")),
        (String::new(), (503, "UPSTREAM_UNAVAILABLE")),
    ] {
        let (raw, gateway, server) = over(answer.as_bytes(), |settings| settings).await;
        let response = get(gateway, &format!("/icons/accounts/{}", USER.replace("USR", "ACC"))).await;
        assert_eq!(refused(response).await, (expected.0, expected.1.to_owned()), "{answer}");
        assert_eq!(raw.requests().len(), 1, "{answer}");
        server.abort();
    }
}

#[tokio::test]
async fn a_slow_upstream_is_waited_for_no_longer_than_a_read_may_take() {
    let raw = Raw::answering(redirecting("https://images.example.com/a.svg"), Duration::from_secs(5)).await;
    let time = |settings| Settings { timeout: Duration::from_millis(200), ..settings };
    let (gateway, server) = gateway(&raw.base(), &[], time).await;
    let begun = std::time::Instant::now();
    let answer = refused(get(gateway, &format!("/icons/users/{USER}")).await).await;
    assert_eq!(answer, (504, "TIMEOUT".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(3));
    server.abort();
}

#[tokio::test]
async fn an_icon_takes_a_place_among_the_operations() {
    let raw = Raw::answering(redirecting("https://images.example.com/a.svg"), Duration::from_millis(800)).await;
    let (gateway, server) = gateway(&raw.base(), &["--max-operations", "1"], |settings| settings).await;
    let slow = tokio::spawn(async move { get(gateway, &format!("/icons/users/{USER}")).await.status() });
    while raw.requests.lock().expect("no panic").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let response = get(gateway, &format!("/icons/users/{USER}")).await;
    assert_eq!(header(&response, "retry-after"), "1");
    assert_eq!(refused(response).await, (503, "OVERLOADED".to_owned()));
    assert_eq!(slow.await.expect("no panic"), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(get(gateway, &format!("/icons/users/{USER}")).await.status(), StatusCode::TEMPORARY_REDIRECT);
    server.abort();
}

/// An upstream that asks for patience is left alone, and the callers' own reads are not affected.
#[tokio::test]
async fn a_host_that_asks_for_patience_is_not_asked_for_icons_meanwhile() {
    let kit = kit_of(crate::support::MODES[0], Quirks::default()).await;
    let path = Some("/accounts/users/USR-".to_owned());
    kit.faults(vec![Fault { path, status: Some(429), retry_after: Some(30), ..Fault::default() }]);
    let icon = async || refused(get(kit.address, &format!("/icons/users/{USER}")).await).await;
    assert_eq!(icon().await, (503, "RATE_LIMITED".to_owned()));
    assert_eq!(kit.requests().len(), 1);
    assert_eq!(icon().await, (503, "RATE_LIMITED".to_owned()));
    assert_eq!(kit.requests(), <[String; 0]>::default());
    kit.faults(vec![]);
    let answer = kit.query_as(CLIENT_TOKEN, "{ users(first: 1) { totalCount } }").await;
    assert_eq!(answer.get("errors"), None, "{answer}");
}
