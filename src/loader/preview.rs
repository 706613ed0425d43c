//! How requests would be spelled whose ids are not known yet: for explanations, never sent.

use super::{
    nest::{self, Nest, Verdict},
    query::{Query, Window},
    rest::{self, Dialect, PAGE},
    rows::{by_parents, literals, touch},
    trace::Call,
    wavefront,
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{Fields, Model},
    },
    upstream::{
        rql::{Expr, Path},
        select::Select,
    },
};

/// What is asked of rows: what is selected, what filter and order touch, and what names the parents.
#[must_use]
pub fn rows_select(model: &Model, query: &Query, mut select: Select) -> Select {
    for path in &query.touched {
        touch(model, query.rows, path, &mut select);
    }
    if let Some((by, _)) = query.by {
        touch(model, query.rows, by.member(), &mut select);
    }
    select.partial = query.filter.is_some() || !query.order.is_empty();
    select
}

/// What would be selected of so many rows, and what of embedded entities. Without a dialect nothing is nested.
#[must_use]
pub fn nested(
    model: &Model,
    kind: Kind,
    select: &Select,
    rows: usize,
    dialect: Option<&Dialect>,
) -> (Select, Vec<Nest>) {
    let refused = dialect.map_or(Fields::NONE, |dialect| dialect.refused(kind));
    let decided = nest::decisions(model, kind, select, rows, dialect.is_some(), refused);
    let accepted = |place| decided.contains(&(place, Verdict::Nested));
    (select.accepting(accepted), nest::told(model, kind, &decided))
}

/// How many rows a request for these parents brings at most.
#[must_use]
pub fn most_rows(query: &Query, parents: usize) -> usize {
    match query.window {
        Window::Forward { take, .. } | Window::Before { take, .. } | Window::Backward { take, .. } if parents <= 1 => {
            take.min(PAGE)
        }
        _ => PAGE,
    }
}

/// A request for entities by their ids, of several the first; none when an id cannot be expressed.
#[must_use]
pub fn by_ids(model: &Model, kind: Kind, ids: &[&str], select: &Select) -> Option<Call> {
    if kind.upstream() == Upstream::Wavefront {
        return wavefront::call_by_ids(kind, model.kind(kind), ids, select.fields.common(model.kind(kind).tellable));
    }
    if let [only] = ids {
        return Some(Call::get(rest::entity_target(model, kind, only, select, true)));
    }
    let filter = Expr::In { path: Path::new("id"), values: literals(ids).ok()? };
    Some(Call::get(rest::list_target(model, kind, Some(&filter), select, "id", true, (0, PAGE))))
}

/// A request for the first page of a query, for these parents if it has any; none when one cannot be expressed.
#[must_use]
pub fn rows(model: &Model, query: &Query, parents: &[&str], select: Select) -> Option<Call> {
    if query.rows.upstream() == Upstream::Wavefront {
        return Some(wavefront::call_for_rows(query, parents));
    }
    if let (Some((_, route)), Some(parent)) = (&query.route, parents.first()) {
        return Some(Call::get(rest::detail_target(query.rows, parent, route)));
    }
    let select = rows_select(model, query, select);
    let by = match query.by {
        Some((by, _)) => Some(by_parents(by, parents).ok()?),
        None => None,
    };
    let filter = match (by, query.filter.clone()) {
        (Some(by), Some(further)) => Some(Expr::And(vec![by, further])),
        (by, further) => by.or(further),
    };
    let (skip, take) = match query.window {
        _ if parents.len() > 1 => (0, PAGE),
        Window::All => (0, PAGE),
        Window::Forward { skip, take } => (skip, take),
        Window::Before { before, .. } => {
            let (start, end) = query.window.places(before);
            (start, end - start)
        }
        Window::Backward { take, .. } => (0, take),
    };
    let take = if query.wants_rows || parents.len() > 1 { take.min(PAGE) } else { 0 };
    let target = rest::list_target(model, query.rows, filter.as_ref(), &select, &query.order(), true, (skip, take));
    Some(Call::get(target))
}
