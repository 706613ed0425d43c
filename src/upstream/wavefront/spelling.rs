//! Where Wavefront spells a thing otherwise than the graph (`wavefront-api.md` section 4). Its worst trap: on accounts,
//! `groups` are permissions, and the groups are `userGroups`.

/// The REST names of a field that are not its GraphQL name. Empty when both worlds agree.
#[must_use]
pub fn rest_names(type_name: &str, field: &str) -> &'static [&'static str] {
    match (type_name, field) {
        ("WavefrontAccount", "id") => &["identifier", "id"],
        ("WavefrontAccount", "permissions") => &["groups"],
        ("WavefrontAccount", "lastLoginAt") => &["lastSuccessfulLogin"],
        ("WavefrontAccount", "lastUsedAt") => &["lastUsed"],
        // A group's own `users` may be a part of them, so no body is believed: a search tells all.
        ("WavefrontUserGroup", "users") => &["(all users)"],
        ("WavefrontUserGroup" | "WavefrontRole", "createdAt") => &["createdEpochMillis"],
        ("WavefrontRole", "updatedAt") => &["lastUpdatedMs"],
        ("WavefrontRole", "updatedBy") => &["lastUpdatedAccountId"],
        _ => &[],
    }
}

/// Whether a moment is sent as a number of milliseconds.
#[must_use]
pub fn in_milliseconds(type_name: &str) -> bool {
    type_name.starts_with("Wavefront")
}

/// References are sent as objects or as bare ids, depending on the endpoint.
#[must_use]
pub fn bare_member(type_name: &str) -> Option<&'static str> {
    matches!(type_name, "WavefrontAccount" | "WavefrontUserGroup" | "WavefrontRole").then_some("id")
}

/// The field of a type whose text is the id of what another field of it refers to.
#[must_use]
pub fn named_by(type_name: &str, field: &str) -> Option<&'static str> {
    // A person's account is the one that has the person's e-mail address.
    ((type_name, field) == ("User", "wavefrontAccount")).then_some("email")
}

/// The name of an input's member in the body of a write.
#[must_use]
pub fn written(member: &str) -> &str {
    if member == "roles" { "roleIDs" } else { member }
}
