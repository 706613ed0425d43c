//! What is deleted: read by its id, and in no list of users or API tokens.

use crate::{
    fake::{fake, list},
    support::{Kit, kit_with, limits},
};
use accounts_graph_sandbox::{CLIENT_TOKEN, Options};
use serde_json::{Value, json};

/// The id of the first row of a collection in a status.
fn row(kit: &Kit, collection: &str, status: &str) -> String {
    let rows = kit.sandbox.world().rows(collection);
    let row = rows.iter().find(|row| row["status"] == status);
    row.unwrap_or_else(|| panic!("no row of {collection} is {status}"))["id"].as_str().expect("an id").to_owned()
}

/// The id of one that was deleted just now.
async fn deleted(kit: &Kit, ty: &str, collection: &str) -> String {
    let id = row(kit, collection, "Disabled");
    let document = format!("mutation {{ delete{ty}(input: {{ id: \"{id}\" }}) {{ userErrors {{ message }} }} }}");
    let done = json!({ format!("delete{ty}"): { "userErrors": [] } });
    assert_eq!(kit.data(&document).await, done);
    id
}

fn in_order(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[tokio::test]
async fn an_id_gives_the_same_alone_and_among_others() {
    let kit = kit_with(Options { scale: 1.0, ..Options::default() }, limits()).await;
    for (root, ty, collection, unknown) in
        [("user", "User", "users", "USR-9999-9999"), ("apiToken", "ApiToken", "api-tokens", "TKN-9999-9999")]
    {
        let (deleted, active) = (deleted(&kit, ty, collection).await, row(&kit, collection, "Active"));
        let ids = [&*active, &*deleted, unknown];
        let mut alone = vec![];
        for id in ids {
            alone.push(kit.data(&format!("{{ {root}(id: \"{id}\") {{ id name status }} }}")).await[root].take());
        }
        assert_eq!((&alone[1]["status"], &alone[2]), (&json!("DELETED"), &Value::Null));
        kit.requests();
        let fields = ["a", "b", "c"]
            .iter()
            .zip(ids)
            .map(|(alias, id)| format!("{alias}: {root}(id: \"{id}\") {{ id name status }}"));
        let fields = format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "));
        let nodes = json!(ids);
        let nodes = format!("{{ nodes(ids: {nodes}) {{ id ... on {ty} {{ name status }} }} }}");
        let single = |id: &str| format!("GET /accounts/{collection}/{id}?select=-*,id,name,status");
        let several = {
            let mut sorted = ids;
            sorted.sort_unstable();
            let named = sorted.map(|id| format!("\"{id}\"")).join(",");
            format!("GET /accounts/{collection}?in(id,({named}))&select=-*,id,name,status&order=id&limit=100")
        };
        let expected = in_order(vec![single(&deleted), single(unknown), several]);
        let together = kit.data(&fields).await;
        assert_eq!(json!([together["a"], together["b"], together["c"]]), json!(alone));
        assert_eq!(kit.requests(), expected);
        assert_eq!(kit.data(&nodes).await, json!({ "nodes": alone }));
        assert_eq!(kit.requests(), expected);
        // The bounds count a request for all, and one for each that may be in no row.
        let plan = kit.explain(&json!({ "query": nodes }), "plan").await;
        assert_eq!(plan["extensions"]["explain"]["bounds"]["requests"], 4, "{plan}");
        // Who may not see what is deleted gets null, as for one id.
        for (id, alone) in ids.into_iter().zip(&alone).skip(1) {
            let query = format!("{{ a: {root}(id: \"{active}\") {{ id }} b: {root}(id: \"{id}\") {{ id }} }}");
            let answer = kit.query_as(CLIENT_TOKEN, &query).await;
            assert_eq!((answer.get("errors"), &answer["data"]["b"]), (None, &Value::Null), "{alone}");
        }
        kit.requests();
    }
}

#[tokio::test]
async fn what_is_only_referred_to_is_not_asked_for_again() {
    let host = fake(|line| match line {
        line if line.starts_with("/users?") => (200, list(&json!([{ "id": "USR-1", "email": "a@b.c" }]))),
        line if line.starts_with("/user-groups") => {
            let user = |id: &str| json!({ "id": id, "name": id, "revision": 1 });
            (200, list(&json!([{ "id": "UGR-1", "users": [user("USR-1"), user("USR-2")] }])))
        }
        _ => panic!("{line}"),
    })
    .await;
    let answer = host.query("{ groups(first: 1) { nodes { users { nodes { name email } } } } }").await;
    let users = json!([{ "name": "USR-1", "email": "a@b.c" }, { "name": "USR-2", "email": null }]);
    assert_eq!(answer, json!({ "data": { "groups": { "nodes": [{ "users": { "nodes": users } }] } } }));
    assert_eq!(host.requests().len(), 2);
}

#[tokio::test]
async fn a_failure_for_one_that_is_in_no_row_is_an_error_at_that_one() {
    let host = fake(|line| match line {
        line if line.starts_with("/users?") => (200, list(&json!([{ "id": "USR-1", "name": "A" }]))),
        line if line.starts_with("/users/USR-2?") => (403, "{}".to_owned()),
        line if line.starts_with("/users/USR-3?") => (200, json!({ "id": "USR-3", "name": "C" }).to_string()),
        _ => (404, json!({ "title": "Not Found", "status": 404 }).to_string()),
    })
    .await;
    let answer =
        host.query("{ nodes(ids: [\"USR-1\", \"USR-2\", \"USR-3\", \"USR-4\"]) { ... on User { name } } }").await;
    assert_eq!(answer["data"], json!({ "nodes": [{ "name": "A" }, null, { "name": "C" }, null] }), "{answer}");
    let errors: Vec<_> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (&error["path"], &error["extensions"]["code"]))
        .collect();
    assert_eq!(errors, [(&json!(["nodes", 1]), &json!("FORBIDDEN"))], "{answer}");
    assert_eq!(host.requests().len(), 4);
}
