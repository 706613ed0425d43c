//! The writing half of the API: a request changes a copy of the world, which then takes the world's place.
//!
//! [`operation`] lists what there is, [`form`] says what a body may hold, and the files by noun hold the rules that a
//! table cannot tell.

mod account;
mod body;
mod buyer;
mod form;
mod forms;
mod group;
mod member;
mod membership;
mod operation;
mod seller;
mod tenant;
mod token;
mod trade;
mod user;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    cell::{Cell, Row, row},
    instant,
    problem::Problem,
    query::Query,
    quirk::Host,
    read::{Body, Reader},
    schema::{self, Entity, Field, Kind},
    view,
    viewer::{Caller, Viewer},
    world::World,
};
pub(crate) use body::Content;
use body::Picture;
pub(crate) use operation::{Found, find, methods};

/// A write under way.
pub(crate) struct Writer<'a> {
    /// The world before it.
    base: &'a World,
    world: World,
    caller: &'a Caller,
    host: Host,
    /// Milliseconds since 1970.
    now: i64,
    /// The rows that may have changed, as they were before.
    touched: BTreeMap<(Entity, usize), Row>,
}

/// A change of status.
struct Step {
    entity: Entity,
    from: &'static [&'static str],
    to: &'static str,
    /// What has been done to the object then, which is also the name of its event.
    done: &'static str,
    /// What has to be so besides.
    guard: fn(&Writer<'_>, usize) -> Result<(), Problem>,
    /// What follows.
    then: fn(&mut Writer<'_>, usize),
}

impl Step {
    const fn new(entity: Entity, from: &'static [&'static str], to: &'static str, done: &'static str) -> Step {
        Step { entity, from, to, done, guard: |_, _| Ok(()), then: |_, _| {} }
    }

    const fn guarded(self, guard: fn(&Writer<'_>, usize) -> Result<(), Problem>) -> Step {
        Step { guard, ..self }
    }

    const fn then(self, then: fn(&mut Writer<'_>, usize)) -> Step {
        Step { then, ..self }
    }
}

/// What a write answers.
pub(crate) enum Done {
    /// A row as it is now.
    Row(Entity, usize),
    /// A new row.
    Created(Entity, usize),
    /// A user inside an account, by the number of the membership; true for a new one.
    Member(usize, bool),
    /// An account of a user, by the number of the membership.
    Access(usize),
    /// The notification settings of an account.
    Notifications(usize),
    /// What the row would be; nothing is kept.
    Candidate(Entity, usize),
    /// Nothing to show.
    Gone,
}

/// The outcome of a write: the answer, and the world to go on with.
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) body: Option<Body>,
    /// None if nothing changed.
    pub(crate) world: Option<World>,
}

/// Carries a write out on a copy of the world.
pub(crate) fn write(
    base: &World,
    caller: &Caller,
    host: Host,
    now: i64,
    found: &Found<'_>,
    content: &Content,
) -> Result<Outcome, Problem> {
    let mut writer = Writer { base, world: base.clone(), caller, host, now, touched: BTreeMap::new() };
    let done = found.run(&mut writer, &content.json)?;
    writer.hang(&done, content.picture);
    writer.revise();
    writer.world.refresh();
    let world = writer.world;
    let reader = Reader { world: &world, viewer: &caller.viewer, host, refusals: &[], twist: None };
    let (status, body) = match done {
        Done::Row(entity, row) | Done::Candidate(entity, row) => {
            (200, Some(reader.whole(entity, world.row(entity, row))?))
        }
        Done::Created(entity, row) => (201, Some(reader.whole(entity, world.row(entity, row))?)),
        Done::Member(membership, new) => {
            let rows = view::members(&world, &[membership]);
            let row = rows.first().ok_or_else(Problem::not_found)?;
            (if new { 201 } else { 200 }, Some(reader.whole(Entity::Member, row)?))
        }
        Done::Access(membership) => {
            let rows = view::accesses(&world, &[membership]);
            let row = rows.first().ok_or_else(Problem::not_found)?;
            (200, Some(reader.whole(Entity::Access, row)?))
        }
        Done::Notifications(account) => (200, Some(reader.notifications(account))),
        Done::Gone => (204, None),
    };
    let keep = !matches!(done, Done::Candidate(..)) && world != *base;
    Ok(Outcome { status, body, world: keep.then_some(world) })
}

/// Ends the invitations whose time is over; none if there are none. The system does so, and an audit names nobody.
pub(crate) fn expire(base: &World, host: Host, now: i64) -> Result<Option<World>, Problem> {
    let due: Vec<usize> = base.invitations().filter(|(_, end)| *end <= now).map(|(row, _)| row).collect();
    if due.is_empty() {
        return Ok(None);
    }
    let caller = Caller { viewer: Viewer::Operations, account: 0, actor: Cell::Null, user: None };
    let mut writer = Writer { base, world: base.clone(), caller: &caller, host, now, touched: BTreeMap::new() };
    for membership in due {
        writer.lapse(membership)?;
    }
    writer.revise();
    writer.world.refresh();
    Ok(Some(writer.world))
}

impl Reader<'_> {
    /// A row as a write answers it: `select` is documented for reads only.
    fn whole(&self, entity: Entity, row: &Row) -> Result<Body, Problem> {
        self.single(entity, row, &Query::default())
    }
}

impl Writer<'_> {
    /// The row behind an id of the path; users are found by e-mail, too.
    fn target(&self, entity: Entity, id: &str) -> Result<usize, Problem> {
        let row = match entity {
            Entity::User if id.contains('@') => self.by_email(id),
            _ => self.world.table(entity).find(id),
        };
        row.filter(|&row| self.caller.viewer.sees(self.base, entity, row)).ok_or_else(Problem::not_found)
    }

    /// A row to change; its revision grows at the end if it did change, unless it is new.
    fn edit(&mut self, entity: Entity, number: usize) -> &mut Row {
        let known = number < self.base.table(entity).rows.len();
        let row = self.world.row_mut(entity, number);
        if known {
            self.touched.entry((entity, number)).or_insert_with(|| row.clone());
        }
        row
    }

    fn put(&mut self, entity: Entity, number: usize, field: &str, cell: Cell) {
        self.edit(entity, number)[entity.slot(field)] = cell;
    }

    /// Sets a row's cells from a body. What is deleted is final.
    fn fill(
        &mut self,
        entity: Entity,
        number: usize,
        form: form::Form,
        body: &Map<String, Value>,
    ) -> Result<(), Problem> {
        let cells = self.read(entity.fields(), form, body, self.world.row(entity, number))?;
        let status =
            schema::find_key(entity.fields(), "status").map(|slot| self.world.row(entity, number)[slot].as_text());
        if status == Some("Deleted") {
            return Err(Problem::rule("MPTACC00-0004", "The object is deleted.", "status"));
        }
        let row = self.edit(entity, number);
        for (slot, cell) in cells {
            row[slot] = cell;
        }
        Ok(())
    }

    /// A new row with an id, the first revision and an audit, filled from a body.
    fn create(&mut self, entity: Entity, form: form::Form, body: &Map<String, Value>) -> Result<usize, Problem> {
        let empty = row(entity.fields(), []);
        let cells = self.read(entity.fields(), form, body, &empty)?;
        let mut row = empty;
        for (slot, cell) in cells {
            row[slot] = cell;
        }
        Ok(self.insert(entity, row))
    }

    fn insert(&mut self, entity: Entity, mut row: Row) -> usize {
        row[0] = self.world.unused_id(entity).into();
        row[entity.slot("revision")] = Cell::Int(1);
        let number = self.world.push(entity, row);
        self.note(entity, number, "created");
        self.note(entity, number, "updated");
        number
    }

    /// Writes an event of now into the audit.
    fn note(&mut self, entity: Entity, number: usize, event: &str) {
        let now = Cell::from(instant::format(self.now));
        let actor = self.caller.actor.clone();
        let slot = entity.slot("audit");
        let fields = entity.fields()[slot].members().unwrap_or_default();
        let cell = &mut self.world.row_mut(entity, number)[slot];
        if *cell == Cell::Null {
            *cell = row(fields, []).into();
        }
        let Cell::Object(audit) = cell else { return };
        for (field, cell) in fields.iter().zip(audit.iter_mut()).filter(|(field, _)| field.key == event) {
            *cell = match field.kind {
                Kind::Object(members) => happened(members, now.clone(), actor.clone()),
                _ => now.clone(),
            };
        }
    }

    /// Moves a row from one of some statuses to another, and notes it in the audit where that has a place for it.
    fn step(&mut self, step: &Step, row: usize) -> Result<(), Problem> {
        (step.guard)(self, row)?;
        let status = self.text(step.entity, row, "status");
        if !step.from.contains(&status) {
            let message = format!("The object cannot be {} while it is {status}.", step.done);
            return Err(Problem::rule("MPTACC00-0002", &message, "status"));
        }
        self.put(step.entity, row, "status", step.to.into());
        self.note(step.entity, row, step.done);
        (step.then)(self, row);
        Ok(())
    }

    /// Deletes a row that is in one of some statuses. It stays, for those who may look at what was.
    fn discard(&mut self, entity: Entity, row: usize, from: &[&str]) -> Result<Done, Problem> {
        let status = self.text(entity, row, "status");
        if !from.contains(&status) {
            let message = format!("The object cannot be deleted while it is {status}.");
            return Err(Problem::rule("MPTACC00-0003", &message, "status"));
        }
        self.put(entity, row, "status", "Deleted".into());
        Ok(Done::Gone)
    }

    /// Hangs a picture that came along, or takes the old one off.
    fn hang(&mut self, done: &Done, picture: Picture) {
        let (Done::Row(entity, row) | Done::Created(entity, row)) = *done else { return };
        let icon = match picture {
            Picture::Untouched => return,
            Picture::Removed => Cell::Null,
            Picture::Sent => {
                let id = self.text(entity, row, "id");
                format!("/v1/accounts/{}/{id}/icon", entity.collection()).into()
            }
        };
        self.put(entity, row, "icon", icon);
    }

    /// When something happened to a row last, empty if it did not.
    fn when(&self, entity: Entity, row: usize, event: &str) -> &str {
        let fields = entity.fields()[entity.slot("audit")].members().unwrap_or_default();
        match (self.world.cell(entity, row, "audit"), schema::find_key(fields, event)) {
            (Cell::Object(audit), Some(slot)) => match &audit[slot] {
                Cell::Object(event) => event.first().map_or("", Cell::as_text),
                moment => moment.as_text(),
            },
            _ => "",
        }
    }

    /// Counts the revision of every row that does not look as it did.
    fn revise(&mut self) {
        for ((entity, number), before) in std::mem::take(&mut self.touched) {
            let counts = |slot: usize| slot != entity.slot("audit") && !entity.fields()[slot].is_hidden();
            let now = self.world.row(entity, number);
            if before.iter().zip(now).enumerate().all(|(slot, (old, new))| !counts(slot) || old == new) {
                continue;
            }
            let revision = entity.slot("revision");
            if let Cell::Int(revision) = &mut self.world.row_mut(entity, number)[revision] {
                *revision += 1;
            }
            self.note(entity, number, "updated");
        }
    }

    /// The text of a cell.
    fn text(&self, entity: Entity, row: usize, field: &str) -> &str {
        self.world.cell(entity, row, field).as_text()
    }

    /// The one target of a reference.
    fn one(&self, entity: Entity, row: usize, field: &str) -> Option<usize> {
        self.world.cell(entity, row, field).targets().first().copied()
    }

    fn is_operations(&self) -> bool {
        self.caller.viewer == Viewer::Operations
    }
}

/// Merges as RFC 7396 says: null takes a member away, an object is merged, anything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Map::new().into();
    }
    for (name, value) in members {
        match (value, &mut *target) {
            (Value::Null, Value::Object(target)) => {
                target.remove(name);
            }
            (value, target) => merge(&mut target[name], value),
        }
    }
}

fn happened(members: &'static [Field], at: Cell, by: Cell) -> Cell {
    if members.iter().any(|field| field.key == "by") {
        row(members, [("at", at), ("by", by)]).into()
    } else {
        row(members, [("at", at)]).into()
    }
}

/// The members of a body that an operation already knows to be an object.
fn members(body: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    body.as_object().unwrap_or(&EMPTY)
}
