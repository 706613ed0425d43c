//! The client against real sockets.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use futures::future::{join, join_all};

use super::Read as Asked;
use super::*;
use crate::entity::tape::Tape;

/// What a connection does after it has sent its bytes.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Hang,
}

/// A server that gives one answer to every request. Tests that wait for it to see a client hang up need a second thread
/// for the client to do so.
struct Stub {
    address: SocketAddr,
    /// The head of each request as it was received, then an empty one when a client has hung up on a `Then::Hang`.
    seen: Receiver<String>,
}

impl Stub {
    fn start(answer: impl Into<Vec<u8>>, then: Then) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, seen) = channel();
        let answer = answer.into();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (answer, sender) = (answer.clone(), sender.clone());
                thread::spawn(move || serve(connection, &answer, then, &sender));
            }
        });
        Stub { address, seen }
    }

    fn answering(status: &str, headers: &str, body: &str) -> Stub {
        let length = body.len();
        Stub::start(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"), Then::Close)
    }

    fn client(&self, change: impl FnOnce(&mut Settings)) -> Client {
        let mut settings = settings(&format!("http://{}/public/", self.address));
        change(&mut settings);
        Client::new(settings).unwrap()
    }

    async fn get(&self, path_and_query: &str) -> Result<Arc<Tape>, Fault> {
        get(&self.client(|_| ()), path_and_query, &Credentials::default()).await
    }

    fn next(&self) -> String {
        self.seen.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// The same, while the client goes on.
    async fn next_meanwhile(&self) -> String {
        let next = async {
            loop {
                match self.seen.try_recv() {
                    Ok(seen) => return seen,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next).await.unwrap()
    }
}

fn serve(mut connection: TcpStream, answer: &[u8], then: Then, seen: &Sender<String>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let _ = seen.send(String::from_utf8_lossy(&head).into_owned());
    let _ = connection.write_all(answer);
    if let Then::Hang = then {
        // Ends when the client closes its side.
        let _ = connection.read(&mut byte);
        let _ = seen.send(String::new());
    }
}

/// Each call is sent once, and alone.
fn settings(base: &str) -> Settings {
    Settings {
        connections: 4,
        max_body: 1000,
        retries: Retries { most: 0, ..Retries::default() },
        single_flight: false,
        ..Settings::of(Url::parse(base).unwrap())
    }
}

/// Asks for an operation that has all the time there is.
async fn get(client: &Client, path: &str, credentials: &Credentials) -> Result<Arc<Tape>, Fault> {
    let until = Instant::now() + Duration::from_secs(60);
    client.read(Asked::get(path), until, credentials, &mut Seen::default()).await
}

fn fault(outcome: Result<Arc<Tape>, Fault>) -> (&'static str, String) {
    let fault = outcome.unwrap_err();
    (fault.kind().code().text(), fault.message().to_owned())
}

#[tokio::test]
async fn an_answer_becomes_a_tape() {
    let stub = Stub::answering("200 OK", "Content-Type: application/json\r\n", r#"{"id":"USR-0000-0001"}"#);
    let credentials = Credentials::new(HeaderValue::from_static("Bearer idt:TKN-0000-0000:secret"));
    let client = stub.client(|_| ());
    let tape = get(&client, "/v1/accounts/users?in(id,(%22a%22))&select=-*,id", &credentials).await.unwrap();
    assert_eq!(tape.get(0, "id").and_then(|at| tape.plain(at)), Some("USR-0000-0001"));
    let request = stub.next();
    assert!(
        request.starts_with("GET /public/v1/accounts/users?in(id,(%22a%22))&select=-*,id HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("\r\naccept: application/json\r\n"), "{request}");
    assert!(request.contains("\r\naccept-encoding: gzip\r\n"), "{request}");
    assert!(request.contains("\r\nauthorization: Bearer idt:TKN-0000-0000:secret\r\n"), "{request}");
}

#[tokio::test]
async fn without_credentials_no_header_is_sent() {
    let stub = Stub::answering("200 OK", "", "{}");
    assert!(stub.get("/v1/x").await.is_ok(), "a missing content type is forgiven");
    assert!(!stub.next().contains("authorization"));
}

#[tokio::test]
async fn a_refusal_becomes_a_fault() {
    let body = r#"{"title":"Bad","errors":{"mistake":["Filtering is not permitted."]},"traceId":"00-ab-cd-00"}"#;
    let cases = [
        ("400 Bad Request", "UPSTREAM_REJECTED", "The accounts API refused the request: Filtering is not permitted."),
        ("401 Unauthorized", "UNAUTHENTICATED", "The accounts API needs a token: there is no Authorization header"),
        ("403 Forbidden", "FORBIDDEN", "The accounts API does not allow this to the caller"),
        ("404 Not Found", "NOT_FOUND", "The accounts API does not have this or does not show it to the caller"),
        ("409 Conflict", "CONFLICT", "The accounts API is in a state that contradicts the request"),
        ("418 Teapot", "UPSTREAM_ERROR", "The accounts API answered with status 418"),
        ("429 Slow", "RATE_LIMITED", "The accounts API asks for fewer requests"),
        ("500 Oops", "UPSTREAM_ERROR", "The accounts API answered with status 500"),
        ("502 Bad Gateway", "UPSTREAM_UNAVAILABLE", "The accounts API is not in service"),
        ("503 Busy", "UPSTREAM_UNAVAILABLE", "The accounts API is not in service"),
        ("504 Late", "UPSTREAM_UNAVAILABLE", "The accounts API is not in service"),
    ];
    for (status, code, message) in cases {
        let outcome = Stub::answering(status, "", body).get("/v1/x").await;
        assert_eq!(outcome.as_ref().unwrap_err().trace_id(), Some("00-ab-cd-00"), "{status}");
        assert_eq!(fault(outcome), (code, message.to_owned()));
    }
}

#[tokio::test]
async fn a_404_that_is_no_problem_document_is_a_missing_route() {
    let said = "The accounts API has no route /users/{id}/sso on this host: is the base address right?";
    for (status, body, code) in [
        ("404 Not Found", r#"{"type":"x","title":"Not Found","status":404}"#, "NOT_FOUND"),
        ("404 Not Found", r#"{"status":404}"#, "NOT_FOUND"),
        ("404 Not Found", r#"{"statusCode":404,"message":"Resource not found"}"#, "UPSTREAM_ROUTE_MISSING"),
        ("404 Not Found", "<html>no such page</html>", "UPSTREAM_ROUTE_MISSING"),
        ("404 Not Found", "", "UPSTREAM_ROUTE_MISSING"),
        ("405 Method Not Allowed", r#"{"title":"x","status":405}"#, "UPSTREAM_ROUTE_MISSING"),
        ("410 Gone", "", "UPSTREAM_ROUTE_MISSING"),
    ] {
        let outcome = Stub::answering(status, "", body).get("/v1/accounts/users/USR-1/sso?select=id").await;
        let (found, message) = fault(outcome);
        assert_eq!(found, code, "{status} {body}");
        assert_eq!(message == said, code == "UPSTREAM_ROUTE_MISSING", "{message}");
    }
}

#[tokio::test]
async fn retry_after_is_passed_on() {
    let date = "Date: Sun, 31 Dec 2023 23:59:00 GMT\r\nRetry-After: Mon, 01 Jan 2024 00:00:30 GMT\r\n";
    for (headers, seconds) in [("Retry-After: 7\r\n", Some(7)), (date, Some(90)), ("", None)] {
        let outcome = Stub::answering("429 Slow", headers, "").get("/v1/x").await;
        assert_eq!(outcome.unwrap_err().retry_after(), seconds.map(Duration::from_secs), "{headers}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Stub::answering("200 OK", "", "{}");
    for status in ["302 Found", "307 Temporary"] {
        let stub = Stub::answering(status, &format!("Location: http://{}/file\r\n", elsewhere.address), "");
        let expected = ("UPSTREAM_ERROR", "The accounts API answered with a redirect".to_owned());
        assert_eq!(fault(stub.get("/v1/x").await), expected);
    }
    assert!(elsewhere.seen.try_recv().is_err());
}

#[tokio::test]
async fn nonsense_is_invalid() {
    let not_json = "The accounts API answered something that is not JSON";
    let cases = [
        ("200 OK", "Content-Type: Text/HTML; charset=utf-8\r\n", "{}", not_json),
        ("200 OK", "Content-Type: application/json\r\n", "<html>", not_json),
        ("200 OK", "", "{\"id\":", not_json),
        ("200 OK", "", "", "The accounts API answered nothing"),
        ("204 No Content", "", "", "The accounts API answered nothing"),
    ];
    for (status, headers, body, message) in cases {
        let outcome = Stub::answering(status, headers, body).get("/v1/x").await;
        assert_eq!(fault(outcome), ("UPSTREAM_INVALID", message.to_owned()));
    }
}

#[tokio::test]
async fn bodies_are_bounded_whether_announced_or_not() {
    let expected = ("UPSTREAM_INVALID", "The accounts API answered more than 1000 bytes".to_owned());
    let json = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    assert!(Stub::answering("200 OK", "", &json(1000)).get("/v1/x").await.is_ok());
    assert_eq!(fault(Stub::answering("200 OK", "", &json(1001)).get("/v1/x").await), expected);
    let unannounced =
        |bytes| Stub::start(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", json(bytes)), Then::Close);
    assert!(unannounced(1000).get("/v1/x").await.is_ok());
    assert_eq!(fault(unannounced(1001).get("/v1/x").await), expected);
}

#[tokio::test]
async fn a_cut_answer_is_unavailable() {
    let expected = ("UPSTREAM_UNAVAILABLE", "The accounts API broke off its answer".to_owned());
    for cut in ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"id\"", "HTTP/1.1 200 OK\r\nContent-", ""] {
        let outcome = Stub::start(cut, Then::Close).get("/v1/users?x=secret").await;
        let mut cause: Option<&dyn Error> = outcome.as_ref().err().map(|fault| fault as _);
        while let Some(error) = cause {
            assert!(!error.to_string().contains("secret"), "{error}");
            cause = error.source();
        }
        assert_eq!(fault(outcome), expected, "{cut}");
    }
}

#[tokio::test]
async fn a_404_with_a_cut_body_may_be_about_the_route_or_the_object() {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 50\r\n\r\n{\"title\":\"Not Found\"";
    let outcome = Stub::start(head, Then::Close).get("/v1/x").await;
    assert_eq!(fault(outcome), ("UPSTREAM_UNAVAILABLE", "The accounts API broke off its answer".to_owned()));
    let stub = Stub::start(head, Then::Hang);
    let client = stub.client(|settings| settings.timeout = Duration::from_millis(300));
    assert_eq!(fault(get(&client, "/v1/x", &Credentials::default()).await).0, "TIMEOUT");
}

#[tokio::test]
async fn a_refusal_with_a_cut_or_endless_body_keeps_its_status() {
    let head = "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n{\"t";
    for then in [Then::Close, Then::Hang] {
        let stub = Stub::start(head, then);
        let client = stub.client(|settings| settings.timeout = Duration::from_millis(300));
        assert_eq!(fault(get(&client, "/v1/x", &Credentials::default()).await).0, "FORBIDDEN");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_hanging_upstream_times_out_before_and_in_its_answer() {
    let expected = ("TIMEOUT", "The accounts API did not answer in time".to_owned());
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"id\""] {
        let stub = Stub::start(begun, Then::Hang);
        let client = stub.client(|settings| settings.timeout = Duration::from_millis(200));
        assert_eq!(fault(get(&client, "/v1/x", &Credentials::default()).await), expected);
        assert_ne!(stub.next(), "");
        assert_eq!(stub.next(), "", "the connection is given up");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_dropped_call_ends_and_frees_its_turn() {
    let stub = Stub::start("", Then::Hang);
    let client = stub.client(|settings| settings.connections = 1);
    let none = Credentials::default();
    for _ in 0..3 {
        let call = get(&client, "/v1/x", &none);
        assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
        assert_ne!(stub.next(), "", "the request was sent, so the turn was free");
        assert_eq!(stub.next(), "", "the server saw it end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn calls_beyond_the_bound_wait_for_their_turn() {
    let stub = Stub::start("", Then::Hang);
    let client = stub.client(|settings| settings.connections = 2);
    let call = || {
        let client = client.clone();
        tokio::spawn(async move { get(&client, "/v1/x", &Credentials::default()).await })
    };
    let calls = [call(), call()];
    assert!([stub.next(), stub.next()].iter().all(|head| !head.is_empty()));
    let third = call();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(stub.seen.try_recv().is_err(), "it waits");
    calls[0].abort();
    let after = [stub.next(), stub.next()];
    assert_eq!(after.iter().filter(|head| head.is_empty()).count(), 1, "one ends, another begins");
    calls.iter().chain([&third]).for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn identical_reads_at_the_same_time_are_one_request() {
    let stub = Stub::answering("200 OK", "Connection: close\r\n", r#"{"id":"USR-0000-0001"}"#);
    let client = stub.client(|settings| settings.single_flight = true);
    let until = Instant::now() + Duration::from_secs(60);
    let read = async |token: &'static str| {
        let mut seen = Seen::default();
        let credentials = Credentials::new(HeaderValue::from_static(token));
        let tape = client.read(Asked::get("/v1/x"), until, &credentials, &mut seen).await;
        assert_eq!(tape.unwrap().len_bytes(), 22);
        seen
    };
    // All have asked before the first one hears of an answer.
    let seen = join_all((0..20).map(|_| read("Bearer one")).chain([read("Bearer other")])).await;
    let alone = Seen { status: Some(200), bytes: 22, retries: 0, shared: false };
    assert_eq!((seen[0], seen[20]), (alone, alone));
    assert!(seen[1..20].iter().all(|seen| *seen == Seen { shared: true, ..alone }), "{seen:?}");
    assert_eq!([stub.next(), stub.next()].iter().filter(|head| head.contains("Bearer one")).count(), 1);
    assert!(stub.seen.try_recv().is_err());
    assert!(!read("Bearer one").await.shared, "nothing is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_joined_is_answered_when_the_first_one_has_left_and_the_last_one_ends_the_call() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    let slow = Stub::start("", Then::Hang);
    let client = slow.client(|settings| settings.single_flight = true);
    let none = Credentials::default();
    let (mut first, mut second) = (Box::pin(get(&client, "/v1/x", &none)), Box::pin(get(&client, "/v1/x", &none)));
    let seen = tokio::select! {
        _ = join(&mut first, &mut second) => panic!("nothing was answered"),
        seen = slow.next_meanwhile() => seen,
    };
    assert_ne!(seen, "");
    drop(first);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut second).await.is_err());
    assert!(slow.seen.try_recv().is_err(), "one still waits");
    drop(second);
    assert_eq!(slow.next_meanwhile().await, "", "the upstream sees it end");

    for _ in 0..100 {
        let stub = Stub::start(answer, Then::Close);
        let client = stub.client(|settings| settings.single_flight = true);
        let (mut first, mut second) = (Box::pin(get(&client, "/v1/x", &none)), Box::pin(get(&client, "/v1/x", &none)));
        // The answer may be there before the first one can leave: then nothing is shown.
        if futures::poll!(&mut first).is_ready() || futures::poll!(&mut second).is_ready() {
            continue;
        }
        drop(first);
        assert!(second.await.is_ok());
        assert_ne!(stub.next(), "");
        assert!(stub.seen.try_recv().is_err(), "it was asked once");
        return;
    }
    panic!("the answer always came first");
}

#[tokio::test]
async fn an_absent_upstream_is_unavailable() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(settings(&format!("http://{address}"))).unwrap();
    let outcome = get(&client, "/v1/x", &Credentials::default()).await;
    assert_eq!(fault(outcome), ("UPSTREAM_UNAVAILABLE", "The accounts API cannot be reached".to_owned()));
}

#[tokio::test]
async fn paths_are_sent_as_they_are_or_not_at_all() {
    let stub = Stub::answering("200 OK", "", "{}");
    for path in ["/v1/users/..%2F..%2Fadmin", "/v1/users/a%40b.c?eq(a,%22%27..%22)", "/v1//x", "/v1/x%00"] {
        assert!(stub.get(path).await.is_ok(), "{path}");
        assert!(stub.next().starts_with(&format!("GET /public{path} HTTP/1.1\r\n")));
    }
    let bent = [
        "",
        "v1/x",
        "@evil.example/",
        "/v1/../x",
        "/v1/%2e%2E/x",
        "/v1/.",
        "/v1\\x",
        "/v1/x#y",
        "/v1/a b",
        "/v1/é",
        "/v1/x?\"",
        "/v1/x?'",
        "/v1/\r\nHost:x",
        "/v1/x\t",
    ];
    for path in bent {
        assert_eq!(fault(stub.get(path).await).0, "INTERNAL", "{path:?}");
    }
    // Where the base has no path of its own, two slashes would begin the name of another host.
    let bare = stub.client(|settings| settings.base.set_path(""));
    assert!(get(&bare, "/v1/x", &Credentials::default()).await.is_ok());
    assert!(stub.next().starts_with("GET /v1/x HTTP/1.1\r\n"));
    let away = format!("//{}/v1/x", stub.address);
    assert_eq!(fault(get(&bare, &away, &Credentials::default()).await).0, "INTERNAL");
    assert!(stub.seen.try_recv().is_err());
}

#[test]
fn the_base_has_to_be_plain() {
    for base in ["http://h", "https://h/", "https://h:8443/public/", "http://[::1]:1"] {
        assert!(Client::new(settings(base)).is_ok(), "{base}");
    }
    for base in [
        "ftp://h",
        "file:///x",
        "data:x",
        "https://u@h",
        "https://u:p@h",
        "https://:p@h",
        "https://h/?q",
        "https://h/#f",
    ] {
        assert_eq!(Client::new(settings(base)).err().map(|fault| fault.kind()), Some(FaultKind::Internal), "{base}");
    }
}

#[test]
fn only_this_machine_is_spared_the_proxy() {
    for (base, loopback) in [
        ("http://localhost:1", true),
        ("http://127.0.0.1", true),
        ("http://127.8.8.8", true),
        ("http://[::1]:80", true),
        ("http://10.0.0.1", false),
        ("https://localhost.example", false),
    ] {
        assert_eq!(is_loopback(&Url::parse(base).unwrap()), loopback, "{base}");
    }
}

#[test]
fn logs_show_the_shape_of_a_path_only() {
    let cases = [
        ("/v1/accounts/users", "/v1/accounts/users"),
        ("/v1/accounts/user-groups?eq(name,%22secret%22)", "/v1/accounts/user-groups"),
        ("/v1/accounts/users/USR-0000-0001/accounts", "/v1/accounts/users/{id}/accounts"),
        ("/v1/accounts/users/jo%40example.com", "/v1/accounts/users/{id}"),
        ("/v1/x/s3cret#frag", "/v1/x/{id}"),
        ("/api/v2/account/secret", "/api/v2/account/{id}"),
        ("/api/v2/account/sa%3A%3Ax/addUserGroups", "/api/v2/account/{id}/addUserGroups"),
        ("/api/v2/search/account", "/api/v2/search/account"),
    ];
    for (path, shown) in cases {
        assert_eq!(Template(path).to_string(), shown);
    }
}

#[test]
fn credentials_are_never_printed() {
    let credentials = Credentials::new(HeaderValue::from_static("Bearer secret"));
    assert_eq!(format!("{credentials:?} {:?}", Credentials::default()), "Credentials(hidden) Credentials(none)");
}
