//! Buyers: what their status follows from, and how they move to another account.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{BUYER_ACTIVATE, BUYER_NEW, BUYER_TRANSFER, BUYER_VALIDATE},
    members,
};
use crate::sandbox::{cell::Cell, problem::Problem, schema::Entity};

const ACTIVATE: Step = Step::new(Entity::Buyer, &["Enabled", "Unassigned"], "Active", "activated");
pub(super) const DISABLE: Step = Step::new(Entity::Buyer, &["Active", "Mismatch"], "Disabled", "disabled");
pub(super) const ENABLE: Step = Step::new(Entity::Buyer, &["Disabled"], "Active", "enabled");
pub(super) const DEACTIVATE: Step =
    Step::new(Entity::Buyer, &["Active", "Disabled", "Mismatch"], "Enabled", "unassigned").then(unlink);

const LIVE: &[&str] = &["Active", "Enabled", "Disabled", "Unassigned", "Conflict", "Mismatch"];

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.create(Entity::Buyer, BUYER_NEW, members(body))?;
    let account = writer.one(Entity::Buyer, buyer, "account");
    if let Some(account) = account {
        writer.check_client(account)?;
    }
    let status = match (account, writer.is_linked(buyer)) {
        (None, _) => "Unassigned",
        (Some(_), false) => "Enabled",
        (Some(_), true) => "Active",
    };
    writer.world.set(Entity::Buyer, buyer, "status", status.into());
    Ok(Done::Created(Entity::Buyer, buyer))
}

pub(super) fn activate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    writer.fill(Entity::Buyer, buyer, BUYER_ACTIVATE, members(body))?;
    writer.check_client(writer.one(Entity::Buyer, buyer, "account").unwrap_or_default())?;
    if !writer.is_linked(buyer) {
        let message = "An active buyer has a customer and a contact in the ERP.";
        return Err(Problem::rule("MPTACC05-0001", message, "externalIds"));
    }
    writer.step(&ACTIVATE, buyer)?;
    Ok(Done::Row(Entity::Buyer, buyer))
}

/// The ERP agrees with everything: what it complained about is over.
pub(super) fn synchronize(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let status = match writer.text(Entity::Buyer, buyer, "status") {
        "Conflict" => Some("Unassigned"),
        "Mismatch" => Some("Active"),
        _ => None,
    };
    if let Some(status) = status {
        writer.put(Entity::Buyer, buyer, "status", status.into());
    }
    writer.put(Entity::Buyer, buyer, "errors", Cell::Null);
    Ok(Done::Row(Entity::Buyer, buyer))
}

/// The licensees go along; the groups of the account that it leaves no longer show it. To the account where it is
/// already, nothing moves.
pub(super) fn transfer(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let before = writer.one(Entity::Buyer, buyer, "account");
    writer.fill(Entity::Buyer, buyer, BUYER_TRANSFER, members(body))?;
    let account = writer.one(Entity::Buyer, buyer, "account").unwrap_or_default();
    writer.check_client(account)?;
    if before != Some(account) {
        for licensee in writer.world.referring(Entity::Licensee, "buyer", buyer) {
            writer.put(Entity::Licensee, licensee, "account", Cell::One(account));
        }
        writer.hide(buyer);
    }
    Ok(Done::Row(Entity::Buyer, buyer))
}

pub(super) fn validate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    writer.fill(Entity::Buyer, buyer, BUYER_VALIDATE, members(body))?;
    writer.check_client(writer.one(Entity::Buyer, buyer, "account").unwrap_or_default())?;
    Ok(Done::Candidate(Entity::Buyer, buyer))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let done = writer.discard(Entity::Buyer, buyer, LIVE)?;
    writer.hide(buyer);
    Ok(done)
}

/// Takes the ERP ids away; without an account the buyer is nobody's.
fn unlink(writer: &mut Writer<'_>, buyer: usize) {
    writer.put(Entity::Buyer, buyer, "externalIds", Cell::Null);
    if writer.one(Entity::Buyer, buyer, "account").is_none() {
        writer.put(Entity::Buyer, buyer, "status", "Unassigned".into());
    }
}

impl Writer<'_> {
    fn check_client(&self, account: usize) -> Result<(), Problem> {
        if self.text(Entity::Account, account, "type") == "Client" {
            return Ok(());
        }
        Err(Problem::rule("MPTACC05-0002", "Buyers belong to client accounts.", "account.id"))
    }

    /// Whether the ERP knows the buyer.
    fn is_linked(&self, buyer: usize) -> bool {
        let Cell::Object(ids) = self.world.cell(Entity::Buyer, buyer, "externalIds") else { return false };
        ids.iter().take(2).all(|id| !id.as_text().is_empty())
    }

    /// Takes a buyer out of the groups that list it.
    fn hide(&mut self, buyer: usize) {
        for group in self.world.referring(Entity::Group, "buyers", buyer) {
            let mut buyers = self.world.cell(Entity::Group, group, "buyers").targets().to_vec();
            buyers.retain(|&shown| shown != buyer);
            self.put(Entity::Group, group, "buyers", Cell::Many(buyers));
        }
    }
}
