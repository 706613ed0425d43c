//! Every documented operation is there, and the sandbox bears writes that come at once.

use super::sandbox_kit::{ACCOUNT, GROUP, USER, kit};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The operations of the upstream's machine-readable description, below `/public/v1/accounts/`.
const DESCRIBED: [&str; 93] = [
    "GET account-users",
    "POST account-users",
    "GET account-users/{id}",
    "DELETE account-users/{id}",
    "POST account-users/{id}/accept-invite",
    "POST account-users/{id}/groups",
    "PUT account-users/{id}/groups",
    "DELETE account-users/{id}/groups/{userGroupId}",
    "POST account-users/{id}/resend-invite",
    "POST account-users/{id}/send-new-invite",
    "GET accounts",
    "POST accounts",
    "GET accounts/{id}",
    "PUT accounts/{id}",
    "POST accounts/{id}/activate",
    "POST accounts/{id}/deactivate",
    "POST accounts/{id}/disable",
    "POST accounts/{id}/enable",
    "GET accounts/{id}/icon",
    "POST accounts/{id}/validate",
    "GET api-tokens",
    "POST api-tokens",
    "GET api-tokens/{id}",
    "PUT api-tokens/{id}",
    "DELETE api-tokens/{id}",
    "POST api-tokens/{id}/disable",
    "POST api-tokens/{id}/enable",
    "GET buyers",
    "POST buyers",
    "GET buyers/{id}",
    "PUT buyers/{id}",
    "DELETE buyers/{id}",
    "POST buyers/{id}/activate",
    "POST buyers/{id}/deactivate",
    "POST buyers/{id}/disable",
    "POST buyers/{id}/enable",
    "GET buyers/{id}/icon",
    "GET buyers/{id}/transfer",
    "POST buyers/{id}/transfer",
    "POST buyers/{id}/validate",
    "GET cloud-tenants",
    "POST cloud-tenants",
    "GET cloud-tenants/{id}",
    "PUT cloud-tenants/{id}",
    "DELETE cloud-tenants/{id}",
    "GET erp-links",
    "GET erp-links/{id}",
    "PUT erp-links/{id}",
    "POST erp-links/{id}/block",
    "POST erp-links/{id}/unblock",
    "GET licensees",
    "POST licensees",
    "GET licensees/{id}",
    "PUT licensees/{id}",
    "DELETE licensees/{id}",
    "POST licensees/{id}/disable",
    "POST licensees/{id}/enable",
    "GET licensees/{id}/icon",
    "GET modules",
    "GET modules/{id}",
    "GET sellers",
    "POST sellers",
    "GET sellers/{id}",
    "PUT sellers/{id}",
    "DELETE sellers/{id}",
    "POST sellers/{id}/activate",
    "POST sellers/{id}/deactivate",
    "POST sellers/{id}/disable",
    "GET sellers/{id}/icon",
    "GET user-groups",
    "POST user-groups",
    "GET user-groups/{id}",
    "PUT user-groups/{id}",
    "DELETE user-groups/{id}",
    "GET users",
    "GET users/{id}",
    "PUT users/{id}",
    "DELETE users/{id}",
    "POST users/{id}/block",
    "GET users/{id}/icon",
    "POST users/{id}/set-password",
    "GET users/{id}/sso-check",
    "POST users/{id}/unblock",
    "GET {accountId}/users",
    "POST {accountId}/users",
    "GET {accountId}/users/{userId}",
    "DELETE {accountId}/users/{userId}",
    "POST {accountId}/users/{userId}/accept-invite",
    "POST {accountId}/users/{userId}/groups",
    "PUT {accountId}/users/{userId}/groups",
    "DELETE {accountId}/users/{userId}/groups/{userGroupId}",
    "POST {accountId}/users/{userId}/resend-invite",
    "POST {accountId}/users/{userId}/send-new-invite",
];

/// Operations that only newer pages of its documentation have.
const NEWER: [&str; 14] = [
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
    "GET users/{id}/sso",
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
    for line in DESCRIBED.into_iter().chain(NEWER).map(filled) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let url = format!("{}/v1/accounts/{path}", kit.sandbox.base_url());
        let answer = kit.client.patch(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 405, "{line}");
        let allowed = answer.headers()["allow"].to_str().expect("a header").split(", ").collect::<Vec<_>>();
        assert!(allowed.contains(&method), "{line}: {allowed:?}");
        spoken.extend(allowed.into_iter().map(|method| format!("{method} {path}")));
    }
    let writes: BTreeSet<String> =
        DESCRIBED.into_iter().chain(NEWER).map(filled).filter(|line| is_write(line)).collect();
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
    assert_eq!(statuses, [200, 204]);
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
