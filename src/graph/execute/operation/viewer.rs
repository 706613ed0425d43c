//! Who is asking: an API token carries its own id, so it is asked for like any entity that a root field names.

use super::{Operation, Sought};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::FieldSet,
        tape::Tape,
    },
    fault::{Fault, FaultKind},
    graph::{
        document::plan::{RootField, SelectionId},
        error::GraphError,
        execute::write::Writer,
    },
    loader::store::{Place, Store},
};
use std::sync::Arc;

const UNREADABLE: &str = "The accounts API does not show the API token to itself, so only its id is known";

const HIDDEN: &str = "The gateway asks with an API token of its own, which callers do not see";

impl Operation<'_> {
    /// Answers `viewer`.
    pub(super) async fn viewer(&self, root: &RootField, sel: SelectionId) -> (Vec<u8>, Vec<GraphError>) {
        let kind = Kind::ApiToken;
        let id = match self.viewer_id() {
            Ok(id) => id,
            Err(fault) => return self.failed(root, &fault),
        };
        let lent = self.loads.batch().rest().credentials(Upstream::Accounts).is_lent();
        if lent {
            self.store().hide_viewer(Fault::new(FaultKind::Forbidden, HIDDEN));
        }
        let record = self.store().record_of(kind, &id);
        let asks = self.runnable.plan.sels[sel].asks(lent);
        if asks {
            self.fetch(&[Sought { kind, sel, record }]).await;
        }
        let place = match self.viewer_place(&id, asks) {
            Ok(place) => place,
            Err(fault) => return self.failed(root, &fault),
        };
        let write = |writer: &mut Writer<'_>, _: &Store| writer.entity(place, kind, sel);
        self.complete_and_write(root, |_| vec![(place, kind, sel)], write).await
    }

    /// The id of the API token that the accounts API is asked with.
    fn viewer_id(&self) -> Result<String, Fault> {
        let rest = self.loads.batch().rest();
        let credentials = rest.credentials(Upstream::Accounts);
        if let Some(id) = credentials.api_token() {
            return Ok(id.to_owned());
        }
        if credentials.is_empty() {
            let hint = self.hint;
            let message =
                format!("There is no Authorization header, so it is not known who is asking: send an API token.{hint}");
            return Err(Fault::new(FaultKind::Unauthenticated, message));
        }
        let whose =
            if credentials.is_lent() { "The gateway's own token" } else { "The token of the Authorization header" };
        let message = format!(
            "{whose} is not an API token (idt:TKN-…:…): other tokens are not decoded, since nobody has verified what they claim."
        );
        Err(Fault::new(FaultKind::ViewerUnknown, message))
    }

    /// Where the token's row is. Where the token may not read itself, a row that tells its id alone, with an error for
    /// everything else.
    fn viewer_place(&self, id: &str, asked: bool) -> Result<Place, Arc<Fault>> {
        let kind = Kind::ApiToken;
        let mut store = self.store();
        let record = store.record_of(kind, id);
        let known = store.record(kind, record);
        let (row, fault) = (known.row, known.fault.clone());
        let closed = |fault: &Fault| matches!(fault.kind(), FaultKind::Forbidden | FaultKind::NotFound);
        match (row, &fault) {
            (Some(row), _) => return Ok(row),
            (None, Some(fault)) if !closed(fault) => return Err(Arc::clone(fault)),
            _ => {}
        }
        let tape = Tape::scan(serde_json::json!({ "id": id }).to_string());
        let tape = tape.map_err(|_| Fault::internal("The id of a token could not be kept."))?;
        let body = store.keep(tape, Arc::default());
        let place = store.row(body, kind, FieldSet::NONE);
        if asked {
            let trace_id = fault.and_then(|fault| fault.trace_id().map(str::to_owned));
            let fault = Arc::new(Fault::new(FaultKind::Forbidden, UNREADABLE).with_trace_id(trace_id));
            let all = self.model.kind(kind).tellable;
            let known = store.record_mut(kind, record);
            known.asked = known.asked.union(all);
            // Before what the request itself failed with.
            known.faults.insert(0, (all, fault));
        }
        Ok(place)
    }
}
