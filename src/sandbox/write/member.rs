//! New members of an account: people who are invited, and those whom Operations makes members at once.

use serde_json::{Map, Value};

use super::{
    Done, Writer,
    forms::{MEMBER_NEW, PROFILE},
    members,
};
use crate::sandbox::{
    cell::{Cell, object, row},
    problem::Problem,
    schema::Entity,
};

/// Below an account, in the families that have the account in the path. A new member is shown like the ones of the
/// same family: as a membership, or as a user.
pub(super) fn create_in(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    if body.pointer("/account/id").is_some_and(|id| *id != values[0]) {
        return Err(Problem::rule("MPTACC02-0001", "The account is not the one of the path.", "account.id"));
    }
    writer.invite(account, members(body))
}

/// Across accounts: the body names the account, or it is the caller's.
pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = match body.pointer("/account/id").and_then(Value::as_str) {
        Some(id) => writer.named(Entity::Account, id, "account.id")?,
        None => writer.caller.account,
    };
    writer.invite(account, members(body))
}

impl Writer<'_> {
    fn invite(&mut self, account: usize, body: &Map<String, Value>) -> Result<Done, Problem> {
        let empty = row(Entity::AccountUser.fields(), []);
        let cells = self.read(Entity::AccountUser.fields(), MEMBER_NEW, body, &empty)?;
        let groups = cells.into_iter().find(|(slot, _)| *slot == Entity::AccountUser.slot("groups"));
        let groups = self.groups_of(account, groups.map_or(Cell::Null, |(_, cell)| cell).targets())?;
        let profile = body.get("user").and_then(Value::as_object).ok_or_else(Problem::not_found)?;
        let email = profile.get("email").and_then(Value::as_str).unwrap_or_default();
        let known = self.by_email(email);
        if let Some(user) = known {
            if self.text(Entity::User, user, "status") == "Deleted" {
                let message = "The user with this e-mail address was deleted.";
                return Err(Problem::rule("MPTACC02-0002", message, "user.email"));
            }
            let memberships = self.world.referring(Entity::AccountUser, "user", user);
            if memberships.iter().any(|&row| self.one(Entity::AccountUser, row, "account") == Some(account)) {
                let message = "The user is a member of the account already.";
                return Err(Problem::conflict("MPTACC02-0003", message, "user.email"));
            }
        }
        let status = body.get("invitation").and_then(|invitation| invitation.get("status")).and_then(Value::as_str);
        let active = match status {
            None | Some("Invited") => false,
            Some("Active") if self.is_operations() && known.is_some() => true,
            _ => {
                let message = "Only Operations makes members without an invitation, and only of existing users.";
                return Err(Problem::rule("MPTACC02-0004", message, "invitation.status"));
            }
        };
        let user = match known {
            Some(user) => user,
            None => self.enroll(profile)?,
        };
        let membership = self.seat(user, account, groups, active);
        if let Some(notes) = body.get("invitation").and_then(|invitation| invitation.get("notes")?.as_str()) {
            self.invitation(membership, "notes", notes.into())?;
        }
        Ok(Done::Created(Entity::AccountUser, membership))
    }

    /// The groups of a member: at least one, and all of the account.
    pub(super) fn groups_of(&self, account: usize, groups: &[usize]) -> Result<Vec<usize>, Problem> {
        if groups.is_empty() {
            return Err(Problem::rule("MPTACC02-0005", "A member has at least one group.", "groups"));
        }
        if groups.iter().any(|&group| self.one(Entity::Group, group, "account") != Some(account)) {
            return Err(Problem::rule("MPTACC02-0006", "The group belongs to another account.", "groups"));
        }
        Ok(groups.to_vec())
    }

    fn by_email(&self, email: &str) -> Option<usize> {
        let mut users = self.world.table(Entity::User).live();
        users.find(|&user| self.text(Entity::User, user, "email").eq_ignore_ascii_case(email))
    }

    fn enroll(&mut self, profile: &Map<String, Value>) -> Result<usize, Problem> {
        let user = self.create(Entity::User, PROFILE, profile)?;
        let name =
            format!("{} {}", self.text(Entity::User, user, "firstName"), self.text(Entity::User, user, "lastName"));
        let cells =
            [("name", name.into()), ("status", "New".into()), ("SSO", false.into()), ("acceptedTerms", false.into())];
        for (field, cell) in cells {
            self.world.set(Entity::User, user, field, cell);
        }
        Ok(user)
    }

    fn seat(&mut self, user: usize, account: usize, groups: Vec<usize>, active: bool) -> usize {
        let status = if active { "Active" } else { "Invited" };
        let invitation = object(Entity::AccountUser, "invitation", [("status", status.into())]);
        let values = [
            ("status", status.into()),
            ("user", Cell::One(user)),
            ("account", Cell::One(account)),
            ("groups", Cell::Many(groups)),
            ("invitation", invitation),
        ];
        let membership = self.insert(Entity::AccountUser, row(Entity::AccountUser.fields(), values));
        if active {
            self.note(Entity::AccountUser, membership, "joined");
        } else {
            self.send(membership);
        }
        self.settle(user);
        membership
    }
}
