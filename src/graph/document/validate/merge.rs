//! Whether fields under one response key can be merged (`FieldsInSetCanMerge`), through aliases and fragments.
//!
//! Instead of comparing all pairs, all fields of a key are looked at together, in two ways. Whatever their parents are,
//! their results have the same shape. Those whose parents may be the same object are the same field with the same
//! arguments. What they select is merged and looked at in the same two ways, once for each combination of sets.

use super::{Errors, Fragments, named};
use crate::graph::document::{
    ast::{Argument, Document, Field, Selection, SelectionSet, Value, ValueKind},
    schema::Schema,
};
use async_graphql::{
    indexmap::IndexMap,
    parser::types::OperationType,
    registry::{MetaType, MetaTypeName},
};
use std::collections::HashSet;

/// Checks the operations of a document in which nothing else is wrong, and tells how many selections were looked at.
pub(super) fn check(schema: &Schema, document: &Document<'_>, fragments: &Fragments<'_>, errors: &mut Errors) -> usize {
    let mut check = Check { schema, fragments, errors, merged: HashSet::new(), shaped: HashSet::new(), visits: 0 };
    for operation in &document.operations {
        let (query, mutation) = schema.roots();
        let root = if operation.kind == OperationType::Mutation { mutation } else { query };
        if let Some(root) = root {
            check.merge(&[(root.name(), &operation.selections)]);
        }
    }
    check.visits
}

/// A selection set with the type that it is made on.
type Typed<'a> = (&'a str, &'a SelectionSet<'a>);

/// Sets that were looked at together, by their addresses: the type that a set is made on is always the same.
type Key = Vec<usize>;

/// One appearance of a field.
#[derive(Clone, Copy)]
struct Appearance<'a> {
    parent: &'a str,
    field: &'a Field<'a>,
    ty: &'a str,
}

struct Check<'a, 'e> {
    schema: &'a Schema,
    fragments: &'a Fragments<'a>,
    errors: &'e mut Errors,
    merged: HashSet<Key>,
    shaped: HashSet<Key>,
    visits: usize,
}

impl<'a> Check<'a, '_> {
    /// Checks that sets of selections on the same object can be merged.
    fn merge(&mut self, sets: &[Typed<'a>]) {
        if sets.is_empty() || !self.merged.insert(key(sets)) {
            return;
        }
        for (key, group) in self.groups(sets) {
            if self.has_conflict(key, &group) {
                continue;
            }
            let (of_abstract, of_objects) = self.by_parent(&group);
            if of_objects.len() > 1 {
                self.shape(&below(&group));
            }
            if of_objects.is_empty() {
                self.merge(&below(&of_abstract));
            }
            for fields in of_objects.into_values() {
                let mut sets = below(&of_abstract);
                sets.extend(below(&fields));
                self.merge(&sets);
            }
        }
    }

    /// Checks that the results of sets have one shape, whatever they are made on.
    fn shape(&mut self, sets: &[Typed<'a>]) {
        if sets.len() < 2 || !self.shaped.insert(key(sets)) {
            return;
        }
        for (key, group) in self.groups(sets) {
            if !self.has_other_shape(key, &group) {
                self.shape(&below(&group));
            }
        }
    }

    /// The fields of sets, fragments among them, by response key.
    fn groups(&mut self, sets: &[Typed<'a>]) -> IndexMap<&'a str, Vec<Appearance<'a>>> {
        let (mut groups, mut spread) = (IndexMap::new(), HashSet::new());
        for (ty, set) in sets {
            self.collect(ty, set, &mut groups, &mut spread);
        }
        groups
    }

    fn collect(
        &mut self,
        parent: &'a str,
        set: &'a SelectionSet<'a>,
        groups: &mut IndexMap<&'a str, Vec<Appearance<'a>>>,
        spread: &mut HashSet<&'a str>,
    ) {
        for item in &set.items {
            self.visits += 1;
            match item {
                Selection::Field(field) => {
                    let meta = self.schema.named(parent).and_then(|ty| self.schema.field(ty, field.name.text));
                    if let Some(meta) = meta {
                        let group = groups.entry(field.response_key()).or_default();
                        group.push(Appearance { parent, field, ty: &meta.ty });
                    }
                }
                Selection::Inline(inline) => {
                    let on = inline.on.map_or(parent, |on| on.text);
                    self.collect(on, &inline.selections, groups, spread);
                }
                Selection::Spread(named) => {
                    if let Some(fragment) = self.fragments.get(named.name.text)
                        && spread.insert(named.name.text)
                    {
                        self.collect(fragment.on.text, &fragment.selections, groups, spread);
                    }
                }
            }
        }
    }

    /// The fields of interfaces and unions, which meet all others, and those of each object type.
    fn by_parent(&self, group: &[Appearance<'a>]) -> (Vec<Appearance<'a>>, IndexMap<&'a str, Vec<Appearance<'a>>>) {
        let (mut of_abstract, mut of_objects) = (vec![], IndexMap::<_, Vec<_>>::new());
        for one in group {
            if self.schema.named(one.parent).is_some_and(MetaType::is_abstract) {
                of_abstract.push(*one);
            } else {
                of_objects.entry(one.parent).or_default().push(*one);
            }
        }
        (of_abstract, of_objects)
    }

    /// Reports the first conflict among fields of one key.
    fn has_conflict(&mut self, key: &str, group: &[Appearance<'a>]) -> bool {
        if group.len() < 2 {
            return false;
        }
        if self.has_other_shape(key, group) {
            return true;
        }
        let (of_abstract, of_objects) = self.by_parent(group);
        let alone = of_objects.values().map(|fields| (&fields[0], &fields[..]));
        let all = of_abstract.first().map(|first| (first, group));
        for (first, fields) in all.into_iter().chain(alone) {
            for other in fields {
                if let Some(why) = difference(first.field, other.field) {
                    self.conflict(key, other, &why);
                    return true;
                }
            }
        }
        false
    }

    fn has_other_shape(&mut self, key: &str, group: &[Appearance<'a>]) -> bool {
        let [first, others @ ..] = group else { return false };
        let Some(other) = others.iter().find(|other| !self.same_shape(first.ty, other.ty)) else { return false };
        let why = format!("they return conflicting types \"{}\" and \"{}\"", first.ty, other.ty);
        self.conflict(key, other, &why);
        true
    }

    fn conflict(&mut self, key: &str, other: &Appearance<'_>, why: &str) {
        self.errors.add(other.field.pos, || {
            format!(
                "Fields \"{key}\" conflict because {why}. Use different aliases on the fields to fetch both if this was \
                 intentional."
            )
        });
    }

    fn same_shape(&self, a: &str, b: &str) -> bool {
        match (MetaTypeName::create(a), MetaTypeName::create(b)) {
            (MetaTypeName::NonNull(a), MetaTypeName::NonNull(b)) | (MetaTypeName::List(a), MetaTypeName::List(b)) => {
                self.same_shape(a, b)
            }
            (MetaTypeName::Named(a), MetaTypeName::Named(b)) => {
                let leaf = |ty| self.schema.named(ty).is_some_and(MetaType::is_leaf);
                a == b || !(leaf(a) || leaf(b))
            }
            _ => false,
        }
    }
}

fn key(sets: &[Typed<'_>]) -> Key {
    sets.iter().map(|(_, set)| address(set)).collect()
}

fn address(set: &SelectionSet<'_>) -> usize {
    std::ptr::from_ref(set).addr()
}

/// What fields select, each set once.
fn below<'a>(group: &[Appearance<'a>]) -> Vec<Typed<'a>> {
    let mut seen = HashSet::new();
    let set = |one: &Appearance<'a>| Some((named(one.ty), one.field.selections.as_ref()?));
    group.iter().filter_map(set).filter(|(_, set)| seen.insert(address(set))).collect()
}

fn difference(a: &Field<'_>, b: &Field<'_>) -> Option<String> {
    if a.name.text != b.name.text {
        return Some(format!("\"{}\" and \"{}\" are different fields", a.name.text, b.name.text));
    }
    (!same_members(&a.arguments, &b.arguments)).then(|| "they have differing arguments".to_owned())
}

/// Whether names that are unique have the same values, in whatever order.
fn same_members(a: &[Argument<'_>], b: &[Argument<'_>]) -> bool {
    let in_order = a.iter().zip(b).all(|(a, b)| a.name.text == b.name.text);
    a.len() == b.len()
        && if in_order {
            a.iter().zip(b).all(|(a, b)| same_value(&a.value, &b.value))
        } else {
            let other: IndexMap<_, _> = b.iter().map(|one| (one.name.text, &one.value)).collect();
            a.iter().all(|one| other.get(one.name.text).is_some_and(|other| same_value(&one.value, other)))
        }
}

fn same_value(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (&a.kind, &b.kind) {
        (ValueKind::Variable(a), ValueKind::Variable(b))
        | (ValueKind::Int(a), ValueKind::Int(b))
        | (ValueKind::Float(a), ValueKind::Float(b))
        | (ValueKind::Enum(a), ValueKind::Enum(b)) => a == b,
        (ValueKind::Text(a), ValueKind::Text(b)) => a == b,
        (ValueKind::Boolean(a), ValueKind::Boolean(b)) => a == b,
        (ValueKind::Null, ValueKind::Null) => true,
        (ValueKind::List(a), ValueKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (ValueKind::Object(a), ValueKind::Object(b)) => same_members(a, b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{document, schema::query::Root};
    use async_graphql::{OutputType, registry::Registry};

    fn visits(schema: &Schema, text: &str) -> usize {
        let document = document::parse(text).expect("a document");
        let fragments = document.fragments.iter().map(|one| (one.name.text, one)).collect();
        let mut errors = Errors { list: vec![], suggest: false };
        let visits = check(schema, &document, &fragments, &mut errors);
        assert!(errors.list.is_empty(), "{:?}", errors.list);
        visits
    }

    #[test]
    fn ten_times_the_document_is_looked_at_ten_times_as_often() {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        let schema = Schema::new(registry);
        let all = |n: usize, each: &dyn Fn(usize) -> String| (0..n).map(each).collect::<Vec<_>>().concat();
        let shapes: [&dyn Fn(usize) -> String; 6] = [
            &|n| format!("{{ {} }}", all(n, &|i| format!("a{i}: users {{ totalCount }} "))),
            // As many fields under one key, which are merged.
            &|n| format!("{{ {} }}", all(n, &|_| "users { nodes { id accounts { nodes { id } } } } ".to_owned())),
            // As many under one key on two types, which have one shape.
            &|n| {
                let of = |ty: &str| format!("... on {ty} {{ x: audit {{ created {{ at }} }} }} ");
                format!("{{ node(id: 1) {{ {} }} }}", all(n, &|i| of(["User", "Group"][i % 2])))
            },
            // As many fragments, each spread once.
            &|n| {
                let fragments = all(n, &|i| format!("fragment F{i} on Query {{ users {{ totalCount }} }} "));
                format!("{{ {} }} {fragments}", all(n, &|i| format!("...F{i} ")))
            },
            // One fragment in as many places.
            &|n| {
                let fields = all(n, &|i| format!("a{i}: users {{ ...F }} "));
                format!("{{ {fields} }} fragment F on UserConnection {{ nodes {{ id name }} }}")
            },
            // Each fragment spreads the next one twice.
            &|n| {
                let n = n / 20;
                let chain = all(n, &|i| format!("fragment F{i} on Query {{ ...F{0} ...F{0} }} ", i + 1));
                format!("{{ ...F0 }} {chain} fragment F{n} on Query {{ __typename }}")
            },
        ];
        for shape in shapes {
            let (few, many) = (visits(&schema, &shape(100)), visits(&schema, &shape(1000)));
            assert!(few >= 6 && many <= 11 * few, "{few} and {many} in {}", &shape(100)[..60]);
        }
    }
}
