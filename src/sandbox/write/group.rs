//! User groups, and what a change of one does to the others of its account.

use serde_json::Value;

use super::{
    Done, Writer,
    forms::{GROUP, GROUP_NEW},
    members,
};
use crate::sandbox::{cell::Cell, problem::Problem, schema::Entity};

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let group = writer.create(Entity::Group, GROUP_NEW, members(body))?;
    let account = writer.one(Entity::Group, group, "account").unwrap_or(writer.caller.account);
    writer.world.set(Entity::Group, group, "account", Cell::One(account));
    writer.world.set(Entity::Group, group, "isDefault", false.into());
    if writer.world.cell(Entity::Group, group, "modules").targets().is_empty() {
        writer.world.set(Entity::Group, group, "modules", Cell::Many(Vec::new()));
    }
    writer.check_group(group, account)?;
    Ok(Done::Created(Entity::Group, group))
}

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let group = writer.target(Entity::Group, values[0])?;
    writer.fill(Entity::Group, group, GROUP, members(body))?;
    let account = writer.one(Entity::Group, group, "account").unwrap_or_default();
    writer.check_group(group, account)?;
    if writer.is_default(group) {
        let allowed = writer.world.cell(Entity::Group, group, "modules").targets().to_vec();
        for other in writer.world.referring(Entity::Group, "account", account) {
            let mut modules = writer.world.cell(Entity::Group, other, "modules").targets().to_vec();
            modules.retain(|module| allowed.contains(module));
            writer.put(Entity::Group, other, "modules", Cell::Many(modules));
        }
    }
    Ok(Done::Row(Entity::Group, group))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let group = writer.target(Entity::Group, values[0])?;
    if writer.is_default(group) {
        return Err(Problem::rule("MPTACC03-0001", "The default group cannot be deleted.", "isDefault"));
    }
    if !writer.world.referring(Entity::AccountUser, "groups", group).is_empty() {
        return Err(Problem::conflict("MPTACC03-0002", "The group has members.", "users"));
    }
    writer.world.remove(Entity::Group, group);
    Ok(Done::Gone)
}

impl Writer<'_> {
    fn is_default(&self, group: usize) -> bool {
        *self.world.cell(Entity::Group, group, "isDefault") == true.into()
    }

    /// The modules are among those of the default group, whose own are among those of the account's type; the buyers
    /// are the account's.
    fn check_group(&self, group: usize, account: usize) -> Result<(), Problem> {
        let modules = self.world.cell(Entity::Group, group, "modules").targets();
        if self.is_default(group) {
            self.check_modules(account, modules)?;
        } else {
            let groups = self.world.referring(Entity::Group, "account", account);
            let default = groups.into_iter().find(|&group| self.is_default(group));
            let allowed = default.map_or(&[][..], |group| self.world.cell(Entity::Group, group, "modules").targets());
            if modules.iter().any(|module| !allowed.contains(module)) {
                let message = "The default group of the account does not have the module.";
                return Err(Problem::rule("MPTACC03-0003", message, "modules"));
            }
        }
        let buyers = self.world.cell(Entity::Group, group, "buyers").targets();
        if buyers.iter().any(|&buyer| self.one(Entity::Buyer, buyer, "account") != Some(account)) {
            return Err(Problem::rule("MPTACC03-0004", "The buyer belongs to another account.", "buyers"));
        }
        Ok(())
    }

    /// Modules are for some types of accounts.
    pub(super) fn check_modules(&self, account: usize, modules: &[usize]) -> Result<(), Problem> {
        let kind = self.text(Entity::Account, account, "type");
        let fits = |module: usize| match self.world.cell(Entity::Module, module, "accountTypes") {
            Cell::Texts(types) => types.iter().any(|name| **name == *kind),
            _ => false,
        };
        if modules.iter().any(|&module| !fits(module)) {
            let message = "The module is not available to accounts of this type.";
            return Err(Problem::rule("MPTACC03-0005", message, "modules"));
        }
        Ok(())
    }
}
