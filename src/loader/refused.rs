//! What is said of a list that the upstream refused: which conditions and which order it was asked with, since one property
//! that the host does not know makes it refuse the whole request.

use super::query::Query;
use crate::fault::{Fault, FaultKind};
use std::sync::Arc;

/// How many properties a message names.
const MOST: usize = 10;

/// The same fault, which names what the list was filtered and ordered by.
#[must_use]
pub(super) fn refused(fault: Arc<Fault>, query: &Query) -> Arc<Fault> {
    if fault.kind() != FaultKind::Rejected {
        return fault;
    }
    let mut filtered = vec![];
    if let Some(filter) = &query.filter {
        filter.properties(&mut filtered);
    }
    // Where rows are not the nodes, the nodes' id decides ties: nobody asked for that.
    let ordered = query.order.iter().map(|(path, _)| path.clone()).filter(|path| path.rsplit('.').next() != Some("id"));
    let named: Vec<String> =
        [named("filter", filtered), named("orderBy", ordered.collect())].into_iter().flatten().collect();
    if named.is_empty() {
        return fault;
    }
    let message = format!("{} ({})", fault.message().trim_end_matches('.'), named.join("; "));
    let wait = fault.retry_after();
    let named =
        Fault::new(fault.kind(), message).with_retry_after(wait).with_trace_id(fault.trace_id().map(Into::into));
    Arc::new(named)
}

fn named(what: &str, mut properties: Vec<String>) -> Option<String> {
    let mut met = std::collections::HashSet::new();
    properties.retain(|property| met.insert(property.clone()));
    if properties.len() > MOST {
        properties.truncate(MOST);
        properties.push("…".to_owned());
    }
    (!properties.is_empty()).then(|| format!("{what}: {}", properties.join(", ")))
}
