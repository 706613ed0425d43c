//! Licensees and ERP links, which tie buyers to sellers.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{LICENSEE, LICENSEE_NEW, LINK},
    members,
};
use crate::{cell::Cell, problem::Problem, schema::Entity};

/// The status that follows is the buyer's.
pub(super) const ENABLE_LICENSEE: Step =
    Step::new(Entity::Licensee, &["Disabled"], "Active", "enabled").guarded(may_enable).then(mirror);
pub(super) const DISABLE_LICENSEE: Step = Step::new(Entity::Licensee, &["Active", "Enabled"], "Disabled", "disabled");
const BLOCK: Step = Step::new(Entity::ErpLink, &["Active"], "Blocked", "blocked").guarded(may_block);
const UNBLOCK: Step = Step::new(Entity::ErpLink, &["Blocked"], "Active", "unblocked");

/// The account is the buyer's.
pub(super) fn create_licensee(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let body = members(body);
    let licensee = writer.create(Entity::Licensee, LICENSEE_NEW, body)?;
    writer.check_buyer(licensee)?;
    if writer.link_of(licensee).is_none_or(|link| writer.text(Entity::ErpLink, link, "status") != "Active") {
        let message = "No active ERP link ties the buyer to the seller.";
        return Err(Problem::rule("MPTACC06-0004", message, "seller.id"));
    }
    mirror(writer, licensee);
    let buyer = writer.one(Entity::Licensee, licensee, "buyer").unwrap_or_default();
    let account = writer.world.cell(Entity::Buyer, buyer, "account").clone();
    writer.put(Entity::Licensee, licensee, "account", account);
    writer.settle_eligibility(licensee)?;
    writer.settle_address(licensee, body.contains_key("address"))?;
    if writer.text(Entity::Licensee, licensee, "name").is_empty() {
        let name = writer.made_name(licensee, buyer);
        writer.put(Entity::Licensee, licensee, "name", name.into());
    }
    Ok(Done::Created(Entity::Licensee, licensee))
}

pub(super) fn update_licensee(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let licensee = writer.target(Entity::Licensee, values[0])?;
    let body = members(body);
    writer.fill(Entity::Licensee, licensee, LICENSEE, body)?;
    writer.settle_address(licensee, body.contains_key("address"))?;
    if writer.text(Entity::Licensee, licensee, "name").is_empty() {
        let buyer = writer.one(Entity::Licensee, licensee, "buyer").unwrap_or_default();
        let name = writer.made_name(licensee, buyer);
        writer.put(Entity::Licensee, licensee, "name", name.into());
    }
    Ok(Done::Row(Entity::Licensee, licensee))
}

pub(super) fn update_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let link = writer.target(Entity::ErpLink, values[0])?;
    writer.fill(Entity::ErpLink, link, LINK, members(body))?;
    Ok(Done::Row(Entity::ErpLink, link))
}

pub(super) fn block_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    link(writer, values, body, &BLOCK)
}

pub(super) fn unblock_link(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    link(writer, values, body, &UNBLOCK)
}

/// The note of the body is written along.
fn link(writer: &mut Writer<'_>, values: &[&str], body: &Value, step: &Step) -> Result<Done, Problem> {
    let link = writer.target(Entity::ErpLink, values[0])?;
    writer.fill(Entity::ErpLink, link, LINK, members(body))?;
    writer.step(step, link)?;
    Ok(Done::Row(Entity::ErpLink, link))
}

/// Whether nobody buys through a link any more.
fn may_block(writer: &Writer<'_>, link: usize) -> Result<(), Problem> {
    let buyer = writer.one(Entity::ErpLink, link, "buyer").unwrap_or_default();
    let seller = writer.one(Entity::ErpLink, link, "seller").unwrap_or_default();
    if matches!(writer.text(Entity::Seller, seller, "status"), "Disabled" | "Deleted") {
        return Err(Problem::rule("MPTACC06-0005", "The seller is disabled or deleted.", "seller"));
    }
    if !writer.is_linked(buyer) {
        return Err(Problem::rule("MPTACC06-0006", "The ERP does not know the buyer.", "buyer"));
    }
    let licensees = writer.world.referring(Entity::Licensee, "buyer", buyer);
    let live = |&row: &usize| {
        writer.one(Entity::Licensee, row, "seller") == Some(seller)
            && matches!(writer.text(Entity::Licensee, row, "status"), "Active" | "Enabled")
    };
    if licensees.iter().any(live) {
        return Err(Problem::rule("MPTACC06-0007", "Licensees buy through the link.", "status"));
    }
    Ok(())
}

/// Whether buyer, seller and the link between them allow a licensee to buy again.
fn may_enable(writer: &Writer<'_>, licensee: usize) -> Result<(), Problem> {
    if writer.text(Entity::Licensee, licensee, "status") != "Disabled" {
        return Ok(());
    }
    writer.check_buyer(licensee)?;
    let seller = writer.one(Entity::Licensee, licensee, "seller").unwrap_or_default();
    if !matches!(writer.text(Entity::Seller, seller, "status"), "Active" | "Offline") {
        return Err(Problem::rule("MPTACC06-0008", "The seller is disabled or deleted.", "seller.id"));
    }
    if writer.link_of(licensee).is_none_or(|link| writer.text(Entity::ErpLink, link, "status") != "Active") {
        let message = "No active ERP link ties the buyer to the seller.";
        return Err(Problem::rule("MPTACC06-0004", message, "seller.id"));
    }
    Ok(())
}

/// A licensee that is not disabled has its buyer's status.
fn mirror(writer: &mut Writer<'_>, licensee: usize) {
    let buyer = writer.one(Entity::Licensee, licensee, "buyer").unwrap_or_default();
    let status = writer.world.cell(Entity::Buyer, buyer, "status").clone();
    writer.put(Entity::Licensee, licensee, "status", status);
}

impl Writer<'_> {
    /// The ERP link between the buyer and the seller of a licensee.
    fn link_of(&self, licensee: usize) -> Option<usize> {
        let seller = self.one(Entity::Licensee, licensee, "seller");
        let buyer = self.one(Entity::Licensee, licensee, "buyer")?;
        let links = self.world.referring(Entity::ErpLink, "buyer", buyer);
        links.into_iter().find(|&link| self.one(Entity::ErpLink, link, "seller") == seller)
    }

    fn check_buyer(&self, licensee: usize) -> Result<(), Problem> {
        let buyer = self.one(Entity::Licensee, licensee, "buyer").ok_or_else(Problem::not_found)?;
        if self.one(Entity::Buyer, buyer, "account").is_none() {
            return Err(Problem::rule("MPTACC06-0002", "The buyer is not assigned to an account.", "buyer.id"));
        }
        if !matches!(self.text(Entity::Buyer, buyer, "status"), "Active" | "Enabled") {
            return Err(Problem::rule("MPTACC06-0009", "The buyer is not active or enabled.", "buyer.id"));
        }
        Ok(())
    }

    /// A licensee is eligible for one thing, which its account has to be eligible for.
    fn settle_eligibility(&mut self, licensee: usize) -> Result<(), Problem> {
        let flags = |cell: &Cell| match cell {
            Cell::Object(flags) => [0, 1].map(|place| flags.get(place) == Some(&Cell::Bool(true))),
            _ => [true, false],
        };
        let told = self.world.cell(Entity::Licensee, licensee, "eligibility").clone();
        let wanted = flags(&told);
        let account = self.one(Entity::Licensee, licensee, "account").unwrap_or_default();
        let allowed = flags(self.world.cell(Entity::Account, account, "eligibility"));
        if wanted[0] == wanted[1] {
            let message = "A licensee is eligible either as a client or as a partner.";
            return Err(Problem::rule("MPTACC06-0010", message, "eligibility"));
        }
        if told != Cell::Null && wanted.iter().zip(allowed).any(|(wanted, allowed)| *wanted && !allowed) {
            return Err(Problem::rule("MPTACC06-0011", "The account is not eligible for this.", "eligibility"));
        }
        Ok(())
    }

    /// A licensee at its buyer's address keeps none of its own; one that is told an address is no longer there.
    fn settle_address(&mut self, licensee: usize, told: bool) -> Result<(), Problem> {
        let address = self.world.cell(Entity::Licensee, licensee, "address") != &Cell::Null;
        if told && address {
            self.put(Entity::Licensee, licensee, "useBuyerAddress", false.into());
        } else if *self.world.cell(Entity::Licensee, licensee, "useBuyerAddress") == true.into() {
            self.put(Entity::Licensee, licensee, "address", Cell::Null);
        } else if !address {
            return Err(Problem::rule("MPTACC06-0003", "An address of its own is needed.", "address"));
        }
        Ok(())
    }

    /// What a licensee is called that nobody named.
    fn made_name(&self, licensee: usize, buyer: usize) -> String {
        let city = |entity: Entity, row: usize| {
            let slot = entity.fields()[entity.slot("address")].members().unwrap_or_default();
            let place = crate::schema::find_key(slot, "city").unwrap_or_default();
            match self.world.cell(entity, row, "address") {
                Cell::Object(parts) => Some(parts[place].as_text().to_owned()),
                _ => None,
            }
        };
        let city = city(Entity::Licensee, licensee).or_else(|| city(Entity::Buyer, buyer)).unwrap_or_default();
        let seller = self.one(Entity::Licensee, licensee, "seller").unwrap_or_default();
        let (buyer, seller) = (self.text(Entity::Buyer, buyer, "name"), self.text(Entity::Seller, seller, "id"));
        format!("{buyer}-{city}-{seller}")
    }

    /// The names of links are made of those of their ends.
    pub(super) fn rename_links(&mut self, end: &str, row: usize) {
        for link in self.world.referring(Entity::ErpLink, end, row) {
            let name = |entity: Entity, end: &str| {
                let row = self.one(Entity::ErpLink, link, end).unwrap_or_default();
                self.text(entity, row, "name").to_owned()
            };
            let name = format!("{} - {}", name(Entity::Buyer, "buyer"), name(Entity::Seller, "seller"));
            self.world.set(Entity::ErpLink, link, "name", name.into());
        }
    }

    /// A link is disabled while its seller is disabled or deleted, and then what it was before.
    pub(super) fn follow_seller(&mut self, link: usize) {
        let seller = self.one(Entity::ErpLink, link, "seller").unwrap_or_default();
        let resting = matches!(self.text(Entity::Seller, seller, "status"), "Disabled" | "Deleted");
        let disabled = self.text(Entity::ErpLink, link, "status") == "Disabled";
        if resting && !disabled {
            self.put(Entity::ErpLink, link, "status", "Disabled".into());
            self.note(Entity::ErpLink, link, "disabled");
        } else if !resting && disabled {
            let blocked = self.when(Entity::ErpLink, link, "blocked") > self.when(Entity::ErpLink, link, "unblocked");
            self.put(Entity::ErpLink, link, "status", if blocked { "Blocked" } else { "Active" }.into());
        }
    }
}
