//! Rows that move from one page of a list to another while an operation reads it: the pages are joined at a row that both
//! have, or the list is an error. It is never short.

use super::host::{Host, Mover, Paging, SILENT, Total, USUAL, buyers_of, host};
use serde_json::{Value, json};

/// How many rows the list has that moves: two pages of a host that gives 50 rows at a time.
const COUNT: usize = 70;

/// A list that moves: where its rows are, a document that reads it, and the path of its elements.
struct List {
    path: &'static str,
    rows: Vec<Value>,
    document: &'static str,
    at: &'static [&'static str],
    /// The path of the error when it moves for ever.
    failed: Value,
    /// Requests for its pages that each reading takes.
    pages: usize,
}

fn groups_of(account: &str) -> Vec<Value> {
    let row = |n: usize| json!({ "id": format!("UGR-{n:04}"), "name": "G", "account": { "id": account } });
    (0..COUNT).map(row).collect()
}

fn members() -> Vec<Value> {
    let row = |n: usize| {
        json!({ "id": format!("USR-{n:04}"), "name": "U", "email": "u@example.com", "invitation": { "status": "Active" },
            "groups": [{ "id": "UGR-1" }], "account": { "id": "ACC-1" } })
    };
    (0..COUNT).map(row).collect()
}

fn lists() -> Vec<List> {
    let nodes = |field: &str| json!([field]);
    vec![
        List {
            path: "buyers",
            rows: buyers_of("ACC-1", 0..COUNT),
            document: "{ buyers(first: 100) { nodes { id } } }",
            at: &["buyers", "nodes"],
            failed: nodes("buyers"),
            pages: 2,
        },
        List {
            path: "user-groups",
            rows: groups_of("ACC-1"),
            document: "{ licensees(first: 1) { nodes { account { groups { nodes { id } } } } } }",
            at: &["licensees", "nodes", "0", "account", "groups", "nodes"],
            failed: json!(["licensees", "nodes", 0, "account", "groups"]),
            pages: 2,
        },
        // Below several parents, of which one has all rows.
        List {
            path: "buyers",
            rows: buyers_of("ACC-1", 0..COUNT),
            document: "{ accounts(first: 1) { nodes { buyers(first: 100) { nodes { id } } } } other: accounts(first: 2) { nodes { buyers(first: 100) { nodes { id } } } } }",
            at: &["accounts", "nodes", "0", "buyers", "nodes"],
            failed: json!(["accounts", "nodes", 0, "buyers"]),
            pages: 2,
        },
        List {
            path: "accounts/ACC-1/users",
            rows: members(),
            document: r#"{ account(id: "ACC-1") { users(first: 100) { nodes { id } } } }"#,
            at: &["account", "users", "nodes"],
            failed: json!(["account", "users"]),
            pages: 2,
        },
        List {
            path: "accounts/ACC-1/users",
            rows: members(),
            document: r#"{ group(id: "UGR-1") { accountUsers(first: 100) { nodes { user { id } } } } }"#,
            at: &["group", "accountUsers", "nodes"],
            failed: json!(["group", "accountUsers"]),
            pages: 2,
        },
        // Put together from the lists of two accounts.
        List {
            path: "accounts/ACC-1/users",
            rows: members(),
            document: r#"{ accountUsers(filter: {account: {id: {in: ["ACC-1", "ACC-2"]}}}, first: 100) { nodes { user { id } } } }"#,
            at: &["accountUsers", "nodes"],
            failed: nodes("accountUsers"),
            pages: 2,
        },
        List {
            path: "users/USR-1/accounts",
            rows: (0..COUNT)
                .map(|n| json!({ "id": format!("ACC-{n:04}"), "name": "A", "invitation": { "status": "Active" } }))
                .collect(),
            document: r#"{ user(id: "USR-1") { accountUsers { nodes { account { id name } invitation { status } } } } }"#,
            at: &["user", "accountUsers", "nodes"],
            failed: json!(["user", "accountUsers"]),
            pages: 2,
        },
    ]
}

/// A host whose one list moves; the others have a row or none, so that they have no later page.
async fn moving(list: &List, paging: Paging) -> Host {
    let mut rows = vec![
        ("accounts", vec![json!({ "id": "ACC-1" }), json!({ "id": "ACC-2" })]),
        ("licensees", vec![json!({ "id": "LCE-1", "account": { "id": "ACC-1" } })]),
        ("users", vec![json!({ "id": "USR-1" })]),
        ("accounts/ACC-2/users", vec![]),
    ];
    if list.path != "user-groups" {
        rows.push(("user-groups", vec![json!({ "id": "UGR-1", "account": { "id": "ACC-1" } })]));
    }
    rows.push((list.path, list.rows.clone()));
    host(Paging { cap: 50, ..paging }, rows).await
}

fn elements<'a>(answer: &'a Value, at: &[&str]) -> &'a [Value] {
    let found = at.iter().fold(&answer["data"], |value, step| match step.parse::<usize>() {
        Ok(place) => &value[place],
        Err(_) => &value[*step],
    });
    found.as_array().map_or(&[], Vec::as_slice)
}

#[tokio::test]
async fn a_list_whose_rows_move_is_whole_in_every_place_of_the_graph() {
    for list in lists() {
        for (paging, moved_by) in
            [(USUAL, Mover::Gone), (USUAL, Mover::New), (SILENT, Mover::Gone), (SILENT, Mover::New)]
        {
            for moves in [1, 2] {
                let still = moving(&list, Paging { moves: 0, ..paging }).await.query(list.document).await;
                let host = moving(&list, Paging { moves, moved_by, ..paging }).await;
                let answer = host.query(list.document).await;
                let told = format!("{} {paging:?} {moved_by:?} {moves}: {answer}", list.document);
                assert_eq!(answer.get("errors"), None, "{told}");
                // Without a total nothing tells an insertion from a page that left rows out, so the list is read again.
                let again = paging.total == Total::Absent && moved_by == Mover::New;
                if again {
                    assert_eq!(elements(&answer, list.at).len(), COUNT + moves, "{told}");
                } else {
                    // What was read before it was deleted is there, and what was added before the first page is not.
                    assert_eq!(elements(&answer, list.at), elements(&still, list.at), "{told}");
                    assert_eq!(elements(&answer, list.at).len(), COUNT, "{told}");
                }
                if !list.document.contains("other") {
                    let path = format!("/{}?", list.path);
                    let asked = host.requests().iter().filter(|line| line.starts_with(&path)).count();
                    // Where a row is gone, the second page begins too late.
                    let between = usize::from(moved_by == Mover::Gone);
                    let expected = if again { list.pages * (moves + 1) } else { list.pages + between };
                    assert_eq!(asked, expected, "{told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_list_whose_pages_never_fit_is_an_error_after_three_readings() {
    for list in lists().into_iter().filter(|list| !list.document.contains("other")) {
        for paging in [USUAL, SILENT] {
            let host = moving(&list, Paging { moves: usize::MAX, moved_by: Mover::Others, ..paging }).await;
            let answer = host.query(list.document).await;
            let error = &answer["errors"][0];
            let message =
                "The accounts API answered with pages that do not follow each other, so the list may not be whole.";
            let told = format!("{} {paging:?}: {answer}", list.document);
            assert_eq!((&error["message"], &error["path"]), (&json!(message), &list.failed), "{told}");
            assert_eq!(error["extensions"]["code"], "UPSTREAM_INVALID", "{told}");
            assert!(elements(&answer, list.at).is_empty(), "{told}");
            let path = format!("/{}?", list.path);
            let asked = host.requests().iter().filter(|line| line.starts_with(&path)).count();
            // Each time it is looked for the rows before the second page as well.
            assert_eq!(asked, (list.pages + 1) * 3, "{told}");
        }
    }
}

#[tokio::test]
async fn whether_there_is_a_next_page_is_asked_beside_the_last_row() {
    // The list ends with the third row. Of these one is deleted before it is asked what comes behind the second.
    let host = host(Paging { moves: 1, ..SILENT }, vec![("buyers", buyers_of("ACC-1", 0..3))]).await;
    let answer = host.query("{ buyers(first: 2) { nodes { id } pageInfo { hasNextPage } } }").await;
    let nodes = json!([{ "id": "BUY-0001" }, { "id": "BUY-0002" }]);
    let buyers = json!({ "nodes": nodes, "pageInfo": { "hasNextPage": false } });
    assert_eq!(answer, json!({ "data": { "buyers": buyers } }));
    assert_eq!(host.pages("buyers"), [(0, 2), (0, 2), (1, 2), (1, 2)]);
}
