//! What there is below the base: a line per operation.

use serde_json::Value;

use super::{Desk, Refused, Shown, account, group, role, search};

type Run = fn(&mut Desk<'_>, &[&str], &Value) -> Result<Shown, Refused>;

/// Adds when the last argument is true, and takes away when it is not.
type Change = fn(&mut Desk<'_>, &[&str], &Value, bool) -> Result<Shown, Refused>;

/// Method, path with a star for each value, and what it does. The first line that fits decides.
struct Operation(&'static str, &'static str, Act);

/// What an operation does.
enum Act {
    Read(Run),
    Write(Run),
    Add(Change),
    Take(Change),
}

use Act::{Add, Read, Take, Write};

#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    Operation("GET", "account", Read(account::list)),
    Operation("POST", "account/deleteAccounts", Write(account::delete_all)),
    Operation("POST", "account/validateAccounts", Read(account::validate)),
    Operation("POST", "account/grant/*", Add(account::permit_all)),
    Operation("POST", "account/revoke/*", Take(account::permit_all)),
    Operation("GET", "account/user", Read(account::users)),
    Operation("POST", "account/user", Write(account::create)),
    Operation("POST", "account/user/invite", Write(account::invite)),
    Operation("GET", "account/user/admin", Read(account::administrators)),
    Operation("GET", "account/user/*", Read(account::user)),
    Operation("PUT", "account/user/*", Write(account::update)),
    Operation("GET", "account/serviceaccount", Read(account::machines)),
    Operation("POST", "account/serviceaccount", Write(account::create_machine)),
    Operation("GET", "account/serviceaccount/*", Read(account::machine)),
    Operation("PUT", "account/serviceaccount/*", Write(account::update_machine)),
    Operation("POST", "account/serviceaccount/*/activate", Write(account::activate)),
    Operation("POST", "account/serviceaccount/*/deactivate", Write(account::deactivate)),
    Operation("GET", "account/*", Read(account::get)),
    Operation("DELETE", "account/*", Write(account::delete)),
    Operation("GET", "account/*/businessFunctions", Read(account::functions)),
    Operation("POST", "account/*/addUserGroups", Add(account::groups)),
    Operation("POST", "account/*/removeUserGroups", Take(account::groups)),
    Operation("POST", "account/*/addRoles", Add(account::roles)),
    Operation("POST", "account/*/removeRoles", Take(account::roles)),
    Operation("POST", "account/*/grant/*", Add(account::permit)),
    Operation("POST", "account/*/revoke/*", Take(account::permit)),

    Operation("GET", "usergroup", Read(group::list)),
    Operation("POST", "usergroup", Write(group::create)),
    Operation("GET", "usergroup/*", Read(group::get)),
    Operation("PUT", "usergroup/*", Write(group::update)),
    Operation("DELETE", "usergroup/*", Write(group::delete)),
    Operation("POST", "usergroup/*/addUsers", Add(group::users)),
    Operation("POST", "usergroup/*/removeUsers", Take(group::users)),
    Operation("POST", "usergroup/*/addRoles", Add(group::roles)),
    Operation("POST", "usergroup/*/removeRoles", Take(group::roles)),

    Operation("GET", "role", Read(role::list)),
    Operation("POST", "role", Write(role::create)),
    Operation("POST", "role/grant/*", Add(role::permit)),
    Operation("POST", "role/revoke/*", Take(role::permit)),
    Operation("GET", "role/*", Read(role::get)),
    Operation("PUT", "role/*", Write(role::update)),
    Operation("DELETE", "role/*", Write(role::delete)),
    Operation("POST", "role/*/addAssignees", Add(role::assign)),
    Operation("POST", "role/*/removeAssignees", Take(role::assign)),

    Operation("POST", "search/*", Read(search::search)),
];

/// An operation with the values of its path.
pub(super) struct Found<'a> {
    operation: &'static Operation,
    values: Vec<&'a str>,
}

impl Found<'_> {
    pub(super) fn writes(&self) -> bool {
        !matches!(self.operation.2, Read(_))
    }

    pub(super) fn run(&self, desk: &mut Desk<'_>, body: &Value) -> Result<Shown, Refused> {
        match self.operation.2 {
            Read(run) | Write(run) => run(desk, &self.values, body),
            Add(change) => change(desk, &self.values, body, true),
            Take(change) => change(desk, &self.values, body, false),
        }
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
