//! Members of accounts in the sandbox: invitations, groups and the end of a membership, in all three families.

use super::sandbox_kit::{ACCOUNT, GROUP, INVITED, Kit, USER, ids, kit, kit_with, refusal, text, told};
use accounts_graph_sandbox::{CLIENT_TOKEN, Generation, Options, VENDOR_TOKEN, user_token};
use serde_json::{Value, json};

const OTHER_GROUP: &str = "UGR-5116-6565";

/// The id of Will's membership of the showcase account.
fn membership(kit: &Kit, user: &str) -> String {
    let row = kit.row("account-users", |row| text(row, "user") == user && text(row, "account") == ACCOUNT);
    text(&row, "id").to_owned()
}

/// The path of a membership in each family.
fn places(kit: &Kit, user: &str) -> [String; 3] {
    [
        format!("{ACCOUNT}/users/{user}"),
        format!("account-users/{}", membership(kit, user)),
        format!("accounts/{ACCOUNT}/users/{user}"),
    ]
}

fn somebody(email: &str) -> Value {
    json!({
        "user": {
            "email": email, "firstName": "Nora", "lastName": "Quist",
            "phone": { "prefix": "+45", "number": "5550100" },
            "settings": { "cultureCode": "da-DK", "languageCode": "da-DK" },
        },
        "groups": [{ "id": GROUP }],
    })
}

#[tokio::test]
async fn a_new_member_is_invited_and_shown_as_its_family_does() {
    let kit = kit().await;
    for (place, path) in [format!("{ACCOUNT}/users"), "account-users".into(), format!("accounts/{ACCOUNT}/users")]
        .into_iter()
        .enumerate()
    {
        let email = format!("nora{place}@example.com");
        let mut body = somebody(&email);
        body["account"] = json!({ "id": ACCOUNT });
        let (status, answer) = kit.write(&format!("POST {path}"), body, None).await;
        assert_eq!(status, 201, "{answer}");
        let user = if place == 2 { answer["id"].clone() } else { answer["user"]["id"].clone() };
        let user = user.as_str().expect("an id");
        assert!(user.starts_with("USR-"), "{answer}");
        assert_eq!(answer["revision"], 1);
        assert_eq!((answer["invitation"]["status"].as_str(), ids(&answer["groups"])), (Some("Invited"), vec![GROUP]));
        assert!(answer["invitation"]["url"].is_string() && answer["modules"].is_array(), "{answer}");
        let person = kit.get(&format!("users/{user}?select=audit,accounts")).await;
        assert_eq!((&person["status"], &person["name"]), (&json!("Invited"), &json!("Nora Quist")));
        assert_eq!((&person["email"], &person["phone"]["number"]), (&json!(email), &json!("5550100")));
        assert_eq!((ids(&person["accounts"]), &person["revision"]), (vec![ACCOUNT], &json!(1)));
        assert_eq!(person["audit"]["created"]["by"]["id"], "TKN-0000-0001");
    }
    let group = kit.get(&format!("user-groups/{GROUP}")).await;
    assert_eq!(group["users"].as_array().expect("users").iter().filter(|user| user["name"] == "Nora Quist").count(), 3);
}

#[tokio::test]
async fn bodies_of_new_members_are_checked_property_by_property() {
    let kit = kit().await;
    let call = format!("POST {ACCOUNT}/users");
    let with = |pointer: &str, value: Value| {
        let mut body = somebody("nora@example.com");
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    let without = |name: &str| {
        let mut body = somebody("nora@example.com");
        body.as_object_mut().expect("an object").remove(name);
        body
    };
    let cases = [
        (without("user"), refusal(400, "email")),
        (without("groups"), refusal(400, "groups")),
        (with("/user/email", json!("no mail")), refusal(400, "user.email")),
        (with("/user/firstName", json!("")), refusal(400, "user.firstName")),
        (with("/user/lastName", Value::Null), refusal(400, "user.lastName")),
        (with("/user/phone/prefix", json!("+4512345678")), refusal(400, "user.phone.prefix")),
        (with("/user/settings", json!({ "cultureCode": "too-long" })), refusal(400, "user.settings.cultureCode")),
        (with("/groups", json!([{}])), refusal(400, "groups[0].id")),
        (with("/groups", json!([])), refusal(400, "MPTACC02-0005")),
        (with("/groups", json!([{ "id": "UGR-0000-0000" }])), refusal(400, "MPTACC00-0001")),
        (with("/user/email", json!("will.smith@example.com")), refusal(400, "MPTACC02-0003")),
        (json!([]), refusal(400, "$")),
    ];
    for (body, expected) in cases {
        assert_eq!(kit.refused(&call, body.clone()).await, expected, "{body}");
    }
    let mut body = somebody("nora@example.com");
    body["account"] = json!({ "id": "ACC-0000-0002" });
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC02-0001"));
    let foreign = kit.row("user-groups", |row| text(row, "account") != ACCOUNT);
    let body = with("/groups", json!([{ "id": text(&foreign, "id") }]));
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC02-0006"));
    let deleted = kit.row("users", |row| text(row, "status") == "Disabled");
    kit.done(&format!("DELETE users/{}", text(&deleted, "id")), Value::Null).await;
    assert_eq!(kit.refused(&call, with("/user/email", deleted["email"].clone())).await, refusal(400, "MPTACC02-0002"));
    let two = json!({ "user": { "email": "x", "firstName": "" }, "groups": [{ "id": GROUP }] });
    let (_, problem) = kit.write(&call, two, None).await;
    assert_eq!(
        problem["errors"],
        json!({
            "user.email": ["An e-mail address is expected."],
            "user.firstName": ["A text of 1 to 100 characters is expected."],
            "user.lastName": ["The lastName field is required."],
        })
    );
}

#[tokio::test]
async fn operations_alone_makes_existing_users_members_without_an_invitation() {
    let kit = kit().await;
    let mine = |row: &super::sandbox_kit::Row| text(row, "user") == USER && text(row, "account") != ACCOUNT;
    let other = text(&kit.row("account-users", mine), "account").to_owned();
    let row = kit.row("users", |row| {
        let at = |name: &str| super::sandbox_kit::texts(row.get("accounts")).contains(name);
        text(row, "status") == "Active" && at(&other) && !at(ACCOUNT)
    });
    let mut body = somebody(text(&row, "email"));
    body["invitation"] = json!({ "status": "Active" });
    let call = format!("POST {ACCOUNT}/users");
    let by_client = kit.write(&call, body.clone(), Some(CLIENT_TOKEN)).await;
    assert_eq!(told(&by_client), refusal(400, "MPTACC02-0004"));
    let answer = kit.done(&call, body.clone()).await;
    assert_eq!((&answer["invitation"], &answer["user"]["id"]), (&json!({ "status": "Active" }), &row["id"]));
    assert_eq!(answer["user"]["name"], row["name"], "an existing profile stays");
    body["user"]["email"] = json!("unknown@example.com");
    assert_eq!(kit.refused(&call, body).await, refusal(400, "MPTACC02-0004"));
}

#[tokio::test]
async fn a_group_is_added_once_and_the_last_one_stays_in_every_family() {
    for place in 0..3 {
        let kit = kit().await;
        let path = places(&kit, INVITED)[place].clone();
        let before = kit.get(&path).await;
        let all = kit.get(&format!("accounts/{ACCOUNT}?select=groups")).await;
        let held = ids(&before["groups"]);
        let new = ids(&all["groups"]).into_iter().find(|id| !held.contains(id)).expect("one more").to_owned();
        let answer = kit.done(&format!("POST {path}/groups"), json!({ "id": new })).await;
        assert_eq!(answer["groups"].as_array().map(Vec::len), Some(held.len() + 1), "{answer}");
        assert_eq!(answer["id"], before["id"]);
        assert_eq!(answer, kit.get(&path).await, "the whole object is answered");
        if place != 2 {
            assert_eq!(answer["revision"], before["revision"].as_i64().expect("a number") + 1);
        }
        let again = kit.done(&format!("POST {path}/groups"), json!({ "id": new })).await;
        assert_eq!(again, answer, "once more changes nothing");
        let unknown = kit.refused(&format!("POST {path}/groups"), json!({ "id": "UGR-0000-0000" })).await;
        assert_eq!(unknown, refusal(400, "MPTACC00-0001"));
        assert_eq!(kit.refused(&format!("POST {path}/groups"), json!({})).await, refusal(400, "id"));
        assert_eq!(kit.refused(&format!("POST {path}/groups"), json!({ "id": 1 })).await, refusal(400, "id"));

        assert_eq!(kit.done(&format!("DELETE {path}/groups/{new}"), Value::Null).await, Value::Null);
        assert_eq!(kit.refused(&format!("DELETE {path}/groups/{new}"), Value::Null).await, refusal(404, ""));
        for other in held.iter().filter(|id| **id != GROUP) {
            kit.done(&format!("DELETE {path}/groups/{other}"), Value::Null).await;
        }
        let last = kit.refused(&format!("DELETE {path}/groups/{GROUP}"), Value::Null).await;
        assert_eq!(last, refusal(400, "MPTACC02-0005"));
        assert_eq!(ids(&kit.get(&path).await["groups"]), [GROUP]);
    }
}

#[tokio::test]
async fn groups_are_replaced_whole_and_the_same_set_changes_nothing() {
    for place in 0..3 {
        let kit = kit().await;
        let path = places(&kit, USER)[place].clone();
        let call = format!("PUT {path}/groups");
        let answer = kit.done(&call, json!([{ "id": OTHER_GROUP }, { "id": OTHER_GROUP }])).await;
        assert_eq!(ids(&answer["groups"]), [OTHER_GROUP]);
        let group = kit.get(&format!("user-groups/{OTHER_GROUP}")).await;
        assert_eq!((ids(&answer["modules"]), ids(&answer["buyers"])), (ids(&group["modules"]), ids(&group["buyers"])));
        let same = kit.done(&call, json!([{ "id": OTHER_GROUP }])).await;
        assert_eq!(same, answer, "the revision does not grow");
        assert_eq!(kit.refused(&call, json!([])).await, refusal(400, "MPTACC02-0005"));
        assert_eq!(kit.refused(&call, json!({ "id": GROUP })).await, refusal(400, "$"));
        assert_eq!(kit.refused(&call, json!([{ "id": "UGR-0000-0000" }])).await, refusal(400, "MPTACC00-0001"));
    }
}

#[tokio::test]
async fn an_invitation_is_accepted_by_the_person_alone() {
    let kit = kit().await;
    let [_, path, _] = places(&kit, INVITED);
    let call = format!("POST {path}/accept-invite");
    assert_eq!(told(&kit.write(&call, Value::Null, None).await), refusal(403, ""));
    let other = kit.write(&call, Value::Null, Some(&user_token(USER))).await;
    assert_eq!(told(&other), refusal(403, ""));
    let me = user_token(INVITED);
    let (status, answer) = kit.write(&call, Value::Null, Some(&me)).await;
    assert_eq!((status, &answer["invitation"]), (200, &json!({ "status": "Active" })), "{answer}");
    let person = kit.get(&format!("users/{INVITED}")).await;
    assert_eq!((&person["status"], &person["currentAccount"]["id"]), (&json!("Active"), &json!(ACCOUNT)));
    let (status, again) = kit.write(&call, Value::Null, Some(&me)).await;
    assert_eq!((status, &again), (200, &answer), "once more changes nothing");
    let audit = kit.get(&format!("{path}?select=audit")).await;
    assert!(audit["audit"]["joined"]["at"].is_string() && audit["audit"]["invitationAcceptedAt"].is_string());
}

#[tokio::test]
async fn invitations_are_resent_while_they_run_and_renewed_when_they_are_over() {
    let kit = kit().await;
    // The newest family alone tells when somebody was invited.
    let [_, path, flat] = places(&kit, INVITED);
    let before = kit.get(&format!("{flat}?select=audit")).await;
    let answer = kit.done(&format!("POST {path}/resend-invite"), Value::Null).await;
    assert_eq!(answer["revision"], before["revision"]);
    assert_eq!(answer["invitation"], before["invitation"]);
    let after = kit.get(&format!("{flat}?select=audit")).await;
    assert_ne!(after["audit"]["invited"], before["audit"]["invited"], "the week begins anew");
    let running = kit.refused(&format!("POST {path}/send-new-invite"), Value::Null).await;
    assert_eq!(running, refusal(400, "MPTACC00-0002"));

    let row = kit.row("account-users", |row| text(row, "status") == "InvitationExpired");
    let (path, user) = (format!("account-users/{}", text(&row, "id")), text(&row, "user").to_owned());
    assert_eq!(kit.refused(&format!("POST {path}/resend-invite"), Value::Null).await, refusal(400, "MPTACC00-0002"));
    let late = kit.write(&format!("POST {path}/accept-invite"), Value::Null, Some(&user_token(&user))).await;
    assert_eq!(told(&late), refusal(400, "MPTACC00-0002"));
    let answer = kit.done(&format!("POST {path}/send-new-invite"), Value::Null).await;
    assert_eq!(answer["invitation"]["status"], "Invited");
    assert_ne!(answer["invitation"]["url"], row["invitation"]["url"]);
    assert_eq!(answer["revision"], row["revision"].as_i64().expect("a number") + 1);
}

#[tokio::test]
async fn a_removed_member_is_gone_for_good_and_comes_back_as_another() {
    for place in 0..3 {
        let kit = kit().await;
        let (path, id) = (places(&kit, INVITED)[place].clone(), membership(&kit, INVITED));
        let (status, body) = kit.write(&format!("DELETE {path}"), Value::Null, None).await;
        assert_eq!((status, body), (204, Value::Null));
        for gone in [path.clone(), format!("account-users/{id}")] {
            assert_eq!(kit.ask(&gone, None).await.0, 404);
        }
        assert_eq!(kit.refused(&format!("DELETE {path}"), Value::Null).await, refusal(404, ""));
        assert_eq!(kit.total("account-users", &format!("id=\"{id}\"")).await, 0);
        let person = kit.get(&format!("users/{INVITED}?select=accounts")).await;
        assert_eq!((&person["status"], person.get("accounts")), (&json!("Disabled"), None));
        let group = kit.get(&format!("user-groups/{GROUP}")).await;
        assert!(!ids(&group["users"]).contains(&INVITED));
        let body = somebody(person["email"].as_str().expect("a mail address"));
        let again = kit.done(&format!("POST {ACCOUNT}/users"), body).await;
        assert_eq!((&again["user"]["id"], &again["user"]["name"]), (&json!(INVITED), &person["name"]));
        assert_ne!(again["id"], id.as_str());
        assert_eq!(kit.get(&format!("users/{INVITED}")).await["status"], "Invited");
    }
}

#[tokio::test]
async fn nobody_ends_their_own_membership_and_the_current_account_follows() {
    let kit = kit().await;
    let call = format!("DELETE {ACCOUNT}/users/{USER}");
    let own = kit.write(&call, Value::Null, Some(&user_token(USER))).await;
    assert_eq!(told(&own), refusal(400, "MPTACC02-0007"));
    kit.done(&call, Value::Null).await;
    let person = kit.get(&format!("users/{USER}?select=accounts")).await;
    assert_eq!(person["status"], "Active", "another membership is left");
    assert_eq!(ids(&person["accounts"]), [person["currentAccount"]["id"].as_str().expect("the other account")]);
}

#[tokio::test]
async fn a_member_is_updated_in_the_newest_family_only() {
    let kit = kit().await;
    let [a, b, c] = places(&kit, USER);
    let body = json!({ "firstName": "William" });
    for path in [a, b] {
        assert_eq!(told(&kit.write(&format!("PUT {path}"), body.clone(), None).await), refusal(405, ""));
    }
    let answer = kit.done(&format!("PUT {c}"), body).await;
    assert_eq!((&answer["id"], &answer["name"]), (&json!(USER), &json!("William Smith")));
}

#[tokio::test]
async fn members_of_other_accounts_do_not_exist_for_a_client() {
    let kit = kit().await;
    for path in places(&kit, USER) {
        let call = format!("POST {path}/groups");
        let vendor = kit.write(&call, json!({ "id": GROUP }), Some(VENDOR_TOKEN)).await;
        assert_eq!(told(&vendor), refusal(404, ""));
    }
    let mut body = somebody("nora@example.com");
    body["account"] = json!({ "id": ACCOUNT });
    let foreign = kit.write("POST account-users", body.clone(), Some(VENDOR_TOKEN)).await;
    assert_eq!(told(&foreign), refusal(400, "MPTACC00-0001"));
    let own = kit.write("POST account-users", somebody("nora@example.com"), Some(CLIENT_TOKEN)).await;
    assert_eq!((own.0, &own.1["account"]["id"]), (201, &json!(ACCOUNT)), "the caller's account is the default");
}

#[tokio::test]
async fn families_that_are_not_spoken_do_not_exist() {
    for (spoken, place) in [(Generation::February2025, 0), (Generation::September2025, 1), (Generation::V5, 2)] {
        let kit = kit_with(Options { scale: 0.01, generation: spoken, ..Options::default() }).await;
        let lists = [format!("{ACCOUNT}/users"), "account-users".into(), format!("accounts/{ACCOUNT}/users")];
        for (other, (path, list)) in places(&kit, USER).into_iter().zip(lists).enumerate() {
            let expected = if other == place { [200, 200, 200] } else { [404, 404, 404] };
            let (status, _) = kit.write(&format!("PUT {path}/groups"), json!([{ "id": GROUP }]), None).await;
            assert_eq!([kit.ask(&path, None).await.0, kit.ask(&list, None).await.0, status], expected, "{path}");
        }
    }
}
