//! Inline traces as routers ask for them: `extensions.ftv1`, the message `Trace` of Apollo's `reports.proto` in base64.
//!
//! A trace is a second walk, over the finished answer: the writer only notes what the entities in it are, and that only
//! when a trace was asked for. Five message types do not pay for a library and its generated code.

mod protobuf;
mod tree;

use crate::graph::error::{GraphError, Segment};
use base64::{Engine, engine::general_purpose::STANDARD};
use protobuf::{chosen, message, number, text};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant, SystemTime},
};
pub use tree::{Budget, Tree};

/// The fields of `Trace`.
mod trace {
    pub(super) const END_TIME: u8 = 3;
    pub(super) const START_TIME: u8 = 4;
    pub(super) const DURATION_NS: u8 = 11;
    pub(super) const ROOT: u8 = 14;
    /// `is_incomplete` has the number 33, which takes a tag of two bytes.
    pub(super) const IS_INCOMPLETE: [u8; 3] = [0x88, 0x02, 1];
}

/// The fields of `Trace.Node`.
mod node {
    pub(super) const RESPONSE_NAME: u8 = 1;
    pub(super) const INDEX: u8 = 2;
    pub(super) const TYPE: u8 = 3;
    pub(super) const START_TIME: u8 = 8;
    pub(super) const END_TIME: u8 = 9;
    pub(super) const ERROR: u8 = 11;
    pub(super) const CHILD: u8 = 12;
    pub(super) const PARENT_TYPE: u8 = 13;
    pub(super) const ORIGINAL_FIELD_NAME: u8 = 14;
}

/// When an operation began, by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    /// By the clock on the wall.
    pub at: SystemTime,
    /// By the one that only goes on.
    pub instant: Instant,
}

impl Begun {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Begun { at: SystemTime::now(), instant: Instant::now() }
    }
}

/// The trace of an operation: of its root fields, each a whole `Node` as [`Tree`] writes it, and of errors that belong to no
/// place in the answer. Root fields that do not fit in the bytes that are left of the answer are left out.
#[must_use]
pub fn trace<'a>(
    begun: Begun,
    roots: impl Iterator<Item = &'a [u8]>,
    errors: &[GraphError],
    mut incomplete: bool,
    bytes: usize,
) -> String {
    let took = begun.instant.elapsed();
    let mut out = vec![];
    message(&mut out, trace::START_TIME, |out| timestamp(out, begun.at));
    message(&mut out, trace::END_TIME, |out| timestamp(out, begun.at + took));
    number(&mut out, trace::DURATION_NS, nanos(took));
    message(&mut out, trace::ROOT, |out| {
        for root in roots {
            if base64_length(out.len() + root.len()) <= bytes {
                out.extend_from_slice(root);
            } else {
                incomplete = true;
            }
        }
        errors.iter().filter(|error| error.path.is_empty()).for_each(|error| write_error(out, error));
    });
    if incomplete {
        out.extend_from_slice(&trace::IS_INCOMPLETE);
    }
    STANDARD.encode(out)
}

fn base64_length(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

fn timestamp(out: &mut Vec<u8>, at: SystemTime) {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    number(out, 1, since.as_secs());
    number(out, 2, since.subsec_nanos().into());
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// `Trace.Error`: the message, where in the document, and the whole error as JSON.
fn write_error(out: &mut Vec<u8>, error: &GraphError) {
    message(out, node::ERROR, |out| {
        text(out, 1, &error.message);
        if let Some(pos) = error.pos {
            message(out, 2, |out| {
                number(out, 1, pos.line as u64);
                number(out, 2, pos.column as u64);
            });
        }
        let mut json = vec![];
        error.write(&mut json);
        text(out, 4, json);
    });
}

/// Errors by their places in the answer: each is taken by the node of its place, or by the one that comes nearest to it.
#[derive(Debug, Default)]
struct Errors<'a> {
    here: Vec<&'a GraphError>,
    below: BTreeMap<Segment, Errors<'a>>,
}

impl<'a> Errors<'a> {
    fn of(errors: impl Iterator<Item = &'a GraphError>) -> Self {
        let mut all = Errors::default();
        for error in errors {
            let at = error.path.iter().fold(&mut all, |at, step| at.below.entry(step.clone()).or_default());
            at.here.push(error);
        }
        all
    }

    fn take(&mut self, step: impl FnOnce() -> Segment) -> Self {
        if self.below.is_empty() { Errors::default() } else { self.below.remove(&step()).unwrap_or_default() }
    }

    /// Writes what nobody took.
    fn write(&self, out: &mut Vec<u8>) {
        self.here.iter().for_each(|error| write_error(out, error));
        self.below.values().for_each(|below| below.write(out));
    }
}
