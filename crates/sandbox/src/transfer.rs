//! What moving a buyer to another account would take along, before anybody asks for it.

use serde_json::{Value, json};

use super::{
    problem::Problem,
    query::Query,
    read::{Body, Reader},
    schema::Entity,
};

impl Reader<'_> {
    /// The buyer with counts, and the memberships of its account that would lose it. These are told with ids of their
    /// own, whether the host has a route for them or not.
    pub(crate) fn transfer(&self, buyer: usize, destination: Option<usize>) -> Result<Body, Problem> {
        let destination = destination
            .ok_or_else(|| Problem::invalid("destinationAccountId", "The destinationAccountId field is required."))?;
        if self.world.cell(Entity::Account, destination, "type").as_text() != "Client" {
            return Err(Problem::rule("MPTACC05-0002", "Buyers belong to client accounts.", "destinationAccountId"));
        }
        let shown = |entity: Entity, row: usize| -> Result<Value, Problem> {
            let body = self.single(entity, self.world.row(entity, row), &Query::default())?;
            Ok(serde_json::from_slice(&body.bytes).unwrap_or_default())
        };
        let licensees = self.world.referring(Entity::Licensee, "buyer", buyer);
        let groups = self.world.referring(Entity::Group, "buyers", buyer);
        let members = self.world.referring(Entity::AccountUser, "buyers", buyer);
        let mut details = shown(Entity::Buyer, buyer)?;
        details["stats"] = json!({
            "agreementCount": 0,
            "licenseeCount": licensees.len(),
            "orderCount": 0,
            "subscriptionCount": 0,
            "userCount": members.len(),
            "userGroupCount": groups.len(),
        });
        details["users"] =
            members.iter().map(|&row| shown(Entity::AccountUser, row)).collect::<Result<Value, Problem>>()?;
        Ok(Body { bytes: details.to_string().into_bytes(), rows: 1 })
    }
}
