//! Sellers, licensees and ERP links.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{LICENSEE, LICENSEE_NEW, LINK, SELLER},
    members,
};
use crate::sandbox::{cell::Cell, problem::Problem, schema::Entity};

pub(super) const ACTIVATE: Step = Step::new(Entity::Seller, &["Offline", "Disabled"], "Active", "activated");
pub(super) const DEACTIVATE: Step = Step::new(Entity::Seller, &["Active"], "Offline", "deactivated").guarded(unneeded);
pub(super) const DISABLE: Step = Step::new(Entity::Seller, &["Active"], "Disabled", "disabled").guarded(unneeded);
pub(super) const ENABLE_LICENSEE: Step = Step::new(Entity::Licensee, &["Disabled"], "Active", "enabled");
pub(super) const DISABLE_LICENSEE: Step = Step::new(Entity::Licensee, &["Active", "Enabled"], "Disabled", "disabled");
const BLOCK: Step = Step::new(Entity::ErpLink, &["Active"], "Blocked", "blocked");
const UNBLOCK: Step = Step::new(Entity::ErpLink, &["Blocked"], "Active", "unblocked");

pub(super) fn create_seller(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let seller = writer.create(Entity::Seller, SELLER, members(body))?;
    writer.world.set(Entity::Seller, seller, "status", "Active".into());
    Ok(Done::Created(Entity::Seller, seller))
}

pub(super) fn delete_seller(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let seller = writer.target(Entity::Seller, values[0])?;
    unneeded(writer, seller)?;
    writer.discard(Entity::Seller, seller, &["Active"])
}

/// The account is the buyer's.
pub(super) fn create_licensee(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let licensee = writer.create(Entity::Licensee, LICENSEE_NEW, members(body))?;
    writer.world.set(Entity::Licensee, licensee, "status", "Active".into());
    writer.place(licensee)?;
    Ok(Done::Created(Entity::Licensee, licensee))
}

pub(super) fn update_licensee(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let licensee = writer.target(Entity::Licensee, values[0])?;
    writer.fill(Entity::Licensee, licensee, LICENSEE, members(body))?;
    writer.place(licensee)?;
    Ok(Done::Row(Entity::Licensee, licensee))
}

pub(super) fn block_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    link(writer, values, body, &BLOCK)
}

pub(super) fn unblock_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    link(writer, values, body, &UNBLOCK)
}

/// What the body says of the link, its note for instance, is written along.
fn link(writer: &mut Writer<'_>, values: &[&str], body: &Value, step: &Step) -> Result<Done, Problem> {
    let link = writer.target(Entity::ErpLink, values[0])?;
    writer.fill(Entity::ErpLink, link, LINK, members(body))?;
    writer.step(step, link)?;
    Ok(Done::Row(Entity::ErpLink, link))
}

/// Whether no live licensee buys from a seller.
fn unneeded(writer: &Writer<'_>, seller: usize) -> Result<(), Problem> {
    let licensees = writer.world.referring(Entity::Licensee, "seller", seller);
    let live = |&row: &usize| matches!(writer.text(Entity::Licensee, row, "status"), "Active" | "Enabled");
    if licensees.iter().any(live) {
        return Err(Problem::conflict("MPTACC06-0001", "The seller has live licensees.", "status"));
    }
    Ok(())
}

impl Writer<'_> {
    /// Puts a licensee into its buyer's account, and at its buyer's address if it says so.
    fn place(&mut self, licensee: usize) -> Result<(), Problem> {
        let buyer = self.one(Entity::Licensee, licensee, "buyer").ok_or_else(Problem::not_found)?;
        let account = self.world.cell(Entity::Buyer, buyer, "account").clone();
        if account == Cell::Null {
            return Err(Problem::rule("MPTACC06-0002", "The buyer is not assigned to an account.", "buyer.id"));
        }
        self.put(Entity::Licensee, licensee, "account", account);
        if *self.world.cell(Entity::Licensee, licensee, "useBuyerAddress") == true.into() {
            let address = self.world.cell(Entity::Buyer, buyer, "address").clone();
            self.put(Entity::Licensee, licensee, "address", address);
        }
        if *self.world.cell(Entity::Licensee, licensee, "address") == Cell::Null {
            return Err(Problem::rule("MPTACC06-0003", "An address of its own is needed.", "address"));
        }
        Ok(())
    }
}
