//! Who acts on the platform.

use super::{api_token::ApiToken, extension::Extension, service::Service, user::User};
use crate::graph::resolve;
use async_graphql::{
    ContextSelectionSet, ID, Interface, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};
use std::borrow::Cow;

/// Who does something on the platform: a person, a program with an API token, a service of the platform, or an
/// extension of it.
#[derive(Interface)]
#[expect(clippy::large_enum_variant, reason = "a declaration, never made")]
#[expect(clippy::duplicated_attributes, reason = "two fields of the same type are not duplicates")]
#[graphql(
    field(name = "id", ty = "&ID", desc = "Id of the actor; its prefix tells the type."),
    field(name = "name", ty = "&Option<String>", desc = "Name of the actor."),
    field(name = "icon", ty = "&Option<String>", desc = "Where the picture is. Null if there is none."),
    field(name = "revision", ty = "&Option<i32>", desc = "Counts the changes. Null if the API does not return it.")
)]
pub enum Actor {
    /// A person.
    User(User),
    /// A program.
    ApiToken(ApiToken),
    /// A part of the platform that acts by itself.
    Service(Service),
    /// An extension of the platform.
    Extension(Extension),
    /// Anybody else.
    UnknownActor(UnknownActor),
}

/// An actor of a type that this version of the graph does not know: what the reference to it tells.
#[derive(SimpleObject)]
pub struct UnknownActor {
    /// Id of the actor.
    pub id: ID,
    /// Name of the actor. Null if the API does not return it.
    pub name: Option<String>,
    /// Where the picture is. Null if there is none.
    pub icon: Option<String>,
    /// Counts the changes. Null if the API does not return it.
    pub revision: Option<i32>,
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
