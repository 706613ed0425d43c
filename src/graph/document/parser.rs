//! The grammar of executable documents. It recurses where brackets nest, which [`crate::graph::document::limits`] bounds first.

use super::{
    ast::{
        Argument, Directive, Document, Field, Fragment, Ident, Inline, Operation, Selection, SelectionSet, Spread,
        Value, ValueKind, Variable,
    },
    lexer::{Lexer, Token, TokenKind},
    syntax_error,
};
use crate::graph::error::GraphError;
use async_graphql::{Pos, parser::types::OperationType};

/// The keywords of the type system's definitions.
const TYPE_SYSTEM: [&str; 9] =
    ["schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"];

/// Reads a document, whose brackets must not nest deep.
///
/// # Errors
///
/// The first place at which it is not GraphQL.
pub fn parse(text: &str) -> Result<Document<'_>, GraphError> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next()?;
    Parser { lexer, token }.document()
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The next token.
    token: Token<'a>,
}

type Parsed<T> = Result<T, GraphError>;

impl<'a> Parser<'a> {
    fn document(&mut self) -> Parsed<Document<'a>> {
        let mut document = Document::default();
        loop {
            self.definition(&mut document)?;
            if self.token.kind == TokenKind::End || document.type_system.is_some() {
                return Ok(document);
            }
        }
    }

    fn definition(&mut self, document: &mut Document<'a>) -> Parsed<()> {
        let pos = self.token.pos;
        let described = matches!(self.token.kind, TokenKind::Text(_));
        if described {
            self.advance()?;
        }
        match self.token.kind {
            TokenKind::Punctuator('{') if described => {
                let message = "Unexpected description, descriptions are not supported on shorthand queries.";
                Err(syntax_error(message, pos))
            }
            TokenKind::Punctuator('{') => {
                let selections = self.selection_set()?;
                let (variables, directives) = (vec![], vec![]);
                let kind = OperationType::Query;
                document.operations.push(Operation { pos, kind, name: None, variables, directives, selections });
                Ok(())
            }
            TokenKind::Name("query") => self.operation(OperationType::Query, pos, document),
            TokenKind::Name("mutation") => self.operation(OperationType::Mutation, pos, document),
            TokenKind::Name("subscription") => self.operation(OperationType::Subscription, pos, document),
            TokenKind::Name("fragment") => self.fragment(pos, document),
            TokenKind::Name(text) if TYPE_SYSTEM.contains(&text) && !(described && text == "extend") => {
                document.type_system = Some(Ident { text, pos });
                Ok(())
            }
            TokenKind::Name(_) if described => {
                let message = "Unexpected description, only GraphQL definitions support descriptions.";
                Err(syntax_error(message, pos))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn operation(&mut self, kind: OperationType, pos: Pos, document: &mut Document<'a>) -> Parsed<()> {
        self.advance()?;
        let name = if let TokenKind::Name(_) = self.token.kind { Some(self.name()?) } else { None };
        let variables = self.any_of('(', ')', Self::variable)?;
        let directives = self.directives(false)?;
        let selections = self.selection_set()?;
        document.operations.push(Operation { pos, kind, name, variables, directives, selections });
        Ok(())
    }

    fn fragment(&mut self, pos: Pos, document: &mut Document<'a>) -> Parsed<()> {
        self.advance()?;
        if self.token.kind == TokenKind::Name("on") {
            return Err(self.unexpected());
        }
        let name = self.name()?;
        if self.token.kind != TokenKind::Name("on") {
            return Err(self.expected("\"on\""));
        }
        self.advance()?;
        let on = self.name()?;
        let directives = self.directives(false)?;
        let selections = self.selection_set()?;
        document.fragments.push(Fragment { pos, name, on, directives, selections });
        Ok(())
    }

    fn variable(&mut self) -> Parsed<Variable<'a>> {
        if let TokenKind::Text(_) = self.token.kind {
            self.advance()?;
        }
        let pos = self.token.pos;
        self.expect('$')?;
        let text = self.name()?.text;
        self.expect(':')?;
        let ty_pos = self.token.pos;
        let (ty, named) = self.type_reference()?;
        let default = if self.take('=')? { Some(self.value(true)?) } else { None };
        let directives = self.directives(true)?;
        Ok(Variable { name: Ident { text, pos }, ty, named, ty_pos, default, directives })
    }

    fn type_reference(&mut self) -> Parsed<(String, Ident<'a>)> {
        let mut lists = 0;
        while self.take('[')? {
            lists += 1;
        }
        let named = self.name()?;
        let mut ty = format!("{}{}", "[".repeat(lists), named.text);
        loop {
            if self.take('!')? {
                ty.push('!');
            }
            if lists == 0 {
                return Ok((ty, named));
            }
            lists -= 1;
            self.expect(']')?;
            ty.push(']');
        }
    }

    fn selection_set(&mut self) -> Parsed<SelectionSet<'a>> {
        let pos = self.token.pos;
        let items = self.many('{', '}', Self::selection)?;
        Ok(SelectionSet { pos, items })
    }

    fn selection(&mut self) -> Parsed<Selection<'a>> {
        let pos = self.token.pos;
        if self.token.kind != TokenKind::Spread {
            return self.field(pos).map(Selection::Field);
        }
        self.advance()?;
        match self.token.kind {
            TokenKind::Name("on") => {
                self.advance()?;
                let on = Some(self.name()?);
                self.inline(pos, on).map(Selection::Inline)
            }
            TokenKind::Name(_) => {
                let name = self.name()?;
                let directives = self.directives(false)?;
                Ok(Selection::Spread(Spread { pos, name, directives }))
            }
            _ => self.inline(pos, None).map(Selection::Inline),
        }
    }

    fn inline(&mut self, pos: Pos, on: Option<Ident<'a>>) -> Parsed<Inline<'a>> {
        let directives = self.directives(false)?;
        let selections = self.selection_set()?;
        Ok(Inline { pos, on, directives, selections })
    }

    fn field(&mut self, pos: Pos) -> Parsed<Field<'a>> {
        let first = self.name()?;
        let (alias, name) = if self.take(':')? { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.any_of('(', ')', |parser| parser.argument(false))?;
        let directives = self.directives(false)?;
        let selections = if self.token.kind == TokenKind::Punctuator('{') { Some(self.selection_set()?) } else { None };
        Ok(Field { pos, alias, name, arguments, directives, selections })
    }

    fn directives(&mut self, constant: bool) -> Parsed<Vec<Directive<'a>>> {
        let mut directives = vec![];
        while self.token.kind == TokenKind::Punctuator('@') {
            let pos = self.token.pos;
            self.advance()?;
            let name = self.name()?;
            let arguments = self.any_of('(', ')', |parser| parser.argument(constant))?;
            directives.push(Directive { pos, name, arguments });
        }
        Ok(directives)
    }

    fn argument(&mut self, constant: bool) -> Parsed<Argument<'a>> {
        let name = self.name()?;
        self.expect(':')?;
        let value = self.value(constant)?;
        Ok(Argument { name, value })
    }

    fn value(&mut self, constant: bool) -> Parsed<Value<'a>> {
        let pos = self.token.pos;
        let kind = match &self.token.kind {
            TokenKind::Punctuator('[') => {
                self.advance()?;
                let items = self.until(']', |parser| parser.value(constant))?;
                return Ok(Value { pos, kind: ValueKind::List(items) });
            }
            TokenKind::Punctuator('{') => {
                self.advance()?;
                let fields = self.until('}', |parser| parser.argument(constant))?;
                return Ok(Value { pos, kind: ValueKind::Object(fields) });
            }
            TokenKind::Punctuator('$') => {
                self.advance()?;
                let name = self.name()?.text;
                if constant {
                    return Err(syntax_error(&format!("Unexpected variable \"${name}\" in constant value."), pos));
                }
                return Ok(Value { pos, kind: ValueKind::Variable(name) });
            }
            TokenKind::Int(digits) => ValueKind::Int(digits),
            TokenKind::Float(digits) => ValueKind::Float(digits),
            TokenKind::Text(text) => ValueKind::Text(text.clone()),
            TokenKind::Name("true") => ValueKind::Boolean(true),
            TokenKind::Name("false") => ValueKind::Boolean(false),
            TokenKind::Name("null") => ValueKind::Null,
            TokenKind::Name(word) => ValueKind::Enum(word),
            TokenKind::End | TokenKind::Spread | TokenKind::Punctuator(_) => return Err(self.unexpected()),
        };
        self.advance()?;
        Ok(Value { pos, kind })
    }

    /// What stands between two brackets: at least one.
    fn many<T>(&mut self, open: char, close: char, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(open)?;
        let mut all = vec![];
        loop {
            all.push(one(self)?);
            if self.take(close)? {
                return Ok(all);
            }
        }
    }

    /// What stands between two brackets, at least one; nothing where they are left out.
    fn any_of<T>(&mut self, open: char, close: char, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        if self.token.kind == TokenKind::Punctuator(open) { self.many(open, close, one) } else { Ok(vec![]) }
    }

    /// What stands before a closing bracket; it may be nothing.
    fn until<T>(&mut self, close: char, one: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![];
        while !self.take(close)? {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn name(&mut self) -> Parsed<Ident<'a>> {
        let TokenKind::Name(text) = self.token.kind else { return Err(self.expected("Name")) };
        let pos = self.token.pos;
        self.advance()?;
        Ok(Ident { text, pos })
    }

    fn expect(&mut self, punctuator: char) -> Parsed<()> {
        if self.take(punctuator)? { Ok(()) } else { Err(self.expected(&format!("\"{punctuator}\""))) }
    }

    fn take(&mut self, punctuator: char) -> Parsed<bool> {
        let found = self.token.kind == TokenKind::Punctuator(punctuator);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn advance(&mut self) -> Parsed<()> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn expected(&self, what: &str) -> GraphError {
        syntax_error(&format!("Expected {what}, found {}.", self.token.kind), self.token.pos)
    }

    fn unexpected(&self) -> GraphError {
        syntax_error(&format!("Unexpected {}.", self.token.kind), self.token.pos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_was_expected_and_where() {
        for (text, message, (line, column)) in [
            ("", "Unexpected <EOF>.", (1, 1)),
            ("{", "Expected Name, found <EOF>.", (1, 2)),
            ("{}", "Expected Name, found \"}\".", (1, 2)),
            ("{ a() }", "Expected Name, found \")\".", (1, 5)),
            ("query () { a }", "Expected \"$\", found \")\".", (1, 8)),
            ("{ a(b: 01) }", "Invalid number, unexpected digit after 0.", (1, 9)),
            ("{ a(b: 1x) }", "Invalid number, expected digit but got: \"x\".", (1, 9)),
            ("{ a(b: 1.) }", "Invalid number, expected digit but got: \")\".", (1, 10)),
            ("{ a(b: -) }", "Invalid number, expected digit but got: \")\".", (1, 9)),
            ("{\r\n  ä }", "Unexpected character: U+00E4.", (2, 3)),
            (
                "{ a(b: 'x') }",
                "Unexpected single quote character ('), did you mean to use a double quote (\")?",
                (1, 8),
            ),
            ("{ a(b: \"ä\nb\") }", "Unterminated string.", (1, 10)),
            ("{ a(b: \"\\x\") }", "Invalid character escape sequence: \"\\x\".", (1, 9)),
            ("{ a .. b }", "Unexpected character: \".\".", (1, 5)),
            ("query ($v: Int = $w) { a }", "Unexpected variable \"$w\" in constant value.", (1, 18)),
            ("query ($v: [Int) { a }", "Expected \"]\", found \")\".", (1, 16)),
            ("fragment on on A { a }", "Unexpected Name \"on\".", (1, 10)),
            ("fragment F { a }", "Expected \"on\", found \"{\".", (1, 12)),
            ("{ a } b", "Unexpected Name \"b\".", (1, 7)),
            ("\"x\" { a }", "Unexpected description, descriptions are not supported on shorthand queries.", (1, 1)),
            ("\"x\" a", "Unexpected description, only GraphQL definitions support descriptions.", (1, 1)),
            ("\"\"\"\n x\n\"\"\" # y\r ?", "Unexpected character: \"?\".", (4, 2)),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.message, format!("Syntax Error: {message}"), "{text}");
            assert_eq!(error.pos, Some(Pos { line, column }), "{text}");
        }
    }

    #[test]
    fn every_part_of_a_document_is_read_with_its_place() {
        let text = "\u{feff}\"What it is for.\" query Q(\n  \"Which.\" $v: [[ID!]]! = [[\"a\"]] @d(x: {y: null}), $w: Int\n) @e {\n  \
                    äß: a(b: $v c: -1.5E+3) @f { ...G ...on T @g { b } ... { c } }\n}\n\"G.\" fragment G on U @h { on }"
            .replace("äß", "x");
        let document = parse(&text).expect("a document");
        let [operation] = &document.operations[..] else { panic!("{document:?}") };
        assert_eq!((operation.kind, operation.name.map(|name| name.text)), (OperationType::Query, Some("Q")));
        assert_eq!((operation.variables[0].ty.as_str(), operation.variables[0].named.text), ("[[ID!]]!", "ID"));
        assert_eq!(operation.variables[0].name.pos, Pos { line: 2, column: 12 });
        let Selection::Field(field) = &operation.selections.items[0] else { panic!("{document:?}") };
        assert_eq!((field.response_key(), field.name.text, field.pos), ("x", "a", Pos { line: 4, column: 3 }));
        assert!(matches!(field.arguments[1].value.kind, ValueKind::Float("-1.5E+3")));
        let kinds: Vec<_> = field.selections.iter().flat_map(|set| &set.items).map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 3);
        let [fragment] = &document.fragments[..] else { panic!("{document:?}") };
        assert_eq!((fragment.name.text, fragment.on.text), ("G", "U"));
        assert_eq!(
            parse("{ a } type A { b: Int }").expect("a document").type_system.map(|word| word.text),
            Some("type")
        );
    }
}
