//! How the objects look at each place: whole, nested, or as a row of a search.

use serde_json::{Map, Value, json};

use super::{Account, Desk, Group, Role, Shown, Wavefront};

const CUSTOMER: &str = "sandbox";
/// How many members and links a list shows that may be incomplete.
const SAMPLE: usize = 3;

impl Wavefront {
    /// What the account operations answer.
    pub(super) fn user_model(&self, account: &Account) -> Value {
        let own = self.roles.iter().filter(|role| account.roles.contains(&role.id));
        let mut model = json!({
            "identifier": account.identifier,
            "customer": CUSTOMER,
            "groups": account.permissions,
            "userGroups": self.groups_of(account).map(|group| self.nested_group(group)).collect::<Vec<_>>(),
            "roles": own.map(|role| self.nested_role(role)).collect::<Vec<_>>(),
        });
        put(&mut model, "lastSuccessfulLogin", account.last_login);
        model
    }

    /// The flat form, with ids in place of objects.
    pub(super) fn flat(&self, account: &Account) -> Value {
        json!({
            "identifier": account.identifier,
            "groups": account.permissions,
            "userGroups": self.groups_of(account).map(|group| &group.id).collect::<Vec<_>>(),
            "roles": account.roles,
            "unitedRoles": self.united_roles(account).iter().map(|role| &role.id).collect::<Vec<_>>(),
            "unitedPermissions": self.united_permissions(account),
        })
    }

    /// The form of `search/user`, which knows nothing of own roles.
    pub(super) fn facing(&self, account: &Account) -> Value {
        let mut facing = self.flat(account);
        let more = json!({
            "id": account.identifier,
            "customer": CUSTOMER,
            "self": false,
            "escapedIdentifier": account.identifier.replace('@', "%40").replace('+', "%2B"),
        });
        if let (Value::Object(facing), Value::Object(more)) = (&mut facing, more) {
            facing.remove("roles");
            facing.extend(more);
        }
        put(&mut facing, "lastSuccessfulLogin", account.last_login);
        facing
    }

    pub(super) fn service(&self, account: &Account) -> Value {
        let mut service = self.user_model(account);
        if let (Value::Object(members), Some(machine)) = (&mut service, &account.service) {
            members.remove("customer");
            members.insert("active".into(), machine.active.into());
            members.insert("description".into(), machine.description.clone().into());
            // Secrets that no client should keep, let alone show.
            members.insert("tokens".into(), json!([{ "tokenID": format!("secret-of-{}", account.identifier) }]));
            members.insert("unitedRoles".into(), json!(self.flat(account)["unitedRoles"]));
            members.insert("unitedPermissions".into(), json!(self.united_permissions(account)));
        }
        service
    }

    /// A group inside another object: neither its members nor its roles.
    fn nested_group(&self, group: &Group) -> Value {
        let mut shown = json!({
            "id": group.id,
            "name": group.name,
            "customer": CUSTOMER,
            "userCount": self.members(group).len(),
            "properties": {
                "nameEditable": !group.system, "usersEditable": !group.system, "rolesEditable": !group.system,
            },
        });
        put(&mut shown, "description", group.description.clone());
        shown
    }

    /// A group as a search tells it.
    pub(super) fn found_group(&self, group: &Group) -> Value {
        let mut shown = self.nested_group(group);
        put(&mut shown, "createdEpochMillis", Some(group.created));
        put(&mut shown, "roleCount", Some(group.roles.len()));
        shown
    }

    /// A group by itself: some of its members, and its roles in part.
    pub(super) fn whole_group(&self, group: &Group) -> Value {
        let roles = self.roles.iter().filter(|role| group.roles.contains(&role.id));
        let mut shown = self.found_group(group);
        put(&mut shown, "users", Some(self.members(group).into_iter().take(SAMPLE).collect::<Vec<_>>()));
        put(&mut shown, "roles", Some(roles.map(|role| self.nested_role(role)).collect::<Vec<_>>()));
        shown
    }

    /// A role inside another object: what it permits is not told.
    fn nested_role(&self, role: &Role) -> Value {
        let mut shown = json!({
            "id": role.id,
            "name": role.name,
            "customer": CUSTOMER,
            "linkedAccountsCount": self.linked_accounts(role).len(),
            "linkedGroupsCount": self.linked_groups(role).len(),
        });
        put(&mut shown, "description", role.description.clone());
        shown
    }

    pub(super) fn found_role(&self, role: &Role) -> Value {
        let mut shown = self.nested_role(role);
        put(&mut shown, "permissions", Some(&role.permissions));
        put(&mut shown, "createdEpochMillis", Some(role.created));
        put(&mut shown, "lastUpdatedMs", Some(role.updated));
        put(&mut shown, "lastUpdatedAccountId", Some(&role.updated_by));
        shown
    }

    /// A role by itself: samples of what it is linked to.
    pub(super) fn whole_role(&self, role: &Role) -> Value {
        let mut shown = self.found_role(role);
        let groups = self.linked_groups(role).into_iter().take(SAMPLE);
        let accounts: Vec<&str> = self.linked_accounts(role).into_iter().take(SAMPLE).collect();
        put(&mut shown, "sampleLinkedAccounts", Some(accounts));
        put(&mut shown, "sampleLinkedGroups", Some(groups.map(|group| self.nested_group(group)).collect::<Vec<_>>()));
        put(&mut shown, "restrictedPermissions", Some(Vec::<String>::new()));
        let flags = ["nameEditable", "usersRemovable", "usersAddable", "permsEditable", "deletable"]
            .map(|name| (name.into(), true.into()));
        put(&mut shown, "properties", Some(flags.into_iter().collect::<Map<String, Value>>()));
        shown
    }

    fn linked_accounts(&self, role: &Role) -> Vec<&str> {
        let linked = self.accounts.iter().filter(|account| account.roles.contains(&role.id));
        linked.map(|account| &*account.identifier).collect()
    }

    fn linked_groups(&self, role: &Role) -> Vec<&Group> {
        self.groups.iter().filter(|group| group.roles.contains(&role.id)).collect()
    }
}

impl Desk<'_> {
    /// A page of a list whose place and length are in the query.
    pub(super) fn paged(&self, items: Vec<Value>) -> Result<Shown, super::Refused> {
        let (offset, limit) = (self.number("offset", 0)?, self.number("limit", 100)?);
        Ok(Shown::enveloped(page(items, offset, limit, &json!({ "field": "id", "ascending": true, "default": true }))))
    }
}

/// A page. The total is told as far as it is known by then: one more than was seen where there is more.
pub(super) fn page(items: Vec<Value>, offset: usize, limit: usize, sort: &Value) -> Value {
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip(offset).take(limit).collect();
    let seen = offset.min(total) + shown.len();
    let more = seen < total;
    json!({
        "items": shown,
        "offset": offset,
        "limit": limit,
        "totalItems": seen + usize::from(more),
        "moreItems": more,
        "sort": sort,
    })
}

fn put(object: &mut Value, name: &str, value: Option<impl serde::Serialize>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(name.to_owned(), json!(value));
    }
}
