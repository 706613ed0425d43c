//! A body that is kept, and the entities that were found in it.

use super::RecordId;
use crate::{
    entity::{
        kind::{KINDS, Kind},
        tape::{At, ROOT, Tape},
    },
    loader::clock::Round,
    upstream::select::Select,
};
use memchr::memmem::Finder;
use std::{
    cell::Cell,
    sync::{Arc, LazyLock},
};

static OMITTED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"omitted\""));

/// A body and what was asked of its rows.
pub(super) struct Body {
    /// The bytes and where everything in them is.
    pub(super) tape: Arc<Tape>,
    /// What `select` asked of each row.
    pub(super) select: Arc<Select>,
    /// Whether no placeholder stands anywhere in it.
    pub(super) whole: bool,
    /// Whether an object in it may say what it omits.
    pub(super) omits: bool,
    /// The round in which it came.
    pub(super) round: Round,
    /// The entities that places are about, by the place, once that was found out.
    met: Box<[Cell<Met>]>,
}

/// A kind and a record of it, none at first.
#[derive(Clone, Copy, Default)]
struct Met(u32);

/// How many bits of [`Met`] are the record; the kind stands above them.
const RECORD_BITS: u32 = 27;
const _: () = assert!(KINDS <= 1 << (u32::BITS - RECORD_BITS));

impl Met {
    fn new(kind: Kind, record: RecordId) -> Met {
        let fits = record < (1 << RECORD_BITS) - 1;
        if fits { Met((kind as u32) << RECORD_BITS | (record + 1)) } else { Met::default() }
    }

    fn record(self, kind: Kind) -> Option<RecordId> {
        let record = self.0 & ((1 << RECORD_BITS) - 1);
        (self.0 >> RECORD_BITS == kind as u32).then(|| record.checked_sub(1)).flatten()
    }
}

impl Body {
    pub(super) fn new(tape: Arc<Tape>, select: Arc<Select>, whole: bool, round: Round) -> Body {
        let met = vec![Cell::default(); tape.places()].into();
        let omits = OMITTED.find(tape.raw(ROOT)).is_some();
        Body { tape, select, whole, omits, round, met }
    }

    /// The record of the entity at a place, if that was found out before.
    pub(super) fn met(&self, at: At, kind: Kind) -> Option<RecordId> {
        self.met[at as usize].get().record(kind)
    }

    pub(super) fn meet(&self, at: At, kind: Kind, record: RecordId) {
        self.met[at as usize].set(Met::new(kind, record));
    }
}
