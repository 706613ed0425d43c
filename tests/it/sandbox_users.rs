//! Users in the sandbox, and what the journal and the faults make of writes.

use super::sandbox_kit::{ACCOUNT, GROUP, INVITED, USER, kit, refusal, text, told};
use accounts_graph_sandbox::{BodyFault, CLIENT_TOKEN, Fault, VENDOR_TOKEN, user_token};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_profile_is_a_delta_and_the_mail_address_stays() {
    let kit = kit().await;
    let (path, call) = (format!("users/{USER}"), format!("PUT users/{USER}"));
    let before = kit.get(&path).await;
    let revision = before["revision"].as_i64().expect("a number");
    assert_eq!(kit.done(&call, json!({})).await, before);
    assert_eq!(kit.done(&call, json!({ "email": "other@example.com", "status": "Blocked" })).await, before);
    assert_eq!(kit.done(&call, json!({ "node": {}, "data": {} })).await, before, "what is not known is passed over");
    let body = json!({ "firstName": "Wilma", "settings": { "timeZone": "Europe/Riga", "dateFormat": null } });
    let after = kit.done(&call, body).await;
    assert_eq!((&after["name"], &after["revision"]), (&json!("Wilma Smith"), &json!(revision + 1)));
    assert_eq!(after["settings"]["timeZone"], "Europe/Riga");
    assert_eq!(after["settings"].get("dateFormat"), None);
    assert_eq!(after["settings"]["numberFormat"], before["settings"]["numberFormat"]);
    assert_eq!(kit.done(&call, json!({ "phone": null })).await.get("phone"), None);
    let phone = kit.done(&call, json!({ "phone": { "number": "1234" } })).await;
    assert_eq!(phone["phone"], json!({ "number": "1234" }));
    for (body, told) in [
        (json!({ "firstName": null }), "firstName"),
        (json!({ "settings": { "cultureCode": "too-long" } }), "settings.cultureCode"),
        (json!({ "settings": 1 }), "settings"),
        (json!({ "currentAccount": {} }), "currentAccount.id"),
        (json!({ "currentAccount": { "id": "ACC-0000-0000" } }), "MPTACC00-0001"),
        (json!({ "currentAccount": { "id": "ACC-0000-0002" } }), "MPTACC01-0001"),
    ] {
        assert_eq!(kit.refused(&call, body).await, refusal(400, told));
    }
    assert_eq!(kit.refused("PUT users/USR-0000-0000", json!({})).await, refusal(404, ""));
    assert_eq!(told(&kit.write(&call, json!({}), Some(VENDOR_TOKEN)).await), refusal(404, ""));
}

#[tokio::test]
async fn the_current_account_is_one_with_an_active_membership() {
    let kit = kit().await;
    let other = kit.row("account-users", |row| text(row, "user") == USER && text(row, "account") != ACCOUNT);
    let body = json!({ "currentAccount": { "id": other["account"], "name": "passed over" } });
    let answer = kit.done(&format!("PUT users/{USER}"), body).await;
    assert_eq!(answer["currentAccount"]["id"], other["account"]);
    let invited = json!({ "currentAccount": { "id": ACCOUNT } });
    assert_eq!(kit.refused(&format!("PUT users/{INVITED}"), invited).await, refusal(400, "MPTACC01-0001"));
}

#[tokio::test]
async fn blocking_and_unblocking_recompute_the_status() {
    let kit = kit().await;
    let path = format!("users/{USER}");
    let blocked = kit.done(&format!("POST {path}/block"), Value::Null).await;
    assert_eq!(blocked["status"], "Blocked");
    let audit = kit.get(&format!("{path}?select=audit")).await;
    assert_eq!(audit["audit"]["updated"]["by"]["id"], "TKN-0000-0001");
    assert_eq!(kit.refused(&format!("POST {path}/block"), Value::Null).await, refusal(400, "MPTACC00-0002"));
    assert_eq!(kit.ask("users", Some(&user_token(USER))).await.0, 401, "who is blocked is turned away");
    kit.done(&format!("DELETE {ACCOUNT}/users/{USER}"), Value::Null).await;
    assert_eq!(kit.get(&path).await["status"], "Blocked", "a block outlasts memberships");
    let unblocked = kit.done(&format!("POST {path}/unblock"), Value::Null).await;
    assert_eq!(unblocked["status"], "Active");
    assert_eq!(kit.refused(&format!("POST {path}/unblock"), Value::Null).await, refusal(400, "MPTACC00-0002"));
    let invited = kit.done(&format!("POST users/{INVITED}/block"), Value::Null).await;
    assert_eq!(invited["status"], "Blocked", "who never came is blocked as well");
    let disabled = kit.in_status("users", "Disabled");
    kit.done(&format!("POST users/{disabled}/block"), Value::Null).await;
    assert_eq!(kit.done(&format!("POST users/{disabled}/unblock"), Value::Null).await["status"], "Disabled");
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(told(&kit.write(&format!("POST {path}/block"), Value::Null, Some(token)).await), refusal(403, ""));
    }
}

#[tokio::test]
async fn only_who_is_disabled_is_deleted() {
    let kit = kit().await;
    assert_eq!(kit.refused(&format!("DELETE users/{USER}"), Value::Null).await, refusal(400, "MPTACC00-0003"));
    let id = kit.in_status("users", "Disabled");
    let path = format!("users/{id}");
    let by_client = kit.write(&format!("DELETE {path}"), Value::Null, Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(403, ""));
    let (status, body) = kit.write(&format!("DELETE {path}"), Value::Null, None).await;
    assert_eq!((status, body), (204, Value::Null));
    assert_eq!(kit.get(&path).await["status"], "Deleted", "Operations reads what is left");
    assert_eq!(kit.ask(&path, Some(CLIENT_TOKEN)).await.0, 404);
    assert_eq!(kit.total("users", &format!("in(id,(\"{id}\"))")).await, 0);
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(400, "MPTACC00-0003"));
}

#[tokio::test]
async fn people_set_their_own_password_and_nothing_keeps_it() {
    let kit = kit().await;
    let call = format!("POST users/{USER}/set-password");
    let body = json!({ "password": "open sesame" });
    let (_, before) = kit.ask(&format!("users/{USER}"), Some(&user_token(USER))).await;
    let (status, answer) = kit.write(&call, body.clone(), Some(&user_token(USER))).await;
    assert_eq!((status, &answer), (200, &before));
    for token in [None, Some(CLIENT_TOKEN.to_owned()), Some(user_token("USR-0000-0001"))] {
        assert_eq!(told(&kit.write(&call, body.clone(), token.as_deref()).await), refusal(403, ""));
    }
    for (body, property) in [(json!({}), "password"), (json!({ "password": "" }), "password"), (json!("x"), "$")] {
        assert_eq!(told(&kit.write(&call, body, Some(&user_token(USER))).await), refusal(400, property));
    }
}

#[tokio::test]
async fn bodies_have_to_be_json_objects() {
    let kit = kit().await;
    let url = format!("{}/v1/accounts/users/{USER}", kit.sandbox.base_url());
    let put =
        |kind: &'static str, body: &'static str| kit.client.put(&url).header("content-type", kind).body(body).send();
    for (kind, body, status) in [
        ("application/json", "{}", 200),
        ("text/json; charset=utf-8", "{}", 200),
        ("application/merge-patch+json", "{}", 200),
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        ("text/plain", "{}", 415),
        ("multipart/form-data; boundary=x", "--x--", 400),
        ("application/x-www-form-urlencoded", "a=b", 415),
    ] {
        let answer = put(kind, body).await.expect("an answer");
        assert_eq!(answer.status(), status, "{kind} {body}");
    }
    let large = kit.client.put(&url).header("content-type", "application/json").body("x".repeat(1_100_000));
    assert_eq!(large.send().await.expect("an answer").status(), 413);
}

#[tokio::test]
async fn writes_are_recorded_with_bodies_and_without_secrets() {
    let kit = kit().await;
    kit.done(&format!("PUT users/{USER}"), json!({ "firstName": "Wilma" })).await;
    kit.write(&format!("POST users/{USER}/set-password"), json!({ "password": "open sesame" }), None).await;
    kit.write(&format!("PUT {ACCOUNT}/users/{USER}/groups"), json!([{ "id": GROUP, "Token": "idt:secret" }]), None)
        .await;
    kit.done(&format!("POST users/{USER}/block"), Value::Null).await;
    let plain = kit.client.post(format!("{}/v1/accounts/accounts", kit.sandbox.base_url())).body("open sesame");
    plain.send().await.expect("an answer");
    let recorded = kit.sandbox.requests();
    let seen: Vec<(String, Option<Value>)> = recorded.iter().map(|entry| (entry.line(), entry.body.clone())).collect();
    let expected = [
        (format!("PUT /accounts/users/{USER}"), Some(json!({ "firstName": "Wilma" }))),
        (format!("POST /accounts/users/{USER}/set-password"), Some(json!({ "password": "***" }))),
        (format!("PUT /accounts/{ACCOUNT}/users/{USER}/groups"), Some(json!([{ "id": GROUP, "Token": "***" }]))),
        (format!("POST /accounts/users/{USER}/block"), None),
        ("POST /accounts/accounts".to_owned(), Some(json!("not JSON"))),
    ];
    assert_eq!(seen, expected);
    assert_eq!((recorded[0].status, recorded[0].rows), (200, Some(1)));
    let control = format!("http://{}/__requests", kit.sandbox.addr());
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    assert!(!text.contains("sesame") && !text.contains("secret"), "{text}");
    assert!(text.contains("\"body\":{\"firstName\":\"Wilma\"}"), "{text}");
}

#[tokio::test]
async fn faults_meet_writes_before_or_after_they_take_effect() {
    let kit = kit().await;
    let name = async || kit.get(&format!("users/{USER}")).await["firstName"].clone();
    let url = format!("{}/v1/accounts/users/{USER}", kit.sandbox.base_url());
    let send = |first: &str| {
        let request = kit.client.put(&url).json(&json!({ "firstName": first }));
        request.timeout(Duration::from_millis(300)).send()
    };
    let fault = |after: bool, fault: Fault| {
        kit.sandbox.set_faults(vec![Fault { method: Some("put".into()), after, ..fault }]);
    };
    let mut before = json!("Will");
    for (place, body) in [BodyFault::Close, BodyFault::Hang].into_iter().enumerate() {
        for after in [false, true] {
            let first = format!("Will{place}{after}");
            fault(after, Fault { body: Some(body), ..Fault::default() });
            let error = send(&first).await.expect_err("no answer");
            assert_eq!((error.is_timeout(), error.is_connect()), (body == BodyFault::Hang, false));
            before = if after { json!(first) } else { before };
            assert_eq!(name().await, before, "{body:?} {after}");
        }
    }
    for (place, wrong) in [
        Fault { status: Some(500), ..Fault::default() },
        Fault { body: Some(BodyFault::WrongJson), ..Fault::default() },
        Fault { body: Some(BodyFault::InvalidJson), ..Fault::default() },
        Fault { body: Some(BodyFault::Html), ..Fault::default() },
    ]
    .into_iter()
    .enumerate()
    {
        for after in [false, true] {
            let first = format!("Bill{place}{after}");
            fault(after, wrong.clone());
            let status = send(&first).await.expect("an answer").status().as_u16();
            assert_eq!(status, wrong.status.unwrap_or(200));
            before = if after { json!(first) } else { before };
            assert_eq!(name().await, before);
        }
    }
    for (first, harmless) in [
        ("Slow", Fault { latency_range_ms: Some([1, 2]), ..Fault::default() }),
        ("Later", Fault { retry_after: Some(1), ..Fault::default() }),
        ("Mixed", Fault { body: Some(BodyFault::Shuffle), ..Fault::default() }),
    ] {
        fault(false, harmless);
        assert_eq!(send(first).await.expect("an answer").status(), 200);
        assert_eq!(name().await, first, "what is answered as usual took effect");
    }
    let writes = kit.sandbox.requests().iter().filter(|request| request.method == "PUT").count();
    assert_eq!(writes, 15);
}
