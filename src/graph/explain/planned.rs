//! What an operation would ask, as it is spelled as long as most ids are not known.

use super::{ExplainInput, Nested, Paths, Request, request};
use crate::{
    entity::kind::Kind,
    graph::{
        cost::{Asked, CostInput, PlannedRequest, Step},
        document::plan::RootKind,
        schema::mutation::declared,
    },
    loader::{
        nest::NestingRecord,
        preview,
        trace::{Body, Call},
    },
    upstream::{client::write::Method, marketplace::membership::Family, select::Select},
};

const NAMED: &str = "The ids stand in the document.";
const VIEWER: &str = "The id is that of the API token that is sent.";
const ROWS: &str = "A page of a collection.";
const RELATED: &str = "A relation, asked of up to 100 parents together.";
const BELOW: &str = "A relation, asked of each parent: the host has no list of the memberships of several.";
const LACKING: &str = "What entities lack that were reached through references, asked by up to 100 ids together.";
const DETAIL: &str = "This has a route of its own, which names one entity.";
const FALLBACK: &str = "Only if the upstream leaves out what a body was asked to tell; a page of it is counted.";

/// A request that may be sent; none when it cannot be expressed.
pub(super) fn request_planned(facts: &ExplainInput<'_>, paths: &Paths, ask: &PlannedRequest) -> Option<Request> {
    let CostInput { model, table, plan, routes, .. } = facts.basis;
    let fields = paths.fields(plan, &ask.origins);
    // Ids of Wavefront have no prefix.
    let stand_in =
        |prefix: &str| std::array::from_fn(|_| if prefix.is_empty() { "…".to_owned() } else { format!("{prefix}-…") });
    let (select, nested) = select_planned(facts, ask);
    let (call, keys, reason) = match ask.asked {
        Asked::Step(root, step) => (mutation_call(facts, root, step, ask)?, Some(1), said(step)),
        Asked::Ids(kind) => {
            // The id of the token that is asked with is not in the document.
            let unknown: [String; 2] = stand_in(kind.prefix());
            let ids: Vec<&str> = match &ask.ids[..] {
                [] => vec![&unknown[0]],
                ids => ids.iter().take(100).map(String::as_str).collect(),
            };
            let reason = if ask.ids.is_empty() { VIEWER } else { NAMED };
            (preview::by_ids(model, routes, kind, &ids, &select)?, Some(ask.count), reason)
        }
        Asked::ById(kind, ..) => {
            let ids: [String; 2] = stand_in(kind.prefix());
            let call = preview::by_ids(model, routes, kind, &[&ids[0], &ids[1]], &select)?;
            (call, Some(ask.count.min(facts.basis.sizes.met(kind))), LACKING)
        }
        Asked::Rows(place) | Asked::Once(place) => {
            let query = table.get(place);
            let ids: Option<[String; 2]> = query.by.map(|(_, parents)| stand_in(parents.prefix()));
            let known: Vec<&str> = if ask.ids.is_empty() {
                ids.iter().flatten().take(ask.count.max(1)).map(String::as_str).collect()
            } else {
                ask.ids.iter().map(String::as_str).collect()
            };
            let met = |(_, parents)| ask.count.min(facts.basis.sizes.met(parents));
            let call = preview::rows(model, routes, query, &known, select)?;
            let below = query.rows == Kind::AccountUser && [Family::Accounts, Family::Legacy].contains(&routes.family);
            let reason = match (ask.asked, query.by) {
                _ if query.route.is_some() => DETAIL,
                (Asked::Once(_), _) => FALLBACK,
                (_, None) => ROWS,
                _ if below && !call.target.contains("/user-groups?") => BELOW,
                _ => RELATED,
            };
            let keys = if query.route.is_some() { Some(1) } else { query.by.map(met) };
            (call, keys, reason)
        }
    };
    let request = request(facts.upstreams, ask.rounds.0, fields, &call);
    let nested = nested.iter().map(Nested::from).collect();
    Some(Request { keys, reason: Some(reason), nested, at_most: ask.most.requests, ..request })
}

/// What would be selected, if as many come as may.
fn select_planned(facts: &ExplainInput<'_>, ask: &PlannedRequest) -> (Select, Vec<NestingRecord>) {
    let CostInput { model, table, .. } = facts.basis;
    let (kind, rows) = match ask.asked {
        Asked::Ids(kind) | Asked::ById(kind, ..) => (kind, ask.count.min(100)),
        Asked::Rows(place) | Asked::Once(place) => {
            let query = table.get(place);
            (query.rows, preview::most_rows(query, if query.by.is_some() { ask.count } else { 0 }))
        }
        Asked::Step(..) => return (ask.select.clone(), vec![]),
    };
    preview::nested(model, kind, &ask.select, rows, facts.nesting)
}

/// Why a mutation may ask.
fn said(step: Step) -> &'static str {
    match step {
        Step::Who => "Only if the route names a membership in another way than the input, or its id is asked for.",
        Step::Before => "Reads what has to be known before the change: the revision, or what is sent as it is.",
        Step::Write => "Writes, once for each.",
        Step::Again => "Only if the answer to the write does not tell what was changed.",
    }
}

/// What a mutation may send. Members of the path that are not known yet stand in braces.
fn mutation_call(facts: &ExplainInput<'_>, root: usize, step: Step, ask: &PlannedRequest) -> Option<Call> {
    let RootKind::Mutation(mutation) = &facts.basis.plan.roots.get(root)?.what else { return None };
    let declared = mutation.declared;
    let id = ask.ids.first().map_or("{id}", String::as_str);
    let (kind, upstream) = (declared.gives.kind(), declared.gives.kind().upstream());
    let (method, path, body) = match step {
        Step::Write => {
            let body = if declared.body == declared::Body::None { Body::None } else { Body::Hidden };
            (declared.verb.method(), declared.path.replace("{id}", id), body)
        }
        // A member is looked for in the list that the host is read by.
        _ if kind == Kind::AccountUser => {
            (Method::GET, facts.basis.routes.family.collection("{accountId}"), Body::None)
        }
        _ => (Method::GET, format!("{}/{id}", kind.collection()), Body::None),
    };
    Some(Call { upstream, method, target: format!("{}{path}", upstream.root()), body, unsure: false })
}
