//! Sellers: their currencies, and how they come to rest.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    Done, Step, Writer,
    forms::{SELLER, SELLER_NEW},
    members, merge,
};
use crate::{
    cell::{Cell, object, row},
    problem::Problem,
    schema::Entity,
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
    if !writer.speaks_old() && writer.text(Entity::Seller, seller, "externalId").is_empty() {
        return Err(Problem::invalid("externalId", "The externalId field is required."));
    }
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
        if !id.is_empty() && others.any(|other| self.text(Entity::Seller, other, "externalId") == id) {
            return Err(Problem::rule("MPTACC06-0012", "Another seller has the external id.", "externalId"));
        }
        Ok(())
    }

    /// What a form cannot read: the currencies and the attributes.
    fn fill_seller(&mut self, seller: usize, body: &Map<String, Value>) -> Result<(), Problem> {
        if let Some(told) = body.get("currencies").filter(|_| !self.speaks_old()) {
            let cell = self.currencies(seller, told)?;
            self.put(Entity::Seller, seller, "currencies", cell);
        }
        if let Some(told) = body.get("attributes") {
            self.attributes(seller, told);
        }
        Ok(())
    }

    /// The currencies are replaced as a set; what is not told of one stays as it was.
    fn currencies(&self, seller: usize, told: &Value) -> Result<Cell, Problem> {
        let items = told.as_array().filter(|items| !items.is_empty() && items.len() <= MAX_CURRENCIES);
        let message = format!("A list of 1 to {MAX_CURRENCIES} currencies is expected.");
        let items = items.ok_or_else(|| Problem::invalid("currencies", &message))?;
        let fields = Entity::Seller.fields()[Entity::Seller.slot("currencies")].members().unwrap_or_default();
        let old = match self.world.cell(Entity::Seller, seller, "currencies") {
            Cell::Objects(old) => old.as_slice(),
            _ => &[],
        };
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
            let known = old.iter().find(|old| old[0].as_text() == code).cloned();
            let mut currency = known.unwrap_or_else(|| row(fields, [("value", code.into())]));
            for (slot, field) in fields.iter().enumerate().skip(1) {
                if let Some(flag) = item.get(field.name).and_then(Value::as_bool) {
                    currency[slot] = flag.into();
                } else if currency[slot] == Cell::Null {
                    currency[slot] = false.into();
                }
            }
            merged.push(currency);
        }
        let count = |slot: usize| merged.iter().filter(|currency| currency[slot] == true.into()).count();
        if count(2) != 1 {
            return Err(Problem::rule("MPTACC06-0013", "Exactly one currency is the default.", "currencies"));
        }
        if count(1) == 0 {
            return Err(Problem::rule("MPTACC06-0014", "At least one currency is billed.", "currencies"));
        }
        Ok(Cell::Objects(merged))
    }

    /// What the ERP wants to know of a seller is patched, not replaced.
    fn attributes(&mut self, seller: usize, told: &Value) {
        let Some(patch) = told.get("navision") else { return };
        let mut navision = match self.world.cell(Entity::Seller, seller, "attributes") {
            Cell::Object(attributes) => match attributes.first() {
                Some(Cell::Json(navision)) => navision.clone(),
                _ => Value::Null,
            },
            _ => Value::Null,
        };
        merge(&mut navision, patch);
        let navision = if navision.is_null() { Cell::Null } else { Cell::Json(navision) };
        self.put(Entity::Seller, seller, "attributes", object(Entity::Seller, "attributes", [("navision", navision)]));
    }
}
