//! The types of the graph, and the schema that is printed of them.

use super::{
    mutation::root::Mutation,
    query::{PlainRoot, Root},
};
use async_graphql::{EmptySubscription, OutputType, SDLExportOptions, Schema, registry::Registry};

/// What the schema is for.
pub const DESCRIPTION: &str = "The accounts of the SoftwareOne Marketplace: who may do what in which account. It reads and \
    changes users, accounts, groups, modules, buyers, sellers, licensees, ERP links, API tokens and cloud tenants, and the \
    accounts, groups and roles of Wavefront.";

/// The types of the graph, as they are declared.
#[must_use]
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    Root::create_type_info(&mut registry);
    registry.mutation_type = Some(Mutation::type_name().into_owned());
    Mutation::create_type_info(&mut registry);
    registry
}

/// The schema in GraphQL's own language, sorted, without what only routers ask for.
#[must_use]
pub fn sdl() -> String {
    let schema = Schema::build(PlainRoot::default(), Mutation, EmptySubscription).finish();
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().use_space_ident();
    let sdl = schema.sdl_with_options(options.prefer_single_line_descriptions().include_specified_by());
    // The library describes everything but the schema itself.
    let described = format!("\"{DESCRIPTION}\"\nschema {{");
    format!("{}\n", sdl.trim().replacen("schema {", &described, 1))
}
