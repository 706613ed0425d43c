//! Validation that the library leaves out: what `__typename` may carry, and whether fields under one response key can be
//! merged (`FieldsInSetCanMerge` of the specification), through aliases and fragments on different types.

use super::answer::GraphError;
use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, Field, InlineFragment, Selection, SelectionSet},
    registry::{MetaTypeName, Registry},
};
use async_graphql_value::Value;
use std::collections::{HashMap, HashSet};

/// The code of a document that is not valid.
pub const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

fn invalid(message: String, pos: Pos) -> GraphError {
    GraphError::request(INVALID, message, Some(pos))
}

/// Wraps every `__typename` that has directives into an inline fragment with them, which means the same: the library
/// looks at directives everywhere but on `__typename`, and calls a variable unused that stands only there.
///
/// # Errors
///
/// When `__typename` has arguments or a selection.
pub fn open_typenames(document: &mut ExecutableDocument) -> Result<(), GraphError> {
    use async_graphql::parser::types::DocumentOperations;
    match &mut document.operations {
        DocumentOperations::Single(operation) => open_set(&mut operation.node.selection_set.node)?,
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                open_set(&mut operation.node.selection_set.node)?;
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        open_set(&mut fragment.node.selection_set.node)?;
    }
    Ok(())
}

fn open_set(set: &mut SelectionSet) -> Result<(), GraphError> {
    for item in &mut set.items {
        let pos = item.pos;
        match &mut item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                let Field { arguments, selection_set, .. } = &field.node;
                if !arguments.is_empty() || !selection_set.node.items.is_empty() {
                    return Err(invalid("__typename takes no arguments and has no fields.".to_owned(), pos));
                }
                if field.node.directives.is_empty() {
                    continue;
                }
                let directives = std::mem::take(&mut field.node.directives);
                let bare = SelectionSet { items: vec![Positioned::new(Selection::Field(field.clone()), pos)] };
                let selection_set = Positioned::new(bare, pos);
                item.node = Selection::InlineFragment(Positioned::new(
                    InlineFragment { type_condition: None, directives, selection_set },
                    pos,
                ));
            }
            Selection::Field(field) => open_set(&mut field.node.selection_set.node)?,
            Selection::InlineFragment(inline) => open_set(&mut inline.node.selection_set.node)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

/// Checks that fields with the same response key can be merged, everywhere below a selection of `type_name`.
///
/// # Errors
///
/// The first conflict.
pub fn check(
    registry: &Registry,
    document: &ExecutableDocument,
    type_name: &str,
    set: &SelectionSet,
) -> Result<(), GraphError> {
    let mut check = Check { registry, document, done: HashSet::new() };
    check.merged(&[(type_name.to_owned(), set)])
}

/// A selection with the type it is made on.
type Typed<'a> = (String, &'a SelectionSet);

struct Check<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    /// Merged selections that were checked: each pair of type and set, in order.
    done: HashSet<Vec<(String, *const SelectionSet)>>,
}

/// One appearance of a field.
struct Appearance<'a> {
    parent: String,
    field: &'a Positioned<Field>,
    ty: String,
}

impl<'a> Check<'a> {
    fn merged(&mut self, sets: &[Typed<'a>]) -> Result<(), GraphError> {
        let key = sets.iter().map(|(ty, set)| (ty.clone(), std::ptr::from_ref::<SelectionSet>(set))).collect();
        if !self.done.insert(key) {
            return Ok(());
        }
        let mut order = vec![];
        let mut groups: HashMap<&'a str, Vec<Appearance<'a>>> = HashMap::new();
        let mut spread = HashSet::new();
        for (ty, set) in sets {
            self.collect(ty, set, &mut order, &mut groups, &mut spread);
        }
        for key in order {
            self.group(key, &groups[key])?;
        }
        Ok(())
    }

    fn collect(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        order: &mut Vec<&'a str>,
        groups: &mut HashMap<&'a str, Vec<Appearance<'a>>>,
        spread: &mut HashSet<&'a str>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let Some(field_type) = self.field_type(ty, &field.node) else { continue };
                    let key = field.node.response_key().node.as_str();
                    let group = groups.entry(key).or_insert_with(|| {
                        order.push(key);
                        vec![]
                    });
                    group.push(Appearance { parent: ty.to_owned(), field, ty: field_type });
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(ty, |on| on.node.on.node.as_str());
                    self.collect(on, &inline.node.selection_set.node, order, groups, spread);
                }
                Selection::FragmentSpread(named) => {
                    let name = named.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && spread.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(on, &fragment.node.selection_set.node, order, groups, spread);
                    }
                }
            }
        }
    }

    fn field_type(&self, parent: &str, field: &Field) -> Option<String> {
        match field.name.node.as_str() {
            "__typename" => Some("String!".to_owned()),
            // Introspection is the library's.
            name if name.starts_with("__") => None,
            name => self.registry.types.get(parent)?.field_by_name(name).map(|meta| meta.ty.clone()),
        }
    }

    fn group(&mut self, key: &str, group: &[Appearance<'a>]) -> Result<(), GraphError> {
        let [first, others @ ..] = group else { return Ok(()) };
        let conflict = |other: &Appearance<'_>, why: &str| {
            invalid(format!("Fields {key:?} conflict because {why}: use different aliases."), other.field.pos)
        };
        for other in others {
            if !self.same_shape(&first.ty, &other.ty) {
                let why = format!("they return {} and {}", first.ty, other.ty);
                return Err(conflict(other, &why));
            }
        }
        // Fields of two different object types never meet in one answer, so only their shapes must agree; a field of an
        // interface meets all others.
        let of_interface = group.iter().find(|one| self.is_abstract(&one.parent));
        let mut of_object: HashMap<&str, &Appearance<'_>> = HashMap::new();
        for one in group {
            let of_same = *of_object.entry(&one.parent).or_insert(one);
            for other in of_interface.into_iter().chain([of_same]) {
                let names = (&other.field.node.name.node, &one.field.node.name.node);
                if names.0 != names.1 {
                    return Err(conflict(one, &format!("{} and {} are different fields", names.0, names.1)));
                }
                if !same_arguments(&other.field.node, &one.field.node) {
                    return Err(conflict(one, "they have different arguments"));
                }
            }
        }
        let below: Vec<Typed<'a>> = group
            .iter()
            .filter(|one| !one.field.node.selection_set.node.items.is_empty())
            .map(|one| (MetaTypeName::concrete_typename(&one.ty).to_owned(), &one.field.node.selection_set.node))
            .collect();
        if below.is_empty() { Ok(()) } else { self.merged(&below) }
    }

    fn is_abstract(&self, ty: &str) -> bool {
        self.registry.types.get(ty).is_some_and(async_graphql::registry::MetaType::is_abstract)
    }

    fn same_shape(&self, a: &str, b: &str) -> bool {
        let (a, b) = (MetaTypeName::create(a), MetaTypeName::create(b));
        match (a, b) {
            (MetaTypeName::NonNull(a), MetaTypeName::NonNull(b)) | (MetaTypeName::List(a), MetaTypeName::List(b)) => {
                self.same_shape(a, b)
            }
            (MetaTypeName::Named(a), MetaTypeName::Named(b)) => {
                let leaf = |ty| self.registry.types.get(ty).is_some_and(async_graphql::registry::MetaType::is_leaf);
                a == b || !(leaf(a) || leaf(b))
            }
            _ => false,
        }
    }
}

fn same_arguments(a: &Field, b: &Field) -> bool {
    let same = |name: &str, value: &Value| b.get_argument(name).is_some_and(|other| other.node == *value);
    a.arguments.len() == b.arguments.len() && a.arguments.iter().all(|(name, value)| same(&name.node, &value.node))
}
