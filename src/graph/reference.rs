//! Relations as the schema sees them: to one entity, and to a page of many. Declarations only: the projector answers.

use super::resolve;
use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{MetaField, MetaTypeId, ObjectBuilder, Registry},
};
use std::{borrow::Cow, marker::PhantomData};

/// A relation to one entity; in the schema it is the entity itself.
pub struct Ref<T>(PhantomData<fn() -> T>);

impl<T> Default for Ref<T> {
    fn default() -> Self {
        Ref(PhantomData)
    }
}

impl<T: OutputType> OutputType for Ref<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}

/// A relation to many entities that is read page by page. The library's own connection prints `[T!]!` whatever the
/// node's nullability and is filled value by value, hence this one.
pub struct Connection<T>(PhantomData<fn() -> T>);

impl<T> Default for Connection<T> {
    fn default() -> Self {
        Connection(PhantomData)
    }
}

impl<T: OutputType> OutputType for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::type_name();
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let node = T::create_type_info(registry);
            let edge = Edge::<T>::create_type_info(registry);
            let page_info = PageInfo::create_type_info(registry);
            object::<Self>(
                &format!("A page of a list of `{name}`."),
                [
                    ("nodes", format!("[{node}]!"), "The entities on this page."),
                    ("edges", format!("[{edge}]!"), "The entities on this page, each with its cursor."),
                    ("pageInfo", page_info, "Where this page lies in the list."),
                    (
                        "totalCount",
                        "Int".to_owned(),
                        "How many there are on all pages. Null, with an error, if the API does not return it.",
                    ),
                ],
            )
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}

/// An entity of a page, with its cursor: a declaration, never made.
struct Edge<T>(PhantomData<fn() -> T>);

impl<T: OutputType> OutputType for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::type_name();
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let node = T::create_type_info(registry);
            object::<Self>(
                &format!("An entity of type `{name}` on a page of a list."),
                [
                    ("cursor", "String!".to_owned(), "The place in the list: for `after` and `before`."),
                    ("node", node, "The entity."),
                ],
            )
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}

/// Where a page lies in its list: a declaration, never made.
struct PageInfo;

impl OutputType for PageInfo {
    fn type_name() -> Cow<'static, str> {
        "PageInfo".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |_| {
            object::<Self>(
                "Where a page lies in its list.",
                [
                    ("hasNextPage", "Boolean!".to_owned(), "Whether the list goes on after this page."),
                    ("hasPreviousPage", "Boolean!".to_owned(), "Whether the list has something before this page."),
                    ("startCursor", "String".to_owned(), "The cursor of the first entity. Null if the page is empty."),
                    ("endCursor", "String".to_owned(), "The cursor of the last entity. Null if the page is empty."),
                ],
            )
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve::elsewhere(field)
    }
}

fn object<T: OutputType>(
    description: &str,
    fields: impl IntoIterator<Item = (&'static str, String, &'static str)>,
) -> async_graphql::registry::MetaType {
    let field = |(name, ty, text): (&str, String, &str)| {
        let mut field = MetaField::new(name, ty);
        field.description = Some(text.to_owned());
        (name.to_owned(), field)
    };
    let fields: IndexMap<_, _> = fields.into_iter().map(field).collect();
    ObjectBuilder::new(T::type_name(), fields)
        .description(Some(description.to_owned()))
        .rust_typename(std::any::type_name::<T>())
        .build()
}
