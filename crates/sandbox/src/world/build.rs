//! The world under construction, and what all generators share.

use super::{World, ids::Ids, places::Country};
use crate::{
    cell::{Cell, Row, row},
    instant,
    luck::Luck,
    schema::{self, Entity, Field},
};

/// The row of the showcase account.
pub(super) const SHOWCASE: usize = 2;

const SEED: u64 = 0x5F3A_11C7_2026_0001;

/// The world under construction.
pub(super) struct Build {
    pub(super) world: World,
    pub(super) luck: Luck,
    pub(super) firms: Vec<Firm>,
    /// Rows of the client accounts.
    pub(super) clients: Vec<usize>,
    pub(super) groups_of: Vec<Vec<usize>>,
    pub(super) buyers_of: Vec<Vec<usize>>,
    pub(super) seats: Vec<Seat>,
    users: usize,
    token_rows: usize,
    pub(super) accounts: Ids,
    pub(super) people: Ids,
    pub(super) groups: Ids,
    pub(super) modules: Ids,
    pub(super) buyers: Ids,
    pub(super) sellers: Ids,
    pub(super) licensees: Ids,
    pub(super) links: Ids,
    pub(super) tokens: Ids,
    pub(super) tenants: Ids,
    pub(super) memberships: Ids,
}

/// One membership to be: who, where, and how far the invitation got.
pub(super) struct Seat {
    pub(super) user: usize,
    pub(super) account: usize,
    pub(super) status: &'static str,
}

/// The part of an account that only the generator needs.
#[derive(Clone)]
pub(super) struct Firm {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) role: Role,
    pub(super) country: &'static Country,
}

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Vendor,
    Operations,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Client => "Client",
            Role::Vendor => "Vendor",
            Role::Operations => "Operations",
        }
    }
}

impl Build {
    /// Nothing yet of a world with so many users and tokens.
    pub(super) fn new(users: usize, token_rows: usize) -> Build {
        Build {
            world: World::default(),
            luck: Luck::new(SEED),
            firms: Vec::new(),
            clients: Vec::new(),
            groups_of: Vec::new(),
            buyers_of: Vec::new(),
            seats: Vec::new(),
            users,
            token_rows,
            accounts: Ids::new("ACC", 2, &["ACC-0000-0001", "ACC-0000-0002", "ACC-1671-0642"]),
            people: Ids::new("USR", 2, &["USR-0000-0001", "USR-0000-0002", "USR-1671-0642", "USR-6375-2499"]),
            groups: Ids::new("UGR", 2, &["UGR-5116-6265", "UGR-5116-6565"]),
            modules: Ids::new("MOD", 1, &[]),
            buyers: Ids::new("BUY", 2, &[]),
            sellers: Ids::new("SEL", 2, &[]),
            licensees: Ids::new("LCE", 3, &[]),
            links: Ids::new("ERP", 3, &[]),
            tokens: Ids::new(
                "TKN",
                2,
                &["TKN-0000-0001", "TKN-0000-0002", "TKN-0000-0003", "TKN-0000-0004", "TKN-0000-0005"],
            ),
            tenants: Ids::new("CLT", 2, &[]),
            memberships: Ids::new("AUSR", 3, &[]),
        }
    }

    /// Appends a row and tells its number.
    pub(super) fn push(&mut self, entity: Entity, row: Row) -> usize {
        self.world.push(entity, row)
    }

    /// Some instant of a year, canonical.
    pub(super) fn moment(&mut self, year: i64) -> String {
        instant::format(self.instant(year))
    }

    fn instant(&mut self, year: i64) -> i64 {
        instant::year(year) + self.luck.between(0, 365 * 86_400_000)
    }

    /// The audit of a new row: created, then updated, plus what the caller adds.
    pub(super) fn audit<const N: usize>(&mut self, entity: Entity, more: [(&'static str, Cell); N]) -> Cell {
        let created = self.luck.between(2021, 2025);
        let updated = self.luck.between(created + 1, 2027);
        let (created, updated) = (self.event("created", entity, created), self.event("updated", entity, updated));
        let members = entity.fields()[entity.slot("audit")].members().unwrap_or_default();
        let mut audit = row(members, [("created", created), ("updated", updated)]);
        for (name, cell) in more {
            if let Some(slot) = schema::find_key(members, name) {
                audit[slot] = cell;
            }
        }
        audit.into()
    }

    /// Something that happened in a year, done by a person of the first hundred or, more rarely, by a token.
    pub(super) fn event(&mut self, name: &str, entity: Entity, year: i64) -> Cell {
        let by = if self.luck.chance(10) {
            Cell::Actor(Entity::ApiToken, self.luck.below(self.token_rows))
        } else {
            Cell::Actor(Entity::User, self.luck.below(self.users.min(100)))
        };
        let at = self.moment(year);
        row(audit_member(entity, name), [("at", at.into()), ("by", by)]).into()
    }

    /// Something that happened in a year, without telling by whom.
    pub(super) fn at(&mut self, name: &str, entity: Entity, year: i64) -> Cell {
        let at = self.moment(year);
        row(audit_member(entity, name), [("at", at.into())]).into()
    }
}

fn audit_member(entity: Entity, name: &str) -> &'static [Field] {
    let audit = entity.fields()[entity.slot("audit")].members().unwrap_or_default();
    audit.iter().find(|field| field.key == name).and_then(Field::members).unwrap_or_default()
}
