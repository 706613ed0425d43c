//! What every part of the schema keeps to, whoever adds it: names, inputs and descriptions.

pub use crate::answer::parsed;
use crate::support::kit;
use accounts_graph::graph::introspect::DESCRIPTION;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use serde_json::json;

const PRINTED: &str = include_str!("../../schema.graphql");

/// Every type of the printed schema.
fn types() -> Vec<TypeDefinition> {
    let document = parsed(PRINTED);
    let ty = |definition| if let TypeSystemDefinition::Type(ty) = definition { Some(ty.node) } else { None };
    let types: Vec<_> = document.definitions.into_iter().filter_map(ty).collect();
    assert!(types.len() > 60, "only {} types were found", types.len());
    types
}

/// The fields of an object type or an interface.
fn fields(ty: &TypeDefinition) -> impl Iterator<Item = &FieldDefinition> {
    let fields = match &ty.kind {
        TypeKind::Object(object) => &object.fields[..],
        TypeKind::Interface(interface) => &interface.fields[..],
        _ => &[],
    };
    fields.iter().map(|field| &field.node)
}

/// The fields of an input type.
fn input_fields(ty: &TypeDefinition) -> impl Iterator<Item = &InputValueDefinition> {
    let fields = if let TypeKind::InputObject(input) = &ty.kind { &input.fields[..] } else { &[] };
    fields.iter().map(|field| &field.node)
}

#[test]
fn every_mutation_has_an_input_and_a_payload_of_its_own() {
    let types = types();
    let mutation = types.iter().find(|ty| ty.name.node == "Mutation").expect("mutations");
    for field in fields(mutation) {
        let name = field.name.node.as_str();
        let pascal = name[..1].to_uppercase() + &name[1..];
        let [input] = &field.arguments[..] else { panic!("{name} has one argument") };
        assert_eq!(input.node.name.node, "input", "{name}");
        assert_eq!(input.node.ty.node.to_string(), format!("{pascal}Input!"), "{name}");
        assert_eq!(field.ty.node.to_string(), format!("{pascal}Payload"), "{name}");
    }
}

#[test]
fn ids_in_inputs_are_named_as_ids() {
    let types = types();
    let mut count = 0;
    // A filter compares with what its field names: `{id: {eq: …}}`.
    for ty in types.iter().filter(|ty| !ty.name.node.ends_with("Filter")) {
        for field in input_fields(ty) {
            let (name, of) = (field.name.node.as_str(), field.ty.node.to_string());
            let (is_id, is_list) = (of.trim_matches(['[', ']', '!']) == "ID", of.starts_with('['));
            let named = if is_list { name.ends_with("Ids") } else { name == "id" || name.ends_with("Id") };
            assert!(!is_id || named, "{}.{name}: {of}", ty.name.node);
            count += usize::from(is_id);
        }
    }
    assert!(count > 60, "only {count} ids were found");
}

/// Every description of the schema, with what it describes.
fn descriptions() -> Vec<(String, String)> {
    let mut found = vec![];
    for ty in types() {
        let name = ty.name.node.to_string();
        let mut note = |place: String, text: &Option<async_graphql::Positioned<String>>| {
            found.push((place, text.as_ref().map_or_else(String::new, |text| text.node.clone())));
        };
        note(name.clone(), &ty.description);
        for field in fields(&ty) {
            let place = format!("{name}.{}", field.name.node);
            for argument in &field.arguments {
                note(format!("{place}({})", argument.node.name.node), &argument.node.description);
            }
            note(place, &field.description);
        }
        for field in input_fields(&ty) {
            note(format!("{name}.{}", field.name.node), &field.description);
        }
        if let TypeKind::Enum(values) = &ty.kind {
            for value in &values.values {
                note(format!("{name}.{}", value.node.value.node), &value.node.description);
            }
        }
    }
    found
}

/// Phrases that say nothing, or not in plain English.
const PHRASES: [&str; 5] =
    ["Null when", "when the upstream does not return it", "the upstream failed", "older upstreams", "What came of"];

#[test]
fn a_description_is_a_sentence_in_plain_english() {
    let mut wrong = vec![];
    for (place, text) in descriptions() {
        // The name of a member is no description of it.
        let only_named = text.starts_with("By `") && text.ends_with("`.");
        if only_named || !text.trim_end().ends_with('.') || PHRASES.iter().any(|phrase| text.contains(phrase)) {
            wrong.push(format!("{place}: {text:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn scalars_say_who_specifies_them_and_the_schema_says_what_it_is() {
    for ty in types() {
        let specified = ty.directives.iter().any(|directive| directive.node.name.node == "specifiedBy");
        assert_eq!(specified, matches!(ty.kind, TypeKind::Scalar), "{}", ty.name.node);
    }
    assert!(PRINTED.contains(&format!("\n\"{DESCRIPTION}\"\nschema {{\n")));
}

#[tokio::test]
async fn introspection_tells_what_the_printed_schema_does() {
    let kit = kit().await;
    let data = kit
        .data(
            "query($no: Boolean = false) {
                __schema { about: description ...S types { name kind interfaces { name } url: specifiedByURL
                    fields { type { ofType { none: interfaces { name } } } } } }
                node: __type(name: \"Node\") { a: interfaces { name } interfaces @include(if: $no) { name } }
            }
            fragment S on __Schema { description directives { name locations args { name defaultValue } } }",
        )
        .await;
    let schema = &data["__schema"];
    assert_eq!((&schema["about"], &schema["description"]), (&json!(DESCRIPTION), &json!(DESCRIPTION)));
    for ty in schema["types"].as_array().expect("types") {
        // Only what has fields of its own implements interfaces.
        let has = ["OBJECT", "INTERFACE"].contains(&ty["kind"].as_str().expect("a kind"));
        assert_eq!(ty["interfaces"].is_array(), has, "{ty}");
        let is_ours = ty["kind"] == "SCALAR" && ["DateTime", "JSON"].contains(&ty["name"].as_str().expect("a name"));
        assert_eq!(ty["url"].is_string(), is_ours, "{ty}");
    }
    assert_eq!(data["node"], json!({ "a": [] }), "and nothing that was not selected");
    let directives = schema["directives"].as_array().expect("directives");
    let ours = directives.iter().find(|directive| directive["name"] == "semanticNonNull").expect("the directive");
    let levels = json!([{ "name": "levels", "defaultValue": "[0]" }]);
    assert_eq!((&ours["locations"], &ours["args"]), (&json!(["FIELD_DEFINITION"]), &levels));
    assert_eq!(kit.requests(), [""; 0]);
}
