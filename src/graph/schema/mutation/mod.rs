//! Everything that can be changed. A mutation is declared in its noun's file, in a few lines; the schema, the request and
//! the payload follow from there.

pub mod account;
pub mod account_user;
pub mod api_token;
pub mod buyer;
pub mod cloud_tenant;
pub mod declared;
pub mod erp_link;
pub mod group;
pub mod licensee;
pub mod parts;
pub mod root;
pub mod seller;
pub mod user;
pub mod user_error;
pub mod wavefront;

use declared::MutationDef;

/// Every mutation.
pub fn all() -> impl Iterator<Item = &'static MutationDef> {
    [
        user::MUTATIONS,
        account_user::MUTATIONS,
        group::MUTATIONS,
        account::MUTATIONS,
        buyer::MUTATIONS,
        seller::MUTATIONS,
        licensee::MUTATIONS,
        erp_link::MUTATIONS,
        api_token::MUTATIONS,
        cloud_tenant::MUTATIONS,
        wavefront::MUTATIONS,
    ]
    .into_iter()
    .flatten()
}

/// The mutation of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static MutationDef> {
    all().find(|declared| declared.name == name)
}
