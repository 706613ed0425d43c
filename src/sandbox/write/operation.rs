//! What can be written: a line per operation.

use serde_json::Value;

use super::{Done, Writer, account, buyer, group, member, membership, token, trade, user};
use crate::sandbox::{problem::Problem, route::MembershipRoutes, schema::Entity, viewer::Caller, world::World};

/// What an operation does with the values of its path and the body.
type Run = fn(&mut Writer<'_>, &[&str], &Value) -> Result<Done, Problem>;

/// One operation: method, path below `/accounts/` with a star for each value, who may call it, what its body is, and
/// what it does.
struct Operation(&'static str, &'static str, Who, Takes, Run);

/// The account types that an operation is open to.
#[derive(Clone, Copy)]
enum Who {
    All,
    Operations,
    /// Clients and Operations.
    Buying,
}

/// What the body has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None is needed, and whatever comes is passed over.
    Nothing,
    Object,
    List,
}

use Takes::{List, Nothing, Object};
use Who::{All, Buying, Operations};

#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    Operation("PUT", "users/*", All, Object, user::update),
    Operation("DELETE", "users/*", Operations, Nothing, user::delete),
    Operation("POST", "users/*/block", Operations, Nothing, user::block),
    Operation("POST", "users/*/unblock", Operations, Nothing, user::unblock),
    Operation("POST", "users/*/set-password", All, Object, user::set_password),

    Operation("POST", "user-groups", All, Object, group::create),
    Operation("PUT", "user-groups/*", All, Object, group::update),
    Operation("DELETE", "user-groups/*", All, Nothing, group::delete),

    Operation("POST", "accounts", Operations, Object, account::create),
    Operation("PUT", "accounts/*", All, Object, account::update),
    Operation("POST", "accounts/*/activate", Operations, Object, account::activate),
    Operation("POST", "accounts/*/deactivate", Operations, Nothing, account::deactivate),
    Operation("POST", "accounts/*/enable", Operations, Nothing, account::enable),
    Operation("POST", "accounts/*/disable", Operations, Nothing, account::disable),
    Operation("POST", "accounts/*/validate", Operations, Object, account::validate),

    Operation("POST", "buyers", Operations, Object, buyer::create),
    Operation("PUT", "buyers/*", Buying, Object, buyer::update),
    Operation("POST", "buyers/*/activate", Operations, Object, buyer::activate),
    Operation("POST", "buyers/*/deactivate", Operations, Nothing, buyer::deactivate),
    Operation("POST", "buyers/*/enable", Operations, Nothing, buyer::enable),
    Operation("POST", "buyers/*/disable", Buying, Nothing, buyer::disable),
    Operation("POST", "buyers/*/synchronize", Operations, Nothing, buyer::synchronize),
    Operation("POST", "buyers/*/transfer", Operations, Object, buyer::transfer),
    Operation("POST", "buyers/*/validate", Operations, Object, buyer::validate),
    Operation("DELETE", "buyers/*", Operations, Nothing, buyer::delete),

    Operation("POST", "sellers", Operations, Object, trade::create_seller),
    Operation("PUT", "sellers/*", Operations, Object, trade::update_seller),
    Operation("POST", "sellers/*/activate", Operations, Nothing, trade::activate_seller),
    Operation("POST", "sellers/*/deactivate", Operations, Nothing, trade::deactivate_seller),
    Operation("POST", "sellers/*/disable", Operations, Nothing, trade::disable_seller),
    Operation("DELETE", "sellers/*", Operations, Nothing, trade::delete_seller),

    Operation("POST", "licensees", Buying, Object, trade::create_licensee),
    Operation("PUT", "licensees/*", Buying, Object, trade::update_licensee),
    Operation("POST", "licensees/*/enable", Buying, Nothing, trade::enable_licensee),
    Operation("POST", "licensees/*/disable", Buying, Nothing, trade::disable_licensee),
    Operation("DELETE", "licensees/*", Operations, Nothing, trade::delete_licensee),

    Operation("PUT", "erp-links/*", Operations, Object, trade::update_link),
    Operation("POST", "erp-links/*/block", Operations, Nothing, trade::block_link),
    Operation("POST", "erp-links/*/unblock", Operations, Nothing, trade::unblock_link),

    Operation("POST", "api-tokens", All, Object, token::create),
    Operation("PUT", "api-tokens/*", All, Object, token::update),
    Operation("POST", "api-tokens/*/enable", All, Nothing, token::enable),
    Operation("POST", "api-tokens/*/disable", All, Nothing, token::disable),
    Operation("DELETE", "api-tokens/*", All, Nothing, token::delete),

    Operation("POST", "cloud-tenants", Operations, Object, token::create_tenant),
    Operation("PUT", "cloud-tenants/*", Operations, Object, token::update_tenant),
    Operation("DELETE", "cloud-tenants/*", Operations, Nothing, token::delete_tenant),

    Operation("POST", "*/users", All, Object, member::create_in),
    Operation("POST", "account-users", All, Object, member::create),
    Operation("POST", "accounts/*/users", All, Object, member::create_in),
    Operation("PUT", "accounts/*/users/*", All, Object, membership::update),
];

/// What is done to one membership, by what follows its path; all families have these.
#[rustfmt::skip]
const ON_MEMBERSHIP: &[Operation] = &[
    Operation("DELETE", "", All, Nothing, membership::delete),
    Operation("POST", "/groups", All, Object, membership::add_group),
    Operation("PUT", "/groups", All, List, membership::replace_groups),
    Operation("DELETE", "/groups/*", All, Nothing, membership::remove_group),
    Operation("POST", "/resend-invite", All, Nothing, membership::resend),
    Operation("POST", "/send-new-invite", All, Nothing, membership::send_new),
    Operation("POST", "/accept-invite", All, Nothing, membership::accept),
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
        self.operation.3
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
        let done = (self.operation.4)(writer, &self.values, body)?;
        Ok(match done {
            Done::Row(Entity::AccountUser, row) if self.flat => Done::Member(row, false),
            Done::Created(Entity::AccountUser, row) if self.flat => Done::Member(row, true),
            done => done,
        })
    }
}

/// The operation behind a method and a path, which begins with `/accounts/`.
pub(crate) fn find<'a>(method: &str, path: &'a str, spoken: MembershipRoutes) -> Option<Found<'a>> {
    matching(path, spoken).find(|found| found.operation.0 == method)
}

/// The methods that write to a path.
pub(crate) fn methods(path: &str, spoken: MembershipRoutes) -> Vec<&'static str> {
    matching(path, spoken).map(|found| found.operation.0).collect()
}

fn matching(path: &str, spoken: MembershipRoutes) -> impl Iterator<Item = Found<'_>> {
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
            "*" if part.is_empty() || (place == 0 && Entity::of_collection(part).is_some()) => return None,
            "*" => values.push(*part),
            step if step == *part => {}
            _ => return None,
        }
    }
    steps.next().is_none().then_some(values)
}
