//! Variables: their definitions, and their uses in the operation and in every fragment that it spreads.

use super::{
    Errors, directives,
    walk::{Notes, Position, Usage, Walk},
};
use crate::graph::document::{
    ast::{Document, Operation, Value, ValueKind, Variable},
    schema::DirectiveLocation,
};
use async_graphql::registry::MetaTypeName;
use std::collections::{HashMap, HashSet};

/// Checks the variables that an operation defines.
pub(super) fn definitions<'a>(walk: &mut Walk<'a, '_>, operation: &'a Operation<'a>) {
    let mut seen = HashSet::new();
    for variable in &operation.variables {
        let Variable { name, named, ty, .. } = variable;
        if !seen.insert(name.text) {
            walk.errors.add(name.pos, || format!("There can be only one variable named \"${}\".", name.text));
        }
        let known = walk.schema.named(named.text);
        match known {
            None => walk.unknown_type(named),
            Some(known) if !known.is_input() => {
                let message = || format!("Variable \"${}\" cannot be non-input type \"{ty}\".", name.text);
                walk.errors.add(variable.ty_pos, message);
            }
            Some(_) => {}
        }
        if let Some(default) = &variable.default {
            walk.value(default, known.filter(|known| known.is_input()).map(|_| Position::of(ty)));
        }
        directives::check(walk, &variable.directives, DirectiveLocation::VariableDefinition);
    }
}

/// Checks the uses of variables in each operation, and that every fragment is used.
pub(super) fn check(document: &Document<'_>, notes: &Notes<'_>, errors: &mut Errors) {
    let mut spread_anywhere = HashSet::new();
    for (operation, (usages, spreads)) in document.operations.iter().zip(&notes.operations) {
        let mut uses = Uses::new(operation);
        for usage in usages {
            uses.check(usage, errors);
        }
        let mut seen = HashSet::new();
        let mut next = spreads.clone();
        while let Some(name) = next.pop() {
            if let (true, Some((usages, spreads))) = (seen.insert(name), notes.fragments.get(name)) {
                for usage in usages {
                    uses.check(usage, errors);
                }
                next.extend(spreads);
            }
        }
        spread_anywhere.extend(seen);
        uses.check_all_used(errors);
    }
    for name in document.fragments.iter().map(|fragment| fragment.name) {
        if !spread_anywhere.contains(name.text) {
            errors.add(name.pos, || format!("Fragment \"{}\" is never used.", name.text));
        }
    }
}

/// The variables of one operation.
struct Uses<'a> {
    operation: &'a Operation<'a>,
    /// By name, with whether they are used.
    defined: HashMap<&'a str, (&'a Variable<'a>, bool)>,
}

impl<'a> Uses<'a> {
    fn new(operation: &'a Operation<'a>) -> Self {
        let defined = operation.variables.iter().map(|one| (one.name.text, (one, false))).collect();
        Uses { operation, defined }
    }

    /// How messages name the operation.
    fn operation(&self, before: &str) -> String {
        self.operation.name.map_or_else(String::new, |name| format!(" {before} operation \"{}\"", name.text))
    }

    fn check(&mut self, usage: &Usage<'_>, errors: &mut Errors) {
        let name = usage.name;
        let Some((variable, used)) = self.defined.get_mut(name) else {
            let by = self.operation("by");
            return errors.add(usage.pos, || format!("Variable \"${name}\" is not defined{by}."));
        };
        *used = true;
        let Some(at) = usage.at else { return };
        let declared = &variable.ty;
        if !is_allowed(variable, at) {
            let expected = at.ty;
            errors.add(usage.pos, || {
                format!("Variable \"${name}\" of type \"{declared}\" used in position expecting type \"{expected}\".")
            });
        }
        if let Some(one_of) = at.one_of.filter(|_| !declared.ends_with('!')) {
            errors.add(usage.pos, || {
                format!(
                    "Variable \"${name}\" is of type \"{declared}\" but must be non-nullable to be used for OneOf Input \
                     Object \"{one_of}\"."
                )
            });
        }
    }

    fn check_all_used(&self, errors: &mut Errors) {
        for Variable { name, .. } in &self.operation.variables {
            if let Some((_, false)) = self.defined.get(name.text) {
                let by = self.operation("in");
                errors.add(name.pos, || format!("Variable \"${}\" is never used{by}.", name.text));
            }
        }
    }
}

/// Whether a variable may stand at a place: null must not reach where it is refused, unless a default comes before it.
fn is_allowed(variable: &Variable<'_>, at: Position<'_>) -> bool {
    let default = variable.default.as_ref();
    let filled = at.has_default || default.is_some_and(|Value { kind, .. }| !matches!(kind, ValueKind::Null));
    let expected = if filled { at.ty.strip_suffix('!').unwrap_or(at.ty) } else { at.ty };
    fits(&variable.ty, expected)
}

/// Whether a value of one type can always stand where another is expected.
fn fits(declared: &str, expected: &str) -> bool {
    match (MetaTypeName::create(declared), MetaTypeName::create(expected)) {
        (MetaTypeName::NonNull(declared), MetaTypeName::NonNull(expected))
        | (MetaTypeName::List(declared), MetaTypeName::List(expected)) => fits(declared, expected),
        (MetaTypeName::NonNull(declared), _) => fits(declared, expected),
        (MetaTypeName::Named(declared), MetaTypeName::Named(expected)) => declared == expected,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_fits_where_it_allows_no_more() {
        for (declared, expected) in [("Int", "Int"), ("Int!", "Int"), ("[Int!]!", "[Int]"), ("[Int]", "[Int]")] {
            assert!(fits(declared, expected), "{declared} in {expected}");
        }
        for (declared, expected) in [
            ("Int", "Int!"),
            ("Int", "Float"),
            ("Int", "[Int]"),
            ("[Int]", "[Int!]"),
            ("[Int]", "Int"),
            ("ID", "String"),
        ] {
            assert!(!fits(declared, expected), "{declared} in {expected}");
        }
    }
}
