//! Accounts: people and machines, what they may do, and where they belong.

#![expect(clippy::unnecessary_wraps, reason = "operations of a table have one type, whether they can fail or not")]

use serde_json::{Value, json};

use super::{Account, Desk, Refused, Service, Shown, change, ids, known, text, texts};

pub(super) fn list(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.paged(desk.state.accounts.iter().map(|account| desk.state.flat(account)).collect())
}

pub(super) fn get(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    Ok(Shown::enveloped(desk.state.flat(&desk.state.accounts[account])))
}

pub(super) fn functions(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    Ok(Shown::enveloped(json!(desk.state.united_permissions(&desk.state.accounts[account]))))
}

pub(super) fn delete(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    let shown = desk.state.flat(&desk.state.accounts[account]);
    desk.state.accounts.remove(account);
    Ok(Shown::enveloped(shown))
}

pub(super) fn delete_all(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let gone = known(body, "account IDs", |id| desk.state.account(id).is_some())?;
    desk.state.accounts.retain(|account| !gone.contains(&account.identifier.as_str()));
    Ok(Shown::enveloped(json!(gone)))
}

pub(super) fn validate(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let (mut valid, mut invalid) = (Vec::new(), Vec::new());
    for id in ids(body)? {
        match desk.state.account(id) {
            Some(account) => valid.push(desk.state.user_model(&desk.state.accounts[account])),
            None => invalid.push(id),
        }
    }
    Ok(Shown::enveloped(json!({ "validUsers": valid, "invalidIdentifiers": invalid })))
}

/// Everybody is in the group of everybody, so joining and leaving it is passed over.
pub(super) fn groups(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    let mut groups = known(body, "user group IDs", |id| desk.state.group(id).is_some())?;
    groups.retain(|id| desk.state.group(id).is_some_and(|group| !desk.state.groups[group].system));
    change(&mut desk.state.accounts[account].groups, &groups, add);
    Ok(desk.model(account))
}

pub(super) fn roles(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    let roles = known(body, "role IDs", |id| desk.state.role(id).is_some())?;
    change(&mut desk.state.accounts[account].roles, &roles, add);
    Ok(desk.model(account))
}

pub(super) fn permit(desk: &mut Desk<'_>, values: &[&str], _: &Value, add: bool) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    change(&mut desk.state.accounts[account].permissions, &values[1..], add);
    Ok(desk.model(account))
}

/// Of many accounts the answer shows the last.
pub(super) fn permit_all(desk: &mut Desk<'_>, values: &[&str], body: &Value, add: bool) -> Result<Shown, Refused> {
    let mut shown = Shown::bare(Value::Null);
    for id in known(body, "account IDs", |id| desk.state.account(id).is_some())? {
        shown = permit(desk, &[id, values[0]], &Value::Null, add)?;
    }
    Ok(shown)
}

/// Not paged, however many there are.
pub(super) fn users(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    let people = desk.state.accounts.iter().filter(|account| account.service.is_none());
    Ok(Shown::enveloped(people.map(|account| desk.state.user_model(account)).collect()))
}

pub(super) fn user(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    Ok(desk.model(account))
}

pub(super) fn administrators(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    let state = &desk.state;
    let administers = |account: &&Account| state.united_permissions(account).contains(&super::MANAGE);
    Ok(Shown::enveloped(state.accounts.iter().filter(administers).map(|account| &*account.identifier).collect()))
}

pub(super) fn create(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let email = text(body, "emailAddress").ok_or((400, "emailAddress is required".to_owned()))?;
    let account = desk.ensure(email);
    desk.fill(account, body);
    Ok(desk.model(account))
}

pub(super) fn invite(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let mut shown = Err((400, "A list of users is expected".to_owned()));
    for one in body.as_array().into_iter().flatten() {
        shown = Ok(create(desk, &[], one)?);
    }
    shown
}

pub(super) fn update(desk: &mut Desk<'_>, values: &[&str], body: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    desk.fill(account, body);
    Ok(desk.model(account))
}

pub(super) fn machines(desk: &mut Desk<'_>, _: &[&str], _: &Value) -> Result<Shown, Refused> {
    let machines = desk.state.accounts.iter().filter(|account| account.service.is_some());
    Ok(Shown::enveloped(machines.map(|account| desk.state.service(account)).collect()))
}

pub(super) fn machine(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.service(values[0], |_| {})
}

pub(super) fn create_machine(desk: &mut Desk<'_>, _: &[&str], body: &Value) -> Result<Shown, Refused> {
    let id = text(body, "identifier").filter(|id| id.starts_with("sa::"));
    let id = id.ok_or((400, "identifier has to begin with sa::".to_owned()))?;
    let account = desk.ensure(id.clone());
    let active = body.get("active").and_then(Value::as_bool).unwrap_or(true);
    desk.state.accounts[account].service = Some(Service { active, description: text(body, "description") });
    desk.fill(account, body);
    desk.service(&id, |_| {})
}

pub(super) fn update_machine(desk: &mut Desk<'_>, values: &[&str], body: &Value) -> Result<Shown, Refused> {
    let account = desk.account(values[0])?;
    desk.fill(account, body);
    desk.service(values[0], |service| {
        service.description = text(body, "description").or(service.description.take());
        service.active = body.get("active").and_then(Value::as_bool).unwrap_or(service.active);
    })
}

pub(super) fn activate(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.service(values[0], |service| service.active = true)
}

pub(super) fn deactivate(desk: &mut Desk<'_>, values: &[&str], _: &Value) -> Result<Shown, Refused> {
    desk.service(values[0], |service| service.active = false)
}

impl Desk<'_> {
    fn model(&self, account: usize) -> Shown {
        Shown::bare(self.state.user_model(&self.state.accounts[account]))
    }

    fn ensure(&mut self, identifier: String) -> usize {
        self.state.account(&identifier).unwrap_or_else(|| {
            let (permissions, groups, roles) = (Vec::new(), Vec::new(), Vec::new());
            self.state.accounts.push(Account {
                identifier,
                permissions,
                groups,
                roles,
                last_login: None,
                service: None,
            });
            self.state.accounts.len() - 1
        })
    }

    /// Sets what a body names; ids that do not exist are passed over.
    fn fill(&mut self, account: usize, body: &Value) {
        let groups = texts(body, "userGroups").map(|mut ids| {
            ids.retain(|id| self.state.group(id).is_some_and(|group| !self.state.groups[group].system));
            ids
        });
        let roles = texts(body, "roles").map(|mut ids| {
            ids.retain(|id| self.state.role(id).is_some());
            ids
        });
        let account = &mut self.state.accounts[account];
        account.groups = groups.unwrap_or(std::mem::take(&mut account.groups));
        account.roles = roles.unwrap_or(std::mem::take(&mut account.roles));
        account.permissions = texts(body, "groups").unwrap_or(std::mem::take(&mut account.permissions));
    }

    fn service(&mut self, id: &str, change: impl FnOnce(&mut Service)) -> Result<Shown, Refused> {
        let account = self.account(id)?;
        let missing = || (404, format!("Service account {id} was not found"));
        change(self.state.accounts[account].service.as_mut().ok_or_else(missing)?);
        Ok(Shown::enveloped(self.state.service(&self.state.accounts[account])))
    }
}
