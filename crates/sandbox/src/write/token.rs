//! API tokens: keys that act for an account.

use serde_json::Value;

use super::{
    Done, Step, Writer,
    forms::{TOKEN, TOKEN_NEW},
    members,
};
use crate::{cell::Cell, luck::Luck, problem::Problem, schema::Entity};

pub(super) const ENABLE: Step = Step::new(Entity::ApiToken, &["Disabled"], "Active", "enabled");
pub(super) const DISABLE: Step = Step::new(Entity::ApiToken, &["Active"], "Disabled", "disabled");

pub(super) fn create(writer: &mut Writer<'_>, _: &[&str], body: &Value) -> Result<Done, Problem> {
    let token = writer.create(Entity::ApiToken, TOKEN_NEW, members(body))?;
    let account = writer.one(Entity::ApiToken, token, "account").unwrap_or(writer.caller.account);
    let id = writer.text(Entity::ApiToken, token, "id").to_owned();
    let secret = Luck::new(writer.now.unsigned_abs()).next();
    let modules = writer.world.cell(Entity::ApiToken, token, "modules").targets().to_vec();
    let cells = [
        ("account", Cell::One(account)),
        ("status", "Active".into()),
        ("token", format!("idt:{id}:{secret:016x}").into()),
        ("modules", Cell::Many(modules)),
    ];
    for (field, cell) in cells {
        writer.world.set(Entity::ApiToken, token, field, cell);
    }
    writer.check_token(token)?;
    writer.check_extensions(Entity::ApiToken, token)?;
    Ok(Done::Created(Entity::ApiToken, token))
}

pub(super) fn update(writer: &mut Writer<'_>, values: &[&str], body: &Value) -> Result<Done, Problem> {
    let token = writer.target(Entity::ApiToken, values[0])?;
    writer.fill(Entity::ApiToken, token, TOKEN, members(body))?;
    // No modules are an empty list, not the absence of one.
    let modules = writer.world.cell(Entity::ApiToken, token, "modules").targets().to_vec();
    writer.put(Entity::ApiToken, token, "modules", Cell::Many(modules));
    if body.get("modules").is_some() {
        writer.check_token(token)?;
    }
    if body.get("extensions").is_some() {
        writer.check_extensions(Entity::ApiToken, token)?;
    }
    Ok(Done::Row(Entity::ApiToken, token))
}

impl Writer<'_> {
    fn check_token(&self, token: usize) -> Result<(), Problem> {
        let account = self.one(Entity::ApiToken, token, "account").unwrap_or_default();
        self.check_granted(account, self.world.cell(Entity::ApiToken, token, "modules").targets())
    }
}
