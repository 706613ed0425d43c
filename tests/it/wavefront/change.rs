//! Changing Wavefront: each mutation in every way that it ends.

use super::{Stub, UNKNOWN, WILL, World, gateway, search, stub, world};
use accounts_graph_sandbox::WAVEFRONT_READER_TOKEN;
use serde_json::{Value, json};

/// Add Account To User Groups, `POST /api/v2/account/{id}/addUserGroups`.
#[tokio::test]
async fn seed_002_adds_an_account_to_user_groups() {
    let world = world().await;
    let [_, groups, _] = world.ids();
    let query = "mutation($input: AddWavefrontAccountToUserGroupsInput!) { addWavefrontAccountToUserGroups(input: $input) {
        __typename wavefrontAccount { id permissions userGroups { nodes { id name userCount } } } userErrors { message path code } } }";
    let input = json!({ "id": WILL, "userGroupIds": [groups[3], UNKNOWN, groups[4]] });
    let data = world.data(query, json!({ "input": input })).await;
    assert_eq!(
        world.requests(),
        [format!("POST /api/v2/account/{WILL}/addUserGroups [\"{}\",\"{UNKNOWN}\",\"{}\"]", groups[3], groups[4])],
        "the answer tells all that is selected"
    );
    let model = world.rest(&format!("account/user/{WILL}")).await;
    let mut groups = model["userGroups"].as_array().expect("groups").clone();
    groups.sort_by_key(|group| group["id"].to_string());
    let shown: Vec<Value> = groups
        .iter()
        .map(|group| json!({ "id": group["id"], "name": group["name"], "userCount": group["userCount"] }))
        .collect();
    assert_eq!(shown.len(), 5);
    let expected = json!({ "addWavefrontAccountToUserGroups": {
        "__typename": "AddWavefrontAccountToUserGroupsPayload",
        "wavefrontAccount": { "id": WILL, "permissions": ["user_management"], "userGroups": { "nodes": shown } },
        "userErrors": [{
            "message": "Wavefront passed this over: perhaps it does not exist, or cannot be added here.",
            "path": ["input", "userGroupIds", "1"], "code": "NOT_APPLIED",
        }],
    } });
    assert_eq!(data, expected);
}

/// The answer that the documentation prints, placeholders included.
#[tokio::test]
async fn the_documented_answer_is_understood() {
    let group = "04e5fd3a-c916-45aa-923c-2fa02e9eddac";
    let answer = |line: &str| match line {
        line if line.ends_with("/addUserGroups") => {
            (200, include_str!("../samples/wf-add-user-groups.response.json").to_owned())
        }
        _ => (404, json!({ "status": { "result": "ERROR", "message": "", "code": 404 } }).to_string()),
    };
    let upstream = stub(answer).await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let query = "mutation($input: AddWavefrontAccountToUserGroupsInput!) { addWavefrontAccountToUserGroups(input: $input) {
        wavefrontAccount { id customer permissions ssoId lastLoginAt
            userGroups { nodes { id name description customer userCount properties { nameEditable } roles { nodes { id } } } }
            roles { nodes { id name permissions restrictedPermissions linkedGroupsCount createdAt updatedAt properties { deletable } } } }
        userErrors { path } } }";
    let input = json!({ "id": "bob+acme@example.com", "userGroupIds": [group] });
    let answer = gateway.send(query, json!({ "input": input }), &[]).await;
    let moment = "1970-01-01T00:00:00.000Z";
    let expected = json!({ "data": { "addWavefrontAccountToUserGroups": {
        "wavefrontAccount": {
            "id": "string", "customer": "string", "permissions": ["string"], "ssoId": "string", "lastLoginAt": moment,
            "userGroups": { "nodes": [{
                "id": group, "name": "string", "description": "string", "customer": "string", "userCount": 0,
                "properties": { "nameEditable": false }, "roles": null,
            }] },
            "roles": { "nodes": [{
                "id": "string", "name": "string", "permissions": ["string"], "restrictedPermissions": ["string"],
                "linkedGroupsCount": 0, "createdAt": moment, "updatedAt": moment, "properties": { "deletable": false },
            }] },
        },
        "userErrors": [],
    } } });
    assert_eq!(answer["data"], expected["data"]);
    // What the placeholder stands for was not told again either.
    let error = json!({ "message": "Wavefront answered with a placeholder where a value belongs.",
        "locations": answer["errors"][0]["locations"],
        "path": ["addWavefrontAccountToUserGroups", "wavefrontAccount", "userGroups", "nodes", 0, "roles"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    assert_eq!(answer["errors"], json!([error]));
    let seen = upstream.seen();
    assert_eq!(seen[0].line, "POST /api/v2/account/bob%2Bacme%40example.com/addUserGroups");
    assert_eq!(seen[0].body, format!("[\"{group}\"]"));
    // The placeholder stands for something that was not told, so it is asked for once.
    assert_eq!(seen[1].line, format!("GET /api/v2/usergroup/{group}"));
    assert_eq!(seen.len(), 2);
}

/// A mutation: its name, the type of its input, an input that succeeds, one that is refused, and the request.
struct Case {
    name: &'static str,
    ty: &'static str,
    good: Value,
    bad: Value,
    /// The field of the payload with what was changed.
    field: &'static str,
    request: String,
}

fn cases(world: &World) -> Vec<Case> {
    of_accounts(world).chain(of_groups(world)).collect()
}

fn of_accounts(world: &World) -> impl Iterator<Item = Case> {
    let [_, groups, roles] = world.ids();
    let with = |member: &str, value: &str| json!({ "id": WILL, member: [value] });
    let listed = [
        (
            "addWavefrontAccountToUserGroups",
            "AddWavefrontAccountToUserGroupsInput",
            "addUserGroups",
            "userGroupIds",
            &groups[3],
        ),
        (
            "removeWavefrontAccountFromUserGroups",
            "RemoveWavefrontAccountFromUserGroupsInput",
            "removeUserGroups",
            "userGroupIds",
            &groups[3],
        ),
        ("addRolesToWavefrontAccount", "AddRolesToWavefrontAccountInput", "addRoles", "roleIds", &roles[3]),
        (
            "removeRolesFromWavefrontAccount",
            "RemoveRolesFromWavefrontAccountInput",
            "removeRoles",
            "roleIds",
            &roles[3],
        ),
    ];
    let listed = listed.map(|(name, ty, verb, member, id)| Case {
        name,
        ty,
        good: with(member, id),
        bad: with(member, UNKNOWN),
        field: "wavefrontAccount",
        request: format!("POST /api/v2/account/{WILL}/{verb} [\"{id}\"]"),
    });
    let permit = [
        ("grantWavefrontPermission", "GrantWavefrontPermissionInput", "grant"),
        ("revokeWavefrontPermission", "RevokeWavefrontPermissionInput", "revoke"),
    ]
    .map(|(name, ty, verb)| Case {
        name,
        ty,
        good: json!({ "id": WILL, "permission": "ingestion" }),
        bad: json!({ "id": WILL, "permission": "../x" }),
        field: "wavefrontAccount",
        request: format!("POST /api/v2/account/{WILL}/{verb}/ingestion"),
    });
    listed.into_iter().chain(permit)
}

fn of_groups(world: &World) -> impl Iterator<Item = Case> {
    let [_, groups, roles] = world.ids();
    let (everyone, group, role) = (&groups[0], &groups[3], &roles[3]);
    let case = |name, ty, good, bad, request| Case { name, ty, good, bad, field: "wavefrontUserGroup", request };
    let changed = [
        ("addAccountsToWavefrontUserGroup", "AddAccountsToWavefrontUserGroupInput", "accountIds", WILL, "addUsers"),
        (
            "removeAccountsFromWavefrontUserGroup",
            "RemoveAccountsFromWavefrontUserGroupInput",
            "accountIds",
            WILL,
            "removeUsers",
        ),
        ("addRolesToWavefrontUserGroup", "AddRolesToWavefrontUserGroupInput", "roleIds", role, "addRoles"),
        ("removeRolesFromWavefrontUserGroup", "RemoveRolesFromWavefrontUserGroupInput", "roleIds", role, "removeRoles"),
    ];
    let changed = changed.map(|(name, ty, member, id, verb)| {
        let (good, bad) = (json!({ "id": group, member: [id] }), json!({ "id": everyone, member: [id] }));
        case(name, ty, good, bad, format!("POST /api/v2/usergroup/{group}/{verb} [\"{id}\"]"))
    });
    let created = case(
        "createWavefrontUserGroup",
        "CreateWavefrontUserGroupInput",
        json!({ "name": "Night", "description": "Owls", "roleIds": [role] }),
        json!({ "name": "Night", "roleIds": ["night"] }),
        format!("POST /api/v2/usergroup {}", json!({ "name": "Night", "description": "Owls", "roleIDs": [role] })),
    );
    let updated = case(
        "updateWavefrontUserGroup",
        "UpdateWavefrontUserGroupInput",
        json!({ "id": group, "name": "Late", "roleIds": [] }),
        json!({ "id": everyone, "name": "Nobody", "roleIds": [] }),
        format!("PUT /api/v2/usergroup/{group} {}", json!({ "name": "Late", "roleIDs": [] })),
    );
    let (good, bad) = (json!({ "id": group }), json!({ "id": everyone }));
    let request = format!("DELETE /api/v2/usergroup/{group}");
    let deleted = case("deleteWavefrontUserGroup", "DeleteWavefrontUserGroupInput", good, bad, request);
    changed.into_iter().chain([created, updated, Case { field: "deletedId", ..deleted }])
}

impl Case {
    fn query(&self) -> String {
        let entity = if self.field == "deletedId" { self.field.to_owned() } else { format!("{} {{ id }}", self.field) };
        format!(
            "mutation($input: {}!) {{ it: {}(input: $input) {{ {entity} userErrors {{ message path code }} }} }}",
            self.ty, self.name
        )
    }

    async fn run(&self, world: &World, input: &Value, headers: &[(&str, &str)]) -> Value {
        world.sandbox.clear_requests();
        world.gateway.send(&self.query(), json!({ "input": input }), headers).await
    }
}

#[tokio::test]
async fn every_mutation_sends_one_request_and_answers_from_its_answer() {
    let world = world().await;
    for case in cases(&world) {
        let answer = case.run(&world, &case.good, &[]).await;
        let it = &answer["data"]["it"];
        assert_eq!((answer.get("errors"), &it["userErrors"]), (None, &json!([])), "{}: {answer}", case.name);
        let id = if case.field == "deletedId" { &it["deletedId"] } else { &it[case.field]["id"] };
        let named = case.good.get("id").unwrap_or(id);
        assert!(id.is_string() && id == named, "{}: {answer}", case.name);
        assert_eq!(world.requests(), [case.request.as_str()], "{}", case.name);
    }
}

#[tokio::test]
async fn every_mutation_tells_what_the_caller_can_put_right() {
    let world = world().await;
    for case in cases(&world) {
        let answer = case.run(&world, &case.bad, &[]).await;
        let it = &answer["data"]["it"];
        assert_eq!((answer.get("errors"), &it[case.field]), (None, &Value::Null), "{}: {answer}", case.name);
        let errors = it["userErrors"].as_array().expect("user errors");
        assert_eq!(
            (errors.len(), &errors[0]["code"], &errors[0]["path"][0]),
            (1, &json!("BAD_USER_INPUT"), &json!("input")),
            "{}",
            case.name
        );
        assert!(world.requests().len() <= 1, "{}", case.name);
    }
}

#[tokio::test]
async fn every_mutation_of_something_tells_that_it_is_missing() {
    let world = world().await;
    for case in cases(&world) {
        if case.good.get("id").is_none() {
            continue;
        }
        let mut input = case.good.clone();
        let (id, noun) =
            if case.field == "wavefrontAccount" { ("nobody@example.com", "account") } else { (UNKNOWN, "user group") };
        input["id"] = json!(id);
        let answer = case.run(&world, &input, &[]).await;
        let expected = json!([{
            "message": format!("There is no such {noun}, or the caller may not see it."), "path": ["input", "id"], "code": "NOT_FOUND",
        }]);
        assert_eq!((answer.get("errors"), &answer["data"]["it"]["userErrors"]), (None, &expected), "{}", case.name);
        assert_eq!(world.requests().len(), 1, "{}", case.name);
    }
}

#[tokio::test]
async fn who_may_only_read_is_forbidden_every_mutation() {
    let world = world().await;
    let reader = format!("Bearer {WAVEFRONT_READER_TOKEN}");
    for case in cases(&world) {
        let answer = case.run(&world, &case.good, &[("x-wavefront-authorization", &reader)]).await;
        assert_eq!(answer["data"]["it"], Value::Null, "{}", case.name);
        assert_eq!(answer["errors"][0]["message"], "Wavefront does not allow this to the caller");
        assert_eq!(
            (&answer["errors"][0]["extensions"]["code"], &answer["errors"][0]["path"]),
            (&json!("FORBIDDEN"), &json!(["it"]))
        );
        assert_eq!(world.requests().len(), 1, "{}", case.name);
    }
}

async fn one_write(upstream: &Stub, case: &Case) -> Value {
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let answer = gateway.send(&case.query(), json!({ "input": case.good }), &[]).await;
    assert_eq!(upstream.lines().len(), 1, "{}: sent once", case.name);
    assert_eq!(answer["data"]["it"], Value::Null, "{}", case.name);
    answer["errors"][0].clone()
}

/// A busy upstream is not asked again either: that it did nothing is a guess.
#[tokio::test]
async fn every_mutation_is_sent_once_however_the_upstream_fails() {
    let world = world().await;
    let envelope = |code: u16| json!({ "status": { "result": "ERROR", "message": "no", "code": code } }).to_string();
    for (status, body, code) in [
        (500, envelope(500), "OUTCOME_UNKNOWN"),
        (200, "<html>".to_owned(), "OUTCOME_UNKNOWN"),
        (406, envelope(406), "UPSTREAM_UNAVAILABLE"),
        (401, envelope(401), "UNAUTHENTICATED"),
        (200, envelope(403), "FORBIDDEN"),
    ] {
        let upstream = stub(move |_| (status, body.clone())).await;
        for case in cases(&world) {
            assert_eq!(one_write(&upstream, &case).await["extensions"]["code"], code, "{} with {status}", case.name);
        }
    }
    for case in cases(&world) {
        let gateway = gateway("http://127.0.0.1:9", Some("http://127.0.0.1:9"), None).await;
        let answer = gateway.send(&case.query(), json!({ "input": case.good }), &[]).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_UNAVAILABLE", "{}", case.name);
    }
}

#[tokio::test]
async fn an_answer_about_somebody_else_is_not_believed() {
    let world = world().await;
    let upstream = stub(|_| (200, json!({ "identifier": "else@example.com", "userGroups": [] }).to_string())).await;
    let error = one_write(&upstream, &cases(&world)[0]).await;
    let message = "Wavefront answered with something else than what was changed: whether the change was made is not known. It was sent once";
    assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("OUTCOME_UNKNOWN")));
}

/// Nothing that was known before a write is believed after it, and what its answer leaves out is asked for.
#[tokio::test]
async fn several_mutations_run_in_order_and_what_is_selected_deeper_is_asked_for() {
    let world = world().await;
    let [_, groups, _] = world.ids();
    let query = "mutation($id: ID!, $groups: [ID!]!) {
        a: addWavefrontAccountToUserGroups(input: { id: $id, userGroupIds: $groups }) { wavefrontAccount { userGroups { nodes { id } } } }
        b: removeWavefrontAccountFromUserGroups(input: { id: $id, userGroupIds: $groups }) {
            wavefrontAccount { userGroups { nodes { id } } unitedPermissions } userErrors { code } } }";
    let data = world.data(query, json!({ "id": WILL, "groups": [groups[4], groups[5]] })).await;
    let count = |it: &str| data[it]["wavefrontAccount"]["userGroups"]["nodes"].as_array().expect("groups").len();
    assert_eq!((count("a"), count("b"), &data["b"]["userErrors"]), (5, 3, &json!([])));
    assert!(data["b"]["wavefrontAccount"]["unitedPermissions"].is_array());
    let ids = format!("[\"{}\",\"{}\"]", groups[4], groups[5]);
    assert_eq!(
        world.requests(),
        [
            format!("GET /api/v2/account/{WILL}"),
            format!("POST /api/v2/account/{WILL}/addUserGroups {ids}"),
            format!("POST /api/v2/account/{WILL}/removeUserGroups {ids}"),
        ]
    );
    // The group of everybody is passed over, so it is still there.
    let data = world.data(query, json!({ "id": WILL, "groups": [groups[0]] })).await;
    assert_eq!(data["b"]["userErrors"], json!([{ "code": "NOT_APPLIED" }]));
}

#[tokio::test]
async fn members_of_a_group_are_all_there_after_a_change() {
    let world = world().await;
    let [accounts, groups, _] = world.ids();
    let query =
        "mutation($input: AddAccountsToWavefrontUserGroupInput!) { addAccountsToWavefrontUserGroup(input: $input) {
        wavefrontUserGroup { userCount users { nodes { id } } } userErrors { path } } }";
    let all: Vec<&String> = accounts.iter().take(20).collect();
    let data = world.data(query, json!({ "input": { "id": groups[5], "accountIds": all } })).await;
    let group = &data["addAccountsToWavefrontUserGroup"]["wavefrontUserGroup"];
    let users = group["users"]["nodes"].as_array().expect("users");
    assert_eq!(group["userCount"], users.len());
    assert!(all.iter().all(|id| users.iter().any(|user| user["id"] == ***id)));
    let body = json!(all);
    assert_eq!(
        world.requests(),
        [
            format!("POST /api/v2/search/account {}", search("userGroups", &[&groups[5]], "CONTAINS")),
            format!("POST /api/v2/usergroup/{}/addUsers {body}", groups[5]),
        ]
    );
}
