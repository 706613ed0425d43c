//! Memberships in one form, whatever the route that told them: `{"id": "MEM-…", "user": {…}, "account": {…}, …}`, as the flat
//! collection has them. Above this file nobody needs to know by which route a membership came.
//!
//! A row is rewritten as text: what is about the user moves into `user`, what is about the account into `account`, and the
//! rest is copied as it stands. What was asked for and is not there is written as null, since a member of `user` or
//! `account` that is not there would be taken for one that nobody asked for.

use super::source::{MEMBERSHIP, OF_USER, PROFILE, Source, asked_of};
use crate::{
    entity::{
        kind::Kind,
        member,
        model::Model,
        tape::{At, Json, ROOT, Tape},
    },
    fault::Fault,
    upstream::{marketplace::membership::Family, select::Select},
};
use std::fmt::Write;

/// The member that keeps the id that the flat collection has for a membership.
pub(super) const UPSTREAM_ID: &str = "upstreamId";

/// What one request asks of memberships.
pub(super) struct Asking<'a> {
    /// Where.
    pub(super) source: Source<'a>,
    /// The members of the user that were asked for.
    user: Vec<&'a str>,
    /// The members of the account that were asked for.
    account: Vec<&'a str>,
    /// Whether it is a list: then each row has to say of which account and user it is.
    is_list: bool,
}

impl<'a> Asking<'a> {
    pub(super) fn new(source: Source<'a>, model: &'a Model, select: &Select) -> Self {
        Asking {
            source,
            user: asked_of(model, select, "user", Kind::User),
            account: asked_of(model, select, "account", Kind::Account),
            is_list: true,
        }
    }

    /// Of a membership that came without being asked for. One that lists what it omits tells all else, so of a user's
    /// profile what is absent is null.
    pub(super) fn answered(source: Source<'a>, model: &'a Model, lists: bool) -> Self {
        let asking = Asking::new(source, model, &Select::default());
        let user = if lists { PROFILE.to_vec() } else { asking.user };
        Asking { user, is_list: false, ..asking }
    }

    /// A page of memberships in the one form.
    pub(super) fn page(&self, tape: &Tape) -> Result<Tape, Fault> {
        let rows = tape.get(ROOT, "data").filter(|data| tape.kind(*data) == Json::List);
        let Some(rows) = rows else { return Err(nonsense("something that is not a list")) };
        let mut text = String::with_capacity(tape.len_bytes() + 256);
        text.push('{');
        if let Some(meta) = tape.get(ROOT, "$meta") {
            let _ = write!(text, "\"$meta\":{},", tape.json(meta));
        }
        text.push_str("\"data\":[");
        let listed = omitted(tape, ROOT);
        for (place, row) in tape.items(rows).enumerate() {
            if place > 0 {
                text.push(',');
            }
            self.row(&mut text, tape, row, &listed)?;
        }
        text.push_str("]}");
        scan(text)
    }

    /// One membership in the one form: what a write answered.
    pub(super) fn one(&self, tape: &Tape) -> Result<Tape, Fault> {
        let mut text = String::with_capacity(tape.len_bytes() + 128);
        self.row(&mut text, tape, ROOT, &[])?;
        scan(text)
    }

    /// Writes one row. What the list says it omits is `listed`.
    fn row(&self, text: &mut String, tape: &Tape, row: At, listed: &[&str]) -> Result<(), Fault> {
        if tape.kind(row) != Json::Object {
            return Err(nonsense("something that is not a list"));
        }
        let own = tape.get(row, "id").and_then(|at| tape.plain(at)).unwrap_or_default();
        match (self.source, Kind::of_id(own)) {
            (Source::Members { account, .. }, Some(Kind::User)) => {
                self.user_row(text, tape, row, (account, own), listed)
            }
            (Source::UserAccounts { user }, Some(Kind::Account)) => {
                self.account_row(text, tape, row, (own, user), listed)
            }
            (Source::UserAccounts { .. }, _) => Err(nonsense("an account without its id")),
            (Source::Members { .. }, Some(kind)) if kind != Kind::AccountUser => {
                Err(nonsense("something else in a list of memberships"))
            }
            (source, _) => membership_row(text, tape, row, (source, own), &self.account, self.is_list),
        }
    }

    /// A row that is the user: `/accounts/{accountId}/users`.
    fn user_row(
        &self,
        text: &mut String,
        tape: &Tape,
        row: At,
        (account, user): (&str, &str),
        listed: &[&str],
    ) -> Result<(), Fault> {
        let Some(id) = member::id(account, user) else { return Err(nonsense("a member without an id")) };
        check_same(tape, row, "user", user)?;
        check_same(tape, row, "account", account)?;
        let _ = write!(text, "{{\"id\":\"{id}\",\"user\":{{\"id\":\"{user}\"");
        let mut told = vec!["id"];
        for (name, value) in tape.members(row) {
            if let Some(name) = PROFILE.iter().find(|known| **known == name) {
                let _ = write!(text, ",\"{name}\":{}", tape.json(value));
                told.push(name);
            }
        }
        // The reference to the user repeats a part of it; hosts may tell more there.
        let reference = tape.get(row, "user").filter(|at| tape.kind(*at) == Json::Object);
        if let Some(reference) = reference {
            for (name, value) in tape.members(reference) {
                if !told.contains(&&*name) && name != "$meta" {
                    let _ = write!(text, ",{}:{}", quoted(&name), tape.json(value));
                }
            }
        }
        let omitted = [&omitted(tape, row), listed].concat();
        let profile = |name: &&&str| PROFILE.contains(*name) && !told.contains(*name) && !omitted.contains(name);
        for name in self.user.iter().filter(profile) {
            let _ = write!(text, ",\"{name}\":null");
        }
        let untold = self.user.iter().copied().filter(|name| omitted.contains(name) && !told.contains(name));
        write_omitted(text, untold);
        text.push('}');
        match tape.get(row, "account").filter(|at| names(tape, *at, account)) {
            Some(told) => {
                let _ = write!(text, ",\"account\":{}", tape.json(told));
            }
            None => write_account(text, account, &self.account),
        }
        copy_rest(text, tape, row, |name| MEMBERSHIP.contains(&name));
        write_omitted(text, omitted.iter().copied());
        text.push('}');
        Ok(())
    }

    /// A row that is the account: `/users/{userId}/accounts`.
    fn account_row(
        &self,
        text: &mut String,
        tape: &Tape,
        row: At,
        (account, user): (&str, &str),
        listed: &[&str],
    ) -> Result<(), Fault> {
        let Some(id) = member::id(account, user) else { return Err(nonsense("an account without its id")) };
        check_same(tape, row, "user", user)?;
        let _ = write!(text, "{{\"id\":\"{id}\",\"user\":{{\"id\":\"{user}\"}},\"account\":{{\"id\":\"{account}\"");
        let about = |name: &str| !OF_USER.contains(&name) && name != "id";
        let mut told = vec![];
        for (name, value) in tape.members(row) {
            if about(&name) {
                let _ = write!(text, ",{}:{}", quoted(&name), tape.json(value));
                told.push(name.into_owned());
            }
        }
        let omitted = [&omitted(tape, row), listed].concat();
        let absent = || {
            let absent = self.account.iter().copied();
            // What is about the membership says nothing of the account.
            absent.filter(|name| about(name) && !told.iter().any(|told| told == name))
        };
        for name in absent().filter(|name| !omitted.contains(name)) {
            let _ = write!(text, ",\"{name}\":null");
        }
        write_omitted(text, absent().filter(|name| omitted.contains(name)));
        text.push('}');
        copy_rest(text, tape, row, |name| OF_USER.contains(&name) && name != "$meta");
        write_omitted(text, omitted.iter().copied());
        text.push('}');
        Ok(())
    }
}

/// An object with a list of memberships in one of its members, these in the one form.
pub(super) fn with_members(tape: &Tape, list: &str) -> Result<Tape, Fault> {
    let mut text = String::with_capacity(tape.len_bytes() + 64);
    text.push('{');
    for (place, (name, value)) in tape.members(ROOT).enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{}:", quoted(&name));
        if name != list || tape.kind(value) != Json::List {
            text.push_str(tape.json(value));
            continue;
        }
        text.push('[');
        for (place, item) in tape.items(value).enumerate() {
            if place > 0 {
                text.push(',');
            }
            match tape.get(item, "id").and_then(|id| tape.plain(id)) {
                Some(own) => membership_row(&mut text, tape, item, (Source::AccountUsers, own), &[], false)?,
                // A renderer's placeholder.
                None => text.push_str(tape.json(item)),
            }
        }
        text.push(']');
    }
    text.push('}');
    scan(text)
}

/// A row that is the membership, with user and account in it: the flat collection, and the first form.
fn membership_row(
    text: &mut String,
    tape: &Tape,
    row: At,
    (source, own): (Source<'_>, &str),
    asked_of_account: &[&str],
    needs_names: bool,
) -> Result<(), Fault> {
    let reference = |name: &str| {
        let at = tape.get(row, name)?;
        tape.plain(tape.get(at, "id")?)
    };
    let account = match source {
        Source::Members { account, .. } => {
            check_same(tape, row, "account", account)?;
            Some(account)
        }
        _ => reference("account"),
    };
    let made = account.zip(reference("user")).and_then(|(account, user)| member::id(account, user));
    let Some(raw) = tape.get(row, "id") else { return Err(nonsense("a membership without an id")) };
    match made {
        Some(id) => {
            let _ = write!(text, "{{\"id\":\"{id}\"");
            if member::is_upstream_id(own) {
                let _ = write!(text, ",\"{UPSTREAM_ID}\":\"{own}\"");
            }
        }
        None if Kind::of_id(own).is_some_and(|kind| kind != Kind::AccountUser) => {
            return Err(nonsense("something else in a list of memberships"));
        }
        // Its id is made from them, and one that is there without its id names nobody.
        None if needs_names && member::is_upstream_id(own) && is_nameless(tape, row, account) => {
            text.push_str("{\"id\":null");
        }
        // A renderer's placeholder names nobody, and is shown as it is.
        None => {
            let _ = write!(text, "{{\"id\":{}", tape.json(raw));
        }
    }
    if let (Source::Members { account, family: Family::Legacy }, None) = (source, tape.get(row, "account")) {
        write_account(text, account, asked_of_account);
    }
    copy_rest(text, tape, row, |name| name != "id");
    text.push('}');
    Ok(())
}

/// Whether a row of a list leaves open of which account or user it is. What the row omits can still be found out.
fn is_nameless(tape: &Tape, row: At, account: Option<&str>) -> bool {
    let id_of = |name: &str| tape.get(row, name).and_then(|at| tape.get(at, "id")).and_then(|id| tape.plain(id));
    let omitted = omitted(tape, row);
    let user = omitted.contains(&"user") || id_of("user").is_some_and(|id| Kind::User.fits(id));
    let account = omitted.contains(&"account") || account.is_some_and(|id| Kind::Account.fits(id));
    !(user && account)
}

/// Refuses a row that says it is about somebody else than its place in the route does.
fn check_same(tape: &Tape, row: At, name: &str, id: &str) -> Result<(), Fault> {
    let found = tape.get(row, name).and_then(|at| tape.get(at, "id")).and_then(|id| tape.plain(id));
    match found.filter(|found| Kind::of_id(found).is_some()) {
        Some(found) if found != id => Err(nonsense("a membership of another account or user")),
        _ => Ok(()),
    }
}

/// Copies members as they stand, but groups in the order of their ids: other routes tell them in none.
fn copy_rest(text: &mut String, tape: &Tape, row: At, wanted: impl Fn(&str) -> bool) {
    for (name, value) in tape.members(row).filter(|(name, _)| wanted(name)) {
        let _ = write!(text, ",{}:", quoted(&name));
        if name == "groups" && tape.kind(value) == Json::List {
            let mut groups: Vec<At> = tape.items(value).collect();
            let id = |group: &At| tape.get(*group, "id").and_then(|id| tape.plain(id));
            if groups.iter().any(|group| tape.kind(*group) == Json::Object && id(group).is_none()) {
                // It has no place in an order of ids. An object is no list, so the field becomes an error.
                text.push_str("{}");
                continue;
            }
            groups.sort_by_key(id);
            for (place, group) in groups.into_iter().enumerate() {
                let _ = write!(text, "{}{}", if place > 0 { ',' } else { '[' }, tape.json(group));
            }
            text.push_str(if text.ends_with(':') { "[]" } else { "]" });
        } else {
            text.push_str(tape.json(value));
        }
    }
}

/// The account of a row that only the path names: what was asked of it is not known.
fn write_account(text: &mut String, account: &str, asked: &[&str]) {
    let _ = write!(text, ",\"account\":{{\"id\":\"{account}\"");
    write_omitted(text, asked.iter().copied().filter(|name| *name != "id"));
    text.push('}');
}

/// Writes what an object omits, if it does.
fn write_omitted<'a>(text: &mut String, names: impl Iterator<Item = &'a str>) {
    let names: Vec<String> = names.map(quoted).collect();
    if !names.is_empty() {
        let _ = write!(text, ",\"$meta\":{{\"omitted\":[{}]}}", names.join(","));
    }
}

/// Whether a reference is to this id, or says nothing of it.
fn names(tape: &Tape, reference: At, id: &str) -> bool {
    tape.kind(reference) == Json::Object
        && tape.get(reference, "id").and_then(|at| tape.plain(at)).is_some_and(|found| found == id)
}

fn omitted(tape: &Tape, row: At) -> Vec<&str> {
    let list = tape.get(row, "$meta").and_then(|meta| tape.get(meta, "omitted"));
    list.into_iter().flat_map(|list| tape.items(list)).filter_map(|item| tape.plain(item)).collect()
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

fn nonsense(what: &str) -> Fault {
    Fault::invalid(format!("The accounts API answered with {what}."))
}

fn scan(text: String) -> Result<Tape, Fault> {
    Tape::scan(text).map_err(|malformed| Fault::internal("A membership could not be rewritten.").caused_by(malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: Source<'_>, row: &str) -> String {
        let asking = Asking { source, user: vec!["phone", "email"], account: vec!["icon"], is_list: true };
        let tape = Tape::scan(row).expect("JSON");
        asking.one(&tape).map_or_else(|fault| fault.to_string(), |tape| tape.json(ROOT).to_owned())
    }

    #[test]
    fn every_route_tells_memberships_in_one_form() {
        let members = Source::Members { family: Family::Accounts, account: "ACC-1" };
        let first = Source::Members { family: Family::Legacy, account: "ACC-1" };
        let accounts = Source::UserAccounts { user: "USR-2" };
        for (source, row, expected) in [
            (
                members,
                r#"{"id":"USR-2","name":"Will","email":"w@x","user":{"id":"USR-2","name":"Will","lastLoginAt":"y"},"groups":[]}"#,
                r#"{"id":"MEM-1.2","user":{"id":"USR-2","name":"Will","email":"w@x","lastLoginAt":"y","phone":null},"account":{"id":"ACC-1","$meta":{"omitted":["icon"]}},"groups":[]}"#,
            ),
            // What is named as omitted was not asked for, and is not known to be null.
            (
                members,
                r#"{"id":"USR-2","$meta":{"omitted":["phone","email"]},"account":{"id":"ACC-1","name":"A"}}"#,
                r#"{"id":"MEM-1.2","user":{"id":"USR-2","$meta":{"omitted":["phone","email"]}},"account":{"id":"ACC-1","name":"A"},"$meta":{"omitted":["phone","email"]}}"#,
            ),
            // The account is the one of the path.
            (
                members,
                r#"{"id":"USR-2","email":"w@x","phone":{},"account":{"id":"text"}}"#,
                r#"{"id":"MEM-1.2","user":{"id":"USR-2","email":"w@x","phone":{}},"account":{"id":"ACC-1","$meta":{"omitted":["icon"]}}}"#,
            ),
            (
                members,
                r#"{"id":"USR-2","account":{"id":"ACC-9"}}"#,
                "The accounts API answered with a membership of another account or user.",
            ),
            (
                first,
                r#"{"id":"AUSR-7","user":{"id":"USR-2"},"invitation":{"status":"Active"}}"#,
                r#"{"id":"MEM-1.2","upstreamId":"AUSR-7","account":{"id":"ACC-1","$meta":{"omitted":["icon"]}},"user":{"id":"USR-2"},"invitation":{"status":"Active"}}"#,
            ),
            (
                Source::AccountUsers,
                r#"{"id":"AUSR-7","user":{"id":"USR-2"},"account":{"id":"ACC-1"},"revision":3}"#,
                r#"{"id":"MEM-1.2","upstreamId":"AUSR-7","user":{"id":"USR-2"},"account":{"id":"ACC-1"},"revision":3}"#,
            ),
            // A printed sample: its id is no id.
            (
                Source::AccountUsers,
                r#"{"id":"text","user":{"id":"text"},"account":{"id":"text"}}"#,
                r#"{"id":"text","user":{"id":"text"},"account":{"id":"text"}}"#,
            ),
            (
                accounts,
                r#"{"id":"ACC-1","name":"A","status":"Active","favorite":true,"audit":{},"groups":[{"id":"UGR-1"}]}"#,
                r#"{"id":"MEM-1.2","user":{"id":"USR-2"},"account":{"id":"ACC-1","name":"A","status":"Active","groups":[{"id":"UGR-1"}],"icon":null},"favorite":true,"audit":{}}"#,
            ),
            (accounts, r#"{"id":"USR-1"}"#, "The accounts API answered with an account without its id."),
            (members, "[]", "The accounts API answered with something that is not a list."),
            (Source::AccountUsers, "{}", "The accounts API answered with a membership without an id."),
        ] {
            assert_eq!(rewritten(source, row), expected, "{row}");
        }
    }

    #[test]
    fn memberships_inside_another_object_get_the_same_ids() {
        let tape = Tape::scan(
            r#"{"stats":{"userCount":1},"users":[{"id":"AUSR-7","user":{"id":"USR-2"},"account":{"id":"ACC-1"}},"text"]}"#,
        );
        let tape = with_members(&tape.expect("JSON"), "users").expect("memberships");
        assert_eq!(
            tape.json(ROOT),
            r#"{"stats":{"userCount":1},"users":[{"id":"MEM-1.2","upstreamId":"AUSR-7","user":{"id":"USR-2"},"account":{"id":"ACC-1"}},"text"]}"#
        );
    }
}
