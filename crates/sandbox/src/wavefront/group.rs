//! User groups.

use serde_json::Value;

use super::{Desk, Group, Refused, Shown, change, known, text, texts};
use crate::luck::Luck;

pub(super) fn list(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.paged(desk.state.groups.iter().map(|group| desk.state.whole_group(group)).collect())
}

pub(super) fn get(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let group = desk.group(values[0])?;
    Ok(desk.whole(group))
}

pub(super) fn create(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let name = text(body, "name").ok_or((400, "name is required".to_owned()))?;
    if texts(body, "roleIDs").is_none() {
        return Err((400, "roleIDs is required".to_owned()));
    }
    let id = desk.new_id();
    let (description, created) = (text(body, "description"), desk.now);
    desk.state.groups.push(Group { id, name, description, roles: Vec::new(), created, system: false });
    let group = desk.state.groups.len() - 1;
    desk.set_roles(group, body);
    Ok(desk.whole(group))
}

/// The members stay: they are changed by operations of their own.
pub(super) fn update(desk: &mut Desk<'_>, values: &[&str], body: &Value) -> Result<Shown, Refused> {
    let group = desk.editable(values[0])?;
    let name = text(body, "name").ok_or((400, "name is required".to_owned()))?;
    let changed = &mut desk.state.groups[group];
    changed.name = name;
    changed.description = text(body, "description").or(changed.description.take());
    desk.set_roles(group, body);
    Ok(desk.whole(group))
}

pub(super) fn delete(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let group = desk.editable(values[0])?;
    let shown = desk.whole(group);
    desk.state.groups.remove(group);
    for account in &mut desk.state.accounts {
        change(&mut account.groups, &values[..1], false);
    }
    Ok(shown)
}

pub(super) fn users(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let group = desk.editable(values[0])?;
    for user in known(body, "account IDs", |id| desk.state.account(id).is_some())? {
        let account = desk.account(user)?;
        change(&mut desk.state.accounts[account].groups, &values[..1], add);
    }
    Ok(desk.whole(group))
}

pub(super) fn roles(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let group = desk.editable(values[0])?;
    let roles = known(body, "role IDs", |id| desk.state.role(id).is_some())?;
    change(&mut desk.state.groups[group].roles, &roles, add);
    Ok(desk.whole(group))
}

impl Desk<'_> {
    fn whole(&self, group: usize) -> Shown {
        Shown::enveloped(self.state.whole_group(&self.state.groups[group]))
    }

    fn editable(&self, id: &str) -> Result<usize, Refused> {
        let group = self.group(id)?;
        if self.state.groups[group].system { Err((400, "The group cannot be edited".to_owned())) } else { Ok(group) }
    }

    fn set_roles(&mut self, group: usize, body: &Value) {
        if let Some(mut roles) = texts(body, "roleIDs") {
            roles.retain(|id| self.state.role(id).is_some());
            self.state.groups[group].roles = roles;
        }
    }

    /// An id that nothing has.
    pub(super) fn new_id(&self) -> String {
        let used = self.state.groups.len() + self.state.roles.len();
        let mut luck = Luck::new(self.now.unsigned_abs().wrapping_add(u64::try_from(used).unwrap_or_default()));
        loop {
            let id = luck.uuid();
            if self.state.group(&id).is_none() && self.state.role(&id).is_none() {
                return id;
            }
        }
    }
}
