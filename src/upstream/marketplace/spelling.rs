//! Where the generations of the documented shapes spell one thing differently (`accounts-api.md` section 9). The graph
//! has one name for each; this file maps the others to it.

/// The REST names of a field that are not its GraphQL name: the current name first.
///
/// `type_name` is the GraphQL type; the result is empty when both worlds agree.
#[must_use]
pub fn rest_names(type_name: &str, field: &str) -> &'static [&'static str] {
    match (type_name, field) {
        // The hand-written example of the first generation says `group`, its field list `groups`.
        ("User", "groups") => &["groups", "group"],
        ("Group", "isDefault") => &["isDefault", "default"],
        ("Group", "logo") => &["logo", "icon"],
        ("BuyerTransferPreview", "accountUsers") => &["users"],
        ("ModuleFilters", "groupBuyers") => &["group.buyers"],
        _ => &[],
    }
}

/// The member of the ENCLOSING object that said the same in the first generations, where `settings` had no such member.
#[must_use]
pub fn lifted_from(type_name: &str, field: &str) -> Option<&'static str> {
    match (type_name, field) {
        ("ModuleSettings", "configurable") => Some("isConfigurable"),
        ("ModuleSettings", "default") => Some("isEnabledByDefault"),
        ("ModuleSettings", "paid") => Some("paid"),
        _ => None,
    }
}

/// The path of a field that stands inside a value object of its entity. How it stands with a membership all generations
/// tell in its invitation; a `status` beside it is told by some, and in rows of users it may be the user's
/// (`accounts-api-v5.md` section 2.2).
#[must_use]
pub fn within(type_name: &str, field: &str) -> Option<&'static str> {
    match (type_name, field) {
        (_, "createdAt") => Some("audit.created.at"),
        (_, "updatedAt") => Some("audit.updated.at"),
        ("AccountUser", "status") => Some("invitation.status"),
        _ => None,
    }
}

/// Whether a field says something about the way by which its entity was reached, so that what another place says of the
/// same entity is about something else: the ERP link of a seller is the one to the buyer that the seller is embedded in
/// (`accounts-api.md` section 2).
#[must_use]
pub fn belongs_to_the_way(type_name: &str, field: &str) -> bool {
    (type_name, field) == ("Seller", "erpLink")
}

/// The one member that an element of a list of these value objects tells when it is sent as a bare string: older
/// generations send a seller's currencies as codes (`accounts-api.md` section 9).
#[must_use]
pub fn bare_member(type_name: &str) -> Option<&'static str> {
    match type_name {
        "SellerCurrency" => Some("value"),
        "Extension" => Some("id"),
        _ => None,
    }
}

/// What newer generations call what older ones said with yes or no, as JSON text: a user's sign-on through single sign-on.
#[must_use]
pub const fn switched(on: bool) -> &'static str {
    if on { "\"ENABLED\"" } else { "\"DISABLED\"" }
}

/// Whether older generations have a text or a list in the place of this value object, which says nothing of its members:
/// `"1.234,56"` for the format of numbers (`accounts-api-v5.md` section 7).
#[must_use]
pub fn was_no_object(type_name: &str) -> bool {
    matches!(type_name, "NumberFormat" | "OptOuts")
}

/// Whether a list that is selected and not there is empty. Version 5 leaves out members that are empty; where a missing
/// list means something else, such as no restriction, it stays null (`accounts-api-v5.md` section 2).
#[must_use]
pub fn empty_when_absent(type_name: &str, field: &str) -> bool {
    matches!(
        (type_name, field),
        ("Group" | "AccountUser" | "ApiToken", "modules") | ("Group", "users") | ("Buyer", "sellers")
    )
}
