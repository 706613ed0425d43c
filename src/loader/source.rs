//! Where rows are asked for. Most kinds have one collection. Memberships have several, which name the same things
//! differently; the loader asks each in its own words and reads all of them as one form (`canonical.rs`).

use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{FieldSet, Model, ObjectType},
    },
    upstream::{
        marketplace::membership::Family,
        rql::{Expr, Path},
        select::Select,
    },
};
use std::{fmt::Write, sync::Arc};

/// The members of a user that a row of `/accounts/{accountId}/users` has itself (`accounts-api-v5.md` section 2.2).
pub(super) const PROFILE: [&str; 7] = ["name", "icon", "email", "firstName", "lastName", "phone", "settings"];

/// The members of such a row that are about the membership. Its `status` may be the user's, so it is not among them.
pub(super) const MEMBERSHIP: [&str; 7] =
    ["groups", "modules", "buyers", "invitation", "lastLoginAt", "audit", "revision"];

/// The members of a row of `/users/{userId}/accounts` that are about the membership; the others are about the account.
pub(super) const OF_USER: [&str; 4] = ["invitation", "favorite", "audit", "$meta"];

/// Where rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// The collection of their kind.
    Collection,
    /// The memberships of all accounts: `/account-users`.
    AccountUsers,
    /// The members of an account, below it.
    Members {
        /// In which form.
        family: Family,
        /// The account.
        account: &'a str,
    },
    /// The accounts of a user, with what the user is in each: `/users/{userId}/accounts`.
    UserAccounts {
        /// The user.
        user: &'a str,
    },
}

impl Source<'_> {
    /// The route relative to the API.
    pub(super) fn path(self, kind: Kind) -> String {
        match self {
            Source::Collection | Source::AccountUsers => kind.collection().to_owned(),
            Source::Members { family, account } => family.collection(account),
            Source::UserAccounts { user } => format!("users/{user}/accounts"),
        }
    }

    /// The route as documentation prints it.
    pub(super) fn template(self, kind: Kind) -> String {
        match self {
            Source::Collection => format!("/{}", kind.collection()),
            Source::AccountUsers => Family::AccountUsers.template().to_owned(),
            Source::Members { family, .. } => family.template().to_owned(),
            Source::UserAccounts { .. } => "/users/{userId}/accounts".to_owned(),
        }
    }

    /// Whether its rows are memberships whose user is the row itself.
    fn is_user(self) -> bool {
        matches!(self, Source::Members { family: Family::Accounts, .. })
    }

    /// Those of some fields of a membership that its rows here can tell.
    pub(super) fn tellable(self, object: &ObjectType, fields: FieldSet) -> FieldSet {
        let places = |names: &[&str]| {
            let places = names.iter().filter_map(|name| object.by_name.get(*name));
            places.fold(FieldSet::NONE, |all, place| all.union(FieldSet::single(*place)))
        };
        match self {
            Source::Collection => fields,
            Source::UserAccounts { .. } => {
                fields.intersection(places(&["id", "account", "invitation", "favorite", "audit"]))
            }
            Source::AccountUsers | Source::Members { .. } => fields.difference(places(&["favorite"])),
        }
    }

    /// What of a selection the source can tell. The rest is not asked for there, and not known from its rows.
    pub(super) fn narrowed(self, model: &Model, select: &Arc<Select>) -> Arc<Select> {
        if self == Source::Collection {
            return Arc::clone(select);
        }
        let object = model.kind(Kind::AccountUser);
        let mut narrowed = Select::default();
        narrowed.touched = select.touched.clone();
        narrowed.unite(select, self.tellable(object, select.fields));
        if let (Source::UserAccounts { .. }, Some(user)) = (self, object.by_name.get("user")) {
            narrowed.add_nested(*user, FieldSet::NONE);
        }
        Arc::new(narrowed)
    }

    /// What the source calls a property of a membership.
    fn property(self, path: &str) -> String {
        let profile = |name: &str| name == "id" || PROFILE.contains(&name);
        let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        match (self, path.split_once('.')) {
            (source, Some(("user", rest))) if source.is_user() && profile(&first(rest)) => rest.to_owned(),
            (Source::UserAccounts { .. }, Some(("account", rest))) => rest.to_owned(),
            _ => path.to_owned(),
        }
    }

    /// A condition on memberships in the words of the source.
    pub(super) fn filter(self, filter: &Expr) -> Expr {
        match self {
            Source::Collection | Source::AccountUsers => filter.clone(),
            _ => filter.map_paths(&|path: &Path| Path::of(self.property(path.name()))),
        }
    }

    /// An order of memberships in the words of the source: without what is the same for all of its rows.
    pub(super) fn order(self, order: &str) -> String {
        let same = match self {
            Source::Collection | Source::AccountUsers => return order.to_owned(),
            Source::Members { .. } => "account.",
            Source::UserAccounts { .. } => "user.",
        };
        let mut text = String::new();
        for item in order.split(',') {
            let (sign, path) = item.strip_prefix('-').map_or(("", item), |path| ("-", path));
            if !path.starts_with(same) {
                let _ = write!(text, "{}{sign}{}", if text.is_empty() { "" } else { "," }, self.property(path));
            }
        }
        text
    }

    /// Appends the value of `select` in the words of the source. With `only`, the default form is left out first.
    pub(super) fn print_select(self, text: &mut String, model: &Model, kind: Kind, select: &Select, only: bool) {
        let mut printed = String::new();
        match self {
            Source::Collection => return select.print(text, model, kind, only),
            _ => select.print(&mut printed, model, kind, only),
        }
        let mut seen: Vec<String> = vec![];
        for item in printed.split(',') {
            let name = match (self, item) {
                (_, "-*") => item.to_owned(),
                // Of a row that is the user, `user` tells nothing; of one that is the account, nothing tells the user.
                (source, "user" | "user.id") if source.is_user() => continue,
                (Source::UserAccounts { .. }, "account" | "account.id" | "user" | "user.id") => continue,
                (Source::UserAccounts { .. }, item) if item.starts_with("user.") => continue,
                (source, item) => source.property(item),
            };
            // What only the user or the account itself tells is asked of them.
            let apart = self.is_user() && name.starts_with("user.") && name != "user.revision";
            if apart || seen.contains(&name) {
                continue;
            }
            let _ = write!(text, "{}{name}", if seen.is_empty() { "" } else { "," });
            seen.push(name);
        }
    }
}

/// A selection of memberships with what names them: without it a row cannot be told from another.
#[must_use]
pub fn with_names(model: &Model, select: &Select) -> Select {
    let object = model.kind(Kind::AccountUser);
    let mut select = select.clone();
    for name in ["user", "account"] {
        object.by_name.get(name).into_iter().for_each(|field| select.add_nested(*field, FieldSet::NONE));
    }
    select
}

/// What is asked of the user and of the account of a membership: the names of the fields.
pub(super) fn asked_of<'m>(model: &'m Model, select: &Select, reference: &str, kind: Kind) -> Vec<&'m str> {
    let field = model.kind(Kind::AccountUser).by_name.get(reference).copied();
    let asked = field.and_then(|field| select.nested(field)).unwrap_or_default();
    asked.iter().map(|field| model.kind(kind).fields[field].rest[0].text()).collect()
}

/// Path and query of a request for a page: from where on, and how many rows.
#[expect(clippy::too_many_arguments, reason = "the parts of a query")]
pub(super) fn target(
    source: Source<'_>,
    model: &Model,
    kind: Kind,
    filter: Option<&Expr>,
    select: &Select,
    order: &str,
    only: bool,
    (offset, limit): (usize, usize),
) -> String {
    let mut path = format!("{}{}?", Upstream::Accounts.root(), source.path(kind));
    if let Some(filter) = filter {
        filter.encode(&mut path);
        path.push('&');
    }
    path.push_str("select=");
    source.print_select(&mut path, model, kind, select, only);
    let _ = write!(path, "&order={order}&limit={limit}");
    if offset > 0 {
        let _ = write!(path, "&offset={offset}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::rql::{Literal, Op};

    const MEMBERS: Source<'static> = Source::Members { family: Family::Accounts, account: "ACC-1" };
    const FIRST: Source<'static> = Source::Members { family: Family::Legacy, account: "ACC-1" };
    const ACCOUNTS: Source<'static> = Source::UserAccounts { user: "USR-2" };

    #[test]
    fn each_list_has_its_own_names_and_order() {
        for (source, path, order) in [
            (Source::AccountUsers, "account-users", "-user.email,account.id,user.id"),
            (MEMBERS, "accounts/ACC-1/users", "-email,id"),
            (FIRST, "ACC-1/users", "-user.email,user.id"),
            (ACCOUNTS, "users/USR-2/accounts", "id"),
        ] {
            assert_eq!(source.path(Kind::AccountUser), path);
            assert_eq!(source.order("-user.email,account.id,user.id"), order, "{path}");
        }
        let value = || Literal::text("x").expect("a text");
        let compare = |path: &'static str| Expr::Compare { op: Op::Ilike, path: Path::new(path), value: value() };
        let inside = Expr::Any { path: Path::new("groups"), inner: Some(Box::new(compare("account.name"))) };
        let filter = Expr::And(vec![compare("user.email"), compare("account.name"), compare("user.status"), inside]);
        for (source, expected) in [
            (
                MEMBERS,
                r#"and(ilike(email,"x"),ilike(account.name,"x"),ilike(user.status,"x"),any(groups,ilike(account.name,"x")))"#,
            ),
            (
                ACCOUNTS,
                r#"and(ilike(user.email,"x"),ilike(name,"x"),ilike(user.status,"x"),any(groups,ilike(account.name,"x")))"#,
            ),
        ] {
            assert_eq!(source.filter(&filter).text(), expected);
        }
        assert_eq!(FIRST.filter(&filter), filter);
    }
}
