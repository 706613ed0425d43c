//! New members of an account: people who are invited, and those whom Operations makes members at once.

use serde_json::{Map, Value};

use super::{
    Done, Writer,
    forms::{MEMBER_NESTED, MEMBER_NEW, PROFILE},
    members,
};
use crate::{
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
    /// The person stands beside the rest of the body, or below `user` as it did in the older form.
    fn invite(&mut self, account: usize, body: &Map<String, Value>) -> Result<Done, Problem> {
        let empty = row(Entity::AccountUser.fields(), []);
        let nested = body.get("user").is_some_and(|user| !user.is_null());
        let form = if nested { MEMBER_NESTED } else { MEMBER_NEW };
        let cells = self.read(Entity::AccountUser.fields(), form, body, &empty)?;
        let groups = cells.into_iter().find(|(slot, _)| *slot == Entity::AccountUser.slot("groups"));
        let groups = self.groups_of(account, groups.map_or(Cell::Null, |(_, cell)| cell).targets())?;
        let profile = body.get("user").and_then(Value::as_object).unwrap_or(body);
        let known = self.known_person(profile, nested)?;
        if let Some(user) = known {
            if self.text(Entity::User, user, "status") == "Deleted" {
                let message = "The user with this e-mail address was deleted.";
                return Err(Problem::rule("MPTACC02-0002", message, "user.email"));
            }
            let memberships = self.world.referring(Entity::AccountUser, "user", user);
            if memberships.iter().any(|&row| self.one(Entity::AccountUser, row, "account") == Some(account)) {
                let message = "The user is a member of the account already.";
                return Err(Problem::rule("MPTACC02-0003", message, "user.email"));
            }
        }
        let invitation = |name: &str| body.get("invitation")?.get(name)?.as_str();
        let active = match invitation("status") {
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
        let notes = invitation("notes").or_else(|| body.get("notes")?.as_str()).filter(|notes| !notes.is_empty());
        if let Some(notes) = notes {
            self.invitation(membership, "notes", notes.into())?;
        }
        Ok(Done::Created(Entity::AccountUser, membership))
    }

    /// The user that a body means, if there is one: by the id, which only the flat form has, or by the mail address.
    fn known_person(&self, profile: &Map<String, Value>, nested: bool) -> Result<Option<usize>, Problem> {
        if let Some(id) = profile.get("id").and_then(Value::as_str).filter(|_| !nested) {
            return self.named(Entity::User, id, "id").map(Some);
        }
        let email = profile.get("email").and_then(Value::as_str);
        let email = email.ok_or_else(|| Problem::invalid("email", "The email field is required."))?;
        Ok(self.by_email(email))
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

    pub(super) fn by_email(&self, email: &str) -> Option<usize> {
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
