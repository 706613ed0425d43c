//! User groups: one default group in each account, the others as its people need them.

use serde_json::json;

use super::{
    build::{Build, Role, SHOWCASE},
    modules,
};
use crate::{
    cell::{Cell, row},
    schema::Entity,
};

/// Name and description. The first is every account's default group; the first five, in this order, are the showcase's.
const GROUPS: &[(&str, &str)] = &[
    ("Administrators", "Everything in the account"),
    ("Fulfillment Managers", "Follow orders until they are fulfilled"),
    ("Purchasing", "Place orders"),
    ("Finance", "Statements and invoices"),
    ("Auditors", "Read without writing"),
    ("Asset Management", "Licences and subscriptions"),
    ("Service Desk", "First line support"),
    ("Cloud Operations", "Cloud tenants and consumption"),
    ("Integrations", "Machines and their tokens"),
];
const SHOWCASE_GROUPS: usize = 5;

/// Writes the groups of all accounts, about `average` each, and keeps their row numbers per account.
pub(super) fn groups(build: &mut Build, average: usize) {
    build.groups_of = vec![Vec::new(); build.firms.len()];
    // The showcase goes first, because the fixed ids are handed out first.
    let others = (0..build.firms.len()).filter(|&account| account != SHOWCASE);
    for account in std::iter::once(SHOWCASE).chain(others) {
        let count = match account {
            SHOWCASE => SHOWCASE_GROUPS,
            _ => 2.max(average.saturating_sub(3)) + build.luck.below(7),
        };
        let allowed = modules::allowed(build.firms[account].role.name());
        for place in 0..count.min(GROUPS.len()) {
            let row = group(build, account, place, &allowed);
            let row = build.push(Entity::Group, row);
            build.groups_of[account].push(row);
        }
    }
}

fn group(build: &mut Build, account: usize, place: usize, allowed: &[usize]) -> Box<[Cell]> {
    let (name, description) = GROUPS[place];
    let id = build.groups.next();
    let buyers = visible_buyers(build, account, place);
    let luck = &mut build.luck;
    let modules = match place {
        0 => allowed.to_vec(),
        // Zero modules are allowed, and a walk over the groups should meet that.
        _ if account != SHOWCASE && luck.chance(4) => Vec::new(),
        _ => {
            let count = 2 + luck.below(5);
            luck.some(count, allowed.len()).into_iter().map(|module| allowed[module]).collect()
        }
    };
    let extensions = luck.chance(10).then(|| Cell::Json(json!([{ "id": "EXT-0001-0001", "name": "Cost centers" }])));
    let values = [
        ("revision", luck.between(1, 12).into()),
        ("name", name.into()),
        ("description", (account == SHOWCASE || luck.chance(70)).then_some(description).into()),
        ("logo", luck.chance(25).then(|| format!("/v1/accounts/user-groups/{id}/logo")).into()),
        ("isDefault", (place == 0).into()),
        ("account", Cell::One(account)),
        ("modules", Cell::Many(modules)),
        ("buyers", buyers),
        ("extensionList", extensions.into()),
        ("id", id.into()),
        ("audit", build.audit(Entity::Group, [])),
    ];
    row(Entity::Group.fields(), values)
}

/// No list means all buyers; only client accounts restrict, and the showcase does so in every group.
fn visible_buyers(build: &mut Build, account: usize, place: usize) -> Cell {
    let buyers = build.buyers_of[account].clone();
    if account == SHOWCASE {
        let shown = if place == 0 { buyers } else { buyers.into_iter().skip(place).take(3).collect() };
        return Cell::Many(shown);
    }
    if build.firms[account].role != Role::Client || buyers.is_empty() || place == 0 || build.luck.chance(40) {
        return Cell::Null;
    }
    let count = 1 + build.luck.below(4);
    let shown = build.luck.some(count, buyers.len());
    Cell::Many(shown.into_iter().map(|buyer| buyers[buyer]).collect())
}
