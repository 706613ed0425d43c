//! How requests would be spelled whose ids are not known yet: for explanations, never sent.

use super::{
    limits::PAGE,
    memberships::{of_members, pivot},
    nest::{self, NestingDecision, NestingRecord},
    query::{Query, Window},
    rest::{self, ServerQuirks},
    rows::{by_parents, literals, rows_select},
    sought,
    source::{self, Source},
    trace::Call,
    wavefront,
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        member,
        model::{FieldSet, Model},
    },
    upstream::{
        marketplace::{host::RouteState, membership::Family, relation::ParentKey},
        rql::{Expr, Path},
        select::Select,
    },
};
use std::sync::Arc;

/// Stand for ids that are not known yet.
const ANY_ACCOUNT: &str = "ACC-…";
const ANY_USER: &str = "USR-…";

/// What would be selected of so many rows, and what of embedded entities. Without a dialect nothing is nested.
#[must_use]
pub fn nested(
    model: &Model,
    kind: Kind,
    select: &Select,
    rows: usize,
    dialect: Option<&ServerQuirks>,
) -> (Select, Vec<NestingRecord>) {
    let refused = dialect.map_or(FieldSet::NONE, |dialect| dialect.refused(kind));
    let decided = nest::decisions(model, kind, select, rows, dialect.is_some(), refused);
    let accepted = |place| decided.contains(&(place, NestingDecision::Nested));
    (select.accepting(accepted), nest::told(model, kind, &decided))
}

/// How many rows a request for these parents brings at most.
#[must_use]
pub fn most_rows(query: &Query, parents: usize) -> usize {
    match query.window {
        Window::Forward { take, .. } | Window::Backward { take } if parents <= 1 => take.clamp(1, PAGE),
        _ => PAGE,
    }
}

/// A request for entities by their ids, of several the first; none when an id cannot be expressed.
#[must_use]
pub fn by_ids(model: &Model, routes: RouteState, kind: Kind, ids: &[&str], select: &Select) -> Option<Call> {
    if kind.upstream() == Upstream::Wavefront {
        return wavefront::call_by_ids(
            kind,
            model.kind(kind),
            ids,
            select.fields.intersection(model.kind(kind).tellable),
        );
    }
    if kind == Kind::AccountUser {
        return members_by_ids(model, routes, ids, select);
    }
    if let [only] = ids {
        return Some(Call::get(rest::entity_target(model, kind, only, select, true)));
    }
    let filter = Expr::In { path: Path::new("id"), values: literals(ids).ok()? };
    Some(Call::get(source::target(Source::Collection, model, kind, Some(&filter), select, "id", true, (0, PAGE))))
}

fn members_by_ids(model: &Model, routes: RouteState, ids: &[&str], select: &Select) -> Option<Call> {
    let upstream: Vec<&str> = ids.iter().copied().filter(|id| member::is_upstream_id(id)).collect();
    let is = |path: &'static str, ids: &[&str]| Some(Expr::In { path: Path::new(path), values: literals(ids).ok()? });
    if !upstream.is_empty() {
        return Some(membership(model, Source::AccountUsers, Some(&is("id", &upstream)?), select, (0, PAGE)));
    }
    let unknown = || (ANY_ACCOUNT.to_owned(), ANY_USER.to_owned());
    let pairs: Vec<_> = ids.iter().map(|id| member::pair(id).unwrap_or_else(unknown)).collect();
    let (account, _) = pairs.first()?;
    let mut users: Vec<&str> = pairs.iter().filter(|(of, _)| of == account).map(|(_, user)| &**user).collect();
    users.dedup();
    let of_users = is("user.id", &users)?;
    let (source, filter) = match routes.family {
        Family::AccountUsers => (Source::AccountUsers, Expr::And(vec![is("account.id", &[account])?, of_users])),
        family => (Source::Members { family, account }, of_users),
    };
    Some(membership(model, source, Some(&filter), select, (0, PAGE)))
}

/// A request for memberships, spelled as it would be sent.
fn membership(model: &Model, source: Source<'_>, filter: Option<&Expr>, select: &Select, page: (usize, usize)) -> Call {
    let select = source.narrowed(model, &Arc::new(source::with_names(model, select)));
    let (filter, order) = (filter.map(|filter| source.filter(filter)), source.order("account.id,user.id"));
    Call::get(source::target(source, model, Kind::AccountUser, filter.as_ref(), &select, &order, true, page))
}

/// A request for the first page of a query, for these parents if it has any; none when one cannot be expressed.
#[must_use]
pub fn rows(model: &Model, routes: RouteState, query: &Query, parents: &[&str], select: Select) -> Option<Call> {
    if query.rows.upstream() == Upstream::Wavefront {
        return Some(wavefront::call_for_rows(query, parents));
    }
    if let (Some((_, route)), Some(parent)) = (&query.route, parents.first()) {
        return Some(Call::get(rest::detail_target(query.rows, parent, route)));
    }
    let below = query.rows == Kind::AccountUser && routes.family != Family::AccountUsers;
    let of_groups = |filter, select: &Select| {
        let kind = Kind::Group;
        let target = source::target(Source::Collection, model, kind, Some(&filter), select, "id", true, (0, PAGE));
        Some(Call::get(target))
    };
    let told_by_groups = pivot::fields_of_groups(model).is_superset(select.fields);
    let members_of_groups =
        parents.len() > 1 && routes.groups_tell_members && pivot::tells_members(model, query, &select);
    if below && members_of_groups && matches!(query.by, Some((ParentKey::Reference("account"), _))) {
        let filter = Expr::In { path: Path::new("account.id"), values: literals(parents).ok()? };
        return of_groups(filter, &pivot::members_select(model, &select));
    }
    let select = rows_select(model, query, select);
    // From a cursor each parent is asked alone.
    let parents = if query.seeks() { &parents[..parents.len().min(1)] } else { parents };
    let by = match query.by {
        // The path names the parent.
        Some((ParentKey::Reference(_), _)) | None if below => None,
        Some((by, _)) if by.names_rows() => Some(by_parents(by, &[&format!("{}-…", query.rows.prefix())]).ok()?),
        Some((by, _)) => Some(by_parents(by, parents).ok()?),
        None => None,
    };
    let further = query.filter.as_ref().map(|filter| of_members::previewed(filter, query, ANY_USER));
    let filter = match (by, further) {
        (Some(by), Some(further)) => Some(Expr::And(vec![by, further])),
        (by, further) => by.or(further),
    };
    let parents = if below { &parents[..parents.len().min(1)] } else { parents };
    let (skip, take) = match query.window {
        _ if parents.len() > 1 => (0, PAGE),
        Window::All => (0, PAGE),
        Window::Forward { skip, take } => (skip, take),
        Window::Backward { take } => (0, take),
    };
    let rows = query.wants_rows || parents.len() > 1;
    // A count takes one row.
    let (skip, take) = if rows { (skip, take.clamp(1, PAGE)) } else { (0, 1) };
    if query.rows != Kind::AccountUser {
        let (order, page) = (query.order(), (skip, take));
        let filter = if query.seeks() { sought::assumed(query, filter, Source::Collection) } else { filter };
        let target =
            source::target(Source::Collection, model, query.rows, filter.as_ref(), &select, &order, true, page);
        return Some(Call::get(target));
    }
    let account = || {
        let named =
            query.filter.as_ref().and_then(|filter| filter.limits("account.id")?.first().map(ToString::to_string));
        named.unwrap_or_else(|| ANY_ACCOUNT.to_owned())
    };
    let account = account();
    let (family, parent) = (routes.family, parents.first().copied());
    let source = match (query.by.map(|(by, _)| by), parent) {
        _ if !below => Source::AccountUsers,
        (Some(ParentKey::Reference("user")), Some(user)) if routes.groups_tell_members && told_by_groups => {
            let filter = Expr::any_of(Path::new("users"), literals(&[user]).ok()?);
            return of_groups(filter, &pivot::groups_select(model, &select));
        }
        (Some(ParentKey::Reference("user")), Some(user)) => Source::UserAccounts { user },
        (Some(ParentKey::Reference(_)), Some(account)) => Source::Members { family, account },
        _ => Source::Members { family, account: &account },
    };
    let select = source.narrowed(model, &Arc::new(source::with_names(model, &select)));
    let filter = if query.seeks() { sought::assumed(query, filter, source) } else { filter };
    let (filter, order) = (filter.map(|filter| source.filter(&filter)), source.order(&query.order()));
    let page = (skip, take);
    Some(Call::get(source::target(source, model, query.rows, filter.as_ref(), &select, &order, true, page)))
}
