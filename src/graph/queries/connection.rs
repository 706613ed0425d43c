//! The arguments of a connection: which page of what, and the cursors that lead to the next one.

use super::{
    filter::{self, Condition},
    values::{VariableValues, argument},
};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::Model,
    },
    fault::Fault,
    graph::{
        document::plan::{ConnectionPlan, DetailPlan, Edge, PageInfo, Paging},
        error::bad_input,
        schema::arguments::{ACCOUNT, DEFAULT_PAGE, EMBEDDED_PAGE, MAX_PAGE, order_paths},
    },
    loader::{
        cursor::{self, Cursor},
        limits::MAX_PATH,
        query::{Query, Uncounted, Window},
    },
    upstream::{
        marketplace::{
            detail::{SUB_RESOURCES, SubResource},
            relation::{ParentKey, RELATIONS, Through},
        },
        rql::{Expr, Literal, Path},
    },
};
use async_graphql::{Name, Value, indexmap::IndexMap, registry::Registry};
use std::sync::Arc;

/// The query of a field that has a route of its own.
///
/// # Errors
///
/// With `BAD_USER_INPUT` when its argument is no id of the kind that it has to be.
pub fn detail(registry: &Registry, plan: &DetailPlan, variables: &VariableValues) -> Result<Query, Arc<Fault>> {
    let SubResource { parent, route, argument, .. } = SUB_RESOURCES[plan.detail];
    let mut route = route.to_owned();
    if let Some((name, kind, _)) = argument {
        match super::values::argument(registry, &plan.arguments, variables, name, "ID!")? {
            Some(Value::String(id)) if kind.fits(&id) => route.push_str(&id),
            _ => {
                let prefix = kind.prefix();
                let message =
                    format!("Argument {name} is not an id of {kind}: {prefix}- and one to four groups of digits.");
                return Err(bad_input(message));
            }
        }
    }
    // Named after its parents, though each is asked alone.
    let all = Query::all_of(parent, ParentKey::Value("id"), parent);
    Ok(Query { route: Some((plan.detail, route)), ..all })
}

/// Refuses an argument that no request could carry, before it is copied: many fields may have the same.
fn check_length(name: &str, value: &async_graphql_value::Value, variables: &VariableValues) -> Result<(), Arc<Fault>> {
    use async_graphql_value::Value as Written;
    fn constant(value: &Value) -> usize {
        1 + match value {
            Value::String(text) => text.len(),
            Value::List(items) => items.iter().map(constant).sum(),
            Value::Object(members) => members.values().map(constant).sum(),
            _ => 0,
        }
    }
    fn length(value: &Written, variables: &VariableValues) -> usize {
        1 + match value {
            Written::Variable(name) => variables.get(name).map_or(0, constant),
            Written::String(text) => text.len(),
            Written::List(items) => items.iter().map(|item| length(item, variables)).sum(),
            Written::Object(members) => members.values().map(|member| length(member, variables)).sum(),
            _ => 0,
        }
    }
    if length(value, variables) <= MAX_PATH {
        return Ok(());
    }
    Err(bad_input(format!(
        "Argument {name} has more than {MAX_PATH} values and bytes of text: no upstream request carries as much."
    )))
}

/// The query of a connection, and the digest of its filter and order.
///
/// # Errors
///
/// With `BAD_USER_INPUT` when the arguments contradict each other, go beyond a limit or cannot be expressed.
pub fn query(
    registry: &Registry,
    model: &Model,
    plan: &ConnectionPlan,
    variables: &VariableValues,
) -> Result<(Query, u64), Arc<Fault>> {
    for (name, value) in &plan.arguments {
        check_length(name, value, variables)?;
    }
    let take = |name: &str, ty: &str| argument(registry, &plan.arguments, variables, name, ty);
    let prefix = if let Through::One(member) = plan.hop { format!("{member}.") } else { String::new() };
    let condition = match take("filter", &format!("{}Filter", plan.kind))? {
        Some(value) => filter::compile(model, plan.kind, &prefix, plan.relation.is_none(), &value)?,
        None => Condition::always(),
    };
    let condition = match take(ACCOUNT, "ID")? {
        Some(Value::String(id)) => of_account(condition, &id)?,
        _ => condition,
    };
    let order = order(model, plan, &prefix, take("orderBy", &format!("[{}Order!]", plan.kind))?.as_ref());
    let by = plan.relation.map(|place| (RELATIONS[place].by, RELATIONS[place].parent));
    let digest = digest(plan, &condition, &order);
    let (first, last) = (number(take("first", "Int")?), number(take("last", "Int")?));
    let by_default = Some(i64::try_from(EMBEDDED_PAGE).unwrap_or_default()).filter(|_| plan.of_whole && last.is_none());
    let paged = paged(&Bounds {
        first: first.or(by_default),
        last,
        offset: number(take("offset", "Int")?),
        after: cursor_argument("after", take("after", "String")?, digest)?,
        before: cursor_argument("before", take("before", "String")?, digest)?,
    })?;
    let mut touched = condition.touched;
    touched.extend(order.iter().map(|(path, _)| path.clone()));
    let wavefronts = plan.kind.upstream() == Upstream::Wavefront;
    let Paged { mut window, after, before } = paged;
    let (mut after, mut before) = (after.map(Arc::new), before.map(Arc::new));
    if wavefronts {
        // It compares nothing, so its pages are found by their place alone.
        window = by_place(window, after.take().as_deref(), before.take().as_deref())?;
    }
    let selected = selected(plan);
    // A cursor holds what its row is ordered by; and behind one, only the rows tell whether there are more.
    let seeks = after.is_some() || before.is_some();
    let wants_rows = plan.wants_rows || selected.cursors || (seeks && selected.more);
    if !wants_rows {
        (after, before) = (None, None);
    }
    let backward = matches!(window, Window::Backward { .. });
    let query = Query {
        rows: plan.rows,
        by,
        filter: condition.expr,
        never: condition.never,
        order,
        touched,
        window,
        after,
        before,
        wants_rows,
        // The accounts API tells it with every page.
        wants_total: wavefronts && selected.total,
        uncounted: Uncounted {
            total: selected.total,
            next: if backward { selected.previous } else { selected.next },
            place: selected.more || selected.cursors,
        },
        route: None,
    };
    Ok((query, digest))
}

/// What is selected of where a page lies.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is about a field")]
struct Selected {
    total: bool,
    next: bool,
    previous: bool,
    /// One of these two.
    more: bool,
    cursors: bool,
}

/// Whether any cursor of a connection is selected.
#[must_use]
pub fn selects_cursors(plan: &ConnectionPlan) -> bool {
    selected(plan).cursors
}

fn selected(plan: &ConnectionPlan) -> Selected {
    let mut selected = Selected::default();
    for (_, field) in &plan.fields {
        match field {
            Paging::TotalCount(..) => selected.total = true,
            Paging::Edges(_, edges) => {
                selected.cursors |= edges.iter().any(|(_, edge)| matches!(edge, Edge::Cursor));
            }
            Paging::PageInfo(fields) => {
                for (_, field) in fields {
                    match field {
                        PageInfo::HasNext => selected.next = true,
                        PageInfo::HasPrevious => selected.previous = true,
                        PageInfo::Start | PageInfo::End => selected.cursors = true,
                        PageInfo::Typename(_) => {}
                    }
                }
            }
            Paging::Typename(_) | Paging::Nodes(..) => {}
        }
    }
    selected.more = selected.next || selected.previous;
    selected
}

/// The condition, of rows of one account.
fn of_account(condition: Condition, id: &str) -> Result<Condition, Arc<Fault>> {
    if !Kind::Account.fits(id) {
        return Err(bad_input("Argument account is not an id of Account: ACC- and one to four groups of digits."));
    }
    let path = "account.id";
    let value = Literal::text(id).map_err(|inexpressible| Arc::new(Fault::from(inexpressible)))?;
    let is = Expr::In { path: Path::new(path), values: vec![value] };
    let mut touched = condition.touched;
    touched.push(path.to_owned());
    let expr = match condition.expr {
        Some(expr) => Expr::And(vec![is, expr]),
        None => is,
    };
    Ok(Condition { expr: Some(expr), touched, ..condition })
}

fn order(model: &Model, plan: &ConnectionPlan, prefix: &str, given: Option<&Value>) -> Vec<(String, bool)> {
    let given = if let Some(Value::List(given)) = given { given.as_slice() } else { &[] };
    let paths = order_paths(model, plan.kind);
    let word = |value: &IndexMap<Name, Value>, key: &str| match value.get(key) {
        Some(Value::Enum(word)) => word.to_string(),
        _ => String::new(),
    };
    let one = |value: &Value| {
        let Value::Object(value) = value else { return None };
        let field = word(value, "field");
        let path = paths.iter().find(|order| order.value == field)?;
        Some((format!("{prefix}{}", path.path), word(value, "direction") == "DESC"))
    };
    let mut order: Vec<_> = given.iter().filter_map(one).collect();
    if plan.kind == Kind::AccountUser {
        // Its id is made from these.
        let parts = |(path, descending): (String, bool)| match &*path {
            "id" => vec![("account.id".to_owned(), descending), ("user.id".to_owned(), descending)],
            _ => vec![(path, descending)],
        };
        order = order.into_iter().flat_map(parts).collect();
    }
    // The upstream's own tie-breaker is the row's id: where a row is not the node, the node's id goes before it.
    let id = format!("{prefix}id");
    if !prefix.is_empty() && order.iter().all(|(path, _)| *path != id) {
        order.push((id, false));
    }
    order
}

fn number(value: Option<Value>) -> Option<i64> {
    if let Some(Value::Number(number)) = value { number.as_i64() } else { None }
}

/// The paging arguments, decoded.
#[derive(Default)]
struct Bounds {
    first: Option<i64>,
    last: Option<i64>,
    offset: Option<i64>,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

/// Which page it is.
#[derive(Debug, PartialEq)]
struct Paged {
    window: Window,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

fn paged(bounds: &Bounds) -> Result<Paged, Arc<Fault>> {
    let size = |name: &str, given: Option<i64>| match given.map(usize::try_from) {
        None => Ok(None),
        Some(Ok(size)) if size <= MAX_PAGE => Ok(Some(size)),
        Some(_) => Err(bad_input(format!("Argument {name} must be between 0 and {MAX_PAGE}."))),
    };
    let (first, last) = (size("first", bounds.first)?, size("last", bounds.last)?);
    let offset = match bounds.offset.map(usize::try_from) {
        None => None,
        Some(Ok(offset)) => Some(offset),
        Some(Err(_)) => return Err(bad_input("Argument offset must not be negative.")),
    };
    if first.is_some() && last.is_some() {
        return Err(bad_input("Give either first or last, not both."));
    }
    if offset.is_some() && (bounds.after.is_some() || bounds.before.is_some() || last.is_some()) {
        return Err(bad_input("Argument offset does not go together with a cursor or last."));
    }
    let window = match last {
        Some(take) => Window::Backward { take },
        None => Window::Forward { skip: offset.unwrap_or(0), take: first.unwrap_or(DEFAULT_PAGE) },
    };
    Ok(Paged { window, after: bounds.after.clone(), before: bounds.before.clone() })
}

/// A window between the places of cursors.
fn by_place(window: Window, after: Option<&Cursor>, before: Option<&Cursor>) -> Result<Window, Arc<Fault>> {
    let place = |cursor: &Cursor| usize::try_from(cursor.place).unwrap_or_default();
    let (start, end) = (after.map(|after| place(after) + 1), before.map(place));
    Ok(match (window, end) {
        (Window::Forward { skip, take }, end) => {
            let skip = start.unwrap_or(skip);
            Window::Forward { skip, take: take.min(end.map_or(usize::MAX, |end| end.saturating_sub(skip))) }
        }
        (Window::Backward { take }, Some(end)) => {
            let skip = start.unwrap_or_default().max(end.saturating_sub(take));
            Window::Forward { skip, take: end.saturating_sub(skip) }
        }
        (Window::Backward { .. }, None) if start.is_some() => {
            return Err(bad_input(
                "Argument last does not go together with after here: Wavefront's lists have no totals.",
            ));
        }
        (window, _) => window,
    })
}

/// Ties a cursor to the list that it is a position in: the collection or relation, the filter and the order.
fn digest(plan: &ConnectionPlan, condition: &Condition, order: &[(String, bool)]) -> u64 {
    let filter = condition.expr.as_ref().map(Expr::text).unwrap_or_default();
    let relation = plan.relation.map_or("", |place| RELATIONS[place].field);
    let text = format!("{}|{relation}|{}|{filter}|{order:?}", plan.rows, condition.never);
    cursor::digest(text.bytes())
}

fn cursor_argument(name: &str, value: Option<Value>, digest: u64) -> Result<Option<Cursor>, Arc<Fault>> {
    let Some(Value::String(text)) = value else { return Ok(None) };
    let Some((cursor, found)) = Cursor::read(&text) else {
        return Err(bad_input(format!("Argument {name} is no cursor of this graph: use one from pageInfo or edges.")));
    };
    if found != digest {
        return Err(bad_input(format!(
            "Argument {name} is a cursor of another list, filter or order: cursors hold only for the one they came from."
        )));
    }
    Ok(Some(cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(place: i32) -> Cursor {
        Cursor { mode: 0, place, values: [cursor::Value::Text("USR-0000-0001".into())].into() }
    }

    #[test]
    fn bounds_make_a_page() {
        let b = |first, last, offset, after: Option<i32>, before: Option<i32>| {
            let (after, before) = (after.map(cursor), before.map(cursor));
            Bounds { first, last, offset, after, before }
        };
        let forward = |skip, take| Window::Forward { skip, take };
        let backward = |take| Window::Backward { take };
        let cases = [
            (b(None, None, None, None, None), forward(0, 20)),
            (b(Some(7), None, None, Some(9), None), forward(0, 7)),
            (b(Some(0), None, None, None, None), forward(0, 0)),
            (b(Some(7), None, Some(30), None, None), forward(30, 7)),
            (b(Some(50), None, None, Some(9), Some(15)), forward(0, 50)),
            (b(None, Some(5), None, None, None), backward(5)),
            (b(None, Some(5), None, Some(9), Some(20)), backward(5)),
            (b(None, None, None, None, Some(3)), forward(0, 20)),
        ];
        for (bounds, window) in cases {
            let Bounds { after, before, .. } = &bounds;
            let expected = Paged { window, after: after.clone(), before: before.clone() };
            assert_eq!(paged(&bounds).map_err(|fault| fault.message().to_owned()), Ok(expected));
        }
        let refused = [
            (b(Some(101), None, None, None, None), "Argument first must be between 0 and 100."),
            (b(Some(-1), None, None, None, None), "Argument first must be between 0 and 100."),
            (b(None, Some(101), None, None, None), "Argument last must be between 0 and 100."),
            (b(Some(1), Some(1), None, None, None), "Give either first or last, not both."),
            (b(None, None, Some(-1), None, None), "Argument offset must not be negative."),
            (b(None, None, Some(1), Some(1), None), "Argument offset does not go together with a cursor or last."),
            (b(None, Some(1), Some(1), None, None), "Argument offset does not go together with a cursor or last."),
        ];
        for (bounds, message) in refused {
            assert_eq!(paged(&bounds).unwrap_err().message(), message);
        }
    }

    #[test]
    fn a_cursor_holds_only_for_its_list() {
        let text = |text: &str| Some(Value::String(text.to_owned()));
        let digest = 0x0123_4567_89ab_cdef;
        assert_eq!(cursor_argument("after", text(&cursor(42).text(digest)), digest).unwrap(), Some(cursor(42)));
        for (given, complaint) in [
            (cursor(42).text(!digest), "Argument after is a cursor of another list, filter or order"),
            ("42".to_owned(), "Argument after is no cursor of this graph"),
            (String::new(), "Argument after is no cursor of this graph"),
            ("\u{e9}".repeat(9), "Argument after is no cursor of this graph"),
        ] {
            let fault = cursor_argument("after", text(&given), digest).unwrap_err();
            assert!(fault.message().starts_with(complaint), "{given:?}: {fault}");
        }
    }
}
