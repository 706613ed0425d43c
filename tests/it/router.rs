//! Real composition and a real router over the gateway and two small subgraphs.

use crate::{
    npm,
    support::{Kit, SMALL, kit, kit_with, limits},
};
use accounts_graph::graph::federation::{keys, sdl::sdl};
use accounts_graph_sandbox::Options;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// What composition says of a schema of ours beside the small subgraphs.
fn composed(name: &str, sdl: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, sdl).expect("the file is written");
    let printed = npm::run("compose.mjs", &[path.to_str().expect("UTF-8")]);
    serde_json::from_str(&printed).expect("JSON")
}

/// What a router in front of the gateway says.
struct Routed {
    answer: Value,
    /// What it asked of the gateway.
    asked: Vec<String>,
    /// The traces that came with it, in the order of the plan.
    traces: Vec<Vec<String>>,
}

/// Asks a router in front of the gateway. The upstream's requests are those of the query alone.
async fn routed(kit: &Kit, rows: Value, query: &str, token: &str) -> Routed {
    let arguments = [format!("http://{}/graphql", kit.address), rows.to_string(), query.to_owned(), token.to_owned()];
    kit.requests();
    let run = tokio::task::spawn_blocking(move || npm::run("router.mjs", &arguments.each_ref().map(String::as_str)));
    let mut printed: Value = serde_json::from_str(&run.await.expect("no panic")).expect("JSON");
    let asked = serde_json::from_value(printed["asked"].take()).expect("texts");
    let traces = serde_json::from_value(printed["traces"].take()).expect("outlines");
    Routed { answer: printed["answer"].take(), asked, traces }
}

#[test]
fn the_schema_composes_with_the_newest_specification() {
    for authenticated in [false, true] {
        let composed = composed(&format!("composed-{authenticated}.graphql"), &sdl(authenticated));
        assert_eq!(composed["errors"], json!([]));
        // The enum is of use to the directive alone, and hidden from clients.
        let hints = composed["hints"].as_array().expect("a list");
        assert!(
            hints.len() == 1 && hints[0].as_str().is_some_and(|hint| hint.contains("CacheControlScope")),
            "{hints:?}"
        );
        assert_eq!(composed["newest"], keys::VERSION, "composition knows a newer specification: link it");
        let links = composed["links"].as_array().expect("a list");
        let has = |spec: &str| links.iter().any(|link| link.as_str().is_some_and(|link| link.starts_with(spec)));
        assert!(has("tag/") && has("inaccessible/") && has("cost/"), "{links:?}");
        assert_eq!(has("authenticated/"), authenticated, "{links:?}");
        // Clients of a router generate their types from the supergraph.
        assert!(has("nullability/"), "{links:?}");
        let promised = &composed["semanticNonNull"];
        assert!(promised["subgraph"].as_array().is_some_and(|fields| fields.contains(&json!("Group.account"))));
        assert_eq!(promised["supergraph"], promised["subgraph"]);
    }
}

#[test]
fn an_older_specification_has_everything_that_is_used() {
    for authenticated in [false, true] {
        let older = sdl(authenticated).replace(&format!("federation/{}", keys::VERSION), "federation/v2.9");
        assert!(older.contains("federation/v2.9"));
        assert_eq!(composed(&format!("older-{authenticated}.graphql"), &older)["errors"], json!([]));
    }
}

#[test]
fn a_schema_that_does_not_compose_is_told() {
    let without_keys = sdl(false).replace(" @key(fields: \"email\")", "");
    let composed = composed("not-composed.graphql", &without_keys);
    assert!(!composed["errors"].as_array().expect("a list").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_go_across_both_ways_with_the_fewest_requests() {
    let kit = kit().await;
    let members = kit
        .data(r#"{ account(id: "ACC-1671-0642") { name accountUsers(first: 3) { nodes { id invitation { status } user { id name email } } } } }"#)
        .await;
    let nodes = members["account"]["accountUsers"]["nodes"].as_array().expect("members");
    let account = json!({ "id": "ACC-1671-0642" });
    let ticket = |(place, member): (usize, &Value)| {
        let author = json!({ "id": member["user"]["id"] });
        json!({ "id": place.to_string(), "author": author, "account": account, "membership": { "user": author, "account": account } })
    };
    let letter = |member: &Value| json!({ "subject": "Hello", "recipient": { "email": member["user"]["email"] } });
    let rows = json!({
        "tickets": nodes.iter().enumerate().map(ticket).collect::<Vec<_>>(),
        "letters": nodes.iter().map(letter).collect::<Vec<_>>()
    });

    let query = "{ tickets { author { name } account { name } membership { id invitation { status } } } letters { recipient { name } } }";
    let Routed { answer, asked, .. } = routed(&kit, rows.clone(), query, "").await;
    let ticket = |member: &Value| {
        json!({
            "author": { "name": member["user"]["name"] },
            "account": { "name": members["account"]["name"] },
            "membership": { "id": member["id"], "invitation": member["invitation"] }
        })
    };
    let letter = |member: &Value| json!({ "recipient": { "name": member["user"]["name"] } });
    let expected = json!({ "data": {
        "tickets": nodes.iter().map(ticket).collect::<Vec<_>>(),
        "letters": nodes.iter().map(letter).collect::<Vec<_>>()
    } });
    assert_eq!(answer, expected);
    assert_eq!(asked.len(), 4, "{asked:#?}");
    let ids = |ids: &mut Vec<&str>| {
        ids.sort_unstable();
        format!("(\"{}\")", ids.join("\",\""))
    };
    let users = ids(&mut nodes.iter().filter_map(|member| member["user"]["id"].as_str()).collect());
    let mut emails: Vec<_> = nodes.iter().filter_map(|member| member["user"]["email"].as_str()).collect();
    emails.sort_unstable();
    let alike: Vec<_> = emails.iter().map(|email| format!("ilike(email,\"{email}\")")).collect();
    let expected = [
        format!(
            "GET /accounts/accounts/ACC-1671-0642/users?in(id,{users})&select=-*,id,invitation,account.id\
             &order=id&limit=100"
        ),
        "GET /accounts/accounts/ACC-1671-0642?select=-*,id,name".to_owned(),
        format!("GET /accounts/users?in(id,{users})&select=-*,id,name&order=id&limit=100"),
        format!("GET /accounts/users?or({})&select=-*,id,name,email&order=id&limit=100", alike.join(",")),
    ];
    assert_eq!(kit.requests(), expected);

    let query = r#"{ account(id: "ACC-1671-0642") { name tickets { id author { name letters { subject } } } } }"#;
    let Routed { answer, asked, traces } = routed(&kit, rows, query, "").await;
    let ticket = |(place, member): (usize, &Value)| json!({ "id": place.to_string(), "author": { "name": member["user"]["name"], "letters": [{ "subject": "Hello" }] } });
    let tickets: Vec<_> = nodes.iter().enumerate().map(ticket).collect();
    assert_eq!(answer, json!({ "data": { "account": { "name": members["account"]["name"], "tickets": tickets } } }));
    assert_eq!(asked.len(), 2, "{asked:#?}");
    let expected = [
        "GET /accounts/accounts/ACC-1671-0642?select=-*,id,name".to_owned(),
        format!("GET /accounts/users?in(id,{users})&select=-*,id,name,email&order=id&limit=100"),
    ];
    assert_eq!(kit.requests(), expected);
    assert_eq!(traces.len(), 2);
    assert_eq!(
        traces[0],
        ["account: Account of Query in 1", "  id: ID! of Account in 1", "  name: String of Account in 1"]
    );
    assert_eq!(
        traces[1][..4],
        [
            "_entities: [_Entity]! of Query in 1",
            "  0",
            "    email: String of User in 1",
            "    name: String of User in 1"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_null_with_its_error_and_the_token_reaches_the_upstream() {
    let options = Options { scale: SMALL, require_token: true, ..Options::default() };
    let kit = kit_with(options, limits()).await;
    let rows = json!({ "tickets": [
        { "id": "1", "author": { "id": "USR-9999-9999" } },
        { "id": "2", "author": { "id": "USR-1671-0642" } }
    ] });
    let query = "{ tickets { id author { name } } }";
    let Routed { answer, traces, .. } = routed(&kit, rows.clone(), query, "idt:TKN-0000-0001:operations").await;
    let authors = json!([{ "id": "1", "author": null }, { "id": "2", "author": { "name": "Will Smith" } }]);
    assert_eq!(answer["data"]["tickets"], json!([{ "id": "1", "author": { "name": null } }, authors[1]]), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
    let expected = [[
        "_entities: [_Entity]! of Query in 1",
        "  0",
        "    ! NOT_FOUND at 1:34 for /_entities/0",
        "  1",
        "    name: String of User in 1",
    ]];
    assert_eq!(traces, expected);

    let Routed { answer, .. } = routed(&kit, rows, query, "").await;
    let codes: Vec<_> =
        answer["errors"].as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]).collect();
    assert_eq!(codes, ["UNAUTHENTICATED", "UNAUTHENTICATED"], "{answer}");
}
