//! Accounts: who creates them, and how they become active.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{ACCOUNT, ACCOUNT_ACTIVATE, ACCOUNT_NEW, ACCOUNT_VALIDATE},
    members, merge,
};
use crate::{
    cell::{Cell, row},
    problem::Problem,
    schema::Entity,
};

const ACTIVATE: Step = Step::new(Entity::Account, &["Enabled"], "Active", "activated").guarded(is_client);
pub(super) const DEACTIVATE: Step =
    Step::new(Entity::Account, &["Active"], "Enabled", "deactivated").guarded(may_deactivate);
pub(super) const DISABLE: Step =
    Step::new(Entity::Account, &["Active", "Enabled"], "Disabled", "disabled").guarded(is_customer).then(remember);
pub(super) const ENABLE: Step =
    Step::new(Entity::Account, &["Disabled"], "Enabled", "enabled").guarded(is_customer).then(reactivate);

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.create(Entity::Account, ACCOUNT_NEW, members(body))?;
    let kind = writer.text(Entity::Account, account, "type").to_owned();
    if kind == "Operations" {
        return Err(Problem::rule("MPTACC04-0002", "Accounts of Operations are not created.", "type"));
    }
    writer.check_eligibility(account, body)?;
    let status = if kind == "Vendor" { "Active" } else { "Enabled" };
    writer.world.set(Entity::Account, account, "status", status.into());
    let modules: Vec<usize> = (0..writer.world.table(Entity::Module).rows.len()).collect();
    let fits = |&module: &usize| writer.check_modules(account, &[module]).is_ok() && !writer.is_forbidden(module);
    let modules = modules.into_iter().filter(fits).collect();
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
    let before = writer.world.cell(Entity::Account, account, "externalId").clone();
    writer.fill(Entity::Account, account, ACCOUNT, members(body))?;
    if !writer.is_operations() && *writer.world.cell(Entity::Account, account, "externalId") != before {
        let message = "Only Operations writes the external id.";
        return Err(Problem::rule("MPTACC04-0003", message, "externalId"));
    }
    writer.check_eligibility(account, body)?;
    Ok(Done::Row(Entity::Account, account))
}

pub(super) fn activate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    is_client(writer, account)?;
    writer.fill(Entity::Account, account, ACCOUNT_ACTIVATE, members(body))?;
    writer.step(&ACTIVATE, account)?;
    Ok(Done::Row(Entity::Account, account))
}

pub(super) fn validate(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    writer.fill(Entity::Account, account, ACCOUNT_VALIDATE, members(body))?;
    writer.check_eligibility(account, body)?;
    Ok(Done::Candidate(Entity::Account, account))
}

/// The settings are opaque: whatever object is sent is merged into them.
pub(super) fn notify(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let account = writer.target(Entity::Account, values[0])?;
    let mut settings = match writer.world.cell(Entity::Account, account, "notifications") {
        Cell::Json(settings) => settings.clone(),
        _ => Value::Null,
    };
    merge(&mut settings, body);
    writer.put(Entity::Account, account, "notifications", Cell::Json(settings));
    Ok(Done::Notifications(account))
}

/// Keeps what an account was before it was disabled.
fn remember(writer: &mut Writer<'_>, account: usize) {
    let status = writer.base.cell(Entity::Account, account, "status").clone();
    writer.put(Entity::Account, account, "formerStatus", status);
}

/// An account becomes what it was. Of those that were disabled from the beginning, the ERP knows those that were active.
fn reactivate(writer: &mut Writer<'_>, account: usize) {
    let active = match writer.text(Entity::Account, account, "formerStatus") {
        "" => {
            let external = !writer.text(Entity::Account, account, "externalId").is_empty();
            external || writer.text(Entity::Account, account, "type") == "Vendor"
        }
        former => former == "Active",
    };
    writer.put(Entity::Account, account, "formerStatus", Cell::Null);
    if active {
        writer.put(Entity::Account, account, "status", "Active".into());
    }
}

fn is_client(writer: &Writer<'_>, account: usize) -> Result<(), Problem> {
    of_type(writer, account, &["Client"])
}

fn is_customer(writer: &Writer<'_>, account: usize) -> Result<(), Problem> {
    of_type(writer, account, &["Client", "Vendor"])
}

fn may_deactivate(writer: &Writer<'_>, account: usize) -> Result<(), Problem> {
    is_client(writer, account)?;
    if writer.is_multi(account) && !writer.world.referring(Entity::CloudTenant, "account", account).is_empty() {
        let message = "Cloud tenants are mapped to the account, which shares its tenant with others.";
        return Err(Problem::rule("MPTACC04-0005", message, "status"));
    }
    Ok(())
}

/// Whether the account's type knows the state.
fn of_type(writer: &Writer<'_>, account: usize, types: &[&str]) -> Result<(), Problem> {
    let kind = writer.text(Entity::Account, account, "type");
    if types.contains(&kind) {
        return Ok(());
    }
    let message = format!("An account of the type {kind} does not have this state.");
    Err(Problem::rule("MPTACC04-0001", &message, "type"))
}

impl Writer<'_> {
    /// Only clients are eligible for anything.
    fn check_eligibility(&self, account: usize, body: &Value) -> Result<(), Problem> {
        let told = body.get("eligibility").is_some_and(|told| !told.is_null());
        if told && self.text(Entity::Account, account, "type") != "Client" {
            return Err(Problem::rule("MPTACC04-0004", "Only client accounts have an eligibility.", "eligibility"));
        }
        Ok(())
    }

    /// The tenant that an account belongs to in the cloud tools.
    pub(super) fn pyra(&self, account: usize) -> &str {
        match self.world.cell(Entity::Account, account, "externalIds") {
            Cell::Object(ids) => ids.first().map_or("", Cell::as_text),
            _ => "",
        }
    }

    /// Whether several accounts share the tenant.
    pub(super) fn is_multi(&self, account: usize) -> bool {
        let tenant = self.pyra(account);
        let mut others = self.world.table(Entity::Account).live().filter(|&other| other != account);
        !tenant.is_empty() && others.any(|other| self.pyra(other) == tenant)
    }
}
