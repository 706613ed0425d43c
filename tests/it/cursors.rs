//! Cursors as positions in the order: what is asked behind one, and what hosts make of it that do not compare texts.

use crate::support::{Kit, SMALL, gateway, kit, kit_calling, kit_of, kit_speaking, kit_with, limits, settings};
use accounts_graph::upstream::{
    client::BreakerSettings,
    marketplace::membership::MembershipRoutes,
    memory::{Clock, REMEMBERED},
};
use accounts_graph_sandbox::{Generation, Options, Quirks, Support};
use axum::{Json, Router, extract::Request};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

/// Writes to the sandbox as Operations.
async fn write(kit: &Kit, method: &str, path: &str, body: Value) {
    let url = format!("{}/v1/accounts/{path}", kit.sandbox.base_url());
    let mut request = reqwest::Client::new().request(method.parse().expect("a method"), url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let status = request.send().await.expect("an answer").status();
    assert!(status.is_success(), "{method} {path}: {status}");
    kit.requests();
}

/// The end of the first page of groups, by this order if any, and its ids.
async fn first_page(kit: &Kit, arguments: &str) -> (String, Vec<String>) {
    let query = format!("{{ groups(first: 3{arguments}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}");
    let data = kit.data(&query).await;
    kit.requests();
    (data["groups"]["pageInfo"]["endCursor"].to_string(), ids(&data["groups"]))
}

fn ids(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("no nodes: {page}"));
    nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

async fn incomparable(text_order: Support) -> Kit {
    let quirks = Quirks { text_order, ..Quirks::default() };
    kit_with(Options { scale: SMALL, quirks, ..Options::default() }, limits()).await
}

#[tokio::test]
async fn the_next_page_is_one_request_for_what_comes_behind_and_a_count_another() {
    let kit = kit().await;
    let (after, seen) = first_page(&kit, "").await;
    let page = format!("{{ groups(first: 3, after: {after}) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
    kit.data(&page).await;
    let behind = format!("GET /accounts/user-groups?gt(id,\"{}\")&select=-*,id&order=id&limit=3", seen[2]);
    assert_eq!(kit.requests(), std::slice::from_ref(&behind));
    let counted = page.replace("nodes { id }", "totalCount nodes { id }");
    let total = kit.listed("user-groups").len();
    assert_eq!(kit.data(&counted).await["groups"]["totalCount"], total);
    assert_eq!(kit.requests(), [behind, "GET /accounts/user-groups?select=-*,id&order=id&limit=1".to_owned()]);
    let only = format!("{{ groups(first: 3, after: {after}) {{ totalCount }} }}");
    assert_eq!(kit.data(&only).await, json!({ "groups": { "totalCount": total } }));
    assert_eq!(kit.requests(), ["GET /accounts/user-groups?select=-*,id&order=id&limit=1"]);
}

#[tokio::test]
async fn a_page_goes_on_where_a_row_was_that_is_gone() {
    for order in ["", ", orderBy: { field: NAME, direction: DESC }"] {
        let kit = kit().await;
        for number in 0..7 {
            let body = json!({ "name": format!("AAA {number}"), "account": { "id": "ACC-1671-0642" } });
            write(&kit, "POST", "user-groups", body).await;
        }
        let arguments = format!("{order}, filter: {{ name: {{ startsWith: \"AAA\" }} }}");
        let all = kit.data(&format!("{{ groups(first: 100{arguments}) {{ nodes {{ id }} }} }}")).await;
        let all = ids(&all["groups"]);
        let (after, seen) = first_page(&kit, &arguments).await;
        for gone in [&seen[2], &seen[0]] {
            write(&kit, "DELETE", &format!("user-groups/{gone}"), Value::Null).await;
            let page = format!("{{ groups(first: 3{arguments}, after: {after}) {{ nodes {{ id }} }} }}");
            assert_eq!(ids(&kit.data(&page).await["groups"]), all[3..6], "{order}");
        }
    }
}

#[tokio::test]
async fn a_host_that_does_not_compare_texts_is_asked_once_and_then_by_places() {
    for text_order in [Support::Refused, Support::Fails] {
        let clock = Clock::default();
        let quirks = Quirks { text_order, ..Quirks::default() };
        let options = Options { scale: SMALL, quirks, ..Options::default() };
        let kit = kit_speaking(options, limits(), |it| it, MembershipRoutes::Auto, &clock).await;
        kit.learn().await;
        let all = ids(&kit.data("{ groups(first: 100) { nodes { id } } }").await["groups"]);
        let (after, seen) = first_page(&kit, "").await;
        let page = |count: usize| format!("{{ groups(first: {count}, after: {after}) {{ nodes {{ id }} }} }}");
        let condition = format!("GET /accounts/user-groups?gt(id,\"{}\")&select=-*,id&order=id&limit=3", seen[2]);
        // One row early, to see that it is the row of the cursor.
        let by_place = |limit: usize| format!("GET /accounts/user-groups?select=-*,id&order=id&limit={limit}&offset=2");
        let told = json!({ "paging": [{ "path": ["groups"], "by": "offset" }] });
        let answer = kit.query(&page(3)).await;
        assert_eq!((ids(&answer["data"]["groups"]), &answer["extensions"]), (all[3..6].to_vec(), &told));
        assert_eq!(kit.requests(), [condition.clone(), by_place(4)], "{text_order:?}");
        let answer = kit.query(&page(2)).await;
        assert_eq!((ids(&answer["data"]["groups"]), &answer["extensions"]), (all[3..5].to_vec(), &told));
        assert_eq!(kit.requests(), [by_place(3)], "it is remembered");
        let users = kit.data("{ users(first: 1) { pageInfo { endCursor } } }").await["users"]["pageInfo"].take();
        kit.requests();
        let other = format!("{{ users(first: 1, after: {}) {{ nodes {{ id }} }} }}", users["endCursor"]);
        assert!(kit.query(&other).await.get("errors").is_none());
        assert_eq!(kit.requests().len(), 2, "of each collection");
        clock.advance(REMEMBERED);
        kit.learn().await;
        kit.query(&page(3)).await;
        assert_eq!(kit.requests(), [condition, by_place(4)], "it is forgotten");
    }
}

#[tokio::test]
async fn a_refusal_by_an_error_of_the_upstream_is_not_retried_and_opens_no_breaker() {
    let quirks = Quirks { text_order: Support::Fails, ..Quirks::default() };
    let options = Options { scale: SMALL, quirks, ..Options::default() };
    let kit = kit_calling(options, limits(), |settings| accounts_graph::upstream::client::Settings {
        breaker: Some(BreakerSettings { least: 1, window: Duration::from_secs(60), pause: Duration::from_secs(60) }),
        ..settings
    })
    .await;
    let (after, _) = first_page(&kit, "").await;
    let query = format!("{{ groups(first: 3, after: {after}) {{ nodes {{ id }} }} }}");
    assert!(kit.query(&query).await.get("errors").is_none());
    assert_eq!(kit.requests().len(), 2);
    assert!(kit.query("{ users(first: 1) { nodes { id } } }").await.get("errors").is_none());
}

#[tokio::test]
async fn a_row_that_moved_is_found_nearby_and_one_that_is_gone_is_lost() {
    let kit = incomparable(Support::Refused).await;
    let name = |name: &str| json!({ "name": name, "account": { "id": "ACC-1671-0642" } });
    for number in 0..6 {
        write(&kit, "POST", "user-groups", name(&format!("AAA {number}"))).await;
    }
    let order = ", orderBy: { field: NAME }, filter: { name: { startsWith: \"AAA\" } }";
    let (after, seen) = first_page(&kit, order).await;
    // Inserted before the page.
    write(&kit, "POST", "user-groups", name("AAA")).await;
    let next = format!("{{ groups(first: 2, after: {after}{order}) {{ nodes {{ id name }} }} }}");
    let page = kit.data(&next).await;
    let names: Vec<&Value> = page["groups"]["nodes"].as_array().expect("nodes").iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["AAA 3", "AAA 4"]);
    for lost in [
        // A row that changed what it is ordered by stands elsewhere, and what lies between would be skipped.
        ("PUT", json!({ "name": "AAA 5b" })),
        ("DELETE", Value::Null),
    ] {
        write(&kit, lost.0, &format!("user-groups/{}", seen[2]), lost.1).await;
        let answer = kit.query(&next).await;
        assert_eq!(answer["data"], json!({ "groups": null }));
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "CURSOR_LOST" }));
        assert_eq!(answer["errors"][0]["path"], json!(["groups"]));
    }
}

#[tokio::test]
async fn a_value_that_no_condition_can_name_means_offsets() {
    let kit = kit().await;
    let both = "'a \"b\"".to_owned();
    for (field, order, long) in [("name", "NAME", both)] {
        let mut body = json!({ "name": "It", "account": { "id": "ACC-1671-0642" } });
        body[field] = json!(long);
        write(&kit, "POST", "user-groups", body).await;
        let query = |after: &str| {
            format!(
                "{{ groups(first: 100, orderBy: {{ field: {order} }}{after}) {{ edges {{ cursor node {{ id {field} }} }} }} }}"
            )
        };
        let all = kit.data(&query("")).await["groups"]["edges"].take();
        let all = all.as_array().expect("edges");
        let at = all.iter().position(|edge| edge["node"][field] == json!(long)).expect("the row");
        let cursor = all[at]["cursor"].as_str().expect("a cursor");
        assert!(cursor.len() < 2000);
        let answer = kit.query(&query(&format!(", after: \"{cursor}\""))).await;
        let nodes = answer["data"]["groups"]["edges"].as_array().unwrap_or_else(|| panic!("{answer}")).iter();
        let nodes: Vec<&Value> = nodes.map(|edge| &edge["node"]["id"]).collect();
        assert_eq!(nodes, all[at + 1..].iter().map(|edge| &edge["node"]["id"]).collect::<Vec<_>>());
        assert_eq!(answer["extensions"]["paging"], json!([{ "path": ["groups"], "by": "offset" }]));
        kit.requests();
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_order_filter_or_route_is_refused() {
    let kit = kit_of((Generation::All, MembershipRoutes::Auto), Quirks::default()).await;
    let cursor = |data: &Value| data["pageInfo"]["endCursor"].to_string();
    let of = async |kit: &Kit, list: &str| {
        let list = format!("{{ {list} {{ pageInfo {{ endCursor }} }} }}");
        cursor(&kit.data(&list).await.as_object().expect("data").values().next().expect("a list").clone())
    };
    let groups = of(&kit, "groups(first: 1)").await;
    for other in [
        format!("buyers(first: 1, after: {groups})"),
        format!("groups(first: 1, after: {groups}, orderBy: {{ field: NAME }})"),
        format!("groups(last: 1, before: {groups}, filter: {{ isDefault: {{ eq: true }} }})"),
    ] {
        let answer = kit.query(&format!("{{ {other} {{ nodes {{ id }} }} }}")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        let message = answer["errors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("is a cursor of another list, filter or order"), "{message}");
    }
    let query = "account(id: \"ACC-1671-0642\") { accountUsers(first: 1) { pageInfo { endCursor } } }";
    let data = kit.data(&format!("{{ {query} }}")).await;
    let members = cursor(&data["account"]["accountUsers"]);
    let without = kit_of((Generation::V5, MembershipRoutes::Auto), Quirks::default()).await;
    let query = format!(
        "{{ account(id: \"ACC-1671-0642\") {{ accountUsers(first: 1, after: {members}) {{ nodes {{ id }} }} }} }}"
    );
    assert!(kit.query(&query).await.get("errors").is_none());
    let answer = without.query(&query).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}

#[tokio::test]
async fn rows_without_a_value_are_paged_wherever_they_stand() {
    let kit = kit().await;
    for direction in ["ASC", "DESC"] {
        for (size, mark, end, more) in
            [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
        {
            let order = format!("orderBy: {{ field: LAST_LOGIN_AT, direction: {direction} }}");
            let all = ids(&kit.data(&format!("{{ users(first: 100, {order}) {{ nodes {{ id }} }} }}")).await["users"]);
            let (mut seen, mut from) = (vec![], String::new());
            loop {
                let page =
                    format!("{{ users({size}: 7, {order}{from}) {{ nodes {{ id }} pageInfo {{ {more} {end} }} }} }}");
                let answer = kit.query(&page).await;
                assert!(answer.get("extensions").is_none(), "{answer}");
                let page = &answer["data"]["users"];
                let place = if size == "first" { seen.len() } else { 0 };
                seen.splice(place..place, ids(page));
                if page["pageInfo"][more] == false {
                    break;
                }
                from = format!(", {mark}: {}", page["pageInfo"][end]);
            }
            assert_eq!(seen[..100.min(seen.len())], all[..100.min(seen.len())], "{direction} {size}");
        }
    }
}

#[tokio::test]
async fn an_export_is_resumed_by_ids() {
    let kit = kit_of((Generation::All, MembershipRoutes::Auto), Quirks::default()).await;
    let all = ids(&kit.data("{ groups(first: 100) { nodes { id } } }").await["groups"]);
    let find = async |condition: &str| {
        let query = format!("{{ groups(first: 100, filter: {{ id: {{ {condition} }} }}) {{ nodes {{ id }} }} }}");
        ids(&kit.data(&query).await["groups"])
    };
    assert_eq!(find(&format!("gt: \"{}\"", all[4])).await, all[5..]);
    assert_eq!(find(&format!("lt: \"{}\"", all[4])).await, all[..4]);
    let members = ids(&kit.data("{ accountUsers(first: 100) { nodes { id } } }").await["accountUsers"]);
    let query =
        format!("{{ accountUsers(first: 90, filter: {{ id: {{ gt: \"{}\" }} }}) {{ nodes {{ id }} }} }}", members[9]);
    assert_eq!(ids(&kit.data(&query).await["accountUsers"]), members[10..]);
    let null = kit.query("{ groups(filter: { id: { gt: null } }) { nodes { id } } }").await;
    assert_eq!(null["errors"][0]["message"], "Condition gt on id must not be null. Leave it out to set no condition.");
}

/// The created-at of a group, by its number: two after the other differ in the seventh digit of the second, or not at all.
fn created(number: usize) -> String {
    format!("2024-01-16T21:30:13.104603{}Z", 1 + number / 2)
}

/// A page of ten groups, as a host orders and compares them that keeps seven digits.
fn page_of_groups(query: &str) -> Value {
    let value = |before: &str| {
        let (_, rest) = query.split_once(before)?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let behind = value("gt(audit.created.at,\"").zip(value("gt(id,\""));
    let number = |name: &str| {
        let given = query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        given.map(|digits| digits.parse::<usize>().expect("a number"))
    };
    let (limit, offset) = (number("limit").expect("a limit"), number("offset").unwrap_or_default());
    let rows = (0..10).map(|number| (created(number), format!("UGR-0000-{number:04}")));
    let rows: Vec<_> = rows.filter(|row| behind.as_ref().is_none_or(|behind| row > behind)).collect();
    let total = rows.len();
    let row = |(at, id): (String, String)| json!({ "id": id, "audit": { "created": { "at": at } } });
    let page: Vec<Value> = rows.into_iter().skip(offset).take(limit).map(row).collect();
    json!({ "$meta": { "pagination": { "offset": offset, "limit": limit, "total": total } }, "data": page })
}

#[tokio::test]
async fn a_cursor_keeps_all_digits_of_a_second() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::clone(&asked);
    let router = Router::new().fallback(async move |request: Request| {
        let query = percent_decode_str(request.uri().query().unwrap_or_default()).decode_utf8_lossy().into_owned();
        let page = page_of_groups(&query);
        requests.lock().expect("no panic").push(query);
        Json(page)
    });
    let host = tokio::spawn(async move { axum::serve(listener, router).await.expect("the host serves") });
    let (address, server) = gateway(settings(&base), limits()).await;
    let (mut seen, mut after) = (vec![], Value::Null);
    for _ in 0..10 {
        let query = format!(
            "{{ groups(first: 3, after: {after}, orderBy: {{ field: CREATED_AT, direction: ASC }})
                {{ nodes {{ id createdAt }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let sent = reqwest::Client::new().post(format!("http://{address}/graphql")).json(&json!({ "query": query }));
        let answer: Value = sent.send().await.expect("an answer").json().await.expect("JSON");
        let page = &answer["data"]["groups"];
        seen.extend(page["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")).iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
    }
    server.abort();
    host.abort();
    let rows = (0..10).map(|number| json!({ "id": format!("UGR-0000-{number:04}"), "createdAt": created(number) }));
    assert_eq!(seen, rows.collect::<Vec<_>>());
    // Where rows without a value stand is not known of this host, so they are asked for as well.
    let page = "select=-*,id,audit&order=audit.created.at,id&limit=3";
    let behind = |number: usize| {
        let at = created(number);
        format!(
            "or(gt(audit.created.at,\"{at}\"),eq(audit.created.at,null()),and(eq(audit.created.at,\"{at}\"),\
             gt(id,\"UGR-0000-{number:04}\")))&{page}"
        )
    };
    let asked = std::mem::take(&mut *asked.lock().expect("no panic"));
    assert_eq!(asked, [page.to_owned(), behind(2), behind(5), behind(8)]);
}
