//! The sandbox over real HTTP: its routes, what each role sees, and what it records.

use super::sandbox_kit::{ACCOUNT, GROUP, SCALE, USER, ids, keys, kit, kit_with, set, text, texts};
use accounts_graph_sandbox::{self as sandbox, CLIENT_TOKEN, OPERATIONS_TOKEN, Options, VENDOR_TOKEN};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn the_three_membership_families_agree() {
    let kit = kit().await;
    let expected: BTreeSet<String> = kit
        .rows("account-users")
        .iter()
        .filter(|row| text(row, "account") == ACCOUNT)
        .map(|row| text(row, "user").to_owned())
        .collect();
    let users = |body: &Value, inner: bool| -> BTreeSet<String> {
        let rows = body["data"].as_array().expect("rows").iter();
        rows.map(|row| if inner { &row["user"]["id"] } else { &row["id"] }.as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(users(&kit.get(&format!("{ACCOUNT}/users?limit=100")).await, true), expected);
    assert_eq!(users(&kit.get(&format!("account-users?account.id=\"{ACCOUNT}\"&limit=100")).await, true), expected);
    assert_eq!(users(&kit.get(&format!("accounts/{ACCOUNT}/users?limit=100&order=id")).await, false), expected);

    let flat = kit.get(&format!("accounts/{ACCOUNT}/users/{USER}?select=audit")).await;
    let beside = ["name", "icon", "email", "status", "account", "groups", "modules", "buyers", "invitation", "audit"];
    assert!(keys(&flat).is_superset(&set(beside)), "{flat}");
    assert_eq!(flat["account"]["id"], ACCOUNT);
    let nested = kit.get(&format!("{ACCOUNT}/users/{USER}")).await;
    assert!(nested["id"].as_str().expect("an id").starts_with("AUSR-"));
    assert_eq!(ids(&nested["groups"]), ids(&flat["groups"]));
    let some = kit.get(&format!("accounts/{ACCOUNT}/users?in(id,(\"{USER}\"))&select=-*,id,groups.id")).await;
    assert_eq!(ids(&some["data"]), [USER]);
    assert_eq!(ids(&some["data"][0]["groups"]), ids(&flat["groups"]));
    for path in
        [format!("{ACCOUNT}/users/USR-0000-0000"), "accounts/ACC-9999-9999/users".into(), "nothing/users".into()]
    {
        assert_eq!(kit.ask(&path, None).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn users_are_found_by_mail_and_show_their_accounts() {
    let kit = kit().await;
    assert_eq!(kit.get("users/will.smith@example.com").await["id"], USER);
    let accounts = kit.get(&format!("users/{USER}/accounts?order=id")).await;
    let expected = kit.rows("users").iter().find(|row| text(row, "id") == USER).map(|row| texts(row.get("accounts")));
    assert_eq!(ids(&accounts["data"]).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), expected.expect("Will"));
    let home = kit.get(&format!("users/{USER}/accounts?id=\"{ACCOUNT}\"&select=audit.access")).await;
    assert_eq!(home["data"][0]["favorite"], json!(true));
    assert!(home["data"][0]["audit"]["access"]["at"].is_string() && home["data"][0]["invitation"].is_object());
}

#[tokio::test]
async fn icons_redirect_or_are_absent() {
    let kit = kit().await;
    for collection in ["users", "accounts", "buyers", "sellers", "licensees"] {
        let rows = kit.rows(collection);
        let with = rows.iter().find(|row| row.contains_key("icon")).expect("one with an icon");
        let answer = kit.send(&format!("{collection}/{}/icon", text(with, "id")), None).await.expect("an answer");
        assert_eq!(answer.status(), 307, "{collection}");
        assert!(answer.headers()["location"].to_str().is_ok_and(|to| to.starts_with("https://")));
        let without = rows.iter().find(|row| !row.contains_key("icon")).expect("one without");
        assert_eq!(kit.ask(&format!("{collection}/{}/icon", text(without, "id")), None).await.0, 404, "{collection}");
    }
}

#[tokio::test]
async fn both_prefixes_work_and_other_paths_and_methods_do_not() {
    let kit = kit().await;
    let root = format!("http://{}", kit.sandbox.addr());
    for (path, status) in [
        ("/v1/accounts/users", 200),
        ("/public/v1/accounts/users", 200),
        ("/public/v2/accounts/users", 404),
        ("/v1/catalog/products", 404),
        ("/v1/accounts/users/INVALID-ID", 404),
        ("/v1/accounts/users/USR-1671-0642/nothing", 404),
        ("/", 404),
    ] {
        let answer = kit.client.get(format!("{root}{path}")).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
        let kind = if status == 200 { "application/json" } else { "application/problem+json" };
        assert!(answer.headers()["content-type"].to_str().is_ok_and(|value| value.starts_with(kind)), "{path}");
    }
    let http2 = Client::builder().http2_prior_knowledge().build().expect("a client");
    let answer = http2.get(format!("{root}/v1/accounts/users")).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    for (path, allowed) in
        [("users/USR-1671-0642", "GET, PUT, DELETE"), ("users/USR-1671-0642/block", "POST"), ("users", "GET")]
    {
        let refused = kit.client.patch(format!("{root}/v1/accounts/{path}")).send().await.expect("an answer");
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &allowed.parse().expect("a header"))
        );
    }
}

#[tokio::test]
async fn a_client_sees_its_own_account_only() {
    let kit = kit().await;
    let client = Some(CLIENT_TOKEN);
    let (_, accounts) = kit.ask("accounts", client).await;
    assert_eq!(ids(&accounts["data"]), [ACCOUNT]);
    let own = |collection: &str| {
        let rows = kit.rows(collection);
        rows.iter().filter(|row| text(row, "account") == ACCOUNT && text(row, "status") != "Deleted").count()
    };
    for collection in ["user-groups", "buyers", "account-users", "licensees", "api-tokens"] {
        let (_, body) = kit.ask(&format!("{collection}?limit=0"), client).await;
        assert_eq!(body["$meta"]["pagination"]["total"], json!(own(collection)), "{collection}");
        assert!(own(collection) > 0, "{collection}");
    }
    let foreign =
        kit.rows("users").iter().find(|row| !texts(row.get("accounts")).contains(ACCOUNT)).cloned().expect("one");
    assert_eq!(kit.ask(&format!("users/{}", text(&foreign, "id")), client).await.0, 404);
    let (_, none) = kit.ask(&format!("users?in(id,(\"{}\",\"{USER}\"))", text(&foreign, "id")), client).await;
    assert_eq!(ids(&none["data"]), [USER]);
    for collection in ["modules", "cloud-tenants"] {
        assert_eq!(kit.ask(collection, client).await.0, 403, "{collection}");
    }
    let (_, sellers) = kit.ask("sellers?limit=100", client).await;
    let all: BTreeSet<String> = kit.rows("sellers").iter().map(|row| text(row, "id").to_owned()).collect();
    let seen: BTreeSet<String> = ids(&sellers["data"]).into_iter().map(str::to_owned).collect();
    assert_eq!(seen, all, "clients see every seller, deleted ones as well");
    let (_, group) = kit.ask(&format!("user-groups/{GROUP}"), client).await;
    assert!(group["modules"][0]["settings"].is_object(), "modules stay visible where they are nested");
    let (_, seen) = kit.ask("user-groups?select=-*,audit.created.by.name&limit=100", client).await;
    for group in seen["data"].as_array().expect("rows") {
        assert!(group["audit"]["created"]["by"]["name"].is_string(), "so do strangers: {group}");
    }
}

#[tokio::test]
async fn fields_of_operations_do_not_exist_for_others() {
    let kit = kit().await;
    let (_, user) = kit.ask(&format!("users/{USER}?select=accounts"), Some(CLIENT_TOKEN)).await;
    assert!(user.get("accounts").is_none());
    assert_eq!(user["$meta"]["omitted"], json!(["audit"]));
    let (status, body) = kit.ask("users?any(accounts)", Some(CLIENT_TOKEN)).await;
    assert_eq!((status, &body["errors"]), (400, &json!({ "accounts": ["Invalid property path."] })));

    // Someone who is a member here but works in another account.
    let elsewhere = kit.rows("users").into_iter().find(|row| {
        texts(row.get("accounts")).contains(ACCOUNT)
            && row.contains_key("currentAccount")
            && text(row, "currentAccount") != ACCOUNT
    });
    if let Some(row) = elsewhere {
        let path = format!("users/{}", text(&row, "id"));
        assert!(kit.ask(&path, Some(CLIENT_TOKEN)).await.1.get("currentAccount").is_none());
        assert!(kit.ask(&path, Some(OPERATIONS_TOKEN)).await.1["currentAccount"]["id"].is_string());
    }
    assert_eq!(kit.ask(&format!("users/{USER}"), Some(CLIENT_TOKEN)).await.1["currentAccount"]["id"], ACCOUNT);
    let (_, vendor) = kit.ask("sellers", Some(VENDOR_TOKEN)).await;
    assert_eq!(vendor["data"], json!([]));
}

#[tokio::test]
async fn tokens_are_required_only_when_told_and_none_but_known_ones_work() {
    let open = kit().await;
    assert_eq!(open.ask("users", None).await.0, 200, "nobody is taken for Operations");
    for row in open.rows("api-tokens") {
        let expected = if text(&row, "status") == "Active" { 200 } else { 401 };
        assert_eq!(open.ask("users", Some(text(&row, "token"))).await.0, expected, "{row:?}");
    }
    let gone = open.in_status("users", "Disabled");
    open.done(&format!("DELETE users/{gone}"), serde_json::Value::Null).await;
    let unknown =
        ["idt:TKN-0000-0009:guess", "idt:TKN-0000-0001:guess", "guess", "", "usr:USR-9999-9999", "usr:", "Basic"];
    let gone = accounts_graph_sandbox::user_token(&gone);
    for token in unknown.into_iter().chain([gone.as_str()]) {
        assert_eq!(open.ask("users", Some(token)).await.0, 401, "{token}");
    }
    let basic = open.client.get(format!("{}/v1/accounts/users", open.sandbox.base_url())).basic_auth("me", Some("x"));
    assert_eq!(basic.send().await.expect("an answer").status(), 401);
    assert_eq!(open.ask("users", Some(&accounts_graph_sandbox::user_token(USER))).await.0, 200);
    let lenient = kit_with(Options { scale: SCALE, accept_any_token: true, ..Options::default() }).await;
    let disabled = lenient.row("api-tokens", |row| text(row, "status") == "Disabled");
    for (token, expected) in [("guess", 200), ("idt:TKN-0000-0001:guess", 200), (text(&disabled, "token"), 401)] {
        assert_eq!(lenient.ask("modules", Some(token)).await.0, expected, "{token}: one of Operations");
    }
    let closed = kit_with(Options { scale: SCALE, require_token: true, ..Options::default() }).await;
    assert_eq!(closed.ask("users", None).await.0, 401);
    assert_eq!(closed.ask("users", Some("idt:TKN-0000-0001:guess")).await.0, 401);
    for token in [OPERATIONS_TOKEN, VENDOR_TOKEN, CLIENT_TOKEN] {
        assert_eq!(closed.ask("users", Some(token)).await.0, 200, "{token}");
    }
    let (_, token) = closed.ask("api-tokens/TKN-0000-0003", Some(CLIENT_TOKEN)).await;
    assert_eq!(token["token"], CLIENT_TOKEN, "the upstream shows secrets on reads");
}

#[tokio::test]
async fn requests_are_recorded_without_tokens_until_cleared() {
    let kit = kit().await;
    kit.ask(&format!("users?in(id,(\"{USER}\"))&select=-*,id&order=id&limit=100"), Some(CLIENT_TOKEN)).await;
    kit.ask("users/USR-0000-0000", Some(CLIENT_TOKEN)).await;
    let recorded = kit.sandbox.requests();
    let lines: Vec<String> = recorded.iter().map(sandbox::Recorded::line).collect();
    let expected = [
        "GET /accounts/users?in(id,(\"USR-1671-0642\"))&select=-*,id&order=id&limit=100",
        "GET /accounts/users/USR-0000-0000",
    ];
    assert_eq!(lines, expected);
    assert_eq!((recorded[0].status, recorded[0].rows), (200, Some(1)));
    assert_eq!((recorded[1].status, recorded[1].rows), (404, None));
    assert!(recorded[0].bytes > 50);

    let control = format!("http://{}/__requests", kit.sandbox.addr());
    let text = kit.client.get(&control).send().await.expect("an answer").text().await.expect("a body");
    assert!(!text.contains("idt:") && !text.contains("Bearer"));
    let listed: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(listed[0]["line"], expected[0]);
    assert_eq!(kit.client.delete(&control).send().await.expect("an answer").status(), 204);
    assert!(kit.sandbox.requests().is_empty(), "control requests are not recorded");
    kit.get("users").await;
    kit.sandbox.clear_requests();
    assert!(kit.sandbox.requests().is_empty());
}
