//! Conditions on the memberships of a user where they are listed below the user: `/users/{userId}/accounts`. Its rows are
//! accounts, with what the user is in each, so not all that is said of memberships can be asked there.

use super::super::query::Query;
use crate::{
    fault::{Fault, FaultKind},
    upstream::{marketplace::membership::Family, rql::Expr},
};
use std::sync::Arc;

/// What a row says of the membership (`accounts-api-v5.md` section 2.2).
const OF_MEMBERSHIP: [&str; 3] = ["invitation", "favorite", "audit"];

/// Whether the rows can be filtered and ordered by a property of memberships. Where account and membership have one of the
/// same name, the row tells the membership's.
fn takes(path: &str) -> bool {
    let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    match path.split_once('.') {
        Some(("account", rest)) => !OF_MEMBERSHIP.contains(&&*first(rest)),
        _ => OF_MEMBERSHIP.contains(&&*first(path)),
    }
}

/// The paths that a condition names, those inside of collections left out.
fn outer<'q>(filter: &'q Expr, paths: &mut Vec<&'q str>) {
    match filter {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| outer(part, paths)),
        Expr::Not(inner) => outer(inner, paths),
        Expr::Compare { path, .. }
        | Expr::In { path, .. }
        | Expr::Out { path, .. }
        | Expr::IsNull { path }
        | Expr::NotNull { path }
        | Expr::Any { path, .. }
        | Expr::All { path, .. } => paths.push(path.name()),
    }
}

/// Why a query cannot be answered by a list below a user, if it cannot.
#[must_use]
pub(super) fn refused(query: &Query) -> Option<Arc<Fault>> {
    let mut paths = vec![];
    if let Some(filter) = &query.filter {
        outer(filter, &mut paths);
    }
    let named = |path: &&str| !matches!(*path, "account.id" | "user.id");
    paths.extend(query.order.iter().map(|(path, _)| path.as_str()).filter(named));
    let path = paths.into_iter().find(|path| !takes(path))?;
    let message = format!(
        "This host lists the memberships of a user below the user, where they cannot be filtered or ordered by `{path}`: \
         only {} can.",
        Family::AccountUsers.template()
    );
    Some(Arc::new(Fault::new(FaultKind::RouteMissing, message)))
}
