//! Conditions on users by their groups and accounts. No list of users takes them: users have no groups, and their accounts
//! are for Operations alone (`accounts-api-v5.md` section 2.1). So the memberships are asked first who fulfils them, and then
//! the list is asked for the users with these ids.

use super::Parents;
use crate::{
    entity::{
        kind::Kind,
        member,
        model::{FieldSet, Model},
    },
    fault::Fault,
    loader::{
        batch::Batch,
        query::{Query, QueryTable},
        refused::refused,
        rest::ListRequest,
        rows::{literals, touch, unexpected},
        source::Source,
        trace::{Cause, Origin},
    },
    upstream::{
        marketplace::relation,
        rql::{Expr, Op, Path},
        select::Select,
    },
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// How many users such a condition may hold for: their ids stand in one request, beside whatever else is asked.
pub const MOST_USERS: usize = 300;
/// How many groups or accounts it may be about, unless it names their ids: where memberships are listed below accounts, each
/// may take requests of its own.
pub const MOST_HOLDERS: usize = 50;

/// What only memberships tell of a user, by its name in a filter.
pub const OF_MEMBERSHIPS: [(&str, Kind); 2] = [("groups", Kind::Group), ("accounts", Kind::Account)];

const HOLDERS: &str = "Finds out which groups or accounts a condition on users is about.";

/// A condition on users that memberships answer.
#[derive(Debug, Clone, Copy)]
pub struct OfMembers<'q> {
    /// Groups or accounts.
    pub kind: Kind,
    /// What must hold of one of them.
    pub inner: &'q Expr,
}

impl<'q> OfMembers<'q> {
    /// The groups or accounts that it names by their ids, if it says nothing else of them.
    #[must_use]
    pub fn named(self) -> Option<Vec<&'q str>> {
        match self.inner {
            Expr::Compare { op: Op::Eq, path, .. } | Expr::In { path, .. } if path.name() == "id" => {
                self.inner.limits("id")
            }
            _ => None,
        }
    }
}

/// The query of the memberships in groups or accounts.
#[must_use]
pub fn memberships_of(kind: Kind) -> Option<u32> {
    relation::of(kind, "accountUsers").map(QueryTable::list_of)
}

/// The conditions of a query that memberships answer, each once.
#[must_use]
pub fn conditions(query: &Query) -> Vec<OfMembers<'_>> {
    let mut found = vec![];
    if let (Kind::User, None, Some(filter)) = (query.rows, query.by, &query.filter) {
        collect(filter, &mut found);
    }
    found
}

fn collect<'q>(filter: &'q Expr, found: &mut Vec<OfMembers<'q>>) {
    match filter {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect(part, found)),
        Expr::Not(inner) => collect(inner, found),
        _ => {
            if let Some(condition) = of_members(filter)
                && !found.iter().any(|known| known.kind == condition.kind && known.inner == condition.inner)
            {
                found.push(condition);
            }
        }
    }
}

fn of_members(filter: &Expr) -> Option<OfMembers<'_>> {
    let Expr::Any { path, inner: Some(inner) } = filter else { return None };
    let (_, kind) = OF_MEMBERSHIPS.iter().find(|(name, _)| *name == path.name())?;
    Some(OfMembers { kind: *kind, inner })
}

/// A condition whose parts may hold always or never.
enum Known {
    Always,
    Never,
    When(Expr),
}

/// The users for whom each condition holds.
type Found<'q> = HashMap<(Kind, &'q Expr), Vec<String>>;

/// The same condition with the ids of users in the place of what memberships tell.
fn known(filter: &Expr, found: &Found<'_>) -> Result<Known, Arc<Fault>> {
    Ok(match filter {
        Expr::And(parts) => joined(parts, found, true)?,
        Expr::Or(parts) => joined(parts, found, false)?,
        Expr::Not(inner) => match known(inner, found)? {
            Known::Always => Known::Never,
            Known::Never => Known::Always,
            Known::When(inner) => Known::When(Expr::Not(Box::new(inner))),
        },
        _ => match of_members(filter).and_then(|condition| found.get(&(condition.kind, condition.inner))) {
            Some(users) if users.is_empty() => Known::Never,
            Some(users) => {
                let ids: Vec<&str> = users.iter().map(String::as_str).collect();
                Known::When(Expr::In { path: Path::new("id"), values: literals(&ids)? })
            }
            None => Known::When(filter.clone()),
        },
    })
}

/// All of some conditions, or one of them.
fn joined(parts: &[Expr], found: &Found<'_>, all: bool) -> Result<Known, Arc<Fault>> {
    let mut open = vec![];
    for part in parts {
        match (known(part, found)?, all) {
            (Known::When(part), _) => open.push(part),
            (Known::Always, true) | (Known::Never, false) => {}
            (Known::Never, true) => return Ok(Known::Never),
            (Known::Always, false) => return Ok(Known::Always),
        }
    }
    Ok(match (open.len(), all) {
        (0, true) => Known::Always,
        (0, false) => Known::Never,
        (1, _) => open.pop().map_or(Known::Always, Known::When),
        (_, true) => Known::When(Expr::And(open)),
        (_, false) => Known::When(Expr::Or(open)),
    })
}

/// What is asked of groups and accounts whose members are wanted: of a group its account, below which its members may have to
/// be listed. What their condition names comes with them.
fn select(model: &Model, condition: OfMembers<'_>) -> Select {
    let mut select = Select::default();
    if let (Kind::Group, Some(account)) = (condition.kind, model.kind(condition.kind).by_name.get("account")) {
        select.add_nested(*account, FieldSet::NONE);
    }
    let mut paths = vec![];
    condition.inner.properties(&mut paths);
    for path in &paths {
        touch(model, condition.kind, path, &mut select);
    }
    select
}

/// The condition as it would be asked, where it is not known yet who fulfils what memberships tell.
#[must_use]
pub fn previewed(filter: &Expr, query: &Query, anybody: &str) -> Expr {
    let found = conditions(query).into_iter().map(|it| ((it.kind, it.inner), vec![anybody.to_owned()])).collect();
    match known(filter, &found) {
        Ok(Known::When(filter)) => filter,
        _ => filter.clone(),
    }
}

impl Batch {
    /// The query that a list of users is asked by where memberships answer a part of its conditions; none where they do not.
    pub(in crate::loader) async fn with_members(
        &self,
        query: &Query,
        origins: &[Origin],
    ) -> Result<Option<Query>, Arc<Fault>> {
        let conditions = conditions(query);
        let Some(filter) = query.filter.as_ref().filter(|_| !conditions.is_empty() && !query.never) else {
            return Ok(None);
        };
        let mut found = Found::new();
        for condition in conditions {
            let users = self.users_of(condition, query, origins).await?;
            found.insert((condition.kind, condition.inner), users);
        }
        let (filter, never) = match known(filter, &found)? {
            Known::Always => (None, false),
            Known::Never => (None, true),
            Known::When(filter) => (Some(filter), false),
        };
        Ok(Some(Query { filter, never, ..query.clone() }))
    }

    /// The users with a membership in a group or an account for which a condition holds.
    async fn users_of(
        &self,
        condition: OfMembers<'_>,
        query: &Query,
        origins: &[Origin],
    ) -> Result<Vec<String>, Arc<Fault>> {
        let kind = condition.kind;
        let ids = if let Some(named) = condition.named() {
            named.into_iter().map(str::to_owned).collect()
        } else {
            let ids = self.holders(condition, origins).await.map_err(|fault| refused(fault, query))?;
            ids.ok_or_else(|| {
                let name = name(kind);
                Arc::new(Fault::bad_user_input(format!(
                    "The condition on {name} holds for more than {MOST_HOLDERS} {name}, whose users cannot be found out \
                     together. Narrow it, or read the users of the {name} themselves."
                )))
            })?
        };
        let users = self.users_in(kind, ids, origins).await?;
        if users.len() > MOST_USERS {
            let (count, name) = (users.len(), name(kind));
            return Err(Arc::new(Fault::bad_user_input(format!(
                "The condition on {name} holds for {count} users; at most {MOST_USERS} can be asked for together. Narrow it, \
                 or read the users of the {name} themselves."
            ))));
        }
        Ok(users)
    }

    /// The users with a membership in any of some groups or accounts, in the order of their ids.
    pub(in crate::loader) async fn users_in(
        &self,
        kind: Kind,
        mut ids: Vec<String>,
        origins: &[Origin],
    ) -> Result<Vec<String>, Arc<Fault>> {
        ids.sort_unstable();
        ids.dedup();
        let Some(memberships) = memberships_of(kind) else {
            return Err(Arc::new(Fault::internal("Nobody has memberships by that.")));
        };
        let parents: Parents = {
            let mut store = self.store();
            ids.into_iter().map(|id| (id.as_str().into(), store.record_of(kind, &id))).collect()
        };
        let unread: Parents = {
            let store = self.store();
            parents.iter().filter(|(_, parent)| store.rows(memberships, *parent).is_none()).cloned().collect()
        };
        if !unread.is_empty() {
            // In a place of its own: it may come back here.
            Box::pin(self.load_memberships(memberships, unread, &Arc::default(), origins)).await;
        }
        let store = self.store();
        let mut users = BTreeSet::new();
        for (_, parent) in &parents {
            let rows = match store.rows(memberships, *parent) {
                Some(Ok(rows)) => rows,
                Some(Err(fault)) => return Err(Arc::clone(fault)),
                None => return Err(Arc::new(Fault::internal("Memberships were not read."))),
            };
            for row in &rows.rows {
                let user = store.id(*row, Kind::AccountUser).and_then(member::pair).map(|(_, user)| user);
                users.insert(user.ok_or_else(|| unexpected(Kind::AccountUser))?);
            }
        }
        Ok(users.into_iter().collect())
    }

    /// The groups or accounts for which a condition holds; none where they are more than [`MOST_HOLDERS`].
    pub(in crate::loader) async fn holders(
        &self,
        condition: OfMembers<'_>,
        origins: &[Origin],
    ) -> Result<Option<Vec<String>>, Arc<Fault>> {
        let kind = condition.kind;
        let select = Arc::new(select(self.store().model(), condition));
        let cause = Cause { nested: &[], origins, keys: None, reason: Some(HOLDERS) };
        let listing = ListRequest {
            kind,
            source: Source::Collection,
            filter: Some(condition.inner),
            select: &select,
            order: "id",
            cause,
            rows: None,
            unsure: false,
        };
        let list = self.rest().list(self.shared_store(), &listing, 0, Some(MOST_HOLDERS + 1)).await?;
        if list.rows.len() > MOST_HOLDERS {
            return Ok(None);
        }
        let mut store = self.store();
        // Where members are listed below the accounts of groups, these need not be asked for again.
        list.rows.iter().for_each(|row| store.learn(kind, *row));
        let id = |row| store.id(row, kind).filter(|id| kind.fits(id)).map(str::to_owned);
        list.rows.iter().map(|row| id(*row).ok_or_else(|| unexpected(kind))).collect::<Result<_, _>>().map(Some)
    }
}

fn name(kind: Kind) -> &'static str {
    OF_MEMBERSHIPS.iter().find(|(_, found)| *found == kind).map_or("these", |(name, _)| *name)
}
