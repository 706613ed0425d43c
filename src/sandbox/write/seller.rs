//! Sellers: their currencies, and how they come to rest.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Done, Step, Writer,
    forms::{SELLER, SELLER_NEW},
    members,
};
use crate::sandbox::{
    cell::Cell,
    problem::Problem,
    schema::{self, Entity},
};

pub(super) const ACTIVATE: Step =
    Step::new(Entity::Seller, &["Offline", "Disabled"], "Active", "activated").guarded(unneeded);
pub(super) const DEACTIVATE: Step = Step::new(Entity::Seller, &["Active"], "Offline", "deactivated").guarded(unneeded);
pub(super) const DISABLE: Step =
    Step::new(Entity::Seller, &["Active"], "Disabled", "disabled").guarded(unneeded).then(rest);

/// How many currencies a seller has at most.
const MAX_CURRENCIES: usize = 1000;
/// The codes of ISO 4217 that are in use.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL \
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD \
    TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let body = members(body);
    let seller = writer.create(Entity::Seller, SELLER_NEW, body)?;
    writer.check_external_id(seller)?;
    if *writer.world.cell(Entity::Seller, seller, "status") == Cell::Null {
        writer.world.set(Entity::Seller, seller, "status", "Active".into());
    }
    writer.fill_seller(seller, body)?;
    Ok(Done::Created(Entity::Seller, seller))
}

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (seller, body) = (writer.target(Entity::Seller, values[0])?, members(body));
    writer.fill(Entity::Seller, seller, SELLER, body)?;
    writer.fill_seller(seller, body)?;
    writer.rename_links("seller", seller);
    Ok(Done::Row(Entity::Seller, seller))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let seller = writer.target(Entity::Seller, values[0])?;
    unneeded(writer, seller)?;
    let done = writer.discard(Entity::Seller, seller, &["Active"])?;
    rest(writer, seller);
    Ok(done)
}

/// The buyers are synchronized, so that their links to a seller that rests do as well.
fn rest(writer: &mut Writer<'_>, seller: usize) {
    for link in writer.world.referring(Entity::ErpLink, "seller", seller) {
        writer.follow_seller(link);
    }
}

/// Whether no live licensee buys from a seller.
fn unneeded(writer: &Writer<'_>, seller: usize) -> Result<(), Problem> {
    let licensees = writer.world.referring(Entity::Licensee, "seller", seller);
    let live = |&row: &usize| matches!(writer.text(Entity::Licensee, row, "status"), "Active" | "Enabled");
    if licensees.iter().any(live) {
        return Err(Problem::rule("MPTACC06-0001", "The seller has live licensees.", "status"));
    }
    Ok(())
}

impl Writer<'_> {
    /// External ids are unique, among the deleted as well.
    fn check_external_id(&self, seller: usize) -> Result<(), Problem> {
        let id = self.text(Entity::Seller, seller, "externalId");
        let mut others = self.world.table(Entity::Seller).live().filter(|&other| other != seller);
        if others.any(|other| self.text(Entity::Seller, other, "externalId") == id) {
            return Err(Problem::rule("MPTACC06-0012", "Another seller has the external id.", "externalId"));
        }
        Ok(())
    }

    /// What a form cannot read: the currencies and the attributes.
    fn fill_seller(&mut self, seller: usize, body: &Map<String, Value>) -> Result<(), Problem> {
        if let Some(told) = body.get("currencies") {
            let cell = self.currencies(seller, told)?;
            self.put(Entity::Seller, seller, "currencies", cell);
        }
        if let (Some(told), Some(slot)) = (body.get("attributes"), schema::find(Entity::Seller.fields(), "attributes"))
        {
            self.attributes(seller, slot, told)?;
        }
        Ok(())
    }

    /// The currencies are replaced as a set; what is not told of one stays as it was.
    fn currencies(&self, seller: usize, told: &Value) -> Result<Cell, Problem> {
        let old = match self.world.cell(Entity::Seller, seller, "currencies") {
            Cell::Json(Value::Array(old)) => old.clone(),
            _ => Vec::new(),
        };
        let items = told.as_array().filter(|items| !items.is_empty() && items.len() <= MAX_CURRENCIES);
        let message = format!("A list of 1 to {MAX_CURRENCIES} currencies is expected.");
        let items = items.ok_or_else(|| Problem::invalid("currencies", &message))?;
        let (mut seen, mut merged) = (BTreeSet::new(), Vec::new());
        for (place, item) in items.iter().enumerate() {
            let path = format!("currencies[{place}].value");
            let code = item.get("value").and_then(Value::as_str).unwrap_or_default();
            if !CODES.split(' ').any(|known| known == code) {
                return Err(Problem::invalid(&path, "The code of a currency is expected."));
            }
            if !seen.insert(code) {
                return Err(Problem::invalid(&path, "The currency is listed already."));
            }
            let before = old.iter().find(|old| old["value"] == code);
            let flag = |name: &str| {
                let told = item.get(name).and_then(Value::as_bool);
                told.or_else(|| before?.get(name)?.as_bool()).unwrap_or(false)
            };
            merged.push(json!({
                "value": code, "billingEnabled": flag("billingEnabled"), "isDefault": flag("isDefault"),
            }));
        }
        let count = |name: &str| merged.iter().filter(|currency| currency[name] == true).count();
        if count("isDefault") != 1 {
            return Err(Problem::rule("MPTACC06-0013", "Exactly one currency is the default.", "currencies"));
        }
        if count("billingEnabled") == 0 {
            return Err(Problem::rule("MPTACC06-0014", "At least one currency is billed.", "currencies"));
        }
        Ok(Cell::Json(merged.into()))
    }

    fn attributes(&mut self, _seller: usize, _slot: usize, _told: &Value) -> Result<(), Problem> {
        Ok(())
    }
}

/// Merges as RFC 7396 says: null takes a member away, an object is merged, anything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in members {
        match (value, &mut *target) {
            (Value::Null, Value::Object(target)) => {
                target.remove(name);
            }
            (value, target) => merge(&mut target[name], value),
        }
    }
}
