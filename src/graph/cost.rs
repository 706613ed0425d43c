//! What an operation can cost, computed before anything is asked: how many requests go to the upstream and how many
//! entities come back, at least and at most.
//!
//! The plan says what is selected, arguments and [`Sizes`] say of how many. From the root downwards each selection is
//! given the entities that can arrive at it and what is told of them there; what is not told is counted as asked. An
//! entity is asked once for what it lacks, and a parent once for a relation, so both are counted over the whole
//! operation and not for each place. Two things are left out: retries, and places where the upstream leaves out what it
//! was asked for, beyond one page for each relation.

mod amount;
mod ask;
mod below;
mod measure;
mod members;
mod roots;
mod wavefront;
mod writes;

use super::{
    document::plan::{Plan, RootKind, SelectionId},
    queries::{QueryIds, represented::AllRepresented, values::VariableValues},
    schema::sizes::Sizes,
};
use crate::{
    entity::{
        kind::{KINDS, Kind, Upstream},
        model::{FieldSet, Model},
    },
    loader::{
        memberships::tells_members,
        query::{Query, QueryTable, Window},
        trace::Origin,
    },
    upstream::{marketplace::host::RouteState, select::Select},
};
pub use amount::Amount;
pub use ask::{Asked, CostBounds, PlannedRequest, Step};
use async_graphql::registry::Registry;
use std::{collections::BTreeMap, ops::Range};
use wavefront::Told;

/// What the bounds are computed from.
#[derive(Clone, Copy)]
pub struct CostInput<'a> {
    /// What is selected.
    pub plan: &'a Plan,
    /// The schema's model.
    pub model: &'a Model,
    /// The schema.
    pub registry: &'a Registry,
    /// The values of the variables.
    pub variables: &'a VariableValues,
    /// The queries of connections and details, by their places in `table`.
    pub queries: &'a QueryIds,
    /// Every query of the operation.
    pub table: &'a QueryTable,
    /// What routers refer to.
    pub represented: &'a AllRepresented,
    /// Whether there is a Wavefront to ask.
    pub wavefront: bool,
    /// By which routes memberships are taken to be read.
    pub routes: RouteState,
    /// What is assumed.
    pub sizes: &'a Sizes,
    /// Whether to note what is selected, and which places of the operation want it.
    pub explained: bool,
}

/// How many places are noted of one thing that is asked.
const MAX_ORIGINS: usize = 100;

/// Rounds of requests, the first and the last.
type RoundRange = (usize, usize);

/// Entities that arrive at a selection after some round.
#[derive(Clone, Copy)]
struct EntityFlow {
    /// What is told of them where they stand.
    told: FieldSet,
    /// Whether they are rows, whose references tell what was selected of them.
    row: bool,
    /// Whether their relations were asked together with them.
    early: bool,
    count: usize,
    /// On how many ways they arrive: what belongs to the way differs on each.
    ways: usize,
    /// After which rounds.
    after: RoundRange,
}

/// Computes the bounds of an operation.
#[must_use]
pub fn bounds(basis: CostInput<'_>) -> CostBounds {
    let roots = basis.plan.roots.len();
    // Mutations run one after the other, and what was known before a write is not believed after it.
    if basis.plan.roots.iter().any(|root| matches!(root.what, RootKind::Mutation(_))) {
        return (0..roots).map(|root| part(basis, root..root + 1)).fold(CostBounds::default(), CostBounds::then);
    }
    part(basis, 0..roots)
}

/// The bounds of root fields that know what each other asked.
fn part(basis: CostInput<'_>, roots: Range<usize>) -> CostBounds {
    let mut count = CostEstimator {
        basis,
        arrivals: basis.plan.sels.iter().map(|_| vec![]).collect(),
        arriving: vec![0; basis.plan.sels.len()],
        told: [[0; 64]; KINDS],
        related: vec![],
        askers: BTreeMap::new(),
        asks: BTreeMap::new(),
        wanted: [FieldSet::NONE; KINDS],
        named: [0; KINDS],
        surely: Amount::default(),
    };
    count.roots(roots);
    count.measure();
    count.measure_touched();
    // Selections are planned after those inside them, so the holders come first.
    for sel in (0..basis.plan.sels.len()).rev() {
        for arrival in std::mem::take(&mut count.arrivals[sel]) {
            count.selection(sel, arrival);
        }
    }
    ask::bounds(count)
}

/// Who asks one query.
#[derive(Clone, Copy)]
struct Askers {
    /// How many fields.
    fields: usize,
    /// The selection of one of them.
    sel: SelectionId,
    /// Whether there are several selections. They may ask in different rounds, and rows tell what they were asked first.
    several: bool,
    /// What all of them ask.
    common: FieldSet,
    /// What any of them asks.
    all: FieldSet,
}

struct CostEstimator<'a> {
    basis: CostInput<'a>,
    /// By selection.
    arrivals: Vec<Vec<EntityFlow>>,
    /// By selection: how many entities arrive there on all ways.
    arriving: Vec<usize>,
    /// By kind and field: how many entities arrive where the field is selected.
    told: [[usize; 64]; KINDS],
    /// The queries that the entities at hand were counted for: two of their lists may be of the same rows.
    related: Vec<u32>,
    /// By query: who asks it.
    askers: BTreeMap<u32, Askers>,
    asks: BTreeMap<Asked, PlannedRequest>,
    /// By kind: all that is asked of entities by their ids.
    wanted: [FieldSet; KINDS],
    /// By kind: how many ids the root fields name. They need not be among those that the operation is assumed to meet.
    named: [usize; KINDS],
    surely: Amount,
}

fn later(span: RoundRange, rounds: usize) -> RoundRange {
    (span.0 + rounds, span.1 + rounds)
}

fn join(one: RoundRange, other: RoundRange) -> RoundRange {
    (one.0.min(other.0), one.1.max(other.1))
}

impl CostEstimator<'_> {
    /// Counts something as asked; how often and of how many is summed up at the end.
    fn ask(&mut self, asked: Asked, count: usize, rounds: RoundRange, select: &Select, origin: Origin) {
        if let Asked::Ids(kind) | Asked::ById(kind, ..) = asked {
            let tellable = select.fields.intersection(self.basis.model.kind(kind).tellable);
            self.wanted[kind as usize] = self.wanted[kind as usize].union(tellable);
        }
        let ask = self.asks.entry(asked).or_insert_with(|| PlannedRequest::new(asked, rounds));
        ask.count = ask.count.saturating_add(count);
        ask.rounds = join(ask.rounds, rounds);
        ask.fields = ask.fields.union(select.fields);
        if let Asked::Rows(query) = asked {
            let query = self.basis.table.get(query);
            ask.off_groups &= query.rows == Kind::AccountUser && tells_members(self.basis.model, query, select);
        }
        if self.basis.explained {
            ask.select.unite(select, select.fields);
            if ask.origins.len() < MAX_ORIGINS && !ask.origins.contains(&origin) {
                ask.origins.push(origin);
            }
        }
    }

    /// Counts the rows of entities at hand as asked.
    fn ask_rows(&mut self, query: u32, count: usize, rounds: RoundRange, select: &Select, origin: Origin) {
        let again = self.related.contains(&query);
        self.related.push(query);
        self.ask(Asked::Rows(query), if again { 0 } else { count }, rounds, select, origin);
    }

    /// Rows of a query arrive at a selection: all that it selects was asked of them, but Wavefront's tell what they always do.
    fn row(&mut self, sel: SelectionId, query: Option<u32>, count: usize, after: RoundRange, asked: Told) {
        let selected = &self.basis.plan.sels[sel];
        let object = |kind| self.basis.model.kind(kind);
        let told = match selected.kind {
            Some(kind) if kind.upstream() == Upstream::Wavefront => asked.of(kind, object(kind)),
            kind => kind.map_or(FieldSet::NONE, |kind| object(kind).tellable),
        };
        let told = selected.select.fields.intersection(told).difference(self.untold_by_rows(query));
        self.arrive(sel, EntityFlow { told, row: true, early: asked == Told::Asked, count, ways: count, after });
    }

    /// How many different entities of a kind the operation meets.
    fn met(&self, kind: Kind) -> usize {
        self.basis.sizes.met(kind).saturating_add(self.named[kind as usize])
    }

    fn arrive(&mut self, sel: SelectionId, arrival: EntityFlow) {
        let most = self.basis.plan.sels[sel].kind.map_or(usize::MAX, |kind| self.met(kind));
        let same = |known: &&mut EntityFlow| {
            (known.told, known.row, known.early) == (arrival.told, arrival.row, arrival.early)
        };
        match self.arrivals[sel].iter_mut().find(same) {
            Some(known) => {
                known.count = known.count.saturating_add(arrival.count).min(most);
                known.ways = known.ways.saturating_add(arrival.ways);
                known.after = join(known.after, arrival.after);
            }
            None => self.arrivals[sel].push(EntityFlow { count: arrival.count.min(most), ..arrival }),
        }
    }
}

/// How many requests a window takes of one parent or root collection: one, or where it begins at a cursor and the host turns
/// out not to compare what the list is ordered by, another one.
fn tries(query: &Query) -> usize {
    if query.seeks() { 2 } else { 1 }
}

/// How many requests more a window takes to count the list: behind its end, where a total of 0 says nothing, and where a
/// cursor leaves out what comes before.
fn recounts(query: &Query) -> usize {
    let from_within = matches!(query.window, Window::Forward { skip: 1.., .. });
    let behind = from_within && (query.uncounted.place || query.uncounted.total);
    usize::from(query.wants_rows && (behind || query.seeks() && query.uncounted.total))
}

/// How many rows a window takes; none when all.
fn taken(query: &Query) -> Option<usize> {
    if query.never {
        return Some(0);
    }
    match query.window {
        Window::All => None,
        Window::Forward { take, .. } | Window::Backward { take } => Some(take),
    }
}
