//! Selections against the types of the schema: fields, their arguments, and fragments.

use super::{
    Errors, Fragments, directives, named, suggest, variables,
    walk::{Notes, Position, Walk, is_required},
};
use crate::graph::document::{
    ast::{Argument, Document, Field, Ident, Selection, SelectionSet},
    schema::{DirectiveLocation, Schema},
};
use async_graphql::{
    Pos,
    indexmap::IndexMap,
    parser::types::OperationType,
    registry::{MetaInputValue, MetaType},
};

/// Looks at every definition once and notes what the rules on variables need.
pub(super) fn check<'a>(
    schema: &'a Schema,
    document: &'a Document<'a>,
    fragments: &'a Fragments<'a>,
    errors: &mut Errors,
) -> Notes<'a> {
    let mut notes = Notes::default();
    for operation in &document.operations {
        let (query, mutation) = schema.roots();
        let (root, place) = match operation.kind {
            OperationType::Query => (query, DirectiveLocation::Query),
            OperationType::Mutation => (mutation, DirectiveLocation::Mutation),
            OperationType::Subscription => (None, DirectiveLocation::Subscription),
        };
        if operation.kind == OperationType::Subscription {
            errors.add(operation.pos, || "This graph has no subscriptions.".to_owned());
        }
        let mut walk = Walk::new(schema, fragments, errors);
        variables::definitions(&mut walk, operation);
        directives::check(&mut walk, &operation.directives, place);
        walk.set(root, &operation.selections);
        notes.operations.push((walk.usages, walk.spreads));
    }
    for fragment in &document.fragments {
        let mut walk = Walk::new(schema, fragments, errors);
        let on = walk.condition(&fragment.on, Some(fragment.name.text));
        directives::check(&mut walk, &fragment.directives, DirectiveLocation::FragmentDefinition);
        walk.set(on, &fragment.selections);
        notes.fragments.insert(fragment.name.text, (walk.usages, walk.spreads));
    }
    notes
}

impl<'a> Walk<'a, '_> {
    /// Checks a selection set on a type; none where the type is not known, which was reported.
    fn set(&mut self, parent: Option<&'a MetaType>, set: &'a SelectionSet<'a>) {
        for item in &set.items {
            match item {
                Selection::Field(field) => self.field(parent, field),
                Selection::Spread(spread) => {
                    directives::check(self, &spread.directives, DirectiveLocation::FragmentSpread);
                    self.spread(parent, &spread.name, spread.pos);
                }
                Selection::Inline(inline) => {
                    directives::check(self, &inline.directives, DirectiveLocation::InlineFragment);
                    let on = match &inline.on {
                        None => parent,
                        Some(on) => {
                            let on = self.condition(on, None);
                            self.possible(parent, on, None, inline.pos);
                            on
                        }
                    };
                    self.set(on, &inline.selections);
                }
            }
        }
    }

    fn field(&mut self, parent: Option<&'a MetaType>, field: &'a Field<'a>) {
        directives::check(self, &field.directives, DirectiveLocation::Field);
        self.unique_arguments(&field.arguments);
        let name = field.name.text;
        let Some((parent, meta)) = parent.and_then(|parent| Some((parent, self.schema.field(parent, name)?))) else {
            if let Some(parent) = parent {
                self.unknown_field(parent, field);
            }
            for argument in &field.arguments {
                self.value(&argument.value, None);
            }
            if let Some(set) = &field.selections {
                self.set(None, set);
            }
            return;
        };
        self.arguments(parent.name(), field, &meta.args);
        let ty = self.schema.named(named(&meta.ty));
        let is_leaf = ty.is_some_and(MetaType::is_leaf);
        match &field.selections {
            Some(set) if is_leaf => {
                self.errors.add(set.pos, || {
                    format!("Field \"{name}\" must not have a selection since type \"{}\" has no subfields.", meta.ty)
                });
                self.set(None, set);
            }
            Some(set) => self.set(ty, set),
            None if is_leaf => {}
            None => {
                let guess =
                    if self.errors.suggest { format!(" Did you mean \"{name} {{ ... }}\"?") } else { String::new() };
                self.errors.add(field.pos, || {
                    format!("Field \"{name}\" of type \"{}\" must have a selection of subfields.{guess}", meta.ty)
                });
            }
        }
    }

    fn unknown_field(&mut self, parent: &MetaType, field: &Field<'_>) {
        let (name, ty) = (field.name.text, parent.name());
        let message = || format!("Cannot query field \"{name}\" on type \"{ty}\".");
        let elsewhere: Vec<_> = parent
            .possible_types()
            .filter(|_| parent.is_abstract())
            .into_iter()
            .flatten()
            .filter(|one| self.schema.named(one).is_some_and(|one| one.field_by_name(name).is_some()))
            .take(5)
            .map(|one| format!("\"{one}\""))
            .collect();
        if self.errors.suggest && !elsewhere.is_empty() {
            let guess = suggest::did_you_mean("to use an inline fragment on ", &elsewhere);
            return self.errors.add(field.pos, || message() + &guess);
        }
        let known = parent.fields().into_iter().flat_map(IndexMap::keys).map(String::as_str);
        self.errors.unknown(field.pos, name, known.filter(|known| !known.starts_with('_')), message);
    }

    fn arguments(&mut self, parent: &str, field: &'a Field<'a>, declared: &'a IndexMap<String, MetaInputValue>) {
        let name = field.name.text;
        for Argument { name: given, value } in &field.arguments {
            let meta = declared.get(given.text);
            if meta.is_none() {
                let known = declared.keys().map(String::as_str);
                let message = || format!("Unknown argument \"{}\" on field \"{parent}.{name}\".", given.text);
                self.errors.unknown(given.pos, given.text, known, message);
            }
            self.value(value, meta.map(Position::declared));
        }
        for (required, meta) in declared.iter().filter(|(_, meta)| is_required(meta)) {
            if field.arguments.iter().all(|given| given.name.text != required) {
                self.errors.add(field.pos, || {
                    format!(
                        "Argument \"{required}\" of type \"{}\" on field \"{parent}.{name}\" is required, but it was not \
                         provided.",
                        meta.ty
                    )
                });
            }
        }
    }

    /// The type that a fragment is on.
    fn condition(&mut self, on: &Ident<'_>, fragment: Option<&str>) -> Option<&'a MetaType> {
        let Some(ty) = self.schema.named(on.text) else {
            self.unknown_type(on);
            return None;
        };
        if ty.is_composite() {
            return Some(ty);
        }
        let fragment = fragment.map_or("Fragment".to_owned(), |name| format!("Fragment \"{name}\""));
        self.errors.add(on.pos, || format!("{fragment} cannot condition on non composite type \"{}\".", on.text));
        None
    }

    fn spread(&mut self, parent: Option<&'a MetaType>, name: &Ident<'a>, pos: Pos) {
        let Some(fragment) = self.fragments.get(name.text) else {
            return self.errors.add(name.pos, || format!("Unknown fragment \"{}\".", name.text));
        };
        self.spreads.push(name.text);
        let on = self.schema.named(fragment.on.text).filter(|ty| ty.is_composite());
        self.possible(parent, on, Some(name.text), pos);
    }

    /// Refuses a fragment on a type that can never be met where it is spread.
    fn possible(&mut self, parent: Option<&MetaType>, on: Option<&MetaType>, fragment: Option<&str>, pos: Pos) {
        let (Some(parent), Some(on)) = (parent, on) else { return };
        if !parent.is_composite() || parent.type_overlap(on) {
            return;
        }
        let fragment = fragment.map_or("Fragment".to_owned(), |name| format!("Fragment \"{name}\""));
        self.errors.add(pos, || {
            format!(
                "{fragment} cannot be spread here as objects of type \"{}\" can never be of type \"{}\".",
                parent.name(),
                on.name()
            )
        });
    }
}
