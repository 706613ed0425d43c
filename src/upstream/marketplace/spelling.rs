//! Where the generations of the documented shapes spell one thing differently (`accounts-api.md` section 9). The graph
//! has one name for each; this file maps the others to it.

/// The REST names of a field that are not its GraphQL name: the current name first.
///
/// `type_name` is the GraphQL type; the result is empty when both worlds agree.
#[must_use]
pub fn rest_names(type_name: &str, field: &str) -> &'static [&'static str] {
    match (type_name, field) {
        ("User", "sso") => &["SSO", "sso"],
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
        _ => None,
    }
}
