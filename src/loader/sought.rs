//! Pages that lie behind or before a cursor. Mostly the upstream is asked for what comes behind the values that the cursor
//! holds (`seek.rs`): then nothing that is inserted or deleted elsewhere moves the page. Some hosts do not compare texts, and
//! some values cannot be named in a condition. Then the page is read by the place of the cursor's row, and only where that
//! row is found: a page that might skip or repeat rows is an error instead.

use super::{
    batch::Batch,
    cursor::{Cursor, Value, names},
    query::{Query, Window, spelled},
    rest::{Broken, ListRequest, ListResponse},
    seek::{Behind, Key, Known, Nulls, behind, is_expressible, may_be_null},
    source::Source,
    store::{Place, Position, Rows},
};
use crate::{
    entity::kind::Kind,
    fault::{Fault, FaultKind},
    upstream::rql::Expr,
};
use futures::future::{join, try_join};
use std::sync::Arc;

const BY_PLACE: &str = "The page is found by the place of its cursor: the host does not compare what the cursor holds.";
const LOOKED_FOR: &str = "The row of the cursor is not where it was: it is looked for nearby.";
const WHERE_NULLS: &str = "Finds out whether rows without a value come first or last.";
const ONE_MORE: &str = "The upstream returned no total, so one more row is requested.";
const LEFT_OUT: &str =
    "The accounts API answered with a row that was not asked for: it is not on this side of the cursor.";
const COUNTED: &str = "Counts the whole list: the page begins at a cursor.";

/// How far from its place a row is looked for.
const NEARBY: usize = 100;

/// How often the place of a row is looked for before it counts as lost.
const MOST_LOOKS: usize = 3;

/// Why a page cannot be found any more.
fn lost() -> Broken {
    let message = "The row of this cursor was changed, deleted or moved, and this host can find a page only by that row: \
                   begin again from the first page.";
    Broken::Failed(Arc::new(Fault::new(FaultKind::CursorLost, message)))
}

/// Whether the upstream may have refused a condition. It answers 500 where its engine does not compare texts.
fn may_refuse(broken: &Broken) -> bool {
    matches!(broken, Broken::Failed(fault) if matches!(fault.kind(), FaultKind::Rejected | FaultKind::Upstream))
}

/// A page that is looked for.
struct Page<'a> {
    query: &'a Query,
    /// The list as a whole, in the order of the query, not turned round.
    whole: ListRequest<'a>,
    keys: Vec<Key<'a>>,
    /// A property that all rows have in common, and what it is.
    same: Option<(&'static str, String)>,
    take: usize,
}

/// Which rows lie between the cursors.
enum Between {
    Nothing,
    /// Those of which this holds, or all.
    Filter(Option<Expr>),
}

impl Page<'_> {
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(path, _)| *path)
    }

    fn cursors(&self) -> impl Iterator<Item = &Cursor> {
        self.query.after.iter().chain(&self.query.before).map(|cursor| &**cursor)
    }

    /// The cursor that the reading begins at.
    fn first(&self) -> Option<&Cursor> {
        let Query { after, before, .. } = self.query;
        if self.query.is_backward() { before.as_deref() } else { after.as_deref() }
    }

    /// Whether a row is surely not between the cursors: it stands at one of them, or is told from it by an id on the wrong
    /// side. A host that ignores conditions answers with such rows. Of other texts the database alone knows the order.
    fn leaves_out(&self, row: &Cursor) -> bool {
        let Query { after, before, .. } = self.query;
        [(after, false), (before, true)].into_iter().any(|(cursor, turned)| {
            let Some(cursor) = cursor else { return false };
            for ((path, descending), (here, held)) in self.keys.iter().zip(row.values.iter().zip(&cursor.values)) {
                if here == held || (here.is_absent() && held.is_absent()) {
                    continue;
                }
                let (Value::Text(here), Value::Text(held)) = (here, held) else { return false };
                return names(self.query.rows).contains(path) && (here > held) == (*descending != turned);
            }
            true
        })
    }

    /// The properties that may have no value, so far as is known.
    fn nullable(&self, never_null: &[&str]) -> Vec<&str> {
        self.paths().filter(|path| may_be_null(path) && !never_null.contains(path)).collect()
    }

    /// Which rows lie between the cursors.
    fn between(&self, known: Known<'_>) -> Between {
        let Query { after, before, .. } = self.query;
        let mut parts: Vec<Expr> = self.whole.filter.cloned().into_iter().collect();
        let same = self.same.as_ref().map(|(path, is)| (*path, is.as_str()));
        for (cursor, turned) in [(after, false), (before, true)] {
            let Some(cursor) = cursor else { continue };
            match behind(cursor, &self.keys, turned, same, known) {
                Behind::Always => {}
                Behind::Never => return Between::Nothing,
                Behind::When(condition) => parts.push(condition),
            }
        }
        Between::Filter(all(parts))
    }
}

impl Batch {
    /// The page of a query that begins or ends at a cursor, out of a list.
    pub(super) async fn sought(&self, query: &Query, listing: &ListRequest<'_>) -> Result<Rows, Broken> {
        let keys = query.order_keys();
        let order = spelled(&keys, false);
        let whole = ListRequest { order: &order, ..*listing };
        let same = same_for_all(query, listing.filter, listing.source);
        let take = match query.window {
            Window::Forward { take, .. } | Window::Backward { take } => take,
            Window::All => usize::MAX,
        };
        let page = Page { query, whole, keys, same, take };
        let kind = query.rows;
        if !self.rest().compares(kind) {
            return self.by_place(&page).await;
        }
        let Some(query) = self.expressible(&page).await? else { return self.by_place(&page).await };
        let page = Page { query: &query, ..page };
        let spelling = self.rest().spelling(kind);
        let refused = match self.by_values(&page).await {
            Err(refused) if may_refuse(&refused) => refused,
            read => return read,
        };
        // Whether it was the condition, the same without it tells.
        match self.by_place(&page).await {
            Err(failed) if may_refuse(&failed) => Err(refused),
            // It may have been another thing that this host spells otherwise, which is known now.
            Ok(_) if self.rest().spelling(kind) != spelling => self.by_values(&page).await,
            Ok(rows) => {
                self.rest().note_incomparable(kind);
                Ok(rows)
            }
            Err(Broken::Failed(fault)) if fault.kind() == FaultKind::CursorLost => {
                self.rest().note_incomparable(kind);
                Err(Broken::Failed(fault))
            }
            Err(failed) => Err(failed),
        }
    }

    /// The same query, if a condition can name all that its cursors hold. What is absent is null where the caller is seen to
    /// see the property at all.
    async fn expressible(&self, page: &Page<'_>) -> Result<Option<Query>, Broken> {
        let mut query = page.query.clone();
        let hidden = |query: &Query| {
            let cursors = query.after.iter().chain(&query.before);
            let absent = cursors.filter_map(|cursor| cursor.values.iter().position(|value| *value == Value::Absent));
            absent.min()
        };
        while let Some(number) = hidden(&query) {
            let Some((path, _)) = page.keys.get(number) else { return Ok(None) };
            if !matches!(self.where_nulls(page, path).await?, Some(Nulls::First | Nulls::Last)) {
                return Ok(None);
            }
            for cursor in query.after.iter_mut().chain(&mut query.before) {
                *cursor = Arc::new((**cursor).clone().seen(|place| place == number));
            }
        }
        let mut cursors = query.after.iter().chain(&query.before);
        Ok(cursors.all(|cursor| is_expressible(cursor, &page.keys)).then_some(query))
    }

    /// Reads the rows whose values lie between those of the cursors.
    async fn by_values(&self, page: &Page<'_>) -> Result<Rows, Broken> {
        let counted = async { if page.query.uncounted.total { self.count(page).await } else { Ok(None) } };
        let (mut rows, total) = try_join(self.values(page), counted).await?;
        if let (Some(total), Some(position)) = (total, &mut rows.position) {
            // Where the list is counted, there is no need to count from its end.
            for place in position.places.iter_mut().filter(|place| **place < 0) {
                *place = (*place + signed(total)).max(0);
            }
        }
        Ok(Rows { total, ..rows })
    }

    async fn values(&self, page: &Page<'_>) -> Result<Rows, Broken> {
        let kind = page.query.rows;
        let paths: Vec<&str> = page.paths().collect();
        let mut never_null = self.rest().never_null(kind, &paths);
        never_null.extend(names(kind));
        let nullable = page.nullable(&never_null);
        let known = |nulls| Known { nulls, never_null: &never_null };
        let mut nulls = if nullable.is_empty() { Some(Nulls::Never) } else { self.rest().nulls(kind) };
        let list = match self.between(page, known(nulls)).await {
            Ok(list) => list,
            // A condition on null is refused for what always has a value.
            Err(refused) if may_refuse(&refused) && nullable.len() == 1 && nulls != Some(Nulls::Never) => {
                let Ok(list) = self.between(page, known(Some(Nulls::Never))).await else { return Err(refused) };
                self.rest().note_never_null(kind, nullable[0]);
                nulls = Some(Nulls::Never);
                list
            }
            Err(failed) => return Err(failed),
        };
        let Some(path) = nulls.is_none().then(|| self.doubtful(page, &list)).flatten() else {
            return self.shown(page, list, known(nulls)).await;
        };
        match self.where_nulls(page, path).await? {
            found @ Some(Nulls::First | Nulls::Last) => {
                let list = self.between(page, known(found)).await?;
                self.shown(page, list, known(found)).await
            }
            // There is a row without a value, and at neither end of all there are, or at both.
            _ => self.by_place(page).await,
        }
    }

    /// The rows between the cursors, as far as they are wanted, in the direction of the query.
    async fn between(&self, page: &Page<'_>, known: Known<'_>) -> Result<ListResponse, Broken> {
        match page.between(known) {
            Between::Filter(filter) => {
                let list = self.some_between(page, filter.as_ref()).await?;
                let store = self.store();
                if list.rows.iter().any(|row| page.leaves_out(&Cursor::of_row(&store, *row, page.paths(), 0, 0))) {
                    return Err(Fault::invalid(LEFT_OUT).into());
                }
                drop(store);
                Ok(list)
            }
            Between::Nothing => Ok(ListResponse { rows: vec![], total: Some(0), end: 0 }),
        }
    }

    async fn some_between(&self, page: &Page<'_>, filter: Option<&Expr>) -> Result<ListResponse, Broken> {
        let order = spelled(&page.keys, page.query.is_backward());
        let listing = ListRequest { filter, order: &order, unsure: true, ..page.whole };
        self.rest().list_once(self.shared_store(), &listing, 0, Some(page.take)).await
    }

    /// The property by which a row lies between the cursors only if rows without a value come first, or only if they come
    /// last. Such rows stand at the ends: behind a cursor, the first row tells; before one that the reading ends at, any.
    fn doubtful<'p>(&self, page: &'p Page<'_>, list: &ListResponse) -> Option<&'p str> {
        let store = self.store();
        let doubt = |cursor: &Cursor, row: &Place| {
            let there = Cursor::of_row(&store, *row, page.paths(), 0, 0);
            for (path, (there, held)) in page.paths().zip(there.values.iter().zip(&cursor.values)) {
                if there.is_absent() != held.is_absent() {
                    return Some(path);
                }
                if there != held && !there.is_absent() {
                    return None;
                }
            }
            None
        };
        page.cursors().find_map(|cursor| {
            let first = page.first() == Some(cursor);
            list.rows.iter().take(if first { 1 } else { usize::MAX }).find_map(|row| doubt(cursor, row))
        })
    }

    /// Whether rows without a value come first or last; none when that cannot be seen. All rows that there are are looked at,
    /// not only those of the list.
    async fn where_nulls(&self, page: &Page<'_>, path: &str) -> Result<Option<Nulls>, Broken> {
        let cause = page.whole.cause.because(WHERE_NULLS);
        let end = async |order: String| {
            let listing = ListRequest { order: &order, cause, filter: None, ..page.whole };
            self.rest().list_once(self.shared_store(), &listing, 0, Some(1)).await
        };
        let (first, last) = join(end(path.to_owned()), end(format!("-{path}"))).await;
        let is_null = |list: ListResponse| {
            let row = *list.rows.first()?;
            let held = Cursor::of_row(&self.store(), row, std::iter::once(path), 0, 0);
            Some(held.values.iter().all(Value::is_absent))
        };
        Ok(match (is_null(first?), is_null(last?)) {
            (Some(true), Some(false)) => {
                self.rest().note_nulls(page.query.rows, Nulls::First);
                Some(Nulls::First)
            }
            (Some(false), Some(true)) => {
                self.rest().note_nulls(page.query.rows, Nulls::Last);
                Some(Nulls::Last)
            }
            (Some(false), Some(false)) => Some(Nulls::Never),
            _ => None,
        })
    }

    /// What a list between the cursors comes to.
    async fn shown(&self, page: &Page<'_>, mut list: ListResponse, known: Known<'_>) -> Result<Rows, Broken> {
        let (query, shown) = (page.query, list.rows.len());
        let more = match (list.total, page.between(known)) {
            (Some(total), _) => total > shown,
            (None, Between::Filter(filter)) if query.uncounted.next && shown == page.take => {
                let order = spelled(&page.keys, query.is_backward());
                let cause = page.whole.cause.because(ONE_MORE);
                let listing = ListRequest { filter: filter.as_ref(), order: &order, cause, unsure: true, ..page.whole };
                self.rest().follows(self.shared_store(), &listing, (&list.rows, list.end)).await?.0
            }
            _ => false,
        };
        let (after, before) = (query.after.as_deref(), query.before.as_deref());
        let (backward, count) = (query.is_backward(), i64::try_from(shown).unwrap_or(i64::MAX));
        if backward {
            list.rows.reverse();
        }
        let start = match (if backward { before } else { after }, backward) {
            // What is counted from the end stays so, and what is counted from the start as well.
            (Some(cursor), false) => i64::from(cursor.place) + 1,
            (Some(cursor), true) if cursor.place < 0 => i64::from(cursor.place) - count,
            (Some(cursor), true) => (i64::from(cursor.place) - count).max(0),
            (None, false) => 0,
            (None, true) => -count,
        };
        let from_end = start < 0 || page.first().is_some_and(|cursor| cursor.place < 0);
        let place = |index: i64| if from_end { (start + index).min(-1) } else { start + index };
        let position = Position {
            places: (0..count).map(place).collect(),
            previous: if backward { more || after.is_some() } else { after.is_some() },
            next: if backward { before.is_some() } else { more || before.is_some() },
            by_offset: false,
            seen: true,
        };
        Ok(Rows { rows: list.rows, shown, position: Some(position), ..Rows::default() })
    }

    /// How many rows the whole list has.
    async fn count(&self, page: &Page<'_>) -> Result<Option<usize>, Broken> {
        let listing = ListRequest { cause: page.whole.cause.because(COUNTED), ..page.whole };
        Ok(self.rest().list_once(self.shared_store(), &listing, 0, Some(0)).await?.total)
    }

    /// Reads the page by the place of its cursor.
    async fn by_place(&self, page: &Page<'_>) -> Result<Rows, Broken> {
        let Page { query, take, .. } = *page;
        let (after, before) = (query.after.as_deref(), query.before.as_deref());
        // The rows, the place of the first one, how many there are, and the place behind what was read.
        let (mut rows, mut start, mut total, behind) = match (query.is_backward(), after, before) {
            (false, Some(after), _) => {
                let (list, skip, at) = self.anchored(page, after, true).await?;
                (list.rows[at + 1..].to_vec(), Some(skip + at + 1), list.total, list.end)
            }
            (true, _, Some(before)) => {
                let (list, skip, at) = self.anchored(page, before, false).await?;
                (list.rows[..at].to_vec(), Some(skip), list.total, list.end)
            }
            (false, None, _) => {
                let list = self.part(page, (0, take), BY_PLACE).await?;
                (list.rows, Some(0), list.total, list.end)
            }
            (true, _, None) => {
                let order = spelled(&page.keys, true);
                let listing = ListRequest { order: &order, cause: page.whole.cause.because(BY_PLACE), ..page.whole };
                let mut list = self.rest().list_once(self.shared_store(), &listing, 0, Some(take)).await?;
                list.rows.reverse();
                (list.rows, None, list.total, list.end)
            }
        };
        let read = rows.len();
        let end = start.map(|start| start + read);
        match (query.is_backward(), after, before) {
            (false, _, Some(before)) => match self.index(page, before, &rows) {
                Some(at) => rows.truncate(at),
                None if self.is_before(page, before, &rows, start).await? => rows.clear(),
                None => {}
            },
            (true, Some(after), _) => match self.index(page, after, &rows) {
                Some(at) => {
                    rows.drain(..=at);
                    start = start.map(|start| start + at + 1);
                }
                // From the end it would be among the rows if it stood behind them.
                None if start.is_some() && !self.is_before(page, after, &rows, start).await? => rows.clear(),
                None => {}
            },
            _ => {}
        }
        let mut more = match (total, end) {
            (Some(total), Some(end)) => end < total,
            _ => false,
        };
        // Where the other cursor cut the rows, there is a next page anyway.
        if total.is_none() && query.uncounted.next && rows.len() == take && !query.is_backward() {
            let listing = ListRequest { cause: page.whole.cause.because(ONE_MORE), ..page.whole };
            more = self.rest().follows(self.shared_store(), &listing, (&rows, behind)).await?.0;
        }
        if total.is_none() && query.uncounted.total {
            total = self.count(page).await?;
        }
        let shown = rows.len();
        let first = start.map_or_else(|| -signed(shown), signed);
        let position = Position {
            places: (0..signed(shown)).map(|index| first + index).collect(),
            previous: after.is_some() || start.is_none_or(|start| start > 0),
            next: before.is_some() || more,
            by_offset: true,
            seen: false,
        };
        Ok(Rows { rows, total, shown, position: Some(position), ..Rows::default() })
    }

    /// The rows from a cursor's row on, or those that end with it, with the place of the first one and where the cursor's row
    /// is among them.
    async fn anchored(
        &self,
        page: &Page<'_>,
        cursor: &Cursor,
        forward: bool,
    ) -> Result<(ListResponse, usize, usize), Broken> {
        let mut at = self.expected(page, cursor).await?;
        for _ in 0..MOST_LOOKS {
            let skip = if forward { at } else { at.saturating_sub(page.take) };
            let take = if forward { page.take + 1 } else { at - skip + 1 };
            let list = self.part(page, (skip, take), BY_PLACE).await?;
            match self.index(page, cursor, &list.rows) {
                Some(found) if skip + found == at => return Ok((list, skip, found)),
                Some(found) => at = skip + found,
                None => {
                    let (_, skip, found) = self.around(page, cursor, at).await?;
                    at = skip + found;
                }
            }
        }
        Err(lost())
    }

    /// The place at which a cursor's row was.
    async fn expected(&self, page: &Page<'_>, cursor: &Cursor) -> Result<usize, Broken> {
        if let Ok(place) = usize::try_from(cursor.place) {
            return Ok(place);
        }
        let from_end = usize::try_from(cursor.place.unsigned_abs()).unwrap_or(usize::MAX);
        Ok(self.count(page).await?.ok_or_else(lost)?.saturating_sub(from_end))
    }

    /// Whether a cursor's row, which is none of some rows that follow each other, stands before all of them. Both are looked
    /// for in one answer, since rows may move between two; `start` is the place of the first one, for rows that are too far
    /// away.
    async fn is_before(
        &self,
        page: &Page<'_>,
        cursor: &Cursor,
        rows: &[Place],
        start: Option<usize>,
    ) -> Result<bool, Broken> {
        let at = self.expected(page, cursor).await?;
        let (list, skip, found) = self.around(page, cursor, at).await?;
        let store = self.store();
        let same = |row: &Place| {
            let held = Cursor::of_row(&store, *row, page.paths(), 0, 0);
            list.rows.iter().position(|other| held.is_at(&store, *other, page.paths()))
        };
        let near = rows.iter().rev().find_map(same);
        Ok(near.map_or_else(|| start.is_some_and(|start| skip + found < start), |near| found < near))
    }

    /// The rows around a place, with the place of the first one and where a cursor's row is among them.
    async fn around(
        &self,
        page: &Page<'_>,
        cursor: &Cursor,
        at: usize,
    ) -> Result<(ListResponse, usize, usize), Broken> {
        let skip = at.saturating_sub(NEARBY);
        let list = self.part(page, (skip, at - skip + 1 + NEARBY), LOOKED_FOR).await?;
        let found = self.index(page, cursor, &list.rows).ok_or_else(lost)?;
        Ok((list, skip, found))
    }

    async fn part(
        &self,
        page: &Page<'_>,
        (skip, take): (usize, usize),
        reason: &'static str,
    ) -> Result<ListResponse, Broken> {
        let listing = ListRequest { cause: page.whole.cause.because(reason), ..page.whole };
        self.rest().list_once(self.shared_store(), &listing, skip, Some(take)).await
    }

    /// Where a cursor's row is among some.
    fn index(&self, page: &Page<'_>, cursor: &Cursor, rows: &[Place]) -> Option<usize> {
        let store = self.store();
        rows.iter().position(|row| cursor.is_at(&store, *row, page.paths()))
    }
}

fn signed(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// A property that names rows and is the same for all of them: that of the only account whose members are asked for.
fn same_for_all(query: &Query, filter: Option<&Expr>, source: Source<'_>) -> Option<(&'static str, String)> {
    let constant = |name: &'static str| match (source, name) {
        (Source::Members { account, .. }, "account.id") => Some(account.to_owned()),
        (Source::UserAccounts { user }, "user.id") => Some(user.to_owned()),
        _ => match &filter?.limits(name)?[..] {
            [only] => Some((*only).to_owned()),
            _ => None,
        },
    };
    // Of other rows the id is the only name.
    let several = names(query.rows).iter().filter(|_| query.rows == Kind::AccountUser);
    several.into_iter().find_map(|name| Some((*name, constant(name)?)))
}

fn all(mut parts: Vec<Expr>) -> Option<Expr> {
    if parts.len() > 1 { Some(Expr::And(parts)) } else { parts.pop() }
}

/// The filter of a page as it is taken to be asked for at a source, for explanations.
pub(super) fn assumed(query: &Query, filter: Option<Expr>, source: Source<'_>) -> Option<Expr> {
    let keys = query.order_keys();
    let same = same_for_all(query, filter.as_ref(), source);
    let same = same.as_ref().map(|(path, is)| (*path, is.as_str()));
    let known = Known { nulls: None, never_null: &[] };
    let ends = [(&query.after, false), (&query.before, true)].into_iter().filter_map(|(cursor, turned)| {
        let cursor = cursor.as_deref().filter(|cursor| is_expressible(cursor, &keys))?;
        match behind(cursor, &keys, turned, same, known) {
            Behind::When(condition) => Some(condition),
            Behind::Always | Behind::Never => None,
        }
    });
    all(filter.into_iter().chain(ends).collect())
}
