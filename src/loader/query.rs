//! What can be asked of a collection: everything of it, or what belongs to some parents, whole or one page.

use super::{
    cursor::{Cursor, names},
    limits::PAGE,
};
use crate::{
    entity::kind::Kind,
    upstream::{
        marketplace::relation::{ParentKey, RELATIONS},
        rql::Expr,
    },
};
use async_graphql::indexmap::IndexSet;
use foldhash::fast::RandomState;
use std::{
    hash::{Hash, Hasher},
    sync::{Arc, LazyLock},
};

/// Which rows of the result are wanted for each parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// All of them.
    All,
    /// So many after so many.
    Forward {
        /// How many to leave out.
        skip: usize,
        /// How many at most.
        take: usize,
    },
    /// So many from the end.
    Backward {
        /// How many at most.
        take: usize,
    },
}

/// What a query is asked for that only matters where the upstream does not say how many rows there are. It tells no
/// queries apart: equal ones share an answer that serves both.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uncounted {
    /// Whether there is more behind the page, in the direction in which it is read.
    pub next: bool,
    /// Anything about the place of the page.
    pub place: bool,
    /// How many there are: found out only where the page lies behind the end, since a total of 0 there says nothing.
    pub total: bool,
}

impl PartialEq for Uncounted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Uncounted {}

impl Hash for Uncounted {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A query of a collection. Two fields with equal queries share one answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// The collection.
    pub rows: Kind,
    /// How rows name their parent, and the parents' kind; none for a root collection.
    pub by: Option<(ParentKey, Kind)>,
    /// Further conditions.
    pub filter: Option<Expr>,
    /// Whether the conditions can hold for no row: then nothing is asked.
    pub never: bool,
    /// What to order by, most important first, without the tie-breaker: path, and whether the greatest comes first.
    pub order: Vec<(String, bool)>,
    /// The paths that filter and order name, those of elements of collections included. The upstream adds them to the rows.
    pub touched: Vec<String>,
    /// Which rows are wanted, of those between the cursors.
    pub window: Window,
    /// The position that the rows come after.
    pub after: Option<Arc<Cursor>>,
    /// The position that the rows come before.
    pub before: Option<Arc<Cursor>>,
    /// Whether the rows are wanted or just their number.
    pub wants_rows: bool,
    /// Whether it must be told how many there are in all, where that is not told anyway.
    pub wants_total: bool,
    /// What has to be found out where the upstream does not say how many there are.
    pub uncounted: Uncounted,
    /// What each parent is asked at instead of the collection: a route below its own, and which of them it is.
    pub route: Option<(usize, String)>,
}

impl Window {
    /// The places of the window in a list of this length: the first, and the one behind the last.
    #[must_use]
    pub fn places(self, total: usize) -> (usize, usize) {
        let (start, end) = match self {
            Window::All => (0, total),
            Window::Forward { skip, take } => (skip, skip.saturating_add(take).min(total)),
            Window::Backward { take } => (total.saturating_sub(take), total),
        };
        (start.min(total), end.max(start.min(total)))
    }
}

/// The queries that no operation has to say anything about: the same in all of them.
static USUAL: LazyLock<Usual> = LazyLock::new(|| {
    let mut queries = Queries::default();
    let mut place = |query| narrow(queries.insert_full(query).0);
    let lists = RELATIONS.iter().map(|relation| place(Query::all_of(relation.rows, relation.by, relation.parent)));
    let lists = lists.collect();
    let by_email = place(Query::all_of(Kind::User, ParentKey::Value("email"), Kind::User));
    Usual { queries, lists, by_email }
});

/// Queries, each once, by their places. Found by a hash: filters are as long as clients like, and nearly the same.
type Queries = IndexSet<Query, RandomState>;

struct Usual {
    queries: Queries,
    lists: Box<[u32]>,
    by_email: u32,
}

/// Every query of an operation, each once, by its place: the usual ones, then its own.
#[derive(Debug, Default)]
pub struct QueryTable(Queries);

impl QueryTable {
    /// The place of a query, which is added unless it is there.
    pub fn place(&mut self, mut query: Query) -> u32 {
        if let Some(usual) = USUAL.queries.get_index_of(&query) {
            return narrow(usual);
        }
        if let Some(known) = self.0.get(&query) {
            query.uncounted.next |= known.uncounted.next;
            query.uncounted.place |= known.uncounted.place;
            query.uncounted.total |= known.uncounted.total;
        }
        narrow(USUAL.queries.len() + self.0.replace_full(query).0)
    }

    /// Gives back the room that it does not need: it is kept for as long as its document.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The query at a place.
    #[must_use]
    pub fn get(&self, place: u32) -> &Query {
        let (usual, place) = (&USUAL.queries, place as usize);
        usual.get_index(place).unwrap_or_else(|| &self.0[place - usual.len()])
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        USUAL.queries.len() + self.0.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Query> {
        USUAL.queries.iter().chain(&self.0)
    }

    /// The query of a relation's plain list.
    #[must_use]
    pub fn list_of(relation: usize) -> u32 {
        USUAL.lists[relation]
    }

    /// The query of users by e-mail address.
    #[must_use]
    pub fn by_email() -> u32 {
        USUAL.by_email
    }
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("a document of bounded length has fewer queries than that")
}

impl Query {
    /// Everything that belongs to some parents.
    #[must_use]
    pub fn all_of(rows: Kind, by: ParentKey, parents: Kind) -> Self {
        Query {
            rows,
            by: Some((by, parents)),
            filter: None,
            never: false,
            order: vec![],
            touched: vec![],
            window: Window::All,
            after: None,
            before: None,
            wants_rows: true,
            wants_total: false,
            uncounted: Uncounted::default(),
            route: None,
        }
    }

    /// What two queries have in common whose first requests may be the same but for what they select.
    #[must_use]
    pub fn request(&self) -> impl Hash + Eq {
        let (start, most) = match self.window {
            Window::All => (0, PAGE),
            Window::Forward { skip, take } => (skip, take.min(PAGE)),
            Window::Backward { take } => (0, take.min(PAGE)),
        };
        let limit = if self.wants_rows { most } else { 0 };
        // For several parents there is one page, whatever part of it is wanted.
        let page = self.by.is_none().then_some((start, limit));
        // Lists below an account or a user have one order for what are several here.
        let order = (self.rows != Kind::AccountUser).then(|| self.order());
        let cursors = (self.after.clone(), self.before.clone());
        (self.rows, self.by, self.filter.clone(), order, page, cursors, self.route.clone())
    }

    /// Whether the page lies behind or before a cursor.
    #[must_use]
    pub fn seeks(&self) -> bool {
        self.after.is_some() || self.before.is_some()
    }

    /// Whether the rows are read from the end.
    #[must_use]
    pub fn is_backward(&self) -> bool {
        matches!(self.window, Window::Backward { .. })
    }

    /// What decides the order, most important first, and whether the greatest comes first. It always ends in what names a
    /// row, since without an order pages overlap.
    #[must_use]
    pub fn order_keys(&self) -> Vec<(&str, bool)> {
        let names = names(self.rows);
        let given = self.order.iter().map(|(path, descending)| (path.as_str(), *descending));
        let mut keys: Vec<(&str, bool)> = vec![];
        for one in given.chain(names.iter().map(|name| (*name, false))) {
            // Whatever follows all names decides nothing, and a name twice neither.
            let decided = names.iter().all(|name| keys.iter().any(|(path, _)| path == name));
            if !decided && keys.iter().all(|(path, _)| *path != one.0) {
                keys.push(one);
            }
        }
        keys
    }

    /// The value of `order`. From the end when wanted.
    #[must_use]
    pub fn order(&self) -> String {
        spelled(&self.order_keys(), self.is_backward())
    }
}

/// An order as the upstream takes it, turned round when wanted.
#[must_use]
pub(super) fn spelled(keys: &[(&str, bool)], backward: bool) -> String {
    let mut text = String::new();
    for (path, descending) in keys {
        if !text.is_empty() {
            text.push(',');
        }
        if *descending != backward {
            text.push('-');
        }
        text.push_str(path);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_ends_in_the_id_and_turns_round_from_the_end() {
        type Case = (&'static [(&'static str, bool)], &'static str, &'static str);
        let cases: [Case; 4] = [
            (&[], "id", "-id"),
            (&[("name", false)], "name,id", "-name,-id"),
            (&[("name", true), ("id", true), ("email", false)], "-name,-id", "name,id"),
            (&[("audit.created.at", true)], "-audit.created.at,id", "audit.created.at,-id"),
        ];
        for (order, forward, backward) in cases {
            let mut query = Query::all_of(Kind::User, ParentKey::Reference("user"), Kind::User);
            query.order = order.iter().map(|(path, descending)| ((*path).to_owned(), *descending)).collect();
            assert_eq!(query.order(), forward);
            query.window = Window::Backward { take: 1 };
            assert_eq!(query.order(), backward);
        }
        let mut query = Query::all_of(Kind::AccountUser, ParentKey::Reference("user"), Kind::User);
        assert_eq!(query.order(), "account.id,user.id");
        query.order = vec![("user.id".to_owned(), true), ("user.name".to_owned(), false)];
        assert_eq!(query.order(), "-user.id,user.name,account.id");
    }

    #[test]
    fn a_window_is_cut_out_of_what_there_is() {
        let forward = |skip, take| Window::Forward { skip, take };
        let backward = |take| Window::Backward { take };
        for (window, total, places) in [
            (Window::All, 7, (0, 7)),
            (forward(2, 3), 7, (2, 5)),
            (forward(6, 3), 7, (6, 7)),
            (forward(9, 3), 7, (7, 7)),
            (forward(2, usize::MAX), 7, (2, 7)),
            (backward(2), 7, (5, 7)),
            (backward(9), 7, (0, 7)),
            (backward(0), 7, (7, 7)),
        ] {
            assert_eq!(window.places(total), places, "{window:?} of {total}");
        }
    }
}
