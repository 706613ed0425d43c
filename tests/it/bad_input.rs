//! What a client sends wrong: it is told so, with a code, and never changes what is asked of the upstream.

use crate::support::{Kit, SMALL, kit, kit_with, limits};
use accounts_graph_sandbox::Options;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// The by-id fields with a proper id of another kind for each.
const BY_ID: &[(&str, &str)] = &[
    ("user", "ACC-1671-0642"),
    ("account", "USR-1671-0642"),
    ("accountUser", "USR-1671-0642"),
    ("group", "ACC-1671-0642"),
    ("module", "UGR-5116-6265"),
    ("buyer", "SEL-0000-0001"),
    ("seller", "BUY-0820-3934"),
    ("licensee", "BUY-0820-3934"),
    ("erpLink", "BUY-0820-3934"),
    ("apiToken", "USR-1671-0642"),
    ("cloudTenant", "TKN-0000-0001"),
];

/// Texts that would do harm if they were pasted into a path or a query as they stand.
fn hostile() -> Vec<String> {
    let texts = [
        "",
        " ",
        "x",
        "USR-",
        "USR-1671-0642 ",
        " USR-1671-0642",
        "usr-1671-0642",
        "USR-1671-0642/../../accounts/ACC-1671-0642",
        "../users/USR-1671-0642",
        "%2e%2e/",
        "USR-1671-0642?select=*",
        "USR-1671-0642&limit=1000",
        "USR-1671-0642#x",
        "USR-1671-0642%00",
        "USR-1671-0642\0",
        "USR-1671-0642\r\nX-Evil: 1",
        "USR-1671-0642\")),or(eq(status,\"Active\"",
        "'",
        "a,b",
        "(a)",
        "a;b|c",
        "*",
        "\\*",
        "null()",
        "empty()",
        "USR-１６７１-0642",
        "\u{202e}USR",
        "\u{1f600}",
        "a+b c",
    ];
    texts.into_iter().map(str::to_owned).chain(["9".repeat(10_000), format!("USR-{}", "1".repeat(10_000))]).collect()
}

fn error(answer: &Value) -> (&Value, &str) {
    (&answer["errors"][0]["extensions"]["code"], answer["errors"][0]["message"].as_str().unwrap_or_default())
}

// ---- ids ----

#[tokio::test]
async fn an_id_of_another_kind_is_refused_by_every_root_without_a_request() {
    let kit = kit().await;
    for (field, id) in BY_ID {
        let answer = kit.query(&format!("{{ {field}(id: \"{id}\") {{ id }} __typename }}")).await;
        let (code, message) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT", "{field}: {answer}");
        assert!(message.starts_with("Argument id is not an id of "), "{message}");
        assert_eq!(answer["errors"][0]["path"], json!([field]));
        assert_eq!(answer["data"], json!({ *field: null, "__typename": "Query" }));
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn a_malformed_id_is_refused_without_a_request() {
    let kit = kit().await;
    for id in hostile() {
        let answer = kit.query_with("query ($id: ID!) { user(id: $id) { name } }", json!({ "id": id })).await;
        assert_eq!(error(&answer).0, "BAD_USER_INPUT", "{id:?}: {answer}");
        assert_eq!(answer["data"], json!({ "user": null }));
        assert!(answer.to_string().len() < 500, "the id is not repeated");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn node_is_null_for_what_is_no_id_without_a_request() {
    let kit = kit().await;
    for id in hostile() {
        let answer = kit.query_with("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(answer, json!({ "data": { "node": null } }), "{id:?}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn nodes_has_null_in_the_place_of_what_is_no_id() {
    let kit = kit().await;
    let mut ids = hostile();
    let mut expected = vec![Value::Null; ids.len()];
    ids.insert(3, "USR-1671-0642".to_owned());
    expected.insert(3, json!({ "id": "USR-1671-0642" }));
    let answer = kit.query_with("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
    assert_eq!(answer, json!({ "data": { "nodes": expected } }));
    assert_eq!(kit.requests(), ["GET /accounts/users/USR-1671-0642?select=-*,id"]);
    let answer = kit.query_with("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": hostile() })).await;
    assert_eq!(answer, json!({ "data": { "nodes": vec![Value::Null; hostile().len()] } }));
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn nodes_takes_a_hundred_ids_and_not_one_more() {
    let kit = kit().await;
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let ids = |count: usize| json!({ "ids": (0..count).map(|n| format!("ACC-9999-{n:04}")).collect::<Vec<_>>() });
    assert_eq!(kit.query_with(query, ids(100)).await["data"]["nodes"], json!(vec![Value::Null; 100]));
    assert_eq!(kit.requests().len(), 1);
    let answer = kit.query_with(query, ids(101)).await;
    assert_eq!(error(&answer), (&json!("BAD_USER_INPUT"), "Argument ids has 101 ids; at most 100 are allowed."));
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn ids_in_filters_must_be_of_their_kind() {
    let kit = kit().await;
    for filter in [
        r#"{ id: { eq: "ACC-1671-0642" } }"#,
        r#"{ id: { in: ["USR-1671-0642", "x"] } }"#,
        r#"{ id: { ne: "" } }"#,
        r#"{ currentAccount: { id: { eq: "USR-1671-0642" } } }"#,
        r#"{ not: { id: { eq: "USR-1671-0642)" } } }"#,
        r#"{ or: [{ currentAccount: { groups: { any: { id: { eq: "nope" } } } } }] }"#,
        r#"{ audit: { created: { by: { id: { eq: "ACC-1671-0642" } } } } }"#,
    ] {
        let answer = kit.query(&format!("{{ users(filter: {filter}) {{ totalCount }} __typename }}")).await;
        let (code, message) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT", "{filter}: {answer}");
        assert!(message.starts_with("The value for ") && message.contains("id"), "{message}");
        assert_eq!(answer["data"], json!({ "users": null, "__typename": "Query" }));
    }
    assert_eq!(kit.requests(), [""; 0]);
}

// ---- values ----

#[tokio::test]
async fn values_of_filters_never_change_the_shape_of_the_query() {
    let kit = kit().await;
    let query = "query ($v: String!) { users(first: 1, filter: { name: { eq: $v } }) { totalCount } }";
    for value in hostile() {
        if value.contains('\'') && value.contains('"') {
            continue;
        }
        let answer = kit.query_with(query, json!({ "v": value })).await;
        let quote = if value.contains('"') { '\'' } else { '"' };
        assert_eq!(answer, json!({ "data": { "users": { "totalCount": 0 } } }), "{value:?}");
        // Nothing between quotes is not what the language has for an empty text.
        let literal = if value.is_empty() { "empty()".to_owned() } else { format!("{quote}{value}{quote}") };
        let expected = format!("GET /accounts/users?eq(name,{literal})&select=-*,id,name&order=id&limit=1");
        assert_eq!(kit.requests(), [expected], "{value:?}");
    }
}

#[tokio::test]
async fn a_value_is_found_again_whatever_it_is_made_of() {
    // The sandbox splits the encoded query as the upstream does: what breaks out of its quotes changes the count.
    let kit = kit().await;
    let all = kit.listed("users").len();
    let query = "query ($v: String!) { users(first: 0, filter: { name: { ne: $v } }) { totalCount } }";
    for value in hostile() {
        if value.contains('\'') && value.contains('"') {
            continue;
        }
        let answer = kit.query_with(query, json!({ "v": value })).await;
        assert_eq!(answer, json!({ "data": { "users": { "totalCount": all } } }), "{value:?}");
    }
}

#[tokio::test]
async fn a_value_with_both_kinds_of_quotes_is_refused() {
    let kit = kit().await;
    for filter in [
        r#"{ name: { eq: "it's \"it\"" } }"#,
        r#"{ name: { in: ["fine", "'\""] } }"#,
        r#"{ email: { contains: "'\"" } }"#,
        r#"{ currentAccount: { groups: { any: { name: { eq: "'\"" } } } } }"#,
        r#"{ audit: { created: { by: { name: { eq: "'\"" } } } } }"#,
    ] {
        let answer = kit.query(&format!("{{ users(filter: {filter}) {{ totalCount }} }}")).await;
        let (code, message) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT", "{answer}");
        assert!(message.contains("both kinds of quotes"), "{message}");
    }
    let answer = kit.query(r#"{ userByEmail(email: "'\"@example.com") { id } }"#).await;
    assert_eq!(
        (error(&answer).0, &answer["data"]),
        (&json!("BAD_USER_INPUT"), &json!({ "userByEmail": null })),
        "{answer}"
    );
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn an_email_address_never_changes_the_shape_of_the_query() {
    let kit = kit().await;
    for email in hostile() {
        // Both kinds of quotes, and an escape where a wildcard may be, cannot be said.
        if email.is_empty() || email == "\\*" || (email.contains('\'') && email.contains('"')) {
            continue;
        }
        let answer =
            kit.query_with("query ($e: String!) { userByEmail(email: $e) { id } }", json!({ "e": email })).await;
        assert_eq!(answer, json!({ "data": { "userByEmail": null } }), "{email:?}");
        let quote = if email.contains('"') { '\'' } else { '"' };
        let lines = kit.requests();
        assert_eq!(lines.len(), 1, "{email:?}: {lines:?}");
        // A star at the end is no wildcard.
        let said = email.strip_suffix('*').map_or(email.clone(), |before| format!("{before}\\*"));
        assert!(
            lines[0].starts_with(&format!("GET /accounts/users?ilike(email,{quote}{said}{quote})&select=")),
            "{lines:?}"
        );
    }
    let answer = kit.query(r#"{ userByEmail(email: "") { id } }"#).await;
    assert_eq!(error(&answer), (&json!("BAD_USER_INPUT"), "Argument email must not be empty."));
}

#[tokio::test]
async fn an_empty_list_matches_nothing_and_asks_nothing() {
    let kit = kit().await;
    let empty = json!({ "nodes": [], "totalCount": 0, "pageInfo": { "hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null } });
    let fields = "{ nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
    for filter in [
        "{ id: { in: [] } }",
        "{ name: { in: [] } }",
        "{ status: { in: [] } }",
        "{ or: [] }",
        "{ and: [{ name: { eq: \"x\" } }, { id: { in: [] } }] }",
        "{ currentAccount: { groups: { any: { id: { in: [] } } } } }",
        "{ not: { id: { notIn: [] } } }",
    ] {
        let answer = kit
            .query(&format!("{{ users(filter: {filter}) {fields} last: users(last: 5, filter: {filter}) {fields} }}"))
            .await;
        assert_eq!(answer, json!({ "data": { "users": empty, "last": empty } }), "{filter}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn an_empty_exclusion_leaves_nothing_out() {
    let kit = kit().await;
    let all = kit.listed("users").len();
    for filter in
        ["{ id: { notIn: [] } }", "{ and: [] }", "{}", "{ not: { id: { in: [] } } }", "null", "{ name: null }"]
    {
        let answer = kit.query(&format!("{{ users(filter: {filter}) {{ totalCount }} }}")).await;
        assert_eq!(answer, json!({ "data": { "users": { "totalCount": all } } }), "{filter}");
    }
}

#[tokio::test]
async fn what_the_graph_has_no_name_for_cannot_be_filtered_by() {
    let kit = kit().await;
    for filter in ["{ status: { eq: UNKNOWN } }", "{ status: { notIn: [ACTIVE, UNKNOWN] } }"] {
        let answer = kit.query(&format!("{{ users(filter: {filter}) {{ totalCount }} }}")).await;
        let (code, message) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.starts_with("The value for status cannot be UNKNOWN"), "{message}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

/// An emptied select box must not empty the table, nor fill it: a client sends null when it has no value to compare with.
#[tokio::test]
async fn a_condition_with_null_is_refused_with_a_hint_at_is_null() {
    let kit = kit().await;
    let [equal, different, other] = [
        " Use isNull: true to find what has no value, or leave the condition out.",
        " Use isNull: false to find what has a value, or leave the condition out.",
        " Leave it out to set no condition.",
    ];
    let leaves = [
        ("users", "name", "String", &TEXT_CONDITIONS[..]),
        ("users", "id", "ID", &EQUALITY),
        ("users", "status", "UserStatus", &EQUALITY),
        ("users", "lastLoginAt", "DateTime", &ORDER),
        ("users", "createdAt", "DateTime", &ORDER),
        ("users", "revision", "Int", &ORDER),
        ("groups", "isDefault", "Boolean", &EQUALITY[..2]),
        ("users", "audit.created.by.id", "ID", &EQUALITY),
        ("users", "audit.created.by.name", "String", &TEXT_CONDITIONS),
        ("users", "settings.timeZone", "String", &TEXT_CONDITIONS),
        ("groups", "modules.any.name", "String", &TEXT_CONDITIONS),
        ("accountUsers", "id", "ID", &EQUALITY),
        ("accountUsers", "status", "AccountUserStatus", &EQUALITY),
    ];
    for (root, path, ty, conditions) in leaves {
        for op in conditions {
            let hint = match *op {
                "eq" => equal,
                "ne" => different,
                _ => other,
            };
            let message = format!("Condition {op} on {path} must not be null.{hint}");
            let filter = |value: &str| {
                path.rsplit('.').fold(format!("{{ {op}: {value} }}"), |inner, name| format!("{{ {name}: {inner} }}"))
            };
            let list = if ["in", "notIn"].contains(op) { format!("[{ty}!]") } else { ty.to_owned() };
            let asked = [
                (format!("{{ {root}(filter: {}) {{ totalCount }} }}", filter("null")), json!({})),
                (
                    format!("query ($v: {list}) {{ {root}(filter: {}) {{ totalCount }} }}", filter("$v")),
                    json!({ "v": null }),
                ),
            ];
            for (query, variables) in asked {
                let answer = kit.query_with(&query, variables).await;
                assert_eq!(error(&answer), (&json!("BAD_USER_INPUT"), &*message), "{query}");
                assert_eq!(answer["data"], json!({ root: null }), "{query}");
            }
        }
    }
    assert_eq!(kit.requests(), [""; 0]);
}

const EQUALITY: [&str; 4] = ["eq", "ne", "in", "notIn"];
const ORDER: [&str; 8] = ["eq", "ne", "in", "notIn", "gt", "ge", "lt", "le"];
const TEXT_CONDITIONS: [&str; 10] =
    ["eq", "ne", "in", "notIn", "contains", "startsWith", "endsWith", "notContains", "notStartsWith", "notEndsWith"];

#[tokio::test]
async fn a_date_that_is_none_is_refused() {
    let kit = kit().await;
    for date in ["yesterday", "2026-02-30T00:00:00Z", "2026-01-01", ""] {
        let query = "query ($d: DateTime) { users(filter: { lastLoginAt: { gt: $d } }) { totalCount } }";
        let answer = kit.query_with(query, json!({ "d": date })).await;
        let (code, message) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("RFC 3339"), "{message}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

// ---- pages ----

#[tokio::test]
async fn pages_beyond_the_limits_are_refused_with_the_limit() {
    let kit = kit().await;
    let digest =
        kit.data("{ groups(first: 1) { pageInfo { endCursor } } }").await["groups"]["pageInfo"]["endCursor"].clone();
    let foreign = format!("first: 1, after: {digest}");
    kit.requests();
    for (arguments, expected) in [
        ("first: 101", "Argument first must be between 0 and 100."),
        ("first: -1", "Argument first must be between 0 and 100."),
        ("last: 101", "Argument last must be between 0 and 100."),
        ("last: -1", "Argument last must be between 0 and 100."),
        ("first: 1, last: 1", "Give either first or last, not both."),
        ("offset: -1", "Argument offset must not be negative."),
        (
            "first: 1, offset: 1, after: \"AgAAAAAAAAAAAAAAAAABAA1VU1ItMDAwMC0wMDAx\"",
            "Argument after is a cursor of another list, filter or order: cursors hold only for the one they came from.",
        ),
        ("last: 1, offset: 1", "Argument offset does not go together with a cursor or last."),
        (
            &foreign,
            "Argument after is a cursor of another list, filter or order: cursors hold only for the one they came from.",
        ),
        ("after: \"nope\"", "Argument after is no cursor of this graph: use one from pageInfo or edges."),
        ("before: \"\"", "Argument before is no cursor of this graph: use one from pageInfo or edges."),
    ] {
        for (query, path) in [
            (format!("{{ users({arguments}) {{ totalCount }} }}"), json!(["users"])),
            (
                format!("{{ account(id: \"ACC-1671-0642\") {{ id users({arguments}) {{ totalCount }} }} }}"),
                json!(["account", "users"]),
            ),
        ] {
            let answer = kit.query(&query).await;
            assert_eq!(error(&answer), (&json!("BAD_USER_INPUT"), expected), "{query}");
            assert_eq!(answer["errors"][0]["path"], path);
        }
    }
    let lines = kit.requests();
    assert!(lines.iter().all(|line| line == "GET /accounts/accounts/ACC-1671-0642?select=-*,id"), "{lines:?}");
}

#[tokio::test]
async fn a_cursor_and_an_offset_do_not_go_together() {
    let kit = kit().await;
    let cursor =
        kit.data("{ users(first: 1) { pageInfo { endCursor } } }").await["users"]["pageInfo"]["endCursor"].clone();
    for argument in ["after", "before"] {
        let answer = kit.query(&format!("{{ users(offset: 1, {argument}: {cursor}) {{ totalCount }} }}")).await;
        assert_eq!(
            error(&answer),
            (&json!("BAD_USER_INPUT"), "Argument offset does not go together with a cursor or last.")
        );
    }
}

#[tokio::test]
async fn a_cursor_holds_only_for_its_filter_and_order() {
    let kit = kit().await;
    let cursor =
        kit.data("{ users(first: 1) { pageInfo { endCursor } } }").await["users"]["pageInfo"]["endCursor"].clone();
    for arguments in
        ["filter: { status: { eq: ACTIVE } }", "orderBy: { field: NAME }", "orderBy: { field: ID, direction: DESC }"]
    {
        let answer = kit.query(&format!("{{ users({arguments}, after: {cursor}) {{ totalCount }} }}")).await;
        assert_eq!(error(&answer).0, "BAD_USER_INPUT", "{arguments}: {answer}");
    }
    // The same list under another alias, with another size or direction, takes it.
    let answer = kit.query(&format!("{{ x: users(last: 3, after: {cursor}) {{ nodes {{ id }} }} }}")).await;
    assert_eq!(answer["data"]["x"]["nodes"].as_array().map(Vec::len), Some(3), "{answer}");
}

// ---- bodies ----

/// Sends a body as it stands.
async fn post(kit: &Kit, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let mut request = Client::new().post(format!("http://{}/graphql", kit.address)).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    let status = response.status();
    (status, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_with_a_code() {
    let kit = kit().await;
    let json_type = Some("application/json");
    let members = "The body must be a JSON object: query, operationName and documentId are texts, variables and extensions \
                   are objects, and each is there at most once.";
    let no_query = "A request must have a query, or the id of a trusted or persisted one.";
    let no_batch = "Batches are switched off: the body must be one GraphQL request as a JSON object.";
    let not_json = |column| format!("The body is not JSON: it ends or goes wrong at line 1, column {column}.");
    let cases: [(&[u8], &str); 27] = [
        (b"", &not_json(0)),
        (b"{", &not_json(1)),
        (b"not json", &not_json(2)),
        (b"{\"query\":\"{ __typename }\"} trailing", &not_json(28)),
        (b"{\"query\":\"\xff\xfe\"}", "The body is not UTF-8."),
        (b"{\"query\":\"{ __typename }\",\"other\":\"\xff\"}", "The body is not UTF-8."),
        (b"null", members),
        (b"\"{ __typename }\"", members),
        (b"{\"query\":1}", members),
        (b"{\"query\":[\"{ __typename }\"]}", members),
        (b"{\"query\":\"{ __typename }\",\"operationName\":1}", members),
        (b"{\"query\":\"{ __typename }\",\"variables\":[1]}", members),
        (b"{\"query\":\"{ __typename }\",\"variables\":\"x\"}", members),
        (b"{\"query\":\"{ __typename }\",\"extensions\":[]}", members),
        (b"{\"query\":\"{ __typename }\",\"extensions\":\"x\"}", members),
        (b"{\"query\":\"{ __typename }\",\"extensions\":{\"persistedQuery\":1}}", members),
        (b"{\"query\":\"{ __typename }\",\"query\":\"{ __typename }\"}", members),
        (b"{\"query\":\"{ __typename }\",\"variables\":{},\"variables\":{}}", members),
        (b"{\"documentId\":1}", members),
        (b"{}", no_query),
        (b"{\"query\":null}", no_query),
        (b"{\"query\":\"\"}", no_query),
        (b"{\"qeury\":\"{ __typename }\"}", no_query),
        (b"[]", no_batch),
        (b"[\"{ __typename }\"]", no_batch),
        (b" [{\"query\":\"{ __typename }\"}]", no_batch),
        (
            b"{\"query\":\"{ __typename }\",\"documentId\":\"x\"}",
            "A request must have either documentId or a query, not both.",
        ),
    ];
    let mut wrong = vec![];
    for (body, message) in cases {
        let (status, answer) = post(&kit, json_type, body).await;
        let expected = json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] });
        if status != 400 || answer != expected {
            wrong.push((String::from_utf8_lossy(body), status, answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(post(&kit, json_type, "{\"query\":\"{ __typename }\",\"variables\":null}").await.0, 200);
}

#[tokio::test]
async fn a_body_of_another_content_type_is_refused() {
    let kit = kit().await;
    let body = r#"{"query":"{ __typename }"}"#;
    let refused = json!({ "errors": [{
        "message": "A POST request must have the content type application/json.",
        "extensions": { "code": "UNSUPPORTED_MEDIA_TYPE" }
    }] });
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonx"),
        Some("application/graphql"),
        Some("multipart/form-data; boundary=x"),
    ] {
        assert_eq!(
            post(&kit, content_type, body).await,
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, refused.clone()),
            "{content_type:?}"
        );
    }
    let answered = json!({ "data": { "__typename": "Query" } });
    for content_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
        assert_eq!(post(&kit, Some(content_type), body).await, (StatusCode::OK, answered.clone()), "{content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let kit = kit().await;
    let body = format!(r#"{{"query":"{{ __typename }}","variables":{{"x":"{}"}}}}"#, "y".repeat(1024 * 1024));
    let (status, answer) = post(&kit, Some("application/json"), body).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let expected = json!({
        "message": "The body has more than 1048576 bytes.",
        "extensions": { "code": "BODY_TOO_LARGE", "limit": 1_048_576 }
    });
    assert_eq!(answer, json!({ "errors": [expected] }));
}

#[tokio::test]
async fn a_document_that_is_too_large_is_refused_with_the_limit() {
    let kit = kit().await;
    let answer = kit.query(&format!("{{ __typename }} # {}", "x".repeat(100 * 1024))).await;
    assert_eq!(
        answer,
        json!({ "errors": [{
            "message": "The document has 102417 bytes; at most 102400 are allowed.",
            "extensions": { "code": "DOCUMENT_LIMIT_EXCEEDED", "limit": 102_400 }
        }] })
    );
}

// ---- depth ----

#[tokio::test]
async fn fragments_that_double_are_refused_and_not_walked() {
    let kit = kit().await;
    for times in [17, 100] {
        let doubled = |n| format!("fragment F{n} on Query {{ ...F{} ...F{} }}", n + 1, n + 1);
        let doubled = (0..times).map(doubled).collect::<Vec<_>>().join(" ");
        let text = format!("{{ ...F0 }} {doubled} fragment F{times} on Query {{ __typename }}");
        let answer = kit.query(&text).await;
        assert_eq!(error(&answer).0, "DOCUMENT_LIMIT_EXCEEDED", "{answer}");
    }
    assert_eq!(kit.query("{ __typename }").await, json!({ "data": { "__typename": "Query" } }));
}

/// A walk round and round through users and their accounts, of so many levels.
pub fn walk(levels: usize) -> String {
    let steps = [" { currentAccount", " { users(first: 1)", " { nodes"];
    let text: String = (0..levels - 2).map(|level| steps[level % 3]).collect();
    format!(
        "{{ user(id: \"USR-1671-0642\"){text} {{ __typename ...F }}{} fragment F on Node {{ id }}",
        " }".repeat(levels - 1)
    )
}

#[tokio::test]
async fn a_walk_of_as_many_levels_as_allowed_is_answered() {
    let kit = kit().await;
    let answer = kit.query(&walk(30)).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let mut place = &answer["data"]["user"];
    for _ in 0..9 {
        place = &place["currentAccount"]["users"]["nodes"][0];
    }
    assert_eq!(*place, json!({ "currentAccount": { "__typename": "Account", "id": "ACC-1671-0642" } }), "{answer}");
}

#[tokio::test]
async fn a_walk_of_one_level_more_is_refused_with_the_limit() {
    let kit = kit().await;
    // One level more in the text, and one more in the fragment at its end.
    for query in [walk(31), walk(30).replace("Node { id }", "Account { address { city } }")] {
        let refused = json!({ "errors": [{
            "message": "The operation selects deeper than 30 levels.",
            "extensions": { "code": "DOCUMENT_LIMIT_EXCEEDED", "limit": 30 }
        }] });
        assert_eq!(kit.query(&query).await, refused, "{query}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn an_answer_that_multiplies_at_every_level_is_refused_in_the_end() {
    let few = accounts_graph::graph::engine::Limits { response_bytes: 256 * 1024, ..limits() };
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, few).await;
    let text: String = (0..25)
        .map(|level| [" { currentAccount", " { groups", " { nodes", " { users", " { nodes"][level % 5])
        .collect();
    let answer =
        kit.query(&format!("{{ user(id: \"USR-1671-0642\"){text} {{ id }}{} __typename }}", " }".repeat(25))).await;
    let expected = json!({
        "message": "The answer is larger than 262144 bytes: ask for fewer entities or fields.",
        "locations": [{ "line": 1, "column": 3 }], "path": ["user"], "extensions": { "code": "COST_EXCEEDED" }
    });
    assert_eq!(answer, json!({ "errors": [expected], "data": { "user": null, "__typename": "Query" } }));
}

#[tokio::test]
async fn a_condition_takes_100_values_and_no_more() {
    // A root field, what stands around the condition, the path that messages name, and a value by its number.
    type Value = fn(usize) -> String;
    let kit = kit().await;
    let text: Value = |n| format!("\"text {n}\"");
    let cases: [(&str, &str, &str, &str, Value); 9] = [
        ("users", "{ id: ", " }", "id", |n| format!("\"USR-{n}\"")),
        ("users", "{ name: ", " }", "name", text),
        ("users", "{ status: ", " }", "status", |_| "ACTIVE".to_owned()),
        ("users", "{ currentAccount: { id: ", " } }", "currentAccount.id", |n| format!("\"ACC-{n}\"")),
        ("users", "{ currentAccount: { groups: { any: { name: ", " } } } }", "currentAccount.groups.any.name", text),
        ("users", "{ audit: { created: { by: { id: ", " } } } }", "audit.created.by.id", |n| format!("\"USR-{n}\"")),
        ("users", "{ or: [{ not: { email: ", " } }] }", "email", text),
        ("accountUsers", "{ account: { id: { eq: \"ACC-1671-0642\" } }, id: ", " }", "id", |n| {
            format!("\"MEM-1.{n}\"")
        }),
        ("buyers", "{ externalIds: { erpCustomer: ", " } }", "externalIds.erpCustomer", text),
    ];
    for (field, before, after, path, value) in cases {
        for op in ["in", "notIn"] {
            let sent = |count: usize| {
                let values: Vec<String> = (1..=count).map(value).collect();
                format!("{{ {field}(filter: {before}{{ {op}: [{}] }}{after}) {{ totalCount }} }}", values.join(", "))
            };
            kit.sandbox.clear_requests();
            let answer = kit.query(&sent(100)).await;
            assert_eq!(answer.get("errors"), None, "{path} {op}: {answer}");
            kit.sandbox.clear_requests();
            let answer = kit.query(&sent(101)).await;
            let error = &answer["errors"][0];
            let message = format!("Condition {op} on {path} has 101 values; at most 100 are taken.");
            assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("BAD_USER_INPUT")));
            assert_eq!(kit.requests(), [""; 0], "{path} {op}");
        }
    }
}
