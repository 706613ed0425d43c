//! Pictures: the kinds of entities that have a route for theirs, which redirects to the image and needs no credential
//! (`accounts-api-v5.md` section 1.3).

use crate::entity::kind::{Kind, Upstream};

/// The field of the graph with the address of a picture at the gateway.
pub const ICON_URL: &str = "iconUrl";

/// The field with what the upstream says of a picture.
pub const ICON: &str = "icon";

/// The kinds that have the route.
pub const WITH_ICON: [Kind; 5] = [Kind::User, Kind::Account, Kind::Buyer, Kind::Seller, Kind::Licensee];

/// Whether a kind has the route.
#[must_use]
pub fn has_route(kind: Kind) -> bool {
    WITH_ICON.contains(&kind)
}

/// The kind whose pictures are below a segment of a path, which is the name of its collection.
#[must_use]
pub fn of_segment(segment: &str) -> Option<Kind> {
    WITH_ICON.into_iter().find(|kind| kind.collection() == segment)
}

/// Path of an entity's picture, relative to the base. The id has to be one of the kind.
#[must_use]
pub fn target(kind: Kind, id: &str) -> String {
    format!("{}{}/{id}/icon", Upstream::Accounts.root(), kind.collection())
}
