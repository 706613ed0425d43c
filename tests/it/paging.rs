//! Connections: pages forwards and backwards, counts, cursors, orders and filters, alone and below many parents.

use crate::{
    fake::{fake, list},
    support::{Kit, MODES, kit, kit_of},
};
use accounts_graph::entity::member;
use accounts_graph_sandbox::{Generation, Quirks};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

type Row = Map<String, Value>;
/// What a filter means, said about a row.
type Reading<'a> = Box<dyn Fn(&Row) -> bool + 'a>;

fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The rows of a collection that lists show, by id.
fn rows(kit: &Kit, collection: &str) -> Vec<Row> {
    let mut rows = kit.listed(collection);
    rows.sort_by(|one, other| text(one, "id").cmp(text(other, "id")));
    rows
}

/// The ids of the rows of a collection that are so, by id.
fn ids_of(kit: &Kit, collection: &str, is_so: impl Fn(&Row) -> bool) -> Vec<String> {
    rows(kit, collection).iter().filter(|row| is_so(row)).map(|row| text(row, "id").to_owned()).collect()
}

fn ids(nodes: &Value) -> Vec<String> {
    let nodes = nodes.as_array().unwrap_or_else(|| panic!("no list: {nodes}"));
    nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
}

/// The ids of all users that a filter finds; a filter must find some, but not all.
async fn found(kit: &Kit, root: &str, filter: &str) -> Vec<String> {
    let data = kit.data(&format!("{{ {root}(first: 100, filter: {filter}) {{ totalCount nodes {{ id }} }} }}")).await;
    let found = ids(&data[root]["nodes"]);
    assert_eq!(data[root]["totalCount"], found.len(), "{filter}");
    found
}

// ---- walks ----

#[tokio::test]
async fn a_walk_forwards_visits_every_row_once() {
    let kit = kit().await;
    for (root, collection) in
        [("users", "users"), ("groups", "user-groups"), ("modules", "modules"), ("licensees", "licensees")]
    {
        assert_eq!(walk(&kit, root, "").await, ids_of(&kit, collection, |_| true), "{root}");
    }
}

/// What a walk of sevens over a root list visits; further arguments begin with a comma.
async fn walk(kit: &Kit, root: &str, arguments: &str) -> Vec<String> {
    let (mut seen, mut after) = (vec![], String::new());
    loop {
        let data = kit.data(&format!("{{ {root}(first: 7{arguments}{after}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}")).await;
        let page = &data[root];
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !seen.is_empty());
        seen.extend(ids(&page["nodes"]));
        if page["pageInfo"]["hasNextPage"] == false {
            return seen;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
}

/// The id of a membership in the graph, made from its account and user.
fn member_id(row: &Row) -> String {
    member::id(text(row, "account"), text(row, "user")).expect("an account and a user")
}

/// The ids of the memberships that are so, by account and user.
fn members_of(kit: &Kit, is_so: impl Fn(&Row) -> bool) -> Vec<String> {
    let mut members: Vec<Row> = kit.listed("account-users").into_iter().filter(is_so).collect();
    members.sort_by_key(|row| (text(row, "account").to_owned(), text(row, "user").to_owned()));
    members.iter().map(member_id).collect()
}

#[tokio::test]
async fn a_walk_over_memberships_visits_every_one_once() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        if [Generation::September2025, Generation::All].contains(&mode.0) {
            // Only the flat collection has those of all accounts.
            assert_eq!(walk(&kit, "accountUsers", "").await, members_of(&kit, |_| true), "{mode:?}");
        }
        let accounts = ["ACC-0000-0001", "ACC-0000-0002", "ACC-1671-0642"];
        for some in [&accounts[2..], &accounts[..]] {
            let expected = members_of(&kit, |row| some.contains(&text(row, "account")));
            assert!(expected.len() > 14);
            let filter = format!(", filter: {{ account: {{ id: {{ in: {} }} }} }}", json!(some));
            assert_eq!(walk(&kit, "accountUsers", &filter).await, expected, "{mode:?}");
        }
    }
}

#[tokio::test]
async fn a_walk_over_the_members_of_an_account_visits_every_one_once_in_both_directions() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let expected = members_of(&kit, |row| text(row, "account") == "ACC-1671-0642");
        let users: Vec<String> = expected.iter().map(|id| id.replace("MEM-1671-0642.", "USR-")).collect();
        for (field, expected) in [("accountUsers", expected), ("users", users)] {
            for (size, mark, end, more) in
                [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
            {
                let (mut seen, mut from): (Vec<String>, _) = (vec![], String::new());
                loop {
                    let query = format!(
                        "{{ account(id: \"ACC-1671-0642\") {{ {field}({size}: 7{from}) {{ totalCount nodes {{ id }} pageInfo {{ {more} {end} }} }} }} }}"
                    );
                    let page = kit.data(&query).await["account"][field].take();
                    assert_eq!(page["totalCount"], expected.len(), "{mode:?}: {field}");
                    let place = if size == "first" { seen.len() } else { 0 };
                    seen.splice(place..place, ids(&page["nodes"]));
                    if page["pageInfo"][more] == false {
                        break;
                    }
                    from = format!(", {mark}: {}", page["pageInfo"][end]);
                }
                assert_eq!(seen, expected, "{mode:?}: {field} by {size}");
            }
        }
    }
}

#[tokio::test]
async fn a_walk_backwards_visits_every_row_once() {
    let kit = kit().await;
    let (mut seen, mut before): (Vec<String>, _) = (vec![], String::new());
    loop {
        let data = kit.data(&format!("{{ users(last: 7{before}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor }} }} }}")).await;
        let page = &data["users"];
        assert_eq!(page["pageInfo"]["hasNextPage"], !seen.is_empty());
        seen.splice(0..0, ids(&page["nodes"]));
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        before = format!(", before: {}", page["pageInfo"]["startCursor"]);
    }
    assert_eq!(seen, ids_of(&kit, "users", |_| true));
}

#[tokio::test]
async fn numbered_pages_visit_every_row_once() {
    let kit = kit().await;
    let all = ids_of(&kit, "users", |_| true);
    let mut seen = vec![];
    for offset in (0..all.len()).step_by(30) {
        seen.extend(ids(&kit.data(&format!("{{ users(first: 30, offset: {offset}) {{ nodes {{ id }} }} }}")).await["users"]["nodes"]));
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn a_page_is_what_lies_between_its_arguments() {
    let kit = kit().await;
    let all = ids_of(&kit, "users", |_| true);
    let data = kit.data("{ users(first: 100) { edges { cursor node { id } } } }").await;
    let edges = data["users"]["edges"].as_array().expect("edges").clone();
    let cursor = |place: usize| edges[place]["cursor"].to_string();
    let total = all.len();
    for (arguments, expected) in [
        (String::new(), 0..20),
        ("first: 0".into(), 0..0),
        ("last: 0".into(), total..total),
        (format!("after: {}", cursor(9)), 10..30),
        (format!("first: 5, after: {}", cursor(9)), 10..15),
        (format!("last: 5, after: {}", cursor(total - 3)), total - 2..total),
        (format!("before: {}", cursor(4)), 0..4),
        (format!("first: 3, before: {}", cursor(4)), 0..3),
        (format!("last: 3, before: {}", cursor(4)), 1..4),
        (format!("after: {}, before: {}", cursor(2), cursor(6)), 3..6),
        (format!("first: 2, after: {}, before: {}", cursor(2), cursor(6)), 3..5),
        (format!("last: 2, after: {}, before: {}", cursor(2), cursor(6)), 4..6),
        (format!("last: 9, after: {}, before: {}", cursor(2), cursor(6)), 3..6),
        (format!("after: {}, before: {}", cursor(6), cursor(2)), 7..7),
        (format!("after: {}", cursor(total - 1)), total..total),
        (format!("first: 5, offset: {}", total - 2), total - 2..total),
        ("first: 5, offset: 100000".into(), total..total),
    ] {
        let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
        let data = kit.data(&format!("{{ users{arguments} {{ edges {{ cursor node {{ id }} }} totalCount pageInfo {{ startCursor endCursor }} }} }}")).await;
        let page = &data["users"];
        let nodes: Vec<&Value> = page["edges"].as_array().expect("edges").iter().collect();
        assert_eq!(nodes, edges[expected.clone()].iter().collect::<Vec<_>>(), "{arguments}");
        assert_eq!(page["totalCount"], total, "{arguments}");
        let ends = edges[expected].first().zip(nodes.last()).map(|(first, last)| (&first["cursor"], &last["cursor"]));
        let (start, end) = ends.unwrap_or((&Value::Null, &Value::Null));
        assert_eq!((&page["pageInfo"]["startCursor"], &page["pageInfo"]["endCursor"]), (start, end), "{arguments}");
    }
}

#[tokio::test]
async fn page_info_tells_whether_more_lies_on_either_side() {
    let kit = kit().await;
    let total = rows(&kit, "users").len();
    for (arguments, next, previous) in [
        ("first: 1".to_owned(), true, false),
        ("first: 100".to_owned(), total > 100, false),
        ("last: 1".to_owned(), false, true),
        ("first: 1, offset: 1".to_owned(), true, true),
        (format!("first: 5, offset: {}", total - 1), false, true),
        (format!("first: 5, offset: {}", total - 5), false, true),
        ("first: 0".to_owned(), true, false),
    ] {
        let data =
            kit.data(&format!("{{ users({arguments}) {{ pageInfo {{ hasNextPage hasPreviousPage }} }} }}")).await;
        assert_eq!(
            data["users"]["pageInfo"],
            json!({ "hasNextPage": next, "hasPreviousPage": previous }),
            "{arguments}"
        );
    }
}

#[tokio::test]
async fn an_empty_collection_has_an_empty_page() {
    let kit = kit().await;
    let query = r#"{ users(filter: { name: { eq: "nobody at all" } }) { nodes { id } edges { cursor } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"#;
    assert_eq!(
        kit.data(query).await["users"],
        json!({ "nodes": [], "edges": [], "totalCount": 0,
            "pageInfo": { "hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null } })
    );
}

// ---- counts and requests ----

#[tokio::test]
async fn a_count_alone_is_one_request_for_one_row() {
    let kit = kit().await;
    let total = rows(&kit, "users").len();
    assert_eq!(kit.data("{ users { totalCount } }").await, json!({ "users": { "totalCount": total } }));
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id&order=id&limit=1"]);
}

#[tokio::test]
async fn a_count_beside_rows_costs_nothing() {
    let kit = kit().await;
    kit.data("{ users(first: 3) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }").await;
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id&order=id&limit=3"]);
}

#[tokio::test]
async fn a_page_from_the_end_is_one_request() {
    let kit = kit().await;
    kit.data("{ users(last: 3) { totalCount nodes { id } pageInfo { hasPreviousPage startCursor } } }").await;
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id&order=-id&limit=3"]);
}

#[tokio::test]
async fn equal_connections_are_asked_once() {
    let kit = kit().await;
    let data = kit
        .data("{ a: users(first: 2) { nodes { id } } b: users(first: 2, orderBy: []) { nodes { name } totalCount } }")
        .await;
    assert_eq!(ids(&data["a"]["nodes"]).len(), 2);
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,name&order=id&limit=2"]);
}

// ---- below parents ----

/// What each parent answers alone.
async fn one_by_one(kit: &Kit, parents: &[String], field: &str) -> Vec<Value> {
    let mut pages = vec![];
    for id in parents {
        let data = kit.data(&format!("{{ node(id: \"{id}\") {{ id {field} }} }}")).await;
        pages.push(data["node"].clone());
    }
    kit.requests();
    pages
}

#[tokio::test]
async fn pages_of_many_parents_are_those_of_each_parent() {
    let kit = kit().await;
    let clients: Vec<String> =
        ids_of(&kit, "accounts", |row| text(row, "type") == "Client").into_iter().take(5).collect();
    let page =
        "{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
    let cursor = kit
        .data(&format!("{{ account(id: \"{}\") {{ buyers(first: 2) {{ pageInfo {{ endCursor }} }} }} }}", clients[0]))
        .await["account"]["buyers"]["pageInfo"]["endCursor"]
        .clone();
    for arguments in [
        "first: 2".to_owned(),
        "first: 0".to_owned(),
        "last: 2".to_owned(),
        "first: 2, offset: 1".to_owned(),
        "first: 3, offset: 1000".to_owned(),
        format!("first: 2, after: {cursor}"),
        format!("last: 2, before: {cursor}"),
        format!("last: 3, after: {cursor}"),
        "first: 3, orderBy: [{ field: NAME, direction: DESC }]".to_owned(),
        "last: 3, orderBy: [{ field: STATUS }, { field: NAME }]".to_owned(),
        "first: 3, filter: { status: { eq: ACTIVE } }".to_owned(),
        "filter: { id: { in: [] } }".to_owned(),
    ] {
        let field = format!("... on Account {{ buyers({arguments}) {page} }}");
        let expected = one_by_one(&kit, &clients, &field).await;
        let data = kit.data(&format!("{{ nodes(ids: {}) {{ id {field} }} }}", json!(clients))).await;
        assert_eq!(data["nodes"], json!(expected), "{arguments}");
        let lines = kit.requests();
        let relations = lines.iter().filter(|line| line.contains("/accounts/buyers")).count();
        let expected = match arguments.as_str() {
            "filter: { id: { in: [] } }" => 0,
            // A cursor is a position in the list of one parent: each is asked for its page and for how many there are.
            arguments if arguments.contains(&cursor.to_string()) => 2 * clients.len(),
            _ => 1,
        };
        assert_eq!(relations, expected, "{lines:#?}");
    }
}

#[tokio::test]
async fn every_relation_pages_alike_for_one_and_for_many_parents() {
    let kit = kit().await;
    pages_alike(
        &kit,
        &[
            ("accounts", "Account", &["buyers", "licensees", "apiTokens", "cloudTenants"]),
            ("modules", "Module", &["groups"]),
            ("buyers", "Buyer", &["groups", "licensees", "erpLinks"]),
            ("sellers", "Seller", &["buyers", "licensees", "erpLinks"]),
        ],
        "first: 2",
    )
    .await;
}

#[tokio::test]
async fn members_page_alike_for_one_and_for_many_parents() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        for arguments in ["first: 2", "first: 0", "last: 2", "first: 2, offset: 1"] {
            let relations: [(&str, &str, &[&str]); 2] =
                [("accounts", "Account", &["users", "accountUsers"]), ("user-groups", "Group", &["accountUsers"])];
            pages_alike(&kit, &relations, arguments).await;
        }
    }
}

/// Each relation of several parents is what it is of each alone.
async fn pages_alike(kit: &Kit, relations: &[(&str, &str, &[&str])], arguments: &str) {
    let page = format!("({arguments}) {{ totalCount nodes {{ __typename id }} pageInfo {{ hasNextPage endCursor }} }}");
    for (collection, ty, fields) in relations {
        let parents: Vec<String> = ids_of(kit, collection, |_| true).into_iter().take(4).collect();
        for field in *fields {
            let field = format!("... on {ty} {{ {field}{page} }}");
            let expected = one_by_one(kit, &parents, &field).await;
            let data = kit.data(&format!("{{ nodes(ids: {}) {{ id {field} }} }}", json!(parents))).await;
            assert_eq!(data["nodes"], json!(expected), "{field}");
        }
    }
}

/// The requests for the first buyer of each of two accounts, where both together have so many.
async fn requests_for_first_of_two(total: usize) -> Vec<String> {
    let fake = fake(move |line| {
        if line.starts_with("/accounts?") {
            return (200, list(&json!([{ "id": "ACC-1" }, { "id": "ACC-2" }])));
        }
        let (offset, limit) = (number(line, "offset="), number(line, "limit="));
        let of = if line.contains("(\"ACC-1\"))") { 0..total / 2 } else if line.contains("(\"ACC-2\"))") { total / 2..total } else { 0..total };
        let rows: Vec<Value> = of.clone().skip(offset).take(limit)
            .map(|n| json!({ "id": format!("BUY-{n}"), "account": { "id": if n < total / 2 { "ACC-1" } else { "ACC-2" } } })).collect();
        let pagination = json!({ "offset": offset, "limit": limit, "total": of.len() });
        (200, json!({ "$meta": { "pagination": pagination }, "data": rows }).to_string())
    })
    .await;
    let answer = fake.query("{ accounts { nodes { buyers(first: 1) { totalCount nodes { id } } } } }").await;
    let page =
        |first: usize| json!({ "buyers": { "totalCount": total / 2, "nodes": [{ "id": format!("BUY-{first}") }] } });
    assert_eq!(answer, json!({ "data": { "accounts": { "nodes": [page(0), page(total / 2)] } } }));
    let mut lines = fake.requests();
    lines.retain(|line| line.starts_with("/buyers"));
    lines.sort();
    lines
}

fn number(line: &str, name: &str) -> usize {
    line.split(name)
        .nth(1)
        .map_or(0, |rest| rest.split('&').next().and_then(|text| text.parse().ok()).expect("a number"))
}

#[tokio::test]
async fn pages_of_many_parents_are_cut_out_of_all_rows_while_that_takes_fewer_requests() {
    let all = "/buyers?in(account.id,(\"ACC-1\",\"ACC-2\"))&select=-*,id,account.id&order=id&limit=100";
    assert_eq!(requests_for_first_of_two(80).await, [all]);
    let further = [format!("{all}&offset=99"), format!("{all}&offset=198")];
    assert_eq!(requests_for_first_of_two(298).await, [all, &further[1], &further[0]]);
}

#[tokio::test]
async fn pages_of_many_parents_are_asked_one_by_one_where_that_takes_fewer_requests() {
    let of = |ids: &str, limit: usize| {
        format!("/buyers?in(account.id,({ids}))&select=-*,id,account.id&order=id&limit={limit}")
    };
    let expected = [of("\"ACC-1\"", 1), of("\"ACC-1\",\"ACC-2\"", 100), of("\"ACC-2\"", 1)];
    let mut expected: Vec<String> = expected.into();
    expected.sort();
    assert_eq!(requests_for_first_of_two(300).await, expected);
}

// ---- cursors ----

#[tokio::test]
async fn cursors_are_the_same_in_every_process() {
    let query = "{ users(first: 2) { edges { cursor } } filtered: users(first: 1, filter: { status: { eq: ACTIVE } }, orderBy: { field: NAME, direction: DESC }) { edges { cursor } }
        account(id: \"ACC-1671-0642\") { users(first: 1) { edges { cursor } } } }";
    let data = kit().await.data(query).await;
    assert_eq!(kit().await.data(query).await, data);
    // Clients keep them: a change of these is a change for them.
    assert_eq!(
        data["users"]["edges"],
        json!([{ "cursor": "AnI4G-m9BlnxAAAAAAABAA1VU1ItMDAwMC0wMDAx" }, { "cursor": "AnI4G-m9BlnxAAAAAAEBAA1VU1ItMDAwMC0wMDAy" }])
    );
}

// ---- orders ----

#[tokio::test]
async fn an_order_has_several_fields_and_ends_in_the_id() {
    let kit = kit().await;
    let mut expected = rows(&kit, "users");
    expected.sort_by(|one, other| {
        text(other, "status").cmp(text(one, "status")).then(text(one, "name").cmp(text(other, "name")))
    });
    let expected: Vec<String> = expected.iter().map(|row| text(row, "id").to_owned()).collect();
    let order = "orderBy: [{ field: STATUS, direction: DESC }, { field: NAME }]";
    assert_eq!(
        ids(&kit.data(&format!("{{ users(first: 100, {order}) {{ nodes {{ id }} }} }}")).await["users"]["nodes"]),
        expected
    );
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,name,status&order=-status,name,id&limit=100"]);
    assert_eq!(
        ids(&kit.data(&format!("{{ users(last: 3, {order}) {{ nodes {{ id }} }} }}")).await["users"]["nodes"]),
        expected[expected.len() - 3..]
    );
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,name,status&order=status,-name,-id&limit=3"]);
}

#[tokio::test]
async fn an_order_by_history_selects_the_history() {
    let kit = kit().await;
    let data = kit.data("{ users(first: 100, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { id audit { created { at } } } } }").await;
    let dates: Vec<&str> = data["users"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["audit"]["created"]["at"].as_str().expect("a date"))
        .collect();
    assert!(dates.len() > 10 && dates.is_sorted_by(|one, other| one >= other));
    kit.requests();
    let bare =
        kit.data("{ users(first: 100, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { id } } }").await;
    assert_eq!(ids(&bare["users"]["nodes"]), ids(&data["users"]["nodes"]));
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,audit&order=-audit.created.at,id&limit=100"]);
}

#[tokio::test]
async fn an_order_goes_through_references_and_value_objects() {
    let kit = kit().await;
    let data = kit.data("{ groups(first: 100, orderBy: [{ field: ACCOUNT_NAME }, { field: NAME, direction: DESC }]) { nodes { name account { name } } }
        accounts(first: 100, orderBy: { field: ADDRESS_CITY }) { nodes { address { city } } } }").await;
    let keys: Vec<(String, std::cmp::Reverse<String>)> = data["groups"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| {
            (
                node["account"]["name"].as_str().expect("a name").to_owned(),
                std::cmp::Reverse(node["name"].as_str().expect("a name").to_owned()),
            )
        })
        .collect();
    assert!(keys.len() > 10 && keys.is_sorted());
    let cities: Vec<&str> = data["accounts"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["address"]["city"].as_str().unwrap_or_default())
        .collect();
    assert!(cities.len() > 3 && cities.is_sorted());
}

// ---- filters ----

#[tokio::test]
async fn filters_find_what_a_plain_reading_of_the_rows_finds() {
    let kit = kit().await;
    let cases: Vec<(&str, Reading<'_>)> = vec![
        ("{ status: { eq: ACTIVE } }", Box::new(|row| text(row, "status") == "Active")),
        ("{ status: { ne: ACTIVE } }", Box::new(|row| text(row, "status") != "Active")),
        ("{ status: { in: [NEW, BLOCKED] } }", Box::new(|row| ["New", "Blocked"].contains(&text(row, "status")))),
        ("{ status: { notIn: [ACTIVE] } }", Box::new(|row| text(row, "status") != "Active")),
        ("{ status: { eq: INVITATION_EXPIRED } }", Box::new(|row| text(row, "status") == "InvitationExpired")),
        ("{ name: { startsWith: \"W\" } }", Box::new(|row| text(row, "name").to_lowercase().starts_with('w'))),
        ("{ name: { contains: \"AN\" } }", Box::new(|row| text(row, "name").to_lowercase().contains("an"))),
        ("{ name: { notEndsWith: \"SON\" } }", Box::new(|row| !text(row, "name").to_lowercase().ends_with("son"))),
        ("{ revision: { gt: 20 } }", Box::new(|row| row["revision"].as_i64() > Some(20))),
        (
            "{ revision: { ge: 5, lt: 10 } }",
            Box::new(|row| (5..10).contains(&row["revision"].as_i64().unwrap_or_default())),
        ),
        ("{ lastLoginAt: { isNull: true } }", Box::new(|row| !row.contains_key("lastLoginAt"))),
        ("{ lastLoginAt: { isNull: false } }", Box::new(|row| row.contains_key("lastLoginAt"))),
        (
            "{ lastLoginAt: { gt: \"2026-07-01T00:00:00Z\" } }",
            Box::new(|row| text(row, "lastLoginAt") > "2026-07-01T00:00:00.000Z"),
        ),
        ("{ settings: { cultureCode: { eq: \"en-US\" } } }", Box::new(|row| row["settings"]["cultureCode"] == "en-US")),
        (
            "{ currentAccount: { id: { eq: \"ACC-1671-0642\" } } }",
            Box::new(|row| text(row, "currentAccount") == "ACC-1671-0642"),
        ),
        ("{ not: { status: { eq: ACTIVE } } }", Box::new(|row| text(row, "status") != "Active")),
        (
            "{ and: [{ status: { eq: ACTIVE } }, { revision: { gt: 20 } }] }",
            Box::new(|row| text(row, "status") == "Active" && row["revision"].as_i64() > Some(20)),
        ),
        (
            "{ status: { eq: ACTIVE }, revision: { gt: 20 } }",
            Box::new(|row| text(row, "status") == "Active" && row["revision"].as_i64() > Some(20)),
        ),
        (
            "{ or: [{ status: { eq: NEW } }, { revision: { eq: 1 } }] }",
            Box::new(|row| text(row, "status") == "New" || row["revision"].as_i64() == Some(1)),
        ),
        (
            "{ not: { or: [{ status: { eq: ACTIVE } }, { not: { revision: { le: 10 } } }] } }",
            Box::new(|row| text(row, "status") != "Active" && row["revision"].as_i64() <= Some(10)),
        ),
    ];
    for (filter, reading) in cases {
        // Whoever asks about the status finds the deleted ones as well.
        let deleted = |row: &Row| text(row, "status") == "Deleted" && filter.contains("status");
        let all = kit.sandbox.world().rows("users").into_iter();
        let shown = all.filter(|row| text(row, "status") != "Deleted" || deleted(row));
        let mut expected: Vec<String> =
            shown.filter(|row| reading(row)).map(|row| text(&row, "id").to_owned()).collect();
        expected.sort();
        assert!(!expected.is_empty(), "{filter}");
        assert_eq!(found(&kit, "users", filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_go_through_references_and_collections() {
    for mode in MODES {
        filters_through_references(&kit_of(mode, Quirks::default()).await).await;
    }
}

async fn filters_through_references(kit: &Kit) {
    let accounts = rows(kit, "accounts");
    let of_type = |ty: &'static str| -> BTreeSet<String> {
        accounts.iter().filter(|row| text(row, "type") == ty).map(|row| text(row, "id").to_owned()).collect()
    };
    let clients = of_type("Client");
    let expected = ids_of(kit, "user-groups", |row| clients.contains(text(row, "account")));
    assert_eq!(found(kit, "groups", "{ account: { type: { eq: CLIENT } } }").await, expected);

    let many = |row: &Row, field: &str| -> BTreeSet<String> {
        row.get(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let default: BTreeSet<String> =
        ids_of(kit, "user-groups", |row| row["isDefault"] == json!(true)).into_iter().collect();
    let cases: Vec<(&str, Reading<'_>)> = vec![
        (
            "{ groups: { any: { isDefault: { eq: true } } } }",
            Box::new(|row| many(row, "groups").iter().any(|id| default.contains(id))),
        ),
        (
            "{ groups: { all: { isDefault: { eq: true } } } }",
            Box::new(|row| many(row, "groups").iter().all(|id| default.contains(id))),
        ),
        (
            "{ groups: { none: { isDefault: { eq: true } } } }",
            Box::new(|row| !many(row, "groups").iter().any(|id| default.contains(id))),
        ),
        (
            "{ groups: { any: { id: { in: [\"UGR-5116-6265\", \"UGR-5410-1967\"] } } } }",
            Box::new(|row| {
                many(row, "groups").iter().any(|id| ["UGR-5116-6265", "UGR-5410-1967"].contains(&id.as_str()))
            }),
        ),
        (
            "{ and: [{ groups: { any: { id: { eq: \"UGR-5116-6265\" } } } }, { not: { user: { status: { eq: ACTIVE } } } }] }",
            Box::new(|row| {
                let user =
                    kit.sandbox.world().rows("users").into_iter().find(|user| text(user, "id") == text(row, "user"));
                many(row, "groups").contains("UGR-5116-6265")
                    && user.is_some_and(|user| text(&user, "status") != "Active")
            }),
        ),
    ];
    for (filter, reading) in cases {
        let expected = members_of(kit, |row| text(row, "account") == "ACC-1671-0642" && reading(row));
        let filter = format!("{{ and: [{filter}, {{ account: {{ id: {{ eq: \"ACC-1671-0642\" }} }} }}] }}");
        assert_eq!(found(kit, "accountUsers", &filter).await, expected, "{filter}");
    }
    for (filter, empty) in [
        ("{ buyers: { isEmpty: true } }", true),
        ("{ buyers: { isEmpty: false } }", false),
        ("{ not: { buyers: { isEmpty: false } } }", true),
    ] {
        let expected = ids_of(kit, "user-groups", |row| many(row, "buyers").is_empty() == empty);
        let total =
            kit.data(&format!("{{ groups(filter: {filter}) {{ totalCount }} }}")).await["groups"]["totalCount"].clone();
        assert_eq!(total, expected.len(), "{filter}");
    }
}

#[tokio::test]
async fn a_filter_of_a_nested_connection_holds_for_its_own_rows() {
    for (mode, expected) in MODES.into_iter().zip([
        "GET /accounts/accounts/ACC-1671-0642/users?ilike(name,\"*smith\")&select=-*,id,name,account.id&order=-name,id&limit=100",
        "GET /accounts/account-users?and(in(account.id,(\"ACC-1671-0642\")),ilike(user.name,\"*smith\"))&select=-*,id,user.id,user.name,account.id&order=-user.name,user.id,account.id&limit=100",
        "GET /accounts/ACC-1671-0642/users?ilike(user.name,\"*smith\")&select=-*,id,user.id,user.name,account.id&order=-user.name,user.id&limit=100",
        "GET /accounts/account-users?and(in(account.id,(\"ACC-1671-0642\")),ilike(user.name,\"*smith\"))&select=-*,id,user.id,user.name,account.id&order=-user.name,user.id,account.id&limit=100",
    ]) {
        let kit = kit_of(mode, Quirks::default()).await;
        filtered_below(&kit).await;
        let mut expected = [expected, "GET /accounts/accounts/ACC-1671-0642?select=-*,id"];
        expected.sort_unstable();
        assert_eq!(kit.requests(), expected, "{mode:?}");
    }
}

/// Asks for the members of an account whose name ends in Smith, by name.
async fn filtered_below(kit: &Kit) {
    let query = r#"{ account(id: "ACC-1671-0642") { users(first: 100, filter: { name: { endsWith: "smith" } }, orderBy: { field: NAME, direction: DESC }) { totalCount nodes { id name } } } }"#;
    let members: BTreeSet<String> = rows(kit, "account-users")
        .iter()
        .filter(|row| text(row, "account") == "ACC-1671-0642")
        .map(|row| text(row, "user").to_owned())
        .collect();
    let mut expected: Vec<Row> = rows(kit, "users");
    expected.retain(|row| members.contains(text(row, "id")) && text(row, "name").to_lowercase().ends_with("smith"));
    expected.sort_by(|one, other| text(other, "name").cmp(text(one, "name")));
    let expected: Vec<Value> = expected.iter().map(|row| json!({ "id": row["id"], "name": row["name"] })).collect();
    assert!(expected.len() >= 2);
    assert_eq!(kit.data(query).await["account"]["users"], json!({ "totalCount": expected.len(), "nodes": expected }));
}
