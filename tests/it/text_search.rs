//! Searching for parts of texts: each condition finds what a plain reading of the texts finds, whatever they are made of, on
//! hosts that read patterns differently; what no host is sure to read as it is meant is refused.

use crate::{
    reference::luck::Luck,
    support::{Kit, MODES, SMALL, kit, kit_of, kit_with, limits},
};
use accounts_graph_sandbox::{Options, Quirks};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CONDITIONS: [&str; 6] = ["contains", "startsWith", "endsWith", "notContains", "notStartsWith", "notEndsWith"];

/// Texts with everything that means something to URLs, to the query language, to its patterns or to databases.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "a",
    "Ab",
    "aB",
    "ab*cd",
    "50% of a_b",
    "100 %",
    "a\\b",
    "C:\\temp\\",
    "\\\\host\\share",
    "it's",
    "say \"yes\"",
    "a,b,(c)",
    "a)b(",
    "eq(name,\"x\")",
    "null()",
    "x&y=z;w|v#u?t+s",
    "zażółć gęślą",
    "ÅNGSTRÖM",
    "日本語テキスト",
    "\u{1f600} smile",
    "tab\tand\nline",
    "*starred*",
];

/// A host some of whose groups have these descriptions; the ids with what stands there.
async fn host(quirks: Value) -> (Kit, BTreeMap<String, Option<String>>) {
    let quirks: Quirks = serde_json::from_value(quirks).expect("quirks");
    let kit = kit_with(Options { scale: SMALL, quirks, ..Options::default() }, limits()).await;
    let groups: Vec<String> = kit
        .listed("user-groups")
        .iter()
        .take(TEXTS.len() + 3)
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(groups.len(), TEXTS.len() + 3);
    let set = "mutation ($id: ID!, $text: String) {
        updateGroup(input: { id: $id, description: $text }) { group { id } userErrors { message } } }";
    let texts = TEXTS.iter().map(|text| Some(*text)).chain([None; 3]);
    for (id, text) in groups.iter().zip(texts) {
        let answer = kit.query_with(set, json!({ "id": id, "text": text })).await;
        assert_eq!(answer, json!({ "data": { "updateGroup": { "group": { "id": id }, "userErrors": [] } } }));
    }
    let kept = kit.listed("user-groups");
    let text = |id: &String| {
        let row = kept.iter().find(|row| row["id"] == **id).expect("a group");
        row.get("description").and_then(Value::as_str).map(str::to_owned)
    };
    let texts = groups.iter().map(|id| (id.clone(), text(id))).collect();
    kit.requests();
    (kit, texts)
}

/// What a text condition means, read without any pattern.
fn holds(condition: &str, text: Option<&str>, part: &str, folds: bool) -> bool {
    let fold = |text: &str| if folds { text.to_lowercase() } else { text.to_owned() };
    if part.is_empty() {
        return true;
    }
    let (text, part) = (text.map(fold), fold(part));
    match condition {
        "contains" => text.is_some_and(|text| text.contains(&part)),
        "startsWith" => text.is_some_and(|text| text.starts_with(&part)),
        "endsWith" => text.is_some_and(|text| text.ends_with(&part)),
        "notContains" => text.is_none_or(|text| !text.contains(&part)),
        "notStartsWith" => text.is_none_or(|text| !text.starts_with(&part)),
        _ => text.is_none_or(|text| !text.ends_with(&part)),
    }
}

/// Whether no pattern says this on all hosts, and the words by which it is refused.
fn refusal(condition: &str, part: &str) -> Option<&'static str> {
    if part.is_empty() {
        None
    } else if part.starts_with('*') || part.ends_with('*') || part.contains("\\*") {
        Some("must not begin or end with *")
    } else if part.ends_with('\\') && !condition.to_lowercase().ends_with("endswith") {
        Some("must not end with \\")
    } else if part.contains('\'') && part.contains('"') {
        Some("both kinds of quotes")
    } else {
        None
    }
}

async fn search(kit: &Kit, texts: &BTreeMap<String, Option<String>>, condition: &str, part: &str) -> Value {
    let ids: Vec<_> = texts.keys().collect();
    let query = format!(
        "query ($ids: [ID!], $part: String!) {{
            groups(first: 100, filter: {{ id: {{ in: $ids }}, description: {{ {condition}: $part }} }}) {{ nodes {{ id }} }} }}"
    );
    kit.query_with(&query, json!({ "ids": ids, "part": part })).await
}

#[tokio::test]
async fn a_part_of_a_text_is_found_as_a_plain_reading_finds_it() {
    for (quirks, folds) in [
        (json!({}), true),
        (json!({ "rql": "strict" }), true),
        (json!({ "text_case": "ignored" }), true),
        (json!({ "rql": "strict", "text_case": "kept" }), false),
    ] {
        let (kit, texts) = host(quirks.clone()).await;
        let mut luck = Luck::new(20_261_130);
        let (mut found, mut refused) = (0, 0);
        for round in 0..400 {
            let condition = CONDITIONS[luck.below(CONDITIONS.len())];
            let part = part(&mut luck, round);
            let answer = search(&kit, &texts, condition, &part).await;
            if let Some(words) = refusal(condition, &part) {
                let error = &answer["errors"][0];
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{condition} {part:?}: {answer}");
                assert!(
                    error["message"].as_str().is_some_and(|it| it.contains(words)),
                    "{condition} {part:?}: {error}"
                );
                assert_eq!(kit.requests(), [""; 0], "{condition} {part:?}");
                refused += 1;
                continue;
            }
            let nodes = answer["data"]["groups"]["nodes"].as_array().unwrap_or_else(|| panic!("{part:?}: {answer}"));
            let ids: BTreeSet<_> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
            let expected = texts.iter().filter(|(_, text)| holds(condition, text.as_deref(), &part, folds));
            let expected: BTreeSet<_> = expected.map(|(id, _)| id.as_str()).collect();
            assert_eq!(ids, expected, "{condition} {part:?} of {quirks}");
            assert_eq!(kit.requests().len(), 1);
            found += ids.len();
        }
        assert!(found > 1_000 && refused > 20, "{found} found, {refused} refused");
    }
}

/// A part of one of the texts, or of two of them together, in some other case at times.
fn part(luck: &mut Luck, round: usize) -> String {
    let mut text: Vec<char> = TEXTS[round % TEXTS.len()].chars().collect();
    if luck.chance(20) {
        text.extend(TEXTS[luck.below(TEXTS.len())].chars());
    }
    let start = luck.below(text.len() + 1);
    let end = start + luck.below(text.len() - start + 1);
    let range = match luck.below(4) {
        0 => 0..text.len(),
        1 => 0..end,
        2 => start..text.len(),
        _ => start..end,
    };
    let part: String = text[range].iter().collect();
    if luck.chance(25) { part.to_uppercase() } else { part }
}

#[tokio::test]
async fn conditions_on_parts_are_sent_as_patterns_that_all_hosts_read_alike() {
    let kit = kit().await;
    for (condition, sent) in [
        (r#"contains: "a*b%c""#, r#"ilike(name,"*a*b%c*")"#),
        (r#"startsWith: "a""#, r#"ilike(name,"a*")"#),
        (r#"endsWith: "it's""#, r#"ilike(name,"*it's")"#),
        (r#"notContains: "a""#, r#"or(not(ilike(name,"*a*")),eq(name,null()))"#),
        (r#"contains: "a", notEndsWith: "b""#, r#"and(ilike(name,"*a*"),or(not(ilike(name,"*b")),eq(name,null())))"#),
    ] {
        kit.data(&format!("{{ users(filter: {{ name: {{ {condition} }} }}) {{ totalCount }} }}")).await;
        assert_eq!(kit.requests(), [format!("GET /accounts/users?{sent}&select=-*,id,name&order=id&limit=1")]);
    }
}

#[tokio::test]
async fn an_empty_text_sets_no_condition() {
    let kit = kit().await;
    let all = kit.listed("users").len();
    for condition in CONDITIONS {
        let query = format!("{{ users(filter: {{ name: {{ {condition}: \"\" }} }}) {{ totalCount }} }}");
        assert_eq!(kit.data(&query).await, json!({ "users": { "totalCount": all } }), "{condition}");
        let none = format!("{{ users(filter: {{ not: {{ name: {{ {condition}: \"\" }} }} }}) {{ totalCount }} }}");
        assert_eq!(kit.data(&none).await, json!({ "users": { "totalCount": 0 } }), "{condition}");
    }
}

/// How it stands with a membership is one field and one condition, whatever the host calls it.
#[tokio::test]
async fn the_status_of_a_membership_is_shown_filtered_and_ordered_alike_by_all_hosts() {
    for mode in MODES {
        let kit = kit_of(mode, Quirks::default()).await;
        let members = "nodes { id status invitation { status } } totalCount";
        let account = "accountUsers(first: 100";
        let data = kit
            .data(&format!(
                "{{ accounts(first: 25) {{ nodes {{ id all: {account}) {{ {members} }}
                    invited: {account}, filter: {{ status: {{ in: [INVITED, INVITATION_EXPIRED] }} }}) {{ {members} }}
                    ordered: {account}, orderBy: {{ field: STATUS }}) {{ {members} }} }} }} }}"
            ))
            .await;
        let mut invited = 0;
        for account in data["accounts"]["nodes"].as_array().expect("accounts") {
            let list = |name: &str| account[name]["nodes"].as_array().expect("a list").clone();
            let (all, ordered) = (list("all"), list("ordered"));
            assert!(all.iter().all(|one| one["status"].is_string() && one["status"] == one["invitation"]["status"]));
            let open = |one: &&Value| one["status"] != "ACTIVE";
            let expected: Vec<_> = all.iter().filter(open).cloned().collect();
            assert_eq!(list("invited"), expected, "{mode:?}");
            invited += expected.len();
            let rank = |one: &Value| one["status"].as_str().expect("a status").replace('_', "");
            assert!(ordered.iter().map(rank).is_sorted(), "{mode:?}: {ordered:?}");
            assert_eq!(ordered.len(), all.len());
        }
        assert!(invited > 3, "{mode:?}: {invited}");
    }
}
