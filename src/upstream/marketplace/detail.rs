//! What an entity tells only at a route of its own: one request for each entity, nothing to unite. One line is one field.
//! Not every host has every one of these routes (`accounts-api-v5.md` section 1.2).

use crate::entity::kind::Kind;

/// A route below an entity that is read as a field of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubResource {
    /// The entity that has the field.
    pub parent: Kind,
    /// The field.
    pub field: &'static str,
    /// What follows the entity's own path; an argument's value goes to the end.
    pub route: &'static str,
    /// The argument, an id, with its kind and its description.
    pub argument: Option<(&'static str, Kind, &'static str)>,
    /// The member of the answer that is the field's value; without one the answer itself is.
    pub member: Option<&'static str>,
    /// Whether some hosts do not have the route.
    pub optional: bool,
    /// The member of the entity's row that says the same on hosts without the route.
    pub row: Option<&'static str>,
}

impl SubResource {
    const fn new(parent: Kind, field: &'static str, route: &'static str) -> SubResource {
        SubResource { parent, field, route, argument: None, member: None, optional: false, row: None }
    }

    /// The route as messages name it: without ids and arguments.
    #[must_use]
    pub fn template(&self) -> String {
        let route = self.route.split('?').next().unwrap_or_default();
        format!("/{}/{{id}}/{route}", self.parent.collection())
    }
}

/// Every such field.
pub const SUB_RESOURCES: &[SubResource] = &[
    SubResource {
        member: Some("status"),
        optional: true,
        row: Some("SSO"),
        ..SubResource::new(Kind::User, "sso", "sso")
    },
    SubResource { optional: true, ..SubResource::new(Kind::Account, "notificationSettings", "settings/notifications") },
    SubResource {
        argument: Some(("destinationAccount", Kind::Account, "The account that the buyer would move to.")),
        ..SubResource::new(Kind::Buyer, "transferPreview", "transfer?destinationAccountId=")
    },
];

/// The place of a field among them.
#[must_use]
pub fn of(parent: Kind, field: &str) -> Option<usize> {
    SUB_RESOURCES.iter().position(|detail| detail.parent == parent && detail.field == field)
}
