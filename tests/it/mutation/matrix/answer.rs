//! From what a host answers to what the graph can be asked of it.

use crate::schema_rules::parsed;
use async_graphql::parser::types::{Type, TypeKind, TypeSystemDefinition};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The fields without arguments of all object types and interfaces, each with the name of its type.
pub(super) struct Schema(HashMap<String, BTreeMap<String, String>>);

/// Fields of a host's rows that the graph reads elsewhere.
const ELSEWHERE: [(&str, &str); 1] = [("User", "sso")];

impl Default for Schema {
    fn default() -> Self {
        let mut types = HashMap::new();
        for definition in parsed(include_str!("../../../../schema.graphql")).definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let name = ty.node.name.node.to_string();
            let fields = match ty.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let plain = fields.into_iter().map(|field| field.node).filter(|field| field.arguments.is_empty());
            let kept = plain.filter(|field| !ELSEWHERE.contains(&(&name, &field.name.node)));
            let fields = kept.map(|field| (field.name.node.to_string(), named(&field.ty.node))).collect();
            types.insert(name, fields);
        }
        Schema(types)
    }
}

/// The type inside of lists and non-nulls.
fn named(ty: &Type) -> String {
    ty.to_string().trim_matches(['[', ']', '!']).to_owned()
}

impl Schema {
    /// What can be selected of an object of this type that the host told like this.
    pub(super) fn selection(&self, ty: &str, told: &Value) -> String {
        let (Some(fields), Some(told)) = (self.0.get(ty), told.as_object()) else { return String::new() };
        let mut selected = vec![];
        for (name, value) in told {
            let Some(ty) = fields.get(name) else { continue };
            match (self.0.contains_key(ty), value) {
                (_, Value::Null) => {}
                (false, value) if value.is_object() && ty != "JSON" => {}
                (false, _) => selected.push(name.clone()),
                (true, value) => {
                    let inner = match value {
                        Value::Array(items) => {
                            let each = items.iter().cloned().reduce(|one, other| common(&one, &other));
                            self.selection(ty, &each.unwrap_or_else(|| json!({ "id": "" })))
                        }
                        value => self.selection(ty, value),
                    };
                    if !inner.is_empty() {
                        selected.push(format!("{name} {{ {inner} }}"));
                    }
                }
            }
        }
        selected.join(" ")
    }
}

/// What both tell.
fn common(one: &Value, other: &Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let both = one.iter().filter_map(|(name, one)| Some((name.clone(), common(one, other.get(name)?))));
            both.collect::<Map<_, _>>().into()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.iter().chain(other).cloned().reduce(|one, other| common(&one, &other)).into_iter().collect()
        }
        (one, _) => one.clone(),
    }
}

/// What a row of `/accounts/{accountId}/users` tells of the membership: what it has of the user itself is about the user.
pub(super) fn below_account(row: &Value) -> Value {
    let profile = ["id", "name", "icon", "email", "firstName", "lastName", "phone", "settings"];
    let row = row.as_object().expect("a row");
    let (mut user, mut told) = (Map::new(), Map::new());
    for (name, value) in row {
        let about = if profile.contains(&name.as_str()) { &mut user } else { &mut told };
        about.insert(name.clone(), value.clone());
    }
    // It counts the changes of the user, or of the membership: nobody says.
    told.remove("revision");
    told.insert("user".to_owned(), user.into());
    told.into()
}

/// What a row of `/users/{userId}/accounts` tells of the membership.
pub(super) fn below_user(row: &Value, user: &str) -> Value {
    let account = json!({ "id": row["id"], "name": row["name"], "status": row["status"] });
    json!({ "favorite": row["favorite"], "invitation": row["invitation"], "account": account, "user": { "id": user } })
}
