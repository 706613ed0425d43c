//! Lists as a whole.

use super::{
    Pages, failed,
    host::{Echo, Paging, SILENT, Total, USUAL, buyers, buyers_of, host},
    nodes, number,
};
use crate::support::limits;
use serde_json::{Value, json};

/// Asks for the groups of an account and how many there are, of which there are so many, below a buyer.
async fn all_groups(paging: Paging, count: usize) -> (Value, Vec<(usize, usize)>) {
    let groups = (0..count).map(|n| json!({ "id": format!("UGR-{n:04}"), "account": { "id": "ACC-1" } })).collect();
    let host = host(paging, vec![("buyers", buyers_of("ACC-1", 0..1)), ("user-groups", groups)]).await;
    let answer = host.query("{ buyers(first: 1) { nodes { account { groups { totalCount nodes { id } } } } } }").await;
    (answer, host.pages("user-groups"))
}

fn whole(count: usize) -> Value {
    let nodes: Value = (0..count.min(100)).map(|n| json!({ "id": format!("UGR-{n:04}") })).collect();
    let groups = json!({ "totalCount": count, "nodes": nodes });
    json!({ "data": { "buyers": { "nodes": [{ "account": { "groups": groups } }] } } })
}

#[tokio::test]
async fn a_list_is_whole_whatever_is_said_of_its_length_and_of_the_limit() {
    let (told, silent) = (USUAL, SILENT);
    let capped = Paging { cap: 50, ..USUAL };
    // Each page begins with the last row of the one before.
    let hundreds: Pages = &[(0, 100), (99, 100), (198, 100)];
    let fifties: Pages = &[(0, 100), (49, 50), (98, 50), (147, 50), (196, 50)];
    // What the limit is here shows with the second page.
    let learnt: Pages = &[(0, 100), (49, 100), (98, 50), (147, 50), (196, 50)];
    let blind_fifties: Pages = &[(0, 100), (49, 100), (98, 100), (147, 100), (196, 100)];
    let cases: [(Paging, Pages); 13] = [
        (told, hundreds),
        (Paging { cap: 1000, ..told }, hundreds),
        (Paging { echo: Echo::Asked, ..told }, hundreds),
        (Paging { echo: Echo::Absent, ..told }, hundreds),
        (Paging { meta_last: true, ..told }, hundreds),
        (capped, fifties),
        (Paging { echo: Echo::Asked, ..capped }, learnt),
        (Paging { echo: Echo::Absent, ..capped }, learnt),
        (silent, hundreds),
        (Paging { total: Total::Null, ..told }, hundreds),
        (Paging { total: Total::Zero, ..told }, hundreds),
        (Paging { cap: 50, ..silent }, blind_fifties),
        (Paging { echo: Echo::Absent, ..silent }, &[(0, 100), (99, 100), (198, 100), (202, 100)]),
    ];
    for (paging, pages) in cases {
        assert_eq!(all_groups(paging, 203).await, (whole(203), pages.to_vec()), "{paging:?}");
    }
}

#[tokio::test]
async fn a_list_that_ends_with_a_full_page_is_asked_once_more_where_nobody_says_that_it_ends() {
    let cases: [(Paging, usize, Pages); 8] = [
        (USUAL, 100, &[(0, 100)]),
        (USUAL, 199, &[(0, 100), (99, 100)]),
        (USUAL, 200, &[(0, 100), (99, 100), (198, 100)]),
        (SILENT, 100, &[(0, 100), (99, 100)]),
        (SILENT, 99, &[(0, 100)]),
        (SILENT, 0, &[(0, 100)]),
        (Paging { total: Total::Zero, ..USUAL }, 0, &[(0, 100)]),
        (Paging { echo: Echo::Absent, ..SILENT }, 1, &[(0, 100), (1, 100)]),
    ];
    for (paging, count, pages) in cases {
        assert_eq!(all_groups(paging, count).await, (whole(count), pages.to_vec()), "{count} of {paging:?}");
    }
}

#[tokio::test]
async fn requests_for_later_pages_differ_in_nothing_but_their_place() {
    let groups = (0..101).map(|n| json!({ "id": format!("UGR-{n:04}"), "account": { "id": "ACC-1" } })).collect();
    let host = host(USUAL, vec![("buyers", buyers_of("ACC-1", 0..1)), ("user-groups", groups)]).await;
    host.query("{ buyers(first: 1) { nodes { account { groups { nodes { name } } } } } }").await;
    let first = "/user-groups?in(account.id,(\"ACC-1\"))&select=-*,id,name,account.id&order=id&limit=100";
    let second = "/user-groups?in(account.id,(\"ACC-1\"))&select=-*,id,name,account.id&order=id&limit=100&offset=99";
    assert_eq!(host.requests(), ["/buyers?select=-*,id,account.id&order=id&limit=1", first, second]);
}

#[tokio::test]
async fn later_pages_are_asked_for_together_once_it_is_known_how_many_they_are() {
    // The host answers none of the six pages behind the first before all were asked for.
    let (answer, pages) = all_groups(Paging { together: 6, ..USUAL }, 650).await;
    assert_eq!(answer, whole(650));
    assert_eq!(pages.len(), 7);
}

#[tokio::test]
async fn later_pages_below_many_parents_are_asked_for_together() {
    let accounts: Vec<Value> = (1..=6).map(|n| json!({ "id": format!("ACC-{n}") })).collect();
    let rows = (1..=6).flat_map(|n| buyers_of(&format!("ACC-{n}"), n * 100..n * 100 + 75)).collect();
    let host = host(Paging { together: 4, ..USUAL }, vec![("accounts", accounts), ("buyers", rows)]).await;
    let answer = host.query("{ accounts { nodes { buyers(first: 2) { totalCount nodes { id } } } } }").await;
    let page = |n: usize| json!({ "buyers": { "totalCount": 75, "nodes": nodes(n * 100..n * 100 + 2) } });
    assert_eq!(answer, json!({ "data": { "accounts": { "nodes": (1..=6).map(page).collect::<Vec<_>>() } } }));
    assert_eq!(host.pages("buyers"), [(0, 100), (99, 100), (198, 100), (297, 100), (396, 100)]);
}

// ---- contradictions ----

#[tokio::test]
async fn pages_that_contradict_each_other_are_an_error_and_never_a_short_list() {
    let repeated = "The accounts API repeated a row of a list, so the list may not be whole.";
    let elsewhere = "The accounts API answered with another part of a list than was asked for.";
    let wrong = |total| Paging { total: Total::Wrong(total), ..USUAL };
    let cases = [
        (wrong(202), 203, "The accounts API counts 202 rows and answered with more.", 3),
        (wrong(99), 203, "The accounts API counts 99 rows and answered with more.", 1),
        (wrong(204), 203, "The accounts API counts 204 rows and answered with none after the first 203.", 4),
        (wrong(7), 0, "The accounts API counts 7 rows and answered with none after the first 0.", 1),
        (
            Paging { total: Total::Growing, ..USUAL },
            203,
            "The accounts API counts 204 rows and answered with none after the first 203.",
            4,
        ),
        (Paging { stuck: true, ..USUAL }, 199, repeated, 6),
        (Paging { stuck: true, ..SILENT }, 203, repeated, 6),
        // The first page is followed by the others at once, or by one.
        (Paging { stuck: true, frank: true, ..USUAL }, 199, elsewhere, 2),
        (Paging { stuck: true, frank: true, ..SILENT }, 203, elsewhere, 2),
    ];
    for (paging, count, message, most) in cases {
        let (answer, pages) = all_groups(paging, count).await;
        let error = json!({ "message": message, "locations": [{ "line": 1, "column": 40 }],
            "path": ["buyers", "nodes", 0, "account", "groups"], "extensions": { "code": "UPSTREAM_INVALID" } });
        let data = json!({ "buyers": { "nodes": [{ "account": { "groups": null } }] } });
        assert_eq!(answer, json!({ "errors": [error], "data": data }), "{paging:?}");
        assert!(pages.len() <= most, "{paging:?}: {pages:?}");
    }
}

#[tokio::test]
async fn a_page_of_a_caller_contradicts_its_total_as_well() {
    let host = buyers(Paging { total: Total::Wrong(2), ..USUAL }, 5).await;
    let answer = host.query("{ buyers(first: 3) { nodes { id } } }").await;
    failed("The accounts API counts 2 rows and answered with more.", &answer, "buyers");
    let host = buyers(Paging { total: Total::Wrong(9), ..USUAL }, 5).await;
    let answer = host.query("{ buyers(first: 8) { nodes { id } } }").await;
    failed("The accounts API counts 9 rows and answered with none after the first 5.", &answer, "buyers");
}

#[tokio::test]
async fn what_is_no_documented_list_is_refused() {
    let rows = r#"[{"id":"BUY-1"}]"#;
    for body in [
        rows.to_owned(),
        format!("{{\"data\":{rows}}}"),
        format!("{{\"$meta\":7,\"data\":{rows}}}"),
        format!("{{\"$meta\":{{}},\"items\":{rows}}}"),
        "{\"$meta\":{},\"data\":{\"id\":\"BUY-1\"}}".to_owned(),
        "{\"id\":\"BUY-1\"}".to_owned(),
    ] {
        let answer = crate::fake::saying(body).await.query("{ buyers { nodes { id } } }").await;
        failed("The accounts API answered with something that is not a list.", &answer, "buyers");
    }
    let body = format!("{{\"data\":{rows},\"$meta\":{{}}}}");
    let answer = crate::fake::saying(body).await.query("{ buyers(first: 1) { nodes { id } } }").await;
    assert_eq!(answer, json!({ "data": { "buyers": { "nodes": [{ "id": "BUY-1" }] } } }));
}

// ---- by ids ----

#[tokio::test]
async fn entities_by_id_are_all_found_and_no_page_is_asked_behind_them() {
    let ids: Vec<String> = (0..60).map(|n| format!("BUY-{n:04}")).collect();
    let query = format!("{{ nodes(ids: {}) {{ id }} }}", json!(ids));
    for (paging, pages) in [
        (USUAL, &[(0, 100)][..]),
        (SILENT, &[(0, 100)]),
        (Paging { echo: Echo::Absent, ..SILENT }, &[(0, 100)]),
        (Paging { cap: 50, ..USUAL }, &[(0, 100), (49, 50)]),
        (Paging { cap: 50, ..SILENT }, &[(0, 100), (49, 51)]),
        (Paging { cap: 50, echo: Echo::Absent, ..SILENT }, &[(0, 100), (49, 51)]),
    ] {
        let host = buyers(paging, 80).await;
        assert_eq!(host.query(&query).await, json!({ "data": { "nodes": nodes(0..60) } }), "{paging:?}");
        assert_eq!(host.pages("buyers"), pages, "{paging:?}");
    }
}

// ---- what is omitted ----

#[tokio::test]
async fn what_the_list_or_a_row_names_as_omitted_is_asked_for_and_nothing_else() {
    let (website, other) = (json!(["website", "groups"]), json!(["audit"]));
    // On the envelope, on the first row and on the second, and which of the rows are asked once more.
    let cases = [
        (Some(&website), None, None, &["ACC-1", "ACC-2"][..]),
        (Some(&website), Some(&other), None, &["ACC-1", "ACC-2"]),
        (Some(&website), Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (Some(&other), Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (None, Some(&website), Some(&website), &["ACC-1", "ACC-2"]),
        (None, Some(&website), Some(&other), &["ACC-1"]),
        (None, Some(&website), None, &["ACC-1"]),
        (Some(&other), None, Some(&website), &["ACC-2"]),
        (Some(&other), Some(&other), None, &[]),
        (None, None, None, &[]),
    ];
    for (envelope, first, second, asked) in cases {
        let row = |id: &str, omitted: Option<&Value>| {
            omitted.map_or(json!({ "id": id }), |names| json!({ "id": id, "$meta": { "omitted": names } }))
        };
        let mut list = json!({ "$meta": { "pagination": { "offset": 0, "limit": 100, "total": 2 } },
            "data": [row("ACC-1", first), row("ACC-2", second)] });
        if let Some(names) = envelope {
            list["$meta"]["omitted"] = names.clone();
        }
        let told = |id: &str| json!({ "id": id, "website": format!("https://{id}.example.com") });
        let fake = crate::fake::fake(move |line| {
            let body = match line {
                line if line.starts_with("/accounts?in(") => crate::fake::list(&json!([told("ACC-1"), told("ACC-2")])),
                line if line.starts_with("/accounts?") => list.to_string(),
                line => told(line.split(['/', '?']).nth(2).unwrap_or_default()).to_string(),
            };
            (200, body)
        })
        .await;
        let answer = fake.query("{ accounts(first: 2) { nodes { id website } } }").await;
        let site = |id: &str| asked.contains(&id).then(|| format!("https://{id}.example.com"));
        let node = |id: &str| json!({ "id": id, "website": site(id) });
        let accounts = json!({ "nodes": [node("ACC-1"), node("ACC-2")] });
        assert_eq!(answer, json!({ "data": { "accounts": accounts } }), "{envelope:?} {first:?} {second:?}");
        let mut lines = vec!["/accounts?select=-*,id,website&order=id&limit=2".to_owned()];
        match asked {
            [] => {}
            [only] => lines.push(format!("/accounts/{only}?select=-*,id,website")),
            _ => {
                lines.push("/accounts?in(id,(\"ACC-1\",\"ACC-2\"))&select=-*,id,website&order=id&limit=100".to_owned());
            }
        }
        assert_eq!(fake.requests(), lines, "{envelope:?} {first:?} {second:?}");
    }
}

// ---- bounds ----

#[tokio::test]
async fn an_endless_list_ends_with_the_budget_of_requests() {
    // Each page is full of rows that never came before.
    let endless = crate::fake::fake(|line| {
        let offset = number(line, "&offset=").unwrap_or(0);
        let rows: Vec<Value> = if line.starts_with("/buyers") {
            buyers_of("ACC-1", 0..1)
        } else {
            (offset..offset + 100)
                .map(|n| json!({ "id": format!("UGR-{n:07}"), "account": { "id": "ACC-1" } }))
                .collect()
        };
        (200, json!({ "$meta": { "pagination": { "limit": 100 } }, "data": rows }).to_string())
    })
    .await;
    let answer = endless.query("{ buyers(first: 1) { nodes { account { groups { nodes { id } } } } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "COST_EXCEEDED", "{answer}");
    assert_eq!(answer["data"]["buyers"]["nodes"][0]["account"]["groups"], Value::Null);
    let most = limits().entities.div_ceil(100).max(limits().upstream_requests);
    assert!(endless.requests().len() <= most);
}
