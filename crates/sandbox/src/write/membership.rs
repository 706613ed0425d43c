//! What happens to a membership: its groups, its invitation, and its end.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{FAVORITE, GROUP_ID, MEMBER, MEMBER_INVITATION},
    members,
};
use crate::{
    cell::{Cell, object},
    instant::{self, DAY},
    problem::Problem,
    schema::{self, Entity},
};

const SEND_NEW: Step = Step::new(Entity::AccountUser, &["InvitationExpired"], "Invited", "invited");
const RESEND: Step = Step::new(Entity::AccountUser, &["Invited"], "Invited", "invited").then(prolong);
const ACCEPT: Step = Step::new(Entity::AccountUser, &["Invited"], "Active", "joined");

/// How long an invitation can be accepted.
const WEEK: i64 = 7 * DAY;

/// An invitation that is sent, again or anew, runs for a week.
fn prolong(writer: &mut Writer<'_>, membership: usize) {
    let end = instant::format(writer.now + WEEK);
    writer.put(Entity::AccountUser, membership, "expires", end.into());
}

/// The membership that a path names by its own id, or by account and user; and the rest of the path's values.
fn found<'v, 'a>(writer: &Writer<'_>, values: &'v [&'a str]) -> Result<(usize, &'v [&'a str]), Problem> {
    if values[0].starts_with("AUSR-") {
        return Ok((writer.target(Entity::AccountUser, values[0])?, &values[1..]));
    }
    let [account, user, rest @ ..] = values else { return Err(Problem::not_found()) };
    let account = writer.target(Entity::Account, account)?;
    let user = writer.target(Entity::User, user)?;
    let memberships = writer.world.referring(Entity::AccountUser, "user", user).into_iter();
    let mut here = memberships.filter(|&row| writer.one(Entity::AccountUser, row, "account") == Some(account));
    Ok((here.next().ok_or_else(Problem::not_found)?, rest))
}

/// Edits the profile of a member. The groups stay: they have routes of their own.
pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    let body = members(body);
    writer.read(&[], MEMBER_INVITATION, body, &[])?;
    if let Some(user) = writer.one(Entity::AccountUser, row, "user") {
        writer.profile(user, MEMBER, body)?;
    }
    if let Some(notes) = body.get("invitation").and_then(|invitation| invitation.get("notes")) {
        writer.invitation(row, "notes", notes.as_str().filter(|notes| !notes.is_empty()).into())?;
    }
    Ok(Done::Row(Entity::AccountUser, row))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    let user = writer.one(Entity::AccountUser, row, "user");
    if user.is_some() && user == writer.caller.user {
        return Err(Problem::rule("MPTACC02-0007", "Nobody ends their own membership.", ""));
    }
    writer.world.remove(Entity::AccountUser, row);
    if let Some(user) = user {
        writer.settle(user);
    }
    Ok(Done::Gone)
}

/// People mark their own accounts.
pub(super) fn favorite(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, &[values[1], values[0]])?;
    if writer.one(Entity::AccountUser, row, "user") != writer.caller.user {
        return Err(Problem::forbidden());
    }
    writer.read(&[], FAVORITE, members(body), &[])?;
    writer.put(Entity::AccountUser, row, "favorite", (body["favorite"] == true).into());
    Ok(Done::Access(row))
}

pub(super) fn add_group(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    writer.read(&[], GROUP_ID, members(body), &[])?;
    let group = writer.named(Entity::Group, body["id"].as_str().unwrap_or_default(), "id")?;
    let mut groups = writer.world.cell(Entity::AccountUser, row, "groups").targets().to_vec();
    if !groups.contains(&group) {
        groups.push(group);
    }
    writer.hold(row, &groups)?;
    Ok(Done::Row(Entity::AccountUser, row))
}

pub(super) fn replace_groups(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    let groups = writer.named_all(Entity::Group, body.as_array().map_or(&[], Vec::as_slice), "$")?;
    writer.hold(row, &groups)?;
    Ok(Done::Row(Entity::AccountUser, row))
}

pub(super) fn remove_group(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let (row, rest) = found(writer, values)?;
    let group = writer.target(Entity::Group, rest[0])?;
    let mut groups = writer.world.cell(Entity::AccountUser, row, "groups").targets().to_vec();
    let place = groups.iter().position(|&held| held == group).ok_or_else(Problem::not_found)?;
    groups.remove(place);
    writer.hold(row, &groups)?;
    Ok(Done::Gone)
}

pub(super) fn resend(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    writer.step(&RESEND, row)?;
    Ok(Done::Row(Entity::AccountUser, row))
}

pub(super) fn send_new(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    writer.step(&SEND_NEW, row)?;
    writer.send(row);
    writer.settle_member(row);
    Ok(Done::Row(Entity::AccountUser, row))
}

/// Only the person who was invited accepts; once more is once too often, but harmless.
pub(super) fn accept(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let (row, _) = found(writer, values)?;
    let user = writer.one(Entity::AccountUser, row, "user");
    if user.is_none() || user != writer.caller.user {
        return Err(Problem::forbidden());
    }
    if writer.text(Entity::AccountUser, row, "status") != "Active" {
        writer.step(&ACCEPT, row)?;
        writer.note(Entity::AccountUser, row, "invitationAcceptedAt");
        writer.invitation(row, "status", "Active".into())?;
        writer.invitation(row, "url", Cell::Null)?;
        writer.put(Entity::AccountUser, row, "expires", Cell::Null);
        writer.settle_member(row);
    }
    Ok(Done::Row(Entity::AccountUser, row))
}

impl Writer<'_> {
    fn hold(&mut self, membership: usize, groups: &[usize]) -> Result<(), Problem> {
        let account = self.one(Entity::AccountUser, membership, "account").ok_or_else(Problem::not_found)?;
        let mut groups = self.groups_of(account, groups)?;
        groups.sort_unstable();
        self.put(Entity::AccountUser, membership, "groups", Cell::Many(groups));
        Ok(())
    }

    fn settle_member(&mut self, membership: usize) {
        if let Some(user) = self.one(Entity::AccountUser, membership, "user") {
            self.settle(user);
        }
    }

    /// Sets a member of the invitation. Its notes are for Operations to write.
    pub(super) fn invitation(&mut self, membership: usize, name: &str, cell: Cell) -> Result<(), Problem> {
        let slot = Entity::AccountUser.slot("invitation");
        let fields = Entity::AccountUser.fields()[slot].members().unwrap_or_default();
        let only_operations = name == "notes" && !self.is_operations();
        let row = self.edit(Entity::AccountUser, membership);
        if let (Cell::Object(members), Some(place)) = (&mut row[slot], schema::find_key(fields, name)) {
            if only_operations && members[place] != cell {
                return Err(Problem::rule("MPTACC02-0009", "Only Operations writes notes.", "invitation.notes"));
            }
            members[place] = cell;
        }
        Ok(())
    }

    /// Invites with a link that nobody had before.
    pub(super) fn send(&mut self, membership: usize) {
        let id = self.text(Entity::AccountUser, membership, "id").to_owned();
        let url = format!("https://portal.example.com/invitations/{}{:X}", id.replace('-', ""), self.now);
        let slot = Entity::AccountUser.slot("invitation");
        let notes = match self.world.cell(Entity::AccountUser, membership, "invitation") {
            Cell::Object(members) => members.last().cloned().unwrap_or(Cell::Null),
            _ => Cell::Null,
        };
        let values = [("url", url.into()), ("status", "Invited".into()), ("notes", notes)];
        let invitation = object(Entity::AccountUser, "invitation", values);
        self.edit(Entity::AccountUser, membership)[slot] = invitation;
        self.note(Entity::AccountUser, membership, "invited");
        prolong(self, membership);
    }

    /// Ends an invitation whose time is over.
    pub(super) fn lapse(&mut self, membership: usize) -> Result<(), Problem> {
        self.put(Entity::AccountUser, membership, "status", "InvitationExpired".into());
        self.put(Entity::AccountUser, membership, "expires", Cell::Null);
        self.invitation(membership, "status", "InvitationExpired".into())?;
        self.invitation(membership, "url", Cell::Null)?;
        self.settle_member(membership);
        Ok(())
    }
}
