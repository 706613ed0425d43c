//! HTTP around the graph: types, methods, packing, credentials, and what goes with a request.

use crate::support::{SMALL, config, gateway_told, idle, kit, limits, settings};
use accounts_graph::program;
use accounts_graph_sandbox::{self as sandbox, Options};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::{ServiceExt, service_fn};
use tower_http::{compression::Compression, decompression::Decompression};

const GRAPHQL: &str = "application/graphql-response+json";

/// A gateway over an upstream that notes the headers of its requests.
struct Noted {
    address: SocketAddr,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
    servers: [JoinHandle<()>; 2],
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

async fn noted(flags: &[&str]) -> Noted {
    async fn note(
        State(headers): State<Arc<Mutex<Vec<HeaderMap>>>>,
        request: Request,
    ) -> ([(&'static str, &'static str); 1], &'static str) {
        headers.lock().expect("no panic").push(request.headers().clone());
        ([("content-type", "application/json")], r#"{"id":"USR-1671-0642","name":"A"}"#)
    }
    let headers = Arc::<Mutex<Vec<HeaderMap>>>::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(note).with_state(Arc::clone(&headers));
    let upstream = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    let limits = program::limits(&config(flags));
    let (address, server) = gateway_told(settings(&base), limits, flags).await;
    Noted { address, headers, servers: [upstream, server] }
}

impl Noted {
    fn post(&self, query: &str) -> RequestBuilder {
        post(self.address, query)
    }

    fn get(&self, query: &str) -> RequestBuilder {
        Client::new().get(format!("http://{}/graphql", self.address)).query(&[("query", query)])
    }

    /// The headers of the one request that reached the upstream since the last call.
    fn sent(&self) -> HeaderMap {
        let mut headers = std::mem::take(&mut *self.headers.lock().expect("no panic"));
        assert_eq!(headers.len(), 1);
        headers.remove(0)
    }

    fn sent_none(&self) -> bool {
        self.headers.lock().expect("no panic").is_empty()
    }
}

const ASKS: &str = "{ user(id: \"USR-1671-0642\") { id } }";

fn post(address: SocketAddr, query: &str) -> RequestBuilder {
    Client::new().post(format!("http://{address}/graphql")).json(&json!({ "query": query }))
}

async fn told(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// A file of its own for each test.
fn file(name: &str, content: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("the file is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

// ---- types and statuses ----

#[tokio::test]
async fn errors_of_the_request_have_a_status_of_their_own_only_in_the_newer_type() {
    let kit = kit().await;
    for (body, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ nope }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "query ($id: ID!) { user(id: $id) { id } }" }), "BAD_USER_INPUT"),
        (json!({ "query": "{ __typename }", "operationName": "X" }), "BAD_REQUEST"),
        (json!({ "query": format!("{{ {} }}", "a ".repeat(20_000)) }), "DOCUMENT_LIMIT_EXCEEDED"),
    ] {
        for (accept, status) in [("application/json", 200), (GRAPHQL, 400)] {
            let url = format!("http://{}/graphql", kit.address);
            let response = Client::new().post(url).header("accept", accept).json(&body).send().await.unwrap();
            assert_eq!(response.status(), status, "{body}");
            assert_eq!(response.headers()["content-type"], format!("{accept}; charset=utf-8"));
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
            assert_eq!(answer.get("data"), None, "{answer}");
        }
    }
}

#[tokio::test]
async fn what_fails_within_the_answer_is_no_error_of_http() {
    let kit = kit().await;
    let query = "{ user(id: \"ACC-1671-0642\") { id } }";
    let response = post(kit.address, query).header("accept", GRAPHQL).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["data"], code(&answer)), (&json!({ "user": null }), "BAD_USER_INPUT"));
}

#[tokio::test]
async fn a_type_that_is_not_served_is_not_acceptable() {
    let kit = kit().await;
    let (status, answer) = told(post(kit.address, "{ __typename }").header("accept", "text/html")).await;
    assert_eq!((status, code(&answer)), (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn another_charset_is_not_read() {
    let kit = kit().await;
    let request = Client::new().post(format!("http://{}/graphql", kit.address)).body(r#"{"query":"{ __typename }"}"#);
    let request = request.header("content-type", "application/json; charset=iso-8859-1");
    let (status, answer) = told(request).await;
    assert_eq!((status, code(&answer)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"));
}

#[tokio::test]
async fn other_methods_are_told_which_would_do() {
    let kit = kit().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let response = Client::new().request(method, format!("http://{}/graphql", kit.address)).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "GET, HEAD, POST");
        assert_eq!(response.headers().get("access-control-allow-origin"), None);
        let answer: Value = response.json().await.unwrap();
        assert_eq!(code(&answer), "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn a_get_request_changes_nothing() {
    let kit = kit().await;
    let url = format!("http://{}/graphql", kit.address);
    for accept in ["application/json", GRAPHQL] {
        let query = [("query", "mutation M { __typename } query Q { __typename }"), ("operationName", "M")];
        let response = Client::new().get(&url).query(&query).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(
            answer,
            json!({ "errors": [{
            "message": "A mutation needs a POST request.", "extensions": { "code": "METHOD_NOT_ALLOWED" }
        }] })
        );
    }
}

#[tokio::test]
async fn a_get_request_has_its_parts_in_parameters() {
    let kit = kit().await;
    let url = format!("http://{}/graphql", kit.address);
    let query = "query A { __typename } query B($n: String!) { t: __type(name: $n) { name } }";
    let good =
        [("query", query), ("operationName", "B"), ("variables", r#"{"n":"User"}"#), ("extensions", "{}"), ("x", "y")];
    let (status, answer) = told(Client::new().get(&url).query(&good)).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "data": { "t": { "name": "User" } } })));
    let (status, answer) = told(Client::new().get(format!("{url}?query=%7B+__typename+%7D&variables="))).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "data": { "__typename": "Query" } })));
    for (wrong, message) in [
        ("", "A request must have a query, or the id of a trusted or persisted one."),
        ("query=", "A request must have a query, or the id of a trusted or persisted one."),
        ("query=%ff", "The parameters of the address are not UTF-8."),
        ("query=a&query=a", "The parameter query is there more than once."),
        ("query=a&variables=[]", "The parameter variables must be a JSON object."),
        ("query=a&variables=1", "The parameter variables must be a JSON object."),
        ("query=a&extensions=[]", "The parameter extensions must be a JSON object."),
        ("query=a&extensions={", "The parameter extensions must be a JSON object."),
        ("query=a&documentId=a", "A request must have either documentId or a query, not both."),
    ] {
        let (status, answer) = told(Client::new().get(format!("{url}?{wrong}"))).await;
        let expected = json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] });
        assert_eq!((status, answer), (StatusCode::BAD_REQUEST, expected), "{wrong}");
    }
}

#[tokio::test]
async fn nothing_is_kept_on_the_way() {
    let kit = kit().await;
    for query in ["{ __typename }", "{"] {
        let response = post(kit.address, query).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "private, no-store");
        assert_eq!(response.headers()["vary"], "accept, accept-encoding, authorization");
    }
}

// ---- batches ----

#[tokio::test]
async fn a_batch_is_answered_member_by_member_where_it_is_allowed() {
    let gateway = noted(&["--max-batch", "3"]).await;
    let url = format!("http://{}/graphql", gateway.address);
    let one = json!({ "query": "query ($n: String!) { t: __type(name: $n) { name } }", "variables": { "n": "User" } });
    let batch = json!([one, { "query": "{" }, { "query": "{ __typename }", "operationName": null, "extensions": {} }]);
    let (status, answer) = told(Client::new().post(&url).json(&batch)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer[0], json!({ "data": { "t": { "name": "User" } } }));
    assert_eq!(code(&answer[1]), "GRAPHQL_PARSE_FAILED");
    assert_eq!(answer[2], json!({ "data": { "__typename": "Query" } }));
    for (wrong, message) in [
        (json!([one, one, one, one]), "The batch has 4 requests; at most 3 are allowed."),
        (json!([]), "The body must be a JSON list of GraphQL requests, each an object with a query."),
        (json!(["{ __typename }"]), "The body must be a JSON list of GraphQL requests, each an object with a query."),
        (json!([one, 1]), "The body must be a JSON list of GraphQL requests, each an object with a query."),
    ] {
        let (status, answer) = told(Client::new().post(&url).json(&wrong)).await;
        assert_eq!((status, answer["errors"][0]["message"].as_str()), (StatusCode::BAD_REQUEST, Some(message)));
    }
}

// ---- packing and protocols ----

async fn pack(encoding: &str, bytes: Vec<u8>) -> Vec<u8> {
    let given = service_fn(|_: Request| {
        std::future::ready(Ok::<_, Infallible>(axum::http::Response::new(Body::from(bytes.clone()))))
    });
    let request = Request::builder().header(header::ACCEPT_ENCODING, encoding).body(Body::empty()).expect("a request");
    let packed = Compression::new(given).oneshot(request).await.expect("packed");
    assert_eq!(packed.headers()["content-encoding"], encoding);
    packed.into_body().collect().await.expect("a body").to_bytes().to_vec()
}

async fn unpack(response: Response) -> Vec<u8> {
    let encoding = response.headers()["content-encoding"].clone();
    let bytes = response.bytes().await.expect("a body");
    let packed = move |_: Request| {
        let response = axum::http::Response::builder().header("content-encoding", encoding.clone());
        std::future::ready(Ok::<_, Infallible>(response.body(Body::from(bytes.clone())).expect("a response")))
    };
    let plain = Decompression::new(service_fn(packed)).oneshot(Request::new(Body::empty())).await.expect("unpacked");
    plain.into_body().collect().await.expect("a body").to_bytes().to_vec()
}

#[tokio::test]
async fn answers_are_packed_as_the_client_likes_them() {
    let kit = kit().await;
    let query = "{ users(first: 50) { nodes { id name } } }";
    let plain = post(kit.address, query).send().await.unwrap();
    assert_eq!(plain.headers().get("content-encoding"), None);
    let plain = plain.bytes().await.unwrap();
    for (accepted, chosen) in
        [("br", "br"), ("gzip", "gzip"), ("zstd", "zstd"), ("gzip;q=0.5, br", "br"), ("deflate, gzip", "gzip")]
    {
        let response = post(kit.address, query).header("accept-encoding", accepted).send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], chosen);
        assert_eq!(unpack(response).await, plain, "{accepted}");
    }
    for (query, accepted) in [(query, "identity"), (query, "deflate"), ("{ __typename }", "gzip")] {
        let response = post(kit.address, query).header("accept-encoding", accepted).send().await.unwrap();
        assert_eq!(response.headers().get("content-encoding"), None, "{accepted}");
    }
}

#[tokio::test]
async fn bodies_are_unpacked_and_measured_unpacked() {
    let kit = kit().await;
    let url = format!("http://{}/graphql", kit.address);
    let send = async |encoding: &str, body: Vec<u8>| {
        let request = Client::new().post(&url).header("content-type", "application/json");
        told(request.header("content-encoding", encoding).body(body)).await
    };
    let body = format!(r#"{{"query":"{{ __typename }}","extensions":{{"x":"{}"}}}}"#, "y".repeat(100)).into_bytes();
    for encoding in ["br", "gzip", "zstd"] {
        let answered = (StatusCode::OK, json!({ "data": { "__typename": "Query" } }));
        assert_eq!(send(encoding, pack(encoding, body.clone()).await).await, answered, "{encoding}");
        let bomb = pack(encoding, vec![b' '; 64 << 20]).await;
        assert!(bomb.len() < 1 << 20);
        let (status, answer) = send(encoding, bomb).await;
        assert_eq!((status, code(&answer)), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"), "{encoding}");
        let (status, answer) = send(encoding, b"{\"query\":\"{ __typename }\"}".to_vec()).await;
        assert_eq!((status, code(&answer)), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{encoding}");
    }
    for encoding in ["compress", "gzip, br", "x"] {
        let (status, answer) = send(encoding, body.clone()).await;
        assert_eq!(
            (status, code(&answer)),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn http_2_is_spoken_without_asking_first() {
    let kit = kit().await;
    let http = Client::builder().http2_prior_knowledge().build().unwrap();
    let request = http.post(format!("http://{}/graphql", kit.address)).json(&json!({ "query": "{ __typename }" }));
    let response = request.send().await.unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "data": { "__typename": "Query" } }));
}

// ---- other origins and hosts ----

#[tokio::test]
async fn pages_of_other_origins_read_nothing_unless_they_are_named() {
    let closed = noted(&[]).await;
    let origin = "https://app.example.com";
    let response = closed.post("{ __typename }").header("origin", origin).send().await.unwrap();
    assert_eq!(response.headers().get("access-control-allow-origin"), None);
    let open = noted(&["--cors-origins", "https://other.example.com,https://app.example.com"]).await;
    for (origin, allowed) in [(origin, Some(origin)), ("https://evil.example.com", None)] {
        let response = open.post("{ __typename }").header("origin", origin).send().await.unwrap();
        let named = response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!(named, allowed);
        let vary: Vec<_> = response.headers().get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.join(", ").contains("origin") && vary.join(", ").contains("accept-encoding"), "{vary:?}");
        let asked = Client::new().request(Method::OPTIONS, format!("http://{}/graphql", open.address));
        let asked = asked.header("origin", origin).header("access-control-request-method", "POST");
        let response =
            asked.header("access-control-request-headers", "authorization,content-type").send().await.unwrap();
        let named = response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!((response.status(), named), (StatusCode::OK, allowed));
        assert_eq!(response.headers()["access-control-allow-headers"], "authorization,content-type");
    }
}

#[tokio::test]
async fn a_gateway_with_a_token_answers_only_for_its_own_names() {
    let token = file("service-host.txt", "secret\n");
    let gateway = noted(&["--service-token", &format!("file:{token}")]).await;
    for (host, expected) in [
        ("localhost", StatusCode::OK),
        ("LOCALHOST:4000", StatusCode::OK),
        ("127.0.0.1:1", StatusCode::OK),
        ("[::1]:1", StatusCode::OK),
        ("evil.example.com", StatusCode::FORBIDDEN),
        ("localhost.evil.example.com", StatusCode::FORBIDDEN),
    ] {
        let (status, answer) = told(gateway.post(ASKS).header("host", host)).await;
        assert_eq!(status, expected, "{host}");
        assert_eq!(code(&answer) == "HOST_NOT_ALLOWED", expected == StatusCode::FORBIDDEN, "{answer}");
        let page = Client::new().get(format!("http://{}/", gateway.address)).header("host", host).send().await.unwrap();
        assert_eq!(page.status(), expected, "{host}");
    }
    let named = noted(&["--allowed-hosts", "graph.example.com"]).await;
    // HTTP/2 has the name in another place.
    let http = Client::builder().http2_prior_knowledge().build().unwrap();
    for (gateway, expected) in [(&gateway, StatusCode::OK), (&named, StatusCode::FORBIDDEN)] {
        let url = format!("http://{}/graphql", gateway.address);
        assert_eq!(told(http.post(url).json(&json!({ "query": ASKS }))).await.0, expected);
    }
    assert_eq!(told(named.post(ASKS).header("host", "graph.example.com")).await.0, StatusCode::OK);
    assert_eq!(told(named.post(ASKS)).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_link_cannot_ask_with_the_token_of_the_gateway() {
    let token = file("service-link.txt", "secret");
    let gateway = noted(&["--service-token", &format!("file:{token}")]).await;
    let (status, answer) = told(gateway.get(ASKS)).await;
    assert_eq!((status, code(&answer)), (StatusCode::FORBIDDEN, "PREFLIGHT_REQUIRED"));
    assert!(gateway.sent_none());
    for header in
        ["apollo-require-preflight", "x-apollo-operation-name", "graphql-require-preflight", "x-requested-with"]
    {
        assert_eq!(told(gateway.get(ASKS).header(header, "1")).await.0, StatusCode::OK, "{header}");
    }
    assert_eq!(told(noted(&[]).await.get(ASKS)).await.0, StatusCode::OK);
}

// ---- credentials ----

#[tokio::test]
async fn the_callers_token_goes_upstream_and_further_headers_only_if_they_are_named() {
    let gateway = noted(&["--forward-headers", "X-Tenant, accept-language"]).await;
    let request =
        gateway.post(ASKS).header("authorization", "Bearer mine").header("x-tenant", "t").header("x-tenant", "u");
    let request = request.header("accept-language", "de").header("x-other", "o").header("cookie", "c=1");
    assert_eq!(told(request).await.0, StatusCode::OK);
    let sent = gateway.sent();
    assert_eq!(sent["authorization"], "Bearer mine");
    assert_eq!(sent.get_all("x-tenant").iter().collect::<Vec<_>>(), ["t", "u"]);
    assert_eq!(sent["accept-language"], "de");
    assert_eq!((sent.get("x-other"), sent.get("cookie")), (None, None));
}

#[tokio::test]
async fn a_token_of_the_gateway_goes_upstream_in_place_of_the_callers() {
    let token = file("service.txt", " secret \n");
    let gateway = noted(&["--service-token", &format!("file:{token}")]).await;
    assert_eq!(told(gateway.post(ASKS).header("authorization", "Bearer mine")).await.0, StatusCode::OK);
    assert_eq!(gateway.sent()["authorization"], "Bearer secret");
}

#[tokio::test]
async fn callers_of_a_gateway_with_a_token_show_that_they_are_known() {
    let (token, callers) = (file("service-callers.txt", "secret"), file("callers.txt", "# ours\none\ntwo\n"));
    let gateway = noted(&["--service-token", &format!("file:{token}"), "--caller-token-file", &callers]).await;
    let missing =
        "There is no Authorization header: this gateway needs one of its own tokens, Authorization: Bearer <token>.";
    let other = "The Authorization header does not start with Bearer: this gateway needs one of its own tokens, \
                 Authorization: Bearer <token>.";
    let unknown = "The token of the Authorization header is not accepted: it is not one of this gateway's tokens.";
    for (authorization, message) in [
        (None, missing),
        (Some("one"), other),
        (Some("Basic one"), other),
        (Some("Bearerone"), other),
        (Some("Bearer three"), unknown),
        (Some("bearer secret"), unknown),
    ] {
        let request = gateway.post(ASKS);
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status(), &response.headers()["www-authenticate"]),
            (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
        );
        let expected = json!({ "errors": [{ "message": message, "extensions": { "code": "UNAUTHENTICATED" } }] });
        assert_eq!(response.json::<Value>().await.unwrap(), expected);
    }
    assert!(gateway.sent_none());
    for known in ["Bearer one", "bearer two"] {
        assert_eq!(told(gateway.post(ASKS).header("authorization", known)).await.0, StatusCode::OK);
        assert_eq!(gateway.sent()["authorization"], "Bearer secret");
    }
}

/// What a caller is told whom the upstream answers 401.
#[tokio::test]
async fn an_upstream_s_401_says_what_is_wrong_with_the_credentials() {
    let options = Options { scale: SMALL, require_token: true, ..Options::default() };
    let sandbox = sandbox::start(options).await.expect("a free port");
    let token = file("service-unknown.txt", "idt:TKN-0000-0001:wrong");
    let own = format!("file:{token}");
    for (flags, authorization, message) in [
        (&[][..], None, "The accounts API needs a token: there is no Authorization header"),
        (
            &[],
            Some("idt:TKN-0000-0001:operations"),
            "The accounts API does not accept the credentials: the Authorization header does not start with Bearer",
        ),
        (&[], Some("Bearer wrong"), "The accounts API does not accept the token of the Authorization header"),
        (&["--service-token", &own], None, "The accounts API does not accept the token that the gateway has for it"),
    ] {
        let (address, server) = gateway_told(settings(&sandbox.base_url()), limits(), flags).await;
        let request = reqwest::Client::new()
            .post(format!("http://{address}/graphql"))
            .json(&json!({ "query": "{ user(id: \"USR-0000-0001\") { id } }" }));
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let error = &answer["errors"][0];
        assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("UNAUTHENTICATED")));
        server.abort();
    }
}

/// Somebody who opens the endpoint in a browser wants the playground.
#[tokio::test]
async fn a_browser_that_opens_the_endpoint_is_led_to_the_playground() {
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (flags, accept, path, location) in [
        (&[][..], BROWSER, "/graphql", Some("./")),
        (&[], "text/html", "/graphql?", Some("./")),
        (&["--playground-path", "/play/ground"], BROWSER, "/graphql", Some("./play/ground/")),
        (&["--playground-enabled=false"], BROWSER, "/graphql", None),
        (&[], "*/*", "/graphql", None),
        (&[], "application/json", "/graphql", None),
        (&[], BROWSER, "/graphql?query=%7B__typename%7D", None),
    ] {
        let gateway = idle(flags).await;
        let address = format!("http://{}{path}", gateway.address);
        let response = client.get(&address).header("accept", accept).send().await.unwrap();
        let led = response.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
        assert_eq!(led.as_deref(), location, "{flags:?} {accept} {path}");
        let asked = path.contains("query=");
        let status = if location.is_some() {
            303
        } else if asked {
            200
        } else {
            400
        };
        assert_eq!(response.status().as_u16(), status, "{flags:?} {accept} {path}");
        if location.is_some() {
            assert_eq!(
                (&response.headers()["cache-control"], &response.headers()["vary"]),
                (&"private, no-store".parse().unwrap(), &"accept".parse().unwrap())
            );
            assert_eq!(response.text().await.unwrap(), "");
        }
    }
    // A form of a page elsewhere, and everything that is no GET, is answered as before.
    let gateway = idle(&[]).await;
    let address = format!("http://{}/graphql", gateway.address);
    let posted = client.post(&address).header("accept", "text/html").send().await.unwrap();
    assert_eq!(posted.status().as_u16(), 406);
}

#[test]
fn tokens_that_cannot_be_sent_are_refused_at_the_start_and_not_repeated() {
    let (two, none) = (file("two-lines.txt", "secret\nsecret"), file("no-tokens.txt", "# none\n"));
    let refused = |flags: &[&str]| program::http_settings(&config(flags)).err().map(|error| error.to_string());
    let two = format!("file:{two}");
    let message = format!("--service-token: the {} has characters that no header may have", two.replacen(':', " ", 1));
    assert_eq!(refused(&["--service-token", &two]), Some(message));
    let flags = ["--service-token", "env:CARGO_PKG_NAME", "--caller-token-file", &none];
    assert_eq!(refused(&flags), Some(format!("--caller-token-file: {none}: it has no token")));
}

#[tokio::test]
async fn a_request_is_found_again_by_its_id_and_trace() {
    let gateway = noted(&[]).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request =
        gateway.post(ASKS).header("x-request-id", "mine-1").header("traceparent", trace).header("tracestate", "a=b");
    let response = request.send().await.unwrap();
    assert_eq!(
        (&response.headers()["x-request-id"], &response.headers()["traceparent"]),
        (&"mine-1".parse().unwrap(), &trace.parse().unwrap())
    );
    let sent = gateway.sent();
    assert_eq!(
        (&sent["x-request-id"], &sent["traceparent"], &sent["tracestate"]),
        (&"mine-1".parse().unwrap(), &trace.parse().unwrap(), &"a=b".parse().unwrap())
    );
    let mut ids = vec![];
    for wrong in ["", "no spaces", &"x".repeat(129)] {
        let request = gateway
            .post(ASKS)
            .header("x-request-id", wrong)
            .header("traceparent", "00-1-2-3")
            .header("tracestate", "a=b");
        let response = request.send().await.unwrap();
        let sent = gateway.sent();
        assert_eq!(
            (sent.get("traceparent"), sent.get("tracestate"), response.headers().get("traceparent")),
            (None, None, None)
        );
        assert_eq!(sent["x-request-id"], response.headers()["x-request-id"]);
        ids.push(sent["x-request-id"].clone());
    }
    ids.dedup();
    assert!(ids.len() == 3 && ids.iter().all(|id| id.len() == 32), "{ids:?}");
}

// ---- introspection ----

#[tokio::test]
async fn introspection_that_is_off_tells_nothing_of_the_schema() {
    let gateway = noted(&["--introspection=false"]).await;
    for query in [
        "{ __schema { types { name } } }",
        "{ a: __type(name: \"User\") { name } }",
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ] {
        let (_, answer) = told(gateway.post(query)).await;
        assert_eq!(code(&answer), "INTROSPECTION_DISABLED", "{answer}");
    }
    assert_eq!(told(gateway.post("{ __typename }")).await.1, json!({ "data": { "__typename": "Query" } }));
}

/// A name that is not there, and what is suggested for it.
const MISTAKES: [(&str, &str, &str); 15] = [
    ("{ usr { id } }", "{}", "\"user\""),
    ("{ user(idd: 1) { id } }", "{}", "\"id\""),
    ("{ user(id: \"USR-1\") { nam } }", "{}", "\"name\""),
    ("{ user(id: \"USR-1\") }", "{}", "\"user { ... }\""),
    ("{ node(id: \"USR-1\") { email } }", "{}", "to use an inline fragment on \"User\""),
    ("{ node(id: \"USR-1\") { ... on Usr { id } } }", "{}", "\"User\""),
    ("{ users(filter: { nam: { eq: \"x\" } }) { totalCount } }", "{}", "\"name\""),
    ("{ users(filter: { revision: { gte: 1 } }) { totalCount } }", "{}", "\"ge\""),
    ("{ users(filter: { status: { eq: ACTIV } }) { totalCount } }", "{}", "the enum value \"ACTIVE\""),
    ("{ users(orderBy: { field: NAM }) { totalCount } }", "{}", "the enum value \"NAME\""),
    ("{ __typename @skip(iff: true) }", "{}", "\"if\""),
    ("query($v: UserFiltr) { users(filter: $v) { totalCount } }", "{}", "\"UserFilter\""),
    ("query($v: UserFilter) { users(filter: $v) { totalCount } }", r#"{"v":{"nam":{"eq":"x"}}}"#, "\"name\""),
    ("query($v: IntFilter) { users(filter: {revision: $v}) { totalCount } }", r#"{"v":{"lte":1}}"#, "\"le\""),
    (
        "query($v: [UserOrder!]) { users(orderBy: $v) { totalCount } }",
        r#"{"v":{"field":"NAM"}}"#,
        "the enum value \"NAME\"",
    ),
];

#[tokio::test]
async fn suggestions_are_made_always_or_never_by_the_setting_of_introspection() {
    let (open, closed) = (noted(&[]).await, noted(&["--introspection=false"]).await);
    for (query, variables, suggested) in MISTAKES {
        let variables: Value = serde_json::from_str(variables).expect("JSON");
        let body = json!({ "query": query, "variables": variables });
        let (_, answer) = told(open.post("").json(&body)).await;
        assert_eq!(answer.get("data"), None, "{answer}");
        let messages = |answer: &Value| -> Vec<String> {
            let errors = answer["errors"].as_array().expect("errors");
            errors.iter().map(|error| error["message"].as_str().expect("a message").to_owned()).collect()
        };
        let (said, guesses): (Vec<_>, Vec<_>) = messages(&answer)
            .into_iter()
            .map(|message| match message.split_once(" Did you mean ") {
                Some((said, guess)) => (said.to_owned(), Some(guess.to_owned())),
                None => (message, None),
            })
            .unzip();
        let guesses: Vec<_> = guesses.into_iter().flatten().collect();
        assert!(guesses.len() == 1 && guesses[0].starts_with(suggested), "{suggested}: {answer}");
        let (_, answer) = told(closed.post("").json(&body)).await;
        assert_eq!(messages(&answer), said, "{query}");
        assert!(!answer.to_string().contains("Did you mean"), "{answer}");
    }
}

#[tokio::test]
async fn a_syntax_error_is_one_line_with_its_place() {
    let gateway = noted(&[]).await;
    for query in ["{", "{ a(", "query {\n  a(b: 1\n}", "} {", "{ a(b: \"x) }"] {
        let (_, answer) = told(gateway.post(query)).await;
        let error = &answer["errors"][0];
        assert_eq!(code(&answer), "GRAPHQL_PARSE_FAILED");
        assert!(!error["message"].as_str().unwrap().contains('\n'), "{answer}");
        assert!(error["locations"][0]["line"].as_u64() > Some(0), "{answer}");
    }
}
