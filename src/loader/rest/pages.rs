//! The pages of one list that came, joined to one another.
//!
//! Rows may be inserted and deleted between the requests for two pages. So each page begins with the last row of the one
//! before, and only where that row stands there with the same sort values do the two fit: then all rows before it are on
//! the pages before, and all rows behind it on the pages behind, whatever happened elsewhere.

use super::{
    ListRequest,
    broken::{APART, Broken, REPEATED},
};
use crate::{
    entity::kind::Kind,
    fault::Fault,
    loader::{
        cursor::{Cursor, names},
        limits::PAGE,
        store::{Place, Store},
    },
};
use parking_lot::Mutex;

/// How many pages of one reading may bring the list no further.
const MOST_IN_VAIN: usize = 10;

/// How many pages of such a length a list takes: each begins with the last row of the one before.
#[must_use]
pub fn pages_of(rows: usize, page: usize) -> usize {
    1 + rows.saturating_sub(page).div_ceil(page - 1)
}

/// A list as far as it was wanted.
pub struct ListResponse {
    /// The rows.
    pub rows: Vec<Place>,
    /// How many there are in all, when the upstream says so or its last row came.
    pub total: Option<usize>,
    /// The place behind the last row.
    pub end: usize,
}

/// One page of a list.
pub(super) struct Page {
    /// The rows.
    pub(super) rows: Vec<Place>,
    /// How many there are in all.
    pub(super) total: Option<usize>,
    /// The limit that the upstream says it applied.
    pub(super) limit: Option<usize>,
}

/// Where a page was asked for: from which place on, and how many rows.
pub(super) type Asked = (usize, usize);

/// A list of which some pages came.
pub struct Pages {
    pub(super) rows: Vec<Place>,
    /// How many rows there were when the first page came.
    counted: Option<usize>,
    /// How many rows there are, as the last page that said so has it.
    pub(super) total: Option<usize>,
    /// The place of the first row.
    pub(super) skip: usize,
    /// The place behind the last row when it was read.
    pub(super) end: usize,
    /// How many rows there is room for.
    take: usize,
    /// With how many rows nothing is missing.
    pub(super) enough: usize,
    /// How many rows may come at once, for the choice of what is asked with them.
    pub(super) most: usize,
    /// How many rows the last page had.
    pub(super) step: usize,
    /// How many rows the longest page had.
    pub(super) longest: usize,
    /// Whether further pages can be expected to have as many rows as the last one.
    pub(super) steady: bool,
    /// Whether nothing comes behind the rows.
    ended: bool,
    /// How many pages brought the list no further.
    vain: usize,
}

impl Pages {
    pub(super) fn new((skip, take): (usize, usize), most: usize, enough: usize) -> Self {
        Pages {
            rows: vec![],
            counted: None,
            total: None,
            skip,
            end: skip,
            take,
            enough,
            most,
            step: 0,
            longest: 0,
            steady: false,
            ended: false,
            vain: 0,
        }
    }

    pub(super) fn room(&self) -> usize {
        self.take - self.rows.len()
    }

    /// Whether a page begins with the last row of the one before. Where pages have one row each, nothing else would come.
    pub(super) fn overlaps(&self) -> bool {
        !self.rows.is_empty() && self.longest > 1
    }

    /// What the next page is asked for. A count asks for one row: some hosts return a total of 0 when they do not know it,
    /// and only a row contradicts that.
    pub(super) fn next(&self) -> Asked {
        let shared = usize::from(self.overlaps());
        (self.end - shared, self.room().saturating_add(shared).clamp(1, PAGE))
    }

    pub(super) fn done(&self) -> bool {
        self.ended || self.rows.len() >= self.enough
    }

    /// How many more pages there are; none when that is not known.
    #[must_use]
    pub fn further(&self) -> Option<usize> {
        if self.done() {
            return Some(0);
        }
        Some(self.total?.saturating_sub(self.end).div_ceil(self.stride()))
    }

    /// How many rows the next page has that no page before it has.
    pub(super) fn stride(&self) -> usize {
        self.step.saturating_sub(1).max(1)
    }

    /// Where a page goes on: how many of the rows stay, and the first row of the page that comes behind them. Both lists
    /// have the row in between, with the same sort values, so what comes behind it in one does so in the other. None when
    /// they have no row in common.
    fn joint(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        page: &Page,
        offset: usize,
    ) -> Result<Option<(usize, usize)>, Broken> {
        let store = store.lock();
        let row = Row::of(&store, listing);
        if let ([first, ..], [again, ..]) = (&self.rows[..], &page.rows[..])
            && offset > self.skip
            && row.same(*first, *again)
        {
            // So many rows are not inserted between two requests: the host ignores the offset.
            return Err(Broken::Moved(listing.kind.upstream(), REPEATED));
        }
        let last = (1..=self.rows.len()).rev().take(PAGE);
        let mut found = last.filter_map(|kept| {
            let place = page.rows.iter().position(|other| row.same(self.rows[kept - 1], *other))?;
            Some((kept, place + 1))
        });
        Ok(found.next())
    }

    /// Adds a page, and says whether it goes on where the rows end.
    pub(super) fn add(
        &mut self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        page: &Page,
        (offset, limit): Asked,
    ) -> Result<bool, Broken> {
        let came = page.rows.len();
        let end = offset + came;
        match page.total {
            Some(total) if came > 0 && end > total => {
                let message = format!("The accounts API counts {total} rows and answered with more.");
                return Err(Fault::invalid(message).into());
            }
            Some(total) if came == 0 && end < total => return Err(none_after(total, end)),
            _ => {}
        }
        let (kept, from) = if self.overlaps() {
            let Some(joint) = self.joint(store, listing, page, offset)? else { return Ok(false) };
            joint
        } else if self.rows.is_empty() || came == 0 {
            (self.rows.len(), 0)
        } else {
            // Nothing tells whether the row follows the one that came before.
            return Err(Broken::Moved(listing.kind.upstream(), APART));
        };
        // Where the common row stands further back than before, rows were inserted before it, or an earlier page left some out.
        let later = (offset + from).saturating_sub(self.skip + kept);
        let more = page.total.zip(self.counted).map_or(0, |(now, then)| now.saturating_sub(then));
        if from > 0 && later > more {
            return Err(Broken::Moved(listing.kind.upstream(), APART));
        }
        let news = came - from;
        let full = came >= page.limit.map_or(limit, |applied| applied.min(limit));
        self.ended = match page.total {
            Some(total) => end >= total,
            // Without a limit that it applied, a page may be short for no other reason than that. One that repeats more than
            // the last row may have no room for what follows.
            None => (news == 0 && from <= 1) || (page.limit.is_some() && !full) || self.total == Some(end),
        };
        if let (false, 0, 1, Some(total)) = (self.ended, news, came, page.total) {
            return Err(none_after(total, end));
        }
        let before = self.rows.len();
        self.rows.truncate(kept);
        let news = news.min(self.room());
        self.rows.extend(&page.rows[from..from + news]);
        self.end = offset + from + news;
        self.total = page.total.or(self.total);
        self.counted = self.counted.or(page.total);
        // A page may be shorter than its own limit says. The next one tells whether that is how long they are here.
        self.steady = came > 0 && (full || came == self.step);
        self.step = came;
        self.longest = self.longest.max(came);
        if !self.done() && self.rows.len() <= before {
            self.in_vain(listing.kind)?;
        }
        Ok(true)
    }

    /// Notes a page that brought nothing.
    pub(super) fn in_vain(&mut self, kind: Kind) -> Result<(), Broken> {
        self.vain += 1;
        if self.vain > MOST_IN_VAIN { Err(Broken::Moved(kind.upstream(), APART)) } else { Ok(()) }
    }

    pub(super) fn into_list(self) -> ListResponse {
        let seen = self.skip.saturating_add(self.rows.len());
        // An empty page only tells how many there are if the rows before it were seen.
        let counted = self.ended && (self.skip == 0 || !self.rows.is_empty());
        let total = match self.total {
            Some(total) if self.rows.is_empty() => Some(total),
            // Those before and on the pages, and those behind them.
            Some(total) => Some(seen.saturating_add(total.saturating_sub(self.end))),
            None => counted.then_some(seen),
        };
        ListResponse { rows: self.rows, total, end: self.end }
    }
}

fn none_after(total: usize, rows: usize) -> Broken {
    let message = format!("The accounts API counts {total} rows and answered with none after the first {rows}.");
    Fault::invalid(message).into()
}

/// By what a row of a list is known again: what the list is ordered by, its names included.
pub(super) struct Row<'a> {
    store: &'a Store,
    paths: Vec<&'a str>,
    names: &'static [&'static str],
}

impl<'a> Row<'a> {
    pub(super) fn of(store: &'a Store, listing: &ListRequest<'a>) -> Self {
        let names = names(listing.kind);
        let mut paths: Vec<&str> = listing.order.split(',').map(|path| path.trim_start_matches('-')).collect();
        paths.extend(names.iter().copied().filter(|name| !listing.order.split(',').any(|path| path == *name)));
        Row { store, paths, names }
    }

    /// Whether two rows are the same at the same place of the order. One without a name is no other.
    pub(super) fn same(&self, one: Place, other: Place) -> bool {
        let paths = || self.paths.iter().copied();
        self.names.iter().all(|name| !Cursor::lacks_id(self.store, one, name))
            && Cursor::of_row(self.store, one, paths(), 0, 0).is_at(self.store, other, paths())
    }
}
