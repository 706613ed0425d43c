//! The limits of the README at their defaults: what is just below is answered, what is just above is refused.

use crate::support::{Idle, Kit, SMALL, idle, kit_with, limits};
use accounts_graph::{config::options, graph::engine::Limits};
use accounts_graph_sandbox::Options;
use reqwest::Client;
use serde_json::{Value, json};

impl Idle {
    /// The status, the code and the limit of a refusal; a code is empty where all is well.
    async fn ends(&self, body: String, header: Option<String>) -> (u16, String, Value) {
        let mut request = Client::new().post(format!("http://{}/graphql", self.address)).body(body);
        request = request.header("content-type", "application/json");
        if let Some(header) = header {
            request = request.header("x-long", header);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let answer: Value = response.json().await.expect("JSON");
        let extensions = &answer["errors"][0]["extensions"];
        (status, extensions["code"].as_str().unwrap_or_default().to_owned(), extensions["limit"].clone())
    }

    async fn document(&self, query: &str) -> (u16, String, Value) {
        self.ends(json!({ "query": query }).to_string(), None).await
    }
}

/// The default of an option, in bytes where it is a size.
fn default(flag: &str) -> usize {
    let text =
        options().iter().find(|option| option.flag == flag).and_then(|option| option.default).expect("a default");
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20)];
    let (digits, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1));
    digits.parse::<usize>().expect("a number") * unit
}

fn each(times: usize, text: impl Fn(usize) -> String) -> String {
    (0..times).map(text).collect::<Vec<_>>().concat()
}

/// A document with so many of what an option limits.
type Document = fn(usize) -> String;

#[tokio::test]
async fn a_document_may_have_as_much_as_the_readme_says() {
    let gateway = idle(&[]).await;
    let documents: [(&str, Document); 7] = [
        ("--max-query-bytes", |n| format!("{{ __typename }}{}", " ".repeat(n - 14))),
        // Braces, brackets, names and colons are nine.
        ("--max-tokens", |n| format!("{{ a(b: [{}]) }}", "1 ".repeat(n - 9))),
        ("--max-depth", |n| format!("{}{}", "{ a ".repeat(n), "}".repeat(n))),
        ("--max-aliases", |n| format!("{{ user(id: \"USR-1\") {{ {} }} }}", each(n, |i| format!("a{i}: id ")))),
        ("--max-root-fields", |n| format!("{{ {} }}", each(n, |i| format!("a{i}: __typename ")))),
        ("--max-repeated-fields", |n| format!("{{ user(id: \"USR-1\") {{ {} }} }}", "id ".repeat(n + 1))),
        ("--max-directives", |n| format!("{{ __typename {} }}", "@skip(if: false) ".repeat(n))),
    ];
    for (flag, document) in documents {
        let most = default(flag);
        let (status, code, _) = gateway.document(&document(most)).await;
        assert!(
            status == 200 && !["DOCUMENT_LIMIT_EXCEEDED", "GRAPHQL_PARSE_FAILED"].contains(&&*code),
            "{flag}: {code}"
        );
        let above = gateway.document(&document(most + 1)).await;
        assert_eq!(above, (200, "DOCUMENT_LIMIT_EXCEEDED".to_owned(), json!(most)), "{flag}");
    }
    // A field, and a fragment with fields, wherever it is spread.
    let most = default("--max-fields");
    let fields = |n: usize| {
        let spread = each(99, |i| format!("f{i} {{ ...F }} "));
        // Those at the root, those of the spreads, those of the fragment itself, and the spreads.
        let rest = n - 99 * (1 + 1 + 198) - 198;
        format!(
            "{{ {spread} f {{ {} }} }} fragment F on A {{ {} }}",
            each(rest - 1, |i| format!("r{i} ")),
            each(198, |i| format!("g{i} "))
        )
    };
    assert_eq!(gateway.document(&fields(most)).await.1, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(gateway.document(&fields(most + 1)).await, (200, "DOCUMENT_LIMIT_EXCEEDED".to_owned(), json!(most)));
    // The length of names is no option.
    let name = |n: usize| format!("{{ {}: __typename }}", "a".repeat(n));
    assert_eq!(gateway.document(&name(256)).await.1, "");
    assert_eq!(gateway.document(&name(257)).await, (200, "DOCUMENT_LIMIT_EXCEEDED".to_owned(), json!(256)));
}

#[tokio::test]
async fn a_request_may_be_as_long_as_the_readme_says() {
    let gateway = idle(&[]).await;
    let bytes = |n: usize| {
        let body = r#"{"query":"{ __typename }"}"#;
        format!("{body}{}", " ".repeat(n - body.len()))
    };
    let most = default("--max-body-bytes");
    assert_eq!(gateway.ends(bytes(most), None).await, (200, String::new(), Value::Null));
    assert_eq!(gateway.ends(bytes(most + 1), None).await, (413, "BODY_TOO_LARGE".to_owned(), json!(most)));
    // The body itself, its second member, the variables and their list are four.
    let values = |n: usize| format!(r#"{{"query":"{{__typename}}","variables":{{"x":[{}0]}}}}"#, "0,".repeat(n - 4));
    let few = most / 32;
    assert_eq!(gateway.ends(values(few), None).await, (200, String::new(), Value::Null));
    assert_eq!(gateway.ends(values(few + 1), None).await, (413, "BODY_TOO_LARGE".to_owned(), json!(few)));
    // The client's own headers are there as well: it is found out how long they are.
    let most = default("--max-header-bytes");
    let query = r#"{"query":"{ __typename }"}"#;
    let mut least = most - 1000;
    while gateway.ends(query.to_owned(), Some("x".repeat(least))).await.0 == 200 {
        least += 1;
    }
    let refused = gateway.ends(query.to_owned(), Some("x".repeat(least))).await;
    assert_eq!(refused, (431, "HEADERS_TOO_LARGE".to_owned(), json!(most)));
    // As HTTP/1.1 writes them, each with a colon, a space and the end of the line.
    let address = gateway.address.to_string();
    let length = query.len().to_string();
    let headers =
        [("host", &*address), ("accept", "*/*"), ("content-type", "application/json"), ("content-length", &*length)];
    let others: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    // The gateway gives each request an id of 32 digits, which counts like one that was sent.
    let id = "x-request-id".len() + 32 + 4;
    assert_eq!("/graphql".len() + others + id + "x-long".len() + 4 + least, most + 1);
}

#[tokio::test]
async fn a_batch_has_as_many_requests_as_allowed() {
    let batch = |n: usize| json!(vec![json!({ "query": "{ __typename }" }); n]).to_string();
    let gateway = idle(&["--max-batch", "10"]).await;
    assert_eq!(gateway.ends(batch(10), None).await, (200, String::new(), Value::Null));
    assert_eq!(gateway.ends(batch(11), None).await, (400, "BAD_REQUEST".to_owned(), json!(10)));
}

/// How many representations a request may have: by the values of its body, and by what an operation may refer to.
#[tokio::test]
async fn routers_may_refer_to_as_many_entities_as_the_readme_says() {
    let body = |n: usize, pair: bool| {
        let one = if pair {
            json!({ "__typename": "AccountUser", "user": { "id": "USR-0000-0001" }, "account": { "id": "ACC-0000-0001" } })
        } else {
            json!({ "__typename": "User", "id": "USR-0000-0001" })
        };
        let query = "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }";
        json!({ "query": query, "variables": { "representations": vec![one; n] } }).to_string()
    };
    let refused = |limit: usize| (413, "BODY_TOO_LARGE".to_owned(), json!(limit));
    let well = (200, String::new(), Value::Null);
    let usual = idle(&[]).await;
    for (pair, most) in [(false, 10_900), (true, 5_400)] {
        assert_eq!(usual.ends(body(most, pair), None).await, well, "{most}");
        assert_eq!(usual.ends(body(most + 100, pair), None).await, refused(32 << 10), "{most}");
    }
    let larger = idle(&["--max-body-bytes", "2MiB"]).await;
    assert_eq!(larger.ends(body(20_000, false), None).await, well);
    assert_eq!(larger.ends(body(20_001, false), None).await, (200, "BAD_USER_INPUT".to_owned(), Value::Null));
}

/// The code of the first error of an answer.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// A gateway over a small world, with these limits.
async fn limited(change: impl FnOnce(&mut Limits)) -> Kit {
    let mut limits = limits();
    change(&mut limits);
    kit_with(Options { scale: SMALL, ..Options::default() }, limits).await
}

#[tokio::test]
async fn an_operation_may_cost_as_much_as_allowed() {
    let rows = |n: usize| format!("{{ users(first: {n}) {{ nodes {{ id }} }} }}");
    let kit = limited(|limits| limits.entities = 9).await;
    assert_eq!(kit.query(&rows(9)).await.get("errors"), None);
    assert_eq!(code(&kit.query(&rows(10)).await), "COST_EXCEEDED");
    let requests =
        |n: usize| format!("{{ {} }}", each(n, |i| format!("a{i}: users(first: {}) {{ nodes {{ id }} }} ", i + 1)));
    let kit = limited(|limits| limits.upstream_requests = 3).await;
    kit.requests();
    assert_eq!(kit.query(&requests(3)).await.get("errors"), None);
    assert_eq!(kit.requests().len(), 3);
    assert_eq!(code(&kit.query(&requests(4)).await), "COST_EXCEEDED");
    assert_eq!(kit.requests().len(), 0);
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_allowed() {
    let query = "{ users(first: 50) { nodes { id name email } } }";
    let text = limited(|_| {}).await.text(&json!({ "query": query }), None).await;
    // The root field, without its key and the braces around it.
    let bytes = text.len() - r#"{"data":{"users":}}"#.len();
    for (most, expected) in [(bytes, ""), (bytes - 1, "COST_EXCEEDED")] {
        let kit = limited(|limits| limits.response_bytes = most).await;
        assert_eq!(code(&kit.query(query).await), expected, "{most} of {bytes}");
    }
}

#[tokio::test]
async fn introspection_may_be_as_large_as_allowed() {
    let query = "{ __schema { types { name fields { name } } } }";
    let refused = limited(|limits| limits.document.introspected_fields = 1).await.query(query).await;
    assert_eq!(refused["errors"][0]["extensions"]["limit"], 1);
    let message = refused["errors"][0]["message"].as_str().expect("a message");
    let found: usize = message.split(' ').find_map(|word| word.parse().ok()).expect("a number");
    for (most, expected) in [(found, ""), (found - 1, "DOCUMENT_LIMIT_EXCEEDED")] {
        let kit = limited(|limits| limits.document.introspected_fields = most).await;
        assert_eq!(code(&kit.query(query).await), expected, "{most} of {found}");
    }
}
