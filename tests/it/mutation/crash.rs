//! An upstream that breaks off after it has received a write: the write was sent once, and the caller is told that the
//! outcome is not known.

use super::upstream::{TOKEN, gateway, post};
use crate::support::{limits, settings};
use accounts_graph::upstream::{client::Settings, marketplace::membership::MembershipRoutes};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What the upstream does once it has received a whole write.
#[derive(Clone, Copy, Debug)]
enum Then {
    Close,
    Hang,
    Answer(&'static str),
    /// Answers, and leaves the connection open without ending the answer.
    Begin(&'static str),
}

/// An upstream on raw sockets: answers reads with a user and keeps their connections, until it closes them all with the
/// first write. Nothing is read before the request is whole, so that what is counted has arrived.
struct Raw {
    address: SocketAddr,
    writes: Arc<AtomicUsize>,
}

impl Raw {
    fn start(then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let writes = Arc::new(AtomicUsize::new(0));
        let (count, kept) = (Arc::clone(&writes), Arc::new(Mutex::new(Vec::<TcpStream>::new())));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (count, kept) = (Arc::clone(&count), Arc::clone(&kept));
                thread::spawn(move || serve(connection, then, &count, &kept));
            }
        });
        Raw { address, writes }
    }
}

fn serve(mut connection: TcpStream, then: Then, writes: &AtomicUsize, kept: &Mutex<Vec<TcpStream>>) {
    while let Some(head) = request(&mut connection) {
        if head.starts_with("GET ") {
            let body = r#"{"id":"USR-2000-0002","name":"Ada","revision":3}"#;
            answer(&mut connection, "200 OK", body);
            kept.lock().expect("no panic").push(connection.try_clone().expect("a handle"));
            continue;
        }
        writes.fetch_add(1, Ordering::SeqCst);
        for idle in kept.lock().expect("no panic").drain(..) {
            let _ = idle.shutdown(std::net::Shutdown::Both);
        }
        match then {
            Then::Close => return,
            Then::Hang => thread::sleep(Duration::from_secs(60)),
            Then::Answer(text) => {
                let _ = connection.write_all(text.as_bytes());
                return;
            }
            Then::Begin(text) => {
                let _ = connection.write_all(text.as_bytes());
                thread::sleep(Duration::from_secs(60));
            }
        }
    }
}

fn answer(connection: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let _ = connection.write_all(
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
            .as_bytes(),
    );
}

/// The head of the next request, once its body has been read as well.
fn request(connection: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let length =
        head.to_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).ok()?;
    Some(head)
}

const CRASHES: [(Then, &str); 9] = [
    (Then::Close, "broke off its answer"),
    (Then::Hang, "did not answer in time"),
    (Then::Answer("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), "answered with status 500"),
    (Then::Answer("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), "answered with status 503"),
    (Then::Answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"id\":\"US"), "answered something that is not JSON"),
    (Then::Answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"), "answered something else than what was changed"),
    (
        Then::Answer("HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"id\":\"USR-0000-0009\"} "),
        "answered with something else than what was changed",
    ),
    (Then::Answer("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":"), "broke off its answer"),
    (Then::Begin("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":"), "did not end its answer in time"),
];

async fn crash(then: Then, document: &str, variables: Value) -> (Value, usize) {
    let upstream = Raw::start(then);
    let settings = settings(&format!("http://{}", upstream.address));
    let impatient = Settings { write_timeout: Duration::from_millis(700), ..settings };
    let (address, server) = gateway(impatient, limits(), MembershipRoutes::default()).await;
    let text = post(&reqwest::Client::new(), address, document, variables).await;
    server.abort();
    assert!(!text.contains(TOKEN) && !text.contains("hunter2") && !text.contains("127.0.0.1"), "{text}");
    (serde_json::from_str(&text).expect("JSON"), upstream.writes.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_was_sent_once_and_its_outcome_is_not_known() {
    for (then, how) in CRASHES {
        let document =
            "mutation($password: String!) { setUserPassword(input: { id: \"USR-2000-0002\", password: $password }) {
            user { name } userErrors { message } } }";
        let (answer, writes) = crash(then, document, json!({ "password": "hunter2" })).await;
        let message = format!("The accounts API {how}: whether the change was made is not known. It was sent once");
        let error = json!({ "message": message, "locations": [{ "line": 1, "column": 32 }], "path": ["setUserPassword"],
            "extensions": { "code": "OUTCOME_UNKNOWN" } });
        assert_eq!(answer, json!({ "errors": [error], "data": { "setUserPassword": null } }), "{then:?}");
        assert_eq!(writes, 1, "{then:?}");
    }
}

#[tokio::test]
async fn a_write_is_not_sent_on_a_connection_that_reads_left_open() {
    for (then, _) in CRASHES {
        let document = "mutation { updateUser(input: { id: \"USR-2000-0002\", firstName: \"A\", ifRevision: 3 }) { user { name } } }";
        let (answer, writes) = crash(then, document, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "OUTCOME_UNKNOWN", "{then:?}: {answer}");
        assert_eq!(writes, 1, "{then:?}");
    }
}

#[tokio::test]
async fn a_write_that_could_not_be_sent_failed() {
    let address = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let (gateway, server) =
        gateway(settings(&format!("http://{address}")), limits(), MembershipRoutes::default()).await;
    let document = "mutation { blockUser(input: { id: \"USR-2000-0002\" }) { user { name } } }";
    let answer: Value =
        serde_json::from_str(&post(&reqwest::Client::new(), gateway, document, json!({})).await).expect("JSON");
    server.abort();
    let error = json!({ "message": "The accounts API cannot be reached", "locations": [{ "line": 1, "column": 12 }],
        "path": ["blockUser"], "extensions": { "code": "UPSTREAM_UNAVAILABLE" } });
    assert_eq!(answer, json!({ "errors": [error], "data": { "blockUser": null } }));
}
