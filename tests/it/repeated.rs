//! JSON in which an object has two members of one name: which one counts is not defined, so nothing of it is done.

use crate::support::{Kit, gateway_told, kit, limits, settings};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Client;
use serde_json::{Value, json};
use std::net::SocketAddr;

const WRITE: &str = "mutation($i:UpdateGroupInput!){updateGroup(input:$i){group{id}}}";

fn refused(name: &str) -> (u16, Value) {
    let message = format!("The member {name} is more than once in the same object.");
    (400, json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] }))
}

async fn post(address: SocketAddr, body: String) -> (u16, Value) {
    let request = Client::new().post(format!("http://{address}/graphql")).header("content-type", "application/json");
    let response = request.body(body).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn get(kit: &Kit, name: &str, value: &str) -> (u16, Value) {
    let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
    let url = format!("http://{}/graphql?query=%7B__typename%7D&{name}={value}", kit.address);
    let response = Client::new().get(url).header("x-requested-with", "test").send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// Objects with a repeated member, and its name.
fn objects() -> Vec<(String, String)> {
    let long = "n".repeat(1_000);
    let mut objects: Vec<(String, String)> = [
        (r#"{"i":{"id":"UGR-0000-0001","name":"x","id":"UGR-0000-0002"}}"#, "id"),
        (r#"{"i":{"id":"UGR-0000-0001","name":"x"},"i":{"id":"UGR-0000-0002","name":"x"}}"#, "i"),
        (r#"{"i":{"id":"UGR-0000-0001","\u0069d":"UGR-0000-0002"}}"#, "id"),
        (r#"{"i":{"id":null,"id":"UGR-0000-0002"}}"#, "id"),
        (r#"{"i":{"id":"UGR-0000-0001","id":"UGR-0000-0001"}}"#, "id"),
        (r#"{"other":[1,[{"a":{"b":[{"c at line 1":1,"d":2,"c at line 1":3}]}}]]}"#, "c at line 1"),
        (r#"{"i":{"":1,"":2}}"#, ""),
    ]
    .map(|(object, name)| (object.to_owned(), name.to_owned()))
    .into();
    objects.push((format!(r#"{{"{long}":1,"{long}":2}}"#), format!("{}…", "n".repeat(64))));
    objects
}

#[tokio::test]
async fn an_object_that_repeats_a_member_is_refused_and_nothing_is_sent() {
    let kit = kit().await;
    let (batches, server) = gateway_told(settings(&kit.sandbox.base_url()), limits(), &["--max-batch", "3"]).await;
    for (object, name) in objects() {
        for part in ["variables", "extensions"] {
            let one = format!(r#"{{"query":"{WRITE}","{part}":{object}}}"#);
            assert_eq!(post(kit.address, one.clone()).await, refused(&name), "{one}");
            let batch = format!(r#"[{{"query":"{{ users(first: 1) {{ nodes {{ id }} }} }}"}},{one}]"#);
            assert_eq!(post(batches, batch.clone()).await, refused(&name), "{batch}");
            assert_eq!(get(&kit, part, &object).await, refused(&name), "{part}={object}");
        }
    }
    let twice = r#"[{"query":"{ __typename }","query":"{ users { totalCount } }"}]"#;
    assert_eq!(post(batches, twice.to_owned()).await, refused("query"));
    assert_eq!(kit.requests(), [""; 0]);
    server.abort();
}

#[tokio::test]
async fn the_same_name_in_different_objects_is_no_repetition() {
    let kit = kit().await;
    let query = "query($a: String!, $b: String!) { a: __type(name: $a) { name } b: __type(name: $b) { name } }";
    let extensions = json!({ "a": { "a": [{ "a": 1 }, { "a": 2 }] }, "b": { "a": null }, "persistedQuery": null });
    let body = json!({ "query": query, "variables": { "a": "User", "b": "Group" }, "extensions": extensions });
    let data = json!({ "data": { "a": { "name": "User" }, "b": { "name": "Group" } } });
    assert_eq!(post(kit.address, body.to_string()).await, (200, data));
}

#[tokio::test]
async fn depth_is_bounded_and_many_members_take_no_longer_each() {
    let kit = kit().await;
    let deep = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{}{}}}}}"#, "[".repeat(200), "]".repeat(200));
    let (status, answer) = post(kit.address, deep).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")));
    let members: Vec<String> = (0..30_000).map(|number| format!(r#""m{number}":0"#)).collect();
    let wide =
        |more: &str| format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{{{}{more}}}}}}}"#, members.join(","));
    assert_eq!(post(kit.address, wide("")).await.0, 200);
    assert_eq!(post(kit.address, wide(r#","m7":1"#)).await, refused("m7"));
}
