//! What can be written: a line per operation.

use serde_json::Value;

use super::{
    Done, Step, Writer, account, body::Takes, buyer, group, member, membership, seller, tenant, token, trade, user,
};
use crate::{generation::Generation, problem::Problem, schema::Entity, viewer::Caller, world::World};

/// What an operation does with the values of its path and the body.
type Run = fn(&mut Writer<'_>, &[&str], &Value) -> Result<Done, Problem>;

/// One operation: method, path below `/accounts/` with a star for each value, who may call it, and what it does.
struct Operation(&'static str, &'static str, Who, Act);

/// What an operation does.
enum Act {
    /// Changes the status of the object that the path names.
    Change(&'static Step),
    /// Deletes the object if it is in one of some statuses.
    Discard(Entity, &'static [&'static str]),
    /// What it takes more than a line to say.
    Do(Takes, Run),
}

/// The account types that an operation is open to.
#[derive(Clone, Copy)]
enum Who {
    All,
    Operations,
    /// Clients and Operations.
    Buying,
}

use Act::{Change, Discard, Do};
use Takes::{Form, List, Nothing, Object};
use Who::{All, Buying, Operations};

/// The names that the parts of a form have.
const ACCOUNT: Takes = Form("account", "logo");
const BUYER: Takes = Form("buyer", "logo");
const SELLER: Takes = Form("seller", "logo");
const LICENSEE: Takes = Form("licensee", "logo");
const LINK: Takes = Form("erpLink", "logo");
const USER: Takes = Form("user", "icon");

#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    Operation("PUT", "users/*", All, Do(USER, user::update)),
    Operation("DELETE", "users/*", Operations, Do(Nothing, user::delete)),
    Operation("POST", "users/*/block", Operations, Change(&user::BLOCK)),
    Operation("POST", "users/*/unblock", Operations, Change(&user::UNBLOCK)),
    Operation("POST", "users/*/set-password", All, Do(Object, user::set_password)),

    Operation("POST", "user-groups", All, Do(Object, group::create)),
    Operation("PUT", "user-groups/*", All, Do(Object, group::update)),
    Operation("DELETE", "user-groups/*", All, Do(Nothing, group::delete)),

    Operation("POST", "accounts", Operations, Do(ACCOUNT, account::create)),
    Operation("PUT", "accounts/*", All, Do(ACCOUNT, account::update)),
    Operation("POST", "accounts/*/activate", Operations, Do(Object, account::activate)),
    Operation("POST", "accounts/*/deactivate", Operations, Change(&account::DEACTIVATE)),
    Operation("POST", "accounts/*/enable", Operations, Change(&account::ENABLE)),
    Operation("POST", "accounts/*/disable", Operations, Change(&account::DISABLE)),
    Operation("POST", "accounts/*/validate", Operations, Do(Object, account::validate)),

    Operation("POST", "buyers", Operations, Do(BUYER, buyer::create)),
    Operation("PUT", "buyers/*", Buying, Do(BUYER, buyer::update)),
    Operation("POST", "buyers/*/activate", Operations, Do(Object, buyer::activate)),
    Operation("POST", "buyers/*/deactivate", Operations, Do(Nothing, buyer::deactivate)),
    Operation("POST", "buyers/*/enable", Buying, Change(&buyer::ENABLE)),
    Operation("POST", "buyers/*/disable", Buying, Change(&buyer::DISABLE)),
    Operation("POST", "buyers/*/synchronize", Operations, Do(Nothing, buyer::synchronize)),
    Operation("POST", "buyers/*/transfer", Operations, Do(Object, buyer::transfer)),
    Operation("POST", "buyers/*/validate", Operations, Do(Object, buyer::validate)),
    Operation("DELETE", "buyers/*", Operations, Do(Nothing, buyer::delete)),

    Operation("POST", "sellers", Operations, Do(Object, seller::create)),
    Operation("PUT", "sellers/*", Operations, Do(SELLER, seller::update)),
    Operation("POST", "sellers/*/activate", Operations, Change(&seller::ACTIVATE)),
    Operation("POST", "sellers/*/deactivate", Operations, Change(&seller::DEACTIVATE)),
    Operation("POST", "sellers/*/disable", Operations, Change(&seller::DISABLE)),
    Operation("DELETE", "sellers/*", Operations, Do(Nothing, seller::delete)),

    Operation("POST", "licensees", Buying, Do(LICENSEE, trade::create_licensee)),
    Operation("PUT", "licensees/*", Buying, Do(LICENSEE, trade::update_licensee)),
    Operation("POST", "licensees/*/enable", Buying, Change(&trade::ENABLE_LICENSEE)),
    Operation("POST", "licensees/*/disable", Buying, Change(&trade::DISABLE_LICENSEE)),
    Operation("DELETE", "licensees/*", Buying, Discard(Entity::Licensee, &["Active", "Enabled", "Disabled"])),

    Operation("PUT", "erp-links/*", Operations, Do(LINK, trade::update_link)),
    Operation("POST", "erp-links/*/block", Operations, Do(Nothing, trade::block_link)),
    Operation("POST", "erp-links/*/unblock", Operations, Do(Nothing, trade::unblock_link)),

    Operation("POST", "api-tokens", All, Do(Object, token::create)),
    Operation("PUT", "api-tokens/*", All, Do(Object, token::update)),
    Operation("POST", "api-tokens/*/enable", All, Change(&token::ENABLE)),
    Operation("POST", "api-tokens/*/disable", All, Change(&token::DISABLE)),
    Operation("DELETE", "api-tokens/*", All, Discard(Entity::ApiToken, &["Active", "Disabled"])),

    Operation("POST", "cloud-tenants", Operations, Do(Object, tenant::create)),
    Operation("PUT", "cloud-tenants/*", Operations, Do(Object, tenant::update)),
    Operation("DELETE", "cloud-tenants/*", Operations, Do(Nothing, tenant::delete)),

    Operation("POST", "*/users", All, Do(Object, member::create_in)),
    Operation("POST", "account-users", All, Do(Object, member::create)),
    Operation("POST", "accounts/*/users", All, Do(Object, member::create_in)),
    Operation("PUT", "accounts/*/users/*", All, Do(Object, membership::update)),
    Operation("PUT", "users/*/accounts/*", All, Do(Object, membership::favorite)),
    Operation("PUT", "accounts/*/settings/notifications", All, Do(Object, account::notify)),
];

/// What is done to one membership, by what follows its path; all families have these.
#[rustfmt::skip]
const ON_MEMBERSHIP: &[Operation] = &[
    Operation("DELETE", "", All, Do(Nothing, membership::delete)),
    Operation("POST", "/groups", All, Do(Object, membership::add_group)),
    Operation("PUT", "/groups", All, Do(List, membership::replace_groups)),
    Operation("DELETE", "/groups/*", All, Do(Nothing, membership::remove_group)),
    Operation("POST", "/resend-invite", All, Do(Nothing, membership::resend)),
    Operation("POST", "/send-new-invite", All, Do(Nothing, membership::send_new)),
    Operation("POST", "/accept-invite", All, Do(Nothing, membership::accept)),
];

/// Where the families keep one membership.
const MEMBERSHIPS: [&str; 3] = ["*/users/*", "account-users/*", "accounts/*/users/*"];

/// An operation with the values of its path.
pub(crate) struct Found<'a> {
    operation: &'static Operation,
    values: Vec<&'a str>,
    /// Whether the family shows a membership as a user with the membership's data beside.
    flat: bool,
}

impl Found<'_> {
    pub(crate) fn takes(&self) -> Takes {
        match self.operation.3 {
            Change(_) | Discard(..) => Nothing,
            Do(takes, _) => takes,
        }
    }

    /// Whether the operation is open to the caller's account type.
    pub(crate) fn admits(&self, world: &World, caller: &Caller) -> bool {
        match (self.operation.2, world.cell(Entity::Account, caller.account, "type").as_text()) {
            (All, _) | (_, "Operations") => true,
            (Buying, kind) => kind == "Client",
            (Operations, _) => false,
        }
    }

    pub(super) fn run(&self, writer: &mut Writer<'_>, body: &Value) -> Result<Done, Problem> {
        let done = match self.operation.3 {
            Change(step) => {
                let row = writer.target(step.entity, self.values[0])?;
                writer.step(step, row)?;
                Done::Row(step.entity, row)
            }
            Discard(entity, from) => {
                let row = writer.target(entity, self.values[0])?;
                writer.discard(entity, row, from)?
            }
            Do(_, run) => run(writer, &self.values, body)?,
        };
        Ok(match done {
            Done::Row(Entity::AccountUser, row) if self.flat => Done::Member(row, false),
            Done::Created(Entity::AccountUser, row) if self.flat => Done::Member(row, true),
            done => done,
        })
    }
}

/// The operation behind a method and a path, which begins with `/accounts/`.
pub(crate) fn find<'a>(method: &str, path: &'a str, spoken: Generation) -> Option<Found<'a>> {
    matching(path, spoken).find(|found| found.operation.0 == method)
}

/// The methods that write to a path.
pub(crate) fn methods(path: &str, spoken: Generation) -> Vec<&'static str> {
    matching(path, spoken).map(|found| found.operation.0).collect()
}

fn matching(path: &str, spoken: Generation) -> impl Iterator<Item = Found<'_>> {
    let parts: Vec<&str> = path.strip_prefix("/accounts/").unwrap_or_default().split('/').collect();
    let plain = OPERATIONS.iter().map(|operation| (operation, operation.1.to_owned()));
    let each =
        |place: &'static str| ON_MEMBERSHIP.iter().map(move |operation| (operation, format!("{place}{}", operation.1)));
    let all = plain.chain(MEMBERSHIPS.into_iter().flat_map(each));
    let known = all.filter(move |_| spoken.speaks(path));
    known.filter_map(move |(operation, pattern)| {
        let flat = pattern.starts_with("accounts/*/users");
        Some(Found { operation, values: values(&pattern, &parts)?, flat })
    })
}

/// The values where a pattern has stars; none if the path is another one. A star does not stand for a collection, or
/// `accounts/users` would be the members of an account called accounts.
fn values<'a>(pattern: &str, parts: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut values = Vec::new();
    let mut steps = pattern.split('/');
    for (place, part) in parts.iter().enumerate() {
        match steps.next()? {
            "*" if part.is_empty() || (place == 0 && Entity::of_segment(part).is_some()) => return None,
            "*" => values.push(*part),
            step if step == *part => {}
            _ => return None,
        }
    }
    steps.next().is_none().then_some(values)
}
