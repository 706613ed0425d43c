//! Lists: page after page until all rows are there that are wanted.
//!
//! An upstream need not say how many rows there are, and may give fewer at a time than it was asked for, so a list goes on
//! from the rows that came (`accounts-api-v5.md` section 5.1). A list is whole or a fault, and never cut without a word.

use super::{Listing, PAGE, Rest};
use crate::{
    entity::kind::{Kind, Upstream},
    fault::Fault,
    loader::{
        store::{Place, Store},
        trace::Cause,
    },
};
use futures::future::try_join_all;
use std::sync::{Arc, Mutex, PoisonError};

pub(in crate::loader) const FURTHER_PAGE: &str =
    "The rows do not fit one page: the further ones are asked for together.";
const NEXT_PAGE: &str =
    "The rows do not fit one page, and how many pages there are is not known: they follow each other.";
const MOVED: &str = "Rows moved between the pages of the list, so the list is requested again from its start.";

const COUNTED_DIFFERENTLY: &str = "counted a list differently on its pages, so the list may not be whole.";
const REPEATED: &str = "repeated a row of a list, so the list may not be whole.";

/// How often a list is read before moving rows become an error.
const MOST_READS: usize = 3;

/// Why a list could not be read to its end.
pub enum Broken {
    /// Rows moved from one page to another while the pages of this upstream were read. Another attempt may succeed.
    Moved(Upstream, &'static str),
    /// Anything else.
    Failed(Arc<Fault>),
}

impl Broken {
    /// The list has another length than before.
    pub(in crate::loader) const COUNTED: Broken = Broken::Moved(Upstream::Accounts, COUNTED_DIFFERENTLY);

    fn into_fault(self) -> Arc<Fault> {
        match self {
            Broken::Moved(upstream, message) => Arc::new(Fault::invalid(format!("{} {message}", upstream.name()))),
            Broken::Failed(fault) => fault,
        }
    }
}

impl From<Arc<Fault>> for Broken {
    fn from(fault: Arc<Fault>) -> Self {
        Broken::Failed(fault)
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Broken::Failed(Arc::new(fault))
    }
}

/// Counts how often one list was read.
pub(in crate::loader) struct Reads(usize);

impl Reads {
    /// The first time.
    pub(in crate::loader) const fn first() -> Self {
        Reads(1)
    }

    /// What the next requests are for: their own cause, or that the list is read again.
    pub(in crate::loader) fn cause<'a>(&self, cause: Cause<'a>) -> Cause<'a> {
        if self.0 > 1 { cause.because(MOVED) } else { cause }
    }

    /// What came of reading a list; none when the list should be read once more.
    pub(in crate::loader) fn judge<T>(&mut self, read: Result<T, Broken>) -> Option<Result<T, Arc<Fault>>> {
        match read {
            Err(Broken::Moved(..)) if self.0 < MOST_READS => {
                self.0 += 1;
                None
            }
            read => Some(read.map_err(Broken::into_fault)),
        }
    }
}

/// A list as far as it was wanted.
pub struct List {
    /// The rows.
    pub rows: Vec<Place>,
    /// How many there are in all, when the upstream says so or its last row came.
    pub total: Option<usize>,
}

/// One page of a list.
pub(super) struct Page {
    /// The rows, no more of them than there was room for.
    pub(super) rows: Vec<Place>,
    /// How many rows the answer had.
    pub(super) came: usize,
    /// How many there are in all.
    pub(super) total: Option<usize>,
    /// The limit that the upstream says it applied.
    pub(super) limit: Option<usize>,
}

/// A list of which some pages came.
pub struct Pages {
    rows: Vec<Place>,
    total: Option<usize>,
    /// The place of the first row.
    skip: usize,
    /// How many rows there is room for.
    take: usize,
    /// With how many rows nothing is missing.
    enough: usize,
    /// How many rows may come at once, for the choice of what is asked with them.
    most: usize,
    /// How many rows the last page had.
    step: usize,
    /// Whether further pages can be expected to have as many rows as the last one.
    steady: bool,
    /// Whether nothing comes behind the rows.
    ended: bool,
}

impl Pages {
    fn new((skip, take): (usize, usize), most: usize, enough: usize) -> Self {
        let (rows, total, step, steady, ended) = (vec![], None, 0, false, false);
        Pages { rows, total, skip, take, enough, most, step, steady, ended }
    }

    /// The place behind the last row.
    fn end(&self) -> usize {
        self.skip.saturating_add(self.rows.len())
    }

    fn room(&self) -> usize {
        self.take - self.rows.len()
    }

    /// How many rows the next page is asked for. A count asks for one row: some hosts return a total of 0 when they do not
    /// know it, and only a row contradicts that.
    fn limit(&self) -> usize {
        self.room().clamp(1, PAGE)
    }

    fn done(&self) -> bool {
        self.ended || self.rows.len() >= self.enough
    }

    /// How many more pages there are; none when that is not known.
    #[must_use]
    pub fn further(&self) -> Option<usize> {
        if self.done() {
            return Some(0);
        }
        Some(self.total?.saturating_sub(self.end()).div_ceil(self.step.max(1)))
    }

    /// Adds a page that was asked for with a limit.
    fn add(&mut self, page: Page, limit: usize) -> Result<(), Broken> {
        let (came, start) = (page.came, self.end());
        if self.total.is_some() && page.total.is_some() && self.total != page.total {
            return Err(Broken::COUNTED);
        }
        self.total = self.total.or(page.total);
        let full = came >= page.limit.map_or(limit, |applied| applied.min(limit));
        self.ended = match self.total {
            Some(total) if came > 0 && start + came > total => {
                let message = format!("The accounts API counts {total} rows and answered with more.");
                return Err(Fault::invalid(message).into());
            }
            Some(total) if came == 0 && start < total => {
                let message =
                    format!("The accounts API counts {total} rows and answered with none after the first {start}.");
                return Err(Fault::invalid(message).into());
            }
            Some(total) => start + came >= total,
            // Without a limit that it applied, a page may be short for no other reason than that.
            None => came == 0 || (page.limit.is_some() && !full),
        };
        self.rows.extend(page.rows);
        // A page may be shorter than its own limit says. The next one tells whether that is how long they are here.
        self.steady = came > 0 && (full || came == self.step);
        self.step = came;
        Ok(())
    }

    fn into_list(self) -> List {
        // An empty page only tells how many there are if the rows before it were seen.
        let counted = self.ended && (self.skip == 0 || !self.rows.is_empty());
        let total = self.total.or(counted.then_some(self.end()));
        List { rows: self.rows, total }
    }
}

impl Rest {
    /// Rows of a collection from `skip` on: `take` of them, or all. Pages after the first are asked for together where it
    /// is known how many they are.
    ///
    /// # Errors
    ///
    /// The fault of the first request that failed, or that pages contradict each other: a list is whole or not there.
    pub async fn list(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        skip: usize,
        take: Option<usize>,
    ) -> Result<List, Arc<Fault>> {
        let mut reads = Reads::first();
        loop {
            let listing = Listing { cause: reads.cause(listing.cause), ..*listing };
            let read = self.list_once(store, &listing, skip, take).await;
            if let Some(list) = reads.judge(read) {
                return list;
            }
            self.ask_afresh(&listing.source.path(listing.kind));
        }
    }

    /// The same, but not again when rows moved.
    ///
    /// # Errors
    ///
    /// As [`Rest::list`], and that rows moved.
    pub async fn list_once(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        skip: usize,
        take: Option<usize>,
    ) -> Result<List, Broken> {
        let first = self.first_page(store, listing, skip, take).await?;
        self.remaining_pages(store, listing, first, FURTHER_PAGE).await
    }

    /// The first page of what [`Rest::list`] loads.
    ///
    /// # Errors
    ///
    /// As [`Rest::list`].
    pub async fn first_page(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        skip: usize,
        take: Option<usize>,
    ) -> Result<Pages, Broken> {
        let take = take.unwrap_or(usize::MAX);
        let enough = listing.rows.unwrap_or(usize::MAX).min(take);
        let mut pages = Pages::new((skip, take), listing.rows.unwrap_or(take.min(PAGE)), enough);
        self.add_page(store, listing, &mut pages).await?;
        // A list by ids that is short already says so, by the id that is missing.
        if listing.rows.is_none() {
            differ(store, listing.kind, &pages.rows)?;
        }
        Ok(pages)
    }

    /// One page more, where it is not known how many there are.
    ///
    /// # Errors
    ///
    /// As [`Rest::list`].
    pub async fn next_page(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        pages: &mut Pages,
    ) -> Result<(), Broken> {
        let listing = Listing { cause: listing.cause.because(NEXT_PAGE), ..*listing };
        self.add_page(store, &listing, pages).await?;
        differ(store, listing.kind, &pages.rows)
    }

    /// What is missing behind some pages, which are asked for with this reason where they are asked for together.
    ///
    /// # Errors
    ///
    /// As [`Rest::list`].
    pub async fn remaining_pages(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        mut pages: Pages,
        reason: &'static str,
    ) -> Result<List, Broken> {
        while !pages.done() {
            match pages.total {
                Some(total) if pages.steady => {
                    let listing = Listing { cause: listing.cause.because(reason), ..*listing };
                    self.together(store, &listing, &mut pages, total).await?;
                }
                _ => self.next_page(store, listing, &mut pages).await?,
            }
        }
        Ok(pages.into_list())
    }

    /// All that is missing, at once.
    async fn together(
        &self,
        store: &Mutex<Store>,
        listing: &Listing<'_>,
        pages: &mut Pages,
        total: usize,
    ) -> Result<(), Broken> {
        let (start, step) = (pages.end(), pages.step);
        let end = pages.skip.saturating_add(pages.enough).min(total);
        let room = pages.skip.saturating_add(pages.take);
        // A total that is out of all proportion is not worth a single page of it.
        if (end - start).div_ceil(step) > self.budget.requests {
            return Err(self.over_budget().into());
        }
        let most = pages.most;
        let parts = (start..end).step_by(step).map(|skip| async move {
            // The last page is asked for no fewer rows than the others: there should be no more than were counted.
            let (take, enough) = (step.min(room - skip), step.min(end - skip));
            let mut part = Pages { total: Some(total), ..Pages::new((skip, take), most, enough) };
            while !part.done() {
                self.add_page(store, listing, &mut part).await?;
            }
            Ok::<_, Broken>(part.rows)
        });
        for rows in try_join_all(parts).await? {
            pages.rows.extend(rows);
        }
        pages.ended = end == total;
        differ(store, listing.kind, &pages.rows)
    }

    async fn add_page(&self, store: &Mutex<Store>, listing: &Listing<'_>, pages: &mut Pages) -> Result<(), Broken> {
        let limit = pages.limit();
        let page = self.page(store, listing, pages.most, (pages.end(), limit), pages.room()).await?;
        pages.add(page, limit)
    }
}

/// Refuses rows that came more than once, on one page or on several: others did not come in their stead.
pub(in crate::loader) fn differ(store: &Mutex<Store>, kind: Kind, rows: &[Place]) -> Result<(), Broken> {
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    // Some rows have the id of something else than the list is of, which is told once as well.
    let own = |row: &Place| store.tape(*row).plain(store.tape(*row).get(row.at, "id")?);
    let id = |row: &Place| store.id(*row, kind).or_else(|| own(row));
    let mut ids: Vec<&str> = rows.iter().filter_map(id).collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(());
    }
    Err(Broken::Moved(kind.upstream(), REPEATED))
}
