//! Accounts: who creates them, and how they become active.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{ACCOUNT, ACCOUNT_ACTIVATE, ACCOUNT_NEW, ACCOUNT_VALIDATE},
    members,
};
use crate::sandbox::{
    cell::{Cell, row},
    problem::Problem,
    schema::Entity,
};

const ACTIVATE: Step = Step { entity: Entity::Account, from: &["Enabled"], to: "Active", done: "activated" };
const DEACTIVATE: Step = Step { entity: Entity::Account, from: &["Active"], to: "Enabled", done: "deactivated" };
const DISABLE: Step = Step { entity: Entity::Account, from: &["Active", "Enabled"], to: "Disabled", done: "disabled" };
/// Those that were active once, vendors and clients with an external id, are so again.
const ENABLE: Step = Step { entity: Entity::Account, from: &["Disabled"], to: "Enabled", done: "enabled" };

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.create(Entity::Account, ACCOUNT_NEW, members(body))?;
    let kind = writer.text(Entity::Account, account, "type").to_owned();
    let status = if kind == "Vendor" { "Active" } else { "Enabled" };
    writer.world.set(Entity::Account, account, "status", status.into());
    let modules: Vec<usize> = (0..writer.world.table(Entity::Module).rows.len()).collect();
    let modules = modules.into_iter().filter(|&module| writer.check_modules(account, &[module]).is_ok()).collect();
    let values = [
        ("name", "Administrators".into()),
        ("isDefault", true.into()),
        ("account", Cell::One(account)),
        ("modules", Cell::Many(modules)),
    ];
    writer.insert(Entity::Group, row(Entity::Group.fields(), values));
    Ok(Done::Created(Entity::Account, account))
}

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    writer.fill(Entity::Account, account, ACCOUNT, members(body))?;
    Ok(Done::Row(Entity::Account, account))
}

pub(super) fn activate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.of_type(values, &["Client"])?;
    writer.fill(Entity::Account, account, ACCOUNT_ACTIVATE, members(body))?;
    writer.step_to(&ACTIVATE, values)
}

pub(super) fn deactivate(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.of_type(values, &["Client"])?;
    writer.step_to(&DEACTIVATE, values)
}

pub(super) fn enable(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let account = writer.of_type(values, &["Client", "Vendor"])?;
    let done = writer.step_to(&ENABLE, values)?;
    let external = !writer.text(Entity::Account, account, "externalId").is_empty();
    if external || writer.text(Entity::Account, account, "type") == "Vendor" {
        writer.put(Entity::Account, account, "status", "Active".into());
    }
    Ok(done)
}

pub(super) fn disable(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    writer.of_type(values, &["Client", "Vendor"])?;
    writer.step_to(&DISABLE, values)
}

pub(super) fn validate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    writer.fill(Entity::Account, account, ACCOUNT_VALIDATE, members(body))?;
    Ok(Done::Candidate(Entity::Account, account))
}

impl Writer<'_> {
    /// An account whose type knows the operation.
    fn of_type(&self, values: &[&str], types: &[&str]) -> Result<usize, Problem> {
        let account = self.target(Entity::Account, values[0])?;
        let kind = self.text(Entity::Account, account, "type");
        if types.contains(&kind) {
            return Ok(account);
        }
        let message = format!("An account of the type {kind} does not have this state.");
        Err(Problem::rule("MPTACC04-0001", &message, "type"))
    }
}
