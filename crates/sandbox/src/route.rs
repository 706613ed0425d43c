//! Paths of the accounts module. Everything is below `/accounts`, once the version prefix is gone.

use super::schema::Entity;

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    List(Entity),
    Single(Entity, &'a str),
    /// An image; the collection and the id.
    Icon(Entity, &'a str),
    /// Family A: memberships of an account.
    Memberships(&'a str),
    /// Family A: one membership, by account and user.
    Membership(&'a str, &'a str),
    /// Family C: users of an account.
    Members(&'a str),
    Member(&'a str, &'a str),
    /// Accounts of a user.
    Accesses(&'a str),
    /// Whether a user signs in by the account's own provider.
    Sso(&'a str),
    /// The same, as it was asked before v5.
    SsoCheck(&'a str),
    /// Which notifications an account does not want.
    Notifications(&'a str),
    /// What moving a buyer to another account would take along.
    Transfer(&'a str),
}

/// Takes the version prefix off a path.
pub(crate) fn strip(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/public/v1").or_else(|| path.strip_prefix("/v1"))?;
    rest.starts_with('/').then_some(rest)
}

/// Reads a path without its version prefix.
pub(crate) fn route(path: &str) -> Option<Route<'_>> {
    let parts: Vec<&str> = path.strip_prefix("/accounts/")?.split('/').collect();
    if parts.contains(&"") {
        return None;
    }
    let entity = Entity::of_segment(parts[0]);
    Some(match (entity, &parts[1..]) {
        (Some(entity), []) => Route::List(entity),
        (Some(entity), [id]) => Route::Single(entity, id),
        (Some(entity), [id, "icon"]) if has_icon_route(entity) => Route::Icon(entity, id),
        (Some(Entity::Account), [account, "users"]) => Route::Members(account),
        (Some(Entity::Account), [account, "users", user]) => Route::Member(account, user),
        (Some(Entity::User), [user, "accounts"]) => Route::Accesses(user),
        (Some(Entity::Account), [account, "settings", "notifications"]) => Route::Notifications(account),
        (Some(Entity::User), [user, "sso"]) => Route::Sso(user),
        (Some(Entity::User), [user, "sso-check"]) => Route::SsoCheck(user),
        (Some(Entity::Buyer), [buyer, "transfer"]) => Route::Transfer(buyer),
        (None, ["users"]) => Route::Memberships(parts[0]),
        (None, ["users", user]) => Route::Membership(parts[0], user),
        _ => return None,
    })
}

fn has_icon_route(entity: Entity) -> bool {
    matches!(entity, Entity::User | Entity::Account | Entity::Buyer | Entity::Seller | Entity::Licensee)
}
