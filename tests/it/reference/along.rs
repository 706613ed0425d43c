//! The paths that the filter and the order of a connection are about.

use super::{
    document::Value,
    generate::Generator,
    schema::{Schema, named},
};

/// The paths of a connection's arguments, each from the nodes on; none for anything else.
pub(super) fn paths(generator: &Generator, ty: &str, arguments: &[(String, Value)]) -> Vec<Vec<String>> {
    let Some(kind) = ty.strip_suffix("Connection") else { return vec![] };
    let mut found = vec![];
    for (name, value) in arguments {
        match name.as_str() {
            "filter" => of_filter(generator, kind, value, &mut vec![], &mut found),
            "orderBy" => of_order(generator, kind, value, &mut found),
            _ => {}
        }
    }
    found
}

/// What a value comes to; none for a variable that has none.
fn given<'a>(generator: &'a Generator, value: &'a Value) -> Option<&'a Value> {
    let Value::Variable(name) = value else { return Some(value) };
    let variable = generator.document.variables.iter().find(|variable| variable.name == *name)?;
    variable.given.as_ref().or(variable.default.as_ref())
}

fn of_filter(generator: &Generator, ty: &str, filter: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match given(generator, filter) {
        Some(Value::List(several)) => several.iter().for_each(|one| of_filter(generator, ty, one, path, found)),
        Some(Value::Object(members)) => {
            for (name, value) in members {
                if ["and", "or", "not", "any", "none", "all"].contains(&name.as_str()) {
                    of_filter(generator, ty, value, path, found);
                } else if let Some(inner) = inner(generator.schema, ty, name) {
                    path.push(name.clone());
                    found.push(path.clone());
                    of_filter(generator, inner, value, path, found);
                    path.pop();
                }
            }
        }
        _ => {}
    }
}

/// The type behind a field of a type.
fn inner<'a>(schema: &'a Schema, ty: &str, field: &str) -> Option<&'a str> {
    schema.outputs(ty).iter().find(|output| output.name == field).map(|output| named(&output.ty))
}

fn of_order(generator: &Generator, kind: &str, order: &Value, found: &mut Vec<Vec<String>>) {
    let values = generator.schema.values(&format!("{kind}OrderField")).unwrap_or_default();
    match given(generator, order) {
        Some(Value::List(several)) => several.iter().for_each(|one| of_order(generator, kind, one, found)),
        Some(Value::Object(members)) => {
            for (_, value) in members.iter().filter(|(name, _)| name == "field") {
                let Value::Enum(word) = value else { continue };
                // The description is the path: "By `audit.created.at`."
                let text = values.iter().find(|(value, _)| value == word).map_or("", |(_, text)| text.as_str());
                found.extend(text.split('`').nth(1).map(|path| path.split('.').map(str::to_owned).collect()));
            }
        }
        _ => {}
    }
}
