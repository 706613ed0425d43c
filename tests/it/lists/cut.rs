//! Connections that are cut out of lists which are read whole: pages without requests of their own.

use crate::support::{Kit, MODES, kit, kit_of};
use accounts_graph_sandbox::Quirks;
use serde_json::{Value, json};

const ACCOUNT: &str = "ACC-1671-0642";

/// The groups of the account with these arguments, where the account is read and brings them along.
async fn groups(kit: &Kit, arguments: &str) -> Value {
    let wanted = "totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let query = format!("{{ account(id: \"{ACCOUNT}\") {{ website groups{arguments} {{ {wanted} }} }} }}");
    kit.data(&query).await["account"]["groups"].take()
}

fn ids(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn pages_of_an_embedded_list_are_cut_out_of_it_without_a_request() {
    let kit = kit().await;
    let all = groups(&kit, "").await;
    let whole = kit.requests();
    assert_eq!(whole.len(), 1);
    let (every, total) = (ids(&all), ids(&all).len());
    assert!(total > 4 && every.is_sorted());
    assert_eq!(all["totalCount"], total);
    let cursor = |place: usize| all["edges"][place]["cursor"].as_str().expect("a cursor");
    let cases = [
        ("(first: 2)".to_owned(), 0..2),
        ("(first: 0)".to_owned(), 0..0),
        (format!("(first: 2, after: \"{}\")", cursor(1)), 2..4),
        (format!("(first: 2, before: \"{}\")", cursor(1)), 0..1),
        ("(last: 2)".to_owned(), total - 2..total),
        (format!("(last: 2, before: \"{}\")", cursor(3)), 1..3),
        (format!("(after: \"{}\", before: \"{}\")", cursor(0), cursor(3)), 1..3),
        ("(first: 2, offset: 1)".to_owned(), 1..3),
        ("(offset: 999)".to_owned(), total..total),
        ("(first: null, filter: null, orderBy: null)".to_owned(), 0..total),
    ];
    for (arguments, places) in cases {
        let page = groups(&kit, &arguments).await;
        assert_eq!(ids(&page), every[places.clone()], "{arguments}");
        assert_eq!(page["totalCount"], total, "{arguments}");
        let (start, end) = (places.start, places.end);
        let at = |place: Option<usize>| place.map_or(Value::Null, |place| all["edges"][place]["cursor"].clone());
        let some = start < end;
        let info = json!({ "hasNextPage": end < total, "hasPreviousPage": start > 0,
            "startCursor": at(some.then_some(start)), "endCursor": at(some.then(|| end - 1)) });
        assert_eq!(page["pageInfo"], info, "{arguments}");
        assert_eq!(kit.requests(), whole, "{arguments}");
    }
}

#[tokio::test]
async fn only_the_elements_on_the_page_are_walked() {
    let kit = kit().await;
    let query = |first: usize| {
        format!(
            "{{ account(id: \"{ACCOUNT}\") {{ groups(first: {first}) {{ nodes {{ account {{ website }} users {{ nodes {{ email }} }} }} }} }} }}"
        )
    };
    kit.data(&query(1)).await;
    let one: usize = kit.sandbox.requests().iter().filter_map(|request| request.rows).sum();
    kit.requests();
    kit.data(&query(100)).await;
    let all: usize = kit.sandbox.requests().iter().filter_map(|request| request.rows).sum();
    assert!(one < all, "{one} rows for one group, {all} for all");
}

#[tokio::test]
async fn two_pages_of_one_list_and_two_selections_of_its_nodes_are_told_apart() {
    let kit = kit().await;
    let query = format!(
        "{{ account(id: \"{ACCOUNT}\") {{ website a: groups(first: 1) {{ ...F }} b: groups(last: 1) {{ ...F }} \
         groups(first: 2) {{ nodes {{ it: name }} edges {{ node {{ it: id }} }} }} }} }} \
         fragment F on GroupConnection {{ nodes {{ id }} edges {{ node {{ name }} }} }}"
    );
    let data = kit.data(&query).await;
    let all = kit.data(&format!("{{ account(id: \"{ACCOUNT}\") {{ groups {{ nodes {{ id name }} }} }} }}")).await;
    let all = all["account"]["groups"]["nodes"].as_array().expect("groups");
    let page =
        |group: &Value| json!({ "nodes": [{ "id": group["id"] }], "edges": [{ "node": { "name": group["name"] } }] });
    let account = &data["account"];
    assert_eq!((&account["a"], &account["b"]), (&page(&all[0]), &page(&all[all.len() - 1])));
    let two = json!({
        "nodes": [{ "it": all[0]["name"] }, { "it": all[1]["name"] }],
        "edges": [{ "node": { "it": all[0]["id"] } }, { "node": { "it": all[1]["id"] } }]
    });
    assert_eq!(account["groups"], two);
}

#[tokio::test]
async fn arguments_that_contradict_each_other_and_cursors_of_other_lists_are_refused() {
    let kit = kit().await;
    let cursors = "groups(first: 1) { pageInfo { endCursor } } buyers(first: 1) { pageInfo { endCursor } }";
    let data = kit.data(&format!("{{ account(id: \"{ACCOUNT}\") {{ {cursors} }} user(id: \"USR-1671-0642\") {{ groups(first: 1) {{ pageInfo {{ endCursor }} }} }} }}")).await;
    let of_user = &data["user"]["groups"]["pageInfo"]["endCursor"];
    let of_buyers = &data["account"]["buyers"]["pageInfo"]["endCursor"];
    let own = &data["account"]["groups"]["pageInfo"]["endCursor"];
    kit.requests();
    for (arguments, message) in [
        ("first: 101".to_owned(), "Argument first must be between 0 and 100."),
        ("last: -1".to_owned(), "Argument last must be between 0 and 100."),
        ("first: 1, last: 1".to_owned(), "Give either first or last, not both."),
        ("offset: -1".to_owned(), "Argument offset must not be negative."),
        ("last: 1, offset: 1".to_owned(), "Argument offset does not go together with a cursor or last."),
        (format!("after: {of_user}"), "Argument after is a cursor of another list"),
        (format!("after: {of_buyers}"), "Argument after is "),
        (format!("after: {own}, filter: {{isDefault: {{eq: true}}}}"), "Argument after is "),
        ("before: \"x\"".to_owned(), "Argument before is no cursor of this graph"),
    ] {
        let answer = kit
            .query(&format!("{{ account(id: \"{ACCOUNT}\") {{ name groups({arguments}) {{ totalCount }} }} }}"))
            .await;
        assert_eq!(answer["data"]["account"]["groups"], Value::Null, "{arguments}: {answer}");
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["path"]),
            (&json!("BAD_USER_INPUT"), &json!(["account", "groups"]))
        );
        assert!(error["message"].as_str().expect("a message").starts_with(message), "{arguments}: {error}");
    }
}

#[tokio::test]
async fn a_filter_and_an_order_are_asked_of_the_upstream() {
    let kit = kit().await;
    let query = format!(
        "{{ account(id: \"{ACCOUNT}\") {{ groups(filter: {{isDefault: {{eq: false}}}}, orderBy: {{field: NAME, direction: DESC}}) \
         {{ totalCount nodes {{ name isDefault }} }} }} }}"
    );
    let data = kit.data(&query).await;
    let nodes = data["account"]["groups"]["nodes"].as_array().expect("nodes");
    assert!(nodes.len() > 2 && nodes.iter().all(|node| node["isDefault"] == false));
    assert_eq!(data["account"]["groups"]["totalCount"], nodes.len());
    assert!(nodes.is_sorted_by(|one, other| one["name"].as_str() >= other["name"].as_str()));
    let asked = kit.requests().into_iter().find(|line| line.contains("/user-groups?")).expect("a request for groups");
    assert!(
        asked.contains("eq(isDefault,") && asked.contains("order=-name,id") && asked.contains("limit=100"),
        "{asked}"
    );
}

#[tokio::test]
async fn groups_of_a_person_in_one_account_are_only_those() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let all = kit.data("{ user(id: \"USR-1671-0642\") { groups { nodes { id account { id } } } } }").await;
        let all = all["user"]["groups"]["nodes"].as_array().expect("groups");
        let here = |group: &&Value| group["account"]["id"] == ACCOUNT;
        let expected: Vec<&Value> = all.iter().filter(here).map(|group| &group["id"]).collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{mode:?}: {all:?}");
        let query = format!(
            "{{ user(id: \"USR-1671-0642\") {{ groups(account: \"{ACCOUNT}\") {{ totalCount nodes {{ id }} }} }} }}"
        );
        let data = kit.data(&query).await;
        let nodes: Vec<&Value> =
            data["user"]["groups"]["nodes"].as_array().expect("nodes").iter().map(|node| &node["id"]).collect();
        assert_eq!(
            (nodes, &data["user"]["groups"]["totalCount"]),
            (expected.clone(), &json!(expected.len())),
            "{mode:?}"
        );
    }
    let kit = kit().await;
    let answer = kit.query("{ user(id: \"USR-1671-0642\") { groups(account: \"USR-1\") { totalCount } } }").await;
    assert_eq!(
        answer["errors"][0]["message"],
        "Argument account is not an id of Account: ACC- and one to four groups of digits."
    );
}

#[tokio::test]
async fn pages_of_wavefront_are_counted_from_the_end_as_well() {
    let kit = kit().await;
    let all = kit.data("{ wavefrontRoles { totalCount nodes { id } } }").await["wavefrontRoles"].take();
    let (every, total) = (ids(&all), ids(&all).len());
    let page = kit.data("{ wavefrontRoles(last: 2) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage } } }").await;
    let page = &page["wavefrontRoles"];
    assert_eq!((ids(page), &page["totalCount"]), (every[total - 2..].to_vec(), &json!(total)));
    assert_eq!(page["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": true }));
    let before = page["edges"][0]["cursor"].to_string();
    let page = kit.data(&format!("{{ wavefrontRoles(last: 1, before: {before}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}")).await;
    assert_eq!(ids(&page["wavefrontRoles"]), every[total - 3..total - 2]);
    assert_eq!(page["wavefrontRoles"]["pageInfo"], json!({ "hasNextPage": true, "hasPreviousPage": total > 3 }));
}
