//! User groups, and what a change of one does to the others of its account.

use serde_json::{Map, Value};

use super::{
    Done, Writer,
    forms::{GROUP, GROUP_NEW},
    members,
};
use crate::{
    cell::Cell,
    problem::Problem,
    schema::{self, Entity, Field},
};

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let body = members(body);
    let group = writer.create(Entity::Group, GROUP_NEW, body)?;
    let account = writer.one(Entity::Group, group, "account").unwrap_or(writer.caller.account);
    writer.world.set(Entity::Group, group, "account", Cell::One(account));
    writer.world.set(Entity::Group, group, "isDefault", false.into());
    writer.check_group(group, account, body)?;
    Ok(Done::Created(Entity::Group, group))
}

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let (group, body) = (writer.target(Entity::Group, values[0])?, members(body));
    let before = writer.world.cell(Entity::Group, group, "modules").targets().to_vec();
    writer.fill(Entity::Group, group, GROUP, body)?;
    let account = writer.one(Entity::Group, group, "account").unwrap_or_default();
    writer.check_group(group, account, body)?;
    if writer.is_default(group) {
        writer.check_default(account, &before, group)?;
        writer.withdraw(account, group);
    }
    Ok(Done::Row(Entity::Group, group))
}

pub(super) fn delete(writer: &mut Writer<'_>, values: &[&str], _: &Value) -> Result<Done, Problem> {
    let group = writer.target(Entity::Group, values[0])?;
    if writer.is_default(group) {
        return Err(Problem::rule("MPTACC03-0001", "The default group cannot be deleted.", "isDefault"));
    }
    if !writer.world.referring(Entity::AccountUser, "groups", group).is_empty() {
        return Err(Problem::rule("MPTACC03-0002", "The group has members.", "users"));
    }
    writer.world.remove(Entity::Group, group);
    Ok(Done::Gone)
}

impl Writer<'_> {
    fn is_default(&self, group: usize) -> bool {
        *self.world.cell(Entity::Group, group, "isDefault") == true.into()
    }

    /// The default group of an account.
    fn default_group(&self, account: usize) -> Option<usize> {
        let groups = self.world.referring(Entity::Group, "account", account);
        groups.into_iter().find(|&group| self.is_default(group))
    }

    /// The modules are among those of the default group; the buyers are the account's.
    fn check_group(&mut self, group: usize, account: usize, body: &Map<String, Value>) -> Result<(), Problem> {
        let modules = self.world.cell(Entity::Group, group, "modules").targets().to_vec();
        // No modules are an empty list, not the absence of one.
        self.put(Entity::Group, group, "modules", Cell::Many(modules.clone()));
        if !self.is_default(group) {
            self.check_granted(account, &modules)?;
        }
        if body.get("buyers").is_some_and(|buyers| !buyers.is_null()) {
            self.check_buyers(group, account, &modules)?;
        }
        if body.get("extensions").is_some_and(|extensions| !extensions.is_null()) {
            if self.is_default(group) {
                let message = "The default group has all extensions.";
                return Err(Problem::rule("MPTACC03-0010", message, "extensions"));
            }
            self.check_extensions(Entity::Group, group)?;
        }
        Ok(())
    }

    /// Modules that the default group of an account has.
    pub(super) fn check_granted(&self, account: usize, modules: &[usize]) -> Result<(), Problem> {
        let default = self.default_group(account);
        let allowed = default.map_or(&[][..], |group| self.world.cell(Entity::Group, group, "modules").targets());
        if modules.iter().all(|module| allowed.contains(module)) {
            return Ok(());
        }
        let message = "The default group of the account does not have the module.";
        Err(Problem::rule("MPTACC03-0003", message, "modules"))
    }

    /// A group is restricted to buyers, one at least, where it has a module that works on them.
    fn check_buyers(&self, group: usize, account: usize, modules: &[usize]) -> Result<(), Problem> {
        let buyers = self.world.cell(Entity::Group, group, "buyers").targets();
        if buyers.iter().any(|&buyer| self.one(Entity::Buyer, buyer, "account") != Some(account)) {
            return Err(Problem::rule("MPTACC03-0004", "The buyer belongs to another account.", "buyers"));
        }
        if buyers.is_empty() {
            return Err(Problem::rule("MPTACC03-0006", "At least one buyer is needed.", "buyers"));
        }
        let scoped = |module: &usize| match self.world.cell(Entity::Module, *module, "filters") {
            Cell::Object(filters) => {
                filters.iter().any(|scope| matches!(scope, Cell::Texts(texts) if !texts.is_empty()))
            }
            _ => false,
        };
        if !modules.iter().any(scoped) {
            return Err(Problem::rule("MPTACC03-0007", "No module of the group works on buyers.", "buyers"));
        }
        Ok(())
    }

    /// Extensions that are there to be used.
    pub(super) fn check_extensions(&self, entity: Entity, row: usize) -> Result<(), Problem> {
        let extensions = self.world.cell(entity, row, "extensions").targets();
        if extensions.iter().all(|&extension| self.text(Entity::Extension, extension, "status") == "Active") {
            return Ok(());
        }
        Err(Problem::rule("MPTACC03-0011", "The extension is not installed.", "extensions"))
    }

    /// The default group keeps what the account cannot do without, and gets nothing that is not for it. What it may
    /// hold is a matter of Operations.
    fn check_default(&self, account: usize, before: &[usize], group: usize) -> Result<(), Problem> {
        let now = self.world.cell(Entity::Group, group, "modules").targets();
        let added: Vec<usize> = now.iter().filter(|module| !before.contains(module)).copied().collect();
        let mut lost = before.iter().filter(|module| !now.contains(module));
        if (!added.is_empty() || lost.clone().next().is_some()) && !self.is_operations() {
            return Err(Problem::forbidden());
        }
        self.check_modules(account, &added)?;
        if added.iter().any(|&module| self.is_forbidden(module)) {
            return Err(Problem::rule("MPTACC03-0008", "The module is given to no account.", "modules"));
        }
        if lost.any(|&module| self.is_mandatory(module)) {
            return Err(Problem::rule("MPTACC03-0009", "The module cannot be taken away.", "modules"));
        }
        Ok(())
    }

    /// Takes what the default group does not have from all groups and tokens of an account.
    fn withdraw(&mut self, account: usize, default: usize) {
        let allowed = self.world.cell(Entity::Group, default, "modules").targets().to_vec();
        for entity in [Entity::Group, Entity::ApiToken] {
            for row in self.world.referring(entity, "account", account) {
                let mut modules = self.world.cell(entity, row, "modules").targets().to_vec();
                modules.retain(|module| allowed.contains(module));
                self.put(entity, row, "modules", Cell::Many(modules));
            }
        }
    }

    /// Whether every account has to have a module.
    fn is_mandatory(&self, module: usize) -> bool {
        self.setting(module, "default") && !self.setting(module, "configurable")
    }

    /// Whether no account may have a module.
    pub(super) fn is_forbidden(&self, module: usize) -> bool {
        !self.setting(module, "default") && !self.setting(module, "configurable")
    }

    fn setting(&self, module: usize, name: &str) -> bool {
        let fields = Entity::Module.fields()[Entity::Module.slot("settings")].members().unwrap_or_default();
        member(fields, self.world.cell(Entity::Module, module, "settings"), name) == Some(&Cell::Bool(true))
    }

    /// Whether a module is for accounts that share their tenant, or for those that do not.
    fn is_eligible(&self, module: usize, multi: bool) -> bool {
        let fields = Entity::Module.fields()[Entity::Module.slot("settings")].members().unwrap_or_default();
        let Some(eligibility) = member(fields, self.world.cell(Entity::Module, module, "settings"), "eligibility")
        else {
            return true;
        };
        let fields = schema::find_key(fields, "eligibility").and_then(|slot| fields[slot].members());
        let kind = if multi { "multi" } else { "single" };
        member(fields.unwrap_or_default(), eligibility, kind) != Some(&Cell::Bool(false))
    }

    /// Modules are for some types of accounts, and for such as share their tenant or do not.
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
        let multi = self.is_multi(account);
        if modules.iter().any(|&module| !self.is_eligible(module, multi)) {
            let message = "The module is not available to accounts that share their tenant, or to those that do not.";
            return Err(Problem::rule("MPTACC03-0012", message, "modules"));
        }
        Ok(())
    }
}

/// A member of a value object.
fn member<'c>(fields: &'static [Field], object: &'c Cell, name: &str) -> Option<&'c Cell> {
    match object {
        Cell::Object(members) => schema::find_key(fields, name).map(|slot| &members[slot]),
        _ => None,
    }
}
