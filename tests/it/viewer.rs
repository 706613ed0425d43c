//! Who is asking: what an API token is told of itself, and what nobody is told.

use crate::{
    mutation::upstream::{Scripted, TOKEN, not_found, ok, post, scripted, told, upstream},
    support::{MODES, SMALL, gateway_of, gateway_told, kit_of, limits, settings},
};
use accounts_graph::{
    graph::engine::Engine,
    upstream::{client::Client, marketplace::membership::MembershipRoutes},
};
use accounts_graph_sandbox::{
    self as sandbox, CLIENT_TOKEN, OPERATIONS_TOKEN, Options, Quirks, Recorded, VENDOR_TOKEN, user_token,
};
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const VIEWER: &str =
    "{ viewer { apiToken { id name status } account { id name type } modules { id name } __typename } }";

fn id_of(token: &str) -> &str {
    token.split(':').nth(1).expect("an id")
}

fn row(rows: Vec<Map<String, Value>>, id: &Value) -> Map<String, Value> {
    rows.into_iter().find(|row| row["id"] == *id).expect("a row")
}

#[tokio::test]
async fn an_api_token_is_told_who_it_is_in_one_request_without_its_secret() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        for token in [CLIENT_TOKEN, VENDOR_TOKEN, OPERATIONS_TOKEN] {
            let id = json!(id_of(token));
            let world = kit.sandbox.world();
            let own = row(world.rows("api-tokens"), &id);
            let account = row(world.rows("accounts"), &own["account"]);
            let modules = own.get("modules").and_then(Value::as_array).cloned().unwrap_or_default();
            let modules: Vec<Value> =
                modules.iter().map(|id| json!({ "id": id, "name": row(world.rows("modules"), id)["name"] })).collect();
            let answer = kit.query_as(token, VIEWER).await;
            let upper = |text: &Value| json!(text.as_str().expect("text").to_uppercase());
            let expected = json!({
                "apiToken": { "id": id, "name": own["name"], "status": upper(&own["status"]) },
                "account": { "id": account["id"], "name": account["name"], "type": upper(&account["type"]) },
                "modules": modules,
                "__typename": "Viewer",
            });
            assert_eq!(answer, json!({ "data": { "viewer": expected } }), "{mode:?}");
            let requests = kit.requests();
            assert_eq!(requests.len(), 1, "{mode:?}: {requests:#?}");
            let path = format!("GET /accounts/api-tokens/{}?select=-*,id,name,status,account.id,", id_of(token));
            assert!(requests[0].starts_with(&path) && !requests[0].contains("token,"), "{requests:#?}");
            assert!(!requests[0].split("select=").nth(1).expect("a select").contains("token"), "{requests:#?}");
        }
    }
}

#[tokio::test]
async fn who_asks_is_an_entity_like_any_other() {
    let kit = kit_of(MODES[0], Quirks::default()).await;
    let ask = async |query: &str| {
        kit.sandbox.clear_requests();
        let mut answer = kit.query_as(CLIENT_TOKEN, query).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        (answer["data"].take(), kit.sandbox.requests().iter().map(Recorded::line).collect::<Vec<_>>())
    };
    let token = format!("apiToken(id: \"{}\")", id_of(CLIENT_TOKEN));
    // Selections of it are merged with each other and with other root fields, into one request.
    let (data, requests) = ask(&format!(
        "{{ viewer {{ a: apiToken {{ id }} b: apiToken {{ name account {{ id }} }} account {{ name }} account {{ type }} \
         m: modules {{ id }} ...F }} {token} {{ status }} }} fragment F on Viewer {{ a: apiToken {{ lastAccessAt }} }}"
    ))
    .await;
    assert_eq!(data["viewer"]["a"]["id"], id_of(CLIENT_TOKEN), "{data}");
    assert!(data["viewer"]["a"].get("lastAccessAt").is_some() && data["viewer"]["b"]["name"].is_string(), "{data}");
    assert_eq!(data["viewer"]["account"]["type"], "CLIENT", "{data}");
    assert_eq!(data["viewer"]["b"]["account"]["id"], "ACC-1671-0642", "{data}");
    assert_eq!(data["apiToken"]["status"], "ACTIVE", "{data}");
    assert_eq!(requests.len(), 1, "{requests:#?}");
    // The graph goes on behind it.
    let (data, requests) = ask("{ viewer { account { buyers(first: 2) { totalCount nodes { name } } } } }").await;
    assert!(data["viewer"]["account"]["buyers"]["totalCount"].as_u64() > Some(2), "{data}");
    assert_eq!(requests.len(), 2, "{requests:#?}");
    // Nothing is asked where nothing is selected that needs an answer.
    let (data, requests) = ask("{ viewer { __typename } }").await;
    assert_eq!((data, requests.len()), (json!({ "viewer": { "__typename": "Viewer" } }), 0));
    let (data, requests) =
        ask("query($no: Boolean = false) { viewer { __typename account @include(if: $no) { id } } }").await;
    assert_eq!((data, requests.len()), (json!({ "viewer": { "__typename": "Viewer" } }), 0));
}

#[tokio::test]
async fn other_credentials_say_nothing_and_nothing_is_asked() {
    let sandbox = sandbox::start(Options { scale: SMALL, ..Options::default() }).await.expect("a free port");
    let engine = Engine::new(Client::new(settings(&sandbox.base_url())).expect("a client"), limits());
    let (address, server) = gateway_of(engine.knowing_tokens(&["idt:TKN-1:a", "idt:TKN-2:b"]), &[]).await;
    let (plain, other) = gateway_told(settings(&sandbox.base_url()), limits(), &[]).await;
    let unknown = "The token of the Authorization header is not an API token (idt:TKN-…:…): other tokens are not decoded, \
                   since nobody has verified what they claim.";
    let missing = "There is no Authorization header, so it is not known who is asking: send an API token.";
    let user = format!("Bearer {}", user_token("USR-1671-0642"));
    let own = format!("Basic {OPERATIONS_TOKEN}");
    for (gateway, authorization, message, code) in [
        (plain, None, missing.to_owned(), "UNAUTHENTICATED"),
        (address, None, format!("{missing} This upstream knows idt:TKN-1:a, idt:TKN-2:b."), "UNAUTHENTICATED"),
        (plain, Some(user.as_str()), unknown.to_owned(), "VIEWER_UNKNOWN"),
        (
            plain,
            Some("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJUS04tMDAwMC0wMDAxIn0."),
            unknown.to_owned(),
            "VIEWER_UNKNOWN",
        ),
        (plain, Some("Bearer idt:USR-1671-0642:x"), unknown.to_owned(), "VIEWER_UNKNOWN"),
        (plain, Some(own.as_str()), unknown.to_owned(), "VIEWER_UNKNOWN"),
    ] {
        let request = reqwest::Client::new().post(format!("http://{gateway}/graphql"));
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        let body = json!({ "query": "{ viewer { account { id } } __typename }" });
        let answer: Value = request.json(&body).send().await.expect("an answer").json().await.expect("JSON");
        let error = json!({ "message": message, "locations": [{ "line": 1, "column": 3 }], "path": ["viewer"],
            "extensions": { "code": code } });
        assert_eq!(answer, json!({ "errors": [error], "data": { "viewer": null, "__typename": "Query" } }));
        assert_eq!(sandbox.requests().len(), 0, "{code}");
    }
    server.abort();
    other.abort();
}

fn problem(status: u16) -> (u16, String) {
    (status, json!({ "title": "No", "status": status, "traceId": "00-a-b-00" }).to_string())
}

#[tokio::test]
async fn a_token_that_may_not_read_itself_knows_its_id_and_the_rest_is_forbidden() {
    let nothing =
        json!({ "apiToken": { "id": "TKN-0000-0077", "name": null, "n": null }, "account": null, "modules": null });
    let query = "{ viewer { apiToken { id name n: status } account { id } modules { id } } }";
    for status in [403, 404] {
        let kit =
            scripted(move |line| if line.contains("/api-tokens/") { problem(status) } else { list_of_nothing() }).await;
        let answer = kit.send(query, json!({})).await;
        assert_eq!(answer["data"]["viewer"], nothing, "{status}: {answer}");
        let errors = answer["errors"].as_array().expect("errors");
        let at = |error: &Value| (error["path"].clone(), error["extensions"]["code"].clone());
        let expected = [json!(["apiToken", "name"]), json!(["apiToken", "n"]), json!(["account"]), json!(["modules"])];
        let expected = expected.map(|path| {
            let path: Vec<Value> =
                std::iter::once(json!("viewer")).chain(path.as_array().expect("a path").clone()).collect();
            (json!(path), json!("FORBIDDEN"))
        });
        assert_eq!(errors.iter().map(at).collect::<Vec<_>>(), expected, "{status}: {answer}");
        let message = "The accounts API does not show the API token to itself, so only its id is known";
        assert!(errors.iter().all(|error| error["message"] == message), "{status}: {answer}");
        let only = kit.send("{ viewer { apiToken { id __typename } } }", json!({})).await;
        let token = json!({ "id": "TKN-0000-0077", "__typename": "ApiToken" });
        assert_eq!(only, json!({ "data": { "viewer": { "apiToken": token } } }), "{status}");
    }
}

fn list_of_nothing() -> (u16, String) {
    crate::mutation::upstream::list(&json!([]))
}

#[tokio::test]
async fn any_other_failure_is_an_error_of_the_whole_field() {
    for (answer, code) in [
        (problem(401), "UNAUTHENTICATED"),
        (problem(500), "UPSTREAM_ERROR"),
        (problem(429), "RATE_LIMITED"),
        ((200, "<html>".to_owned()), "UPSTREAM_INVALID"),
        (ok(&json!({ "id": "TKN-0000-0001", "name": "somebody else" })), "UPSTREAM_INVALID"),
        (ok(&json!({ "name": "nobody" })), "UPSTREAM_INVALID"),
        ((404, String::new()), "UPSTREAM_ROUTE_MISSING"),
    ] {
        let said = answer.clone();
        let kit = scripted(move |line| if line.contains("/api-tokens") { said.clone() } else { not_found() }).await;
        let answered = kit.send("{ viewer { apiToken { id name } account { id } } }", json!({})).await;
        assert_eq!(answered["data"], json!({ "viewer": null }), "{answer:?}: {answered}");
        assert_eq!(answered["errors"].as_array().map(Vec::len), Some(1), "{answer:?}: {answered}");
        assert_eq!(answered["errors"][0]["path"], json!(["viewer"]), "{answer:?}: {answered}");
        assert_eq!(answered["errors"][0]["extensions"]["code"], code, "{answer:?}: {answered}");
    }
}

/// Also with bodies that hold the secret, in one row and in lists, whoever asks for the token and whatever is explained.
fn telling_secrets(line: &str) -> (u16, String) {
    let account = json!({ "id": "ACC-1", "name": "A", "type": "Client" });
    let token = json!({ "id": "TKN-0000-0077", "token": TOKEN, "name": "T", "account": account, "modules": [] });
    match line {
        line if line.starts_with("GET /api-tokens/") => ok(&token),
        line if line.starts_with("GET /api-tokens?") => crate::mutation::upstream::list(&json!([token])),
        _ => not_found(),
    }
}

#[tokio::test]
async fn a_secret_that_a_host_tells_all_the_same_is_in_no_answer_and_no_explanation() {
    let kit: Scripted = told(&["--explain", "always"], MembershipRoutes::default(), telling_secrets).await;
    for query in [
        VIEWER,
        "{ apiTokens(first: 1) { nodes { id name } } }",
        "{ viewer { apiToken { id name } } node(id: \"TKN-0000-0077\") { id ... on ApiToken { name description } } }",
    ] {
        for (path, explain) in [("/graphql", "1"), ("/graphql", "plan"), ("/graphql/plan", "1")] {
            let request = reqwest::Client::new().post(kit.url(path)).bearer_auth(TOKEN).header("x-explain", explain);
            let response = request.json(&json!({ "query": query })).send().await.expect("an answer");
            let text = response.text().await.expect("a body");
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            assert!(answer["extensions"]["explain"]["requests"][0].is_object(), "{text}");
            assert_eq!(answer.get("errors"), None, "{text}");
            assert!(!text.contains("opaque") && !text.contains("idt:"), "{text}");
        }
    }
}

/// A running program; ended when dropped, however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_secret_that_a_host_tells_all_the_same_is_in_no_log() {
    // The second answer is cut off inside the secret.
    let cut = || (200, format!("{{\"id\":\"TKN-0000-0077\",\"token\":\"{}", &TOKEN[..30]));
    let (base, server) =
        upstream(move |line| if line.contains("description") { cut() } else { telling_secrets(line) }).await;
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("viewer-log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_accounts-graph"))
        .args(["--listen", "127.0.0.1:0", "--upstream", &base, "--log", "trace"])
        .stdout(Stdio::piped())
        .stderr(File::create(&log).expect("a file"))
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let program = Running(child);
    let endpoint = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.trim().strip_prefix("endpoint").map(|rest| rest.trim().to_owned()));
    let endpoint = endpoint.expect("a banner");
    let address = endpoint.trim_start_matches("http://").trim_end_matches("/graphql").parse().expect("an address");
    let http = reqwest::Client::new();
    let answer = post(&http, address, VIEWER, json!({})).await;
    assert!(answer.contains("\"name\":\"T\"") && !answer.contains("opaque"), "{answer}");
    let broken = post(&http, address, "{ viewer { apiToken { description } } }", json!({})).await;
    assert!(broken.contains("UPSTREAM_INVALID") && !broken.contains("opaque"), "{broken}");
    drop(program);
    server.abort();
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert!(logged.contains("GET /v1/accounts/api-tokens/{id}"), "the requests are logged");
    for secret in [TOKEN, "opaque", "idt:", "TKN-0000-0077"] {
        assert!(!logged.contains(secret), "{secret} is in the log");
    }
}

fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the file is written");
    path.to_str().expect("a path of UTF-8").to_owned()
}

#[tokio::test]
async fn a_token_of_the_gateway_s_own_tells_its_account_and_not_itself() {
    let own = format!("file:{}", file("viewer-token", TOKEN));
    let callers = file("viewer-callers", "one\nidt:TKN-0000-0005:mine\n");
    let flags = ["--service-token", &own, "--caller-token-file", &callers, "--explain", "always"];
    let kit = told(&flags, MembershipRoutes::default(), telling_secrets).await;
    let send = async |caller: &str, query: &str| {
        let request = reqwest::Client::new().post(kit.url("/graphql")).bearer_auth(caller).header("x-explain", "1");
        let text =
            request.json(&json!({ "query": query })).send().await.expect("an answer").text().await.expect("a body");
        assert!(!text.contains("0077") && !text.contains("opaque"), "{text}");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    // A caller's own token is one of the gateway's, whatever its form: it is not the one that is asked with.
    for caller in ["one", "idt:TKN-0000-0005:mine"] {
        let answer = send(caller, "{ viewer { account { id type } modules { id } } }").await;
        let viewer = json!({ "account": { "id": "ACC-1", "type": "CLIENT" }, "modules": [] });
        assert_eq!(answer["data"], json!({ "viewer": viewer }), "{answer}");
        assert_eq!(answer.get("errors"), None, "{answer}");
        assert_eq!(answer["extensions"]["explain"]["requests"].as_array().map(Vec::len), Some(1), "{answer}");
        let answer = send(caller, "{ viewer { apiToken { id name } account { id } } }").await;
        assert_eq!(answer["data"], json!({ "viewer": { "apiToken": null, "account": { "id": "ACC-1" } } }), "{answer}");
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["path"], &error["extensions"]["code"]),
            (&json!(["viewer", "apiToken"]), &json!("FORBIDDEN"))
        );
    }
    kit.requests();
    let answer = send("one", "{ viewer { apiToken { id } } }").await;
    assert_eq!(answer["data"], json!({ "viewer": { "apiToken": null } }), "{answer}");
    assert_eq!(kit.requests(), <[String; 0]>::default());
    // One that is not an API token.
    let own = format!("file:{}", file("viewer-jwt", "a.b.c"));
    let kit = told(&["--service-token", &own], MembershipRoutes::default(), telling_secrets).await;
    let answer =
        reqwest::Client::new().post(kit.url("/graphql")).json(&json!({ "query": "{ viewer { account { id } } }" }));
    let answer: Value = answer.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "VIEWER_UNKNOWN", "{answer}");
}

/// What is selected of a token.
const SELECTED: [&str; 9] = [
    "id",
    "__typename name icon status description lastAccessAt revision",
    "account { id name type status icon iconUrl }",
    "account { website groups { nodes { id name } } users(first: 2) { totalCount nodes { name email } } }",
    "modules { id name description settings { configurable } filters { groupBuyers } }",
    "modules { code accountTypes audit { created { at } } }",
    "extensions { id name status } audit { created { at by { __typename id name } } enabled { at } }",
    "account { apiTokens(first: 5) { nodes { id name account { name } } } } modules { groups(first: 2) { totalCount } }",
    "a: account { name } b: account { id externalId } m: modules { name } name n: name",
];

/// An answer to a field of a token: its value, and its errors with the paths below it.
fn below(answer: &Value, path: &[&str]) -> (Value, Vec<Value>) {
    let value = path.iter().fold(&answer["data"], |value, step| &value[*step]).clone();
    let errors = answer.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let below = |error: &Value| {
        let whole = error["path"].as_array().expect("a path");
        let rest = &whole[path.len().min(whole.len())..];
        json!({ "message": error["message"], "path": rest, "code": error["extensions"]["code"] })
    };
    (value, errors.iter().map(below).collect())
}

/// The token of the viewer is answered as any token is that is asked for by its id, and costs the same.
#[tokio::test]
async fn the_viewer_is_the_entity_with_its_id() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        for token in [CLIENT_TOKEN, OPERATIONS_TOKEN] {
            for selected in SELECTED {
                let ask = async |query: String, path: &[&str]| {
                    kit.sandbox.clear_requests();
                    let answer = kit.query_as(token, &query).await;
                    (below(&answer, path), kit.requests())
                };
                let own = ask(format!("{{ viewer {{ apiToken {{ {selected} }} }} }}"), &["viewer", "apiToken"]).await;
                let named = format!("{{ apiToken(id: \"{}\") {{ {selected} }} }}", id_of(token));
                assert_eq!(own, ask(named, &["apiToken"]).await, "{mode:?} {token} {selected}");
            }
        }
    }
}

/// Bodies that are not what was asked for are the same errors at the same fields.
#[tokio::test]
async fn damage_of_the_viewer_is_damage_of_the_entity_with_its_id() {
    let account = json!({ "id": "ACC-1", "name": "A", "type": "Client" });
    let whole = json!({ "id": "TKN-0000-0077", "name": "T", "status": "Active", "account": account, "modules": [{ "id": "MOD-1", "name": "M" }] });
    for (member, damage) in [
        ("name", json!(1)),
        ("name", json!("[Circular Reference]")),
        ("name", Value::Null),
        ("status", json!("Unheard")),
        ("status", json!({})),
        ("account", json!("[Circular Reference]")),
        ("account", json!({ "name": "without an id" })),
        ("account", json!({ "id": "USR-1" })),
        ("account", Value::Null),
        ("account", json!([])),
        ("modules", json!("[Circular Reference]")),
        ("modules", json!([null])),
        ("modules", json!([{ "name": "without an id" }])),
        ("modules", json!({})),
        ("modules", Value::Null),
        ("$meta", json!({ "omitted": ["name"] })),
        ("$meta", json!({ "omitted": ["account", "modules"] })),
    ] {
        let mut body = whole.clone();
        match damage["omitted"].as_array() {
            Some(omitted) => {
                for name in omitted {
                    body.as_object_mut().expect("an object").remove(name.as_str().expect("a name"));
                }
                body[member] = damage.clone();
            }
            None => body[member] = damage.clone(),
        }
        let kit = scripted(move |line| match line {
            line if line.starts_with("GET /api-tokens/") => ok(&body),
            line if crate::mutation::upstream::asks_for_collection(line) => list_of_nothing(),
            _ => not_found(),
        })
        .await;
        let selected = "name status account { id name type } modules { id name }";
        let named = kit.send(&format!("{{ apiToken(id: \"TKN-0000-0077\") {{ {selected} }} }}"), json!({})).await;
        let expected = below(&named, &["apiToken"]);
        let own = kit.send(&format!("{{ viewer {{ apiToken {{ {selected} }} }} }}"), json!({})).await;
        assert_eq!(below(&own, &["viewer", "apiToken"]), expected, "{member} {damage}");
        // And so are those of the fields that stand beside it.
        let beside = kit.send("{ viewer { account { id name type } modules { id name } } }", json!({})).await;
        let (value, errors) = below(&beside, &["viewer"]);
        let there = |error: &&Value| error["path"][0] == "account" || error["path"][0] == "modules";
        if let Value::Object(token) = &expected.0 {
            assert_eq!(value, json!({ "account": token["account"], "modules": token["modules"] }), "{member} {damage}");
            let expected: Vec<&Value> = expected.1.iter().filter(there).collect();
            assert_eq!(errors.iter().collect::<Vec<_>>(), expected, "{member} {damage}");
        }
    }
}

#[tokio::test]
async fn a_plan_counts_one_token_and_names_none() {
    let kit = kit_of(MODES[0], Quirks::default()).await;
    let own = format!("apiToken(id: \"{}\")", id_of(CLIENT_TOKEN));
    for (query, most) in [
        ("{ viewer { apiToken { name } account { name } modules { name } } }".to_owned(), 1),
        (format!("{{ viewer {{ account {{ type }} }} {own} {{ name }} }}"), 3),
        ("{ viewer { account { users(first: 3) { nodes { name } } } } }".to_owned(), 2),
    ] {
        let body = json!({ "query": query });
        let text = kit.explain_as(&body, "plan", Some(CLIENT_TOKEN)).await;
        let plan: Value = serde_json::from_str(&text).expect("JSON");
        let explain = &plan["extensions"]["explain"];
        assert_eq!(explain["bounds"]["requests"], most, "{query}: {text}");
        assert!(query.contains("TKN") || !text.contains("TKN-0"), "{text}");
        assert!(explain["requests"][0]["path"].as_str().is_some_and(|path| path.contains("/api-tokens")), "{text}");
        let text = kit.explain_as(&body, "1", Some(CLIENT_TOKEN)).await;
        let run: Value = serde_json::from_str(&text).expect("JSON");
        let sent = run["extensions"]["explain"]["totals"]["requests"].as_u64().expect("a number");
        assert!((1..=most).contains(&sent), "{query}: {text}");
        let fields = run["extensions"]["explain"]["requests"][0]["fields"].as_array().expect("fields");
        assert!(fields.iter().any(|field| field[0] == "viewer"), "{text}");
    }
}
