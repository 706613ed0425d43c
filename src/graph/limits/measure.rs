//! How far the selections of a document reach, each looked at once: what a fragment comes to is remembered.

use super::{MAX_NESTING, endless, exceeded};
use crate::{error::ErrorCode, graph::answer::GraphError};
use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};
use async_graphql_value::Value;
use std::collections::{HashMap, HashSet};

/// How far a selection reaches, with its fragments in it.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    /// Levels of data.
    pub(super) depth: usize,
    /// Levels of selections, those of fragments and of introspection among them.
    nesting: usize,
    /// Fields and fragments.
    pub(super) selections: usize,
    /// Fields that stand directly in it.
    pub(super) roots: usize,
    /// Fields with an alias.
    pub(super) aliases: usize,
    /// Directives.
    pub(super) directives: usize,
    /// Values of arguments, with those in lists and objects.
    pub(super) values: usize,
    /// Fields under a response key that stands beside them already.
    pub(super) repeated: usize,
    /// Fields of the answer by estimate, if this were a selection of introspection.
    answered: usize,
    /// Fields of the answer by estimate, those of introspection only.
    pub(super) introspected: usize,
}

impl Extent {
    fn add(&mut self, inner: &Extent) {
        self.nesting = self.nesting.max(1 + inner.nesting);
        self.selections = self.selections.saturating_add(inner.selections);
        self.aliases = self.aliases.saturating_add(inner.aliases);
        self.directives = self.directives.saturating_add(inner.directives);
        self.values = self.values.saturating_add(inner.values);
        self.repeated = self.repeated.saturating_add(inner.repeated);
        self.introspected = self.introspected.saturating_add(inner.introspected);
    }
}

/// The measuring of one document.
pub(super) struct Measure<'a> {
    document: &'a ExecutableDocument,
    introspection: bool,
    /// The extent of a fragment; none while it is being measured.
    fragments: HashMap<&'a Name, Option<Extent>>,
    /// How many selections were looked at.
    pub(super) visits: usize,
}

impl<'a> Measure<'a> {
    pub(super) fn new(document: &'a ExecutableDocument, introspection: bool) -> Self {
        Measure { document, introspection, fragments: HashMap::new(), visits: 0 }
    }

    /// The extent of a selection that is in `above` others.
    pub(super) fn set(&mut self, set: &'a SelectionSet, above: usize) -> Result<Extent, GraphError> {
        if above > MAX_NESTING {
            return Err(too_deep());
        }
        let mut whole = Extent { selections: set.items.len(), ..Extent::default() };
        let mut keys = HashSet::with_capacity(if set.items.len() > 1 { set.items.len() } else { 0 });
        for item in &set.items {
            self.visits += 1;
            whole.directives += item.node.directives().len();
            whole.values += item.node.directives().iter().map(|one| values(&one.node.arguments)).sum::<usize>();
            let inner = match &item.node {
                Selection::Field(field) => {
                    self.introspects(field)?;
                    whole.roots += 1;
                    whole.aliases += usize::from(field.node.alias.is_some());
                    whole.values += values(&field.node.arguments);
                    whole.repeated += usize::from(!keys.insert(&field.node.response_key().node));
                    let inner = self.set(&field.node.selection_set.node, above + 1)?;
                    let below = if field.node.name.node.starts_with("__") { 0 } else { 1 + inner.depth };
                    whole.depth = whole.depth.max(below);
                    let answered = inner.answered.saturating_mul(items(&field.node.name.node)).saturating_add(1);
                    whole.answered = whole.answered.saturating_add(answered);
                    if is_introspection(&field.node.name.node) {
                        whole.introspected = whole.introspected.saturating_add(answered);
                    }
                    inner
                }
                Selection::InlineFragment(inline) => {
                    let inner = self.set(&inline.node.selection_set.node, above + 1)?;
                    whole.joined(&inner)
                }
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.node.fragment_name.node, item.pos, above + 1)?;
                    whole.joined(&inner)
                }
            };
            whole.add(&inner);
        }
        if above + whole.nesting > MAX_NESTING + 1 { Err(too_deep()) } else { Ok(whole) }
    }

    /// The extent of what a fragment's spread at `pos` stands for.
    pub(super) fn fragment(&mut self, name: &'a Name, pos: Pos, above: usize) -> Result<Extent, GraphError> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(endless(name, pos)),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Extent::default()) };
        self.fragments.insert(name, None);
        let mut extent = self.set(&fragment.node.selection_set.node, above)?;
        extent.directives += fragment.node.directives.len();
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }

    fn introspects(&self, field: &Positioned<Field>) -> Result<(), GraphError> {
        if self.introspection || !is_introspection(&field.node.name.node) {
            return Ok(());
        }
        let message = "Introspection is switched off on this server.";
        Err(GraphError::request(ErrorCode::IntrospectionDisabled, message, Some(field.pos)))
    }
}

impl Extent {
    /// Takes in the levels and the fields of a fragment, which stand at the level of what it is spread into.
    fn joined(&mut self, inner: &Extent) -> Extent {
        self.depth = self.depth.max(inner.depth);
        self.roots = self.roots.saturating_add(inner.roots);
        self.answered = self.answered.saturating_add(inner.answered);
        *inner
    }
}

/// How many values arguments have, with those in lists and objects. Brackets do not nest too deep for it.
fn values(arguments: &[(Positioned<Name>, Positioned<Value>)]) -> usize {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::List(items) => items.iter().map(count).sum(),
            Value::Object(members) => members.values().map(count).sum(),
            _ => 0,
        }
    }
    arguments.iter().map(|(_, value)| count(&value.node)).sum()
}

fn is_introspection(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

/// How many items a field of introspection has, roughly and rather too many: its answer is made by the library as a
/// whole, and types that list fields that have types multiply without end.
fn items(field: &str) -> usize {
    match field {
        "types" => 120,
        "fields" => 20,
        "inputFields" => 15,
        "enumValues" | "possibleTypes" => 10,
        "args" | "directives" | "interfaces" => 3,
        _ => 1,
    }
}

fn too_deep() -> GraphError {
    exceeded(MAX_NESTING, format!("Selections nest deeper than {MAX_NESTING}, fragments included."))
}
