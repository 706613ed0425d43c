//! Why a call failed stands in the log: each kind of failure once, and nothing of what the call was about.

use super::proxy::Secure;
use crate::process::{Running, start_logged};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Nothing of these may be logged, at whatever level.
const SECRETS: [&str; 8] =
    ["basesecret", "s3cr3t-token", "TKN-7777", "USR-7777", "tenantsecret", "proxyuser", "proxypass", "querysecret"];

/// How long a line may be.
const MAX_LINE: usize = 500;

/// A server that does this with every connection, after the request came.
async fn serving(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = vec![];
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                match answer {
                    Some(answer) => stream.write_all(answer.as_bytes()).await,
                    None => std::future::pending().await,
                }
            });
        }
    });
    address
}

/// Nobody listens there.
async fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address")
}

/// A program whose upstream is there, with this environment and these flags.
fn program(upstream: &str, environment: &[(&str, &str)], flags: &[&str]) -> Running {
    let all = [
        &["--upstream", upstream, "--log", "trace", "--upstream-retries", "0", "--forward-headers", "x-tenant"],
        &["--upstream-connect-timeout", "2s", "--upstream-timeout", "3s", "--upstream-write-timeout", "3s"][..],
        flags,
    ];
    start_logged(environment, &all.concat())
}

async fn ask(program: &Running, query: &str, id: &str) -> String {
    let request = reqwest::Client::new()
        .post(program.said("endpoint"))
        .bearer_auth("idt:TKN-7777-7777:s3cr3t-token")
        .header("x-tenant", "tenantsecret")
        .header("x-request-id", id)
        .json(&json!({ "query": query }));
    request.send().await.expect("an answer").text().await.expect("a body")
}

/// The warnings of a program that is asked several times, checked for everything that holds of all logs.
async fn warnings(program: &Running, what: &str) -> Vec<String> {
    let query = r#"{ user(id: "USR-7777-7777") { name }
        users(first: 1, filter: { name: { eq: "querysecret" } }) { nodes { id } } }"#;
    let answer = ask(program, query, "first-id").await;
    assert!(answer.contains("\"errors\""), "{what}: {answer}");
    ask(program, query, "second-id").await;
    let write = r#"mutation { updateGroup(input: { id: "UGR-7777-7777", name: "querysecret" }) { group { id } } }"#;
    ask(program, write, "third-id").await;
    let log = program.log();
    for secret in SECRETS {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what}: {secret} is logged");
    }
    let failed = log.lines().filter(|line| line.contains(" WARN ") && line.contains(" failed: "));
    let failed: Vec<String> = failed.map(str::to_owned).collect();
    for line in &failed {
        assert!(line.len() <= MAX_LINE && !line.chars().any(char::is_control), "{what}: {line}");
    }
    failed
}

/// The only warning about reads; it tells these causes.
fn check(warnings: &[String], what: &str, causes: &[&str]) {
    let reads: Vec<_> = warnings.iter().filter(|line| line.contains("GET /v1/accounts/users")).collect();
    let [line] = reads[..] else { panic!("{what}: {warnings:?}") };
    assert!(line.contains("request_id=\"first-id\""), "{what}: {line}");
    for cause in causes {
        assert!(line.contains(cause), "{what}: {cause} in {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_an_upstream_cannot_be_reached_is_logged_once() {
    let refused = format!("http://{}/basesecret", nowhere().await);
    let told = warnings(&program(&refused, &[], &[]), "refused").await;
    check(&told, "refused", &["UPSTREAM_UNAVAILABLE", "cannot be reached", "Connection refused"]);

    let told = warnings(&program("http://upstream.invalid/basesecret", &[], &[]), "dns").await;
    check(&told, "dns", &["cannot be reached", "dns error"]);

    let proxy = format!("http://proxyuser:proxypass@{}", nowhere().await);
    let environment = [("HTTP_PROXY", &*proxy), ("HTTPS_PROXY", &*proxy)];
    for upstream in ["http://upstream.invalid/basesecret", "https://upstream.invalid/basesecret"] {
        let told = warnings(&program(upstream, &environment, &[]), "proxy").await;
        check(&told, "proxy", &["cannot be reached", "Connection refused"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_certificate_is_not_accepted_is_logged_once() {
    let here = ["127.0.0.1"];
    for (name, names, expired, trusted, cause) in [
        ("unknown", &here[..], false, false, "UnknownIssuer"),
        ("expired", &here, true, true, "certificate expired"),
        ("another", &["another.example"], false, true, "not valid for name"),
    ] {
        let secure = Secure::of(&format!("causes-{name}"), names, expired).await;
        let ca = ["--upstream-ca", secure.authority()];
        let url = format!("{}/basesecret", secure.url());
        let told = warnings(&program(&url, &[], if trusted { &ca } else { &[] }), name).await;
        check(&told, name, &["cannot be reached", "invalid peer certificate", cause]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_an_answer_is_not_one_is_logged_once() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let cases = [
        ("late", None, &["TIMEOUT", "did not answer in time"][..]),
        (
            "cut",
            Some(leak(format!("{head}content-length: 100\r\n\r\n{{\"id\":"))),
            &["broke off its answer", "end of file"],
        ),
        (
            "text",
            Some(leak(format!("{head}\r\n{{\"id\": querysecret"))),
            &["UPSTREAM_INVALID", "not JSON", "at byte 7"],
        ),
        (
            "gzip",
            Some(leak(format!("{head}content-encoding: gzip\r\n\r\nquerysecret"))),
            &["UPSTREAM_INVALID", "not valid gzip", "invalid gzip header"],
        ),
        ("nothing", Some(""), &["UPSTREAM_UNAVAILABLE", "broke off its answer"]),
        ("down", Some("HTTP/1.1 503 querysecret\r\nconnection: close\r\n\r\n"), &["not in service"]),
    ];
    for (what, answer, causes) in cases {
        let upstream = format!("http://{}/basesecret", serving(answer).await);
        let told = warnings(&program(&upstream, &[], &["--circuit-breaker=false"]), what).await;
        check(&told, what, causes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_upstream_refuses_is_no_failure_of_the_call() {
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many Requests"] {
        let text = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let upstream = format!("http://{}/basesecret", serving(Some(Box::leak(text.into_boxed_str()))).await);
        assert_eq!(warnings(&program(&upstream, &[], &[]), status).await, [""; 0], "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learned_of_a_host_is_logged_and_forgotten_after_its_time() {
    let program = start_logged(&[], &["--upstream-relearn", "2s", "--sandbox-accept-any-token=true"]);
    let upstream = program.said("upstream").split("/public").next().expect("an address").to_owned();
    let http = reqwest::Client::new();
    let refuse = async |faults: Value| {
        http.put(format!("{upstream}/__faults")).json(&faults).send().await.expect("an answer");
    };
    // Whether fields of embedded entities were requested, and refused or not.
    let asks = async || {
        http.delete(format!("{upstream}/__requests")).send().await.expect("an answer");
        let answer = ask(&program, "{ groups(first: 2) { nodes { users { nodes { email } } } } }", "id").await;
        assert!(!answer.contains("\"errors\""), "{answer}");
        let requests: Value =
            http.get(format!("{upstream}/__requests")).send().await.expect("an answer").json().await.expect("JSON");
        requests.to_string().contains("users.email")
    };
    refuse(json!([{ "refuse": "nested-select" }])).await;
    assert!(asks().await);
    refuse(json!([])).await;
    assert!(!asks().await, "it is remembered");
    let learned = |log: &str| {
        let said = "The accounts API refuses fields of embedded entities for user-groups: these are requested alone.";
        log.lines().filter(|line| line.contains(" INFO ") && line.contains(said)).count()
    };
    assert_eq!(learned(&program.log()), 1, "{}", program.log());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(asks().await, "it is forgotten");
}
