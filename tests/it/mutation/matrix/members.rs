//! Users, memberships and groups.

use super::{
    Case, INPUT, STATE, UNKNOWN, case,
    host::{ACCOUNT, GROUP, Host, OTHER_GROUP, WILL, member, text},
};
use accounts_graph_sandbox::{CLIENT_TOKEN, Generation, user_token};
use serde_json::{Value, json};

pub(super) async fn cases(host: &Host) -> Vec<Case> {
    let mut cases = users(host);
    cases.extend(memberships(host).await);
    cases.extend(invitations(host).await);
    cases.extend(groups(host).await);
    cases
}

fn users(host: &Host) -> Vec<Case> {
    let (active, blocked) = (host.active(), host.in_status("users", "Blocked"));
    let stranger = host.row("accounts", |row| {
        let inside = |membership: &super::host::Row| {
            text(membership, "user") == WILL && text(membership, "account") == text(row, "id")
        };
        !host.rows("account-users").iter().any(inside)
    });
    let id = |id: &str| json!({ "id": id });
    vec![
        case("updateUser", json!({ "id": WILL, "firstName": "Wilhelm" }), json!({ "firstName": "Wilhelm" })).refuses(
            json!({ "id": WILL, "currentAccountId": stranger["id"] }),
            "MPTACC01-0001",
            &["input", "currentAccountId"],
        ),
        case("setUserPassword", json!({ "id": WILL, "password": "hunter2" }), id(WILL))
            .done_by(user_token(WILL))
            .forbidden_to(None),
        case("blockUser", id(&active), json!({ "status": "BLOCKED" })).refuses(id(&blocked), STATE, INPUT),
        case("unblockUser", id(&blocked), id(&blocked)).refuses(id(WILL), STATE, INPUT),
        case("deleteUser", id(&host.in_status("users", "Disabled")), Value::Null).refuses(
            id(WILL),
            "MPTACC00-0003",
            INPUT,
        ),
    ]
}

/// The input about somebody who is no member.
fn nobody(mut input: Value) -> Value {
    input["member"] = member("USR-9999-9999");
    input
}

/// A mutation of a membership. The flat collection names it by an id of its own, which has to be found out.
fn of_member(host: &Host, name: &'static str, done: Value, shows: Value) -> Case {
    let missing = nobody(done.clone());
    let before = usize::from(host.generation == Generation::September2025);
    case(name, done, shows).misses(missing, "NOT_FOUND", &["input", "member"]).after(before)
}

async fn memberships(host: &Host) -> Vec<Case> {
    let foreign = host.row("user-groups", |row| text(row, "account") != ACCOUNT);
    let foreign = text(&foreign, "id");
    let (both, one) = ([GROUP, OTHER_GROUP], [GROUP]);
    let leaving = host.invited("Leaving", &one).await;
    let assigned = host.invited("Assigned", &one).await;
    let replaced = host.invited("Replaced", &one).await;
    let moved = host.invited("Moved", &one).await;
    let removed = host.invited("Removed", &both).await;
    let updated = host.invited("Updated", &one).await;
    let of = |user: &str| json!({ "member": member(user) });
    let with = |user: &str, name: &str, value: Value| {
        let mut input = of(user);
        input[name] = value;
        input
    };
    let mut update = with(&updated, "lastName", json!("Changed"));
    update["invitation"] = json!({ "notes": "Knows us." });
    vec![
        of_member(host, "updateAccountUser", update.clone(), json!({ "user": { "lastName": "Changed" } }))
            .refuses(update, "MPTACC02-0009", &["input", "invitation", "notes"])
            .refused_to(CLIENT_TOKEN.to_owned()),
        of_member(host, "removeAccountUser", of(&leaving), Value::Null)
            .refuses(of(WILL), "MPTACC02-0007", INPUT)
            .refused_to(user_token(WILL)),
        of_member(host, "assignUserToGroup", with(&assigned, "groupIds", json!([OTHER_GROUP])), of_user(&assigned))
            .refuses(with(&assigned, "groupIds", json!([foreign])), "MPTACC02-0006", &["input", "groupIds", "0"]),
        of_member(host, "replaceAccountUserGroups", with(&replaced, "groupIds", json!(both)), of_user(&replaced))
            .refuses(with(&replaced, "groupIds", json!([foreign])), "MPTACC02-0006", &["input", "groupIds"]),
        case("moveUserBetweenGroups", moves(&moved, OTHER_GROUP), of_user(&moved))
            .misses(moves("USR-9999-9999", OTHER_GROUP), "NOT_FOUND", INPUT)
            .after(1)
            .refuses(moves(&assigned, foreign), "MPTACC02-0006", INPUT),
        case("removeUserFromGroup", with(&removed, "groupId", json!(OTHER_GROUP)), of_user(&removed))
            .misses(nobody(json!({ "groupId": GROUP })), "NOT_FOUND", INPUT)
            .after(usize::from(host.generation == Generation::September2025))
            .refuses(with(&assigned, "groupId", json!(GROUP)), "MPTACC02-0005", INPUT),
        of_member(host, "setAccountUserFavorite", with(WILL, "favorite", json!(true)), json!({ "favorite": true }))
            .done_by(user_token(WILL))
            .forbidden_to(None),
    ]
}

/// The input that moves a member out of the default group.
fn moves(user: &str, to: &str) -> Value {
    json!({ "accountId": ACCOUNT, "userId": user, "fromGroupId": GROUP, "toGroupId": to })
}

fn of_user(user: &str) -> Value {
    json!({ "user": { "id": user } })
}

async fn invitations(host: &Host) -> Vec<Case> {
    let expired = host.row("account-users", |row| text(row, "status") == "InvitationExpired");
    let (account, user) = (text(&expired, "account"), text(&expired, "user"));
    let resent = host.invited("Resent", &[GROUP]).await;
    let accepting = host.invited("Accepting", &[GROUP]).await;
    let of = |user: &str| json!({ "member": member(user) });
    let invited = json!({ "invitation": { "status": "INVITED" } });
    let invite = |account: &str, email: &str| {
        json!({ "accountId": account, "groupIds": [GROUP], "invitation": { "status": "INVITED", "notes": "A friend." },
            "user": { "email": email, "firstName": "Ivo", "lastName": "Marek" } })
    };
    vec![
        case("inviteAccountUser", invite(ACCOUNT, "ivo@example.com"), invited.clone())
            .refuses(invite(ACCOUNT, "resent@example.com"), "MPTACC02-0003", &["input", "user", "email"])
            .misses(invite("ACC-9999-9999", "eva@example.com"), "NOT_FOUND", INPUT),
        of_member(host, "resendInvitation", of(&resent), invited.clone()).refuses(of(WILL), STATE, INPUT),
        of_member(
            host,
            "sendNewInvitation",
            json!({ "member": { "userOfAccount": { "accountId": account, "userId": user } } }),
            invited,
        )
        .refuses(of(WILL), STATE, INPUT),
        of_member(host, "acceptInvitation", of(&accepting), json!({ "invitation": { "status": "ACTIVE" } }))
            .done_by(user_token(&accepting))
            .forbidden_to(None),
    ]
}

async fn groups(host: &Host) -> Vec<Case> {
    let group = |name: &str| json!({ "account": { "id": ACCOUNT }, "name": name });
    let updated = host.create("user-groups", group("Updated")).await;
    let deleted = host.create("user-groups", group("Deleted")).await;
    let default = host.row("user-groups", |row| text(row, "id") == GROUP);
    let granted = default["modules"].as_array().cloned().unwrap_or_default();
    let other = host.row("modules", |row| !granted.contains(&row["id"]));
    vec![
        case("createGroup", json!({ "accountId": ACCOUNT, "name": "New" }), json!({ "name": "New" }))
            .refuses(
                json!({ "accountId": ACCOUNT, "name": "New", "moduleIds": [other["id"]] }),
                "MPTACC03-0003",
                &["input", "moduleIds"],
            )
            .misses(json!({ "accountId": "ACC-9999-9999", "name": "New" }), UNKNOWN, &["input", "accountId"]),
        case("updateGroup", json!({ "id": updated, "name": "Other" }), json!({ "name": "Other" })).refuses(
            json!({ "id": updated, "name": "" }),
            "BAD_USER_INPUT",
            &["input", "name"],
        ),
        case("deleteGroup", json!({ "id": deleted }), Value::Null).refuses(
            json!({ "id": GROUP }),
            "MPTACC03-0001",
            INPUT,
        ),
    ]
}

impl Host {
    /// An active user whom no other test of the matrix needs.
    fn active(&self) -> String {
        let fits = |row: &super::host::Row| text(row, "status") == "Active" && text(row, "id") != WILL;
        text(&self.row("users", fits), "id").to_owned()
    }
}
