//! The permission modules, and which of them an account of a role may use.

use super::build::Build;
use crate::{
    cell::{Cell, object, row},
    schema::{Entity, Field},
};

const C: &str = "Client";
const V: &str = "Vendor";
const O: &str = "Operations";

/// Code, name, what it allows, account types, paid, obsolete.
type Line = (&'static str, &'static str, &'static str, &'static [&'static str], bool, bool);

const MODULES: &[Line] = &[
    (
        "access-management",
        "Access management",
        "Manage users, groups and settings of the own account",
        &[C, V, O],
        false,
        false,
    ),
    (
        "platform-account-management",
        "Platform account management",
        "Manage the accounts of the whole platform",
        &[O],
        false,
        false,
    ),
    ("buyer-administration", "Buyer administration", "Manage buyers and their addresses", &[C, O], false, false),
    ("seller-administration", "Seller administration", "Manage sellers and their currencies", &[O], false, false),
    ("licensee-administration", "Licensee administration", "Manage licensees", &[C, O], false, false),
    ("ordering", "Ordering", "Place and follow orders", &[C, V, O], false, false),
    ("subscriptions", "Subscriptions", "See and change subscriptions", &[C, V, O], false, false),
    ("agreements", "Agreements", "See and sign agreements", &[C, V, O], false, false),
    ("catalog", "Catalog", "Publish products and price lists", &[V, O], false, false),
    ("fulfillment", "Fulfillment", "Process orders", &[V, C, O], false, false),
    ("billing", "Billing", "See statements and invoices", &[C, V, O], false, false),
    ("billing-journals", "Billing journals", "Upload charges", &[V, O], false, false),
    ("program-management", "Program management", "Run partner programs", &[V, O], false, false),
    ("certificates", "Certificates", "See program certificates", &[C, V, O], false, false),
    ("spotlight", "Spotlight", "Watch what needs attention", &[C, V, O], false, false),
    ("auditing", "Auditing", "Read the audit trail", &[C, V, O], false, false),
    ("helpdesk", "Helpdesk", "Open and follow cases", &[C, V, O], false, false),
    ("notifications", "Notifications", "Manage notification categories", &[C, V, O], false, false),
    ("integrations", "Integrations", "Manage tokens, webhooks and extensions", &[C, V, O], true, false),
    ("cloud-tools", "Cloud tools", "See consumption of cloud tenants", &[C, O], true, true),
];

/// The modules that an account type may hold, by row number.
pub(super) fn allowed(account_type: &str) -> Vec<usize> {
    (0..MODULES.len()).filter(|&module| MODULES[module].3.contains(&account_type)).collect()
}

/// Writes the table; the buyers in the filters come later, when there are buyers.
pub(super) fn modules(build: &mut Build) {
    for (place, &(code, name, description, types, paid, obsolete)) in MODULES.iter().enumerate() {
        let eligibility = |multi: bool, single: bool| {
            row(settings_member("eligibility"), [("multi", multi.into()), ("single", single.into())])
        };
        let types = Cell::Texts(types.iter().map(|&name| name.into()).collect());
        let settings = object(
            Entity::Module,
            "oldSettings",
            [
                ("configurable", (place % 4 != 0).into()),
                ("default", (place < 3 || place % 5 == 0).into()),
                ("paid", paid.into()),
                ("type", types.clone()),
                ("obsolete", obsolete.into()),
                ("eligibility", eligibility(place % 3 != 2, true).into()),
            ],
        );
        let values = [
            ("id", build.modules.next().into()),
            ("revision", build.luck.between(1, 9).into()),
            ("name", name.into()),
            ("description", description.into()),
            ("oldSettings", settings),
            ("code", code.into()),
            ("accountTypes", types),
            ("audit", build.audit(Entity::Module, [])),
        ];
        build.push(Entity::Module, row(Entity::Module.fields(), values));
    }
}

fn settings_member(name: &str) -> &'static [Field] {
    let settings = Entity::Module.fields()[Entity::Module.slot("oldSettings")].members().unwrap_or_default();
    settings.iter().find(|field| field.key == name).and_then(Field::members).unwrap_or_default()
}

/// Some modules work on the buyers that a group lists.
pub(super) fn filters(build: &mut Build) {
    for module in 0..MODULES.len() {
        let buyers = build.world.table(Entity::Buyer).rows.len();
        let ids = if module % 3 == 2 { build.luck.some(3, buyers.min(40)) } else { Vec::new() };
        let ids = ids.iter().map(|&buyer| build.world.row(Entity::Buyer, buyer)[0].as_text().into()).collect();
        let filters = object(Entity::Module, "filterBuyers", [("group.buyers", Cell::Texts(ids))]);
        build.world.table_mut(Entity::Module).rows[module][Entity::Module.slot("filterBuyers")] = filters;
    }
}
