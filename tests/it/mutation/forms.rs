//! In which form a body is sent: as JSON wherever the host accepts it; something new, where it does not, as the only part
//! of a multipart body; a change never, since that would take the picture away.

use super::upstream::{Scripted, not_found, ok, scripted};
use serde_json::{Value, json};
use std::time::Duration;

const CREATE: &str = "mutation($input: CreateAccountInput!) { createAccount(input: $input) { account { id } userErrors { message path code } } }";
const JSON: &str = r#"{"name":"A\"\n--accounts-graph","type":"Client"}"#;

fn input() -> Value {
    json!({ "input": { "name": "A\"\n--accounts-graph", "type": "CLIENT" } })
}

fn multipart(path: &str, part: &str, json: &str) -> String {
    format!(
        "POST {path} (multipart/form-data; boundary=accounts-graph) --accounts-graph\r\n\
         Content-Disposition: form-data; name=\"{part}\"\r\nContent-Type: application/json\r\n\r\n\
         {json}\r\n--accounts-graph--\r\n"
    )
}

/// A host that accepts no JSON where something new is posted.
async fn host() -> Scripted {
    scripted(|line| match line {
        line if line.contains("(multipart/form-data") => {
            let kind = line.split(['/', ' ']).nth(2).unwrap_or_default();
            let id = [("accounts", "ACC-1"), ("buyers", "BUY-1"), ("licensees", "LCE-1")]
                .iter()
                .find(|(name, _)| *name == kind);
            ok(&json!({ "id": id.expect("a kind").1 }))
        }
        line if line.starts_with("POST") || line.starts_with("PUT") => {
            (415, json!({ "title": "Unsupported Media Type", "status": 415, "traceId": "00-4-1-5" }).to_string())
        }
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn something_new_is_sent_as_a_part_where_json_is_not_accepted() {
    let kit = host().await;
    let made = json!({ "data": { "createAccount": { "account": { "id": "ACC-1" }, "userErrors": [] } } });
    let as_json = format!("POST /accounts {JSON}");
    let as_part = multipart("/accounts", "account", JSON);
    assert_eq!(kit.send(CREATE, input()).await, made);
    assert_eq!(kit.requests(), [as_json.clone(), as_part.clone()]);
    // Remembered for the route, and for ten minutes.
    kit.clock.advance(Duration::from_secs(590));
    assert_eq!(kit.send(CREATE, input()).await, made);
    assert_eq!(kit.requests(), std::slice::from_ref(&as_part));
    kit.clock.advance(Duration::from_secs(20));
    assert_eq!(kit.send(CREATE, input()).await, made);
    assert_eq!(kit.requests(), [as_json, as_part]);
}

#[tokio::test]
async fn each_route_has_a_part_of_its_own() {
    let kit = host().await;
    let address = json!({ "city": "Zug" });
    for (name, input, payload, path, part) in [
        ("createBuyer", json!({ "name": "B", "address": address }), "buyer", "/buyers", "buyer"),
        (
            "createLicensee",
            json!({ "buyerId": "BUY-1", "sellerId": "SEL-1", "useBuyerAddress": true }),
            "licensee",
            "/licensees",
            "licensee",
        ),
    ] {
        let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ {payload} {{ id }} }} }}");
        let answer = kit.send(&query, json!({ "input": input })).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let requests = kit.requests();
        let json = requests[0].split_once(' ').and_then(|(_, rest)| rest.split_once(' ')).expect("a body").1;
        assert_eq!(requests[1..], [multipart(path, part, json)]);
    }
}

#[tokio::test]
async fn what_is_accepted_in_no_form_is_refused_and_not_remembered() {
    let kit = scripted(|_| (415, json!({ "title": "No", "status": 415 }).to_string())).await;
    for _ in 0..2 {
        let answer = kit.send(CREATE, input()).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "UPSTREAM_REJECTED", "{answer}");
        let said =
            "The accounts API does not accept this change as JSON or as multipart/form-data. Nothing was changed";
        assert_eq!(error["message"], said);
        assert_eq!(kit.requests(), [format!("POST /accounts {JSON}"), multipart("/accounts", "account", JSON)]);
    }
}

#[tokio::test]
async fn a_change_is_never_sent_as_a_part() {
    let kit = host().await;
    for (name, input, request) in [
        ("updateAccount", json!({ "id": "ACC-1", "name": "B" }), r#"PUT /accounts/ACC-1 {"name":"B"}"#),
        (
            "updateBuyer",
            json!({ "id": "BUY-1", "name": "B", "address": { "addressLine1": "1", "postCode": "2", "city": "C", "state": "S", "country": "LV" } }),
            r#"PUT /buyers/BUY-1 {"name":"B","address":{"addressLine1":"1","postCode":"2","city":"C","state":"S","country":"LV"}}"#,
        ),
        ("updateSeller", json!({ "id": "SEL-1", "name": "B" }), r#"PUT /sellers/SEL-1 {"name":"B"}"#),
        ("updateLicensee", json!({ "id": "LCE-1", "name": "B" }), r#"PUT /licensees/LCE-1 {"name":"B"}"#),
        ("updateErpLink", json!({ "id": "ERP-1", "note": "B" }), r#"PUT /erp-links/ERP-1 {"note":"B"}"#),
        ("updateUser", json!({ "id": "USR-1", "firstName": "B" }), r#"PUT /users/USR-1 {"firstName":"B"}"#),
    ] {
        let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!("mutation($input: {ty}!) {{ {name}(input: $input) {{ userErrors {{ message }} }} }}");
        let answer = kit.send(&query, json!({ "input": input })).await;
        let error = &answer["errors"][0];
        let said = "The accounts API does not accept this change as JSON. It is not sent as multipart/form-data, since that \
                    would take the picture away. Nothing was changed";
        assert_eq!(error["message"], said);
        assert_eq!(error["extensions"], json!({ "code": "UPSTREAM_REJECTED", "traceId": "00-4-1-5" }));
        assert_eq!(answer["data"], json!({ name: null }));
        assert_eq!(kit.requests(), [request]);
    }
}

#[tokio::test]
async fn a_cloud_tenant_keeps_what_is_not_given() {
    let tenant = json!({ "id": "CLT-1", "name": "T", "revision": 4, "account": { "id": "ACC-1", "name": "A" },
        "externalIds": { "cloudConsumptionId": "c", "pyraTenantId": "p", "providerId": "x" } });
    let kit = scripted(move |line| match line {
        line if line.starts_with("GET /cloud-tenants/CLT-1?") => ok(&tenant),
        line if line.starts_with("GET /cloud-tenants/CLT-2?") => ok(&json!({ "id": "CLT-2", "name": "U" })),
        line if line.starts_with("PUT /cloud-tenants/CLT-1 ") => ok(&json!({ "id": "CLT-1" })),
        line if line.starts_with("PUT /cloud-tenants/CLT-2 ") => ok(&json!({ "id": "CLT-2" })),
        _ => not_found(),
    })
    .await;
    let query = "mutation($input: UpdateCloudTenantInput!) { updateCloudTenant(input: $input) { cloudTenant { id } userErrors { code } } }";
    let read = "GET /cloud-tenants/CLT-1?select=-*,id";
    for (input, before, body) in [
        (
            json!({ "id": "CLT-1", "status": "DISABLED" }),
            Some(format!("{read},name,externalIds,account.id")),
            r#"{"status":"Disabled","name":"T","externalIds":{"cloudConsumptionId":"c","pyraTenantId":"p","providerId":"x"},"account":{"id":"ACC-1"}}"#,
        ),
        (
            json!({ "id": "CLT-1", "name": "V", "accountId": null, "externalIds": { "providerId": "y" }, "ifRevision": 4 }),
            Some(format!("{read},externalIds,revision")),
            r#"{"name":"V","externalIds":{"providerId":"y","cloudConsumptionId":"c","pyraTenantId":"p"},"account":null}"#,
        ),
        (
            json!({ "id": "CLT-1", "name": "V", "accountId": "ACC-2",
                "externalIds": { "providerId": "y", "pyraTenantId": "q", "cloudConsumptionId": "d" } }),
            None,
            r#"{"name":"V","externalIds":{"providerId":"y","pyraTenantId":"q","cloudConsumptionId":"d"},"account":{"id":"ACC-2"}}"#,
        ),
    ] {
        let answer = kit.send(query, json!({ "input": input })).await;
        let payload = json!({ "cloudTenant": { "id": "CLT-1" }, "userErrors": [] });
        assert_eq!(answer, json!({ "data": { "updateCloudTenant": payload } }));
        let mut requests = kit.requests();
        let write = requests.pop().expect("a write");
        let sent = write.strip_prefix("PUT /cloud-tenants/CLT-1 ").expect("the write");
        let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(parsed(sent), parsed(body));
        let before: Vec<String> = before.into_iter().collect();
        assert_eq!(requests, before);
    }
    // One that is mapped to no account stays so, and one that is not there is not changed.
    kit.send(query, json!({ "input": { "id": "CLT-2", "status": "ACTIVE" } })).await;
    assert_eq!(kit.requests()[1], r#"PUT /cloud-tenants/CLT-2 {"status":"Active","name":"U"}"#);
    let answer = kit.send(query, json!({ "input": { "id": "CLT-3", "status": "ACTIVE" } })).await;
    assert_eq!(answer["data"]["updateCloudTenant"]["userErrors"], json!([{ "code": "NOT_FOUND" }]));
    assert_eq!(kit.requests().len(), 1);
}

#[tokio::test]
async fn settings_that_a_write_does_not_answer_are_read() {
    let kit = scripted(|line| match line {
        line if line.starts_with("PUT /accounts/ACC-1/settings/notifications ") => (204, String::new()),
        "GET /accounts/ACC-1/settings/notifications" => ok(&json!({ "read": true })),
        _ => not_found(),
    })
    .await;
    let query = "mutation { updateNotificationSettings(input: { accountId: \"ACC-1\", settings: [{ word: HALF }, 1.5] }) { SELECTED userErrors { code } } }";
    let answer = kit.send(&query.replace("SELECTED", "notificationSettings"), json!({})).await;
    let payload = json!({ "notificationSettings": { "read": true }, "userErrors": [] });
    assert_eq!(answer, json!({ "data": { "updateNotificationSettings": payload } }));
    let write = r#"PUT /accounts/ACC-1/settings/notifications [{"word":"HALF"},1.5]"#;
    assert_eq!(kit.requests(), [write, "GET /accounts/ACC-1/settings/notifications"]);
    kit.send(&query.replace("SELECTED", ""), json!({})).await;
    assert_eq!(kit.requests(), [write]);
}

#[tokio::test]
async fn an_id_of_an_extension_is_looked_at_before_it_is_sent() {
    let kit = scripted(|_| not_found()).await;
    let query = "mutation { createGroup(input: { accountId: \"ACC-1\", name: \"G\", extensionIds: [\"EXT-1-2\", \"UGR-1\"] }) { userErrors { message path code } } }";
    let answer = kit.send(query, json!({})).await;
    let error = json!({ "message": "This is not an id of an extension: EXT- and one to four groups of digits.",
        "path": ["input", "extensionIds", "1"], "code": "BAD_USER_INPUT" });
    assert_eq!(answer["data"]["createGroup"]["userErrors"], json!([error]));
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn settings_without_a_route_are_an_error_and_of_no_account_a_user_error() {
    let kit = scripted(|line| match line {
        line if line.starts_with("GET /accounts?in(") && line.contains("ACC-1") => {
            super::upstream::list(&json!([{ "id": "ACC-1" }]))
        }
        line if line.starts_with("GET /accounts?in(") => super::upstream::list(&json!([])),
        _ => not_found(),
    })
    .await;
    let of = |account: &str| {
        format!(
            "mutation {{ updateNotificationSettings(input: {{ accountId: \"{account}\", settings: 1 }}) {{ userErrors {{ code path }} }} }}"
        )
    };
    let answer = kit.send(&of("ACC-2"), json!({})).await;
    let error = json!({ "code": "NOT_FOUND", "path": ["input", "accountId"] });
    assert_eq!(answer["data"], json!({ "updateNotificationSettings": { "userErrors": [error] } }), "{answer}");
    let rows = |account: &str| format!("GET /accounts?in(id,(\"{account}\"))&select=-*,id&order=id&limit=1");
    let write = |account: &str| format!("PUT /accounts/{account}/settings/notifications 1");
    assert_eq!(kit.requests(), [write("ACC-2"), rows("ACC-2")]);
    let answer = kit.send(&of("ACC-1"), json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "The accounts API has no route /accounts/{id}/settings/notifications on this host.");
    assert_eq!(error["extensions"]["code"], "UPSTREAM_ROUTE_MISSING");
    assert_eq!(kit.requests(), [write("ACC-1"), rows("ACC-1")]);
}

#[tokio::test]
async fn neither_password_is_shown_when_the_upstream_repeats_it() {
    for repeated in ["tr0ub4dor", "TR0UB4DOR", "n3w-secret"] {
        let detail = format!("The password {repeated} is not the present one.");
        let kit = scripted(move |_| (400, json!({ "title": "No", "detail": detail }).to_string())).await;
        let query =
            "mutation($input: SetUserPasswordInput!) { setUserPassword(input: $input) { userErrors { message } } }";
        let input = json!({ "id": "USR-1", "password": "n3w-secret", "currentPassword": "tr0ub4dor" });
        let answer = kit.send(query, json!({ "input": input })).await;
        let error = json!({ "message": "The upstream refused the input." });
        assert_eq!(answer, json!({ "data": { "setUserPassword": { "userErrors": [error] } } }));
    }
}
