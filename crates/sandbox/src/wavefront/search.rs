//! `POST /search/…`: which rows fit, and which page of them is shown.

use serde_json::{Value, json};

use super::{Desk, Refused, Shown, show};

/// The largest page; more is not refused but not given either.
const MAX_LIMIT: usize = 1000;

pub(super) fn search(desk: &mut Desk<'_>, values: &[&str], body: &Value) -> Result<Shown, Refused> {
    let state = &desk.state;
    let people = || state.accounts.iter().filter(|account| account.service.is_none());
    let rows: Vec<Value> = match values[0] {
        "account" => state.accounts.iter().map(|account| state.flat(account)).collect(),
        "user" => people().map(|account| state.facing(account)).collect(),
        "serviceaccount" => {
            let machines = state.accounts.iter().filter(|account| account.service.is_some());
            machines.map(|account| state.service(account)).collect()
        }
        "usergroup" => state.groups.iter().map(|group| state.found_group(group)).collect(),
        "role" => state.roles.iter().map(|role| state.found_role(role)).collect(),
        _ => return Err((404, "There is no such search".to_owned())),
    };
    // A search looks at more than its rows show.
    let looked: Vec<Value> = match values[0] {
        "usergroup" => state.groups.iter().map(|group| state.whole_group(group)).collect(),
        "role" => state.roles.iter().map(|role| state.whole_role(role)).collect(),
        _ => rows.clone(),
    };
    let conditions = body.get("query").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (row, looked) in rows.into_iter().zip(&looked) {
        let mut fits = true;
        for condition in &conditions {
            fits &= holds(looked, condition)?;
        }
        if fits {
            found.push(row);
        }
    }
    let field = body.pointer("/sort/field").and_then(Value::as_str).unwrap_or("id");
    let ascending = body.pointer("/sort/ascending").and_then(Value::as_bool).unwrap_or(true);
    found.sort_by_key(|row| property(row, field).map(Value::to_string));
    if !ascending {
        found.reverse();
    }
    let number = |name: &str| body.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let limit = number("limit").unwrap_or(100).min(MAX_LIMIT);
    let sort = json!({ "field": field, "ascending": ascending, "default": body.get("sort").is_none() });
    Ok(Shown::enveloped(show::page(found, number("offset").unwrap_or(0), limit, &sort)))
}

/// A property of a row; an account is found by its identifier under either name.
fn property<'r>(row: &'r Value, key: &str) -> Option<&'r Value> {
    row.get(key).or_else(|| row.get("identifier").filter(|_| key == "id"))
}

fn holds(row: &Value, condition: &Value) -> Result<bool, Refused> {
    let key = condition.get("key").and_then(Value::as_str).ok_or((400, "A query has a key".to_owned()))?;
    let method = condition.get("matchingMethod").and_then(Value::as_str).unwrap_or("CONTAINS");
    let wanted: Vec<&str> = match (condition.get("values").and_then(Value::as_array), condition.get("value")) {
        (Some(values), _) => values.iter().filter_map(Value::as_str).collect(),
        (None, value) => value.and_then(Value::as_str).into_iter().collect(),
    };
    let fits = |held: &str| -> Result<bool, Refused> {
        let (held, mut wanted) = (held.to_lowercase(), wanted.iter().map(|text| text.to_lowercase()));
        match method {
            "CONTAINS" => Ok(wanted.any(|text| held.contains(&text))),
            "STARTSWITH" => Ok(wanted.any(|text| held.starts_with(&text))),
            "EXACT" => Ok(wanted.any(|text| held == text)),
            _ => Err((400, format!("{method} is no matching method"))),
        }
    };
    let mut holds = false;
    match property(row, key) {
        Some(Value::String(text)) => holds = fits(text)?,
        // A list is never exactly one text: what it holds is found by a part of it.
        Some(Value::Array(items)) if method != "EXACT" => {
            for item in items {
                let text = item.as_str().or_else(|| item.get("id").and_then(Value::as_str));
                holds |= text.map_or(Ok(false), &fits)?;
            }
        }
        Some(Value::Number(number)) => holds = fits(&number.to_string())?,
        Some(_) => {}
        None if key == "freetext" => holds = fits(&row.to_string())?,
        None => return Err((400, format!("{key} cannot be searched by"))),
    }
    let negated = condition.get("negated").and_then(Value::as_bool).unwrap_or(false);
    Ok(holds != negated)
}
