//! The switches of the sandbox for what the documentation leaves open: each position, and how they are set.

use super::sandbox_kit::{ACCOUNT, GROUP, INVITED, Kit, SCALE, USER, ids, keys, kit, kit_with, set, texts};
use accounts_graph_sandbox::{
    Broken, By, Dates, Generation, Listed, Omitted, Options, Packing, PageCap, PageLimit, Quirks, Rql, Support,
    TextCase, Total, UnknownRoute,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn speaking_v5() -> Kit {
    kit_with(Options { scale: SCALE, generation: Generation::V5, ..Options::default() }).await
}

#[tokio::test]
async fn a_route_that_does_not_exist_is_answered_in_four_ways_and_a_row_in_one() {
    let kit = speaking_v5().await;
    let ask = async |path: &str| {
        let answer = kit.send(path, None).await.expect("an answer");
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
        (answer.status().as_u16(), kind.unwrap_or_default(), answer.text().await.expect("a body"))
    };
    let row = || ask("users/USR-9999-9999");
    let (status, kind, text) = row().await;
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let sample: Value = serde_json::from_str(include_str!("samples/v5-error-404-unknown-id.json")).expect("JSON");
    assert_eq!((status, kind.as_str(), keys(&told)), (404, "application/problem+json", keys(&sample)));
    for name in ["type", "title", "status"] {
        assert_eq!(told[name], sample[name], "{name}");
    }
    let unknown = include_str!("samples/v5-error-404-unknown-route.json");
    let unknown: Value = serde_json::from_str(unknown).expect("JSON");
    for (form, kind, starts) in [
        (UnknownRoute::Problem, "application/problem+json", "{\"type\":\"https://tools"),
        (UnknownRoute::StatusCode, "application/json", "{\"statusCode\":404"),
        (UnknownRoute::Empty, "", ""),
        (UnknownRoute::Html, "text/html", "<!doctype html>"),
    ] {
        kit.sandbox.set_quirks(Quirks { unknown_route: form, ..Quirks::default() });
        for path in ["account-users?limit=1", "ACC-1671-0642/users", "users/USR-1671-0642/sso-check", "nothing"] {
            let (status, found, text) = ask(path).await;
            assert_eq!((status, found.as_str()), (404, kind), "{path}");
            assert!(text.starts_with(starts) && text.is_empty() == (form == UnknownRoute::Empty), "{path}: {text}");
            if form == UnknownRoute::StatusCode {
                assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), unknown);
            }
        }
        let (status, kind, text) = row().await;
        assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{form:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["title"], "Not Found");
    }
}

#[tokio::test]
async fn the_total_may_be_null_or_absent() {
    let kit = kit().await;
    let total = kit.rows("users").len();
    for (position, expected) in [
        (Total::Given, json!({ "offset": 0, "limit": 2, "total": total })),
        (Total::Null, json!({ "offset": 0, "limit": 2, "total": null })),
        (Total::Absent, json!({ "offset": 0, "limit": 2 })),
    ] {
        kit.sandbox.set_quirks(Quirks { total: position, ..Quirks::default() });
        assert_eq!(kit.get("users?limit=2").await["$meta"]["pagination"], expected, "{position:?}");
    }
}

#[tokio::test]
async fn pages_are_cut_at_the_cap_and_state_what_was_used_or_asked() {
    let kit = kit_with(Options { scale: 0.6, ..Options::default() }).await;
    let total = kit.rows("users").len();
    assert!(total > 1000);
    for (page_cap, asked, rows) in [
        (PageCap::Hundred, 5000, 100),
        (PageCap::Thousand, 5000, 1000),
        (PageCap::Fifty, 100, 50),
        (PageCap::Fifty, 20, 20),
    ] {
        for (page_limit, stated) in [(PageLimit::Used, rows), (PageLimit::Asked, asked)] {
            kit.sandbox.set_quirks(Quirks { page_cap, page_limit, ..Quirks::default() });
            let page = kit.get(&format!("users?select=-*,id&limit={asked}")).await;
            assert_eq!(page["data"].as_array().map(Vec::len), Some(rows), "{page_cap:?}");
            let expected = json!({ "offset": 0, "limit": stated, "total": total });
            assert_eq!(page["$meta"]["pagination"], expected, "{page_cap:?} {page_limit:?}");
        }
    }
}

#[tokio::test]
async fn what_is_left_out_is_named_on_the_list_on_rows_on_both_or_nowhere() {
    let kit = kit().await;
    let omitted = json!(["groups", "audit"]);
    for (position, on_list, on_rows) in [
        (Omitted::Both, true, true),
        (Omitted::Envelope, true, false),
        (Omitted::Rows, false, true),
        (Omitted::Absent, false, false),
    ] {
        kit.sandbox.set_quirks(Quirks { omitted: position, ..Quirks::default() });
        let list = kit.get("accounts?limit=3").await;
        assert_eq!(list["$meta"].get("omitted"), on_list.then_some(&omitted), "{position:?}");
        assert!(list["$meta"]["pagination"]["total"].is_u64(), "{position:?}");
        for row in list["data"].as_array().expect("rows") {
            assert_eq!(row["$meta"].get("omitted"), on_rows.then_some(&omitted), "{position:?}");
        }
        let single = kit.get(&format!("accounts/{ACCOUNT}")).await;
        assert_eq!(single["$meta"].get("omitted").is_some(), position != Omitted::Absent, "{position:?}");
    }
}

#[tokio::test]
async fn dates_are_written_in_three_forms_and_mean_the_same() {
    let kit = kit().await;
    let ask = async |dates: Dates| {
        kit.sandbox.set_quirks(Quirks { dates, ..Quirks::default() });
        let user = kit.get(&format!("users/{USER}?select=audit")).await;
        let found = [&user["lastLoginAt"], &user["audit"]["created"]["at"], &user["audit"]["invitationAcceptedAt"]];
        found.map(|date| date.as_str().expect("a date").to_owned())
    };
    let plain = ask(Dates::Z).await;
    assert!(plain.iter().all(|date| date.len() == 24 && date.ends_with('Z')), "{plain:?}");
    assert_eq!(ask(Dates::Offset).await, plain.clone().map(|date| date.replace('Z', "0000+00:00")));
    assert_eq!(ask(Dates::Bare).await, plain.clone().map(|date| date.replace('Z', "")));
    // In filters all forms are taken, whatever the answers look like.
    let found = kit.get(&format!("users?eq(lastLoginAt,\"{}\")&select=-*,id", plain[0].replace('Z', "+00:00"))).await;
    assert_eq!(ids(&found["data"]), [USER]);
}

#[tokio::test]
async fn whoever_did_something_may_be_nobody_or_somebody_unknown() {
    let kit = kit().await;
    let path = format!("users/{USER}?select=audit");
    let known = kit.get(&path).await["audit"]["created"].clone();
    kit.sandbox.set_quirks(Quirks { by: By::Absent, ..Quirks::default() });
    assert_eq!(kit.get(&path).await["audit"]["created"], json!({ "at": known["at"] }));
    kit.sandbox.set_quirks(Quirks { by: By::Unknown, ..Quirks::default() });
    let mut expected = known.clone();
    let id = known["by"]["id"].as_str().and_then(|id| id.split_once('-')).expect("an id").1;
    expected["by"]["id"] = json!(format!("BOT-{id}"));
    assert_eq!(kit.get(&path).await["audit"]["created"], expected);
}

#[tokio::test]
async fn a_create_takes_as_long_as_told_and_nothing_else_does() {
    let kit = kit().await;
    kit.sandbox.set_quirks(Quirks { create_delay_ms: 400, ..Quirks::default() });
    let timed = async |call: &str, body: Value| {
        let start = Instant::now();
        kit.done(call, body).await;
        start.elapsed()
    };
    let create = timed("POST user-groups", json!({ "name": "Slow", "account": { "id": ACCOUNT } })).await;
    assert!(create >= Duration::from_millis(400), "{create:?}");
    let mut quickest = Duration::MAX;
    for name in ["Quick", "Quicker", "Quickest"] {
        quickest = quickest.min(timed(&format!("PUT user-groups/{GROUP}"), json!({ "name": name })).await);
    }
    assert!(quickest < Duration::from_millis(400), "{quickest:?}");
}

#[tokio::test]
async fn texts_may_have_no_order() {
    let kit = kit().await;
    for (text_order, status) in [(Support::Works, 200), (Support::Refused, 400), (Support::Fails, 500)] {
        kit.sandbox.set_quirks(Quirks { text_order, ..Quirks::default() });
        for operator in ["gt", "ge", "lt", "le"] {
            let on = |path: &str, value: &str| format!("users?{operator}({path},{value})&limit=1");
            assert_eq!(kit.ask(&on("name", "\"M\""), None).await.0, status, "{operator} {text_order:?}");
            assert_eq!(kit.ask(&on("currentAccount.id", "\"M\""), None).await.0, status, "{operator} {text_order:?}");
            assert_eq!(kit.ask(&on("revision", "3"), None).await.0, 200, "{operator} of numbers");
            assert_eq!(kit.ask(&on("lastLoginAt", "\"2026-01-01\""), None).await.0, 200, "{operator} of dates");
        }
        assert_eq!(kit.ask("users?eq(name,\"M\")&order=name", None).await.0, 200);
    }
}

#[tokio::test]
async fn a_list_inside_any_may_be_refused() {
    let kit = kit().await;
    let any = format!("user-groups?any(users,in(id,(\"{USER}\")))&limit=1");
    for (any_in, status) in [(Support::Works, 200), (Support::Refused, 400), (Support::Fails, 500)] {
        kit.sandbox.set_quirks(Quirks { any_in, ..Quirks::default() });
        assert_eq!(kit.ask(&any, None).await.0, status, "{any_in:?}");
        let single = any.replace("in(id,(\"", "eq(id,\"").replace("\"))", "\")");
        assert_eq!(kit.ask(&single, None).await.0, 200, "{single}");
        assert_eq!(kit.ask(&format!("users?in(id,(\"{USER}\"))"), None).await.0, 200);
    }
}

#[tokio::test]
async fn case_counts_as_the_database_compares_texts() {
    let kit = kit().await;
    for (text_case, like, ilike) in [(TextCase::Documented, 0, 1), (TextCase::Ignored, 1, 1), (TextCase::Kept, 0, 0)] {
        kit.sandbox.set_quirks(Quirks { text_case, ..Quirks::default() });
        assert_eq!(kit.total("users", "like(email,\"WILL.SMITH@*\")").await, like, "{text_case:?}");
        assert_eq!(kit.total("users", "ilike(email,\"WILL.SMITH@*\")").await, ilike, "{text_case:?}");
    }
}

#[tokio::test]
async fn groups_list_the_invited_or_do_not() {
    let kit = kit().await;
    let membership = kit.row("account-users", |row| row.get("user") == Some(&json!(INVITED)));
    let held = texts(membership.get("groups"));
    let group = held.iter().next().expect("a group");
    let lists = async || {
        let shown = kit.get(&format!("user-groups/{group}")).await;
        let found = kit.total("user-groups", &format!("any(users,in(id,(\"{INVITED}\")))")).await;
        let member = kit.get(&format!("accounts/{ACCOUNT}/users/{INVITED}")).await;
        assert_eq!(member["invitation"]["status"], "Invited", "the account lists all its members");
        (ids(&shown["users"]).contains(&INVITED), found)
    };
    assert_eq!(lists().await, (true, held.len()));
    kit.sandbox.set_quirks(Quirks { invited_in_groups: Listed::No, ..Quirks::default() });
    assert_eq!(lists().await, (false, 0));
    // Writes keep it so, and a membership that is accepted is listed.
    let token = accounts_graph_sandbox::user_token(INVITED);
    let call = format!("POST accounts/{ACCOUNT}/users/{INVITED}/accept-invite");
    assert_eq!(kit.write(&call, Value::Null, Some(&token)).await.0, 200);
    assert_eq!(kit.total("user-groups", &format!("any(users,eq(id,\"{INVITED}\"))")).await, held.len());
}

/// What the engine takes beyond its documentation, and what each means.
const LAX: [(&str, &str); 16] = [
    ("EQ(status,\"Active\")", "eq(status,\"Active\")"),
    ("Not(Eq(status,\"Active\"))", "not(eq(status,\"Active\"))"),
    ("IN(id,(\"USR-1671-0642\"))", "eq(id,\"USR-1671-0642\")"),
    ("Any(accounts,eq(id,\"ACC-1671-0642\"))", "any(accounts,eq(id,\"ACC-1671-0642\"))"),
    ("\"status\"='Active'", "eq(status,\"Active\")"),
    ("eq(\"currentAccount.id\",\"ACC-1671-0642\")", "eq(currentAccount.id,\"ACC-1671-0642\")"),
    ("(status)=\"Active\"", "eq(status,\"Active\")"),
    ("in(status,\"Active\")", "eq(status,\"Active\")"),
    ("in(status,Active,Invited)", "in(status,(\"Active\",\"Invited\"))"),
    ("out(status,'Active','Invited')", "out(status,(\"Active\",\"Invited\"))"),
    ("and(eq(status,\"Active\"),gt(revision,20)", "and(eq(status,\"Active\"),gt(revision,20))"),
    ("eq(self(status),\"Active\")", "eq(status,\"Active\")"),
    ("self(status)=\"Active\"", "eq(status,\"Active\")"),
    ("eq(firstName,lastName)", "eq(revision,-1)"),
    ("eq(id,ID)", "ne(id,null())"),
    ("ne(currentAccount,NULL())", "ne(currentAccount,null())"),
];

#[tokio::test]
async fn the_engine_takes_more_than_its_documentation() {
    let kit = kit().await;
    for (lax, plain) in LAX {
        let found = kit.total("users", lax).await;
        assert_eq!(found, kit.total("users", plain).await, "{lax}");
    }
    kit.sandbox.set_quirks(Quirks { rql: Rql::Strict, ..Quirks::default() });
    for (lax, plain) in &LAX {
        // A bare word is documented; what it may stand for is not.
        let bare = ["eq(firstName,lastName)", "eq(id,ID)"].contains(lax);
        assert_eq!(kit.ask(&format!("users?{lax}"), None).await.0, if bare { 200 } else { 400 }, "{lax}");
        assert_eq!(kit.ask(&format!("users?{plain}"), None).await.0, 200, "{plain}");
    }
    assert_eq!(kit.total("users", "eq(id,ID)").await, 0, "a text like any other");
    assert_eq!(kit.total("modules", "any(accountTypes,self()=\"Vendor\")").await, vendors(&kit));
}

fn vendors(kit: &Kit) -> usize {
    kit.rows("modules").iter().filter(|row| texts(row.get("accountTypes")).contains("Vendor")).count()
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_fails_with_either_status() {
    let kit = kit().await;
    let broken =
        ["eq(name)", "any()", "eq(name,null(1))", "name", "()", "and()", "foo(name,1)", "and(eq(a,1),or(eq(b,1)"];
    for (broken_rql, status) in [(Broken::Refused, 400), (Broken::Fails, 500)] {
        kit.sandbox.set_quirks(Quirks { broken_rql, ..Quirks::default() });
        for filter in broken {
            assert_eq!(kit.ask(&format!("users?{filter}"), None).await.0, status, "{filter}");
        }
        // These can be read.
        for filter in ["eq(nothing,1)", "eq(revision,many)", "eq(revision,null())", "limit=x"] {
            assert_eq!(kit.ask(&format!("users?{filter}"), None).await.0, 400, "{filter}");
        }
    }
}

#[tokio::test]
async fn answers_are_packed_for_those_who_take_it() {
    let kit = kit().await;
    let url = format!("{}/v1/accounts/users?limit=100", kit.sandbox.base_url());
    let ask = async |accepted: &str| {
        let answer = kit.client.get(&url).header("accept-encoding", accepted).send().await.expect("an answer");
        let packed = answer.headers().get("content-encoding").map(|value| value.to_str().expect("text").to_owned());
        (packed, answer.bytes().await.expect("a body"))
    };
    let plain = ask("gzip").await;
    assert_eq!(plain.0, None, "nothing is packed unless told");
    kit.sandbox.set_quirks(Quirks { packing: Packing::Gzip, ..Quirks::default() });
    let (packed, bytes) = ask("gzip").await;
    assert_eq!((packed.as_deref(), &bytes[..2]), (Some("gzip"), &[0x1F, 0x8B][..]));
    assert!(bytes.len() < plain.1.len() / 2);
    assert_eq!(ask("identity").await, plain);
    assert_eq!(ask("br, zstd").await, plain);
}

#[tokio::test]
async fn switches_are_set_read_and_reset_over_http() {
    let kit = kit().await;
    let control = format!("http://{}/__quirks", kit.sandbox.addr());
    let call = async |method: Method, body: Value| {
        let request = kit.client.request(method, &control);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.expect("an answer");
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a body"));
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let usual = json!({
        "unknown_route": "problem", "total": "given", "page_cap": "100", "page_limit": "used", "omitted": "both",
        "dates": "z", "by": "known", "create_delay_ms": 0, "text_order": "works", "any_in": "works",
        "text_case": "documented", "invited_in_groups": "yes", "touched": "bare", "rql": "lax", "broken_rql": "400", "bodies": "any",
        "packing": "none", "escapes": "needed",
    });
    assert_eq!(call(Method::GET, Value::Null).await, (200, usual.clone()));
    let other = json!({
        "unknown_route": "status-code", "total": "null", "page_cap": "1000", "page_limit": "asked", "omitted": "rows",
        "dates": "+00:00", "by": "unknown", "create_delay_ms": 5, "text_order": "500", "any_in": "400",
        "text_case": "kept", "invited_in_groups": "no", "touched": "named", "rql": "strict", "broken_rql": "500", "bodies": "forms",
        "packing": "gzip", "escapes": "all",
    });
    assert_eq!(call(Method::PUT, other.clone()).await.0, 204);
    assert_eq!(call(Method::GET, Value::Null).await, (200, other));
    // What is not named is as usual.
    assert_eq!(call(Method::PUT, json!({ "total": "absent" })).await.0, 204);
    let mut expected = usual.clone();
    expected["total"] = json!("absent");
    assert_eq!(call(Method::GET, Value::Null).await.1, expected);
    for wrong in [json!({ "totals": "absent" }), json!({ "total": "missing" }), json!({ "page_cap": "99" })] {
        assert_eq!(call(Method::PUT, wrong.clone()).await.0, 422, "{wrong}");
    }
    assert_eq!(call(Method::GET, Value::Null).await.1, expected, "a mistake changes nothing");
    assert_eq!(call(Method::DELETE, Value::Null).await.0, 204);
    assert_eq!(call(Method::GET, Value::Null).await.1, usual);
    assert!(kit.sandbox.requests().is_empty(), "control requests are not recorded");
    let told = kit_with(Options {
        scale: 0.01,
        quirks: Quirks { total: Total::Absent, ..Quirks::default() },
        ..Options::default()
    });
    assert_eq!(keys(&told.await.get("users").await["$meta"]["pagination"]), set(["limit", "offset"]));
}
