//! A member moved from one group to another: one read, one write, and no half state.

use super::upstream::{Scripted, list, not_found, ok, speaking};
use crate::support::{Kit, MODES, SMALL, kit_calling, kit_of, limits};
use accounts_graph::upstream::{
    client::Settings,
    marketplace::membership::{Family, MembershipRoutes},
};
use accounts_graph_sandbox::{BodyFault, Fault, Options, Quirks, Recorded};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, time::Duration};

const ACCOUNT: &str = "ACC-1671-0642";
const MOVE: &str = "mutation($input: MoveUserBetweenGroupsInput!) { moveUserBetweenGroups(input: $input) {
    accountUser { user { id } account { id } groups { nodes { id } } } userErrors { message path code } } }";

fn input(user: &str, from: &str, to: &str) -> Value {
    json!({ "input": { "accountId": ACCOUNT, "userId": user, "fromGroupId": from, "toGroupId": to } })
}

/// Moves a member; the answer with the ids of the groups alone, sorted, and the requests in their order.
async fn moved(kit: &Kit, input: &Value) -> (Value, Vec<String>) {
    kit.sandbox.clear_requests();
    let mut answer = kit.query_with(MOVE, input.clone()).await;
    let groups = answer.pointer_mut("/data/moveUserBetweenGroups/accountUser/groups").and_then(Value::as_array_mut);
    if let Some(groups) = groups {
        groups.sort_by_key(ToString::to_string);
    }
    (answer, kit.sandbox.requests().iter().map(Recorded::line).collect())
}

fn writes(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|line| !line.starts_with("GET ")).collect()
}

fn ids(row: &Map<String, Value>, name: &str) -> BTreeSet<String> {
    let ids = row.get(name).and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The members of the account with their groups, as the sandbox has them.
fn members(kit: &Kit) -> Vec<(String, BTreeSet<String>)> {
    let rows = kit.sandbox.world().rows("account-users").into_iter().filter(|row| row["account"] == ACCOUNT);
    rows.map(|row| (row["user"].as_str().expect("an id").to_owned(), ids(&row, "groups"))).collect()
}

fn done(user: &str, groups: &BTreeSet<String>) -> Value {
    let groups: Vec<Value> = groups.iter().map(|id| json!({ "id": id })).collect();
    let member = json!({ "user": { "id": user }, "account": { "id": ACCOUNT }, "groups": { "nodes": groups } });
    json!({ "data": { "moveUserBetweenGroups": { "accountUser": member, "userErrors": [] } } })
}

fn refused(message: &str, path: &[&str], code: &str) -> Value {
    let error = json!({ "message": message, "path": path, "code": code });
    json!({ "data": { "moveUserBetweenGroups": { "accountUser": null, "userErrors": [error] } } })
}

/// Random members, groups that they are in and groups of the account, on every kind of host: afterwards the member is in
/// all the groups that it was in, but for the one, and in the other.
#[tokio::test]
async fn a_member_leaves_one_group_and_enters_the_other_and_all_else_stays() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        // The routes of writes are found out as well.
        moved(&kit, &input("USR-9999-9999", "UGR-1-1", "UGR-1-2")).await;
        let rows = kit.sandbox.world().rows("user-groups").into_iter().filter(|row| row["account"] == ACCOUNT);
        let all: Vec<String> = rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect();
        let mut random = fastrand::Rng::with_seed(17);
        let mut merged = 0;
        for _ in 0..40 {
            let members = members(&kit);
            let (user, before) = &members[random.usize(..members.len())];
            let from = before.iter().nth(random.usize(..before.len())).expect("a group");
            let to = &all[random.usize(..all.len())];
            if from == to {
                continue;
            }
            merged += usize::from(before.contains(to));
            let mut after = before.clone();
            after.remove(from);
            after.insert(to.clone());
            let (answer, requests) = moved(&kit, &input(user, from, to)).await;
            assert_eq!(answer, done(user, &after), "{mode:?} {before:?} {from} {to}");
            assert_eq!((requests.len(), writes(&requests).len()), (2, 1), "{mode:?}: {requests:#?}");
            assert!(requests[1].starts_with("PUT ") && requests[1].contains("/groups"), "{requests:#?}");
            let stored = self::members(&kit).into_iter().find(|(found, _)| found == user).expect("the member");
            assert_eq!(stored.1, after, "{mode:?}");
            // Nobody else was changed.
            let others = |all: Vec<(String, BTreeSet<String>)>| -> Vec<_> {
                all.into_iter().filter(|(found, _)| found != user).collect()
            };
            assert_eq!(others(self::members(&kit)), others(members.clone()), "{mode:?}");
        }
        assert!(merged > 0, "nobody was in both groups");
    }
}

#[tokio::test]
async fn a_move_that_is_not_possible_sends_nothing() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        moved(&kit, &input("USR-9999-9999", "UGR-1-1", "UGR-1-2")).await;
        let (user, groups) = members(&kit).into_iter().find(|(_, groups)| groups.len() == 1).expect("a member");
        let group = groups.first().expect("a group");
        let same = "The member cannot be moved from a group to the same group.";
        let outside = "The member is not in this group, so nothing was changed.";
        let nobody = "There is no such member or group, or the caller may not see it.";
        let form = |kind: &str, prefix: &str| format!("This is not an id of {kind}: {prefix}- and groups of digits.");
        for (input, reads, message, path, code) in [
            (input(&user, group, group), 0, same.to_owned(), &["input", "toGroupId"][..], "BAD_USER_INPUT"),
            (input(&user, "UGR-9999-9999", group), 1, outside.to_owned(), &["input", "fromGroupId"], "NOT_IN_GROUP"),
            (input("USR-9999-9999", group, "UGR-9999-9999"), 1, nobody.to_owned(), &["input"], "NOT_FOUND"),
            (input(&user, group, "USR-1-1"), 0, form("Group", "UGR"), &["input", "toGroupId"], "BAD_USER_INPUT"),
            (input(&user, "UGR-1-1?", group), 0, form("Group", "UGR"), &["input", "fromGroupId"], "BAD_USER_INPUT"),
            (input("../USR-1-1", group, "UGR-1-1"), 0, form("User", "USR"), &["input", "userId"], "BAD_USER_INPUT"),
        ] {
            let (answer, requests) = moved(&kit, &input).await;
            let name = format!("{mode:?} {input}: {requests:#?}");
            assert_eq!(writes(&requests), <[&String; 0]>::default(), "{name}");
            assert_eq!(requests.len(), reads, "{name}");
            let said = answer["data"]["moveUserBetweenGroups"]["userErrors"][0]["message"].as_str();
            assert!(said.is_some_and(|said| said.starts_with(message.split(':').next().unwrap())), "{name} {answer}");
            assert_eq!(answer, refused(said.unwrap_or_default(), path, code), "{name}");
        }
    }
}

/// A gateway over a host that tells this of the groups of the member.
async fn telling(member: Value) -> Scripted {
    speaking(MembershipRoutes::Only(Family::Accounts), move |line| match line {
        line if line.starts_with("GET /accounts/ACC-1671-0642/users?") => list(&json!([member])),
        line if line.starts_with("PUT ") => ok(&json!({ "id": "USR-1", "groups": [{ "id": "UGR-2" }] })),
        _ => not_found(),
    })
    .await
}

/// Groups that were not understood must not be written back as none.
#[tokio::test]
async fn groups_that_are_not_told_are_an_error_and_nothing_is_sent() {
    for groups in [
        json!("[Circular Reference]"),
        json!(["[Circular Reference]"]),
        json!([{ "id": "UGR-1" }, { "name": "Without an id" }]),
        json!([{ "id": "UGR-1" }, { "id": "ACC-2" }]),
        json!([{ "id": "UGR-1" }, null]),
        json!([{ "id": "UGR-1" }, "UGR-2"]),
        json!({ "id": "UGR-1" }),
        json!(1),
    ] {
        let kit = telling(json!({ "id": "USR-1", "groups": groups })).await;
        let answer = kit.send(MOVE, input("USR-1", "UGR-1", "UGR-2")).await;
        let error = &answer["errors"][0];
        assert_eq!(answer["data"], json!({ "moveUserBetweenGroups": null }), "{groups}: {answer}");
        assert_eq!(error["extensions"]["code"], "UPSTREAM_INVALID", "{groups}: {answer}");
        let requests = kit.requests();
        assert!(requests.iter().all(|line| line.starts_with("GET ")), "{groups}: {requests:#?}");
    }
    let kit = telling(json!({ "id": "USR-1", "$meta": { "omitted": ["groups"] } })).await;
    let answer = kit.send(MOVE, input("USR-1", "UGR-1", "UGR-2")).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID", "{answer}");
    // What is empty is left out.
    let outside = "The member is not in this group, so nothing was changed.";
    for member in [json!({ "id": "USR-1" }), json!({ "id": "USR-1", "groups": null })] {
        let kit = telling(member).await;
        let answer = kit.send(MOVE, input("USR-1", "UGR-1", "UGR-2")).await;
        assert_eq!(answer, refused(outside, &["input", "fromGroupId"], "NOT_IN_GROUP"));
        assert_eq!(kit.requests().len(), 1);
    }
    // A group that stands there twice is one.
    let twice = json!([{ "id": "UGR-3" }, { "id": "UGR-1" }, { "id": "UGR-1" }]);
    let kit = telling(json!({ "id": "USR-1", "groups": twice })).await;
    kit.send(MOVE, input("USR-1", "UGR-1", "UGR-2")).await;
    let requests = kit.requests();
    let sent = r#"PUT /accounts/ACC-1671-0642/users/USR-1/groups [{"id":"UGR-2"},{"id":"UGR-3"}]"#;
    assert_eq!(requests.get(1).map(String::as_str), Some(sent), "{requests:#?}");
}

/// Somebody else must not be changed on a host that does not filter.
#[tokio::test]
async fn a_host_that_tells_of_another_member_is_not_written_to() {
    let kit = telling(json!({ "id": "USR-2", "groups": [{ "id": "UGR-1" }] })).await;
    let answer = kit.send(MOVE, input("USR-1", "UGR-1", "UGR-2")).await;
    let requests = kit.requests();
    assert!(requests.iter().all(|line| line.starts_with("GET ")), "{answer} {requests:#?}");
    assert_ne!(answer["data"]["moveUserBetweenGroups"]["accountUser"]["user"], json!({ "id": "USR-1" }), "{answer}");
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_the_write_is_sent_once() {
    for (body, latency) in [(Some(BodyFault::Close), None), (None, Some(3_000))] {
        let time = |settings| Settings { write_timeout: Duration::from_millis(500), ..settings };
        let kit = kit_calling(Options { scale: SMALL, ..Options::default() }, limits(), time).await;
        let (user, groups) = members(&kit).into_iter().find(|(_, groups)| groups.len() == 1).expect("a member");
        let from = groups.first().expect("a group");
        let other = kit.sandbox.world().rows("user-groups").into_iter();
        let mut other = other.filter(|row| row["account"] == ACCOUNT && row["id"] != from.as_str());
        let to = other.next().expect("another group")["id"].as_str().expect("an id").to_owned();
        let put = Some("PUT".to_owned());
        kit.faults(vec![Fault { method: put, body, latency_ms: latency, ..Fault::default() }]);
        let (answer, requests) = moved(&kit, &input(&user, from, &to)).await;
        assert_eq!(answer["data"], json!({ "moveUserBetweenGroups": null }), "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "OUTCOME_UNKNOWN", "{answer}");
        assert_eq!(writes(&requests).len(), 1, "{requests:#?}");
    }
}

#[tokio::test]
async fn a_plan_shows_the_read_and_the_write_and_sends_nothing() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let body = json!({ "query": MOVE, "variables": input("USR-1671-0642", "UGR-5116-6265", "UGR-1293-6523") });
        let plan = kit.explain(&body, "plan").await;
        let requests = plan["extensions"]["explain"]["requests"].as_array().expect("requests");
        let shown: Vec<String> = requests
            .iter()
            .map(|request| format!("{} {}", request["method"].as_str().unwrap(), request["path"].as_str().unwrap()))
            .collect();
        assert!(shown[0].starts_with("GET ") && shown[0].contains("users"), "{mode:?}: {shown:#?}");
        assert!(shown[1].starts_with("PUT ") && shown[1].ends_with("{member}/groups"), "{mode:?}: {shown:#?}");
        assert_eq!(
            requests[0]["reason"],
            "Reads what has to be known before the change: the revision, or what is sent as it is."
        );
        assert_eq!(plan["data"], Value::Null, "{plan}");
        assert_eq!(kit.requests(), <[String; 0]>::default());
    }
}
