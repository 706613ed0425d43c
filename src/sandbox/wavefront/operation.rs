//! What there is below the base: a line per operation.

use serde_json::Value;

use super::{Desk, Refused, Shown, account, group, role, search};

type Run = fn(&mut Desk<'_>, &[&str], &Value) -> Result<Shown, Refused>;

/// Method, path with a star for each value, whether it writes, and what it does. The first line that fits decides.
struct Operation(&'static str, &'static str, bool, Run);

#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    Operation("GET", "account", false, account::list),
    Operation("POST", "account/deleteAccounts", true, account::delete_all),
    Operation("POST", "account/validateAccounts", false, account::validate),
    Operation("POST", "account/grant/*", true, account::grant_all),
    Operation("POST", "account/revoke/*", true, account::revoke_all),
    Operation("GET", "account/user", false, account::users),
    Operation("POST", "account/user", true, account::create),
    Operation("POST", "account/user/invite", true, account::invite),
    Operation("GET", "account/user/admin", false, account::administrators),
    Operation("GET", "account/user/*", false, account::user),
    Operation("PUT", "account/user/*", true, account::update),
    Operation("GET", "account/serviceaccount", false, account::machines),
    Operation("POST", "account/serviceaccount", true, account::create_machine),
    Operation("GET", "account/serviceaccount/*", false, account::machine),
    Operation("PUT", "account/serviceaccount/*", true, account::update_machine),
    Operation("POST", "account/serviceaccount/*/activate", true, account::activate),
    Operation("POST", "account/serviceaccount/*/deactivate", true, account::deactivate),
    Operation("GET", "account/*", false, account::get),
    Operation("DELETE", "account/*", true, account::delete),
    Operation("GET", "account/*/businessFunctions", false, account::functions),
    Operation("POST", "account/*/addUserGroups", true, account::add_groups),
    Operation("POST", "account/*/removeUserGroups", true, account::remove_groups),
    Operation("POST", "account/*/addRoles", true, account::add_roles),
    Operation("POST", "account/*/removeRoles", true, account::remove_roles),
    Operation("POST", "account/*/grant/*", true, account::grant),
    Operation("POST", "account/*/revoke/*", true, account::revoke),

    Operation("GET", "usergroup", false, group::list),
    Operation("POST", "usergroup", true, group::create),
    Operation("GET", "usergroup/*", false, group::get),
    Operation("PUT", "usergroup/*", true, group::update),
    Operation("DELETE", "usergroup/*", true, group::delete),
    Operation("POST", "usergroup/*/addUsers", true, group::add_users),
    Operation("POST", "usergroup/*/removeUsers", true, group::remove_users),
    Operation("POST", "usergroup/*/addRoles", true, group::add_roles),
    Operation("POST", "usergroup/*/removeRoles", true, group::remove_roles),

    Operation("GET", "role", false, role::list),
    Operation("POST", "role", true, role::create),
    Operation("POST", "role/grant/*", true, role::grant),
    Operation("POST", "role/revoke/*", true, role::revoke),
    Operation("GET", "role/*", false, role::get),
    Operation("PUT", "role/*", true, role::update),
    Operation("DELETE", "role/*", true, role::delete),
    Operation("POST", "role/*/addAssignees", true, role::add_assignees),
    Operation("POST", "role/*/removeAssignees", true, role::remove_assignees),

    Operation("POST", "search/*", false, search::search),
];

/// An operation with the values of its path.
pub(super) struct Found<'a> {
    operation: &'static Operation,
    values: Vec<&'a str>,
}

impl Found<'_> {
    pub(super) fn writes(&self) -> bool {
        self.operation.2
    }

    pub(super) fn run(&self, desk: &mut Desk<'_>, body: &Value) -> Result<Shown, Refused> {
        (self.operation.3)(desk, &self.values, body)
    }
}

/// The operation behind a method and a path below the base.
pub(super) fn find<'a>(method: &str, path: &'a str) -> Result<Found<'a>, Refused> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut elsewhere = false;
    for operation in OPERATIONS {
        let Some(values) = values(operation.1, &parts) else { continue };
        if operation.0 == method {
            return Ok(Found { operation, values });
        }
        elsewhere = true;
    }
    Err(if elsewhere { (405, "Method not allowed".to_owned()) } else { (404, "Not found".to_owned()) })
}

fn values<'a>(pattern: &str, parts: &[&'a str]) -> Option<Vec<&'a str>> {
    let steps: Vec<&str> = pattern.split('/').collect();
    let fits = |(step, part): (&&str, &&str)| if *step == "*" { !part.is_empty() } else { step == part };
    if steps.len() != parts.len() || !steps.iter().zip(parts).all(fits) {
        return None;
    }
    Some(steps.iter().zip(parts).filter(|(step, _)| **step == "*").map(|(_, part)| *part).collect())
}
