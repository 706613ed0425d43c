//! Who buys from whom: sellers, buyers, the ERP links between them and the licensees that hold what was bought.

use std::collections::HashSet;

use serde_json::json;

use super::{
    build::{Build, SHOWCASE},
    places::{self, COUNTRIES, Country},
};
use crate::{
    cell::{Cell, Row, object, row},
    schema::Entity,
};

const SHOWCASE_BUYERS: usize = 8;
const BUYER_STATUS: &[&str] =
    &["Active", "Active", "Active", "Active", "Enabled", "Unassigned", "Disabled", "Conflict", "Mismatch", "Deleted"];
const SITES: &[&str] = &["", " Services", " Retail", " Research", " Distribution", " Holding"];

/// One seller a country, and again with a number where there are more sellers than countries.
pub(super) fn sellers(build: &mut Build, count: usize) {
    for place in 0..count {
        let country = &COUNTRIES[place % COUNTRIES.len()];
        let lap = place / COUNTRIES.len();
        let number = if lap == 0 { String::new() } else { format!(" {}", lap + 1) };
        let id = build.sellers.next();
        let address = places::address(&mut build.luck, country);
        let currencies: Vec<Box<str>> = if country.currency == "EUR" || place % 3 == 0 {
            vec![country.currency.into(), if country.currency == "EUR" { "USD" } else { "EUR" }.into()]
        } else {
            vec![country.currency.into()]
        };
        let values = [
            ("revision", build.luck.between(1, 20).into()),
            ("name", format!("Marketplace {}{number} {}", country.name, country.legal).into()),
            ("icon", build.luck.chance(80).then(|| format!("/v1/accounts/sellers/{id}/icon")).into()),
            ("externalId", format!("{}_{:02}", country.code, lap + 1).into()),
            (
                "status",
                ["Active", "Active", "Active", "Disabled", "Offline", "Deleted"][(place + 3 * lap) % 12 % 6].into(),
            ),
            ("address", address),
            ("currencyCodes", Cell::Texts(currencies)),
            ("id", id.into()),
            ("audit", build.audit(Entity::Seller, [])),
        ];
        build.push(Entity::Seller, row(Entity::Seller.fields(), values));
    }
}

/// Subsidiaries of the client accounts.
pub(super) fn buyers(build: &mut Build, count: usize) {
    build.buyers_of = vec![Vec::new(); build.firms.len()];
    for place in 0..count {
        let account = if place < SHOWCASE_BUYERS { SHOWCASE } else { *build.luck.pick(&build.clients) };
        let buyer = buyer(build, place, account);
        let buyer = build.push(Entity::Buyer, buyer);
        build.buyers_of[account].push(buyer);
    }
}

fn buyer(build: &mut Build, place: usize, account: usize) -> Row {
    let country = places::country(&mut build.luck);
    let status = if place < SHOWCASE_BUYERS { "Active" } else { BUYER_STATUS[place % BUYER_STATUS.len()] };
    let firm = if account == SHOWCASE { "Test Account".to_owned() } else { build.firms[account].name.clone() };
    let site = SITES[build.buyers_of[account].len() % SITES.len()];
    let contact = contact(build, country);
    let activated = (status == "Active").then(|| build.event("activated", Entity::Buyer, 2025));
    let unassigned = (status == "Unassigned").then(|| build.event("unassigned", Entity::Buyer, 2025));
    let disabled = (status == "Disabled").then(|| build.event("disabled", Entity::Buyer, 2026));
    let more = [("activated", activated.into()), ("unassigned", unassigned.into()), ("disabled", disabled.into())];
    let audit = build.audit(Entity::Buyer, more);
    let id = build.buyers.next();
    let luck = &mut build.luck;
    let synced = !matches!(status, "Enabled" | "Unassigned");
    let values = [
        ("revision", luck.between(1, 25).into()),
        ("name", format!("{firm}{site} {} {}", country.name, country.legal).into()),
        ("icon", luck.chance(40).then(|| format!("/v1/accounts/buyers/{id}/icon")).into()),
        ("status", status.into()),
        ("address", places::address(luck, country)),
        ("taxId", luck.chance(75).then(|| format!("{}{:09}", country.code, luck.below(999_999_999))).into()),
        ("account", Cell::One(account)),
        ("contact", contact),
        ("externalIds", erp_ids(synced, place)),
        ("errors", errors(status)),
        ("id", id.into()),
        ("audit", audit),
    ];
    row(Entity::Buyer.fields(), values)
}

fn erp_ids(synced: bool, place: usize) -> Cell {
    let values = [
        ("erpCompanyContact", synced.then(|| format!("CON-{place:05}")).into()),
        ("erpCustomer", synced.then(|| format!("CUS-{place:05}")).into()),
        ("accountExternalId", synced.then(|| format!("EXT-{place:06}")).into()),
    ];
    object(Entity::Buyer, "externalIds", values)
}

/// The two statuses that stand for a failed synchronisation carry its messages.
fn errors(status: &str) -> Cell {
    let message = match status {
        "Conflict" => "Two customers of the ERP claim this buyer",
        "Mismatch" => "The address differs from the one of the ERP",
        _ => return Cell::Null,
    };
    let members = Entity::Buyer.fields()[Entity::Buyer.slot("errors")].members().unwrap_or_default();
    let id = format!("buyer.{}", status.to_lowercase());
    let parameters = Cell::Json(json!({ "source": "erp" }));
    Cell::Objects(vec![row(members, [("id", id.into()), ("message", message.into()), ("parameters", parameters)])])
}

/// A part of the contacts are users, with the user's own data; the others are people without an account.
fn contact(build: &mut Build, country: &Country) -> Cell {
    let user = build.luck.below(build.world.table(Entity::User).rows.len());
    let copied = |field: &str| build.world.cell(Entity::User, user, field).clone();
    let known = build.luck.clone().chance(55);
    let values = if known {
        [
            ("name", copied("name")),
            ("firstName", copied("firstName")),
            ("lastName", copied("lastName")),
            ("email", copied("email")),
            ("phone", copied("phone")),
            ("user", Cell::One(user)),
        ]
    } else {
        [
            ("name", "Purchasing desk".into()),
            ("firstName", Cell::Null),
            ("lastName", Cell::Null),
            ("email", format!("purchasing@{}.example", country.code.to_lowercase()).into()),
            ("phone", places::phone(&mut build.luck, country)),
            ("user", Cell::Null),
        ]
    };
    object(Entity::Buyer, "contact", values)
}

/// ERP links, none of them twice; the showcase's buyers have one to three each.
pub(super) fn links(build: &mut Build, count: usize) {
    let (buyers, sellers) = (build.world.table(Entity::Buyer).rows.len(), build.world.table(Entity::Seller).rows.len());
    let mut pairs = Vec::new();
    for buyer in 0..SHOWCASE_BUYERS {
        let many = 1 + buyer % 3;
        pairs.extend(build.luck.some(many, sellers).into_iter().map(|seller| (buyer, seller)));
    }
    let mut taken: HashSet<_> = pairs.iter().copied().collect();
    while pairs.len() < count {
        let pair = (build.luck.below(buyers), build.luck.below(sellers));
        if taken.insert(pair) {
            pairs.push(pair);
        }
    }
    for (place, (buyer, seller)) in pairs.into_iter().enumerate() {
        let link = link(build, place, buyer, seller);
        build.push(Entity::ErpLink, link);
    }
}

fn link(build: &mut Build, place: usize, buyer: usize, seller: usize) -> Row {
    let status = ["Active", "Active", "Active", "Blocked", "Active", "Disabled"][place % 6];
    let blocked = (status == "Blocked").then(|| build.event("blocked", Entity::ErpLink, 2026));
    let unblocked =
        (status == "Active" && place.is_multiple_of(5)).then(|| build.event("unblocked", Entity::ErpLink, 2026));
    let audit = build.audit(Entity::ErpLink, [("blocked", blocked.into()), ("unblocked", unblocked.into())]);
    let id = build.links.next();
    let name = build.world.cell(Entity::Buyer, buyer, "name").as_text();
    let seller_name = build.world.cell(Entity::Seller, seller, "name").as_text();
    let values = [
        ("revision", build.luck.between(1, 8).into()),
        ("name", format!("{name} – {seller_name}").into()),
        ("icon", build.luck.chance(10).then(|| format!("/v1/accounts/erp-links/{id}/icon")).into()),
        ("status", status.into()),
        ("buyer", Cell::One(buyer)),
        ("seller", Cell::One(seller)),
        ("externalIds", erp_ids(true, place)),
        ("address", build.world.cell(Entity::Buyer, buyer, "address").clone()),
        ("note", build.luck.chance(20).then_some("Checked with the ERP team").into()),
        ("id", id.into()),
        ("audit", audit),
    ];
    row(Entity::ErpLink.fields(), values)
}

/// Licensees buy through the links: account and buyer belong together, buyer and seller are linked.
pub(super) fn licensees(build: &mut Build, count: usize) {
    let links = build.world.table(Entity::ErpLink).rows.len();
    for place in 0..count {
        // The links of the showcase come first, so every scale has its licensees.
        let link = if place < links { place } else { build.luck.below(links) };
        let licensee = licensee(build, place, link);
        build.push(Entity::Licensee, licensee);
    }
}

fn licensee(build: &mut Build, place: usize, link: usize) -> Row {
    let buyer = build.world.cell(Entity::ErpLink, link, "buyer").clone();
    let seller = build.world.cell(Entity::ErpLink, link, "seller").clone();
    let of_buyer = buyer.targets().first().copied().unwrap_or_default();
    let own_address = build.luck.chance(30);
    let country = places::country(&mut build.luck);
    let address = if own_address {
        places::address(&mut build.luck, country)
    } else {
        build.world.cell(Entity::Buyer, of_buyer, "address").clone()
    };
    let status = ["Active", "Active", "Active", "Enabled", "Disabled", "Active", "Deleted"][place % 7];
    let disabled = (status == "Disabled").then(|| build.event("disabled", Entity::Licensee, 2026));
    let audit = build.audit(Entity::Licensee, [("disabled", disabled.into())]);
    let contact = contact(build, country);
    let id = build.licensees.next();
    let name = build.world.cell(Entity::Buyer, of_buyer, "name").as_text();
    let luck = &mut build.luck;
    let values = [
        ("revision", luck.between(1, 10).into()),
        ("name", format!("{name} – {}", ["Head office", "Plant", "Laboratory", "Shop"][place % 4]).into()),
        ("icon", luck.chance(20).then(|| format!("/v1/accounts/licensees/{id}/icon")).into()),
        ("externalId", luck.chance(60).then(|| format!("LIC-{place:06}")).into()),
        ("status", status.into()),
        ("address", address),
        ("useBuyerAddress", (!own_address).into()),
        ("description", luck.chance(30).then_some("Holds the licences of the site").into()),
        ("contact", if luck.chance(80) { contact } else { Cell::Null }),
        ("account", build.world.cell(Entity::Buyer, of_buyer, "account").clone()),
        ("buyer", buyer),
        ("seller", seller),
        (
            "eligibility",
            object(Entity::Licensee, "eligibility", [("client", true.into()), ("partner", luck.chance(25).into())]),
        ),
        ("id", id.into()),
        ("audit", audit),
    ];
    row(Entity::Licensee.fields(), values)
}
