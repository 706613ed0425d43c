//! Relations as the schema sees them: to one entity, and to a page of many.

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{MetaField, MetaTypeId, ObjectBuilder, Registry},
};
use std::{borrow::Cow, marker::PhantomData};

/// A relation to one entity; in the schema it is the entity itself.
pub struct Ref<T>(PhantomData<fn() -> T>);

impl<T: OutputType> OutputType for Ref<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

/// A relation to many entities that is read page by page.
pub struct Connection<T>(PhantomData<fn() -> T>);

impl<T: OutputType> OutputType for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let node = T::create_type_info(registry);
            let mut nodes = MetaField::new("nodes", format!("[{node}]!"));
            nodes.description = Some("The entities on this page.".to_owned());
            let mut total = MetaField::new("totalCount", "Int");
            total.description = Some("How many there are on all pages.".to_owned());
            let fields = IndexMap::from_iter([nodes, total].map(|field| (field.name.clone(), field)));
            ObjectBuilder::new(Self::type_name(), fields)
                .description(Some(format!("A page of a list of `{}`.", T::type_name())))
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
