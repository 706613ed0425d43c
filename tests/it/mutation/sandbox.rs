//! Mutations against the sandbox, which has rules and a memory: what was changed is what is read afterwards.

use super::upstream::gateway;
use crate::support::{MODES, SMALL, limits, settings};
use accounts_graph::upstream::marketplace::membership::{Family, MembershipRoutes};
use accounts_graph_sandbox::{self as sandbox, Day, Generation, OPERATIONS_TOKEN, Options, Sandbox};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::task::JoinHandle;

struct World {
    gateway: SocketAddr,
    sandbox: Sandbox,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Every kind of host, and one with all routes by each of them; and where members are changed there.
const HOSTS: [(Generation, MembershipRoutes, &str); 7] = [
    (MODES[0].0, MODES[0].1, "/accounts/accounts/ACC-1671-0642/users/USR-"),
    (MODES[1].0, MODES[1].1, "/accounts/account-users/AUSR-"),
    (MODES[2].0, MODES[2].1, "/accounts/ACC-1671-0642/users/USR-"),
    (MODES[3].0, MODES[3].1, "/accounts/accounts/ACC-1671-0642/users/USR-"),
    (Generation::All, MembershipRoutes::Only(Family::Accounts), "/accounts/accounts/ACC-1671-0642/users/USR-"),
    (Generation::All, MembershipRoutes::Only(Family::AccountUsers), "/accounts/account-users/AUSR-"),
    (Generation::All, MembershipRoutes::Only(Family::Legacy), "/accounts/ACC-1671-0642/users/USR-"),
];

async fn world(generation: Generation, routes: MembershipRoutes) -> World {
    let date = Some(Day::OF_DATA);
    let sandbox =
        sandbox::start(Options { scale: SMALL, date, generation, ..Options::default() }).await.expect("a free port");
    let (gateway, server) = gateway(settings(&sandbox.base_url()), limits(), routes).await;
    World { gateway, sandbox, server }
}

impl World {
    async fn send(&self, query: &str, variables: Value) -> Value {
        let request =
            reqwest::Client::new().post(format!("http://{}/graphql", self.gateway)).bearer_auth(OPERATIONS_TOKEN);
        let body = json!({ "query": query, "variables": variables });
        let text = request.json(&body).send().await.expect("an answer").text().await.expect("a body");
        crate::answer::check(&body, &text);
        serde_json::from_str(&text).expect("JSON")
    }

    /// The data of a document that has no errors.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.send(query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].take()
    }

    /// The writes since the last call.
    fn writes(&self) -> Vec<String> {
        let lines: Vec<String> = self.sandbox.requests().iter().map(sandbox::Recorded::line).collect();
        self.sandbox.clear_requests();
        lines.into_iter().filter(|line| !line.starts_with("GET ")).collect()
    }
}

const MEMBERS: &str = r#"{ account(id: "ACC-1671-0642") {
    groups { nodes { id isDefault } }
    accountUsers(first: 100) { nodes { id user { id } account { id } groups { nodes { id } } invitation { status } } } } }"#;

/// A member who is in one group, and a group that the member is not in.
async fn member(world: &World) -> (Value, String, String) {
    let account = world.data(MEMBERS, json!({})).await["account"].take();
    let member = account["accountUsers"]["nodes"]
        .as_array()
        .expect("members")
        .iter()
        .find(|member| member["groups"]["nodes"].as_array().is_some_and(|groups| groups.len() == 1))
        .expect("a member of one group")
        .clone();
    let in_group = member["groups"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
    let groups = account["groups"]["nodes"].as_array().expect("groups");
    let other = groups.iter().find(|group| group["id"] != in_group.as_str()).expect("another group");
    (member, in_group, other["id"].as_str().expect("an id").to_owned())
}

fn named(member: &Value) -> [Value; 2] {
    let pair = json!({ "accountId": member["account"]["id"], "userId": member["user"]["id"] });
    [json!({ "accountUserId": member["id"] }), json!({ "userOfAccount": pair })]
}

#[tokio::test]
async fn memberships_change_in_the_same_way_through_every_family_of_routes() {
    for (generation, routes, route) in HOSTS {
        let world = world(generation, routes).await;
        let (member, first, second) = member(&world).await;
        let groups = |ids: &[&String]| json!(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
        for named in named(&member) {
            let payload = |field: &str, ids: &[&String]| {
                let told = json!({ "id": member["id"], "user": member["user"], "groups": { "nodes": groups(ids) } });
                json!({ field: { "accountUser": told, "userErrors": [] } })
            };
            let told = "accountUser { id user { id } groups { nodes { id } } } userErrors { message path code }";
            let run = async |field: &str, input: Value, ty: &str| {
                let document = format!("mutation($input: {ty}!) {{ {field}(input: $input) {{ {told} }} }}");
                let mut data = world.data(&document, json!({ "input": input })).await;
                if let Some(groups) =
                    data.pointer_mut(&format!("/{field}/accountUser/groups/nodes")).and_then(Value::as_array_mut)
                {
                    groups.sort_by_key(|group| group["id"] != first.as_str());
                }
                data
            };
            let assigned =
                run("assignUserToGroup", json!({ "member": named, "groupIds": [second] }), "AssignUserToGroupInput");
            assert_eq!(assigned.await, payload("assignUserToGroup", &[&first, &second]), "{routes:?}");
            let left =
                run("removeUserFromGroup", json!({ "member": named, "groupId": second }), "RemoveUserFromGroupInput");
            assert_eq!(left.await, payload("removeUserFromGroup", &[&first]), "{routes:?}");
            let both = json!({ "member": named, "groupIds": [first, second] });
            let replaced = run("replaceAccountUserGroups", both, "ReplaceAccountUserGroupsInput").await;
            assert_eq!(replaced, payload("replaceAccountUserGroups", &[&first, &second]), "{routes:?}");
            let one = json!({ "member": named, "groupIds": [first] });
            let replaced = run("replaceAccountUserGroups", one, "ReplaceAccountUserGroupsInput").await;
            assert_eq!(replaced, payload("replaceAccountUserGroups", &[&first]), "{routes:?}");
            let last = json!({ "member": named, "groupId": first });
            let last = run("removeUserFromGroup", last, "RemoveUserFromGroupInput").await["removeUserFromGroup"].take();
            assert_eq!(
                (&last["accountUser"], last["userErrors"].as_array().map(Vec::len)),
                (&Value::Null, Some(1)),
                "{last}"
            );
        }
        let writes = world.writes();
        assert_eq!(writes.len(), 10, "{routes:?}: {writes:#?}");
        assert!(writes.iter().all(|line| line.contains(route)), "{generation:?} {routes:?}: {writes:#?}");
    }
}

#[tokio::test]
async fn a_person_is_invited_and_removed_through_every_family_of_routes() {
    for (generation, routes, _) in HOSTS {
        let world = world(generation, routes).await;
        let (_, group, _) = member(&world).await;
        let invite = "mutation($input: InviteAccountUserInput!) { inviteAccountUser(input: $input) {
            accountUser { id user { id email } account { id } groups { nodes { id } } invitation { status } } userErrors { message path code } } }";
        let input = json!({ "accountId": "ACC-1671-0642", "groupIds": [group],
            "user": { "email": "new.person@example.com", "firstName": "New", "lastName": "Person" } });
        let invited = world.data(invite, json!({ "input": input })).await["inviteAccountUser"].take();
        assert_eq!(invited["userErrors"], json!([]), "{routes:?}");
        let member = &invited["accountUser"];
        assert_eq!(
            (&member["user"]["email"], &member["groups"], &member["invitation"]),
            (&json!("new.person@example.com"), &json!({ "nodes": [{ "id": group }] }), &json!({ "status": "INVITED" })),
            "{routes:?}"
        );
        let again = world.data(invite, json!({ "input": input })).await["inviteAccountUser"].take();
        assert_eq!(
            (&again["accountUser"], again["userErrors"].as_array().map(Vec::len)),
            (&Value::Null, Some(1)),
            "{again}"
        );
        for named in named(member) {
            let resend = "mutation($member: MemberInput!) { resendInvitation(input: { member: $member }) {
                accountUser { id invitation { status } } userErrors { message } } }";
            let told = json!({ "id": member["id"], "invitation": { "status": "INVITED" } });
            let resent = world.data(resend, json!({ "member": named })).await;
            assert_eq!(resent, json!({ "resendInvitation": { "accountUser": told, "userErrors": [] } }), "{routes:?}");
        }
        let remove = "mutation($member: MemberInput!) { removeAccountUser(input: { member: $member }) { deletedId userErrors { code } } }";
        let removed = world.data(remove, json!({ "member": named(member)[1] })).await;
        assert_eq!(
            removed,
            json!({ "removeAccountUser": { "deletedId": member["id"], "userErrors": [] } }),
            "{routes:?}"
        );
        let read = "query($id: ID!) { accountUser(id: $id) { id } }";
        assert_eq!(world.data(read, json!({ "id": member["id"] })).await, json!({ "accountUser": null }), "{routes:?}");
    }
}

#[tokio::test]
async fn a_module_taken_from_the_default_group_is_gone_from_every_group_that_is_read_after_it() {
    let world = world(Generation::default(), MembershipRoutes::default()).await;
    let read = r#"{ account(id: "ACC-1671-0642") { groups { nodes { id isDefault modules { id settings { configurable } } } } } }"#;
    let account = world.data(read, json!({})).await["account"].take();
    let groups = account["groups"]["nodes"].as_array().expect("groups");
    let default = groups.iter().find(|group| group["isDefault"] == true).expect("a default group");
    let modules = |group: &Value| group["modules"].as_array().cloned().unwrap_or_default();
    let shared = modules(default)
        .into_iter()
        .filter(|module| module["settings"]["configurable"] == true)
        .find(|module| groups.iter().any(|group| group["isDefault"] == false && modules(group).contains(module)))
        .expect("a module of another group");
    let kept: Vec<Value> =
        modules(default).into_iter().filter(|module| *module != shared).map(|module| module["id"].clone()).collect();
    let document = "mutation($id: ID!, $modules: [ID!]) { updateGroup(input: { id: $id, moduleIds: $modules }) {
        group { modules { id } account { groups { nodes { id modules { id settings { configurable } } } } } } userErrors { message path code } } }";
    let changed = world.data(document, json!({ "id": default["id"], "modules": kept })).await["updateGroup"].take();
    assert_eq!(changed["userErrors"], json!([]));
    let told = changed["group"]["account"]["groups"]["nodes"].as_array().expect("groups");
    assert_eq!(told.len(), groups.len());
    assert!(told.iter().all(|group| !modules(group).contains(&shared)), "{changed}");
}

#[tokio::test]
async fn a_revision_is_compared_before_a_change() {
    let world = world(Generation::default(), MembershipRoutes::default()).await;
    let read = r#"{ user(id: "USR-1671-0642") { revision firstName } }"#;
    let revision = world.data(read, json!({})).await["user"]["revision"].as_i64().expect("a revision");
    let document = r#"mutation($revision: Int!) { updateUser(input: { id: "USR-1671-0642", firstName: "Wilhelm", ifRevision: $revision }) {
        user { firstName revision } userErrors { code ... on RevisionConflict { current { ... on User { firstName revision } } } } } }"#;
    let changed = world.data(document, json!({ "revision": revision })).await;
    let told = json!({ "firstName": "Wilhelm", "revision": revision + 1 });
    assert_eq!(changed, json!({ "updateUser": { "user": told, "userErrors": [] } }));
    let refused = world.data(document, json!({ "revision": revision })).await;
    let error = json!({ "code": "CONFLICT", "current": told });
    assert_eq!(refused, json!({ "updateUser": { "user": null, "userErrors": [error] } }));
    assert_eq!(world.writes().len(), 1);
}
