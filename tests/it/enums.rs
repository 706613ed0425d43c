//! Enums: what is shown as a value is what a filter by that value finds, whatever the upstream's spelling.

use crate::{
    fake::{Fake, flat, list},
    support::kit,
};
use accounts_graph::entity::kind::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An enum that a root list can be filtered by.
struct Filterable {
    kind: Kind,
    root: String,
    /// The members of the row that lead to it.
    path: Vec<String>,
    values: Vec<String>,
}

/// All enums of all root lists, from the schema, those of value objects included.
async fn filterable() -> Vec<Filterable> {
    let query = "{ __schema { queryType { fields { name args { name type { name } } } }
        types { name kind enumValues { name } inputFields { name type { name } } } } }";
    let schema = kit().await.data(query).await;
    let types: BTreeMap<&str, &Value> = schema["__schema"]["types"]
        .as_array()
        .expect("types")
        .iter()
        .map(|ty| (ty["name"].as_str().expect("a name"), ty))
        .collect();
    let values = |filter: &str| -> Option<Vec<String>> {
        let of = types.get(filter.strip_suffix("Filter")?)?;
        let values = of["enumValues"].as_array()?;
        Some(values.iter().map(|value| value["name"].as_str().expect("a name").to_owned()).collect())
    };
    let members = |input: &str| -> Vec<(String, String)> {
        let fields = types[input]["inputFields"].as_array().cloned().unwrap_or_default();
        let named =
            |field: &Value| Some((field["name"].as_str()?.to_owned(), field["type"]["name"].as_str()?.to_owned()));
        fields.iter().filter_map(named).collect()
    };
    let mut found = vec![];
    for field in schema["__schema"]["queryType"]["fields"].as_array().expect("fields") {
        let argument =
            field["args"].as_array().expect("arguments").iter().find(|argument| argument["name"] == "filter");
        let Some(filter) = argument.and_then(|argument| argument["type"]["name"].as_str()) else { continue };
        let Some(kind) = filter.strip_suffix("Filter").and_then(Kind::of_type) else { continue };
        let root = field["name"].as_str().expect("a name");
        let mut add = |path: Vec<String>, values: Vec<String>| {
            found.push(Filterable { kind, root: root.to_owned(), path, values });
        };
        for (name, ty) in members(filter) {
            if let Some(values) = values(&ty) {
                add(vec![name], values);
            } else if ty == "InvitationFilter" {
                for (below, ty) in members(&ty) {
                    if let Some(values) = values(&ty) {
                        add(vec![name.clone(), below], values);
                    }
                }
            }
        }
    }
    found
}

/// As documented, as another page documents it, as other encoders write it, and otherwise.
fn spellings(value: &str) -> Vec<String> {
    let parts = value.split('_').map(|part| part[..1].to_owned() + &part[1..].to_lowercase());
    let documented: String = parts.collect();
    let camel = documented[..1].to_lowercase() + &documented[1..];
    let mixed: String = documented.chars().rev().collect();
    vec![documented.to_uppercase(), camel, value.to_owned(), value.to_lowercase(), mixed, documented]
}

fn nested(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, name| json!({ name.as_str(): inner }))
}

/// A host with a row for each of these texts and one without any, whose database tells case apart.
async fn host(of: &Filterable, texts: Vec<String>) -> Fake {
    let (kind, mut path) = (of.kind, of.path.clone());
    if kind == Kind::AccountUser && path == ["status"] {
        // It is the status of the invitation.
        path.insert(0, "invitation".to_owned());
    }
    let dotted = path.join(".");
    flat(move |line| {
        let query = line.split_once('?').map_or("", |(_, query)| query);
        let holds = |text: Option<&str>| {
            let Some((op, rest)) = query.split_once(&format!("({dotted},")) else { return true };
            let Some((named, _)) = rest.split_once("))") else { return text.is_some() };
            let named: Vec<_> = named.split('"').skip(1).step_by(2).collect();
            match op {
                "in" => text.is_some_and(|text| named.contains(&text)),
                "out" => text.is_none_or(|text| !named.contains(&text)),
                _ => panic!("{line}"),
            }
        };
        let texts = texts.iter().map(|text| Some(&**text)).chain([None]).enumerate();
        let rows = texts.filter(|(_, text)| holds(*text)).map(|(place, text)| {
            let mut row = text.map_or_else(|| json!({}), |text| nested(&path, json!(text)));
            let prefix = if kind == Kind::AccountUser { "AUSR" } else { kind.prefix() };
            row["id"] = json!(format!("{prefix}-1-{place}"));
            row["user"] = json!({ "id": format!("USR-1-{place}") });
            row["account"] = json!({ "id": "ACC-1-1" });
            row
        });
        (200, list(&Value::Array(rows.collect())))
    })
    .await
}

#[tokio::test]
async fn what_is_shown_as_a_value_is_what_a_filter_by_it_finds() {
    let all = filterable().await;
    let places: Vec<_> = all.iter().map(|of| format!("{}.{}", of.root, of.path.join("."))).collect();
    assert!(places.len() >= 13, "{places:?}");
    for wanted in
        ["accounts.type", "users.status", "accountUsers.status", "accountUsers.invitation.status", "cloudTenants.type"]
    {
        assert!(places.iter().any(|place| place == wanted), "{wanted}: {places:?}");
    }
    for of in &all {
        let known: Vec<_> = of.values.iter().filter(|value| *value != "UNKNOWN").collect();
        let texts: Vec<_> = known.iter().flat_map(|value| spellings(value)).collect();
        let fake = host(of, texts).await;
        let name = of.path.join(".");
        let select = of.path.iter().rev().fold(String::new(), |inner, name| match &*inner {
            "" => name.clone(),
            inner => format!("{name} {{ {inner} }}"),
        });
        let ask = async |condition: Option<(&str, &str)>| {
            let filter = condition.map_or_else(String::new, |(op, value)| {
                let condition = format!("{{ {op}: {value} }}");
                let filter = of.path.iter().rev().fold(condition, |inner, name| format!("{{ {name}: {inner} }}"));
                format!(", filter: {filter}")
            });
            let query = format!("{{ {root}(first: 100{filter}) {{ nodes {{ id {select} }} }} }}", root = of.root);
            let answer = fake.query(&query).await;
            for error in answer["errors"].as_array().into_iter().flatten() {
                // What always has a value is an error in the row that has none.
                assert_eq!(error["extensions"]["code"], "UPSTREAM_INVALID", "{query}: {answer}");
            }
            let nodes = answer["data"][&of.root]["nodes"].as_array().expect("nodes").clone();
            let shown = |node: &Value| of.path.iter().fold(node, |node, name| &node[name]).as_str().map(str::to_owned);
            nodes.iter().map(|node| (node["id"].as_str().expect("an id").to_owned(), shown(node))).collect::<Vec<_>>()
        };
        let rows = ask(None).await;
        // Both documented forms, and those of encoders; of a value of one word all but the mixed one are the same.
        let shown = |value: &str| rows.iter().filter(|(_, shown)| shown.as_deref() == Some(value)).count();
        assert!(known.iter().all(|value| shown(value) >= 3), "{name}: {rows:?}");
        assert!(shown("UNKNOWN") >= known.len(), "{name}: {rows:?}");
        for (place, value) in known.iter().enumerate() {
            let other = known[(place + 1) % known.len()];
            for (op, given, asked) in [
                ("eq", (*value).clone(), vec![value]),
                ("ne", (*value).clone(), vec![value]),
                ("in", format!("[{value}]"), vec![value]),
                ("in", format!("[{value}, {other}]"), vec![value, &other]),
                ("notIn", format!("[{value}]"), vec![value]),
                ("notIn", format!("[{value}, {other}]"), vec![value, &other]),
            ] {
                let is = |shown: &Option<String>| shown.as_ref().is_some_and(|shown| asked.contains(&&shown));
                let wanted = matches!(op, "eq" | "in");
                let expected: Vec<_> = rows.iter().filter(|(_, shown)| is(shown) == wanted).cloned().collect();
                assert_eq!(ask(Some((op, &given))).await, expected, "{} {name} {op} {given}", of.root);
            }
        }
    }
}

#[tokio::test]
async fn inside_a_collection_no_list_of_values_is_asked_for() {
    let kit = kit().await;
    for (condition, sent) in [
        ("{ eq: ACTIVE }", r#"or(eq(status,"Active"),eq(status,"ACTIVE"),eq(status,"active"))"#),
        ("{ ne: ACTIVE }", r#"and(ne(status,"Active"),ne(status,"ACTIVE"),ne(status,"active"))"#),
        ("{ in: [ACTIVE] }", r#"in(status,("Active","ACTIVE","active"))"#),
    ] {
        kit.data(&format!(
            "{{ buyers(first: 1, filter: {{ sellers: {{ any: {{ status: {condition} }} }} }}) {{ nodes {{ id }} }} }}"
        ))
        .await;
        let requests = kit.requests();
        assert!(requests.len() == 1 && requests[0].contains(&format!("any(sellers,{sent})")), "{requests:?}");
    }
}
