//! The trace of an operation while it runs: each root field's nodes are made right after its answer, while what it was made
//! of is still known.

use super::{Operation, RootField};
use crate::{
    entity::tape::Tape,
    graph::{
        document::plan::RootKind,
        error::GraphError,
        execute::{
            ftv1::{self, Begun, Budget, Tree},
            view::View,
            write::Notes,
        },
    },
    loader::clock::Clock,
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::atomic::Ordering};

/// The trace of an operation, as far as its root fields are answered.
pub(super) struct Traced {
    begun: Begun,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    budget: Budget,
    /// Of the answer that was written last.
    notes: Notes,
    /// The nodes of root fields, by response key.
    roots: HashMap<Box<str>, Vec<u8>>,
}

impl Operation<'_> {
    /// Traces the operation, which began at this moment.
    pub fn trace_from(&mut self, begun: Begun) {
        self.store().clock = Clock::new(begun.instant);
        self.traced = Some(Traced { begun, state: Mutex::default() });
    }

    /// Keeps what stands where in the answer of a root field.
    pub(super) fn keep_notes(&self, notes: Option<Notes>) {
        if let (Some(traced), Some(notes)) = (&self.traced, notes) {
            traced.state.lock().notes = notes;
        }
    }

    /// Makes the nodes of a root field that was answered just now.
    pub(super) fn trace(&self, root: &RootField, json: &[u8], errors: &[GraphError]) {
        let Some(traced) = &self.traced else { return };
        // A value that the upstream nested too deep to be read again has no nodes, but the field has.
        let Ok(tape) = Tape::scan_apart(json).or_else(|_| Tape::scan_apart("null")) else { return };
        let store = self.store();
        let mut state = traced.state.lock();
        let notes = std::mem::take(&mut state.notes);
        let view =
            View { plan: &self.runnable.plan, model: self.model, store: &store, queries: &self.questions.queries };
        let tree = Tree { view, registry: self.registry, tape, notes: &notes, budget: &state.budget };
        let node = tree.root(root, &root.field, errors);
        state.roots.insert(root.name.clone(), node);
    }

    /// The whole trace, with all errors of the answer.
    pub fn into_trace(&self, errors: &[GraphError]) -> Option<String> {
        let Traced { begun, state } = self.traced.as_ref()?;
        let state = state.lock();
        let fields = self.runnable.plan.roots.iter();
        let answered = fields.filter(|root| !matches!(root.what, RootKind::Typename | RootKind::Introspection));
        let nodes = answered.filter_map(|root| state.roots.get(&root.name)).map(Vec::as_slice);
        let left = self.bytes_left.load(Ordering::Relaxed);
        Some(ftv1::trace(*begun, nodes, errors, state.budget.is_exceeded(), left))
    }
}
