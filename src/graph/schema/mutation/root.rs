//! The root of all writes: its fields and their payloads, registered from the declarations. The projector
//! runs them one after the other.

use super::{
    all,
    declared::{MutationDef, ResultKind},
    user_error::{self, UserError},
};
use crate::graph::schema::resolve;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{MetaField, MetaInputValue, MetaTypeId, ObjectBuilder, Registry},
};
use std::borrow::Cow;

/// Everything that can be changed.
#[derive(Default)]
pub struct Mutation;

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        "Mutation".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            <UserError as OutputType>::create_type_info(registry);
            user_error::describe(registry);
            let fields = all().map(|declared| (declared.name.to_owned(), field(registry, declared))).collect();
            ObjectBuilder::new(Self::type_name(), fields)
                .description(Some(
                    "Everything that can be changed. The fields of one request run one after the other, each exactly once; \
                     a change is sent once and never repeated."
                        .to_owned(),
                ))
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        resolve::elsewhere(ctx.item).map(Some)
    }
}

impl ObjectType for Mutation {}

fn field(registry: &mut Registry, declared: &MutationDef) -> MetaField {
    let mut input = MetaInputValue::new("input", declared.register_input(registry));
    input.description = Some("What to change, and how.".to_owned());
    let mut field = MetaField::new(declared.name, register_payload(registry, declared));
    field.description = Some(declared.description.to_owned());
    field.args.insert("input".to_owned(), input);
    field
}

fn register_payload(registry: &mut Registry, declared: &MutationDef) -> String {
    let mut fields = IndexMap::new();
    let mut add = |name: &str, ty: &str, text: &str| {
        let mut field = MetaField::new(name, ty);
        field.description = Some(text.to_owned());
        fields.insert(name.to_owned(), field);
    };
    let kind = declared.gives.kind();
    match declared.gives {
        ResultKind::Changed(_) | ResultKind::Created(_) => {
            let text = match declared.gives {
                ResultKind::Changed(_) => "The changed entity as it is now. Null if nothing was changed.",
                _ => "The new entity. Null if nothing was created.",
            };
            add(&declared.entity_field().unwrap_or_default(), kind.type_name(), text);
        }
        ResultKind::Deleted(_) => add("deletedId", "ID", "The id of the deleted entity. Null if nothing was deleted."),
        ResultKind::Verdict(_) => add("valid", "Boolean!", "Whether it would be accepted. Nothing was changed."),
        ResultKind::Told(_, name) => add(name, "JSON", "The new value. Null if nothing was changed."),
    }
    if let Some(secret) = declared.secret {
        let text = "The secret. It is returned here and never again. Null if nothing was created.";
        add(secret, "String", text);
    }
    let text = match declared.confirmed {
        None => "Why the change was not made, as far as the caller can correct it. Empty if it was made.",
        Some(_) => {
            "Why the change was not made, or only a part of it, as far as the caller can correct it. Empty if all of it was made."
        }
    };
    add("userErrors", "[UserError!]!", text);
    let name = declared.payload();
    let text = format!("The result of `{}`.", declared.name);
    registry.types.insert(name.clone(), ObjectBuilder::new(&name, fields).description(Some(text)).build());
    name
}
