//! What strangers send to bring a server down. Each attack is made on a gateway of its own, one after another, and each is
//! followed by an ordinary query that must be answered; no attack takes more memory than a small machine has.

use crate::{
    bad_input::walk,
    process::{Running, start_optimised},
};
use futures::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Mutex, MutexGuard},
};

/// The most memory that a gateway under attack may ever have had, in KiB.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 512 * 1024;

/// Long enough for everything that ends at all.
const FOREVER: Duration = Duration::from_secs(120);

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A gateway to attack.
struct Target {
    program: Running,
    http: Client,
    _turn: MutexGuard<'static, ()>,
}

impl Target {
    async fn start(flags: &[&str]) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        Target { program: start_optimised(flags), http: Client::new(), _turn: turn }
    }

    fn url(&self) -> &str {
        self.program.said("endpoint")
    }

    async fn send(&self, body: &Value) -> (StatusCode, Value) {
        let response = self.http.post(self.url()).json(body).send().await.expect("an answer");
        (response.status(), response.json().await.expect("JSON"))
    }

    /// The code of the first error that a query is answered with, and nothing else.
    async fn refused(&self, query: &str) -> String {
        let (status, answer) = self.send(&json!({ "query": query })).await;
        assert_eq!((status, answer.get("data")), (StatusCode::OK, None), "{answer}");
        answer["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned()
    }

    /// Checks that ordinary queries are answered.
    async fn lives(&self) {
        let (status, answer) = self.send(&json!({ "query": "{ __typename }" })).await;
        assert_eq!((status, answer), (StatusCode::OK, json!({ "data": { "__typename": "Query" } })));
    }

    /// Checks that ordinary queries of the upstream are answered, and what the attacks took of memory.
    async fn survived(self) {
        let (_, answer) =
            self.send(&json!({ "query": "{ users(first: 2) { nodes { id groups { nodes { id } } } } }" })).await;
        assert_eq!(answer["data"]["users"]["nodes"].as_array().map(Vec::len), Some(2), "{answer}");
        self.small();
    }

    /// Waits until a connection is taken again.
    async fn has_a_place(&self) {
        let free = async {
            while self.send(&json!({ "query": "{ __typename }" })).await.0 != StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(FOREVER, free).await.expect("there is a place again");
    }

    fn small(&self) {
        #[cfg(target_os = "linux")]
        assert!(self.program.peak() < MEMORY, "{} KiB", self.program.peak());
    }
}

/// The same text for each number below `times`.
fn each(times: usize, text: impl Fn(usize) -> String) -> String {
    (0..times).map(text).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn too_much_of_everything_is_refused_before_it_costs_anything() {
    let target = Target::start(&[]).await;
    let chain = |n: usize| each(n, |i| format!("fragment F{i} on Query {{ ...F{0} ...F{0} }} ", i + 1));
    for (what, query) in [
        ("aliases", format!("{{ {} }}", each(10_000, |i| format!("a{i}: __typename ")))),
        ("aliases that fit the text", format!("{{ {} }}", each(501, |i| format!("a{i}: __typename ")))),
        ("root fields", format!("{{ {} }}", each(101, |i| format!("a{i}: __typename ")))),
        ("repeated fields", format!("{{ {} }}", "__typename ".repeat(5000))),
        ("directives", format!("{{ __typename {} }}", "@skip(if: false) ".repeat(500))),
        (
            "values in a fragment",
            format!(
                "{{ account(id: \"ACC-1671-0642\") {{ {} }} }} \
                 fragment F on Account {{ users(filter: {{ name: {{ in: [{}] }} }}) {{ totalCount }} }}",
                each(400, |i| format!("a{i}: account {{ ...F }} ")),
                "\"\" ".repeat(9000)
            ),
        ),
        ("depth", walk(60)),
        ("a long name", format!("{{ {}: __typename }}", "a".repeat(80_000))),
        ("24 fragments", format!("{{ ...F0 }} {} fragment F24 on Query {{ __typename }}", chain(24))),
        ("10,000 fragments", format!("{{ ...F0 }} {} fragment F10000 on Query {{ __typename }}", chain(10_000))),
        (
            "flat fragments",
            format!("{{ __typename }} {}", each(10_000, |i| format!("fragment F{i} on Query {{ __typename }} "))),
        ),
        ("operations", each(10_000, |i| format!("query Q{i} {{ __typename }} "))),
        (
            "introspection",
            format!("{{ __schema {{ types {}{{ name }}{} }} }}", "{ fields { type ".repeat(20), " } }".repeat(20)),
        ),
        (
            "introspections",
            format!(
                "{{ {} }}",
                each(99, |i| format!("a{i}: __schema {{ types {{ fields {{ args {{ name }} }} }} }} "))
            ),
        ),
    ] {
        assert_eq!(target.refused(&query).await, "DOCUMENT_LIMIT_EXCEEDED", "{what}");
        target.lives().await;
    }
    let unknown = format!("{{ account(id: \"ACC-1671-0642\") {{ {} }} }}", each(10_000, |i| format!("x{i} ")));
    let (_, answer) = target.send(&json!({ "query": unknown })).await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(100));
    for circular in [
        "{ ...F } fragment F on Query { ...F }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }",
    ] {
        assert_eq!(target.refused(circular).await, "GRAPHQL_VALIDATION_FAILED", "{circular}");
        target.lives().await;
    }
    target.survived().await;
}

#[tokio::test]
async fn what_is_repeated_in_an_answer_is_bounded() {
    let most = 256 << 10;
    let target = Target::start(&["--max-response-bytes", "256KiB"]).await;
    let too_large = "The answer is larger than 262144 bytes: ask for fewer entities or fields.";
    // An error has a path of its own at each place; a trace says it once more.
    let wrong = each(490, |i| format!("a{i}: buyers(first: 101) {{ totalCount }} "));
    let below = format!("users(first: 100) {{ nodes {{ currentAccount {{ {wrong} }} }} }}");
    let errors = format!("{{ accounts(first: 100) {{ nodes {{ {below} }} }} }}");
    let few = wrong.split_inclusive("} ").take(4).collect::<String>();
    let roots = each(90, |i| format!("a{i}: accounts(first: 100) {{ nodes {{ {few} }} }} "));
    let names = each(300, |i| format!("a{i}{}: id ", "b".repeat(250)));
    let names = |first: usize| format!("{{ accounts(first: {first}) {{ nodes {{ {names} }} }} }}");
    for (what, query, refused) in [
        ("errors", errors, true),
        ("errors of root fields", format!("{{ {roots} }}"), true),
        ("names", names(50), true),
        ("names that are too many for a trace", names(2), false),
    ] {
        for trace in ["none", "ftv1"] {
            let request = target.http.post(target.url()).header("apollo-federation-include-trace", trace);
            let response = request.json(&json!({ "query": query })).send().await.expect("an answer");
            let body = response.bytes().await.expect("a body");
            // The refusal of each root field comes on top.
            assert!(body.len() < most + (1 << 16), "{what}, {trace}: {}", body.len());
            let answer: Value = serde_json::from_slice(&body).expect("JSON");
            let told = |error: &Value| error["message"] == too_large;
            let found = answer["errors"].as_array().is_some_and(|errors| errors.iter().any(told));
            assert_eq!(found, refused, "{what}, {trace}");
        }
    }
    // Whoever is referred to in vain is an error each.
    let fields = each(100, |i| format!("a{i}: _entities(representations: $v) {{ __typename }} "));
    let query = format!("query ($v: [_Any!]!) {{ {fields} }}");
    let (_, answer) = target.send(&json!({ "query": query, "variables": { "v": vec![json!({}); 15_000] } })).await;
    let errors = answer["errors"].as_array().expect("errors");
    let too_many = |error: &&Value| error["message"] == "At most 20000 representations are allowed in an operation.";
    assert_eq!((errors.iter().filter(too_many).count(), errors.len()), (99, 100));
    target.survived().await;
}

#[tokio::test]
async fn what_just_fits_is_answered() {
    let target = Target::start(&[]).await;
    let account = |selection: String| format!("{{ account(id: \"ACC-1671-0642\") {{ {selection} }} }} ");
    let leaf = |i| format!("fragment F{i} on Account {{ id }} ");
    let doubling = |i| format!("fragment F{i} on Account {{ ...F{0} ...F{0} }} ", i + 1);
    for query in [
        format!("{{ {} }}", each(100, |i| format!("a{i}: __typename "))),
        account("...F0".to_owned()) + &each(11, doubling) + &leaf(11),
        account(each(1300, |i| format!("...F{i} "))) + &each(1300, leaf),
        include_str!("introspection.graphql").to_owned(),
        // Close to the most that introspection may come to.
        format!(
            "{{ {} }}",
            each(50, |i| format!(
                "a{i}: __type(name: \"Query\") {{ fields {{ type {{ fields {{ type {{ fields {{ name }} }} }} }} }} }} "
            ))
        ),
    ] {
        let (_, answer) = target.send(&json!({ "query": query })).await;
        assert_eq!(answer.get("errors"), None, "{query}");
    }
    target.survived().await;
}

#[tokio::test]
async fn brackets_of_any_number_never_end_the_process() {
    let target = Target::start(&["--max-query-bytes", "8MiB", "--max-body-bytes", "16MiB"]).await;
    let shapes: [(&str, &str, &str, &str); 7] = [
        ("{ users(filter: ", "[", "]", ") { totalCount } }"),
        ("{ users(filter: ", "{a:", "}", ") { totalCount } }"),
        ("{ users(filter: ", "{a:[", "]}", ") { totalCount } }"),
        ("", "{ a ", "}", ""),
        ("{ users ", "{ ... ", "}", "}"),
        ("query ($v: ", "[", "]", ") { users { totalCount } }"),
        ("{ users(first: ", "(", ")", ") { totalCount } }"),
    ];
    for power in 6..=20 {
        for (before, open, close, after) in shapes {
            let times = 1_usize << power;
            let opened = format!("{before}{}", open.repeat(times));
            for query in [format!("{opened}1{}{after}", close.repeat(times)), opened] {
                let (_, answer) = target.send(&json!({ "query": query })).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
                // What is not refused for its depth is refused for what it is, as a document or as a value.
                let codes =
                    ["DOCUMENT_LIMIT_EXCEEDED", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"];
                assert!(codes.contains(&code), "2^{power} of {open}: {answer}");
                assert!(times <= 128 || code == "DOCUMENT_LIMIT_EXCEEDED", "2^{power} of {open}: {answer}");
            }
        }
        target.lives().await;
    }
    target.survived().await;
}

#[tokio::test]
async fn bodies_that_are_no_queries_are_refused_by_what_they_are() {
    let target = Target::start(&[]).await;
    let json = "application/json";
    let batch = |n| Value::from(vec![json!({ "query": "{ __typename }" }); n]).to_string();
    let large = format!(r#"{{"query":"{{ __typename }}","x":"{}"}}"#, "y".repeat(2_000_000));
    let nested =
        format!(r#"{{"query":"{{ __typename }}","variables":{}1{}}}"#, "{\"a\":[".repeat(10_000), "]}".repeat(10_000));
    let many = format!(r#"{{"query":"{{ __typename }}","variables":{{"x":[{}0]}}}}"#, "{},".repeat(300_000));
    for (what, content_type, body, status, code) in [
        ("many values", json, many, 413, "BODY_TOO_LARGE"),
        ("a batch", json, batch(100), 400, "BAD_REQUEST"),
        ("two megabytes", json, large, 413, "BODY_TOO_LARGE"),
        ("nested JSON", json, nested, 400, "BAD_REQUEST"),
        (
            "a form",
            "application/x-www-form-urlencoded",
            "query=mutation{__typename}".to_owned(),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("a form of parts", "multipart/form-data; boundary=x", "--x--".to_owned(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("plain text", "text/plain", r#"{"query":"{ __typename }"}"#.to_owned(), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let request = target.http.post(target.url()).header("content-type", content_type).body(body);
        let response = request.send().await.expect("an answer");
        let found = response.status().as_u16();
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!((found, &answer["errors"][0]["extensions"]["code"]), (status, &json!(code)), "{what}: {answer}");
        target.lives().await;
    }
    let mutation = target.http.get(target.url()).query(&[("query", "mutation { __typename }")]).send().await.unwrap();
    assert_eq!(mutation.status(), 405);
    let long = target.http.get(target.url()).query(&[("query", "x".repeat(40_000))]).send().await.unwrap();
    assert_eq!(long.status(), 431);
    let answer: Value = long.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "HEADERS_TOO_LARGE", "limit": 32768 }));
    target.lives().await;
    // So much that it is not even read to its end.
    let head = format!("GET /graphql HTTP/1.1\r\nhost: x\r\nx: {}", "y".repeat(1 << 20));
    let mut stream = TcpStream::connect(target.program.address()).await.unwrap();
    let _ = stream.write_all(head.as_bytes()).await;
    let mut told = vec![];
    let _ = tokio::time::timeout(FOREVER, stream.read_to_end(&mut told)).await.expect("it is cut off");
    target.survived().await;
}

#[tokio::test]
async fn values_that_are_not_of_their_type_are_refused() {
    let target = Target::start(&[]).await;
    let query = "query ($id: ID, $first: Int, $filter: UserFilter, $ids: [ID!]) { user(id: $id) { id } nodes(ids: $ids) { id } \
                 users(first: $first, filter: $filter) { totalCount } }";
    let query = query.replace("$id: ID,", "$id: ID!,").replace("$ids: [ID!]", "$ids: [ID!]!");
    for (name, value) in [
        ("id", json!({ "a": 1 })),
        ("id", json!([])),
        ("id", json!(true)),
        ("id", json!(1.5)),
        ("ids", json!({})),
        ("ids", json!([null])),
        ("first", json!("1")),
        ("first", json!(2_147_483_648_u64)),
        ("first", json!(-2_147_483_649_i64)),
        ("first", json!(u64::MAX)),
        ("first", json!(1e300)),
        ("filter", json!("in(id,(\"USR-1\"))")),
        ("filter", json!({ "name": { "eq": { "$gt": "" } } })),
        ("filter", json!({ "__proto__": {} })),
    ] {
        let mut variables = json!({ "id": "USR-1671-0642", "ids": [] });
        variables[name] = value.clone();
        let (_, answer) = target.send(&json!({ "query": query, "variables": variables })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{name} {value}: {answer}");
        target.lives().await;
    }
    target.survived().await;
}

#[tokio::test]
async fn a_filter_that_no_request_carries_is_refused_at_every_field_that_has_it() {
    let target = Target::start(&[]).await;
    let uses = each(400, |i| format!("a{i}: buyers(first: 1, offset: {i}, filter: $f) {{ totalCount }} "));
    let query = format!("query($f: BuyerFilter) {{ account(id: \"ACC-1671-0642\") {{ {uses} }} }}");
    for filter in [json!({ "name": { "in": vec!["xx"; 20_000] } }), json!({ "name": { "eq": "x".repeat(900_000) } })] {
        let (status, answer) = target.send(&json!({ "query": query, "variables": { "f": filter } })).await;
        assert_eq!(status, StatusCode::OK);
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 400);
        let message =
            "Argument filter has more than 16384 values and bytes of text: no upstream request carries as much.";
        assert!(errors.iter().all(|error| error["message"] == message), "{}", errors[0]);
    }
    // One that fits, many times: all are different, and only at their ends.
    let filter = json!({ "or": vec![json!({ "revision": { "in": vec![0; 100] } }); 70] });
    let uses = each(400, |i| {
        format!("a{i}: buyers(first: 1, filter: {{ and: [$f, {{ revision: {{ ne: {i} }} }}] }}) {{ totalCount }} ")
    });
    let query = format!("query($f: BuyerFilter!) {{ account(id: \"ACC-1671-0642\") {{ {uses} }} }}");
    let (_, answer) = target.send(&json!({ "query": query, "variables": { "f": filter } })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "COST_EXCEEDED", "{}", answer["errors"][0]);
    target.survived().await;
}

#[tokio::test]
async fn what_is_injected_stays_a_value() {
    let target = Target::start(&["--forward-headers", "x-tenant"]).await;
    for text in [
        "USR-1671-0642\r\nx-evil: 1",
        "USR-1671-0642?select=*",
        "USR-1),(x",
        "\u{0}",
        "USR-1671-0642\"))&limit=1000&in(id,(\"",
    ] {
        let by_id = json!({ "query": "query ($id: ID!) { node(id: $id) { id } }", "variables": { "id": text } });
        assert_eq!(target.send(&by_id).await.1, json!({ "data": { "node": null } }), "{text:?}");
        let filter = "query ($t: String!) { users(filter: { name: { eq: $t } }) { totalCount } }";
        let filtered = json!({ "query": filter, "variables": { "t": text } });
        assert_eq!(target.send(&filtered).await.1, json!({ "data": { "users": { "totalCount": 0 } } }), "{text:?}");
    }
    // A line in a header ends the head; what follows is another request at most, never a header of ours.
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\nx-request-id: a\rset-cookie: b\r\ncontent-length: 0\r\n\r\n";
    let mut stream = TcpStream::connect(target.program.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = vec![0; 4096];
    let length = tokio::time::timeout(FOREVER, stream.read(&mut told)).await.expect("an answer").unwrap();
    let told = String::from_utf8_lossy(&told[..length]).to_ascii_lowercase();
    assert!(told.starts_with("http/1.1 400") && !told.contains("set-cookie"), "{told}");
    target.survived().await;
}

#[tokio::test]
async fn slow_senders_are_cut_off_and_keep_nobody_waiting() {
    let target = Target::start(&["--header-timeout", "2s", "--body-timeout", "2s"]).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let body = format!("{head}content-length: 100\r\n\r\n{{");
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let beginnings = ["", "P", "PRI * HTTP/2.0\r\n", preface, "POST /graphql HT", head, &body];
    let mut slow = vec![];
    for number in 0..500 {
        let mut stream = TcpStream::connect(target.program.address()).await.expect("a connection");
        stream.write_all(beginnings[number % beginnings.len()].as_bytes()).await.expect("sent");
        slow.push((beginnings[number % beginnings.len()], stream));
    }
    target.lives().await;
    let ends = slow.into_iter().map(|(beginning, mut stream)| async move {
        let mut told = vec![];
        let read = tokio::time::timeout(FOREVER, stream.read_to_end(&mut told)).await;
        // Broken off or ended: what matters is that it is over.
        let _ = read.unwrap_or_else(|_| panic!("{beginning:?} is held open"));
        (beginning, String::from_utf8_lossy(&told).into_owned())
    });
    for (beginning, told) in join_all(ends).await {
        let timed_out = told.starts_with("HTTP/1.1 408") && told.contains("REQUEST_TIMEOUT");
        assert!(beginning != body || timed_out, "{beginning:?}: {told}");
    }
    target.survived().await;
}

#[tokio::test]
async fn a_connection_between_requests_is_kept_when_one_within_a_request_is_cut_off() {
    let target = Target::start(&["--header-timeout", "1s"]).await;
    let (whole, last) = ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let asked = async || {
        let mut stream = TcpStream::connect(target.program.address()).await.expect("a connection");
        stream.write_all(whole.as_bytes()).await.expect("sent");
        stream.read_exact(&mut [0; 8]).await.expect("an answer");
        stream
    };
    let (mut idle, mut within) = (asked().await, asked().await);
    within.write_all(b"GET / HT").await.expect("sent");
    let mut told = vec![];
    tokio::time::timeout(FOREVER, within.read_to_end(&mut told)).await.expect("it is cut off").expect("answers");
    idle.write_all(last.as_bytes()).await.expect("it is open");
    let mut told = String::new();
    tokio::time::timeout(FOREVER, idle.read_to_string(&mut told)).await.expect("it ends").expect("answers");
    // The beginning of the first answer was read before.
    assert_eq!(told.matches(" 200 OK\r\n").count(), 2, "{told}");
    target.survived().await;
}

#[tokio::test]
async fn connections_above_the_bound_are_told_to_come_back() {
    let target = Target::start(&["--max-connections", "5", "--header-timeout", "2s"]).await;
    let mut held = vec![];
    for _ in 0..5 {
        let mut stream = TcpStream::connect(target.program.address()).await.expect("a connection");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        let mut told = [0; 16];
        stream.read_exact(&mut told).await.expect("an answer");
        held.push(stream);
    }
    let response = target.http.post(target.url()).json(&json!({ "query": "{ __typename }" })).send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "OVERLOADED", "limit": 5 }));
    drop(held);
    target.has_a_place().await;
    target.survived().await;
}

#[tokio::test]
async fn a_client_that_never_reads_loses_its_place() {
    let flags = ["--max-connections", "1", "--header-timeout", "1s", "--idle-timeout", "1s"];
    let target = Target::start(&flags).await;
    let body = json!({ "query": include_str!("introspection.graphql") }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(target.program.address()).await.expect("a connection");
    // Their answers are far more than what waits on the way.
    stream.write_all(request.repeat(200).as_bytes()).await.expect("sent");
    target.has_a_place().await;
    drop(stream);
    target.survived().await;
}

/// Asks for the same on 100 streams of each of `connections` connections, whose answers nobody takes: how many are there,
/// and how many were turned away. Those that are there wait until they are dropped.
async fn untaken(target: &Target, connections: usize, query: &str, packing: &'static str) -> (Vec<Response>, usize) {
    let body = json!({ "query": query });
    let mut held = vec![];
    for _ in 0..connections {
        let client = Client::builder().http2_prior_knowledge().http2_initial_stream_window_size(0);
        let http = client.build().expect("a client");
        let ask = || http.post(target.url()).header("accept-encoding", packing).json(&body).send();
        held.extend(join_all((0..100).map(|_| ask())).await.into_iter().map(|answer| answer.expect("an answer")));
    }
    let (there, away): (Vec<_>, Vec<_>) = held.into_iter().partition(|answer| answer.status() == StatusCode::OK);
    assert!(away.iter().all(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE));
    (there, away.len())
}

#[tokio::test]
async fn answers_that_nobody_takes_over_http_2_are_bounded_together() {
    let target = Target::start(&[]).await;
    let query = format!("{{ users(first: 100) {{ nodes {{ {} }} }} }}", each(25, |i| format!("a{i}: id ")));
    let (_, answer) = target.send(&json!({ "query": query })).await;
    let length = answer.to_string().len();
    assert!((48 * 1024..64 * 1024).contains(&length), "{length}");
    let (there, away) = untaken(&target, 60, &query, "identity").await;
    assert!(away > 0 && there.len() * length <= 256 << 20, "{} {away}", there.len());
    // Others are answered meanwhile.
    let (_, answer) = target.send(&json!({ "query": query })).await;
    assert_eq!(answer.to_string().len(), length);
    drop(there);
    target.survived().await;
}

#[tokio::test]
async fn answers_that_are_to_be_packed_wait_without_their_packer() {
    let target = Target::start(&[]).await;
    let query = format!("{{ users(first: 100) {{ nodes {{ {} }} }} }}", each(25, |i| format!("a{i}: id ")));
    for packing in ["br", "gzip", "zstd"] {
        let (there, away) = untaken(&target, 8, &query, packing).await;
        assert_eq!((there.len(), away), (800, 0), "{packing}");
        assert!(there.iter().all(|answer| answer.headers()["content-encoding"] == packing));
    }
    let introspection = include_str!("introspection.graphql");
    let (there, _) = untaken(&target, 2, introspection, "br").await;
    // Large ones are packed while they are taken, as long as there are not too many.
    let packed = there.iter().filter(|answer| answer.headers().contains_key("content-encoding")).count();
    assert!(packed > 0 && packed < there.len(), "{packed} of {}", there.len());
    drop(there);
    target.survived().await;
}

/// An upstream that takes connections and never answers; returns where, and how many connections there were.
async fn hanging() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let most = Arc::<AtomicUsize>::default();
    let (open, highest) = (Arc::<AtomicUsize>::default(), Arc::clone(&most));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let now = open.fetch_add(1, Ordering::Relaxed) + 1;
            highest.fetch_max(now, Ordering::Relaxed);
            let open = Arc::clone(&open);
            tokio::spawn(async move {
                let mut ignored = [0; 1024];
                while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    (base, most)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_above_the_bound_is_told_to_come_back() {
    let (base, sockets) = hanging().await;
    let flags =
        ["--upstream", &base, "--upstream-timeout", "20s", "--operation-timeout", "30s", "--max-operations", "1"];
    let target = Target::start(&flags).await;
    let (http, url) = (Client::new(), target.url().to_owned());
    let under_way = tokio::spawn(async move {
        http.post(url).json(&json!({ "query": "{ users(first: 1) { nodes { id } } }" })).send().await
    });
    // It has its place when the upstream hears of it.
    while sockets.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let response = target.http.post(target.url()).json(&json!({ "query": "{ __typename }" })).send().await.unwrap();
    assert_eq!(
        (response.status(), response.headers()["retry-after"].to_str().unwrap()),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "OVERLOADED", "limit": 1 }));
    // Whoever hangs up gives its place back.
    under_way.abort();
    target.has_a_place().await;
    target.small();
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_queries_to_an_upstream_that_hangs_all_end() {
    let (base, sockets) = hanging().await;
    let flags = ["--upstream", &base, "--upstream-timeout", "2s", "--operation-timeout", "3s"];
    let target = Target::start(&flags).await;
    let query = json!({ "query": "{ users(first: 1) { nodes { id } } }" });
    let connections = (0..50).map(|connection| {
        let http = Client::builder().http2_prior_knowledge().build().expect("a client");
        let (url, query) = (target.url().to_owned(), query.clone());
        tokio::spawn(async move {
            let (http, url, query) = (&http, &url, &query);
            let asked = (0..100).map(|number| async move {
                // Each is another caller, so that no two share a request.
                let caller = format!("{connection}-{number}");
                let response = http.post(url).bearer_auth(caller).json(query).send().await.expect("an answer");
                let (status, retry) = (response.status(), response.headers().contains_key("retry-after"));
                let answer: Value = response.json().await.expect("JSON");
                (status, retry, answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
            });
            join_all(asked).await
        })
    });
    let mut timed_out = 0;
    let mut left_alone = 0;
    let mut turned_away = 0;
    for answers in tokio::time::timeout(FOREVER, join_all(connections)).await.expect("all end") {
        for (status, retry, code) in answers.expect("no panic") {
            match (status, retry, &*code) {
                (StatusCode::OK, false, "TIMEOUT") => timed_out += 1,
                // So many calls were too slow that no more are made for now.
                (StatusCode::OK, false, "UPSTREAM_UNAVAILABLE") => left_alone += 1,
                (StatusCode::SERVICE_UNAVAILABLE, true, "OVERLOADED") => turned_away += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(timed_out + left_alone + turned_away, 5000);
    assert!(timed_out > 0, "{left_alone} {turned_away}");
    assert!(sockets.load(Ordering::Relaxed) < 500, "{sockets:?}");
    target.lives().await;
    target.small();
}
