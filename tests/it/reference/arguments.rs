//! Random arguments: ids and e-mail addresses, pages, filters that let some rows through, and orders.

use super::{
    data::{Data, KINDS, Row, row_name, text},
    document::Value,
    evaluate::items,
    generate::Generator,
    schema::{Input, Output, Schema, named},
};
use serde_json::Value as Json;

/// The arguments of a field; pages of `many` entities at most, unless the default page is asked for.
pub(super) fn make(generator: &mut Generator, parent: &str, output: &Output, many: usize) -> Vec<(String, Value)> {
    let ty = named(&output.ty);
    if let Some(kind) = ty.strip_suffix("Connection") {
        let has_filter = output.arguments.iter().any(|name| name == "filter");
        let mut arguments = connection(generator, kind, many, has_filter);
        if (parent, kind) == ("Query", "AccountUser") && !generator.data.mode.lists_all() {
            limit(generator, &mut arguments);
        }
        if (parent, kind) == ("Query", "User") && generator.luck.chance(15) {
            of_members(generator, &mut arguments);
        }
        if parent == "User" && ["Account", "AccountUser"].contains(&kind) && !generator.data.mode.lists_all() {
            below_user(generator, kind, &mut arguments);
        }
        return arguments;
    }
    if parent != "Query" {
        return vec![];
    }
    match output.name.as_str() {
        "userByEmail" => vec![("email".to_owned(), email(generator))],
        "nodes" => {
            let count = generator.luck.below(6);
            let mut ids: Vec<_> = (0..count).map(|_| id(generator, None)).collect();
            if let Some(repeated) = generator.luck.pick(&ids).cloned()
                && generator.luck.chance(30)
            {
                ids.push(repeated);
            }
            let one = ids.len() == 1 && generator.luck.chance(50);
            let ids = if one { ids.remove(0) } else { Value::List(ids) };
            vec![("ids".to_owned(), any_site(generator, "[ID!]!", ids))]
        }
        "node" => {
            let id = id(generator, None);
            vec![("id".to_owned(), any_site(generator, "ID!", id))]
        }
        _ => {
            let id = id(generator, Some(ty));
            vec![("id".to_owned(), any_site(generator, "ID!", id))]
        }
    }
}

/// The value, or a variable of this type in its place that comes to it.
fn any_site(generator: &mut Generator, ty: &str, value: Value) -> Value {
    if generator.luck.chance(25) { generator.variable(ty, value) } else { value }
}

fn email(generator: &mut Generator) -> Value {
    let data = generator.data;
    let email = generator.luck.pick(data.all("User")).map_or("", |row| text(row, "email"));
    let email = match generator.luck.below(10) {
        0 => format!("nobody.{email}"),
        1 => email.to_uppercase(),
        _ => email.to_owned(),
    };
    any_site(generator, "String!", Value::Text(email))
}

/// An id, at times of nothing.
fn id(generator: &mut Generator, kind: Option<&str>) -> Value {
    let listed = |found: &str| generator.data.mode.lists(found);
    let kinds: Vec<_> =
        KINDS.iter().filter(|(found, ..)| kind.map_or_else(|| listed(found), |kind| kind == *found)).collect();
    let (kind, prefix, _) = **generator.luck.pick(&kinds).expect("a kind");
    let data = generator.data;
    let row = generator.luck.pick(data.all(kind)).expect("a row");
    if generator.luck.chance(8) {
        let nobody = format!("{prefix}-0000-{:04}", generator.luck.below(10_000));
        return Value::Text(if kind == "AccountUser" { nobody + ".0000-0000" } else { nobody });
    }
    Value::Text(text(row, "id").to_owned())
}

fn connection(generator: &mut Generator, kind: &str, many: usize, has_filter: bool) -> Vec<(String, Value)> {
    let mut arguments: Vec<(String, Value)> = vec![];
    let mut put = |name: &str, value: Value| arguments.push((name.to_owned(), value));
    let size = |generator: &mut Generator| {
        let size = if generator.luck.chance(6) { 0 } else { 1 + generator.luck.below(many) };
        Value::Int(i64::try_from(size).unwrap_or_default())
    };
    // Null asks for the default page, which is large.
    let optional = |generator: &mut Generator, value: Value| {
        if many >= 4 { site(generator, "Int", value) } else { any_site(generator, "Int", value) }
    };
    match generator.luck.below(100) {
        0..55 => {
            let size = size(generator);
            put("first", optional(generator, size));
        }
        55..70 => {
            let size = size(generator);
            put("last", optional(generator, size));
        }
        70..85 => {
            let size = size(generator);
            put("first", optional(generator, size));
            let offset = Value::Int(i64::try_from(generator.luck.below(12)).unwrap_or_default());
            put("offset", optional(generator, offset));
        }
        // All by default, where there are few above.
        85..90 if many >= 4 => {}
        90..93 if many >= 4 => put("first", Value::Null),
        93..95 if many >= 4 => {
            let nothing = generator.declare("Int", None, None);
            put("first", nothing);
            put("last", Value::Null);
        }
        _ => put("first", Value::Int(1)),
    }
    if !has_filter {
        return arguments;
    }
    if generator.luck.chance(35) {
        let sample = sample(generator, kind);
        let filter = filter(generator, kind, Some(Sample::Row(sample)), 2);
        put("filter", site(generator, &format!("{kind}Filter"), filter));
    } else if generator.luck.chance(5) {
        put("filter", Value::Null);
    }
    if generator.luck.chance(40) {
        let order = order(generator, kind);
        put("orderBy", site(generator, &format!("[{kind}Order!]"), order));
    } else if generator.luck.chance(5) {
        put("orderBy", Value::Null);
    }
    arguments
}

/// Limits a list of memberships to what a host can list that has them by account only: with members of several accounts it
/// has one order.
fn limit(generator: &mut Generator, arguments: &mut Vec<(String, Value)>) {
    let several = |generator: &mut Generator, kind: &str| {
        let count = 1 + generator.luck.below(3);
        Value::List((0..count).map(|_| id(generator, Some(kind))).collect())
    };
    let ids = |op: &str, ids: Value| Value::Object(vec![(op.to_owned(), ids)]);
    let of = |name: &str, ids: Value| (name.to_owned(), Value::Object(vec![("id".to_owned(), ids)]));
    let (condition, one_account) = match generator.luck.below(7) {
        0..2 => (of("account", ids("eq", id(generator, Some("Account")))), true),
        2 => (of("account", ids("in", several(generator, "Account"))), false),
        3 => (of("user", ids("eq", id(generator, Some("User")))), false),
        4 => (of("user", ids("in", several(generator, "User"))), false),
        5 => (("id".to_owned(), ids("eq", id(generator, Some("AccountUser")))), true),
        _ => (("id".to_owned(), ids("in", several(generator, "AccountUser"))), false),
    };
    let mut members = vec![condition];
    arguments.retain(|(name, _)| name != "filter" && (one_account || name != "orderBy"));
    if generator.luck.chance(40) {
        let sample = sample(generator, "AccountUser");
        members.push(("and".to_owned(), filter(generator, "AccountUser", Some(Sample::Row(sample)), 1)));
    }
    let filter = Value::Object(members);
    // A variable that comes to nothing would limit nothing.
    let named = !holds_variable(&filter) && generator.luck.chance(15);
    let filter = if named { generator.variable("AccountUserFilter!", filter) } else { filter };
    arguments.push(("filter".to_owned(), filter));
    if !one_account && generator.luck.chance(20) {
        let by = ["ID", "ACCOUNT_ID"][generator.luck.below(2)];
        let order = Value::Object(vec![("field".to_owned(), Value::Enum(by.to_owned()))]);
        arguments.push(("orderBy".to_owned(), order));
    }
}

/// Leaves only such conditions and orders as a list below a user takes, if the host has one.
fn below_user(generator: &mut Generator, kind: &str, arguments: &mut Vec<(String, Value)>) {
    arguments.retain(|(name, _)| name != "filter" && name != "orderBy");
    if !generator.data.mode.has_v5_shapes() {
        return;
    }
    let (fields, orders): (&[&str], &[&str]) = match kind {
        "Account" => (&["id", "name", "type", "status", "externalId"], &["ID", "NAME", "TYPE", "STATUS"]),
        _ => (&["status"], &["STATUS", "ACCOUNT_NAME", "ACCOUNT_ID"]),
    };
    let schema = generator.schema;
    if generator.luck.chance(30) {
        let name = *generator.luck.pick(fields).expect("a field");
        let inputs = schema.inputs(&format!("{kind}Filter"));
        let input = inputs.iter().find(|input| input.name == name).expect("a condition");
        let row = sample(generator, kind);
        let sampled = Sample::Row(row).get(generator.data, name);
        let conditions = conditions(generator, kind, input, sampled, 0);
        arguments.push(("filter".to_owned(), Value::Object(vec![(name.to_owned(), conditions)])));
    }
    if generator.luck.chance(30) {
        let field = *generator.luck.pick(orders).expect("an order");
        let direction = ["ASC", "DESC"][generator.luck.below(2)];
        let order = [("field", field), ("direction", direction)];
        let order = order.map(|(name, word)| (name.to_owned(), Value::Enum(word.to_owned())));
        arguments.push(("orderBy".to_owned(), Value::Object(order.into())));
    }
}

/// Adds a condition on the groups or accounts of users.
fn of_members(generator: &mut Generator, arguments: &mut Vec<(String, Value)>) {
    let object = |name: &str, value: Value| Value::Object(vec![(name.to_owned(), value)]);
    let several = |generator: &mut Generator, kind: &str| {
        let count = generator.luck.below(4);
        Value::List((0..count).map(|_| id(generator, Some(kind))).collect())
    };
    let (held, inner) = match generator.luck.below(4) {
        0 => ("groups", object("id", object("in", several(generator, "Group")))),
        1 => ("accounts", object("id", object("in", several(generator, "Account")))),
        2 => ("accounts", object("id", object("eq", id(generator, Some("Account"))))),
        _ => {
            let account = object("id", object("eq", id(generator, Some("Account"))));
            let name = object("contains", Value::Text("a".to_owned()));
            ("groups", Value::Object(vec![("account".to_owned(), account), ("name".to_owned(), name)]))
        }
    };
    let quantity = if generator.luck.chance(70) { "any" } else { "none" };
    let mut members = vec![(held.to_owned(), object(quantity, inner))];
    let filter = arguments.iter().position(|(name, _)| name == "filter").map(|place| arguments.remove(place).1);
    if let Some(filter @ Value::Object(_)) = filter {
        members.push((["and", "or"][generator.luck.below(2)].to_owned(), filter));
    }
    arguments.push(("filter".to_owned(), Value::Object(members)));
}

/// The value, or a variable in its place: one that is given, null, left to its default, or not given at all. Only for
/// values that contain no variables themselves are variables made.
fn site(generator: &mut Generator, ty: &str, value: Value) -> Value {
    if holds_variable(&value) || !generator.luck.chance(15) {
        return value;
    }
    match generator.luck.below(10) {
        0 => generator.declare(ty, None, None),
        1 => generator.declare(ty, None, Some(Value::Null)),
        2 => generator.declare(ty, Some(value), None),
        3 => generator.declare(ty, Some(Value::Null), Some(value)),
        4 => generator.declare(&format!("{ty}!"), Some(value), None),
        5 => generator.variable(&format!("{ty}!"), value),
        _ => generator.variable(ty, value),
    }
}

fn holds_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(holds_variable),
        Value::Object(members) => members.iter().any(|(_, value)| holds_variable(value)),
        _ => false,
    }
}

fn sample<'a>(generator: &mut Generator<'a>, kind: &str) -> &'a Row {
    let data: &'a Data = generator.data;
    generator.luck.pick(data.all(kind)).expect("a row")
}

fn order<'a>(generator: &mut Generator<'a>, kind: &str) -> Value {
    let schema: &'a Schema = generator.schema;
    let values = schema.values(&format!("{kind}OrderField")).expect("an enum of orders");
    let mode = generator.data.mode;
    let taken = |value: &str| schema.order_path(kind, value).is_some_and(|path| !mode.cannot_order(kind, &path));
    let known: Vec<_> = values.iter().filter(|(value, _)| taken(value)).collect();
    let count = generator.luck.below(4);
    let mut orders: Vec<Value> = vec![];
    for _ in 0..count {
        let Some((field, _)) = generator.luck.pick(&known).copied() else { continue };
        let mut members = vec![("field".to_owned(), Value::Enum(field.clone()))];
        match generator.luck.below(5) {
            0 | 1 => members.push(("direction".to_owned(), Value::Enum("DESC".to_owned()))),
            2 => members.push(("direction".to_owned(), Value::Enum("ASC".to_owned()))),
            _ => {}
        }
        orders.push(Value::Object(members));
    }
    if orders.len() == 1 && generator.luck.chance(40) { orders.remove(0) } else { Value::List(orders) }
}

/// Something that a filter should let through, so that answers are not always empty.
#[derive(Clone, Copy)]
enum Sample<'a> {
    Row(&'a Row),
    Value(&'a Json),
}

impl<'a> Sample<'a> {
    fn get(self, data: &'a Data, field: &str) -> Option<Sample<'a>> {
        let row = match self {
            Sample::Row(row) | Sample::Value(Json::Object(row)) => row,
            Sample::Value(Json::String(id)) => data.find(id)?.1,
            Sample::Value(_) => return None,
        };
        row.get(row_name(field)).map(Sample::Value)
    }
}

/// Conditions on a type, with so many levels of references below.
fn filter(generator: &mut Generator, ty: &str, sample: Option<Sample>, depth: usize) -> Value {
    let (schema, data): (&Schema, &Data) = (generator.schema, generator.data);
    let inputs: Vec<&Input> =
        schema.inputs(&format!("{ty}Filter")).iter().filter(|it| known(data, ty, it, depth)).collect();
    let count = [0, 1, 1, 1, 1, 2, 2, 3][generator.luck.below(8)];
    let mut members: Vec<(String, Value)> = vec![];
    for _ in 0..count {
        let Some(input) = generator.luck.pick(&inputs).copied() else { continue };
        if members.iter().any(|(name, _)| *name == input.name) {
            continue;
        }
        let below = depth.saturating_sub(1);
        let value = match input.name.as_str() {
            _ if generator.luck.chance(2) => Value::Null,
            "and" | "or" => {
                let several = generator.luck.below(3);
                let mut list: Vec<_> = (0..several).map(|_| filter(generator, ty, sample, below)).collect();
                if list.len() == 1 && generator.luck.chance(30) { list.remove(0) } else { Value::List(list) }
            }
            "not" => filter(generator, ty, sample, below),
            name => {
                let sample = sample.and_then(|sample| sample.get(data, name));
                conditions(generator, ty, input, sample, below)
            }
        };
        members.push((input.name.clone(), value));
    }
    Value::Object(members)
}

/// Whether the sandbox knows what a condition is about, and there is room for it.
fn known(data: &Data, ty: &str, input: &Input, depth: usize) -> bool {
    let nested = ["and", "or", "not"].contains(&input.name.as_str())
        || input.ty.ends_with("ListFilter") && input.ty != "StringListFilter"
        || KINDS.iter().any(|(kind, ..)| input.ty == format!("{kind}Filter"));
    // Only of one list, where they are put in apart.
    let of_members = ty == "User" && ["groups", "accounts"].contains(&input.name.as_str());
    !of_members && !data.mode.cannot_filter(ty, &input.name) && (depth > 0 || !nested)
}

fn conditions(generator: &mut Generator, ty: &str, input: &Input, sample: Option<Sample>, depth: usize) -> Value {
    let schema = generator.schema;
    let kind = input.ty.strip_suffix("Filter").expect("filters are called so");
    if let Some(element) = kind.strip_suffix("List") {
        return list(generator, element, sample, depth);
    }
    if kind == "AuditEvent" && generator.data.mode.tells_only_when(ty, &input.name) {
        let sample = sample.and_then(|sample| sample.get(generator.data, "at"));
        let at = leaf(generator, ty, "DateTime", sample);
        return Value::Object(vec![("at".to_owned(), at)]);
    }
    if schema.is_composite(kind) {
        return filter(generator, kind, sample, depth);
    }
    leaf(generator, ty, kind, sample)
}

fn list(generator: &mut Generator, element: &str, sample: Option<Sample>, depth: usize) -> Value {
    let all: Vec<&Json> = if let Some(Sample::Value(list)) = sample { items(Some(list)).collect() } else { vec![] };
    let one = generator.luck.pick(&all).copied();
    let (name, value) = match generator.luck.below(10) {
        0 | 1 => ("isEmpty", Value::Bool(generator.luck.chance(50))),
        _ if element == "String" => ("has", Value::Text(one.and_then(Json::as_str).unwrap_or("Client").to_owned())),
        2..7 => ("any", filter(generator, element, one.map(Sample::Value), depth)),
        7 | 8 => ("none", filter(generator, element, one.map(Sample::Value), depth)),
        _ => ("all", filter(generator, element, one.map(Sample::Value), depth)),
    };
    Value::Object(vec![(name.to_owned(), value)])
}

/// Conditions on a leaf; `ty` is the type that has it, `kind` the kind of the filter.
fn leaf(generator: &mut Generator, ty: &str, kind: &str, sample: Option<Sample>) -> Value {
    let value = |generator: &mut Generator| match sample {
        Some(Sample::Value(value)) if generator.luck.chance(75) => literal(generator.schema, kind, value),
        _ => other(generator, ty, kind),
    };
    let scalar = match kind {
        "Id" => "ID",
        other => other,
    };
    let count = if generator.luck.chance(15) { 2 } else { 1 };
    let mut members: Vec<(String, Value)> = vec![];
    for _ in 0..count {
        let (op, value) = match (generator.luck.below(12), kind) {
            (0, _) => ("isNull", Value::Bool(generator.luck.chance(50))),
            (1, _) => ("isNull", Value::Null),
            (2 | 3, _) if kind != "Boolean" => {
                let several = generator.luck.below(4);
                let mut list: Vec<_> = (0..several).map(|_| value(generator)).collect();
                let list =
                    if list.len() == 1 && generator.luck.chance(30) { list.remove(0) } else { Value::List(list) };
                let list =
                    if generator.luck.chance(8) { generator.variable(&format!("[{scalar}!]"), list) } else { list };
                (if generator.luck.chance(60) { "in" } else { "notIn" }, list)
            }
            (4..7, "Int" | "DateTime") => (["gt", "ge", "lt", "le"][generator.luck.below(4)], value(generator)),
            (4..9, "String") => {
                let text = if let Value::Text(text) = value(generator) { text } else { String::new() };
                part(generator, &text)
            }
            (7, _) => ("ne", value(generator)),
            _ => {
                let value = value(generator);
                // A variable must not be null; one that is not given sets no condition.
                let value = match generator.luck.below(24) {
                    0 => generator.declare(scalar, None, None),
                    1 | 2 => any_site(generator, scalar, value),
                    _ => value,
                };
                ("eq", value)
            }
        };
        if !members.iter().any(|(name, _)| name == op) {
            members.push((op.to_owned(), value));
        }
    }
    Value::Object(members)
}

fn literal(schema: &Schema, kind: &str, value: &Json) -> Value {
    match value {
        Json::String(text) if schema.values(kind).is_some() => Value::Enum(schema.enum_value(kind, text).to_owned()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => Value::Int(number.as_i64().unwrap_or_default()),
        Json::Bool(truth) => Value::Bool(*truth),
        _ => Value::Null,
    }
}

/// A value that has nothing to do with any row.
fn other(generator: &mut Generator, ty: &str, kind: &str) -> Value {
    let schema = generator.schema;
    if let Some(values) = schema.values(kind) {
        let known: Vec<_> = values.iter().filter(|(value, _)| value != "UNKNOWN").collect();
        return generator.luck.pick(&known).map_or(Value::Null, |(value, _)| Value::Enum(value.clone()));
    }
    match kind {
        "Id" => {
            // Who did something is a user or a token.
            let kind = if ty == "Actor" { "User" } else { ty };
            id(generator, Some(kind))
        }
        "Int" => Value::Int(i64::try_from(generator.luck.below(40)).unwrap_or_default()),
        "Boolean" => Value::Bool(generator.luck.chance(50)),
        "DateTime" => {
            let dates = ["2024-06-30T00:00:00Z", "2025-01-01T12:30:00.5Z", "2026-02-28T23:59:59.999Z"];
            Value::Text(generator.luck.pick(&dates).map_or_else(String::new, |date| (*date).to_owned()))
        }
        _ => {
            let texts = [
                "",
                "Smith",
                "Łukasz",
                "DE",
                "en-US",
                "O'Neill & Sons (100%) + #1, a=b;c|d",
                "say \"yes\"",
                "back\\slash",
            ];
            Value::Text(generator.luck.pick(&texts).map_or_else(String::new, |text| (*text).to_owned()))
        }
    }
}

/// A condition on a part of a text that the text fulfils, most of the time. What cannot be said is left out.
fn part(generator: &mut Generator, text: &str) -> (&'static str, Value) {
    let letters: Vec<char> = text.chars().filter(|letter| !['*', '\\'].contains(letter)).collect();
    let start = generator.luck.below(letters.len() + 1);
    let end = start + generator.luck.below(letters.len() - start + 1);
    let (op, range) = match generator.luck.below(8) {
        0 => ("notStartsWith", 0..end),
        1 => ("notEndsWith", start..letters.len()),
        2 => ("notContains", start..end),
        3 => ("startsWith", 0..end),
        4 => ("endsWith", start..letters.len()),
        _ => ("contains", start..end),
    };
    let part: String = letters[range].iter().collect();
    // Letters whose other case is more than one letter are found by some in one case only.
    let plain = part.to_uppercase().to_lowercase() == part.to_lowercase();
    (op, Value::Text(if plain && generator.luck.chance(50) { part.to_uppercase() } else { part }))
}
