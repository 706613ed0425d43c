//! Buyers: what their status follows from, and how they move to another account.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{BUYER, BUYER_ACTIVATE, BUYER_TRANSFER, BUYER_VALIDATE},
    members,
};
use crate::{
    cell::{Cell, object},
    problem::Problem,
    schema::Entity,
};

const ACTIVATE: Step = Step::new(Entity::Buyer, &["Enabled"], "Active", "activated");
pub(super) const DISABLE: Step = Step::new(Entity::Buyer, &["Active", "Enabled"], "Disabled", "disabled").then(rest);
/// The status that follows is derived.
pub(super) const ENABLE: Step = Step::new(Entity::Buyer, &["Disabled"], "Enabled", "enabled").then(derive);
const DEACTIVATE: Step =
    Step::new(Entity::Buyer, &["Active", "Disabled", "Mismatch"], "Enabled", "unassigned").then(unlink);

const LIVE: &[&str] = &["Active", "Enabled", "Disabled", "Unassigned", "Conflict", "Mismatch"];
/// Those that the ERP knows in an account.
const SETTLED: &[&str] = &["Active", "Disabled", "Mismatch"];

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.create(Entity::Buyer, BUYER, members(body))?;
    writer.check_erp_contact(buyer)?;
    if let Some(account) = writer.one(Entity::Buyer, buyer, "account") {
        writer.assign(buyer, account)?;
    }
    derive(writer, buyer);
    Ok(Done::Created(Entity::Buyer, buyer))
}

/// An account makes a buyer without one assigned; null takes it away again. From one account to another leads a
/// transfer only.
pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let status = writer.text(Entity::Buyer, buyer, "status").to_owned();
    let before = writer.one(Entity::Buyer, buyer, "account");
    writer.fill(Entity::Buyer, buyer, BUYER, members(body))?;
    writer.check_erp_contact(buyer)?;
    let after = writer.one(Entity::Buyer, buyer, "account");
    if before != after && !writer.is_operations() {
        return Err(Problem::rule("MPTACC05-0006", "Only Operations assigns buyers.", "account"));
    }
    match (before, after) {
        (None, Some(account)) => writer.assign(buyer, account)?,
        (Some(_), None) => writer.unassign(buyer, &status)?,
        (Some(before), Some(after)) if before != after && status == "Unassigned" => writer.assign(buyer, after)?,
        (Some(before), Some(after)) if before != after => {
            let message = "A buyer moves to another account by a transfer.";
            return Err(Problem::rule("MPTACC05-0007", message, "account.id"));
        }
        _ => {}
    }
    if matches!(writer.text(Entity::Buyer, buyer, "status"), "Unassigned" | "Enabled" | "Active") {
        derive(writer, buyer);
    }
    writer.rename_links("buyer", buyer);
    Ok(Done::Row(Entity::Buyer, buyer))
}

pub(super) fn activate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let before = writer.one(Entity::Buyer, buyer, "account");
    let known = writer.erp_ids(buyer).iter().take(2).any(|id| !id.as_text().is_empty());
    writer.step(&ACTIVATE, buyer)?;
    if known {
        let message = "The buyer is known to the ERP already.";
        return Err(Problem::rule("MPTACC05-0004", message, "externalIds"));
    }
    writer.fill(Entity::Buyer, buyer, BUYER_ACTIVATE, members(body))?;
    let account = writer.one(Entity::Buyer, buyer, "account").unwrap_or_default();
    if before.is_some_and(|before| before != account) {
        let message = "A buyer moves to another account by a transfer.";
        return Err(Problem::rule("MPTACC05-0007", message, "account.id"));
    }
    if !writer.is_linked(buyer) {
        let message = "An active buyer has a customer and a contact in the ERP.";
        return Err(Problem::rule("MPTACC05-0001", message, "externalIds"));
    }
    writer.check_erp_contact(buyer)?;
    writer.assign(buyer, account)?;
    Ok(Done::Row(Entity::Buyer, buyer))
}

/// Of a deleted buyer only the ERP ids go.
pub(super) fn deactivate(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    if writer.text(Entity::Buyer, buyer, "status") == "Deleted" {
        writer.put(Entity::Buyer, buyer, "externalIds", Cell::Null);
    } else {
        writer.step(&DEACTIVATE, buyer)?;
    }
    Ok(Done::Row(Entity::Buyer, buyer))
}

/// The ERP agrees with everything: what it complained about is over, and the links follow their sellers.
pub(super) fn synchronize(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let status = match writer.text(Entity::Buyer, buyer, "status") {
        status @ ("Enabled" | "Deleted") => {
            let message = format!("The object cannot be synchronized while it is {status}.");
            return Err(Problem::rule("MPTACC00-0002", &message, "status"));
        }
        "Conflict" => Some("Unassigned"),
        "Mismatch" => Some("Active"),
        _ => None,
    };
    if let Some(status) = status {
        writer.put(Entity::Buyer, buyer, "status", status.into());
    }
    writer.put(Entity::Buyer, buyer, "errors", Cell::Null);
    for link in writer.world.referring(Entity::ErpLink, "buyer", buyer) {
        writer.follow_seller(link);
    }
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
    if before == Some(account) {
        return Ok(Done::Row(Entity::Buyer, buyer));
    }
    let status = writer.text(Entity::Buyer, buyer, "status");
    if !SETTLED.contains(&status) {
        let message = format!("The object cannot be transferred while it is {status}.");
        return Err(Problem::rule("MPTACC00-0002", &message, "status"));
    }
    for licensee in writer.world.referring(Entity::Licensee, "buyer", buyer) {
        writer.put(Entity::Licensee, licensee, "account", Cell::One(account));
    }
    writer.hide(buyer);
    Ok(Done::Row(Entity::Buyer, buyer))
}

pub(super) fn validate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    writer.fill(Entity::Buyer, buyer, BUYER_VALIDATE, members(body))?;
    writer.check_erp_contact(buyer)?;
    writer.check_client(writer.one(Entity::Buyer, buyer, "account").unwrap_or_default())?;
    Ok(Done::Candidate(Entity::Buyer, buyer))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let buyer = writer.target(Entity::Buyer, values[0])?;
    let live = |&row: &usize| writer.text(Entity::Licensee, row, "status") != "Deleted";
    if writer.world.referring(Entity::Licensee, "buyer", buyer).iter().any(live) {
        return Err(Problem::rule("MPTACC05-0008", "The buyer has licensees.", "status"));
    }
    let done = writer.discard(Entity::Buyer, buyer, LIVE)?;
    writer.hide(buyer);
    Ok(done)
}

/// The licensees of a buyer that is disabled are so as well.
fn rest(writer: &mut Writer<'_>, buyer: usize) {
    for licensee in writer.world.referring(Entity::Licensee, "buyer", buyer) {
        if matches!(writer.text(Entity::Licensee, licensee, "status"), "Active" | "Enabled") {
            writer.put(Entity::Licensee, licensee, "status", "Disabled".into());
            writer.note(Entity::Licensee, licensee, "disabled");
        }
    }
}

/// The status that follows from account and ERP.
fn derive(writer: &mut Writer<'_>, buyer: usize) {
    let status = match (writer.one(Entity::Buyer, buyer, "account"), writer.is_linked(buyer)) {
        (None, _) => "Unassigned",
        (Some(_), false) => "Enabled",
        (Some(_), true) => "Active",
    };
    writer.put(Entity::Buyer, buyer, "status", status.into());
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
    pub(super) fn is_linked(&self, buyer: usize) -> bool {
        let ids = self.erp_ids(buyer);
        !ids.is_empty() && ids.iter().take(2).all(|id| !id.as_text().is_empty())
    }

    /// What the ERP calls a buyer: contact, customer and account.
    fn erp_ids(&self, buyer: usize) -> &[Cell] {
        match self.world.cell(Entity::Buyer, buyer, "externalIds") {
            Cell::Object(ids) => ids,
            _ => &[],
        }
    }

    /// A contact of the ERP is one buyer's only.
    fn check_erp_contact(&self, buyer: usize) -> Result<(), Problem> {
        let contact = |buyer: usize| self.erp_ids(buyer).first().map_or("", Cell::as_text);
        let mut others = self.world.table(Entity::Buyer).live().filter(|&other| other != buyer);
        if contact(buyer).is_empty() || !others.any(|other| contact(other) == contact(buyer)) {
            return Ok(());
        }
        let message = "Another buyer has the contact of the ERP.";
        Err(Problem::rule("MPTACC05-0003", message, "externalIds.erpCompanyContact"))
    }

    /// Puts a buyer into a client account, whose id in the ERP it then has.
    fn assign(&mut self, buyer: usize, account: usize) -> Result<(), Problem> {
        self.check_client(account)?;
        let external = self.world.cell(Entity::Account, account, "externalId").clone();
        let told = self.erp_ids(buyer).get(2).cloned().unwrap_or(Cell::Null);
        if told != Cell::Null && told != external {
            let message = "The account has another external id.";
            return Err(Problem::rule("MPTACC05-0005", message, "externalIds.accountExternalId"));
        }
        if told == Cell::Null && external != Cell::Null {
            let [contact, customer] = [0, 1].map(|place| self.erp_ids(buyer).get(place).cloned().unwrap_or(Cell::Null));
            let ids = [("erpCompanyContact", contact), ("erpCustomer", customer), ("accountExternalId", external)];
            self.put(Entity::Buyer, buyer, "externalIds", object(Entity::Buyer, "externalIds", ids));
        }
        Ok(())
    }

    /// Takes a buyer out of its account, which nothing may hold on to.
    fn unassign(&mut self, buyer: usize, status: &str) -> Result<(), Problem> {
        if !SETTLED.contains(&status) || !self.is_linked(buyer) {
            let message = format!("The object cannot be unassigned while it is {status}.");
            return Err(Problem::rule("MPTACC00-0002", &message, "status"));
        }
        if !self.world.referring(Entity::Licensee, "buyer", buyer).is_empty() {
            return Err(Problem::rule("MPTACC05-0009", "The buyer has licensees, or had some.", "account"));
        }
        self.put(Entity::Buyer, buyer, "status", "Unassigned".into());
        self.note(Entity::Buyer, buyer, "unassigned");
        self.hide(buyer);
        Ok(())
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
