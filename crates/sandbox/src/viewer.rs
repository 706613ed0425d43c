//! Who asks, and what that lets them see.

use super::{
    cell::Cell,
    problem::Problem,
    schema::{Entity, Field, Shapes},
    world::World,
};

/// What a user's own token begins with; the user's id follows. The upstream hands such tokens out at its login, in a
/// form that it does not document.
pub(crate) const USER_TOKEN: &str = "usr:";

/// Who sent one request: what it may see, and in whose name it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) viewer: Viewer,
    /// The account that the caller acts for.
    pub(crate) account: usize,
    /// What the audit names.
    pub(crate) actor: Cell,
    /// The person behind the request, if it is not a machine.
    pub(crate) user: Option<usize>,
}

/// Whom the sandbox lets in besides those with a token that it knows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gate {
    /// Whether callers without a token are turned away instead of being taken for Operations.
    pub(crate) require_token: bool,
    /// Whether callers with an unknown token are taken for Operations.
    pub(crate) accept_any: bool,
}

/// What one caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// Sees everything.
    Operations,
    /// A vendor or client: sees what belongs to its account, given by row number.
    Account(usize),
}

impl Caller {
    /// The caller behind an `Authorization` header.
    pub(crate) fn of(world: &World, header: Option<&str>, gate: Gate) -> Result<Caller, Problem> {
        let unauthorized = || Problem::plain(401, "A valid token is required.");
        // The first token of every world is the one for Operations.
        let operations = || Caller::token(world, 0);
        let Some(header) = header else {
            return if gate.require_token { Err(unauthorized()) } else { Ok(operations()) };
        };
        let token = header.strip_prefix("Bearer ").map(str::trim).unwrap_or_default();
        if let Some(id) = token.strip_prefix(USER_TOKEN) {
            return Caller::user(world, id).ok_or_else(unauthorized);
        }
        match token_row(world, token) {
            None if gate.accept_any => Ok(operations()),
            Some(row) if works(world, row) => Ok(Caller::token(world, row)),
            _ => Err(unauthorized()),
        }
    }

    fn token(world: &World, row: usize) -> Caller {
        let account = world.cell(Entity::ApiToken, row, "account").targets().first().copied().unwrap_or_default();
        let actor = Cell::Actor(Entity::ApiToken, row);
        Caller { viewer: Viewer::of(world, account), account, actor, user: None }
    }

    /// A person, in the account that it works in or else in the first that it was invited to.
    fn user(world: &World, id: &str) -> Option<Caller> {
        let row = world.table(Entity::User).find(id)?;
        if matches!(world.cell(Entity::User, row, "status").as_text(), "Blocked" | "Disabled" | "Deleted") {
            return None;
        }
        let memberships = world.table(Entity::AccountUser).referring(Entity::AccountUser.slot("user"), row);
        let first = || world.cell(Entity::AccountUser, *memberships.first()?, "account").targets().first();
        let account = *world.cell(Entity::User, row, "currentAccount").targets().first().or_else(first)?;
        let actor = Cell::Actor(Entity::User, row);
        Some(Caller { viewer: Viewer::of(world, account), account, actor, user: Some(row) })
    }
}

impl Viewer {
    /// What the people and machines of an account see.
    fn of(world: &World, account: usize) -> Viewer {
        match world.cell(Entity::Account, account, "type").as_text() {
            "Operations" => Viewer::Operations,
            _ => Viewer::Account(account),
        }
    }

    pub(crate) fn is_operations(&self) -> bool {
        *self == Viewer::Operations
    }

    /// Whether a property exists for this caller.
    pub(crate) fn sees_field(&self, field: &Field, shapes: Shapes) -> bool {
        field.is_in(shapes) && (!field.is_of_operations(shapes) || self.is_operations())
    }

    /// Whether a reference that is shown only to its own account may be shown.
    pub(crate) fn sees_account(&self, cell: &Cell) -> bool {
        match self {
            Viewer::Operations => true,
            Viewer::Account(own) => cell.targets().contains(own),
        }
    }

    /// Refuses collections that a role has no business with.
    pub(crate) fn admit(&self, entity: Entity) -> Result<(), Problem> {
        match (self, entity) {
            (Viewer::Account(_), Entity::Module | Entity::CloudTenant) => Err(Problem::forbidden()),
            _ => Ok(()),
        }
    }

    /// The rows this caller may see, ascending; `None` means all of them. What is deleted is seen by Operations, and
    /// sellers by everybody who sees sellers; of cloud tenants nobody sees it.
    pub(crate) fn scope(&self, world: &World, entity: Entity) -> Option<Vec<usize>> {
        let kept = |row: &usize| world.cell(entity, *row, "status").as_text() != "Deleted";
        let Viewer::Account(own) = *self else {
            return (entity == Entity::CloudTenant).then(|| world.table(entity).live().filter(kept).collect());
        };
        let owned = |entity: Entity| world.table(entity).referring(entity.slot("account"), own);
        let members = || {
            let users = owned(Entity::AccountUser)
                .iter()
                .flat_map(|&row| world.cell(Entity::AccountUser, row, "user").targets());
            let mut found: Vec<usize> = users.copied().filter(kept).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let links = || {
            let buyer = Entity::ErpLink.slot("buyer");
            let links = world.table(Entity::ErpLink);
            let mut found: Vec<usize> =
                owned(Entity::Buyer).iter().flat_map(|&row| links.referring(buyer, row)).copied().collect();
            found.sort_unstable();
            found
        };
        let buys = || world.cell(Entity::Account, own, "type").as_text() == "Client";
        Some(match entity {
            Entity::Account => vec![own],
            Entity::User => members(),
            Entity::ErpLink => links(),
            Entity::Service => return None,
            Entity::Seller if buys() => world.table(Entity::Seller).live().collect(),
            Entity::Buyer | Entity::Licensee | Entity::ApiToken => owned(entity).iter().copied().filter(kept).collect(),
            Entity::Group | Entity::AccountUser => owned(entity).to_vec(),
            Entity::Seller
            | Entity::Module
            | Entity::CloudTenant
            | Entity::Supplier
            | Entity::Extension
            | Entity::Member
            | Entity::Access => Vec::new(),
        })
    }

    /// Whether one row is in scope.
    pub(crate) fn sees(&self, world: &World, entity: Entity, row: usize) -> bool {
        self.scope(world, entity).is_none_or(|rows| rows.binary_search(&row).is_ok())
    }
}

/// The row of a token, which may be a deleted one: whoever still has that is not taken for nobody.
fn token_row(world: &World, token: &str) -> Option<usize> {
    let id = token.strip_prefix("idt:")?.split(':').next()?;
    let rows = &world.table(Entity::ApiToken).rows;
    let row = rows.iter().position(|row| row[0].as_text() == id)?;
    (world.cell(Entity::ApiToken, row, "token").as_text() == token).then_some(row)
}

fn works(world: &World, token: usize) -> bool {
    world.table(Entity::ApiToken).has(token) && world.cell(Entity::ApiToken, token, "status").as_text() == "Active"
}
