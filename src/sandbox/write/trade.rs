//! Sellers, licensees and ERP links.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{LICENSEE, LICENSEE_NEW, LINK, SELLER},
    members,
};
use crate::sandbox::{cell::Cell, problem::Problem, schema::Entity};

const ACTIVATE: Step = Step { entity: Entity::Seller, from: &["Offline", "Disabled"], to: "Active", done: "activated" };
const DEACTIVATE: Step = Step { entity: Entity::Seller, from: &["Active"], to: "Offline", done: "deactivated" };
const DISABLE: Step = Step { entity: Entity::Seller, from: &["Active"], to: "Disabled", done: "disabled" };
const ENABLE_LICENSEE: Step = Step { entity: Entity::Licensee, from: &["Disabled"], to: "Active", done: "enabled" };
const DISABLE_LICENSEE: Step =
    Step { entity: Entity::Licensee, from: &["Active", "Enabled"], to: "Disabled", done: "disabled" };
const BLOCK: Step = Step { entity: Entity::ErpLink, from: &["Active"], to: "Blocked", done: "blocked" };
const UNBLOCK: Step = Step { entity: Entity::ErpLink, from: &["Blocked"], to: "Active", done: "unblocked" };

pub(super) fn create_seller(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let seller = writer.create(Entity::Seller, SELLER, members(body))?;
    writer.world.set(Entity::Seller, seller, "status", "Active".into());
    Ok(Done::Created(Entity::Seller, seller))
}

pub(super) fn update_seller(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let seller = writer.target(Entity::Seller, values[0])?;
    writer.fill(Entity::Seller, seller, SELLER, members(body))?;
    Ok(Done::Row(Entity::Seller, seller))
}

pub(super) fn activate_seller(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.step_to(&ACTIVATE, values)
}

pub(super) fn deactivate_seller(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.unneeded(values)?;
    writer.step_to(&DEACTIVATE, values)
}

pub(super) fn disable_seller(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.unneeded(values)?;
    writer.step_to(&DISABLE, values)
}

pub(super) fn delete_seller(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let seller = writer.unneeded(values)?;
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

pub(super) fn enable_licensee(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.step_to(&ENABLE_LICENSEE, values)
}

pub(super) fn disable_licensee(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.step_to(&DISABLE_LICENSEE, values)
}

pub(super) fn delete_licensee(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let licensee = writer.target(Entity::Licensee, values[0])?;
    writer.discard(Entity::Licensee, licensee, &["Active", "Enabled", "Disabled"])
}

pub(super) fn update_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let link = writer.target(Entity::ErpLink, values[0])?;
    writer.fill(Entity::ErpLink, link, LINK, members(body))?;
    Ok(Done::Row(Entity::ErpLink, link))
}

pub(super) fn block_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    update_link(writer, values, body)?;
    writer.step_to(&BLOCK, values)
}

pub(super) fn unblock_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    update_link(writer, values, body)?;
    writer.step_to(&UNBLOCK, values)
}

impl Writer<'_> {
    /// A seller that no live licensee buys from.
    fn unneeded(&self, values: &[&str]) -> Result<usize, Problem> {
        let seller = self.target(Entity::Seller, values[0])?;
        let licensees = self.world.referring(Entity::Licensee, "seller", seller);
        let live = |&row: &usize| matches!(self.text(Entity::Licensee, row, "status"), "Active" | "Enabled");
        if licensees.iter().any(live) {
            return Err(Problem::conflict("MPTACC06-0001", "The seller has live licensees.", "status"));
        }
        Ok(seller)
    }

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
