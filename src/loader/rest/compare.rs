//! What a host turned out to compare, which decides how the page behind a cursor is asked for. Learned for each collection,
//! and forgotten like everything else that is learned of hosts.

use super::RestClient;
use crate::{
    entity::{kind::Kind, model::FieldSet},
    loader::seek::Nulls,
};

impl RestClient {
    /// Whether the host is taken to compare texts in filters of a collection.
    pub(in crate::loader) fn compares(&self, kind: Kind) -> bool {
        !self.dialect.incomparable[kind as usize].holds(&self.dialect.clock)
    }

    /// Notes that it does not.
    pub(in crate::loader) fn note_incomparable(&self, kind: Kind) {
        if self.dialect.incomparable[kind as usize].note(&self.dialect.clock) {
            let collection = kind.collection();
            tracing::info!(
                collection,
                "The accounts API does not compare texts of {collection}: pages behind a cursor are found by their place."
            );
        }
    }

    /// Where rows without a value stand in an ascending order, if that is known.
    pub(in crate::loader) fn nulls(&self, kind: Kind) -> Option<Nulls> {
        let holds = |found: &[crate::upstream::memory::Discovery]| found[kind as usize].holds(&self.dialect.clock);
        match (holds(&self.dialect.nulls_first), holds(&self.dialect.nulls_last)) {
            (true, false) => Some(Nulls::First),
            (false, true) => Some(Nulls::Last),
            _ => None,
        }
    }

    /// Notes where rows without a value stand.
    pub(in crate::loader) fn note_nulls(&self, kind: Kind, nulls: Nulls) {
        let (found, other) = match nulls {
            Nulls::First => (&self.dialect.nulls_first, &self.dialect.nulls_last),
            Nulls::Last => (&self.dialect.nulls_last, &self.dialect.nulls_first),
            Nulls::Never => return,
        };
        other[kind as usize].forget();
        found[kind as usize].note(&self.dialect.clock);
    }

    /// Those of some properties of which the host refuses to ask whether they have a value: they always have one.
    pub(in crate::loader) fn never_null<'p>(&self, kind: Kind, paths: &[&'p str]) -> Vec<&'p str> {
        let (memory, now) = (&self.dialect.never_null, self.dialect.clock.now());
        paths.iter().copied().filter(|path| memory.holds(&key(kind, path), now)).collect()
    }

    /// Notes such a property.
    pub(in crate::loader) fn note_never_null(&self, kind: Kind, path: &str) {
        self.dialect.never_null.note(&key(kind, path), self.dialect.clock.now());
    }

    /// How requests for a collection are spelled at the moment. It changes when the host refuses something.
    pub(in crate::loader) fn spelling(&self, kind: Kind) -> impl PartialEq + use<> {
        (self.best(kind, FieldSet::NONE), self.dialect.refused(kind))
    }
}

/// The name of a property among all of the API.
fn key(kind: Kind, path: &str) -> String {
    format!("{}?{path}", kind.collection())
}
