//! An executable document as it is written. Names and numbers are slices of its text.

use async_graphql::{Pos, parser::types::OperationType};
use std::borrow::Cow;

/// A document: at least one definition.
#[derive(Debug, Default)]
pub struct Document<'a> {
    /// Its operations, in their order.
    pub operations: Vec<Operation<'a>>,
    /// Its fragments, in their order.
    pub fragments: Vec<Fragment<'a>>,
    /// The first definition of the type system, by its keyword. What follows it is not read.
    pub type_system: Option<Ident<'a>>,
}

/// A name at its place.
#[derive(Debug, Clone, Copy)]
pub struct Ident<'a> {
    /// The name.
    pub text: &'a str,
    /// Where it starts.
    pub pos: Pos,
}

/// A query, mutation or subscription.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// Which of the three it is.
    pub kind: OperationType,
    /// Its name; none when it is anonymous.
    pub name: Option<Ident<'a>>,
    /// The variables that it defines.
    pub variables: Vec<Variable<'a>>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
    /// What it selects.
    pub selections: SelectionSet<'a>,
}

/// A fragment definition.
#[derive(Debug)]
pub struct Fragment<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// Its name.
    pub name: Ident<'a>,
    /// Its type condition.
    pub on: Ident<'a>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
    /// What it selects.
    pub selections: SelectionSet<'a>,
}

/// The definition of a variable.
#[derive(Debug)]
pub struct Variable<'a> {
    /// Its name, without the dollar sign, at the place of the dollar sign.
    pub name: Ident<'a>,
    /// The declared type as the specification prints it: `[ID!]!`.
    pub ty: String,
    /// The name inside the declared type.
    pub named: Ident<'a>,
    /// Where the declared type starts.
    pub ty_pos: Pos,
    /// Its default value.
    pub default: Option<Value<'a>>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
}

/// A selection set; never empty.
#[derive(Debug)]
pub struct SelectionSet<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// What is selected.
    pub items: Vec<Selection<'a>>,
}

/// One selection.
#[derive(Debug)]
pub enum Selection<'a> {
    /// A field.
    Field(Field<'a>),
    /// A spread of a named fragment.
    Spread(Spread<'a>),
    /// An inline fragment.
    Inline(Inline<'a>),
}

/// A field.
#[derive(Debug)]
pub struct Field<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// Its alias.
    pub alias: Option<Ident<'a>>,
    /// Its name.
    pub name: Ident<'a>,
    /// Its arguments.
    pub arguments: Vec<Argument<'a>>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
    /// What is selected of it.
    pub selections: Option<SelectionSet<'a>>,
}

impl<'a> Field<'a> {
    /// The name that the field has in the response.
    #[must_use]
    pub fn response_key(&self) -> &'a str {
        self.alias.map_or(self.name.text, |alias| alias.text)
    }
}

/// A spread of a named fragment.
#[derive(Debug)]
pub struct Spread<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// The name of the fragment.
    pub name: Ident<'a>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
}

/// An inline fragment.
#[derive(Debug)]
pub struct Inline<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// Its type condition.
    pub on: Option<Ident<'a>>,
    /// Its directives.
    pub directives: Vec<Directive<'a>>,
    /// What it selects.
    pub selections: SelectionSet<'a>,
}

/// A directive.
#[derive(Debug)]
pub struct Directive<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// Its name, without the at sign.
    pub name: Ident<'a>,
    /// Its arguments.
    pub arguments: Vec<Argument<'a>>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Argument<'a> {
    /// Its name.
    pub name: Ident<'a>,
    /// Its value.
    pub value: Value<'a>,
}

/// A value at its place.
#[derive(Debug)]
pub struct Value<'a> {
    /// Where it starts.
    pub pos: Pos,
    /// What it is.
    pub kind: ValueKind<'a>,
}

/// What a value is.
#[derive(Debug)]
pub enum ValueKind<'a> {
    /// A variable, without the dollar sign.
    Variable(&'a str),
    /// A whole number, as written.
    Int(&'a str),
    /// A number with a fraction or an exponent, as written.
    Float(&'a str),
    /// A text.
    Text(Cow<'a, str>),
    /// A truth value.
    Boolean(bool),
    /// No value.
    Null,
    /// A word that may be the value of an enum.
    Enum(&'a str),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object, with its fields as written: a name may be there twice.
    Object(Vec<Argument<'a>>),
}
