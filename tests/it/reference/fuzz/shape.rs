//! Whether an answer has the shape of its query, whatever stands in it.

use super::brand::{Brands, is_proper};
use crate::reference::{
    Trial,
    document::{Document, Selection},
    evaluate::{Evaluation, below},
    schema::Schema,
    typed::{ID, TYPE},
};
use accounts_graph::{error::ErrorCode, fault::FaultKind};
use serde_json::{Map, Value};
use std::collections::HashSet;
use strum::IntoEnumIterator;

/// The shape of a query's answers.
pub(super) struct Shape<'a> {
    evaluation: Evaluation<'a>,
    /// How values show whose they are, if they do.
    owners: Option<&'a Brands>,
}

type Verdict = Result<(), String>;

impl<'a> Shape<'a> {
    pub(super) fn new(trial: &'a Trial, document: &'a Document, owners: Option<&'a Brands>) -> Shape<'a> {
        Shape { evaluation: Evaluation::new(&trial.schema, &trial.data, document), owners }
    }

    fn schema(&self) -> &'a Schema {
        self.evaluation.schema
    }

    /// What is wrong with an answer, if anything is.
    pub(super) fn judge(&self, answer: &Value) -> Verdict {
        let members = answer.as_object().ok_or("no object")?;
        let keys: Vec<_> = members.keys().map(String::as_str).collect();
        // Users by their memberships may take more than the budget whatever the sizes are, and are refused before anything
        // is sent.
        if keys == ["errors"] && answer["errors"][0]["extensions"]["code"] == "COST_EXCEEDED" {
            return Ok(());
        }
        if keys != ["data"] && keys != ["errors", "data"] {
            return Err(format!("members {keys:?}"));
        }
        if let Some(errors) = answer.get("errors") {
            let errors = errors.as_array().filter(|errors| !errors.is_empty()).ok_or("errors without an error")?;
            let mut paths = HashSet::new();
            for error in errors {
                judge_error(error, &answer["data"])?;
                if !paths.insert(error["path"].to_string()) {
                    return Err(format!("two errors at {}", error["path"]));
                }
            }
        }
        self.value("Query!", &answer["data"], "data", "", "", &[&self.evaluation.document.set])
    }

    /// Whether a value of this type, which stands at a path under a field's name in something of an owner, is so.
    fn value(&self, ty: &str, value: &Value, path: &str, name: &str, owner: &str, sets: &[&'a [Selection]]) -> Verdict {
        if value.is_null() {
            return if ty.ends_with('!') { Err(format!("null at {path}, which is {ty}")) } else { Ok(()) };
        }
        let ty = ty.strip_suffix('!').unwrap_or(ty);
        let other = || Err(format!("{value} at {path}, which is {ty}"));
        if let Some(inner) = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')) {
            let Value::Array(items) = value else { return other() };
            let mut items = items.iter().enumerate();
            return items
                .try_for_each(|(at, item)| self.value(inner, item, &format!("{path}[{at}]"), name, owner, sets));
        }
        if self.schema().is_composite(ty) {
            let Value::Object(members) = value else { return other() };
            return self.object(ty, members, path, owner, sets);
        }
        let fits = match ty {
            "Boolean" => value.is_boolean(),
            "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "JSON" => true,
            _ => match (self.schema().values(ty), value) {
                (Some(values), Value::String(text)) => values.iter().any(|(value, _)| value == text),
                _ => value.is_string(),
            },
        };
        if !fits {
            return other();
        }
        let belongs = |brands: &Brands| !is_proper(owner) || brands.belongs(value, name, owner);
        if self.owners.is_none_or(belongs) { Ok(()) } else { Err(format!("{value} at {path}, in {owner}")) }
    }

    fn object(
        &self,
        ty: &str,
        members: &Map<String, Value>,
        path: &str,
        owner: &str,
        sets: &[&'a [Selection]],
    ) -> Verdict {
        let concrete = members.get(TYPE).and_then(Value::as_str).ok_or_else(|| format!("no type at {path}"))?;
        if concrete != ty && !self.schema().possible(ty).iter().any(|possible| possible == concrete) {
            return Err(format!("a {concrete} at {path}, which is {ty}"));
        }
        let fields = self.evaluation.collect(concrete, sets);
        if !members.keys().eq(fields.iter().map(|(key, _)| key)) {
            let keys: Vec<_> = members.keys().collect();
            return Err(format!("keys {keys:?} at {path}"));
        }
        let owner = match members.get(ID) {
            Some(id) => id.as_str().unwrap_or_default(),
            // What is said of a page belongs to nobody.
            None if ["Connection", "Edge", "PageInfo"].iter().any(|it| concrete.ends_with(it)) => "",
            None => owner,
        };
        for (key, fields) in fields {
            let name = fields[0].name.as_str();
            if name == "__typename" {
                if members[key] != concrete {
                    return Err(format!("{} at {path}.{key}", members[key]));
                }
                continue;
            }
            let output = &self.schema().output(concrete, name).ty;
            let asked = self.evaluation.text_argument(fields[0], "id");
            let shown = members[key].get(ID).and_then(Value::as_str).filter(|id| is_proper(id));
            if let (Some(asked), Some(shown)) = (asked, shown)
                && asked != shown
            {
                return Err(format!("{shown} at {path}.{key}, where {asked} was asked for"));
            }
            self.value(output, &members[key], &format!("{path}.{key}"), name, owner, &below(&fields))?;
        }
        Ok(())
    }
}

/// Whether an error says what it has to, and its path leads to a null.
fn judge_error(error: &Value, data: &Value) -> Verdict {
    let wrong = |why: &str| Err(format!("{why}: {error}"));
    if error["message"].as_str().is_none_or(str::is_empty) {
        return wrong("an error without a message");
    }
    if FaultKind::iter().all(|kind| error["extensions"]["code"] != kind.code().text()) {
        return wrong("an error without a known code");
    }
    if error["extensions"]["code"] == ErrorCode::Internal.text() {
        return wrong("a mistake of the gateway");
    }
    let Some(path) = error["path"].as_array().filter(|path| !path.is_empty()) else {
        return wrong("an error without a path");
    };
    let mut here = data;
    for step in path {
        let next = match (step, here) {
            (_, Value::Null) => return Ok(()),
            (Value::String(key), Value::Object(members)) => members.get(key),
            (Value::Number(place), Value::Array(items)) => {
                place.as_u64().and_then(|place| items.get(usize::try_from(place).ok()?))
            }
            _ => None,
        };
        let Some(next) = next else { return wrong("an error whose path leads nowhere") };
        here = next;
    }
    if here.is_null() { Ok(()) } else { wrong("an error where something is") }
}

#[test]
fn a_path_has_to_lead_to_a_null() {
    let data = serde_json::json!({ "a": [{ "b": null, "c": 1 }, null] });
    let error = |path: Value| serde_json::json!({ "message": "m", "path": path, "extensions": { "code": "TIMEOUT" } });
    for path in [r#"["a",0,"b"]"#, r#"["a",1]"#, r#"["a",1,"b","x"]"#] {
        assert_eq!(judge_error(&error(serde_json::from_str(path).expect("a path")), &data), Ok(()));
    }
    for path in [r#"["a",0,"c"]"#, r#"["a",2]"#, r#"["x"]"#, r#"["a","b"]"#, "[]", "null"] {
        assert!(judge_error(&error(serde_json::from_str(path).expect("a path")), &data).is_err(), "{path}");
    }
}
