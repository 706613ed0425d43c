//! Roles.

use serde_json::Value;

use super::{Desk, Refused, Role, Shown, change, known, text, texts};

pub(super) fn list(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.paged(desk.state.roles.iter().map(|role| desk.state.whole_role(role)).collect())
}

pub(super) fn get(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let role = desk.role(values[0])?;
    Ok(desk.shown_role(role))
}

pub(super) fn create(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let name = text(body, "name").ok_or((400, "name is required".to_owned()))?;
    let (id, now) = (desk.new_id(), desk.now);
    desk.state.roles.push(Role {
        id,
        name,
        description: text(body, "description"),
        permissions: texts(body, "permissions").unwrap_or_default(),
        created: now,
        updated: now,
        updated_by: desk.me.to_owned(),
    });
    Ok(desk.shown_role(desk.state.roles.len() - 1))
}

pub(super) fn update(desk: &mut Desk<'_>, values: &[&str], body: &Value) -> Result<Shown, Refused> {
    let role = desk.role(values[0])?;
    desk.touch(role, |role| {
        role.name = text(body, "name").unwrap_or(std::mem::take(&mut role.name));
        role.description = text(body, "description").or(role.description.take());
        role.permissions = texts(body, "permissions").unwrap_or(std::mem::take(&mut role.permissions));
    });
    Ok(desk.shown_role(role))
}

pub(super) fn delete(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let role = desk.role(values[0])?;
    let shown = desk.shown_role(role);
    desk.state.roles.remove(role);
    for account in &mut desk.state.accounts {
        change(&mut account.roles, &values[..1], false);
    }
    for group in &mut desk.state.groups {
        change(&mut group.roles, &values[..1], false);
    }
    Ok(shown)
}

/// Assignees are accounts and groups alike.
pub(super) fn assign(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let role = desk.role(values[0])?;
    let exists = |id: &str| desk.state.account(id).is_some() || desk.state.group(id).is_some();
    for id in known(body, "user or user group IDs", exists)? {
        if let Some(account) = desk.state.account(id) {
            change(&mut desk.state.accounts[account].roles, &values[..1], add);
        } else if let Some(group) = desk.state.group(id) {
            change(&mut desk.state.groups[group].roles, &values[..1], add);
        }
    }
    Ok(desk.shown_role(role))
}

/// Of many roles the answer shows the last.
pub(super) fn permit(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let mut shown = Shown::enveloped(Value::Null);
    for id in known(body, "role IDs", |id| desk.state.role(id).is_some())? {
        let role = desk.role(id)?;
        desk.touch(role, |role| change(&mut role.permissions, values, add));
        shown = desk.shown_role(role);
    }
    Ok(shown)
}

impl Desk<'_> {
    fn shown_role(&self, role: usize) -> Shown {
        Shown::enveloped(self.state.whole_role(&self.state.roles[role]))
    }

    fn touch(&mut self, role: usize, change: impl FnOnce(&mut Role)) {
        let role = &mut self.state.roles[role];
        change(role);
        role.updated = self.now;
        self.me.clone_into(&mut role.updated_by);
    }
}
