//! What an entity tells at a route of its own.

use super::{ListRequest, RestClient, Spelling};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::FieldSet,
        tape::ROOT,
    },
    fault::{Fault, FaultKind},
    loader::{
        canonical::with_members,
        rows::literals,
        source::Source,
        store::{Place, Store},
        trace::Cause,
    },
    upstream::{
        rql::{Expr, Path},
        select::Select,
    },
};
use parking_lot::Mutex;
use std::sync::Arc;

/// The member of a transfer's preview that lists memberships.
const MEMBERS_OF_TRANSFER: &str = "users";

const PROBE: &str = "The route names one entity that may not be there: the collection tells whether the route is.";

impl RestClient {
    /// What a route below an entity answers; none when there is nothing.
    ///
    /// # Errors
    ///
    /// The fault of the request.
    pub async fn detail(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        id: &str,
        route: &str,
        cause: Cause<'_>,
    ) -> Result<Option<Place>, Arc<Fault>> {
        let tape = match self.send(detail_target(kind, id, route), cause).await {
            Ok(tape) => tape,
            Err(fault) if fault.kind() == FaultKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault),
        };
        // What moves with a buyer are memberships by the ids of the flat collection (`accounts-api-v5.md` section 2.4).
        let told = tape.get(ROOT, MEMBERS_OF_TRANSFER).filter(|_| kind == Kind::Buyer);
        let tape = if told.is_some() { Arc::new(with_members(&tape, MEMBERS_OF_TRANSFER)?) } else { tape };
        let mut store = store.lock();
        let body = store.keep(tape, Arc::default());
        Ok(Some(store.row(body, kind, FieldSet::NONE)))
    }
}

impl RestClient {
    /// Whether the host was found to have no such route, not too long ago.
    pub(in crate::loader) fn lacks(&self, template: &str) -> bool {
        self.dialect.missing.holds(template, self.dialect.clock.now())
    }

    /// Remembers that the host has no such route.
    pub(in crate::loader) fn note_lack(&self, template: &str) {
        if self.dialect.missing.note(template, self.dialect.clock.now()) {
            tracing::warn!(route = template, "the accounts API has no route {template} on this host");
        }
    }

    /// The rows of some entities, with one member as they have it.
    ///
    /// # Errors
    ///
    /// The fault of the request.
    pub async fn rows_with(
        &self,
        store: &Mutex<Store>,
        kind: Kind,
        ids: &[&str],
        member: Option<&'static str>,
        cause: Cause<'_>,
    ) -> Result<Vec<Place>, Arc<Fault>> {
        let filter = Expr::In { path: Path::new("id"), values: literals(ids)? };
        let mut select = Select::default();
        select.also = member;
        let select = Arc::new(select);
        let listing = ListRequest {
            kind,
            source: Source::Collection,
            filter: Some(&filter),
            select: &select,
            order: "id",
            cause,
            rows: Some(ids.len()),
            unsure: false,
        };
        Ok(self.list(store, &listing, 0, Some(ids.len())).await?.rows)
    }

    /// Whether a collection is there that some hosts do not have. Remembered when it is not.
    ///
    /// # Errors
    ///
    /// The fault of the request; that the route is missing is one of them.
    pub(super) async fn probe(&self, kind: Kind, cause: Cause<'_>) -> Result<(), Arc<Fault>> {
        let path = |spelling: Spelling| {
            let select = if spelling.only { "-*,id" } else { "id" };
            format!("{}{}?select={select}&limit=1", Upstream::Accounts.root(), kind.collection())
        };
        let cause = cause.because(PROBE);
        match self.spelled(kind, (false, FieldSet::NONE), cause, path).await {
            Ok(_) => Ok(()),
            Err(fault) => Err(self.missing_collection(kind, fault)),
        }
    }

    /// A collection never answers 404 for lack of rows: then it is the route that is not there (`accounts-api-v5.md`
    /// section 1.2).
    pub(super) fn missing_collection(&self, kind: Kind, fault: Arc<Fault>) -> Arc<Fault> {
        let missing = matches!(fault.kind(), FaultKind::NotFound | FaultKind::RouteMissing);
        if !missing || kind.upstream() != Upstream::Accounts {
            return fault;
        }
        self.note_missing_collection(kind);
        let (template, name) = (collection_route(kind), kind.upstream().name());
        let missing = if kind.may_lack_its_route() {
            Fault::route_missing(template)
        } else {
            Fault::route_or_base(name, template)
        };
        Arc::new(missing.with_trace_id(fault.trace_id().map(Into::into)))
    }

    /// Remembers that a collection is not there, if that is so on some hosts. Where it is not, somebody may just have hidden
    /// it for a moment.
    pub(super) fn note_missing_collection(&self, kind: Kind) {
        if kind.may_lack_its_route() {
            self.note_lack(&collection_route(kind));
        }
    }

    /// Fails where a collection is known not to be there.
    pub(super) fn check_collection(&self, kind: Kind) -> Result<(), Arc<Fault>> {
        let template = collection_route(kind);
        if kind.may_lack_its_route() && self.lacks(&template) {
            return Err(Arc::new(Fault::route_missing(template)));
        }
        Ok(())
    }
}

fn collection_route(kind: Kind) -> String {
    format!("/{}", kind.collection())
}

/// Path and query of a request for a route below an entity.
pub(in crate::loader) fn detail_target(kind: Kind, id: &str, route: &str) -> String {
    format!("{}{}/{id}/{route}", Upstream::Accounts.root(), kind.collection())
}
