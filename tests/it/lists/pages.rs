//! Pages of a caller, where nobody says how many rows there are.

use super::{
    failed,
    host::{Paging, SILENT, Total, USUAL, buyers, buyers_of, host},
    nodes, uncounted,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_page_is_answered_without_asking_how_many_there_are() {
    let host = buyers(SILENT, 5).await;
    let query = "{ buyers(first: 2) { nodes { id } } }";
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": { "nodes": nodes(0..2) } } }));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    let query = "{ buyers(first: 2) { totalCount nodes { id } } }";
    assert_eq!(host.query(query).await, uncounted(&json!({ "totalCount": null, "nodes": nodes(0..2) }), query));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    let query = "{ buyers { totalCount } }";
    assert_eq!(host.query(query).await, uncounted(&json!({ "totalCount": null }), query));
    assert_eq!(host.pages("buyers"), [(0, 1)]);
}

#[tokio::test]
async fn a_page_that_the_list_ends_on_tells_how_many_there_are() {
    let host = buyers(SILENT, 5).await;
    for (arguments, rows, page) in
        [("first: 8", 0..5, (0, 8)), ("first: 3, offset: 3", 3..5, (3, 3)), ("last: 8", 0..5, (0, 8))]
    {
        let query = format!("{{ buyers({arguments}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
        let page_info = json!({ "hasNextPage": false });
        let buyers = json!({ "totalCount": 5, "nodes": nodes(rows), "pageInfo": page_info });
        assert_eq!(host.query(&query).await, json!({ "data": { "buyers": buyers } }));
        assert_eq!(host.pages("buyers"), [page]);
    }
}

#[tokio::test]
async fn whether_there_is_a_next_page_takes_one_row_more_where_it_is_asked() {
    let host = buyers(SILENT, 5).await;
    for (arguments, rows, next, pages) in [
        ("first: 2", 0..2, true, &[(0, 2), (1, 2)][..]),
        ("first: 5", 0..5, false, &[(0, 5), (4, 2)]),
        ("first: 2, offset: 3", 3..5, false, &[(3, 2), (4, 2)]),
        // The page is empty, and the same row is asked for.
        ("first: 0", 0..0, true, &[(0, 1)]),
    ] {
        let query = format!("{{ buyers({arguments}) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }}");
        let buyers = json!({ "nodes": nodes(rows), "pageInfo": { "hasNextPage": next } });
        assert_eq!(host.query(&query).await, json!({ "data": { "buyers": buyers } }), "{arguments}");
        assert_eq!(host.pages("buyers"), pages, "{arguments}");
    }
    // What ends the list tells how many there are.
    let query = "{ buyers(first: 5) { totalCount nodes { id } pageInfo { hasNextPage } } }";
    let buyers = json!({ "totalCount": 5, "nodes": nodes(0..5), "pageInfo": { "hasNextPage": false } });
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": buyers } }));
}

#[tokio::test]
async fn where_a_page_lies_is_found_out_by_its_rows_where_they_are_not_selected() {
    let host = buyers(SILENT, 5).await;
    let cursors = host.query("{ buyers(first: 2) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
    host.requests();
    let query = "{ buyers(first: 2) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page_info = json!({ "hasNextPage": true, "hasPreviousPage": false,
        "startCursor": cursors[0]["cursor"], "endCursor": cursors[1]["cursor"] });
    assert_eq!(host.query(query).await, json!({ "data": { "buyers": { "pageInfo": page_info } } }));
    assert_eq!(host.pages("buyers"), [(0, 2), (1, 2)]);
}

#[tokio::test]
async fn behind_the_end_there_is_no_next_page_and_a_previous_one_if_there_is_anything() {
    for (count, previous) in [(5, true), (0, false)] {
        let host = buyers(SILENT, count).await;
        let query = "{ buyers(first: 2, offset: 9) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }";
        let page_info = json!({ "hasNextPage": false, "hasPreviousPage": previous });
        let buyers = json!({ "nodes": [], "pageInfo": page_info });
        assert_eq!(host.query(query).await, json!({ "data": { "buyers": buyers } }));
        assert_eq!(host.pages("buyers"), [(0, 1), (9, 2)]);
    }
}

#[tokio::test]
async fn pages_from_the_end_need_no_total() {
    let host = buyers(SILENT, 5).await;
    let answer = host.query("{ buyers(last: 2) { nodes { id } } }").await;
    assert_eq!(answer, json!({ "data": { "buyers": { "nodes": nodes(3..5) } } }));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    // A page before a cursor needs no place at all.
    let edges = host.query("{ buyers(first: 4) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
    host.requests();
    let query = format!("{{ buyers(last: 2, before: {}) {{ nodes {{ id }} }} }}", edges[3]["cursor"]);
    assert_eq!(host.query(&query).await, json!({ "data": { "buyers": { "nodes": nodes(1..3) } } }));
    assert_eq!(host.pages("buyers"), [(0, 2)]);
    // There were more when the cursor was made.
    for (count, rows) in [(2, 0..2), (0, 0..0)] {
        let fewer = buyers(SILENT, count).await;
        let query = format!("{{ buyers(last: 2, before: {}) {{ nodes {{ id }} }} }}", edges[3]["cursor"]);
        assert_eq!(fewer.query(&query).await, json!({ "data": { "buyers": { "nodes": nodes(rows) } } }));
        assert_eq!(fewer.pages("buyers"), [(0, 2)]);
    }
}

#[tokio::test]
async fn equal_pages_are_asked_once_whichever_of_them_asks_for_the_next_one() {
    let host = buyers(SILENT, 5).await;
    let query = "{ a: buyers(first: 2) { nodes { id } } b: buyers(first: 2) { pageInfo { hasNextPage } nodes { id } } c: buyers(first: 2) { nodes { id } } }";
    let plain = json!({ "nodes": nodes(0..2) });
    let placed = json!({ "pageInfo": { "hasNextPage": true }, "nodes": nodes(0..2) });
    assert_eq!(host.query(query).await, json!({ "data": { "a": plain, "b": placed, "c": plain } }));
    assert_eq!(host.pages("buyers"), [(0, 2), (1, 2)]);
}

#[tokio::test]
async fn a_total_of_0_beside_rows_is_none_from_then_on() {
    let host = buyers(Paging { total: Total::Zero, ..USUAL }, 5).await;
    let query = "{ buyers(first: 2) { totalCount nodes { id } } }";
    assert_eq!(host.query(query).await, uncounted(&json!({ "totalCount": null, "nodes": nodes(0..2) }), query));
    let query = "{ buyers { totalCount } }";
    assert_eq!(host.query(query).await, uncounted(&json!({ "totalCount": null }), query));
}

#[tokio::test]
async fn a_total_of_0_is_believed_of_a_list_that_is_empty_and_of_no_other() {
    for count in [0, 5] {
        for selected in ["totalCount", "totalCount nodes { id }", "totalCount pageInfo { hasNextPage }"] {
            for arguments in ["", "(first: 0)", "(first: 3)"] {
                // Nothing was asked of the host before.
                let host = buyers(Paging { total: Total::Zero, ..USUAL }, count).await;
                let query = format!("{{ buyers{arguments} {{ {selected} }} }}");
                let answer = host.query(&query).await;
                let total = &answer["data"]["buyers"]["totalCount"];
                let whole = count == 0 || (selected != "totalCount" && arguments.is_empty());
                match answer["errors"].as_array().map(|errors| &errors[0]["path"]) {
                    None => assert!(whole && *total == json!(count), "{query}: {answer}"),
                    Some(path) => {
                        assert!(count > 0 && total.is_null() && *path == json!(["buyers", "totalCount"]), "{answer}");
                    }
                }
                if selected.contains("pageInfo") {
                    let next = count > 0 && !arguments.is_empty();
                    assert_eq!(answer["data"]["buyers"]["pageInfo"]["hasNextPage"], next, "{query}: {answer}");
                }
            }
        }
    }
    // Behind the end of a list a 0 says nothing either.
    let host = buyers(Paging { total: Total::Zero, ..USUAL }, 5).await;
    let query = "{ buyers(first: 2, offset: 9) { totalCount pageInfo { hasPreviousPage } } }";
    let page = json!({ "totalCount": null, "pageInfo": { "hasPreviousPage": true } });
    assert_eq!(host.query(query).await, uncounted(&page, query));
}

#[tokio::test]
async fn a_page_that_says_it_is_another_than_was_asked_for_is_refused() {
    let message = "The accounts API answered with another part of a list than was asked for.";
    for paging in [USUAL, SILENT] {
        let host = buyers(Paging { stuck: true, frank: true, ..paging }, 5).await;
        let query = "{ buyers(first: 2) { nodes { id } } }";
        assert_eq!(host.query(query).await, json!({ "data": { "buyers": { "nodes": nodes(0..2) } } }));
        let cursors = host.query("{ buyers(first: 2) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
        let after = format!("first: 2, after: {}", cursors[1]["cursor"]);
        for arguments in ["first: 2, offset: 2", "first: 2, offset: 9"] {
            let query = format!("{{ buyers({arguments}) {{ nodes {{ id }} }} }}");
            failed(message, &host.query(&query).await, "buyers");
        }
        // A page behind a cursor has no offset.
        let query = format!("{{ buyers({after}) {{ nodes {{ id }} }} }}");
        assert_eq!(host.query(&query).await, json!({ "data": { "buyers": { "nodes": nodes(2..4) } } }));
    }
}

#[tokio::test]
async fn a_host_that_ignores_the_condition_behind_a_cursor_is_noticed() {
    let message = "The accounts API answered with a row that was not asked for: it is not on this side of the cursor.";
    let fake = crate::fake::saying(crate::fake::list(&nodes(0..5))).await;
    let edges = fake.query("{ buyers(first: 5) { edges { cursor } } }").await["data"]["buyers"]["edges"].take();
    for arguments in
        [format!("first: 5, after: {}", edges[3]["cursor"]), format!("last: 5, before: {}", edges[0]["cursor"])]
    {
        let query = format!("{{ buyers({arguments}) {{ nodes {{ id }} }} }}");
        failed(message, &fake.query(&query).await, "buyers");
    }
}

#[tokio::test]
async fn a_page_need_not_say_where_it_is_but_not_anything_else() {
    let message = "The accounts API answered with another part of a list than was asked for.";
    for (stated, refused) in [
        (json!({ "total": 9 }), false),
        (json!({ "total": 9, "offset": null }), false),
        (json!({ "total": 9, "offset": 2 }), false),
        (json!({ "total": 9, "offset": 0 }), true),
        (json!({ "total": 9, "offset": 3 }), true),
        (json!({ "total": 9, "offset": "2" }), true),
        (json!({ "total": 9, "offset": -2 }), true),
        (json!({ "total": 0, "offset": 0 }), true),
    ] {
        let rows = nodes(2..4);
        let fake = crate::fake::saying(json!({ "$meta": { "pagination": stated }, "data": rows }).to_string()).await;
        let answer = fake.query("{ buyers(first: 2, offset: 2) { nodes { id } } }").await;
        if refused {
            failed(message, &answer, "buyers");
        } else {
            assert_eq!(answer, json!({ "data": { "buyers": { "nodes": rows } } }), "{stated}");
        }
    }
}

#[tokio::test]
async fn the_limit_that_a_page_states_counts_for_that_page() {
    // The host lowers its limit from page to page, and says so.
    let rows: Vec<Value> =
        (0..150).map(|n| json!({ "id": format!("UGR-{n:04}"), "account": { "id": "ACC-1" } })).collect();
    let fake = crate::fake::fake(move |line| {
        let offset = super::number(line, "&offset=").unwrap_or(0);
        let limit = match offset {
            0 => 100,
            99 => 30,
            _ => 10,
        };
        let body = if line.starts_with("/user-groups") {
            let data: Vec<&Value> = rows.iter().skip(offset).take(limit).collect();
            json!({ "$meta": { "pagination": { "offset": offset, "limit": limit } }, "data": data }).to_string()
        } else {
            crate::fake::list(&json!([{ "id": "BUY-1", "account": { "id": "ACC-1" } }]))
        };
        (200, body)
    })
    .await;
    let answer = fake.query("{ buyers { nodes { account { groups { totalCount nodes { id } } } } } }").await;
    let whole: Vec<Value> = (0..100).map(|n| json!({ "id": format!("UGR-{n:04}") })).collect();
    let nodes = json!([{ "account": { "groups": { "totalCount": 150, "nodes": whole } } }]);
    assert_eq!(answer, json!({ "data": { "buyers": { "nodes": nodes } } }));
    let pages = fake.requests().iter().filter(|line| line.starts_with("/user-groups")).count();
    assert_eq!(pages, 5);
}

// ---- pages of many parents, where nobody says how many there are ----

/// Asks for the first buyer of each of two accounts that have so many each.
async fn first_of_two(each: usize) -> (Value, Vec<(usize, usize)>) {
    let rows = [buyers_of("ACC-1", 0..each), buyers_of("ACC-2", each..2 * each)].concat();
    let accounts = vec![json!({ "id": "ACC-1" }), json!({ "id": "ACC-2" })];
    let host = host(SILENT, vec![("accounts", accounts), ("buyers", rows)]).await;
    let answer = host.query("{ accounts { nodes { buyers(first: 1) { totalCount nodes { id } } } } }").await;
    (answer, host.pages("buyers"))
}

#[tokio::test]
async fn all_rows_of_many_parents_are_read_while_that_takes_no_more_pages_than_there_are_parents() {
    for (each, pages) in
        [(40, &[(0, 100)][..]), (75, &[(0, 100), (99, 100)]), (125, &[(0, 100), (99, 100), (198, 100)])]
    {
        let (answer, asked) = first_of_two(each).await;
        let page = |first: usize| json!({ "buyers": { "totalCount": each, "nodes": nodes(first..=first) } });
        assert_eq!(answer, json!({ "data": { "accounts": { "nodes": [page(0), page(each)] } } }));
        assert_eq!(asked, pages);
    }
}

#[tokio::test]
async fn parents_are_asked_one_by_one_when_that_many_pages_were_not_all() {
    let (answer, asked) = first_of_two(200).await;
    let page = |first: usize| json!({ "buyers": { "totalCount": null, "nodes": nodes(first..=first) } });
    let error = |place: usize| {
        json!({ "message": "The accounts API does not say how many there are.",
        "locations": [{ "line": 1, "column": 41 }], "path": ["accounts", "nodes", place, "buyers", "totalCount"],
        "extensions": { "code": "UPSTREAM_INVALID" } })
    };
    let data = json!({ "accounts": { "nodes": [page(0), page(200)] } });
    assert_eq!(answer, json!({ "errors": [error(0), error(1)], "data": data }));
    assert_eq!(asked, [(0, 1), (0, 1), (0, 100), (99, 100), (198, 100)]);
}
