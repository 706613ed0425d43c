//! What v5 added: services and extensions, and the properties that earlier generations do not show.
//!
//! Everything here follows from the row that it is about, so a further property changes nothing else.

use serde_json::json;

use super::{World, ids::Ids};
use crate::{
    cell::{Cell, Row, object, row},
    instant::{self, DAY, Day},
    luck::Luck,
    schema::{self, Entity, Field},
};

/// Name, what it does, status.
const SERVICES: &[(&str, &str, &str)] = &[
    ("Account sync", "Keeps accounts in step with the ERP", "Active"),
    ("Invitation mailer", "Sends invitations and reminders", "Active"),
    ("Buyer sync", "Keeps buyers and ERP links in step with the ERP", "Active"),
    ("Exchange rates", "Updates rates every night", "Active"),
    ("Statement run", "Issues statements", "Active"),
    ("Spotlight", "Finds what needs attention", "Active"),
    ("Catalogue import", "Reads the catalogues of vendors", "Active"),
    ("Legacy import", "Moved accounts of the former platform", "Deleted"),
];
/// Id, name, status.
const EXTENSIONS: &[(&str, &str, &str)] = &[
    ("EXT-0001-0001", "Cost centers", "Active"),
    ("EXT-2417-9036", "Approval chains", "Active"),
    ("EXT-5580-1172", "Usage forecast", "Draft"),
];
/// What notifications can be about.
const SUBJECTS: [&str; 5] = ["Order", "Subscription", "Statement", "Invoice", "Agreement"];

/// Adds it all.
pub(super) fn add(world: &mut World) {
    services(world);
    extensions(world);
    for (entity, fill) in [
        (Entity::User, user as fn(&mut World, usize)),
        (Entity::Account, account),
        (Entity::Group, group),
        (Entity::Module, module),
        (Entity::Seller, seller),
        (Entity::ErpLink, link),
        (Entity::ApiToken, token),
        (Entity::AccountUser, membership),
    ] {
        for row in 0..world.table(entity).rows.len() {
            fill(world, row);
        }
    }
}

fn services(world: &mut World) {
    let mut ids = Ids::new("SVC", 2, &["SVC-0000-0001"]);
    for (place, &(name, description, status)) in SERVICES.iter().enumerate() {
        let id = ids.next();
        let mut luck = Luck::of(&id, "audit");
        let end = Day::OF_DATA.midnight();
        let created = end - luck.between(400 * DAY, 1500 * DAY);
        // The first one changed something at the very end of the data.
        let updated = if place == 0 { end } else { luck.between(created, end) };
        let by = match place % 4 {
            0 | 1 => Cell::Actor(Entity::Service, 0),
            2 => Cell::Actor(Entity::User, 0),
            _ => Cell::Actor(Entity::Extension, 0),
        };
        let values = [
            ("revision", luck.between(1, 9).into()),
            ("name", name.into()),
            ("icon", (place != 3).then(|| format!("/v1/accounts/services/{id}/icon")).into()),
            ("status", status.into()),
            ("description", description.into()),
            ("audit", audit(Entity::Service, [(created, Cell::Actor(Entity::User, 0)), (updated, by)])),
            ("id", id.into()),
        ];
        world.push(Entity::Service, row(Entity::Service.fields(), values));
    }
}

fn extensions(world: &mut World) {
    for &(id, name, status) in EXTENSIONS {
        let mut luck = Luck::of(id, "audit");
        let end = Day::OF_DATA.midnight();
        let created = end - luck.between(200 * DAY, 900 * DAY);
        let updated = luck.between(created, end);
        let by = || Cell::Actor(Entity::User, 1);
        let values = [
            ("id", id.into()),
            ("revision", luck.between(1, 9).into()),
            ("name", name.into()),
            ("icon", format!("/v1/integration/extensions/{id}/icon").into()),
            ("status", status.into()),
            ("audit", audit(Entity::Extension, [(created, by()), (updated, by())])),
        ];
        world.push(Entity::Extension, row(Entity::Extension.fields(), values));
    }
}

/// An audit of two events: when, and by whom.
fn audit(entity: Entity, [created, updated]: [(i64, Cell); 2]) -> Cell {
    let members = members(entity, "audit");
    let event = |name: &str, (at, by): (i64, Cell)| {
        let place = schema::find_key(members, name).unwrap_or_default();
        let fields = members[place].members().unwrap_or_default();
        Cell::from(row(fields, [("at", instant::format(at).into()), ("by", by)]))
    };
    row(members, [("created", event("created", created)), ("updated", event("updated", updated))]).into()
}

fn members(entity: Entity, field: &str) -> &'static [Field] {
    entity.fields()[entity.slot(field)].members().unwrap_or_default()
}

fn id(world: &World, entity: Entity, row: usize) -> String {
    world.row(entity, row)[0].as_text().to_owned()
}

/// A member of a value object.
fn member<'r>(row: &'r Row, entity: Entity, field: &str, name: &str) -> &'r Cell {
    let place = schema::find_key(members(entity, field), name);
    match (&row[entity.slot(field)], place) {
        (Cell::Object(cells), Some(place)) => &cells[place],
        _ => &Cell::Null,
    }
}

/// Sets a member of a value object that is there.
fn put(world: &mut World, entity: Entity, number: usize, (field, name): (&str, &str), cell: Cell) {
    let place = schema::find_key(members(entity, field), name);
    if let (Cell::Object(cells), Some(place)) = (&mut world.row_mut(entity, number)[entity.slot(field)], place) {
        cells[place] = cell;
    }
}

fn user(world: &mut World, number: usize) {
    let cells = world.row(Entity::User, number);
    // The sample is one thousand two hundred and thirty-four, and a half.
    let sample = member(cells, Entity::User, "settings", "numberSample").as_text();
    let mut signs = sample.chars().filter(|sign| !sign.is_ascii_digit()).map(String::from);
    let fields = members(Entity::User, "settings");
    let within = |name: &str| schema::find_key(fields, name).and_then(|place| fields[place].members());
    let (group, decimal) = (signs.next(), signs.next());
    let format = within("numberFormat").map(|fields| {
        Cell::from(row(fields, [("groupSeparator", group.into()), ("decimalSeparator", decimal.into())]))
    });
    let declined = match member(cells, Entity::User, "settings", "optOutCategories") {
        Cell::Texts(texts) if !texts.is_empty() => subjects(&id(world, Entity::User, number)),
        _ => Vec::new(),
    };
    let opt_outs = within("optOuts").map(|fields| Cell::from(row(fields, [("objectTypes", Cell::Texts(declined))])));
    put(world, Entity::User, number, ("settings", "numberFormat"), format.into());
    put(world, Entity::User, number, ("settings", "optOuts"), opt_outs.into());
}

/// Some subjects of notifications, at least one.
fn subjects(id: &str) -> Vec<Box<str>> {
    let mut luck = Luck::of(id, "optOuts");
    let count = 1 + luck.below(3);
    luck.some(count, SUBJECTS.len()).into_iter().map(|subject| SUBJECTS[subject].into()).collect()
}

fn account(world: &mut World, number: usize) {
    let subjects = subjects(&id(world, Entity::Account, number));
    let settings = json!({ "optOuts": { "objectTypes": subjects } });
    world.set(Entity::Account, number, "notifications", Cell::Json(settings));
}

/// The groups that earlier generations show with a list of extensions, with one more in some.
fn group(world: &mut World, number: usize) {
    if *world.cell(Entity::Group, number, "extensionList") == Cell::Null {
        return;
    }
    let more = Luck::of(&id(world, Entity::Group, number), "extensions").below(EXTENSIONS.len());
    let held = if more == 0 { vec![0] } else { vec![0, more] };
    world.set(Entity::Group, number, "extensions", Cell::Many(held));
}

/// The same settings, but for what the type says, which is no type of account any more; and instead of buyers the
/// scopes of buyers that the module knows.
fn module(world: &mut World, number: usize) {
    let cells = world.row(Entity::Module, number);
    let old = |name: &str| member(cells, Entity::Module, "oldSettings", name).clone();
    let obsolete = old("obsolete");
    let kinds: &[&str] = match number % 2 {
        _ if obsolete == true.into() => &["legacy"],
        0 => &["new"],
        _ => &["new", "legacy"],
    };
    let multi = match &old("eligibility") {
        Cell::Object(members) => members[0].clone(),
        _ => Cell::Null,
    };
    let settings = object(
        Entity::Module,
        "settings",
        [
            ("configurable", old("configurable")),
            ("default", old("default")),
            ("paid", old("paid")),
            ("type", Cell::Texts(kinds.iter().map(|&kind| kind.into()).collect())),
            ("obsolete", obsolete),
            ("sharedAccount", multi),
            ("eligibility", old("eligibility")),
        ],
    );
    let scopes = match member(cells, Entity::Module, "filterBuyers", "group.buyers") {
        Cell::Texts(buyers) if !buyers.is_empty() => ["selected", "all"].into(),
        _ => Cell::Null,
    };
    let filters = object(Entity::Module, "filters", [("group.buyers", scopes)]);
    world.set(Entity::Module, number, "settings", settings);
    world.set(Entity::Module, number, "filters", filters);
}

/// The first currency is the default one.
fn seller(world: &mut World, number: usize) {
    let cells = world.row(Entity::Seller, number);
    let Cell::Texts(codes) = &cells[Entity::Seller.slot("currencyCodes")] else { return };
    let fields = members(Entity::Seller, "currencies");
    let currencies = codes.iter().enumerate().map(|(place, code)| {
        let billing = place == 0 || Luck::of(cells[0].as_text(), code).chance(50);
        let values =
            [("value", (**code).into()), ("billingEnabled", billing.into()), ("isDefault", (place == 0).into())];
        row(fields, values)
    });
    let currencies = Cell::Objects(currencies.collect());
    let company = cells[Entity::Seller.slot("externalId")].as_text().replace('_', "");
    let navision = Cell::Json(json!({ "companyCode": company }));
    world.set(Entity::Seller, number, "currencies", currencies);
    world.set(Entity::Seller, number, "attributes", object(Entity::Seller, "attributes", [("navision", navision)]));
}

/// The ERP knows a company, one or two places to ship to, and one to bill.
fn link(world: &mut World, number: usize) {
    let mut luck = Luck::of(&id(world, Entity::ErpLink, number), "sites");
    let buyer = world.cell(Entity::ErpLink, number, "buyer").targets().first().copied().unwrap_or_default();
    let company = world.cell(Entity::Buyer, buyer, "name").clone();
    let address = world.cell(Entity::ErpLink, number, "address").clone();
    let site = |kind: &str, place: usize, name: &str| {
        let mut site = row(members(Entity::ErpLink, "shipTo"), []);
        if let Cell::Object(parts) = &address {
            site.iter_mut().zip(parts).for_each(|(cell, part)| *cell = part.clone());
        }
        let last = site.len() - 2;
        site[last] = format!("{kind}-{number:05}-{place}").into();
        site[last + 1] = name.into();
        site
    };
    let ship = ["Main entrance", "Warehouse"][..=luck.below(2)].iter().enumerate();
    let ship = Cell::Objects(ship.map(|(place, name)| site("SHP", place + 1, name)).collect());
    let bill = Cell::Objects(vec![site("BIL", 1, "Accounting")]);
    let event = members(Entity::ErpLink, "audit");
    let event = schema::find_key(event, "disabled").and_then(|place| event[place].members()).unwrap_or_default();
    let disabled = (world.cell(Entity::ErpLink, number, "status").as_text() == "Disabled").then(|| {
        let at = Day::OF_DATA.midnight() - luck.between(DAY, 300 * DAY);
        // The system disables links, following their seller.
        Cell::from(row(event, [("at", instant::format(at).into()), ("by", Cell::Actor(Entity::Service, 2))]))
    });
    for (field, cell) in [("companyName", company), ("shipTo", ship), ("billTo", bill)] {
        world.set(Entity::ErpLink, number, field, cell);
    }
    put(world, Entity::ErpLink, number, ("audit", "disabled"), disabled.into());
}

/// No list means all extensions.
fn token(world: &mut World, number: usize) {
    let mut luck = Luck::of(&id(world, Entity::ApiToken, number), "extensions");
    if luck.chance(25) {
        let count = 1 + luck.below(2);
        let held = luck.some(count, EXTENSIONS.len());
        world.set(Entity::ApiToken, number, "extensions", Cell::Many(held));
    }
}

/// The account that a user works in is a favourite. People join by themselves; who invited them is now told.
fn membership(world: &mut World, number: usize) {
    let user = world.cell(Entity::AccountUser, number, "user").targets().first().copied().unwrap_or_default();
    let current = world.cell(Entity::User, user, "currentAccount").targets();
    let favorite = current == world.cell(Entity::AccountUser, number, "account").targets();
    world.set(Entity::AccountUser, number, "favorite", favorite.into());
    let mut luck = Luck::of(&id(world, Entity::AccountUser, number), "invited");
    let host = match luck.below(4) {
        0 => Cell::Actor(Entity::Service, 1),
        1 => Cell::Actor(Entity::Extension, luck.below(EXTENSIONS.len())),
        _ => Cell::Actor(Entity::User, luck.below(2)),
    };
    for (name, by) in [("invited", host), ("joined", Cell::Actor(Entity::User, user))] {
        let members = members(Entity::AccountUser, "audit");
        let Some(place) = schema::find_key(members, name) else { continue };
        let slot = Entity::AccountUser.slot("audit");
        let Cell::Object(audit) = &mut world.row_mut(Entity::AccountUser, number)[slot] else { continue };
        if let Cell::Object(event) = &mut audit[place] {
            event[1] = by;
        }
    }
}
