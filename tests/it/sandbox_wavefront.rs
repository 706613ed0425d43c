//! The sandbox's slice of Wavefront: its forms, its partial objects, its search and its writes.

use super::sandbox_kit::{Kit, kit, kit_with, text};
use accounts_graph_sandbox::{Decoding, Fault, OPERATIONS_TOKEN, Options, WAVEFRONT_READER_TOKEN, WAVEFRONT_TOKEN};
use serde_json::{Value, json};

const WILL: &str = "will.smith@example.com";
const UNKNOWN: &str = "00000000-0000-4000-a000-000000000000";

/// The answer to a call: status and body.
async fn call(kit: &Kit, call: &str, body: Value, token: Option<&str>) -> (u16, Value) {
    let (method, path) = call.split_once(' ').expect("a method and a path");
    let url = format!("{}/api/v2/{path}", kit.sandbox.wavefront_url());
    let mut request = kit.client.request(method.parse().expect("a method"), url);
    if !body.is_null() {
        request = request.json(&body);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.expect("an answer");
    let (status, text) = (response.status().as_u16(), response.text().await.expect("a body"));
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{call}: not JSON: {text}")))
}

/// The object of an enveloped answer.
async fn told(kit: &Kit, line: &str, body: Value) -> Value {
    let (status, mut answer) = call(kit, line, body, None).await;
    assert_eq!((status, &answer["status"]), (200, &json!({ "result": "OK", "message": "", "code": 200 })), "{line}");
    answer["response"].take()
}

/// The object of a bare answer.
async fn bare(kit: &Kit, line: &str, body: Value) -> Value {
    let (status, answer) = call(kit, line, body, None).await;
    assert_eq!((status, answer.get("response")), (200, None), "{line}: {answer}");
    answer
}

/// What a refused call is told.
async fn refused(kit: &Kit, line: &str, body: Value) -> (u16, String) {
    let (status, answer) = call(kit, line, body, None).await;
    assert_eq!((&answer["status"]["result"], &answer["status"]["code"]), (&json!("ERROR"), &json!(status)), "{answer}");
    assert_eq!(answer.get("response"), None);
    (status, answer["status"]["message"].as_str().expect("a message").to_owned())
}

fn pick<'v>(list: &'v Value, name: &str) -> Vec<&'v str> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item[name].as_str().unwrap_or_else(|| panic!("no {name}: {item}"))).collect()
}

#[tokio::test]
async fn people_are_the_marketplace_s_by_their_mail_addresses() {
    let kit = kit().await;
    let [accounts, groups, roles] = kit.sandbox.world().wavefront_ids();
    let users = kit.rows("users");
    let known = accounts.iter().filter(|id| users.iter().any(|user| text(user, "email") == **id)).count();
    assert!(known > 10 && known < users.len(), "{known} of {} users", users.len());
    assert!(accounts.iter().any(|id| id.starts_with("sa::")) && accounts.iter().any(|id| id.contains('+')));
    assert_eq!((groups.len(), roles.len()), (6, 4));
    for id in &accounts {
        let escaped = id.replace('@', "%40").replace('+', "%2B").replace(':', "%3A");
        assert_eq!(told(&kit, &format!("GET account/{escaped}"), Value::Null).await["identifier"], **id);
    }
}

#[tokio::test]
async fn single_objects_are_whole_and_nested_ones_partial() {
    let kit = kit().await;
    let model = bare(&kit, &format!("GET account/user/{WILL}"), Value::Null).await;
    let flat = told(&kit, &format!("GET account/{WILL}"), Value::Null).await;
    assert_eq!(
        (json!(pick(&model["userGroups"], "id")), json!(pick(&model["roles"], "id"))),
        (flat["userGroups"].clone(), flat["roles"].clone())
    );
    assert_eq!(model["groups"], json!(["user_management"]), "groups are permissions");
    assert_eq!(pick(&model["userGroups"], "name")[0], "Everyone");
    let nested = &model["userGroups"][1];
    assert!(nested.get("roles").is_none() && nested.get("users").is_none() && nested["userCount"].is_u64());
    assert!(model["roles"][0].get("permissions").is_none());
    let united = flat["unitedPermissions"].as_array().expect("permissions");
    assert!(united.contains(&json!("alerts_management")) && united.contains(&json!("user_management")));

    let everyone = format!("GET usergroup/{}", pick(&model["userGroups"], "id")[0]);
    let group = told(&kit, &everyone, Value::Null).await;
    let (shown, all) = (group["users"].as_array().expect("users").len(), kit.sandbox.world().wavefront_ids()[0].len());
    assert_eq!((shown, &group["userCount"]), (3, &json!(all)), "a sample of many");
    assert_eq!(group["properties"]["usersEditable"], false);
    let roles = told(&kit, "GET role", Value::Null).await;
    let role = told(&kit, &format!("GET role/{}", pick(&roles["items"], "id")[1]), Value::Null).await;
    assert!(role["permissions"].is_array() && role["sampleLinkedGroups"][0].get("roles").is_none());
    assert!(
        role["linkedAccountsCount"].as_u64() >= role["sampleLinkedAccounts"].as_array().map(|list| list.len() as u64)
    );
    let machines = told(&kit, "GET account/serviceaccount", Value::Null).await;
    assert_eq!(pick(&machines, "identifier"), ["sa::terraform", "sa::nightly-report", "sa::retired"]);
    assert_eq!((&machines[2]["active"], machines[0]["tokens"].is_array()), (&json!(false), true));
    assert_eq!(refused(&kit, "GET account/nobody@example.com", Value::Null).await.0, 404);
    assert_eq!(refused(&kit, "GET usergroup/none", Value::Null).await.0, 404);
    assert_eq!(refused(&kit, "GET role/none", Value::Null).await.0, 404);
    assert_eq!(refused(&kit, "GET nothing", Value::Null).await.0, 404);
    assert_eq!(refused(&kit, "PUT role", Value::Null).await.0, 405);
}

#[tokio::test]
async fn pages_tell_whether_there_is_more_and_a_lower_bound_of_the_total() {
    let kit = kit().await;
    let all = kit.sandbox.world().wavefront_ids()[0].len();
    let mut seen = Vec::new();
    loop {
        let page = told(&kit, &format!("GET account?offset={}&limit=7", seen.len()), Value::Null).await;
        seen.extend(pick(&page["items"], "identifier").into_iter().map(str::to_owned));
        let more = page["moreItems"].as_bool().expect("a flag");
        assert_eq!(page["totalItems"], seen.len() + usize::from(more));
        if !more {
            break;
        }
    }
    assert_eq!(seen.len(), all);
    let first = told(&kit, "POST search/account", json!({ "query": [], "limit": 5 })).await;
    assert_eq!((pick(&first["items"], "identifier").len(), &first["moreItems"]), (5, &json!(true)));
    assert_eq!(refused(&kit, "GET account?limit=few", Value::Null).await.0, 400);
}

#[tokio::test]
async fn a_search_contains_by_default_and_values_are_alternatives() {
    let kit = kit().await;
    let search = async |what: &str, query: Value| {
        let page = told(&kit, &format!("POST search/{what}"), json!({ "query": query, "limit": 1000 })).await;
        let name = if what == "account" { "identifier" } else { "id" };
        pick(&page["items"], name).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let smiths = search("account", json!([{ "key": "identifier", "value": "SMITH@example" }])).await;
    assert!(smiths.contains(&WILL.to_owned()), "{smiths:?}");
    let exact =
        json!([{ "key": "id", "values": [WILL, "sa::terraform", "smith@example.com"], "matchingMethod": "EXACT" }]);
    assert_eq!(search("account", exact).await, ["sa::terraform", WILL]);
    let starts = json!([{ "key": "identifier", "value": "sa::", "matchingMethod": "STARTSWITH" }]);
    assert_eq!(search("account", starts.clone()).await.len(), 3);
    let both = json!([starts[0], { "key": "identifier", "value": "retired", "negated": true }]);
    assert_eq!(search("account", both).await, ["sa::nightly-report", "sa::terraform"]);

    let flat = told(&kit, &format!("GET account/{WILL}"), Value::Null).await;
    let group = flat["userGroups"][1].as_str().expect("a group");
    let inside = search("account", json!([{ "key": "userGroups", "values": [group, UNKNOWN] }])).await;
    assert_eq!(told(&kit, &format!("GET usergroup/{group}"), Value::Null).await["userCount"], inside.len());
    let listed = json!([{ "key": "userGroups", "values": [group], "matchingMethod": "EXACT" }]);
    assert!(search("account", listed).await.is_empty(), "a list is never exactly one text");
    assert_eq!(search("usergroup", json!([{ "key": "id", "value": group, "matchingMethod": "EXACT" }])).await, [group]);
    let role = flat["roles"][0].as_str().expect("a role");
    assert!(search("account", json!([{ "key": "roles", "value": role }])).await.contains(&WILL.to_owned()));
    assert!(!search("usergroup", json!([{ "key": "roles", "value": role }])).await.is_empty());
    let users = told(&kit, "POST search/user", json!({ "query": [{ "key": "id", "value": WILL }] })).await;
    assert_eq!(users["items"][0]["escapedIdentifier"], "will.smith%40example.com");
    assert_eq!(users["items"][0]["userGroups"], flat["userGroups"]);
    let rows = told(&kit, "POST search/role", json!({})).await;
    assert!(rows["items"].as_array().expect("rows").iter().all(|row| row.get("sampleLinkedGroups").is_none()));
    let rows = told(&kit, "POST search/usergroup", json!({ "sort": { "field": "name", "ascending": false } })).await;
    assert_eq!(pick(&rows["items"], "name")[0], "Visitors");
    assert!(rows["items"].as_array().expect("rows").iter().all(|row| row.get("users").is_none()));
    assert_eq!(
        refused(&kit, "POST search/account", json!({ "query": [{ "key": "shoe", "value": "x" }] })).await.0,
        400
    );
}

#[tokio::test]
async fn many_accounts_are_validated_at_once() {
    let kit = kit().await;
    let body = json!([WILL, "nobody@example.com", "sa::terraform"]);
    let answer = told(&kit, "POST account/validateAccounts", body).await;
    assert_eq!(pick(&answer["validUsers"], "identifier"), [WILL, "sa::terraform"]);
    assert_eq!(answer["invalidIdentifiers"], json!(["nobody@example.com"]));
    assert!(answer["validUsers"][0]["userGroups"][0]["name"].is_string());
    assert_eq!(refused(&kit, "POST account/validateAccounts", json!([{}])).await.0, 400);
}

#[tokio::test]
async fn groups_are_added_and_removed_and_unknown_ids_go_missing() {
    let kit = kit().await;
    let [_, groups, _] = kit.sandbox.world().wavefront_ids();
    let path = format!("account/{WILL}");
    let model = bare(&kit, &format!("POST {path}/addUserGroups"), json!([groups[3], UNKNOWN, groups[4]])).await;
    assert_eq!(pick(&model["userGroups"], "id"), groups[..5].iter().map(String::as_str).collect::<Vec<_>>());
    let again = bare(&kit, &format!("POST {path}/addUserGroups"), json!([groups[3]])).await;
    assert_eq!(again, model, "a set");
    let model = bare(&kit, &format!("POST {path}/removeUserGroups"), json!([groups[3], groups[0]])).await;
    assert_eq!(pick(&model["userGroups"], "id"), [&groups[0], &groups[1], &groups[2], &groups[4]]);
    for body in [json!([UNKNOWN]), json!([]), Value::Null] {
        let (status, message) = refused(&kit, &format!("POST {path}/addUserGroups"), body).await;
        assert_eq!((status, message.as_str()), (400, "No valid user group IDs were found"));
    }
    assert_eq!(refused(&kit, &format!("POST {path}/addUserGroups"), json!([{}])).await.0, 400);
    assert_eq!(refused(&kit, "POST account/nobody/addUserGroups", json!([groups[1]])).await.0, 404);
}

#[tokio::test]
async fn roles_and_permissions_are_given_and_taken() {
    let kit = kit().await;
    let [_, groups, roles] = kit.sandbox.world().wavefront_ids();
    let path = format!("account/{WILL}");
    let model = bare(&kit, &format!("POST {path}/addRoles"), json!([roles[3], UNKNOWN])).await;
    assert_eq!(pick(&model["roles"], "id"), [&roles[1], &roles[3]]);
    let model = bare(&kit, &format!("POST {path}/removeRoles"), json!([roles[1]])).await;
    assert_eq!(pick(&model["roles"], "id"), [&roles[3]]);
    let model = bare(&kit, &format!("POST {path}/grant/ingestion"), Value::Null).await;
    assert_eq!(model["groups"], json!(["user_management", "ingestion"]));
    let model = bare(&kit, &format!("POST {path}/revoke/user_management"), Value::Null).await;
    assert_eq!(model["groups"], json!(["ingestion"]));
    bare(&kit, "POST account/grant/embedded_charts", json!([WILL, "sa::terraform"])).await;
    let functions = told(&kit, "GET account/sa::terraform/businessFunctions", Value::Null).await;
    assert!(functions.as_array().expect("permissions").contains(&json!("embedded_charts")));
    bare(&kit, "POST account/revoke/embedded_charts", json!([WILL])).await;
    assert_eq!(bare(&kit, &format!("GET account/user/{WILL}"), Value::Null).await["groups"], json!(["ingestion"]));

    let role = told(&kit, &format!("POST role/{}/addAssignees", roles[0]), json!([WILL, groups[5], UNKNOWN])).await;
    assert!(pick(&role["sampleLinkedGroups"], "id").contains(&groups[5].as_str()), "{role}");
    let role = told(&kit, &format!("POST role/{}/removeAssignees", roles[0]), json!([groups[5]])).await;
    assert!(!pick(&role["sampleLinkedGroups"], "id").contains(&groups[5].as_str()));
    let none = refused(&kit, &format!("POST role/{}/addAssignees", roles[0]), json!([UNKNOWN])).await;
    assert_eq!(none.1, "No valid user or user group IDs were found");
    let role = told(&kit, "POST role/grant/saml_sso_management", json!([roles[3]])).await;
    assert_eq!(role["permissions"], json!(["ingestion", "saml_sso_management"]));
    assert_eq!(role["lastUpdatedAccountId"], WILL);
    let role = told(&kit, "POST role/revoke/ingestion", json!([roles[3]])).await;
    assert_eq!(role["permissions"], json!(["saml_sso_management"]));
}

#[tokio::test]
async fn groups_and_roles_are_created_changed_and_deleted() {
    let kit = kit().await;
    let [_, groups, roles] = kit.sandbox.world().wavefront_ids();
    let group = told(&kit, "POST usergroup", json!({ "name": "Night", "roleIDs": [roles[0], UNKNOWN] })).await;
    let id = group["id"].as_str().expect("an id").to_owned();
    assert_eq!((pick(&group["roles"], "id"), &group["userCount"]), (vec![roles[0].as_str()], &json!(0)));
    let group = told(&kit, &format!("POST usergroup/{id}/addUsers"), json!([WILL, "nobody"])).await;
    assert_eq!(group["users"], json!([WILL]));
    let body = json!({ "name": "Late", "description": "Owls", "roleIDs": [] });
    let group = told(&kit, &format!("PUT usergroup/{id}"), body).await;
    assert_eq!((&group["name"], &group["description"], &group["roles"]), (&json!("Late"), &json!("Owls"), &json!([])));
    assert_eq!(group["users"], json!([WILL]), "members stay");
    let group = told(&kit, &format!("POST usergroup/{id}/addRoles"), json!([roles[2]])).await;
    assert_eq!(pick(&group["roles"], "id"), [&roles[2]]);
    let group = told(&kit, &format!("POST usergroup/{id}/removeRoles"), json!([roles[2]])).await;
    assert_eq!(group["roles"], json!([]));
    let group = told(&kit, &format!("POST usergroup/{id}/removeUsers"), json!([WILL])).await;
    assert_eq!(group["users"], json!([]));
    told(&kit, &format!("DELETE usergroup/{id}"), Value::Null).await;
    assert_eq!(refused(&kit, &format!("GET usergroup/{id}"), Value::Null).await.0, 404);
    assert_eq!(refused(&kit, "POST usergroup", json!({ "name": "Bare" })).await.0, 400);
    for line in [format!("DELETE usergroup/{}", groups[0]), format!("POST usergroup/{}/addUsers", groups[0])] {
        assert_eq!(refused(&kit, &line, json!([WILL])).await, (400, "The group cannot be edited".to_owned()));
    }

    let role = told(&kit, "POST role", json!({ "name": "Owl", "permissions": ["ingestion"] })).await;
    let id = role["id"].as_str().expect("an id").to_owned();
    let role = told(&kit, &format!("PUT role/{id}"), json!({ "id": id, "name": "Eagle Owl" })).await;
    assert_eq!((&role["name"], &role["permissions"]), (&json!("Eagle Owl"), &json!(["ingestion"])));
    bare(&kit, &format!("POST account/{WILL}/addRoles"), json!([id])).await;
    told(&kit, &format!("DELETE role/{id}"), Value::Null).await;
    let flat = told(&kit, &format!("GET account/{WILL}"), Value::Null).await;
    assert_eq!(flat["roles"], json!([roles[1]]), "what is deleted is held by nobody");
}

#[tokio::test]
async fn accounts_come_change_and_go() {
    let kit = kit().await;
    let [_, groups, roles] = kit.sandbox.world().wavefront_ids();
    let body = json!({ "emailAddress": "new@example.com", "groups": ["ingestion"], "userGroups": [groups[1]], "roles": [roles[3]] });
    let model = bare(&kit, "POST account/user", body).await;
    assert_eq!(
        (&model["groups"], pick(&model["userGroups"], "id")),
        (&json!(["ingestion"]), vec![&*groups[0], &*groups[1]])
    );
    let model = bare(&kit, "PUT account/user/new@example.com", json!({ "userGroups": [groups[2]] })).await;
    assert_eq!(
        (pick(&model["userGroups"], "id"), &model["groups"]),
        (vec![&*groups[0], &*groups[2]], &json!(["ingestion"]))
    );
    bare(
        &kit,
        "POST account/user/invite",
        json!([{ "emailAddress": "guest@example.com", "groups": [], "userGroups": [] }]),
    )
    .await;
    let users = told(&kit, "GET account/user", Value::Null).await;
    assert!(pick(&users, "identifier").contains(&"guest@example.com"));
    let administrators = told(&kit, "GET account/user/admin", Value::Null).await;
    assert!(administrators.as_array().expect("ids").contains(&json!(WILL)));
    told(&kit, "DELETE account/new@example.com", Value::Null).await;
    assert_eq!(refused(&kit, "GET account/new@example.com", Value::Null).await.0, 404);
    let gone = told(&kit, "POST account/deleteAccounts", json!(["guest@example.com", "nobody"])).await;
    assert_eq!(gone, json!(["guest@example.com"]));

    let machine = told(&kit, "POST account/serviceaccount", json!({ "identifier": "sa::cron", "active": true })).await;
    assert_eq!((&machine["identifier"], &machine["active"]), (&json!("sa::cron"), &json!(true)));
    assert_eq!(told(&kit, "POST account/serviceaccount/sa::cron/deactivate", Value::Null).await["active"], false);
    assert_eq!(told(&kit, "POST account/serviceaccount/sa::cron/activate", Value::Null).await["active"], true);
    let machine = told(&kit, "PUT account/serviceaccount/sa::cron", json!({ "description": "Ticks" })).await;
    assert_eq!(machine["description"], "Ticks");
    assert_eq!(told(&kit, "GET account/serviceaccount/sa::cron", Value::Null).await, machine);
    assert_eq!(refused(&kit, "POST account/serviceaccount", json!({ "identifier": "cron" })).await.0, 400);
    assert_eq!(refused(&kit, &format!("GET account/serviceaccount/{WILL}"), Value::Null).await.0, 404);
}

#[tokio::test]
async fn tokens_are_wavefront_s_own_and_writes_need_the_permission() {
    let kit = kit().await;
    let write = format!("POST account/{WILL}/grant/ingestion");
    for (token, read, written) in [
        (None, 200, 200),
        (Some(WAVEFRONT_TOKEN), 200, 200),
        (Some(WAVEFRONT_READER_TOKEN), 200, 403),
        (Some(OPERATIONS_TOKEN), 401, 401),
        (Some("other"), 401, 401),
    ] {
        assert_eq!(call(&kit, "GET role", Value::Null, token).await.0, read, "{token:?}");
        assert_eq!(call(&kit, &write, Value::Null, token).await.0, written, "{token:?}");
        assert_eq!(call(&kit, "POST account/validateAccounts", json!([WILL]), token).await.0, read, "{token:?}");
    }
    let closed = kit_with(Options { scale: 0.01, require_token: true, ..Options::default() }).await;
    assert_eq!(call(&closed, "GET role", Value::Null, None).await.0, 401);
    assert_eq!(call(&closed, "GET role", Value::Null, Some(WAVEFRONT_TOKEN)).await.0, 200);
}

#[tokio::test]
async fn answers_come_in_both_forms_and_faults_in_the_envelope() {
    let kit = kit().await;
    let wrap = |path: &str, form| Fault { path: Some(path.into()), wavefront: Some(form), ..Fault::default() };
    kit.sandbox.set_faults(vec![wrap("/account/user/", Decoding::Enveloped), wrap("/role", Decoding::Bare)]);
    let model = told(&kit, &format!("GET account/user/{WILL}"), Value::Null).await;
    assert_eq!(model["identifier"], WILL);
    assert!(bare(&kit, "GET role", Value::Null).await["items"].is_array());
    let busy = Fault { status: Some(406), times: Some(2), ..Fault::default() };
    kit.sandbox.set_faults(vec![busy]);
    assert_eq!(refused(&kit, "GET role", Value::Null).await.0, 406);
    assert_eq!(refused(&kit, &format!("POST account/{WILL}/grant/ingestion"), Value::Null).await.0, 406);
    let model = bare(&kit, &format!("GET account/user/{WILL}"), Value::Null).await;
    assert_eq!(model["groups"], json!(["user_management"]), "a refused write has no effect");
    let late = Fault { status: Some(500), after: true, ..Fault::default() };
    kit.sandbox.set_faults(vec![late]);
    assert_eq!(refused(&kit, &format!("POST account/{WILL}/grant/ingestion"), Value::Null).await.0, 500);
    kit.sandbox.set_faults(Vec::new());
    let model = bare(&kit, &format!("GET account/user/{WILL}"), Value::Null).await;
    assert_eq!(model["groups"], json!(["user_management", "ingestion"]));
    let lines: Vec<String> = kit.sandbox.requests().iter().map(accounts_graph_sandbox::Recorded::line).collect();
    assert_eq!(lines[1], "GET /api/v2/role");
    assert_eq!(lines[3], format!("POST /api/v2/account/{WILL}/grant/ingestion"));
}
