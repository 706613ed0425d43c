//! Accounts: who buys, who sells and who runs the marketplace.

use super::{
    build::{Build, Firm, Role, SHOWCASE},
    places,
};
use crate::{
    cell::{Cell, object, row},
    schema::Entity,
};

const FIRST: &[&str] = &[
    "Northwind",
    "Blue Heron",
    "Larkspur",
    "Meridian",
    "Copper Ridge",
    "Alder",
    "Saltmarsh",
    "Kestrel",
    "Juniper",
    "Granite",
    "Silverbirch",
    "Harbour",
    "Tamarack",
    "Orchard",
    "Lighthouse",
    "Cobalt",
    "Summit",
    "Windmill",
    "Amberly",
    "Foxglove",
];
const TRADE: &[&str] = &[
    "Logistics",
    "Foods",
    "Health",
    "Energy",
    "Textiles",
    "Insurance",
    "Mobility",
    "Paper",
    "Optics",
    "Ceramics",
    "Media",
    "Rail",
    "Shipping",
    "Pharma",
    "Tools",
    "Travel",
    "Robotics",
    "Housing",
];
const VENDOR_TRADE: &[&str] = &["Software", "Cloud", "Security", "Analytics", "Systems", "Labs"];
const LEVELS: &[&str] = &["Express", "Elite", "Dsc", "Focus", "Runners", "Strategics", "NotApplicable"];

/// The first three accounts are one of each role, whatever the scale; the third is the showcase.
pub(super) fn accounts(build: &mut Build, count: usize) {
    for place in 0..count {
        let role = match place {
            0 => Role::Operations,
            1 => Role::Vendor,
            _ if place % 50 == 25 => Role::Operations,
            _ if place % 5 == 4 => Role::Vendor,
            _ => Role::Client,
        };
        let firm = firm(build, place, role);
        let row = account(build, place, &firm);
        build.firms.push(firm);
        build.push(Entity::Account, row);
    }
}

fn firm(build: &mut Build, place: usize, role: Role) -> Firm {
    let country = if place == SHOWCASE { &places::COUNTRIES[0] } else { places::country(&mut build.luck) };
    let (lap, first) = (place / FIRST.len(), FIRST[place % FIRST.len()]);
    let name = match role {
        _ if place == SHOWCASE => "You Are a Test Account".to_owned(),
        Role::Operations => format!("Marketplace Operations {}", country.name),
        Role::Vendor => format!("{first} {}", VENDOR_TRADE[(place % FIRST.len() + lap) % VENDOR_TRADE.len()]),
        Role::Client => format!("{first} {}", TRADE[(place * 5 + lap) % TRADE.len()]),
    };
    // The number keeps domains apart where names of a large world repeat.
    let slug: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let domain = if place == SHOWCASE { "example.com".to_owned() } else { format!("{slug}{place}.example") };
    Firm { name, domain, role, country }
}

fn account(build: &mut Build, place: usize, firm: &Firm) -> Box<[Cell]> {
    let id = build.accounts.next();
    let luck = &mut build.luck;
    let status = match firm.role {
        _ if place <= SHOWCASE + 1 => "Active",
        _ if luck.chance(6) => "Disabled",
        Role::Client if luck.chance(25) => "Enabled",
        Role::Operations => "Enabled",
        _ => "Active",
    };
    let external = (status == "Active").then(|| format!("EXT-{:06}", 100_000 + place));
    let address = places::address(luck, firm.country);
    let pyra = luck.chance(60).then(|| luck.uuid());
    let values = [
        ("icon", luck.chance(70).then(|| format!("/v1/accounts/accounts/{id}/icon")).into()),
        ("revision", luck.between(1, 30).into()),
        ("name", firm.name.clone().into()),
        ("type", firm.role.name().into()),
        ("status", status.into()),
        ("externalName", external.is_some().then(|| firm.name.to_uppercase()).into()),
        ("externalId", external.into()),
        ("externalIds", object(Entity::Account, "externalIds", [("pyraTenantId", pyra.into())])),
        ("serviceLevel", LEVELS[if place == SHOWCASE { 1 } else { place % LEVELS.len() }].into()),
        ("address", address),
        ("technicalSupportEmail", luck.chance(50).then(|| format!("support@{}", firm.domain)).into()),
        ("website", luck.chance(60).then(|| format!("https://www.{}", firm.domain)).into()),
        ("description", luck.chance(40).then(|| format!("{} serves {}.", firm.name, firm.country.name)).into()),
        ("defaultLanguageCode", firm.country.culture.into()),
        (
            "eligibility",
            object(Entity::Account, "eligibility", [("client", true.into()), ("partner", luck.chance(20).into())]),
        ),
        ("id", id.into()),
        ("audit", build.audit(Entity::Account, [])),
    ];
    row(Entity::Account.fields(), values)
}
