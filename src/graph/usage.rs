//! Whether variables are used where their types fit (`AllVariableUsagesAreAllowed` of the specification). The library has
//! the rule, but its visitors never reach it.

use super::{answer::GraphError, merge::INVALID, plan::root_type};
use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, VariableDefinition},
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value;
use std::collections::HashSet;

/// Checks every use of a variable in an operation and the fragments that it spreads.
///
/// # Errors
///
/// The first use that does not fit.
pub fn check(
    registry: &Registry,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), GraphError> {
    let mut check = Check { registry, document, variables: &operation.variable_definitions, spread: HashSet::new() };
    check.directives(&operation.directives)?;
    check.set(registry.types.get(root_type(registry, operation.ty)), &operation.selection_set.node)
}

struct Check<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    variables: &'a [Positioned<VariableDefinition>],
    spread: HashSet<&'a Name>,
}

type Given = [(Positioned<Name>, Positioned<Value>)];

impl<'a> Check<'a> {
    fn set(&mut self, ty: Option<&'a MetaType>, set: &'a SelectionSet) -> Result<(), GraphError> {
        for item in &set.items {
            self.directives(item.node.directives())?;
            match &item.node {
                Selection::Field(field) => {
                    let meta = ty.and_then(|ty| ty.field_by_name(&field.node.name.node));
                    if let Some(meta) = meta {
                        self.arguments(&meta.args, &field.node.arguments)?;
                    }
                    let inner = meta.and_then(|meta| self.registry.concrete_type_by_name(&meta.ty));
                    self.set(inner, &field.node.selection_set.node)?;
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    let ty = on.map_or(ty, |on| self.registry.types.get(on));
                    self.set(ty, &inline.node.selection_set.node)?;
                }
                Selection::FragmentSpread(named) => {
                    let name = &named.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(self.registry.types.get(on), &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// There are no directives for queries but the two of the specification, which both take `if`.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), GraphError> {
        let mut given = directives.iter().flat_map(|directive| &directive.node.arguments);
        given.try_for_each(|(_, value)| self.value("Boolean!", false, &value.node, value.pos))
    }

    fn arguments(&self, declared: &IndexMap<String, MetaInputValue>, given: &Given) -> Result<(), GraphError> {
        given.iter().try_for_each(|(name, value)| match declared.get(name.node.as_str()) {
            Some(declared) => self.value(&declared.ty, declared.default_value.is_some(), &value.node, value.pos),
            None => Ok(()),
        })
    }

    fn value(&self, ty: &str, has_default: bool, value: &Value, pos: Pos) -> Result<(), GraphError> {
        let nullable = ty.strip_suffix('!').unwrap_or(ty);
        match value {
            Value::Variable(name) => self.variable(ty, has_default, name, pos),
            Value::List(items) => {
                let inner =
                    if let MetaTypeName::List(inner) = MetaTypeName::create(nullable) { inner } else { nullable };
                items.iter().try_for_each(|item| self.value(inner, false, item, pos))
            }
            Value::Object(members) => {
                let declared = self.registry.types.get(MetaTypeName::concrete_typename(ty));
                let Some(MetaType::InputObject { input_fields, .. }) = declared else { return Ok(()) };
                members.iter().try_for_each(|(key, value)| match input_fields.get(key.as_str()) {
                    Some(field) => self.value(&field.ty, field.default_value.is_some(), value, pos),
                    None => Ok(()),
                })
            }
            _ => Ok(()),
        }
    }

    fn variable(&self, ty: &str, has_default: bool, name: &Name, pos: Pos) -> Result<(), GraphError> {
        let Some(definition) = self.variables.iter().find(|definition| definition.node.name.node == *name) else {
            return Ok(());
        };
        let declared = definition.node.var_type.node.to_string();
        let default = definition.node.default_value.as_ref();
        let filled = has_default || default.is_some_and(|default| default.node != async_graphql::Value::Null);
        let expected = if filled { ty.strip_suffix('!').unwrap_or(ty) } else { ty };
        if fits(&declared, expected) {
            return Ok(());
        }
        let message = format!("Variable ${name} is of type {declared}, but is used where {ty} is expected.");
        Err(GraphError::request(INVALID, message, Some(pos)))
    }
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
