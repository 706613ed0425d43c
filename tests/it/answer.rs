//! What holds for every answer, whatever was asked and whatever the upstream did: `support`, `fake` and the other ways to
//! ask hold each answer of the tests to it. Whether a null is right where a row may say null is decided where the rows are
//! known: in `reference`.

use async_graphql::parser::{
    parse_query, parse_schema,
    types::{
        DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
        ServiceDocument, TypeKind, TypeSystemDefinition,
    },
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::LazyLock};

/// Reads a printed schema. The parser does not know that a schema may have a description.
pub fn parsed(printed: &str) -> ServiceDocument {
    let (before, schema) = printed.rsplit_once("\nschema {").expect("the schema's roots");
    let types = before.rsplit_once('\n').map_or("", |(types, _)| types);
    parse_schema(format!("{types}\nschema {{{schema}")).expect("the schema parses")
}

/// A field of the schema.
struct Output {
    ty: String,
    /// Whether it is null only together with an error: `@semanticNonNull`.
    promised: bool,
}

/// The fields of each type.
static TYPES: LazyLock<HashMap<String, HashMap<String, Output>>> = LazyLock::new(|| {
    let document = parsed(include_str!("../../schema.graphql"));
    let fields = |definition| {
        let TypeSystemDefinition::Type(ty) = definition else { return None };
        let fields = match ty.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => return None,
        };
        let typed = fields.into_iter().map(|it| {
            let promised = it.node.directives.iter().any(|directive| directive.node.name.node == "semanticNonNull");
            (it.node.name.node.to_string(), Output { ty: it.node.ty.node.to_string(), promised })
        });
        Some((ty.node.name.node.to_string(), typed.collect()))
    };
    document.definitions.into_iter().filter_map(fields).collect()
});

/// Fails when an answer to a POST body is one that no upstream can make right.
pub fn check(body: &Value, text: &str) {
    let Ok(answer) = serde_json::from_str::<Value>(text) else { return };
    if let Err(why) = judge(body, &answer) {
        panic!("{why}\n{body}\n{text}");
    }
}

fn judge(body: &Value, answer: &Value) -> Result<(), String> {
    let (Some(query), true) = (body["query"].as_str(), answer["data"].is_object()) else { return Ok(()) };
    let errors = answer.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    errors.iter().try_for_each(|error| leads_to_null(error, &answer["data"]))?;
    let Ok(document) = parse_query(query) else { return Ok(()) };
    let Some(operation) = operation(&document, body["operationName"].as_str()) else { return Ok(()) };
    let ty = if operation.ty == OperationType::Mutation { "Mutation" } else { "Query" };
    let mut judge = Judge { document: &document, errors, path: vec![] };
    judge.object(ty, &answer["data"], &[&operation.selection_set.node])
}

fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match &document.operations {
        DocumentOperations::Single(operation) => Some(&operation.node),
        DocumentOperations::Multiple(several) => {
            let mut meant = several.iter().filter(|(found, _)| name.is_none_or(|name| name == found.as_str()));
            meant.next().map(|(_, operation)| &operation.node)
        }
    }
}

/// Whether the path of an error leads to a null, if it has one.
fn leads_to_null(error: &Value, data: &Value) -> Result<(), String> {
    let mut here = data;
    for step in error["path"].as_array().into_iter().flatten() {
        let next = match (step, here) {
            (_, Value::Null) => return Ok(()),
            (Value::String(key), Value::Object(members)) => members.get(key),
            (Value::Number(place), Value::Array(items)) => {
                place.as_u64().and_then(|place| items.get(usize::try_from(place).ok()?))
            }
            _ => None,
        };
        here = next.ok_or_else(|| format!("the path of an error leads nowhere: {error}"))?;
    }
    if here.is_null() || error.get("path").is_none() { Ok(()) } else { Err(format!("an error, and no null: {error}")) }
}

struct Judge<'a> {
    document: &'a ExecutableDocument,
    errors: &'a [Value],
    path: Vec<Value>,
}

impl<'a> Judge<'a> {
    /// Whether an error stands here or below.
    fn has_error(&self) -> bool {
        self.errors.iter().any(|error| error["path"].as_array().is_some_and(|path| path.starts_with(&self.path)))
    }

    fn null(&self, why: &str) -> Result<(), String> {
        if self.has_error() { Ok(()) } else { Err(format!("null without an error at {}: {why}", json!(self.path))) }
    }

    fn object(&mut self, ty: &str, object: &Value, sets: &[&'a SelectionSet]) -> Result<(), String> {
        let mut fields = vec![];
        for set in sets {
            self.collect(ty, set, &mut fields);
        }
        // Whatever was done, the payload shows it; whatever was not, its user errors say why.
        let done = ty.ends_with("Payload")
            && object.as_object().is_some_and(|members| {
                let errors = fields.iter().find(|(_, _, it)| it[0].name.node == "userErrors");
                errors.is_some_and(|(key, ..)| members.get(key).is_some_and(|errors| errors == &json!([])))
            });
        for (key, parent, fields) in fields {
            let Some(value) = object.get(&key) else { continue };
            let Some(output) = TYPES.get(&parent).and_then(|known| known.get(fields[0].name.node.as_str())) else {
                continue;
            };
            let below: Vec<&SelectionSet> = fields.iter().map(|field| &field.selection_set.node).collect();
            self.path.push(json!(key));
            let judged = match value {
                Value::Null if done => self.null("the payload of what was done"),
                Value::Null if ty == "Mutation" => self.null("a payload"),
                Value::Null if output.promised => self.null("it is @semanticNonNull"),
                value => self.value(&output.ty, value, &below),
            };
            self.path.pop();
            judged?;
        }
        Ok(())
    }

    fn value(&mut self, ty: &str, value: &Value, sets: &[&'a SelectionSet]) -> Result<(), String> {
        let inner = ty.strip_suffix('!').unwrap_or(ty);
        match (value, inner.strip_prefix('[').and_then(|list| list.strip_suffix(']'))) {
            (Value::Null, _) if inner != ty => Err(format!("null at {}, which is {ty}", json!(self.path))),
            (Value::Array(items), Some(item)) => items.iter().enumerate().try_for_each(|(place, value)| {
                self.path.push(json!(place));
                let judged = self.value(item, value, sets);
                self.path.pop();
                judged
            }),
            (Value::Object(_), None) => self.object(inner, value, sets),
            _ => Ok(()),
        }
    }

    /// The fields of a selection by response key, with the type that has them: of what stands behind an interface, the first
    /// that is asked for.
    fn collect(&self, ty: &str, set: &'a SelectionSet, found: &mut Vec<(String, String, Vec<&'a Field>)>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = field.alias.as_ref().unwrap_or(&field.name).node.as_str();
                    match found.iter_mut().find(|(known, ..)| known == key) {
                        Some((.., fields)) => fields.push(field),
                        None => found.push((key.to_owned(), ty.to_owned(), vec![field])),
                    }
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(ty, |on| on.node.on.node.as_str());
                    self.collect(on, &inline.node.selection_set.node, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(on, &fragment.node.selection_set.node, found);
                    }
                }
            }
        }
    }
}

#[test]
fn an_answer_that_is_never_right_is_noticed() {
    let query =
        "query Q($id: ID!) { buyer(id: $id) { name taxId account { a: buyers { totalCount nodes { id } } ...F } } }
        fragment F on Account { groups { nodes { buyers { nodes { id } } } } }";
    let body = json!({ "query": query });
    let account = |buyers: Value| {
        let groups = json!({ "nodes": [{ "buyers": null }] });
        json!({ "buyer": { "name": "B", "taxId": null, "account": { "a": buyers, "groups": groups } } })
    };
    let error = |path: Value| json!([{ "message": "m", "path": path, "extensions": { "code": "TIMEOUT" } }]);
    let page = |total: Value| json!({ "totalCount": total, "nodes": [] });
    let right = [
        json!({ "data": account(page(json!(0))) }),
        json!({ "data": account(json!(null)), "errors": error(json!(["buyer", "account", "a"])) }),
        json!({ "data": account(json!(null)), "errors": error(json!(["buyer", "account", "a", "nodes", 1, "id"])) }),
        json!({ "data": account(page(json!(null))), "errors": error(json!(["buyer", "account", "a", "totalCount"])) }),
        json!({ "data": { "buyer": null } }),
    ];
    let wrong = [
        json!({ "data": account(json!(null)) }),
        json!({ "data": { "buyer": { "name": null, "account": { "groups": null } } } }),
        json!({ "data": account(page(json!(null))) }),
        json!({ "data": account(json!(null)), "errors": error(json!(["buyer", "taxId"])) }),
        json!({ "data": { "buyer": { "name": null } } }),
        json!({ "data": account(json!({ "totalCount": 1, "nodes": [null] })) }),
        json!({ "data": account(json!({ "totalCount": 1, "nodes": [{ "id": null }] })) }),
        json!({ "data": account(page(json!(0))), "errors": error(json!(["buyer", "account", "a"])) }),
        json!({ "data": account(page(json!(0))), "errors": error(json!(["buyer", "x"])) }),
    ];
    for answer in right {
        assert_eq!(judge(&body, &answer), Ok(()));
    }
    for answer in wrong {
        assert!(judge(&body, &answer).is_err(), "{answer}");
    }
    let body =
        json!({ "query": "mutation { m: deleteBuyer(input: {id: \"BUY-1\"}) { deletedId userErrors { message } } }" });
    let payload = |id: Value, errors: Value| json!({ "data": { "m": { "deletedId": id, "userErrors": errors } } });
    assert_eq!(judge(&body, &payload(json!("BUY-1"), json!([]))), Ok(()));
    assert_eq!(judge(&body, &payload(json!(null), json!([{ "message": "no" }]))), Ok(()));
    assert!(judge(&body, &payload(json!(null), json!([]))).is_err());
    assert!(judge(&body, &json!({ "data": { "m": null } })).is_err());
}
