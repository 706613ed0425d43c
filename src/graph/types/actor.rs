//! Who acts on the platform.

use super::{api_token::ApiToken, user::User};
use crate::graph::resolve;
use async_graphql::{
    ContextSelectionSet, ID, Interface, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};
use std::borrow::Cow;

/// Who does something on the platform: a person, or a program with an API token.
#[derive(Interface)]
#[expect(clippy::large_enum_variant, reason = "a declaration, never made")]
#[expect(clippy::duplicated_attributes, reason = "two fields of the same type are not duplicates")]
#[graphql(
    field(name = "id", ty = "&ID", desc = "Id of the user or the token; its prefix tells which."),
    field(name = "name", ty = "&Option<String>", desc = "Name of the user or the token."),
    field(name = "icon", ty = "&Option<String>", desc = "Where the picture is. Null when there is none."),
    field(name = "revision", ty = "&Option<i32>", desc = "Counts the changes. Null when the upstream does not tell.")
)]
pub enum Actor {
    /// A person.
    User(User),
    /// A program.
    ApiToken(ApiToken),
}

/// What a field refers to whose type is [`Actor`].
pub struct AnyActor;

impl OutputType for AnyActor {
    fn type_name() -> Cow<'static, str> {
        <Actor as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Actor::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}
