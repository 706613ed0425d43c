//! Why a list could not be read to its end.

use crate::{entity::kind::Upstream, fault::Fault};
use std::sync::Arc;

const COUNTED_DIFFERENTLY: &str = "counted a list differently on its pages, so the list may not be whole.";
pub(super) const REPEATED: &str = "repeated a row of a list, so the list may not be whole.";
pub(super) const APART: &str = "answered with pages that do not follow each other, so the list may not be whole.";

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

    /// The fault that a caller sees.
    pub(super) fn into_fault(self) -> Arc<Fault> {
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
