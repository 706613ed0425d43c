//! Directives: known ones, where they may stand, each once.

use super::walk::{Position, Walk};
use crate::graph::document::{
    ast::{Argument, Directive},
    schema::{self, DirectiveLocation},
};
use std::collections::HashSet;

/// Checks the directives of one place.
pub(super) fn check<'a>(walk: &mut Walk<'a, '_>, directives: &'a [Directive<'a>], place: DirectiveLocation) {
    let mut seen = HashSet::new();
    for directive in directives {
        let name = directive.name.text;
        let known = schema::DIRECTIVES.iter().find(|known| known.name == name);
        match known {
            None => walk.errors.add(directive.pos, || format!("Unknown directive \"@{name}\".")),
            Some(known) if !known.locations.contains(&place) => {
                walk.errors.add(directive.pos, || format!("Directive \"@{name}\" may not be used on {place}."));
            }
            Some(_) if !seen.insert(name) => {
                let message = || format!("The directive \"@{name}\" can only be used once at this location.");
                walk.errors.add(directive.pos, message);
            }
            Some(_) => {}
        }
        arguments(walk, directive, known.map(|known| known.arguments));
    }
}

fn arguments<'a>(walk: &mut Walk<'a, '_>, directive: &'a Directive<'a>, declared: Option<&'static [(&str, &str)]>) {
    let name = directive.name.text;
    walk.unique_arguments(&directive.arguments);
    for Argument { name: given, value } in &directive.arguments {
        let ty = declared.and_then(|all| all.iter().find(|(one, _)| *one == given.text)).map(|(_, ty)| *ty);
        if let (Some(declared), None) = (declared, ty) {
            let known = declared.iter().map(|(one, _)| *one);
            let message = || format!("Unknown argument \"{}\" on directive \"@{name}\".", given.text);
            walk.errors.unknown(given.pos, given.text, known, message);
        }
        walk.value(value, ty.map(Position::of));
    }
    for (required, ty) in declared.into_iter().flatten().filter(|(_, ty)| ty.ends_with('!')) {
        if directive.arguments.iter().all(|given| given.name.text != *required) {
            walk.errors.add(directive.pos, || {
                format!(
                    "Directive \"@{name}\" argument \"{required}\" of type \"{ty}\" is required, but it was not provided."
                )
            });
        }
    }
}
