//! What operations over Wavefront cost, and how they are explained.

use super::{Gateway, WILL, gateway, search, world};
use crate::{
    explain::{nothing_assumed, number},
    support::{gateway_of, limits, settings},
};
use accounts_graph::{
    entity::kind::Upstream,
    graph::engine::{Engine, Limits, Wavefront},
    upstream::{client::Client, credentials::Credentials},
};
use accounts_graph_sandbox::{WAVEFRONT_READER_TOKEN, WAVEFRONT_TOKEN};
use serde_json::{Value, json};

const JOIN: &str = "{ users(first: 20) { nodes { email wavefrontAccount { unitedPermissions userGroups { nodes { name users { nodes { id } } } } } } } }";

fn bounds(answer: &Value) -> [u64; 5] {
    let bounds = &answer["extensions"]["explain"]["bounds"];
    ["leastRequests", "requests", "leastRows", "rows", "rounds"].map(|name| number(&bounds[name]))
}

/// People in one request, their accounts by one operation, or two if it does not speak of all; then the names of groups by
/// a search and their members by another, or, if rows do not tell whose they are, by one more.
#[tokio::test]
async fn a_join_is_bounded_by_what_each_operation_tells() {
    let world = world().await;
    let run = world.gateway.send(JOIN, json!({}), &[("x-explain", "1")]).await;
    assert_eq!(run.get("errors"), None, "{run}");
    let totals = &run["extensions"]["explain"]["totals"];
    assert_eq!((bounds(&run), &totals["requests"]), ([1, 6, 0, 1280, 3], &json!(4)), "{totals}");
    world.requests();
    let plan = world.gateway.send(JOIN, json!({}), &[("x-explain", "plan")]).await;
    assert_eq!((bounds(&plan), world.requests()), (bounds(&run), vec![]));
}

#[tokio::test]
async fn requests_are_told_in_their_order_and_tokens_never() {
    let world = world().await;
    let (accounts, wavefront) = (world.sandbox.base_url(), world.sandbox.wavefront_url());
    let own: &'static str = format!("Bearer {WAVEFRONT_TOKEN}").leak();
    let lending = gateway(&accounts, Some(&wavefront), Some(own)).await;
    let theirs = format!("Bearer {WAVEFRONT_READER_TOKEN}");
    let token = ("authorization", "Bearer idt:TKN-0000-0001:operations");
    let run = ("x-explain", "1");
    let mut told = Vec::new();
    for headers in [&[run, token][..], &[run, token, ("x-wavefront-authorization", &theirs)]] {
        let answer = lending.send(JOIN, json!({}), headers).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let text = answer.to_string();
        for secret in [WAVEFRONT_TOKEN, WAVEFRONT_READER_TOKEN, "TKN-0000-0001", "Bearer idt"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        told.push(answer["extensions"]["explain"]["requests"].clone());
    }
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().expect("a text").to_owned();
        format!("{} {} {} {}", one["round"], text("method"), text("path"), one["reason"])
    };
    let [own, theirs] = &told[..] else { panic!("two answers") };
    let lines = |told: &Value| told.as_array().expect("requests").iter().map(line).collect::<Vec<_>>();
    let united = "\"One request for all entities of the type that lack something, up to 100 ids.\"";
    assert_eq!(
        lines(own),
        [
            "1 GET /public/v1/accounts/users null",
            &format!("2 POST /api/v2/search/account {united}"),
            &format!("3 POST /api/v2/search/usergroup {united}"),
            "3 POST /api/v2/search/account \"One search for all parents, split by what the rows say.\"",
        ]
    );
    assert_eq!(lines(theirs), lines(own));
    assert_eq!(own[1]["fields"], json!([["users", "nodes", "wavefrontAccount"]]));
    let groups = own[2]["curl"].as_str().expect("a line");
    let sent = world.requests();
    let body = sent.iter().find_map(|line| line.strip_prefix("POST /api/v2/search/usergroup ")).expect("a search");
    let token = "-H \"authorization: Bearer $WAVEFRONT_TOKEN\"";
    let json = "-H 'content-type: application/json'";
    assert_eq!(groups, format!("curl -X POST '{wavefront}/api/v2/search/usergroup' {token} {json} -d '{body}'"));
}

#[tokio::test]
async fn the_budgets_stop_searches_as_well() {
    let world = world().await;
    let (accounts, wavefront) = (world.sandbox.base_url(), world.sandbox.wavefront_url());
    let query = "{ wavefrontUserGroups(first: 5) { nodes { name users { nodes { id } } } } }";
    for (limits, message) in [
        (
            Limits { upstream_requests: 1, sizes: nothing_assumed(), ..limits() },
            "The operation needs more than 1 upstream requests: ask for fewer entities.",
        ),
        (
            Limits { entities: 8, sizes: nothing_assumed(), ..limits() },
            "The operation reads more than 8 entities of the upstream: ask for fewer.",
        ),
    ] {
        let client = Client::of(Upstream::Wavefront, settings(&wavefront)).expect("a client");
        let engine = Engine::new(Client::new(settings(&accounts)).expect("a client"), limits);
        let engine = engine.with_wavefront(Some(Wavefront { client, credentials: Credentials::default() }));
        let (address, server) = gateway_of(engine, &[]).await;
        let answer = Gateway { address, server }.send(query, json!({}), &[]).await;
        assert_eq!(answer["errors"][0]["message"], message, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "COST_EXCEEDED" }), "{answer}");
        assert!(answer["data"]["wavefrontUserGroups"]["nodes"][0]["name"].is_string(), "{answer}");
    }
}

/// Only a search of service accounts tells descriptions, and it says nothing of people.
#[tokio::test]
async fn who_is_there_is_asked_where_a_search_tells_of_others_only() {
    let world = world().await;
    let query = r#"{ person: wavefrontAccount(id: "will.smith@example.com") { id description }
        machine: wavefrontAccount(id: "sa::terraform") { id description }
        nobody: wavefrontAccount(id: "nobody@example.com") { id description } }"#;
    let expected = json!({
        "person": { "id": WILL, "description": null },
        "machine": { "id": "sa::terraform", "description": "Runs terraform" },
        "nobody": null,
    });
    assert_eq!(world.data(query, json!({})).await, expected);
    assert_eq!(
        world.requests(),
        [
            format!("POST /api/v2/account/validateAccounts [\"nobody@example.com\",\"{WILL}\"]"),
            format!("POST /api/v2/search/serviceaccount {}", search("id", &["sa::terraform"], "EXACT")),
        ]
    );
}

#[tokio::test]
async fn nothing_is_counted_where_there_is_no_wavefront() {
    let world = world().await;
    let alone = gateway(&world.sandbox.base_url(), None, None).await;
    let answer = alone.send(JOIN, json!({}), &[("x-explain", "1")]).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_CONFIGURED", "{answer}");
    assert_eq!((bounds(&answer), world.requests().len()), ([1, 1, 0, 20, 1], 1));
}
