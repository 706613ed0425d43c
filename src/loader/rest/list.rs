//! Lists: page after page until all rows are there that are wanted.
//!
//! An upstream need not say how many rows there are, and may give fewer at a time than it was asked for, so a list goes on
//! from the rows that came (`accounts-api-v5.md` section 5.1). A list is whole or a fault, and never cut without a word.
//! Its pages overlap by a row and are compared (`pages.rs`), since rows may be inserted and deleted between two requests.

use super::{
    ListRequest, RestClient,
    broken::{APART, Broken, REPEATED},
    pages::{Asked, ListResponse, Page, Pages, Row},
};
use crate::{
    entity::kind::Kind,
    fault::Fault,
    loader::{
        limits::PAGE,
        store::{Place, Store},
        trace::Cause,
    },
};
use futures::future::try_join_all;
use parking_lot::Mutex;
use std::sync::Arc;

pub(in crate::loader) const FURTHER_PAGE: &str =
    "The rows do not fit one page: the further ones are asked for together.";
const NEXT_PAGE: &str =
    "The rows do not fit one page, and how many pages there are is not known: they follow each other.";
const MOVED: &str = "Rows moved between the pages of the list, so the list is requested again from its start.";

const APART_BY_ROWS: &str = "Rows moved between two pages, so the rows before the second one are requested again until both have one in common.";

/// How often a list is read before moving rows become an error.
const MOST_READS: usize = 3;

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

impl RestClient {
    /// Rows of a collection from `skip` on: `take` of them, or all. Pages after the first are asked for together where it
    /// is known how many they are.
    ///
    /// # Errors
    ///
    /// The fault of the first request that failed, or that pages contradict each other: a list is whole or not there.
    pub async fn list(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        skip: usize,
        take: Option<usize>,
    ) -> Result<ListResponse, Arc<Fault>> {
        let mut reads = Reads::first();
        loop {
            let listing = ListRequest { cause: reads.cause(listing.cause), ..*listing };
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
    /// As [`RestClient::list`], and that rows moved.
    pub async fn list_once(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        skip: usize,
        take: Option<usize>,
    ) -> Result<ListResponse, Broken> {
        let first = self.first_page(store, listing, skip, take).await?;
        self.remaining_pages(store, listing, first, FURTHER_PAGE).await
    }

    /// The first page of what [`RestClient::list`] loads.
    ///
    /// # Errors
    ///
    /// As [`RestClient::list`].
    pub async fn first_page(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
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
    /// As [`RestClient::list`].
    pub async fn next_page(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        pages: &mut Pages,
    ) -> Result<(), Broken> {
        let listing = ListRequest { cause: listing.cause.because(NEXT_PAGE), ..*listing };
        self.add_page(store, &listing, pages).await?;
        differ(store, listing.kind, &pages.rows)
    }

    /// What is missing behind some pages, which are asked for with this reason where they are asked for together.
    ///
    /// # Errors
    ///
    /// As [`RestClient::list`].
    pub async fn remaining_pages(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        mut pages: Pages,
        reason: &'static str,
    ) -> Result<ListResponse, Broken> {
        while !pages.done() {
            match pages.total {
                Some(total) if pages.steady && pages.overlaps() && total > pages.end => {
                    let listing = ListRequest { cause: listing.cause.because(reason), ..*listing };
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
        listing: &ListRequest<'_>,
        pages: &mut Pages,
        total: usize,
    ) -> Result<(), Broken> {
        let (start, step, stride, most) = (pages.end, pages.step, pages.stride(), pages.most);
        let end = start.saturating_add(pages.enough - pages.rows.len()).min(total);
        let room = start.saturating_add(pages.room());
        // A total that is out of all proportion is not worth a single page of it.
        if (end - start).div_ceil(stride) > self.budget.requests {
            return Err(self.over_budget().into());
        }
        // The last page is asked for no fewer rows than the others: there should be no more than were counted.
        let asked = (start - 1..end - 1).step_by(stride).map(|offset| (offset, step.min(room - offset)));
        let parts = asked.map(async |asked| Ok::<_, Broken>((self.page(store, listing, most, asked).await?, asked)));
        for (page, asked) in try_join_all(parts).await? {
            if pages.done() || !self.connect(store, listing, pages, &page, asked).await? {
                break;
            }
        }
        differ(store, listing.kind, &pages.rows)
    }

    async fn add_page(&self, store: &Mutex<Store>, listing: &ListRequest<'_>, pages: &mut Pages) -> Result<(), Broken> {
        let asked = pages.next();
        let page = self.page(store, listing, pages.most, asked).await?;
        self.connect(store, listing, pages, &page, asked).await.map(drop)
    }

    /// Adds a page. If it does not begin with the last row of the one before, rows moved between the two requests: then
    /// what lies before it is read again. Says whether the page goes on where the rows end now.
    async fn connect(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        pages: &mut Pages,
        page: &Page,
        asked: Asked,
    ) -> Result<bool, Broken> {
        if pages.add(store, listing, page, asked)? {
            return Ok(true);
        }
        pages.in_vain(listing.kind)?;
        let cause = listing.cause.because(APART_BY_ROWS);
        let again = (pages.end.saturating_sub(pages.longest).max(pages.skip), pages.longest.min(PAGE));
        // What was read of it is older.
        self.ask_afresh(&listing.source.path(listing.kind));
        let between = self.page(store, &ListRequest { cause, ..*listing }, pages.most, again).await?;
        if !pages.add(store, listing, &between, again)? {
            return Err(Broken::Moved(listing.kind.upstream(), APART));
        }
        Ok(pages.done() || pages.add(store, listing, page, asked)?)
    }

    /// Whether a list goes on behind some rows of it, which end at a place, and how many rows there are, if that is said.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that rows moved meanwhile.
    pub async fn follows(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        (rows, end): (&[Place], usize),
    ) -> Result<(bool, Option<usize>), Broken> {
        let shared = usize::from(!rows.is_empty());
        let page = self.page(store, listing, 1, (end - shared, 1 + shared)).await?;
        if let Some(last) = rows.last() {
            let store = store.lock();
            let row = Row::of(&store, listing);
            if !page.rows.first().is_some_and(|first| row.same(*last, *first)) {
                return Err(Broken::Moved(listing.kind.upstream(), APART));
            }
        }
        Ok((page.rows.len() > shared, page.total))
    }
}

/// Refuses rows that came more than once, on one page or on several: others did not come in their stead.
pub(in crate::loader) fn differ(store: &Mutex<Store>, kind: Kind, rows: &[Place]) -> Result<(), Broken> {
    let store = store.lock();
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
