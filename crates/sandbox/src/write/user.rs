//! Users: their profile, the account they work in, and being blocked.

use serde_json::{Map, Value};

use super::{
    Done, Step, Writer,
    form::Form,
    forms::{PASSWORD, USER},
    members,
};
use crate::{cell::Cell, problem::Problem, schema::Entity};

pub(super) const BLOCK: Step =
    Step::new(Entity::User, &["Invited", "InvitationExpired", "Active", "Disabled"], "Blocked", "blocked");
/// The status that follows is computed from the memberships.
pub(super) const UNBLOCK: Step = Step::new(Entity::User, &["Blocked"], "Disabled", "unblocked").then(settle);

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let user = writer.target(Entity::User, values[0])?;
    let body = members(body);
    writer.profile(user, USER, body)?;
    if let Some(wanted) = body.get("currentAccount") {
        let id = wanted.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Problem::invalid("currentAccount.id", "The id field is required."))?;
        let account = writer.named(Entity::Account, id, "currentAccount.id")?;
        if !writer.active_accounts(user).contains(&account) {
            let message = "The user is no active member of the account.";
            return Err(Problem::rule("MPTACC01-0001", message, "currentAccount.id"));
        }
        writer.put(Entity::User, user, "currentAccount", Cell::One(account));
    }
    Ok(Done::Row(Entity::User, user))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let user = writer.target(Entity::User, values[0])?;
    if writer.caller.user == Some(user) {
        return Err(Problem::rule("MPTACC01-0003", "Nobody deletes themselves.", ""));
    }
    writer.discard(Entity::User, user, &["Disabled"])
}

/// Nothing of the world changes: no object shows a password, and none is kept.
pub(super) fn set_password(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let user = writer.target(Entity::User, values[0])?;
    if writer.caller.user != Some(user) {
        return Err(Problem::forbidden());
    }
    writer.read(&[], PASSWORD, members(body), &[])?;
    Ok(Done::Row(Entity::User, user))
}

fn settle(writer: &mut Writer<'_>, user: usize) {
    writer.settle(user);
}

impl Writer<'_> {
    /// Writes what a person is called and how it is reached. The mail address stays what it is, whatever is sent.
    pub(super) fn profile(&mut self, user: usize, form: Form, body: &Map<String, Value>) -> Result<(), Problem> {
        self.fill(Entity::User, user, form, body)?;
        let name =
            format!("{} {}", self.text(Entity::User, user, "firstName"), self.text(Entity::User, user, "lastName"));
        if body.contains_key("firstName") || body.contains_key("lastName") {
            self.put(Entity::User, user, "name", name.into());
        }
        Ok(())
    }

    /// The accounts that a user is an active member of.
    pub(super) fn active_accounts(&self, user: usize) -> Vec<usize> {
        let memberships = self.world.referring(Entity::AccountUser, "user", user).into_iter();
        let active = memberships.filter(|&row| self.text(Entity::AccountUser, row, "status") == "Active");
        active.filter_map(|row| self.one(Entity::AccountUser, row, "account")).collect()
    }

    /// Computes a user's status from its memberships, and the account it works in. Who is blocked stays so.
    pub(super) fn settle(&mut self, user: usize) {
        let memberships = self.world.referring(Entity::AccountUser, "user", user);
        let has = |status: &str| memberships.iter().any(|&row| self.text(Entity::AccountUser, row, "status") == status);
        let best = ["Active", "Invited", "InvitationExpired"].into_iter().find(|status| has(status));
        let active = self.active_accounts(user);
        if self.text(Entity::User, user, "status") != "Blocked" {
            self.put(Entity::User, user, "status", best.unwrap_or("Disabled").into());
        }
        let current = self.one(Entity::User, user, "currentAccount");
        if current.is_none_or(|current| !active.contains(&current)) {
            self.put(Entity::User, user, "currentAccount", active.first().copied().map(Cell::One).into());
        }
    }
}
