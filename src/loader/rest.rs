//! Lists and single entities from the upstream: the spelling of a request, pages, and what to try when a host refuses a
//! spelling that is documented but not supported everywhere.

mod answers;
mod broken;
mod compare;
mod detail;
mod list;
mod nested;
mod pages;
mod routes;
mod wavefront;
mod write;

use super::{
    canonical::Asking,
    limits::MAX_PATH,
    source::{self, Source},
    store::{Place, Store},
    trace::{Call, Cause, Trace},
};
use crate::{
    entity::{
        kind::{KINDS, Kind, Upstream},
        model::{FieldSet, Model},
        tape::{Json, Tape},
    },
    fault::{Fault, FaultKind},
    upstream::{
        client::{Client, Seen},
        credentials::Credentials,
        marketplace::host::Host,
        memory::{Clock, Discovery, Memory},
        rql::Expr,
        select::Select,
    },
};
use answers::Answers;
pub use broken::Broken;
pub(super) use detail::detail_target;
pub(super) use list::{FURTHER_PAGE, Reads, differ};
use pages::Page;
pub use pages::{ListResponse, Pages, pages_of};
pub use wavefront::{Following, Found, Wavefront};
pub(super) use wavefront::{accounts_call, list_call, one_call};
pub use write::Writing;

use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};
use tokio::time::Instant;

const TOO_DEEP: &str =
    "The upstream refused to tell of embedded entities with their holders, so these are asked alone.";
const OTHER_SPELLING: &str = "The upstream refused the spelling that takes fewest bytes, so another one is tried.";

/// What a host turned out to refuse: spellings, by collection, forms and routes; nothing that a caller's data could be read
/// from.
#[derive(Debug)]
pub struct ServerQuirks {
    /// `select=-*` is refused.
    additive: [Discovery; KINDS],
    /// `in` inside `any` is refused.
    single_any: [Discovery; KINDS],
    /// `gt` and `lt` on texts are refused.
    incomparable: [Discovery; KINDS],
    /// Rows without a value come first in an ascending order.
    nulls_first: [Discovery; KINDS],
    /// Rows without a value come last in an ascending order.
    nulls_last: [Discovery; KINDS],
    /// Properties that always have a value, by collection and path: the upstream refuses to compare them with null.
    never_null: Memory,
    /// The fields of which nothing beyond the reduced form may be selected, as bits, and whether that still holds.
    flat: [(AtomicU64, Discovery); KINDS],
    /// Where what is new is accepted as `multipart/form-data` only.
    multipart: Memory,
    /// Routes that are not there.
    missing: Memory,
    /// Collections that are there.
    there: Memory,
    /// The clock by which all of it is forgotten again.
    clock: Clock,
}

impl Default for ServerQuirks {
    fn default() -> Self {
        ServerQuirks::new(Clock::default())
    }
}

impl ServerQuirks {
    /// Of a host of which nothing is known yet; what is learned is forgotten by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let memory = || Memory::remembering(clock.remembered());
        ServerQuirks {
            additive: Default::default(),
            single_any: Default::default(),
            incomparable: Default::default(),
            nulls_first: Default::default(),
            nulls_last: Default::default(),
            never_null: memory(),
            flat: Default::default(),
            multipart: memory(),
            missing: memory(),
            there: memory(),
            clock,
        }
    }

    /// Remembers in which spelling a request was answered after another one was refused.
    fn learn(&self, kind: Kind, refused: Spelling, answered: Spelling) {
        for (found, what, changed) in [
            (&self.additive[kind as usize], "select=-*", refused.only && !answered.only),
            (&self.single_any[kind as usize], "in inside any", refused.in_any && !answered.in_any),
        ] {
            if changed && found.note(&self.clock) {
                let collection = kind.collection();
                tracing::info!(
                    collection,
                    "The accounts API refuses {what} for {collection}: it is spelled otherwise."
                );
            }
        }
    }
}

/// The REST side of one operation.
pub struct RestClient {
    client: Client,
    credentials: Credentials,
    dialect: Arc<ServerQuirks>,
    /// When what is asked now has to be there.
    until: Mutex<Instant>,
    sent: SentCounter,
    budget: Budget,
    entities: AtomicUsize,
    answers: Answers,
    trace: Option<Trace>,
    host: Arc<Host>,
    wavefront: Option<Wavefront>,
    /// Whether what is wanted of embedded entities may be asked with their holders.
    nesting: bool,
}

/// What one operation may take from the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests that it may send.
    pub requests: usize,
    /// Entities that it may read: rows of lists, and what is asked by id.
    pub entities: usize,
}

/// How many requests an operation sent so far.
#[derive(Debug, Clone, Default)]
pub struct SentCounter(Arc<AtomicUsize>);

impl SentCounter {
    /// The number.
    #[must_use]
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more, unless that would be more than `budget`.
    fn spend(&self, budget: usize) -> bool {
        let one_more = |sent: usize| (sent < budget).then_some(sent + 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }
}

/// How a request is spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Spelling {
    /// `select` leaves out the default form.
    only: bool,
    /// `in` may stand inside `any`.
    in_any: bool,
    /// What is wanted of embedded entities is asked as well.
    nested: bool,
}

/// A list request without its page.
#[derive(Clone, Copy)]
pub struct ListRequest<'a> {
    /// What the rows are.
    pub kind: Kind,
    /// Where they are asked for.
    pub source: Source<'a>,
    /// Which rows.
    pub filter: Option<&'a Expr>,
    /// What of them.
    pub select: &'a Arc<Select>,
    /// The value of `order`.
    pub order: &'a str,
    /// What it is asked for.
    pub cause: Cause<'a>,
    /// How many rows come at most, where that is less than a page.
    pub rows: Option<usize>,
    /// Whether the filter has a condition that not all hosts support: if it is refused, no other spelling is tried.
    pub unsure: bool,
}

impl RestClient {
    /// The REST side of an operation that may take `budget` and ask until then, recorded when there is a trace.
    #[must_use]
    pub fn new(
        client: Client,
        credentials: Credentials,
        dialect: Arc<ServerQuirks>,
        until: Instant,
        budget: Budget,
        trace: Option<Trace>,
    ) -> Self {
        let until = Mutex::new(until);
        let (sent, entities) = (SentCounter::default(), AtomicUsize::new(0));
        let (answers, host, wavefront, nesting) = (Answers::default(), Arc::default(), None, true);
        RestClient {
            client,
            credentials,
            dialect,
            until,
            sent,
            budget,
            entities,
            answers,
            trace,
            host,
            wavefront,
            nesting,
        }
    }

    /// From now on everything has to be there until then.
    pub fn ask_until(&self, until: Instant) {
        *self.until.lock() = until;
    }

    fn until(&self) -> Instant {
        *self.until.lock()
    }

    /// Where what is sent is recorded.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Counts what is sent.
    #[must_use]
    pub fn sent_counter(&self) -> SentCounter {
        self.sent.clone()
    }

    /// One entity by its id; none when there is none, or none that the caller may see.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the upstream answered with another entity.
    pub async fn one(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        id: &str,
        select: &Arc<Select>,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let model = model(store);
        let choice = self.choose(&model, kind, select, 1);
        let cause = Cause { nested: &choice.told, ..cause };
        let path = |spelling: Spelling| entity_target(&model, kind, id, choice.select(spelling.nested), spelling.only);
        self.check_collection(kind)?;
        let (tape, spelling) = match self.spelled(kind, (false, choice.asked), cause, path).await {
            Ok(spelled) => spelled,
            Err(fault) if fault.kind() == FaultKind::NotFound => {
                if kind.may_lack_its_route() {
                    self.probe(kind, cause).await?;
                } else {
                    self.check_exists(kind).await?;
                }
                return Ok(None);
            }
            Err(fault) => {
                if fault.kind() == FaultKind::RouteMissing {
                    self.note_missing_collection(kind);
                }
                return Err(fault);
            }
        };
        let named = tape.get(0, "id").and_then(|at| tape.plain(at));
        // A renderer's placeholder names nobody; a proper id that was not asked for names somebody else. The id is always
        // asked for: what comes without one is no entity.
        if tape.kind(0) != Json::Object || named.is_none_or(|named| named != id && Kind::of_id(named).is_some()) {
            return Err(Arc::new(Fault::invalid(
                "The accounts API answered with something else than what was asked for.",
            )));
        }
        self.note_there(kind);
        let mut store = store.lock();
        let body = store.keep(tape, Arc::clone(choice.select(spelling.nested)));
        Ok(Some(store.row(body, kind, select.fields)))
    }

    /// A page.
    async fn page(
        &self,
        store: &Mutex<Store>,
        listing: &ListRequest<'_>,
        most: usize,
        (offset, limit): (usize, usize),
    ) -> Result<Page, Arc<Fault>> {
        let model = model(store);
        let ListRequest { kind, source, .. } = *listing;
        let filter = listing.filter.map(|filter| source.filter(filter));
        let alternative = filter.as_ref().and_then(Expr::without_in_inside_any);
        let order = source.order(listing.order);
        let select = source.narrowed(&model, listing.select);
        let choice = self.choose(&model, kind, &select, most);
        let cause = Cause { nested: &choice.told, ..listing.cause };
        let path = |spelling: Spelling| {
            let other = alternative.as_ref().filter(|_| !spelling.in_any);
            let select = choice.select(spelling.nested);
            let page = (offset, limit);
            source::target(source, &model, kind, other.or(filter.as_ref()), select, &order, spelling.only, page)
        };
        self.check_collection(kind)?;
        let answer = if listing.unsure {
            self.in_best_spelling(kind, choice.asked, cause, path).await
        } else {
            self.spelled(kind, (alternative.is_some(), choice.asked), cause, path).await
        };
        let (mut tape, spelling) = answer.map_err(|fault| self.no_list(source, kind, fault))?;
        if source != Source::Collection {
            let asking = Asking::new(source, &model, choice.select(spelling.nested));
            tape = Arc::new(asking.page(&tape)?);
        }
        let not_a_list = || Arc::new(Fault::invalid("The accounts API answered with something that is not a list."));
        // A bare array, or an object that says nothing of itself, is no list that is documented.
        let meta = tape.get(0, "$meta").filter(|meta| tape.kind(*meta) == Json::Object).ok_or_else(not_a_list)?;
        let data = tape.get(0, "data").filter(|data| tape.kind(*data) == Json::List).ok_or_else(not_a_list)?;
        let items: Vec<_> = tape.items(data).collect();
        if items.iter().any(|item| tape.kind(*item) != Json::Object) {
            return Err(not_a_list());
        }
        let pagination = tape.get(meta, "pagination");
        let number = |name: &str| {
            let raw = tape.raw(tape.get(pagination?, name)?);
            std::str::from_utf8(raw).ok()?.parse::<usize>().ok()
        };
        let (came, limit) = (items.len(), number("limit"));
        // Where the upstream does not count, it may say 0 (`accounts-api-v5.md` section 5.1). That is true of a list whose
        // first page is empty.
        let total = number("total").filter(|total| *total > 0 || (came == 0 && offset == 0));
        let stated = pagination.and_then(|pagination| tape.get(pagination, "offset"));
        let elsewhere = stated.is_some_and(|stated| !tape.is_null(stated)) && number("offset") != Some(offset);
        // A page with all rows that are counted is the whole list, wherever it says to be: printed samples start at 1.
        if elsewhere && (offset > 0 || total != Some(came)) {
            let message = "The accounts API answered with another part of a list than was asked for.";
            return Err(Arc::new(Fault::invalid(message)));
        }
        if source == Source::Collection {
            self.note_there(kind);
        }
        let mut store = store.lock();
        let body = store.keep(tape, Arc::clone(choice.select(spelling.nested)));
        let rows = store.rows_of(body, kind, items.into_iter()).collect();
        Ok(Page { rows, total, limit })
    }

    /// Sends a request in the best spelling that the host is not known to refuse. A spelling that is refused (400) is
    /// tried in the documented other way, and remembered when that helped: first without what is asked of the embedded
    /// entities of the fields `nested`.
    async fn spelled(
        &self,
        kind: Kind,
        (has_in_any, nested): (bool, FieldSet),
        cause: Cause<'_>,
        path: impl Fn(Spelling) -> String,
    ) -> Result<(Arc<Tape>, Spelling), Arc<Fault>> {
        let mut best = self.best(kind, nested);
        let mut refused = match self.send(path(best), cause).await {
            Err(fault) if fault.kind() == FaultKind::Rejected => fault,
            other => return Ok((other?, best)),
        };
        if best.nested {
            best.nested = false;
            match self.send(path(best), Cause { nested: &[], ..cause.because(TOO_DEEP) }).await {
                Err(fault) if fault.kind() == FaultKind::Rejected => refused = fault,
                other => {
                    let tape = other?;
                    self.dialect.refuse(kind, nested);
                    return Ok((tape, best));
                }
            }
        }
        for (only, in_any) in [(false, true), (true, false), (false, false)] {
            let other = Spelling { only: only && best.only, in_any: in_any && best.in_any, nested: false };
            let changes = other != best && (only || best.only) && (in_any || (best.in_any && has_in_any));
            if !changes {
                continue;
            }
            match self.send(path(other), cause.because(OTHER_SPELLING)).await {
                Err(fault) if fault.kind() == FaultKind::Rejected => {}
                Ok(tape) => {
                    self.dialect.learn(kind, best, other);
                    return Ok((tape, other));
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(refused)
    }

    /// The best spelling that the host is not known to refuse.
    fn best(&self, kind: Kind, nested: FieldSet) -> Spelling {
        let ServerQuirks { additive, single_any, clock, .. } = &*self.dialect;
        let (only, in_any) = (!additive[kind as usize].holds(clock), !single_any[kind as usize].holds(clock));
        Spelling { only, in_any, nested: !nested.is_empty() }
    }

    /// Sends a request that the host may refuse for another reason than its spelling.
    async fn in_best_spelling(
        &self,
        kind: Kind,
        nested: FieldSet,
        cause: Cause<'_>,
        path: impl Fn(Spelling) -> String,
    ) -> Result<(Arc<Tape>, Spelling), Arc<Fault>> {
        let best = self.best(kind, nested);
        let call = Call { unsure: true, ..Call::get(checked(path(best))?) };
        Ok((self.asked((&self.client, &self.credentials), &call, cause).await?, best))
    }

    fn over_budget(&self) -> Fault {
        let budget = self.budget.requests;
        Fault::cost_exceeded(format!(
            "The operation needs more than {budget} upstream requests: ask for fewer entities."
        ))
    }

    /// Counts entities that came, unless they are more than the operation may read.
    fn read(&self, entities: usize) -> Result<(), Arc<Fault>> {
        let budget = self.budget.entities;
        if self.entities.fetch_add(entities, Ordering::Relaxed).saturating_add(entities) <= budget {
            return Ok(());
        }
        let message = format!("The operation reads more than {budget} entities of the upstream: ask for fewer.");
        Err(Arc::new(Fault::cost_exceeded(message)))
    }

    async fn send(&self, path: String, cause: Cause<'_>) -> Result<Arc<Tape>, Arc<Fault>> {
        self.asked((&self.client, &self.credentials), &Call::get(checked(path)?), cause).await
    }

    /// A request as it may be shown to the caller: not the id of a token of the gateway's own.
    fn shown(&self, call: &Call) -> Call {
        let mut call = call.clone();
        if let Some(id) =
            self.credentials.api_token().filter(|id| self.credentials.is_lent() && call.target.contains(id))
        {
            call.target = call.target.replace(id, "TKN-…");
        }
        call
    }

    /// Sends a request, records it, and waits for its answer, but no longer than the operation may take. That it may have to
    /// be sent again is not the operation's fault, and not counted. With it comes its place in the trace.
    async fn exchange(
        &self,
        (client, credentials): (&Client, &Credentials),
        call: &Call,
        cause: Cause<'_>,
    ) -> (Result<Arc<Tape>, Arc<Fault>>, Option<usize>) {
        let (mut seen, until) = (Seen::default(), self.until());
        let recorded = self.trace.as_ref().map(|trace| (trace, trace.begin(self.shown(call), cause)));
        let read = client.read(call.read(), until, credentials, &mut seen);
        let outcome = match tokio::time::timeout_at(until, read).await {
            Ok(answer) => answer.map_err(Arc::new),
            Err(_) => Err(late()),
        };
        if let Some((trace, place)) = recorded {
            trace.end(place, &seen, outcome.as_ref().map(|tape| call.rows(tape)).map_err(|fault| fault.kind().code()));
        }
        (outcome, recorded.map(|(_, place)| place))
    }
}

/// A path, unless it is longer than one that is sent.
fn checked(path: String) -> Result<String, Arc<Fault>> {
    if path.len() <= MAX_PATH {
        return Ok(path);
    }
    let length = path.len();
    let message = format!("The filter makes an upstream request of {length} bytes; at most {MAX_PATH} are sent.");
    Err(Arc::new(Fault::bad_user_input(message)))
}

fn late() -> Arc<Fault> {
    Arc::new(Fault::timeout("The operation took longer than it may."))
}

/// Path and query of a request for one entity.
pub(super) fn entity_target(model: &Model, kind: Kind, id: &str, select: &Select, only: bool) -> String {
    let mut path = String::with_capacity(128);
    path.push_str(Upstream::Accounts.root());
    for part in [kind.collection(), "/", id, "?select="] {
        path.push_str(part);
    }
    select.print(&mut path, model, kind, only);
    path
}

fn model(store: &Mutex<Store>) -> Arc<Model> {
    Arc::clone(store.lock().model())
}
