//! Users.

use super::{by, invited, kept, path, stays};
use crate::sandbox_kit::{ACCOUNT, GROUP, USER, after, kit, refusal, text, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN, user_token};
use serde_json::{Value, json};

#[tokio::test]
async fn user_br_001_there_is_no_route_to_create_one_and_an_invitation_reuses_the_identity() {
    let kit = kit().await;
    assert_eq!(kit.refused("POST users", json!({ "email": "a@example.com" })).await, refusal(405, ""));
    let known = kit.row("users", |row| text(row, "status") == "Disabled");
    let body = json!({ "email": known["email"], "groups": [{ "id": GROUP }] });
    let answer = kit.done(&format!("POST accounts/{ACCOUNT}/users"), body).await;
    assert_eq!((&answer["id"], &answer["name"]), (&known["id"], &known["name"]));
}

#[tokio::test]
async fn user_br_005_the_status_is_the_best_of_the_memberships() {
    let kit = kit().await;
    let id = invited(&kit).await;
    let user = format!("users/{id}");
    assert_eq!(kit.get(&user).await["status"], "Invited");
    let accept = format!("POST accounts/{ACCOUNT}/users/{id}/accept-invite");
    assert_eq!(kit.write(&accept, Value::Null, Some(&user_token(&id))).await.0, 200);
    assert_eq!(kit.get(&user).await["status"], "Active");
    kit.done(&format!("DELETE accounts/{ACCOUNT}/users/{id}"), Value::Null).await;
    assert_eq!(kit.get(&user).await["status"], "Disabled");
}

#[tokio::test]
async fn user_t11_to_t18_a_block_comes_from_every_live_status_and_goes_to_what_follows_from_the_memberships() {
    let kit = kit().await;
    for status in ["Invited", "InvitationExpired", "Active", "Disabled"] {
        let user = format!("users/{}", kit.in_status("users", status));
        assert_eq!(after(&kit, &user, "block").await, "Blocked", "{status}");
        stays(&kit, &user, "block", "MPTACC00-0002").await;
        assert_eq!(after(&kit, &user, "unblock").await, status);
        stays(&kit, &user, "unblock", "MPTACC00-0002").await;
    }
    for token in [CLIENT_TOKEN, VENDOR_TOKEN] {
        assert_eq!(by(&kit, &format!("users/{USER}"), "block", token).await, refusal(403, ""));
    }
}

#[tokio::test]
async fn user_br_006_who_is_blocked_is_turned_away_in_every_account() {
    let kit = kit().await;
    kit.done(&format!("POST users/{USER}/block"), Value::Null).await;
    assert_eq!(kit.ask("users", Some(&user_token(USER))).await.0, 401);
    kit.done(&format!("DELETE accounts/{ACCOUNT}/users/{USER}"), Value::Null).await;
    assert_eq!(kit.get(&format!("users/{USER}")).await["status"], "Blocked", "a block outlasts memberships");
}

#[tokio::test]
async fn user_br_007_t19_only_who_is_disabled_is_deleted_and_never_by_themselves() {
    let kit = kit().await;
    for status in ["Invited", "InvitationExpired", "Active", "Blocked"] {
        let user = match status {
            "Blocked" => {
                kit.done(&format!("POST users/{USER}/block"), Value::Null).await;
                USER.to_owned()
            }
            _ => kit.in_status("users", status),
        };
        kept(&kit, &format!("users/{user}"), "MPTACC00-0003").await;
    }
    let user = format!("users/{}", kit.in_status("users", "Disabled"));
    let (status, body) = kit.write(&format!("DELETE {user}"), Value::Null, None).await;
    assert_eq!((status, body), (204, Value::Null));
    kept(&kit, &user, "MPTACC00-0003").await;
    let own = kit.write("DELETE users/USR-0000-0001", Value::Null, Some(&user_token("USR-0000-0001"))).await;
    assert_eq!(told(&own), refusal(400, "MPTACC01-0003"));
    let by_client = kit.write(&format!("DELETE users/{USER}"), Value::Null, Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(403, ""));
}

#[tokio::test]
async fn user_br_008_people_set_their_own_password_alone() {
    let kit = kit().await;
    let call = format!("POST users/{USER}/set-password");
    let me = user_token(USER);
    for body in [
        json!({ "password": "open sesame" }),
        json!({ "password": "open sesame", "currentPassword": null }),
        json!({ "password": "open sesame", "currentPassword": "abracadabra", "more": 1 }),
    ] {
        let (status, answer) = kit.write(&call, body.clone(), Some(&me)).await;
        assert_eq!((status, &answer["id"]), (200, &json!(USER)));
        for token in [None, Some(CLIENT_TOKEN.to_owned()), Some(user_token("USR-0000-0001"))] {
            assert_eq!(told(&kit.write(&call, body.clone(), token.as_deref()).await), refusal(403, ""));
        }
    }
    for (body, property) in [
        (json!({}), "password"),
        (json!({ "password": "" }), "password"),
        (json!({ "password": "x", "currentPassword": 1 }), "currentPassword"),
    ] {
        assert_eq!(told(&kit.write(&call, body, Some(&me)).await), refusal(400, property));
    }
    let recorded = kit.sandbox.requests();
    assert!(recorded.iter().all(|entry| !format!("{entry:?}").contains("abracadabra")), "{recorded:#?}");
}

#[tokio::test]
async fn user_br_009_the_mail_address_stays_whatever_is_sent() {
    let kit = kit().await;
    let before = kit.get(&format!("users/{USER}")).await;
    for email in [json!("other@example.com"), Value::Null, json!(1)] {
        let answer = kit.done(&format!("PUT users/{USER}"), json!({ "email": email, "status": "Invited" })).await;
        assert_eq!(answer, before);
    }
}

#[tokio::test]
async fn user_br_010_the_current_account_is_one_with_an_active_membership() {
    let kit = kit().await;
    let call = format!("PUT users/{USER}");
    let at = |id: &str| json!({ "currentAccount": { "id": id, "name": "passed over" } });
    let other = kit.row("account-users", |row| text(row, "user") == USER && text(row, "account") != ACCOUNT);
    let other = text(&other, "account").to_owned();
    assert_eq!(kit.done(&call, at(&other)).await["currentAccount"]["id"], other.as_str());
    assert_eq!(kit.refused(&call, at("ACC-0000-0002")).await, refusal(400, "MPTACC01-0001"));
    assert_eq!(kit.refused(&call, at("ACC-9999-9999")).await, refusal(400, "MPTACC00-0001"));
    let not_yet = kit.refused(&format!("PUT users/{}", invited(&kit).await), at(ACCOUNT)).await;
    assert_eq!(not_yet, refusal(400, "MPTACC01-0001"));
    kit.done(&format!("DELETE accounts/{other}/users/{USER}"), Value::Null).await;
    assert_eq!(kit.get(&format!("users/{USER}")).await["currentAccount"]["id"], ACCOUNT, "it follows");
}

#[tokio::test]
async fn a_user_is_also_written_by_the_mail_address() {
    let kit = kit().await;
    let before = kit.get(&format!("users/{USER}")).await;
    let call = format!("users/{}", before["email"].as_str().expect("a mail address"));
    let answer = kit.done(&format!("PUT {call}"), json!({ "firstName": "Wilma" })).await;
    assert_eq!((&answer["id"], &answer["name"]), (&json!(USER), &json!("Wilma Smith")));
    assert_eq!(kit.get(&call).await["firstName"], "Wilma");
    assert_eq!(path("users", &answer), format!("users/{USER}"));
}
