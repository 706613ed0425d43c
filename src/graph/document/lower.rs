//! The library's form of a valid document.

use super::ast;
use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread, InlineFragment,
        OperationDefinition, Selection, SelectionSet, Type, TypeCondition, VariableDefinition,
    },
};
use async_graphql_value::{Number, Value};
use std::collections::HashMap;

/// The same document for the library. Names of operations and fragments must be unique.
#[must_use]
pub fn lower(document: &ast::Document<'_>) -> ExecutableDocument {
    let operations = match &document.operations[..] {
        [only] if only.name.is_none() => DocumentOperations::Single(operation(only)),
        all => DocumentOperations::Multiple(
            all.iter().map(|one| (Name::new(one.name.map_or("", |name| name.text)), operation(one))).collect(),
        ),
    };
    let fragments: HashMap<_, _> =
        document.fragments.iter().map(|one| (Name::new(one.name.text), fragment(one))).collect();
    ExecutableDocument { operations, fragments }
}

fn name(ident: &ast::Ident<'_>) -> Positioned<Name> {
    Positioned::new(Name::new(ident.text), ident.pos)
}

fn operation(operation: &ast::Operation<'_>) -> Positioned<OperationDefinition> {
    let definition = OperationDefinition {
        ty: operation.kind,
        variable_definitions: operation.variables.iter().map(variable).collect(),
        directives: directives(&operation.directives),
        selection_set: selection_set(&operation.selections),
    };
    Positioned::new(definition, operation.pos)
}

fn fragment(fragment: &ast::Fragment<'_>) -> Positioned<FragmentDefinition> {
    let definition = FragmentDefinition {
        type_condition: condition(&fragment.on),
        directives: directives(&fragment.directives),
        selection_set: selection_set(&fragment.selections),
    };
    Positioned::new(definition, fragment.pos)
}

fn condition(on: &ast::Ident<'_>) -> Positioned<TypeCondition> {
    Positioned::new(TypeCondition { on: name(on) }, on.pos)
}

fn variable(variable: &ast::Variable<'_>) -> Positioned<VariableDefinition> {
    let constant = |default: &ast::Value<'_>| Some(Positioned::new(value(default).into_const()?, default.pos));
    let definition = VariableDefinition {
        name: name(&variable.name),
        // The parser printed it, so the library can read it.
        var_type: Positioned::new(Type::new(&variable.ty).expect("a printed type"), variable.ty_pos),
        directives: directives(&variable.directives),
        default_value: variable.default.as_ref().and_then(constant),
    };
    Positioned::new(definition, variable.name.pos)
}

fn directives(directives: &[ast::Directive<'_>]) -> Vec<Positioned<Directive>> {
    let one = |found: &ast::Directive<'_>| {
        let directive = Directive { name: name(&found.name), arguments: arguments(&found.arguments) };
        Positioned::new(directive, found.pos)
    };
    directives.iter().map(one).collect()
}

fn arguments(arguments: &[ast::Argument<'_>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
    let one = |found: &ast::Argument<'_>| (name(&found.name), Positioned::new(value(&found.value), found.value.pos));
    arguments.iter().map(one).collect()
}

fn selection_set(set: &ast::SelectionSet<'_>) -> Positioned<SelectionSet> {
    Positioned::new(SelectionSet { items: set.items.iter().map(selection).collect() }, set.pos)
}

fn selection(selection: &ast::Selection<'_>) -> Positioned<Selection> {
    match selection {
        ast::Selection::Field(found) => {
            let nothing = || Positioned::new(SelectionSet::default(), Pos::default());
            let field = Field {
                alias: found.alias.as_ref().map(name),
                name: name(&found.name),
                arguments: arguments(&found.arguments),
                directives: directives(&found.directives),
                selection_set: found.selections.as_ref().map_or_else(nothing, selection_set),
            };
            Positioned::new(Selection::Field(Positioned::new(field, found.pos)), found.pos)
        }
        ast::Selection::Spread(found) => {
            let spread = FragmentSpread { fragment_name: name(&found.name), directives: directives(&found.directives) };
            Positioned::new(Selection::FragmentSpread(Positioned::new(spread, found.pos)), found.pos)
        }
        ast::Selection::Inline(found) => {
            let inline = InlineFragment {
                type_condition: found.on.as_ref().map(condition),
                directives: directives(&found.directives),
                selection_set: selection_set(&found.selections),
            };
            Positioned::new(Selection::InlineFragment(Positioned::new(inline, found.pos)), found.pos)
        }
    }
}

fn value(found: &ast::Value<'_>) -> Value {
    match &found.kind {
        ast::ValueKind::Variable(name) => Value::Variable(Name::new(name)),
        ast::ValueKind::Int(digits) | ast::ValueKind::Float(digits) => number(digits),
        ast::ValueKind::Text(text) => Value::String(text.clone().into_owned()),
        ast::ValueKind::Boolean(truth) => Value::Boolean(*truth),
        ast::ValueKind::Null => Value::Null,
        ast::ValueKind::Enum(word) => Value::Enum(Name::new(word)),
        ast::ValueKind::List(items) => Value::List(items.iter().map(value).collect()),
        ast::ValueKind::Object(fields) => {
            Value::Object(fields.iter().map(|field| (Name::new(field.name.text), value(&field.value))).collect())
        }
    }
}

/// A number as JSON has it; one that no double holds is kept as text, which fits no number's type.
fn number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::String(digits.to_owned()), Value::Number)
}
