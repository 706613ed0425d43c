//! From a coerced input to the body of a request, and from a property of that body back to its place in the input.
//!
//! Three rules, all from the schema: an `ID` is a reference (`{"id": …}`, to Wavefront the id alone) in the property that is
//! named without `Id`, an enum value has the upstream's spelling, and everything else is sent as it was given. What is absent stays absent, and null is sent as null.

use super::complaint::InputComplaint;
use crate::{
    entity::{
        kind::{EXTENSION, Kind, Upstream, is_numbered},
        model::EnumType,
    },
    graph::schema::mutation::user_error::UserErrorCode,
    upstream::wavefront::spelling,
};
use async_graphql::{
    Name, Value,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use serde_json::Value as Json;
use std::borrow::Cow;

/// The members of an input object.
pub type Members = IndexMap<Name, Value>;

fn fields<'a>(registry: &'a Registry, ty: &str) -> Option<&'a IndexMap<String, MetaInputValue>> {
    match registry.types.get(MetaTypeName::concrete_typename(ty)) {
        Some(MetaType::InputObject { input_fields, .. }) => Some(input_fields),
        _ => None,
    }
}

/// The type of a member of an input type.
#[must_use]
pub fn member_type<'a>(registry: &'a Registry, ty: &str, member: &str) -> &'a str {
    fields(registry, ty).and_then(|fields| fields.get(member)).map_or("", |field| &field.ty)
}

/// The property of the body that a member of an input becomes. Members that refer to entities are named as ids; a body has
/// the entities in their place: `accountId` is `account`, and `groupIds` is `groups`.
fn property_of<'a>(member: &'a str, ty: &str) -> Cow<'a, str> {
    if MetaTypeName::concrete_typename(ty) != "ID" {
        return member.into();
    }
    match (member.strip_suffix("Ids"), member.strip_suffix("Id")) {
        (Some(noun), _) => format!("{noun}s").into(),
        (None, Some(noun)) => noun.into(),
        (None, None) => member.into(),
    }
}

/// The JSON of some members of an input object.
#[must_use]
pub fn object(
    registry: &Registry,
    upstream: Upstream,
    ty: &str,
    members: &Members,
    leave_out: impl Fn(&str) -> bool,
) -> Json {
    let given = members.iter().filter(|(name, _)| !leave_out(name));
    let member = |name: &str, value| {
        let ty = member_type(registry, ty, name);
        let property = property_of(name, ty);
        let spelled = match upstream {
            Upstream::Accounts => property.into_owned(),
            Upstream::Wavefront => spelling::written(&property).to_owned(),
        };
        (spelled, json(registry, upstream, ty, value))
    };
    Json::Object(given.map(|(name, value)| member(name, value)).collect())
}

/// The JSON of a value.
#[must_use]
pub fn json(registry: &Registry, upstream: Upstream, ty: &str, value: &Value) -> Json {
    match (MetaTypeName::create(ty), value) {
        (_, Value::Null) => Json::Null,
        (MetaTypeName::Named("JSON"), value) => value.clone().into_json().unwrap_or_default(),
        (MetaTypeName::NonNull(inner), value) => json(registry, upstream, inner, value),
        (MetaTypeName::List(inner), Value::List(items)) => {
            Json::Array(items.iter().map(|item| json(registry, upstream, inner, item)).collect())
        }
        (MetaTypeName::Named("ID"), Value::String(id)) => match upstream {
            Upstream::Accounts => serde_json::json!({ "id": id }),
            Upstream::Wavefront => Json::String(id.clone()),
        },
        (_, Value::Enum(value)) => Json::String(EnumType::upstream(value)),
        (MetaTypeName::Named(ty), Value::Object(members)) => object(registry, upstream, ty, members, |_| false),
        (_, value) => value.clone().into_json().unwrap_or_default(),
    }
}

/// What an address is whole without; a change leaves it alone when it is absent.
const SPARED: &str = "addressLine2";

/// Those of some properties that the input does not give, or not as a whole: without them, what is sent would be refused, or would take
/// something away.
pub fn lacking<'a>(
    registry: &'a Registry,
    ty: &'a str,
    members: &'a Members,
    kept: &'a [&'static str],
) -> impl Iterator<Item = &'static str> + use<'a> {
    let whole = |wanted: &str| {
        let given = members.iter().find(|(name, _)| property_of(name, member_type(registry, ty, name)) == wanted);
        match given {
            Some((name, Value::Object(inner))) => {
                let parts = fields(registry, member_type(registry, ty, name));
                let given = |part: &String| part == SPARED || inner.contains_key(part.as_str());
                parts.is_none_or(|parts| parts.keys().all(given))
            }
            given => given.is_some(),
        }
    };
    kept.iter().copied().filter(move |name| !whole(name))
}

/// Adds to an object what is kept, without changing what it has.
pub fn keep(object: &mut Json, kept: &serde_json::Map<String, Json>) {
    let Json::Object(object) = object else { return };
    for (name, value) in kept {
        match (object.get_mut(name), value) {
            (None, value) => {
                object.insert(name.clone(), value.clone());
            }
            (Some(inner @ Json::Object(_)), Json::Object(value)) => keep(inner, value),
            _ => {}
        }
    }
}

/// Adds to an object what a member of it has under this name.
pub fn repeat(object: &mut Json, holder: &str, name: &str) {
    if let Some(value) = object.get(holder).and_then(|holder| holder.get(name)).cloned() {
        object[name] = value;
    }
}

/// What no upstream has to be asked about: ids of another kind, and values that only stand for what a body may hold.
#[must_use]
pub fn check(registry: &Registry, ty: &str, members: &Members, target: Kind) -> Vec<InputComplaint> {
    let mut check = Check { registry, target, path: vec!["input".to_owned()], found: vec![] };
    check.members(ty, members);
    check.found
}

/// The most requests that one mutation sends.
const MAX_EACH: usize = 100;

/// A list of which each element is a request: not empty, since then nothing would be done, and bounded.
#[must_use]
pub fn check_length(members: &Members, name: &str) -> Option<InputComplaint> {
    let length = if let Some(Value::List(items)) = members.get(name) { items.len() } else { 0 };
    let message = match length {
        0 => "At least one must be given.".to_owned(),
        1..=MAX_EACH => return None,
        _ => format!("{length} are given; at most {MAX_EACH} are allowed."),
    };
    Some(InputComplaint::new(UserErrorCode::BadUserInput, message, &["input", name]))
}

struct Check<'a> {
    registry: &'a Registry,
    /// What a member `id` is about.
    target: Kind,
    path: Vec<String>,
    found: Vec<InputComplaint>,
}

impl Check<'_> {
    fn members(&mut self, ty: &str, members: &Members) {
        for (name, value) in members {
            self.path.push(name.to_string());
            self.value(member_type(self.registry, ty, name), name, value);
            self.path.pop();
        }
    }

    fn value(&mut self, ty: &str, name: &str, value: &Value) {
        let ty = ty.trim_end_matches('!');
        match value {
            // Nobody but the upstream knows what it means.
            _ if ty == "JSON" => {}
            Value::List(items) => {
                let inner = ty.trim_start_matches('[').trim_end_matches(']');
                for (place, item) in items.iter().enumerate() {
                    self.path.push(place.to_string());
                    self.value(inner, name, item);
                    self.path.pop();
                }
            }
            Value::Object(members) => self.members(ty, members),
            Value::String(id) if ty == "ID" && name == "extensionIds" && is_numbered(id, EXTENSION) => {}
            Value::String(_) if ty == "ID" && name == "extensionIds" => {
                self.complain("This is not an id of an extension: EXT- and one to four groups of digits.".to_owned());
            }
            Value::String(id) if ty == "ID" => {
                let kind = kind_of(name, self.target);
                if !kind.fits(id) {
                    self.complain(format!("This is not an id of {kind}: {}.", kind.id_form()));
                }
            }
            // It becomes a part of a path.
            Value::String(text) if name == "permission" && !is_word(text) => {
                self.complain("This is not a permission: letters, digits and underscores.".to_owned());
            }
            Value::Enum(word) if word == "UNKNOWN" => {
                self.complain("UNKNOWN stands for values that this graph does not know; it cannot be sent.".to_owned());
            }
            _ => {}
        }
    }

    fn complain(&mut self, message: String) {
        self.found.push(InputComplaint::at(UserErrorCode::BadUserInput, message, self.path.clone()));
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The kind that an id in a member of this name is of: members are named after what they refer to.
fn kind_of(name: &str, target: Kind) -> Kind {
    let singular = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id")).unwrap_or(name);
    let named = |kind: &Kind| {
        let noun = kind.noun();
        noun.eq_ignore_ascii_case(singular) || singular.ends_with(noun)
    };
    let same = Kind::ALL.into_iter().filter(|kind| kind.upstream() == target.upstream());
    same.filter(named).max_by_key(|kind| kind.noun().len()).unwrap_or(target)
}

/// The members of inputs that are secrets.
const SECRETS: [&str; 2] = ["password", "currentPassword"];

/// The texts of members that are secrets.
#[must_use]
pub fn secrets(members: &Members) -> Vec<String> {
    let secret = |(name, value): (&Name, &Value)| match value {
        Value::String(text) if SECRETS.contains(&name.as_str()) => Some(text.clone()),
        _ => None,
    };
    members.iter().filter_map(secret).collect()
}

/// Where in the input a property of the body stands: `modules[0].id` is `["input", "moduleIds", "0"]`. Names that are no
/// members end the way there, as far as it goes.
#[must_use]
pub fn path_of(registry: &Registry, ty: &str, base: Vec<String>, property: &str) -> Vec<String> {
    let mut path = base;
    let mut ty = ty;
    for step in property.split(['.', '[', ']']).filter(|step| !step.is_empty() && *step != "$") {
        let named = ty.trim_end_matches('!');
        if named.starts_with('[') && step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push(step.to_owned());
            ty = named.trim_start_matches('[').trim_end_matches(']');
            continue;
        }
        let found = fields(registry, named).and_then(|fields| {
            let is = |name: &str, ty: &str| {
                property_of(name, ty).eq_ignore_ascii_case(step) || name.eq_ignore_ascii_case(step)
            };
            fields.iter().find(|(name, field)| is(name, &field.ty)).map(|(name, field)| (name, &field.ty))
        });
        let Some((name, inner)) = found else { break };
        path.push(name.clone());
        ty = inner;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_after_what_it_refers_to() {
        for (name, kind) in [
            ("id", Kind::Seller),
            ("accountId", Kind::Account),
            ("currentAccountId", Kind::Account),
            ("accountUserId", Kind::AccountUser),
            ("userId", Kind::User),
            ("groupIds", Kind::Group),
            ("moduleIds", Kind::Module),
            ("buyerIds", Kind::Buyer),
            ("fromGroupId", Kind::Group),
        ] {
            assert_eq!(kind_of(name, Kind::Seller), kind, "{name}");
        }
        for (name, kind) in [
            ("id", Kind::WavefrontUserGroup),
            ("userGroupIds", Kind::WavefrontUserGroup),
            ("accountIds", Kind::WavefrontAccount),
            ("roleIds", Kind::WavefrontRole),
        ] {
            assert_eq!(kind_of(name, Kind::WavefrontUserGroup), kind, "{name}");
        }
    }
}
