//! JSON escapes: a text means the same however an upstream spells it, above all ids, names of members and placeholders.

use crate::{
    fake::{fake, flat, list},
    memberships::QUERIES,
    support::{MODES, kit_of},
    wavefront,
};
use accounts_graph_sandbox::{Escapes, Quirks};
use serde_json::{Value, json};

/// A text with every character escaped.
fn escaped(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}"))
}

#[tokio::test]
async fn an_answer_is_the_same_however_texts_are_escaped() {
    for mode in MODES {
        let usual = kit_of(mode, Quirks::default()).await;
        for escapes in [Escapes::Web, Escapes::All] {
            let kit = kit_of(mode, Quirks { escapes, ..Quirks::default() }).await;
            for query in QUERIES {
                let body = json!({ "query": query });
                assert_eq!(kit.text(&body, None).await, usual.text(&body, None).await, "{mode:?} {escapes:?}: {query}");
                assert_eq!(kit.requests(), usual.requests(), "{mode:?} {escapes:?}: {query}");
            }
        }
    }
}

#[tokio::test]
async fn a_write_is_answered_the_same_however_texts_are_escaped() {
    let writes = [
        r#"mutation { blockUser(input: {id: "USR-6375-2499"}) { user { id status name accounts { nodes { name } } } userErrors { code } } }"#,
        r#"mutation { a: updateGroup(input: {id: "UGR-5116-6265", name: "It's + ë"}) { group { id name users { nodes { id name } } } }
            b: updateGroup(input: {id: "UGR-0000-0000", name: "X"}) { group { id } userErrors { code message } } }"#,
        r#"mutation { resendInvitation(input: {member: {pair: {accountId: "ACC-1671-0642", userId: "USR-6375-2499"}}}) {
            accountUser { id user { name } } userErrors { code message } } }"#,
    ];
    for mode in MODES {
        let usual = kit_of(mode, Quirks::default()).await;
        let kit = kit_of(mode, Quirks { escapes: Escapes::All, ..Quirks::default() }).await;
        for write in writes {
            assert_eq!(kit.query(write).await, usual.query(write).await, "{mode:?}: {write}");
            assert_eq!(kit.requests(), usual.requests(), "{mode:?}: {write}");
        }
    }
}

#[tokio::test]
async fn ids_in_a_batch_are_found_however_they_are_escaped() {
    let users = |line: &str| {
        assert!(line.starts_with("/users?in(id,(\"USR-0000-0001\",\"USR-0000-0002\"))"), "{line}");
        list(&json!([{ "id": "USR-0000-0001", "name": "A" }, { "id": "USR-0000-0002", "name": "B" }]))
            .replace("USR-0000-0001", r"USR\u002D0000\u002d0001")
            .replace("USR-0000-0002", &escaped("USR-0000-0002"))
    };
    let fake = fake(move |line| (200, users(line))).await;
    let query = "{ nodes(ids: [\"USR-0000-0001\", \"USR-0000-0002\"]) { id ... on User { name } } }";
    let text = fake.text(query).await;
    let nodes = r#"[{"id":"USR-0000-0001","name":"A"},{"id":"USR-0000-0002","name":"B"}]"#;
    assert_eq!(text, format!(r#"{{"data":{{"nodes":{nodes}}}}}"#));
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn placeholders_and_omitted_names_are_seen_however_they_are_escaped() {
    let query = "{ users(first: 2) { nodes { id email currentAccount { id name } accounts { nodes { id } } } } }";
    let row = |placeholder: &str| {
        json!([
            { "id": "USR-1-1", "email": "a@b.c", "currentAccount": placeholder, "accounts": [placeholder] },
            { "id": "USR-1-2", "$meta": { "omitted": ["email", "currentAccount"] }, "accounts": [] },
        ])
    };
    let mut answers = vec![];
    for spelled in [str::to_owned, escaped as fn(&str) -> String] {
        let served = move |line: &str| {
            let rows = if line.starts_with("/users?in(") {
                json!([{ "id": "USR-1-1", "currentAccount": { "id": "ACC-1-1", "name": "A" }, "accounts": [] },
                    { "id": "USR-1-2", "email": "d@e.f" }])
            } else {
                row("[Circular Reference]")
            };
            let spell =
                |body: String, text: &str| body.replace(&format!("\"{text}\""), &format!("\"{}\"", spelled(text)));
            let names =
                ["[Circular Reference]", "omitted", "$meta", "email", "currentAccount", "total", "limit", "data"];
            (200, names.into_iter().fold(list(&rows), spell))
        };
        let host = flat(served).await;
        answers.push((host.text(query).await, host.requests()));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].0.contains("d@e.f") && answers[0].0.contains("ACC-1-1"), "{}", answers[0].0);
}

#[tokio::test]
async fn a_person_has_the_account_with_the_same_address_however_it_is_escaped() {
    for address in ["o'neil+x@example.com", "o\"neil\\@example.com", "zoë@example.com"] {
        for spelled in [|text: &str| text.to_owned(), escaped as fn(&str) -> String] {
            let spelling = if spelled(address) == address {
                serde_json::to_string(address).expect("text").trim_matches('"').to_owned()
            } else {
                spelled(address)
            };
            let user = format!(r#"{{"id":"USR-1-1","email":"{spelling}"}}"#);
            let account = format!(
                r#"{{"validUsers":[{{"identifier":"{spelling}","customer":"acme"}}],"invalidIdentifiers":[]}}"#
            );
            let (data, bodies) = wavefront::joined(user, account).await;
            let expected = json!({ "email": address, "wavefrontAccount": { "id": address, "customer": "acme" } });
            assert_eq!(data, json!({ "data": { "user": expected } }), "{address}");
            let bodies: Vec<Value> = bodies.iter().map(|body| serde_json::from_str(body).expect("JSON")).collect();
            assert_eq!(bodies, [json!([address])], "{address}");
        }
    }
}
