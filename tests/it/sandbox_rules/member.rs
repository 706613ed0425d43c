//! Account users: memberships below `/accounts/{accountId}/users`.

use super::invited;
use crate::sandbox_kit::{ACCOUNT, GROUP, Kit, USER, ids, kit, refusal, text, texts, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, VENDOR_TOKEN, user_token};
use serde_json::{Value, json};
use std::time::Duration;

const OTHER_GROUP: &str = "UGR-5116-6565";

fn members() -> String {
    format!("accounts/{ACCOUNT}/users")
}

/// A person, as the flat form has one.
fn nora(email: &str) -> Value {
    json!({
        "email": email, "firstName": "Nora", "lastName": "Quist",
        "phone": { "prefix": "+45", "number": "5550100" },
        "settings": { "cultureCode": "da-DK", "numberFormat": { "decimalSeparator": ",", "groupSeparator": "." } },
        "groups": [{ "id": GROUP }],
    })
}

/// The same, as the nested form has it.
fn nested(email: &str) -> Value {
    let mut user = nora(email);
    let groups = user.as_object_mut().and_then(|user| user.remove("groups"));
    json!({ "user": user, "groups": groups, "account": { "id": ACCOUNT }, "invitation": { "status": "Invited" } })
}

/// An active user who is no member of the showcase account.
fn stranger(kit: &Kit) -> super::super::sandbox_kit::Row {
    kit.row("users", |row| text(row, "status") == "Active" && !texts(row.get("accounts")).contains(ACCOUNT))
}

#[tokio::test]
async fn account_user_t1_a_person_is_invited_by_the_flat_and_by_the_nested_form() {
    let kit = kit().await;
    for (place, form) in [nora, nested].into_iter().enumerate() {
        let email = format!("nora{place}@example.com");
        let (status, answer) = kit.write(&format!("POST {}", members()), form(&email), None).await;
        assert_eq!(status, 201, "{answer}");
        let id = answer["id"].as_str().expect("an id");
        assert!(id.starts_with("USR-"), "{answer}");
        assert_eq!((&answer["email"], &answer["name"]), (&json!(email), &json!("Nora Quist")));
        assert_eq!(
            (&answer["phone"]["number"], &answer["settings"]["numberFormat"]["decimalSeparator"]),
            (&json!("5550100"), &json!(","))
        );
        assert_eq!((ids(&answer["groups"]), &answer["account"]["id"]), (vec![GROUP], &json!(ACCOUNT)));
        assert_eq!(answer["invitation"]["status"], "Invited");
        assert!(answer["invitation"]["url"].is_string());
        assert_eq!(answer, kit.get(&format!("{}/{id}", members())).await);
        assert_eq!(kit.get(&format!("users/{id}")).await["status"], "Invited");
    }
    for (form, property) in [
        (json!({ "groups": [{ "id": GROUP }] }), "email"),
        (json!({ "email": "nora@example.com" }), "groups"),
        (json!({ "email": { "address": "nora@example.com" }, "groups": [{ "id": GROUP }] }), "email"),
        (json!({ "email": "new@example.com", "groups": [{ "id": GROUP }] }), "firstName"),
        (json!({ "user": { "email": "new@example.com" }, "groups": [{ "id": GROUP }] }), "user.firstName"),
        (json!({ "user": 1, "groups": [{ "id": GROUP }] }), "user"),
    ] {
        assert_eq!(kit.refused(&format!("POST {}", members()), form).await, refusal(400, property));
    }
}

#[tokio::test]
async fn an_existing_user_is_named_by_the_id_or_by_the_mail_address() {
    let kit = kit().await;
    let call = format!("POST {}", members());
    let known = stranger(&kit);
    let unknown = json!({ "id": "USR-9999-9999", "groups": [{ "id": GROUP }] });
    assert_eq!(kit.refused(&call, unknown).await, refusal(400, "MPTACC00-0001"));
    let answer = kit.done(&call, json!({ "id": known["id"], "groups": [{ "id": GROUP }] })).await;
    assert_eq!((&answer["id"], &answer["name"]), (&known["id"], &known["name"]));
    let again = json!({ "email": known["email"], "groups": [{ "id": GROUP }] });
    assert_eq!(kit.refused(&call, again).await, refusal(400, "MPTACC02-0003"));
}

#[tokio::test]
async fn account_user_br_002_there_is_one_membership_for_a_user_and_an_account() {
    let kit = kit().await;
    let email = kit.get(&format!("users/{USER}")).await["email"].as_str().expect("a mail address").to_owned();
    for form in [nora, nested] {
        assert_eq!(kit.refused(&format!("POST {}", members()), form(&email)).await, refusal(400, "MPTACC02-0003"));
    }
}

#[tokio::test]
async fn account_user_br_003_a_member_has_at_least_one_group() {
    let kit = kit().await;
    let mut body = nora("nora@example.com");
    body["groups"] = json!([]);
    assert_eq!(kit.refused(&format!("POST {}", members()), body).await, refusal(400, "MPTACC02-0005"));
    let path = format!("{}/{USER}", members());
    let held = kit.get(&path).await;
    let held = ids(&held["groups"]);
    for group in &held[1..] {
        kit.done(&format!("DELETE {path}/groups/{group}"), Value::Null).await;
    }
    let last = kit.refused(&format!("DELETE {path}/groups/{}", held[0]), Value::Null).await;
    assert_eq!(last, refusal(400, "MPTACC02-0005"));
    assert_eq!(kit.refused(&format!("PUT {path}/groups"), json!([])).await, refusal(400, "MPTACC02-0005"));
    assert_eq!(ids(&kit.get(&path).await["groups"]), [held[0]]);
}

#[tokio::test]
async fn account_user_br_004_t2_operations_alone_makes_existing_users_members_at_once() {
    let kit = kit().await;
    let call = format!("POST {}", members());
    let known = stranger(&kit);
    let body = json!({ "email": known["email"], "groups": [{ "id": GROUP }], "invitation": { "status": "Active" } });
    let by_client = kit.write(&call, body.clone(), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(400, "MPTACC02-0004"));
    let mut new = nora("new@example.com");
    new["invitation"] = json!({ "status": "Active" });
    assert_eq!(kit.refused(&call, new).await, refusal(400, "MPTACC02-0004"));
    let answer = kit.done(&call, body).await;
    assert_eq!((&answer["id"], &answer["invitation"]), (&known["id"], &json!({ "status": "Active" })));
}

#[tokio::test]
async fn account_user_br_005_t3_the_invited_person_alone_accepts() {
    let kit = kit().await;
    let user = invited(&kit).await;
    let path = format!("{}/{user}", members());
    let call = format!("POST {path}/accept-invite");
    for token in [None, Some(CLIENT_TOKEN.to_owned()), Some(user_token(USER))] {
        assert_eq!(told(&kit.write(&call, Value::Null, token.as_deref()).await), refusal(403, ""));
    }
    let (status, answer) = kit.write(&call, Value::Null, Some(&user_token(&user))).await;
    assert_eq!((status, &answer["invitation"]), (200, &json!({ "status": "Active" })), "{answer}");
    let again = kit.write(&call, Value::Null, Some(&user_token(&user))).await;
    assert_eq!(again, (200, answer), "once more changes nothing");
}

#[tokio::test]
async fn account_user_t4_t7_invitations_are_resent_while_they_run_and_renewed_when_they_are_over() {
    let kit = kit().await;
    let path = format!("{}/{}", members(), invited(&kit).await);
    let before = kit.get(&format!("{path}?select=audit")).await;
    let answer = kit.done(&format!("POST {path}/resend-invite"), Value::Null).await;
    assert_eq!(answer["invitation"], before["invitation"]);
    let after = kit.get(&format!("{path}?select=audit")).await;
    assert_ne!(after["audit"]["invited"], before["audit"]["invited"], "the week begins anew");
    let running = kit.refused(&format!("POST {path}/send-new-invite"), Value::Null).await;
    assert_eq!(running, refusal(400, "MPTACC00-0002"));
    let late = kit.row("account-users", |row| text(row, "status") == "InvitationExpired");
    let path = format!("accounts/{}/users/{}", text(&late, "account"), text(&late, "user"));
    assert_eq!(kit.refused(&format!("POST {path}/resend-invite"), Value::Null).await, refusal(400, "MPTACC00-0002"));
    let answer = kit.done(&format!("POST {path}/send-new-invite"), Value::Null).await;
    assert_eq!(answer["invitation"]["status"], "Invited");
    assert_ne!(answer["invitation"]["url"], late["invitation"]["url"]);
}

#[tokio::test]
async fn account_user_br_007_t5_an_invitation_runs_out_after_a_week() {
    let kit = kit().await;
    let user = invited(&kit).await;
    let (path, person) = (format!("{}/{user}", members()), format!("users/{user}"));
    let status = async || kit.get(&path).await["invitation"]["status"].as_str().expect("a status").to_owned();
    let days = |days: u64| kit.sandbox.advance(Duration::from_secs(days * 86_400));
    days(6);
    assert_eq!(status().await, "Invited");
    kit.done(&format!("POST {path}/resend-invite"), Value::Null).await;
    days(6);
    assert_eq!(status().await, "Invited", "T4: a week anew");
    let before = kit.get(&path).await;
    days(1);
    assert_eq!(status().await, "InvitationExpired");
    let after = kit.get(&path).await;
    assert_eq!(after["revision"], before["revision"].as_i64().expect("a number") + 1);
    assert_eq!(after["invitation"].get("url"), None);
    assert_eq!(kit.get(&person).await["status"], "InvitationExpired");
    let audit = kit.get(&format!("{path}?select=audit")).await;
    assert_eq!(audit["audit"]["updated"].get("by"), None, "it was nobody: {audit}");
    let accept = format!("POST {path}/accept-invite");
    let me = user_token(&user);
    assert_eq!(told(&kit.write(&accept, Value::Null, Some(&me)).await), refusal(400, "MPTACC00-0002"));
    kit.done(&format!("POST {path}/send-new-invite"), Value::Null).await;
    assert_eq!(status().await, "Invited");
    assert_eq!(kit.write(&accept, Value::Null, Some(&me)).await.0, 200);
    days(30);
    assert_eq!(status().await, "Active", "who joined stays");
}

#[tokio::test]
async fn account_user_br_006_t6_a_membership_is_gone_for_good_and_never_by_its_own_user() {
    let kit = kit().await;
    let user = invited(&kit).await;
    let path = format!("{}/{user}", members());
    let own = kit.write(&format!("DELETE {}/{USER}", members()), Value::Null, Some(&user_token(USER))).await;
    assert_eq!(told(&own), refusal(400, "MPTACC02-0007"));
    let old = kit.row("account-users", |row| text(row, "user") == user);
    assert_eq!(kit.write(&format!("DELETE {path}"), Value::Null, None).await, (204, Value::Null));
    assert_eq!(kit.ask(&path, None).await.0, 404);
    assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(404, ""));
    kit.done(&format!("POST {}", members()), json!({ "id": user, "groups": [{ "id": GROUP }] })).await;
    let new = kit.row("account-users", |row| text(row, "user") == user);
    assert_ne!(new["id"], old["id"], "it comes back as another");
}

#[tokio::test]
async fn account_user_br_008_br_009_groups_decide_about_modules_and_buyers() {
    let kit = kit().await;
    let path = format!("{}/{USER}", members());
    let answer = kit.done(&format!("PUT {path}/groups"), json!([{ "id": OTHER_GROUP }])).await;
    let group = kit.get(&format!("user-groups/{OTHER_GROUP}")).await;
    assert_eq!((ids(&answer["modules"]), ids(&answer["buyers"])), (ids(&group["modules"]), ids(&group["buyers"])));
    let answer = kit.done(&format!("POST {path}/groups"), json!({ "id": GROUP })).await;
    assert_eq!(answer["groups"].as_array().map(Vec::len), Some(2));
    let again = kit.write(&format!("POST {path}/groups"), json!({ "id": GROUP }), None).await;
    assert_eq!(again, (200, answer), "a group that is held already changes nothing");
    for token in [VENDOR_TOKEN] {
        let unseen = kit.write(&format!("POST {path}/groups"), json!({ "id": GROUP }), Some(token)).await;
        assert_eq!(told(&unseen), refusal(404, ""));
    }
}

#[tokio::test]
async fn account_user_br_010_notes_are_written_by_operations() {
    let kit = kit().await;
    let path = format!("{}/{USER}", members());
    let notes = |text: &str| json!({ "invitation": { "notes": text } });
    let answer = kit.done(&format!("PUT {path}"), notes("Met at the fair")).await;
    assert_eq!(answer["invitation"]["notes"], "Met at the fair");
    let other = kit.write(&format!("PUT {path}"), notes("x"), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&other), refusal(400, "MPTACC02-0009"));
    assert_eq!(kit.write(&format!("PUT {path}"), notes("Met at the fair"), Some(CLIENT_TOKEN)).await.0, 200);
    for form in [json!({ "notes": "A friend" }), notes("A friend")] {
        let mut body = nora(&format!("nora{}@example.com", form.get("notes").is_some()));
        body.as_object_mut().expect("an object").extend(form.as_object().expect("an object").clone());
        let by_client = kit.write(&format!("POST {}", members()), body.clone(), Some(CLIENT_TOKEN)).await;
        assert_eq!(told(&by_client), refusal(400, "MPTACC02-0009"));
        let answer = kit.done(&format!("POST {}", members()), body).await;
        assert_eq!(answer["invitation"]["notes"], "A friend");
    }
}

#[tokio::test]
async fn a_member_is_updated_in_the_profile_and_not_in_the_groups() {
    let kit = kit().await;
    let path = format!("{}/{USER}", members());
    let before = kit.get(&path).await;
    let body = json!({
        "firstName": "William", "phone": null, "email": "other@example.com", "groups": [{ "id": OTHER_GROUP }],
        "user": { "lastName": "Other" }, "account": { "id": "ACC-0000-0002" }, "modules": [], "unknown": 1,
    });
    let answer = kit.done(&format!("PUT {path}"), body).await;
    assert_eq!((&answer["id"], &answer["name"], answer.get("phone")), (&json!(USER), &json!("William Smith"), None));
    for kept in ["email", "groups", "account", "modules"] {
        assert_eq!(answer[kept], before[kept], "{kept}");
    }
    assert_eq!(kit.get(&format!("users/{USER}")).await["firstName"], "William");
    assert_eq!(kit.refused(&format!("PUT {path}"), json!({ "firstName": null })).await, refusal(400, "firstName"));
    let nobody = kit.refused(&format!("PUT {}/USR-0000-0000", members()), nested("a@example.com")).await;
    assert_eq!(nobody, refusal(404, ""));
}

#[tokio::test]
async fn people_mark_their_own_accounts_as_favourites() {
    let kit = kit().await;
    let me = user_token(USER);
    let call = format!("PUT users/{USER}/accounts/{ACCOUNT}");
    let favorites = async |expected: bool| {
        let list = kit.get(&format!("users/{USER}/accounts?id=\"{ACCOUNT}\"")).await;
        assert_eq!(list["data"][0]["favorite"], expected);
    };
    for favorite in [false, true, true] {
        let (status, answer) = kit.write(&call, json!({ "favorite": favorite }), Some(&me)).await;
        assert_eq!((status, &answer["id"], &answer["favorite"]), (200, &json!(ACCOUNT), &json!(favorite)), "{answer}");
        assert_eq!(answer["type"], "Client");
        favorites(favorite).await;
    }
    let member = kit.get(&format!("{}/{USER}", members())).await;
    kit.write(&call, json!({ "favorite": false }), Some(&me)).await;
    let after = kit.get(&format!("{}/{USER}", members())).await;
    assert_eq!(after["revision"], member["revision"], "the membership does not show it");
    for token in [None, Some(CLIENT_TOKEN)] {
        assert_eq!(told(&kit.write(&call, json!({ "favorite": true }), token).await), refusal(403, ""));
    }
    for body in [json!({}), json!({ "favorite": null }), json!({ "favorite": "yes" })] {
        assert_eq!(told(&kit.write(&call, body, Some(&me)).await), refusal(400, "favorite"));
    }
    let none =
        kit.write(&format!("PUT users/{USER}/accounts/ACC-9999-9999"), json!({ "favorite": true }), Some(&me)).await;
    assert_eq!(told(&none), refusal(404, ""));
}

#[tokio::test]
async fn notification_settings_take_any_object() {
    let kit = kit().await;
    let path = format!("accounts/{ACCOUNT}/settings/notifications");
    let before = kit.get(&path).await;
    let answer = kit.done(&format!("PUT {path}"), json!({ "digest": { "hour": 7, "days": ["Mon"] } })).await;
    assert_eq!((&answer["digest"], &answer["optOuts"]), (&json!({ "hour": 7, "days": ["Mon"] }), &before["optOuts"]));
    assert_eq!(kit.get(&path).await, answer);
    let (_, answer) =
        kit.write(&format!("PUT {path}"), json!({ "digest": { "hour": null } }), Some(CLIENT_TOKEN)).await;
    assert_eq!(answer["digest"], json!({ "days": ["Mon"] }));
    assert_eq!(kit.refused(&format!("PUT {path}"), json!([])).await, refusal(400, "$"));
    assert_eq!(told(&kit.write(&format!("PUT {path}"), json!({}), Some(VENDOR_TOKEN)).await), refusal(404, ""));
}
