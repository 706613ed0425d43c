//! The printed schema, as far as generator and evaluation need it.

use super::mode::Mode;
use crate::schema_rules::parsed;
use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition};
use std::collections::HashMap;

/// Fields that are no part of the rows: they have routes of their own, and tests of their own.
const OF_ROUTES: [(&str, &str); 3] =
    [("User", "sso"), ("Account", "notificationSettings"), ("Buyer", "transferPreview")];

/// Every type of the schema.
#[derive(Default)]
pub(super) struct Schema {
    objects: HashMap<String, Vec<Output>>,
    /// Interfaces, with their fields.
    interfaces: HashMap<String, Vec<Output>>,
    /// The object types behind each interface.
    possible: HashMap<String, Vec<String>>,
    /// Values of enums, with their descriptions.
    enums: HashMap<String, Vec<(String, String)>>,
    inputs: HashMap<String, Vec<Input>>,
}

/// A field of an object type or interface.
pub(super) struct Output {
    pub(super) name: String,
    /// Its type as it is printed: `[Group!]`.
    pub(super) ty: String,
    /// The names of its arguments.
    pub(super) arguments: Vec<String>,
}

/// A field of an input object type.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) ty: String,
}

/// The type inside of lists and non-nulls.
pub(super) fn named(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}

impl Schema {
    /// The schema without what a kind of host cannot be asked about.
    pub(super) fn of(mode: Mode) -> Schema {
        Schema::read(include_str!("../../../schema.graphql"), mode)
    }

    fn read(text: &str, mode: Mode) -> Schema {
        let mut schema = Schema::default();
        let document = parsed(text);
        for definition in document.definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let name = ty.node.name.node.to_string();
            match ty.node.kind {
                TypeKind::Object(object) => {
                    for interface in &object.implements {
                        schema.possible.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    let in_rows =
                        |field: &str| !OF_ROUTES.contains(&(name.as_str(), field)) && !mode.lacks_route(&name, field);
                    let fields = object.fields.iter().filter(|field| in_rows(&field.node.name.node));
                    let fields = fields.map(|field| output(&field.node));
                    // Wavefront is another upstream, whose rows nobody here has; and nobody asks who sends no token.
                    let elsewhere = |ty: &str| ty.starts_with("Wavefront") || ty == "Viewer";
                    let fields = fields.filter(|output| !elsewhere(named(&output.ty))).collect();
                    schema.objects.insert(name, fields);
                }
                TypeKind::Interface(interface) => {
                    let fields = interface.fields.iter();
                    let fields = fields.map(|field| output(&field.node));
                    schema.interfaces.insert(name, fields.collect());
                }
                TypeKind::Enum(values) => {
                    let text = |text: Option<String>| text.unwrap_or_default();
                    let values = values.values.into_iter().map(|value| {
                        (value.node.value.node.to_string(), text(value.node.description.map(|text| text.node)))
                    });
                    schema.enums.insert(name, values.collect());
                }
                TypeKind::InputObject(object) => {
                    let fields = object.fields.iter().map(|field| input(&field.node));
                    schema.inputs.insert(name, fields.collect());
                }
                TypeKind::Scalar | TypeKind::Union(_) => {}
            }
        }
        schema
    }

    /// Every object type with its fields.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&str, &[Output])> {
        self.objects.iter().map(|(name, outputs)| (name.as_str(), outputs.as_slice()))
    }

    /// The fields of an object type or interface.
    pub(super) fn outputs(&self, ty: &str) -> &[Output] {
        self.objects.get(ty).or_else(|| self.interfaces.get(ty)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn output(&self, ty: &str, field: &str) -> &Output {
        let found = self.outputs(ty).iter().find(|output| output.name == field);
        found.unwrap_or_else(|| panic!("{ty} has no field {field}"))
    }

    /// Whether fields are selected of the type.
    pub(super) fn is_composite(&self, ty: &str) -> bool {
        self.objects.contains_key(ty) || self.interfaces.contains_key(ty)
    }

    pub(super) fn is_interface(&self, ty: &str) -> bool {
        self.interfaces.contains_key(ty)
    }

    /// Whether a type condition lets an object of this type through.
    pub(super) fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.possible(condition).iter().any(|possible| possible == object)
    }

    /// The object types behind an interface; none for anything else.
    pub(super) fn possible(&self, interface: &str) -> &[String] {
        self.possible.get(interface).map_or(&[], Vec::as_slice)
    }

    /// The interfaces of an object type.
    pub(super) fn interfaces_of(&self, object: &str) -> Vec<&str> {
        let mut found: Vec<_> = self.possible.keys().filter(|name| self.applies(name, object)).collect();
        found.sort();
        found.into_iter().map(String::as_str).collect()
    }

    /// Whether values of the type can be looked up by their ids.
    pub(super) fn is_entity(&self, ty: &str) -> bool {
        self.possible("Node").iter().any(|possible| possible == ty)
    }

    /// The fields that the value of an order leads through, joined by dots: `ADDRESS_CITY` is `address.city`.
    pub(super) fn order_path(&self, ty: &str, value: &str) -> Option<String> {
        self.outputs(ty).iter().find_map(|output| {
            let rest = value.strip_prefix(&screaming(&output.name))?;
            if rest.is_empty() {
                return Some(output.name.clone());
            }
            let below = self.order_path(named(&output.ty), rest.strip_prefix('_')?)?;
            Some(format!("{}.{below}", output.name))
        })
    }

    /// The values of an enum, with their descriptions.
    pub(super) fn values(&self, ty: &str) -> Option<&[(String, String)]> {
        self.enums.get(ty).map(Vec::as_slice)
    }

    pub(super) fn inputs(&self, ty: &str) -> &[Input] {
        self.inputs.get(ty).map_or(&[], Vec::as_slice)
    }

    /// The enum's value for what the upstream sends: `InvitationExpired` is `INVITATION_EXPIRED`.
    pub(super) fn enum_value(&self, ty: &str, sent: &str) -> &str {
        let plain = |text: &str| text.replace('_', "").to_lowercase();
        let found = self.values(ty).unwrap_or_default().iter().find(|(value, _)| plain(value) == plain(sent));
        found.map_or("UNKNOWN", |(value, _)| value)
    }
}

fn screaming(camel: &str) -> String {
    camel.chars().fold(String::new(), |text, letter| {
        let underscore = if letter.is_ascii_uppercase() { "_" } else { "" };
        format!("{text}{underscore}{}", letter.to_ascii_uppercase())
    })
}

fn output(field: &FieldDefinition) -> Output {
    let arguments = field.arguments.iter().map(|argument| argument.node.name.node.to_string()).collect();
    Output { name: field.name.node.to_string(), ty: field.ty.node.to_string(), arguments }
}

fn input(value: &InputValueDefinition) -> Input {
    Input { name: value.name.node.to_string(), ty: value.ty.node.to_string() }
}
