//! How the sandbox misbehaves on demand.

use super::sandbox_kit::{ids, kit};
use accounts_graph_sandbox::{BodyFault, Fault, Refusal};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

fn fault(body: BodyFault) -> Fault {
    Fault { body: Some(body), ..Fault::default() }
}

#[tokio::test]
async fn a_status_comes_with_a_problem_and_retry_after_as_often_as_told() {
    let kit = kit().await;
    let slow = Fault { latency_range_ms: Some([1, 3]), ..Fault::default() };
    let busy = Fault {
        path: Some("/users".into()),
        status: Some(503),
        retry_after: Some(7),
        times: Some(1),
        ..Fault::default()
    };
    kit.sandbox.set_faults(vec![slow, busy]);
    assert_eq!(kit.ask("accounts", None).await.0, 200);
    let answer = kit.send("users", None).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"7".parse().expect("a header")));
    let body: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert!(body["errors"][0]["message"].is_string() && body["status"] == json!(503));
    assert_eq!(kit.ask("users", None).await.0, 200);
    assert_eq!(kit.sandbox.requests().iter().map(|request| request.status).collect::<Vec<_>>(), [200, 503, 200]);
}

#[tokio::test]
async fn faults_choose_by_query_count_and_chance() {
    let kit = kit().await;
    let second = Fault { query: Some("limit=1".into()), nth: Some(vec![2]), status: Some(500), ..Fault::default() };
    kit.sandbox.set_faults(vec![second]);
    let mut seen = Vec::new();
    for path in ["users?limit=1", "users", "users?limit=1", "users?limit=1"] {
        seen.push(kit.ask(path, None).await.0);
    }
    assert_eq!(seen, [200, 200, 500, 200]);

    let draw = || async {
        kit.sandbox.set_faults(vec![Fault { probability: Some(0.5), seed: 7, status: Some(502), ..Fault::default() }]);
        let mut seen = Vec::new();
        for _ in 0..20 {
            seen.push(kit.ask("users?limit=0", None).await.0);
        }
        seen
    };
    let first = draw().await;
    assert!(first.contains(&200) && first.contains(&502));
    assert_eq!(first, draw().await, "the same seed draws the same");
}

#[tokio::test]
async fn spoilt_bodies_are_what_they_are_called() {
    let kit = kit().await;
    let fetch = async |body: BodyFault| {
        kit.sandbox.set_faults(vec![fault(body)]);
        let answer = kit.send("users", None).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{body:?}");
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        (kind, answer.text().await)
    };
    let (_, cut) = fetch(BodyFault::Cut).await;
    assert!(cut.is_err(), "a cut body does not arrive");
    let (kind, html) = fetch(BodyFault::Html).await;
    assert!(kind.starts_with("text/html") && html.expect("a body").starts_with("<!doctype html>"));
    assert_eq!(fetch(BodyFault::Empty).await.1.expect("a body"), "");
    assert!(serde_json::from_str::<Value>(&fetch(BodyFault::InvalidJson).await.1.expect("a body")).is_err());
    let wrong: Value = serde_json::from_str(&fetch(BodyFault::WrongJson).await.1.expect("a body")).expect("JSON");
    assert!(!wrong["data"].is_array());
    let raw = Fault {
        raw: Some("busy".into()),
        content_type: Some("text/plain".into()),
        status: Some(500),
        ..Fault::default()
    };
    kit.sandbox.set_faults(vec![raw]);
    let answer = kit.send("users", None).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.text().await.expect("a body").as_str()), (500, "busy"));
}

#[tokio::test]
async fn rows_go_missing_or_change_places_while_the_total_stays() {
    let kit = kit().await;
    let path = "users?order=id&limit=10&select=-*,id";
    let whole = kit.get(path).await;
    kit.sandbox.set_faults(vec![fault(BodyFault::MissingRows)]);
    let missing = kit.get(path).await;
    assert_eq!(missing["$meta"], whole["$meta"]);
    assert_eq!(ids(&missing["data"]), ids(&whole["data"]).into_iter().step_by(2).collect::<Vec<_>>());
    kit.sandbox.set_faults(vec![fault(BodyFault::Shuffle)]);
    let shuffled = kit.get(path).await;
    assert_ne!(ids(&shuffled["data"]), ids(&whole["data"]));
    assert_eq!(ids(&shuffled["data"]).into_iter().collect::<BTreeSet<_>>(), ids(&whole["data"]).into_iter().collect());
}

#[tokio::test]
async fn connections_hang_or_close_and_are_recorded_without_a_status() {
    let kit = kit().await;
    kit.sandbox.set_faults(vec![fault(BodyFault::Close)]);
    let error = kit.send("users", None).await.expect_err("no answer");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    kit.sandbox.set_faults(vec![fault(BodyFault::Hang)]);
    let impatient = kit.client.get(format!("{}/v1/accounts/users", kit.sandbox.base_url()));
    let error = impatient.timeout(Duration::from_millis(100)).send().await.expect_err("no answer");
    assert!(error.is_timeout(), "{error:?}");
    assert!(kit.sandbox.requests().iter().all(|request| request.status == 0));
    kit.sandbox.set_faults(Vec::new());
    assert_eq!(kit.ask("users", None).await.0, 200);
    kit.sandbox.stop().await;
}

#[tokio::test]
async fn stopping_ends_hanging_answers() {
    let kit = kit().await;
    kit.sandbox.set_faults(vec![fault(BodyFault::Hang)]);
    let request = tokio::spawn(kit.client.get(format!("{}/v1/accounts/users", kit.sandbox.base_url())).send());
    while kit.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    kit.sandbox.stop().await;
    assert!(request.await.expect("no panic").is_err());
}

#[tokio::test]
async fn capabilities_can_be_refused() {
    let kit = kit().await;
    let refuse = |path: &str, refusal| Fault { path: Some(path.into()), refuse: Some(refusal), ..Fault::default() };
    kit.sandbox.set_faults(vec![refuse("/users", Refusal::SelectStar), refuse("/account-users", Refusal::AnyIn)]);
    kit.mistake("users?select=-*,id").await;
    assert_eq!(kit.ask("users?select=id,-name", None).await.0, 200);
    assert_eq!(kit.ask("accounts?select=-*,id", None).await.0, 200);
    kit.mistake("account-users?any(groups,in(id,(\"UGR-5116-6265\")))").await;
    assert_eq!(kit.ask("account-users?any(groups,eq(id,\"UGR-5116-6265\"))", None).await.0, 200);
    assert_eq!(kit.ask("account-users?in(account.id,(\"ACC-1671-0642\"))", None).await.0, 200);
}

#[tokio::test]
async fn faults_are_set_read_and_cleared_over_http() {
    let kit = kit().await;
    let control = format!("http://{}/__faults", kit.sandbox.addr());
    let faults = json!([{"path": "/users", "nth": [1], "body": "missing-rows", "refuse": "any-in", "latency_ms": 1}]);
    let put = kit.client.put(&control).header("content-type", "application/json").body(faults.to_string());
    assert_eq!(put.send().await.expect("an answer").status(), 204);
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&read[0]["body"], &read[0]["nth"]), (&json!("missing-rows"), &json!([1])));
    let wrong = kit.client.put(&control).header("content-type", "application/json").body(r#"[{"sttus":500}]"#);
    assert_eq!(wrong.send().await.expect("an answer").status(), 422, "a misspelt fault is refused");
    assert_eq!(kit.client.delete(&control).send().await.expect("an answer").status(), 204);
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(text, "[]");
}

#[tokio::test]
async fn of_what_is_nested_no_more_than_the_reduced_form_may_be_refused() {
    let kit = kit().await;
    let refuse = |refuse| kit.sandbox.set_faults(vec![Fault { refuse: Some(refuse), ..Fault::default() }]);
    let status = async |select: &str| kit.ask(&format!("user-groups?limit=1&select=-*,id,{select}"), None).await.0;
    refuse(Refusal::NestedSelect);
    for allowed in ["users.name", "modules.code", "account", "account.status,users.revision", "audit.created.at"] {
        assert_eq!(status(allowed).await, 200, "{allowed}");
    }
    for refused in ["users.email", "account.address", "account.groups.name", "users.currentAccount"] {
        assert_eq!(status(refused).await, 400, "{refused}");
    }
    // What the filter is about is shown in any case.
    let touched = "users?currentAccount.website=\"x\"&select=-*,id,currentAccount.website";
    assert_eq!(kit.ask(touched, None).await.0, 200);

    refuse(Refusal::NestedSelectSilently);
    let (code, body) =
        kit.ask("user-groups?limit=1&select=-*,id,users.email,modules.code,account.groups.name", None).await;
    let row = &body["data"][0];
    assert_eq!(code, 200, "{body}");
    assert!(row["users"][0]["name"].is_string() && row["users"][0].get("email").is_none(), "{row}");
    assert!(row["account"]["type"].is_string() && row["account"].get("groups").is_none(), "{row}");
    assert!(row["modules"][0]["code"].is_string(), "{row}");
}
