//! Requests that are answered before their body was read: the answer says that the connection ends, or the next request
//! on it is answered.

use crate::support::{Idle, idle};
use std::{fs, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

/// Longer than anything here takes.
const FOREVER: Duration = Duration::from_secs(30);

/// How much of a rest is read so that the connection can go on.
const SKIPPED: usize = 1 << 20;

/// A request without its body.
#[derive(Clone, Copy)]
struct Refused {
    status: u16,
    line: &'static str,
    headers: &'static str,
    flags: &'static [&'static str],
}

/// The host of the requests that are refused, and that of those that follow them.
const OPEN: &str = "localhost,graph.example";

const JSON: &str = "content-type: application/json\r\n";

/// Each status that a request may be refused with before its body is read, and some that need a part of it.
const REFUSED: [Refused; 18] = {
    const fn of(status: u16, line: &'static str, headers: &'static str, flags: &'static [&'static str]) -> Refused {
        Refused { status, line, headers, flags }
    }
    const POST: &str = "POST /graphql";
    [
        of(400, POST, "content-type: application/json\r\nx-explain: 2\r\n", &[]),
        of(400, POST, "content-type: application/json\r\ncontent-encoding: gzip\r\n", &[]),
        of(401, POST, JSON, &["--service-token", "file:TOKEN", "--caller-token-file", "TOKEN"]),
        of(403, POST, JSON, &["--allowed-hosts", "graph.example"]),
        of(403, POST, "content-type: application/json\r\nx-explain: plan\r\n", &["--explain", "never"]),
        of(403, "POST /graphql/plan", JSON, &["--explain", "never"]),
        of(403, "GET /graphql?query={__typename}", "", &["--service-token", "file:TOKEN", "--allowed-hosts", OPEN]),
        of(404, "POST /nothing", JSON, &[]),
        of(405, "PUT /graphql", JSON, &[]),
        of(405, "PUT /graphql/plan", JSON, &[]),
        of(405, "POST /", JSON, &[]),
        of(406, POST, "content-type: application/json\r\naccept: text/html\r\n", &[]),
        of(413, POST, JSON, &["--max-body-bytes", "16"]),
        of(415, POST, "content-type: text/plain\r\n", &[]),
        of(415, POST, "", &[]),
        of(415, POST, "content-type: application/json; charset=latin1\r\n", &[]),
        of(415, POST, "content-type: application/json\r\ncontent-encoding: compress\r\n", &[]),
        of(431, POST, "content-type: application/json\r\nx-long: LONG\r\n", &[]),
    ]
};

/// How a body is sent.
#[derive(Debug, Clone, Copy)]
enum Form {
    Length,
    Chunked,
    /// The client wants to be told whether to send, and sends nothing before.
    Expect,
    /// The client wants to be told, and does not wait.
    Impatient,
}

/// An answer: its status, whether it says that the connection ends, and its body.
struct Answer {
    status: u16,
    closes: bool,
    body: String,
}

async fn read_answer(from: &mut OwnedReadHalf) -> Answer {
    let mut bytes = vec![];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(from.read_buf(&mut bytes).await.expect("an answer"), 0, "the connection ended without an answer");
    };
    let text = String::from_utf8(bytes[..head].to_vec()).expect("text").to_lowercase();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
    let length: usize = value("content-length").map_or(0, |length| length.parse().expect("a number"));
    while bytes.len() < head + length {
        assert_ne!(from.read_buf(&mut bytes).await.expect("a body"), 0, "the answer was cut off");
    }
    assert_eq!(bytes.len(), head + length, "nothing follows the answer");
    let status = text.split(' ').nth(1).expect("a status").parse().expect("a number");
    let closes = value("connection").is_some_and(|value| value == "close");
    Answer { status, closes, body: String::from_utf8(bytes[head..].to_vec()).expect("text") }
}

impl Refused {
    fn head(&self, form: Form, bytes: usize) -> String {
        let framing = match form {
            Form::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
            Form::Length => format!("content-length: {bytes}\r\n"),
            Form::Expect | Form::Impatient => format!("content-length: {bytes}\r\nexpect: 100-continue\r\n"),
        };
        let headers = self.headers.replace("LONG", &"x".repeat(40_000));
        format!("{} HTTP/1.1\r\nhost: localhost\r\n{headers}{framing}\r\n", self.line)
    }

    async fn gateway(&self) -> Idle {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("unread-token");
        fs::write(&path, "a-token").expect("the file is written");
        let path = path.to_str().expect("a path of UTF-8");
        let flags: Vec<String> = self.flags.iter().map(|flag| flag.replace("TOKEN", path)).collect();
        idle(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

fn body(form: Form, bytes: usize) -> Vec<u8> {
    let body = vec![b'x'; bytes];
    match form {
        Form::Length | Form::Impatient => body,
        Form::Expect => vec![],
        Form::Chunked => {
            let mut chunks = vec![];
            for chunk in body.chunks(50_000) {
                chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunks.extend_from_slice(chunk);
                chunks.extend_from_slice(b"\r\n");
            }
            chunks.extend_from_slice(b"0\r\n\r\n");
            chunks
        }
    }
}

/// Sends a body while the answer is read, since a client may do so.
fn send(mut to: OwnedWriteHalf, bytes: Vec<u8>, later: bool) -> JoinHandle<Option<OwnedWriteHalf>> {
    tokio::spawn(async move {
        if later {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        to.write_all(&bytes).await.ok().map(|()| to)
    })
}

/// Sends one request with a body, and another one after it unless the answer says that the connection ends. Returns
/// whether it said so.
async fn refused(gateway: &Idle, refused: Refused, form: Form, bytes: usize, later: bool) -> bool {
    let what = format!("{} {} {form:?} {bytes} bytes, later: {later}", refused.status, refused.line);
    let (mut from, mut to) = TcpStream::connect(gateway.address).await.expect("a connection").into_split();
    to.write_all(refused.head(form, bytes).as_bytes()).await.expect("the head is sent");
    let sent = send(to, body(form, bytes), later);
    let answer = read_answer(&mut from).await;
    // Whoever asks whether to send too much is told so first.
    let too_much = matches!(form, Form::Expect | Form::Impatient) && bytes > SKIPPED && answer.status == 413;
    assert!(answer.status == refused.status || too_much, "{what}: {} {}", answer.status, answer.body);
    let sent = sent.await.expect("no panic");
    if answer.closes {
        // The end is the end: whatever is still sent is thrown away.
        drop(sent);
        let mut rest = vec![];
        let ended = from.read_to_end(&mut rest).await;
        assert!(ended.is_err() || rest.is_empty(), "{what}");
        return true;
    }
    let mut to = sent.unwrap_or_else(|| panic!("{what}: the connection broke, and the answer did not say so"));
    let next = "POST /graphql HTTP/1.1\r\nhost: graph.example\r\nauthorization: Bearer a-token\r\ncontent-type: \
                application/json\r\ncontent-length: 12\r\n\r\n{\"query\":\"\"}";
    to.write_all(next.as_bytes()).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let next = read_answer(&mut from).await;
    // It has come, whole: what is wrong with it is what it says.
    assert!([400, 413].contains(&next.status), "{what}: {} {}", next.status, next.body);
    let said = ["A request must have a query", "The body has more than", "The packing"];
    assert!(said.iter().any(|said| next.body.contains(said)), "{what}: {}", next.body);
    false
}

#[tokio::test]
async fn a_request_that_is_refused_leaves_a_connection_that_works_or_is_said_to_end() {
    let all = async {
        for each in REFUSED {
            let gateway = each.gateway().await;
            for (bytes, later) in [
                (0, false),
                (200, false),
                (200, true),
                (100_000, false),
                (100_000, true),
                (3 << 20, false),
                (9 << 20, true),
            ] {
                for form in [Form::Length, Form::Chunked, Form::Expect, Form::Impatient] {
                    if each.status == 413 && bytes == 0 {
                        continue;
                    }
                    // Of what is packed, something is read before it is refused: the client is told to send.
                    let packed = each.headers.contains("encoding: gzip");
                    if packed && matches!(form, Form::Expect | Form::Impatient) {
                        continue;
                    }
                    let closes = refused(&gateway, each, form, bytes, later).await;
                    if matches!(form, Form::Length) && bytes <= SKIPPED {
                        assert!(!closes, "{} {} {bytes}: a short rest is read", each.status, each.line);
                    }
                    if matches!(form, Form::Expect) && bytes > 0 {
                        assert!(closes, "{} {} {bytes}: nobody knows whether it comes", each.status, each.line);
                    }
                }
            }
        }
    };
    tokio::time::timeout(10 * FOREVER, all).await.expect("everything ends");
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_ends_the_connection() {
    let gateway = idle(&["--body-timeout", "100ms"]).await;
    let (mut from, mut to) = TcpStream::connect(gateway.address).await.expect("a connection").into_split();
    let head = format!("POST /graphql HTTP/1.1\r\nhost: x\r\n{JSON}content-length: 100\r\n\r\n{{");
    to.write_all(head.as_bytes()).await.expect("it is sent");
    let answer = read_answer(&mut from).await;
    assert_eq!((answer.status, answer.closes), (408, true));
    drop(to);
    let mut rest = vec![];
    tokio::time::timeout(FOREVER, from.read_to_end(&mut rest)).await.expect("it ends").expect("it ends well");
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_connection_too_many_is_said_to_end() {
    let gateway = idle(&["--max-connections", "1"]).await;
    let first = TcpStream::connect(gateway.address).await.expect("a connection");
    // It is taken when it is answered.
    let (mut from, mut to) = first.into_split();
    let asked = format!("POST /graphql HTTP/1.1\r\nhost: x\r\n{JSON}content-length: 12\r\n\r\n{{\"query\":\"\"}}");
    to.write_all(asked.as_bytes()).await.expect("it is sent");
    assert_eq!(read_answer(&mut from).await.status, 400);
    for form in [Form::Length, Form::Chunked, Form::Expect] {
        for bytes in [200, 100_000, 3 << 20] {
            let each = Refused { status: 503, line: "POST /graphql", headers: JSON, flags: &[] };
            assert!(refused(&gateway, each, form, bytes, false).await, "{form:?} {bytes}");
        }
    }
}

/// A client that never ends its body is given up: it holds a connection for seconds, and not for good.
#[tokio::test]
async fn a_rest_that_never_ends_is_given_up() {
    let gateway = idle(&[]).await;
    for framing in ["content-length: 1000", "content-length: 100000000", "transfer-encoding: chunked"] {
        let (mut from, mut to) = TcpStream::connect(gateway.address).await.expect("a connection").into_split();
        let head = format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n{framing}\r\n\r\n");
        to.write_all(head.as_bytes()).await.expect("it is sent");
        assert_eq!(read_answer(&mut from).await.status, 415);
        let mut rest = vec![];
        tokio::time::timeout(FOREVER, from.read_to_end(&mut rest)).await.expect("it ends").expect("it ends well");
        assert_eq!(rest, b"", "{framing}");
    }
}

#[tokio::test]
async fn a_refused_stream_of_http_2_does_not_harm_the_next() {
    let gateway = idle(&[]).await;
    let http = reqwest::Client::builder().http2_prior_knowledge().build().expect("a client");
    let url = format!("http://{}/graphql", gateway.address);
    for bytes in [200, 100_000, 3 << 20] {
        for _ in 0..3 {
            let refused = http.post(&url).header("content-type", "text/plain").body(vec![b'x'; bytes]).send().await;
            assert_eq!(refused.expect("an answer").status(), 415, "{bytes}");
            let next = http.post(&url).header("content-type", "application/json").body(r#"{"query":"{__typename}"}"#);
            assert_eq!(next.send().await.expect("an answer").status(), 200, "{bytes}");
        }
    }
}

/// What a router does: one client, whose connections are used again.
#[tokio::test]
async fn a_client_that_keeps_connections_never_meets_a_broken_one() {
    let gateway = idle(&["--explain", "never"]).await;
    let http = reqwest::Client::builder().pool_max_idle_per_host(1).build().expect("a client");
    let url = format!("http://{}/graphql", gateway.address);
    for bytes in [200, 100_000, 3 << 20] {
        for round in 0..20 {
            let refused = http.post(&url).header("content-type", "text/plain").body(vec![b'x'; bytes]).send().await;
            assert_eq!(refused.expect("an answer").status(), 415, "{bytes} {round}");
            let next = http.post(&url).header("content-type", "application/json").body(r#"{"query":"{__typename}"}"#);
            assert_eq!(next.send().await.expect("an answer").status(), 200, "{bytes} {round}");
        }
    }
}
