//! What the generations of the accounts API tell differently: shapes of version 5, and what older ones have in their place.

use crate::{
    mutation::upstream::{list, not_found, ok, scripted},
    stub::Stub,
    support::{gateway, limits, settings},
};
use serde_json::{Value, json};

const USER: &str = include_str!("samples/v5-user.json");
const SELLER: &str = include_str!("samples/v5-seller.json");
const SERVICE: &str = include_str!("samples/v5-service.json");

fn body(text: &str) -> Value {
    serde_json::from_str(text).expect("a sample is JSON")
}

/// The answer to a query where the upstream has these bodies, and the requests that it took.
async fn answer(bodies: &[(&str, Value)], query: &str) -> (Value, Vec<String>) {
    let stub = Stub::start().await;
    for (path, body) in bodies {
        stub.serve(path, body);
    }
    let (address, server) = gateway(settings(&stub.base_url()), limits()).await;
    let request = reqwest::Client::new().post(format!("http://{address}/graphql")).json(&json!({ "query": query }));
    let answer = request.send().await.expect("an answer").json().await.expect("JSON");
    server.abort();
    (answer, stub.requests())
}

const SETTINGS: &str = "{ user(id: \"USR-4120-8813\") { settings { cultureCode timeZone
    numberFormat { __typename decimalSeparator groupSeparator } optOuts { __typename objectTypes } } } }";

#[tokio::test]
async fn formats_of_numbers_and_unwanted_notifications_are_objects() {
    let (answer, _) = answer(&[("users/USR-4120-8813", body(USER))], SETTINGS).await;
    let settings = json!({ "cultureCode": "de-DE", "timeZone": "Europe/Berlin",
        "numberFormat": { "__typename": "NumberFormat", "decimalSeparator": ",", "groupSeparator": "." },
        "optOuts": { "__typename": "OptOuts", "objectTypes": ["Order", "Statement"] } });
    assert_eq!(answer, json!({ "data": { "user": { "settings": settings } } }));
}

#[tokio::test]
async fn what_was_a_text_or_a_list_before_version_5_is_an_object_of_which_nothing_is_known() {
    for (format, unwanted) in
        [(json!("1.234,56"), json!(["Order"])), (json!("1,234.56"), json!([])), (json!(7), json!("x"))]
    {
        let mut user = body(USER);
        (user["settings"]["numberFormat"], user["settings"]["optOuts"]) = (format, unwanted);
        let (answer, _) = answer(&[("users/USR-4120-8813", user)], SETTINGS).await;
        let settings = json!({ "cultureCode": "de-DE", "timeZone": "Europe/Berlin",
            "numberFormat": { "__typename": "NumberFormat", "decimalSeparator": null, "groupSeparator": null },
            "optOuts": { "__typename": "OptOuts", "objectTypes": null } });
        assert_eq!(answer, json!({ "data": { "user": { "settings": settings } } }));
    }
    let mut user = body(USER);
    (user["settings"]["numberFormat"], user["settings"]["optOuts"]) = (Value::Null, json!("[Circular Reference]"));
    let (answer, _) = answer(&[("users/USR-4120-8813", user)], SETTINGS).await;
    let settings = &answer["data"]["user"]["settings"];
    assert_eq!((&settings["numberFormat"], &settings["optOuts"]), (&Value::Null, &Value::Null), "{answer}");
}

#[tokio::test]
async fn each_kind_of_actor_has_its_type() {
    let by = |id: &str| json!({ "at": "2026-01-01T00:00:00Z", "by": { "id": id, "name": format!("I am {id}"), "revision": 3 } });
    let row = |n: usize, id: &str| json!({ "id": format!("UGR-{n}"), "audit": { "created": by(id) } });
    let ids = ["USR-1", "TKN-1", "SVC-1", "EXT-1-2", "ROB-1", "text"];
    let rows = ids.iter().enumerate().map(|(n, id)| row(n, id)).collect();
    let kit = scripted(move |line| if line.starts_with("GET /user-groups?") { list(&rows) } else { not_found() }).await;
    let query = "{ groups { nodes { audit { created { by { __typename id name } } } } } }";
    let answer = kit.send(query, json!({})).await;
    let types = ["User", "ApiToken", "Service", "Extension", "UnknownActor", "UnknownActor"];
    let node = |(id, ty): (&&str, &str)| json!({ "audit": { "created": { "by": { "__typename": ty, "id": id, "name": format!("I am {id}") } } } });
    let nodes: Vec<Value> = ids.iter().zip(types).map(node).collect();
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": nodes } } }));
    assert_eq!(kit.requests(), ["GET /user-groups?select=-*,id,audit&order=id&limit=20"], "nothing else is asked");
}

#[tokio::test]
async fn what_is_no_entity_is_told_by_its_reference_alone() {
    let by = |by: Value| json!({ "audit": { "created": { "by": by } }, "id": "UGR-1" });
    let deep = json!({ "id": "EXT-1", "name": "X", "status": "Draft",
        "audit": { "created": { "by": { "id": "USR-1", "name": "Ada" } } } });
    let kit = scripted(move |line| match line {
        line if line.starts_with("GET /user-groups/UGR-1?") => ok(&by(deep.clone())),
        line if line.starts_with("GET /user-groups/UGR-2?") => {
            ok(&json!({ "id": "UGR-2", "audit": { "created": { "by": { "name": "nobody" } } } }))
        }
        line if line.starts_with("GET /users/USR-1?") => ok(&json!({ "id": "USR-1", "email": "ada@example.com" })),
        _ => not_found(),
    })
    .await;
    let of = |id: &str| {
        format!(
            "{{ group(id: \"{id}\") {{ audit {{ created {{ by {{ id icon ... on Extension {{ status audit {{ created {{ by {{ id ... on User {{ email }} }} }} }} }} }} }} }} }} }}"
        )
    };
    let by = json!({ "id": "EXT-1", "icon": null, "status": "Draft",
        "audit": { "created": { "by": { "id": "USR-1", "email": "ada@example.com" } } } });
    let expected = json!({ "data": { "group": { "audit": { "created": { "by": by } } } } });
    assert_eq!(kit.send(&of("UGR-1"), json!({})).await, expected);
    assert_eq!(
        kit.requests(),
        ["GET /user-groups/UGR-1?select=-*,id,audit", "GET /users/USR-1?select=-*,id,email"],
        "of the extension nothing is asked"
    );
    // Who has no id is nobody that could be told apart.
    let answer = kit.send(&of("UGR-2"), json!({})).await;
    let error = json!({ "message": "The accounts API answered with a reference to something unknown.",
        "locations": answer["errors"][0]["locations"], "path": ["group", "audit", "created", "by"],
        "extensions": { "code": "UPSTREAM_INVALID" } });
    let data = json!({ "group": { "audit": { "created": { "by": null } } } });
    assert_eq!(answer, json!({ "errors": [error], "data": data }));
}

#[tokio::test]
async fn services_are_read_by_id_in_lists_and_as_actors() {
    let query = "{ service(id: \"SVC-3001-0007\") { __typename id name icon status description revision audit { created { at } } }
        node(id: \"SVC-3001-0007\") { id ... on Service { status } } services { totalCount nodes { name status } } }";
    let all = json!({ "$meta": { "pagination": { "offset": 0, "limit": 20, "total": 1 } }, "data": [body(SERVICE)] });
    let (answer, _) = answer(&[("services/SVC-3001-0007", body(SERVICE)), ("services", all)], query).await;
    let service = json!({ "__typename": "Service", "id": "SVC-3001-0007", "name": "Account sync",
        "icon": "/v1/accounts/services/SVC-3001-0007/icon", "status": "ACTIVE",
        "description": "Keeps accounts in step with the ERP", "revision": 2, "audit": null });
    let listed = json!({ "totalCount": 1, "nodes": [{ "name": "Account sync", "status": "ACTIVE" }] });
    let node = json!({ "id": "SVC-3001-0007", "status": "ACTIVE" });
    assert_eq!(answer["data"], json!({ "service": service, "node": node, "services": listed }));
    assert_still_omitted(&answer, &["service", "audit"]);
}

#[tokio::test]
async fn a_seller_tells_its_currencies_and_who_changed_it() {
    let query =
        "{ seller(id: \"SEL-3316-9042\") { currencies { value billingEnabled isDefault } attributes { navision }
        audit { created { at by { __typename name } } updated { at by { __typename name } } } } }";
    let (answer, requests) = answer(&[("sellers/SEL-3316-9042", body(SELLER))], query).await;
    let currency = |value: &str, billed: bool, default: bool| json!({ "value": value, "billingEnabled": billed, "isDefault": default });
    let seller = json!({
        "currencies": [currency("EUR", true, true), currency("NOK", true, false), currency("USD", false, false)],
        "attributes": { "navision": { "companyCode": "NO01" } },
        "audit": {
            "created": { "at": "2024-02-12T07:30:00.0000000Z", "by": { "__typename": "ApiToken", "name": "ERP sync" } },
            "updated": { "at": "2026-08-30T21:11:09.5500000Z", "by": { "__typename": "Service", "name": "Account sync" } },
        },
    });
    assert_eq!(answer, json!({ "data": { "seller": seller } }));
    assert_eq!(requests, ["GET sellers/SEL-3316-9042?select=-*,id,currencies,attributes,audit"]);
}

#[tokio::test]
async fn a_moment_is_in_utc_and_ends_in_z_however_it_was_sent() {
    let moments = [
        ("2026-02-02T10:00:00Z", Some("2026-02-02T10:00:00Z")),
        ("2026-02-02T10:00:00+00:00", Some("2026-02-02T10:00:00Z")),
        ("2024-01-16T21:30:13.1046031", Some("2024-01-16T21:30:13.1046031Z")),
        ("2026-02-02T10:00:00", Some("2026-02-02T10:00:00Z")),
        ("2026-02-02T10:00:00.123456789", Some("2026-02-02T10:00:00.123456789Z")),
        ("2026-02-02T01:00:00.5000000+02:00", Some("2026-02-01T23:00:00.5000000Z")),
        ("2026-02-02T10:00:00-00:30", Some("2026-02-02T10:30:00Z")),
        ("2026-02-30T10:00:00", None),
        ("2026-02-02", None),
        ("+00:00", None),
        ("", None),
    ];
    for (sent, shown) in moments {
        let user = json!({ "id": "USR-1", "lastLoginAt": sent });
        let (answer, _) = answer(&[("users/USR-1", user)], "{ user(id: \"USR-1\") { lastLoginAt } }").await;
        assert_eq!(answer["data"]["user"]["lastLoginAt"], json!(shown), "{sent}: {answer}");
        assert_eq!(answer.get("errors").is_some(), shown.is_none(), "{sent}: {answer}");
    }
}

#[tokio::test]
async fn extensions_and_addresses_of_the_erp_system_are_typed() {
    let group = json!({ "id": "UGR-1", "extensions": [{ "id": "EXT-1-1", "name": "Shop", "revision": 2, "status": "Draft" }, "EXT-2-2"] });
    let link = json!({ "id": "ERP-1", "companyName": "Mills", "billTo": [], "shipTo": [{ "externalId": "7", "name": "Dock", "city": "Oslo", "country": "NO" }] });
    let query = "{ group(id: \"UGR-1\") { extensions { id name status revision audit { created { at } } } }
        apiToken(id: \"TKN-1\") { extensions { id } }
        erpLink(id: \"ERP-1\") { companyName shipTo { externalId name addressLine1 city country } billTo { name } } }";
    let token = json!({ "id": "TKN-1", "extensions": [] });
    let (answer, _) =
        answer(&[("user-groups/UGR-1", group), ("api-tokens/TKN-1", token), ("erp-links/ERP-1", link)], query).await;
    let extensions = json!([
        { "id": "EXT-1-1", "name": "Shop", "status": "Draft", "revision": 2, "audit": null },
        { "id": "EXT-2-2", "name": null, "status": null, "revision": null, "audit": null },
    ]);
    let ship = json!([{ "externalId": "7", "name": "Dock", "addressLine1": null, "city": "Oslo", "country": "NO" }]);
    let link = json!({ "companyName": "Mills", "shipTo": ship, "billTo": [] });
    let data = json!({ "group": { "extensions": extensions }, "apiToken": { "extensions": [] }, "erpLink": link });
    assert_eq!(answer, json!({ "data": data }));
}

#[tokio::test]
async fn an_extension_without_an_id_is_an_error() {
    let group = json!({ "id": "UGR-1", "name": "G", "extensions": [{ "name": "Shop" }] });
    let (answer, _) =
        answer(&[("user-groups/UGR-1", group)], "{ group(id: \"UGR-1\") { name extensions { id } } }").await;
    assert_eq!(answer["data"], json!({ "group": { "name": "G", "extensions": null } }));
    assert_eq!(answer["errors"][0]["path"], json!(["group", "extensions", 0, "id"]), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UPSTREAM_INVALID");
}

#[tokio::test]
async fn a_list_that_is_left_out_is_empty_where_nothing_else_can_be_meant() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /user-groups?in(") => {
            list(&json!([{ "id": "UGR-1" }, { "id": "UGR-2", "$meta": { "omitted": ["modules"] } }]))
        }
        line if line.starts_with("GET /buyers?") => list(&json!([{ "id": "BUY-1" }])),
        line if line.starts_with("GET /api-tokens?") => list(&json!([{ "id": "TKN-1" }])),
        _ => not_found(),
    })
    .await;
    let query = "{ one: group(id: \"UGR-1\") { modules { name } buyers { nodes { name } } extensions { name } }
        other: group(id: \"UGR-2\") { modules { name } } none: group(id: \"UGR-3\") { modules { name } }
        buyers { nodes { sellers { nodes { name } } errors { message } } } apiTokens { nodes { modules { name } extensions { name } } } }";
    let answer = kit.send(query, json!({})).await;
    let data = json!({
        "one": { "modules": [], "buyers": null, "extensions": null },
        "other": { "modules": null },
        "none": null,
        "buyers": { "nodes": [{ "sellers": { "nodes": [] }, "errors": null }] },
        "apiTokens": { "nodes": [{ "modules": [], "extensions": null }] },
    });
    assert_eq!(answer["data"], data);
    assert_still_omitted(&answer, &["other", "modules"]);
}

/// Holds that the only error is about a field that was asked for and that its row names as omitted all the same.
fn assert_still_omitted(answer: &Value, path: &[&str]) {
    let message = "The accounts API answered without a field that was requested, which it names as omitted.";
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer}");
    assert_eq!((&errors[0]["message"], &errors[0]["path"]), (&json!(message), &json!(path)), "{answer}");
}

#[tokio::test]
async fn what_a_generation_does_not_have_is_null_without_an_error() {
    let query =
        "{ user(id: \"USR-4120-8813\") { acceptedTerms invitation { status } audit { login { at } blocked { at } } }
        account(id: \"ACC-1\") { serviceLevel defaultLanguageCode } buyer(id: \"BUY-1\") { contact { name } }
        licensee(id: \"LCE-1\") { contact { name } } }";
    let entity = |id: &str| json!({ "id": id });
    let mut user = body(USER);
    user.as_object_mut().expect("an object").remove("$meta");
    let (answer, _) = answer(
        &[
            ("users/USR-4120-8813", user),
            ("accounts/ACC-1", entity("ACC-1")),
            ("buyers/BUY-1", entity("BUY-1")),
            ("licensees/LCE-1", entity("LCE-1")),
        ],
        query,
    )
    .await;
    let data = json!({
        "user": { "acceptedTerms": null, "invitation": null, "audit": null },
        "account": { "serviceLevel": null, "defaultLanguageCode": null },
        "buyer": { "contact": null },
        "licensee": { "contact": null },
    });
    assert_eq!(answer, json!({ "data": data }));
}

/// What a host says that knows no service levels.
fn refused() -> (u16, String) {
    (
        400,
        json!({ "title": "Bad Request", "status": 400, "errors": { "serviceLevel": ["Invalid property path."] } })
            .to_string(),
    )
}

#[tokio::test]
async fn a_property_that_the_host_does_not_know_is_named_and_harms_nothing_else() {
    let kit = scripted(|line| match line {
        line if line.contains("externalName") || line.contains("default,") => refused(),
        line if line.starts_with("GET /accounts?") => list(&json!([{ "id": "ACC-1" }])),
        line if line.starts_with("GET /buyers?") => list(&json!([{ "id": "BUY-1", "account": { "id": "ACC-1" } }])),
        _ => not_found(),
    })
    .await;
    let said = "The accounts API refused the request: Invalid property path.";
    for (arguments, named) in [
        (r#"filter: { externalName: { eq: "x" } }"#, "filter: externalName"),
        (
            "filter: { or: [{ externalName: { eq: \"x\" } }, { groups: { any: { name: { startsWith: \"A\" } } } }], name: { isNull: false } }",
            "filter: name, externalName, groups.name",
        ),
        ("orderBy: [{ field: EXTERNAL_NAME, direction: DESC }, { field: NAME }]", "orderBy: externalName, name"),
        (
            "filter: { status: { eq: ACTIVE } }, orderBy: [{ field: EXTERNAL_NAME }]",
            "filter: status; orderBy: externalName",
        ),
    ] {
        let query = format!(
            "{{ accounts({arguments}) {{ nodes {{ id }} }} all: accounts {{ nodes {{ id buyers {{ nodes {{ id }} }} }} }} }}"
        );
        let answer = kit.send(&query, json!({})).await;
        let all = json!({ "nodes": [{ "id": "ACC-1", "buyers": { "nodes": [{ "id": "BUY-1" }] } }] });
        assert_eq!(answer["data"], json!({ "accounts": null, "all": all }), "{answer}");
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!((errors.len(), &errors[0]["path"]), (1, &json!(["accounts"])), "{answer}");
        assert_eq!(errors[0]["extensions"]["code"], "UPSTREAM_REJECTED");
        let message = errors[0]["message"].as_str().expect("a message");
        assert_eq!(message, format!("{} ({named})", said.trim_end_matches('.')));
    }
    // Of a relation the conditions by which its rows are found are not the caller's.
    let query =
        r#"{ accounts { nodes { id buyers(filter: { account: { externalName: { eq: "x" } } }) { nodes { id } } } } }"#;
    let answer = kit.send(query, json!({})).await;
    assert_eq!(answer["data"], json!({ "accounts": { "nodes": [{ "id": "ACC-1", "buyers": null }] } }));
    let message = answer["errors"][0]["message"].as_str().expect("a message");
    assert!(message.ends_with("(filter: account.externalName)"), "{message}");
}

#[tokio::test]
async fn a_revision_is_never_compared_with_null() {
    let kit = scripted(|line| match line {
        line if line.contains("null()") && line.contains("revision,null") => {
            (400, json!({ "title": "Bad Request", "status": 400 }).to_string())
        }
        line if line.starts_with("GET /buyers?") => list(&json!([{ "id": "BUY-1" }])),
        _ => not_found(),
    })
    .await;
    let rows = json!([{ "id": "BUY-1" }]);
    for (filter, nodes, condition) in [
        ("{ revision: { isNull: false } }", rows.clone(), Some("")),
        ("{ revision: { isNull: true } }", json!([]), None),
        ("{ account: { revision: { isNull: true } } }", rows.clone(), Some("eq(account.id,null())&")),
        (
            "{ account: { revision: { isNull: false, gt: 3 } } }",
            rows.clone(),
            Some("and(ne(account.id,null()),gt(account.revision,3))&"),
        ),
    ] {
        let answer = kit.send(&format!("{{ buyers(filter: {filter}) {{ nodes {{ id }} }} }}"), json!({})).await;
        assert_eq!(answer, json!({ "data": { "buyers": { "nodes": nodes } } }), "{filter}");
        let sent = kit.requests();
        match condition {
            None => assert_eq!(sent, [""; 0]),
            Some(condition) => {
                let begins = format!("GET /buyers?{condition}select=");
                assert!(sent.len() == 1 && sent[0].replace('"', "").starts_with(&begins), "{sent:?}");
            }
        }
    }
}
