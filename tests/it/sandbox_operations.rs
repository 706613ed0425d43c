//! Every documented operation is there, and the sandbox bears writes that come at once.

use super::sandbox_kit::{ACCOUNT, GROUP, USER, kit};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The operations of the upstream's machine-readable description, below `/public`.
const DESCRIBED: &str = include_str!("operations.txt");

/// All operations, below `/public/v1/accounts/`.
fn operations() -> impl Iterator<Item = String> {
    let described = DESCRIBED.lines().map(|line| line.replacen("/v1/accounts/", "", 1));
    described.chain(NEWER.map(str::to_owned))
}

/// Operations that only newer pages of its documentation have.
const NEWER: [&str; 19] = [
    "GET accounts/{accountId}/users",
    "POST accounts/{accountId}/users",
    "GET accounts/{accountId}/users/{userId}",
    "PUT accounts/{accountId}/users/{userId}",
    "DELETE accounts/{accountId}/users/{userId}",
    "POST accounts/{accountId}/users/{userId}/groups",
    "PUT accounts/{accountId}/users/{userId}/groups",
    "DELETE accounts/{accountId}/users/{userId}/groups/{userGroupId}",
    "POST accounts/{accountId}/users/{userId}/resend-invite",
    "POST accounts/{accountId}/users/{userId}/send-new-invite",
    "POST accounts/{accountId}/users/{userId}/accept-invite",
    "POST buyers/{id}/synchronize",
    "GET users/{id}/accounts",
    "PUT users/{id}/accounts/{accountId}",
    "GET users/{id}/sso",
    "GET accounts/{accountId}/settings/notifications",
    "PUT accounts/{accountId}/settings/notifications",
    "GET services",
    "GET services/{id}",
];

/// An operation with ids in place of their names.
fn filled(line: &str) -> String {
    let line = line.replace("{accountId}", ACCOUNT).replace("{userId}", USER).replace("{userGroupId}", GROUP);
    line.replace("{id}", "XXX-0000-0000")
}

fn is_write(line: &str) -> bool {
    !line.starts_with("GET ")
}

#[tokio::test]
async fn every_documented_operation_is_spoken() {
    let kit = kit().await;
    let mut spoken = BTreeSet::new();
    for line in operations().map(|line| filled(&line)) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let url = format!("{}/v1/accounts/{path}", kit.sandbox.base_url());
        let answer = kit.client.patch(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 405, "{line}");
        let allowed = answer.headers()["allow"].to_str().expect("a header").split(", ").collect::<Vec<_>>();
        assert!(allowed.contains(&method), "{line}: {allowed:?}");
        spoken.extend(allowed.into_iter().map(|method| format!("{method} {path}")));
    }
    let writes: BTreeSet<String> = operations().map(|line| filled(&line)).filter(|line| is_write(line)).collect();
    assert_eq!(
        spoken.into_iter().filter(|line| is_write(line)).collect::<BTreeSet<_>>(),
        writes,
        "and nothing else is written"
    );
}

#[tokio::test]
async fn the_commands_of_the_readme_work() {
    const README: &str = include_str!("../../README.md");
    let kit = kit().await;
    let section =
        &README[README.find("## The sandbox").expect("a section")..README.find("## Development").expect("one")];
    let mut statuses = Vec::new();
    for line in section.lines().map(str::trim).filter(|line| line.starts_with("curl ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let url = words[3].replace("127.0.0.1:4010", &kit.sandbox.addr().to_string());
        let body = line.split('\'').nth(3).expect("a body").to_owned();
        let request = kit.client.request(words[2].parse().expect("a method"), url);
        let answer = request.header("content-type", "application/json").body(body).send().await.expect("an answer");
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 204, 204]);
}

#[tokio::test]
async fn writes_that_come_at_once_all_take_effect() {
    let kit = kit().await;
    let before = kit.total("user-groups", "").await;
    let create = |place: usize| {
        let body = json!({ "name": format!("Group {place}"), "account": { "id": ACCOUNT } });
        kit.client.post(format!("{}/v1/accounts/user-groups", kit.sandbox.base_url())).json(&body).send()
    };
    let answers = futures::future::join_all((0..20).map(create)).await;
    let mut ids = BTreeSet::new();
    for answer in answers {
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 201);
        let body: Value = answer.json().await.expect("JSON");
        ids.insert(body["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!((ids.len(), kit.total("user-groups", "").await), (20, before + 20));
}
