//! What is asked, united over the operation, and what it comes to in requests and entities.

use super::{CostEstimator, CostInput, RoundRange, amount::Amount, join, later, recounts, taken, tries, wavefront};
use crate::{
    entity::{
        kind::{KINDS, Kind, Upstream},
        model::FieldSet,
    },
    loader::{
        limits::PAGE,
        listed::MOST_LISTED,
        memberships::of_members::MOST_USERS,
        query::{Query, QueryTable, Window},
        rest::pages_of,
        trace::Origin,
    },
    upstream::{
        marketplace::relation::{ParentKey, RELATIONS, Relation, Through},
        select::Select,
    },
};

/// What an operation costs at least and at most.
#[derive(Debug, Clone, Default)]
pub struct CostBounds {
    /// What is sure to be asked: the first round. Nobody knows whether anything comes back.
    pub least: Amount,
    /// What is asked when every list is as long as it may be and nothing is known twice.
    pub most: Amount,
    /// Rounds at most.
    pub rounds: usize,
    /// What is asked, in the order of the first round in which it can be.
    pub asks: Vec<PlannedRequest>,
}

impl CostBounds {
    /// These bounds, and after them those of what is run next.
    pub(super) fn then(mut self, next: CostBounds) -> CostBounds {
        let before = self.rounds;
        (self.least, self.most) = (self.least.and(next.least), self.most.and(next.most));
        self.asks.extend(next.asks.into_iter().map(|ask| PlannedRequest { rounds: later(ask.rounds, before), ..ask }));
        self.rounds += next.rounds;
        self
    }
}

/// What a mutation does beside completing its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Finds out which membership is meant.
    Who,
    /// Reads what has to be known before: the revision, and what the upstream would take away.
    Before,
    /// Writes.
    Write,
    /// Reads what was changed where the answer to the write does not tell it.
    Again,
}

/// What can be asked. Whatever is equal is asked of an entity, or of a parent, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Entities that root fields name.
    Ids(Kind),
    /// Rows of a query, by its place: a root collection, or what belongs to some parents.
    Rows(u32),
    /// Entities by id, for what they lack: their fields, and those of modules in them, as bits.
    ById(Kind, u64, u64),
    /// A page of a relation for what a body should have told.
    Once(u32),
    /// What a mutation does, by the place of its root field.
    Step(usize, Step),
}

impl Asked {
    /// Who is asked, where that does not depend on the document.
    fn upstream(self, table: &QueryTable) -> Option<Upstream> {
        match self {
            Asked::Ids(kind) | Asked::ById(kind, ..) => Some(kind.upstream()),
            Asked::Rows(query) | Asked::Once(query) => Some(table.get(query).rows.upstream()),
            Asked::Step(..) => None,
        }
    }
}

impl CostInput<'_> {
    /// Whether there is anybody to ask.
    pub(super) fn answers(&self, asked: Asked) -> bool {
        self.wavefront || asked.upstream(self.table) != Some(Upstream::Wavefront)
    }
}

/// Something that is asked, with all places that want it.
#[derive(Debug, Clone)]
pub struct PlannedRequest {
    /// What.
    pub asked: Asked,
    /// The ids, where they are known.
    pub ids: Vec<String>,
    /// How many ids or parents it is for.
    pub count: usize,
    /// The first and the last round in which it may be asked.
    pub rounds: RoundRange,
    /// What is selected; only noted for explanations.
    pub select: Select,
    /// The fields that are selected.
    pub fields: FieldSet,
    /// Whether all that is selected of an account's members is told by its groups.
    pub off_groups: bool,
    /// The places that want it.
    pub origins: Vec<Origin>,
    /// What it comes to.
    pub most: Amount,
}

impl PlannedRequest {
    pub(super) fn new(asked: Asked, rounds: RoundRange) -> Self {
        let (ids, select, origins) = (vec![], Select::default(), vec![]);
        let fields = FieldSet::NONE;
        let (off_groups, most) = (true, Amount::default());
        PlannedRequest { asked, ids, count: 0, rounds, select, fields, off_groups, origins, most }
    }

    /// Sums up. What is asked in several rounds begins a request in each.
    fn amount(&self, count: &CostEstimator<'_>, relations: &[Option<usize>], ids: &[usize; KINDS]) -> Amount {
        let basis = count.basis;
        let spread = self.rounds.1 - self.rounds.0;
        match self.asked {
            Asked::Ids(kind) | Asked::ById(kind, ..) if kind.upstream() == Upstream::Wavefront => {
                let (wanted, alone) = (count.wanted[kind as usize], ids[kind as usize] == 1);
                wavefront::by_id(basis, kind, wanted, (self.count.min(count.met(kind)), spread), alone)
            }
            Asked::Step(..) => Amount { requests: self.count, entities: self.count },
            Asked::Ids(kind) | Asked::ById(kind, ..) => {
                let named = matches!(self.asked, Asked::Ids(_));
                let entities = if named { self.count } else { self.count.min(count.met(kind)) };
                if kind == Kind::AccountUser {
                    let fields = if let Asked::ById(_, fields, _) = self.asked { fields } else { self.fields.0 };
                    return count.members_by_id(entities, spread, fields, named);
                }
                // Whether the entity is not there or its collection is asked once.
                let probe = usize::from(kind.may_lack_its_route());
                // Those that a list of several does not show are asked for alone.
                let unlisted = if named && entities > 1 && kind.lists_hide_deleted() { entities } else { 0 };
                let requests = (entities.div_ceil(PAGE) + spread).min(entities) + probe + unlisted;
                Amount { requests, entities }
            }
            Asked::Rows(place) | Asked::Once(place) => {
                let query = basis.table.get(place);
                if query.never {
                    return Amount::default();
                }
                let once = matches!(self.asked, Asked::Once(_));
                let relation = relations[place as usize].map(|relation| &RELATIONS[relation]);
                // By e-mail address there is one user.
                let size = relation.map_or(1, |relation| match relation.by {
                    ParentKey::Value(_) => 1,
                    _ => basis.sizes.list(relation.parent, relation.field),
                });
                let wavefronts = query.rows.upstream() == Upstream::Wavefront;
                if query.rows == Kind::AccountUser && basis.lists_below() && !once {
                    let parents = query.by.map_or(1, |(_, parents)| self.count.min(count.met(parents)));
                    return count.memberships(self, place, (parents, spread, size));
                }
                let Some((_, parents)) = query.by else {
                    return if wavefronts {
                        wavefront::collection(basis, query)
                    } else {
                        count.found_by_members(self, query).and(whole(query))
                    };
                };
                let parents = self.count.min(count.met(parents));
                if once {
                    Amount { requests: 1, entities: parents.saturating_mul(size).min(PAGE) }
                } else if query.route.is_some() {
                    // A route of its own names one parent; where it is not there, their rows are asked for.
                    let rows = parents.div_ceil(PAGE);
                    Amount { requests: parents + rows, entities: parents }
                } else if let Some((ParentKey::Members(_), _)) = query.by {
                    count.found_by_groups(self, parents).and(of_listed(query, parents, spread, MOST_USERS))
                } else if let Some((ParentKey::Listed(_), _)) = query.by {
                    of_listed(query, parents, spread, size)
                } else if wavefronts {
                    wavefront::of_parents(basis, query, parents, spread, size)
                } else {
                    of_parents(query, parents, spread, size, count.met(query.rows))
                }
            }
        }
    }
}

/// A root collection's window.
fn whole(query: &Query) -> Amount {
    // A count takes one row.
    let rows = if query.wants_rows { taken(query).unwrap_or(usize::MAX).max(1) } else { 1 };
    let recounts = recounts(query);
    Amount { requests: tries(query) + recounts, entities: rows.saturating_mul(tries(query)).saturating_add(recounts) }
}

/// The relation behind each query; none for root collections, and for users by e-mail address. What routers refer to is
/// asked of a relation's rows.
fn relations(basis: CostInput<'_>) -> Vec<Option<usize>> {
    let mut relations = vec![None; basis.table.len()];
    // Several lists may be of the same rows; one of what rows hold is not of as many.
    let of_rows = |relation: &Relation| !matches!(relation.hop, Through::Many(_));
    for relation in (0..RELATIONS.len()).filter(|relation| of_rows(&RELATIONS[*relation])) {
        relations[QueryTable::list_of(relation) as usize].get_or_insert(relation);
    }
    for (query, plan) in basis.queries.connections.iter().zip(&basis.plan.connections) {
        if let Ok(query) = query {
            relations[query.query as usize] = plan.relation;
        }
    }
    for (query, relation) in basis.table.iter().zip(&mut relations) {
        let same = |one: &Relation| query.by == Some((one.by, one.parent)) && query.rows == one.rows && of_rows(one);
        *relation = relation.or_else(|| RELATIONS.iter().position(same));
    }
    relations
}

/// The rows of many parents: whole lists in pages for up to 100 parents together; windows in one such page, then by what
/// is fewer, the remaining pages or a request for each parent.
pub(super) fn of_parents(query: &Query, parents: usize, spread: usize, size: usize, met: usize) -> Amount {
    let chunks = (parents.div_ceil(PAGE) + spread).min(parents);
    let total = parents.saturating_mul(size).min(met.saturating_mul(chunks));
    let pages = (pages_of(total, PAGE) + chunks).saturating_sub(1).max(chunks);
    // Each page but the first of a list repeats a row.
    let total = total.saturating_add(pages - chunks);
    if query.window == Window::All {
        return Amount { requests: pages, entities: total };
    }
    let tries = tries(query);
    let each = parents.saturating_mul(tries);
    // One parent's window is asked for alone, and so are those of long lists.
    let recounts = if parents == 1 || size > PAGE { parents.saturating_mul(recounts(query)) } else { 0 };
    let requests = (pages.min(chunks + each) + chunks * (tries - 1)).saturating_add(recounts);
    let alone = parents.saturating_mul(taken(query).unwrap_or(size).min(size).max(1)).saturating_mul(tries);
    let entities = if size <= PAGE {
        // So few rows a parent never make more pages than there are parents.
        total + chunks * (tries - 1) * size
    } else {
        total.min(PAGE * (parents + chunks)).saturating_add(alone)
    };
    Amount { requests, entities: entities.saturating_add(recounts) }
}

/// The rows of many parents that are asked for by their own ids: those of several parents together where that takes no more
/// pages than there are parents, else each parent alone.
fn of_listed(query: &Query, parents: usize, spread: usize, size: usize) -> Amount {
    let each = parents.saturating_mul(tries(query) + recounts(query));
    let size = size.min(MOST_LISTED);
    let chunks = (parents.saturating_mul(size).div_ceil((MOST_LISTED + 1) - size) + spread).min(parents);
    let pages = parents.saturating_mul(size).div_ceil(PAGE).saturating_add(chunks.saturating_mul(1 + recounts(query)));
    let alone = parents.saturating_mul(taken(query).unwrap_or(size).min(size).max(1)).saturating_mul(tries(query));
    let together = parents.saturating_mul(size.min(PAGE));
    let requests = if query.seeks() { each } else { each.min(pages) };
    Amount { requests, entities: together.max(alone).saturating_add(each) }
}

pub(super) fn bounds(mut count: CostEstimator<'_>) -> CostBounds {
    let behind: Vec<PlannedRequest> = count.asks.values().filter_map(|ask| count.behind(ask)).collect();
    for more in behind {
        let ask = count.asks.entry(more.asked).or_insert_with(|| PlannedRequest::new(more.asked, more.rounds));
        ask.count = ask.count.saturating_add(more.count);
        ask.rounds = join(ask.rounds, more.rounds);
        ask.select.unite(&more.select, more.select.fields);
        ask.origins.extend(more.origins);
    }
    let mut asks: Vec<PlannedRequest> = std::mem::take(&mut count.asks).into_values().collect();
    let (basis, least, mut most) = (count.basis, count.surely, Amount::default());
    asks.retain(|ask| basis.answers(ask.asked));
    let mut ids = [0_usize; KINDS];
    for ask in &asks {
        if let Asked::Ids(kind) | Asked::ById(kind, ..) = ask.asked {
            ids[kind as usize] = ids[kind as usize].saturating_add(ask.count);
        }
    }
    let relations = relations(basis);
    for ask in &mut asks {
        ask.most = ask.amount(&count, &relations, &ids);
        most.requests = most.requests.saturating_add(ask.most.requests);
        most.entities = most.entities.saturating_add(ask.most.entities);
    }
    asks.retain(|ask| ask.most.requests > 0);
    asks.sort_by_key(|ask| ask.rounds);
    let rounds = asks.iter().map(|ask| ask.rounds.1).max().unwrap_or(0);
    CostBounds { least, most, rounds, asks }
}
