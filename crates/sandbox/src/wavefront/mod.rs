//! The slice of Wavefront's REST API that deals with accounts, user groups and roles, below `/api/v2` of the same
//! server. Its people are the marketplace's, by their mail addresses.
//!
//! Single objects are told whole, everything nested in them only in part, samples are samples, and totals are lower
//! bounds: what the documentation calls possible is what happens here.

mod account;
mod generate;
mod group;
mod operation;
mod role;
mod search;
mod show;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{fault::Decoding, reply::Reply};
pub(crate) use generate::{generate, shift};

/// What the paths begin with.
const BASE: &str = "/api/v2/";
/// The permission that accounts, groups and roles are written with.
const MANAGE: &str = "user_management";

/// A token of an administrator.
pub(crate) const ADMIN_TOKEN: &str = "wavefront-administrator";
/// A token of somebody who may read only.
pub(crate) const READER_TOKEN: &str = "wavefront-reader";

/// Everything that Wavefront knows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Wavefront {
    pub(crate) accounts: Vec<Account>,
    pub(crate) groups: Vec<Group>,
    pub(crate) roles: Vec<Role>,
}

/// A user, known by its mail address, or a service account.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Account {
    pub(crate) identifier: String,
    permissions: Vec<String>,
    /// Ids of the user groups but the one of everybody.
    groups: Vec<String>,
    roles: Vec<String>,
    last_login: Option<i64>,
    service: Option<Service>,
}

/// What a service account has besides.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Service {
    active: bool,
    description: Option<String>,
}

/// A user group.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Group {
    pub(crate) id: String,
    name: String,
    description: Option<String>,
    roles: Vec<String>,
    created: i64,
    /// The group of everybody, which nobody joins, leaves or edits.
    system: bool,
}

/// A role.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Role {
    pub(crate) id: String,
    name: String,
    description: Option<String>,
    permissions: Vec<String>,
    created: i64,
    updated: i64,
    updated_by: String,
}

/// A refused request: status and message.
type Refused = (u16, String);

/// What is answered: the object, and whether the documentation wraps it in an envelope.
struct Shown {
    value: Value,
    enveloped: bool,
}

/// One request, with a copy of the state that it may change.
struct Desk<'a> {
    state: Wavefront,
    /// Who asks.
    me: &'static str,
    /// Milliseconds since 1970.
    now: i64,
    query: &'a str,
}

/// A request below the base.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) require_token: bool,
    pub(crate) now: i64,
    pub(crate) decoding: Option<Decoding>,
}

/// Whether a path belongs to this API.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with(BASE)
}

impl Ask<'_> {
    /// The answer, and the state to go on with if it changed.
    pub(crate) fn answer(&self, state: &Wavefront) -> (Reply, Option<Wavefront>) {
        match self.dispatch(state) {
            Ok((shown, after)) => {
                let enveloped = match self.decoding {
                    Some(decoding) => decoding == Decoding::Enveloped,
                    None => shown.enveloped,
                };
                let status = json!({ "result": "OK", "message": "", "code": 200 });
                let body = if enveloped { json!({ "status": status, "response": shown.value }) } else { shown.value };
                let mut reply = Reply::json(body.to_string().into_bytes());
                reply.rows = Some(body.pointer("/response/items").and_then(Value::as_array).map_or(1, Vec::len));
                (reply, Some(after).filter(|after| after != state))
            }
            Err((status, message)) => (problem(status, &message), None),
        }
    }

    fn dispatch(&self, state: &Wavefront) -> Result<(Shown, Wavefront), Refused> {
        let manages = match self.authorization.and_then(|header| header.strip_prefix("Bearer ")) {
            Some(ADMIN_TOKEN) => true,
            Some(READER_TOKEN) => false,
            None if !self.require_token => true,
            _ => return Err((401, "Invalid or missing token".to_owned())),
        };
        let rest = self.path.strip_prefix(BASE).unwrap_or_default();
        let found = operation::find(self.method, rest)?;
        if found.writes() && !manages {
            return Err((403, format!("The {MANAGE} permission is required")));
        }
        let body = match self.body {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes).map_err(|_| (400, "The body is not valid JSON".to_owned()))?,
        };
        let me = if manages { generate::ADMINISTRATOR } else { generate::READER };
        let mut desk = Desk { state: state.clone(), me, now: self.now, query: self.query };
        let shown = found.run(&mut desk, &body)?;
        Ok((shown, desk.state))
    }
}

/// A failure in the envelope, as injected ones have it too.
pub(crate) fn problem(status: u16, message: &str) -> Reply {
    let body = json!({ "status": { "result": "ERROR", "message": message, "code": status } });
    let mut reply = Reply::json(body.to_string().into_bytes());
    reply.status = status;
    reply
}

impl Shown {
    fn bare(value: Value) -> Shown {
        Shown { value, enveloped: false }
    }

    fn enveloped(value: Value) -> Shown {
        Shown { value, enveloped: true }
    }
}

impl Wavefront {
    fn account(&self, id: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.identifier == id)
    }

    fn group(&self, id: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.id == id)
    }

    fn role(&self, id: &str) -> Option<usize> {
        self.roles.iter().position(|role| role.id == id)
    }

    /// Every group of an account, the one of everybody first.
    fn groups_of<'s>(&'s self, account: &'s Account) -> impl Iterator<Item = &'s Group> {
        self.groups.iter().filter(|group| group.system || account.groups.contains(&group.id))
    }

    /// The identifiers of a group's members.
    fn members(&self, group: &Group) -> Vec<&str> {
        let inside = |account: &&Account| group.system || account.groups.contains(&group.id);
        self.accounts.iter().filter(inside).map(|account| &*account.identifier).collect()
    }

    /// The roles that an account has itself or through its groups, in the order of all roles.
    fn united_roles(&self, account: &Account) -> Vec<&Role> {
        let through: Vec<&String> = self.groups_of(account).flat_map(|group| &group.roles).collect();
        self.roles.iter().filter(|role| account.roles.contains(&role.id) || through.contains(&&role.id)).collect()
    }

    fn united_permissions<'s>(&'s self, account: &'s Account) -> Vec<&'s str> {
        let roles = self.united_roles(account);
        let through = roles.iter().flat_map(|role| &role.permissions);
        let mut all: Vec<&str> = account.permissions.iter().chain(through).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Desk<'_> {
    fn account(&self, id: &str) -> Result<usize, Refused> {
        self.state.account(id).ok_or_else(|| (404, format!("Account {id} was not found")))
    }

    fn group(&self, id: &str) -> Result<usize, Refused> {
        self.state.group(id).ok_or_else(|| (404, format!("User group {id} was not found")))
    }

    fn role(&self, id: &str) -> Result<usize, Refused> {
        self.state.role(id).ok_or_else(|| (404, format!("Role {id} was not found")))
    }

    /// A number of the query.
    fn number(&self, name: &str, default: usize) -> Result<usize, Refused> {
        let given = self.query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let refuse = |_| (400, format!("{name} has to be a number"));
        given.map_or(Ok(default), |text| text.parse().map_err(refuse))
    }
}

/// A body that is a list of ids. One without a body is one without ids.
fn ids(body: &Value) -> Result<Vec<&str>, Refused> {
    let refuse = || (400, "A list of ids is expected".to_owned());
    match body {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items.iter().map(|item| item.as_str().ok_or_else(refuse)).collect(),
        _ => Err(refuse()),
    }
}

/// The ids that exist. Those that do not are passed over as long as one does.
fn known<'b>(body: &'b Value, what: &str, exists: impl Fn(&str) -> bool) -> Result<Vec<&'b str>, Refused> {
    let found: Vec<&str> = ids(body)?.into_iter().filter(|id| exists(id)).collect();
    if found.is_empty() { Err((400, format!("No valid {what} were found"))) } else { Ok(found) }
}

/// Adds what is not there yet, or takes away what is.
fn change(held: &mut Vec<String>, ids: &[&str], add: bool) {
    if !add {
        return held.retain(|id| !ids.contains(&id.as_str()));
    }
    for id in ids {
        if !held.iter().any(|known| known == id) {
            held.push((*id).to_owned());
        }
    }
}

/// A text of a body's object.
fn text(body: &Value, name: &str) -> Option<String> {
    body.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// The texts of a body's list.
fn texts(body: &Value, name: &str) -> Option<Vec<String>> {
    let items = body.get(name)?.as_array()?;
    Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
