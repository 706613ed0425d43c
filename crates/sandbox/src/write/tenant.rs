//! Cloud tenants: which account they are mapped to.

use serde_json::Value;

use super::{
    Done, Writer,
    forms::{TENANT, TENANT_NEW},
    members,
};
use crate::{
    cell::Cell,
    problem::Problem,
    schema::{self, Entity},
};

/// Types of tenants that belong to one account alone.
const SINGLE: [&str; 2] = ["Slm", "Virtual"];

/// Without an account the tenant is mapped to the one that it has in common with the cloud tools, if there is just one.
pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let tenant = writer.create(Entity::CloudTenant, TENANT_NEW, members(body))?;
    if *writer.world.cell(Entity::CloudTenant, tenant, "status") == Cell::Null {
        writer.world.set(Entity::CloudTenant, tenant, "status", "Active".into());
    }
    if writer.one(Entity::CloudTenant, tenant, "account").is_none() {
        let accounts = writer.world.table(Entity::Account).live();
        let pyra = writer.tenant_id(tenant, "pyraTenantId");
        let sharing: Vec<usize> = accounts.filter(|&account| writer.pyra(account) == pyra).collect();
        if let [account] = *sharing {
            writer.world.set(Entity::CloudTenant, tenant, "account", Cell::One(account));
        }
    }
    writer.check_tenant(tenant)?;
    Ok(Done::Created(Entity::CloudTenant, tenant))
}

/// An account that the body does not name is taken away.
pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (tenant, body) = (writer.target(Entity::CloudTenant, values[0])?, members(body));
    writer.fill(Entity::CloudTenant, tenant, TENANT, body)?;
    if !body.contains_key("account") {
        writer.put(Entity::CloudTenant, tenant, "account", Cell::Null);
    }
    writer.check_tenant(tenant)?;
    Ok(Done::Row(Entity::CloudTenant, tenant))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let tenant = writer.target(Entity::CloudTenant, values[0])?;
    writer.world.remove(Entity::CloudTenant, tenant);
    Ok(Done::Gone)
}

impl Writer<'_> {
    fn tenant_id(&self, tenant: usize, name: &str) -> &str {
        let fields = Entity::CloudTenant.fields()[Entity::CloudTenant.slot("externalIds")].members();
        match (
            self.world.cell(Entity::CloudTenant, tenant, "externalIds"),
            schema::find_key(fields.unwrap_or_default(), name),
        ) {
            (Cell::Object(ids), Some(slot)) => ids[slot].as_text(),
            _ => "",
        }
    }

    fn check_tenant(&self, tenant: usize) -> Result<(), Problem> {
        let consumption = self.tenant_id(tenant, "cloudConsumptionId");
        let mut others = self.world.table(Entity::CloudTenant).live().filter(|&other| other != tenant);
        if others.any(|other| self.tenant_id(other, "cloudConsumptionId") == consumption) {
            let message = "Another cloud tenant has the id.";
            return Err(Problem::rule("MPTACC07-0001", message, "externalIds.cloudConsumptionId"));
        }
        let Some(account) = self.one(Entity::CloudTenant, tenant, "account") else { return Ok(()) };
        if self.pyra(account) != self.tenant_id(tenant, "pyraTenantId") {
            return Err(Problem::rule("MPTACC07-0002", "The account belongs to another tenant.", "account.id"));
        }
        if SINGLE.contains(&self.text(Entity::CloudTenant, tenant, "type")) && self.is_multi(account) {
            let message = "A tenant of this type belongs to one account, which shares its tenant with others.";
            return Err(Problem::rule("MPTACC07-0003", message, "account.id"));
        }
        Ok(())
    }
}
