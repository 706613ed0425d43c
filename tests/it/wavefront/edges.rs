//! What Wavefront may say and when: both forms of answers, being busy, refusals, tokens, and not being there at all.

use super::{UNKNOWN, WILL, gateway, search, stub, world};
use crate::{
    process::{PROGRAM, start},
    support::{gateway_of, limits, settings},
};
use accounts_graph::{graph::engine::Engine, upstream::client::Client};
use accounts_graph_sandbox::{Decoding, Fault, WAVEFRONT_READER_TOKEN};
use serde_json::{Value, json};

#[tokio::test]
async fn answers_are_understood_with_and_without_their_envelope() {
    let world = world().await;
    let query = r"query($id: ID!) { wavefrontAccount(id: $id) { permissions customer unitedPermissions
        userGroups { nodes { name roles { nodes { name } } users { nodes { id } } } } }
        wavefrontRoles { nodes { name linkedGroups { nodes { name } } } } }";
    let expected = world.data(query, json!({ "id": WILL })).await;
    let requests = world.requests();
    for form in [Decoding::Enveloped, Decoding::Bare] {
        world.sandbox.set_faults(vec![Fault { wavefront: Some(form), ..Fault::default() }]);
        assert_eq!(world.data(query, json!({ "id": WILL })).await, expected, "{form:?}");
        assert_eq!(world.requests(), requests, "{form:?}");
    }
}

#[tokio::test]
async fn a_busy_upstream_is_asked_again_a_few_times() {
    let world = world().await;
    let query = "query($id: ID!) { wavefrontAccount(id: $id) { id } }";
    let busy = |times| vec![Fault { status: Some(406), times, ..Fault::default() }];
    world.sandbox.set_faults(busy(Some(2)));
    let data = world.data(query, json!({ "id": WILL })).await;
    assert_eq!((data["wavefrontAccount"]["id"].as_str(), world.requests().len()), (Some(WILL), 3));
    world.sandbox.set_faults(busy(None));
    let answer = world.answer(query, json!({ "id": WILL })).await;
    let error = json!([{
        "message": "Wavefront is busy: try again later", "locations": [{ "line": 1, "column": 19 }],
        "path": ["wavefrontAccount"], "extensions": { "code": "UPSTREAM_UNAVAILABLE", "retryAfter": 1 },
    }]);
    assert_eq!(answer, json!({ "errors": error, "data": { "wavefrontAccount": null } }));
    assert_eq!(world.requests().len(), 4);
}

#[tokio::test]
async fn a_failure_is_an_error_where_it_matters_and_siblings_survive() {
    let world = world().await;
    let query = r#"{ user(id: "USR-1671-0642") { email wavefrontAccount { id } }
        wavefrontAccount(id: "sa::terraform") { id unitedPermissions } }"#;
    let fault = Fault { path: Some("/validateAccounts".into()), status: Some(403), ..Fault::default() };
    world.sandbox.set_faults(vec![fault]);
    let answer = world.answer(query, json!({})).await;
    assert_eq!(answer["data"]["user"], json!({ "email": WILL, "wavefrontAccount": null }));
    assert!(answer["data"]["wavefrontAccount"]["unitedPermissions"].is_array());
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer}");
    assert_eq!(
        (&errors[0]["path"], &errors[0]["extensions"]["code"]),
        (&json!(["user", "wavefrontAccount"]), &json!("FORBIDDEN"))
    );
}

/// Lists cannot be searched everywhere: then all there are is looked through.
#[tokio::test]
async fn a_refused_search_is_made_up_for_by_the_whole_list() {
    let world = world().await;
    let [_, groups, _] = world.ids();
    let query = "query($id: ID!) { wavefrontUserGroup(id: $id) { users { nodes { id } } } }";
    let ids = |data: &Value| {
        let users = data["wavefrontUserGroup"]["users"]["nodes"].as_array().expect("users").iter();
        let mut ids: Vec<String> = users.map(|user| user["id"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        ids
    };
    let expected = ids(&world.data(query, json!({ "id": groups[1] })).await);
    world.requests();
    world.sandbox.set_faults(vec![Fault {
        path: Some("/search/account".into()),
        status: Some(400),
        ..Fault::default()
    }]);
    assert_eq!(ids(&world.data(query, json!({ "id": groups[1] })).await), expected);
    let requests = world.requests();
    assert_eq!(requests[0], "GET /api/v2/account?offset=0&limit=999");
    assert_eq!(requests.len(), 3, "{requests:#?}");
}

/// What contains an id need not be it, and who was not asked for is not shown.
#[tokio::test]
async fn rows_that_were_not_asked_for_belong_to_nobody() {
    let rows = json!([
        { "identifier": "a@example.com", "userGroups": [UNKNOWN] },
        { "identifier": "b@example.com", "userGroups": [{ "id": UNKNOWN, "name": "Some" }] },
        { "identifier": "c@example.com", "userGroups": [format!("x{UNKNOWN}")] },
        { "identifier": "d@example.com", "userGroups": [] },
    ]);
    let upstream = stub(move |line| {
        let response = if line.contains("/search/") {
            json!({ "items": rows, "moreItems": false })
        } else {
            json!({ "id": UNKNOWN })
        };
        (200, json!({ "status": { "result": "OK", "code": 200 }, "response": response }).to_string())
    })
    .await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let query =
        "query($id: ID!) { wavefrontUserGroup(id: $id) { users { nodes { id userGroups { nodes { id name } } } } } }";
    let answer = gateway.send(query, json!({ "id": UNKNOWN }), &[]).await;
    let groups = |name: Value| json!({ "nodes": [{ "id": UNKNOWN, "name": name }] });
    let expected = json!({ "data": { "wavefrontUserGroup": { "users": { "nodes": [
        { "id": "a@example.com", "userGroups": groups(json!("Some")) },
        { "id": "b@example.com", "userGroups": groups(json!("Some")) },
    ] } } } });
    assert_eq!(answer, expected);
}

/// Whether accounts are validated that are no people's is documented nowhere.
#[tokio::test]
async fn service_accounts_that_validation_does_not_speak_of_are_searched() {
    let upstream = stub(|line| {
        let answer = if line.contains("/search/") {
            json!({ "items": [{ "identifier": "sa::one", "groups": ["ingestion"] }], "moreItems": false })
        } else {
            json!({ "validUsers": [], "invalidIdentifiers": ["no@example.com"] })
        };
        (200, answer.to_string())
    })
    .await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let query = r#"{ a: wavefrontAccount(id: "sa::one") { id permissions customer } b: wavefrontAccount(id: "no@example.com") { id } }"#;
    let answer = gateway.send(query, json!({}), &[]).await;
    let expected = json!({ "a": { "id": "sa::one", "permissions": ["ingestion"], "customer": null }, "b": null });
    assert_eq!(answer, json!({ "data": expected }));
    let seen = upstream.seen();
    assert_eq!(seen[0].body, r#"["no@example.com","sa::one"]"#);
    assert_eq!((seen.len(), &*seen[1].body), (2, &*search("id", &["sa::one"], "EXACT")));
}

#[tokio::test]
async fn nonsense_is_an_error_and_names_who_said_it() {
    for body in ["[]", "{}", "7", r#"{"response":{"items":[1]},"status":{"result":"OK"}}"#, r#"{"items":{}}"#] {
        let upstream = stub(move |_| (200, body.to_owned())).await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let answer = gateway.send("{ wavefrontRoles { nodes { id } } }", json!({}), &[]).await;
        let error = &answer["errors"][0];
        assert_eq!(error["message"], "Wavefront answered with something else than what was asked for.", "{body}");
        assert_eq!((&error["extensions"]["code"], upstream.lines().len()), (&json!("UPSTREAM_INVALID"), 1), "{body}");
    }
    let rows = json!({ "items": [{ "id": UNKNOWN, "name": 7, "createdEpochMillis": "soon", "permissions": [null] }], "moreItems": false });
    let upstream = stub(move |_| (200, rows.to_string())).await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let answer = gateway.send("{ wavefrontRoles { nodes { id name createdAt permissions } } }", json!({}), &[]).await;
    assert_eq!(
        answer["data"]["wavefrontRoles"]["nodes"],
        json!([{ "id": UNKNOWN, "name": null, "createdAt": null, "permissions": null }])
    );
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 3);
    assert!(
        errors
            .iter()
            .all(|error| error["message"].as_str().is_some_and(|text| text.starts_with("Wavefront answered "))),
        "{answer}"
    );
}

/// A list that promises more and gives nothing would never end.
#[tokio::test]
async fn an_empty_page_that_promises_more_is_an_error() {
    let upstream = stub(|_| (200, json!({ "items": [], "moreItems": true, "totalItems": 5 }).to_string())).await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let answer = gateway.send("{ wavefrontRoles { totalCount nodes { id } } }", json!({}), &[]).await;
    assert_eq!(answer["data"], json!({ "wavefrontRoles": null }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID", "{answer}");
    assert_eq!(upstream.lines().len(), 1);
}

#[tokio::test]
async fn a_full_page_that_does_not_say_whether_it_is_the_last_one_is_not() {
    let role = |n: usize| json!({ "id": format!("00000000-0000-4000-a000-{n:012}"), "name": "R" });
    let sent = std::sync::atomic::AtomicUsize::new(0);
    let upstream = stub(move |_| {
        let page = sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let rows: Vec<Value> = if page == 0 { (0..20).map(role).collect() } else { (19..23).map(role).collect() };
        (200, json!({ "items": rows }).to_string())
    })
    .await;
    let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
    let answer = gateway
        .send("{ wavefrontRoles(first: 20) { totalCount nodes { name } pageInfo { hasNextPage } } }", json!({}), &[])
        .await;
    let nodes = vec![json!({ "name": "R" }); 20];
    let page = json!({ "totalCount": 23, "nodes": nodes, "pageInfo": { "hasNextPage": true } });
    assert_eq!(answer, json!({ "data": { "wavefrontRoles": page } }));
}

#[tokio::test]
async fn rows_of_a_list_that_move_are_read_again() {
    let account = |n: usize| json!({ "identifier": format!("u{n:04}@example.com"), "userGroups": [UNKNOWN] });
    for (moves, whole) in [(1, true), (usize::MAX, false)] {
        let sent = std::sync::atomic::AtomicUsize::new(0);
        let upstream = stub(move |line| {
            if !line.contains("search/account") {
                return (200, json!({ "id": UNKNOWN, "name": "G" }).to_string());
            }
            let sent = sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            // Each second page begins with the last row of the first, but where that was deleted.
            let moved = usize::from(sent % 2 == 1 && sent / 2 < moves);
            let rows: Vec<Value> = if sent.is_multiple_of(2) {
                (0..5).map(account).collect()
            } else {
                (4 + moved..8).map(account).collect()
            };
            (200, json!({ "items": rows, "moreItems": sent.is_multiple_of(2) }).to_string())
        })
        .await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let query = format!("{{ wavefrontUserGroup(id: \"{UNKNOWN}\") {{ name users {{ nodes {{ id }} }} }} }}");
        let answer = gateway.send(&query, json!({}), &[]).await;
        let users = &answer["data"]["wavefrontUserGroup"]["users"];
        let asked = upstream.lines().iter().filter(|line| line.contains("search/account")).count();
        if whole {
            assert_eq!((users["nodes"].as_array().map(Vec::len), asked), (Some(8), 4), "{answer}");
            assert_eq!(answer.get("errors"), None);
        } else {
            let message = "Wavefront answered with pages that do not follow each other, so the list may not be whole.";
            assert_eq!((users, &answer["errors"][0]["message"]), (&Value::Null, &json!(message)), "{answer}");
            assert_eq!(asked, 6);
        }
    }
}

#[tokio::test]
async fn an_object_without_its_id_is_no_entity() {
    let nobody = json!({ "name": "Nobody", "customer": "x" });
    let other =
        json!({ "id": "00000000-0000-4000-a000-000000000001", "name": "Somebody else", "identifier": "x@example.com" });
    for (object, listed) in [(&nobody, true), (&other, false)] {
        let body = object.clone();
        let upstream = stub(move |line| {
            let body = match line {
                line if line.contains("validateAccounts") => json!({ "validUsers": [body], "invalidIdentifiers": [] }),
                line if line.contains("/search/") => json!({ "items": [body], "moreItems": false }),
                _ => body.clone(),
            };
            (200, body.to_string())
        })
        .await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let mut fields = vec![
            format!("wavefrontUserGroup(id: \"{UNKNOWN}\") {{ name }}"),
            format!("wavefrontRole(id: \"{UNKNOWN}\") {{ name }}"),
            "wavefrontAccount(id: \"a@example.com\") { unitedPermissions }".to_owned(),
        ];
        if listed {
            // Of rows that were not asked for nothing is believed, and who does not come does not exist.
            fields.push("wavefrontAccount(id: \"a@example.com\") { customer }".to_owned());
            fields.push("wavefrontAccount(id: \"sa::a\") { active }".to_owned());
            fields.push("wavefrontAccounts { nodes { customer } }".to_owned());
            fields.push("wavefrontRoles { nodes { name } }".to_owned());
            fields.push("wavefrontUserGroups { nodes { name } }".to_owned());
        }
        for field in fields {
            let answer = gateway.send(&format!("{{ it: {field} }}"), json!({}), &[]).await;
            assert_eq!(answer["data"], json!({ "it": null }), "{field}: {answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID", "{field}: {answer}");
        }
    }
}

#[tokio::test]
async fn an_account_is_null_when_it_is_said_not_to_exist_and_not_before() {
    let account = |id: &str| json!({ "identifier": id, "customer": "x" });
    // What the validation says, what the search finds, and who exists then.
    for (id, valid, invalid, found, searched) in [
        ("sa::a", false, true, true, true),
        ("sa::a", false, true, false, true),
        ("sa::a", false, false, true, true),
        ("sa::a", true, false, false, false),
        ("a@example.com", false, true, true, false),
        ("a@example.com", false, false, true, true),
        ("a@example.com", false, false, false, true),
    ] {
        let upstream = stub(move |line| {
            let some = |there: bool, value: Value| if there { vec![value] } else { vec![] };
            let body = match line {
                line if line.contains("validateAccounts") => {
                    json!({ "validUsers": some(valid, account(id)), "invalidIdentifiers": some(invalid, json!(id)) })
                }
                _ => json!({ "items": some(found, account(id)), "moreItems": false }),
            };
            (200, body.to_string())
        })
        .await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let answer =
            gateway.send(&format!("{{ wavefrontAccount(id: \"{id}\") {{ customer }} }}"), json!({}), &[]).await;
        let there = valid || (searched && found);
        let expected = if there { json!({ "customer": "x" }) } else { Value::Null };
        let told = format!("{id}: valid {valid}, invalid {invalid}, found {found}");
        assert_eq!(answer, json!({ "data": { "wavefrontAccount": expected } }), "{told}");
        assert_eq!(upstream.lines().len(), if searched { 2 } else { 1 }, "{told}");
    }
}

#[tokio::test]
async fn a_404_without_the_envelope_is_no_missing_account() {
    for body in [
        "",
        "<html>404</html>",
        "{}",
        r#"{"statusCode":404,"message":"Resource not found"}"#,
        r#"{"title":"Not Found","status":404}"#,
    ] {
        let upstream = stub(move |_| (404, body.to_owned())).await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        for document in [
            format!("{{ wavefrontUserGroup(id: \"{UNKNOWN}\") {{ name }} }}"),
            "{ wavefrontAccount(id: \"a@example.com\") { unitedPermissions } }".to_owned(),
            "{ wavefrontAccount(id: \"a@example.com\") { customer } }".to_owned(),
            "{ wavefrontRoles { nodes { id } } }".to_owned(),
            format!(
                "mutation {{ addWavefrontAccountToUserGroups(input: {{id: \"a@example.com\", userGroupIds: [\"{UNKNOWN}\"]}}) {{ userErrors {{ code }} }} }}"
            ),
        ] {
            let answer = gateway.send(&document, json!({}), &[]).await;
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "UPSTREAM_ROUTE_MISSING", "{body}: {document}: {answer}");
            let message = error["message"].as_str().expect("a message");
            assert!(message.starts_with("Wavefront has no route /") && message.ends_with("is the base address right?"));
        }
    }
}

#[tokio::test]
async fn without_wavefront_its_fields_say_so_and_nothing_is_asked() {
    let accounts = stub(|_| {
        let data = json!([{ "id": "USR-1-1", "email": WILL, "name": "Will" }]);
        (200, json!({ "$meta": { "pagination": { "offset": 0, "limit": 20, "total": 1 } }, "data": data }).to_string())
    })
    .await;
    let gateway = gateway(&accounts.base, None, None).await;
    let query = "query($id: ID!, $group: ID!) { users { nodes { name wavefrontAccount { id } } }
        wavefrontAccount(id: $id) { id } wavefrontUserGroups { nodes { id } } wavefrontRole(id: $group) { id } }";
    let answer = gateway.send(query, json!({ "id": WILL, "group": UNKNOWN }), &[]).await;
    let expected = json!({
        "users": { "nodes": [{ "name": "Will", "wavefrontAccount": null }] },
        "wavefrontAccount": null, "wavefrontUserGroups": null, "wavefrontRole": null,
    });
    assert_eq!(answer["data"], expected);
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 4);
    for error in errors {
        assert_eq!(error["message"], "There is no Wavefront behind this gateway: it was started without --wavefront.");
        assert_eq!(error["extensions"], json!({ "code": "NOT_CONFIGURED" }));
    }
    assert_eq!(accounts.lines().len(), 1);
    let query = "mutation($id: ID!) { grantWavefrontPermission(input: { id: $id, permission: \"ingestion\" }) { userErrors { code } } }";
    let answer = gateway.send(query, json!({ "id": WILL }), &[]).await;
    assert_eq!(
        (&answer["data"], &answer["errors"][0]["extensions"]["code"]),
        (&json!({ "grantWavefrontPermission": null }), &json!("NOT_CONFIGURED"))
    );
}

/// Each upstream sees its own credentials, and nobody sees them again.
#[tokio::test]
async fn tokens_are_passed_to_their_own_upstream_only() {
    const OURS: &str = "Bearer ours-0000";
    let accounts = stub(|_| (401, "{}".to_owned())).await;
    let said =
        json!({ "status": { "result": "ERROR", "message": "Bearer ours-0000 theirs-2222 is bad", "code": 400 } });
    let wavefront = stub(move |_| (400, said.to_string())).await;
    let query = "query($id: ID!) { user(id: \"USR-1-1\") { name } wavefrontAccount(id: $id) { customer unitedPermissions } wavefrontRoles { nodes { id } } }";
    let change = "mutation($id: ID!) { grantWavefrontPermission(input: { id: $id, permission: \"ingestion\" }) { userErrors { message } } }";
    let (market, theirs) =
        (("authorization", "Bearer idt:TKN-0000-0001:1111"), ("x-wavefront-authorization", "Bearer theirs-2222"));
    for (headers, ours, to_accounts, to_wavefront) in [
        (vec![market, theirs], None, Some(market.1), Some(theirs.1)),
        (vec![market], None, Some(market.1), None),
        (vec![theirs], None, None, Some(theirs.1)),
        (vec![market], Some(OURS), Some(market.1), Some(OURS)),
        (vec![market, theirs], Some(OURS), Some(market.1), Some(theirs.1)),
    ] {
        let gateway = gateway(&accounts.base, Some(&wavefront.base), ours).await;
        let read = gateway.send(query, json!({ "id": WILL }), &headers).await;
        let written = gateway.send(change, json!({ "id": WILL }), &headers).await;
        assert_eq!(
            written["data"]["grantWavefrontPermission"]["userErrors"],
            json!([{ "message": "The upstream refused the input." }])
        );
        let (seen, also) = (accounts.seen(), wavefront.seen());
        assert_eq!((seen.len(), also.len()), (1, 4));
        assert!(seen.iter().all(|seen| seen.authorization.as_deref() == to_accounts));
        assert!(also.iter().all(|seen| seen.authorization.as_deref() == to_wavefront), "{also:#?}");
        let shown = format!("{read}{written}");
        assert!(!["0000", "1111", "2222"].iter().any(|secret| shown.contains(secret)), "{shown}");
    }
}

#[tokio::test]
async fn the_sandbox_knows_wavefront_s_tokens() {
    let world = world().await;
    let query = "query($id: ID!) { wavefrontAccount(id: $id) { id } }";
    let send = async |token: &str| {
        let token = format!("Bearer {token}");
        world.gateway.send(query, json!({ "id": WILL }), &[("x-wavefront-authorization", &token)]).await
    };
    assert_eq!(send(WAVEFRONT_READER_TOKEN).await, json!({ "data": { "wavefrontAccount": { "id": WILL } } }));
    assert_eq!(send("other").await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

/// A page of another origin must not act with a token that the gateway lends.
#[tokio::test]
async fn a_gateway_that_lends_a_token_answers_get_only_when_a_browser_would_ask_first() {
    let engine = || Engine::new(Client::new(settings("http://127.0.0.1:9")).expect("a client"), limits());
    let (lending, one) = gateway_of(engine(), &["--wavefront-token", "env:CARGO_PKG_NAME"]).await;
    let (plain, other) = gateway_of(engine(), &[]).await;
    let http = reqwest::Client::new();
    for (address, header, code) in [
        (lending, None, Some("PREFLIGHT_REQUIRED")),
        (lending, Some("graphql-require-preflight"), None),
        (plain, None, None),
    ] {
        let request = http.get(format!("http://{address}/graphql?query=%7B__typename%7D"));
        let request = header.into_iter().fold(request, |request, name| request.header(name, "1"));
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), code, "{answer}");
    }
    one.abort();
    other.abort();
}

#[tokio::test]
async fn the_program_has_the_sandbox_s_wavefront_and_a_token_of_its_own() {
    let refused = ["--wavefront-token", "env:NO_SUCH_VARIABLE"];
    let output = std::process::Command::new(PROGRAM).args(["--listen", "127.0.0.1:0"]).args(refused).output();
    let said = String::from_utf8(output.expect("it runs").stderr).expect("text");
    assert_eq!(said, "error: --wavefront-token: the variable NO_SUCH_VARIABLE is not set\n");
    for (flags, expected) in [
        (&[][..], json!({ "data": { "wavefrontAccount": { "id": WILL } } })),
        (&["--wavefront-token", "env:CARGO_PKG_NAME"], json!("UNAUTHENTICATED")),
    ] {
        let mut program = start(flags);
        let endpoint = program.said("endpoint").to_owned();
        let body = json!({ "query": format!("{{ wavefrontAccount(id: \"{WILL}\") {{ id }} }}") });
        let answer = reqwest::Client::new().post(endpoint).json(&body).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(if code.is_null() { &answer } else { code }, &expected);
        program.terminate();
        assert!(program.ended().await.success());
    }
}

/// A reference to something of another kind is an error at its path, in objects and as a bare id.
#[tokio::test]
async fn a_reference_of_another_kind_is_invalid() {
    let role = "22222222-0000-4000-a000-000000000001";
    for reference in [json!({ "id": "someone@example.com", "name": "X" }), json!("someone@example.com")] {
        let account = json!({ "identifier": WILL, "userGroups": [{ "id": role, "name": "G" }, reference] });
        let valid = json!({ "response": { "validUsers": [account] }, "status": { "code": 200 } }).to_string();
        let upstream = stub(move |_| (200, valid.clone())).await;
        let gateway = gateway("http://127.0.0.1:9", Some(&upstream.base), None).await;
        let query = "query($id: ID!) { wavefrontAccount(id: $id) { userGroups { nodes { id } } customer } }";
        let answer = gateway.send(query, json!({ "id": WILL }), &[]).await;
        let error = json!([{
            "message": "Wavefront answered with the id of something of another kind.",
            "locations": [{ "line": 1, "column": 60 }], "path": ["wavefrontAccount", "userGroups", "nodes", 1],
            "extensions": { "code": "UPSTREAM_INVALID" },
        }]);
        let data = json!({ "wavefrontAccount": { "userGroups": null, "customer": null } });
        assert_eq!(answer, json!({ "errors": error, "data": data }), "{answer}");
    }
}
